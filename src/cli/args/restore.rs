//! What is typed after `twicetold restore`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

pub(super) const LONG: &str = "\
Put the input of an earlier run together again from its outcome.

What `twicetold dedup` dropped and what `twicetold passages --strip` cut out is put back where it \
was, and the result held against the checksums in summary.json: it is the input byte for byte, or \
nothing is written. Rows of Parquet and Arrow come back in their places, with all values, types and \
metadata, in a file of other bytes. Of web archives and pages an outcome has the text only, so \
they do not come back. An outcome whose records were only marked (--annotate, --mark), not written \
(--dry-run) or thrown away (--discard) cannot be restored.";

const EXAMPLES: &str = "\
DIR gets the files under the names they have in OUTCOME/kept/, packed as they were; what is packed
is packed anew, so its size on disk may differ.

Examples:
  twicetold dedup corpus/ --out clean
  twicetold restore clean --out corpus-again

Exit status: 0 done, 2 trouble, 130 interrupted.";

/// `twicetold restore`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct RestoreArgs {
    /// The folder that `dedup` or `passages --strip` wrote with --out
    #[arg(value_name = "OUTCOME", value_hint = ValueHint::DirPath)]
    pub(crate) outcome: PathBuf,

    /// Folder to write the input to; it must not exist yet, or be empty
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,

    /// Say nothing but errors
    #[arg(short, long)]
    pub(crate) quiet: bool,
}
