//! `twicetold calibrate` as its users meet it.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::program::{Place, Ran, jsonl};

/// Words of a text: 100 word 3-grams.
const WORDS: usize = 102;

/// How many words at the end of a text its copy says otherwise, and how many
/// such pairs there are. With `k` words the Jaccard similarity is
/// `(100 - k) / (100 + k)`: .905, .818, .667, .538 and .429.
const PAIRS: [(usize, usize); 5] = [(5, 3), (10, 3), (20, 3), (30, 3), (40, 12)];

/// A corpus of pairs, those that are most alike first: `a0` and `b0`, ...
fn corpus() -> Vec<Value> {
    let mut records = Vec::new();
    for (changed, count) in PAIRS {
        for _ in 0..count {
            let pair = records.len() / 2;
            let words = |ours: &str| -> Vec<String> {
                let kept = WORDS - changed;
                let word = |at: usize| format!("{}{pair}x{at}", if at < kept { "w" } else { ours });
                (0..WORDS).map(word).collect()
            };
            for (side, ours) in [("a", "u"), ("b", "v")] {
                let text = words(ours).join(" ");
                records.push(json!({"id": format!("{side}{pair}"), "text": text}));
            }
        }
    }
    records
}

fn place() -> Place {
    let place = Place::new();
    place.write("n.jsonl", jsonl(&corpus()));
    place
}

#[track_caller]
fn calibrate(place: &Place, args: &[&str]) -> Value {
    let args: Vec<&str> = ["calibrate", "n.jsonl", "--json"].iter().chain(args).copied().collect();
    serde_json::from_str(&place.run(&args).ok().stdout).expect("JSON on stdout")
}

/// The program with something to read on stdin.
fn answer(place: &Place, args: &[&str], answers: &str) -> Ran {
    let mut program = place.program();
    program.args(["calibrate", "n.jsonl", "--answers", "-"]).args(args);
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().expect("the program starts");
    // It may have ended before, and then reads nothing.
    let _ = child.stdin.take().expect("it was asked for").write_all(answers.as_bytes());
    child.wait_with_output().expect("the program ends").into()
}

/// What a threshold does: precision and recall.
#[track_caller]
fn point(calibration: &Value, threshold: f64) -> (Option<f64>, Option<f64>) {
    let curve = calibration["curve"].as_array().expect("a curve");
    let point = curve.iter().find(|point| point["threshold"].as_f64() == Some(threshold));
    let point = point.unwrap_or_else(|| panic!("no threshold {threshold} in {curve:?}"));
    (point["precision"].as_f64(), point["recall"].as_f64())
}

fn ids(calibration: &Value) -> Vec<(String, String)> {
    let drawn = calibration["drawn"].as_array().expect("drawn pairs");
    let id = |pair: &Value, side: &str| pair[side]["id"].as_str().expect("an id").to_owned();
    drawn.iter().map(|pair| (id(pair, "a"), id(pair, "b"))).collect()
}

#[test]
fn the_same_number_of_pairs_is_drawn_from_each_step() {
    let place = place();
    let found = calibrate(&place, &["--pairs", "10"]);
    assert_eq!((&found["documents"], &found["texts"]), (&json!(48), &json!(48)));
    assert_eq!((&found["pairs"], &found["labelled"]), (&json!(24), &json!(0)));
    let similarities: Vec<f64> = found["drawn"]
        .as_array()
        .expect("drawn pairs")
        .iter()
        .map(|pair| pair["jaccard"].as_f64().expect("a similarity"))
        .collect();
    let expected: Vec<f64> = PAIRS
        .iter()
        .flat_map(|(changed, _)| [*changed as f64; 2])
        .map(|k| (100.0 - k) / (100.0 + k))
        .collect();
    assert_eq!(similarities, expected, "two of each step, the most similar first");
    let strata = found["strata"].as_array().expect("strata");
    let at = |from: f64| strata.iter().find(|s| s["from"].as_f64() == Some(from)).expect("there");
    assert_eq!((&at(0.4)["pairs"], &at(0.7)["pairs"]), (&json!(12), &json!(0)));
    let all = calibrate(&place, &[]);
    assert_eq!(all["drawn"].as_array().map(Vec::len), Some(24), "no more than there are");
}

#[test]
fn a_draw_depends_on_texts_and_seed_only() {
    let place = place();
    let first = ids(&calibrate(&place, &["--pairs", "10"]));
    assert_eq!(ids(&calibrate(&place, &["--pairs", "10", "--threads", "1"])), first);
    let fewer = ids(&calibrate(&place, &["--pairs", "5"]));
    assert!(fewer.iter().all(|pair| first.contains(pair)), "{fewer:?} of {first:?}");
    assert_ne!(ids(&calibrate(&place, &["--pairs", "10", "--seed", "2"])), first);
    let mut turned = corpus();
    turned.reverse();
    place.write("n.jsonl", jsonl(&turned));
    let sorted = |pairs: Vec<(String, String)>| {
        let ordered = |(a, b): (String, String)| (a.clone().min(b.clone()), a.max(b));
        let mut pairs: Vec<_> = pairs.into_iter().map(ordered).collect();
        pairs.sort();
        pairs
    };
    assert_eq!(sorted(ids(&calibrate(&place, &["--pairs", "10"]))), sorted(first));
}

#[test]
fn answers_are_saved_and_each_counts_for_the_pairs_it_stands_for() {
    let place = place();
    // One of each step, the most similar first.
    let args = ["--pairs", "5", "--labels", "l.jsonl"];
    let ran = answer(&place, &args, "y\nYES\ns\nn\nn\n").ok();
    assert!(ran.stdout.contains("1 of 5: Jaccard 0.905"), "{}", ran.stdout);
    ran.says(&["4 added, 4 labels in l.jsonl"]);
    let labels = place.rows("l.jsonl");
    let given: Vec<&Value> = labels.iter().map(|row| &row["label"]).collect();
    assert_eq!(given, [1, 1, 0, 0]);
    assert!(labels.iter().all(|row| row["a"].is_string() && row["b"].is_string()));
    // What was skipped is asked again, and nothing else.
    let ran = answer(&place, &args, "y\n").ok();
    ran.says(&["1 added, 5 labels in l.jsonl"]);
    let found = calibrate(&place, &["--pairs", "5", "--labels", "l.jsonl", "--precision", "0.9"]);
    assert_eq!(found["labelled"], 5);
    // 9 of 24 pairs are said to be copies: 12 of those that are not are in one step.
    assert_eq!(point(&found, 0.4), (Some(9.0 / 24.0), Some(1.0)));
    assert_eq!(point(&found, 0.5), (Some(9.0 / 12.0), Some(1.0)));
    assert_eq!(point(&found, 0.7), (Some(1.0), Some(6.0 / 9.0)));
    assert_eq!(found["wished"]["threshold"], 0.55);
    let told = place.run(&["calibrate", "n.jsonl", "--pairs", "5", "--labels", "l.jsonl"]).ok();
    assert!(told.stdout.contains("0.3750 ("), "{}", told.stdout);
    // With more pairs what was labelled stays so; with another seed it is of no use.
    assert_eq!(calibrate(&place, &["--pairs", "10", "--labels", "l.jsonl"])["labelled"], 5);
    let other = calibrate(&place, &["--pairs", "1", "--seed", "3", "--labels", "l.jsonl"]);
    assert!(other["labels_unused"].as_u64() >= Some(4), "{other}");
}

#[test]
fn labels_are_a_gold_that_an_outcome_is_scored_against() {
    let place = place();
    let args = ["--pairs", "5", "--labels", "l.jsonl"];
    answer(&place, &args, "y\ny\ny\nn\nn\n").ok().says(&["5 added"]);
    place.run(&["dedup", "n.jsonl", "--out", "o"]).ok();
    let ran = place.run(&["eval", "o", "--gold", "l.jsonl", "--json"]).ok();
    let scores: Value = serde_json::from_str(&ran.stdout).expect("JSON on stdout");
    let measure = |name: &str| {
        let measures = scores["measures"].as_array().expect("measures");
        let found = measures.iter().find(|measure| measure["name"] == name).expect("measured");
        (found["value"].as_f64(), found["of"].as_u64())
    };
    // The copy of Jaccard similarity .667 is below the threshold.
    assert_eq!(measure("precision"), (Some(1.0), Some(2)));
    assert_eq!(measure("recall"), (Some(2.0 / 3.0), Some(3)));
}

#[test]
fn who_ends_early_has_labels_of_all_steps() {
    let place = place();
    let ran = answer(&place, &["--labels", "l.jsonl"], "y\ny\ny\nn\nn\nq\ny\n").ok();
    ran.says(&["5 added"]);
    let found = calibrate(&place, &["--labels", "l.jsonl"]);
    assert_eq!(point(&found, 0.4), (Some(9.0 / 24.0), Some(1.0)));
    // The end of the answers is an end too.
    let ran = answer(&place, &["--labels", "m.jsonl"], "y").ok();
    ran.says(&["1 added, 1 label in m.jsonl"]);
    let found = calibrate(&place, &["--labels", "m.jsonl"]);
    assert_eq!(point(&found, 0.9).0, Some(1.0));
    assert_eq!(point(&found, 0.4), (None, None), "nobody looked at the other steps");
}

#[test]
fn a_gold_counts_all_its_pairs() {
    let place = place();
    let clusters = |below: &str| {
        let pairs = (0..24).map(|pair| {
            let other = if pair < 9 { pair } else { pair + 100 };
            format!("a{pair},{pair}\nb{pair},{other}\n")
        });
        format!("id,cluster\n{}{below}", pairs.collect::<String>())
    };
    place.write("gold.csv", clusters(""));
    let found = calibrate(&place, &["--gold", "gold.csv"]);
    assert_eq!((&found["labelled"], &found["below"]), (&json!(24), &json!(0)));
    assert_eq!(point(&found, 0.4), (Some(9.0 / 24.0), Some(1.0)));
    assert_eq!(point(&found, 0.8), (Some(1.0), Some(6.0 / 9.0)));
    // Two that have nothing in common are missed at every threshold.
    let mut records = corpus();
    records.push(json!({"id": "x", "text": "one two three four five six seven eight nine ten"}));
    records.push(json!({"id": "y", "text": "eleven twelve and so on until there are ten words"}));
    place.write("n.jsonl", jsonl(&records)).write("gold.csv", clusters("x,x\ny,x\n"));
    let found = calibrate(&place, &["--gold", "gold.csv"]);
    assert_eq!(found["below"], 1);
    assert_eq!(point(&found, 0.4), (Some(9.0 / 24.0), Some(0.9)));
    // Of judged pairs, those that are judged, wherever they lie.
    place.write("pairs.tsv", "a\tb\tsame\na0\tb0\tyes\na23\tb23\tno\nx\ty\tyes\nz\ta0\tyes\n");
    let found = calibrate(&place, &["--gold", "pairs.tsv", "--label", "same"]);
    assert_eq!((&found["pairs"], &found["from"]), (&json!(3), &json!(0.0)));
    assert_eq!(point(&found, 0.4), (Some(0.5), Some(0.5)));
    assert_eq!(point(&found, 0.05), (Some(0.5), Some(0.5)));
}

#[test]
fn templates_and_pairs_the_recipe_does_not_let_count_are_left_out() {
    let place = Place::new();
    // Without digits: the numbers of a text are those in its words too.
    let letter = |at: u8| char::from(b'a' + at);
    let words: Vec<String> =
        (0..50).map(|at| format!("{}{}", letter(at / 10), letter(at % 10))).collect();
    let report =
        |number: u32| format!("{} {number} {}", words[..25].join(" "), words[25..].join(" "));
    let record = |id: u32, source: &str, text: String| json!({"id": id.to_string(), "source": source, "text": text});
    place.write(
        "n.jsonl",
        jsonl(&[
            record(1, "p", report(41)),
            record(2, "q", report(42)),
            record(3, "q", report(41).replace("ab ", "zz ")),
        ]),
    );
    let pairs = |args: &[&str]| {
        let found = calibrate(&place, args);
        (found["pairs"].as_u64(), found["templates"].as_u64())
    };
    // A number in fifty words makes no template; in twenty it does.
    assert_eq!(pairs(&["--no-templates"]), (Some(3), Some(0)));
    assert_eq!(pairs(&["--across-sources", "--no-templates"]), (Some(2), Some(0)));
    place.write(
        "n.jsonl",
        jsonl(&[41, 42].map(|number| {
            let text = format!("{} {number} {}", words[..5].join(" "), words[5..15].join(" "));
            record(number, "p", text)
        })),
    );
    assert_eq!(pairs(&[]), (Some(0), Some(1)));
}

#[test]
fn corpora_without_pairs_have_none() {
    let place = Place::new();
    let same = json!({"text": "the same ten words in two records and no others"});
    for records in [vec![], vec![same.clone()], vec![same.clone(), same]] {
        place.write("n.jsonl", jsonl(&records));
        let found = calibrate(&place, &[]);
        assert_eq!((&found["pairs"], &found["drawn"]), (&json!(0), &json!([])), "{records:?}");
        place.run(&["calibrate", "n.jsonl"]).ok();
    }
}

#[test]
fn without_labels_pairs_are_shown() {
    let place = place();
    let ran = place.run(&["calibrate", "n.jsonl", "--pairs", "5"]).ok();
    let at = |words: &str| ran.stdout.find(words).unwrap_or_else(|| panic!("{}", ran.stdout));
    assert!(at("24 pairs of 48 different texts") < at("1 of 5: Jaccard 0.905"));
    assert!(at("1 of 5: Jaccard 0.905") < at("5 of 5: Jaccard 0.429"));
    assert!(ran.stdout.contains("[-u0x97") || ran.stdout.contains("x97"), "{}", ran.stdout);
    ran.says(&["hint: "]);
    assert_eq!(place.names(), ["n.jsonl"], "nothing is written unasked");
}

const CURVE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/calibration.svg");

/// The outcome of five answers: the curve and what is said on stdout.
fn curve(place: &Place) -> (String, String) {
    let args = ["--pairs", "5", "--labels", "l.jsonl", "--precision", "0.95"];
    let args = [&args[..], &["--plot", "c.svg", "--out", "c.json"]].concat();
    let ran = answer(place, &args, "y\ny\ny\nn\nn\n").ok();
    (place.read("c.svg"), ran.stdout)
}

#[test]
fn the_curve_is_drawn() {
    let place = place();
    let (drawn, told) = curve(&place);
    assert!(told.contains("precision 0.95: threshold 0.55"), "{told}");
    let expected = std::fs::read_to_string(CURVE).expect("the sample is there");
    assert_eq!(drawn, expected, "the curve is not that of {CURVE}");
    let written: Value = serde_json::from_str(&place.read("c.json")).expect("JSON");
    assert_eq!(written["curve"].as_array().map(Vec::len), Some(12));
    assert_eq!(written["drawn"][0]["alignment"][0]["same"], true);
}

/// Writes the sample anew: `cargo test --test it draw_the_curve -- --ignored`.
#[test]
#[ignore = "writes into data/"]
fn draw_the_curve() {
    std::fs::write(CURVE, curve(&place()).0).expect("the sample can be written");
}

#[test]
fn what_cannot_be_is_refused_with_the_way_out() {
    #[track_caller]
    fn check(args: &[&str], words: &[&str]) {
        let place = place();
        place
            .write("table.csv", "a,b,label\na0,b0,1\n")
            .write(
                "twice.jsonl",
                "{\"a\":\"x\",\"b\":\"y\",\"label\":1}\n{\"a\":\"y\",\"b\":\"x\",\"label\":0}\n",
            )
            .write("wrong.tsv", "x\ty\n1\t2\n")
            .write("maybe.txt", "y\nmaybe\n");
        let all: Vec<&str> = ["calibrate", "n.jsonl"].iter().chain(args).copied().collect();
        let ran = place.run(&all);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.stderr);
        ran.says(words);
    }
    check(&["--from", "0.9", "--to", "0.8"], &["--from", "--to"]);
    check(&["--from", "0"], &["--from above 0"]);
    check(&["--step", "0.001"], &["0.001"]);
    check(&["--plot", "c.svg"], &["--labels or --gold"]);
    check(&["--labels", "twice.jsonl"], &["twice.jsonl:2", "labelled otherwise"]);
    check(&["--labels", "table.csv", "--answers", "maybe.txt"], &["JSON lines", "--gold"]);
    check(
        &["--answers", "maybe.txt"],
        &["`maybe` is no answer", "1 added, 1 label in labels.jsonl"],
    );
    check(&["--gold", "wrong.tsv"], &["wrong.tsv", "--columns"]);
    check(&["--answers", "-", "-"], &["stdin cannot be both"]);
}

#[test]
fn on_a_terminal_each_pair_is_asked_for() {
    // script(1) of util-linux gives a program a terminal of its own.
    let place = place();
    let program = place.program().get_program().to_string_lossy().into_owned();
    let command = format!("'{program}' calibrate n.jsonl --pairs 2 --color never");
    let started = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .current_dir(place.path("."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = started else {
        eprintln!("not tested: there is no script(1) here");
        return;
    };
    let mut keyboard = child.stdin.take().expect("it was asked for");
    keyboard.write_all(b"what\ny\nq\n").expect("there is someone to answer");
    let output = child.wait_with_output().expect("the program ends");
    drop(keyboard);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}");
    assert_eq!(shown.matches("the same? (y)es").count(), 3, "asked again after a slip: {shown}");
    assert_eq!(place.rows("labels.jsonl").len(), 1, "{shown}");
}
