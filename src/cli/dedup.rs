//! `twicetold dedup`: reads a corpus, drops its near-duplicate articles,
//! writes what it did.

use std::process::ExitCode;

use anyhow::Result;

use twicetold::dedup::{Dedup, Dropped, Outcome, Scratch, prepare};
use twicetold::document::{DocId, Place};
use twicetold::hash::Hash128;
use twicetold::io::{Fate, Inputs, ReadReport, Rewrite, Staging, read, rewrite, write_rows};
use twicetold::report::{Summary, Tables, articles_datasheet, grouped, plural};
use twicetold::watch::Watch;

use super::args::DedupArgs;
use super::corpus::{
    Corpus, DATASHEET, Talk, bad_summary, input_summary, names, say, say_written, took, write_bad,
    write_page, write_summary,
};
use super::progress::Progress;
use super::{EXIT_FAILED, EXIT_TROUBLE, print, settings};

/// Does what `twicetold dedup` was asked for.
pub(crate) fn run(args: &DedupArgs) -> Result<ExitCode> {
    let recipe = settings::recipe(&args.recipe)?;
    let Corpus { inputs, options, progress, threads, staging, talk } =
        Corpus::open(&args.input, &args.run, args.out.as_ref(), args.overwrite)?;

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
    let mut outputs = Vec::new();
    if let Some(staging) = staging {
        if args.outcome.datasheet {
            let names = names(&report);
            let page = articles_datasheet(&summary, &outcome, &writing.tables_of(&names));
            write_page(&staging, DATASHEET, page.as_bytes())?;
        }
        write_summary(&staging, &json)?;
        progress.check()?;
        outputs = staging.outputs();
        staging.commit()?;
    }
    if args.json {
        print(&json)?;
    }
    tell(&talk, &summary, args, &report, &outputs);
    let (copies, articles) = (summary.removed.documents, summary.input.documents);
    let failed = args.fail_on.is_some_and(|limit| limit.is_reached(copies, articles));
    if failed {
        let articles = plural(articles, "article");
        say(&format!("too many copies for --fail-on: {} of {articles}", grouped(copies)));
    }
    let bad_matters = !report.bad.is_empty() && !args.input.allow_bad;
    Ok(ExitCode::from(match (bad_matters, failed) {
        (true, _) => EXIT_TROUBLE,
        (false, true) => EXIT_FAILED,
        (false, false) => 0,
    }))
}

/// Everything that the output of a run is made of.
struct Writing<'a> {
    args: &'a DedupArgs,
    inputs: &'a Inputs,
    report: &'a ReadReport,
    outcome: &'a Outcome,
}

impl Writing<'_> {
    /// `kept/`, `removed/` and `bad/`.
    fn records(&self, staging: &Staging, watch: &dyn Watch) -> Result<()> {
        let documents: Vec<(Place, Hash128)> = self
            .outcome
            .articles
            .iter()
            .map(|article| (article.place, article.record_hash))
            .collect();
        let names = names(self.report);
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

    /// The tables `removed`, `clusters`, `related` and, where there is something
    /// to say, `bad`.
    fn tables(&self, staging: &Staging, watch: &dyn Watch) -> Result<()> {
        let names = names(self.report);
        let tables = self.tables_of(&names);
        let formats = self.args.outcome.formats();
        write_rows(staging, &formats, tables.removed(), watch)?;
        write_rows(staging, &formats, tables.clusters(), watch)?;
        write_rows(staging, &formats, tables.related(), watch)?;
        write_bad(staging, self.report, &names, &formats, watch)
    }

    fn summary(&self, progress: &Progress) -> Summary {
        let (input, bad) = (input_summary(self.report), bad_summary(self.report));
        Summary::new(self.outcome, self.args.annotate, input, bad, progress.finish())
    }
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
fn tell(
    talk: &Talk,
    summary: &Summary,
    args: &DedupArgs,
    report: &ReadReport,
    outputs: &[(String, usize)],
) {
    if talk.quiet {
        return;
    }
    talk.outcome(&summary.text(), &summary.timings, report);
    if talk.verbose {
        say(&format!("recipe {}, engine {:?}", summary.fingerprint, summary.engine));
    }
    let took = took(summary.seconds(), report);
    match &args.out {
        Some(out) => say_written(out, outputs, &took),
        None => say(&format!("nothing written (--dry-run), {took}")),
    }
}
