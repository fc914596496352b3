//! `twicetold apply`: deciding again comes to what deciding at once would have.

use std::fs;

use serde_json::{Value, json};

use crate::program::{FOOTER_SAMPLE, Place, SAMPLE, jsonl};

/// Stories in several versions: re-edited, cut, re-typed, with other numbers;
/// by several papers, on several days.
fn corpus() -> Vec<Value> {
    let mut lot = 1_u64;
    let mut draw = |below: u64| {
        lot = lot.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (lot >> 33) % below
    };
    let mut records = Vec::new();
    for number in 0..160 {
        let story = draw(20);
        let mut words: Vec<String> =
            (0..60 + 3 * story).map(|at| format!("w{story}x{at}")).collect();
        let edited = draw(7);
        for _ in 0..edited * 2 {
            let at = draw(words.len() as u64) as usize;
            words[at] = format!("e{}", draw(1000));
        }
        match draw(5) {
            0 => words.truncate(40),
            1 if story < 4 => {
                words.push(format!("rose {} to {} from {}", draw(90), draw(90), draw(9)))
            }
            _ => {}
        }
        if story < 3 {
            for at in (0..words.len()).step_by(9) {
                words[at] = draw(3).to_string();
            }
        }
        let text = words.join(" ");
        let text = if draw(4) == 0 { text.to_uppercase() } else { text };
        let mut record = json!({"id": number, "text": text});
        if draw(8) > 0 {
            record["date"] = format!("2024-05-{:02}", 1 + draw(9)).into();
        }
        if draw(8) > 0 {
            record["source"] = ["spa", "aawsat", "okaz"][draw(3) as usize].into();
        }
        records.push(record);
    }
    records.push(json!({"id": "empty", "text": "..."}));
    records
}

/// What of an outcome must be equal.
fn told(place: &Place, outcome: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = place.tree(outcome);
    let summary = files.remove("summary.json").expect("there is a summary");
    // What was compared is told of the run that compared it.
    files.remove("pairs.jsonl.zst").expect("there are pairs");
    let mut summary: Value = serde_json::from_slice(&summary).expect("JSON");
    summary["timings"] = Value::Null;
    files.insert("summary.json".to_owned(), format!("{summary:#}").into_bytes());
    files.into_iter().collect()
}

#[track_caller]
fn same(place: &Place, decided: &str, fresh: &str, about: &str) {
    let [decided, fresh] = [decided, fresh].map(|outcome| told(place, outcome));
    let names = |files: &[(String, Vec<u8>)]| -> Vec<String> {
        files.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&decided), names(&fresh), "{about}");
    for ((name, decided), (_, fresh)) in decided.iter().zip(&fresh) {
        if decided != fresh {
            let [decided, fresh] = [decided, fresh].map(|bytes| String::from_utf8_lossy(bytes));
            let differ = decided.lines().zip(fresh.lines()).find(|(a, b)| a != b);
            panic!("{about}: {name} differs: {differ:?}");
        }
    }
}

/// Runs `dedup` once with `run`, and for each of `decisions` decides again and
/// runs anew.
#[track_caller]
fn check(place: &Place, run: &[&str], decisions: &[&[&str]]) {
    place.run(&[&["dedup", "in", "--out", "out", "--pairs"], run].concat()).ok();
    fs::rename(place.path("in"), place.path("away")).expect("can be moved");
    for (number, decision) in decisions.iter().enumerate() {
        let again = format!("again{number}");
        place.run(&[&["apply", "out", "--out", &again], *decision].concat()).ok();
    }
    fs::rename(place.path("away"), place.path("in")).expect("can be moved");
    for (number, decision) in decisions.iter().enumerate() {
        let [again, fresh] = ["again", "fresh"].map(|name| format!("{name}{number}"));
        let args = [&["dedup", "in", "--out", &fresh, "--pairs"], run, *decision].concat();
        place.run(&args).ok();
        same(place, &again, &fresh, &format!("{run:?}, then {decision:?}"));
        for used in [again, fresh] {
            fs::remove_dir_all(place.path(&used)).expect("can be deleted");
        }
    }
    fs::remove_dir_all(place.path("out")).expect("can be deleted");
}

#[test]
fn a_chain_of_copies_is_one_connected_component_and_not_one_cluster() {
    let place = Place::new();
    // Each article is like the next, and less like the one after.
    let article =
        |from: usize| (from..from + 60).map(|word| format!("w{word} ")).collect::<String>();
    let mut records: Vec<Value> =
        (0..4).map(|at| json!({"id": format!("c{at}"), "text": article(6 * at)})).collect();
    records.push(json!({"id": "copy", "text": article(0)}));
    records.push(json!({"id": "alone", "text": article(1000)}));
    place.write("a.jsonl", jsonl(&records));
    for engine in ["exact", "minhash"] {
        let run = ["dedup", "a.jsonl", "--out", engine, "--pairs", "--drop", "near", "--no-mask"];
        place.run(&[&run[..], &["--keep", "first", "--engine", engine]].concat()).ok();
        let column = |row: &Value, name: &str| row[name].as_str().expect("an id").to_owned();
        let connected = place.rows(&format!("{engine}/connected.jsonl"));
        let ids: Vec<String> = connected.iter().map(|row| column(row, "id")).collect();
        assert_eq!(ids, ["c0", "c1", "c2", "c3", "copy"], "{engine}");
        assert!(connected.iter().all(|row| row["cluster"] == 1), "{engine}: {connected:?}");
        let stars = place.rows(&format!("{engine}/clusters.jsonl"));
        assert_eq!(stars.len(), 2, "{engine}: no star joins what does not match: {stars:?}");
    }
    place.write("gold.tsv", "id\tcluster\nc0\t1\nc1\t1\nc2\t1\nc3\t1\ncopy\t1\nalone\t2\n");
    let args = ["eval", "--pred", "exact/connected.jsonl", "--gold", "gold.tsv", "--json"];
    let scores: Value = serde_json::from_str(&place.run(&args).ok().stdout).expect("JSON");
    let rand = scores["measures"].as_array().into_iter().flatten();
    let rand: Vec<_> = rand.filter(|m| m["name"] == "adjusted Rand index").collect();
    assert_eq!(rand[0]["value"], 1.0, "{scores:#}");
}

const POLICIES: [&[&str]; 5] = [
    &[],
    &["--keep", "first"],
    &["--keep", "earliest"],
    &["--keep", "latest"],
    &["--keep", "source:okaz,spa"],
];

#[test]
fn deciding_again_is_deciding_anew() {
    let place = Place::new();
    place.write("in/a.jsonl", jsonl(&corpus()));
    let decisions = [
        &POLICIES[..],
        &[
            &["--keep", "latest", "--threshold", "0.8"],
            &["--threshold", "0.95", "--containment", "1", "--keep", "first"],
            &["--drop", "near", "--keep", "earliest"],
            &["--drop", "contained", "--variant", "0.5"],
            &["--no-templates", "--keep", "latest"],
        ],
    ]
    .concat();
    check(&place, &[], &decisions);
    check(&place, &["--no-mask", "--threads", "1"], &decisions[4..7]);
    check(&place, &["--preset", "wire"], &[&decisions[..6], &[&["--drop", "near"]]].concat());
    check(&place, &["--across-sources"], &decisions[..6]);
    check(&place, &["--within-source", "--window", "2d"], &decisions[..6]);
    check(&place, &["--engine", "minhash"], &POLICIES);
}

#[test]
fn samples_with_boilerplate_and_arabic_are_decided_again() {
    let place = Place::new();
    for (name, sample) in [("news", SAMPLE), ("footer", FOOTER_SAMPLE)] {
        place.write(&format!("in/{name}.jsonl"), fs::read(sample).expect("the sample is there"));
    }
    check(&place, &[], &POLICIES);
    check(&place, &["--tables", "csv"], &[&["--tables", "csv", "--keep", "first"]]);
}

#[test]
fn an_outcome_that_was_decided_again_can_be_again() {
    let place = Place::new();
    place.write("in/a.jsonl", jsonl(&corpus()));
    place.run(&["dedup", "in", "--out", "out", "--pairs"]).ok();
    place.run(&["apply", "out", "--out", "high", "--threshold", "0.95"]).ok();
    // In place, and down again to what the first run looked at.
    place.run(&["apply", "high", "--out", "high", "--overwrite", "--threshold", "0.75"]).ok();
    place.run(&["dedup", "in", "--out", "fresh", "--pairs", "--threshold", "0.75"]).ok();
    same(&place, "high", "fresh", "decided twice");
    place.run(&["restore", "high", "--out", "in2"]).ok();
    assert!(place.tree("in") == place.tree("in2"));
}

#[test]
fn every_format_is_decided_again() {
    let records = corpus();
    let text = |record: &Value| record["text"].as_str().expect("a text").to_owned();
    let place = Place::new();
    let array: Vec<String> = records.iter().map(|record| format!("  {record}")).collect();
    let csv: String = records
        .iter()
        .map(|record| {
            format!("{},\"{}\"\r\n", record["id"].to_string().replace('"', ""), text(record))
        })
        .collect();
    let docs: String = records
        .iter()
        .map(|record| {
            format!(
                "<DOC>\n<DOCNO>{}</DOCNO>\n<TEXT>{}</TEXT>\n</DOC>\n",
                record["id"],
                text(record)
            )
        })
        .collect();
    let lines = jsonl(&records);
    place
        .write("in/array.json", format!("[\n{}\n]\n", array.join(" ,\n")))
        .write("in/wide.json", wide(&format!("\u{FEFF}[{}]", array[20..50].join(","))))
        .write("in/rows.csv", format!("id,text\r\n{csv}"))
        .write("in/docs.sgml", docs)
        .write("in/bad.jsonl", format!("no record\n{lines}\n \n[]\n"))
        .write("in/packed.jsonl.zst", zstd::encode_all(lines.as_bytes(), 1).expect("zstd"))
        .write(
            "in/articles.txt",
            records[..30].iter().map(text).collect::<Vec<_>>().join("\n****\n"),
        );
    let options = ["--on-error", "skip", "--allow-bad"];
    place.run(&[&["dedup", "in", "--out", "out", "--pairs"], &options[..]].concat()).ok();
    let decision = ["--keep", "first", "--threshold", "0.8"];
    place.run(&[&["apply", "out", "--out", "again"], &decision[..]].concat()).ok();
    let fresh = [&["dedup", "in", "--out", "fresh", "--pairs"], &options[..], &decision].concat();
    place.run(&fresh).ok();
    same(&place, "again", "fresh", "all formats");
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn what_cannot_be_decided_again_says_which_run_to_make() {
    let place = Place::new();
    place.write("in/a.jsonl", jsonl(&corpus()));
    place.run(&["dedup", "in", "--out", "plain"]).ok();
    place.run(&["dedup", "in", "--out", "out", "--pairs"]).ok();
    #[track_caller]
    fn check(place: &Place, args: &[&str], words: &[&str]) {
        let ran = place.run(&[&["apply"], args, &["--out", "again"]].concat());
        assert_eq!(ran.code, 2, "{args:?}");
        ran.says(words).says(&["dedup --pairs"]);
        assert!(!place.path("again").exists());
    }
    check(&place, &["plain"], &["pairs.jsonl.zst", "not there"]);
    check(&place, &["out", "--threshold", "0.6"], &["Jaccard similarity of 0.7 up", "0.6"]);
    check(&place, &["out", "--containment", "0.8"], &["containment of 0.9 up"]);
    check(&place, &["out", "--drop", "variant"], &["0.7 up", "0.4"]);
    check(&place, &["out", "--variant", "0.3"], &["reported", "0.4 up"]);
    let ran = place.run(&["dedup", "in", "--out", "x", "--pairs", "--discard"]);
    assert_eq!(ran.code, 2, "what is thrown away cannot be decided again");
}

#[test]
fn what_was_altered_is_not_decided_again() {
    #[track_caller]
    fn check(name: &str, alter: impl Fn(Vec<u8>) -> Vec<u8>, words: &[&str]) {
        let place = Place::new();
        place.write("in/a.jsonl", jsonl(&corpus()));
        place.run(&["dedup", "in", "--out", "out", "--pairs"]).ok();
        let path = place.path(name);
        fs::write(&path, alter(fs::read(&path).expect("it is there"))).expect("can be written");
        let before = place.names();
        let ran = place.run(&["apply", "out", "--out", "again"]);
        assert_eq!(ran.code, 2, "{name}");
        ran.says(words).says(&["altered since it was written"]);
        assert_eq!(place.names(), before, "{name}");
    }
    let rows = |change: fn(String) -> String| {
        move |packed: Vec<u8>| {
            let plain = zstd::decode_all(&packed[..]).expect("zstd");
            let changed = change(String::from_utf8(plain).expect("UTF-8"));
            zstd::encode_all(changed.as_bytes(), 1).expect("zstd")
        }
    };
    const PAIRS: &str = "out/pairs.jsonl.zst";
    check(PAIRS, |bytes| bytes[..bytes.len() - 6].to_vec(), &["pairs.jsonl.zst"]);
    check(PAIRS, rows(|rows| rows + "[0,1,2,3]\n"), &["something stands behind"]);
    check(PAIRS, rows(|rows| rows.replacen("[0,", "[7000000,", 1)), &["pairs.jsonl.zst"]);
    check(
        PAIRS,
        rows(|rows| rows.replacen("\"documents\":[", "\"documents\":[99999,", 1)),
        &["a text"],
    );
    check(PAIRS, rows(|rows| rows.replacen("\"pairs\":", "\"pairs\":9", 1)), &["pairs.jsonl.zst"]);
    check(
        PAIRS,
        rows(|rows| {
            rows.replacen("\"records\":\"", "\"records\":\"0", 1).replacen(
                "\",\"wordless",
                "x\",\"wordless",
                1,
            )
        }),
        &["pairs.jsonl.zst"],
    );
    check("out/kept/a.jsonl", |bytes| bytes[9..].to_vec(), &["a.jsonl"]);
}
