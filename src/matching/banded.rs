//! The MinHash engine: texts whose signatures agree on a whole band meet.
//!
//! Finds a pair of Jaccard similarity `s` with the probability that its
//! banding gives ([`Banding::candidate_probability`]). A text that is
//! contained in a much longer one has a low Jaccard similarity and is found
//! with that low probability; where all of them are wanted, the exact engine
//! is the one to take.

use crate::Result;
use crate::sketch::Sketcher;
use crate::sketch::bands::Banding;
use crate::watch::{Unit, Watch};

use super::CandidateIndex;
use super::keys::{Keys, SharedKeys};
use super::postings::Postings;
use super::texts::Texts;

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
    /// If texts cannot be read;
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub fn new(
        texts: &Texts,
        sketcher: &Sketcher,
        banding: Banding,
        watch: &dyn Watch,
    ) -> Result<Self> {
        watch.phase("sketching", Unit::Documents, Some(u64::from(texts.len())));
        let count = texts.len();
        let keys = Keys::new(u64::from(count) * banding.bands as u64, texts.memory());
        texts.map(watch, |block| {
            let mut signature = vec![0u32; sketcher.slots()];
            let mut bands = vec![0u64; banding.bands];
            let mut lane = keys.lane();
            for text in block.texts() {
                if sketcher.sketch(text.set, &mut signature) {
                    banding.keys(&signature, &mut bands);
                    bands.iter().try_for_each(|key| lane.add(text.number, *key))?;
                }
            }
            lane.finish()
        })?;
        let shared = SharedKeys::new(count, keys, watch)?;
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
