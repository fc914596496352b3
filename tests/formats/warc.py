"""Makes web archives as crawlers do, sound and broken, with `warcio`.

    warc.py FOLDER

writes `pages.warc.gz` (a gzip member a record; mixed charsets and codings),
`plain.warc` and `broken.warc` (the same records, one with a wrong length, one
with a broken header, the last one cut short). Every text is one of our own.
"""

import gzip
import io
import sys
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

ARABIC = (
    "أعلن المجلس يوم الخميس أن المكتبة العامة في المدينة القديمة تبقى مفتوحة طوال الصيف، "
    "وقال المتحدث باسمه إن قاعتين جديدتين للقراءة تفتحان قبل نهاية العام المقبل."
)
ENGLISH = (
    "The council said on Thursday that the public library in the old town stays open all "
    "summer, and that two new reading rooms open their doors before the end of next year."
)


def page(text, meta=""):
    return (
        f"<!DOCTYPE html><html><head>{meta}<title>News</title></head><body><nav><ul>"
        f"<li><a href='/'>Home</a></li></ul></nav><article><p>{text}</p><p>{text[::-1]}</p>"
        "</article><footer>Copyright</footer></body></html>"
    )


def chunked(body):
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


CAPTURES = [
    # url, status, headers, body
    ("http://one.example/a", "200 OK", [("Content-Type", "text/html; charset=windows-1256")],
     page(ARABIC).encode("cp1256")),
    ("http://two.example/b", "200 OK", [("Content-Type", "text/html")],
     page(ARABIC, "<meta charset='iso-8859-6'>").replace("،", ",").encode("iso-8859-6")),
    ("http://three.example/c", "200 OK",
     [("Content-Type", "text/html"), ("Content-Encoding", "gzip"),
      ("Transfer-Encoding", "chunked")],
     chunked(gzip.compress(page(ARABIC).encode()))),
    ("http://one.example/d", "200 OK", [("Content-Type", "text/html; charset=utf-8")],
     page(ENGLISH).encode()),
    ("http://one.example/e.pdf", "200 OK", [("Content-Type", "application/pdf")], b"%PDF-1.7"),
    ("http://one.example/gone", "404 Not Found", [("Content-Type", "text/html")], b"<p>gone"),
]


def write(path, pack):
    with open(path, "wb") as file:
        writer = WARCWriter(file, gzip=pack)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "tests"}))
        for number, (url, status, headers, body) in enumerate(CAPTURES):
            http = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
            writer.write_record(writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), http_headers=http,
                warc_headers_dict={
                    "WARC-Date": f"2015-07-2{number}T10:00:00Z",
                    "WARC-Record-ID": f"<urn:uuid:00000000-0000-0000-0000-00000000000{number}>",
                }))
            request = StatusAndHeaders("GET / HTTP/1.1", [("Host", "x")], is_http_request=True)
            writer.write_record(writer.create_warc_record(url, "request", http_headers=request))


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "pages.warc.gz", True)
    write(folder / "plain.warc", False)
    records = (folder / "plain.warc").read_bytes().split(b"WARC/1.0\r\n")[1:]
    records = [b"WARC/1.0\r\n" + record for record in records]
    # The capture of /a claims to be longer than it is, that of /b has lost its
    # length, and the last record its end.
    length = next(line for line in records[1].split(b"\r\n") if line.startswith(b"Content-Length"))
    records[1] = records[1].replace(length, b"Content-Length: 100000")
    records[3] = records[3].replace(b"Content-Length", b"Content-Lenght", 1)
    (folder / "broken.warc").write_bytes(b"".join(records[:8]) + records[7][:200])


main(Path(sys.argv[1]))
