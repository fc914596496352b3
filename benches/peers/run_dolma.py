"""Flags repeated paragraphs with dolma's deduper, a Bloom filter.

`words=0` (the default, as its own) flags paragraphs that came before as they
are; with `words=N`, those of whose runs of N words at least the share
`overlap` came before. What came first is never flagged, and there are no
families: all that is flagged is one cluster.

Its package asks for more than forty others at once, which the deduper, written
in Rust, does not need; so the extension is loaded alone, from the package that
`scripts/peers.sh` installs without them.
"""

import gzip
import importlib.machinery
import importlib.util
import os
import sys
import tempfile
from pathlib import Path

import orjson

import driver

DEFAULTS = {"words": 0, "overlap": 1.0}
PACKAGE = Path(__file__).resolve().parents[2] / "target" / "peers" / "dolma"
# What its documentation has: paragraphs expected, and share of false alarms.
FALSE_POSITIVES = 1e-5


def extension():
    (path,) = PACKAGE.glob("dolma/dolma.*.so")
    loader = importlib.machinery.ExtensionFileLoader("dolma", str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("dolma", loader))
    loader.exec_module(module)
    return module


def config(work, words, overlap, entries):
    paragraphs = {"attribute_name": "repeated"}
    if words:
        # A stride of 0 takes every run.
        paragraphs["by_ngram"] = {
            "ngram_length": words,
            "stride": 0,
            "overlap_threshold": overlap,
            "skip_short_paragraphs": False,
        }
    return {
        "documents": [f"{work}/documents/*.json.gz"],
        "dedupe": {"name": "repeated", "paragraphs": paragraphs, "skip_empty": True},
        "bloom_filter": {
            "file": f"{work}/bloom.bin",
            "size_in_bytes": 0,
            "read_only": False,
            "estimated_doc_count": entries,
            "desired_false_positive_rate": FALSE_POSITIVES,
        },
        "work_dir": {"input": f"{work}/in", "output": f"{work}/out"},
        "processes": os.cpu_count(),
        "dryrun": False,
    }


def main():
    path, out, words = sys.argv[1:]
    settings = driver.parse(words, DEFAULTS)
    with tempfile.TemporaryDirectory(dir=Path(out).parent) as work:
        for folder in ("documents", "in", "out"):
            Path(work, folder).mkdir()
        # It reads packed files only; the fastest level costs little.
        data = Path(path).read_bytes()
        with gzip.open(f"{work}/documents/all.json.gz", "wb", compresslevel=1) as file:
            file.write(data)
        # More entries than there can be: words, which are longer than two bytes.
        entries = max(1, len(data) // 3)
        extension().deduper_entrypoint(orjson.dumps(config(work, **settings, entries=entries)).decode())
        with gzip.open(f"{work}/attributes/repeated/all.json.gz") as file:
            flagged = [orjson.loads(line) for line in file]
    Path(out).mkdir()
    with open(Path(out, "spans.tsv"), "w") as spans, open(Path(out, "clusters.tsv"), "w") as ids:
        spans.write("id\tstart\tend\tfamily\n")
        ids.write("id\tcluster\n")
        for row in flagged:
            if places := row["attributes"]["repeated"]:
                ids.write(f"{row['id']}\t0\n")
                spans.writelines(f"{row['id']}\t{a}\t{b}\t0\n" for a, b, _ in places)


if __name__ == "__main__":
    main()
