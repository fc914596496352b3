//! The tokens of a text: what is compared, and where it stands.

use std::ops::Range;

use super::WORD_WEIGHT;
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
        self.hashes.clear();
        self.spans.clear();
        self.weights.clear();
        let Self { hashes, spans, weights, scratch } = self;
        scan(text, scratch, &mut Columns { hashes, spans, weights });
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

    /// Equal for two texts if and only if their normalised texts are equal.
    pub fn same_text_hash(&self) -> Hash128 {
        Hash128::of(&little_endian(&self.hashes))
    }
}

/// Hashes as bytes, the form in which they are hashed again.
pub(super) fn little_endian(hashes: &[u64]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect()
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
}

impl Sink for Columns<'_> {
    #[inline]
    fn token(&mut self, folded: &[u8], start: usize, end: usize, weight: u8) {
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
