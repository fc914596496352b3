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
//! 1. A text is *looked at* where so many windows in a row as a passage has chose
//!    anchors that many texts have ([`crate::text::anchors`]): so it is wherever it
//!    has a passage that many tell, and most texts are not at all.
//! 2. A shingle is *common* if it is in many of these texts, where they are looked
//!    at; a *stretch* of a text is a run of common shingles as long as a passage.
//! 3. A text is a *witness* for the shingles of its stretches if a larger share
//!    of it is its own, in few of these texts, than one of two copies can have to
//!    itself. A sample of its shingles tells.
//! 4. A shingle with many witnesses is *boilerplate*, where it stands in a run
//!    of such shingles as long as a passage.
//!
//! Copies are no witnesses against each other, and a phrase that is common in
//! the language is no passage. A text that is hardly anything but boilerplate
//! is compared as it is: copies of a footer are copies. Both engines mask the
//! same.

mod common;
mod looked_at;
mod naming;

use std::sync::atomic::{AtomicU32, Ordering};

use crate::Result;
use crate::watch::{Unit, Watch};

use super::similarity::{Similarity, shared_at_least};
use super::texts::{Texts, Wants};

use common::{Common, Standing};
use looked_at::LookedAt;
pub use naming::{MaskedPassage, Passages};

/// What is boilerplate, as numbers.
#[derive(Clone, Copy, Debug)]
pub struct MaskRules {
    /// In how many texts a common shingle is, and how many witnesses
    /// boilerplate has, at least.
    pub texts_min: u32,
    /// A text is a witness if more than this share of it is its own.
    pub own_share: f64,
    /// A text of which fewer shingles would be left is compared as it is.
    pub rest_min: u32,
}

impl MaskRules {
    /// What is in fewer texts is a text's own: half as many as what is common, for a
    /// report that many papers print is no more a text's own than boilerplate is.
    pub fn own_below(self) -> u32 {
        self.texts_min.div_ceil(2).max(2)
    }
}

/// Finds the boilerplate and takes it from the texts; the passages that it is
/// made of. No text is a set yet. `documents` tells for how many documents a text
/// stands, and which of them comes first in the input.
///
/// # Errors
/// If texts cannot be read or written;
/// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
pub fn mask(
    texts: &mut Texts,
    rules: MaskRules,
    documents: impl Fn(u32) -> (u32, u32),
    watch: &dyn Watch,
) -> Result<Passages> {
    watch.phase("masking", Unit::Documents, None);
    let looked_at = LookedAt::new(texts, rules.texts_min, watch)?;
    let common = Common::new(texts, &looked_at, rules, watch)?;
    drop(looked_at);
    let witnesses = witnesses(texts, &common, watch)?;
    let is_boilerplate = |number: u32| witnesses[number as usize] >= rules.texts_min;
    let mut named = naming::Naming::default();
    if witnesses.iter().any(|count| *count >= rules.texts_min) {
        let found = texts.hide(rules.rest_min, watch, Vec::new, |standings, text, places| {
            common.stretches(text, is_boilerplate, standings);
            places.extend(standings.iter().map(|standing| standing.place));
            let of_text: Box<[Standing]> = standings.as_slice().into();
            (!standings.is_empty()).then_some((text.number, of_text))
        })?;
        for (text, standings) in found {
            named.add(text, &standings);
        }
    }
    Ok(named.finish(documents))
}

/// For each common shingle how many witnesses it has.
fn witnesses(texts: &Texts, common: &Common, watch: &dyn Watch) -> Result<Vec<u32>> {
    let witnesses: Vec<AtomicU32> = (0..common.len()).map(|_| AtomicU32::new(0)).collect();
    texts.map(Wants::SHINGLES, watch, |block| {
        let (mut stretches, mut numbers) = (Vec::new(), Vec::new());
        for text in block.texts().filter(|text| common.is_witness(text.number)) {
            common.stretches(text, |_| true, &mut stretches);
            numbers.clear();
            numbers.extend(stretches.iter().map(|standing| standing.number));
            // It counts once, though it tells a passage twice.
            numbers.sort_unstable();
            numbers.dedup();
            for number in &numbers {
                witnesses[*number as usize].fetch_add(1, Ordering::Relaxed);
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
