"""Drops near-duplicates with rensa: RMinHash signatures in an LSH index.

The defaults are its README's own recipe: whitespace words,
RMinHashDeduplicator. `recipe=rho` is its fastest path: the rho pipeline flags
what has a copy, and the README's recipe decides among the flagged which copy
stays (the flags alone don't say which is the copy of which). With
`confirm=yes`, an RMinHashLSH is banded for recall and each candidate compared
on the whole sets.
"""

from functools import cache

from rensa import RMinHash, RMinHashDeduplicator, RMinHashLSH

import driver

DEFAULTS = {"recipe": "readme", "words": 1, "threshold": 0.7, "confirm": "no"}
SEED = 42
# Articles turned into signatures at a time; bounds the memory of their words.
BATCH = 10_000
# Bands of 8 slots: the curve is steepest at (1/16)^(1/8) = 0.71.
BANDS_FOR_RHO = 16
_texts = []


@cache
def _signatures(words):
    signatures = []
    for start in range(0, len(_texts), BATCH):
        sets = [_tokens(t, words) for t in _texts[start : start + BATCH]]
        signatures += RMinHash.from_token_sets(sets, num_perm=driver.SLOTS, seed=SEED)
    return signatures


def _tokens(text, words):
    return text.split() if words == 1 else list(driver.shingles(text, words))


def readme(signatures, threshold, positions):
    """Maps each dropped position to the earlier one it was found similar to."""
    deduplicator = RMinHashDeduplicator(
        threshold=threshold, num_perm=driver.SLOTS, use_lsh=True
    )
    stays = deduplicator.add_pairs([(str(i), signatures[i]) for i in positions])
    dropped = [i for i, stay in zip(positions, stays) if not stay]
    keepers = deduplicator.get_duplicate_sets([signatures[i] for i in dropped])
    return {i: min(map(int, found), default=i) for i, found in zip(dropped, keepers)}


def rho(texts, threshold):
    matrix = RMinHash.digest_matrix_from_token_sets_rho(
        [t.split() for t in texts], num_perm=driver.SLOTS, seed=SEED
    )
    index = RMinHashLSH(threshold=threshold, num_perm=driver.SLOTS, num_bands=BANDS_FOR_RHO)
    flags = index.query_duplicate_flags_matrix_one_shot(matrix)
    flagged = [i for i, flag in enumerate(flags) if flag]
    signatures = RMinHash.from_token_sets(
        [texts[i].split() for i in flagged], num_perm=driver.SLOTS, seed=SEED
    )
    return readme(dict(zip(flagged, signatures)), threshold, flagged)


def confirmed(texts, words, threshold):
    bands, _ = driver.bands(threshold)
    index = RMinHashLSH(threshold=threshold, num_perm=driver.SLOTS, num_bands=bands)
    kept, keeper = {}, {}
    for i, signature in enumerate(_signatures(words)):
        own = driver.shingles(texts[i], words)
        if not own:
            continue
        for j in sorted(index.query(signature)):
            if driver.similar(own, kept[j], threshold):
                keeper[i] = j
                break
        else:
            index.insert(i, signature)
            kept[i] = own
    return keeper


def deduplicate(texts, recipe, words, threshold, confirm):
    _texts[:] = texts
    if recipe == "rho":
        return rho(texts, threshold)
    if confirm == "yes":
        return confirmed(texts, words, threshold)
    positions = [i for i, t in enumerate(texts) if t.split()]
    return readme(_signatures(words), threshold, positions)


if __name__ == "__main__":
    driver.main(DEFAULTS, deduplicate)
