//! Shingles to a signature, a signature to bands: how documents that are
//! alike come to meet without every pair being looked at.
//!
//! A *signature* is a row of 32-bit slots made from the set of a document's
//! shingle hashes. Two signatures made alike agree on a slot with probability
//! equal to the Jaccard similarity of the two sets ([`estimate`]).
//! [`bands`] cuts signatures so that similar ones share a key.
//!
//! ```
//! use twicetold::sketch::bands::Banding;
//! use twicetold::sketch::{Kernel, SLOTS, Sketcher, estimate};
//!
//! let banding = Banding::for_threshold(0.7, 0.999, SLOTS);
//! let sketcher = Sketcher::new(banding.slots(), Kernel::best());
//! let mut signature = vec![0; sketcher.slots()];
//! let mut keys = vec![0; banding.bands];
//!
//! # fn hash(n: u64) -> u64 { twicetold::hash::hash64(&n.to_le_bytes()) }
//! let shingles: Vec<u64> = (0..300).map(hash).collect();
//! if sketcher.sketch(&shingles, &mut signature) {
//!     banding.keys(&signature, &mut keys);
//! }
//! assert_eq!(estimate(&signature, &signature), 1.0);
//! ```
//!
//! Shingle hashes are taken to be uniform over 64 bits, as XXH3's are. This
//! floor knows numbers only: nothing about text, files or threads.

pub mod bands;
pub mod classical;
pub mod fast;
#[cfg(test)]
mod tests;

pub use classical::Kernel;

use crate::hash;

/// The version of the signatures; goes up whenever a signature of the same
/// shingles changes, so that stored ones are never compared with others.
pub const SKETCH_VERSION: u32 = 1;

/// The slots from which a banding is chosen when nothing else is said
/// ([`bands`] has the measurements). A signature needs only those the banding
/// uses.
pub const SLOTS: usize = 160;

/// The most slots a signature can have: a bucket's number fits a byte.
pub const SLOTS_MAX: usize = 256;

/// Makes signatures with Fast Similarity Sketching; [`fast`] tells how.
#[derive(Clone, Copy, Debug)]
pub struct Sketcher {
    slots: usize,
    kernel: Kernel,
}

impl Sketcher {
    /// A sketcher for signatures of `slots` slots. The kernel changes how
    /// fast they are made, never what they are.
    ///
    /// # Panics
    ///
    /// If `slots` is 0 or more than [`SLOTS_MAX`].
    pub fn new(slots: usize, kernel: Kernel) -> Self {
        assert!((1..=SLOTS_MAX).contains(&slots), "{slots} slots, must be 1 to {SLOTS_MAX}");
        Self { slots, kernel }
    }

    /// The number of slots of a signature.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Writes the signature of a set of shingle hashes.
    ///
    /// Order and repeats don't matter. Returns false, and leaves `signature`
    /// as it is, if there are no shingles: an empty set has no signature.
    /// Signatures of different lengths cannot be compared.
    ///
    /// # Panics
    ///
    /// If `signature` has not exactly [`slots`](Self::slots) slots.
    #[must_use = "an empty set has no signature"]
    pub fn sketch(&self, shingles: &[u64], signature: &mut [u32]) -> bool {
        assert_eq!(signature.len(), self.slots, "a signature of another length");
        fast::sketch(shingles, signature, self.kernel)
    }
}

/// The estimated Jaccard similarity of two sets: the share of slots on which
/// their signatures agree. Its mean is the similarity `J`, its variance
/// `J (1 - J) / slots` for classical signatures and less for fast ones.
///
/// # Panics
///
/// If the signatures are empty or of different lengths.
pub fn estimate(a: &[u32], b: &[u32]) -> f64 {
    assert_eq!(a.len(), b.len(), "signatures of different lengths");
    assert!(!a.is_empty(), "signatures without slots");
    let equal = a.iter().zip(b).filter(|(a, b)| a == b).count();
    equal as f64 / a.len() as f64
}

/// Output `index` of the SplitMix64 generator (Steele, Lea, Flood, *Fast
/// splittable pseudorandom number generators*, OOPSLA 2014) under the
/// project's seed: where every constant of this floor comes from.
const fn splitmix64(index: u64) -> u64 {
    let step = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut word = hash::SEED.wrapping_add(step);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
