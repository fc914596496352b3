//! Whether to use colours.

use std::ffi::OsString;
use std::io;

use twicetold::report::Paint;

use super::args::ColorArg;

/// How text on stdout is painted.
pub(crate) fn of_stdout(choice: ColorArg) -> Paint {
    Paint::new(match choice {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto => {
            anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
        }
    })
}

/// How help and messages about the command line itself are painted: they come
/// before anything is understood of it, so the words are looked at as they are.
pub(crate) fn of_help(words: impl Iterator<Item = OsString>) -> clap::ColorChoice {
    let words: Vec<OsString> = words.take_while(|word| word != "--").collect();
    let value = words.iter().enumerate().rev().find_map(|(at, word)| match word.to_str()? {
        "--color" => words.get(at + 1)?.to_str(),
        word => word.strip_prefix("--color="),
    });
    match value {
        Some("always") => clap::ColorChoice::Always,
        Some("never") => clap::ColorChoice::Never,
        _ => clap::ColorChoice::Auto,
    }
}
