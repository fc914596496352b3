//! Adds members to a JSON record and leaves every other byte as it was.

use std::borrow::Cow;
use std::fmt::{self, Write};

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::io::encoding::Encoding;

/// A record, terminator included, with `members` (as `"a":1,"b":"x"`) before
/// its closing brace. Members of these names that it had already are
/// replaced; only then the rest is put together anew, each as it was written.
///
/// # Errors
/// If the record or the members are not JSON.
pub(crate) fn annotate(
    raw: &[u8],
    encoding: Encoding,
    members: &str,
) -> serde_json::Result<Vec<u8>> {
    let record = encoding.without_terminator(raw);
    let json = encoding.decode(record).map_err(serde_json::Error::custom)?;
    let new_json = format!("{{{members}}}");
    let (old, new) = (members_of(&json)?, members_of(&new_json)?);
    let is_replaced = |old: &Member<'_>| new.iter().any(|new| new.name == old.name);
    let (from, to, text) = if old.iter().any(is_replaced) {
        let kept = old.iter().filter(|old| !is_replaced(old));
        let kept: String = kept.map(|m| format!("{}:{},", m.key.get(), m.value.get())).collect();
        (0, record.len(), format!("{{{kept}{members}}}"))
    } else {
        // Behind the closing brace there is at most white space, and both are
        // one code unit a character in every encoding.
        let behind = json.len() - json.trim_ascii_end().len();
        let brace = record.len() - (behind + 1) * encoding.unit_bytes();
        let comma = if old.is_empty() || new.is_empty() { "" } else { "," };
        (brace, brace, format!("{comma}{members}"))
    };
    Ok([&raw[..from], &encoded(&text, encoding), &raw[to..]].concat())
}

struct Member<'a> {
    /// The name it stands for.
    name: Cow<'a, str>,
    /// The name as it is written.
    key: &'a RawValue,
    value: &'a RawValue,
}

/// The members of an object, in order.
fn members_of(json: &str) -> serde_json::Result<Vec<Member<'_>>> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<Member<'de>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                let name = name(key).map_err(A::Error::custom)?;
                members.push(Member { name, key, value });
            }
            Ok(members)
        }
    }
    serde_json::Deserializer::from_str(json).deserialize_map(Members)
}

fn name(key: &RawValue) -> serde_json::Result<Cow<'_, str>> {
    let quoted = key.get();
    match quoted.contains('\\') {
        true => serde_json::from_str(quoted).map(Cow::Owned),
        false => Ok(Cow::Borrowed(quoted.trim_matches('"'))),
    }
}

/// JSON as bytes. Outside of UTF-8 all but ASCII is escaped: not every
/// encoding has every character, but JSON can spell each in ASCII.
fn encoded(json: &str, encoding: Encoding) -> Cow<'_, [u8]> {
    if encoding == Encoding::UTF_8 {
        return Cow::Borrowed(json.as_bytes());
    }
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(ascii, "\\u{unit:04x}").expect("a String takes every write");
            }
        }
    }
    Cow::Owned(encoding.encode_ascii(&ascii))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMBERS: &str = r#""is_duplicate":true,"duplicate_of":"خبر""#;

    #[track_caller]
    fn check(record: &str, members: &str, expected: &str) {
        let annotated = annotate(record.as_bytes(), Encoding::UTF_8, members).unwrap();
        assert_eq!(std::str::from_utf8(&annotated).unwrap(), expected, "for {record:?}");
    }

    #[test]
    fn members_go_before_the_closing_brace_and_all_else_stays() {
        check(
            "{ \"text\" : \"a}\",\"id\":1.50 } \r\n",
            MEMBERS,
            "{ \"text\" : \"a}\",\"id\":1.50 ,\"is_duplicate\":true,\"duplicate_of\":\"خبر\"} \r\n",
        );
        check("{}", r#""a":1"#, r#"{"a":1}"#);
        check("{\"b\":2}\n", "", "{\"b\":2}\n");
    }

    #[test]
    fn members_that_are_there_are_replaced_and_the_others_keep_their_bytes() {
        check(
            "{\"is_dupl\\u0069cate\" : 7, \"te\\u0078t\": \"\\u0061\", \"n\":1e2}\n",
            r#""is_duplicate":false"#,
            "{\"te\\u0078t\":\"\\u0061\",\"n\":1e2,\"is_duplicate\":false}\n",
        );
        check(r#"{"a":1,"a":2}"#, r#""a":3"#, r#"{"a":3}"#);
    }

    #[test]
    fn annotating_twice_says_what_the_second_time_said() {
        let once = annotate(b"{\"text\":\"t\"}", Encoding::UTF_8, MEMBERS).unwrap();
        assert_eq!(annotate(&once, Encoding::UTF_8, MEMBERS).unwrap(), once);
    }

    #[test]
    fn other_encodings_get_their_own_bytes() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>();
        let annotated = annotate(&wide("{\"t\":\"ي\"} \n"), Encoding::UTF_16BE, MEMBERS).unwrap();
        let expected = wide(
            "{\"t\":\"ي\",\"is_duplicate\":true,\"duplicate_of\":\"\\u062e\\u0628\\u0631\"} \n",
        );
        assert_eq!(annotated, expected);
    }
}
