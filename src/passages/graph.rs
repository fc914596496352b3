//! Matches as a graph: stretches with the same ends are one node, matches the
//! edges between them.

use std::ops::Range;

use super::link::Match;

/// The matches of a corpus, and which of them a family tells already.
pub(super) struct Graph {
    /// The stretches, in order of their places.
    pub(super) nodes: Vec<Range<u32>>,
    /// The two nodes of each edge.
    ends: Vec<[u32; 2]>,
    /// In how many tokens the nodes of each edge agree, at least.
    matched: Vec<u32>,
    /// Whether each edge is told by a family.
    told: Vec<bool>,
    /// The edges of each node, one node behind the other.
    edges: Vec<u32>,
    /// For each node, where its edges begin in [`Self::edges`].
    starts: Vec<u32>,
    /// For each node, where those end that may not be told yet.
    stops: Vec<u32>,
}

impl Graph {
    pub(super) fn new(matches: &[Match]) -> Self {
        let mut sides: Vec<(u32, u32, u32)> = Vec::with_capacity(2 * matches.len());
        for (i, found) in matches.iter().enumerate() {
            sides.push((found.a.start, found.a.end, 2 * i as u32));
            sides.push((found.b.start, found.b.end, 2 * i as u32 + 1));
        }
        sides.sort_unstable();
        let mut graph = Self {
            nodes: Vec::new(),
            ends: vec![[0; 2]; matches.len()],
            matched: matches.iter().map(|found| found.matched).collect(),
            told: vec![false; matches.len()],
            edges: Vec::with_capacity(sides.len()),
            starts: Vec::new(),
            stops: Vec::new(),
        };
        for (start, end, side) in sides {
            if graph.nodes.last() != Some(&(start..end)) {
                graph.nodes.push(start..end);
                graph.starts.push(graph.edges.len() as u32);
                graph.stops.push(graph.edges.len() as u32);
            }
            let node = graph.nodes.len() - 1;
            graph.ends[side as usize / 2][side as usize % 2] = node as u32;
            graph.edges.push(side / 2);
            graph.stops[node] += 1;
        }
        graph
    }

    /// The edges of a node that no family tells yet.
    pub(super) fn untold(&mut self, node: u32) -> &[u32] {
        let node = node as usize;
        let (start, stop) = (self.starts[node] as usize, self.stops[node] as usize);
        let mut kept = start;
        for i in start..stop {
            let edge = self.edges[i];
            if !self.told[edge as usize] {
                self.edges[kept] = edge;
                kept += 1;
            }
        }
        self.stops[node] = kept as u32;
        &self.edges[start..kept]
    }

    /// Edge `i` of those that [`Self::untold`] gave for a node the last time.
    pub(super) fn edge(&self, node: u32, i: usize) -> u32 {
        self.edges[self.starts[node as usize] as usize + i]
    }

    /// How many edges of a node may not be told yet.
    pub(super) fn degree(&self, node: u32) -> u32 {
        self.stops[node as usize] - self.starts[node as usize]
    }

    /// Notes that a family tells an edge.
    pub(super) fn tell(&mut self, edge: u32) {
        self.told[edge as usize] = true;
    }

    /// The node at the other end of an edge.
    pub(super) fn other(&self, edge: u32, node: u32) -> u32 {
        let [a, b] = self.ends[edge as usize];
        if a == node { b } else { a }
    }

    /// In how many tokens the nodes of an edge agree, at least.
    pub(super) fn matched(&self, edge: u32) -> u32 {
        self.matched[edge as usize]
    }

    /// The nodes that begin in a stretch, or before it by no more than its length.
    pub(super) fn near(&self, stretch: &Range<u32>) -> Range<u32> {
        let earliest = stretch.start.saturating_sub(stretch.end - stretch.start);
        let from = self.nodes.partition_point(|node| node.start < earliest);
        let to = from + self.nodes[from..].partition_point(|node| node.start < stretch.end);
        from as u32..to as u32
    }

    /// The nodes that share at least half of the longer of the two with a
    /// stretch.
    pub(super) fn alike(&self, stretch: &Range<u32>) -> impl Iterator<Item = u32> {
        let stretch = stretch.clone();
        self.near(&stretch).filter(move |&node| {
            let node = &self.nodes[node as usize];
            let shared = node.end.min(stretch.end).saturating_sub(node.start.max(stretch.start));
            2 * shared as usize >= node.len().max(stretch.len())
        })
    }
}
