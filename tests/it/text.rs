//! The facts of the text floor.

use std::collections::HashSet;
use std::time::Instant;

use icu_casemap::CaseMapper;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use twicetold::hash::hash64;
use twicetold::text::reference::{Rule, rule};
use twicetold::text::{Split, Tokens, facts, fold, headline, lines, shingles, split_text};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::corpora;

/// The distinct word-`words`-grams of a text.
fn shingle_set(text: &str, words: u32) -> HashSet<u64> {
    let (mut tokens, mut out) = (Tokens::new(), Vec::new());
    tokens.read(text);
    shingles(&tokens, words, &mut out);
    out.into_iter().collect()
}

fn jaccard(a: &HashSet<u64>, b: &HashSet<u64>) -> f64 {
    let both = a.intersection(b).count();
    both as f64 / (a.len() + b.len() - both) as f64
}

fn containment_of_shorter(a: &HashSet<u64>, b: &HashSet<u64>) -> f64 {
    a.intersection(b).count() as f64 / a.len().min(b.len()) as f64
}

#[track_caller]
fn assert_within(what: &str, value: f64, low: f64, high: f64) {
    assert!((low..=high).contains(&value), "{what} is {value:.3}, expected {low} to {high}");
}

/// Two articles about one organisation that end with the same paragraph, in
/// other spelling; returns their texts and the Jaccard similarity and
/// containment of that paragraph.
#[track_caller]
fn check_two_articles(text: &str, title: &str, repeated: [usize; 2]) -> ([String; 2], f64, f64) {
    let articles = split_text(text, &Split::Auto);
    assert_eq!(articles.len(), 2, "articles");
    let [first, second] = [0, 1].map(|i| text[articles[i].clone()].to_string());
    assert_eq!(headline(second.lines().next().expect("a line")), Some(title), "the headline");

    let lines: Vec<&str> = lines(text).map(|line| &text[line]).collect();
    let grams: Vec<_> = lines.iter().map(|line| shingle_set(line, 3)).collect();
    for i in 0..lines.len() {
        for j in 0..i {
            let similarity = jaccard(&grams[i], &grams[j]);
            let expected = [j, i] == repeated;
            assert_eq!(similarity >= 0.4, expected, "lines {j} and {i} have J = {similarity:.3}");
        }
    }
    let [a, b] = repeated.map(|line| &grams[line]);
    ([first, second], jaccard(a, b), containment_of_shorter(a, b))
}

#[test]
fn the_sample_is_two_articles_that_share_a_paragraph() {
    let text = include_str!("../../data/seed_like.txt");
    let title = "سفينة الكتب تصل إلى الجزيرة الصغيرة قبل موسم الأمطار";
    let ([a, b], paragraph, _) = check_two_articles(text, title, [3, 8]);
    assert_within("J of the paragraph", paragraph, 0.6, 0.9);
    assert_within("J of the articles", jaccard(&shingle_set(&a, 3), &shingle_set(&b, 3)), 0.0, 0.3);
}

#[test]
fn the_founding_file_is_two_articles_that_share_a_paragraph() {
    let Some(folder) = corpora::corpus("seed") else { return };
    let text = std::fs::read_to_string(folder.join("islamic-military-coalition.txt"))
        .expect("the founding file");
    let title = "التحالف الإسلامي العسكري: تربطنا بواشنطن شراكة لمحاربة الإرهاب";
    let ([a, b], paragraph, containment) = check_two_articles(&text, title, [4, 12]);
    assert_within("J of the paragraph", paragraph, 0.60, 0.62);
    assert_within("C of the paragraph", containment, 0.77, 0.79);
    let articles = jaccard(&shingle_set(&a, 3), &shingle_set(&b, 3));
    assert_within("J of the articles", articles, 0.10, 0.11);
}

#[test]
fn nine_spellings_of_a_line_find_one_another() {
    let Some(docs) = corpora::docs("ar_diacritics") else { return };
    let grams: Vec<_> = docs
        .iter()
        .map(|doc| {
            let id = doc["id"].as_str().expect("an id");
            let line = id.split('-').next().expect("a line number");
            (line, shingle_set(doc["text"].as_str().expect("a text"), 3))
        })
        .collect();
    let (mut pairs, mut found) = (0, 0);
    for spellings in grams.chunk_by(|a, b| a.0 == b.0) {
        assert_eq!(spellings.len(), 9, "spellings of line {}", spellings[0].0);
        for (i, (_, a)) in spellings.iter().enumerate() {
            for (_, b) in &spellings[..i] {
                pairs += 1;
                found += usize::from(jaccard(a, b) >= 0.5);
            }
        }
    }
    let share = found as f64 / pairs as f64;
    println!("{found} of {pairs} pairs of spellings have J >= 0.5: {share:.5}");
    assert!(share >= 0.999, "{found} of {pairs} pairs of spellings have J >= 0.5: {share:.5}");
}

#[test]
fn other_news_has_no_false_split() {
    let Some(docs) = corpora::docs("ant") else { return };
    for text in docs.iter().filter_map(|doc| doc["text"].as_str()) {
        let articles = split_text(text, &Split::Auto);
        assert!(articles.len() <= 1, "{} articles in {text}", articles.len());
    }
}

/// All there are.
fn code_points() -> impl Iterator<Item = char> {
    char::MIN..=char::MAX
}

#[test]
fn every_code_point_alone_and_between_letters() {
    for c in code_points() {
        facts::check_twin(&format!("a{c}b"));
        if rule(c) != Rule::Break {
            facts::check(&format!("か{c}\u{3099}"));
            facts::check(&c.to_string());
        }
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

#[test]
fn every_two_ascii_characters_in_eight() {
    for (a, b) in ('\0'..='\x7F').flat_map(|a| ('\0'..='\x7F').map(move |b| (a, b))) {
        facts::check_twin(&format!("xY{a}{b}Zw12ع{b}{a}"));
    }
}

#[test]
fn long_words_and_runs() {
    for part in [
        "a",
        "A1",
        "ع",
        "عَ",
        "か",
        "が",
        "カ\u{3099}",
        "ﷺ",
        "½",
        "㍿",
        "\u{10400}",
        "น้ำ",
        "\u{3099}",
    ] {
        let long = part.repeat(3_000);
        facts::check_twin(&long);
        facts::check_twin(&format!("{long}\u{3099} {long}"));
        facts::check_twin(&format!("か{long}\u{0E38}"));
    }
}

#[test]
fn reading_again_forgets_the_text_before() {
    let (mut again, mut fresh) = (Tokens::new(), Tokens::new());
    again.read("ニュース two كلمات ½");
    again.read("one two");
    fresh.read("one two");
    assert_eq!(again.hashes(), fresh.hashes());
    assert_eq!((again.len(), again.span(1), again.weight(), again.words()), (2, 4..7, 40, 2));
    again.read(" \u{064B} ");
    assert!(again.is_empty(), "a text of marks has {} tokens", again.len());
}

#[test]
fn same_texts_share_their_hash() {
    #[track_caller]
    fn check(a: &str, b: &str, same: bool) {
        let hash = |text: &str| {
            let mut tokens = Tokens::new();
            tokens.read(text);
            tokens.same_text_hash()
        };
        assert_eq!(hash(a) == hash(b), same, "whether {a:?} and {b:?} are one text");
    }
    check("", " - ", true);
    check("دولةً، عضوًا", "دولة عضوا", true);
    check("かな", "か な", true);
    check("ab c", "a bc", false);
    check("a b", "b a", false);
    check("a", "a a", false);
}

#[test]
fn a_token_has_its_marks_but_not_those_before_it() {
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut tokens = Tokens::new();
        tokens.read(text);
        let found: Vec<&str> = (0..tokens.len()).map(|i| &text[tokens.span(i)]).collect();
        assert_eq!(found, expected, "where the tokens of {text:?} stand");
    }
    check("«دولةً عضوًا».", &["دولةً", "عضوًا"]);
    check("\u{FEFF}first\u{200F} \u{064E}second", &["first\u{200F}", "second"]);
    check("か\u{3099}な\u{200D}x", &["か\u{3099}", "な\u{200D}", "x"]);
    check("a½b", &["a½", "½b"]);
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

/// What lines and articles are made of.
fn line_part() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "word ",
        "word ",
        "كلمة ",
        "one two three four five six seven eight nine ten ",
        "漢字",
        "\n",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "\u{85}",
        "\u{2028}",
        "\u{2029}",
        "\n***\n",
        "\n*** title\n",
        "\n* * *\n",
        "\u{C}",
        "\n\u{C}",
        "©",
        "“",
        "- ",
    ])
}

/// Characters that leave no trace.
fn deleted() -> impl Strategy<Value = char> {
    let all: Vec<char> = code_points().filter(|&c| rule(c) == Rule::Delete).collect();
    prop::sample::select(all)
}

fn interesting_text() -> impl Strategy<Value = String> {
    prop::collection::vec(interesting(), 0..24).prop_map(String::from_iter)
}

/// The same texts in every run.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 4_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn what_is_true_of_every_text(text in interesting_text()) {
        facts::check(&text);
    }

    #[test]
    fn what_is_true_of_lines_and_articles(parts in prop::collection::vec(line_part(), 0..80)) {
        facts::check_split(&parts.concat());
    }

    #[test]
    fn a_deleted_character_anywhere_changes_no_token(
        text in interesting_text(),
        at in any::<prop::sample::Index>(),
        deleted in deleted(),
    ) {
        let mut chars: Vec<char> = text.chars().collect();
        chars.insert(at.index(chars.len() + 1), deleted);
        let with = String::from_iter(chars);
        prop_assert_eq!(fold(&text), fold(&with), "{:?} with {:?}: {:?}", text, deleted, with);
    }
}

/// What one would write with the usual libraries, without places or weights.
fn chained_library_calls(text: &str) -> Vec<u64> {
    let composed: String = text.nfkc().collect();
    let folded = CaseMapper::new().fold_string(&composed).into_owned();
    let plain: String = folded.nfkd().filter(|&c| !is_combining_mark(c)).collect();
    let words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| hash64(word.nfc().collect::<String>().as_bytes())).collect()
}

/// Megabytes a second of one thread over the texts of a corpus.
#[test]
#[ignore = "a measurement; run it with --release --nocapture"]
fn speed() {
    let start = Instant::now();
    Tokens::new().read("first");
    println!("the table is ready after {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    for corpus in ["ant", "reuters21578", "saudinewsnet"] {
        let Some(docs) = corpora::docs(corpus) else { continue };
        let texts: Vec<&str> = docs.iter().filter_map(|doc| doc["text"].as_str()).collect();
        let bytes: usize = texts.iter().map(|text| text.len()).sum();
        let mut tokens = Tokens::new();
        let mut out = Vec::new();
        let measure = |name: &str, rounds: usize, task: &mut dyn FnMut(&str)| {
            let seconds = (0..rounds).map(|_| {
                let start = Instant::now();
                texts.iter().for_each(|text| task(text));
                start.elapsed().as_secs_f64()
            });
            let best = seconds.fold(f64::INFINITY, f64::min);
            println!("{corpus}: {name} {:.0} MB/s", bytes as f64 / best / 1e6);
        };
        measure("tokens", 20, &mut |text| tokens.read(text));
        measure("tokens and shingles", 20, &mut |text| {
            tokens.read(text);
            shingles(&tokens, 3, &mut out);
        });
        measure("lines", 5, &mut |text| {
            std::hint::black_box(lines(text).count());
        });
        measure("chained library calls", 1, &mut |text| {
            std::hint::black_box(chained_library_calls(text));
        });
    }
}
