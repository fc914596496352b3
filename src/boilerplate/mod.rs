//! Finds repeated passages: a whole run as a function over documents, no
//! files, no printing.
//!
//! ```text
//! Document -add, batch-> Prepared -take-> Search -finish-> Outcome
//! Document ----------------quote(Outcome)-------------> Quotes
//! ```
//!
//! Whole articles that are copies of one another are found first, and of each
//! group only the one that would be kept is looked at: what six papers printed
//! of one report is six copies of an article, not boilerplate. Texts are gone
//! once they are prepared; what is shown of them is taken from a second
//! reading.

mod links;
mod outcome;
mod quote;
mod recipe;
mod strip;

use std::borrow::Cow;

use crate::dedup::{self, Dedup};
use crate::document::{DocId, Document};
use crate::memory::Memory;
use crate::passages::{TokenTexts, find_families};
use crate::recipe::Sources;
use crate::sketch::Kernel;
use crate::watch::Watch;
use crate::{Error, Result};

pub use links::SharedFamilies;
pub use outcome::{FamilyFacts, Outcome, Standing, Stands};
pub use quote::{DocumentQuotes, EditQuote, OccurrenceQuote, Quotes};
pub use recipe::BoilerplateRecipe;
pub use strip::{DocumentCuts, Reason, Strip, TextCut};

/// Documents made ready for comparing, one after the other.
pub struct Prepared {
    articles: dedup::Prepared,
    texts: TokenTexts,
}

/// Prepares documents; one per thread.
#[derive(Default)]
pub struct Scratch {
    articles: dedup::Scratch,
    texts: TokenTexts,
}

impl Scratch {
    /// Folds a document's text.
    ///
    /// # Panics
    /// Above 2^32 tokens in a batch.
    pub fn add(&mut self, recipe: &BoilerplateRecipe, document: Document<'_>) {
        let text = document.text;
        let borrowed = Document { text: Cow::Borrowed(&*text), ..document };
        self.articles.add(&recipe.copies, borrowed);
        let pushed = self.texts.push(&text, self.articles.tokens());
        pushed.expect("a batch has fewer tokens than 32 bits can count");
    }

    /// The documents that were added since the last batch.
    pub fn batch(&mut self) -> Prepared {
        Prepared { articles: self.articles.batch(), texts: self.texts.take() }
    }
}

/// Collects a corpus and finds its repeated passages.
pub struct Search {
    recipe: BoilerplateRecipe,
    articles: Dedup,
    /// Batch by batch.
    texts: Vec<TokenTexts>,
    links_copies: bool,
}

impl Search {
    /// A run without documents.
    pub fn new(recipe: BoilerplateRecipe) -> Self {
        Self::in_memory(recipe, Memory::unlimited())
    }

    /// A run without documents whose articles are compared in as much as
    /// `memory` allows; the outcome does not depend on it.
    pub fn in_memory(recipe: BoilerplateRecipe, memory: Memory) -> Self {
        Self {
            articles: Dedup::in_memory(recipe.copies.clone(), memory),
            texts: Vec::new(),
            links_copies: false,
            recipe,
        }
    }

    /// Tells of each copy which families it shares with its keeper, too; its
    /// tokens are kept for that.
    pub fn with_links(self) -> Self {
        Self { links_copies: true, ..self }
    }

    /// Takes the next documents of the input.
    ///
    /// # Errors
    /// [`Error::TooMany`] above [`dedup::DOCUMENTS_MAX`].
    pub fn take(&mut self, prepared: Prepared) -> Result<()> {
        self.articles.take(prepared.articles)?;
        self.texts.push(prepared.texts);
        Ok(())
    }

    /// Finds the passages that are told again in the documents taken.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if `watch` says so; [`Error::Usage`] if families
    /// are restricted by source and no document has one; [`Error::TooMany`] if there
    /// are more tokens than passages can number.
    pub fn finish(self, kernel: Kernel, watch: &dyn Watch) -> Result<Outcome> {
        let Self { recipe, articles, texts, links_copies } = self;
        // Who asks for links tells of articles, too.
        let articles = if links_copies { articles } else { articles.without_related() };
        let articles = articles.finish(kernel, watch)?;
        let by_source = recipe.sources != Sources::Any || recipe.min_sources > 0;
        if by_source && articles.sources.is_empty() && !articles.articles.is_empty() {
            return Err(Error::Usage(
                "families are restricted by source, but no document has one; \
                 name the field with --source-field"
                    .to_owned(),
            ));
        }
        let mut copies = links::Copies::default();
        let is_dropped = |doc: DocId| articles.dropped[doc.index()].is_some();
        if links_copies {
            copies.add(&texts, is_dropped);
        }
        let texts = TokenTexts::concat(texts, |doc| recipe.include_copies || !is_dropped(doc))?;
        let found = find_families(&texts, &recipe.passages, watch)?;
        let mut outcome = Outcome::new(recipe, articles, texts, found);
        outcome.shared_with_keeper = copies.links(&outcome);
        Ok(outcome)
    }
}
