//! Precision and recall over thresholds, from labels of a stratified sample.
//!
//! Pairs thin out towards high similarities: of a plain sample hardly any
//! would be near a threshold. So pairs are drawn step by step of similarity
//! (*strata*), and each labelled pair counts for as many as it stands for in
//! its own: `pairs / labelled` (Cochran, *Sampling Techniques*, chapter 5).
//!
//! Intervals are drawn, not computed. On each side of a threshold the share of
//! copies has the prior of Jeffreys, Beta(1/2, 1/2) (Brown, Cai, DasGupta,
//! *Interval Estimation for a Binomial Proportion*, Statistical Science 16,
//! 2001), divided among the side's strata by their pairs; so five copies of
//! five labelled pairs don't pass for certainty, nor does a stratum of many
//! pairs of which few were looked at. That all pairs of a stratum were
//! labelled does not make it certain either: they stand for others like them.

use rayon::prelude::*;

use super::{Draws, ratio};

/// A step of similarity: its pairs and what was said of some of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Stratum {
    /// The lowest similarity.
    pub from: f64,
    /// The end of the range, which does not belong to it unless it is 1.
    pub to: f64,
    /// How many pairs there are.
    pub pairs: u64,
    /// How many of them are labelled; which ones must be chance.
    pub labelled: u64,
    /// How many of those are copies.
    pub same: u64,
}

/// What a threshold does: pairs at or above it are said to be copies.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Point {
    /// The threshold.
    pub threshold: f64,
    /// The pairs at or above it.
    pub pairs: u64,
    /// The share of them that are copies; `None` if there are none, or none of
    /// a stratum are labelled.
    pub precision: Option<f64>,
    /// The 95 % interval of the precision.
    pub precision_interval: Option<(f64, f64)>,
    /// The share of all copies in the strata that are at or above it; `None`
    /// if there are no copies, or none of a stratum are labelled.
    pub recall: Option<f64>,
    /// The 95 % interval of the recall.
    pub recall_interval: Option<(f64, f64)>,
}

/// The threshold for a wished precision.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Wished {
    /// The precision.
    pub precision: f64,
    /// The lowest threshold from which on the precision is never below it;
    /// `None` if there is no such threshold.
    pub threshold: Option<f64>,
    /// The lowest one from which on not even the lower end of the interval is.
    pub sure_threshold: Option<f64>,
}

impl Stratum {
    /// How many copies the labels stand for; `None` if that is not known.
    fn copies(&self) -> Option<f64> {
        match (self.pairs, self.labelled) {
            (0, _) => Some(0.0),
            (_, 0) => None,
            (pairs, labelled) => Some(pairs as f64 * self.same as f64 / labelled as f64),
        }
    }
}

/// What a threshold at the lower end of each stratum does. Strata are
/// ascending.
pub fn curve(strata: &[Stratum], draws: Draws) -> Vec<Point> {
    (0..strata.len())
        .map(|at| {
            let (below, above) = strata.split_at(at);
            point(below, above, strata[at].from, draws)
        })
        .collect()
}

fn point(below: &[Stratum], above: &[Stratum], threshold: f64, draws: Draws) -> Point {
    let pairs = pairs_in(above);
    let copies = |strata: &[Stratum]| strata.iter().map(Stratum::copies).sum::<Option<f64>>();
    let (found, missed) = (copies(above), copies(below));
    let precision = found.and_then(|found| ratio(found, pairs as f64));
    let recall = found.zip(missed).and_then(|(found, missed)| ratio(found, found + missed));
    let drawn: Vec<(f64, f64)> = (0..u64::from(draws.count))
        .into_par_iter()
        .map(|draw| {
            let mut dice = fastrand::Rng::with_seed(draws.seed.wrapping_add(draw));
            (draw_copies(above, &mut dice), draw_copies(below, &mut dice))
        })
        .collect();
    let interval = |value: Option<f64>, of_draw: &dyn Fn(&(f64, f64)) -> Option<f64>| {
        let ends = quantiles(drawn.iter().filter_map(of_draw).collect());
        value.zip(ends).map(|(value, (low, high))| (low.min(value), high.max(value)))
    };
    Point {
        threshold,
        pairs,
        precision,
        precision_interval: interval(precision, &|(found, _)| ratio(*found, pairs as f64)),
        recall,
        recall_interval: interval(recall, &|(found, missed)| ratio(*found, found + missed)),
    }
}

fn pairs_in(strata: &[Stratum]) -> u64 {
    strata.iter().map(|stratum| stratum.pairs).sum()
}

/// How many copies there may be in strata that share one prior.
fn draw_copies(strata: &[Stratum], dice: &mut fastrand::Rng) -> f64 {
    let all = pairs_in(strata) as f64;
    strata
        .iter()
        .filter(|stratum| stratum.pairs > 0)
        .map(|Stratum { pairs, labelled, same, .. }| {
            let prior = 0.5 * *pairs as f64 / all;
            let copies = gamma(*same as f64 + prior, dice);
            let others = gamma((labelled - same) as f64 + prior, dice);
            // Both can be too small for a number.
            *pairs as f64 * ratio(copies, copies + others).unwrap_or(0.5)
        })
        .sum()
}

/// The ends of the middle [`Draws::CONFIDENCE`] of some values.
fn quantiles(mut values: Vec<f64>) -> Option<(f64, f64)> {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)? as f64;
    let at = |share: f64| values[(share * last).round() as usize];
    Some((at((1.0 - Draws::CONFIDENCE) / 2.0), at((1.0 + Draws::CONFIDENCE) / 2.0)))
}

/// A draw of the gamma distribution with scale 1 (Marsaglia and Tsang, *A
/// Simple Method for Generating Gamma Variables*, ACM TOMS 26, 2000). Two of
/// them, `x` with shape `a` and `y` with `b`, make a draw `x / (x + y)` of
/// Beta(a, b).
fn gamma(shape: f64, dice: &mut fastrand::Rng) -> f64 {
    if shape < 1.0 {
        return gamma(shape + 1.0, dice) * positive(dice).powf(1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        // Of the standard normal distribution (Box and Muller, 1958).
        let turn = (std::f64::consts::TAU * dice.f64()).cos();
        let normal = (-2.0 * positive(dice).ln()).sqrt() * turn;
        let v = (1.0 + c * normal).powi(3);
        let accept = 0.5 * normal * normal + d - d * v + d * v.ln();
        if v > 0.0 && positive(dice).ln() < accept {
            return d * v;
        }
    }
}

/// An even draw from (0, 1].
fn positive(dice: &mut fastrand::Rng) -> f64 {
    1.0 - dice.f64()
}

/// The threshold for a wished precision. Thresholds above which there is no
/// pair are passed over.
pub fn wished(curve: &[Point], precision: f64) -> Wished {
    let lowest = |reaches: &dyn Fn(&Point) -> bool| {
        let told = curve.iter().rev().filter(|point| point.pairs > 0);
        told.take_while(|point| reaches(point)).last().map(|point| point.threshold)
    };
    Wished {
        precision,
        threshold: lowest(&|point| point.precision.is_some_and(|found| found >= precision)),
        sure_threshold: lowest(&|point| {
            point.precision_interval.is_some_and(|(low, _)| low >= precision)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stratum(from: f64, pairs: u64, labelled: u64, same: u64) -> Stratum {
        Stratum { from, to: from + 0.1, pairs, labelled, same }
    }

    #[test]
    fn a_label_counts_for_the_pairs_it_stands_for() {
        // 1,000 pairs of which a tenth are copies, 100 of which all are.
        let strata = [stratum(0.4, 1000, 10, 1), stratum(0.5, 100, 10, 10)];
        let points = curve(&strata, Draws::default());
        let close = |found: Option<f64>, expected: f64| {
            let found = found.expect("all is known");
            assert!((found - expected).abs() < 1e-12, "{found}, expected {expected}");
        };
        close(points[0].precision, 200.0 / 1100.0);
        close(points[0].recall, 1.0);
        close(points[1].precision, 1.0);
        close(points[1].recall, 100.0 / 200.0);
        assert_eq!((points[0].pairs, points[1].pairs), (1100, 100));
        let (low, high) = points[1].recall_interval.expect("there were draws");
        assert!(low < 0.3 && high > 0.7, "one copy of ten tells little: {low} to {high}");
        assert_eq!(points, curve(&strata, Draws::default()), "a seed repeats the draws");
    }

    #[test]
    fn one_stratum_has_the_interval_of_jeffreys() {
        /// `low` and `high` as `scipy.stats.beta.interval(0.95, ...)` gives
        /// them, but at the ends of the scale.
        #[track_caller]
        fn check(same: u64, labelled: u64, low: f64, high: f64) {
            let draws = Draws { count: 20_000, seed: 1 };
            let found = curve(&[stratum(0.5, 500, labelled, same)], draws)[0];
            let (found_low, found_high) = found.precision_interval.expect("there were draws");
            let is_close = (found_low - low).abs() < 0.01 && (found_high - high).abs() < 0.01;
            assert!(is_close, "{same} of {labelled}: {found_low} to {found_high}");
        }
        check(5, 10, 0.2235, 0.7765);
        check(10, 10, 0.7827, 1.0);
        check(0, 10, 0.0, 0.2172);
        check(90, 100, 0.8300, 0.9479);
    }

    #[test]
    fn many_small_strata_are_as_sure_as_one_large_one() {
        let strata: Vec<Stratum> =
            (0..12).map(|at| stratum(f64::from(at) / 20.0, 100, 5, 5)).collect();
        let (low, _) = curve(&strata, Draws::default())[0].precision_interval.expect("drawn");
        assert!((low - 0.959).abs() < 0.01, "60 copies of 60, from {low}");
    }

    #[test]
    fn what_nobody_looked_at_is_not_known() {
        let strata = [stratum(0.4, 10, 0, 0), stratum(0.5, 10, 5, 5), stratum(0.6, 0, 0, 0)];
        let points = curve(&strata, Draws::default());
        assert_eq!((points[0].precision, points[0].recall), (None, None));
        assert_eq!((points[1].precision, points[1].recall), (Some(1.0), None));
        assert_eq!(points[2].precision, None, "nothing is said");
        assert_eq!(wished(&points, 0.9).threshold, Some(0.5));
    }

    #[test]
    fn a_wished_precision_holds_from_its_threshold_on() {
        let strata = [
            stratum(0.4, 100, 50, 45),
            stratum(0.5, 100, 50, 50),
            stratum(0.6, 100, 50, 40),
            stratum(0.7, 100, 50, 50),
        ];
        let points = curve(&strata, Draws::default());
        let at = |precision: f64| wished(&points, precision).threshold;
        // .925, .933, .9 and 1.
        assert_eq!(at(0.9), Some(0.4));
        assert_eq!(at(0.93), Some(0.7), "at 0.5 it is .933, but at 0.6 less");
        assert_eq!(wished(&points, 0.99).sure_threshold, None);
        assert_eq!(wished(&points, 0.94).sure_threshold, Some(0.7));
        assert_eq!(at(1.0), Some(0.7));
        assert_eq!(wished(&[], 0.5).threshold, None);
    }
}
