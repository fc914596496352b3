//! The hashes that are stored, shown or compared across runs.
//!
//! XXH3 (Yann Collet, <https://xxhash.com>), always with a fixed non-zero
//! seed where binary data is hashed: with seed 0, a thousand different arrays
//! of hashes can share one 64-bit value. Maps in memory use other hashers.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh3;

/// The seed of every hash of this project but file checksums; the bytes of
/// "twctold1", so that it cannot be mistaken for a default.
pub const SEED: u64 = 0x7477_6374_6f6c_6431;

/// The 64-bit hash of some bytes under [`SEED`].
pub fn hash64(bytes: &[u8]) -> u64 {
    xxh3::xxh3_64_with_seed(bytes, SEED)
}

/// A 128-bit hash: two different contents never share one in practice, so
/// equality of hashes stands for equality of contents.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash128(pub u128);

impl Hash128 {
    /// The 128-bit hash of some bytes under [`SEED`].
    pub fn of(bytes: &[u8]) -> Self {
        Self(xxh3::xxh3_128_with_seed(bytes, SEED))
    }
}

/// Thirty-two hexadecimal digits, as `xxh128sum` prints them.
impl fmt::Display for Hash128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Hash128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash128 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash128 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let is_hash = digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let hash = u128::from_str_radix(&digits, 16).ok().filter(|_| is_hash);
        hash.map(Self).ok_or_else(|| D::Error::custom("a hash has 32 hexadecimal digits"))
    }
}

/// The unseeded XXH3-128 of a file, read piece by piece; `xxh128sum` prints
/// the same digits.
#[derive(Default)]
pub struct FileChecksum(xxh3::Xxh3);

impl FileChecksum {
    /// Takes the next bytes of the file.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The checksum of all bytes taken so far.
    pub fn finish(&self) -> Hash128 {
        Hash128(self.0.digest128())
    }
}
