//! What is typed after `twicetold calibrate`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{InputArgs, RecipeArgs, RunArgs, parse_share};

pub(super) const LONG: &str = "\
Choose the threshold by eye, or by labels.

Finds the pairs of different texts around the threshold, as `twicetold dedup` compares them, draws \
some from each step of similarity, and shows them word by word. On a terminal it asks of each pair \
whether both are the same (y), not (n), or not to be told (s), until q; labels are saved as they \
are given, and the next run goes on where this one ended. From labels it tells the precision and \
recall of each threshold.

Few pairs are near a threshold and very many below it, so the draw is stratified: the same number \
from each step, and each label counts for as many pairs as it stands for in its step. Intervals \
are 95 %. Recall is that of copies in the range: what is less alike than --from is not looked at. \
Templates are left out, for they are never dropped. Of the thresholds of a recipe, only the \
Jaccard similarity from which articles are `near` (--threshold) is chosen.";

const EXAMPLES: &str = "\
The gold is a table as for `twicetold eval`: id, cluster; or a, b, label. Then all pairs it judges \
count and nothing is asked; its copies below --from count as missed. Labels are JSON lines of a, \
b, label and jaccard, and are a gold for `twicetold eval`.

Examples:
  twicetold calibrate articles.jsonl
      Draw 60 pairs, ask, save the answers in labels.jsonl.
  twicetold calibrate articles.jsonl --labels labels.jsonl --precision 0.99 --plot curve.svg
      The threshold for a wished precision, and the precision-recall curve.
  twicetold calibrate articles.jsonl | less -R
      Only show the pairs.
  twicetold calibrate corpus/ --gold clusters.tsv --step 0.01 --json

Exit status: 0 done, 2 trouble (or bad records were skipped, unless --allow-bad), 130 interrupted.";

/// `twicetold calibrate`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CalibrateArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// How many pairs to draw
    #[arg(long, value_name = "N", default_value_t = 60, help_heading = "Pairs")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) pairs: u32,

    /// Similarity from which pairs are drawn [default: 0.3 below the threshold, at least half of
    /// it; with a gold of pairs: 0]
    #[arg(long, value_name = "0..1", help_heading = "Pairs")]
    pub(crate) from: Option<f64>,

    /// Similarity below which pairs are drawn; 1 belongs to it
    #[arg(long, value_name = "0..1", default_value_t = 1.0, help_heading = "Pairs")]
    pub(crate) to: f64,

    /// Width of a step of similarity
    #[arg(long, value_name = "0..1", default_value_t = 0.05, help_heading = "Pairs")]
    pub(crate) step: f64,

    /// Seed of the draw
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Pairs")]
    pub(crate) seed: u64,

    /// Labels of pairs: read if the file is there, added to as they are given [default where
    /// questions are asked: labels.jsonl]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Labels")]
    pub(crate) labels: Option<PathBuf>,

    /// Read answers (y, n, s or q, one a line) from a file, or - for stdin, instead of the terminal
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Labels")]
    pub(crate) answers: Option<PathBuf>,

    /// Table of what is true, instead of labels
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Labels")]
    #[arg(conflicts_with_all = ["labels", "answers"])]
    pub(crate) gold: Option<PathBuf>,

    /// Columns of a gold table without a line that names them; - for one that doesn't matter
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "gold")]
    #[arg(help_heading = "Labels")]
    pub(crate) columns: Option<Vec<String>>,

    /// Column of the judgement of a gold pair: 1, true, yes or 0, false, no
    #[arg(long, value_name = "COLUMN", default_value = "label", help_heading = "Labels")]
    pub(crate) label: String,

    /// Also tell the lowest threshold with this precision
    #[arg(long, value_name = "0..1", value_parser = parse_share, help_heading = "Output")]
    pub(crate) precision: Option<f64>,

    /// Write the precision-recall curve, as an SVG
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) plot: Option<PathBuf>,

    /// Show the texts side by side, in two columns of the terminal
    #[arg(short = 'y', long, help_heading = "Output")]
    pub(crate) side_by_side: bool,

    /// Show long equal stretches too
    #[arg(long, help_heading = "Output")]
    pub(crate) full: bool,

    /// Print everything as JSON on stdout; asks nothing
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
