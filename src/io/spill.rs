//! A temporary file for what does not fit into memory.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::memory::Spill;
use crate::{Error, Result};

/// A file without a name: whatever ends the run, nothing is left of it.
///
/// Nobody else can open it, and it ends with the process, so it carries no
/// version and no checksum.
pub struct SpillFile {
    folder: PathBuf,
    file: OnceLock<io::Result<File>>,
    end: AtomicU64,
}

impl SpillFile {
    /// A file in `folder`, which is made when it is needed.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), file: OnceLock::new(), end: AtomicU64::new(0) }
    }

    fn with(&self, action: impl FnOnce(&File) -> io::Result<()>) -> Result<()> {
        let done = match self.file.get_or_init(|| tempfile::tempfile_in(&self.folder)) {
            Ok(file) => action(file),
            // An error of the system is told by its number, any other by its words.
            Err(error) => Err(error
                .raw_os_error()
                .map_or_else(|| io::Error::other(error.to_string()), io::Error::from_raw_os_error)),
        };
        done.map_err(Error::io(
            "cannot hold here what does not fit into memory (--temp-dir names another folder, \
             --memory allows more)",
            &self.folder,
        ))
    }
}

impl Spill for SpillFile {
    fn append(&self, bytes: &[u8]) -> Result<u64> {
        let at = self.end.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.replace(at, bytes)?;
        Ok(at)
    }

    fn replace(&self, at: u64, bytes: &[u8]) -> Result<()> {
        self.with(|file| write_all_at(file, bytes, at))
    }

    fn read(&self, at: u64, bytes: &mut [u8]) -> Result<()> {
        self.with(|file| read_exact_at(file, bytes, at))
    }
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
        at += written as u64;
    }
    Ok(())
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, bytes, at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = &mut bytes[read..];
        at += read as u64;
    }
    Ok(())
}
