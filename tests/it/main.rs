//! All tests from outside, in one program.

mod corpora;
mod io;
mod matching;
mod text;
