//! From the words a user typed to the list of files to read.
//!
//! The order is part of a run's input: words as typed, folders and globs
//! sorted by name. Nothing is opened here but what has to be looked into to
//! know its kind.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use walkdir::WalkDir;

use crate::io::convert::Origin;
use crate::io::kind::{self, Compression, EXTENSIONS, Format, Named};
use crate::io::names::{self, Candidate};
use crate::io::spool::spool;
use crate::visible::visible;
use crate::watch::Watch;
use crate::{Error, Result};

/// How many files of other kinds are remembered by name, for a message.
const OTHERS_NAMED_MAX: usize = 5;

/// The word that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// What several web pages are called as one file of JSON lines.
const PAGES_NAME: &str = "pages.jsonl";

/// One file to read.
#[derive(Debug)]
pub struct InputFile {
    /// The path as the user would write it; `-` for standard input.
    pub path: PathBuf,
    /// What it is called in an output folder: parts joined by `/`, unlike any
    /// other file's.
    pub name: String,
    /// How it holds its records.
    pub format: Format,
    /// How its bytes are packed.
    pub compression: Compression,
    /// Its length on disk when it was found.
    pub bytes: u64,
    /// The contents of what can be read only once, in an unnamed file.
    spooled: Option<File>,
    /// What its JSON lines were made of, if they were.
    origin: Option<Origin>,
}

impl InputFile {
    /// A file on disk.
    pub(crate) fn new(
        path: PathBuf,
        name: String,
        format: Format,
        compression: Compression,
        bytes: u64,
    ) -> Self {
        Self { path, name, format, compression, bytes, spooled: None, origin: None }
    }

    /// Opens the file at its beginning.
    pub(crate) fn open(&self) -> io::Result<File> {
        if let Some(origin) = &self.origin {
            return File::open(origin.path());
        }
        match &self.spooled {
            None => File::open(&self.path),
            // The copy shares its position with the original, which is why
            // one file is never read by two at once.
            Some(spooled) => {
                let mut file = spooled.try_clone()?;
                file.rewind()?;
                Ok(file)
            }
        }
    }

    /// The JSON lines that were made of another file.
    pub(crate) fn of_origin(path: PathBuf, name: String, origin: Origin) -> Result<Self> {
        let (format, compression) = (Format::Jsonl, Compression::None);
        let stored = fs::metadata(origin.path());
        let bytes = stored.map_err(Error::io("cannot read again", origin.path()))?.len();
        let origin = Some(origin);
        Ok(Self { path, name, format, compression, bytes, spooled: None, origin })
    }

    /// Where its JSON lines come from, if they were made of another file.
    pub(crate) fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// The path as messages show it.
    pub fn shown(&self) -> String {
        visible(&self.path.to_string_lossy()).into_owned()
    }
}

/// The files of a run, in order.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The files, in the order in which they are read.
    pub files: Vec<InputFile>,
    /// Files that were reached more than once; they are read once.
    pub repeated: Vec<PathBuf>,
    /// How many files in folders were passed over because of their kind.
    pub others: u64,
    /// The first few of those.
    pub others_named: Vec<PathBuf>,
    /// How many captures in web archives were passed over because they are no
    /// pages; known once they are converted.
    pub others_captured: u64,
    /// What the JSON lines made of several web pages are called.
    pub(crate) pages_name: Option<String>,
    /// The real paths of files and of the folders that were named.
    pub(crate) places: Vec<PathBuf>,
}

impl Inputs {
    /// Finds the files that `words` name: files, folders (all files of known
    /// extensions inside, hidden ones too, symbolic links followed), globs
    /// (`*`, `?`, `[...]`, `{a,b}`, `**`), and `-` for standard input.
    /// `format` is what the user says of all of them, if anything.
    ///
    /// What can be read only once (standard input, pipes) is copied to an
    /// unnamed temporary file, because a run reads it twice.
    ///
    /// # Errors
    /// A path that is not there, a glob that matches nothing, no file at all,
    /// a folder that cannot be listed; [`Error::Interrupted`].
    pub fn find(
        words: &[PathBuf],
        format: Option<Format>,
        stdin: Box<dyn Read + Send>,
        watch: &dyn Watch,
    ) -> Result<Self> {
        let mut search = Search {
            format,
            watch,
            stdin: Some(stdin),
            found: Inputs::default(),
            candidates: Vec::new(),
            seen: HashSet::new(),
        };
        for word in words {
            search.word(word)?;
        }
        search.finish()
    }

    /// The length of all files together, as they lie on disk.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Makes sure that an output folder and the inputs do not lie in one
    /// another: the next run would read what this one wrote.
    ///
    /// # Errors
    /// [`Error::Usage`] naming both.
    pub fn check_output(&self, out: &Path) -> Result<()> {
        let out_real = real_path(out);
        for place in &self.places {
            let (inner, outer) = if out_real.starts_with(place) {
                ("the output folder", "the input")
            } else if place.starts_with(&out_real) {
                ("the input", "the output folder")
            } else {
                continue;
            };
            return Err(Error::Usage(format!(
                "{inner} lies inside {outer} ({} and {}); choose an output folder elsewhere",
                out_real.display(),
                place.display()
            )));
        }
        Ok(())
    }
}

/// The real path of something that may not exist yet.
fn real_path(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for existing in absolute.ancestors() {
        if let Ok(real) = existing.canonicalize() {
            let rest = absolute.strip_prefix(existing).expect("an ancestor is a prefix");
            return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        }
    }
    absolute
}

struct Search<'w> {
    format: Option<Format>,
    watch: &'w dyn Watch,
    stdin: Option<Box<dyn Read + Send>>,
    found: Inputs,
    candidates: Vec<Candidate>,
    seen: HashSet<PathBuf>,
}

impl Search<'_> {
    fn word(&mut self, word: &Path) -> Result<()> {
        if word.as_os_str() == STANDARD_INPUT {
            return self.standard_input();
        }
        match fs::metadata(word) {
            Ok(metadata) if metadata.is_dir() => self.folder(word),
            Ok(metadata) => self.named_file(word, &metadata),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                match word.to_str().filter(|word| word.contains(['*', '?', '[', '{'])) {
                    Some(pattern) => self.glob(pattern),
                    None => Err(Error::Usage(format!(
                        "{}: no such file or folder; check the spelling and the folder you are in",
                        visible(&word.to_string_lossy())
                    ))),
                }
            }
            Err(e) => Err(Error::io("cannot read", word)(e)),
        }
    }

    fn standard_input(&mut self) -> Result<()> {
        let path = PathBuf::from(STANDARD_INPUT);
        match self.stdin.take() {
            Some(stdin) => self.once(path, "stdin", move || Ok(stdin)),
            None => {
                self.found.repeated.push(path);
                Ok(())
            }
        }
    }

    /// Copies what can be read only once, then takes it as a file.
    fn once(
        &mut self,
        path: PathBuf,
        stem: &str,
        open: impl FnOnce() -> io::Result<Box<dyn Read + Send>> + Send + 'static,
    ) -> Result<()> {
        let (mut spooled, bytes) = spool(&path, open, self.watch)?;
        spooled.rewind().map_err(Error::io("cannot read", &path))?;
        let (format, compression) = self.look_into(&path, &spooled)?;
        let short = format!("{stem}.{}{}", format.extension(), compression.suffix());
        let candidate = Candidate { short, absolute: None };
        self.candidates.push(match format {
            Format::Warc => candidate.converted(),
            _ => candidate,
        });
        let name = String::new();
        let spooled = Some(spooled);
        let origin = None;
        self.found.files.push(InputFile {
            path,
            name,
            format,
            compression,
            bytes,
            spooled,
            origin,
        });
        Ok(())
    }

    /// A file that was named itself, whatever its extension.
    fn named_file(&mut self, path: &Path, metadata: &fs::Metadata) -> Result<()> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        if !metadata.is_file() {
            // A pipe, as from `<(zcat ...)`.
            let source = path.to_owned();
            let open = move || Ok(Box::new(File::open(source)?) as Box<dyn Read + Send>);
            return self.once(path.to_owned(), &name, open);
        }
        let (format, compression) = match kind::by_name(path) {
            Some(Named::Kind(format, compression)) => (self.format.unwrap_or(format), compression),
            Some(Named::Perhaps(..)) | None => self.look_into(path, &open_file(path)?)?,
        };
        self.add(path, name, format, compression, metadata.len());
        Ok(())
    }

    /// The kind of a file that was named itself.
    fn look_into(&self, path: &Path, file: &File) -> Result<(Format, Compression)> {
        let (sniffed, compression) = kind::sniff(file).map_err(Error::io("cannot read", path))?;
        let (perhaps, packed) = match kind::by_name(path) {
            Some(Named::Perhaps(perhaps, packed)) => (perhaps, packed),
            _ => (None, Compression::None),
        };
        let format = self.format.or(sniffed).or(perhaps).unwrap_or(Format::Text);
        Ok((format, packed.or(compression)))
    }

    /// The kind of a file in a folder; `None` if it is none of ours.
    fn kind_in_folder(&self, path: &Path) -> Result<Option<(Format, Compression)>> {
        Ok(match kind::by_name(path) {
            Some(Named::Kind(format, packed)) => Some((self.format.unwrap_or(format), packed)),
            Some(Named::Perhaps(perhaps, packed)) => {
                let Ok((sniffed, compression)) = File::open(path).and_then(kind::sniff) else {
                    // Which is for the reading to tell.
                    return Ok(perhaps.map(|format| (format, packed)));
                };
                // An empty file of JSON is one of ours, of XML none.
                let json = perhaps.filter(|format| format.is_json());
                self.format.or(sniffed).or(json).map(|format| (format, packed.or(compression)))
            }
            None => None,
        })
    }

    /// All files of known kinds in a folder, at any depth.
    fn folder(&mut self, folder: &Path) -> Result<()> {
        self.found.places.push(real_path(folder));
        for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
            self.watch.check()?;
            let Some((path, bytes)) = file_of(entry, folder)? else { continue };
            match self.kind_in_folder(&path)? {
                Some((format, compression)) => {
                    let short = names::joined(path.strip_prefix(folder).unwrap_or(&path));
                    self.add(&path, short, format, compression, bytes);
                }
                None => {
                    self.found.others += 1;
                    if self.found.others_named.len() < OTHERS_NAMED_MAX {
                        self.found.others_named.push(path);
                    }
                }
            }
        }
        Ok(())
    }

    /// Everything a pattern matches, sorted, each as if it were typed.
    fn glob(&mut self, pattern: &str) -> Result<()> {
        let shown = visible(pattern);
        let matcher = GlobBuilder::new(pattern)
            .literal_separator(true)
            .build()
            .map_err(|e| Error::Usage(format!("{shown}: not a glob: {}", e.kind())))?
            .compile_matcher();
        let parts: Vec<&str> = pattern.split('/').collect();
        let fixed = parts.iter().take_while(|part| !part.contains(['*', '?', '[', '{'])).count();
        let (base, here) = match fixed {
            0 => (PathBuf::from("."), true),
            _ => (PathBuf::from(parts[..fixed].join("/") + "/"), false),
        };
        let depth_max = match pattern.contains("**") {
            true => usize::MAX,
            false => parts.len() - fixed,
        };
        let mut matches = Vec::new();
        let mut walk = WalkDir::new(&base)
            .follow_links(true)
            .min_depth(1)
            .max_depth(depth_max)
            .sort_by_file_name()
            .into_iter();
        while let Some(entry) = walk.next() {
            self.watch.check()?;
            // What cannot be listed matches nothing.
            let Ok(entry) = entry else { continue };
            let path = if here { entry.path().strip_prefix(".") } else { Ok(entry.path()) };
            let path = path.expect("a walk of . begins with .");
            if matcher.is_match(path) {
                matches.push(path.to_owned());
                if entry.file_type().is_dir() {
                    walk.skip_current_dir();
                }
            }
        }
        if matches.is_empty() {
            return Err(Error::Usage(format!(
                "{shown}: no such file, and as a glob it matches nothing; ** matches folders at \
                 any depth"
            )));
        }
        matches.iter().try_for_each(|path| self.word(path))
    }

    fn add(&mut self, path: &Path, short: String, format: Format, packed: Compression, bytes: u64) {
        let real = real_path(path);
        if !self.seen.insert(real.clone()) {
            self.found.repeated.push(path.to_owned());
            return;
        }
        self.found.places.push(real);
        // The name a link has, not the one of what it leads to.
        let parent = path.parent().map(real_path);
        let absolute = parent.zip(path.file_name()).map(|(parent, name)| parent.join(name));
        let candidate = Candidate { short, absolute };
        self.candidates.push(match format {
            Format::Warc => candidate.converted(),
            _ => candidate,
        });
        self.found.files.push(InputFile {
            path: path.to_owned(),
            name: String::new(),
            format,
            compression: packed,
            bytes,
            spooled: None,
            origin: None,
        });
    }

    fn finish(mut self) -> Result<Inputs> {
        if self.found.files.is_empty() {
            return Err(Error::Usage(self.nothing_found()));
        }
        self.name_files();
        Ok(self.found)
    }

    /// Names every file for output folders. Web pages are converted into one
    /// file, so that their own names only tell them apart.
    fn name_files(&mut self) {
        let (mut candidates, mut pages) = (Vec::new(), Vec::new());
        for (file, candidate) in self.found.files.iter().zip(&self.candidates) {
            let list = if file.format == Format::Html { &mut pages } else { &mut candidates };
            list.push(candidate.clone());
        }
        match &pages[..] {
            [] => {}
            [page] => candidates.push(page.converted()),
            _ => candidates.push(Candidate { short: PAGES_NAME.to_owned(), absolute: None }),
        }
        let mut names = names::mirror(&candidates);
        if !pages.is_empty() {
            self.found.pages_name = names.pop();
        }
        let (mut names, mut page_names) = (names.into_iter(), names::mirror(&pages).into_iter());
        for file in &mut self.found.files {
            let names = if file.format == Format::Html { &mut page_names } else { &mut names };
            file.name = names.next().expect("there is a name for each candidate");
        }
    }

    fn nothing_found(&self) -> String {
        let known: Vec<_> = EXTENSIONS.iter().map(|(known, _)| format!(".{known}")).collect();
        let mut words = format!(
            "no input files; in folders, files named {} are read, each also with .gz, .zst, .bz2 or .xz",
            known.join(", ")
        );
        if self.found.others > 0 {
            let named: Vec<_> =
                self.found.others_named.iter().map(|p| p.to_string_lossy()).collect();
            let more = if self.found.others as usize > named.len() { ", …" } else { "" };
            let (count, named) = (self.found.others, visible(&named.join(", ")).into_owned());
            words += &format!(" ({count} of other kinds: {named}{more}; name them to read them)");
        }
        words
    }
}

fn open_file(path: &Path) -> Result<File> {
    File::open(path).map_err(Error::io("cannot read", path))
}

/// The file a step of a folder walk came to, with its length; `None` for
/// folders, and for links that lead back to a folder they lie in.
fn file_of(
    entry: walkdir::Result<walkdir::DirEntry>,
    folder: &Path,
) -> Result<Option<(PathBuf, u64)>> {
    let error = match entry {
        Ok(entry) if entry.file_type().is_dir() => return Ok(None),
        Ok(entry) => {
            let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
            return Ok(Some((entry.into_path(), bytes)));
        }
        Err(error) => error,
    };
    if error.loop_ancestor().is_some() {
        return Ok(None);
    }
    let path = error.path().unwrap_or(folder).to_owned();
    // A link that leads nowhere is a file that cannot be read, which is for
    // the reading to tell.
    if path.is_symlink() {
        return Ok(Some((path, 0)));
    }
    Err(Error::io("cannot list", path)(error.into()))
}
