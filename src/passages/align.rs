//! Follows two texts from a place where they agree for as long as they go on
//! agreeing, words changed, dropped and put in along the way.
//!
//! The greedy alignment of Zhang, Schwartz, Wagner and Miller (*A greedy
//! algorithm for aligning DNA sequences*, Journal of Computational Biology 7,
//! 2000): for 0, 1, 2, ... edits, the furthest place that can be reached on
//! each diagonal. A word that agrees counts 1, an edit as [`Edits`] says; a way
//! whose score falls too far below the best is given up, and the best is where
//! the texts stop agreeing. Two copies of a thousand words with three edits
//! cost a thousand comparisons and nine steps; two texts that have nothing to
//! do with each other, some hundred steps.

/// The score of a pair of words that agree, in half points.
const AGREE: i32 = 2;

/// What an edit costs: a word that is changed, or one that only one side has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edits {
    /// Half a point: texts are followed as long as a third of the words agree.
    Cheap = 1,
    /// One point: more than half of what is followed agrees.
    Dear = 2,
}

/// How far the greedy alignment goes, in words of one side. What is the same
/// for longer is followed piece by piece. It bounds the exact comparison that
/// comes later, which grows with the product of the lengths.
pub(super) const FOLLOWED_MAX: usize = 1 << 14;

/// After how many edits an alignment ends: its time grows with their square.
/// Half of the words of [`FOLLOWED_MAX`] / 2 can be edited.
pub(super) const EDITS_MAX: usize = 1 << 12;

/// How far two texts agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    /// Tokens of the first text.
    pub(super) a: u32,
    /// Tokens of the second text.
    pub(super) b: u32,
    /// How many of them agree.
    pub(super) matched: u32,
    /// Whether [`EDITS_MAX`] ended it.
    pub(super) cut: bool,
}

/// The way one looks from the place where two texts meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Towards {
    /// From the texts' first tokens on.
    End,
    /// From the texts' last tokens back.
    Start,
}

/// The furthest place on one diagonal: the tokens of the first text behind it,
/// above how many edits on the way were words that only one side has. Of two
/// fronts the greater one is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Front(i64);

impl Front {
    fn new(a: i32, gaps: i32) -> Self {
        Self(i64::from(a) << 32 | i64::from(gaps))
    }

    /// So many tokens of the first text, and gaps, further on.
    fn step(self, a: i64, gaps: i64) -> Self {
        Self(self.0 + (a << 32 | gaps))
    }

    /// Tokens of the first text; negative if the diagonal is given up.
    fn a(self) -> i32 {
        (self.0 >> 32) as i32
    }

    fn gaps(self) -> i32 {
        self.0 as i32
    }
}

/// No place on this diagonal.
const DEAD: Front = Front(i64::MIN / 2);

/// How many diagonals given up stand on either side of the others: a step
/// reaches one further, and looks at its neighbours.
const PADDING: i32 = 2;

/// Memory of [`Aligner::follow`], used again.
#[derive(Default)]
pub(super) struct Aligner {
    fronts: Vec<Front>,
    next: Vec<Front>,
}

impl Aligner {
    /// How far `a` and `b` agree from their beginning, or from their end, over
    /// at most `gap` edits in a row.
    pub(super) fn follow(
        &mut self,
        a: &[u32],
        b: &[u32],
        gap: u32,
        cost: Edits,
        towards: Towards,
    ) -> Reach {
        let (a_len, b_len) = (a.len().min(FOLLOWED_MAX), b.len().min(FOLLOWED_MAX));
        match towards {
            Towards::End => {
                let (a, b) = (&a[..a_len], &b[..b_len]);
                let agree = |i: usize, j: usize| i < a.len() && j < b.len() && a[i] == b[j];
                self.greedy(a_len as i32, b_len as i32, gap, cost, agree)
            }
            Towards::Start => {
                let (a, b) = (&a[a.len() - a_len..], &b[b.len() - b_len..]);
                let agree = |i: usize, j: usize| {
                    i < a.len() && j < b.len() && a[a.len() - 1 - i] == b[b.len() - 1 - j]
                };
                self.greedy(a_len as i32, b_len as i32, gap, cost, agree)
            }
        }
    }

    /// `agree(i, j)` says whether there are tokens `i` of `a` and `j` of `b`, and
    /// whether they agree.
    #[inline(always)]
    fn greedy(
        &mut self,
        a_len: i32,
        b_len: i32,
        gap: u32,
        cost: Edits,
        agree: impl Fn(usize, usize) -> bool,
    ) -> Reach {
        let cost = cost as i32;
        let drop = gap.min(FOLLOWED_MAX as u32) as i32 * cost;
        let slide = |mut i: i32, diagonal: i32| {
            while agree(i as usize, (i - diagonal) as usize) {
                i += 1;
            }
            i
        };
        let start = slide(0, 0);
        let mut best =
            Reach { a: start as u32, b: start as u32, matched: start as u32, cut: false };
        let mut best_score = start * AGREE;
        // Diagonal `d` (tokens of `a` less tokens of `b`) is at `d - lowest`; on
        // either side there are two that are given up.
        let mut lowest = -PADDING;
        self.fronts.clear();
        self.fronts.extend([DEAD, DEAD, Front::new(start, 0), DEAD, DEAD]);
        for edits in 1.. {
            if edits as usize > EDITS_MAX {
                best.cut = true;
                break;
            }
            self.next.clear();
            self.next.extend([DEAD; PADDING as usize]);
            let (mut first, mut last) = (usize::MAX, 0);
            for (diagonal, reached) in (lowest + 1..).zip(self.fronts.windows(3)) {
                // A word of `a` alone comes from the diagonal below, one of `b`
                // alone from above.
                let front =
                    reached[1].step(1, 0).max(reached[0].step(1, 1)).max(reached[2].step(0, 1));
                let (a, gaps) = (front.a(), front.gaps());
                if a < diagonal.max(0) || a > a_len || a - diagonal > b_len {
                    self.next.push(DEAD);
                    continue;
                }
                let a = slide(a, diagonal);
                // Of the tokens on both sides, a pair that agrees takes two, a change
                // two, a gap one; edits are changes and gaps.
                let matched = (2 * a - diagonal + gaps) / 2 - edits;
                let score = matched * AGREE - edits * cost;
                if score <= best_score - drop {
                    self.next.push(DEAD);
                    continue;
                }
                if score > best_score {
                    best_score = score;
                    best.a = a as u32;
                    best.b = (a - diagonal) as u32;
                    best.matched = matched as u32;
                }
                first = first.min(self.next.len());
                last = self.next.len();
                self.next.push(Front::new(a, gaps));
            }
            if first == usize::MAX {
                break;
            }
            // What was pushed first, behind the padding, is for `lowest + 1`.
            lowest += 1 + first as i32 - 2 * PADDING;
            self.next.truncate(last + 1);
            self.next.extend([DEAD; PADDING as usize]);
            self.fronts.clear();
            self.fronts.extend_from_slice(&self.next[first - PADDING as usize..]);
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::agree::tests::plain_agreement;
    use super::*;

    fn follow(a: &[u32], b: &[u32], gap: u32, cost: Edits) -> Reach {
        Aligner::default().follow(a, b, gap, cost, Towards::End)
    }

    #[test]
    fn texts_are_followed_while_they_agree() {
        #[track_caller]
        fn check(a: &[u32], b: &[u32], expected: [u32; 3]) {
            let Reach { a: in_a, b: in_b, matched, cut } = follow(a, b, 5, Edits::Cheap);
            assert_eq!([in_a, in_b, matched], expected, "{a:?} along {b:?}");
            assert!(!cut);
        }
        check(&[], &[], [0, 0, 0]);
        check(&[1, 2, 3], &[], [0, 0, 0]);
        check(&[1, 2, 3], &[1, 2, 3], [3, 3, 3]);
        check(&[1, 2, 3, 4, 5], &[1, 2, 3, 8, 9], [3, 3, 3]);
        check(&[1, 2, 3, 4, 5], &[1, 2, 9, 4, 5], [5, 5, 4]);
        check(&[1, 2, 3, 4, 5], &[1, 2, 4, 5], [5, 4, 4]);
        check(&[1, 2, 4, 5], &[1, 2, 3, 4, 5], [4, 5, 4]);
        check(&[7, 1, 2, 3], &[8, 1, 2, 3], [4, 4, 3]);
    }

    #[test]
    fn a_gap_is_crossed_up_to_its_length() {
        let with_gap =
            |gap: u32| -> Vec<u32> { (1..11).chain(100..100 + gap).chain(11..41).collect() };
        let whole: Vec<u32> = (1..41).collect();
        assert_eq!(follow(&whole, &with_gap(5), 5, Edits::Cheap).matched, 40);
        assert_eq!(follow(&whole, &with_gap(6), 5, Edits::Cheap).matched, 10);
        assert_eq!(follow(&whole, &with_gap(5), 5, Edits::Dear).matched, 40);
    }

    #[test]
    fn dear_edits_ask_for_half() {
        // Of three words, one agrees.
        let a: Vec<u32> =
            (0..60).map(|i| if i < 10 || i % 3 == 0 { i + 1 } else { 100 + i }).collect();
        let b: Vec<u32> =
            (0..60).map(|i| if i < 10 || i % 3 == 0 { i + 1 } else { 200 + i }).collect();
        assert_eq!(follow(&a, &b, 12, Edits::Dear).matched, 10);
    }

    #[test]
    fn what_is_too_long_ends_at_the_limit() {
        let text = vec![7; FOLLOWED_MAX + 100];
        assert_eq!(follow(&text, &text, 12, Edits::Cheap).a as usize, FOLLOWED_MAX);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn what_is_reached_agrees(
            a in prop::collection::vec(1..6u32, 0..60),
            b in prop::collection::vec(1..6u32, 0..60),
            gap in 0..13u32,
        ) {
            let reach = follow(&a, &b, gap, Edits::Cheap);
            let common = plain_agreement(&a[..reach.a as usize], &b[..reach.b as usize]);
            prop_assert!(reach.matched <= common, "{:?}, at most {} agree", reach, common);
            let head = a.iter().zip(&b).take_while(|(a, b)| a == b).count() as u32;
            prop_assert!(reach.matched >= head, "{:?}, but {} agree at once", reach, head);
            let (mut a, mut b) = (a, b);
            a.reverse();
            b.reverse();
            let back = Aligner::default().follow(&a, &b, gap, Edits::Cheap, Towards::Start);
            prop_assert_eq!(back, reach, "from the other end");
        }
    }
}
