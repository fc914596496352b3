//! A captured HTTP response: what its headers say, and its body.

use std::borrow::Cow;
use std::io::Read;

use super::main_text::HTML_BYTES_MAX;

/// The most headers read; servers send a few dozen.
const HEADERS_MAX: usize = 512;

/// A response, as far as a page needs it.
pub(super) struct Response<'r> {
    pub status: u16,
    pub content_type: Option<String>,
    transfer_encoding: Option<String>,
    content_encoding: Option<String>,
    body: &'r [u8],
}

impl<'r> Response<'r> {
    /// Reads a response from its first byte on.
    ///
    /// # Errors
    /// In plain words, if it is none.
    pub(super) fn parse(block: &'r [u8]) -> Result<Self, String> {
        let mut headers = vec![httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut response = httparse::Response::new(&mut headers);
        let mut config = httparse::ParserConfig::default();
        // As servers send them.
        config
            .allow_spaces_after_header_name_in_responses(true)
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_space_before_first_header_name(true)
            .ignore_invalid_headers_in_responses(true);
        let start = match config.parse_response(&mut response, block) {
            Ok(httparse::Status::Complete(start)) => start,
            Ok(httparse::Status::Partial) => return Err("the HTTP headers do not end".to_owned()),
            Err(error) => return Err(format!("the HTTP headers are broken: {error}")),
        };
        let header = |name: &str| {
            let found =
                response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
            found.map(|header| String::from_utf8_lossy(header.value).trim().to_ascii_lowercase())
        };
        Ok(Self {
            status: response.code.unwrap_or_default(),
            content_type: header("content-type"),
            transfer_encoding: header("transfer-encoding"),
            content_encoding: header("content-encoding"),
            body: &block[start..],
        })
    }

    /// True if the body is a web page, as far as anyone says.
    pub(super) fn is_page(&self) -> bool {
        match &self.content_type {
            Some(content_type) => is_html(content_type),
            None => self.body.trim_ascii_start().starts_with(b"<"),
        }
    }

    /// The page, unpacked. Crawlers that unpack pages leave the headers as
    /// they were: a body that does not look packed is taken as it is.
    ///
    /// # Errors
    /// In plain words, if it cannot be unpacked.
    pub(super) fn page(&self) -> Result<Cow<'r, [u8]>, String> {
        let mut body = Cow::Borrowed(self.body);
        if self.transfer_encoding.as_deref().is_some_and(|te| te.contains("chunked"))
            && let Some(joined) = dechunked(&body)
        {
            body = Cow::Owned(joined);
        }
        let unpacked = match self.content_encoding.as_deref() {
            Some("gzip" | "x-gzip") if body.starts_with(&[0x1F, 0x8B]) => {
                unpack(flate2::read::MultiGzDecoder::new(&body[..]))
            }
            Some("deflate") if !body.trim_ascii_start().starts_with(b"<") => {
                unpack(flate2::read::ZlibDecoder::new(&body[..]))
                    .or_else(|_| unpack(flate2::read::DeflateDecoder::new(&body[..])))
            }
            Some("zstd") if body.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) => {
                zstd::Decoder::with_buffer(&body[..]).and_then(unpack)
            }
            Some("br") if !body.trim_ascii_start().starts_with(b"<") => {
                return Err("the page is packed with Brotli, which is not read".to_owned());
            }
            _ => return Ok(body),
        };
        unpacked.map(Cow::Owned).map_err(|error| format!("the page cannot be unpacked: {error}"))
    }
}

/// True for the media types of web pages.
pub(super) fn is_html(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    ["text/html", "application/xhtml+xml"].iter().any(|html| media.eq_ignore_ascii_case(html))
}

/// Reads to the end, but no more than makes a page too long. What is cut
/// short gives what is there.
fn unpack(packed: impl Read) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    match packed.take(HTML_BYTES_MAX as u64 + 1).read_to_end(&mut page) {
        Err(error) if page.is_empty() => Err(error),
        _ => Ok(page),
    }
}

/// A body without its chunk sizes; `None` if it has none.
fn dechunked(body: &[u8]) -> Option<Vec<u8>> {
    let mut joined = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        let httparse::Status::Complete((start, bytes)) = httparse::parse_chunk_size(rest).ok()?
        else {
            // Cut short.
            return (!joined.is_empty()).then_some(joined);
        };
        let chunk = &rest[start..];
        let end = usize::try_from(bytes).unwrap_or(usize::MAX).min(chunk.len());
        joined.extend_from_slice(&chunk[..end]);
        rest = &chunk[end..];
        rest = rest.strip_prefix(b"\r\n").or(rest.strip_prefix(b"\n")).unwrap_or(rest);
        if bytes == 0 || rest.is_empty() {
            return Some(joined);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[track_caller]
    fn check(headers: &str, body: &[u8], page: &[u8]) {
        let block = [format!("HTTP/1.1 200 OK\r\n{headers}\r\n").as_bytes(), body].concat();
        let response = Response::parse(&block).expect("a response");
        let found = response.page().expect("a page");
        assert_eq!(found, page, "{headers:?}: {:?}", String::from_utf8_lossy(&found));
    }

    #[test]
    fn bodies_are_unpacked_if_they_are_packed() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"<p>").unwrap();
        let gzip = gzip.finish().unwrap();
        check("", b"<p>", b"<p>");
        check("Content-Encoding: gzip\r\n", &gzip, b"<p>");
        check("Content-Encoding: gzip\r\n", b"<p>", b"<p>");
        check("content-encoding: br\r\n", b" <p>", b" <p>");
        check("Transfer-Encoding: chunked\r\n", b"2\r\n<p\r\n1;x\r\n>\r\n0\r\n\r\n", b"<p>");
        check("Transfer-Encoding: chunked\r\n", b"<p>", b"<p>");
        check("Transfer-Encoding: chunked\r\n", b"ff\r\n<p", b"<p");
        let chunked =
            [format!("{:x}\r\n", gzip.len()).as_bytes(), &gzip, b"\r\n0\r\n\r\n"].concat();
        check("Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", &chunked, b"<p>");
        let block = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n\x0b\x01";
        assert!(Response::parse(block).unwrap().page().unwrap_err().contains("Brotli"));
    }

    #[test]
    fn what_is_no_response_is_told() {
        assert!(Response::parse(b"").is_err());
        assert!(Response::parse(b"HTTP/1.1 200 OK\r\nA: b").is_err());
        assert!(Response::parse(b"GET / HTTP/1.1\r\n\r\n").is_err());
    }
}
