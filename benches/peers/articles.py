"""The articles of a JSONL file, and an outcome written the way twicetold does.

Every driver reads with `read` and writes with `write`, so that no peer is
held back by slow reading: orjson is the fastest parser Python has.
"""

from pathlib import Path
from typing import NamedTuple

import orjson


class Articles(NamedTuple):
    """The records of a file, in order; all three lists are of one length."""

    lines: list[bytes]  # as they are in the file, without the line feed
    ids: list[str]
    texts: list[str]


def read(path):
    """Reads a JSONL file whose records have `id` and `text`."""
    lines, ids, texts = [], [], []
    with open(path, "rb") as file:
        for line in file:
            record = orjson.loads(line)
            lines.append(line.rstrip(b"\n"))
            ids.append(record["id"])
            texts.append(record["text"])
    return Articles(lines, ids, texts)


def write(out, name, articles, keeper):
    """Writes the whole outcome of a peer that names a keeper.

    `keeper` maps each dropped article to the one that is kept in its place,
    both as positions in the input.
    """
    write_kept(out, name, articles.lines, keeper)
    write_clusters(out, articles.ids, keeper)


def write_kept(out, name, lines, dropped):
    """Writes `out/kept/name`: the lines whose positions are not in `dropped`."""
    kept = Path(out, "kept")
    kept.mkdir(parents=True)
    with open(kept / name, "wb") as file:
        for position, line in enumerate(lines):
            if position not in dropped:
                file.write(line + b"\n")


def write_clusters(out, ids, group_of):
    """Writes `out/clusters.jsonl` from a map of members to their group.

    Members are positions in the input; a group is named by one of its
    members, which the map may leave out.
    """
    clusters = {}
    for member, group in group_of.items():
        clusters.setdefault(group, {group}).add(member)
    with open(Path(out, "clusters.jsonl"), "wb") as file:
        for members in clusters.values():
            file.write(orjson.dumps({"members": [ids[i] for i in sorted(members)]}) + b"\n")
