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
    /// In how many tokens the nodes of each edge agree, at least.
    matched: Vec<u32>,
    /// Whether each edge is told by a family.
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
            matched: matches.iter().map(|found| found.matched).collect(),
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
                if taken.overlapping(&found.places).is_some() {
                    continue;
                }
                let found = match reach {
                    Reach::Direct => found,
                    Reach::Grown => self.best_at(found, &mut pattern, &places, &taken),
                };
                front.push(found.places.clone());
                taken.insert(found);
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

    /// Of the stretches at the place of a candidate, the one that agrees with the
    /// representative in most words; of several, the shortest. One match may
    /// have ended early where another went on.
    fn best_at(
        &self,
        candidate: Found,
        pattern: &mut Pattern,
        places: &Range<u32>,
        taken: &Taken,
    ) -> Found {
        let mut best = candidate.clone();
        for node in self.alike(&candidate.places).into_iter().take(ALIKE_MAX) {
            let stretch = &self.nodes[node as usize];
            if *stretch == candidate.places || taken.overlapping(stretch).is_some() {
                continue;
            }
            let matched = pattern.agreement(self.codes(stretch));
            let better = (matched, best.places.len()) > (best.matched, stretch.len());
            if better && self.recipe.accepts(self.texts, places, stretch, matched) {
                best = Found { places: stretch.clone(), matched };
            }
        }
        best
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
        let mut pattern = std::mem::take(&mut self.pattern);
        for occurrence in taken.0.values() {
            let occurrence = &occurrence.places;
            for node in self.at_places(occurrence) {
                let stretch = &self.nodes[node as usize];
                for i in self.firsts[node as usize]..self.firsts[node as usize + 1] {
                    let edge = self.ends[i as usize];
                    if self.told[edge as usize] {
                        continue;
                    }
                    let other = &self.nodes[self.other(edge, node) as usize];
                    let told = taken.near(other).any(|holder| {
                        holder != occurrence
                            && self.tells([occurrence, holder], [stretch, other], edge, &mut pattern)
                    });
                    self.told[edge as usize] = told;
                }
            }
        }
        self.pattern = pattern;
    }

    /// Whether two occurrences tell the match of two stretches: what either
    /// stretch has beyond them agrees in no more than a quarter of the match, is
    /// no passage by itself, and is no part of a paragraph that the stretch holds
    /// whole.
    fn tells(
        &self,
        occurrences: [&Range<u32>; 2],
        stretches: [&Range<u32>; 2],
        edge: u32,
        pattern: &mut Pattern,
    ) -> bool {
        let mut beyond = 0;
        for end in [End::First, End::Last] {
            let rests = [0, 1].map(|i| end.rest(stretches[i], occurrences[i]));
            let mut most = 0;
            for (i, j) in [(0, 1), (1, 0)] {
                if rests[i].is_empty() {
                    continue;
                }
                if self.cuts(end.last_token(occurrences[i]), occurrences[i], stretches[i]) {
                    return false;
                }
                // What it agrees with may lie in the other occurrence.
                let facing = end.part(stretches[j], (rests[i].len() + rests[j].len()) as u32);
                pattern.read(self.codes(&rests[i]));
                let agreement = pattern.agreement(self.codes(&facing));
                if self.is_long(&rests[i], agreement) {
                    return false;
                }
                most = most.max(agreement);
            }
            beyond += most;
        }
        4 * beyond <= self.matched[edge as usize]
    }

    /// Whether so many tokens of a stretch are as many as a passage has.
    fn is_long(&self, stretch: &Range<u32>, tokens: u32) -> bool {
        let weight_min = u64::from(self.recipe.min_words) * u64::from(WORD_WEIGHT);
        u64::from(tokens) * self.texts.weights(stretch.clone()) >= weight_min * stretch.len() as u64
    }

    /// Whether an occurrence that ends at the token `cut` cuts a paragraph that
    /// lies in a stretch and is long enough to be a passage.
    fn cuts(&self, cut: u32, occurrence: &Range<u32>, stretch: &Range<u32>) -> bool {
        let paragraph = self.texts.paragraph(cut);
        stretch.start <= paragraph.start
            && paragraph.end <= stretch.end
            && (paragraph.start < occurrence.start || occurrence.end < paragraph.end)
            && self.is_long(&paragraph, paragraph.len() as u32)
    }
}

/// One of the two ends of a stretch.
#[derive(Clone, Copy)]
enum End {
    First,
    Last,
}

impl End {
    /// What a stretch has at this end beyond an occurrence.
    fn rest(self, stretch: &Range<u32>, occurrence: &Range<u32>) -> Range<u32> {
        match self {
            Self::First => stretch.start..occurrence.start.clamp(stretch.start, stretch.end),
            Self::Last => occurrence.end.clamp(stretch.start, stretch.end)..stretch.end,
        }
    }

    /// So many tokens of a stretch at this end, or all.
    fn part(self, stretch: &Range<u32>, tokens: u32) -> Range<u32> {
        let tokens = tokens.min(stretch.end - stretch.start);
        match self {
            Self::First => stretch.start..stretch.start + tokens,
            Self::Last => stretch.end - tokens..stretch.end,
        }
    }

    /// The last token of an occurrence at this end.
    fn last_token(self, occurrence: &Range<u32>) -> u32 {
        match self {
            Self::First => occurrence.start,
            Self::Last => occurrence.end - 1,
        }
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
