//! Two texts beside each other, in columns of a terminal.
//!
//! Equal words stand in equal rows. Each column is laid out by the direction
//! of its text (Unicode Standard Annex 9: an isolate of that direction), and a
//! text from right to left stands at the right of its column.

use std::ops::Range;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::compare::{Alignment, Side};
use crate::visible::visible;

use super::super::listing::one_line;
use super::super::paint::{Ink, Paint};
use super::shortened;

/// A column narrower than this holds hardly a word.
const COLUMN_WIDTH_MIN: usize = 16;

const BETWEEN: &str = " │ ";

/// The texts of an alignment side by side, `width` terminal columns in all.
pub(super) fn columns(
    alignment: &Alignment<'_>,
    texts: [&str; 2],
    width: usize,
    full: bool,
    paint: Paint,
) -> String {
    let width = (width.saturating_sub(BETWEEN.width()) / 2).max(COLUMN_WIDTH_MIN);
    let column = |text: &str| Column {
        width,
        from_right: is_from_right(text),
        paint,
        lines: Vec::new(),
        line: Line::default(),
        space: false,
    };
    let mut page = Page { columns: texts.map(column) };
    for (at, stretch) in alignment.stretches().iter().enumerate() {
        if stretch.same {
            let equal = shortened(alignment, at, full);
            let offset = stretch.tokens[1].start as isize - stretch.tokens[0].start as isize;
            page.equal(alignment, equal.head, offset);
            if let Some(left_out) = equal.left_out {
                page.level();
                for column in &mut page.columns {
                    column.word(&left_out, Some(Ink::Quiet));
                }
                page.level();
            }
            page.equal(alignment, equal.tail, offset);
        } else {
            for (side, ink) in [(Side::A, Ink::Removed), (Side::B, Ink::Added)] {
                page.columns[side as usize]
                    .differing(alignment.text(side, &stretch.tokens[side as usize]), ink);
            }
            if page.columns[0].lines.len() != page.columns[1].lines.len() {
                page.level();
            }
        }
    }
    page.finish()
}

/// Two columns being filled.
struct Page {
    columns: [Column; 2],
}

impl Page {
    /// Adds words that are the same in both; those of B are `offset` further.
    fn equal(&mut self, alignment: &Alignment<'_>, tokens: Range<usize>, offset: isize) {
        for token in tokens {
            let other = token.saturating_add_signed(offset);
            let words = [
                alignment.text(Side::A, &(token..token + 1)),
                alignment.text(Side::B, &(other..other + 1)),
            ];
            let mut fit = true;
            for (column, words) in self.columns.iter().zip(words) {
                fit &= column.fits(&visible(&one_line(words)));
            }
            if !fit {
                self.level();
            }
            for (column, words) in self.columns.iter_mut().zip(words) {
                column.space |= words.starts_with(char::is_whitespace);
                column.word(&visible(&one_line(words)), None);
                column.space = words.ends_with(char::is_whitespace);
            }
            if words.iter().any(|words| words.contains('\n')) {
                self.level();
            }
        }
    }

    /// Ends the line in both columns, so that what follows stands level.
    fn level(&mut self) {
        for column in &mut self.columns {
            column.end_line();
        }
        let lines = self.columns.iter().map(|column| column.lines.len()).max().unwrap_or(0);
        for column in &mut self.columns {
            column.lines.resize_with(lines, Line::default);
        }
    }

    fn finish(mut self) -> String {
        self.level();
        let [a, b] = &self.columns;
        let mut out = String::new();
        for (left, right) in a.lines.iter().zip(&b.lines) {
            let row = format!("{}{BETWEEN}{}", a.cell(left), b.cell(right));
            out.push_str(row.trim_end_matches(' '));
            out.push('\n');
        }
        out
    }
}

/// One line of a column.
#[derive(Default)]
struct Line {
    text: String,
    width: usize,
}

/// One column being filled.
struct Column {
    width: usize,
    from_right: bool,
    paint: Paint,
    lines: Vec<Line>,
    line: Line,
    /// Whether white space was met since the last word.
    space: bool,
}

impl Column {
    /// Whether a word still fits into the line.
    fn fits(&self, word: &str) -> bool {
        self.line.width + usize::from(self.space) + word.width() <= self.width
    }

    /// Adds words that the other text does not have.
    fn differing(&mut self, text: &str, ink: Ink) {
        let (begin, end) = if ink == Ink::Removed { ("[-", "-]") } else { ("{+", "+}") };
        let words: Vec<&str> = text.split_whitespace().collect();
        self.space |= text.starts_with(char::is_whitespace);
        for (at, word) in words.iter().enumerate() {
            let mut word = visible(word).into_owned();
            if at == 0 {
                word.insert_str(0, begin);
            }
            if at + 1 == words.len() {
                word.push_str(end);
            }
            self.word(&word, Some(ink));
            self.space = true;
        }
        self.space = words.is_empty() && self.space || text.ends_with(char::is_whitespace);
    }

    /// Adds a word; one that is wider than the column is cut.
    fn word(&mut self, word: &str, ink: Option<Ink>) {
        if !self.fits(word) {
            self.end_line();
        }
        if self.space && self.line.width > 0 {
            self.line.text.push(' ');
            self.line.width += 1;
        }
        self.space = false;
        let mut rest = word;
        while rest.width() > self.width {
            let (part, after) = rest.split_at(cut(rest, self.width));
            self.put(part, ink);
            self.end_line();
            rest = after;
        }
        self.put(rest, ink);
    }

    fn put(&mut self, word: &str, ink: Option<Ink>) {
        match ink {
            Some(ink) => self.line.text.push_str(&self.paint.ink(ink, word)),
            None => self.line.text.push_str(word),
        }
        self.line.width += word.width();
    }

    fn end_line(&mut self) {
        if self.line.width > 0 {
            self.lines.push(std::mem::take(&mut self.line));
        }
        self.space = false;
    }

    /// A line as wide as the column.
    fn cell(&self, line: &Line) -> String {
        const LEFT_TO_RIGHT_ISOLATE: char = '\u{2066}';
        const RIGHT_TO_LEFT_ISOLATE: char = '\u{2067}';
        const POP_DIRECTIONAL_ISOLATE: char = '\u{2069}';
        let room = " ".repeat(self.width.saturating_sub(line.width));
        if line.text.is_empty() {
            return room;
        }
        let text = &line.text;
        match self.from_right {
            true => format!("{room}{RIGHT_TO_LEFT_ISOLATE}{text}{POP_DIRECTIONAL_ISOLATE}"),
            false => format!("{LEFT_TO_RIGHT_ISOLATE}{text}{POP_DIRECTIONAL_ISOLATE}{room}"),
        }
    }
}

/// How many bytes of a text fit into so many columns: one character at least.
fn cut(text: &str, width: usize) -> usize {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > width && at > 0 {
            return at;
        }
    }
    text.len()
}

/// Whether a text is written from right to left: whether its first letter is
/// (Unicode Standard Annex 9, rules P2 and P3, by blocks of scripts).
fn is_from_right(text: &str) -> bool {
    let first = text.chars().find(|c| c.is_alphabetic());
    first.is_some_and(|c| {
        matches!(c,
            // Hebrew to Arabic Extended-A, their presentation forms.
            '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}'
            // Cypriot to Yezidi, Mende Kikakui to Arabic Mathematical.
            | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &str, b: &str, width: usize, expected: &[&str]) {
        let alignment = Alignment::new([a, b]);
        let shown = columns(&alignment, [a, b], width, true, Paint::default());
        let shown = shown.replace(['\u{2066}', '\u{2067}', '\u{2069}'], "");
        assert_eq!(shown.lines().collect::<Vec<_>>(), expected, "{a:?} beside {b:?}");
    }

    #[test]
    fn equal_words_stand_level() {
        check(
            "one two three four five six",
            "One two, x four five six",
            35,
            &[
                "one two          │ One two, {+x+}",
                "[-three-]        │",
                "four five six    │ four five six",
            ],
        );
    }

    #[test]
    fn a_text_from_right_to_left_stands_at_the_right() {
        check("قال نعم", "yes", 35, &["     [-قال نعم-] │ {+yes+}"]);
    }

    #[test]
    fn a_word_wider_than_the_column_is_cut() {
        let long = "x".repeat(20);
        check(
            &long,
            &long,
            35,
            &["xxxxxxxxxxxxxxxx │ xxxxxxxxxxxxxxxx", "xxxx             │ xxxx"],
        );
    }

    #[test]
    fn no_row_is_wider_than_the_terminal() {
        let a = "文字 and words, \u{1B}[0m قال المتحدث ".repeat(30);
        let b = a.replace("and", "or").replace("words", "a great many more words\n");
        let alignment = Alignment::new([&a, &b]);
        for width in [35, 60, 81] {
            for line in columns(&alignment, [&a, &b], width, true, Paint::default()).lines() {
                let plain = line.replace(['\u{2066}', '\u{2067}', '\u{2069}'], "");
                assert!(plain.width() <= width, "{width}: {plain}");
            }
        }
    }
}
