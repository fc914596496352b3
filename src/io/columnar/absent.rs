//! Stands in for Parquet and Arrow in a program that was built without them
//! (`columnar` is the feature): such a file cannot be read, and says so.

use std::ops::Range;

use crate::Result;
use crate::hash::Hash128;
use crate::io::inputs::InputFile;
use crate::io::json::{Fields, Record};
use crate::io::read::FileReport;
use crate::io::rewrite::{self, Rewrite, RewriteReport};
use crate::io::staging::Staging;
use crate::watch::Watch;

/// No table.
pub(crate) enum Table {}
/// No rows.
pub(crate) enum Rows {}
/// No batch of rows.
pub(crate) struct Batch {
    pub first_row: u64,
    pub rows: Range<usize>,
}
/// No row.
pub(crate) struct Row<'b> {
    pub fields: Record<'b>,
    pub bytes: u64,
    pub hash: Hash128,
}
/// No damage.
pub(crate) struct Damage {
    pub row: u64,
    pub cause: String,
}

impl Table {
    pub(crate) fn open(input: &InputFile, _: &Fields) -> Result<Self, String> {
        Err(format!(
            "this program was built without {}; build it with --features columnar",
            input.format.name()
        ))
    }

    pub(crate) fn for_each<E>(
        self,
        _: usize,
        _: impl FnMut(Rows) -> Result<(), E>,
    ) -> Result<(u64, Option<Damage>), E> {
        match self {}
    }
}

impl Rows {
    pub(crate) fn for_each(&self, _: impl FnMut(&Batch) -> bool) -> Result<(), Damage> {
        match *self {}
    }
}

impl Batch {
    pub(crate) fn row(&self, _: usize, _: &mut Vec<u8>) -> Result<Row<'_>, (u64, String)> {
        unreachable!("there are no batches")
    }
}

/// Never called: no table was opened.
pub(crate) fn copy(
    _: &InputFile,
    _: &FileReport,
    _: &[rewrite::Record],
    _: Rewrite<'_>,
    _: &Staging,
    _: &dyn Watch,
) -> Result<RewriteReport> {
    unreachable!("no table was opened")
}
