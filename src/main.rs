//! The command line of `twicetold`. All that finds copies is in the library;
//! this program turns words into one call of it and its result into words.

mod cli;

/// Large pieces are made by one thread and freed by another all the time: they must
/// go back to the system, for memory is promised to users.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run()
}
