//! How well copies with misread characters are put together again.
//!
//! ```text
//! cargo bench --bench noise             over `ant`, `reuters21578` and `ecir20_core` of `../shared/data`
//! cargo bench --bench noise -- ant      over one of them; also a path to a .jsonl.zst
//! ```
//!
//! Real articles that have nothing in common are copied up to three times,
//! copies are cut to between half and the whole of their words, and then every
//! text, the first of each group too, has 0, 2, 5 or 8 % of its characters
//! replaced (six in ten), deleted or doubled by another one. Told is the
//! adjusted Rand index of the clusters (Hubert and Arabie, *Comparing
//! partitions*, 1985), by preset. Run as a test, it takes a few made-up
//! articles.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::Instant;

use twicetold::dedup::{Dedup, Outcome, Scratch, prepare};
use twicetold::document::{Date, Document, Place};
use twicetold::hash::Hash128;
use twicetold::recipe::Recipe;
use twicetold::sketch::Kernel;
use twicetold::watch::Unwatched;

/// Most articles taken of a corpus.
const ARTICLES_MAX: usize = 2000;
/// Fewest words of an article that is taken: half of it is still a text.
const WORDS_MIN: usize = 60;
/// Two articles that share so much of the shorter are not both taken.
const OVERLAP_MAX: f64 = 0.1;

fn main() {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    let bench = names.iter().any(|argument| argument == "--bench");
    names.retain(|argument| argument != "--bench");
    if !bench && names.is_empty() {
        return tiny();
    }
    if names.is_empty() {
        names = ["ant", "reuters21578", "ecir20_core"].map(String::from).to_vec();
    }
    println!("corpus, articles, texts, noise: adjusted Rand index by preset (seconds)");
    for name in names {
        table(&name, &unlike(&load(&name)));
    }
}

/// The texts of a corpus of `../shared/data`, or of a `.jsonl.zst`.
fn load(name: &str) -> Vec<String> {
    let path = if name.contains('/') {
        PathBuf::from(name)
    } else {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
        data.join(name).join("docs.jsonl.zst")
    };
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = |line: std::io::Result<String>| {
        let record: serde_json::Value =
            serde_json::from_str(&line.expect("a readable line")).expect("a JSON line");
        record["text"].as_str().expect("a text").to_owned()
    };
    BufReader::new(zstd::Decoder::new(file).expect("a zstd file")).lines().map(text).collect()
}

/// Articles of which no two have much in common, so that it is known which
/// texts made of them belong together.
fn unlike(texts: &[String]) -> Vec<&str> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let recipe = Recipe {
        variant_jaccard: OVERLAP_MAX,
        variant_containment: OVERLAP_MAX,
        template_numbers: None,
        ..Recipe::default()
    };
    let outcome = run(&recipe, &texts);
    let mut alike: Vec<bool> = outcome.dropped.iter().map(Option::is_some).collect();
    for pair in &outcome.related {
        alike[pair.document.index()] = true;
        alike[pair.other.index()] = true;
    }
    let taken = |(text, alike): &(&str, bool)| {
        !alike && text.split_whitespace().nth(WORDS_MIN - 1).is_some()
    };
    let unlike: Vec<&str> =
        texts.into_iter().zip(alike).filter(taken).map(|(text, _)| text).collect();
    let step = unlike.len().div_ceil(ARTICLES_MAX).max(1);
    unlike.into_iter().step_by(step).collect()
}

/// One line for each share of noise.
fn table(name: &str, articles: &[&str]) {
    for percent in [0, 2, 5, 8] {
        let (texts, groups) = copies(articles, f64::from(percent) / 100.0);
        print!("{name}, {}, {}, {percent} %:", articles.len(), texts.len());
        let recipes =
            [("default", Recipe::default()), ("wire", Recipe::wire()), ("ocr", Recipe::ocr())];
        for (preset, recipe) in recipes {
            let start = Instant::now();
            let found = clusters(&recipe, &texts);
            let seconds = start.elapsed().as_secs_f64();
            print!(" {preset} {:.4} ({seconds:.1})", adjusted_rand_index(&groups, &found));
        }
        println!();
    }
}

/// Noisy texts made of the articles, and the number of the article of each.
fn copies(articles: &[&str], noise: f64) -> (Vec<String>, Vec<usize>) {
    let mut random = Random(20_260_301);
    let (mut texts, mut groups) = (Vec::new(), Vec::new());
    for (group, article) in articles.iter().enumerate() {
        for copy in 0..=group % 4 {
            let words: Vec<&str> = article.split(' ').collect();
            let share = if copy == 0 { 1.0 } else { 0.5 + random.share() / 2.0 };
            let cut = words[..(share * words.len() as f64).ceil() as usize].join(" ");
            texts.push(misread(&cut, noise, &mut random));
            groups.push(group);
        }
    }
    (texts, groups)
}

/// A text with a share of its characters misread: replaced by other characters
/// of the text, so in its own script, deleted, or followed by another one.
fn misread(text: &str, noise: f64, random: &mut Random) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut read = String::with_capacity(text.len());
    for &c in &characters {
        if random.share() >= noise {
            read.push(c);
            continue;
        }
        let other = characters[(random.share() * characters.len() as f64) as usize];
        match (random.share() * 10.0) as u32 {
            0..=5 => read.push(other),
            6..=7 => {}
            _ => read.extend([c, other]),
        }
    }
    read
}

fn run(recipe: &Recipe, texts: &[&str]) -> Outcome {
    let mut scratch = Scratch::default();
    let mut run = Dedup::new(recipe.clone());
    for (line, text) in (1u64..).zip(texts) {
        let document = Document {
            text: Cow::Borrowed(text),
            id: None,
            source: None,
            title: None,
            date: Date::Absent,
            place: Place { file: 0, line, offset: 0, bytes: 0 },
            record_hash: Hash128::of(text.as_bytes()),
        };
        run.take(prepare(recipe, &mut scratch, document)).expect("few documents");
    }
    run.finish(Kernel::best(), &Unwatched).expect("nobody interrupts")
}

/// For each text the one that stands for its cluster.
fn clusters(recipe: &Recipe, texts: &[String]) -> Vec<usize> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let dropped = run(recipe, &texts).dropped;
    dropped.iter().enumerate().map(|(at, d)| d.map_or(at, |d| d.keeper.index())).collect()
}

/// How far two partitions agree, beyond chance: 1 if they are the same.
fn adjusted_rand_index(gold: &[usize], found: &[usize]) -> f64 {
    let pairs_within = |labels: &mut dyn Iterator<Item = (usize, usize)>| {
        let mut sizes: HashMap<(usize, usize), f64> = HashMap::new();
        labels.for_each(|label| *sizes.entry(label).or_default() += 1.0);
        sizes.values().map(|size| size * (size - 1.0) / 2.0).sum::<f64>()
    };
    let both = pairs_within(&mut gold.iter().copied().zip(found.iter().copied()));
    let of_gold = pairs_within(&mut gold.iter().map(|label| (*label, 0)));
    let of_found = pairs_within(&mut found.iter().map(|label| (*label, 0)));
    let all = gold.len() as f64 * (gold.len() as f64 - 1.0) / 2.0;
    let by_chance = of_gold * of_found / all;
    (both - by_chance) / ((of_gold + of_found) / 2.0 - by_chance)
}

/// Linear congruential generator with Knuth's constants: the same noise on
/// every machine.
struct Random(u64);

impl Random {
    /// At least 0, below 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as f64 / (1u64 << 31) as f64
    }
}

/// A few made-up articles, as a test.
fn tiny() {
    let mut random = Random(7);
    let mut letter = || char::from(b'a' + (random.share() * 26.0) as u8);
    let mut word = || (0..6).map(|_| letter()).collect::<String>();
    let mut article = || (0..80).map(|_| word()).collect::<Vec<_>>().join(" ");
    let articles: Vec<String> = (0..8).map(|_| article()).collect();
    let (texts, groups) = copies(&unlike(&articles), 0.05);
    let index = adjusted_rand_index(&groups, &clusters(&Recipe::ocr(), &texts));
    assert!(index > 0.9, "noisy copies of made-up articles: adjusted Rand index {index}");
    assert!((adjusted_rand_index(&[0, 0, 1, 1], &[5, 5, 7, 7]) - 1.0).abs() < 1e-9);
    // By hand: 2 pairs in both, 4 and 2 within, 10 in all.
    let by_hand = adjusted_rand_index(&[0, 0, 1, 1, 1], &[0, 0, 1, 1, 2]);
    assert!((by_hand - (2.0 - 0.8) / (3.0 - 0.8)).abs() < 1e-9);
}
