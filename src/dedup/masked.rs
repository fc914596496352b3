//! The boilerplate that was masked, brought back from texts to documents.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::document::{DocId, Document};
use crate::matching::Texts;
use crate::matching::mask::Passages;

use crate::recipe::Recipe;
use crate::text::{Tokens, shingle_tokens};

use super::classes::Ranked;
use super::pairs::Pairs;

/// A passage that was masked: it stands in many documents, each time beside
/// text that only that document has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoilerplatePassage {
    /// How many documents have at least half of it.
    pub documents: u32,
    /// A document that has as much of it as any.
    pub example: DocId,
    /// Where it stands there: the shingles from its first to its last, by
    /// their numbers in the text. [`crate::text::shingle_tokens`] has the
    /// tokens.
    pub shingles: Range<u32>,
}

/// The text of a boilerplate passage, as its example has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoilerplateQuote {
    /// The text.
    pub text: String,
    /// Its length in words; characters of unspaced scripts count for less.
    pub words: u64,
    /// Where it stands in the example's text, in bytes.
    pub bytes: Range<usize>,
    /// Where it stands there in characters (code points).
    pub chars: Range<usize>,
}

impl BoilerplatePassage {
    /// Quotes the passage from its example, which must be the document that
    /// was compared; of any other, nothing sensible is quoted.
    pub fn quote(&self, recipe: &Recipe, example: &Document<'_>) -> BoilerplateQuote {
        let text = &*example.text;
        let mut tokens = Tokens::new();
        tokens.read(text);
        let shingles = self.shingles.start as usize..self.shingles.end as usize;
        let range = shingle_tokens(&tokens, recipe.shingle_words, shingles);
        if range.is_empty() {
            return BoilerplateQuote::default();
        }
        let bytes = tokens.span(range.start).start..tokens.span(range.end - 1).end;
        let chars = |bytes: Range<usize>| text.get(bytes).map_or(0, |text| text.chars().count());
        let start = chars(0..bytes.start);
        let quoted = text.get(bytes.clone()).unwrap_or_default().to_owned();
        tokens.read(&quoted);
        BoilerplateQuote {
            words: tokens.words(),
            chars: start..start + chars(bytes.clone()),
            text: quoted,
            bytes,
        }
    }
}

/// The boilerplate of a corpus. A passage's number, as users see it, is its
/// position from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Boilerplate {
    /// The passages, the one in most documents first.
    pub passages: Vec<BoilerplatePassage>,
    /// How many documents were compared without their boilerplate.
    pub documents_masked: u64,
    /// Documents that have passages, ascending, and where in `sets` theirs are.
    of_documents: Vec<(DocId, u32)>,
    /// The positions of the passages of each text that has some, ascending.
    sets: Vec<Box<[u32]>>,
}

impl Boilerplate {
    pub(super) fn new(passages: Passages, texts: &Texts, classes: &Ranked) -> Self {
        let Passages { list, of_texts } = passages;
        let passages = list
            .into_iter()
            .map(|passage| BoilerplatePassage {
                documents: passage.documents,
                example: DocId(classes.first(passage.example)),
                shingles: passage.shingles,
            })
            .collect();
        let (mut of_documents, mut sets) = (Vec::new(), Vec::new());
        for (set, (text, passages)) in (0u32..).zip(of_texts) {
            of_documents.extend(classes.documents(text).iter().map(|doc| (DocId(*doc), set)));
            sets.push(passages);
        }
        of_documents.sort_unstable();
        let documents_masked = (0u32..)
            .zip(classes.iter())
            .filter(|(class, _)| texts.hidden_size(*class) > 0)
            .map(|(_, documents)| documents.len() as u64)
            .sum();
        Self { passages, documents_masked, of_documents, sets }
    }

    /// The boilerplate of an earlier run: it does not depend on who stays.
    pub(super) fn again(pairs: &Pairs) -> Self {
        let (mut of_documents, mut sets) = (Vec::new(), Vec::new());
        for text in pairs.texts.iter().filter(|text| !text.boilerplate.is_empty()) {
            let set = sets.len() as u32;
            of_documents.extend(text.documents.iter().map(|doc| (DocId(*doc), set)));
            sets.push(text.boilerplate.as_slice().into());
        }
        of_documents.sort_unstable();
        let passages = pairs.boilerplate.clone();
        Self { passages, documents_masked: pairs.documents_masked, of_documents, sets }
    }

    /// The positions of the passages of which a document has at least half,
    /// ascending.
    pub fn of(&self, doc: DocId) -> &[u32] {
        let found = self.of_documents.binary_search_by_key(&doc, |(doc, _)| *doc);
        found.map_or(&[], |at| &self.sets[self.of_documents[at].1 as usize])
    }

    /// The positions of the passages of which both documents have at least
    /// half, ascending.
    pub fn shared(&self, a: DocId, b: DocId) -> impl Iterator<Item = u32> + '_ {
        let of_b = self.of(b);
        self.of(a).iter().copied().filter(|passage| of_b.binary_search(passage).is_ok())
    }
}
