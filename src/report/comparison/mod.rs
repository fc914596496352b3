//! Two documents compared, told to people and programs.

mod columns;
mod word_diff;

use std::fmt::Write;
use std::ops::Range;

use serde::Serialize;

use crate::compare::{Alignment, Comparison, SharedPassage, Side, Verdict};
use crate::document::Document;
use crate::hash::Hash128;
use crate::passages::PassageRecipe;
use crate::recipe::{Recipe, Relation};
use crate::visible::visible;

use super::families::Stretch;
use super::iso;
use super::listing::{excerpt, isolated};
use super::paint::Paint;
use super::words::{grouped, percent, plural};

/// How many equal words are shown beside a difference.
const CONTEXT_WORDS: usize = 8;

/// Fewer equal words than this between two differences are shown rather than
/// counted: counting them takes about as much room.
const ELIDED_WORDS_MIN: usize = 8;

/// How many shared passages are shown; more are only counted.
const PASSAGES_SHOWN_MAX: usize = 10;

/// Two documents compared, with what is needed to tell of it.
pub struct Compared<'a> {
    /// What was found.
    pub comparison: &'a Comparison<'a>,
    /// The documents.
    pub documents: [&'a Document<'a>; 2],
    /// The names of their files.
    pub files: [&'a str; 2],
    /// The recipe that says what is related.
    pub recipe: &'a Recipe,
    /// The recipe that says what is a shared passage.
    pub passages: &'a PassageRecipe,
}

/// How the texts are shown.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// One text with its differences, or both beside each other.
    pub layout: Layout,
    /// Whether long equal stretches are shown too.
    pub full: bool,
    /// Whether in colours.
    pub paint: Paint,
}

/// One text with its differences, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// The words of A, `[-words of A alone-]` and `{+words of B alone+}`.
    Diff,
    /// Both texts side by side, so many terminal columns wide.
    Columns(usize),
}

/// Everything that is to be said of two documents, as one object.
#[derive(Debug, Serialize)]
pub struct ComparisonRow<'a> {
    /// The program: `twicetold`.
    pub program: &'static str,
    /// Its version.
    pub version: &'static str,
    /// What decided the relation.
    pub recipe: &'a Recipe,
    /// The hash of that recipe.
    pub fingerprint: Hash128,
    /// What decided which passages are shared.
    pub passage_recipe: &'a PassageRecipe,
    /// The first document.
    pub a: ComparedArticle<'a>,
    /// The second document.
    pub b: ComparedArticle<'a>,
    /// Their Jaccard similarity; null, like the other figures, if one of them
    /// has no word.
    pub jaccard: Option<f64>,
    /// How much of A is in B.
    pub containment: Option<f64>,
    /// How much of B is in A.
    pub other_containment: Option<f64>,
    /// What they are to each other; null if they are not related.
    pub relation: Option<Relation>,
    /// Which of them would be dropped; null if both would stay.
    pub dropped: Option<Side>,
    /// The passages that both tell.
    pub passages: Vec<SharedPassageRow>,
    /// The texts side by side: put together, the stretches are the whole texts.
    pub alignment: Vec<AlignedRow<'a>>,
}

/// One of two documents compared.
#[derive(Debug, Serialize)]
pub struct ComparedArticle<'a> {
    /// Its id; `file:line` where its record has none.
    pub id: String,
    /// Its file.
    pub file: &'a str,
    /// The line its record begins on, from 1.
    pub line: u64,
    /// The hash of its record's bytes.
    pub hash: Hash128,
    /// Its source.
    pub source: Option<&'a str>,
    /// Its date, ISO 8601 in UTC.
    pub date: Option<String>,
    /// The length of its text in words.
    pub words: u32,
}

/// A passage that both documents tell.
#[derive(Debug, Serialize)]
pub struct SharedPassageRow {
    /// Its length in words.
    pub words: u64,
    /// The lowest share of words in which its occurrences agree.
    pub identity: f64,
    /// Where it stands in A.
    pub a: Vec<Stretch>,
    /// Where it stands in B.
    pub b: Vec<Stretch>,
}

/// A stretch of both texts.
#[derive(Debug, Serialize)]
pub struct AlignedRow<'a> {
    /// Whether both are the same after folding.
    pub same: bool,
    /// What A says there.
    pub a: AlignedText<'a>,
    /// What B says there.
    pub b: AlignedText<'a>,
}

/// A stretch of one text.
#[derive(Debug, Serialize)]
pub struct AlignedText<'a> {
    /// Where it stands.
    #[serde(flatten)]
    pub stretch: Stretch,
    /// What is written there.
    pub text: &'a str,
}

impl<'a> Compared<'a> {
    /// All of it as one object.
    pub fn row(&self) -> ComparisonRow<'a> {
        let Self { comparison, recipe, passages, .. } = *self;
        let similarity = comparison.similarity;
        let (relation, dropped) = match comparison.verdict {
            Verdict::Unrelated => (None, None),
            Verdict::Related(relation) => (Some(relation), None),
            Verdict::Dropped { relation, side } => (Some(relation), Some(side)),
        };
        ComparisonRow {
            program: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            recipe,
            fingerprint: recipe.fingerprint(),
            passage_recipe: passages,
            a: self.article(Side::A),
            b: self.article(Side::B),
            jaccard: similarity.map(|s| s.jaccard()),
            containment: similarity.map(|s| s.containment()),
            other_containment: similarity.map(|s| s.right_containment()),
            relation,
            dropped,
            passages: comparison.passages.iter().map(|passage| self.passage(passage)).collect(),
            alignment: self.alignment(),
        }
    }

    /// All of it as a person likes to read it.
    pub fn text(&self, look: Look) -> String {
        format!("{}\n{}", self.facts(), self.texts(look))
    }

    /// Who they are and their texts, without a word on what they are to each
    /// other: for somebody who is to say that.
    pub fn unjudged(&self, look: Look) -> String {
        format!("{}\n{}", self.who(), self.texts(look))
    }

    fn texts(&self, look: Look) -> String {
        let alignment = &self.comparison.alignment;
        match look.layout {
            Layout::Diff => word_diff::word_diff(alignment, look.full, look.paint),
            Layout::Columns(width) => {
                let texts = self.documents.map(|document| &*document.text);
                columns::columns(alignment, texts, width, look.full, look.paint)
            }
        }
    }

    /// One of them.
    pub fn article(&self, side: Side) -> ComparedArticle<'a> {
        let (document, file) = (self.documents[side as usize], self.files[side as usize]);
        let line = document.place.line;
        ComparedArticle {
            id: document.id.as_deref().map_or_else(|| format!("{file}:{line}"), str::to_owned),
            file,
            line,
            hash: document.record_hash,
            source: document.source.as_deref(),
            date: document.date.timestamp().and_then(iso),
            words: self.comparison.articles[side as usize].words,
        }
    }

    fn passage(&self, passage: &SharedPassage) -> SharedPassageRow {
        let [a, b] = Side::BOTH.map(|side| {
            let mut chars = Chars::new(&self.documents[side as usize].text);
            passage.places[side as usize].iter().map(|bytes| chars.stretch(bytes)).collect()
        });
        SharedPassageRow { words: passage.words, identity: passage.identity, a, b }
    }

    /// Their texts side by side.
    pub fn alignment(&self) -> Vec<AlignedRow<'a>> {
        let alignment: &'a Alignment<'a> = &self.comparison.alignment;
        let mut chars = self.documents.map(|document| Chars::new(&document.text));
        let mut rows = Vec::with_capacity(alignment.stretches().len());
        for stretch in alignment.stretches() {
            let [a, b] = Side::BOTH.map(|side| {
                let tokens = &stretch.tokens[side as usize];
                AlignedText {
                    stretch: chars[side as usize].stretch(&alignment.bytes(side, tokens)),
                    text: alignment.text(side, tokens),
                }
            });
            rows.push(AlignedRow { same: stretch.same, a, b });
        }
        rows
    }

    fn who(&self) -> String {
        let mut out = String::new();
        for (side, name) in Side::BOTH.into_iter().zip(["A", "B"]) {
            let article = self.article(side);
            let place = format!("{}:{}", article.file, article.line);
            let mut parts = match article.id == place {
                true => vec![shown(&place)],
                false => vec![format!("{} ({})", shown(&article.id), shown(&place))],
            };
            parts.extend(article.source.map(shown));
            parts.extend(article.date);
            parts.push(plural(u64::from(article.words), "word"));
            line(&mut out, &format!("{name}: {}", parts.join(", ")));
        }
        out
    }

    /// Who they are, what they are to each other, what they share.
    fn facts(&self) -> String {
        let mut out = self.who();
        line(&mut out, &self.verdict());
        if let Some(similarity) = self.comparison.similarity {
            line(
                &mut out,
                &format!(
                    "Jaccard {:.3}; {:.3} of A is in B, {:.3} of B is in A",
                    similarity.jaccard(),
                    similarity.containment(),
                    similarity.right_containment()
                ),
            );
        }
        let passages = &self.comparison.passages;
        match passages.len() {
            0 => line(&mut out, "no shared passage"),
            count => line(&mut out, &format!("{}:", plural(count as u64, "shared passage"))),
        }
        for (number, passage) in (1..).zip(passages.iter().take(PASSAGES_SHOWN_MAX)) {
            let row = self.passage(passage);
            let text = self.documents[0].text.get(passage.places[0][0].clone());
            line(
                &mut out,
                &format!(
                    "{number}. {}, {} alike, characters {} of A and {} of B\n   {}",
                    plural(row.words, "word"),
                    percent(row.identity),
                    places(&row.a),
                    places(&row.b),
                    excerpt(text.unwrap_or_default())
                ),
            );
        }
        if let Some(more @ 1..) = passages.len().checked_sub(PASSAGES_SHOWN_MAX) {
            line(&mut out, &format!("and {}", plural(more as u64, "more shared passage")));
        }
        out
    }

    fn verdict(&self) -> String {
        let [a, b] = &self.comparison.articles;
        for (name, article) in [("A", a), ("B", b)] {
            if article.wordless {
                return format!("not related: {name} has no words, it matches nothing");
            }
        }
        match self.comparison.verdict {
            Verdict::Dropped { relation, side: Side::A } => {
                format!("{relation}: A would be dropped, B stays")
            }
            Verdict::Dropped { relation, side: Side::B } => {
                format!("{relation}: B would be dropped, A stays")
            }
            Verdict::Related(relation) => format!("{relation}: related, both would stay"),
            Verdict::Unrelated => {
                let least = self.recipe.min_words;
                let short = [("A", a), ("B", b)].into_iter().find(|(_, x)| x.words < least);
                match short {
                    Some((name, _)) => format!(
                        "not related: {name} has fewer than {}, it matches only what is the same",
                        plural(u64::from(least), "word")
                    ),
                    None => "not related: both would stay".to_owned(),
                }
            }
        }
    }
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("a String takes every write");
}

/// A name from outside in a line of ours.
fn shown(name: &str) -> String {
    isolated(&visible(name))
}

fn places(stretches: &[Stretch]) -> String {
    let places = stretches.iter().map(|stretch| format!("{}–{}", stretch.start, stretch.end));
    places.collect::<Vec<_>>().join(", ")
}

/// Turns bytes of a text into characters, fastest where they come in order.
struct Chars<'t> {
    text: &'t str,
    byte: usize,
    chars: usize,
}

impl<'t> Chars<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, byte: 0, chars: 0 }
    }

    fn at(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            *self = Self::new(self.text);
        }
        self.chars += self.text.get(self.byte..byte).map_or(0, |text| text.chars().count());
        self.byte = byte;
        self.chars
    }

    fn stretch(&mut self, bytes: &Range<usize>) -> Stretch {
        Stretch {
            start: self.at(bytes.start),
            end: self.at(bytes.end),
            start_byte: bytes.start,
            end_byte: bytes.end,
        }
    }
}

/// What is shown of an equal stretch: tokens at its begin and its end, and how
/// many words are left out between them.
struct Equal {
    head: Range<usize>,
    left_out: Option<String>,
    tail: Range<usize>,
}

/// Leaves out the middle of a long equal stretch, and its side towards the
/// text's begin or end.
fn shortened(alignment: &Alignment<'_>, at: usize, full: bool) -> Equal {
    let stretches = alignment.stretches();
    let tokens = stretches[at].tokens[0].clone();
    let head = if at == 0 { 0 } else { CONTEXT_WORDS };
    let tail = if at + 1 == stretches.len() { 0 } else { CONTEXT_WORDS };
    if full || tokens.len() < head + tail + ELIDED_WORDS_MIN {
        return Equal { tail: tokens.end..tokens.end, head: tokens, left_out: None };
    }
    let middle = tokens.start + head..tokens.end - tail;
    let words = alignment.words(Side::A, &middle).max(1);
    let noun = if words == 1 { "word" } else { "words" };
    Equal {
        head: tokens.start..middle.start,
        left_out: Some(format!("… {} equal {noun} …", grouped(words))),
        tail: middle.end..tokens.end,
    }
}
