//! Common shingles, and the stretches of texts that are made of them.
//!
//! Most texts have none, and of those that have some most shingles stand in no
//! stretch. So only what can stand in one is looked at, all of it, and of the
//! rest of a text a sample; and only shingles that do stand in one get numbers.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::Result;
use crate::watch::Watch;

use super::super::counts::Counts;
use super::super::texts::{Text, Texts, Wants};
use super::MaskRules;
use super::looked_at::LookedAt;

/// A common shingle of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    /// Where it stands in the text: how many shingles come before it.
    pub(super) place: u32,
    /// Its number.
    pub(super) number: u32,
}

/// The texts that have stretches, and the shingles that stand in them.
pub(super) struct Common {
    /// Those of each text, if it has any.
    stretches: Vec<Option<Stretches>>,
    shingles: Numbers,
}

/// Where the stretches of a text are.
struct Stretches {
    /// Ascending, in shingles.
    places: Box<[Range<u32>]>,
    /// Whether it tells enough that is not common.
    is_witness: bool,
}

impl Common {
    /// Finds them.
    pub(super) fn new(
        texts: &mut Texts,
        looked_at: &LookedAt,
        rules: MaskRules,
        watch: &dyn Watch,
    ) -> Result<Self> {
        let numbers = || (0..texts.len()).filter(|text| looked_at.is(*text));
        let in_regions = numbers().map(|text| looked_at.size(text)).sum();
        let in_samples: u64 = numbers().map(|text| sample_size(texts.told(text))).sum();
        let in_samples = SAMPLE_ROOM * in_samples;
        let room = Counts::bytes(in_regions) + Counts::bytes(in_samples);
        texts.reserve(room)?;
        let counts =
            Counts::of_shingles(texts, in_regions, rules.texts_min, watch, |text, met| {
                for region in looked_at.regions(text.number) {
                    text.shingles[as_usize(region)].iter().for_each(|shingle| met.add(*shingle));
                }
            })?;
        let samples =
            Counts::of_shingles(texts, in_samples, rules.own_below(), watch, |text, met| {
                if looked_at.is(text.number) {
                    sample(text).for_each(|shingle| met.add(*shingle));
                }
            })?;
        let shingles = Mutex::new(Distinct::default());
        let found = texts.map(Wants::SHINGLES, watch, |block| {
            let mut with_stretches = Vec::new();
            let mut of_block = Distinct::default();
            let is_common = |shingle: &u64| counts.reaches(*shingle);
            let mut places = Vec::new();
            for text in block.texts() {
                places.clear();
                for region in looked_at.regions(text.number) {
                    let shingles = &text.shingles[as_usize(region)];
                    runs(shingles, text.run_min as usize, is_common, |run| {
                        places.push(region.start + run.start..region.start + run.end);
                    });
                }
                if places.is_empty() {
                    continue;
                }
                for stretch in &places {
                    of_block.extend(&text.shingles[as_usize(stretch)]);
                }
                let is_common = |shingle: &u64| samples.reaches(*shingle);
                let (mut all, mut own) = (0u32, 0u32);
                for shingle in sample(text) {
                    all += 1;
                    own += u32::from(!is_common(shingle));
                }
                let is_witness = f64::from(own) > rules.own_share * f64::from(all);
                let places = places.as_slice().into();
                with_stretches.push((text.number, Stretches { places, is_witness }));
            }
            shingles.lock().unwrap_or_else(PoisonError::into_inner).extend(of_block);
            Ok(with_stretches)
        })?;
        drop((counts, samples));
        texts.release(room);
        let mut stretches: Vec<_> = (0..texts.len()).map(|_| None).collect();
        for (text, of_text) in found.into_iter().flatten() {
            stretches[text as usize] = Some(of_text);
        }
        let shingles = shingles.into_inner().unwrap_or_else(PoisonError::into_inner);
        let shingles = Numbers::new(shingles.into_iter().collect());
        Ok(Self { stretches, shingles })
    }

    /// Numbers are below this.
    pub(super) fn len(&self) -> usize {
        self.shingles.len()
    }

    /// Whether a text has stretches, and enough beside them to witness for them.
    pub(super) fn is_witness(&self, text: u32) -> bool {
        self.stretches[text as usize].as_ref().is_some_and(|stretches| stretches.is_witness)
    }

    /// Replaces `found` with the wanted shingles of a text's stretches that
    /// stand in runs as long as a passage, in their order.
    pub(super) fn stretches(
        &self,
        text: Text<'_>,
        is_wanted: impl Fn(u32) -> bool,
        found: &mut Vec<Standing>,
    ) {
        found.clear();
        let Some(stretches) = &self.stretches[text.number as usize] else { return };
        for place in stretches.places.iter().cloned().flatten() {
            let number = self.shingles.number(text.shingles[place as usize]);
            if let Some(number) = number.filter(|number| is_wanted(*number)) {
                found.push(Standing { place, number });
            }
        }
        let mut kept = 0;
        let mut start = 0;
        while start < found.len() {
            let len = run_len(&found[start..], |standing| standing.place);
            if len >= text.run_min as usize {
                found.copy_within(start..start + len, kept);
                kept += len;
            }
            start += len;
        }
        found.truncate(kept);
    }
}

/// So many times as many counters as elsewhere, so that few texts can be told from
/// none.
const SAMPLE_ROOM: u64 = 4;

fn as_usize(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// How many shingles of a text are sampled at least, about, to tell how much of it
/// is its own: a share of a third is then found to be from .28 to .39 in two of
/// three texts.
const SAMPLE_MIN: u32 = 64;

/// Fewest of the shingles of any text that are sampled: one in so many.
const SAMPLED_OF_MAX: u32 = 4;

/// One of how many shingles is sampled in a text of so many: a power of two.
fn sampled_of(shingles: u32) -> u32 {
    (shingles / SAMPLE_MIN).clamp(1, SAMPLED_OF_MAX).next_power_of_two().min(SAMPLED_OF_MAX)
}

fn sample_size(shingles: u32) -> u64 {
    u64::from(shingles / sampled_of(shingles))
}

/// A sample of a text's shingles, by their hashes, so that texts that tell the same
/// have the same samples of it.
fn sample<'a>(text: Text<'a>) -> impl Iterator<Item = &'a u64> {
    let others = u64::from(sampled_of(text.shingles.len() as u32) - 1);
    text.shingles.iter().filter(move |shingle| **shingle & others == 0)
}

/// Hands on the runs of common shingles of this length or more. A run after one that is
/// not common can only end so far behind it, so that is where it is looked for
/// first.
fn runs(
    shingles: &[u64],
    run_min: usize,
    is_common: impl Fn(&u64) -> bool,
    mut found: impl FnMut(Range<u32>),
) {
    let run_min = run_min.max(1);
    let mut start = 0;
    while let Some(run) = shingles.get(start..start + run_min) {
        if let Some(at) = run.iter().rposition(|shingle| !is_common(shingle)) {
            start += at + 1;
            continue;
        }
        let more = shingles[start + run_min..].iter().take_while(|shingle| is_common(shingle));
        let end = start + run_min + more.count();
        found(start as u32..end as u32);
        start = end + 1;
    }
}

/// Distinct shingles.
type Distinct = HashSet<u64, BuildHasherDefault<AsItIs>>;

/// Hashes need not be hashed.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, _: &[u8]) {
        unreachable!("only numbers are hashed");
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// How many entries, from the first on, stand at places that follow one another.
fn run_len<T>(entries: &[T], place: impl Fn(&T) -> u32) -> usize {
    let breaks = entries.windows(2).position(|pair| place(&pair[1]) != place(&pair[0]) + 1);
    breaks.map_or(entries.len(), |at| at + 1)
}

/// Numbers distinct hashes, from 0 in ascending order.
struct Numbers {
    hashes: Vec<u64>,
    /// Where the hashes with the same first bits begin, and the end of the last.
    starts: Vec<u32>,
    shift: u32,
}

impl Numbers {
    fn new(mut hashes: Vec<u64>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        // Two places for each hash, so that most of others find theirs empty.
        let bits = (2 * hashes.len()).next_power_of_two().trailing_zeros().clamp(1, 31);
        let shift = u64::BITS - bits;
        let mut starts = vec![0u32; (1 << bits) + 1];
        for hash in &hashes {
            starts[(hash >> shift) as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Self { hashes, starts, shift }
    }

    fn len(&self) -> usize {
        self.hashes.len()
    }

    fn number(&self, hash: u64) -> Option<u32> {
        let at = (hash >> self.shift) as usize;
        let (start, end) = (self.starts[at], self.starts[at + 1]);
        (start..end).find(|number| self.hashes[*number as usize] == hash)
    }
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;

    #[test]
    fn hashes_are_numbered_in_ascending_order() {
        let numbers = Numbers::new(vec![u64::MAX, 7, 5 << 60, 7, 0]);
        let of = |hash| numbers.number(hash);
        assert_eq!([0, 7, 5 << 60, u64::MAX].map(of), [Some(0), Some(1), Some(2), Some(3)]);
        assert_eq!([1, 6 << 60, u64::MAX - 1].map(of), [None; 3]);
        assert_eq!(Numbers::new(Vec::new()).number(3), None);
    }

    #[test]
    fn runs_are_found_wherever_they_stand() {
        #[track_caller]
        fn check(text: &[u64], run_min: usize, expected: &[Range<u32>]) {
            let mut found = Vec::new();
            runs(text, run_min, |x| *x > 0, |run| found.push(run));
            assert_eq!(found, expected, "{run_min} in {text:?}");
        }
        check(&[], 1, &[]);
        check(&[1, 1], 3, &[]);
        check(&[1, 1, 1], 3, slice::from_ref(&(0..3)));
        check(&[1, 0, 1], 1, &[0..1, 2..3]);
        check(&[0, 1, 1, 0, 1, 1, 0], 3, &[]);
        check(&[0, 1, 1, 1, 1, 0, 0, 1, 1, 1], 3, &[1..5, 7..10]);
        for before in 0..9u32 {
            let text = [[1, 1, 0].repeat(before as usize), vec![1; 4], vec![0, 1]].concat();
            check(&text, 3, slice::from_ref(&(3 * before..3 * before + 4)));
            check(&text, 5, &[]);
        }
    }

    #[test]
    fn few_shingles_are_all_sampled_and_many_by_a_power_of_two() {
        for (shingles, expected) in [(0, 1), (1, 1), (127, 1), (128, 2), (255, 4), (10_000, 4)] {
            assert_eq!(sampled_of(shingles), expected, "of {shingles}");
        }
    }

    #[test]
    fn a_run_ends_where_a_place_is_missing() {
        #[track_caller]
        fn check(places: &[u32], expected: usize) {
            assert_eq!(run_len(places, |place| *place), expected, "{places:?}");
        }
        check(&[], 0);
        check(&[5], 1);
        check(&[5, 6, 7], 3);
        check(&[5, 6, 8, 9], 2);
        check(&[65_535, 65_536], 2);
    }
}
