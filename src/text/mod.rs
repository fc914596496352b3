//! Text to normalised tokens with offsets, and tokens to shingles.
//!
//! Two texts are compared by what they say, not by how it was typed: vowel
//! signs, joiners and letter variants go, digits become ASCII, case is folded.
//! The rules are a table (`n2.tsv`, version [`NORM_VERSION`]); places lead
//! back to the text as it was written. Pure functions: nothing here knows of
//! files, languages or locales.

pub mod anchors;
#[cfg(all(test, feature = "reference"))]
mod artefact;
#[cfg(feature = "reference")]
pub mod facts;
mod hangul;
#[cfg(feature = "reference")]
pub mod reference;
mod runs;
mod scan;
mod segment;
mod shingles;
mod split;
mod table;
mod tokens;

pub use shingles::{char_shingles, shingle_tokens, shingles};
pub use split::{ARTICLE_TOKENS_MIN, Split, Splitter, headline, lines, split_text};
pub use tokens::{TEXT_BYTES_MAX, Tokens, fold};

/// The version of the normalisation table.
pub const NORM_VERSION: u32 = 1;

/// What a word weighs. A Han or Kana character weighs 12 and a Thai, Lao,
/// Burmese or Khmer one 5: about as many characters as weigh a word make one.
pub const WORD_WEIGHT: u8 = 20;
