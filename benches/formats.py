"""The same corpus in every format: what reading and writing each one costs.

    formats.py CORPUS.jsonl PROGRAM [--megabytes 300] [--only vertical,warc]

Takes articles of CORPUS (JSON lines with `id`, `date`, `source`, `text`) until
their texts are so many megabytes, writes them in every format into a temporary
folder, runs `PROGRAM dedup` over each, and prints a Markdown table: megabytes
of text per second of processor time, user and system, of all threads. Each
format is made, measured and deleted by itself. Parquet and Arrow are left out
where pyarrow is not installed.
"""

import argparse
import csv
import html
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

try:
    import pyarrow
    import pyarrow.feather
    import pyarrow.parquet
except ImportError:
    pyarrow = None

# Articles in one folder of single files: more make the file system slow.
FILES_A_FOLDER = 1000


def read(corpus, megabytes):
    articles, size = [], 0
    with open(corpus, encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            record = json.loads(line)
            article = {
                "id": str(record.get("id", number)),
                "date": str(record.get("date") or "2024-05-01"),
                "source": str(record.get("source") or "paper"),
                "text": record["text"],
            }
            articles.append(article)
            size += len(article["text"].encode())
            if size >= megabytes * 1_000_000:
                break
    return articles, size


def lines_of(articles):
    return (json.dumps(article, ensure_ascii=False) for article in articles)


def jsonl(articles, folder):
    with open(folder / "a.jsonl", "w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in lines_of(articles))


def array(articles, folder):
    with open(folder / "a.json", "w", encoding="utf-8") as out:
        out.write("[\n" + ",\n".join(lines_of(articles)) + "\n]\n")


def packed(program):
    def write(articles, folder):
        jsonl(articles, folder)
        subprocess.run([*program, folder / "a.jsonl"], check=True)
        (folder / "a.jsonl").unlink(missing_ok=True)

    return write


def rows(articles, folder, name, dialect):
    with open(folder / name, "w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(articles[0]), dialect=dialect)
        writer.writeheader()
        writer.writerows(articles)


def table(articles):
    return pyarrow.Table.from_pylist(articles)


def parquet(articles, folder):
    pyarrow.parquet.write_table(table(articles), folder / "a.parquet", row_group_size=10_000)


def arrow(articles, folder):
    pyarrow.feather.write_feather(table(articles), folder / "a.feather", chunksize=10_000)


def plain(articles, folder):
    with open(folder / "a.txt", "w", encoding="utf-8") as out:
        out.write("\n****\n".join(article["text"] for article in articles))


def each(articles, folder, extension, page):
    for number, article in enumerate(articles):
        inner = folder / str(number // FILES_A_FOLDER)
        inner.mkdir(exist_ok=True)
        (inner / f"{number}.{extension}").write_text(page(article), encoding="utf-8")


def sgml(articles, folder):
    escaped = lambda text: html.escape(text, quote=False)
    with open(folder / "a.sgml", "w", encoding="utf-8") as out:
        for article in articles:
            out.write(f"<DOC id=\"{escaped(article['id'])}\" type=\"story\">\n<TEXT>\n")
            for paragraph in article["text"].splitlines():
                out.write(f"<P>\n{escaped(paragraph)}\n</P>\n")
            out.write("</TEXT>\n</DOC>\n")


def vertical(articles, folder):
    with open(folder / "a.vert", "w", encoding="utf-8") as out:
        for article in articles:
            head = " ".join(f'{name}="{html.escape(article[name])}"' for name in ("id", "date", "source"))
            out.write(f"<doc {head}>\n")
            for paragraph in article["text"].splitlines():
                words = "\n".join(html.escape(word, quote=False) for word in paragraph.split())
                out.write(f"<p>\n{words}\n</p>\n" if words else "")
            out.write("</doc>\n")


def page(article):
    paragraphs = "\n".join(f"<p>{html.escape(line)}</p>" for line in article["text"].splitlines())
    links = "".join(f'<li><a href="/{number}">Section {number}</a></li>' for number in range(20))
    return (
        "<!DOCTYPE html><html><head><meta charset=utf-8><title>News</title></head><body>"
        f"<nav><ul>{links}</ul></nav><article>\n{paragraphs}\n</article>"
        "<footer>All rights reserved</footer></body></html>"
    )


def archive(articles, folder, name, kind, media, body):
    with open(folder / name, "wb") as out:
        for number, article in enumerate(articles):
            payload = body(article).encode()
            out.write(
                (
                    f"WARC/1.0\r\nWARC-Type: {kind}\r\n"
                    f"WARC-Target-URI: https://{article['source']}.example/{number}\r\n"
                    f"WARC-Date: 2024-05-01T00:00:00Z\r\n"
                    f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012x}>\r\n"
                    f"Content-Type: {media}\r\nContent-Length: {len(payload)}\r\n\r\n"
                ).encode()
            )
            out.write(payload + b"\r\n\r\n")


def response(article):
    body = page(article)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body.encode())}"
    return f"{head}\r\n\r\n{body}"


FORMATS = {
    "JSON lines": ("jsonl", jsonl),
    "JSON lines, gzip": ("jsonl.gz", packed(["gzip", "-6"])),
    "JSON lines, zstd": ("jsonl.zst", packed(["zstd", "-q", "-3"])),
    "JSON array": ("json", array),
    "CSV": ("csv", lambda a, f: rows(a, f, "a.csv", "excel")),
    "TSV": ("tsv", lambda a, f: rows(a, f, "a.tsv", "excel-tab")),
    "Parquet": ("parquet", parquet),
    "Arrow": ("arrow", arrow),
    "text, rules between articles": ("txt", plain),
    "text, a file an article": ("texts", lambda a, f: each(a, f, "txt", lambda article: article["text"])),
    "SGML (`<DOC>`)": ("sgml", sgml),
    "vertical": ("vertical", vertical),
    "WET": ("wet", lambda a, f: archive(a, f, "a.wet", "conversion", "text/plain", lambda x: x["text"])),
    "WARC": ("warc", lambda a, f: archive(a, f, "a.warc", "response", "application/http; msgtype=response", response)),
    "HTML, a file an article": ("html", lambda a, f: each(a, f, "html", page)),
}


def measure(program, folder, out):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    options = ["--out", out, "--overwrite", "--quiet", "--no-config"]
    # A file with one article is one, whatever is in it.
    if folder.name == "texts":
        options += ["--split", "none"]
    subprocess.run([program, "dedup", folder, *options], check=True)
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    summary = json.loads((out / "summary.json").read_text())
    return cpu, wall, summary


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus")
    parser.add_argument("program")
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--only", help="some formats, by the last part of their folder's name")
    arguments = parser.parse_args()
    articles, size = read(arguments.corpus, arguments.megabytes)
    print(f"{len(articles):,} articles, {size / 1e6:.0f} MB of text\n", flush=True)
    print("| format | MB on disk | articles | removed | CPU s | MB of text / CPU s | of JSON lines |")
    print("|---|--:|--:|--:|--:|--:|--:|", flush=True)
    program, reference = os.path.abspath(arguments.program), None
    only = arguments.only.split(",") if arguments.only else None
    for name, (short, write) in FORMATS.items():
        if only and short not in only:
            continue
        if pyarrow is None and short in ("parquet", "arrow"):
            print(f"| {name} | pyarrow is not installed | | | | | |")
            continue
        with tempfile.TemporaryDirectory(prefix="formats-") as place:
            folder = Path(place) / short
            folder.mkdir()
            write(articles, folder)
            cpu, _, summary = measure(program, folder, Path(place) / "out")
        speed = size / 1e6 / cpu
        reference = reference or speed
        print(
            f"| {name} | {summary['input']['bytes'] / 1e6:.0f} | {summary['input']['documents']:,} "
            f"| {summary['removed']['documents']:,} | {cpu:.1f} | {speed:.1f} | {speed / reference:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
