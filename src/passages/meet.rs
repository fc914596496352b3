//! Which occurrences of a seed meet: not all, or a seed in every document would
//! cost the square of their number.

use std::ops::Range;

use super::PassageRecipe;
use super::seeds::{Member, Pass, SeedTable};
use super::token_text::{NO_CODE, TokenTexts};
use crate::text::WORD_WEIGHT;

/// How many occurrences of a frequent seed stand for all others in a round.
/// Different seeds of a passage may have different ones, so that a copy that is
/// spoilt at one place still meets another.
pub(super) const REPRESENTATIVES: usize = 1;

/// Which places lie in a match, and where the same stands first: matched places
/// lead back to about one place in the earliest document.
pub(super) struct Told {
    first: Vec<u32>,
}

/// In no match.
const NOWHERE: u32 = u32::MAX;

/// How many places apart the first places of two matched places may be if they
/// are one: words put in or dropped move them.
const FIRST_APART_MAX: u32 = 16;

impl Told {
    /// No matches yet, in a corpus of so many places.
    pub(super) fn new(places: usize) -> Self {
        Self { first: vec![NOWHERE; places] }
    }

    /// Takes in a match; its stretches are walked along as if they had no gaps.
    pub(super) fn add(&mut self, a: &Range<u32>, b: &Range<u32>) {
        for place in a.clone() {
            let first = &mut self.first[place as usize];
            *first = (*first).min(place);
        }
        for (i, place) in b.clone().enumerate() {
            let back = self.first[(a.start as usize + i).min(a.end as usize - 1)];
            let first = &mut self.first[place as usize];
            *first = (*first).min(back);
        }
    }

    /// Where what stands at a place stands first, if it lies in a match.
    pub(super) fn at(&self, place: u32) -> Option<u32> {
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
pub(super) struct Meetings<'a> {
    pub(super) texts: &'a TokenTexts,
    pub(super) recipe: &'a PassageRecipe,
    pub(super) seeds: &'a SeedTable,
    pub(super) pass: Pass,
    pub(super) told: &'a Told,
}

impl Meetings<'_> {
    /// The earlier occurrences that the seed at a place meets.
    fn partners(&self, place: u32) -> &[Member] {
        let members = self.seeds.members(place, self.pass);
        let met = match self.pass {
            Pass::Frequent => &members[..members.len().min(REPRESENTATIVES)],
            Pass::Rare => members,
        };
        &met[..met.iter().position(|member| member.place >= place).unwrap_or(met.len())]
    }

    /// Calls `take` with each earlier place that a place meets, but for those
    /// told already, and those where the places before the two meet as well:
    /// that is the same agreement.
    pub(super) fn each(&self, place: u32, mut take: impl FnMut(u32)) {
        for member in self.partners(place) {
            if self.told(member.place, place) {
                continue;
            }
            let before = self.texts.line()[place as usize - 1];
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
        let last = self.recipe.seed_words - 1;
        self.told.alike(a, b) || self.told.alike(a + last, b + last)
    }
}

/// How many tokens the seed at a place has.
pub(super) fn seed_tokens(texts: &TokenTexts, recipe: &PassageRecipe, place: u32) -> u32 {
    let weight_min = recipe.seed_words * u32::from(WORD_WEIGHT);
    let mut weight = 0;
    let mut tokens = 0;
    while weight < weight_min && texts.line()[(place + tokens) as usize] != NO_CODE {
        weight += texts.weight(place + tokens);
        tokens += 1;
    }
    tokens
}

/// How many words before and behind a seed are looked at first.
const LOOK: usize = 16;
/// How many words may have been put in or dropped within them.
const DRIFT: usize = 3;
/// How many words at most are asked for there: a passage with fewer than a dozen
/// agreeing words around any of its seeds is met at no other seed either.
const LOOK_ENOUGH: usize = 12;

/// Whether two places have a seed in common and enough words around it could
/// agree: those on one side that stand on the other one [`DRIFT`] words away
/// or nearer. It is cheap, and most chance meetings end here.
pub(super) fn promising(texts: &TokenTexts, recipe: &PassageRecipe, a: u32, b: u32) -> bool {
    let line = texts.line();
    let tokens = seed_tokens(texts, recipe, b) as usize;
    let enough = LOOK_ENOUGH.min(recipe.min_words as usize);
    let (a, b) = (a as usize, b as usize);
    let pairs = line[a..].iter().zip(&line[b..]).take(tokens.max(enough));
    let agree = pairs.take_while(|(a, b)| a == b && **a != NO_CODE).count();
    if agree < tokens {
        return false;
    }
    let (a_behind, b_behind) = (a + agree, b + agree);
    // Of unspaced scripts a window of so many tokens says too little.
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
