//! All tests from outside, in one program.

mod cli;
mod compare_cli;
mod corpora;
mod documents;
mod floors;
mod gold;
mod io;
mod matching;
mod passages;
mod passages_cli;
mod program;
mod settings;
mod tables;
mod text;
