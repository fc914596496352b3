//! Cuts a file into records that have gaps between them.
//!
//! Where records begin and end is for a format's [`Borders`] to find; this
//! module holds as much of the file as they need and counts its lines. What
//! lies between records is no record: it is passed over here, and found again
//! by its place when records are copied.

use crate::document::Place;
use crate::io::cut::{Block, Cutter, Halt, Position, Records, Step};
use crate::io::kind::Format;

/// More than any format looks beyond a record to find its end: a record that
/// is let go of is longer than allowed, and not just followed by more.
const LOOK_AHEAD_BYTES: u64 = 4096;

/// A record inside a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    /// The line it begins on.
    pub line: u64,
    /// Where it begins, in bytes from the beginning of the block.
    pub start: usize,
    /// Where it ends, likewise.
    pub end: usize,
}

/// A record's beginning or end, as a place in the file's unpacked bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Border {
    Begin(u64),
    /// Behind its last byte.
    End(u64),
}

/// Why a file cannot be cut any further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub at: u64,
    /// In plain words.
    pub cause: String,
}

/// Some of a file's bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held<'h> {
    pub bytes: &'h [u8],
    /// Where in the file they begin.
    pub from: u64,
    /// True if the file ends where they do.
    pub is_last: bool,
}

impl<'h> Held<'h> {
    /// The bytes from a place in the file on.
    pub(crate) fn after(&self, at: u64) -> &'h [u8] {
        &self.bytes[(at - self.from) as usize..]
    }

    /// Where in the file they end.
    pub(crate) fn end(&self) -> u64 {
        self.from + self.bytes.len() as u64
    }
}

/// Finds where the records of one format begin and end, as a file streams by.
pub(crate) trait Borders {
    /// The next border, beginnings and ends in turn, each told once; `None` if
    /// more of the file must be seen first or, at its end, if there is none.
    fn next(&mut self, held: Held<'_>) -> Result<Option<Border>, Malformed>;

    /// From where on the bytes must be held for the next call.
    fn needs(&self) -> u64;
}

impl Cutter<'_, '_> {
    /// Cuts at borders. `held` is what was read of the file so far.
    pub(crate) fn cut_elements(
        &mut self,
        held: Vec<u8>,
        format: Format,
        borders: &mut dyn Borders,
    ) -> Result<(), Halt> {
        let counted = self.at;
        let mut cutting = Elements {
            cutter: self,
            format,
            held_from: counted.offset,
            held,
            counted,
            open: None,
            closed: Vec::new(),
        };
        let mut is_last = false;
        loop {
            cutting.take(borders, is_last)?;
            if is_last {
                return cutting.end();
            }
            match cutting.cutter.fill(&mut cutting.held) {
                Ok(count) => is_last = count == 0,
                Err(halt) => {
                    cutting.hand_over()?;
                    return Err(halt);
                }
            }
        }
    }
}

/// Elements being cut. All offsets are into the file.
struct Elements<'e, 'c, 'w> {
    cutter: &'e mut Cutter<'c, 'w>,
    format: Format,
    held: Vec<u8>,
    /// Where `held` begins. Beyond the open record's beginning if that is too
    /// long, and dropped.
    held_from: u64,
    /// Up to where lines were counted.
    counted: Position,
    /// The beginning of the record whose end is not found yet.
    open: Option<Position>,
    /// Records that are through and not handed over.
    closed: Vec<Element>,
}

impl Elements<'_, '_, '_> {
    fn index(&self, offset: u64) -> usize {
        (offset - self.held_from) as usize
    }

    fn held_to(&self) -> u64 {
        self.held_from + self.held.len() as u64
    }

    /// Takes all borders that can be found in what is held, then lets go of
    /// what nobody needs.
    fn take(&mut self, borders: &mut dyn Borders, is_last: bool) -> Result<(), Halt> {
        loop {
            let held = Held { bytes: &self.held, from: self.held_from, is_last };
            match borders.next(held) {
                Ok(Some(Border::Begin(at))) => self.open = Some(self.position(at)),
                Ok(Some(Border::End(at))) => self.close(at)?,
                Ok(None) => break,
                Err(Malformed { at, cause }) => {
                    let at = self.position(at);
                    self.hand_over()?;
                    return Err(Halt::Malformed(at, cause));
                }
            }
        }
        let bytes_max = self.cutter.limits.record_bytes_max as u64;
        let needs = match self.open {
            Some(open) if self.held_to() - open.offset <= bytes_max + LOOK_AHEAD_BYTES => {
                open.offset
            }
            _ => borders.needs(),
        };
        let is_too_long = self.open.is_some_and(|open| open.offset < needs);
        if is_too_long || needs - self.held_from >= self.cutter.limits.block_bytes as u64 {
            self.hand_over()?;
        }
        if self.closed.is_empty() {
            self.drop_to(needs);
        }
        Ok(())
    }

    /// The line a place is on; places must not go back.
    fn position(&mut self, at: u64) -> Position {
        let at = at.clamp(self.counted.offset, self.held_to());
        let passed = &self.held[self.index(self.counted.offset)..self.index(at)];
        let line = self.counted.line + self.cutter.encoding.line_feeds(passed);
        self.counted = Position { offset: at, line };
        self.counted
    }

    fn drop_to(&mut self, offset: u64) {
        let end = self.position(offset).offset;
        if end > self.held_from {
            self.held.drain(..self.index(end));
            self.held_from = end;
        }
    }

    /// Ends the open record.
    fn close(&mut self, at: u64) -> Result<(), Halt> {
        let open = self.open.take().expect("a record ends only after it began");
        let end = self.position(at);
        if open.offset >= self.held_from {
            let (start, end) = (self.index(open.offset), self.index(end.offset));
            self.closed.push(Element { line: open.line, start, end });
            return Ok(());
        }
        let Position { offset, line } = open;
        let place = Place { file: self.cutter.file, line, offset, bytes: end.offset - offset };
        self.cutter.at = end;
        (self.cutter.emit)(Step::TooLong(place))
    }

    /// Hands over the records that are through.
    fn hand_over(&mut self) -> Result<(), Halt> {
        let Some(last) = self.closed.last() else { return Ok(()) };
        let end = last.end;
        let start = Position { offset: self.held_from, line: self.closed[0].line };
        let at = self.held_from + end as u64;
        // An open record begins behind them; its lines are counted already.
        let line =
            start.line + self.cutter.encoding.line_feeds(&self.held[self.closed[0].start..end]);
        let rest = self.held.split_off(end);
        let bytes = std::mem::replace(&mut self.held, rest);
        self.held_from = at;
        if self.counted.offset < at {
            self.counted = Position { offset: at, line };
        }
        self.cutter.at = Position { offset: at, line };
        let records = Records::Elements(self.format, std::mem::take(&mut self.closed));
        let Cutter { file, encoding, .. } = *self.cutter;
        (self.cutter.emit)(Step::Block(Block { file, encoding, start, bytes, records }))
    }

    fn end(mut self) -> Result<(), Halt> {
        let ends_open = self.held.last().is_some_and(|&byte| byte != b'\n');
        let Position { offset, line } = self.position(u64::MAX);
        self.hand_over()?;
        self.cutter.at = Position { offset, line: line + u64::from(ends_open) };
        Ok(())
    }
}
