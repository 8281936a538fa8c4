"""Plain text: notes, chat exports, lists of URLs."""

from __future__ import annotations

from collections.abc import Iterator

from preserve.documents.find import Found, find
from preserve.documents.mention import Mention
from preserve.documents.place import around, sentence


def read(data: bytes) -> Iterator[Mention]:
    """The URLs in running text."""
    return (mention(data, found) for found in find(data))


def mention(data: bytes, found: Found, role: str = "text") -> Mention:
    """A URL found in `data`, with its sentence."""
    before, after = around(data, found.start, found.end)
    return Mention(
        start=found.start,
        role=role,
        written=found.written,
        target=found.target,
        context=sentence(before, found.written, after),
        confidence=found.confidence,
        changes=found.changes,
    )
