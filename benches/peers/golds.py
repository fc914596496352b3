"""The corpora of the accuracy page and what is true of them, as files that
`twicetold eval` reads.

Each task has two parts that share no gold: peers' settings are chosen on the
first, figures are reported for the second. All files lie in
`target/peers/accuracy/`.
"""

import os
from pathlib import Path
from typing import NamedTuple

import orjson
import zstandard

import text
import truth
from peers import WORK

FOLDER = WORK / "accuracy"
JACCARD = 0.7
# Random pairs of one day in different papers, and of them those that settings
# are chosen on: the articles of more would take the slower peers too long.
RANDOM_PAIRS = 20_000
RANDOM_PAIRS_CHOSEN = 1_000
# Lines of `ar_diacritics` that settings are chosen on, of every second one.
LINES_CHOSEN = 400
# Generated articles without copies, in each half of the passages task.
PASSAGE_ARTICLES = 2_000


class Part(NamedTuple):
    """A corpus and its gold tables, by name."""

    corpus: Path
    golds: dict[str, Path]


def records(path):
    """The records of a JSONL file, packed or not."""
    data = Path(path).read_bytes()
    if path.suffix == ".zst":
        data = zstandard.ZstdDecompressor().stream_reader(data).read()
    return [orjson.loads(line) for line in data.splitlines()]


def write_corpus(name, docs):
    """Writes a corpus of what is compared, and its folded twin."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.jsonl"
    lines = b"".join(orjson.dumps(doc) + b"\n" for doc in docs)
    if not folded(path).exists() or path.read_bytes() != lines:
        write_whole(path, lines)
        write_whole(folded(path), b"".join(map(fold, docs)))
    return path


def write_whole(path, content):
    """Writes a file that is there whole or not at all, also for another run."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_bytes(content)
    part.rename(path)


def folded(path):
    """The path of the folded twin of a corpus."""
    return path.with_suffix(".folded.jsonl")


def fold(doc):
    """The line of a folded twin: the same fields, the text as words between
    spaces as `src/text` folds them."""
    return orjson.dumps(doc | {"text": " ".join(text.words(doc["text"]))}) + b"\n"


def write_gold(name, columns, rows):
    path = FOLDER / f"{name}.tsv"
    lines = ("\t".join(map(str, row)) + "\n" for row in [columns, *rows])
    write_whole(path, "".join(lines).encode())
    return path


def judged(data):
    """`ecir20_core`: pairs that people judged; every second one is chosen on."""
    docs = records(data / "ecir20_core" / "docs.jsonl.zst")
    corpus = write_corpus("ecir20", docs)
    rows = [(p["a"], p["b"], p["near_dup"]) for p in records(data / "ecir20_core" / "pairs.jsonl")]
    columns = ("a", "b", "label")
    return [
        Part(corpus, {"pairs": write_gold(f"ecir20-{name}", columns, half)})
        for name, half in (("chosen", rows[0::2]), ("others", rows[1::2]))
    ]


def random_pairs(docs, count):
    """Random pairs of articles of one day in different papers: those that
    `tests/it/gold.rs` draws, by the same linear congruential generator."""
    days = {}
    for doc in docs:
        days.setdefault(doc["date"][:10], []).append(doc)
    ordered = [doc for day in sorted(days) for doc in days[day]]
    state = 20150721

    def below(bound):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % bound

    pairs = []
    while len(pairs) < count:
        a = ordered[below(len(ordered))]
        same_day = days[a["date"][:10]]
        b = same_day[below(len(same_day))]
        if a["source"] != b["source"]:
            pairs.append((a["id"], b["id"]))
    return pairs


def titles(data):
    """SaudiNewsNet: pairs with one title in different papers, and random pairs."""
    docs = records(data / "saudinewsnet" / "docs.jsonl.zst")
    same = [(p["a"], p["b"]) for p in records(data / "saudinewsnet" / "title_pairs.jsonl")]
    drawn = random_pairs(docs, RANDOM_PAIRS)
    columns = ("a", "b")
    chosen = same[0::2], drawn[0::2][:RANDOM_PAIRS_CHOSEN]
    others = same[1::2], drawn[1::2]
    met = {i for pairs in chosen for pair in pairs for i in pair}
    corpora = (
        write_corpus("titles-chosen", [doc for doc in docs if doc["id"] in met]),
        write_corpus("saudinewsnet", docs),
    )
    return [
        Part(
            corpus,
            {
                "title pairs": write_gold(f"titles-{name}", columns, title),
                "random pairs": write_gold(f"random-{name}", columns, other),
            },
        )
        for name, corpus, (title, other) in zip(("chosen", "others"), corpora, (chosen, others))
    ]


def spellings(data):
    """`ar_diacritics`: nine diacritisations of each line are one cluster."""
    docs = records(data / "ar_diacritics" / "docs.jsonl.zst")
    cluster_of = {
        row["id"]: row["cluster"]
        for row in records(data / "ar_diacritics" / "clusters.jsonl.zst")
    }
    parts = []
    for name, rest, end in (("chosen", 0, 2 * LINES_CHOSEN), ("others", 1, None)):
        def within(doc):
            cluster = cluster_of[doc["id"]]
            return cluster % 2 == rest and (end is None or cluster < end)

        half = [doc for doc in docs if within(doc)]
        rows = [(doc["id"], cluster_of[doc["id"]]) for doc in half]
        gold = write_gold(f"spellings-{name}", ("id", "cluster"), rows)
        parts.append(Part(write_corpus(f"spellings-{name}", half), {"clusters": gold}))
    return parts


def join(name, docs):
    """A corpus with its exact join: the pairs, and the clusters they connect."""
    corpus = write_corpus(name, docs)
    pairs = truth.cached_pairs(corpus, [doc["text"] for doc in docs], WORK)
    pairs = pairs[pairs["jaccard"] >= JACCARD]
    ids = [doc["id"] for doc in docs]
    rows = [(ids[a], ids[b]) for a, b in zip(pairs["a"], pairs["b"])]
    groups = connected(rows)
    golds = {"pairs": write_gold(f"{name}-pairs", ("a", "b"), rows)}
    clusters = [(i, groups.get(i, "")) for i in ids]
    golds["clusters"] = write_gold(f"{name}-clusters", ("id", "cluster"), clusters)
    return Part(corpus, golds)


def connected(pairs):
    """For each name in pairs that of the first of those it is connected with."""
    parent = {}

    def find(name):
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for a, b in pairs:
        parent[find(b)] = find(a)
    return {name: find(name) for name in list(parent)}


def joins(data):
    """Exact joins: chosen on every second article of ANT, reported for the
    others, and for SaudiNewsNet."""
    ant = records(data / "ant" / "docs.jsonl.zst")
    return [
        join("ant-chosen", ant[0::2]),
        join("ant-others", ant[1::2]),
        join("saudinewsnet", records(data / "saudinewsnet" / "docs.jsonl.zst")),
    ]


def passages(generated):
    """Boilerplate in generated articles. Peers compare whole texts, so each
    paragraph is one, with its place in its id; articles that are copies of
    one another are left out, because their paragraphs are all repeated."""
    docs = records(generated.with_suffix(".jsonl"))
    prefix = str(generated)
    stories = [line.split("\t")[1] for line in open(f"{prefix}.gold_docs.tsv")]
    spans = {}
    for line in open(f"{prefix}.gold_boiler.tsv"):
        number, family, start, end, _ = line.rstrip("\n").split("\t")
        spans.setdefault(int(number), []).append((start, end, family))
    single = [number for number, story in enumerate(stories) if story == "-1"]
    parts = []
    for name, numbers in (("chosen", single[0::2]), ("others", single[1::2])):
        numbers = numbers[:PASSAGE_ARTICLES]
        rows = [(docs[n]["id"], *span) for n in numbers for span in spans.get(n, [])]
        gold = write_gold(f"passages-{name}", ("id", "start", "end", "family"), rows)
        whole = write_corpus(f"passages-{name}", [docs[n] for n in numbers])
        pieces = [piece for n in numbers for piece in paragraphs(docs[n])]
        corpus = write_corpus(f"paragraphs-{name}", pieces)
        parts.append(Part(corpus, {"passages": gold, "articles": whole}))
    return parts


def paragraphs(doc):
    """The lines of an article that have words, each named `ID:START:END` by
    its place in characters."""
    start, found = 0, []
    for line in doc["text"].split("\n"):
        if line.strip():
            found.append({"id": f"{doc['id']}:{start}:{start + len(line)}", "text": line})
        start += len(line) + 1
    return found
