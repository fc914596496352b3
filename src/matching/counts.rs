//! In about how many texts a shingle or an anchor is: some too many, never too
//! few.

use memmap2::MmapMut;
use rayon::prelude::*;

use crate::Result;
use crate::text::anchors::spread;
use crate::watch::Watch;

use super::texts::{Text, Texts, Wants};

/// Values of all texts for each counter, at most. One that is in a single text
/// then seems to be in six with probability .02, in twenty never.
const LOAD: u64 = 2;

/// Fewest counters: few texts cost no accuracy.
const COUNTERS_MIN: u64 = 1 << 16;

/// Most parts that the counters are cut into, so that those of one part stay in
/// a core's cache while they are counted. Each part costs a place to write to.
const PARTS_MAX: usize = 256;

/// Fewest counters of a part: half a core's nearest cache.
const PART_LEN_MIN: usize = 1 << 14;

/// Blocks whose values are parted before they are counted: some megabytes.
const BLOCKS_AT_ONCE: usize = 8;

/// Which values are in many texts, by counters that values share by their first
/// bits.
pub struct Counts {
    /// A bit for each counter, whether it came so far: an eighth of what counters
    /// take, so that more of them stay in a core's cache when they are asked.
    reached: Vec<u64>,
    /// Bits of a value after those of its counter's number.
    shift: u32,
}

impl Counts {
    /// How much memory it takes to count so many values: a power of two.
    pub fn bytes(values: u64) -> usize {
        (values / LOAD).max(COUNTERS_MIN).next_power_of_two() as usize
    }

    /// Counts the anchors of all texts, which have so many; asked for are those that
    /// are in `texts_min` texts or more.
    ///
    /// # Errors
    /// If texts cannot be read;
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub(super) fn of_anchors(
        texts: &Texts,
        anchors: u64,
        texts_min: u32,
        watch: &dyn Watch,
    ) -> Result<Self> {
        Self::new(texts, anchors, texts_min, Wants::ANCHORS, watch, |text, met| {
            text.anchors.iter().for_each(|anchor| met.add(spread(*anchor)));
        })
    }

    /// Counts shingles, about so many: those that `each` adds of a text; likewise.
    ///
    /// # Errors
    /// As [`of_anchors`](Self::of_anchors).
    pub(super) fn of_shingles(
        texts: &Texts,
        shingles: u64,
        texts_min: u32,
        watch: &dyn Watch,
        each: impl Fn(Text<'_>, &mut Met) + Sync,
    ) -> Result<Self> {
        Self::new(texts, shingles, texts_min, Wants::SHINGLES, watch, each)
    }

    fn new(
        texts: &Texts,
        values: u64,
        texts_min: u32,
        wants: Wants,
        watch: &dyn Watch,
        each: impl Fn(Text<'_>, &mut Met) + Sync,
    ) -> Result<Self> {
        let mut counters = zeros(Self::bytes(values));
        let shift = u64::BITS - counters.len().trailing_zeros();
        let part_len = (counters.len() / PARTS_MAX).max(PART_LEN_MIN);
        for first in (0..texts.blocks()).step_by(BLOCKS_AT_ONCE) {
            let blocks = first..texts.blocks().min(first + BLOCKS_AT_ONCE);
            let met = texts.map_blocks(blocks, wants, watch, |block| {
                let parts = counters.len() / part_len;
                // About as many as come, and some more for chance.
                let room = (values / (texts.blocks() * parts) as u64) as usize;
                let parts = (0..parts).map(|_| Vec::with_capacity(room + room / 4)).collect();
                let mut met = Met { parts, shift, part_bits: part_len.trailing_zeros() };
                block.texts().for_each(|text| each(text, &mut met));
                Ok(met.parts)
            })?;
            counters.par_chunks_mut(part_len).enumerate().for_each(|(part, counters)| {
                for at in met.iter().flat_map(|parts| &parts[part]) {
                    let counter = &mut counters[*at as usize];
                    *counter = counter.saturating_add(1);
                }
            });
        }
        // Full counters stopped counting.
        let least = u8::try_from(texts_min).unwrap_or(u8::MAX);
        let bits = |counters: &[u8]| {
            let bit = |(at, count): (usize, &u8)| u64::from(*count >= least) << at;
            counters.iter().enumerate().map(bit).sum()
        };
        Ok(Self { reached: counters.par_chunks(64).map(bits).collect(), shift })
    }

    /// Whether a shingle is in as many texts as asked for, or together with those of
    /// its counter; false only if it certainly is not.
    #[inline]
    pub(super) fn reaches(&self, shingle: u64) -> bool {
        let counter = shingle >> self.shift;
        self.reached[(counter / 64) as usize] >> (counter % 64) & 1 == 1
    }

    /// The same for an anchor.
    #[inline]
    pub(super) fn anchor_reaches(&self, anchor: u32) -> bool {
        self.reaches(spread(anchor))
    }
}

/// The counters that the values of a block share, part by part.
pub(super) struct Met {
    parts: Vec<Vec<u32>>,
    shift: u32,
    part_bits: u32,
}

impl Met {
    #[inline]
    pub(super) fn add(&mut self, value: u64) {
        let counter = value >> self.shift;
        let in_part = counter & ((1 << self.part_bits) - 1);
        self.parts[(counter >> self.part_bits) as usize].push(in_part as u32);
    }
}
/// So many zeros, in pages of their own, large ones where the system has them: they
/// are asked here and there.
///
/// # Panics
/// If the system has no memory left, as all allocation does.
fn zeros(bytes: usize) -> MmapMut {
    let pages = MmapMut::map_anon(bytes).expect("there is memory");
    // A wish: where it is not granted, pages are small.
    #[cfg(target_os = "linux")]
    let _ = pages.advise(memmap2::Advice::HugePage);
    pages
}
