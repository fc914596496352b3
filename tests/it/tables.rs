//! The tables of an outcome, in every format they are written in.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use twicetold::report::TABLES;
use twicetold::table::{Column, Kind};

use crate::program::{Place, SAMPLE, jsonl};

/// An outcome of each command, with a bad record, in all formats; its records
/// have awkward ids.
fn outcomes() -> Place {
    let place = Place::new();
    let words = |name: &str| (0..30).map(|at| format!("{name}{at}")).collect::<Vec<_>>().join(" ");
    let record = |id: &str, text: String| json!({"id": id, "source": "الأفق, \"x\"", "text": text});
    let records = [
        record("=1+1", words("a")),
        record("two\nlines, \"quoted\"", words("a")),
        record("'apostrophe", format!("{}\n{}", words("b"), words("p"))),
        record("😀", format!("{}\n{} here", words("c"), words("p"))),
        json!({"text": format!("{} x", words("a")), "date": "2026-01-02"}),
        json!({"text": words("b").replace("b1 ", "z ") + &words("q")}),
    ];
    // A footer, in the middle of a sentence.
    let footed =
        |at: usize| record(&format!("f{at}"), words(&format!("f{at}x")) + " " + &words("y"));
    let records: Vec<Value> = records.into_iter().chain((0..22).map(footed)).collect();
    place
        .write("a.jsonl", jsonl(&records) + "{\n" + &fs::read_to_string(SAMPLE).expect("a sample"));
    for (command, out) in [("dedup", "articles"), ("passages", "passages")] {
        let args = [command, "a.jsonl", "--out", out, "--on-error", "skip", "--allow-bad", "-q"];
        let more = if command == "passages" { "--strip" } else { "--pairs" };
        place.run(&[&args[..], &[more], &["--tables", "parquet,csv"]].concat()).ok();
    }
    place
}

/// The rows of a table that one of the outcomes has, as JSON lines.
fn rows(place: &Place, table: &str) -> (String, Vec<Value>) {
    let folder = if place.path(&format!("articles/{table}.jsonl")).exists() {
        "articles"
    } else {
        "passages"
    };
    (format!("{folder}/{table}"), place.rows(&format!("{folder}/{table}.jsonl")))
}

#[test]
fn rows_have_the_columns_that_are_defined_in_order() {
    #[track_caller]
    fn check(columns: &[Column], row: &Value) {
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let members = row.as_object().expect("an object");
        let found: Vec<&String> = members.keys().collect();
        let (mut sorted, mut expected) = (found.clone(), names.clone());
        sorted.sort();
        expected.sort_unstable();
        assert_eq!(sorted, expected, "{row}");
        for column in columns {
            let value = &row[column.name];
            let right = match column.kind {
                _ if value.is_null() => column.nullable,
                Kind::Text | Kind::Moment => value.is_string(),
                Kind::Whole => value.is_u64(),
                Kind::Share => value.as_f64().is_some_and(|share| (0.0..=1.0).contains(&share)),
                Kind::Flag => value.is_boolean(),
                Kind::Wholes => value.as_array().is_some_and(|all| all.iter().all(Value::is_u64)),
                Kind::Texts => value.as_array().is_some_and(|all| all.iter().all(Value::is_string)),
                Kind::Group(columns) => {
                    check(columns, value);
                    true
                }
                Kind::Groups(columns) => {
                    value.as_array().expect("a list").iter().for_each(|row| check(columns, row));
                    true
                }
            };
            assert!(right, "`{}` is {:?}: {row}", column.name, column.kind);
        }
    }
    let place = outcomes();
    for table in TABLES {
        let (name, rows) = rows(&place, table.name);
        assert!(!rows.is_empty(), "{name} has rows to look at");
        rows.iter().for_each(|row| check(table.columns, row));
    }
}

#[test]
fn csv_tables_say_what_json_lines_say() {
    let place = outcomes();
    for table in TABLES {
        let (name, rows) = rows(&place, table.name);
        let text = place.read(&format!("{name}.csv"));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        assert_eq!(reader.headers().expect("a header").iter().collect::<Vec<_>>(), names);
        let records: Vec<csv::StringRecord> =
            reader.records().map(|record| record.expect("a row")).collect();
        assert_eq!(records.len(), rows.len(), "{name}");
        for (record, row) in records.iter().zip(&rows) {
            for (cell, column) in record.iter().zip(table.columns) {
                let value = match column.kind {
                    _ if cell.is_empty() && column.nullable => Value::Null,
                    Kind::Text | Kind::Moment => cell.strip_prefix('\'').unwrap_or(cell).into(),
                    _ => serde_json::from_str(cell).unwrap_or_else(|e| panic!("{cell}: {e}")),
                };
                assert_eq!(value, row[column.name], "`{}` in {name}", column.name);
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
            }
        }
    }
}

#[test]
fn parquet_tables_say_what_json_lines_say() {
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    let place = outcomes();
    for table in TABLES {
        let (name, rows) = rows(&place, table.name);
        let file = fs::File::open(place.path(&format!("{name}.parquet"))).expect("written");
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file");
        let mut found: Vec<Value> = Vec::new();
        for batch in reader.build().expect("a Parquet file") {
            let batch = batch.expect("a batch");
            found.extend(serde_arrow::from_record_batch::<Vec<Value>>(&batch).expect("rows"));
        }
        assert_eq!(found.len(), rows.len(), "{name}");
        for (found, row) in found.iter().zip(&rows) {
            for column in table.columns {
                if column.kind != Kind::Moment || row[column.name].is_null() {
                    assert_eq!(found[column.name], row[column.name], "`{}` in {name}", column.name);
                }
            }
        }
    }
}

#[test]
fn an_outcome_without_rows_has_its_tables_all_the_same() {
    let place = Place::new();
    place.write("a.jsonl", jsonl(&[json!({"text": "one"})]));
    place.run(&["dedup", "a.jsonl", "--out", "out", "--tables", "csv,parquet"]).ok();
    for name in ["removed", "clusters", "related"] {
        assert_eq!(place.read(&format!("out/{name}.csv")).lines().count(), 1, "{name}");
        assert!(place.path(&format!("out/{name}.parquet")).exists(), "{name}");
    }
    let ran = place.run(&["dedup", "a.jsonl", "--out", "out2", "--tables", "xlsx"]);
    assert_eq!(ran.code, 2);
    ran.says(&["jsonl, parquet, csv"]);
}

/// The tables of `docs/formats.md`, as Markdown.
fn documentation() -> String {
    fn rows(columns: &[Column], prefix: &str, out: &mut String) {
        for column in columns {
            let (json, parquet) = match column.kind {
                Kind::Text => ("string", "string"),
                Kind::Whole => ("integer", "int64"),
                Kind::Share => ("number in [0, 1]", "double"),
                Kind::Flag => ("true, false", "boolean"),
                Kind::Moment => ("string, ISO 8601", "timestamp (ms, UTC)"),
                Kind::Wholes => ("list of integers", "list of int64"),
                Kind::Texts => ("list of strings", "list of string"),
                Kind::Group(_) => ("object", "struct"),
                Kind::Groups(_) => ("list of objects", "list of struct"),
            };
            let null = if column.nullable { " or null" } else { "" };
            let name = format!("{prefix}{}", column.name);
            writeln!(out, "| `{name}` | {json}{null} | {parquet} | {} |", column.about)
                .expect("a String takes every write");
            if let Kind::Group(columns) | Kind::Groups(columns) = column.kind {
                rows(columns, &format!("{name}."), out);
            }
        }
    }
    let mut out = String::new();
    for table in TABLES {
        write!(
            out,
            "\n### {}\n\n{}\n\n| column | JSON, CSV | Parquet | meaning |\n|---|---|---|---|\n",
            table.name, table.about
        )
        .expect("a String takes every write");
        rows(table.columns, "", &mut out);
    }
    out
}

/// What stands before the tables in `docs/formats.md`.
const TABLES_BEGIN: &str = "<!-- made of src/report/columns.rs by a test -->\n";

fn formats() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md")
}

#[test]
fn the_documentation_has_every_table_and_column() {
    let text = fs::read_to_string(formats()).expect("docs/formats.md");
    let (_, tables) = text.split_once(TABLES_BEGIN).expect("the tables' place");
    assert!(
        tables == documentation(),
        "docs/formats.md is not what src/report/columns.rs says; \
         run cargo test --test it document_the_tables -- --ignored"
    );
}

#[test]
#[ignore = "writes docs/formats.md"]
fn document_the_tables() {
    let text = fs::read_to_string(formats()).expect("docs/formats.md");
    let (before, _) = text.split_once(TABLES_BEGIN).expect("the tables' place");
    fs::write(formats(), format!("{before}{TABLES_BEGIN}{}", documentation())).expect("writable");
}

/// DuckDB, polars and pandas, in an environment of their own.
#[test]
fn other_programs_read_the_tables() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = Command::new(root.join("scripts/readers-venv.sh")).output();
    let made = made.expect("a shell");
    if !made.status.success() {
        let why = String::from_utf8_lossy(&made.stderr).into_owned();
        assert!(std::env::var_os("CI").is_none(), "no environment for the readers: {why}");
        eprintln!("not tested: tables in DuckDB, polars and pandas: {why}");
        return;
    }
    let place = outcomes();
    let expected: BTreeMap<&str, usize> =
        TABLES.iter().map(|table| (table.name, rows(&place, table.name).1.len())).collect();
    place.write("expected.json", serde_json::to_vec(&expected).expect("numbers"));
    let python = String::from_utf8(made.stdout).expect("a path");
    let read = Command::new(python.trim())
        .arg(root.join("tests/readers.py"))
        .args([place.path("articles"), place.path("passages"), place.path("expected.json")])
        .output()
        .expect("it starts");
    assert!(
        read.status.success(),
        "{}{}",
        String::from_utf8_lossy(&read.stdout),
        String::from_utf8_lossy(&read.stderr)
    );
}
