//! Which keys are shared: the one big sort of a run.
//!
//! Shingles (exact engine), band hashes and anchors (MinHash engine) are *keys*,
//! and a key that only one owner has can bring nobody together. What is left gets
//! dense numbers, rarest first, and each owner the ascending list of its own.
//! Keys are parted by their first bits and sorted part by part, then handed out
//! by ranges of owners, so that every step stays in a core's cache; parts for
//! which there is no memory wait outside it.

use std::mem;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::Result;
use crate::memory::Memory;
use crate::watch::Watch;

use super::column::Column;
use super::sorter::distribute;

/// Keys in a partition, about: 1 MiB while it is sorted.
const PARTITION_KEYS: u64 = 1 << 17;

/// Most partitions: the sort compares the 32 bits of a key below its
/// partition bits, so a dozen partition bits make 44 bits compared.
const PARTITION_BITS_MAX: u32 = 12;

/// Keys that a thread collects for a partition before it hands them over.
const HANDED_OVER: usize = 1 << 6;

/// Keys of a partition that are held or spilled together: 256 KiB.
const CHUNK_KEYS: usize = 1 << 15;

/// Owners whose lists are made together: their keys take some hundred kilobytes.
const RANGE_OWNERS: u32 = 1 << 12;

/// The shared keys of every owner.
pub struct SharedKeys {
    /// How many owners have key `k`, ascending in `k`.
    frequencies: Vec<u32>,
    /// Those of each range of owners.
    lists: Vec<Lists>,
}

/// The lists of the owners of a range.
#[derive(Default)]
struct Lists {
    /// Where each owner's list begins, and the end of the last.
    starts: Vec<u32>,
    /// All lists, one after the other, each ascending.
    keys: Vec<u32>,
}

/// Collects the keys of owners.
pub struct Keys {
    /// A key's partition is its first bits.
    bits: u32,
    partitions: Vec<Mutex<Collected>>,
    memory: Memory,
}

/// The keys of a partition as they are collected: the 32 bits of a key below
/// its partition bits, then its owner. To sort plain integers is twice as fast
/// as to sort pairs.
#[derive(Default)]
struct Collected {
    chunks: Vec<Column<u64>>,
    last: Vec<u64>,
}

/// Where one thread puts keys.
pub struct KeyLane<'a> {
    keys: &'a Keys,
    partitions: Vec<Vec<u64>>,
}

impl Keys {
    /// Room for about so many keys.
    pub fn new(expected: u64, memory: &Memory) -> Self {
        let partitions = (expected / PARTITION_KEYS + 1).next_power_of_two();
        let bits = partitions.trailing_zeros().min(PARTITION_BITS_MAX);
        let partitions = (0..1 << bits).map(|_| Mutex::default()).collect();
        Self { bits, partitions, memory: memory.clone() }
    }

    /// A place to put keys; they are handed over by [`KeyLane::finish`].
    pub fn lane(&self) -> KeyLane<'_> {
        let partitions = self.partitions.iter().map(|_| Vec::with_capacity(HANDED_OVER)).collect();
        KeyLane { keys: self, partitions }
    }
}

impl KeyLane<'_> {
    /// Adds a key of an owner, which has each of its keys once.
    ///
    /// # Errors
    /// If there is neither memory nor room outside it.
    #[inline]
    pub fn add(&mut self, owner: u32, key: u64) -> Result<()> {
        let bits = self.keys.bits;
        let partition = key.checked_shr(u64::BITS - bits).unwrap_or(0) as usize;
        let entries = &mut self.partitions[partition];
        entries.push((key << bits) & !0xffff_ffff | u64::from(owner));
        if entries.len() == HANDED_OVER {
            self.hand_over(partition)?;
        }
        Ok(())
    }

    #[inline(never)]
    fn hand_over(&mut self, partition: usize) -> Result<()> {
        let Keys { partitions, memory, .. } = self.keys;
        let entries = &mut self.partitions[partition];
        let mut collected = partitions[partition].lock().unwrap_or_else(PoisonError::into_inner);
        if collected.last.capacity() == 0 {
            // All at once: pages that are not written to cost nothing.
            collected.last.reserve_exact(CHUNK_KEYS + HANDED_OVER);
        }
        collected.last.append(entries);
        if collected.last.len() >= CHUNK_KEYS {
            let mut chunk = Column::Held(mem::take(&mut collected.last));
            chunk.settle(memory)?;
            collected.chunks.push(chunk);
        }
        Ok(())
    }

    /// Hands over all keys.
    ///
    /// # Errors
    /// If there is neither memory nor room outside it.
    pub fn finish(mut self) -> Result<()> {
        (0..self.partitions.len()).try_for_each(|partition| self.hand_over(partition))
    }
}

impl SharedKeys {
    /// Numbers the keys that two of the `owners` have at least.
    ///
    /// Two keys may share a number (with probability below 2^-32 for a pair),
    /// which can only bring more owners together, never fewer. An owner of
    /// both then has the number twice, so that a list is never too short.
    ///
    /// # Errors
    /// If keys cannot be read;
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub fn new(owners: u32, keys: Keys, watch: &dyn Watch) -> Result<Self> {
        let Keys { partitions, memory, .. } = keys;
        let partitions: Vec<Partition> = partitions
            .into_par_iter()
            .map(|collected| {
                watch.check()?;
                let collected = collected.into_inner().unwrap_or_else(PoisonError::into_inner);
                collected.into_shared(&memory).map(Partition::new)
            })
            .collect::<Result<_>>()?;
        Self::merge(owners, partitions, watch)
    }

    /// Numbers all keys by ascending frequency, then by partition and order
    /// within it, and hands each owner its list.
    fn merge(owners: u32, partitions: Vec<Partition>, watch: &dyn Watch) -> Result<Self> {
        let mut frequencies: Vec<u32> =
            partitions.iter().flat_map(|p| p.frequencies.iter().copied()).collect();
        let mut next = first_number_of_each_frequency(&frequencies);
        frequencies.par_sort_unstable();
        let numbered: Vec<(Partition, Vec<u32>)> = partitions
            .into_iter()
            .map(|partition| {
                let number = |frequency: &u32| {
                    let next = &mut next[*frequency as usize];
                    *next += 1;
                    *next - 1
                };
                let numbers = partition.frequencies.iter().map(number).collect();
                (partition, numbers)
            })
            .collect();
        let ranges = owners.div_ceil(RANGE_OWNERS) as usize;
        let parted: Vec<ByRange> = numbered
            .into_par_iter()
            .map(|(partition, numbers)| {
                watch.check()?;
                Ok(ByRange::new(&partition, &numbers, ranges))
            })
            .collect::<Result<_>>()?;
        let lists = (0..ranges)
            .into_par_iter()
            .map(|range| {
                watch.check()?;
                let first = range as u32 * RANGE_OWNERS;
                let owners = first..owners.min(first + RANGE_OWNERS);
                Ok(Lists::new(owners, parted.iter().map(|parted| parted.of(range))))
            })
            .collect::<Result<_>>()?;
        Ok(Self { frequencies, lists })
    }

    /// How much memory the lists take.
    pub fn bytes(&self) -> usize {
        let bytes = |lists: &Lists| size_of_val(&*lists.keys) + size_of_val(&*lists.starts);
        self.lists.iter().map(bytes).sum::<usize>() + size_of_val(&*self.frequencies)
    }

    /// An owner's shared keys, ascending: rarest first.
    pub fn of(&self, owner: u32) -> &[u32] {
        let Lists { starts, keys } = &self.lists[(owner / RANGE_OWNERS) as usize];
        let at = (owner % RANGE_OWNERS) as usize;
        &keys[starts[at] as usize..starts[at + 1] as usize]
    }

    /// How many owners have each key, ascending.
    pub fn frequencies(&self) -> &[u32] {
        &self.frequencies
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

impl Collected {
    /// Most entries whose key another has, and all of those; what was held is free
    /// again. Keys are counted by their first bits, by twice as many counters, so
    /// that a count may be too high but never too low: to count is cheaper than to
    /// sort.
    fn into_shared(self, memory: &Memory) -> Result<Vec<u64>> {
        let Self { mut chunks, last } = self;
        chunks.push(Column::Held(last));
        let len: usize = chunks.iter().map(Column::len).sum();
        let bits = (2 * len).next_power_of_two().trailing_zeros().clamp(1, 32);
        let counter_of = |entry: u64| (entry >> (u64::BITS - bits)) as usize;
        let mut counters = vec![0u8; 1 << bits];
        for chunk in &chunks {
            for entry in &*chunk.whole(memory)? {
                let counter = &mut counters[counter_of(*entry)];
                *counter = counter.saturating_add(1);
            }
        }
        let mut shared = Vec::new();
        let (last, chunks) = chunks.split_last().expect("one was just pushed");
        for chunk in chunks.iter().chain([last]) {
            let entries = chunk.whole(memory)?;
            // Whether a key is single is random, so this loop does without
            // branches: everything is written, the place moves on where it counts.
            let before = shared.len();
            shared.resize(before + entries.len(), 0);
            let mut at = before;
            for entry in &*entries {
                shared[at] = *entry;
                at += usize::from(counters[counter_of(*entry)] > 1);
            }
            shared.truncate(at);
        }
        for chunk in chunks {
            memory.release(chunk.held_bytes());
        }
        Ok(shared)
    }
}

/// The keys of one part of the key space that two owners have at least.
struct Partition {
    /// How many owners each key has, in key order.
    frequencies: Vec<u32>,
    /// The owners of the first key, of the second, and so on.
    owners: Vec<u32>,
}

impl Partition {
    /// The shared keys among entries of key (upper half) and owner.
    fn new(entries: Vec<u64>) -> Self {
        let mut sorted = vec![0; entries.len()];
        distribute(&entries, &mut sorted);
        drop(entries);
        let mut found = Self { frequencies: Vec::new(), owners: Vec::new() };
        for group in sorted.chunk_by(|a, b| a >> 32 == b >> 32) {
            if group.len() > 1 {
                found.frequencies.push(group.len() as u32);
                found.owners.extend(group.iter().map(|entry| *entry as u32));
            }
        }
        found
    }
}

/// The keys of a partition by ranges of their owners.
struct ByRange {
    /// Where those of each range begin, and the end of the last.
    starts: Vec<u32>,
    /// Owner and number of the key.
    entries: Vec<(u32, u32)>,
}

impl ByRange {
    fn new(partition: &Partition, numbers: &[u32], ranges: usize) -> Self {
        let Partition { frequencies, owners } = partition;
        let range = |owner: u32| (owner / RANGE_OWNERS) as usize;
        let mut starts = vec![0u32; ranges + 1];
        for owner in owners {
            starts[range(*owner) + 1] += 1;
        }
        for range in 0..ranges {
            starts[range + 1] += starts[range];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, 0); owners.len()];
        let mut owners = owners.iter();
        for (frequency, number) in frequencies.iter().zip(numbers) {
            for owner in owners.by_ref().take(*frequency as usize) {
                let next = &mut next[range(*owner)];
                entries[*next as usize] = (*owner, *number);
                *next += 1;
            }
        }
        Self { starts, entries }
    }

    fn of(&self, range: usize) -> &[(u32, u32)] {
        &self.entries[self.starts[range] as usize..self.starts[range + 1] as usize]
    }
}

impl Lists {
    /// Those of a range of owners, from all that they have.
    fn new<'a>(owners: Range<u32>, parts: impl Iterator<Item = &'a [(u32, u32)]> + Clone) -> Self {
        let at = |owner: u32| (owner - owners.start) as usize;
        let mut starts = vec![0u32; owners.len() + 1];
        for (owner, _) in parts.clone().flatten() {
            starts[at(*owner) + 1] += 1;
        }
        for owner in 0..owners.len() {
            starts[owner + 1] += starts[owner];
        }
        let mut next = starts.clone();
        let mut keys = vec![0; starts[owners.len()] as usize];
        for (owner, number) in parts.flatten() {
            let next = &mut next[at(*owner)];
            keys[*next as usize] = *number;
            *next += 1;
        }
        for pair in starts.windows(2) {
            keys[pair[0] as usize..pair[1] as usize].sort_unstable();
        }
        Self { starts, keys }
    }
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

#[cfg(test)]
mod tests {
    use crate::watch::Unwatched;

    use super::*;

    fn shared_keys(owners: &[Vec<u64>], expected: u64) -> SharedKeys {
        let keys = Keys::new(expected, &Memory::unlimited());
        for (number, of_owner) in (0u32..).zip(owners) {
            let mut lane = keys.lane();
            of_owner.iter().for_each(|key| lane.add(number, *key).expect("nothing is spilled"));
            lane.finish().expect("nothing is spilled");
        }
        SharedKeys::new(owners.len() as u32, keys, &Unwatched).expect("nobody interrupts")
    }

    fn check(owners: &[Vec<u64>]) {
        for partitions in [1, 8] {
            check_in(owners, (partitions - 1) * PARTITION_KEYS);
        }
    }

    fn check_in(owners: &[Vec<u64>], expected: u64) {
        let shared = shared_keys(owners, expected);
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
                numbers.iter().map(|n| shared.frequencies()[*n as usize]).collect();
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
        let many: Vec<Vec<u64>> =
            (0..300u64).map(|at| vec![(at + 1) << 48, (at % 7) << 40]).collect();
        check(&many);
    }

    #[test]
    fn keys_that_cannot_be_told_apart_only_bring_more_owners_together() {
        let owners = [vec![1u64, 2], vec![2], vec![3]];
        let shared = shared_keys(&owners, 0);
        assert_eq!(shared.of(0), [0, 0], "an owner of two has the number twice");
        assert_eq!((shared.of(1), shared.of(2)), (&[0][..], &[0][..]));
    }
}
