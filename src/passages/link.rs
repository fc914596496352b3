//! Finds pairs of stretches that tell the same: two occurrences of a seed, and
//! what agrees around them.
//!
//! Every document looks back: a seed of its meets the earlier occurrences of
//! that seed, all of them if there are few, else only the first ones, which
//! then stand for the others. That is linear however often a seed occurs.
//! Occurrences of a frequent seed that found no partner in that way meet the
//! first ones among themselves in the next round.

use std::cmp::Reverse;
use std::ops::Range;

use rayon::prelude::*;

use super::PassageRecipe;
use super::agree::Pattern;
use super::align::{Aligner, Edits, FOLLOWED_MAX, Reach, Towards};
use super::seeds::{Member, SeedTable};
use super::snap::snap;
use super::token_text::{NO_CODE, TokenTexts};
use crate::Result;
use crate::document::DocId;
use crate::text::WORD_WEIGHT;
use crate::watch::Watch;

/// How many occurrences of a frequent seed stand for all others in a round.
/// One copy may be spoilt at any place; two at the same place are rare.
const REPRESENTATIVES: usize = 1;

/// How many rounds there are at most. What is repeated finds a partner in the
/// first or second; turns of phrase never do.
const ROUNDS_MAX: usize = 4;

/// How many places are linked in one go, so that their tokens stay in a core's
/// cache and their meetings in memory: at worst a hundred megabytes.
const TASK_PLACES: u32 = 1 << 18;

/// Two stretches that tell the same, by their places; `a` lies before `b`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) a: Range<u32>,
    pub(super) b: Range<u32>,
    /// In how many tokens they agree, at least.
    pub(super) matched: u32,
}

impl Match {
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
    /// Alignments ended by their number of edits.
    pub(super) cut: u64,
}

/// All matches of a corpus.
///
/// First what frequent seeds find, then, where that is not told yet, the
/// others; last, what is left of the frequent ones.
pub(super) fn find_matches(
    texts: &TokenTexts,
    recipe: &PassageRecipe,
    watch: &dyn Watch,
) -> Result<Matches> {
    let seeds = SeedTable::new(texts, recipe.seed_words, watch)?;
    let mut corpus = Corpus {
        texts,
        recipe,
        watch,
        told: Told { first: vec![NOWHERE; texts.line().len()] },
        matches: Matches::default(),
    };
    corpus.link(&seeds, Pass::Frequent)?;
    corpus.link(&seeds, Pass::Rare)?;
    let mut left = corpus.unlinked(&seeds);
    drop(seeds);
    for _ in 1..ROUNDS_MAX {
        if left.is_empty() {
            break;
        }
        corpus.link(&left, Pass::Frequent)?;
        corpus.link(&left, Pass::Rare)?;
        left = corpus.unlinked(&left);
    }
    let mut matches = corpus.matches;
    matches.unlinked = left.member_count() as u64;
    matches.found.par_sort_unstable_by_key(|found| (found.places(), Reverse(found.matched)));
    matches.found.dedup_by_key(|found| found.places());
    Ok(matches)
}

/// Which seeds are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Those with more occurrences than can be compared each with each.
    Frequent,
    /// The others.
    Rare,
}

/// The corpus, and what was found in it so far.
struct Corpus<'a> {
    texts: &'a TokenTexts,
    recipe: &'a PassageRecipe,
    watch: &'a dyn Watch,
    told: Told,
    matches: Matches,
}

impl Corpus<'_> {
    /// Adds the matches that some seeds find.
    fn link(&mut self, seeds: &SeedTable, pass: Pass) -> Result<()> {
        let places = self.texts.line().len() as u32;
        let tasks: Vec<(Vec<Match>, u64)> = (0..places.div_ceil(TASK_PLACES))
            .into_par_iter()
            .map_init(Linker::default, |linker, task| {
                self.watch.check()?;
                let start = task * TASK_PLACES;
                let places = start..places.min(start + TASK_PLACES);
                linker.link(&Meetings { corpus: self, seeds, pass }, places);
                Ok((std::mem::take(&mut linker.matches), std::mem::take(&mut linker.cut)))
            })
            .collect::<Result<_>>()?;
        for (mut found, cut) in tasks {
            found.sort_unstable_by_key(Match::places);
            found.iter().for_each(|found| self.told.add(found));
            self.matches.found.extend(found);
            self.matches.cut += cut;
        }
        Ok(())
    }

    /// The occurrences of frequent seeds, but for the representatives, that lie
    /// in no match yet.
    fn unlinked(&self, seeds: &SeedTable) -> SeedTable {
        seeds.retain(|members, kept| {
            if members.len() > self.recipe.all_pairs_max as usize {
                let others = &members[REPRESENTATIVES..];
                kept.extend(others.iter().filter(|member| self.told.at(member.place).is_none()));
            }
        })
    }
}

/// Which places lie in a match, and where the same stands first: matched places
/// lead back to about one place in the earliest document.
struct Told {
    first: Vec<u32>,
}

/// In no match.
const NOWHERE: u32 = u32::MAX;

/// How many places apart the first places of two matched places may be if they
/// are one: words put in or dropped move them.
const FIRST_APART_MAX: u32 = 16;

impl Told {
    fn add(&mut self, found: &Match) {
        let (a, b) = (found.a.clone(), found.b.clone());
        for place in a.clone() {
            let first = &mut self.first[place as usize];
            *first = (*first).min(place);
        }
        for (i, place) in b.enumerate() {
            let back = self.first[(a.start as usize + i).min(a.end as usize - 1)];
            let first = &mut self.first[place as usize];
            *first = (*first).min(back);
        }
    }

    fn at(&self, place: u32) -> Option<u32> {
        Some(self.first[place as usize]).filter(|&first| first != NOWHERE)
    }

    /// Whether two places were both matched with one earlier place, or one with
    /// the other.
    fn alike(&self, a: u32, b: u32) -> bool {
        match (self.at(b), self.at(a)) {
            (Some(b), Some(a)) => a.abs_diff(b) <= FIRST_APART_MAX,
            _ => false,
        }
    }
}

/// What meets what, in one pass.
struct Meetings<'a> {
    corpus: &'a Corpus<'a>,
    seeds: &'a SeedTable,
    pass: Pass,
}

impl Meetings<'_> {
    /// The earlier occurrences that the seed at a place meets.
    fn partners(&self, place: u32) -> &[Member] {
        let members = self.seeds.members(place);
        let frequent = members.len() > self.corpus.recipe.all_pairs_max as usize;
        let met = match self.pass {
            Pass::Frequent if frequent => &members[..REPRESENTATIVES],
            Pass::Rare if !frequent => members,
            _ => &[],
        };
        &met[..met.iter().position(|member| member.place >= place).unwrap_or(met.len())]
    }

    /// Calls `take` with each earlier place that a place meets, but for those
    /// told already, and those where the places before the two meet as well:
    /// that is the same agreement.
    fn each(&self, place: u32, mut take: impl FnMut(u32)) {
        let before = self.corpus.texts.line()[place as usize - 1];
        for member in self.partners(place) {
            if self.told(member.place, place) {
                continue;
            }
            let within = member.before == before
                && before != NO_CODE
                && !self.told(member.place - 1, place - 1)
                && self.partners(place - 1).iter().any(|earlier| earlier.place == member.place - 1);
            if !within {
                take(member.place);
            }
        }
    }

    /// Whether two occurrences of a seed are told at their first or last word.
    fn told(&self, a: u32, b: u32) -> bool {
        let last = self.corpus.recipe.seed_words - 1;
        let told = &self.corpus.told;
        told.alike(a, b) || told.alike(a + last, b + last)
    }
}

/// Links some places; its memory is used again.
#[derive(Default)]
struct Linker {
    /// Meetings, the earlier place above the later one.
    hits: Vec<u64>,
    /// Pairs of stretches already looked at, of the current pair of documents.
    seen: Vec<(Range<u32>, Range<u32>)>,
    aligner: Aligner,
    pattern: Pattern,
    matches: Vec<Match>,
    cut: u64,
}

impl Linker {
    /// Adds the matches of some places with all before them.
    fn link(&mut self, meetings: &Meetings, places: Range<u32>) {
        let Corpus { texts, recipe, .. } = *meetings.corpus;
        self.hits.clear();
        for place in places.start.max(1)..places.end {
            meetings.each(place, |earlier| {
                self.hits.push(u64::from(earlier) << 32 | u64::from(place));
            });
        }
        // In order of the earlier place, memory is read from front to back.
        self.hits.sort_unstable();
        let mut hits: Vec<(DocId, u32, u32)> = self
            .hits
            .iter()
            .map(|&hit| ((hit >> 32) as u32, hit as u32))
            .filter(|&(a, b)| promising(texts, recipe, a, b))
            .map(|(a, b)| (texts.doc_of(b), a, b))
            .collect();
        hits.sort_unstable();
        for hits in hits.chunk_by(|(doc, ..), (next, ..)| doc == next) {
            let b_doc = texts.places(hits[0].0);
            let mut a_doc = 0..0;
            for &(_, a, b) in hits {
                if a >= a_doc.end {
                    a_doc = texts.places(texts.doc_of(a));
                    self.seen.clear();
                }
                self.seen.retain(|(seen, _)| seen.end > a);
                if !self
                    .seen
                    .iter()
                    .any(|(seen_a, seen_b)| seen_a.contains(&a) && seen_b.contains(&b))
                {
                    self.follow(texts, recipe, a, b, a_doc.clone(), b_doc.clone());
                }
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
        let line = texts.line();
        let slice = |places: Range<u32>| &line[places.start as usize..places.end as usize];
        // Two stretches of one document must not overlap.
        let a_end = if a_doc == b_doc { b } else { a_doc.end };
        // Words are as many tokens here as they are in the seed.
        let gap = recipe.gap_words * seed_tokens(texts, recipe, b) / recipe.seed_words;
        let mut first = true;
        loop {
            let mut next = (a, b);
            for cost in [Edits::Cheap, Edits::Dear] {
                let right = self.aligner.follow(
                    slice(a..a_end),
                    slice(b..b_doc.end),
                    gap,
                    cost,
                    Towards::End,
                );
                let left = if first {
                    let b_start = if a_doc == b_doc { a + right.a } else { b_doc.start };
                    self.aligner.follow(
                        slice(a_doc.start..a),
                        slice(b_start..b),
                        gap,
                        cost,
                        Towards::Start,
                    )
                } else {
                    Reach::default()
                };
                self.cut += u64::from(right.cut) + u64::from(left.cut);
                let found = Match {
                    a: a - left.a..a + right.a,
                    b: b - left.b..b + right.b,
                    matched: left.matched + right.matched,
                };
                self.seen.push((found.a.clone(), found.b.clone()));
                next = (found.a.end, found.b.end);
                if self.take(texts, recipe, found) {
                    break;
                }
            }
            // What was too long to be followed at once goes on.
            let followed = (next.0 - a).max(next.1 - b);
            if followed < FOLLOWED_MAX as u32 || next.0 >= a_end || next.1 >= b_doc.end {
                break;
            }
            (a, b) = next;
            first = false;
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
        self.pattern.read(texts.codes_at(&found.a));
        self.pattern.agreement(texts.codes_at(&found.b))
    }
}

/// How many tokens the seed at a place has.
fn seed_tokens(texts: &TokenTexts, recipe: &PassageRecipe, place: u32) -> u32 {
    let weight_min = recipe.seed_words * u32::from(WORD_WEIGHT);
    let mut weight = 0;
    let mut tokens = 0;
    while weight < weight_min && texts.line()[(place + tokens) as usize] != NO_CODE {
        weight += texts.weight(place + tokens);
        tokens += 1;
    }
    tokens
}

/// How many words before and behind a seed are looked at first. A passage that
/// is worth finding has its dozen words within them.
const LOOK: usize = 16;
/// How many words may have been put in or dropped within them.
const DRIFT: usize = 3;

/// Whether two places have a seed in common and enough words around it could
/// agree: those on one side that stand on the other one [`DRIFT`] words away
/// or nearer. That is never less than can be aligned, and it is cheap: most
/// chance meetings end here.
fn promising(texts: &TokenTexts, recipe: &PassageRecipe, a: u32, b: u32) -> bool {
    let line = texts.line();
    let tokens = seed_tokens(texts, recipe, b) as usize;
    let (a, b) = (a as usize, b as usize);
    let agree =
        line[a..].iter().zip(&line[b..]).take_while(|(a, b)| a == b && **a != NO_CODE).count();
    if agree < tokens {
        return false;
    }
    // Of unspaced scripts a window of so many tokens says too little.
    let enough = recipe.min_words as usize;
    let (a_behind, b_behind) = (a + agree, b + agree);
    if agree >= enough
        || tokens != recipe.seed_words as usize
        || a.min(b) < LOOK + DRIFT
        || a_behind.max(b_behind) + LOOK + DRIFT > line.len()
    {
        return true;
    }
    agree + near(line, a_behind, b_behind) + near(line, a - LOOK, b - LOOK) >= enough
}

/// How many of the [`LOOK`] words from `a` stand near their place from `b`.
fn near(line: &[u32], a: usize, b: usize) -> usize {
    let a: &[u32; LOOK] = line[a..a + LOOK].try_into().expect("as many as asked for");
    let b = &line[b - DRIFT..b + LOOK + DRIFT];
    let mut found = [0u32; LOOK];
    for drift in 0..=2 * DRIFT {
        let b: &[u32; LOOK] = b[drift..drift + LOOK].try_into().expect("as many as asked for");
        for i in 0..LOOK {
            found[i] |= u32::from(a[i] == b[i]);
        }
    }
    found.iter().sum::<u32>() as usize
}
