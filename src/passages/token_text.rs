//! What the passage finder keeps of a document: thirteen bytes a token.
//!
//! Tokens come from the text floor; this adds where sentences and paragraphs
//! end, and lays the documents end to end, so that one number names a token
//! of the corpus.
//!
//! Lines are paragraphs. A sentence ends at one of `. ! ? ؟ ؛ … ۔ 。 ！ ？ ।`,
//! closing quotes and brackets after it, then white space (none is asked for
//! after the full-width signs) or the end of the text; never at `،`.

use std::ops::Range;

use crate::document::DocId;
use crate::text::Tokens;
use crate::{Error, Result};

/// How a stretch may end at a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Border {
    /// The text goes on.
    None,
    /// A sentence ends.
    Sentence,
    /// A line ends, or the document begins or ends.
    Paragraph,
}

/// The code that stands before the first token of every document and is no
/// token's code.
pub(super) const NO_CODE: u32 = 0;

/// Of a token's mark: what it weighs.
const WEIGHT_BITS: u8 = 0x3F;
/// Of a token's mark: a sentence ends after it.
const SENTENCE_BIT: u8 = 0x40;
/// Of a token's mark: a paragraph ends after it.
const PARAGRAPH_BIT: u8 = 0x80;

/// A token's code: half of its hash, which two different words share with a
/// probability of 2^-32, and never [`NO_CODE`].
fn code(hash: u64) -> u32 {
    (hash as u32).max(NO_CODE + 1)
}

/// What ends in the text between two tokens, and how many of its bytes belong
/// to what ends: the punctuation up to there.
fn border(gap: &str) -> (Border, usize) {
    let mut found = (Border::None, 0);
    let mut chars = gap.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if is_line_end(c) {
            return (Border::Paragraph, gap[..at].trim_end().len());
        }
        if !is_sentence_end(c) {
            continue;
        }
        let mut end = at + c.len_utf8();
        while let Some(&(at, c)) =
            chars.peek().filter(|(_, c)| is_closing(*c) || is_sentence_end(*c))
        {
            end = at + c.len_utf8();
            chars.next();
        }
        let ends = match chars.peek() {
            None => is_full_width(c),
            Some((_, next)) => next.is_whitespace() || is_full_width(c),
        };
        if ends {
            found = (Border::Sentence, end);
        }
    }
    found
}

/// What ends after a document's last token, and how many bytes belong to it.
fn last_border(rest: &str) -> (Border, usize) {
    let line = rest.split(is_line_end).next().unwrap_or("");
    (Border::Paragraph, line.trim_end().len())
}

/// How many bytes at the end of the text between two tokens belong to the
/// sentence that begins there: opening quotes, brackets, dashes.
fn opening_bytes(after: &str) -> usize {
    after.rsplit(is_line_end).next().unwrap_or("").trim_start().len()
}

/// The signs that end a line, whatever system it was written on.
fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The signs that end a sentence.
fn is_sentence_end(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '؟' | '؛' | '…' | '۔' | '।') || is_full_width(c)
}

/// The signs that end a sentence without a space after them.
fn is_full_width(c: char) -> bool {
    matches!(c, '。' | '！' | '？')
}

/// The quotes and brackets that close after a sentence's end.
fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | '»' | '«' | '›' | ')' | ']' | '}' | '」' | '』' | '）')
}

/// Whether a text ends with a sentence, by its punctuation.
pub fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(is_closing).ends_with(is_sentence_end)
}

/// The documents of a corpus, one behind the other.
///
/// A *place* is the number of a token in the whole corpus. One place before
/// each document is no token, so that nothing runs over from one to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenTexts {
    codes: Vec<u32>,
    starts: Vec<u32>,
    ends: Vec<u32>,
    marks: Vec<u8>,
    /// The place of the first token of each document.
    firsts: Vec<u32>,
}

impl TokenTexts {
    /// No documents yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Room for so many documents with so many places.
    fn with_capacity(documents: usize, places: usize) -> Self {
        Self {
            codes: Vec::with_capacity(places),
            starts: Vec::with_capacity(places),
            ends: Vec::with_capacity(places),
            marks: Vec::with_capacity(places),
            firsts: Vec::with_capacity(documents),
        }
    }

    /// Puts the next document behind the others: the tokens of `text`, which
    /// [`Tokens::read`] has just read. Its id is its position.
    ///
    /// # Errors
    /// [`Error::TooMany`] if the corpus has more tokens than `u32` can count.
    pub fn push(&mut self, text: &str, tokens: &Tokens) -> Result<DocId> {
        let count = tokens.len();
        self.check_room(count)?;
        self.open();
        self.codes.extend(tokens.hashes().iter().map(|&hash| code(hash)));
        let mut opening = 0;
        for (i, weight) in tokens.weights().iter().enumerate() {
            let span = tokens.span(i);
            let next = if i + 1 < count { tokens.span(i + 1).start } else { text.len() };
            let gap = text.get(span.end..next).unwrap_or("");
            let (border, closing) = match gap {
                _ if i + 1 == count => last_border(gap),
                " " => (Border::None, 0),
                _ => border(gap),
            };
            self.starts.push((span.start - opening) as u32);
            self.ends.push((span.end + closing) as u32);
            opening = if border > Border::None { opening_bytes(&gap[closing..]) } else { 0 };
            let border = match border {
                Border::None => 0,
                Border::Sentence => SENTENCE_BIT,
                Border::Paragraph => PARAGRAPH_BIT,
            };
            self.marks.push(weight & WEIGHT_BITS | border);
        }
        Ok(DocId(self.firsts.len() as u32 - 1))
    }

    /// Whether there is room for one more document of so many tokens.
    fn check_room(&self, tokens: usize) -> Result<()> {
        let places = self.codes.len() as u64 + 1 + tokens as u64;
        let limit = u64::from(u32::MAX);
        if places > limit {
            return Err(Error::TooMany { what: "tokens in one corpus", found: places, limit });
        }
        Ok(())
    }

    /// Begins the next document.
    fn open(&mut self) {
        self.codes.push(NO_CODE);
        self.starts.push(0);
        self.ends.push(0);
        self.marks.push(PARAGRAPH_BIT);
        self.firsts.push(self.codes.len() as u32);
    }

    /// Begins the next document with the tokens at some places of another corpus.
    fn open_with(&mut self, other: &Self, places: &Range<u32>) -> Result<()> {
        self.check_room(places.len())?;
        self.open();
        let places = places.start as usize..places.end as usize;
        self.codes.extend_from_slice(&other.codes[places.clone()]);
        self.starts.extend_from_slice(&other.starts[places.clone()]);
        self.ends.extend_from_slice(&other.ends[places.clone()]);
        self.marks.extend_from_slice(&other.marks[places]);
        Ok(())
    }

    /// All documents; none is left here, but room for as many.
    pub fn take(&mut self) -> Self {
        let more = |len: usize| len + len / 8;
        let room = Self::with_capacity(more(self.firsts.len()), more(self.codes.len()));
        std::mem::replace(self, room)
    }

    /// The documents of all parts, one part behind the other. Those that are not
    /// wanted have ids too, but no tokens.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn concat(parts: Vec<Self>, wanted: impl Fn(DocId) -> bool) -> Result<Self> {
        let documents = parts.iter().map(Self::len).sum();
        let mut all =
            Self::with_capacity(documents, parts.iter().map(|part| part.codes.len()).sum());
        for part in parts {
            for doc in 0..part.len() as u32 {
                let places = part.places(DocId(doc));
                let is_wanted = wanted(DocId(all.len() as u32));
                all.open_with(&part, if is_wanted { &places } else { &(0..0) })?;
            }
        }
        Ok(all)
    }

    /// Some stretches, each as a document of its own.
    pub(super) fn excerpts<'a>(
        &self,
        mut stretches: impl Iterator<Item = &'a Range<u32>>,
    ) -> Result<Self> {
        let mut excerpts = Self::new();
        stretches.try_for_each(|places| excerpts.open_with(self, places))?;
        Ok(excerpts)
    }

    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.firsts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.firsts.is_empty()
    }

    /// How many tokens a document has.
    pub fn token_count(&self, doc: DocId) -> usize {
        self.places(doc).len()
    }

    /// The bytes of a document's original text that some of its tokens take.
    /// Where they begin or end a sentence, its punctuation is taken with it.
    ///
    /// # Panics
    /// If `tokens` is empty or the document has fewer tokens.
    pub fn bytes(&self, doc: DocId, tokens: &Range<u32>) -> Range<usize> {
        let first = self.firsts[doc.index()];
        let tokens = &(first + tokens.start..first + tokens.end);
        assert!(!tokens.is_empty() && tokens.end <= self.places(doc).end, "tokens of {doc:?}");
        let start = self.starts[tokens.start as usize];
        let end = self.ends[tokens.end as usize - 1];
        start as usize..end as usize
    }

    /// The codes of some of a document's tokens: equal codes, equal words.
    pub fn codes(&self, doc: DocId, tokens: &Range<u32>) -> &[u32] {
        let first = self.firsts[doc.index()];
        &self.codes[(first + tokens.start) as usize..(first + tokens.end) as usize]
    }

    /// What ends before one of a document's tokens, or with its last one.
    ///
    /// # Panics
    /// If the document has fewer tokens than `token`.
    pub fn border_at(&self, doc: DocId, token: u32) -> Border {
        let places = self.places(doc);
        assert!(token <= places.end - places.start, "token {token} of {doc:?}");
        match places.start + token {
            end if end == places.end => Border::Paragraph,
            place => self.border_before(place),
        }
    }

    /// The codes at some places.
    #[inline]
    pub(super) fn codes_at(&self, places: &Range<u32>) -> &[u32] {
        &self.codes[places.start as usize..places.end as usize]
    }

    /// The code at every place.
    #[inline]
    pub(super) fn line(&self) -> &[u32] {
        &self.codes
    }

    /// The places of a document.
    #[inline]
    pub(super) fn places(&self, doc: DocId) -> Range<u32> {
        let next = self.firsts.get(doc.index() + 1).map(|&first| first - 1);
        self.firsts[doc.index()]..next.unwrap_or(self.codes.len() as u32)
    }

    /// The document a token belongs to, by its place.
    #[inline]
    pub(super) fn doc_of(&self, place: u32) -> DocId {
        DocId(self.firsts.partition_point(|&first| first <= place) as u32 - 1)
    }

    /// What the token at a place weighs.
    #[inline]
    pub(super) fn weight(&self, place: u32) -> u32 {
        u32::from(self.marks[place as usize] & WEIGHT_BITS)
    }

    /// What the tokens at some places weigh together.
    #[inline]
    pub(super) fn weights(&self, places: Range<u32>) -> u64 {
        let marks = &self.marks[places.start as usize..places.end as usize];
        marks.iter().map(|&mark| u64::from(mark & WEIGHT_BITS)).sum()
    }

    /// What the token at each place weighs; 0 where there is none.
    pub(super) fn all_weights(&self) -> impl Iterator<Item = u32> {
        self.marks.iter().map(|&mark| u32::from(mark & WEIGHT_BITS))
    }

    /// The paragraph that the token at a place stands in.
    pub(super) fn paragraph(&self, place: u32) -> Range<u32> {
        let ends_before = |place: u32| self.border_before(place) == Border::Paragraph;
        let doc_end = self.places(self.doc_of(place)).end;
        let start = (0..=place).rev().find(|&place| ends_before(place));
        let end = (place + 1..doc_end).find(|&place| ends_before(place));
        start.unwrap_or(place)..end.unwrap_or(doc_end)
    }

    /// What ends before the token at a place.
    #[inline]
    pub(super) fn border_before(&self, place: u32) -> Border {
        let mark = self.marks[place as usize - 1];
        if mark & PARAGRAPH_BIT != 0 {
            Border::Paragraph
        } else if mark & SENTENCE_BIT != 0 {
            Border::Sentence
        } else {
            Border::None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corpus_of(texts: &[&str]) -> TokenTexts {
        let mut tokens = Tokens::new();
        let mut corpus = TokenTexts::new();
        for text in texts {
            tokens.read(text);
            corpus.push(text, &tokens).expect("a small corpus");
        }
        corpus
    }

    #[test]
    fn sentences_and_paragraphs_end_where_they_do() {
        /// `text` with `|` where a sentence ends and `/` where a paragraph does.
        #[track_caller]
        fn check(text: &str, expected: &str) {
            let corpus = corpus_of(&[text]);
            let places = corpus.places(DocId(0));
            let told: Vec<String> = (places.start..places.end)
                .map(|place| {
                    let token = place - places.start;
                    let bytes = corpus.bytes(DocId(0), &(token..token + 1));
                    let mark = match corpus.border_before(place) {
                        Border::None => "",
                        Border::Sentence => "|",
                        Border::Paragraph => "/",
                    };
                    format!("{mark}{}", &text[bytes])
                })
                .collect();
            assert_eq!(told.join(" "), expected, "{text:?}");
        }
        check("one two", "/one two");
        check("One. Two! \"Three?\" four", "/One. |Two! |\"Three?\" |four");
        check("3.5 per cent, e.g.this", "/3 5 per cent e g this");
        check("قال: نعم؟ ثم مضى، وعاد.", "/قال نعم؟ |ثم مضى وعاد.");
        check("first line .\n\n«second» line\r\nthird", "/first line . /«second line /third");
        check("文。字！", "/文。 |字！");
        check("end... (then) more", "/end... |(then more");
        check("***\nonly\n***", "/only");
        check("½ cup", "/½ ½ cup");
    }

    #[test]
    fn documents_are_told_apart() {
        let corpus = corpus_of(&["one two", "", "three"]);
        assert_eq!(corpus.len(), 3);
        let counts: Vec<usize> = (0..3).map(|doc| corpus.token_count(DocId(doc))).collect();
        assert_eq!(counts, [2, 0, 1]);
        for doc in [0, 2] {
            let places = corpus.places(DocId(doc));
            assert!(places.clone().all(|place| corpus.doc_of(place) == DocId(doc)), "{places:?}");
            assert_eq!(corpus.line()[places.start as usize - 1], NO_CODE, "before document {doc}");
        }
    }

    #[test]
    fn parts_are_put_together_and_what_is_not_wanted_has_no_tokens() {
        let all = corpus_of(&["one. two", "three", "", "four five. six"]);
        let mut part = corpus_of(&["one. two", "three"]);
        let parts = || vec![part.clone(), corpus_of(&[]), corpus_of(&["", "four five. six"])];
        let concat = |wanted: fn(DocId) -> bool| {
            TokenTexts::concat(parts(), wanted).expect("a small corpus")
        };
        assert_eq!(concat(|_| true), all);
        assert_eq!(
            concat(|doc| doc != DocId(1)),
            corpus_of(&["one. two", "", "", "four five. six"])
        );
        assert_eq!(concat(|_| false), corpus_of(&["", "", "", ""]));
        assert_eq!(part.take(), corpus_of(&["one. two", "three"]));
        assert_eq!(part, corpus_of(&[]));
    }

    #[test]
    fn codes_are_equal_for_equal_words_and_never_zero() {
        let corpus = corpus_of(&["Straße STRASSE", "other"]);
        let codes = corpus.codes(DocId(0), &(0..2));
        assert_eq!(codes[0], codes[1]);
        assert_ne!(codes[0], corpus.codes(DocId(1), &(0..1))[0]);
        assert_ne!(code(0), NO_CODE);
        assert_ne!(code(1 << 32), NO_CODE);
    }
}
