//! Tags in text that need not be well-formed, and the text around them.

use std::borrow::Cow;

use html_escape::decode_html_entities;
use memchr::{memchr, memchr2, memmem};

/// The longest tag; what goes on beyond is no tag but a `<` in a text.
const TAG_BYTES_MAX: usize = 64 * 1024;

/// A piece of marked-up text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// As it is written, entities and all.
    Text(&'a str),
    /// As it is written, and meant so.
    Literal(&'a str),
    Tag(Tag<'a>),
}

/// A tag, with its place in the text it was found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    pub name: &'a str,
    pub attributes: &'a str,
    pub is_end: bool,
    /// `<name/>`.
    pub is_empty: bool,
    pub start: usize,
    /// Behind its `>`.
    pub end: usize,
}

impl Tag<'_> {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The pieces of a text, in order; comments and declarations are left out.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let rest = &text[at..];
            if rest.starts_with('<') {
                if let Some(comment) = rest.strip_prefix("<!--") {
                    at += memmem::find(comment.as_bytes(), b"-->").map_or(rest.len(), |e| e + 7);
                    continue;
                }
                if let Some(data) = rest.strip_prefix("<![CDATA[") {
                    let end = memmem::find(data.as_bytes(), b"]]>");
                    at += end.map_or(rest.len(), |end| end + 12);
                    return Some(Piece::Literal(&data[..end.unwrap_or(data.len())]));
                }
                if let Some(tag) = tag(text, at) {
                    at = tag.end;
                    if tag.name.starts_with(['!', '?']) {
                        continue;
                    }
                    return Some(Piece::Tag(tag));
                }
            }
            // A `<` that begins no tag is text.
            let end = memchr(b'<', &rest.as_bytes()[1..]).map_or(rest.len(), |end| end + 1);
            at += end;
            return Some(Piece::Text(&rest[..end]));
        }
        None
    })
}

/// The tag that begins at `start`, if one does.
fn tag(text: &str, start: usize) -> Option<Tag<'_>> {
    let bytes = text.as_bytes();
    let is_end = bytes.get(start + 1) == Some(&b'/');
    let name_start = start + 1 + usize::from(is_end);
    let is_name_start = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'!' | b'?' | b'_');
    if !bytes.get(name_start).copied().is_some_and(is_name_start) {
        return None;
    }
    let is_name = |byte: &&u8| !byte.is_ascii_whitespace() && !matches!(byte, b'>' | b'/' | b'<');
    let name_end = name_start + bytes[name_start..].iter().take_while(is_name).count();
    let mut quote = None;
    let ahead = bytes[name_end..].iter().take(TAG_BYTES_MAX).position(|&byte| match quote {
        Some(open) => {
            if byte == open {
                quote = None;
            }
            false
        }
        None => {
            if matches!(byte, b'"' | b'\'') {
                quote = Some(byte);
            }
            matches!(byte, b'>' | b'<')
        }
    });
    // A quote that is never closed is none.
    let ahead = ahead.or_else(|| {
        let window = &bytes[name_end..bytes.len().min(name_end + TAG_BYTES_MAX)];
        memchr2(b'>', b'<', window)
    })?;
    if bytes[name_end + ahead] == b'<' {
        return None;
    }
    let inside = &text[name_end..name_end + ahead];
    let (attributes, is_empty) = match inside.strip_suffix('/') {
        Some(attributes) => (attributes, true),
        None => (inside, false),
    };
    let name = &text[name_start..name_end];
    Some(Tag { name, attributes, is_end, is_empty, start, end: name_end + ahead + 1 })
}

/// Names and values of a tag's attributes, entities decoded.
pub(crate) fn attributes(inside: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    let mut rest = inside;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '=');
            let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=')?;
            let (name, behind) = rest.split_at(end);
            let Some(value) = behind.trim_ascii_start().strip_prefix('=') else {
                rest = behind;
                continue;
            };
            let value = value.trim_ascii_start();
            let quoted = value.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (value, behind) = match quoted {
                Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
                None => {
                    let end = value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len());
                    value.split_at(end)
                }
            };
            rest = behind;
            return Some((name, entities(value)));
        }
    })
}

/// What entities stand for, in any of the cases that corpora write the basic
/// ones in.
pub(crate) fn entities(text: &str) -> Cow<'_, str> {
    if memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    const UPPER: [(&str, &str); 4] =
        [("&AMP;", "&amp;"), ("&LT;", "&lt;"), ("&GT;", "&gt;"), ("&QUOT;", "&quot;")];
    if UPPER.iter().any(|(upper, _)| text.contains(upper)) {
        let lower =
            UPPER.iter().fold(text.to_owned(), |text, (upper, lower)| text.replace(upper, lower));
        return Cow::Owned(decode_html_entities(&lower).into_owned());
    }
    decode_html_entities(text)
}

/// Tags that begin or end a paragraph.
const PARAGRAPH: &[&str] = &[
    "p",
    "text",
    "doc",
    "div",
    "lp",
    "leadpara",
    "headline",
    "dateline",
    "title",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "ul",
    "ol",
    "table",
    "blockquote",
    "section",
    "article",
    "pre",
    "head",
];

/// Tags that begin or end a line.
const LINE: &[&str] = &["br", "tr", "td", "th", "hr"];

/// Text as it reads without its tags.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    text: String,
    /// White space that comes next is left out.
    is_fresh: bool,
}

impl Plain {
    /// Takes marked-up text.
    pub(crate) fn markup(&mut self, markup: &str) {
        for piece in pieces(markup) {
            match piece {
                Piece::Text(text) => self.text(&entities(text)),
                Piece::Literal(text) => self.text(text),
                Piece::Tag(tag) => {
                    if PARAGRAPH.iter().any(|name| tag.is(name)) {
                        self.paragraph();
                    } else if LINE.iter().any(|name| tag.is(name)) {
                        self.end_with("\n");
                    }
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        let text = match self.is_fresh || self.text.is_empty() {
            true => text.trim_start(),
            false => text,
        };
        self.is_fresh &= text.is_empty();
        self.text.push_str(text);
    }

    /// Takes a token, a space before it unless `is_glued`.
    pub(crate) fn token(&mut self, token: &str, is_glued: bool) {
        if !is_glued && !self.is_fresh && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.is_fresh = false;
        self.text.push_str(token);
    }

    /// What comes next is another paragraph.
    pub(crate) fn paragraph(&mut self) {
        self.end_with("\n\n");
    }

    /// Ends what came before with one or two line feeds; two stay two.
    fn end_with(&mut self, end: &str) {
        let is_ended = self.is_fresh && self.text.ends_with("\n\n");
        self.text.truncate(self.text.trim_end().len());
        if !self.text.is_empty() {
            self.text.push_str(if is_ended { "\n\n" } else { end });
        }
        self.is_fresh = true;
    }

    /// The text, without white space around it.
    pub(crate) fn finish(mut self) -> String {
        self.text.truncate(self.text.trim_end().len());
        self.text
    }
}

/// Marked-up text as it reads.
pub(crate) fn plain(markup: &str) -> String {
    let mut plain = Plain::default();
    plain.markup(markup);
    plain.finish()
}

/// Marked-up text as one line.
pub(crate) fn one_line(markup: &str) -> String {
    plain(markup).split_whitespace().collect::<Vec<_>>().join(" ")
}
