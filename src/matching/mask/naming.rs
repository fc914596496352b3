//! Which passages the boilerplate is made of.
//!
//! Papers hang one footer below another, and cut them at other places, so a
//! stretch of a text is not yet a passage. Two shingles belong to one passage
//! if the one follows the other in more than half of the texts that have
//! either. So each has at most one that follows it, and a passage is a chain.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

use super::common::Standing;

/// A passage that is boilerplate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskedPassage {
    /// How many documents have at least half of it.
    pub documents: u32,
    /// A text that has as much of it as any.
    pub example: u32,
    /// The shingles of that text from the first to the last of the passage, as
    /// places in it.
    pub shingles: Range<u32>,
}

/// The passages that are boilerplate, and who has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passages {
    /// The one in most documents first.
    pub list: Vec<MaskedPassage>,
    /// The texts that have at least half of a passage, ascending, each with
    /// the positions of its passages in the list, ascending.
    pub of_texts: Vec<(u32, Box<[u32]>)>,
}

/// A passage has at least so many shingles in all: shorter ends of chains are
/// the variants of a passage's middle.
const SHINGLES_MIN: usize = 10;

/// Stands for "no chain".
const NONE: u32 = u32::MAX;

/// Collects the stretches of boilerplate.
#[derive(Default)]
pub(super) struct Naming {
    /// Different stretches, as the numbers of their shingles.
    known: HashMap<Box<[u32]>, u32>,
    /// In how many texts each stands.
    counts: Vec<u32>,
    texts: Vec<(u32, StretchesOfText)>,
}

/// The stretches of a text, each with the place of its first shingle.
type StretchesOfText = Box<[(u32, u32)]>;

impl Naming {
    /// Takes the boilerplate of the next text, in its order.
    pub(super) fn add(&mut self, text: u32, standings: &[Standing]) {
        let stretches = standings.chunk_by(|a, b| b.place == a.place + 1).map(|stretch| {
            let numbers: Box<[u32]> = stretch.iter().map(|standing| standing.number).collect();
            let next = self.counts.len() as u32;
            let known = *self.known.entry(numbers).or_insert(next);
            if known == next {
                self.counts.push(0);
            }
            self.counts[known as usize] += 1;
            (known, stretch[0].place)
        });
        self.texts.push((text, stretches.collect()));
    }

    /// The passages. `documents` tells for how many documents a text stands, and
    /// which is their first.
    pub(super) fn finish(self, documents: impl Fn(u32) -> (u32, u32)) -> Passages {
        let Self { known, counts, mut texts } = self;
        texts.sort_unstable_by_key(|(text, _)| *text);
        let mut stretches: Vec<Box<[u32]>> = vec![Box::default(); counts.len()];
        for (numbers, at) in known {
            stretches[at as usize] = numbers;
        }
        let numbers = stretches.iter().flat_map(|numbers| numbers.iter());
        let end = numbers.max().map_or(0, |most| *most as usize + 1);
        let chains = chains(&stretches, &counts, end);
        let mut chain_of = vec![NONE; end];
        for (chain, numbers) in (0u32..).zip(&chains) {
            for number in numbers {
                chain_of[*number as usize] = chain;
            }
        }
        let chain_of = |number: &u32| chain_of[*number as usize];
        let hits: Vec<Vec<(u32, u32)>> = stretches
            .iter()
            .map(|numbers| {
                let mut numbers = numbers.to_vec();
                numbers.sort_unstable();
                numbers.dedup();
                counted(numbers.iter().map(|number| (chain_of(number), 1)))
            })
            .collect();

        let mut best: Vec<(u32, u32, usize)> = vec![(0, 0, 0); chains.len()];
        let mut in_documents = vec![0u32; chains.len()];
        let mut of_texts: Vec<(u32, Box<[u32]>)> = Vec::new();
        for (index, (text, standing)) in texts.iter().enumerate() {
            let found = standing.iter().flat_map(|(known, _)| &hits[*known as usize]).copied();
            let found = counted(found);
            let has = |(chain, hits): &&(u32, u32)| {
                *chain != NONE && 2 * *hits as usize >= chains[*chain as usize].len()
            };
            for &(chain, hits) in found.iter().filter(has) {
                let (count, first) = documents(*text);
                in_documents[chain as usize] += count;
                // Of those that have as much of it the first in the input, not in
                // keep order: what is boilerplate is no matter of who stays.
                let best = &mut best[chain as usize];
                if (hits, Reverse(first)) > (best.0, Reverse(best.1)) {
                    *best = (hits, first, index);
                }
            }
            let found: Box<[u32]> = found.iter().filter(has).map(|(chain, _)| *chain).collect();
            if !found.is_empty() {
                of_texts.push((*text, found));
            }
        }

        let passage = |chain: u32| {
            let (text, standing) = &texts[best[chain as usize].2];
            let places = standing
                .iter()
                .flat_map(|(known, place)| (*place..).zip(&stretches[*known as usize]));
            let places = places.filter(|(_, number)| chain_of(number) == chain);
            let (mut start, mut end) = (u32::MAX, 0);
            for (place, _) in places {
                (start, end) = (start.min(place), end.max(place + 1));
            }
            let documents = in_documents[chain as usize];
            MaskedPassage { documents, example: *text, shingles: start.min(end)..end }
        };
        let mut list: Vec<(u32, MaskedPassage)> = (0..chains.len() as u32)
            .map(|chain| (chain, passage(chain)))
            .filter(|(_, passage)| passage.documents > 0)
            .collect();
        list.sort_by_key(|(_, passage)| {
            (Reverse(passage.documents), documents(passage.example).1, passage.shingles.start)
        });
        let mut position_of = vec![NONE; chains.len()];
        for (position, (chain, _)) in (0u32..).zip(&list) {
            position_of[*chain as usize] = position;
        }
        for (_, passages) in &mut of_texts {
            passages.iter_mut().for_each(|chain| *chain = position_of[*chain as usize]);
            passages.sort_unstable();
        }
        Passages { list: list.into_iter().map(|(_, passage)| passage).collect(), of_texts }
    }
}

/// The counts of equal keys added up, by ascending key.
fn counted(counts: impl Iterator<Item = (u32, u32)>) -> Vec<(u32, u32)> {
    let mut counts: Vec<(u32, u32)> = counts.collect();
    counts.sort_unstable();
    counts.dedup_by(|later, first| {
        let is_same = later.0 == first.0;
        if is_same {
            first.1 += later.1;
        }
        is_same
    });
    counts
}

/// The chains of shingles that follow one another, as long as a passage, in
/// the order in which their first shingles are met. Numbers are below `end`; of
/// each different stretch, `counts` has in how many texts it stands.
fn chains(stretches: &[Box<[u32]>], counts: &[u32], end: usize) -> Vec<Vec<u32>> {
    let index = |number: u32| number as usize;
    let mut of_shingle = vec![0u64; end];
    let mut pairs: Vec<(u32, u32, u32)> = Vec::new();
    for (numbers, &count) in stretches.iter().zip(counts) {
        for number in numbers {
            of_shingle[index(*number)] += u64::from(count);
        }
        pairs.extend(numbers.windows(2).map(|pair| (pair[0], pair[1], count)));
    }
    pairs.sort_unstable();
    let (mut next, mut has_previous) = (vec![NONE; end], vec![false; end]);
    for alike in pairs.chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)) {
        let (a, b, _) = alike[0];
        let together: u64 = alike.iter().map(|(_, _, count)| u64::from(*count)).sum();
        if 2 * together > of_shingle[index(a)].max(of_shingle[index(b)]) {
            next[index(a)] = b;
            has_previous[index(b)] = true;
        }
    }
    let mut is_done = vec![false; end];
    let mut chains = Vec::new();
    // Chains that have a first shingle; then the rings, from wherever.
    for rings in [false, true] {
        for &start in stretches.iter().flat_map(|numbers| numbers.iter()) {
            if !rings && has_previous[index(start)] {
                continue;
            }
            let mut chain = Vec::new();
            let mut number = start;
            while number != NONE && !is_done[index(number)] {
                is_done[index(number)] = true;
                chain.push(number);
                number = next[index(number)];
            }
            if chain.len() >= SHINGLES_MIN {
                chains.push(chain);
            }
        }
    }
    chains
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chains of stretches that stand in one text each.
    #[track_caller]
    fn check(stretches: &[&[u32]], expected: &[Vec<u32>]) {
        let boxed: Vec<Box<[u32]>> = stretches.iter().map(|numbers| (*numbers).into()).collect();
        let counts = vec![1; boxed.len()];
        assert_eq!(chains(&boxed, &counts, 100), expected, "{stretches:?}");
    }

    fn numbers(range: Range<u32>) -> Vec<u32> {
        range.collect()
    }

    #[test]
    fn a_passage_ends_where_texts_go_different_ways() {
        let [a, b, c] = [numbers(0..10), numbers(10..20), numbers(20..31)];
        check(&[&a], std::slice::from_ref(&a));
        // One footer below another, each more often alone.
        let both = [a.clone(), b.clone()].concat();
        check(&[&both, &a, &b, &a, &b], &[a.clone(), b.clone()]);
        check(&[&both, &both, &both, &a, &b], std::slice::from_ref(&both));
        // A middle with variants is no passage of its own.
        let one = [a.clone(), vec![50, 51], c.clone()].concat();
        let other = [a.clone(), vec![60, 61], c.clone()].concat();
        check(&[&one, &other], &[a.clone(), c.clone()]);
        check(&[&a[..9]], &[]);
    }

    #[test]
    fn a_ring_is_a_passage_too() {
        let turned = |by: usize| [numbers(by as u32..12), numbers(0..by as u32)].concat();
        check(&[&turned(0), &turned(4), &turned(8)], &[turned(0)]);
    }
}
