"""Drops near-duplicates with datatrove's MinHash pipeline, run locally.

The defaults are MinhashConfig's own values (word 5-grams, 14 buckets of 8
hashes, which its source puts at a threshold of 0.72) and its text clean-up,
with its tokeniser for the language of the corpus.

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

import driver

CORES = os.cpu_count()
DEFAULTS = {"words": 5, "buckets": 14, "hashes": 8, "language": "arb_Arab"}


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
            # Its default starts a fresh interpreter for each task.
            start_method="fork",
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
    return found.items()


def main():
    path, out, words = sys.argv[1:]
    settings = driver.parse(words, DEFAULTS)
    config = MinhashConfig(
        n_grams=settings["words"],
        num_buckets=settings["buckets"],
        hashes_per_bucket=settings["hashes"],
    )
    with tempfile.TemporaryDirectory(dir=Path(out).parent) as work:
        Path(work, "input").mkdir()
        cut(path, Path(work, "input"))
        run(work, config, settings["language"])
        Path(out).mkdir()
        Path(work, "kept").rename(Path(out, "kept"))
        with open(Path(out, "clusters.tsv"), "w") as file:
            file.write("id\tcluster\n")
            for number, members in clusters(Path(out, "kept"), Path(work, "removed")):
                file.writelines(f"{member}\t{number}\n" for member in members)


if __name__ == "__main__":
    main()
