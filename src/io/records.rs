//! The records of a block as documents: what a worker does.

use std::borrow::Cow;
use std::ops::Range;

use crate::document::{Date, Document, Place};
use crate::hash::Hash128;
use crate::io::columnar::{Damage, Row, Rows};
use crate::io::csv::{RowEnds, RowReader};
use crate::io::cut::{Block, Records};
use crate::io::docs::DocParser;
use crate::io::elements::Element;
use crate::io::inputs::Inputs;
use crate::io::json::{Record, RecordParser};
use crate::io::kind::Format;
use crate::io::read::{BAD_RECORDS_MAX, BadRecord, OnError, Work};
use crate::text::TEXT_BYTES_MAX;

/// What the workers of one run have in common.
pub(crate) struct Reading<'r> {
    pub inputs: &'r Inputs,
    pub parser: RecordParser,
    pub doc_parser: DocParser,
    pub on_error: OnError,
    /// True if the user named the encoding.
    pub encoding_is_given: bool,
    pub record_bytes_max: u64,
    /// If given, the places of the only records to read, ascending.
    pub only: Option<&'r [Place]>,
    /// True once nobody wants more documents.
    pub is_over: &'r (dyn Fn() -> bool + Sync),
}

/// What became of a block.
pub(crate) struct Done<T> {
    /// What was made of its documents, or of all of them together.
    pub made: Vec<T>,
    /// How many documents that were.
    pub documents: u64,
    pub bad: Vec<BadRecord>,
    /// Of rows of a table: their length, and whether they could not be read
    /// to their end.
    pub row_bytes: u64,
    pub is_damaged: bool,
}

impl<T> Done<T> {
    /// Another thing made of the same documents.
    pub(crate) fn with<U>(self, made: Vec<U>) -> Done<U> {
        let Self { documents, bad, row_bytes, is_damaged, .. } = self;
        Done { made, documents, bad, row_bytes, is_damaged }
    }

    /// Adds what was made of a document.
    pub(crate) fn add(&mut self, made: T) {
        self.made.push(made);
        self.documents += 1;
    }

    pub(crate) fn nothing() -> Self {
        Self { made: Vec::new(), documents: 0, bad: Vec::new(), row_bytes: 0, is_damaged: false }
    }
}

impl Reading<'_> {
    /// Makes documents of a block or of rows.
    pub(crate) fn work<T>(&self, work: &Work, prepare: impl FnMut(Document<'_>) -> T) -> Done<T> {
        match work {
            Work::Block(block) => self.block(block, prepare),
            Work::Rows(file, rows) => self.rows(*file, rows, prepare),
        }
    }

    /// Makes documents of a block's records. Stops at the first bad one if
    /// that ends the run anyway.
    fn block<T>(&self, block: &Block, mut prepare: impl FnMut(Document<'_>) -> T) -> Done<T> {
        let mut done = Done::nothing();
        let mut rows = match &block.records {
            Records::Rows(header) => Some(RowReader::new(header.delimiter)),
            Records::Lines | Records::Pieces(_) | Records::Elements(..) => None,
        };
        for_each_record(block, |place, raw, title| {
            match self.document(block, place, raw, title, rows.as_mut(), &mut prepare) {
                Ok(Some(made)) => done.add(made),
                Ok(None) => {}
                Err(cause) => done.bad.push(self.bad(place, cause)),
            }
            self.goes_on(&done)
        });
        done
    }

    pub(crate) fn is_wanted(&self, place: &Place) -> bool {
        let key = |place: &Place| (place.file, place.offset);
        self.only.is_none_or(|only| only.binary_search_by_key(&key(place), key).is_ok())
    }

    /// Makes documents of the rows of a table, likewise.
    fn rows<T>(
        &self,
        file: u32,
        rows: &Rows,
        mut prepare: impl FnMut(Document<'_>) -> T,
    ) -> Done<T> {
        let mut done = Done::nothing();
        let mut scratch = Vec::new();
        let read = rows.for_each(|batch| {
            for at in 0..batch.rows.len() {
                let offset = batch.first_row + (batch.rows.start + at) as u64;
                let place = |bytes| Place { file, line: offset + 1, offset, bytes };
                if !self.is_wanted(&place(0)) {
                    continue;
                }
                let row = batch.row(at, &mut scratch);
                let bytes = row.as_ref().map_or_else(|(bytes, _)| *bytes, |row| row.bytes);
                done.row_bytes += bytes;
                let row = row.map_err(|(_, cause)| cause).and_then(|row| match row.bytes {
                    bytes if bytes > self.record_bytes_max => Err(self.too_long(bytes)),
                    _ => checked(row.fields.text.len()).map(|()| row),
                });
                match row {
                    Ok(Row { fields: Record { text, id, source, title, date }, hash, .. }) => {
                        let (place, record_hash) = (place(bytes), hash);
                        let document =
                            Document { text, id, source, title, date, place, record_hash };
                        done.add(prepare(document));
                    }
                    Err(cause) => done.bad.push(self.bad(place(bytes), cause)),
                }
                if !self.goes_on(&done) {
                    return false;
                }
            }
            true
        });
        if let Err(damage) = read {
            done.bad.push(self.damaged(file, damage));
            done.is_damaged = true;
        }
        done
    }

    /// Rows of a table that cannot be read from one of them on.
    pub(crate) fn damaged(&self, file: u32, Damage { row, cause }: Damage) -> BadRecord {
        let place = Place { file, line: row + 1, offset: row, bytes: 0 };
        self.bad(place, format!("from this row on nothing can be read: {cause}"))
    }

    /// True if more of a block's records are wanted.
    pub(crate) fn goes_on<T>(&self, done: &Done<T>) -> bool {
        let bad_max = if self.on_error == OnError::Fail { 0 } else { BAD_RECORDS_MAX };
        done.bad.len() <= bad_max && !(self.is_over)()
    }

    /// One record, prepared; `None` for a blank line, which is no record, and
    /// for a record that is not wanted.
    fn document<T>(
        &self,
        block: &Block,
        place: Place,
        raw: &[u8],
        title: Option<&str>,
        rows: Option<&mut RowReader>,
        prepare: impl FnOnce(Document<'_>) -> T,
    ) -> Result<Option<T>, String> {
        if !self.is_wanted(&place) {
            return Ok(None);
        }
        if place.bytes > self.record_bytes_max {
            return Err(self.too_long(place.bytes));
        }
        let record = block.encoding.without_terminator(raw);
        let decoded = block.encoding.decode(record)?;
        let (text, id, source, title, date) = match &block.records {
            Records::Lines if decoded.trim_ascii().is_empty() => return Ok(None),
            Records::Rows(_) if decoded.is_empty() => return Ok(None),
            Records::Rows(header) => {
                let reader = rows.expect("a block of rows has a reader");
                let fields = header.record(&decoded, reader)?;
                (fields.text, fields.id, fields.source, fields.title, fields.date)
            }
            Records::Lines | Records::Elements(..) => {
                let fields = match block.records {
                    Records::Elements(Format::Sgml, _) => self.doc_parser.sgml(&decoded)?,
                    Records::Elements(Format::Vertical, _) => self.doc_parser.vertical(&decoded)?,
                    _ => self.parser.parse(&decoded)?,
                };
                (fields.text, fields.id, fields.source, fields.title, fields.date)
            }
            Records::Pieces(_) => {
                let title = title.map(Cow::Borrowed);
                (Cow::Borrowed(&*decoded), None, None, title, Date::Absent)
            }
        };
        checked(text.len())?;
        let record_hash = Hash128::of(record);
        Ok(Some(prepare(Document { text, id, source, title, date, place, record_hash })))
    }

    /// A record that was passed over because of its length.
    pub(crate) fn bad_by_length(&self, place: Place) -> BadRecord {
        self.bad(place, self.too_long(place.bytes))
    }

    pub(crate) fn bad(&self, place: Place, cause: String) -> BadRecord {
        BadRecord { place, file: self.inputs.files[place.file as usize].shown(), cause }
    }

    pub(crate) fn too_long(&self, bytes: u64) -> String {
        format!(
            "the record is {bytes} bytes long, more than {}; allow more with --max-record, or \
             check that records end with a line feed, and quotes in CSV with a quote",
            self.record_bytes_max
        )
    }
}

/// Checks the length of a text.
fn checked(bytes: usize) -> Result<(), String> {
    match bytes > TEXT_BYTES_MAX {
        true => {
            Err(format!("the text is {bytes} bytes long, at most {TEXT_BYTES_MAX} are supported"))
        }
        false => Ok(()),
    }
}

/// Calls `visit` with every record, terminator included, until it says false.
pub(crate) fn for_each_record(
    block: &Block,
    mut visit: impl FnMut(Place, &[u8], Option<&str>) -> bool,
) {
    let mut go = |line: u64, record: Range<usize>, title: Option<&str>| {
        let offset = block.start.offset + record.start as u64;
        let raw = &block.bytes[record];
        visit(Place { file: block.file, line, offset, bytes: raw.len() as u64 }, raw, title)
    };
    match &block.records {
        Records::Lines => {
            let mut line = block.start.line;
            let mut end = 0;
            while end < block.bytes.len() {
                let start = end;
                end = block.encoding.line_end(&block.bytes, end).unwrap_or(block.bytes.len());
                if !go(line, start..end, None) {
                    return;
                }
                line += 1;
            }
        }
        Records::Rows(header) => {
            let mut line = block.start.line;
            let mut start = 0;
            let delimiters = [header.delimiter];
            let mut ends = RowEnds::new(block.encoding, &delimiters);
            while let Some(end) = ends.next(&block.bytes, true) {
                if !go(line, start..end, None) {
                    return;
                }
                line += block.encoding.line_feeds(&block.bytes[start..end]);
                start = end;
            }
        }
        Records::Pieces(pieces) => {
            let mut end = 0;
            for piece in pieces {
                let start = end;
                end += piece.bytes;
                if !go(piece.line, start..end, piece.title.as_deref()) {
                    return;
                }
            }
        }
        Records::Elements(_, elements) => {
            for &Element { line, start, end } in elements {
                if !go(line, start..end, None) {
                    return;
                }
            }
        }
    }
}
