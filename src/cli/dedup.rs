//! `twicetold dedup`: reads a corpus, drops its near-duplicate articles,
//! writes what it did.

use std::process::ExitCode;

use anyhow::Result;

use twicetold::boilerplate::{self, BoilerplateRecipe, Search};
use twicetold::dedup::{Dedup, Dropped, Outcome, Scratch, prepare};
use twicetold::document::{DocId, Place};
use twicetold::hash::Hash128;
use twicetold::io::{
    Fate, Inputs, ReadOptions, ReadReport, Rewrite, RewriteReport, Staging, read, rewrite,
    write_rows,
};
use twicetold::report::{
    FamiliesSummary, FamilyTables, Records, Summary, Tables, articles_datasheet, grouped, plural,
};
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

    let kernel = settings::kernel(&args.run);
    let (report, found) = match args.passages {
        false => {
            let mut dedup = Dedup::in_memory(recipe.clone(), settings::memory(&args.run));
            let report = read(
                &inputs,
                &options,
                &progress,
                Scratch::default,
                |scratch, document| prepare(&recipe, scratch, document),
                |prepared| dedup.take(prepared),
            )?;
            let outcome = threads.install(|| dedup.finish(kernel, &progress))?;
            (report, Found::Articles(Box::new(outcome)))
        }
        true => {
            let recipe = BoilerplateRecipe { copies: recipe, ..BoilerplateRecipe::default() };
            let memory = settings::memory(&args.run);
            let mut search = Search::in_memory(recipe.clone(), memory).with_links();
            let report = read(
                &inputs,
                &options,
                &progress,
                Scratch::default,
                |scratch, document| boilerplate::prepare(&recipe, scratch, document),
                |prepared| search.take(prepared),
            )?;
            let outcome = threads.install(|| search.finish(kernel, &progress))?;
            (report, Found::Both(Box::new(outcome)))
        }
    };

    let writing = Writing {
        args,
        inputs: &inputs,
        options: &options,
        report: &report,
        outcome: found.articles(),
        both: found.both(),
    };
    let mut written = None;
    if let Some(staging) = &staging {
        written = Some(threads.install(|| writing.records(staging, &progress))?);
        writing.tables(staging, &progress)?;
    }
    let summary = writing.summary(written.as_ref(), &progress);
    let mut json = serde_json::to_vec_pretty(&summary)?;
    json.push(b'\n');
    let mut outputs = Vec::new();
    if let Some(staging) = staging {
        if args.outcome.datasheet {
            let names = names(&report);
            let page = articles_datasheet(&summary, found.articles(), &writing.tables_of(&names));
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

/// What was found of articles, or of articles and passages.
enum Found {
    Articles(Box<Outcome>),
    Both(Box<boilerplate::Outcome>),
}

impl Found {
    fn articles(&self) -> &Outcome {
        match self {
            Self::Articles(outcome) => outcome,
            Self::Both(both) => &both.articles,
        }
    }

    fn both(&self) -> Option<&boilerplate::Outcome> {
        match self {
            Self::Articles(_) => None,
            Self::Both(both) => Some(both),
        }
    }
}

/// Everything that the output of a run is made of.
struct Writing<'a> {
    args: &'a DedupArgs,
    inputs: &'a Inputs,
    options: &'a ReadOptions,
    report: &'a ReadReport,
    outcome: &'a Outcome,
    both: Option<&'a boilerplate::Outcome>,
}

impl Writing<'_> {
    /// `kept/`, `removed/` and `bad/`.
    fn records(&self, staging: &Staging, watch: &dyn Watch) -> Result<RewriteReport> {
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
            ..Rewrite::default()
        };
        Ok(rewrite(self.inputs, self.report, &documents, how, staging, watch)?)
    }

    fn tables_of<'a>(&'a self, names: &'a [String]) -> Tables<'a> {
        Tables::new(self.outcome, names)
    }

    /// The tables `removed`, `clusters`, `related` and, where there is something
    /// to say, `boilerplate`, `bad` and those of passages.
    fn tables(&self, staging: &Staging, watch: &dyn Watch) -> Result<()> {
        let names = names(self.report);
        let formats = self.args.outcome.formats();
        let mut tables = self.tables_of(&names);
        if let Some(both) = self.both {
            tables = tables.with_passages(&both.shared_with_keeper);
            self.families(both, &names, staging, watch)?;
        }
        if !self.outcome.boilerplate.passages.is_empty() {
            let quotes = super::boilerplate::quote(self.inputs, self.options, self.outcome, watch)?;
            write_rows(staging, &formats, tables.boilerplate(&quotes), watch)?;
        }
        write_rows(staging, &formats, tables.removed(), watch)?;
        write_rows(staging, &formats, tables.clusters(), watch)?;
        write_rows(staging, &formats, tables.related(), watch)?;
        write_bad(staging, self.report, &names, &formats, watch)
    }

    /// The tables `families` and `occurrences`.
    fn families(
        &self,
        both: &boilerplate::Outcome,
        names: &[String],
        staging: &Staging,
        watch: &dyn Watch,
    ) -> Result<()> {
        let (quotes, _) = super::passages::quote(self.inputs, self.options, both, None, watch)?;
        let tables = FamilyTables::new(both, &quotes, names).with_clusters();
        let formats = self.args.outcome.formats();
        write_rows(staging, &formats, tables.families(), watch)?;
        write_rows(staging, &formats, tables.occurrences(), watch)?;
        Ok(())
    }

    fn summary(&self, written: Option<&RewriteReport>, progress: &Progress) -> Summary {
        let (input, bad) = (input_summary(self.report, written), bad_summary(self.report));
        let annotate = self.args.annotate;
        let records = match written {
            None => Records::Unwritten,
            Some(_) if annotate => Records::Annotated,
            Some(written) if self.args.discard && written.removed.records > 0 => Records::Discarded,
            Some(_) => Records::Divided,
        };
        let timings = progress.finish();
        let summary = Summary::new(self.outcome, annotate, records, input, bad, timings);
        Summary { passages: self.both.map(FamiliesSummary::new), ..summary }
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
