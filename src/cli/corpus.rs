//! What the commands that read a corpus have in common: how they begin, what
//! they say of it, and how it is summed up.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use twicetold::io::{
    Extent, Inputs, ReadOptions, ReadReport, RewriteReport, SUMMARY, Staging, TableFormat,
    write_rows,
};
use twicetold::report::{BadRow, BadSummary, InputFileSummary, InputSummary, Timing, plural, size};
use twicetold::watch::Watch;

use super::args::{InputArgs, RunArgs};
use super::progress::Progress;
use super::{listen_for_interrupts, settings};

/// A corpus that is about to be read, and what is needed for that.
pub(crate) struct Corpus {
    pub(crate) inputs: Inputs,
    pub(crate) options: ReadOptions,
    pub(crate) progress: Progress,
    pub(crate) threads: rayon::ThreadPool,
    /// Where the outcome goes, if anywhere.
    pub(crate) staging: Option<Staging>,
    pub(crate) talk: Talk,
}

impl Corpus {
    /// Finds the inputs and prepares the output folder `out`; says what a user
    /// may not expect of the inputs.
    pub(crate) fn open(
        input: &InputArgs,
        run: &RunArgs,
        out: Option<&PathBuf>,
        overwrite: bool,
    ) -> Result<Self> {
        let options = settings::read_options(input, run)?;
        let progress = Progress::new(run.quiet, listen_for_interrupts()?);
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(options.threads)
            .build()
            .context("cannot start threads")?;
        let inputs =
            Inputs::find(&input.inputs, settings::format(input), Box::new(io::stdin()), &progress)?;
        let staging = match out {
            Some(out) => {
                inputs.check_output(out)?;
                Some(Staging::new(out, overwrite)?)
            }
            None => None,
        };
        let talk = Talk { quiet: run.quiet, verbose: run.verbose > 0, written: out.is_some() };
        talk.inputs(&inputs);
        talk.unfinished(staging.as_ref());
        let inputs = inputs.converted(&options, &progress)?;
        talk.converted(&inputs);
        Ok(Self { inputs, options, progress, threads, staging, talk })
    }
}

/// How many bad records a summary quotes.
const BAD_QUOTED_MAX: usize = 10;

/// The names of the input files, by number.
pub(crate) fn names(report: &ReadReport) -> Vec<String> {
    report.files.iter().map(|file| file.name.clone()).collect()
}

/// The input as a summary tells of it; `written` if its records were written
/// anew.
pub(crate) fn input_summary(report: &ReadReport, written: Option<&RewriteReport>) -> InputSummary {
    let unpacked = |at: usize| written.and_then(|written| *written.files.get(at)?);
    let files = &report.files;
    InputSummary {
        documents: report.documents,
        bytes: files.iter().map(|file| file.bytes_on_disk).sum(),
        unpacked_bytes: files.iter().map(|file| file.bytes).sum(),
        files: files
            .iter()
            .enumerate()
            .map(|(at, file)| InputFileSummary {
                name: file.name.clone(),
                format: file.format.extension().into(),
                converted: file.is_converted,
                compression: file.compression.name().into(),
                whole: file.extent == Extent::Whole,
                bytes: file.bytes_on_disk,
                documents: file.documents,
                bad: file.bad,
                xxh128: file.checksum,
                head_bytes: file.head_bytes,
                unpacked_bytes: unpacked(at).map(|unpacked| unpacked.bytes),
                unpacked_xxh128: unpacked(at).map(|unpacked| unpacked.checksum),
                row_groups: written.and_then(|written| written.row_groups.get(&at).cloned()),
            })
            .collect(),
    }
}

/// The bad records as a summary tells of them.
pub(crate) fn bad_summary(report: &ReadReport) -> BadSummary {
    let bad = &report.bad;
    BadSummary {
        count: bad.len() as u64,
        first: bad
            .iter()
            .take(BAD_QUOTED_MAX)
            .map(|bad| format!("{}:{}: {}", bad.file, bad.place.line, bad.cause))
            .collect(),
    }
}

/// Writes the table of bad records, where there is something to say.
pub(crate) fn write_bad(
    staging: &Staging,
    report: &ReadReport,
    names: &[String],
    formats: &[TableFormat],
    watch: &dyn Watch,
) -> Result<()> {
    if report.bad.is_empty() {
        return Ok(());
    }
    let rows = report.bad.iter().map(|bad| BadRow {
        file: &names[bad.place.file as usize],
        line: bad.place.line,
        offset: bad.place.offset,
        bytes: bad.place.bytes,
        cause: &bad.cause,
    });
    write_rows(staging, formats, rows, watch)?;
    Ok(())
}

/// Writes the summary.
pub(crate) fn write_summary(staging: &Staging, json: &[u8]) -> Result<()> {
    write_page(staging, SUMMARY, json)
}

/// Writes a file that is made already.
pub(crate) fn write_page(staging: &Staging, name: &str, page: &[u8]) -> Result<()> {
    let mut file = staging.file(name)?;
    file.write(page)?;
    file.finish()?;
    Ok(())
}

/// The name of the datasheet in an outcome.
pub(crate) const DATASHEET: &str = "datasheet.md";

/// What is said on stderr.
pub(crate) struct Talk {
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    /// There is an output folder to point at.
    pub(crate) written: bool,
}

impl Talk {
    /// What is about to be read, where there is something a user may not
    /// expect.
    pub(crate) fn inputs(&self, inputs: &Inputs) {
        if self.quiet {
            return;
        }
        if !inputs.repeated.is_empty() {
            say(&format!(
                "{} named more than once, read once",
                plural(inputs.repeated.len() as u64, "file")
            ));
        }
        if inputs.others > 0 {
            let named: Vec<String> = inputs
                .others_named
                .iter()
                .map(|path| twicetold::visible::visible(&path.to_string_lossy()).into_owned())
                .collect();
            let more = if inputs.others > named.len() as u64 { ", ..." } else { "" };
            say(&format!(
                "{} of another kind passed over: {}{more}",
                plural(inputs.others, "file"),
                named.join(", ")
            ));
        }
        if self.verbose {
            for file in &inputs.files {
                say(&format!("reading {} ({})", file.shown(), size(file.bytes)));
            }
        }
    }

    /// What a run that was killed could not delete.
    fn unfinished(&self, staging: Option<&Staging>) {
        if self.quiet {
            return;
        }
        for other in staging.map(Staging::others).unwrap_or_default() {
            let other = shown(&other);
            say(&format!(
                "{other} is the unfinished output of a run that was killed, or still runs"
            ));
            say("hint: if none is running, delete it");
        }
    }

    /// What was passed over in web archives.
    fn converted(&self, inputs: &Inputs) {
        if !self.quiet && inputs.others_captured > 0 {
            let captures = plural(inputs.others_captured, "capture");
            say(&format!("{captures} in web archives passed over: no pages, or not found (HTTP)"));
        }
    }

    /// What came out: the summary in words, and more where that was asked for.
    pub(crate) fn outcome(&self, text: &str, timings: &[Timing], report: &ReadReport) {
        if self.quiet {
            return;
        }
        say(text.trim_end());
        self.bad_records(report);
        if self.verbose {
            for timing in timings {
                let memory = timing
                    .memory
                    .map_or(String::new(), |bytes| format!(", then {} in memory", size(bytes)));
                say(&format!("{:>8.3} s {}{memory}", timing.seconds, timing.phase));
            }
        }
    }

    /// The first few records that could not be used.
    pub(crate) fn bad_records(&self, report: &ReadReport) {
        if self.quiet {
            return;
        }
        for bad in report.bad.iter().take(BAD_QUOTED_MAX) {
            say(&format!("bad record: {}:{}: {}", bad.file, bad.place.line, bad.cause));
        }
        if let Some(more @ 1..) = report.bad.len().checked_sub(BAD_QUOTED_MAX) {
            let listed = if self.written { ", all in bad.jsonl" } else { "" };
            say(&format!("and {}{listed}", plural(more as u64, "more bad record")));
        }
    }
}

/// How long a run took, and how fast it was where that can be told.
pub(crate) fn took(seconds: f64, report: &ReadReport) -> String {
    if seconds < 0.1 {
        return format!("{:.0} ms", 1000.0 * seconds);
    }
    let bytes: u64 = report.files.iter().map(|file| file.bytes).sum();
    format!("{seconds:.1} s ({}/s)", size((bytes as f64 / seconds) as u64))
}

/// Says what was written, and where.
pub(crate) fn say_written(out: &Path, outputs: &[(String, usize)], took: &str) {
    say(&format!("written to {} in {took}:", shown(out)));
    for (name, files) in outputs {
        let path = out.join(name).to_string_lossy().into_owned();
        let count = match name.ends_with('/') {
            true => format!(" ({})", plural(*files as u64, "file")),
            false => String::new(),
        };
        say(&format!("  {}{count}", twicetold::visible::visible(&path)));
    }
}

/// A folder's name as it is shown.
pub(crate) fn shown(path: &Path) -> String {
    twicetold::visible::visible(&path.join("").to_string_lossy()).into_owned()
}

/// A line on stderr; if nobody can hear it, nothing is lost.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes a file that is whole or absent.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let write = || -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("{}: cannot write", path.display()))
}
