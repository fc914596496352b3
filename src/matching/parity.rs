//! A quick proof that two texts cannot match.
//!
//! Each shingle turns over one of 512 bits, so a bit tells whether an even or
//! an odd number of a text's shingles fell on it. Shingles that two texts share
//! turn over the same bits, so wherever their bits differ there is at least
//! one shingle that only one of them has: texts of `a` and `b` shingles whose
//! bits differ in `d` places share at most `(a + b - d) / 2` (Sandes, Teodoro,
//! Melo, *Bitmap filter: Speeding up exact set similarity joins with bitwise
//! operations*, Information Systems 88, 2020). Nothing that matches is lost;
//! two texts of 300 shingles with Jaccard similarity .3 differ in about 184
//! bits, and with .7 in no more than 106. A text's bits are one line of the
//! cache where its shingles are fifty.

use std::sync::OnceLock;

/// Words of a bitmap.
const WORDS: usize = 16;

/// The bits of a text.
type Bits = [u64; WORDS];

/// The bits of texts, made when they are first asked for.
pub(super) struct Parities(Vec<OnceLock<Bits>>);

impl Parities {
    /// Those of so many texts.
    pub(super) fn new(texts: u32) -> Self {
        Self((0..texts).map(|_| OnceLock::new()).collect())
    }

    /// The bits of a text, if they were made.
    pub(super) fn known(&self, text: u32) -> Option<&Bits> {
        self.0[text as usize].get()
    }

    /// The bits of a text that has these shingles.
    pub(super) fn of(&self, text: u32, set: &[u64]) -> &Bits {
        self.0[text as usize].get_or_init(|| bits(set))
    }
}

/// The most shingles that two texts of so many together can share.
pub(super) fn shared_max(sizes: u64, [left, right]: [&Bits; 2]) -> u64 {
    let differing: u32 = left.iter().zip(right).map(|(a, b)| (a ^ b).count_ones()).sum();
    sizes.saturating_sub(u64::from(differing)) / 2
}

fn bits(set: &[u64]) -> Bits {
    let mut bits = [0; WORDS];
    for shingle in set {
        // The last bits: sets are sampled by the first ones.
        bits[(shingle >> 6) as usize % WORDS] ^= 1 << (shingle % 64);
    }
    bits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::similarity::shared_at_least;
    use super::*;

    fn set(bound: u64) -> impl Strategy<Value = Vec<u64>> {
        proptest::collection::btree_set(0..bound, 0..800).prop_map(|s| s.into_iter().collect())
    }

    proptest! {
        #[test]
        fn no_two_sets_share_more(left in set(2000), right in set(2000)) {
            let shared = shared_at_least(&left, &right, 0).expect("0 is always reached");
            let sizes = (left.len() + right.len()) as u64;
            let parities = Parities::new(2);
            let most = shared_max(sizes, [parities.of(0, &left), parities.of(1, &right)]);
            prop_assert!(u64::from(shared) <= most);
        }
    }

    #[test]
    fn equal_texts_can_share_all_and_others_much_less() {
        let hashes = |from: u64| -> Vec<u64> {
            (from..from + 300)
                .map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29))
                .collect()
        };
        let [a, b] = [bits(&hashes(0)), bits(&hashes(150))];
        assert_eq!(shared_max(600, [&a, &a]), 300);
        assert!(shared_max(600, [&a, &b]) < 230, "of 300 they share 150");
    }
}
