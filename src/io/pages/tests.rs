use proptest::prelude::*;

use super::*;
use crate::io::elements::{Border, Borders, Held};

/// The records of an archive, handed over some bytes at a time.
fn cut(bytes: &[u8], record_bytes_max: u64, chunk: usize) -> Vec<(usize, usize)> {
    let mut borders = ArchiveBorders::new(0, record_bytes_max);
    let (mut records, mut begin, mut seen) = (Vec::new(), 0, 0);
    let mut open = false;
    loop {
        let is_last = seen >= bytes.len();
        // As the cutter does: what is open is held, and what the next call needs.
        let from = if open { begin } else { borders.needs() as usize };
        let held = &bytes[from..seen.min(bytes.len())];
        match borders.next(Held { bytes: held, from: from as u64, is_last }).expect("never broken")
        {
            Some(Border::Begin(at)) => (begin, open) = (at as usize, true),
            Some(Border::End(at)) => {
                records.push((begin, at as usize));
                open = false;
            }
            None if is_last => return records,
            None => seen += chunk,
        }
    }
}

fn record(kind: &str, content_type: &str, content: &str) -> String {
    format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:1>\r\n\
         WARC-Target-URI: http://Paper.example:80/a?b\r\nWARC-Date: 2015-07-21T10:00:00Z\r\n\
         Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{content}\r\n\r\n",
        content.len()
    )
}

/// A page with a menu and a footer around its text.
fn html(text: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><title>Title - Paper</title></head><body><nav><a href=/>Menu\
         </a></nav><article><h1>Title</h1><p>{text}</p><p>{text} again</p></article>\
         <footer>Copyright</footer></body></html>"
    )
}

const TEXT: &str = "The council decided on Thursday that the library stays open, said its speaker, \
                    and that two more reading rooms are built before the summer.";

#[test]
fn records_are_found_and_lies_about_their_length_survived() {
    let note = record("warcinfo", "application/warc-fields", "software: x\r\n\r\nWARC/not");
    let text = record("conversion", "text/plain", "words\nWARC/1.0 words");
    let short = text.replace("Content-Length: 20", "Content-Length: 12");
    let long = text.replace("Content-Length: 20", "Content-Length: 500");
    let huge = text.replace("Content-Length: 20", "Content-Length: 99999999999999999999");
    #[track_caller]
    fn check(parts: &[&str], ends: &[usize]) {
        let file = parts.concat();
        for chunk in [1, 7, 64, 10_000] {
            let found: Vec<usize> =
                cut(file.as_bytes(), 1 << 20, chunk).iter().map(|&(_, end)| end).collect();
            assert_eq!(found, ends, "{chunk} bytes at a time: {file}");
        }
    }
    check(&[], &[]);
    check(&["\r\n\r\n"], &[]);
    let (n, t) = (note.len(), text.len());
    check(&[&note, &text, &note], &[n, n + t, n + t + n]);
    // Where a length is wrong, the next line that begins like a record does.
    let split = short.find("WARC/1.0 words").expect("it is there");
    check(&[&short, &note], &[split, short.len(), short.len() + n]);
    check(&[&long, &note], &[long.find("WARC/1.0 w").unwrap(), long.len(), long.len() + n]);
    check(&[&huge, &note], &[huge.find("WARC/1.0 w").unwrap(), huge.len(), huge.len() + n]);
    check(&["noise\n", &note], &[6, 6 + n]);
    check(&[&note, "noise"], &[n, n + 5]);
    check(&[&text[..t - 30]], &[t - 30]);
}

#[test]
fn records_longer_than_allowed_are_passed_over() {
    let big = record("response", "application/http", &"x".repeat(5000));
    let small = record("conversion", "text/plain", "words");
    let file = [&small[..], &big, &small].concat();
    for chunk in [1, 64, 10_000] {
        let ends: Vec<usize> =
            cut(file.as_bytes(), 1000, chunk).iter().map(|&(_, end)| end).collect();
        assert_eq!(ends, [small.len(), file.len()], "{chunk} bytes at a time");
    }
}

#[test]
fn captures_become_rows() {
    let row = |capture: Result<Capture, String>| match capture {
        Ok(Capture::Page(row)) => row,
        other => panic!("no page: {other:?}"),
    };
    let ok = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n";
    let page =
        record("response", "application/http; msgtype=response", &(ok.to_owned() + &html(TEXT)));
    let found = row(capture(page.as_bytes()));
    assert_eq!(found.id, "urn:uuid:1");
    assert_eq!(found.url.as_deref(), Some("http://Paper.example:80/a?b"));
    assert_eq!(found.source.as_deref(), Some("paper.example"));
    assert_eq!(found.date.as_deref(), Some("2015-07-21T10:00:00Z"));
    assert_eq!(found.title.as_deref(), Some("Title"));
    assert!(found.text.contains(&format!("{TEXT}\n\n{TEXT} again")), "{}", found.text);
    assert!(!found.text.contains("Menu") && !found.text.contains("Copyright"), "{}", found.text);

    let wet = row(capture(record("conversion", "text/plain", "Title\nwords\n").as_bytes()));
    assert_eq!((wet.title, &*wet.text), (None, "Title\nwords"));
    let empty = record("response", "application/http", ok);
    assert_eq!(row(capture(empty.as_bytes())).text, "");
}

#[test]
fn other_captures_are_told_from_broken_ones() {
    let response = |http: &str| record("response", "application/http", http);
    let pdf = "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n%PDF";
    let gone = "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>gone";
    for other in [response(pdf), response(gone), record("resource", "image/png", "x")] {
        assert_eq!(capture(other.as_bytes()), Ok(Capture::Other), "{other}");
    }
    for note in [record("request", "application/http", "GET"), record("revisit", "", "")] {
        assert_eq!(capture(note.as_bytes()), Ok(Capture::Note), "{note}");
    }
    #[track_caller]
    fn check(record: &str, cause: &str) {
        let broken = capture(record.as_bytes()).expect_err("broken");
        assert!(broken.contains(cause), "{record:?}: {broken}");
    }
    check("noise", "5 bytes that are no WARC record");
    check("WARC/1.0\r\nWARC-Type: response\r\n\r\n", "no Content-Length");
    check(&response("no http"), "HTTP headers are broken");
    check(&response("no http"), "(http://Paper.example:80/a?b)");
    let whole = response(pdf);
    check(&whole[..whole.len() - 6], "says that it has 54 bytes, but has 52");
}

#[test]
fn pages_that_only_an_attacker_writes_are_refused() {
    #[track_caller]
    fn check(html: &str, cause: &str) {
        let refused = page("p.html", html.as_bytes(), None).expect_err("refused");
        assert!(refused.contains(cause), "{refused}");
    }
    check(&"<div>".repeat(100_000), "nested more than 512 deep");
    check(&"<table><tr><td>x".repeat(1_000), "nested more than 512 deep");
    check(&format!("<p {}>", "a=b ".repeat(5_000)), "more than 1000 attributes");
    check(&format!("<p {}>", "a=''".repeat(5_000)), "more than 1000 attributes");
    check(&"<p>word</p>".repeat(1_000_000), "bytes long");
}

#[test]
fn sloppy_pages_are_read() {
    let sloppy = [
        "<p>x".repeat(2_000),
        "<ul><li>x<br>".repeat(200) + TEXT,
        "<td>x".repeat(2_000),
        format!("<script>'{}'</script>{}", "<div>".repeat(2_000), html(TEXT)),
        "<div>".repeat(500) + TEXT,
        "<b>".repeat(500) + TEXT,
        String::new(),
        "\0\0<".to_owned(),
    ];
    for html in &sloppy {
        let row = page("p.html", html.as_bytes(), None);
        assert!(row.is_ok(), "{:?}: {row:?}", &html[..html.len().min(40)]);
    }
}

#[test]
fn a_url_names_a_host() {
    #[track_caller]
    fn check(url: &str, expected: Option<&str>) {
        assert_eq!(host(url).as_deref(), expected, "for {url}");
    }
    check("https://News.Example.org/a:b", Some("news.example.org"));
    check("http://user:word@h:8080", Some("h"));
    check("http://[::1]/", Some("[::1]"));
    check("dns:example.org", None);
    check("http:///x", None);
}

proptest! {
    #[test]
    fn any_bytes_are_cut_alike_whatever_the_chunks(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("WARC/"), Just("WARC/1.0\r\n"), Just("\r\n\r\n"), Just("\n"),
                Just("Content-Length: 3\r\n"), Just("Content-Length: 40\r\n"), Just("\r\n"),
                Just("Content-Length: 9999\r\n"), Just("abc"), Just("WAR"),
            ],
            0..30,
        ),
        chunk in 1_usize..9,
    ) {
        let file = parts.concat();
        let whole = cut(file.as_bytes(), 500, 10_000);
        prop_assert_eq!(&cut(file.as_bytes(), 500, chunk), &whole);
        prop_assert!(whole.iter().all(|(a, b)| a < b), "{:?}", whole);
        prop_assert!(whole.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{:?}", whole);
        for (start, end) in whole {
            let _ = capture(&file.as_bytes()[start..end]);
        }
    }

    #[test]
    fn no_page_makes_it_panic(
        html in "(<|>|/|p|div|table|td|script|a href=|\"|'|!--|--|&|amp;|\\[|\\]| |x|ب){0,60}",
    ) {
        let _ = page("p.html", html.as_bytes(), None);
    }
}
