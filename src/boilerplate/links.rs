//! Which passages a copy shares with the article that is kept instead.
//!
//! Copies are not looked at when families are found. A copy shares a passage
//! with its keeper if at least half of the runs of words that make the
//! keeper's occurrence are found in the copy.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::document::DocId;
use crate::passages::{TokenText, TokenTexts};
use crate::{Result, dedup};

use super::Outcome;

/// The texts of copies, kept until families are known.
#[derive(Default)]
pub(super) struct Copies {
    docs: Vec<DocId>,
    texts: TokenTexts,
}

/// For each copy that shares any with its keeper, the positions of the
/// families, ascending.
pub type SharedFamilies = HashMap<DocId, Vec<u32>>;

impl Copies {
    pub(super) fn push(&mut self, doc: DocId, text: &TokenText) -> Result<()> {
        self.texts.push(text)?;
        self.docs.push(doc);
        Ok(())
    }

    /// Compares every copy with the occurrences in its keeper.
    pub(super) fn links(&self, outcome: &Outcome) -> SharedFamilies {
        let run = outcome.recipe.passages.seed_words as usize;
        let mut shared = SharedFamilies::new();
        let mut runs: HashSet<&[u32]> = HashSet::new();
        for (at, &doc) in (0u32..).map(DocId).zip(&self.docs) {
            let Some(dedup::Dropped { keeper, .. }) = outcome.articles.dropped[doc.index()] else {
                continue;
            };
            let mut positions = outcome.positions_in(keeper).peekable();
            if positions.peek().is_none() {
                continue;
            }
            let all: Range<u32> = 0..self.texts.token_count(at) as u32;
            runs.clear();
            runs.extend(self.texts.codes(at, &all).windows(run));
            let mut families: Vec<u32> = positions
                .filter(|&(family, place)| {
                    let occurrence = &outcome.families[family as usize].occurrences[place as usize];
                    let codes = outcome.texts.codes(keeper, &occurrence.tokens).windows(run);
                    let (all, found) =
                        (codes.len(), codes.filter(|run| runs.contains(run)).count());
                    2 * found >= all.max(1)
                })
                .map(|(family, _)| family)
                .collect();
            families.sort_unstable();
            families.dedup();
            if !families.is_empty() {
                shared.insert(doc, families);
            }
        }
        shared
    }
}
