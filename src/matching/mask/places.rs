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
        let count = found.len();
        if count > SHINGLES_MAX {
            scratch.clear();
            scratch.extend_from_slice(found);
            scratch.sort_unstable();
            scratch.dedup();
            return (scratch.as_slice().into(), Self::default());
        }
        if scratch.len() < 2 * count {
            scratch.resize(2 * count, 0);
        }
        let (entries, shingles) = scratch[..2 * count].split_at_mut(count);
        distribute(found, entries);
        let shingle = |entry: u64| found[(entry & PLACE) as usize];
        let (mut len, in_order) = distinct(entries, shingles, shingle);
        if !in_order {
            // Shingles that differ only in the bits that the place takes.
            entries[..len].sort_unstable_by_key(|&entry| (shingle(entry), entry));
            (len, _) = distinct(&mut entries[..len], shingles, shingle);
        }
        let of = entries[..len].iter().map(|entry| (entry & PLACE) as u16).collect();
        (shingles[..len].into(), Self { of, run_min })
    }

    /// The places, and the fewest shingles in a row that make a passage of this
    /// text; `None` if they are not known.
    pub(in super::super) fn known(&self) -> Option<(&[u16], u32)> {
        (!self.of.is_empty()).then(|| (&*self.of, self.run_min.max(1)))
    }
}

/// The bits of an entry that hold a place; the others are a shingle's. To sort
/// plain integers is twice as fast as to sort pairs.
const PLACE: u64 = SHINGLES_MAX as u64 - 1;

/// At most 2^11 buckets, whose counts take an eighth of a core's nearest cache.
const BUCKET_BITS_MAX: u32 = 11;

/// More entries in a bucket than chance brings there: beyond, one shingle
/// comes again and again, and what stands beside it would be moved too often.
const CROWD: u32 = 64;

/// Fills `entries` with those of the shingles, ascending: shingles are hashes,
/// so one distribution by their upper bits leaves hardly any out of order.
fn distribute(found: &[u64], entries: &mut [u64]) {
    let bits = found.len().next_power_of_two().ilog2().clamp(1, BUCKET_BITS_MAX);
    let bucket = |shingle: u64| (shingle >> (u64::BITS - bits)) as usize;
    let mut next = [0_u32; 1 << BUCKET_BITS_MAX];
    for &shingle in found {
        next[bucket(shingle)] += 1;
    }
    let (mut before, mut crowd) = (0, 0);
    for next in &mut next[..1 << bits] {
        crowd = crowd.max(*next);
        before += std::mem::replace(next, before);
    }
    for (place, &shingle) in (0..).zip(found) {
        let next = &mut next[bucket(shingle)];
        entries[*next as usize] = shingle & !PLACE | place;
        *next += 1;
    }
    if crowd > CROWD {
        entries.sort_unstable();
        return;
    }
    for at in 1..entries.len() {
        let entry = entries[at];
        let mut to = at;
        while to > 0 && entries[to - 1] > entry {
            entries[to] = entries[to - 1];
            to -= 1;
        }
        entries[to] = entry;
    }
}

/// Moves the first of all neighbours with one shingle to the front, its
/// shingle beside it. Gives how many there are, and whether they ascend.
fn distinct(
    entries: &mut [u64],
    shingles: &mut [u64],
    shingle: impl Fn(u64) -> u64,
) -> (usize, bool) {
    let (mut len, mut in_order) = (0, true);
    let mut last = None;
    for at in 0..entries.len() {
        let entry = entries[at];
        let this = shingle(entry);
        if last == Some(this) {
            continue;
        }
        in_order &= last < Some(this);
        (entries[len], shingles[len]) = (entry, this);
        len += 1;
        last = Some(this);
    }
    (len, in_order)
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
        // One comes so often that its bucket is crowded.
        let crowd: Vec<u64> = [vec![2 << 32; 100], vec![1 << 32; 100]].concat();
        check(&crowd, &[1 << 32, 2 << 32], &[100, 0]);
    }

    #[test]
    fn any_number_of_shingles_is_put_in_order() {
        let mut random = fastrand::Rng::with_seed(1);
        for count in [1, 2, 15, 16, 17, 100, 375, 2_048, 2_049, 20_000, SHINGLES_MAX] {
            let found: Vec<u64> =
                (0..count).map(|_| random.u64(..) >> random.u32(..3) << random.u32(..3)).collect();
            let mut plain: Vec<(u64, u16)> =
                (0..).zip(&found).map(|(place, &shingle)| (shingle, place as u16)).collect();
            plain.sort_unstable();
            plain.dedup_by_key(|(shingle, _)| *shingle);
            let (set, of) = Places::sort(&found, 1, &mut vec![7; 5]);
            let sorted: Vec<(u64, u16)> = set.iter().copied().zip(of.of).collect();
            assert!(sorted == plain, "{count} shingles");
        }
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
