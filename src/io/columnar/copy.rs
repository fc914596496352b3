//! Rows to where their fates send them: `kept/`, `removed/`, `bad/`.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crate::io::inputs::InputFile;
use crate::io::kind::{Compression, Format};
use crate::io::read::{Extent, FileReport};
use crate::io::rewrite::{BAD, Fate, KEPT, REMOVED, Record, Rewrite, RewriteReport};
use crate::io::staging::{OutputFile, Staging};
use crate::io::stream;
use crate::watch::{Unwatched, Watch};
use crate::{Error, Result};

use super::{arrow, open, parquet};

/// The folders rows go to, by number.
const FOLDERS: [&str; WAYS] = [KEPT, REMOVED, BAD];
const KEPT_WAY: u8 = 0;
pub(crate) const REMOVED_WAY: u8 = 1;
pub(crate) const BAD_WAY: u8 = 2;
/// How many they are.
pub(crate) const WAYS: usize = 3;
/// Goes nowhere.
const NO_WAY: u8 = u8::MAX;

/// Copies the rows of one table: all columns, types, nulls and metadata, in
/// order. `records` are all its rows that were read.
pub(crate) fn copy(
    input: &InputFile,
    report: &FileReport,
    records: &[Record],
    how: Rewrite<'_>,
    out: &Staging,
    watch: &dyn Watch,
) -> Result<RewriteReport> {
    // The bytes of the input are counted once.
    let is_same = |counting: &dyn Watch| -> Result<()> {
        let on_disk = stream::on_disk(input, counting)
            .map_err(Error::io("cannot read again", &input.path))?;
        watch.check()?;
        match (on_disk.bytes, on_disk.checksum) == (report.bytes_on_disk, report.checksum) {
            true => Ok(()),
            false => Err(Error::InputChanged { file: input.shown(), line: 1 }),
        }
    };
    is_same(watch)?;
    let (ways, mut counts) = ways(report, records, how);
    let outputs = Outputs::named(out, &report.name);
    let fates = Fates { ways: &ways, discard: how.discard, watch };
    let broken = |cause: String| Error::BadRecord {
        file: input.shown(),
        line: 1,
        cause: format!("its rows cannot be copied: {cause}"),
    };
    let copied = open(input).and_then(|file| {
        super::guarded(|| match input.format {
            Format::Parquet => parquet::copy(file, fates, &outputs),
            _ => arrow::copy(file, fates, &outputs),
        })
    });
    // Of errors, the one of the output or of the user comes first.
    watch.check()?;
    outputs.check()?;
    let (sinks, groups) = copied.map_err(broken)?;
    sinks.into_iter().try_for_each(Sink::finish)?;
    is_same(&Unwatched)?;
    if report.extent == Extent::Whole {
        counts.row_groups.insert(0, groups);
    }
    Ok(counts)
}

/// Where each row goes, and how many go where. Rows that could not be read
/// go nowhere.
fn ways(report: &FileReport, records: &[Record], how: Rewrite<'_>) -> (Vec<u8>, RewriteReport) {
    let mut ways = vec![NO_WAY; report.lines as usize];
    // A table has no bytes of its own to check.
    let mut counts = RewriteReport { files: vec![None], ..RewriteReport::default() };
    for Record { place, document } in records {
        let (way, part) = match document.map(|(number, _)| (how.fate)(number)) {
            Some(Fate::Keep) => (KEPT_WAY, &mut counts.kept),
            Some(Fate::Remove) => (REMOVED_WAY, &mut counts.removed),
            None => (BAD_WAY, &mut counts.bad),
        };
        part.count(place.bytes);
        ways[place.offset as usize] = way;
    }
    if report.extent == Extent::Whole {
        debug_assert!(!ways.contains(&NO_WAY), "every row of a whole file was read");
    }
    (ways, counts)
}

/// The files that were written, and how many rows of the input each row group
/// or batch has.
pub(super) type Copied = (Vec<Sink>, Vec<u64>);

/// Where the rows of a table go.
#[derive(Clone, Copy)]
pub(super) struct Fates<'f> {
    ways: &'f [u8],
    discard: bool,
    pub watch: &'f dyn Watch,
}

impl<'f> Fates<'f> {
    /// The ways of some rows.
    pub(super) fn of(&self, first_row: usize, rows: usize) -> &'f [u8] {
        // A table with more rows than it was read with has changed.
        let end = first_row.saturating_add(rows).min(self.ways.len());
        &self.ways[first_row.min(end)..end]
    }

    /// Whether a way has a file of its own because some row of these goes it.
    pub(super) fn is_used(&self, way: usize, rows: &[u8]) -> bool {
        let is_written = way != usize::from(REMOVED_WAY) || !self.discard;
        is_written && rows.contains(&(way as u8))
    }

    /// Which ways have files at all: there is always a kept one.
    pub(super) fn files(&self) -> [bool; WAYS] {
        std::array::from_fn(|way| way == usize::from(KEPT_WAY) || self.is_used(way, self.ways))
    }
}

/// How many of some rows were read, up to the last that was.
pub(super) fn readable(rows: &[u8]) -> usize {
    rows.iter().rposition(|way| *way != NO_WAY).map_or(0, |last| last + 1)
}

/// The files of a table.
pub(super) struct Outputs<'o> {
    out: &'o Staging,
    name: &'o str,
    /// The first error of writing, which the libraries turn into words.
    failed: Arc<Mutex<Option<Error>>>,
}

impl<'o> Outputs<'o> {
    /// Files of this name.
    pub(super) fn named(out: &'o Staging, name: &'o str) -> Self {
        Self { out, name, failed: Arc::default() }
    }

    /// Opens the file of all ways together.
    pub(super) fn open_joined(&self) -> std::result::Result<Sink, String> {
        self.create(self.name)
    }

    /// Opens the file of a way.
    pub(super) fn open(&self, way: usize) -> std::result::Result<Sink, String> {
        self.create(&format!("{}/{}", FOLDERS[way], self.name))
    }

    fn create(&self, name: &str) -> std::result::Result<Sink, String> {
        match self.out.packed(name, Compression::None) {
            Ok(file) => Ok(Sink { file, failed: Arc::clone(&self.failed) }),
            Err(error) => {
                let words = error.to_string();
                keep(&self.failed, error);
                Err(words)
            }
        }
    }

    /// The first error of writing, if there was one.
    pub(super) fn check(&self) -> Result<()> {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.take().map_or(Ok(()), Err)
    }
}

fn keep(slot: &Mutex<Option<Error>>, error: Error) {
    slot.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
}

/// A file the libraries can write to.
pub(super) struct Sink {
    file: OutputFile,
    failed: Arc<Mutex<Option<Error>>>,
}

impl Sink {
    pub(super) fn finish(self) -> Result<()> {
        self.file.finish()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|error| {
            let words = error.to_string();
            keep(&self.failed, error);
            io::Error::other(words)
        })?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
