//! Web captures and web pages to rows of JSON lines.
//!
//! A page is not kept as it was: what is compared is its main text, and that
//! is written. So these files are read once, turned into JSON lines beside the
//! run, and are JSON lines from then on.

use serde::Serialize;

mod archive;
mod charset;
mod http;
mod main_text;

pub(crate) use archive::{ArchiveBorders, Capture, capture};
pub(crate) use main_text::WholeFile;

use main_text::main_text;

/// A row of the JSON lines that pages become.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    /// The `WARC-Record-ID`, or a page's file name.
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it was captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The host of the URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub text: String,
}

impl Row {
    /// As a line of JSON, line feed included.
    pub(crate) fn line(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).expect("strings are always JSON");
        line.push(b'\n');
        line
    }
}

/// A page of its own, from a file named `name`. `encoding` is what the user or
/// a byte order mark says it is in.
pub(crate) fn page(
    name: &str,
    bytes: &[u8],
    encoding: Option<&'static encoding_rs::Encoding>,
) -> Result<Row, String> {
    let html = charset::decode(bytes, encoding, None);
    let main = main_text(&html)?;
    let id = name.to_owned();
    let source = main.url.as_deref().and_then(host);
    Ok(Row { id, url: main.url, date: None, source, title: main.title, text: main.text })
}

/// The host a URL names, in lower case.
fn host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    (!host.is_empty()).then(|| host.to_lowercase())
}

#[cfg(test)]
mod tests;
