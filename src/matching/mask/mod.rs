//! Boilerplate, set aside before texts are compared.
//!
//! A footer of ninety words makes a thousand short articles look alike, and
//! hides that two articles are the same where papers hang their own on them.
//! So what is boilerplate is masked: the shingles of it leave the sets that
//! are compared. What is told a hundred times need not be boilerplate, though;
//! of a hundred copies of one report every shingle is. The difference is what
//! stands around it: boilerplate stands beside text that only that document
//! has. In words:
//!
//! 1. A shingle is *common* if it is in many texts.
//! 2. A *stretch* of a text is a run of common shingles as long as a passage.
//! 3. A text is a *witness* for the shingles of its stretches if a larger share
//!    of it is not common than one of two copies can have to itself.
//! 4. A shingle with many witnesses is *boilerplate*, where it stands in a run
//!    of such shingles as long as a passage.
//!
//! Copies are no witnesses against each other, and a phrase that is common in
//! the language is no passage. A text that is hardly anything but boilerplate
//! is compared as it is: copies of a footer are copies. Both engines mask the
//! same.

mod common;
mod naming;
mod places;

use std::sync::atomic::{AtomicU32, Ordering};

use crate::Result;
use crate::watch::{Unit, Watch};

use super::counts::ShingleCounts;
use super::similarity::{Similarity, shared_at_least};
use super::texts::{Text, Texts};

use common::Common;
pub use naming::{MaskedPassage, Passages};
pub use places::Places;

/// What is boilerplate, as numbers.
#[derive(Clone, Copy, Debug)]
pub struct MaskRules {
    /// In how many texts a common shingle is, and how many witnesses
    /// boilerplate has, at least.
    pub texts_min: u32,
    /// A text is a witness if more than this share of it is not common.
    pub own_share: f64,
    /// A text of which fewer shingles would be left is compared as it is.
    pub rest_min: u32,
}

/// Blocks of texts looked at side by side before what was found of them is put
/// down; the outcome does not depend on it.
const BATCH_BLOCKS: usize = 16;

/// Finds the boilerplate and takes it from the texts; the passages that it is
/// made of. `counts` are of the same texts; `documents` tells for how many
/// documents a text stands, and which of them comes first in the input.
///
/// # Errors
/// If texts cannot be read or written;
/// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
pub fn mask(
    texts: &mut Texts,
    counts: &ShingleCounts,
    rules: MaskRules,
    documents: impl Fn(u32) -> (u32, u32),
    watch: &dyn Watch,
) -> Result<Passages> {
    watch.phase("masking", Unit::Documents, Some(u64::from(texts.len())));
    let common = Common::new(texts, counts, rules.texts_min, watch)?;
    let witnesses = witnesses(texts, &common, rules, watch)?;
    let is_boilerplate = |number: u32| witnesses[number as usize] >= rules.texts_min;
    let mut named = naming::Naming::default();
    if witnesses.iter().any(|count| *count >= rules.texts_min) {
        for first in (0..texts.blocks()).step_by(BATCH_BLOCKS) {
            let blocks = first..texts.blocks().min(first + BATCH_BLOCKS);
            let found = texts.map_blocks(blocks, true, watch, |block| {
                let mut of_block = Vec::new();
                for text in block.texts().filter(|text| common.own(text.number).is_some()) {
                    let mut standings = Vec::new();
                    common.stretches(text, is_boilerplate, &mut standings);
                    of_block.push((text.number, standings));
                }
                Ok(of_block)
            })?;
            for (text, mut standings) in found.into_iter().flatten() {
                if standings.is_empty() {
                    continue;
                }
                named.add(text, &standings);
                if texts.size(text) >= standings.len() as u32 + rules.rest_min {
                    standings.sort_unstable_by_key(|standing| standing.position);
                    let positions: Vec<u32> = standings.iter().map(|s| s.position).collect();
                    texts.hide(text, &positions)?;
                }
            }
        }
    }
    texts.forget_places();
    Ok(named.finish(documents))
}

/// For each common shingle how many witnesses it has.
fn witnesses(
    texts: &Texts,
    common: &Common,
    rules: MaskRules,
    watch: &dyn Watch,
) -> Result<Vec<u32>> {
    let witnesses: Vec<AtomicU32> = (0..common.len()).map(|_| AtomicU32::new(0)).collect();
    let is_witness = |text: &Text<'_>| {
        let own = common.own(text.number);
        own.is_some_and(|own| f64::from(own) > rules.own_share * text.set.len() as f64)
    };
    texts.map(true, watch, |block| {
        let mut stretches = Vec::new();
        for text in block.texts().filter(is_witness) {
            common.stretches(text, |_| true, &mut stretches);
            for standing in &stretches {
                witnesses[standing.number as usize].fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(())
    })?;
    Ok(witnesses.into_iter().map(AtomicU32::into_inner).collect())
}

/// The similarity of two texts with all that was masked; `shared` is how many
/// shingles they share without.
///
/// # Errors
/// If texts cannot be read.
pub fn plain_similarity(texts: &Texts, left: u32, right: u32, shared: u32) -> Result<Similarity> {
    let mut rooms = [const { Vec::new() }; 4];
    let [a, b, c, d] = &mut rooms;
    let [left_hidden, right_hidden] = [texts.hidden(left, a)?, texts.hidden(right, b)?];
    let in_both = |a: &[u64], b: &[u64]| shared_at_least(a, b, 0).unwrap_or(0);
    let mut shared = shared + in_both(left_hidden, right_hidden);
    if !left_hidden.is_empty() {
        shared += in_both(left_hidden, texts.set(right, c)?);
    }
    if !right_hidden.is_empty() {
        shared += in_both(right_hidden, texts.set(left, d)?);
    }
    let size = |text| texts.size(text) + texts.hidden_size(text);
    Ok(Similarity { shared, left: size(left), right: size(right) })
}
