"""Drops near-duplicates with text-dedup's own program, `text_dedup.minhash`.

    python run_text_dedup.py FILE OUT default|folded

default  every option at its default (word 5-grams, 250 permutations,
         threshold 0.7), one process a core
folded   word 3-grams of folded text (its input is then a folded copy of the
         file), and xxh3, which its help calls faster

Its dataset is written back as JSONL, and its union-find as clusters.
"""

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

import orjson

import articles
import text

OPTIONS = {"default": [], "folded": ["--ngram", "3", "--hash_func", "xxh3"]}


def main():
    path, out, settings = sys.argv[1:]
    corpus = articles.read(path)
    with tempfile.TemporaryDirectory(dir=Path(out).parent) as work:
        texts = corpus.texts
        if settings == "folded":
            texts = [" ".join(text.words(t)) for t in texts]
        # Records reduced to what the program needs: the other fields of real
        # news have no one type, which its reader insists on.
        records = Path(work, "records.jsonl")
        with open(records, "wb") as file:
            for position, t in enumerate(texts):
                file.write(orjson.dumps({"position": position, "text": t}) + b"\n")
        command = [sys.executable, "-m", "text_dedup.minhash"]
        command += ["--path", "json", "--data_files", str(records), "--split", "train"]
        command += ["--cache_dir", f"{work}/cache", "--output", f"{work}/output"]
        command += ["--column", "text", "--num_proc", str(os.cpu_count()), "--debug"]
        subprocess.run(
            command + OPTIONS[settings],
            check=True,
            env=os.environ | {"HF_HOME": f"{work}/home", "HF_HUB_OFFLINE": "1"},
        )
        from datasets import load_from_disk

        kept = set(load_from_disk(f"{work}/output")["position"])
        groups = pickle.loads(Path(work, "output", "uf.pkl").read_bytes())
    dropped = set(range(len(texts))) - kept
    articles.write_kept(out, Path(path).name, corpus.lines, dropped)
    group_of = {i: groups.find(i) for i in list(groups.parent)}
    articles.write_clusters(out, corpus.ids, group_of)


if __name__ == "__main__":
    main()
