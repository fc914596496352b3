//! Anchors: one hash in eight of a text's longer runs, chosen by what stands
//! there, so that two texts that share a stretch choose the same ones in it.
//!
//! Of every [`WINDOW`] runs in a row the one with the lowest hash is an anchor
//! (*winnowing*: Schleimer, Wilkerson, Aiken, *Winnowing: local algorithms for
//! document fingerprinting*, SIGMOD 2003). So no stretch as long as a window is
//! without one, and where it is told again its anchors are, too. A sample by hash
//! alone promises neither.
//!
//! Unrelated articles of one language share many runs of three words, some of
//! five, hardly any of eight; copies that were edited share fewer of the longer
//! ones. So it depends on what is looked for how long a run is ([`Anchoring`]).
//! Short texts have smaller windows, so that few words suffice to be found by;
//! what is lowest in a large window is so in a small one, so texts of any two
//! lengths have anchors in common.

/// How many runs in a row choose an anchor, in all but short texts.
pub const WINDOW: usize = 16;

/// A text has this many windows side by side at least, as far as it has runs.
const WINDOWS_MIN: usize = 8;

/// From this containment on texts are found by runs of six shingles: of 1,728
/// pairs of SaudiNewsNet that have nine tenths of the shorter in common none is
/// without a common anchor, and of 164 of Reuters-21578 one. Of 6,287 pairs that
/// have half of the shorter in common one in thirteen is, but one in 150 where
/// runs have three shingles.
const LONG_FROM_CONTAINMENT: f64 = 0.8;

/// How a text's anchors are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchoring {
    /// How many shingles in a row a run has.
    span: usize,
}

impl Anchoring {
    /// By runs of six shingles, of eight words where shingles have three.
    pub const LONG: Self = Self { span: 6 };

    /// By runs of three, of five words.
    pub const SHORT: Self = Self { span: 3 };

    /// What finds texts of which this share is contained in others.
    pub fn for_containment(containment: f64) -> Self {
        if containment >= LONG_FROM_CONTAINMENT { Self::LONG } else { Self::SHORT }
    }

    /// How many shingles in a row a window of a text of so many spans: every
    /// stretch of so many has an anchor that any longer text has, too, that tells
    /// it.
    pub fn reach(self, shingles: usize) -> usize {
        self.span + window((shingles + 1).saturating_sub(self.span)) - 1
    }
}

/// The anchors of one text, in its order.
///
/// In a text that repeats itself an anchor can come again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchors {
    /// The hash of each.
    pub hashes: Vec<u32>,
    /// How many windows in a row chose it: 1 to [`WINDOW`], or more where it comes
    /// again at once; none counts more than 255.
    pub windows: Vec<u8>,
}

impl Anchors {
    /// Replaces the contents with the anchors of a text. `shingles` are all of the
    /// text's, in its order. Only a text without any has no anchor. The memory of
    /// `room` is used again.
    pub fn read(&mut self, how: Anchoring, shingles: &[u64], room: &mut Vec<u32>) {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            return unsafe { self.read_avx2(how, shingles, room) };
        }
        self.read_with(how, shingles, room);
    }

    /// [`read_with`](Self::read_with) compiled for AVX2, which takes the lower of
    /// eight pairs at a time.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn read_avx2(&mut self, how: Anchoring, shingles: &[u64], room: &mut Vec<u32>) {
        self.read_with(how, shingles, room);
    }

    #[inline(always)]
    fn read_with(&mut self, how: Anchoring, shingles: &[u64], other: &mut Vec<u32>) {
        let Self { hashes, windows } = self;
        hashes.clear();
        windows.clear();
        if shingles.is_empty() {
            return;
        }
        // Its first, its middle and its last shingle have all of a run's words.
        let span = how.span.min(shingles.len());
        let (middles, lasts) = (&shingles[span / 2..], &shingles[span - 1..]);
        let runs = shingles.iter().zip(middles).zip(lasts);
        hashes.extend(runs.map(|((first, middle), last)| run(*first, *middle, *last)));
        let window = window(hashes.len());
        other.resize(hashes.len(), 0);
        lowest_of_windows(hashes, other, window);
        // Windows that follow one another mostly have the same one. Everything is
        // written; the place moves on where another one begins.
        let count = hashes.len();
        let starts = &mut other[..count];
        let (mut at, mut before) = (0, hashes[0]);
        starts[0] = 0;
        for next in 0..count {
            let hash = hashes[next];
            at += usize::from(hash != before);
            hashes[at] = hash;
            starts[at] = if hash != before { next as u32 } else { starts[at] };
            before = hash;
        }
        hashes.truncate(at + 1);
        let ends = starts[1..=at].iter().copied().chain([count as u32]);
        windows.extend(starts.iter().zip(ends).map(|(start, end)| (end - start).min(255) as u8));
    }
}

/// An anchor as a hash of 64 bits, told apart by its first ones. The lowest of a
/// dozen hashes is low, so they are spread.
#[inline]
pub fn spread(anchor: u32) -> u64 {
    u64::from(anchor.wrapping_mul(0x9e37_79b1)) << 32
}

/// The hash of a run, of three of its shingles.
#[inline(always)]
fn run(first: u64, middle: u64, last: u64) -> u32 {
    let [first, middle, last] = [first, middle, last].map(|shingle| (shingle >> 32) as u32);
    first.wrapping_add(middle.rotate_left(11)).wrapping_add(last.rotate_left(22))
}

/// How many runs choose an anchor in a text of so many.
fn window(runs: usize) -> usize {
    (runs / WINDOWS_MIN).clamp(1, WINDOW)
}

/// Puts the lowest of every window in the place of its first value, and leaves
/// only those: first of two values, of four, and so on; of two of these that
/// overlap at last. `other` is room for as many.
#[inline(always)]
fn lowest_of_windows(values: &mut Vec<u32>, other: &mut Vec<u32>, window: usize) {
    let mut lower = |distance: usize| {
        let count = values.len() - distance;
        let later = &values[distance..];
        for ((lower, first), later) in other.iter_mut().zip(&values[..count]).zip(later) {
            *lower = *first.min(later);
        }
        std::mem::swap(values, other);
        values.truncate(count);
    };
    let mut width = 1;
    while 2 * width <= window {
        lower(width);
        width *= 2;
    }
    if width < window {
        lower(window - width);
    }
}

/// The same, written down from the definition.
#[cfg(any(test, feature = "reference"))]
pub fn plain_anchors(how: Anchoring, shingles: &[u64]) -> Anchors {
    if shingles.is_empty() {
        return Anchors::default();
    }
    let span = how.span.min(shingles.len());
    let of_run = |of: &[u64]| run(of[0], of[span / 2], of[span - 1]);
    let runs: Vec<u32> = shingles.windows(span).map(of_run).collect();
    let lowest: Vec<u32> = runs
        .windows(window(runs.len()))
        .map(|window| window.iter().copied().min().expect("a window has runs"))
        .collect();
    let alike = || lowest.chunk_by(|a, b| a == b);
    Anchors {
        hashes: alike().map(|alike| alike[0]).collect(),
        windows: alike().map(|alike| alike.len().min(255) as u8).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use proptest::prelude::*;

    use super::*;

    const BOTH: [Anchoring; 2] = [Anchoring::LONG, Anchoring::SHORT];

    fn found(how: Anchoring, shingles: &[u64]) -> Anchors {
        let mut found = Anchors { hashes: vec![7; 3], windows: vec![1; 3] };
        found.read(how, shingles, &mut vec![9; 5]);
        found
    }

    fn hashes(numbers: Range<u64>) -> Vec<u64> {
        numbers.map(|n| crate::hash::hash64(&n.to_le_bytes())).collect()
    }

    proptest! {
        #[test]
        fn anchors_are_the_lowest_of_their_windows(
            text in proptest::collection::vec(0..200u64, 0..400), how in 0..2usize,
        ) {
            let how = BOTH[how];
            let shingles: Vec<u64> =
                text.iter().map(|n| crate::hash::hash64(&n.to_le_bytes())).collect();
            let found = found(how, &shingles);
            prop_assert_eq!(&found, &plain_anchors(how, &shingles));
            let mut portable = Anchors::default();
            portable.read_with(how, &shingles, &mut Vec::new());
            prop_assert_eq!(&portable, &found);
            if !shingles.is_empty() && !found.windows.contains(&255) {
                let windows: usize = found.windows.iter().map(|count| usize::from(*count)).sum();
                prop_assert_eq!(windows + how.reach(shingles.len()) - 1, shingles.len().max(how.span));
            }
        }

        #[test]
        fn what_two_texts_tell_has_an_anchor_of_both(
            before in [0..300u64, 0..300], after in [0..300u64, 0..300], from in 0..1000u64,
            how in 0..2usize,
        ) {
            let how = BOTH[how];
            let told = hashes(from..from + how.reach(1000) as u64);
            let text = |side: usize| {
                let own = 10_000 * (side as u64 + 1);
                let before = hashes(own..own + before[side]);
                [before, told.clone(), hashes(own + 5_000..own + 5_000 + after[side])].concat()
            };
            let [left, right] = [0, 1].map(|side| found(how, &text(side)).hashes);
            prop_assert!(left.iter().any(|anchor| right.contains(anchor)));
        }
    }

    #[test]
    fn few_shingles_have_an_anchor_and_many_have_one_in_eight() {
        for how in BOTH {
            assert_eq!(found(how, &[]), Anchors::default());
            for count in 1..20 {
                let anchors = found(how, &hashes(0..count)).hashes.len();
                assert!((1..=count as usize).contains(&anchors), "{anchors} of {count}");
            }
            let share = found(how, &hashes(0..100_000)).hashes.len() as f64 / 1e5;
            assert!((share - 2.0 / (WINDOW + 1) as f64).abs() < 0.003, "{share}");
        }
    }

    #[test]
    fn a_window_spans_so_many_shingles() {
        #[track_caller]
        fn check(how: Anchoring, shingles: usize, expected: usize) {
            assert_eq!(how.reach(shingles), expected, "{how:?}, {shingles} shingles");
        }
        check(Anchoring::LONG, 0, 6);
        check(Anchoring::LONG, 100, 16);
        check(Anchoring::LONG, 1000, 21);
        check(Anchoring::SHORT, 1000, 18);
    }
}
