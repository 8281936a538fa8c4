"""Of when a document is: what it says of itself, else when its file was last written. Only the choice of a web
archive's copy hangs on it, so what cannot be read is simply not known.

No document is parsed here: a few bytes of its beginning and its end are searched for the one line that names the date.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO

from preserve.documents.read import open_document
from preserve.errors import DocumentError
from preserve.model import Source

_LOOKED_AT = 64 * 1024  # bytes of each end: front matter, the head of a page, the last objects of a PDF
_FIRST = datetime(1991, 1, 1, tzinfo=UTC)  # before it there was no web that could be cited
_AHEAD = 366  # days that a clock, or a date of publication, may be ahead of now

_FRONT_MATTER = re.compile(rb"\A(?:---|\+\+\+)[ \t]*\r?\n(.*?)^(?:---|\+\+\+)", re.DOTALL | re.MULTILINE)
_DATE_LINE = re.compile(
    rb"^(?:date|published|created)[ \t]*[:=][ \t]*[\"']?(\d{4}-\d\d-\d\d)", re.MULTILINE | re.IGNORECASE
)
_META = re.compile(rb"<meta\b[^<>]{0,500}>", re.IGNORECASE)
_META_NAME = re.compile(
    rb"(?:name|property|itemprop)\s*=\s*[\"']?(?:article:published_time|datePublished|date|dc\.date|dcterms\.created)\b",
    re.IGNORECASE,
)
_META_DATE = re.compile(rb"content\s*=\s*[\"']?(\d{4}-\d\d-\d\d)", re.IGNORECASE)
_PDF_DATE = re.compile(rb"/CreationDate\s{0,9}\(D:(\d{4})(\d\d)(\d\d)")


def dated(folder: Path) -> Callable[[Source], datetime | None]:
    """Tells the date of the oldest document that cites a source; None where no document with a date does. `folder`: to
    which their paths are relative."""
    known: dict[str, datetime | None] = {}

    def of(source: Source) -> datetime | None:
        for name in {citation.document for citation in source.citations} - known.keys():
            known[name] = _of(folder, name)
        return min(filter(None, (known[one.document] for one in source.citations)), default=None)

    return of


def _of(folder: Path, name: str) -> datetime | None:
    try:
        with open_document(folder / name, name) as file:
            written = os.fstat(file.fileno())
            return said(*_ends(file, written.st_size)) or datetime.fromtimestamp(written.st_mtime, UTC)
    except (DocumentError, OSError, OverflowError, ValueError):  # standard input, a list, a file that is gone
        return None


def _ends(file: BinaryIO, size: int) -> tuple[bytes, bytes]:
    start = file.read(_LOOKED_AT)
    file.seek(max(0, size - _LOOKED_AT))
    return start, file.read(_LOOKED_AT)


def said(start: bytes, end: bytes) -> datetime | None:
    """The date that a document names, by its first and its last bytes."""
    if start.startswith(b"%PDF-"):
        found = _PDF_DATE.search(start) or _PDF_DATE.search(end)
        return _sensible([b"-".join(found.groups())]) if found else None
    front = _FRONT_MATTER.match(start)
    if front:
        return _sensible(_DATE_LINE.findall(front[1]))
    metas = (match[0] for match in _META.finditer(start))
    return _sensible(found[1] for meta in metas if _META_NAME.search(meta) and (found := _META_DATE.search(meta)))


def _sensible(found: Iterable[bytes]) -> datetime | None:
    for text in found:
        try:
            day = date.fromisoformat(text.decode("ascii"))
        except ValueError:
            continue
        moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)  # noon: nearest to what was seen on that day
        if moment >= _FIRST and (moment - datetime.now(UTC)).days <= _AHEAD:
            return moment
    return None
