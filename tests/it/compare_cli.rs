//! `twicetold compare` as its users meet it.

use serde_json::{Value, json};

use crate::corpora;
use crate::program::{Place, Ran, SAMPLE, jsonl};

/// Twenty words that no other `story` has.
fn story(number: usize) -> String {
    (0..20).map(|at| format!("w{number}x{at}")).collect::<Vec<_>>().join(" ")
}

/// What is printed, without the characters that keep right-to-left text in its
/// place.
fn plain(ran: &Ran) -> String {
    ran.stdout.replace(['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'], "")
}

#[track_caller]
fn shows(ran: Ran, lines: &[&str]) {
    let ran = ran.ok();
    let shown = plain(&ran);
    for line in lines {
        assert!(shown.contains(line), "`{line}` is shown in:\n{shown}");
    }
}

fn place_with_files() -> Place {
    let place = Place::new();
    let longer = format!("{}\n{}", story(1), story(2));
    place.write("a.txt", story(1)).write("b.txt", longer).write("c.txt", story(3));
    place
}

#[test]
fn two_files_are_compared_under_the_recipe_in_force() {
    let place = place_with_files();
    // 18 word-3-grams in the one, 38 in the other.
    let figures = "Jaccard 0.474; 1.000 of A is in B, 0.474 of B is in A";
    shows(
        place.run(&["compare", "a.txt", "b.txt"]),
        &["A: a.txt:1, 20 words", "B: b.txt:1, 40 words", "contained: A would be dropped", figures],
    );
    shows(place.run(&["compare", "b.txt", "a.txt"]), &["contained: B would be dropped, A stays"]);
    shows(
        place.run(&["compare", "a.txt", "b.txt", "--preset", "strict"]),
        &["contained: related, both would stay", figures],
    );
    shows(
        place.run(&["compare", "a.txt", "b.txt", "--threshold", "0.4"]),
        &["near: A would be dropped, B stays"],
    );
    shows(place.run(&["compare", "a.txt", "c.txt"]), &["not related", "Jaccard 0.000"]);
    shows(place.run(&["compare", "a.txt", "a.txt"]), &["identical: B would be dropped, A stays"]);
}

#[test]
fn documents_are_named_by_file_by_line_or_by_id() {
    let place = Place::new();
    let record = |id: &str, number: usize| json!({"id": id, "text": story(number)});
    let nameless = json!({"text": story(1)});
    place.write("in/x.jsonl", jsonl(&[record("one", 1), nameless, record("twice", 3)]));
    place.write("in/y.jsonl", jsonl(&[record("twice", 4)]));
    place.write("y.txt", story(1));
    shows(place.run(&["compare", "y.txt", "in/y.jsonl"]), &["B: twice (y.jsonl:1)"]);
    shows(place.run(&["compare", "in/x.jsonl:1", "in/x.jsonl:2"]), &["identical"]);
    shows(
        place.run(&["compare", "one", "x.jsonl:2", "--in", "in"]),
        &["identical", "B: x.jsonl:2"],
    );
    shows(place.run(&["compare", "one", "in/x.jsonl:3", "--in", "in/x.jsonl", "in/y.jsonl"]), &[]);

    #[track_caller]
    fn fails(place: &Place, args: &[&str], words: &[&str]) {
        let ran = place.run(&[&["compare"], args].concat());
        assert_eq!((ran.code, &*ran.stdout), (2, ""), "stderr: {}", ran.stderr);
        ran.says(words);
    }
    fails(&place, &["one", "none", "--in", "in"], &["no article has the id none", "file:line"]);
    fails(
        &place,
        &["one", "twice", "--in", "in"],
        &["2 articles have the id twice", "x.jsonl:3, y.jsonl:1", "file:line"],
    );
    fails(
        &place,
        &["y.txt", "in/x.jsonl"],
        &["in/x.jsonl: holds 3 articles", "in/x.jsonl:1", "--in in/x.jsonl"],
    );
    fails(&place, &["y.txt", "in/x.jsonl:9"], &["no article begins on line 9"]);
    fails(&place, &["y.txt", "one"], &["one: no such file", "--in INPUT"]);
    fails(&place, &["y.txt", "in"], &["in: a folder", "--in in"]);
    fails(&place, &["y.txt"], &["<B>"]);
    place.write("bad.jsonl", "{\"text\": 1").write("empty.txt", "");
    fails(&place, &["y.txt", "bad.jsonl"], &["bad.jsonl:1: "]);
    fails(&place, &["y.txt", "empty.txt"], &["empty.txt: there is no article in it"]);
    fails(&place, &["y.txt", "y.txt", "--across-sources"], &["--source-field"]);
}

#[test]
fn what_is_equal_after_folding_is_equal_and_shown_as_written() {
    let place = Place::new();
    place.write("a.txt", "تضمّ الرابطةُ ٤١ دولةً عضوًا في القارة، وتجتمع كل عام مرتين على الأقل");
    place.write(
        "b.txt",
        "تضم الرابطة إحدى وأربعين دولة عضوا في القارة وتجتمع كل عام مرتين علي الأقل",
    );
    let shown = plain(&place.run(&["compare", "a.txt", "b.txt", "--full"]).ok());
    let diff =
        "تضمّ الرابطةُ [-٤١-] {+إحدى وأربعين+} دولةً عضوًا في القارة، وتجتمع كل عام مرتين على الأقل";
    assert!(shown.ends_with(&format!("\n\n{diff}\n")), "{shown}");
    let ran = place.run(&["compare", "a.txt", "b.txt", "--full", "--side-by-side"]).ok();
    let shown = plain(&ran);
    assert!(shown.contains("تضمّ الرابطةُ [-٤١-]"), "{shown}");
    assert!(shown.contains("تضم الرابطة {+إحدى وأربعين+}"), "{shown}");
}

#[test]
fn long_equal_stretches_are_left_out_unless_all_is_asked_for() {
    let place = Place::new();
    place
        .write("a.txt", format!("{} here", story(1)))
        .write("b.txt", format!("{} there", story(1)));
    shows(
        place.run(&["compare", "a.txt", "b.txt"]),
        &["… 12 equal words … w1x12", "w1x19 [-here-] {+there+}"],
    );
    shows(place.run(&["compare", "a.txt", "b.txt", "--full"]), &[&story(1)]);
}

#[test]
fn nothing_from_outside_steers_the_terminal() {
    let place = Place::new();
    let hostile = |n: usize| format!("{}\u{1B}]0;x\u{7} \u{202E}{n}", story(n));
    place.write(
        "a.jsonl",
        jsonl(&[1, 2].map(|n| json!({"id": format!("\u{1B}[2J{n}"), "text": hostile(n)}))),
    );
    for more in [&[][..], &["--side-by-side"], &["--color", "never", "--full"]] {
        let ran = place.run(&[&["compare", "a.jsonl:1", "a.jsonl:2"], more].concat()).ok();
        let bad = ['\u{1B}', '\u{7}', '\u{202E}'].into_iter().find(|c| ran.stdout.contains(*c));
        assert_eq!(bad, None, "{more:?}: {:?}", ran.stdout);
    }
    let ran = place.run(&["compare", "\u{1B}[2J", "b", "--in", "a.jsonl"]);
    assert!(!ran.stderr.contains('\u{1B}'), "{:?}", ran.stderr);
}

#[test]
fn colours_are_for_those_who_want_them() {
    let place = place_with_files();
    #[track_caller]
    fn check(place: &Place, args: &[&str], environment: &[(&str, &str)], painted: bool) {
        let mut program = place.program();
        let args = [&["compare", "a.txt", "b.txt"], args].concat();
        program.args(&args).envs(environment.iter().copied()).env_remove("CLICOLOR_FORCE");
        let ran: Ran = program.output().expect("it starts").into();
        assert_eq!(ran.stdout.contains('\u{1B}'), painted, "{args:?} {environment:?}");
    }
    check(&place, &[], &[], false);
    check(&place, &["--color", "always"], &[], true);
    check(&place, &["--color=always"], &[("NO_COLOR", "1")], true);
    check(&place, &["--color", "never"], &[], false);
}

#[test]
fn json_has_all_of_it() {
    let place = place_with_files();
    let ran = place.run(&["compare", "a.txt", "b.txt", "--json"]).ok();
    let row: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let expected = json!({
        "program": "twicetold", "relation": "contained", "dropped": "a",
        "jaccard": 18.0 / 38.0, "containment": 1.0, "other_containment": 18.0 / 38.0,
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&row[name], value, "`{name}` in {row}");
    }
    assert_eq!((&row["a"]["id"], &row["b"]["words"]), (&json!("a.txt:1"), &json!(40)));
    assert_eq!(row["passages"].as_array().map(Vec::len), Some(1), "{row}");
    for (side, name) in [("a", "a.txt"), ("b", "b.txt")] {
        let text = place.read(name);
        let stretches = row["alignment"].as_array().expect("a list");
        let told: String =
            stretches.iter().map(|stretch| stretch[side]["text"].as_str().unwrap()).collect();
        assert_eq!(told, text.trim_end(), "{side}");
        for place in row["passages"][0][side].as_array().expect("places") {
            let at = |name: &str| place[name].as_u64().expect("a number") as usize;
            assert_eq!(text[at("start_byte")..at("end_byte")].trim(), story(1), "{side}");
        }
    }
}

#[test]
fn documents_without_words_are_said_to_be_such() {
    let place = Place::new();
    place.write(
        "a.jsonl",
        jsonl(&[json!({"text": ""}), json!({"text": "!"}), json!({"text": "x"})]),
    );
    shows(
        place.run(&["compare", "a.jsonl:1", "a.jsonl:2"]),
        &["not related: A has no words", "no shared passage"],
    );
    shows(
        place.run(&["compare", "a.jsonl:3", "a.jsonl:2"]),
        &["not related: B has no words", "[-x-]"],
    );
    let ran = place.run(&["compare", "a.jsonl:3", "a.jsonl:2", "--json"]).ok();
    let row: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!((&row["jaccard"], &row["relation"]), (&Value::Null, &Value::Null));
}

#[test]
fn the_figures_are_those_of_dedup() {
    let place = Place::new();
    place.run(&["dedup", SAMPLE, "--out", "out"]).ok();
    let rows = place.rows("out/removed.jsonl").into_iter().map(|row| (row, "keeper"));
    let related = place.rows("out/related.jsonl").into_iter().map(|row| (row, "other"));
    for (row, other) in rows.chain(related) {
        let id = |name: &str| row[name].as_str().expect("an id").to_owned();
        let ran = place.run(&["compare", &id("id"), &id(other), "--in", SAMPLE, "--json"]).ok();
        let found: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        for name in ["relation", "jaccard", "containment"] {
            assert_eq!(found[name], row[name], "`{name}` of {row}");
        }
        assert_eq!(found["dropped"] == "a", other == "keeper", "{row}");
    }
}

#[test]
fn the_founding_articles_are_not_related_and_share_one_passage() {
    let Some(folder) = corpora::corpus("seed") else { return };
    let place = Place::new();
    let folder = folder.to_str().expect("a plain path");
    place.run(&["passages", folder, "--out", "out"]).ok();
    let rows = place.rows("out/occurrences.jsonl");
    let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().expect("an id")).collect();
    let ran = place.run(&["compare", ids[0], ids[1], "--in", folder, "--json"]).ok();
    let row: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!((&row["relation"], &row["dropped"]), (&Value::Null, &Value::Null));
    assert_eq!(row["passages"].as_array().map(Vec::len), Some(1), "{}", row["passages"]);
}
