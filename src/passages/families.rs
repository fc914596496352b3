//! Groups matches into families: the occurrences of one repeated passage.
//!
//! Stretches with the same ends are one node of a graph, matches its edges.
//! The node with most edges becomes a representative; what is matched with it,
//! or with what was taken in, belongs to its family if it is alike enough when
//! compared with the representative itself, exactly. A match whose two
//! stretches lie in occurrences of one family is told by it; as long as there
//! are matches that no family tells, there is another family. So nothing that
//! was found is lost, a passage inside a longer one is a family of its own
//! where it occurs without the longer one, and families may overlap.

use std::collections::BTreeMap;
use std::ops::Range;

use super::PassageRecipe;
use super::agree::Pattern;
use super::link::Match;
use super::token_text::TokenTexts;
use crate::Result;
use crate::text::WORD_WEIGHT;
use crate::watch::Watch;

/// How often a stretch is compared with representatives it has no match with,
/// in vain. Beyond, only its own matches count.
const VAIN_MAX: u8 = 16;

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

/// The graph, and which of its edges are told.
struct Graph<'a> {
    texts: &'a TokenTexts,
    recipe: &'a PassageRecipe,
    /// The stretches, in order.
    nodes: Vec<Range<u32>>,
    /// Where each node's edges begin in [`Self::ends`]; last, where all end.
    firsts: Vec<u32>,
    /// The edges of each node.
    ends: Vec<u32>,
    /// The two nodes of each edge.
    edges: Vec<[u32; 2]>,
    told: Vec<bool>,
    /// How many families there are.
    count: u32,
    /// For each node, the last family it was compared for.
    tried: Vec<u32>,
    /// For each node, how often it was compared in vain.
    vain: Vec<u8>,
    pattern: Pattern,
}

/// Groups matches. Of each family the representative comes first, the others
/// follow in order of their places.
pub(super) fn group(
    texts: &TokenTexts,
    recipe: &PassageRecipe,
    matches: &[Match],
    watch: &dyn Watch,
) -> Result<Vec<Vec<Found>>> {
    let mut graph = Graph::new(texts, recipe, matches);
    let mut order: Vec<u32> = (0..graph.nodes.len() as u32).collect();
    order.sort_by_key(|&node| {
        let degree = graph.edges_of(node).len();
        (std::cmp::Reverse((degree, graph.nodes[node as usize].len())), node)
    });
    let mut families = Vec::new();
    for representative in order {
        watch.check()?;
        // Two stretches it matches in one document can overlap; a family takes
        // the better one, so there may be another family, of its own matches.
        let mut reach = Reach::Grown;
        while graph.edges_of(representative).iter().any(|&edge| !graph.told[edge as usize]) {
            families.push(graph.family(representative, reach));
            reach = Reach::Direct;
        }
    }
    Ok(families)
}

impl<'a> Graph<'a> {
    fn new(texts: &'a TokenTexts, recipe: &'a PassageRecipe, matches: &[Match]) -> Self {
        let mut sides: Vec<(u32, u32, u32)> = Vec::with_capacity(2 * matches.len());
        for (i, found) in matches.iter().enumerate() {
            sides.push((found.a.start, found.a.end, 2 * i as u32));
            sides.push((found.b.start, found.b.end, 2 * i as u32 + 1));
        }
        sides.sort_unstable();
        let mut nodes: Vec<Range<u32>> = Vec::new();
        let mut firsts = Vec::new();
        let mut edges = vec![[0; 2]; matches.len()];
        let mut ends = Vec::with_capacity(sides.len());
        for (start, end, side) in sides {
            if nodes.last() != Some(&(start..end)) {
                nodes.push(start..end);
                firsts.push(ends.len() as u32);
            }
            edges[side as usize / 2][side as usize % 2] = nodes.len() as u32 - 1;
            ends.push(side / 2);
        }
        firsts.push(ends.len() as u32);
        let count = nodes.len();
        Self {
            texts,
            recipe,
            nodes,
            firsts,
            ends,
            told: vec![false; edges.len()],
            edges,
            count: 0,
            tried: vec![0; count],
            vain: vec![0; count],
            pattern: Pattern::default(),
        }
    }

    fn edges_of(&self, node: u32) -> &[u32] {
        let node = node as usize;
        &self.ends[self.firsts[node] as usize..self.firsts[node + 1] as usize]
    }

    /// The node at the other end of an edge.
    fn other(&self, edge: u32, node: u32) -> u32 {
        let [a, b] = self.edges[edge as usize];
        if a == node { b } else { a }
    }

    fn codes(&self, places: &Range<u32>) -> impl ExactSizeIterator<Item = u32> + use<'a> {
        let texts = self.texts;
        texts.line()[places.start as usize..places.end as usize].iter().copied()
    }

    /// A family of a representative that has a match not yet told; what the
    /// family tells is marked.
    fn family(&mut self, representative: u32, reach: Reach) -> Vec<Found> {
        self.count += 1;
        let places = self.nodes[representative as usize].clone();
        let mut pattern = std::mem::take(&mut self.pattern);
        pattern.read(self.codes(&places));
        let mut taken = Taken::default();
        taken.insert(Found { matched: places.len() as u32, places: places.clone() });
        let mut candidates = Vec::new();
        self.compare(representative, true, &mut pattern, &places, &taken, &mut candidates);
        let mut front = match reach {
            Reach::Direct => Vec::new(),
            Reach::Grown => vec![places.clone()],
        };
        loop {
            for occurrence in front.drain(..) {
                for node in self.alike(&occurrence) {
                    self.compare(node, false, &mut pattern, &places, &taken, &mut candidates);
                }
            }
            // Of two that overlap, the one that agrees in more words is taken.
            candidates.sort_by_key(|found| {
                (std::cmp::Reverse(found.matched), found.places.start, found.places.end)
            });
            for found in candidates.drain(..) {
                if taken.overlapping(&found.places).is_none() {
                    front.push(found.places.clone());
                    taken.insert(found);
                }
            }
            if front.is_empty() || reach == Reach::Direct {
                break;
            }
        }
        self.pattern = pattern;
        self.tell(&taken);
        let mut family: Vec<Found> = taken.0.into_values().collect();
        let at = family.iter().position(|found| found.places == places).expect("it was put in");
        family[..=at].rotate_right(1);
        family
    }

    /// Compares what a node is matched with, and no family tells yet, with the
    /// representative at `places`; adds what is alike enough.
    fn compare(
        &mut self,
        node: u32,
        direct: bool,
        pattern: &mut Pattern,
        places: &Range<u32>,
        taken: &Taken,
        candidates: &mut Vec<Found>,
    ) {
        for i in self.firsts[node as usize]..self.firsts[node as usize + 1] {
            let edge = self.ends[i as usize];
            let other = self.other(edge, node) as usize;
            if self.told[edge as usize]
                || self.tried[other] == self.count
                || (self.vain[other] >= VAIN_MAX && !direct)
            {
                continue;
            }
            self.tried[other] = self.count;
            let stretch = self.nodes[other].clone();
            if taken.overlapping(&stretch).is_some() {
                continue;
            }
            let matched = pattern.agreement(self.codes(&stretch));
            if self.recipe.accepts(self.texts, places, &stretch, matched) {
                candidates.push(Found { places: stretch, matched });
            } else {
                self.vain[other] = self.vain[other].saturating_add(1);
            }
        }
    }

    /// The nodes that share at least half of the longer of the two with an
    /// occurrence.
    fn alike(&self, occurrence: &Range<u32>) -> Vec<u32> {
        let len = occurrence.end - occurrence.start;
        let half = |node: &u32| {
            let node = &self.nodes[*node as usize];
            let shared = node.end.min(occurrence.end).saturating_sub(node.start.max(occurrence.start));
            2 * shared >= len.max(node.end - node.start)
        };
        self.at_places(occurrence).filter(half).collect()
    }

    /// The nodes that begin in an occurrence, or before it by no more than its
    /// length.
    fn at_places(&self, occurrence: &Range<u32>) -> Range<u32> {
        let earliest = occurrence.start.saturating_sub(occurrence.end - occurrence.start);
        let from = self.nodes.partition_point(|node| node.start < earliest);
        let to = from + self.nodes[from..].partition_point(|node| node.start < occurrence.end);
        from as u32..to as u32
    }

    /// Marks the matches that a family tells: both stretches lie in different
    /// occurrences of it.
    fn tell(&mut self, taken: &Taken) {
        for occurrence in taken.0.values() {
            for node in self.at_places(&occurrence.places) {
                if !self.holds(&occurrence.places, &self.nodes[node as usize]) {
                    continue;
                }
                for i in self.firsts[node as usize]..self.firsts[node as usize + 1] {
                    let edge = self.ends[i as usize] as usize;
                    let other = &self.nodes[self.other(edge as u32, node) as usize];
                    self.told[edge] |= taken.near(other).any(|holder| {
                        *holder != occurrence.places && self.holds(holder, other)
                    });
                }
            }
        }
    }

    /// Whether a stretch lies in an occurrence: for the half of it or more, and
    /// what is left at either end is too short to be a passage, nor does it cut
    /// a paragraph that is long enough to be one.
    fn holds(&self, occurrence: &Range<u32>, stretch: &Range<u32>) -> bool {
        let shared = stretch.end.min(occurrence.end).saturating_sub(stretch.start.max(occurrence.start));
        if 2 * shared < stretch.end - stretch.start {
            return false;
        }
        let weight_min = u64::from(self.recipe.min_words) * u64::from(WORD_WEIGHT);
        let short = |places: Range<u32>| places.is_empty() || self.texts.weights(places) < weight_min;
        let whole = |cut: u32| {
            let paragraph = self.texts.paragraph(cut);
            short(paragraph.clone())
                || paragraph.start < stretch.start
                || stretch.end < paragraph.end
                || occurrence.start <= paragraph.start && paragraph.end <= occurrence.end
        };
        short(stretch.start..occurrence.start)
            && short(occurrence.end..stretch.end)
            && (stretch.start >= occurrence.start || whole(occurrence.start))
            && (stretch.end <= occurrence.end || whole(occurrence.end - 1))
    }
}

/// The occurrences of a family so far, none of which overlap, by their starts.
#[derive(Default)]
struct Taken(BTreeMap<u32, Found>);

impl Taken {
    fn insert(&mut self, found: Found) {
        self.0.insert(found.places.start, found);
    }

    /// An occurrence that shares places with a stretch.
    fn overlapping(&self, stretch: &Range<u32>) -> Option<&Range<u32>> {
        let (_, found) = self.0.range(..stretch.end).next_back()?;
        (found.places.end > stretch.start).then_some(&found.places)
    }

    /// The occurrences that share places with a stretch.
    fn near(&self, stretch: &Range<u32>) -> impl Iterator<Item = &Range<u32>> {
        let start = stretch.start;
        let before = self.0.range(..stretch.end).rev().map(|(_, found)| &found.places);
        before.take_while(move |places| places.end > start)
    }
}
