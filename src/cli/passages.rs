//! `twicetold passages`: reads a corpus, finds its repeated passages, shows
//! them and writes them down.

use std::process::ExitCode;

use anyhow::Result;

use twicetold::Error;
use twicetold::boilerplate::{DocumentCuts, Outcome, Quotes, Scratch, Search, Strip};
use twicetold::document::{DocId, Document, Place};
use twicetold::hash::Hash128;
use twicetold::io::{
    Inputs, ReadOptions, ReadReport, Rewrite, RewriteReport, Staging, read, read_batches, rewrite,
    write_rows,
};
use twicetold::report::{
    FamilyTables, PassagesSummary, Records, StripSummary, grouped, listing, passages_datasheet,
    plural,
};
use twicetold::watch::{Unit, Watch};

use super::args::{PassagesArgs, ShowArg};
use super::boilerplate::Quoting;
use super::corpus::{
    Corpus, DATASHEET, Talk, bad_summary, input_summary, names, say, say_written, took, write_bad,
    write_page, write_summary,
};
use super::{EXIT_TROUBLE, print, settings, strip};

/// Does what `twicetold passages` was asked for.
pub(crate) fn run(args: &PassagesArgs) -> Result<ExitCode> {
    let recipe = settings::passage_recipe(&args.recipe)?;
    let Corpus { inputs, options, progress, threads, staging, talk } =
        Corpus::open(&args.input, &args.run, args.out.as_ref(), args.overwrite)?;

    let mut search = Search::in_memory(recipe.clone(), settings::memory(&args.run));
    let report = read_batches(
        &inputs,
        &options,
        &progress,
        Scratch::default,
        |scratch, document| scratch.add(&recipe, document),
        Scratch::batch,
        |prepared| search.take(prepared),
    )?;
    let kernel = settings::kernel(&args.run);
    let outcome = threads.install(|| search.finish(kernel, &progress))?;
    let strip = args.strip.then(|| Strip::new(&outcome, args.keep_one));
    let (quotes, cuts) = quote(&inputs, &options, &outcome, strip.as_ref(), &progress)?;

    let names = names(&report);
    let tables = FamilyTables::new(&outcome, &quotes, &names);
    let mut written = None;
    if let Some(staging) = &staging {
        progress.phase("writing tables", Unit::Documents, None);
        let formats = args.outcome.formats();
        write_rows(staging, &formats, tables.families(), &progress)?;
        write_rows(staging, &formats, tables.occurrences(), &progress)?;
        write_bad(staging, &report, &names, &formats, &progress)?;
        if args.mark {
            let write = || mark(&inputs, &report, &outcome, &tables, staging, &progress);
            written = Some(threads.install(write)?);
        } else if args.strip {
            let (fields, report) = (&options.fields, &report);
            let (inputs, outcome, formats) = (&inputs, &outcome, &*formats);
            let writing = strip::Writing { inputs, fields, report, outcome, formats };
            let write = || strip::write(&writing, &cuts, &tables, staging, &progress);
            written = Some(threads.install(write)?);
        }
    }
    let records = match (args.mark, args.strip) {
        (true, _) => Records::Marked,
        (_, true) => Records::Stripped,
        _ => Records::Unwritten,
    };
    let strip = args.strip.then(|| {
        let bytes = written.iter().flat_map(|written| &written.cuts).map(|cut| cut.bytes).sum();
        StripSummary::new(args.keep_one, &cuts, bytes)
    });
    let (input, bad) = (input_summary(&report, written.as_ref()), bad_summary(&report));
    let summary = PassagesSummary::new(&outcome, records, strip, input, bad, progress.finish());
    let mut json = serde_json::to_vec_pretty(&summary)?;
    json.push(b'\n');
    let mut outputs = Vec::new();
    if let Some(staging) = staging {
        if args.outcome.datasheet {
            let page = passages_datasheet(&summary, &tables);
            write_page(&staging, DATASHEET, page.as_bytes())?;
        }
        write_summary(&staging, &json)?;
        progress.check()?;
        outputs = staging.outputs();
        staging.commit()?;
    }
    if args.json {
        print(&json)?;
    } else if !args.run.quiet {
        let diff = args.show == Some(ShowArg::Diff);
        print(listing(&outcome, &quotes, args.top, diff).as_bytes())?;
    }
    tell(&talk, &summary, args, &report, &outputs);
    let bad_matters = !report.bad.is_empty() && !args.input.allow_bad;
    Ok(ExitCode::from(if bad_matters { EXIT_TROUBLE } else { 0 }))
}

/// Reads the input again, for what is quoted of the texts and, with `strip`,
/// cut out of them; of all records only those with passages are looked at.
pub(crate) fn quote(
    inputs: &Inputs,
    options: &ReadOptions,
    outcome: &Outcome,
    strip: Option<&Strip<'_>>,
    watch: &dyn Watch,
) -> Result<(Quotes, Vec<DocumentCuts>)> {
    let mut quotes = Quotes::new(outcome);
    let mut cuts = Vec::new();
    let articles = &outcome.articles.articles;
    let only: Vec<Place> = (0u32..)
        .zip(articles)
        .filter(|(doc, _)| outcome.positions_in(DocId(*doc)).next().is_some())
        .map(|(_, article)| article.place)
        .collect();
    let Some(&last) = only.last() else { return Ok((quotes, cuts)) };
    let documents = only.len() as u64;
    let changed = |place: &Place| Error::InputChanged {
        file: inputs.files[place.file as usize].shown(),
        line: place.line,
    };
    let quote = |_: &mut (), document: Document<'_>| {
        let place = document.place;
        let doc = outcome.document_at(&place).ok_or_else(|| changed(&place))?;
        if articles[doc.index()].record_hash != document.record_hash {
            return Err(changed(&place));
        }
        let first_line_stays = strip::first_line_stays(inputs, &document);
        let cuts = strip.and_then(|strip| strip.cut(doc, &document.text, first_line_stays));
        Ok((outcome.quote(doc, &document), cuts))
    };
    let report = read(
        inputs,
        &ReadOptions { only: Some(only), ..options.clone() },
        &Quoting(watch),
        || (),
        quote,
        |quoted| {
            let (quoted, cut) = quoted?;
            quotes.take(quoted);
            cuts.extend(cut);
            Ok(())
        },
    )?;
    if report.documents != documents {
        return Err(changed(&last).into());
    }
    Ok((quotes, cuts))
}

/// Writes every record with its ranges to `kept/`.
fn mark(
    inputs: &Inputs,
    report: &ReadReport,
    outcome: &Outcome,
    tables: &FamilyTables<'_>,
    staging: &Staging,
    watch: &dyn Watch,
) -> Result<RewriteReport> {
    let articles = &outcome.articles.articles;
    let documents: Vec<(Place, Hash128)> =
        articles.iter().map(|article| (article.place, article.record_hash)).collect();
    let members = |document: usize| tables.repeated_member(DocId(document as u32));
    let how = Rewrite { annotate: Some(&members), ..Rewrite::default() };
    Ok(rewrite(inputs, report, &documents, how, staging, watch)?)
}

/// What is said on stderr.
fn tell(
    talk: &Talk,
    summary: &PassagesSummary,
    args: &PassagesArgs,
    report: &ReadReport,
    outputs: &[(String, usize)],
) {
    if talk.quiet {
        return;
    }
    talk.outcome(&summary.text(), &summary.timings, report);
    if talk.verbose {
        say(&format!("recipe {}", summary.fingerprint));
    }
    let took = took(summary.seconds(), report);
    let more = summary.families.saturating_sub(args.top) as u64;
    match &args.out {
        Some(out) => {
            say_written(out, outputs, &took);
            if (args.mark || args.strip) && summary.copies_left_out > 0 {
                let copies = match summary.copies_left_out {
                    1 => "1 copy was".to_owned(),
                    copies => format!("{} copies were", grouped(copies)),
                };
                let there = match args.mark {
                    true => "`repeated` is null there",
                    false => "nothing is stripped there",
                };
                say(&format!(
                    "hint: {copies} not looked at, {there}; drop them first (twicetold dedup) or \
                     take --include-copies"
                ));
            }
        }
        None => {
            say(&format!("nothing written, {took}"));
            if more > 0 && !args.json {
                let more = plural(more, "more passage");
                say(&format!("hint: {more}; --out DIR writes them all down, --top N shows more"));
            }
        }
    }
}
