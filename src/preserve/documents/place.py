"""Where something stands in a text: line, column, and the sentence around it."""

from __future__ import annotations

import re

from preserve.documents.mention import words
from preserve.model import Place

MAX_CONTEXT = 300  # characters of a sentence
WINDOW = 600  # bytes looked at on either side: a sentence of 300 characters and the markup of a link or two

_NEWLINE = re.compile(rb"\r\n?|\n")
# A blank line, the next item of a list, a heading, a definition.
_PARAGRAPH = re.compile(r"\n[ \t>\r]*(?:\n|(?:[-*+•]|\d{1,4}[.)])[ \t]|#|\[[^\]\n]{1,99}\]:)")
_BULLET = re.compile(r"\A\s*(?:(?:[-*+•>]|#{1,6}|\d{1,4}[.)])\s+)*")
_SENTENCE = re.compile(r"[.!?…؟][\"'”’»)\]]*(?=\s|$)|[。！？]")


class Lines:
    """Offsets to places, in one pass: ask in ascending order."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at, self._line, self._column = 0, 1, 1

    def place(self, offset: int) -> Place:
        """Line and column of a byte offset, both from 1, the column in characters."""
        if offset < self._at:
            self._at, self._line, self._column = 0, 1, 1
        for newline in _NEWLINE.finditer(self._data, self._at, offset):
            self._line += 1
            self._column = 1
            self._at = newline.end()
        self._column += len(self._data[self._at : offset].decode("utf-8", "replace"))
        self._at = offset
        return Place(self._line, self._column)


def around(data: bytes, start: int, end: int) -> tuple[str, str]:
    """What comes before `start` and after `end` in the same sentence."""
    before = data[max(0, start - WINDOW) : start].decode("utf-8", "ignore")
    after = data[end : end + WINDOW].decode("utf-8", "ignore")
    begin = _last(_PARAGRAPH, before)
    before = before[begin:]
    begin = _last(_SENTENCE, before.rstrip())
    paragraph = _PARAGRAPH.search(after)
    stop = _SENTENCE.search(after, 0, paragraph.start() if paragraph else len(after))
    cut = stop.end() if stop else paragraph.start() if paragraph else len(after)
    return _BULLET.sub("", before[begin:]), after[:cut]


def sentence(before: str, here: str, after: str) -> str:
    """The whole of it in one line of at most 300 characters, with both sides heard."""
    whole = words(before + here + after, 4 * WINDOW)
    if len(whole) <= MAX_CONTEXT:
        return whole
    room = max(0, (MAX_CONTEXT - len(here)) // 2)
    head = "…" + before[len(before) - room :] if len(before) > room else before
    return words(head + here + after, MAX_CONTEXT)


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match ends; 0 without one."""
    end = 0
    for match in pattern.finditer(text):
        end = match.end()
    return end
