//! The same corpus in every format, and tables as other programs write them:
//! pandas, pyarrow, polars and Hugging Face `datasets` make the files and read
//! the results (`tests/formats/formats.py`).
//!
//! They live in an environment of their own, which `scripts/test.sh` sets up;
//! a test that needs them says so in one line and passes where it is absent,
//! except on the machine that checks every change.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::program::{Place, SAMPLE};

/// Runs the script; false, with a line on stderr, if its environment is not
/// here.
#[track_caller]
fn script(place: &Place, args: &[&str]) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/formats-venv/bin/python");
    if !python.exists() {
        assert!(std::env::var_os("CI").is_none(), "no {}", python.display());
        eprintln!("not tested: formats of other programs (scripts/test.sh sets them up)");
        return false;
    }
    let output = Command::new(python)
        .arg(root.join("tests/formats/formats.py"))
        .args(args)
        .current_dir(place.path(""))
        .env("HF_HOME", place.path("hf"))
        .output()
        .expect("python starts");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
    true
}

/// The files below a folder, by their paths inside it.
fn files(folder: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    let files = entries.map(|entry| entry.expect("readable")).filter(|e| e.file_type().is_file());
    files
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).expect("inside");
            name.to_str().expect("UTF-8").to_owned()
        })
        .collect()
}

fn put(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().expect("inside a folder")).expect("can be made");
    fs::rename(from, to).unwrap_or_else(|e| panic!("{}: {e}", from.display()));
}

#[test]
fn tables_without_copies_come_back_equal() {
    let place = Place::new();
    if !script(&place, &["make", "in", SAMPLE]) {
        return;
    }
    for name in files(&place.path("in/awkward")) {
        if name.ends_with(".json") {
            continue;
        }
        let input = format!("in/awkward/{name}");
        place.run(&["dedup", &input, "--out", "out", "--overwrite"]).ok().says(&["0 removed"]);
        let file = Path::new(&name).file_name().expect("a file");
        put(&place.path("out/kept").join(file), &place.path("kept").join(&name));
    }
    script(&place, &["same", "in/awkward", "kept"]);
}

#[test]
fn one_corpus_in_every_format_has_the_same_copies() {
    let place = Place::new();
    if !script(&place, &["make", "in", SAMPLE]) {
        return;
    }
    let removed = |args: &[&str]| -> Vec<Value> {
        place.run(&[&["dedup", "--out", "out", "--overwrite"], args].concat()).ok();
        let mut rows = place.rows("out/removed.jsonl");
        let of_files = [
            "file",
            "line",
            "offset",
            "bytes",
            "hash",
            "keeper_file",
            "keeper_line",
            "keeper_hash",
        ];
        for row in &mut rows {
            let row = row.as_object_mut().expect("a row");
            of_files.iter().for_each(|name| drop(row.remove(*name)));
        }
        rows
    };
    let expected = removed(&[SAMPLE, "--keep", "latest"]);
    for name in files(&place.path("in/news")) {
        let input = format!("in/news/{name}");
        assert_eq!(removed(&[&input, "--keep", "latest"]), expected, "{name}");
        for part in ["kept", "removed"] {
            let from = place.path("out").join(part).join(&name);
            put(&from, &place.path(part).join(&name));
        }
    }
    script(&place, &["parts", "in/news", "kept", "removed"]);
    let rows = |name: &str| fs::read_to_string(place.path(name)).expect("text").lines().count();
    let header_twice = 1;
    assert_eq!(
        rows("kept/news.csv") + rows("removed/news.csv"),
        rows("in/news/news.csv") + header_twice
    );
}

#[test]
fn formats_can_be_mixed_and_said() {
    let place = Place::new();
    let text = |n: usize| (0..20).map(|at| format!("w{n}x{at}")).collect::<Vec<_>>().join(" ");
    place.write("in/a.jsonl", format!("{{\"text\":\"{}\"}}\n", text(1)));
    place.write("in/b.csv", format!("id;body\n7;{}\n8;{}\n", text(1), text(2)));
    place.write("in/c.tsv", format!("text\tid\n\"{}\"\t9\n", text(2)));
    let ran = place.run(&["dedup", "in", "--out", "out", "--keep", "first"]).ok();
    ran.says(&["4 articles read from 3 files", "2 removed"]);
    let removed: Vec<Value> = place.rows("out/removed.jsonl");
    assert_eq!((&removed[0]["id"], &removed[0]["keeper"]), (&"7".into(), &"a.jsonl:1".into()));
    assert_eq!((&removed[1]["id"], &removed[1]["keeper"]), (&"9".into(), &"8".into()));
    assert_eq!(place.read("out/kept/b.csv"), format!("id;body\n8;{}\n", text(2)));
    assert_eq!(place.read("out/removed/b.csv"), format!("id;body\n7;{}\n", text(1)));

    let args = ["dedup", "in", "--out", "marked", "--annotate"];
    assert_eq!(place.run(&args).says(&["b.csv: CSV cannot be annotated"]).code, 2);
    place.write("odd", format!("id#text\n1#{}\n", text(1)));
    let args = ["dedup", "odd", "--out", "odd-out", "--format", "csv", "--delimiter", "#"];
    place.run(&args).ok().says(&["1 article read"]);
    assert_eq!(place.run(&["dedup", "odd", "-n", "--delimiter", "##"]).code, 2);
}
