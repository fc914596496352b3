//! Where the shingles of a text stand in it.

use super::super::ShingleSet;

/// Most shingles of a text whose places are kept. Beside so long a text no
/// footer weighs anything, and 16 bits a shingle are enough.
const SHINGLES_MAX: usize = 1 << 16;

/// The place of each shingle of a text, and how long a passage of it must be.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// For each shingle of the set, in its order, the number of shingles
    /// before it in the text; where it is told again, the first counts. Empty
    /// if the places are not known.
    of: Box<[u16]>,
    /// The fewest shingles in a row that make a passage.
    run_min: u32,
}

impl Places {
    /// The distinct shingles of a text in ascending order, and their places.
    /// `found` are its shingles in the order of the text; the places of more
    /// than 65,536 are not kept.
    pub fn sort(found: &[u64], run_min: u32, scratch: &mut Vec<u64>) -> (ShingleSet, Self) {
        if found.len() > SHINGLES_MAX {
            scratch.clear();
            scratch.extend_from_slice(found);
            scratch.sort_unstable();
            scratch.dedup();
            return (scratch.as_slice().into(), Self::default());
        }
        // The place takes the lowest bits of the shingle while it is sorted:
        // sorting plain integers is twice as fast as sorting pairs.
        const PLACE: u64 = SHINGLES_MAX as u64 - 1;
        scratch.clear();
        scratch.extend((0u64..).zip(found).map(|(place, shingle)| shingle & !PLACE | place));
        scratch.sort_unstable();
        let shingle = |entry: &u64| found[(entry & PLACE) as usize];
        // Two shingles that differ in those bits only are put in order here.
        scratch.chunk_by_mut(|a, b| *a | PLACE == *b | PLACE).for_each(|alike| {
            if alike.len() > 1 {
                alike.sort_unstable_by_key(|entry| (shingle(entry), *entry));
            }
        });
        scratch.dedup_by_key(|entry| shingle(entry));
        let set = scratch.iter().map(shingle).collect();
        let of = scratch.iter().map(|entry| (entry & PLACE) as u16).collect();
        (set, Self { of, run_min })
    }

    /// The places, and the fewest shingles in a row that make a passage of this
    /// text; `None` if they are not known.
    pub(in super::super) fn known(&self) -> Option<(&[u16], u32)> {
        (!self.of.is_empty()).then(|| (&*self.of, self.run_min.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shingle_keeps_its_first_place() {
        #[track_caller]
        fn check(found: &[u64], set: &[u64], places: &[u16]) {
            let (got, of) = Places::sort(found, 1, &mut Vec::new());
            assert_eq!((&*got, &*of.of), (set, places), "{found:?}");
        }
        check(&[], &[], &[]);
        check(&[9 << 40, 5 << 40, 9 << 40, 1 << 40], &[1 << 40, 5 << 40, 9 << 40], &[3, 1, 0]);
        // They differ in the bits that the place takes.
        check(&[7, 3, 7, 5, 1 << 16, 3], &[3, 5, 7, 1 << 16], &[1, 3, 0, 4]);
    }

    #[test]
    fn of_a_very_long_text_the_places_are_not_known() {
        let found: Vec<u64> = (0..=SHINGLES_MAX as u64).rev().chain([5]).collect();
        let (set, places) = Places::sort(&found, 1, &mut Vec::new());
        assert_eq!(set.len(), SHINGLES_MAX + 1);
        assert!(set.is_sorted());
        assert_eq!(places.known(), None);
        let (_, places) = Places::sort(&found[..SHINGLES_MAX], 3, &mut Vec::new());
        let (of, run_min) = places.known().expect("they are known");
        assert_eq!((of[0], run_min), (65_535, 3));
    }
}
