//! Seeds: the short runs of words that occur more than once, and where.
//!
//! A seed is consecutive tokens until their weight reaches that of a few
//! words. Every token but a document's last ones begins one. Most stand only
//! once in a corpus; one sort, partition by partition, leaves the others.

use std::ops::Range;

use rayon::prelude::*;

use super::PassageRecipe;
use super::token_text::TokenTexts;
use crate::Result;
use crate::document::DocId;
use crate::text::WORD_WEIGHT;
use crate::watch::Watch;

/// How many records (eight bytes each) a partition has on average: few enough
/// to be sorted within a core's own cache.
const PARTITION_RECORDS: usize = 1 << 15;

/// How many records are in memory at once: half a gigabyte. A corpus of more
/// tokens is gone through several times, for one share of its seeds each.
const RECORDS_MAX: usize = 1 << 26;

/// How many places one task reads.
const TASK_PLACES: usize = 1 << 18;

/// Which seeds are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// Those with more occurrences than can be compared each with each.
    Frequent,
    /// The others.
    Rare,
}

/// What begins at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begins {
    /// No seed that is looked at.
    Nothing,
    /// One of [`Pass::Rare`].
    Rare,
    /// One of [`Pass::Frequent`], not for the first time.
    Frequent,
    /// The first of [`Pass::Frequent`]: those that stand for the others.
    FrequentFirst,
}

/// Every seed that occurs more than once, with its occurrences.
pub(super) struct SeedTable {
    /// For each place, what begins there.
    begins: Vec<Begins>,
    /// Where each group begins among the members; last, where all end.
    starts: Vec<u32>,
    /// The places of the occurrences' first tokens: group by group, each in order.
    members: Vec<u32>,
    /// How many members a group may have that is not frequent.
    all_pairs_max: usize,
}

impl SeedTable {
    /// The repeated seeds of a corpus.
    ///
    /// Two different seeds may share a group, as hashes do; whoever uses two
    /// members compares their tokens.
    pub(super) fn new(
        texts: &TokenTexts,
        recipe: &PassageRecipe,
        watch: &dyn Watch,
    ) -> Result<Self> {
        let places = texts.line().len();
        let mut table = Self {
            begins: vec![Begins::Nothing; places],
            starts: vec![0],
            members: Vec::new(),
            all_pairs_max: recipe.all_pairs_max as usize,
        };
        let shares = places.div_ceil(RECORDS_MAX).max(1) as u64;
        for share in 0..shares {
            watch.check()?;
            let found = repeated(texts, recipe.seed_words, share, shares);
            table.members.reserve_exact(found.iter().map(|groups| groups.members.len()).sum());
            for groups in found {
                table.extend(groups);
            }
        }
        Ok(table)
    }

    /// Adds some groups.
    fn extend(&mut self, groups: Groups) {
        let offset = self.members.len();
        self.members.extend(groups.members);
        for end in groups.ends {
            self.close(offset + end as usize);
        }
    }

    /// Makes a group of the members up to `end` that are in none yet.
    fn close(&mut self, end: usize) {
        let start = *self.starts.last().expect("there is a first start") as usize;
        let (first, others) = match self.pass_of(end - start) {
            Pass::Frequent => (Begins::FrequentFirst, Begins::Frequent),
            Pass::Rare => (Begins::Rare, Begins::Rare),
        };
        for &place in &self.members[start..end] {
            self.begins[place as usize] = others;
        }
        self.begins[self.members[start] as usize] = first;
        self.starts.push(end as u32);
    }

    /// When a group with so many members is looked at.
    fn pass_of(&self, members: usize) -> Pass {
        if members > self.all_pairs_max { Pass::Frequent } else { Pass::Rare }
    }

    /// Leaves of the frequent groups those members, but for the first, that
    /// are wanted, and of the other groups nothing.
    pub(super) fn retain(&mut self, wanted: impl Fn(u32) -> bool) {
        self.begins.fill(Begins::Nothing);
        let starts = std::mem::replace(&mut self.starts, vec![0]);
        let mut kept = 0;
        for bounds in starts.windows(2) {
            let group = bounds[0] as usize..bounds[1] as usize;
            if self.pass_of(group.len()) == Pass::Rare {
                continue;
            }
            let first = kept;
            for i in group.skip(1) {
                if wanted(self.members[i]) {
                    self.members[kept] = self.members[i];
                    kept += 1;
                }
            }
            if kept == first + 1 {
                kept = first;
            } else if kept > first {
                self.close(kept);
            }
        }
        self.members.truncate(kept);
    }

    /// How many occurrences there are of all seeds.
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// Calls `take` with each group that a pass looks at and that some of the
    /// occurrences, counted from 0 to [`Self::len`], belong to: its places up to
    /// the last of these, and which of them meet earlier ones now.
    pub(super) fn each(
        &self,
        pass: Pass,
        occurrences: Range<usize>,
        mut take: impl FnMut(&[u32], Range<usize>),
    ) {
        let mut group = self.starts.partition_point(|&start| start as usize <= occurrences.start);
        let mut at = occurrences.start;
        while at < occurrences.end {
            let (start, end) = (self.starts[group - 1] as usize, self.starts[group] as usize);
            if self.pass_of(end - start) == pass {
                let last = end.min(occurrences.end);
                take(&self.members[start..last], at.max(start + 1) - start..last - start);
            }
            (at, group) = (end, group + 1);
        }
    }

    /// Whether two places where the same seed begins meet in a pass.
    #[inline]
    pub(super) fn meet(&self, pass: Pass, earlier: u32, later: u32) -> bool {
        let begins = |place: u32| self.begins[place as usize];
        match pass {
            Pass::Frequent => {
                begins(later) == Begins::Frequent && begins(earlier) == Begins::FrequentFirst
            }
            Pass::Rare => begins(later) == Begins::Rare && begins(earlier) == Begins::Rare,
        }
    }
}

/// Some groups: their members one group behind the other, and where each ends.
#[derive(Default)]
struct Groups {
    members: Vec<u32>,
    ends: Vec<u32>,
}

/// The records of one task, partition by partition: 32 bits of a seed's hash
/// above its place.
struct Records {
    records: Vec<u64>,
    /// Where each partition begins; last, where all end.
    starts: Vec<u32>,
}

/// The groups of one share of the seeds.
fn repeated(texts: &TokenTexts, seed_words: u32, share: u64, shares: u64) -> Vec<Groups> {
    let places = texts.line().len();
    let partitions = (places / shares as usize / PARTITION_RECORDS).max(1).next_power_of_two();
    let tasks: Vec<Records> = tasks(texts)
        .into_par_iter()
        .map(|docs| records(texts, docs, seed_words, share, shares, partitions))
        .collect();
    (0..partitions)
        .into_par_iter()
        .map_init(Buckets::default, |buckets, partition| {
            let records = tasks.iter().map(|task| {
                let bounds = task.starts[partition] as usize..task.starts[partition + 1] as usize;
                &task.records[bounds]
            });
            let mut groups = Groups::default();
            buckets.sort(records, |bucket| {
                for group in bucket.chunk_by(|a, b| a >> 32 == b >> 32) {
                    if group.len() < 2 {
                        continue;
                    }
                    groups.members.extend(group.iter().map(|&record| record as u32));
                    groups.ends.push(groups.members.len() as u32);
                }
            });
            groups
        })
        .collect()
}

/// How many buckets the records of a partition are shared out to: some eight
/// records each, which an insertion sort puts in order.
const BUCKETS: usize = PARTITION_RECORDS / 8;

/// Memory to sort the records of a partition in, used again.
#[derive(Default)]
struct Buckets {
    starts: Vec<u32>,
    sorted: Vec<u64>,
}

impl Buckets {
    /// Calls `take` with the records in order, some at a time; what agrees in
    /// the hash comes together.
    fn sort<'a>(
        &mut self,
        records: impl Iterator<Item = &'a [u64]> + Clone,
        mut take: impl FnMut(&[u64]),
    ) {
        let bucket_of = |record: u64| (record >> (64 - BUCKETS.trailing_zeros())) as usize;
        self.starts.clear();
        self.starts.resize(BUCKETS + 1, 0);
        for some in records.clone() {
            some.iter().for_each(|&record| self.starts[bucket_of(record) + 1] += 1);
        }
        for bucket in 0..BUCKETS {
            self.starts[bucket + 1] += self.starts[bucket];
        }
        self.sorted.clear();
        self.sorted.resize(self.starts[BUCKETS] as usize, 0);
        for some in records {
            for &record in some {
                let slot = &mut self.starts[bucket_of(record)];
                self.sorted[*slot as usize] = record;
                *slot += 1;
            }
        }
        // Each start has moved to its bucket's end.
        let mut start = 0;
        for &end in &self.starts[..BUCKETS] {
            let bucket = &mut self.sorted[start..end as usize];
            bucket.sort_unstable();
            take(bucket);
            start = end as usize;
        }
    }
}

/// The documents of each task: about [`TASK_PLACES`] places, whole documents.
fn tasks(texts: &TokenTexts) -> Vec<Range<u32>> {
    let mut tasks = Vec::new();
    let mut start = 0;
    let mut places = 0;
    for doc in 0..texts.len() as u32 {
        places += texts.places(DocId(doc)).len();
        if places >= TASK_PLACES {
            tasks.push(start..doc + 1);
            start = doc + 1;
            places = 0;
        }
    }
    tasks.push(start..texts.len() as u32);
    tasks
}

/// The records of some documents that belong to one share of the seeds.
fn records(
    texts: &TokenTexts,
    docs: Range<u32>,
    seed_words: u32,
    share: u64,
    shares: u64,
    partitions: usize,
) -> Records {
    let bits = partitions.trailing_zeros();
    let partition_of = |hash: u64| (hash.rotate_left(bits) & (partitions as u64 - 1)) as usize;
    let is_ours = |hash: u64| shares == 1 || hash % shares == share;
    let mut starts = vec![0u32; partitions + 1];
    for doc in docs.clone() {
        each_seed(texts, DocId(doc), seed_words, |_, hash| {
            starts[partition_of(hash) + 1] += u32::from(is_ours(hash));
        });
    }
    for partition in 0..partitions {
        starts[partition + 1] += starts[partition];
    }
    let mut next = starts.clone();
    let mut records = vec![0; starts[partitions] as usize];
    for doc in docs {
        each_seed(texts, DocId(doc), seed_words, |place, hash| {
            if is_ours(hash) {
                let slot = &mut next[partition_of(hash)];
                records[*slot as usize] = hash.rotate_left(bits) >> 32 << 32 | u64::from(place);
                *slot += 1;
            }
        });
    }
    Records { records, starts }
}

/// Calls `take` with the place and the hash of every seed of a document.
fn each_seed(texts: &TokenTexts, doc: DocId, seed_words: u32, mut take: impl FnMut(u32, u64)) {
    let line = texts.line();
    let places = texts.places(doc);
    let weight_min = seed_words * u32::from(WORD_WEIGHT);
    let mut weight = 0;
    let mut end = places.start;
    for start in places.clone() {
        while weight < weight_min {
            if end == places.end {
                return;
            }
            weight += texts.weight(end);
            end += 1;
        }
        take(start, seed_hash(&line[start as usize..end as usize]));
        weight -= texts.weight(start);
    }
}

/// The hash of a seed, its upper bits the better ones. Codes are hashes
/// themselves, so a product each mixes them well enough for a table whose
/// users compare the tokens.
#[inline]
fn seed_hash(codes: &[u32]) -> u64 {
    /// 2^64 over the golden ratio, made odd: Fibonacci hashing (Knuth, *The Art
    /// of Computer Programming*, 6.4).
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    codes
        .iter()
        .fold(0, |hash: u64, &code| (hash.rotate_left(29) ^ u64::from(code)).wrapping_mul(FACTOR))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::text::Tokens;
    use crate::watch::Unwatched;

    /// Texts over few words, so that many seeds repeat, some often.
    fn corpus() -> TokenTexts {
        let mut tokens = Tokens::new();
        let mut corpus = TokenTexts::new();
        let mut state = 1u64;
        for doc in 0..60 {
            let words = (0..doc).map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                ["one", "two", "three", "四", "five", "six"][(state >> 33) as usize % 6]
            });
            let text = words.collect::<Vec<_>>().join(" ");
            tokens.read(&text);
            corpus.push(&text, &tokens).expect("a small corpus");
        }
        corpus
    }

    /// Every seed with its places, one by one.
    fn plain(corpus: &TokenTexts, seed_words: u32) -> BTreeMap<Vec<u32>, Vec<u32>> {
        let mut seeds: BTreeMap<Vec<u32>, Vec<u32>> = BTreeMap::new();
        for doc in 0..corpus.len() as u32 {
            let places = corpus.places(DocId(doc));
            for start in places.clone() {
                let weight = u64::from(seed_words) * u64::from(WORD_WEIGHT);
                let end = (start..=places.end).find(|&end| corpus.weights(start..end) >= weight);
                if let Some(end) = end {
                    let codes = corpus.codes_at(&(start..end)).to_vec();
                    seeds.entry(codes).or_default().push(start);
                }
            }
        }
        seeds
    }

    /// The later occurrences of every repeated seed with the earlier ones that
    /// they meet.
    fn meetings(table: &SeedTable, pass: Pass) -> BTreeMap<u32, Vec<u32>> {
        let mut met = BTreeMap::new();
        // A few at a time: where they are cut makes no difference.
        for from in (0..table.len()).step_by(7) {
            table.each(pass, from..table.len().min(from + 7), |group, later| {
                for i in later {
                    let earlier = if pass == Pass::Frequent { 0..1 } else { 0..i };
                    let before = met.insert(group[i], group[earlier].to_vec());
                    assert_eq!(before, None, "{} is told once", group[i]);
                }
            });
        }
        met
    }

    #[test]
    fn the_table_holds_what_repeats() {
        let corpus = corpus();
        for (seed_words, all_pairs_max) in [(2, 10), (3, 10), (4, 3)] {
            let recipe = PassageRecipe { seed_words, all_pairs_max, ..Default::default() };
            let table = SeedTable::new(&corpus, &recipe, &Unwatched).expect("nothing stops it");
            let mut expected = [BTreeMap::new(), BTreeMap::new()];
            for places in plain(&corpus, seed_words).into_values() {
                let frequent = places.len() > all_pairs_max as usize;
                for i in 1..places.len() {
                    let met = if frequent { 0..1 } else { 0..i };
                    expected[usize::from(frequent)].insert(places[i], places[met].to_vec());
                }
            }
            for (pass, expected) in [Pass::Rare, Pass::Frequent].into_iter().zip(expected) {
                assert_eq!(meetings(&table, pass), expected, "{pass:?}, {seed_words} words");
                for (later, met) in expected {
                    let meets = |earlier: &u32| table.meet(pass, *earlier, later);
                    assert!(met.iter().all(meets), "{pass:?}: {later} meets {met:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_left_of_frequent_seeds_is_kept() {
        let corpus = corpus();
        let recipe = PassageRecipe { seed_words: 2, all_pairs_max: 10, ..Default::default() };
        let mut table = SeedTable::new(&corpus, &recipe, &Unwatched).expect("nothing stops it");
        table.retain(|place| place % 2 == 0);
        let mut expected = Vec::new();
        for places in plain(&corpus, 2).into_values().filter(|places| places.len() > 10) {
            let kept: Vec<u32> =
                places[1..].iter().copied().filter(|place| place % 2 == 0).collect();
            if kept.len() > 1 {
                let pass = if kept.len() > 10 { Pass::Frequent } else { Pass::Rare };
                let met = if pass == Pass::Frequent { 1 } else { kept.len() - 1 };
                let last = kept[kept.len() - 1];
                assert_eq!(meetings(&table, pass)[&last], kept[..met]);
                expected.extend(kept);
            }
        }
        let mut left = table.members.clone();
        left.sort_unstable();
        expected.sort_unstable();
        assert_eq!(left, expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn buckets_bring_records_into_order(
            records in prop::collection::vec(prop_oneof![0..50u64, any::<u64>()], 0..3000),
            cut in 0..3000usize,
        ) {
            let (one, other) = records.split_at(cut.min(records.len()));
            let mut found = Vec::new();
            Buckets::default().sort([one, other].into_iter(), |some| found.extend_from_slice(some));
            let mut expected = records.clone();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
