//! The normalisation table (N2), ready to be looked up.
//!
//! `n2.tsv` says what becomes of each code point; its head tells its form. It
//! is compiled once, when the first text is read, into a two-stage table:
//! code point to block of 128, block to entry. Code points below U+0800, the
//! alphabets of most texts this is for, also stand in one flat table.

use std::str::FromStr;
use std::sync::LazyLock;

use super::hangul;

/// The table as it is written down.
pub(super) const N2: &str = include_str!("n2.tsv");

/// The compiled table.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| Table::compile(N2));

/// Code points in a block: small enough that blocks repeat, large enough that
/// the first stage (17 kB) stays small.
const BLOCK: u32 = 128;
const CODE_POINTS: u32 = char::MAX as u32 + 1;

/// How many code points the flat table holds: those of one or two bytes.
pub(super) const LOW: usize = 0x800;

/// What becomes of a code point, in 32 bits: payload below, kind above, and
/// at the top whether it can change with the characters before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry(u32);

/// An entry, spelled out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It ends a word.
    Break,
    /// It leaves no trace.
    Delete,
    /// It becomes this part of a word.
    Word(char),
    /// It becomes this token of its own, of this weight.
    Single(char, u8),
    /// It becomes these characters, at this index of the table's strings;
    /// a space ends a word.
    Text(usize, usize),
}

const PAYLOAD: u32 = 0x00FF_FFFF;
const KIND_SHIFT: u32 = 24;
/// Kinds 0 to 3: that many bytes of UTF-8, the payload, go into the word.
const SHORT_MAX: u32 = 3;
/// The payload is a code point of four bytes.
const LONG: u32 = 4;
/// The payload is where the characters stand (upper bits) and how many there are.
const TEXT: u32 = 5;
const BREAK: u32 = 6;
/// This kind and above: a token of its own; the kind less this is its weight.
const SINGLE: u32 = 8;
const COMBINING: u32 = 1 << 31;
/// Bits for the length of a text; the longest in Unicode has 18 characters.
const TEXT_LEN_BITS: u32 = 6;

impl Entry {
    const BREAK: Entry = Entry(BREAK << KIND_SHIFT);
    const DELETE: Entry = Entry(0);

    fn word(c: char) -> Entry {
        let mut utf8 = [0; 4];
        let len = c.encode_utf8(&mut utf8).len() as u32;
        match len {
            LONG => Entry(LONG << KIND_SHIFT | c as u32),
            _ => Entry(len << KIND_SHIFT | u32::from_le_bytes(utf8)),
        }
    }

    fn single(c: char, weight: u8) -> Entry {
        Entry((SINGLE + u32::from(weight)) << KIND_SHIFT | c as u32)
    }

    fn text(at: usize, len: usize) -> Entry {
        let fits = at < 1 << (KIND_SHIFT - TEXT_LEN_BITS) && len < 1 << TEXT_LEN_BITS;
        assert!(fits, "{at}, {len}: more text than the table is built for");
        Entry(TEXT << KIND_SHIFT | (at as u32) << TEXT_LEN_BITS | len as u32)
    }

    /// Up to three bytes for the word under way and how many they are, if
    /// that is all there is to it (a deleted character has none).
    #[inline(always)]
    pub(super) fn short(self) -> Option<([u8; 4], usize)> {
        let len = self.0 >> KIND_SHIFT;
        (len <= SHORT_MAX).then_some((self.0.to_le_bytes(), len as usize))
    }

    /// Whether it ends a word.
    #[inline(always)]
    pub(super) fn is_break(self) -> bool {
        self == Self::BREAK
    }

    /// Whether it leaves no trace.
    pub(super) fn is_delete(self) -> bool {
        self == Self::DELETE
    }

    /// Whether it may be reordered or composed with the characters before it.
    pub(super) fn is_combining(self) -> bool {
        self.0 & COMBINING != 0
    }

    /// What becomes of the code point.
    pub(super) fn fate(self) -> Fate {
        let bits = self.0 & !COMBINING;
        let payload = bits & PAYLOAD;
        let c = || char::from_u32(payload).expect("the table holds characters");
        match bits >> KIND_SHIFT {
            0 => Fate::Delete,
            len @ 1..=SHORT_MAX => {
                let utf8 = &payload.to_le_bytes()[..len as usize];
                let text = std::str::from_utf8(utf8).expect("the table holds UTF-8");
                Fate::Word(text.chars().next().expect("one character"))
            }
            LONG => Fate::Word(c()),
            TEXT => {
                let at = (payload >> TEXT_LEN_BITS) as usize;
                Fate::Text(at, at + (payload & ((1 << TEXT_LEN_BITS) - 1)) as usize)
            }
            BREAK => Fate::Break,
            kind => Fate::Single(c(), (kind - SINGLE) as u8),
        }
    }
}

/// The compiled table.
pub(super) struct Table {
    /// The entries of code points of one or two bytes.
    pub(super) low: Box<[Entry; LOW]>,
    /// For each block of code points, where its entries begin.
    blocks: Vec<u32>,
    entries: Vec<Entry>,
    strings: Vec<char>,
    /// Combining classes other than 0, sorted by first and last code point.
    classes: Vec<(char, char, u8)>,
    /// Compositions, sorted by their two characters.
    composed: Vec<((char, char), char)>,
    /// The same, sorted by what they compose to.
    decomposed: Vec<(char, (char, char))>,
}

impl Table {
    /// The entry of a code point.
    #[inline]
    pub(super) fn entry(&self, c: u32) -> Entry {
        let block = self.blocks[(c / BLOCK) as usize];
        self.entries[(block + c % BLOCK) as usize]
    }

    /// The characters of a [`Fate::Text`].
    pub(super) fn text(&self, from: usize, to: usize) -> &[char] {
        &self.strings[from..to]
    }

    /// The canonical combining class; 0 for all that is no reorderable mark.
    pub(super) fn class(&self, c: char) -> u8 {
        let at = self.classes.partition_point(|&(_, last, _)| last < c);
        match self.classes.get(at) {
            Some(&(first, _, class)) if first <= c => class,
            _ => 0,
        }
    }

    /// What two characters compose to, Hangul aside.
    pub(super) fn compose(&self, a: char, b: char) -> Option<char> {
        let at = self.composed.binary_search_by_key(&(a, b), |&(pair, _)| pair).ok()?;
        Some(self.composed[at].1)
    }

    /// The two characters that compose to this one, Hangul aside.
    pub(super) fn decompose(&self, c: char) -> Option<(char, char)> {
        let at = self.decomposed.binary_search_by_key(&c, |&(c, _)| c).ok()?;
        Some(self.decomposed[at].1)
    }

    /// Reads the table from its text. Panics on one that is not in its own
    /// form: it is a part of the program.
    fn compile(text: &str) -> Table {
        let mut table = Table {
            low: Box::new([Entry::BREAK; LOW]),
            blocks: vec![0; (CODE_POINTS / BLOCK) as usize],
            entries: vec![Entry::BREAK; BLOCK as usize],
            strings: Vec::new(),
            classes: Vec::new(),
            composed: Vec::new(),
            decomposed: Vec::new(),
        };
        let mut maps = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let [code_points, what, with] = [(); 3].map(|()| fields.next().unwrap_or_default());
            if what == "map" {
                maps.push((code_points, with));
                continue;
            }
            let known = table.add(code_points, what, with);
            assert!(known.is_some(), "not a line of the table: {line}");
        }
        table.composed.sort_unstable();
        table.decomposed = table.composed.iter().map(|&(pair, c)| (c, pair)).collect();
        table.decomposed.sort_unstable();
        table.mark_combining();
        // What a character is had to come before what becomes that character.
        for (code_points, with) in maps {
            let known = table.map(code_points, with);
            assert!(known.is_some(), "not a line of the table: {code_points} map {with}");
        }
        for c in 0..LOW {
            table.low[c] = table.entry(c as u32);
        }
        table
    }

    /// Adds one line, of any sort but `map`.
    fn add(&mut self, code_points: &str, what: &str, with: &str) -> Option<()> {
        if what == "compose" {
            let (a, b) = code_points.split_once(' ')?;
            self.composed.push(((character(a)?, character(b)?), character(with)?));
            return Some(());
        }
        let (first, last) = range(code_points)?;
        match what {
            "word" => self.fill(first, last, Entry::word),
            "single" => {
                let weight = u8::from_str(with).ok()?;
                self.fill(first, last, |c| Entry::single(c, weight));
            }
            "delete" => self.fill(first, last, |_| Entry::DELETE),
            "ccc" => self.classes.push((first, last, u8::from_str(with).ok()?)),
            _ => return None,
        }
        Some(())
    }

    /// Adds a line of the sort `map`.
    fn map(&mut self, code_points: &str, with: &str) -> Option<()> {
        let (first, last) = range(code_points)?;
        let entry = self.mapped(with)?;
        self.fill(first, last, |_| entry);
        Some(())
    }

    /// The entry of a character that becomes these.
    fn mapped(&mut self, code_points: &str) -> Option<Entry> {
        let at = self.strings.len();
        for code_point in code_points.split(' ') {
            self.strings.push(character(code_point)?);
        }
        let first = self.entry(self.strings[at] as u32);
        let len = self.strings.len() - at;
        if len == 1 {
            self.strings.pop();
            return Some(first);
        }
        Some(Entry(Entry::text(at, len).0 | first.0 & COMBINING))
    }

    /// Marks what may be reordered or composed with what stands before it:
    /// all with a combining class, all that are second in a composition, and
    /// all that begin with one of these when they are decomposed.
    fn mark_combining(&mut self) {
        for (first, last, _) in self.classes.clone() {
            self.mark(first, last);
        }
        for ((_, second), _) in self.composed.clone() {
            self.mark(second, second);
        }
        self.mark(hangul::VOWELS.0, hangul::VOWELS.1);
        self.mark(hangul::FINALS.0, hangul::FINALS.1);
        for ((mut first, _), c) in self.composed.clone() {
            while let Some((before, _)) = self.decompose(first) {
                first = before;
            }
            if self.entry(first as u32).is_combining() {
                self.mark(c, c);
            }
        }
    }

    fn mark(&mut self, first: char, last: char) {
        for c in first as u32..=last as u32 {
            let at = self.blocks[(c / BLOCK) as usize] + c % BLOCK;
            self.entries[at as usize].0 |= COMBINING;
        }
    }

    /// Sets the entries of a range, giving a block entries of its own when it
    /// first needs them.
    fn fill(&mut self, first: char, last: char, entry: impl Fn(char) -> Entry) {
        for c in first..=last {
            let block = &mut self.blocks[(c as u32 / BLOCK) as usize];
            if *block == 0 {
                *block = self.entries.len() as u32;
                self.entries.extend([Entry::BREAK; BLOCK as usize]);
            }
            self.entries[(*block + c as u32 % BLOCK) as usize] = entry(c);
        }
    }
}

fn range(code_points: &str) -> Option<(char, char)> {
    let (first, last) = code_points.split_once("..").unwrap_or((code_points, code_points));
    Some((character(first)?, character(last)?))
}

fn character(code_point: &str) -> Option<char> {
    char::from_u32(u32::from_str_radix(code_point, 16).ok()?)
}
