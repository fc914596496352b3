//! Shingles: consecutive tokens, hashed together.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::tokens::little_endian;
use super::{Tokens, WORD_WEIGHT};
use crate::hash::SEED;

/// Replaces `out` with every shingle of a text, in the order of its first
/// token; not deduplicated.
///
/// A shingle is consecutive tokens until their weight reaches that of `words`
/// words (of one word, if `words` is 0): for spaced scripts that many words. A
/// text that weighs less is one shingle; a text without tokens has none. The
/// hash is xxh3-64 of the token hashes, with a seed that depends on `words`.
pub fn shingles(tokens: &Tokens, words: u32, out: &mut Vec<u64>) {
    out.clear();
    if tokens.is_empty() {
        return;
    }
    let words = words.max(1);
    let weight_min = u64::from(words) * u64::from(WORD_WEIGHT);
    let weight = tokens.weight();
    let seed = SEED.wrapping_add(u64::from(words));
    let all_words = weight == tokens.len() as u64 * u64::from(WORD_WEIGHT);
    if weight < weight_min {
        out.push(xxh3_64_with_seed(little_endian(tokens.hashes()).as_flattened(), seed));
        return;
    }
    match words {
        1 if all_words => of_words::<1>(tokens.hashes(), seed, out),
        2 if all_words => of_words::<2>(tokens.hashes(), seed, out),
        3 if all_words => of_words::<3>(tokens.hashes(), seed, out),
        4 if all_words => of_words::<4>(tokens.hashes(), seed, out),
        5 if all_words => of_words::<5>(tokens.hashes(), seed, out),
        _ => of_weight(tokens, weight_min, seed, out),
    }
}

/// The tokens of some consecutive shingles of a text, given by their numbers
/// from 0 in the order in which [`shingles`] with the same `words` finds them.
pub fn shingle_tokens(tokens: &Tokens, words: u32, shingles: Range<usize>) -> Range<usize> {
    let weight_min = u64::from(words.max(1)) * u64::from(WORD_WEIGHT);
    let Some(last) = shingles.end.checked_sub(1) else { return 0..0 };
    let mut weight = 0;
    let enough = tokens.weights().iter().skip(last).position(|&next| {
        weight += u64::from(next);
        weight >= weight_min
    });
    let end = enough.map_or(tokens.len(), |more| last + more + 1);
    shingles.start.min(end)..end
}

/// Replaces `out` with every run of `chars` characters of a folded text, spaces
/// among them, in the order of its first; not deduplicated.
///
/// Where one character in twenty was misread, few words of three in a row are
/// whole, but many runs of seven characters are. A text with fewer characters is
/// one shingle; an empty one has none. The hash is xxh3-64 with a seed that
/// depends on `chars` and is that of no shingle of words.
pub fn char_shingles(folded: &str, chars: u32, out: &mut Vec<u64>) {
    out.clear();
    if folded.is_empty() {
        return;
    }
    let chars = chars.max(1) as usize;
    let seed = !SEED.wrapping_add(chars as u64);
    let starts = || folded.char_indices().map(|(start, _)| start);
    let ends = starts().skip(chars).chain(std::iter::once(folded.len()));
    let shingle = |(start, end)| xxh3_64_with_seed(&folded.as_bytes()[start..end], seed);
    out.extend(starts().zip(ends).map(shingle));
}

/// The shingles of a text that is all words.
fn of_words<const WORDS: usize>(hashes: &[u64], seed: u64, out: &mut Vec<u64>) {
    out.extend(hashes.windows(WORDS).map(|window| {
        let window: &[u64; WORDS] = window.try_into().expect("a window of so many");
        xxh3_64_with_seed(window.map(u64::to_le_bytes).as_flattened(), seed)
    }));
}

/// The shingles of any text that weighs enough: a window whose end is moved on
/// until the window weighs enough, then its start by one.
fn of_weight(tokens: &Tokens, weight_min: u64, seed: u64, out: &mut Vec<u64>) {
    let bytes = little_endian(tokens.hashes());
    let weights = tokens.weights();
    let mut weight = 0;
    let mut end = 0;
    for start in 0..weights.len() {
        while weight < weight_min {
            let Some(&next) = weights.get(end) else { return };
            weight += u64::from(next);
            end += 1;
        }
        out.push(xxh3_64_with_seed(bytes[start..end].as_flattened(), seed));
        weight -= u64::from(weights[start]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_the_shingles_of_their_weight() {
        #[track_caller]
        fn check(text: &str, words: u32, expected: usize) {
            let mut tokens = Tokens::new();
            tokens.read(text);
            let (mut found, mut plain) = (Vec::new(), Vec::new());
            shingles(&tokens, words, &mut found);
            assert_eq!(found.len(), expected, "{words}-word shingles of {text:?}");
            let words = words.max(1);
            let weight = u64::from(words) * u64::from(WORD_WEIGHT);
            if tokens.weight() >= weight {
                of_weight(&tokens, weight, SEED.wrapping_add(u64::from(words)), &mut plain);
                assert_eq!(found, plain, "{words}-word shingles of {text:?}; right: by weight");
            }
        }
        check("", 3, 0);
        check("واحد", 3, 1);
        check("واحد اثنان", 3, 1);
        check("واحد اثنان ثلاثة", 3, 1);
        check("واحد اثنان ثلاثة أربعة خمسة ستة سبعة", 3, 5);
        check("one two three four five six seven", 1, 7);
        check("one two three four five six seven", 2, 6);
        check("one two three four five six seven", 4, 4);
        check("one two three four five six seven", 5, 3);
        check("one two three four five six seven", 6, 2);
        check("one two three four five six seven", 0, 7);
        // Five characters of 12 weigh as much as three words, as do twelve of 5.
        check("日本語の文章", 3, 2);
        check("กขคงจฉชซญดตถท", 3, 2);
        check("one 日本 two 語", 3, 1);
    }

    #[test]
    fn a_shingle_leads_back_to_its_tokens() {
        #[track_caller]
        fn check(text: &str, numbers: Range<usize>, expected: Range<usize>) {
            let mut tokens = Tokens::new();
            tokens.read(text);
            assert_eq!(shingle_tokens(&tokens, 3, numbers.clone()), expected, "{numbers:?}");
        }
        check("one two three four five six", 0..1, 0..3);
        check("one two three four five six", 1..4, 1..6);
        check("one two", 0..1, 0..2);
        check("one 日本 two 語", 0..1, 0..4);
        check("日本語の文章日本語の文章", 2..4, 2..8);
        check("one two three", 5..9, 3..3);
        check("", 0..0, 0..0);
    }

    #[test]
    fn characters_have_the_shingles_of_their_number() {
        #[track_caller]
        fn check(folded: &str, chars: u32, expected: usize) {
            let mut found = Vec::new();
            char_shingles(folded, chars, &mut found);
            assert_eq!(found.len(), expected, "{chars}-character shingles of {folded:?}");
        }
        check("", 5, 0);
        check("كتب", 5, 1);
        check("كتاب", 4, 1);
        check("كتاب جديد", 5, 5);
        check("abc", 0, 3);
        let (mut left, mut right) = (Vec::new(), Vec::new());
        char_shingles("ab cd", 3, &mut left);
        char_shingles("xb cd", 3, &mut right);
        assert_ne!(left[0], right[0], "a shingle with another character");
        assert_eq!(left[1..], right[1..], "the shingles without it");
    }

    #[test]
    fn shingles_of_different_size_never_meet() {
        let mut tokens = Tokens::new();
        tokens.read("one two");
        let (mut twos, mut threes) = (Vec::new(), Vec::new());
        shingles(&tokens, 2, &mut twos);
        shingles(&tokens, 3, &mut threes);
        assert_ne!(twos, threes, "the one shingle of a text of two words");
    }
}
