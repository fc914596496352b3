"""All pairs of the first articles of a file, compared one by one.

The plainest check there is of a similarity join: sets of folded word n-grams,
every pair, Python's own set operations. Writes one JSON object a line for
each pair at or above the given Jaccard similarity or containment (of either
in the other) to stdout, in input order, so that it can be held against the
tool's output with any JSON reader.

    python brute.py FILE.jsonl [--first 3000] [--words 3] [--jaccard 0.4] [--containment 0.5]
"""

import argparse
import itertools

import orjson

import articles
import text


def similar_pairs(texts, words, jaccard, containment):
    """Yields (a, b, Jaccard, containment of a in b, containment of b in a)
    for each pair a < b of positions that reaches one of the thresholds."""
    sets = [text.shingles(t, words) for t in texts]
    for a, b in itertools.combinations(range(len(sets)), 2):
        shared = len(sets[a] & sets[b])
        if shared == 0:
            continue
        similarity = shared / len(sets[a] | sets[b])
        a_in_b = shared / len(sets[a])
        b_in_a = shared / len(sets[b])
        if similarity >= jaccard or max(a_in_b, b_in_a) >= containment:
            yield a, b, similarity, a_in_b, b_in_a


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("file")
    parser.add_argument("--first", type=int, default=3000, help="how many articles")
    parser.add_argument("--words", type=int, default=3, help="words in a shingle")
    parser.add_argument("--jaccard", type=float, default=0.4)
    parser.add_argument("--containment", type=float, default=0.5)
    args = parser.parse_args()

    corpus = articles.read(args.file)
    texts = corpus.texts[: args.first]
    for a, b, jaccard, a_in_b, b_in_a in similar_pairs(
        texts, args.words, args.jaccard, args.containment
    ):
        pair = {"a": corpus.ids[a], "b": corpus.ids[b], "jaccard": jaccard}
        pair |= {"a_in_b": a_in_b, "b_in_a": b_in_a}
        print(orjson.dumps(pair).decode())


if __name__ == "__main__":
    main()
