//! Character encodings: where a line ends in raw bytes, and what the bytes say.
//!
//! Record boundaries are found before anything is decoded, so that a record
//! can be copied as it is. That needs an encoding in which the byte 0x0A is a
//! line feed and nothing else (UTF-8, the windows and ISO families, the East
//! Asian ones), or UTF-16, where it is an aligned code unit 0x000A.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2, memchr2_iter, memrchr};

use crate::io::places::Places;
use crate::visible::visible;
use crate::{Error, Result};

/// How a file's characters are written as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Default for Encoding {
    fn default() -> Self {
        Self::UTF_8
    }
}

impl Encoding {
    /// UTF-8: what a file is read as unless something says otherwise.
    pub const UTF_8: Self = Self(encoding_rs::UTF_8);
    /// UTF-16, low byte first.
    pub const UTF_16LE: Self = Self(encoding_rs::UTF_16LE);
    /// UTF-16, high byte first.
    pub const UTF_16BE: Self = Self(encoding_rs::UTF_16BE);

    /// The encoding a label such as `utf-16le` or `windows-1256` names (labels
    /// of the WHATWG Encoding Standard, in any case).
    ///
    /// # Errors
    /// An unknown label, or an encoding in which a line feed cannot be told
    /// from its byte alone.
    pub fn parse(label: &str) -> Result<Self> {
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).ok_or_else(|| {
            Error::Usage(format!(
                "unknown encoding {:?}; known are utf-8, utf-16le, utf-16be, windows-1256 and \
                 the other labels of https://encoding.spec.whatwg.org/#names-and-labels",
                visible(label)
            ))
        })?;
        let this = Self(encoding);
        if encoding.is_ascii_compatible() || this.is_utf16() {
            Ok(this)
        } else {
            Err(Error::Usage(format!(
                "{} cannot be cut into lines safely; convert the file first: \
                 iconv -f {} -t utf-8 FILE",
                encoding.name(),
                encoding.name().to_lowercase()
            )))
        }
    }

    /// The encoding a byte order mark at the start of a file names, and the
    /// mark's length in bytes.
    pub fn of_mark(start: &[u8]) -> Option<(Self, usize)> {
        encoding_rs::Encoding::for_bom(start).map(|(encoding, bytes)| (Self(encoding), bytes))
    }

    /// The standard's name of the encoding.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The same in the words of `encoding_rs`.
    pub(crate) fn standard(self) -> &'static encoding_rs::Encoding {
        self.0
    }

    fn is_utf16(self) -> bool {
        self == Self::UTF_16LE || self == Self::UTF_16BE
    }

    /// Bytes in a code unit; lines begin at multiples of it.
    pub(crate) fn unit_bytes(self) -> usize {
        if self.is_utf16() { 2 } else { 1 }
    }

    /// True if quotes and backslashes can be told by their bytes alone.
    pub(crate) fn is_json_safe(self) -> bool {
        self == Self::UTF_8 || self.is_utf16() || self.0.is_single_byte()
    }

    /// The first character of `bytes` if it is ASCII, some other byte if it is
    /// not; `None` if there is no whole code unit. `bytes` begins at one.
    pub(crate) fn first_unit(self, bytes: &[u8]) -> Option<u8> {
        let ascii = |high: u8, low: u8| if high == 0 { low } else { u8::MAX };
        if !self.is_utf16() {
            return bytes.first().copied();
        }
        let &[first, second] = bytes.first_chunk()?;
        Some(if self == Self::UTF_16LE { ascii(second, first) } else { ascii(first, second) })
    }

    /// If the byte 0x0A at `at` belongs to a line feed: where that line ends.
    /// `bytes` begins at a code unit.
    fn line_end_at(self, bytes: &[u8], at: usize) -> Option<usize> {
        if self == Self::UTF_16LE {
            (at.is_multiple_of(2) && bytes.get(at + 1) == Some(&0)).then_some(at + 2)
        } else if self == Self::UTF_16BE {
            (!at.is_multiple_of(2) && bytes[at - 1] == 0).then_some(at + 1)
        } else {
            Some(at + 1)
        }
    }

    /// The end of the first line that ends after `from`, terminator included.
    /// `bytes` begins at a code unit.
    pub(crate) fn line_end(self, bytes: &[u8], from: usize) -> Option<usize> {
        if !self.is_utf16() {
            return memchr(b'\n', &bytes[from..]).map(|at| from + at + 1);
        }
        memchr_iter(b'\n', &bytes[from..]).find_map(|at| self.line_end_at(bytes, from + at))
    }

    /// The end of the last line that ends after `from`, terminator included.
    /// `bytes` begins at a code unit.
    pub(crate) fn last_line_end(self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut end = bytes.len();
        while let Some(at) = memrchr(b'\n', &bytes[from..end]) {
            if let Some(line_end) = self.line_end_at(bytes, from + at) {
                return Some(line_end);
            }
            end = from + at;
        }
        None
    }

    /// How many line feeds there are. `bytes` begins at a code unit.
    pub(crate) fn line_feeds(self, bytes: &[u8]) -> u64 {
        let feeds = memchr_iter(b'\n', bytes);
        if self.is_utf16() {
            feeds.filter(|&at| self.line_end_at(bytes, at).is_some()).count() as u64
        } else {
            feeds.count() as u64
        }
    }

    /// Where the next code unit from `from` on begins that is one of two ASCII
    /// characters. `bytes` begins at a code unit, and so does `from`.
    pub(crate) fn find_ascii(self, bytes: &[u8], from: usize, [a, b]: [u8; 2]) -> Option<usize> {
        if !self.is_utf16() {
            return memchr2(a, b, &bytes[from..]).map(|at| from + at);
        }
        memchr2_iter(a, b, &bytes[from..]).find_map(|at| {
            let begins = (from + at) - (from + at) % 2;
            self.ascii_at(bytes, begins)
                .is_some_and(|unit| unit == a || unit == b)
                .then_some(begins)
        })
    }

    /// The ASCII character of the code unit at `at`; `None` if it is another
    /// one, or not all there.
    pub(crate) fn ascii_at(self, bytes: &[u8], at: usize) -> Option<u8> {
        let unit = bytes.get(at..at + self.unit_bytes())?;
        let (byte, is_ascii) = match *unit {
            [low, high] if self == Self::UTF_16LE => (low, high == 0),
            [high, low] => (low, high == 0),
            [byte] => (byte, true),
            _ => return None,
        };
        (is_ascii && byte.is_ascii()).then_some(byte)
    }

    /// True if a byte below 0x80 may be the second half of a character.
    pub(crate) fn has_ascii_halves(self) -> bool {
        !(self == Self::UTF_8 || self.is_utf16() || self.0.is_single_byte())
    }

    /// A record without the line feed, or carriage return and line feed, at
    /// its end.
    pub(crate) fn without_terminator(self, record: &[u8]) -> &[u8] {
        let strip = |record, ends: [&[u8]; 2]| {
            let [feed, cr] = ends;
            match <[u8]>::strip_suffix(record, feed) {
                Some(line) => line.strip_suffix(cr).unwrap_or(line),
                None => record,
            }
        };
        if self == Self::UTF_16LE {
            strip(record, [b"\n\0", b"\r\0"])
        } else if self == Self::UTF_16BE {
            strip(record, [b"\0\n", b"\0\r"])
        } else {
            strip(record, [b"\n", b"\r"])
        }
    }

    /// The text some bytes say; borrowed where they are UTF-8 or plain ASCII.
    ///
    /// # Errors
    /// In plain words, where they are not valid in this encoding.
    pub(crate) fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, String> {
        if self == Self::UTF_8 {
            // Several times as fast as the standard library on Arabic, where
            // that takes half the time of reading a record.
            return simdutf8::compat::from_utf8(bytes).map(Cow::Borrowed).map_err(|e| {
                format!(
                    "invalid UTF-8 at byte {} of the record; if the file is written in another \
                     encoding, name it with --encoding (for example windows-1256)",
                    e.valid_up_to() + 1
                )
            });
        }
        self.0
            .decode_without_bom_handling_and_without_replacement(bytes)
            .ok_or_else(|| format!("not valid {}", self.name()))
    }

    /// The text some bytes say, with U+FFFD for what is invalid.
    pub(crate) fn decode_lossy(self, bytes: &[u8]) -> Cow<'_, str> {
        self.0.decode_without_bom_handling(bytes).0
    }

    /// How many bytes a text that was decoded without an error takes up; `None`
    /// where that cannot be told from the text.
    pub(crate) fn encoded_bytes(self, text: &str) -> Option<usize> {
        if self == Self::UTF_8 {
            Some(text.len())
        } else if self.is_utf16() {
            Some(2 * text.chars().map(char::len_utf16).sum::<usize>())
        } else if self.0.is_single_byte() {
            Some(text.chars().count())
        } else {
            None
        }
    }

    /// Where some places of the text that `bytes` say are in `bytes`. The
    /// places are ascending byte offsets into the decoded text; `None` if one
    /// of them has no byte of its own, as between two characters that one code
    /// stands for.
    pub(crate) fn raw_places(self, bytes: &[u8], places: &[usize]) -> Option<Vec<usize>> {
        if self == Self::UTF_8 {
            return Some(places.to_vec());
        }
        let mut found = Places::new(places);
        let mut decoder = self.0.new_decoder_without_bom_handling();
        // One byte brings forth two characters at most.
        let mut decoded = [0; 16];
        for (at, byte) in bytes.chunks(1).enumerate() {
            let (_, _, written) =
                decoder.decode_to_utf8_without_replacement(byte, &mut decoded, false);
            if written > 0 {
                found.unit(written, at + 1 - found.spelled);
            }
        }
        found.finish()
    }

    /// ASCII text as bytes of this encoding.
    pub(crate) fn encode_ascii(self, text: &str) -> Vec<u8> {
        debug_assert!(text.is_ascii());
        if self == Self::UTF_16LE {
            text.bytes().flat_map(|byte| [byte, 0]).collect()
        } else if self == Self::UTF_16BE {
            text.bytes().flat_map(|byte| [0, byte]).collect()
        } else {
            text.as_bytes().to_vec()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn lines_end_at_line_feeds_and_at_nothing_that_looks_like_one() {
        #[track_caller]
        fn check(encoding: Encoding, bytes: &[u8], ends: &[usize]) {
            let mut found = Vec::new();
            let mut from = 0;
            while let Some(end) = encoding.line_end(bytes, from) {
                found.push(end);
                from = end;
            }
            assert_eq!(found, ends, "{} of {bytes:x?}", encoding.name());
            assert_eq!(encoding.last_line_end(bytes, 0), ends.last().copied());
            assert_eq!(encoding.line_feeds(bytes), ends.len() as u64);
        }
        // U+0A0A and U+0A00 have the bytes of a line feed, and so have the
        // halves of U+000A's neighbours when read across a border.
        let text = "a\n\u{A0A}\n\u{A00}b\n\u{100}\u{A61}";
        check(Encoding::UTF_16LE, &utf16(text, u16::to_le_bytes), &[4, 8, 14]);
        check(Encoding::UTF_16BE, &utf16(text, u16::to_be_bytes), &[4, 8, 14]);
        check(Encoding::UTF_8, "a\nب\n\nc".as_bytes(), &[2, 5, 6]);
        check(Encoding::UTF_8, b"", &[]);
    }

    #[test]
    fn a_terminator_is_a_line_feed_with_or_without_carriage_return() {
        let plain = |record: &'static [u8]| Encoding::UTF_8.without_terminator(record);
        assert_eq!(plain(b"a\r\n"), b"a");
        assert_eq!(plain(b"a\n"), b"a");
        assert_eq!(plain(b"a\r"), b"a\r");
        assert_eq!(plain(b"\n\n"), b"\n");
        let wide = utf16("a\r\n", u16::to_le_bytes);
        assert_eq!(Encoding::UTF_16LE.without_terminator(&wide), b"a\0");
    }

    #[test]
    fn labels_are_known_and_unsafe_ones_refused_by_name() {
        assert_eq!(Encoding::parse("UTF-16LE").unwrap(), Encoding::UTF_16LE);
        assert_eq!(Encoding::parse("windows-1256").unwrap().name(), "windows-1256");
        assert_eq!(Encoding::parse("gb18030").unwrap().name(), "gb18030");
        let refused = Encoding::parse("iso-2022-jp").unwrap_err().to_string();
        assert!(refused.contains("ISO-2022-JP") && refused.contains("iconv"), "{refused}");
        let unknown = Encoding::parse("utf-9").unwrap_err().to_string();
        assert!(unknown.contains("utf-9") && unknown.contains("windows-1256"), "{unknown}");
    }

    #[test]
    fn places_in_the_text_are_places_in_the_bytes() {
        #[track_caller]
        fn check(label: &str, bytes: &[u8], places: &[usize], expected: Option<&[usize]>) {
            let found = Encoding::parse(label).unwrap().raw_places(bytes, places);
            assert_eq!(found.as_deref(), expected, "{places:?} in {bytes:x?} of {label}");
        }
        check("utf-8", "aب".as_bytes(), &[0, 1, 3], Some(&[0, 1, 3]));
        check("windows-1256", &[0xE3, 0xD5, b'a'], &[0, 2, 4, 5], Some(&[0, 1, 2, 3]));
        check("windows-1256", &[0xE3, 0xD5], &[1], None);
        let wide = utf16("a\u{1F600}ب", u16::to_le_bytes);
        check("utf-16le", &wide, &[1, 5, 7], Some(&[2, 6, 8]));
        check("gbk", &[0xB0, 0xA1, b'a'], &[0, 3, 4], Some(&[0, 2, 3]));
        // One code, two characters: U+00CA U+0304.
        check("big5", &[0x88, 0x62, b'a'], &[4, 5], Some(&[2, 3]));
        check("big5", &[0x88, 0x62], &[2], None);
    }

    #[test]
    fn windows_1256_says_arabic() {
        let encoding = Encoding::parse("cp1256").unwrap();
        assert_eq!(encoding.decode(&[0xE3, 0xD5, 0xD1]).unwrap(), "مصر");
    }
}
