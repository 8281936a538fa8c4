"""The cells of a sheet (SpreadsheetML, ECMA-376 part 1, 18.3).

A row is one stretch of text, so that the sentence around a URL is what stands beside it; its citations name their
cells. A URL that fills its cell is a link, as spreadsheets treat it. A link of a cell, a HYPERLINK formula and the
cell's own text are one citation where they are the same source.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from preserve.documents.mention import MAX_ANCHOR, Block, Mention, words
from preserve.documents.place import around, sentence
from preserve.documents.readers import formula
from preserve.documents.readers.ooxml import Parts, Relations, address, column, related
from preserve.documents.readers.xmlwalk import Event, walk
from preserve.documents.text import running
from preserve.documents.url import identity
from preserve.model import Place

ROW = 1 << 20  # bytes of one row that are read at once; Excel itself allows rows of 512 MiB
_COMPARED = 16  # links of a cell that are compared with its text; Excel allows one
_BLANKS = 64  # white space around a URL that fills its cell

_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
_CONTROL = re.compile(r"_x([0-9A-Fa-f]{4})_")  # ST_Xstring: a character that XML cannot hold, by its number
_SHEET_DATA = re.compile(rb"</(?:[\w.-]++:)?sheetData\s*>|<(?:[\w.-]++:)?sheetData\s*/>")
# &L&"Arial,Bold"&12&K00FF00: where a header stands and how it looks; && is an ampersand.
_LOOKS = re.compile(r'&(?:"[^"]*+"?|\d{1,3}|[kK][0-9A-Fa-f+-]{6}|([&])|([lcrLCR])|[A-Za-z])')
_HEADERS = frozenset({"oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"})
_RULES = frozenset({"formula1", "formula2", "formula"})  # of validation and conditional formats
_MESSAGES = ("prompt", "promptTitle", "error", "errorTitle")


class Strings:
    """The texts that cells share: a million of them in two pieces of memory."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._starts = array("Q")

    def read(self, events: Iterator[Event]) -> None:
        phonetic, text = 0, False
        for event in events:
            kind, name = event.kind, event.name
            if kind == "text":
                if text:
                    self._text += plain(event.text)
            elif name == "t":
                text = kind == "start" and not phonetic
            elif name == "si":
                if kind == "start":
                    self._starts.append(len(self._text))
            elif name == "rPh":  # how it is pronounced
                phonetic += 1 if kind == "start" else -1

    def get(self, index: str) -> bytes:
        number = int(index) if index.isdecimal() and len(index) < 10 else len(self._starts)
        if number >= len(self._starts):
            return b""
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self._text)
        return bytes(self._text[self._starts[number] : end])


@dataclass(frozen=True, slots=True)
class _Link:
    """What a cell cites otherwise than by its text."""

    role: str
    written: str
    target: str
    label: str = ""
    confidence: str = "certain"
    changes: tuple[str, ...] = ()

    @property
    def partial(self) -> bool:
        """Only the beginning of the URL is known."""
        return "shortened" in self.changes

    def says(self, mention: Mention) -> bool:
        """Whether the cell's text repeats it."""
        if self.partial:
            return False
        if "shortened" in mention.changes:
            return self.target.startswith(mention.target)
        return mention.target == self.target or identity(mention.target) == (identity(self.target) or self.target)


@dataclass(slots=True)
class _Row:
    """The cells of a row that have text or cite."""

    base: str
    text: bytearray = field(default_factory=bytearray)
    starts: list[int] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    links: dict[int, list[_Link]] = field(default_factory=dict)  # by index of the cell

    def add(self, cell: str, text: bytes, links: list[_Link]) -> None:
        if links:
            self.links[len(self.cells)] = links
        self.starts.append(len(self.text))
        self.cells.append(cell)
        self.text += text + b"\t"

    def block(self, place: Place) -> Block:
        text = bytes(self.text)
        return Block(text, self._mentions(text), replace(place, cell=self.cells[0]))

    def _mentions(self, text: bytes) -> Iterator[Mention]:
        """One by one: a cell may hold a megabyte of URLs, and be shown in a million places."""
        completed: set[tuple[int, _Link]] = set()
        yield from (self._linked(index, link, text) for index, link in self._links() if not link.partial)
        for mention in running(text):
            index = bisect_right(self.starts, mention.start) - 1
            links = self.links.get(index, ())[:_COMPARED]
            completed.update((index, link) for link in links if link.partial and mention.target.startswith(link.target))
            if not any(link.says(mention) for link in links):
                yield self._written(index, mention, text)
        for index, link in self._links():
            if link.partial and (index, link) not in completed:
                yield self._linked(index, link, text)

    def _links(self) -> Iterator[tuple[int, _Link]]:
        return ((index, link) for index, links in self.links.items() for link in links)

    def _end(self, index: int) -> int:
        return (self.starts[index + 1] if index + 1 < len(self.starts) else len(self.text)) - 1

    def _written(self, index: int, mention: Mention, text: bytes) -> Mention:
        start, end = self.starts[index], self._end(index)
        alone = mention.start - start + end - mention.end <= _BLANKS
        if alone and text[start:end].strip() == mention.written.encode() and mention.confidence == "likely":
            mention = replace(mention, role="link", confidence="certain", anchor=words(mention.written))
        return replace(mention, place=Place(cell=self.cells[index]))

    def _linked(self, index: int, link: _Link, text: bytes) -> Mention:
        start, end = self.starts[index], self._end(index)
        shown = words(text[start : min(end, start + 4 * MAX_ANCHOR)].decode("utf-8", "ignore"))
        before, after = around(text, start, end)
        return Mention(
            start, link.role, link.written, link.target, shown or words(link.label), sentence(before, shown, after),
            link.confidence, link.changes, self.base, Place(cell=self.cells[index]), end,
        )  # fmt: skip


class Sheet:
    """One sheet, event after event."""

    def __init__(self, parts: Parts, part: str, place: Place, strings: Strings) -> None:
        self._parts, self._part, self._place, self._strings = parts, part, place, strings
        self._links: dict[str, list[_Link]] = {}  # by cell
        self._shared: dict[str, list[_Link]] = {}  # of formulas that cells share, by number
        self._row = _Row(parts.base)
        self._number = 0  # of the row
        self._cell, self._type = "", ""  # of the cell that was begun last in this row
        self._inside = self._phonetic = False  # a cell; what says how its text is pronounced
        self._reading: list[str] | None = None  # the text of the element that is open
        self._element = self._group = ""
        self._value = self._inline = ""
        self._cited: list[_Link] = []  # by the formula of this cell
        self._about = ""  # the cell that a rule is about
        self._asides: list[Block] = []

    def blocks(self) -> Iterator[Block]:
        """Its rows, then the links of empty cells, rules, headers and footers."""
        data = self._parts.read(self._part)
        self._look_up(data)
        for event in walk(data, what=f"The sheet {self._place.sheet}"):
            if event.kind == "text":
                if self._reading is not None:
                    self._reading.append(event.text)
            elif event.kind == "start":
                self._start(event)
            elif event.kind == "end":
                self._end(event.name)
                if event.name == "row" or len(self._row.text) > ROW:
                    yield from self._flushed()
        yield from self._flushed()
        for cell, links in self._links.items():
            self._row.add(cell, b"", links)
            yield from self._flushed()
        yield from self._asides

    def _look_up(self, data: bytes) -> None:
        """The links of cells stand behind the cells."""
        relations = self._parts.relations(self._part)
        end = _SHEET_DATA.search(data)
        for event in walk(b"<_>" + data[end.start() :] if end else data):
            if event.kind == "start" and event.name == "hyperlink":
                self._hyperlink(event, relations)

    def _hyperlink(self, event: Event, relations: Relations) -> None:
        relation, place = related(event, relations), event.attributes.get("location", "")
        target = address(relation.target if relation else "", place)
        label = event.attributes.get("display") or event.attributes.get("tooltip") or ""
        cell = first_cell(event.attributes.get("ref", ""))
        if target:
            self._links.setdefault(cell, []).append(_Link("link", target, target, label))

    def _start(self, event: Event) -> None:
        name, attributes = event.name, event.attributes
        if name == "c":
            written = _CELL.fullmatch(attributes.get("r", ""))
            self._cell = written[1] + written[2] if written else self._next()
            self._type = attributes.get("t", "n")
            self._inside, self._cited = True, []
            self._value = self._inline = ""
        elif name in ("v", "t", "f") or name in _RULES or name in _HEADERS:
            self._reading, self._element = [], name
            self._group = attributes.get("si", "")
        elif name == "row":
            number = attributes.get("r", "")
            self._number = int(number) if number.isdecimal() and len(number) < 8 else self._number + 1
            self._cell = ""
        elif name == "rPh":
            self._phonetic = True
        elif "sqref" in attributes:
            self._about = first_cell(attributes["sqref"])
            for message in _MESSAGES:
                self._aside(attributes.get(message, ""), "validation", "annotation")

    def _end(self, name: str) -> None:
        if name == self._element and self._reading is not None:
            self._text(name, "".join(self._reading))
            self._reading = None
        elif name == "c":
            self._end_cell()
        elif name == "rPh":
            self._phonetic = False

    def _text(self, name: str, text: str) -> None:
        if name == "v":
            self._value = text
        elif name == "t":
            self._inline += "" if self._phonetic else text
        elif name == "f" and self._inside:
            self._formula(text)
        elif name in _HEADERS:
            self._aside(_LOOKS.sub(_unlooked, text), "header", "header")
        else:
            self._aside(text, "validation", "text")

    def _formula(self, text: str) -> None:
        """A shared one is written once, and named by a number elsewhere."""
        if self._group and not text:
            self._cited = self._shared.get(self._group, [])
            return
        self._cited = [
            _Link(
                one.role, one.written, one.target, one.label,
                "guess" if not one.whole else "likely" if one.role == "text" else "certain",
                ("shortened",) if not one.whole else () if one.written == one.target else ("unescaped",),
            )
            for one in formula.cited(text)
        ]  # fmt: skip
        if self._group:
            self._shared[self._group] = self._cited

    def _end_cell(self) -> None:
        self._inside = False
        links = self._links.pop(self._cell, []) if self._links else []
        if self._cited:
            known = {link.target for link in links}
            links = [*links, *(one for one in self._cited if one.target not in known)]
        if self._type == "s":
            text = self._strings.get(self._value)
        elif self._type == "inlineStr":
            text = plain(self._inline)
        elif self._type in ("str", "d") or links:  # of numbers, what they are shown as is known to Excel alone
            text = plain(self._value)
        else:
            return
        if text or links:
            self._row.add(self._cell, text, links)

    def _next(self) -> str:
        """The cell behind the last one, of a sheet that does not name them."""
        last = _CELL.fullmatch(self._cell)
        number = 0
        for letter in last[1] if last else "":
            number = number * 26 + ord(letter) - ord("A") + 1
        return f"{column(number + 1)}{max(1, self._number)}"

    def _flushed(self) -> Iterator[Block]:
        if self._row.cells:
            self._parts.spend(len(self._row.text))
            yield self._row.block(self._place)
            self._row = _Row(self._parts.base)

    def _aside(self, text: str, part: str, role: str) -> None:
        if text and (mentions := tuple(running(text.encode("utf-8", "replace"), role=role))):
            cell = self._about if part == "validation" else ""
            place = replace(self._place, part=part, cell=cell or None)
            self._asides.append(Block(text.encode("utf-8", "replace"), mentions, place))


def first_cell(reference: str) -> str:
    """B7 of `$B$7:C9 D1`; "" of what is no reference."""
    found = _CELL.match(reference.strip().upper())
    return found[1] + found[2] if found else ""


def plain(text: str) -> bytes:
    """A cell's text as UTF-8, with the characters that XML cannot hold."""
    if "_x" in text:
        text = _CONTROL.sub(lambda found: chr(int(found[1], 16)), text)
    return text.encode("utf-8", "replace")


def _unlooked(found: re.Match[str]) -> str:
    return "&" if found[1] else "\n" if found[2] else ""
