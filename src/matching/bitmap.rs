//! A quick proof that two texts cannot match.
//!
//! Each shingle of a text sets one bit of its bitmap. A bit that one text has
//! and another has not stands for a shingle at least that the other has not
//! either; so of `a` shingles, where that is true of `d` bits, at most `a - d`
//! are shared (after Sandes, Teodoro, Melo, *Bitmap filter: Speeding up exact
//! set similarity joins with bitwise operations*, Information Systems 88,
//! 2020). Nothing that matches is lost. Of two texts of 400 shingles with
//! Jaccard similarity .6 about 80 bits differ on either side, and with .7 no
//! more than 70 shingles. A bitmap is four lines of the cache, where a text's
//! shingles are fifty.

use std::sync::OnceLock;

/// Words of a bitmap: 2,048 bits.
const WORDS: usize = 32;

type Bitmap = [u64; WORDS];

/// The bitmaps of texts, made when they are first asked for.
pub(super) struct Bitmaps(Vec<OnceLock<Box<Bitmap>>>);

impl Bitmaps {
    /// Those of so many texts.
    pub(super) fn new(texts: u32) -> Self {
        Self((0..texts).map(|_| OnceLock::new()).collect())
    }

    /// The bitmap of a text, if it was made.
    pub(super) fn known(&self, text: u32) -> Option<&Bitmap> {
        self.0[text as usize].get().map(Box::as_ref)
    }

    /// The bitmap of a text that has these shingles.
    pub(super) fn of(&self, text: u32, set: &[u64]) -> &Bitmap {
        self.0[text as usize].get_or_init(|| Box::new(bitmap(set)))
    }
}

/// The most shingles that two texts can share of which one has so many, and
/// this bitmap, and the other these.
pub(super) fn shared_max([left, right]: [u32; 2], bitmaps: [&Bitmap; 2]) -> u32 {
    let [of_left, of_right] = own_bits(bitmaps);
    (left - of_left).min(right - of_right)
}

/// How many bits each bitmap has alone.
fn own_bits(bitmaps: [&Bitmap; 2]) -> [u32; 2] {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { own_bits_avx2(bitmaps) };
    }
    own_bits_with(bitmaps)
}

/// [`own_bits_with`] compiled for AVX2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn own_bits_avx2(bitmaps: [&Bitmap; 2]) -> [u32; 2] {
    own_bits_with(bitmaps)
}

#[inline(always)]
fn own_bits_with([left, right]: [&Bitmap; 2]) -> [u32; 2] {
    let mut own = [0; 2];
    for (a, b) in left.iter().zip(right) {
        own[0] += (a & !b).count_ones();
        own[1] += (b & !a).count_ones();
    }
    own
}

fn bitmap(set: &[u64]) -> Bitmap {
    let mut bitmap = [0; WORDS];
    for shingle in set {
        // The last bits: sets are sampled by the first ones.
        bitmap[(shingle / 64) as usize % WORDS] |= 1 << (shingle % 64);
    }
    bitmap
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::similarity::shared_at_least;
    use super::*;

    fn set(bound: u64, size: usize) -> impl Strategy<Value = Vec<u64>> {
        proptest::collection::btree_set(0..bound, 0..size).prop_map(|s| s.into_iter().collect())
    }

    proptest! {
        #[test]
        fn no_two_sets_share_more(left in set(5000, 800), right in set(5000, 100)) {
            let shared = shared_at_least(&left, &right, 0).expect("0 is always reached");
            let sizes = [left.len() as u32, right.len() as u32];
            let bitmaps = Bitmaps::new(2);
            let most = shared_max(sizes, [bitmaps.of(0, &left), bitmaps.of(1, &right)]);
            prop_assert!(shared <= most);
        }

        #[test]
        fn kernels_agree(left in set(5000, 800), right in set(5000, 800)) {
            let [left, right] = [bitmap(&left), bitmap(&right)];
            prop_assert_eq!(own_bits([&left, &right]), own_bits_with([&left, &right]));
        }
    }

    #[test]
    fn equal_texts_can_share_all_and_others_much_less() {
        let hashes = |from: u64, to: u64| -> Vec<u64> {
            (from..to).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)).collect()
        };
        let [a, b] = [bitmap(&hashes(0, 300)), bitmap(&hashes(150, 450))];
        assert_eq!(shared_max([300, 300], [&a, &a]), 300);
        assert!(shared_max([300, 300], [&a, &b]) < 190, "of 300 they share 150");
        let short = bitmap(&hashes(140, 160));
        assert!(shared_max([20, 300], [&short, &b]) < 14, "of 20 it shares 10");
    }
}
