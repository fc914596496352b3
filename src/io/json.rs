//! One JSON record to the fields of a document.
//!
//! The record is walked once, without building it: wanted strings are
//! borrowed where they hold no escapes, everything else is skipped. Skipping
//! does not recurse, so a million levels of nesting in a field nobody asked
//! for cost a million bytes of scanning and no stack.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;
use serde::{Deserialize, Serialize};

use crate::document::Date;
use crate::io::dates;
use crate::io::places::Places;
use crate::visible::excerpt;

mod flat;
mod walk;

use walk::{Found, Target, Value};

/// Which field of a record holds what, as dotted paths (`article.body`).
///
/// `None` finds the field by itself: the first of the names listed beside it
/// that is there and usable. A key that holds the dots itself wins over the
/// path, and of a key that stands twice the last counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fields {
    /// The text to compare; else the first of [`TEXT_NAMES`] that is not null.
    pub text: Option<String>,
    /// The record's id, a string or a number; else the first of [`ID_NAMES`].
    pub id: Option<String>,
    /// When it was published; else the first of [`DATE_NAMES`] that is not
    /// null.
    pub date: Option<String>,
    /// Who published it; else the first of [`SOURCE_NAMES`].
    pub source: Option<String>,
    /// Its headline; else the first of [`TITLE_NAMES`].
    pub title: Option<String>,
}

/// Where a text is looked for, in this order.
pub const TEXT_NAMES: &[&str] =
    &["text", "content", "body", "maintext", "article", "article_text", "raw_content"];
/// Where an id is looked for, in this order.
pub const ID_NAMES: &[&str] = &["id", "_id", "doc_id", "docid", "uuid", "url", "link"];
/// Where a date is looked for, in this order.
pub const DATE_NAMES: &[&str] = &[
    "date",
    "date_publish",
    "published",
    "pubdate",
    "published_at",
    "publish_date",
    "datetime",
    "timestamp",
    "created_at",
];
/// Where a source is looked for, in this order.
pub const SOURCE_NAMES: &[&str] =
    &["source", "source_domain", "publisher", "domain", "site", "newspaper", "outlet"];
/// Where a headline is looked for, in this order.
pub const TITLE_NAMES: &[&str] = &["title", "headline"];

/// The longest list of a record's keys that a message shows; more would not
/// be read.
const KEYS_SHOWN_MAX: usize = 12;

/// The longest piece of a key that a message shows, in characters.
const KEY_CHARS_MAX: usize = 40;

/// The fields of a record as they were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The text to compare.
    pub text: Cow<'a, str>,
    /// The id; a number as its digits.
    pub id: Option<Cow<'a, str>>,
    /// The source.
    pub source: Option<Cow<'a, str>>,
    /// The headline.
    pub title: Option<Cow<'a, str>>,
    /// The date.
    pub date: Date,
}

/// Reads records under one choice of [`Fields`].
#[derive(Clone, Debug)]
pub struct RecordParser {
    wants: Vec<Want>,
    targets: Vec<Target>,
    text_given: bool,
    /// No path leads inside a value.
    is_flat: bool,
}

/// A place where a field may be found; of one field's, the first wins.
#[derive(Clone, Debug)]
struct Want {
    field: Field,
    path: Cow<'static, str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Text,
    Id,
    Date,
    Source,
    Title,
}

impl RecordParser {
    /// A parser for these fields.
    pub fn new(fields: &Fields) -> Self {
        let mut wants = Vec::new();
        let mut want = |field, given: &Option<String>, names: &[&'static str]| match given {
            Some(path) => wants.push(Want { field, path: Cow::Owned(path.clone()) }),
            None => wants.extend(names.iter().map(|&name| Want { field, path: name.into() })),
        };
        want(Field::Text, &fields.text, TEXT_NAMES);
        want(Field::Id, &fields.id, ID_NAMES);
        want(Field::Date, &fields.date, DATE_NAMES);
        want(Field::Source, &fields.source, SOURCE_NAMES);
        want(Field::Title, &fields.title, TITLE_NAMES);
        let targets = (0..wants.len()).map(Target::whole).collect();
        let is_flat = wants.iter().all(|want| !want.path.contains('.'));
        Self { wants, targets, text_given: fields.text.is_some(), is_flat }
    }

    /// Reads one record.
    ///
    /// # Errors
    /// What is wrong, in plain words: broken JSON (in a wanted field also a
    /// lone surrogate), no object, no text, or a text that is no string.
    pub fn parse<'a>(&self, json: &'a str) -> Result<Record<'a>, String> {
        let flat = if self.is_flat { flat::walk(json, &self.wants) } else { None };
        let value = match flat {
            Some(found) => Ok(Value::Object(found)),
            None => walk::walk(json, &self.wants, &self.targets),
        };
        match value {
            Err(error) => Err(broken(&error, json)),
            Ok(Value::Object(mut found)) => Ok(Record {
                text: self.text(&mut found).map_err(|none| self.no_text(&none, json))?,
                id: self.label(&mut found, Field::Id),
                source: self.label(&mut found, Field::Source),
                title: self.label(&mut found, Field::Title),
                date: self.date(&mut found),
            }),
            Ok(other) => Err(no_object(&other)),
        }
    }

    /// Where the text of a record that [`RecordParser::parse`] reads is
    /// written: the bytes between its quotes, escapes and all.
    pub(crate) fn written_text(&self, json: &str) -> Option<Range<usize>> {
        let targets: Vec<Target> = self.places(Field::Text).map(Target::whole).collect();
        let Ok(Value::Object(mut found)) = walk::walk_as_written(json, &self.wants, &targets)
        else {
            return None;
        };
        let text = self.text(&mut found).ok()?;
        // It is borrowed from the record, so its address tells its place.
        let start = text.as_ptr().addr().checked_sub(json.as_ptr().addr())?;
        let written = start + 1..(start + text.len()).checked_sub(1)?;
        json.get(written.clone()).map(|_| written)
    }

    /// The places of one field, in the order in which they count.
    fn places(&self, field: Field) -> impl Iterator<Item = usize> {
        (0..self.wants.len()).filter(move |&want| self.wants[want].field == field)
    }

    fn text<'a>(&self, found: &mut Found<'a>) -> Result<Cow<'a, str>, NoText> {
        for want in self.places(Field::Text) {
            match found.take(want) {
                Value::Text(text) => return Ok(text),
                Value::Null => {}
                other => return Err(NoText::NotAString { want, kind: other.kind() }),
            }
        }
        Err(NoText::Missing)
    }

    /// An id, a source or a title: the first that is a string with something
    /// in it, or a number.
    fn label<'a>(&self, found: &mut Found<'a>, field: Field) -> Option<Cow<'a, str>> {
        self.places(field).find_map(|want| match found.take(want) {
            Value::Text(text) if !text.is_empty() => Some(text),
            Value::Number(digits) => Some(digits),
            _ => None,
        })
    }

    fn date(&self, found: &mut Found<'_>) -> Date {
        for want in self.places(Field::Date) {
            match found.take(want) {
                Value::Null => {}
                Value::Text(text) | Value::Number(text) => return dates::parse(&text),
                Value::Bool | Value::List | Value::Object(_) => return Date::Unreadable,
            }
        }
        Date::Absent
    }

    fn no_text(&self, none: &NoText, json: &str) -> String {
        if let NoText::NotAString { want, kind } = none {
            return format!(
                "the text field {} is {kind}, not a string",
                quoted(&self.wants[*want].path)
            );
        }
        let looked_for: Vec<_> =
            self.places(Field::Text).map(|want| quoted(&self.wants[want].path)).collect();
        let keys = walk::keys(json);
        let there = match &keys[..] {
            [] => "the record is empty".to_owned(),
            keys => {
                format!("the record has {}", listed(keys.iter().map(String::as_str)))
            }
        };
        let way_out =
            if self.text_given { "check --text-field" } else { "name it with --text-field" };
        format!("no text in {}; {there} ({way_out})", looked_for.join(", "))
    }
}

/// Why a record has no text.
enum NoText {
    Missing,
    NotAString { want: usize, kind: &'static str },
}

/// Where some places of the text that a JSON string says are in the string as
/// it is written (between its quotes). Both are byte offsets, the places
/// ascending; `None` if one lies inside a character, or the string is broken.
pub(crate) fn written_places(written: &str, places: &[usize]) -> Option<Vec<usize>> {
    let mut found = Places::new(places);
    while let Some(plain) = memchr(b'\\', &written.as_bytes()[found.spelled..]) {
        found.run(plain);
        let escape = &written[found.spelled..];
        let (said, spelled) = match escape.as_bytes().get(1)? {
            b'u' => match u16::from_str_radix(escape.get(2..6)?, 16).ok()? {
                // With the other half of its pair.
                0xD800..=0xDFFF => (4, 12),
                unit => (char::from_u32(unit.into())?.len_utf8(), 6),
            },
            _ => (1, 2),
        };
        escape.get(..spelled)?;
        found.unit(said, spelled);
    }
    found.run(written.len() - found.spelled);
    found.finish()
}

/// Some keys, for a message.
pub(crate) fn listed<'k>(mut keys: impl Iterator<Item = &'k str>) -> String {
    let shown: Vec<_> = keys.by_ref().take(KEYS_SHOWN_MAX).map(quoted).collect();
    let more = if keys.next().is_some() { ", …" } else { "" };
    shown.join(", ") + more
}

pub(crate) fn quoted(key: &str) -> String {
    format!("`{}`", excerpt(key, KEY_CHARS_MAX))
}

fn broken(error: &serde_json::Error, json: &str) -> String {
    // No JSON text has a NUL in it; UTF-16 read as UTF-8 has one at every
    // other place.
    if json.contains('\0') {
        return "NUL characters in JSON: is this UTF-16? (--encoding utf-16le or utf-16be)"
            .to_owned();
    }
    let words = walk::words(error);
    let way_out = if error.is_eof() { "; one whole JSON object a line is expected" } else { "" };
    format!("broken JSON at byte {}: {words}{way_out}", error.column())
}

fn no_object(value: &Value<'_>) -> String {
    let way_out = match value {
        Value::List => "; if the file is one JSON list, write it as lines: jq -c '.[]' FILE",
        _ => "",
    };
    format!("the record is {}, not a JSON object{way_out}", value.kind())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse<'a>(fields: &Fields, json: &'a str) -> Result<Record<'a>, String> {
        RecordParser::new(fields).parse(json)
    }

    fn text_field(path: &str) -> Fields {
        Fields { text: Some(path.to_owned()), ..Fields::default() }
    }

    #[test]
    fn fields_are_found_by_their_usual_names() {
        let json = r#"{"url":"u","maintext":"نص","headline":"h","date_publish":"2015-07-21",
            "source_domain":"s","other":[1,{"text":"no"}]}"#;
        let record = parse(&Fields::default(), json).unwrap();
        assert!(matches!(record.text, Cow::Borrowed("نص")), "a plain string is borrowed");
        assert_eq!(record.id.as_deref(), Some("u"));
        assert_eq!(record.title.as_deref(), Some("h"));
        assert_eq!(record.source.as_deref(), Some("s"));
        assert_eq!(record.date.timestamp().map(|t| t.0), Some(1_437_436_800));
    }

    #[test]
    fn the_first_name_that_is_there_wins_and_the_last_of_a_repeated_key_counts() {
        #[track_caller]
        fn check(json: &str, text: &str) {
            assert_eq!(parse(&Fields::default(), json).unwrap().text, text, "for {json}");
        }
        check(r#"{"content":"c","text":"t"}"#, "t");
        check(r#"{"content":"c","text":null}"#, "c");
        check(r#"{"text":"a","text":"b"}"#, "b");
        check(r#"{"text":"a","content":"c","text":null}"#, "c");
        check(r#"{"text":""}"#, "");
        check(r#"{"text":"a\u0000b\n\ud83d\ude00"}"#, "a\0b\n\u{1F600}");
        check(r#"{"te\u0078t":"escaped key"}"#, "escaped key");
    }

    #[test]
    fn paths_lead_inside_and_a_key_with_the_dots_wins() {
        #[track_caller]
        fn check(path: &str, json: &str, text: &str) {
            let fields = text_field(path);
            assert_eq!(parse(&fields, json).unwrap().text, text, "{path} of {json}");
        }
        check("a.b.c", r#"{"a":{"x":[],"b":{"c":"t"}},"text":"no"}"#, "t");
        check("a.b", r#"{"a.b":"key","a":{"b":"path"}}"#, "key");
        check("a.b", r#"{"a":{"b":"path"},"a.b":"key"}"#, "key");
        check("a.b", r#"{"a":{"b":"path"},"a.b":null}"#, "path");
        check("a.b.c", r#"{"a":{"b.c":"t"}}"#, "t");
        check("a.b.c", r#"{"a.b":{"c":"t"}}"#, "t");
        check("a.b", r#"{"a":{"b":"old"},"a":{"b":"new"}}"#, "new");
        let gone = parse(&text_field("a.b"), r#"{"a":{"b":"old"},"a":7}"#).unwrap_err();
        assert!(gone.starts_with("no text in `a.b`"), "{gone}");
    }

    #[test]
    fn the_written_text_is_the_one_that_is_read() {
        #[track_caller]
        fn check(path: Option<&str>, json: &str, expected: &str) {
            let fields = Fields { text: path.map(str::to_owned), ..Fields::default() };
            let parser = RecordParser::new(&fields);
            let written = &json[parser.written_text(json).expect("a text")];
            assert_eq!(written, expected, "{path:?} of {json}");
            let text = parser.parse(json).unwrap().text;
            assert_eq!(serde_json::from_str::<String>(&format!("\"{written}\"")).unwrap(), text);
        }
        check(None, r#" {"content":"c", "te\u0078t" : "a\n\ud83d\ude00" } "#, r"a\n\ud83d\ude00");
        check(None, r#"{"text":"a","text":"b"}"#, "b");
        check(None, r#"{"text":"a","content":"c","text":null}"#, "c");
        check(None, r#"{"text":""}"#, "");
        check(Some("a.b"), r#"{"a.b":null,"a":{"b":"old"},"a":{"c":[],"b":"new"}}"#, "new");
        check(Some("a.b"), r#"{"a":{"b":"path"},"a.b":"key"}"#, "key");
        check(Some("a.b.c"), r#"{"a":{"b.c":"t"},"text":"no"}"#, "t");
    }

    #[test]
    fn places_in_a_text_are_places_in_its_spelling() {
        #[track_caller]
        fn check(written: &str, places: &[usize], expected: Option<&[usize]>) {
            let found = written_places(written, places);
            assert_eq!(found.as_deref(), expected, "{places:?} in {written}");
        }
        check("ab", &[0, 1, 2], Some(&[0, 1, 2]));
        check(
            r"a\nب\u0628\ud83d\ude00\\c",
            &[1, 2, 4, 6, 10, 11, 12],
            Some(&[1, 3, 5, 11, 23, 25, 26]),
        );
        check(r"\u0628", &[1], None);
        check(r"\ud83d\ude00", &[2], None);
        check("a", &[2], None);
        check("\\", &[0], None);
        check(r"\u06", &[0], None);
        check(r"\ud83d", &[0], None);
    }

    #[test]
    fn one_key_may_serve_two_fields() {
        let fields = Fields {
            text: Some("a".into()),
            title: Some("a".into()),
            id: Some("a.b".into()),
            ..Fields::default()
        };
        let record = parse(&fields, r#"{"a":"t"}"#).unwrap();
        assert_eq!((record.text.as_ref(), record.title.as_deref()), ("t", Some("t")));
        let wrong = parse(&fields, r#"{"a":{"b":1}}"#).unwrap_err();
        assert_eq!(wrong, "the text field `a` is an object, not a string");
    }

    #[test]
    fn an_id_is_a_string_or_the_digits_of_a_number() {
        #[track_caller]
        fn check(id: &str, expected: Option<&str>) {
            let json = format!(r#"{{"text":"","id":{id},"uuid":"next"}}"#);
            assert_eq!(parse(&Fields::default(), &json).unwrap().id.as_deref(), expected, "{id}");
        }
        check(r#""x\ty""#, Some("x\ty"));
        check("17", Some("17"));
        check("123456789012345678901234567890", Some("123456789012345678901234567890"));
        check("1.50e3", Some("1.50e3"));
        check("-0", Some("-0"));
        check("null", Some("next"));
        check(r#""""#, Some("next"));
        check(r#"{"$oid":"5"}"#, Some("next"));
    }

    #[test]
    fn what_is_wrong_is_told_in_plain_words() {
        #[track_caller]
        fn check(json: &str, cause: &str) {
            assert_eq!(parse(&Fields::default(), json).unwrap_err(), cause, "for {json}");
        }
        check(
            "[1]",
            "the record is a list, not a JSON object; if the file is one JSON list, write it as lines: jq -c '.[]' FILE",
        );
        check("17", "the record is a number, not a JSON object");
        check(
            "{\0\"\0t\0",
            "NUL characters in JSON: is this UTF-16? (--encoding utf-16le or utf-16be)",
        );
        check("\"text\"", "the record is a string, not a JSON object");
        check("null", "the record is null, not a JSON object");
        check(
            "{",
            "broken JSON at byte 1: EOF while parsing an object; one whole JSON object a line is expected",
        );
        check(r#"{"text":"a"} x"#, "broken JSON at byte 14: trailing characters");
        check(r#"{"text":7}"#, "the text field `text` is a number, not a string");
        check(
            r#"{"text":"\ud800"}"#,
            "broken JSON at byte 16: a lone surrogate, half of a character",
        );
        check(
            "{}",
            "no text in `text`, `content`, `body`, `maintext`, `article`, `article_text`, `raw_content`; the record is empty (name it with --text-field)",
        );
        let hostile = parse(&text_field("t"), "{\"\u{202E}x\":1}").unwrap_err();
        assert_eq!(hostile, "no text in `t`; the record has `\\u{202e}x` (check --text-field)");
    }

    #[test]
    fn a_lone_surrogate_in_an_unused_field_is_left_alone() {
        let json = r#"{"text":"t","note":"\ud800"}"#;
        assert_eq!(parse(&Fields::default(), json).unwrap().text, "t");
    }

    #[test]
    fn a_million_levels_need_no_stack() {
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        let objects = r#"{"a":"#.repeat(1_000_000) + "1" + &"}".repeat(1_000_000);
        for nested in [&deep, &objects] {
            let ignored = format!(r#"{{"x":{nested},"text":"t"}}"#);
            assert_eq!(parse(&Fields::default(), &ignored).unwrap().text, "t");
            let as_text = format!(r#"{{"text":{nested}}}"#);
            let cause = parse(&Fields::default(), &as_text).unwrap_err();
            assert!(cause.starts_with("the text field `text` is a"), "{cause}");
            let as_record = parse(&Fields::default(), nested).unwrap_err();
            assert!(as_record.len() < 400, "{as_record}");
        }
        let path = vec!["a"; 1_000].join(".");
        let too_deep = parse(&text_field(&path), &objects).unwrap_err();
        assert!(too_deep.contains("recursion limit"), "{too_deep}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(
            any in "\\PC*",
            near in r#"(\{|\}|\[|\]|"|:|,|"a"|"a.b"|"text"|\\u|d800|null|true|-?[0-9]+|e| ){0,60}"#,
            path in "[ab.]{0,8}",
        ) {
            for fields in [Fields::default(), text_field(&path)] {
                let _ = parse(&fields, &any);
                let _ = parse(&fields, &near);
            }
        }
    }
}
