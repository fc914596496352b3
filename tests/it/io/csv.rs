//! Delimited text: rows in, rows out, byte for byte.

use twicetold::document::{Date, Place, Timestamp};
use twicetold::io::{Encoding, Fields, ReadOptions};

use super::harness::{Corpus, Owned, skipping, texts};

/// The documents and the bad records (line and cause) of one file.
#[track_caller]
fn read(name: &str, bytes: &[u8], options: &ReadOptions) -> (Vec<Owned>, Vec<(u64, String)>) {
    let (documents, report) = Corpus::new(&[(name, bytes)]).read(options).unwrap();
    (documents, report.bad.into_iter().map(|bad| (bad.place.line, bad.cause)).collect())
}

#[test]
fn cells_are_the_fields_their_header_names() {
    let file = "\u{FEFF}id,عنوان,headline,date,source,text\r\n\
                1,x,\"أ, \"\"ب\"\"\",2015-07-21,spa,\"سطر\nثان 😀\"\r\n\
                \r\n\
                ,,,yesterday,,\u{202E}tail\"quoted\"";
    let (documents, bad) = read("a.csv", file.as_bytes(), &skipping());
    assert_eq!(bad, []);
    assert_eq!(texts(&documents), ["سطر\nثان 😀", "\u{202E}tail\"quoted\""]);
    assert_eq!(documents[0].id.as_deref(), Some("1"));
    assert_eq!(documents[0].title.as_deref(), Some("أ, \"ب\""));
    assert_eq!(documents[0].date, Date::At(Timestamp(1_437_436_800)));
    assert_eq!((&documents[1].id, documents[1].date), (&None, Date::Unreadable));
    let head = "\u{FEFF}id,عنوان,headline,date,source,text\r\n".len() as u64;
    let bytes = "1,x,\"أ, \"\"ب\"\"\",2015-07-21,spa,\"سطر\nثان 😀\"\r\n".len() as u64;
    assert_eq!(documents[0].place, Place { file: 0, line: 2, offset: head, bytes });
    assert_eq!(documents[1].place.line, 5, "a quoted line end is a line too");
}

#[test]
fn the_delimiter_is_told_from_the_header() {
    #[track_caller]
    fn check(name: &str, file: &str, delimiter: Option<u8>, text: &str) {
        let options = ReadOptions { delimiter, ..skipping() };
        let (documents, bad) = read(name, file.as_bytes(), &options);
        assert_eq!((texts(&documents), bad), (vec![text], vec![]), "{name}: {file:?}");
    }
    check("a.csv", "id,text\n1,a;b|c\td\n", None, "a;b|c\td");
    check("a.csv", "id;a,b;text\n1;;\"x;y\"\n", None, "x;y");
    check("a.csv", "\"a,b;c\";text\n1;t", None, "t");
    check("a.csv", "id|text\n1|t\n", None, "t");
    check("a.csv", "id\ttext\n1\tt\n", None, "t");
    check("a.csv", "text\na b\n", None, "a b");
    check("a.tsv", "id\ttext,a,b,c\ttext\n1\t\"x\"\tt,u\n", None, "t,u");
    check("a.csv", "id#text\n1#t\n", Some(b'#'), "t");
}

#[test]
fn of_several_columns_the_first_with_something_in_it_counts() {
    let file = "content,url,text,id,text\nc,u,,,\nc,u,t,7,other\n,,,,\n";
    let (documents, bad) = read("a.csv", file.as_bytes(), &skipping());
    assert_eq!((texts(&documents), bad), (vec!["c", "t", ""], vec![]));
    let ids: Vec<_> = documents.iter().map(|d| d.id.as_deref()).collect();
    assert_eq!(ids, [Some("u"), Some("7"), None]);
    let fields = Fields { text: Some("meta.text".into()), ..Fields::default() };
    let options = ReadOptions { fields, ..skipping() };
    let (documents, _) = read("a.csv", b"text, meta.text\na,b\n", &options);
    assert_eq!(texts(&documents), ["b"]);
}

#[test]
fn what_is_no_row_is_a_bad_record_with_its_line() {
    let file = "id,text\n1,a\n2\n3,\"b\nc\"\n4,d,e\n5,\"open\n6,f\n";
    let (documents, bad) = read("a.csv", file.as_bytes(), &skipping());
    assert_eq!(texts(&documents), ["a", "b\nc"]);
    let lines: Vec<u64> = bad.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 6, 7]);
    assert!(bad[0].1.starts_with("the row has 1 cells, the header 2"), "{}", bad[0].1);
    assert!(bad[2].1.starts_with("a quote is opened in this row and never closed"), "{}", bad[2].1);
    let (_, bad) = read("a.csv", b"id,text\n1,a\xFF\n", &skipping());
    assert!(bad[0].1.starts_with("invalid UTF-8 at byte 4"), "{}", bad[0].1);
}

#[test]
fn an_open_quote_is_held_no_longer_than_a_record_may_be() {
    let rest = "x\n".repeat(200_000);
    let file = format!("id,text\n1,a\n2,\"{rest}");
    let options = ReadOptions { record_bytes_max: 1000, block_bytes: 100, ..skipping() };
    let (documents, bad) = read("a.csv", file.as_bytes(), &options);
    assert_eq!(texts(&documents), ["a"]);
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0].0, 3);
    assert!(bad[0].1.starts_with("the record is 400003 bytes long, more than 1000"), "{bad:?}");
    // Where the quote is closed, the rows behind it are read.
    let (documents, bad) = read("a.csv", format!("{file}\"\n3,b\n").as_bytes(), &options);
    assert_eq!((texts(&documents), bad.len()), (vec!["a", "b"], 1));
    assert_eq!(documents[1].place.line, 200_004);
}

#[test]
fn a_file_without_a_text_column_says_what_it_has() {
    let (documents, bad) = read("a.csv", "id;\u{202E}body_\n1;x\n".as_bytes(), &skipping());
    assert_eq!(documents, []);
    assert_eq!(bad.len(), 1);
    let cause = &bad[0].1;
    assert!(cause.contains("the columns are `id`, `\\u{202e}body_`"), "{cause}");
    assert!(cause.contains("--text-field"), "{cause}");
    for file in ["", "\n\r\n", "\u{FEFF}", "text\n"] {
        assert_eq!(read("a.csv", file.as_bytes(), &skipping()), (vec![], vec![]), "{file:?}");
    }
    let (_, bad) = read("a.csv", b"text,\"id\n1,2\n", &skipping());
    assert!(bad[0].1.contains("never closed"), "{bad:?}");
}

#[test]
fn rows_are_the_same_in_every_encoding_and_by_blocks_of_any_size() {
    let file = "id,text\r\n1,\"مصر\n\"\"أم\"\" الدنيا\"\r\n2,\",\n,\"\r\n3,خبر\r\n";
    let wide: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(file.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let (narrow, ..) = encoding_rs::WINDOWS_1256.encode(file);
    let cp1256 = Encoding::parse("windows-1256").unwrap();
    for (bytes, encoding) in [(file.as_bytes(), None), (&wide, None), (&narrow[..], Some(cp1256))] {
        for block_bytes in [1, 7, 40, 1 << 20] {
            let options = ReadOptions { encoding, block_bytes, ..skipping() };
            let (documents, bad) = read("a.csv", bytes, &options);
            assert_eq!(bad, []);
            assert_eq!(texts(&documents), ["مصر\n\"أم\" الدنيا", ",\n,", "خبر"]);
            let lines: Vec<u64> = documents.iter().map(|d| d.place.line).collect();
            assert_eq!(lines, [2, 4, 6]);
        }
    }
}
