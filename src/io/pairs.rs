//! The pairs of a run at rest: `pairs.jsonl.zst` in its outcome.
//!
//! Packed JSON lines. The first says of which version they are, how the input
//! was read and what was asked for, and how many rows follow: first the texts,
//! then the pairs, each as four numbers. Zstandard's own checksum covers all.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::dedup::pairs::{PAIRS_MAX, Pairs};
use crate::io::encoding::Encoding;
use crate::io::json::Fields;
use crate::io::kind::Compression;
use crate::io::read::{OnError, ReadOptions};
use crate::io::staging::Staging;
use crate::io::stream::Decoder;
use crate::text::Split;
use crate::visible::visible;
use crate::watch::Watch;
use crate::{Error, Result};

/// The file's name in an outcome.
pub const PAIRS: &str = "pairs.jsonl.zst";

/// The version of the format, in its first line.
const VERSION: u32 = 1;

/// How many rows are written or read between two looks at whether to go on.
const ROWS_BETWEEN_CHECKS: usize = 4096;

/// How an input was read: of [`ReadOptions`] what decides which documents there
/// are, and what they say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    fields: Fields,
    delimiter: Option<u8>,
    split: String,
    encoding: Option<String>,
    record_bytes_max: u64,
    skip: bool,
}

impl Reading {
    /// How these options read.
    pub fn new(options: &ReadOptions) -> Self {
        Self {
            fields: options.fields.clone(),
            delimiter: options.delimiter,
            split: options.split.as_str().to_owned(),
            encoding: options.encoding.map(|encoding| encoding.name().to_owned()),
            record_bytes_max: options.record_bytes_max,
            skip: options.on_error == OnError::Skip,
        }
    }

    /// Options that read so; what changes no result is as by default.
    ///
    /// # Errors
    /// [`Error::Usage`] if this is nothing that can be asked for.
    pub fn options(&self) -> Result<ReadOptions> {
        Ok(ReadOptions {
            fields: self.fields.clone(),
            delimiter: self.delimiter,
            split: Split::parse(&self.split)?,
            encoding: self.encoding.as_deref().map(Encoding::parse).transpose()?,
            record_bytes_max: self.record_bytes_max,
            on_error: if self.skip { OnError::Skip } else { OnError::Fail },
            ..ReadOptions::default()
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Head<P> {
    version: u32,
    texts: u64,
    pairs: u64,
    reading: Reading,
    compared: P,
}

/// Writes the pairs of a run.
///
/// # Errors
/// The system's; [`Error::Interrupted`].
pub fn write_pairs(
    staging: &Staging,
    pairs: &Pairs,
    reading: Reading,
    watch: &dyn Watch,
) -> Result<()> {
    let mut file = staging.packed(PAIRS, Compression::Zstd)?;
    let mut line = Vec::new();
    let mut rows = 0;
    let mut write = |row: &dyn Fn(&mut Vec<u8>) -> serde_json::Result<()>| {
        rows += 1;
        if rows % ROWS_BETWEEN_CHECKS == 0 {
            watch.check()?;
        }
        line.clear();
        row(&mut line).expect("rows are made of plain values");
        line.push(b'\n');
        file.write(&line)
    };
    let head = Head {
        version: VERSION,
        texts: pairs.texts.len() as u64,
        pairs: pairs.pairs.len() as u64,
        reading,
        compared: pairs,
    };
    write(&|line| serde_json::to_writer(line, &head))?;
    pairs.texts.iter().try_for_each(|text| write(&|line| serde_json::to_writer(line, text)))?;
    pairs.pairs.iter().try_for_each(|pair| write(&|line| serde_json::to_writer(line, pair)))?;
    file.finish()
}

/// Reads the pairs of the run whose outcome lies in a folder.
///
/// # Errors
/// [`Error::Usage`] if the run wrote none, or in another version;
/// [`Error::OutcomeChanged`] if they are not what was written; the system's;
/// [`Error::Interrupted`].
pub fn read_pairs(outcome: &Path, watch: &dyn Watch) -> Result<(Pairs, Reading)> {
    let path = outcome.join(PAIRS);
    let shown = || visible(&path.to_string_lossy()).into_owned();
    let changed = |cause: String| Error::OutcomeChanged { file: shown(), cause };
    let file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Error::Usage(format!(
                "{}: not there, so what was found cannot be decided again; run `twicetold dedup \
                 --pairs` over the input",
                shown()
            )));
        }
        file => file.map_err(Error::io("cannot read", &path))?,
    };
    let decoder = Decoder::new(BufReader::new(file), Compression::Zstd)
        .map_err(Error::io("cannot read", &path))?;
    let mut rows = Rows { source: BufReader::new(decoder), rows: 0 };
    // Of another version nothing else need be understood.
    let head: serde_json::Value = rows.next().map_err(&changed)?;
    match head.get("version").and_then(serde_json::Value::as_u64) {
        Some(version) if version == u64::from(VERSION) => {}
        Some(version) => {
            return Err(Error::Usage(format!(
                "{}: of version {version}, this program reads version {VERSION}; run `twicetold \
                 dedup --pairs` over the input",
                shown()
            )));
        }
        None => return Err(changed("not the pairs of a run".to_owned())),
    }
    let head: Head<Pairs> = serde_json::from_value(head)
        .map_err(|error| changed(format!("its first line cannot be read ({error})")))?;
    let Head { texts, pairs: count, reading, compared: mut pairs, .. } = head;
    if texts > u64::from(pairs.documents) || count > PAIRS_MAX {
        return Err(changed("it says that it has more rows than there can be".to_owned()));
    }
    for _ in 0..texts {
        pairs.texts.push(rows.checked(watch, &changed)?);
    }
    for _ in 0..count {
        pairs.pairs.push(rows.checked(watch, &changed)?);
    }
    rows.end().and_then(|()| pairs.check()).map_err(&changed)?;
    Ok((pairs, reading))
}

/// Values, one a line.
struct Rows<R> {
    source: BufReader<R>,
    rows: usize,
}

impl<R: Read> Rows<R> {
    fn next<T: DeserializeOwned>(&mut self) -> Result<T, String> {
        let mut values = serde_json::Deserializer::from_reader(self.source.by_ref());
        T::deserialize(&mut values).map_err(|error| format!("a row cannot be read ({error})"))
    }

    fn checked<T: DeserializeOwned>(
        &mut self,
        watch: &dyn Watch,
        changed: &dyn Fn(String) -> Error,
    ) -> Result<T> {
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS_BETWEEN_CHECKS) {
            watch.check()?;
        }
        self.next().map_err(changed)
    }

    /// Makes sure that nothing follows; reads what the checksum is behind.
    fn end(&mut self) -> Result<(), String> {
        let mut rest = [0; 16];
        loop {
            match self.source.read(&mut rest) {
                Ok(0) => return Ok(()),
                Ok(count) if rest[..count].iter().all(u8::is_ascii_whitespace) => {}
                Ok(_) => return Err("something stands behind its rows".to_owned()),
                Err(error) => return Err(format!("truncated or corrupt ({error})")),
            }
        }
    }
}
