//! The command line of `twicetold`. All that finds copies is in the library;
//! this program turns words into one call of it and its result into words.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
