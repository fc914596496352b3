//! What it costs to make a document of a record: `cargo bench --bench kernels`.
//!
//! Prints the nanoseconds that a unit takes, kernel by kernel, as the median of
//! several runs over made-up articles, and beside it the plain twin's; writes
//! the table to `docs/benchmarks/`. Run as a test, it looks at two articles and
//! writes nothing.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use twicetold::io::json::{Fields, RecordParser};
use twicetold::matching::keys::{Keys, SharedKeys};
use twicetold::matching::prefix::{PrefixIndex, Scope, shared_shingles};
use twicetold::matching::rules::Floors;
use twicetold::matching::similarity::shared_at_least;
use twicetold::matching::sorter::Sorter;
use twicetold::matching::{Texts, every_pair};
use twicetold::memory::Memory;
use twicetold::passages::edits;
use twicetold::sketch::bands::Banding;
use twicetold::sketch::{Kernel, Sketcher, classical};
use twicetold::text::anchors::{Anchoring, Anchors, plain_anchors};
use twicetold::text::{Tokens, shingles};
use twicetold::watch::Unwatched;
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
    let of_texts: Vec<Vec<u64>> = english.iter().map(|text| shingles_of(text)).collect();
    sort(&mut table, runs, &of_texts);
    anchors(&mut table, runs, &of_texts);
    sketch(&mut table, runs, &of_texts);
    bands(&mut table, runs, articles);
    join(&mut table, runs, &of_texts);
    align(&mut table, runs, articles);
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

/// Shingles put in order, each once, beside a general sort.
fn sort(table: &mut String, runs: usize, all: &[Vec<u64>]) {
    let count = all.iter().map(Vec::len).sum();
    let (mut sorter, mut room) = (Sorter::default(), Vec::new());
    let fast = median_ns(runs, all, count, |found| {
        room.clone_from(found);
        black_box(sorter.sort(&mut room));
    });
    let plain = median_ns(runs, all, count, |found| {
        room.clone_from(found);
        room.sort_unstable();
        room.dedup();
        black_box(&room);
    });
    row(table, "a text's shingles sorted, each", fast, plain);
}

/// Anchors, beside the lowest of every window found anew.
fn anchors(table: &mut String, runs: usize, all: &[Vec<u64>]) {
    let count = all.iter().map(Vec::len).sum();
    let (mut anchors, mut room) = (Anchors::default(), Vec::new());
    let fast = median_ns(runs, all, count, |found| {
        anchors.read(Anchoring::LONG, found, &mut room);
        black_box(&anchors);
    });
    let plain = median_ns(runs, all, count, |found| {
        black_box(plain_anchors(Anchoring::LONG, found));
    });
    row(table, "anchors, a shingle", fast, plain);
}

/// Signatures of 104 slots, beside one hash function for each slot.
fn sketch(table: &mut String, runs: usize, all: &[Vec<u64>]) {
    let slots = BANDING.slots();
    let count = all.iter().map(Vec::len).sum();
    let sketcher = Sketcher::new(slots, Kernel::best());
    let mut signature = vec![0; slots];
    let fast = median_ns(runs, all, count, |found| {
        black_box(sketcher.sketch(found, black_box(&mut signature)));
    });
    let plain = median_ns(runs, all, count, |found| {
        black_box(classical::sketch(found, black_box(&mut signature), Kernel::Scalar));
    });
    row(table, "104 slots sketched, a shingle", fast, plain);
}

/// The bands of the default threshold, .7.
const BANDING: Banding = Banding { bands: 26, rows: 4 };

/// Which band keys are shared, and by whom, beside a table of all keys.
fn bands(table: &mut String, runs: usize, owners: usize) {
    let owners = owners as u32 * 100;
    let mut random = fastrand::Rng::with_seed(3);
    // A key in ten is another's.
    let keys: Vec<Vec<u64>> =
        (0..owners).map(|_| (0..BANDING.bands).map(|_| random.u64(..)).collect()).collect();
    let keys: Vec<Vec<u64>> = (0..owners as usize)
        .map(|owner| {
            let other = random.usize(..=owner);
            let of_band =
                |band: usize| keys[if random.u8(..10) == 0 { other } else { owner }][band];
            (0..BANDING.bands).map(of_band).collect()
        })
        .collect();
    let count = keys.iter().map(Vec::len).sum();
    let fast = median_ns(runs.min(5), &[&keys], count, |owners| {
        let all = Keys::new(count as u64, &Memory::unlimited());
        let mut lane = all.lane();
        for (number, keys) in (0..).zip(owners.iter()) {
            keys.iter().for_each(|key| lane.add(number, *key).expect("nothing is spilled"));
        }
        lane.finish().expect("nothing is spilled");
        black_box(SharedKeys::new(owners.len() as u32, all, &Unwatched).expect("it goes on"));
    });
    let plain = median_ns(runs.min(5), &[&keys], count, |owners| {
        let mut of_key: HashMap<u64, Vec<u32>> = HashMap::new();
        for (number, keys) in (0..).zip(owners.iter()) {
            keys.iter().for_each(|key| of_key.entry(*key).or_default().push(number));
        }
        of_key.retain(|_, owners| owners.len() > 1);
        black_box(of_key);
    });
    row(table, "band keys joined, each", fast, plain);
}

/// All pairs above .7, by prefixes and beside every pair compared.
fn join(table: &mut String, runs: usize, texts: &[Vec<u64>]) {
    let mut sets: Vec<Vec<u64>> = texts.to_vec();
    // One in ten is a copy of another but for a tenth of it.
    for at in (9..sets.len()).step_by(10) {
        let cut = sets[at].len() / 10;
        let copy = [&sets[at][..cut], &sets[at - 5][cut..]].concat();
        sets[at] = copy;
    }
    sets.iter_mut().for_each(|set| {
        set.sort_unstable();
        set.dedup();
    });
    let texts = Texts::of(&sets);
    let floors = Floors { jaccard: Some(0.7), containment: None };
    let scope = Scope { floors, from_both_sides: false, list_limit: usize::MAX };
    let mut found = [0, 0];
    let fast = median_ns(runs, &[&texts], sets.len(), |texts| {
        let shared = shared_shingles(texts, &Unwatched).expect("nothing is spilled");
        let mut index =
            PrefixIndex::new(texts, &shared, scope, &Unwatched).expect("nobody interrupts");
        found[0] = 0;
        let count = |_, _, _| {
            found[0] += 1;
            Ok(())
        };
        every_pair(texts, &mut index, 0.7, &Unwatched, count).expect("nobody interrupts");
    });
    let plain = median_ns(runs.min(5), &[&sets], sets.len(), |sets| {
        found[1] = 0;
        for (at, left) in sets.iter().enumerate() {
            for right in &sets[..at] {
                let shared = merged(left, right);
                let all = left.len() + right.len() - shared;
                found[1] += usize::from(shared as f64 >= 0.7 * all as f64);
            }
        }
    });
    assert_eq!(found[0], found[1], "both find the same pairs");
    row(table, &format!("exact join of {} texts, a text", sets.len()), fast, plain);
}

/// The edits between two passages of 200 words, one in ten changed, beside the
/// table of the book.
fn align(table: &mut String, runs: usize, pairs: usize) {
    let mut random = fastrand::Rng::with_seed(4);
    let mut pair = || -> [Vec<u32>; 2] {
        let a: Vec<u32> = (0..200).map(|_| random.u32(..5000)).collect();
        let change = |word: &u32| if random.u8(..10) == 0 { word + 5000 } else { *word };
        let b = a.iter().map(change).collect();
        [a, b]
    };
    let pairs: Vec<[Vec<u32>; 2]> = (0..pairs).map(|_| pair()).collect();
    let count = pairs.as_flattened().iter().map(Vec::len).sum();
    let fast = median_ns(runs, &pairs, count, |[a, b]| {
        black_box(edits(a, b));
    });
    let plain = median_ns(runs.min(5), &pairs, count, |[a, b]| {
        let mut lengths = vec![vec![0u32; b.len() + 1]; a.len() + 1];
        for (i, x) in a.iter().enumerate() {
            for (j, y) in b.iter().enumerate() {
                lengths[i + 1][j + 1] = match x == y {
                    true => lengths[i][j] + 1,
                    false => lengths[i][j + 1].max(lengths[i + 1][j]),
                };
            }
        }
        black_box(lengths);
    });
    row(table, "passages aligned, a word", fast, plain);
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
        black_box(merged(a, b));
    });
    row(table, "sets compared, a value", fast, plain);
}

/// How many values two sets share, by a plain merge.
fn merged(a: &[u64], b: &[u64]) -> usize {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        shared += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    shared
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

fn shingles_of(text: &str) -> Vec<u64> {
    let mut found = Vec::new();
    shingles(&tokens_of(text), 3, &mut found);
    found
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
