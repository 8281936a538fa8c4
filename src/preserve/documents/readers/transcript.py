"""Text without the escapes of its format, which knows of each of its bytes where in the source it is written.

What a CDATA section, a JSON string or a CSV field holds is text, HTML or Markdown of its own. Its reader is given the
transcript; what it mentions is put back to where it stands, in the spelling that stands there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from preserve.documents.mention import Mention
from preserve.documents.text import running
from preserve.model import Place


class Transcript:
    """Pieces of `source`: some copied, some standing for what is written otherwise there."""

    def __init__(self, source: bytes, change: str = "unescaped") -> None:
        self.source, self._change = source, change
        self.text = bytearray()
        self._at: list[int] = []  # where each piece begins in the text
        self._start: list[int] = []  # and in the source
        self._end: list[int] = []
        self._reach: list[int] = []  # with the markup behind it
        self._copied: list[bool] = []

    def copy(self, start: int, end: int) -> None:
        """These bytes of the source, as they are."""
        if end > start:
            self._piece(start, end, copied=True)
            self.text += self.source[start:end]

    def put(self, text: bytes, start: int, end: int) -> None:
        """`text`, which these bytes of the source stand for; none for what is only markup."""
        if text:
            self._piece(start, end, copied=False)
            self.text += text
        elif self._reach and self._reach[-1] == start:
            self._reach[-1] = end

    def unescape(
        self, escapes: re.Pattern[bytes], plain: Callable[[re.Match[bytes]], bytes], start: int, end: int
    ) -> None:
        """These bytes of the source, with `plain` for each of their escapes."""
        for found in escapes.finditer(self.source, start, end):
            self.copy(start, found.start())
            start = found.end()
            self.put(plain(found), found.start(), start)
        self.copy(start, end)

    def begin(self, offset: int) -> int:
        """Where the byte at `offset` of the text is written."""
        index = bisect_right(self._at, offset) - 1
        if index < 0:
            return 0
        return min(self._start[index] + (offset - self._at[index] if self._copied[index] else 0), self._end[index])

    def stop(self, offset: int) -> int:
        """Where what ends before `offset` of the text ends in the source."""
        index = bisect_right(self._at, offset - 1) - 1
        if index < 0:
            return 0
        return self._start[index] + offset - self._at[index] if self._copied[index] else self._end[index]

    def spelling(self, start: int, end: int) -> str:
        """How these bytes of the text are written in the source; as in the text where they stand in several places."""
        first, last = (bisect_right(self._at, offset) - 1 for offset in (start, end - 1))
        if any(self._reach[one] != self._start[one + 1] for one in range(first, last)):
            return self.text[start:end].decode("utf-8", "replace")
        written = self.source[self.begin(start) : self.stop(end)] or self.text[start:end]
        return written.decode("utf-8", "replace")

    def mentions(self, found: Iterable[Mention], place: Place | None = None) -> Iterator[Mention]:
        """What a reader of the text has found, where it is written in the source, `place` is what else that is."""
        for one in found:
            size = len(one.written.encode("utf-8", "replace"))
            written, changes = one.written, one.changes
            if size and self.text.startswith(written.encode("utf-8", "replace"), one.start):
                written = self.spelling(one.start, one.start + size)
                changes = changes if written == one.written else tuple(dict.fromkeys((self._change, *changes)))
            end = self.stop(one.end) if one.end else 0
            yield replace(
                one, start=self.begin(one.start), end=end, written=written, changes=changes, place=place or one.place
            )

    def _piece(self, start: int, end: int, *, copied: bool) -> None:
        self._at.append(len(self.text))
        self._start.append(start)
        self._end.append(end)
        self._reach.append(end)
        self._copied.append(copied)


def alone(data: bytes, start: int, end: int, role: str = "text", *, bare: bool = True) -> Iterator[Mention]:
    """The URLs of a stretch that makes no sentence with what stands around it: a comment, a field."""
    text = Transcript(data)
    text.copy(start, end)
    return text.mentions(running(bytes(text.text), role=role, bare=bare))
