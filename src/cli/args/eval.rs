//! What is typed after `twicetold eval`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

pub(super) const LONG: &str = "\
Score an outcome, or any program's, against labels.

The gold is a table: TSV, CSV (with a line that names the columns) or JSON lines, plain, .gz or \
.zst. Its columns say what it is:
  id, cluster             clusters: adjusted Rand index, pairwise and B-cubed precision, recall, F1
                          (a document with an empty cluster, or -1, is alone)
  a, b, label             judged pairs (without a label, all are duplicates): precision, recall, F1
  id, start, end, family  passages: the PAN measures (precision, recall, granularity, plagdet),
                          precision and recall of characters, agreement of the families
Each figure comes with its 95 % bootstrap confidence interval and what it is a share of. Documents \
that are not in the gold are left out.";

const EXAMPLES: &str = "\
Examples:
  twicetold eval clean --gold clusters.tsv
  twicetold eval clean --gold pairs.jsonl --label near_dup --json
  twicetold eval passages --gold spans.csv --out scores.json
  twicetold eval --pred other_tool.tsv --gold clusters.tsv

Exit status: 0 done, 2 trouble.";

/// `twicetold eval`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct EvalArgs {
    /// The outcome folder of `twicetold dedup`, or of `twicetold passages` for passages
    #[arg(value_name = "OUTCOME", value_hint = ValueHint::DirPath)]
    #[arg(required_unless_present = "pred", conflicts_with = "pred")]
    pub(crate) outcome: Option<PathBuf>,

    /// Table of what is true
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) gold: PathBuf,

    /// Table of what any program found, instead of an outcome: id, cluster; or id, start, end,
    /// family
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) pred: Option<PathBuf>,

    /// Columns of a gold table without a line that names them; - for one that doesn't matter
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) columns: Option<Vec<String>>,

    /// Column of the judgement of a pair: 1, true, yes or 0, false, no
    #[arg(long, value_name = "COLUMN", default_value = "label")]
    pub(crate) label: String,

    /// Places of gold passages are bytes of UTF-8, not characters
    #[arg(long)]
    pub(crate) bytes: bool,

    /// How often the bootstrap draws; 0 for no intervals
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) draws: u32,

    /// Seed of the bootstrap
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,

    /// Print everything as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,

    /// Also write it, as JSON, to a file
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) out: Option<PathBuf>,

    /// Say nothing but errors
    #[arg(short, long)]
    pub(crate) quiet: bool,
}
