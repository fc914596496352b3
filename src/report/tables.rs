//! The tables of an outcome, one row a struct.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Serialize;

use crate::boilerplate::SharedFamilies;
use crate::dedup::pairs::Pairs;
use crate::dedup::{Article, BoilerplateQuote, Outcome};
use crate::document::DocId;
use crate::hash::Hash128;
use crate::recipe::Relation;

use super::{Stretch, iso};

/// A row of `removed.jsonl`: a dropped document, and what it was dropped for.
#[derive(Debug, Serialize)]
pub struct RemovedRow<'a> {
    /// The dropped document's id.
    pub id: Cow<'a, str>,
    /// Its file, as it is named in `removed/`.
    pub file: &'a str,
    /// The line of the input file on which its record begins, from 1.
    pub line: u64,
    /// Where its record begins in the input file's unpacked bytes.
    pub offset: u64,
    /// The length of its record, line terminator included.
    pub bytes: u64,
    /// The hash of its record's bytes.
    pub hash: Hash128,
    /// The id of the document that stays instead.
    pub keeper: Cow<'a, str>,
    /// The keeper's file, as it is named in `kept/`.
    pub keeper_file: &'a str,
    /// The line of the input file on which the keeper's record begins.
    pub keeper_line: u64,
    /// The hash of the keeper's record.
    pub keeper_hash: Hash128,
    /// How the dropped document relates to its keeper.
    pub relation: Relation,
    /// Their Jaccard similarity. This and the next two decided: they are
    /// measured without the boilerplate that was masked.
    pub jaccard: f64,
    /// How much of the dropped document is in its keeper.
    pub containment: f64,
    /// How much of the keeper is in the dropped document.
    pub keeper_containment: f64,
    /// The Jaccard similarity of the texts as they are.
    pub plain_jaccard: f64,
    /// How much of the dropped document as it is is in its keeper.
    pub plain_containment: f64,
    /// How much of the keeper as it is is in the dropped document.
    pub plain_keeper_containment: f64,
    /// The number of their cluster.
    pub cluster: u32,
    /// The boilerplate both of them have, as numbers in `boilerplate.jsonl`.
    pub boilerplate: Vec<u32>,
    /// The repeated passages both of them have, as numbers of families in
    /// `families.jsonl`; `None` where they were not looked for.
    pub passages: Option<Vec<u32>>,
}

/// A row of `clusters.jsonl`.
#[derive(Debug, Serialize)]
pub struct ClusterRow<'a> {
    /// The cluster's number, from 1.
    pub cluster: u32,
    /// The id of the document that stays.
    pub keeper: Cow<'a, str>,
    /// The ids of all its documents, the keeper's among them, in input order.
    pub members: Vec<Cow<'a, str>>,
    /// How many they are; 2 or more.
    pub size: usize,
    /// The lowest Jaccard similarity of a dropped document with the keeper.
    pub lowest_jaccard: f64,
    /// The names of their sources, sorted.
    pub sources: Vec<&'a str>,
    /// The earliest date among them, ISO 8601 in UTC.
    pub first_date: Option<String>,
    /// The latest date among them, ISO 8601 in UTC.
    pub last_date: Option<String>,
}

/// A row of `related.jsonl`: two documents that both stay.
#[derive(Debug, Serialize)]
pub struct RelatedRow<'a> {
    /// The id of the document that comes first in the input.
    pub id: Cow<'a, str>,
    /// Its file.
    pub file: &'a str,
    /// Its line.
    pub line: u64,
    /// The hash of its record.
    pub hash: Hash128,
    /// The id of the other document.
    pub other: Cow<'a, str>,
    /// The other's file.
    pub other_file: &'a str,
    /// The other's line.
    pub other_line: u64,
    /// The hash of the other's record.
    pub other_hash: Hash128,
    /// What they are to each other.
    pub relation: Relation,
    /// Their Jaccard similarity. This and the next two decided: they are
    /// measured without the boilerplate that was masked.
    pub jaccard: f64,
    /// How much of the first is in the other.
    pub containment: f64,
    /// How much of the other is in the first.
    pub other_containment: f64,
    /// The Jaccard similarity of the texts as they are.
    pub plain_jaccard: f64,
    /// How much of the first as it is is in the other.
    pub plain_containment: f64,
    /// How much of the other as it is is in the first.
    pub plain_other_containment: f64,
}

/// A row of `connected.jsonl`: a document that a chain of copies joins to others.
#[derive(Debug, Serialize)]
pub struct ConnectedRow<'a> {
    /// The document's id.
    pub id: Cow<'a, str>,
    /// Its file.
    pub file: &'a str,
    /// Its line.
    pub line: u64,
    /// The hash of its record.
    pub hash: Hash128,
    /// The number of its connected component, from 1.
    pub cluster: u32,
}

/// A row of `boilerplate.jsonl`: a passage that was masked before articles
/// were compared.
#[derive(Debug, Serialize)]
pub struct BoilerplateRow<'a> {
    /// Its number, from 1.
    pub boilerplate: u32,
    /// How many documents have at least half of it.
    pub documents: u32,
    /// Its length in words in the example; characters of unspaced scripts
    /// count for less.
    pub words: u64,
    /// The example's text.
    pub text: &'a str,
    /// The id of the example: a document that has as much of it as any.
    pub id: Cow<'a, str>,
    /// The example's file.
    pub file: &'a str,
    /// The line its record begins on, from 1.
    pub line: u64,
    /// Where it stands there.
    #[serde(flatten)]
    pub stretch: Stretch,
}

/// A row of `bad.jsonl`: a record that could not be used.
#[derive(Debug, Serialize)]
pub struct BadRow<'a> {
    /// Its file, as it is named in `bad/`.
    pub file: &'a str,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Where it begins in the input file's unpacked bytes.
    pub offset: u64,
    /// Its length; 0 if it is the file itself that could not be read on.
    pub bytes: u64,
    /// What is wrong with it.
    pub cause: &'a str,
}

/// An outcome with the names of its files, ready to be told.
pub struct Tables<'a> {
    outcome: &'a Outcome,
    files: &'a [String],
    passages: Option<&'a SharedFamilies>,
}

impl<'a> Tables<'a> {
    /// `files` are the names of the input files, by number.
    pub fn new(outcome: &'a Outcome, files: &'a [String]) -> Self {
        Self { outcome, files, passages: None }
    }

    /// Names the passages that a dropped document shares with its keeper, as
    /// numbers of families.
    pub fn with_passages(self, passages: &'a SharedFamilies) -> Self {
        Self { passages: Some(passages), ..self }
    }

    /// The numbers of what stands at these positions.
    fn numbers(positions: impl Iterator<Item = u32>) -> Vec<u32> {
        positions.map(|position| position + 1).collect()
    }

    fn article(&self, doc: DocId) -> &'a Article {
        &self.outcome.articles[doc.index()]
    }

    fn file(&self, doc: DocId) -> &'a str {
        &self.files[self.article(doc).place.file as usize]
    }

    /// A document's id; `file:line` where its record has none.
    pub fn id(&self, doc: DocId) -> Cow<'a, str> {
        let article = self.article(doc);
        match &article.id {
            Some(id) => Cow::Borrowed(id),
            None => Cow::Owned(format!("{}:{}", self.file(doc), article.place.line)),
        }
    }

    /// The dropped documents, in input order.
    pub fn removed(&self) -> impl Iterator<Item = RemovedRow<'a>> + '_ {
        (0u32..).map(DocId).zip(&self.outcome.dropped).filter_map(|(doc, dropped)| {
            let dropped = dropped.as_ref()?;
            let (article, keeper) = (self.article(doc), self.article(dropped.keeper));
            Some(RemovedRow {
                id: self.id(doc),
                file: self.file(doc),
                line: article.place.line,
                offset: article.place.offset,
                bytes: article.place.bytes,
                hash: article.record_hash,
                keeper: self.id(dropped.keeper),
                keeper_file: self.file(dropped.keeper),
                keeper_line: keeper.place.line,
                keeper_hash: keeper.record_hash,
                relation: dropped.relation,
                jaccard: dropped.similarity.jaccard(),
                containment: dropped.similarity.containment(),
                keeper_containment: dropped.similarity.right_containment(),
                plain_jaccard: dropped.plain.jaccard(),
                plain_containment: dropped.plain.containment(),
                plain_keeper_containment: dropped.plain.right_containment(),
                cluster: dropped.cluster,
                boilerplate: Self::numbers(self.outcome.boilerplate.shared(doc, dropped.keeper)),
                passages: self.passages.map(|passages| {
                    Self::numbers(passages.get(&doc).into_iter().flatten().copied())
                }),
            })
        })
    }

    /// The clusters, by number.
    pub fn clusters(&self) -> impl Iterator<Item = ClusterRow<'a>> + '_ {
        (1u32..).zip(&self.outcome.clusters).map(|(number, cluster)| {
            let dates = self.outcome.cluster_dates(cluster);
            ClusterRow {
                cluster: number,
                keeper: self.id(cluster.keeper),
                members: cluster.members.iter().map(|doc| self.id(*doc)).collect(),
                size: cluster.members.len(),
                lowest_jaccard: cluster.lowest_jaccard,
                sources: self.outcome.cluster_sources(cluster),
                first_date: dates.and_then(|(first, _)| iso(first)),
                last_date: dates.and_then(|(_, last)| iso(last)),
            }
        })
    }

    /// The related pairs of kept documents, in input order.
    pub fn related(&self) -> impl Iterator<Item = RelatedRow<'a>> + '_ {
        self.outcome.related.iter().map(|pair| {
            let (article, other) = (self.article(pair.document), self.article(pair.other));
            RelatedRow {
                id: self.id(pair.document),
                file: self.file(pair.document),
                line: article.place.line,
                hash: article.record_hash,
                other: self.id(pair.other),
                other_file: self.file(pair.other),
                other_line: other.place.line,
                other_hash: other.record_hash,
                relation: pair.relation,
                jaccard: pair.similarity.jaccard(),
                containment: pair.similarity.containment(),
                other_containment: pair.similarity.right_containment(),
                plain_jaccard: pair.plain.jaccard(),
                plain_containment: pair.plain.containment(),
                plain_other_containment: pair.plain.right_containment(),
            }
        })
    }

    /// The documents that chains of `pairs` join to others, in input order.
    pub fn connected(&self, pairs: &Pairs) -> impl Iterator<Item = ConnectedRow<'a>> + '_ {
        let mut numbers = HashMap::new();
        pairs.connected(&self.outcome.recipe).into_iter().map(move |(document, first)| {
            let next = numbers.len() as u32 + 1;
            let article = self.article(document);
            ConnectedRow {
                id: self.id(document),
                file: self.file(document),
                line: article.place.line,
                hash: article.record_hash,
                cluster: *numbers.entry(first).or_insert(next),
            }
        })
    }

    /// The boilerplate that was masked, by number, with what was quoted of it.
    pub fn boilerplate<'b>(
        &'b self,
        quotes: &'b [BoilerplateQuote],
    ) -> impl Iterator<Item = BoilerplateRow<'b>> + 'b {
        let passages = self.outcome.boilerplate.passages.iter();
        (1u32..).zip(passages.zip(quotes)).map(|(number, (passage, quote))| BoilerplateRow {
            boilerplate: number,
            documents: passage.documents,
            words: quote.words,
            text: &quote.text,
            id: self.id(passage.example),
            file: self.file(passage.example),
            line: self.article(passage.example).place.line,
            stretch: Stretch::new(&quote.chars, &quote.bytes),
        })
    }
}
