"""Writes docs/evaluation.md: what twicetold and its peers find on corpora of
which something is known. Started by `benches/compare.sh accuracy`.

All are scored by `twicetold eval`. What a peer found with some settings on
some corpus is remembered under `target/peers/accuracy/`, so that an
interrupted run goes on where it stopped.
"""

import argparse
import datetime
import hashlib
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Callable, NamedTuple

import orjson

import golds
import peers
import processes
from generated import Corpus
from peers import BINARY, NAMES, PEERS, ROOT, WORK, processor, twicetold_version

DATA = ROOT / ".." / "shared" / "data"
# Articles of the generated corpus that boilerplate is looked for in.
GENERATED_ARTICLES = 10_000
# A run that takes longer is given up: its row says that it was not run.
SECONDS_MAX = 3600
# Bootstrap draws of the intervals in the tables.
DRAWS = 1000
# Of random pairs, the share that may be put together when settings are chosen.
RANDOM_SHARE_MAX = 0.001


class Column(NamedTuple):
    """A figure: a measure of `twicetold eval` against one gold table."""

    head: str
    gold: str
    measure: str
    interval: bool = False


class Task(NamedTuple):
    """One table of the page."""

    title: str
    text: str
    chosen: golds.Part
    reported: golds.Part
    columns: list[Column]
    key: Callable  # of the figures by head: the larger the better
    ours: list[list[str]]  # options of ours, a row each
    language: str = "arb_Arab"
    command: str = "dedup"


def evaluate(said, gold, draws):
    """The measures by name, as `twicetold eval` gives them."""
    command = [BINARY, "eval", *said, "--gold", gold, "--json", "-q", "--draws", str(draws)]
    done = subprocess.run(command, capture_output=True)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace").strip())
    return {measure["name"]: measure for measure in orjson.loads(done.stdout)["measures"]}


def figures(task, part, said, draws=0):
    """For each column of the task its measure; `said` is what `eval` scores."""
    tables = {c.gold: evaluate(said, part.golds[c.gold], draws) for c in task.columns}
    return {c.head: tables[c.gold][c.measure] for c in task.columns}


def digest(*paths):
    sha = hashlib.sha256()
    for path in paths:
        sha.update(Path(path).read_bytes())
    return sha.hexdigest()[:16]


def place(peer, corpus, settings):
    """Where the clusters are that a peer found with some settings."""
    key = f"{peer.name}-{peer.version}-{digest(*peer.sources)}"
    return golds.FOLDER / "found" / key / f"{corpus.stem}-{digest(corpus)}" / settings


def find(peer, corpus, settings):
    """Runs a peer with each of the settings that it has not been run with."""
    missing = [s for s in settings if not (place(peer, corpus, s) / "clusters.tsv").exists()]
    for batch in [missing] if peer.several else [[s] for s in missing]:
        if not batch:
            continue
        print(f"{peer.name} on {corpus.stem}: {' '.join(batch)}", file=sys.stderr, flush=True)
        folder = place(peer, corpus, "-").parent
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=WORK) as work:
            out = Path(work, "out")
            command = peer.command_for(corpus, out, batch)
            try:
                processes.run(command, work, SECONDS_MAX)
            except RuntimeError as error:
                print(f"{peer.name}: {error}", file=sys.stderr)
                continue
            for one in batch:
                found = out / one if len(batch) > 1 else out
                place(peer, corpus, one).mkdir(parents=True, exist_ok=True)
                (found / "clusters.tsv").rename(place(peer, corpus, one) / "clusters.tsv")


def said_by(task, peer, corpus, settings):
    """What `eval` is to score of a peer's run, or None if there is none."""
    clusters = place(peer, corpus, settings) / "clusters.tsv"
    if not clusters.exists():
        return None
    if task.command == "passages":
        clusters = spans(clusters)
    return ["--pred", clusters]


def spans(clusters):
    """The passages that clusters of paragraphs are."""
    path = clusters.with_name("spans.tsv")
    with open(path, "w") as file:
        file.write("id\tstart\tend\tfamily\n")
        for line in open(clusters).readlines()[1:]:
            name, family = line.rstrip("\n").split("\t")
            article, start, end = name.rsplit(":", 2)
            file.write(f"{article}\t{start}\t{end}\t{family}\n")
    return path


def peer_rows(task, peer, run):
    """The three rows of a peer: (settings in words, figures or None)."""
    def of(settings):
        extra = f"language={task.language}"
        if peer.name != "datatrove":
            return settings
        return extra if settings == "-" else f"{settings},{extra}"

    rows = []
    grid = [of(settings) for settings in peer.grid]
    for corpus_of, words in ((lambda c: c, "best settings"), (golds.folded, "best, folded first")):
        if not rows:
            rows.append((f"as it comes ({peer.documented})", row(task, peer, of("-"), corpus_of, run)))
        corpus = corpus_of(task.chosen.corpus)
        if run:
            find(peer, corpus, grid)
        scored = []
        for settings in grid:
            if said := said_by(task, peer, corpus, settings):
                found = figures(task, task.chosen, said)
                scored.append((task.key({h: m["value"] or 0.0 for h, m in found.items()}), settings))
        if len(scored) < len(grid):
            rows.append((f"{words}: the grid was not run to its end", None))
            continue
        _, best = max(scored, key=lambda pair: pair[0])
        shown = best.replace(f",language={task.language}", "").replace(",", ", ")
        rows.append((f"{words}: {shown}", row(task, peer, best, corpus_of, run)))
    return rows


def row(task, peer, settings, corpus_of, run):
    corpus = corpus_of(task.reported.corpus)
    if run:
        find(peer, corpus, [settings])
    said = said_by(task, peer, corpus, settings)
    return said and figures(task, task.reported, said, DRAWS)


def our_rows(task):
    corpus = task.reported.golds.get("articles", task.reported.corpus)
    rows = []
    for options in task.ours:
        with tempfile.TemporaryDirectory(dir=WORK) as work:
            out = Path(work, "out")
            subprocess.run([BINARY, task.command, corpus, "--out", out, "-q", *options], check=True)
            rows.append((" ".join(options) or "default", figures(task, task.reported, [out], DRAWS)))
    return rows


def shown(measure, column):
    if measure["value"] is None:
        return "–"
    value = f"{measure['value']:.4f}"
    if column.interval and measure["interval"]:
        low, high = measure["interval"]
        value += f" ({low:.3f}–{high:.3f})"
    return value


def table(task, names, run):
    lines = [
        "| program | settings | " + " | ".join(c.head for c in task.columns) + " |",
        "|---|---|" + "--:|" * len(task.columns),
    ]
    found = [("twicetold", *row) for row in our_rows(task)]
    for peer in PEERS:
        if peer.passages_only and task.command != "passages":
            continue
        rows = peer_rows(task, peer, run and peer.name in names)
        found += [(peer.name, *row) for row in rows]
    for name, settings, measures in found:
        cells = [shown(measures[c.head], c) if measures else "not run" for c in task.columns]
        bold = "**twicetold**" if name == "twicetold" else name
        code = f"`{settings}`" if settings.startswith("--") else settings
        lines.append(f"| {bold} | {code} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def pairs_within_reach(found):
    """Title pairs found, if random pairs are left apart; else how few are not."""
    few = found["random pairs"] <= RANDOM_SHARE_MAX
    return (few, found["title pairs"] if few else -found["random pairs"])


def tasks(data):
    pairs = [Column("precision", "pairs", "precision"), Column("recall", "pairs", "recall")]
    joined = [
        Column("pairs together", "pairs", "recall"),
        Column("precision", "clusters", "pairwise precision"),
        Column("recall", "clusters", "pairwise recall"),
        Column("F1", "clusters", "pairwise F1", interval=True),
        Column("B-cubed F1", "clusters", "B-cubed F1"),
    ]
    yield "ecir20_core", lambda: Task(
        "Pairs judged by people",
        "`ecir20_core`: 201 English news pages, 120 pairs of them, 80 judged near-duplicates (Fröbe et al.,\n"
        "ECIR 2020). All pages are compared with one another; a pair is *said* if both are in one cluster.",
        *golds.judged(data),
        columns=[*pairs, Column("F1", "pairs", "F1", interval=True)],
        key=lambda found: found["F1"],
        ours=[[], ["--preset", "wire"]],
        language="eng_Latn",
    )
    yield "title_pairs", lambda: Task(
        "The same report in different papers",
        "SaudiNewsNet, 31,030 Arabic articles: the share of pairs with the same title in different papers\n"
        "within two days that are in one cluster, and the share of random pairs of one day in different papers.\n"
        "Every second pair of 581 and of 20,000 is reported. Settings are chosen on the articles of the other\n"
        f"title pairs and of {golds.RANDOM_PAIRS_CHOSEN:,} random pairs: most title pairs, with at most one of a thousand random pairs.",
        *golds.titles(data),
        columns=[
            Column("title pairs", "title pairs", "recall", interval=True),
            Column("random pairs", "random pairs", "recall"),
        ],
        key=pairs_within_reach,
        ours=[[], ["--preset", "wire"], ["--preset", "wire", "--window", "4d"]],
    )
    yield "ar_diacritics", lambda: Task(
        "One line in nine spellings",
        "`ar_diacritics`: lines of classical Arabic, each with the vowel signs that nine programs gave it (or\n"
        "took from it). The nine are one cluster. Settings are chosen on the B-cubed F1 of\n"
        f"{golds.LINES_CHOSEN} lines, and reported for 1,069 others.",
        *golds.spellings(data),
        columns=[
            Column("B-cubed precision", "clusters", "B-cubed precision"),
            Column("B-cubed recall", "clusters", "B-cubed recall"),
            Column("B-cubed F1", "clusters", "B-cubed F1", interval=True),
            Column("adjusted Rand", "clusters", "adjusted Rand index"),
        ],
        key=lambda found: found["B-cubed F1"],
        ours=[[], ["--no-templates"], ["--preset", "wire"]],
    )
    text = (
        "*Truth*: all pairs whose sets of folded word 3-grams have a Jaccard similarity of .7 or more, from\n"
        "`benches/peers/truth.py`, which shares no code with the program. *Pairs together*: those of them in one\n"
        "cluster. The other figures are of clusters, against the clusters that the pairs connect. Where each dropped\n"
        "article must match its keeper, as in twicetold and with `confirm=yes`, a chain of pairs is parted, which\n"
        "costs recall here and drops nothing unlike. By default twicetold drops contained articles too, and masks\n"
        "boilerplate; the second row asks for exactly what the truth is."
    )
    same = ["--drop", "near", "--no-mask", "--no-templates"]
    yield "join_ant", lambda: Task(
        "Exact join: ANT",
        text + "\n\nEvery second article of ANT (Arabic radio news, 10,161 articles); settings chosen on the F1 of the others.",
        *golds.joins(data)[:2],
        columns=joined,
        key=lambda found: found["F1"],
        ours=[[], same],
    )
    yield "join_saudinewsnet", lambda: Task(
        "Exact join: SaudiNewsNet",
        "The same for all 31,030 articles of SaudiNewsNet, with the settings chosen on ANT.",
        *golds.joins(data)[0::2],
        columns=joined,
        key=lambda found: found["F1"],
        ours=[[], same],
    )
    yield "passages", lambda: Task(
        "Planted passages",
        "Boilerplate paragraphs in generated articles (half Arabic, half English; `cargo run --release --example\n"
        "generate`), some with digits for a number in words, a word left out, vowel signs put in. Peers compare whole\n"
        "texts, so they are given what suits them best: each paragraph is a text, and borders are known.\n"
        f"{golds.PASSAGE_ARTICLES:,} articles without copies, settings chosen on the plagdet of {golds.PASSAGE_ARTICLES:,} others. twicetold gets whole articles.\n"
        "Passages that begin within a paragraph are beyond the peers; what twicetold finds of them is in\n"
        "[benchmarks/2026-11-24-passages.md](benchmarks/2026-11-24-passages.md).",
        *golds.passages(Corpus(GENERATED_ARTICLES).prefix),
        columns=[
            Column("precision", "passages", "precision"),
            Column("recall", "passages", "recall"),
            Column("granularity", "passages", "granularity"),
            Column("plagdet", "passages", "plagdet", interval=True),
            Column("characters found", "passages", "character recall"),
        ],
        key=lambda found: found["plagdet"],
        ours=[[]],
        language="arb_Arab",
        command="passages",
    )


PAGE = """\
# Evaluation

Written by `benches/compare.sh accuracy` on {date}; [accuracy.md](accuracy.md) tells what the presets
get wrong, and why. Change neither figure nor word here: run the command.

twicetold {ours}; {versions}; Python {python}; {machine}.

Every program is scored by `twicetold eval`, on clusters that it named (`--pred clusters.tsv`). Each peer has three
rows:

1. as it comes: its own defaults, or for the libraries (which leave cutting texts to others) the recipe of their README
   or documentation;
2. with the best settings of a grid, chosen on one half of the gold. What the table shows is the other half;
3. the same, on text that was folded beforehand as twicetold folds it. So the difference between the second and the
   third row is what folding brings, and that between the third row and ours is the rest.

*The grid*: for rensa, datasketch and gaoya shingles of {words} words, thresholds of {thresholds}, and `confirm`: whether
what the index returns is compared on the whole sets of shingles (code of ours around theirs), with bands that let
99.9 % of the pairs at the threshold through (not for single words: such bands let half of all pairs through); {library} settings each. For text-dedup shingles of {slow_words} words and
thresholds of {text_dedup}; for datatrove the same shingles and {datatrove} bands ({text_dedup_count} and {datatrove_count} settings):
they take ten to a hundred times as long. dolma, which finds repeated paragraphs only, is tried with runs of {dolma_words} words
and shares of {dolma_shares}. Intervals are 95 % bootstrap intervals.

{tables}
## To reproduce it

```console
$ benches/compare.sh accuracy
```

It sets up what is missing under `target/` (1.7 GB: `scripts/peers.sh`; versions are pinned in
`benches/peers/requirements*.txt` and `benches/peers/gaoya/Cargo.lock`), and takes an hour or two on two cores, most of it
for the grids of text-dedup and datatrove. An interrupted run goes on where it stopped. The corpora are press texts and not
part of the project: it looks for them in `../shared/data`, or `--data FOLDER`, each with `docs.jsonl.zst` (`id`, `text`,
where known `title`, `date`, `source`). Generated articles need nothing. The drivers are `benches/peers/run_*.py` and
`benches/peers/gaoya`, the gold is made by `benches/peers/golds.py`.
"""


def page(tables):
    def listed(values):
        return ", ".join(str(v).lstrip("0") for v in values)

    sizes = {peer.name: len(peer.grid) for peer in PEERS}
    return PAGE.format(
        date=datetime.date.today(),
        ours=twicetold_version(),
        versions=", ".join(f"{peer.name} {peer.version}" for peer in PEERS),
        python=platform.python_version(),
        machine=processor(),
        words=listed(peers.WORDS),
        thresholds=listed(peers.THRESHOLDS),
        library=sizes["rensa"],
        slow_words=listed(peers.SLOW_WORDS),
        text_dedup=listed(peers.TEXT_DEDUP_THRESHOLDS),
        datatrove=" or ".join(f"{b}x{h}" for b, h in peers.DATATROVE_BANDS),
        dolma_words=listed(peers.DOLMA_WORDS),
        dolma_shares=listed(peers.DOLMA_SHARES),
        text_dedup_count=sizes["text-dedup"],
        datatrove_count=sizes["datatrove"],
        tables=tables,
    )


def main():
    parser = argparse.ArgumentParser(prog="benches/compare.sh accuracy")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the corpora")
    parser.add_argument("--peers", default=",".join(NAMES), help="run only these (%(default)s)")
    parser.add_argument("--tasks", help="only some of the tables; the page is then printed only")
    parser.add_argument("--no-run", action="store_true", help="run no peer, show what is known")
    args = parser.parse_args()

    names = args.peers.split(",")
    wanted = args.tasks and args.tasks.split(",")
    tables = ""
    for name, make in tasks(args.data):
        if wanted and name not in wanted:
            continue
        try:
            task = make()
        except FileNotFoundError as error:
            tables += f"## {name}\n\nNot run: {Path(error.filename).name} is not there.\n\n"
            continue
        tables += f"## {task.title}\n\n{task.text}\n\n{table(task, names, not args.no_run)}\n\n"
    text = page(tables)
    print(text)
    if not wanted:
        (ROOT / "docs" / "evaluation.md").write_text(text)


if __name__ == "__main__":
    main()
