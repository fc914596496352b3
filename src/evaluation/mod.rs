//! How good an outcome is, against what people (or a generator) said is true.
//!
//! ```text
//! gold, said --clusters | pairs | spans--> sums per unit --bootstrap--> Measures
//! ```
//!
//! Every measure here is a function of sums over units (gold clusters, pairs,
//! documents), so that one bootstrap over units gives every interval. This
//! module knows numbers only: no ids, no files.

mod bootstrap;
pub mod clusters;
pub mod pairs;
pub mod spans;
pub mod thresholds;

pub use bootstrap::Draws;

use serde::Serialize;

/// One figure, with what it is a figure of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measure {
    /// Its name, as it is known in the field.
    pub name: &'static str,
    /// Its value; `None` where it is not defined, as precision is where
    /// nothing was said.
    pub value: Option<f64>,
    /// The ends of its bootstrap confidence interval.
    pub interval: Option<(f64, f64)>,
    /// How many things it is a share or an average of.
    pub of: u64,
    /// What these things are.
    pub of_what: &'static str,
}

/// A measure before it is estimated: a function of `K` sums.
struct Formula<const K: usize> {
    name: &'static str,
    of_what: &'static str,
    value: bootstrap::Function<K>,
    of: fn(&[f64; K]) -> f64,
}

/// Estimates measures from the sums of each unit.
fn estimate<const K: usize>(
    units: &[[f64; K]],
    formulas: &[Formula<K>],
    draws: Draws,
) -> Vec<Measure> {
    let total = bootstrap::sum(units.iter());
    let functions: Vec<_> = formulas.iter().map(|formula| formula.value).collect();
    let intervals = bootstrap::intervals(units, &functions, draws);
    formulas
        .iter()
        .zip(intervals)
        .map(|(formula, interval)| Measure {
            name: formula.name,
            value: (formula.value)(&total),
            interval,
            of: (formula.of)(&total).round() as u64,
            of_what: formula.of_what,
        })
        .collect()
}

/// `part / whole`; `None` if there is no whole.
fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// The harmonic mean of precision and recall; 0 if both are.
fn f1(precision: Option<f64>, recall: Option<f64>) -> Option<f64> {
    let (precision, recall) = (precision?, recall?);
    match precision + recall {
        0.0 => Some(0.0),
        sum => Some(2.0 * precision * recall / sum),
    }
}

/// How many pairs `items` things make.
fn pairs_of(items: f64) -> f64 {
    items * (items - 1.0) / 2.0
}

/// The 95 % confidence interval of a share (Wilson, *Journal of the American
/// Statistical Association* 22, 1927), which is sound also where all or none
/// are hits. Whole of [0, 1] if there is nothing to count.
pub fn share_interval(hits: u64, of: u64) -> (f64, f64) {
    if of == 0 {
        return (0.0, 1.0);
    }
    /// The 97.5 % quantile of the standard normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    let (count, share) = (of as f64, hits as f64 / of as f64);
    let centre = share + Z * Z / (2.0 * count);
    let spread = Z * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt();
    let end = |end: f64| (end / (1.0 + Z * Z / count)).clamp(0.0, 1.0);
    // Exact where rounding would keep a certain end from its place.
    let low = if hits == 0 { 0.0 } else { end(centre - spread) };
    let high = if hits == of { 1.0 } else { end(centre + spread) };
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_share_is_wilsons() {
        #[track_caller]
        fn check(hits: u64, of: u64, low: f64, high: f64) {
            let found = share_interval(hits, of);
            let is_close = (found.0 - low).abs() < 5e-5 && (found.1 - high).abs() < 5e-5;
            assert!(is_close, "{hits} of {of}: {found:?}, expected {low} to {high}");
        }
        // As worked out by hand from the formula.
        check(0, 0, 0.0, 1.0);
        check(10, 10, 0.7225, 1.0);
        check(0, 10, 0.0, 0.2775);
        check(5, 10, 0.2366, 0.7634);
    }
}
