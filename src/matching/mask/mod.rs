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
//! is compared as it is: copies of a footer are copies. All of it is counted,
//! nothing drawn or estimated, so both engines mask the same.

mod naming;
mod places;

use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;

use crate::Result;
use crate::watch::Watch;

use super::keys::SharedKeys;
use super::similarity::{ShingleSet, Similarity, shared_at_least};

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

/// What was masked.
#[derive(Debug, Default)]
pub struct Masked {
    /// For each text the shingles that were taken from it, ascending; no
    /// entries at all if nothing was masked anywhere.
    hidden: Vec<ShingleSet>,
    /// The passages that are boilerplate.
    pub passages: Passages,
}

/// Texts looked at side by side before what was found of them is put down;
/// the outcome does not depend on it.
const BATCH_TEXTS: usize = 1 << 14;

/// A common shingle of a text.
#[derive(Clone, Copy, Debug)]
struct Standing {
    /// Where it stands in the text.
    place: u16,
    /// Its position in the text's set.
    position: u32,
    /// Its position in the text's list of shared keys.
    listed: u32,
    /// Its number.
    number: u32,
}

/// The common shingles of all texts.
struct Common<'a> {
    texts: &'a [ShingleSet],
    places: &'a [Places],
    shared: &'a SharedKeys,
    /// Its number is the first of a common shingle; all that follow are.
    first: u32,
}

impl Common<'_> {
    /// The common keys of a text, and how many keys come before them.
    fn keys(&self, text: u32) -> (&[u32], usize) {
        let keys = self.shared.of(text);
        let before = keys.partition_point(|number| *number < self.first);
        (&keys[before..], before)
    }

    /// How many shingles of a text are common.
    fn count(&self, text: u32) -> usize {
        self.keys(text).0.len()
    }

    /// Replaces `found` with the wanted common shingles of a text that stand
    /// in runs as long as a passage, in their order.
    fn stretches(&self, text: u32, is_wanted: impl Fn(u32) -> bool, found: &mut Vec<Standing>) {
        found.clear();
        let (set, places) = (&self.texts[text as usize], &self.places[text as usize]);
        let Some(run_min) = places.run_min() else { return };
        let (keys, before) = self.keys(text);
        if keys.len() < run_min {
            return;
        }
        for (listed, &number) in (before as u32..).zip(keys) {
            if !is_wanted(number) {
                continue;
            }
            let Some(beginning) = self.shared.beginning_of(number) else { continue };
            let position = set.partition_point(|shingle| *shingle < beginning);
            let Some(place) = places.of(position) else { continue };
            found.push(Standing { place, position: position as u32, listed, number });
        }
        found.sort_unstable_by_key(|standing| standing.place);
        found.dedup_by_key(|standing| standing.place);
        let mut kept = 0;
        let mut start = 0;
        while start < found.len() {
            let run = &found[start..];
            let breaks = run.windows(2).position(|pair| pair[1].place != pair[0].place + 1);
            let len = breaks.map_or(run.len(), |at| at + 1);
            if len >= run_min {
                found.copy_within(start..start + len, kept);
                kept += len;
            }
            start += len;
        }
        found.truncate(kept);
    }
}

/// What of one text is boilerplate.
struct Found {
    text: u32,
    standings: Vec<Standing>,
}

/// Finds the boilerplate and takes it from the texts and from their keys.
/// `shared` must have counted these texts and know the beginnings of all that
/// is in [`MaskRules::texts_min`] texts or more; `documents` tells for how many
/// documents a text stands, and which of them comes first in the input.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
pub fn mask(
    texts: &mut [ShingleSet],
    places: &[Places],
    shared: &mut SharedKeys,
    rules: MaskRules,
    documents: impl Fn(u32) -> (u32, u32),
    watch: &dyn Watch,
) -> Result<Masked> {
    let common = Common { texts, places, shared, first: shared.first_named() };
    let (witnesses, candidates) = witnesses(&common, rules, watch)?;
    let is_boilerplate =
        |number: u32| witnesses[(number - common.first) as usize] >= rules.texts_min;
    if !witnesses.iter().any(|count| *count >= rules.texts_min) {
        return Ok(Masked::default());
    }
    let first = common.first;
    let mut hidden: Vec<ShingleSet> = vec![ShingleSet::default(); texts.len()];
    let mut named = naming::Naming::default();
    for batch in candidates.chunks(BATCH_TEXTS) {
        let common = Common { texts, places, shared, first };
        let found: Vec<Found> = batch
            .par_iter()
            .map_init(Vec::new, |scratch, &text| {
                watch.check()?;
                common.stretches(text, is_boilerplate, scratch);
                Ok((!scratch.is_empty()).then(|| Found { text, standings: scratch.clone() }))
            })
            .filter_map(Result::transpose)
            .collect::<Result<_>>()?;
        for Found { text, mut standings } in found {
            named.add(text, &standings);
            let set = &mut texts[text as usize];
            if set.len() < standings.len() + rules.rest_min as usize {
                continue;
            }
            standings.sort_unstable_by_key(|standing| standing.position);
            let masked = standings.iter().map(|standing| standing.position);
            (*set, hidden[text as usize]) = parted(set, masked);
            let mut listed: Vec<u32> = standings.iter().map(|standing| standing.listed).collect();
            listed.sort_unstable();
            shared.take(text, &listed);
        }
    }
    Ok(Masked { hidden, passages: named.finish(first, documents) })
}

/// For each common shingle, from the first, how many witnesses it has; and the
/// texts that have stretches, ascending.
fn witnesses(
    common: &Common<'_>,
    rules: MaskRules,
    watch: &dyn Watch,
) -> Result<(Vec<u32>, Vec<u32>)> {
    let numbers = common.shared.len() - common.first as usize;
    let witnesses: Vec<AtomicU32> = (0..numbers).map(|_| AtomicU32::new(0)).collect();
    let look = |stretches: &mut Vec<Standing>, text: u32| -> Result<Option<u32>> {
        watch.check()?;
        common.stretches(text, |_| true, stretches);
        let size = common.texts[text as usize].len();
        if (size - common.count(text)) as f64 > rules.own_share * size as f64 {
            for standing in stretches.iter() {
                witnesses[(standing.number - common.first) as usize]
                    .fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok((!stretches.is_empty()).then_some(text))
    };
    let candidates = (0..common.texts.len() as u32)
        .into_par_iter()
        .map_init(Vec::new, look)
        .filter_map(Result::transpose)
        .collect::<Result<_>>()?;
    Ok((witnesses.into_iter().map(AtomicU32::into_inner).collect(), candidates))
}

/// A set without the shingles at these positions, ascending, and those.
fn parted(set: &[u64], masked: impl Iterator<Item = u32>) -> (ShingleSet, ShingleSet) {
    let mut masked = masked.peekable();
    let (mut rest, mut hidden) = (Vec::with_capacity(set.len()), Vec::new());
    for (position, shingle) in (0u32..).zip(set) {
        let is_masked = masked.next_if_eq(&position).is_some();
        (if is_masked { &mut hidden } else { &mut rest }).push(*shingle);
    }
    (rest.into(), hidden.into())
}

impl Masked {
    /// The shingles that were taken from a text, ascending.
    pub fn hidden(&self, text: u32) -> &[u64] {
        self.hidden.get(text as usize).map_or(&[], |set| set)
    }

    /// The similarity of two texts with all that was masked; `texts` are those
    /// that [`mask`] left.
    pub fn plain(&self, texts: &[ShingleSet], left: u32, right: u32) -> Similarity {
        let parts = |text: u32| [&*texts[text as usize], self.hidden(text)];
        let size = |text: u32| parts(text).map(|part| part.len() as u32).iter().sum();
        let shared = |a: &[u64], b: &[u64]| shared_at_least(a, b, 0).unwrap_or(0);
        let pairs = parts(left).map(|a| parts(right).map(|b| shared(a, b)));
        Similarity {
            shared: pairs.as_flattened().iter().sum(),
            left: size(left),
            right: size(right),
        }
    }
}
