//! Stars around keepers: each text in turn goes to the keeper it matches
//! best, or becomes a keeper.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::Result;
use crate::recipe::Relation;
use crate::watch::{Unit, Watch};

use super::rules::{Contained, Floors};
use super::similarity::{ShingleSet, Similarity, shared_at_least};
use super::{CandidateIndex, PairFilter, Rules};

/// Why a text is dropped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// The text that stays instead.
    pub keeper: u32,
    /// How the dropped text relates to it.
    pub relation: Relation,
    /// The dropped text on the left, its keeper on the right.
    pub similarity: Similarity,
}

/// Texts judged side by side before the keepers among them are added. The
/// outcome does not depend on it; larger batches occupy threads better,
/// smaller ones leave less to the sequential part.
const BATCH_TEXTS: usize = 1024;

/// The number of texts, which are known by 32-bit numbers.
pub(super) fn count(texts: &[ShingleSet]) -> u32 {
    u32::try_from(texts.len()).expect("documents are numbered with 32 bits")
}

/// Links every text that matches a keeper to the best one it matches; the
/// others, `None`, are the keepers.
///
/// Each text is compared with all keepers before it, exactly as if that were
/// done one text after the other: a batch is first compared with the keepers
/// of earlier batches on all threads, then in order with the keepers that the
/// batch itself brings forth.
pub fn link_to_keepers(
    texts: &[ShingleSet],
    index: &mut dyn CandidateIndex,
    rules: &Rules,
    counts: PairFilter<'_>,
    watch: &dyn Watch,
) -> Result<Vec<Option<Link>>> {
    let judge = Judge { texts, rules, counts, floors: rules.drop_floors() };
    let mut links: Vec<Option<Link>> = vec![None; texts.len()];
    let lanes = rayon::current_num_threads().max(1);
    let mut scratches: Vec<Seen> = (0..lanes).map(|_| Seen::new(texts.len())).collect();
    for (number, batch) in links.chunks_mut(BATCH_TEXTS).enumerate() {
        let first = (number * BATCH_TEXTS) as u32;
        let lane_len = batch.len().div_ceil(lanes);
        let keepers: &dyn CandidateIndex = index;
        scratches.par_iter_mut().zip(batch.par_chunks_mut(lane_len)).enumerate().try_for_each(
            |(lane, (seen, links))| -> Result<()> {
                for (text, link) in (first + (lane * lane_len) as u32..).zip(links) {
                    watch.check()?;
                    *link = judge.best(keepers, text, 0, seen);
                }
                Ok(())
            },
        )?;
        for (text, link) in (first..).zip(batch.iter_mut()) {
            watch.check()?;
            let late = judge.best(index, text, first, &mut scratches[0]);
            *link = better(*link, late);
            if link.is_none() {
                index.insert(text);
            }
        }
        watch.advance(batch.len() as u64);
    }
    Ok(links)
}

/// The phase under which [`link_to_keepers`] is watched.
pub fn announce(texts: &[ShingleSet], watch: &dyn Watch) {
    watch.phase("matching", Unit::Documents, Some(texts.len() as u64));
}

/// Everything a pair is judged by.
struct Judge<'a> {
    texts: &'a [ShingleSet],
    rules: &'a Rules,
    counts: PairFilter<'a>,
    floors: Floors,
}

impl Judge<'_> {
    /// The best of the keepers `>= since` that `text` matches.
    fn best(
        &self,
        keepers: &dyn CandidateIndex,
        text: u32,
        since: u32,
        seen: &mut Seen,
    ) -> Option<Link> {
        let mut best = None;
        let offers_min = keepers.offers_min(text);
        seen.next_text();
        keepers.candidates(text, since, &mut |keeper| {
            if seen.offered(keeper) == offers_min {
                best = better(best, self.link(text, keeper));
            }
        });
        best
    }

    /// The verified link from `text` to `keeper`.
    fn link(&self, text: u32, keeper: u32) -> Option<Link> {
        if !(self.counts)(text, keeper) {
            return None;
        }
        let similarity =
            verify(&self.texts[text as usize], &self.texts[keeper as usize], |left, right| {
                self.floors.shared_min(left, right, Contained::Left)
            })?;
        let relation = self.rules.drop(&similarity)?;
        Some(Link { keeper, relation, similarity })
    }
}

/// The exact similarity of two texts, if it reaches the shared shingles that
/// `shared_min` asks for sets of their sizes.
pub(super) fn verify(
    left: &[u64],
    right: &[u64],
    shared_min: impl Fn(u32, u32) -> u32,
) -> Option<Similarity> {
    let sizes = [left, right].map(|set| set.len() as u32);
    let shared = shared_at_least(left, right, shared_min(sizes[0], sizes[1]))?;
    Some(Similarity { shared, left: sizes[0], right: sizes[1] })
}

/// The closer relation, then the higher similarity, then the keeper that is
/// preferred.
pub(crate) fn better(a: Option<Link>, b: Option<Link>) -> Option<Link> {
    let (Some(x), Some(y)) = (a, b) else { return a.or(b) };
    let order = x
        .relation
        .cmp(&y.relation)
        .then_with(|| y.similarity.jaccard().total_cmp(&x.similarity.jaccard()))
        .then_with(|| y.similarity.containment().total_cmp(&x.similarity.containment()))
        .then_with(|| x.keeper.cmp(&y.keeper));
    if order == Ordering::Greater { b } else { a }
}

/// How often each keeper has been offered to a text; cleared in one step.
pub(super) struct Seen {
    /// The round in which each keeper was last offered, and how often.
    offers: Vec<(u32, u32)>,
    round: u32,
}

impl Seen {
    pub(super) fn new(texts: usize) -> Self {
        Self { offers: vec![(0, 0); texts], round: 0 }
    }

    /// Begins with another text.
    pub(super) fn next_text(&mut self) {
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.offers.fill((0, 0));
            self.round = 1;
        }
    }

    /// Counts an offer; how many there have been of this keeper.
    pub(super) fn offered(&mut self, keeper: u32) -> u32 {
        let (round, times) = &mut self.offers[keeper as usize];
        *times = if *round == self.round { times.saturating_add(1) } else { 1 };
        *round = self.round;
        *times
    }
}
