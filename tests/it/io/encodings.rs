//! Files in other encodings than UTF-8.

use twicetold::io::{Encoding, ReadOptions};

use super::harness::{Corpus, skipping, texts};

const TEXT: &str = "{\"text\":\"أول\"}\r\n\r\n{\"text\":\"\u{A0A}\u{10A0A}\"}\n{\"text\":\"آخر\"}";

fn wide(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

#[track_caller]
fn check(bytes: &[u8], encoding: Option<&str>, expected: &[&str]) {
    let encoding = encoding.map(|label| Encoding::parse(label).unwrap());
    let corpus = Corpus::new(&[("a.jsonl", bytes)]);
    for block_bytes in [3, 1 << 20] {
        let options = ReadOptions { encoding, block_bytes, ..skipping() };
        let (documents, report) = corpus.read(&options).unwrap();
        assert_eq!(texts(&documents), expected, "bad: {:?}", report.bad);
        assert_eq!(report.bad, []);
        assert_eq!(report.files[0].bytes, bytes.len() as u64);
    }
}

#[test]
fn utf_16_is_known_by_its_mark_or_by_its_name() {
    let expected = ["أول", "\u{A0A}\u{10A0A}", "آخر"];
    let marked = format!("\u{FEFF}{TEXT}");
    check(&wide(&marked, u16::to_le_bytes), None, &expected);
    check(&wide(&marked, u16::to_be_bytes), None, &expected);
    check(&wide(&marked, u16::to_be_bytes), Some("utf-16le"), &expected);
    check(&wide(TEXT, u16::to_le_bytes), Some("utf-16le"), &expected);
    check(&wide(TEXT, u16::to_be_bytes), Some("utf-16be"), &expected);
}

#[test]
fn windows_1256_is_read_when_asked_for() {
    let (bytes, _, lossy) =
        encoding_rs::WINDOWS_1256.encode("{\"text\":\"مصر\"}\n{\"text\":\"پاکستان\"}\n");
    assert!(!lossy, "the test text is in windows-1256");
    check(&bytes, Some("windows-1256"), &["مصر", "پاکستان"]);
    let (_, report) = Corpus::new(&[("a.jsonl", &bytes)]).read(&skipping()).unwrap();
    assert!(report.bad[0].cause.contains("--encoding"), "{}", report.bad[0].cause);
}

#[test]
fn what_is_not_valid_is_a_bad_record() {
    let bytes = [&[0xFF, 0xFE][..], &wide("{\"text\":\"", u16::to_le_bytes), &[0, 0xD8]].concat();
    let (documents, report) = Corpus::new(&[("a.jsonl", &bytes)]).read(&skipping()).unwrap();
    assert_eq!((documents.len(), report.bad.len()), (0, 1));
    assert!(report.bad[0].cause.contains("not valid UTF-16LE"), "{}", report.bad[0].cause);
}
