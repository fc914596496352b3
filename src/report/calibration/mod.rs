//! A calibration, told to people and programs.

mod plot;

use std::fmt::Write;

use serde::Serialize;

use crate::dedup::calibration::{Drawn, DrawnPair, Plan};
use crate::evaluation::Draws;
use crate::evaluation::thresholds::{Point, Stratum, Wished, curve, wished};
use crate::hash::Hash128;
use crate::matching::Similarity;
use crate::recipe::Recipe;

use super::comparison::{AlignedRow, Compared, ComparedArticle};
use super::words::{grouped, plural};
use crate::compare::Side;

/// Everything that is told of a calibration.
#[derive(Debug, Serialize)]
pub struct Calibration<'a> {
    /// The program: `twicetold`.
    pub program: &'static str,
    /// Its version.
    pub version: &'static str,
    /// How texts are compared; its threshold is the one to be chosen.
    pub recipe: &'a Recipe,
    /// The hash of that recipe.
    pub fingerprint: Hash128,
    /// The seed of the draw and of the intervals.
    pub seed: u64,
    /// Documents in the corpus.
    pub documents: u64,
    /// Different texts among them; those without words left out.
    pub texts: u64,
    /// The threshold as it is.
    pub threshold: f64,
    /// The lowest similarity of the range.
    pub from: f64,
    /// The end of the range, which does not belong to it unless it is 1.
    pub to: f64,
    /// Pairs of different texts in the range; with a gold, those it judges.
    pub pairs: u64,
    /// Pairs that are left out because they are templates.
    pub templates: u64,
    /// Copies of a gold that are less alike than the range.
    pub below: u64,
    /// Labelled pairs in the range.
    pub labelled: u64,
    /// Labels for pairs that were not drawn, which count for nothing.
    pub labels_unused: u64,
    /// The pairs of the range by similarity.
    pub strata: &'a [Stratum],
    /// What a threshold at the lower end of each stratum does; empty without
    /// labels.
    pub curve: Vec<Point>,
    /// The threshold for a wished precision, where one was wished.
    pub wished: Option<Wished>,
    /// The pairs that were drawn, the most similar first.
    pub drawn: Vec<DrawnRow<'a>>,
}

/// A pair that was drawn.
#[derive(Debug, Serialize)]
pub struct DrawnRow<'a> {
    /// Their Jaccard similarity without boilerplate: what a threshold is held
    /// against.
    pub jaccard: f64,
    /// How much of A is in B, without boilerplate.
    pub containment: f64,
    /// How much of B is in A, without boilerplate.
    pub other_containment: f64,
    /// Their Jaccard similarity as they are.
    pub plain_jaccard: f64,
    /// Whether they are copies; null if nobody said so.
    pub label: Option<bool>,
    /// The first document.
    pub a: ComparedArticle<'a>,
    /// The second document.
    pub b: ComparedArticle<'a>,
    /// The texts side by side: put together, the stretches are the whole texts.
    pub alignment: Vec<AlignedRow<'a>>,
}

impl<'a> DrawnRow<'a> {
    /// A drawn pair, compared.
    pub fn new(pair: &DrawnPair, compared: &Compared<'a>) -> Self {
        Self {
            jaccard: pair.similarity.jaccard(),
            containment: pair.similarity.containment(),
            other_containment: pair.similarity.right_containment(),
            plain_jaccard: pair.plain.jaccard(),
            label: pair.label,
            a: compared.article(Side::A),
            b: compared.article(Side::B),
            alignment: compared.alignment(),
        }
    }
}

/// The similarity of a pair that is shown, in a line.
pub fn pair_heading(number: usize, of: usize, similarity: &Similarity) -> String {
    format!(
        "{number} of {of}: Jaccard {:.3}; {:.3} of A is in B, {:.3} of B is in A",
        similarity.jaccard(),
        similarity.containment(),
        similarity.right_containment()
    )
}

impl<'a> Calibration<'a> {
    /// Estimates precision and recall from the labels of what was drawn.
    pub fn new(
        recipe: &'a Recipe,
        plan: &Plan,
        drawn: &'a Drawn,
        precision: Option<f64>,
        draws: Draws,
    ) -> Self {
        let (below, strata) = drawn.strata.split_at(drawn.below);
        let labelled: u64 = strata.iter().map(|stratum| stratum.labelled).sum();
        let mut points = match labelled {
            0 => Vec::new(),
            _ => curve(&drawn.strata, draws),
        };
        points.drain(..drawn.below.min(points.len()));
        Self {
            program: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            recipe,
            fingerprint: recipe.fingerprint(),
            seed: plan.seed,
            documents: drawn.articles.len() as u64,
            texts: drawn.texts,
            threshold: plan.threshold,
            from: plan.from(),
            to: plan.to(),
            pairs: strata.iter().map(|stratum| stratum.pairs).sum(),
            templates: drawn.templates,
            below: below.iter().map(|stratum| stratum.pairs).sum(),
            labelled,
            labels_unused: 0,
            strata,
            wished: precision.map(|precision| wished(&points, precision)),
            curve: points,
            drawn: Vec::new(),
        }
    }

    /// The calibration for people: what there is, and what each threshold does.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let mut say = |line: String| writeln!(out, "{line}").expect("a String takes every write");
        say(format!(
            "{} of {} with a Jaccard similarity from {} to {}",
            plural(self.pairs, "pair"),
            plural(self.texts, "different text"),
            self.from,
            self.to
        ));
        if self.templates > 0 {
            say(format!("{} beside them, never dropped", plural(self.templates, "template")));
        }
        if self.curve.is_empty() {
            say(format!("{:>9}  {:>11}", "from", "pairs"));
            for stratum in self.strata {
                say(format!("{:>9.2}  {:>11}", stratum.from, grouped(stratum.pairs)));
            }
            return out;
        }
        say(format!(
            "{} labelled; each counts for the pairs of its step that it stands for",
            grouped(self.labelled)
        ));
        say(format!(
            "\n{:>9}  {:>11}  {:>8}  {:>8}  {:<25}  {}",
            "threshold", "pairs there", "labelled", "same", "precision (95 %)", "recall (95 %)"
        ));
        for (Stratum { pairs, labelled, same, .. }, point) in self.strata.iter().zip(&self.curve) {
            let mark = if point.threshold == self.threshold { " <" } else { "" };
            say(format!(
                "{:>9.2}  {:>11}  {:>8}  {:>8}  {:<25}  {}{mark}",
                point.threshold,
                grouped(*pairs),
                grouped(*labelled),
                grouped(*same),
                figure(point.precision, point.precision_interval),
                figure(point.recall, point.recall_interval),
            ));
        }
        match self.below {
            0 => say(format!("recall is that of copies from {} on", self.from)),
            below => say(format!("recall includes {} below {}", copies(below), self.from)),
        }
        if let Some(wished) = &self.wished {
            say(wish(wished));
        }
        out
    }

    /// The precision-recall curve as an SVG: numbers and words of ours only.
    pub fn svg(&self) -> String {
        plot::svg(&self.curve, self.threshold, self.wished.map(|wished| wished.precision))
    }
}

fn copies(count: u64) -> String {
    format!("{} {}", grouped(count), if count == 1 { "copy" } else { "copies" })
}

fn figure(value: Option<f64>, interval: Option<(f64, f64)>) -> String {
    match (value, interval) {
        (None, _) => "-".to_owned(),
        (Some(value), None) => format!("{value:.4}"),
        (Some(value), Some((low, high))) => format!("{value:.4} ({low:.4} to {high:.4})"),
    }
}

fn wish(Wished { precision, threshold, sure_threshold }: &Wished) -> String {
    let Some(threshold) = threshold else {
        return format!("precision {precision}: no threshold has it");
    };
    let sure = match sure_threshold {
        Some(sure) => format!("from {sure:.2} on"),
        None => "nowhere".to_owned(),
    };
    format!("precision {precision}: threshold {threshold:.2}; with its whole interval: {sure}")
}
