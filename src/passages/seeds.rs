//! Seeds: the short runs of words that occur more than once, and where.
//!
//! A seed is consecutive tokens until their weight reaches that of a few
//! words. Every token but a document's last ones begins one. Most stand only
//! once in a corpus; one sort, partition by partition, leaves the others.

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

/// The group of a place where no repeated seed begins.
const NO_GROUP: u32 = u32::MAX;

/// Set in the number of a group that has too many members to be compared each
/// with each.
const FREQUENT_BIT: u32 = 1 << 31;

/// One occurrence of a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The place of its first token.
    pub(super) place: u32,
    /// The code of the token before it.
    pub(super) before: u32,
}

/// Which seeds are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// Those with more occurrences than can be compared each with each.
    Frequent,
    /// The others.
    Rare,
}

/// Every seed that occurs more than once, with its occurrences.
pub(super) struct SeedTable {
    /// The number of the group of the seed that begins at a place, with
    /// [`FREQUENT_BIT`] if it has it, or [`NO_GROUP`].
    group_of: Vec<u32>,
    /// Where each group begins among the members; last, where all end.
    starts: Vec<u32>,
    /// Group by group, each in order of place.
    members: Vec<Member>,
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
            group_of: vec![NO_GROUP; places],
            starts: vec![0],
            members: Vec::new(),
            all_pairs_max: recipe.all_pairs_max as usize,
        };
        let shares = places.div_ceil(RECORDS_MAX).max(1) as u64;
        for share in 0..shares {
            watch.check()?;
            for groups in repeated(texts, recipe.seed_words, share, shares) {
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
            self.close(offset + end);
        }
    }

    /// Makes a group of the members up to `end` that are in none yet.
    fn close(&mut self, end: usize) {
        let start = *self.starts.last().expect("there is a first start") as usize;
        let frequent = end - start > self.all_pairs_max;
        let flag = if frequent { FREQUENT_BIT } else { 0 };
        let group = (self.starts.len() as u32 - 1) | flag;
        for member in &self.members[start..end] {
            self.group_of[member.place as usize] = group;
        }
        self.starts.push(end as u32);
    }

    /// Leaves of the frequent groups those members, but for the first
    /// `representatives`, that are wanted, and of the other groups nothing.
    /// Gives their places in order.
    pub(super) fn retain(
        &mut self,
        representatives: usize,
        wanted: impl Fn(&Member) -> bool,
    ) -> Vec<u32> {
        self.group_of.fill(NO_GROUP);
        let starts = std::mem::replace(&mut self.starts, vec![0]);
        let mut kept = 0;
        for bounds in starts.windows(2) {
            let group = bounds[0] as usize..bounds[1] as usize;
            if group.len() <= self.all_pairs_max {
                continue;
            }
            let first = kept;
            for i in group.skip(representatives) {
                if wanted(&self.members[i]) {
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
        let mut places: Vec<u32> = self.members.iter().map(|member| member.place).collect();
        places.sort_unstable();
        places
    }

    /// The occurrences of the seed that begins at a place, in order; none if it
    /// is not repeated or of the other pass.
    pub(super) fn members(&self, place: u32, pass: Pass) -> &[Member] {
        let group = self.group_of[place as usize];
        if group == NO_GROUP || (group & FREQUENT_BIT != 0) != (pass == Pass::Frequent) {
            return &[];
        }
        let group = (group & !FREQUENT_BIT) as usize;
        &self.members[self.starts[group] as usize..self.starts[group + 1] as usize]
    }
}

/// Some groups: their members one group behind the other, and where each ends.
#[derive(Default)]
struct Groups {
    members: Vec<Member>,
    ends: Vec<usize>,
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
        .map_init(Vec::new, |sorted, partition| {
            sorted.clear();
            for task in &tasks {
                let bounds = task.starts[partition] as usize..task.starts[partition + 1] as usize;
                sorted.extend_from_slice(&task.records[bounds]);
            }
            sorted.sort_unstable();
            let mut groups = Groups::default();
            for group in sorted.chunk_by(|a, b| a >> 32 == b >> 32).filter(|group| group.len() > 1)
            {
                groups.members.extend(group.iter().map(|&record| {
                    let place = record as u32;
                    Member { place, before: texts.line()[place as usize - 1] }
                }));
                groups.ends.push(groups.members.len());
            }
            groups
        })
        .collect()
}

/// The documents of each task: about [`TASK_PLACES`] places, whole documents.
fn tasks(texts: &TokenTexts) -> Vec<std::ops::Range<u32>> {
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
    docs: std::ops::Range<u32>,
    seed_words: u32,
    share: u64,
    shares: u64,
    partitions: usize,
) -> Records {
    let mut found: Vec<(u32, u64)> = Vec::new();
    let mut starts = vec![0u32; partitions + 1];
    let bits = partitions.trailing_zeros();
    for doc in docs {
        each_seed(texts, DocId(doc), seed_words, |place, hash| {
            if hash % shares != share {
                return;
            }
            let partition = hash.rotate_left(bits) & (partitions as u64 - 1);
            let rest = hash.rotate_left(bits) >> 32;
            starts[partition as usize + 1] += 1;
            found.push((partition as u32, rest << 32 | u64::from(place)));
        });
    }
    for partition in 0..partitions {
        starts[partition + 1] += starts[partition];
    }
    let mut next = starts.clone();
    let mut records = vec![0; found.len()];
    for (partition, record) in found {
        let slot = &mut next[partition as usize];
        records[*slot as usize] = record;
        *slot += 1;
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

    use super::*;
    use crate::passages::TokenText;
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
            corpus.push(&TokenText::new(&text, &tokens)).expect("a small corpus");
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

    #[test]
    fn the_table_holds_what_repeats() {
        let corpus = corpus();
        for (seed_words, all_pairs_max) in [(2, 10), (3, 10), (4, 3)] {
            let recipe = PassageRecipe { seed_words, all_pairs_max, ..Default::default() };
            let table = SeedTable::new(&corpus, &recipe, &Unwatched).expect("nothing stops it");
            for places in plain(&corpus, seed_words).into_values() {
                let frequent = places.len() > all_pairs_max as usize;
                let [pass, other] = if frequent {
                    [Pass::Frequent, Pass::Rare]
                } else {
                    [Pass::Rare, Pass::Frequent]
                };
                for &place in &places {
                    let found: Vec<u32> =
                        table.members(place, pass).iter().map(|member| member.place).collect();
                    let expected: &[u32] = if places.len() > 1 { &places } else { &[] };
                    assert_eq!(found, expected, "seeds of {seed_words} words like that at {place}");
                    assert_eq!(table.members(place, other), [], "in the other pass");
                }
            }
        }
    }

    #[test]
    fn what_is_left_of_frequent_seeds_is_kept() {
        let corpus = corpus();
        let recipe = PassageRecipe { seed_words: 2, all_pairs_max: 10, ..Default::default() };
        let mut table = SeedTable::new(&corpus, &recipe, &Unwatched).expect("nothing stops it");
        let left = table.retain(1, |member| member.place % 2 == 0);
        let mut expected = Vec::new();
        for places in plain(&corpus, 2).into_values().filter(|places| places.len() > 10) {
            let kept: Vec<u32> =
                places[1..].iter().copied().filter(|place| place % 2 == 0).collect();
            if kept.len() > 1 {
                let pass = if kept.len() > 10 { Pass::Frequent } else { Pass::Rare };
                let found = table.members(kept[0], pass).iter().map(|member| member.place);
                assert_eq!(found.collect::<Vec<_>>(), kept);
                expected.extend(kept);
            }
        }
        expected.sort_unstable();
        assert_eq!(left, expected);
    }
}
