//! Temporary corpora, and all documents of a run at once.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use twicetold::Result;
use twicetold::document::{Date, Place};
use twicetold::hash::Hash128;
use twicetold::io::{Inputs, OnError, ReadOptions, ReadReport, read};
use twicetold::watch::{Unwatched, Watch};

/// A folder of hand-written files, deleted at the end of the test.
pub(crate) struct Corpus(TempDir);

impl Corpus {
    pub(crate) fn new(files: &[(&str, &[u8])]) -> Self {
        let corpus = Self(TempDir::new().expect("a temporary folder"));
        for (name, bytes) in files {
            corpus.put(name, bytes);
        }
        corpus
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The files some names lead to.
    pub(crate) fn find(&self, names: &[&str]) -> Result<Inputs> {
        let words: Vec<PathBuf> = names.iter().map(|name| self.path(name)).collect();
        Inputs::find(&words, None, Box::new(std::io::empty()), &Unwatched)
    }

    /// All of it, read.
    pub(crate) fn read(&self, options: &ReadOptions) -> Result<(Vec<Owned>, ReadReport)> {
        read_all(&self.find(&[""])?, options, &Unwatched)
    }
}

/// A document that outlives its block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owned {
    pub text: String,
    pub id: Option<String>,
    pub title: Option<String>,
    pub date: Date,
    pub place: Place,
    pub record_hash: Hash128,
}

pub(crate) fn read_all(
    inputs: &Inputs,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Result<(Vec<Owned>, ReadReport)> {
    let mut documents = Vec::new();
    let report = read(
        inputs,
        options,
        watch,
        || (),
        |(), document| Owned {
            text: document.text.into_owned(),
            id: document.id.map(Into::into),
            title: document.title.map(Into::into),
            date: document.date,
            place: document.place,
            record_hash: document.record_hash,
        },
        |document| {
            documents.push(document);
            Ok(())
        },
    )?;
    Ok((documents, report))
}

/// Goes on after bad records.
pub(crate) fn skipping() -> ReadOptions {
    ReadOptions { on_error: OnError::Skip, threads: 2, ..ReadOptions::default() }
}

/// The texts alone.
pub(crate) fn texts(documents: &[Owned]) -> Vec<&str> {
    documents.iter().map(|document| document.text.as_str()).collect()
}

/// `n` records with texts of various lengths, ids from 0.
pub(crate) fn records(n: usize) -> Vec<u8> {
    let mut lines = Vec::new();
    for i in 0..n {
        let text = "خبر اليوم ".repeat(i % 37);
        writeln!(lines, r#"{{"id":{i},"text":"{text}{i}"}}"#).expect("a Vec takes every write");
    }
    lines
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("a Vec takes every write");
    encoder.finish().expect("a Vec takes every write")
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("a Vec takes every write");
    // As the `zstd` program does.
    encoder.include_checksum(true).expect("zstd was built with checksums");
    encoder.write_all(bytes).expect("a Vec takes every write");
    encoder.finish().expect("a Vec takes every write")
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).expect("a Vec takes every write");
    encoder.finish().expect("a Vec takes every write")
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 0);
    encoder.write_all(bytes).expect("a Vec takes every write");
    encoder.finish().expect("a Vec takes every write")
}

/// Every file in a folder, by its path inside, unpacked.
pub(crate) fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    files
        .map(|entry| entry.expect("the folder can be listed"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).expect("a walk stays inside");
            let name = name.to_str().expect("names are plain").to_owned();
            let bytes = fs::read(entry.path()).expect("the file can be read");
            let bytes = match name.rsplit_once('.') {
                Some((_, "gz")) => {
                    let mut plain = Vec::new();
                    let mut decoder = flate2::read::MultiGzDecoder::new(&bytes[..]);
                    std::io::Read::read_to_end(&mut decoder, &mut plain).expect("sound gzip");
                    plain
                }
                Some((_, "zst")) => zstd::decode_all(&bytes[..]).expect("sound zstd"),
                Some((_, "bz2")) => {
                    let mut plain = Vec::new();
                    let mut decoder = bzip2::read::MultiBzDecoder::new(&bytes[..]);
                    std::io::Read::read_to_end(&mut decoder, &mut plain).expect("sound bzip2");
                    plain
                }
                Some((_, "xz")) => {
                    let mut plain = Vec::new();
                    let mut decoder = liblzma::read::XzDecoder::new_multi_decoder(&bytes[..]);
                    std::io::Read::read_to_end(&mut decoder, &mut plain).expect("sound xz");
                    plain
                }
                _ => bytes,
            };
            (name, bytes)
        })
        .collect()
}
