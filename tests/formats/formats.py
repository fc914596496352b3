"""Corpora in the formats of pandas, pyarrow, polars and Hugging Face datasets.

    formats.py make FOLDER NEWS   writes FOLDER/awkward/* and FOLDER/news/*
    formats.py same IN OUT        every table in OUT equals its namesake in IN
    formats.py parts IN KEPT REMOVED
                                  the rows of KEPT and REMOVED are those of IN,
                                  each once, in order, with the schema of IN

NEWS is the sample of the project as JSON lines. tests/it/formats.rs calls this.
"""

import datetime
import decimal
import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"

import datasets
import pandas
import polars
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

datasets.disable_progress_bars()

TEXTS = [
    "plain words that nobody else has said before in this corpus at all",
    "",
    'she said "no, never" and then,\nafter a line end, "yes" \U0001f600 \U0001f9d1\u200d\U0001f680',
    "\u202bخبر من اليمين إلى اليسار لم يُنشر في صحيفة أخرى من قبل أبدا\u202c",
    "  spaces around, a tab\there, a carriage return\rthere, and a NUL-free end ",
    "中文新闻没有空格也应该可以正常工作并且保持不变",
    "x",
]


def awkward():
    """Every awkward case in a table; no two texts are alike."""
    n = len(TEXTS)
    utc = datetime.timezone.utc
    moments = [datetime.datetime(2015, 7, 21, 10, 30, i, 123456, tzinfo=utc) for i in range(n)]
    some = lambda values: [None if i % 3 == 1 else v for i, v in enumerate(values)]
    columns = {
        "id": pa.array(["same", "same", "ü", "", None, "6", "7"], pa.string()),
        "text": pa.array(TEXTS, pa.string()),
        "date": pa.array(moments, pa.timestamp("us", tz="Asia/Riyadh")),
        "source": pa.array(some(["spa"] * n)).dictionary_encode(),
        "big": pa.array([2**53 + 1, 2**64 - 1, None, 0, 1, 2, 3], pa.uint64()),
        "small": pa.array([-(2**63), 2**63 - 1, None, -1, 0, 1, 2], pa.int64()),
        "real": pa.array([0.1, float("inf"), None, -0.0, 1e300, 5e-324, 2.5], pa.float64()),
        "is_on": pa.array([True, None, False, True, None, False, True]),
        "day": pa.array(some([datetime.date(1969, 12, 31)] * n), pa.date32()),
        "price": pa.array(some([decimal.Decimal("12345678901234567890.12")] * n), pa.decimal128(38, 2)),
        "raw": pa.array([b"\x00\xff", b"", None, b"a", b"b", b"c", b"d"], pa.binary()),
        "fixed": pa.array(some([b"0123456789abcdef"] * n), pa.binary(16)),
        "all_null": pa.array([None] * n, pa.string()),
        "tags": pa.array([["a", None], [], None, ["b"], ["c", "d"], [""], None], pa.list_(pa.string())),
        "meta": pa.array(
            [{"date": "2020-01-01", "n": 2**53 + 1, "deep": [{"k": i}]} if i % 3 else None for i in range(n)],
            pa.struct([("date", pa.string()), ("n", pa.int64()), ("deep", pa.list_(pa.struct([("k", pa.int8())])))]),
        ),
        "map": pa.array([[("k", 1)], [], None, [("a", None)], None, [], [("z", 9)]], pa.map_(pa.string(), pa.int32())),
        "long": pa.array(TEXTS, pa.large_string()),
    }
    fields = [
        pa.field(name, column.type, metadata={"note": "kept"} if name == "id" else None)
        for name, column in columns.items()
    ]
    schema = pa.schema(fields, metadata={"maker": "the test of formats"})
    return pa.table(list(columns.values()), schema=schema)


def write_ipc(table, path, new, rows=3, **options):
    with new(str(path), table.schema, options=ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=rows)


def make(folder, news):
    table = awkward()
    to = folder / "awkward"
    to.mkdir(parents=True)
    for codec in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]:
        pq.write_table(table, to / f"pyarrow-{codec}.parquet", compression=codec, row_group_size=3)
    pq.write_table(table, to / "pyarrow-v2.parquet", data_page_version="2.0", use_dictionary=False)
    pq.write_table(table, to / "pyarrow-plain.parquet", store_schema=False, write_statistics=False)
    pq.write_table(table.drop(["day"]), to / "spark.parquet", use_deprecated_int96_timestamps=True, flavor="spark")
    pq.write_table(table[:0], to / "no-rows.parquet")
    frame = table.drop(["map"]).to_pandas()
    frame.to_parquet(to / "pandas.parquet")
    frame.set_index("id", drop=False).to_parquet(to / "pandas-index.parquet", compression="gzip")
    frame.to_feather(to / "pandas.feather")
    simple = table.drop(["map", "fixed"])
    frame = polars.from_arrow(simple)
    frame.write_parquet(to / "polars.parquet")
    frame.write_ipc(to / "polars.arrow", compression="zstd")
    frame.write_ipc_stream(to / "polars.arrows")
    data = datasets.Dataset(table.drop(["map", "fixed", "date"]).cast(table.drop(["map", "fixed", "date"]).schema))
    data.to_parquet(to / "datasets.parquet")
    data.save_to_disk(to / "datasets-disk")
    for codec in [None, "lz4", "zstd"]:
        write_ipc(table, to / f"pyarrow-{codec}.arrow", ipc.new_file, compression=codec)
        write_ipc(table, to / f"pyarrow-{codec}.arrows", ipc.new_stream, compression=codec)
    growing = [pa.array(["a"]).dictionary_encode(), pa.array(["b", "a"]).dictionary_encode()]
    for name, new, delta in [("delta.arrow", ipc.new_file, True), ("replaced.arrows", ipc.new_stream, False)]:
        schema = pa.schema([("text", pa.string()), ("source", growing[0].type)])
        with new(str(to / name), schema, options=ipc.IpcWriteOptions(emit_dictionary_deltas=delta)) as writer:
            values = pa.array(["a", "b"])
            first = pa.DictionaryArray.from_arrays(pa.array([0], pa.int32()), values[:1])
            then = pa.DictionaryArray.from_arrays(pa.array([1, 0], pa.int32()), values)
            writer.write_batch(pa.record_batch([pa.array(["one"]), first], schema=schema))
            writer.write_batch(pa.record_batch([pa.array(["two", "three"]), then], schema=schema))

    to = folder / "news"
    to.mkdir()
    records = [json.loads(line) for line in news.read_text("utf-8").splitlines()]
    frame = pandas.DataFrame.from_records(records)
    frame.to_parquet(to / "news.parquet", index=False, row_group_size=4)
    frame.to_feather(to / "news.feather")
    frame.to_csv(to / "news.csv", index=False)
    frame.to_csv(to / "news.tsv", index=False, sep="\t")
    polars.from_pandas(frame).write_ipc_stream(to / "news.arrows")
    dated = pa.Table.from_pandas(frame, preserve_index=False)
    at = dated.schema.get_field_index("date")
    dates = pandas.to_datetime(frame["date"], format="mixed", utc=True).dt.date
    dated = dated.set_column(at, "date", pa.array(dates, pa.date32()))
    pq.write_table(dated, to / "dated.parquet")


def tables(folder):
    names = [p for p in folder.rglob("*") if p.suffix in {".parquet", ".arrow", ".arrows", ".feather"}]
    return sorted(p.relative_to(folder) for p in names)


def open_ipc(path):
    try:
        return ipc.open_file(pa.memory_map(str(path)))
    except pa.ArrowInvalid:
        return ipc.open_stream(pa.memory_map(str(path)))


def read(path):
    return pq.read_table(path) if path.suffix == ".parquet" else open_ipc(path).read_all()


def check(is_so, *words):
    if not is_so:
        print("not so:", *words)
        sys.exit(1)


def check_schema(name, old, new):
    check(new.equals(old, check_metadata=True), name, "schema", old, new)


def check_as_parquet(name, old, new):
    """What only Parquet's own metadata shows."""
    old, new = pq.ParquetFile(old), pq.ParquetFile(new)
    # pyarrow tells of the physical and logical types so.
    check(str(old.schema).split("\n")[1:] == str(new.schema).split("\n")[1:], name, old.schema, new.schema)
    check(old.metadata.metadata == new.metadata.metadata, name, "key-value metadata")
    rows = [old.metadata.row_group(i).num_rows for i in range(old.num_row_groups)]
    new_rows = [new.metadata.row_group(i).num_rows for i in range(new.num_row_groups)]
    check(rows == new_rows or sum(rows) == 0, name, "row groups", rows, new_rows)
    if sum(rows):
        for column in range(old.metadata.num_columns):
            a, b = old.metadata.row_group(0).column(column), new.metadata.row_group(0).column(column)
            check(a.compression == b.compression, name, a.path_in_schema, a.compression, b.compression)


def same(old_folder, new_folder):
    names = tables(old_folder)
    check(names == tables(new_folder), names, tables(new_folder))
    for name in names:
        old, new = old_folder / name, new_folder / name
        before, after = read(old), read(new)
        check_schema(name, before.schema, after.schema)
        # NaN and the like are equal as text only; there are none here.
        check(after.equals(before), name, "values", before.to_pylist(), after.to_pylist())
        if name.suffix == ".parquet":
            check_as_parquet(name, old, new)
            pandas.testing.assert_frame_equal(pandas.read_parquet(old), pandas.read_parquet(new))
            if "pyarrow" not in name.name and "spark" not in name.name:
                check(polars.read_parquet(old).equals(polars.read_parquet(new)), name, "polars")
        else:
            check(type(open_ipc(old)) is type(open_ipc(new)), name, "file or stream")
    for name in ["datasets.parquet"]:
        old, new = (
            datasets.Dataset.from_parquet(str(folder / name), cache_dir=str(folder / "cache"))
            for folder in [old_folder, new_folder]
        )
        check(old.features == new.features, name, old.features, new.features)
        check(old.to_list() == new.to_list(), name, "values in datasets")
    shard = "datasets-disk/data-00000-of-00001.arrow"
    old, new = (datasets.Dataset.from_file(str(folder / shard)) for folder in [old_folder, new_folder])
    check(old.features == new.features and old.to_list() == new.to_list(), shard)
    print(len(names), "tables are the same")


def parts(whole, kept, removed):
    for name in tables(whole):
        old = read(whole / name)
        stay, go = read(kept / name), read(removed / name)
        check_schema(name, old.schema, stay.schema)
        check_schema(name, old.schema, go.schema)
        gone = set(go.column("id").to_pylist())
        keep = [row for row in old.to_pylist() if row["id"] not in gone]
        drop = [row for row in old.to_pylist() if row["id"] in gone]
        check(stay.to_pylist() == keep and go.to_pylist() == drop and drop, name, "parts")
        if name.suffix == ".parquet":
            pandas.read_parquet(kept / name)
            check(polars.read_parquet(kept / name).height == len(keep), name, "polars")
    print("all rows are in one of the parts")


if __name__ == "__main__":
    what, *paths = sys.argv[1:]
    {"make": make, "same": same, "parts": parts}[what](*map(Path, paths))
