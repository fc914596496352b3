//! Finds news that is told twice: near-duplicate articles and repeated
//! passages in a news corpus, Arabic first and every language.
//!
//! The modules stand on floors; each uses lower floors only, and data flows
//! one way, from bytes to outcome (`ARCHITECTURE.md` has the map):
//!
//! ```text
//!    7     io  report             bytes <-> documents, outcome -> files, people
//!    6     boilerplate  compare   a run for repeated passages, as a function;  one pair
//!    5     dedup                  a run for near-duplicate articles, likewise
//!    3     matching  passages     candidates, verification, clusters;  seeds, links, families
//!    2     sketch                 shingles -> signature -> bands
//!    1     text                   text -> tokens with offsets -> shingles
//!    0     document  recipe  hash  table  watch  visible  error
//! ```

pub mod document;
pub mod error;
pub mod hash;
pub mod memory;
pub mod recipe;
pub mod table;
pub mod visible;
pub mod watch;

pub mod evaluation;
pub mod text;

pub mod sketch;

pub mod matching;
pub mod passages;

pub mod dedup;

pub mod boilerplate;
pub mod compare;

pub mod io;

pub mod report;

pub use error::{Error, Result};

/// The examples of the README, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct ReadmeExamples;
