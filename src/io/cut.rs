//! Cuts a stream of bytes into blocks that begin and end with a record.
//!
//! Blocks exist so that workers have something to share; no result depends on
//! where they end. No more is held than a block and the longest record that
//! is allowed.

use std::io;
use std::sync::Arc;

use crate::document::Place;
use crate::io::array::ArrayBorders;
use crate::io::csv::Header;
use crate::io::docs::DocBorders;
use crate::io::elements::Element;
use crate::io::encoding::Encoding;
use crate::io::kind::Format;
use crate::io::pages::{ArchiveBorders, WholeFile};
use crate::io::read::ReadOptions;
use crate::io::stream::Stream;
use crate::watch::Watch;

/// The longest byte order mark: that of UTF-8.
pub(crate) const MARK_BYTES_MAX: usize = 3;

/// Some whole records of one file.
#[derive(Debug)]
pub(crate) struct Block {
    /// The file, by its position in the list of input files.
    pub file: u32,
    pub encoding: Encoding,
    /// Where the block begins.
    pub start: Position,
    pub bytes: Vec<u8>,
    pub records: Records,
}

/// Where the records of a block begin and end.
#[derive(Debug)]
pub(crate) enum Records {
    /// Every line is one, but blank ones.
    Lines,
    /// These are all, one behind the other.
    Pieces(Vec<Piece>),
    /// Every row is one, but blank ones.
    Rows(Arc<Header>),
    /// These are all; what lies between them is none.
    Elements(Format, Vec<Element>),
}

/// An article in plain text.
#[derive(Debug)]
pub(crate) struct Piece {
    pub line: u64,
    pub bytes: usize,
    pub title: Option<String>,
}

/// A place in a file's unpacked bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub offset: u64,
    /// From 1.
    pub line: u64,
}

impl Position {
    /// The beginning of a file.
    pub(crate) const START: Self = Self { offset: 0, line: 1 };
}

/// What cutting a file brings forth, in the file's order.
pub(crate) enum Step {
    Block(Block),
    /// A record that was too long to be held.
    TooLong(Place),
}

/// Why cutting ended before the end of the file.
pub(crate) enum Halt {
    /// The file cannot be read or unpacked any further.
    Failed(io::Error),
    /// The file has no use, for this reason.
    Useless(String),
    /// The file is not of its format from here on; in plain words.
    Malformed(Position, String),
    /// Nobody wants the rest.
    Unwanted,
}

/// How much may be held.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From how many bytes on a block is handed over.
    pub block_bytes: usize,
    /// A record with more bytes than this, terminator included, is too long.
    pub record_bytes_max: usize,
}

/// Cuts one file.
pub(crate) struct Cutter<'c, 'w> {
    pub file: u32,
    pub stream: &'c mut Stream<'w>,
    pub watch: &'w dyn Watch,
    /// What the file is read in unless it has a byte order mark.
    pub encoding: Encoding,
    /// True if it was the user who said so.
    pub encoding_is_given: bool,
    /// The length of what begins every output of the file: that mark, and a
    /// header.
    pub head_bytes: u64,
    pub limits: Limits,
    /// Everything before this was handed over.
    pub at: Position,
    pub emit: &'c mut dyn FnMut(Step) -> Result<(), Halt>,
}

impl Cutter<'_, '_> {
    /// Cuts the file from its beginning to its end.
    pub(crate) fn cut(&mut self, format: Format, options: &ReadOptions) -> Result<(), Halt> {
        let mut held = Vec::new();
        while held.len() < MARK_BYTES_MAX && self.fill(&mut held)? > 0 {}
        if let Some((encoding, mark_bytes)) = Encoding::of_mark(&held) {
            held.drain(..mark_bytes);
            self.encoding = encoding;
            self.head_bytes = mark_bytes as u64;
            self.at.offset = self.head_bytes;
        }
        match format {
            Format::Jsonl => self.cut_lines(held),
            Format::Text => self.cut_pieces(held, &options.split),
            Format::Csv | Format::Tsv => self.cut_rows(held, format, options),
            Format::Parquet | Format::Arrow => unreachable!("tables are not cut"),
            Format::JsonArray => {
                let gap_bytes_max = self.limits.record_bytes_max as u64;
                let mut borders = ArrayBorders::new(self.at.offset, self.encoding, gap_bytes_max);
                self.cut_elements(held, format, &mut borders)
            }
            Format::Sgml | Format::Vertical => {
                let held = self.declared_encoding(held)?;
                let mut borders = DocBorders::new(self.at.offset, self.encoding);
                self.cut_elements(held, format, &mut borders)
            }
            Format::Warc => {
                let record_bytes_max = self.limits.record_bytes_max as u64;
                let mut borders = ArchiveBorders::new(self.at.offset, record_bytes_max);
                self.cut_elements(held, format, &mut borders)
            }
            Format::Html => self.cut_elements(held, format, &mut WholeFile::default()),
        }
    }

    /// Cuts at line ends. `held` is what was read of the file so far.
    fn cut_lines(&mut self, mut held: Vec<u8>) -> Result<(), Halt> {
        // No line ends in the first `searched` bytes of `held`.
        let mut searched = 0;
        loop {
            let count = match self.fill(&mut held) {
                Ok(count) => count,
                Err(Halt::Failed(error)) => {
                    if let Some(end) = self.encoding.last_line_end(&held, searched) {
                        held.truncate(end);
                        self.hand_over(held)?;
                    }
                    return Err(Halt::Failed(error));
                }
                Err(halt) => return Err(halt),
            };
            if count == 0 {
                return self.hand_over(held);
            }
            if held.len() < self.limits.block_bytes.min(self.limits.record_bytes_max) {
                continue;
            }
            match self.encoding.last_line_end(&held, searched) {
                Some(end) => {
                    let mut rest = Vec::with_capacity(held.capacity());
                    rest.extend_from_slice(&held[end..]);
                    held.truncate(end);
                    self.hand_over(held)?;
                    (held, searched) = (rest, 0);
                }
                None if held.len() > self.limits.record_bytes_max => {
                    self.skip_line(&mut held)?;
                    searched = 0;
                }
                None => searched = held.len() - held.len() % self.encoding.unit_bytes(),
            }
        }
    }

    /// Hands over a block of whole lines.
    fn hand_over(&mut self, bytes: Vec<u8>) -> Result<(), Halt> {
        self.hand_over_as(bytes, Records::Lines)
    }

    /// Hands over a block of whole records that end with line feeds.
    pub(crate) fn hand_over_as(&mut self, bytes: Vec<u8>, records: Records) -> Result<(), Halt> {
        if bytes.is_empty() {
            return Ok(());
        }
        let start = self.at;
        let last_is_open = self.encoding.last_line_end(&bytes, 0) != Some(bytes.len());
        self.at.offset += bytes.len() as u64;
        self.at.line += self.encoding.line_feeds(&bytes) + u64::from(last_is_open);
        let (file, encoding) = (self.file, self.encoding);
        (self.emit)(Step::Block(Block { file, encoding, start, bytes, records }))
    }

    /// Passes over the line that begins with `held`, and leaves what was read
    /// beyond its end.
    fn skip_line(&mut self, held: &mut Vec<u8>) -> Result<(), Halt> {
        let mut bytes = 0;
        loop {
            // Half a code unit stays, for its other half.
            let whole = held.len() - held.len() % self.encoding.unit_bytes();
            held.drain(..whole);
            bytes += whole;
            let count = self.fill(held)?;
            let end = self.encoding.line_end(held, 0);
            if let Some(end) = end.or((count == 0).then_some(held.len())) {
                held.drain(..end);
                bytes += end;
                break;
            }
        }
        self.skipped(bytes as u64, 1)
    }

    /// Tells of a record that is passed over.
    pub(crate) fn skipped(&mut self, bytes: u64, lines: u64) -> Result<(), Halt> {
        let Position { offset, line } = self.at;
        self.at.offset += bytes;
        self.at.line += lines;
        (self.emit)(Step::TooLong(Place { file: self.file, line, offset, bytes }))
    }

    /// Appends the next bytes of the file; 0 at its end.
    pub(crate) fn fill(&mut self, held: &mut Vec<u8>) -> Result<usize, Halt> {
        if self.watch.stopped() {
            return Err(Halt::Unwanted);
        }
        self.stream.read_chunk(held).map_err(Halt::Failed)
    }
}
