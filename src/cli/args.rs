//! What was typed: the words of the command line, nothing decided yet.

mod apply;
mod audit;
mod calibrate;
mod compare;
mod config;
mod decision;
mod eval;
mod output;
mod restore;

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};

use super::fail_on::FailOn;

pub(crate) use apply::ApplyArgs;
pub(crate) use audit::AuditArgs;
pub(crate) use calibrate::CalibrateArgs;
pub(crate) use compare::CompareArgs;
pub(crate) use config::ConfigArgs;
pub(crate) use decision::{DecisionArgs, DropArg};
pub(crate) use eval::EvalArgs;
pub(crate) use output::OutcomeArgs;
pub(crate) use restore::RestoreArgs;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default());

const ABOUT: &str = "Finds news that is told twice, before a corpus is published";

const EXAMPLES: &str = "\
Examples:
  twicetold dedup articles.jsonl --out clean
      Drop near-duplicate articles; clean/kept/articles.jsonl is the corpus without them.
  twicetold dedup corpus/ --dry-run
      Say what would be dropped, write nothing.
  twicetold passages articles.jsonl
      Show the passages that are told again and again: footers, templates, reprinted paragraphs.
  twicetold compare a.txt b.txt
      Show how similar two articles are, and how they differ word by word.
  twicetold config --preset wire
      Show every value a preset stands for.

Exit status: 0 done, 1 as many copies as --fail-on says, 2 trouble, 130 interrupted.";

/// Finds news that is told twice.
#[derive(Debug, Parser)]
#[command(name = "twicetold", version, about = ABOUT, after_help = EXAMPLES, styles = STYLES)]
#[command(propagate_version = true, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// When to use colours; auto looks at the terminal, NO_COLOR and their like
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto", global = true)]
    #[arg(help_heading = "Run")]
    pub(crate) color: ColorArg,

    /// Settings file: options as keys, one a line; options that are typed win [default:
    /// twicetold.toml in the current folder, if there is one]
    #[arg(long, value_name = "FILE", global = true, value_hint = ValueHint::FilePath)]
    #[arg(help_heading = "Run")]
    pub(crate) config: Option<PathBuf>,

    /// Read no settings file
    #[arg(long, global = true, help_heading = "Run", conflicts_with = "config")]
    pub(crate) no_config: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Drop near-duplicate articles from a corpus
    #[command(long_about = DEDUP_LONG)]
    Dedup(Box<DedupArgs>),
    /// Find repeated passages: boilerplate, templates, reprinted paragraphs
    #[command(long_about = PASSAGES_LONG)]
    Passages(Box<PassagesArgs>),
    /// Measure what the MinHash engine would miss, on a sample
    #[command(long_about = audit::LONG)]
    Audit(Box<AuditArgs>),
    /// Choose the threshold by eye, or by labels
    #[command(long_about = calibrate::LONG)]
    Calibrate(Box<CalibrateArgs>),
    /// Score an outcome, or any program's, against labels
    #[command(long_about = eval::LONG)]
    Eval(Box<EvalArgs>),
    /// Decide again from an earlier run: keep policy, thresholds
    #[command(long_about = apply::LONG)]
    Apply(Box<ApplyArgs>),
    /// Put the input of an earlier run together again from its outcome
    #[command(long_about = restore::LONG)]
    Restore(RestoreArgs),
    /// Compare two documents: similarities, relation, shared passages, aligned texts
    #[command(long_about = compare::LONG)]
    Compare(Box<CompareArgs>),
    /// Print what is in force and where it comes from: recipe and settings
    #[command(long_about = config::LONG)]
    Config(Box<ConfigArgs>),
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  twicetold completions bash > \
        ~/.local/share/bash-completion/completions/twicetold")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one for every command into a folder
    #[command(after_help = "Example:\n  twicetold man --out ~/.local/share/man/man1")]
    Man {
        /// Folder to write the pages to; without it the main page goes to stdout
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        out: Option<PathBuf>,
    },
}

const DEDUP_LONG: &str = "\
Drop near-duplicate articles from a corpus.

Reads every article, finds those that tell the same text again, keeps the right copy of each and \
writes the rest of the story down. Texts are compared without their diacritics, letter variants, \
punctuation and case, so that a re-typed or re-diacritised copy is found like any other. Every \
dropped article matches the article kept instead of it directly, with its exact similarity \
written to removed.jsonl. Inputs are never changed; outputs appear whole or not at all.";

const DEDUP_EXAMPLES: &str = "\
Output in DIR:
  kept/            the corpus without the copies: same file names, format and compression, every
                   record byte for byte as it was, in order
  removed/         the dropped records, in the same way (unless --discard)
  removed.jsonl    for each dropped article: the one kept instead, the relation, exact similarities
  clusters.jsonl   each group of copies, with its members, sources and dates
  related.jsonl    pairs of kept articles that are re-edited versions of one report, or two fillings
                   of one template
  boilerplate.jsonl  the passages that were masked before articles were compared, if any
  summary.json     recipe and fingerprint, counts by relation, source and month, checksums, timings
  datasheet.md     with --datasheet: the same in words, for the corpus's data card
  pairs.jsonl.zst  with --pairs: what `twicetold apply` needs to decide again
  connected.jsonl  with --pairs: connected components, as programs that merge transitively cluster
  bad.jsonl, bad/  records that could not be read (with --on-error skip)

Boilerplate is masked (unless --no-mask): a passage of 25 words or more that stands in 20 articles or
more, each time beside text of the article's own, counts for nothing when articles are compared.
Rows give the figures that decided and, as plain_..., those of the texts as they are.
Of web archives and pages the main text is compared, and what is written of them is JSON lines:
kept/NAME.jsonl for each archive, kept/pages.jsonl for all pages together.

Relations, from the closest down:
  identical   the texts are equal byte for byte
  same        equal after folding (diacritics, letter variants, punctuation, case)
  near        Jaccard similarity of at least --threshold, over runs of three words (--preset ocr:
              of seven characters)
  contained   at least --containment of the article lies in the one kept instead
  variant     Jaccard of at least --variant, or --variant-containment of the shorter: reported in
              related.jsonl, dropped only with --preset wire or --drop ...,variant
  template    alike as the others, but with other numbers: two market reports, two dividend
              notices; reported in related.jsonl, never dropped

Examples:
  twicetold dedup articles.jsonl --out clean
  twicetold dedup news/*.jsonl.gz --out clean --keep earliest --window 14d
  twicetold dedup corpus/ --out clean --preset wire --keep source:spa,aawsat
  twicetold dedup release/ --dry-run --fail-on 0.5%
  twicetold dedup new/ --out clean --recipe older/summary.json --tables parquet --datasheet
  zstdcat big.jsonl.zst | twicetold dedup - --dry-run --json | jq .removed

Exit status: 0 done, 1 as many copies as --fail-on says, 2 trouble (or bad records were skipped,
unless --allow-bad), 130 interrupted.";

/// `twicetold dedup`.
#[derive(Debug, Args)]
#[command(after_long_help = DEDUP_EXAMPLES)]
pub(crate) struct DedupArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// Folder to write the outcome to; it must not exist yet
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    #[arg(help_heading = "Output", required_unless_present = "dry_run")]
    pub(crate) out: Option<PathBuf>,

    /// Replace DIR if it holds the outcome of an earlier run
    #[arg(long, help_heading = "Output")]
    pub(crate) overwrite: bool,

    /// Write nothing, only print the summary
    #[arg(short = 'n', long, help_heading = "Output")]
    #[arg(conflicts_with_all = ["out", "tables", "datasheet"])]
    pub(crate) dry_run: bool,

    /// Drop nothing: add cluster_id, is_duplicate, duplicate_of, jaccard and cluster_size to
    /// every record
    #[arg(long, help_heading = "Output", conflicts_with = "discard")]
    pub(crate) annotate: bool,

    /// Don't write the dropped records to removed/
    #[arg(long, help_heading = "Output")]
    pub(crate) discard: bool,

    /// Find the repeated passages of the kept articles too, as `twicetold passages` does: writes
    /// families.jsonl and occurrences.jsonl, and names in removed.jsonl what a copy shares
    #[arg(long, help_heading = "Output")]
    pub(crate) passages: bool,

    /// Write pairs.jsonl.zst too: every pair of articles that match, whoever stays, for `twicetold
    /// apply` to decide again; and connected.jsonl, the connected components of copies
    #[arg(long, help_heading = "Output")]
    #[arg(conflicts_with_all = ["dry_run", "annotate", "discard", "passages"])]
    pub(crate) pairs: bool,
    #[command(flatten)]
    pub(crate) outcome: OutcomeArgs,

    /// Print the summary as JSON on stdout
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    /// Exit with 1 if so many articles, or such a share of them, are copies, as 1 or 0.5%
    #[arg(long, value_name = "N|P%", help_heading = "Output", value_parser = FailOn::parse)]
    pub(crate) fail_on: Option<FailOn>,

    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    #[command(flatten)]
    pub(crate) run: RunArgs,
}

const PASSAGES_LONG: &str = "\
Find repeated passages: boilerplate, templates, reprinted paragraphs.

Finds every stretch of text that is told again, within one article or across the corpus, though \
it was edited, re-diacritised, renumbered or glued into other text. The occurrences of one passage \
are a family; each is compared with the family's representative, word by word, exactly. Whole \
articles that are copies of one another (as `twicetold dedup` finds them) count once: a family is \
what is told again beyond that. Inputs are never changed; outputs appear whole or not at all.";

const PASSAGES_EXAMPLES: &str = "\
On stdout: the families found in most articles, with the beginning of the text. --show diff adds
how the others differ from it: [-words there-]{+words here+}.

Output in DIR:
  families.jsonl      for each family: articles, occurrences, sources, first and last date, words,
                      the representative's text and place, where in articles it usually stands
                      (head, body, tail; whole if nothing else is there), identities
  occurrences.jsonl   for each occurrence: article, place, identity, what differs from the
                      representative, and the article's copies
  kept/               with --mark: every record, the member `repeated` added; with --strip: every
                      record without its repeated passages, every other byte as it was
  removed/            with --strip: the bytes that were cut out, one behind the other
  stripped.jsonl      with --strip: each stretch cut out, its families, its place in the text and
                      in the file
  left.jsonl          with --strip: each occurrence of which nothing was cut out, and why: `kept`,
                      `no_sentence`, or `only_text`
  summary.json        recipe and fingerprint, counts, share of text repeated, checksums, timings
  bad.jsonl, bad/     records that could not be read (with --on-error skip; bad/ with --mark, --strip)

Places are in the text as it was read: `start` and `end` count characters (Unicode code points),
`start_byte` and `end_byte` bytes of UTF-8, both from 0.

Examples:
  twicetold passages articles.jsonl
  twicetold passages news/*.jsonl.gz --min-words 20 --show diff --top 50
  twicetold passages corpus/ --across-sources --out agency-text
  twicetold passages corpus/ --same-source --min-docs 10 --mark --out marked
  twicetold passages corpus/ --min-docs 10 --strip --out clean
  twicetold restore clean --out corpus-again

Exit status: 0 done, 2 trouble (or bad records were skipped, unless --allow-bad), 130 interrupted.";

/// `twicetold passages`.
#[derive(Debug, Args)]
#[command(after_long_help = PASSAGES_EXAMPLES)]
pub(crate) struct PassagesArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// Folder to write the outcome to; it must not exist yet
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    #[arg(help_heading = "Output")]
    pub(crate) out: Option<PathBuf>,

    /// Replace DIR if it holds the outcome of an earlier run
    #[arg(long, help_heading = "Output", requires = "out")]
    pub(crate) overwrite: bool,

    /// Write every record with the member `repeated` added: the ranges of its text that belong to
    /// a family (null in copies, which are not looked at)
    #[arg(long, help_heading = "Output", requires = "out")]
    pub(crate) mark: bool,

    /// Write every record without its repeated passages: whole sentences and paragraphs only. What
    /// goes is written too, see `twicetold restore`. An article that would have no words left
    /// stays as it is, and so do copies, which are not looked at
    #[arg(long, help_heading = "Output", requires = "out", conflicts_with = "mark")]
    pub(crate) strip: bool,

    /// Strip all occurrences of a passage but one: the one in the article kept before the others
    #[arg(long, help_heading = "Output", requires = "strip")]
    pub(crate) keep_one: bool,
    #[command(flatten)]
    pub(crate) outcome: OutcomeArgs,

    /// How many families to show
    #[arg(long, value_name = "N", default_value_t = 10, help_heading = "Output")]
    pub(crate) top: usize,

    /// Show more of each family
    #[arg(long, value_name = "WHAT", value_enum, help_heading = "Output")]
    pub(crate) show: Option<ShowArg>,

    /// Print the summary as JSON on stdout, instead of the families
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) recipe: PassageRecipeArgs,

    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// What changes which families are found.
#[derive(Debug, Args)]
#[command(next_help_heading = "What counts as a repeated passage")]
pub(crate) struct PassageRecipeArgs {
    /// The recipe of an earlier run, by its summary.json; options change single values of it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) recipe: Option<PathBuf>,

    /// In how many words two occurrences agree at least [default: 12]
    #[arg(long, value_name = "N")]
    pub(crate) min_words: Option<u32>,

    /// Only families found in at least so many articles [default: 1]
    #[arg(long, value_name = "N")]
    pub(crate) min_docs: Option<u32>,

    /// Only families found in at least so many sources [default: 0]
    #[arg(long, value_name = "N")]
    pub(crate) min_sources: Option<u32>,

    /// Only families of a single source: a paper's own furniture
    #[arg(long, conflicts_with = "across_sources")]
    pub(crate) same_source: bool,

    /// Only families of two sources or more: agency text
    #[arg(long)]
    pub(crate) across_sources: bool,

    /// Which of several articles comes first: of copies the one that is looked at, with --keep-one
    /// the one that keeps a passage. first, longest, earliest, latest, or source:A,B,...
    /// [default: longest]
    #[arg(short, long, value_name = "POLICY", value_parser = parse_keep)]
    pub(crate) keep: Option<crate::cli::settings::KeepPolicy>,

    /// Look at copies of whole articles too, like at any other article
    #[arg(long)]
    pub(crate) include_copies: bool,
}

/// What else is shown of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowArg {
    /// How its variants differ, word by word
    Diff,
}

/// What is read, and how.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct InputArgs {
    /// Files, folders, globs, or - for stdin: JSON (.jsonl, .ndjson, .json), CSV (.csv, .tsv), plain
    /// text (.txt), SGML or XML with <DOC> (.sgml, .xml, .trec, .prevert, Gigaword), vertical text
    /// (.vert), web archives (.warc, .wet) and pages (.html), each plain, .gz, .zst, .bz2 or .xz;
    /// Parquet (.parquet) and Arrow (.arrow, .feather)
    #[arg(required = true, value_name = "INPUT", value_hint = ValueHint::AnyPath)]
    pub(crate) inputs: Vec<PathBuf>,

    /// Format of the input, whatever its name
    #[arg(long, value_enum)]
    pub(crate) format: Option<FormatArg>,

    /// Where articles begin in plain text: auto (form feeds, rule lines, `*** headline` lines),
    /// none, blank (lines), or a regular expression for an article's first line
    #[arg(long, value_name = "HOW", default_value = "auto")]
    pub(crate) split: String,

    /// Delimiter of CSV: one ASCII character, or tab [default: told from the header]
    #[arg(long, value_name = "CHAR", value_parser = parse_delimiter)]
    pub(crate) delimiter: Option<u8>,

    /// Field of the text, as a dotted path [default: text, content, body, maintext, ...]
    #[arg(long, value_name = "PATH")]
    pub(crate) text_field: Option<String>,

    /// Field of the id [default: id, doc_id, uuid, url, ...; else file:line]
    #[arg(long, value_name = "PATH")]
    pub(crate) id_field: Option<String>,

    /// Field of the date [default: date, published, pubdate, timestamp, ...]
    #[arg(long, value_name = "PATH")]
    pub(crate) date_field: Option<String>,

    /// Field of the source [default: source, publisher, domain, newspaper, ...]
    #[arg(long, value_name = "PATH")]
    pub(crate) source_field: Option<String>,

    /// Field of the title [default: title, headline]
    #[arg(long, value_name = "PATH")]
    pub(crate) title_field: Option<String>,

    /// Encoding of files without a byte order mark, such as windows-1256 or utf-16le
    /// [default: utf-8]
    #[arg(long, value_name = "LABEL")]
    pub(crate) encoding: Option<String>,

    /// Longest record; a longer one is a bad record
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = parse_size)]
    pub(crate) max_record: u64,

    /// What to do at a bad record: stop with nothing written, or count it and go on
    #[arg(long, value_enum, default_value = "fail")]
    pub(crate) on_error: OnErrorArg,

    /// Exit with 0 though bad records were skipped
    #[arg(long)]
    pub(crate) allow_bad: bool,
}

/// What changes the result.
#[derive(Debug, Args)]
#[command(next_help_heading = "What counts as a copy")]
pub(crate) struct RecipeArgs {
    /// A named recipe; options below change single values of it
    #[arg(long, value_enum, default_value = "default")]
    pub(crate) preset: PresetArg,

    /// The recipe of an earlier run, by its summary.json; options change single values of it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "preset")]
    pub(crate) recipe: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) decision: DecisionArgs,

    /// Compare articles with their boilerplate: by default a passage that stands in many articles
    /// makes no two of them alike, nor keeps two apart
    #[arg(long)]
    pub(crate) no_mask: bool,

    /// Compare articles by runs of so many words: of longer runs edited copies share fewer
    /// [default: 3]
    #[arg(long, value_name = "N")]
    pub(crate) shingle_words: Option<u32>,

    /// Articles with fewer words match only if they are the same [default: 10]
    #[arg(long, value_name = "N")]
    pub(crate) min_words: Option<u32>,

    /// Compare only articles of the same source
    #[arg(long, conflicts_with = "across_sources")]
    pub(crate) within_source: bool,

    /// Compare only articles of different sources
    #[arg(long)]
    pub(crate) across_sources: bool,

    /// Compare only articles dated at most this far apart, as 14d or 36h
    #[arg(long, value_name = "TIME", value_parser = parse_window)]
    pub(crate) window: Option<u64>,

    /// How candidates are found: exact (every match), minhash (for very large corpora), or auto
    #[arg(long, value_enum)]
    pub(crate) engine: Option<EngineArg>,
}

/// What changes how a run goes, not what it finds.
#[derive(Debug, Args)]
#[command(next_help_heading = "Run")]
pub(crate) struct RunArgs {
    /// Threads to use [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,

    /// About how much memory to use, as 4G: what does not fit goes to a temporary file, and the
    /// outcome stays the same; a million articles need 800 MB [default: half of what is free]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(crate) memory: Option<u64>,

    /// The folder for the temporary file [default: the system's]
    #[arg(long, value_name = "DIR")]
    pub(crate) temp_dir: Option<PathBuf>,

    /// Say nothing but errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say more: the recipe, every input file, the time of each phase
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,

    /// Bytes read at a time; the outcome does not depend on it
    #[arg(long, value_name = "SIZE", value_parser = parse_size, hide_short_help = true)]
    pub(crate) block: Option<u64>,

    /// Which kernels to use; the outcome does not depend on it
    #[arg(long, value_enum, default_value = "auto", hide_short_help = true)]
    pub(crate) kernels: KernelsArg,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorArg {
    /// Where the output is a terminal that has them and NO_COLOR is not set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A format by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FormatArg {
    /// One JSON object a line
    Jsonl,
    /// One JSON array of objects
    Json,
    /// Plain text
    Text,
    /// Comma-separated values below a header, or with another delimiter
    Csv,
    /// Tab-separated values below a header
    Tsv,
    /// Apache Parquet
    Parquet,
    /// Arrow IPC, as a file (Feather version 2) or as a stream
    Arrow,
    /// SGML or XML with <DOC>: Gigaword, TREC, ANT; also running text in <doc ...> (prevert)
    #[value(alias = "xml", alias = "trec", alias = "prevert")]
    Sgml,
    /// One token a line in <doc ...>, as for Sketch Engine
    Vertical,
    /// Web archives, with pages or with their text (WET)
    #[value(alias = "wet")]
    Warc,
    /// Web pages
    Html,
}

/// What to do at a bad record.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OnErrorArg {
    /// Stop at the first one, with nothing written
    Fail,
    /// Count it, list it in bad.jsonl and go on
    Skip,
}

/// A named recipe.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PresetArg {
    /// Copies and abridged copies, re-edited reports are kept
    Default,
    /// Only what is nearly the same: Jaccard of at least 0.9
    Strict,
    /// One report of an agency in different papers is one story
    Wire,
    /// Text with misread characters, as character recognition leaves it
    Ocr,
}

/// An engine by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum EngineArg {
    /// Prefix-filter join: every match is found
    Exact,
    /// MinHash in bands: 99.9 % of the matches at the threshold
    Minhash,
    /// Exact, or minhash where exact would need too much memory
    Auto,
}

/// Which kernels to use.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum KernelsArg {
    /// The fastest this machine has
    Auto,
    /// Plain ones
    Scalar,
}

fn parse_share(text: &str) -> Result<f64, String> {
    let wrong = || format!("`{text}` is no number from 0 to 1, such as 0.7");
    let share: f64 = text.parse().map_err(|_| wrong())?;
    if share > 0.0 && share <= 1.0 { Ok(share) } else { Err(wrong()) }
}

fn parse_size(text: &str) -> Result<u64, String> {
    text.parse::<bytesize::ByteSize>()
        .map(|size| size.as_u64())
        .map_err(|_| format!("`{text}` is no size, such as 64MiB or 2GB"))
        .and_then(|size| if size == 0 { Err("must be more than 0".to_owned()) } else { Ok(size) })
}

fn parse_delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" => Ok(b'\t'),
        _ => match *text.as_bytes() {
            [byte] if byte.is_ascii() && !b"\"\r\n".contains(&byte) => Ok(byte),
            _ => Err("give one ASCII character that is no quote or line end, such as ; or tab"
                .to_owned()),
        },
    }
}

fn parse_keep(text: &str) -> Result<crate::cli::settings::KeepPolicy, String> {
    crate::cli::settings::KeepPolicy::parse(text)
}

/// A day, in hours: dates in a corpus have no daylight saving time.
fn parse_window(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no stretch of time, such as 14d, 36h or 2w");
    let span: jiff::Span = text.parse().map_err(|_| wrong())?;
    let seconds = span
        .total((jiff::Unit::Second, jiff::SpanRelativeTo::days_are_24_hours()))
        .map_err(|_| format!("`{text}`: use days, hours, minutes or weeks"))?;
    if seconds >= 0.0 { Ok(seconds as u64) } else { Err(wrong()) }
}
