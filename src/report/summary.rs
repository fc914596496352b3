//! The summary of a run: `summary.json`, and the lines on the terminal.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::dedup::{Counts, Outcome, Tally};
use crate::document::Date;
use crate::hash::Hash128;
use crate::recipe::{Engine, Recipe};
use crate::sketch::SKETCH_VERSION;
use crate::sketch::bands::Banding;

use super::FamiliesSummary;
use super::words::{grouped, paragraph, percent, plural, size};
use super::{UNKNOWN, month};

/// Everything that is to be said of a run, in one object.
///
/// All but `timings` depends only on the input and the recipe.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The program: `twicetold`.
    pub program: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The version of the MinHash signatures.
    pub sketch_version: u32,
    /// Every parameter that changes the result.
    pub recipe: Recipe,
    /// The hash of the recipe.
    pub fingerprint: Hash128,
    /// The engine that found the candidates.
    pub engine: Engine,
    /// The bands of the MinHash engine.
    pub banding: Option<BandingSummary>,
    /// True if what goes was only marked (`--annotate`) and is still there.
    pub annotated: bool,
    /// What was written of the records.
    pub records: Records,
    /// What was read.
    pub input: InputSummary,
    /// What stays.
    pub kept: Counts,
    /// What goes.
    pub removed: Counts,
    /// What goes, by relation to the keeper.
    pub removed_by_relation: BTreeMap<&'static str, Counts>,
    /// Clusters of two documents or more.
    pub clusters: usize,
    /// Documents in the largest cluster.
    pub largest_cluster: usize,
    /// Related pairs of kept documents.
    pub related_pairs: usize,
    /// What was masked before articles were compared.
    pub boilerplate: BoilerplateSummary,
    /// The repeated passages of the kept documents, where they were looked
    /// for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passages: Option<FamiliesSummary>,
    /// Shingles that more kept documents share than were looked at for
    /// related pairs, and documents that met more; 0 means that the pairs are complete.
    pub related_lists_cut: usize,
    /// Documents without an id of their own.
    pub ids_missing: u64,
    /// Documents whose id an earlier one has too.
    pub ids_repeated: u64,
    /// Documents whose text has no word; they match nothing.
    pub texts_without_words: u64,
    /// Documents without a date.
    pub dates_missing: u64,
    /// Documents with a date that could not be read.
    pub dates_unreadable: u64,
    /// What stays and goes, by source.
    pub by_source: BTreeMap<String, Tally>,
    /// What stays and goes, by month (`YYYY-MM`).
    pub by_month: BTreeMap<String, Tally>,
    /// Records that could not be used.
    pub bad_records: BadSummary,
    /// How long each phase took.
    pub timings: Vec<Timing>,
}

/// What was masked before articles were compared.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct BoilerplateSummary {
    /// Passages.
    pub passages: usize,
    /// Documents that were compared without them.
    pub documents_masked: u64,
    /// Of the documents that go, how many stay if nothing is masked: their
    /// texts as they are do not match the ones that are kept instead.
    pub removed_by_mask: u64,
}

/// The bands of the MinHash engine.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct BandingSummary {
    /// Bands.
    pub bands: usize,
    /// Slots in a band.
    pub rows: usize,
}

impl From<Banding> for BandingSummary {
    fn from(banding: Banding) -> Self {
        Self { bands: banding.bands, rows: banding.rows }
    }
}

/// What was read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct InputSummary {
    /// Documents, bad records not counted.
    pub documents: u64,
    /// Bytes of all files as they lie on disk.
    pub bytes: u64,
    /// Bytes of all files, decompressed.
    pub unpacked_bytes: u64,
    /// The files, in order.
    pub files: Vec<InputFileSummary>,
}

/// One file that was read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InputFileSummary {
    /// Its name in `kept/`.
    pub name: String,
    /// How it holds its records, as the extension files of the format have.
    pub format: Cow<'static, str>,
    /// True if what was read, and written, is JSON lines made of it.
    pub converted: bool,
    /// How it is packed, if it is: `uncompressed`, `gzip`, `zstd`, `bzip2`,
    /// `xz`.
    pub compression: Cow<'static, str>,
    /// False if it could not be read to its end.
    pub whole: bool,
    /// Its size on disk in bytes.
    pub bytes: u64,
    /// Its documents.
    pub documents: u64,
    /// Its bad records.
    pub bad: u64,
    /// The XXH3-128 checksum of its bytes on disk, as `xxh128sum` prints it.
    pub xxh128: Hash128,
    /// How many unpacked bytes begin every part of it: its byte order mark and, in
    /// CSV, its header.
    pub head_bytes: u64,
    /// Its length unpacked, as far as whole records go; only where records were
    /// written anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unpacked_bytes: Option<u64>,
    /// The checksum of those bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unpacked_xxh128: Option<Hash128>,
    /// Of a table, how many rows its row groups (Parquet) or batches (Arrow)
    /// have; only where records were written anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_groups: Option<Vec<u64>>,
}

/// What a run wrote of the records it read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Records {
    /// Nothing.
    Unwritten,
    /// Each as it was, to one folder or another.
    Divided,
    /// Those that stay; the others are lost.
    Discarded,
    /// All, with members added that tell which are copies.
    Annotated,
    /// All, with a member added that tells which passages are repeated.
    Marked,
    /// All, without repeated passages, which were written apart.
    Stripped,
}

/// Records that could not be used.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BadSummary {
    /// How many there are.
    pub count: u64,
    /// The first few, as `file:line: cause`.
    pub first: Vec<String>,
}

/// How long a phase took.
#[derive(Clone, Debug, Serialize)]
pub struct Timing {
    /// The phase.
    pub phase: &'static str,
    /// Seconds on the wall clock.
    pub seconds: f64,
    /// Memory in use when it ended, in bytes; `None` if that is not known.
    pub memory: Option<u64>,
}

impl Summary {
    /// Sums an outcome up.
    pub fn new(
        outcome: &Outcome,
        annotated: bool,
        records: Records,
        input: InputSummary,
        bad_records: BadSummary,
        timings: Vec<Timing>,
    ) -> Self {
        let Tally { kept, removed } = outcome.tally();
        let count = |is: &dyn Fn(&crate::dedup::Article) -> bool| {
            outcome.articles.iter().filter(|article| is(article)).count() as u64
        };
        Self {
            program: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            sketch_version: SKETCH_VERSION,
            fingerprint: outcome.recipe.fingerprint(),
            recipe: outcome.recipe.clone(),
            engine: outcome.engine,
            banding: outcome.banding.map(BandingSummary::from),
            annotated,
            records,
            input,
            kept,
            removed,
            removed_by_relation: outcome
                .removed_by_relation()
                .into_iter()
                .map(|(relation, counts)| (relation.name(), counts))
                .collect(),
            clusters: outcome.clusters.len(),
            largest_cluster: outcome.clusters.iter().map(|c| c.members.len()).max().unwrap_or(0),
            related_pairs: outcome.related.len(),
            related_lists_cut: outcome.related_lists_cut,
            boilerplate: BoilerplateSummary {
                passages: outcome.boilerplate.passages.len(),
                documents_masked: outcome.boilerplate.documents_masked,
                removed_by_mask: outcome.removed_by_mask(),
            },
            passages: None,
            ids_missing: count(&|article| article.id.is_none()),
            ids_repeated: outcome.repeated_ids,
            texts_without_words: count(&|article| article.wordless),
            dates_missing: count(&|article| article.date == Date::Absent),
            dates_unreadable: count(&|article| article.date == Date::Unreadable),
            by_source: outcome.tally_by(|article| match article.source {
                Some(source) => outcome.sources[source as usize].clone(),
                None => UNKNOWN.to_owned(),
            }),
            by_month: outcome.tally_by(|article| month(article.date)),
            bad_records,
            timings,
        }
    }

    /// Seconds of all phases together.
    pub fn seconds(&self) -> f64 {
        self.timings.iter().map(|timing| timing.seconds).sum()
    }

    /// The summary as a person likes to read it: a few lines, each true on
    /// its own, nothing said that did not happen.
    pub fn text(&self) -> String {
        let Self { input, kept, removed, bad_records, .. } = self;
        let (gone, stayed, those_that_stayed) = match self.annotated {
            false => ("removed", "kept", "kept articles"),
            true => ("marked as copies", "others", "others"),
        };
        let width = grouped(input.documents).len();
        let line = |number: u64, rest: String| format!("{:>width$} {rest}", grouped(number));
        let some = |number: u64, rest: &dyn Fn() -> String| (number > 0).then(rest);
        let by_relation: Vec<String> = crate::recipe::Relation::DROPPABLE
            .iter()
            .filter_map(|relation| {
                let counts = self.removed_by_relation.get(relation.name())?;
                (counts.documents > 0).then(|| format!("{} {relation}", grouped(counts.documents)))
            })
            .collect();
        let articles = if input.documents == 1 { "article" } else { "articles" };
        paragraph(&[
            Some(line(
                input.documents,
                format!(
                    "{articles} read from {} ({})",
                    plural(input.files.len() as u64, "file"),
                    size(input.bytes)
                ),
            )),
            Some(line(
                removed.documents,
                match by_relation.as_slice() {
                    [] => format!("{gone}: no copies found"),
                    parts => format!(
                        "{gone} ({}, {}): {}",
                        percent(removed.documents as f64 / input.documents.max(1) as f64),
                        size(removed.bytes),
                        parts.join(", ")
                    ),
                },
            )),
            Some(line(kept.documents, format!("{stayed} ({})", size(kept.bytes)))),
            some(self.clusters as u64, &|| {
                line(
                    self.clusters as u64,
                    format!(
                        "{}, the largest of {}",
                        if self.clusters == 1 { "cluster" } else { "clusters" },
                        plural(self.largest_cluster as u64, "article")
                    ),
                )
            }),
            some(self.related_pairs as u64, &|| {
                let pairs = if self.related_pairs == 1 { "pair" } else { "pairs" };
                let more = if self.related_lists_cut > 0 { ", perhaps more" } else { "" };
                line(
                    self.related_pairs as u64,
                    format!("related {pairs} among the {those_that_stayed}{more}"),
                )
            }),
            some(self.boilerplate.documents_masked, &|| {
                let BoilerplateSummary { passages, documents_masked, removed_by_mask } =
                    self.boilerplate;
                let by_mask = match removed_by_mask {
                    0 => String::new(),
                    copies => format!("; {} {gone} for that alone", grouped(copies)),
                };
                let passages = plural(passages as u64, "passage");
                line(
                    documents_masked,
                    format!("compared without their boilerplate ({passages}){by_mask}"),
                )
            }),
            self.passages.as_ref().map(|passages| {
                let FamiliesSummary { families, occurrences, documents_with_passages, .. } =
                    *passages;
                let articles = plural(documents_with_passages, "article");
                let passages = if families == 1 { "passage" } else { "passages" };
                line(
                    families as u64,
                    format!(
                        "repeated {passages}, {} in {articles}",
                        plural(occurrences, "occurrence")
                    ),
                )
            }),
            some(self.texts_without_words, &|| {
                line(self.texts_without_words, "without any words; they match nothing".to_owned())
            }),
            (self.engine == Engine::Minhash).then(|| {
                format!(
                    "found with MinHash: of the `near` pairs at the threshold {:.1} %, of the \
                     `contained` nearly all, of others only those that happen to meet",
                    100.0 * self.recipe.recall
                )
            }),
            some(self.ids_repeated, &|| {
                line(
                    self.ids_repeated,
                    "with an id that was met before; told apart by file and line".to_owned(),
                )
            }),
            some(self.dates_unreadable, &|| {
                line(self.dates_unreadable, "with a date that could not be read".to_owned())
            }),
            some(bad_records.count, &|| {
                let records = if bad_records.count == 1 { "record" } else { "records" };
                line(bad_records.count, format!("bad {records} left out"))
            }),
        ])
    }
}
