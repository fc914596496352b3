"""Drops near-duplicates with datasketch: MinHash signatures in a MinHashLSH.

The defaults are its documentation's own way: whitespace words, 128 slots, the
bands MinHashLSH chooses for the threshold, what the index returns taken as
found. With `confirm=yes`, bands are chosen for recall and each candidate is
compared on the whole sets, as the documentation of `MinHashLSH.query` advises
for exact results.
"""

from functools import cache

from datasketch import MinHash, MinHashLSH

import driver

DEFAULTS = {"words": 1, "threshold": 0.7, "confirm": "no"}
_texts = []


@cache
def _sets(words):
    return [{s.encode() for s in driver.shingles(t, words)} for t in _texts]


@cache
def _signatures(words):
    return list(MinHash.generator(_sets(words), num_perm=driver.SLOTS))


def deduplicate(texts, words, threshold, confirm):
    """Only kept articles are in the index."""
    _texts[:] = texts
    sets = _sets(words)
    if confirm == "yes":
        index = MinHashLSH(num_perm=driver.SLOTS, params=driver.bands(threshold))
    else:
        index = MinHashLSH(threshold=threshold, num_perm=driver.SLOTS)
    keeper = {}
    for i, signature in enumerate(_signatures(words)):
        if not sets[i]:
            continue
        found = sorted(index.query(signature))
        if confirm == "yes":
            found = (j for j in found if driver.similar(sets[i], sets[j], threshold))
        first = next(iter(found), None)
        if first is None:
            index.insert(i, signature)
        else:
            keeper[i] = first
    return keeper


if __name__ == "__main__":
    driver.main(DEFAULTS, deduplicate)
