//! Two texts side by side: which words agree, in the same order in both.
//!
//! What is compared are folded words, what is shown are the ones written. The
//! comparison is the histogram variant of a longest-common-subsequence diff
//! (crate `imara-diff`): like the diffs of git it stays fast on long texts, and
//! may then find a little less than all that agrees.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

use super::Side;
use crate::text::{Tokens, WORD_WEIGHT};

/// Two texts cut into stretches that are the same after folding, and stretches
/// that differ.
pub struct Alignment<'t> {
    texts: [&'t str; 2],
    pub(super) tokens: [Tokens; 2],
    stretches: Vec<Stretch>,
}

/// Some tokens of each text that stand beside each other. Stretches follow
/// each other without a gap, the same and the different in turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Whether they are the same after folding; then there are as many in both.
    pub same: bool,
    /// The tokens of either text, by number; where the two differ, one of the
    /// ranges may be empty.
    pub tokens: [Range<usize>; 2],
}

impl<'t> Alignment<'t> {
    /// Lays two texts beside each other.
    pub fn new(texts: [&'t str; 2]) -> Self {
        let tokens = texts.map(|text| {
            let mut tokens = Tokens::new();
            tokens.read(text);
            tokens
        });
        let stretches = stretches([tokens[0].hashes(), tokens[1].hashes()]);
        Self { texts, tokens, stretches }
    }

    /// The stretches, in order.
    pub fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    /// The bytes that some tokens of a text take, with the white space and
    /// punctuation that belongs to them: those of the whole text's stretches
    /// are the whole text.
    pub fn bytes(&self, side: Side, tokens: &Range<usize>) -> Range<usize> {
        self.begin(side, tokens.start)..self.begin(side, tokens.end)
    }

    /// What is written there.
    pub fn text(&self, side: Side, tokens: &Range<usize>) -> &'t str {
        self.texts[side as usize].get(self.bytes(side, tokens)).unwrap_or_default()
    }

    /// The length of some tokens in words; characters of unspaced scripts
    /// count for less.
    pub fn words(&self, side: Side, tokens: &Range<usize>) -> u64 {
        let weights = &self.tokens[side as usize].weights()[tokens.clone()];
        let weight: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
        weight / u64::from(WORD_WEIGHT)
    }

    /// Where a token begins. What is written between it and the one before
    /// belongs to that one up to the last white space, and to this one from
    /// there: opening quotes, brackets, dashes.
    fn begin(&self, side: Side, token: usize) -> usize {
        let (text, tokens) = (self.texts[side as usize], &self.tokens[side as usize]);
        match token {
            0 => 0,
            _ if token == tokens.len() => text.len(),
            _ => {
                let (before, start) = (tokens.span(token - 1).end, tokens.span(token).start);
                let gap = text.get(before..start).unwrap_or_default();
                match gap.char_indices().rfind(|(_, c)| c.is_whitespace()) {
                    Some((at, space)) => before + at + space.len_utf8(),
                    None => start,
                }
            }
        }
    }
}

/// The stretches of two token sequences.
fn stretches(hashes: [&[u64]; 2]) -> Vec<Stretch> {
    let mut input = InternedInput::default();
    input.update_before(hashes[0].iter().copied());
    input.update_after(hashes[1].iter().copied());
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let mut stretches = Vec::new();
    let mut done = [0, 0];
    let mut push = |same: bool, end: [usize; 2]| {
        let tokens = [done[0]..end[0], done[1]..end[1]];
        if tokens.iter().any(|tokens| !tokens.is_empty()) {
            stretches.push(Stretch { same, tokens });
        }
        done = end;
    };
    for hunk in diff.hunks() {
        push(true, [hunk.before.start as usize, hunk.after.start as usize]);
        push(false, [hunk.before.end as usize, hunk.after.end as usize]);
    }
    push(true, hashes.map(<[u64]>::len));
    stretches
}
