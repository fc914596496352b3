//! Packed files: several members, damage, and what is told of it.

use twicetold::Error;
use twicetold::hash::FileChecksum;
use twicetold::io::{Extent, OnError, ReadOptions};

use super::harness::{Corpus, bzip2, gzip, records, skipping, texts, xz, zstd};

type Pack = fn(&[u8]) -> Vec<u8>;
const PACKERS: [(&str, Pack); 4] = [("gz", gzip), ("zst", zstd), ("bz2", bzip2), ("xz", xz)];

#[test]
fn all_members_and_frames_are_read() {
    for (extension, pack) in PACKERS {
        // The border lies inside a record.
        let packed = [pack(b"{\"text\":\"a\"}\n{\"te"), pack(b""), pack(b"xt\":\"b\"}\n")].concat();
        let corpus = Corpus::new(&[(&format!("a.jsonl.{extension}"), &packed)]);
        let (documents, report) = corpus.read(&skipping()).unwrap();
        assert_eq!(texts(&documents), ["a", "b"], "for {extension}");
        let mut checksum = FileChecksum::default();
        checksum.update(&packed);
        let file = &report.files[0];
        assert_eq!(file.checksum, checksum.finish(), "the checksum is that of the file on disk");
        assert_eq!((file.bytes_on_disk, file.bytes), (packed.len() as u64, 26));
    }
}

/// A damaged file gives more than `documents_min` documents and one failure;
/// the file after it is read.
#[track_caller]
fn check(extension: &str, packed: &[u8], documents_min: usize) {
    let corpus = Corpus::new(&[
        (&format!("a.jsonl.{extension}"), packed),
        ("b.jsonl", b"{\"text\":\"next\"}\n"),
    ]);
    let name = match extension {
        "gz" => "gzip",
        "zst" => "zstd",
        "bz2" => "bzip2",
        _ => "xz",
    };
    let (documents, report) = corpus.read(&skipping()).unwrap();
    assert!(documents.len() > documents_min, "{} documents", documents.len());
    assert_eq!(documents.last().unwrap().text, "next", "the next file is read");
    // What lies between the damage and the place where it shows is broken.
    let [broken @ .., failure] = &report.bad[..] else { panic!("no failure is told") };
    let expected = format!("truncated or corrupt {name} data");
    assert!(failure.cause.contains(&expected), "{}", failure.cause);
    let lines = documents.len() + broken.len();
    assert_eq!(failure.place.line as usize, lines, "the line that was reached");
    assert_eq!(failure.place.bytes, 0);
    let file = &report.files[0];
    assert_eq!((file.extent, file.bad), (Extent::Partial, broken.len() as u64 + 1));
    assert_eq!(file.bytes_on_disk, packed.len() as u64, "the checksum is of all of it");

    let failing = ReadOptions { on_error: OnError::Fail, ..skipping() };
    let error = corpus.read(&failing).unwrap_err();
    assert!(matches!(error, Error::BadRecord { .. }), "{error}");
    assert!(!broken.is_empty() || error.to_string().contains(&expected), "{error}");

    for (threads, block_bytes) in [(1, 1 << 10), (3, 1 << 20)] {
        let options = ReadOptions { threads, block_bytes, ..skipping() };
        assert!(corpus.read(&options).unwrap() == (documents.clone(), report.clone()));
    }
}

#[test]
fn damage_is_told_with_file_line_and_kind_and_what_came_before_it_counts() {
    // Hardly compressible, so that damage in the middle is in the middle.
    let mut seed = 1_u64;
    let noise = |_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        format!("{{\"text\":\"{seed:x}\"}}\n")
    };
    let lines: String = (0..60_000).map(noise).collect();
    for (extension, pack) in PACKERS {
        let packed = pack(lines.as_bytes());
        check(extension, &packed[..packed.len() / 2], 10_000);
        check(extension, &packed[..packed.len() - 3], 40_000);
        let mut corrupt = packed.clone();
        let middle = corrupt.len() / 2;
        corrupt[middle..middle + 200].fill(0xFF);
        check(extension, &corrupt, 10_000);
        // Of the piece in which the damage lies xz gives nothing.
        let documents_min = if extension == "xz" { 58_000 } else { 59_999 };
        check(extension, &[&packed[..], b"trailing garbage"].concat(), documents_min);
    }
    for (extension, _) in PACKERS {
        check(extension, b"not packed at all", 0);
    }
}

#[test]
fn nothing_packed_has_no_records_but_no_bytes_are_a_failure() {
    for (extension, pack) in PACKERS {
        let corpus = Corpus::new(&[(&format!("a.jsonl.{extension}"), &pack(b""))]);
        let (documents, report) = corpus.read(&skipping()).unwrap();
        assert_eq!((documents.len(), report.bad.len()), (0, 0), "for {extension}");
    }
    for (extension, _) in PACKERS {
        check(extension, b"", 0);
    }
}

#[test]
fn many_small_files_are_many_small_files() {
    let files: Vec<_> = (0..500).map(|i| (format!("{i:04}.jsonl"), records(1 + i % 3))).collect();
    let files: Vec<_> = files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    let (documents, report) = Corpus::new(&files).read(&skipping()).unwrap();
    assert_eq!((documents.len(), report.files.len()), (999, 500));
    assert!(documents.is_sorted_by_key(|document| document.place));
}
