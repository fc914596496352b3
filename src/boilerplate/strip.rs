//! What is cut out of the texts when repeated passages are stripped.
//!
//! Only whole sentences and paragraphs go: what lies in some occurrence, cut
//! back to sentence borders, and the white space that would be left double. No
//! article loses its last word; it stays as it is instead. Nothing is put in
//! or replaced, so whoever has the cuts has the original.

use std::ops::Range;

use crate::document::DocId;
use crate::passages::{Border, Family, Occurrence, ends_sentence};

use super::Outcome;

/// Cuts the occurrences of an outcome's families out of texts.
pub struct Strip<'o> {
    outcome: &'o Outcome,
    /// For each family, the position of the occurrence that stays, if any.
    stays: Vec<Option<u32>>,
}

/// Why an occurrence was left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It is the one of its family that stays, or overlaps with such a one.
    Kept,
    /// There is no whole sentence in it that may go.
    NoSentence,
    /// Without its repeated passages the article would have no word left.
    OnlyText,
}

/// What is cut out of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentCuts {
    /// The document.
    pub doc: DocId,
    /// The cuts, in order, apart from each other.
    pub cuts: Vec<TextCut>,
    /// Its occurrences of which nothing is cut out, as the position of the
    /// family and the position in it.
    pub left: Vec<(u32, u32, Reason)>,
    /// Occurrences that are cut out whole.
    pub whole: u64,
    /// Occurrences of which a part is cut out.
    pub shrunk: u64,
    /// Tokens that are cut out.
    pub tokens: u64,
}

/// One stretch that is cut out of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextCut {
    /// The families it belongs to, by position, ascending.
    pub families: Vec<u32>,
    /// In characters (code points).
    pub chars: Range<usize>,
    /// In bytes.
    pub bytes: Range<usize>,
}

/// An occurrence in the document that is being cut.
struct Found<'o> {
    family: u32,
    at: u32,
    occurrence: &'o Occurrence,
    stays: bool,
}

impl<'o> Strip<'o> {
    /// All occurrences are to go, or with `keep_one` all but one of each
    /// family: the one in the document that a user would keep before the
    /// others, by the keep policy of the articles' recipe.
    pub fn new(outcome: &'o Outcome, keep_one: bool) -> Self {
        let order = outcome.articles.keep_order();
        let stays = |family: &Family| {
            // Of several in one document, the first.
            let best = (0u32..).zip(&family.occurrences);
            let best = best.min_by(|(_, a), (_, b)| order(a.doc, b.doc));
            best.map(|(at, _)| at).filter(|_| keep_one)
        };
        Self { stays: outcome.families.iter().map(stays).collect(), outcome }
    }

    /// What is cut out of a document, which must be the one that was compared
    /// as `doc`; `None` if it has no occurrence. With `first_line_stays`
    /// nothing of its first line goes, as where that line tells a reader of
    /// plain text that an article begins.
    pub fn cut(&self, doc: DocId, text: &str, first_line_stays: bool) -> Option<DocumentCuts> {
        let found = self.found_in(doc);
        if found.is_empty() {
            return None;
        }
        let texts = &self.outcome.texts;
        let count = texts.token_count(doc) as u32;
        let first = match first_line_stays {
            true => second_line(text, count, |t| texts.bytes(doc, &(t..t + 1)).start),
            false => 0,
        };
        let kept = tokens_of(&found, true);
        let repeated = without(tokens_of(&found, false), &kept);
        let gone = self.whole_sentences(doc, text, repeated, first);
        let tokens: u64 = gone.iter().map(|tokens| tokens.len() as u64).sum();
        let is_all = tokens == u64::from(count);
        let gone = if is_all { Vec::new() } else { gone };

        let mut cuts = DocumentCuts {
            doc,
            cuts: Vec::with_capacity(gone.len()),
            left: Vec::new(),
            whole: 0,
            shrunk: 0,
            tokens: if is_all { 0 } else { tokens },
        };
        let mut families = vec![Vec::new(); gone.len()];
        for Found { family, at, occurrence, stays } in &found {
            let tokens = &occurrence.tokens;
            let parts = overlapping(&gone, tokens);
            let length: usize =
                gone[parts.clone()].iter().map(|part| shared(part, tokens).len()).sum();
            let reason = match length {
                _ if *stays => Reason::Kept,
                0 if is_all => Reason::OnlyText,
                0 if !overlapping(&kept, tokens).is_empty() => Reason::Kept,
                0 => Reason::NoSentence,
                _ => {
                    families[parts].iter_mut().for_each(|of| of.push(*family));
                    match length == tokens.len() {
                        true => cuts.whole += 1,
                        false => cuts.shrunk += 1,
                    }
                    continue;
                }
            };
            cuts.left.push((*family, *at, reason));
        }
        let (mut counted, mut chars) = (0, 0);
        for (tokens, mut families) in gone.into_iter().zip(families) {
            let mut bytes = texts.bytes(doc, &tokens);
            if tokens.start == 0 {
                bytes = with_opening(text, bytes);
            }
            let bytes = with_space(text, bytes);
            let length =
                |bytes: Range<usize>| text.get(bytes).map_or(0, |text| text.chars().count());
            let start = chars + length(counted..bytes.start);
            chars = start + length(bytes.clone());
            counted = bytes.end;
            families.dedup();
            cuts.cuts.push(TextCut { families, chars: start..chars, bytes });
        }
        Some(cuts)
    }

    /// A document's occurrences, in order of the families.
    fn found_in(&self, doc: DocId) -> Vec<Found<'o>> {
        let found = self.outcome.positions_in(doc).map(|(family, at)| Found {
            family,
            at,
            occurrence: &self.outcome.families[family as usize].occurrences[at as usize],
            stays: self.stays[family as usize] == Some(at),
        });
        found.collect()
    }

    /// The whole sentences of a document, from a token on, that lie in
    /// `repeated`: as long stretches as possible, in order.
    fn whole_sentences(
        &self,
        doc: DocId,
        text: &str,
        repeated: Vec<Range<u32>>,
        first: u32,
    ) -> Vec<Range<u32>> {
        let sentences = Sentences::new(self.outcome, doc, text);
        let inward = |tokens: Range<u32>| {
            let mut tokens = tokens.start.max(first)..tokens.end;
            let start = tokens.find(|&token| sentences.end_before(token))?;
            let end = (start + 1..=tokens.end).rev().find(|&token| sentences.end_before(token))?;
            Some(start..end)
        };
        repeated.into_iter().filter_map(inward).collect()
    }
}

/// The tokens of the occurrences that stay, or of those that don't: in order,
/// those that touch or overlap joined.
fn tokens_of(found: &[Found<'_>], stay: bool) -> Vec<Range<u32>> {
    let of = found.iter().filter(|f| f.stays == stay);
    let mut ranges: Vec<Range<u32>> = of.map(|f| f.occurrence.tokens.clone()).collect();
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    ranges.dedup_by(|next, range| {
        let joined = next.start <= range.end;
        if joined {
            range.end = range.end.max(next.end);
        }
        joined
    });
    ranges
}

fn shared(a: &Range<u32>, b: &Range<u32>) -> Range<u32> {
    a.start.max(b.start)..a.end.min(b.end)
}

/// Which of some ranges, in order and apart, overlap with another one.
fn overlapping(ranges: &[Range<u32>], with: &Range<u32>) -> Range<usize> {
    let first = ranges.partition_point(|range| range.end <= with.start);
    let end = ranges.partition_point(|range| range.start < with.end);
    first..end.max(first)
}

/// Some ranges without others; both in order and apart.
fn without(ranges: Vec<Range<u32>>, others: &[Range<u32>]) -> Vec<Range<u32>> {
    let mut left = Vec::with_capacity(ranges.len());
    for mut range in ranges {
        for other in &others[overlapping(others, &range)] {
            if range.start < other.start {
                left.push(range.start..other.start);
            }
            range.start = other.end;
        }
        if range.start < range.end {
            left.push(range);
        }
    }
    left
}

/// The first token that does not begin in the first line with anything in it.
fn second_line(text: &str, count: u32, start_of: impl Fn(u32) -> usize) -> u32 {
    const LINE_ENDS: [char; 7] = ['\n', '\r', '\u{0B}', '\u{0C}', '\u{85}', '\u{2028}', '\u{2029}'];
    let line = text.trim_start();
    let end = text.len() - line.len() + line.find(LINE_ENDS).unwrap_or(line.len());
    (0..count).find(|&token| start_of(token) >= end).unwrap_or(count)
}

/// Where the sentences of a document end.
struct Sentences<'s> {
    outcome: &'s Outcome,
    doc: DocId,
    text: &'s str,
    /// Its lines are broken at some width, so a line end ends no sentence. Nor
    /// does one before a small letter.
    is_broken: bool,
}

impl<'s> Sentences<'s> {
    fn new(outcome: &'s Outcome, doc: DocId, text: &'s str) -> Self {
        Self { outcome, doc, text, is_broken: is_broken(text) }
    }

    /// Whether a sentence ends, or the document begins, before a token, or at
    /// the end of the last one.
    fn end_before(&self, token: u32) -> bool {
        let texts = &self.outcome.texts;
        if token == 0 || token as usize >= texts.token_count(self.doc) {
            return true;
        }
        match texts.border_at(self.doc, token) {
            Border::None => false,
            Border::Sentence => true,
            Border::Paragraph => {
                let end = texts.bytes(self.doc, &(token - 1..token)).end;
                let start = texts.bytes(self.doc, &(token..token + 1)).start;
                let of_text = |bytes: Range<usize>| self.text.get(bytes).unwrap_or_default();
                let (before, behind) = (of_text(0..end), of_text(start..self.text.len()));
                let goes_on = self.is_broken || behind.starts_with(char::is_lowercase);
                !goes_on || ends_sentence(before) || !is_single_break(of_text(end..start))
            }
        }
    }
}

/// No text is broken into lines longer than this many characters; articles with
/// one paragraph a line have longer ones.
const WIDTH_MAX: usize = 100;

/// From how many line ends on a width can be told.
const BREAKS_MIN: usize = 3;

/// Whether the lines of a text are broken within sentences, as in mails and old
/// newswires: most of those that end no sentence end where the next word would
/// not have fitted in.
fn is_broken(text: &str) -> bool {
    let mut width = 0;
    for line in text.lines() {
        width = width.max(line.trim_end().chars().count());
        if width > WIDTH_MAX {
            return false;
        }
    }
    let (mut breaks, mut broken) = (0, 0);
    for (line, next) in text.lines().zip(text.lines().skip(1)) {
        if !line.trim().is_empty() && !next.trim().is_empty() && !ends_sentence(line.trim_end()) {
            breaks += 1;
            broken += usize::from(is_full(line, next, width));
        }
    }
    breaks >= BREAKS_MIN && 2 * broken > breaks
}

/// Whether the first word of the next line would not have fitted into a line.
fn is_full(line: &str, next: &str, width: usize) -> bool {
    let word = next.split_whitespace().next().unwrap_or_default();
    line.trim_end().chars().count() + 1 + word.chars().count() > width
}

/// Whether what lies between two words is one line end, and no indentation
/// behind it.
fn is_single_break(gap: &str) -> bool {
    let mut parts = gap.split('\n');
    let (_, indentation) = (parts.next(), parts.next());
    parts.next().is_none() && !indentation.is_some_and(|space| space.starts_with("  "))
}

/// A stretch that begins with a text's first word, with the punctuation before
/// that, such as an opening quote.
fn with_opening(text: &str, bytes: Range<usize>) -> Range<usize> {
    let head = text.get(..bytes.start).unwrap_or_default();
    let line = head.rsplit(['\n', '\r', '\u{0C}']).next().unwrap_or_default();
    bytes.start - line.trim_start().len()..bytes.end
}

/// A stretch with the white space before or behind it, so that what is left is
/// set apart as it was: the side with more line ends keeps its space, the end
/// of the text before all.
fn with_space(text: &str, bytes: Range<usize>) -> Range<usize> {
    let (Some(head), Some(tail)) = (text.get(..bytes.start), text.get(bytes.end..)) else {
        return bytes;
    };
    let before = &head[head.trim_end_matches(is_space).len()..];
    let behind = &tail[..tail.len() - tail.trim_start_matches(is_space).len()];
    let apart = |space: &str, is_edge: bool| match is_edge {
        true => usize::MAX,
        false => line_ends(space),
    };
    let is_first = before.len() == head.len();
    let is_last = behind.len() == tail.len();
    if apart(before, is_first) >= apart(behind, is_last) {
        bytes.start..bytes.end + behind.len()
    } else {
        bytes.start - before.len()..bytes.end
    }
}

/// White space that may go; not a form feed, which sets articles apart.
fn is_space(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\u{0B}' | '\u{0C}')
}

/// How many lines end in some white space; CR LF is one end.
fn line_ends(space: &str) -> usize {
    let feeds = space.matches(['\n', '\u{85}', '\u{2028}', '\u{2029}']).count();
    feeds.max(space.matches('\r').count())
}
