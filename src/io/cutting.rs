//! Cuts stretches of its text out of a record, and leaves every other byte as
//! it was.
//!
//! A stretch of text is one range of the record's bytes, whatever the encoding
//! and the escapes, so what is cut out can be put back by inserting it.

use std::borrow::Cow;
use std::ops::Range;

use crate::io::encoding::Encoding;
use crate::io::json::{Fields, RecordParser, written_places};
use crate::io::kind::Format;

/// What is cut out of records.
#[derive(Clone, Copy)]
pub struct Cutting<'r> {
    /// Which field holds the text of a JSON record.
    pub fields: &'r Fields,
    /// The stretches to cut out of each document's text, by its number: byte
    /// ranges on character boundaries, in order, apart from each other.
    pub stretches: &'r (dyn Fn(usize) -> Vec<Range<usize>> + Sync),
}

/// Cuts records of one file.
pub(crate) struct RecordCutter {
    /// `None` where the record is the text.
    parser: Option<RecordParser>,
    encoding: Encoding,
}

impl RecordCutter {
    /// `None` if records of this format cannot be cut.
    pub(crate) fn new(format: Format, encoding: Encoding, fields: &Fields) -> Option<Self> {
        if format == Format::Jsonl {
            Some(Self { parser: Some(RecordParser::new(fields)), encoding })
        } else if format == Format::Text {
            Some(Self { parser: None, encoding })
        } else {
            None
        }
    }

    /// Where some stretches of a record's text lie in the record (without its
    /// terminator), one range each. It was made sure that the record without
    /// them says the text without them.
    ///
    /// # Errors
    /// In plain words, if a stretch cannot be cut out.
    pub(crate) fn ranges(
        &self,
        record: &[u8],
        stretches: &[Range<usize>],
    ) -> Result<Vec<Range<usize>>, String> {
        let decoded = self.encoding.decode(record)?;
        let text = self.text(&decoded)?;
        let expected = without(text.as_bytes(), stretches);
        let ranges = self.places(record, &decoded, stretches).ok_or(NOT_APART)?;
        let rest = without(record, &ranges);
        let decoded = self.encoding.decode(&rest)?;
        if self.text(&decoded)?.as_bytes() == expected { Ok(ranges) } else { Err(NOT_APART.into()) }
    }

    fn text<'a>(&self, decoded: &'a str) -> Result<Cow<'a, str>, String> {
        match &self.parser {
            Some(parser) => Ok(parser.parse(decoded)?.text),
            None => Ok(Cow::Borrowed(decoded)),
        }
    }

    fn places(
        &self,
        record: &[u8],
        decoded: &str,
        stretches: &[Range<usize>],
    ) -> Option<Vec<Range<usize>>> {
        let mut places: Vec<usize> = stretches.iter().flat_map(|s| [s.start, s.end]).collect();
        if let Some(parser) = &self.parser {
            let written = parser.written_text(decoded)?;
            places = written_places(&decoded[written.clone()], &places)?;
            places.iter_mut().for_each(|place| *place += written.start);
        }
        let places = self.encoding.raw_places(record, &places)?;
        Some(places.chunks_exact(2).map(|ends| ends[0]..ends[1]).collect())
    }
}

/// Why a stretch is not cut out.
const NOT_APART: &str = "the passage cannot be cut out of the bytes of this record";

/// Some bytes without some ranges of them; ranges that are no such are none.
pub(crate) fn without(bytes: &[u8], ranges: &[Range<usize>]) -> Vec<u8> {
    let mut rest = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for range in ranges {
        rest.extend_from_slice(bytes.get(at..range.start).unwrap_or_default());
        at = range.end;
    }
    rest.extend_from_slice(bytes.get(at..).unwrap_or_default());
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(format: Format, encoding: &str, record: &[u8], cut: &[&str], expected: &[u8]) {
        let encoding = Encoding::parse(encoding).unwrap();
        let cutter = RecordCutter::new(format, encoding, &Fields::default()).unwrap();
        let decoded = encoding.decode(record).unwrap();
        let text = cutter.text(&decoded).unwrap();
        let find = |stretch: &&str| {
            let start = text.find(stretch).expect("it is in the text");
            start..start + stretch.len()
        };
        let stretches: Vec<Range<usize>> = cut.iter().map(find).collect();
        let ranges = cutter.ranges(record, &stretches).unwrap();
        let rest = without(record, &ranges);
        assert_eq!(rest, expected, "{} left", String::from_utf8_lossy(&rest));
    }

    #[test]
    fn only_the_stretches_go() {
        let json = Format::Jsonl;
        check(
            json,
            "utf-8",
            r#"{ "text":"One.\u0020\ud83d\ude00 two\n three\/.", "n" :1.50}"#.as_bytes(),
            &["\u{1F600} two\n", "/"],
            br#"{ "text":"One.\u0020 three.", "n" :1.50}"#,
        );
        check(
            json,
            "utf-8",
            r#"{"text":"x Cut.","text":"ab Cut. é","body":"Cut."}"#.as_bytes(),
            &["Cut. "],
            r#"{"text":"x Cut.","text":"ab é","body":"Cut."}"#.as_bytes(),
        );
        check(
            json,
            "windows-1256",
            b"{\"text\":\"\xE3\xD5\\n\xD1 \xC8\"}",
            &["ص\nر"],
            b"{\"text\":\"\xE3 \xC8\"}",
        );
        check(Format::Text, "windows-1256", b"\xE3\xD5\r\n\xD1", &["ص\r\n"], b"\xE3\xD1");
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>();
        check(
            json,
            "utf-16be",
            &wide(r#"{"text":"a😀 \u0628b c"}"#),
            &["😀 ب"],
            &wide(r#"{"text":"ab c"}"#),
        );
    }

    #[test]
    fn what_is_not_apart_stays() {
        let cutter =
            RecordCutter::new(Format::Text, Encoding::parse("big5").unwrap(), &Fields::default())
                .unwrap();
        // One code stands for two characters, and only one of them is to go.
        let cause = cutter.ranges(&[0x88, 0x62], std::slice::from_ref(&(0..2))).unwrap_err();
        assert!(cause.contains("cannot be cut"), "{cause}");
    }
}
