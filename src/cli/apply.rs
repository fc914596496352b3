//! `twicetold apply`: decides again from the outcome of an earlier run.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Deserialize;

use twicetold::Error;
use twicetold::dedup::again::{Again, reread};
use twicetold::document::Place;
use twicetold::io::{
    BadRecord, ReadOptions, ReadReport, SUMMARY, Staging, read, read_pairs, undivided,
};
use twicetold::report::{BadSummary, InputSummary, Summary};
use twicetold::watch::Watch;

use super::args::ApplyArgs;
use super::corpus::Talk;
use super::dedup::{How, Writing, finish, tell};
use super::progress::Progress;
use super::{listen_for_interrupts, settings};

/// Does what `twicetold apply` was asked for.
pub(crate) fn run(args: &ApplyArgs) -> Result<ExitCode> {
    let progress = Progress::new(args.run.quiet, listen_for_interrupts()?);
    let (pairs, reading) = read_pairs(&args.outcome, &progress)?;
    let mut recipe = pairs.recipe.clone();
    settings::decide(&args.decision, &mut recipe);
    let mut again = Again::new(pairs, recipe)?;
    let threads = settings::threads(&args.run);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .context("cannot start threads")?;

    let staging = Staging::new(&args.out, args.overwrite)?;
    // Deleted in the end, committed or not.
    let records = Staging::new(&args.out, args.overwrite)?;
    let inputs = undivided(&args.outcome, &records, &progress)?;
    let default = ReadOptions::default();
    let block_bytes = match args.run.block {
        Some(bytes) => usize::try_from(bytes).context("--block")?,
        None => default.block_bytes,
    };
    let options = ReadOptions { threads, block_bytes, ..reading.options()? };
    let mut report = read(
        &inputs,
        &options,
        &progress,
        || (),
        |(), document| reread(document),
        |document| {
            again.take(document);
            Ok(())
        },
    )?;
    let earlier = Earlier::read(&args.outcome)?;
    report.bad = earlier.bad(&args.outcome, &report)?;
    let outcome = pool.install(|| again.finish())?;

    let writing = Writing {
        how: How { annotate: false, discard: false, formats: args.tables.formats() },
        inputs: &inputs,
        options: &options,
        report: &report,
        outcome: &outcome,
        both: None,
    };
    let written = pool.install(|| writing.records(&staging, &progress))?;
    writing.tables(&staging, &progress)?;
    // The input is the one that was read then.
    let Earlier { input, bad_records } = earlier;
    let summary = Summary { input, bad_records, ..writing.summary(Some(&written), &progress) };
    progress.check()?;
    let outputs = finish(&writing, &summary, Some(staging), args.tables.datasheet, args.json)?;
    let talk = Talk { quiet: args.run.quiet, verbose: args.run.verbose > 0, written: true };
    tell(&talk, &summary, Some(&args.out), &report, &outputs);
    Ok(ExitCode::SUCCESS)
}

/// What an earlier run said of its input.
#[derive(Deserialize)]
struct Earlier {
    input: InputSummary,
    bad_records: BadSummary,
}

/// A row of its table of bad records.
#[derive(Deserialize)]
struct Bad {
    file: String,
    line: u64,
    offset: u64,
    bytes: u64,
    cause: String,
}

impl Earlier {
    fn read(outcome: &Path) -> Result<Self> {
        let path = outcome.join(SUMMARY);
        let file = File::open(&path).map_err(Error::io("cannot read", &path))?;
        Ok(serde_json::from_reader(BufReader::new(file)).map_err(|error| changed(&path, error))?)
    }

    /// The records it could not use: what was wrong with a file itself shows
    /// no more in what was put together of its records.
    fn bad(&self, outcome: &Path, report: &ReadReport) -> Result<Vec<BadRecord>> {
        let path = outcome.join("bad.jsonl");
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return match report.bad.is_empty() {
                    true => Ok(Vec::new()),
                    false => Err(changed(&path, "not there").into()),
                };
            }
            file => file.map_err(Error::io("cannot read", &path))?,
        };
        let rows = serde_json::Deserializer::from_reader(BufReader::new(file)).into_iter::<Bad>();
        let mut found: Vec<BadRecord> = Vec::new();
        for row in rows {
            let Bad { file, line, offset, bytes, cause } =
                row.map_err(|error| changed(&path, error))?;
            let number = report.files.iter().position(|known| known.name == file);
            let number = number.ok_or_else(|| changed(&path, "a file that was not read"))?;
            let place = Place { file: number as u32, line, offset, bytes };
            found.push(BadRecord { place, file, cause });
        }
        let places = |bad: &[BadRecord]| -> Vec<Place> {
            bad.iter().map(|bad| bad.place).filter(|place| place.bytes > 0).collect()
        };
        match places(&found) == places(&report.bad) {
            true => Ok(found),
            false => Err(changed(&path, "not the records that cannot be used").into()),
        }
    }
}

fn changed(path: &Path, cause: impl ToString) -> Error {
    let file = twicetold::visible::visible(&path.to_string_lossy()).into_owned();
    Error::OutcomeChanged { file, cause: cause.to_string() }
}
