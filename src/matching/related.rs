//! Pairs of keepers that are related, though not closely enough to drop one.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashSet;

use rayon::prelude::*;

use crate::Result;
use crate::recipe::Relation;
use crate::watch::Watch;

use super::cluster::{Candidates, Scratch, Sets, verify};
use super::rules::Contained;
use super::similarity::Similarity;
use super::{CandidateIndex, PairFilter, Rules, Texts};

/// Two texts that both stay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Related {
    /// The text that is less preferred.
    pub text: u32,
    /// The text that is more preferred.
    pub other: u32,
    /// What they are to each other.
    pub relation: Relation,
    /// `text` on the left, `other` on the right.
    pub similarity: Similarity,
}

/// How many keepers that share a shingle are looked at for related texts: the
/// most preferred ones stand for the others, so that a template in a hundred
/// thousand articles gives each article some relatives, not each pair of them.
/// Copies to drop are found without any such limit.
pub const RELATED_LIST_MAX: usize = 200;

/// How many keepers that a text met it is compared with: those that it met most
/// often. Of a story that thousands tell in ever other words everyone has some
/// relatives, not thousands.
pub const RELATED_MET_MAX: usize = 50;

/// The related pairs, and whether any were left out.
#[derive(Debug, Default)]
pub struct RelatedPairs {
    /// Ascending by text, then by the other text.
    pub pairs: Vec<Related>,
    /// Shingles shared by more keepers than were looked at, and texts that met more.
    pub lists_cut: usize,
}

/// Which of the pairs that meet are compared.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    /// So many that a text meets from its side.
    pub met_max: usize,
    /// And all with one of these.
    pub always: &'a HashSet<u32>,
}

/// Keepers whose candidates are compared together: between the two the texts among
/// them become sets.
const BATCH_KEEPERS: usize = 1 << 14;

/// Finds the related pairs among `keepers` (ascending). `index` must hold all
/// of them. Texts that are compared become sets.
///
/// # Errors
/// If texts cannot be read or written;
/// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
pub fn related_pairs(
    texts: &mut Texts,
    keepers: &[u32],
    index: &dyn CandidateIndex,
    rules: &Rules,
    counts: PairFilter<'_>,
    compared: Compared<'_>,
    watch: &dyn Watch,
) -> Result<RelatedPairs> {
    let floors = rules.related_floors();
    // As they are now: texts that become sets on the way shrink, and a pair must be
    // larger on the same side whenever it is looked at.
    let sizes: Vec<u32> = (0..texts.len()).map(|text| texts.size(text)).collect();
    let size = |text: u32| sizes[text as usize];
    let lanes = rayon::current_num_threads().max(1);
    let mut scratches: Vec<Scratch> = (0..lanes).map(|_| Scratch::new(texts)).collect();
    let mut related = RelatedPairs::default();
    for batch in keepers.chunks(BATCH_KEEPERS) {
        let meet = |(scratch, keepers): (&mut Scratch, &[u32])| -> Result<Met> {
            let mut all = Met::default();
            for &text in keepers {
                watch.check()?;
                // A pair is met from its smaller side, whatever the keep order; from
                // both, if they are of one size.
                let wanted =
                    |found| found != text && size(text) <= size(found) && counts(text, found);
                let Scratch { candidates, .. } = &mut *scratch;
                candidates.meet(index, text, 0, wanted);
                let (met, is_cut) = compared.of(text, candidates);
                all.cut += usize::from(is_cut);
                all.pairs.extend(met.iter().map(|found| [text.max(*found), text.min(*found)]));
            }
            Ok(all)
        };
        let lane_len = batch.len().div_ceil(lanes);
        let met: Vec<Met> = scratches
            .par_iter_mut()
            .zip(batch.par_chunks(lane_len))
            .map(meet)
            .collect::<Result<_>>()?;
        related.lists_cut += met.iter().map(|met| met.cut).sum::<usize>();
        let met: Vec<[u32; 2]> = met.into_iter().flat_map(|met| met.pairs).collect();
        texts.sort(&mut met.as_flattened().to_vec(), watch)?;
        let sorted = &*texts;
        let compare = |sets: &mut Sets, [text, other]: &[u32; 2]| -> Result<Option<Related>> {
            watch.check()?;
            let similarity = verify(sorted, [*text, *other], sets, |left, right| {
                floors.shared_min(left, right, Contained::Shorter)
            })?;
            Ok(similarity.and_then(|similarity| {
                let relation = rules.relation(&similarity)?;
                Some(Related { text: *text, other: *other, relation, similarity })
            }))
        };
        let found: Vec<Option<Related>> =
            met.par_iter().map_init(Sets::default, compare).collect::<Result<_>>()?;
        related.pairs.extend(found.into_iter().flatten());
        watch.advance(batch.len() as u64);
    }
    related.pairs.sort_unstable_by_key(|pair| (pair.text, pair.other));
    related.pairs.dedup_by_key(|pair| (pair.text, pair.other));
    Ok(related)
}

/// The pairs that some texts met, and of how many texts not all.
#[derive(Default)]
struct Met {
    pairs: Vec<[u32; 2]>,
    cut: usize,
}

impl Compared<'_> {
    /// Those of the keepers that `text` just met that it is compared with, and whether
    /// others are not.
    fn of(self, text: u32, candidates: &Candidates) -> (Cow<'_, [u32]>, bool) {
        let met = candidates.met();
        if met.len() <= self.met_max || self.always.contains(&text) {
            return (Cow::Borrowed(met), false);
        }
        let chosen = self.chosen(met, |found| candidates.times(found));
        let is_cut = chosen.len() < met.len();
        (Cow::Owned(chosen), is_cut)
    }

    /// Those of `met` that were met most often, and all that must be compared.
    fn chosen(self, met: &[u32], times: impl Fn(u32) -> u32) -> Vec<u32> {
        let is_asked_for = |found: &u32| self.always.contains(found);
        let mut chosen = met.to_vec();
        chosen.sort_unstable_by_key(|found| (!is_asked_for(found), Reverse(times(*found)), *found));
        chosen.truncate(self.met_max.max(chosen.partition_point(is_asked_for)));
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_compared_with_those_it_met_most_often_and_with_all_that_are_asked_for() {
        #[track_caller]
        fn check(met_max: usize, always: &[u32], expected: &[u32]) {
            let times = |found: u32| [0, 5, 7, 5, 1][found as usize];
            let always: HashSet<u32> = always.iter().copied().collect();
            let compared = Compared { met_max, always: &always };
            assert_eq!(compared.chosen(&[4, 3, 2, 1], times), expected, "{met_max}, {always:?}");
        }
        check(4, &[], &[2, 1, 3, 4]);
        check(2, &[], &[2, 1]);
        check(2, &[4], &[4, 2]);
        check(1, &[3, 4], &[3, 4]);
    }
}
