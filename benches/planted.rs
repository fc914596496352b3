//! What the passage finder finds, and how fast, on real articles.
//!
//! ```text
//! cargo bench --bench planted                      all planted tables (some minutes)
//! cargo bench --bench planted -- growth            one paragraph in 10 k to 80 k articles
//! cargo bench --bench planted -- corpus ant        families, share repeated, time; also a path, .jsonl or .zst
//! cargo bench --bench planted -- gold PREFIX       against PREFIX.jsonl and its gold spans PREFIX.gold_boiler.tsv
//! ```
//!
//! The corpora are looked for in `../shared/data`. Run as a test, it plants one
//! small table in made-up articles.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use twicetold::document::DocId;
use twicetold::passages::{Families, PassageRecipe, TokenTexts, find_families};
use twicetold::text::{Tokens, fold};
use twicetold::watch::Unwatched;

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let bench = arguments.iter().any(|argument| argument == "--bench");
    arguments.retain(|argument| argument != "--bench");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] if bench => planted(),
        [] => tiny(),
        ["planted"] => planted(),
        ["growth"] => growth(),
        ["corpus", name] => corpus(name, 0),
        ["corpus", name, shown] => corpus(name, shown.parse().expect("how many families to show")),
        ["gold", prefix] => gold(prefix),
        _ => panic!("planted | growth | corpus NAME [SHOWN] | gold PREFIX, not {arguments:?}"),
    }
}

// ---- corpora ----

/// The texts of a JSONL file, or of a corpus of `../shared/data`.
fn load(name: &str) -> Vec<String> {
    let path = if name.contains('/') {
        PathBuf::from(name)
    } else {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../shared/data")
            .join(name)
            .join("docs.jsonl.zst")
    };
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let reader: Box<dyn Read> = if path.extension().is_some_and(|extension| extension == "zst") {
        Box::new(zstd::Decoder::new(file).expect("a zstd file"))
    } else {
        Box::new(file)
    };
    BufReader::new(reader)
        .lines()
        .map(|line| {
            let record: serde_json::Value =
                serde_json::from_str(&line.expect("a readable line")).expect("a JSON line");
            record["text"].as_str().expect("a text").to_owned()
        })
        .collect()
}

fn tokenise(texts: &[String]) -> TokenTexts {
    let part = |texts: &[String]| {
        let (mut part, mut tokens) = (TokenTexts::new(), Tokens::new());
        for text in texts {
            tokens.read(text);
            part.push(text, &tokens).expect("fewer tokens than u32 can count");
        }
        part
    };
    let parts = texts.par_chunks(1 << 10).map(part).collect();
    TokenTexts::concat(parts, |_| true).expect("fewer tokens than u32 can count")
}

fn run(texts: &[String], recipe: &PassageRecipe) -> (TokenTexts, Families, Duration) {
    let tokens = tokenise(texts);
    let start = Instant::now();
    let families = find_families(&tokens, recipe, &Unwatched).expect("nothing stops it");
    let time = start.elapsed();
    (tokens, families, time)
}

/// The processor time this process has used, in seconds (Linux; else 0), which
/// a busy machine falsifies less than a clock.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or("").split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// The largest memory this process has had, in MB (Linux; else 0).
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): small, seeded, good enough to
/// draw words.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn chance(&mut self, probability: f64) -> bool {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64 <= probability && probability > 0.0
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

// ---- planting ----

/// Words that are one token each, as they are written.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().filter(|word| !fold(word).is_empty() && !fold(word).contains(' '))
}

/// A copy of `passage` in which each word is changed, dropped or joined by
/// another one with probability `noise`.
fn noisy(passage: &[&str], noise: f64, vocabulary: &[&str], dice: &mut Dice) -> String {
    let mut copy = Vec::new();
    for word in passage {
        if !dice.chance(noise) {
            copy.push(*word);
            continue;
        }
        let other = vocabulary[dice.below(vocabulary.len())];
        match dice.below(3) {
            0 => copy.push(other),
            1 => copy.extend([other, word]),
            _ => {}
        }
    }
    copy.join(" ")
}

/// Puts `copy` into a text between two words and returns the bytes it takes.
/// What stands there already, `taken`, is not cut and moves along.
fn plant(
    text: &mut String,
    taken: &mut Vec<(usize, Range<usize>)>,
    key: usize,
    copy: &str,
    dice: &mut Dice,
) {
    let gaps: Vec<usize> = text
        .match_indices(' ')
        .map(|(at, _)| at)
        .filter(|at| !taken.iter().any(|(_, range)| range.contains(at)))
        .collect();
    let at = if gaps.is_empty() { text.len() } else { gaps[dice.below(gaps.len())] };
    text.insert_str(at, &format!(" {copy}"));
    for (_, range) in taken.iter_mut().filter(|(_, range)| range.start >= at) {
        *range = range.start + copy.len() + 1..range.end + copy.len() + 1;
    }
    taken.push((key, at + 1..at + 1 + copy.len()));
}

/// One cell of the planted table.
struct Setting {
    words: usize,
    noise: f64,
    documents: usize,
    passages: usize,
    /// Whether the first copy is as it was.
    verbatim_first: bool,
}

/// What came of it.
struct Outcome {
    /// Share of copies found: 70 % of them in occurrences of one family, that
    /// with most of the copies. In two documents, both or none.
    recall: f64,
    families: Families,
    texts: Vec<String>,
}

/// Plants passages of `sources` in `hosts` and looks for them.
fn measure(
    hosts: &[String],
    sources: &[String],
    setting: &Setting,
    recipe: &PassageRecipe,
) -> Outcome {
    let Setting { words: length, noise, documents, passages, verbatim_first } = *setting;
    let mut dice = Dice((length * 1_000_003 + documents * 1009) as u64 + (noise * 100.0) as u64);
    let vocabulary: Vec<&str> = hosts.iter().take(2000).flat_map(|text| words(text)).collect();
    let mut texts = hosts.to_vec();
    let mut planted: Vec<Vec<(usize, Range<usize>)>> = vec![Vec::new(); texts.len()];
    let mut free: Vec<usize> = (0..texts.len()).collect();
    dice.shuffle(&mut free);
    let mut free = free.into_iter().cycle();
    for key in 0..passages {
        let passage = loop {
            let source: Vec<&str> = words(&sources[dice.below(sources.len())]).collect();
            if source.len() > length {
                let from = dice.below(source.len() - length);
                break source[from..from + length].to_vec();
            }
        };
        for copy in 0..documents {
            let noise = if copy == 0 && verbatim_first { 0.0 } else { noise };
            let copy = noisy(&passage, noise, &vocabulary, &mut dice);
            let host = free.next().expect("it goes round");
            plant(&mut texts[host], &mut planted[host], key, &copy, &mut dice);
        }
    }
    let (_, families, _) = run(&texts, recipe);
    let recall = recall(&families, &texts, &planted, passages, documents);
    Outcome { recall, families, texts }
}

/// The share of planted copies that are found.
fn recall(
    families: &Families,
    texts: &[String],
    planted: &[Vec<(usize, Range<usize>)>],
    passages: usize,
    documents: usize,
) -> f64 {
    // For each passage, how many of its copies each family holds.
    let mut held: Vec<HashMap<usize, usize>> = vec![HashMap::new(); passages];
    for (family, found) in families.families.iter().enumerate() {
        for occurrence in &found.occurrences {
            for (key, copy) in &planted[occurrence.doc.index()] {
                let start = copy.start.max(occurrence.bytes.start);
                let end = copy.end.min(occurrence.bytes.end).max(start);
                let words = |bytes: Range<usize>| {
                    texts[occurrence.doc.index()][bytes].split_whitespace().count()
                };
                if start < end && words(start..end) * 10 >= words(copy.clone()) * 7 {
                    *held[*key].entry(family).or_default() += 1;
                }
            }
        }
    }
    let found = held.iter().map(|held| held.values().copied().max().unwrap_or(0));
    let found = found.map(|found| if documents == 2 && found < 2 { 0 } else { found });
    found.sum::<usize>() as f64 / (passages * documents) as f64
}

/// Of 1,000 families, drawn at random, how many do not deserve the name: an
/// occurrence that has fewer than 12 folded words in common with the
/// representative, in the same order, or fewer than half of the longer of the
/// two. Counted by the plainest of all algorithms, which shares nothing with
/// the one that is measured. And how many were drawn.
fn false_families(outcome: &Outcome) -> (usize, usize) {
    let mut dice = Dice(11);
    let mut order: Vec<usize> = (0..outcome.families.families.len()).collect();
    dice.shuffle(&mut order);
    order.truncate(1000);
    let drawn = order.len();
    let wrong = order.into_par_iter().filter(|&family| {
        let family = &outcome.families.families[family];
        let folded = |i: usize| {
            let occurrence = &family.occurrences[i];
            fold(&outcome.texts[occurrence.doc.index()][occurrence.bytes.clone()])
        };
        let representative = folded(family.representative);
        let a: Vec<&str> = representative.split(' ').collect();
        (0..family.occurrences.len()).any(|i| {
            let other = folded(i);
            let b: Vec<&str> = other.split(' ').collect();
            let common = longest_common_subsequence(&a, &b);
            common < 12 || 2 * common < a.len().max(b.len())
        })
    });
    (wrong.count(), drawn)
}

fn longest_common_subsequence(a: &[&str], b: &[&str]) -> usize {
    let mut row = vec![0; b.len() + 1];
    for word in a {
        let mut diagonal = 0;
        for (j, other) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if word == other { diagonal + 1 } else { above.max(row[j]) };
            diagonal = above;
        }
    }
    row[b.len()]
}

/// The tables: by length, noise and number of documents, every copy edited, and
/// one left as it was.
fn planted() {
    let hosts = load("ant");
    let sources = load("saudinewsnet");
    let recipe = PassageRecipe::default();
    println!(
        "recall at 0, 5, 10, 20 % noise, every copy edited | one verbatim | false families of those drawn at 20 %"
    );
    for (documents, passages) in [(2, 2000), (10, 400), (100, 50), (10_000, 1)] {
        for words in [15, 20, 40, 60] {
            print!("| {documents} | {words} |");
            let (mut wrong, mut drawn) = (0, 0);
            for verbatim_first in [false, true] {
                for noise in [0.0, 0.05, 0.1, 0.2] {
                    let setting = Setting { words, noise, documents, passages, verbatim_first };
                    let outcome = measure(&hosts, &sources, &setting, &recipe);
                    print!(" {:.4} |", outcome.recall);
                    if noise == 0.2 {
                        let (more_wrong, more_drawn) = false_families(&outcome);
                        (wrong, drawn) = (wrong + more_wrong, drawn + more_drawn);
                    }
                }
            }
            println!(" {wrong} of {drawn} |");
        }
    }
}

/// One small cell in made-up articles: the benchmark itself works.
fn tiny() {
    let article = |seed: usize| {
        let mut dice = Dice(seed as u64);
        (0..80).map(|_| format!("w{}", dice.below(5000))).collect::<Vec<_>>().join(" ")
    };
    let hosts: Vec<String> = (0..40).map(article).collect();
    let sources: Vec<String> = (100..140).map(article).collect();
    let setting =
        Setting { words: 20, noise: 0.05, documents: 2, passages: 20, verbatim_first: false };
    let outcome = measure(&hosts, &sources, &setting, &PassageRecipe::default());
    assert!(outcome.recall > 0.9, "recall {}", outcome.recall);
    let (wrong, drawn) = false_families(&outcome);
    assert!(wrong == 0 && drawn > 15, "{wrong} false families of {drawn}");
    println!("20 passages of 20 words, 5 % noise: recall {:.2}", outcome.recall);
}

// ---- growth ----

/// One 40-word paragraph with 5 % noise in more and more articles, which have
/// nothing else in common: a hundred words each, drawn one by one from the
/// different words of `saudinewsnet`. (Words in a row would repeat by chance,
/// the more so the more articles there are.)
fn growth() {
    let sources = load("saudinewsnet");
    let all: Vec<&str> = sources.iter().flat_map(|text| words(text)).collect();
    let vocabulary = &all[..100_000];
    let paragraph: Vec<&str> = (0..40).map(|i| vocabulary[i * 1999]).collect();
    let mut dice = Dice(5);
    let mut different = vocabulary.to_vec();
    different.sort_unstable();
    different.dedup();
    let mut article = || {
        let words = (0..100).map(|_| different[dice.below(different.len())]);
        words.collect::<Vec<_>>().join(" ")
    };
    println!("articles | s of processor time | with the paragraph | ratio | largest family");
    let mut last = f64::NAN;
    for count in [10_000, 20_000, 40_000, 80_000] {
        let plain: Vec<String> = (0..count).map(|_| article()).collect();
        let mut dice = Dice(6);
        let with: Vec<String> = plain
            .iter()
            .map(|text| format!("{text}\n{}", noisy(&paragraph, 0.05, vocabulary, &mut dice)))
            .collect();
        let mut times = [f64::MAX; 2];
        let mut largest = 0;
        for _ in 0..3 {
            for (texts, time) in [&plain, &with].into_iter().zip(&mut times) {
                let tokens = tokenise(texts);
                let start = cpu_seconds();
                let families = find_families(&tokens, &PassageRecipe::default(), &Unwatched);
                *time = time.min(cpu_seconds() - start);
                let families = families.expect("nothing stops it").families;
                largest = families.first().map_or(0, |family| family.documents);
            }
        }
        let [plain, with] = times;
        println!("| {count} | {plain:.2} | {with:.2} | {:.2} | {largest} |", with / last);
        last = with;
    }
}

// ---- a corpus as it is ----

fn corpus(name: &str, shown: usize) {
    let texts = load(name);
    let bytes: usize = texts.iter().map(String::len).sum();
    let start = Instant::now();
    let tokens = tokenise(&texts);
    let reading = start.elapsed();
    let loaded = peak_mb();
    let start = Instant::now();
    let families =
        find_families(&tokens, &PassageRecipe::default(), &Unwatched).expect("nothing stops it");
    let finding = start.elapsed();
    let mb = bytes as f64 / 1e6;
    let covered = families.covered(texts.len());
    let count = |ranges: &[Range<u32>]| ranges.iter().map(|range| range.len()).sum::<usize>();
    let repeated: usize = covered.iter().map(|ranges| count(ranges)).sum();
    let all: usize = (0..texts.len()).map(|doc| tokens.token_count(DocId(doc as u32))).sum();
    println!(
        "{name}: {} documents, {mb:.1} MB, {all} tokens\n\
         tokens in {reading:.2?} ({:.0} MB/s), families in {finding:.2?} ({:.1} MB/s), both {:.1} MB/s; peak {loaded} MB, then {} MB\n\
         {} families, {} occurrences, {repeated} tokens repeated ({:.1} %); {:?}",
        texts.len(),
        mb / reading.as_secs_f64(),
        mb / finding.as_secs_f64(),
        mb / (reading + finding).as_secs_f64(),
        peak_mb(),
        families.families.len(),
        families.families.iter().map(|family| family.occurrences.len()).sum::<usize>(),
        100.0 * repeated as f64 / all as f64,
        families.limits,
    );
    let (paragraphs, missed) = identical_paragraphs(&texts, &families);
    println!(
        "{paragraphs} paragraphs of 12 words or more stand in two documents; {missed} of them in no occurrence"
    );
    let outcome = Outcome { recall: 1.0, families, texts };
    let (wrong, drawn) = false_families(&outcome);
    println!("{wrong} false families of {drawn} drawn");
    for family in outcome.families.families.iter().take(shown) {
        show(family, &outcome.texts);
    }
}

/// The lines of 12 words or more that stand in two documents, equal once
/// folded; and how many of them lie in no occurrence.
fn identical_paragraphs(texts: &[String], families: &Families) -> (usize, usize) {
    let mut occurrences: Vec<Vec<&Range<usize>>> = vec![Vec::new(); texts.len()];
    for occurrence in families.families.iter().flat_map(|family| &family.occurrences) {
        occurrences[occurrence.doc.index()].push(&occurrence.bytes);
    }
    let lines: Vec<(String, usize, Range<usize>)> = texts
        .par_iter()
        .enumerate()
        .flat_map_iter(|(doc, text)| {
            text.split('\n').map(move |line| {
                let start = line.as_ptr() as usize - text.as_ptr() as usize;
                let trimmed = start + (line.len() - line.trim_start().len());
                (fold(line), doc, trimmed..trimmed + line.trim().len())
            })
        })
        .filter(|(folded, ..)| folded.split(' ').count() >= 12)
        .collect();
    let mut documents: HashMap<&str, HashSet<usize>> = HashMap::new();
    for (folded, doc, _) in &lines {
        documents.entry(folded).or_default().insert(*doc);
    }
    let repeated = lines.iter().filter(|(folded, ..)| documents[folded.as_str()].len() > 1);
    let (mut count, mut missed) = (0, 0);
    for (_, doc, bytes) in repeated {
        count += 1;
        // Punctuation before the first and after the last word may stay outside.
        let (first, last) = letters(&texts[*doc], bytes);
        if !occurrences[*doc].iter().any(|found| found.start <= first && last <= found.end) {
            missed += 1;
        }
    }
    (count, missed)
}

/// Where the first letter or digit of a stretch begins and the last one ends.
fn letters(text: &str, bytes: &Range<usize>) -> (usize, usize) {
    let stretch = &text[bytes.clone()];
    let first = stretch.find(char::is_alphanumeric).unwrap_or(0);
    let last = stretch.rfind(char::is_alphanumeric).unwrap_or(0);
    (bytes.start + first, bytes.start + last)
}

fn show(family: &twicetold::passages::Family, texts: &[String]) {
    let mut identities: Vec<f64> = family.occurrences.iter().map(|found| found.identity).collect();
    identities.sort_by(f64::total_cmp);
    println!(
        "\nin {} documents, {} occurrences, {} tokens, identity from {:.2}, median {:.2}",
        family.documents,
        family.occurrences.len(),
        family.representative().tokens.len(),
        identities[0],
        identities[identities.len() / 2],
    );
    for i in [family.representative, 0, family.occurrences.len() - 1] {
        let found = &family.occurrences[i];
        let text = &texts[found.doc.index()][found.bytes.clone()];
        let start: String = text.chars().take(200).collect();
        println!("  {:.2} {}", found.identity, start.replace(char::is_whitespace, " "));
    }
}

// ---- against gold spans ----

/// Recall of the boilerplate of a generated corpus by what was done to it, and
/// how much of what is flagged in articles without copies is boilerplate.
fn gold(prefix: &str) {
    let texts = load(&format!("{prefix}.jsonl"));
    let mut gold: Vec<Vec<(Range<usize>, String)>> = vec![Vec::new(); texts.len()];
    let table =
        std::fs::read_to_string(format!("{prefix}.gold_boiler.tsv")).expect("the gold spans");
    for line in table.lines() {
        let [doc, _, start, end, kind] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let doc: usize = doc.parse().expect("a line number");
        let byte = |chars: &str| {
            let chars: usize = chars.parse().expect("a number of characters");
            texts[doc].char_indices().nth(chars).map_or(texts[doc].len(), |(at, _)| at)
        };
        gold[doc].push((byte(start)..byte(end), kind.to_owned()));
    }
    let alone: Vec<bool> = std::fs::read_to_string(format!("{prefix}.gold_docs.tsv"))
        .expect("the gold stories")
        .lines()
        .map(|line| line.split('\t').nth(1) == Some("-1"))
        .collect();
    let (tokens, families, time) = run(&texts, &PassageRecipe::default());
    let mut flagged: Vec<Vec<Range<usize>>> = Vec::new();
    for (doc, ranges) in families.covered(texts.len()).into_iter().enumerate() {
        let bytes = |range| tokens.bytes(DocId(doc as u32), range);
        flagged.push(ranges.iter().map(bytes).collect());
    }
    let chars = |doc: usize, bytes: Range<usize>| texts[doc][bytes].chars().count();
    let shared = |doc: usize, a: &Range<usize>, b: &Range<usize>| {
        let start = a.start.max(b.start);
        chars(doc, start..a.end.min(b.end).max(start))
    };
    // All, and those in articles that have no copies.
    let mut by_kind: std::collections::BTreeMap<&str, [(usize, usize); 2]> = Default::default();
    let (mut right, mut all) = (0, 0);
    for doc in 0..texts.len() {
        for (span, kind) in &gold[doc] {
            let found: usize = flagged[doc].iter().map(|range| shared(doc, range, span)).sum();
            let is_found = found * 10 >= chars(doc, span.clone()) * 8;
            let counts = by_kind.entry(kind).or_default();
            for (hits, spans) in &mut counts[..1 + usize::from(alone[doc])] {
                *hits += usize::from(is_found);
                *spans += 1;
            }
        }
        if alone[doc] {
            for range in &flagged[doc] {
                all += chars(doc, range.clone());
                right += gold[doc].iter().map(|(span, _)| shared(doc, range, span)).sum::<usize>();
            }
        }
    }
    println!(
        "{} documents, {} families, {time:.2?}, peak {} MB; {:?}",
        texts.len(),
        families.families.len(),
        peak_mb(),
        families.limits
    );
    for (kind, counts) in by_kind {
        let [all, alone] = counts.map(|(hits, spans)| {
            format!("{hits} of {spans} spans, {:.4}", hits as f64 / spans as f64)
        });
        println!("{kind:>4}: {all}; in articles without copies {alone}");
    }
    println!(
        "of {all} characters flagged in articles without copies, {:.4} are boilerplate",
        right as f64 / all as f64
    );
}
