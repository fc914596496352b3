//! What kind of file an input is: by its name, or by its first bytes.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::io::docs;
use crate::io::stream::Decoder;

/// How a file holds its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// One JSON array of objects.
    JsonArray,
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
    /// `<DOC>` ... `</DOC>`, one after the other, with tags inside: the
    /// Gigaword corpora, TREC, ANT.
    Sgml,
    /// `<doc ...>` ... `</doc>` with one token a line inside, as for Sketch
    /// Engine.
    Vertical,
    /// Web captures, or texts taken from them: WARC and WET (ISO 28500). Read
    /// as the JSON lines that [`Inputs::converted`] makes of it.
    ///
    /// [`Inputs::converted`]: crate::io::Inputs::converted
    Warc,
    /// A web page. Read like [`Format::Warc`].
    Html,
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
            Self::JsonArray => "a JSON array",
            Self::Sgml => "SGML or XML with <DOC>",
            Self::Vertical => "vertical text",
            Self::Warc => "a web archive",
            Self::Html => "a web page",
        }
    }

    /// The format whose files have this extension when nothing else is known
    /// of them.
    pub(crate) fn of_extension(extension: &str) -> Option<Self> {
        EXTENSIONS.iter().map(|(_, format)| *format).find(|format| format.extension() == extension)
    }

    /// The extension of a file that had none to tell; no two formats share
    /// one.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::JsonArray => "json",
            Self::Text => "txt",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Sgml => "sgml",
            Self::Vertical => "vert",
            Self::Warc => "warc",
            Self::Html => "html",
        }
    }

    /// True if records are JSON objects.
    pub(crate) fn is_json(self) -> bool {
        matches!(self, Self::Jsonl | Self::JsonArray)
    }

    /// True if what is compared and written is JSON lines made of the file.
    pub(crate) fn is_converted(self) -> bool {
        matches!(self, Self::Warc | Self::Html)
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
    /// bzip2, of one or more streams.
    Bzip2,
    /// xz, of one or more streams.
    Xz,
}

impl Compression {
    /// This, or the other if this is none.
    pub(crate) fn or(self, other: Self) -> Self {
        if self == Self::None { other } else { self }
    }

    /// Every way of packing.
    pub(crate) const PACKED: [Self; 4] = [Self::Gzip, Self::Zstd, Self::Bzip2, Self::Xz];

    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "uncompressed",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }

    /// The compression of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        std::iter::once(Self::None).chain(Self::PACKED).find(|known| known.name() == name)
    }

    /// The extension that goes behind the format's, dot included.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
            Self::Bzip2 => ".bz2",
            Self::Xz => ".xz",
        }
    }

    /// By the magic number at the start of a file.
    pub(crate) fn of_magic(start: &[u8]) -> Self {
        if start.starts_with(&[0x1F, 0x8B]) {
            Self::Gzip
        } else if start.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
            Self::Zstd
        } else if start.starts_with(b"BZh")
            && start.get(4..10).is_some_and(|next| BZIP2_NEXT.iter().any(|known| known == next))
        {
            Self::Bzip2
        } else if start.starts_with(b"\xFD7zXZ\0") {
            Self::Xz
        } else {
            Self::None
        }
    }
}

/// What follows the four letters of bzip2, which may begin a text too: a
/// block, or the end of a file of nothing.
const BZIP2_NEXT: [[u8; 6]; 2] =
    [[0x31, 0x41, 0x59, 0x26, 0x53, 0x59], [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]];

/// The extensions files are recognised by, each also with `.gz`, `.zst`,
/// `.bz2` or `.xz`.
pub const EXTENSIONS: &[(&str, Format)] = &[
    ("jsonl", Format::Jsonl),
    ("ndjson", Format::Jsonl),
    ("json", Format::JsonArray),
    ("txt", Format::Text),
    ("csv", Format::Csv),
    ("tsv", Format::Tsv),
    ("parquet", Format::Parquet),
    ("arrow", Format::Arrow),
    ("arrows", Format::Arrow),
    ("feather", Format::Arrow),
    ("sgml", Format::Sgml),
    ("sgm", Format::Sgml),
    ("xml", Format::Sgml),
    ("trec", Format::Sgml),
    ("trectext", Format::Sgml),
    ("prevert", Format::Sgml),
    ("vert", Format::Vertical),
    ("vertical", Format::Vertical),
    ("vrt", Format::Vertical),
    ("warc", Format::Warc),
    ("wet", Format::Warc),
    ("html", Format::Html),
    ("htm", Format::Html),
    ("xhtml", Format::Html),
];

/// What a file's name tells of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// All.
    Kind(Format, Compression),
    /// It may be this, but may be something else as well: JSON lines under the
    /// name of a JSON document, XML of any kind, a part of the Gigaword
    /// corpora, which have no extension. If its name does not say how it is
    /// packed, its first bytes do.
    Perhaps(Option<Format>, Compression),
}

/// The kind of a file by its extension, in any case; `None` if it is of no
/// known kind.
pub(crate) fn by_name(path: &Path) -> Option<Named> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let (name, compression) = Compression::PACKED
        .into_iter()
        .find_map(|c| Some((name.strip_suffix(c.suffix())?, c)))
        .unwrap_or((&name, Compression::None));
    let Some((stem, extension)) = name.rsplit_once('.') else {
        return Some(Named::Perhaps(None, compression));
    };
    let &(_, format) = EXTENSIONS.iter().find(|(known, _)| *known == extension)?;
    if stem.is_empty() {
        return None;
    }
    Some(match extension {
        "json" | "xml" => Named::Perhaps(Some(format), compression),
        _ => Named::Kind(format, compression),
    })
}

/// A name with the extensions that tell of a kind replaced by `.jsonl`.
pub(crate) fn converted_name(name: &str) -> String {
    let strip = |name: &str, extension: &str| {
        let end = name.len().checked_sub(extension.len())?;
        let (stem, end) = name.split_at_checked(end)?;
        (end.eq_ignore_ascii_case(extension) && !stem.is_empty()).then(|| stem.to_owned())
    };
    let packed = Compression::PACKED.into_iter().find_map(|c| strip(name, c.suffix()));
    let name = packed.unwrap_or_else(|| name.to_owned());
    let mut known = EXTENSIONS.iter().filter(|(_, format)| format.is_converted());
    let stem = known.find_map(|(extension, _)| strip(&name, &format!(".{extension}")));
    stem.unwrap_or(name) + ".jsonl"
}

/// Tells a file's format by its first bytes, `None` if they say nothing: it is
/// text then. Byte order marks, spaces and the zero bytes of UTF-16 do not
/// count.
pub(crate) fn sniff(file: impl Read) -> io::Result<(Option<Format>, Compression)> {
    let mut file = BufReader::new(file);
    let compression = Compression::of_magic(file.fill_buf()?);
    let mut start = Vec::new();
    // What cannot be unpacked is text for now; reading it will tell.
    let _ = Decoder::new(file, compression)
        .and_then(|decoder| decoder.take(SNIFF_BYTES).read_to_end(&mut start));
    if let Some(&(_, format)) = TABLES.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Ok((Some(format), compression));
    }
    start.retain(|byte| !matches!(byte, 0 | 0xEF | 0xBB | 0xBF | 0xFE | 0xFF));
    let start = start.trim_ascii_start();
    let format = match start.first() {
        Some(b'{') => Some(Format::Jsonl),
        Some(b'[') => match start[1..].trim_ascii_start().first() {
            // A text may begin with a bracket as well.
            Some(b'{' | b']') => Some(Format::JsonArray),
            _ => None,
        },
        Some(b'W') if start.starts_with(b"WARC/") => Some(Format::Warc),
        Some(b'<') => docs::sniff(start),
        _ => None,
    };
    Ok((format, compression))
}

/// How far into a file its kind is looked for: past any leading blank lines.
const SNIFF_BYTES: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_tell_format_and_compression() {
        #[track_caller]
        fn check(name: &str, kind: Option<Named>) {
            assert_eq!(by_name(Path::new(name)), kind, "for {name}");
        }
        let kind = |format, compression| Some(Named::Kind(format, compression));
        check("a/b.jsonl", kind(Format::Jsonl, Compression::None));
        check("b.NDJSON.GZ", kind(Format::Jsonl, Compression::Gzip));
        check("b.vert.xz", kind(Format::Vertical, Compression::Xz));
        check("b.warc.bz2", kind(Format::Warc, Compression::Bzip2));
        check(".hidden.txt", kind(Format::Text, Compression::None));
        check("b.json.zst", Some(Named::Perhaps(Some(Format::JsonArray), Compression::Zstd)));
        check("afp_arb_199405.gz", Some(Named::Perhaps(None, Compression::Gzip)));
        check("jsonl", Some(Named::Perhaps(None, Compression::None)));
        check("b.x.gz", None);
        check(".txt", None);
        check("b.TSV.gz", kind(Format::Tsv, Compression::Gzip));
        check("b.doc", None);
    }

    #[test]
    fn a_converted_file_is_named_after_what_it_was() {
        #[track_caller]
        fn check(name: &str, converted: &str) {
            assert_eq!(converted_name(name), converted);
        }
        check("CC-NEWS-1.warc.gz", "CC-NEWS-1.jsonl");
        check("a.b.WET", "a.b.jsonl");
        check("page.html.xz", "page.jsonl");
        check("capture", "capture.jsonl");
        check("odd.dat.gz", "odd.dat.jsonl");
        check(".html", ".html.jsonl");
    }

    #[test]
    fn first_bytes_tell_the_rest() {
        #[track_caller]
        fn check(bytes: &[u8], format: Option<Format>, compression: Compression) {
            assert_eq!(sniff(bytes).unwrap(), (format, compression), "for {bytes:x?}");
        }
        let plain = Compression::None;
        let (jsonl, text) = (Some(Format::Jsonl), None);
        check(b"", text, plain);
        check(b"\n {\"a\":1}", jsonl, plain);
        check(b"\xFF\xFE{\0", jsonl, plain);
        check("\u{FEFF}[ {".as_bytes(), Some(Format::JsonArray), plain);
        check(b"[\n]", Some(Format::JsonArray), plain);
        check(b"[AFP] Cairo", text, plain);
        check("أنباء".as_bytes(), text, plain);
        check(b"BZhonghua news", text, plain);
        check(b"WARC/1.0\r\n", Some(Format::Warc), plain);
        check(b"PAR1\x15\x04", Some(Format::Parquet), plain);
        check(b"ARROW1\0\0", Some(Format::Arrow), plain);
        check(b"\xFF\xFF\xFF\xFF\x78", Some(Format::Arrow), plain);
        check(&zstd::encode_all(&b"{}"[..], 1).unwrap(), jsonl, Compression::Zstd);
        check(&[0x1F, 0x8B, 7, 7], text, Compression::Gzip);
    }
}
