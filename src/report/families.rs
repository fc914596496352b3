//! The tables of repeated passages, one row a struct.

use std::borrow::Cow;
use std::ops::Range;

use serde::Serialize;

use crate::boilerplate::{Outcome, Quotes, Standing, Stands};
use crate::document::DocId;
use crate::hash::Hash128;
use crate::passages::Occurrence;

use super::iso;

/// Where a passage stands in a document's text. Characters are Unicode code
/// points; both ranges count from 0 and end before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// The first character.
    pub start: usize,
    /// The character behind the last one.
    pub end: usize,
    /// The first byte, in UTF-8.
    pub start_byte: usize,
    /// The byte behind the last one.
    pub end_byte: usize,
}

impl Stretch {
    pub(super) fn new(chars: &Range<usize>, bytes: &Range<usize>) -> Self {
        Self { start: chars.start, end: chars.end, start_byte: bytes.start, end_byte: bytes.end }
    }
}

/// A row of `families.jsonl`.
#[derive(Debug, Serialize)]
pub struct FamilyRow<'a> {
    /// The family's number, from 1.
    pub family: u32,
    /// The number of the cluster of copies that the representative's document
    /// is in, if any; only where `clusters.jsonl` is written too.
    pub cluster: Option<u32>,
    /// In how many documents it is told.
    pub documents: u32,
    /// How often it is told.
    pub occurrences: usize,
    /// How many more documents are copies of these, and were not looked at.
    pub copies: u64,
    /// The names of the sources of its documents, sorted.
    pub sources: Vec<&'a str>,
    /// The earliest date of its documents, ISO 8601 in UTC.
    pub first_date: Option<String>,
    /// The latest date of its documents, ISO 8601 in UTC.
    pub last_date: Option<String>,
    /// The representative's length in words; characters of unspaced scripts
    /// count for less.
    pub words: u64,
    /// The representative's text.
    pub text: &'a str,
    /// The id of the representative's document.
    pub id: Cow<'a, str>,
    /// Its file.
    pub file: &'a str,
    /// The line its record begins on, from 1.
    pub line: u64,
    /// Where the representative stands in it.
    #[serde(flatten)]
    pub stretch: Stretch,
    /// Where in its articles the passage usually stands.
    pub stands: Stands,
    /// In how many occurrences it stands where.
    pub standing: Standing,
    /// The lowest identity of an occurrence with the representative.
    pub lowest_identity: f64,
    /// The median of these identities, the representative's own left out.
    pub median_identity: f64,
}

/// A row of `occurrences.jsonl`.
#[derive(Debug, Serialize)]
pub struct OccurrenceRow<'a> {
    /// The number of its family.
    pub family: u32,
    /// The number of the cluster of copies that the document is in, if any;
    /// only where `clusters.jsonl` is written too.
    pub cluster: Option<u32>,
    /// The document's id.
    pub id: Cow<'a, str>,
    /// Its file.
    pub file: &'a str,
    /// The line its record begins on, from 1.
    pub line: u64,
    /// The hash of its record's bytes.
    pub hash: Hash128,
    /// Where the occurrence stands in the document's text.
    #[serde(flatten)]
    pub stretch: Stretch,
    /// The words in which it agrees with the representative, over the words of
    /// the longer one.
    pub identity: f64,
    /// Whether the others were compared with this one.
    pub representative: bool,
    /// What differs from the representative, in order.
    pub edits: Vec<EditRow<'a>>,
    /// The ids of the documents that are copies of this one, and were not
    /// looked at.
    pub copies: Vec<Cow<'a, str>>,
}

/// What differs at one place. One of the two may be empty.
#[derive(Debug, Serialize)]
pub struct EditRow<'a> {
    /// The words of the representative.
    pub representative: &'a str,
    /// The words that stand for them in the occurrence.
    pub here: &'a str,
}

/// A range of the member `repeated` that is added to a record.
#[derive(Debug, Serialize)]
struct Repeated {
    family: u32,
    #[serde(flatten)]
    stretch: Stretch,
}

/// Families with the names of their files and what is quoted of them, ready to
/// be told.
pub struct FamilyTables<'a> {
    outcome: &'a Outcome,
    quotes: &'a Quotes,
    files: &'a [String],
    names_clusters: bool,
}

impl<'a> FamilyTables<'a> {
    /// `files` are the names of the input files, by number.
    pub fn new(outcome: &'a Outcome, quotes: &'a Quotes, files: &'a [String]) -> Self {
        Self { outcome, quotes, files, names_clusters: false }
    }

    /// Names the clusters of the documents.
    pub fn with_clusters(self) -> Self {
        Self { names_clusters: true, ..self }
    }

    fn cluster(&self, doc: DocId) -> Option<u32> {
        self.outcome.articles.cluster_of(doc).filter(|_| self.names_clusters)
    }

    pub(super) fn file_and_line(&self, doc: DocId) -> (&'a str, u64) {
        let place = self.outcome.articles.articles[doc.index()].place;
        (&self.files[place.file as usize], place.line)
    }

    /// A document's id; `file:line` where its record has none.
    pub fn id(&self, doc: DocId) -> Cow<'a, str> {
        match &self.outcome.articles.articles[doc.index()].id {
            Some(id) => Cow::Borrowed(id),
            None => {
                let (file, line) = self.file_and_line(doc);
                Cow::Owned(format!("{file}:{line}"))
            }
        }
    }

    pub(super) fn record_hash(&self, doc: DocId) -> Hash128 {
        self.outcome.articles.articles[doc.index()].record_hash
    }

    pub(super) fn stretch(&self, family: usize, at: usize) -> Stretch {
        let bytes = &self.outcome.families[family].occurrences[at].bytes;
        let chars = &self.quotes.occurrences(family)[at].chars;
        Stretch::new(chars, bytes)
    }

    /// The families, by number.
    pub fn families(&self) -> impl Iterator<Item = FamilyRow<'a>> + '_ {
        (1u32..).zip(self.outcome.families.iter().enumerate()).map(|(number, (index, family))| {
            let facts = self.outcome.facts(family);
            let doc = family.representative().doc;
            let (file, line) = self.file_and_line(doc);
            FamilyRow {
                family: number,
                cluster: self.cluster(doc),
                documents: family.documents,
                occurrences: family.occurrences.len(),
                copies: facts.copies,
                sources: facts.sources,
                first_date: facts.dates.and_then(|(first, _)| iso(first)),
                last_date: facts.dates.and_then(|(_, last)| iso(last)),
                words: self.quotes.words(index),
                text: self.quotes.text(index),
                id: self.id(doc),
                file,
                line,
                stretch: self.stretch(index, family.representative),
                stands: facts.standing.usual(),
                standing: facts.standing,
                lowest_identity: facts.lowest_identity,
                median_identity: facts.median_identity,
            }
        })
    }

    /// The occurrences, family by family, in input order.
    pub fn occurrences(&self) -> impl Iterator<Item = OccurrenceRow<'a>> + '_ {
        self.outcome.families.iter().enumerate().flat_map(move |(index, family)| {
            family.occurrences.iter().enumerate().map(move |(at, occurrence)| {
                self.occurrence(index, at, occurrence, at == family.representative)
            })
        })
    }

    fn occurrence(
        &self,
        index: usize,
        at: usize,
        occurrence: &Occurrence,
        representative: bool,
    ) -> OccurrenceRow<'a> {
        let quotes = self.quotes;
        let (file, line) = self.file_and_line(occurrence.doc);
        let edits = &quotes.occurrences(index)[at].edits;
        OccurrenceRow {
            family: index as u32 + 1,
            cluster: self.cluster(occurrence.doc),
            id: self.id(occurrence.doc),
            file,
            line,
            hash: self.record_hash(occurrence.doc),
            stretch: self.stretch(index, at),
            identity: occurrence.identity,
            representative,
            edits: edits
                .iter()
                .map(|edit| EditRow {
                    representative: quotes.replaced(index, edit),
                    here: &edit.here,
                })
                .collect(),
            copies: self.outcome.copies_of(occurrence.doc).map(|doc| self.id(doc)).collect(),
        }
    }

    /// The JSON member `repeated` of a document's record: its occurrences in
    /// order of their places; `null` if the document was not looked at because
    /// it is a copy.
    pub fn repeated_member(&self, doc: DocId) -> String {
        let mut ranges: Vec<Repeated> = self
            .outcome
            .positions_in(doc)
            .map(|(family, at)| Repeated {
                family: family + 1,
                stretch: self.stretch(family as usize, at as usize),
            })
            .collect();
        ranges.sort_by_key(|range| (range.stretch.start, range.stretch.end, range.family));
        let ranges = self.outcome.is_counted(doc).then_some(ranges);
        let json = serde_json::to_string(&ranges).expect("ranges are numbers");
        format!("\"repeated\":{json}")
    }
}
