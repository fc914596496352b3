//! The measures, beside plain ones written down from their definitions, and
//! the command that prints them.

use std::collections::{BTreeSet, HashMap};

use proptest::prelude::*;
use serde_json::Value;
use twicetold::evaluation::pairs::Judged;
use twicetold::evaluation::spans::Passage;
use twicetold::evaluation::{Draws, Measure, clusters, pairs, spans};

use crate::corpora;
use crate::program::Place;

const NO_INTERVALS: Draws = Draws { count: 0, seed: 0 };

fn value(measures: &[Measure], name: &str) -> Option<f64> {
    let found = measures.iter().find(|measure| measure.name == name);
    found.unwrap_or_else(|| panic!("there is no measure `{name}`")).value
}

#[track_caller]
fn close(what: &str, found: Option<f64>, expected: Option<f64>) {
    let is_close = match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
        (found, expected) => found == expected,
    };
    assert!(is_close, "{what}: {found:?}, expected {expected:?}");
}

#[test]
fn the_rand_index_is_that_of_scikit_learn() {
    /// `expected` as `sklearn.metrics.adjusted_rand_score` of 1.9.1 gives it.
    #[track_caller]
    fn check(gold: &[u32], said: &[u32], expected: f64) {
        let measures = clusters::score(gold, said, NO_INTERVALS);
        close("adjusted Rand index", value(&measures, "adjusted Rand index"), Some(expected));
    }
    check(&[0, 0, 1, 1], &[0, 0, 1, 2], 0.5714285714285714);
    check(&[0, 0, 0, 1, 1, 2], &[0, 0, 1, 1, 2, 2], 0.07407407407407407);
    check(&[0, 1, 2, 3], &[0, 0, 1, 1], 0.0);
    check(&[0, 0, 0, 0, 0], &[0, 0, 0, 0, 0], 1.0);
    check(&[0, 1, 2], &[5, 6, 7], 1.0);
    check(&[0, 0, 1, 1], &[0, 1, 0, 1], -0.5);
    let gold: Vec<u32> = (0..1000).map(|i| (i * i + 3 * i) % 37).collect();
    let said: Vec<u32> =
        (0..1000).map(|i| if i % 11 > 0 { (i * i + 3 * i) % 37 } else { i % 5 }).collect();
    check(&gold, &said, 0.8430808239377428);
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let count = values.clone().count();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}

fn share(hits: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| hits as f64 / of as f64)
}

/// Clusters scored pair by pair and document by document.
fn check_clusters(gold: &[u32], said: &[u32]) {
    let measures = clusters::score(gold, said, NO_INTERVALS);
    let all: Vec<(usize, usize)> =
        (0..gold.len()).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
    let together = |labels: &[u32], (a, b): &(usize, usize)| labels[*a] == labels[*b];
    let count = |is: &dyn Fn(&(usize, usize)) -> bool| all.iter().filter(|pair| is(pair)).count();
    let both = count(&|pair| together(gold, pair) && together(said, pair));
    let of_gold = count(&|pair| together(gold, pair));
    let of_said = count(&|pair| together(said, pair));
    close("pairwise precision", value(&measures, "pairwise precision"), share(both, of_said));
    close("pairwise recall", value(&measures, "pairwise recall"), share(both, of_gold));

    let documents = 0..gold.len();
    let of_document = |labels: &[u32], in_it: usize| -> BTreeSet<usize> {
        documents.clone().filter(|other| labels[*other] == labels[in_it]).collect()
    };
    let b_cubed = |whole: &[u32], other: &[u32]| {
        mean(documents.clone().map(|document| {
            let whole = of_document(whole, document);
            whole.intersection(&of_document(other, document)).count() as f64 / whole.len() as f64
        }))
    };
    close("B-cubed precision", value(&measures, "B-cubed precision"), b_cubed(said, gold));
    close("B-cubed recall", value(&measures, "B-cubed recall"), b_cubed(gold, said));
}

/// Passages scored character by character.
fn check_passages(gold: &[Passage], said: &[Passage]) {
    let measures = spans::score(gold.to_vec(), said.to_vec(), NO_INTERVALS);
    let chars = |passages: &[Passage]| -> BTreeSet<(u32, u64)> {
        passages.iter().flat_map(|p| p.place.clone().map(|at| (p.document, at))).collect()
    };
    let one = |passage: &Passage| chars(std::slice::from_ref(passage));
    let (gold_chars, said_chars) = (chars(gold), chars(said));
    let lies_in = |passages: &[Passage], others: &BTreeSet<(u32, u64)>| {
        let shares: Vec<f64> = passages
            .iter()
            .map(|p| one(p).intersection(others).count() as f64 / one(p).len() as f64)
            .collect();
        mean(shares.into_iter())
    };
    let precision = lies_in(said, &gold_chars);
    let recall = lies_in(gold, &said_chars);
    close("precision", value(&measures, "precision"), precision);
    close("recall", value(&measures, "recall"), recall);
    let detections = |case: &Passage| {
        said.iter().filter(|found| !one(found).is_disjoint(&one(case))).count() as f64
    };
    let granularity = mean(
        gold.iter().map(detections).filter(|count| *count > 0.0).collect::<Vec<_>>().into_iter(),
    );
    close("granularity", value(&measures, "granularity"), granularity);
    let plagdet = precision.zip(recall).map(|(precision, recall)| match precision + recall {
        0.0 => 0.0,
        sum => 2.0 * precision * recall / sum / (1.0 + granularity.expect("something met")).log2(),
    });
    close("plagdet", value(&measures, "plagdet"), plagdet);
    let both = gold_chars.intersection(&said_chars).count();
    close(
        "character precision",
        value(&measures, "character precision"),
        share(both, said_chars.len()),
    );
    close("character recall", value(&measures, "character recall"), share(both, gold_chars.len()));
}

fn passages() -> impl Strategy<Value = Vec<Passage>> {
    let passage =
        (0u32..3, 0u64..30, 1u64..12, 0u32..3).prop_map(|(document, start, length, family)| {
            Passage { document, place: start..start + length, family }
        });
    proptest::collection::vec(passage, 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn clusters_are_scored_as_defined(
        labels in proptest::collection::vec((0u32..5, 0u32..5), 0..25)
    ) {
        let (gold, said): (Vec<u32>, Vec<u32>) = labels.into_iter().unzip();
        check_clusters(&gold, &said);
    }

    #[test]
    fn passages_are_scored_as_defined(gold in passages(), said in passages()) {
        check_passages(&gold, &said);
    }
}

#[test]
fn pairs_are_shares_of_what_was_said_and_of_what_is() {
    let judged: Vec<Judged> = [(true, true), (true, true), (true, false), (false, true)]
        .into_iter()
        .chain(std::iter::repeat_n((false, false), 6))
        .map(|(is, said)| Judged { is, said })
        .collect();
    let measures = pairs::score(&judged, Draws::default());
    close("precision", value(&measures, "precision"), Some(2.0 / 3.0));
    close("recall", value(&measures, "recall"), Some(2.0 / 3.0));
    close("false positive rate", value(&measures, "false positive rate"), Some(1.0 / 7.0));
    assert_eq!(measures[3].of, 7);
    for measure in &measures {
        let (low, high) = measure.interval.expect("ten pairs tell something of chance");
        let value = measure.value.expect("all are defined");
        assert!(low <= value && value <= high, "{measure:?}");
    }
    assert_eq!(measures, pairs::score(&judged, Draws::default()), "a seed repeats the draws");
}

// ---- the command ----

/// What `eval --json` says, by name of the measure.
#[track_caller]
fn eval(place: &Place, args: &[&str]) -> HashMap<String, (Option<f64>, u64)> {
    let args: Vec<&str> = ["eval", "--json"].iter().chain(args).copied().collect();
    let ran = place.run(&args).ok();
    let json: Value = serde_json::from_str(&ran.stdout).expect("JSON on stdout");
    json["measures"]
        .as_array()
        .expect("measures")
        .iter()
        .map(|measure| {
            let name = measure["name"].as_str().expect("a name").to_owned();
            (name, (measure["value"].as_f64(), measure["of"].as_u64().expect("a count")))
        })
        .collect()
}

#[test]
fn an_outcome_is_scored_against_clusters_and_pairs() {
    let place = Place::new();
    let same = "الخبر نفسه يروى مرتين بكلمات لا تختلف إلا في التشكيل والأرقام وحدها هنا";
    let other = "خبر آخر لا علاقة له بما قبله يتحدث عن أمطار غزيرة على سواحل البلاد كلها";
    let line = |id: &str, text: &str| format!("{{\"id\":\"{id}\",\"text\":\"{text}\"}}\n");
    place.write("n.jsonl", line("a", same) + &line("b", same) + &line("c", other));
    place.run(&["dedup", "n.jsonl", "--out", "o"]).ok();
    place.write("gold.tsv", "id\tcluster\na\t1\nb\t1\nc\t-1\n");
    let scores = eval(&place, &["o", "--gold", "gold.tsv"]);
    assert_eq!(scores["adjusted Rand index"], (Some(1.0), 3));
    assert_eq!(scores["pairwise recall"], (Some(1.0), 1));
    place.write("pairs.csv", "a,b,near_dup\na,b,1\na,c,1\nb,c,0\n");
    let scores = eval(&place, &["o", "--gold", "pairs.csv", "--label", "near_dup"]);
    assert_eq!(scores["recall"], (Some(0.5), 2));
    assert_eq!(scores["precision"], (Some(1.0), 1));
    // Any program's clusters, and a gold table without names.
    place.write("bare.tsv", "a\tx\t7\nb\ty\t7\nc\tz\t7\n");
    place.write("other.jsonl", "{\"id\":\"a\",\"cluster\":5}\n{\"id\":\"c\",\"cluster\":5}\n");
    let args = ["--pred", "other.jsonl", "--gold", "bare.tsv", "--columns", "id,-,cluster"];
    let scores = eval(&place, &args);
    assert_eq!(scores["pairwise recall"], (Some(1.0 / 3.0), 3));
    let ran = place.run(&["eval", "o", "--gold", "gold.tsv", "--out", "scores.json"]).ok();
    assert!(ran.stdout.contains("B-cubed F1"), "{}", ran.stdout);
    ran.says(&["1 document of the gold is in no cluster there"]);
    let written = std::fs::read(place.path("scores.json")).expect("--out writes it");
    let written: Value = serde_json::from_slice(&written).expect("JSON");
    assert_eq!(written["gold_rows"], 3);
}

#[test]
fn passages_are_scored_in_characters_and_bytes() {
    let place = Place::new();
    std::fs::copy(
        concat!(env!("CARGO_MANIFEST_DIR"), "/data/seed_like.txt"),
        place.path("seed.txt"),
    )
    .expect("the sample is there");
    place.run(&["passages", "seed.txt", "--out", "o"]).ok();
    let occurrences = std::fs::read_to_string(place.path("o/occurrences.jsonl")).expect("written");
    let rows: Vec<Value> =
        occurrences.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for (start, end, more) in [("start", "end", None), ("start_byte", "end_byte", Some("--bytes"))]
    {
        let gold: String = rows
            .iter()
            .map(|row| format!("{},{},{},1\n", row["id"].as_str().unwrap(), row[start], row[end]))
            .collect();
        place.write("gold.csv", format!("id,start,end,family\n{gold}"));
        let args: Vec<&str> = ["o", "--gold", "gold.csv"].into_iter().chain(more).collect();
        let scores = eval(&place, &args);
        assert_eq!(scores["plagdet"].0, Some(1.0), "by {start}");
        assert_eq!(scores["recall"].1, 2, "by {start}");
    }
}

#[test]
fn wrong_tables_are_told_with_their_line() {
    #[track_caller]
    fn check(gold: &str, args: &[&str], words: &[&str]) {
        let place = Place::new();
        place.write("gold.csv", gold).write("said.csv", "id,cluster\na,1\nb,1\n");
        let all = ["eval", "--gold", "gold.csv", "--pred", "said.csv"];
        let all: Vec<&str> = all.iter().chain(args).copied().collect();
        let ran = place.run(&all);
        assert_eq!(ran.code, 2, "{gold:?}: {}", ran.stderr);
        ran.says(words);
    }
    check("id,cluster\na,1\na,2\n", &[], &["gold.csv:3", "`a` is in two clusters"]);
    check("id,cluster\na,1\nb\n", &[], &["gold.csv:3"]);
    check("x,y\na,1\n", &[], &["gold.csv", "--columns"]);
    check("a,b,label\nx,y,maybe\n", &[], &["gold.csv:2", "`maybe`", "--label"]);
    check("id,start,end\na,5,5\n", &[], &["gold.csv:2", "empty"]);
    check("id,start,end\na,5,x\n", &[], &["gold.csv:2", "`x` is no place"]);
    check("{\"id\":", &[], &["gold.csv:1"]);
    check("", &[], &["gold.csv"]);
}

#[test]
fn the_gold_at_hand_gives_the_figures_known() {
    let Some(folder) = corpora::corpus("ecir20_core") else { return };
    let place = Place::new();
    let docs = folder.join("docs.jsonl.zst");
    let docs = docs.to_str().expect("a path in UTF-8");
    place.run(&["dedup", docs, "--out", "o", "--preset", "wire"]).ok();
    let gold = folder.join("pairs.jsonl");
    let gold = gold.to_str().expect("a path in UTF-8");
    let scores = eval(&place, &["o", "--gold", gold, "--label", "near_dup"]);
    let (f1, _) = scores["F1"];
    println!("ecir20_core, wire: {scores:?}");
    assert_eq!(scores["recall"].1, 80, "80 of the 120 pairs are near-duplicates");
    assert!(f1.is_some_and(|f1| f1 > 0.9), "F1 is {f1:?}");
}

// ---- the audit ----

#[track_caller]
fn audit(place: &Place, args: &[&str]) -> Value {
    let args: Vec<&str> = ["audit", "--json"].iter().chain(args).copied().collect();
    serde_json::from_str(&place.run(&args).ok().stdout).expect("JSON on stdout")
}

#[test]
fn a_sample_tells_the_recall_of_the_whole() {
    let Some(folder) = corpora::corpus("ant") else { return };
    let place = Place::new();
    let docs = folder.join("docs.jsonl.zst");
    let docs = docs.to_str().expect("a path in UTF-8");
    let whole = audit(&place, &[docs, "--threshold", "0.5", "--sample", "1000000"]);
    assert_eq!(whole["sampled"], 10_161);
    let pairs = whole["pairs"].as_u64().expect("a count");
    assert!(pairs > 20, "{pairs} pairs");
    let recall = whole["recall"].as_f64().expect("there are pairs");
    assert!(recall >= 0.99, "MinHash finds {recall} of the pairs of ant");
    for seed in ["1", "2", "3"] {
        let part = audit(&place, &[docs, "--threshold", "0.5", "--sample", "5000", "--seed", seed]);
        assert_eq!(part["sampled"], 5000);
        let interval = &part["recall_interval"];
        let [low, high] = [0, 1].map(|end| interval[end].as_f64().expect("a number"));
        assert!(low <= recall && recall <= high, "seed {seed}: {interval}, all of it {recall}");
        assert!(part["pairs"].as_u64() < whole["pairs"].as_u64());
    }
}

#[test]
fn an_audit_counts_pairs_that_are_easily_counted() {
    let place = Place::new();
    let words =
        |from: u32, to: u32| (from..to).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
    let line = |id: u32, text: &str| format!("{{\"id\":{id},\"text\":\"{text}\"}}\n");
    // 98, 88 and 98 shingles; of the first two 88 are shared, J = 88 / 98.
    place.write(
        "n.jsonl",
        line(1, &words(0, 100)) + &line(2, &words(0, 90)) + &line(3, &words(500, 600)),
    );
    let found = audit(&place, &["n.jsonl"]);
    assert_eq!(found["documents"], 3);
    assert_eq!((&found["pairs"], &found["found"]), (&1.into(), &1.into()));
    let curve = found["curve"].as_array().expect("a curve");
    let step = curve.iter().find(|step| step["pairs"] == 1).expect("a step with the pair");
    assert!(step["from"].as_f64() <= Some(88.0 / 98.0), "{step}");
    assert!(step["to"].as_f64() > Some(88.0 / 98.0), "{step}");
    let none = audit(&place, &["n.jsonl", "--sample", "1"]);
    assert_eq!(
        (&none["sampled"], &none["pairs"], &none["recall"]),
        (&1.into(), &0.into(), &Value::Null)
    );
    place.write("empty.jsonl", "");
    assert_eq!(audit(&place, &["empty.jsonl"])["documents"], 0);
}
