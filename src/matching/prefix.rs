//! The exact engine: a prefix-filter set-similarity join.
//!
//! Two sets that share much share one of their rarest elements. So a text is
//! looked up by its rarest shingles only, and every pair at the threshold is
//! found (see [`prefix_len`] for the sources). Which shingles are rare is
//! counted over the whole corpus first ([`SharedKeys`]); shingles that occur
//! once are never looked up, and most news articles have nothing else among
//! their rarest.
//!
//! * Jaccard: the prefix of one text meets the prefix of the other, at a place
//!   that leaves enough behind it (the *positional filter* of Xiao, Wang, Lin,
//!   Yu, *Efficient similarity joins for near duplicate detection*, WWW 2008,
//!   applied to the text that is looked up).
//! * Containment: the prefix of the contained text meets any shingle of the
//!   other, which must have at least as many as must be shared.

use std::ops::RangeInclusive;

use crate::Result;
use crate::watch::{Unit, Watch};

use super::CandidateIndex;
use super::keys::{Keys, SharedKeys};
use super::postings::Postings;
use super::rules::{Floors, prefix_len, whole};
use super::texts::{Texts, Wants};

/// Finds the shingles that two texts share. All texts are sets.
///
/// # Errors
/// If texts cannot be read;
/// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
pub fn shared_shingles(texts: &Texts, watch: &dyn Watch) -> Result<SharedKeys> {
    watch.phase("sorting shingles", Unit::Documents, Some(u64::from(texts.len())));
    let keys = Keys::new(texts.shingles(), texts.memory());
    texts.map(Wants::SHINGLES, watch, |block| {
        let mut lane = keys.lane();
        for text in block.texts() {
            text.shingles.iter().try_for_each(|shingle| lane.add(text.number, *shingle))?;
        }
        lane.finish()
    })?;
    SharedKeys::new(texts.len(), keys, watch)
}

/// What a [`PrefixIndex`] must find.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// The least similarity that must not be missed.
    pub floors: Floors,
    /// Every keeper is looked up too, so that it is enough to find a pair from
    /// its smaller side.
    pub from_both_sides: bool,
    /// Look at so many keepers of a list only: the most preferred ones.
    pub list_limit: usize,
}

/// Keepers by their rarest shingles.
pub struct PrefixIndex<'a> {
    /// How many shingles each text has.
    sizes: Vec<u32>,
    shared: &'a SharedKeys,
    scope: Scope,
    /// Keepers by their Jaccard prefix.
    by_prefix: Postings,
    /// Keepers by every shingle.
    by_shingle: Postings,
}

impl<'a> PrefixIndex<'a> {
    /// An index without keepers; `shared` as [`shared_shingles`] finds them.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub fn new(
        texts: &Texts,
        shared: &'a SharedKeys,
        scope: Scope,
        watch: &dyn Watch,
    ) -> Result<Self> {
        let sizes: Vec<u32> = (0..texts.len()).map(|text| texts.size(text)).collect();
        let numbers = || (0..sizes.len() as u32).take_while(|_| !watch.stopped());
        let scope = Scope { floors: needed(scope), ..scope };
        let Floors { jaccard, containment } = scope.floors;
        let none = || Postings::with_room(0, std::iter::empty());
        let by_prefix = jaccard.map_or_else(none, |share| {
            let prefixes = numbers().map(|text| prefix(&sizes, shared, text, share));
            Postings::with_room(shared.len(), prefixes)
        });
        let by_shingle = containment.map_or_else(none, |_| Postings::for_all(shared.frequencies()));
        watch.check()?;
        Ok(Self { sizes, shared, scope, by_prefix, by_shingle })
    }

    /// How many lists are longer than the limit.
    pub fn lists_cut(&self) -> usize {
        [&self.by_prefix, &self.by_shingle]
            .map(|postings| postings.longer_than(self.scope.list_limit))
            .iter()
            .sum()
    }

    fn prefix(&self, text: u32, share: f64) -> &'a [u32] {
        prefix(&self.sizes, self.shared, text, share)
    }

    /// The prefix in which a set that shares `share` of the text's shingles has
    /// at least `hits` of them: each more hit takes one more shingle.
    fn prefix_for(&self, text: u32, share: f64, hits: usize) -> &'a [u32] {
        let keys = self.shared.of(text);
        let size = self.size(text);
        let alone = size - keys.len();
        &keys[..(prefix_len(size, share) + hits - 1).saturating_sub(alone).min(keys.len())]
    }

    fn size(&self, text: u32) -> usize {
        self.sizes[text as usize] as usize
    }
}

/// The floors without the one for Jaccard similarity, where the search for
/// containment finds all that it would: of two sets with Jaccard similarity
/// `t`, the smaller has at least `2t / (1 + t)` of its elements in the larger.
fn needed(scope: Scope) -> Floors {
    let Floors { jaccard, containment } = scope.floors;
    let covers =
        |t: f64| scope.from_both_sides && containment.is_some_and(|c| c <= 2.0 * t / (1.0 + t));
    Floors { jaccard: jaccard.filter(|t| !covers(*t)), containment }
}

/// What share of a text's shingles, looked at beyond the prefix that one hit
/// needs, a relative must have too. Texts of one language share a few of their
/// rarer shingles by chance, hardly ever a twentieth of them; to look at so
/// many more costs little, to verify all that share one costs most of the time
/// (Wang, Li, Feng, *Can we beat the prefix filtering?*, SIGMOD 2012).
const HITS_SHARE: f64 = 0.05;

/// The shared keys within a text's prefix. Its shingles that no other text has
/// are the rarest of all, so they come first and need no key.
fn prefix<'a>(sizes: &[u32], shared: &'a SharedKeys, text: u32, share: f64) -> &'a [u32] {
    let keys = shared.of(text);
    let size = sizes[text as usize] as usize;
    let alone = size - keys.len();
    &keys[..prefix_len(size, share).saturating_sub(alone).min(keys.len())]
}

impl CandidateIndex for PrefixIndex<'_> {
    fn candidates(&self, text: u32, since: u32, offer: &mut dyn FnMut(u32, u32)) {
        let Scope { floors, from_both_sides, list_limit } = self.scope;
        let size = self.size(text);
        let keys_of_text = self.shared.of(text).len();
        // Hands over the keepers whose size is in the range that goes with the
        // most shingles they can share with the text.
        let mut look_up =
            |postings: &Postings, keys: &[u32], sizes: &dyn Fn(usize) -> RangeInclusive<usize>| {
                for (at, &key) in keys.iter().enumerate() {
                    // Where a keeper is met first, nothing before is shared.
                    // In lists that are cut it may have been missed before.
                    let before = if list_limit == usize::MAX { at } else { 0 };
                    let sizes = sizes(keys_of_text - before);
                    for keeper in postings.since(key, since, list_limit) {
                        if sizes.contains(&self.size(keeper)) {
                            offer(keeper, 1);
                        }
                    }
                }
            };
        if let Some(t) = floors.jaccard {
            // J is at most the smaller size over the larger, and a pair must
            // share t / (1 + t) of both sizes together; one more takes off
            // what was rounded.
            let size_min = whole(t * size as f64) as usize;
            let size_max = |shared: usize| (1.0 + t) / t * shared as f64 - size as f64 + 1.0;
            let sizes = |shared: usize| size_min..=size_max(shared) as usize;
            look_up(&self.by_prefix, self.prefix(text, t), &sizes);
        }
        if let Some(c) = floors.containment {
            let keys = self.prefix_for(text, c, self.offers_min(text) as usize);
            // A text can be contained in a keeper that is a little smaller;
            // where the keeper is looked up too, that finds the pair.
            let size_min = if from_both_sides { size } else { whole(c * size as f64) as usize };
            look_up(&self.by_shingle, keys, &|_| size_min..=usize::MAX);
        }
    }

    fn offers_min(&self, text: u32) -> u32 {
        if self.scope.from_both_sides && self.scope.floors.jaccard.is_none() {
            1 + (HITS_SHARE * self.size(text) as f64) as u32
        } else {
            1
        }
    }

    fn insert(&mut self, text: u32) {
        let Floors { jaccard, containment } = self.scope.floors;
        if let Some(t) = jaccard {
            self.by_prefix.insert(self.prefix(text, t), text);
        }
        if containment.is_some() {
            self.by_shingle.insert(self.shared.of(text), text);
        }
    }
}
