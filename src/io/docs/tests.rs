use std::borrow::Cow;

use proptest::prelude::*;

use super::*;
use crate::document::{Date, Timestamp};
use crate::io::json::Fields;

/// The records of a file, handed over some bytes at a time.
fn cut(bytes: &[u8], chunk: usize) -> Result<Vec<(usize, usize)>, Malformed> {
    let mut borders = DocBorders::new(0, Encoding::UTF_8);
    let (mut records, mut begin, mut seen) = (Vec::new(), 0, 0);
    loop {
        let is_last = seen >= bytes.len();
        let needs = borders.needs();
        let held = &bytes[needs as usize..seen.min(bytes.len())];
        match borders.next(Held { bytes: held, from: needs, is_last })? {
            Some(Border::Begin(at)) => begin = at as usize,
            Some(Border::End(at)) => records.push((begin, at as usize)),
            None if is_last => return Ok(records),
            None => seen += chunk,
        }
    }
}

#[test]
fn records_are_cut_by_their_tags() {
    #[track_caller]
    fn check(file: &str, expected: &[&str]) {
        for chunk in [1, 3, 8, 1000] {
            let found = cut(file.as_bytes(), chunk).expect("records");
            let found: Vec<_> = found.iter().map(|&(a, b)| &file[a..b]).collect();
            assert_eq!(found, expected, "{file:?}, {chunk} bytes at a time");
        }
    }
    check("", &[]);
    check(
        "<DOC>a</DOC>\n<DOC id=\"1\">\nb\n</DOC>\n",
        &["<DOC>a</DOC>\n", "<DOC id=\"1\">\nb\n</DOC>\n"],
    );
    check(
        "<?xml?>\n<docs>\n  <doc>a</doc> \r\n<doc\tx>b</doc ></docs>",
        &["  <doc>a</doc> \r\n", "<doc\tx>b</doc >"],
    );
    check("<doc>a</doc><doc>b</doc>", &["<doc>a</doc>", "<doc>b</doc>"]);
    check(
        "<DOC>\n<DOCNO>1</DOCNO> <doctor> </docs> a <doc> b\n</DOC>",
        &["<DOC>\n<DOCNO>1</DOCNO> <doctor> </docs> a <doc> b\n</DOC>"],
    );
    check("<DOC>a\n\n <DOC>b</DOC>\n<DOC>c", &["<DOC>a\n\n", " <DOC>b</DOC>\n", "<DOC>c"]);
    check("<!-- <doc> -- > -->\n<doc><!-- </doc>--></doc>", &["<doc><!-- </doc>"]);
    check("<doc/>\n</doc>\n", &["<doc/>\n</doc>\n"]);
    assert!(cut(b"a < b", 2).unwrap_err().cause.contains("--format"));
}

proptest! {
    #[test]
    fn any_bytes_are_cut_alike_whatever_the_chunks(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("<doc"), Just("<DOC>"), Just("</doc>"), Just("</doc "), Just(">"),
                Just("\n"), Just(" "), Just("\r\n"), Just("a"), Just("<"), Just("ب"), Just("<!--"), Just("--"),
            ],
            0..30,
        ),
        chunk in 1_usize..9,
    ) {
        let file = parts.concat();
        let whole = cut(file.as_bytes(), 1000);
        prop_assert_eq!(&cut(file.as_bytes(), chunk), &whole);
        if let Ok(records) = whole {
            prop_assert!(records.iter().all(|(a, b)| a < b));
            prop_assert!(records.windows(2).all(|pair| pair[0].1 <= pair[1].0));
        }
    }

    #[test]
    fn no_record_makes_the_parser_panic(
        inside in "(<|>|/|doc|text|p|\"|'|=|!--|--|\\[CDATA\\[|\\]\\]|&|amp|#x41|;| |\n|\t|ب|19940513){0,40}",
    ) {
        let parser = DocParser::new(&Fields::default());
        for record in [inside.clone(), format!("<DOC {inside}</DOC>"), format!("<DOC>{inside}</DOC>")] {
            let _ = (parser.sgml(&record), parser.vertical(&record));
        }
    }
}

type Facts<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>, Date);

fn day(seconds: i64) -> Date {
    Date::At(Timestamp(seconds))
}

#[track_caller]
fn check_sgml(record: &str, (text, id, source, title, date): Facts<'_>) {
    let parser = DocParser::new(&Fields::default());
    let found = parser.sgml(record).unwrap_or_else(|cause| panic!("{record:?}: {cause}"));
    let word = |word: &Option<Cow<'_, str>>| word.as_deref().map(str::to_owned);
    assert_eq!(found.text, text, "the text of {record:?}");
    assert_eq!(word(&found.id).as_deref(), id, "the id of {record:?}");
    assert_eq!(word(&found.source).as_deref(), source, "the source of {record:?}");
    assert_eq!(word(&found.title).as_deref(), title, "the title of {record:?}");
    assert_eq!(found.date, date, "the date of {record:?}");
}

#[test]
fn gigaword_trec_and_their_kin_are_read() {
    check_sgml(
        "<DOC id=\"AFP_ARB_19940513.0001\" type=\"story\" >\n<HEADLINE>\nعنوان\nالخبر\n</HEADLINE>\n\
         <DATELINE>\nالقاهرة\n</DATELINE>\n<TEXT>\n<P>\nأ ب &AMP; ج\n</P>\n<P>\nد\nه\n</P>\n</TEXT>\n</DOC>\n",
        (
            "أ ب & ج\n\nد\nه",
            Some("AFP_ARB_19940513.0001"),
            Some("AFP_ARB"),
            Some("عنوان الخبر"),
            day(768_787_200),
        ),
    );
    check_sgml(
        "<DOC>\n<DOCNO> WSJ870324-0001 </DOCNO>\n<HL> Title </HL>\n<DD> 03/24/87</DD>\n\
         <LP>Lead.</LP>\n<TEXT>\nBody &lt;x>\n</TEXT>\n</DOC>",
        ("Lead.\n\nBody <x>", Some("WSJ870324-0001"), None, Some("Title"), Date::Absent),
    );
    check_sgml(
        "<DOC>\n<DOCNO> APW19980601.0001 </DOCNO>\n<DATE_TIME> 1998-06-01 00:00:27 </DATE_TIME>\n\
         <BODY>\n<HEADLINE> H </HEADLINE>\n<TEXT>\n<P>a</P><ANNOTATION> x </ANNOTATION>\n</TEXT>\n</BODY>\n</DOC>",
        ("a\n\nx", Some("APW19980601.0001"), Some("APW"), Some("H"), day(896_659_227)),
    );
    check_sgml(
        "<doc id='7' url=http://x/y date=2015-07-21 source=\"S &amp; T\" title='t'>\nJust <b>te</b>xt.\n\n<p>More</p></doc>",
        ("Just text.\n\nMore", Some("7"), Some("S & T"), Some("t"), day(1_437_436_800)),
    );
    check_sgml(
        "<DOC><DOCNO>1</DOCNO>bare <![CDATA[<text>]]><!-- no --> words</DOC>",
        ("bare <text> words", Some("1"), None, None, Date::Absent),
    );
    check_sgml("<DOC><TEXT></TEXT></DOC>", ("", None, None, None, Date::Absent));
    check_sgml("<doc id=1/></doc>", ("", Some("1"), None, None, Date::Absent));
}

#[test]
fn what_is_missing_is_told() {
    #[track_caller]
    fn check(record: &str, words: &str) {
        let cause = DocParser::new(&Fields::default()).sgml(record).unwrap_err();
        assert!(cause.contains(words), "{record:?}: {cause}");
    }
    check("<DOC>\n<TEXT>a</TEXT>\n", "does not end");
    check("<DOC><STORY>a</STORY></DOC>", "the record has `STORY` (name it with --text-field)");
    let fields = Fields { text: Some("story".into()), ..Fields::default() };
    let found = DocParser::new(&fields).sgml("<DOC><STORY>a</STORY></DOC>").unwrap();
    assert_eq!(found.text, "a");
}

#[test]
fn tokens_become_text() {
    #[track_caller]
    fn check(record: &str, text: &str) {
        let parser = DocParser::new(&Fields::default());
        assert_eq!(parser.vertical(record).unwrap().text, text, "for {record:?}");
    }
    check(
        "<doc id=\"1\">\n<p>\n<s>\nقال\tV\tx\nx\n<g/>\n.\tPUNC\n</s>\n</p>\n<p>\n&lt;\tX\n<\tX\r\n</p>\n</doc>",
        "قال x.\n\n< <",
    );
    check("<doc>\n</doc>", "");
    check(
        "<doc>\n<p>\nrunning text of <b>it\nnext line\n</p></doc>",
        "running text of <b>it next line",
    );
    let parser = DocParser::new(&Fields::default());
    let record =
        parser.vertical("<doc docid='x' date=\"2015-07-21\" publisher=P>\na\n</doc>").unwrap();
    assert_eq!((record.id.as_deref(), record.source.as_deref()), (Some("x"), Some("P")));
    assert_eq!(record.date, day(1_437_436_800));
}

#[test]
fn first_bytes_tell_the_families_apart() {
    #[track_caller]
    fn check(start: &str, format: Option<Format>) {
        assert_eq!(sniff(start.as_bytes()), format, "for {start:?}");
    }
    check("<!DOCTYPE html><p>", Some(Format::Html));
    check("<?xml version='1.0'?>\n<!-- x -->\n<HTML lang=ar>", Some(Format::Html));
    check("<?xml?><docs>\n<DOC>\n<TEXT>\none two\n", Some(Format::Sgml));
    check("<doc id=1>\nrunning text\n", Some(Format::Sgml));
    check("<doc id=1>\n<p>\nword\tN\n", Some(Format::Vertical));
    check("<doc>\n<s>\na\nb\nc\n</s>", Some(Format::Vertical));
    check("<rss><item>", None);
}
