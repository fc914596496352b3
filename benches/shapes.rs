//! Whole runs over corpora of extreme shapes: what an article costs when all
//! are different, all the same, or all of one template.
//!
//! `cargo bench --bench shapes` prints the time per article, medians of
//! [`REPEATS`] runs taken in turns, and its ratio to that of different
//! articles. `cargo bench --bench shapes -- 10000` takes fewer articles.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Runs of each shape.
const REPEATS: usize = 3;
/// Articles of each shape, unless told otherwise.
const ARTICLES: usize = 100_000;
/// Words of an article, about those of a short agency report.
const WORDS: usize = 150;
/// Different words; news of a year has about as many common ones.
const VOCABULARY: u64 = 30_000;

/// Linear congruential generator with Knuth's constants: the same corpus on
/// every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % bound
    }

    /// A word: frequent ones more often, roughly as in a language.
    fn word(&mut self) -> String {
        let rank = self.below(VOCABULARY).min(self.below(VOCABULARY)).min(self.below(VOCABULARY));
        let consonants = b"bdfgklmnprstvz";
        let vowels = b"aeiou";
        let (mut rest, mut word) = (rank + 7, String::new());
        while rest > 0 {
            word.push(consonants[(rest % 14) as usize] as char);
            word.push(vowels[(rest / 14 % 5) as usize] as char);
            rest /= 70;
        }
        word
    }

    fn text(&mut self) -> String {
        let words: Vec<String> = (0..WORDS).map(|_| self.word()).collect();
        words.join(" ")
    }
}

/// A corpus as JSON lines.
fn corpus(articles: usize, mut text: impl FnMut(usize) -> String) -> String {
    let mut lines = String::new();
    for number in 0..articles {
        writeln!(lines, "{{\"id\":\"{number}\",\"text\":\"{}\"}}", text(number))
            .expect("a String takes every write");
    }
    lines
}

/// Seconds of one whole run, and what it says it found.
fn run(file: &Path, out: &Path) -> (f64, String) {
    let start = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_twicetold"))
        .args(["dedup", "--overwrite", "--out"])
        .args([out, file])
        .stderr(Stdio::piped())
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seconds = start.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let kept = said.lines().find(|line| line.contains(" kept ")).unwrap_or_default();
    (seconds, kept.trim().to_owned())
}

fn main() {
    let articles = std::env::args()
        .skip(1)
        .find_map(|word| word.replace('_', "").parse().ok())
        .unwrap_or(ARTICLES);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut random, template) = (Random(1), Random(2).text());
    let same = template.clone();
    let (head, tail) = template.split_at(template.len() / 2);
    let shapes: [(&str, String); 3] = [
        ("all different", corpus(articles, |_| random.text())),
        ("all the same", corpus(articles, |_| same.clone())),
        ("one template, one number", corpus(articles, |number| format!("{head} {number} {tail}"))),
    ];
    let mut seconds = vec![Vec::new(); shapes.len()];
    let mut found = vec![String::new(); shapes.len()];
    for (number, (_, lines)) in shapes.iter().enumerate() {
        fs::write(folder.path().join(format!("{number}.jsonl")), lines).expect("can be written");
    }
    for _ in 0..REPEATS {
        for number in 0..shapes.len() {
            let file = folder.path().join(format!("{number}.jsonl"));
            let (took, kept) = run(&file, &folder.path().join(format!("out{number}")));
            seconds[number].push(took);
            found[number] = kept;
        }
    }
    let medians: Vec<f64> = seconds
        .iter_mut()
        .map(|runs| {
            runs.sort_by(f64::total_cmp);
            runs[runs.len() / 2]
        })
        .collect();
    println!("{articles} articles of {WORDS} words, medians of {REPEATS} whole runs\n");
    println!("| shape | us per article | ratio | outcome |");
    println!("|---|--:|--:|---|");
    for ((name, _), (median, kept)) in shapes.iter().zip(medians.iter().zip(&found)) {
        let each = median * 1e6 / articles as f64;
        println!("| {name} | {each:.1} | {:.2} | {kept} |", median / medians[0]);
    }
}
