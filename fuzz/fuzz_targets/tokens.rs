//! Folding and tokens: what must be true of every text.
//!
//! `cargo +nightly fuzz run tokens`
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| twicetold::text::facts::check(text));
