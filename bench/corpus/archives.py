"""Archives of documents, and archives of the web. A web archive lists what it holds: the addresses of its responses."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from dataclasses import replace

from bench.corpus.matter import ARABIC, CHINESE, ENGLISH, PERSIAN, RUSSIAN, TOOLS, TOPICS, UKRAINIAN, Topic
from bench.corpus.pages import html
from bench.corpus.prose import _markdown, _plain
from bench.corpus.shelf import ANY, Expected, Shelf, container, unmark


def build(shelf: Shelf) -> None:
    for topic in (ENGLISH, RUSSIAN, ARABIC, CHINESE):
        shelf.put(f"zip/hand-{topic.name}.zip", *_zip(topic))
    shelf.put("zip/hand-nested.zip", *_nested())
    shelf.put("zip/finder-mixed.zip", *_finder())
    for topic in (RUSSIAN, PERSIAN):
        shelf.put(f"tar/hand-{topic.name}.tar", *_tar(topic))
        shelf.put(f"tar/packed-{topic.name}.tar.gz", *_tar(topic, packed=True))
    for topic in (RUSSIAN, PERSIAN, TOOLS):
        text, expected = _notes(topic)
        shelf.put(f"gzip/hand-{topic.name}.md.gz", gzip.compress(text, mtime=0), expected)
    text, expected = unmark("id,source\n1,⟦https://example.org/packed⟧\n")
    shelf.put("gzip/hand-table.csv.gz", gzip.compress(text.encode(), mtime=0), expected)
    for topic in TOPICS[:3]:
        shelf.put(f"warc/warcio-{topic.name}.warc", *_warc(topic, packed=False))
        shelf.put(f"warc/warcio-{topic.name}.warc.gz", *_warc(topic, packed=True))
        shelf.put(f"wacz/hand-{topic.name}.wacz", *_wacz(topic))


def _notes(topic: Topic, **place: object) -> tuple[bytes, list[Expected]]:
    text, expected = unmark(f"# {topic.title}\n\n" + "\n\n".join(map(_markdown, topic.items)) + "\n", **place)
    return text.encode(), expected


def _zip(topic: Topic) -> tuple[bytes, list[Expected]]:
    notes, first = _notes(topic, part="report/notes.md")
    plain, second = unmark("\n".join(filter(None, map(_plain, topic.items))), part="report/sources.txt")
    page, third = unmark(f"<html><body>{html(topic.items[0])}</body></html>", part="page.html")
    members = [("report/notes.md", notes), ("report/sources.txt", plain.encode()), ("page.html", page.encode())]
    return container([*members, ("report/x.png", b"\x89PNG\r\n\x1a\nhttps://code.example")]), [*first, *second, *third]


def _tar(topic: Topic, *, packed: bool = False) -> tuple[bytes, list[Expected]]:
    notes, first = _notes(topic, part=None if packed else "report/notes.md")
    long = "report/" + "very-" * 25 + "long-folder/sources.txt"  # does not fit in the header
    plain, second = unmark("\n".join(filter(None, map(_plain, topic.items))), part=None if packed else long)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT if packed else tarfile.GNU_FORMAT) as file:
        for name, data in (("report/notes.md", notes), (long, plain.encode())):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0) if packed else out.getvalue(), [*first, *second]


def _nested() -> tuple[bytes, list[Expected]]:
    inner, first = _zip(UKRAINIAN)
    notes, second = _notes(PERSIAN, part="заметки.md")
    deeper = container([("inner.zip", inner)])
    members = [("заметки.md", notes), ("a.zip", inner), ("b/deeper.zip", deeper)]
    expected = [
        replace(one, part=f"{outer}!{one.part}") for outer in ("a.zip", "b/deeper.zip!inner.zip") for one in first
    ]
    return container(members), [*second, *expected]


def _finder() -> tuple[bytes, list[Expected]]:
    notes, expected = _notes(ENGLISH, part="Notes/report.txt")  # Markdown, whatever its name
    members = [
        ("Notes/", b""),
        ("Notes/report.txt", notes),
        ("__MACOSX/Notes/._report.txt", b"\0\5\26\7\0\2\0\0Mac OS X"),
        ("Notes/.DS_Store", b"\0\0\0\1Bud1"),
    ]
    return container(members), expected


def _records(topic: Topic) -> list[tuple[str, bytes]]:
    page = f'<html><body><a href="https://example.org/out">{topic.title}</a></body></html>'
    return [(item.url, page.encode()) for item in topic.items if item.url.startswith("http")]


def _warc(topic: Topic, *, packed: bool) -> tuple[bytes, list[Expected]]:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    fixed = {"WARC-Date": "2020-01-01T00:00:00Z"}
    info = writer.create_warcinfo_record(
        "hand.warc.gz", {"software": "example 1.2.3", "format": "WARC File Format 1.0"}
    )
    info.rec_headers.replace_header("WARC-Date", fixed["WARC-Date"])
    info.rec_headers.replace_header("WARC-Record-ID", "<urn:uuid:00000000-0000-0000-0000-000000000000>")
    writer.write_record(info)
    expected = []
    for number, (url, body) in enumerate(_records(topic), 1):
        for kind, line, payload in (("response", "200 OK", body), ("request", "GET / HTTP/1.1", b"")):
            headers = (
                [("Content-Type", "text/html; charset=utf-8")] if kind == "response" else [("Host", "example.org")]
            )
            status = StatusAndHeaders(
                line, headers, protocol="HTTP/1.1" if kind == "response" else "", is_http_request=kind == "request"
            )
            identity = f"<urn:uuid:00000000-0000-0000-0000-{2 * number + (kind == 'request'):012}>"
            record = writer.create_warc_record(
                url,
                kind,
                io.BytesIO(payload),
                http_headers=status,
                warc_headers_dict={**fixed, "WARC-Record-ID": identity},
            )
            writer.write_record(record)
        expected.append(Expected(url, role="listed"))
    return out.getvalue(), [*expected, ANY]


def _wacz(topic: Topic) -> tuple[bytes, list[Expected]]:
    warc, expected = _warc(topic, packed=True)
    pages = [{"format": "json-pages-1.0", "id": "pages", "title": "All pages"}]
    pages += [
        {"id": str(number), "url": url, "title": topic.title, "ts": "2020-01-01T00:00:00Z"}
        for number, (url, _) in enumerate(_records(topic))
    ]
    package = {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "resources": [{"name": "data.warc.gz", "path": "archive/data.warc.gz"}],
    }
    members = [
        ("archive/data.warc.gz", warc),
        ("pages/pages.jsonl", "".join(json.dumps(page) + "\n" for page in pages).encode()),
        ("indexes/index.cdx", b""),
        ("datapackage.json", json.dumps(package).encode()),
    ]
    return container(members, stored=("archive/data.warc.gz",)), expected
