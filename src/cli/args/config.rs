//! What is typed after `twicetold config`.

use clap::Args;

use super::{InputArgs, RecipeArgs, RunArgs};

pub(super) const LONG: &str = "\
Print what is in force and where it comes from: recipe and settings.

Takes the options of `twicetold dedup` and reads the settings file like it does. What is printed \
is a settings file itself: save it as twicetold.toml, keep what you want to keep.";

const EXAMPLES: &str = "\
A settings file (twicetold.toml in the current folder, or --config FILE) has the names of the
options as keys, for all commands or below the name of one:

  on-error = \"skip\"
  [dedup]
  keep = \"source:spa,aawsat\"
  drop = [\"near\", \"contained\"]
  [passages]
  min-words = 20

Options that are typed win over it; --no-config leaves it unread.

Examples:
  twicetold config --preset strict --keep latest
  twicetold config --recipe clean/summary.json
  twicetold config --json | jq .recipe

Exit status: 0 done, 2 trouble.";

/// `twicetold config`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
#[command(mut_arg("inputs", |inputs| inputs.required(false).hide(true)))]
pub(crate) struct ConfigArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    #[command(flatten)]
    pub(crate) run: RunArgs,

    /// Print it as JSON, with the recipe in full
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
}
