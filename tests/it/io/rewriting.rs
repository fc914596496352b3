//! The second pass: every byte goes somewhere, and to the right place.

use std::path::Path;

use twicetold::Error;
use twicetold::document::Place;
use twicetold::hash::Hash128;
use twicetold::io::{
    Fate, Inputs, Part, ReadOptions, ReadReport, Rewrite, RewriteReport, Staging, rewrite,
};
use twicetold::watch::Unwatched;

use super::harness::{Corpus, contents, gzip, read_all, records, skipping, zstd};

/// Every third document goes.
fn thirds(document: usize) -> Fate {
    if document % 3 == 1 { Fate::Remove } else { Fate::Keep }
}

const THIRDS: Rewrite<'static> =
    Rewrite { fate: &thirds, annotate: None, cutting: None, discard: false };

/// What a first pass learns.
struct Read {
    inputs: Inputs,
    report: ReadReport,
    documents: Vec<(Place, Hash128)>,
}

impl Read {
    fn new(corpus: &Corpus, options: &ReadOptions) -> Self {
        let inputs = corpus.find(&[""]).unwrap();
        let (documents, report) = read_all(&inputs, options, &Unwatched).unwrap();
        let documents = documents.iter().map(|d| (d.place, d.record_hash)).collect();
        Self { inputs, report, documents }
    }

    fn write(&self, how: Rewrite<'_>, out: &Path) -> twicetold::Result<RewriteReport> {
        let staging = Staging::new(out, false)?;
        let Self { inputs, report, documents } = self;
        let counts = rewrite(inputs, report, documents, how, &staging, &Unwatched)?;
        staging.commit()?;
        Ok(counts)
    }
}

/// An output folder beside the corpora.
fn out() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    (folder, path)
}

fn written(out: &Path) -> Vec<(String, String)> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    contents(out).into_iter().map(|(name, bytes)| (name, text(bytes))).collect()
}

#[test]
fn records_go_where_their_fate_sends_them_and_keep_their_bytes() {
    let file = "\u{FEFF}{\"text\":\"0\"} \r\n\r\n{ \"text\" :\"1\"}\nbad\n{\"text\":\"2\"}\n{\"text\":\"3\"}";
    let corpus = Corpus::new(&[
        ("a.jsonl", file.as_bytes()),
        ("d/b.jsonl.gz", &gzip(b"{\"text\":\"4\"}\n\n")),
        ("d/c.jsonl.zst", &zstd(b"{\"text\":\"5\"}\n")),
        ("d/empty.jsonl", b""),
    ]);
    let (_folder, out) = out();
    let counts = Read::new(&corpus, &skipping()).write(THIRDS, &out).unwrap();
    let expected = [
        ("bad/a.jsonl", "\u{FEFF}bad\n"),
        ("kept/a.jsonl", "\u{FEFF}{\"text\":\"0\"} \r\n\r\n{\"text\":\"2\"}\n{\"text\":\"3\"}"),
        ("kept/d/b.jsonl.gz", "\n"),
        ("kept/d/c.jsonl.zst", "{\"text\":\"5\"}\n"),
        ("kept/d/empty.jsonl", ""),
        ("removed/a.jsonl", "\u{FEFF}{ \"text\" :\"1\"}\n"),
        ("removed/d/b.jsonl.gz", "{\"text\":\"4\"}\n"),
    ];
    assert_eq!(written(&out), expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    assert_eq!(counts.kept, Part { records: 4, bytes: 15 + 13 + 12 + 13 });
    assert_eq!(counts.removed, Part { records: 2, bytes: 15 + 13 });
    assert_eq!(counts.bad, Part { records: 1, bytes: 4 });
}

#[test]
fn kept_removed_and_bad_together_are_the_input() {
    let mut file = Vec::new();
    for (i, line) in records(2_000).split_inclusive(|&byte| byte == b'\n').enumerate() {
        file.extend_from_slice(line);
        match i % 101 {
            5 => file.extend(b"\r\n\n"),
            50 => file.extend("{\"broken\u{A0A}\n".bytes()),
            70 => file.extend(vec![b'x'; 300_000]),
            71 => file.extend(b"\n"),
            _ => {}
        }
    }
    for pack in [|bytes: &[u8]| bytes.to_vec(), gzip, zstd] {
        let packed = pack(&file);
        let extension = match packed[0] {
            0x1F => ".gz",
            0x28 => ".zst",
            _ => "",
        };
        let name = format!("a.jsonl{extension}");
        let corpus = Corpus::new(&[(&name, &packed)]);
        let options = ReadOptions { record_bytes_max: 100_000, ..skipping() };
        let read = Read::new(&corpus, &options);
        let (_folder, out) = out();
        read.write(THIRDS, &out).unwrap();
        let mut parts = std::collections::HashMap::new();
        for (path, bytes) in contents(&out) {
            parts.insert(path.split('/').next().unwrap().to_owned(), bytes);
        }
        // Put together again: each record from its part, the rest from kept.
        let mut places: Vec<_> = read
            .documents
            .iter()
            .enumerate()
            .map(|(i, d)| (d.0, thirds(i) == Fate::Keep))
            .collect();
        let bad_from = places.len();
        places.extend(read.report.bad.iter().map(|bad| (bad.place, false)));
        let bad_offsets: std::collections::HashSet<u64> =
            places[bad_from..].iter().map(|(place, _)| place.offset).collect();
        places.sort();
        let mut whole = Vec::new();
        let mut take = |part: &str, bytes: u64, whole: &mut Vec<u8>| {
            let rest = parts.get_mut(part).expect("the part is there");
            whole.extend(rest.drain(..bytes as usize));
        };
        for (place, is_kept) in places {
            let gap = place.offset - whole.len() as u64;
            take("kept", gap, &mut whole);
            let part = match (is_kept, bad_offsets.contains(&place.offset)) {
                (_, true) => "bad",
                (true, _) => "kept",
                (false, _) => "removed",
            };
            take(part, place.bytes, &mut whole);
        }
        take("kept", (file.len() - whole.len()) as u64, &mut whole);
        assert!(whole == file, "{name}: something is lost or out of order");
        assert!(parts.values().all(Vec::is_empty), "{name}: something is there twice");
    }
}

#[test]
fn articles_of_plain_text_go_with_their_headlines_in_their_encoding() {
    let words = "word ".repeat(15) + "\r\n";
    let text = format!("{words}\r\n*** كلمة\r\n{words}\u{C}{words}last");
    let wide = |text: &str| -> Vec<u8> {
        format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    let corpus = Corpus::new(&[("a.txt", text.as_bytes()), ("b.txt.gz", &gzip(&wide(&text)))]);
    let read = Read::new(&corpus, &skipping());
    assert_eq!(read.documents.len(), 6);
    let (_folder, out) = out();
    read.write(THIRDS, &out).unwrap();
    let kept = format!("{words}\r\n\u{C}{words}last");
    let removed = format!("*** كلمة\r\n{words}");
    let expected = [
        ("kept/a.txt", kept.clone().into_bytes()),
        ("kept/b.txt.gz", wide(&kept)),
        ("removed/a.txt", removed.clone().into_bytes()),
        ("removed/b.txt.gz", wide(&removed)),
    ];
    assert_eq!(contents(&out), expected.map(|(name, bytes)| (name.to_owned(), bytes)));
}

#[test]
fn what_is_discarded_is_counted_and_not_written() {
    let corpus = Corpus::new(&[("a.jsonl", &records(3))]);
    let (_folder, out) = out();
    let how = Rewrite { discard: true, ..THIRDS };
    let counts = Read::new(&corpus, &skipping()).write(how, &out).unwrap();
    assert_eq!((counts.kept.records, counts.removed.records), (2, 1));
    let names: Vec<_> = contents(&out).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["kept/a.jsonl"]);
}

#[test]
fn annotations_are_added_and_every_other_byte_stays() {
    let file = "{\"text\":\"0\"} \r\n\n{\"n\":1.50,\"old\":0,\"text\":\"1\"}\n{\"text\":\"2\"}";
    let corpus = Corpus::new(&[("a.jsonl", file.as_bytes())]);
    let (_folder, out) = out();
    let members = |document: usize| format!(r#""old":{document}"#);
    let how = Rewrite { annotate: Some(&members), ..Rewrite::default() };
    Read::new(&corpus, &skipping()).write(how, &out).unwrap();
    let expected = "{\"text\":\"0\",\"old\":0} \r\n\n{\"n\":1.50,\"text\":\"1\",\"old\":1}\n\
                    {\"text\":\"2\",\"old\":2}";
    assert_eq!(written(&out), [("kept/a.jsonl".to_owned(), expected.to_owned())]);

    corpus.put("b.txt", b"text");
    let read = Read::new(&corpus, &skipping());
    let words = read.write(how, &out.with_extension("2")).unwrap_err().to_string();
    assert!(words.contains("b.txt: plain text cannot be annotated"), "{words}");
}

#[test]
fn a_file_that_changed_between_the_passes_is_refused_and_nothing_is_written() {
    #[track_caller]
    fn check(before: &[u8], after: &[u8], line: u64) {
        let corpus = Corpus::new(&[("a.jsonl", before)]);
        let read = Read::new(&corpus, &skipping());
        corpus.put("a.jsonl", after);
        let (folder, out) = out();
        let error = read.write(THIRDS, &out).expect_err("must be refused");
        let Error::InputChanged { line: at, .. } = error else { panic!("not that: {error}") };
        assert_eq!(at, line, "{}", String::from_utf8_lossy(after));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "something is left");
    }
    let before = b"{\"text\":\"a\"}\n\n{\"text\":\"b\"}\nbad\n";
    check(before, b"{\"text\":\"x\"}\n\n{\"text\":\"b\"}\nbad\n", 1);
    check(before, b"{\"text\":\"a\"}\n\n{\"text\":\"x\"}\nbad\n", 3);
    check(before, b"{\"text\":\"a\"}\n", 3);
    check(before, b"{\"text\":\"a\"}\n\n{\"text\":\"b\"}\nBAD\n", 4);
    check(before, b"{\"text\":\"a\"}\n \n{\"text\":\"b\"}\nbad\n", 3);
    check(before, b"{\"text\":\"a\"}\n\n{\"text\":\"b\"}\nbad\nmore\n", 4);
    check(before, b"", 1);
}

#[test]
fn a_damaged_file_gives_what_could_be_read() {
    let packed = gzip(&records(20_000));
    let corpus = Corpus::new(&[("a.jsonl.gz", &packed[..packed.len() / 2])]);
    let read = Read::new(&corpus, &skipping());
    let (_folder, out) = out();
    let counts = read.write(THIRDS, &out).unwrap();
    assert_eq!(counts.kept.records + counts.removed.records, read.documents.len() as u64);
    assert_eq!(counts.bad, Part::default(), "the failure itself has no bytes");
    let names: Vec<_> = contents(&out).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["kept/a.jsonl.gz", "removed/a.jsonl.gz"]);
}

#[test]
fn every_output_of_a_table_of_text_begins_with_its_header() {
    let head = "\u{FEFF}\r\nid,text\r\n";
    let rows =
        ["1,\"a\nb\"\r\n", "2,c\r\n", "bad\r\n", "3,\"d\"\"\n\"\r\n", "\r\n", "4,e"].concat();
    let corpus = Corpus::new(&[
        ("a.csv", format!("{head}{rows}").as_bytes()),
        ("b.tsv.gz", &gzip(b"id\ttext\n")),
        ("c.csv", b"id,no\n1,2\n"),
    ]);
    let (_folder, out) = out();
    Read::new(&corpus, &skipping()).write(THIRDS, &out).unwrap();
    let expected = [
        ("bad/a.csv", format!("{head}bad\r\n")),
        ("kept/a.csv", format!("{head}1,\"a\nb\"\r\n3,\"d\"\"\n\"\r\n\r\n4,e")),
        ("kept/b.tsv.gz", "id\ttext\n".to_owned()),
        ("removed/a.csv", format!("{head}2,c\r\n")),
    ];
    assert_eq!(written(&out), expected.map(|(name, text)| (name.to_owned(), text)));
}
