//! What must be true of every text; for property tests and fuzz targets.

use unicode_normalization::UnicodeNormalization;

use super::reference;
use super::split::{ARTICLE_TOKENS_MIN, Split, lines, split_text};
use super::{Tokens, fold};
use crate::hash::hash64;

/// Presentation forms of marks. They are deleted whole, while their
/// compatibility decomposition begins with a space or a tatweel: these alone
/// do not fold like their own NFKC.
const PRESENTATION_MARKS: [std::ops::RangeInclusive<char>; 3] =
    ['\u{FE70}'..='\u{FE7F}', '\u{FC5E}'..='\u{FC63}', '\u{FCF2}'..='\u{FCF4}'];

/// Panics, with the fact and the text, if something that is true of every
/// text is not true of this one: the scanner and its plain twin agree, places
/// lead back to the tokens, and folding is blind to itself and to normalisation
/// forms. The latter holds as far as Unicode is known here: a younger version
/// may tell a mark where the table sees an unassigned code point.
#[track_caller]
pub fn check(text: &str) {
    check_twin(text);
    check_places(text);

    let folded = fold(text);
    assert_eq!(folded, fold(&folded), "fold(fold(x)) is not fold(x) for {text:?}");
    if !text.chars().all(reference::is_known) {
        return;
    }
    let nfc: String = text.nfc().collect();
    assert_eq!(folded, fold(&nfc), "fold(NFC x) is not fold(x) for {text:?}");
    let nfd: String = text.nfd().collect();
    assert_eq!(folded, fold(&nfd), "fold(NFD x) is not fold(x) for {text:?}");
    let is_excepted = |c: char| PRESENTATION_MARKS.iter().any(|marks| marks.contains(&c));
    if !text.contains(is_excepted) {
        let nfkc: String = text.nfkc().collect();
        assert_eq!(folded, fold(&nfkc), "fold(NFKC x) is not fold(x) for {text:?}");
    }
}

/// The scanner says what the rules say.
#[track_caller]
pub fn check_twin(text: &str) {
    let mut tokens = Tokens::new();
    tokens.read(text);
    let rules = reference::tokens(text);
    let folded: Vec<&str> = rules.iter().map(|token| token.text.as_str()).collect();
    assert_eq!(fold(text), folded.join(" "), "the tokens of {text:?}; right: by the rules");
    assert_eq!(tokens.len(), rules.len(), "how many tokens {text:?} has; right: by the rules");
    for (i, rules) in rules.iter().enumerate() {
        let found = (tokens.hashes()[i], tokens.span(i), tokens.weights()[i]);
        let expected = (hash64(rules.text.as_bytes()), rules.bytes.clone(), rules.weight);
        assert_eq!(found, expected, "token {i} of {text:?}; right: by the rules, {rules:?}");
    }
}

/// Places lie on character boundaries and never go back, and the bytes of a
/// token hold that token and nothing else; if some share bytes, then these
/// together.
#[track_caller]
fn check_places(text: &str) {
    let mut tokens = Tokens::new();
    tokens.read(text);
    let spans: Vec<_> = (0..tokens.len()).map(|i| tokens.span(i)).collect();
    for pair in spans.windows(2) {
        let forward = pair[0].start <= pair[1].start && pair[0].end <= pair[1].end;
        assert!(forward, "a token of {text:?} goes back: {pair:?}");
    }
    let mut first = 0;
    for together in spans.chunk_by(|a, b| b.start < a.end) {
        let bytes = together[0].start..together[together.len() - 1].end;
        let written = text.get(bytes.clone());
        let written = written.unwrap_or_else(|| panic!("{bytes:?} cuts a character of {text:?}"));
        let mut inner = Tokens::new();
        inner.read(written);
        let expected = &tokens.hashes()[first..first + together.len()];
        assert_eq!(inner.hashes(), expected, "{written:?} is not token {first} of {text:?}");
        first += together.len();
    }
}

/// Panics, with the fact and the text, if lines or articles of this text are
/// not what they must be: lines hold no terminator and only terminators lie
/// between them, articles are whole lines that follow one another from the
/// beginning to the end, and each of several has its tokens.
#[track_caller]
pub fn check_split(text: &str) {
    const TERMINATORS: [&str; 6] = ["\n", "\r\n", "\r", "\u{0085}", "\u{2028}", "\u{2029}"];
    let all: Vec<_> = lines(text).collect();
    let ends = all.iter().skip(1).map(|line| line.start).chain([text.len()]);
    let mut start = 0;
    for (line, next) in all.iter().zip(ends) {
        assert_eq!(line.start, start, "the start of a line in {text:?}");
        let (content, terminator) = (&text[line.clone()], &text[line.end..next]);
        let clean = !TERMINATORS.iter().any(|terminator| content.contains(terminator));
        assert!(clean, "the line {content:?} of {text:?} holds a terminator");
        let ends =
            TERMINATORS.contains(&terminator) || (terminator.is_empty() && next == text.len());
        assert!(ends, "{content:?} of {text:?} is ended by {terminator:?}");
        start = next;
    }

    for (split, tokens_min) in
        [(Split::Auto, ARTICLE_TOKENS_MIN), (Split::Blank, 1), (Split::None, 0)]
    {
        let articles = split_text(text, &split);
        let mut start = 0;
        for article in &articles {
            assert_eq!(article.start, start, "the start of an article in {text:?}");
            let at_line = all.iter().any(|line| line.start == start);
            assert!(at_line, "an article begins inside a line of {text:?}");
            let mut tokens = Tokens::new();
            tokens.read(&text[article.clone()]);
            let enough = articles.len() == 1 || tokens.len() >= tokens_min;
            assert!(enough, "{split:?}: {} tokens in {article:?} of {text:?}", tokens.len());
            start = article.end;
        }
        assert_eq!(start, text.len(), "{split:?}: the end of the articles of {text:?}");
    }
}
