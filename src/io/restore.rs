//! The inputs of a run, put together again from its outcome.
//!
//! A run divides the bytes of each input file: most stay in `kept/`, the
//! others go to `removed/` or `bad/`, in order, and a table says of each piece
//! that went where in the input it stood. So a file is a merge of what is left
//! of it and its pieces, whatever its format; only the parts of a JSON array
//! ([`array`]) and of a table are files of their own. What comes out is held
//! against the checksum that the run wrote down.

mod array;

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde_json::StreamDeserializer;
use serde_json::de::IoRead;

use crate::hash::{FileChecksum, Hash128};
use crate::io::columnar::{self, BAD_WAY, REMOVED_WAY};
use crate::io::encoding::Encoding;
use crate::io::inputs::{InputFile, Inputs};
use crate::io::kind::{Compression, Format};
use crate::io::rewrite::{BAD, KEPT, REMOVED};
use crate::io::staging::{OutputFile, PROGRAM, SUMMARY, Staging};
use crate::io::stream::{self, Stream};
use crate::visible::visible;
use crate::watch::{Unit, Watch};
use crate::{Error, Result};

/// What was restored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoreReport {
    /// Files.
    pub files: u64,
    /// Their bytes, unpacked.
    pub bytes: u64,
    /// How many of them are packed.
    pub packed: u64,
    /// How many of them are tables: equal row by row, with the same schema, but
    /// not byte for byte.
    pub tables: u64,
    /// Those that the run could read in part only; that part was restored.
    pub partial: Vec<String>,
    /// Those that the run could not open; there is nothing to restore.
    pub unread: Vec<String>,
}

/// The input of the run whose outcome lies in the folder `outcome`, written to
/// `out` under the names it has in `kept/`; unpacked it is equal byte for byte.
///
/// One row of each table and a block of each file are held at a time.
///
/// # Errors
/// [`Error::Usage`] if the folder is no outcome or one that cannot be undone;
/// [`Error::OutcomeChanged`] if it is not what was written; the system's;
/// [`Error::Interrupted`].
pub fn restore(outcome: &Path, out: &Staging, watch: &dyn Watch) -> Result<RestoreReport> {
    let summary = Summary::read(outcome)?;
    if let Some(file) = summary.input.files.iter().find(|file| file.converted) {
        return Err(Error::Usage(format!(
            "{}: cannot be restored: what is in kept/ and removed/ are JSON lines made of web \
             pages, not the archives or pages themselves; the input is as it was",
            visible(&file.name)
        )));
    }
    put_together(&summary, outcome, out, watch)
}

/// The records of the run whose outcome lies in the folder `outcome`, as they
/// were before they were divided, in the hidden folder of `out`: its inputs, or
/// the JSON lines that were made of them. `out` must outlive what is returned,
/// and is not to be committed.
///
/// # Errors
/// As [`restore`].
pub fn undivided(outcome: &Path, out: &Staging, watch: &dyn Watch) -> Result<Inputs> {
    let summary = Summary::read(outcome)?;
    put_together(&summary, outcome, out, watch)?;
    let mut files = Vec::new();
    for file in &summary.input.files {
        let path = out.folder().join(&file.name);
        // What could not be opened then is not there now either.
        let bytes = path.metadata().map_or(0, |metadata| metadata.len());
        let (name, compression) = (file.name.clone(), file.compression()?);
        files.push(InputFile::new(path, name, file.format()?, compression, bytes));
    }
    Ok(Inputs { files, ..Inputs::default() })
}

/// Puts all files together.
fn put_together(
    summary: &Summary,
    outcome: &Path,
    out: &Staging,
    watch: &dyn Watch,
) -> Result<RestoreReport> {
    let files = &summary.input.files;
    let total = files.iter().filter_map(|file| file.unpacked_bytes).sum();
    watch.phase("restoring", Unit::Bytes, Some(total));
    // Without a bad record there is no table of them.
    let mut removed = Table::open(outcome.join(summary.pieces(outcome)?), REMOVED, true)?;
    let mut bad = Table::open(outcome.join("bad.jsonl"), BAD, false)?;
    let mut report = RestoreReport::default();
    for file in files {
        let Some(unpacked) = file.unpacked()? else {
            if let Some(groups) = &file.row_groups {
                Rows { outcome, file, out, watch }.join(groups, &mut removed, &mut bad)?;
                report.files += 1;
                report.tables += 1;
                continue;
            }
            if file.documents > 0 {
                return Err(Error::Usage(format!(
                    "{}: cannot be restored: {}; the input is as it was",
                    visible(&file.name),
                    match file.whole {
                        true => "the run was of an older version, which did not say how",
                        false => "of a table that could not be read to its end, rows are lost",
                    }
                )));
            }
            report.unread.push(visible(&file.name).into_owned());
            continue;
        };
        let merge = Merge { outcome, file, unpacked, out, watch };
        let tables = &mut [&mut removed, &mut bad];
        match file.format.as_deref() {
            Some("json") => merge.array(tables)?,
            _ => merge.run(tables)?,
        }
        report.files += 1;
        report.bytes += unpacked.0;
        report.packed += u64::from(file.compression()? != Compression::None);
        if !file.whole {
            report.partial.push(visible(&file.name).into_owned());
        }
    }
    removed.end()?;
    bad.end()?;
    Ok(report)
}

/// What has to be known of a `summary.json`.
#[derive(Deserialize)]
struct Summary {
    program: String,
    /// What was written of the records; older versions didn't say.
    records: Option<String>,
    input: Input,
}

#[derive(Deserialize)]
struct Input {
    files: Vec<Restored>,
}

#[derive(Deserialize)]
struct Restored {
    name: String,
    #[serde(default)]
    compression: String,
    /// Older versions didn't say.
    format: Option<String>,
    #[serde(default)]
    converted: bool,
    #[serde(default)]
    whole: bool,
    /// How many could be read.
    #[serde(default)]
    documents: u64,
    head_bytes: Option<u64>,
    row_groups: Option<Vec<u64>>,
    unpacked_bytes: Option<u64>,
    unpacked_xxh128: Option<Hash128>,
}

impl Summary {
    fn read(outcome: &Path) -> Result<Self> {
        let path = outcome.join(SUMMARY);
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let outcome = visible(&outcome.to_string_lossy()).into_owned();
                return Err(Error::Usage(format!(
                    "{outcome}: no {SUMMARY} there; name the folder that a run wrote with --out"
                )));
            }
            file => file.map_err(Error::io("cannot read", &path))?,
        };
        let summary: Self = serde_json::from_reader(BufReader::new(file))
            .map_err(|error| changed(&path, format!("not a summary of a run ({error})")))?;
        if summary.program != PROGRAM {
            return Err(changed(&path, format!("not a summary of {PROGRAM}")));
        }
        Ok(summary)
    }

    /// The table of the pieces in `removed/`; an error if the input cannot be
    /// put together from the outcome.
    fn pieces(&self, outcome: &Path) -> Result<&'static str> {
        let why = match self.records.as_deref() {
            Some("divided") => return Ok("removed.jsonl"),
            Some("stripped") => return Ok("stripped.jsonl"),
            Some("unwritten") => "the run wrote no records; its input is as it was",
            Some("discarded") => {
                "the run did not write the records it dropped (--discard), so they are not there \
                 to be put back; its input is as it was"
            }
            Some("annotated" | "marked") => {
                "the run dropped nothing and added members to the records in kept/; its input is \
                 as it was"
            }
            _ => "written by another version, which does not say how to undo it",
        };
        let outcome = visible(&outcome.to_string_lossy()).into_owned();
        Err(Error::Usage(format!("{outcome}: cannot be restored: {why}")))
    }
}

impl Restored {
    /// Length and checksum; `None` if the run could not open the file.
    fn unpacked(&self) -> Result<Option<(u64, Hash128)>> {
        // The name comes from outside, and must not lead there.
        let parts = Path::new(&self.name).components();
        let is_inside = !self.name.is_empty()
            && parts.clone().all(|part| matches!(part, Component::Normal(_)))
            && parts.map(|part| part.as_os_str().len() + 1).sum::<usize>() == self.name.len() + 1;
        match is_inside {
            true => Ok(self.unpacked_bytes.zip(self.unpacked_xxh128)),
            false => Err(self.changed("not the name of a file that a run writes")),
        }
    }

    fn compression(&self) -> Result<Compression> {
        Compression::named(&self.compression)
            .ok_or_else(|| self.changed("packed in an unknown way"))
    }

    fn format(&self) -> Result<Format> {
        let format = self.format.as_deref().and_then(Format::of_extension);
        format.ok_or_else(|| self.changed("of an unknown format"))
    }

    fn changed(&self, cause: &str) -> Error {
        changed(Path::new(&self.name), cause.to_owned())
    }
}

fn changed(path: &Path, cause: String) -> Error {
    Error::OutcomeChanged { file: visible(&path.to_string_lossy()).into_owned(), cause }
}

/// Where a piece stood.
#[derive(Deserialize)]
struct Piece {
    file: String,
    offset: u64,
    bytes: u64,
}

/// A table of pieces, in the order of the input.
struct Table {
    path: PathBuf,
    /// The folder the pieces are in.
    folder: &'static str,
    rows: Option<StreamDeserializer<'static, IoRead<BufReader<File>>, Piece>>,
    next: Option<Piece>,
}

impl Table {
    fn open(path: PathBuf, folder: &'static str, is_needed: bool) -> Result<Self> {
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_needed => {
                return Err(changed(&path, "not there, as a table in JSON lines".to_owned()));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            file => Some(file.map_err(Error::io("cannot read", &path))?),
        };
        let rows = file
            .map(|file| serde_json::Deserializer::from_reader(BufReader::new(file)).into_iter());
        let mut table = Self { path, folder, rows, next: None };
        table.advance()?;
        Ok(table)
    }

    /// Goes on to the next piece with any bytes.
    fn advance(&mut self) -> Result<()> {
        let has_bytes =
            |row: &serde_json::Result<Piece>| !matches!(row, Ok(piece) if piece.bytes == 0);
        let row = self.rows.iter_mut().flatten().find(has_bytes);
        self.next = row
            .transpose()
            .map_err(|error| changed(&self.path, format!("a row cannot be read ({error})")))?;
        Ok(())
    }

    /// The next piece, if it is one of this file.
    fn next_of(&self, name: &str) -> Option<&Piece> {
        self.next.as_ref().filter(|piece| piece.file == name)
    }

    /// Makes sure that every piece was put back.
    fn end(&self) -> Result<()> {
        match &self.next {
            None => Ok(()),
            Some(piece) => Err(changed(
                &self.path,
                format!(
                    "the row of {} at byte {} is out of its place",
                    visible(&piece.file),
                    piece.offset
                ),
            )),
        }
    }
}

/// The joining of one table.
struct Rows<'m> {
    outcome: &'m Path,
    file: &'m Restored,
    out: &'m Staging,
    watch: &'m dyn Watch,
}

impl Rows<'_> {
    fn join(&self, groups: &[u64], removed: &mut Table, bad: &mut Table) -> Result<()> {
        let name = &self.file.name;
        let altered = |cause: &str| self.file.changed(cause);
        let rows = groups.iter().try_fold(0u64, |sum, rows| sum.checked_add(*rows));
        let rows = rows.filter(|rows| *rows <= columnar::ROWS_MAX);
        let rows = rows.ok_or_else(|| altered("more rows than there can be"))?;
        // All rows were kept, but for those in the tables.
        let mut ways = vec![0; rows as usize];
        for (table, way) in [(removed, REMOVED_WAY), (bad, BAD_WAY)] {
            while let Some(piece) = table.next_of(name) {
                let row = usize::try_from(piece.offset).ok().and_then(|row| ways.get_mut(row));
                *row.ok_or_else(|| altered("it has fewer rows than the tables say"))? = way;
                table.advance()?;
            }
        }
        let format = self.file.format()?;
        let mut files = [KEPT, REMOVED, BAD].map(|folder| {
            let path = self.outcome.join(folder).join(name);
            let bytes = path.metadata().ok()?.len();
            Some(InputFile::new(path, name.clone(), format, Compression::None, bytes))
        });
        for (way, file) in files.iter_mut().enumerate().skip(1) {
            if !ways.contains(&(way as u8)) {
                *file = None;
            }
        }
        let parts = columnar::Parts { files, ways: &ways, groups };
        columnar::join(&parts, format, name, self.out, self.watch)?
            .map_err(|cause| altered(&format!("its rows cannot be put together: {cause}")))
    }
}

/// The merge of one file.
struct Merge<'m> {
    outcome: &'m Path,
    file: &'m Restored,
    /// The length and checksum it is to have.
    unpacked: (u64, Hash128),
    out: &'m Staging,
    watch: &'m dyn Watch,
}

impl Merge<'_> {
    fn run(&self, tables: &mut [&mut Table]) -> Result<()> {
        let name = &self.file.name;
        let mut kept = self.part(KEPT)?;
        let head_bytes = match self.file.head_bytes {
            Some(bytes) => bytes,
            None => {
                kept.fill_to(MARK_BYTES_MAX)?;
                // Older versions wrote a mark only; it stands at the beginning of
                // the file, or it is none.
                let is_first =
                    |table: &&mut Table| table.next_of(name).is_some_and(|p| p.offset == 0);
                match Encoding::of_mark(kept.held()) {
                    Some((_, bytes)) if !tables.iter().any(is_first) => bytes as u64,
                    _ => 0,
                }
            }
        };
        let mut sink = self.sink()?;
        let mut parts: Vec<Option<Part<'_>>> = tables.iter().map(|_| None).collect();
        loop {
            let next = |at: usize| Some((tables[at].next_of(name)?.offset, at));
            let Some((offset, at)) = (0..tables.len()).filter_map(next).min() else { break };
            let gap = offset.checked_sub(sink.bytes).ok_or_else(|| self.altered())?;
            kept.copy(gap, &mut sink)?;
            let part = match &mut parts[at] {
                Some(part) => part,
                slot => {
                    let mut part = self.part(tables[at].folder)?;
                    part.skip(head_bytes)?;
                    slot.insert(part)
                }
            };
            let bytes = tables[at].next_of(name).map_or(0, |piece| piece.bytes);
            part.copy(bytes, &mut sink)?;
            tables[at].advance()?;
        }
        kept.copy(u64::MAX, &mut sink)?;
        for part in parts.iter_mut().flatten() {
            if !part.is_at_end()? {
                return Err(self.altered());
            }
        }
        self.finish(sink)
    }

    fn sink(&self) -> Result<Sink> {
        Ok(Sink {
            file: self.out.packed(&self.file.name, self.file.compression()?)?,
            checksum: FileChecksum::default(),
            bytes: 0,
            bytes_max: self.unpacked.0,
        })
    }

    /// Makes sure that what was put together is what was read.
    fn finish(&self, sink: Sink) -> Result<()> {
        let Sink { file, checksum, bytes, .. } = sink;
        file.finish()?;
        if (bytes, checksum.finish()) == self.unpacked { Ok(()) } else { Err(self.altered()) }
    }

    /// What is left of the file in one folder of the outcome.
    fn part(&self, folder: &str) -> Result<Part<'_>> {
        let path = self.outcome.join(folder).join(&self.file.name);
        let cannot_read = || Error::io("cannot read", &path);
        let file = File::open(&path).map_err(cannot_read())?;
        let bytes = file.metadata().map_err(cannot_read())?.len();
        let stream =
            Stream::new(file, bytes, self.file.compression()?, &SILENT).map_err(cannot_read())?;
        let merge = self;
        Ok(Part { stream, path, held: Vec::new(), used: 0, merge })
    }

    fn altered(&self) -> Error {
        self.file.changed("its parts do not give the file that was read")
    }
}

/// Bytes are counted where they come out, not where they are read.
const SILENT: crate::watch::Unwatched = crate::watch::Unwatched;

/// The longest byte order mark: that of UTF-8.
const MARK_BYTES_MAX: usize = 3;

/// The file that is put together.
struct Sink {
    file: OutputFile,
    checksum: FileChecksum,
    bytes: u64,
    /// It is not written beyond this.
    bytes_max: u64,
}

impl Sink {
    fn write(&mut self, bytes: &[u8], merge: &Merge<'_>) -> Result<()> {
        if self.bytes + bytes.len() as u64 > self.bytes_max {
            return Err(merge.altered());
        }
        self.checksum.update(bytes);
        self.file.write(bytes)?;
        self.bytes += bytes.len() as u64;
        merge.watch.advance(bytes.len() as u64);
        Ok(())
    }
}

/// A file of the outcome being read.
struct Part<'p> {
    stream: Stream<'p>,
    path: PathBuf,
    /// Bytes read; those before `used` were handed on.
    held: Vec<u8>,
    used: usize,
    merge: &'p Merge<'p>,
}

impl Part<'_> {
    fn held(&self) -> &[u8] {
        &self.held[self.used..]
    }

    /// Reads on; 0 at the end.
    fn fill(&mut self) -> Result<usize> {
        self.merge.watch.check()?;
        self.held.drain(..self.used);
        self.used = 0;
        self.stream.read_chunk(&mut self.held).map_err(|error| match stream::is_corrupt(&error) {
            true => changed(&self.path, format!("truncated or corrupt ({error})")),
            false => Error::io("cannot read", &self.path)(error),
        })
    }

    fn fill_to(&mut self, bytes: usize) -> Result<()> {
        while self.held().len() < bytes && self.fill()? > 0 {}
        Ok(())
    }

    fn is_at_end(&mut self) -> Result<bool> {
        Ok(self.held().is_empty() && self.fill()? == 0)
    }

    fn skip(&mut self, mut bytes: u64) -> Result<()> {
        while bytes > 0 && (!self.held().is_empty() || self.fill()? > 0) {
            let there = self.held().len();
            let part = usize::try_from(bytes).map_or(there, |bytes| bytes.min(there));
            self.used += part;
            bytes -= part as u64;
        }
        Ok(())
    }

    /// Copies the next bytes; all there are if they are `u64::MAX`.
    fn copy(&mut self, count: u64, sink: &mut Sink) -> Result<()> {
        let mut left = count;
        while left > 0 {
            if self.held().is_empty() && self.fill()? == 0 {
                return if count == u64::MAX { Ok(()) } else { Err(self.merge.altered()) };
            }
            let there = self.held().len();
            let part = usize::try_from(left).map_or(there, |left| left.min(there));
            sink.write(&self.held[self.used..self.used + part], self.merge)?;
            self.used += part;
            left -= part as u64;
        }
        Ok(())
    }
}
