//! The MinHash engine: texts whose signatures agree on a whole band meet.
//!
//! Finds a pair of Jaccard similarity `s` with the probability that its
//! banding gives ([`Banding::candidate_probability`]). A text that is
//! contained in a much longer one has a low Jaccard similarity and is found
//! with that low probability; where all of them are wanted, the exact engine
//! is the one to take.

use rayon::prelude::*;

use crate::sketch::Sketcher;
use crate::sketch::bands::Banding;

use super::keys::SharedKeys;
use super::postings::Postings;
use super::similarity::Text;
use super::{CandidateIndex, cluster};

/// The two sets of a text have signatures of their own.
const KINDS: u32 = 2;

/// Keepers by the bands of their signatures.
pub struct BandIndex {
    /// Band hashes that at least two owners have.
    shared: SharedKeys,
    keepers: Postings,
}

impl BandIndex {
    /// Sketches every text and files none yet.
    pub fn new(texts: &[Text], sketcher: &Sketcher, banding: Banding) -> Self {
        let band_keys: Vec<[Vec<u64>; KINDS as usize]> = texts
            .par_iter()
            .map_init(
                || vec![0u32; sketcher.slots()],
                |signature, text| {
                    [&text.shingles, &text.short_shingles].map(|shingles| {
                        if !sketcher.sketch(shingles, signature) {
                            return Vec::new();
                        }
                        let mut keys = vec![0; banding.bands];
                        banding.keys(signature, &mut keys);
                        keys.sort_unstable();
                        keys
                    })
                },
            )
            .collect();
        let owners = cluster::count(texts) * KINDS;
        let shared = SharedKeys::new(owners, |owner| {
            &band_keys[(owner / KINDS) as usize][(owner % KINDS) as usize]
        });
        let keepers = Postings::with_room(shared.len(), (0..owners).map(|o| shared.of(o)));
        Self { shared, keepers }
    }
}

impl CandidateIndex for BandIndex {
    fn candidates(&self, text: u32, since: u32, found: &mut dyn FnMut(u32)) {
        for owner in text * KINDS..(text + 1) * KINDS {
            for &key in self.shared.of(owner) {
                self.keepers.since(key, since, usize::MAX).for_each(&mut *found);
            }
        }
    }

    fn insert(&mut self, text: u32) {
        for owner in text * KINDS..(text + 1) * KINDS {
            self.keepers.insert(self.shared.of(owner), text);
        }
    }
}
