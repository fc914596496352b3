//! Groups matches into families: the occurrences of one repeated passage.
//!
//! The stretch with most matches becomes a representative; what is matched with
//! it, or with what was taken in, belongs to its family if it is alike enough
//! when compared with the representative itself, exactly. A family tells the
//! matches between its occurrences; as long as there are matches that no family
//! tells, there is another family. So nothing that was found is lost, a passage
//! inside a longer one is a family of its own where it occurs without the
//! longer one, and families may overlap.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use super::PassageRecipe;
use super::agree::Pattern;
use super::components::components;
use super::graph::Graph;
use super::link::Match;
use super::token_text::TokenTexts;
use super::told::Teller;
use crate::Result;
use crate::watch::Watch;

/// How often a stretch is compared with representatives it has no match with,
/// in vain. Beyond, only its own matches count.
const VAIN_MAX: u8 = 16;

/// How many stretches at one place are compared with a representative, to find
/// the best of them. Among so many there is a good one.
const ALIKE_MAX: usize = 16;

/// One occurrence of a family, by its places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) places: Range<u32>,
    /// How many of its tokens agree with the representative's.
    pub(super) matched: u32,
}

/// What is compared with a representative.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// What it is matched with.
    Direct,
    /// Also what any stretch at the place of an occurrence is matched with.
    Grown,
}

/// Groups matches. Of each family the representative comes first, the others
/// follow in order of their places.
pub(super) fn group(
    texts: &TokenTexts,
    recipe: &PassageRecipe,
    matches: &[Match],
    watch: &dyn Watch,
) -> Result<Vec<Vec<Found>>> {
    let families: Vec<Vec<Vec<Found>>> = components(matches)
        .par_iter()
        .map(|matches| group_component(texts, recipe, matches, watch))
        .collect::<Result<_>>()?;
    Ok(families.into_iter().flatten().collect())
}

/// Groups matches that have nothing to do with the others.
fn group_component(
    texts: &TokenTexts,
    recipe: &PassageRecipe,
    matches: &[Match],
    watch: &dyn Watch,
) -> Result<Vec<Vec<Found>>> {
    let graph = Graph::new(matches);
    let count = graph.nodes.len();
    let mut order: Vec<u32> = (0..count as u32).collect();
    order.sort_by_key(|&node| {
        (Reverse((graph.degree(node), graph.nodes[node as usize].len())), node)
    });
    let mut grouper = Grouper {
        texts,
        recipe,
        graph,
        families: 0,
        tried: vec![0; count],
        vain: vec![0; count],
        pattern: Pattern::default(),
        teller: Teller { texts, recipe, pattern: Pattern::default() },
    };
    let mut families = Vec::new();
    for representative in order {
        watch.check()?;
        // Two stretches it matches in one document can overlap; a family takes
        // the better one, so there may be another family, of its own matches.
        let mut reach = Reach::Grown;
        while !grouper.graph.untold(representative).is_empty() {
            families.push(grouper.family(representative, reach));
            reach = Reach::Direct;
        }
    }
    Ok(families)
}

struct Grouper<'a> {
    texts: &'a TokenTexts,
    recipe: &'a PassageRecipe,
    graph: Graph,
    /// How many families there are.
    families: u32,
    /// For each node, the last family it was compared for.
    tried: Vec<u32>,
    /// For each node, how often it was compared in vain.
    vain: Vec<u8>,
    /// The representative of the current family.
    pattern: Pattern,
    teller: Teller<'a>,
}

impl Grouper<'_> {
    /// A family of a representative that has a match not yet told; what the
    /// family tells is marked.
    fn family(&mut self, representative: u32, reach: Reach) -> Vec<Found> {
        self.families += 1;
        let places = self.graph.nodes[representative as usize].clone();
        self.pattern.read(self.texts.codes_at(&places).iter().copied());
        let mut taken = Taken::default();
        taken.insert(Found { matched: places.len() as u32, places: places.clone() });
        let mut candidates = Vec::new();
        self.compare(representative, &places, &taken, &mut candidates, VAIN_MAX + 1);
        let mut front = match reach {
            Reach::Direct => Vec::new(),
            Reach::Grown => vec![places.clone()],
        };
        loop {
            for occurrence in front.drain(..) {
                let nodes: Vec<u32> = self.graph.alike(&occurrence).collect();
                for node in nodes {
                    self.compare(node, &places, &taken, &mut candidates, VAIN_MAX);
                }
            }
            // Of two that overlap, the one that agrees in more words is taken.
            candidates.sort_by_key(|found| {
                (Reverse(found.matched), found.places.start, found.places.end)
            });
            for found in candidates.drain(..) {
                if taken.overlaps(&found.places) {
                    continue;
                }
                let found = match reach {
                    Reach::Direct => found,
                    Reach::Grown => self.best_at(found, &places, &taken),
                };
                front.push(found.places.clone());
                taken.insert(found);
            }
            if front.is_empty() || reach == Reach::Direct {
                break;
            }
        }
        self.tell(&taken);
        taken.family(&places)
    }

    /// Compares what a node is matched with, and no family tells yet, with the
    /// representative at `places`; adds what is alike enough. What was compared
    /// in vain `vain_max` times is left out.
    fn compare(
        &mut self,
        node: u32,
        places: &Range<u32>,
        taken: &Taken,
        candidates: &mut Vec<Found>,
        vain_max: u8,
    ) {
        for i in 0..self.graph.untold(node).len() {
            let edge = self.graph.edge(node, i);
            let other = self.graph.other(edge, node) as usize;
            if self.tried[other] == self.families || self.vain[other] >= vain_max {
                continue;
            }
            self.tried[other] = self.families;
            let stretch = &self.graph.nodes[other];
            if taken.overlaps(stretch) {
                continue;
            }
            let matched = self.pattern.agreement(self.texts.codes_at(stretch));
            if self.recipe.accepts(self.texts, places, stretch, matched) {
                candidates.push(Found { places: stretch.clone(), matched });
            } else {
                self.vain[other] = (self.vain[other] + 1).min(VAIN_MAX);
            }
        }
    }

    /// Of the stretches at the place of a candidate, the one that agrees with the
    /// representative in most words; of several, the shortest. One match may
    /// have ended early where another went on.
    fn best_at(&mut self, candidate: Found, places: &Range<u32>, taken: &Taken) -> Found {
        let mut best = candidate.clone();
        for node in self.graph.alike(&candidate.places).take(ALIKE_MAX) {
            let stretch = &self.graph.nodes[node as usize];
            if *stretch == candidate.places || taken.overlaps(stretch) {
                continue;
            }
            let matched = self.pattern.agreement(self.texts.codes_at(stretch));
            let better = (matched, best.places.len()) > (best.matched, stretch.len());
            if better && self.recipe.accepts(self.texts, places, stretch, matched) {
                best = Found { places: stretch.clone(), matched };
            }
        }
        best
    }

    /// Marks the matches between different occurrences of a family.
    fn tell(&mut self, taken: &Taken) {
        for found in taken.0.values() {
            let occurrence = &found.places;
            for node in self.graph.near(occurrence) {
                for i in 0..self.graph.untold(node).len() {
                    let edge = self.graph.edge(node, i);
                    let other = self.graph.other(edge, node);
                    let nodes = [node, other].map(|node| &self.graph.nodes[node as usize]);
                    let matched = self.graph.matched(edge);
                    let told = taken.at(nodes[1]).any(|holder| {
                        holder != occurrence
                            && self.teller.tells([occurrence, holder], nodes, matched)
                    });
                    if told {
                        self.graph.tell(edge);
                    }
                }
            }
        }
    }
}

/// The occurrences of a family so far, none of which overlap, by their starts.
#[derive(Default)]
pub(super) struct Taken(BTreeMap<u32, Found>);

impl Taken {
    pub(super) fn insert(&mut self, found: Found) {
        self.0.insert(found.places.start, found);
    }

    /// Whether an occurrence shares places with a stretch.
    pub(super) fn overlaps(&self, stretch: &Range<u32>) -> bool {
        self.at(stretch).next().is_some()
    }

    /// The occurrences that share places with a stretch.
    pub(super) fn at(&self, stretch: &Range<u32>) -> impl Iterator<Item = &Range<u32>> {
        let start = stretch.start;
        let before = self.0.range(..stretch.end).rev().map(|(_, found)| &found.places);
        before.take_while(move |places| places.end > start)
    }

    /// All of them, the representative first, the others in order.
    pub(super) fn family(self, representative: &Range<u32>) -> Vec<Found> {
        let mut family: Vec<Found> = self.0.into_values().collect();
        let at = family.iter().position(|found| found.places == *representative);
        family[..=at.expect("it was put in")].rotate_right(1);
        family
    }
}
