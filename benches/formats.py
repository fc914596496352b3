#!/usr/bin/env python3
"""How fast each format is read and written back: a whole run of `twicetold dedup` over the same articles.

    cargo build --release && cargo run --release --example generate -- --n 100000 --out target/news
    target/formats-venv/bin/python benches/formats.py target/news.jsonl

Makes the corpus anew in every format below target/formats/, runs the program over each, and writes a table with
the date to docs/benchmarks/. Megabytes are those of the JSON lines, whatever the format makes of them; CPU seconds
are user and system time of the whole process, medians of RUNS. Formats that take a file or a page for each article
are run on the first tenth.
"""

import datetime
import html
import io
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import pyarrow
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target/release/twicetold"
RUNS = 3


def table(articles):
    columns = list(articles[0])
    return pyarrow.table({name: [str(article.get(name) or "") for article in articles] for name in columns})


def jsonl(articles, folder):
    with open(folder / "a.jsonl", "w", encoding="utf-8") as out:
        out.writelines(json.dumps(article, ensure_ascii=False) + "\n" for article in articles)


def array(articles, folder):
    with open(folder / "a.json", "w", encoding="utf-8") as out:
        out.write("[\n" + ",\n".join(json.dumps(article, ensure_ascii=False) for article in articles) + "\n]\n")


def gzipped(articles, folder):
    jsonl(articles, folder)
    subprocess.run(["gzip", folder / "a.jsonl"], check=True)


def csv(articles, folder):
    pyarrow.csv.write_csv(table(articles), folder / "a.csv")


def parquet(articles, folder):
    pyarrow.parquet.write_table(table(articles), folder / "a.parquet", compression="zstd", row_group_size=10_000)


def arrow(articles, folder):
    pyarrow.feather.write_feather(table(articles), folder / "a.arrow", compression="zstd", chunksize=10_000)


def docs(articles, folder):
    with open(folder / "a.sgml", "w", encoding="utf-8") as out:
        for number, article in enumerate(articles):
            text = html.escape(article["text"], quote=False)
            out.write(f"<DOC>\n<DOCNO>{number}</DOCNO>\n<TEXT>\n{text}\n</TEXT>\n</DOC>\n")


def vertical(articles, folder):
    with open(folder / "a.vert", "w", encoding="utf-8") as out:
        for number, article in enumerate(articles):
            out.write(f'<doc id="{number}">\n')
            for paragraph in article["text"].split("\n"):
                out.write("<p>\n" + "\n".join(html.escape(word) for word in paragraph.split()) + "\n</p>\n")
            out.write("</doc>\n")


def texts(articles, folder):
    for number, article in enumerate(articles):
        (folder / f"{number}.txt").write_text(article["text"], encoding="utf-8")


def page(article):
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in article["text"].split("\n") if line.strip())
    return (
        '<!doctype html><html><head><meta charset="utf-8"><title>A report</title></head><body><nav><a href="/">home</a></nav>'
        f"<article><h1>A report</h1>{paragraphs}</article><footer>All rights</footer></body></html>"
    ).encode()


def pages(articles, folder):
    for number, article in enumerate(articles):
        (folder / f"{number}.html").write_bytes(page(article))


def archive(articles, folder, kind, body, name):
    import io

    with open(folder / name, "wb") as out:
        writer = WARCWriter(out, gzip=True)
        for number, article in enumerate(articles):
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            record = writer.create_warc_record(
                f"http://paper.example/{number}",
                kind,
                payload=io.BytesIO(body(article)),
                http_headers=headers if kind == "response" else None,
                warc_content_type="text/plain" if kind == "conversion" else None,
            )
            writer.write_record(record)


def warc(articles, folder):
    archive(articles, folder, "response", page, "a.warc.gz")


def wet(articles, folder):
    archive(articles, folder, "conversion", lambda article: article["text"].encode(), "a.warc.wet.gz")


# Name, what makes it, whether it is run on a tenth of the articles.
FORMATS = [
    ("JSON lines", jsonl, False),
    ("JSON lines, gzip", gzipped, False),
    ("JSON array", array, False),
    ("CSV", csv, False),
    ("Parquet, zstd", parquet, False),
    ("Arrow, zstd", arrow, False),
    ("`<DOC>`", docs, False),
    ("vertical", vertical, False),
    ("WET, gzip", wet, False),
    ("folder of texts", texts, True),
    ("folder of HTML pages", pages, True),
    ("WARC of HTML pages, gzip", warc, True),
]


def run(folder, out):
    shutil.rmtree(out, ignore_errors=True)
    start = time.monotonic()
    command = [PROGRAM, "dedup", folder, "--no-config", "--out", out]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{folder}: {said}")
    removed = next(line.split()[0] for line in said.splitlines() if " removed" in line)
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start, removed


def main():
    lines = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    work = ROOT / "target/formats"
    rows = []
    for name, make, tenth in FORMATS:
        chosen = lines[: len(lines) // 10] if tenth else lines
        megabytes = sum(len(line.encode()) + 1 for line in chosen) / 1e6
        folder = work / "in"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make([json.loads(line) for line in chosen], folder)
        runs = [run(folder, work / "out") for _ in range(RUNS)]
        cpu, wall = (statistics.median(figures) for figures in list(zip(*runs))[:2])
        rows.append(
            f"| {name} | {len(chosen):,} | {megabytes:.0f} | {cpu:.2f} | {megabytes / cpu:.0f} | {megabytes / wall:.0f} | {runs[0][2]} |"
        )
        print(rows[-1], flush=True)
    shutil.rmtree(work)
    date = datetime.date.today().isoformat()
    version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    head = (
        f"# Formats side by side, {date}\n\n"
        f"{version}, {os.cpu_count()} threads, `benches/formats.py` (what it measures is told there), medians of {RUNS} runs: `dedup` from the input\n"
        "to the kept files, on the articles of the made-up corpus. MB are those of the articles as JSON lines.\n\n"
        "| format | articles | MB | CPU s | MB per CPU s | MB/s | removed |\n|---|--:|--:|--:|--:|--:|--:|\n"
    )
    path = ROOT / f"docs/benchmarks/{date}-formats.md"
    path.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    print("written to", path.relative_to(ROOT))


main()
