//! Tables kept by columns: Parquet and Arrow, sound and broken.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, Date32Array, DictionaryArray, LargeStringArray, RecordBatch, StringArray,
    StringViewArray, StructArray, UInt64Array,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::{Field, Fields as ArrowFields};
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use twicetold::document::{Date, Place, Timestamp};
use twicetold::hash::Hash128;
use twicetold::io::{Extent, Fate, Fields, OnError, ReadOptions, Rewrite, Staging, rewrite};
use twicetold::watch::Unwatched;

use super::harness::{Corpus, Owned, read_all, skipping, texts};

/// 2015-07-21T10:30:00Z.
const MOMENT: i64 = 1_437_474_600;

const TEXTS: [Option<&str>; 5] =
    [Some("نص أول"), Some(""), None, Some("\u{1F600} tail"), Some("e")];

/// Five rows in groups of two: text, ids beyond 2^53, moments, dates inside a
/// struct.
fn parquet(compression: Compression) -> Vec<u8> {
    let schema = "message m { optional binary text (UTF8); required int64 id (UINT_64);
        optional int64 when (TIMESTAMP_MICROS);
        optional group meta { optional binary date (UTF8); } }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, properties).expect("a writer");
    for rows in TEXTS.chunks(2) {
        let mut group = file.next_row_group().expect("a row group");
        let there: Vec<i16> = rows.iter().map(|text| i16::from(text.is_some())).collect();
        let values: Vec<ByteArray> = rows.iter().flatten().map(|&text| text.into()).collect();
        let mut column = group.next_column().unwrap().expect("text");
        column.typed::<ByteArrayType>().write_batch(&values, Some(&there), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().expect("id");
        let ids = vec![-1; rows.len()];
        column.typed::<Int64Type>().write_batch(&ids, None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().expect("when");
        let moments = vec![MOMENT * 1_000_000 + 999_999; rows.len()];
        let levels = vec![1; rows.len()];
        column.typed::<Int64Type>().write_batch(&moments, Some(&levels), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().expect("meta.date");
        // There, null in the struct.
        let levels = [2, 1];
        let dates = [ByteArray::from("2015-07-21")];
        column
            .typed::<ByteArrayType>()
            .write_batch(&dates, Some(&levels[..rows.len()]), None)
            .unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    file.into_inner().expect("a whole file")
}

/// The same in Arrow, in batches of two, with texts and sources of a type.
fn batches(text: impl Fn(Vec<Option<&str>>) -> ArrayRef) -> Vec<RecordBatch> {
    TEXTS
        .chunks(2)
        .map(|rows| {
            let n = rows.len();
            let dates: ArrayRef = Arc::new(StringArray::from(
                [Some("2015-07-21"), None].into_iter().take(n).collect::<Vec<_>>(),
            ));
            let date = Arc::new(Field::new("date", dates.data_type().clone(), true));
            let meta = StructArray::new(ArrowFields::from(vec![date]), vec![dates], None);
            let when = Date32Array::from(vec![16_637; n]);
            RecordBatch::try_from_iter_with_nullable([
                ("text", text(rows.to_vec()), true),
                ("id", Arc::new(UInt64Array::from(vec![u64::MAX; n])) as ArrayRef, true),
                ("when", Arc::new(when) as ArrayRef, true),
                ("meta", Arc::new(meta) as ArrayRef, true),
            ])
            .expect("a batch")
        })
        .collect()
}

fn arrow(batches: &[RecordBatch], is_stream: bool, codec: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(codec).expect("a codec");
    let schema = batches[0].schema();
    if is_stream {
        let mut writer = StreamWriter::try_new_with_options(Vec::new(), &schema, options).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.into_inner().unwrap()
    } else {
        let mut writer = FileWriter::try_new_with_options(Vec::new(), &schema, options).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.into_inner().unwrap()
    }
}

fn plain(texts: Vec<Option<&str>>) -> ArrayRef {
    Arc::new(StringArray::from(texts))
}

fn large(texts: Vec<Option<&str>>) -> ArrayRef {
    Arc::new(LargeStringArray::from(texts))
}

fn view(texts: Vec<Option<&str>>) -> ArrayRef {
    Arc::new(StringViewArray::from(texts))
}

fn dictionary(texts: Vec<Option<&str>>) -> ArrayRef {
    Arc::new(texts.into_iter().collect::<DictionaryArray<Int32Type>>())
}

fn dated(path: &str) -> ReadOptions {
    ReadOptions { fields: Fields { date: Some(path.into()), ..Fields::default() }, ..skipping() }
}

#[test]
fn rows_of_every_table_are_the_same_documents() {
    #[track_caller]
    fn check(name: &str, bytes: &[u8], hashes: &mut Option<Vec<Hash128>>) {
        let corpus = Corpus::new(&[(name, bytes)]);
        for block_bytes in [1, 1 << 20] {
            let options = ReadOptions { block_bytes, ..dated("meta.date") };
            let (documents, report) = corpus.read(&options).unwrap();
            assert_eq!(texts(&documents), ["نص أول", "", "\u{1F600} tail", "e"], "{name}");
            assert_eq!(report.bad.len(), 1, "{name}: {:?}", report.bad);
            assert_eq!((report.bad[0].place.line, &*report.bad[0].cause), (3, "the text is null"));
            let first = &documents[0];
            assert_eq!(first.id.as_deref(), Some("18446744073709551615"), "{name}");
            let place = Place { file: 0, line: 1, offset: 0, bytes: 1 + 11 + 20 + 10 };
            assert_eq!(first.place, place, "{name}");
            let day = Date::At(Timestamp(1_437_436_800));
            let dates: Vec<_> = documents.iter().map(|document| document.date).collect();
            assert_eq!(dates, [day, Date::Absent, Date::Absent, day], "{name}");
            let file = &report.files[0];
            assert_eq!((file.lines, file.documents, file.extent), (5, 4, Extent::Whole));
            assert_eq!((file.bytes_on_disk, file.head_bytes), (bytes.len() as u64, 0));
            let of_these: Vec<_> = documents.iter().map(|document| document.record_hash).collect();
            assert_eq!(*hashes.get_or_insert_with(|| of_these.clone()), of_these, "{name}");
        }
    }
    let hashes = &mut None;
    check("a.parquet", &parquet(Compression::UNCOMPRESSED), hashes);
    check("a.parquet", &parquet(Compression::ZSTD(ZstdLevel::default())), hashes);
    check("a.parquet", &parquet(Compression::SNAPPY), hashes);
    for (texts, is_stream) in
        [(batches(plain), false), (batches(large), true), (batches(view), false)]
    {
        for codec in [None, Some(CompressionType::ZSTD), Some(CompressionType::LZ4_FRAME)] {
            check("a.arrow", &arrow(&texts, is_stream, codec), hashes);
        }
    }
    check("a.feather", &arrow(&batches(dictionary), true, None), hashes);
}

#[test]
fn moments_and_days_are_dates() {
    #[track_caller]
    fn check(name: &str, bytes: &[u8], seconds: i64) {
        let (documents, _) = Corpus::new(&[(name, bytes)]).read(&dated("when")).unwrap();
        assert_eq!(documents[0].date, Date::At(Timestamp(seconds)), "{name}");
    }
    check("a.parquet", &parquet(Compression::UNCOMPRESSED), MOMENT);
    check("a.arrow", &arrow(&batches(plain), false, None), 16_637 * 86_400);
}

#[test]
fn a_table_without_a_text_says_what_it_has() {
    #[track_caller]
    fn check(name: &str, bytes: &[u8], text: &str, cause: &str) {
        let fields = Fields { text: Some(text.into()), ..Fields::default() };
        let options = ReadOptions { fields, ..skipping() };
        let (documents, report) = Corpus::new(&[(name, bytes)]).read(&options).unwrap();
        assert_eq!(documents, []);
        assert!(report.bad[0].cause.contains(cause), "{name}: {}", report.bad[0].cause);
    }
    let columns = "the columns are `text`, `id`, `when`, `meta` (check --text-field)";
    for (name, bytes) in [
        ("a.parquet", parquet(Compression::UNCOMPRESSED)),
        ("a.arrow", arrow(&batches(plain), false, None)),
    ] {
        check(name, &bytes, "body", columns);
        check(name, &bytes, "id", columns);
        check(name, &bytes, "meta", columns);
        check(&format!("{name}.gz"), &super::harness::gzip(&bytes), "text", "unpack the file");
    }
    check("a.parquet", b"", "text", "no sound Parquet file");
    check("a.parquet", b"PAR1 is how it begins", "text", "no sound Parquet file");
    check("a.arrow", b"", "text", "no sound Arrow file");
    check("a.arrow", b"ARROW1\0\0", "text", "a truncated file");
    check("a.arrow", b"FEA1....", "text", "Feather version 1");
    check("a.arrow", b"{\"text\":\"no\"}\n", "text", "shorter than it says");
}

/// Reads a file and writes every second document to `removed/`.
fn both_passes(name: &str, bytes: &[u8], on_error: OnError) -> twicetold::Result<Vec<Owned>> {
    let corpus = Corpus::new(&[(name, bytes)]);
    let inputs = corpus.find(&[""])?;
    let options = ReadOptions { on_error, threads: 1, ..ReadOptions::default() };
    let (documents, report) = read_all(&inputs, &options, &Unwatched)?;
    let folder = tempfile::tempdir().unwrap();
    let staging = Staging::new(&folder.path().join("out"), false)?;
    let fate = |document: usize| if document % 2 == 1 { Fate::Remove } else { Fate::Keep };
    let how = Rewrite { fate: &fate, annotate: None, cutting: None, discard: false };
    let places: Vec<_> = documents.iter().map(|d| (d.place, d.record_hash)).collect();
    rewrite(&inputs, &report, &places, how, &staging, &Unwatched)?;
    staging.commit()?;
    let mut written = Vec::new();
    for part in ["kept", "removed"] {
        let file = std::fs::read(folder.path().join("out").join(part).join(name));
        let Ok(file) = file else { continue };
        let (documents, _) = Corpus::new(&[(name, &file)]).read(&skipping())?;
        written.extend(documents);
    }
    Ok(written)
}

#[test]
fn rows_go_where_their_fates_send_them() {
    for (name, bytes) in [
        ("a.parquet", parquet(Compression::SNAPPY)),
        ("a.arrow", arrow(&batches(plain), false, Some(CompressionType::ZSTD))),
        ("a.arrows", arrow(&batches(plain), true, None)),
    ] {
        let written = both_passes(name, &bytes, OnError::Skip).unwrap();
        assert_eq!(texts(&written), ["نص أول", "\u{1F600} tail", "", "e"], "{name}");
    }
}

#[test]
fn a_row_group_stays_one_and_keeps_its_codec() {
    let corpus = Corpus::new(&[("a.parquet", &parquet(Compression::SNAPPY))]);
    let inputs = corpus.find(&[""]).unwrap();
    let (documents, report) = read_all(&inputs, &skipping(), &Unwatched).unwrap();
    let places: Vec<_> = documents.iter().map(|d| (d.place, d.record_hash)).collect();
    let folder = tempfile::tempdir().unwrap();
    let staging = Staging::new(&folder.path().join("out"), false).unwrap();
    let how = Rewrite { fate: &|_| Fate::Keep, annotate: None, cutting: None, discard: false };
    let counts = rewrite(&inputs, &report, &places, how, &staging, &Unwatched).unwrap();
    assert_eq!((counts.kept.records, counts.bad.records), (4, 1));
    assert_eq!(counts.kept.bytes + counts.bad.bytes, report.files[0].bytes);
    staging.commit().unwrap();
    let open = |part: &str| {
        let path = folder.path().join("out").join(part).join("a.parquet");
        SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap()
    };
    let rows = |part| -> Vec<i64> {
        open(part).metadata().row_groups().iter().map(|group| group.num_rows()).collect()
    };
    assert_eq!((rows("kept"), rows("bad")), (vec![2, 1, 1], vec![1]));
    let kept = open("kept");
    assert_eq!(kept.metadata().row_group(0).column(0).compression(), Compression::SNAPPY);
}

#[test]
fn a_changed_table_is_not_copied() {
    for (name, bytes) in [
        ("a.parquet", parquet(Compression::SNAPPY)),
        ("a.arrow", arrow(&batches(plain), false, None)),
    ] {
        let corpus = Corpus::new(&[(name, &bytes)]);
        let inputs = corpus.find(&[""]).unwrap();
        let (documents, report) = read_all(&inputs, &skipping(), &Unwatched).unwrap();
        let places: Vec<_> = documents.iter().map(|d| (d.place, d.record_hash)).collect();
        corpus.put(name, &[&bytes[..], b"x"].concat());
        let folder = tempfile::tempdir().unwrap();
        let staging = Staging::new(&folder.path().join("out"), false).unwrap();
        let how = Rewrite { fate: &|_| Fate::Keep, annotate: None, cutting: None, discard: false };
        let error = rewrite(&inputs, &report, &places, how, &staging, &Unwatched).unwrap_err();
        assert!(error.to_string().contains("was changed during the run"), "{error}");
    }
}

/// Every broken file of a kind is an error or a smaller corpus; nothing
/// panics, and nothing is written that was not there.
#[track_caller]
fn check_broken(name: &str, whole: &[u8], broken: impl Iterator<Item = Vec<u8>>) {
    let sound = both_passes(name, whole, OnError::Skip).expect("a sound file");
    let mut errors = 0;
    for bytes in broken {
        match both_passes(name, &bytes, OnError::Fail) {
            Ok(_) => {}
            Err(error) => {
                assert!(error.to_string().contains(name), "{name}: {error}");
                errors += 1;
            }
        }
        if let Ok(written) = both_passes(name, &bytes, OnError::Skip) {
            assert!(written.len() <= sound.len(), "{name}: {}", written.len());
        }
    }
    assert!(errors > 0, "{name}: no broken file is noticed");
}

#[test]
fn truncated_tables_are_errors() {
    for (name, bytes) in [
        ("a.parquet", parquet(Compression::SNAPPY)),
        ("a.arrow", arrow(&batches(plain), false, Some(CompressionType::LZ4_FRAME))),
        ("a.arrows", arrow(&batches(plain), true, None)),
    ] {
        check_broken(name, &bytes, (0..bytes.len()).step_by(61).map(|end| bytes[..end].to_vec()));
    }
}

#[test]
fn corrupt_tables_are_errors_or_other_tables() {
    for (name, bytes) in [
        ("a.parquet", parquet(Compression::SNAPPY)),
        ("a.arrow", arrow(&batches(plain), false, Some(CompressionType::LZ4_FRAME))),
        ("a.arrows", arrow(&batches(plain), true, None)),
    ] {
        let flipped = (0..bytes.len()).step_by(37).map(|at| {
            let mut bytes = bytes.clone();
            bytes[at] ^= [0xFF, 0x80, 0x01][at % 3];
            bytes
        });
        check_broken(name, &bytes, flipped);
    }
}
