//! The rules of the normalisation, written to be read: they define correct.
//!
//! Every step is done plainly and one after the other, by the libraries that
//! know Unicode, over the whole text. The table beside this file holds what
//! [`rule`] says of each code point, and the scanner must agree with
//! [`tokens`] on every text. Slow by design; nothing but tests, benchmarks and
//! fuzz targets uses it.
//!
//! Per code point, until nothing changes: compatibility decomposition (UAX
//! #15), then [`DELETED`] characters go and [`FOLDED`] ones change, then full
//! case folding (`CaseFolding.txt`, C + F). Over the whole text: canonical
//! order and composition. Deletion comes before case folding because of one
//! character, U+0345: it is a mark to delete, but case folding would make it
//! a letter, and `ᾳ` would differ from its own decomposition.

use std::ops::{Range, RangeInclusive};

use icu_casemap::CaseMapper;
use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::char::{
    canonical_combining_class, compose, decompose_canonical, decompose_compatible,
};

use super::WORD_WEIGHT;

/// The version of Unicode whose letters, marks and numbers make words; younger
/// ones count only by what they decompose to.
pub const UNICODE_VERSION: (u64, u64, u64) = unicode_general_category::UNICODE_VERSION;

/// What becomes of one code point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It goes and leaves no trace; the word around it goes on.
    Delete,
    /// It ends a word.
    Break,
    /// It becomes this, where a space ends a word.
    Text(String),
}

/// One token, as the rules make it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The normalised token.
    pub text: String,
    /// Where it stands, in bytes of the original text.
    pub bytes: Range<usize>,
    /// What it adds to a shingle; a word adds [`WORD_WEIGHT`].
    pub weight: u8,
}

/// Characters that leave no trace, decided on the character as written and
/// again on what it decomposes to.
#[rustfmt::skip]
pub const DELETED: &[RangeInclusive<u32>] = &[
    // Arabic vowel signs, Quranic annotation, hamza and madda above or below
    0x0610..=0x061A, 0x064B..=0x065F, 0x0670..=0x0670, 0x06D6..=0x06DC, 0x06DF..=0x06E4,
    0x06E7..=0x06E8, 0x06EA..=0x06ED, 0x0898..=0x089F, 0x08CA..=0x08E1, 0x08E3..=0x08FF,
    0x10EFD..=0x10EFF,
    // Arabic letters used as marks: tatweel, small waw, small yeh, small farsi
    // yeh, high hamza; NKo lajanyalan
    0x0640..=0x0640, 0x06E5..=0x06E6, 0x08C9..=0x08C9, 0x0674..=0x0674, 0x07FA..=0x07FA,
    // Presentation forms of marks: they decompose to a space or a tatweel with
    // the mark, and that space would split the word
    0xFE70..=0xFE7F, 0xFC5E..=0xFC63, 0xFCF2..=0xFCF4,
    // Hebrew points and accents; Syriac points
    0x0591..=0x05BD, 0x05BF..=0x05BF, 0x05C1..=0x05C2, 0x05C4..=0x05C5, 0x05C7..=0x05C7,
    0x0711..=0x0711, 0x0730..=0x074A,
    // Latin, Greek and Cyrillic combining marks
    0x0300..=0x036F, 0x0483..=0x0489, 0x1AB0..=0x1AFF, 0x1DC0..=0x1DFF, 0x20D0..=0x20F0,
    0xFE20..=0xFE2F,
    // Devanagari nukta and virama
    0x093C..=0x093C, 0x094D..=0x094D,
    // Default ignorable characters, joiners and bidi controls
    0x00AD..=0x00AD, 0x034F..=0x034F, 0x061C..=0x061C, 0x115F..=0x1160, 0x17B4..=0x17B5,
    0x180B..=0x180F, 0x200B..=0x200F, 0x202A..=0x202E, 0x2060..=0x206F, 0x3164..=0x3164,
    0xFE00..=0xFE0F, 0xFEFF..=0xFEFF, 0xFFA0..=0xFFA0, 0xFFF0..=0xFFF8, 0xE0000..=0xE0FFF,
];

/// Letters written for one another, and what they all become.
pub const FOLDED: &[(&str, &str)] = &[
    // alef: wasla, wavy hamza above and below, high hamza
    ("\u{0671}\u{0672}\u{0673}\u{0675}", "\u{0627}"),
    // yeh: alef maksura, farsi yeh, with tail, small v, e, barree, barree with hamza
    ("\u{0649}\u{06CC}\u{06CD}\u{06CE}\u{06D0}\u{06D2}\u{06D3}", "\u{064A}"),
    // kaf: keheh, swash
    ("\u{06A9}\u{06AA}", "\u{0643}"),
    // heh: teh marbuta, doachashmee, with yeh above, goal, goal with hamza,
    // teh marbuta goal, ae
    ("\u{0629}\u{06BE}\u{06C0}\u{06C1}\u{06C2}\u{06C3}\u{06D5}", "\u{0647}"),
    // Latin letters with a stroke or bar, which Unicode does not decompose
    ("ⱥ", "a"),
    ("ƀ", "b"),
    ("ȼꞓ", "c"),
    ("đ", "d"),
    ("ɇ", "e"),
    ("ꞙ", "f"),
    ("ǥꞡ", "g"),
    ("ħ", "h"),
    ("ıɨ", "i"),
    ("ȷɉɟ", "j"),
    ("ꝁꝃꝅꞣ", "k"),
    ("łƚꝉⱡ", "l"),
    ("ꞥ", "n"),
    ("øɵꝋ", "o"),
    ("ᵽꝑ", "p"),
    ("ꝗꝙ", "q"),
    ("ɍꞧ", "r"),
    ("ꞩ", "s"),
    ("ŧⱦ", "t"),
    ("ʉ", "u"),
    ("ꝟ", "v"),
    ("ɏ", "y"),
    ("ƶ", "z"),
    ("æ", "ae"),
    ("œ", "oe"),
];

/// Scripts written without spaces, where one character is one token, and what
/// a character weighs there.
const UNSPACED: &[(RangeInclusive<u32>, u8)] = &[
    // Han and Kana: a word is written with five thirds of a character
    (0x3040..=0x30FF, 12),
    (0x31F0..=0x31FF, 12),
    (0x3400..=0x4DBF, 12),
    (0x4E00..=0x9FFF, 12),
    (0xF900..=0xFAFF, 12),
    (0x20000..=0x323AF, 12),
    // Thai and Lao, Burmese, Khmer: with four
    (0x0E00..=0x0EFF, 5),
    (0x1000..=0x109F, 5),
    (0x1780..=0x17FF, 5),
];

/// Thai and Lao AM: compatibility decomposition would turn these letters,
/// written by everyone, into pairs that nobody writes. They stay, and the
/// pairs are composed.
pub const AM: &[(char, char, char)] =
    &[('\u{0E4D}', '\u{0E32}', '\u{0E33}'), ('\u{0ECD}', '\u{0EB2}', '\u{0EB3}')];

/// What becomes of a code point.
pub fn rule(c: char) -> Rule {
    if is_deleted(c) {
        return Rule::Delete;
    }
    let mut text = c.to_string();
    loop {
        let decomposed: String = text.chars().flat_map(decompose).collect();
        let kept: String =
            decomposed.chars().filter(|&c| !is_deleted(c)).flat_map(fold_char).collect();
        let next = CaseMapper::new().fold_string(&kept).into_owned();
        if next == text {
            break;
        }
        text = next;
    }
    let mut pieces: Vec<Piece> = text.chars().map(|c| Piece { c, bytes: 0..0 }).collect();
    reorder(&mut pieces);
    let composed = recompose(&pieces);
    let text: String =
        composed.iter().map(|piece| if is_word(piece.c) { piece.c } else { ' ' }).collect();
    match text.as_str() {
        "" => Rule::Delete,
        text if text.chars().all(|c| c == ' ') => Rule::Break,
        text => Rule::Text(text.to_string()),
    }
}

/// The tokens of a text.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut pieces = pieces(text);
    reorder(&mut pieces);
    let pieces = recompose(&pieces);

    let mut tokens: Vec<Token> = Vec::new();
    let mut in_word = false;
    let mut end = 0;
    for piece in pieces {
        // Reading from left to right, ends never go back.
        end = piece.bytes.end.max(end);
        if piece.c == ' ' {
            in_word = false;
        } else if let Some(weight) = unspaced_weight(piece.c) {
            tokens.push(Token { text: piece.c.to_string(), bytes: piece.bytes.start..end, weight });
            in_word = false;
        } else if in_word {
            let token = tokens.last_mut().expect("a word is under way");
            token.text.push(piece.c);
            token.bytes.end = end;
        } else {
            tokens.push(Token {
                text: piece.c.to_string(),
                bytes: piece.bytes.start..end,
                weight: WORD_WEIGHT,
            });
            in_word = true;
        }
    }
    tokens
}

/// The normalised tokens of a text, one space between two.
pub fn fold(text: &str) -> String {
    let tokens: Vec<String> = tokens(text).into_iter().map(|token| token.text).collect();
    tokens.join(" ")
}

/// A character of the normalised text (a space ends a word), and the stretch
/// of the original it comes from.
#[derive(Clone, Debug)]
struct Piece {
    c: char,
    bytes: Range<usize>,
}

/// Each code point's text, canonically decomposed. Deleted characters belong
/// to the piece before them, if it is part of a word.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    // The pieces of the last character that was not deleted.
    let mut last = 0..0;
    for (start, c) in text.char_indices() {
        let bytes = start..start + c.len_utf8();
        match rule(c) {
            Rule::Delete => {
                for piece in &mut pieces[last.clone()] {
                    piece.bytes.end = bytes.end;
                }
            }
            Rule::Break => {
                pieces.push(Piece { c: ' ', bytes });
                last = 0..0;
            }
            Rule::Text(text) => {
                last.start = pieces.len();
                let decomposed = text.chars().flat_map(|c| {
                    let mut out = Vec::new();
                    match AM.iter().find(|am| am.2 == c) {
                        Some(am) => out.extend([am.0, am.1]),
                        None => decompose_canonical(c, |c| out.push(c)),
                    }
                    out
                });
                pieces.extend(decomposed.map(|c| Piece { c, bytes: bytes.clone() }));
                last.end = pieces.len();
            }
        }
    }
    pieces
}

/// Puts marks into canonical order (UAX #15, D109). Where that moves a mark,
/// it is no longer told apart whose bytes are whose in that stretch of marks.
fn reorder(pieces: &mut [Piece]) {
    let class = |piece: &Piece| canonical_combining_class(piece.c);
    for marks in pieces.chunk_by_mut(|a, b| class(a) > 0 && class(b) > 0) {
        if !marks.is_sorted_by_key(class) {
            let whole = marks[0].bytes.start..marks[marks.len() - 1].bytes.end;
            marks.sort_by_key(class);
            for mark in marks {
                mark.bytes = whole.clone();
            }
        }
    }
}

/// Canonical composition (UAX #15, D117), and AM.
fn recompose(pieces: &[Piece]) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut starter: Option<usize> = None;
    for piece in pieces {
        let class = canonical_combining_class(piece.c);
        if let Some(starter) = starter {
            let between = &out[starter + 1..];
            let blocked = between.iter().any(|b| {
                let class_between = canonical_combining_class(b.c);
                class_between == 0 || class_between >= class
            });
            if !blocked && let Some(c) = compose_kept(out[starter].c, piece.c) {
                let start = &mut out[starter];
                start.c = c;
                start.bytes.end = start.bytes.end.max(piece.bytes.end);
                continue;
            }
        }
        if class == 0 {
            starter = Some(out.len());
        }
        out.push(piece.clone());
    }
    out
}

/// The composition of two characters, if it is a letter or mark in
/// [`UNICODE_VERSION`]: a younger one would end the word.
pub fn compose_kept(a: char, b: char) -> Option<char> {
    let am = AM.iter().find(|am| (am.0, am.1) == (a, b)).map(|am| am.2);
    am.or_else(|| compose(a, b)).filter(|&c| is_word(c))
}

/// What one character of an unspaced script weighs.
pub fn unspaced_weight(c: char) -> Option<u8> {
    UNSPACED.iter().find(|(range, _)| range.contains(&(c as u32))).map(|&(_, weight)| weight)
}

/// Compatibility decomposition, except of Hangul syllables and of AM.
fn decompose(c: char) -> Vec<char> {
    if ('가'..='힣').contains(&c) || AM.iter().any(|am| am.2 == c) {
        return vec![c];
    }
    let mut out = Vec::new();
    decompose_compatible(c, |c| out.push(c));
    out
}

/// Whether the code point is assigned in [`UNICODE_VERSION`].
pub fn is_known(c: char) -> bool {
    get_general_category(c) != GeneralCategory::Unassigned
}

fn is_deleted(c: char) -> bool {
    DELETED.iter().any(|range| range.contains(&(c as u32)))
}

fn fold_char(c: char) -> Vec<char> {
    if let Some((_, to)) = FOLDED.iter().find(|(from, _)| from.contains(c)) {
        return to.chars().collect();
    }
    if get_general_category(c) == GeneralCategory::DecimalNumber {
        return vec![char::from(b'0' + decimal_value(c))];
    }
    vec![c]
}

/// The value of a decimal digit. Unicode encodes them in unbroken rows of ten,
/// in order (section 4.6), so counting back to where the row or the rows
/// before it begin tells it.
fn decimal_value(c: char) -> u8 {
    let before = (0..c as u32).rev().take_while(|&before| {
        char::from_u32(before)
            .is_some_and(|c| get_general_category(c) == GeneralCategory::DecimalNumber)
    });
    (before.count() % 10) as u8
}

/// Letters, marks and numbers make words.
fn is_word(c: char) -> bool {
    use GeneralCategory::*;
    matches!(
        get_general_category(c),
        UppercaseLetter
            | LowercaseLetter
            | TitlecaseLetter
            | ModifierLetter
            | OtherLetter
            | NonspacingMark
            | SpacingMark
            | EnclosingMark
            | DecimalNumber
            | LetterNumber
            | OtherNumber
    )
}
