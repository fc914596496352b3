//! Runs in little memory: the same outcome, and nothing left behind.

use std::sync::Mutex;

use twicetold::Result;
use twicetold::memory::{Memory, Spill};

/// A medium that is memory, too.
#[derive(Default)]
struct Pretended(Mutex<Vec<u8>>);

impl Spill for Pretended {
    fn append(&self, bytes: &[u8]) -> Result<u64> {
        let mut all = self.0.lock().expect("no test panics with it");
        let at = all.len() as u64;
        all.extend_from_slice(bytes);
        Ok(at)
    }

    fn replace(&self, at: u64, bytes: &[u8]) -> Result<()> {
        let mut all = self.0.lock().expect("no test panics with it");
        all[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn read(&self, at: u64, bytes: &mut [u8]) -> Result<()> {
        let all = self.0.lock().expect("no test panics with it");
        bytes.copy_from_slice(&all[at as usize..at as usize + bytes.len()]);
        Ok(())
    }
}

/// Memory in which hardly anything can be held.
pub(crate) fn nearly_none() -> Memory {
    Memory::limited(1, Box::new(Pretended::default()))
}
