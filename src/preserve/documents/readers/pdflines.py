"""The text of a PDF page in lines, with its geometry: what stands where, and what stands under a rectangle.

A PDF knows glyphs at positions, no words and no lines. pdfium puts them into lines in reading order; where it fails
at that, on pages that are mostly empty, they are put together anew.
"""

from __future__ import annotations

import ctypes
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from math import hypot, pi
from typing import Any

import pypdfium2.raw as pdfium

from preserve.documents.readers.pdforder import ordered

Rect = tuple[float, float, float, float]  # left, bottom, right, top

MAX_LOOKED_AT = 5_000  # lines for one rectangle; a page has a hundred
MAX_PIECE = 600  # characters under one rectangle; an anchor keeps 300
_BAND = 16.0  # points; lines are filed by height, so that a rectangle meets those near it
_MAX_BANDS = 1_000  # of one line, if it runs up the page
_MIDDLE = 0.25  # ems above the baseline, where the middle of a letter is
_SPACE = 0.2  # ems between two letters, where a line has to be put together anew
_LONELY = 0.3  # of all lines have one letter: where pdfium failed

_BREAK = re.compile("\r\n|[\ufffe\x02]")  # the latter two may be a hyphen at the end of a line
_CLEAN = str.maketrans({"\r": " ", "\n": " ", "\x00": "\ufffd", "\x02": "\ufffd", "\ufffe": "\ufffd"})


@dataclass(slots=True)
class Line:
    """A line of text. Its geometry is turned so that it runs to the right, whatever its direction on the page."""

    text: str
    indices: Sequence[int] = field(repr=False)  # pdfium's of each of its characters
    hyphen: bool = False  # it ends with a hyphen, and pdfium takes the next line for the rest of the word
    at: int = 0  # bytes of the page's text before it
    turn: int = 0  # quarters
    em: float = 1.0
    base: float = 0.0  # the height of its baseline
    left: float = 0.0
    right: float = 0.0
    places: array[float] | None = field(default=None, repr=False)  # left, right and baseline of each character

    def byte(self, char: int) -> int:
        return self.at + len(self.text[:char].encode())

    @property
    def begin(self) -> int:
        """Its first character that is not a space."""
        return len(self.text) - len(self.text.lstrip())

    @property
    def end(self) -> int:
        return len(self.text.rstrip())


class PageText:
    """The text of one page. To be used only while its text page is open."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._box, self._matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._placed_all = False
        count = max(pdfium.FPDFText_CountChars(handle), 0)
        buffer = (ctypes.c_ushort * (count + 1))()
        size = pdfium.FPDFText_GetText(handle, 0, count, buffer) if count else 1
        self.raw = bytes(buffer)[: 2 * max(size - 1, 0)].decode("utf-16-le", "replace")
        self._indices = self._numbered(count, max(size - 1, 0))
        self.lines = self._read()
        self.text = "\n".join(line.text for line in self.lines).encode()

    # Lines

    def _numbered(self, count: int, units: int) -> Sequence[int]:
        """pdfium's index of each character of `raw`: it counts UTF-16 units, and glyphs that have no text."""
        numbers: Sequence[int] = range(len(self.raw))
        if len(self.raw) != units:
            numbers = list(accumulate((2 if char > "\uffff" else 1 for char in self.raw[:-1]), initial=0))
        if count != units:
            numbers = [pdfium.FPDFText_GetCharIndexFromTextIndex(self._handle, number) for number in numbers]
        return numbers

    def _read(self) -> list[Line]:
        lines = list(self._split())
        if self._scrambled(lines):
            lines = list(self._assembled())
        at = 0
        for line in lines:
            line.text, line.indices = ordered(line.text, line.indices, self._edges)
            line.at = at
            at += len(line.text.encode()) + 1
        return lines

    def _split(self) -> Iterator[Line]:
        """The lines that pdfium made."""
        start = 0
        for match in (*_BREAK.finditer(self.raw), None):
            end = match.start() if match else len(self.raw)
            hyphen = bool(match and match[0] != "\r\n")
            if hyphen and pdfium.FPDFText_IsHyphen(self._handle, self._indices[end]) != 1:
                continue  # a glyph that is no letter
            text = self.raw[start:end].translate(_CLEAN) + ("-" if hyphen else "")
            yield Line(text, self._indices[start : start + len(text)], hyphen)
            start = match.end() if match else end

    def _scrambled(self, lines: list[Line]) -> bool:
        """Whether pdfium took the page for one of vertical writing, as it does where much of its width is empty: lines
        run into one another, or each letter is one."""
        if sum(len(line.text.strip()) == 1 for line in lines) > max(5, _LONELY * len(lines)):
            return True
        return any(self._bent(line) for line in lines if line.end - line.begin > 1)

    def _bent(self, line: Line) -> bool:
        first, last = line.indices[line.begin], line.indices[line.end - 1]
        a, b = self._origin(first), self._origin(last)
        em = self._em(first)
        return min(abs(a[0] - b[0]), abs(a[1] - b[1])) > 2 * em

    def _assembled(self) -> Iterator[Line]:
        """Lines of what stands on the same height one after the other, in the order of the page's content."""
        text, indices = "", list[int]()
        turn, em, base, reached = 0, 1.0, 0.0, 0.0
        for char, index in zip(self.raw, self._indices, strict=True):
            if char in "\r\n " and pdfium.FPDFText_IsGenerated(self._handle, index) == 1:
                continue
            left, right, height = self._placed(index, turn)
            if text and abs(height - base) > 0.5 * em:
                yield Line(text, indices)
                text, indices = "", []
            if not text:
                turn, em = self._turn(index), self._em(index)
                left, right, base = self._placed(index, turn)
            elif left - reached > _SPACE * em or reached - left > 2 * em:
                text, indices = text + " ", [*indices, index]
            hyphen = char in "\ufffe\x02" and pdfium.FPDFText_IsHyphen(self._handle, index) == 1
            text += "-" if hyphen else char.translate(_CLEAN)
            indices.append(index)
            reached = right
        yield Line(text, indices)

    def _edges(self, index: int) -> tuple[float, float]:
        return self._placed(index, 0)[:2]

    # Geometry

    def place(self) -> None:
        """Gives the lines that can be seen their geometry: for the few pages where it is asked for."""
        if not self._placed_all:
            self._placed_all = True
            for line in self.lines:
                if line.text.strip():
                    self._place(line)

    def _place(self, line: Line) -> None:
        first, last = line.indices[line.begin], line.indices[line.end - 1]
        middle = line.indices[(line.begin + line.end) // 2]
        line.turn = self._turn(middle)
        some = [(self._em(index), self._placed(index, line.turn)) for index in (middle, first, last)]
        line.em, (_, _, line.base) = max(some)  # the others may be superscript
        line.left, line.right = min(place[0] for _, place in some), max(place[1] for _, place in some)

    def _origin(self, index: int) -> tuple[float, float]:
        pdfium.FPDFText_GetCharOrigin(self._handle, index, self._x, self._y)
        return self._x.value, self._y.value

    def _turn(self, index: int) -> int:
        quarters: int = round(pdfium.FPDFText_GetCharAngle(self._handle, index) / (pi / 2))
        return quarters % 4

    def _em(self, index: int) -> float:
        """The size of its font on the page."""
        if not pdfium.FPDFText_GetMatrix(self._handle, index, self._matrix):
            return 1.0
        size = float(pdfium.FPDFText_GetFontSize(self._handle, index))
        return max(0.5, size * hypot(self._matrix.c, self._matrix.d))

    def _placed(self, index: int, turn: int) -> tuple[float, float, float]:
        """From where to where a character reaches along its line, and the height that it stands on."""
        box = self._box
        pdfium.FPDFText_GetLooseCharBox(self._handle, index, box)
        left, _, right, _ = _turned((box.left, box.bottom, box.right, box.top), turn)
        x, y = self._origin(index)
        return left, right, _turned((x, y, x, y), turn)[1]

    def _places(self, line: Line) -> array[float]:
        if line.places is None:
            line.places = places = array("f")
            if line.turn:
                for index in line.indices:
                    places.extend(self._placed(index, line.turn))
                return places
            # The same for nearly all lines, at twice the speed.
            handle, box, x, y = self._handle, self._box, self._x, self._y
            reach, stand = pdfium.FPDFText_GetLooseCharBox, pdfium.FPDFText_GetCharOrigin
            for index in line.indices:
                reach(handle, index, box)
                stand(handle, index, x, y)
                places.extend((box.left, box.right, y.value))
        return line.places

    def span(self, line: Line, begin: int, end: int) -> tuple[float, float]:
        """From where to where some characters of the line reach, along it."""
        places = self._places(line)
        return min(places[3 * begin : 3 * end : 3]), max(places[3 * begin + 1 : 3 * end : 3])

    def style(self, line: Line, char: int) -> tuple[object, ...]:
        """Colour, size and font of a character; a URL does not change them at the end of a line."""
        index = line.indices[char]
        colour = [ctypes.c_uint() for _ in range(4)]
        pdfium.FPDFText_GetFillColor(self._handle, index, *colour)
        name, flags = ctypes.create_string_buffer(64), ctypes.c_int()
        pdfium.FPDFText_GetFontInfo(self._handle, index, name, 64, flags)
        return (*(part.value for part in colour), round(self._em(index), 1), name.value)

    # What stands under rectangles

    def under(self, rects: Sequence[Rect]) -> list[tuple[int, int]]:
        """Stretches of the text, in bytes, one a line: the characters whose middle lies in one of the rectangles."""
        numbers = {number for rect in rects for number in self._near(rect)}
        found: list[tuple[int, int]] = []
        chars = 0
        for number in sorted(numbers)[:MAX_LOOKED_AT]:
            line = self.lines[number]
            stretch = self._within(line, [_turned(rect, line.turn) for rect in rects])
            if stretch:
                found.append((line.byte(stretch[0]), line.byte(stretch[1])))
                chars += stretch[1] - stretch[0]
            if chars > MAX_PIECE:
                break
        return found

    @cached_property
    def _bands(self) -> dict[int, list[int]]:
        """By height on the page, the numbers of the lines there."""
        self.place()
        bands: dict[int, list[int]] = {}
        for number, line in enumerate(self.lines):
            if not line.text.strip():
                continue
            whole = (line.left, line.base - line.em, line.right, line.base + line.em)
            _, low, _, high = _turned(whole, -line.turn)
            first = _band(low)
            for band in range(first, min(_band(high), first + _MAX_BANDS) + 1):
                bands.setdefault(band, []).append(number)
        return bands

    def _near(self, rect: Rect) -> Iterator[int]:
        for band in range(_band(rect[1]), _band(rect[3]) + 1):
            yield from self._bands.get(band, ())

    def _within(self, line: Line, rects: list[Rect]) -> tuple[int, int] | None:
        middle = _MIDDLE * line.em
        low, high = line.base - middle, line.base + line.em  # where the middles of its letters can be
        rects = [r for r in rects if r[0] < line.right and line.left < r[2] and r[1] < high and low < r[3]]
        if not rects:
            return None
        if any(a <= line.left and b <= low and line.right <= c and high <= d for a, b, c, d in rects):
            return line.begin, line.end  # all of it, as under the links that lie over a whole page
        places, hits = self._places(line), []
        for number, char in enumerate(line.text):
            left, right, base = places[3 * number : 3 * number + 3]
            x, y = (left + right) / 2, base + middle
            if not char.isspace() and any(a <= x <= c and b <= y <= d for a, b, c, d in rects):
                hits.append(number)
        return (hits[0], hits[-1] + 1) if hits else None

    def nearest(self, rect: Rect) -> int:
        """Where in the text something without text stands: at the end of the nearest line above."""
        self.place()
        near = (line for line in self.lines[:MAX_LOOKED_AT] if line.text.strip() and not line.turn)
        above = [line for line in near if line.base >= rect[3] - line.em]
        line = min(above, key=lambda line: line.base, default=None)
        return line.byte(len(line.text)) if line else 0


def _band(height: float) -> int:
    return int(min(max(height, -1e6), 1e6) // _BAND)


def _turned(box: Sequence[float], quarters: int) -> Rect:
    """A box after turning the page, so that what pdfium calls an angle of so many quarters runs to the right."""
    left, bottom, right, top = box
    match quarters % 4:
        case 1:  # runs downwards
            return (-top, left, -bottom, right)
        case 2:
            return (-right, -top, -left, -bottom)
        case 3:  # runs upwards
            return (bottom, -right, top, -left)
    return (left, bottom, right, top)
