//! The main text of a web page, without its menus, footers and the like.

use std::panic::{AssertUnwindSafe, catch_unwind};

use memchr::{memchr, memmem};
use trafilatura::{Options, TrafilaturaError};

use crate::io::docs::tags;
use crate::io::elements::{Border, Borders, Held, Malformed};

/// The longest page read: a hundred times what is usual. A page takes about a
/// second a megabyte.
pub(super) const HTML_BYTES_MAX: usize = 8 << 20;

/// How deep elements may lie in each other: as deep as browsers let them. The
/// time a page takes grows with the square of it.
const NESTING_MAX: usize = 512;

/// How many attributes a tag may have; the time it takes to read them grows
/// with the square.
const ATTRIBUTES_MAX: usize = 1000;

/// What is made of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MainText {
    pub title: Option<String>,
    /// The page's own word for where it stands.
    pub url: Option<String>,
    /// Paragraphs, a blank line between them. Empty where there is none.
    pub text: String,
}

/// Finds a page's main text.
///
/// # Errors
/// In plain words: pages that only an attacker writes.
pub(super) fn main_text(html: &str) -> Result<MainText, String> {
    if html.len() > HTML_BYTES_MAX {
        return Err(format!(
            "the page is {} bytes long, at most {HTML_BYTES_MAX} are read",
            html.len()
        ));
    }
    check_shape(html)?;
    let options = Options::default().with_fallback(true).with_exclude_comments(true);
    let extracted = catch_unwind(AssertUnwindSafe(|| trafilatura::extract(html, &options)))
        .map_err(|_| "the page's main text cannot be found: the extraction failed".to_owned())?;
    let said = |word: String| {
        let word = word.split_whitespace().collect::<Vec<_>>().join(" ");
        (!word.is_empty()).then_some(word)
    };
    match extracted {
        Ok(found) => Ok(MainText {
            title: said(found.metadata.title),
            url: said(found.metadata.url),
            text: tags::plain(&found.content_html),
        }),
        Err(TrafilaturaError::InsufficientContent { .. }) => {
            Ok(MainText { title: None, url: None, text: String::new() })
        }
        Err(error) => Err(format!("the page's main text cannot be found: {error}")),
    }
}

/// Elements that end by themselves, so that leaving their ends out nests
/// nothing.
const SELF_ENDING: &[&str] = &[
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta",
    "option", "p", "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
];

/// Elements whose content is no markup.
const RAW: &[&str] = &["script", "style", "textarea", "title", "iframe", "xmp"];

/// Makes sure that a page can be read in a time proportional to its length.
fn check_shape(html: &str) -> Result<(), String> {
    let bytes = html.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(ahead) = memchr(b'<', &bytes[at..]) {
        at += ahead + 1;
        let rest = &bytes[at..];
        if let Some(comment) = rest.strip_prefix(b"!--") {
            at += memmem::find(comment, b"-->").map_or(rest.len(), |end| end + 6);
            continue;
        }
        let is_end = rest.first() == Some(&b'/');
        let name = &rest[usize::from(is_end)..];
        let name = &name[..name.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count()];
        if !name.first().is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let tag = tag_shape(rest);
        if tag.words > ATTRIBUTES_MAX {
            return Err(format!("a tag of the page has more than {ATTRIBUTES_MAX} attributes"));
        }
        at += tag.bytes;
        let is_one_of =
            |names: &[&str]| names.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name));
        if is_end {
            depth -= usize::from(depth > 0 && !is_one_of(SELF_ENDING));
        } else if is_one_of(RAW) {
            let end = [b"</", name].concat().to_ascii_lowercase();
            at += find_any_case(&bytes[at..], &end).unwrap_or(bytes.len() - at);
            depth += 1;
        } else if !is_one_of(SELF_ENDING) {
            depth += 1;
            if depth > NESTING_MAX {
                return Err(format!(
                    "elements of the page are nested more than {NESTING_MAX} deep"
                ));
            }
        }
    }
    Ok(())
}

struct TagShape {
    bytes: usize,
    /// White space and quotes that end: no fewer than there are attributes.
    words: usize,
}

/// A tag from behind its `<` on.
fn tag_shape(rest: &[u8]) -> TagShape {
    let mut quote = None;
    let mut words = 0;
    let mut before = b' ';
    for (at, &byte) in rest.iter().enumerate() {
        match quote {
            Some(open) if byte == open => {
                quote = None;
                words += 1;
            }
            Some(_) => {}
            None => match byte {
                b'>' => return TagShape { bytes: at + 1, words },
                // Only there does a quote begin a value.
                b'"' | b'\'' if before == b'=' => quote = Some(byte),
                b' ' | b'\t' | b'\n' | b'\r' | b'/' | b'"' | b'\'' => words += 1,
                _ => {}
            },
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    TagShape { bytes: rest.len(), words }
}

/// Where a lower-case word stands, in any case; it begins with `<`.
fn find_any_case(bytes: &[u8], word: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'<', bytes)
        .find(|&at| bytes[at..].get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word)))
}

/// A file that is one record as a whole.
#[derive(Debug, Default)]
pub(crate) struct WholeFile {
    state: Whole,
    at: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Whole {
    #[default]
    Before,
    Inside,
    Behind,
}

impl Borders for WholeFile {
    fn next(&mut self, held: Held<'_>) -> Result<Option<Border>, Malformed> {
        match self.state {
            Whole::Before if !held.bytes.is_empty() => {
                self.state = Whole::Inside;
                self.at = held.from;
                Ok(Some(Border::Begin(held.from)))
            }
            Whole::Inside => {
                self.at = held.end();
                Ok(held.is_last.then(|| {
                    self.state = Whole::Behind;
                    Border::End(held.end())
                }))
            }
            Whole::Before | Whole::Behind => {
                self.at = held.end();
                Ok(None)
            }
        }
    }

    fn needs(&self) -> u64 {
        self.at
    }
}
