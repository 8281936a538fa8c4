"""Where something stands in a text: line, column, and the sentence around it."""

from __future__ import annotations

import re

from preserve.documents.mention import words
from preserve.model import Place

MAX_CONTEXT = 300  # characters of a sentence
WINDOW = 800  # bytes looked at on either side: a sentence of 300 characters with the markup of a long link

_NEWLINE = re.compile(rb"\r\n?|\n")
# A blank line, the next item of a list, a heading.
_PARAGRAPH = re.compile(r"\r?\n[ \t>]*(?:\r?\n|(?:[-*+•]|\d{1,4}[.)])[ \t]|#)")
_BULLET = re.compile(r"\s*(?:(?:[-*+•>]|#{1,6}|\d{1,4}[.)])\s+)*")
_SENTENCE = re.compile(r"[.!?…؟][\"'”’»)\]]*(?=\s|$)|[。！？]")


class Lines:
    """Offsets to places, in one pass: ask in ascending order."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._rewind()

    def place(self, offset: int) -> Place:
        """Line and column of a byte offset, both from 1, the column in characters."""
        if offset < self._at:
            self._rewind()
        for newline in _NEWLINE.finditer(self._data, self._at, offset):
            self._line += 1
            self._column = 1
            self._at = newline.end()
        self._column += len(self._data[self._at : offset].decode("utf-8", "replace"))
        self._at = offset
        return Place(self._line, self._column)

    def _rewind(self) -> None:
        self._at, self._line, self._column = 0, 1, 1


def around(data: bytes, start: int, end: int) -> tuple[str, str]:
    """The text of the same paragraph before `start` and after `end`, as much of it as a sentence may need."""
    before = data[max(0, start - WINDOW) : start].decode("utf-8", "ignore")
    after = data[end : end + WINDOW].decode("utf-8", "ignore")
    begin = max((found.end() for found in _PARAGRAPH.finditer(before)), default=0)
    stop = _PARAGRAPH.search(after)
    return before[begin:], after[: stop.start()] if stop else after


def sentence(before: str, here: str, after: str) -> str:
    """The sentence that `here` stands in, in one line of at most 300 characters."""
    ends = (stop.end() for stop in _SENTENCE.finditer(before))
    begin = max((end for end in ends if before[end:].strip()), default=0)
    stop = _SENTENCE.search(after)
    head, tail = _BULLET.sub("", before[begin:]), after[: stop.end()] if stop else after
    whole = words(head + here + tail, 4 * WINDOW)
    if len(whole) <= MAX_CONTEXT:
        return whole
    room = max(0, (MAX_CONTEXT - len(here)) // 2)  # both sides are heard
    return words(("…" if len(head) > room else "") + head[max(0, len(head) - room) :] + here + tail, MAX_CONTEXT)
