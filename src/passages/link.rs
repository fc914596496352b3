//! Finds pairs of stretches that tell the same: two occurrences of a seed, and
//! what agrees around them.
//!
//! First, every occurrence of a frequent seed meets the first one; then every
//! two occurrences of the other seeds meet, but for those that the first step
//! has told. Occurrences of a frequent seed that lie in no match by then meet
//! the first one among themselves, for a few rounds.

use std::cmp::Reverse;
use std::ops::Range;

use rayon::prelude::*;

use super::PassageRecipe;
use super::agree::Pattern;
use super::align::{Aligner, Edits, FOLLOWED_MAX, Reach, Towards};
use super::meet::{Glance, Meetings, Told, seed_tokens};
use super::seeds::{Pass, SeedTable};
use super::snap::snap;
use super::token_text::TokenTexts;
use crate::Result;
use crate::document::DocId;
use crate::watch::Watch;

/// How many rounds there are at most. What is repeated finds a partner in the
/// first or second; turns of phrase never do.
const ROUNDS_MAX: usize = 4;

/// How many occurrences of seeds one task looks at.
const TASK_OCCURRENCES: usize = 1 << 14;

/// How many occurrences are looked at before the number of their meetings is
/// looked at: at worst, each meets some fifty, which takes a hundred megabytes.
const WAVE_OCCURRENCES: usize = 1 << 18;

/// How many meetings are collected before they are followed: another hundred
/// megabytes. They are those of gigabytes of text.
const MEETINGS_MAX: usize = 1 << 23;

/// Two stretches that tell the same, by their places; `a` lies before `b`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) a: Range<u32>,
    pub(super) b: Range<u32>,
    /// In how many tokens they agree, at least.
    pub(super) matched: u32,
}

impl Match {
    /// All four ends.
    fn places(&self) -> [u32; 4] {
        [self.a.start, self.a.end, self.b.start, self.b.end]
    }
}

/// The matches of a corpus, and what was left undone.
#[derive(Default)]
pub(super) struct Matches {
    /// Without repetition, in order of their places.
    pub(super) found: Vec<Match>,
    /// Occurrences of frequent seeds that met representatives in every round
    /// and matched none.
    pub(super) unlinked: u64,
    /// Alignments ended by their length or their number of edits.
    pub(super) cut: u64,
}

/// All matches of a corpus with these seeds.
///
/// First what frequent seeds find, then, where that is not told yet, the
/// others; last, what is left of the frequent ones.
pub(super) fn find_matches(
    texts: &TokenTexts,
    recipe: &PassageRecipe,
    mut seeds: SeedTable,
    watch: &dyn Watch,
) -> Result<Matches> {
    let mut corpus = Corpus {
        texts,
        recipe,
        watch,
        glance: Glance::new(texts),
        told: Told::new(texts.line().len()),
        matches: Matches::default(),
    };
    for round in 0..ROUNDS_MAX {
        if round > 0 {
            seeds.retain(|place| corpus.told.at(place).is_none());
        }
        corpus.link(&seeds, Pass::Frequent)?;
        corpus.link(&seeds, Pass::Rare)?;
    }
    seeds.retain(|place| corpus.told.at(place).is_none());
    let mut matches = corpus.matches;
    matches.unlinked = seeds.len() as u64;
    matches.found.par_sort_unstable_by_key(|found| (found.places(), Reverse(found.matched)));
    matches.found.dedup_by_key(|found| found.places());
    Ok(matches)
}

/// Two places of one seed, in the order in which they are followed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Meeting {
    /// The document of `b`.
    b_doc: DocId,
    /// The earlier place.
    a: u32,
    /// The later one.
    b: u32,
}

/// The corpus, and what was found in it so far.
struct Corpus<'a> {
    texts: &'a TokenTexts,
    recipe: &'a PassageRecipe,
    watch: &'a dyn Watch,
    glance: Glance,
    told: Told,
    matches: Matches,
}

impl Corpus<'_> {
    /// Adds the matches that the seeds find in one pass.
    fn link(&mut self, seeds: &SeedTable, pass: Pass) -> Result<()> {
        let mut found = Vec::new();
        let mut meetings = Vec::new();
        for wave in (0..seeds.len()).step_by(WAVE_OCCURRENCES) {
            self.watch.check()?;
            let wave = wave..seeds.len().min(wave + WAVE_OCCURRENCES);
            meetings.extend(self.meetings(seeds, pass, wave));
            if meetings.len() >= MEETINGS_MAX {
                self.follow(&mut meetings, &mut found)?;
            }
        }
        self.follow(&mut meetings, &mut found)?;
        found.par_sort_unstable_by_key(Match::places);
        found.iter().for_each(|found| self.told.add(&found.a, &found.b));
        self.matches.found.extend(found);
        Ok(())
    }

    /// The meetings of some occurrences.
    fn meetings(&self, seeds: &SeedTable, pass: Pass, wave: Range<usize>) -> Vec<Meeting> {
        let Self { texts, recipe, glance, told, .. } = self;
        let all = Meetings { texts, recipe, seeds, pass, told, glance };
        (0..wave.len().div_ceil(TASK_OCCURRENCES))
            .into_par_iter()
            .flat_map_iter(|task| {
                let from = wave.start + task * TASK_OCCURRENCES;
                let mut meetings = Vec::new();
                all.each(from..wave.end.min(from + TASK_OCCURRENCES), |a, b| {
                    meetings.push(Meeting { b_doc: texts.doc_of(b), a, b });
                });
                meetings
            })
            .collect()
    }

    /// Follows meetings and adds the matches found, in any order.
    fn follow(&mut self, meetings: &mut Vec<Meeting>, found: &mut Vec<Match>) -> Result<()> {
        meetings.par_sort_unstable();
        let linked: Vec<(Vec<Match>, u64)> = meetings
            .par_chunk_by(|meeting, next| meeting.b_doc == next.b_doc)
            .map_init(Linker::default, |linker, meetings| {
                self.watch.check()?;
                linker.link(self.texts, self.recipe, meetings);
                Ok((std::mem::take(&mut linker.matches), std::mem::take(&mut linker.cut)))
            })
            .collect::<Result<_>>()?;
        for (matches, cut) in linked {
            found.extend(matches);
            self.matches.cut += cut;
        }
        meetings.clear();
        Ok(())
    }
}

/// Follows meetings; its memory is used again.
#[derive(Default)]
struct Linker {
    /// Pairs of stretches already looked at, of the current pair of documents.
    seen: Vec<(Range<u32>, Range<u32>)>,
    aligner: Aligner,
    pattern: Pattern,
    matches: Vec<Match>,
    cut: u64,
}

impl Linker {
    /// Adds the matches of some meetings of one document with those before it.
    fn link(&mut self, texts: &TokenTexts, recipe: &PassageRecipe, meetings: &[Meeting]) {
        let b_doc = texts.places(meetings[0].b_doc);
        let mut a_doc = 0..0;
        for &Meeting { a, b, .. } in meetings {
            if a >= a_doc.end {
                a_doc = texts.places(texts.doc_of(a));
                self.seen.clear();
            }
            self.seen.retain(|(seen, _)| seen.end > a);
            let seen =
                |(in_a, in_b): &(Range<u32>, Range<u32>)| in_a.contains(&a) && in_b.contains(&b);
            if !self.seen.iter().any(seen) {
                self.follow(texts, recipe, a, b, a_doc.clone(), b_doc.clone());
            }
        }
    }

    /// Looks at what agrees around two places of a seed, in the documents that
    /// take the places `a_doc` and `b_doc`.
    fn follow(
        &mut self,
        texts: &TokenTexts,
        recipe: &PassageRecipe,
        mut a: u32,
        mut b: u32,
        a_doc: Range<u32>,
        b_doc: Range<u32>,
    ) {
        // Two stretches of one document must not overlap.
        let within = a_doc == b_doc;
        let a_doc = a_doc.start..if within { b } else { a_doc.end };
        // Words are as many tokens here as they are in the seed.
        let gap = recipe.gap_words * seed_tokens(texts, recipe, b) / recipe.seed_words;
        let slice = |places: Range<u32>| &texts.line()[places.start as usize..places.end as usize];
        let mut left_is_open = true;
        loop {
            let mut next = (a, b);
            for cost in [Edits::Cheap, Edits::Dear] {
                let (a_right, b_right) = (slice(a..a_doc.end), slice(b..b_doc.end));
                let right = self.aligner.follow(a_right, b_right, gap, cost, Towards::End);
                let mut left = Reach::default();
                if left_is_open {
                    let a_left = slice(a_doc.start..a);
                    let b_left = slice(if within { a + right.a } else { b_doc.start }..b);
                    left = self.aligner.follow(a_left, b_left, gap, cost, Towards::Start);
                }
                self.cut += u64::from(right.cut) + u64::from(left.cut);
                let found = Match {
                    a: a - left.a..a + right.a,
                    b: b - left.b..b + right.b,
                    matched: left.matched + right.matched,
                };
                next = (found.a.end, found.b.end);
                self.seen.push((found.a.clone(), found.b.clone()));
                // Dear edits help where cheap ones led on too far, not where too little agrees.
                let is_long = recipe.is_long(texts, &found.a, &found.b, found.matched);
                if self.take(texts, recipe, found) || !is_long {
                    break;
                }
            }
            // What is too long to be followed at once goes on.
            let followed = (next.0 - a).max(next.1 - b);
            if followed < FOLLOWED_MAX as u32 || next.0 >= a_doc.end || next.1 >= b_doc.end {
                break;
            }
            self.cut += 1;
            (a, b) = next;
            left_is_open = false;
        }
    }

    /// Keeps a match if it is long and alike enough, its ends moved to borders
    /// where they can be. Says whether it does.
    fn take(&mut self, texts: &TokenTexts, recipe: &PassageRecipe, found: Match) -> bool {
        let a = snap(texts, found.a.clone(), recipe.snap_words);
        let b = snap(texts, found.b.clone(), recipe.snap_words);
        let cut = |old: &Range<u32>, new: &Range<u32>| {
            new.start.saturating_sub(old.start) + old.end.saturating_sub(new.end)
        };
        let matched = found.matched.saturating_sub(cut(&found.a, &a) + cut(&found.b, &b));
        let mut snapped = Match { a, b, matched };
        if !recipe.accepts(texts, &snapped.a, &snapped.b, snapped.matched) {
            snapped.matched = self.agreement(texts, recipe, &snapped);
        }
        let apart = snapped.a.end <= snapped.b.start;
        if apart && recipe.accepts(texts, &snapped.a, &snapped.b, snapped.matched) {
            self.matches.push(snapped);
            return true;
        }
        let accepted = recipe.accepts(texts, &found.a, &found.b, found.matched);
        if accepted {
            self.matches.push(found);
        }
        accepted
    }

    /// In how many tokens two stretches agree, exactly; 0 where even all of them
    /// would be too few.
    fn agreement(&mut self, texts: &TokenTexts, recipe: &PassageRecipe, found: &Match) -> u32 {
        let most = found.a.len().min(found.b.len()) as u32;
        if !recipe.accepts(texts, &found.a, &found.b, most) {
            return 0;
        }
        self.pattern.read(texts.codes_at(&found.a).iter().copied());
        self.pattern.agreement(texts.codes_at(&found.b))
    }
}
