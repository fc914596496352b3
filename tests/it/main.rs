//! All tests from outside, in one program.

mod corpora;
mod matching;
mod text;
