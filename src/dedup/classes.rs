//! Documents that are told apart by nothing that matters.
//!
//! Same texts collapse before anything is compared, so that a hundred
//! thousand copies of one article are one text. Where only some pairs count,
//! a class holds documents of one source (and one moment), so that what
//! counts for one of its documents counts for all.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::Result;
use crate::document::Date;
use crate::hash::Hash128;
use crate::matching::Texts;
use crate::matching::mask::Places;
use crate::memory::Memory;
use crate::recipe::{Recipe, Sources};

use super::article::Article;
use super::order::KeepOrder;

/// What the documents of a class have in common.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    same_hash: Hash128,
    /// Set where pairs are restricted by source.
    source: Option<u32>,
    /// Set where pairs are restricted by date.
    time: Option<i64>,
}

/// Classes as they are collected, in input order.
pub(super) struct Classes {
    by_source: bool,
    by_date: bool,
    numbers: HashMap<Key, u32>,
    texts: Texts,
    /// For each document its class; `NONE` for a text without words.
    class_of: Vec<u32>,
}

/// Stands for "no class".
pub(super) const NONE: u32 = u32::MAX;

impl Classes {
    pub(super) fn new(recipe: &Recipe, memory: Memory) -> Self {
        Self {
            by_source: recipe.sources != Sources::Any,
            by_date: recipe.window_seconds.is_some(),
            numbers: HashMap::new(),
            texts: Texts::new(memory),
            class_of: Vec::new(),
        }
    }

    /// Adds the next document; only the first of a class brings its text.
    pub(super) fn add(
        &mut self,
        article: &Article,
        text: &[u64],
        places: &Places,
    ) -> Result<()> {
        if article.wordless {
            self.class_of.push(NONE);
            return Ok(());
        }
        let key = Key {
            same_hash: article.same_hash,
            source: article.source.filter(|_| self.by_source),
            time: time(article.date).filter(|_| self.by_date),
        };
        let class = match self.numbers.entry(key) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let class = *new.insert(self.texts.len());
                self.texts.push(text, places)?;
                class
            }
        };
        self.class_of.push(class);
        Ok(())
    }

    /// Sorts every class's documents and the classes by the keep order, and
    /// parts them from their texts.
    ///
    /// # Errors
    /// If there is neither memory for the last texts nor room outside it.
    pub(super) fn in_keep_order(self, order: &KeepOrder<'_>) -> Result<(Ranked, Texts)> {
        let Self { mut texts, class_of, .. } = self;
        let mut documents: Vec<Vec<u32>> = vec![Vec::new(); texts.len() as usize];
        for (document, class) in (0u32..).zip(&class_of) {
            if *class != NONE {
                documents[*class as usize].push(document);
            }
        }
        for members in &mut documents {
            members.sort_unstable_by(|a, b| order.compare(*a, *b));
        }
        let mut ranked: Vec<u32> = (0..texts.len()).collect();
        ranked.sort_unstable_by(|a, b| {
            order.compare(documents[*a as usize][0], documents[*b as usize][0])
        });
        texts.settle()?;
        texts.reorder(&ranked);
        let take = |class: &u32| std::mem::take(&mut documents[*class as usize]);
        Ok((Ranked { documents: ranked.iter().map(take).collect() }, texts))
    }
}

fn time(date: Date) -> Option<i64> {
    date.timestamp().map(|t| t.0)
}

/// Classes in keep order.
pub(super) struct Ranked {
    /// For each class its documents, the one to be kept rather than the
    /// others first; never empty.
    documents: Vec<Vec<u32>>,
}

impl Ranked {
    /// The document that stands for a class.
    pub(super) fn head(&self, class: u32) -> u32 {
        self.documents[class as usize][0]
    }

    /// How many documents a class has.
    pub(super) fn size(&self, class: u32) -> u32 {
        self.documents[class as usize].len() as u32
    }

    /// The documents of a class, in keep order.
    pub(super) fn documents(&self, class: u32) -> &[u32] {
        &self.documents[class as usize]
    }

    /// The documents of each class, classes and documents in keep order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.documents.iter().map(Vec::as_slice)
    }

    /// What decides whether a pair of classes counts under a recipe.
    pub(super) fn pairs(&self, recipe: &Recipe, articles: &[Article]) -> Pairs {
        let head = |class: &Vec<u32>| &articles[class[0] as usize];
        Pairs {
            sources: recipe.sources,
            window: recipe.window_seconds,
            known: self.documents.iter().map(head).map(|a| (a.source, time(a.date))).collect(),
        }
    }
}

/// Which pairs of classes count. What a document does not tell (its source,
/// its date) never makes a pair count.
pub(super) struct Pairs {
    sources: Sources,
    window: Option<u64>,
    /// For each class the source and the time of its documents.
    known: Vec<(Option<u32>, Option<i64>)>,
}

impl Pairs {
    pub(super) fn count(&self, a: u32, b: u32) -> bool {
        let (source_a, time_a) = self.known[a as usize];
        let (source_b, time_b) = self.known[b as usize];
        let source_counts = match (self.sources, source_a, source_b) {
            (Sources::Any, _, _) => true,
            (Sources::Within, Some(a), Some(b)) => a == b,
            (Sources::Across, Some(a), Some(b)) => a != b,
            (_, None, _) | (_, _, None) => false,
        };
        source_counts
            && match (self.window, time_a, time_b) {
                (None, _, _) => true,
                (Some(window), Some(a), Some(b)) => a.abs_diff(b) <= window,
                (Some(_), None, _) | (Some(_), _, None) => false,
            }
    }
}
