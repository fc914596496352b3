//! A JSON array, put together again from the arrays it was divided into.
//!
//! Each part holds its elements with what stood before them. Only the first
//! element of a part that is not the array's first has lost the comma before
//! it: what stood before the comma waits at the part's end (see
//! `Separators`, which wrote it). So an end is looked up before its part is
//! read, and everything else comes in order.

use crate::Result;
use crate::io::encoding::Encoding;
use crate::io::rewrite::KEPT;

use super::{Merge, Part, Sink, Table};

/// What closes a part of an array that could not be read to its end.
const CLOSING: &[u8] = b"\n]\n";

/// How ASCII characters are written.
#[derive(Clone, Copy)]
struct Units {
    bytes: usize,
    /// Which byte of a unit says the character; the others are 0.
    says: usize,
}

impl Units {
    /// `start` is how the array begins behind its byte order mark: with a
    /// bracket or white space.
    fn of(mark: Option<Encoding>, start: &[u8]) -> Self {
        let is_wide = mark.is_some_and(|encoding| encoding.unit_bytes() == 2);
        match start {
            [0, ..] => Self { bytes: 2, says: 1 },
            [_, 0, ..] => Self { bytes: 2, says: 0 },
            // An empty file.
            _ if is_wide => Self { bytes: 2, says: 0 },
            _ => Self { bytes: 1, says: 0 },
        }
    }

    fn ascii(self, unit: &[u8]) -> Option<u8> {
        let others = unit.iter().enumerate().filter(|(at, _)| *at != self.says);
        let is_ascii = unit.len() == self.bytes && others.map(|(_, byte)| *byte).all(|b| b == 0);
        if is_ascii { Some(unit[self.says]) } else { None }
    }

    fn is_white(self, unit: &[u8]) -> bool {
        matches!(self.ascii(unit), Some(b' ' | b'\t' | b'\n' | b'\r'))
    }

    fn written(self, ascii: &[u8]) -> Vec<u8> {
        let mut units = vec![0; ascii.len() * self.bytes];
        for (unit, byte) in units.chunks_exact_mut(self.bytes).zip(ascii) {
            unit[self.says] = *byte;
        }
        units
    }

    /// Where a sign ends in some units.
    fn behind(self, sign: u8, bytes: &[u8]) -> Option<usize> {
        let at = bytes.chunks(self.bytes).position(|unit| self.ascii(unit) == Some(sign))?;
        Some((at + 1) * self.bytes)
    }
}

/// A part being read.
struct Elements<'p> {
    part: Part<'p>,
    /// What stands before its first element, until that was written.
    opening: Option<Vec<u8>>,
    /// What ends it.
    ending: Vec<u8>,
}

/// The array that is put together.
struct Array<'m> {
    merge: &'m Merge<'m>,
    units: Units,
    mark_bytes: usize,
    /// What stands behind the last element, and what ends each part, whatever
    /// waits there.
    rest: Vec<u8>,
    closing: Vec<u8>,
}

impl Merge<'_> {
    /// Merges the parts of an array.
    pub(super) fn array(&self, tables: &mut [&mut Table]) -> Result<()> {
        let name = &self.file.name;
        let mut sink = self.sink()?;
        let mut part = self.part(KEPT)?;
        part.fill_to(super::MARK_BYTES_MAX + 2)?;
        let mark = Encoding::of_mark(part.held());
        let mark_bytes = mark.map_or(0, |(_, bytes)| bytes);
        let units = Units::of(mark.map(|(encoding, _)| encoding), &part.held()[mark_bytes..]);
        part.copy(mark_bytes as u64, &mut sink)?;

        let next = |tables: &[&mut Table]| {
            let of = |at: usize| Some((tables[at].next_of(name)?.offset, at));
            (0..tables.len()).filter_map(of).min()
        };
        let Some((first_offset, first)) = next(tables) else {
            part.copy(self.unpacked.0 - sink.bytes, &mut sink)?;
            return self.finish(sink);
        };
        let mut array =
            Array { merge: self, units, mark_bytes, rest: Vec::new(), closing: Vec::new() };
        let mut kept = array.elements(part, KEPT)?;
        let mut parts: Vec<Option<Elements<'_>>> = tables.iter().map(|_| None).collect();
        let folder = tables[first].folder;
        let removed = array.elements(array.opened(folder)?, folder)?;
        // Which part holds the array's first element.
        let lead = removed.opening.as_ref().map_or(0, Vec::len);
        let is_removed = first_offset == (mark_bytes + lead) as u64;
        array.closing = if self.file.whole {
            if is_removed { removed.ending.clone() } else { kept.ending.clone() }
        } else {
            units.written(CLOSING)
        };
        array.rest = if self.file.whole { array.closing.clone() } else { Vec::new() };
        parts[first] = Some(removed);
        let begins = if is_removed { parts[first].as_mut() } else { Some(&mut kept) };
        if let Some(opening) = begins.and_then(|part| part.opening.take()) {
            sink.write(&opening, self)?;
        }

        while let Some((offset, at)) = next(tables) {
            let elements = match &mut parts[at] {
                Some(elements) => elements,
                slot => {
                    let folder = tables[at].folder;
                    slot.insert(array.elements(array.opened(folder)?, folder)?)
                }
            };
            let is_first = sink.bytes == offset;
            let gap = if is_first { Vec::new() } else { array.gap(elements)? };
            let kept_to = offset.checked_sub(gap.len() as u64).ok_or_else(|| self.altered())?;
            array.copy(&mut kept, kept_to, &mut sink)?;
            sink.write(&gap, self)?;
            let bytes = tables[at].next_of(name).map_or(0, |piece| piece.bytes);
            elements.part.copy(bytes, &mut sink)?;
            tables[at].advance()?;
        }
        let end = self.unpacked.0.checked_sub(array.rest.len() as u64);
        array.copy(&mut kept, end.ok_or_else(|| self.altered())?, &mut sink)?;
        sink.write(&array.rest, self)?;
        for elements in parts.into_iter().flatten() {
            array.end(elements)?;
        }
        self.finish(sink)
    }
}

impl<'m> Array<'m> {
    /// A part behind its byte order mark.
    fn opened(&self, folder: &str) -> Result<Part<'m>> {
        let mut part = self.merge.part(folder)?;
        part.skip(self.mark_bytes as u64)?;
        Ok(part)
    }

    fn elements(&self, mut part: Part<'m>, folder: &str) -> Result<Elements<'m>> {
        let opening = Some(self.lead(&mut part, b'[')?);
        Ok(Elements { part, opening, ending: self.ending(folder)? })
    }

    /// White space and one sign, as far as they stand next.
    fn lead(&self, part: &mut Part<'_>, sign: u8) -> Result<Vec<u8>> {
        let Units { bytes, .. } = self.units;
        let (mut lead, mut has_sign) = (Vec::new(), false);
        loop {
            part.fill_to(bytes)?;
            let Some(unit) = part.held().get(..bytes) else { return Ok(lead) };
            let is_sign = !has_sign && self.units.ascii(unit) == Some(sign);
            if !is_sign && !self.units.is_white(unit) {
                return Ok(lead);
            }
            has_sign |= is_sign;
            lead.extend_from_slice(unit);
            part.used += bytes;
            if lead.len() as u64 > self.merge.unpacked.0 {
                return Err(self.merge.altered());
            }
        }
    }

    /// What stands behind the last element of a part.
    fn ending(&self, folder: &str) -> Result<Vec<u8>> {
        let Units { bytes, .. } = self.units;
        let mut part = self.opened(folder)?;
        let mut tail: Vec<u8> = Vec::new();
        loop {
            let whole = part.held().len() / bytes * bytes;
            let read = &part.held()[..whole];
            let is_end =
                |unit: &[u8]| self.units.is_white(unit) || self.units.ascii(unit) == Some(b']');
            let from = read.chunks(bytes).rposition(|unit| !is_end(unit));
            if let Some(at) = from {
                tail.clear();
                tail.extend_from_slice(&read[(at + 1) * bytes..]);
            } else {
                tail.extend_from_slice(read);
            }
            if tail.len() as u64 > self.merge.unpacked.0 + CLOSING.len() as u64 * 2 {
                return Err(self.merge.altered());
            }
            part.used += whole;
            if part.fill()? == 0 {
                break;
            }
        }
        // The last bracket and the white space around it.
        let units: Vec<&[u8]> = tail.chunks(bytes).collect();
        let Some(bracket) = units.iter().rposition(|unit| !self.units.is_white(unit)) else {
            return Ok(Vec::new());
        };
        let white = units[..bracket].iter().rev().take_while(|unit| self.units.is_white(unit));
        let start = (bracket - white.count()) * bytes;
        Ok(tail.split_off(start))
    }

    /// What stood before the next element of a part.
    fn gap(&self, elements: &mut Elements<'_>) -> Result<Vec<u8>> {
        let Some(opening) = elements.opening.take() else {
            return self.lead(&mut elements.part, b',');
        };
        let altered = || self.merge.altered();
        let before = elements.ending.strip_suffix(&self.closing[..]).ok_or_else(altered)?;
        let behind = self.units.behind(b'[', &opening).ok_or_else(altered)?;
        Ok([before, &self.units.written(b","), &opening[behind..]].concat())
    }

    /// Copies what is kept, up to a place in the array.
    fn copy(&self, kept: &mut Elements<'_>, to: u64, sink: &mut Sink) -> Result<()> {
        let altered = || self.merge.altered();
        let count = to.checked_sub(sink.bytes).ok_or_else(altered)?;
        if count > 0 && kept.opening.is_some() {
            let gap = self.gap(kept)?;
            sink.write(&gap, self.merge)?;
        }
        let count = to.checked_sub(sink.bytes).ok_or_else(altered)?;
        kept.part.copy(count, sink)
    }

    /// Makes sure that nothing but its ending is left of a part.
    fn end(&self, mut elements: Elements<'_>) -> Result<()> {
        let length = elements.ending.len();
        elements.part.fill_to(length + 1)?;
        match elements.part.held() == elements.ending {
            true => Ok(()),
            false => Err(self.merge.altered()),
        }
    }
}
