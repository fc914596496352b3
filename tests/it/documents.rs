//! What the documents show is what the program does.

use std::fs;
use std::path::Path;
use std::process::Command;

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The fenced blocks of a document in one language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

fn twicetold() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin!("twicetold"))
}

#[test]
fn the_example_in_the_readme_is_what_happens() {
    let readme = document("README.md");
    let example = blocks(&readme, "console")
        .into_iter()
        .find(|block| block.starts_with("$ twicetold dedup data/news.jsonl"))
        .expect("the README has its example");
    let mut lines = example.lines();
    let words: Vec<&str> = lines.next().expect("a command").split_whitespace().skip(2).collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/news.jsonl");
    let args = words
        .iter()
        .map(|word| if word.starts_with("data/") { sample.to_str().expect("UTF-8") } else { word });
    let output = twicetold().args(args).current_dir(&folder).output().expect("it starts");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    let shown: Vec<&str> = lines.filter(|line| !line.starts_with("written")).collect();
    let said: Vec<&str> = said.lines().filter(|line| !line.starts_with("written")).collect();
    assert_eq!(said, shown);

    let removed = fs::read_to_string(folder.path().join("clean/removed.jsonl")).expect("written");
    for row in blocks(&readme, "json").iter().filter(|row| row.contains("\"keeper\"")) {
        assert!(removed.contains(row), "the README shows a row that is not there: {row}");
    }
}

/// A command of the README that prints to stdout prints what is shown there.
#[track_caller]
fn prints_what_is_shown(begin: &str) {
    let readme = document("README.md");
    let example = blocks(&readme, "console")
        .into_iter()
        .find(|block| block.starts_with(begin))
        .expect("the README has its example");
    let (command, shown) = example.split_once('\n').expect("a command and what it prints");
    let output = twicetold()
        .args(command.split_whitespace().skip(2))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("it starts");
    // What keeps right-to-left text in its place on a terminal is not shown.
    let isolates = ['\u{2068}', '\u{2069}'];
    let said = String::from_utf8(output.stdout).expect("UTF-8").replace(isolates, "");
    assert_eq!(said.trim_end(), shown.replace(isolates, "").trim_end());
}

#[test]
fn the_passages_in_the_readme_are_found() {
    prints_what_is_shown("$ twicetold passages data/");
}

#[test]
fn the_comparison_in_the_readme_is_what_is_printed() {
    prints_what_is_shown("$ twicetold compare");
}

#[test]
fn every_option_in_the_documents_exists() {
    let help = |args: &[&str]| {
        let help = twicetold().args(args).arg("--help").output().expect("it starts").stdout;
        String::from_utf8(help).expect("UTF-8")
    };
    let main = help(&[]);
    // A command's line begins with two spaces and its name.
    let commands = main.split("Commands:").nth(1).expect("a list of commands");
    let commands = commands.lines().skip(1).take_while(|line| !line.is_empty());
    let help: String = commands
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|c| !c.is_empty()))
        .map(|command| help(&[command]))
        .collect();
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        let text = document(name);
        let options = text
            .split(|c: char| c.is_whitespace() || "`(),|".contains(c))
            // Not the arrows of a drawing.
            .filter(|word| !word.ends_with('>'))
            .filter_map(|word| word.strip_prefix("--"))
            .map(|word| word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()))
            .filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()));
        for option in options {
            // Of cargo.
            if ["bench", "path", "lib", "ignored"].contains(&option) {
                continue;
            }
            assert!(help.contains(&format!("--{option}")), "{name}: --{option} is no option");
        }
    }
}

#[test]
fn every_path_in_the_map_exists() {
    let text = document("ARCHITECTURE.md") + &document("CONTRIBUTING.md") + &document("README.md");
    let paths = text.split('`').filter(|word| {
        word.starts_with("src/") || word.starts_with("tests/") || word.starts_with("data/")
    });
    for path in paths {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(), "{path}");
    }
}
