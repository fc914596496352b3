//! Texts meet by their rarest anchors: a contained text and what contains it.
//!
//! A text that is contained in another shares most of its [anchors](anchors)
//! with it, so it is enough to look at its rarest ones, as a prefix join does;
//! and a keeper that has but one of many of these is no candidate yet. How many
//! anchors such pairs share was measured, not proved: of 1,728 pairs of
//! SaudiNewsNet that have nine tenths of the shorter in common and a Jaccard
//! similarity below .7, 999 of a thousand share .4 of the shorter's anchors or
//! more where it has a hundred shingles, and none shares less than .06.
//!
//! [anchors]: crate::text::anchors

use super::CandidateIndex;
use super::keys::SharedKeys;
use super::postings::Postings;
use super::rules::prefix_len;

/// By how much the share of a text's anchors that another has may fall short of
/// the containment that is asked for: one other word takes as many as eight.
const SLACK: f64 = 0.55;

/// The least share of its anchors that a text is looked for by.
const SHARE_MIN: f64 = 0.05;

/// A text of fewer anchors is looked for by all of them, and one is enough.
const FEW: usize = 20;

/// Of so many anchors that must be shared one more hit is asked for, but never
/// more than three: texts of one language share a run of five words now and then.
const ANCHORS_A_HIT: f64 = 8.0;
const HITS_MAX: u32 = 3;

/// The anchors that at least two texts have.
pub(super) struct SharedAnchors {
    shared: SharedKeys,
    /// How many anchors each text has.
    sizes: Vec<u32>,
    /// The least share of a text's that another has in which it is contained.
    share: f64,
}

impl SharedAnchors {
    /// `shared` are those of the texts, which have `sizes` in all; texts are
    /// looked for that are contained in others, that share of them.
    pub(super) fn new(shared: SharedKeys, sizes: Vec<u32>, containment: f64) -> Self {
        Self { shared, sizes, share: (containment - SLACK).max(SHARE_MIN) }
    }

    pub(super) fn bytes(&self) -> usize {
        self.shared.bytes() + size_of_val(&*self.sizes)
    }

    /// How many anchors of a text another must have to be looked at.
    fn hits(&self, text: u32) -> u32 {
        match self.sizes[text as usize] as usize {
            0..FEW => 1,
            size => (1 + (self.share * size as f64 / ANCHORS_A_HIT) as u32).min(HITS_MAX),
        }
    }

    /// The rarest of a text's anchors, as many as it is looked for by. Those that
    /// no other text has are the rarest of all, and need no looking up.
    fn rarest(&self, text: u32) -> &[u32] {
        let (keys, size) = (self.shared.of(text), self.sizes[text as usize] as usize);
        if size < FEW {
            return keys;
        }
        let wanted = prefix_len(size, self.share) + self.hits(text) as usize - 1;
        &keys[..wanted.saturating_sub(size - keys.len()).min(keys.len())]
    }
}

/// Keepers by their anchors.
pub(super) struct AnchorIndex<'a> {
    anchors: &'a SharedAnchors,
    keepers: Postings,
    list_limit: usize,
}

impl<'a> AnchorIndex<'a> {
    /// An index without keepers.
    pub(super) fn new(anchors: &'a SharedAnchors) -> Self {
        let keepers = Postings::for_all(anchors.shared.frequencies());
        Self { anchors, keepers, list_limit: usize::MAX }
    }

    /// Looks at so many keepers of a list only from now on: the most preferred
    /// ones.
    pub(super) fn limit_lists(&mut self, limit: usize) {
        self.list_limit = limit;
    }

    /// How many lists are longer than the limit.
    pub(super) fn lists_cut(&self) -> usize {
        self.keepers.longer_than(self.list_limit)
    }
}

impl CandidateIndex for AnchorIndex<'_> {
    fn candidates(&self, text: u32, since: u32, offer: &mut dyn FnMut(u32, u32)) {
        for &key in self.anchors.rarest(text) {
            self.keepers.since(key, since, self.list_limit).for_each(|keeper| offer(keeper, 1));
        }
    }

    fn offers_min(&self, text: u32) -> u32 {
        self.anchors.hits(text)
    }

    fn insert(&mut self, text: u32) {
        self.keepers.insert(self.anchors.shared.of(text), text);
    }
}
