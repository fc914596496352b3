"""The ground the comparison stands on, checked on texts made here.

    target/peers-venv/bin/python -m unittest discover benches/peers
"""

import random
import tempfile
import unittest
from pathlib import Path

import articles
import brute
import driver
import golds
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
            articles.write(out, path, articles.read(path).ids, {2: 0, 3: 0})
            self.assertEqual((out / "kept" / "in.jsonl").read_bytes().splitlines(), lines[:2])
            clusters = (out / "clusters.tsv").read_text()
            self.assertEqual(clusters, "id\tcluster\n0\t0\n2\t0\n3\t0\n")


class Drivers(unittest.TestCase):
    def test_settings_have_the_types_of_their_defaults(self):
        defaults = {"words": 1, "threshold": 0.7, "confirm": "no"}
        self.assertEqual(driver.parse("-", defaults), defaults)
        parsed = driver.parse("words=3,threshold=0.5,confirm=yes", defaults)
        self.assertEqual(parsed, {"words": 3, "threshold": 0.5, "confirm": "yes"})
        with self.assertRaises(KeyError):
            driver.parse("word=3", defaults)

    def test_bands_let_the_pairs_at_the_threshold_through(self):
        for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
            bands, rows = driver.bands(threshold)
            self.assertLessEqual(bands * rows, driver.SLOTS)
            let_through = 1 - (1 - threshold**rows) ** bands
            self.assertGreaterEqual(let_through, driver.RECALL, threshold)

    def test_short_texts_are_one_shingle(self):
        self.assertEqual(driver.shingles("a b", 3), {"a b"})
        self.assertEqual(driver.shingles(" ", 3), set())
        self.assertEqual(driver.shingles("a b c d", 3), {"a b c", "b c d"})


class Golds(unittest.TestCase):
    def test_paragraphs_know_their_places(self):
        doc = {"id": "x:1", "text": "one\n\ntwo three\n"}
        for piece in golds.paragraphs(doc):
            name, start, end = piece["id"].rsplit(":", 2)
            self.assertEqual(name, "x:1")
            self.assertEqual(doc["text"][int(start) : int(end)], piece["text"])

    def test_pairs_connect_clusters(self):
        groups = golds.connected([("a", "b"), ("c", "d"), ("b", "c"), ("e", "f")])
        self.assertEqual(len({groups[i] for i in "abcd"}), 1)
        self.assertEqual(groups["e"], groups["f"])
        self.assertNotEqual(groups["a"], groups["e"])


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
