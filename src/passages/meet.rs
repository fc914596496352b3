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
        let mut batch = Batch::default();
        self.seeds.each(self.pass, occurrences, |group, later| {
            batch.add(self.pass, group, later);
            if batch.places.len() >= BATCH_PLACES {
                self.meet(&mut batch, &mut take);
            }
        });
        self.meet(&mut batch, &mut take);
    }

    /// Empties a batch: calls `take` with the meetings in it that are new and
    /// promising.
    fn meet(&self, batch: &mut Batch, take: &mut impl FnMut(u32, u32)) {
        let Self { recipe, pass, glance, .. } = *self;
        let enough = enough(recipe);
        let Batch { places, groups, looks } = batch;
        looks.extend(places.iter().map(|&place| glance.at(recipe, place)));
        for Group { all, first_later } in groups.drain(..) {
            let (places, looks) = (&places[all.clone()], &looks[all]);
            for later in first_later..places.len() {
                let earlier = match pass {
                    Pass::Frequent => 1,
                    Pass::Rare => later,
                };
                for earlier in 0..earlier {
                    let (a, b) = (places[earlier], places[later]);
                    let (a_look, b_look) = (&looks[earlier], &looks[later]);
                    if a_look.may_agree(b_look, enough)
                        && !(a_look.may_begin_before(b_look) && self.begins_before(a, b))
                        && !self.is_told(a, b)
                        && promising(self.texts, recipe, a, b)
                    {
                        take(a, b);
                    }
                }
            }
        }
        places.clear();
        looks.clear();
    }

    /// Whether the places before two places meet as well.
    fn begins_before(&self, a: u32, b: u32) -> bool {
        let line = self.texts.line();
        let (a, b) = (a - 1, b - 1);
        self.seeds.meet(self.pass, a, b)
            && line[a as usize] == line[b as usize]
            && line[b as usize] != NO_CODE
            && !self.is_told(a, b)
    }

    /// Whether two occurrences of a seed are told at their first or last word.
    #[inline]
    fn is_told(&self, a: u32, b: u32) -> bool {
        let last = self.recipe.seed_words - 1;
        self.told.may_be_at(b..b + last)
            && (self.told.alike(a, b) || self.told.alike(a + last, b + last))
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
    let around = near::<_, LOOK>(&line[a_behind..], &line[b_behind - DRIFT..])
        + near::<_, LOOK>(&line[a - LOOK..], &line[b - LOOK - DRIFT..]);
    agree + usize::from(around) >= enough
}

/// How many words must agree around a seed, itself included.
fn enough(recipe: &PassageRecipe) -> usize {
    LOOK_ENOUGH.min(recipe.min_words as usize)
}

/// How many places are looked at together: those of a few hundred seeds stand
/// anywhere in the corpus, and a core fetches many at a time if nothing else
/// comes between.
const BATCH_PLACES: usize = 1 << 10;

/// Some groups whose places meet; its memory is used again.
#[derive(Default)]
struct Batch {
    /// Group by group.
    places: Vec<u32>,
    groups: Vec<Group>,
    /// What stands around each place.
    looks: Vec<Look>,
}

/// A group in a batch: earlier places, and behind them those that meet them.
struct Group {
    all: Range<usize>,
    first_later: usize,
}

impl Batch {
    /// Adds what [`SeedTable::each`] gives.
    fn add(&mut self, pass: Pass, group: &[u32], later: Range<usize>) {
        let start = self.places.len();
        let earlier = match pass {
            Pass::Frequent => 1,
            Pass::Rare => later.start,
        };
        self.places.extend(&group[..earlier]);
        self.places.extend(&group[later]);
        self.groups.push(Group { all: start..self.places.len(), first_later: earlier });
    }
}

/// A byte of every code, so that most chance meetings end with a glance at what
/// a core's cache holds. That of a character of an unspaced script is
/// [`UNSPACED`], that of a word never.
pub(super) struct Glance(Vec<u8>);

const UNSPACED: u8 = 0;

/// How many words are glanced at: all that [`promising`] looks at before a seed,
/// and behind it, wherever the seed's own agreement ends.
const GLANCE: usize = LOOK + LOOK_ENOUGH.next_multiple_of(LOOK) + LOOK;

impl Glance {
    /// A glance at a corpus.
    pub(super) fn new(texts: &TokenTexts) -> Self {
        let weights = texts.all_weights();
        let bytes = texts.line().iter().zip(weights).map(|(&code, weight)| {
            if weight == u32::from(WORD_WEIGHT) { (code as u8).max(UNSPACED + 1) } else { UNSPACED }
        });
        Self(bytes.collect())
    }

    /// What stands around an occurrence of a seed.
    #[inline]
    fn at(&self, recipe: &PassageRecipe, place: u32) -> Look {
        let start = (place as usize).checked_sub(LOOK + DRIFT);
        let around = start.and_then(|start| self.0[start..].first_chunk());
        let Some(words) = around else {
            return Look { words: [UNSPACED; GLANCE + 2 * DRIFT], is_open: true };
        };
        // Where more words than these agree, there are enough of them.
        let seed = (recipe.seed_words as usize).min(LOOK_ENOUGH);
        Look { words: *words, is_open: words[LOOK + DRIFT..][..seed].contains(&UNSPACED) }
    }
}

/// What stands around an occurrence of a seed: taken once from wherever it
/// stands, then held beside that of every other occurrence.
struct Look {
    /// The [`GLANCE`] words, and [`DRIFT`] more on either side.
    words: [u8; GLANCE + 2 * DRIFT],
    /// A glance at so many words says too little: beside unspaced scripts, and
    /// at a corpus's ends.
    is_open: bool,
}

impl Look {
    /// Whether two occurrences, the other one the later, agree in enough words
    /// around the seed, or may do so; true of all that are [`promising`].
    #[inline]
    fn may_agree(&self, later: &Self, enough: usize) -> bool {
        let agree = near::<_, GLANCE>(&self.words[DRIFT..], &later.words);
        usize::from(agree) >= enough || self.is_open || later.is_open
    }

    /// Whether the words before two occurrences may be the same.
    fn may_begin_before(&self, later: &Self) -> bool {
        let before = LOOK + DRIFT - 1;
        self.words[before] == later.words[before]
    }
}

/// How many of the first `N` words of `a` stand near their place in `b`, which
/// begins [`DRIFT`] words earlier.
#[inline]
fn near<T: PartialEq, const N: usize>(a: &[T], b: &[T]) -> u8 {
    let a: &[T; N] = a[..N].try_into().expect("as many as asked for");
    let b = &b[..N + 2 * DRIFT];
    let mut found = [0u8; N];
    for drift in 0..=2 * DRIFT {
        let b: &[T; N] = b[drift..drift + N].try_into().expect("as many as asked for");
        for i in 0..N {
            found[i] |= u8::from(a[i] == b[i]);
        }
    }
    found.iter().sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::Tokens;
    use crate::watch::Unwatched;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn a_glance_lets_pass_all_that_is_promising(
            words in prop::collection::vec(0..30u32, 0..400),
            seed_words in 1..14u32,
            min_words in 1..20u32,
        ) {
            let text: Vec<String> = words
                .iter()
                .map(|word| if *word == 0 { "字".to_owned() } else { format!("w{}", word * word / 40) })
                .collect();
            let text = text.join(" ");
            let mut tokens = Tokens::new();
            tokens.read(&text);
            let mut corpus = TokenTexts::new();
            corpus.push(&text, &tokens).expect("a small corpus");
            let recipe = PassageRecipe {
                seed_words,
                min_words: min_words.max(seed_words),
                all_pairs_max: u32::MAX,
                ..Default::default()
            };
            let seeds = SeedTable::new(&corpus, &recipe, &Unwatched).expect("nothing stops it");
            let glance = Glance::new(&corpus);
            let mut missed = Vec::new();
            seeds.each(Pass::Rare, 0..seeds.len(), |group, later| {
                for i in later {
                    let b = glance.at(&recipe, group[i]);
                    for &a in &group[..i] {
                        let may_agree = glance.at(&recipe, a).may_agree(&b, enough(&recipe));
                        if !may_agree && promising(&corpus, &recipe, a, group[i]) {
                            missed.push((a, group[i]));
                        }
                    }
                }
            });
            prop_assert_eq!(missed, [], "places in {:?}", text);
        }
    }
}
