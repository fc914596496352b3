//! `twicetold passages` as its users meet it.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::corpora;
use crate::program::{Place, Ran, SAMPLE, jsonl};

/// Forty words that nothing else in this file has.
fn story(number: usize) -> String {
    (0..40).map(|at| format!("w{number}x{at}")).collect::<Vec<_>>().join(" ")
}

/// Eighteen words.
const NOTICE: &str = "To subscribe to this newspaper send a letter with your full name and address to the harbour office.";

/// The same notice, typed by someone else; sixteen words agree.
const NOTICE_RETYPED: &str = "To subscribe to this newspaper, send a LETTER with your name and address to the harbor office!";

fn article(id: &str, source: &str, date: &str, text: &str) -> Value {
    json!({"id": id, "source": source, "date": date, "text": text})
}

/// Four articles; three carry the notice, of which one is copied by another
/// paper.
fn articles() -> Vec<Value> {
    let with = |number: usize, notice: &str| format!("{}.\n{notice}", story(number));
    vec![
        article("a", "Gull", "2026-03-01", &with(1, NOTICE)),
        article("b", "Gull", "2026-03-02", &with(2, NOTICE_RETYPED)),
        article("c", "Crab", "2026-03-04", &with(3, NOTICE)),
        article("c-copy", "Gull", "2026-03-05", with(3, NOTICE).trim_end_matches('.')),
        article("d", "Crab", "2026-03-05", &story(4)),
    ]
}

fn place_with_articles() -> Place {
    let place = Place::new();
    place.write("in/a.jsonl", jsonl(&articles()));
    place
}

/// How many families a run finds.
#[track_caller]
fn families(place: &Place, args: &[&str]) -> u64 {
    let ran = place.run(&[&["passages", "--json"], args].concat()).ok();
    let summary: Value = serde_json::from_str(&ran.stdout).expect("the summary is JSON");
    summary["families"].as_u64().expect("a number")
}

#[test]
fn the_founding_file_has_one_family_of_two_occurrences() {
    let Some(folder) = corpora::corpus("seed") else { return };
    let place = Place::new();
    let folder = folder.to_str().expect("a plain path");
    let ran = place.run(&["passages", folder, "--out", "out"]).ok();
    assert!(ran.stdout.starts_with("1. 2 articles, "), "{}", ran.stdout);
    let (families, occurrences) =
        (place.rows("out/families.jsonl"), place.rows("out/occurrences.jsonl"));
    assert_eq!((families.len(), occurrences.len()), (1, 2), "{families:?}");
    assert_eq!(families[0]["stands"], "tail");
    let edits: Vec<(&str, &str)> = occurrences[0]["edits"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|edit| (edit["representative"].as_str().unwrap(), edit["here"].as_str().unwrap()))
        .collect();
    assert!(edits.contains(&("41", "إحدى وأربعين")), "{edits:?}");
    for occurrence in &occurrences {
        let identity = occurrence["identity"].as_f64().expect("a number");
        assert!((0.8..=1.0).contains(&identity), "{occurrence}");
    }
}

#[test]
fn the_sample_gives_its_footer() {
    let place = Place::new();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/data/seed_like.txt");
    assert_eq!(families(&place, &[sample]), 1);
}

#[test]
fn a_family_is_told_with_its_numbers_sources_and_dates() {
    let place = place_with_articles();
    place.run(&["passages", "in", "--out", "out"]).ok().says(&["5 articles", "1 repeated passage"]);
    let rows = place.rows("out/families.jsonl");
    assert_eq!(rows.len(), 1, "{rows:?}");
    let row = &rows[0];
    let expected = json!({
        "family": 1, "documents": 3, "occurrences": 3, "copies": 1, "sources": ["Crab", "Gull"],
        "first_date": "2026-03-01T00:00:00Z", "last_date": "2026-03-04T00:00:00Z",
        "words": 18, "text": NOTICE, "id": "a", "file": "a.jsonl", "line": 1, "stands": "tail",
        "standing": {"head": 0, "body": 0, "tail": 3, "whole": 0},
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&row[name], value, "`{name}` in {row}");
    }
    // Of 18 words, one is left out and one is spelled otherwise.
    assert_eq!(row["lowest_identity"], 16.0 / 18.0);
    assert_eq!(row["median_identity"], 16.0 / 18.0, "the lower of the middle two");
}

#[test]
fn places_are_of_the_original_text_in_characters_and_in_bytes() {
    let place = Place::new();
    let text = |n: usize, notice: &str| format!("é😀 {}؟\n«{notice}»", story(n));
    let arabic = "تصل النشرة كل صباح إلى من يكتب اسمه وعنوانه في رسالة إلى مكتب الجريدة بالميناء";
    let texts = [text(1, arabic), text(2, arabic)];
    let records: Vec<Value> = texts.iter().map(|text| json!({ "text": text })).collect();
    place.write("a.jsonl", jsonl(&records));
    place.run(&["passages", "a.jsonl", "--out", "out"]).ok();
    let rows = place.rows("out/occurrences.jsonl");
    assert_eq!(rows.len(), 2, "{rows:?}");
    for (row, text) in rows.iter().zip(&texts) {
        let number = |name: &str| row[name].as_u64().expect("a number") as usize;
        let of_bytes = &text[number("start_byte")..number("end_byte")];
        let of_chars: String =
            text.chars().skip(number("start")).take(number("end") - number("start")).collect();
        assert_eq!(of_bytes, of_chars);
        assert!(of_bytes.contains(arabic), "{of_bytes}");
        assert!(!of_bytes.contains('x'), "{of_bytes}");
    }
}

#[test]
fn a_family_stands_where_most_of_it_stands() {
    #[track_caller]
    fn check(before: usize, after: usize, stands: &str) {
        let place = Place::new();
        let words =
            |n: usize, count: usize| story(n).split(' ').take(count).collect::<Vec<_>>().join(" ");
        let records = [0, 1].map(
            |n| json!({"text": format!("{}\n{NOTICE}\n{}", words(n, before), words(n + 2, after))}),
        );
        place.write("a.jsonl", jsonl(&records));
        place.run(&["passages", "a.jsonl", "--include-copies", "--out", "out"]).ok();
        let rows = place.rows("out/families.jsonl");
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(rows[0]["stands"], stands, "{before} words before, {after} after");
        assert_eq!(rows[0]["standing"][stands], 2);
    }
    check(0, 0, "whole");
    check(0, 40, "head");
    check(8, 32, "head");
    check(9, 31, "body");
    check(31, 9, "body");
    check(32, 8, "tail");
    check(40, 0, "tail");
}

#[test]
fn edits_turn_the_representative_into_the_occurrence() {
    let place = place_with_articles();
    place.run(&["passages", "in", "--out", "out"]).ok();
    let rows = place.rows("out/occurrences.jsonl");
    let of = |id: &str| rows.iter().find(|row| row["id"] == id).expect("an occurrence");
    assert_eq!(of("a")["representative"], true);
    assert_eq!(of("a")["edits"], json!([]));
    let expected = json!([
        {"representative": "full", "here": ""},
        {"representative": "harbour", "here": "harbor"},
    ]);
    assert_eq!(of("b")["edits"], expected);
    assert_eq!(of("c")["copies"], json!(["c-copy"]));
    assert_eq!(of("a")["copies"], json!([]));
}

#[test]
fn copies_of_whole_articles_are_no_family() {
    let place = Place::new();
    let records: Vec<Value> = (0..5).map(|n| json!({"id": n, "text": story(1)})).collect();
    place.write("a.jsonl", jsonl(&records));
    assert_eq!(families(&place, &["a.jsonl"]), 0);
    assert_eq!(families(&place, &["a.jsonl", "--include-copies"]), 1);
    place.run(&["passages", "a.jsonl"]).ok().says(&["4 copies of whole articles"]);
}

#[test]
fn filters_say_which_families_are_shown() {
    #[track_caller]
    fn check(args: &[&str], expected: u64) {
        let found = families(&place_with_articles(), &[&["in"], args].concat());
        assert_eq!(found, expected, "with {args:?}");
    }
    check(&["--min-words", "18"], 1);
    check(&["--min-words", "19"], 0);
    check(&["--min-docs", "3"], 1);
    check(&["--min-docs", "4"], 0);
    check(&["--min-docs", "4", "--include-copies"], 1);
    check(&["--min-sources", "2"], 1);
    check(&["--min-sources", "3"], 0);
    check(&["--across-sources"], 1);
    check(&["--same-source"], 0);
}

#[test]
fn a_restriction_by_source_needs_sources() {
    let place = Place::new();
    place.write("a.jsonl", jsonl(&[json!({"text": story(1)})]));
    let ran = place.run(&["passages", "a.jsonl", "--across-sources"]);
    assert_eq!(ran.code, 2);
    ran.says(&["--source-field"]);
}

#[test]
fn corpora_of_extreme_shapes_have_sensible_families() {
    #[track_caller]
    fn check(what: &str, texts: &[String], expected: u64) {
        let place = Place::new();
        let records: Vec<Value> = texts.iter().map(|text| json!({ "text": text })).collect();
        place.write("a.jsonl", jsonl(&records));
        assert_eq!(families(&place, &["a.jsonl"]), expected, "{what}");
    }
    check("nothing", &[], 0);
    check("a text without words", &["...".to_owned(), String::new()], 0);
    check("one article", &[story(1)], 0);
    check("all different", &(0..9).map(story).collect::<Vec<_>>(), 0);
    let twice = format!("{NOTICE}\n{}\n{NOTICE}", story(1));
    check("a passage twice in one article", &[twice], 1);
    let everywhere: Vec<String> = (0..300).map(|n| format!("{}\n{NOTICE}", story(n))).collect();
    check("a passage in every article", &everywhere, 1);
}

#[test]
fn one_word_again_and_again_ends_soon() {
    let place = Place::new();
    let text = "again ".repeat(50_000);
    place.write("a.jsonl", jsonl(&[json!({"text": text}), json!({"text": story(1)})]));
    place.run(&["passages", "a.jsonl", "--out", "out"]).ok();
}

#[test]
fn the_terminal_shows_how_variants_differ() {
    let place = place_with_articles();
    let plain = place.run(&["passages", "in"]).ok().stdout;
    assert!(plain.starts_with("1. 3 articles and 1 copy of them, 18 words, at the end"), "{plain}");
    assert!(plain.contains(NOTICE) && !plain.contains("[-"), "{plain}");
    let diff = place.run(&["passages", "in", "--show", "diff"]).ok().stdout;
    for shown in ["1× ", "[-\u{2068}full\u{2069}-]", "{+\u{2068}harbor\u{2069}+}"] {
        assert!(diff.contains(shown), "`{shown}` in {diff}");
    }
    let none = place.run(&["passages", "in", "--top", "0"]).ok();
    assert_eq!(none.stdout, "");
}

#[test]
fn hostile_characters_are_spelled_out() {
    let place = Place::new();
    let notice = NOTICE.replace("newspaper", "news\u{202e}paper \u{1b}[31m");
    let records = [1, 2]
        .map(|n| json!({"text": format!("{}\n{notice}", story(n)), "source": "\u{2066}Gull\u{7}"}));
    place.write("a.jsonl", jsonl(&records));
    let shown = place.run(&["passages", "a.jsonl", "--show", "diff"]).ok().stdout;
    assert!(shown.contains("\\u{202e}") && shown.contains("\\u{1b}"), "{shown}");
    for hazard in ['\u{202e}', '\u{1b}', '\u{7}', '\u{2066}'] {
        assert!(!shown.contains(hazard), "{hazard:?} in {shown:?}");
    }
    let (opened, closed) = (shown.matches('\u{2068}').count(), shown.matches('\u{2069}').count());
    assert_eq!(opened, closed, "every isolate is closed in {shown:?}");
}

#[test]
fn quiet_is_quiet_and_json_is_the_summary() {
    let place = place_with_articles();
    let ran = place.run(&["passages", "in", "-q", "--out", "out"]).ok();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    let ran = place.run(&["passages", "in", "--json"]).ok();
    let printed: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let mut written: Value = serde_json::from_str(&place.read("out/summary.json")).expect("JSON");
    assert_eq!(printed["program"], "twicetold");
    // Timings are all that two runs differ in.
    written["timings"] = printed["timings"].clone();
    assert_eq!(printed, written);
    assert!(place.run(&["passages", "in", "-v"]).ok().stderr.contains("quoting"));
}

#[test]
fn the_outcome_does_not_depend_on_settings() {
    let place = place_with_articles();
    let mut expected = None;
    for (number, settings) in
        [&["--threads", "1"][..], &["--threads", "3"], &["--block", "1"], &["--kernels", "scalar"]]
            .iter()
            .enumerate()
    {
        let out = format!("out{number}");
        let args = [&["passages", "in", "--mark", "--out", &out], *settings].concat();
        place.run(&args).ok();
        let mut files = place.tree(&out);
        files.remove("summary.json");
        let expected = expected.get_or_insert_with(|| files.clone());
        assert!(*expected == files, "another outcome with {settings:?}");
    }
}

#[test]
fn standard_input_is_read_twice() {
    let place = place_with_articles();
    let mut child = place
        .program()
        .args(["passages", "-", "--format", "jsonl", "--out", "out"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let input = fs::read(place.path("in/a.jsonl")).expect("it was written");
    child.stdin.take().expect("piped").write_all(&input).expect("it reads");
    Ran::from(child.wait_with_output().expect("it ends")).ok();
    assert_eq!(place.rows("out/families.jsonl")[0]["text"], NOTICE);
}

#[test]
fn outputs_appear_whole_or_not_at_all() {
    let place = place_with_articles();
    place.write("in/b.jsonl", "{\"text\": \"a\"}\nno record\n");
    let ran = place.run(&["passages", "in", "--out", "out"]);
    assert_eq!((ran.code, place.names()), (2, vec!["in".to_owned()]));
    ran.says(&["b.jsonl:2"]);

    let skip = ["passages", "in", "--out", "out", "--on-error", "skip"];
    assert_eq!(place.run(&skip).code, 2, "bad records matter");
    assert_eq!(place.rows("out/bad.jsonl").len(), 1);
    assert_eq!(place.rows("out/occurrences.jsonl").len(), 3);
    assert_eq!(place.run(&skip).code, 2, "an outcome is not overwritten by itself");
    place.run(&[&skip[..], &["--overwrite", "--allow-bad"]].concat()).ok();

    place.write("mine/precious.txt", "mine");
    assert_eq!(place.run(&["passages", SAMPLE, "--out", "mine", "--overwrite"]).code, 2);
    assert_eq!(place.read("mine/precious.txt"), "mine");
}

#[test]
fn marked_records_tell_their_ranges_and_keep_every_other_byte() {
    let place = place_with_articles();
    place
        .run(&["passages", "in", "--mark", "--out", "out"])
        .ok()
        .says(&["1 copy was not looked at"]);
    let (before, after) = (place.read("in/a.jsonl"), place.read("out/kept/a.jsonl"));
    assert_eq!(before.lines().count(), after.lines().count());
    let occurrences = place.rows("out/occurrences.jsonl");
    for (before, after) in before.lines().zip(after.lines()) {
        let marked: Value = serde_json::from_str(after).expect("JSON");
        let repeated = &marked["repeated"];
        let expected = format!("{},\"repeated\":{repeated}}}", before.strip_suffix('}').unwrap());
        // `Value` sorts members; what is compared is the record's beginning.
        let (same, _) = expected.split_once(",\"repeated\":").expect("it is there");
        assert!(after.starts_with(&format!("{same},\"repeated\":")), "{after}");
        let id = marked["id"].as_str().expect("an id");
        let own: Vec<Value> = occurrences
            .iter()
            .filter(|row| row["id"] == id)
            .map(|row| {
                json!({
                    "family": row["family"], "start": row["start"], "end": row["end"],
                    "start_byte": row["start_byte"], "end_byte": row["end_byte"],
                })
            })
            .collect();
        match id {
            "c-copy" => assert_eq!(repeated, &Value::Null),
            _ => assert_eq!(repeated, &json!(own), "the ranges of {id}"),
        }
    }
    let all = ["passages", "in", "--mark", "--include-copies", "--out", "all"];
    let ran = place.run(&all).ok();
    assert!(!ran.stderr.contains("hint"), "{}", ran.stderr);
    assert!(!place.read("all/kept/a.jsonl").contains("\"repeated\":null"));
}

#[test]
fn wrong_words_are_explained() {
    #[track_caller]
    fn check(args: &[&str], words: &[&str]) {
        let place = Place::new();
        place.write("a.txt", "plain text\n");
        let ran = place.run(&[&["passages"], args].concat());
        assert_eq!(ran.code, 2, "{args:?}");
        assert_eq!(ran.stdout, "");
        ran.says(words);
        assert_eq!(place.names(), ["a.txt"]);
    }
    check(&[], &["INPUT"]);
    check(&["missing.jsonl"], &["missing.jsonl"]);
    check(&[SAMPLE, "--mark"], &["--out"]);
    check(&[SAMPLE, "--overwrite"], &["--out"]);
    check(&[SAMPLE, "--min-words", "2"], &["at least 3"]);
    check(&[SAMPLE, "--same-source", "--across-sources"], &["cannot be used with"]);
    check(&[SAMPLE, "--show", "all"], &["diff"]);
    check(&["a.txt", "--mark", "--out", "out"], &["plain text", "a.txt"]);
}

#[test]
fn help_teaches() {
    let place = Place::new();
    let help = place.run(&["passages", "--help"]).ok().stdout;
    for word in ["Examples:", "families.jsonl", "--show", "Exit status", "stretch of text"] {
        assert!(help.contains(word), "`{word}` is in the help");
    }
}
