//! The io floor from outside: files in, documents out, files out again.

mod columnar;
mod csv;
mod encodings;
mod finding;
pub(crate) mod harness;
mod packed;
mod plain;
mod reading;
mod rewriting;
mod staging;
