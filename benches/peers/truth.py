"""Every pair of similar articles in a file, without estimates.

An inverted index over rare shingles, in the manner of prefix filtering
(Chaudhuri, Ganti, Kaushik, *A Primitive Operator for Similarity Joins in Data
Cleaning*, ICDE 2006): if the share `c` of A's `n` shingles lies in B, then any
`n - ceil(c * n) + 1` of A's shingles contain one of B's. Taking A's rarest
leaves few candidates; each is then measured on the whole sets. Jaccard `j`
implies containment `j` of either in the other, so one pass finds both kinds.

    python truth.py FILE.jsonl      how many pairs there are, by similarity
"""

import hashlib
import math
import os
import sys
from pathlib import Path

import numpy as np
import xxhash
from scipy.sparse import csr_matrix

import articles
import text

# Pairs below this containment of one in the other are not looked for.
FLOOR = 0.7
# Documents compared with all others at a time; bounds the memory.
BLOCK = 1000

PAIR = np.dtype([("a", "i4"), ("b", "i4"), ("jaccard", "f8"), ("containment", "f8")])


def similar_pairs(texts, n=3):
    """All pairs a < b (positions in `texts`) that share at least `FLOOR` of
    the shingles of one, with their Jaccard similarity and the larger of the
    two containments, over distinct folded word n-grams."""
    hashes = [
        np.fromiter(map(xxhash.xxh3_64_intdigest, text.shingles(t, n)), dtype=np.uint64)
        for t in texts
    ]
    sizes = np.array([len(h) for h in hashes])
    _, shingle, frequency = np.unique(
        np.concatenate(hashes), return_inverse=True, return_counts=True
    )
    rank = np.empty_like(frequency)  # 0 is the rarest shingle
    rank[np.argsort(frequency, kind="stable")] = np.arange(len(frequency))
    ends = np.cumsum(sizes)
    sets = [np.sort(rank[shingle[end - size : end]]) for end, size in zip(ends, sizes)]
    prefixes = [s[: len(s) - math.ceil(FLOOR * len(s) - 1e-9) + 1] for s in sets]

    whole = _matrix(sets, len(frequency)).T.tocsr()
    found = []
    for start in range(0, len(sets), BLOCK):
        met = (_matrix(prefixes[start : start + BLOCK], len(frequency)) @ whole).tocoo()
        for a, b in zip(met.row + start, met.col):
            if a != b:
                found.append((min(a, b), max(a, b)))
    pairs = []
    for a, b in sorted(set(found)):
        shared = len(np.intersect1d(sets[a], sets[b], assume_unique=True))
        containment = shared / min(sizes[a], sizes[b])
        if containment >= FLOOR:
            pairs.append((a, b, shared / (sizes[a] + sizes[b] - shared), containment))
    return np.array(pairs, dtype=PAIR)


def _matrix(sets, columns):
    ends = np.cumsum([0] + [len(s) for s in sets])
    ones = np.ones(ends[-1], dtype=np.int32)
    return csr_matrix((ones, np.concatenate(sets), ends), shape=(len(sets), columns))


def cached_pairs(path, texts, folder):
    """`similar_pairs`, remembered in `folder` by the contents of the file and
    of this code."""
    digest = hashlib.sha256()
    for source in (path, __file__, text.__file__):
        digest.update(Path(source).read_bytes())
    cache = Path(folder, f"truth-{digest.hexdigest()[:16]}.npy")
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        part = cache.with_name(f"{cache.stem}.{os.getpid()}.npy")
        np.save(part, similar_pairs(texts))
        part.rename(cache)
    return np.load(cache)


def main():
    pairs = similar_pairs(articles.read(sys.argv[1]).texts)
    for threshold in (0.7, 0.8, 0.9, 1.0):
        print(f"Jaccard >= {threshold}: {(pairs['jaccard'] >= threshold).sum()} pairs")
    print(f"containment >= 0.9: {(pairs['containment'] >= 0.9).sum()} pairs")


if __name__ == "__main__":
    main()
