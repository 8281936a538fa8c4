"""ZIP, tar, gzip, WACZ and WARC: what is in them is read at its place, whatever they are made to do to us."""

from __future__ import annotations

import gzip
import io
import os
import random
import struct
import tarfile
import time
import zipfile
import zlib
from collections.abc import Iterable

import brotli
import pytest

from preserve.documents import read, read_document
from preserve.documents.read import Document
from preserve.documents.readers import package, tar, unpack, warcfile
from preserve.documents.readers.label import MAX_LABEL, label
from preserve.errors import DocumentError

MB = 1 << 20


def document(data: bytes, name: str = "a.zip", **options) -> Document:
    return read_document(name, data=data, **options)


def short(found: Document) -> list[tuple[str | None, int | None, str, str]]:
    return [(c.place.part, c.place.line, c.role, c.url or c.written) for c in found.citations]


def warnings(found: Document) -> list[str]:
    return [warning.split(": ", 1)[1] for warning in found.warnings]


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, data in members:
            file.writestr(name, data)
    return out.getvalue()


# ZIP


def test_members_are_read_in_their_order_as_what_they_are():
    data = zipped(
        ("b/report.txt", "# Report\n\n[a](https://x.org/a)\n"),
        ("b/", ""),
        ("a.html", "<p><a href=https://x.org/b>b</a>"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0https://x.org/no"),
        ("a.js", "fetch('https://x.org/no')"),
        ("a.css", "a { background: url(https://x.org/no) }"),
        ("__MACOSX/b/._report.txt", b"\0\5\26\7"),
        ("b/.DS_Store", b"\0\0\0\1Bud1"),
        ("Thumbs.db", b"\xd0\xcf\x11\xe0"),
        ("inner.zip", zipped(("c.md", "\n\nhttps://x.org/c"))),
        ("empty.txt", ""),
    )
    for name in ("a.zip", "a.bin", "a.txt"):
        found = document(data, name)
        assert (found.format, found.warnings, found.unread) == ("zip", (), False)
        assert short(found) == [
            ("b/report.txt", 3, "link", "https://x.org/a"),
            ("a.html", 1, "link", "https://x.org/b"),
            ("inner.zip!c.md", 3, "text", "https://x.org/c"),
        ]
    more = document(data, extras=frozenset({"code"}))
    assert [(c.place.part, c.role) for c in more.citations if c.role == "code"] == [("a.js", "code"), ("a.css", "code")]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_two():
    data = zipped(("a.txt", "https://x.org/1"), ("a.txt", "https://x.org/2"))
    assert [c.url for c in document(data).citations] == ["https://x.org/1", "https://x.org/2"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods(method):
    assert short(document(zipped(("a.txt", "https://x.org/a"), method=method))) == [
        ("a.txt", 1, "text", "https://x.org/a")
    ]


def renamed(data: bytes, old: bytes, new: bytes) -> bytes:
    """With other bytes for a name, and without the mark that it is UTF-8."""
    assert len(old) == len(new)
    return data.replace(old, new)


NAMES = [
    ("заметки".encode(), "заметки.txt"),  # macOS does not say so
    ("заметки".encode("cp866"), "заметки.txt"),
    ("Ёлка и я".encode("cp866"), "Ёлка и я.txt"),
    ("Müller Süd".encode("cp437"), "Müller Süd.txt"),
    ("über à l'été".encode("cp437"), "über à l'été.txt"),
    (b"..\\..\\a", "..\\..\\a.txt"),
    (b"../../a", "../../a.txt"),
    (b"/etc/a", "/etc/a.txt"),
    (b"a\nb\x1b[31m", "a\\nb\\x1b[31m.txt"),
    (b"a\0.exe", "a\\x00.exe.txt"),
]


@pytest.mark.parametrize(("name", "shown"), NAMES, ids=[shown for _, shown in NAMES])
def test_names_are_shown_as_they_are(name, shown):
    data = renamed(zipped(("x" * len(name) + ".txt", "https://x.org/a")), b"x" * len(name), name)
    assert short(document(data)) == [(shown, 1, "text", "https://x.org/a")]


def test_names_that_turn_the_line_around_are_spelled_out():
    assert short(document(zipped(("a\u202ecod.txt", "https://x.org/a"))))[0][0] == "a\\u202ecod.txt"
    assert label("é 中文 \u200b\ud800\x07") == "é 中文 \\u200b\\ud800\\x07"
    assert label("n" * 70_000 + ".html").endswith("n.html") and len(label("\x07" * 70_000)) <= MAX_LABEL


def test_what_cannot_be_read_is_told_once_for_all():
    members = [(f"{n}.bin", b"\0\0\1\2\3" * 20) for n in range(8)]
    found = document(zipped(*members, ("a.txt", "https://x.org/a"), ("b.7z", b"7z\xbc\xaf\x27\x1c\0")))
    assert [c.url for c in found.citations] == ["https://x.org/a"] and found.unread
    assert warnings(found) == [
        "(0.bin, 1.bin, 2.bin, 3.bin, 4.bin and 3 more): holds binary data, not text",
        "(b.7z): is a 7-Zip archive, which I cannot read",
    ]


def test_encrypted_members_are_told():
    data = bytearray(zipped(("a.txt", "https://x.org/a"), ("b.txt", "x"), ("c.txt", "https://x.org/c")))
    for name in (b"a.txt", b"b.txt"):
        for magic, back in ((b"PK\1\2", 46), (b"PK\3\4", 30)):
            at = data.find(name) - back if magic == b"PK\3\4" else data.rfind(name) - back
            assert data[at : at + 4] == magic
            data[at + (8 if magic == b"PK\1\2" else 6)] |= 1
    found = document(bytes(data))
    assert warnings(found) == ["(a.txt, b.txt): is encrypted"] and [c.url for c in found.citations] == [
        "https://x.org/c"
    ]


def test_a_damaged_member_is_read_as_far_as_it_goes():
    text = "https://x.org/a\n" + "".join(random.Random(1).choices("abcdefghij \n", k=400_000))
    data = bytearray(zipped(("a.txt", text), ("b.txt", "https://x.org/b")))
    data[len(data) // 2] ^= 0xFF
    found = document(bytes(data))
    assert [c.url for c in found.citations] == ["https://x.org/a", "https://x.org/b"] and found.unread
    assert len(found.warnings) == 1 and "(a.txt): is damaged (" in found.warnings[0]


def test_an_unknown_method_is_told():
    data = zipped(("a.txt", "https://x.org/a"), ("b.txt", "https://x.org/b"))
    at, central = data.find(b"a.txt") - 30, data.find(b"PK\1\2")
    data = data[: at + 8] + b"\x09" + data[at + 9 : central + 10] + b"\x09" + data[central + 11 :]
    found = document(data)
    assert [c.url for c in found.citations] == ["https://x.org/b"]
    assert "(a.txt): is damaged (That compression method is not supported)" in found.warnings[0]


def test_cut_anywhere_it_is_refused_or_read():
    data = zipped(("a.txt", "https://x.org/a"), ("b.txt", "https://x.org/b"))
    for end in range(4, len(data)):
        with pytest.raises(DocumentError):
            document(data[:end])


# Bombs


def test_a_member_that_is_too_large_does_not_hide_the_next(monkeypatch):
    monkeypatch.setattr(unpack, "MAX_MEMBER", 1000)
    found = document(zipped(("a.txt", "a" * 300_000), ("b.txt", "https://x.org/b")))
    assert [c.url for c in found.citations] == ["https://x.org/b"]
    assert warnings(found) == ["(a.txt): unpacks to more than 0 MiB; it is not read"]


def test_a_member_that_unpacks_too_well_is_a_bomb(monkeypatch):
    monkeypatch.setattr(unpack, "RATIO_GRACE", 1000)
    found = document(zipped(("a.txt", "https://x.org/a\n" + " " * 5 * MB), ("b.txt", "https://x.org/b")))
    assert "(a.txt): is damaged (it unpacks to more than 300 times its size)" in found.warnings[0]
    assert [c.url for c in found.citations] == ["https://x.org/a", "https://x.org/b"]


def test_all_in_all_only_so_much_is_unpacked(monkeypatch):
    monkeypatch.setattr(read, "UNPACKED_GRACE", 2 * MB)
    leaf = zipped(*((f"{n}.txt", " " * MB) for n in range(10)))
    bomb = zipped(*((f"{n}.zip", leaf) for n in range(10)))
    begun = time.process_time()
    found = document(zipped(("a.txt", "https://x.org/a"), ("bomb.zip", bomb)))
    assert [c.url for c in found.citations] == ["https://x.org/a"] and found.unread
    assert "unpacks to more than" in found.warnings[0] and len(found.warnings) < 5
    assert time.process_time() - begun < 3


def test_zips_within_zips_end_somewhere():
    data = zipped(("a.txt", "https://x.org/a"))
    for _ in range(10):
        data = zipped(("a.txt", "https://x.org/a"), ("a.zip", data))
    found = document(data)
    assert 1 < len(found.citations) < 10
    assert found.warnings[0].endswith("is more than 6 containers deep; it is not read")


def test_members_within_each_other_are_refused():
    data = zipped(("a.txt", "https://x.org/a" * 100), ("b.txt", "https://x.org/b"))
    second = data.rfind(b"PK\1\2")
    overlapping = data[: second + 42] + struct.pack("<L", 0) + data[second + 46 :]
    with pytest.raises(DocumentError, match="members that lie within each other"):
        document(overlapping)


def test_too_many_members_are_refused(monkeypatch):
    data = zipped(*((f"{n}.txt", "") for n in range(100)))
    monkeypatch.setattr(package, "MAX_MEMBERS", 99)
    with pytest.raises(DocumentError, match="more than 99 members"):
        document(data)
    monkeypatch.setattr(package, "MAX_DIRECTORY", 1000)
    with pytest.raises(DocumentError, match="damaged ZIP file"):
        document(data)


# gzip

GZIP = [
    ("a.csv.gz", b"id,url\n1,https://x.org/a\n", ("a.csv", 2, "link", "https://x.org/a")),
    ("dir/a.md.GZ", b"[a](https://x.org/a)", ("a.md", 1, "link", "https://x.org/a")),
    ("a.txt.bin", b"<html><a href=https://x.org/a>a</a>", (None, 1, "link", "https://x.org/a")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "expected"), GZIP, ids=[name for name, _, _ in GZIP])
def test_gzip(name, data, expected):
    for packed in (gzip.compress(data), gzip.compress(data[:10]) + gzip.compress(data[10:])):
        found = document(packed, name)
        assert (found.format, short(found), found.warnings) == ("gzip", [expected], ())


def test_the_name_inside_is_used_where_there_is_no_other():
    out = io.BytesIO()
    with gzip.GzipFile("x/a.md", "wb", fileobj=out) as file:
        file.write(b"[a](https://x.org/a)")
    assert short(document(out.getvalue(), "download")) == [("a.md", 1, "link", "https://x.org/a")]


@pytest.mark.parametrize("end", [-9, -1000])
def test_a_cut_gzip_file_is_read_as_far_as_it_goes(end):
    text = b"https://x.org/a\n" + bytes(random.Random(1).choices(b"abcdefghij \n", k=100_000))
    found = document(gzip.compress(text)[:end], "a.txt.gz")
    assert [c.url for c in found.citations] == ["https://x.org/a"] and found.unread
    assert "(a.txt): is damaged (Compressed file ended" in found.warnings[0]


def test_a_gzip_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(unpack, "MAX_MEMBER", MB)
    found = document(gzip.compress(b"a" * 3 * MB), "a.txt.gz")
    assert warnings(found) == ["(a.txt): unpacks to more than 1 MiB; it is not read"]


def test_a_large_mailbox_is_read_while_it_unpacks(monkeypatch):
    monkeypatch.setattr(unpack, "MAX_MEMBER", MB)
    one = (
        b"From a@x.org Fri Oct  2 08:15:00 2015\nFrom: a@x.org\nSubject: a\n\nhttps://x.org/%d\n"
        + b"x\n" * 50_000
        + b"\n"
    )
    box = b"".join(one % n for n in range(20))
    assert len(box) > MB
    for name, data in (("a.mbox.gz", gzip.compress(box)), ("a.zip", zipped(("a.mbox", box)))):
        found = document(data, name)
        assert [c.url for c in found.citations] == [f"https://x.org/{n}" for n in range(20)] and not found.warnings
        assert found.citations[19].place.part == "a.mbox!message 20!1"


# tar


def tarred(*members: tuple[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as file:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return out.getvalue()


LONG = "long/" * 60 + "заметки.md"
MEMBERS = (
    ("a.txt", b"\nhttps://x.org/a"),
    (LONG, b"[b](https://x.org/b)"),
    ("p.png", b"\x89PNG\r\n\x1a\n\0"),
    ("._x", b"\0"),
    ("c.txt", b"https://x.org/c"),
)


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize("packed", [False, True])
def test_tar(form, packed):
    data = tarred(*MEMBERS, form=form)
    found = document(gzip.compress(data), "a.tgz") if packed else document(data, "a.bin")
    assert found.format == ("gzip" if packed else "tar") and not found.warnings
    outer = "a.tar!" if packed else ""
    assert short(found) == [
        (outer + "a.txt", 2, "text", "https://x.org/a"),
        (outer + label(LONG), 1, "link", "https://x.org/b"),
        (outer + "c.txt", 1, "text", "https://x.org/c"),
    ]


def test_links_and_folders_of_a_tar_are_no_documents():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as file:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo("/etc/passwd")
            info.type, info.linkname, info.size = kind, "../../etc/passwd", 16
            file.addfile(info, io.BytesIO(b"https://x.org/no"))
        info = tarfile.TarInfo("p" * 90 + "/" + "a" * 90 + ".txt")
        info.size = 15
        file.addfile(info, io.BytesIO(b"https://x.org/a"))
    assert short(document(out.getvalue(), "a.tar")) == [
        ("p" * 90 + "/" + "a" * 90 + ".txt", 1, "text", "https://x.org/a")
    ]


def test_a_damaged_or_cut_tar_is_read_as_far_as_it_goes():
    data = tarred(("a.txt", b"https://x.org/a"), ("b.txt", b"https://x.org/b\n" + b"b" * 5000))
    found = document(data[:3000], "a.tar")
    assert [c.url for c in found.citations] == ["https://x.org/a", "https://x.org/b"]
    assert warnings(found) == ["(b.txt): is cut short"] and found.unread
    found = document(data[:1024] + b"x" * 512 + data[1536:], "a.tar")
    assert [c.url for c in found.citations] == ["https://x.org/a"]
    assert warnings(found) == ["is damaged; what came before is read"] and found.unread


def test_a_tar_cannot_make_its_names_long(monkeypatch):
    monkeypatch.setattr(tar, "MAX_NAME", 600)
    data = tarred(("n" * 10_000 + ".txt", b"https://x.org/a"), ("b.txt", b"https://x.org/b"), form=tarfile.GNU_FORMAT)
    assert [c.url for c in document(data, "a.tar").citations] == ["https://x.org/a", "https://x.org/b"]


# WARC

PAGE = (
    b"<html><head><title>One &amp;\n two</title></head><body>\n<a href=b?x=1&amp;y=2>b</a> see https://y.org/c.</body>"
)
CITED = [
    ("https://x.org/dir/a", None, "link", "https://x.org/dir/a"),
    ("https://x.org/dir/a", 3, "link", "https://x.org/dir/b?x=1&y=2"),
    ("https://x.org/dir/a", 3, "text", "https://y.org/c"),
]


def record(
    body: bytes,
    kind: str = "response",
    url: str = "https://x.org/dir/a",
    version: str = "1.0",
    type_: str = "",
    **more: str,
) -> bytes:
    fields = {"WARC-Type": kind, "WARC-Target-URI": url, "Content-Type": type_ or "application/http; msgtype=response"}
    fields |= {name.replace("_", "-"): value for name, value in more.items()}
    fields.setdefault("Content-Length", str(len(body)))
    return (
        f"WARC/{version}\r\n".encode()
        + b"".join(f"{k}: {v}\r\n".encode() for k, v in fields.items())
        + b"\r\n"
        + body
        + b"\r\n\r\n"
    )


def answer(body: bytes = PAGE, *fields: str, status: str = "200 OK", type_: str = "text/html; charset=utf-8") -> bytes:
    head = [f"HTTP/1.1 {status}", *([f"Content-Type: {type_}"] if type_ else []), *fields]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def chunked(body: bytes) -> bytes:
    return (
        b"".join(b"%x\r\n%s\r\n" % (len(body[at : at + 7]), body[at : at + 7]) for at in range(0, len(body), 7))
        + b"0\r\n\r\n"
    )


RECORDS = {
    "plain": record(answer()),
    "1.1": record(answer(), version="1.1"),
    "0.17": record(answer(), version="0.17"),
    "wget": record(answer(), url="<https://x.org/dir/a>"),
    "chunked": record(answer(chunked(PAGE), "Transfer-Encoding: chunked")),
    "chunked, undone": record(answer(PAGE, "Transfer-Encoding: chunked")),
    "gzip": record(answer(gzip.compress(PAGE), "content-encoding: GZIP")),
    "brotli, chunked": record(
        answer(chunked(brotli.compress(PAGE)), "Content-Encoding: br", "transfer-encoding: chunked")
    ),
    "deflate": record(answer(zlib.compress(PAGE), "Content-Encoding: deflate")),
    "gzip, undone": record(answer(PAGE, "Content-Encoding: gzip")),
    "no type": record(answer(b"\n" + PAGE, type_=""))[:0] + record(answer(PAGE, type_="")),
    "xhtml": record(answer(type_="application/xhtml+xml")),
    "resource": record(PAGE, "resource", type_="text/html"),
    "LF": record(answer().replace(b"\r\n", b"\n")),
}


@pytest.mark.parametrize("data", RECORDS.values(), ids=RECORDS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_pages(data, pack):
    found = document(pack(data), "a.bin")
    assert (found.format, short(found), found.warnings) == ("warc", CITED, ())
    assert found.citations[0].anchor == "One & two"


def test_the_base_of_a_page_stands_under_its_address():
    page = b"<base href=/other/><a href=b>b</a>"
    assert short(document(record(answer(page)), "a.warc"))[1][3] == "https://x.org/other/b"


PASSED = {
    "redirect": record(answer(status="302 Found")),
    "missing": record(answer(status="404 Not Found")),
    "request": record(b"GET / HTTP/1.1\r\nHost: x.org\r\n\r\n", "request"),
    "revisit": record(answer(), "revisit"),
    "metadata": record(b"outlink: https://x.org/no L a/@href\r\n", "metadata", type_="application/warc-fields"),
    "info": record(b"software: https://x.org/no\r\n", "warcinfo", type_="application/warc-fields"),
    "dns": record(b"20150101\r\nx.org 1 IN A 192.0.2.1", "response", "dns:x.org", type_="text/dns"),
    "picture": record(answer(b"\x89PNG\r\n\x1a\n", type_="image/png")),
    "style": record(answer(b"a { background: url(https://x.org/no) }", type_="text/css")),
    "urn": record(PAGE, "resource", "urn:text:https://x.org/", type_="text/html"),
    "no HTTP": record(b"nonsense"),
    "empty": record(b""),
}


@pytest.mark.parametrize("data", PASSED.values(), ids=PASSED)
def test_what_is_no_page_is_passed_over(data):
    found = document(data + record(answer()), "a.warc")
    assert (short(found), found.warnings) == (CITED, ())


def urls(found: Document) -> list[str]:
    return [c.url for c in found.citations if c.place.line is None]


ALL = [record(answer(), url=f"https://x.org/{n}") for n in range(4)]


def test_all_ways_to_compress_records():
    whole = b"".join(ALL)
    each = b"".join(gzip.compress(one) for one in ALL)
    for data in (
        whole,
        each,
        gzip.compress(whole),
        each + b"\0" * 512,
        each + b"\0" * 100_000,
        gzip.compress(ALL[0] + ALL[1]) + gzip.compress(ALL[2] + ALL[3]),
    ):
        found = document(data, "a.warc")
        assert urls(found) == [f"https://x.org/{n}" for n in range(4)] and not found.warnings


@pytest.mark.parametrize("size", [1, 3, 64, 500])
def test_where_the_pieces_end_makes_no_difference(monkeypatch, size):
    monkeypatch.setattr(warcfile, "_READ", size)
    monkeypatch.setattr(warcfile, "_INFLATED", size)
    for data in (b"".join(ALL), b"".join(gzip.compress(one) for one in ALL)):
        found = document(data, "a.warc")
        assert urls(found) == [f"https://x.org/{n}" for n in range(4)] and not found.warnings


DAMAGED = [
    ("no header", [ALL[0], b"nonsense\r\n\r\n", ALL[1]], "the record"),
    ("no length", [ALL[0], ALL[1].replace(b"Content-Length", b"X"), ALL[2]], "does not say how long it is"),
    (
        "wrong length",
        [ALL[0], ALL[1].replace(b"Content-Length: ", b"Content-Length: -"), ALL[2]],
        "does not say how long it is",
    ),
    ("too short", [ALL[0], record(answer(), "request", Content_Length="20"), ALL[2]], "no record begins here"),
]


@pytest.mark.parametrize(("name", "records", "warning"), DAMAGED, ids=[row[0] for row in DAMAGED])
def test_reading_goes_on_behind_a_damaged_record(name, records, warning):
    found = document(b"".join(records), "a.warc")
    assert urls(found)[0] == "https://x.org/0" and len(urls(found)) == 2
    assert len(found.warnings) == 1 and found.unread and found.warnings[0].startswith("a.warc: (byte ")
    assert warning in found.warnings[0] or "no record begins here" in found.warnings[0]


def test_reading_goes_on_behind_damaged_compression():
    packed = [gzip.compress(one) for one in ALL]
    packed[1] = packed[1][:40] + bytes(40) + packed[1][80:]
    found = document(b"".join(packed), "a.warc.gz")
    assert [url for url in urls(found) if url != "https://x.org/1"] == [
        "https://x.org/0",
        "https://x.org/2",
        "https://x.org/3",
    ]
    assert found.unread and 0 < len(found.warnings) < 3


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_cut_file_is_read_as_far_as_it_goes(pack):
    long = record(answer(PAGE + os.urandom(20_000).hex().encode()), url="https://x.org/long")
    data = pack(ALL[0]) + pack(long)
    found = document(data[: len(data) - 3000], "a.warc")
    assert urls(found) == ["https://x.org/0", "https://x.org/long"] and found.unread
    assert len(found.citations) == 6


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_cut_anywhere_it_does_not_break(pack):
    data = pack(ALL[0]) + pack(ALL[1])
    for end in range(len(pack(ALL[0])) + 1, len(data) - 4):
        found = document(data[:end], "a.warc")
        assert urls(found)[0] == "https://x.org/0" and found.unread


def test_damaged_content_is_read_as_far_as_it_goes():
    content = bytearray(gzip.compress(PAGE + os.urandom(50_000).hex().encode()))
    content[-100] ^= 0xFF
    found = document(record(answer(bytes(content), "Content-Encoding: gzip")), "a.warc")
    assert short(found) == CITED and found.unread
    assert "(https://x.org/dir/a): is damaged (" in found.warnings[0]


def test_pages_that_are_too_large_are_told(monkeypatch):
    monkeypatch.setattr(warcfile, "MAX_PARSED", 1000)
    monkeypatch.setattr(warcfile, "MAX_RECORD", 50_000)
    large = record(answer(gzip.compress(PAGE + b" " * 5000), "Content-Encoding: gzip"))
    found = document(large + record(answer(PAGE + b" " * 100_000), url="https://x.org/dump"), "a.warc")
    assert short(found) == CITED
    assert [warning.split("): ")[1] for warning in found.warnings] == [
        "is larger than 0 MiB; only its beginning is read",
        "is a page of more than 0 MiB; it is not read",
    ]


BOMBS = {
    "zeros": gzip.compress(record(b"", "request", Content_Length="99999999999") + b"\0" * 30 * MB),
    "members": gzip.compress(b"WARC/1.0\r\n") + b"\x1f\x8b\x08\0\0\0\0\0\0\3" * (MB // 4),
    "no records": b"WARC/1.0\r\n" * (MB // 4),
    "no end": b"WARC/1.0\r\n" + b"a: b\r\n" * MB,
    "junk": b"WARC/1.0\r\n\r\n" + b"a\n" * 5 * MB,
}  # fmt: skip


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
def test_nothing_takes_long(data):
    begun = time.process_time()
    found = document(data, "a.warc")
    assert found.unread and time.process_time() - begun < 8


# WACZ

PAGES = (
    '{"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}\n'
    '{"id": "1", "url": "https://x.org/0", "title": "Z\\u00e9ro", "ts": "2020-01-01T00:00:00Z"}\n'
    'broken {"url": "https:\\/\\/x.org\\/1"\n'
    '{"title": "text", "text": "\\"url\\": \\"https://x.org/no\\""}\n'
)


def wacz(records: Iterable[bytes]) -> bytes:
    return zipped(
        ("archive/data.warc.gz", b"".join(gzip.compress(one) for one in records)),
        ("indexes/index.cdx.gz", gzip.compress(b"org,x)/ 2020 {}")),
        ("logs/a.log", "https://x.org/no"),
        ("pages/pages.jsonl", PAGES),
        ("datapackage.json", '{"profile": "data-package", "resources": [{"path": "https://x.org/no"}]}'),
        method=zipfile.ZIP_STORED,
    )


def test_a_web_archive_cites_its_pages_and_what_they_link_to():
    found = document(wacz([RECORDS["plain"]]), "a.bin")
    assert (found.format, found.warnings) == ("wacz", ())
    assert short(found) == [
        ("pages/pages.jsonl", 2, "link", "https://x.org/0"),
        ("pages/pages.jsonl", 3, "link", "https://x.org/1"),
        *((f"archive/data.warc.gz!{part}", *rest) for part, *rest in CITED),
    ]
    first, second = found.citations[:2]
    assert (first.anchor, first.place.column, second.written) == ("Zéro", 21, r"https:\/\/x.org\/1")


def test_a_large_web_archive_is_read_while_it_unpacks(monkeypatch):
    monkeypatch.setattr(unpack, "MAX_MEMBER", MB)
    records = [record(answer(PAGE + os.urandom(60_000).hex().encode()), url=f"https://x.org/{n}") for n in range(20)]
    found = document(wacz(records), "a.wacz")
    assert urls(found) == [f"https://x.org/{n}" for n in range(20)] and not found.warnings
