//! The walk over a record as nearly all are: an object whose wanted values are
//! strings, in which nothing is wrong. Strings are found by their ends, several
//! bytes at a time. Every other record is left to [`walk`](super::walk), which
//! defines what is right and tells what is wrong.

use std::borrow::Cow;

use memchr::memchr;
use serde_json::value::RawValue;

use super::walk::{Found, Value, label};
use super::{Field, Want};

/// How many bytes of a string are looked at together.
const CHUNK_BYTES: usize = 32;

/// Picks the wanted keys out of one object, none of which is a path. `None` if
/// the record is for [`walk`](super::walk::walk).
pub(super) fn walk<'a>(json: &'a str, wants: &[Want]) -> Option<Found<'a>> {
    let mut reader = Reader { json, at: 0 };
    let mut found = Found::default();
    reader.pass(b'{')?;
    if reader.pass(b'}').is_none() {
        loop {
            reader.pass(b'"')?;
            let key = reader.string()?.said()?;
            reader.pass(b':')?;
            reader.value(&key, wants, &mut found)?;
            if reader.pass(b',').is_none() {
                reader.pass(b'}')?;
                break;
            }
        }
    }
    reader.skip_space();
    (reader.at == json.len()).then_some(found)
}

/// A JSON text, read up to `at`.
struct Reader<'a> {
    json: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn skip_space(&mut self) {
        let rest = &self.json.as_bytes()[self.at..];
        let is_space = |byte: &&u8| matches!(byte, b' ' | b'\n' | b'\t' | b'\r');
        self.at += rest.iter().take_while(is_space).count();
    }

    /// Passes over white space and this byte, if it comes next.
    fn pass(&mut self, byte: u8) -> Option<()> {
        self.skip_space();
        let is_next = self.json.as_bytes().get(self.at) == Some(&byte);
        is_next.then(|| self.at += 1)
    }

    /// Reads a key's value into the places where it is wanted.
    fn value(&mut self, key: &str, wants: &[Want], found: &mut Found<'a>) -> Option<()> {
        let wanted = || wants.iter().enumerate().filter(|(_, want)| want.path == key);
        let value = if self.pass(b'"').is_some() {
            let string = self.string()?;
            if wanted().next().is_none() {
                return string.is_sound().then_some(());
            }
            Value::Text(string.said()?)
        } else {
            let raw = self.raw()?;
            match wanted().any(|(_, want)| want.field == Field::Text) {
                // Which is seldom, and may be a reason to refuse the record.
                true => return None,
                false => label(raw).ok()?,
            }
        };
        wanted().for_each(|(want, _)| found.put(want, key.len(), value.clone()));
        Some(())
    }

    /// Passes over any value that is no string.
    fn raw(&mut self) -> Option<&'a RawValue> {
        let rest = self.json.get(self.at..)?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let raw = values.next()?.ok()?;
        self.at += values.byte_offset();
        Some(raw)
    }

    /// Passes over the rest of a string whose first quote has been passed.
    fn string(&mut self) -> Option<Written<'a>> {
        let bytes = self.json.as_bytes();
        let start = self.at;
        let mut has_escapes = false;
        loop {
            self.at += plain_bytes(&bytes[self.at..]);
            match bytes.get(self.at)? {
                b'"' => break,
                b'\\' => {
                    has_escapes = true;
                    self.at += 2;
                    bytes.get(self.at)?;
                }
                _ => return None,
            }
        }
        let written = &self.json[start..self.at];
        self.at += 1;
        Some(Written { written, has_escapes })
    }
}

/// How many bytes there are before the first that is a quote, a backslash or a
/// control character.
fn plain_bytes(bytes: &[u8]) -> usize {
    let is_plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    let (chunks, _) = bytes.as_chunks::<CHUNK_BYTES>();
    // Without a way out of the loop over a chunk, it is done all at once.
    let all_plain =
        |chunk: &&[u8; CHUNK_BYTES]| chunk.iter().fold(true, |all, &byte| all & is_plain(byte));
    let passed = CHUNK_BYTES * chunks.iter().take_while(all_plain).count();
    passed + bytes[passed..].iter().take_while(|&&byte| is_plain(byte)).count()
}

/// A string as it is written between its quotes, without control characters.
struct Written<'a> {
    written: &'a str,
    has_escapes: bool,
}

impl<'a> Written<'a> {
    /// What it says.
    fn said(&self) -> Option<Cow<'a, str>> {
        if !self.has_escapes {
            return Some(Cow::Borrowed(self.written));
        }
        // No escape is shorter than what it says.
        let mut said = String::with_capacity(self.written.len());
        self.pieces(|plain, escaped| {
            said.push_str(plain);
            said.extend(escaped);
        })?;
        Some(Cow::Owned(said))
    }

    /// Whether it says anything at all.
    fn is_sound(&self) -> bool {
        !self.has_escapes || self.pieces(|_, _| ()).is_some()
    }

    /// Gives all plain pieces, and the character that is escaped behind each.
    fn pieces(&self, mut piece: impl FnMut(&'a str, Option<char>)) -> Option<()> {
        let mut rest = self.written;
        while let Some(at) = backslash(rest.as_bytes()) {
            let (plain, escape) = rest.split_at(at);
            let (c, spelled) = escaped(escape)?;
            piece(plain, Some(c));
            rest = &escape[spelled..];
        }
        piece(rest, None);
        Some(())
    }
}

/// Where the first backslash is; often, escapes follow one another.
fn backslash(bytes: &[u8]) -> Option<usize> {
    if bytes.first() == Some(&b'\\') { Some(0) } else { memchr(b'\\', bytes) }
}

/// The character of the escape that a text begins with, and how many bytes
/// spell it; `None` if there is no such escape, or half a character.
fn escaped(text: &str) -> Option<(char, usize)> {
    let c = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return escaped_unit(text.as_bytes()),
        _ => return None,
    };
    Some((c, 2))
}

/// The same for `\u0628` and, where one alone is none, `\ud83d\ude00`.
fn escaped_unit(bytes: &[u8]) -> Option<(char, usize)> {
    let unit = |from: usize| {
        let digits = bytes.get(from..from + 4)?;
        let digit = |unit: u32, &digit: &u8| Some(unit << 4 | char::from(digit).to_digit(16)?);
        digits.iter().try_fold(0, digit)
    };
    let first = unit(2)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, 6));
    }
    let second = (bytes.get(6..8)? == b"\\u").then(|| unit(8)).flatten()?;
    match (first, second) {
        (0xD800..0xDC00, 0xDC00..0xE000) => {
            Some((char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))?, 12))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Fields, RecordParser, walk};
    use super::*;

    /// Holds the flat walk beside the one that defines correct.
    #[track_caller]
    fn check(json: &str, is_flat: bool) {
        let parser = RecordParser::new(&Fields::default());
        let plain = walk::walk(json, &parser.wants, &parser.targets);
        let flat = super::walk(json, &parser.wants);
        assert_eq!(flat.is_some(), is_flat, "whether {json} is flat");
        if let Some(found) = flat {
            let plain = plain.unwrap_or_else(|error| panic!("{json} is broken: {error}"));
            assert_eq!(Value::Object(found), plain, "flat (left) and plain walk of {json}");
        }
    }

    #[test]
    fn a_plain_record_is_what_the_walk_finds() {
        check("{}", true);
        check(" {\"text\" : \"a\" ,\t\"id\":7 , \"x\":[1,{\"y\":\"}\"}] }\r\n", true);
        check(r#"{"text":"a\"\\\/\b\f\n\r\t\u0628\ud83d\ude00b","title":""}"#, true);
        check(r#"{"te\u0078t":"a","text":"b","id":null,"date":true,"source":{"a":1}}"#, true);
        check(r#"{"id":1.50,"url":-0,"other":"\u00e9","b":1e999}"#, true);
        check(&format!(r#"{{"text":"{}\n{}"}}"#, "ب".repeat(40), "c".repeat(40)), true);
    }

    #[test]
    fn what_is_wrong_or_seldom_is_left_to_the_walk() {
        for json in [
            "",
            "[]",
            "{",
            r#"{"text":"a"} {}"#,
            r#"{"text":"a",}"#,
            r#"{"text" "a"}"#,
            r#"{"text":"a"#,
            "{\"text\":\"a\tb\"}",
            "{\"x\":\"\0\"}",
            r#"{"text":"\x"}"#,
            r#"{"x":"\x"}"#,
            r#"{"x":"\"#,
            r#"{"text":"\u12"}"#,
            r#"{"text":"\u+123"}"#,
            r#"{"text":"\ud83d"}"#,
            r#"{"text":"\ud83d\u0041"}"#,
            r#"{"text":"\ude00\ud83d"}"#,
            r#"{"text":"\ud83dب"}"#,
            r#"{"text":7}"#,
            r#"{"text":null}"#,
            r#"{"x":tru}"#,
            r#"{"x":01}"#,
            r#"{"x":1 2}"#,
            r#"{"x":1"y":2}"#,
            "{\"text\":\"a\"}\u{a0}",
        ] {
            check(json, false);
        }
    }

    proptest! {
        #[test]
        fn no_record_is_read_otherwise(
            json in "[ ]{0,2}\\{(\"(text|id|date|t)\":(\"([a-zب]{0,40}|\\\\[nu\"\\\\/x]|[0-9a-f]{4}|\\PC){0,9}\"|-?[0-9.e]{1,3}|null|true|\\[1?\\]|\\{\\}),?){0,3}\\}",
        ) {
            let parser = RecordParser::new(&Fields::default());
            if let Some(found) = super::walk(&json, &parser.wants) {
                let plain = walk::walk(&json, &parser.wants, &parser.targets);
                prop_assert_eq!(plain.expect("sound JSON"), Value::Object(found));
            }
        }
    }
}
