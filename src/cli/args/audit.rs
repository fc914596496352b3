//! What is typed after `twicetold audit`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{InputArgs, RecipeArgs, RunArgs};

pub(super) const LONG: &str = "\
Measure what the MinHash engine would miss, on a sample.

Finds all pairs of a sample of the corpus twice: by the exact join, and by MinHash as `twicetold \
dedup --engine minhash` does. Prints the recall with its 95 % interval, and the recall by \
similarity beside what the bands promise. Whether two articles meet does not depend on any other, \
so what holds for the pairs of the sample holds for those of the corpus. Boilerplate is not masked \
here.";

const EXAMPLES: &str = "\
Examples:
  twicetold audit articles.jsonl
  twicetold audit corpus/ --sample 50000 --threshold 0.5 --out audit.json

Exit status: 0 done, 2 trouble (or bad records were skipped, unless --allow-bad), 130 interrupted.";

/// `twicetold audit`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// How many articles to draw
    #[arg(long, value_name = "N", default_value_t = 20_000, help_heading = "Sample")]
    pub(crate) sample: usize,

    /// Seed of the draw
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Sample")]
    pub(crate) seed: u64,

    /// Print everything as JSON on stdout
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    /// Also write it, as JSON, to a file
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(help_heading = "Output")]
    pub(crate) out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    #[command(flatten)]
    pub(crate) run: RunArgs,
}
