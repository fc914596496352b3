//! `twicetold passages --strip` and `twicetold restore` as their users meet
//! them: what goes, what stays, and that all of it comes back.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::corpora;
use crate::program::{Place, jsonl};

/// Forty words that nothing else in this file has, in four sentences.
fn story(number: usize) -> String {
    let sentence = |s: usize| (0..10).map(move |at| format!("w{number}s{s}x{at}"));
    (0..4).map(|s| sentence(s).collect::<Vec<_>>().join(" ") + ".").collect::<Vec<_>>().join(" ")
}

/// Eighteen words.
const NOTICE: &str = "To subscribe to this newspaper send a letter with your full name and address to the harbour office.";

/// Sixteen words.
const ARABIC: &str =
    "تصل النشرة كل صباح إلى من يكتب اسمه وعنوانه في رسالة إلى مكتب الجريدة بالميناء.";

/// The texts that are left of some texts, by `passages --strip` and more
/// options; also that they are restored.
#[track_caller]
fn stripped(texts: &[&str], options: &[&str]) -> Vec<String> {
    let place = Place::new();
    let records: Vec<Value> = texts.iter().map(|text| json!({ "text": text })).collect();
    place.write("in/a.jsonl", jsonl(&records));
    place.run(&[&["passages", "in", "--strip", "--out", "out"], options].concat()).ok();
    comes_back(&place);
    let text = |record: &Value| record["text"].as_str().expect("a text").to_owned();
    place.rows("out/kept/a.jsonl").iter().map(text).collect()
}

/// Restoring `out` gives the files of `in`, unpacked.
#[track_caller]
fn comes_back(place: &Place) {
    place.run(&["restore", "out", "--out", "again"]).ok();
    let unpacked = |folder: &str| -> BTreeMap<String, Vec<u8>> {
        place
            .tree(folder)
            .into_iter()
            .map(|(name, bytes)| (name.clone(), unpack(&name, bytes)))
            .collect()
    };
    let (before, after) = (unpacked("in"), unpacked("again"));
    assert!(before.keys().eq(after.keys()), "{:?} became {:?}", before.keys(), after.keys());
    for (name, bytes) in &before {
        assert!(after[name] == *bytes, "{name} is not what it was");
    }
}

fn unpack(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    let mut plain = Vec::new();
    match Path::new(name).extension().and_then(|extension| extension.to_str()) {
        Some("gz") => {
            flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut plain).expect("gzip");
        }
        Some("zst") => plain = zstd::decode_all(&bytes[..]).expect("zstd"),
        _ => plain = bytes,
    }
    plain
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::read::GzEncoder::new(bytes, flate2::Compression::fast());
    let mut packed = Vec::new();
    encoder.read_to_end(&mut packed).expect("gzip");
    packed
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn whole_paragraphs_and_sentences_go_and_no_gap_is_left() {
    /// The notice, at the mark, goes from both of two articles.
    #[track_caller]
    fn check(pattern: &str, expected: &str) {
        let of = |n: usize, pattern: &str| {
            let (a, b) = (story(2 * n), story(2 * n + 1));
            pattern.replace('A', &a).replace('B', &b).replace('N', NOTICE)
        };
        let texts = [of(1, pattern), of(2, pattern)];
        let left = stripped(&[&texts[0], &texts[1]], &[]);
        assert_eq!(left, [of(1, expected), of(2, expected)], "{pattern:?}");
    }
    check("A\n\nN\n\nB\n", "A\n\nB\n");
    check("A\n\nN\nB", "A\n\nB");
    check("A\nN\n\nB", "A\n\nB");
    check("A\r\nN\r\nB\r\n", "A\r\nB\r\n");
    check("A\n\nN\n", "A\n");
    check("A\n\nN", "A");
    check("  N\n\nA", "  A");
    check("A N B", "A B");
    check("A N\nB", "A\nB");
    check("A\nN B", "A\nB");
    check("A\n\n\n N \n\nB", "A\n\n\n B");
    check("«N» A", "A");
    check("A \"N\" B", "A B");
}

#[test]
fn half_a_sentence_stays() {
    let half = NOTICE.trim_end_matches('.');
    let texts = [1, 2].map(|n| {
        let (a, b) = (story(2 * n), story(2 * n + 1));
        format!("{a} And so w{n}a w{n}b w{n}c w{n}d w{n}e w{n}f {half}, w{n}g w{n}h w{n}i w{n}j w{n}k w{n}l. {b}")
    });
    assert_eq!(stripped(&[&texts[0], &texts[1]], &[]), texts, "no whole sentence is repeated");

    // Two more sentences are, before the one of which only half is.
    let ends = |n: usize| format!("{} w{n}a w{n}b w{n}c w{n}d w{n}e w{n}f w{n}g.", half);
    let two = "One short sentence of seven words. Another short sentence of seven words.";
    let texts = [1, 2].map(|n| format!("{} {two} {}", story(n), ends(n)));
    let expected = [1, 2].map(|n| format!("{} {}", story(n), ends(n)));
    assert_eq!(stripped(&[&texts[0], &texts[1]], &[]), expected);
}

#[test]
fn lines_broken_within_sentences_are_no_paragraphs() {
    // Thirty words of a long sentence are told again; they fill whole lines.
    let own = |n: usize, words: usize| (0..words).map(move |at| format!("w{n}{at:03}"));
    let texts = [1, 2].map(|n| {
        let words = own(n, 9).chain(own(3, 30)).chain(own(n + 3, 20));
        let mut lines = vec![String::new()];
        for word in words {
            if lines.last().is_some_and(|line| line.len() + word.len() > 40) {
                lines.push(String::new());
            }
            let line = lines.last_mut().expect("there is one");
            *line += &format!("{}{word}", if line.is_empty() { "" } else { " " });
        }
        format!("{}.\n", lines.join("\n"))
    });
    assert_eq!(stripped(&[&texts[0], &texts[1]], &[]), texts);
    // A line that begins with a small letter goes on.
    let line = |words: Vec<String>| words.join(" ");
    let texts = [1, 2].map(|n| {
        let [shared, rest] = [own(3, 30), own(n, 5)].map(|words| line(words.collect()));
        format!("{}\nAnd {shared}\n{rest}.", story(n))
    });
    assert_eq!(stripped(&[&texts[0], &texts[1]], &[]), texts);
    // One paragraph a line, the same words go.
    let texts = [1, 2].map(|n| {
        let paragraph = |words| format!("The {}", line(words));
        [own(n, 20), own(3, 30), own(n + 3, 20)].map(|words| paragraph(words.collect())).join("\n")
    });
    let left = stripped(&[&texts[0], &texts[1]], &[]);
    assert!(left.iter().all(|text| !text.contains("w3000")), "{left:?}");
}

#[test]
fn an_article_is_never_emptied_and_that_is_told() {
    let place = Place::new();
    let records: Vec<Value> = [NOTICE.to_owned(), format!("{}\n{NOTICE}", story(1))]
        .iter()
        .map(|text| json!({ "text": text }))
        .collect();
    place.write("in/a.jsonl", jsonl(&records));
    let ran = place.run(&["passages", "in", "--strip", "--include-copies", "--out", "out"]).ok();
    ran.says(&["1 occurrence stripped from 1 article", "articles that would have no words"]);
    let kept = place.rows("out/kept/a.jsonl");
    assert_eq!((&kept[0]["text"], &kept[1]["text"]), (&json!(NOTICE), &json!(story(1))));
    let left = place.rows("out/left.jsonl");
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!((&left[0]["line"], &left[0]["reason"]), (&json!(1), &json!("only_text")));
    let summary: Value = serde_json::from_str(&place.read("out/summary.json")).expect("JSON");
    assert_eq!(summary["strip"]["documents_only_text"], 1, "{summary}");
    comes_back(&place);
}

#[test]
fn rows_tell_what_went_where() {
    let place = Place::new();
    let texts = [1, 2].map(|n| format!("é😀 {}\n\n«{ARABIC}»\n\n{}", story(n), story(n + 2)));
    let records: Vec<Value> =
        texts.iter().enumerate().map(|(n, text)| json!({"id": n, "text": text})).collect();
    place.write("in/a.jsonl", jsonl(&records));
    place.run(&["passages", "in", "--strip", "--out", "out"]).ok();
    let rows = place.rows("out/stripped.jsonl");
    assert_eq!(rows.len(), 2, "{rows:?}");
    let (file, removed) = (place.read("in/a.jsonl"), place.read("out/removed/a.jsonl"));
    let mut at = 0;
    for (row, text) in rows.iter().zip(&texts) {
        let number = |name: &str| row[name].as_u64().expect("a number") as usize;
        let gone = &text[number("start_byte")..number("end_byte")];
        assert_eq!(gone, format!("«{ARABIC}»\n\n"));
        let (start, count) = (number("start"), number("end") - number("start"));
        assert_eq!(gone, text.chars().skip(start).take(count).collect::<String>());
        let raw = &file[number("offset")..number("offset") + number("bytes")];
        assert_eq!(serde_json::from_str::<String>(&format!("\"{raw}\"")).unwrap(), gone);
        assert_eq!(raw, &removed[at..at + raw.len()]);
        at += raw.len();
        assert_eq!(row["families"], json!([1]));
        assert_eq!(row["hash"].as_str().map(str::len), Some(32));
    }
    assert_eq!(at, removed.len());
}

#[test]
fn one_may_stay_in_the_article_kept_before_the_others() {
    #[track_caller]
    fn check(options: &[&str], stays: usize) {
        let texts = [1, 2, 3].map(|n| {
            let more = if n == 2 { story(9) + " " } else { String::new() };
            format!("{}\n{NOTICE}\n{more}{}", story(n), story(n + 3))
        });
        let left = stripped(&[&texts[0], &texts[1], &texts[2]], options);
        for (n, (left, text)) in left.iter().zip(&texts).enumerate() {
            assert_eq!(left == text, n == stays, "article {n} with {options:?}: {left}");
        }
    }
    check(&["--keep-one"], 1);
    check(&["--keep-one", "--keep", "first"], 0);
}

#[test]
fn what_a_kept_passage_covers_stays_whole() {
    // The long passage and the short one within it are two families; what the
    // first article keeps of the one must not go with the other.
    let long = format!("{NOTICE} {ARABIC}");
    let texts = [
        format!("{} {} {long}", story(1), story(9)),
        format!("{} {long}", story(2)),
        format!("{} {NOTICE} {}", story(3), story(4)),
        format!("{} {NOTICE} {}", story(5), story(6)),
    ];
    let left = stripped(&texts.each_ref().map(String::as_str), &["--keep-one"]);
    assert_eq!(left[0], texts[0]);
    assert!(left[1..].iter().all(|text| !text.contains("harbour")), "{left:?}");
}

#[test]
fn filters_decide_what_is_stripped() {
    let often = [1, 2, 3].map(|n| format!("{}\n{NOTICE}", story(n)));
    let twice = [4, 5].map(|n| format!("{}\n{ARABIC}", story(n)));
    let texts: Vec<&str> = often.iter().chain(&twice).map(String::as_str).collect();
    let left = stripped(&texts, &["--min-docs", "3"]);
    assert!(left.iter().all(|text| !text.contains("harbour")), "{left:?}");
    assert_eq!(left[3..], twice);
}

/// Two records that carry the notice in a text that `spell` writes.
fn spelled(spell: impl Fn(&str) -> String) -> String {
    let record = |n: usize| {
        let text = spell(&format!("«{}»\n\n{ARABIC}\t\n\n\u{1F600} {}", story(n), story(n + 2)));
        format!("{{ \"te\\u0078t\" :{text}, \"n\":1.50,\"text2\":\"{NOTICE}\" }} ")
    };
    format!("{}\r\n\r\n{}", record(1), record(2))
}

#[test]
fn every_other_byte_stays_however_records_are_written() {
    /// Both records lose the Arabic sentence, and nothing else.
    #[track_caller]
    fn check(name: &str, bytes: &[u8], options: &[&str], decode: impl Fn(Vec<u8>) -> String) {
        let place = Place::new();
        place.write(&format!("in/{name}"), bytes);
        place.run(&[&["passages", "in", "--strip", "--out", "out"], options].concat()).ok();
        comes_back(&place);
        let read = |path: &str| {
            let bytes = std::fs::read(place.path(path)).expect("it was written");
            decode(unpack(name, bytes))
        };
        let (before, after) = (read(&format!("in/{name}")), read(&format!("out/kept/{name}")));
        let mut expected = before.clone();
        for row in place.rows("out/stripped.jsonl") {
            assert!(row["end"].as_u64() > row["start"].as_u64(), "{row}");
        }
        for arabic in [ARABIC.to_owned(), escaped(ARABIC)] {
            for space in ["\n\n", "\\n\\n", "\\u000a\\u000a"] {
                let tabs = ["\t", "\\t", "\\u0009"];
                for tab in tabs {
                    expected = expected.replace(&format!("{arabic}{tab}{space}"), "");
                }
            }
        }
        assert_eq!(after, expected, "{name}, {options:?}");
        assert_ne!(after, before, "{name}, {options:?}");
    }
    fn escaped(text: &str) -> String {
        text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
    }
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let wide = |bytes: Vec<u8>| {
        let units = bytes.chunks(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        char::decode_utf16(units).map(|c| c.expect("UTF-16")).collect::<String>()
    };
    let plain = |text: &str| json!(text).to_string();
    let all_escaped = |text: &str| format!("\"{}\"", escaped(text));
    check("a.jsonl", spelled(plain).as_bytes(), &[], text);
    check("deep/er/a.jsonl", spelled(all_escaped).as_bytes(), &[], text);
    let marked = format!("\u{FEFF}{}", spelled(plain));
    check("marked.jsonl", marked.as_bytes(), &[], text);
    check("wide.jsonl", &utf16(&marked), &[], wide);
    check("b.jsonl.gz", &gzip(spelled(plain).as_bytes()), &[], text);
    let packed = zstd::encode_all(spelled(all_escaped).as_bytes(), 1).expect("zstd");
    check("c.jsonl.zst", &packed, &[], text);
    let nested = |text: &str| {
        format!("{{\"a\":{{\"b\":\"old {NOTICE}\"}},\"x\":[{{}}]}},\"a\":{{\"b\":{}}}", json!(text))
    };
    let nested = |n: usize| {
        let record = nested(&format!("{}\n\n{ARABIC}\t\n\n{}", story(n), story(n + 2)));
        format!("{{\"y\":{record}}}")
    };
    check(
        "nested.jsonl",
        format!("{}\n{}\n", nested(1), nested(2)).as_bytes(),
        &["--text-field", "a.b"],
        text,
    );
}

#[test]
fn other_encodings_and_plain_text_too() {
    let decode = |bytes: &[u8]| -> String {
        let arabic = [(0xE3, 'م'), (0xD5, 'ص'), (0xD1, 'ر')];
        let of = |byte: u8| arabic.iter().find(|(b, _)| *b == byte).map_or(byte as char, |a| a.1);
        bytes.iter().map(|&byte| of(byte)).collect()
    };
    let place = Place::new();
    // Twelve words of windows-1256 Arabic.
    let sentence = [b"\xE3\xD5\xD1 \xD1\xE3\xD5 \xD5\xD1\xE3 \xE3\xD1".as_slice(); 4].join(&b' ');
    let article = |n: usize| {
        [story(n).as_bytes(), b"\r\n\r\n", &sentence, b".\r\n\r\n", story(n + 2).as_bytes()]
            .concat()
    };
    let texts = [article(1), b"\r\n*****\r\n".to_vec(), article(2), b"\r\n".to_vec()].concat();
    place.write("in/a.txt", &texts);
    let json = |n: usize| {
        [b"{\"text\":\"", &article(n)[..], b"\"}\n"]
            .concat()
            .iter()
            .flat_map(|&b| match b {
                b'\r' => b"\\r".to_vec(),
                b'\n' => b"\\n".to_vec(),
                b => vec![b],
            })
            .collect::<Vec<u8>>()
    };
    let records: Vec<u8> = [json(5), json(6)]
        .map(|mut record| {
            // The line feed at its end is no part of the text.
            record.truncate(record.len() - 2);
            record.push(b'\n');
            record
        })
        .concat();
    place.write("in/b.jsonl", records);
    let args = ["passages", "in", "--strip", "--encoding", "windows-1256", "--out", "out"];
    place.run(&args).ok();
    let kept = std::fs::read(place.path("out/kept/a.txt")).expect("written");
    let expected = [1, 2].map(|n| format!("{}\r\n\r\n{}\r\n", story(n), story(n + 2)));
    assert_eq!(decode(&kept), expected.join("*****\r\n"));
    assert!(!decode(&std::fs::read(place.path("out/kept/b.jsonl")).unwrap()).contains('ص'));
    comes_back(&place);
}

#[test]
fn the_line_that_begins_an_article_of_plain_text_stays() {
    let place = Place::new();
    let article = |n: usize| format!("*** {NOTICE}\n{}\n{NOTICE}\n", story(n));
    place.write("in/a.txt", [1, 2, 3].map(article).concat());
    place.run(&["passages", "in", "--strip", "--out", "out"]).ok().says(&["3 articles"]);
    let kept = place.read("out/kept/a.txt");
    let expected = [2, 3].map(|n| format!("*** {NOTICE}\n{}\n", story(n))).concat();
    assert_eq!(kept, format!("{}\n{expected}", story(1)));
    comes_back(&place);
}

#[test]
fn copies_are_left_as_they_are_and_that_is_said() {
    let place = Place::new();
    let text = |n: usize| format!("{}\n{NOTICE}", story(n));
    let records: Vec<Value> = [1, 2, 2].map(|n| json!({"text": text(n)})).to_vec();
    place.write("in/a.jsonl", jsonl(&records));
    let ran = place.run(&["passages", "in", "--strip", "--out", "out"]).ok();
    ran.says(&["1 copy was not looked at, nothing is stripped there", "--include-copies"]);
    let kept = place.rows("out/kept/a.jsonl");
    assert_eq!(kept.iter().filter(|record| record["text"] == text(2)).count(), 1);
}

#[test]
fn corpora_of_extreme_shapes_are_stripped() {
    let place = Place::new();
    let texts = [String::new(), "...".to_owned(), "again ".repeat(5_000), story(1)];
    let records: Vec<Value> = texts.iter().map(|text| json!({ "text": text })).collect();
    place.write("in/a.jsonl", jsonl(&records)).write("in/empty.jsonl", "").write("in/e.txt", "\n");
    place.run(&["passages", "in", "--strip", "--out", "out"]).ok();
    comes_back(&place);
    let place = Place::new();
    place.write("in/a.jsonl", jsonl(&[json!({"text": story(1)})]));
    place.run(&["passages", "in", "--strip", "--out", "out"]).ok();
    assert_eq!(place.read("out/kept/a.jsonl"), place.read("in/a.jsonl"));
    comes_back(&place);
}

#[test]
fn wrong_words_are_explained() {
    #[track_caller]
    fn check(args: &[&str], words: &[&str]) {
        let ran = Place::new().run(&[&["passages", "a.jsonl"], args].concat());
        assert_eq!(ran.code, 2, "{args:?}");
        ran.says(words);
    }
    check(&["--strip"], &["--out"]);
    check(&["--keep-one", "--out", "out"], &["--strip"]);
    check(&["--strip", "--mark", "--out", "out"], &["cannot be used with"]);
}

/// A sentence of thirteen words; those of one number are told again.
fn sentence(number: usize) -> String {
    let words: Vec<String> = (0..13).map(|at| format!("ك{number}ت{at}")).collect();
    format!("«{}»؟", words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_no_half_sentence_is_left(
        articles in prop::collection::vec(prop::collection::vec((0usize..30, 0usize..6), 1..9), 1..9),
        seed in any::<u64>(),
        encoding in 0usize..3,
        keep_one in any::<bool>(),
    ) {
        let place = Place::new();
        let mut random = seed;
        let mut next = move |below: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        let gaps = [" ", "\n", "\r\n\r\n", "\n\n", "  ", "\n \u{1F600} "];
        let mut texts = Vec::new();
        let mut file = String::new();
        for (number, article) in articles.iter().enumerate() {
            let mut text = String::new();
            for (at, &(which, gap)) in article.iter().enumerate() {
                // Half of the sentences are of this place alone.
                let which = if which < 15 { which } else { 100 + 10 * number + at };
                text += &sentence(which);
                text += gaps[gap];
            }
            let mut written = String::new();
            for c in text.chars() {
                match (c, next(4)) {
                    ('\n', 0) | ('\r', _) | (_, 3) => {
                        for unit in c.encode_utf16(&mut [0; 2]) {
                            written += &format!("\\u{unit:04X}");
                        }
                    }
                    ('\n', _) => written += "\\n",
                    _ => written.push(c),
                }
            }
            file += &format!("{{\"id\":{number},\"text\":\"{written}\"}}{}", ["\n", "\r\n", "\n\n"][next(3) as usize]);
            texts.push(text);
        }
        let bytes = match encoding {
            0 => file.into_bytes(),
            1 => utf16(&format!("\u{FEFF}{file}")),
            _ => gzip(file.as_bytes()),
        };
        place.write(&format!("in/a.jsonl{}", if encoding == 2 { ".gz" } else { "" }), bytes);
        let args = ["passages", "in", "--strip", "--include-copies", "--out", "out"];
        let args: Vec<&str> = args.into_iter().chain(keep_one.then_some("--keep-one")).collect();
        place.run(&args).ok();
        comes_back(&place);

        let (name, kept) = place.tree("out/kept").pop_first().expect("one file");
        let kept = unpack(&name, kept);
        let kept = match encoding {
            1 => String::from_utf16(&kept[2..].chunks(2).map(|u| u16::from_le_bytes([u[0], u[1]])).collect::<Vec<_>>()).unwrap(),
            _ => String::from_utf8(kept).unwrap(),
        };
        let left: Vec<String> = kept
            .lines()
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["text"].as_str().expect("a text").to_owned())
            .collect();
        prop_assert_eq!(left.len(), texts.len());
        let mut told = BTreeMap::new();
        for (left, text) in left.iter().zip(&texts) {
            prop_assert!(left.contains('ك'), "emptied: {:?}", text);
            // Whole sentences, in order, and what stood between them.
            for piece in left.split_inclusive('؟') {
                if let Some(start) = piece.find('«') {
                    prop_assert!(text.contains(&piece[start..]), "{piece:?} in {text:?}");
                    prop_assert!(piece.ends_with('؟'), "half a sentence: {:?}", piece);
                    *told.entry(piece[start..].to_owned()).or_insert(0) += 1;
                } else {
                    prop_assert!(!piece.contains('ك'), "half a sentence: {:?}", piece);
                }
            }
        }
        if keep_one {
            for which in 0..15 {
                let sentence = sentence(which);
                if texts.iter().any(|text| text.contains(&sentence)) {
                    prop_assert!(told.contains_key(&sentence), "none was kept of {}", sentence);
                }
            }
        }
    }
}

/// Of real texts, every byte comes back, in whatever files and order they are.
#[test]
fn a_real_corpus_comes_back() {
    let Some(folder) = corpora::corpus("saudinewsnet") else { return };
    let packed = std::fs::File::open(folder.join("docs.jsonl.zst")).expect("it is there");
    let whole = zstd::decode_all(packed).expect("zstd");
    let place = Place::new();
    place.write("in/docs.jsonl", &whole);
    place.run(&["passages", "in", "--strip", "--out", "out", "-q"]).ok();
    let kept = std::fs::metadata(place.path("out/kept/docs.jsonl")).expect("written").len();
    assert!(kept < whole.len() as u64 * 95 / 100, "{kept} of {} bytes are kept", whole.len());
    comes_back(&place);

    let place = Place::new();
    let mut names = Vec::new();
    for (number, part) in whole.chunks(whole.len() / 5 + 1).enumerate() {
        // Cut within lines: the halves are bad records, and come back too.
        let name = format!("in/{number}/part.jsonl.zst");
        place.write(&name, zstd::encode_all(part, 1).expect("zstd"));
        names.push(name);
    }
    names.reverse();
    let mut args =
        vec!["passages", "--strip", "--on-error", "skip", "--allow-bad", "--out", "out", "-q"];
    args.extend(names.iter().map(String::as_str));
    place.run(&args).ok();
    assert_eq!(place.rows("out/bad.jsonl").len(), 8, "four lines were cut in two");
    comes_back(&place);
}
