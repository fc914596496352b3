//! Documents that are told apart by nothing that matters.
//!
//! Same texts collapse before anything is compared, so that a hundred
//! thousand copies of one article are one text. Where only some pairs count,
//! a class holds documents of one source (and one moment), so that what
//! counts for one of its documents counts for all.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::Result;
use crate::document::Date;
use crate::hash::Hash128;
use crate::matching::{ShingledTexts, Texts};
use crate::memory::Memory;
use crate::recipe::{Recipe, Sources};

use super::article::{Article, anchoring};
use super::order::KeepOrder;

/// Classes as they are collected, in input order.
pub(super) struct Classes {
    by_source: bool,
    by_date: bool,
    /// By what the documents of a class have in common, as a hash.
    numbers: HashMap<[u64; 2], u32>,
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
            texts: Texts::new(anchoring(recipe), memory),
            class_of: Vec::new(),
        }
    }

    /// Adds the next document. True if it is the first of a class, and its text the
    /// next of those that are [pushed](Self::push).
    pub(super) fn add(&mut self, article: &Article) -> bool {
        if article.wordless {
            self.class_of.push(NONE);
            return false;
        }
        let source = article.source.filter(|_| self.by_source);
        let time = time(article.date).filter(|_| self.by_date);
        let Hash128(hash) = match (source, time) {
            (None, None) => article.same_hash,
            _ => Hash128::of(format!("{} {source:?} {time:?}", article.same_hash.0).as_bytes()),
        };
        let key = [hash as u64, (hash >> 64) as u64];
        let next = self.numbers.len() as u32;
        let class = *self.numbers.entry(key).or_insert(next);
        self.class_of.push(class);
        class == next
    }

    /// Adds the wanted texts of documents that were added.
    ///
    /// # Errors
    /// If there is neither memory nor room outside it.
    pub(super) fn push(&mut self, texts: ShingledTexts, wanted: &[bool]) -> Result<()> {
        self.texts.push(texts, wanted)
    }

    /// Sorts every class's documents and the classes by the keep order, and
    /// parts them from their texts.
    ///
    /// # Errors
    /// If there is neither memory for the last texts nor room outside it.
    pub(super) fn in_keep_order(self, order: &KeepOrder<'_>) -> Result<(Ranked, Texts)> {
        let Self { mut texts, class_of, numbers, .. } = self;
        drop(numbers);
        texts.settle()?;
        let mut starts = vec![0u32; texts.len() as usize + 1];
        for class in class_of.iter().filter(|class| **class != NONE) {
            starts[*class as usize + 1] += 1;
        }
        for class in 1..starts.len() {
            starts[class] += starts[class - 1];
        }
        let mut documents = vec![0u32; starts.last().map_or(0, |end| *end as usize)];
        let mut next = starts.clone();
        for (document, class) in (0u32..).zip(&class_of) {
            if *class != NONE {
                documents[next[*class as usize] as usize] = document;
                next[*class as usize] += 1;
            }
        }
        let (ranked, classes) = Ranked::new(Members { starts, documents }, order);
        texts.reorder(&classes);
        Ok((ranked, texts))
    }
}

fn time(date: Date) -> Option<i64> {
    date.timestamp().map(|t| t.0)
}

/// The documents of classes, in any order; no class is empty.
pub(super) struct Members {
    /// Where those of each class begin, and the end of the last.
    pub(super) starts: Vec<u32>,
    /// One class after the other.
    pub(super) documents: Vec<u32>,
}

/// Classes in keep order.
pub(super) struct Ranked {
    /// Where the documents of each class begin, and the end of the last.
    starts: Vec<u32>,
    /// The documents of all classes, one class after the other; of each class
    /// the one to be kept rather than the others first.
    documents: Vec<u32>,
}

impl Ranked {
    /// Sorts the documents of each class, and the classes, by the keep order;
    /// also which of `members` each class was.
    pub(super) fn new(members: Members, order: &KeepOrder<'_>) -> (Self, Vec<u32>) {
        let Members { starts, mut documents } = members;
        let range =
            |class: u32| starts[class as usize] as usize..starts[class as usize + 1] as usize;
        let mut classes: Vec<u32> = (0..starts.len() as u32 - 1).collect();
        for class in &classes {
            documents[range(*class)].sort_unstable_by(|a, b| order.compare(*a, *b));
        }
        let head = |class: u32| documents[starts[class as usize] as usize];
        classes.par_sort_unstable_by(|a, b| order.compare(head(*a), head(*b)));
        let mut ranked = Self { starts: vec![0], documents: Vec::with_capacity(documents.len()) };
        for class in &classes {
            ranked.documents.extend_from_slice(&documents[range(*class)]);
            ranked.starts.push(ranked.documents.len() as u32);
        }
        (ranked, classes)
    }

    /// The document that stands for a class.
    pub(super) fn head(&self, class: u32) -> u32 {
        self.documents(class)[0]
    }

    /// How many classes there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many documents a class has.
    pub(super) fn size(&self, class: u32) -> u32 {
        self.documents(class).len() as u32
    }

    /// The document of a class that comes first in the input.
    pub(super) fn first(&self, class: u32) -> u32 {
        self.documents(class).iter().copied().min().expect("a class has documents")
    }

    /// The documents of a class, in keep order; never none.
    pub(super) fn documents(&self, class: u32) -> &[u32] {
        let [start, end] = [class, class + 1].map(|at| self.starts[at as usize] as usize);
        &self.documents[start..end]
    }

    /// The documents of each class, classes and documents in keep order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.len() as u32).map(|class| self.documents(class))
    }

    /// What decides whether a pair of classes counts under a recipe.
    pub(super) fn pairs(&self, recipe: &Recipe, articles: &[Article]) -> Pairs {
        let head = |class: &[u32]| &articles[class[0] as usize];
        let all_count = recipe.sources == Sources::Any && recipe.window_seconds.is_none();
        let known = if all_count { 0 } else { usize::MAX };
        Pairs {
            sources: recipe.sources,
            window: recipe.window_seconds,
            known: self.iter().take(known).map(head).map(|a| (a.source, time(a.date))).collect(),
        }
    }
}

/// Which pairs of classes count. What a document does not tell (its source,
/// its date) never makes a pair count.
pub(super) struct Pairs {
    sources: Sources,
    window: Option<u64>,
    /// For each class the source and the time of its documents; none if all
    /// pairs count.
    known: Vec<(Option<u32>, Option<i64>)>,
}

impl Pairs {
    pub(super) fn count(&self, a: u32, b: u32) -> bool {
        if self.known.is_empty() {
            return true;
        }
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
