//! Drops near-duplicates with gaoya: MinHash signatures in a `MinHashIndex`.
//!
//! ```text
//! peer-gaoya FILE OUT [words=1] [threshold=0.5] [bands=42] [rows=3] [confirm=no]
//! ```
//!
//! The defaults are the recipe of its README (lower case, `whitespace_split`,
//! `MinHasher32`, 42 bands of 3 rows, threshold 0.5). Kept articles are in the
//! index, in input order; an article whose query finds one is dropped. Signatures are made on all cores. With
//! `confirm=yes` what is found is compared on the whole sets of shingles.

use std::collections::HashMap;
use std::fs::{File, create_dir_all};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use gaoya::minhash::{MinHashIndex, MinHasher, MinHasher32};
use gaoya::text::whitespace_split;
use rayon::prelude::*;
use serde::Deserialize;

/// Lines that are read before they are worked on, on all cores.
const BATCH: usize = 4_096;

#[derive(Deserialize)]
struct Record {
    id: String,
    text: String,
}

struct Settings {
    words: usize,
    threshold: f64,
    bands: usize,
    rows: usize,
    confirm: bool,
}

impl Settings {
    fn parse(words: impl Iterator<Item = String>) -> Result<Self> {
        let mut settings = Self { words: 1, threshold: 0.5, bands: 42, rows: 3, confirm: false };
        for word in words {
            let (name, value) = word.split_once('=').context("settings are name=value")?;
            match name {
                "words" => settings.words = value.parse()?,
                "threshold" => settings.threshold = value.parse()?,
                "bands" => settings.bands = value.parse()?,
                "rows" => settings.rows = value.parse()?,
                "confirm" => settings.confirm = value == "yes",
                _ => bail!("{name}: not a setting"),
            }
        }
        Ok(settings)
    }
}

/// An article as it is compared.
struct Prepared {
    id: String,
    /// `None` for an article without words.
    signature: Option<Vec<u32>>,
    /// Hashes of its different shingles in order, if they are to be compared.
    shingles: Vec<u64>,
}

fn prepare(line: &str, hasher: &impl MinHasher<V = u32>, settings: &Settings) -> Result<Prepared> {
    let Record { id, text } = serde_json::from_str(line)?;
    let lower = text.to_lowercase();
    let words: Vec<&str> = whitespace_split(&lower).collect();
    if words.is_empty() {
        return Ok(Prepared { id, signature: None, shingles: Vec::new() });
    }
    let windows = || words.windows(settings.words.min(words.len()));
    let mut shingles = Vec::new();
    if settings.confirm {
        shingles.extend(windows().map(hash));
        shingles.sort_unstable();
        shingles.dedup();
    }
    Ok(Prepared { id, signature: Some(hasher.create_signature(windows())), shingles })
}

fn hash(window: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    window.hash(&mut hasher);
    hasher.finish()
}

/// Jaccard similarity of two sorted sets.
fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        shared += usize::from(a[i] == b[j]);
        let (a_is_not_larger, b_is_not_larger) = (a[i] <= b[j], b[j] <= a[i]);
        i += usize::from(a_is_not_larger);
        j += usize::from(b_is_not_larger);
    }
    shared as f64 / (a.len() + b.len() - shared) as f64
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(out)) = (arguments.next(), arguments.next()) else {
        bail!("peer-gaoya FILE OUT [name=value]...");
    };
    let settings = Settings::parse(arguments)?;
    let hasher = MinHasher32::new(settings.bands * settings.rows);
    let mut index = MinHashIndex::new(settings.bands, settings.rows, settings.threshold);
    let mut ids = Vec::new();
    let mut keepers: HashMap<u32, u32> = HashMap::new();
    let mut shingles: HashMap<u32, Vec<u64>> = HashMap::new();

    let mut lines = BufReader::new(File::open(&file)?).lines();
    loop {
        let batch: Vec<String> = lines.by_ref().take(BATCH).collect::<Result<_, _>>()?;
        if batch.is_empty() {
            break;
        }
        let prepared: Vec<Prepared> = batch
            .par_iter()
            .map(|line| prepare(line, &hasher, &settings))
            .collect::<Result<_>>()?;
        for Prepared { id, signature, shingles: own } in prepared {
            let number = ids.len() as u32;
            ids.push(id);
            let Some(signature) = signature else { continue };
            let confirmed = |found: &u32| {
                !settings.confirm || jaccard(&own, &shingles[found]) >= settings.threshold
            };
            match index.query_owned(&signature).into_iter().filter(confirmed).min() {
                Some(keeper) => {
                    keepers.insert(number, keeper);
                }
                None => {
                    index.insert(number, signature);
                    if settings.confirm {
                        shingles.insert(number, own);
                    }
                }
            }
        }
    }
    write(Path::new(&file), Path::new(&out), &ids, &keepers)
}

/// Writes `kept/`, and `clusters.tsv` with a line for each article in one.
fn write(file: &Path, out: &Path, ids: &[String], keepers: &HashMap<u32, u32>) -> Result<()> {
    let name = file.file_name().context("a file has a name")?;
    create_dir_all(out.join("kept"))?;
    let mut kept = BufWriter::new(File::create(out.join("kept").join(name))?);
    for (number, line) in (0u32..).zip(BufReader::new(File::open(file)?).lines()) {
        if !keepers.contains_key(&number) {
            writeln!(kept, "{}", line?)?;
        }
    }
    kept.flush()?;
    let mut cluster_of = keepers.clone();
    cluster_of.extend(keepers.values().map(|keeper| (*keeper, *keeper)));
    let mut clusters = BufWriter::new(File::create(out.join("clusters.tsv"))?);
    writeln!(clusters, "id\tcluster")?;
    for (number, keeper) in cluster_of {
        writeln!(clusters, "{}\t{keeper}", ids[number as usize])?;
    }
    Ok(clusters.flush()?)
}
