//! Finds news that is told twice: near-duplicate articles and repeated
//! passages in a news corpus, Arabic first and every language.
//!
//! The modules stand on floors; each uses lower floors only, and data flows
//! one way, from bytes to outcome (`ARCHITECTURE.md` has the map):
//!
//! ```text
//!    6     io                     bytes <-> documents, outcome -> files
//!    5     dedup                  a whole run as a function over documents
//!    3     matching  passages     candidates, verification, clusters;  seeds, links, families
//!    2     sketch                 shingles -> signature -> bands
//!    1     text                   text -> tokens with offsets -> shingles
//!    0     document  recipe  hash  watch  visible  error
//! ```

pub mod document;
pub mod error;
pub mod hash;
pub mod recipe;
pub mod visible;
pub mod watch;

pub mod text;

pub mod sketch;

pub mod matching;
pub mod passages;

pub mod dedup;

pub mod io;

pub mod report;

pub use error::{Error, Result};

/// The examples of the README, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct ReadmeExamples;
