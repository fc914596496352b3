//! How similar two texts are, exactly.

/// The shingles of one text, ready to be compared: distinct, ascending, never
/// none.
pub type ShingleSet = Box<[u64]>;

/// The exact similarity of two sets of shingles, as counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Similarity {
    /// Shingles in both.
    pub shared: u32,
    /// Shingles in the left set, at least 1.
    pub left: u32,
    /// Shingles in the right set, at least 1.
    pub right: u32,
}

impl Similarity {
    /// |A∩B| / |A∪B|, in [0, 1].
    pub fn jaccard(&self) -> f64 {
        let union = u64::from(self.left) + u64::from(self.right) - u64::from(self.shared);
        f64::from(self.shared) / union as f64
    }

    /// The share of the left set that is in the right one, in [0, 1].
    pub fn containment(&self) -> f64 {
        f64::from(self.shared) / f64::from(self.left)
    }

    /// The share of the right set that is in the left one, in [0, 1].
    pub fn right_containment(&self) -> f64 {
        f64::from(self.shared) / f64::from(self.right)
    }

    /// The same with left and right exchanged.
    pub fn turned(self) -> Self {
        Self { left: self.right, right: self.left, ..self }
    }
}

/// Steps of the merge between two looks at whether it can still succeed.
const STEPS_BETWEEN_CHECKS: usize = 64;

/// From this ratio of sizes on, the smaller set's values are looked up in the
/// larger one instead of merging: a lookup costs about this many steps.
const LOOKUP_RATIO: usize = 16;

/// The number of values two ascending sets share, if it is at least
/// `shared_min`; `None` as soon as that is out of reach.
pub fn shared_at_least(left: &[u64], right: &[u64], shared_min: u32) -> Option<u32> {
    let (small, large) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    if (shared_min as usize) > small.len() {
        return None;
    }
    if large.len() / LOOKUP_RATIO >= small.len().max(1) {
        let shared = shared_by_lookup(small, large);
        return (shared >= shared_min).then_some(shared);
    }
    let (mut i, mut j, mut shared) = (0, 0, 0u32);
    while i < small.len() && j < large.len() {
        if shared as usize + (small.len() - i).min(large.len() - j) < shared_min as usize {
            return None;
        }
        for _ in 0..STEPS_BETWEEN_CHECKS {
            let (Some(&a), Some(&b)) = (small.get(i), large.get(j)) else { break };
            shared += u32::from(a == b);
            i += usize::from(a <= b);
            j += usize::from(b <= a);
        }
    }
    (shared >= shared_min).then_some(shared)
}

/// Each value of the small set, looked up in what is left of the large one.
fn shared_by_lookup(small: &[u64], mut large: &[u64]) -> u32 {
    let mut shared = 0;
    for value in small {
        match large.binary_search(value) {
            Ok(at) => {
                shared += 1;
                large = &large[at + 1..];
            }
            Err(at) => large = &large[at..],
        }
    }
    shared
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// The plain twin.
    fn shared(left: &[u64], right: &[u64]) -> u32 {
        let left: BTreeSet<_> = left.iter().collect();
        right.iter().filter(|value| left.contains(value)).count() as u32
    }

    fn set(bound: u64, size: usize) -> impl Strategy<Value = Vec<u64>> {
        proptest::collection::btree_set(0..bound, 0..size).prop_map(|s| s.into_iter().collect())
    }

    proptest! {
        #[test]
        fn counting_agrees_with_the_plain_twin(
            left in set(300, 200), right in set(3000, 1500), shared_min in 0u32..200,
        ) {
            let plain = shared(&left, &right);
            let expected = (plain >= shared_min).then_some(plain);
            prop_assert_eq!(shared_at_least(&left, &right, shared_min), expected);
            prop_assert_eq!(shared_at_least(&right, &left, shared_min), expected);
            prop_assert_eq!(shared_at_least(&left, &left, 0), Some(left.len() as u32));
        }
    }

    #[test]
    fn figures_are_ratios_of_the_counts() {
        let s = Similarity { shared: 6, left: 8, right: 12 };
        assert_eq!(s.jaccard(), 6.0 / 14.0);
        assert_eq!(s.containment(), 0.75);
        assert_eq!(s.right_containment(), 0.5);
    }

    #[test]
    fn a_ratio_that_equals_a_threshold_written_in_decimals_reaches_it() {
        for (shared, union, threshold) in [(7, 10, 0.7), (2, 5, 0.4), (9, 10, 0.9), (21, 30, 0.7)] {
            let s = Similarity { shared, left: shared, right: union };
            assert!(s.jaccard() >= threshold, "{shared}/{union} >= {threshold}");
        }
    }
}
