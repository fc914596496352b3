//! Which occurrences of a seed meet: not all, or a seed in every document would
//! cost the square of their number.

use std::ops::Range;

use super::PassageRecipe;
use super::seeds::{Pass, SeedTable};
use super::token_text::{NO_CODE, TokenTexts};
use crate::text::WORD_WEIGHT;

/// Which places lie in a match, and where the same stands first: matched places
/// lead back to about one place in the earliest document.
pub(super) struct Told {
    first: Vec<u32>,
    /// Whether any place of a block of [`BLOCK_PLACES`] is matched: few enough
    /// to stay in a core's cache.
    blocks: Vec<bool>,
}

/// Places in a block.
const BLOCK_PLACES: u32 = 64;

/// In no match.
const NOWHERE: u32 = u32::MAX;

/// How many places apart the first places of two matched places may be if they
/// are one: words put in or dropped move them.
const FIRST_APART_MAX: u32 = 16;

impl Told {
    /// No matches yet, in a corpus of so many places.
    pub(super) fn new(places: usize) -> Self {
        let blocks = places.div_ceil(BLOCK_PLACES as usize);
        Self { first: vec![NOWHERE; places], blocks: vec![false; blocks] }
    }

    /// Takes in a match; its stretches are walked along as if they had no gaps.
    pub(super) fn add(&mut self, a: &Range<u32>, b: &Range<u32>) {
        for stretch in [a, b].into_iter().filter(|stretch| !stretch.is_empty()) {
            let blocks = stretch.start / BLOCK_PLACES..=(stretch.end - 1) / BLOCK_PLACES;
            blocks.for_each(|block| self.blocks[block as usize] = true);
        }
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
    #[inline]
    pub(super) fn at(&self, place: u32) -> Option<u32> {
        Some(self.first[place as usize]).filter(|&first| first != NOWHERE)
    }

    /// Whether any of some places may lie in a match.
    #[inline]
    fn may_be_at(&self, places: Range<u32>) -> bool {
        let last = (places.end / BLOCK_PLACES).min(self.blocks.len() as u32 - 1);
        (places.start / BLOCK_PLACES..=last).any(|block| self.blocks[block as usize])
    }

    /// Whether two places were both matched with one earlier place, or one with
    /// the other.
    #[inline]
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
    pub(super) glance: &'a Glance,
}

impl Meetings<'_> {
    /// Calls `take` with the two places of each meeting of some occurrences
    /// (counted as [`SeedTable::each`] does) with earlier ones that is
    /// promising; but for those told already, and those where the places before
    /// the two meet as well: that is the same agreement.
    pub(super) fn each(&self, occurrences: Range<usize>, mut take: impl FnMut(u32, u32)) {
        let Self { texts, recipe, seeds, pass, told, glance } = *self;
        seeds.each(pass, occurrences, |earlier, later| {
            let b = later.place;
            let may_be_told = told.may_be_at(b - 1..b + recipe.seed_words);
            let is_told = |a: u32, b: u32| may_be_told && self.is_told(a, b);
            for member in earlier {
                let a = member.place;
                let within = member.before == later.before
                    && later.before != NO_CODE
                    && seeds.meet(pass, a - 1, b - 1)
                    && !is_told(a - 1, b - 1);
                if !within
                    && glance.promising(recipe, a, b)
                    && !is_told(a, b)
                    && promising(texts, recipe, a, b)
                {
                    take(a, b);
                }
            }
        });
    }

    /// Whether two occurrences of a seed are told at their first or last word.
    #[inline]
    fn is_told(&self, a: u32, b: u32) -> bool {
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
/// or nearer.
fn promising(texts: &TokenTexts, recipe: &PassageRecipe, a: u32, b: u32) -> bool {
    let line = texts.line();
    let tokens = seed_tokens(texts, recipe, b) as usize;
    let enough = enough(recipe);
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
    let around =
        near::<u32, LOOK>(line, a_behind, b_behind) + near::<_, LOOK>(line, a - LOOK, b - LOOK);
    agree + around as usize >= enough
}

/// How many words must agree around a seed, itself included.
fn enough(recipe: &PassageRecipe) -> usize {
    LOOK_ENOUGH.min(recipe.min_words as usize)
}

/// A byte of every code, so that most chance meetings end with a glance at a
/// line or two of a core's cache. That of a character of an unspaced script is
/// [`UNSPACED`], that of a word never.
pub(super) struct Glance(Vec<u8>);

const UNSPACED: u8 = 0;

/// How many words behind a seed are glanced at: all that [`promising`] looks at,
/// wherever the seed's own agreement ends.
const GLANCE: usize = 2 * LOOK;

impl Glance {
    /// A glance at a corpus.
    pub(super) fn new(texts: &TokenTexts) -> Self {
        let weights = texts.all_weights();
        let bytes = texts.line().iter().zip(weights).map(|(&code, weight)| {
            if weight == u32::from(WORD_WEIGHT) { (code as u8).max(UNSPACED + 1) } else { UNSPACED }
        });
        Self(bytes.collect())
    }

    /// Whether two occurrences of a seed may be [`promising`]; true of all that
    /// are.
    #[inline]
    fn promising(&self, recipe: &PassageRecipe, a: u32, b: u32) -> bool {
        let (a, b) = (a as usize, b as usize);
        let tokens = recipe.seed_words as usize;
        let (a_behind, b_behind) = (a + tokens, b + tokens);
        if a.min(b) < LOOK + DRIFT
            || a_behind.max(b_behind) + GLANCE + DRIFT > self.0.len()
            || self.0[b..b_behind].contains(&UNSPACED)
        {
            return true;
        }
        let around = near::<u8, GLANCE>(&self.0, a_behind, b_behind)
            + near::<u8, LOOK>(&self.0, a - LOOK, b - LOOK);
        tokens + around as usize >= enough(recipe)
    }
}

/// How many of the `N` words from `a` stand near their place from `b`.
#[inline]
fn near<T: PartialEq, const N: usize>(line: &[T], a: usize, b: usize) -> u32 {
    let a: &[T; N] = line[a..a + N].try_into().expect("as many as asked for");
    let b = &line[b - DRIFT..b + N + DRIFT];
    let mut found = [0u8; N];
    for drift in 0..=2 * DRIFT {
        let b: &[T; N] = b[drift..drift + N].try_into().expect("as many as asked for");
        for i in 0..N {
            found[i] |= u8::from(a[i] == b[i]);
        }
    }
    found.iter().map(|&found| u32::from(found)).sum()
}
