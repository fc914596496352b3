//! Which passages a copy shares with the article that is kept instead.
//!
//! Copies are not looked at when families are found. A copy shares a passage
//! with its keeper if at least half of the runs of words that make the
//! keeper's occurrence are found in the copy.

use std::collections::{HashMap, HashSet};

use crate::dedup;
use crate::document::DocId;
use crate::passages::TokenTexts;

use super::Outcome;

/// The words of copies, kept until families are known.
#[derive(Default)]
pub(super) struct Copies(Vec<(DocId, Box<[u32]>)>);

/// For each copy that shares any with its keeper, the positions of the
/// families, ascending.
pub type SharedFamilies = HashMap<DocId, Vec<u32>>;

impl Copies {
    /// Keeps those of a corpus in parts.
    pub(super) fn add(&mut self, parts: &[TokenTexts], is_copy: impl Fn(DocId) -> bool) {
        let all =
            parts.iter().flat_map(|part| (0..part.len() as u32).map(move |doc| (part, DocId(doc))));
        for (doc, (part, at)) in (0..).map(DocId).zip(all).filter(|(doc, _)| is_copy(*doc)) {
            let tokens = 0..part.token_count(at) as u32;
            self.0.push((doc, part.codes(at, &tokens).into()));
        }
    }

    /// Compares every copy with the occurrences in its keeper.
    pub(super) fn links(&self, outcome: &Outcome) -> SharedFamilies {
        let run = outcome.recipe.passages.seed_words as usize;
        let mut shared = SharedFamilies::new();
        let mut runs: HashSet<&[u32]> = HashSet::new();
        for (doc, words) in &self.0 {
            let Some(dedup::Dropped { keeper, .. }) = outcome.articles.dropped[doc.index()] else {
                continue;
            };
            let mut positions = outcome.positions_in(keeper).peekable();
            if positions.peek().is_none() {
                continue;
            }
            runs.clear();
            runs.extend(words.windows(run));
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
                shared.insert(*doc, families);
            }
        }
        shared
    }
}
