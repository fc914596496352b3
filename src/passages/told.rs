//! Which matches a family tells: those that add nothing to it.

use std::ops::Range;

use super::PassageRecipe;
use super::agree::Pattern;
use super::token_text::TokenTexts;
use crate::text::WORD_WEIGHT;

/// Says which matches two occurrences of a family tell.
pub(super) struct Teller<'a> {
    pub(super) texts: &'a TokenTexts,
    pub(super) recipe: &'a PassageRecipe,
    pub(super) pattern: Pattern,
}

impl Teller<'_> {
    /// Whether two occurrences tell a match of two stretches that agree in
    /// `matched` tokens: what either stretch has beyond its occurrence agrees in
    /// no more than a quarter of the match, is no passage by itself, and is no
    /// part of a paragraph that the stretch holds whole.
    pub(super) fn tells(
        &mut self,
        occurrences: [&Range<u32>; 2],
        stretches: [&Range<u32>; 2],
        matched: u32,
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
                self.pattern.read(self.texts.codes_at(&rests[i]).iter().copied());
                let agreement = self.pattern.agreement(self.texts.codes_at(&facing));
                if self.is_long(&rests[i], agreement) {
                    return false;
                }
                most = most.max(agreement);
            }
            beyond += most;
        }
        4 * beyond <= matched
    }

    /// Whether an occurrence covers a stretch: what the stretch has beyond it is
    /// no more than a quarter, no passage by itself, and no part of a paragraph
    /// that the stretch holds whole.
    pub(super) fn covers(&mut self, occurrence: &Range<u32>, stretch: &Range<u32>) -> bool {
        self.tells([occurrence; 2], [stretch; 2], stretch.len() as u32)
    }

    /// Whether so many tokens of a stretch are as many as a passage has.
    fn is_long(&self, stretch: &Range<u32>, tokens: u32) -> bool {
        let weight_min = u64::from(self.recipe.min_words) * u64::from(WORD_WEIGHT);
        u64::from(tokens) * self.texts.weights(stretch.clone()) >= weight_min * stretch.len() as u64
    }

    /// Whether an occurrence whose last token is `cut` cuts a paragraph there
    /// that lies in a stretch and is long enough to be a passage.
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
