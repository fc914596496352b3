//! How much memory a run may hold, and where the rest goes.
//!
//! What grows with the corpus is counted here. The shingles of texts and the
//! entries that are sorted into keys are asked for before they are held; what is
//! refused goes to a [`Spill`], so that the outcome never depends on the limit.
//! The small records of documents and the indexes of matching are held in any
//! case; where they need the room, texts that were held are spilled for them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Result;

/// Room outside memory. Lower floors open no file; they are handed this.
pub trait Spill: Send + Sync {
    /// Writes bytes behind all others; where they begin.
    ///
    /// # Errors
    /// If there is no room, or the medium fails.
    fn append(&self, bytes: &[u8]) -> Result<u64>;

    /// Writes bytes over others, which were written from `at` on.
    ///
    /// # Errors
    /// If the medium fails.
    fn replace(&self, at: u64, bytes: &[u8]) -> Result<()>;

    /// Reads bytes that were written from `at` on.
    ///
    /// # Errors
    /// If the medium fails.
    fn read(&self, at: u64, bytes: &mut [u8]) -> Result<()>;
}

/// The memory of a run; clones share it.
#[derive(Clone, Default)]
pub struct Memory(Option<Arc<Limited>>);

struct Limited {
    limit: u64,
    held: AtomicU64,
    spilled: AtomicU64,
    spill: Box<dyn Spill>,
}

impl Memory {
    /// Memory without a limit; nothing is ever spilled.
    pub fn unlimited() -> Self {
        Self::default()
    }

    /// At most `limit` bytes, as long as there is something that can be spilled.
    pub fn limited(limit: u64, spill: Box<dyn Spill>) -> Self {
        let (held, spilled) = (AtomicU64::new(0), AtomicU64::new(0));
        Self(Some(Arc::new(Limited { limit, held, spilled, spill })))
    }

    /// The spill, if `bytes` more are too many; else they count as held.
    pub(crate) fn hold_or_spill(&self, bytes: usize) -> Option<&dyn Spill> {
        let Limited { limit, held, spilled, spill } = self.0.as_deref()?;
        let bytes = bytes as u64;
        if held.fetch_add(bytes, Ordering::Relaxed) + bytes <= *limit {
            return None;
        }
        held.fetch_sub(bytes, Ordering::Relaxed);
        spilled.fetch_add(bytes, Ordering::Relaxed);
        Some(&**spill)
    }

    /// Counts bytes as held that cannot be spilled.
    pub(crate) fn hold(&self, bytes: usize) {
        if let Some(limited) = &self.0 {
            limited.held.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    /// Whether `bytes` more would be too many.
    pub(crate) fn lacks(&self, bytes: usize) -> bool {
        let too_many =
            |m: &Limited| m.held.load(Ordering::Relaxed).saturating_add(bytes as u64) > m.limit;
        self.0.as_deref().is_some_and(too_many)
    }

    /// Where held bytes go that must make room: they count as spilled.
    ///
    /// # Panics
    /// If there is no limit: then there is room.
    pub(crate) fn evict(&self, bytes: usize) -> &dyn Spill {
        self.release(bytes);
        let limited = self.0.as_deref().expect("only limited memory spills");
        limited.spilled.fetch_add(bytes as u64, Ordering::Relaxed);
        &*limited.spill
    }

    /// Counts held bytes as free again.
    pub(crate) fn release(&self, bytes: usize) {
        if let Some(limited) = &self.0 {
            limited.held.fetch_sub(bytes as u64, Ordering::Relaxed);
        }
    }

    /// Where spilled bytes are.
    ///
    /// # Panics
    /// If there is no limit: then nothing was spilled.
    pub(crate) fn spill(&self) -> &dyn Spill {
        &*self.0.as_ref().expect("only limited memory spills").spill
    }

    /// How many bytes were spilled.
    pub fn spilled(&self) -> u64 {
        self.0.as_ref().map_or(0, |limited| limited.spilled.load(Ordering::Relaxed))
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("limit", &self.0.as_ref().map(|l| l.limit)).finish()
    }
}
