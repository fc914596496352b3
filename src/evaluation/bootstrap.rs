//! Bootstrap confidence intervals (Efron, *The Annals of Statistics* 7, 1979),
//! percentile method.
//!
//! Units are drawn with replacement, as many as there are, and the measures
//! computed of the sums of what was drawn. Units must be what is independent:
//! documents of one gold cluster are not, so whole clusters are drawn.

use rayon::prelude::*;

/// How intervals are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    /// How often the units are drawn anew; with 0 there are no intervals.
    pub count: u32,
    /// The seed: equal seeds give equal intervals.
    pub seed: u64,
}

impl Default for Draws {
    fn default() -> Self {
        // A thousand draws leave the ends of a 95 % interval to some 25 draws
        // each (Efron and Tibshirani, *An Introduction to the Bootstrap*, 13.3).
        Self { count: 1000, seed: 1 }
    }
}

impl Draws {
    /// The share of draws within an interval.
    pub const CONFIDENCE: f64 = 0.95;
}

/// A measure as a function of sums; `None` where it is not defined.
pub(super) type Function<const K: usize> = fn(&[f64; K]) -> Option<f64>;

/// The sums of some units.
pub(super) fn sum<'u, const K: usize>(units: impl Iterator<Item = &'u [f64; K]>) -> [f64; K] {
    units.fold([0.0; K], |mut total, unit| {
        total.iter_mut().zip(unit).for_each(|(total, value)| *total += value);
        total
    })
}

/// The interval of each measure; `None` where a measure was not defined in
/// any draw, or there are too few units to tell.
pub(super) fn intervals<const K: usize>(
    units: &[[f64; K]],
    measures: &[Function<K>],
    draws: Draws,
) -> Vec<Option<(f64, f64)>> {
    if units.len() < 2 {
        return vec![None; measures.len()];
    }
    let totals: Vec<[f64; K]> = (0..u64::from(draws.count))
        .into_par_iter()
        .map(|draw| {
            let mut dice = fastrand::Rng::with_seed(draws.seed.wrapping_add(draw));
            sum((0..units.len()).map(|_| &units[dice.usize(..units.len())]))
        })
        .collect();
    measures
        .iter()
        .map(|measure| {
            let mut values: Vec<f64> = totals.iter().filter_map(measure).collect();
            values.sort_unstable_by(f64::total_cmp);
            let last = values.len().checked_sub(1)? as f64;
            let at = |share: f64| values[(share * last).round() as usize];
            Some((at((1.0 - Draws::CONFIDENCE) / 2.0), at((1.0 + Draws::CONFIDENCE) / 2.0)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_share_is_that_of_the_normal_approximation() {
        // 300 of 1,000: standard error 0.01449, interval 0.2716 to 0.3284.
        let units: Vec<[f64; 1]> = (0..1000).map(|at| [f64::from(at % 10 < 3)]).collect();
        let share: Function<1> = |sums| Some(sums[0] / 1000.0);
        let found = intervals(&units, &[share], Draws::default())[0].expect("many units");
        assert!((found.0 - 0.2716).abs() < 0.004 && (found.1 - 0.3284).abs() < 0.004, "{found:?}");
    }

    #[test]
    fn one_unit_tells_nothing_of_chance() {
        let always: Function<1> = |_| Some(1.0);
        assert_eq!(intervals(&[[1.0]], &[always], Draws::default()), [None]);
        let never: Function<1> = |_| None;
        assert_eq!(intervals(&[[1.0], [2.0]], &[never], Draws::default()), [None]);
    }
}
