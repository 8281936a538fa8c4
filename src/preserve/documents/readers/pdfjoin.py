"""URLs that are broken over the lines of a PDF page.

Whether a URL at the end of a line goes on in the next one, only geometry can tell. It goes on where the line was
full: where the first piece of the next line of the same column would not have fitted before its right edge. A piece
ends where typesetters break URLs, behind a slash or a hyphen; a URL is broken between any two letters only where it
had the line to itself, or what follows looks like a path. Colour, size and font are those of the URL.

What is put together so remains a guess.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property

from preserve.documents.readers.pdflines import Line, PageText
from preserve.documents.readers.pdforder import is_leftward

_LEADING = 2.6  # ems from one line to the next, at most: double spacing
_SINGLE = 1.6  # ems, with less than that between paragraphs
_INDENT = 5.0  # ems by which the lines of a paragraph may be indented
_NEIGHBOURS = 40  # lines before and after, that say how wide the column is
_FULL = 0.5  # of its width, by which the last line of a page may fall short of being full
_FOOT = 3  # lines at the end of a page, the last of the text and what runs below

_OPEN = re.compile(r"[a-z]{3,6}://|www\.|[\w-]\.[a-z]{2,24}/|\bhttps?:/?$", re.I)
_SCHEME = re.compile(r"\bhttps?:/?/?$", re.I)  # alone
_BREAKS = "/-_?&=.%#~+"  # where typesetters break a URL
_NEVER_LAST = "-_?&=%"  # no whole URL ends so
_NEVER_CONTINUED = (",", ";", "!", ")", "]", "}", ">", '"', "'", "”", "’", "»", "…")
_CHUNK = re.compile(r"[/?&=#%_.~+-]*(?:[^\s/?&-]|[/?&-](?=\d))*[/?&-]?")  # what most of them would not break
_PATHLIKE = re.compile(r"[/?&=#%_~.+-]\w|[^\s/?&=#%_]*(?:[?&=#%_]|/(?!\s|$)|\.[a-z]{2,5}\b|\d)")
_NEW = re.compile(r"[a-z]{3,6}://|www\.|[-*•‣▪◦–]\s|\[\d{1,4}\]|\(?\d{1,3}\)\s", re.I)  # URL, or item of a list
_NUMBERED = re.compile(r"\d{1,3}\.\s")  # an item of a list, or the end of a URL and of the sentence


class Breaks:
    """The line breaks of a page."""

    def __init__(self, text: PageText) -> None:
        self._text = text
        self._lines = text.lines

    @cached_property
    def cuts(self) -> list[tuple[int, int]]:
        """The line breaks, in bytes with the white space around, over which a word or a URL goes on."""
        found = []
        for number, line in enumerate(self._lines[:-1]):
            begin = self._open.get(number)
            following = self._lines[number + 1]
            if following.text.strip() and (line.hyphen if begin is None else self._continued(number, begin)):
                found.append((line.byte(line.end), following.byte(following.begin)))
        return found

    @cached_property
    def loose_ends(self) -> list[int]:
        """Where, in bytes, a URL ends at the foot of a column or page, so that it may go on in the next one."""
        cut = {start for start, _ in self.cuts}
        ends = []
        for number in self._open:
            line, last = self._lines[number], self._lines[number].text.rstrip()[-1]
            end = line.byte(line.end)
            if end in cut or last not in "/" + _NEVER_LAST or not self._at_foot(number):
                continue
            if last != "/" or self._gap(number, line.left) < _FULL * (line.right - line.left):
                ends.append(end)
        return ends

    def _at_foot(self, number: int) -> bool:
        """Whether no more than a running foot comes below, or what follows stands higher: the next column."""
        following = self._lines[number + 1] if number + 1 < len(self._lines) else None
        if following is None or not following.text.strip():
            return number >= len(self._lines) - _FOOT
        line = self._lines[number]
        if following.turn == line.turn and following.base > line.base + line.em:
            return True
        return number >= len(self._lines) - _FOOT and not self._below(line, self._open[number], following)

    @cached_property
    def _open(self) -> dict[int, int]:
        """The lines whose last word is a URL or, following such a line, may be the rest of one; and where it begins."""
        found: dict[int, int] = {}
        for number, line in enumerate(self._lines):
            word = (line.text.rsplit(maxsplit=1) or [""])[-1]
            if _OPEN.search(word) or (number - 1 in found and word and word == line.text.strip()):
                found[number] = line.end - len(word)
        if found:
            self._text.place()
        return found

    def _continued(self, number: int, begin: int) -> bool:
        """Whether the URL that begins at this character of the line, and ends it, goes on in the next one."""
        line, following = self._lines[number], self._lines[number + 1]
        url, rest = line.text[begin : line.end], following.text.split(maxsplit=1)[0]
        alone = bool(_SCHEME.search(url))
        if url.endswith(_NEVER_CONTINUED) or (_NEW.match(following.text.lstrip()) and not alone):
            return False
        pathlike = bool(_PATHLIKE.match(rest))
        if url[-1] == "." and not pathlike and ("/" in url.partition("://")[2] or not rest[0].islower()):
            return False  # the end of a sentence
        if not self._alike(line, following):
            return False
        if is_leftward(line.text) or is_leftward(following.text):
            return 0 < line.base - following.base < _LEADING * line.em and (url[-1] in _BREAKS or pathlike)
        if not self._below(line, begin, following):
            return False
        if _NUMBERED.match(following.text.lstrip()) and self._outdented(line, following):
            return False
        if alone or (url[-1] in _NEVER_LAST and (pathlike or line.hyphen)):
            return True
        if url[-1] in _BREAKS or rest[0] in _BREAKS:
            chunk = _CHUNK.match(rest)
            return self._full(number, begin, chunk.end() if chunk else 0)
        return self._full(number, begin, 0, pathlike) and (pathlike or self._stands_out(line, begin, following))

    def _below(self, line: Line, begin: int, following: Line) -> bool:
        """Whether it is the next line of the column in which a URL begins at this character of `line`."""
        if following.turn != line.turn or not 0.8 < following.em / line.em < 1.25:
            return False
        if not 0.5 * line.em < line.base - following.base < _LEADING * line.em:
            return False
        left = self._text.span(line, begin, begin + 1)[0]
        return line.left - _INDENT * line.em < following.left < left + line.em

    def _outdented(self, line: Line, following: Line) -> bool:
        """Whether it begins where items of a list begin: left of the last one's text, or under its number."""
        return following.left < line.left - line.em / 2 or bool(_NUMBERED.match(line.text.lstrip()))

    def _alike(self, line: Line, following: Line) -> bool:
        return self._text.style(line, line.end - 1) == self._text.style(following, following.begin)

    def _full(self, number: int, begin: int, chunk: int, pathlike: bool = True) -> bool:
        """Whether the first `chunk` characters of the next line had no room in this one; 0: not even one of them."""
        line, following = self._lines[number], self._lines[number + 1]
        left, right = self._text.span(line, begin, line.end)
        letter = (right - left) / (line.end - begin)
        slack = letter if pathlike else 0.0  # for what ragged neighbours hide; none where the next may be just a word
        left, right = self._text.span(following, following.begin, following.begin + max(1, chunk))
        return right - left > self._gap(number, following.left) - slack

    def _stands_out(self, line: Line, begin: int, following: Line) -> bool:
        """Whether the URL has the line to itself, or a style of its own which the next line still has."""
        if begin == line.begin and line.base - following.base < _SINGLE * line.em:
            left = self._text.span(line, begin, begin + 1)[0]
            return left - following.left < line.em / 2
        return begin > line.begin and self._text.style(line, begin) != self._text.style(
            line, max(line.begin, begin - 2)
        )

    def _gap(self, number: int, edge: float) -> float:
        """How much room a line leaves before the right edge of its column: of the lines above and below it that begin
        at `edge` or thereabouts."""
        line = self._lines[number]
        reach, leading = _INDENT * line.em, _LEADING * line.em
        column = [
            (abs(one.base - line.base), one)
            for one in self._lines[max(0, number - _NEIGHBOURS) : number + _NEIGHBOURS]
            if one.text.strip()
            and one.turn == line.turn
            and abs(one.left - edge) < reach
            and 0.9 < one.em / line.em < 1.1
        ]
        column.sort(key=lambda one: one[0])
        right, above, below = line.right, line.base, line.base
        for _, one in column:  # from the line on, as far as no larger gap parts the paragraphs
            if above <= one.base < above + leading or below - leading < one.base <= below:
                right, above, below = max(right, one.right), max(above, one.base), min(below, one.base)
        return right - line.right


class Joined:
    """A text without some of its line breaks, and the way back to where things stand."""

    def __init__(self, text: bytes, cuts: Iterable[tuple[int, int]]) -> None:
        self._ends, self._gone = [0], [0]  # behind each cut: its end in the joined text, and what is gone by then
        self._starts = [0]  # of each cut in the whole text
        pieces, at = [], 0
        for start, end in cuts:
            pieces.append(text[at:start])
            self._starts.append(start)
            self._ends.append(start - self._gone[-1])
            self._gone.append(self._gone[-1] + end - start)
            at = end
        self.text = b"".join((*pieces, text[at:]))

    def source(self, offset: int, *, end: bool = False) -> int:
        """Where an offset of the joined text stands in the whole one; `end`: of what ends there."""
        return offset + self._gone[max(0, bisect_right(self._ends, offset - end) - 1)]

    def joined(self, offset: int) -> int:
        """Where an offset of the whole text has come to stand in the joined one."""
        at = bisect_right(self._starts, offset) - 1
        return max(self._ends[at], offset - self._gone[at]) if at >= 0 else offset

    def cut(self, start: int, end: int) -> int:
        """The first cut within a stretch of the joined text, 0 without one."""
        at = bisect_right(self._ends, start)
        return self._ends[at] if at < len(self._ends) and self._ends[at] < end else 0

    def is_cut(self, offset: int) -> bool:
        """Whether one begins at this offset of the whole text."""
        at = bisect_right(self._starts, offset) - 1
        return at > 0 and self._starts[at] == offset
