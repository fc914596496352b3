//! What is typed after `twicetold compare`.

use clap::{Args, ValueHint};

use super::{InputArgs, RecipeArgs, RunArgs};

pub(super) const LONG: &str = "\
Compare two documents: similarities, relation, shared passages, aligned texts.

Says how similar two documents are, exactly; what they are to each other under the recipe in \
force, as `twicetold dedup` would find it; which passages they share; and shows their texts word \
by word. Words are compared without diacritics, letter variants, punctuation and case, and shown \
as they are written: what is equal after folding is equal.";

const EXAMPLES: &str = "\
A document is named by
  a file that holds one article       compare a.txt b.txt
  a file and the line it begins on    compare news.jsonl:3 news.jsonl:4
  its id or file:line, as the tables
  of dedup and passages print them    compare ar-003 ar-004 --in news.jsonl

The texts are shown as one, that of A: [-words of A alone-]{+words of B alone+}.

Examples:
  twicetold compare draft.txt printed.txt
  twicetold compare ar-003 ar-004 --in corpus/ --side-by-side
  twicetold compare a.txt b.txt --preset wire --full
  twicetold compare a.txt b.txt --json | jq .jaccard

Exit status: 0 done, whatever the documents are to each other, 2 trouble, 130 interrupted.";

/// `twicetold compare`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
#[command(mut_arg("inputs", |inputs| inputs
    .long("in")
    .required(false)
    .help("Where documents named by their ids are: files, folders or globs")))]
pub(crate) struct CompareArgs {
    /// The first document: a file, file:line, or with --in an id
    #[arg(value_name = "A", value_hint = ValueHint::AnyPath, help_heading = "Input")]
    pub(crate) a: String,

    /// The second document
    #[arg(value_name = "B", value_hint = ValueHint::AnyPath, help_heading = "Input")]
    pub(crate) b: String,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// Show the texts side by side, in two columns of the terminal
    #[arg(short = 'y', long, help_heading = "Output")]
    pub(crate) side_by_side: bool,

    /// Show long equal stretches too
    #[arg(long, help_heading = "Output")]
    pub(crate) full: bool,

    /// Print everything as one JSON object
    #[arg(long, help_heading = "Output", conflicts_with_all = ["side_by_side", "full"])]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    #[command(flatten)]
    pub(crate) run: RunArgs,
}
