//! `twicetold dedup`: reads a corpus, drops its near-duplicate articles,
//! writes what it did.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use twicetold::boilerplate::{self, BoilerplateRecipe, Search};
use twicetold::dedup::pairs::PAIRS_MAX;
use twicetold::dedup::{Dedup, Dropped, Outcome, Scratch};
use twicetold::document::{DocId, Place};
use twicetold::hash::Hash128;
use twicetold::io::{
    Fate, Inputs, PAIRS, ReadOptions, ReadReport, Reading, Rewrite, RewriteReport, Staging,
    TableFormat, read_batches, rewrite, write_pairs, write_rows,
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
            let dedup = Dedup::in_memory(recipe.clone(), settings::memory(&args.run));
            let mut dedup = if args.pairs { dedup.with_pairs() } else { dedup };
            let report = read_batches(
                &inputs,
                &options,
                &progress,
                Scratch::default,
                |scratch, document| scratch.add(&recipe, document),
                Scratch::batch,
                |prepared| dedup.take(prepared),
            )?;
            let outcome = threads.install(|| dedup.finish(kernel, &progress))?;
            (report, Found::Articles(Box::new(outcome)))
        }
        true => {
            let recipe = BoilerplateRecipe { copies: recipe, ..BoilerplateRecipe::default() };
            let memory = settings::memory(&args.run);
            let mut search = Search::in_memory(recipe.clone(), memory).with_links();
            let report = read_batches(
                &inputs,
                &options,
                &progress,
                boilerplate::Scratch::default,
                |scratch, document| scratch.add(&recipe, document),
                boilerplate::Scratch::batch,
                |prepared| search.take(prepared),
            )?;
            let outcome = threads.install(|| search.finish(kernel, &progress))?;
            (report, Found::Both(Box::new(outcome)))
        }
    };

    let writing = Writing {
        how: How {
            annotate: args.annotate,
            discard: args.discard,
            formats: args.outcome.formats(),
        },
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
    progress.check()?;
    let outputs = finish(&writing, &summary, staging, args.outcome.datasheet, args.json)?;
    tell(&talk, &summary, args.out.as_deref(), &report, &outputs);
    if args.pairs && found.articles().pairs.is_none() {
        say(&format!(
            "no {PAIRS}: more than {} pairs match, thousands of articles are copies of a few",
            grouped(PAIRS_MAX)
        ));
    }
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

/// Puts the outcome in its place; what is in it.
pub(super) fn finish(
    writing: &Writing<'_>,
    summary: &Summary,
    staging: Option<Staging>,
    has_datasheet: bool,
    prints_json: bool,
) -> Result<Vec<(String, usize)>> {
    let mut json = serde_json::to_vec_pretty(summary)?;
    json.push(b'\n');
    let mut outputs = Vec::new();
    if let Some(staging) = staging {
        if has_datasheet {
            let names = names(writing.report);
            let page = articles_datasheet(summary, writing.outcome, &writing.tables_of(&names));
            write_page(&staging, DATASHEET, page.as_bytes())?;
        }
        write_summary(&staging, &json)?;
        outputs = staging.outputs();
        staging.commit()?;
    }
    if prints_json {
        print(&json)?;
    }
    Ok(outputs)
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

/// How an outcome is written.
pub(super) struct How {
    pub(super) annotate: bool,
    pub(super) discard: bool,
    pub(super) formats: Vec<TableFormat>,
}

/// Everything that the output of a run is made of.
pub(super) struct Writing<'a> {
    pub(super) how: How,
    pub(super) inputs: &'a Inputs,
    pub(super) options: &'a ReadOptions,
    pub(super) report: &'a ReadReport,
    pub(super) outcome: &'a Outcome,
    pub(super) both: Option<&'a boilerplate::Outcome>,
}

impl Writing<'_> {
    /// `kept/`, `removed/` and `bad/`.
    pub(super) fn records(&self, staging: &Staging, watch: &dyn Watch) -> Result<RewriteReport> {
        let documents: Vec<(Place, Hash128)> = self
            .outcome
            .articles
            .iter()
            .map(|article| (article.place, article.record_hash))
            .collect();
        let names = names(self.report);
        let annotation = Annotation { outcome: self.outcome, tables: self.tables_of(&names) };
        let members = |document| annotation.members(document);
        let annotate = self.how.annotate;
        let dropped = &self.outcome.dropped;
        let fate = |document: usize| {
            if annotate || dropped[document].is_none() { Fate::Keep } else { Fate::Remove }
        };
        let how = Rewrite {
            fate: &fate,
            annotate: annotate.then_some(&members),
            discard: self.how.discard,
            ..Rewrite::default()
        };
        Ok(rewrite(self.inputs, self.report, &documents, how, staging, watch)?)
    }

    fn tables_of<'a>(&'a self, names: &'a [String]) -> Tables<'a> {
        Tables::new(self.outcome, names)
    }

    /// The tables `removed`, `clusters`, `related` and, where there is something
    /// to say, `boilerplate`, `bad` and those of passages.
    pub(super) fn tables(&self, staging: &Staging, watch: &dyn Watch) -> Result<()> {
        let names = names(self.report);
        let formats = &self.how.formats;
        let mut tables = self.tables_of(&names);
        if let Some(both) = self.both {
            tables = tables.with_passages(&both.shared_with_keeper);
            self.families(both, &names, staging, watch)?;
        }
        if !self.outcome.boilerplate.passages.is_empty() {
            let quotes = super::boilerplate::quote(self.inputs, self.options, self.outcome, watch)?;
            write_rows(staging, formats, tables.boilerplate(&quotes), watch)?;
        }
        write_rows(staging, formats, tables.removed(), watch)?;
        write_rows(staging, formats, tables.clusters(), watch)?;
        write_rows(staging, formats, tables.related(), watch)?;
        if let Some(pairs) = &self.outcome.pairs {
            write_pairs(staging, pairs, Reading::new(self.options), watch)?;
            write_rows(staging, formats, tables.connected(pairs), watch)?;
        }
        write_bad(staging, self.report, &names, formats, watch)
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
        let formats = &self.how.formats;
        write_rows(staging, formats, tables.families(), watch)?;
        write_rows(staging, formats, tables.occurrences(), watch)?;
        Ok(())
    }

    pub(super) fn summary(&self, written: Option<&RewriteReport>, progress: &Progress) -> Summary {
        let (input, bad) = (input_summary(self.report, written), bad_summary(self.report));
        let annotate = self.how.annotate;
        let records = match written {
            None => Records::Unwritten,
            Some(_) if annotate => Records::Annotated,
            Some(written) if self.how.discard && written.removed.records > 0 => Records::Discarded,
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
pub(super) fn tell(
    talk: &Talk,
    summary: &Summary,
    out: Option<&Path>,
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
    match out {
        Some(out) => say_written(out, outputs, &took),
        None => say(&format!("nothing written (--dry-run), {took}")),
    }
}
