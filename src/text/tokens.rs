//! The tokens of a text: what is compared, and where it stands.

use std::ops::Range;

use super::WORD_WEIGHT;
#[cfg(any(test, feature = "reference"))]
use super::scan::scan_plainly;
use super::scan::{Scratch, Sink, scan};
use crate::hash::{Hash128, hash64};

/// The longest text in bytes that [`Tokens::read`] takes: offsets are kept in
/// 32 bits, which halves the memory of a document's tokens, and no article
/// comes near it. Whoever reads records refuses longer ones.
pub const TEXT_BYTES_MAX: usize = u32::MAX as usize;

/// The normalised tokens of one text, as hashes, with their places in the
/// text as it was written.
///
/// Token by token, starts never go back, nor do ends. A token's bytes include
/// the deleted characters after it, such as its last vowel signs. Neighbours
/// share bytes only where one character becomes several tokens (`½` is `1`
/// and `2`) or where marks change places.
#[derive(Default)]
pub struct Tokens {
    hashes: Vec<u64>,
    spans: Vec<(u32, u32)>,
    weights: Vec<u8>,
    /// For each run of digits the token it is in, and its hash.
    numbers: Vec<(u32, u32)>,
    scratch: Scratch,
}

impl Tokens {
    /// No tokens yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces the contents with the tokens of a text of at most
    /// [`TEXT_BYTES_MAX`] bytes; the memory is used again. Of a longer text the
    /// tokens are right, but not their places.
    pub fn read(&mut self, text: &str) {
        debug_assert!(text.len() <= TEXT_BYTES_MAX, "a text of {} bytes", text.len());
        let (scratch, mut columns) = self.cleared();
        scan(text, scratch, &mut columns);
    }

    /// The same, without what reads common runs fast.
    #[cfg(any(test, feature = "reference"))]
    pub fn read_plainly(&mut self, text: &str) {
        let (scratch, mut columns) = self.cleared();
        scan_plainly(text, scratch, &mut columns);
    }

    fn cleared(&mut self) -> (&mut Scratch, Columns<'_>) {
        let Self { hashes, spans, weights, numbers, scratch } = self;
        hashes.clear();
        spans.clear();
        weights.clear();
        numbers.clear();
        (scratch, Columns { hashes, spans, weights, numbers })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The 64-bit hash of each token's normalised text.
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// Where a token stands: bytes of the original text, on character boundaries.
    pub fn span(&self, i: usize) -> Range<usize> {
        let (start, end) = self.spans[i];
        start as usize..end as usize
    }

    /// What each token weighs; a word weighs [`WORD_WEIGHT`], a character of an
    /// unspaced script less.
    pub fn weights(&self) -> &[u8] {
        &self.weights
    }

    /// What all tokens weigh together.
    pub fn weight(&self) -> u64 {
        self.weights.iter().map(|&weight| u64::from(weight)).sum()
    }

    /// The length of the text in words, whatever its script.
    pub fn words(&self) -> u64 {
        self.weight() / u64::from(WORD_WEIGHT)
    }

    /// The numbers in the text, as 32-bit hashes, in order: each run of digits,
    /// whatever their script, also where letters are glued to it. `٤١` and `41`
    /// are one number, `41` and `forty-one` are not: the latter is none.
    pub fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.numbers.iter().map(|(_, number)| *number)
    }

    /// Equal for two texts if and only if their normalised texts are equal.
    pub fn same_text_hash(&self) -> Hash128 {
        Hash128::of(little_endian(&self.hashes).as_flattened())
    }
}

/// Hashes as bytes, the form in which they are hashed again.
pub(super) fn little_endian(hashes: &[u64]) -> Vec<[u8; 8]> {
    hashes.iter().map(|hash| hash.to_le_bytes()).collect()
}

/// The normalised tokens of a text, one space between two. This is what is
/// compared; it is not for readers.
pub fn fold(text: &str) -> String {
    let mut folded = Folded::default();
    scan(text, &mut Scratch::default(), &mut folded);
    String::from_utf8(folded.bytes).expect("whole characters were written")
}

/// Takes tokens as hashes, places and weights.
struct Columns<'a> {
    hashes: &'a mut Vec<u64>,
    spans: &'a mut Vec<(u32, u32)>,
    weights: &'a mut Vec<u8>,
    numbers: &'a mut Vec<(u32, u32)>,
}

impl Columns<'_> {
    /// Notes the runs of digits in a token.
    #[cold]
    fn note_numbers(&mut self, folded: &[u8]) {
        let token = self.hashes.len() as u32;
        let runs = folded.split(|byte| !byte.is_ascii_digit()).filter(|run| !run.is_empty());
        self.numbers.extend(runs.map(|run| (token, hash64(run) as u32)));
    }
}

impl Sink for Columns<'_> {
    #[inline]
    fn token(&mut self, folded: &[u8], start: usize, end: usize, weight: u8) {
        // Letters are glued before a number or after it, hardly ever both.
        let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        if is_digit(folded.first()) || is_digit(folded.last()) {
            self.note_numbers(folded);
        }
        self.hashes.push(hash64(folded));
        self.spans.push((start as u32, end as u32));
        self.weights.push(weight);
    }

    #[inline]
    fn mark(&self) -> usize {
        self.hashes.len()
    }

    fn rewind(&mut self, mark: usize) {
        self.hashes.truncate(mark);
        self.spans.truncate(mark);
        self.weights.truncate(mark);
        while self.numbers.last().is_some_and(|(token, _)| *token as usize >= mark) {
            self.numbers.pop();
        }
    }
}

/// Takes tokens as text.
#[derive(Default)]
struct Folded {
    bytes: Vec<u8>,
}

impl Sink for Folded {
    fn token(&mut self, folded: &[u8], _start: usize, _end: usize, _weight: u8) {
        if !self.bytes.is_empty() {
            self.bytes.push(b' ');
        }
        self.bytes.extend_from_slice(folded);
    }

    fn mark(&self) -> usize {
        self.bytes.len()
    }

    fn rewind(&mut self, mark: usize) {
        self.bytes.truncate(mark);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Everything that is known of a text's tokens.
    type Known = (Vec<u64>, Vec<(u32, u32)>, Vec<u8>, Vec<(u32, u32)>);

    fn known(tokens: Tokens) -> Known {
        (tokens.hashes, tokens.spans, tokens.weights, tokens.numbers)
    }

    #[track_caller]
    fn check_runs(text: &str) {
        let (mut fast, mut plain) = (Tokens::new(), Tokens::new());
        fast.read(text);
        plain.read_plainly(text);
        assert_eq!(known(fast), known(plain), "fast (left) and plain tokens of {text:?}");
    }

    #[test]
    fn runs_read_fast_have_the_tokens_they_have() {
        check_runs("");
        for long in [1, 31, 60, 62, 63, 64, 65, 127, 128, 200] {
            check_runs(&"a".repeat(long));
            check_runs(&("a".repeat(long) + " b"));
            check_runs(&("ب".repeat(long) + " ج"));
            check_runs(&("-".repeat(long) + "Zé9 x" + &" ab12".repeat(long)));
            check_runs(&("ـ".repeat(long) + "ب".repeat(long).as_str() + "،"));
        }
        // Marks at the beginning, the end and alone; what goes on in another way.
        check_runs("ًب بً ً بـ ـب ـ ب،بً؛ ");
        check_runs("بa aب ب\u{200D}ج بが か\u{3099} ½ب e\u{301} \u{301}");
        check_runs(&"naïve café, ".repeat(20));
        check_runs(&"(2015) قال \"واحد\" - no. 41، ".repeat(20));
    }

    proptest! {
        #[test]
        fn runs_of_any_text_have_the_tokens_they_have(
            text in "([a-zA-Z0-9 .\n]{0,70}|[ء-ًـ، ]{0,40}|[à-ÿα-ω]{0,9}|\\PC{0,4}){0,6}",
        ) {
            check_runs(&text);
        }
    }

    #[test]
    fn numbers_are_runs_of_digits() {
        #[track_caller]
        fn check(left: &str, right: &str, same: bool) {
            let [left_numbers, right_numbers] = [left, right].map(|text| {
                let mut tokens = Tokens::new();
                tokens.read(text);
                tokens.numbers().collect::<Vec<u32>>()
            });
            assert_eq!(
                left_numbers == right_numbers,
                same,
                "numbers of {left:?}: {left_numbers:x?}; of {right:?}: {right_numbers:x?}"
            );
        }
        check("٤١ دولة", "41 states", true);
        check("بـ10 أطنان", "10 أطنان", true);
        check("6.34 billion", "6 and 34", true);
        check("41", "forty-one", false);
        check("forty-one", "", true);
        check("from 14 to 15", "from 15 to 14", false);
        check("the 2nd", "the 3rd", false);
    }
}
