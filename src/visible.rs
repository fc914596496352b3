//! Outside text made safe to show on a terminal.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with control and bidirectional formatting characters written as
/// `\u{202e}`, so that a record cannot move the cursor, change colours, ring
/// the bell or turn the rest of a message around. Joiners (U+200C, U+200D)
/// stay: Persian and Indic words need them.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hazard) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hazard(c) {
            write!(shown, "\\u{{{:x}}}", u32::from(c)).expect("a String takes every write");
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// The first `chars_max` characters of a text, made [`visible`], and `…`
/// where something was left out; for quoting in one line.
pub fn excerpt(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        None => visible(text).into_owned(),
        Some((end, _)) => format!("{}…", visible(&text[..end])),
    }
}

fn is_hazard(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            // Bidirectional marks, embeddings, overrides and isolates
            // (Unicode Standard Annex 9).
            '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
            // Line and paragraph separators, the byte order mark.
            | '\u{2028}' | '\u{2029}' | '\u{FEFF}'
            // Tags: invisible copies of ASCII.
            | '\u{E0000}'..='\u{E007F}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hazards_are_spelled_out_and_text_is_left_alone() {
        #[track_caller]
        fn check(text: &str, shown: &str) {
            assert_eq!(visible(text), shown, "for {text:?}");
        }
        check("", "");
        check("الحمد لله, naïve", "الحمد لله, naïve");
        check("می\u{200C}شود", "می\u{200C}شود");
        check("\u{1B}[31mred\u{7}", "\\u{1b}[31mred\\u{7}");
        check("a\r\nb\u{85}", "a\\u{d}\\u{a}b\\u{85}");
        check("abc\u{202E}txt.exe", "abc\\u{202e}txt.exe");
    }

    #[test]
    fn an_excerpt_counts_characters_and_says_when_it_is_one() {
        assert_eq!(excerpt("لله", 3), "لله");
        assert_eq!(excerpt("الحمد", 2), "ال…");
        assert_eq!(excerpt("\u{7}ab", 2), "\\u{7}a…");
    }
}
