"""The articles of a JSONL file, and an outcome written down.

Every driver reads with `read` and writes with `write`, so that no peer is
held back by slow reading: orjson is the fastest parser Python has.
"""

from pathlib import Path
from typing import NamedTuple

import orjson


class Articles(NamedTuple):
    """The records of a file, in order; both lists are of one length."""

    ids: list[str]
    texts: list[str]


def read(path):
    """Reads a JSONL file whose records have `id` and `text`."""
    ids, texts = [], []
    with open(path, "rb") as file:
        for record in map(orjson.loads, file):
            ids.append(record["id"])
            texts.append(record["text"])
    return Articles(ids, texts)


def write(out, path, ids, keeper):
    """Writes the outcome of a peer that names a keeper.

    `keeper` maps each dropped article to the one that is kept in its place,
    both as positions in the file at `path`.
    """
    write_kept(out, path, keeper)
    write_clusters(out, ids, keeper)


def write_kept(out, path, dropped):
    """Copies the lines whose positions are not in `dropped` to `out/kept/`."""
    kept = Path(out, "kept")
    kept.mkdir(parents=True)
    with open(path, "rb") as source, open(kept / Path(path).name, "wb") as target:
        target.writelines(line for position, line in enumerate(source) if position not in dropped)


def write_clusters(out, ids, group_of):
    """Writes `out/clusters.tsv`, a line for each article that is in a cluster,
    from a map of members to their group.

    Members are positions in the input; a group is named by one of its
    members, which the map may leave out.
    """
    Path(out).mkdir(parents=True, exist_ok=True)
    group_of = group_of | {group: group for group in group_of.values()}
    with open(Path(out, "clusters.tsv"), "w") as file:
        file.write("id\tcluster\n")
        file.writelines(f"{ids[i]}\t{group}\n" for i, group in sorted(group_of.items()))
