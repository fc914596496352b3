//! Stars around keepers: each text in turn goes to the keeper it matches
//! best, or becomes a keeper.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::Result;
use crate::recipe::Relation;
use crate::watch::{Unit, Watch};

use super::bitmap::{Bitmap, Bitmaps};
use super::rules::{Contained, Floors};
use super::similarity::{Similarity, shared_at_least};
use super::{CandidateIndex, PairFilter, Rules, Texts};

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

/// Links every text that matches a keeper to the best one it matches; the
/// others, `None`, are the keepers.
///
/// Each text is compared with all keepers before it, exactly as if that were
/// done one text after the other: a batch is first compared with the keepers
/// of earlier batches on all threads, then in order with the keepers that the
/// batch itself brings forth. Texts that are compared become sets.
pub fn link_to_keepers(
    texts: &mut Texts,
    index: &mut dyn CandidateIndex,
    rules: &Rules,
    counts: PairFilter<'_>,
    watch: &dyn Watch,
) -> Result<Vec<Option<Link>>> {
    let judge = Judge { rules, floors: rules.drop_floors(), bitmaps: Bitmaps::new(texts.len()) };
    let mut links: Vec<Option<Link>> = vec![None; texts.len() as usize];
    let lanes = rayon::current_num_threads().max(1);
    let mut scratches: Vec<Scratch> = (0..lanes).map(|_| Scratch::new(texts)).collect();
    let mut compared = Vec::new();
    for (number, batch) in links.chunks_mut(BATCH_TEXTS).enumerate() {
        let first = (number * BATCH_TEXTS) as u32;
        let lane_len = batch.len().div_ceil(lanes);
        let texts_of = |lane: usize| first + (lane * lane_len) as u32..;
        let keepers: &dyn CandidateIndex = index;
        scratches.par_iter_mut().zip(batch.par_chunks(lane_len)).enumerate().try_for_each(
            |(lane, (Scratch { candidates, met, .. }, links))| -> Result<()> {
                met.clear();
                for (text, _) in texts_of(lane).zip(links) {
                    watch.check()?;
                    met.push(text, candidates.meet(keepers, text, 0, |other| counts(text, other)));
                }
                Ok(())
            },
        )?;
        compared.clear();
        scratches.iter().for_each(|scratch| scratch.met.add_texts(&mut compared));
        texts.sort(&mut compared, watch)?;
        let sorted = &*texts;
        scratches.par_iter_mut().zip(batch.par_chunks_mut(lane_len)).enumerate().try_for_each(
            |(lane, (Scratch { met, sets, .. }, links))| -> Result<()> {
                for ((text, met), link) in texts_of(lane).zip(met.iter()).zip(links) {
                    watch.check()?;
                    *link = judge.best(sorted, text, met, sets)?;
                }
                Ok(())
            },
        )?;
        let Scratch { candidates, sets, .. } = &mut scratches[0];
        for (text, link) in (first..).zip(batch.iter_mut()) {
            watch.check()?;
            let met = candidates.meet(index, text, first, |other| counts(text, other));
            if !met.is_empty() {
                compared.clear();
                compared.extend(met.iter().chain([&text]));
                texts.sort(&mut compared, watch)?;
                *link = better(*link, judge.best(texts, text, met, sets)?);
            }
            if link.is_none() {
                index.insert(text);
            }
        }
        watch.advance(batch.len() as u64);
    }
    Ok(links)
}

/// The keepers that some texts met, one text after the other.
#[derive(Default)]
struct Met {
    texts: Vec<u32>,
    /// Where the keepers of each text end.
    ends: Vec<usize>,
    keepers: Vec<u32>,
}

impl Met {
    fn clear(&mut self) {
        self.texts.clear();
        self.ends.clear();
        self.keepers.clear();
    }

    fn push(&mut self, text: u32, keepers: &[u32]) {
        self.texts.push(text);
        self.keepers.extend_from_slice(keepers);
        self.ends.push(self.keepers.len());
    }

    /// The keepers of each text.
    fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.keepers[start..*end])
    }

    /// Adds all that must be compared, some of them often.
    fn add_texts(&self, all: &mut Vec<u32>) {
        let with_keepers = self.texts.iter().zip(self.iter()).filter(|(_, met)| !met.is_empty());
        all.extend(with_keepers.map(|(text, _)| *text));
        all.extend_from_slice(&self.keepers);
    }
}

/// The phase under which [`link_to_keepers`] is watched.
pub fn announce(texts: &Texts, watch: &dyn Watch) {
    watch.phase("matching", Unit::Documents, Some(u64::from(texts.len())));
}

/// Everything a pair is judged by.
struct Judge<'a> {
    rules: &'a Rules,
    floors: Floors,
    bitmaps: Bitmaps,
}

impl Judge<'_> {
    /// The best that `text` matches of the keepers that it met.
    fn best(&self, texts: &Texts, text: u32, met: &[u32], sets: &mut Sets) -> Result<Option<Link>> {
        // A look at their bitmaps may be enough to say that one is no copy.
        let bitmap = if met.len() < CROWD { None } else { Some(self.bitmap(texts, text, sets)?) };
        let mut best = None;
        for (at, &keeper) in met.iter().enumerate() {
            if let Some(left) = bitmap {
                if let Some(soon) = met.get(at + AHEAD) {
                    self.bitmaps.prefetch(*soon);
                }
                let right = self.bitmap(texts, keeper, sets)?;
                let least = self.floors.shared_min(left.size, right.size, Contained::Left);
                if !left.can_share(right, least) {
                    continue;
                }
            }
            best = better(best, self.link(texts, text, keeper, sets)?);
        }
        Ok(best)
    }

    fn bitmap(&self, texts: &Texts, text: u32, [room, _]: &mut Sets) -> Result<&Bitmap> {
        match self.bitmaps.known(text) {
            Some(bitmap) => Ok(bitmap),
            None => Ok(self.bitmaps.of(text, texts.set(text, room)?)),
        }
    }

    /// The verified link from `text` to `keeper`.
    fn link(&self, texts: &Texts, text: u32, keeper: u32, sets: &mut Sets) -> Result<Option<Link>> {
        let similarity = verify(texts, [text, keeper], sets, |left, right| {
            self.floors.shared_min(left, right, Contained::Left)
        })?;
        Ok(similarity.and_then(|similarity| {
            let relation = self.rules.drop(&similarity)?;
            Some(Link { keeper, relation, similarity })
        }))
    }
}

/// From so many keepers on that a text could match it looks at their bitmaps
/// first: to make its own costs as much as two comparisons.
const CROWD: usize = 8;

/// How many keepers ahead bitmaps are fetched: those of all keepers lie far from
/// one another, and to wait for each costs more than to compare it.
const AHEAD: usize = 8;

/// What a thread uses again and again.
pub(super) struct Scratch {
    pub(super) candidates: Candidates,
    pub(super) sets: Sets,
    met: Met,
}

impl Scratch {
    pub(super) fn new(texts: &Texts) -> Self {
        let candidates = Candidates::new(texts.len());
        Self { candidates, sets: Sets::default(), met: Met::default() }
    }
}

/// Room for two sets.
pub(super) type Sets = [Vec<u64>; 2];

/// The exact similarity of two texts, which are sets, if it reaches the shared shingles that
/// `shared_min` asks for sets of their sizes.
pub(super) fn verify(
    texts: &Texts,
    [left, right]: [u32; 2],
    sets: &mut Sets,
    shared_min: impl Fn(u32, u32) -> u32,
) -> Result<Option<Similarity>> {
    let sizes = [left, right].map(|text| texts.size(text));
    let shared_min = shared_min(sizes[0], sizes[1]);
    let [left_room, right_room] = sets;
    let shared =
        shared_at_least(texts.set(left, left_room)?, texts.set(right, right_room)?, shared_min);
    Ok(shared.map(|shared| Similarity { shared, left: sizes[0], right: sizes[1] }))
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

/// The keepers that are offered to a text.
pub(super) struct Candidates {
    /// The round in which each keeper was last offered, and how often.
    offers: Vec<(u32, u32)>,
    round: u32,
    met: Vec<u32>,
}

impl Candidates {
    fn new(texts: u32) -> Self {
        Self { offers: vec![(0, 0); texts as usize], round: 0, met: Vec::new() }
    }

    /// The wanted keepers `>= since` that `text` could match, each once.
    pub(super) fn meet(
        &mut self,
        index: &dyn CandidateIndex,
        text: u32,
        since: u32,
        wanted: impl Fn(u32) -> bool,
    ) -> &[u32] {
        let Self { offers, round, met } = self;
        *round = round.wrapping_add(1);
        if *round == 0 {
            offers.fill((0, 0));
            *round = 1;
        }
        met.clear();
        let offers_min = index.offers_min(text);
        index.candidates(text, since, &mut |keeper, more| {
            let (last, times) = &mut offers[keeper as usize];
            let before = if *last == *round { *times } else { 0 };
            (*last, *times) = (*round, before.saturating_add(more));
            if before < offers_min && *times >= offers_min && wanted(keeper) {
                met.push(keeper);
            }
        });
        met
    }

    /// The keepers of the last meeting.
    pub(super) fn met(&self) -> &[u32] {
        &self.met
    }

    /// How often one of them was offered.
    pub(super) fn times(&self, keeper: u32) -> u32 {
        self.offers[keeper as usize].1
    }
}
