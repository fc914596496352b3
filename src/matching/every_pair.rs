//! Every pair of texts that an index offers and that is similar enough.

use crate::Result;
use crate::watch::Watch;

use super::CandidateIndex;
use super::cluster::{self, Seen, verify};
use super::rules::{Contained, Floors};
use super::similarity::{ShingleSet, Similarity};

/// Hands every pair of texts that `index` offers and whose Jaccard similarity
/// is at least `jaccard` to `visit`, once, the later text on the left; answers
/// how many pairs were offered.
/// `index` must hold no texts, and holds all of them afterwards.
///
/// Their number can grow with the square of the texts': this is for samples.
///
/// # Errors
/// Whatever `visit` returns; [`crate::Error::Interrupted`] if `watch` says so.
pub fn every_pair(
    texts: &[ShingleSet],
    index: &mut dyn CandidateIndex,
    jaccard: f64,
    watch: &dyn Watch,
    mut visit: impl FnMut(u32, u32, Similarity) -> Result<()>,
) -> Result<u64> {
    let floors = Floors { jaccard: Some(jaccard), containment: None };
    let mut seen = Seen::new(texts.len());
    let (mut offered, mut met) = (0, Vec::new());
    for text in 0..cluster::count(texts) {
        watch.check()?;
        seen.next_text();
        met.clear();
        let offers_min = index.offers_min(text);
        index.candidates(text, 0, &mut |found| {
            if seen.offered(found) == offers_min {
                met.push(found);
            }
        });
        offered += met.len() as u64;
        for &other in &met {
            let pair = verify(&texts[text as usize], &texts[other as usize], |left, right| {
                floors.shared_min(left, right, Contained::Shorter)
            });
            if let Some(similarity) = pair {
                visit(text, other, similarity)?;
            }
        }
        index.insert(text);
        watch.advance(1);
    }
    Ok(offered)
}
