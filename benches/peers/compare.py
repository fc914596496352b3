"""Runs twicetold and its peers on one file and prints a table of both speed
and quality. Started by `benches/compare.sh`, which see.

Every tool runs as a whole process, from a JSONL file to a JSONL file without
near-duplicates; its speed is never shown without how much of the truth it
found.
"""

import argparse
import datetime
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import orjson
import zstandard

import articles
import truth

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "peers"
BINARY = ROOT / "target" / "release" / "twicetold"
DEFAULT_FILE = ROOT / ".." / "shared" / "data" / "saudinewsnet" / "docs.jsonl.zst"
MEGABYTE = 1e6
JACCARD = 0.7
CONTAINMENT = 0.9


class Tool(NamedTuple):
    """One row of the table: a program with settings."""

    name: str
    settings: str
    version: str
    command: list[str]  # with {file} and {out} in the places of the two


def peer(name, settings, description):
    driver = Path(__file__).with_name(f"run_{name.replace('-', '_')}.py")
    command = [sys.executable, str(driver), "{file}", "{out}", settings]
    return Tool(name, description, version(name), command)


def tools(names):
    """The rows for the names asked for, ours first."""
    found = []
    if "twicetold" in names:
        ours = subprocess.run([BINARY, "--version"], capture_output=True, text=True)
        words = ours.stdout.split()
        command = [str(BINARY), "dedup", "{file}", "--out", "{out}", "-q"]
        minhash = ["--engine", "minhash"]
        number = words[-1] if words else "?"
        found.append(Tool("twicetold", "default", number, command))
        found.append(Tool("twicetold", " ".join(minhash), number, command + minhash))
    found += [
        peer("rensa", "readme", "README's recipe: whitespace words"),
        peer("rensa", "rho", "rho pipeline, README's recipe on the flagged"),
        peer("rensa", "folded", "folded word 3-grams, 32x4 bands, confirmed"),
        peer("datasketch", "docs", "documented way: whitespace words, 128 slots"),
        peer("datasketch", "folded", "folded word 3-grams, 32x4 bands, confirmed"),
        peer("text-dedup", "default", "default: word 5-grams, 250 slots"),
        peer("text-dedup", "folded", "folded word 3-grams, 250 slots, xxh3"),
        peer("datatrove", "default", "default: word 5-grams, 14x8 bands"),
        peer("datatrove", "folded", "folded word 3-grams, 14x8 bands"),
    ]
    return [tool for tool in found if tool.name in names]


class Run(NamedTuple):
    """What one process, with all it started, took."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int  # of its largest process


def measure(command):
    """Runs a command to its end; raises with its last words if it fails."""
    measuring = [sys.executable, str(Path(__file__).with_name("measure.py"))]
    done = subprocess.run(measuring + command, capture_output=True, cwd=WORK)
    result = orjson.loads(done.stdout or b"{}")
    if result.get("exit") != 0:
        words = done.stderr.decode(errors="replace").strip().splitlines() or ["no output"]
        raise RuntimeError(f"exit {result.get('exit')}: {words[-1]}")
    return Run(result["wall_seconds"], result["cpu_seconds"], result["peak_bytes"])


class Truth:
    """The pairs there are, and the articles there are."""

    def __init__(self, path):
        corpus = articles.read(path)
        self.ids = corpus.ids
        if not any(t.strip() for t in corpus.texts):
            sys.exit(f"{path}: no articles with text")
        if len(set(self.ids)) != len(self.ids):
            sys.exit(f"{path}: ids are repeated; the tools' outcomes could not be told apart")
        self.scored = {i for i, t in zip(corpus.ids, corpus.texts) if t.strip()}
        pairs = truth.cached_pairs(path, corpus.texts, WORK)
        self.near = self._names(pairs[pairs["jaccard"] >= JACCARD])
        wider = (pairs["jaccard"] >= JACCARD) | (pairs["containment"] >= CONTAINMENT)
        self.has_near = {i for pair in self.near for i in pair}
        self.has_near_or_containing = {i for pair in self._names(pairs[wider]) for i in pair}

    def _names(self, pairs):
        return [(self.ids[a], self.ids[b]) for a, b in zip(pairs["a"], pairs["b"])]


class Score(NamedTuple):
    """How a tool's outcome compares with the truth."""

    clusters: int
    dropped: int
    recall: float  # of the true pairs, those within one cluster
    pairs_left: int  # true pairs of which both are kept
    precision: float  # of the dropped, those with a near partner
    precision_wide: float  # of the dropped, those with a near or containing partner


def score(out, expected):
    """Holds what a tool wrote against the truth."""
    kept = set()
    for file in Path(out, "kept").rglob("*.jsonl"):
        kept.update(orjson.loads(line)["id"] for line in open(file, "rb"))
    cluster_of, clusters = {}, 0
    for line in open(Path(out, "clusters.jsonl"), "rb"):
        members = expected.scored.intersection(orjson.loads(line)["members"])
        clusters += len(members) > 1
        cluster_of.update(dict.fromkeys(members, clusters))
    dropped = expected.scored - kept

    def share(part, whole):
        return part / whole if whole else 1.0

    together = sum(a in cluster_of and cluster_of[a] == cluster_of.get(b) for a, b in expected.near)
    return Score(
        clusters=clusters,
        dropped=len(dropped),
        recall=share(together, len(expected.near)),
        pairs_left=sum(a in kept and b in kept for a, b in expected.near),
        precision=share(len(dropped & expected.has_near), len(dropped)),
        precision_wide=share(len(dropped & expected.has_near_or_containing), len(dropped)),
    )


def run_all(rows, path, repeats, expected):
    """Runs every tool `repeats` times, taking turns, so that a slow minute of
    the machine falls on all. Returns runs, scores and failures by row."""
    runs, scores, failures = {}, {}, {}
    for turn in range(repeats):
        for row, tool in enumerate(rows):
            if row in failures:
                continue
            with tempfile.TemporaryDirectory(dir=WORK) as work:
                out = f"{work}/out"
                command = [part.format(file=path, out=out) for part in tool.command]
                try:
                    run = measure(command)
                    if turn == 0:
                        scores[row] = score(out, expected)
                except (RuntimeError, OSError) as error:
                    failures[row] = str(error)
                    print(f"{tool.name} ({tool.settings}): {error}", file=sys.stderr)
                    continue
            runs.setdefault(row, []).append(run)
            print(
                f"{turn + 1}/{repeats} {tool.name} ({tool.settings}): "
                f"{run.wall_seconds:.1f} s, {run.cpu_seconds:.1f} s CPU",
                file=sys.stderr,
            )
    return runs, scores, failures


HEADER = """\
| tool | version | settings | MB/s | MB per CPU s | peak MB | clusters | dropped | recall | pairs left | precision | or contained | wall | CPU |
|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
"""


def table(rows, megabytes, runs, scores, failures):
    """The Markdown table; `wall` and `CPU` are times the time of the first
    row, if that is ours."""
    medians = {
        row: Run(*(statistics.median(column) for column in zip(*results)))
        for row, results in runs.items()
        if row not in failures
    }
    base = medians.get(0) if rows[0].name == "twicetold" else None
    text = HEADER
    for row, tool in enumerate(rows):
        cells = [tool.name, tool.version, tool.settings]
        if row in failures:
            cells += [f"did not run: {failures[row]}".replace("|", "\\|")] + [""] * 10
        else:
            run, found = medians[row], scores[row]
            cells += [
                f"{megabytes / run.wall_seconds:.1f}",
                f"{megabytes / run.cpu_seconds:.2f}",
                f"{run.peak_bytes / MEGABYTE:.0f}",
                f"{found.clusters}",
                f"{found.dropped}",
                f"{found.recall:.4f}",
                f"{found.pairs_left}",
                f"{found.precision:.4f}",
                f"{found.precision_wide:.4f}",
                f"{run.wall_seconds / base.wall_seconds:.1f}x" if base else "",
                f"{run.cpu_seconds / base.cpu_seconds:.1f}x" if base else "",
            ]
        text += "| " + " | ".join(cells) + " |\n"
    return text


def report(path, repeats, load, expected, rows, results):
    """The page that is printed and kept."""
    size = path.stat().st_size / MEGABYTE
    return f"""\
# Comparison on {path.name}, {datetime.date.today()}

{len(expected.ids):,} articles, {size:.1f} MB; {len(expected.near):,} pairs at Jaccard >= {JACCARD}.
{processor()}, {os.cpu_count()} cores; Python {platform.python_version()}; medians of {repeats} run(s) each, the tools taking turns.
Load of the machine before the first run: {load:.1f} (wall figures mean little unless it is near 0).

{table(rows, size, *results)}
*The job*: read the JSONL file, find the near-duplicates at Jaccard {JACCARD}, write the file without them. Whole processes,
interpreter start and imports included; CPU seconds are those of all processes a tool starts; peak memory is that of the
largest one. MB are 10^6 bytes of the JSONL file. *wall*, *CPU*: times what twicetold takes.

*The truth*: all pairs whose sets of word 3-grams, over folded text, have Jaccard >= {JACCARD}, computed without estimates by
`benches/peers/truth.py`. *Recall*: the true pairs that end in one cluster. *Pairs left*: the true pairs of which both
articles are kept. Where every dropped article must match its keeper directly, as in the *confirmed* rows and in twicetold,
a pair may be parted between two keepers: it costs recall, and nothing is left. Chains cost precision instead. *Precision*: the dropped articles that have a partner at Jaccard >= {JACCARD} anywhere in the file;
*or contained*: the same, where a partner that holds {CONTAINMENT} of the shorter article's 3-grams counts too (twicetold drops
such articles by default). Pairs within clusters are not scored for precision, since text-dedup and datatrove chain them.
Articles without text are not scored.

*Settings*: each peer first as its documentation shows it, with its own treatment of text, then on text folded in Python as
`src/text` folds it. *Confirmed*: candidates are compared on the whole shingle sets, which text-dedup and datatrove
have no step for. The drivers are `benches/peers/run_*.py`.
"""


def processor():
    """The processor's name, where Linux tells it."""
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def plain(path):
    """The file itself, or its decompressed copy under `target/`."""
    if path.suffix != ".zst":
        return path.resolve()
    name = path.name.removesuffix(".zst")
    copy = WORK / (f"{path.resolve().parent.name}.jsonl" if name == "docs.jsonl" else name)
    if not copy.exists() or copy.stat().st_mtime < path.stat().st_mtime:
        with open(path, "rb") as source, open(copy, "wb") as target:
            zstandard.ZstdDecompressor().copy_stream(source, target)
    return copy


def main():
    known = ["twicetold", "rensa", "datasketch", "text-dedup", "datatrove"]
    parser = argparse.ArgumentParser(prog="benches/compare.sh")
    parser.add_argument(
        "file", nargs="?", type=Path, default=DEFAULT_FILE,
        help="JSONL with `id` and `text`, plain or .zst (default: SaudiNewsNet beside the repository)",
    )  # fmt: skip
    parser.add_argument("--peers", default=",".join(known[1:]), help="some of %(default)s")
    parser.add_argument("--without-us", action="store_true", help="run the peers only")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each tool (default: 3)")
    parser.add_argument("--report", type=Path, help="where the page goes (default: docs/benchmarks/)")
    args = parser.parse_args()

    names = set(args.peers.split(","))
    if unknown := names - set(known[1:]):
        parser.error(f"unknown peers: {', '.join(sorted(unknown))}; known: {', '.join(known[1:])}")
    if not args.without_us:
        names.add("twicetold")
    if not args.file.exists():
        parser.error(f"{args.file} is not there; name a JSONL file with `id` and `text`")
    WORK.mkdir(parents=True, exist_ok=True)

    path = plain(args.file)
    expected = Truth(path)
    rows = tools(names)
    load = os.getloadavg()[0]
    results = run_all(rows, path, args.repeats, expected)
    page = report(path, args.repeats, load, expected, rows, results)
    print(page)
    target = args.report or ROOT / "docs" / "benchmarks" / f"{datetime.date.today()}-{path.stem}.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page)
    sys.exit(1 if results[2] else 0)


if __name__ == "__main__":
    main()
