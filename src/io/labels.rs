//! Tables of labels: what people, a generator or another program said of
//! documents, as TSV, CSV or JSON lines, packed or not.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde_json::Value;

use crate::io::kind::Compression;
use crate::io::stream::Decoder;
use crate::visible::visible;
use crate::{Error, Result};

/// How far into a table its kind and its columns are looked for.
const HEAD_BYTES: usize = 64 * 1024;

/// The wanted columns of a table.
#[derive(Debug)]
pub struct Labels {
    /// The file, safe to show.
    pub file: String,
    /// For each wanted column, whether the table has it.
    pub has: Vec<bool>,
    /// The line of each row and its value in each wanted column, empty where
    /// there is none.
    pub rows: Vec<(u64, Vec<String>)>,
}

/// Whether two documents are copies, in a word of a table; `None` if it is no
/// such word.
pub fn judgement(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "1" | "1.0" | "true" | "yes" | "y" => Some(true),
        "0" | "0.0" | "false" | "no" | "n" => Some(false),
        _ => None,
    }
}

impl Labels {
    /// Reads the `wanted` columns of a table. The columns of TSV and CSV are
    /// named by the first line, or by `columns` where there is no such line
    /// (`-` for one that is passed over).
    ///
    /// # Errors
    /// The system's; [`Error::BadRecord`] with the line for a row that cannot
    /// be read; [`Error::Usage`] if no line names the columns.
    pub fn read(path: &Path, columns: Option<&[String]>, wanted: &[&str]) -> Result<Self> {
        let cannot = |error| Error::io("cannot read", path)(error);
        let mut source = BufReader::new(File::open(path).map_err(cannot)?);
        let compression = Compression::of_magic(source.fill_buf().map_err(cannot)?);
        let decoder = Decoder::new(source, compression).map_err(cannot)?;
        let mut reader = BufReader::with_capacity(HEAD_BYTES, decoder);
        let head = reader.fill_buf().map_err(cannot)?;
        if head.starts_with("\u{FEFF}".as_bytes()) {
            reader.consume("\u{FEFF}".len());
        }
        let head = reader.fill_buf().map_err(cannot)?;
        let table = Table { file: visible(&path.to_string_lossy()).into_owned(), wanted };
        match head.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => table.json_lines(reader),
            _ => {
                let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
                let delimiter = if first.contains(&b'\t') { b'\t' } else { b',' };
                table.delimited(reader, delimiter, columns)
            }
        }
    }
}

struct Table<'w> {
    file: String,
    wanted: &'w [&'w str],
}

impl Table<'_> {
    fn bad(&self, line: u64, cause: impl Into<String>) -> Error {
        Error::BadRecord { file: self.file.clone(), line, cause: cause.into() }
    }

    fn json_lines(self, reader: impl BufRead) -> Result<Labels> {
        let mut has = vec![false; self.wanted.len()];
        let mut rows = Vec::new();
        for (number, line) in (1..).zip(reader.lines()) {
            let line = line.map_err(|error| self.bad(number, error.to_string()))?;
            if line.trim().is_empty() {
                continue;
            }
            let row: serde_json::Map<String, Value> = serde_json::from_str(&line)
                .map_err(|error| self.bad(number, format!("no JSON object: {error}")))?;
            let values = self.wanted.iter().zip(&mut has).map(|(name, has)| {
                *has |= row.contains_key(*name);
                match row.get(*name) {
                    None | Some(Value::Null) => String::new(),
                    Some(Value::String(text)) => text.clone(),
                    Some(other) => other.to_string(),
                }
            });
            rows.push((number, values.collect()));
        }
        Ok(Labels { file: self.file, has, rows })
    }

    fn delimited(
        self,
        reader: impl Read,
        delimiter: u8,
        columns: Option<&[String]>,
    ) -> Result<Labels> {
        let mut records = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            // TSV knows no quotes; a word in quotes is just that.
            .quoting(delimiter != b'\t')
            .has_headers(columns.is_none())
            .from_reader(reader);
        let line_of = |error: &csv::Error| error.position().map_or(1, csv::Position::line);
        let names: Vec<String> = match columns {
            Some(names) => names.to_vec(),
            None => {
                let header = records.headers().map_err(|e| self.bad(line_of(&e), e.to_string()))?;
                header.iter().map(|name| name.trim().to_owned()).collect()
            }
        };
        let at: Vec<Option<usize>> =
            self.wanted.iter().map(|name| names.iter().position(|n| n == name)).collect();
        if at.iter().all(Option::is_none) {
            return Err(Error::Usage(format!(
                "{}: the first line names no column of {}; name the columns with --columns, as in \
                 --columns {}",
                self.file,
                self.wanted.join(", "),
                self.wanted[..2.min(self.wanted.len())].join(",")
            )));
        }
        let mut rows = Vec::new();
        for record in records.records() {
            let record = record.map_err(|error| self.bad(line_of(&error), error.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            if columns.is_some() && record.len() < names.len() {
                let (there, named) = (record.len(), names.len());
                return Err(self.bad(line, format!("{there} columns, but {named} are named")));
            }
            let value = |at: &Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
            rows.push((line, at.iter().map(|at| value(at).to_owned()).collect()));
        }
        Ok(Labels { file: self.file, has: at.iter().map(Option::is_some).collect(), rows })
    }
}
