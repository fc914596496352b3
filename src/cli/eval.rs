//! `twicetold eval`: scores an outcome, or any program's, against labels.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use twicetold::Error;
use twicetold::evaluation::pairs::Judged;
use twicetold::evaluation::spans::Passage;
use twicetold::evaluation::{Draws, Measure, clusters, pairs, spans};
use twicetold::io::{Labels, judgement};
use twicetold::report::{grouped, plural};
use twicetold::visible::visible;

use super::args::EvalArgs;
use super::corpus::{say, write_whole};
use super::print;

/// The columns a table may have; beside them that of a pair's judgement.
const COLUMNS: [&str; 8] = ["id", "cluster", "a", "b", "start", "end", "family", "keeper"];
const ID: usize = 0;
const CLUSTER: usize = 1;
const A: usize = 2;
const B: usize = 3;
const START: usize = 4;
const END: usize = 5;
const FAMILY: usize = 6;
const KEEPER: usize = 7;
const JUDGEMENT: usize = 8;

/// What is scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Clusters,
    Pairs,
    Passages,
}

/// Everything that is told of an evaluation.
#[derive(Serialize)]
struct Evaluation {
    program: &'static str,
    version: &'static str,
    gold: String,
    said: String,
    kind: Kind,
    /// Gold documents, pairs or passages.
    gold_rows: usize,
    /// Gold documents that are in no cluster, or have no passage, of what is
    /// scored.
    gold_documents_not_met: usize,
    draws: u32,
    seed: u64,
    confidence: f64,
    measures: Vec<Measure>,
}

/// Does what `twicetold eval` was asked for.
pub(crate) fn run(args: &EvalArgs) -> Result<ExitCode> {
    let mut names: Vec<&str> = COLUMNS.into_iter().chain([args.label.as_str()]).collect();
    let gold = Labels::read(&args.gold, args.columns.as_deref(), &names)?;
    let kind = kind(&gold).with_context(|| {
        format!(
            "{}: its columns are neither id and cluster, nor a and b, nor id, start and end; name \
             them with --columns",
            gold.file
        )
    })?;
    if args.bytes {
        // Gold in bytes is compared with the columns that are in bytes.
        (names[START], names[END]) = ("start_byte", "end_byte");
    }
    let said = Labels::read(&said_path(args, kind)?, None, &names)?;
    let draws = Draws { count: args.draws, seed: args.seed };
    let mut ids = Ids::default();
    let (measures, not_met) = match kind {
        Kind::Clusters => score_clusters(&gold, &said, &mut ids, draws)?,
        Kind::Pairs => score_pairs(&gold, &said, &mut ids, draws)?,
        Kind::Passages => score_passages(&gold, &said, &mut ids, draws)?,
    };
    let evaluation = Evaluation {
        program: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        gold: gold.file,
        said: said.file,
        kind,
        gold_rows: gold.rows.len(),
        gold_documents_not_met: not_met,
        draws: draws.count,
        seed: draws.seed,
        confidence: Draws::CONFIDENCE,
        measures,
    };
    let mut json = serde_json::to_vec_pretty(&evaluation)?;
    json.push(b'\n');
    if let Some(out) = &args.out {
        write_whole(out, &json)?;
    }
    match args.json {
        true => print(&json)?,
        false => print(text(&evaluation).as_bytes())?,
    }
    if not_met > 0 && !args.quiet {
        let lacks = match (kind, not_met) {
            (Kind::Passages, 1) => "has no passage",
            (Kind::Passages, _) => "have no passage",
            (_, 1) => "is in no cluster",
            (..) => "are in no cluster",
        };
        say(&format!(
            "{} of the gold {lacks} there: found to be told once, or not in the corpus",
            plural(not_met as u64, "document")
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn kind(gold: &Labels) -> Option<Kind> {
    let has = |columns: &[usize]| columns.iter().all(|column| gold.has[*column]);
    if has(&[ID, START, END]) {
        Some(Kind::Passages)
    } else if has(&[ID, CLUSTER]) {
        Some(Kind::Clusters)
    } else {
        has(&[A, B]).then_some(Kind::Pairs)
    }
}

/// The table that is scored.
fn said_path(args: &EvalArgs, kind: Kind) -> Result<PathBuf> {
    let (outcome, table) = match (&args.pred, &args.outcome, kind) {
        (Some(table), _, _) => return Ok(table.clone()),
        (None, Some(outcome), Kind::Passages) => (outcome, "occurrences"),
        (None, Some(outcome), Kind::Clusters | Kind::Pairs) => (outcome, "removed"),
        (None, None, _) => bail!("name an outcome, or a table with --pred"),
    };
    ["jsonl", "csv"]
        .into_iter()
        .map(|extension| outcome.join(format!("{table}.{extension}")))
        .find(|path| path.is_file())
        .with_context(|| {
            format!(
                "{}: there is no {table}.jsonl in it; this gold needs the outcome of `twicetold \
                 {}`",
                outcome.display(),
                if kind == Kind::Passages { "passages" } else { "dedup" }
            )
        })
}

/// Numbers for names.
#[derive(Default)]
struct Ids(HashMap<String, u32>);

impl Ids {
    fn number(&mut self, name: &str) -> u32 {
        let next = self.0.len() as u32;
        match self.0.get(name) {
            Some(number) => *number,
            None => *self.0.entry(name.to_owned()).or_insert(next),
        }
    }
}

fn bad(labels: &Labels, line: u64, cause: impl Into<String>) -> Error {
    Error::BadRecord { file: labels.file.clone(), line, cause: cause.into() }
}

/// For each document its cluster, by number; those in none are left out. Of
/// `removed.jsonl` each row tells of two documents: the keeper is in the
/// cluster too.
fn clusters_of(labels: &Labels, ids: &mut Ids) -> Result<HashMap<u32, u32>> {
    if !labels.has[ID] || !labels.has[CLUSTER] {
        bail!("{}: it has no columns id and cluster", labels.file);
    }
    let mut names = Ids::default();
    let mut clusters = HashMap::new();
    for (line, row) in &labels.rows {
        if row[ID].is_empty() {
            return Err(bad(labels, *line, "the id is empty").into());
        }
        // As clustering libraries write "in no cluster".
        if matches!(row[CLUSTER].as_str(), "" | "-1") {
            ids.number(&row[ID]);
            continue;
        }
        let cluster = names.number(&row[CLUSTER]);
        for id in [&row[ID], &row[KEEPER]].into_iter().filter(|id| !id.is_empty()) {
            if *clusters.entry(ids.number(id)).or_insert(cluster) != cluster {
                let cause = format!("`{}` is in two clusters; ids must be unique", visible(id));
                return Err(bad(labels, *line, cause).into());
            }
        }
    }
    Ok(clusters)
}

/// A cluster number for each document, those in none in one of their own.
fn numbered(documents: &[u32], clusters: &HashMap<u32, u32>) -> Vec<u32> {
    let mut next = clusters.values().max().map_or(0, |last| last + 1);
    documents
        .iter()
        .map(|document| {
            clusters.get(document).copied().unwrap_or_else(|| {
                next += 1;
                next - 1
            })
        })
        .collect()
}

type Scored = (Vec<Measure>, usize);

/// Documents that are not in the gold are left out of what is scored.
fn score_clusters(gold: &Labels, said: &Labels, ids: &mut Ids, draws: Draws) -> Result<Scored> {
    let gold = clusters_of(gold, ids)?;
    let documents: Vec<u32> = (0..ids.0.len() as u32).collect();
    let said = clusters_of(said, ids)?;
    let not_met = documents.iter().filter(|document| !said.contains_key(document)).count();
    let (gold, said) = (numbered(&documents, &gold), numbered(&documents, &said));
    Ok((clusters::score(&gold, &said, draws), not_met))
}

fn score_pairs(gold: &Labels, said: &Labels, ids: &mut Ids, draws: Draws) -> Result<Scored> {
    let mut judged = Vec::new();
    for (line, row) in &gold.rows {
        let is = match judgement(&row[JUDGEMENT]) {
            Some(is) => is,
            // Without judgements, all pairs of the table are duplicates.
            None if !gold.has[JUDGEMENT] => true,
            None => {
                let cause = format!(
                    "`{}` is neither 1, true or yes nor 0, false or no; name the column of the \
                     judgement with --label",
                    visible(&row[JUDGEMENT])
                );
                return Err(bad(gold, *line, cause).into());
            }
        };
        if row[A].is_empty() || row[B].is_empty() {
            return Err(bad(gold, *line, "an id is empty").into());
        }
        judged.push((ids.number(&row[A]), ids.number(&row[B]), is));
    }
    let documents = ids.0.len() as u32;
    let said = clusters_of(said, ids)?;
    let not_met = (0..documents).filter(|document| !said.contains_key(document)).count();
    let pairs: Vec<Judged> = judged
        .into_iter()
        .map(|(a, b, is)| {
            let together = said.get(&a).is_some_and(|cluster| said.get(&b) == Some(cluster));
            Judged { is, said: together || a == b }
        })
        .collect();
    Ok((pairs::score(&pairs, draws), not_met))
}

fn passages_of(labels: &Labels, ids: &mut Ids) -> Result<Vec<Passage>> {
    if ![ID, START, END].iter().all(|column| labels.has[*column]) {
        bail!("{}: it has no columns id, start and end", labels.file);
    }
    let mut families = Ids::default();
    let number = |line: u64, text: &str| {
        text.parse::<u64>()
            .map_err(|_| bad(labels, line, format!("`{}` is no place", visible(text))))
    };
    labels
        .rows
        .iter()
        .map(|(line, row)| {
            let place = number(*line, &row[START])?..number(*line, &row[END])?;
            if place.is_empty() {
                let cause = format!("the passage from {} to {} is empty", place.start, place.end);
                return Err(bad(labels, *line, cause).into());
            }
            let family = families.number(&row[FAMILY]);
            Ok(Passage { document: ids.number(&row[ID]), place, family })
        })
        .collect()
}

fn score_passages(gold: &Labels, said: &Labels, ids: &mut Ids, draws: Draws) -> Result<Scored> {
    let gold = passages_of(gold, ids)?;
    let documents = ids.0.len() as u32;
    let said = passages_of(said, ids)?;
    let met: HashSet<u32> = said.iter().map(|passage| passage.document).collect();
    let not_met = (0..documents).filter(|document| !met.contains(document)).count();
    Ok((spans::score(gold, said, draws), not_met))
}

/// The measures as a table for people.
fn text(evaluation: &Evaluation) -> String {
    let mut text = String::new();
    let width = evaluation.measures.iter().map(|m| m.name.len()).max().unwrap_or(0);
    for Measure { name, value, interval, of, of_what } in &evaluation.measures {
        let value = value.map_or("-".to_owned(), |value| format!("{value:.4}"));
        let interval =
            interval.map_or(String::new(), |(low, high)| format!("{low:.4} to {high:.4}"));
        let of = format!("of {} {of_what}", grouped(*of));
        let _ = writeln!(text, "{name:<width$}  {value:>6}  {interval:<16}  {of}");
    }
    text
}
