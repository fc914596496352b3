//! A copy of what can be read only once.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, bounded};

use crate::watch::Watch;
use crate::{Error, Result};

/// How many bytes are read at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// How often the caller's wish to stop is looked at while nothing comes.
const PATIENCE: Duration = Duration::from_millis(100);

/// Copies a source to its end into an unnamed temporary file; also gives its
/// length.
///
/// The source is read on a thread of its own: a terminal or a pipe may say
/// nothing for hours, and the run must still end when it is told to. That
/// thread is then left to its read, which holds nothing but its own buffer.
pub(crate) fn spool(
    path: &Path,
    open: impl FnOnce() -> io::Result<Box<dyn Read + Send>> + Send + 'static,
    watch: &dyn Watch,
) -> Result<(File, u64)> {
    let (sender, chunks) = bounded::<io::Result<Vec<u8>>>(2);
    thread::spawn(move || {
        let mut source = match open() {
            Ok(source) => source,
            Err(e) => return drop(sender.send(Err(e))),
        };
        loop {
            let mut chunk = vec![0; CHUNK_BYTES];
            let chunk = match source.read(&mut chunk) {
                Ok(0) => return,
                Ok(count) => {
                    chunk.truncate(count);
                    Ok(chunk)
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => Err(e),
            };
            let is_last = chunk.is_err();
            if sender.send(chunk).is_err() || is_last {
                return;
            }
        }
    });
    let cannot_store = || Error::io("cannot store a copy of the input", std::env::temp_dir());
    let mut file = tempfile::tempfile().map_err(cannot_store())?;
    let mut bytes = 0;
    loop {
        watch.check()?;
        match chunks.recv_timeout(PATIENCE) {
            Ok(chunk) => {
                let chunk = chunk.map_err(Error::io("cannot read", path))?;
                file.write_all(&chunk).map_err(cannot_store())?;
                bytes += chunk.len() as u64;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok((file, bytes)),
        }
    }
}
