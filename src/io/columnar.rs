//! Tables that are kept by columns: Parquet and Arrow IPC.
//!
//! A row is a record. It has no bytes of its own in the file, so a [`Place`]
//! in such a file means rows: `line` is the row's number from 1, `offset` the
//! same from 0, and `bytes` the length of what is read of it (text, id, date,
//! source, title) and one, as if that were a line. A record's hash is that of
//! those values. That the rest of a file is still what it was is shown by the
//! checksum of the whole file, before and after it is copied.
//!
//! Only the columns that are asked for are decoded, some rows at a time;
//! copying decodes all of them, again some rows at a time.
//!
//! The libraries check what they read, but where one should panic all the
//! same, that is an error of the file like any other.
//!
//! [`Place`]: crate::document::Place

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use crate::io::inputs::InputFile;
use crate::io::json::Fields;
use crate::io::kind::{Compression, Format};

mod arrow;
mod cells;
mod copy;
mod join;
mod parquet;

pub(crate) use cells::{Batch, Row};
pub(crate) use copy::{BAD_WAY, REMOVED_WAY, copy};
pub(crate) use join::{Parts, join};

/// The most rows of a file: as many as there may be documents.
pub(crate) const ROWS_MAX: u64 = u32::MAX as u64;

/// Some rows of a table, in order: decoded, or to be decoded by whoever gets
/// them.
pub(crate) enum Rows {
    Decoded(Batch),
    Group(parquet::Group),
}

impl Rows {
    /// Hands over the rows batch by batch until `take` says false; an error
    /// says at which row, from 0, decoding ended.
    pub(crate) fn for_each(&self, mut take: impl FnMut(&Batch) -> bool) -> Result<(), Damage> {
        match self {
            Self::Decoded(batch) => {
                take(batch);
                Ok(())
            }
            Self::Group(group) => group.read(|batch| take(&batch)),
        }
    }
}

/// Why rows cannot be read, from a row on.
#[derive(Debug)]
pub(crate) struct Damage {
    /// From 0.
    pub row: u64,
    pub cause: String,
}

/// A table that can be read.
pub(crate) enum Table {
    Parquet(parquet::Table),
    Arrow(arrow::Table),
}

impl Table {
    /// Opens a table and finds the columns of the fields.
    ///
    /// # Errors
    /// In plain words: no such table, damage, no column for the text.
    pub(crate) fn open(input: &InputFile, fields: &Fields) -> Result<Self, String> {
        let file = open(input)?;
        let table = match input.format {
            Format::Parquet => parquet::Table::open(file, fields).map(Self::Parquet),
            _ => arrow::Table::open(file, fields).map(Self::Arrow),
        };
        table.map_err(|cause| format!("no sound {} file: {cause}", input.format.name()))
    }

    /// Hands over all rows, in order, in parts of about `block_bytes`, until
    /// `send` fails; also gives their number, and where reading them ended if
    /// not at the end.
    pub(crate) fn for_each<E>(
        self,
        block_bytes: usize,
        send: impl FnMut(Rows) -> Result<(), E>,
    ) -> Result<(u64, Option<Damage>), E> {
        match self {
            Self::Parquet(table) => table.for_each(block_bytes, send),
            Self::Arrow(table) => table.for_each(block_bytes, send),
        }
    }
}

fn open(input: &InputFile) -> Result<SharedFile, String> {
    if input.compression != Compression::None {
        return Err(format!(
            "{} inside {} cannot be read; unpack the file first",
            input.format.name(),
            input.compression.name()
        ));
    }
    let cannot = |e: io::Error| format!("cannot read: {e}");
    let file = input.open().map_err(cannot)?;
    let bytes = file.metadata().map_err(cannot)?.len();
    Ok(SharedFile { file: Arc::new(Mutex::new(file)), bytes })
}

/// Does what may fail or panic on bytes from outside.
fn guarded<T>(act: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(act))
        .unwrap_or_else(|_| Err("corrupt data (the decoder gave up)".to_owned()))
}

/// A file that several read from at once, each where it wants.
#[derive(Clone, Debug)]
pub(crate) struct SharedFile {
    file: Arc<Mutex<File>>,
    /// Its length when it was opened.
    bytes: u64,
}

impl SharedFile {
    /// Fills a buffer from a place on, as far as the file goes.
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        // A position left behind by a panic does no harm: every read sets it.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        file.read(buffer)
    }

    fn read_exact_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.from(at).read_exact(buffer)
    }

    /// The bytes from a place on.
    fn from(&self, at: u64) -> From {
        From { file: self.clone(), at }
    }
}

/// The bytes of a file from a place on.
#[derive(Debug)]
pub(crate) struct From {
    file: SharedFile,
    at: u64,
}

impl Read for From {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(self.at, buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}
