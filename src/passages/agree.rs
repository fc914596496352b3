//! How many words of two texts agree, exactly, and which do not.
//!
//! The longest common subsequence of words, computed for 64 words of one text
//! at a time (Crochemore, Iliopoulos, Pinzon, Reid, *A fast and practical
//! bit-vector algorithm for the longest common subsequence problem*,
//! Information Processing Letters 80, 2001). The edits between two texts come
//! from the same numbers, walked back; for long ones, by halving one of them
//! (Hirschberg, *A linear space algorithm for computing maximal common
//! subsequences*, CACM 18, 1975).

use std::ops::Range;

use super::token_text::NO_CODE;

/// One text made ready to be compared with many.
#[derive(Default)]
pub(super) struct Pattern {
    /// Its tokens.
    codes: Vec<u32>,
    /// Each different code and its row of [`Self::rows`]: a table with open
    /// addressing, at most half full; [`NO_CODE`] marks a free slot.
    slots: Vec<(u32, u32)>,
    /// For each different code one bit for each token that has it.
    rows: Vec<u64>,
    /// The state of one comparison: bit `i` is clear where the common
    /// subsequence grows with token `i`.
    state: Vec<u64>,
}

impl Pattern {
    /// Replaces the text, whose codes come in order; the memory is used again.
    pub(super) fn read(&mut self, codes: impl Iterator<Item = u32>) {
        self.codes.clear();
        self.codes.extend(codes);
        let width = self.width();
        self.slots.clear();
        self.slots.resize((2 * self.codes.len()).next_power_of_two().max(2), (NO_CODE, 0));
        self.rows.clear();
        for i in 0..self.codes.len() {
            let code = self.codes[i];
            let slot = self.slot(code);
            if self.slots[slot].0 == NO_CODE {
                self.slots[slot] = (code, (self.rows.len() / width) as u32);
                self.rows.resize(self.rows.len() + width, 0);
            }
            self.rows[self.slots[slot].1 as usize * width + i / 64] |= 1 << (i % 64);
        }
    }

    /// How many words there are in a row of bits.
    fn width(&self) -> usize {
        self.codes.len().div_ceil(64).max(1)
    }

    /// Where a code stands in the table, or the free slot where it would.
    #[inline]
    fn slot(&self, code: u32) -> usize {
        let mask = self.slots.len() - 1;
        // Codes are hashes: their own bits are good enough.
        let mut slot = code as usize & mask;
        while self.slots[slot].0 != code && self.slots[slot].0 != NO_CODE {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// How many tokens of this text and of another agree, in the same order in
    /// both: the length of their longest common subsequence.
    pub(super) fn agreement(&mut self, other: &[u32]) -> u32 {
        let shorter = self.codes.len().min(other.len());
        let head = self.codes.iter().zip(other).take_while(|(a, b)| a == b).count();
        let tail =
            self.codes.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
        // The shorter text is what the longer one begins and ends with.
        if head + tail >= shorter {
            return shorter as u32;
        }
        self.compare(other.iter().copied());
        (0..self.codes.len()).map(|i| self.grows(i)).sum()
    }

    /// Whether the common subsequence grows with token `i` of this text.
    fn grows(&self, i: usize) -> u32 {
        u32::from(self.state[i / 64] >> (i % 64) & 1 == 0)
    }

    /// Brings the state behind all tokens of another text.
    fn compare(&mut self, other: impl Iterator<Item = u32>) {
        let width = self.width();
        self.state.clear();
        self.state.resize(width, u64::MAX);
        for code in other {
            let (found, row) = self.slots[self.slot(code)];
            if found != NO_CODE {
                let row = &self.rows[row as usize * width..][..width];
                advance(&mut self.state, row);
            }
        }
    }

    /// The pairs of tokens of this text and another that agree, the last one
    /// first. All states are kept: as many words of bits as the other text has
    /// tokens, and once more, for each 64 tokens of this text.
    fn pairs(&mut self, other: &[u32], mut take: impl FnMut(u32, u32)) {
        let width = self.width();
        self.state.clear();
        self.state.reserve(width * (other.len() + 1));
        self.state.resize(width, u64::MAX);
        for &code in other {
            let last = self.state.len() - width;
            self.state.extend_from_within(last..);
            let (found, row) = self.slots[self.slot(code)];
            if found != NO_CODE {
                let row = &self.rows[row as usize * width..][..width];
                advance(&mut self.state[last + width..], row);
            }
        }
        // Where the common subsequence grows with a token of this text, the
        // first token of the other one with which it does is its partner.
        let (mut i, mut j) = (self.codes.len(), other.len());
        while i > 0 && j > 0 {
            let grows = |j: usize| self.state[j * width + (i - 1) / 64] >> ((i - 1) % 64) & 1 == 0;
            if !grows(j) {
                i -= 1;
            } else if grows(j - 1) {
                j -= 1;
            } else {
                (i, j) = (i - 1, j - 1);
                take(i as u32, j as u32);
            }
        }
    }
}

/// Brings the state of a comparison behind one more token, whose row it is.
#[inline]
fn advance(state: &mut [u64], row: &[u64]) {
    let mut carry = false;
    for (state, &bits) in state.iter_mut().zip(row) {
        let (sum, over) = state.overflowing_add(*state & bits);
        let (sum, carried) = sum.overflowing_add(u64::from(carry));
        carry = over | carried;
        *state = sum | (*state & !bits);
    }
}

/// Tokens that stand in one text where others, or none, stand in the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Tokens of the first text, from its first one on.
    pub a: Range<u32>,
    /// Tokens of the second text.
    pub b: Range<u32>,
}

/// What differs between two token sequences: what remains of each beside one
/// of their longest common subsequences. Exact; time grows with the product of
/// the lengths that differ, over 64.
pub fn edits(a: &[u32], b: &[u32]) -> Vec<Edit> {
    if a == b {
        return Vec::new();
    }
    let mut pairs = Vec::with_capacity(a.len().min(b.len()) + 1);
    pair(a, b, 0, 0, &mut pairs);
    pairs.push((a.len() as u32, b.len() as u32));
    let mut edits = Vec::new();
    let (mut a_done, mut b_done) = (0, 0);
    for (i, j) in pairs {
        if (i, j) != (a_done, b_done) {
            edits.push(Edit { a: a_done..i, b: b_done..j });
        }
        (a_done, b_done) = (i + 1, j + 1);
    }
    edits
}

/// How many words of bits one comparison may keep: half a megabyte. Texts whose
/// comparison takes more are halved.
const STATES_MAX: usize = 1 << 16;

/// Adds the pairs of tokens that agree, `a` and `b` beginning at token
/// `a_from` and `b_from` of their texts.
fn pair(a: &[u32], b: &[u32], a_from: u32, b_from: u32, pairs: &mut Vec<(u32, u32)>) {
    let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    pairs.extend((0..head as u32).map(|i| (a_from + i, b_from + i)));
    let (a, b) = (&a[head..], &b[head..]);
    let (a_from, b_from) = (a_from + head as u32, b_from + head as u32);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, a_tail) = a.split_at(a.len() - tail);
    let (b, _) = b.split_at(b.len() - tail);
    match (a, b) {
        ([], _) | (_, []) => {}
        (&[one], _) => {
            if let Some(j) = b.iter().position(|&code| code == one) {
                pairs.push((a_from, b_from + j as u32));
            }
        }
        (_, &[one]) => {
            if let Some(i) = a.iter().position(|&code| code == one) {
                pairs.push((a_from + i as u32, b_from));
            }
        }
        _ if a.len().div_ceil(64) * (b.len() + 1) <= STATES_MAX => {
            let mut pattern = Pattern::default();
            pattern.read(a.iter().copied());
            let first = pairs.len();
            pattern.pairs(b, |i, j| pairs.push((a_from + i, b_from + j)));
            pairs[first..].reverse();
        }
        _ => {
            let (b_head, b_rest) = b.split_at(b.len() / 2);
            let cut = best_cut(a, b_head, b_rest);
            let (a_head, a_rest) = a.split_at(cut);
            pair(a_head, b_head, a_from, b_from, pairs);
            pair(a_rest, b_rest, a_from + cut as u32, b_from + b_head.len() as u32, pairs);
        }
    }
    let (a_from, b_from) = (a_from + a.len() as u32, b_from + b.len() as u32);
    pairs.extend((0..a_tail.len() as u32).map(|i| (a_from + i, b_from + i)));
}

/// Where to cut `a` so that what comes before agrees best with `b_head` and the
/// rest with `b_rest`; the first such place.
fn best_cut(a: &[u32], b_head: &[u32], b_rest: &[u32]) -> usize {
    let (mut head, mut rest) = (Pattern::default(), Pattern::default());
    head.read(a.iter().copied());
    head.compare(b_head.iter().copied());
    rest.read(a.iter().rev().copied());
    rest.compare(b_rest.iter().rev().copied());
    let mut agreement: u32 = (0..a.len()).map(|i| rest.grows(i)).sum();
    let (mut best, mut best_cut) = (agreement, 0);
    for i in 0..a.len() {
        agreement = agreement + head.grows(i) - rest.grows(a.len() - 1 - i);
        if agreement > best {
            (best, best_cut) = (agreement, i + 1);
        }
    }
    best_cut
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The longest common subsequence, by the book.
    pub(in crate::passages) fn plain_agreement(a: &[u32], b: &[u32]) -> u32 {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for (i, x) in a.iter().enumerate() {
            for (j, y) in b.iter().enumerate() {
                table[i + 1][j + 1] =
                    if x == y { table[i][j] + 1 } else { table[i][j + 1].max(table[i + 1][j]) };
            }
        }
        table[a.len()][b.len()]
    }

    fn agreement(a: &[u32], b: &[u32]) -> u32 {
        let mut pattern = Pattern::default();
        pattern.read(a.iter().copied());
        pattern.agreement(b)
    }

    #[test]
    fn agreement_of_small_texts() {
        #[track_caller]
        fn check(a: &[u32], b: &[u32], expected: u32) {
            assert_eq!(agreement(a, b), expected, "{a:?} and {b:?}");
            assert_eq!(agreement(b, a), expected, "{b:?} and {a:?}");
        }
        check(&[], &[], 0);
        check(&[], &[1], 0);
        check(&[1, 2, 3], &[1, 2, 3], 3);
        check(&[1, 2, 3], &[3, 2, 1], 1);
        check(&[1, 2, 3, 4], &[1, 9, 3, 4], 3);
        check(&[1; 70], &[1; 200], 70);
    }

    /// Two texts over few words, the second one often made from the first.
    fn texts() -> impl Strategy<Value = (Vec<u32>, Vec<u32>)> {
        let text = || prop::collection::vec(1..20u32, 0..200);
        let edited = text().prop_flat_map(|a| {
            let edits = prop::collection::vec((0..a.len() + 1, 1..20u32), 0..12);
            (Just(a), edits).prop_map(|(a, edits)| {
                let mut b = a.clone();
                for (at, word) in edits {
                    match word % 3 {
                        _ if at >= b.len() => b.push(word),
                        0 => b[at] = word,
                        1 => b.insert(at, word),
                        _ => drop(b.remove(at)),
                    }
                }
                (a, b)
            })
        });
        prop_oneof![(text(), text()), edited]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn agreement_is_that_of_the_book((a, b) in texts()) {
            prop_assert_eq!(agreement(&a, &b), plain_agreement(&a, &b));
        }

        #[test]
        fn edits_leave_what_agrees((a, b) in texts()) {
            let (mut kept_a, mut kept_b) = (a.clone(), b.clone());
            for edit in edits(&a, &b).into_iter().rev() {
                kept_a.drain(edit.a.start as usize..edit.a.end as usize);
                kept_b.drain(edit.b.start as usize..edit.b.end as usize);
            }
            prop_assert_eq!(&kept_a, &kept_b);
            prop_assert_eq!(kept_a.len() as u32, plain_agreement(&a, &b));
        }
    }
}
