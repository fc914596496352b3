"""Writes a page of docs/benchmarks/: twicetold and its peers on generated
corpora, whole processes, speed and quality in one table. Started by
`benches/compare.sh speed`.

Every tool runs from a JSONL file to a JSONL file without near-duplicates; its
speed is never shown without how much of the truth it found. What a run took
and found is remembered under `target/peers/speed/`, so that an interrupted
comparison goes on where it stopped; `--fresh` measures all anew.
"""

import argparse
import datetime
import hashlib
import os
import platform
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import orjson

import driver
import peers
import processes
from accuracy import digest, evaluate
from generated import Corpus
from golds import JACCARD
from peers import BINARY, PEERS, ROOT, WORK

RESULTS = WORK / "speed"
MEGABYTE = 1e6
# What would take more processor time than this, told from the next smaller
# corpus, is not run: ten minutes.
CPU_SECONDS_MAX = 600
# A run that is not done by then has gone wrong, even on a busy machine.
WALL_SECONDS_MAX = 7200
# What would need more than this share of the free memory is not run either.
MEMORY_SHARE = 0.8
# Folded copies of larger corpora are not made: they take the disk they take.
FOLDED_ARTICLES_MAX = 100_000
# The independent join is made of corpora up to this size.
CHECKED_ARTICLES_MAX = 10_000


class Row(NamedTuple):
    """A program with settings."""

    name: str
    version: str
    settings: str  # in words
    command: list[str]  # with {file} and {out} in the places of the two
    key: str  # changes with whatever the outcome depends on
    folded: bool = False  # whether it is given the folded copy
    passages: bool = False  # whether it looks for passages, not for articles


def ours(words, *options, command="dedup"):
    command = [str(BINARY), command, "{file}", "--out", "{out}", "-q", *options]
    passages = command[1] == "passages"
    return Row(
        "twicetold", peers.twicetold_version(), words, command, digest(BINARY), passages=passages
    )


def theirs(name, settings, words, folded=False):
    peer = next(peer for peer in PEERS if peer.name == name)
    command = peer.command_for("{file}", "{out}", [settings])
    key = f"{name}-{peer.version}-{digest(*peer.sources, Path(__file__).with_name('articles.py'))}"
    return Row(name, peer.version, words, command, key, folded, peer.passages_only)


def rows(names):
    """The rows for the names asked for, ours first."""
    bands, slots = driver.bands(JACCARD)
    confirmed = f"folded word 3-grams, {bands}x{slots} bands, confirmed"
    found = [
        ours("default"),
        ours("`--engine minhash`", "--engine", "minhash"),
        ours("just the join: `--drop near --no-mask --no-templates`",
             "--drop", "near", "--no-mask", "--no-templates"),
        ours("the same with `--pairs`; its connected components",
             "--drop", "near", "--no-mask", "--no-templates", "--pairs"),
        theirs("gaoya", f"threshold=0.7,bands={bands},rows={slots}",
               f"README's recipe: lower-case words, {bands}x{slots} bands"),
        theirs("gaoya", f"words=3,threshold=0.7,bands={bands},rows={slots},confirm=yes",
               confirmed, folded=True),
        theirs("rensa", "-", "README's recipe: whitespace words"),
        theirs("rensa", "recipe=rho", "rho pipeline, README's recipe on the flagged"),
        theirs("rensa", "words=3,confirm=yes", confirmed, folded=True),
        theirs("datasketch", "-", "documented way: whitespace words, 128 slots"),
        theirs("datasketch", "words=3,confirm=yes", confirmed, folded=True),
        theirs("text-dedup", "-", "default: word 5-grams, 250 slots"),
        theirs("text-dedup", "words=3,hash=xxh3", "folded word 3-grams, 250 slots, xxh3", folded=True),
        theirs("datatrove", "-", "default: word 5-grams, 14x8 bands"),
        ours("`passages --include-copies`", "--include-copies", command="passages"),
        theirs("dolma", "-", "default: paragraphs that came before as they are"),
        theirs("dolma", "words=5,overlap=0.5", "paragraphs half of whose runs of 5 words came before"),
    ]  # fmt: skip
    return [row for row in found if row.name in names]


class Run(NamedTuple):
    """What one process, with all it started, took."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int  # of its largest process


def measure(command):
    """Runs a command to its end; raises with its last words if it fails."""
    measuring = [sys.executable, str(Path(__file__).with_name("measure.py"))]
    result = orjson.loads(processes.run(measuring + command, WORK, WALL_SECONDS_MAX))
    return Run(result["wall_seconds"], result["cpu_seconds"], result["peak_bytes"])


def score(row, out, corpus):
    """How an outcome compares with the truth: clusters and passages by
    `twicetold eval`, what is kept by counting."""
    table = "spans.tsv" if row.passages else "clusters.tsv"
    connected = Path(out, "connected.jsonl")
    if connected.exists():
        said = ["--pred", connected]
    elif row.name == "twicetold":
        said = [out]
    else:
        said = ["--pred", Path(out, table)]
    if row.passages:
        found = evaluate(said, corpus.boilerplate, draws=0)
        return {"characters": found["character recall"]["value"], "cases": found["recall"]["value"]}
    kept = set()
    for file in Path(out, "kept").rglob("*.jsonl"):
        kept.update(int(orjson.loads(line)["id"][1:]) for line in open(file, "rb"))
    values = {}
    for name, gold in corpus.golds.items():
        found = evaluate(said, gold, draws=0)
        values |= {f"{name} {measure}": m["value"] for measure, m in found.items()}
    dropped = corpus.count - len(kept)
    in_pairs = {i for pair in corpus.pairs for i in pair}
    return {
        "pairs": len(corpus.pairs),
        "left": sum(a in kept and b in kept for a, b in corpus.pairs),
        "dropped": dropped,
        "precision": (len(in_pairs) - len(in_pairs & kept)) / dropped if dropped else 1.0,
        "together": values["pairs recall"],
        "f1": values["clusters pairwise F1"],
        "of_one_story": values["stories pairwise precision"],
    }


def result_path(row, corpus, turn):
    words = f"{row.key} {row.command} {row.folded} {corpus.digest}"
    key = hashlib.sha256(words.encode()).hexdigest()[:12]
    return RESULTS / f"{row.name}-{corpus.count}-{key}-{turn}.json"


def result(row, corpus, turn):
    """What a run took and found, from memory or from running it."""
    path = result_path(row, corpus, turn)
    if path.exists():
        return orjson.loads(path.read_bytes())
    file = corpus.folded if row.folded else corpus.path
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=WORK) as work:
        out = f"{work}/out"
        run = measure([part.format(file=file, out=out) for part in row.command])
        found = score(row, out, corpus)
    told = {"run": run._asdict(), "score": found, "load": load}
    told["when"] = datetime.datetime.now().isoformat(timespec="minutes")
    print(
        f"{row.name} ({row.settings}), {corpus.count:,}: {run.wall_seconds:.1f} s, "
        f"{run.cpu_seconds:.1f} s CPU",
        file=sys.stderr,
        flush=True,
    )
    path.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    return told


def available_bytes():
    for line in open("/proc/meminfo"):
        if line.startswith("MemAvailable"):
            return int(line.split()[1]) * 1024
    return float("inf")


def reason_against(row, corpus, before):
    """Why a row is not run on a corpus, if it is not; `before` is what it took
    on the next smaller one, and how many articles that had."""
    if row.name == "twicetold":
        return None
    if row.folded and corpus.count > FOLDED_ARTICLES_MAX:
        return "no folded copy is made of so many articles"
    if before is None:
        return None
    smaller, (run, _) = before
    times = corpus.count / smaller
    if (seconds := run.cpu_seconds * times) > CPU_SECONDS_MAX:
        return f"it would take about {seconds / 60:.0f} minutes of processor time"
    if (peak := run.peak_bytes * times) > MEMORY_SHARE * available_bytes():
        return f"it would need about {peak / 1e9:.0f} GB"
    return None


ARTICLES = {
    "recall": lambda found: f"{1 - found['left'] / max(1, found['pairs']):.4f}",
    "precision": lambda found: f"{found['precision']:.4f}",
    "together": lambda found: f"{found['together']:.4f}",
    "cluster F1": lambda found: f"{found['f1']:.4f}",
    "of one story": lambda found: f"{found['of_one_story']:.4f}",
}
PASSAGES = {"of a span, found": lambda found: f"{found['cases']:.4f}"}


def table(corpus, medians, columns):
    """Rows of one corpus as a Markdown table; medians are (Run, score) by row."""
    heads = ["MB per CPU s", "MB/s", "peak MB", *columns, "CPU", "wall"]
    text = f"| tool | version | settings | {' | '.join(heads)} |\n|---|---|---|{'--:|' * len(heads)}\n"
    base = next((run for row, (run, _) in medians if row.name == "twicetold"), None)
    for row, (run, found) in medians:
        cells = [
            row.name,
            row.version,
            row.settings,
            f"{corpus.megabytes / run.cpu_seconds:.1f}",
            f"{corpus.megabytes / run.wall_seconds:.1f}",
            f"{run.peak_bytes / MEGABYTE:.0f}",
            *(shown(found) for shown in columns.values()),
            f"{run.cpu_seconds / base.cpu_seconds:.1f}x" if base else "",
            f"{run.wall_seconds / base.wall_seconds:.1f}x" if base else "",
        ]
        text += "| " + " | ".join(cells) + " |\n"
    return text


PAGE = """\
# Beside other programs, {date}

`benches/compare.sh speed --sizes {sizes} --repeats {repeats}`

{machine}; Python {python}; medians of {repeats} run(s) each, the tools taking turns. Runs from {first} to {last};
load of the machine before a run between {low:.1f} and {high:.1f}{shared}.

{tables}
*The job*: read the JSONL file, find the near-duplicates at Jaccard {jaccard}, write the file without them. Whole processes,
interpreter start and imports included; CPU seconds are those of all processes a tool starts; peak memory is that of the
largest one. MB are 10^6 bytes of the JSONL file. *CPU*, *wall*: times what the first row takes.

*Passages*, the second table of each size: repeated passages instead of articles. *Of a span, found*: how much of each planted
boilerplate span is flagged, on average. twicetold aligns, groups and quotes them, and writes its tables; dolma flags
paragraphs in one pass over a Bloom filter, so what comes first stays unflagged. The deduper of text-dedup over suffix arrays needs
programs that are not on PyPI, and `onion` is on no registry.

*The corpora* are written by `cargo run --release --example generate -- --n N --gold`, half Arabic, half English: a fifth
of the articles belong to stories of 2 to 100 edited copies, three in ten carry boilerplate. *The truth*: all pairs
whose sets of word 3-grams, over folded text, have Jaccard >= {jaccard}, boilerplate included. {check}

*Recall*: the true pairs of which at most one article is kept. *Precision*: the dropped articles that have a partner in the
truth. These two say how well the job was done. *Together*: the true pairs in one cluster; *cluster F1*: of pairs in one
cluster, against the clusters that the true pairs connect (`twicetold eval`); *of one story*: the pairs in one cluster that the
generator made from one another. Where each dropped article must match its keeper, as in twicetold and the *confirmed* rows,
a chain of pairs is parted between keepers: that costs pairs together, and none is left; `connected.jsonl` of `--pairs`
has the chains. By default twicetold also drops an
article that is contained in another (the truth has no such pairs, but they are of one story) and compares articles without
their boilerplate; *just the join* asks for what the truth is.

*Settings*: each peer first as its documentation shows it, at the threshold of the job (gaoya with the bands that its
`calculate_minhash_params` gives for it); then, where it lets one choose, on
folded word 3-grams. Those rows are given a text that was folded beforehand (the file without near-duplicates that they write is
a folded one), so folding is not in their time; in that of twicetold it is. *Confirmed*: candidates are compared on the whole
shingle sets, by a few lines around the library (gaoya passes over before what its signatures estimate below the threshold);
text-dedup and datatrove have no step for it. The drivers are
`benches/peers/run_*.py` and `benches/peers/gaoya`.
"""


def compare(rows, sizes, repeats, no_run):
    """Runs everything, or nothing that was not run before; gives back the
    tables and all results."""
    tables, results, before = "", [], {}
    for count in sizes:
        corpus = Corpus(count)
        taken, against = {}, []
        for turn in range(repeats):
            for number, row in enumerate(rows):
                if any(row is other for other, _ in against):
                    continue
                done = result_path(row, corpus, turn).exists()
                reason = None if done else reason_against(row, corpus, before.get(number))
                if no_run and not done:
                    reason = reason or "not measured yet"
                try:
                    if reason is None:
                        taken.setdefault(number, []).append(result(row, corpus, turn))
                except (RuntimeError, OSError) as error:
                    reason = str(error)
                if reason is not None:
                    against.append((row, reason))
                    print(f"{row.name} ({row.settings}): {reason}", file=sys.stderr)
        medians = {}
        for number, told in taken.items():
            results += told
            columns = zip(*(Run(**one["run"]) for one in told))
            medians[number] = (Run(*map(statistics.median, columns)), told[0]["score"])
        before |= {number: (count, found) for number, found in medians.items()}
        tables += f"## {count:,} articles, {corpus.megabytes:.0f} MB, {len(corpus.pairs):,} pairs\n\n"
        for passages, columns in ((False, ARTICLES), (True, PASSAGES)):
            shown = [(rows[n], medians[n]) for n in sorted(medians) if rows[n].passages == passages]
            tables += table(corpus, shown, columns) + "\n" if shown else ""
        lines = "".join(f"* {row.name} ({row.settings}): {reason}\n" for row, reason in against)
        tables += f"Not run:\n\n{lines}\n" if against else ""
    return tables, results


def main():
    parser = argparse.ArgumentParser(prog="benches/compare.sh speed")
    names = ["twicetold", *peers.NAMES]
    parser.add_argument("--sizes", default="10000,100000", help="articles (default: %(default)s)")
    parser.add_argument("--peers", default=",".join(peers.NAMES), help="some of %(default)s")
    parser.add_argument("--without-us", action="store_true", help="run the peers only")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each tool (default: 3)")
    parser.add_argument("--fresh", action="store_true", help="forget earlier results")
    parser.add_argument("--no-run", action="store_true", help="show what was measured earlier")
    parser.add_argument("--report", type=Path, help="where the page goes (default: docs/benchmarks/)")
    args = parser.parse_args()
    wanted = set(args.peers.split(","))
    if unknown := wanted - set(names):
        parser.error(f"unknown peers: {', '.join(sorted(unknown))}; known: {', '.join(peers.NAMES)}")
    if not args.without_us:
        wanted.add("twicetold")
    if args.fresh:
        shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True, exist_ok=True)

    sizes = sorted(map(int, args.sizes.split(",")))
    tables, results = compare(rows(wanted), sizes, args.repeats, args.no_run)
    loads = [one["load"] for one in results]
    page = PAGE.format(
        date=datetime.date.today(),
        sizes=",".join(map(str, sizes)),
        repeats=args.repeats,
        machine=peers.processor(),
        python=platform.python_version(),
        first=min(one["when"] for one in results).replace("T", " "),
        last=max(one["when"] for one in results).replace("T", " "),
        low=min(loads),
        high=max(loads),
        shared=": other work ran at the same time, so wall time means little" * (max(loads) > 3),
        tables=tables,
        jaccard=JACCARD,
        check=Corpus(min(sizes)).checked() if min(sizes) <= CHECKED_ARTICLES_MAX else "",
    )
    print(page)
    target = args.report or ROOT / "docs" / "benchmarks" / f"{datetime.date.today()}-peers.md"
    target.write_text(page)


if __name__ == "__main__":
    main()
