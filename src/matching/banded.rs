//! The MinHash engine: texts whose signatures agree on a whole band meet.
//!
//! Finds a pair of Jaccard similarity `s` with the probability that its
//! banding gives ([`Banding::candidate_probability`]). A text that is
//! contained in a much longer one has a low Jaccard similarity; such pairs are
//! looked for by the rarest shingles of a [`Sample`].

use crate::Result;
use crate::sketch::Sketcher;
use crate::sketch::bands::Banding;
use crate::watch::{Unit, Watch};

use super::CandidateIndex;
use super::keys::{Keys, SharedKeys};
use super::postings::Postings;
use super::prefix::{PrefixIndex, Scope};
use super::rules::Floors;
use super::texts::Texts;

/// The shingles below this are in the sample: one in eight.
const SAMPLE_END: u64 = 1 << 61;

/// By how much the containment in the sample may fall short of the one that is
/// asked for. Of 300 shingles 37 are in the sample, and of those of a pair with
/// containment 0.9 more than that much is missing with probability .0001.
const SAMPLE_SLACK: f64 = 0.2;

/// The shingles by which texts are looked up that may be contained in others.
pub struct Sample {
    shared: SharedKeys,
    /// How many shingles of each text are in the sample.
    sizes: Vec<u32>,
}

impl Sample {
    /// Samples the shingles of every text.
    ///
    /// # Errors
    /// If texts cannot be read;
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub fn new(texts: &Texts, watch: &dyn Watch) -> Result<Self> {
        watch.phase("sampling", Unit::Documents, Some(u64::from(texts.len())));
        let share = (u64::MAX / SAMPLE_END).next_power_of_two();
        let keys = Keys::new(texts.shingles() / share, texts.memory());
        let sizes = texts.map(false, watch, |block| {
            let mut lane = keys.lane();
            let mut sizes = Vec::new();
            for text in block.texts() {
                // Sets ascend, so the sample is the beginning of each.
                let sample = &text.set[..text.set.partition_point(|x| *x < SAMPLE_END)];
                sizes.push((text.number, sample.len() as u32));
                // A key's first bits tell it apart.
                sample.iter().try_for_each(|x| lane.add(text.number, x * share))?;
            }
            lane.finish()?;
            Ok(sizes)
        })?;
        let mut numbered = vec![0; texts.len() as usize];
        for (text, size) in sizes.into_iter().flatten() {
            numbered[text as usize] = size;
        }
        Ok(Self { shared: SharedKeys::new(texts.len(), keys, watch)?, sizes: numbered })
    }

    /// The shingles of the sample that two texts have.
    pub fn shared(&self) -> &SharedKeys {
        &self.shared
    }

    /// An index of the keepers in which a text may be contained, that share of
    /// it.
    fn index(&self, containment: f64, watch: &dyn Watch) -> Result<PrefixIndex<'_>> {
        let containment = Some((containment - SAMPLE_SLACK).max(SAMPLE_SLACK));
        let floors = Floors { jaccard: None, containment };
        let scope = Scope { floors, from_both_sides: false, list_limit: usize::MAX };
        PrefixIndex::of_sizes(self.sizes.clone(), &self.shared, scope, watch)
    }
}

/// Keepers by the bands of their signatures, and by a sample of their shingles.
pub struct BandIndex<'a> {
    /// Band hashes that at least two texts have.
    shared: SharedKeys,
    keepers: Postings,
    containing: Option<PrefixIndex<'a>>,
    list_limit: usize,
}

impl<'a> BandIndex<'a> {
    /// Sketches every text and files none yet. Pairs are looked for by bands
    /// and, where there is a sample of the same texts, by containment.
    ///
    /// # Errors
    /// If texts cannot be read;
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub fn new(
        texts: &Texts,
        sketcher: &Sketcher,
        banding: Banding,
        sample: Option<(&'a Sample, f64)>,
        watch: &dyn Watch,
    ) -> Result<Self> {
        watch.phase("sketching", Unit::Documents, Some(u64::from(texts.len())));
        let count = texts.len();
        let keys = Keys::new(u64::from(count) * banding.bands as u64, texts.memory());
        texts.map(false, watch, |block| {
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
        let containing =
            sample.map(|(sample, containment)| sample.index(containment, watch)).transpose()?;
        Ok(Self { shared, keepers, containing, list_limit: usize::MAX })
    }

    /// Looks at so many keepers of a list only from now on: the most preferred
    /// ones.
    pub fn limit_lists(&mut self, limit: usize) {
        self.list_limit = limit;
        if let Some(containing) = &mut self.containing {
            containing.limit_lists(limit);
        }
    }

    /// How many lists are longer than the limit.
    pub fn lists_cut(&self) -> usize {
        let sampled = self.containing.as_ref().map_or(0, PrefixIndex::lists_cut);
        self.keepers.longer_than(self.list_limit) + sampled
    }
}

impl CandidateIndex for BandIndex<'_> {
    fn candidates(&self, text: u32, since: u32, offer: &mut dyn FnMut(u32)) {
        for &key in self.shared.of(text) {
            self.keepers.since(key, since, self.list_limit).for_each(&mut *offer);
        }
        if let Some(containing) = &self.containing {
            containing.candidates(text, since, offer);
        }
    }

    fn insert(&mut self, text: u32) {
        self.keepers.insert(self.shared.of(text), text);
        if let Some(containing) = &mut self.containing {
            containing.insert(text);
        }
    }
}
