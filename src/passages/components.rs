//! Parts a corpus's matches into sets that have nothing to do with one another.
//!
//! Two matches belong together if their stretches overlap, or if both do with a
//! third one's, and so on: a disjoint-set forest (Tarjan and van Leeuwen,
//! *Worst-case analysis of set union algorithms*, Journal of the ACM 31, 1984,
//! with path halving). Whatever is done to one set can be done beside the
//! others.

use super::link::Match;

/// The sets in order of their first match, each with its matches in order.
pub(super) fn components(matches: &[Match]) -> Vec<Vec<Match>> {
    let mut forest = Forest::new(matches.len() as u32);
    let mut stretches: Vec<(u32, u32, u32)> = (0..)
        .zip(matches)
        .flat_map(|(i, found)| [(found.a.start, found.a.end, i), (found.b.start, found.b.end, i)])
        .collect();
    stretches.sort_unstable();
    let (mut end, mut last) = (0, 0);
    for (start, stop, i) in stretches {
        if start < end {
            forest.unite(last, i);
        }
        (end, last) = (end.max(stop), i);
    }
    let mut numbers = vec![u32::MAX; matches.len()];
    let mut components: Vec<Vec<Match>> = Vec::new();
    for (i, found) in (0..).zip(matches) {
        let number = &mut numbers[forest.root(i) as usize];
        if *number == u32::MAX {
            *number = components.len() as u32;
            components.push(Vec::new());
        }
        components[*number as usize].push(found.clone());
    }
    components
}

/// Disjoint sets: for each member, another one of its set, or itself.
pub(crate) struct Forest(Vec<u32>);

impl Forest {
    /// So many members, each in a set of its own.
    pub(crate) fn new(members: u32) -> Self {
        Self((0..members).collect())
    }

    /// The first member of another's set.
    pub(crate) fn root(&mut self, mut i: u32) -> u32 {
        while self.0[i as usize] != i {
            let above = self.0[self.0[i as usize] as usize];
            self.0[i as usize] = above;
            i = above;
        }
        i
    }

    /// Makes one set of those of two members.
    pub(crate) fn unite(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        // The later below the earlier: no order of unions makes a long path
        // that is not halved again.
        self.0[a.max(b) as usize] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_stays_together() {
        /// Matches as the places of their four ends; sets as the numbers of
        /// their matches.
        #[track_caller]
        fn check(matches: &[[u32; 4]], expected: &[&[usize]]) {
            let matches: Vec<Match> = matches
                .iter()
                .map(|&[a, a_end, b, b_end]| Match { a: a..a_end, b: b..b_end, matched: 1 })
                .collect();
            let of = |set: &&[usize]| set.iter().map(|&i| matches[i].clone()).collect();
            let expected: Vec<Vec<Match>> = expected.iter().map(of).collect();
            assert_eq!(components(&matches), expected);
        }
        check(&[], &[]);
        check(&[[1, 5, 11, 15], [5, 9, 15, 19]], &[&[0], &[1]]);
        check(&[[1, 5, 11, 15], [4, 9, 25, 29]], &[&[0, 1]]);
        check(&[[1, 5, 11, 15], [5, 9, 21, 25], [12, 14, 31, 35]], &[&[0, 2], &[1]]);
        // One long stretch over two that do not touch.
        check(&[[1, 3, 31, 33], [5, 7, 41, 43], [1, 9, 51, 59]], &[&[0, 1, 2]]);
    }
}
