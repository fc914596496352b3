//! Which keys are shared: the one big sort of a run.
//!
//! Shingles (exact engine) or band hashes (MinHash engine) are *keys*, and a
//! key that only one owner has can bring nobody together. What is left gets
//! dense numbers, rarest first, and each owner the ascending list of its own.
//! Keys are sorted in partitions of the key space, so that only a few
//! partitions are in memory at a time.

use std::ops::Range;

use rayon::prelude::*;

use crate::Result;
use crate::watch::Watch;

/// Keys in a partition, about; 16 MiB while it is sorted.
const PARTITION_KEYS: usize = 1 << 21;

/// Most partitions: the sort compares the 32 bits of a key below its
/// partition bits, so a dozen partition bits make 44 bits compared.
const PARTITION_BITS_MAX: u32 = 12;

/// The shared keys of every owner.
pub struct SharedKeys {
    /// How many owners had key `k` when it was counted, ascending in `k`.
    frequencies: Vec<u32>,
    /// Where each owner's list begins, and the end of the last.
    starts: Vec<usize>,
    /// Where each owner's list ends; before the next begins, if keys were
    /// taken from it.
    ends: Vec<usize>,
    /// All lists, one after the other, each ascending.
    keys: Vec<u32>,
    /// The beginnings of the last keys, which are the most frequent ones; see
    /// [`SharedKeys::beginning_of`].
    beginnings: Vec<u64>,
}

/// Which keys are numbered, and of which it is remembered what they were.
#[derive(Clone, Copy, Debug)]
pub struct Counting {
    /// Keys that at least so many owners have are numbered; 2 or more.
    pub owners_min: u32,
    /// The beginnings of keys that at least so many owners have are kept.
    pub named_min: u32,
}

impl Counting {
    /// Every shared key, by its number only.
    pub const SHARED: Self = Self { owners_min: 2, named_min: u32::MAX };
}

impl SharedKeys {
    /// Numbers the keys that enough owners have. `keys_of(owner)` are an
    /// owner's keys, ascending and distinct.
    ///
    /// Two keys may share a number (with probability below 2^-32 for a pair),
    /// which can only bring more owners together, never fewer. An owner of
    /// both then has the number twice, so that a list is never too short.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub fn new<'a>(
        owners: u32,
        keys_of: impl Fn(u32) -> &'a [u64] + Sync,
        counting: Counting,
        watch: &dyn Watch,
    ) -> Result<Self> {
        let total: usize = (0..owners).into_par_iter().map(|o| keys_of(o).len()).sum();
        let bits = (total / PARTITION_KEYS + 1)
            .next_power_of_two()
            .trailing_zeros()
            .min(PARTITION_BITS_MAX);
        let numbers: Vec<u64> = (0..1 << bits).collect();
        let lane_len = numbers.len().div_ceil(rayon::current_num_threads()).max(1);
        let partitions: Vec<Vec<Partition>> = numbers
            .par_chunks(lane_len)
            .map(|numbers| Partition::lane(numbers, bits, owners, &keys_of, counting, watch))
            .collect::<Result<_>>()?;
        let partitions = partitions.into_iter().flatten().collect();
        Self::merge(owners, partitions, counting.named_min, watch)
    }

    /// Numbers all keys by ascending frequency, then by partition and order
    /// within it, and hands each owner its list.
    fn merge(
        owners: u32,
        partitions: Vec<Partition>,
        named_min: u32,
        watch: &dyn Watch,
    ) -> Result<Self> {
        let mut frequencies: Vec<u32> =
            partitions.iter().flat_map(|p| p.frequencies.iter().copied()).collect();
        let mut next = first_number_of_each_frequency(&frequencies);
        frequencies.par_sort_unstable();

        let mut starts = vec![0usize; owners as usize + 1];
        for partition in &partitions {
            watch.check()?;
            for &owner in &partition.owners {
                starts[owner as usize + 1] += 1;
            }
        }
        for owner in 0..owners as usize {
            starts[owner + 1] += starts[owner];
        }
        let mut filled = starts.clone();
        let mut keys = vec![0u32; starts[owners as usize]];
        let first_named = frequencies.partition_point(|frequency| *frequency < named_min);
        let mut beginnings = vec![0u64; frequencies.len() - first_named];
        for partition in partitions {
            watch.check()?;
            let mut owners = partition.owners.iter();
            let mut named = partition.named.iter();
            for frequency in partition.frequencies {
                let number = &mut next[frequency as usize];
                if frequency >= named_min {
                    let beginning = named.next().expect("one for each such key");
                    beginnings[*number as usize - first_named] = *beginning;
                }
                for &owner in owners.by_ref().take(frequency as usize) {
                    keys[filled[owner as usize]] = *number;
                    filled[owner as usize] += 1;
                }
                *number += 1;
            }
        }
        split_mut(&mut keys, &starts).into_par_iter().try_for_each(|list| {
            list.sort_unstable();
            watch.check()
        })?;
        let ends = starts[1..].to_vec();
        Ok(Self { frequencies, starts, ends, keys, beginnings })
    }

    /// An owner's shared keys, ascending: rarest first.
    pub fn of(&self, owner: u32) -> &[u32] {
        &self.keys[self.range(owner)]
    }

    fn range(&self, owner: u32) -> Range<usize> {
        self.starts[owner as usize]..self.ends[owner as usize]
    }

    /// Takes keys from an owner: those at these places of its list, ascending.
    /// The keys keep their numbers.
    pub fn take(&mut self, owner: u32, places: &[u32]) {
        let range = self.range(owner);
        let list = &mut self.keys[range];
        let (mut kept, mut taken) = (0, places.iter().peekable());
        for at in 0..list.len() {
            if taken.next_if(|place| **place as usize == at).is_none() {
                list[kept] = list[at];
                kept += 1;
            }
        }
        self.ends[owner as usize] = self.starts[owner as usize] + kept;
    }

    /// The first number whose key's beginning is known; all that follow are.
    pub fn first_named(&self) -> u32 {
        (self.frequencies.len() - self.beginnings.len()) as u32
    }

    /// The least value that begins as the key of this number does: an owner's
    /// key is the first of its keys that is not below it. Known of keys that
    /// [`Counting::named_min`] owners have.
    pub fn beginning_of(&self, number: u32) -> Option<u64> {
        let at = number.checked_sub(self.first_named())?;
        self.beginnings.get(at as usize).copied()
    }

    /// How many different keys are shared.
    pub fn len(&self) -> usize {
        self.frequencies.len()
    }

    /// True if no key is shared.
    pub fn is_empty(&self) -> bool {
        self.frequencies.is_empty()
    }
}

/// The keys of one part of the key space that enough owners have.
struct Partition {
    /// How many owners each key has, in key order.
    frequencies: Vec<u32>,
    /// The owners of the first key, of the second, and so on.
    owners: Vec<u32>,
    /// The beginnings of the keys that enough owners have for that, in key
    /// order.
    named: Vec<u64>,
}

impl Partition {
    /// Partitions of consecutive numbers, one after the other; each owner's
    /// list is read once, piece by piece.
    fn lane<'a>(
        numbers: &[u64],
        bits: u32,
        owners: u32,
        keys_of: &(impl Fn(u32) -> &'a [u64] + Sync),
        counting: Counting,
        watch: &dyn Watch,
    ) -> Result<Vec<Self>> {
        let first = numbers.first().copied().unwrap_or(0);
        let mut from: Vec<u32> = (0..owners)
            .map(|owner| keys_of(owner).partition_point(|key| number_of(*key, bits) < first) as u32)
            .collect();
        let of_number = |number: &u64| {
            // A key's 32 bits below the partition bits, then its owner: sorting
            // plain integers is twice as fast as sorting pairs.
            watch.check()?;
            let mut entries: Vec<u64> = Vec::new();
            for (owner, from) in (0..owners).zip(&mut from) {
                let keys = &keys_of(owner)[*from as usize..];
                let here = keys.iter().take_while(|key| number_of(**key, bits) == *number);
                let before = entries.len();
                entries.extend(here.map(|key| (key << bits) & !0xffff_ffff | u64::from(owner)));
                *from += (entries.len() - before) as u32;
            }
            let beginning = number.checked_shl(64 - bits).unwrap_or(0);
            let named = |entry: u64| beginning | (entry & !0xffff_ffff) >> bits;
            Ok(Self::new(entries, counting, named))
        };
        numbers.iter().map(of_number).collect()
    }

    /// The shared keys among entries of key (upper half) and owner;
    /// `beginning_of` makes the beginning of a key of an entry.
    fn new(mut entries: Vec<u64>, counting: Counting, beginning_of: impl Fn(u64) -> u64) -> Self {
        if counting.owners_min > Counting::SHARED.owners_min {
            drop_rare(&mut entries, counting.owners_min);
        }
        entries.sort_unstable();
        let mut found = Self { frequencies: Vec::new(), owners: Vec::new(), named: Vec::new() };
        for group in entries.chunk_by(|a, b| a >> 32 == b >> 32) {
            let frequency = group.len() as u32;
            if frequency >= counting.owners_min {
                found.frequencies.push(frequency);
                found.owners.extend(group.iter().map(|entry| *entry as u32));
                if frequency >= counting.named_min {
                    found.named.push(beginning_of(group[0]));
                }
            }
        }
        found
    }
}

/// Bits of a key's counter in [`drop_rare`]: twice as many counters as a
/// partition has keys, 4 MiB.
const COUNTER_BITS: u32 = 22;

/// Takes out most entries whose key fewer than `owners_min` owners have: keys
/// are counted by their first bits, so a count may be too high, never too low.
/// Counting them is cheaper than sorting them, and most keys are rare.
fn drop_rare(entries: &mut Vec<u64>, owners_min: u32) {
    let counter_of = |entry: u64| (entry >> (64 - COUNTER_BITS)) as usize;
    let mut counters = vec![0u8; 1 << COUNTER_BITS];
    for entry in &*entries {
        let counter = &mut counters[counter_of(*entry)];
        *counter = counter.saturating_add(1);
    }
    // A counter tells no more than that it is full.
    let owners_min = u8::try_from(owners_min).unwrap_or(u8::MAX);
    entries.retain(|entry| counters[counter_of(*entry)] >= owners_min);
}

/// The partition of a key: its first `bits` bits.
fn number_of(key: u64, bits: u32) -> u64 {
    key.checked_shr(64 - bits).unwrap_or(0)
}

/// For each frequency, the first number of the keys that have it when all
/// keys are numbered by ascending frequency.
fn first_number_of_each_frequency(frequencies: &[u32]) -> Vec<u32> {
    let most = frequencies.iter().copied().max().unwrap_or(0) as usize;
    let mut first = vec![0u32; most + 2];
    for &frequency in frequencies {
        first[frequency as usize + 1] += 1;
    }
    for frequency in 1..first.len() {
        first[frequency] += first[frequency - 1];
    }
    first
}

/// Cuts a slice at `starts` (ascending, from 0 to its length).
fn split_mut<'a>(mut values: &'a mut [u32], starts: &[usize]) -> Vec<&'a mut [u32]> {
    let mut parts = Vec::with_capacity(starts.len().saturating_sub(1));
    for pair in starts.windows(2) {
        let (part, rest) = values.split_at_mut(pair[1] - pair[0]);
        parts.push(part);
        values = rest;
    }
    parts
}

#[cfg(test)]
mod tests {
    use crate::watch::Unwatched;

    use super::*;

    fn shared_keys(owners: &[Vec<u64>]) -> SharedKeys {
        let count = owners.len() as u32;
        SharedKeys::new(
            count,
            |o| &owners[o as usize],
            Counting { owners_min: 2, named_min: 2 },
            &Unwatched,
        )
        .expect("nobody interrupts")
    }

    fn check(owners: &[Vec<u64>]) {
        let shared = shared_keys(owners);
        let count = |key: &u64| owners.iter().filter(|keys| keys.contains(key)).count() as u32;
        let mut of_key = std::collections::HashMap::new();
        for (owner, keys) in owners.iter().enumerate() {
            let twice: Vec<&u64> = keys.iter().filter(|key| count(key) > 1).collect();
            let numbers = shared.of(owner as u32);
            assert_eq!(numbers.len(), twice.len(), "owner {owner}");
            assert!(numbers.is_sorted(), "owner {owner}: rarest first");
            let mut frequencies: Vec<u32> = twice.iter().map(|key| count(key)).collect();
            frequencies.sort_unstable();
            let numbered: Vec<u32> =
                numbers.iter().map(|n| shared.frequencies[*n as usize]).collect();
            assert_eq!(numbered, frequencies, "owner {owner}");
            for number in numbers {
                of_key.entry(*number).or_insert_with(Vec::new).push(owner);
            }
        }
        for holders in of_key.values() {
            assert!(
                owners[holders[0]]
                    .iter()
                    .any(|key| holders.iter().all(|o| owners[*o].contains(key))
                        && count(key) as usize == holders.len()),
                "owners {holders:?} share one key"
            );
        }
    }

    #[test]
    fn keys_that_two_owners_have_are_numbered_rarest_first() {
        // Keys are hashes: they differ in their upper bits.
        let owner = |keys: &[u64]| keys.iter().map(|key| key << 40).collect::<Vec<u64>>();
        let top = (1 << 24) - 1;
        check(&[]);
        check(&[vec![], vec![]]);
        check(&[owner(&[1, 2, 3]), owner(&[2, 3, top]), owner(&[3, top]), owner(&[0, 9])]);
        check(&[owner(&[5, 6]), owner(&[5, 6]), owner(&[6])]);
    }

    #[test]
    fn keys_of_few_owners_need_not_be_numbered() {
        let owner = |keys: &[u64]| keys.iter().map(|key| key << 40).collect::<Vec<u64>>();
        let owners: Vec<Vec<u64>> = (0..300u64)
            .map(|at| if at < 19 { owner(&[1, 2, 1000 + at]) } else { owner(&[2, 1000 + at]) })
            .chain([owner(&[1]), owner(&[3])])
            .collect();
        for owners_min in [20, 250] {
            let counting = Counting { owners_min, named_min: owners_min };
            let count = owners.len() as u32;
            let shared =
                SharedKeys::new(count, |o| &owners[o as usize], counting, &Unwatched).unwrap();
            let expected = if owners_min == 20 { vec![20, 300] } else { vec![300] };
            assert_eq!(shared.frequencies, expected, "at least {owners_min} owners");
            let last = expected.len() as u32 - 1;
            assert_eq!(shared.beginning_of(last), Some(2 << 40));
            assert_eq!(shared.of(100), [last]);
        }
    }

    #[test]
    fn keys_that_cannot_be_told_apart_only_bring_more_owners_together() {
        let owners = [vec![1u64, 2], vec![2], vec![3]];
        let shared = shared_keys(&owners);
        assert_eq!(shared.of(0), [0, 0], "an owner of two has the number twice");
        assert_eq!((shared.of(1), shared.of(2)), (&[0][..], &[0][..]));
    }

    #[test]
    fn a_partition_is_a_stretch_of_the_key_space() {
        let owners = [vec![1, 1 << 62, (1 << 62) + (1 << 40), u64::MAX], vec![1 << 62, 3 << 62]];
        let sizes = |numbers: &[u64], bits: u32| -> Vec<usize> {
            let lane = Partition::lane(
                numbers,
                bits,
                2,
                &|o| &owners[o as usize],
                Counting::SHARED,
                &Unwatched,
            )
            .expect("nobody interrupts");
            lane.iter().map(|partition| partition.owners.len()).collect()
        };
        assert_eq!(sizes(&[0, 1, 2, 3], 2), [0, 2, 0, 0]);
        assert_eq!(sizes(&[1, 2], 2), [2, 0]);
        assert_eq!(sizes(&[0], 0), [2]);
    }
}
