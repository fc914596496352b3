"""The ground the comparison stands on, checked on texts made here.

    target/peers-venv/bin/python -m unittest discover benches/peers
"""

import random
import tempfile
import unittest
from pathlib import Path

import articles
import brute
import text
import truth


class Folding(unittest.TestCase):
    def test_facts_of_the_normalisation_page(self):
        for left, right in [
            ("الْحَمْدُ لِلَّهِ ﻻ", "الحمد لله لا"),
            ("مِــــصْر ١٢٣ ۱۲۳", "مصر 123 123"),
            ("می\u200cشود", "ميشود"),
            ("کتاب", "كتاب"),
            ("Straße", "STRASSE"),
            ("ＡＢＣ１２３", "abc123"),
            ("か\u3099", "が"),
            ("שָׁלוֹם", "שלום"),
            ("Don't", "Don’t"),
        ]:
            self.assertEqual(text.words(left), text.words(right), left)
        for left, right in [("パパ", "ハハ"), ("ม้า", "มา"), ("दुर", "दूर")]:
            self.assertNotEqual(text.words(left), text.words(right), left)

    def test_short_texts_are_one_shingle_and_empty_ones_none(self):
        self.assertEqual(text.shingles("One, two."), {"one two"})
        self.assertEqual(text.shingles(" ... "), set())
        self.assertEqual(text.shingles("a b c d"), {"a b c", "b c d"})


class Truth(unittest.TestCase):
    def test_index_finds_what_brute_force_finds(self):
        texts = edited_copies(random.Random(7))
        slow = {
            (a, b): (jaccard, max(a_in_b, b_in_a))
            for a, b, jaccard, a_in_b, b_in_a in brute.similar_pairs(
                texts, words=3, jaccard=truth.FLOOR, containment=truth.FLOOR
            )
        }
        fast = {(a, b): (jaccard, c) for a, b, jaccard, c in truth.similar_pairs(texts).tolist()}
        self.assertEqual(fast, slow)
        self.assertGreater(len(slow), 100)


class Outcome(unittest.TestCase):
    def test_kept_lines_are_the_bytes_that_were_read(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "in.jsonl")
            lines = [b'{"id": "%d", "text":  "\\u0645"}' % i for i in range(4)]
            path.write_bytes(b"\n".join(lines))
            out = Path(folder, "out")
            articles.write(out, path.name, articles.read(path), {2: 0, 3: 0})
            self.assertEqual((out / "kept" / "in.jsonl").read_bytes().splitlines(), lines[:2])
            clusters = (out / "clusters.jsonl").read_bytes()
            self.assertEqual(clusters, b'{"members":["0","2","3"]}\n')


def edited_copies(rng):
    """Texts of 0 to 60 words; most are an earlier one, cut or with words changed."""
    words = [f"w{i}" for i in range(300)]
    texts = ["", "w1", "w1", "w1 w2", "W1, w2!"]
    for _ in range(300):
        tokens = rng.choice(texts).split()
        if len(tokens) < 5 or rng.random() < 0.3:
            tokens = rng.choices(words, k=rng.randint(3, 60))
        for _ in range(rng.randint(0, 3)):
            tokens[rng.randrange(len(tokens))] = rng.choice(words)
        texts.append(" ".join(tokens[rng.randint(0, 3) :]))
    return texts


if __name__ == "__main__":
    unittest.main()
