//! Corpora as they lie on disk: JSON arrays, SGML and vertical text, web
//! archives and pages; whole runs of the program on each.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::corpora;
use crate::program::{Place, SAMPLE, jsonl, rows};

fn sample() -> Vec<Value> {
    rows(&fs::read_to_string(SAMPLE).expect("the sample is there"))
}

/// A member as a word, empty where it is none.
fn word<'a>(record: &'a Value, name: &str) -> &'a str {
    record[name].as_str().unwrap_or_default()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn array(records: &[Value]) -> String {
    let records: Vec<String> = records.iter().map(|record| format!("  {record:#}")).collect();
    format!("[\n{}\n]\n", records.join(",\n"))
}

fn sgml(records: &[Value]) -> String {
    let record = |record: &Value| {
        format!(
            "<DOC>\n<DOCNO>{}</DOCNO>\n<SOURCE>{}</SOURCE>\n<DATE>{}</DATE>\n<TITLE>{}</TITLE>\n\
             <TEXT>\n{}\n</TEXT>\n</DOC>\n",
            word(record, "id"),
            escaped(word(record, "source")),
            word(record, "date"),
            escaped(word(record, "title")),
            escaped(word(record, "text")),
        )
    };
    records.iter().map(record).collect()
}

fn vertical(records: &[Value]) -> String {
    let mut file = String::new();
    for record in records {
        let (id, source, date) = (word(record, "id"), word(record, "source"), word(record, "date"));
        let source = escaped(source);
        file += &format!("<doc id=\"{id}\" source=\"{source}\" date=\"{date}\">\n<p>\n");
        for token in word(record, "text").split_whitespace() {
            file += &format!("{}\tX\tlemma\n", escaped(token));
        }
        file += "</p>\n</doc>\n";
    }
    file
}

fn wet(records: &[Value]) -> String {
    let record = |record: &Value| {
        let (id, text) = (word(record, "id"), word(record, "text"));
        format!(
            "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <{id}>\r\nWARC-Date: {}\r\n\
             Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n{text}\r\n\r\n",
            word(record, "date"),
            text.len()
        )
    };
    records.iter().map(record).collect()
}

/// The pairs of a run: who was dropped for whom.
fn pairs(place: &Place, out: &str) -> BTreeSet<(String, String)> {
    let rows = place.rows(&format!("{out}/removed.jsonl"));
    rows.iter().map(|row| (word(row, "id").to_owned(), word(row, "keeper").to_owned())).collect()
}

/// The files of one corpus in every format.
fn in_every_format(records: &[Value]) -> [(&'static str, String); 5] {
    [
        ("a.jsonl", jsonl(records)),
        ("a.json", array(records)),
        ("a.sgml", sgml(records)),
        ("a.vert", vertical(records)),
        ("a.wet", wet(records)),
    ]
}

#[test]
fn one_corpus_has_the_same_copies_in_every_format() {
    let place = Place::new();
    let mut expected = None;
    for (name, file) in in_every_format(&sample()) {
        place.write(name, file);
        place.run(&["dedup", name, "--out", "out", "--overwrite", "--keep", "first"]).ok();
        let found = pairs(&place, "out");
        assert_eq!(found.len(), 5, "{name}: {found:?}");
        assert_eq!(&found, expected.get_or_insert(found.clone()), "{name}");
    }
}

#[test]
fn ant_in_sgml_has_the_copies_it_has_in_json() {
    let Some(docs) = corpora::docs("ant") else { return };
    let place = Place::new();
    let docs = &docs[..3000];
    place.write("a.jsonl", jsonl(docs)).write("a.sgml", sgml(docs)).write("a.json", array(docs));
    let mut expected = None;
    for name in ["a.jsonl", "a.sgml", "a.json"] {
        place.run(&["dedup", name, "--out", "out", "--overwrite"]).ok();
        let found = pairs(&place, "out");
        assert!(found.len() > 20, "{name}: {} copies", found.len());
        assert!(&found == expected.get_or_insert(found.clone()), "{name}");
        let (kept, removed) = (place.tree("out/kept"), place.tree("out/removed"));
        let bytes = kept[name].len() + removed[name].len();
        let input = fs::metadata(place.path(name)).expect("it is there").len() as usize;
        let brackets = if name == "a.json" { "[\n\n]\n".len() } else { 0 };
        let separators = if name == "a.json" { ",\n  ".len() - "  ".len() } else { 0 };
        assert_eq!(bytes, input + brackets - separators, "{name}: nothing lost, nothing added");
    }
}

const AWKWARD_ARRAY: &str = " [ {\"id\": 1, \"text\": \"\", \"n\": 1.50},\r\n\t{\"id\":1,\"text\":\"a \\\"]},{[ \\u0062\"} ,{\
    \"text\":\"\u{1F600} \u{202B}خبر\u{202C}\",\"x\":{\"y\":[[],{\"z\":null}],\"big\":12345678901234567890123}}]\n ";

const AWKWARD_SGML: &str = "<?xml version=\"1.0\"?>\r\n<!-- <DOC> was here -->\r\n<docs>\r\n\
    <DOC id=\"AFP_ARB_20150721.0001\" type=\"story\" >\r\n<TEXT>\r\n<P>\r\nنبأ &amp; \u{1F600} <unknown>\r\n\
    </P>\r\n</TEXT>\r\n</DOC>\r\n\r\n  <DOC id=\"AFP_ARB_20150721.0001\"><TEXT></TEXT></DOC><doc><text>\
    \u{202B}again\u{202C}</text></doc>\n</docs>";

const AWKWARD_VERTICAL: &str = "<doc id=\"a\" title='&lt;\u{1F600}&gt;'>\n<p>\n<s>\nكتاب\tN\n<g/>\n.\t.\n</s>\n</p>\n</doc>\n\n\
    <doc id=\"a\">\r\n</doc>\r\n<doc>\n<\tX\n>\tX\n</doc>";

fn packed(bytes: &[u8], extension: &str) -> Vec<u8> {
    use crate::io::harness::{bzip2, gzip, xz, zstd};
    match extension {
        ".gz" => gzip(bytes),
        ".zst" => zstd(bytes),
        ".bz2" => bzip2(bytes),
        ".xz" => xz(bytes),
        _ => bytes.to_vec(),
    }
}

#[test]
fn what_has_no_copies_comes_back_byte_for_byte() {
    let files = [
        ("a.json", AWKWARD_ARRAY),
        ("empty.json", " [ ]\r\n"),
        ("nothing.json", ""),
        ("a.sgml", AWKWARD_SGML),
        ("a.vert", AWKWARD_VERTICAL),
        ("nothing.vert", ""),
    ];
    let place = Place::new();
    for extension in ["", ".gz", ".zst", ".bz2", ".xz"] {
        for (name, file) in files {
            let name = format!("in{extension}/{name}{extension}");
            place.write(&name, packed(file.as_bytes(), extension));
        }
        let folder = format!("in{extension}");
        let ran = place.run(&["dedup", &folder, "--out", "out", "--overwrite"]).ok();
        ran.says(&["9 articles read from 6 files", "0 removed: no copies found"]);
        let kept = crate::io::harness::contents(&place.path("out/kept"));
        let kept: Vec<(&str, &str)> = kept
            .iter()
            .map(|(name, bytes)| (&**name, std::str::from_utf8(bytes).expect("UTF-8")))
            .collect();
        let mut expected = files.map(|(name, file)| (format!("{name}{extension}"), file));
        expected.sort();
        let expected: Vec<(&str, &str)> = expected.iter().map(|(n, f)| (&**n, *f)).collect();
        assert_eq!(kept, expected, "{extension:?}");
    }
}

#[test]
fn an_array_in_other_encodings_comes_back_too() {
    let place = Place::new();
    let text = "[{\"text\":\"خبر \\\" ]\"}, {\"text\":\"other\"}]";
    let wide: Vec<u8> =
        format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    place.write("wide.json", &wide);
    place.write("arabic.json", encoding_rs::WINDOWS_1256.encode(text).0);
    for (name, encoding) in [("wide.json", "utf-8"), ("arabic.json", "windows-1256")] {
        let args = ["dedup", name, "--out", "out", "--overwrite", "--encoding", encoding];
        place.run(&args).ok().says(&["2 articles"]);
        assert_eq!(place.tree("out/kept")[name], fs::read(place.path(name)).unwrap(), "{name}");
    }
}

#[test]
fn parts_of_an_array_are_arrays_of_the_same_elements() {
    let place = Place::new();
    let file = array(&sample());
    place.write("a.json", &file);
    place.run(&["dedup", "a.json", "--out", "out"]).ok();
    let parse = |name: &str| -> Vec<Value> {
        serde_json::from_str(&place.read(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    };
    let (kept, removed) = (parse("out/kept/a.json"), parse("out/removed/a.json"));
    assert_eq!((kept.len(), removed.len()), (10, 5));
    for element in kept.iter().chain(&removed) {
        assert!(file.contains(&format!("{element:#}")), "as it was: {element}");
    }
    let lines = file.lines().collect::<Vec<_>>();
    for row in place.rows("out/removed.jsonl") {
        let line = row["line"].as_u64().expect("a line") as usize;
        assert_eq!(lines[line - 1], "  {", "a record begins on line {line}");
        let id = word(&row, "id");
        assert!(lines[line..].iter().take(9).any(|line| line.contains(id)), "{id} at {line}");
    }
    let marked = place.run(&["dedup", "a.json", "--out", "marked", "--annotate"]).ok();
    drop(marked);
    assert_eq!(parse("marked/kept/a.json").len(), 15);
    assert!(parse("marked/kept/a.json").iter().all(|record| record["cluster_size"].is_u64()));
}

#[test]
fn what_cannot_be_cut_is_told_with_its_line_and_nothing_is_written() {
    #[track_caller]
    fn check(name: &str, file: &str, line: usize, words: &str) {
        let place = Place::new();
        place.write(name, file);
        let ran = place.run(&["dedup", name, "--out", "out"]);
        assert_eq!(ran.code, 2, "{name}: {}", ran.stderr);
        assert_eq!(place.names(), [name], "{file:?}: something was written");
        ran.says(&[&format!("{name}:{line}: "), words]);
    }
    check("a.json", "[\n{\"text\":\"a\"},\n{\"text\":", 3, "ends before its ]");
    check("a.json", "[\n{\"text\":\"a\"}\n{\"text\":\"b\"}]", 3, "a comma or ] is expected");
    check("a.json", "[{\"text\":\"a\"}]\n\n[]", 3, "behind its end");
    check("a.json", "[{\"text\":\"a\"},\n7]", 2, "a number, not a JSON object");
    check("a.json", "[{\"text\":\"a\"},\n{\"text\":tru}]", 2, "broken JSON");
    check("a.sgml", "<DOC>\n<TEXT>a</TEXT>\n</DOC>\n<DOC>\n<TEXT>b\n", 4, "does not end");
    check("a.sgml", "<DOC>\n<BODY>a\n<DOC>\n<TEXT>b</TEXT></DOC>", 1, "does not end");
    check("a.sgml", "<DOC>\n<STORY>a</STORY></DOC>", 1, "`STORY` (name it with --text-field)");
    check("a.sgml", "no tags at all", 1, "no <DOC> in the whole file");
    check("a.vert", "<doc>\na\n", 1, "does not end");
    check("a.warc", "WARC/1.0\r\nContent-Length: 9\r\n\r\nshort", 1, "says that it has 9 bytes");
    let windows = "<DOC><TEXT>\u{E3}</TEXT></DOC>".chars().map(|c| c as u8).collect::<Vec<u8>>();
    let place = Place::new();
    place.write("a.sgml", windows);
    place.run(&["dedup", "a.sgml", "-n"]).says(&["a.sgml:1:", "invalid UTF-8", "--encoding"]);
}

#[test]
fn bad_records_are_set_aside_and_the_rest_is_used() {
    let place = Place::new();
    place.write("in/a.json", "[{\"text\":\"a b\"}, 7,\n {\"text\":\"c d\"}, \"e\"]\n");
    place.write("in/b.json", "[{\"text\":\"f g\"},\n{\"text\":\"h i\"}, {\"te");
    place.write("in/c.sgml", "<DOC><TEXT>j\n<DOC><TEXT>k</TEXT></DOC>\n");
    let ran = place.run(&["dedup", "in", "--out", "out", "--on-error", "skip"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    ran.says(&["5 articles read from 3 files", "4 bad records left out"]);
    let places: Vec<String> = place
        .rows("out/bad.jsonl")
        .iter()
        .map(|row| format!("{}:{}", word(row, "file"), row["line"]))
        .collect();
    assert_eq!(places, ["a.json:1", "a.json:2", "b.json:2", "c.sgml:1"]);
    assert_eq!(place.read("out/kept/a.json"), "[{\"text\":\"a b\"},\n {\"text\":\"c d\"}]\n");
    assert_eq!(place.read("out/bad/a.json"), "[ 7, \"e\"]\n");
    assert_eq!(place.read("out/kept/b.json"), "[{\"text\":\"f g\"},\n{\"text\":\"h i\"}\n]\n");
    assert_eq!(place.read("out/kept/c.sgml"), "<DOC><TEXT>k</TEXT></DOC>\n");
    assert_eq!(place.read("out/bad/c.sgml"), "<DOC><TEXT>j\n");
}

#[test]
fn records_that_are_too_long_are_set_aside_whatever_the_blocks() {
    let place = Place::new();
    let long = "word ".repeat(200_000);
    place.write(
        "in/a.json",
        format!("[{{\"text\":\"a\"}},\n{{\"text\":\"{long}\"}},\n{{\"text\":\"b\"}}]"),
    );
    place.write("in/b.sgml", format!("<DOC>c</DOC>\n<DOC>{long}</DOC>\n<DOC>d</DOC>\n"));
    let mut first = None;
    for (threads, block) in [("1", "1kB"), ("2", "1MiB")] {
        let args = ["dedup", "in", "--out", "out", "--overwrite", "--on-error", "skip"];
        let more = ["--max-record", "900kB", "--threads", threads, "--block", block];
        let ran = place.run(&[&args[..], &more].concat());
        ran.says(&["4 articles", "2 bad records", "b.sgml:2: the record is 1000012 bytes long"]);
        assert_eq!(place.read("out/kept/a.json"), "[{\"text\":\"a\"},\n{\"text\":\"b\"}]");
        assert_eq!(place.read("out/kept/b.sgml"), "<DOC>c</DOC>\n<DOC>d</DOC>\n");
        let mut files = place.tree("out");
        files.remove("summary.json");
        assert!(*first.get_or_insert(files.clone()) == files, "{threads} threads, {block}");
    }
}

#[test]
fn nothing_depends_on_threads_or_blocks() {
    let place = Place::new();
    let records: Vec<Value> = sample().into_iter().cycle().take(600).collect();
    for (name, file) in in_every_format(&records) {
        place.write(&format!("in/{name}-x").replace(".", "1.").replace("-x", ""), file);
    }
    let mut first = None;
    for (threads, block) in [("1", "1kB"), ("3", "20kB"), ("2", "1MiB")] {
        let args = ["dedup", "in", "--out", "out", "--overwrite", "--threads", threads];
        place.run(&[&args[..], &["--block", block]].concat()).ok().says(&["3,000 articles"]);
        let mut files = place.tree("out");
        files.remove("summary.json");
        assert!(*first.get_or_insert(files.clone()) == files, "{threads} threads, {block}");
    }
}

#[test]
fn windows_1256_is_read_as_declared_or_named() {
    let text = "<DOC id=\"AFP_ARB_20150721.0001\">\n<TEXT>\nخبر اليوم\n</TEXT>\n</DOC>\n";
    let place = Place::new();
    let in_1256 = |text: &str| encoding_rs::WINDOWS_1256.encode(text).0.into_owned();
    let declared = format!("<?xml version=\"1.0\" encoding=\"windows-1256\"?>\n{text}");
    place.write("in/declared.xml", in_1256(&declared));
    place.write("in/utf8.sgml", text);
    place.run(&["dedup", "in", "--out", "out"]).ok().says(&["1 removed", "1 identical"]);
    place.write("named/a.sgml", in_1256(text));
    place.run(&["dedup", "named", "-n", "--encoding", "windows-1256"]).ok();
    assert_eq!(place.tree("out/kept")["declared.xml"], in_1256(&declared));
}

#[test]
fn folders_may_mix_all_of_them() {
    let place = Place::new();
    let gigaword = "<DOC id=\"XIN_ENG_20021201.0010\" type=\"story\" >\n<TEXT>\n<P>\nSome news.\n</P>\n</TEXT>\n</DOC>\n";
    place.write("in/xin_eng/xin_eng_200212.gz", packed(gigaword.as_bytes(), ".gz"));
    place.write("in/site.xml", "<rss><item>no corpus</item></rss>");
    place.write("in/lines.json", "{\"text\":\"lines under another name\"}\n{\"text\":\"two\"}\n");
    place.write("in/list.json", "[{\"text\":\"a list\"}]");
    place.write("in/LICENSE", "Words.");
    place.write("in/c.prevert", "<doc id=\"p\">\n<p>\nRunning text.\n</p>\n</doc>\n");
    place.write("in/old.warc", wet(&sample()[..2]));
    for name in ["one", "d/two"] {
        let text = format!(
            "<html><head><title>{name}</title></head><body><p>A page about {name} and some more words for it.</p></body></html>"
        );
        place.write(&format!("in/{name}.html"), text);
    }
    let ran = place.run(&["dedup", "in", "--out", "out"]).ok();
    ran.says(&["9 articles", "2 files of another kind passed over", "LICENSE", "site.xml"]);
    let kept: Vec<String> = place.tree("out/kept").into_keys().collect();
    let expected = [
        "c.prevert",
        "lines.json",
        "list.json",
        "old.jsonl",
        "pages.jsonl",
        "xin_eng/xin_eng_200212.gz",
    ];
    assert_eq!(kept, expected);
    let pages = place.rows("out/kept/pages.jsonl");
    assert_eq!(pages.len(), 2, "{pages:?}");
    assert_eq!((word(&pages[0], "id"), word(&pages[0], "title")), ("d/two.html", "d/two"));
    assert!(word(&pages[1], "text").starts_with("A page about one"), "{pages:?}");
    let summary: Value = serde_json::from_str(&place.read("out/summary.json")).expect("JSON");
    assert!(summary["by_source"].get("XIN_ENG").is_some(), "{}", summary["by_source"]);
    assert!(summary["by_month"].get("2002-12").is_some(), "{}", summary["by_month"]);
    let old = fs::metadata(place.path("in/old.warc")).expect("it is there").len();
    let of_old = |file: &&Value| file["name"] == "old.jsonl";
    let files = summary["input"]["files"].as_array().expect("a list");
    assert_eq!(files.iter().find(of_old).expect("it was read")["bytes"], json!(old));
}

#[test]
fn the_format_can_be_named() {
    let place = Place::new();
    for ((name, file), format) in
        in_every_format(&sample()).into_iter().zip(["jsonl", "json", "sgml", "vertical", "warc"])
    {
        place.write("data", &file);
        place.run(&["dedup", "data", "-n", "--format", format]).ok().says(&["15 articles"]);
        // And told from the first bytes.
        place.run(&["dedup", "data", "-n"]).ok().says(&["15 articles"]);
        let mut child = place
            .program()
            .args(["dedup", "-", "--out", "out", "--overwrite"])
            .stdin(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the program starts");
        child.stdin.take().expect("piped").write_all(file.as_bytes()).expect("it reads");
        crate::program::Ran::from(child.wait_with_output().expect("it ends")).ok();
        let kept: Vec<String> = place.tree("out/kept").into_keys().collect();
        let extension = name.trim_start_matches("a.").replace("wet", "jsonl");
        assert_eq!(kept, [format!("stdin.{extension}")]);
    }
}

#[test]
fn archives_as_crawlers_write_them_are_read() {
    let place = Place::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/formats-venv/bin/python");
    let can_run = |module: &str| {
        let import = format!("import {module}");
        Command::new(&python).args(["-c", &import]).output().is_ok_and(|ran| ran.status.success())
    };
    if !can_run("warcio") {
        assert!(std::env::var_os("CI").is_none(), "no warcio for {}", python.display());
        eprintln!("not tested: web archives of warcio (scripts/test.sh sets it up)");
        return;
    }
    let script = root.join("tests/formats/warc.py");
    let made = Command::new(&python).arg(script).arg(place.path("in")).output();
    let made = made.expect("python starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

    for (name, converted) in [("in/pages.warc.gz", "pages.jsonl"), ("in/plain.warc", "plain.jsonl")]
    {
        let args = ["dedup", name, "--out", "out", "--overwrite", "--keep", "first"];
        let ran = place.run(&args).ok();
        ran.says(&["4 articles", "2 removed", "2 captures in web archives passed over"]);
        let kept = place.rows(&format!("out/kept/{converted}"));
        let sources: Vec<&str> = kept.iter().map(|row| word(row, "source")).collect();
        assert_eq!(sources, ["one.example", "one.example"], "{name}");
        assert_eq!(word(&kept[0], "date"), "2015-07-20T10:00:00Z");
        assert!(word(&kept[0], "text").starts_with("أعلن المجلس يوم الخميس"), "{}", kept[0]);
        assert_eq!(place.rows(&format!("out/removed/{converted}")).len(), 2);
    }
    let ran = place.run(&["dedup", "in/broken.warc", "--out", "o2", "--on-error", "skip"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    ran.says(&["2 articles", "3 bad records", "100000 bytes, but has", "http://one.example/a"]);
    let causes = place.rows("o2/bad.jsonl");
    assert!(word(&causes[1], "cause").contains("no Content-Length"), "{causes:?}");
}
