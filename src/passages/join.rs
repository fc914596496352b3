//! Joins families that were found apart.
//!
//! A passage told twice in each of two copies of an article, or copies that
//! were compared with different representatives, are two families at first. The
//! representatives are looked at like documents of their own: where two of them
//! tell the same, the smaller family goes into the larger one, if all of its
//! occurrences are alike enough to the larger one's representative or lie in
//! occurrences of the larger one already. Otherwise both stay as they are.

use std::cmp::Reverse;

use super::PassageRecipe;
use super::agree::Pattern;
use super::families::{Found, Taken};
use super::link::find_matches;
use super::seeds::SeedTable;
use super::token_text::TokenTexts;
use super::told::Teller;
use crate::Result;
use crate::watch::Watch;

/// A seed in at most so many representatives is looked at from each to each. It
/// is enough that a family meets a larger one that is like it.
const ALL_PAIRS_MAX: u32 = 8;

/// Joins families; of each the representative comes first.
pub(super) fn join(
    texts: &TokenTexts,
    recipe: &PassageRecipe,
    mut families: Vec<Vec<Found>>,
    watch: &dyn Watch,
) -> Result<Vec<Vec<Found>>> {
    families.sort_by_key(|family| {
        (Reverse(family.len()), family[0].places.start, family[0].places.end)
    });
    let excerpts = texts.excerpts(families.iter().map(|family| &family[0].places))?;
    let among = PassageRecipe { snap_words: 0, all_pairs_max: ALL_PAIRS_MAX, ..recipe.clone() };
    // The larger family comes first, here and in every match.
    let seeds = SeedTable::new(&excerpts, &among, watch)?;
    let mut alike: Vec<(u32, u32)> = find_matches(&excerpts, &among, seeds, watch)?
        .found
        .iter()
        .map(|found| (excerpts.doc_of(found.a.start).0, excerpts.doc_of(found.b.start).0))
        .filter(|(larger, smaller)| larger != smaller)
        .collect();
    alike.sort_unstable();
    alike.dedup();
    let mut pattern = Pattern::default();
    let mut teller = Teller { texts, recipe, pattern: Pattern::default() };
    for pairs in alike.chunk_by(|(larger, _), (next, _)| larger == next) {
        let larger = pairs[0].0 as usize;
        let Some(representative) = families[larger].first().map(|found| found.places.clone())
        else {
            continue;
        };
        pattern.read(texts.codes_at(&representative).iter().copied());
        let mut taken = Taken::default();
        std::mem::take(&mut families[larger]).into_iter().for_each(|found| taken.insert(found));
        for &(_, smaller) in pairs {
            let smaller = &mut families[smaller as usize];
            let moved = smaller.iter().filter(|found| {
                !taken.at(&found.places).any(|occurrence| teller.covers(occurrence, &found.places))
            });
            let moved: Option<Vec<Found>> = moved
                .map(|found| {
                    let matched = pattern.agreement(texts.codes_at(&found.places));
                    let fits = !taken.overlaps(&found.places)
                        && recipe.accepts(texts, &representative, &found.places, matched);
                    fits.then(|| Found { places: found.places.clone(), matched })
                })
                .collect();
            if let Some(moved) = moved {
                moved.into_iter().for_each(|found| taken.insert(found));
                smaller.clear();
            }
        }
        families[larger] = taken.family(&representative);
    }
    families.retain(|family| !family.is_empty());
    Ok(families)
}
