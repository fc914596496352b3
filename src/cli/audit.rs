//! `twicetold audit`: what the MinHash engine would miss, measured on a sample.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use twicetold::dedup::audit::{Audit, Sample, Step};
use twicetold::dedup::{Scratch, prepare};
use twicetold::evaluation::share_interval;
use twicetold::io::read;
use twicetold::report::{grouped, plural};

use super::args::AuditArgs;
use super::corpus::{Corpus, say, took, write_whole};
use super::{EXIT_TROUBLE, print, settings};

/// Everything that is told of an audit.
#[derive(Serialize)]
struct Told {
    program: &'static str,
    version: &'static str,
    recipe: twicetold::recipe::Recipe,
    seed: u64,
    recall: Option<f64>,
    /// The 95 % confidence interval of the recall, as if pairs were
    /// independent.
    recall_interval: (f64, f64),
    /// Of the pairs offered, the share at or above the threshold; all others
    /// are turned down when they are verified.
    candidate_precision: Option<f64>,
    #[serde(flatten)]
    audit: Audit,
}

/// Does what `twicetold audit` was asked for.
pub(crate) fn run(args: &AuditArgs) -> Result<ExitCode> {
    let recipe = settings::recipe(&args.recipe)?;
    let Corpus { inputs, options, progress, threads, talk, .. } =
        Corpus::open(&args.input, &args.run, None, false)?;
    let mut sample = Sample::new(recipe.clone(), args.sample, args.seed);
    let report = read(
        &inputs,
        &options,
        &progress,
        Scratch::default,
        |scratch, document| prepare(&recipe, scratch, document),
        |prepared| {
            sample.take(&prepared);
            Ok(())
        },
    )?;
    let kernel = settings::kernel(&args.run);
    let audit = threads.install(|| sample.finish(kernel, &progress))?;
    let timings = progress.finish();
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let told = Told {
        program: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        recipe,
        seed: args.seed,
        recall: share(audit.found, audit.pairs),
        recall_interval: share_interval(audit.found, audit.pairs),
        candidate_precision: share(audit.found, audit.candidates),
        audit,
    };
    let mut json = serde_json::to_vec_pretty(&told)?;
    json.push(b'\n');
    if let Some(out) = &args.out {
        write_whole(out, &json)?;
    }
    match args.json {
        true => print(&json)?,
        false => print(text(&told).as_bytes())?,
    }
    talk.bad_records(&report);
    if !talk.quiet {
        let seconds = timings.iter().map(|timing| timing.seconds).sum();
        say(&format!("audited in {}", took(seconds, &report)));
    }
    let bad_matters = !report.bad.is_empty() && !args.input.allow_bad;
    Ok(ExitCode::from(if bad_matters { EXIT_TROUBLE } else { 0 }))
}

/// The audit for people.
fn text(told: &Told) -> String {
    let Told { audit, recall_interval: (low, high), .. } = told;
    let figure = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.4}"));
    let mut text = format!(
        "{} read, {} in the sample, {} of them\n\
         MinHash in {} bands of {} slots, for pairs with a Jaccard similarity of {} or more\n\
         recall     {}  ({low:.4} to {high:.4}, 95 %)  {} of {}\n\
         precision  {}  after verification; of {} {} are matches\n\n\
         similarity       pairs      found  recall  promised\n",
        plural(audit.documents, "article"),
        grouped(audit.sampled),
        plural(audit.texts, "different text"),
        audit.bands,
        audit.rows,
        audit.threshold,
        figure(told.recall),
        grouped(audit.found),
        plural(audit.pairs, "pair"),
        figure((audit.found > 0).then_some(1.0)),
        plural(audit.candidates, "candidate"),
        grouped(audit.found),
    );
    for Step { from, to, pairs, found, promised } in &audit.curve {
        let mut line = |recall: String, promised: String| {
            let (pairs, found) = (grouped(*pairs), grouped(*found));
            let _ = writeln!(
                text,
                "{from:.2} to {to:.2} {pairs:>9}  {found:>9}  {recall:>6}  {promised:>8}"
            );
        };
        match *pairs {
            0 => line("-".to_owned(), "-".to_owned()),
            _ => line(format!("{:.4}", *found as f64 / *pairs as f64), format!("{promised:.4}")),
        }
    }
    text
}
