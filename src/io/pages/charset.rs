//! What a web page is written in: what its server says, or the page itself,
//! or its letters.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;
use memchr::memmem;

/// How far into a page its own word is looked for: as far as browsers do.
const META_BYTES_MAX: usize = 1024;

/// The text of a page: by its byte order mark, else in the first encoding that
/// fits it without an error: the one that is `known`, what its server's
/// `Content-Type` says, what its `<meta>` says, UTF-8, and last what its
/// letters look like.
pub(super) fn decode<'p>(
    page: &'p [u8],
    known: Option<&'static Encoding>,
    content_type: Option<&str>,
) -> Cow<'p, str> {
    if let Some((encoding, mark_bytes)) = Encoding::for_bom(page) {
        return encoding.decode_without_bom_handling(&page[mark_bytes..]).0;
    }
    let served = content_type.and_then(|value| of_label(value.as_bytes()));
    let meta = || {
        // In ASCII, or it could not be read: so it is not in UTF-16.
        let encoding = of_label(&page[..page.len().min(META_BYTES_MAX)])?;
        Some(if encoding.is_ascii_compatible() { encoding } else { encoding_rs::UTF_8 })
    };
    let candidates = [known, served, meta(), Some(encoding_rs::UTF_8)];
    for encoding in candidates.into_iter().flatten() {
        if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(page) {
            return text;
        }
    }
    // A few broken characters are no reason to disbelieve a page.
    if let Some(encoding) = candidates[..3].iter().flatten().next() {
        return encoding.decode_without_bom_handling(page).0;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(page, true);
    detector.guess(None, Utf8Detection::Allow).decode_without_bom_handling(page).0
}

/// The encoding that `charset=` names.
fn of_label(text: &[u8]) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    memmem::find_iter(&lower, b"charset").find_map(|at| {
        let rest = lower[at + b"charset".len()..].trim_ascii_start().strip_prefix(b"=")?;
        let rest = rest.trim_ascii_start();
        let rest = rest.strip_prefix(b"\"").or(rest.strip_prefix(b"'")).unwrap_or(rest);
        let is_label = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_:.+".contains(byte);
        let end = rest.iter().take_while(is_label).count();
        Encoding::for_label(&rest[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_found_by_mark_header_page_or_letters() {
        #[track_caller]
        fn check(page: &[u8], content_type: Option<&str>, text: &str) {
            let found = decode(page, None, content_type);
            assert!(found.contains(text), "{page:x?} is {found:?}");
        }
        let misr = b"<p>\xE3\xD5\xD1</p>";
        let meta = |label: &str| [format!("<meta charset={label}>").as_bytes(), misr].concat();
        check(misr, Some("text/html; Charset=\"windows-1256\""), "مصر");
        check(&meta("'windows-1256'"), None, "مصر");
        check(&meta("\"utf-8\""), Some("text/html;charset=cp1256"), "مصر");
        check("\u{FEFF}مصر".as_bytes(), Some("text/html;charset=windows-1252"), "مصر");
        check(b"\xFF\xFE\x45\x06", None, "م");
        check("<p>مصر</p>".as_bytes(), None, "مصر");
        check("<meta charset=utf-16><p>مصر</p>".as_bytes(), None, "مصر");
        check(&[&meta("utf-8"), &b"ok"[..]].concat(), None, "\u{FFFD}");
        let words =
            encoding_rs::WINDOWS_1256.encode("وقال المتحدث إن العمل يبدأ قريبا في المدينة").0;
        check(&words, None, "وقال المتحدث");
        check(b"", None, "");
    }
}
