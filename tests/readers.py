"""Reads the tables of two outcomes with DuckDB, polars and pandas.

Usage: readers.py ARTICLES PASSAGES EXPECTED, the last a JSON object of row
counts by table. Every table must have that many rows in both formats, and the
texts of its first column that the JSON lines have.
"""

import json
import pathlib
import sys

import duckdb
import pandas
import polars

duckdb.sql("SET TimeZone = 'UTC'")
articles, passages = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
expected = json.loads(pathlib.Path(sys.argv[3]).read_text())
LISTS = {"members", "sources", "edits", "copies"}
MOMENTS = {"first_date", "last_date"}


def check(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: {found!r}, expected {wanted!r}")


for table, count in expected.items():
    folder = articles if (articles / f"{table}.jsonl").exists() else passages
    lines = (folder / f"{table}.jsonl").read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line]
    names = list(rows[0])
    parquet, csv = folder / f"{table}.parquet", folder / f"{table}.csv"

    for column in names:
        wanted = [row[column] for row in rows]
        if column in MOMENTS:
            wanted = [value and value.replace("Z", "+00:00").replace("T", " ") for value in wanted]
        found = {
            "DuckDB": [
                value
                for (value,) in duckdb.sql(f'SELECT "{column}" FROM \'{parquet}\'').fetchall()
            ],
            "polars": polars.read_parquet(parquet)[column].to_list(),
        }
        for program, values in found.items():
            if column in MOMENTS:
                values = [value and value.isoformat(" ") for value in values]
                values = [value and value[:19] for value in values]
                check(f"{program}, {table}.{column}", values, [v and v[:19] for v in wanted])
            else:
                check(f"{program}, {table}.{column}", values, wanted)

    check(f"pandas, {parquet.name}", len(pandas.read_parquet(parquet)), count)
    # Cells that begin with an apostrophe had one put before them.
    frame = pandas.read_csv(csv, keep_default_na=False, dtype=str)
    check(f"pandas, {csv.name}", list(frame.columns), names)
    for reader, values in (
        ("pandas", frame[names[0]].tolist()),
        ("polars", polars.read_csv(csv, infer_schema=False)[names[0]].to_list()),
        (
            "DuckDB",
            [v for (v,) in duckdb.sql(
                f"SELECT \"{names[0]}\" FROM read_csv('{csv}', all_varchar=true, header=true, "
                "delim=',', quote='\"')"
            ).fetchall()],
        ),
    ):
        values = [value[1:] if value.startswith("'") else value for value in values]
        check(f"{reader}, {csv.name}", values, [str(row[names[0]]) for row in rows])
print("read", ", ".join(expected))
