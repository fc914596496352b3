//! Passages, from outside: texts in, families out.

use std::ops::Range;

use twicetold::document::DocId;
use twicetold::passages::{Families, PassageRecipe, TokenTexts, edits, find_families};
use twicetold::text::{Split, Tokens, split_text};
use twicetold::watch::{Unwatched, Watch};

use crate::corpora::{corpus, docs};

/// The corpus of some texts.
fn corpus_of<T: AsRef<str>>(texts: &[T]) -> TokenTexts {
    let mut tokens = Tokens::new();
    let mut corpus = TokenTexts::new();
    for text in texts {
        tokens.read(text.as_ref());
        corpus.push(text.as_ref(), &tokens).expect("a small corpus");
    }
    corpus
}

fn families_of<T: AsRef<str>>(texts: &[T]) -> Families {
    find_families(&corpus_of(texts), &PassageRecipe::default(), &Unwatched).expect("it ends")
}

/// Each family's occurrences, as documents and the text they take.
fn told<'a>(texts: &'a [&str], families: &Families) -> Vec<Vec<(u32, &'a str)>> {
    let occurrences = |family: &twicetold::passages::Family| {
        let told = |found: &twicetold::passages::Occurrence| {
            (found.doc.0, &texts[found.doc.index()][found.bytes.clone()])
        };
        family.occurrences.iter().map(told).collect()
    };
    families.families.iter().map(occurrences).collect()
}

/// A text of `count` words that no other text has.
fn filler(name: &str, count: usize) -> String {
    (0..count).map(|i| format!("{name}{i}")).collect::<Vec<_>>().join(" ")
}

const NOTICE: &str = "The Council for Maritime Cooperation, founded in 1974 and based in Geneva, has \
                      forty-one member states that work together on ports, ships and lights.";
const NOTICE_EDITED: &str = "The Council for Maritime Co-operation, founded in 1974 and based in \
     Geneva, has 41 member states, which work together on ports, on ships and lights.";

#[test]
fn the_founding_file_has_one_family() {
    let Some(folder) = corpus("seed") else { return };
    let text = std::fs::read_to_string(folder.join("islamic-military-coalition.txt"))
        .expect("the founding file");
    let articles: Vec<&str> =
        split_text(&text, &Split::Auto).into_iter().map(|bytes| &text[bytes]).collect();
    assert_eq!(articles.len(), 2, "articles of the founding file");
    let found = families_of(&articles);
    let told = told(&articles, &found);
    assert_eq!(told.len(), 1, "families of the founding file: {told:?}");
    assert_eq!(told[0].iter().map(|(doc, _)| *doc).collect::<Vec<_>>(), [0, 1], "its occurrences");
    for (doc, passage) in &told[0] {
        let paragraph = articles[*doc as usize]
            .lines()
            .find(|line| line.contains(*passage))
            .unwrap_or_else(|| panic!("a passage of one paragraph, not {passage:?}"));
        let name = paragraph.find("التحالف الإسلامي").expect("the organisation's name");
        let start = paragraph.find(*passage).expect("it is part of the paragraph");
        assert!(start <= name, "{passage:?} begins after the name in {paragraph:?}");
        let end = paragraph.trim_end().len();
        assert_eq!(start + passage.len(), end, "where {passage:?} ends in {paragraph:?}");
    }
    assert!(found.limits.cut_alignments == 0, "{:?}", found.limits);
}

#[test]
fn an_edited_passage_is_found_in_other_text() {
    let texts = [
        format!("{}.\n{NOTICE}", filler("a", 40)),
        format!("{}. {NOTICE_EDITED} {}", filler("b", 40), filler("c", 30)),
    ];
    let texts = [texts[0].as_str(), texts[1].as_str()];
    let found = families_of(&texts);
    assert_eq!(told(&texts, &found), [[(0, NOTICE), (1, NOTICE_EDITED)]]);
    let family = &found.families[0];
    assert_eq!(family.documents, 2);
    assert_eq!(family.representative, 1, "of two, the longer one");
    // Not in both: Cooperation, forty, one, that; Co, operation, 41, which, on.
    let lengths: Vec<usize> = family.occurrences.iter().map(|found| found.tokens.len()).collect();
    assert_eq!(lengths, [25, 26], "words");
    let other = &family.occurrences[0];
    assert_eq!(other.matched, 21);
    assert_eq!(other.identity, 21.0 / 26.0);
}

#[test]
fn what_differs_is_told_by_tokens() {
    let texts = ["one two three four five six", "one two 3 four six seven"];
    let corpus = corpus_of(&texts);
    let codes = |doc| corpus.codes(DocId(doc), &(0..6));
    let edits: Vec<(Range<u32>, Range<u32>)> =
        edits(codes(0), codes(1)).into_iter().map(|edit| (edit.a, edit.b)).collect();
    assert_eq!(edits, [(2..3, 2..3), (4..5, 4..4), (6..6, 5..6)]);
}

#[test]
fn nothing_is_found_where_nothing_is_repeated() {
    #[track_caller]
    fn check(texts: &[&str]) {
        assert_eq!(families_of(texts), Families::default(), "families of {texts:?}");
    }
    check(&[]);
    check(&[""]);
    check(&["", "", ". . . !"]);
    check(&[NOTICE]);
    check(&[NOTICE, ""]);
    check(&["the same eleven words are not yet enough for a passage", &filler("a", 30)]);
    check(&["the same eleven words are not enough for a repeated passage"; 3]);
}

#[test]
fn identical_documents_are_one_family() {
    let texts = [NOTICE; 5];
    let found = families_of(&texts);
    assert_eq!(told(&texts, &found), [[0, 1, 2, 3, 4].map(|doc| (doc, NOTICE))]);
    assert!(found.families[0].occurrences.iter().all(|found| found.identity == 1.0));
}

#[test]
fn a_passage_repeated_within_a_document_is_found() {
    let text = format!("{NOTICE}\n{}\n{NOTICE}\n{}\n{NOTICE}", filler("a", 20), filler("b", 20));
    let texts = [text.as_str()];
    let found = families_of(&texts);
    assert_eq!(told(&texts, &found), [[(0, NOTICE); 3]]);
    assert_eq!(found.families[0].documents, 1);
}

#[test]
fn repeats_within_copies_are_one_family() {
    let text = format!("{NOTICE}\n{}\n{NOTICE}", filler("a", 30));
    let texts = [text.as_str(), text.as_str()];
    let told = told(&texts, &families_of(&texts));
    assert_eq!(told.len(), 2, "the article and the passage: {told:?}");
    assert_eq!(told[0], [(0, NOTICE), (0, NOTICE), (1, NOTICE), (1, NOTICE)]);
    assert_eq!(told[1], [(0, texts[0]), (1, texts[1])]);
}

#[test]
fn a_family_inside_a_family_is_its_own() {
    let report = format!("{}\n{NOTICE}\n{}", filler("r", 60), filler("s", 30));
    let texts = [
        format!("{}\n{report}", filler("a", 20)),
        format!("{report}\n{}", filler("b", 20)),
        format!("{}\n{NOTICE}", filler("c", 20)),
    ];
    let texts = [texts[0].as_str(), texts[1].as_str(), texts[2].as_str()];
    let told = told(&texts, &families_of(&texts));
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0], [0, 1, 2].map(|doc| (doc, NOTICE)), "in most documents");
    assert_eq!(told[1], [0, 1].map(|doc| (doc, report.as_str())), "around it");
}

#[test]
fn families_may_overlap() {
    let [one, two, three] =
        [("x", 20), ("y", 15), ("z", 20)].map(|(name, words)| filler(name, words));
    let texts = [
        format!("{one}\n{two}\n{three}"),
        format!("{}\n{one}\n{two}", filler("a", 20)),
        format!("{two}\n{three}\n{}", filler("b", 20)),
    ];
    let texts = [texts[0].as_str(), texts[1].as_str(), texts[2].as_str()];
    let told = told(&texts, &families_of(&texts));
    let [ends, begins] = [format!("{one}\n{two}"), format!("{two}\n{three}")];
    let expected = [
        [(0, ends.as_str()), (1, ends.as_str())],
        [(0, begins.as_str()), (2, begins.as_str())],
        // In the first document it has no bounds of its own.
        [(1, two.as_str()), (2, two.as_str())],
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_passage_in_every_document_is_found_though_its_seeds_are_frequent() {
    let texts: Vec<String> =
        (0..300).map(|i| format!("{}\n{NOTICE}", filler(&format!("d{i}w"), 25))).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let told = told(&texts, &families_of(&texts));
    assert_eq!(told, [(0..300).map(|doc| (doc, NOTICE)).collect::<Vec<_>>()]);
}

#[test]
fn a_frequent_phrase_does_not_hide_the_passages_that_hold_it() {
    // Each phrase seed is frequent; the first document it stands in has no passage.
    let phrase = "on the sidelines of the general assembly";
    let mut texts: Vec<String> = (0..200)
        .map(|i| {
            format!("{} {phrase} {}", filler(&format!("d{i}w"), 20), filler(&format!("e{i}w"), 20))
        })
        .collect();
    for name in ["a", "b"] {
        texts.push(format!("{} {NOTICE} They met {phrase}.", filler(name, 20)));
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let told = told(&texts, &families_of(&texts));
    let passage = format!("{NOTICE} They met {phrase}.");
    assert_eq!(told, [[(200, passage.as_str()), (201, passage.as_str())]]);
}

#[test]
fn unspaced_scripts_are_measured_by_weight() {
    let notice = "海事合作理事会成立于一九七四年，总部设在日内瓦，共有四十一个成员国。";
    let texts = [format!("甲乙丙丁戊己庚辛。{notice}"), format!("{notice}子丑寅卯辰巳午未申酉。")];
    let texts = [texts[0].as_str(), texts[1].as_str()];
    assert_eq!(told(&texts, &families_of(&texts)), [[(0, notice), (1, notice)]]);
    let short = "海事合作理事会成立于一九七四年。";
    assert_eq!(families_of(&[short, short]), Families::default(), "too short for twelve words");
}

#[test]
fn hostile_texts_end() {
    #[track_caller]
    fn check(name: &str, texts: &[String]) {
        let found = families_of(texts);
        for found in found.families.iter().flat_map(|family| &family.occurrences) {
            let text = &texts[found.doc.index()];
            assert!(text.get(found.bytes.clone()).is_some(), "{name}: bytes of {found:?}");
        }
        for family in &found.families {
            let apart = |a: &twicetold::passages::Occurrence,
                         b: &twicetold::passages::Occurrence| {
                a.doc != b.doc || a.tokens.end <= b.tokens.start
            };
            let pairs = family.occurrences.windows(2);
            assert!(pairs.into_iter().all(|pair| apart(&pair[0], &pair[1])), "{name}: overlap");
            assert!(family.occurrences.len() > 1, "{name}: a family of one");
        }
    }
    check("one word", &["كلمة ".repeat(200_000)]);
    check("one word twice", &["word ".repeat(50_000), "word ".repeat(50_001)]);
    check("two words", &["tick tock ".repeat(50_000)]);
    check("one paragraph", &[format!("{NOTICE}\n").repeat(3_000)]);
    check(
        "a seed in everything",
        &vec!["one two three four five six seven eight".to_owned(); 20_000],
    );
    check("one text", &vec![NOTICE.to_owned(); 3_000]);
    let numbers = |from: usize| (from..from + 20_000).map(|i| format!("{} ", i * i % 97)).collect();
    check("few words, long texts", &[numbers(0), numbers(7)]);
}

#[test]
fn the_outcome_does_not_depend_on_threads() {
    let Some(records) = docs("ant") else { return };
    let texts: Vec<&str> =
        records.iter().take(3000).map(|record| record["text"].as_str().expect("a text")).collect();
    let corpus = corpus_of(&texts);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| find_families(&corpus, &PassageRecipe::default(), &Unwatched))
            .expect("it ends")
    };
    let one = run(1);
    assert!(one.families.len() > 100, "{} families", one.families.len());
    for threads in [2, 3, 8] {
        assert_eq!(run(threads), one, "with {threads} threads");
    }
}

#[test]
fn a_run_that_is_stopped_says_so() {
    struct Stop;
    impl Watch for Stop {
        fn stopped(&self) -> bool {
            true
        }
    }
    let corpus = corpus_of(&[NOTICE, NOTICE]);
    let outcome = find_families(&corpus, &PassageRecipe::default(), &Stop);
    assert!(matches!(outcome, Err(twicetold::Error::Interrupted)), "{outcome:?}");
}

#[test]
fn a_recipe_that_makes_no_sense_is_refused() {
    #[track_caller]
    fn check(recipe: PassageRecipe, words: &str) {
        let outcome = find_families(&corpus_of(&[NOTICE]), &recipe, &Unwatched);
        let error = outcome.expect_err("a senseless recipe").to_string();
        assert!(error.contains(words), "{error:?} does not say {words:?}");
    }
    let default = PassageRecipe::default;
    check(PassageRecipe { seed_words: 0, ..default() }, "seed-words is 0");
    check(PassageRecipe { min_words: 2, ..default() }, "min-words is 2");
    check(PassageRecipe { all_pairs_max: 0, ..default() }, "all-pairs-max is 0");
    check(PassageRecipe { gap_words: u32::MAX, ..default() }, "gap-words");
    check(PassageRecipe { identity: 1.5, ..default() }, "identity is 1.5");
    check(PassageRecipe { identity: f64::NAN, ..default() }, "identity is NaN");
}

#[test]
fn covered_tokens_are_joined() {
    let texts = [format!("{NOTICE} {}", filler("a", 20)), NOTICE.to_owned(), String::new()];
    let corpus = corpus_of(&texts);
    let found = find_families(&corpus, &PassageRecipe::default(), &Unwatched).expect("it ends");
    let notice = 0..corpus.token_count(DocId(1)) as u32;
    let covered = found.covered(3);
    assert_eq!(covered.iter().flatten().collect::<Vec<_>>(), [&notice, &notice]);
    assert!(covered[2].is_empty(), "a text without tokens");
}
