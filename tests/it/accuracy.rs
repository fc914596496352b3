//! What is a copy and what only looks like one.

use std::borrow::Cow;

use twicetold::dedup::{Dedup, Outcome, Scratch, prepare};
use twicetold::document::{Date, Document, Place};
use twicetold::hash::Hash128;
use twicetold::recipe::{Engine, Recipe, Relation};
use twicetold::sketch::Kernel;
use twicetold::watch::Unwatched;

/// The outcome of a run over texts.
fn outcome(recipe: &Recipe, texts: &[&str]) -> Outcome {
    let mut scratch = Scratch::default();
    let mut run = Dedup::new(recipe.clone());
    for (line, text) in (1u64..).zip(texts) {
        let document = Document {
            text: Cow::Borrowed(text),
            id: None,
            source: None,
            title: None,
            date: Date::Absent,
            place: Place { file: 0, line, offset: 0, bytes: 0 },
            record_hash: Hash128::of(text.as_bytes()),
        };
        run.take(prepare(recipe, &mut scratch, document)).expect("few documents");
    }
    run.finish(Kernel::best(), &Unwatched).expect("nobody interrupts")
}

/// What two texts are to each other, and whether one of them is dropped.
fn relation(recipe: &Recipe, left: &str, right: &str) -> Option<(Relation, bool)> {
    let outcome = outcome(recipe, &[left, right]);
    let dropped = outcome.dropped.iter().flatten().map(|dropped| (dropped.relation, true));
    let related = outcome.related.iter().map(|pair| (pair.relation, false));
    dropped.chain(related).next()
}

const FISH_MONDAY: &str = "Fish market of Brackwater: cod stood at 14.20 the box, herring at \
    6.75, sole at 31.10. Boats brought in 212 boxes, 18 more than the day before.";
const FISH_TUESDAY: &str = "Fish market of Brackwater: cod stood at 13.85 the box, herring at \
    7.05, sole at 29.40. Boats brought in 187 boxes, 25 more than the day before.";
const REPORT: &str = "A bus left the coast road near Brackwater early on Monday in thick fog. \
    Police said 12 of its 41 passengers were taken to the hospital of Alderford, 3 of them in \
    danger of life. The driver, who is 56, was not hurt. The road was closed for 5 hours, and \
    the council of Alderford asked again for the barrier that it was promised in 2019.";

#[test]
fn a_template_filled_in_twice_is_no_copy() {
    #[track_caller]
    fn check(left: &str, right: &str, expected: Option<(Relation, bool)>) {
        let recipe = Recipe { variant_containment: 0.3, ..Recipe::wire() };
        let got = relation(&recipe, left, right);
        assert_eq!(got, expected, "{left:?} and {right:?}");
    }
    check(FISH_MONDAY, FISH_TUESDAY, Some((Relation::Template, false)));
    let arabic = FISH_MONDAY.replace("14.20", "١٤.٢٠").replace("6.75", "٦.٧٥");
    check(&arabic, FISH_MONDAY, Some((Relation::Same, true)));
    check(&arabic, FISH_TUESDAY, Some((Relation::Template, false)));
}

#[test]
fn a_copy_of_one_filling_is_found_among_the_others() {
    let filling = |day: usize| {
        FISH_MONDAY
            .replace("14.20", &format!("1{day}.20"))
            .replace("6.75", &format!("6.1{day}"))
            .replace("31.10", &format!("3{day}.40"))
            .replace("212", &format!("24{day}"))
    };
    let mut texts: Vec<String> = (0..8).map(filling).collect();
    texts.push(filling(5).replace("Boats", "Fishermen"));
    texts.push(filling(3).replace("Fish market of", "The fish market of"));
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let recipe = Recipe { jaccard: 0.3, variant_jaccard: 0.3, ..Recipe::default() };
    for engine in [Engine::Exact, Engine::Minhash] {
        let outcome = outcome(&Recipe { engine, ..recipe.clone() }, &texts);
        let mut clusters: Vec<Vec<usize>> = outcome
            .clusters
            .iter()
            .map(|cluster| cluster.members.iter().map(|doc| doc.index()).collect())
            .collect();
        clusters.sort_unstable();
        assert_eq!(clusters, [vec![3, 9], vec![5, 8]], "copies, by the {engine:?} engine");
        let templates =
            outcome.related.iter().filter(|pair| pair.relation == Relation::Template).count();
        assert!(templates >= 7, "{templates} pairs are templates by the {engine:?} engine");
    }
}

#[test]
fn a_copy_may_differ_in_a_number() {
    #[track_caller]
    fn check(from: &str, to: &str) {
        let edited = REPORT.replace(from, to);
        assert_ne!(edited, REPORT, "{from:?} is in the report");
        let got = relation(&Recipe::default(), REPORT, &edited);
        assert!(matches!(got, Some((_, true))), "with {to:?} for {from:?}: {got:?}");
    }
    check("41", "forty-one");
    check("41", "٤١");
    check("12 of its 41", "14 of its 41");
    check("56", "57");
    check(", 3 of them in danger of life", "");
    check("was closed for 5 hours", "was closed");
}

#[test]
fn templates_are_copies_where_nobody_tells_them_apart() {
    let recipe =
        Recipe { jaccard: 0.2, variant_jaccard: 0.2, template_numbers: None, ..Recipe::default() };
    let got = relation(&recipe, FISH_MONDAY, FISH_TUESDAY);
    assert_eq!(got, Some((Relation::Near, true)));
}

#[test]
fn nothing_can_be_dropped_for_being_a_template() {
    let recipe = Recipe { drop: Relation::ALL.to_vec(), ..Recipe::default() };
    let error = recipe.check().expect_err("templates are never dropped").to_string();
    assert!(error.contains("--no-templates"), "the way out is named: {error}");
}

/// A text with every `step`th character misread, spaces apart.
fn misread(text: &str, step: usize) -> String {
    let read = |(at, c): (usize, char)| if at % step == 0 && c != ' ' { 'x' } else { c };
    text.chars().enumerate().map(read).collect()
}

#[test]
fn misread_copies_are_found_by_their_characters() {
    let (once, twice) = (misread(REPORT, 13), misread(REPORT, 17));
    assert_eq!(relation(&Recipe::wire(), &once, &twice), None, "by words");
    let by_characters = relation(&Recipe::ocr(), &once, &twice);
    assert_eq!(by_characters, Some((Relation::Near, true)));
    let beginning: String = twice.chars().take(twice.chars().count() / 2).collect();
    let cut = relation(&Recipe::ocr(), &once, &beginning);
    assert!(matches!(cut, Some((_, true))), "cut to half: {cut:?}");
    assert_eq!(relation(&Recipe::ocr(), REPORT, &FISH_MONDAY.repeat(2)), None, "other articles");
}
