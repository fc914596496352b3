//! The MinHash engine: texts whose signatures agree on a whole band meet.
//!
//! Finds a pair of Jaccard similarity `s` with the probability that its
//! banding gives ([`Banding::candidate_probability`]). A text that is
//! contained in a much longer one has a low Jaccard similarity; such pairs meet
//! by their anchors ([`crate::text::anchors`]).

use crate::Result;
use crate::sketch::Sketcher;
use crate::sketch::bands::Banding;
use crate::text::anchors::{Anchoring, Anchors, spread};
use crate::watch::{Unit, Watch};

use super::CandidateIndex;
use super::anchored::{AnchorIndex, SharedAnchors};
use super::keys::{Keys, SharedKeys};
use super::postings::Postings;
use super::texts::{Text, Texts, Wants};

/// What texts have in common by which they can meet.
pub struct Meetings {
    /// Band hashes that at least two texts have.
    bands: SharedKeys,
    anchors: Option<SharedAnchors>,
}

impl Meetings {
    /// Sketches every text, and takes its anchors where texts are looked for that
    /// are contained in others, that share of them.
    ///
    /// # Errors
    /// If texts cannot be read;
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub fn new(
        texts: &mut Texts,
        sketcher: &Sketcher,
        banding: Banding,
        containment: Option<f64>,
        watch: &dyn Watch,
    ) -> Result<Self> {
        watch.phase("sketching", Unit::Documents, Some(u64::from(texts.len())));
        let (count, anchoring) = (texts.len(), texts.anchoring());
        let bands = Keys::new(u64::from(count) * banding.bands as u64, texts.memory());
        let keys = Keys::new(texts.anchors(), texts.memory());
        let sizes = texts.map(Wants::BOTH, watch, |block| {
            let mut signature = vec![0u32; sketcher.slots()];
            let mut of_bands = vec![0u64; banding.bands];
            let (mut lane, mut anchor_lane) = (bands.lane(), keys.lane());
            let (mut left, mut anchors) = (Left::default(), Vec::new());
            let mut sizes = Vec::new();
            for text in block.texts() {
                if sketcher.sketch(text.shingles, &mut signature) {
                    banding.keys(&signature, &mut of_bands);
                    of_bands.iter().try_for_each(|key| lane.add(text.number, *key))?;
                }
                if containment.is_some() {
                    distinct_anchors(&text, anchoring, &mut left, &mut anchors);
                    sizes.push((text.number, anchors.len() as u32));
                    let mut keys = anchors.iter().map(|anchor| spread(*anchor));
                    keys.try_for_each(|key| anchor_lane.add(text.number, key))?;
                }
            }
            lane.finish()?;
            anchor_lane.finish()?;
            Ok(sizes)
        })?;
        texts.forget_anchors();
        let bands = SharedKeys::new(count, bands, watch)?;
        let Some(containment) = containment else { return Ok(Self { bands, anchors: None }) };
        let mut numbered = vec![0; count as usize];
        for (text, size) in sizes.into_iter().flatten() {
            numbered[text as usize] = size;
        }
        let shared = SharedKeys::new(count, keys, watch)?;
        Ok(Self { bands, anchors: Some(SharedAnchors::new(shared, numbered, containment)) })
    }

    /// How much memory it takes, and the index over it as much again.
    pub fn bytes(&self) -> usize {
        self.bands.bytes() + self.anchors.as_ref().map_or(0, SharedAnchors::bytes)
    }
}

/// Memory for the anchors of what is left of a text.
#[derive(Default)]
struct Left {
    anchors: Anchors,
    room: Vec<u32>,
}

/// Replaces `anchors` with those of a text, each once; with those of what is left
/// of it where some of it is masked.
fn distinct_anchors(
    text: &Text<'_>,
    anchoring: Anchoring,
    left: &mut Left,
    anchors: &mut Vec<u32>,
) {
    anchors.clear();
    if text.is_masked {
        left.anchors.read(anchoring, text.shingles, &mut left.room);
        anchors.extend_from_slice(&left.anchors.hashes);
    } else {
        anchors.extend_from_slice(text.anchors);
    }
    anchors.sort_unstable();
    anchors.dedup();
}

/// Keepers by the bands of their signatures, and by their anchors.
pub struct BandIndex<'a> {
    bands: &'a SharedKeys,
    keepers: Postings,
    containing: Option<AnchorIndex<'a>>,
    list_limit: usize,
}

impl<'a> BandIndex<'a> {
    /// An index without keepers.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub fn new(meetings: &'a Meetings, watch: &dyn Watch) -> Result<Self> {
        let Meetings { bands, anchors } = meetings;
        let keepers = Postings::for_all(bands.frequencies());
        watch.check()?;
        let containing = anchors.as_ref().map(AnchorIndex::new);
        watch.check()?;
        Ok(Self { bands, keepers, containing, list_limit: usize::MAX })
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
        let of_anchors = self.containing.as_ref().map_or(0, AnchorIndex::lists_cut);
        self.keepers.longer_than(self.list_limit) + of_anchors
    }
}

impl CandidateIndex for BandIndex<'_> {
    fn candidates(&self, text: u32, since: u32, offer: &mut dyn FnMut(u32, u32)) {
        let enough = self.offers_min(text);
        for &key in self.bands.of(text) {
            self.keepers
                .since(key, since, self.list_limit)
                .for_each(|keeper| offer(keeper, enough));
        }
        if let Some(containing) = &self.containing {
            containing.candidates(text, since, offer);
        }
    }

    fn offers_min(&self, text: u32) -> u32 {
        self.containing.as_ref().map_or(1, |containing| containing.offers_min(text))
    }

    fn insert(&mut self, text: u32) {
        self.keepers.insert(self.bands.of(text), text);
        if let Some(containing) = &mut self.containing {
            containing.insert(text);
        }
    }
}
