//! `twicetold restore`: outcomes of `dedup` come back, and what cannot be
//! trusted is refused.

use std::fs;
use std::io::Read;

use serde_json::{Value, json};

use crate::program::{Place, jsonl};

fn story(number: usize) -> String {
    (0..20).map(|at| format!("w{number}x{at}")).collect::<Vec<_>>().join(" ")
}

fn record(number: usize) -> String {
    format!("{{ \"id\":{number} , \"text\":\"{}\"}}", story(number % 3))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(bytes, flate2::Compression::fast())
        .read_to_end(&mut packed)
        .expect("gzip");
    packed
}

/// A corpus with everything in it that a file can have.
fn awkward() -> Place {
    let place = Place::new();
    let lines =
        format!("{}\r\n\r\nno record\r\n{}\n \n{}\n{}", record(0), record(1), record(3), record(4));
    let wide: Vec<u8> =
        format!("\u{FEFF}{lines}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    place
        .write("in/a.jsonl", &lines)
        .write("in/marked.jsonl", format!("\u{FEFF}{lines}\n"))
        .write("in/wide.jsonl", wide)
        .write("in/b/a.jsonl.gz", gzip(format!("bad\n{}\n", record(6)).as_bytes()))
        .write("in/b/c.jsonl.zst", zstd::encode_all(record(9).as_bytes(), 1).expect("zstd"))
        .write("in/bad.jsonl", "\u{FEFF}\u{FEFF}bad\n")
        .write("in/empty.jsonl", "")
        .write("in/mark.jsonl", "\u{FEFF}")
        .write("in/t.txt", format!("{}\r\n****\r\n{}\n\n", story(1), story(5)))
        // The second article begins with what looks like a byte order mark.
        .write("in/u.txt", format!("{}\n\u{000C}\n{}\n", story(2), story(7)));
    place
}

const DEDUP: [&str; 7] = ["dedup", "in", "--on-error", "skip", "--allow-bad", "--out", "out"];

fn unpacked(place: &Place, folder: &str) -> Vec<(String, Vec<u8>)> {
    let unpack = |(name, bytes): (String, Vec<u8>)| {
        let plain = if name.ends_with(".gz") {
            let mut plain = Vec::new();
            let mut decoder = flate2::read::MultiGzDecoder::new(&bytes[..]);
            decoder.read_to_end(&mut plain).expect("gzip");
            plain
        } else if name.ends_with(".zst") {
            zstd::decode_all(&bytes[..]).expect("zstd")
        } else {
            bytes
        };
        (name, plain)
    };
    place.tree(folder).into_iter().map(unpack).collect()
}

#[test]
fn what_dedup_dropped_and_set_aside_comes_back() {
    #[track_caller]
    fn check(options: &[&str]) {
        let place = awkward();
        place.run(&[&DEDUP, options].concat()).ok();
        place
            .run(&["restore", "out", "--out", "again"])
            .ok()
            .says(&["10 files restored to again/", "packed anew"]);
        assert!(unpacked(&place, "in") == unpacked(&place, "again"), "with {options:?}");
    }
    check(&[]);
    check(&["--keep", "latest", "--threads", "1", "--block", "1"]);
    // Of the file with nothing removed nothing was lost.
    check(&["--min-words", "100", "--drop", "near"]);
}

#[test]
fn rows_of_removed_and_bad_records_tell_their_bytes() {
    let place = awkward();
    place.run(&DEDUP).ok();
    let input = place.read("in/a.jsonl");
    let mut seen = 0;
    for (table, is) in [("removed", "{ \"id\":"), ("bad", "no record")] {
        for row in place.rows(&format!("out/{table}.jsonl")) {
            if row["file"] == "a.jsonl" {
                let number = |name: &str| row[name].as_u64().expect("a number") as usize;
                let raw = &input[number("offset")..number("offset") + number("bytes")];
                assert!(raw.starts_with(is), "{raw:?}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 3, "{seen} rows");
}

#[test]
fn a_damaged_file_comes_back_as_far_as_it_was_read() {
    let place = Place::new();
    let lines: String = (0..2_000).map(|n| record(n) + "\n").collect();
    let packed = gzip(lines.as_bytes());
    place.write("in/cut.jsonl.gz", &packed[..packed.len() / 2]).write("in/a.jsonl", record(1));
    place.run(&DEDUP).ok();
    place.run(&["restore", "out", "--out", "again"]).ok().says(&["cut.jsonl.gz", "as far as"]);
    let again = unpacked(&place, "again");
    assert!(lines.as_bytes().starts_with(&again[1].1) && !again[1].1.is_empty());
}

#[test]
fn outcomes_that_cannot_be_undone_say_why() {
    #[track_caller]
    fn check(args: &[&str], words: &[&str]) {
        let place = Place::new();
        let notice = "one two three four five six seven eight nine ten eleven twelve thirteen.";
        let records: Vec<Value> =
            [1, 1, 2].map(|n| json!({"text": format!("{} {notice}", story(n))})).to_vec();
        place.write("in/a.jsonl", jsonl(&records));
        place.run(&[args, &["in", "--out", "out"]].concat()).ok();
        let ran = place.run(&["restore", "out", "--out", "again"]);
        assert_eq!(ran.code, 2, "{args:?}");
        ran.says(words).says(&["cannot be restored", "its input is as it was"]);
        assert!(!place.path("again").exists());
    }
    check(&["dedup", "--annotate"], &["members"]);
    check(&["dedup", "--discard"], &["--discard"]);
    check(&["passages", "--mark"], &["members"]);
    check(&["passages"], &["wrote no records"]);
}

#[test]
fn what_was_altered_is_refused_and_nothing_is_written() {
    /// `alter` changes the file `name` of an outcome.
    #[track_caller]
    fn check(name: &str, alter: impl Fn(Vec<u8>) -> Vec<u8>, words: &[&str]) {
        let place = awkward();
        place.run(&DEDUP).ok();
        let path = place.path(name);
        let altered = alter(fs::read(&path).expect("it is there"));
        fs::write(&path, altered).expect("it can be written");
        let before = place.names();
        let ran = place.run(&["restore", "out", "--out", "again"]);
        assert_eq!(ran.code, 2, "{name}");
        ran.says(words);
        assert_eq!(place.names(), before, "{name}");
    }
    let flip = |at: usize| {
        move |mut bytes: Vec<u8>| {
            bytes[at] ^= 1;
            bytes
        }
    };
    let altered = "altered since it was written";
    check("out/kept/a.jsonl", flip(30), &["a.jsonl", altered]);
    check("out/removed/a.jsonl", flip(9), &["a.jsonl", altered]);
    check(
        "out/kept/wide.jsonl",
        |bytes| bytes[..bytes.len() - 2].to_vec(),
        &["wide.jsonl", altered],
    );
    check("out/bad/a.jsonl", |bytes| [bytes, b"more".to_vec()].concat(), &["a.jsonl", altered]);
    check("out/kept/b/c.jsonl.zst", |bytes| bytes[..9].to_vec(), &["c.jsonl.zst", altered]);
    let text = |change: fn(String) -> String| {
        move |bytes: Vec<u8>| change(String::from_utf8(bytes).expect("UTF-8")).into_bytes()
    };
    check(
        "out/removed.jsonl",
        text(|rows| rows.lines().skip(1).map(|row| format!("{row}\n")).collect()),
        &[altered],
    );
    check(
        "out/removed.jsonl",
        text(|rows| rows.replacen("\"offset\":", "\"offset\":9", 1)),
        &[altered],
    );
    check(
        "out/removed.jsonl",
        text(|rows| rows + "{\"file\":\"x\",\"offset\":1,\"bytes\":1}\n"),
        &["removed.jsonl", "out of its place"],
    );
    check("out/removed.jsonl", text(|rows| rows + "{"), &["removed.jsonl", "cannot be read"]);
    check(
        "out/summary.json",
        text(|json| json.replacen("\"name\": \"a.jsonl\"", "\"name\": \"../a.jsonl\"", 1)),
        &["not the name of a file"],
    );
    check(
        "out/summary.json",
        text(|json| json.replacen("\"name\": \"a.jsonl\"", "\"name\": \"/a.jsonl\"", 1)),
        &["not the name of a file"],
    );
    check(
        "out/summary.json",
        text(|json| json.replacen("\"program\": \"twicetold\"", "\"program\": \"x\"", 1)),
        &["summary.json", "not a summary"],
    );
    check("out/summary.json", text(|_| "[]".to_owned()), &["summary.json", "not a summary"]);
}

#[test]
fn only_an_outcome_is_restored_and_only_to_a_new_folder() {
    let place = awkward();
    place.run(&DEDUP).ok();
    let ran = place.run(&["restore", "in", "--out", "again"]);
    assert_eq!(ran.code, 2);
    ran.says(&["in", "no summary.json", "--out"]);
    place.write("mine/precious.txt", "mine");
    assert_eq!(place.run(&["restore", "out", "--out", "mine"]).code, 2);
    assert_eq!(place.read("mine/precious.txt"), "mine");
    assert_eq!(place.run(&["restore", "out"]).code, 2, "a folder must be named");
    fs::remove_file(place.path("out/removed/a.jsonl")).expect("it was there");
    place.run(&["restore", "out", "--out", "again"]).says(&["removed/a.jsonl"]);
    fs::remove_file(place.path("out/removed.jsonl")).expect("it was there");
    place.run(&["restore", "out", "--out", "again"]).says(&["removed.jsonl", "not there"]);
    assert!(!place.path("again").exists());
    let ran = awkward().run(&["restore", "--help"]).ok();
    assert!(ran.stdout.contains("Examples:") && ran.stdout.contains("--discard"), "{}", ran.stdout);
}
