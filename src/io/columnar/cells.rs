//! Rows of any table as the fields of documents.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::document::Date;
use crate::document::Timestamp;
use crate::hash::Hash128;
use crate::io::dates;
use crate::io::fields::Columns;
use crate::io::json::Record;

/// A column of some rows.
pub(crate) trait Column: Send + Sync {
    /// The value in a row of these, from 0.
    fn cell(&self, row: usize) -> Cell<'_>;
}

/// A value, as far as a document may have it.
pub(crate) enum Cell<'a> {
    Null,
    /// Characters, if they are UTF-8.
    Text(&'a [u8]),
    /// A number, spelled out.
    Number(String),
    /// A moment, in seconds.
    Moment(i64),
}

/// Some rows of a table, decoded.
pub(crate) struct Batch {
    /// The number of the first row of the columns in the table, from 0.
    pub first_row: u64,
    /// Which rows of the columns these are.
    pub rows: Range<usize>,
    pub columns: Arc<Columns<Box<dyn Column>>>,
}

/// A row as a document: its fields, the length of its values and their hash.
pub(crate) struct Row<'b> {
    pub fields: Record<'b>,
    pub bytes: u64,
    pub hash: Hash128,
}

impl Batch {
    /// One of the rows; `scratch` is overwritten.
    ///
    /// # Errors
    /// In plain words, with the length of the row: a text that is null or not
    /// UTF-8.
    pub(crate) fn row(&self, row: usize, scratch: &mut Vec<u8>) -> Result<Row<'_>, (u64, String)> {
        scratch.clear();
        let mut bytes = 1;
        let mut text = None;
        let mut wrong = "the text is null".to_owned();
        if let Some(Cell::Text(raw)) = self.first(&self.columns.text, row, is_there) {
            bytes += note(scratch, b't', raw);
            match simdutf8::compat::from_utf8(raw) {
                Ok(valid) => text = Some(Cow::Borrowed(valid)),
                Err(e) => {
                    wrong = format!("the text is not UTF-8 from byte {}", e.valid_up_to() + 1)
                }
            }
        }
        let mut label = |columns, name| {
            let label = match self.first(columns, row, has_something)? {
                Cell::Text(raw) => String::from_utf8_lossy(raw),
                Cell::Number(digits) => Cow::Owned(digits),
                Cell::Null | Cell::Moment(_) => return None,
            };
            bytes += note(scratch, name, label.as_bytes());
            Some(label)
        };
        let id = label(&self.columns.id, b'i');
        let source = label(&self.columns.source, b's');
        let title = label(&self.columns.title, b'h');
        let date = match self.first(&self.columns.date, row, is_there) {
            None | Some(Cell::Null) => Date::Absent,
            Some(Cell::Moment(seconds)) => {
                bytes += note(scratch, b'm', &seconds.to_le_bytes());
                Date::At(Timestamp(seconds))
            }
            Some(Cell::Number(digits)) => {
                bytes += note(scratch, b'd', digits.as_bytes());
                dates::parse(&digits)
            }
            Some(Cell::Text(raw)) => {
                bytes += note(scratch, b'd', raw);
                dates::parse(&String::from_utf8_lossy(raw))
            }
        };
        match text {
            Some(text) => {
                let fields = Record { text, id, source, title, date };
                Ok(Row { fields, bytes, hash: Hash128::of(scratch) })
            }
            None => Err((bytes, wrong)),
        }
    }

    /// Of the columns that may hold a field, the value of the first that will
    /// do.
    fn first<'b>(
        &'b self,
        columns: &'b [Box<dyn Column>],
        row: usize,
        will_do: fn(&Cell<'_>) -> bool,
    ) -> Option<Cell<'b>> {
        columns.iter().map(|column| column.cell(self.rows.start + row)).find(will_do)
    }
}

fn is_there(cell: &Cell<'_>) -> bool {
    !matches!(cell, Cell::Null)
}

fn has_something(cell: &Cell<'_>) -> bool {
    !matches!(cell, Cell::Null | Cell::Text(b""))
}

/// Appends a value to what is hashed, so that no two rows look alike; gives
/// its length.
fn note(scratch: &mut Vec<u8>, name: u8, value: &[u8]) -> u64 {
    scratch.push(name);
    scratch.extend_from_slice(&(value.len() as u64).to_le_bytes());
    scratch.extend_from_slice(value);
    value.len() as u64
}
