//! What kind of file an input is: by its name, or by its first bytes.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::io::stream::Decoder;

/// How a file holds its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// Plain text, cut into articles by the text floor's splitter.
    Text,
    /// Comma-separated values (RFC 4180), below a header; the delimiter is
    /// told from the header.
    Csv,
    /// Tab-separated values, likewise.
    Tsv,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC, as a file (Feather version 2) or as a stream.
    Arrow,
}

/// How Parquet, Arrow files and Arrow streams begin.
const TABLES: &[(&[u8], Format)] =
    &[(b"PAR1", Format::Parquet), (b"ARROW1", Format::Arrow), (&[0xFF; 4], Format::Arrow)];

impl Format {
    /// Whether it keeps its records by columns: such a file is read and
    /// written by `io::columnar`, and in no other way.
    pub(crate) fn is_columnar(self) -> bool {
        matches!(self, Self::Parquet | Self::Arrow)
    }

    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jsonl => "JSON lines",
            Self::Text => "plain text",
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::Parquet => "Parquet",
            Self::Arrow => "Arrow",
        }
    }

    /// The extension of a file that had none to tell.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Text => "txt",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }
}

/// How a file's bytes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip (RFC 1952), of one or more members.
    Gzip,
    /// Zstandard (RFC 8878), of one or more frames.
    Zstd,
}

impl Compression {
    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "uncompressed",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// The compression of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::None, Self::Gzip, Self::Zstd].into_iter().find(|known| known.name() == name)
    }

    /// The extension that goes behind the format's, dot included.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }

    /// By the magic number at the start of a file.
    pub(crate) fn of_magic(start: &[u8]) -> Self {
        if start.starts_with(&[0x1F, 0x8B]) {
            Self::Gzip
        } else if start.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
            Self::Zstd
        } else {
            Self::None
        }
    }
}

/// The extensions files are recognised by, each also with `.gz` or `.zst`.
pub const EXTENSIONS: &[(&str, Format)] = &[
    ("jsonl", Format::Jsonl),
    ("ndjson", Format::Jsonl),
    // JSON lines under the wrong name are common; a real JSON document is
    // told from them by its first record.
    ("json", Format::Jsonl),
    ("txt", Format::Text),
    ("csv", Format::Csv),
    ("tsv", Format::Tsv),
    ("parquet", Format::Parquet),
    ("arrow", Format::Arrow),
    ("arrows", Format::Arrow),
    ("feather", Format::Arrow),
];

/// The kind of a file by its extension, in any case.
pub(crate) fn by_name(path: &Path) -> Option<(Format, Compression)> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let (name, compression) = [Compression::Gzip, Compression::Zstd]
        .into_iter()
        .find_map(|c| Some((name.strip_suffix(c.suffix())?, c)))
        .unwrap_or((&name, Compression::None));
    let (stem, extension) = name.rsplit_once('.')?;
    let &(_, format) = EXTENSIONS.iter().find(|(known, _)| *known == extension)?;
    (!stem.is_empty()).then_some((format, compression))
}

/// What the first bytes of a file say of its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sniffed {
    /// Records of this format.
    Records(Format),
    /// One JSON list of everything, which cannot be cut into lines.
    JsonList,
}

/// Tells a file's kind by its first bytes: tables have theirs, `{` begins JSON lines, `[` a JSON
/// list, anything else text. Byte order marks, spaces and the zero bytes of
/// UTF-16 do not count.
pub(crate) fn sniff(file: impl Read) -> io::Result<(Sniffed, Compression)> {
    let mut file = BufReader::new(file);
    let compression = Compression::of_magic(file.fill_buf()?);
    let mut start = Vec::new();
    // What cannot be unpacked is text for now; reading it will tell.
    let _ = Decoder::new(file, compression)
        .and_then(|decoder| decoder.take(SNIFF_BYTES).read_to_end(&mut start));
    if let Some(&(_, format)) = TABLES.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Ok((Sniffed::Records(format), compression));
    }
    let first = start.iter().find(|byte| {
        !byte.is_ascii_whitespace() && !matches!(byte, 0 | 0xEF | 0xBB | 0xBF | 0xFE | 0xFF)
    });
    let sniffed = match first {
        Some(b'{') => Sniffed::Records(Format::Jsonl),
        Some(b'[') => Sniffed::JsonList,
        _ => Sniffed::Records(Format::Text),
    };
    Ok((sniffed, compression))
}

/// How far into a file its kind is looked for: past any leading blank lines.
const SNIFF_BYTES: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_tell_format_and_compression() {
        #[track_caller]
        fn check(name: &str, kind: Option<(Format, Compression)>) {
            assert_eq!(by_name(Path::new(name)), kind, "for {name}");
        }
        check("a/b.jsonl", Some((Format::Jsonl, Compression::None)));
        check("b.NDJSON.GZ", Some((Format::Jsonl, Compression::Gzip)));
        check("b.json.zst", Some((Format::Jsonl, Compression::Zstd)));
        check(".hidden.txt", Some((Format::Text, Compression::None)));
        check("b.gz", None);
        check(".txt", None);
        check("b.TSV.gz", Some((Format::Tsv, Compression::Gzip)));
        check("b.doc", None);
        check("jsonl", None);
    }

    #[test]
    fn first_bytes_tell_the_rest() {
        #[track_caller]
        fn check(bytes: &[u8], sniffed: Sniffed, compression: Compression) {
            assert_eq!(sniff(bytes).unwrap(), (sniffed, compression), "for {bytes:x?}");
        }
        let jsonl = Sniffed::Records(Format::Jsonl);
        let text = Sniffed::Records(Format::Text);
        check(b"", text, Compression::None);
        check(b"\n {\"a\":1}", jsonl, Compression::None);
        check(b"\xFF\xFE{\0", jsonl, Compression::None);
        check("\u{FEFF}[".as_bytes(), Sniffed::JsonList, Compression::None);
        check("أنباء".as_bytes(), text, Compression::None);
        check(b"PAR1\x15\x04", Sniffed::Records(Format::Parquet), Compression::None);
        check(b"ARROW1\0\0", Sniffed::Records(Format::Arrow), Compression::None);
        check(b"\xFF\xFF\xFF\xFF\x78", Sniffed::Records(Format::Arrow), Compression::None);
        check(&zstd::encode_all(&b"{}"[..], 1).unwrap(), jsonl, Compression::Zstd);
        check(&[0x1F, 0x8B, 7, 7], text, Compression::Gzip);
    }
}
