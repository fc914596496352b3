//! The summary of a run for repeated passages.

use serde::Serialize;

use crate::boilerplate::{BoilerplateRecipe, Outcome};
use crate::hash::Hash128;
use crate::passages::Limits;

use super::stripped::StripSummary;
use super::summary::{BadSummary, InputSummary, Records, Timing};
use super::words::{grouped, paragraph, percent, plural, size};

/// The repeated passages in numbers, beside a summary of articles.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct FamiliesSummary {
    /// Families.
    pub families: usize,
    /// Occurrences of all families.
    pub occurrences: u64,
    /// Documents with an occurrence of any family.
    pub documents_with_passages: u64,
    /// Tokens that were looked at: those of the kept documents.
    pub tokens: u64,
    /// Tokens that lie in an occurrence of any family.
    pub tokens_repeated: u64,
    /// The hash of the recipe of the search for passages.
    pub fingerprint: Hash128,
    /// How often a limit of the method was met.
    pub limits: Limits,
}

impl FamiliesSummary {
    /// Sums an outcome up.
    pub fn new(outcome: &Outcome) -> Self {
        let (tokens, tokens_repeated) = outcome.repeated_tokens();
        Self {
            families: outcome.families.len(),
            occurrences: outcome.families.iter().map(|f| f.occurrences.len() as u64).sum(),
            documents_with_passages: outcome.documents_with_passages(),
            tokens,
            tokens_repeated,
            fingerprint: outcome.recipe.fingerprint(),
            limits: outcome.limits,
        }
    }
}

/// Everything that is to be said of a run, in one object.
///
/// All but `timings` depends only on the input and the recipe.
#[derive(Debug, Serialize)]
pub struct PassagesSummary {
    /// The program: `twicetold`.
    pub program: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Every parameter that changes the result.
    pub recipe: BoilerplateRecipe,
    /// The hash of the recipe.
    pub fingerprint: Hash128,
    /// What was read.
    pub input: InputSummary,
    /// Documents that are copies of others and were not looked at.
    pub copies_left_out: u64,
    /// Families.
    pub families: usize,
    /// Families that the filters left out.
    pub families_left_out: usize,
    /// Occurrences of all families.
    pub occurrences: u64,
    /// Documents with an occurrence of any family.
    pub documents_with_passages: u64,
    /// Tokens that were looked at.
    pub tokens: u64,
    /// Tokens that lie in an occurrence of any family.
    pub tokens_repeated: u64,
    /// What was written of the records.
    pub records: Records,
    /// What was stripped, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strip: Option<StripSummary>,
    /// How often a limit of the method was met.
    pub limits: Limits,
    /// Records that could not be used.
    pub bad_records: BadSummary,
    /// How long each phase took.
    pub timings: Vec<Timing>,
}

impl PassagesSummary {
    /// Sums an outcome up.
    pub fn new(
        outcome: &Outcome,
        records: Records,
        strip: Option<StripSummary>,
        input: InputSummary,
        bad_records: BadSummary,
        timings: Vec<Timing>,
    ) -> Self {
        let (tokens, tokens_repeated) = outcome.repeated_tokens();
        let copies = outcome.articles.dropped.iter().filter(|dropped| dropped.is_some());
        Self {
            program: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            fingerprint: outcome.recipe.fingerprint(),
            recipe: outcome.recipe.clone(),
            input,
            copies_left_out: if outcome.recipe.include_copies { 0 } else { copies.count() as u64 },
            families: outcome.families.len(),
            families_left_out: outcome.left_out,
            occurrences: outcome.families.iter().map(|f| f.occurrences.len() as u64).sum(),
            documents_with_passages: outcome.documents_with_passages(),
            tokens,
            tokens_repeated,
            records,
            strip,
            limits: outcome.limits,
            bad_records,
            timings,
        }
    }

    /// Seconds of all phases together.
    pub fn seconds(&self) -> f64 {
        self.timings.iter().map(|timing| timing.seconds).sum()
    }

    /// The summary as a person likes to read it: a few lines, each true on its
    /// own, nothing said that did not happen.
    pub fn text(&self) -> String {
        let Self { input, .. } = self;
        let stripped = self.strip.iter().flat_map(|strip| strip.lines(self.tokens));
        let width = grouped(input.documents.max(self.occurrences)).len();
        let line = |number: u64, rest: String| format!("{:>width$} {rest}", grouped(number));
        let some =
            |number: u64, rest: &dyn Fn() -> String| (number > 0).then(|| line(number, rest()));
        let noun = |number: u64, one: &'static str, many: &'static str| {
            if number == 1 { one } else { many }
        };
        let before = [
            Some(line(
                input.documents,
                format!(
                    "{} read from {} ({})",
                    noun(input.documents, "article", "articles"),
                    plural(input.files.len() as u64, "file"),
                    size(input.bytes)
                ),
            )),
            some(self.copies_left_out, &|| {
                "copies of whole articles, not looked at (--include-copies does)".to_owned()
            }),
            Some(match self.families as u64 {
                0 => line(0, "repeated passages found".to_owned()),
                families => line(
                    families,
                    format!(
                        "repeated {}, {} in {}, {} of the text",
                        noun(families, "passage", "passages"),
                        plural(self.occurrences, "occurrence"),
                        plural(self.documents_with_passages, "article"),
                        percent(self.tokens_repeated as f64 / self.tokens.max(1) as f64),
                    ),
                ),
            }),
            some(self.families_left_out as u64, &|| "more left out by the filters".to_owned()),
        ];
        let behind = [
            some(self.limits.cut_alignments, &|| {
                "comparisons cut short: texts that differ in thousands of words".to_owned()
            }),
            some(self.bad_records.count, &|| {
                let records = noun(self.bad_records.count, "record", "records");
                format!("bad {records} left out, see bad.jsonl")
            }),
        ];
        let stripped = stripped.map(|(number, rest)| Some(line(number, rest)));
        paragraph(&before.into_iter().chain(stripped).chain(behind).collect::<Vec<_>>())
    }
}
