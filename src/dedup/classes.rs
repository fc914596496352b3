//! Documents that are told apart by nothing that matters.
//!
//! Same texts collapse before anything is compared, so that a hundred
//! thousand copies of one article are one text. Where only some pairs count,
//! a class holds documents of one source (and one moment), so that what
//! counts for one of its documents counts for all.

use std::collections::HashMap;

use crate::document::Date;
use crate::hash::Hash128;
use crate::matching::ShingleSet;
use crate::matching::mask::Places;
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
    texts: Vec<ShingleSet>,
    /// Where the shingles of each text stand in it.
    places: Vec<Places>,
    /// For each document its class; `NONE` for a text without words.
    class_of: Vec<u32>,
}

/// Stands for "no class".
pub(super) const NONE: u32 = u32::MAX;

impl Classes {
    pub(super) fn new(recipe: &Recipe) -> Self {
        Self {
            by_source: recipe.sources != Sources::Any,
            by_date: recipe.window_seconds.is_some(),
            numbers: HashMap::new(),
            texts: Vec::new(),
            places: Vec::new(),
            class_of: Vec::new(),
        }
    }

    /// Adds the next document; only the first of a class brings its text.
    pub(super) fn add(&mut self, article: &Article, text: ShingleSet, places: Places) {
        if article.wordless {
            self.class_of.push(NONE);
            return;
        }
        let key = Key {
            same_hash: article.same_hash,
            source: article.source.filter(|_| self.by_source),
            time: time(article.date).filter(|_| self.by_date),
        };
        let class = *self.numbers.entry(key).or_insert_with(|| {
            self.texts.push(text);
            self.places.push(places);
            self.texts.len() as u32 - 1
        });
        self.class_of.push(class);
    }

    /// Sorts every class's documents and the classes by the keep order, and
    /// parts them from their texts.
    pub(super) fn in_keep_order(self, order: &KeepOrder<'_>) -> (Ranked, Texts) {
        let Self { mut texts, mut places, class_of, .. } = self;
        let mut documents: Vec<Vec<u32>> = vec![Vec::new(); texts.len()];
        for (document, class) in (0u32..).zip(&class_of) {
            if *class != NONE {
                documents[*class as usize].push(document);
            }
        }
        let (ranked, classes) = Ranked::new(documents, order);
        let take = |class: &u32| std::mem::take(&mut texts[*class as usize]);
        let sets = classes.iter().map(take).collect();
        let take = |class: &u32| std::mem::take(&mut places[*class as usize]);
        let places = classes.iter().map(take).collect();
        (ranked, Texts { sets, places })
    }
}

fn time(date: Date) -> Option<i64> {
    date.timestamp().map(|t| t.0)
}

/// The texts of classes, in keep order.
pub(super) struct Texts {
    pub(super) sets: Vec<ShingleSet>,
    pub(super) places: Vec<Places>,
}

/// Classes in keep order.
pub(super) struct Ranked {
    /// For each class its documents, the one to be kept rather than the
    /// others first; never empty.
    documents: Vec<Vec<u32>>,
}

impl Ranked {
    /// Sorts the documents of each class, and the classes, by the keep order;
    /// also which of `documents` each class was. No class is empty.
    pub(super) fn new(mut documents: Vec<Vec<u32>>, order: &KeepOrder<'_>) -> (Self, Vec<u32>) {
        for members in &mut documents {
            members.sort_unstable_by(|a, b| order.compare(*a, *b));
        }
        let mut classes: Vec<u32> = (0..documents.len() as u32).collect();
        classes.sort_unstable_by(|a, b| {
            order.compare(documents[*a as usize][0], documents[*b as usize][0])
        });
        let take = |class: &u32| std::mem::take(&mut documents[*class as usize]);
        (Self { documents: classes.iter().map(take).collect() }, classes)
    }

    /// The document that stands for a class.
    pub(super) fn head(&self, class: u32) -> u32 {
        self.documents[class as usize][0]
    }

    /// How many classes there are.
    pub(super) fn len(&self) -> usize {
        self.documents.len()
    }

    /// How many documents a class has.
    pub(super) fn size(&self, class: u32) -> u32 {
        self.documents[class as usize].len() as u32
    }

    /// The document of a class that comes first in the input.
    pub(super) fn first(&self, class: u32) -> u32 {
        let documents = &self.documents[class as usize];
        documents.iter().copied().min().expect("a class has documents")
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
