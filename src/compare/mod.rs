//! Compares two documents: how similar they are, what they are to each other,
//! which passages they share, and how their words stand side by side.
//!
//! Everything is exact: what a run over a corpus finds by looking at few pairs
//! is computed here for the one pair in question. No files, no printing.

mod align;

use std::borrow::Cow;
use std::ops::Range;

use crate::Result;
use crate::dedup::{self, Article, Dedup};
use crate::document::{DocId, Document};
use crate::matching::Similarity;
use crate::matching::similarity::shared_at_least;
use crate::passages::{PassageRecipe, TokenTexts, find_families};
use crate::recipe::{Engine, Recipe, Relation};
use crate::sketch::Kernel;
use crate::text::Tokens;
use crate::watch::Watch;

pub use align::{Alignment, Stretch};

/// One of the two documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The first one.
    A,
    /// The second one.
    B,
}

impl Side {
    /// Both, in order.
    pub const BOTH: [Side; 2] = [Side::A, Side::B];
}

/// What two documents are to each other under a recipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: they are too different, or the recipe does not let the pair
    /// count.
    Unrelated,
    /// Both would stay, listed as related.
    Related(Relation),
    /// One of them would be dropped.
    Dropped {
        /// How it relates to the one that stays.
        relation: Relation,
        /// The one that goes.
        side: Side,
    },
}

/// A passage that both documents tell.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedPassage {
    /// Its length in words, where it was first looked at.
    pub words: u64,
    /// The lowest share of words in which one occurrence agrees with the one
    /// the others were compared with, in [0, 1].
    pub identity: f64,
    /// Where it stands in either document: bytes of the text, in order; one
    /// place or more in each.
    pub places: [Vec<Range<usize>>; 2],
}

/// Two documents compared.
pub struct Comparison<'t> {
    /// What is known of each.
    pub articles: [Article; 2],
    /// How similar they are, A on the left; `None` if one of them has no word,
    /// for it then matches nothing.
    pub similarity: Option<Similarity>,
    /// What they are to each other.
    pub verdict: Verdict,
    /// What both tell, in the order of A.
    pub passages: Vec<SharedPassage>,
    /// Their words side by side.
    pub alignment: Alignment<'t>,
}

/// Compares two documents under a recipe; of the recipe's engine nothing
/// depends, for both texts are looked at whole.
///
/// # Errors
/// [`crate::Error::Usage`] if a recipe makes no sense, or restricts pairs by
/// something that neither document has; [`crate::Error::Interrupted`].
pub fn compare<'t>(
    documents: [&'t Document<'t>; 2],
    recipe: &Recipe,
    passages: &PassageRecipe,
    watch: &dyn Watch,
) -> Result<Comparison<'t>> {
    let recipe = Recipe { engine: Engine::Exact, ..recipe.clone() };
    let mut scratch = dedup::Scratch::default();
    let mut run = Dedup::new(recipe.clone());
    let mut texts = TokenTexts::new();
    let mut shingles = Vec::new();
    for document in documents {
        let borrowed = Document { text: Cow::Borrowed(&*document.text), ..document.clone() };
        let prepared = dedup::prepare(&recipe, &mut scratch, borrowed);
        shingles.extend(prepared.sets());
        texts.push(&document.text, scratch.tokens())?;
        run.take(prepared)?;
    }
    let outcome = run.finish(Kernel::best(), watch)?;
    let verdict = verdict(&outcome);
    let articles: [Article; 2] =
        outcome.articles.try_into().expect("two documents were taken, two come back");
    let wordless = articles.iter().any(|article| article.wordless);
    let similarity = Similarity {
        shared: shared_at_least(&shingles[0], &shingles[1], 0).unwrap_or(0),
        left: shingles[0].len() as u32,
        right: shingles[1].len() as u32,
    };
    Ok(Comparison {
        articles,
        similarity: (!wordless).then_some(similarity),
        verdict,
        passages: shared(documents, &texts, passages, watch)?,
        alignment: Alignment::new(documents.map(|document| &*document.text)),
    })
}

fn verdict(outcome: &dedup::Outcome) -> Verdict {
    for side in Side::BOTH {
        if let Some(dropped) = &outcome.dropped[side as usize] {
            return Verdict::Dropped { relation: dropped.relation, side };
        }
    }
    outcome.related.first().map_or(Verdict::Unrelated, |pair| Verdict::Related(pair.relation))
}

/// The passages that both documents tell.
fn shared(
    documents: [&Document<'_>; 2],
    texts: &TokenTexts,
    recipe: &PassageRecipe,
    watch: &dyn Watch,
) -> Result<Vec<SharedPassage>> {
    let families = find_families(texts, recipe, watch)?.families;
    let mut tokens = Tokens::new();
    let mut shared: Vec<SharedPassage> = families
        .into_iter()
        .filter(|family| family.documents == 2)
        .map(|family| {
            let representative = family.representative();
            let text = &documents[representative.doc.index()].text;
            tokens.read(text.get(representative.bytes.clone()).unwrap_or_default());
            let identities = family.occurrences.iter().map(|occurrence| occurrence.identity);
            SharedPassage {
                words: tokens.words(),
                identity: identities.fold(1.0, f64::min),
                places: Side::BOTH.map(|side| {
                    let here = |occurrence: &&crate::passages::Occurrence| {
                        occurrence.doc == DocId(side as u32)
                    };
                    let found = family.occurrences.iter().filter(here);
                    found.map(|occurrence| occurrence.bytes.clone()).collect()
                }),
            }
        })
        .collect();
    shared.sort_by_key(|passage| passage.places[0].first().map(|bytes| (bytes.start, bytes.end)));
    Ok(shared)
}

#[cfg(test)]
mod tests;
