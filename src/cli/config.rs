//! `twicetold config`: what is in force, and where it comes from.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, CommandFactory};
use serde_json::{Map, Value, json};

use twicetold::recipe::{Keep, Recipe, Relation, Sources};

use super::args::{Cli, ConfigArgs};
use super::settings_file::Given;
use super::{print, settings};

/// Prints every option of `dedup` that has a value.
pub(crate) fn run(args: &ConfigArgs, found: &ArgMatches, given: &[Given]) -> Result<ExitCode> {
    let recipe = settings::recipe(&args.recipe)?;
    let mut root = Cli::command();
    root.build();
    let command = root.find_subcommand("config").expect("this is it");
    let base = if args.recipe.recipe.is_some() { "--recipe" } else { "preset" };
    let options = command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set() && !arg.is_global_set())
        .filter_map(|arg| Some((arg.get_long()?, arg)))
        .filter(|(name, _)| !["help", "version", "json"].contains(name))
        // What stands instead of a preset.
        .filter(|(name, _)| *name != "preset" || args.recipe.recipe.is_none())
        .filter_map(|(name, arg)| {
            let typed = found.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
            let from = match given.iter().find(|given| given.key == name) {
                Some(given) => given.place.clone(),
                None if typed => "option".to_owned(),
                None if of_recipe(&recipe, name).is_some() => base.to_owned(),
                None => "default".to_owned(),
            };
            let value = of_recipe(&recipe, name).unwrap_or_else(|| plain(arg, found));
            (!value.is_null()).then_some((name, value, from))
        });
    if args.json {
        let options: Map<String, Value> = options
            .map(|(name, value, from)| (name.to_owned(), json!({"value": value, "from": from})))
            .collect();
        let all =
            json!({"recipe": recipe, "fingerprint": recipe.fingerprint(), "options": options});
        print(format!("{all:#}\n").as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let lines: Vec<(String, String)> =
        options.map(|(name, value, from)| (format!("{name} = {value}"), from)).collect();
    let width = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0);
    let mut text = format!(
        "# What is in force, as a twicetold.toml would say it.\n# recipe {}\n\n[dedup]\n",
        recipe.fingerprint()
    );
    for (line, from) in lines {
        writeln!(text, "{line:<width$}  # {from}").expect("a String takes every write");
    }
    print(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The value of an option that is part of the recipe; null where it sets no
/// limit. `None` for other options.
fn of_recipe(recipe: &Recipe, name: &str) -> Option<Value> {
    Some(match name {
        "threshold" => json!(recipe.jaccard),
        "containment" => json!(recipe.containment),
        "variant" => json!(recipe.variant_jaccard),
        "variant-containment" => json!(recipe.variant_containment),
        "variant-unshared" => json!(recipe.variant_unshared_max),
        "shingle-words" => match recipe.shingle_chars {
            Some(_) => Value::Null,
            None => json!(recipe.shingle_words),
        },
        "min-words" => json!(recipe.min_words),
        "engine" => json!(recipe.engine),
        "no-mask" => json!(recipe.mask.is_none()),
        "no-templates" => json!(recipe.template_numbers.is_none()),
        "drop" => {
            let chosen = |r: &&Relation| !matches!(r, Relation::Identical | Relation::Same);
            json!(recipe.drop.iter().filter(chosen).collect::<Vec<_>>())
        }
        "keep" => match &recipe.keep {
            Keep::Source(names) => json!(format!("source:{}", names.join(","))),
            keep => json!(keep),
        },
        "within-source" => json!(recipe.sources == Sources::Within),
        "across-sources" => json!(recipe.sources == Sources::Across),
        "window" => json!(recipe.window_seconds.map(|seconds| format!("{seconds}s"))),
        _ => return None,
    })
}

/// The value of any other option as it was typed; null if it has none.
fn plain(arg: &Arg, found: &ArgMatches) -> Value {
    let Ok(Some(words)) = found.try_get_raw(arg.get_id().as_str()) else { return Value::Null };
    let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let word = words.join(",");
    match word.as_str() {
        "" => Value::Null,
        // `-v` may be given more than once.
        word if matches!(arg.get_action(), ArgAction::Count) => json!(word != "0"),
        "true" => json!(true),
        "false" => json!(false),
        word => word.parse::<u64>().map_or_else(|_| json!(word), |number| json!(number)),
    }
}
