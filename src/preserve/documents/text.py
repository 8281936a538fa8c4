"""Plain text: notes, lists of URLs, and the running text of every other format."""

from __future__ import annotations

from collections.abc import Iterator

from preserve.documents.find import Found, find
from preserve.documents.mention import Mention
from preserve.documents.place import around, sentence


def read(data: bytes) -> Iterator[Mention]:
    """The URLs in running text."""
    return running(data)


def running(
    data: bytes,
    start: int = 0,
    end: int | None = None,
    role: str = "text",
    *,
    bare: bool = True,
    markup: bool = False,
    joined: bool = False,
) -> Iterator[Mention]:
    """The URLs of `data[start:end]`, in order. `bare`: also host names without scheme; `markup`: backslash escapes and
    entities are the text's own; `joined`: lines were broken where they were full, URLs too (a PDF, a mail)."""
    found = find(data, start, end, markup=markup, bare=bare, joined=joined)
    return (mention(data, one, role) for one in found)


def mention(data: bytes, found: Found, role: str = "text") -> Mention:
    """A URL found in `data`, with its sentence."""
    before, after = around(data, found.start, found.end)
    return Mention(
        start=found.start,
        role="bare-domain" if found.bare and role == "text" else role,
        written=found.written,
        target=found.target,
        context=sentence(before, found.written, after),
        confidence=found.confidence,
        changes=found.changes,
        end=found.end,
        unjoined=found.unjoined,
    )
