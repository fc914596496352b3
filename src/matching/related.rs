//! Pairs of keepers that are related, though not closely enough to drop one.

use rayon::prelude::*;

use crate::Result;
use crate::recipe::Relation;
use crate::watch::Watch;

use super::cluster::{Scratch, verify};
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

/// Finds the related pairs among `keepers` (ascending). `index` must hold all
/// of them.
pub fn related_pairs(
    texts: &Texts,
    keepers: &[u32],
    index: &dyn CandidateIndex,
    rules: &Rules,
    counts: PairFilter<'_>,
    watch: &dyn Watch,
) -> Result<Vec<Related>> {
    let floors = rules.related_floors();
    let lanes = rayon::current_num_threads().max(1) * 4;
    let of_lane = |keepers: &[u32]| -> Result<Vec<Related>> {
        let Scratch { mut candidates, mut sets } = Scratch::new(texts);
        let mut pairs = Vec::new();
        for &text in keepers {
            watch.check()?;
            // A pair is met from its smaller side, whatever the keep order; from
            // both, if they are of one size.
            let wanted = |found| {
                found != text && texts.size(text) <= texts.size(found) && counts(text, found)
            };
            for &found in candidates.meet(index, text, 0, wanted) {
                let (text, other) = (text.max(found), text.min(found));
                let similarity = verify(texts, [text, other], &mut sets, |left, right| {
                    floors.shared_min(left, right, Contained::Shorter)
                })?;
                if let Some(similarity) = similarity
                    && let Some(relation) = rules.relation(&similarity)
                {
                    pairs.push(Related { text, other, relation, similarity });
                }
            }
            watch.advance(1);
        }
        Ok(pairs)
    };
    let lanes: Vec<Vec<Related>> = keepers
        .par_chunks(keepers.len().div_ceil(lanes).max(1))
        .map(of_lane)
        .collect::<Result<_>>()?;
    let mut pairs = lanes.concat();
    pairs.sort_unstable_by_key(|pair| (pair.text, pair.other));
    pairs.dedup_by_key(|pair| (pair.text, pair.other));
    Ok(pairs)
}
