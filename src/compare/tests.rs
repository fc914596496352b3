//! Facts about two documents compared.

use std::borrow::Cow;

use proptest::prelude::*;

use super::{Alignment, Side, Verdict, compare};
use crate::document::{Date, Document, Place};
use crate::hash::Hash128;
use crate::passages::PassageRecipe;
use crate::recipe::{Keep, Recipe, Relation, Sources};
use crate::watch::Unwatched;

fn document(text: &str) -> Document<'_> {
    Document {
        text: Cow::Borrowed(text),
        id: None,
        source: None,
        title: None,
        date: Date::Absent,
        place: Place { file: 0, line: 1, offset: 0, bytes: 0 },
        record_hash: Hash128::of(text.as_bytes()),
    }
}

fn words(name: &str, count: usize) -> String {
    (0..count).map(|at| format!("{name}{at}")).collect::<Vec<_>>().join(" ")
}

/// The stretches as `same` and `{a|b}`.
fn shown(a: &str, b: &str) -> String {
    let alignment = Alignment::new([a, b]);
    let stretch = |stretch: &super::Stretch| {
        let [a, b] = Side::BOTH
            .map(|side| alignment.text(side, &stretch.tokens[side as usize]).trim_end().to_owned());
        if stretch.same { a } else { format!("{{{a}|{b}}}") }
    };
    alignment.stretches().iter().map(stretch).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_equal_after_folding_is_equal() {
    #[track_caller]
    fn check(a: &str, b: &str, expected: &str) {
        assert_eq!(shown(a, b), expected, "{a:?} beside {b:?}");
    }
    check("", "", "");
    check("one two", "", "{one two|}");
    check("", "one", "{|one}");
    check("One, two!", "one two", "One, two!");
    check("تضم ٤١ دولةً", "تضم إحدى وأربعين دولة", "تضم {٤١|إحدى وأربعين} دولةً");
    check("he said \"yes\" twice", "he said no twice", "he said {\"yes\"|no} twice");
    check("a b c d", "a c d e", "a {b|} c d {|e}");
}

#[test]
fn the_verdict_is_that_of_a_run_over_both() {
    #[track_caller]
    fn check(recipe: &Recipe, a: &str, b: &str, expected: Verdict) {
        let (a, b) = (document(a), document(b));
        let found = compare([&a, &b], recipe, &PassageRecipe::default(), &Unwatched)
            .expect("nothing is asked that cannot be done");
        assert_eq!(found.verdict, expected, "{:?} beside {:?}", a.text, b.text);
    }
    let (short, long) = (words("w", 30), words("w", 90));
    let half = format!("{} {}", words("w", 20), words("x", 20));
    let default = Recipe::default();
    let dropped = |relation, side| Verdict::Dropped { relation, side };
    check(&default, &short, &short, dropped(Relation::Identical, Side::B));
    check(&default, &short, &long, dropped(Relation::Contained, Side::A));
    check(&default, &short, &half, Verdict::Related(Relation::Variant));
    check(&default, &short, &words("y", 30), Verdict::Unrelated);
    check(&default, "", "", Verdict::Unrelated);
    let first = Recipe { keep: Keep::First, ..Recipe::default() };
    check(&first, &short, &short.to_uppercase(), dropped(Relation::Same, Side::B));
    check(&first, &short, &long, Verdict::Related(Relation::Contained));
}

#[test]
fn similarities_are_exact_and_absent_without_words() {
    let (a, b, nothing) = (words("w", 12), words("w", 22), document("!"));
    let (a, b) = (document(&a), document(&b));
    let run = |a, b| {
        compare([a, b], &Recipe::default(), &PassageRecipe::default(), &Unwatched)
            .expect("nothing is asked that cannot be done")
    };
    let similarity = run(&a, &b).similarity.expect("both have words");
    assert_eq!((similarity.shared, similarity.left, similarity.right), (10, 10, 20));
    assert!(run(&a, &nothing).similarity.is_none());
}

#[test]
fn a_restriction_that_neither_can_meet_is_an_error() {
    let text = words("w", 30);
    let document = document(&text);
    let recipe = Recipe { sources: Sources::Across, ..Recipe::default() };
    let found = compare([&document; 2], &recipe, &PassageRecipe::default(), &Unwatched);
    assert!(found.is_err_and(|error| error.to_string().contains("--source-field")));
}

#[test]
fn shared_passages_are_placed_in_both() {
    let passage = words("p", 20);
    let a = format!("{}.\n{passage}.\n{passage}.", words("a", 30));
    let b = format!("{passage}.\n{}.", words("b", 30));
    let (a, b) = (document(&a), document(&b));
    let found = compare([&a, &b], &Recipe::default(), &PassageRecipe::default(), &Unwatched)
        .expect("nothing is asked that cannot be done");
    assert_eq!(found.passages.len(), 1, "{:?}", found.passages);
    let shared = &found.passages[0];
    assert_eq!((shared.words, shared.identity), (20, 1.0));
    let told = |document: &Document<'_>, side: Side| -> Vec<String> {
        let places = shared.places[side as usize].iter();
        places.map(|bytes| document.text[bytes.clone()].to_owned()).collect()
    };
    let passage = format!("{passage}.");
    assert_eq!(told(&a, Side::A), [passage.clone(), passage.clone()]);
    assert_eq!(told(&b, Side::B), [passage]);
}

#[test]
fn two_long_texts_without_a_word_in_common_are_laid_beside_each_other_soon() {
    let (a, b) = (words("a", 200_000), words("b", 200_000));
    assert_eq!(Alignment::new([&a, &b]).stretches().len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn stretches_are_the_whole_of_both_texts(a in "[ab½،. \"\n文字]{0,40}", b in "[ab½،. \"\n文字]{0,40}") {
        let alignment = Alignment::new([&a, &b]);
        for (side, text) in Side::BOTH.into_iter().zip([&a, &b]) {
            let told: String = alignment
                .stretches()
                .iter()
                .map(|stretch| alignment.text(side, &stretch.tokens[side as usize]))
                .collect();
            // A text without a token has no stretch.
            if !alignment.tokens[side as usize].is_empty() {
                prop_assert_eq!(&told, text);
            }
        }
        for stretch in alignment.stretches().iter().filter(|stretch| stretch.same) {
            let hashes = Side::BOTH.map(|side| {
                &alignment.tokens[side as usize].hashes()[stretch.tokens[side as usize].clone()]
            });
            prop_assert_eq!(hashes[0], hashes[1]);
        }
    }
}
