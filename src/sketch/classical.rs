//! Classical MinHash: one multiply-add hash function for each slot.
//!
//! Slot `i` of a set's signature is the smallest `a[i] * x + b[i]` (32 bits,
//! wrapping) over its shingles, `x` being the low half of the shingle's hash
//! (Broder, *On the resemblance and containment of documents*, 1997). Two
//! sets agree on a slot with probability equal to their Jaccard similarity.
//!
//! This is the plain reference the fast sketch is measured against; the fast
//! sketch also fills its empty slots here. Odd multipliers make every slot a
//! permutation of the 32-bit numbers, so uniform shingle hashes give a
//! uniform value in every slot; the multipliers only decide how little two
//! slots know of each other.

use super::{SLOTS_MAX, splitmix64};

/// The code a signature is computed with. All kernels give the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Portable code for the architecture the program was built for.
    Scalar,
    /// The same code compiled for AVX2; where the processor has none, this
    /// is `Scalar`.
    Avx2,
}

impl Kernel {
    /// The fastest kernel this processor has.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if Self::Avx2.is_avx2() {
            return Self::Avx2;
        }
        Self::Scalar
    }

    /// True if AVX2 is asked for and the processor has it.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn is_avx2(self) -> bool {
        self == Self::Avx2 && std::arch::is_x86_feature_detected!("avx2")
    }
}

/// Writes the classical signature of a set of shingle hashes.
///
/// Order and repeats don't matter. Returns false, and leaves `signature` as
/// it is, if there are no shingles: an empty set has no signature.
///
/// # Panics
///
/// If `signature` has more than [`SLOTS_MAX`] slots.
#[must_use = "an empty set has no signature"]
pub fn sketch(shingles: &[u64], signature: &mut [u32], kernel: Kernel) -> bool {
    assert!(signature.len() <= SLOTS_MAX, "{} slots, at most {SLOTS_MAX}", signature.len());
    if shingles.is_empty() {
        return false;
    }
    #[cfg(target_arch = "x86_64")]
    if kernel.is_avx2() {
        // SAFETY: the processor has AVX2.
        unsafe { sketch_avx2(shingles, signature) };
        return true;
    }
    // Other architectures have one kernel and no use for the choice.
    let _ = kernel;
    sketch_with(shingles, signature);
    true
}

/// [`sketch_with`] compiled for AVX2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn sketch_avx2(shingles: &[u64], signature: &mut [u32]) {
    sketch_with(shingles, signature);
}

/// The sketch itself, compiled once for each kernel.
#[inline(always)]
fn sketch_with(shingles: &[u64], signature: &mut [u32]) {
    let slots = signature.len();
    signature.copy_from_slice(&minima(shingles, Functions::ALL, slots)[..slots]);
}

/// Hash functions of slots, a multiplier and an addend for each.
pub(super) struct Functions {
    multipliers: [u32; SLOTS_MAX],
    addends: [u32; SLOTS_MAX],
}

impl Functions {
    /// Room for some functions.
    pub(super) const NONE: Self = Self { multipliers: [0; SLOTS_MAX], addends: [0; SLOTS_MAX] };

    /// The functions of all slots, from one fixed generator: the high half
    /// of its output `i` makes the multiplier (odd), the low half the addend.
    const ALL: &Self = &{
        let mut functions = Self::NONE;
        let mut slot = 0;
        while slot < SLOTS_MAX {
            let word = splitmix64(slot as u64);
            functions.multipliers[slot] = (word >> 32) as u32 | 1;
            functions.addends[slot] = word as u32;
            slot += 1;
        }
        functions
    };

    /// Puts the function of a slot at a place.
    pub(super) fn set(&mut self, place: usize, slot: usize) {
        self.multipliers[place] = Self::ALL.multipliers[slot];
        self.addends[place] = Self::ALL.addends[slot];
    }
}

/// Functions that are computed together, so that their minima stay in vector
/// registers over all shingles.
const BLOCK: usize = 32;

/// The smallest value of each of the first `count` functions over all
/// shingles; what follows them means nothing.
#[inline(always)]
pub(super) fn minima(shingles: &[u64], functions: &Functions, count: usize) -> [u32; SLOTS_MAX] {
    let mut minima = [u32::MAX; SLOTS_MAX];
    let (blocks, _) = minima.as_chunks_mut::<BLOCK>();
    let (multipliers, _) = functions.multipliers.as_chunks::<BLOCK>();
    let (addends, _) = functions.addends.as_chunks::<BLOCK>();
    let needed = count.div_ceil(BLOCK);
    for ((block, multipliers), addends) in
        blocks.iter_mut().zip(multipliers).zip(addends).take(needed)
    {
        let mut least = *block;
        for &shingle in shingles {
            let x = shingle as u32;
            for i in 0..BLOCK {
                least[i] = least[i].min(multipliers[i].wrapping_mul(x).wrapping_add(addends[i]));
            }
        }
        *block = least;
    }
    minima
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_the_minimum_of_its_function() {
        let shingles = [3, 1 << 40, 0xffff_ffff_ffff_fff0, 77];
        let mut signature = [0; 40];
        for kernel in [Kernel::Scalar, Kernel::best()] {
            assert!(sketch(&shingles, &mut signature, kernel));
            for (slot, got) in signature.into_iter().enumerate() {
                let word = splitmix64(slot as u64);
                let value =
                    |&shingle: &u64| (word >> 32 | 1).wrapping_mul(shingle).wrapping_add(word);
                let expected = shingles.iter().map(|x| value(x) as u32).min();
                assert_eq!(Some(got), expected, "slot {slot}, {kernel:?}");
            }
        }
    }
}
