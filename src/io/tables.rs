//! Tables of an outcome as files: JSON lines, Parquet, CSV.
//!
//! The columns of a table are defined once ([`crate::table`]); what a row
//! serialises to is the same in every format.

use std::io;
use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef, Fields, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde::Serialize;
use serde_json::Value;

use crate::io::staging::{JsonLines, OutputFile, Staging};
use crate::table::{Column, Kind, Row};
use crate::watch::Watch;
use crate::{Error, Result};

/// A format of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableFormat {
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet, compressed with zstd.
    Parquet,
    /// Comma-separated values (RFC 4180) in UTF-8; lists and objects as JSON.
    Csv,
}

impl TableFormat {
    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::Csv => "csv",
        }
    }
}

/// How many rows are put into columns at a time.
const BATCH_ROWS: usize = 8192;

/// Rows that Parquet keeps in memory, encoded, before it writes them down: the
/// default of most readers and writers would be a million, texts and all.
const ROW_GROUP_ROWS: usize = 131_072;

/// Writes one table in some formats.
///
/// # Errors
/// The system's; [`Error::Interrupted`] if `watch` asks for it.
pub fn write_rows<R: Row>(
    staging: &Staging,
    formats: &[TableFormat],
    rows: impl Iterator<Item = R>,
    watch: &dyn Watch,
) -> Result<()> {
    let mut files = Vec::with_capacity(formats.len());
    for format in formats {
        let name = format!("{}.{}", R::TABLE, format.extension());
        files.push(match format {
            TableFormat::Jsonl => TableFile::Jsonl(staging.jsonl(&name)?),
            TableFormat::Parquet => {
                TableFile::Parquet(ParquetTable::new(staging, &name, R::COLUMNS)?)
            }
            TableFormat::Csv => TableFile::Csv(CsvTable::new(staging, &name, R::COLUMNS)?),
        });
    }
    let mut batch = Vec::with_capacity(BATCH_ROWS);
    for row in rows {
        watch.check()?;
        batch.push(row);
        if batch.len() == BATCH_ROWS {
            files.iter_mut().try_for_each(|file| file.write(&batch))?;
            batch.clear();
        }
    }
    files.iter_mut().try_for_each(|file| file.write(&batch))?;
    files.into_iter().try_for_each(TableFile::finish)
}

enum TableFile {
    Jsonl(JsonLines),
    Parquet(ParquetTable),
    Csv(CsvTable),
}

impl TableFile {
    fn write<R: Row>(&mut self, rows: &[R]) -> Result<()> {
        match self {
            Self::Jsonl(file) => rows.iter().try_for_each(|row| file.write(row)),
            Self::Parquet(file) => file.write(rows),
            Self::Csv(file) => rows.iter().try_for_each(|row| file.write(row)),
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Jsonl(file) => file.finish(),
            Self::Parquet(file) => file.finish(),
            Self::Csv(file) => file.finish(),
        }
    }
}

struct ParquetTable {
    name: String,
    fields: Vec<FieldRef>,
    writer: ArrowWriter<OutputFile>,
}

impl ParquetTable {
    fn new(staging: &Staging, name: &str, columns: &[Column]) -> Result<Self> {
        let fields: Vec<FieldRef> = columns.iter().map(|column| Arc::new(field(column))).collect();
        let schema = Arc::new(Schema::new(Fields::from(fields.clone())));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        let writer = ArrowWriter::try_new(staging.file(name)?, schema, Some(properties));
        let writer = writer.map_err(|error| cannot_write(name, &error))?;
        Ok(Self { name: name.to_owned(), fields, writer })
    }

    fn write<R: Row>(&mut self, rows: &[R]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let batch = serde_arrow::to_record_batch(&self.fields, &rows)
            .map_err(|error| cannot_write(&self.name, &error))?;
        self.writer.write(&batch).map_err(|error| cannot_write(&self.name, &error))
    }

    fn finish(self) -> Result<()> {
        let Self { name, writer, .. } = self;
        writer.into_inner().map_err(|error| cannot_write(&name, &error))?.finish()
    }
}

/// The type of a column in Arrow and, by its rules, in Parquet.
fn field(column: &Column) -> Field {
    let members = |columns: &[Column]| Fields::from(columns.iter().map(field).collect::<Vec<_>>());
    let list = |of: DataType| DataType::List(Arc::new(Field::new("item", of, false)));
    let kind = match column.kind {
        Kind::Text => DataType::Utf8,
        Kind::Whole => DataType::Int64,
        Kind::Share => DataType::Float64,
        Kind::Flag => DataType::Boolean,
        Kind::Moment => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        Kind::Wholes => list(DataType::Int64),
        Kind::Texts => list(DataType::Utf8),
        Kind::Group(columns) => DataType::Struct(members(columns)),
        Kind::Groups(columns) => list(DataType::Struct(members(columns))),
    };
    Field::new(column.name, kind, column.nullable)
}

fn cannot_write(name: &str, error: &dyn std::error::Error) -> Error {
    Error::io("cannot write", name)(io::Error::other(error.to_string()))
}

struct CsvTable {
    name: String,
    columns: &'static [Column],
    writer: csv::Writer<OutputFile>,
}

impl CsvTable {
    fn new(staging: &Staging, name: &str, columns: &'static [Column]) -> Result<Self> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(staging.file(name)?);
        let names = columns.iter().map(|column| column.name);
        writer.write_record(names).map_err(|error| cannot_write(name, &error))?;
        Ok(Self { name: name.to_owned(), columns, writer })
    }

    fn write(&mut self, row: &impl Serialize) -> Result<()> {
        let row = serde_json::to_value(row).expect("rows are made of plain values");
        let cells = self.columns.iter().map(|column| cell(&row[column.name]));
        self.writer.write_record(cells).map_err(|error| cannot_write(&self.name, &error))
    }

    fn finish(self) -> Result<()> {
        let Self { name, writer, .. } = self;
        let file = writer.into_inner().map_err(|error| cannot_write(&name, error.error()))?;
        file.finish()
    }
}

/// A value as a cell; no value is an empty one.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => guarded(text),
        value => value.to_string(),
    }
}

/// The text with an apostrophe before it where a spreadsheet could take it for
/// a formula: where it begins with `=`, `+`, `-`, `@`, their full-width forms,
/// a tab or a line end (OWASP, *CSV injection*). One that begins with an
/// apostrophe gets another, so that whoever takes one off has the text back.
fn guarded(text: &str) -> String {
    let hazards = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n', '\''];
    if text.starts_with(hazards) { format!("'{text}") } else { text.to_owned() }
}

/// For the writers of other crates; errors carry the path already.
impl io::Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        OutputFile::write(self, bytes).map(|()| bytes.len()).map_err(|error| match error {
            Error::Io { source, .. } => source,
            error => io::Error::other(error.to_string()),
        })
    }

    /// Nothing to do: a file is whole once it is finished.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn no_cell_is_a_formula_and_every_text_can_be_had_back() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            let cell = guarded(text);
            assert_eq!(cell, expected);
            assert_eq!(cell.strip_prefix('\'').unwrap_or(&cell), text);
        }
        check("", "");
        check("a=b", "a=b");
        check("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")");
        check("+1", "'+1");
        check("-1", "'-1");
        check("@a", "'@a");
        check("＝a", "'＝a");
        check("\ta", "'\ta");
        check("\na", "'\na");
        check("'a", "''a");
        check("'=a", "''=a");
    }
}
