//! Templates told apart from copies: the same words with other numbers.
//!
//! Yesterday's exchange rates and today's, the dividends of two companies: a
//! few words differ, and they are all that is said. A copy has the numbers of
//! what it copies, an abridgement some of them, an update most; so two texts
//! are a template if numbers differ that are many among their numbers and
//! dense among their words. Templates whose instances differ in names only are
//! not recognised: names can't be told from other words without a dictionary.

use std::collections::{HashMap, HashSet};

use crate::Result;
use crate::matching::{Link, PairFilter, Related, Rules, Similarity};
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

    /// Takes back the links between instances of a template, and returns them as
    /// related pairs.
    ///
    /// Copies of one instance have its numbers: of the texts released from one
    /// keeper that have the same numbers, the first stays for those that match
    /// it. So a hundred thousand instances cost one comparison each. `similarity`
    /// tells that of two texts; it may be silent where they do not match.
    ///
    /// # Errors
    /// Whatever `similarity` returns.
    pub(super) fn release(
        &self,
        links: &mut [Option<Link>],
        similarity: &dyn Fn(u32, u32) -> Result<Option<Similarity>>,
        rules: &Rules,
        counts: PairFilter<'_>,
    ) -> Result<Vec<Related>> {
        let mut firsts: HashMap<(u32, &[u32]), u32> = HashMap::new();
        let mut released = Vec::new();
        for (text, link) in (0u32..).zip(links) {
            let Some(Link { keeper, similarity: to_keeper, .. }) = *link else { continue };
            if !self.are(text, keeper) {
                continue;
            }
            let numbers = &*self.heads[text as usize].numbers;
            let first = *firsts.entry((keeper, numbers)).or_insert(text);
            *link = match first != text && counts(text, first) {
                true => similarity(text, first)?.and_then(|similarity| {
                    let relation = rules.drop(&similarity)?;
                    Some(Link { keeper: first, relation, similarity })
                }),
                false => None,
            };
            if link.is_none() {
                let relation = Relation::Template;
                let pair = Related { text, other: keeper, relation, similarity: to_keeper };
                released.push(pair);
            }
        }
        Ok(released)
    }

    /// Names the templates among related pairs, those that were released among
    /// them, and drops the released texts that match another keeper: the most
    /// preferred one. The pairs are ascending by text, then by the other text.
    pub(super) fn settle(
        &self,
        links: &mut [Option<Link>],
        mut related: Vec<Related>,
        released: Vec<Related>,
        rules: &Rules,
    ) -> Vec<Related> {
        let stays_for_others: HashSet<u32> =
            links.iter().flatten().map(|link| link.keeper).collect();
        let free: HashSet<u32> = released
            .iter()
            .map(|pair| pair.text)
            .filter(|text| !stays_for_others.contains(text))
            .collect();
        related.extend(released);
        related.sort_unstable_by_key(|pair| (pair.text, pair.other));
        related.dedup_by_key(|pair| (pair.text, pair.other));
        for pair in &mut related {
            let Related { text, other: keeper, similarity, .. } = *pair;
            if self.are(text, keeper) {
                pair.relation = Relation::Template;
            } else if free.contains(&text)
                && links[text as usize].is_none()
                && links[keeper as usize].is_none()
            {
                let link = |relation| Link { keeper, relation, similarity };
                links[text as usize] = rules.drop(&similarity).map(link);
            }
        }
        related.retain(|pair| [pair.text, pair.other].iter().all(|t| links[*t as usize].is_none()));
        related
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
