//! A corpus and its gold files on disk.
//!
//! | file | a line |
//! |---|---|
//! | `PREFIX.jsonl` | `{id, text, date, source, lang}` |
//! | `PREFIX.gold_docs.tsv` | id, story or -1, parent's id or -, kind of edit |
//! | `PREFIX.gold_pairs.tsv` | two line numbers from 0, Jaccard similarity of their folded word 3-grams, of 5-grams |
//! | `PREFIX.gold_boiler.tsv` | line number, paragraph, first and last character (exclusive), edits |
//!
//! The pairs are those within a story; of one with more than
//! [`PAIRS_STORY_MAX`] versions, those with its first version.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;
use twicetold::matching::similarity::{Similarity, shared_at_least};
use twicetold::text::{Tokens, shingles};

use super::language::Script;
use super::{Article, Corpus};

/// Up to so many versions all pairs of a story are compared.
pub(crate) const PAIRS_STORY_MAX: usize = 100;

/// Articles written by one thread before their turn comes: a few megabytes.
const CHUNK: u32 = 1_000;
/// Stories compared likewise.
const STORIES: usize = 200;

#[derive(Serialize)]
struct Record<'a> {
    id: String,
    text: &'a str,
    date: String,
    source: &'a str,
    lang: &'a str,
}

/// Writes `PREFIX.jsonl`; gives back how many bytes that are.
pub(crate) fn records(corpus: &Corpus, prefix: &Path) -> io::Result<u64> {
    let mut out = BufWriter::new(File::create(named(prefix, "jsonl"))?);
    let mut bytes = 0;
    in_chunks(corpus, |number, article, lines| {
        let record = Record {
            id: id(number),
            text: &article.text,
            date: date(article.day),
            source: article.source,
            lang: match article.script {
                Script::Arabic => "ar",
                Script::English => "en",
            },
        };
        serde_json::to_writer(&mut *lines, &record).expect("strings are JSON");
        lines.push(b'\n');
    })
    .try_for_each(|lines| {
        bytes += lines.len() as u64;
        out.write_all(&lines)
    })?;
    out.flush()?;
    Ok(bytes)
}

/// Writes the gold files.
pub(crate) fn gold(corpus: &Corpus, prefix: &Path) -> io::Result<()> {
    let mut documents = BufWriter::new(File::create(named(prefix, "gold_docs.tsv"))?);
    in_chunks(corpus, |number, article, lines| {
        let story = article.story.map_or(-1, i64::from);
        let parent = article.parent.map_or("-".to_owned(), id);
        writeln!(lines, "{}\t{story}\t{parent}\t{}", id(number), article.kind)
            .expect("memory takes every write");
    })
    .try_for_each(|lines| documents.write_all(&lines))?;
    documents.flush()?;

    let mut boilerplate = BufWriter::new(File::create(named(prefix, "gold_boiler.tsv"))?);
    in_chunks(corpus, |number, article, lines| {
        for (paragraph, start, end) in &article.boilerplate {
            let first = article.text[..*start].chars().count();
            let last = first + article.text[*start..*end].chars().count();
            writeln!(lines, "{number}\t{}\t{first}\t{last}\t{}", paragraph.name, paragraph.edits)
                .expect("memory takes every write");
        }
    })
    .try_for_each(|lines| boilerplate.write_all(&lines))?;
    boilerplate.flush()?;

    let mut pairs = BufWriter::new(File::create(named(prefix, "gold_pairs.tsv"))?);
    for stories in corpus.stories().chunks(STORIES) {
        let lines: Vec<String> =
            stories.par_iter().map(|members| pairs_of(corpus, members)).collect();
        lines.iter().try_for_each(|lines| pairs.write_all(lines.as_bytes()))?;
    }
    pairs.flush()
}

/// The pairs of one story.
fn pairs_of(corpus: &Corpus, members: &[u32]) -> String {
    let mut tokens = Tokens::new();
    let mut sets_of = |number: u32| {
        tokens.read(&corpus.article(number).text);
        [3, 5].map(|words| {
            let mut set = Vec::new();
            shingles(&tokens, words, &mut set);
            set.sort_unstable();
            set.dedup();
            set
        })
    };
    let all = members.len() <= PAIRS_STORY_MAX;
    let mut sets: Vec<[Vec<u64>; 2]> = Vec::new();
    let mut lines = String::new();
    for (at, &number) in members.iter().enumerate() {
        let set = sets_of(number);
        for (&other, before) in members[..at].iter().zip(&sets) {
            let [threes, fives] = [0, 1].map(|n| jaccard(&set[n], &before[n]));
            let (first, second) = (number.min(other), number.max(other));
            writeln!(lines, "{first}\t{second}\t{threes:.4}\t{fives:.4}")
                .expect("a String takes every write");
        }
        if all || at == 0 {
            sets.push(set);
        }
    }
    lines
}

fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let shared = shared_at_least(a, b, 0).expect("any number will do");
    Similarity { shared, left: a.len() as u32, right: b.len() as u32 }.jaccard()
}

/// What `line` makes of every article, in order, in pieces.
fn in_chunks<'c>(
    corpus: &'c Corpus,
    line: impl Fn(u32, Article, &mut Vec<u8>) + Sync + 'c,
) -> impl Iterator<Item = Vec<u8>> + 'c {
    let lanes = 4 * rayon::current_num_threads() as u32;
    (0..corpus.len()).step_by((CHUNK * lanes) as usize).flat_map(move |start| {
        let chunks: Vec<Vec<u8>> = (0..lanes)
            .into_par_iter()
            .map(|lane| {
                let first = start.saturating_add(lane * CHUNK).min(corpus.len());
                let mut lines = Vec::new();
                for number in first..first.saturating_add(CHUNK).min(corpus.len()) {
                    line(number, corpus.article(number), &mut lines);
                }
                lines
            })
            .collect();
        chunks
    })
}

fn named(prefix: &Path, end: &str) -> PathBuf {
    let mut name = prefix.as_os_str().to_owned();
    name.push(".");
    name.push(end);
    name.into()
}

fn id(number: u32) -> String {
    format!("n{number:07}")
}

/// Days since 2023-01-01 as a date; 2023 has 365 days, as has every year here
/// but 2024.
fn date(day: usize) -> String {
    let first = jiff::civil::date(2023, 1, 1);
    let days = i32::try_from(day).expect("two years of days");
    first.checked_add(jiff::Span::new().days(days)).expect("a date of this century").to_string()
}
