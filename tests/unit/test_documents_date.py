"""Of when a document is: what it says itself, else its file; and what says nonsense says nothing."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from preserve.documents.date import dated, said
from preserve.model import Citation, Place, Source

HTML = b"<!DOCTYPE html><html><head><title>x</title>%s</head><body>2001-01-01</body></html>"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"---\ntitle: x\ndate: 2018-10-31\n---\n# text\n", "2018-10-31"),
        (b'---\r\ndate: "2018-10-31T10:00:00Z"\r\n---\r\ntext', "2018-10-31"),
        (b"+++\ndate = 2018-10-31\n+++\ntext", "2018-10-31"),
        (b"---\ntitle: x\n---\ndate: 2018-10-31\n", None),
        (b"date: 2018-10-31\n", None),
        (b"---\ndate: 2018-10-31\n", None),  # no end: not front matter
        (b"---\ndate: 2018-99-31\n---\n", None),
        (b"---\ndate: 0001-01-01\n---\n", None),
        (b"---\ndate: 9999-01-01\n---\n", None),
        (b"---\ndate: 1970-01-01\npublished: 2017-02-03\n---\n", "2017-02-03"),
        (HTML % b'<meta property="article:published_time" content="2016-03-09T10:11:12+00:00">', "2016-03-09"),
        (HTML % b"<meta content='2016-03-09' name=DC.date>", "2016-03-09"),
        (HTML % b'<meta name="viewport" content="2016-03-09"><meta name="date" content="soon">', None),
        (b"%PDF-1.4\n1 0 obj << /CreationDate (D:20151008102030+02'00') >>", "2015-10-08"),
        (b"%PDF-1.4\n/CreationDate (D:2015)", None),
        (b"2015-01-01 some text", None),
        (b"", None),
        (b"\xff\xfe\x00", None),
    ],
)
def test_what_a_document_says_of_itself(data: bytes, expected: str | None) -> None:
    found = said(data, data)
    assert (found and f"{found:%Y-%m-%d}") == expected


@pytest.mark.parametrize(
    "hostile",
    [b"---\n" + b"date: " * 20_000, b"<meta " * 20_000, b"<meta" + b" " * 64_000, b"%PDF-" + b"/CreationDate" * 9000],
)
def test_a_hostile_document_takes_no_time(hostile: bytes) -> None:
    began = datetime.now()
    assert said(hostile, hostile) is None
    assert (datetime.now() - began).total_seconds() < 1


def citing(*documents: str) -> Source:
    cited = tuple(Citation(name, "", "markdown", Place(), "link", "u", "u", "u") for name in documents)
    return Source("u", "u", cited)


def test_the_oldest_document_that_cites_a_source_counts(tmp_path: Path) -> None:
    (tmp_path / "new.md").write_bytes(b"---\ndate: 2020-01-01\n---\n")
    (tmp_path / "old.md").write_bytes(b"---\ndate: 2015-01-01\n---\n")
    (tmp_path / "plain.md").write_bytes(b"no date")
    os.utime(tmp_path / "plain.md", (1_500_000_000, 1_500_000_000))
    of = dated(tmp_path)
    assert of(citing("new.md", "old.md", "plain.md")) == datetime(2015, 1, 1, 12, tzinfo=UTC)
    assert of(citing("new.md", "plain.md")) == datetime.fromtimestamp(1_500_000_000, UTC)
    assert of(citing("new.md", "none.md", "-")) == datetime(2020, 1, 1, 12, tzinfo=UTC)


def test_what_is_no_file_has_no_date(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    of = dated(tmp_path)
    assert of(citing("folder", "pipe", "none.md", "-", "\x00", "https://list.example/")) is None
    assert of(citing()) is None
