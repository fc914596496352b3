//! Text to normalised tokens with offsets, and tokens to shingles.

/// The version of the normalisation table.
pub const NORM_VERSION: u32 = 1;
