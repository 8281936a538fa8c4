"""Documents made to harm: each is named with its reason, within its limits, and the others are read."""

from __future__ import annotations

import gzip
import io
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.program import Done, Workplace, finish

GOOD = "https://example.org/good"
MB = 1_000_000


def zipped(members: dict[str, bytes], *, encrypted: bool = False) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    data = file.getvalue()
    if encrypted:  # the flag alone, in both heads: nobody gets as far as the password
        data = re.sub(rb"(PK\x03\x04..)\x00", lambda head: head[1] + b"\x01", data, flags=re.S)
        data = re.sub(rb"(PK\x01\x02....)\x00", lambda head: head[1] + b"\x01", data, flags=re.S)
    return data


def nested(levels: int) -> bytes:
    data = zipped({"a.md": b"https://example.org/deep"})
    for _ in range(levels):
        data = zipped({"a.zip": data})
    return data


def entities(tail: bytes = b"") -> bytes:
    """Billion laughs."""
    lines = [b'<!ENTITY a0 "' + b"ha" * 50 + b'">']
    lines += [b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)]
    return b'<?xml version="1.0"?><!DOCTYPE rss [%s]><rss><channel><title>&a9;</title>%s</channel></rss>' % (
        b"".join(lines),
        tail,
    )


def docx(body: bytes) -> bytes:
    types = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return zipped({"[Content_Types].xml": types, "word/document.xml": body})


HOLLOW = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'

# Name: the bytes, and a word of the reason that stderr must give. None: it is read whole, in bounded time.
HOSTILE: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "bomb.zip": (lambda: zipped({"zeros.txt": b" " * 300 * MB}), "zeros.txt.*(more|larger)"),
    "bomb.docx": (lambda: docx(HOLLOW + b" " * 300 * MB), "unpacks to more"),
    "bomb.txt.gz": (lambda: gzip.compress(b" " * 300 * MB, 1), "larger|more"),
    "nested.zip": (lambda: nested(40), "containers deep"),
    "laughs.xml": (entities, "entities"),
    "laughs.docx": (lambda: docx(entities()), "entities"),
    "encrypted.zip": (lambda: zipped({"secret.md": b"https://example.org/secret"}, encrypted=True), "encrypted"),
    "truncated.zip": (lambda: zipped({"a.md": os.urandom(100_000)})[:50_000], "damaged"),
    "truncated.docx": (lambda: docx(HOLLOW)[:200], "damaged"),
    "garbage.pdf": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 1000, "PDF"),
    "nul.txt": (lambda: b"https://example.org/\0" * 100, "binary"),
    "deep.html": (lambda: b"<div>" * 150_000 + b"<a href='https://example.org/deep'>x</a>", None),
    "deep.xml": (lambda: b"<?xml version='1.0'?>" + b"<d>" * 150_000 + b"https://example.org/deep", None),
    "deep.json": (lambda: b"[" * 150_000 + b'"https://example.org/deep"' + b"]" * 150_000, None),
    "deep.yaml": (lambda: b"a: " + b"[" * 150_000 + b"https://example.org/deep", None),
    "deep.rtf": (lambda: b"{\\rtf1 " + b"{" * 150_000 + b"https://example.org/deep" + b"}" * 150_001, None),
    "deep.docx": (lambda: docx(HOLLOW + b"<w:p>" * 150_000 + b"<w:r><w:t>https://example.org/deep</w:t></w:r>"), None),
    "deep.md": (lambda: b"> " * 50_000 + b"https://example.org/deep", None),
    "deep.tex": (lambda: b"\\documentclass{a}" + b"{" * 150_000 + b"\\url{https://example.org/deep}", None),
    "deep.mediawiki": (lambda: b"{{" * 150_000 + b" https://example.org/deep ", None),
    "deep.eml": (lambda: _deep_mail(2000), "deep"),
    "line.txt": (lambda: b"word " * 4 * MB + b"https://example.org/line", None),
    "line.md": (lambda: b"word " * 4 * MB + b"https://example.org/line", None),
    "line.json": (lambda: b'["' + b"word " * 4 * MB + b'https://example.org/line"]', None),
    "line.csv": (lambda: b"word," * MB + b"https://example.org/line", None),
    "brackets.md": (lambda: b"[" * MB + b"\n\nhttps://example.org/line", None),
    "percents.txt": (lambda: b"http://x.org/" + b"%" * MB + b" https://example.org/line", None),
    "comments.html": (lambda: b"<!--" * 200_000 + b"--><a href='https://example.org/line'>x</a>", None),
    "dots.txt": (lambda: b"a.a." * 500_000 + b" https://example.org/line", None),
    "mixed.txt": (lambda: "Отчёт https://example.org/а ".encode("cp1251") * 9 + "слово https://example.org/line".encode(), None),
}  # fmt: skip


def _deep_mail(levels: int) -> bytes:
    head = b"From: a@example.org\nTo: b@example.org\nSubject: x\nMIME-Version: 1.0\n"
    heads = [b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(levels)]
    return head + b"".join(heads) + b"Content-Type: text/plain\n\nhttps://example.org/deep\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    place = Workplace(tmp_path_factory.mktemp("hostile") / "work", report=f"[good]({GOOD})\n")
    for name, (make, _) in HOSTILE.items():
        (place.folder / "documents" / name).write_bytes(make())
    return place


@pytest.fixture(scope="module")
def done(place: Workplace) -> Done:
    began = time.monotonic()
    done = finish(place.start("extract", "documents", "--jsonl"), patience=240)
    assert time.monotonic() - began < 240
    return done


def test_the_others_are_read_and_the_exit_code_says_that_not_all_were(done: Done) -> None:
    assert done.code == 3
    assert GOOD in [line["url"] for line in done.events if line["document"] == "documents/report.md"]
    assert "Traceback" not in done.err


@pytest.mark.parametrize("name", [name for name, (_, why) in HOSTILE.items() if why])
def test_each_is_named_with_its_reason(done: Done, name: str) -> None:
    why = HOSTILE[name][1]
    lines = [line for line in done.err.splitlines() if f"documents/{name}" in line]
    assert lines and re.search(str(why), " ".join(lines)), lines
    assert not re.search(r"Error\b|broke its reader", " ".join(lines))


@pytest.mark.parametrize("name", [name for name, (_, why) in HOSTILE.items() if not why])
def test_what_is_only_odd_is_read_whole(done: Done, name: str) -> None:
    found = {line["url"] for line in done.events if line["document"] == f"documents/{name}"}
    assert found & {"https://example.org/deep", "https://example.org/line"}, done.err


def test_a_program_that_is_killed_leaves_no_reader_behind(place: Workplace) -> None:
    command = [sys.executable, "-m", "preserve", "-C", str(place.folder), "extract", "documents/line.md"]
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    readers = _readers(program.pid, 30)
    program.send_signal(signal.SIGKILL)
    program.wait()
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in readers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert readers and not [pid for pid in readers if Path(f"/proc/{pid}").exists()]


def _readers(parent: int, seconds: float) -> list[int]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        threads = [path.read_text().split() for path in Path(f"/proc/{parent}/task").glob("*/children")]
        if found or any(threads):
            return [int(pid) for pids in (found, *threads) for pid in pids]
        time.sleep(0.01)
    return []
