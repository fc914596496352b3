//! Rows of a table, put together again from where they were sent.
//!
//! Of each row it is known which part it went to, and parts keep the order of
//! rows; what else a table has (schema, metadata, codecs) every part has too.
//! How many rows each row group or batch had was written down.

use std::io;

use crate::io::inputs::InputFile;
use crate::io::kind::Format;
use crate::io::staging::Staging;
use crate::watch::Watch;
use crate::{Error, Result};

use super::copy::{Outputs, WAYS};
use super::{SharedFile, arrow, guarded, open, parquet};

/// The parts of a table.
pub(crate) struct Parts<'p> {
    /// The files, by way; `None` where no row went.
    pub files: [Option<InputFile>; WAYS],
    /// The way of each row.
    pub ways: &'p [u8],
    /// How many rows each row group or batch has; all of them together have as
    /// many as there are ways.
    pub groups: &'p [u64],
}

/// The rows of a row group or batch, by their ways.
pub(super) struct Group<'p> {
    pub ways: &'p [u8],
    /// How many rows went each way.
    pub counts: [usize; WAYS],
}

impl<'p> Parts<'p> {
    /// The groups that have rows.
    pub(super) fn groups(&self) -> impl Iterator<Item = Group<'p>> {
        let mut rest = self.ways;
        self.groups.iter().filter(|rows| **rows > 0).map(move |rows| {
            let ways;
            (ways, rest) = rest.split_at((*rows as usize).min(rest.len()));
            let count = |way| ways.iter().filter(|to| usize::from(**to) == way).count();
            Group { ways, counts: std::array::from_fn(count) }
        })
    }
}

/// Joins a table and writes it under `name`.
///
/// # Errors
/// In plain words if the parts do not fit; else the system's;
/// [`Error::Interrupted`].
pub(crate) fn join(
    parts: &Parts<'_>,
    format: Format,
    name: &str,
    out: &Staging,
    watch: &dyn Watch,
) -> Result<Result<(), String>> {
    let outputs = Outputs::named(out, name);
    let mut files: [Option<SharedFile>; WAYS] = [const { None }; WAYS];
    for (slot, file) in files.iter_mut().zip(&parts.files) {
        let Some(file) = file else { continue };
        match open(file) {
            Ok(file) => *slot = Some(file),
            Err(cause) => {
                return Err(Error::io("cannot read", &file.path)(io::Error::other(cause)));
            }
        }
    }
    let joined = guarded(|| match format {
        Format::Parquet => parquet::join(files, parts, &outputs, watch),
        _ => arrow::join(files, parts, &outputs, watch),
    });
    // Of errors, the one of the output or of the user comes first.
    watch.check()?;
    outputs.check()?;
    match joined {
        Ok(sink) => sink.finish().map(Ok),
        Err(cause) => Ok(Err(cause)),
    }
}
