//! Inputs that are read as JSON lines made of them: web archives and pages.
//!
//! Finding the text of a page takes a hundred times as long as comparing it,
//! and a run reads its inputs two or three times. So it is done once, into
//! files in a temporary folder that lives as long as the inputs do. From then
//! on they are files of JSON lines, read, copied, marked and cut like others;
//! only their length and checksum are those of the file they come from.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use crate::hash::{FileChecksum, Hash128};
use crate::io::cut::Block;
use crate::io::inputs::{InputFile, Inputs};
use crate::io::kind::Format;
use crate::io::pages::{self, Capture};
use crate::io::read::{BadRecord, FileReport, ReadOptions, Work, read_blocks};
use crate::io::records::{Done, Reading, for_each_record};
use crate::watch::Watch;
use crate::{Error, Result};

/// Where a file of JSON lines comes from.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// Deleted when the last file in it is forgotten.
    folder: Arc<TempDir>,
    /// The name of the JSON lines in it.
    name: String,
    /// How many files it comes from.
    files: usize,
    /// Their length.
    pub bytes_on_disk: u64,
    /// The file's; of several, a checksum of theirs.
    pub checksum: Hash128,
    /// What could not be converted, by its place in the file.
    pub bad: Vec<BadRecord>,
}

impl Origin {
    fn new(folder: Arc<TempDir>, target: usize) -> Self {
        let checksum = FileChecksum::default().finish();
        Self {
            folder,
            name: stored_name(target),
            files: 0,
            bytes_on_disk: 0,
            checksum,
            bad: Vec::new(),
        }
    }

    fn add(&mut self, file: &FileReport) {
        self.files += 1;
        self.bytes_on_disk += file.bytes_on_disk;
        self.checksum = match self.files {
            1 => file.checksum,
            _ => {
                let mut both = FileChecksum::default();
                both.update(self.checksum.to_string().as_bytes());
                both.update(file.checksum.to_string().as_bytes());
                both.finish()
            }
        };
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }
}

/// What becomes of a record.
enum Converted {
    Line {
        file: u32,
        json: Vec<u8>,
    },
    /// A capture that is no page.
    Other,
}

impl Inputs {
    /// Makes JSON lines of all files that are not read as they are: one file
    /// of each web archive, and one of all web pages together, for a thousand
    /// files of one line each are no corpus. To be called before [`read`].
    ///
    /// # Errors
    /// As [`read`]; and if there is no room for temporary files.
    ///
    /// [`read`]: crate::io::read
    pub fn converted(self, options: &ReadOptions, watch: &dyn Watch) -> Result<Self> {
        if !self.files.iter().any(|file| file.format.is_converted()) {
            return Ok(self);
        }
        let Self { files, pages_name, .. } = self;
        let (ours, mut files): (Vec<_>, Vec<_>) =
            files.into_iter().enumerate().partition(|(_, file)| file.format.is_converted());
        let (places, ours): (Vec<usize>, Vec<InputFile>) = ours.into_iter().unzip();
        let mut store = Store::new(&ours)?;
        let ours = Inputs { files: ours, ..Inputs::default() };
        let mut others_captured = 0;
        let each = |reading: &Reading<'_>, (): &mut (), work: &Work| match work {
            Work::Block(block) => convert(reading, block),
            Work::Rows(..) => unreachable!("tables are not converted"),
        };
        let report = read_blocks(
            &ours,
            options,
            watch,
            || (),
            each,
            |converted| match converted {
                Converted::Line { file, json } => store.write(file as usize, &json),
                Converted::Other => {
                    others_captured += 1;
                    Ok(())
                }
            },
        )?;
        let Store { folder, targets, .. } = store.finish()?;
        let mut origins: Vec<Origin> =
            (0..ours.files.len()).map(|target| Origin::new(Arc::clone(&folder), target)).collect();
        for (file, &target) in report.files.iter().zip(&targets) {
            origins[target].add(file);
        }
        for bad in report.bad {
            origins[targets[bad.place.file as usize]].bad.push(bad);
        }
        for (index, (file, origin)) in ours.files.into_iter().zip(origins).enumerate() {
            // The other pages went to the first one's.
            if targets[index] == index {
                let name = match (file.format, &pages_name) {
                    (Format::Html, Some(name)) => name.clone(),
                    _ => file.name,
                };
                files.push((places[index], InputFile::of_origin(file.path, name, origin)?));
            }
        }
        files.sort_by_key(|&(place, _)| place);
        let files = files.into_iter().map(|(_, file)| file).collect();
        Ok(Inputs { files, others_captured, pages_name: None, ..self })
    }
}

/// The files of JSON lines while they are made.
struct Store {
    folder: Arc<TempDir>,
    /// By file to convert, the one in whose place its lines are stored: its
    /// own, but for pages, which are stored together.
    targets: Vec<usize>,
    open: Option<(usize, BufWriter<File>)>,
}

impl Store {
    fn new(files: &[InputFile]) -> Result<Self> {
        let folder = tempfile::tempdir()
            .map_err(Error::io("cannot store converted files", std::env::temp_dir()))?;
        let first_page = files.iter().position(|file| file.format == Format::Html);
        let target = |(index, file): (usize, &InputFile)| match file.format {
            Format::Html => first_page.unwrap_or(index),
            _ => index,
        };
        let targets: Vec<usize> = files.iter().enumerate().map(target).collect();
        let store = Self { folder: Arc::new(folder), targets, open: None };
        // Also one without a single line is a file.
        for index in (0..files.len()).filter(|&index| store.targets[index] == index) {
            store.append(index)?;
        }
        Ok(store)
    }

    fn append(&self, target: usize) -> Result<BufWriter<File>> {
        let path = self.folder.path().join(stored_name(target));
        let file = File::options().create(true).append(true).open(&path);
        file.map(BufWriter::new).map_err(Error::io("cannot store converted files", path))
    }

    fn write(&mut self, file: usize, json: &[u8]) -> Result<()> {
        let target = self.targets[file];
        if self.open.as_ref().is_none_or(|(open, _)| *open != target) {
            self.close()?;
            self.open = Some((target, self.append(target)?));
        }
        let (_, out) = self.open.as_mut().expect("opened above");
        out.write_all(json).map_err(Error::io("cannot store converted files", self.folder.path()))
    }

    fn close(&mut self) -> Result<()> {
        match self.open.take() {
            None => Ok(()),
            Some((_, mut out)) => {
                out.flush().map_err(Error::io("cannot store converted files", self.folder.path()))
            }
        }
    }

    fn finish(mut self) -> Result<Self> {
        self.close()?;
        Ok(self)
    }
}

fn stored_name(target: usize) -> String {
    format!("{target}.jsonl")
}

/// Makes lines of a block's records. Stops at the first bad one if that ends
/// the run anyway.
fn convert(reading: &Reading<'_>, block: &Block) -> Done<Converted> {
    let mut done = Done::nothing();
    let input = &reading.inputs.files[block.file as usize];
    for_each_record(block, |place, raw, _| {
        let capture = match input.format {
            _ if place.bytes > reading.record_bytes_max => Err(reading.too_long(place.bytes)),
            Format::Html => {
                let is_known = reading.encoding_is_given || place.offset > 0;
                let known = is_known.then(|| block.encoding.standard());
                pages::page(&input.name, raw, known).map(Capture::Page)
            }
            _ => pages::capture(raw),
        };
        let file = place.file;
        match capture {
            Ok(Capture::Page(row)) => {
                done.add(Converted::Line { file, json: row.line() });
            }
            Ok(Capture::Other) => done.add(Converted::Other),
            Ok(Capture::Note) => {}
            Err(cause) => done.bad.push(reading.bad(place, cause)),
        }
        reading.goes_on(&done)
    });
    done
}
