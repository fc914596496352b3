//! Passages of real corpora: whatever is told again word for word is found.

use std::collections::HashMap;
use std::ops::Range;

use twicetold::passages::{PassageRecipe, TokenTexts, find_families};
use twicetold::text::{Tokens, fold};
use twicetold::watch::Unwatched;

use crate::corpora::docs;

/// The fewest words of a paragraph that counts as repeated.
const WORDS_MIN: usize = 12;

/// Every line of [`WORDS_MIN`] words or more that stands in two places of a
/// corpus, equal once folded, lies in an occurrence. The lines are counted by a
/// hash map of folded lines, which knows nothing of seeds and alignments.
#[track_caller]
fn check(name: &str, repeated_min: usize) {
    let Some(records) = docs(name) else { return };
    let texts: Vec<&str> =
        records.iter().map(|record| record["text"].as_str().expect("a text")).collect();
    let mut tokens = Tokens::new();
    let mut corpus = TokenTexts::new();
    for text in &texts {
        tokens.read(text);
        corpus.push(text, &tokens).expect("fewer tokens than u32 can count");
    }
    let found = find_families(&corpus, &PassageRecipe::default(), &Unwatched).expect("it ends");
    let mut occurrences: Vec<Vec<&Range<usize>>> = vec![Vec::new(); texts.len()];
    for occurrence in found.families.iter().flat_map(|family| &family.occurrences) {
        occurrences[occurrence.doc.index()].push(&occurrence.bytes);
    }

    let mut places: HashMap<String, Vec<(usize, Range<usize>)>> = HashMap::new();
    for (doc, text) in texts.iter().enumerate() {
        for line in text.split('\n') {
            let folded = fold(line);
            if folded.split(' ').count() >= WORDS_MIN {
                let start = line.as_ptr() as usize - text.as_ptr() as usize;
                let letters = letters(line);
                let place = (doc, start + letters.start..start + letters.end);
                places.entry(folded).or_default().push(place);
            }
        }
    }
    let mut repeated = 0;
    for (line, places) in places.iter().filter(|(_, places)| places.len() > 1) {
        for (doc, letters) in places {
            repeated += 1;
            let holds =
                |found: &&&Range<usize>| found.start <= letters.start && letters.end <= found.end;
            assert!(
                occurrences[*doc].iter().any(|found| holds(&found)),
                "{name}: bytes {letters:?} of document {doc} are told {} times, but lie in no \
                 occurrence: {line}",
                places.len()
            );
        }
    }
    assert!(repeated >= repeated_min, "{name}: only {repeated} repeated paragraphs to look for");
}

/// From a line's first letter or digit to where its last one begins: the
/// punctuation around it may stay outside.
fn letters(line: &str) -> Range<usize> {
    let first = line.find(char::is_alphanumeric).unwrap_or(0);
    first..line.rfind(char::is_alphanumeric).unwrap_or(first)
}

#[test]
fn every_repeated_paragraph_of_ant_lies_in_an_occurrence() {
    check("ant", 500);
}

#[test]
fn every_repeated_paragraph_of_saudinewsnet_lies_in_an_occurrence() {
    check("saudinewsnet", 5_000);
}
