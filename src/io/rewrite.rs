//! The second pass: every record goes where its fate sends it, byte for byte.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use crate::document::Place;
use crate::hash::{FileChecksum, Hash128};
use crate::io::annotate::annotate;
use crate::io::array::Separators;
use crate::io::columnar;
use crate::io::cutting::{Cutting, RecordCutter};
use crate::io::encoding::Encoding;
use crate::io::inputs::{InputFile, Inputs};
use crate::io::kind::Format;
use crate::io::read::{Extent, FileReport, ReadReport};
use crate::io::staging::{OutputFile, Staging};
use crate::io::stream::{self, Stream};
use crate::watch::{Unit, Watch};
use crate::{Error, Result};

/// The folder of the records that stay.
pub const KEPT: &str = "kept";
/// The folder of the records that were dropped.
pub const REMOVED: &str = "removed";
/// The folder of the records that could not be used.
pub const BAD: &str = "bad";

/// What becomes of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays.
    Keep,
    /// It is dropped.
    Remove,
}

/// How documents are written.
#[derive(Clone, Copy)]
pub struct Rewrite<'r> {
    /// What becomes of each document, by its number.
    pub fate: &'r (dyn Fn(usize) -> Fate + Sync),
    /// JSON members (as `"a":1,"b":"x"`) to add to each record that stays;
    /// for JSON lines only.
    pub annotate: Option<&'r (dyn Fn(usize) -> String + Sync)>,
    /// Stretches of text to cut out of the records that stay; their bytes go
    /// to [`REMOVED`], one behind the other. Such a record is not annotated.
    pub cutting: Option<Cutting<'r>>,
    /// Dropped records are counted and not written.
    pub discard: bool,
}

impl Default for Rewrite<'_> {
    /// Everything stays as it is.
    fn default() -> Self {
        Self { fate: &|_| Fate::Keep, annotate: None, cutting: None, discard: false }
    }
}

/// How many records went to one folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Records.
    pub records: u64,
    /// Their bytes as they were read (unpacked, not annotated), without what
    /// lies between records.
    pub bytes: u64,
}

impl Part {
    pub(crate) fn count(&mut self, bytes: u64) {
        self.records += 1;
        self.bytes += bytes;
    }

    fn add(&mut self, other: Part) {
        self.records += other.records;
        self.bytes += other.bytes;
    }
}

/// A stretch that was cut out of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The document, by its number.
    pub document: usize,
    /// Where it began in the input file's unpacked bytes.
    pub offset: u64,
    /// Its length in bytes.
    pub bytes: u64,
}

/// A file as it was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// Its unpacked length, as far as whole records go.
    pub bytes: u64,
    /// The checksum of those bytes.
    pub checksum: Hash128,
}

/// What went where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RewriteReport {
    /// Records that stayed.
    pub kept: Part,
    /// Records that were dropped.
    pub removed: Part,
    /// Records that could not be used.
    pub bad: Part,
    /// What was cut out of records, in input order: for each document, as
    /// many as it has stretches.
    pub cuts: Vec<Cut>,
    /// The files, in order, of what is converted the JSON lines; `None` for one
    /// that could not be opened, and for tables.
    pub files: Vec<Option<Unpacked>>,
    /// By the position of a table: how many rows its row groups or batches have.
    pub row_groups: BTreeMap<usize, Vec<u64>>,
}

/// Copies every record to `kept/`, `removed/` or `bad/`, under its file's
/// name, packed as its file is, in order; rows of tables, which have no bytes
/// of their own, with equal values and schema. `documents` are all good records in
/// the order in which they were read: their places, and the hashes of what was
/// compared.
///
/// Each file gets a kept one, be it empty, but only what was removed from or
/// bad in it gets others. What lies between records (blank lines) is kept; the
/// head of a file (byte order mark, CSV header) begins the other files too.
///
/// Files are copied in parallel on the current `rayon` pool.
///
/// # Errors
/// [`Error::InputChanged`] if a file is not what it was when it was read;
/// [`Error::Usage`] if other than JSON lines are to be annotated, or a format be
/// cut that cannot be, or a stretch cannot be cut out; the system's;
/// [`Error::Interrupted`].
pub fn rewrite(
    inputs: &Inputs,
    read: &ReadReport,
    documents: &[(Place, Hash128)],
    rewrite: Rewrite<'_>,
    out: &Staging,
    watch: &dyn Watch,
) -> Result<RewriteReport> {
    if rewrite.annotate.is_some()
        && let Some(file) = inputs.files.iter().find(|file| !file.format.is_json())
    {
        return Err(Error::Usage(format!(
            "{}: {} cannot be annotated, only JSON records can",
            file.shown(),
            file.format.name()
        )));
    }
    watch.phase("writing", Unit::Bytes, Some(inputs.bytes()));
    let results: Vec<Result<RewriteReport>> = (0..read.files.len())
        .into_par_iter()
        .map(|index| {
            let of_file = |place: &Place| (place.file as usize).cmp(&index);
            let first = documents.partition_point(|(place, _)| of_file(place).is_lt());
            let end = documents.partition_point(|(place, _)| of_file(place).is_le());
            let bad_first = read.bad.partition_point(|bad| of_file(&bad.place).is_lt());
            let bad_end = read.bad.partition_point(|bad| of_file(&bad.place).is_le());
            let records = in_order(
                first..end,
                &documents[first..end],
                read.bad[bad_first..bad_end].iter().map(|bad| bad.place),
            );
            let (input, report) = (&inputs.files[index], &read.files[index]);
            if report.extent == Extent::None {
                return Ok(RewriteReport { files: vec![None], ..RewriteReport::default() });
            }
            if input.format.is_columnar() {
                return columnar::copy(input, report, &records, rewrite, out, watch);
            }
            Copying { input, report, rewrite, out, watch }.file(records)
        })
        .collect();
    // The first error in the order of the files, whichever came first.
    let mut total = RewriteReport::default();
    for part in results {
        let part = part?;
        total.kept.add(part.kept);
        total.removed.add(part.removed);
        total.bad.add(part.bad);
        total.cuts.extend(part.cuts);
        let first = total.files.len();
        let groups = part.row_groups.into_iter().map(|(at, rows)| (first + at, rows));
        total.row_groups.extend(groups);
        total.files.extend(part.files);
    }
    Ok(total)
}

/// A record of one file: where it is, and which document if it is a good one.
pub(crate) struct Record {
    pub place: Place,
    pub document: Option<(usize, Hash128)>,
}

/// Good and bad records of a file, merged.
fn in_order(
    numbers: std::ops::Range<usize>,
    documents: &[(Place, Hash128)],
    bad: impl Iterator<Item = Place>,
) -> Vec<Record> {
    let good = numbers
        .zip(documents)
        .map(|(number, &(place, hash))| Record { place, document: Some((number, hash)) });
    // A failure of the file itself has no bytes.
    let bad = bad.filter(|place| place.bytes > 0).map(|place| Record { place, document: None });
    let mut records: Vec<Record> = good.chain(bad).collect();
    records.sort_unstable_by_key(|record| record.place.offset);
    records
}

/// The copying of one file.
struct Copying<'c> {
    input: &'c InputFile,
    report: &'c FileReport,
    rewrite: Rewrite<'c>,
    out: &'c Staging,
    watch: &'c dyn Watch,
}

impl Copying<'_> {
    fn file(&self, records: Vec<Record>) -> Result<RewriteReport> {
        let mut source = Source::open(self.input, self.report, self.watch)?;
        let mut head = Vec::new();
        source.copy(self.report.head_bytes, 1, |bytes| {
            head.extend_from_slice(bytes);
            Ok(())
        })?;
        let open = |folder| self.create(folder, &head);
        let mut kept = open(KEPT)?;
        let (mut removed, mut bad) = (None, None);
        let mut counts = RewriteReport::default();
        let cutter = self.cutter()?;
        let mut separators =
            (self.input.format == Format::JsonArray).then(|| Separators::new(self.report.encoding));
        for Record { place, document } in records {
            let gap = place.offset - source.offset;
            source.copy(gap, place.line, gap_to(separators.as_mut(), &mut kept))?;
            let mut lead = |part, file: &mut OutputFile| match &mut separators {
                Some(separators) => file.write(&separators.before(part)),
                None => Ok(()),
            };
            let Some((number, hash)) = document else {
                let bad = existing(&mut bad, || open(BAD))?;
                lead(BAD, bad)?;
                source.copy(place.bytes, place.line, |bytes| bad.write(bytes))?;
                counts.bad.count(place.bytes);
                continue;
            };
            let raw = source.record(&place, hash, self.report.encoding)?;
            match (self.rewrite.fate)(number) {
                Fate::Keep => {
                    counts.kept.count(place.bytes);
                    lead(KEPT, &mut kept)?;
                    let cut_out = self.cut_out(cutter.as_ref(), number, raw, &place)?;
                    if !cut_out.is_empty() {
                        let removed = existing(&mut removed, || open(REMOVED))?;
                        write_cut(raw, &cut_out, &mut kept, removed)?;
                        counts.cuts.extend(cut_out.into_iter().map(|range| Cut {
                            document: number,
                            offset: place.offset + range.start as u64,
                            bytes: range.len() as u64,
                        }));
                        continue;
                    }
                    match self.rewrite.annotate {
                        Some(members) => kept.write(&self.annotated(raw, &members(number))?)?,
                        None => kept.write(raw)?,
                    }
                }
                Fate::Remove => {
                    counts.removed.count(place.bytes);
                    if !self.rewrite.discard {
                        let removed = existing(&mut removed, || open(REMOVED))?;
                        lead(REMOVED, removed)?;
                        removed.write(raw)?;
                    }
                }
            }
        }
        let rest = self.report.bytes - source.offset;
        source.copy(rest, self.report.lines, gap_to(separators.as_mut(), &mut kept))?;
        if let Some(separators) = separators {
            kept.write(&separators.after(KEPT))?;
            for (part, file) in [(REMOVED, &mut removed), (BAD, &mut bad)] {
                file.as_mut().map_or(Ok(()), |file| file.write(&separators.after(part)))?;
            }
        }
        let unpacked = source.finish()?;
        counts.files.push(Some(unpacked));
        [Some(kept), removed, bad].into_iter().flatten().try_for_each(OutputFile::finish)?;
        Ok(counts)
    }

    fn create(&self, folder: &str, head: &[u8]) -> Result<OutputFile> {
        let name = format!("{folder}/{}", self.report.name);
        let mut file = self.out.packed(&name, self.input.compression)?;
        file.write(head)?;
        Ok(file)
    }

    /// What cuts this file's records, if anything is to be cut.
    fn cutter(&self) -> Result<Option<RecordCutter>> {
        let Some(Cutting { fields, .. }) = self.rewrite.cutting else { return Ok(None) };
        let cutter = RecordCutter::new(self.input.format, self.report.encoding, fields);
        cutter.map(Some).ok_or_else(|| {
            Error::Usage(format!(
                "{}: passages cannot be cut out of this format; convert it to JSON lines or text",
                self.input.shown()
            ))
        })
    }

    /// Which of a record's bytes are cut out of it.
    fn cut_out(
        &self,
        cutter: Option<&RecordCutter>,
        number: usize,
        raw: &[u8],
        place: &Place,
    ) -> Result<Vec<Range<usize>>> {
        let (Some(cutting), Some(cutter)) = (self.rewrite.cutting, cutter) else {
            return Ok(Vec::new());
        };
        let stretches = (cutting.stretches)(number);
        if stretches.is_empty() {
            return Ok(Vec::new());
        }
        let record = self.report.encoding.without_terminator(raw);
        cutter.ranges(record, &stretches).map_err(|cause| {
            let (file, line) = (self.input.shown(), place.line);
            Error::BadRecord { file, line, cause }
        })
    }

    fn annotated(&self, raw: &[u8], members: &str) -> Result<Vec<u8>> {
        annotate(raw, self.report.encoding, members).map_err(|error| {
            Error::Usage(format!("{}: cannot annotate: {error}", self.input.shown()))
        })
    }
}

/// Writes some ranges of a record to `removed`, and the rest of it to `kept`.
fn write_cut(
    raw: &[u8],
    ranges: &[Range<usize>],
    kept: &mut OutputFile,
    removed: &mut OutputFile,
) -> Result<()> {
    let mut at = 0;
    for range in ranges {
        kept.write(&raw[at..range.start])?;
        removed.write(&raw[range.clone()])?;
        at = range.end;
    }
    kept.write(&raw[at..])
}

/// Takes what lies between records: to where it waits for the next record of
/// an array, else to the kept ones.
fn gap_to<'g>(
    separators: Option<&'g mut Separators>,
    kept: &'g mut OutputFile,
) -> impl FnMut(&[u8]) -> Result<()> + 'g {
    let mut gap = separators.map(Separators::next_gap);
    move |bytes| match &mut gap {
        Some(gap) => {
            gap.extend_from_slice(bytes);
            Ok(())
        }
        None => kept.write(bytes),
    }
}

/// The file in `slot`, opened if this is the first use of it.
fn existing(
    slot: &mut Option<OutputFile>,
    open: impl FnOnce() -> Result<OutputFile>,
) -> Result<&mut OutputFile> {
    match slot {
        Some(file) => Ok(file),
        None => Ok(slot.insert(open()?)),
    }
}

/// An input read for the second time.
struct Source<'s> {
    stream: Stream<'s>,
    input: &'s InputFile,
    report: &'s FileReport,
    watch: &'s dyn Watch,
    /// Bytes read; those before `used` were handed on.
    held: Vec<u8>,
    used: usize,
    /// How many bytes were handed on.
    offset: u64,
    /// The checksum of those.
    checksum: FileChecksum,
}

impl<'s> Source<'s> {
    fn open(input: &'s InputFile, report: &'s FileReport, watch: &'s dyn Watch) -> Result<Self> {
        let stream =
            Stream::open(input, watch).map_err(Error::io("cannot read again", &input.path))?;
        let (held, checksum) = (Vec::new(), FileChecksum::default());
        Ok(Self { stream, input, report, watch, held, used: 0, offset: 0, checksum })
    }

    fn changed(&self, line: u64) -> Error {
        Error::InputChanged { file: self.input.shown(), line }
    }

    /// Reads on; 0 at the end.
    fn fill(&mut self, line: u64) -> Result<usize> {
        self.watch.check()?;
        self.held.drain(..self.used);
        self.used = 0;
        self.stream.read_chunk(&mut self.held).map_err(|error| match stream::is_corrupt(&error) {
            true => self.changed(line),
            false => Error::io("cannot read again", &self.input.path)(error),
        })
    }

    /// The bytes of a record, if they are still the ones that were compared.
    fn record(&mut self, place: &Place, hash: Hash128, encoding: Encoding) -> Result<&[u8]> {
        // A record that was read fitted into memory.
        let bytes = place.bytes as usize;
        while self.held.len() - self.used < bytes {
            if self.fill(place.line)? == 0 {
                return Err(self.changed(place.line));
            }
        }
        let start = self.used;
        self.used += bytes;
        self.offset += place.bytes;
        let raw = &self.held[start..self.used];
        self.checksum.update(raw);
        if Hash128::of(encoding.without_terminator(raw)) == hash {
            Ok(raw)
        } else {
            Err(self.changed(place.line))
        }
    }

    /// Hands on the next `count` bytes as they are, however many they are.
    fn copy(
        &mut self,
        count: u64,
        line: u64,
        mut to: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let end = self.offset + count;
        while self.offset < end {
            if self.used == self.held.len() && self.fill(line)? == 0 {
                return Err(self.changed(line));
            }
            let there = self.held.len() - self.used;
            let part = usize::try_from(end - self.offset).map_or(there, |left| left.min(there));
            let bytes = &self.held[self.used..self.used + part];
            self.checksum.update(bytes);
            to(bytes)?;
            self.used += part;
            self.offset += part as u64;
        }
        Ok(())
    }

    /// Makes sure that the file ends here, and is all in all what it was.
    fn finish(mut self) -> Result<Unpacked> {
        let unpacked = Unpacked { bytes: self.offset, checksum: self.checksum.finish() };
        // What was converted has no older self to be compared with.
        if self.report.extent != Extent::Whole || self.input.origin().is_some() {
            return Ok(unpacked);
        }
        let line = self.report.lines.max(1);
        if self.used < self.held.len() || self.fill(line)? > 0 {
            return Err(self.changed(line));
        }
        let changed = self.changed(line);
        let on_disk =
            self.stream.finish().map_err(Error::io("cannot read again", &self.input.path))?;
        let before = (self.report.bytes_on_disk, self.report.checksum);
        if (on_disk.bytes, on_disk.checksum) == before { Ok(unpacked) } else { Err(changed) }
    }
}
