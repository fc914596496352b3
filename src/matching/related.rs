//! Pairs of keepers that are related, though not closely enough to drop one.

use rayon::prelude::*;

use crate::Result;
use crate::recipe::Relation;
use crate::watch::Watch;

use super::cluster::{Scratch, Sets, verify};
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

/// The related pairs, and whether any were left out.
#[derive(Debug, Default)]
pub struct RelatedPairs {
    /// Ascending by text, then by the other text.
    pub pairs: Vec<Related>,
    /// Shingles shared by more keepers than were looked at.
    pub lists_cut: usize,
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
    watch: &dyn Watch,
) -> Result<Vec<Related>> {
    let floors = rules.related_floors();
    // As they are now: texts that become sets on the way shrink, and a pair must be
    // larger on the same side whenever it is looked at.
    let sizes: Vec<u32> = (0..texts.len()).map(|text| texts.size(text)).collect();
    let size = |text: u32| sizes[text as usize];
    let lanes = rayon::current_num_threads().max(1);
    let mut scratches: Vec<Scratch> = (0..lanes).map(|_| Scratch::new(texts)).collect();
    let mut pairs = Vec::new();
    for batch in keepers.chunks(BATCH_KEEPERS) {
        let meet = |(scratch, keepers): (&mut Scratch, &[u32])| -> Result<Vec<[u32; 2]>> {
            let mut met = Vec::new();
            for &text in keepers {
                watch.check()?;
                // A pair is met from its smaller side, whatever the keep order; from
                // both, if they are of one size.
                let wanted =
                    |found| found != text && size(text) <= size(found) && counts(text, found);
                let found = scratch.candidates.meet(index, text, 0, wanted);
                met.extend(found.iter().map(|found| [text.max(*found), text.min(*found)]));
            }
            Ok(met)
        };
        let lane_len = batch.len().div_ceil(lanes);
        let met: Vec<Vec<[u32; 2]>> = scratches
            .par_iter_mut()
            .zip(batch.par_chunks(lane_len))
            .map(meet)
            .collect::<Result<_>>()?;
        let met = met.concat();
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
        pairs.extend(found.into_iter().flatten());
        watch.advance(batch.len() as u64);
    }
    pairs.sort_unstable_by_key(|pair| (pair.text, pair.other));
    pairs.dedup_by_key(|pair| (pair.text, pair.other));
    Ok(pairs)
}
