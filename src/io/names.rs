//! Names for output files, mirrored from the inputs'.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use crate::io::kind::converted_name;

/// What an input file could be called in an output folder.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// The short name: the file's own, or its path inside the folder that was
    /// named; parts joined by `/`.
    pub short: String,
    /// Its absolute path; `None` for standard input.
    pub absolute: Option<PathBuf>,
}

impl Candidate {
    /// The names of the JSON lines that are made of the file.
    pub(crate) fn converted(&self) -> Self {
        let named = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            path.with_file_name(converted_name(&name))
        };
        let (folder_end, short) = (self.short.rfind('/').map_or(0, |slash| slash + 1), &self.short);
        let short = format!("{}{}", &short[..folder_end], converted_name(&short[folder_end..]));
        Self { short, absolute: self.absolute.as_ref().map(named) }
    }
}

/// One name for each file: the short ones if they can live side by side, else
/// all paths from the deepest folder the files have in common. Should two
/// still be alike, the later ones get a number.
pub(crate) fn mirror(candidates: &[Candidate]) -> Vec<String> {
    let short: Vec<String> = candidates.iter().map(|c| c.short.clone()).collect();
    if can_live_together(&short) {
        return short;
    }
    let common = common_parent(candidates.iter().filter_map(|c| c.absolute.as_deref()));
    let long = candidates.iter().map(|c| match &c.absolute {
        Some(path) => joined(path.strip_prefix(&common).unwrap_or(path)),
        None => c.short.clone(),
    });
    numbered(long)
}

/// A relative path with `/` between its parts on every system.
pub(crate) fn joined(path: &Path) -> String {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// True if no name stands twice and none is also a folder of another.
fn can_live_together(names: &[String]) -> bool {
    let all: HashSet<&str> = names.iter().map(String::as_str).collect();
    let is_folder =
        |name: &String| name.match_indices('/').any(|(slash, _)| all.contains(&name[..slash]));
    all.len() == names.len() && !names.iter().any(is_folder)
}

fn common_parent<'a>(mut paths: impl Iterator<Item = &'a Path>) -> PathBuf {
    let parent = |path: &'a Path| path.parent().unwrap_or(path);
    let Some(first) = paths.next() else { return PathBuf::new() };
    paths.fold(parent(first).to_owned(), |common, path| {
        common
            .components()
            .zip(parent(path).components())
            .take_while(|(a, b)| a == b)
            .map(|(part, _)| part)
            .collect()
    })
}

/// `a.jsonl`, `a-2.jsonl`, `a-3.jsonl`, ...
fn numbered(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut taken = HashSet::new();
    let number = |name: String| {
        let folder_end = name.rfind('/').map_or(0, |slash| slash + 1);
        let stem_end = name[folder_end..].find('.').map_or(name.len(), |dot| folder_end + dot);
        let (stem, extension) = name.split_at(stem_end);
        let names =
            std::iter::once(name.clone()).chain((2..).map(|n| format!("{stem}-{n}{extension}")));
        let free = names.into_iter().find(|name| taken.insert(name.clone()));
        free.expect("there are more numbers than files")
    };
    names.map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, &str)], names: &[&str]) {
        let candidates: Vec<_> = files
            .iter()
            .map(|&(short, absolute)| Candidate {
                short: short.to_owned(),
                absolute: (!absolute.is_empty()).then(|| PathBuf::from(absolute)),
            })
            .collect();
        assert_eq!(mirror(&candidates), names, "for {files:?}");
    }

    #[test]
    fn short_names_stay_where_they_differ() {
        check(&[], &[]);
        check(&[("a.txt", "/x/a.txt"), ("y/a.txt", "/x/y/a.txt")], &["a.txt", "y/a.txt"]);
    }

    #[test]
    fn like_names_become_paths_from_the_common_parent() {
        check(
            &[("a.txt", "/x/p/a.txt"), ("a.txt", "/x/q/r/a.txt"), ("b.txt", "/x/p/b.txt")],
            &["p/a.txt", "q/r/a.txt", "p/b.txt"],
        );
    }

    #[test]
    fn a_name_is_never_a_file_and_a_folder() {
        check(
            &[("a.txt", "/x/a.txt"), ("a.txt/b.txt", "/y/a.txt/b.txt")],
            &["x/a.txt", "y/a.txt/b.txt"],
        );
    }

    #[test]
    fn standard_input_gives_way_by_number() {
        check(
            &[("stdin.jsonl.gz", "/x/stdin.jsonl.gz"), ("stdin.jsonl.gz", "")],
            &["stdin.jsonl.gz", "stdin-2.jsonl.gz"],
        );
    }
}
