//! From words to files.

use std::path::{Path, PathBuf};

use twicetold::Error;
use twicetold::io::{Compression, Format, Inputs};
use twicetold::watch::{Unwatched, Watch};

use super::harness::{Corpus, gzip, read_all, skipping, texts, zstd};

fn names(inputs: &Inputs) -> Vec<&str> {
    inputs.files.iter().map(|file| file.name.as_str()).collect()
}

#[track_caller]
fn refused(result: twicetold::Result<Inputs>, parts: &[&str]) {
    let words = result.expect_err("must be refused").to_string();
    for part in parts {
        assert!(words.contains(part), "{words:?} does not say {part:?}");
    }
}

#[test]
fn folders_are_read_sorted_with_what_is_hidden_and_without_what_is_unknown() {
    let corpus = Corpus::new(&[
        ("b/2.txt.zst", b""),
        ("b/10.jsonl", b""),
        (".hidden/x.ndjson.gz", b""),
        ("a.json", b""),
        (".b.txt", b""),
        ("notes.doc", b""),
        ("README", b""),
    ]);
    let inputs = corpus.find(&[""]).unwrap();
    assert_eq!(
        names(&inputs),
        [".b.txt", ".hidden/x.ndjson.gz", "a.json", "b/10.jsonl", "b/2.txt.zst"]
    );
    let kinds: Vec<_> = inputs.files.iter().map(|file| (file.format, file.compression)).collect();
    assert_eq!(kinds[1], (Format::Jsonl, Compression::Gzip));
    assert_eq!(kinds[4], (Format::Text, Compression::Zstd));
    assert_eq!(inputs.others, 2);
    assert_eq!(inputs.others_named, [corpus.path("README"), corpus.path("notes.doc")]);
}

#[test]
fn words_keep_their_order_and_a_file_reached_twice_is_read_once() {
    let corpus = Corpus::new(&[("x/b.txt", b""), ("x/a.txt", b""), ("z.txt", b"")]);
    let inputs = corpus.find(&["z.txt", "x/b.txt", "x", "x/../z.txt"]).unwrap();
    assert_eq!(names(&inputs), ["z.txt", "b.txt", "a.txt"]);
    assert_eq!(inputs.repeated, [corpus.path("x/b.txt"), corpus.path("x/../z.txt")]);
}

#[test]
fn names_that_collide_become_paths_from_the_common_folder() {
    let corpus = Corpus::new(&[("2014/p/a.txt", b""), ("2015/a.txt", b""), ("2015/b.txt", b"")]);
    let inputs = corpus.find(&["2014/p/a.txt", "2015"]).unwrap();
    assert_eq!(names(&inputs), ["2014/p/a.txt", "2015/a.txt", "2015/b.txt"]);
}

#[test]
fn globs_match_files_and_folders_and_say_so_when_they_match_nothing() {
    let corpus = Corpus::new(&[
        ("d/a1.jsonl", b""),
        ("d/a2.jsonl", b""),
        ("d/b.jsonl", b""),
        ("d/e/a3.jsonl", b""),
        ("d/odd[1].txt", b""),
    ]);
    #[track_caller]
    fn check(corpus: &Corpus, glob: &str, expected: &[&str]) {
        assert_eq!(names(&corpus.find(&[glob]).unwrap()), expected, "for {glob}");
    }
    check(&corpus, "d/a*.jsonl", &["a1.jsonl", "a2.jsonl"]);
    check(&corpus, "d/{b,a1}.jsonl", &["a1.jsonl", "b.jsonl"]);
    check(&corpus, "*/a[2-9].jsonl", &["a2.jsonl"]);
    check(&corpus, "**/a*.jsonl", &["a1.jsonl", "a2.jsonl", "a3.jsonl"]);
    check(&corpus, "d/?", &["a3.jsonl"]);
    check(&corpus, "d/odd[1].txt", &["odd[1].txt"]);
    refused(corpus.find(&["d/*.txt.gz"]), &["d/*.txt.gz", "matches nothing"]);
    refused(corpus.find(&["d/a[.txt"]), &["not a glob"]);
}

#[test]
fn what_is_not_there_is_an_error_with_a_way_out() {
    let corpus = Corpus::new(&[("e/x.doc", b"a,b\n")]);
    refused(corpus.find(&["nothing.jsonl"]), &["nothing.jsonl", "no such file", "spelling"]);
    refused(corpus.find(&["e"]), &["no input files", ".jsonl", "x.doc"]);
    refused(corpus.find(&[]), &["no input files"]);
}

#[test]
fn a_named_file_of_unknown_extension_is_looked_into() {
    let corpus = Corpus::new(&[
        ("lines.data", b"\n {\"text\":\"t\"}\n"),
        ("plain.md", "نص".as_bytes()),
        ("packed", &gzip(b"{\"text\":\"t\"}\n")),
        ("frames.data", &zstd(b"some words")),
    ]);
    let inputs = corpus.find(&["lines.data", "plain.md", "packed", "frames.data"]).unwrap();
    let kinds: Vec<_> = inputs.files.iter().map(|file| (file.format, file.compression)).collect();
    assert_eq!(
        kinds,
        [
            (Format::Jsonl, Compression::None),
            (Format::Text, Compression::None),
            (Format::Jsonl, Compression::Gzip),
            (Format::Text, Compression::Zstd),
        ]
    );
    let words = [corpus.path("lines.data")];
    let stdin = Box::new(std::io::empty());
    let said = Inputs::find(&words, Some(Format::Text), stdin, &Unwatched).unwrap();
    assert_eq!(said.files[0].format, Format::Text, "what the user says counts");
}

#[test]
fn standard_input_can_be_read_twice() {
    let corpus = Corpus::new(&[("stdin.jsonl.gz", &gzip(b"{\"text\":\"file\"}\n"))]);
    let words = [PathBuf::from("-"), corpus.path("stdin.jsonl.gz"), PathBuf::from("-")];
    let stdin = std::io::Cursor::new(gzip(b"{\"text\":\"pipe\"}\n"));
    let inputs = Inputs::find(&words, None, Box::new(stdin), &Unwatched).unwrap();
    assert_eq!(names(&inputs), ["stdin.jsonl.gz", "stdin-2.jsonl.gz"]);
    assert_eq!(inputs.files[0].shown(), "-");
    assert_eq!(inputs.repeated, [Path::new("-")]);
    for pass in ["first", "second"] {
        let (documents, _) = read_all(&inputs, &skipping(), &Unwatched).unwrap();
        assert_eq!(texts(&documents), ["pipe", "file"], "in the {pass} pass");
    }
}

#[test]
fn a_silent_standard_input_does_not_keep_a_run_from_ending() {
    struct Silent;
    impl std::io::Read for Silent {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            loop {
                std::thread::park();
            }
        }
    }
    struct Stopped;
    impl Watch for Stopped {
        fn stopped(&self) -> bool {
            true
        }
    }
    let result = Inputs::find(&[PathBuf::from("-")], None, Box::new(Silent), &Stopped);
    assert!(matches!(result, Err(Error::Interrupted)), "{result:?}");
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_loops_are_not() {
    use std::os::unix::fs::symlink;
    let corpus = Corpus::new(&[("real/a.txt", b"a"), ("in/b.txt", b"b")]);
    symlink(corpus.path("real"), corpus.path("in/linked")).unwrap();
    symlink(corpus.path("in"), corpus.path("in/loop")).unwrap();
    symlink(corpus.path("gone"), corpus.path("in/dangling.txt")).unwrap();
    symlink(corpus.path("gone"), corpus.path("in/dangling.lock")).unwrap();
    let inputs = corpus.find(&["in"]).unwrap();
    assert_eq!(names(&inputs), ["b.txt", "dangling.txt", "linked/a.txt"]);
    assert_eq!(inputs.others, 1, "a dangling link of no known kind is no input");

    let (documents, report) = read_all(&inputs, &skipping(), &Unwatched).unwrap();
    assert_eq!(texts(&documents), ["b", "a"]);
    assert!(report.bad[0].cause.starts_with("cannot read:"), "{:?}", report.bad);
}

#[test]
fn outputs_and_inputs_must_not_lie_in_one_another() {
    let corpus = Corpus::new(&[("in/a.txt", b""), ("out/old.txt", b"")]);
    #[track_caller]
    fn check(corpus: &Corpus, input: &str, out: &str, cause: Option<&str>) {
        let result = corpus.find(&[input]).unwrap().check_output(&corpus.path(out));
        let words = result.err().map(|error| error.to_string());
        match (&words, cause) {
            (None, None) => {}
            (Some(words), Some(cause)) => assert!(words.starts_with(cause), "{words}"),
            _ => panic!("{input} to {out}: {words:?}, expected {cause:?}"),
        }
    }
    check(&corpus, "in", "out2", None);
    check(&corpus, "in", "in2/in", None);
    check(&corpus, "in/a.txt", "in/out", None);
    check(&corpus, "in", "in/new/out", Some("the output folder lies inside the input"));
    check(&corpus, "in", "out/../in", Some("the output folder lies inside the input"));
    check(&corpus, "out", "out", Some("the output folder lies inside the input"));
    check(&corpus, "out/old.txt", "out", Some("the input lies inside the output folder"));
}
