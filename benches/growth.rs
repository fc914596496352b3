//! Whole runs of `twicetold dedup` on made-up news: does a corpus ten times as
//! large take ten times as long, whatever its shape, and what does a limit of
//! memory cost?
//!
//! ```text
//! cargo bench --bench growth                            10 k and 100 k articles of every shape
//! cargo bench --bench growth -- 1000000                 100 k and 1 M articles (3 GB each, deleted)
//! cargo bench --bench growth -- 1000000 news templates  these shapes only
//! cargo bench --bench growth -- 1000000 memory          news in 64 GB, 1 GB and 128 MB
//! ```
//!
//! Tables are printed and written to `docs/benchmarks/`, with the date. CPU
//! seconds are user and system time of the whole process, read by the kernel;
//! the peak is its high-water mark of resident memory, looked at every few
//! milliseconds. Run as a test, it makes 200 articles and writes nothing.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

mod children;
#[allow(dead_code, reason = "it is the example that writes gold")]
mod news;
mod page;

use news::{Corpus, Shape, write};

/// Articles of the larger corpora unless told otherwise; the smaller ones have
/// a tenth.
const ARTICLES: u32 = 100_000;
const SEED: u64 = 7;
/// How often the memory of a run is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(5);

fn main() {
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let words: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let articles = words.iter().find_map(|word| word.parse().ok());
    let articles = articles.unwrap_or(if is_bench { ARTICLES } else { 200 });
    let names: Vec<&String> = words.iter().filter(|word| word.parse::<u32>().is_err()).collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (name, table) = match names[..] {
        [name] if name == "memory" => ("memory", memory(articles, folder.path())),
        _ => ("growth", growth(articles, &names, folder.path())),
    };
    if is_bench {
        let memory = if name == "memory" { " memory" } else { "" };
        let command = format!(
            "`cargo bench --bench growth -- {articles}{memory}`;\n\
             one run each of the whole process, from the file to the kept files"
        );
        page::write(name, &format!("Made-up news: {name}"), &command, &table);
    }
}

/// Every shape, or those that are named, in two sizes.
fn growth(articles: u32, names: &[&String], folder: &Path) -> String {
    let mut table = Table::new(
        "| shape | articles | MB | CPU s | growth | MB per CPU s | MB/s | peak MB | outcome |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|---|",
    );
    for (name, shape) in Shape::ALL {
        if !names.is_empty() && !names.iter().any(|wanted| *wanted == name) {
            continue;
        }
        let mut before = None;
        for articles in [articles / 10, articles] {
            let prefix = folder.join(name);
            let bytes = write::records(&Corpus::new(shape, articles, SEED), &prefix)
                .expect("a corpus in the temporary folder");
            let file = prefix.with_extension("jsonl");
            let run = Run::new(&file, folder, &[]);
            let growth =
                before.map_or(String::new(), |before: f64| format!("{:.1}", run.cpu / before));
            before = Some(run.cpu);
            let megabytes = bytes as f64 / 1e6;
            table.row(&format!(
                "| {name} | {articles} | {megabytes:.0} | {:.2} | {growth} | {:.0} | {:.0} | {:.0} | {} |",
                run.cpu,
                megabytes / run.cpu,
                megabytes / run.wall,
                run.peak_megabytes,
                run.removed
            ));
            fs::remove_file(file).expect("the corpus was just made");
        }
    }
    table.0
}

/// One corpus within several limits.
fn memory(articles: u32, folder: &Path) -> String {
    let prefix = folder.join("news");
    let bytes = write::records(&Corpus::new(Shape::News, articles, SEED), &prefix)
        .expect("a corpus in the temporary folder");
    let megabytes = bytes as f64 / 1e6;
    let mut table = Table::new(
        "| `--memory` | articles | MB | CPU s | wall s | of the first | peak MB | same outcome |\n\
         |---|--:|--:|--:|--:|--:|--:|---|",
    );
    let mut first: Option<(f64, Vec<Vec<u8>>)> = None;
    for limit in ["64G", "1G", "128M"] {
        let run = Run::new(&prefix.with_extension("jsonl"), folder, &["--memory", limit]);
        let outputs = ["removed.jsonl", "clusters.jsonl", "related.jsonl", "kept/news.jsonl"]
            .map(|name| fs::read(folder.join("out").join(name)).unwrap_or_default());
        let (wall, expected) = first.get_or_insert((run.wall, outputs.to_vec()));
        table.row(&format!(
            "| {limit} | {articles} | {megabytes:.0} | {:.2} | {:.1} | {:.2} | {:.0} | {} |",
            run.cpu,
            run.wall,
            run.wall / *wall,
            run.peak_megabytes,
            if expected[..] == outputs { "yes" } else { "NO" }
        ));
    }
    table.0
}

/// Rows that are printed as they come.
struct Table(String);

impl Table {
    fn new(head: &str) -> Self {
        println!("{head}");
        Self(format!("{head}\n"))
    }

    fn row(&mut self, row: &str) {
        println!("{row}");
        writeln!(self.0, "{row}").expect("a string grows");
    }
}

/// A run of the program, as measured.
struct Run {
    cpu: f64,
    wall: f64,
    peak_megabytes: f64,
    /// What it says it removed.
    removed: String,
}

impl Run {
    fn new(file: &Path, folder: &Path, options: &[&str]) -> Self {
        let (before, start) = (children::cpu_seconds(), Instant::now());
        let mut child = Command::new(env!("CARGO_BIN_EXE_twicetold"))
            .args(["dedup", "--no-config", "--overwrite", "--out"])
            .args([&folder.join("out"), file])
            .args(options)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut peak_megabytes = 0.0f64;
        while child.try_wait().expect("it is ours").is_none() {
            peak_megabytes = peak_megabytes.max(high_water_megabytes(child.id()));
            std::thread::sleep(LOOK_EVERY);
        }
        let wall = start.elapsed().as_secs_f64();
        let output = child.wait_with_output().expect("it has ended");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        let removed = said.lines().find(|line| line.contains(" removed ")).unwrap_or_default();
        let removed = removed.trim().to_owned();
        Self { cpu: children::cpu_seconds() - before, wall, peak_megabytes, removed }
    }
}

/// The most memory a process has had, in megabytes (`man 5 proc`); 0 on other
/// systems.
fn high_water_megabytes(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kibibytes.unwrap_or(0.0) * 1024.0 / 1e6
}
