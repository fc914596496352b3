"""Drops near-duplicates with rensa: RMinHash signatures in an LSH index.

    python run_rensa.py FILE OUT readme|rho|folded

readme  its README's own recipe: whitespace words, RMinHashDeduplicator
rho     its fastest path: the rho pipeline flags what has a copy, and the
        README's recipe decides among the flagged which copy stays (the flags
        alone don't say which is the copy of which)
folded  word 3-grams of folded text, RMinHashLSH banded for recall, and each
        candidate confirmed on the whole shingle sets
"""

import sys
from pathlib import Path

from rensa import RMinHash, RMinHashDeduplicator, RMinHashLSH

import articles
import text

THRESHOLD = 0.7
SLOTS = 128
SEED = 42
# 1 - (1 - 0.7^4)^32 = 0.9998 of the pairs at the threshold become candidates.
BANDS_FOR_RECALL = 32
# Bands of 8 slots: the curve is steepest at (1/16)^(1/8) = 0.71.
BANDS_FOR_RHO = 16


def readme(texts, positions):
    """Maps each dropped position to the earlier one it was found similar to."""
    signatures = RMinHash.from_token_sets(
        [texts[i].split() for i in positions], num_perm=SLOTS, seed=SEED
    )
    entries = [(str(i), s) for i, s in zip(positions, signatures)]
    deduplicator = RMinHashDeduplicator(threshold=THRESHOLD, num_perm=SLOTS, use_lsh=True)
    stays = deduplicator.add_pairs(entries)
    dropped = [entry for entry, stay in zip(entries, stays) if not stay]
    keepers = deduplicator.get_duplicate_sets([signature for _, signature in dropped])
    return {
        int(key): min(map(int, found), default=int(key))
        for (key, _), found in zip(dropped, keepers)
    }


def rho(texts):
    matrix = RMinHash.digest_matrix_from_token_sets_rho(
        [t.split() for t in texts], num_perm=SLOTS, seed=SEED
    )
    index = RMinHashLSH(threshold=THRESHOLD, num_perm=SLOTS, num_bands=BANDS_FOR_RHO)
    flags = index.query_duplicate_flags_matrix_one_shot(matrix)
    return readme(texts, [i for i, flag in enumerate(flags) if flag])


def folded(texts):
    sets = [list(text.shingles(t)) for t in texts]
    signatures = RMinHash.from_token_sets(sets, num_perm=SLOTS, seed=SEED)
    index = RMinHashLSH(threshold=THRESHOLD, num_perm=SLOTS, num_bands=BANDS_FOR_RECALL)
    keeper = {}
    for i, signature in enumerate(signatures):
        if not sets[i]:
            continue
        own = None
        for j in sorted(index.query(signature)):
            own = own or set(sets[i])
            shared = len(own.intersection(sets[j]))
            if shared >= THRESHOLD * (len(own) + len(sets[j]) - shared):
                keeper[i] = j
                break
        else:
            index.insert(i, signature)
    return keeper


def main():
    path, out, settings = sys.argv[1:]
    corpus = articles.read(path)
    if settings == "readme":
        keeper = readme(corpus.texts, range(len(corpus.texts)))
    else:
        keeper = {"rho": rho, "folded": folded}[settings](corpus.texts)
    articles.write(out, Path(path).name, corpus, keeper)


if __name__ == "__main__":
    main()
