//! Which documents are told twice, and who stays.
//!
//! ```text
//! texts (in keep order) -> shared keys -> candidates -> verified matches -> stars
//! ```
//!
//! Texts come in keep order: text 0 is the one a user would keep before all
//! others. Each text in turn is compared with the *keepers* before it; where
//! it matches one it is dropped, else it becomes a keeper itself. So every
//! dropped text matches its keeper directly, keepers never match one another,
//! and a hundred thousand copies cost a hundred thousand comparisons.
//!
//! [`prefix`] (exact) and [`banded`] (MinHash) find the candidates; each
//! candidate is then verified on its whole shingle sets, so both engines
//! report the same figures and neither reports a pair that does not match.
//! What is boilerplate was taken from the sets before ([`mask`]).

mod anchored;
pub mod banded;
mod bitmap;
pub mod cluster;
mod column;
pub mod counts;
pub mod every_pair;
pub mod keys;
pub mod mask;
mod parting;
pub mod postings;
pub mod prefix;
pub mod related;
pub mod rules;
pub mod shingled;
pub mod similarity;
pub mod sorter;
pub mod texts;

pub use cluster::{Link, link_to_keepers};
pub use every_pair::every_pair;
pub use related::{Related, RelatedPairs, related_pairs};
pub use rules::Rules;
pub use shingled::ShingledTexts;
pub use similarity::{ShingleSet, Similarity};
pub use texts::Texts;

/// Which pairs of texts count at all; symmetric.
pub type PairFilter<'a> = &'a (dyn Fn(u32, u32) -> bool + Sync);

/// Finds, for one text, the keepers it could match.
///
/// Every implementation promises the same: a keeper that is offered may not
/// match (it is verified by the caller), and the answer depends only on the
/// texts, never on threads or on when the keepers were added.
pub trait CandidateIndex: Sync {
    /// Hands every keeper `>= since` that `text` could match to `offer`, in
    /// any order, with the number of times for which this counts, all in all
    /// [`CandidateIndex::offers_min`] times at least.
    fn candidates(&self, text: u32, since: u32, offer: &mut dyn FnMut(u32, u32));

    /// How often a keeper that matches `text` is offered at least; others may
    /// be offered less often, and need not be verified.
    fn offers_min(&self, _text: u32) -> u32 {
        1
    }

    /// Makes `text` a keeper; called in ascending order of texts.
    fn insert(&mut self, text: u32);
}
