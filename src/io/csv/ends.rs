//! Where rows end in raw bytes: at line feeds that are not quoted.

use crate::io::encoding::Encoding;

/// Looks for the ends of rows while their bytes come in.
///
/// A quote opens where a cell begins, closes at the next quote that is not
/// doubled, and is an ordinary character elsewhere: as `csv-core` reads them,
/// but in any encoding, and without taking rows apart.
#[derive(Debug)]
pub(crate) struct RowEnds<'d> {
    encoding: Encoding,
    /// The characters that separate cells.
    delimiters: &'d [u8],
    /// Everything before this was looked at.
    at: usize,
    /// A row has begun before `at`.
    has_begun: bool,
    /// A cell may begin at `at`.
    is_start: bool,
    is_quoted: bool,
}

impl<'d> RowEnds<'d> {
    /// At the beginning of a row.
    pub(crate) fn new(encoding: Encoding, delimiters: &'d [u8]) -> Self {
        Self { encoding, delimiters, at: 0, has_begun: false, is_start: true, is_quoted: false }
    }

    /// Where the next row ends, line feed included; `None` if that is not
    /// known yet. If `bytes` are all there are, their end ends the last row.
    /// They begin at a code unit.
    pub(crate) fn next(&mut self, bytes: &[u8], is_all: bool) -> Option<usize> {
        let unit = self.encoding.unit_bytes();
        while let Some(found) = self.encoding.find_ascii(bytes, self.at, self.wanted()) {
            self.move_to(found, bytes);
            let next = found + unit;
            if !self.is_quoted {
                self.at = next;
                if self.encoding.ascii_at(bytes, found) == Some(b'\n') {
                    (self.has_begun, self.is_start) = (false, true);
                    return Some(next);
                }
                (self.has_begun, self.is_quoted) = (true, self.is_start);
                self.is_start = false;
            } else if self.encoding.ascii_at(bytes, next) == Some(b'"') {
                self.at = next + unit;
            } else if next + unit <= bytes.len() || is_all {
                (self.at, self.is_quoted) = (next, false);
            } else {
                // The next character says whether the quote closes.
                return None;
            }
        }
        if is_all {
            let is_row = std::mem::take(&mut self.has_begun) || self.at < bytes.len();
            self.at = bytes.len();
            return is_row.then_some(bytes.len());
        }
        self.move_to(bytes.len() - bytes.len() % unit, bytes);
        None
    }

    /// The last end that [`RowEnds::next`] gives.
    pub(crate) fn last(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut last = None;
        while let Some(end) = self.next(bytes, false) {
            last = Some(end);
        }
        last
    }

    /// How many bytes are not needed any more to go on.
    pub(crate) fn passed(&self) -> usize {
        self.at
    }

    /// The first bytes, of those that were passed, are no longer there.
    pub(crate) fn forget(&mut self, count: usize) {
        self.at -= count;
    }

    /// The characters that change something.
    fn wanted(&self) -> [u8; 2] {
        if self.is_quoted { *b"\"\"" } else { *b"\"\n" }
    }

    /// Passes over characters that change nothing.
    fn move_to(&mut self, to: usize, bytes: &[u8]) {
        if to > self.at {
            let before = self.encoding.ascii_at(bytes, to - self.encoding.unit_bytes());
            self.is_start = before.is_some_and(|unit| self.delimiters.contains(&unit));
            (self.at, self.has_begun) = (to, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use csv_core::{ReadRecordResult, ReaderBuilder, Terminator};
    use proptest::prelude::*;

    use super::*;

    /// The ends of all rows, the bytes coming in pieces of `piece` bytes.
    fn ends(encoding: Encoding, delimiters: &[u8], bytes: &[u8], piece: usize) -> Vec<usize> {
        let mut rows = RowEnds::new(encoding, delimiters);
        let (mut held, mut forgotten, mut found) = (Vec::new(), 0, Vec::new());
        for (number, chunk) in bytes.chunks(piece).enumerate() {
            held.extend_from_slice(chunk);
            while let Some(end) = rows.next(&held, false) {
                found.push(forgotten + end);
            }
            if number % 2 == 0 {
                let passed = rows.passed();
                held.drain(..passed);
                rows.forget(passed);
                forgotten += passed;
            }
        }
        while let Some(end) = rows.next(&held, true) {
            found.push(forgotten + end);
        }
        found
    }

    #[test]
    fn rows_end_at_line_feeds_outside_quotes() {
        #[track_caller]
        fn check(text: &str, rows: &[&str]) {
            let lengths = |encode: &dyn Fn(&str) -> Vec<u8>| -> (Vec<u8>, Vec<usize>) {
                let mut end = 0;
                let ends = rows.iter().map(|row| {
                    end += encode(row).len();
                    end
                });
                let ends = ends.collect();
                (encode(text), ends)
            };
            let le = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let be = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let utf8 = |text: &str| text.as_bytes().to_vec();
            for (encoding, (bytes, expected)) in [
                (Encoding::UTF_8, lengths(&utf8)),
                (Encoding::UTF_16LE, lengths(&le)),
                (Encoding::UTF_16BE, lengths(&be)),
            ] {
                for piece in [1, 2, 3, 7, 1000] {
                    let found = ends(encoding, b",", &bytes, piece);
                    assert_eq!(found, expected, "{text:?}, {}, by {piece}", encoding.name());
                }
            }
        }
        check("", &[]);
        check("a,b\nc", &["a,b\n", "c"]);
        check("\"a\nb\",\"c\"\"\n\"\r\nd\n", &["\"a\nb\",\"c\"\"\n\"\r\n", "d\n"]);
        check("a\"b\n\"c\"d\"e\n", &["a\"b\n", "\"c\"d\"e\n"]);
        check("\"\"\n\"\"\"\n\"\n", &["\"\"\n", "\"\"\"\n\"\n"]);
        check("a,\"never closed\nb\n", &["a,\"never closed\nb\n"]);
        check("ਊ,\"ب\nਊ\"\n،\"\n", &["ਊ,\"ب\nਊ\"\n", "،\"\n"]);
    }

    /// What `csv-core` says: the plain twin.
    fn csv_core_ends(text: &str) -> Vec<usize> {
        let mut reader =
            ReaderBuilder::new().delimiter(b';').terminator(Terminator::Any(b'\n')).build();
        let (mut cells, mut cell_ends) = ([0; 1024], [0; 1024]);
        let (mut at, mut found) = (0, Vec::new());
        loop {
            let (result, read, ..) =
                reader.read_record(&text.as_bytes()[at..], &mut cells, &mut cell_ends);
            at += read;
            match result {
                ReadRecordResult::Record => found.push(at),
                ReadRecordResult::InputEmpty => {}
                _ => return found,
            }
        }
    }

    proptest! {
        #[test]
        fn csv_core_finds_the_same_ends(text in "[a;\"\n]{0,60}", piece in 1usize..9) {
            // It passes over empty lines, and tells of the last row when that is over.
            let mut before = 0;
            let found = ends(Encoding::UTF_8, b";", text.as_bytes(), piece);
            let rows = found.into_iter().filter(|&end| {
                let row = &text[std::mem::replace(&mut before, end)..end];
                row != "\n"
            });
            prop_assert_eq!(rows.collect::<Vec<_>>(), csv_core_ends(&text));
        }
    }
}
