//! What it costs to make a document of a record: `cargo bench --bench kernels`.
//!
//! Prints the nanoseconds that a unit takes, kernel by kernel, as the median of
//! several runs over made-up articles, and beside it the plain twin's; writes
//! the table to `docs/benchmarks/`. Run as a test, it looks at two articles and
//! writes nothing.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use twicetold::io::json::{Fields, RecordParser};
use twicetold::matching::mask::Places;
use twicetold::matching::similarity::shared_at_least;
use twicetold::text::{Tokens, shingles};
use xxhash_rust::xxh3::xxh3_64_with_seed;

mod page;

/// Articles of each kind, so that branches cannot be learnt.
const ARTICLES: usize = 300;
/// Words of an article, of one to twelve letters.
const WORDS: usize = 400;
/// Runs over all articles, of which the median counts.
const RUNS: usize = 25;

fn main() {
    // `cargo test` runs every benchmark once; one small run is enough then.
    let is_bench = std::env::args().any(|arg| arg == "--bench");
    let (articles, runs) = if is_bench { (ARTICLES, RUNS) } else { (2, 1) };
    let mut table = String::from("| ns | fast | plain | plain / fast |\n|---|--:|--:|--:|\n");
    print!("{table}");
    let alphabets = [
        ("ASCII", "etaoinshrdlucmfwyp"),
        ("Arabic", "اليومنتربدعكسفقحجه"),
        ("Arabic with vowel signs", "اَلِيُومْنَتِرُبَّدَعِكُ"),
        ("Latin with accents", "etaoinshrdlucméèçà"),
    ];
    for (name, alphabet) in alphabets {
        tokens(&mut table, runs, name, &made_up(articles, alphabet));
    }
    let english = made_up(articles, alphabets[0].1);
    shingle(&mut table, runs, &english);
    sort(&mut table, runs, &english);
    compare(&mut table, runs, articles);
    json(&mut table, runs, &english);
    if is_bench {
        let command = format!("`cargo bench --bench kernels`; medians of {RUNS} runs");
        page::write("kernels", "Kernels beside their plain twins", &command, &table);
    }
}

/// Fold and tokenise: common runs ahead, beside run by run.
fn tokens(table: &mut String, runs: usize, name: &str, texts: &[String]) {
    let bytes = texts.iter().map(String::len).sum();
    let mut tokens = Tokens::new();
    let fast = median_ns(runs, texts, bytes, |text| tokens.read(text));
    let plain = median_ns(runs, texts, bytes, |text| tokens.read_plainly(text));
    row(table, &format!("tokens, {name}, a byte"), fast, plain);
}

/// Shingles of three words, beside the bare hash of their 24 bytes.
fn shingle(table: &mut String, runs: usize, texts: &[String]) {
    let all: Vec<Tokens> = texts.iter().map(|text| tokens_of(text)).collect();
    let count = all.iter().map(Tokens::len).sum();
    let mut out = Vec::new();
    let fast = median_ns(runs, &all, count, |tokens| shingles(tokens, 3, black_box(&mut out)));
    let plain = median_ns(runs, &all, count, |tokens| {
        out.clear();
        out.extend(tokens.hashes().windows(3).map(|three| {
            let bytes = [three[0], three[1], three[2]].map(u64::to_le_bytes);
            xxh3_64_with_seed(bytes.as_flattened(), 1)
        }));
        black_box(&out);
    });
    row(table, "three-word shingles, each", fast, plain);
}

/// Shingles put in order with their places, beside a sort of pairs.
fn sort(table: &mut String, runs: usize, texts: &[String]) {
    let all: Vec<Vec<u64>> = texts
        .iter()
        .map(|text| {
            let mut found = Vec::new();
            shingles(&tokens_of(text), 3, &mut found);
            found
        })
        .collect();
    let count = all.iter().map(Vec::len).sum();
    let mut scratch = Vec::new();
    let fast = median_ns(runs, &all, count, |found| {
        black_box(Places::sort(found, 1, &mut scratch));
    });
    let plain = median_ns(runs, &all, count, |found| {
        let mut pairs: Vec<(u64, u16)> = found.iter().copied().zip(0..).collect();
        pairs.sort_unstable();
        pairs.dedup_by_key(|(shingle, _)| *shingle);
        let (set, places): (Vec<u64>, Vec<u16>) = pairs.into_iter().unzip();
        black_box((set.into_boxed_slice(), places.into_boxed_slice()));
    });
    row(table, "a text's shingles sorted, each", fast, plain);
}

/// Two sets of shingles, half of each in the other, beside one plain merge.
fn compare(table: &mut String, runs: usize, pairs: usize) {
    let mut random = fastrand::Rng::with_seed(2);
    let mut several = |count: usize| -> Vec<u64> { (0..count).map(|_| random.u64(..)).collect() };
    let mut pair = || -> [Vec<u64>; 2] {
        let both = several(WORDS / 2);
        [several(WORDS / 2), several(WORDS / 2)].map(|own| {
            let mut set = [own, both.clone()].concat();
            set.sort_unstable();
            set
        })
    };
    let pairs: Vec<[Vec<u64>; 2]> = (0..pairs).map(|_| pair()).collect();
    let count = pairs.as_flattened().iter().map(Vec::len).sum();
    let fast = median_ns(runs, &pairs, count, |[a, b]| {
        black_box(shared_at_least(a, b, 0));
    });
    let plain = median_ns(runs, &pairs, count, |[a, b]| {
        let (mut i, mut j, mut shared) = (0, 0, 0u32);
        while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
            shared += u32::from(x == y);
            i += usize::from(x <= y);
            j += usize::from(y <= x);
        }
        black_box(shared);
    });
    row(table, "sets compared, a value", fast, plain);
}

/// A record to its fields, beside the same where the one path leads inside.
fn json(table: &mut String, runs: usize, texts: &[String]) {
    let records: Vec<String> = (0..)
        .zip(texts)
        .map(|(id, text)| {
            let text = text.replace(". ", ".\n\n");
            serde_json::json!({ "id": format!("n{id}"), "text": text, "lang": "en" }).to_string()
        })
        .collect();
    let bytes = records.iter().map(String::len).sum();
    let flat = RecordParser::new(&Fields::default());
    // A path makes every record go the general way.
    let general = RecordParser::new(&Fields { title: Some("a.b".into()), ..Fields::default() });
    let fast = median_ns(runs, &records, bytes, |json| drop(black_box(flat.parse(json))));
    let plain = median_ns(runs, &records, bytes, |json| drop(black_box(general.parse(json))));
    row(table, "JSON record to fields, a byte", fast, plain);
}

fn tokens_of(text: &str) -> Tokens {
    let mut tokens = Tokens::new();
    tokens.read(text);
    tokens
}

/// Articles of words of random letters and length.
fn made_up(articles: usize, alphabet: &str) -> Vec<String> {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut random = fastrand::Rng::with_seed(1);
    let mut word = |at: usize, text: &mut String| {
        text.extend((0..random.usize(1..=12)).map(|_| letters[random.usize(..letters.len())]));
        text.push_str(if at % 40 == 39 { ". " } else { " " });
    };
    let mut article = || {
        let mut text = String::new();
        (0..WORDS).for_each(|at| word(at, &mut text));
        text
    };
    (0..articles).map(|_| article()).collect()
}

/// The median time of a unit over some runs, in nanoseconds.
fn median_ns<T>(runs: usize, all: &[T], units: usize, mut work: impl FnMut(&T)) -> f64 {
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            all.iter().for_each(&mut work);
            start.elapsed().as_secs_f64() * 1e9 / units as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}

fn row(table: &mut String, what: &str, fast: f64, plain: f64) {
    let row = format!("| {what} | {fast:.2} | {plain:.2} | {:.2} |", plain / fast);
    println!("{row}");
    writeln!(table, "{row}").expect("a string grows");
}
