//! Boilerplate is masked before articles are compared: against a plain twin,
//! on hand-made and real texts, and from outside.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use twicetold::dedup::Outcome;
use twicetold::matching::mask::{MaskRules, mask, plain_similarity};
use twicetold::matching::prefix::{PrefixIndex, Scope, shared_shingles};
use twicetold::matching::{Rules, ShingleSet, ShingledTexts, Texts, link_to_keepers};
use twicetold::memory::Memory;
use twicetold::recipe::{Engine, Mask, Recipe, Relation};
use twicetold::text::anchors::{Anchoring, Anchors, plain_anchors, spread};
use twicetold::watch::Unwatched;

use crate::corpora;
use crate::gold::outcome;
use crate::matching::plain_stars;
use crate::program::{FOOTER_SAMPLE, Place};
use crate::spill::nearly_none;

/// What a text is made of in these tests: shingles in the order of the text.
type Shingles = Vec<u64>;

/// Where each text is looked at, written down from the definition: all that is
/// spanned by rows of windows, long enough, whose anchors are met often.
fn plain_looked_at(texts: &[Shingles], run_min: usize, texts_min: u32) -> Vec<Vec<bool>> {
    let how = Anchoring::LONG;
    let anchors: Vec<Anchors> = texts.iter().map(|text| plain_anchors(how, text)).collect();
    let mut met = BTreeMap::new();
    anchors
        .iter()
        .flat_map(|of| &of.hashes)
        .for_each(|anchor| *met.entry(anchor).or_insert(0) += 1);
    let looked_at = |(text, anchors): (&Shingles, &Anchors)| {
        let reach = how.reach(text.len());
        if run_min > text.len() {
            return vec![false; text.len()];
        }
        if run_min < reach {
            return vec![true; text.len()];
        }
        let of_windows = anchors.hashes.iter().zip(&anchors.windows);
        let often: Vec<bool> = of_windows
            .flat_map(|(anchor, windows)| vec![met[anchor] >= texts_min; usize::from(*windows)])
            .collect();
        let row = run_min + 1 - reach;
        let mut found = vec![false; text.len()];
        for start in 0..(often.len() + 1).saturating_sub(row) {
            if often[start..start + row].iter().all(|often| *often) {
                found[start..start + row + reach - 1].fill(true);
            }
        }
        found
    };
    texts.iter().zip(&anchors).map(looked_at).collect()
}

/// The masked and the other shingles of each text, likewise. All texts are short
/// enough for their samples to be all they have.
fn plain_mask(texts: &[Shingles], run_min: usize, rules: MaskRules) -> Vec<[BTreeSet<u64>; 2]> {
    let looked_at = plain_looked_at(texts, run_min, rules.texts_min);
    let is_looked_at = |text: usize| looked_at[text].iter().any(|is| *is);
    // The shingles of a text that stand in long runs of wanted ones.
    let in_runs = |text: usize, wanted: &dyn Fn(u64) -> bool| -> BTreeSet<u64> {
        let shingles = &texts[text];
        let is_wanted = |at: usize| looked_at[text][at] && wanted(shingles[at]);
        let mut found = BTreeSet::new();
        for start in 0..shingles.len() {
            let run = (start..shingles.len()).take_while(|at| is_wanted(*at)).count();
            if run >= run_min {
                found.extend(&shingles[start..start + run]);
            }
        }
        found
    };
    // How often each shingle is told at some places.
    let told = |of: &dyn Fn(usize, usize) -> bool| -> BTreeMap<u64, u32> {
        let mut told = BTreeMap::new();
        for (text, shingles) in texts.iter().enumerate() {
            for (_, shingle) in shingles.iter().enumerate().filter(|(at, _)| of(text, *at)) {
                *told.entry(*shingle).or_insert(0) += 1;
            }
        }
        told
    };
    let often = rules.texts_min;
    let in_regions = told(&|text, at| looked_at[text][at]);
    let is_common = |shingle: u64| in_regions.get(&shingle).is_some_and(|told| *told >= often);
    let stretches: Vec<BTreeSet<u64>> =
        (0..texts.len()).map(|text| in_runs(text, &is_common)).collect();
    let in_texts = told(&|text, _| is_looked_at(text));
    let is_own = |shingle: u64| in_texts.get(&shingle).is_none_or(|told| *told < rules.own_below());
    let is_witness = |text: usize| {
        let own = texts[text].iter().filter(|shingle| is_own(**shingle)).count();
        own as f64 > rules.own_share * texts[text].len() as f64
    };
    let mut witnesses = BTreeMap::new();
    for text in (0..texts.len()).filter(|text| is_witness(*text)) {
        stretches[text].iter().for_each(|shingle| *witnesses.entry(*shingle).or_insert(0) += 1);
    }
    let is_boilerplate =
        |shingle: u64| witnesses.get(&shingle).is_some_and(|count| *count >= often);
    (0..texts.len())
        .map(|text| {
            let hidden = in_runs(text, &is_boilerplate);
            let rest = texts[text].iter().filter(|shingle| !hidden.contains(shingle));
            let (rest, left): (BTreeSet<u64>, usize) =
                (rest.clone().copied().collect(), rest.count());
            match left < rules.rest_min as usize {
                true => [BTreeSet::new(), texts[text].iter().copied().collect()],
                false => [hidden, rest],
            }
        })
        .collect()
}

/// The same by the module, in little or in all the memory it wants.
fn masked(texts: &[Shingles], run_min: u32, rules: MaskRules, memory: Memory) -> Texts {
    let mut sets = Texts::new(Anchoring::LONG, memory);
    for text in texts {
        let mut anchors = Anchors::default();
        anchors.read(Anchoring::LONG, text, &mut Vec::new());
        let mut batch = ShingledTexts::default();
        batch.push(text, &anchors, run_min);
        sets.push(batch, &[true]).expect("there is room");
    }
    sets.settle().expect("there is room");
    mask(&mut sets, rules, |text| (1, text), &Unwatched).expect("nobody interrupts");
    sets.sort_all(&Unwatched).expect("nobody interrupts");
    sets
}

/// Whether two different shingles or anchors of few texts share a counter, of
/// 2^16: then more may be looked at than the plain twin says, and never less.
fn share_counters(texts: &[Shingles]) -> bool {
    let anchors = texts.iter().flat_map(|text| plain_anchors(Anchoring::LONG, text).hashes);
    let share = |values: BTreeSet<u64>| {
        let counters: BTreeSet<u64> = values.iter().map(|value| value >> 48).collect();
        counters.len() < values.len()
    };
    share(anchors.map(spread).collect()) || share(texts.iter().flatten().copied().collect())
}

/// A shingle as it could be: its number spread over 64 bits.
fn shingle(number: u64) -> u64 {
    (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Texts of passages told by several and of words of their own.
fn texts_with_passages() -> impl Strategy<Value = Vec<Shingles>> {
    // A passage from one of its first shingles to one of its last; or words
    // that few other texts have.
    let piece = prop_oneof![
        (0..4u64, 0..3u64, 4..9u64).prop_map(|(passage, from, to)| {
            (from..to).map(|at| shingle(100 * passage + at)).collect::<Vec<_>>()
        }),
        (0..400u64, 1..6u64)
            .prop_map(|(from, len)| (from..from + len).map(|at| shingle(10_000 + at)).collect()),
    ];
    let text = proptest::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat());
    proptest::collection::vec(text, 1..40)
}

/// The same with longer pieces, of texts that are still short.
fn texts_with_long_passages() -> impl Strategy<Value = Vec<Shingles>> {
    let piece = prop_oneof![
        (0..3u64, 0..8u64, 14..30u64).prop_map(|(passage, from, to)| {
            (from..to).map(|at| shingle(100 * passage + at)).collect::<Vec<_>>()
        }),
        (0..4000u64, 5..25u64)
            .prop_map(|(from, len)| (from..from + len).map(|at| shingle(10_000 + at)).collect()),
    ];
    let text = proptest::collection::vec(piece, 1..4).prop_map(|pieces| pieces.concat());
    proptest::collection::vec(text, 1..30)
}

/// What the module hid and what it left of each text is what the twin says.
fn agrees(sets: &Texts, plain: &[[BTreeSet<u64>; 2]]) -> Result<(), TestCaseError> {
    for (text, [hidden, rest]) in (0u32..).zip(plain) {
        let (mut room, mut other) = (Vec::new(), Vec::new());
        let found = sets.hidden(text, &mut room).expect("it can be read");
        prop_assert_eq!(&found.iter().copied().collect::<BTreeSet<u64>>(), hidden);
        let left = sets.set(text, &mut other).expect("it can be read");
        prop_assert_eq!(&left.iter().copied().collect::<BTreeSet<u64>>(), rest);
        prop_assert!(left.is_sorted() && found.is_sorted());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn masking_agrees_with_the_plain_twin(
        texts in texts_with_passages(),
        run_min in 1..6u32,
        texts_min in 2..6u32,
        own_share in 0.0..0.7f64,
        rest_min in 1..8u32,
    ) {
        prop_assume!(!share_counters(&texts));
        let rules = MaskRules { texts_min, own_share, rest_min };
        let plain = plain_mask(&texts, run_min as usize, rules);
        for memory in [Memory::unlimited(), nearly_none()] {
            agrees(&masked(&texts, run_min, rules, memory), &plain)?;
        }
    }

    #[test]
    fn masking_agrees_with_the_plain_twin_where_anchors_tell_what_is_looked_at(
        texts in texts_with_long_passages(),
        run_min in 9..16u32,
        texts_min in 2..4u32,
        own_share in 0.0..0.5f64,
    ) {
        prop_assume!(!share_counters(&texts));
        let rules = MaskRules { texts_min, own_share, rest_min: 2 };
        let plain = plain_mask(&texts, run_min as usize, rules);
        agrees(&masked(&texts, run_min, rules, Memory::unlimited()), &plain)?;
    }

    #[test]
    fn what_is_left_is_linked_as_by_the_plain_twin(
        texts in texts_with_passages(),
        jaccard in 0.2..1.0f64,
        containment in 0.2..1.0f64,
    ) {
        let mask = MaskRules { texts_min: 3, own_share: 0.2, rest_min: 2 };
        let mut sets = masked(&texts, 3, mask, nearly_none());
        let shared = shared_shingles(&sets, &Unwatched).expect("nobody interrupts");
        let rules = Rules::new(&Recipe { jaccard, containment, ..Recipe::default() });
        let scope =
            Scope { floors: rules.drop_floors(), from_both_sides: false, list_limit: usize::MAX };
        let mut index =
            PrefixIndex::new(&sets, &shared, scope, &Unwatched).expect("nobody interrupts");
        let links = link_to_keepers(&mut sets, &mut index, &rules, &|_, _| true, &Unwatched)
            .expect("nobody interrupts");
        let left: Vec<ShingleSet> = (0..sets.len())
            .map(|text| sets.set(text, &mut Vec::new()).expect("it can be read").into())
            .collect();
        prop_assert_eq!(&links, &plain_stars(&left, &rules, &|_, _| true));
        for (text, link) in (0u32..).zip(&links) {
            let Some(link) = link else { continue };
            let whole = |text: u32| texts[text as usize].iter().collect::<BTreeSet<_>>();
            let (left, right) = (whole(text), whole(link.keeper));
            let plain = plain_similarity(&sets, text, link.keeper, link.similarity.shared)
                .expect("they can be read");
            prop_assert_eq!(plain.shared as usize, left.intersection(&right).count());
            prop_assert_eq!((plain.left as usize, plain.right as usize), (left.len(), right.len()));
        }
    }
}

/// Documents of these texts, with their numbers as ids.
fn documents(texts: impl IntoIterator<Item = String>) -> Vec<Value> {
    let document =
        |(number, text): (usize, String)| json!({"id": number.to_string(), "text": text});
    texts.into_iter().enumerate().map(document).collect()
}

/// So many words that no other text has.
fn own_words(text: usize, count: usize) -> String {
    (0..count).map(|at| format!("w{text}x{at}")).collect::<Vec<_>>().join(" ")
}

/// A footer of so many words.
fn footer(name: &str, count: usize) -> String {
    (0..count).map(|at| format!("{name}{at}")).collect::<Vec<_>>().join(" ")
}

fn dropped(outcome: &Outcome) -> Vec<(usize, usize)> {
    let found = outcome.dropped.iter().enumerate();
    found.filter_map(|(at, dropped)| Some((at, (*dropped)?.keeper.index()))).collect()
}

fn unmasked(recipe: &Recipe) -> Recipe {
    Recipe { mask: None, ..recipe.clone() }
}

fn presets() -> [(&'static str, Recipe); 3] {
    [
        ("default", Recipe::default()),
        ("at 0.5", Recipe { jaccard: 0.5, ..Recipe::default() }),
        ("wire", Recipe::wire()),
    ]
}

#[test]
fn copies_of_a_report_are_no_boilerplate() {
    // A hundred copies, each with some words of its own: most of what any of
    // them says is in twenty texts or more.
    let copy = |number: usize| {
        let mut words: Vec<String> = (0..80).map(|at| format!("r{at}")).collect();
        for at in [number % 80, (number * 37 + 11) % 80] {
            words[at] = format!("own{number}");
        }
        words.join(" ")
    };
    let docs = documents((0..100).map(copy));
    for (name, recipe) in presets() {
        let (with, without) = (outcome(&docs, recipe.clone()), outcome(&docs, unmasked(&recipe)));
        assert_eq!(dropped(&with), dropped(&without), "{name}");
        assert!(with.dropped.iter().flatten().count() >= 95, "{name}: they are copies");
        assert_eq!(with.boilerplate.passages.len(), 0, "{name}");
    }
}

#[test]
fn a_text_that_is_hardly_anything_but_boilerplate_is_compared_as_it_is() {
    let about = footer("f", 60);
    let articles = (0..30).map(|number| format!("{} {about}", own_words(number, 50)));
    // The footer alone, with the date of the day: copies of one another.
    let alone = (0..3).map(|day| format!("{about} d{day}"));
    let docs = documents(articles.chain(alone));
    let outcome = outcome(&docs, Recipe::default());
    assert_eq!(outcome.boilerplate.documents_masked, 30);
    let pairs = dropped(&outcome);
    assert_eq!(pairs.len(), 2, "two of the three footers go: {pairs:?}");
    assert!(pairs.iter().all(|(copy, keeper)| *copy >= 30 && *keeper >= 30), "{pairs:?}");
}

#[test]
fn runs_of_extreme_shape_mask_nothing() {
    #[track_caller]
    fn check(name: &str, texts: Vec<String>, copies: usize) {
        let found = outcome(&documents(texts), Recipe::default());
        assert_eq!(found.boilerplate.passages.len(), 0, "{name}");
        assert_eq!(dropped(&found).len(), copies, "{name}");
    }
    check("nothing", vec![], 0);
    check("one text", vec![own_words(1, 100)], 0);
    check("empty texts", vec![String::new(); 30], 0);
    check("one text, fifty times", vec![own_words(1, 100); 50], 49);
    check("fifty texts", (0..50).map(|number| own_words(number, 100)).collect(), 0);
    check("one word", vec!["w ".repeat(1000); 30], 29);
}

#[test]
fn texts_without_spaces_are_masked_by_the_length_of_their_words() {
    // Five characters of 12 weigh as much as three words: 30 characters are
    // fewer than 25 words, 60 are more.
    let han = |from: u32, count: u32| -> String {
        (from..from + count).filter_map(|at| char::from_u32(0x4e00 + at)).collect()
    };
    #[track_caller]
    fn check(docs: &[Value], passages: usize) {
        let found = outcome(docs, Recipe::default());
        assert_eq!(found.boilerplate.passages.len(), passages);
    }
    let with = |count: u32| {
        let about = han(20_000, count);
        documents((0..30).map(|number| han(100 * number, 100) + &about))
    };
    check(&with(30), 0);
    check(&with(60), 1);
}

#[test]
fn both_engines_mask_the_same_and_the_passages_are_told_apart() {
    let (north, south) = (footer("n", 40), footer("s", 50));
    let text = |number: usize| {
        let own = own_words(number, 60);
        match number % 3 {
            0 => format!("{own} {north}"),
            1 => format!("{own} {south}"),
            _ if number.is_multiple_of(2) => format!("{own} {north} {south}"),
            _ => own,
        }
    };
    let docs = documents((0..120).map(text));
    let with = |engine: Engine| outcome(&docs, Recipe { engine, ..Recipe::default() });
    let (exact, minhash) = (with(Engine::Exact), with(Engine::Minhash));
    assert_eq!(exact.boilerplate, minhash.boilerplate);
    let counts: Vec<u32> = exact.boilerplate.passages.iter().map(|p| p.documents).collect();
    assert_eq!(counts, [60, 60], "forty alone and twenty with the other, of each");
    assert_eq!(exact.boilerplate.documents_masked, 100);
    let lengths: BTreeSet<usize> =
        exact.boilerplate.passages.iter().map(|passage| passage.shingles.len()).collect();
    assert_eq!(lengths, BTreeSet::from([38, 48]), "three words a shingle");
}

/// Articles of ANT with so many words, each text once, and none that matches
/// another even with the `wire` preset.
fn different_articles(words: std::ops::RangeInclusive<usize>, count: usize) -> Option<Vec<String>> {
    let docs = corpora::docs("ant")?;
    let texts = docs.iter().filter_map(|doc| {
        let text = doc["text"].as_str()?.trim();
        words.contains(&text.split_whitespace().count()).then(|| text.to_owned())
    });
    let docs = documents(texts);
    let recipe = Recipe { jaccard: 0.4, variant_containment: 0.4, ..unmasked(&Recipe::wire()) };
    let found = outcome(&docs, Recipe { variant_unshared_max: None, ..recipe });
    let kept = docs.iter().zip(&found.dropped).filter(|(_, dropped)| dropped.is_none());
    let texts: Vec<String> =
        kept.map(|(doc, _)| doc["text"].as_str().expect("a text").to_owned()).collect();
    assert!(texts.len() >= count, "only {} different articles", texts.len());
    Some(texts.into_iter().take(count).collect())
}

/// A paragraph of 90 words out of a long article of ANT.
fn paragraph() -> String {
    let ninety = |doc: &Value| -> Option<String> {
        let words: Vec<&str> = doc["text"].as_str()?.split_whitespace().collect();
        (words.len() > 300).then(|| words[100..190].join(" "))
    };
    let docs = corpora::docs("ant").expect("found before");
    docs.iter().find_map(ninety).expect("a long article")
}

#[test]
fn one_paragraph_in_a_thousand_short_articles_makes_no_two_of_them_alike() {
    let Some(articles) = different_articles(30..=60, 1000) else { return };
    let about = paragraph();
    let docs = documents(articles.iter().map(|text| format!("{text}\n{about}")));
    for (name, recipe) in presets() {
        let (with, without) = (outcome(&docs, recipe.clone()), outcome(&docs, unmasked(&recipe)));
        let (pairs, plain) = (dropped(&with), dropped(&without));
        println!(
            "{name}: {} false pairs, {} with --no-mask; related {} and {}",
            pairs.len(),
            plain.len(),
            with.related.len(),
            without.related.len()
        );
        assert_eq!(pairs, [], "{name}");
        assert_eq!(with.related.len(), 0, "{name}");
        assert!(name == "default" || !plain.is_empty(), "{name}: nothing to be masked for");
        assert_eq!(with.boilerplate.documents_masked, 1000, "{name}");
    }
}

#[test]
fn copies_behind_the_footers_of_ten_papers_are_all_found() {
    let Some(articles) = different_articles(60..=120, 200) else { return };
    let footers: Vec<String> = (0..10).map(|paper| footer(&format!("p{paper}x"), 90)).collect();
    let printed =
        |article: usize, paper: usize| format!("{}\n{}", articles[article], footers[paper]);
    let first = (0..200).map(|article| printed(article, article % 10));
    let second = (0..200).map(|article| printed(article, (article + 1 + article / 10 % 9) % 10));
    let docs = documents(first.chain(second));
    for (name, recipe) in presets() {
        let (with, without) = (outcome(&docs, recipe.clone()), outcome(&docs, unmasked(&recipe)));
        let together = |outcome: &Outcome| {
            let pairs = dropped(outcome);
            let right = pairs.iter().filter(|(copy, keeper)| copy % 200 == keeper % 200).count();
            (right, pairs.len() - right)
        };
        println!("{name}: {:?}, with --no-mask {:?}", together(&with), together(&without));
        assert_eq!(together(&with), (200, 0), "{name}");
        assert_eq!(with.boilerplate.passages.len(), 10, "{name}");
    }
}

#[test]
fn a_paragraph_with_variants_is_masked_too() {
    let Some(articles) = different_articles(30..=60, 600) else { return };
    let about = paragraph();
    let word = about.split_whitespace().nth(45).expect("ninety words");
    let variants = ["41", "واحد وأربعون", "٤٠"].map(|variant| about.replacen(word, variant, 1));
    let printed = |(number, text): (usize, &String)| format!("{text}\n{}", variants[number % 3]);
    let docs = documents(articles.iter().enumerate().map(printed));
    let found = outcome(&docs, Recipe::wire());
    assert_eq!(dropped(&found), []);
}

#[test]
fn the_sample_with_a_footer_is_told_apart_and_put_together() {
    let place = Place::new();
    place.run(&["dedup", FOOTER_SAMPLE, "--out", "out", "--preset", "wire"]).ok();
    let keepers = |folder: &str| -> BTreeMap<String, String> {
        let rows = place.rows(&format!("{folder}/removed.jsonl"));
        let word = |row: &Value, name: &str| row[name].as_str().expect("a word").to_owned();
        rows.iter().map(|row| (word(row, "id"), word(row, "keeper"))).collect()
    };
    let expected = [("ledger-01", "courier-02"), ("ledger-02", "courier-13")];
    let expected: BTreeMap<String, String> =
        expected.map(|(id, keeper)| (id.to_owned(), keeper.to_owned())).into();
    assert_eq!(keepers("out"), expected);
    place.run(&["dedup", FOOTER_SAMPLE, "--out", "plain", "--preset", "wire", "--no-mask"]).ok();
    assert_eq!(keepers("plain").len(), 21, "the footer alone makes them one story");
    assert!(!place.path("plain/boilerplate.jsonl").exists());

    let rows = place.rows("out/boilerplate.jsonl");
    assert_eq!(rows.len(), 1, "{rows:?}");
    let row = &rows[0];
    assert_eq!((&row["boilerplate"], &row["documents"]), (&json!(1), &json!(22)));
    assert_eq!(row["words"], 39);
    let text = row["text"].as_str().expect("a text");
    assert!(text.starts_with("The Coastal Courier is read"), "{text}");
    assert!(text.trim_end_matches('.').ends_with("after the great storm"), "{text}");
    let input = std::fs::read_to_string(FOOTER_SAMPLE).expect("the sample is there");
    let line = row["line"].as_u64().expect("a line") as usize;
    let record: Value = serde_json::from_str(input.lines().nth(line - 1).expect("a line")).unwrap();
    assert_eq!(record["id"], row["id"]);
    let range = |name: &str| row[name].as_u64().expect("a number") as usize;
    let whole = record["text"].as_str().expect("a text");
    assert_eq!(&whole[range("start_byte")..range("end_byte")], text);
    let chars: String =
        whole.chars().skip(range("start")).take(range("end") - range("start")).collect();
    assert_eq!(chars, text);
}

#[test]
fn a_row_has_the_figures_that_decided_and_the_plain_ones() {
    let place = Place::new();
    place.run(&["dedup", FOOTER_SAMPLE, "--out", "out"]).ok();
    let rows = place.rows("out/removed.jsonl");
    let row = rows.iter().find(|row| row["id"] == "ledger-02").expect("it is dropped");
    assert_eq!(row["relation"], json!(Relation::Near));
    // 23 runs of three words, three of them with the changed word; the keeper
    // has two more where its footer begins, and the 37 of the footer.
    assert_eq!(row["jaccard"], json!(20.0 / 28.0));
    assert_eq!(row["containment"], json!(20.0 / 23.0));
    assert_eq!(row["keeper_containment"], json!(20.0 / 25.0));
    assert_eq!(row["plain_jaccard"], json!(20.0 / 65.0));
    assert_eq!(row["plain_containment"], json!(20.0 / 23.0));
    assert_eq!(row["plain_keeper_containment"], json!(20.0 / 62.0));
    assert_eq!(row["boilerplate"], json!([]), "only the keeper has the footer");
    let summary: Value = serde_json::from_str(&place.read("out/summary.json")).expect("JSON");
    assert_eq!(
        summary["boilerplate"],
        json!({"passages": 1, "documents_masked": 22, "removed_by_mask": 1})
    );
    let said = place.run(&["dedup", FOOTER_SAMPLE, "--dry-run"]).ok().stderr;
    assert!(
        said.contains("22 compared without their boilerplate (1 passage); 1 removed for that"),
        "{said}"
    );
}

#[test]
fn the_outcome_depends_on_neither_threads_nor_blocks() {
    let place = Place::new();
    let tables = |options: &[&str]| {
        let args = ["dedup", FOOTER_SAMPLE, "--out", "out", "--overwrite", "--passages"];
        place.run(&[&args, options].concat()).ok();
        let mut tree = place.tree("out");
        tree.remove("summary.json");
        tree
    };
    let one = tables(&["--threads", "1"]);
    assert_eq!(one, tables(&["--threads", "7", "--block", "300B"]));
    assert!(one.contains_key("boilerplate.jsonl"), "{:?}", one.keys());
}

#[test]
fn what_is_masked_is_in_the_recipe() {
    let place = Place::new();
    let recipe = |options: &[&str]| -> Recipe {
        let args = [&["config", "--json"], options].concat();
        let config: Value = serde_json::from_str(&place.run(&args).ok().stdout).expect("JSON");
        serde_json::from_value(config["recipe"].clone()).expect("a recipe")
    };
    assert_eq!(recipe(&[]).mask, Some(Mask::default()));
    assert_eq!(recipe(&["--no-mask"]).mask, None);
    assert_ne!(recipe(&[]).fingerprint(), recipe(&["--no-mask"]).fingerprint());
    let nonsense = Mask { min_texts: 1, ..Mask::default() };
    let refused = Recipe { mask: Some(nonsense), ..Recipe::default() }.check();
    assert!(refused.expect_err("one text is no repetition").to_string().contains("2 texts"));
}

#[test]
fn one_run_finds_articles_and_passages_with_the_links_between_them() {
    let place = Place::new();
    let record = |id: &str, text: String| json!({"id": id, "text": text});
    let (about, report) = (footer("f", 30), own_words(1, 90));
    let changed = report.replace("w1x40", "other");
    place.write(
        "a.jsonl",
        crate::program::jsonl(&[
            record("keeper", format!("{report} {about} and more")),
            record("copy", format!("{changed} {about}")),
            record("bare", report.clone()),
            record("other", format!("{} {about}", own_words(2, 90))),
        ]),
    );
    let said = place.run(&["dedup", "a.jsonl", "--out", "out", "--passages"]).ok().stderr;
    assert!(said.contains("1 repeated passage, 2 occurrences in 2 articles"), "{said}");
    let shared: BTreeMap<String, Value> = place
        .rows("out/removed.jsonl")
        .iter()
        .map(|row| (row["id"].as_str().expect("an id").to_owned(), row["passages"].clone()))
        .collect();
    let expected = [("bare".to_owned(), json!([])), ("copy".to_owned(), json!([1]))];
    assert_eq!(shared, expected.into());
    let clusters: Vec<(Value, Value)> = place
        .rows("out/occurrences.jsonl")
        .iter()
        .map(|row| (row["id"].clone(), row["cluster"].clone()))
        .collect();
    assert_eq!(clusters, [(json!("keeper"), json!(1)), (json!("other"), Value::Null)]);
    let families = place.rows("out/families.jsonl");
    assert_eq!((families.len(), &families[0]["copies"]), (1, &json!(2)));
    assert_eq!(families[0].get("cluster"), Some(&json!(1)));

    // The same families as a run of its own finds; alone, neither table knows
    // of the other.
    place.run(&["passages", "a.jsonl", "--out", "alone"]).ok();
    let without_cluster = |mut row: Value| {
        row["cluster"] = Value::Null;
        row
    };
    let both: Vec<Value> = families.into_iter().map(without_cluster).collect();
    assert_eq!(both, place.rows("alone/families.jsonl"));
    place.run(&["dedup", "a.jsonl", "--out", "articles"]).ok();
    let rows = place.rows("articles/removed.jsonl");
    assert!(rows.iter().all(|row| row["passages"].is_null()), "{rows:?}");
    let summary: Value = serde_json::from_str(&place.read("out/summary.json")).expect("JSON");
    assert_eq!(summary["passages"]["families"], 1);
}

#[test]
fn a_masked_passage_is_quoted_from_packed_and_from_streamed_input() {
    let place = Place::new();
    let input = std::fs::read(FOOTER_SAMPLE).expect("the sample is there");
    place.write("a.jsonl.zst", zstd::encode_all(&*input, 1).expect("can be packed"));
    place.run(&["dedup", "a.jsonl.zst", "--out", "packed"]).ok();
    place.run(&["dedup", FOOTER_SAMPLE, "--out", "plain"]).ok();
    let texts = |folder: &str| -> Vec<Value> {
        let rows = place.rows(&format!("{folder}/boilerplate.jsonl"));
        rows.into_iter().map(|row| row["text"].clone()).collect()
    };
    assert_eq!(texts("packed"), texts("plain"));
}
