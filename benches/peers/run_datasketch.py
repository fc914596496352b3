"""Drops near-duplicates with datasketch: MinHash signatures in a MinHashLSH.

    python run_datasketch.py FILE OUT docs|folded

docs    its documentation's own way: whitespace words, the bands MinHashLSH
        chooses for the threshold, what the index returns taken as found
folded  word 3-grams of folded text, bands chosen for recall, and each
        candidate confirmed on the whole shingle sets, as the documentation
        of `MinHashLSH.query` advises for exact results
"""

import sys
from pathlib import Path

from datasketch import MinHash, MinHashLSH

import articles
import text

THRESHOLD = 0.7
SLOTS = 128
# 1 - (1 - 0.7^4)^32 = 0.9998 of the pairs at the threshold become candidates.
BANDS_FOR_RECALL = (32, 4)


def deduplicate(sets, index, confirmed):
    """Maps each dropped position to the earlier one it was found similar to.

    `sets` are the documents as collections of bytes; only kept documents are
    in the index.
    """
    keeper = {}
    for i, signature in enumerate(MinHash.generator(sets, num_perm=SLOTS)):
        if not sets[i]:
            continue
        found = next((j for j in sorted(index.query(signature)) if confirmed(i, j)), None)
        if found is None:
            index.insert(i, signature)
        else:
            keeper[i] = found
    return keeper


def main():
    path, out, settings = sys.argv[1:]
    corpus = articles.read(path)
    if settings == "docs":
        sets = [{w.encode() for w in t.split()} for t in corpus.texts]
        index = MinHashLSH(threshold=THRESHOLD, num_perm=SLOTS)
        keeper = deduplicate(sets, index, lambda i, j: True)
    else:
        sets = [{s.encode() for s in text.shingles(t)} for t in corpus.texts]
        index = MinHashLSH(num_perm=SLOTS, params=BANDS_FOR_RECALL)

        def confirmed(i, j):
            shared = len(sets[i] & sets[j])
            return shared >= THRESHOLD * (len(sets[i]) + len(sets[j]) - shared)

        keeper = deduplicate(sets, index, confirmed)
    articles.write(out, Path(path).name, corpus, keeper)


if __name__ == "__main__":
    main()
