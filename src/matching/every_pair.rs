//! Every pair of texts that an index offers and that is similar enough.

use crate::Result;
use crate::watch::Watch;

use super::cluster::{Scratch, verify};
use super::rules::{Contained, Floors};
use super::similarity::Similarity;
use super::{CandidateIndex, Texts};

/// Hands every pair of texts that `index` offers and whose Jaccard similarity
/// is at least `jaccard` to `visit`, once, the later text on the left; answers
/// how many pairs were offered.
/// `index` must hold no texts, and holds all of them afterwards. All are sets.
///
/// Their number can grow with the square of the texts': this is for samples.
///
/// # Errors
/// Whatever `visit` returns; [`crate::Error::Interrupted`] if `watch` says so.
pub fn every_pair(
    texts: &Texts,
    index: &mut dyn CandidateIndex,
    jaccard: f64,
    watch: &dyn Watch,
    mut visit: impl FnMut(u32, u32, Similarity) -> Result<()>,
) -> Result<u64> {
    let floors = Floors { jaccard: Some(jaccard), containment: None };
    let Scratch { mut candidates, mut sets, .. } = Scratch::new(texts);
    let mut offered = 0;
    for text in 0..texts.len() {
        watch.check()?;
        let met = candidates.meet(index, text, 0, |_| true);
        offered += met.len() as u64;
        for &other in met {
            let pair = verify(texts, [text, other], &mut sets, |left, right| {
                floors.shared_min(left, right, Contained::Shorter)
            })?;
            if let Some(similarity) = pair {
                visit(text, other, similarity)?;
            }
        }
        index.insert(text);
        watch.advance(1);
    }
    Ok(offered)
}
