//! In about how many texts each shingle is: some too many, never too few.

use rayon::prelude::*;

use crate::Result;
use crate::watch::{Unit, Watch};

use super::texts::Texts;

/// Shingles of all texts for each counter, at most. One that is in a single
/// text then seems to be in six with probability .02, in twenty never. With
/// four times as many two of three boilerplates of SaudiNewsNet are missed: too
/// much of the texts that have them seems to be common.
const LOAD: u64 = 2;

/// Fewest counters: few texts cost no accuracy.
const COUNTERS_MIN: u64 = 1 << 16;

/// Counters that shingles share, by their first bits: sets ascend, so that each
/// text goes through them once from the first to the last.
pub struct ShingleCounts {
    counters: Vec<u8>,
    /// Bits of a shingle after those of its counter's number.
    shift: u32,
}

impl ShingleCounts {
    /// How much memory it takes to count so many shingles: a power of two.
    pub fn bytes(shingles: u64) -> usize {
        (shingles / LOAD).max(COUNTERS_MIN).next_power_of_two() as usize
    }

    /// Counts the shingles of all texts.
    ///
    /// # Errors
    /// If texts cannot be read;
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub fn new(texts: &Texts, watch: &dyn Watch) -> Result<Self> {
        watch.phase("counting shingles", Unit::Documents, Some(u64::from(texts.len())));
        let mut counters = vec![0u8; Self::bytes(texts.shingles())];
        let shift = u64::BITS - counters.len().trailing_zeros();
        // Each thread has some of the counters, so that none is shared.
        let lane_len = counters.len().div_ceil(rayon::current_num_threads());
        texts.by_blocks(watch, |blocks| {
            counters.par_chunks_mut(lane_len).enumerate().for_each(|(lane, counters)| {
                let first = lane * lane_len;
                for text in blocks.iter().flat_map(|block| block.texts()) {
                    let start = text.set.partition_point(|x| ((x >> shift) as usize) < first);
                    for shingle in &text.set[start..] {
                        let at = (shingle >> shift) as usize - first;
                        let Some(counter) = counters.get_mut(at) else { break };
                        *counter = counter.saturating_add(1);
                    }
                }
            });
        })?;
        Ok(Self { counters, shift })
    }

    /// Whether a shingle is in `texts_min` texts or more, or together with those
    /// of its counter; false only if it certainly is not.
    #[inline]
    pub fn reaches(&self, shingle: u64, texts_min: u32) -> bool {
        let count = self.counters[(shingle >> self.shift) as usize];
        // Full counters stopped counting.
        u32::from(count) >= texts_min.min(u8::MAX.into())
    }
}
