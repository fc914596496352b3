//! Lines and articles: what must be true of every text.
//!
//! `cargo +nightly fuzz run split`
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| twicetold::text::facts::check_split(text));
