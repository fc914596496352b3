//! The walk over one JSON value that picks out the wanted places.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::{Field, Want};

/// A wanted place, seen from some object on the way to it: what is left of
/// the path of `wants[want]` begins at byte `from`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    want: usize,
    from: usize,
}

impl Target {
    /// The place seen from the record itself.
    pub(super) fn whole(want: usize) -> Self {
        Self { want, from: 0 }
    }
}

/// A JSON value, as far as anyone asked for it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Bool,
    /// The number as it is written.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    List,
    Object(Found<'a>),
}

impl Value<'_> {
    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List => "a list",
            Self::Object(_) => "an object",
        }
    }
}

/// What was found of the wanted places in one object.
///
/// A path `a.b.c` can be read as the key `a.b.c`, as `a.b` then `c`, and so
/// on; each reading has a slot of its own, told apart by how much of the path
/// its first key covers, and the one with the longest key wins.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Found<'a>(Vec<Slot<'a>>);

#[derive(Clone, Debug, PartialEq)]
struct Slot<'a> {
    want: usize,
    key_bytes: usize,
    value: Value<'a>,
}

impl<'a> Found<'a> {
    /// A key that stands twice overwrites what it said before.
    pub(super) fn put(&mut self, want: usize, key_bytes: usize, value: Value<'a>) {
        match self.0.iter_mut().find(|s| (s.want, s.key_bytes) == (want, key_bytes)) {
            Some(slot) => slot.value = value,
            None => self.0.push(Slot { want, key_bytes, value }),
        }
    }

    /// The value at a wanted place; null where there is none.
    pub(super) fn take(&mut self, want: usize) -> Value<'a> {
        self.0
            .iter_mut()
            .filter(|slot| slot.want == want && !matches!(slot.value, Value::Null))
            .max_by_key(|slot| slot.key_bytes)
            .map_or(Value::Null, |slot| std::mem::replace(&mut slot.value, Value::Null))
    }
}

/// Walks over one JSON text and picks out the targets.
pub(super) fn walk<'a>(
    json: &'a str,
    wants: &[Want],
    targets: &[Target],
) -> serde_json::Result<Value<'a>> {
    walk_over(json, Walk { wants, targets, as_written: false })
}

/// The same, but a string that is a target itself is given as it is written,
/// with its quotes and escapes.
pub(super) fn walk_as_written<'a>(
    json: &'a str,
    wants: &[Want],
    targets: &[Target],
) -> serde_json::Result<Value<'a>> {
    walk_over(json, Walk { wants, targets, as_written: true })
}

fn walk_over<'a>(json: &'a str, walk: Walk<'_>) -> serde_json::Result<Value<'a>> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let value = walk.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// The keys of an object, as far as they can be read.
pub(super) fn keys(json: &str) -> Vec<String> {
    struct Keys<'k>(&'k mut Vec<String>);
    impl<'de> Visitor<'de> for Keys<'_> {
        type Value = ();
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some((key, IgnoredAny)) = map.next_entry()? {
                self.0.push(key);
            }
            Ok(())
        }
    }
    let mut keys = Vec::new();
    // Called for a message about another problem: what cannot be read is left out.
    let _ = serde_json::Deserializer::from_str(json).deserialize_map(Keys(&mut keys));
    keys
}

/// An error's words without its position.
pub(super) fn words(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let words = error.to_string();
    match words.strip_suffix(&place).unwrap_or(&words) {
        // What serde_json says of one half of a surrogate pair.
        "unexpected end of hex escape" | "lone leading surrogate in hex escape" => {
            "a lone surrogate, half of a character".to_owned()
        }
        words => words.to_owned(),
    }
}

/// Reads a value; if it is an object, picks the targets out of it.
struct Walk<'w> {
    wants: &'w [Want],
    targets: &'w [Target],
    as_written: bool,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value<'de>, E> {
        Ok(Value::Bool)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number.to_string().into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number.to_string().into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number.to_string().into()))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value<'de>, A::Error> {
        while let Some(IgnoredAny) = list.next_element()? {}
        Ok(Value::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
        let Walk { wants, targets, as_written } = self;
        let mut found = Found::default();
        while let Some(key) = map.next_key_seed(Match { wants, targets })? {
            if key.is_unwanted() {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let mut value = if as_written && key.inside.is_empty() {
                match map.next_value::<&RawValue>()?.get() {
                    string if string.starts_with('"') => Value::Text(Cow::Borrowed(string)),
                    "null" => Value::Null,
                    _ => Value::List,
                }
            } else if key.is_label() {
                label(map.next_value()?).map_err(|e| A::Error::custom(words(&e)))?
            } else {
                map.next_value_seed(Walk { wants, targets: &key.inside, as_written })?
            };
            let mut inside = match &mut value {
                Value::Object(inside) => std::mem::take(inside),
                _ => Found::default(),
            };
            for target in &key.inside {
                found.put(target.want, key.bytes, inside.take(target.want));
            }
            if let [others @ .., last] = &key.here[..] {
                for &want in others {
                    found.put(want, key.bytes, value.clone());
                }
                found.put(*last, key.bytes, value);
            }
        }
        Ok(Value::Object(found))
    }
}

/// Reads a key and tells which targets it meets.
struct Match<'w> {
    wants: &'w [Want],
    targets: &'w [Target],
}

/// What is wanted of one key's value.
struct Matched<'w> {
    wants: &'w [Want],
    /// The key's length: what it covers of a target's path.
    bytes: usize,
    /// Places that are the value itself.
    here: Vec<usize>,
    /// Places inside it.
    inside: Vec<Target>,
}

impl Matched<'_> {
    fn is_unwanted(&self) -> bool {
        self.here.is_empty() && self.inside.is_empty()
    }

    /// A short value of which the raw digits may matter, unlike a text.
    fn is_label(&self) -> bool {
        self.inside.is_empty()
            && self.here.iter().all(|&want| self.wants[want].field != Field::Text)
    }
}

impl<'de, 'w> DeserializeSeed<'de> for Match<'w> {
    type Value = Matched<'w>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Matched<'w>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'w> Visitor<'_> for Match<'w> {
    type Value = Matched<'w>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Matched<'w>, E> {
        let mut matched =
            Matched { wants: self.wants, bytes: key.len(), here: Vec::new(), inside: Vec::new() };
        for &Target { want, from } in self.targets {
            let path = &self.wants[want].path[from..];
            if path == key {
                matched.here.push(want);
            } else if path.as_bytes().get(key.len()) == Some(&b'.') && path.starts_with(key) {
                matched.inside.push(Target { want, from: from + key.len() + 1 });
            }
        }
        Ok(matched)
    }
}

/// A value that is short when it is what we look for: read as it is written,
/// then told apart.
pub(super) fn label(raw: &RawValue) -> serde_json::Result<Value<'_>> {
    #[derive(serde::Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

    let json = raw.get();
    Ok(match json.as_bytes().first() {
        Some(b'"') => Value::Text(serde_json::from_str::<Text<'_>>(json)?.0),
        Some(b'n') => Value::Null,
        Some(b't' | b'f') => Value::Bool,
        Some(b'[') => Value::List,
        Some(b'{') => Value::Object(Found::default()),
        _ => Value::Number(Cow::Borrowed(json)),
    })
}
