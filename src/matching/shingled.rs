//! Texts made ready to be compared, as one worker hands them over.

use std::mem;

use crate::text::anchors::Anchors;

/// Texts made ready to be compared with others, one behind the other.
#[derive(Clone, Debug, Default)]
pub struct ShingledTexts {
    pub(super) extents: Vec<Extent>,
    pub(super) shingles: Vec<u64>,
    pub(super) anchors: Anchors,
}

/// What belongs to one of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) shingles: u32,
    pub(super) anchors: u32,
    pub(super) run_min: u32,
    /// Whether it is a text, not only room that one takes.
    pub(super) is_text: bool,
}

/// Where one in so many shingles or more is not wanted the others are moved
/// together; else those stay where they are, and take room.
const MOVED_FROM: usize = 8;

impl ShingledTexts {
    /// Adds a text: its shingles, at least one; its anchors, of which one that is not
    /// looked up by them has none; and the fewest shingles in a row that make a
    /// passage of it, 0 if nothing of it is to be masked.
    ///
    /// # Panics
    /// Above 2^32 shingles in a text.
    pub fn push(&mut self, shingles: &[u64], anchors: &Anchors, run_min: u32) {
        let count = |len: usize| u32::try_from(len).expect("shingles are counted with 32 bits");
        self.extents.push(Extent {
            shingles: count(shingles.len()),
            anchors: count(anchors.hashes.len()),
            run_min,
            is_text: true,
        });
        self.shingles.extend_from_slice(shingles);
        self.anchors.hashes.extend_from_slice(&anchors.hashes);
        self.anchors.windows.extend_from_slice(&anchors.windows);
    }

    /// All of them, in no more memory than they need; none is left here, but room
    /// for as many.
    pub fn take(&mut self) -> Self {
        fn taken<T>(values: &mut Vec<T>) -> Vec<T> {
            let room = Vec::with_capacity(values.len() + values.len() / 8);
            let mut taken = mem::replace(values, room);
            taken.shrink_to_fit();
            taken
        }
        let Self { extents, shingles, anchors } = self;
        let Anchors { hashes, windows } = anchors;
        Self {
            extents: taken(extents),
            shingles: taken(shingles),
            anchors: Anchors { hashes: taken(hashes), windows: taken(windows) },
        }
    }

    /// The shingles of each text.
    pub fn iter(&self) -> impl Iterator<Item = &[u64]> {
        let mut start = 0;
        self.extents.iter().map(move |extent| {
            let end = start + extent.shingles as usize;
            &self.shingles[mem::replace(&mut start, end)..end]
        })
    }

    pub(super) fn append(&mut self, other: Self) {
        self.extents.extend(other.extents);
        self.shingles.extend(other.shingles);
        self.anchors.hashes.extend(other.anchors.hashes);
        self.anchors.windows.extend(other.anchors.windows);
    }

    /// Those that are wanted.
    pub(super) fn only(mut self, wanted: &[bool]) -> Self {
        let extents = || self.extents.iter().zip(wanted);
        let others = extents().filter(|(_, wanted)| !**wanted);
        let left: usize = others.map(|(extent, _)| extent.shingles as usize).sum();
        if left * MOVED_FROM < self.shingles.len() {
            self.extents.iter_mut().zip(wanted).for_each(|(extent, is)| extent.is_text = *is);
            return self;
        }
        let mut only = Self::default();
        let (mut shingle, mut anchor) = (0, 0);
        for (extent, wanted) in extents() {
            let shingles = shingle..shingle + extent.shingles as usize;
            let anchors = anchor..anchor + extent.anchors as usize;
            (shingle, anchor) = (shingles.end, anchors.end);
            if *wanted {
                only.extents.push(*extent);
                only.shingles.extend_from_slice(&self.shingles[shingles]);
                only.anchors.hashes.extend_from_slice(&self.anchors.hashes[anchors.clone()]);
                only.anchors.windows.extend_from_slice(&self.anchors.windows[anchors]);
            }
        }
        only.take()
    }
}
