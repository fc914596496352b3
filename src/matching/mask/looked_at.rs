//! Where in texts there can be a passage that many tell.
//!
//! All windows inside such a passage choose anchors that many texts have
//! ([`crate::text::anchors`]). So where a row of windows as long as that does, the
//! shingles that it spans are looked at, and no others.

use std::ops::Range;

use crate::Result;
use crate::text::anchors::Anchoring;
use crate::watch::Watch;

use super::super::counts::Counts;
use super::super::texts::{Text, Texts, Wants};

/// The regions of texts that are looked at, in shingles, ascending.
pub(super) struct LookedAt(Vec<Box<[Range<u32>]>>);

impl LookedAt {
    /// Finds the regions that are told by `texts_min` texts or more.
    pub(super) fn new(texts: &mut Texts, texts_min: u32, watch: &dyn Watch) -> Result<Self> {
        let anchors = texts.anchors();
        let room = Counts::bytes(anchors);
        texts.reserve(room)?;
        let counts = Counts::of_anchors(texts, anchors, texts_min, watch)?;
        let sized = &*texts;
        let found = sized.map(Wants::ANCHORS, watch, |block| {
            let is_told = |anchor| counts.anchor_reaches(anchor);
            let of_text = |text: Text<'_>| {
                let shingles = sized.told(text.number);
                (text.number, regions(text, shingles, sized.anchoring(), is_told))
            };
            let looked_at = block.texts().map(of_text).filter(|(_, regions)| !regions.is_empty());
            Ok(looked_at.collect::<Vec<_>>())
        })?;
        let mut regions = vec![Box::default(); texts.len() as usize];
        for (text, of_text) in found.into_iter().flatten() {
            regions[text as usize] = of_text.into();
        }
        texts.release(room);
        Ok(Self(regions))
    }

    /// Whether anything of a text is looked at.
    pub(super) fn is(&self, text: u32) -> bool {
        !self.regions(text).is_empty()
    }

    pub(super) fn regions(&self, text: u32) -> &[Range<u32>] {
        &self.0[text as usize]
    }

    /// How many shingles of a text are looked at.
    pub(super) fn size(&self, text: u32) -> u64 {
        self.regions(text).iter().map(|region| region.len() as u64).sum()
    }
}

/// Those of a text that has so many shingles.
fn regions(
    text: Text<'_>,
    shingles: u32,
    anchoring: Anchoring,
    is_told: impl Fn(u32) -> bool,
) -> Vec<Range<u32>> {
    if text.run_min == 0 || text.run_min > shingles {
        return Vec::new();
    }
    let reach = anchoring.reach(shingles as usize) as u32;
    // Shorter passages can be without an anchor; and where a text says the same
    // again and again its windows are not counted to the end.
    if text.run_min < reach || text.windows.contains(&u8::MAX) {
        return std::iter::once(0..shingles).collect();
    }
    let windows_min = text.run_min + 1 - reach;
    let mut found: Vec<Range<u32>> = Vec::new();
    let (mut at, mut start) = (0, 0);
    let mut row = |windows: Range<u32>| {
        let region = windows.start..windows.end + reach - 1;
        match found.last_mut() {
            _ if windows.end - windows.start < windows_min => {}
            Some(last) if last.end >= region.start => last.end = region.end,
            _ => found.push(region),
        }
    };
    for (anchor, windows) in text.anchors.iter().zip(text.windows) {
        let next = at + u32::from(*windows);
        if !is_told(*anchor) {
            row(start..at);
            start = next;
        }
        at = next;
    }
    row(start..at);
    found
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;

    /// The regions of a text whose passages have so many shingles.
    #[track_caller]
    fn check(run_min: u32, shingles: u32, told: &[(bool, u8)], expected: &[Range<u32>]) {
        let anchors: Vec<u32> = told.iter().map(|(is_told, _)| u32::from(*is_told)).collect();
        let windows: Vec<u8> = told.iter().map(|(_, windows)| *windows).collect();
        let (anchors, windows) = (&*anchors, &*windows);
        let text = Text { number: 0, shingles: &[], anchors, windows, run_min, is_masked: false };
        let found = regions(text, shingles, Anchoring::LONG, |anchor| anchor == 1);
        assert_eq!(found, expected, "{run_min} of {shingles}: {told:?}");
    }

    #[test]
    fn a_row_of_windows_spans_what_they_choose_from() {
        // In a long text a window spans 21 shingles.
        check(30, 200, &[(false, 100), (false, 80)], &[]);
        check(30, 200, &[(false, 50), (true, 9), (false, 121)], &[]);
        check(
            30,
            200,
            &[(false, 50), (true, 4), (true, 6), (false, 120)],
            slice::from_ref(&(50..80)),
        );
        check(30, 200, &[(true, 10), (false, 100), (true, 70)], &[0..30, 110..200]);
        // What overlaps is one region.
        check(
            30,
            200,
            &[(true, 10), (false, 2), (true, 10), (false, 158)],
            slice::from_ref(&(0..42)),
        );
    }

    #[test]
    fn what_anchors_cannot_tell_is_looked_at() {
        check(20, 200, &[(false, 180)], slice::from_ref(&(0..200)));
        check(23, 300, &[(false, 255), (true, 25)], slice::from_ref(&(0..300)));
        check(0, 200, &[(true, 180)], &[]);
        check(23, 20, &[(true, 15)], &[]);
    }
}
