//! Outputs that appear whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use bzip2::write::BzEncoder;
use flate2::write::GzEncoder;
use liblzma::write::XzEncoder;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::io::kind::Compression;
use crate::{Error, Result};

/// The file every run writes, by which an older run's folder is known.
pub const SUMMARY: &str = "summary.json";

/// The value of the member `program` in every [`SUMMARY`].
pub const PROGRAM: &str = "twicetold";

/// What a writer gathers before it asks the system.
const BUFFER_BYTES: usize = 128 * 1024;

/// How many files are written to disk one by one, at about a millisecond
/// each; for more, the whole file system is.
const FILES_SYNCED_MAX: usize = 100;

/// The level zstd itself uses when none is given.
const ZSTD_LEVEL: i32 = 3;

/// The level xz itself uses when none is given.
const XZ_LEVEL: u32 = 6;

/// A hidden folder beside the output folder, which takes that one's place in
/// one step when everything is written, and is deleted when it is not.
#[derive(Debug)]
pub struct Staging {
    folder: TempDir,
    target: PathBuf,
    /// Whether there is a folder at the target so far.
    replaces: bool,
    files: Mutex<Vec<PathBuf>>,
}

impl Staging {
    /// Prepares to write the folder `target`. A folder that is there must be
    /// empty or, with `overwrite`, hold an older run's [`SUMMARY`]; it is
    /// replaced as a whole.
    ///
    /// # Errors
    /// Anything else at `target`, no folder to put it in, no permission.
    pub fn new(target: &Path, overwrite: bool) -> Result<Self> {
        let replaces = is_replaceable(target, overwrite)?;
        // Through links, to the folder that will be replaced.
        let real = if replaces { target.canonicalize() } else { std::path::absolute(target) };
        let target = real.map_err(Error::io("cannot use as an output folder", target))?;
        let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
            return Err(Error::Usage(format!("{}: not a folder to write to", target.display())));
        };
        if !parent.is_dir() {
            let parent = parent.display();
            return Err(Error::Usage(format!("{parent}: no such folder; make it first")));
        }
        let folder = hidden_beside(parent, name)?;
        Ok(Self { folder, target, replaces, files: Mutex::default() })
    }

    /// Hidden folders of other runs with the same target: still running, or
    /// killed before they could delete them. Sorted.
    pub fn others(&self) -> Vec<PathBuf> {
        let parent = self.target.parent().expect("checked when it was made");
        let name = self.target.file_name().expect("checked when it was made");
        let prefix = hidden_prefix(name);
        let is_other = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().starts_with(&prefix)
                && path != self.folder.path()
                && path.is_dir()
        };
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let mut others: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_other).collect();
        others.sort();
        others
    }

    /// The hidden folder, where files are until they get their names.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A new file; `name` is its path inside the folder, with `/`.
    ///
    /// # Errors
    /// The system's, with the path the file would have had.
    pub fn file(&self, name: &str) -> Result<OutputFile> {
        self.packed(name, Compression::None)
    }

    /// A new file, packed as it is written.
    ///
    /// # Errors
    /// The system's, with the path the file would have had.
    pub fn packed(&self, name: &str, compression: Compression) -> Result<OutputFile> {
        let (path, shown) = (self.folder.path().join(name), self.target.join(name));
        let parent = path.parent().expect("a file in a folder has a parent");
        fs::create_dir_all(parent).map_err(Error::io("cannot make its folder", &shown))?;
        let file = File::create_new(&path).map_err(Error::io("cannot write", &shown))?;
        self.files.lock().expect("nothing panics under this lock").push(path);
        let plain = BufWriter::with_capacity(BUFFER_BYTES, file);
        let packer = Packer::new(plain, compression).map_err(Error::io("cannot pack", &shown))?;
        Ok(OutputFile { packer, shown })
    }

    /// A new table: one JSON value a line.
    ///
    /// # Errors
    /// As [`Staging::file`].
    pub fn jsonl(&self, name: &str) -> Result<JsonLines> {
        Ok(JsonLines { file: self.file(name)?, line: Vec::new() })
    }

    /// What was written so far: the names of files, sorted, and of folders with
    /// a `/` behind them and the number of files in them.
    pub fn outputs(&self) -> Vec<(String, usize)> {
        let mut found = BTreeMap::new();
        for path in &*self.files.lock().expect("nothing panics under this lock") {
            let Ok(path) = path.strip_prefix(&self.folder) else { continue };
            let mut parts = path.components().map(|part| part.as_os_str().to_string_lossy());
            let Some(first) = parts.next() else { continue };
            let is_folder = parts.next().is_some();
            *found
                .entry(if is_folder { format!("{first}/") } else { first.into() })
                .or_insert(0) += 1;
        }
        found.into_iter().collect()
    }

    /// Puts everything in its place in one step. All files must be finished.
    ///
    /// # Errors
    /// The system's; then the target is as it was before.
    pub fn commit(self) -> Result<()> {
        let target = &self.target;
        let cannot = |action| Error::io(action, target);
        self.sync().map_err(cannot("cannot write"))?;
        let parent = target.parent().expect("checked when it was made");
        let name = target.file_name().expect("checked when it was made");
        // The folder that is replaced moves into a hidden one, which deletes
        // it when it is dropped.
        let hidden = self.replaces.then(|| hidden_beside(parent, name)).transpose()?;
        let older = hidden.as_ref().map(|hidden| hidden.path().join("older"));
        if let Some(older) = &older {
            fs::rename(target, older).map_err(cannot("cannot replace"))?;
        }
        if let Err(error) = fs::rename(self.folder.path(), target) {
            if let (Some(older), Some(hidden)) = (older, hidden)
                && fs::rename(&older, target).is_err()
            {
                // What cannot be put back is at least not deleted.
                let _ = hidden.keep();
                let (target, older) = (target.display(), older.display());
                let words = format!("{target}: cannot write: {error}; the older run is at {older}");
                return Err(Error::Usage(words));
            }
            return Err(cannot("cannot write")(error));
        }
        // It has its name now, and is no longer to be deleted.
        let _ = self.folder.keep();
        sync_folder(parent).map_err(cannot("cannot write"))
    }

    /// Makes sure that every file and folder is on disk before they get their
    /// names.
    fn sync(&self) -> io::Result<()> {
        let files = self.files.lock().expect("nothing panics under this lock");
        if files.len() > FILES_SYNCED_MAX && sync_all_of(self.folder.path())? {
            return Ok(());
        }
        let mut folders = BTreeSet::from([self.folder.path()]);
        for path in &*files {
            File::open(path)?.sync_all()?;
            folders.extend(path.ancestors().skip(1).take_while(|f| f.starts_with(&self.folder)));
        }
        folders.into_iter().try_for_each(sync_folder)
    }
}

/// Writes a whole file system to disk, where the system can do that and tell
/// of errors. False where it cannot.
#[cfg(target_os = "linux")]
fn sync_all_of(folder: &Path) -> io::Result<bool> {
    rustix::fs::syncfs(File::open(folder)?)?;
    Ok(true)
}

#[cfg(not(target_os = "linux"))]
fn sync_all_of(_: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Whether there is a folder at the target, to be replaced; an error if there
/// is anything that must not be.
fn is_replaceable(target: &Path, overwrite: bool) -> Result<bool> {
    let shown = target.display();
    let mut entries = match fs::read_dir(target) {
        Ok(entries) => entries,
        Err(_) if !target.exists() && !target.is_symlink() => return Ok(false),
        Err(e) => return Err(Error::io("cannot use as an output folder", target)(e)),
    };
    if entries.next().is_none() || overwrite && is_older_run(target) {
        Ok(true)
    } else if overwrite {
        Err(Error::Usage(format!(
            "{shown}: not replaced, because it holds no {SUMMARY} of an older run; name a new \
             folder, or delete this one yourself"
        )))
    } else {
        Err(Error::Usage(format!(
            "{shown}: the output folder is not empty; name a new one, or replace an older run \
             with --overwrite"
        )))
    }
}

fn is_older_run(folder: &Path) -> bool {
    #[derive(Deserialize)]
    struct Summary {
        program: String,
    }
    File::open(folder.join(SUMMARY)).is_ok_and(|file| {
        serde_json::from_reader::<_, Summary>(BufReader::new(file))
            .is_ok_and(|summary| summary.program == PROGRAM)
    })
}

/// An empty folder `.NAME.twicetold-XXXXXX`, deleted when it is dropped.
fn hidden_beside(parent: &Path, name: &OsStr) -> Result<TempDir> {
    let prefix = hidden_prefix(name);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    // Readable as the user's mask says, not for the user alone: it becomes
    // the output folder.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    builder.tempdir_in(parent).map_err(|error| {
        // Its own words name the hidden folder, which is of no use to anyone.
        Error::io("cannot write into", parent)(error.kind().into())
    })
}

/// How the names of hidden folders for an output folder begin.
fn hidden_prefix(name: &OsStr) -> String {
    format!(".{}.twicetold-", name.to_string_lossy())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened, nor need it be.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A file being written.
pub struct OutputFile {
    packer: Packer,
    /// The path it will have.
    shown: PathBuf,
}

enum Packer {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
    Zstd(zstd::Encoder<'static, BufWriter<File>>),
    Bzip2(BzEncoder<BufWriter<File>>),
    Xz(XzEncoder<BufWriter<File>>),
}

impl Packer {
    fn new(file: BufWriter<File>, compression: Compression) -> io::Result<Self> {
        Ok(match compression {
            Compression::None => Self::Plain(file),
            Compression::Gzip => Self::Gzip(GzEncoder::new(file, flate2::Compression::default())),
            Compression::Zstd => {
                let mut encoder = zstd::Encoder::new(file, ZSTD_LEVEL)?;
                // As the `zstd` program does.
                encoder.include_checksum(true)?;
                Self::Zstd(encoder)
            }
            Compression::Bzip2 => Self::Bzip2(BzEncoder::new(file, bzip2::Compression::best())),
            Compression::Xz => Self::Xz(XzEncoder::new(file, XZ_LEVEL)),
        })
    }
}

impl OutputFile {
    /// Writes some bytes.
    ///
    /// # Errors
    /// The system's, with the path the file will have.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.packer {
            Packer::Plain(file) => file.write_all(bytes),
            Packer::Gzip(file) => file.write_all(bytes),
            Packer::Zstd(file) => file.write_all(bytes),
            Packer::Bzip2(file) => file.write_all(bytes),
            Packer::Xz(file) => file.write_all(bytes),
        }
        .map_err(Error::io("cannot write", &self.shown))
    }

    /// Writes what is still held back; a file that is not finished is cut
    /// short.
    ///
    /// # Errors
    /// The system's, with the path the file will have.
    pub fn finish(self) -> Result<()> {
        match self.packer {
            Packer::Plain(file) => Ok(file),
            Packer::Gzip(file) => file.finish(),
            Packer::Zstd(file) => file.finish(),
            Packer::Bzip2(file) => file.finish(),
            Packer::Xz(file) => file.finish(),
        }
        .and_then(|mut file| file.flush())
        .map_err(Error::io("cannot write", &self.shown))
    }
}

/// A table being written: one JSON value a line.
pub struct JsonLines {
    file: OutputFile,
    line: Vec<u8>,
}

impl JsonLines {
    /// Writes one line.
    ///
    /// # Errors
    /// The system's.
    ///
    /// # Panics
    /// If the value cannot be JSON, as a map with keys that are no strings.
    pub fn write(&mut self, row: &impl Serialize) -> Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, row).expect("rows are made of plain values");
        self.line.push(b'\n');
        self.file.write(&self.line)
    }

    /// Ends the table.
    ///
    /// # Errors
    /// The system's.
    pub fn finish(self) -> Result<()> {
        self.file.finish()
    }
}
