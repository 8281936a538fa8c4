from __future__ import annotations

import struct

import pytest

from preserve.capture.judging import magic
from tests.support.pdf import Page
from tests.support.pdf import pdf as by_hand
from tests.universe.hosts.materials import jpeg, pdf, png

HTML = "<!doctype html><title>x</title>"
KINDS = {
    HTML.encode(): "html",
    b"\xef\xbb\xbf<HTML>": "html",
    b"\n <!-- a -- b --><head>": "html",
    b"<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0'>": "html",
    b"<div class=x>": "html",
    b"<p>Hello": "html",
    b"<h1>": "html",
    b"<HTML>\x01": "html",
    HTML.encode("utf-16"): "html",
    HTML.encode("utf-16-le"): "html",
    b"<?xml version='1.0'?><rss>": "xml",
    b"<rss version='2.0'>": "xml",
    b"<?xml version='1.0'?><svg xmlns='x'>": "svg",
    b"<!DOCTYPE svg PUBLIC 'a' 'b'><svg>": "svg",
    b"<svg width='1'>": "svg",
    b'{"a": 1}': "json",
    b"[1, 2]": "json",
    b"[[fn:1] note": "json",  # as JSON begins; nothing hangs on it
    b"Not found\n": "text",
    b"BMW and ID3 and {braces}": "text",
    b"a < b and b > c": "text",
    b"%PDF-1.7\n": "pdf",
    b"\r\n%PDF-1.7\n": "pdf",
    b"<html>about %PDF-1.7": "html",
    jpeg("a"): "jpeg",
    png("a"): "png",
    b"GIF89a...": "gif",
    b"RIFF\x10\0\0\0WEBPVP8 ": "webp",
    b"RIFF\x10\0\0\0WAVEfmt ": "wav",
    b"\0\0\0\x18ftypmp42": "mp4",
    b"\0\0\0\x18ftypavif": "avif",
    b"\x1aE\xdf\xa3....webm": "webm",
    b"ID3\x04\0": "mp3",
    b"\xff\xfb\x90\x00": "mp3",
    b"OggS\x00\x02": "ogg",
    b"PK\x03\x04": "zip",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "office",
    b"\x1f\x8b\x08\0": "gzip",
    b"BM\x36\0\0\0\0\0\0\0\x36": "bmp",
    b"": "",
    b" \n": "",
    b"\x00\x01\x02\x03": "",
}


@pytest.mark.parametrize("data", KINDS, ids=lambda data: repr(data[:24]))
def test_kinds(data: bytes) -> None:
    assert magic.kind(data) == KINDS[data]


PROMISES = {
    ("https://x.example/a.pdf", None): "a PDF",
    ("https://x.example/A.PDF?x=1#y", "text/html"): "a PDF",
    ("https://x.example/a%2Ejpg", None): "a picture",
    ("https://x.example/a.mp4", None): "a film",
    ("https://x.example/a.docx", None): "an office document",
    ("https://x.example/get", "application/pdf"): "a PDF",
    ("https://x.example/get", "image/webp"): "a picture",
    ("https://x.example/get", "text/html"): "",
    ("https://x.example/a.php", None): "",
    ("https://x.example/wiki/File:Map.jpg", None): "",
    ("https://x.example/v1.2", None): "",
    ("https://x.example/", None): "",
    ("http://[::1", None): "",
}


@pytest.mark.parametrize("address", PROMISES)
def test_promises(address: tuple[str, str | None]) -> None:
    assert magic.promised(*address) == PROMISES[address]


def test_files_are_no_pages() -> None:
    assert magic.is_file("https://x.example/a.pdf") and magic.is_file("https://x.example/a.txt")
    assert not magic.is_file("https://x.example/a.htm") and not magic.is_file("https://x.example/@name.surname")


CONTRADICTIONS = {
    ("a PDF", "html"): True,
    ("a PDF", "text"): True,
    ("a PDF", "png"): True,
    ("a PDF", "pdf"): False,
    ("a picture", "webp"): False,  # servers choose
    ("a picture", "html"): True,
    ("a film", "webm"): False,
    ("a film", ""): False,  # kinds that are not known
    ("an office document", "gzip"): False,
    ("an office document", "html"): True,
    ("", "html"): False,
}


@pytest.mark.parametrize("pair", CONTRADICTIONS)
def test_contradictions(pair: tuple[str, str]) -> None:
    assert magic.contradicts(*pair) is CONTRADICTIONS[pair]


PDF = pdf("A report", ("A line.",))
BOXES = (
    struct.pack(">I4s4s", 12, b"ftyp", b"mp42") + struct.pack(">I4s", 8, b"free") + struct.pack(">I4s", 100, b"mdat")
)
LONG = struct.pack(">I4s4s", 12, b"ftyp", b"mp42") + struct.pack(">I4sQ", 1, b"mdat", 116)
MOVING = (
    b"\xff\xd8\xff\xe1\x00\x0dMotionPhoto" + b"\xff\xda\x00\x02" + bytes(600_000) + b"\xff\xd9" + bytes(5000)
)  # a film behind the picture
WHOLE = {
    "jpeg with a film behind, both large": MOVING,
    "pdf": PDF,
    "pdf with blanks behind": PDF + b"\r\n\r\n",
    "pdf of another hand": by_hand(Page()),
    "png": png("a"),
    "jpeg": jpeg("a"),
    "jpeg with a film behind": jpeg("a") + b"\0\0\0\x18ftypmp42" + bytes(5000),
    "mp4": BOXES + bytes(92),
    "mp4 with a long box": LONG + bytes(100),
    "mp4 to the end": struct.pack(">I4s4s", 12, b"ftyp", b"mp42") + struct.pack(">I4s", 0, b"mdat") + b"x",
    "webp": b"RIFF" + (12).to_bytes(4, "little") + b"WEBPVP8 " + bytes(4),
    "gif": b"GIF89a\x01\x00;\x00\n",
    "nothing known": b"\x00\x01",
}
CUT = {
    "jpeg, large": MOVING.replace(b"MotionPhoto", b"NothingElse").replace(b"\xff\xd9", b""),
    "pdf": PDF[:-8],
    "pdf, an earlier end": PDF + b"1 0 obj" + b" " * 3000,
    "png": png("a")[:-10],
    "jpeg": jpeg("a", weight=100)[:-40],
    "jpeg, in its picture": jpeg("a", weight=9000)[:-2],
    "jpeg, before its picture": jpeg("a", weight=9000)[:5000],
    "mp4": BOXES + bytes(91),
    "mp4 with a long box": LONG + bytes(99),
    "webp": b"RIFF" + (100).to_bytes(4, "little") + b"WEBPVP8 " + bytes(4),
    "gif": b"GIF89a\x01\x00",
}


def whole(data: bytes) -> bool:
    return magic.whole(magic.kind(data), data[: 512 * 1024], data[-2048:], len(data))


@pytest.mark.parametrize("name", WHOLE)
def test_what_has_its_end(name: str) -> None:
    assert whole(WHOLE[name])


@pytest.mark.parametrize("name", CUT)
def test_what_has_lost_it(name: str) -> None:
    assert not whole(CUT[name])
