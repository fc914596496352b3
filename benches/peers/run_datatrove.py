"""Drops near-duplicates with datatrove's MinHash pipeline, run locally.

    python run_datatrove.py FILE OUT default|folded

default  MinhashConfig's own values (word 5-grams, 14 buckets of 8 hashes,
         which its source puts at a threshold of 0.72), its text clean-up and
         its tokeniser for Arabic
folded   word 3-grams of folded text, given as a tokeniser of our own

The four stages are those of its `minhash_deduplication.py` example. It shares
work out by file, so the input is cut into as many files as there are cores.
"""

import os
import sys
import tempfile
from pathlib import Path

import orjson
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter
from datatrove.utils.text import TextNormConfig
from datatrove.utils.word_tokenizers import WordTokenizer

import text

CORES = os.cpu_count()
LANGUAGE = "arb_Arab"


class FoldedWords(WordTokenizer):
    """The words as src/text folds them."""

    def __init__(self):
        super().__init__("ar")

    def word_tokenize(self, value):
        return text.words(value)

    def sent_tokenize(self, value):
        raise NotImplementedError("MinHash needs words only")

    span_tokenize = sent_tokenize


def cut(path, folder):
    """Cuts a file at line ends into one part for each core."""
    lines = Path(path).read_bytes().splitlines(keepends=True)
    size = -(-len(lines) // CORES)
    for part in range(CORES):
        Path(folder, f"{part}.jsonl").write_bytes(b"".join(lines[part * size :][:size]))


def run(work, config, language):
    """The four stages; kept and removed records end in folders of `work`."""

    def stage(name, tasks, *pipeline):
        LocalPipelineExecutor(
            list(pipeline),
            tasks=tasks,
            workers=min(tasks, CORES),
            logging_dir=f"{work}/logs/{name}",
        ).run()

    stage(
        "signatures",
        CORES,
        JsonlReader(f"{work}/input"),
        MinhashDedupSignature(f"{work}/signatures", config=config, language=language),
    )
    stage(
        "buckets",
        config.num_buckets,
        MinhashDedupBuckets(f"{work}/signatures", f"{work}/buckets", config=config),
    )
    stage(
        "clusters",
        1,
        MinhashDedupCluster(
            f"{work}/buckets", f"{work}/removals", config=config, save_cluster_id=True
        ),
    )
    stage(
        "filter",
        CORES,
        JsonlReader(f"{work}/input"),
        MinhashDedupFilter(
            f"{work}/removals",
            exclusion_writer=JsonlWriter(f"{work}/removed", compression=None),
            load_cluster_ids=True,
        ),
        JsonlWriter(f"{work}/kept", compression=None),
    )


def clusters(*folders):
    """The ids that have a cluster, by cluster, from the records written."""
    found = {}
    for file in (file for folder in folders for file in folder.iterdir()):
        for record in map(orjson.loads, open(file, "rb")):
            cluster = record["metadata"]["minhash_cluster_id"]
            if cluster != -1:
                found.setdefault(cluster, []).append(record["id"])
    return found.values()


def main():
    path, out, settings = sys.argv[1:]
    config, language = MinhashConfig(), LANGUAGE
    if settings == "folded":
        untouched = TextNormConfig(*[False] * 5)
        config, language = MinhashConfig(n_grams=3, norm_config=untouched), FoldedWords()
    with tempfile.TemporaryDirectory(dir=Path(out).parent) as work:
        Path(work, "input").mkdir()
        cut(path, Path(work, "input"))
        run(work, config, language)
        Path(out).mkdir()
        Path(work, "kept").rename(Path(out, "kept"))
        with open(Path(out, "clusters.jsonl"), "wb") as file:
            for members in clusters(Path(out, "kept"), Path(work, "removed")):
                file.write(orjson.dumps({"members": members}) + b"\n")


if __name__ == "__main__":
    main()
