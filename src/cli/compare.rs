//! `twicetold compare`: finds two documents, says what they are to each other.

use std::process::ExitCode;

use anyhow::Result;

use twicetold::compare::compare;
use twicetold::document::Document;
use twicetold::passages::PassageRecipe;
use twicetold::report::{Compared, Layout, Look};

use super::args::{ColorArg, CompareArgs, InputArgs};
use super::corpus::{Corpus, bad_summary, say};
use super::named::{Wanted, find};
use super::{colour, print, settings};

/// How wide the texts are where the output is no terminal.
const COLUMNS_DEFAULT: u16 = 80;

/// Does what `twicetold compare` was asked for.
pub(crate) fn run(args: &CompareArgs, color: ColorArg) -> Result<ExitCode> {
    let recipe = settings::recipe(&args.recipe)?;
    let passages = PassageRecipe::default();
    let among = !args.input.inputs.is_empty();
    let wanted = match among {
        true => [&args.a, &args.b].map(|word| Wanted::among(word)),
        false => [Wanted::alone(&args.a)?, Wanted::alone(&args.b)?],
    };
    let mut input: InputArgs = args.input.clone();
    if !among {
        input.inputs = wanted.iter().filter_map(Wanted::path).collect();
        input.inputs.dedup();
    }
    let Corpus { inputs, options, progress, threads, .. } =
        Corpus::open(&input, &args.run, None, false)?;
    let (found, report) = find(&wanted, &inputs, &options, &progress)?;
    let documents: [&Document<'_>; 2] = [&found[0], &found[1]];
    let comparison = threads.install(|| compare(documents, &recipe, &passages, &progress))?;
    progress.finish();
    if !args.run.quiet {
        let bad = bad_summary(&report);
        for bad in &bad.first {
            say(&format!("bad record passed over: {bad}"));
        }
    }
    let compared = Compared {
        comparison: &comparison,
        documents,
        files: documents.map(|document| &*report.files[document.place.file as usize].name),
        recipe: &recipe,
        passages: &passages,
    };
    if args.json {
        let mut json = serde_json::to_vec_pretty(&compared.row())?;
        json.push(b'\n');
        print(&json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let layout = match args.side_by_side {
        false => Layout::Diff,
        true => Layout::Columns(terminal_columns()),
    };
    let look = Look { layout, full: args.full, paint: colour::of_stdout(color) };
    print(compared.text(look).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// How wide the terminal is.
pub(crate) fn terminal_columns() -> usize {
    let size = terminal_size::terminal_size_of(std::io::stdout());
    usize::from(size.map_or(COLUMNS_DEFAULT, |(terminal_size::Width(width), _)| width))
}
