"""Folds a text and cuts it into word shingles, by the rules of src/text/reference.rs.

Written from the rules alone, not from the Rust code: what the exact truth and the brute-force check
stand on must not share a line with the tool they judge. Scripts without spaces (Han, Thai, ...), which
the tool takes character by character, are not treated here: use it on
languages that put spaces between words.
"""

import unicodedata

# Code points that vanish without ending a word (both ends included).
DELETED = """
    0610-061A 064B-065F 0670 06D6-06DC 06DF-06E4 06E7-06E8 06EA-06ED 0898-089F
    08CA-08E1 08E3-08FF 10EFD-10EFF 0640 06E5 06E6 08C9 0674 07FA
    FE70-FE7F FC5E-FC63 FCF2-FCF4
    0591-05BD 05BF 05C1-05C2 05C4-05C5 05C7 0711 0730-074A
    0300-036F 0483-0489 1AB0-1AFF 1DC0-1DFF 20D0-20F0 FE20-FE2F 093C 094D
    00AD 034F 061C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F
    3164 FE00-FE0F FEFF FFA0 FFF0-FFF8 E0000-E0FFF
"""

# Letters written in several ways: the one they become, and the others.
FOLDED = {
    "\u0627": "\u0671\u0672\u0673\u0675",  # alef
    "\u064a": "\u0649\u06cc\u06cd\u06ce\u06d0\u06d2\u06d3",  # yeh
    "\u0643": "\u06a9\u06aa",  # kaf
    "\u0647": "\u0629\u06be\u06c0\u06c1\u06c2\u06c3\u06d5",  # heh
    "i": "\u0131",
    "d": "\u0111",
    "l": "\u0142",
    "o": "\u00f8",
}


def _code_points(ranges):
    for item in ranges.split():
        first, _, last = item.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


_DELETED = set(_code_points(DELETED))
_FOLDED = {other: letter for letter, others in FOLDED.items() for other in others}


class _Table(dict):
    """Code point -> what stands for it, worked out when first asked for."""

    def __missing__(self, code_point):
        self[code_point] = "" if code_point in _DELETED else self._fold(chr(code_point))
        return self[code_point]

    @staticmethod
    def _fold(char):
        wide = unicodedata.normalize("NFKC", char).casefold()
        if not "\uac00" <= char <= "\ud7a3":  # Hangul syllables stay whole
            wide = unicodedata.normalize("NFKD", wide)
        out = []
        for c in wide:
            if ord(c) in _DELETED:
                continue
            category = unicodedata.category(c)
            if category == "Nd":
                out.append(str(unicodedata.digit(c)))
            elif category[0] in "LNM":
                out.append(_FOLDED.get(c, c))
            else:
                out.append(" ")
        return "".join(out)


_TABLE = _Table()


def words(text):
    """The folded words of a text, in order."""
    return unicodedata.normalize("NFC", text.translate(_TABLE)).split()


def shingles(text, n=3):
    """The distinct word n-grams of a text, each a string.

    A text with fewer than `n` words is one shingle, which equals no shingle
    of a longer text; a text without words has none.
    """
    tokens = words(text)
    if 0 < len(tokens) < n:
        return {" ".join(tokens)}
    return set(map(" ".join, zip(*(tokens[i:] for i in range(n)))))
