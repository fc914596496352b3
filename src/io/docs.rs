//! `<DOC>` ... `</DOC>`: where such records begin and end, and what they say.
//!
//! Three families of files look like this: SGML (Gigaword, TREC, ANT), which
//! is hardly ever well-formed XML; vertical text, one token a line; and
//! running text in `<doc ...>`. So records are cut by their tags alone, byte
//! by byte, and what is inside is read without a grammar.

use memchr::{memchr, memmem};

use crate::io::cut::{Cutter, Halt};
use crate::io::elements::{Border, Borders, Held, Malformed};
use crate::io::encoding::Encoding;
use crate::io::kind::Format;

mod fields;
pub(crate) mod tags;

pub(crate) use fields::DocParser;

/// How much white space is looked at beside a tag; corpora have next to none.
const BLANKS_MAX: usize = 256;

/// How far an XML declaration may reach.
const DECLARATION_BYTES_MAX: usize = 256;

/// Finds records by their tags.
///
/// A record begins, outside of comments, with `<doc` at the first blank of its line and ends behind
/// `</doc>` and the line end that follows. One that never ends goes on to the
/// next line that begins with `<doc`, or to the end of the file; it is for
/// the parser to find it wanting.
#[derive(Debug)]
pub(crate) struct DocBorders {
    encoding: Encoding,
    /// Everything before this was looked at.
    at: u64,
    /// The last border told; nothing before it is looked at again.
    last: u64,
    /// The beginning of the file.
    start: u64,
    is_inside: bool,
    /// In a comment between records.
    is_aside: bool,
    /// True if there was a record.
    is_found: bool,
    /// True if there was anything but white space.
    has_bytes: bool,
}

/// What begins a comment, and what ends it.
const COMMENT: &[u8] = b"<!--";
const COMMENT_END: &[u8] = b"-->";

/// What a `<` begins.
enum Tag {
    /// `<doc` and what ends a name.
    Begin,
    /// `</doc>`, with its length.
    End(usize),
    /// `<!--`
    Comment,
    Other,
    /// More must be seen.
    Unknown,
}

fn tag(bytes: &[u8], is_last: bool) -> Tag {
    let unknown = if is_last { Tag::Other } else { Tag::Unknown };
    let is = |word: &[u8]| {
        let there = &bytes[..bytes.len().min(word.len())];
        there.eq_ignore_ascii_case(&word[..there.len()])
    };
    if is(COMMENT) {
        return if bytes.len() < COMMENT.len() { unknown } else { Tag::Comment };
    }
    if is(b"<doc") {
        return match bytes.get(4) {
            Some(b' ' | b'\t' | b'\n' | b'\r' | b'>' | b'/') => Tag::Begin,
            Some(_) => Tag::Other,
            None => unknown,
        };
    }
    if is(b"</doc") {
        let behind = bytes.get(5..).unwrap_or_default();
        let blanks = behind.iter().take(BLANKS_MAX).take_while(|b| b.is_ascii_whitespace()).count();
        return match behind.get(blanks) {
            Some(b'>') => Tag::End(5 + blanks + 1),
            Some(_) => Tag::Other,
            None => unknown,
        };
    }
    Tag::Other
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

impl DocBorders {
    /// For a file whose text begins at `at`.
    pub(crate) fn new(at: u64, encoding: Encoding) -> Self {
        Self {
            encoding,
            at,
            last: at,
            start: at,
            is_inside: false,
            is_aside: false,
            is_found: false,
            has_bytes: false,
        }
    }

    /// Where the line of a `<` begins if there is nothing before it but
    /// blanks.
    fn line_start(&self, held: Held<'_>, at: u64) -> Option<u64> {
        let from = self.last.max(held.from).max(at.saturating_sub(BLANKS_MAX as u64));
        let before = &held.after(from)[..(at - from) as usize];
        let blanks = before.iter().rev().take_while(|&&byte| is_blank(byte)).count();
        let line = at - blanks as u64;
        match before.len().checked_sub(blanks + 1) {
            Some(index) => matches!(before[index], b'\n' | b'\r').then_some(line),
            None => (line == self.start || line == self.last && !self.is_inside).then_some(line),
        }
    }

    /// Goes back over blanks and the line feed before them: they tell whether
    /// the next tag begins its line.
    fn wait_at(&mut self, held: Held<'_>, at: u64) {
        let from = self.last.max(held.from).max(at.saturating_sub(BLANKS_MAX as u64));
        let before = &held.after(from)[..(at - from) as usize];
        let blanks = before.iter().rev().take_while(|&&byte| is_blank(byte)).count();
        self.at = at - (blanks + 1).min(before.len()) as u64;
    }

    fn tell(&mut self, border: Border) -> Result<Option<Border>, Malformed> {
        (self.is_inside, self.last) = match border {
            Border::Begin(at) => (true, at),
            Border::End(at) => (false, at),
        };
        self.at = self.at.max(self.last);
        self.is_found = true;
        Ok(Some(border))
    }
}

impl Borders for DocBorders {
    fn next(&mut self, held: Held<'_>) -> Result<Option<Border>, Malformed> {
        if self.encoding.unit_bytes() > 1 {
            let name = self.encoding.name().to_lowercase();
            let cause = format!(
                "tags are not looked for in {name}; convert the file first: iconv -f {name} -t \
                 utf-8 FILE"
            );
            return Err(Malformed { at: self.at, cause });
        }
        loop {
            if self.is_aside {
                let ahead = held.after(self.at);
                let Some(end) = memmem::find(ahead, COMMENT_END) else {
                    let kept =
                        if held.is_last { 0 } else { ahead.len().min(COMMENT_END.len() - 1) };
                    self.at = held.end() - kept as u64;
                    break;
                };
                self.at += (end + COMMENT_END.len()) as u64;
                self.is_aside = false;
            }
            let Some(ahead) = memchr(b'<', held.after(self.at)) else { break };
            let at = self.at + ahead as u64;
            self.has_bytes = true;
            match tag(held.after(at), held.is_last) {
                Tag::Unknown => {
                    self.wait_at(held, at);
                    return Ok(None);
                }
                Tag::Begin if !self.is_inside => {
                    let begin = self.line_start(held, at).unwrap_or(at);
                    self.at = at + 1;
                    return self.tell(Border::Begin(begin));
                }
                Tag::Begin => {
                    if let Some(line) = self.line_start(held, at)
                        && line > self.last
                    {
                        self.at = line;
                        return self.tell(Border::End(line));
                    }
                }
                Tag::End(bytes) if self.is_inside => {
                    let end = at + bytes as u64;
                    let behind = held.after(end);
                    let is_white = |&&byte: &&u8| is_blank(byte) || byte == b'\r';
                    let blanks = behind.iter().take(BLANKS_MAX).take_while(is_white).count();
                    match behind.get(blanks) {
                        Some(b'\n') => {
                            return self.tell(Border::End(end + blanks as u64 + 1));
                        }
                        None if !held.is_last => {
                            self.wait_at(held, at);
                            return Ok(None);
                        }
                        _ => return self.tell(Border::End(end)),
                    }
                }
                Tag::Comment if !self.is_inside => {
                    self.at = at + COMMENT.len() as u64;
                    self.is_aside = true;
                    continue;
                }
                Tag::End(_) | Tag::Comment | Tag::Other => {}
            }
            self.at = at + 1;
        }
        self.has_bytes |= !held.after(self.at).trim_ascii().is_empty();
        if !held.is_last {
            if !self.is_aside {
                self.wait_at(held, held.end());
            }
            return Ok(None);
        }
        self.at = held.end();
        if self.is_inside {
            return self.tell(Border::End(self.at));
        }
        if self.has_bytes && !self.is_found {
            let cause = "no <DOC> in the whole file; name its format with --format".to_owned();
            return Err(Malformed { at: self.start, cause });
        }
        Ok(None)
    }

    fn needs(&self) -> u64 {
        self.at
    }
}

impl Cutter<'_, '_> {
    /// Takes the encoding that an XML declaration names, unless the user or a
    /// byte order mark named one.
    pub(crate) fn declared_encoding(&mut self, mut held: Vec<u8>) -> Result<Vec<u8>, Halt> {
        if self.encoding_is_given || self.head_bytes > 0 {
            return Ok(held);
        }
        while held.len() < DECLARATION_BYTES_MAX && self.fill(&mut held)? > 0 {}
        let start = &held[..held.len().min(DECLARATION_BYTES_MAX)];
        let declaration = start.strip_prefix(b"<?xml").and_then(|rest| {
            let end = memchr(b'>', rest)?;
            std::str::from_utf8(&rest[..end]).ok()
        });
        let label = tags::attributes(declaration.unwrap_or_default())
            .find(|(name, _)| *name == "encoding")
            .and_then(|(_, label)| Encoding::parse(&label).ok());
        // A declaration in ASCII is not in UTF-16, whatever it says.
        if let Some(encoding) = label.filter(|encoding| encoding.unit_bytes() == 1) {
            self.encoding = encoding;
        }
        Ok(held)
    }
}

/// How many lines of a record are looked at to tell its format.
const LINES_SNIFFED: usize = 50;

/// The format of a file that begins with `<`, if its first bytes tell.
pub(crate) fn sniff(start: &[u8]) -> Option<Format> {
    let text = String::from_utf8_lossy(start);
    let mut rest = &text[..];
    while let Some(aside) = rest.strip_prefix("<?").or_else(|| rest.strip_prefix("<!--")) {
        rest = aside.split_once('>').map_or("", |(_, behind)| behind).trim_start();
    }
    let begins =
        |word: &str| rest.get(..word.len()).is_some_and(|there| there.eq_ignore_ascii_case(word));
    if begins("<!doctype html") || begins("<html") {
        return Some(Format::Html);
    }
    let bytes = text.as_bytes();
    let begin = memchr::memchr_iter(b'<', bytes)
        .find(|&at| matches!(tag(&bytes[at..], true), Tag::Begin))?;
    // Tokens: lines with columns, or without a single space among them all.
    let record = &text[begin..];
    let mut lines = record.lines().skip(1).map(str::trim_end);
    let is_token = |line: &&str| !line.is_empty() && !line.starts_with('<');
    let lines: Vec<&str> = lines.by_ref().filter(is_token).take(LINES_SNIFFED).collect();
    let has_columns = lines.iter().any(|line| line.contains('\t'));
    let is_vertical = has_columns || lines.len() > 2 && lines.iter().all(|l| !l.contains(' '));
    Some(if is_vertical { Format::Vertical } else { Format::Sgml })
}

#[cfg(test)]
mod tests;
