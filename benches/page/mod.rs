//! Writes a benchmark's table to `docs/benchmarks/`, with the date.

use std::fs;

/// Writes `docs/benchmarks/DATE-name.md`: a title, how the table was made, and
/// the table.
pub(crate) fn write(name: &str, title: &str, command: &str, table: &str) {
    let now = jiff::Timestamp::now().to_string();
    let date = &now[..10];
    let path = format!("{}/docs/benchmarks/{date}-{name}.md", env!("CARGO_MANIFEST_DIR"));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let version = env!("CARGO_PKG_VERSION");
    let page = format!(
        "# {title}\n\n{date}, twicetold {version}, {threads} threads, {command}.\n\n{table}"
    );
    fs::write(&path, page).unwrap_or_else(|error| panic!("{path}: {error}"));
    println!("written to {path}");
}
