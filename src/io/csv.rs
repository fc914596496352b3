//! Rows of delimited text: CSV as in RFC 4180, and its relatives.
//!
//! Cells are quoted with `"` or not at all, a quote inside quotes is doubled,
//! and quoted cells may hold line ends. A quote elsewhere than at the
//! beginning of a cell is an ordinary character. The first row is the header;
//! empty lines are no rows.

use std::sync::Arc;

use csv_core::{ReadRecordResult, ReaderBuilder, Terminator};

use crate::document::Date;
use crate::io::cut::{Cutter, Halt, Records};
use crate::io::dates;
use crate::io::fields::Columns;
use crate::io::json::Record;
use crate::io::kind::Format;
use crate::io::read::ReadOptions;

mod ends;

pub(crate) use ends::RowEnds;

/// The delimiters that are told from a header, the most usual first.
const DELIMITERS: &[u8] = b",;\t|";

/// What the first row of a file says of the others.
#[derive(Debug)]
pub(crate) struct Header {
    /// What separates cells: one ASCII character.
    pub delimiter: u8,
    /// Its cells, and so every row's.
    cells: usize,
    /// Where the fields of a document are.
    columns: Columns<usize>,
}

impl Header {
    /// Reads a header row.
    fn new(row: &str, format: Format, options: &ReadOptions) -> Result<Self, String> {
        let delimiter = match (options.delimiter, format) {
            (Some(delimiter), _) => delimiter,
            (None, Format::Tsv) => b'\t',
            (None, _) => guess(row)?,
        };
        let mut reader = RowReader::new(delimiter);
        reader.read(row)?;
        let names: Vec<&str> = (0..reader.len).map(|at| reader.cell(at).trim()).collect();
        let columns = Columns::new(
            &options.fields,
            |wanted, _| names.iter().position(|name| *name == wanted),
            names.iter().copied(),
        )?;
        Ok(Self { delimiter, cells: names.len(), columns })
    }

    /// The fields of a row. Of the columns that may hold a field, the first
    /// counts that has something in it.
    pub(crate) fn record<'r>(
        &self,
        row: &str,
        reader: &'r mut RowReader,
    ) -> Result<Record<'r>, String> {
        reader.read(row)?;
        if reader.len != self.cells {
            return Err(format!(
                "the row has {} cells, the header {}; a cell with a delimiter, a quote or a line \
                 end in it must be quoted",
                reader.len, self.cells
            ));
        }
        let reader = &*reader;
        let first = |columns: &[usize]| {
            columns.iter().map(|&at| reader.cell(at)).find(|cell| !cell.is_empty())
        };
        Ok(Record {
            text: first(&self.columns.text).unwrap_or_default().into(),
            id: first(&self.columns.id).map(Into::into),
            source: first(&self.columns.source).map(Into::into),
            title: first(&self.columns.title).map(Into::into),
            date: first(&self.columns.date).map_or(Date::Absent, dates::parse),
        })
    }
}

/// The delimiter that cuts a header into most cells.
fn guess(row: &str) -> Result<u8, String> {
    let mut best = (DELIMITERS[0], 0);
    for &delimiter in DELIMITERS {
        let mut reader = RowReader::new(delimiter);
        reader.read(row)?;
        if reader.len > best.1 {
            best = (delimiter, reader.len);
        }
    }
    Ok(best.0)
}

/// Takes rows apart, one at a time, into buffers it keeps.
pub(crate) struct RowReader {
    reader: csv_core::Reader,
    /// The cells of the row, one behind the other, without their quotes.
    cells: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// How many cells there are.
    len: usize,
}

impl RowReader {
    pub(crate) fn new(delimiter: u8) -> Self {
        // A row comes without its end, and line feeds inside it are quoted.
        let reader =
            ReaderBuilder::new().delimiter(delimiter).terminator(Terminator::Any(b'\n')).build();
        Self { reader, cells: Vec::new(), ends: vec![0; 16], len: 0 }
    }

    /// Reads a row, line end excluded, that is not empty.
    fn read(&mut self, row: &str) -> Result<(), String> {
        // Cells have no byte that the row has not, and the reader wants room.
        if self.cells.len() <= row.len() {
            self.cells.resize(row.len() + 1, 0);
        }
        self.reader.reset();
        self.len = 0;
        let (mut input, mut has_ended) = (row.as_bytes(), false);
        let mut written = 0;
        loop {
            let (cells, ends) = (&mut self.cells[written..], &mut self.ends[self.len..]);
            let (result, read, wrote, ended) = self.reader.read_record(input, cells, ends);
            input = &input[read..];
            written += wrote;
            self.len += ended;
            match result {
                ReadRecordResult::Record if input.is_empty() => return Ok(()),
                ReadRecordResult::InputEmpty if !has_ended => (input, has_ended) = (b"\n", true),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::Record
                | ReadRecordResult::InputEmpty
                | ReadRecordResult::OutputFull
                | ReadRecordResult::End => return Err(OPEN_QUOTE.to_owned()),
            }
        }
    }

    fn cell(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        let cell = &self.cells[start..self.ends[at]];
        simdutf8::basic::from_utf8(cell).expect("UTF-8 without some of its ASCII is UTF-8")
    }
}

const OPEN_QUOTE: &str = "a quote is opened in this row and never closed; inside quotes, a quote \
                          is written twice";

impl Cutter<'_, '_> {
    /// Cuts where rows end. `held` is what was read of the file so far.
    pub(crate) fn cut_rows(
        &mut self,
        mut held: Vec<u8>,
        format: Format,
        options: &ReadOptions,
    ) -> Result<(), Halt> {
        let Some(header) = self.cut_header(&mut held, format, options)? else { return Ok(()) };
        let header = Arc::new(header);
        let delimiters = [header.delimiter];
        let mut ends = RowEnds::new(self.encoding, &delimiters);
        // Where the last row ends that is held.
        let mut end = 0;
        loop {
            end = ends.last(&held).unwrap_or(end);
            let is_full = held.len() >= self.limits.block_bytes.min(self.limits.record_bytes_max);
            if is_full && end > 0 {
                let mut rest = Vec::with_capacity(held.capacity());
                rest.extend_from_slice(&held[end..]);
                held.truncate(end);
                ends.forget(end);
                self.hand_over_as(held, Records::Rows(Arc::clone(&header)))?;
                (held, end) = (rest, 0);
            } else if held.len() > self.limits.record_bytes_max {
                self.skip_row(&mut held, &mut ends)?;
                continue;
            }
            match self.fill(&mut held) {
                Ok(0) => return self.hand_over_as(held, Records::Rows(header)),
                Ok(_) => {}
                Err(Halt::Failed(error)) => {
                    held.truncate(end);
                    self.hand_over_as(held, Records::Rows(header))?;
                    return Err(Halt::Failed(error));
                }
                Err(halt) => return Err(halt),
            }
        }
    }

    /// Cuts off the header; `None` in an empty file.
    fn cut_header(
        &mut self,
        held: &mut Vec<u8>,
        format: Format,
        options: &ReadOptions,
    ) -> Result<Option<Header>, Halt> {
        let useless = |cause: String| Halt::Useless(format!("the header cannot be read: {cause}"));
        let delimiters = match (options.delimiter, format) {
            (Some(delimiter), _) => vec![delimiter],
            (None, Format::Tsv) => vec![b'\t'],
            (None, _) => DELIMITERS.to_vec(),
        };
        if self.encoding.has_ascii_halves() && delimiters == [b'|'] {
            return Err(useless(format!(
                "in {} the byte of `|` may be half of another character; convert the file to \
                 UTF-8 first",
                self.encoding.name()
            )));
        }
        let mut ends = RowEnds::new(self.encoding, &delimiters);
        let mut start = 0;
        let mut is_all = false;
        loop {
            while let Some(end) = ends.next(held, is_all) {
                let row = self.encoding.without_terminator(&held[start..end]);
                if row.is_empty() {
                    start = end;
                    continue;
                }
                let row = self.encoding.decode(row).map_err(useless)?;
                let header = Header::new(&row, format, options).map_err(Halt::Useless)?;
                self.at.offset += end as u64;
                self.at.line += self.encoding.line_feeds(&held[..end]);
                self.head_bytes += end as u64;
                held.drain(..end);
                return Ok(Some(header));
            }
            if is_all {
                self.at.offset += held.len() as u64;
                self.at.line += self.encoding.line_feeds(held);
                return Ok(None);
            }
            if held.len() > self.limits.record_bytes_max {
                return Err(useless(OPEN_QUOTE.to_owned()));
            }
            is_all = self.fill(held)? == 0;
        }
    }

    /// Passes over the row that `held` begins with, and leaves what was read
    /// beyond its end.
    fn skip_row(&mut self, held: &mut Vec<u8>, ends: &mut RowEnds<'_>) -> Result<(), Halt> {
        let (mut bytes, mut lines) = (0, 0);
        let mut is_all = false;
        loop {
            let end = ends.next(held, is_all);
            let passed = end.unwrap_or_else(|| ends.passed());
            bytes += passed as u64;
            lines += self.encoding.line_feeds(&held[..passed]);
            held.drain(..passed);
            ends.forget(passed);
            if end.is_some() || is_all {
                return self.skipped(bytes, lines);
            }
            is_all = self.fill(held)? == 0;
        }
    }
}
