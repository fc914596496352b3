//! `twicetold calibrate`: shows pairs around the threshold, asks what they are,
//! and tells what each threshold would do.

mod answers;
mod gold;
mod labels;
mod texts;

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use twicetold::compare::{Comparison, compare};
use twicetold::dedup::calibration::{Drawn, DrawnPair, Judged, Plan};
use twicetold::dedup::{Article, Dedup, Scratch, prepare};
use twicetold::document::{DocId, Document, Place};
use twicetold::evaluation::Draws;
use twicetold::io::{Inputs, read};
use twicetold::passages::PassageRecipe;
use twicetold::recipe::Recipe;
use twicetold::report::{Calibration, Compared, DrawnRow, Layout, Look, pair_heading, plural};
use twicetold::watch::{Unwatched, Watch};

use super::args::{CalibrateArgs, ColorArg};
use super::corpus::{Corpus, say, took, write_whole};
use super::{EXIT_TROUBLE, colour, compare as comparing, print, settings};
use answers::{Answer, Answers};
use gold::Gold;
use labels::LabelFile;

/// Where labels go if nobody said where.
const LABELS_DEFAULT: &str = "labels.jsonl";

/// Does what `twicetold calibrate` was asked for.
pub(crate) fn run(args: &CalibrateArgs, color: ColorArg) -> Result<ExitCode> {
    let recipe = settings::recipe(&args.recipe)?;
    let gold = match &args.gold {
        Some(path) => Some(Gold::read(path, args.columns.as_deref(), &args.label)?),
        None => None,
    };
    // All pairs of such a gold can be looked at, so none need be left out.
    let from = args.from.or(matches!(gold, Some(Gold::Pairs(_))).then_some(0.0));
    let pairs = args.pairs as usize;
    let plan = Plan::new(recipe.jaccard, (from, args.to), args.step, pairs, args.seed)?;
    let answers = answers(args)?;
    let mut labels = labels(args, answers.is_some())?;
    if args.plot.is_some() && gold.is_none() && labels.is_none() {
        bail!("there is no curve without labels: give --labels or --gold");
    }
    let corpus = Corpus::open(&args.input, &args.run, None, false)?;
    let mut ids = gold.as_ref().map(Gold::ids).unwrap_or_default();
    let mut search = Dedup::new(recipe.clone());
    let mut next = 0;
    let report = read(
        &corpus.inputs,
        &corpus.options,
        &corpus.progress,
        Scratch::default,
        |scratch, document| {
            let id = gold.is_some().then(|| name(&document, &corpus.inputs));
            (id, prepare(&recipe, scratch, document))
        },
        |(id, prepared)| {
            let document = DocId(next);
            next += 1;
            // Of documents with one id the first is meant.
            if let Some(known) = id.and_then(|id| ids.get_mut(&id)) {
                known.get_or_insert(document);
            }
            search.take(prepared)
        },
    )?;
    let judged = gold.as_ref().map_or(Judged::Nothing, |gold| gold.of_documents(&ids));
    let progress = &corpus.progress;
    let mut drawn = corpus.threads.install(|| search.draw(&plan, &judged, progress))?;
    if let Some(labels) = &labels {
        take_labels(&mut drawn, labels, &corpus.inputs);
    }
    let is_labelled = drawn.strata.iter().any(|stratum| stratum.labelled > 0);
    let lists = !args.json && answers.is_none() && gold.is_none() && !is_labelled;
    let texts = match lists || answers.is_some() || args.json || args.out.is_some() {
        true => texts::read_again(&corpus.inputs, &corpus.options, &drawn, progress)?,
        false => HashMap::new(),
    };
    let timings = progress.finish();
    let show = Show {
        recipe: &recipe,
        passages: PassageRecipe::default(),
        inputs: &corpus.inputs,
        texts: &texts,
        look: Look {
            layout: match args.side_by_side {
                true => Layout::Columns(comparing::terminal_columns()),
                false => Layout::Diff,
            },
            full: args.full,
            paint: colour::of_stdout(color),
        },
    };
    if let (Some(answers), Some(labels)) = (&answers, &mut labels) {
        let asked = ask(&mut drawn, answers, labels, &show, !args.json, progress);
        if !args.run.quiet {
            let (added, all) = (labels.added, plural(labels.len(), "label"));
            say(&format!("{added} added, {all} in {}", labels.shown()));
        }
        asked?;
    }
    let mut by_similarity: Vec<&DrawnPair> = drawn.pairs.iter().collect();
    by_similarity.sort_by(|a, b| b.similarity.jaccard().total_cmp(&a.similarity.jaccard()));
    let writes_json = args.json || args.out.is_some();
    let compared = by_similarity.iter().filter(|_| writes_json).map(|pair| show.compare(pair));
    let comparisons: Vec<Comparison<'_>> = compared.collect::<Result<_>>()?;
    let draws = Draws { seed: args.seed, ..Draws::default() };
    let mut told =
        corpus.threads.install(|| Calibration::new(&recipe, &plan, &drawn, args.precision, draws));
    if let Some(labels) = &labels {
        let used = drawn.pairs.iter().filter(|pair| pair.label.is_some()).count() as u64;
        told.labels_unused = labels.len().saturating_sub(used);
    }
    let rows = by_similarity.iter().zip(&comparisons);
    told.drawn =
        rows.map(|(pair, found)| DrawnRow::new(pair, &show.compared(pair, found))).collect();
    if writes_json {
        let mut json = serde_json::to_vec_pretty(&told)?;
        json.push(b'\n');
        if let Some(out) = &args.out {
            write_whole(out, &json)?;
        }
        if args.json {
            print(&json)?;
        }
    }
    if let Some(plot) = &args.plot {
        if told.curve.is_empty() {
            bail!("there is no curve: no pair is labelled");
        }
        write_whole(plot, told.svg().as_bytes())?;
    }
    if !args.json {
        print(told.text().as_bytes())?;
    }
    if lists {
        for (number, pair) in (1..).zip(&by_similarity) {
            print(show.pair(number, by_similarity.len(), pair)?.as_bytes())?;
        }
    }
    corpus.talk.bad_records(&report);
    if !args.run.quiet {
        if told.labels_unused > 0 {
            let unused = plural(told.labels_unused, "label");
            say(&format!("{unused} not used: of pairs that were not drawn"));
        }
        let seconds = timings.iter().map(|timing| timing.seconds).sum();
        say(&format!("drawn in {}", took(seconds, &report)));
        if lists && !by_similarity.is_empty() {
            say("hint: on a terminal, or with --answers, each pair is asked for");
        }
    }
    let bad_matters = !report.bad.is_empty() && !args.input.allow_bad;
    Ok(ExitCode::from(if bad_matters { EXIT_TROUBLE } else { 0 }))
}

/// Where answers come from; `None` if nothing is asked.
fn answers(args: &CalibrateArgs) -> Result<Option<Answers>> {
    if let Some(path) = &args.answers {
        let both = path == Path::new("-") && args.input.inputs.contains(path);
        if both {
            bail!("stdin cannot be both the articles and the answers; name a file for one of them");
        }
        return Answers::of_file(path).map(Some);
    }
    let is_talk = io::stdin().is_terminal() && io::stdout().is_terminal();
    Ok((is_talk && !args.json && args.gold.is_none()).then(Answers::of_terminal))
}

/// The labels there are; more are added if questions are asked.
fn labels(args: &CalibrateArgs, asks: bool) -> Result<Option<LabelFile>> {
    let path = args.labels.as_deref().or(asks.then_some(Path::new(LABELS_DEFAULT)));
    let Some(path) = path else { return Ok(None) };
    let labels = LabelFile::read(path)?;
    if asks {
        labels.check_kind()?;
    }
    Ok(Some(labels))
}

/// An article's id; `file:line` where it has none.
fn name(document: &Document<'_>, inputs: &Inputs) -> String {
    name_of(document.id.as_deref(), document.place, inputs)
}

fn name_of(id: Option<&str>, place: Place, inputs: &Inputs) -> String {
    let file = || &inputs.files[place.file as usize].name;
    id.map_or_else(|| format!("{}:{}", file(), place.line), str::to_owned)
}

/// The names of a pair that was drawn.
fn names(pair: &DrawnPair, articles: &[Article], inputs: &Inputs) -> [String; 2] {
    [pair.a, pair.b].map(|document| {
        let article = &articles[document.index()];
        name_of(article.id.as_deref(), article.place, inputs)
    })
}

/// Gives the drawn pairs the labels there are.
fn take_labels(drawn: &mut Drawn, labels: &LabelFile, inputs: &Inputs) {
    for at in 0..drawn.pairs.len() {
        let [a, b] = names(&drawn.pairs[at], &drawn.articles, inputs);
        if let Some(is) = labels.label(&a, &b) {
            drawn.label(at, is);
        }
    }
}

/// Shows the pairs without a label one by one and asks for it.
fn ask(
    drawn: &mut Drawn,
    answers: &Answers,
    labels: &mut LabelFile,
    show: &Show<'_>,
    prints: bool,
    watch: &dyn Watch,
) -> Result<()> {
    let of = drawn.pairs.len();
    for at in 0..of {
        let pair = drawn.pairs[at];
        if pair.label.is_some() {
            continue;
        }
        if prints {
            print(show.pair(at + 1, of, &pair)?.as_bytes())?;
        }
        match answers.next(watch)? {
            Answer::Label(is) => {
                let [a, b] = names(&pair, &drawn.articles, show.inputs);
                labels.add(&a, &b, is, pair.similarity.jaccard())?;
                drawn.label(at, is);
            }
            Answer::Skip => {}
            Answer::Quit => break,
        }
    }
    Ok(())
}

/// How pairs are shown.
struct Show<'a> {
    recipe: &'a Recipe,
    passages: PassageRecipe,
    inputs: &'a Inputs,
    texts: &'a HashMap<DocId, Document<'static>>,
    look: Look,
}

impl Show<'_> {
    fn documents(&self, pair: &DrawnPair) -> [&Document<'static>; 2] {
        [pair.a, pair.b].map(|document| &self.texts[&document])
    }

    fn compare(&self, pair: &DrawnPair) -> Result<Comparison<'_>> {
        Ok(compare(self.documents(pair), self.recipe, &self.passages, &Unwatched)?)
    }

    fn compared<'c>(&'c self, pair: &DrawnPair, comparison: &'c Comparison<'c>) -> Compared<'c> {
        let documents = self.documents(pair);
        let file = |document: &Document<'_>| {
            let file: &'c str = &self.inputs.files[document.place.file as usize].name;
            file
        };
        Compared {
            comparison,
            documents,
            files: documents.map(file),
            recipe: self.recipe,
            passages: &self.passages,
        }
    }

    /// A pair as a person is shown it.
    fn pair(&self, number: usize, of: usize, pair: &DrawnPair) -> Result<String> {
        let comparison = self.compare(pair)?;
        let texts = self.compared(pair, &comparison).unjudged(self.look);
        let heading = pair_heading(number, of, &pair.similarity);
        Ok(format!("\n{heading}\n{}\n", texts.trim_end()))
    }
}
