//! What the work itself costs: a bare program beside `twicetold dedup`.
//!
//! ```text
//! cargo bench --bench floor                     100 k made-up articles
//! cargo bench --bench floor -- 1000000          1 M of them (3 GB, deleted)
//! cargo bench --bench floor -- FILE.jsonl       a file with `"text"` in every line
//! ```
//!
//! The bare program is handed what the command line, formats, errors, reports
//! and records are for, and does without: it believes that every line is a sound
//! object whose text stands behind the first `"text"`, folds, sketches, cuts
//! bands, sorts their keys, and compares each text with the first of every bucket
//! it is in. It keeps no record, masks nothing, finds no contained text, relates
//! nothing and writes nothing. Its fold, sketch and comparison are the library's.
//!
//! All programs run in turn on one file, [`RUNS`] times. The table has medians of
//! CPU seconds, of all threads, and the ratio to the bare program. Run as a test,
//! it reads 200 articles once and writes nothing.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crossbeam_channel::bounded;
use memchr::{memchr, memchr2, memmem};
use rayon::prelude::*;
use twicetold::matching::similarity::shared_at_least;
use twicetold::sketch::bands::Banding;
use twicetold::sketch::{Kernel, Sketcher};
use twicetold::text::{Tokens, shingles};

mod children;
#[allow(dead_code, reason = "it is the example that writes gold")]
mod news;
mod page;

use news::{Corpus, Shape, write};

/// Articles unless told otherwise.
const ARTICLES: u32 = 100_000;
const SEED: u64 = 7;
/// Runs of each program, of which the median counts.
const RUNS: usize = 3;
/// Bytes that a worker is handed at a time.
const BLOCK_BYTES: usize = 1 << 20;
/// Jaccard similarity of a pair that is compared.
const THRESHOLD: f64 = 0.7;

/// What a bare program does, by its name.
const FLOORS: [(&str, Banding, bool); 4] = [
    ("16x8 bands", Banding { bands: 16, rows: 8 }, false),
    ("16x8 bands, pairs compared", Banding { bands: 16, rows: 8 }, true),
    ("32x4 bands, pairs compared", Banding { bands: 32, rows: 4 }, true),
    ("26x4 bands, pairs compared", Banding { bands: 26, rows: 4 }, true),
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // A process of its own, so that its CPU seconds are its own.
    if let [command, floor, file] = &words[..]
        && command == "bare"
    {
        let floor = floor.parse::<usize>().expect("the number of a floor");
        let (_, banding, compares) = FLOORS[floor];
        return println!("{}", bare(Path::new(file), banding, compares));
    }
    let is_bench = words.iter().any(|word| word == "--bench");
    let named = words.iter().find(|word| !word.starts_with("--"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let articles = named.and_then(|word| word.parse().ok());
    let file = match (named, articles) {
        (Some(file), None) => PathBuf::from(file),
        _ => {
            let articles = articles.unwrap_or(if is_bench { ARTICLES } else { 200 });
            let prefix = folder.path().join("news");
            write::records(&Corpus::new(Shape::News, articles, SEED), &prefix)
                .expect("a corpus in the temporary folder");
            prefix.with_extension("jsonl")
        }
    };
    let table = table(&file, folder.path(), if is_bench { RUNS } else { 1 });
    if is_bench {
        let command = format!("`cargo bench --bench floor`; medians of {RUNS} runs");
        page::write("floor", "The whole run beside a bare program", &command, &table);
    }
}

/// Runs every program in turn.
fn table(file: &Path, folder: &Path, runs: usize) -> String {
    let megabytes = fs::metadata(file).expect("a file").len() as f64 / 1e6;
    let this = std::env::current_exe().expect("this program");
    let mut programs: Vec<(String, Vec<Seconds>)> =
        FLOORS.iter().map(|(name, ..)| (format!("bare, {name}"), Vec::new())).collect();
    let ours: [(&str, &[&str]); 4] = [
        ("twicetold, just the join", &["--drop", "near", "--no-mask", "--no-templates"]),
        (
            "twicetold, just the join, nothing written",
            &["--drop", "near", "--no-mask", "--no-templates", "--dry-run"],
        ),
        ("twicetold, nothing written", &["--dry-run"]),
        ("twicetold", &[]),
    ];
    programs.extend(ours.iter().map(|(name, _)| ((*name).to_owned(), Vec::new())));
    for _ in 0..runs {
        for (number, (_, seconds)) in programs.iter_mut().enumerate() {
            let mut command = match number.checked_sub(FLOORS.len()) {
                None => {
                    let mut bare = Command::new(&this);
                    bare.args(["bare", &number.to_string()]).arg(file);
                    bare
                }
                Some(number) => {
                    let mut dedup = Command::new(env!("CARGO_BIN_EXE_twicetold"));
                    dedup.args(["dedup", "--no-config", "--overwrite", "--engine", "minhash"]);
                    dedup.args(ours[number].1).arg(file);
                    if !ours[number].1.contains(&"--dry-run") {
                        dedup.arg("--out").arg(folder.join("out"));
                    }
                    dedup
                }
            };
            seconds.push(Seconds::of(&mut command));
        }
    }
    let mut table = format!(
        "{megabytes:.0} MB of JSON lines.\n\n\
         | program | CPU s | MB per CPU s | wall s | MB/s | CPU, times the bare one |\n\
         |---|--:|--:|--:|--:|--:|\n"
    );
    let floor = median(programs[1].1.iter().map(|seconds| seconds.cpu));
    for (name, seconds) in &programs {
        let [cpu, wall] = [
            median(seconds.iter().map(|seconds| seconds.cpu)),
            median(seconds.iter().map(|seconds| seconds.wall)),
        ];
        let row = format!(
            "| {name} | {cpu:.2} | {:.0} | {wall:.2} | {:.0} | {:.2} |",
            megabytes / cpu,
            megabytes / wall,
            cpu / floor
        );
        writeln!(table, "{row}").expect("a string grows");
    }
    println!("{table}");
    table
}

/// What a program took.
struct Seconds {
    cpu: f64,
    wall: f64,
}

impl Seconds {
    fn of(command: &mut Command) -> Self {
        let (before, start) = (children::cpu_seconds(), Instant::now());
        let output = command.stdout(Stdio::null()).output().expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { cpu: children::cpu_seconds() - before, wall: start.elapsed().as_secs_f64() }
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What a worker makes of its lines.
#[derive(Default)]
struct Made {
    /// The band keys of each text, one text after the other.
    keys: Vec<u64>,
    /// The shingles of each text, ascending, and where they end.
    sets: Vec<u64>,
    ends: Vec<usize>,
}

/// The bare program: how many texts it drops.
fn bare(file: &Path, banding: Banding, compares: bool) -> usize {
    let threads = rayon::current_num_threads();
    let (give, blocks) = bounded::<(usize, Vec<u8>)>(2 * threads);
    let mut made: Vec<(usize, Made)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let blocks = blocks.clone();
                scope.spawn(move || {
                    let mut worker = Worker::new(banding, compares);
                    blocks.iter().map(|(at, block)| (at, worker.block(&block))).collect::<Vec<_>>()
                })
            })
            .collect();
        drop(blocks);
        let mut file = File::open(file).expect("a file");
        let mut held = Vec::new();
        for number in 0.. {
            let before = held.len();
            held.reserve(BLOCK_BYTES);
            let read = (&mut file).take(BLOCK_BYTES as u64).read_to_end(&mut held).expect("bytes");
            if read == 0 {
                give.send((number, held)).expect("workers");
                break;
            }
            let Some(end) = memchr::memrchr(b'\n', &held[before..]) else { continue };
            let rest = held.split_off(before + end + 1);
            give.send((number, std::mem::replace(&mut held, rest))).expect("workers");
        }
        drop(give);
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    made.sort_unstable_by_key(|(at, _)| *at);
    let made: Vec<Made> = made.into_iter().map(|(_, made)| made).collect();
    // Key and text, so that buckets are runs.
    let mut entries: Vec<(u64, u32)> = Vec::new();
    let mut sets: Vec<&[u64]> = Vec::new();
    let mut texts = 0;
    for made in &made {
        for keys in made.keys.chunks(banding.bands) {
            entries.extend(keys.iter().map(|key| (*key, texts)));
            texts += 1;
        }
        let mut start = 0;
        for &end in &made.ends {
            sets.push(&made.sets[start..end]);
            start = end;
        }
    }
    entries.par_sort_unstable();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for bucket in entries.chunk_by(|a, b| a.0 == b.0) {
        pairs.extend(bucket[1..].iter().map(|(_, text)| (*text, bucket[0].1)));
    }
    pairs.par_sort_unstable();
    pairs.dedup();
    if compares {
        pairs = pairs
            .into_par_iter()
            .filter(|(a, b)| {
                let [a, b] = [sets[*a as usize], sets[*b as usize]];
                let least = THRESHOLD / (1.0 + THRESHOLD) * (a.len() + b.len()) as f64;
                shared_at_least(a, b, least.ceil() as u32).is_some()
            })
            .collect();
    }
    pairs.dedup_by_key(|(text, _)| *text);
    pairs.len()
}

/// What a worker uses again and again.
struct Worker {
    banding: Banding,
    compares: bool,
    sketcher: Sketcher,
    text: Vec<u8>,
    tokens: Tokens,
    shingles: Vec<u64>,
    signature: Vec<u32>,
    keys: Vec<u64>,
}

impl Worker {
    fn new(banding: Banding, compares: bool) -> Self {
        let sketcher = Sketcher::new(banding.slots(), Kernel::best());
        Self {
            banding,
            compares,
            sketcher,
            text: Vec::new(),
            tokens: Tokens::new(),
            shingles: Vec::new(),
            signature: vec![0; banding.slots()],
            keys: vec![0; banding.bands],
        }
    }

    fn block(&mut self, block: &[u8]) -> Made {
        let mut made = Made::default();
        let mut rest = block;
        while let Some(end) = memchr(b'\n', rest) {
            self.line(&rest[..end], &mut made);
            rest = &rest[end + 1..];
        }
        made
    }

    fn line(&mut self, line: &[u8], made: &mut Made) {
        const KEY: &[u8] = b"\"text\"";
        let Some(key) = memmem::find(line, KEY) else { return };
        let mut rest = &line[key + KEY.len()..];
        let Some(quote) = memchr(b'"', rest) else { return };
        rest = &rest[quote + 1..];
        self.text.clear();
        while let Some(at) = memchr2(b'"', b'\\', rest) {
            self.text.extend_from_slice(&rest[..at]);
            if rest[at] == b'"' {
                break;
            }
            self.text.push(if rest[at + 1] == b'n' { b'\n' } else { rest[at + 1] });
            rest = &rest[at + 2..];
        }
        // It is what the corpus was written with.
        let text = std::str::from_utf8(&self.text).expect("UTF-8");
        self.tokens.read(text);
        shingles(&self.tokens, 3, &mut self.shingles);
        if !self.sketcher.sketch(&self.shingles, &mut self.signature) {
            return;
        }
        self.banding.keys(&self.signature, &mut self.keys);
        made.keys.extend_from_slice(&self.keys);
        if self.compares {
            self.shingles.sort_unstable();
            self.shingles.dedup();
            made.sets.extend_from_slice(&self.shingles);
            made.ends.push(made.sets.len());
        }
    }
}
