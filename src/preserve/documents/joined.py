"""URLs broken over lines, in a text whose lines end where they were full: of a PDF, of a mail.

A break inside a URL leaves no mark, so it takes three signs: the URL runs to the end of its line; the line was full,
for with the next word it would have been about as long as the longest of its neighbours; and the break stands where one
is usual (behind one of `/ - _ ? & = . % # ~`) or the next line begins as no word does (`/path`, `?id=1`). Between `<`
and `>` none of them is needed (RFC 3986, appendix C). It stays a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_LINES = 8  # of one URL: 600 characters in a mail
_WINDOW = 700  # bytes on either side in which neighbours are measured: eight lines of a page
_SLACK = 0.85  # of the longest neighbour's characters is full: in print, letters differ in width
_LONG = 40  # characters of a line that was not broken for being a list of short ones
_BREAK = re.compile(rb"[ \t]{0,200}(?:\r\n?|\n)([ \t>]{0,200})")
_QUOTE = re.compile(rb"[ \t>]{0,200}")
_WORD = re.compile(rb"[^\s<>]{1,4000}")
_NEWLINE = re.compile(rb"\r\n?|\n")
_SOFT_HYPHEN = "\u00ad".encode()
_STARTS = re.compile(rb"[/?&=%][\w%./\x80-\xff-]|\.[a-z0-9]")
# Begins something else: a URL, an item of a list, a note.
_OTHER = re.compile(
    rb"[A-Za-z][A-Za-z0-9+.-]{1,20}:[/\\]|[hH]..[pP][sS]?\[|[wW]{3}\.|(?:[-*+]|\xe2\x80[\xa2\x93\x94]|\d{1,3}[.)])\s|\[\d{1,3}\]"
)
_NO_PROSE = re.compile(rb"[\d\x80-\xff]|[\w)][-_./=?&%#~+@:][\w(]")
_ENDINGS = frozenset(
    b"html htm shtml php asp aspx jsp pdf jpg jpeg png mp4 doc docx xls xlsx txt com org net info".split()
)
_PUNCTUATION = b".,;:!?)]}\"'"


@dataclass(frozen=True, slots=True)
class Lines:
    """A URL and what may be the rest of it, without the breaks."""

    text: bytes
    pieces: tuple[tuple[int, int], ...]  # offsets in `text` and in the document at which each line's part begins

    def origin(self, length: int) -> int:
        """Where in the document that many bytes of the text end."""
        at, start = next(piece for piece in reversed(self.pieces) if piece[0] < length or not piece[0])
        return start + length - at


def lines(data: bytes, start: int, stop: int, end: int) -> Lines | None:
    """The URL at `start` with the beginnings of the lines after `stop`; None when it does not go on."""
    if data[start - 1 : start] == b"<" or data[max(0, start - 5) : start].upper() == b"<URL:":
        whole = _gathered(data, start, stop, end, enclosed=True)
        if whole and data[(close := whole.origin(len(whole.text))) : close + 1] == b">":
            return whole
    return _gathered(data, start, stop, end, enclosed=False)


def _gathered(data: bytes, start: int, stop: int, end: int, *, enclosed: bool) -> Lines | None:
    text, pieces = data[start:stop], [(0, start)]
    line = _line(data, start)
    while len(pieces) < MAX_LINES and (following := _next(data, line, stop, end, enclosed)):
        begin, word = following
        if not enclosed and not (_goes_on(text, data, word) and _full(data, line, stop, begin, word)):
            break
        pieces.append((len(text), word.start()))
        line, stop, text = begin, word.end(), text + word[0]
    return Lines(text, tuple(pieces)) if len(pieces) > 1 else None


def _line(data: bytes, at: int) -> int:
    """Where the line begins."""
    near = max(0, at - _WINDOW)
    return max(data.rfind(b"\n", near, at) + 1, data.rfind(b"\r", near, at) + 1, near)


def _next(data: bytes, line: int, stop: int, end: int, enclosed: bool) -> tuple[int, re.Match[bytes]] | None:
    """The next line and its first word, when the text ends its line and both are quoted as deep. Where not
    `enclosed`, a word that begins something else is none."""
    newline = _BREAK.match(data, stop, end)
    word = _WORD.match(data, newline.end(), end) if newline else None
    if newline is None or word is None or (not enclosed and _OTHER.match(data, word.start(), end)):
        return None
    quote = _QUOTE.match(data, line)
    return (newline.start(1), word) if quote and quote[0].count(b">") == newline[1].count(b">") else None


def _goes_on(text: bytes, data: bytes, word: re.Match[bytes]) -> bool:
    """Whether the break looks like one inside a URL."""
    last, said = text[-1:], word[0].rstrip(_PUNCTUATION)
    if not said:
        return False
    if last in (b"-", b"_", b"&", b"=", b"%", b"#", b"~") or text.endswith(_SOFT_HYPHEN):
        return True
    if _STARTS.match(word[0]):
        return last.isalnum() or last in (b"/", b"?", b".", b")") or last >= b"\x80"
    if last == b".":
        return not said[:1].isupper() and (bool(_NO_PROSE.search(said)) or said in _ENDINGS)
    if last not in (b"/", b"?"):
        return False
    return bool(_NO_PROSE.search(said)) or (last == b"/" and len(text) >= _LONG and _alone(data, word.end()))


def _alone(data: bytes, at: int) -> bool:
    """Whether the line ends here."""
    return at >= len(data) or _BREAK.match(data, at) is not None


def _full(data: bytes, line: int, stop: int, begin: int, word: re.Match[bytes]) -> bool:
    """Whether the line could not have held the next word."""
    above = _NEWLINE.split(data[max(0, line - _WINDOW) : max(0, line - 1)])[1 if line > _WINDOW else 0 :]
    below = _NEWLINE.split(data[begin : begin + _WINDOW])
    below = below[: max(1, len(below) - 1)] if begin + _WINDOW < len(data) else below
    widest = max(map(_width, (*above, *below)))
    return _width(data[line:stop]) + _width(word[0]) >= _SLACK * widest


def _width(line: bytes) -> int:
    return len(line.decode("utf-8", "ignore"))
