"""What the drivers of the peers have in common: their command line, shingles,
bands.

    python run_PEER.py FILE OUT SETTINGS...

SETTINGS are `name=value` pairs joined by commas, or `-` for the defaults. With
one of them the whole outcome is written to OUT, which is what speed is measured
on; with several, the clusters of each to OUT/SETTINGS/clusters.tsv, and what
settings have in common need be done only once.
"""

import sys
from pathlib import Path

import articles

# What of the pairs at the threshold are to become candidates, where they are
# confirmed on whole sets afterwards.
RECALL = 0.999
SLOTS = 128


def parse(words, defaults):
    """`defaults` with what `words` say otherwise, each of its default's type."""
    settings = dict(defaults)
    for word in words.split(",") if words != "-" else []:
        name, value = word.split("=")
        settings[name] = type(defaults[name])(value)
    return settings


def main(defaults, deduplicate):
    """Serves the command line. `deduplicate(texts, **settings)` maps each
    dropped position to that of the article kept in its place."""
    path, out, *choices = sys.argv[1:]
    corpus = articles.read(path)
    for words in choices:
        keeper = deduplicate(corpus.texts, **parse(words, defaults))
        if len(choices) == 1:
            articles.write(out, path, corpus.ids, keeper)
        else:
            articles.write_clusters(Path(out, words), corpus.ids, keeper)


def shingles(text, words):
    """The different runs of so many words between white space; a text with
    fewer words is one run, one without words has none."""
    tokens = text.split()
    if words == 1:
        return set(tokens)
    if 0 < len(tokens) < words:
        return {" ".join(tokens)}
    return set(map(" ".join, zip(*(tokens[i:] for i in range(words)))))


def similar(a, b, threshold):
    """Whether two sets have at least this Jaccard similarity."""
    shared = len(a & b)
    return shared >= threshold * (len(a) + len(b) - shared)


def bands(threshold):
    """(bands, rows) of `SLOTS` slots: the most rows a power of two with which
    `RECALL` of the pairs at the threshold meet in a band."""
    rows = 1
    while 1 - (1 - threshold ** (2 * rows)) ** (SLOTS // (2 * rows)) >= RECALL:
        rows *= 2
    return SLOTS // rows, rows
