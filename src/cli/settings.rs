//! What it means: from the words typed to a recipe and settings.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;

use twicetold::boilerplate::BoilerplateRecipe;
use twicetold::hash::Hash128;
use twicetold::io::Encoding;
use twicetold::io::Fields;
use twicetold::io::Format;
use twicetold::io::{OnError, PROGRAM, ReadOptions, SUMMARY, SpillFile};
use twicetold::memory::Memory;
use twicetold::recipe::{Engine, Keep, Recipe, Relation, Sources};
use twicetold::sketch::Kernel;
use twicetold::text::Split;

use super::args::{
    DecisionArgs, DropArg, EngineArg, FormatArg, InputArgs, KernelsArg, OnErrorArg,
    PassageRecipeArgs, PresetArg, RecipeArgs, RunArgs,
};

/// A keep policy as it was typed.
#[derive(Clone, Debug)]
pub(crate) struct KeepPolicy(Keep);

impl KeepPolicy {
    /// Reads `first`, `longest`, `earliest`, `latest` or `source:A,B,...`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let keep = match text {
            "first" => Keep::First,
            "longest" => Keep::Longest,
            "earliest" => Keep::Earliest,
            "latest" => Keep::Latest,
            _ => {
                let names = text.strip_prefix("source:").ok_or_else(|| {
                    format!("`{text}` is not first, longest, earliest, latest or source:A,B,...")
                })?;
                let names: Vec<String> =
                    names.split(',').map(|name| name.trim().to_owned()).collect();
                if names.iter().any(String::is_empty) {
                    return Err("name at least one source, as in source:spa,aawsat".to_owned());
                }
                Keep::Source(names)
            }
        };
        Ok(Self(keep))
    }
}

fn preset(preset: PresetArg) -> Recipe {
    match preset {
        PresetArg::Default => Recipe::default(),
        PresetArg::Strict => Recipe::strict(),
        PresetArg::Wire => Recipe::wire(),
        PresetArg::Ocr => Recipe::ocr(),
    }
}

/// The recipe that was asked for.
pub(crate) fn recipe(args: &RecipeArgs) -> Result<Recipe> {
    let mut recipe = match &args.recipe {
        Some(path) => recorded(path, "dedup", Recipe::fingerprint)?,
        None => preset(args.preset),
    };
    decide(&args.decision, &mut recipe);
    if let Some(shingle_words) = args.shingle_words {
        if recipe.shingle_chars.is_some() {
            let cause = "--shingle-words has no use here: this recipe compares runs of characters";
            return Err(twicetold::Error::Usage(cause.to_owned()).into());
        }
        recipe.shingle_words = shingle_words;
    }
    if let Some(min_words) = args.min_words {
        recipe.min_words = min_words;
    }
    if args.no_mask {
        recipe.mask = None;
    }
    if args.within_source {
        recipe.sources = Sources::Within;
    }
    if args.across_sources {
        recipe.sources = Sources::Across;
    }
    recipe.window_seconds = args.window.or(recipe.window_seconds);
    if let Some(engine) = args.engine {
        recipe.engine = match engine {
            EngineArg::Exact => Engine::Exact,
            EngineArg::Minhash => Engine::Minhash,
            EngineArg::Auto => Engine::Auto,
        };
    }
    recipe.check()?;
    Ok(recipe)
}

/// Changes what a recipe makes of pairs.
pub(crate) fn decide(args: &DecisionArgs, recipe: &mut Recipe) {
    let set = |value: &mut f64, arg: Option<f64>| *value = arg.unwrap_or(*value);
    set(&mut recipe.jaccard, args.threshold);
    set(&mut recipe.containment, args.containment);
    set(&mut recipe.variant_jaccard, args.variant);
    set(&mut recipe.variant_containment, args.variant_containment);
    recipe.variant_unshared_max = args.variant_unshared.or(recipe.variant_unshared_max);
    if args.no_templates {
        recipe.template_numbers = None;
    }
    if let Some(drop) = &args.drop {
        recipe.drop = vec![Relation::Identical, Relation::Same];
        recipe.drop.extend(drop.iter().map(|relation| match relation {
            DropArg::Near => Relation::Near,
            DropArg::Contained => Relation::Contained,
            DropArg::Variant => Relation::Variant,
        }));
        recipe.drop.sort_unstable();
        recipe.drop.dedup();
    }
    if let Some(KeepPolicy(keep)) = &args.keep {
        recipe.keep = keep.clone();
    }
}

/// The recipe for repeated passages that was asked for.
pub(crate) fn passage_recipe(args: &PassageRecipeArgs) -> Result<BoilerplateRecipe> {
    let mut recipe = match &args.recipe {
        Some(path) => recorded(path, "passages", BoilerplateRecipe::fingerprint)?,
        None => BoilerplateRecipe::default(),
    };
    recipe.include_copies |= args.include_copies;
    recipe.min_documents = args.min_docs.unwrap_or(recipe.min_documents);
    recipe.min_sources = args.min_sources.unwrap_or(recipe.min_sources);
    if args.same_source {
        recipe.sources = Sources::Within;
    }
    if args.across_sources {
        recipe.sources = Sources::Across;
    }
    if let Some(min_words) = args.min_words {
        recipe.passages.min_words = min_words;
    }
    if let Some(KeepPolicy(keep)) = &args.keep {
        recipe.copies.keep = keep.clone();
    }
    recipe.check()?;
    Ok(recipe)
}

/// The recipe that the summary of an earlier run of `command` records; `fingerprint`
/// tells whether it is whole.
fn recorded<R: DeserializeOwned>(
    path: &Path,
    command: &str,
    fingerprint: impl Fn(&R) -> Hash128,
) -> Result<R> {
    #[derive(serde::Deserialize)]
    struct Recorded {
        program: String,
        version: String,
        recipe: serde_json::Value,
        fingerprint: String,
    }
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{shown}: cannot read"))?;
    let found: Recorded = serde_json::from_reader(BufReader::new(file))
        .with_context(|| format!("{shown}: no {SUMMARY} of {PROGRAM}"))?;
    if found.program != PROGRAM {
        bail!("{shown}: no {SUMMARY} of {PROGRAM}, but of {}", found.program);
    }
    let is_of_passages = found.recipe.get("passages").is_some();
    if is_of_passages != (command == "passages") {
        let other = if is_of_passages { "passages" } else { "dedup" };
        bail!("{shown}: the recipe is one of `{PROGRAM} {other}`, not of `{PROGRAM} {command}`");
    }
    let recipe = serde_json::from_value(found.recipe).ok();
    recipe.filter(|recipe| fingerprint(recipe).to_string() == found.fingerprint).with_context(|| {
        format!(
            "{shown}: the recipe was written by {PROGRAM} {}, whose recipes this version cannot \
             repeat, or it was changed by hand; run that version, or name the values as options",
            found.version
        )
    })
}

/// The format that was asked for, whatever a file's name.
pub(crate) fn format(args: &InputArgs) -> Option<Format> {
    args.format.map(|format| match format {
        FormatArg::Jsonl => Format::Jsonl,
        FormatArg::Json => Format::JsonArray,
        FormatArg::Text => Format::Text,
        FormatArg::Csv => Format::Csv,
        FormatArg::Tsv => Format::Tsv,
        FormatArg::Parquet => Format::Parquet,
        FormatArg::Arrow => Format::Arrow,
        FormatArg::Sgml => Format::Sgml,
        FormatArg::Vertical => Format::Vertical,
        FormatArg::Warc => Format::Warc,
        FormatArg::Html => Format::Html,
    })
}

/// How the input is to be read.
pub(crate) fn read_options(input: &InputArgs, run: &RunArgs) -> Result<ReadOptions> {
    let default = ReadOptions::default();
    Ok(ReadOptions {
        fields: Fields {
            text: input.text_field.clone(),
            id: input.id_field.clone(),
            date: input.date_field.clone(),
            source: input.source_field.clone(),
            title: input.title_field.clone(),
        },
        delimiter: input.delimiter,
        split: Split::parse(&input.split)?,
        encoding: input.encoding.as_deref().map(Encoding::parse).transpose()?,
        record_bytes_max: input.max_record,
        block_bytes: match run.block {
            Some(bytes) => usize::try_from(bytes).context("--block")?,
            None => default.block_bytes,
        },
        on_error: match input.on_error {
            OnErrorArg::Fail => OnError::Fail,
            OnErrorArg::Skip => OnError::Skip,
        },
        threads: threads(run),
        only: None,
    })
}

/// The number of threads to use.
pub(crate) fn threads(run: &RunArgs) -> usize {
    match run.threads {
        Some(threads) => usize::from(threads),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    }
}

/// The kernels to use.
pub(crate) fn kernel(run: &RunArgs) -> Kernel {
    match run.kernels {
        KernelsArg::Auto => Kernel::best(),
        KernelsArg::Scalar => Kernel::Scalar,
    }
}

/// Of the memory a run may use, the share for work in progress, which is not
/// counted: a quarter, up to half a gigabyte.
const WORK_SHARE: u64 = 4;
const WORK_BYTES_MAX: u64 = 512 << 20;

/// The memory to use, and where the rest goes.
pub(crate) fn memory(run: &RunArgs) -> Memory {
    let limit = run.memory.unwrap_or_else(|| super::memory::free() / 2);
    let folder = run.temp_dir.clone().unwrap_or_else(std::env::temp_dir);
    let work = (limit / WORK_SHARE).min(WORK_BYTES_MAX);
    Memory::limited(limit - work, Box::new(SpillFile::new(&folder)))
}
