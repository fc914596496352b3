//! The house: lower floors never reach up, and only some rooms have doors to
//! the outside.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules by floor, from the ground up (`ARCHITECTURE.md`).
const FLOORS: &[&[&str]] = &[
    &["document", "error", "hash", "memory", "recipe", "table", "visible", "watch"],
    &["evaluation", "text"],
    &["sketch"],
    &["matching", "passages"],
    &["dedup"],
    &["boilerplate", "compare"],
    &["io", "report"],
];

/// Modules of the ground floor may name one another, and constants of the
/// floor above whose version a recipe carries.
const ALLOWED: &[(&str, &str)] = &[("recipe", "text")];

fn sources(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_file() {
        found.push(path.to_owned());
        return;
    }
    let mut entries: Vec<PathBuf> = fs::read_dir(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    entries.sort();
    entries
        .iter()
        .filter(|path| path.extension().is_none_or(|e| e == "rs"))
        .for_each(|path| sources(path, found));
}

/// Each module's files with their code, without its tests' and comments.
fn code_of(module: &str) -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (file, folder) = (src.join(format!("{module}.rs")), src.join(module));
    let mut files = Vec::new();
    sources(if file.is_file() { &file } else { &folder }, &mut files);
    files
        .into_iter()
        .filter(|path| path.file_name().is_none_or(|name| name != "tests.rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).expect("source is UTF-8");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines: Vec<&str> =
                code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            (path, lines.join("\n"))
        })
        .collect()
}

#[test]
fn a_module_uses_lower_floors_only() {
    for (floor, modules) in FLOORS.iter().enumerate() {
        for module in *modules {
            let out_of_reach = FLOORS[floor..]
                .iter()
                .flat_map(|modules| modules.iter())
                .filter(|other| other != &module)
                .filter(|other| floor > 0 || !FLOORS[0].contains(other))
                .filter(|other| !ALLOWED.contains(&(module, other)));
            for other in out_of_reach {
                for (path, code) in code_of(module) {
                    for way in [format!("crate::{other}"), format!("super::super::{other}")] {
                        assert!(
                            !code.contains(&way),
                            "{} uses `{other}`, which is not below `{module}`",
                            path.display()
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn floors_below_io_open_no_file_and_read_no_clock_environment_or_terminal() {
    let doors = [
        "std::fs",
        "std::env::",
        "std::net",
        "std::process",
        "std::time",
        "println!",
        "eprintln!",
        "stdout()",
        "stderr()",
        "File::open",
    ];
    for module in FLOORS[..FLOORS.len() - 1].iter().flat_map(|modules| modules.iter()) {
        for (path, code) in code_of(module) {
            for door in doors {
                assert!(!code.contains(door), "{}: `{door}` below the top floor", path.display());
            }
        }
    }
}

#[test]
fn every_module_of_the_library_has_its_floor() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"))
        .expect("source is UTF-8");
    for line in lib.lines() {
        if let Some(module) = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';'))
        {
            assert!(
                FLOORS.iter().any(|modules| modules.contains(&module)),
                "`{module}` stands on no floor"
            );
        }
    }
}

#[test]
fn unsafe_code_stands_beside_its_plain_twin_only() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    for path in files {
        let text = fs::read_to_string(&path).expect("source is UTF-8");
        if text.contains("unsafe {") {
            assert!(
                text.contains("// SAFETY:") && text.contains("target_feature"),
                "{}: unsafe code that is no kernel",
                path.display()
            );
        }
    }
}
