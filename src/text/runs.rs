//! Runs of the two kinds that most texts are made of, read fast: of ASCII, 64
//! bytes at a time, and of characters of two bytes (Arabic, Hebrew, Cyrillic,
//! Greek) that are just bytes for a word. Whatever is more than that is left
//! to [`scan`](super::scan), from the beginning of its run.

use super::WORD_WEIGHT;
use super::scan::Sink;
use super::table::{LOW, Table};

/// How many bytes of ASCII are looked at together: one bit of a `u64` for each.
const BLOCK_BYTES: usize = 64;

/// Where a block is told apart byte by byte, eight at a time are faster.
const BLOCKS_ARE_FAST: bool = cfg!(all(target_arch = "x86_64", target_feature = "sse2"));

/// Room for a word of characters of two bytes; longer ones are left.
const WORD_BYTES: usize = 64;

/// Gives the tokens of whole runs to the sink, from the beginning of a run at
/// `at` on. Stops at the beginning of a run that it leaves.
#[inline(always)]
pub(super) fn read_runs<S: Sink>(bytes: &[u8], at: usize, table: &Table, sink: &mut S) -> usize {
    match bytes.get(at) {
        Some(0..0x80) if BLOCKS_ARE_FAST => read_ascii(bytes, at, sink),
        Some(0xC0..0xE0) => read_two_byte(bytes, at, table, sink),
        _ => at,
    }
}

/// Reads runs of ASCII, up to the one that holds anything else or may go on
/// behind the last whole block.
fn read_ascii<S: Sink>(bytes: &[u8], mut at: usize, sink: &mut S) -> usize {
    while let Some(block) = bytes[at..].first_chunk() {
        let Block { lower, words, others } = Block::read(block);
        let ascii = below(others.trailing_zeros());
        let breaks = !words & ascii;
        if breaks == 0 {
            return at;
        }
        // What stands before the last break is whole.
        let last = 63 - breaks.leading_zeros();
        let mut left = words & below(last);
        while left != 0 {
            let start = left.trailing_zeros();
            let end = start + (!(left >> start)).trailing_zeros();
            let (from, to) = (start as usize, end as usize);
            sink.token(&lower[from..to], at + from, at + to, WORD_WEIGHT);
            left &= !below(end);
        }
        at += last as usize + 1;
        if others != 0 {
            return at;
        }
    }
    at
}

/// The bits below this one.
#[inline(always)]
fn below(bit: u32) -> u64 {
    1_u64.checked_shl(bit).unwrap_or(0).wrapping_sub(1)
}

/// What some bytes of a text are, a bit for each.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    /// Where they are letters, in lower case; digits as they are.
    lower: [u8; BLOCK_BYTES],
    /// Letters and digits.
    words: u64,
    /// All that is not ASCII.
    others: u64,
}

impl Block {
    #[inline(always)]
    fn read(bytes: &[u8; BLOCK_BYTES]) -> Self {
        #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
        // SAFETY: this is compiled only for processors that have it.
        return unsafe { Self::read_sse2(bytes) };
        #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
        Self::plain(bytes)
    }

    /// The same as [`Block::plain`], sixteen bytes at a time.
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    #[target_feature(enable = "sse2")]
    #[inline]
    fn read_sse2(bytes: &[u8; BLOCK_BYTES]) -> Self {
        use std::arch::x86_64::*;

        let mut block = Self { lower: lower(bytes), words: 0, others: 0 };
        for (part, sixteen) in bytes.as_chunks::<16>().0.iter().enumerate() {
            let sixteen = u128::from_le_bytes(*sixteen);
            let text = _mm_set_epi64x((sixteen >> 64) as i64, sixteen as i64);
            // Less the first, letters and digits are their number or less.
            let is_among = |text, first: u8, number: u8| {
                let from_first = _mm_sub_epi8(text, _mm_set1_epi8(first as i8));
                _mm_cmpeq_epi8(_mm_min_epu8(from_first, _mm_set1_epi8(number as i8)), from_first)
            };
            let letters = is_among(_mm_or_si128(text, _mm_set1_epi8(0x20)), b'a', 25);
            let words = _mm_or_si128(letters, is_among(text, b'0', 9));
            block.words |= (_mm_movemask_epi8(words) as u64) << (16 * part);
            block.others |= (_mm_movemask_epi8(text) as u64) << (16 * part);
        }
        block
    }

    #[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
    fn plain(bytes: &[u8; BLOCK_BYTES]) -> Self {
        let bits = |is: fn(&u8) -> bool| {
            bytes.iter().rev().fold(0, |bits, byte| bits << 1 | u64::from(is(byte)))
        };
        Self {
            lower: lower(bytes),
            words: bits(u8::is_ascii_alphanumeric),
            others: bits(|byte| !byte.is_ascii()),
        }
    }
}

/// Sets the bit that tells small letters from capitals; digits have it.
#[inline(always)]
fn lower(bytes: &[u8; BLOCK_BYTES]) -> [u8; BLOCK_BYTES] {
    bytes.map(|byte| byte | 0x20)
}

/// Reads runs of characters of two bytes between ASCII that ends words.
fn read_two_byte<S: Sink>(bytes: &[u8], mut at: usize, table: &Table, sink: &mut S) -> usize {
    let mut word = [0; WORD_BYTES];
    loop {
        match bytes.get(at) {
            Some(0xC0..0xE0) => {}
            Some(&byte @ 0..0x80) if table.low[usize::from(byte)].is_break() => {
                at += 1;
                continue;
            }
            _ => return at,
        }
        let (mut start, mut end, mut len) = (at, at, 0);
        let pairs = bytes[at..].as_chunks().0;
        let next = pairs.iter().find_map(|&[a, b]| {
            if !matches!(a, 0xC0..0xE0) {
                let is_break = a < 0x80 && table.low[usize::from(a)].is_break();
                return Some(is_break.then_some(end + 1));
            }
            let entry = table.low[(usize::from(a & 0x1F) << 6 | usize::from(b & 0x3F)) % LOW];
            let Some((utf8, more)) = entry.short() else {
                return Some(entry.is_break().then_some(end + 2));
            };
            let Some(room) = word.get_mut(len..len + utf8.len()) else { return Some(None) };
            room.copy_from_slice(&utf8);
            if len == 0 {
                start = end;
            }
            len += more;
            end += 2;
            None
        });
        let Some(Some(next)) = next else { return at };
        if len > 0 {
            sink.token(&word[..len], start, end, WORD_WEIGHT);
        }
        at = next;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_block_is_what_its_bytes_are(bytes in proptest::array::uniform32(any::<[u8; 2]>())) {
            let bytes = bytes.as_flattened().first_chunk().expect("64 bytes");
            prop_assert_eq!(Block::read(bytes), Block::plain(bytes));
        }
    }

    #[test]
    fn every_byte_is_what_it_is_anywhere() {
        for byte in 0..=u8::MAX {
            let block = [byte; BLOCK_BYTES];
            assert_eq!(Block::read(&block), Block::plain(&block), "{byte:#x}");
        }
    }
}
