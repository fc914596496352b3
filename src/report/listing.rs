//! Families on a terminal: how often, where, and in which words.
//!
//! Corpora mix writing directions. Every piece of their text stands between
//! FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (Unicode Standard Annex 9,
//! section 2.4), so that each is laid out by its own direction and none
//! disturbs what stands around it. Such characters in the text itself, and
//! every other one that steers a terminal, are made visible first.

use std::collections::HashMap;
use std::fmt::Write;

use crate::boilerplate::{EditQuote, FamilyFacts, Outcome, Quotes, Stands};
use crate::passages::Family;
use crate::visible::visible;

use super::iso;
use super::words::{grouped, percent, plural};

/// How many characters of a representative are shown: two lines or so.
const EXCERPT_CHARS: usize = 160;

/// How many sources of a family are named.
const SOURCES_SHOWN_MAX: usize = 5;

/// How many characters of a source's name are shown.
const SOURCE_CHARS_MAX: usize = 40;

/// How many variants of a family are shown, the most frequent first.
const VARIANTS_SHOWN_MAX: usize = 5;

/// How many words around a difference are shown.
const CONTEXT_WORDS: usize = 6;

/// The first `top` families as a person likes to read them; with `diff` also
/// how the variants of each differ from its representative, word by word:
/// `[-words of the representative-]` and `{+words that stand for them+}`.
pub fn listing(outcome: &Outcome, quotes: &Quotes, top: usize, diff: bool) -> String {
    let mut out = String::new();
    for (index, family) in outcome.families.iter().enumerate().take(top) {
        if index > 0 {
            out.push('\n');
        }
        let line = headline(index, family, &outcome.facts(family), quotes.words(index));
        writeln!(out, "{line}\n   {}", excerpt(quotes.text(index)))
            .expect("a String takes every write");
        if diff {
            out.push_str(&variants(index, quotes));
        }
    }
    out
}

/// The facts of a family in one line.
fn headline(index: usize, family: &Family, facts: &FamilyFacts<'_>, words: u64) -> String {
    let mut parts = vec![plural(u64::from(family.documents), "article")];
    let occurrences = family.occurrences.len() as u64;
    if occurrences != u64::from(family.documents) {
        parts[0] += &format!(" ({})", plural(occurrences, "occurrence"));
    }
    if facts.copies > 0 {
        let noun = if facts.copies == 1 { "copy" } else { "copies" };
        parts[0] += &format!(" and {} {noun} of them", grouped(facts.copies));
    }
    parts.push(plural(words, "word"));
    parts.push(
        match facts.standing.usual() {
            Stands::Head => "at the beginning",
            Stands::Body => "in the middle",
            Stands::Tail => "at the end",
            Stands::Whole => "alone",
        }
        .to_owned(),
    );
    parts.push(format!("{} alike", percent(facts.median_identity)));
    if !facts.sources.is_empty() {
        parts.push(sources(&facts.sources));
    }
    if let Some((first, last)) = facts.dates
        && let (Some(first), Some(last)) = (day(first), day(last))
    {
        parts.push(if first == last { first } else { format!("{first} to {last}") });
    }
    format!("{}. {}", index + 1, parts.join(", "))
}

fn sources(names: &[&str]) -> String {
    let shown = names.iter().take(SOURCES_SHOWN_MAX);
    let shown: Vec<String> =
        shown.map(|name| isolated(&crate::visible::excerpt(name, SOURCE_CHARS_MAX))).collect();
    let more = names.len().saturating_sub(SOURCES_SHOWN_MAX) as u64;
    let more = if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
    format!("in {}{more}", shown.join(", "))
}

fn day(time: crate::document::Timestamp) -> Option<String> {
    iso(time).and_then(|text| Some(text.get(..10)?.to_owned()))
}

/// The beginning of a text, in one line.
pub(super) fn excerpt(text: &str) -> String {
    isolated(&crate::visible::excerpt(&one_line(text), EXCERPT_CHARS))
}

/// The text with its white space as single spaces.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text that was made safe to show, laid out by its own direction.
pub(super) fn isolated(safe: &str) -> String {
    const FIRST_STRONG_ISOLATE: char = '\u{2068}';
    const POP_DIRECTIONAL_ISOLATE: char = '\u{2069}';
    format!("{FIRST_STRONG_ISOLATE}{safe}{POP_DIRECTIONAL_ISOLATE}")
}

/// How the occurrences of a family differ from its representative, equal ones
/// together.
fn variants(index: usize, quotes: &Quotes) -> String {
    let mut counts: HashMap<&[EditQuote], (u64, usize)> = HashMap::new();
    for (at, quote) in quotes.occurrences(index).iter().enumerate() {
        let count = counts.entry(&quote.edits).or_insert((0, at));
        count.0 += 1;
    }
    let mut variants: Vec<(u64, usize, &[EditQuote])> = counts
        .into_iter()
        .filter(|(edits, _)| !edits.is_empty())
        .map(|(edits, (count, first))| (count, first, edits))
        .collect();
    variants.sort_unstable_by_key(|&(count, first, _)| (std::cmp::Reverse(count), first));
    let mut out = String::new();
    for (count, _, edits) in variants.iter().take(VARIANTS_SHOWN_MAX) {
        writeln!(out, "   {}× {}", grouped(*count), difference(quotes.text(index), edits))
            .expect("a String takes every write");
    }
    let more = variants.len().saturating_sub(VARIANTS_SHOWN_MAX) as u64;
    if more > 0 {
        writeln!(out, "   and {}", plural(more, "more variant"))
            .expect("a String takes every write");
    }
    out
}

/// A representative's text with edits in it; of what agrees, only some words
/// beside each edit.
fn difference(text: &str, edits: &[EditQuote]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut done = 0;
    for edit in edits {
        let range = edit.representative.clone();
        let agreed = text.get(done..range.start).unwrap_or_default();
        parts.extend(shortened(agreed, done > 0, true));
        let removed = one_line(text.get(range.clone()).unwrap_or_default());
        if !removed.is_empty() {
            parts.push(format!("[-{}-]", isolated(&visible(&removed))));
        }
        let here = one_line(&edit.here);
        if !here.is_empty() {
            parts.push(format!("{{+{}+}}", isolated(&visible(&here))));
        }
        done = range.end;
    }
    parts.extend(shortened(text.get(done..).unwrap_or_default(), true, false));
    // The direction of the whole is that of its text, not of the brackets.
    isolated(&parts.join(" "))
}

/// Text between two edits: the words beside the edit before it and the one
/// after it, where there are such edits.
fn shortened(text: &str, after_edit: bool, before_edit: bool) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let head = if after_edit { CONTEXT_WORDS } else { 0 };
    let tail = if before_edit { CONTEXT_WORDS } else { 0 };
    let shown = if words.len() <= head + tail {
        words.join(" ")
    } else {
        let (head, tail) = (words[..head].join(" "), words[words.len() - tail..].join(" "));
        format!("{head} … {tail}").trim().to_owned()
    };
    let shown = visible(&shown).into_owned();
    (!shown.is_empty()).then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_some_words_beside_each_edit() {
        #[track_caller]
        fn check(text: &str, edits: &[(&str, &str)], expected: &str) {
            let mut done = 0;
            let edits: Vec<EditQuote> = edits
                .iter()
                .map(|&(words, here)| {
                    let start = done + text[done..].find(words).expect("words of the text");
                    done = start + words.len();
                    EditQuote { representative: start..done, here: here.to_owned() }
                })
                .collect();
            let shown = difference(text, &edits).replace(['\u{2068}', '\u{2069}'], "");
            assert_eq!(shown, expected, "for {text:?} and {edits:?}");
        }
        check("a b c", &[("b", "x y")], "a [-b-] {+x y+} c");
        check("a b c", &[("a", ""), ("c", "d")], "[-a-] b [-c-] {+d+}");
        check("a b", &[("", "x")], "{+x+} a b");
        check("1 2 3 4 5 6 7 8 9", &[("8", "")], "… 2 3 4 5 6 7 [-8-] 9");
        check("1 2 3 4 5 6 7 8 9", &[("1", "")], "[-1-] 2 3 4 5 6 7 …");
        check("a \u{7}b\n c", &[("b\n", "\u{202e}d")], "a \\u{7} [-b-] {+\\u{202e}d+} c");
    }
}
