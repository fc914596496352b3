//! Options that decide what becomes of pairs that were found.

use clap::{Args, ValueEnum};

use crate::cli::settings::KeepPolicy;

/// What can be decided again without comparing anything again.
#[derive(Debug, Args)]
#[command(next_help_heading = "What counts as a copy")]
pub(crate) struct DecisionArgs {
    /// Jaccard similarity from which two articles are `near` [default: 0.7]
    #[arg(short = 't', long, value_name = "0..1", value_parser = super::parse_share)]
    pub(crate) threshold: Option<f64>,

    /// Share of an article found in the other from which it is `contained` [default: 0.9]
    #[arg(long, value_name = "0..1", value_parser = super::parse_share)]
    pub(crate) containment: Option<f64>,

    /// Jaccard similarity from which two articles are `variant`s [default: 0.4]
    #[arg(long, value_name = "0..1", value_parser = super::parse_share)]
    pub(crate) variant: Option<f64>,

    /// Share of the shorter from which two articles are `variant`s [default: 0.5]
    #[arg(long, value_name = "0..1", value_parser = super::parse_share)]
    pub(crate) variant_containment: Option<f64>,

    /// Most words of its own that a `variant` by containment may have [default: no limit; wire:
    /// 100]
    #[arg(long, value_name = "N")]
    pub(crate) variant_unshared: Option<u32>,

    /// Don't tell templates (the same words, other numbers) apart from copies
    #[arg(long)]
    pub(crate) no_templates: bool,

    /// Relations that are dropped beside `identical` and `same` [default: near,contained]
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_enum)]
    pub(crate) drop: Option<Vec<DropArg>>,

    /// Which copy stays: first, longest, earliest, latest, or source:A,B,... [default: longest]
    #[arg(short, long, value_name = "POLICY", value_parser = KeepPolicy::parse)]
    pub(crate) keep: Option<KeepPolicy>,
}

/// A relation that may be dropped or not.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum DropArg {
    /// Jaccard similarity of at least --threshold
    Near,
    /// Containment of at least --containment
    Contained,
    /// Re-edited versions of one report
    Variant,
}
