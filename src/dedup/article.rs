//! What is kept of a document once its text is gone.

use std::collections::{HashMap, HashSet};

use crate::document::{Date, Document, Place};
use crate::hash::Hash128;
use crate::matching::sorter::Sorter;
use crate::matching::{Rules, ShingleSet, ShingledTexts};
use crate::recipe::{Mask, Recipe};
use crate::text::anchors::{Anchoring, Anchors};
use crate::text::{self, Tokens};

/// A document without its text.
#[derive(Clone, Debug)]
pub struct Article {
    /// The record's own id; `None` where it has none.
    pub id: Option<Box<str>>,
    /// Its source, as an index into the outcome's list of sources.
    pub source: Option<u32>,
    /// Its date.
    pub date: Date,
    /// Where the record stands.
    pub place: Place,
    /// The hash of the record's bytes.
    pub record_hash: Hash128,
    /// The hash of the text's bytes: equal for identical texts.
    pub text_hash: Hash128,
    /// The hash of the normalised text: equal for same texts.
    pub same_hash: Hash128,
    /// The length of the text in bytes.
    pub text_bytes: u32,
    /// The length of the text in words; characters of unspaced scripts count
    /// for less than a word.
    pub words: u32,
    /// The different numbers in the text, as hashes, ascending.
    pub numbers: Box<[u32]>,
    /// True if the text has no token: it then matches nothing.
    pub wordless: bool,
}

impl Article {
    /// What a document says of itself, its text not folded: as long as nothing is
    /// known of that, it is the same as another if it is identical.
    pub(super) fn unfolded(document: &Document<'_>) -> Self {
        let text_hash = Hash128::of(document.text.as_bytes());
        Self {
            id: None,
            source: None,
            date: document.date,
            place: document.place,
            record_hash: document.record_hash,
            text_hash,
            same_hash: text_hash,
            text_bytes: u32::try_from(document.text.len()).unwrap_or(u32::MAX),
            words: 0,
            numbers: Box::default(),
            wordless: false,
        }
    }

    /// How many bytes are held for a document, all told: its record, and its
    /// entries in the tables of ids and classes.
    pub(super) fn bytes(&self) -> usize {
        let id = self.id.as_deref().map_or(0, |id| id.len() + ALLOCATION + ID_ENTRY);
        let numbers = size_of_val(&*self.numbers) + ALLOCATION;
        size_of::<Self>() + id + numbers + CLASS_ENTRY
    }
}

/// What an allocation costs beside its bytes, about.
const ALLOCATION: usize = 12;

/// An entry of a hash table of which a third is empty: 16 bytes of an id and one
/// for the table.
const ID_ENTRY: usize = 17 * 3 / 2;

/// The same for a hash and a number, and the class of the document.
const CLASS_ENTRY: usize = 25 * 3 / 2 + 4;

/// Documents made ready for comparing, one after the other.
#[derive(Default)]
pub struct Prepared {
    pub(super) documents: Vec<PreparedDocument>,
    pub(super) texts: ShingledTexts,
}

/// One of them; its text is the next of [`Prepared::texts`].
pub(super) struct PreparedDocument {
    pub(super) article: Article,
    pub(super) source: Option<String>,
    pub(super) id: Option<Box<str>>,
}

impl Prepared {
    /// What is compared of each document: distinct shingles, ascending.
    pub fn sets(&self) -> impl Iterator<Item = ShingleSet> + '_ {
        let mut sorter = Sorter::default();
        self.texts.iter().map(move |shingles| {
            let mut shingles = shingles.to_vec();
            let len = sorter.sort(&mut shingles);
            shingles.truncate(len);
            shingles.into()
        })
    }
}

/// Prepares documents; one per thread. Its memory is used again and again.
#[derive(Default)]
pub struct Scratch {
    tokens: Tokens,
    shingles: Vec<u64>,
    anchors: Anchors,
    room: Vec<u32>,
    numbers: Vec<u32>,
    documents: Vec<PreparedDocument>,
    texts: ShingledTexts,
}

impl Scratch {
    /// The tokens of the document that was prepared last.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Folds a document's text and cuts it into shingles.
    pub fn add(&mut self, recipe: &Recipe, document: Document<'_>) {
        let Self { tokens, shingles, anchors, room, numbers, documents, texts } = self;
        tokens.read(&document.text);
        let words = u32::try_from(tokens.words()).unwrap_or(u32::MAX);
        let same_hash = tokens.same_text_hash();
        if words < recipe.min_words {
            // One shingle of its own, so that it is compared by equality only.
            texts.push(&[same_hash.0 as u64], &Anchors::default(), 0);
        } else {
            match recipe.shingle_chars {
                Some(chars) => text::char_shingles(&text::fold(&document.text), chars, shingles),
                None => text::shingles(tokens, recipe.shingle_words, shingles),
            }
            anchors.read(anchoring(recipe), shingles, room);
            let run_min = recipe.mask.map_or(0, |mask| run_min(recipe, mask, tokens));
            texts.push(shingles, anchors, run_min);
        }
        numbers.clear();
        numbers.extend(tokens.numbers());
        numbers.sort_unstable();
        numbers.dedup();
        let article = Article {
            same_hash,
            words,
            numbers: numbers.as_slice().into(),
            wordless: tokens.is_empty(),
            ..Article::unfolded(&document)
        };
        documents.push(PreparedDocument {
            article,
            source: document.source.map(|source| source.into_owned()),
            id: document.id.map(|id| id.into_owned().into_boxed_str()),
        });
    }

    /// The documents that were added since the last batch.
    pub fn batch(&mut self) -> Prepared {
        let room = self.documents.len();
        let documents = std::mem::replace(&mut self.documents, Vec::with_capacity(room));
        Prepared { documents, texts: self.texts.take() }
    }
}

/// Prepares a single document.
pub fn prepare(recipe: &Recipe, scratch: &mut Scratch, document: Document<'_>) -> Prepared {
    scratch.add(recipe, document);
    scratch.batch()
}

/// How anchors are chosen that find what a recipe looks for.
pub(super) fn anchoring(recipe: &Recipe) -> Anchoring {
    let containment = Rules::new(recipe).drop_floors().containment;
    containment.map_or(Anchoring::LONG, Anchoring::for_containment)
}

/// How many shingles in a row have the words of the shortest passage: more
/// where tokens are shorter than words.
fn run_min(recipe: &Recipe, mask: Mask, tokens: &Tokens) -> u32 {
    let shingles = u64::from(mask.min_words + 1 - recipe.shingle_words);
    let run_min = (shingles * tokens.len() as u64).div_ceil(tokens.words().max(1));
    u32::try_from(run_min).unwrap_or(u32::MAX)
}

/// The ids that were met.
#[derive(Default)]
pub(super) struct Ids {
    met: HashSet<Hash128>,
    /// Documents whose id had been met before.
    pub(super) repeated: u64,
}

impl Ids {
    /// Counts an id and hands it back.
    pub(super) fn add(&mut self, id: Option<Box<str>>) -> Option<Box<str>> {
        if let Some(id) = &id
            && !self.met.insert(Hash128::of(id.as_bytes()))
        {
            self.repeated += 1;
        }
        id
    }
}

/// The sources that were met, numbered in order of appearance.
#[derive(Default)]
pub(super) struct Sources {
    numbers: HashMap<String, u32>,
}

impl Sources {
    /// The number of a source.
    pub(super) fn number(&mut self, name: String) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(name).or_insert(next)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The names by number.
    pub(super) fn into_names(self) -> Vec<String> {
        let mut numbered: Vec<(String, u32)> = self.numbers.into_iter().collect();
        numbered.sort_unstable_by_key(|(_, number)| *number);
        numbered.into_iter().map(|(name, _)| name).collect()
    }
}
