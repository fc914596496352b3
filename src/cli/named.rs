//! Finds the documents that a user names: by a file, by file and line, by id.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use twicetold::document::Document;
use twicetold::io::{Inputs, ReadOptions, ReadReport, read};
use twicetold::report::plural;
use twicetold::visible::visible;
use twicetold::watch::Watch;

/// How many places a message lists.
const PLACES_LISTED_MAX: usize = 5;

/// A document as it was named.
pub(crate) struct Wanted {
    /// What was typed.
    word: String,
    name: Name,
}

enum Name {
    /// The only document of a file.
    File(PathBuf),
    /// The one whose record begins on a line of a file.
    Line(PathBuf, u64),
    /// The one with this id, or `file:line`, among all that are read.
    Id,
}

impl Wanted {
    /// A document that is to be found among others.
    pub(crate) fn among(word: &str) -> Self {
        Self { word: word.to_owned(), name: Name::Id }
    }

    /// A document that is named without saying where to look.
    pub(crate) fn alone(word: &str) -> Result<Self> {
        let shown = visible(word);
        let path = Path::new(word);
        if path.is_dir() {
            bail!(
                "{shown}: a folder; name one document of it by its id: \
                 twicetold compare A B --in {shown}"
            );
        }
        let name = match file_and_line(word) {
            _ if word == "-" || path.exists() => Name::File(path.to_owned()),
            Some((path, line)) if path.is_file() => Name::Line(path.to_owned(), line),
            _ => bail!(
                "{shown}: no such file; if it is the id of an article, say where to find it: \
                 twicetold compare A B --in INPUT..."
            ),
        };
        Ok(Self { word: word.to_owned(), name })
    }

    /// The file it is in, where that is known.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        match &self.name {
            Name::File(path) | Name::Line(path, _) => Some(path.clone()),
            Name::Id => None,
        }
    }

    /// Whether a document of `inputs` is the one.
    fn is(&self, document: &Document<'_>, inputs: &Inputs) -> bool {
        let (file, line) = (&inputs.files[document.place.file as usize], document.place.line);
        match &self.name {
            Name::File(path) => file.path == *path,
            Name::Line(path, wanted) => file.path == *path && line == *wanted,
            Name::Id => {
                document.id.as_deref() == Some(&*self.word)
                    || file_and_line(&self.word).is_some_and(|(path, wanted)| {
                        line == wanted && (path == Path::new(&file.name) || path == file.path)
                    })
            }
        }
    }

    /// What to say if it is not exactly one document.
    fn complaint(&self, met: &Met) -> String {
        let word = visible(&self.word);
        let listed = met.places.join(", ");
        let more = if met.count > met.places.len() as u64 { ", ..." } else { "" };
        match (&self.name, met.count) {
            (Name::File(_), 0) => format!("{word}: there is no article in it"),
            (Name::File(path), count) => {
                let path = visible(&path.to_string_lossy()).into_owned();
                let line = met.first.as_ref().map_or(1, |document| document.place.line);
                format!(
                    "{path}: holds {}, at {listed}{more}; name one by its line, as {path}:{line}, \
                     or by its id with --in {path}",
                    plural(count, "article")
                )
            }
            (Name::Line(path, line), _) => {
                let path = visible(&path.to_string_lossy()).into_owned();
                format!("{path}: no article begins on line {line}")
            }
            (Name::Id, 0) => format!(
                "no article has the id {word}, nor is it the file:line of one; ids are those of \
                 the records, or file:line as the tables print them"
            ),
            (Name::Id, count) => format!(
                "{} have the id {word}, at {listed}{more}; name one as file:line",
                plural(count, "article")
            ),
        }
    }
}

/// `path:line`, where a word is that.
fn file_and_line(word: &str) -> Option<(&Path, u64)> {
    let (path, line) = word.rsplit_once(':')?;
    Some((Path::new(path), line.parse().ok()?))
}

/// What was met of a document that is wanted.
#[derive(Default)]
struct Met {
    count: u64,
    first: Option<Document<'static>>,
    places: Vec<String>,
}

/// Reads the inputs for two documents.
pub(crate) fn find(
    wanted: &[Wanted; 2],
    inputs: &Inputs,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Result<([Document<'static>; 2], ReadReport)> {
    let mut met = [Met::default(), Met::default()];
    let report = read(
        inputs,
        options,
        watch,
        || (),
        |(), document| {
            let is = [&wanted[0], &wanted[1]].map(|wanted| wanted.is(&document, inputs));
            is.contains(&true).then(|| (is, owned(document)))
        },
        |found| {
            let Some((is, document)) = found else { return Ok(()) };
            for (met, _) in met.iter_mut().zip(is).filter(|(_, is)| *is) {
                met.count += 1;
                if met.places.len() < PLACES_LISTED_MAX {
                    let (file, line) = (document.place.file as usize, document.place.line);
                    met.places.push(format!("{}:{line}", visible(&inputs.files[file].name)));
                }
                met.first.get_or_insert_with(|| document.clone());
            }
            Ok(())
        },
    )?;
    let [a, b] = met;
    Ok(([one(&wanted[0], a)?, one(&wanted[1], b)?], report))
}

/// The document, if there is exactly one.
fn one(wanted: &Wanted, met: Met) -> Result<Document<'static>> {
    let complaint = wanted.complaint(&met);
    match met {
        Met { count: 1, first: Some(document), .. } => Ok(document),
        _ => bail!(complaint),
    }
}

/// A document that owns what it says.
pub(crate) fn owned(document: Document<'_>) -> Document<'static> {
    let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
    Document {
        text: own(document.text),
        id: document.id.map(own),
        source: document.source.map(own),
        title: document.title.map(own),
        date: document.date,
        place: document.place,
        record_hash: document.record_hash,
    }
}
