//! All tests from outside, in one program.

mod accuracy;
mod calibrating;
mod cli;
mod compare_cli;
mod corpora;
mod deciding;
mod documents;
mod evaluation;
mod floors;
mod formats;
mod gold;
mod io;
mod markup;
mod mask;
mod matching;
mod passages;
mod passages_cli;
mod passages_corpora;
mod program;
mod restoring;
mod restoring_parts;
mod settings;
mod spill;
mod stripping;
mod tables;
mod text;
