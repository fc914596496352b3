//! Common shingles, and the stretches of texts that are made of them.
//!
//! Most shingles are in one text only, and most that are common stand in no
//! stretch; so only those that do get numbers.

use std::sync::{Mutex, PoisonError};

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

/// The texts that have stretches, and the shingles that stand in them.
pub(super) struct Common {
    /// Those of each text, if it has any.
    stretches: Vec<Option<Stretches>>,
    shingles: Numbers,
}

/// What stands in the stretches of a text.
struct Stretches {
    /// How many of the text's shingles are not common.
    own: u32,
    /// A bit for each position in the text's set.
    standing: Box<[u64]>,
}

impl Stretches {
    /// The positions whose shingles stand in a stretch, ascending.
    fn positions(&self) -> impl Iterator<Item = u32> {
        (0..).step_by(64).zip(&self.standing).flat_map(|(first, word)| {
            let mut word = *word;
            std::iter::from_fn(move || {
                let at = word.trailing_zeros();
                // Takes the lowest bit; none is left of none.
                word &= word.wrapping_sub(1);
                (at < u64::BITS).then_some(first + at)
            })
        })
    }
}

impl Common {
    /// Finds them; in `texts_min` texts a shingle is common.
    pub(super) fn new(
        texts: &Texts,
        counts: &ShingleCounts,
        texts_min: u32,
        watch: &dyn Watch,
    ) -> Result<Self> {
        let shingles = Mutex::new(Vec::new());
        let found = texts.map(true, watch, |block| {
            let (mut with_stretches, mut of_block) = (Vec::new(), Vec::new());
            let mut runs = Runs::default();
            for text in block.texts() {
                if let Some(stretches) = runs.find(text, counts, texts_min) {
                    of_block.extend(stretches.positions().map(|at| text.set[at as usize]));
                    with_stretches.push((text.number, stretches));
                }
            }
            of_block.sort_unstable();
            of_block.dedup();
            collect(&shingles, of_block);
            Ok(with_stretches)
        })?;
        let mut stretches: Vec<_> = (0..texts.len()).map(|_| None).collect();
        for (text, of_text) in found.into_iter().flatten() {
            stretches[text as usize] = Some(of_text);
        }
        let shingles = shingles.into_inner().unwrap_or_else(PoisonError::into_inner);
        let shingles = Numbers::new(shingles.concat());
        Ok(Self { stretches, shingles })
    }

    /// Numbers are below this.
    pub(super) fn len(&self) -> usize {
        self.shingles.len()
    }

    /// How many shingles of a text are not common, if it has stretches.
    pub(super) fn own(&self, text: u32) -> Option<u32> {
        self.stretches[text as usize].as_ref().map(|stretches| stretches.own)
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
        for position in stretches.positions() {
            let (shingle, place) = (text.set[position as usize], text.places[position as usize]);
            if let Some(number) = self.shingles.number(shingle).filter(|number| is_wanted(*number))
            {
                found.push(Standing { place, position, number });
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

/// Adds a list of distinct shingles to others, of which each is about twice as
/// long as the next: what stands in a thousand blocks is kept a few times.
fn collect(lists: &Mutex<Vec<Vec<u64>>>, mut list: Vec<u64>) {
    let lock = || lists.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let mut lists = lock();
        match lists.pop_if(|last| last.len() < 2 * list.len()) {
            None => return lists.push(list),
            Some(last) => {
                drop(lists);
                list.extend(last);
                list.sort_unstable();
                list.dedup();
            }
        }
    }
}

/// The shingles below this are looked at first, a quarter of them: that rules
/// out nine texts in ten that have no stretch.
const FIRST_LOOK: u64 = 1 << 62;

/// Finds stretches.
#[derive(Default)]
struct Runs {
    /// For each place of a text whether a run of common shingles ends there.
    breaks: Vec<bool>,
}

impl Runs {
    /// The stretches of the text, if it has any.
    fn find(
        &mut self,
        text: Text<'_>,
        counts: &ShingleCounts,
        texts_min: u32,
    ) -> Option<Stretches> {
        let run_min = text.run_min as usize;
        if run_min == 0 || text.set.len() < run_min {
            return None;
        }
        let (set, places, breaks) = (text.set, text.places, &mut self.breaks);
        let end = places.iter().max().map_or(0, |last| *last as usize + 1);
        breaks.clear();
        breaks.resize(end, false);
        let first_look = set.partition_point(|shingle| *shingle < FIRST_LOOK);
        for (shingle, place) in set[..first_look].iter().zip(places) {
            breaks[*place as usize] = !counts.reaches(*shingle, texts_min);
        }
        let is_stretch = |run: &[bool]| run.len() >= run_min;
        if !breaks.split(|is_break| *is_break).any(is_stretch) {
            return None;
        }
        // Where a shingle is told again none stands.
        breaks.fill(true);
        let mut own = 0;
        for (shingle, place) in set.iter().zip(places) {
            let is_break = !counts.reaches(*shingle, texts_min);
            breaks[*place as usize] = is_break;
            own += u32::from(is_break);
        }
        let mut has_stretch = false;
        for run in breaks.split_mut(|is_break| *is_break) {
            has_stretch |= run.len() >= run_min;
            run.fill(run.len() < run_min);
        }
        if !has_stretch {
            return None;
        }
        let bits = |places: &[u16]| {
            let stands = |place: &u16| u64::from(!breaks[*place as usize]);
            (0..).zip(places).fold(0, |bits, (at, place)| bits | stands(place) << at)
        };
        Some(Stretches { own, standing: places.chunks(64).map(bits).collect() })
    }
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
