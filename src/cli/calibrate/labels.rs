//! The file of labels: read when a run begins, added to as they are given.
//!
//! JSON lines, because a line can be added without looking at the others and
//! no id needs a rule for its commas.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
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
    pub(super) fn read(path: &Path, label: &str) -> Result<Self> {
        let mut known = HashMap::new();
        let is_there = fs::metadata(path).is_ok_and(|found| found.len() > 0);
        if is_there {
            let Gold::Pairs(pairs) = Gold::read(path, None, label)? else {
                bail!("{}: labels are pairs, with columns a, b and {label}", shown(path));
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

    /// Opens the file for adding to it.
    pub(super) fn open(&mut self) -> Result<()> {
        let cannot = || format!("{}: cannot add labels", shown(&self.path));
        let there = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error).with_context(cannot),
        };
        let begins_a_row = |byte: &u8| *byte == b'{';
        if !there.trim_ascii().first().is_none_or(begins_a_row) {
            bail!(
                "{}: labels are added as JSON lines, and this is another kind of table; name a \
                 new file with --labels, or give this one as --gold",
                shown(&self.path)
            );
        }
        let mut file =
            OpenOptions::new().create(true).append(true).open(&self.path).with_context(cannot)?;
        if there.last().is_some_and(|byte| *byte != b'\n') {
            file.write_all(b"\n").with_context(cannot)?;
        }
        self.file = Some(file);
        Ok(())
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

    /// Adds a label to the opened file; it is there when this returns.
    pub(super) fn add(&mut self, a: &str, b: &str, is: bool, jaccard: f64) -> Result<()> {
        let row = Row { a, b, label: u8::from(is), jaccard };
        let mut line = serde_json::to_vec(&row)?;
        line.push(b'\n');
        let file = self.file.as_mut().context("labels are added to an opened file")?;
        file.write_all(&line).with_context(|| format!("{}: cannot write", shown(&self.path)))?;
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
