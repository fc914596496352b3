//! What the MinHash engine finds and what it misses, measured on a sample.
//!
//! All pairs of a sample are found twice: by the exact join, and by MinHash.
//! Whether two texts meet in a band does not depend on any third, so what is
//! measured on the pairs of a sample holds for those of the corpus.

use std::collections::{BinaryHeap, HashSet};

use crate::hash::Hash128;
use crate::matching::banded::{BandIndex, Meetings};
use crate::matching::prefix::{PrefixIndex, Scope, shared_shingles};
use crate::matching::rules::Floors;
use crate::matching::{Rules, ShingleSet, Similarity, Texts, every_pair};
use crate::recipe::Recipe;
use crate::sketch::bands::Banding;
use crate::sketch::{Kernel, SLOTS, Sketcher};
use crate::watch::{Unit, Watch};
use crate::{Error, Result};

use super::article::{Article, Prepared};

/// How far below the threshold the curve begins.
const CURVE_BELOW: f64 = 0.2;

/// How wide a step of the curve is.
const STEP: f64 = 0.05;

/// Most pairs that are looked at: some minutes' work. A sample has more only
/// if thousands of its texts are alike.
const PAIRS_MAX: u64 = 50_000_000;

/// Draws a sample of a corpus: each set of so many documents is as likely as
/// any other.
pub struct Sample {
    recipe: Recipe,
    size: usize,
    seed: u64,
    documents: u64,
    /// The documents with the lowest hashes, the highest of them first.
    drawn: BinaryHeap<(u128, u64)>,
    texts: std::collections::HashMap<u64, (Hash128, ShingleSet)>,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Audit {
    /// Documents in the corpus.
    pub documents: u64,
    /// Documents in the sample.
    pub sampled: u64,
    /// Different texts among them; those without words left out.
    pub texts: u64,
    /// The Jaccard similarity from which pairs are wanted.
    pub threshold: f64,
    /// Bands of the MinHash engine.
    pub bands: usize,
    /// Slots in a band.
    pub rows: usize,
    /// Pairs at the threshold, by the exact join.
    pub pairs: u64,
    /// Those of them that MinHash finds.
    pub found: u64,
    /// Pairs that MinHash offers; each is verified before it counts.
    pub candidates: u64,
    /// Pairs by similarity, from some way below the threshold.
    pub curve: Vec<Step>,
}

/// The pairs of a range of similarities.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Step {
    /// The lowest Jaccard similarity.
    pub from: f64,
    /// The end of the range, which does not belong to it unless it is 1.
    pub to: f64,
    /// Pairs, by the exact join.
    pub pairs: u64,
    /// Those of them that MinHash finds.
    pub found: u64,
    /// The share of them that the bands promise: `1 - (1 - s^r)^b`, averaged
    /// over the pairs.
    pub promised: f64,
}

impl Sample {
    /// A sample of at most `size` documents.
    pub fn new(recipe: Recipe, size: usize, seed: u64) -> Self {
        Self {
            recipe,
            size,
            seed,
            documents: 0,
            drawn: BinaryHeap::new(),
            texts: std::collections::HashMap::new(),
        }
    }

    /// Takes the next documents of the input.
    pub fn take(&mut self, prepared: &Prepared) {
        for (document, set) in prepared.documents.iter().zip(prepared.sets()) {
            self.take_one(&document.article, set);
        }
    }

    fn take_one(&mut self, article: &Article, set: ShingleSet) {
        let number = self.documents;
        self.documents += 1;
        let [seed, bytes] = [self.seed, number].map(u64::to_le_bytes);
        let lot = Hash128::of(&[seed, bytes].concat()).0;
        if self.drawn.len() == self.size {
            match self.drawn.peek() {
                Some((highest, _)) if lot < *highest => {}
                _ => return,
            }
            let leaves = self.drawn.pop().map(|(_, number)| number);
            leaves.map(|number| self.texts.remove(&number));
        }
        self.drawn.push((lot, number));
        if !article.wordless {
            self.texts.insert(number, (article.same_hash, set));
        }
    }

    /// Finds the pairs of the sample twice.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if `watch` says so; [`Error::Usage`] if the
    /// sample has more pairs than can be looked at.
    pub fn finish(self, kernel: Kernel, watch: &dyn Watch) -> Result<Audit> {
        let Self { recipe, documents, drawn, texts, .. } = self;
        let mut numbered: Vec<(u64, (Hash128, ShingleSet))> = texts.into_iter().collect();
        numbered.sort_unstable_by_key(|(number, _)| *number);
        let mut met = HashSet::new();
        let mut texts = Texts::of(
            numbered
                .into_iter()
                .filter_map(|(_, (same_hash, text))| met.insert(same_hash).then_some(text)),
        );

        let rules = Rules::new(&recipe);
        let threshold = rules.drop_floors().jaccard.unwrap_or(recipe.jaccard);
        let banding = Banding::for_threshold(threshold, recipe.recall, SLOTS);
        let mut audit = Audit {
            documents,
            sampled: drawn.len() as u64,
            texts: u64::from(texts.len()),
            threshold,
            bands: banding.bands,
            rows: banding.rows,
            pairs: 0,
            found: 0,
            candidates: 0,
            curve: steps(threshold),
        };
        let lowest = audit.curve[0].from;

        watch.phase("joining exactly", Unit::Documents, Some(u64::from(texts.len())));
        let shared = shared_shingles(&texts, watch)?;
        let scope = Scope {
            floors: Floors { jaccard: Some(lowest), containment: None },
            from_both_sides: false,
            list_limit: usize::MAX,
        };
        let mut index = PrefixIndex::new(&texts, &shared, scope, watch)?;
        let mut looked_at = 0;
        every_pair(&texts, &mut index, lowest, watch, |_, _, pair| {
            looked_at += 1;
            check_count(looked_at)?;
            let step = audit.step(&pair);
            step.pairs += 1;
            step.promised += banding.candidate_probability(pair.jaccard());
            audit.pairs += u64::from(pair.jaccard() >= threshold);
            Ok(())
        })?;

        watch.phase("joining by MinHash", Unit::Documents, Some(u64::from(texts.len())));
        let sketcher = Sketcher::new(banding.slots(), kernel);
        let meetings = Meetings::new(&mut texts, &sketcher, banding, None, watch)?;
        let mut index = BandIndex::new(&meetings, watch)?;
        audit.candidates = every_pair(&texts, &mut index, lowest, watch, |_, _, pair| {
            audit.step(&pair).found += 1;
            audit.found += u64::from(pair.jaccard() >= threshold);
            Ok(())
        })?;
        for step in &mut audit.curve {
            step.promised /= step.pairs.max(1) as f64;
        }
        Ok(audit)
    }
}

fn check_count(pairs: u64) -> Result<()> {
    match pairs > PAIRS_MAX {
        true => Err(Error::Usage(format!(
            "the sample has more than {PAIRS_MAX} pairs that are alike: thousands of its articles \
             are copies of a few; take a smaller one with --sample"
        ))),
        false => Ok(()),
    }
}

/// The empty steps from below a threshold to 1; one begins at the threshold.
fn steps(threshold: f64) -> Vec<Step> {
    let below = (CURVE_BELOW.min(threshold) / STEP + 1e-9).floor();
    let count = ((1.0 - threshold) / STEP - 1e-9).ceil().max(1.0);
    (-(below as i32)..count as i32)
        .map(|at| {
            let from = threshold + f64::from(at) * STEP;
            Step { from, to: (from + STEP).min(1.0), ..Step::default() }
        })
        .collect()
}

impl Audit {
    fn step(&mut self, pair: &Similarity) -> &mut Step {
        let jaccard = pair.jaccard();
        let at = self.curve.partition_point(|step| step.from <= jaccard).saturating_sub(1);
        &mut self.curve[at]
    }
}
