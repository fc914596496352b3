//! Outputs are whole or absent.

use std::fs;
use std::path::Path;

use twicetold::io::{PROGRAM, SUMMARY, Staging};

use super::harness::contents;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn write(staging: &Staging, text: &str) {
    let mut file = staging.file("kept/a.txt").unwrap();
    file.write(text.as_bytes()).unwrap();
    file.finish().unwrap();
    let mut table = staging.jsonl(SUMMARY).unwrap();
    table.write(&std::collections::HashMap::from([("program", PROGRAM)])).unwrap();
    table.finish().unwrap();
}

#[test]
fn nothing_is_there_until_all_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out");
    let staging = Staging::new(&target, false).unwrap();
    write(&staging, "new");
    assert!(!target.exists(), "nothing may be seen before the end");
    staging.commit().unwrap();
    assert_eq!(names(folder.path()), ["out"]);
    assert_eq!(contents(&target)[0], ("kept/a.txt".to_owned(), b"new".to_vec()));
}

#[test]
fn what_is_not_committed_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let staging = Staging::new(&folder.path().join("out"), false).unwrap();
    write(&staging, "lost");
    drop(staging);
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn only_an_empty_folder_or_an_older_run_is_replaced() {
    #[track_caller]
    fn check(prepare: impl FnOnce(&Path), overwrite: bool, refusal: Option<&str>) {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        prepare(&target);
        match (Staging::new(&target, overwrite), refusal) {
            (Ok(staging), None) => {
                write(&staging, "new");
                staging.commit().unwrap();
                assert_eq!(names(&target), ["kept", SUMMARY], "the old files are gone");
                assert_eq!(names(folder.path()), ["out"], "nothing else is left");
            }
            (Err(error), Some(refusal)) => {
                assert!(error.to_string().contains(refusal), "{error}");
                assert!(!names(folder.path()).iter().any(|name| name.starts_with('.')));
            }
            (result, _) => panic!("{result:?}, expected {refusal:?}"),
        }
    }
    let older_run = |target: &Path| {
        fs::create_dir(target).unwrap();
        fs::write(target.join("old.txt"), "old").unwrap();
        fs::write(target.join(SUMMARY), format!("{{\"n\":1,\"program\":\"{PROGRAM}\"}}")).unwrap();
    };
    check(|_| {}, true, None);
    check(|target| fs::create_dir(target).unwrap(), false, None);
    check(older_run, true, None);
    check(older_run, false, Some("--overwrite"));
    let foreign = |target: &Path| {
        fs::create_dir(target).unwrap();
        fs::write(target.join(SUMMARY), "{\"program\":\"other\"}").unwrap();
    };
    check(foreign, true, Some("holds no summary.json of an older run"));
    check(|target| fs::write(target, "").unwrap(), true, Some("cannot use as an output folder"));
}

#[test]
fn a_missing_parent_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Staging::new(&folder.path().join("no/such/out"), false).unwrap_err();
    assert!(error.to_string().contains("no such folder; make it first"), "{error}");
}

#[cfg(unix)]
#[test]
fn the_folder_has_the_permissions_the_user_gives_folders() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    fs::create_dir(folder.path().join("plain")).unwrap();
    Staging::new(&folder.path().join("out"), false).unwrap().commit().unwrap();
    assert_eq!(mode(&folder.path().join("out")), mode(&folder.path().join("plain")));
}

/// Runs one of the ignored tests of this program in a shell of its own, with
/// less of something than there is.
#[cfg(target_os = "linux")]
#[track_caller]
fn limited(limit: &str, test: &str, folder: &Path) {
    let program = std::env::current_exe().unwrap();
    let output = std::process::Command::new("sh")
        .args(["-c", &format!("{limit}; exec \"$0\" --exact --ignored --nocapture {test}")])
        .arg(program)
        .env("TWICETOLD_TEST_FOLDER", folder)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && words.contains("1 passed"), "{words}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_with_the_path_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    // Files may have 64 KiB; writing more fails instead of killing.
    limited("trap '' XFSZ; ulimit -f 128", "io::staging::writes_too_much", folder.path());
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
#[ignore = "run by a_full_disk_is_told_with_the_path_and_leaves_nothing"]
fn writes_too_much() {
    let Some(folder) = std::env::var_os("TWICETOLD_TEST_FOLDER") else { return };
    let target = Path::new(&folder).join("out");
    let staging = Staging::new(&target, false).unwrap();
    let mut file = staging.file("kept/a.txt").unwrap();
    let result = (0..100).try_for_each(|_| file.write(&[b'x'; 10_000]));
    let words = result.and_then(|()| file.finish()).unwrap_err().to_string();
    let path = target.join("kept/a.txt").display().to_string();
    assert!(words.starts_with(&format!("{path}: cannot write: ")), "{words}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_line_larger_than_memory_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut packed = zstd::Encoder::new(Vec::new(), 1).unwrap();
    let endless = std::io::repeat(b'x');
    std::io::copy(&mut std::io::Read::take(endless, 2 << 30), &mut packed).unwrap();
    std::io::Write::write_all(&mut packed, b"\n{\"text\":\"after\"}\n").unwrap();
    fs::write(folder.path().join("a.jsonl.zst"), packed.finish().unwrap()).unwrap();
    limited("ulimit -v 1000000", "io::staging::reads_a_huge_line", folder.path());
}

#[test]
#[ignore = "run by a_line_larger_than_memory_is_passed_over"]
fn reads_a_huge_line() {
    let Some(folder) = std::env::var_os("TWICETOLD_TEST_FOLDER") else { return };
    let words = [Path::new(&folder).to_owned()];
    let empty = Box::new(std::io::empty());
    let inputs = twicetold::io::Inputs::find(&words, None, empty, &twicetold::watch::Unwatched);
    let options = super::harness::skipping();
    let read = super::harness::read_all(&inputs.unwrap(), &options, &twicetold::watch::Unwatched);
    let (documents, report) = read.unwrap();
    assert_eq!(super::harness::texts(&documents), ["after"]);
    assert_eq!(report.bad[0].place.bytes, (2 << 30) + 1);
}
