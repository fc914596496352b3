//! Plain text to articles.
//!
//! A line is a candidate for a new article by its looks alone; it stands if
//! there is enough text before and after it. The splitter takes lines one by
//! one and keeps two counts, so a file of any size can be read while only the
//! lines since an undecided candidate are held: less than
//! [`ARTICLE_TOKENS_MIN`] tokens.

use std::ops::Range;

use memchr::memchr2_iter;
use regex::Regex;

use super::Tokens;
use crate::{Error, Result};

/// How many tokens `auto` wants on either side of a split: decorative rules
/// around a headline or a list would cut off less.
pub const ARTICLE_TOKENS_MIN: usize = 15;

/// What lines of rules are made of.
const RULE_CHARS: [char; 6] = ['*', '=', '#', '~', '_', '-'];
/// How many of them make a rule.
const RULE_CHARS_MIN: usize = 3;
const FORM_FEED: char = '\u{000C}';

/// Where a plain text is cut into articles.
#[derive(Clone, Debug, Default)]
pub enum Split {
    /// At form feeds, at rules (`***`, `- - -`) and at headlines after a rule
    /// (`*** headline`), if there are [`ARTICLE_TOKENS_MIN`] tokens before and
    /// after.
    #[default]
    Auto,
    /// Nowhere: a file is an article.
    None,
    /// At blank lines.
    Blank,
    /// At lines in which the expression is found.
    Pattern(Regex),
}

impl Split {
    /// Reads what was asked for: `auto`, `none`, `blank`, or a regular
    /// expression; [`Error::Usage`] says what is wrong with one.
    pub fn parse(text: &str) -> Result<Split> {
        match text {
            "auto" => Ok(Split::Auto),
            "none" => Ok(Split::None),
            "blank" => Ok(Split::Blank),
            pattern => match Regex::new(pattern) {
                Ok(regex) => Ok(Split::Pattern(regex)),
                Err(error) => {
                    // Its last line says what is wrong, those before it draw
                    // where.
                    let words = error.to_string();
                    let cause = words.lines().last().unwrap_or_default();
                    let cause = cause.trim_start_matches("error: ");
                    Err(Error::Usage(format!(
                        "--split {pattern}: {cause}; give auto, none, blank, or a regular \
                         expression for the first line of an article"
                    )))
                }
            },
        }
    }

    /// What [`Split::parse`] reads this from.
    pub fn as_str(&self) -> &str {
        match self {
            Split::Auto => "auto",
            Split::None => "none",
            Split::Blank => "blank",
            Split::Pattern(regex) => regex.as_str(),
        }
    }

    /// Whether an article may begin with this line (without its terminator).
    fn is_candidate(&self, line: &str) -> bool {
        match self {
            Split::Auto => line.starts_with(FORM_FEED) || is_rule(line) || headline(line).is_some(),
            Split::None => false,
            Split::Blank => line.trim().is_empty(),
            Split::Pattern(regex) => regex.is_match(line),
        }
    }

    /// How many tokens there must be on either side. An explicit wish has no
    /// minimum, except that an article has some text.
    fn tokens_min(&self) -> usize {
        match self {
            Split::Auto => ARTICLE_TOKENS_MIN,
            Split::None | Split::Blank | Split::Pattern(_) => 1,
        }
    }
}

/// A line of three or more rule characters alone, spaces aside.
fn is_rule(line: &str) -> bool {
    let mut chars = line.chars().filter(|c| !c.is_whitespace());
    let is_rule = chars.clone().all(|c| RULE_CHARS.contains(&c));
    is_rule && chars.nth(RULE_CHARS_MIN - 1).is_some()
}

/// The headline of a line like `*** headline`: three or more rule characters,
/// a space, then text. Rules and spaces after it are left out, and a form feed
/// before it is no matter.
pub fn headline(line: &str) -> Option<&str> {
    let line = line.strip_prefix(FORM_FEED).unwrap_or(line);
    let text = line.trim_start_matches(RULE_CHARS);
    // All rule characters are one byte long.
    if line.len() - text.len() < RULE_CHARS_MIN || !text.starts_with(char::is_whitespace) {
        return None;
    }
    let is_frame = |c: char| c.is_whitespace() || RULE_CHARS.contains(&c);
    let headline = text.trim_start().trim_end_matches(is_frame);
    (!headline.trim_start_matches(is_frame).is_empty()).then_some(headline)
}

/// Decides, line by line, where articles begin.
///
/// A split stands if the article before it (since the last split that stands)
/// and the text after it (up to the next candidate or the end) have tokens
/// enough; else the text goes on. The candidate belongs to what follows. The
/// first article begins with the text, whatever its first line.
pub struct Splitter {
    split: Split,
    tokens_min: usize,
    /// Tokens of the article under way, counted until they are enough.
    before: usize,
    /// The candidate that is not decided yet, and the tokens since.
    pending: Option<(u64, usize)>,
    tokens: Tokens,
}

impl Splitter {
    /// At the beginning of a text.
    pub fn new(split: Split) -> Self {
        let tokens_min = split.tokens_min();
        Self { split, tokens_min, before: 0, pending: None, tokens: Tokens::new() }
    }

    /// Takes the next line, without its terminator, and the offset it begins
    /// at, in any unit that grows. Says where a new article begins as soon as
    /// that is sure: at the offset of this line or of an earlier one, namely
    /// [`Self::pending`]. At the end of the text, what is pending is no
    /// split.
    pub fn feed(&mut self, offset: u64, line: &str) -> Option<u64> {
        if self.split.is_candidate(line) {
            if let Some((_, after)) = self.pending.take() {
                self.before += after;
            }
            if self.before >= self.tokens_min {
                self.pending = Some((offset, 0));
            }
        }
        match self.pending {
            None if self.before >= self.tokens_min => None,
            None => {
                self.before += self.count(line);
                None
            }
            Some((start, after)) => {
                let after = after + self.count(line);
                if after < self.tokens_min {
                    self.pending = Some((start, after));
                    return None;
                }
                self.before = after;
                self.pending = None;
                Some(start)
            }
        }
    }

    /// Where the next article would begin, if that is undecided: all before
    /// this offset belongs to the article under way.
    pub fn pending(&self) -> Option<u64> {
        self.pending.map(|(start, _)| start)
    }

    fn count(&mut self, line: &str) -> usize {
        self.tokens.read(line);
        self.tokens.len()
    }
}

/// The articles of a text: byte ranges that follow one another from the
/// beginning to the end. An empty text has none.
pub fn split_text(text: &str, split: &Split) -> Vec<Range<usize>> {
    let mut splitter = Splitter::new(split.clone());
    let begins = lines(text).filter_map(|line| {
        let begin = splitter.feed(line.start as u64, &text[line]);
        begin.map(|offset| offset as usize)
    });
    let mut articles = Vec::new();
    let mut start = 0;
    for begin in begins {
        articles.push(start..begin);
        start = begin;
    }
    if start < text.len() {
        articles.push(start..text.len());
    }
    articles
}

/// The lines of a text, without their terminators: LF, CR LF, CR, U+0085,
/// U+2028, U+2029. What lies between two lines is the terminator; after the
/// last terminator there is no further line. If the text is only a part of a
/// file, a CR at its end may be half a terminator.
pub fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut ascii = memchr2_iter(b'\n', b'\r', bytes).peekable();
    // The first bytes of U+0085 and of U+2028 and U+2029.
    let mut others =
        memchr2_iter(0xC2, 0xE2, bytes).filter(|&at| terminator_width(&bytes[at..]) > 0).peekable();
    let mut start = 0;
    std::iter::from_fn(move || {
        if start == bytes.len() {
            return None;
        }
        // The LF of a CR LF has been passed already.
        while ascii.next_if(|&at| at < start).is_some() {}
        while others.next_if(|&at| at < start).is_some() {}
        let ends = [ascii.peek().copied(), others.peek().copied()];
        let end = ends.into_iter().flatten().min().unwrap_or(bytes.len());
        let line = start..end;
        start = end + terminator_width(&bytes[end..]);
        Some(line)
    })
}

/// How long the line terminator is that the bytes begin with; 0 if they begin
/// with none.
fn terminator_width(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        [0xC2, 0x85, ..] => 2,
        [0xE2, 0x80, 0xA8 | 0xA9, ..] => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_and_headlines() {
        #[track_caller]
        fn check(line: &str, rule: bool, title: Option<&str>) {
            assert_eq!(is_rule(line), rule, "whether {line:?} is a rule");
            assert_eq!(headline(line), title, "the headline in {line:?}");
        }
        check("***", true, None);
        check(" * * * ", true, None);
        check("=-=-=-=", true, None);
        check("--", false, None);
        check("", false, None);
        check("*** ", true, None);
        check("*** ***", true, None);
        check("*** عنوان المقال", false, Some("عنوان المقال"));
        check("=== Title, and more ===", false, Some("Title, and more"));
        check("\u{000C}### Title", false, Some("Title"));
        check("***no space", false, None);
        check("** two only", false, None);
        check("--- -5 degrees", false, Some("-5 degrees"));
        check("text --- text", false, None);
    }

    #[test]
    fn lines_end_in_six_ways() {
        #[track_caller]
        fn check(text: &str, expected: &[&str]) {
            let found: Vec<&str> = lines(text).map(|line| &text[line]).collect();
            assert_eq!(found, expected, "the lines of {text:?}");
        }
        check("", &[]);
        check("a", &["a"]);
        check("a\n", &["a"]);
        check("\n\na", &["", "", "a"]);
        check("a\nb\r\nc\rd\u{0085}e\u{2028}f\u{2029}g", &["a", "b", "c", "d", "e", "f", "g"]);
        check("\n\r", &["", ""]);
        // Other characters that begin with the same bytes
        check("\u{00A9} \u{2026}", &["\u{00A9} \u{2026}"]);
    }

    #[test]
    fn a_split_stands_between_enough_text() {
        #[track_caller]
        fn check(split: &str, text: &str, expected: &[&str]) {
            let split = Split::parse(split).expect("a split");
            let found: Vec<&str> =
                split_text(text, &split).into_iter().map(|article| &text[article]).collect();
            assert_eq!(found, expected, "{text:?} split at {split:?}");
        }
        let long = "one two three four five six seven eight nine ten 11 12 13 14 15\n";
        let short = "one two three four five six seven eight nine ten 11 12 13 14\n";
        let join = |parts: &[&str]| parts.concat();

        check("auto", "", &[]);
        check("auto", "\n", &["\n"]);
        check("auto", &join(&[long, "***\n", long]), &[long, &join(&["***\n", long])]);
        check("auto", &join(&[long, "***\n", short]), &[&join(&[long, "***\n", short])]);
        check("auto", &join(&[short, "***\n", long]), &[&join(&[short, "***\n", long])]);
        // The headline counts as text of its article.
        check("auto", &join(&[long, "*** x\n", short]), &[long, &join(&["*** x\n", short])]);
        check("auto", &join(&[long, "\u{C}", long]), &[&join(&[long]), &join(&["\u{C}", long])]);
        // In the middle of a line, a form feed is a space.
        let middle = join(&[long.trim_end(), "\u{C}", long]);
        check("auto", &middle, &[&middle]);
        // Too little text between two rules: the second one may still stand.
        check(
            "auto",
            &join(&[long, "***\n", short, "***\n", long]),
            &[&join(&[long, "***\n", short]), &join(&["***\n", long])],
        );
        check(
            "auto",
            &join(&["***\n", long, "\n\n", long]),
            &[&join(&["***\n", long, "\n\n", long])],
        );
        check("none", &join(&[long, "***\n", long]), &[&join(&[long, "***\n", long])]);
        check("blank", "\n\na\n\n\nb\n \nc\n\n", &["\n\na\n\n", "\nb\n", " \nc\n\n"]);
        check("^Title:", "Title: a\nb\nTitle: c\nd", &["Title: a\nb\n", "Title: c\nd"]);
        check("^§", "§\n§\na\n§\n", &["§\n§\na\n§\n"]);
    }

    #[test]
    fn a_bad_expression_is_the_users_error() {
        let error = Split::parse("(").expect_err("not an expression").to_string();
        assert!(error.starts_with("--split (: "), "{error}");
    }
}
