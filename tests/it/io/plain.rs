//! Plain text: articles found while the file streams by.

use proptest::prelude::*;
use twicetold::document::Date;
use twicetold::io::{Encoding, Inputs, OnError, ReadOptions};
use twicetold::text::{Split, split_text};
use twicetold::watch::Unwatched;

use super::harness::{Corpus, gzip, read_all, skipping, texts};
use crate::corpora::corpus;

/// Fifteen words, so that an article stands.
const WORDS: &str = "أول ثان ثالث رابع خامس سادس سابع ثامن تاسع عاشر one two three four five\n";

fn split(how: &str) -> ReadOptions {
    ReadOptions { split: Split::parse(how).unwrap(), ..skipping() }
}

#[test]
fn a_file_is_as_many_documents_as_it_has_articles() {
    #[track_caller]
    fn check(how: &str, file: &str, expected: &[&str]) {
        let corpus = Corpus::new(&[("a.txt", file.as_bytes())]);
        let (documents, report) = corpus.read(&split(how)).unwrap();
        assert_eq!(texts(&documents), expected, "for {file:?} split at {how}");
        assert_eq!(report.files[0].bytes, file.len() as u64);
    }
    check("auto", "", &[]);
    check("auto", "\n", &[""]);
    check("none", "a\n\n***\nb", &["a\n\n***\nb"]);
    check("blank", "a\n\nb\r\n\r\nc\n", &["a", "\nb", "\r\nc"]);
    check("^T:", "T:a\rT:b\u{85}T:c\u{2029}x\n", &["T:a\r", "T:b\u{85}", "T:c\u{2029}x"]);
    let two = format!("{WORDS}*** Title\n{WORDS}");
    check("auto", &two, &[WORDS.trim_end(), &format!("*** Title\n{}", WORDS.trim_end())]);
}

#[test]
fn an_article_knows_its_place_and_its_headline() {
    let file = format!("\u{FEFF}{WORDS}\n*** عنوان ***\r\n{WORDS}\u{C}{WORDS}");
    let (documents, report) = Corpus::new(&[("a.txt", file.as_bytes())]).read(&skipping()).unwrap();
    let places: Vec<_> = documents.iter().map(|d| (d.place.line, d.place.offset)).collect();
    let words = WORDS.len() as u64;
    let second = 3 + words + 1;
    let third = second + "*** عنوان ***\r\n".len() as u64 + words;
    assert_eq!(places, [(1, 3), (3, second), (5, third)]);
    let titles: Vec<_> = documents.iter().map(|d| d.title.as_deref()).collect();
    assert_eq!(titles, [None, Some("عنوان"), None]);
    assert!(documents.iter().all(|d| d.id.is_none() && d.date == Date::Absent));
    let ends: Vec<_> = documents.iter().map(|d| d.place.offset + d.place.bytes).collect();
    assert_eq!(ends, [second, third, file.len() as u64], "the articles partition the file");
    assert_eq!(report.files[0].lines, 5);
}

#[test]
fn the_founding_file_has_two_articles() {
    let Some(folder) = corpus("seed") else { return };
    let stdin = Box::new(std::io::empty());
    let inputs = Inputs::find(&[folder], None, stdin, &Unwatched).unwrap();
    let (documents, report) = read_all(&inputs, &ReadOptions::default(), &Unwatched).unwrap();
    assert_eq!((documents.len(), report.bad.len()), (2, 0));
    assert!(documents[1].text.starts_with("***") && documents[1].title.is_some());
}

#[test]
fn other_encodings_are_split_like_utf_8() {
    let text = format!("{WORDS}*** Title\r\n{WORDS}");
    let wide: Vec<u8> =
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    let (arabic, _, lossy) = encoding_rs::WINDOWS_1256.encode(&text);
    assert!(!lossy, "the test text is in windows-1256");
    let corpus = Corpus::new(&[("a.txt.gz", &gzip(&wide)), ("b.txt", &arabic)]);
    let encoding = Some(Encoding::parse("windows-1256").unwrap());
    let (documents, report) = corpus.read(&ReadOptions { encoding, ..skipping() }).unwrap();
    let expected = [WORDS.trim_end(), &format!("*** Title\r\n{}", WORDS.trim_end())];
    assert_eq!(texts(&documents), [expected, expected].concat());
    assert_eq!(documents[1].place.offset, 2 + 2 * WORDS.chars().count() as u64);
    assert_eq!(documents[3].place.offset, WORDS.chars().count() as u64);
    assert_eq!(report.bad, []);
}

#[test]
fn an_article_that_is_not_text_is_bad_and_the_others_are_not() {
    let file = [b"T:a\n", &b"T:\xFF\n"[..], b"T:c\n"].concat();
    let (documents, report) = Corpus::new(&[("a.txt", &file)]).read(&split("^T:")).unwrap();
    assert_eq!(texts(&documents), ["T:a", "T:c"]);
    assert_eq!((report.bad.len(), report.bad[0].place.line), (1, 2));
    assert!(report.bad[0].cause.contains("invalid UTF-8"), "{}", report.bad[0].cause);
}

#[test]
fn articles_that_are_too_long_are_passed_over_whatever_they_are_made_of() {
    let lines = "T:x\n".to_owned() + &"word\n".repeat(200_000);
    let line = "T:".to_owned() + &"y".repeat(900_000) + "\n";
    let punctuation = "T:!\n".to_owned() + &"!\n".repeat(400_000);
    let file = ["T:a\n", &lines, "T:b\n", &line, &line, "T:c\n", &punctuation, "T:d\n"].concat();
    let corpus = Corpus::new(&[("a.txt", file.as_bytes())]);
    let mut results = Vec::new();
    for (block_bytes, threads) in [(1, 1), (1 << 10, 3), (1 << 20, 2), (1 << 22, 2)] {
        let options =
            ReadOptions { record_bytes_max: 300_000, block_bytes, threads, ..split("^T:") };
        let (documents, report) = corpus.read(&options).unwrap();
        assert_eq!(texts(&documents), ["T:a", "T:b", "T:c", "T:d"], "{:?}", report.bad);
        let long: Vec<_> = report.bad.iter().map(|bad| bad.place.bytes as usize).collect();
        assert_eq!(long, [lines.len(), line.len(), line.len(), punctuation.len()]);
        results.push((documents, report));
    }
    assert!(results.iter().all(|result| *result == results[0]), "blocks or threads matter");
    let options =
        ReadOptions { record_bytes_max: 300_000, on_error: OnError::Fail, ..split("^T:") };
    let words = corpus.read(&options).unwrap_err().to_string();
    assert!(
        words.contains(&format!("a.txt:2: the record is {} bytes long", lines.len())),
        "{words}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_file_is_cut_where_its_text_would_be(
        lines in prop::collection::vec(
            prop_oneof![
                Just("word ".repeat(8)),
                Just("***".to_owned()),
                Just("*** عنوان".to_owned()),
                Just("\u{C}".to_owned()),
                Just(String::new()),
                Just("كلمة أخرى".to_owned()),
            ],
            0..60,
        ),
        end in prop::sample::select(vec!["\n", "\r\n", "\r", "\u{2028}"]),
        how in prop::sample::select(vec!["auto", "none", "blank", "^word"]),
        block_bytes in 1usize..400,
        threads in 1usize..4,
    ) {
        let text = lines.join(end);
        let corpus = Corpus::new(&[("a.txt", text.as_bytes())]);
        let options = ReadOptions { block_bytes, threads, ..split(how) };
        let (documents, report) = corpus.read(&options).unwrap();
        let found: Vec<_> = documents
            .iter()
            .map(|d| d.place.offset as usize..(d.place.offset + d.place.bytes) as usize)
            .collect();
        prop_assert_eq!(found, split_text(&text, &options.split));
        prop_assert_eq!(report.files[0].lines as usize, twicetold::text::lines(&text).count());
        prop_assert!(documents.is_sorted_by_key(|d| d.place.line));
    }
}
