//! The file of labels: read when a run begins, added to as they are given.
//!
//! JSON lines, because a line can be added without looking at the others and
//! no id needs a rule for its commas.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde::Serialize;

use twicetold::Error;
use twicetold::visible::visible;

use super::gold::{Gold, JudgedPair};

/// A label as it is written.
#[derive(Serialize)]
struct Row<'a> {
    a: &'a str,
    b: &'a str,
    /// 1 if they are the same, else 0.
    label: u8,
    /// Their similarity when they were labelled.
    jaccard: f64,
}

/// The labels of pairs.
pub(super) struct LabelFile {
    path: PathBuf,
    /// By the two ids, the lesser first.
    known: HashMap<(String, String), bool>,
    file: Option<File>,
    /// Labels that were added.
    pub(super) added: u64,
}

impl LabelFile {
    /// Reads the labels of a file; one that is not there has none.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let mut known = HashMap::new();
        let is_there = fs::metadata(path).is_ok_and(|found| found.len() > 0);
        if is_there {
            let Gold::Pairs(pairs) = Gold::read(path, None, "label")? else {
                bail!("{}: labels are pairs, with columns a, b and label", shown(path));
            };
            for JudgedPair { line, a, b, is } in pairs {
                if *known.entry(key(&a, &b)).or_insert(is) != is {
                    let cause = "this pair was labelled otherwise before; delete one of the lines";
                    let (file, cause) = (shown(path), cause.to_owned());
                    return Err(Error::BadRecord { file, line, cause }.into());
                }
            }
        }
        Ok(Self { path: path.to_owned(), known, file: None, added: 0 })
    }

    /// Refuses a file that no JSON lines can be added to.
    pub(super) fn check_kind(&self) -> Result<()> {
        let begins_a_row = |byte: &u8| *byte == b'{';
        match self.bytes()?.trim_ascii().first().is_none_or(begins_a_row) {
            true => Ok(()),
            false => bail!(
                "{}: labels are added as JSON lines, and this is another kind of table; name a \
                 new file with --labels, or give this one as --gold",
                self.shown()
            ),
        }
    }

    /// What is in the file.
    fn bytes(&self) -> Result<Vec<u8>> {
        match fs::read(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            read => Ok(read.map_err(Error::io("cannot read", &self.path))?),
        }
    }

    /// Opens the file for adding to it, at the begin of a line.
    fn open(&self) -> Result<File> {
        let open = || -> io::Result<File> {
            OpenOptions::new().create(true).append(true).open(&self.path)
        };
        let mut file = open().map_err(Error::io("cannot write", &self.path))?;
        if self.bytes()?.last().is_some_and(|byte| *byte != b'\n') {
            file.write_all(b"\n").map_err(Error::io("cannot write", &self.path))?;
        }
        Ok(file)
    }

    /// What is known of a pair.
    pub(super) fn label(&self, a: &str, b: &str) -> Option<bool> {
        self.known.get(&key(a, b)).copied()
    }

    /// How many pairs are labelled.
    pub(super) fn len(&self) -> u64 {
        self.known.len() as u64
    }

    /// The file as it is shown.
    pub(super) fn shown(&self) -> String {
        shown(&self.path)
    }

    /// Adds a label; it is in the file when this returns.
    pub(super) fn add(&mut self, a: &str, b: &str, is: bool, jaccard: f64) -> Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.open()?,
        };
        let mut line = serde_json::to_vec(&Row { a, b, label: u8::from(is), jaccard })?;
        line.push(b'\n');
        file.write_all(&line).map_err(Error::io("cannot write", &self.path))?;
        self.file = Some(file);
        self.known.insert(key(a, b), is);
        self.added += 1;
        Ok(())
    }
}

/// A pair in whatever order it is named.
fn key(a: &str, b: &str) -> (String, String) {
    let (a, b) = (a.min(b), a.max(b));
    (a.to_owned(), b.to_owned())
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}
