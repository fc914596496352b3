//! The exact engine: a prefix-filter set-similarity join.
//!
//! Two sets that share much share one of their rarest elements. So a text is
//! looked up by its rarest shingles only, and every pair at the threshold is
//! found (see [`prefix_len`] for the sources). Which shingles are rare is
//! counted over the whole corpus first ([`SharedKeys`]); shingles that occur
//! once are never looked up, and most news articles have nothing else among
//! their rarest.
//!
//! * Jaccard: the prefix of one text meets the prefix of the other.
//! * Containment: the prefix of the contained text meets any shingle of the
//!   other, which must have at least as many.

use super::keys::SharedKeys;
use super::postings::Postings;
use super::rules::{Floors, prefix_len};
use super::similarity::Text;
use super::{CandidateIndex, cluster};

/// The two sets of a text own keys of their own.
const KINDS: u32 = 2;

/// Counts which shingles of the texts are shared.
pub fn shared_shingles(texts: &[Text]) -> SharedKeys {
    SharedKeys::new(cluster::count(texts) * KINDS, |owner| set(texts, owner))
}

/// A text's set of usual (even owners) or short shingles (odd owners).
fn set(texts: &[Text], owner: u32) -> &[u64] {
    let text = &texts[(owner / KINDS) as usize];
    if owner.is_multiple_of(KINDS) { &text.shingles } else { &text.short_shingles }
}

/// What a [`PrefixIndex`] must find.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// The least similarity that must not be missed.
    pub floors: Floors,
    /// Also find keepers that are contained in the text, not only those that
    /// contain it.
    pub contained_keepers: bool,
    /// Look at so many keepers of a list only: the most preferred ones.
    pub list_limit: usize,
}

/// Keepers by their rarest shingles.
pub struct PrefixIndex<'a> {
    texts: &'a [Text],
    shared: &'a SharedKeys,
    scope: Scope,
    /// Keepers by their Jaccard prefix.
    by_prefix: Postings,
    /// Keepers by every shingle.
    by_shingle: Postings,
    /// Keepers by their containment prefix.
    by_inner_prefix: Postings,
}

impl<'a> PrefixIndex<'a> {
    /// An index without keepers; `shared` as [`shared_shingles`] counts them.
    pub fn new(texts: &'a [Text], shared: &'a SharedKeys, scope: Scope) -> Self {
        let owners = || 0..cluster::count(texts) * KINDS;
        let postings = |share: Option<f64>| match share {
            Some(share) => Postings::with_room(
                shared.len(),
                owners().map(|owner| prefix(texts, shared, owner, share)),
            ),
            None => Postings::with_room(0, std::iter::empty()),
        };
        let Floors { jaccard, containment } = scope.floors;
        Self {
            by_prefix: postings(jaccard),
            by_shingle: postings(containment.map(|_| EVERY_SHINGLE)),
            by_inner_prefix: postings(containment.filter(|_| scope.contained_keepers)),
            texts,
            shared,
            scope,
        }
    }

    /// How many lists are longer than the limit.
    pub fn lists_cut(&self) -> usize {
        [&self.by_prefix, &self.by_shingle, &self.by_inner_prefix]
            .map(|postings| postings.longer_than(self.scope.list_limit))
            .iter()
            .sum()
    }

    fn prefix(&self, owner: u32, share: f64) -> &'a [u32] {
        prefix(self.texts, self.shared, owner, share)
    }
}

/// The share whose prefix is the whole set.
const EVERY_SHINGLE: f64 = 0.0;

/// The shared keys within an owner's prefix. Its shingles that nobody else has
/// are the rarest of all, so they come first and need no key.
fn prefix<'a>(texts: &[Text], shared: &'a SharedKeys, owner: u32, share: f64) -> &'a [u32] {
    let keys = shared.of(owner);
    let size = set(texts, owner).len();
    let alone = size - keys.len();
    &keys[..prefix_len(size, share).saturating_sub(alone).min(keys.len())]
}

impl CandidateIndex for PrefixIndex<'_> {
    fn candidates(&self, text: u32, since: u32, found: &mut dyn FnMut(u32)) {
        let Floors { jaccard, containment } = self.scope.floors;
        let limit = self.scope.list_limit;
        for kind in 0..KINDS {
            let owner = text * KINDS + kind;
            let size = set(self.texts, owner).len();
            if size == 0 {
                continue;
            }
            let size_of = |keeper: u32| set(self.texts, keeper * KINDS + kind).len();
            if let Some(t) = jaccard {
                // J <= smaller / larger.
                let ratio_suffices =
                    |a: usize, b: usize| a.min(b) as f64 >= t * a.max(b) as f64 - 1.0;
                for &key in self.prefix(owner, t) {
                    for keeper in self.by_prefix.since(key, since, limit) {
                        if ratio_suffices(size, size_of(keeper)) {
                            found(keeper);
                        }
                    }
                }
            }
            let Some(c) = containment else { continue };
            for &key in self.prefix(owner, c) {
                for keeper in self.by_shingle.since(key, since, limit) {
                    if size_of(keeper) >= size {
                        found(keeper);
                    }
                }
            }
            if self.scope.contained_keepers {
                for &key in self.shared.of(owner) {
                    for keeper in self.by_inner_prefix.since(key, since, limit) {
                        if size_of(keeper) < size {
                            found(keeper);
                        }
                    }
                }
            }
        }
    }

    fn insert(&mut self, text: u32) {
        let Floors { jaccard, containment } = self.scope.floors;
        for kind in 0..KINDS {
            let owner = text * KINDS + kind;
            if let Some(t) = jaccard {
                self.by_prefix.insert(prefix(self.texts, self.shared, owner, t), text);
            }
            let Some(c) = containment else { continue };
            self.by_shingle.insert(self.shared.of(owner), text);
            if self.scope.contained_keepers {
                self.by_inner_prefix.insert(prefix(self.texts, self.shared, owner, c), text);
            }
        }
    }
}
