"""Drops near-duplicates with text-dedup's own program, `text_dedup.minhash`.

The defaults are its own (word 5-grams, 250 permutations, threshold 0.7, sha1),
with one process a core. Its dataset is written back as JSONL, and its
union-find as clusters.
"""

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

import orjson

import articles
import driver

DEFAULTS = {"words": 5, "threshold": 0.7, "hash": "sha1"}


def main():
    path, out, words = sys.argv[1:]
    settings = driver.parse(words, DEFAULTS)
    corpus = articles.read(path)
    with tempfile.TemporaryDirectory(dir=Path(out).parent) as work:
        # Records reduced to what the program needs: the other fields of real
        # news have no one type, which its reader insists on.
        records = Path(work, "records.jsonl")
        with open(records, "wb") as file:
            for position, t in enumerate(corpus.texts):
                file.write(orjson.dumps({"position": position, "text": t}) + b"\n")
        command = [sys.executable, "-m", "text_dedup.minhash"]
        command += ["--path", "json", "--data_files", str(records), "--split", "train"]
        command += ["--cache_dir", f"{work}/cache", "--output", f"{work}/output"]
        command += ["--column", "text", "--num_proc", str(os.cpu_count()), "--debug"]
        command += ["--ngram", str(settings["words"]), "--threshold", str(settings["threshold"])]
        subprocess.run(
            command + ["--hash_func", settings["hash"]],
            check=True,
            env=os.environ | {"HF_HOME": f"{work}/home", "HF_HUB_OFFLINE": "1"},
        )
        from datasets import load_from_disk

        kept = set(load_from_disk(f"{work}/output")["position"])
        groups = pickle.loads(Path(work, "output", "uf.pkl").read_bytes())
    articles.write_kept(out, path, set(range(len(corpus.texts))) - kept)
    group_of = {i: groups.find(i) for i in list(groups.parent)}
    articles.write_clusters(out, corpus.ids, group_of)


if __name__ == "__main__":
    main()
