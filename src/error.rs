//! Everything that can go wrong, as one type: the facts, both sides, the way out.

use std::io;
use std::path::PathBuf;

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. Messages name the file, the line where there is one, the
/// cause, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be opened, read or written.
    #[error("{}: {action}: {source}", path.display())]
    Io {
        /// What was being done, as "cannot read".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },

    /// A record cannot be used.
    #[error("{file}:{line}: {cause}")]
    BadRecord {
        /// The file as it was named on the command line.
        file: String,
        /// The line the record begins on, from 1.
        line: u64,
        /// What is wrong with it and, where there is one, the way out.
        cause: String,
    },

    /// What was asked for makes no sense or cannot be done; the text says
    /// why and what to do instead.
    #[error("{0}")]
    Usage(String),

    /// A file is not what it was when it was first read.
    #[error(
        "{file}:{line}: the record is not the one that was compared; \
         the file was changed during the run, run again"
    )]
    InputChanged {
        /// The file as it was named on the command line.
        file: String,
        /// The line of the first record that differs, from 1.
        line: u64,
    },

    /// An outcome is not what a run wrote.
    #[error("{file}: {cause}; the outcome was altered since it was written, nothing was written")]
    OutcomeChanged {
        /// The file of the outcome, or the input file whose parts do not fit.
        file: String,
        /// What is wrong with it.
        cause: String,
    },

    /// More than the library is built for.
    #[error("{what}: {found}, at most {limit} are supported")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        found: u64,
        /// How many there may be.
        limit: u64,
    },

    /// The caller asked the run to end.
    #[error("interrupted; nothing was written")]
    Interrupted,
}

impl Error {
    /// An I/O error with the action and the path it belongs to.
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Error::Io { action, path, source }
    }
}
