//! A document: one article, where it stands, and what is known of it.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::hash::Hash128;

/// A document's position in the input, from 0: files in the order given,
/// records in the order of the file, bad records not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocId(pub u32);

impl DocId {
    /// The same number as an index into a table of documents.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A stretch of a document's original text.
///
/// Offsets are bytes into the text as it was read, never into the normalised
/// copy, so a reader can always be shown what the author wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The document the stretch belongs to.
    pub doc: DocId,
    /// Byte range; both ends lie on character boundaries.
    pub bytes: Range<usize>,
}

/// Where a record stands in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, by its position in the list of input files.
    pub file: u32,
    /// The line the record begins on, from 1.
    pub line: u64,
    /// Where the record begins in the file's decompressed bytes.
    pub offset: u64,
    /// The record's length in decompressed bytes, line terminator included.
    pub bytes: u64,
}

/// A moment, in seconds since 1970-01-01T00:00:00 UTC. A date without a time
/// is its midnight, a time without a zone is taken as UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// What a record says of its date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Date {
    /// Nothing: the field is missing, null or empty.
    Absent,
    /// Something that is no date we can read; counted and reported.
    Unreadable,
    /// A moment.
    At(Timestamp),
}

impl Date {
    /// The moment, if there is one.
    pub fn timestamp(self) -> Option<Timestamp> {
        match self {
            Date::At(t) => Some(t),
            Date::Absent | Date::Unreadable => None,
        }
    }
}

/// One article as it was read.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// The text that is compared, as the author wrote it.
    pub text: Cow<'a, str>,
    /// The record's own id; `None` where it has none (it is then known by
    /// file and line).
    pub id: Option<Cow<'a, str>>,
    /// The newspaper, agency or site it comes from.
    pub source: Option<Cow<'a, str>>,
    /// Its headline, where that is a field of its own.
    pub title: Option<Cow<'a, str>>,
    /// When it was published.
    pub date: Date,
    /// Where the record stands.
    pub place: Place,
    /// The hash of the record's bytes, line terminator excluded.
    pub record_hash: Hash128,
}
