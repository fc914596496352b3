//! Options of every command that writes an outcome.

use clap::{Args, ValueEnum};

use twicetold::io::TableFormat;

/// How an outcome is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutcomeArgs {
    /// Formats of the tables beside JSON lines, which are always written: docs/formats.md has
    /// their columns
    #[arg(long, value_name = "LIST", value_enum, value_delimiter = ',', requires = "out")]
    pub(crate) tables: Vec<TablesArg>,

    /// Write datasheet.md too: a section for the corpus's data card
    #[arg(long, requires = "out")]
    pub(crate) datasheet: bool,
}

/// A format of tables by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TablesArg {
    /// One JSON object a line
    Jsonl,
    /// Apache Parquet
    Parquet,
    /// Comma-separated values
    Csv,
}

impl OutcomeArgs {
    /// The formats to write tables in: JSON lines, and each other one once.
    pub(crate) fn formats(&self) -> Vec<TableFormat> {
        let mut formats = vec![TableFormat::Jsonl];
        formats.extend(self.tables.iter().map(|format| match format {
            TablesArg::Jsonl => TableFormat::Jsonl,
            TablesArg::Parquet => TableFormat::Parquet,
            TablesArg::Csv => TableFormat::Csv,
        }));
        formats.sort_unstable();
        formats.dedup();
        formats
    }
}
