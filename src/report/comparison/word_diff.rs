//! One text with its differences from another, word by word:
//! `[-words of the first alone-]` and `{+words of the second alone+}`.
//!
//! What is equal is written as the first text has it. Lines are those of the
//! texts; each is laid out by its own direction.

use std::ops::Range;

use crate::compare::{Alignment, Side};
use crate::visible::visible;

use super::super::listing::{isolated, one_line};
use super::super::paint::{Ink, Paint};
use super::shortened;

/// The texts of an alignment as one; with `full` also the long equal stretches.
pub(super) fn word_diff(alignment: &Alignment<'_>, full: bool, paint: Paint) -> String {
    let mut page = Page::default();
    let text = |side: Side, tokens: &Range<usize>| alignment.text(side, tokens);
    for (at, stretch) in alignment.stretches().iter().enumerate() {
        let [a, b] = &stretch.tokens;
        if stretch.same {
            let equal = shortened(alignment, at, full);
            page.add(text(Side::A, &equal.head), |words| words.to_owned());
            if let Some(left_out) = equal.left_out {
                page.apart(&paint.ink(Ink::Quiet, &left_out));
            }
            page.add(text(Side::A, &equal.tail), |words| words.to_owned());
            // At the end of A, B may go on.
            page.space |= text(Side::B, b).ends_with(char::is_whitespace);
            continue;
        }
        let (mut removed, added) = (text(Side::A, a), text(Side::B, b));
        let apart = page.space || page.line.is_empty();
        if !added.trim().is_empty() {
            // What stands for it comes in the same line.
            removed = removed.trim_end_matches(['\n', '\r']);
        }
        page.add(removed, |words| mark(paint, Ink::Removed, words));
        page.space |= apart;
        page.add(added, |words| mark(paint, Ink::Added, words));
    }
    page.finish()
}

fn mark(paint: Paint, ink: Ink, words: &str) -> String {
    let (begin, end) = if ink == Ink::Removed { ("[-", "-]") } else { ("{+", "+}") };
    paint.ink(ink, &format!("{begin}{}{end}", isolated(words)))
}

/// Lines being written.
#[derive(Default)]
struct Page {
    text: String,
    line: String,
    /// Whether white space was met since the last word.
    space: bool,
}

impl Page {
    /// Adds some text line by line, its words made safe to show and dressed.
    fn add(&mut self, text: &str, dress: impl Fn(&str) -> String) {
        for (number, part) in text.split('\n').enumerate() {
            if number > 0 {
                self.end_line();
            }
            self.space |= part.starts_with(char::is_whitespace);
            let words = one_line(part);
            if words.is_empty() {
                self.space |= !part.is_empty();
                continue;
            }
            self.word(&dress(&visible(&words)));
            self.space = part.ends_with(char::is_whitespace);
        }
    }

    /// Adds words of our own, with space around them.
    fn apart(&mut self, words: &str) {
        self.space = true;
        self.word(words);
        self.space = true;
    }

    fn word(&mut self, word: &str) {
        if self.space && !self.line.is_empty() {
            self.line.push(' ');
        }
        self.space = false;
        self.line.push_str(word);
    }

    fn end_line(&mut self) {
        if !self.line.is_empty() {
            self.text.push_str(&isolated(&self.line));
            self.text.push('\n');
            self.line.clear();
        }
        self.space = false;
    }

    fn finish(mut self) -> String {
        self.end_line();
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &str, b: &str, full: bool, expected: &str) {
        let alignment = Alignment::new([a, b]);
        let shown = word_diff(&alignment, full, Paint::default());
        let shown = shown.replace(['\u{2068}', '\u{2069}'], "");
        assert_eq!(shown, expected, "{a:?} beside {b:?}");
    }

    #[test]
    fn differences_stand_where_they_are() {
        check("a b c\n", "a x y c\n", false, "a [-b-] {+x y+} c\n");
        check("a b", "a", false, "a [-b-]\n");
        check("a", "a b", false, "a {+b+}\n");
        check("one\n\ntwo three", "one\ntwo four", false, "one\ntwo [-three-] {+four+}\n");
        check("one b\ntwo", "one c\ntwo", false, "one [-b-] {+c+}\ntwo\n");
        check("第一文字", "第二文字", false, "第[-一-]{+二+}文字\n");
        check("", "", false, "");
        check("يضم ٤١ دولةً", "يضم إحدى وأربعين دولة", false, "يضم [-٤١-] {+إحدى وأربعين+} دولةً\n");
    }

    #[test]
    fn long_equal_stretches_are_counted_unless_asked_for() {
        let words = |n: usize| (0..n).map(|i| format!("w{i}")).collect::<Vec<_>>().join(" ");
        let (a, b) = (format!("x {}", words(30)), format!("y {}", words(30)));
        check(&a, &b, false, "[-x-] {+y+} w0 w1 w2 w3 w4 w5 w6 w7 … 22 equal words …\n");
        check(&a, &b, true, &format!("[-x-] {{+y+}} {}\n", words(30)));
        check(&words(30), &words(30), false, "… 30 equal words …\n");
        check(&words(7), &words(7), false, "w0 w1 w2 w3 w4 w5 w6\n");
    }

    #[test]
    fn what_steers_a_terminal_is_spelled_out() {
        check(
            "a\u{1B}[31m b",
            "a\u{1B}[31m \u{202E}c",
            false,
            "a\\u{1b}[31m [-b-] {+\\u{202e}c+}\n",
        );
    }

    #[test]
    fn colours_are_for_differences_only() {
        let alignment = Alignment::new(["a b", "a c"]);
        let shown = word_diff(&alignment, false, Paint::new(true));
        let shown = shown.replace(['\u{2068}', '\u{2069}'], "");
        assert_eq!(shown, "a \u{1B}[31m[-b-]\u{1B}[0m \u{1B}[32m{+c+}\u{1B}[0m\n");
    }
}
