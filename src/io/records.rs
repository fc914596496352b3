//! The records of a block as documents: what a worker does.

use std::borrow::Cow;
use std::ops::Range;

use crate::document::{Date, Document, Place};
use crate::hash::Hash128;
use crate::io::cut::{Block, Records};
use crate::io::docs::DocParser;
use crate::io::elements::Element;
use crate::io::inputs::Inputs;
use crate::io::json::RecordParser;
use crate::io::kind::Format;
use crate::io::read::{BadRecord, OnError};
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
    /// True once nobody wants more documents.
    pub is_over: &'r (dyn Fn() -> bool + Sync),
}

/// What became of a block.
pub(crate) struct Done<T> {
    pub documents: Vec<T>,
    pub bad: Vec<BadRecord>,
}

impl Reading<'_> {
    /// Makes documents of a block's records. Stops at the first bad one if
    /// that ends the run anyway.
    pub(crate) fn block<T>(
        &self,
        block: &Block,
        mut prepare: impl FnMut(Document<'_>) -> T,
    ) -> Done<T> {
        let mut done = Done { documents: Vec::new(), bad: Vec::new() };
        for_each_record(block, |place, raw, title| {
            match self.document(block, place, raw, title, &mut prepare) {
                Ok(Some(document)) => done.documents.push(document),
                Ok(None) => {}
                Err(cause) => done.bad.push(self.bad(place, cause)),
            }
            self.goes_on(&done)
        });
        done
    }

    /// True if more of a block's records are wanted.
    pub(crate) fn goes_on<T>(&self, done: &Done<T>) -> bool {
        let is_lost = self.on_error == OnError::Fail && !done.bad.is_empty();
        !is_lost && !(self.is_over)()
    }

    /// One record, prepared; `None` for a blank line, which is no record.
    fn document<T>(
        &self,
        block: &Block,
        place: Place,
        raw: &[u8],
        title: Option<&str>,
        prepare: impl FnOnce(Document<'_>) -> T,
    ) -> Result<Option<T>, String> {
        if place.bytes > self.record_bytes_max {
            return Err(self.too_long(place.bytes));
        }
        let record = block.encoding.without_terminator(raw);
        let decoded = block.encoding.decode(record)?;
        let (text, id, source, title, date) = match block.records {
            Records::Lines if decoded.trim_ascii().is_empty() => return Ok(None),
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
        if text.len() > TEXT_BYTES_MAX {
            return Err(format!(
                "the text is {} bytes long, at most {TEXT_BYTES_MAX} are supported",
                text.len()
            ));
        }
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
             check that records end with a line feed",
            self.record_bytes_max
        )
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
