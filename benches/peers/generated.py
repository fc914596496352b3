"""Generated corpora with the truth about them."""

import functools
import hashlib
import subprocess
import sys
from pathlib import Path

import orjson

import articles
import golds
import truth
from peers import ROOT, WORK

GENERATOR = ROOT / "target" / "release" / "examples" / "generate"
MEGABYTE = 1e6


class Corpus:
    """So many articles, written by `examples/generate.rs` if they are not there."""

    def __init__(self, count):
        self.count = count
        self.prefix = WORK / f"news-{count}"
        self.path = self.prefix.with_suffix(".jsonl")
        if not self.path.exists():
            part = WORK / f"part-{count}"
            command = [GENERATOR, "--n", str(count), "--out", part, "--gold"]
            subprocess.run(command, check=True, stdout=sys.stderr)
            tails = [".gold_docs.tsv", ".gold_pairs.tsv", ".gold_boiler.tsv", ".jsonl"]
            for tail in tails:  # the corpus last: it says that all are there
                Path(f"{part}{tail}").rename(f"{self.prefix}{tail}")
        self.megabytes = self.path.stat().st_size / MEGABYTE
        self.digest = hashlib.sha256(f"{count} {self.path.stat().st_size}".encode())
        self.digest.update(Path(f"{self.prefix}.gold_pairs.tsv").read_bytes())
        self.digest = self.digest.hexdigest()[:16]

    @functools.cached_property
    def folded(self):
        """A copy with the same ids whose texts are folded words."""
        path = WORK / "folded" / self.path.name
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            part = path.with_suffix(".part")
            with open(self.path, "rb") as source, open(part, "wb") as target:
                target.writelines(map(golds.fold, map(orjson.loads, source)))
            part.rename(path)
        return path

    @functools.cached_property
    def pairs(self):
        """The pairs at the threshold, by position; the generator compared all
        within each story."""
        with open(f"{self.prefix}.gold_pairs.tsv") as file:
            cells = (line.split("\t") for line in file)
            return [(int(a), int(b)) for a, b, jaccard, _ in cells if float(jaccard) >= golds.JACCARD]

    @functools.cached_property
    def golds(self):
        """Tables for `eval`: the pairs, what they connect, and the stories."""
        golds.FOLDER.mkdir(parents=True, exist_ok=True)
        with open(f"{self.prefix}.gold_docs.tsv") as file:
            stories = [line.split("\t")[:2] for line in file]
        named = [(stories[a][0], stories[b][0]) for a, b in self.pairs]
        groups = golds.connected(named)
        columns = ("id", "cluster")
        name = self.path.stem
        return {
            "pairs": golds.write_gold(f"{name}-pairs", ("a", "b"), named),
            "clusters": golds.write_gold(
                f"{name}-clusters", columns, [(i, groups.get(i, "")) for i, _ in stories]
            ),
            "stories": golds.write_gold(f"{name}-stories", columns, stories),
        }

    @functools.cached_property
    def boilerplate(self):
        """The planted boilerplate as a table for `eval`."""
        rows = []
        with open(f"{self.prefix}.gold_boiler.tsv") as file:
            for line in file:
                number, family, start, end, _ = line.split("\t")
                rows.append((f"n{int(number):07}", start, end, family))
        name = f"{self.path.stem}-boilerplate"
        return golds.write_gold(name, ("id", "start", "end", "family"), rows)

    def checked(self):
        """What the independent join says of the truth, as a sentence."""
        texts = articles.read(self.path).texts
        found = truth.cached_pairs(self.path, texts, WORK)
        found = found[found["jaccard"] >= golds.JACCARD]
        join = {(int(a), int(b)) for a, b in zip(found["a"], found["b"])}
        generated = {(min(pair), max(pair)) for pair in self.pairs}
        return (
            f"On {self.count:,} articles the join of `benches/peers/truth.py` finds {len(join):,} pairs and the\n"
            f"generator names {len(generated):,}; {len(join & generated):,} of them are the same."
        )
