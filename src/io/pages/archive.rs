//! WARC and WET files (ISO 28500): where records begin and end, what is
//! captured in them.
//!
//! Not every archive is sound: lengths are wrong, bytes are lost. A record is
//! believed if two line ends, another record or the end of the file follow
//! where it says it ends; else the next line that begins with `WARC/` begins
//! the next.

use memchr::memmem;

use super::http::{Response, is_html};
use super::{Row, charset, host, main_text};
use crate::io::elements::{Border, Borders, Held, Malformed};

/// What every record begins with.
const VERSION: &[u8] = b"WARC/";

/// The longest header of a record; usual ones have some hundred bytes.
const HEADER_BYTES_MAX: usize = 64 * 1024;

/// The most line ends that may stand between records; there should be two.
const LINE_END_BYTES_MAX: usize = 64;

/// Finds the records of an archive, and what lies between sound ones as
/// records that are none.
#[derive(Debug)]
pub(crate) struct ArchiveBorders {
    at: u64,
    state: State,
    /// Longer records are passed over: no article is.
    record_bytes_max: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between records.
    Between,
    /// In a record that begins at `begin` and says that it ends at `end`.
    Inside { begin: u64, end: u64 },
    /// In a record that is not to be told, likewise.
    Passing { end: u64 },
    /// Looking for the next record; in one if `is_told`.
    Lost { is_told: bool },
}

/// What a place in an archive looks like.
enum Look {
    /// More must be seen.
    Unknown,
    /// A record, or the end of the file, begins here, behind line ends.
    Good(u64),
    Bad,
}

impl ArchiveBorders {
    /// For an archive that begins at `at`.
    pub(crate) fn new(at: u64, record_bytes_max: u64) -> Self {
        Self { at, state: State::Between, record_bytes_max }
    }

    fn look(held: Held<'_>, at: u64) -> Look {
        if at > held.end() {
            return if held.is_last { Look::Bad } else { Look::Unknown };
        }
        let rest = held.after(at);
        let is_line_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let ends = rest.iter().take(LINE_END_BYTES_MAX).take_while(is_line_end).count();
        let rest = &rest[ends..];
        let there = rest.len().min(VERSION.len());
        if rest.is_empty() && held.is_last || rest.starts_with(VERSION) {
            Look::Good(at + ends as u64)
        } else if !held.is_last && rest == &VERSION[..there] {
            Look::Unknown
        } else {
            Look::Bad
        }
    }

    /// The same behind a record: the two line ends that end it are good too,
    /// whatever follows.
    fn look_behind(held: Held<'_>, at: u64) -> Look {
        if at + LINE_END_BYTES_MAX as u64 > held.end() && !held.is_last {
            return Look::Unknown;
        }
        match Self::look(held, at) {
            Look::Bad if at <= held.end() && held.after(at).starts_with(b"\r\n\r\n") => {
                Look::Good(at + 4)
            }
            look => look,
        }
    }

    /// The next line that begins like a record, from `from` on.
    fn find(held: Held<'_>, from: u64) -> Option<u64> {
        let rest = held.after(from);
        memmem::find(rest, b"\nWARC/").map(|found| from + found as u64 + 1)
    }
}

impl Borders for ArchiveBorders {
    fn next(&mut self, held: Held<'_>) -> Result<Option<Border>, Malformed> {
        loop {
            match self.state {
                State::Between => {
                    let rest = held.after(self.at);
                    match Self::look(held, self.at) {
                        Look::Unknown => return Ok(None),
                        Look::Good(begin) if begin == held.end() => {
                            self.at = begin;
                            return Ok(None);
                        }
                        Look::Good(begin) if begin > self.at => {
                            self.at = begin;
                            continue;
                        }
                        Look::Good(_) => {}
                        Look::Bad => {
                            self.state = State::Lost { is_told: true };
                            return Ok(Some(Border::Begin(self.at)));
                        }
                    }
                    let Some(header) = header_bytes(rest) else {
                        if rest.len() < HEADER_BYTES_MAX && !held.is_last {
                            return Ok(None);
                        }
                        self.state = State::Lost { is_told: true };
                        return Ok(Some(Border::Begin(self.at)));
                    };
                    let begin = self.at;
                    let bytes = Header::parse(&rest[..header]).content_bytes;
                    let end = bytes.and_then(|bytes| bytes.checked_add(begin + header as u64));
                    self.at += 1;
                    self.state = match end {
                        None => State::Lost { is_told: true },
                        Some(end) if end - begin > self.record_bytes_max => {
                            self.state = State::Passing { end };
                            continue;
                        }
                        Some(end) => State::Inside { begin, end },
                    };
                    return Ok(Some(Border::Begin(begin)));
                }
                State::Inside { begin, end } => match Self::look_behind(held, end) {
                    Look::Unknown => return Ok(None),
                    Look::Good(next) => {
                        (self.at, self.state) = (next, State::Between);
                        return Ok(Some(Border::End(next)));
                    }
                    Look::Bad => {
                        // What it swallowed may be sound.
                        self.at = begin + 1;
                        self.state = State::Lost { is_told: true };
                    }
                },
                State::Passing { end } => {
                    self.at = end.min(held.end());
                    match Self::look_behind(held, end) {
                        Look::Unknown => return Ok(None),
                        Look::Good(next) => (self.at, self.state) = (next, State::Between),
                        Look::Bad => self.state = State::Lost { is_told: false },
                    }
                }
                State::Lost { is_told } => {
                    let found = Self::find(held, self.at);
                    if found.is_none() && !held.is_last {
                        let overlap = VERSION.len() as u64;
                        self.at = self.at.max(held.end().saturating_sub(overlap));
                        return Ok(None);
                    }
                    self.at = found.unwrap_or(held.end());
                    self.state = State::Between;
                    if is_told {
                        return Ok(Some(Border::End(self.at)));
                    }
                }
            }
        }
    }

    fn needs(&self) -> u64 {
        self.at
    }
}

/// The length of a header, with the blank line that ends it.
fn header_bytes(record: &[u8]) -> Option<usize> {
    let start = &record[..record.len().min(HEADER_BYTES_MAX)];
    let ends = [&b"\r\n\r\n"[..], b"\n\n"];
    ends.iter().filter_map(|end| Some(memmem::find(start, end)? + end.len())).min()
}

/// What a record's header says, as far as we ask.
#[derive(Debug, Default)]
struct Header {
    kind: String,
    id: Option<String>,
    url: Option<String>,
    date: Option<String>,
    content_type: Option<String>,
    content_bytes: Option<u64>,
}

impl Header {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut header = Self::default();
        for (name, value) in text.lines().filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            let bare = value.trim_start_matches('<').trim_end_matches('>');
            let some = || Some(bare.to_owned()).filter(|value| !value.is_empty());
            match name.trim().to_ascii_lowercase().as_str() {
                "warc-type" => header.kind = value.to_ascii_lowercase(),
                "warc-record-id" => header.id = some(),
                "warc-target-uri" => header.url = some(),
                "warc-date" => header.date = some(),
                "content-type" => header.content_type = some().map(|ct| ct.to_ascii_lowercase()),
                "content-length" => header.content_bytes = value.parse().ok(),
                _ => {}
            }
        }
        header
    }
}

/// What a record of an archive is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Capture {
    Page(Row),
    /// Something that was captured and is no page, or a page that the server
    /// did not have.
    Other,
    /// Something about a capture.
    Note,
}

/// Reads one record.
///
/// # Errors
/// What is wrong, in plain words, with the URL where one is known.
pub(crate) fn capture(record: &[u8]) -> Result<Capture, String> {
    let header = header_bytes(record).filter(|_| record.starts_with(VERSION));
    let Some(header_bytes) = header else {
        let bytes = record.len();
        return Err(format!("{bytes} bytes that are no WARC record"));
    };
    let header = Header::parse(&record[..header_bytes]);
    let there = record.len() - header_bytes;
    let block = match header.content_bytes {
        None => Err("the WARC record has no Content-Length".to_owned()),
        Some(bytes) => usize::try_from(bytes)
            .ok()
            .and_then(|bytes| record[header_bytes..].split_at_checked(bytes))
            .filter(|(_, rest)| rest.iter().all(|byte| matches!(byte, b'\r' | b'\n')))
            .map(|(block, _)| block)
            .ok_or_else(|| {
                format!("the WARC record says that it has {bytes} bytes, but has {there}")
            }),
    };
    block.and_then(|block| read(&header, block)).map_err(|cause| match &header.url {
        Some(url) => format!("{cause} ({})", crate::visible::excerpt(url, URL_CHARS_MAX)),
        None => cause,
    })
}

/// How much of a URL a message shows.
const URL_CHARS_MAX: usize = 200;

fn read(header: &Header, block: &[u8]) -> Result<Capture, String> {
    let content_type = header.content_type.as_deref().unwrap_or_default();
    let (page, content_type) = match header.kind.as_str() {
        "response" if content_type.is_empty() || content_type.starts_with("application/http") => {
            let response = Response::parse(block)?;
            if !(200..300).contains(&response.status) || !response.is_page() {
                return Ok(Capture::Other);
            }
            (response.page()?, response.content_type)
        }
        "resource" | "response" if is_html(content_type) => {
            (block.into(), Some(content_type.to_owned()))
        }
        "conversion" if content_type.starts_with("text/plain") => {
            let text = String::from_utf8_lossy(block).trim().to_owned();
            return Ok(Capture::Page(header.row(None, text)));
        }
        "resource" | "response" | "conversion" => return Ok(Capture::Other),
        _ => return Ok(Capture::Note),
    };
    let html = charset::decode(&page, None, content_type.as_deref());
    let main = main_text(&html)?;
    Ok(Capture::Page(header.row(main.title, main.text)))
}

impl Header {
    fn row(&self, title: Option<String>, text: String) -> Row {
        let url = self.url.clone();
        let source = url.as_deref().and_then(host);
        let id = self.id.clone().or_else(|| url.clone()).unwrap_or_default();
        Row { id, url, date: self.date.clone(), source, title, text }
    }
}
