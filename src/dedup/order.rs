//! The keep policy as a total order of articles.

use std::cmp::{Ordering, Reverse};

use crate::recipe::Keep;

use super::article::Article;

/// Compares articles by how much a user would rather keep them.
pub(super) struct KeepOrder<'a> {
    articles: &'a [Article],
    keep: &'a Keep,
    /// For each source, its place in the list of preferred ones.
    source_places: Vec<usize>,
}

impl<'a> KeepOrder<'a> {
    pub(super) fn new(keep: &'a Keep, articles: &'a [Article], sources: &[String]) -> Self {
        let source_places = match keep {
            Keep::Source(preferred) => sources.iter().map(|name| place(preferred, name)).collect(),
            _ => Vec::new(),
        };
        Self { articles, keep, source_places }
    }

    /// `Less` if article `a` is to be kept rather than article `b`.
    ///
    /// Ties go to the longer text, then to content, then to id; two articles
    /// that are still equal are the same record, told apart by their place.
    pub(super) fn compare(&self, a: u32, b: u32) -> Ordering {
        let (x, y) = (&self.articles[a as usize], &self.articles[b as usize]);
        let by_policy = match self.keep {
            Keep::First => a.cmp(&b),
            Keep::Longest => Ordering::Equal,
            Keep::Earliest => earliest(x).cmp(&earliest(y)),
            Keep::Latest => latest(x).cmp(&latest(y)),
            Keep::Source(_) => self.source_place(x).cmp(&self.source_place(y)),
        };
        by_policy
            .then_with(|| length(y).cmp(&length(x)))
            .then_with(|| x.text_hash.cmp(&y.text_hash))
            .then_with(|| x.id.cmp(&y.id))
            .then_with(|| x.record_hash.cmp(&y.record_hash))
            .then_with(|| a.cmp(&b))
    }

    fn source_place(&self, article: &Article) -> usize {
        article.source.map_or(usize::MAX, |source| self.source_places[source as usize])
    }
}

/// A source's place among the preferred ones; the last if it is not there.
fn place(preferred: &[String], name: &str) -> usize {
    preferred.iter().position(|source| source == name).unwrap_or(usize::MAX)
}

fn length(article: &Article) -> (u32, u32) {
    (article.words, article.text_bytes)
}

fn earliest(article: &Article) -> (bool, Option<i64>) {
    let time = article.date.timestamp().map(|t| t.0);
    (time.is_none(), time)
}

fn latest(article: &Article) -> (bool, Reverse<Option<i64>>) {
    let time = article.date.timestamp().map(|t| t.0);
    (time.is_none(), Reverse(time))
}
