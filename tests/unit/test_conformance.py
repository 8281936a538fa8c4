"""What every reader must do, on documents of every format from the corpus.

A document is data of strangers: whatever is cut off it, turned over in it or put into it, reading gives a Document or
a DocumentError, in bounded time, and touches nothing outside. SWEEP=1 takes every document and many more changes.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest

from bench.corpus.shelf import DOCUMENTS, truth
from preserve.documents import Document, read_document
from preserve.documents.formats import FORMATS
from preserve.documents.mention import CHANGES, ROLES
from preserve.errors import DocumentError
from preserve.model import Citation, Place

SWEEP = bool(os.environ.get("SWEEP"))
SECONDS = 5  # for one small document; a reader needs milliseconds
CUTS, FLIPS = (24, 20) if SWEEP else (12, 12)
LEGACY = frozenset({"doc", "xls", "ppt"})  # read through a word processor: seconds a document
NOTHING_TO_CITE = frozenset({"script"})
EVERYTHING = frozenset({"code", "comment", "asset"})

# What content does not tell: columns and keys are in any text, Textile looks like prose, code like any other.
TOLD_BY_THE_NAME = frozenset({"csv", "tsv", "yaml", "textile", "script"})
TOO_LITTLE_TOLD = frozenset(
    {"gzip/hand-table.csv.gz", "mediawiki/pandoc-chinese.wiki"}
)  # its one heading is AsciiDoc's


def _documents() -> dict[str, list[Path]]:
    """Those of each format that cite something, the smallest first."""
    citing = {one.document for one in truth() if not one.optional}
    found: dict[str, list[Path]] = {}
    for name in sorted(FORMATS.keys() - LEGACY):
        paths = sorted((DOCUMENTS / name).iterdir(), key=lambda path: (path.stat().st_size, path.name))
        found[name] = [path for path in paths if f"{name}/{path.name}" in citing or name in NOTHING_TO_CITE]
    return found


SAMPLES = _documents()
every_format = pytest.mark.parametrize("name", SAMPLES)


def reads(data: bytes, name: str) -> Document | None:
    """None: refused, as a DocumentError."""
    began = time.monotonic()
    try:
        return read_document(name, data=data, extras=EVERYTHING)
    except DocumentError as error:
        assert error.message and error.hint
        return None
    finally:
        assert time.monotonic() - began < SECONDS, name


@every_format
def test_a_whole_document_is_read(name):
    for path in SAMPLES[name]:
        data = path.read_bytes()
        document = reads(data, path.name)
        assert document is not None, path
        assert document == reads(data, path.name), f"{path}: not the same when read again"
        assert document.citations, path
        for citation in document.citations:
            _assert_sound(citation)
        if FORMATS[name].kind == "text" and document.encoding == "utf-8":
            _assert_within(data, document)
        _assert_in_order(document)


def _assert_sound(citation: Citation) -> None:
    assert citation.written and citation.place != Place(), citation
    assert citation.role in ROLES and set(citation.changes) <= CHANGES.keys(), citation
    assert citation.confidence in ("certain", "likely", "guess"), citation
    numbers = (citation.place.line, citation.place.column, citation.place.page, citation.place.slide)
    assert all(number is None or number >= 1 for number in (*numbers, citation.place.paragraph)), citation
    assert "\n" not in citation.anchor + citation.context and len(citation.context) <= 300, citation


def _assert_within(data: bytes, document: Document) -> None:
    lines = re.split(r"\r\n|\r|\n", data.decode())
    for citation in document.citations:
        if citation.place.line is not None:
            assert citation.place.line <= len(lines), citation
            assert (citation.place.column or 1) <= len(lines[citation.place.line - 1]) + 1, citation


def _assert_in_order(document: Document) -> None:
    """Of the text, within whatever has a text of its own."""

    def home(one: Citation) -> tuple[object, ...]:
        return (one.place.part, one.place.sheet, one.place.cell, one.place.page, one.place.slide, one.place.paragraph)

    for _, together in groupby(document.citations, home):
        places = [(one.place.line or 0, one.place.column or 0) for one in together]
        assert places == sorted(places), document.path
    for key in ("page", "slide"):
        numbers = [number for one in document.citations if (number := getattr(one.place, key)) is not None]
        assert numbers == sorted(numbers), document.path
    for _, together in groupby(document.citations, lambda one: home(one)[:-1]):
        paragraphs = [one.place.paragraph for one in together if one.place.paragraph is not None]
        assert paragraphs == sorted(paragraphs), document.path


@every_format
def test_a_damaged_document_is_read_or_refused(name):
    for path in SAMPLES[name] if SWEEP else SAMPLES[name][:1]:
        for damaged in _damaged(path.read_bytes(), path.name):
            reads(damaged, path.name)


def _damaged(data: bytes, seed: str) -> Iterator[bytes]:
    rng = random.Random(seed)
    yield from (b"", data[:1], b"\0", data + data, data + b"\0" * 1000, b"\xef\xbb\xbf" + data, data[::-1])
    for number in range(CUTS):
        yield data[: len(data) * number // CUTS]
        yield data[len(data) * number // CUTS :]
    for number in range(FLIPS):
        changed = bytearray(data)
        for _ in range(1 + number % 5):
            changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        yield bytes(changed)
        at = rng.randrange(len(data))
        yield data[:at] + b"\0" * rng.randint(1, 9) + data[at:]
        yield data[:at] + rng.randbytes(rng.randint(1, 99)) + data[at:]
        yield data[:at] + data[at + rng.randint(1, 99) :]


@pytest.mark.parametrize("called", ["x", "x.bin", "x.pdf"])
@pytest.mark.parametrize("name", sorted(SAMPLES.keys() - TOLD_BY_THE_NAME))
def test_content_tells_what_it_is_under_any_name(name, called):
    for path in SAMPLES[name]:
        if f"{name}/{path.name}" not in TOO_LITTLE_TOLD:
            data = path.read_bytes()
            assert _told(reads(data, called)) == _told(reads(data, path.name)), path


def _told(document: Document | None) -> tuple[object, ...] | None:
    """A packed document has its name from the file around it, so parts differ."""
    return document and (
        document.format,
        *((replace(one.place, part=None), one.role, one.url, one.anchor) for one in document.citations),
    )


def test_reading_fetches_runs_and_writes_nothing():
    """Under an audit hook that stops the process at the first attempt."""
    ran = subprocess.run(
        [sys.executable, "-B", "-c", _WATCHED, *(str(path) for paths in SAMPLES.values() for path in paths[:3])],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0 and ran.stdout.split() == ["read"], ran.stdout + ran.stderr


_WATCHED = """
import os, sys
from preserve.documents import read_document
from preserve.errors import DocumentError

FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.system", "os.fork", "os.startfile", "os.remove",
             "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "shutil.",
             "tempfile.", "ftplib.", "http.", "smtplib.", "urllib.", "webbrowser.", "pty.", "code.__new__", "marshal.")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
watching = False

def watch(event, arguments):
    if not watching:
        return
    if event.startswith(FORBIDDEN) and event != "marshal.loads" or event == "open" and (arguments[2] or 0) & WRITING:
        os.write(2, f"{event} {arguments!r} while reading {path}".encode())
        os._exit(1)

sys.addaudithook(watch)
for path in sys.argv[1:]:
    data = open(path, "rb").read()
    watching = True
    for cut in (len(data), len(data) // 2):
        try:
            read_document(os.path.basename(path), data=data[:cut], extras=frozenset({"code", "comment", "asset"}))
        except DocumentError:
            pass
    watching = False
print("read")
"""
