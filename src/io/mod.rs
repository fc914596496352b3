//! Bytes to documents, and documents' fates to files.
//!
//! ```text
//! words --Inputs::find--> files --read--> documents, in order, with places
//!                           |
//!     fates by place and hash --rewrite--> Staging --commit--> DIR
//! ```
//!
//! A run reads its inputs twice: once to compare, once to copy every record,
//! byte for byte, to where its fate sends it. Neither pass holds more of a
//! file than some blocks and the longest record allowed, and neither ever
//! writes to an input. This floor knows documents, places and fates; what
//! makes two documents alike is none of its business.

mod annotate;
mod array;
mod columnar;
mod convert;
mod csv;
mod cut;
mod cutting;
pub mod dates;
mod docs;
mod elements;
mod encoding;
mod fields;
mod inputs;
pub mod json;
mod kind;
mod labels;
mod names;
mod pages;
mod pairs;
mod pieces;
mod places;
mod read;
mod records;
mod restore;
mod rewrite;
mod spill;
mod spool;
mod staging;
mod stream;
mod tables;

pub use cutting::Cutting;
pub use encoding::Encoding;
pub use inputs::{InputFile, Inputs};
pub use json::Fields;
pub use kind::{Compression, EXTENSIONS, Format};
pub use labels::{Labels, judgement};
pub use pairs::{PAIRS, Reading, read_pairs, write_pairs};
pub use read::{
    BLOCK_BYTES, BadRecord, Extent, FileReport, OnError, RECORD_BYTES_MAX, ReadOptions, ReadReport,
    read, read_batches,
};
pub use restore::{RestoreReport, restore, undivided};
pub use rewrite::{BAD, Cut, Fate, KEPT, Part, REMOVED, Rewrite, RewriteReport, Unpacked, rewrite};
pub use spill::SpillFile;
pub use staging::{JsonLines, OutputFile, PROGRAM, SUMMARY, Staging};
pub use tables::{TableFormat, write_rows};
