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

/// Words of a bitmap: 1,984 bits.
const WORDS: usize = 31;

/// Words after which it is asked whether more need to be looked at: with the
/// size, two lines of the cache.
const WORDS_FIRST: usize = 15;

/// The bits of a text, and how many shingles it has: four lines of the cache.
#[repr(C, align(64))]
pub(super) struct Bitmap {
    pub(super) size: u32,
    words: [u64; WORDS],
}

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

    /// Has the bitmap of a text brought nearer, if it was made: it will be
    /// looked at soon.
    #[inline]
    pub(super) fn prefetch(&self, text: u32) {
        #[cfg(target_arch = "x86_64")]
        if let Some(bitmap) = self.known(text) {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            let lines = std::ptr::from_ref(bitmap).cast::<i8>();
            // SAFETY: a prefetch changes nothing, whatever the address; the
            // second is within the bitmap.
            unsafe {
                _mm_prefetch::<_MM_HINT_T0>(lines);
                _mm_prefetch::<_MM_HINT_T0>(lines.add(64));
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = text;
    }

    /// The bitmap of a text that has these shingles.
    pub(super) fn of(&self, text: u32, set: &[u64]) -> &Bitmap {
        self.0[text as usize].get_or_init(|| Box::new(Bitmap::new(set)))
    }
}

impl Bitmap {
    fn new(set: &[u64]) -> Self {
        let mut words = [0; WORDS];
        for shingle in set {
            words[(shingle / 64 % WORDS as u64) as usize] |= 1 << (shingle % 64);
        }
        Self { size: set.len() as u32, words }
    }

    /// False if the texts certainly share fewer shingles than `shared_min`.
    pub(super) fn can_share(&self, other: &Self, shared_min: u32) -> bool {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            return unsafe { self.can_share_avx2(other, shared_min) };
        }
        self.can_share_with(other, shared_min)
    }

    /// [`can_share_with`](Self::can_share_with) compiled for AVX2.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn can_share_avx2(&self, other: &Self, shared_min: u32) -> bool {
        self.can_share_with(other, shared_min)
    }

    #[inline(always)]
    fn can_share_with(&self, other: &Self, shared_min: u32) -> bool {
        let [mut left, mut right] = [self.size, other.size];
        let [ours, theirs] = [self, other].map(|bitmap| bitmap.words.split_at(WORDS_FIRST));
        for (ours, theirs) in [(ours.0, theirs.0), (ours.1, theirs.1)] {
            for (a, b) in ours.iter().zip(theirs) {
                left -= (a & !b).count_ones();
                right -= (b & !a).count_ones();
            }
            if left.min(right) < shared_min {
                return false;
            }
        }
        true
    }
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
        fn what_is_shared_can_be(left in set(5000, 800), right in set(5000, 100)) {
            let shared = shared_at_least(&left, &right, 0).expect("0 is always reached");
            let [left, right] = [Bitmap::new(&left), Bitmap::new(&right)];
            prop_assert!(left.can_share(&right, shared));
            prop_assert!(right.can_share(&left, shared));
        }

        #[test]
        fn kernels_agree(left in set(5000, 800), right in set(5000, 800), least in 0u32..500) {
            let [left, right] = [Bitmap::new(&left), Bitmap::new(&right)];
            prop_assert_eq!(left.can_share(&right, least), left.can_share_with(&right, least));
        }
    }

    #[test]
    fn equal_texts_can_share_all_and_others_much_less() {
        let mut random = fastrand::Rng::with_seed(1);
        let hashes: Vec<u64> = (0..450).map(|_| random.u64(..)).collect();
        let [a, b] = [Bitmap::new(&hashes[..300]), Bitmap::new(&hashes[150..])];
        assert!(a.can_share(&a, 300) && !a.can_share(&a, 301));
        assert!(!a.can_share(&b, 190), "of 300 they share 150");
        let short = Bitmap::new(&hashes[140..160]);
        assert!(!short.can_share(&b, 15), "of 20 it shares 10");
    }
}
