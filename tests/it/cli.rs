//! The program as its users meet it: `twicetold dedup` and its small siblings.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::corpora;
use crate::program::{Place, Ran, SAMPLE, jsonl, rows};

/// Twenty words that no other `story` of this file shares three in a row of.
fn story(number: usize) -> String {
    (0..20).map(|at| format!("w{number}x{at}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_sample_loses_its_copies_and_nothing_else() {
    let place = Place::new();
    place.run(&["dedup", SAMPLE, "--out", "out"]).ok();
    let by_id: BTreeMap<String, (String, String)> = place
        .rows("out/removed.jsonl")
        .iter()
        .map(|row| {
            let word = |name: &str| row[name].as_str().expect("a word").to_owned();
            (word("id"), (word("keeper"), word("relation")))
        })
        .collect();
    let expected = [
        ("ar-001", "ar-004", "near"),
        ("ar-002", "ar-004", "near"),
        ("ar-003", "ar-004", "near"),
        ("ar-005", "ar-004", "contained"),
        ("en-002", "en-001", "same"),
    ];
    let expected: BTreeMap<String, (String, String)> =
        expected.map(|(id, keeper, relation)| (id.into(), (keeper.into(), relation.into()))).into();
    assert_eq!(by_id, expected);
    let related = place.rows("out/related.jsonl");
    assert_eq!(related.len(), 1, "{related:?}");
    assert_eq!((&related[0]["id"], &related[0]["other"]), (&json!("en-001"), &json!("en-003")));

    let input = fs::read_to_string(SAMPLE).expect("the sample is there");
    let dropped = |line: &&str| {
        let record: Value = serde_json::from_str(line).expect("a record");
        by_id.contains_key(record["id"].as_str().expect("an id"))
    };
    let (removed, kept): (Vec<&str>, Vec<&str>) = input.lines().partition(dropped);
    assert_eq!(place.read("out/kept/news.jsonl").lines().collect::<Vec<_>>(), kept);
    assert_eq!(place.read("out/removed/news.jsonl").lines().collect::<Vec<_>>(), removed);
    let summary: Value = serde_json::from_str(&place.read("out/summary.json")).expect("JSON");
    assert_eq!(summary["kept"]["documents"], 10);
    assert_eq!(summary["removed_by_relation"]["near"]["documents"], 3);
    assert_eq!(summary["texts_without_words"], 1);
    assert_eq!(place.names(), ["out"]);
}

#[test]
fn a_removed_row_carries_exact_figures_and_both_places() {
    let place = Place::new();
    let base = story(1);
    let longer = format!("{base} {}", story(2));
    place.write(
        "a.jsonl",
        jsonl(&[json!({"id": "short", "text": base}), json!({"id": "long", "text": longer})]),
    );
    place.run(&["dedup", "a.jsonl", "--out", "out", "--min-words", "8"]).ok();
    let rows = place.rows("out/removed.jsonl");
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    // 18 word-3-grams in the short one, 38 in the long one.
    assert_eq!(row["relation"], "contained");
    assert_eq!(row["jaccard"], json!(18.0 / 38.0));
    assert_eq!(row["containment"], json!(1.0));
    assert_eq!(row["keeper_containment"], json!(18.0 / 38.0));
    assert_eq!((&row["file"], &row["line"]), (&json!("a.jsonl"), &json!(1)));
    assert_eq!((&row["keeper_file"], &row["keeper_line"]), (&json!("a.jsonl"), &json!(2)));
    assert_eq!(row["hash"].as_str().map(str::len), Some(32));
    let keys: Vec<&String> = row.as_object().expect("an object").keys().collect();
    assert_eq!(keys.len(), 20, "{keys:?}");
}

#[test]
fn the_keep_policy_decides_who_stays_whatever_the_order_of_files() {
    let record = |id: &str, source: &str, date: &str, more: &str| json!({"id": id, "source": source, "date": date, "text": format!("{}{more}", story(1))});
    let records = [
        record("a", "north", "2024-05-02", ""),
        record("b", "south", "2024-05-01", " and"),
        record("c", "west", "2024-05-03", " and more"),
    ];
    #[track_caller]
    fn check(records: &[Value], policy: &str, expected: [&str; 2]) {
        for (order, expected) in [[0, 1, 2], [2, 1, 0]].into_iter().zip(expected) {
            let place = Place::new();
            for (number, at) in order.iter().enumerate() {
                place.write(&format!("in/{number}.jsonl"), jsonl(&records[*at..=*at]));
            }
            place.run(&["dedup", "in", "--out", "out", "--keep", policy]).ok();
            let kept: String = place
                .tree("out/kept")
                .into_values()
                .map(|b| String::from_utf8(b).unwrap())
                .collect();
            let kept = rows(&kept);
            assert_eq!(kept.len(), 1, "{policy}");
            assert_eq!(kept[0]["id"], expected, "{policy}, files in order {order:?}");
        }
    }
    check(&records, "first", ["a", "c"]);
    check(&records, "longest", ["c", "c"]);
    check(&records, "earliest", ["b", "b"]);
    check(&records, "latest", ["c", "c"]);
    check(&records, "source:south,west", ["b", "b"]);
    check(&records, "source:nobody", ["c", "c"]);
}

#[test]
fn pairs_can_be_restricted_by_source_and_by_date() {
    let record = |id: usize, source: &str, date: &str| json!({"id": id.to_string(), "source": source, "date": date, "text": story(1)});
    let records = [
        record(1, "north", "2024-05-01"),
        record(2, "north", "20240520"),
        record(3, "south", "Thu, 02 May 2024 10:00:00 +0000"),
        record(4, "south", "2024-06-30"),
    ];
    #[track_caller]
    fn check(records: &[Value], options: &[&str], removed: &[&str]) {
        let place = Place::new();
        place.write("a.jsonl", jsonl(records));
        let args = ["dedup", "a.jsonl", "--out", "out", "--keep", "first"];
        place.run(&[&args, options].concat()).ok();
        let ids: Vec<String> = place
            .rows("out/removed.jsonl")
            .iter()
            .map(|row| row["id"].as_str().expect("an id").to_owned())
            .collect();
        assert_eq!(ids, removed, "{options:?}");
    }
    check(&records, &[], &["2", "3", "4"]);
    check(&records, &["--within-source"], &["2", "4"]);
    check(&records, &["--across-sources"], &["3", "4"]);
    check(&records, &["--window", "14d"], &["3"]);
    check(&records, &["--window", "3w"], &["2", "3"]);
    check(&records, &["--across-sources", "--window", "14d"], &["3"]);
    check(&records, &["--within-source", "--window", "20d"], &["2"]);
}

#[test]
fn the_same_text_is_dropped_whatever_else_is() {
    let place = Place::new();
    let record = |source: &str| json!({"source": source, "text": story(1)});
    place.write("a.jsonl", jsonl(&[record("north"), record("south")]));
    for relation in ["near", "contained", "variant"] {
        let ran = place.run(&["dedup", "a.jsonl", "-n", "--across-sources", "--drop", relation]);
        ran.ok().says(&["1 removed (50.0 %, ", "): 1 identical"]);
    }
}

#[test]
fn an_article_may_be_contained_in_a_slightly_shorter_one() {
    let place = Place::new();
    let words = |name: &str, count: usize| -> Vec<String> {
        (0..count).map(|at| format!("{name}{at}")).collect()
    };
    // 95 word-3-grams, and 100 of which 90 are among them.
    let kept = words("w", 97).join(" ");
    let text = [&words("w", 92)[..], &words("x", 10)[..]].concat().join(" ");
    place.write("a.jsonl", jsonl(&[json!({"text": kept}), json!({"text": text})]));
    place.run(&["dedup", "a.jsonl", "--out", "out", "--keep", "first", "-t", "0.95"]).ok();
    let rows = place.rows("out/removed.jsonl");
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["relation"], &rows[0]["containment"]), (&json!("contained"), &json!(0.9)));
}

#[test]
fn a_restriction_that_nothing_can_meet_is_an_error() {
    let place = Place::new();
    place.write("a.jsonl", jsonl(&[json!({"text": story(1)}), json!({"text": story(1)})]));
    let ran = place.run(&["dedup", "a.jsonl", "--out", "out", "--across-sources"]);
    assert_eq!(ran.code, 2);
    ran.says(&["--source-field"]);
    let ran = place.run(&["dedup", "a.jsonl", "--out", "out", "--window", "1d"]);
    assert_eq!(ran.code, 2);
    ran.says(&["--date-field"]);
    assert_eq!(place.names(), ["a.jsonl"]);
}

#[test]
fn nothing_depends_on_threads_blocks_or_kernels() {
    let place = Place::new();
    let sample = fs::read_to_string(SAMPLE).expect("the sample is there");
    place.write("in/a.jsonl", &sample).write("in/b.jsonl", sample.repeat(2));
    if let Some(docs) = corpora::docs("ant") {
        place.write("in/ant.jsonl", jsonl(&docs[..3000]));
    }
    for engine in ["exact", "minhash"] {
        let mut first: Option<BTreeMap<String, Vec<u8>>> = None;
        for (at, (threads, block, kernels)) in [
            ("1", "1MiB", "auto"),
            ("2", "1kB", "scalar"),
            ("3", "64kB", "auto"),
            ("8", "17kB", "scalar"),
        ]
        .into_iter()
        .enumerate()
        {
            let out = format!("{engine}{at}");
            let args = ["dedup", "in", "--engine", engine, "--out", &out, "--threads", threads];
            place.run(&[&args[..], &["--block", block, "--kernels", kernels]].concat()).ok();
            let mut files = place.tree(&out);
            files.remove("summary.json").expect("a summary");
            assert!(files.len() >= 7, "{:?}", files.keys());
            match &first {
                None => first = Some(files),
                Some(first) => {
                    assert!(*first == files, "{engine}: {threads} threads, {block}, {kernels}");
                }
            }
        }
    }
}

#[test]
fn every_record_can_be_annotated_and_is_otherwise_untouched() {
    let place = Place::new();
    place.write(
        "a.jsonl",
        format!(
            "{}\n{}\n{}\r\n",
            format_args!(
                "{{\"id\": 1, \"text\": \"{}\", \"n\": 1.50, \"x\": [1, {{}}]}}",
                story(1)
            ),
            format_args!("{{\"text\": \"{}\", \"id\": \"b\"  }}", story(2)),
            format_args!("{{\"id\": \"c\", \"text\": \"{} again\"}}", story(1)),
        ),
    );
    let ran = place.run(&["dedup", "a.jsonl", "--out", "out", "--annotate"]).ok();
    ran.says(&["1 marked as copies", "2 others"]);
    let text = place.read("out/kept/a.jsonl");
    let expected = format!(
        "{{\"id\": 1, \"text\": \"{}\", \"n\": 1.50, \"x\": [1, {{}}],\"cluster_id\":1,\
         \"is_duplicate\":true,\"duplicate_of\":\"c\",\"jaccard\":{},\"cluster_size\":2}}",
        story(1),
        18.0 / 19.0
    );
    assert_eq!(text.lines().next(), Some(expected.as_str()));
    let records = rows(&text);
    assert_eq!(records[1]["cluster_id"], Value::Null);
    assert_eq!(records[1]["cluster_size"], 1);
    assert_eq!(records[2]["is_duplicate"], false);
    assert_eq!(records[2]["cluster_id"], 1);
    assert!(text.ends_with("}\r\n"), "line ends stay");
    assert!(!place.path("out/removed").exists());

    place
        .run(&[
            "dedup",
            "out/kept/a.jsonl",
            "--out",
            "again",
            "--annotate",
            "--drop",
            "near",
            "-t",
            "1",
        ])
        .ok();
    let again = rows(&place.read("again/kept/a.jsonl"));
    assert_eq!(again[0]["is_duplicate"], false, "older annotations are replaced");
    assert_eq!(place.read("again/kept/a.jsonl").matches("cluster_id").count(), 3);
}

#[test]
fn a_dry_run_writes_nothing_and_data_goes_to_stdout_only() {
    let place = Place::new();
    let ran =
        place.run(&["dedup", SAMPLE, "--dry-run"]).ok().says(&["15 articles", "nothing written"]);
    assert_eq!(ran.stdout, "");
    assert!(!ran.stderr.contains('\u{1b}'), "no colours where there is no terminal");
    let ran = place.run(&["dedup", SAMPLE, "-n", "--json", "-q"]).ok();
    assert_eq!(ran.stderr, "");
    let summary: Value = serde_json::from_str(&ran.stdout).expect("JSON on stdout");
    assert_eq!(summary["removed"]["documents"], 5);
    assert_eq!(summary["fingerprint"].as_str().map(str::len), Some(32));
    assert!(place.names().is_empty());
}

#[test]
fn standard_input_is_a_corpus_too() {
    let place = Place::new();
    let mut child = place
        .program()
        .args(["dedup", "-", "--out", "out"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let sample = fs::read(SAMPLE).expect("the sample is there");
    child.stdin.take().expect("piped").write_all(&sample).expect("it reads");
    Ran::from(child.wait_with_output().expect("it ends")).ok();
    assert_eq!(place.read("out/kept/stdin.jsonl").lines().count(), 10);
}

#[test]
fn plain_text_is_split_into_articles() {
    let place = Place::new();
    let (one, two) = (story(1), story(2));
    place.write("in/day.txt", format!("{one}\n*** Second\n{two}\n*** Third\n{one}\n"));
    place.write("in/other.txt", &two);
    place.run(&["dedup", "in", "--out", "out", "--keep", "first"]).ok();
    assert_eq!(place.read("out/kept/day.txt"), format!("{one}\n*** Second\n{two}\n"));
    assert_eq!(place.read("out/removed/day.txt"), format!("*** Third\n{one}\n"));
    assert_eq!(place.read("out/kept/other.txt"), "");
    let rows = place.rows("out/removed.jsonl");
    assert_eq!(rows[0]["id"], "day.txt:4");
    assert_eq!(rows[1]["keeper"], "day.txt:2");
    let ran = place.run(&["dedup", "in", "--out", "marked", "--annotate"]);
    assert_eq!(ran.code, 2);
    ran.says(&["plain text cannot be annotated"]);
    assert_eq!(place.names(), ["in", "out"]);
}

#[test]
fn the_founding_articles_stay() {
    let Some(folder) = corpora::corpus("seed") else { return };
    let place = Place::new();
    let folder = folder.to_str().expect("UTF-8");
    let ran = place.run(&["dedup", folder, "--dry-run"]).ok();
    ran.says(&["2 articles read from 1 file", "0 removed: no copies found", "2 kept"]);
}

#[test]
fn a_bad_record_stops_the_run_or_is_set_aside() {
    let place = Place::new();
    let good = jsonl(&[json!({"text": story(1)})]);
    let bad = "{\"id\": 5, \"\u{202e}x\": \"\"}\n";
    place.write("in/a.jsonl", format!("{good}{bad}[1]\n{good}"));
    let ran = place.run(&["dedup", "in", "--out", "out"]);
    assert_eq!((ran.code, place.names()), (2, vec!["in".to_owned()]));
    ran.says(&["a.jsonl:2:", "--text-field"]);

    let ran = place.run(&["dedup", "in", "--out", "out", "--on-error", "skip"]);
    assert_eq!(ran.code, 2);
    let ran = ran.says(&["2 bad records left out", "a.jsonl:3:"]);
    assert!(!ran.stderr.contains('\u{202e}'), "outside text cannot turn a line around");
    let bad_rows = place.rows("out/bad.jsonl");
    assert_eq!(bad_rows.iter().map(|row| row["line"].clone()).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(place.read("out/bad/a.jsonl"), format!("{bad}[1]\n"));
    assert_eq!(place.read("out/kept/a.jsonl"), good);

    let args = ["dedup", "in", "--out", "out", "--overwrite", "--on-error", "skip", "--allow-bad"];
    place.run(&args).ok();

    place.write("in/a.jsonl", bad.repeat(12));
    place
        .run(&args)
        .ok()
        .says(&["12 bad records left out", "2 more bad records, all in bad.jsonl"]);
}

#[test]
fn an_existing_folder_is_not_touched_unless_asked() {
    let place = Place::new();
    place.write("out/mine.txt", "precious");
    let ran = place.run(&["dedup", SAMPLE, "--out", "out", "--overwrite"]);
    assert_eq!(ran.code, 2);
    assert_eq!(place.read("out/mine.txt"), "precious");
    place.run(&["dedup", SAMPLE, "--out", "new"]).ok();
    assert_eq!(place.run(&["dedup", SAMPLE, "--out", "new"]).code, 2);
    place.run(&["dedup", SAMPLE, "--out", "new", "--overwrite", "--discard"]).ok();
    assert!(!place.path("new/removed").exists());
    assert!(place.path("new/removed.jsonl").exists());
}

#[test]
fn repeated_ids_are_counted_and_told_apart_by_place() {
    let place = Place::new();
    let record = |text: String| json!({"url": "http://example.org/1", "text": text});
    place.write("a.jsonl", jsonl(&[record(story(1)), record(story(1)), record(story(2))]));
    place.run(&["dedup", "a.jsonl", "--out", "out"]).ok().says(&["2 with an id that was met"]);
    let rows = place.rows("out/removed.jsonl");
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["line"], &rows[0]["keeper_line"]), (&json!(2), &json!(1)));
    assert_eq!(rows[0]["relation"], "identical");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_run_and_leaves_nothing() {
    let place = Place::new();
    // The program waits for more input; the pipe stays open until it is told.
    let mut child = place
        .program()
        .args(["dedup", "-", "--format", "jsonl", "--out", "out"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("piped");
    // More than a pipe holds: when this is through, the program is reading.
    let line = format!("{{\"text\": \"{}\"}}\n", story(1));
    stdin.write_all(line.repeat(20_000).as_bytes()).expect("it reads");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
    // Whatever it is doing now, more input lets it notice.
    let _ = stdin.write_all(line.as_bytes());
    drop(stdin);
    let ran = Ran::from(child.wait_with_output().expect("it ends"));
    assert_eq!(ran.code, 130, "{}", ran.stderr);
    assert!(place.names().is_empty(), "{:?}", place.names());
}

/// A run in which no file may grow beyond 64 blocks of 512 bytes, after these
/// words to the shell.
#[cfg(unix)]
fn dedup_without_room(place: &Place, before: &str) -> Output {
    let records: Vec<Value> = (0..3000).map(|n| json!({"text": story(n)})).collect();
    place.write("a.jsonl", jsonl(&records));
    let script = format!("{before}; ulimit -f 64; exec \"$0\" dedup a.jsonl --out out");
    Command::new("sh")
        .args(["-c", &script])
        .arg(assert_cmd::cargo::cargo_bin!("twicetold"))
        .current_dir(place.path(""))
        .output()
        .expect("sh runs")
}

#[cfg(unix)]
#[test]
fn what_a_killed_run_left_is_named_by_the_next() {
    let place = Place::new();
    // The signal for a file that grows too large kills the program.
    let killed = dedup_without_room(&place, "ulimit -c 0");
    assert_eq!(killed.status.code(), None, "it was killed");
    let names = place.names();
    let [left, _] = &names[..] else { panic!("the hidden folder is left: {names:?}") };
    let left = left.as_str();
    let run = |out: &str| place.run(&["dedup", SAMPLE, "--out", out]).ok();
    run("out").says(&[left, "killed", "delete it"]);
    let other = run("other");
    assert!(!other.stderr.contains("killed"), "{}", other.stderr);
    assert_eq!(place.names(), [left, "a.jsonl", "other", "out"], "what it was is not touched");
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_said_and_leaves_nothing() {
    let place = Place::new();
    // The signal is ignored, so the program sees an error, as on a full disk.
    let ran: Ran = dedup_without_room(&place, "trap '' XFSZ").into();
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let ran = ran.says(&["cannot write"]);
    assert_eq!(ran.stderr.matches("os error").count(), 1, "told once: {}", ran.stderr);
    assert_eq!(place.names(), ["a.jsonl"]);
}

#[test]
fn wrong_words_are_explained() {
    let place = Place::new();
    #[track_caller]
    fn check(place: &Place, args: &[&str], words: &[&str]) {
        let ran = place.run(args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert_eq!(ran.stdout, "");
        ran.says(words);
    }
    check(&place, &["dedup", SAMPLE], &["--out"]);
    check(&place, &["dedup", SAMPLE, "--out", "o", "--treshold", "1"], &["--threshold"]);
    check(&place, &["dedup", SAMPLE, "-n", "-t", "7"], &["0 to 1"]);
    check(&place, &["dedup", SAMPLE, "-n", "--window", "2 moons"], &["14d"]);
    check(&place, &["dedup", SAMPLE, "-n", "--keep", "best"], &["longest"]);
    check(&place, &["dedup", SAMPLE, "-n", "--max-record", "big"], &["64MiB"]);
    check(&place, &["dedup", SAMPLE, "-n", "--encoding", "klingon"], &["klingon"]);
    check(&place, &["dedup", SAMPLE, "-n", "--split", "("], &["--split (: unclosed group; give"]);
    check(&place, &["dedup", "missing.jsonl", "-n"], &["missing.jsonl"]);
    check(&place, &["dedup", SAMPLE, "-n", "--min-words", "2"], &["at least 3"]);
}

#[test]
fn help_teaches_and_the_recipe_is_visible() {
    let place = Place::new();
    let help = place.run(&["dedup", "--help"]).ok().stdout;
    for word in ["Examples:", "kept/", "--keep", "contained", "Exit status", "right copy"] {
        assert!(help.contains(word), "`{word}` is in the help");
    }
    assert!(place.run(&["--help"]).ok().stdout.contains("Examples:"));
    let recipe = |args: &[&str]| -> Value {
        let printed = place.run(&[args, &["--json"]].concat()).ok().stdout;
        let printed: Value = serde_json::from_str(&printed).expect("JSON");
        printed["recipe"].clone()
    };
    assert_eq!(recipe(&["config"])["jaccard"], 0.7);
    assert_eq!(recipe(&["config", "--preset", "strict"])["jaccard"], 0.9);
    assert_eq!(recipe(&["config", "--preset", "wire"])["drop"][4], "variant");
    assert_eq!(recipe(&["config", "--preset", "wire", "-t", "0.8"])["jaccard"], 0.8);
    for shell in ["bash", "zsh", "fish"] {
        assert!(place.run(&["completions", shell]).ok().stdout.contains("across-sources"));
    }
    assert!(place.run(&["man"]).ok().stdout.contains(".TH"));
    place.run(&["man", "--out", "man"]).ok();
    assert!(place.tree("man").contains_key("twicetold-dedup.1"));
}
