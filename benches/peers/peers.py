"""The programs that are compared, with the settings each is tried with."""

import os
import subprocess
import sys
import tomllib
from importlib.metadata import distributions, version
from pathlib import Path
from typing import NamedTuple

import driver

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WORK = ROOT / "target" / "peers"
GAOYA = WORK / "gaoya" / "release" / "peer-gaoya"
GAOYA_PACKAGE = HERE / "gaoya" / "Cargo.toml"
DOLMA = WORK / "dolma"
BINARY = ROOT / "target" / "release" / "twicetold"

# The grid settings are chosen from: shingles of so many words, and thresholds.
WORDS = [1, 3, 5]
THRESHOLDS = [0.4, 0.5, 0.6, 0.7, 0.8]
# For the two that take ten to a hundred times as long. Their sources name the
# similarity at which half of the pairs are found: (1 / buckets)^(1 / hashes).
SLOW_WORDS = [3, 5]
TEXT_DEDUP_THRESHOLDS = [0.5, 0.6, 0.7]
DATATROVE_BANDS = [(20, 5), (14, 8)]
# Runs of words, and the share of a paragraph's that came before.
DOLMA_WORDS = [3, 5, 8]
DOLMA_SHARES = [0.3, 0.5, 0.7]


class Peer(NamedTuple):
    """A program that names clusters of articles."""

    name: str
    documented: str  # what its default settings are, for people
    command: list[str]  # before FILE OUT SETTINGS...
    sources: list[Path]  # what the outcome depends on beside the version
    grid: list[str]
    several: bool = False  # whether it takes several settings at once
    passages_only: bool = False  # whether it knows nothing of articles

    def command_for(self, corpus, out, settings):
        """The command that runs it with each of the settings."""
        words = settings
        if self.name == "gaoya":  # takes one, as separate words, none for the defaults
            words = [word for word in settings[0].split(",") if word != "-"]
        return [*self.command, str(corpus), str(out), *words]

    @property
    def version(self):
        if self.name == "gaoya":
            return tomllib.loads(GAOYA_PACKAGE.read_text())["dependencies"]["gaoya"].strip("=")
        if self.name == "dolma":
            (found,) = distributions(name="dolma", path=[str(DOLMA)])
            return found.version
        return version(self.name)


def _python(name, documented, grid, **more):
    file = HERE / f"run_{name.replace('-', '_')}.py"
    sources = [file, HERE / "driver.py"]
    return Peer(name, documented, [sys.executable, str(file)], sources, grid, **more)


def _library_grid(more=lambda words, threshold: ""):
    return [
        f"words={words},threshold={threshold}{more(words, threshold)},confirm={confirm}"
        for words in WORDS
        for threshold in THRESHOLDS
        for confirm in ("no", "yes")
        # Of single words, bands for recall let half of all pairs through.
        if words > 1 or confirm == "no"
    ]


def _gaoya_bands(words, threshold):
    bands, rows = (42, 3) if words == 1 else driver.bands(threshold)  # its README's for words
    return f",bands={bands},rows={rows}"


PEERS = [
    _python(
        "rensa", "README: words between white space, threshold .7", _library_grid(), several=True
    ),
    _python(
        "datasketch",
        "documentation: words between white space, 128 slots, threshold .7",
        _library_grid(),
        several=True,
    ),
    Peer(
        "gaoya",
        "README: lower-case words, 42 bands of 3 rows, threshold .5",
        [str(GAOYA)],
        [HERE / "gaoya" / "src" / "main.rs", GAOYA_PACKAGE],
        _library_grid(_gaoya_bands),
    ),
    _python(
        "text-dedup",
        "defaults: word 5-grams, 250 slots, threshold .7",
        [f"words={w},threshold={t}" for w in SLOW_WORDS for t in TEXT_DEDUP_THRESHOLDS],
    ),
    _python(
        "datatrove",
        "defaults: word 5-grams, 14 buckets of 8 hashes",
        [f"words={w},buckets={b},hashes={h}" for w in SLOW_WORDS for b, h in DATATROVE_BANDS],
    ),
    _python(
        "dolma",
        "default: paragraphs that came before as they are",
        [f"words={words},overlap={share}" for words in DOLMA_WORDS for share in DOLMA_SHARES],
        passages_only=True,
    ),
]
NAMES = [peer.name for peer in PEERS]


def twicetold_version():
    done = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


def processor():
    """The processor's name, where Linux tells it, and how many cores."""
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return f"{line.split(':', 1)[1].strip()}, {os.cpu_count()} cores"
    return f"{os.cpu_count()} cores"
