//! What is shown of the documents' texts, taken from a second reading.

use std::ops::Range;

use crate::document::{DocId, Document};
use crate::passages::{Edit, Family, Occurrence, edits};
use crate::text::Tokens;

use super::Outcome;

/// What is quoted of one occurrence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OccurrenceQuote {
    /// Where it stands in the document's text, in characters (code points).
    pub chars: Range<usize>,
    /// What differs from the representative, in order; empty if they agree in
    /// every word.
    pub edits: Vec<EditQuote>,
}

/// Words of the representative, and what stands for them in an occurrence.
/// One of the two may be empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EditQuote {
    /// Bytes of the representative's text.
    pub representative: Range<usize>,
    /// The words of the occurrence.
    pub here: String,
}

/// What is quoted of one document.
pub struct DocumentQuotes {
    /// For each of its occurrences, in order of the families.
    occurrences: Vec<((u32, u32), OccurrenceQuote)>,
    /// The families it has the representative of, with its text.
    representatives: Vec<(u32, Representative)>,
}

/// A family's representative text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Representative {
    text: String,
    words: u64,
}

impl Outcome {
    /// Quotes the occurrences in a document, which must be the one that was
    /// compared as `doc`; of any other, nothing sensible is quoted.
    pub fn quote(&self, doc: DocId, document: &Document<'_>) -> DocumentQuotes {
        let text = &*document.text;
        let mut quotes = DocumentQuotes { occurrences: Vec::new(), representatives: Vec::new() };
        // Characters are counted from one occurrence's start to the next.
        let mut by_place: Vec<(u32, u32)> = self.positions_in(doc).collect();
        let occurrence = |(family, at): (u32, u32)| -> (&Family, &Occurrence) {
            let family = &self.families[family as usize];
            (family, &family.occurrences[at as usize])
        };
        by_place.sort_unstable_by_key(|position| occurrence(*position).1.bytes.start);
        let (mut counted, mut chars) = (0, 0);
        for position in by_place {
            let (family, found) = occurrence(position);
            chars += count_chars(text, counted..found.bytes.start);
            counted = found.bytes.start;
            let length = count_chars(text, found.bytes.clone());
            let quote = OccurrenceQuote {
                chars: chars..chars + length,
                edits: self.quote_edits(family, found, text),
            };
            quotes.occurrences.push((position, quote));
            if position.1 as usize == family.representative {
                let text = text.get(found.bytes.clone()).unwrap_or_default().to_owned();
                let mut tokens = Tokens::new();
                tokens.read(&text);
                let words = tokens.words();
                quotes.representatives.push((position.0, Representative { text, words }));
            }
        }
        quotes
    }

    fn quote_edits(&self, family: &Family, found: &Occurrence, text: &str) -> Vec<EditQuote> {
        let representative = family.representative();
        let codes = |of: &Occurrence| self.texts.codes(of.doc, &of.tokens);
        let bytes = |of: &Occurrence, tokens: &Range<u32>| match tokens.is_empty() {
            true => None,
            false => {
                let first = of.tokens.start;
                Some(self.texts.bytes(of.doc, &(first + tokens.start..first + tokens.end)))
            }
        };
        let mut end = 0;
        edits(codes(representative), codes(found))
            .into_iter()
            .map(|Edit { a, b }| {
                let start = representative.bytes.start;
                let words = bytes(representative, &a)
                    .map(|bytes| bytes.start - start..bytes.end - start)
                    .unwrap_or_else(|| {
                        // Before the word that follows, or at the end.
                        let next = (a.start < representative.tokens.len() as u32)
                            .then(|| bytes(representative, &(a.start..a.start + 1)))
                            .flatten()
                            .map_or(representative.bytes.end, |bytes| bytes.start);
                        next - start..next - start
                    });
                // Words made of one character can share its bytes.
                let words = words.start.max(end)..words.end.max(end);
                end = words.end;
                let here = bytes(found, &b).and_then(|bytes| text.get(bytes)).unwrap_or_default();
                EditQuote { representative: words, here: here.to_owned() }
            })
            .collect()
    }
}

fn count_chars(text: &str, bytes: Range<usize>) -> usize {
    text.get(bytes).map_or(0, |text| text.chars().count())
}

/// What is quoted of all documents.
#[derive(Debug, Default)]
pub struct Quotes {
    representatives: Vec<Representative>,
    occurrences: Vec<Vec<OccurrenceQuote>>,
}

impl Quotes {
    /// No quotes yet for the families of this outcome.
    pub fn new(outcome: &Outcome) -> Self {
        let families = &outcome.families;
        Self {
            representatives: vec![Representative::default(); families.len()],
            occurrences: families
                .iter()
                .map(|family| vec![OccurrenceQuote::default(); family.occurrences.len()])
                .collect(),
        }
    }

    /// Takes what was quoted of a document, in any order.
    pub fn take(&mut self, quotes: DocumentQuotes) {
        for ((family, at), quote) in quotes.occurrences {
            self.occurrences[family as usize][at as usize] = quote;
        }
        for (family, representative) in quotes.representatives {
            self.representatives[family as usize] = representative;
        }
    }

    /// The text of the representative of a family, by the family's position.
    pub fn text(&self, family: usize) -> &str {
        &self.representatives[family].text
    }

    /// Its length in words; characters of unspaced scripts count for less.
    pub fn words(&self, family: usize) -> u64 {
        self.representatives[family].words
    }

    /// What is quoted of a family's occurrences, in their order.
    pub fn occurrences(&self, family: usize) -> &[OccurrenceQuote] {
        &self.occurrences[family]
    }

    /// The words of the representative that an edit replaces.
    pub fn replaced(&self, family: usize, edit: &EditQuote) -> &str {
        self.text(family).get(edit.representative.clone()).unwrap_or_default()
    }
}
