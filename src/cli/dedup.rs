//! `twicetold dedup`: reads a corpus, drops its near-duplicate articles,
//! writes what it did.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use twicetold::dedup::{Dedup, Dropped, Outcome, Scratch, prepare};
use twicetold::document::{DocId, Place};
use twicetold::hash::Hash128;
use twicetold::io::Inputs;
use twicetold::io::{Fate, Rewrite, rewrite};
use twicetold::io::{ReadReport, read};
use twicetold::io::{SUMMARY, Staging};
use twicetold::report::{
    BadRow, BadSummary, InputFileSummary, InputSummary, Summary, Tables, plural, size,
};
use twicetold::watch::Watch;

use super::args::DedupArgs;
use super::progress::Progress;
use super::{EXIT_TROUBLE, listen_for_interrupts, print, settings};

/// How many bad records the summary quotes.
const BAD_QUOTED_MAX: usize = 10;

/// Does what `twicetold dedup` was asked for.
pub(crate) fn run(args: &DedupArgs) -> Result<ExitCode> {
    let recipe = settings::recipe(&args.recipe)?;
    let options = settings::read_options(&args.input, &args.run)?;
    let progress = Progress::new(args.run.quiet, listen_for_interrupts()?);
    let threads = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .build()
        .context("cannot start threads")?;

    let inputs = Inputs::find(
        &args.input.inputs,
        settings::format(&args.input),
        Box::new(io::stdin()),
        &progress,
    )?;
    let staging = match &args.out {
        Some(out) => {
            inputs.check_output(out)?;
            Some(Staging::new(out, args.overwrite)?)
        }
        None => None,
    };
    let talk = Talk { quiet: args.run.quiet, verbose: args.run.verbose > 0 };
    talk.inputs(&inputs);

    let mut dedup = Dedup::new(recipe.clone());
    let report = read(
        &inputs,
        &options,
        &progress,
        Scratch::default,
        |scratch, document| prepare(&recipe, scratch, document),
        |prepared| dedup.take(prepared),
    )?;
    let kernel = settings::kernel(&args.run);
    let outcome = threads.install(|| dedup.finish(kernel, &progress))?;

    let writing = Writing { args, inputs: &inputs, report: &report, outcome: &outcome };
    if let Some(staging) = &staging {
        threads.install(|| writing.records(staging, &progress))?;
        writing.tables(staging, &progress)?;
    }
    let summary = writing.summary(&progress);
    let mut json = serde_json::to_vec_pretty(&summary)?;
    json.push(b'\n');
    if let Some(staging) = staging {
        let mut file = staging.file(SUMMARY)?;
        file.write(&json)?;
        file.finish()?;
        progress.check()?;
        staging.commit()?;
    }
    if args.json {
        print(&json)?;
    }
    talk.summary(&summary, args, &report);
    let bad_matters = !report.bad.is_empty() && !args.input.allow_bad;
    Ok(ExitCode::from(if bad_matters { EXIT_TROUBLE } else { 0 }))
}

/// Everything that the output of a run is made of.
struct Writing<'a> {
    args: &'a DedupArgs,
    inputs: &'a Inputs,
    report: &'a ReadReport,
    outcome: &'a Outcome,
}

impl Writing<'_> {
    /// The names of the input files, by number.
    fn names(&self) -> Vec<String> {
        self.report.files.iter().map(|file| file.name.clone()).collect()
    }

    /// `kept/`, `removed/` and `bad/`.
    fn records(&self, staging: &Staging, watch: &dyn Watch) -> Result<()> {
        let documents: Vec<(Place, Hash128)> = self
            .outcome
            .articles
            .iter()
            .map(|article| (article.place, article.record_hash))
            .collect();
        let names = self.names();
        let annotation = Annotation { outcome: self.outcome, tables: self.tables_of(&names) };
        let members = |document| annotation.members(document);
        let annotate = self.args.annotate;
        let dropped = &self.outcome.dropped;
        let fate = |document: usize| {
            if annotate || dropped[document].is_none() { Fate::Keep } else { Fate::Remove }
        };
        let how = Rewrite {
            fate: &fate,
            annotate: annotate.then_some(&members),
            discard: self.args.discard,
        };
        rewrite(self.inputs, self.report, &documents, how, staging, watch)?;
        Ok(())
    }

    fn tables_of<'a>(&'a self, names: &'a [String]) -> Tables<'a> {
        Tables::new(self.outcome, names)
    }

    /// `removed.jsonl`, `clusters.jsonl`, `related.jsonl` and, where there is
    /// something to say, `bad.jsonl`.
    fn tables(&self, staging: &Staging, watch: &dyn Watch) -> Result<()> {
        let names = self.names();
        let tables = self.tables_of(&names);
        write_table(staging, "removed.jsonl", tables.removed(), watch)?;
        write_table(staging, "clusters.jsonl", tables.clusters(), watch)?;
        write_table(staging, "related.jsonl", tables.related(), watch)?;
        if !self.report.bad.is_empty() {
            let rows = self.report.bad.iter().map(|bad| BadRow {
                file: &names[bad.place.file as usize],
                line: bad.place.line,
                cause: &bad.cause,
            });
            write_table(staging, "bad.jsonl", rows, watch)?;
        }
        Ok(())
    }

    fn summary(&self, progress: &Progress) -> Summary {
        let files = &self.report.files;
        let input = InputSummary {
            documents: self.report.documents,
            bytes: files.iter().map(|file| file.bytes_on_disk).sum(),
            unpacked_bytes: files.iter().map(|file| file.bytes).sum(),
            files: files
                .iter()
                .map(|file| InputFileSummary {
                    name: file.name.clone(),
                    bytes: file.bytes_on_disk,
                    documents: file.documents,
                    bad: file.bad,
                    xxh128: file.checksum,
                })
                .collect(),
        };
        let bad = &self.report.bad;
        let bad_records = BadSummary {
            count: bad.len() as u64,
            first: bad
                .iter()
                .take(BAD_QUOTED_MAX)
                .map(|bad| format!("{}:{}: {}", bad.file, bad.place.line, bad.cause))
                .collect(),
        };
        Summary::new(self.outcome, self.args.annotate, input, bad_records, progress.finish())
    }
}

fn write_table<R: serde::Serialize>(
    staging: &Staging,
    name: &str,
    rows: impl Iterator<Item = R>,
    watch: &dyn Watch,
) -> Result<()> {
    let mut table = staging.jsonl(name)?;
    for row in rows {
        watch.check()?;
        table.write(&row)?;
    }
    table.finish()?;
    Ok(())
}

/// What `--annotate` adds to each record.
struct Annotation<'a> {
    outcome: &'a Outcome,
    tables: Tables<'a>,
}

impl Annotation<'_> {
    /// JSON members, without the braces around them.
    fn members(&self, document: usize) -> String {
        let json = |value: serde_json::Value| value.to_string();
        let dropped: Option<&Dropped> = self.outcome.dropped[document].as_ref();
        let cluster = self.outcome.cluster_of(DocId(document as u32));
        let size =
            cluster.map_or(1, |number| self.outcome.clusters[number as usize - 1].members.len());
        format!(
            "\"cluster_id\":{},\"is_duplicate\":{},\"duplicate_of\":{},\"jaccard\":{},\
             \"cluster_size\":{size}",
            json(cluster.into()),
            dropped.is_some(),
            json(dropped.map(|dropped| self.tables.id(dropped.keeper)).into()),
            json(dropped.map(|dropped| dropped.similarity.jaccard()).into()),
        )
    }
}

/// What is said on stderr.
struct Talk {
    quiet: bool,
    verbose: bool,
}

impl Talk {
    /// What is about to be read, where there is something a user may not
    /// expect.
    fn inputs(&self, inputs: &Inputs) {
        if self.quiet {
            return;
        }
        if !inputs.repeated.is_empty() {
            say(&format!(
                "{} named more than once, read once",
                plural(inputs.repeated.len() as u64, "file")
            ));
        }
        if inputs.others > 0 {
            let named: Vec<String> = inputs
                .others_named
                .iter()
                .map(|path| twicetold::visible::visible(&path.to_string_lossy()).into_owned())
                .collect();
            let more = if inputs.others > named.len() as u64 { ", ..." } else { "" };
            say(&format!(
                "{} of another kind passed over: {}{more}",
                plural(inputs.others, "file"),
                named.join(", ")
            ));
        }
        if self.verbose {
            for file in &inputs.files {
                say(&format!("reading {} ({})", file.shown(), size(file.bytes)));
            }
        }
    }

    fn summary(&self, summary: &Summary, args: &DedupArgs, report: &ReadReport) {
        if self.quiet {
            return;
        }
        say(summary.text().trim_end());
        for bad in report.bad.iter().take(BAD_QUOTED_MAX) {
            say(&format!("bad record: {}:{}: {}", bad.file, bad.place.line, bad.cause));
        }
        if let Some(more @ 1..) = report.bad.len().checked_sub(BAD_QUOTED_MAX) {
            let listed = if args.out.is_some() { ", all in bad.jsonl" } else { "" };
            say(&format!("and {}{listed}", plural(more as u64, "more bad record")));
        }
        if self.verbose {
            for timing in &summary.timings {
                say(&format!("{:>8.3} s {}", timing.seconds, timing.phase));
            }
            say(&format!("recipe {}, engine {:?}", summary.fingerprint, summary.engine));
        }
        let took = took(summary);
        match &args.out {
            Some(out) => say(&format!("written to {} in {took}", shown(out))),
            None => say(&format!("nothing written (--dry-run), {took}")),
        }
    }
}

/// How long a run took, and how fast it was where that can be told.
fn took(summary: &Summary) -> String {
    let seconds = summary.seconds();
    if seconds < 0.1 {
        return format!("{:.0} ms", 1000.0 * seconds);
    }
    let rate = summary.input.unpacked_bytes as f64 / seconds;
    format!("{seconds:.1} s ({}/s)", size(rate as u64))
}

fn shown(path: &Path) -> String {
    twicetold::visible::visible(&path.join("").to_string_lossy()).into_owned()
}

/// A line on stderr; if nobody can hear it, nothing is lost.
fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
