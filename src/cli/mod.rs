//! The command line: words in, words out, exit codes.

mod apply;
mod args;
mod audit;
mod boilerplate;
mod calibrate;
mod colour;
mod compare;
mod config;
mod corpus;
mod dedup;
mod eval;
mod fail_on;
mod memory;
mod named;
mod passages;
mod progress;
mod restore;
mod settings;
mod settings_file;
mod strip;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use clap::{CommandFactory, FromArgMatches};

use args::{Cli, Command};

/// What was checked with `--fail-on` did not pass.
const EXIT_FAILED: u8 = 1;
/// Trouble: something was wrong with the request, the input or the machine.
const EXIT_TROUBLE: u8 = 2;
/// Interrupted by the user, as shells report it (128 + SIGINT).
const EXIT_INTERRUPTED: u8 = 130;

/// Set by the first Ctrl-C; long work looks at it and ends in good order.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// Does what the command line says.
pub(crate) fn run() -> ExitCode {
    let typed: Vec<OsString> = std::env::args_os().collect();
    let root = Cli::command().color(colour::of_help(typed.iter().cloned()));
    let (words, given) = match settings_file::settle(&root, typed) {
        Ok(settled) => settled,
        Err(error) => return fail(&error),
    };
    let parsed = root
        .try_get_matches_from(words)
        .and_then(|found| Cli::from_arg_matches(&found).map(|cli| (cli, found)));
    let (cli, found) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            // A closed pipe is no trouble; nothing else can be done here.
            let _ = error.print();
            if error.use_stderr() && !given.is_empty() {
                corpus::say(&format!("with {}", settings_file::listed(&given)));
            }
            return ExitCode::from(if error.use_stderr() { EXIT_TROUBLE } else { 0 });
        }
    };
    let options = found.subcommand().map_or(&found, |(_, options)| options);
    let quiet = matches!(options.try_get_one::<bool>("quiet"), Ok(Some(true)));
    if !given.is_empty() && !quiet && !matches!(cli.command, Command::Config(_)) {
        corpus::say(&format!("with {}", settings_file::listed(&given)));
    }
    let done = match cli.command {
        Command::Dedup(args) => dedup::run(&args),
        Command::Passages(args) => passages::run(&args),
        Command::Audit(args) => audit::run(&args),
        Command::Calibrate(args) => calibrate::run(&args, cli.color),
        Command::Eval(args) => eval::run(&args),
        Command::Apply(args) => apply::run(&args),
        Command::Restore(args) => restore::run(&args),
        Command::Compare(args) => compare::run(&args, cli.color),
        Command::Config(args) => config::run(&args, options, &given),
        Command::Completions { shell } => print_completions(shell),
        Command::Man { out } => print_man(out.as_deref()),
    };
    match done {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

/// Says what went wrong and turns it into an exit code.
fn fail(error: &anyhow::Error) -> ExitCode {
    if is_closed_pipe(error) {
        return ExitCode::SUCCESS;
    }
    let interrupted = matches!(error.downcast_ref(), Some(twicetold::Error::Interrupted));
    let _ = writeln!(io::stderr(), "twicetold: {}", twicetold::visible::visible(&words(error)));
    ExitCode::from(if interrupted { EXIT_INTERRUPTED } else { EXIT_TROUBLE })
}

/// An error and its causes in one line; a cause that is told already, as the
/// library's errors do, is not told again.
fn words(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| {
        match (told.is_empty(), told.ends_with(&cause)) {
            (true, _) => cause,
            (false, true) => told,
            (false, false) => format!("{told}: {cause}"),
        }
    })
}

/// True if whoever reads our output has gone away, as `head` does.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// Lets Ctrl-C (and SIGTERM) end the run in good order.
fn listen_for_interrupts() -> Result<&'static AtomicBool> {
    ctrlc::set_handler(|| STOPPED.store(true, Ordering::Relaxed))
        .context("cannot listen for Ctrl-C")?;
    Ok(&STOPPED)
}

/// Writes data to stdout.
fn print(data: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(data).and_then(|()| stdout.flush()).context("cannot write to stdout")
}

fn print_completions(shell: clap_complete::Shell) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "twicetold", &mut script);
    print(&script)?;
    Ok(ExitCode::SUCCESS)
}

fn print_man(out: Option<&Path>) -> Result<ExitCode> {
    match out {
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
                .with_context(|| format!("{}: cannot write", folder.display()))?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            print(&page)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
