//! How a long run tells its caller where it is, and how it is told to stop.

use crate::{Error, Result};

/// What is being counted in a phase of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of input, as they lie on disk.
    Bytes,
    /// Documents.
    Documents,
}

/// Watches a run. All methods may be called from several threads at once.
pub trait Watch: Sync {
    /// A new phase begins: its name and, where known, how many units it has.
    fn phase(&self, _name: &'static str, _unit: Unit, _total: Option<u64>) {}

    /// `units` more of the current phase are done.
    fn advance(&self, _units: u64) {}

    /// True once the run should end as soon as it can.
    fn stopped(&self) -> bool {
        false
    }

    /// [`Error::Interrupted`] once the run should end.
    fn check(&self) -> Result<()> {
        if self.stopped() { Err(Error::Interrupted) } else { Ok(()) }
    }
}

/// Watches nothing and never stops a run.
pub struct Unwatched;

impl Watch for Unwatched {}
