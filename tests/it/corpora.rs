//! Real texts, kept beside the project and never in it.
//!
//! A test that needs them says so in one line and passes where they are
//! absent, except on the machine that checks every change: there it fails.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder of a corpus; `None`, with a line on stderr, if it is not here.
#[track_caller]
pub(crate) fn corpus(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "the corpus {name} is not at {}", folder.display());
    eprintln!("not tested: the corpus {name} is not at {}", folder.display());
    None
}

/// The documents of a corpus: its `docs.jsonl.zst`.
#[track_caller]
pub(crate) fn docs(name: &str) -> Option<Vec<Value>> {
    Some(records(&corpus(name)?.join("docs.jsonl.zst")))
}

/// The records of a `.jsonl.zst`.
#[track_caller]
pub(crate) fn records(path: &Path) -> Vec<Value> {
    let file = File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let lines = zstd::Decoder::new(file).map(BufReader::new).expect("a zstd file").lines();
    let read = |line: std::io::Result<String>| {
        serde_json::from_str(&line.expect("lines of UTF-8")).expect("one record a line")
    };
    lines.map(read).collect()
}

/// The records of a `.jsonl`.
#[track_caller]
pub(crate) fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).expect("one record a line")).collect()
}
