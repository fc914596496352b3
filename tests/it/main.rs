//! All tests from outside, in one program.

mod cli;
mod corpora;
mod documents;
mod floors;
mod gold;
mod io;
mod matching;
mod passages;
mod passages_cli;
mod passages_corpora;
mod program;
mod text;
