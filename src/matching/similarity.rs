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
        return shared_by_lookup(small, large, shared_min);
    }
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { shared_by_blocks(small, large, shared_min) };
    }
    shared_by_merge(small, large, shared_min)
}

/// Values of a block: a register full of them.
#[cfg(target_arch = "x86_64")]
const BLOCK: usize = 4;

/// Blocks of both sets, each value of one compared with all of the other; the
/// block that ends first gives way to the next (Schlegel, Willhalm, Lehner,
/// *Fast sorted-set intersection using SIMD instructions*, ADMS 2011).
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn shared_by_blocks(mut left: &[u64], mut right: &[u64], shared_min: u32) -> Option<u32> {
    let mut shared = 0;
    loop {
        if shared as usize + left.len().min(right.len()) < shared_min as usize {
            return None;
        }
        let mut found = [0u64; BLOCK];
        for _ in 0..STEPS_BETWEEN_CHECKS / BLOCK {
            let (Some(a), Some(b)) = (left.first_chunk::<BLOCK>(), right.first_chunk::<BLOCK>())
            else {
                shared += found.iter().sum::<u64>() as u32;
                let rest = shared_by_merge(left, right, shared_min.saturating_sub(shared))?;
                return Some(shared + rest);
            };
            for turn in 0..BLOCK {
                for (at, found) in found.iter_mut().enumerate() {
                    *found += u64::from(a[at] == b[(at + turn) % BLOCK]);
                }
            }
            let (last_of_a, last_of_b) = (a[BLOCK - 1], b[BLOCK - 1]);
            left = &left[BLOCK * usize::from(last_of_a <= last_of_b)..];
            right = &right[BLOCK * usize::from(last_of_b <= last_of_a)..];
        }
        shared += found.iter().sum::<u64>() as u32;
    }
}

/// Value by value.
fn shared_by_merge(left: &[u64], right: &[u64], shared_min: u32) -> Option<u32> {
    let (mut i, mut j, mut shared) = (0, 0, 0u32);
    while i < left.len() && j < right.len() {
        if shared as usize + (left.len() - i).min(right.len() - j) < shared_min as usize {
            return None;
        }
        for _ in 0..STEPS_BETWEEN_CHECKS {
            let (Some(&a), Some(&b)) = (left.get(i), right.get(j)) else { break };
            shared += u32::from(a == b);
            i += usize::from(a <= b);
            j += usize::from(b <= a);
        }
    }
    (shared >= shared_min).then_some(shared)
}

/// Each value of the small set, looked up in what is left of the large one.
fn shared_by_lookup(small: &[u64], mut large: &[u64], shared_min: u32) -> Option<u32> {
    let missing_max = small.len() - shared_min as usize;
    let mut missing = 0;
    for value in small {
        let (Ok(at) | Err(at)) = large.binary_search(value);
        if large.get(at) != Some(value) {
            missing += 1;
            if missing > missing_max {
                return None;
            }
        }
        large = &large[at..];
    }
    Some((small.len() - missing) as u32)
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
            prop_assert_eq!(shared_by_merge(&left, &right, shared_min), expected);
        }

        #[test]
        fn blocks_agree_with_the_plain_twin(
            left in set(400, 200), right in set(400, 200), shared_min in 0u32..100,
        ) {
            let plain = shared(&left, &right);
            let expected = (plain >= shared_min).then_some(plain);
            prop_assert_eq!(shared_at_least(&left, &right, shared_min), expected);
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
