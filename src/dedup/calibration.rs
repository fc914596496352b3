//! Pairs around a threshold, drawn for a person to look at or counted by a
//! gold.
//!
//! All pairs of different texts whose Jaccard similarity lies in a range are
//! found by the exact join, as [`Dedup::finish`] would compare them: without
//! boilerplate, and only those the recipe lets count. Each goes into a stratum
//! by its similarity; of every stratum the pairs with the lowest hashes are
//! drawn, so that neither threads nor the order of files matter and a larger
//! draw contains every smaller one.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use crate::document::DocId;
use crate::evaluation::thresholds::Stratum;
use crate::hash::Hash128;
use crate::matching::mask::plain_similarity;
use crate::matching::prefix::{PrefixIndex, Scope, shared_shingles};
use crate::matching::rules::Floors;
use crate::matching::{Rules, Similarity, Texts, every_pair};
use crate::watch::{Unit, Watch};
use crate::{Error, Result};

use super::article::Article;
use super::classes::{Pairs, Ranked};
use super::templates::Templates;
use super::{Dedup, masked, order};

/// Most pairs that are looked at: some minutes' work.
const PAIRS_MAX: u64 = 50_000_000;

/// Most pairs that are drawn: more than anybody will look at.
pub const DRAW_MAX: usize = 10_000;

/// The narrowest step of similarity. Texts of a hundred words have no finer
/// differences.
pub const STEP_MIN: f64 = 0.01;

/// How far below the threshold the range begins by itself, but not below half
/// the threshold: there, most pairs have nothing to do with each other.
const BELOW: f64 = 0.3;

/// What to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The threshold that is to be chosen, as it is.
    pub threshold: f64,
    /// Where strata begin, ascending, and where the last one ends.
    borders: Vec<f64>,
    /// At most how many pairs to draw.
    pub pairs: usize,
    /// Which ones: another seed, another draw.
    pub seed: u64,
}

/// What is known to be true.
#[derive(Clone, Debug, Default)]
pub enum Judged {
    /// Nothing yet: pairs are drawn from all there are.
    #[default]
    Nothing,
    /// Clusters of documents: pairs are copies if they are in one. Only pairs
    /// of these documents count.
    Clusters(BTreeMap<DocId, u32>),
    /// Pairs, and whether they are copies. Only they count, whatever their
    /// similarity.
    Pairs(Vec<(DocId, DocId, bool)>),
}

/// What was found and drawn.
#[derive(Debug)]
pub struct Drawn {
    /// Every document, in input order.
    pub articles: Vec<Article>,
    /// The different texts among them; those without words left out.
    pub texts: u64,
    /// The pairs by similarity, with the labels that a gold gives them. If a
    /// gold has copies below the range, the first stratum is theirs.
    pub strata: Vec<Stratum>,
    /// How many of the strata, from the first, are below the range.
    pub below: usize,
    /// Pairs in the range that are left out: templates are never dropped,
    /// whatever the threshold.
    pub templates: u64,
    /// What was drawn: round by round one pair of each stratum, each round from
    /// the most similar pair down.
    pub pairs: Vec<DrawnPair>,
}

/// A pair that was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DrawnPair {
    /// The document that comes first in the input.
    pub a: DocId,
    /// The other one.
    pub b: DocId,
    /// What the threshold is held against: their similarity without
    /// boilerplate, `a` on the left.
    pub similarity: Similarity,
    /// Their similarity as they are.
    pub plain: Similarity,
    /// Its position in [`Drawn::strata`].
    pub stratum: usize,
    /// Whether they are copies, as a gold says.
    pub label: Option<bool>,
}

impl Drawn {
    /// Notes what somebody says of the drawn pair at a position.
    pub fn label(&mut self, at: usize, is: bool) {
        let pair = &mut self.pairs[at];
        debug_assert!(pair.label.is_none(), "a pair is labelled once");
        pair.label = Some(is);
        let stratum = &mut self.strata[pair.stratum];
        stratum.labelled += 1;
        stratum.same += u64::from(is);
    }
}

impl Plan {
    /// Strata `step` wide from `from` (by itself somewhat below the threshold)
    /// to `to`, one of which begins at the threshold.
    ///
    /// # Errors
    /// [`Error::Usage`] if there is nothing in between.
    pub fn new(
        threshold: f64,
        (from, to): (Option<f64>, f64),
        step: f64,
        pairs: usize,
        seed: u64,
    ) -> Result<Self> {
        if !(STEP_MIN..=1.0).contains(&step) {
            return Err(Error::Usage(format!("a step is between {STEP_MIN} and 1, not {step}")));
        }
        let at = |steps: i32| rounded(threshold + f64::from(steps) * step);
        let most = (1.0 / step).ceil() as i32;
        let from = from.unwrap_or_else(|| {
            let lowest = (threshold - BELOW).max(threshold / 2.0);
            (-most..=0).map(at).find(|border| *border >= rounded(lowest)).unwrap_or(threshold)
        });
        if !(0.0 <= from && from < to && to <= 1.0) {
            return Err(Error::Usage(format!(
                "there are no similarities from {from} up to {to}; give --from and --to, between \
                 0 and 1"
            )));
        }
        let within = (-most..=most).map(at).filter(|border| from < *border && *border < to);
        let borders = [from].into_iter().chain(within).chain([to]).collect();
        Ok(Self { threshold, borders, pairs: pairs.min(DRAW_MAX), seed })
    }

    /// The lowest similarity.
    pub fn from(&self) -> f64 {
        self.borders[0]
    }

    /// The end of the range, which does not belong to it unless it is 1.
    pub fn to(&self) -> f64 {
        self.borders[self.borders.len() - 1]
    }

    /// Empty strata, before them one for what is below the range.
    fn strata(&self) -> Vec<Stratum> {
        let below = Stratum { from: 0.0, to: self.from(), ..Stratum::default() };
        let within = self.borders.windows(2);
        let within = within.map(|ends| Stratum { from: ends[0], to: ends[1], ..below });
        [below].into_iter().chain(within).collect()
    }

    /// The stratum of a similarity.
    fn stratum(&self, similarity: f64) -> Option<usize> {
        let strata = self.borders.len() - 1;
        let after = self.borders.partition_point(|border| *border <= similarity);
        match after {
            0 => None,
            // The end belongs to the last stratum if it is 1.
            _ if after > strata => (similarity <= 1.0 && self.to() == 1.0).then_some(strata - 1),
            _ => Some(after - 1),
        }
    }

    /// The strata in the order in which they are drawn from: the nearest to
    /// the threshold first.
    fn nearest_first(&self) -> Vec<usize> {
        let distance = |at: usize| {
            let middle = (self.borders[at] + self.borders[at + 1]) / 2.0;
            (middle - self.threshold).abs()
        };
        let mut strata: Vec<usize> = (0..self.borders.len() - 1).collect();
        strata.sort_by(|a, b| distance(*a).total_cmp(&distance(*b)));
        strata
    }
}

/// A border as it would be typed: 0.4 + 6 * 0.05 is 0.7, not a little more.
fn rounded(border: f64) -> f64 {
    const DECIMALS: f64 = 1e6;
    (border * DECIMALS).round() / DECIMALS
}

impl Dedup {
    /// Finds the pairs of a plan among all documents taken, and draws some.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if `watch` says so; [`Error::Usage`] if there are
    /// more pairs than can be looked at, the range begins at 0 though all pairs
    /// count, or the recipe restricts pairs by something no document has.
    pub fn draw(self, plan: &Plan, judged: &Judged, watch: &dyn Watch) -> Result<Drawn> {
        self.check_restrictions()?;
        let Self { recipe, articles, sources, classes, .. } = self;
        let sources = sources.into_names();
        let order = order::KeepOrder::new(&recipe.keep, &articles, &sources);
        let (classes, mut texts) = classes.in_keep_order(&order)?;
        let rules = Rules::new(&recipe);
        let documents = |class| (classes.size(class), classes.first(class));
        masked(&recipe, &rules, &mut texts, &documents, watch)?;
        texts.sort_all(watch)?;

        let mut urn = Urn {
            plan,
            rules,
            classes: &classes,
            articles: &articles,
            counts: classes.pairs(&recipe, &articles),
            templates: Templates::new(&recipe, &classes, &articles),
            strata: plan.strata(),
            lots: vec![BinaryHeap::new(); plan.borders.len() - 1],
            looked_at: 0,
            templates_met: 0,
            copies_met: 0,
        };
        if let Judged::Pairs(pairs) = judged {
            let text_of = texts_of(&classes);
            for (a, b, is) in pairs {
                watch.check()?;
                if let (Some(a), Some(b)) = (text_of.get(&a.0), text_of.get(&b.0))
                    && a != b
                {
                    urn.take(*a, *b, texts.similarity(*a, *b)?, Some(*is))?;
                }
            }
        } else {
            let cluster_of = match judged {
                Judged::Clusters(clusters) => Some(clusters_of(&classes, clusters)),
                Judged::Nothing | Judged::Pairs(_) => None,
            };
            if plan.from() <= 0.0 {
                let least = "any two texts are at least 0 alike; give --from above 0";
                return Err(Error::Usage(least.to_owned()));
            }
            watch.phase("joining exactly", Unit::Documents, Some(u64::from(texts.len())));
            let shared = shared_shingles(&texts, watch)?;
            let scope = Scope {
                floors: Floors { jaccard: Some(plan.from()), containment: None },
                from_both_sides: false,
                list_limit: usize::MAX,
            };
            let mut index = PrefixIndex::new(&texts, &shared, scope, watch)?;
            every_pair(&texts, &mut index, plan.from(), watch, |a, b, similarity| {
                let of = cluster_of.as_ref().map(|of| (of[a as usize], of[b as usize]));
                match of {
                    None => urn.take(a, b, similarity, None),
                    Some((Some(one), Some(other))) => {
                        urn.take(a, b, similarity, Some(one == other))
                    }
                    Some(_) => Ok(()),
                }
            })?;
            if let Some(cluster_of) = cluster_of {
                urn.take_copies_below(&cluster_of)?;
            }
        }
        let pairs = urn.draw(&texts)?;
        let (mut strata, templates) = (urn.strata, urn.templates_met);
        let below = usize::from(strata[0].pairs > 0);
        strata.drain(..1 - below);
        let texts = u64::from(texts.len());
        Ok(Drawn { articles, texts, strata, below, templates, pairs })
    }
}

/// The text of each document.
fn texts_of(classes: &Ranked) -> HashMap<u32, u32> {
    let of_class = |(class, documents): (u32, &[u32])| {
        documents.iter().map(|document| (*document, class)).collect::<Vec<_>>()
    };
    (0u32..).zip(classes.iter()).flat_map(of_class).collect()
}

/// The gold cluster of each text: that of its first document that has one.
fn clusters_of(classes: &Ranked, clusters: &BTreeMap<DocId, u32>) -> Vec<Option<u32>> {
    let cluster = |document: &u32| clusters.get(&DocId(*document)).copied();
    classes.iter().map(|documents| documents.iter().find_map(cluster)).collect()
}

/// A pair with its lot.
#[derive(Clone, Copy)]
struct Lot {
    lot: u128,
    a: u32,
    b: u32,
    similarity: Similarity,
    label: Option<bool>,
}

impl Lot {
    fn key(&self) -> (u128, u32, u32) {
        (self.lot, self.a, self.b)
    }
}

impl PartialEq for Lot {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Lot {}

impl PartialOrd for Lot {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Lot {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// Counts pairs and holds those with the lowest lots of each stratum.
struct Urn<'a> {
    plan: &'a Plan,
    rules: Rules,
    classes: &'a Ranked,
    articles: &'a [Article],
    counts: Pairs,
    templates: Templates<'a>,
    /// The first one is for copies below the range.
    strata: Vec<Stratum>,
    lots: Vec<BinaryHeap<Lot>>,
    looked_at: u64,
    templates_met: u64,
    /// Copies that were met in the range and above, templates among them.
    copies_met: u64,
}

impl Urn<'_> {
    /// Takes a pair of two texts.
    fn take(&mut self, a: u32, b: u32, similarity: Similarity, label: Option<bool>) -> Result<()> {
        self.look()?;
        if !self.counts.count(a, b) {
            return Ok(());
        }
        self.copies_met += u64::from(label == Some(true));
        let jaccard = similarity.jaccard();
        let Some(stratum) = self.plan.stratum(jaccard) else {
            // A judged pair below the range; of those that are found none is.
            if label == Some(true) && jaccard < self.plan.from() {
                self.take_below(1);
            }
            return Ok(());
        };
        if self.rules.relation(&similarity).is_some() && self.templates.are(a, b) {
            self.templates_met += 1;
            return Ok(());
        }
        let counted = &mut self.strata[stratum + 1];
        counted.pairs += 1;
        counted.labelled += u64::from(label.is_some());
        counted.same += u64::from(label == Some(true));
        let lot = self.lot(a, b);
        let lots = &mut self.lots[stratum];
        lots.push(Lot { lot, a, b, similarity, label });
        if lots.len() > self.plan.pairs {
            lots.pop();
        }
        Ok(())
    }

    /// Counts a pair that is looked at.
    fn look(&mut self) -> Result<()> {
        self.looked_at += 1;
        match self.looked_at > PAIRS_MAX {
            true => Err(Error::Usage(format!(
                "more than {PAIRS_MAX} pairs are at least {} alike; look at fewer with a higher \
                 --from, or at a part of the corpus",
                self.plan.from()
            ))),
            false => Ok(()),
        }
    }

    /// The copies of a gold that were not met: they are less alike than the
    /// range.
    fn take_copies_below(&mut self, cluster_of: &[Option<u32>]) -> Result<()> {
        let mut clusters: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (text, cluster) in (0u32..).zip(cluster_of) {
            cluster.map(|cluster| clusters.entry(cluster).or_default().push(text));
        }
        let mut copies = 0;
        for texts in clusters.values() {
            for (at, a) in texts.iter().enumerate() {
                for b in &texts[..at] {
                    self.look()?;
                    copies += u64::from(self.counts.count(*a, *b));
                }
            }
        }
        self.take_below(copies - self.copies_met);
        Ok(())
    }

    fn take_below(&mut self, copies: u64) {
        let below = &mut self.strata[0];
        below.pairs += copies;
        below.labelled += copies;
        below.same += copies;
    }

    /// A number that depends on the seed and the two texts only.
    fn lot(&self, a: u32, b: u32) -> u128 {
        let text = |class| self.articles[self.classes.head(class) as usize].same_hash.0;
        let (a, b) = (text(a), text(b));
        let mut bytes = [0; 40];
        bytes[..8].copy_from_slice(&self.plan.seed.to_le_bytes());
        bytes[8..24].copy_from_slice(&a.min(b).to_le_bytes());
        bytes[24..].copy_from_slice(&a.max(b).to_le_bytes());
        Hash128::of(&bytes).0
    }

    /// Draws round by round one pair of each stratum that has more.
    fn draw(&mut self, texts: &Texts) -> Result<Vec<DrawnPair>> {
        let mut strata: Vec<(usize, std::vec::IntoIter<Lot>)> = self
            .plan
            .nearest_first()
            .into_iter()
            .map(|at| (at, std::mem::take(&mut self.lots[at]).into_sorted_vec().into_iter()))
            .collect();
        let below = usize::from(self.strata[0].pairs > 0);
        let mut drawn = Vec::new();
        loop {
            let left = self.plan.pairs - drawn.len();
            let mut round: Vec<DrawnPair> = strata
                .iter_mut()
                .filter_map(|(at, lots)| lots.next().map(|lot| (*at + below, lot)))
                .take(left)
                .map(|(stratum, lot)| self.pair(stratum, lot, texts))
                .collect::<Result<_>>()?;
            if round.is_empty() {
                return Ok(drawn);
            }
            round.sort_by_key(|pair| Reverse(pair.stratum));
            drawn.append(&mut round);
        }
    }

    fn pair(&self, stratum: usize, lot: Lot, texts: &Texts) -> Result<DrawnPair> {
        let Lot { a, b, similarity, label, .. } = lot;
        let documents = [a, b].map(|text| DocId(self.classes.head(text)));
        let plain = plain_similarity(texts, a, b, similarity.shared)?;
        let pair =
            DrawnPair { a: documents[0], b: documents[1], similarity, plain, stratum, label };
        Ok(match documents[0] <= documents[1] {
            true => pair,
            false => DrawnPair {
                a: documents[1],
                b: documents[0],
                similarity: similarity.turned(),
                plain: plain.turned(),
                ..pair
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(threshold: f64, from: Option<f64>, to: f64, step: f64) -> Plan {
        Plan::new(threshold, (from, to), step, 10, 1).expect("a plan")
    }

    #[test]
    fn a_stratum_begins_at_the_threshold() {
        #[track_caller]
        fn check(plan: Plan, expected: &[f64]) {
            assert_eq!(plan.borders, expected);
        }
        check(plan(0.7, None, 1.0, 0.1), &[0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]);
        check(plan(0.7, Some(0.55), 0.85, 0.1), &[0.55, 0.6, 0.7, 0.8, 0.85]);
        check(plan(0.7, Some(0.0), 1.0, 0.5), &[0.0, 0.2, 0.7, 1.0]);
        check(plan(0.13, None, 0.2, 0.05), &[0.08, 0.13, 0.18, 0.2]);
        check(plan(1.0, Some(0.9), 1.0, 0.05), &[0.9, 0.95, 1.0]);
    }

    #[test]
    fn a_similarity_lies_in_one_stratum() {
        let whole = plan(0.7, None, 1.0, 0.1);
        let found = [0.39, 0.4, 0.49, 0.7, 0.95, 1.0].map(|s| whole.stratum(s));
        assert_eq!(found, [None, Some(0), Some(0), Some(3), Some(5), Some(5)]);
        let part = plan(0.7, None, 0.8, 0.1);
        assert_eq!([0.79, 0.8, 1.0].map(|s| part.stratum(s)), [Some(3), None, None]);
    }

    #[test]
    fn a_range_without_similarities_is_refused() {
        for (from, to) in [(Some(0.5), 0.5), (Some(0.9), 0.8), (Some(-0.1), 1.0), (None, 1.1)] {
            let refused = Plan::new(0.7, (from, to), 0.05, 10, 1).is_err();
            assert!(refused, "{from:?} to {to}");
        }
        assert!(Plan::new(0.7, (None, 1.0), 0.001, 10, 1).is_err());
    }
}
