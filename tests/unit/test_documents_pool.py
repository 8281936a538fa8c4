"""Documents in processes of their own: what takes one down is that document's failure, and nobody else's."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from preserve.documents import pool, read_document
from preserve.documents.pool import Request, read_all
from preserve.documents.read import Document
from preserve.errors import DocumentError, NothingToReadError

TEXT = "# T\n\n[a](https://web.archive.org/web/2015/http://x.org/a) and hxxp://bad[.]example/ and [b](/b) in 'слово'\n"


def file(path: Path, text: str = TEXT) -> Request:
    path.write_text(text)
    return Request(str(path), lambda: path.open("rb"))


def test_what_comes_out_is_what_was_read(tmp_path: Path) -> None:
    requests = [file(tmp_path / f"{number}.md", TEXT * number) for number in (3, 1, 2)]
    read = list(read_all(requests))
    assert read == [read_document(request.name) for request in requests]
    assert [len(one.citations) for one in read if isinstance(one, Document)] == [9, 3, 6]


def test_what_was_shown_comes_out_too(tmp_path: Path) -> None:
    asked = file(tmp_path / "a.md")
    (read,) = read_all([Request(asked.name, asked.open, "https://base.example/", frozenset({"code"}), show=True)])
    assert read == read_document(asked.name, base_url="https://base.example/", extras=frozenset({"code"}), show=True)
    assert isinstance(read, Document) and read.stretches[0].text == TEXT


def test_what_cannot_be_read_is_told_in_its_turn(tmp_path: Path) -> None:
    def missing() -> BinaryIO:
        raise DocumentError("There is no file x.")

    picture = tmp_path / "p.md"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    read = list(read_all([Request("x", missing), Request("p.md", lambda: picture.open("rb")), file(tmp_path / "a.md")]))
    assert [type(one) for one in read] == [DocumentError, NothingToReadError, Document]
    assert isinstance(read[1], DocumentError) and "p.md is a picture" in read[1].message


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "crash (SIGSEGV)"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "use more memory or time than it may"),
        ("sys.exit(0)", "stop"),
        ("os.write(0, b'no JSON at all\\n')", "stop"),
        ('os.write(0, b\'{"document": [1], "end": 1}\\n\')', "stop"),
        ("time.sleep(60)", "busy"),
    ],
)
def test_a_reader_that_dies_takes_one_document_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    bad = f"""
import os, signal, sys, time
from preserve.documents import worker
answer = worker.answer
def answered(file, request):
    if "bad" in request["name"]:
        {code}
    return answer(file, request)
worker.answer = answered
worker.main()
"""
    monkeypatch.setattr(pool, "COMMAND", (sys.executable, "-c", bad))
    monkeypatch.setattr(pool, "SILENCE", 5.0 if "sleep" in code else 60.0)
    names = ("a.md", "bad.md", "b.md")
    read = list(read_all([file(tmp_path / name) for name in names], workers=1))
    assert [type(one) for one in read] == [Document, DocumentError, Document]
    assert isinstance(read[1], DocumentError) and said in read[1].message and "bad.md" in read[1].message


def test_what_was_found_before_a_crash_is_kept_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fatal = """
import os, signal
from preserve.documents import worker
def citations(self, original=worker.Reading.citations):
    for number, citation in enumerate(original(self)):
        if number == 450:
            os.kill(os.getpid(), signal.SIGSEGV)
        yield citation
worker.Reading.citations = citations
worker.main()
"""
    monkeypatch.setattr(pool, "COMMAND", (sys.executable, "-c", fatal))
    (read,) = read_all([file(tmp_path / "a.txt", "see https://x.org/a\n" * 1000)])
    assert isinstance(read, Document) and read.unread and len(read.citations) == 400
    assert read.citations[-1].place.line == 400 and read.sha256 and read.format == "text"
    assert "crash (SIGSEGV); what came before was read" in read.notices[0]


def test_a_document_that_wants_all_memory_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hungry = """
from preserve.documents import text, worker
worker.MEMORY = 400 * 1024**2
text.read = lambda data: [bytearray(1 << 30)]
worker.main()
"""
    monkeypatch.setattr(pool, "COMMAND", (sys.executable, "-c", hungry))
    hog, good = file(tmp_path / "hog.txt", "https://x.org/a"), file(tmp_path / "good.md")
    read = list(read_all([hog, good], workers=1))
    assert isinstance(read[0], DocumentError) and "memory" in read[0].message
    assert isinstance(read[1], Document)


def test_who_has_less_than_our_limits_reads_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    poor = """
import resource
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
from preserve.documents import worker
worker.main()
"""
    monkeypatch.setattr(pool, "COMMAND", (sys.executable, "-c", poor))
    assert all(
        isinstance(one, Document) for one in read_all([file(tmp_path / "a.md"), file(tmp_path / "b.md")], workers=1)
    )


def test_a_reader_that_raises_is_a_sentence_about_its_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = "from preserve.documents import text, worker\ntext.read = lambda data: 1 / 0\nworker.main()\n"
    monkeypatch.setattr(pool, "COMMAND", (sys.executable, "-c", broken))
    (read,) = read_all([file(tmp_path / "a.txt", "https://x.org/a")])
    assert isinstance(read, DocumentError) and "ZeroDivisionError" in read.message and "a.txt" in read.message


def test_a_pipe_is_read_too() -> None:
    reader, writer = os.pipe()
    os.write(writer, TEXT.encode())
    os.close(writer)
    (read,) = read_all([Request("-", lambda: os.fdopen(reader, "rb"))])
    assert isinstance(read, Document) and len(read.citations) == 3
