//! Records of JSON lines: which there are, which are bad, and in what order.

use std::sync::atomic::{AtomicU64, Ordering};

use twicetold::Error;
use twicetold::document::Date;
use twicetold::hash::Hash128;
use twicetold::io::{Extent, Fields, OnError, ReadOptions, read};
use twicetold::watch::{Unwatched, Watch};

use super::harness::{Corpus, read_all, records, skipping, texts};

#[test]
fn lines_are_records_whatever_ends_them() {
    #[track_caller]
    fn check(bytes: &[u8], expected: &[&str], lines: &[u64]) {
        let (documents, report) = Corpus::new(&[("a.jsonl", bytes)]).read(&skipping()).unwrap();
        let shown = String::from_utf8_lossy(bytes);
        assert_eq!(texts(&documents), expected, "for {shown:?}");
        let found: Vec<_> = documents.iter().map(|document| document.place.line).collect();
        assert_eq!(found, lines, "for {shown:?}");
        assert_eq!(report.files[0].bytes, bytes.len() as u64, "for {shown:?}");
        assert_eq!((report.files[0].documents, &report.bad), (lines.len() as u64, &vec![]));
    }
    check(b"", &[], &[]);
    check(b"{\"text\":\"a\"}\n{\"text\":\"b\"}\n", &["a", "b"], &[1, 2]);
    check(b"{\"text\":\"a\"}\n{\"text\":\"b\"}", &["a", "b"], &[1, 2]);
    check(b"{\"text\":\"a\"}\r\n\r\n \t\n{\"text\":\"b\"}\r\n", &["a", "b"], &[1, 4]);
    check(b"\n\n{\"text\":\"\"}\n\n", &[""], &[3]);
    check(b"\xEF\xBB\xBF{\"text\":\"a\"}\n", &["a"], &[1]);
    check(b"\xEF\xBB\xBF", &[], &[]);
    check(br#"{"text":"a\u0000b"}"#, &["a\0b"], &[1]);
}

#[test]
fn a_document_knows_its_place_and_its_hash() {
    let file = "\u{FEFF}{\"text\":\"أ\",\"date\":\"?\"}\r\n\n{\"id\":7,\"text\":\"b\"}";
    let (documents, report) =
        Corpus::new(&[("a.jsonl", file.as_bytes())]).read(&skipping()).unwrap();
    let [first, second] = &documents[..] else { panic!("two documents, not {documents:?}") };
    assert_eq!((first.place.offset, first.place.bytes), (3, 26));
    assert_eq!(first.record_hash, Hash128::of("{\"text\":\"أ\",\"date\":\"?\"}".as_bytes()));
    assert_eq!((first.id.as_deref(), first.date), (None, Date::Unreadable));
    assert_eq!((second.place.line, second.place.offset), (3, 30));
    assert_eq!((second.id.as_deref(), second.date), (Some("7"), Date::Absent));
    let report = &report.files[0];
    assert_eq!((report.head_bytes, report.lines, report.extent), (3, 3, Extent::Whole));
}

#[test]
fn bad_records_are_listed_with_their_line_and_cause() {
    let lines: [(&[u8], &str); 8] = [
        (b"{\"text\":\"fine\"}", ""),
        (b"{\"text\":\"\xFF\"}", "invalid UTF-8 at byte 10"),
        (b"{\"text\":\"no end", "broken JSON at byte 15: EOF"),
        (b"[1,2]", "the record is a list, not a JSON object"),
        (b"{\"words\":\"w\"}", "the record has `words` (name it with --text-field)"),
        (b"{\"text\":[\"w\"]}", "the text field `text` is a list"),
        (br#"{"text":"\udc00"}"#, "lone surrogate"),
        (br#"{"text":"\ud83d\ude00","x":"\ud800"}"#, ""),
    ];
    let file = lines.map(|(line, _)| line).join(&b'\n');
    let corpus = Corpus::new(&[("a.jsonl", &file)]);
    let (documents, report) = corpus.read(&skipping()).unwrap();
    assert_eq!(texts(&documents), ["fine", "\u{1F600}"]);
    assert_eq!((report.files[0].documents, report.files[0].bad), (2, 6));
    let bad = lines.iter().zip(1..).filter(|((_, cause), _)| !cause.is_empty());
    for (((_, cause), line), bad) in bad.zip(&report.bad) {
        assert_eq!(bad.place.line, line);
        assert!(bad.cause.contains(cause), "line {line}: {} does not say {cause}", bad.cause);
    }

    let options = ReadOptions { on_error: OnError::Fail, ..skipping() };
    let words = corpus.read(&options).unwrap_err().to_string();
    assert!(words.contains("a.jsonl:2: invalid UTF-8"), "the first one ends the run: {words}");
}

#[test]
fn causes_cannot_play_with_the_terminal() {
    let corpus = Corpus::new(&[("a.jsonl", "{\"\\u001b[2J\u{202E}\":1}".as_bytes())]);
    let (_, report) = corpus.read(&skipping()).unwrap();
    assert!(report.bad[0].cause.contains(r"`\u{1b}[2J\u{202e}`"), "{}", report.bad[0].cause);
}

#[test]
fn a_million_levels_of_nesting_are_no_trouble() {
    let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
    let file = format!("{{\"x\":{deep},\"text\":\"t\"}}\n{{\"text\":{deep}}}\n{deep}\n");
    let (documents, report) =
        Corpus::new(&[("a.jsonl", file.as_bytes())]).read(&skipping()).unwrap();
    assert_eq!(texts(&documents), ["t"]);
    assert_eq!(report.bad.len(), 2);
}

#[test]
fn fields_are_read_where_the_user_says() {
    let fields = Fields {
        text: Some("article.body".into()),
        id: Some("meta.n".into()),
        ..Fields::default()
    };
    let corpus = Corpus::new(&[(
        "a.jsonl",
        br#"{"text":"no","article":{"body":"yes"},"meta":{"n":12345678901234567890123}}"#,
    )]);
    let (documents, _) = corpus.read(&ReadOptions { fields, ..skipping() }).unwrap();
    assert_eq!(texts(&documents), ["yes"]);
    assert_eq!(documents[0].id.as_deref(), Some("12345678901234567890123"));
}

/// Good, bad, blank and overlong lines, with every kind of line end.
fn mixed() -> Corpus {
    let mut first = records(700);
    first.extend(b"\r\n\n  \n{broken\r\n");
    first.extend(format!("{{\"text\":\"{}\"}}\n", "x".repeat(9_000)).into_bytes());
    first.extend(records(300));
    first.extend(format!("{{\"text\":\"{}\"}}", "y".repeat(500_000)).into_bytes());
    let wide: Vec<u8> = std::iter::once(0xFEFF)
        .chain("{\"text\":\"\u{A0A}ਊ\u{A00}\"}\r\n".repeat(400).encode_utf16())
        .chain("z".repeat(20_000).encode_utf16())
        .chain("\n{\"text\":\"end\"}".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    Corpus::new(&[
        ("a.jsonl", &first),
        ("b.jsonl", b""),
        ("c.jsonl.gz", &super::harness::gzip(&records(500))),
        ("d.jsonl", &wide),
        ("e.jsonl", b"[]\n"),
    ])
}

#[test]
fn nothing_depends_on_blocks_or_threads() {
    let corpus = mixed();
    let plain = ReadOptions { record_bytes_max: 8_192, threads: 1, ..skipping() };
    let expected = corpus.read(&plain).unwrap();
    assert_eq!(expected.0.len(), 700 + 300 + 500 + 400 + 1);
    let lines: Vec<_> = expected.1.bad.iter().map(|bad| bad.place.line).collect();
    assert_eq!(lines, [704, 705, 1006, 401, 1]);
    let failing = ReadOptions { on_error: OnError::Fail, ..plain.clone() };
    let first_error = corpus.read(&failing).unwrap_err().to_string();
    assert!(first_error.contains("a.jsonl:704: broken JSON"), "{first_error}");

    for threads in [1, 2, 3, 8] {
        for block_bytes in [1, 1 << 10, 1 << 14, 1 << 20] {
            let with = format!("with {threads} threads and blocks of {block_bytes} bytes");
            let options = ReadOptions { threads, block_bytes, ..plain.clone() };
            let got = corpus.read(&options).unwrap();
            assert!(got == expected, "another result {with}");
            let options = ReadOptions { threads, block_bytes, ..failing.clone() };
            let error = corpus.read(&options).unwrap_err().to_string();
            assert_eq!(error, first_error, "{with}");
        }
    }
}

#[test]
fn a_record_longer_than_allowed_is_bad_and_the_next_one_is_not() {
    let long = 70 << 20;
    let mut file = format!("{{\"text\":\"{}\"}}\n", "x".repeat(long)).into_bytes();
    let long_bytes = file.len() as u64;
    file.extend(b"{\"text\":\"after\"}\n");
    let corpus = Corpus::new(&[("a.jsonl", &file)]);
    let (documents, report) = corpus.read(&skipping()).unwrap();
    assert_eq!(texts(&documents), ["after"]);
    assert_eq!(report.bad[0].place.bytes, long_bytes);
    let cause = &report.bad[0].cause;
    assert!(cause.contains(&long_bytes.to_string()) && cause.contains("--max-record"), "{cause}");

    let more = ReadOptions { record_bytes_max: long_bytes, ..skipping() };
    let (documents, _) = corpus.read(&more).unwrap();
    assert_eq!(documents[0].text.len(), long, "the limit itself is allowed");
}

#[test]
fn a_slow_worker_holds_the_reading_back() {
    struct Counting(AtomicU64);
    impl Watch for Counting {
        fn advance(&self, units: u64) {
            self.0.fetch_add(units, Ordering::SeqCst);
        }
    }
    let corpus = Corpus::new(&[("a.jsonl", &records(40_000))]);
    let inputs = corpus.find(&[""]).unwrap();
    let options = ReadOptions { threads: 2, block_bytes: 4_096, ..skipping() };
    let watch = Counting(AtomicU64::new(0));
    let total = inputs.bytes();
    let mut taken = 0;
    let mut furthest_ahead = 0;
    read(
        &inputs,
        &options,
        &watch,
        || (),
        |(), document| document.place.offset,
        |offset| {
            furthest_ahead = furthest_ahead.max(watch.0.load(Ordering::SeqCst) - offset);
            taken += 1;
            Ok(())
        },
    )
    .unwrap();
    assert_eq!(taken, 40_000);
    // A dozen chunks of the stream; the file has more.
    let allowed = 12 * 256 * 1024;
    assert!(total > 2 * allowed, "the file is too short to show anything: {total}");
    assert!(furthest_ahead < allowed, "{furthest_ahead} bytes read ahead");
}

#[test]
fn a_run_ends_when_it_is_told_to() {
    struct StopsAfter(u64, AtomicU64);
    impl Watch for StopsAfter {
        fn advance(&self, units: u64) {
            self.1.fetch_add(units, Ordering::SeqCst);
        }
        fn stopped(&self) -> bool {
            self.1.load(Ordering::SeqCst) >= self.0
        }
    }
    let corpus = Corpus::new(&[("a.jsonl", &records(20_000))]);
    let inputs = corpus.find(&[""]).unwrap();
    for bytes in [0, 1, 1_000_000, inputs.bytes()] {
        let watch = StopsAfter(bytes, AtomicU64::new(0));
        let result = read_all(&inputs, &skipping(), &watch);
        assert!(matches!(result, Err(Error::Interrupted)), "after {bytes} bytes");
    }
}

#[test]
fn what_the_caller_refuses_ends_the_run() {
    let corpus = Corpus::new(&[("a.jsonl", &records(20_000))]);
    let inputs = corpus.find(&[""]).unwrap();
    let mut taken = 0;
    let result = read(
        &inputs,
        &skipping(),
        &Unwatched,
        || (),
        |(), _| (),
        |()| {
            taken += 1;
            if taken == 100 { Err(Error::Usage("enough".into())) } else { Ok(()) }
        },
    );
    assert_eq!(result.unwrap_err().to_string(), "enough");
    assert_eq!(taken, 100);
}

#[test]
#[should_panic(expected = "a scoped thread panicked")]
fn a_panic_in_a_worker_is_passed_on() {
    let corpus = Corpus::new(&[("a.jsonl", &records(20_000))]);
    let inputs = corpus.find(&[""]).unwrap();
    let prepare = |(): &mut (), document: twicetold::document::Document<'_>| {
        assert!(document.id.as_deref() != Some("9999"), "planned");
    };
    let _ = read(&inputs, &skipping(), &Unwatched, || (), prepare, |()| Ok(()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_read_is_named_with_the_systems_words() {
    // Reading one's own memory from the start fails for everyone, root
    // included.
    let corpus = Corpus::new(&[("b.jsonl", b"{\"text\":\"t\"}\n")]);
    std::os::unix::fs::symlink("/proc/self/mem", corpus.path("a.jsonl")).unwrap();
    let failing = ReadOptions { on_error: OnError::Fail, ..skipping() };
    let words = corpus.read(&failing).unwrap_err().to_string();
    assert!(words.contains("a.jsonl: cannot read: Input/output error"), "{words}");

    let (documents, report) = corpus.read(&skipping()).unwrap();
    assert_eq!(texts(&documents), ["t"]);
    assert_eq!(report.files[0].extent, Extent::Partial);
    assert!(report.bad[0].cause.starts_with("cannot read"), "{:?}", report.bad);
}
