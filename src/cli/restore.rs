//! `twicetold restore`: the input of a run, from its outcome.

use std::process::ExitCode;

use anyhow::Result;

use twicetold::io::{Staging, restore};
use twicetold::report::{plural, size};
use twicetold::watch::Watch;

use super::args::RestoreArgs;
use super::corpus::{say, shown};
use super::listen_for_interrupts;
use super::progress::Progress;

/// Does what `twicetold restore` was asked for.
pub(crate) fn run(args: &RestoreArgs) -> Result<ExitCode> {
    let progress = Progress::new(args.quiet, listen_for_interrupts()?);
    // What was restored is a corpus, not an outcome: it replaces nothing.
    let staging = Staging::new(&args.out, false)?;
    let report = restore(&args.outcome, &staging, &progress)?;
    progress.check()?;
    staging.commit()?;
    progress.finish();
    if args.quiet {
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!(
        "{} restored to {} ({}), equal to the input by checksum",
        plural(report.files, "file"),
        shown(&args.out),
        size(report.bytes)
    ));
    if report.tables > 0 {
        say(&format!(
            "{} of rows: equal row by row, with columns, types and metadata, not byte for byte",
            plural(report.tables, "table")
        ));
    }
    if report.packed > 0 {
        say("hint: packed files were packed anew; what is in them is equal, their size may differ");
    }
    for name in &report.partial {
        say(&format!("{name}: the run could not read it to its end; restored as far as it could"));
    }
    for name in &report.unread {
        say(&format!("{name}: the run could not open it; not restored"));
    }
    Ok(ExitCode::SUCCESS)
}
