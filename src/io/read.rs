//! Reads documents out of files: in parallel, in order, in bounded memory.
//!
//! One thread reads and unpacks and cuts blocks, workers make documents of
//! them, the calling thread takes what they made in the order of the input.
//! Every channel between them is bounded, so a slow worker stops the reading
//! and nothing piles up.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::document::{Document, Place};
use crate::hash::{FileChecksum, Hash128};
use crate::io::columnar::{Rows, Table};
use crate::io::cut::{Block, Cutter, Halt, Limits, MARK_BYTES_MAX, Position, Records, Step};
use crate::io::docs::DocParser;
use crate::io::encoding::Encoding;
use crate::io::inputs::{InputFile, Inputs};
use crate::io::json::{Fields, RecordParser};
use crate::io::kind::{Compression, Format};
use crate::io::records::{Done, Reading};
use crate::io::stream::{self, Stream};
use crate::text::Split;
use crate::watch::{Unit, Watch};
use crate::{Error, Result};

/// What happens when a record cannot be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The run ends with the first such record in the order of the input.
    #[default]
    Fail,
    /// It is listed in the report, and the run goes on.
    Skip,
}

/// The longest record read unless the user allows more: far beyond any
/// article, and small enough that a hundred of them fit in memory.
pub const RECORD_BYTES_MAX: u64 = 64 << 20;

/// How many documents a run can hold: as many as a `DocId` can number.
const DOCUMENTS_MAX: u64 = u32::MAX as u64;

/// Most records that are listed because they cannot be used: half a gigabyte.
/// A table of a few bytes can say that it has billions of rows without a text.
pub(crate) const BAD_RECORDS_MAX: usize = 4 << 20;

/// The size of a block unless set otherwise: a few milliseconds of work.
pub const BLOCK_BYTES: usize = 1 << 20;

/// How files are read.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Which fields of a record hold what.
    pub fields: Fields,
    /// What separates the cells of a row in CSV and TSV (one ASCII character,
    /// no quote or line end); if `None`, a tab in TSV, and in CSV that of
    /// `,` `;` `|` and tab which the header has most often.
    pub delimiter: Option<u8>,
    /// Where articles begin in plain text.
    pub split: Split,
    /// The encoding of files without a byte order mark; UTF-8 if `None`.
    pub encoding: Option<Encoding>,
    /// A record with more bytes than this (terminator included, unpacked) is
    /// a bad one.
    pub record_bytes_max: u64,
    /// About how many bytes a worker is handed at a time; changes no result.
    pub block_bytes: usize,
    /// What happens when a record cannot be used.
    pub on_error: OnError,
    /// How many workers there are, at least 1; changes no result.
    pub threads: usize,
    /// Read only the records at these places, ascending by file and offset;
    /// all others are passed over, good or bad.
    pub only: Option<Vec<Place>>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            fields: Fields::default(),
            delimiter: None,
            split: Split::Auto,
            encoding: None,
            record_bytes_max: RECORD_BYTES_MAX,
            block_bytes: BLOCK_BYTES,
            on_error: OnError::Fail,
            threads: thread::available_parallelism().map_or(1, Into::into),
            only: None,
        }
    }
}

/// A record that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRecord {
    /// Where it stands. If the file itself failed: where, with a length of 0.
    pub place: Place,
    /// The file as it was named, safe to show.
    pub file: String,
    /// What is wrong, and where there is one, the way out; safe to show.
    pub cause: String,
}

impl From<BadRecord> for Error {
    fn from(bad: BadRecord) -> Self {
        Error::BadRecord { file: bad.file, line: bad.place.line, cause: bad.cause }
    }
}

/// How much of a file could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// It could not be read or unpacked to its end.
    Partial,
    /// It could not be opened, or nothing in it can be used.
    None,
}

/// A file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// The path as it was named.
    pub path: PathBuf,
    /// Its name in output folders.
    pub name: String,
    /// How it holds its records.
    pub format: Format,
    /// True if it is JSON lines made of something else.
    pub is_converted: bool,
    /// How its bytes are packed.
    pub compression: Compression,
    /// How much of it could be read.
    pub extent: Extent,
    /// The encoding it was read in.
    pub encoding: Encoding,
    /// What begins every output of it, as a number of bytes: its byte order
    /// mark and, in CSV, its header.
    pub head_bytes: u64,
    /// Its length as it lies on disk.
    pub bytes_on_disk: u64,
    /// The checksum of those bytes; `xxh128sum` prints the same.
    pub checksum: Hash128,
    /// Its unpacked length, as far as whole records go; of a table, that of
    /// what was read of its rows.
    pub bytes: u64,
    /// Its lines, as far as whole records go; of a table, its rows.
    pub lines: u64,
    /// Its good records.
    pub documents: u64,
    /// Its bad records; a failure of the file counts as one.
    pub bad: u64,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadReport {
    /// All files, in the order in which they were read.
    pub files: Vec<FileReport>,
    /// All records that could not be used, in order; empty under
    /// [`OnError::Fail`].
    pub bad: Vec<BadRecord>,
    /// The number of good records in all files.
    pub documents: u64,
}

/// Reads every document of `inputs`.
///
/// `prepare` runs on worker threads, once for each document, with a `scratch`
/// of the worker's own; `take` runs on the calling thread, in input order.
/// Nothing depends on the number of threads or the size of blocks.
///
/// # Errors
/// Under [`OnError::Fail`] the first bad record or unreadable file in input
/// order; whatever `take` returns; [`Error::Interrupted`]; more than
/// `u32::MAX` documents.
///
/// # Panics
/// If `prepare` or `take` does.
pub fn read<S, T: Send>(
    inputs: &Inputs,
    options: &ReadOptions,
    watch: &dyn Watch,
    scratch: impl Fn() -> S + Sync,
    prepare: impl Fn(&mut S, Document<'_>) -> T + Sync,
    take: impl FnMut(T) -> Result<()>,
) -> Result<ReadReport> {
    let each = |reading: &Reading<'_>, scratch: &mut S, work: &Work| {
        reading.work(work, |document| prepare(scratch, document))
    };
    check_formats(inputs)?;
    read_blocks(inputs, options, watch, scratch, each, take)
}

/// The same, where what is made of documents goes into a batch: `add` adds a
/// document to the batch under way, which `batch` ends; `take` is given one
/// batch after the other. Where batches end depends on the size of blocks, so
/// nothing else may depend on that.
///
/// # Errors
/// As [`read`].
///
/// # Panics
/// If `add`, `batch` or `take` does.
pub fn read_batches<S, B: Send>(
    inputs: &Inputs,
    options: &ReadOptions,
    watch: &dyn Watch,
    scratch: impl Fn() -> S + Sync,
    add: impl Fn(&mut S, Document<'_>) + Sync,
    batch: impl Fn(&mut S) -> B + Sync,
    take: impl FnMut(B) -> Result<()>,
) -> Result<ReadReport> {
    let each = |reading: &Reading<'_>, scratch: &mut S, work: &Work| {
        let done = reading.work(work, |document| add(scratch, document));
        done.with(vec![batch(scratch)])
    };
    check_formats(inputs)?;
    read_blocks(inputs, options, watch, scratch, each, take)
}

fn check_formats(inputs: &Inputs) -> Result<()> {
    let Some(file) = inputs.files.iter().find(|file| file.format.is_converted()) else {
        return Ok(());
    };
    let (file, format) = (file.shown(), file.format.name());
    Err(Error::Usage(format!("{file}: {format} is read after Inputs::converted")))
}

/// Reads `inputs` piece by piece; `each` makes something of a piece's records.
pub(crate) fn read_blocks<S, T: Send>(
    inputs: &Inputs,
    options: &ReadOptions,
    watch: &dyn Watch,
    scratch: impl Fn() -> S + Sync,
    each: impl Fn(&Reading<'_>, &mut S, &Work) -> Done<T> + Sync,
    mut take: impl FnMut(T) -> Result<()>,
) -> Result<ReadReport> {
    watch.phase("reading", Unit::Bytes, Some(inputs.bytes()));
    let over = AtomicBool::new(false);
    let reading = Reading {
        inputs,
        parser: RecordParser::new(&options.fields),
        doc_parser: DocParser::new(&options.fields),
        on_error: options.on_error,
        encoding_is_given: options.encoding.is_some(),
        record_bytes_max: options.record_bytes_max,
        only: options.only.as_deref(),
        is_over: &|| over.load(Ordering::Relaxed) || watch.stopped(),
    };
    let threads = options.threads.max(1);
    // Enough for each worker to find its next block waiting.
    let ahead = 2 * threads;
    thread::scope(|scope| {
        let (reading, scratch, each) = (&reading, &scratch, &each);
        let (order, ordered) = bounded::<Event<T>>(ahead);
        let (work, jobs) = bounded::<Job<T>>(ahead);
        for _ in 0..threads {
            let jobs = jobs.clone();
            scope.spawn(move || {
                let mut scratch = scratch();
                for (work, answer) in jobs {
                    let done = each(reading, &mut scratch, &work);
                    // A refused answer means that the run is over.
                    let _ = answer.send(done);
                }
            });
        }
        drop(jobs);
        scope.spawn(move || {
            let lane = Lane { reading, options, watch, order, work };
            // An unsent event means that the run is over.
            let _ = (0..).zip(&inputs.files).try_for_each(|(file, input)| lane.file(file, input));
        });
        let result = collect(ordered, options.on_error, watch, &mut take);
        over.store(true, Ordering::Relaxed);
        result
    })
}

/// A file of so many times the bytes that are wanted of it is not read to its end.
const SOUGHT_OF: u64 = 8;

/// A block or rows, and where its documents are awaited.
type Job<T> = (Work, Sender<Done<T>>);

/// What a worker makes documents of.
pub(crate) enum Work {
    /// A block of a file that is cut.
    Block(Block),
    /// Rows of a table, and the number of its file.
    Rows(u32, Rows),
}

/// What the calling thread awaits next.
enum Event<T> {
    /// The documents of a block.
    Block(Receiver<Done<T>>),
    /// A record that was passed over, or a file that failed; and the error if
    /// that ends the run.
    Bad(BadRecord, Option<Error>),
    /// A file is through; its records are not counted yet.
    FileEnd(FileReport),
}

/// What the reading thread works with.
struct Lane<'r, T> {
    reading: &'r Reading<'r>,
    options: &'r ReadOptions,
    watch: &'r dyn Watch,
    order: Sender<Event<T>>,
    work: Sender<Job<T>>,
}

/// The calling thread wants no more.
struct Unwanted;

impl<T> Lane<'_, T> {
    fn send(&self, event: Event<T>) -> Result<(), Unwanted> {
        self.order.send(event).map_err(|_| Unwanted)
    }

    /// Hands work to whichever worker is free.
    fn give(&self, work: Work) -> Result<(), Unwanted> {
        let (answer, awaited) = bounded(1);
        self.send(Event::Block(awaited))?;
        self.work.send((work, answer)).map_err(|_| Unwanted)
    }

    fn step(&self, step: Step) -> Result<(), Unwanted> {
        match step {
            Step::Block(block) => self.give(Work::Block(block)),
            Step::TooLong(place) if !self.reading.is_wanted(&place) => Ok(()),
            Step::TooLong(place) => self.send(Event::Bad(self.reading.bad_by_length(place), None)),
        }
    }

    /// Reads one file to its end, or as far as it can be read.
    fn file(&self, file: u32, input: &InputFile) -> Result<(), Unwanted> {
        let mut report = FileReport {
            path: input.path.clone(),
            name: input.name.clone(),
            format: input.format,
            is_converted: input.origin().is_some(),
            compression: input.compression,
            extent: Extent::None,
            encoding: self.options.encoding.unwrap_or_default(),
            head_bytes: 0,
            bytes_on_disk: input.bytes,
            checksum: FileChecksum::default().finish(),
            bytes: 0,
            lines: 0,
            documents: 0,
            bad: 0,
        };
        if input.format.is_columnar() {
            return self.table(file, input, report);
        }
        if let Some(places) = self.few_places(file, input) {
            if let Err(error) = self.seek(file, input, places)? {
                self.failed(file, input, Position::START, error)?;
            }
            self.watch.advance(input.bytes);
            return self.send(Event::FileEnd(report));
        }
        for bad in input.origin().map_or(&[][..], |origin| &origin.bad) {
            // It has no bytes among the lines.
            let place = Place { file, bytes: 0, ..bad.place };
            self.send(Event::Bad(BadRecord { place, ..bad.clone() }, None))?;
        }
        let mut stream = match Stream::open(input, self.watch) {
            Ok(stream) => stream,
            Err(error) => {
                self.failed(file, input, Position::START, error)?;
                return self.send(Event::FileEnd(report));
            }
        };
        let mut cutter = Cutter {
            file,
            stream: &mut stream,
            watch: self.watch,
            encoding: report.encoding,
            encoding_is_given: self.options.encoding.is_some(),
            head_bytes: 0,
            limits: Limits {
                block_bytes: self.options.block_bytes,
                record_bytes_max: usize::try_from(self.options.record_bytes_max)
                    .unwrap_or(usize::MAX),
            },
            at: Position::START,
            emit: &mut |step| self.step(step).map_err(|Unwanted| Halt::Unwanted),
        };
        let end = cutter.cut(input.format, self.options);
        let at = cutter.at;
        (report.encoding, report.head_bytes) = (cutter.encoding, cutter.head_bytes);
        (report.bytes, report.lines) = (at.offset, at.line - 1);
        report.extent = match end {
            Ok(()) => Extent::Whole,
            Err(Halt::Unwanted) => return Err(Unwanted),
            Err(Halt::Failed(error)) => {
                self.failed(file, input, at, error)?;
                Extent::Partial
            }
            Err(Halt::Useless(cause)) => {
                let place = Place { file, line: at.line, offset: at.offset, bytes: 0 };
                self.send(Event::Bad(self.reading.bad(place, cause), None))?;
                Extent::None
            }
            Err(Halt::Malformed(Position { offset, line }, cause)) => {
                let bad = self.reading.bad(Place { file, line, offset, bytes: 0 }, cause);
                self.send(Event::Bad(bad, None))?;
                Extent::Partial
            }
        };
        // If the rest cannot be read at all, that was told already.
        if let Ok(on_disk) = stream.finish() {
            (report.bytes_on_disk, report.checksum) = (on_disk.bytes, on_disk.checksum);
        }
        if let Some(origin) = input.origin() {
            (report.bytes_on_disk, report.checksum) = (origin.bytes_on_disk, origin.checksum);
        }
        self.send(Event::FileEnd(report))
    }

    /// The places in a file of the only records to read, where it is quicker to go to
    /// each of them than to read the file.
    fn few_places(&self, file: u32, input: &InputFile) -> Option<&[Place]> {
        let only = self.options.only.as_deref()?;
        let start = only.partition_point(|place| place.file < file);
        let end = only.partition_point(|place| place.file <= file);
        let wanted: u64 = only[start..end].iter().map(|place| place.bytes).sum();
        let can_seek = input.format == Format::Jsonl && input.compression == Compression::None;
        let are_few = wanted.saturating_mul(SOUGHT_OF) < input.bytes;
        (can_seek && are_few).then_some(&only[start..end])
    }

    /// Reads the lines at some places.
    fn seek(
        &self,
        file: u32,
        input: &InputFile,
        places: &[Place],
    ) -> Result<io::Result<()>, Unwanted> {
        let open = || -> io::Result<(File, Encoding)> {
            let mut source = input.open()?;
            let mut mark = Vec::new();
            Read::by_ref(&mut source).take(MARK_BYTES_MAX as u64).read_to_end(&mut mark)?;
            let given = self.options.encoding.unwrap_or_default();
            Ok((source, Encoding::of_mark(&mark).map_or(given, |(encoding, _)| encoding)))
        };
        let (mut source, encoding) = match open() {
            Ok(opened) => opened,
            Err(error) => return Ok(Err(error)),
        };
        for place in places {
            let mut bytes = Vec::new();
            let read = source
                .seek(SeekFrom::Start(place.offset))
                .and_then(|_| Read::by_ref(&mut source).take(place.bytes).read_to_end(&mut bytes));
            if let Err(error) = read {
                return Ok(Err(error));
            }
            let start = Position { offset: place.offset, line: place.line };
            let records = Records::Lines;
            self.give(Work::Block(Block { file, encoding, start, bytes, records }))?;
        }
        Ok(Ok(()))
    }

    /// Reads one table.
    fn table(&self, file: u32, input: &InputFile, mut report: FileReport) -> Result<(), Unwanted> {
        let on_disk = match stream::on_disk(input, self.watch) {
            Ok(on_disk) => on_disk,
            Err(error) => {
                self.failed(file, input, Position::START, error)?;
                return self.send(Event::FileEnd(report));
            }
        };
        (report.bytes_on_disk, report.checksum) = (on_disk.bytes, on_disk.checksum);
        match Table::open(input, &self.options.fields) {
            Ok(table) => {
                report.extent = Extent::Whole;
                let give = |rows| self.give(Work::Rows(file, rows));
                let (rows, damage) = table.for_each(self.options.block_bytes, give)?;
                report.lines = rows;
                if let Some(damage) = damage {
                    self.send(Event::Bad(self.reading.damaged(file, damage), None))?;
                    report.extent = Extent::Partial;
                }
            }
            Err(cause) => {
                let Position { offset, line } = Position::START;
                let bad = self.reading.bad(Place { file, line, offset, bytes: 0 }, cause);
                self.send(Event::Bad(bad, None))?;
            }
        }
        self.send(Event::FileEnd(report))
    }

    fn failed(
        &self,
        file: u32,
        input: &InputFile,
        Position { offset, line }: Position,
        error: io::Error,
    ) -> Result<(), Unwanted> {
        let cause = stream::cause(&error, input.compression);
        let bad = self.reading.bad(Place { file, line, offset, bytes: 0 }, cause);
        let error = match stream::is_corrupt(&error) {
            true => None,
            false => Some(Error::io("cannot read", &input.path)(error)),
        };
        self.send(Event::Bad(bad, error))
    }
}

/// Takes everything in order, on the calling thread.
fn collect<T>(
    ordered: Receiver<Event<T>>,
    on_error: OnError,
    watch: &dyn Watch,
    take: &mut impl FnMut(T) -> Result<()>,
) -> Result<ReadReport> {
    let mut report = ReadReport::default();
    // What was counted when the file before ended.
    let (mut documents_before, mut bad_before) = (0, 0);
    // Of the table under way.
    let (mut row_bytes, mut is_damaged) = (0, false);
    for event in ordered {
        match event {
            Event::Block(awaited) => {
                // A worker that panicked sends nothing; the scope passes the
                // panic on.
                let Ok(done) = awaited.recv() else { break };
                watch.check()?;
                row_bytes += done.row_bytes;
                is_damaged |= done.is_damaged;
                for bad in done.bad {
                    report.add_bad(bad, None, on_error)?;
                }
                report.documents += done.documents;
                if report.documents > DOCUMENTS_MAX {
                    let (found, limit) = (report.documents, DOCUMENTS_MAX);
                    return Err(Error::TooMany { what: "documents", found, limit });
                }
                done.made.into_iter().try_for_each(&mut *take)?;
            }
            Event::Bad(bad, error) => report.add_bad(bad, error, on_error)?,
            Event::FileEnd(mut file) => {
                file.documents = report.documents - documents_before;
                file.bad = report.bad.len() as u64 - bad_before;
                (documents_before, bad_before) = (report.documents, report.bad.len() as u64);
                file.bytes += std::mem::take(&mut row_bytes);
                if std::mem::take(&mut is_damaged) {
                    file.extent = Extent::Partial;
                }
                report.files.push(file);
            }
        }
    }
    watch.check()?;
    Ok(report)
}

impl ReadReport {
    fn add_bad(&mut self, bad: BadRecord, error: Option<Error>, on_error: OnError) -> Result<()> {
        match on_error {
            OnError::Fail => Err(error.unwrap_or_else(|| bad.into())),
            OnError::Skip if self.bad.len() >= BAD_RECORDS_MAX => Err(Error::Usage(format!(
                "{}:{}: more than {BAD_RECORDS_MAX} records cannot be used, this one for: {}; check \
                 the format and the field of the text, or leave them out before",
                bad.file, bad.place.line, bad.cause
            ))),
            OnError::Skip => {
                self.bad.push(bad);
                Ok(())
            }
        }
    }
}
