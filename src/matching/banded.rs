//! The MinHash engine: texts whose signatures agree on a whole band meet.
//!
//! Finds a pair of Jaccard similarity `s` with the probability that its
//! banding gives ([`Banding::candidate_probability`]). A text that is
//! contained in a much longer one has a low Jaccard similarity and is found
//! with that low probability; where all of them are wanted, the exact engine
//! is the one to take.

use rayon::prelude::*;

use crate::Result;
use crate::sketch::Sketcher;
use crate::sketch::bands::Banding;
use crate::watch::Watch;

use super::keys::{Counting, SharedKeys};
use super::postings::Postings;
use super::similarity::ShingleSet;
use super::{CandidateIndex, cluster};

/// Keepers by the bands of their signatures.
pub struct BandIndex {
    /// Band hashes that at least two texts have.
    shared: SharedKeys,
    keepers: Postings,
    list_limit: usize,
}

impl BandIndex {
    /// Sketches every text and files none yet.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub fn new(
        texts: &[ShingleSet],
        sketcher: &Sketcher,
        banding: Banding,
        watch: &dyn Watch,
    ) -> Result<Self> {
        let band_keys: Vec<Vec<u64>> = texts
            .par_iter()
            .map_init(
                || vec![0u32; sketcher.slots()],
                |signature, shingles| {
                    watch.check()?;
                    if !sketcher.sketch(shingles, signature) {
                        return Ok(Vec::new());
                    }
                    let mut keys = vec![0; banding.bands];
                    banding.keys(signature, &mut keys);
                    keys.sort_unstable();
                    Ok(keys)
                },
            )
            .collect::<Result<_>>()?;
        let count = cluster::count(texts);
        let shared =
            SharedKeys::new(count, |text| &band_keys[text as usize], Counting::SHARED, watch)?;
        let keepers = Postings::with_room(shared.len(), (0..count).map(|text| shared.of(text)));
        Ok(Self { shared, keepers, list_limit: usize::MAX })
    }

    /// Looks at so many keepers of a list only from now on: the most preferred
    /// ones.
    pub fn limit_lists(&mut self, limit: usize) {
        self.list_limit = limit;
    }

    /// How many lists are longer than the limit.
    pub fn lists_cut(&self) -> usize {
        self.keepers.longer_than(self.list_limit)
    }
}

impl CandidateIndex for BandIndex {
    fn candidates(&self, text: u32, since: u32, offer: &mut dyn FnMut(u32)) {
        for &key in self.shared.of(text) {
            self.keepers.since(key, since, self.list_limit).for_each(&mut *offer);
        }
    }

    fn insert(&mut self, text: u32) {
        self.keepers.insert(self.shared.of(text), text);
    }
}
