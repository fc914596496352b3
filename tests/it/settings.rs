//! Where a run's options come from: the settings file, an older run, the
//! command line; and what comes of a run beside its outcome.

use std::fs;

use serde_json::{Value, json};

use crate::program::{Place, Ran, SAMPLE, jsonl};

#[track_caller]
fn fails(place: &Place, args: &[&str], words: &[&str]) {
    let ran = place.run(args);
    assert_eq!((ran.code, &*ran.stdout), (2, ""), "{args:?}: {}", ran.stderr);
    ran.says(words);
}

/// What is in force of one option: its value, and where that comes from.
#[track_caller]
fn in_force(place: &Place, args: &[&str], option: &str) -> (Value, String) {
    let printed = place.run(&[&["config", "--json"], args].concat()).ok().stdout;
    let all: Value = serde_json::from_str(&printed).expect("JSON");
    let option = &all["options"][option];
    (option["value"].clone(), option["from"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn the_settings_file_gives_what_is_not_typed() {
    let place = Place::new();
    place.write(
        "twicetold.toml",
        "on-error = \"skip\"\n# a comment\n[dedup]\nthreshold = 0.8\nkeep = \"earliest\"\n\
         drop = [\"near\"]\nwithin-source = true\n[passages]\nmin-words = 20\n",
    );
    #[track_caller]
    fn check(place: &Place, args: &[&str], option: &str, value: Value, from: &str) {
        assert_eq!(in_force(place, args, option), (value, from.to_owned()), "{option} of {args:?}");
    }
    check(&place, &[], "on-error", json!("skip"), "twicetold.toml:1");
    check(&place, &[], "threshold", json!(0.8), "twicetold.toml:4");
    check(&place, &["-t", "0.6"], "threshold", json!(0.6), "option");
    check(&place, &["--no-config"], "threshold", json!(0.7), "preset");
    check(&place, &["--preset", "strict", "--no-config"], "threshold", json!(0.9), "preset");
    check(&place, &[], "keep", json!("earliest"), "twicetold.toml:5");
    check(&place, &[], "drop", json!(["near"]), "twicetold.toml:6");
    check(&place, &[], "within-source", json!(true), "twicetold.toml:7");
    check(&place, &["--across-sources"], "within-source", json!(false), "preset");
    check(&place, &[], "min-words", json!(10), "preset");
    check(&place, &[], "split", json!("auto"), "default");

    place.write("a.jsonl", jsonl(&[json!({"source": "s", "text": "one"})]) + "{\n");
    let ran = place.run(&["dedup", "a.jsonl", "-n", "--allow-bad", "--json"]).ok();
    let ran = ran.says(&["with --on-error=skip (twicetold.toml:1), --threshold=0.8"]);
    let summary: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(summary["recipe"]["jaccard"], 0.8);
    let ran = place.run(&["passages", "a.jsonl", "--allow-bad", "--json", "-q"]).ok();
    assert_eq!(ran.stderr, "");
    let summary: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(summary["recipe"]["passages"]["min_words"], 20);
    place.write("other.toml", "[dedup]\nthreshold = 0.55\n");
    check(&place, &["--config", "other.toml"], "threshold", json!(0.55), "other.toml:2");
}

#[test]
fn what_config_prints_is_a_settings_file() {
    let place = Place::new();
    let args = ["--preset", "wire", "--window", "14d", "--keep", "source:a,b"];
    let printed = place.run(&[&["config"], &args[..]].concat()).ok().stdout;
    place.write("twicetold.toml", printed);
    let recipe = |args: &[&str]| -> Value {
        let printed = place.run(&[&["config", "--json"], args].concat()).ok().stdout;
        serde_json::from_str::<Value>(&printed).expect("JSON")["fingerprint"].clone()
    };
    assert_eq!(recipe(&[]), recipe(&[&["--no-config"], &args[..]].concat()));
}

#[test]
fn a_settings_file_that_is_wrong_is_named_with_its_line() {
    #[track_caller]
    fn check(text: &str, words: &[&str]) {
        let place = Place::new();
        place.write("twicetold.toml", text);
        fails(&place, &["dedup", SAMPLE, "-n"], words);
    }
    check("\nthreshhold = 0.8\n", &["twicetold.toml:2: no option", "did you mean `threshold`?"]);
    check("[dedub]\nkeep = \"first\"\n", &["twicetold.toml:2", "did you mean `dedup`?"]);
    check("[passages]\ndrop = \"near\"\n", &["twicetold.toml:2: no option is called `drop`"]);
    check("min-words = 12\n", &["twicetold.toml:1", "[dedup] or [passages]"]);
    check("threshold = true\n", &["twicetold.toml:1: `threshold` wants a value"]);
    check("quiet = 1\n", &["twicetold.toml:1: `quiet` is true or false"]);
    check("threshold = 7\n", &["0 to 1", "--threshold=7 (twicetold.toml:1)"]);
    check("keep = \"first\"\nkeep = \"latest\"\n", &["twicetold.toml:2: duplicate key"]);
    check("keep = \n", &["twicetold.toml:1: "]);
    check("threshold = 1979-05-27\n", &["twicetold.toml:1: `threshold` is no value"]);
    check("\"\\u001b[2J\" = 1\n", &["\\u{1b}"]);
    check("config = \"x\"\n", &["no option is called `config`"]);
    let place = Place::new();
    fails(&place, &["dedup", SAMPLE, "-n", "--config", "none.toml"], &["none.toml: cannot read"]);
}

#[test]
fn a_run_is_repeated_by_its_summary() {
    let place = Place::new();
    let summary = |args: &[&str]| -> Value {
        let ran = place.run(&[args, &["--json", "-q"]].concat()).ok();
        serde_json::from_str(&ran.stdout).expect("JSON")
    };
    let first = summary(&[
        "dedup", SAMPLE, "--out", "o", "--preset", "wire", "-t", "0.61", "--keep", "latest",
    ]);
    let again = summary(&["dedup", SAMPLE, "-n", "--recipe", "o/summary.json"]);
    assert_eq!(first["fingerprint"], again["fingerprint"]);
    let changed = summary(&["dedup", SAMPLE, "-n", "--recipe", "o/summary.json", "-t", "0.5"]);
    assert_eq!(
        (&changed["recipe"]["jaccard"], &changed["recipe"]["keep"]),
        (&json!(0.5), &json!("latest"))
    );
    let first = summary(&[
        "passages",
        SAMPLE,
        "--out",
        "p",
        "--min-words",
        "20",
        "--min-docs",
        "3",
        "--across-sources",
    ]);
    let again = summary(&["passages", SAMPLE, "--recipe", "p/summary.json"]);
    assert_eq!(first["fingerprint"], again["fingerprint"]);

    fails(
        &place,
        &["dedup", SAMPLE, "-n", "--recipe", "p/summary.json"],
        &["`twicetold passages`"],
    );
    fails(&place, &["dedup", SAMPLE, "-n", "--recipe", "none.json"], &["none.json: cannot read"]);
    fails(&place, &["dedup", SAMPLE, "-n", "--recipe", SAMPLE], &["no summary.json of twicetold"]);
    place.write("changed.json", place.read("o/summary.json").replace("0.61", "0.62"));
    fails(&place, &["dedup", SAMPLE, "-n", "--recipe", "changed.json"], &["changed by hand"]);
    let both = ["dedup", SAMPLE, "-n", "--recipe", "o/summary.json", "--preset", "wire"];
    fails(&place, &both, &["cannot be used with"]);
}

#[test]
fn a_release_can_fail_on_copies() {
    let place = Place::new();
    #[track_caller]
    fn check(place: &Place, limit: &str, code: i32) -> Ran {
        let ran = place.run(&["dedup", SAMPLE, "-n", "--fail-on", limit]);
        assert_eq!(ran.code, code, "{limit}: {}", ran.stderr);
        ran
    }
    // 5 of 15.
    check(&place, "5", 1).says(&["too many copies for --fail-on: 5 of 15 articles"]);
    check(&place, "6", 0);
    check(&place, "33%", 1);
    check(&place, "34%", 0);
    check(&place, "0", 2).says(&["1 or more"]);
    check(&place, "much", 2).says(&["0.5%"]);
    let ran = place.run(&["dedup", SAMPLE, "--out", "o", "--fail-on", "1"]);
    assert_eq!(ran.code, 1);
    assert!(place.path("o/removed.jsonl").exists(), "the outcome is written all the same");
    // What could not be read is worse than what was found.
    place.write("a.jsonl", fs::read_to_string(SAMPLE).expect("a sample") + "{\n");
    let args = ["dedup", "a.jsonl", "-n", "--on-error", "skip", "--fail-on", "1"];
    assert_eq!(place.run(&args).code, 2);
}

#[test]
fn every_output_is_named_at_the_end() {
    let place = Place::new();
    place.run(&["dedup", SAMPLE, "--out", "o", "--tables", "csv", "--datasheet"]).ok().says(&[
        "written to o/ in ",
        "  o/kept/ (1 file)\n",
        "  o/removed/ (1 file)\n",
        "  o/removed.jsonl\n",
        "  o/clusters.csv\n",
        "  o/datasheet.md\n",
        "  o/summary.json\n",
    ]);
    place.run(&["passages", SAMPLE, "--out", "p"]).ok().says(&["  p/families.jsonl\n"]);
}

#[test]
fn a_datasheet_says_what_was_done_and_quotes_safely() {
    let place = Place::new();
    let text = (0..30).map(|at| format!("w{at}")).collect::<Vec<_>>().join(" ");
    let hostile = "<img src=x onerror=alert(1)> | [a](b)";
    let record = |id: &str, more: &str| json!({"id": id, "source": hostile, "date": "2026-02-03", "text": format!("{more} {text}")});
    place.write("a.jsonl", jsonl(&[record(hostile, "a"), record("y", "b")]) + "{\n");
    let more = ["--datasheet", "--on-error", "skip", "--allow-bad", "--include-copies"];
    place.run(&[&["dedup", "a.jsonl", "--out", "o"], &more[..4]].concat()).ok();
    let sheet = place.read("o/datasheet.md");
    let summary: Value = serde_json::from_str(&place.read("o/summary.json")).expect("JSON");
    for part in [
        "Of 2 articles",
        "1 (50.0 %) were removed",
        "### What was compared, and how",
        "near: Jaccard similarity of at least 0.7 | 1 |",
        "| <bdi>2026-02</bdi> | 1 | 1 | 50.0 % |",
        "### The largest clusters",
        "twicetold restore",
        "1 record could not be used",
        "### How to cite",
        summary["fingerprint"].as_str().expect("a hash"),
    ] {
        assert!(sheet.contains(part), "`{part}` in:\n{sheet}");
    }
    place.run(&[&["passages", "a.jsonl", "--out", "p"], &more[..]].concat()).ok();
    let families = place.read("p/datasheet.md");
    assert!(families.starts_with("## Repeated passages\n\n2 articles compared: 1 repeated passage, told 2 times in 2 articles"), "{families}");
    for sheet in [sheet, families] {
        assert!(!sheet.contains("<img") && !sheet.contains("[a](b)"), "{sheet}");
    }
    place.run(&["dedup", SAMPLE, "--annotate", "--datasheet", "--out", "q"]).ok();
    assert!(place.read("q/datasheet.md").contains("Nothing was removed"));
    fails(&place, &["dedup", SAMPLE, "-n", "--datasheet"], &["--datasheet", "cannot be used"]);
}

#[test]
fn every_command_has_help_with_examples_and_its_manual_page() {
    let place = Place::new();
    let help = place.run(&["--help"]).ok().stdout;
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.contains(&"compare"), "{commands:?}");
    place.run(&["man", "--out", "man"]).ok();
    let pages = place.tree("man");
    for command in &commands {
        let help = place.run(&[command, "--help"]).ok().stdout;
        assert!(help.contains("Example"), "{command} has examples: {help}");
        let page = String::from_utf8_lossy(&pages[&format!("twicetold-{command}.1")]).into_owned();
        assert!(page.contains("Example"), "{command}.1 has examples");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = place.run(&["completions", shell]).ok().stdout;
        for command in &commands {
            assert!(script.contains(command), "{command} is completed in {shell}");
        }
    }
}

#[test]
fn a_shingle_has_as_many_words_as_are_asked_for() {
    let place = Place::new();
    let run = |more: &[&str]| place.run(&[&["dedup", SAMPLE, "--json", "-n"], more].concat());
    let ran = run(&["--shingle-words", "5"]).ok();
    let summary: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(summary["recipe"]["shingle_words"], 5);
    let ran = run(&["--shingle-words", "5", "--preset", "ocr"]);
    assert_eq!(ran.code, 2);
    ran.says(&["compares runs of characters"]);
    assert_eq!(run(&["--shingle-words", "0"]).code, 2);
    assert_eq!(run(&["--shingle-words", "11"]).code, 2);
}
