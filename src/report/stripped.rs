//! What was stripped, and what was left, one row a struct.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::boilerplate::{DocumentCuts, Reason, TextCut};
use crate::hash::Hash128;

use super::families::{FamilyTables, Stretch};
use super::words::{grouped, percent, plural, size};

/// A row of `stripped.jsonl`: a stretch that was cut out of a record's text.
#[derive(Debug, Serialize)]
pub struct StrippedRow<'a> {
    /// The record's file, as it is named in `kept/` and `removed/`.
    pub file: &'a str,
    /// The line of the input file on which the record begins, from 1.
    pub line: u64,
    /// The document's id.
    pub id: Cow<'a, str>,
    /// The hash of the record's bytes as it was read.
    pub hash: Hash128,
    /// The numbers of the families the stretch belongs to.
    pub families: Vec<u32>,
    /// What was cut out of the text as it was read, white space included.
    #[serde(flatten)]
    pub stretch: Stretch,
    /// Where its bytes began in the input file, unpacked.
    pub offset: u64,
    /// How many bytes of the file they are.
    pub bytes: u64,
}

/// A row of `left.jsonl`: an occurrence of which nothing was stripped.
#[derive(Debug, Serialize)]
pub struct LeftRow<'a> {
    /// The number of its family.
    pub family: u32,
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
    /// Why it was left.
    pub reason: Reason,
}

/// What was stripped, in numbers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StripSummary {
    /// Whether one occurrence of each family was to stay.
    pub keep_one: bool,
    /// Documents with something cut out.
    pub documents: u64,
    /// Stretches cut out.
    pub cuts: u64,
    /// Their bytes, unpacked.
    pub bytes: u64,
    /// Their tokens.
    pub tokens: u64,
    /// Occurrences that were cut out whole.
    pub occurrences: u64,
    /// Occurrences of which a part was cut out, because they begin or end
    /// within a sentence or overlap with one that stays.
    pub occurrences_shrunk: u64,
    /// Occurrences of which nothing was cut out, by reason.
    pub occurrences_left: BTreeMap<Reason, u64>,
    /// Documents left as they are because they would have no words.
    pub documents_only_text: u64,
}

impl StripSummary {
    /// Sums up what was cut out of all documents; `bytes` in the files.
    pub fn new(keep_one: bool, documents: &[DocumentCuts], bytes: u64) -> Self {
        let mut sum = Self { keep_one, bytes, ..Self::default() };
        for document in documents {
            sum.documents += u64::from(!document.cuts.is_empty());
            sum.cuts += document.cuts.len() as u64;
            sum.tokens += document.tokens;
            sum.occurrences += document.whole;
            sum.occurrences_shrunk += document.shrunk;
            for (_, _, reason) in &document.left {
                *sum.occurrences_left.entry(*reason).or_default() += 1;
            }
            let is_only_text = document.left.iter().any(|left| left.2 == Reason::OnlyText);
            sum.documents_only_text += u64::from(is_only_text);
        }
        sum
    }

    /// Lines for a person, each a number and what it counts; `tokens` are those
    /// that were looked at.
    pub(super) fn lines(&self, tokens: u64) -> Vec<(u64, String)> {
        let stripped = self.occurrences + self.occurrences_shrunk;
        let of_text = percent(self.tokens as f64 / tokens.max(1) as f64);
        let shrunk = match self.occurrences_shrunk {
            0 => String::new(),
            shrunk => format!(", {} of them in part: whole sentences only", grouped(shrunk)),
        };
        let noun = if stripped == 1 { "occurrence" } else { "occurrences" };
        let mut lines = vec![(
            stripped,
            match stripped {
                0 => "occurrences stripped".to_owned(),
                _ => format!(
                    "{noun} stripped from {} ({}, {of_text} of the text){shrunk}",
                    plural(self.documents, "article"),
                    size(self.bytes),
                ),
            },
        )];
        let left = |reason| self.occurrences_left.get(&reason).copied().unwrap_or_default();
        let reasons = [
            (Reason::Kept, "kept as the one of its passage"),
            (Reason::NoSentence, "left, with no whole sentence"),
            (Reason::OnlyText, "left in articles that would have no words, see left.jsonl"),
        ];
        lines.extend(
            reasons
                .into_iter()
                .filter(|(reason, _)| left(*reason) > 0)
                .map(|(reason, words)| (left(reason), words.to_owned())),
        );
        lines
    }
}

impl<'a> FamilyTables<'a> {
    /// The stretches that were cut out of all documents, in input order;
    /// `places` are where their bytes were in the files, as offset and length,
    /// in the same order.
    pub fn stripped<'s>(
        &'s self,
        documents: &'s [DocumentCuts],
        places: impl Iterator<Item = (u64, u64)> + 's,
    ) -> impl Iterator<Item = StrippedRow<'a>> + 's {
        let cuts = documents.iter().flat_map(|of| of.cuts.iter().map(move |cut| (of.doc, cut)));
        cuts.zip(places).map(|((doc, TextCut { families, chars, bytes }), place)| {
            let (file, line) = self.file_and_line(doc);
            StrippedRow {
                file,
                line,
                id: self.id(doc),
                hash: self.record_hash(doc),
                families: families.iter().map(|family| family + 1).collect(),
                stretch: Stretch {
                    start: chars.start,
                    end: chars.end,
                    start_byte: bytes.start,
                    end_byte: bytes.end,
                },
                offset: place.0,
                bytes: place.1,
            }
        })
    }

    /// The occurrences of which nothing was cut out, in input order.
    pub fn left<'s>(
        &'s self,
        documents: &'s [DocumentCuts],
    ) -> impl Iterator<Item = LeftRow<'a>> + 's {
        let left = documents.iter().flat_map(|of| of.left.iter().map(move |left| (of.doc, left)));
        left.map(|(doc, &(family, at, reason))| {
            let (file, line) = self.file_and_line(doc);
            LeftRow {
                family: family + 1,
                id: self.id(doc),
                file,
                line,
                hash: self.record_hash(doc),
                stretch: self.stretch(family as usize, at as usize),
                reason,
            }
        })
    }
}
