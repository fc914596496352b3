//! All tests from outside, in one program.

mod cli;
mod corpora;
mod documents;
mod floors;
mod gold;
mod io;
mod markup;
mod matching;
mod passages;
mod passages_cli;
mod program;
mod text;
