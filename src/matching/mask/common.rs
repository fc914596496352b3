//! Common shingles, and the stretches of texts that are made of them.
//!
//! Most shingles are in one text only, and most that are common stand in no
//! stretch. So a text is looked at more closely only if it has a run of
//! shingles that [`ShingleCounts`] takes for common, and only what such texts
//! have is counted exactly.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::Result;
use crate::watch::Watch;

use super::super::counts::ShingleCounts;
use super::super::texts::{Text, Texts};

/// A common shingle of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    /// Where it stands in the text.
    pub(super) place: u16,
    /// Its position in the text's set.
    pub(super) position: u32,
    /// Its number.
    pub(super) number: u32,
}

/// The common shingles of the texts that may have stretches.
pub(super) struct Common {
    /// The texts that may have stretches, ascending.
    pub(super) candidates: Vec<u32>,
    shingles: Numbers,
    /// Which of them are common indeed.
    is_common: Vec<bool>,
}

impl Common {
    /// Finds the shingles that `texts_min` texts have.
    pub(super) fn new(
        texts: &Texts,
        counts: &ShingleCounts,
        texts_min: u32,
        watch: &dyn Watch,
    ) -> Result<Self> {
        let found = texts.map(watch, |block| {
            let mut places = Vec::new();
            let candidates =
                block.texts().filter_map(|text| candidate(text, counts, texts_min, &mut places));
            Ok(candidates.collect::<Vec<_>>())
        })?;
        let mut candidates: Vec<u32> = Vec::new();
        let mut shingles: Vec<u64> = Vec::new();
        for (text, found) in found.into_iter().flatten() {
            candidates.push(text);
            shingles.extend(found);
        }
        candidates.sort_unstable();
        let shingles = Numbers::new(shingles);
        let exact: Vec<AtomicU32> = (0..shingles.len()).map(|_| AtomicU32::new(0)).collect();
        if !candidates.is_empty() {
            texts.map(watch, |block| {
                let all = block.texts().flat_map(|text| text.set);
                for number in all.filter_map(|shingle| shingles.number(*shingle)) {
                    exact[number as usize].fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            })?;
        }
        let is_common = exact.into_iter().map(|count| count.into_inner() >= texts_min).collect();
        Ok(Self { candidates, shingles, is_common })
    }

    /// Numbers are below this.
    pub(super) fn len(&self) -> usize {
        self.is_common.len()
    }

    /// The number of a shingle, if it is common.
    fn number(&self, shingle: u64) -> Option<u32> {
        self.shingles.number(shingle).filter(|number| self.is_common[*number as usize])
    }

    /// How many shingles of a candidate are common.
    pub(super) fn count(&self, set: &[u64]) -> usize {
        set.iter().filter(|shingle| self.number(**shingle).is_some()).count()
    }

    /// Replaces `found` with the wanted common shingles of a candidate that
    /// stand in runs as long as a passage, in their order.
    pub(super) fn stretches(
        &self,
        text: Text<'_>,
        is_wanted: impl Fn(u32) -> bool,
        found: &mut Vec<Standing>,
    ) {
        found.clear();
        for (position, (shingle, place)) in (0u32..).zip(text.set.iter().zip(text.places)) {
            if let Some(number) = self.number(*shingle).filter(|number| is_wanted(*number)) {
                found.push(Standing { place: *place, position, number });
            }
        }
        found.sort_unstable_by_key(|standing| standing.place);
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

/// A text and those of its shingles that seem to be common, if they make a run
/// as long as a passage.
fn candidate(
    text: Text<'_>,
    counts: &ShingleCounts,
    texts_min: u32,
    places: &mut Vec<u16>,
) -> Option<(u32, Vec<u64>)> {
    if text.run_min == 0 || text.set.len() < text.run_min as usize {
        return None;
    }
    let seems_common = |shingle: &u64| counts.may_reach(*shingle, texts_min);
    places.clear();
    let shingles = text.set.iter().zip(text.places);
    places.extend(shingles.filter(|(shingle, _)| seems_common(shingle)).map(|(_, place)| *place));
    if places.len() < text.run_min as usize {
        return None;
    }
    places.sort_unstable();
    let mut rest = &places[..];
    while !rest.is_empty() {
        let len = run_len(rest, |place| *place);
        if len >= text.run_min as usize {
            let common = text.set.iter().copied().filter(seems_common).collect();
            return Some((text.number, common));
        }
        rest = &rest[len..];
    }
    None
}

/// How many entries, from the first on, stand at places that follow one another.
fn run_len<T>(entries: &[T], place: impl Fn(&T) -> u16) -> usize {
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
    fn a_run_ends_where_a_place_is_missing() {
        #[track_caller]
        fn check(places: &[u16], expected: usize) {
            assert_eq!(run_len(places, |place| *place), expected, "{places:?}");
        }
        check(&[], 0);
        check(&[5], 1);
        check(&[5, 6, 7], 3);
        check(&[5, 6, 8, 9], 2);
        check(&[65_534, 65_535], 2);
    }
}
