//! The settings file: options that are not typed every time.
//!
//! `twicetold.toml` has the names of the options as keys, for every command
//! that has them, or in a section for one command:
//!
//! ```toml
//! on-error = "skip"
//! [dedup]
//! keep = "earliest"
//! [passages]
//! min-words = 20
//! ```
//!
//! What it says is put behind the words of the command line, except where an
//! option was typed itself; from there on it is read like everything else.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use toml::de::{DeTable, DeValue};

use twicetold::visible::visible;

/// The file that is looked for in the current folder.
const DEFAULT_NAME: &str = "twicetold.toml";

/// The longest settings file: a slip of the finger must not fill the memory.
const BYTES_MAX: u64 = 1 << 20;

/// Options that say where settings come from, or ask for help: no settings.
const NO_SETTINGS: &[&str] = &["config", "no-config", "help", "version"];

/// How alike a known key must be to be suggested (Jaro-Winkler similarity).
const SUGGESTION_MIN: f64 = 0.75;

/// A settings file as it was read.
#[derive(Debug, Default)]
pub(crate) struct SettingsFile {
    path: PathBuf,
    entries: Vec<Entry>,
}

/// A line of it.
#[derive(Debug)]
struct Entry {
    /// The command it is for; `None`: every command that has the option.
    section: Option<String>,
    key: String,
    value: Setting,
    line: usize,
}

#[derive(Debug)]
enum Setting {
    Flag(bool),
    Words(String),
}

/// An option that a settings file gave.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// Its name, without the dashes.
    pub(crate) key: String,
    /// Where it stands, as `twicetold.toml:3`.
    pub(crate) place: String,
    /// The word it stands for.
    word: OsString,
}

/// The words to read instead of those that were typed, and what a settings
/// file has added to them. `root` has all commands and is built.
///
/// # Errors
/// A file that cannot be read, is no TOML, or has keys that are no options.
pub(crate) fn settle(root: &Command, typed: Vec<OsString>) -> Result<(Vec<OsString>, Vec<Given>)> {
    let Ok(probe) = root.clone().ignore_errors(true).try_get_matches_from(&typed) else {
        // A question for help, or nothing to make sense of.
        return Ok((typed, Vec::new()));
    };
    let Some((name, found)) = probe.subcommand() else { return Ok((typed, Vec::new())) };
    let unread = matches!(probe.try_get_one::<bool>("no_config"), Ok(Some(true)));
    if unread || ["completions", "man"].contains(&name) {
        return Ok((typed, Vec::new()));
    }
    let Some(file) = SettingsFile::read(probe.get_one::<PathBuf>("config"))? else {
        return Ok((typed, Vec::new()));
    };
    let mut root = root.clone();
    root.build();
    file.check(&root)?;
    let given = file.given(&root, name, found);
    let words: Vec<OsString> = given.iter().map(|given| given.word.clone()).collect();
    // Behind `--` there are no options.
    let at = typed.iter().position(|word| word == "--").unwrap_or(typed.len());
    let mut all = typed;
    all.splice(at..at, words);
    Ok((all, given))
}

impl SettingsFile {
    /// The file that was named, or the one in the current folder if there is
    /// one.
    fn read(named: Option<&PathBuf>) -> Result<Option<Self>> {
        let path = named.map_or_else(|| PathBuf::from(DEFAULT_NAME), PathBuf::clone);
        let text = match text_of(&path) {
            Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => {
                return Ok(None);
            }
            text => text.with_context(|| format!("{}: cannot read", path.display()))?,
        };
        let mut file = Self { path, entries: Vec::new() };
        let table = DeTable::parse(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(&text, span.start));
            anyhow::anyhow!("{}: {}", file.place(line), error.message().replace('\n', " "))
        })?;
        file.take(&text, None, table.get_ref())?;
        file.entries.sort_by_key(|entry| entry.line);
        Ok(Some(file))
    }

    fn take(&mut self, text: &str, section: Option<&str>, table: &DeTable<'_>) -> Result<()> {
        for (key, value) in table {
            let line = line_of(text, key.span().start);
            let key: &str = key.get_ref();
            let value = match (value.get_ref(), section) {
                (DeValue::Table(table), None) => {
                    self.take(text, Some(key), table)?;
                    continue;
                }
                (DeValue::Boolean(on), _) => Setting::Flag(*on),
                (value, _) => match words(value) {
                    Some(words) => Setting::Words(words),
                    None => bail!(
                        "{}: `{}` is no value of an option; write a text, a number, true or \
                         false, or a list of these",
                        self.place(line),
                        visible(key)
                    ),
                },
            };
            let (section, key) = (section.map(str::to_owned), key.to_owned());
            self.entries.push(Entry { section, key, value, line });
        }
        Ok(())
    }

    fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.path.display())
    }

    /// Refuses what is no option, or not clear.
    fn check(&self, root: &Command) -> Result<()> {
        for entry in &self.entries {
            let (place, key) = (self.place(entry.line), visible(&entry.key));
            let commands: Vec<&Command> = match &entry.section {
                None => with_settings(root).collect(),
                Some(section) => {
                    let command = with_settings(root).find(|one| one.get_name() == section);
                    let Some(command) = command else {
                        let names = with_settings(root).map(Command::get_name);
                        let shown = visible(section);
                        bail!("{place}: no command `{shown}` has settings{}", near(section, names));
                    };
                    vec![command]
                }
            };
            let found: Vec<(&Command, &Arg)> = commands
                .iter()
                .filter_map(|command| Some((*command, option(command, &entry.key)?)))
                .collect();
            let Some((first, arg)) = found.first() else {
                let known = commands.iter().flat_map(|command| command.get_arguments());
                let known = known.filter_map(Arg::get_long).filter(|name| is_setting(name));
                bail!("{place}: no option is called `{key}`{}", near(&entry.key, known));
            };
            if let Some((other, _)) = found.iter().find(|(_, other)| !is_alike(arg, other)) {
                let (first, other) = (first.get_name(), other.get_name());
                bail!(
                    "{place}: `{key}` means one thing in `{first}` and another in `{other}`; \
                     write it below [{first}] or [{other}]"
                );
            }
            match (&entry.value, arg.get_action().takes_values()) {
                (Setting::Flag(_), true) => bail!("{place}: `{key}` wants a value"),
                (Setting::Words(_), false) => bail!("{place}: `{key}` is true or false"),
                _ => {}
            }
        }
        Ok(())
    }

    /// What the file says to a command, unless something else was typed.
    fn given(&self, root: &Command, name: &str, typed: &ArgMatches) -> Vec<Given> {
        let section = if name == "config" { "dedup" } else { name };
        let Some(command) = root.find_subcommand(name) else { return Vec::new() };
        let is_typed = |arg: &Arg| {
            typed.try_contains_id(arg.get_id().as_str()).unwrap_or(false)
                && typed.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine)
        };
        let excludes = |arg: &Arg, other: &Arg| {
            let conflicts = command.get_arg_conflicts_with(arg);
            conflicts.iter().any(|one| one.get_id() == other.get_id())
        };
        let in_section = |key: &str| {
            self.entries.iter().any(|e| e.section.as_deref() == Some(section) && e.key == key)
        };
        self.entries
            .iter()
            .filter(|entry| match &entry.section {
                None => !in_section(&entry.key),
                Some(name) => name == section,
            })
            .filter_map(|entry| {
                let arg = option(command, &entry.key)?;
                let beaten = command.get_arguments().filter(|other| is_typed(other)).any(|other| {
                    other.get_id() == arg.get_id() || excludes(arg, other) || excludes(other, arg)
                });
                let word = match &entry.value {
                    _ if beaten => return None,
                    Setting::Flag(false) => return None,
                    Setting::Flag(true) => format!("--{}", entry.key),
                    Setting::Words(words) => format!("--{}={words}", entry.key),
                };
                Some(Given {
                    key: entry.key.clone(),
                    place: self.place(entry.line),
                    word: word.into(),
                })
            })
            .collect()
    }
}

/// Options with their places, for a message.
pub(crate) fn listed(given: &[Given]) -> String {
    let words = given.iter().map(|one| format!("{} ({})", one.word.to_string_lossy(), one.place));
    visible(&words.collect::<Vec<_>>().join(", ")).into_owned()
}

/// The text of a file of reasonable size.
fn text_of(path: &Path) -> io::Result<String> {
    let bytes = fs::metadata(path)?.len();
    if bytes > BYTES_MAX {
        let words = format!("{bytes} bytes are too many for a settings file");
        return Err(io::Error::new(io::ErrorKind::InvalidData, words));
    }
    fs::read_to_string(path)
}

/// The commands that have options to be set; `config` shows those of `dedup`.
fn with_settings(root: &Command) -> impl Iterator<Item = &Command> {
    root.get_subcommands()
        .filter(|command| !["completions", "man", "config", "help"].contains(&command.get_name()))
}

fn option<'a>(command: &'a Command, key: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|arg| arg.get_long() == Some(key) && is_setting(key))
}

fn is_setting(name: &str) -> bool {
    !NO_SETTINGS.contains(&name)
}

/// Whether two commands mean the same by an option of one name.
fn is_alike(arg: &Arg, other: &Arg) -> bool {
    let help = |arg: &Arg| arg.get_help().map(ToString::to_string);
    help(arg) == help(other)
}

/// A value as it would be typed; `None` for what no option takes.
fn words(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Array(values) => {
            let words: Option<Vec<String>> =
                values.iter().map(|value| words(value.get_ref())).collect();
            Some(words?.join(","))
        }
        DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}

fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
}

/// What was probably meant, as the end of a message.
fn near<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let scored = known.map(|name| (strsim::jaro_winkler(word, name), name));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)));
    match best {
        Some((score, name)) if score >= SUGGESTION_MIN => format!("; did you mean `{name}`?"),
        _ => "; see twicetold dedup --help".to_owned(),
    }
}
