//! `twicetold restore` of what is divided into files of its own: JSON arrays
//! and tables.

use std::fs;
use std::io::Read;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, ListArray, RecordBatch, StringArray};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::program::Place;

fn story(number: usize) -> String {
    (0..20).map(|at| format!("w{number}x{at}")).collect::<Vec<_>>().join(" ")
}

const DEDUP: [&str; 7] = ["dedup", "in", "--on-error", "skip", "--allow-bad", "--out", "out"];

#[test]
fn arrays_come_back_byte_for_byte() {
    /// `elements` are numbers of stories; a negative one is no record.
    #[track_caller]
    fn check(elements: &[i32], (open, before, behind, close): (&str, &str, &str, &str)) {
        let written = elements.iter().map(|number| match number {
            0.. => format!("{{\"text\": \"{}\"}}", story(*number as usize)),
            _ => "[[ ]]".to_owned(),
        });
        let json = open.to_owned()
            + &written.collect::<Vec<_>>().join(&format!("{before},{behind}"))
            + close;
        let wide: Vec<u8> =
            format!("\u{FEFF}{json}").encode_utf16().flat_map(u16::to_be_bytes).collect();
        let narrow: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let place = Place::new();
        place
            .write("in/plain.json", &json)
            .write("in/marked.json", format!("\u{FEFF}{json}"))
            .write("in/wide.json", wide)
            .write("in/packed.json.zst", zstd::encode_all(json.as_bytes(), 1).expect("zstd"));
        let restored = |place: &Place, options: &[&str]| {
            place.run(&[&DEDUP, options].concat()).ok();
            place.run(&["restore", "out", "--out", "again"]).ok();
            let mut again = place.tree("again");
            if let Some(packed) = again.get_mut("packed.json.zst") {
                *packed = zstd::encode_all(&zstd::decode_all(&packed[..]).expect("zstd")[..], 1)
                    .expect("zstd");
            }
            assert!(place.tree("in") == again, "{elements:?} in {json:?}");
        };
        restored(&place, &["--keep", "first"]);
        let place = Place::new();
        place.write("in/narrow.json", narrow);
        restored(&place, &["--encoding", "utf-16le"]);
    }
    let plain = ("[", "", "\n", "]\n");
    let spaced = (" [\n  ", "\t ", "\n  ", " \n]\r\n\n");
    for gaps in [plain, spaced, ("[ ", " ", "", "]")] {
        check(&[], gaps);
        check(&[1], gaps);
        check(&[-1], gaps);
        check(&[1, 2, 3], gaps);
        check(&[1, 1, 2, 1], gaps);
        check(&[-1, 1, 1, -1], gaps);
        check(&[1, -1, 1, 1, 2, 2, -1, 3], gaps);
        check(&[-1, -1, -1, 4, 4], gaps);
    }
}

#[test]
fn an_array_all_of_whose_elements_went_comes_back() {
    let place = Place::new();
    let record = |number| format!("{{\"text\":\"{} more\"}}", story(number));
    let array = |space: &str| format!("[{space}{},{}{space}]\n", record(1), record(2));
    place
        .write("in/a.json", array("\n"))
        .write("in/b.json", array(" \n "))
        .write("in/c.json", format!("[{},\n no]", record(2)));
    place.run(&[&DEDUP[..], &["--keep", "first"]].concat()).ok();
    place.run(&["restore", "out", "--out", "again"]).ok();
    assert!(place.tree("in") == place.tree("again"));
}

#[test]
fn a_broken_array_comes_back_as_far_as_it_was_read() {
    let place = Place::new();
    let record = |number| format!("{{\"text\":\"{}\"}}", story(number));
    let whole = format!("[ {} , {},\n{}", record(1), record(1), record(2));
    place.write("in/a.json", format!("{whole}, {{\"text"));
    place.run(&[&DEDUP[..], &["--keep", "first"]].concat()).ok();
    place.run(&["restore", "out", "--out", "again"]).ok().says(&["a.json", "as far as"]);
    assert_eq!(place.read("again/a.json"), whole);
}

#[test]
fn an_altered_array_is_refused() {
    let place = Place::new();
    let record = |number| format!("{{\"text\":\"{}\"}}", story(number));
    let array = [1, 1, 2, 2, 3].map(record).join(", ");
    place.write("in/a.json", format!("[{array}]"));
    for (name, from, to) in [
        ("kept", ", ", ",  "),
        ("kept", "w1x1", "w1x2"),
        ("removed", "[", "[ "),
        ("removed", "]", ",{}]"),
        ("removed", ", ", " "),
    ] {
        place.run(&[&DEDUP[..], &["--overwrite"]].concat()).ok();
        let path = format!("out/{name}/a.json");
        let altered = place.read(&path).replacen(from, to, 1);
        fs::write(place.path(&path), altered).expect("can be written");
        let ran = place.run(&["restore", "out", "--out", "again"]);
        assert_eq!(ran.code, 2, "{name}: {from:?} to {to:?}");
        ran.says(&["a.json", "altered"]);
        assert!(!place.path("again").exists());
    }
}

/// Texts in three row groups; lists of numbers with nulls, and empty ones.
fn parquet() -> Vec<u8> {
    let schema = "message m { optional binary text (UTF8); required int64 id;
        optional group list (LIST) { repeated group list { optional int64 element; } } }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let properties = Arc::new(WriterProperties::builder().build());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, properties).expect("a writer");
    for (first, texts) in GROUPS {
        let mut group = file.next_row_group().expect("a row group");
        let there: Vec<i16> = texts.iter().map(|text| i16::from(*text > 0)).collect();
        let values: Vec<ByteArray> =
            texts.iter().filter(|text| **text > 0).map(|text| (&*story(*text)).into()).collect();
        let mut column = group.next_column().unwrap().expect("text");
        column.typed::<ByteArrayType>().write_batch(&values, Some(&there), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().expect("id");
        let ids: Vec<i64> = (0..texts.len() as i64).map(|at| first + at).collect();
        column.typed::<Int64Type>().write_batch(&ids, None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().expect("list");
        // By turns a list of two with a null, an empty one, none.
        let (mut values, mut definitions, mut repetitions) = (Vec::new(), Vec::new(), Vec::new());
        for id in &ids {
            let (levels, repeats): (&[i16], &[i16]) = match id % 3 {
                0 => (&[3, 2, 3], &[0, 1, 1]),
                1 => (&[1], &[0]),
                _ => (&[0], &[0]),
            };
            if id % 3 == 0 {
                values.extend([id * 10, id * 10 + 1]);
            }
            definitions.extend_from_slice(levels);
            repetitions.extend_from_slice(repeats);
        }
        column
            .typed::<Int64Type>()
            .write_batch(&values, Some(&definitions), Some(&repetitions))
            .unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    file.into_inner().expect("a whole file")
}

/// The first id of each group, and its stories; 0 is no text.
const GROUPS: [(i64, &[usize]); 4] =
    [(0, &[1, 2, 1, 0, 3]), (5, &[1, 1]), (7, &[4, 5]), (9, &[0, 0, 6, 5])];

/// The rows of a Parquet file as text, with how many each row group has.
fn rows(path: &std::path::Path) -> (Vec<i64>, Vec<String>) {
    let file = SerializedFileReader::new(fs::File::open(path).expect("there")).expect("Parquet");
    let groups = file.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
    let rows = file.get_row_iter(None).expect("rows");
    (groups, rows.map(|row| row.expect("a row").to_string()).collect())
}

fn batches() -> Vec<RecordBatch> {
    let batch = |(first, texts): &(i64, &[usize])| {
        let ids: Vec<i64> = (0..texts.len() as i64).map(|at| first + at).collect();
        let texts = texts.iter().map(|text| (*text > 0).then(|| story(*text)));
        let texts: StringArray = texts.collect();
        let lists = ids.iter().map(|id| match id % 3 {
            0 => Some(vec![Some(id * 10), None]),
            1 => Some(vec![]),
            _ => None,
        });
        let lists = ListArray::from_iter_primitive::<arrow_array::types::Int64Type, _, _>(lists);
        RecordBatch::try_from_iter_with_nullable([
            ("text", Arc::new(texts) as ArrayRef, true),
            ("id", Arc::new(Int64Array::from(ids)) as ArrayRef, true),
            ("list", Arc::new(lists) as ArrayRef, true),
        ])
        .expect("a batch")
    };
    GROUPS.iter().map(batch).collect()
}

#[test]
fn rows_of_tables_come_back_in_their_places() {
    let place = Place::new();
    let batches = batches();
    let schema = batches[0].schema();
    let mut file = FileWriter::try_new(Vec::new(), &schema).expect("a file");
    batches.iter().for_each(|batch| file.write(batch).expect("a batch"));
    let mut stream = StreamWriter::try_new(Vec::new(), &schema).expect("a stream");
    batches.iter().for_each(|batch| stream.write(batch).expect("a batch"));
    place
        .write("in/a.parquet", parquet())
        .write("in/b.arrow", file.into_inner().expect("a file"))
        .write("in/c.arrows", stream.into_inner().expect("a stream"));
    for keep in ["first", "longest"] {
        place.run(&[&DEDUP[..], &["--overwrite", "--pairs", "--keep", keep]].concat()).ok();
        place.run(&["restore", "out", "--out", "again"]).ok().says(&[
            "3 files restored",
            "3 tables",
            "row by row",
        ]);
        assert_eq!(rows(&place.path("again/a.parquet")), rows(&place.path("in/a.parquet")));
        let open = |name: &str| fs::File::open(place.path(name)).expect("it is there");
        let read = FileReader::try_new(open("again/b.arrow"), None).expect("a file");
        assert_eq!(read.map(Result::unwrap).collect::<Vec<_>>(), batches);
        let read = StreamReader::try_new(open("again/c.arrows"), None).expect("a stream");
        assert_eq!(read.map(Result::unwrap).collect::<Vec<_>>(), batches);
        fs::remove_dir_all(place.path("again")).expect("can be deleted");
    }
    // What is decided again of tables is what deciding anew would be.
    place.run(&["apply", "out", "--out", "again", "--keep", "first"]).ok();
    place.run(&[&DEDUP[..6], &["fresh", "--keep", "first"]].concat()).ok();
    for folder in ["kept", "removed", "bad"] {
        let of = |outcome: &str| place.tree(&format!("{outcome}/{folder}"));
        assert!(of("again") == of("fresh"), "{folder}");
    }
    assert_eq!(place.read("again/removed.jsonl"), place.read("fresh/removed.jsonl"));
}

#[test]
fn tables_that_do_not_fit_together_are_refused() {
    let place = Place::new();
    place.write("in/a.parquet", parquet());
    place.run(&DEDUP).ok();
    let removed = place.read("out/removed.jsonl");
    let fewer: String = removed.lines().skip(1).map(|row| format!("{row}\n")).collect();
    place.write("out/removed.jsonl", fewer);
    let ran = place.run(&["restore", "out", "--out", "again"]);
    assert_eq!(ran.code, 2);
    ran.says(&["a.parquet", "cannot be put together", "altered"]);
    assert!(!place.path("again").exists());
}

#[test]
fn rows_below_a_header_and_packed_files_come_back() {
    let place = Place::new();
    let rows: String = [1, 1, 2, 0, 2].map(|n| format!("{n};\"{}\"\r\n", story(n))).concat();
    let csv = format!("\u{FEFF}\r\nid;text\r\n{rows}a;b;c\r\n{rows}");
    let pack = |mut packer: Box<dyn Read>| {
        let mut packed = Vec::new();
        packer.read_to_end(&mut packed).expect("it can be packed");
        packed
    };
    let bytes = csv.as_bytes();
    let xz = pack(Box::new(liblzma::read::XzEncoder::new(bytes, 6)));
    let bzip2 = pack(Box::new(bzip2::read::BzEncoder::new(bytes, bzip2::Compression::best())));
    place.write("in/a.csv", &csv).write("in/b.csv.xz", &xz).write("in/c.csv.bz2", &bzip2);
    place.run(&DEDUP).ok();
    place.run(&["restore", "out", "--out", "again"]).ok();
    let again = place.tree("again");
    assert_eq!(String::from_utf8_lossy(&again["a.csv"]), csv);
    assert!(again["b.csv.xz"] == xz && again["c.csv.bz2"] == bzip2, "packed as they were");
}

#[test]
fn pages_are_not_put_together_again_and_it_says_why() {
    let place = Place::new();
    let page = format!("<html><body><article><p>{}</p></article></body></html>", story(1));
    place.write("in/a.html", page);
    place.run(&DEDUP).ok();
    let ran = place.run(&["restore", "out", "--out", "again"]);
    assert_eq!(ran.code, 2);
    ran.says(&["JSON lines made of web pages", "the input is as it was"]);
}
