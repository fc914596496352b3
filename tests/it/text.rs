//! The facts of the text floor.

use proptest::prelude::*;
use twicetold::text::{facts, fold};

/// All there are.
fn code_points() -> impl Iterator<Item = char> {
    char::MIN..=char::MAX
}

#[test]
fn every_code_point_alone_and_between_letters() {
    for c in code_points() {
        facts::check(&format!("{c}"));
        facts::check_twin(&format!("a{c}b"));
        facts::check_twin(&format!("か{c}\u{3099}"));
    }
}

#[test]
fn spellings_that_fold_alike() {
    #[track_caller]
    fn check(a: &str, b: &str) {
        assert_eq!(fold(a), fold(b), "{a:?} and {b:?} are one text");
    }
    check("الْحَمْدُ لِلَّهِ ﻻ", "الحمد لله لا");
    check("مِــــصْر ١٢٣ ۱۲۳", "مصر 123 123");
    check("می\u{200C}شود", "ميشود");
    check("کتاب", "كتاب");
    check("Straße", "STRASSE");
    check("ＡＢＣ１２３", "abc123");
    check("か\u{3099}", "が");
    check("שָׁלוֹם", "שלום");
    check("Don't", "Don\u{2019}t");
}

#[test]
fn words_that_stay_apart() {
    #[track_caller]
    fn check(a: &str, b: &str) {
        assert_ne!(fold(a), fold(b), "{a:?} and {b:?} are two words");
    }
    check("パパ", "ハハ");
    check("ม้า", "มา");
    check("दुर", "दूर");
}

/// Characters of the kinds in which something can go wrong.
fn interesting() -> impl Strategy<Value = char> {
    prop_oneof![
        4 => prop::char::range(' ', '~'),
        6 => prop::char::range('\u{0600}', '\u{06FF}'),
        3 => prop::char::range('\u{064B}', '\u{065F}'),
        2 => prop::char::range('\u{0300}', '\u{036F}'),
        2 => prop::char::range('\u{00A0}', '\u{024F}'),
        2 => prop::char::range('\u{0370}', '\u{03FF}'),
        1 => prop::char::range('\u{1F00}', '\u{1FFF}'),
        2 => prop::char::range('\u{0591}', '\u{05F4}'),
        2 => prop::char::range('\u{0900}', '\u{0DFF}'),
        3 => prop::char::range('\u{0E00}', '\u{0EFF}'),
        1 => prop::char::range('\u{0F00}', '\u{0FFF}'),
        1 => prop::char::range('\u{1000}', '\u{109F}'),
        2 => prop::char::range('\u{1100}', '\u{11FF}'),
        1 => prop::char::range('\u{1780}', '\u{17FF}'),
        1 => prop::char::range('\u{1B00}', '\u{1B4F}'),
        1 => prop::char::range('\u{2000}', '\u{206F}'),
        1 => prop::char::range('\u{2070}', '\u{218F}'),
        4 => prop::char::range('\u{3041}', '\u{30FF}'),
        4 => prop::char::range('\u{3099}', '\u{309A}'),
        1 => prop::char::range('\u{3130}', '\u{318F}'),
        1 => prop::char::range('\u{3300}', '\u{33FF}'),
        1 => prop::char::range('\u{4E00}', '\u{9FFF}'),
        2 => prop::char::range('\u{AC00}', '\u{D7A3}'),
        1 => prop::char::range('\u{F900}', '\u{FAFF}'),
        1 => prop::char::range('\u{FB00}', '\u{FDFF}'),
        2 => prop::char::range('\u{FE00}', '\u{FEFF}'),
        1 => prop::char::range('\u{FF00}', '\u{FFEF}'),
        1 => prop::char::range('\u{10000}', '\u{1FFFF}'),
        1 => prop::char::range('\u{11080}', '\u{114FF}'),
        1 => prop::char::range('\u{16D40}', '\u{16D7F}'),
        1 => prop::char::range('\u{E0000}', '\u{E00FF}'),
        2 => prop::sample::select(vec![
            '\u{0E4D}', '\u{0E32}', '\u{0ECD}', '\u{0EB2}', '\u{0345}', '\u{0640}', '½', 'ﷺ', '㍿', 'ﬃ',
        ]),
        1 => any::<char>(),
    ]
}

fn interesting_text() -> impl Strategy<Value = String> {
    prop::collection::vec(interesting(), 0..24).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..Default::default() })]
    #[test]
    fn what_is_true_of_every_text(text in interesting_text()) {
        facts::check(&text);
    }
}
