//! Templates told apart from copies: the same words with other numbers.
//!
//! Yesterday's exchange rates and today's, the dividends of two companies: a
//! few words differ, and they are all that is said. A copy has the numbers of
//! what it copies, an abridgement some of them, an update most; so two texts
//! are a template if numbers differ that are many among their numbers and
//! dense among their words. Templates whose instances differ in names only are
//! not recognised: names can't be told from other words without a dictionary.

use crate::matching::Related;
use crate::recipe::{Recipe, Relation};

use super::article::Article;
use super::classes::Ranked;

/// Tells which classes of documents are a template.
pub(super) struct Templates<'a> {
    share: Option<f64>,
    words_max: u64,
    /// For each class the document that stands for it.
    heads: Vec<&'a Article>,
}

impl<'a> Templates<'a> {
    pub(super) fn new(recipe: &Recipe, classes: &Ranked, articles: &'a [Article]) -> Self {
        Self {
            share: recipe.template_numbers,
            words_max: u64::from(recipe.template_words),
            heads: classes.iter().map(|documents| &articles[documents[0] as usize]).collect(),
        }
    }

    /// Whether two texts, if they are alike, are instances of a template;
    /// symmetric.
    pub(super) fn are(&self, a: u32, b: u32) -> bool {
        let Some(share) = self.share else { return false };
        let (a, b) = (self.heads[a as usize], self.heads[b as usize]);
        let numbers = a.numbers.len().min(b.numbers.len());
        let differing = numbers - shared(&a.numbers, &b.numbers);
        let words = u64::from(a.words.min(b.words));
        differing > 0
            && differing as f64 >= share * numbers as f64
            && differing as u64 * self.words_max >= words
    }

    /// Names the templates among related pairs.
    pub(super) fn tell_apart(&self, related: &mut [Related]) {
        for pair in related {
            if self.are(pair.text, pair.other) {
                pair.relation = Relation::Template;
            }
        }
    }
}

/// How many values two ascending lists share.
fn shared(mut left: &[u32], mut right: &[u32]) -> usize {
    let mut shared = 0;
    while let ([a, rest_left @ ..], [b, rest_right @ ..]) = (left, right) {
        shared += usize::from(a == b);
        if a <= b {
            left = rest_left;
        }
        if b <= a {
            right = rest_right;
        }
    }
    shared
}
