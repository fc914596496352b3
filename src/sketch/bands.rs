//! Cuts a signature into bands, so that similar documents meet in a bucket.
//!
//! Two documents whose shingle sets have Jaccard similarity `s` agree on at
//! least one of `b` bands of `r` rows with probability `1 - (1 - s^r)^b`
//! (Leskovec, Rajaraman, Ullman, *Mining of Massive Datasets*, chapter 3),
//! were slots independent. The fast sketch does a little better: of random
//! pairs at the threshold it missed no more than this, within chance, for
//! sets of 10 to 2,000 shingles, and a quarter to a half of it around 60.
//!
//! # How many slots
//!
//! More rows let fewer unlike pairs through but need more slots for the same
//! recall. Bandings for recall 0.999 and the false candidates they let
//! through in 29,483 Saudi newspaper articles (SaudiNewsNet), 9,965 radio
//! reports (ANT) and 21,240 newswire briefs (Reuters-21578); templates make
//! these counts vary by half from one set of hash functions to another:
//!
//! | threshold | bands x rows | slots | newspapers | radio | newswire |
//! |---|---|---|---|---|---|
//! | 0.5 | 25 x 2 |  50 | 34,394 | 6,665 | 125,231 |
//! | 0.5 | 52 x 3 | 156 | 14,755 | 1,169 |  64,191 |
//! | 0.7 | 26 x 4 | 104 |  8,788 |   129 |  15,540 |
//! | 0.7 | 38 x 5 | 190 |  7,004 |    68 |   4,596 |
//! | 0.8 | 18 x 5 |  90 |  6,541 |    44 |   3,034 |
//! | 0.8 | 23 x 6 | 138 |  5,620 |    38 |   1,542 |
//! | 0.9 | 13 x 8 | 104 |  4,477 |    19 |     592 |
//! | 0.9 | 15 x 9 | 135 |  4,096 |    16 |     414 |
//!
//! All of them found at least 0.9994 of the true pairs. False candidates grow
//! with the square of the corpus, slots and bands only with its size. At 0.5,
//! 128 slots have room for two rows only (42 bands of three find 0.9963), and
//! a million radio reports would make some 67 million false candidates; with
//! 160 slots and three rows it is 12 million. At 0.7 a fifth row would need
//! half as many bands again to save what is already little. Hence
//! [`SLOTS`](super::SLOTS) is 160. Below a threshold of 0.43 even
//! [`SLOTS_MAX`] slots have room for two rows only.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::SLOTS_MAX;
use crate::hash::SEED;

/// How a signature is cut: its first `bands * rows` slots, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Banding {
    /// How many bands; each gives a document one key.
    pub bands: usize,
    /// Slots in a band; all must agree for two documents to share its key.
    pub rows: usize,
}

impl Banding {
    /// The banding with the most rows, hence the fewest false candidates,
    /// that finds a pair at `threshold` with probability `recall` or more and
    /// needs at most `slots` slots; of its bands, no more than that takes.
    ///
    /// Where no banding is good enough, single slots are the bands: that
    /// finds more pairs than any other cut of as many slots.
    ///
    /// # Panics
    ///
    /// If `slots` is 0 or more than [`SLOTS_MAX`].
    pub fn for_threshold(threshold: f64, recall: f64, slots: usize) -> Self {
        assert!((1..=SLOTS_MAX).contains(&slots), "{slots} slots, must be 1 to {SLOTS_MAX}");
        (1..=slots)
            .rev()
            .find_map(|rows| {
                (1..=slots / rows)
                    .map(|bands| Self { bands, rows })
                    .find(|banding| banding.candidate_probability(threshold) >= recall)
            })
            .unwrap_or(Self { bands: slots, rows: 1 })
    }

    /// The slots a signature must have.
    pub fn slots(self) -> usize {
        self.bands * self.rows
    }

    /// The probability that two documents of this Jaccard similarity share at
    /// least one key, were the slots independent.
    pub fn candidate_probability(self, similarity: f64) -> f64 {
        1.0 - (1.0 - similarity.powi(self.rows as i32)).powi(self.bands as i32)
    }

    /// Writes one key for each band: a hash of the band's number and its
    /// slots, so that keys of different bands don't meet. Slots of the
    /// signature behind the last band are ignored.
    ///
    /// # Panics
    ///
    /// If [`slots`](Self::slots) is 0, more than [`SLOTS_MAX`] or more than
    /// the signature has, or if `keys` has not one place for each band.
    pub fn keys(self, signature: &[u32], keys: &mut [u64]) {
        assert_eq!(keys.len(), self.bands, "one key for each band");
        let slots = self.slots();
        assert!((1..=SLOTS_MAX).contains(&slots), "{slots} slots, must be 1 to {SLOTS_MAX}");
        let mut bytes = [0; 4 * SLOTS_MAX];
        let (words, _) = bytes.as_chunks_mut::<4>();
        for (word, slot) in words.iter_mut().zip(&signature[..slots]) {
            *word = slot.to_le_bytes();
        }
        for (band, (key, rows)) in
            keys.iter_mut().zip(bytes.chunks_exact(4 * self.rows)).enumerate()
        {
            *key = xxh3_64_with_seed(rows, SEED.wrapping_add(band as u64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidate_probability_follows_the_curve() {
        #[track_caller]
        fn check(bands: usize, rows: usize, similarity: f64, expected: f64) {
            let got = Banding { bands, rows }.candidate_probability(similarity);
            assert!((got - expected).abs() < 5e-5, "s = {similarity}: {got}, expected {expected}");
        }
        check(20, 5, 0.5, 0.4701);
        check(20, 5, 0.8, 0.9996);
        check(42, 3, 0.5, 0.9963);
        check(1, 1, 0.3, 0.3);
        check(26, 4, 0.0, 0.0);
        check(26, 4, 1.0, 1.0);
    }

    #[test]
    fn a_banding_has_the_most_rows_its_recall_allows() {
        #[track_caller]
        fn check(threshold: f64, recall: f64, slots: usize, bands: usize, rows: usize) {
            let got = Banding::for_threshold(threshold, recall, slots);
            assert_eq!(got, Banding { bands, rows }, "{threshold} at {recall} in {slots} slots");
        }
        check(0.5, 0.999, 128, 25, 2);
        check(0.7, 0.999, 128, 26, 4);
        check(0.8, 0.999, 128, 18, 5);
        check(0.5, 0.999, 160, 52, 3);
        check(0.7, 0.999, 160, 26, 4);
        check(0.8, 0.999, 160, 23, 6);
        check(0.9, 0.999, 160, 15, 9);
        check(0.7, 0.999, 256, 38, 5);
        // Equal sets agree on everything, one band is enough.
        check(1.0, 0.999, 160, 1, 160);
        // Out of reach: single slots.
        check(0.01, 0.999, 160, 160, 1);
        check(0.0, 0.999, 160, 160, 1);
        check(0.7, f64::NAN, 8, 8, 1);
    }

    #[test]
    fn signatures_share_the_keys_of_the_bands_they_agree_on() {
        let banding = Banding { bands: 4, rows: 3 };
        let a: Vec<u32> = (0..13).collect();
        let mut b = a.clone();
        // Bands 0 and 2 differ in one slot each; slot 12 is in no band.
        b[1] = 99;
        b[8] = 99;
        b[12] = 99;
        let [mut a_keys, mut b_keys] = [[0; 4]; 2];
        banding.keys(&a, &mut a_keys);
        banding.keys(&b, &mut b_keys);
        let agree: Vec<bool> = a_keys.iter().zip(&b_keys).map(|(a, b)| a == b).collect();
        assert_eq!(agree, [false, true, false, true]);
    }

    #[test]
    fn equal_slots_in_different_bands_make_different_keys() {
        let mut keys = vec![0; 64];
        Banding { bands: 64, rows: 4 }.keys(&[7; 256], &mut keys);
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 64);
    }

    #[test]
    fn keys_stay_as_they_are() {
        let mut keys = [0; 2];
        Banding { bands: 2, rows: 3 }.keys(&[1, 2, 3, 4, 5, 6], &mut keys);
        assert_eq!(
            keys,
            [14131530549076153005, 16252823102306176601],
            "stored keys no longer fit, raise SKETCH_VERSION"
        );
    }
}
