"""What a reader reports: one URL in one document, before anyone asks where it leads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from preserve.documents.url import MAX_URL
from preserve.model import Place

MAX_ANCHOR = 300  # characters; a link around a whole page is named by its beginning

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class Mention:
    """`start` counts bytes of the document as UTF-8; `place` is for formats that have pages or cells instead."""

    start: int
    role: str
    written: str
    target: str  # `written` after the format's own escapes are undone
    anchor: str = ""
    context: str = ""
    confidence: str = "certain"
    changes: tuple[str, ...] = ()
    base: str = ""  # what the document itself says relative URLs stand under
    place: Place | None = None


Reader = Callable[[bytes], Iterator[Mention]]


def words(text: str, limit: int = MAX_ANCHOR) -> str:
    """`text` in one line, without control characters, cut at `limit` characters."""
    line = " ".join(text.split())
    if not line.isprintable():
        line = " ".join(_CONTROLS.sub(" ", line).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def cut(written: str) -> str:
    """A URL as written, or its first 16 kB: a longer one is no source, and the manifest is no dump."""
    return written if len(written) <= MAX_URL else written[:MAX_URL]
