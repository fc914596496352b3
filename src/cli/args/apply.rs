//! What is typed after `twicetold apply`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{DecisionArgs, OutcomeArgs, RunArgs};

pub(super) const LONG: &str = "\
Decide again from an earlier run, without comparing anything again.

Another keep policy, a higher threshold, other relations to drop: `twicetold dedup --pairs` wrote \
down every pair of articles that match, whoever stays, so none of them need be compared again. The \
records are taken from kept/ and removed/; the input need not be there any more. What is written \
is what `twicetold dedup` with these options would write of the input.";

const EXAMPLES: &str = "\
Options that are not given are those of the earlier run. A lower threshold than that run's would
need pairs that it did not look at, so it is refused, and so is dropping a relation whose pairs it
did not look for. What MinHash did not find stays unfound: with a higher threshold a new run looks
with other bands. related.jsonl is complete if it was so in the earlier run (related_lists_cut in
its summary is 0). The outcome can be decided again like the one it comes from.

Examples:
  twicetold dedup corpus/ --out clean --pairs
  twicetold apply clean --keep latest --threshold 0.8 --out cleaner
  twicetold apply clean --keep source:spa,aawsat --out clean --overwrite

Exit status: 0 done, 2 trouble, 130 interrupted.";

/// `twicetold apply`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ApplyArgs {
    /// The folder that `dedup --pairs` wrote with --out
    #[arg(value_name = "OUTCOME", value_hint = ValueHint::DirPath)]
    pub(crate) outcome: PathBuf,

    /// Folder to write the new outcome to; it must not exist yet
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    #[arg(help_heading = "Output")]
    pub(crate) out: PathBuf,

    /// Replace DIR if it holds the outcome of an earlier run; it may be OUTCOME itself
    #[arg(long, help_heading = "Output")]
    pub(crate) overwrite: bool,

    #[command(flatten)]
    pub(crate) tables: OutcomeArgs,

    /// Print the summary as JSON on stdout
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) decision: DecisionArgs,

    #[command(flatten)]
    pub(crate) run: RunArgs,
}
