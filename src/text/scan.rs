//! One pass over a text, from bytes to normalised tokens.
//!
//! Runs of ASCII and of characters of two bytes that are nothing but bytes for
//! words are read ahead by [`runs`]. Elsewhere words are read as they come:
//! eight ASCII bytes at a time, or character by character through the table,
//! each adding its normalised bytes to the word under way. What is rare is done
//! apart: tokens of one character, characters that become several, and runs
//! with a character that may combine with those before it. Such a run (all
//! between two characters that end words) is read again from its beginning,
//! segment by segment, with canonical order and composition; what was read of
//! it is taken back. So every byte is read three times at most.
//!
//! `reference::tokens` is the plain twin.

use super::WORD_WEIGHT;
use super::runs;
use super::segment::Segment;
use super::table::{Entry, Fate, LOW, TABLE, Table};

/// Takes the tokens of a text, in order.
pub(super) trait Sink {
    /// A token: its normalised bytes, where it stands, and what it weighs.
    fn token(&mut self, folded: &[u8], start: usize, end: usize, weight: u8);
    /// A mark of what has been taken so far.
    fn mark(&self) -> usize;
    /// Gives back all tokens taken since the mark.
    fn rewind(&mut self, mark: usize);
}

/// Memory that is kept from text to text.
#[derive(Default)]
pub(super) struct Scratch {
    /// The word under way, and room after it.
    word: Vec<u8>,
    segment: Segment,
}

/// Room that there is for the next bytes of a word: at least the eight that
/// are written at once; more, so that it is seldom looked after.
const ROOM: usize = 64;

/// The word under way.
#[derive(Clone, Copy, Default)]
struct Word {
    /// How many bytes it has so far; none means that there is no word.
    len: usize,
    /// Where it begins in the text.
    start: usize,
}

/// Gives the tokens of a text to the sink.
pub(super) fn scan<S: Sink>(text: &str, scratch: &mut Scratch, sink: &mut S) {
    scan_with::<true, S>(text, scratch, sink);
}

/// The same without [`runs`], which changes nothing but the time it takes.
#[cfg(any(test, feature = "reference"))]
pub(super) fn scan_plainly<S: Sink>(text: &str, scratch: &mut Scratch, sink: &mut S) {
    scan_with::<false, S>(text, scratch, sink);
}

#[inline(always)]
fn scan_with<const RUNS: bool, S: Sink>(text: &str, scratch: &mut Scratch, sink: &mut S) {
    let mut scanner = Scanner { text, table: &TABLE, buffer: &mut scratch.word, end: 0, sink };
    let table = scanner.table;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if RUNS {
            at = runs::read_runs(bytes, at, table, scanner.sink);
        }
        let run = Run { start: at, mark: scanner.sink.mark() };
        let mut word = Word::default();
        // Where the character that ends the run ends.
        let next = loop {
            if scanner.buffer.len() < word.len + ROOM {
                scanner.buffer.resize(2 * (word.len + ROOM), 0);
            }
            let Some(&byte) = bytes.get(at) else { break at };
            let (entry, width) = if byte < 0x80 {
                if table.low[byte as usize].is_break() {
                    break at + 1;
                }
                if let Some(eight) = bytes.get(at..at + 8) {
                    let eight = u64::from_le_bytes(eight.try_into().expect("eight bytes"));
                    let (lower, len) = ascii_word(eight);
                    if word.len == 0 {
                        word.start = at;
                    }
                    scanner.buffer[word.len..word.len + 8].copy_from_slice(&lower.to_le_bytes());
                    word.len += len;
                    at += len;
                    if len < 8 && bytes[at] < 0x80 {
                        break at + 1;
                    }
                    continue;
                }
                (table.low[byte as usize], 1)
            } else if byte < 0xE0 {
                let entry = read_two_byte(bytes, &mut at, &mut word, table, scanner.buffer);
                let Some(entry) = entry else { continue };
                (entry, 2)
            } else if byte < 0xF0 {
                let c = u32::from(byte & 0x0F) << 12
                    | u32::from(bytes[at + 1] & 0x3F) << 6
                    | u32::from(bytes[at + 2] & 0x3F);
                (table.entry(c), 3)
            } else {
                let c = text[at..].chars().next().expect("not at the end");
                (table.entry(c as u32), 4)
            };
            if let Some((utf8, len)) = entry.short() {
                if word.len == 0 {
                    word.start = at;
                }
                scanner.buffer[word.len..word.len + 4].copy_from_slice(&utf8);
                word.len += len;
                at += width;
            } else if entry.is_break() {
                break at + width;
            } else if entry.is_combining() {
                scanner.sink.rewind(run.mark);
                at = scanner.read_run(run.start, &mut scratch.segment);
                word.len = 0;
            } else {
                (word, at) = scanner.read_rare(word, entry, at, width);
            }
        };
        if word.len > 0 {
            let folded = &scanner.buffer[..word.len];
            scanner.sink.token(folded, word.start, at, WORD_WEIGHT);
        }
        at = next;
    }
}

/// Reads on as long as characters take two bytes and are just bytes for the
/// word (and there is room for them). If it stops at a character of two bytes
/// that is more than that, gives its entry.
#[inline(always)]
fn read_two_byte(
    bytes: &[u8],
    at: &mut usize,
    word: &mut Word,
    table: &Table,
    buffer: &mut [u8],
) -> Option<Entry> {
    while let Some(&[a @ 0xC0..0xE0, b]) = bytes.get(*at..*at + 2) {
        let c = usize::from(a & 0x1F) << 6 | usize::from(b & 0x3F);
        let entry = table.low[c % LOW];
        let Some((utf8, len)) = entry.short() else { return Some(entry) };
        let room = buffer.get_mut(word.len..word.len + 4)?;
        room.copy_from_slice(&utf8);
        if word.len == 0 {
            word.start = *at;
        }
        word.len += len;
        *at += 2;
    }
    None
}

/// A run of characters between two that end words.
struct Run {
    start: usize,
    /// What the sink had taken before it.
    mark: usize,
}

/// The letters and digits that eight bytes of text begin with: all eight in
/// lower case, and how many they are.
#[inline(always)]
fn ascii_word(eight: u64) -> (u64, usize) {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x80 * ONES;
    // Adding 0x80 - x to a byte below 0x80 sets its top bit where it is x or more.
    let at_least = |bytes: u64, x: u8| bytes + u64::from(0x80 - x) * ONES;
    let low = eight & !TOPS;
    let lower = low | (0x20 * ONES);
    let letters = at_least(lower, b'a') & !at_least(lower, b'z' + 1);
    let digits = at_least(low, b'0') & !at_least(low, b'9' + 1);
    let others = !((letters | digits) & !eight) & TOPS;
    (eight | (0x20 * ONES), others.trailing_zeros() as usize / 8)
}

struct Scanner<'a, S> {
    text: &'a str,
    table: &'static Table,
    buffer: &'a mut Vec<u8>,
    /// Where the last token or its last character ended.
    end: usize,
    sink: &'a mut S,
}

impl<S: Sink> Scanner<'_, S> {
    /// Reads one character that is a token of its own, takes four bytes, or
    /// becomes several characters. Gives back the word that is then under way
    /// and where to go on.
    #[inline(never)]
    fn read_rare(
        &mut self,
        mut word: Word,
        entry: Entry,
        at: usize,
        width: usize,
    ) -> (Word, usize) {
        self.end = at;
        let end = self.skip_deleted(at + width);
        match entry.fate() {
            Fate::Break | Fate::Delete => {}
            Fate::Word(c) | Fate::Single(c, _) => self.push(&mut word, c, at, end),
            Fate::Text(from, to) => {
                for &c in self.table.text(from, to) {
                    self.push(&mut word, c, at, end);
                }
            }
        }
        (word, end)
    }

    /// Reads a whole run, segment by segment; gives back where it ends.
    #[inline(never)]
    fn read_run(&mut self, start: usize, segment: &mut Segment) -> usize {
        let mut word = Word::default();
        let mut at = start;
        self.end = start;
        segment.clear();
        for c in self.text[start..].chars() {
            let entry = self.table.entry(c as u32);
            if entry.is_break() {
                break;
            }
            let (start, end) = (at as u32, (at + c.len_utf8()) as u32);
            at += c.len_utf8();
            if entry.is_delete() {
                segment.push_deleted(end);
                continue;
            }
            if !entry.is_combining() {
                self.push_segment(&mut word, segment);
            }
            segment.begin_character();
            match entry.fate() {
                Fate::Break | Fate::Delete => {}
                Fate::Word(c) | Fate::Single(c, _) => segment.push(self.table, c, start, end),
                Fate::Text(from, to) => {
                    for &c in self.table.text(from, to) {
                        segment.push(self.table, c, start, end);
                    }
                }
            }
        }
        self.push_segment(&mut word, segment);
        self.close(&mut word);
        at
    }

    fn push_segment(&mut self, word: &mut Word, segment: &mut Segment) {
        for piece in segment.compose(self.table) {
            self.push(word, piece.c, piece.start as usize, piece.end as usize);
        }
        segment.clear();
    }

    /// Adds one normalised character: to the word under way, as a token of its
    /// own, or, if it is a space, as the end of the word.
    fn push(&mut self, word: &mut Word, c: char, start: usize, end: usize) {
        match self.table.entry(c as u32).fate() {
            Fate::Word(_) => {
                if self.buffer.len() < word.len + ROOM {
                    self.buffer.resize(2 * (word.len + ROOM), 0);
                }
                if word.len == 0 {
                    word.start = start;
                }
                word.len += c.encode_utf8(&mut self.buffer[word.len..]).len();
                self.end = end.max(self.end);
            }
            Fate::Single(_, weight) => {
                self.close(word);
                self.end = end.max(self.end);
                self.sink.token(c.encode_utf8(&mut [0; 4]).as_bytes(), start, self.end, weight);
            }
            Fate::Break | Fate::Delete | Fate::Text(..) => self.close(word),
        }
    }

    /// Ends the word under way, if there is one.
    fn close(&mut self, word: &mut Word) {
        if word.len > 0 {
            self.sink.token(&self.buffer[..word.len], word.start, self.end, WORD_WEIGHT);
            word.len = 0;
        }
    }

    /// Where the deleted characters that begin here end.
    fn skip_deleted(&self, at: usize) -> usize {
        let rest = self.text[at..].chars();
        let deleted = rest.take_while(|&c| self.table.entry(c as u32).is_delete());
        at + deleted.map(char::len_utf8).sum::<usize>()
    }
}
