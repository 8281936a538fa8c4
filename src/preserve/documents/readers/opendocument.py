"""OpenDocument, the files of LibreOffice and its kin: texts, spreadsheets, presentations and drawings, templates of
them, as a package or as one flat XML file (ODF 1.3, part 3).

Paragraphs of a text are counted as a reader sees them: what hangs on a paragraph, a note, a comment or a text box, has
its number. A cell that is repeated is there as often as it is seen. Nothing is run: of event listeners only those that
open an address are links. What a tracked change has taken out is still in the file, and is reported as an annotation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from preserve.documents.mention import MAX_ANCHOR, Block, Nest
from preserve.documents.passage import Passage
from preserve.documents.readers import fieldcode
from preserve.documents.readers.package import MAX_MEMBER, Package
from preserve.documents.readers.xmlwalk import walk
from preserve.errors import DocumentError
from preserve.model import Place

# A column filled with one address is written once, with a count: a list of that length a person made, a longer one
# fills the sheet, which has 1,048,576 rows.
MAX_REPEATED = 1000
_DIGITS = 7  # of the largest number of rows or columns

# By `space:name`, the space being the middle of its URN.
_UNREAD = frozenset({
    "office:binary-data", "office:scripts", "text:script", "text:note-citation", "text:ruby-text",
})  # fmt: skip
# Text in these is no text of the paragraph that they stand in.
_APART = frozenset({"drawing", "svg-compatible", "office", "table", "form", "dr3d", "dc"})
_NOT_SHAPES = frozenset({"page", "image", "object", "object-ole", "plugin", "applet", "floating-frame", "text-box"})
_MARGINS = (
    "header", "header-left", "header-first", "footer", "footer-left", "footer-first", "master-page", "handout-master",
)  # fmt: skip
_WHITE = {"text:s": " ", "text:tab": "\t", "text:line-break": "\n"}
# What an xlink:href is; of all others a link.
_ROLES = {
    "image": "image", "background-image": "image", "fill-image": "image", "list-level-style-image": "image",
    "image-data": "image", "object": "embed", "object-ole": "embed", "plugin": "embed", "applet": "embed",
    "floating-frame": "embed", "section-source": "embed", "table-source": "embed", "cell-range-source": "embed",
    "sound": "embed", "audio": "embed", "template": "header", "auto-reload": "header",
}  # fmt: skip
_UNCITED = frozenset({"script:event-listener", "svg-compatible:font-face-uri", "svg-compatible:definition-src"})
_PROGRAMS = frozenset({"generator", "document-statistic"})
_FIELDS = ("label", "current-value", "value")  # what a form shows
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
# The strings of a formula, and the functions whose first argument is an address.
_FORMULA = re.compile(r"\b(HYPERLINK|WEBSERVICE)\s*\(\s*|\"((?:[^\"]|\"\")*+)\"?(\s*&)?", re.I)

Attributes = Mapping[str, str]
End = Callable[[], None] | None


def read(file: BinaryIO, nest: Nest) -> Iterator[Block]:
    """Content, then headers and footers, then properties, then the objects within."""
    magic = file.read(2)
    file.seek(0)
    if magic != b"PK":
        yield from _Content().read(_flat(file))
        return
    package = Package(file, nest, "The document")
    if b"encryption-data" in package.get("META-INF/manifest.xml"):
        raise DocumentError("The document is encrypted.", "Save it without a password and give me that.")
    for name in ("content.xml", "styles.xml", "meta.xml"):
        if name in package or name == "content.xml":
            yield from _part(package, name, Place())
    for name in package.names:
        folder, _, base = name.rpartition("/")
        if folder and base in ("content.xml", "styles.xml"):
            yield from _part(package, name, Place(part=folder))


def _flat(file: BinaryIO) -> bytes:
    data = file.read(MAX_MEMBER + 1)
    if len(data) > MAX_MEMBER:
        raise DocumentError(f"The document is larger than {MAX_MEMBER >> 20} MiB.", "Save it without its pictures.")
    return data


def _part(package: Package, name: str, outer: Place) -> Iterator[Block]:
    try:
        for block in _Content(package).read(package.pieces(name)):
            yield replace(block, place=block.place.within(outer)) if outer.part else block
    except DocumentError as error:
        if name == "content.xml":
            raise
        yield Block(place=Place(part=name), warning=error.message.removeprefix("The document: ")[:-1], unread=True)


@dataclass(frozen=True, slots=True)
class _Here:
    """What holds within an element."""

    place: Place
    role: str = "text"
    heard: bool = False  # text is text of the paragraph
    cell: bool = False  # paragraphs are lines of a cell


@dataclass(slots=True)
class _Shape:
    """A picture, box or drawing: what it cites is called by its title, its description or its text."""

    cites: list[tuple[str, str]] = field(default_factory=list)
    label: str = ""
    said: str = ""


@dataclass(slots=True)
class _Table:
    """Where in a sheet we are."""

    name: str
    row: int = 1
    rows: int = 0  # how often the row is there
    column: int = 1
    cells: list[tuple[int, int, list[Block]]] = field(default_factory=list)  # of the row


class _Content:
    """One XML document: its events become blocks."""

    def __init__(self, package: Package | None = None) -> None:
        self._package = package  # None: a flat file
        self._here = _Here(Place())
        self._open: list[tuple[_Here, End]] = []  # for each open element: what held before it, and what its end does
        self._unread = 0  # elements open in one that is not read
        self._passages: list[Passage] = []  # of the paragraphs open
        self._shapes: list[_Shape] = []
        self._labels: list[str] | None = None  # a title or description being read
        self._ready: list[Block] = []
        self._hanging: list[Block] = []  # on the outermost paragraph
        self._body = ""
        self._paragraph = self._page = 0
        self._table = _Table("")
        self._lines = 0  # of the cell

    def read(self, data: bytes | Iterable[bytes]) -> Iterator[Block]:
        for event in walk(data, what="The document"):
            if self._unread:
                self._unread += (event.kind == "start") - (event.kind == "end")
            elif event.kind == "start":
                self._start(_space(event.space), event.name, event.attributes)
            elif event.kind == "end":
                self._end()
            elif event.kind == "text":
                self._text(event.text)
            if self._ready:
                yield from self._taken()
        while self._open:  # it breaks off
            self._end()
        yield from self._taken()

    def _taken(self) -> list[Block]:
        ready, self._ready = self._ready, []
        return ready

    def _start(self, space: str, name: str, attributes: Attributes) -> None:
        key = f"{space}:{name}"
        if key in _UNREAD:
            self._unread = 1
            return
        before = self._here
        if space in _APART and (before.heard or before.cell):
            self._here = _Here(before.place, before.role)
        elif key in _WHITE and before.heard:
            self._text(_WHITE[key])
        begin = _BEGIN.get(key)
        if begin:
            end = begin(self, attributes)
        elif space == "drawing" and name not in _NOT_SHAPES:
            end = self._begin_shape(key, attributes)
        elif space == "form":
            end = self._begin_field(key, attributes)
        elif before.place.part == "meta.xml" and not self._passages and name not in _PROGRAMS:
            end = self._passage()
            self._cited(key, attributes)
        else:
            end = None
            self._cited(key, attributes)
        self._open.append((before, end))

    def _end(self) -> None:
        if self._open:
            self._here, end = self._open.pop()
            if end:
                end()

    def _text(self, text: str) -> None:
        if self._labels is not None:
            self._labels.append(text)
        elif self._here.heard and self._passages:
            self._passages[-1].add(text)
            if self._shapes and len(self._shapes[-1].said) < MAX_ANCHOR:
                self._shapes[-1].said += text[:MAX_ANCHOR]

    # Paragraphs, and what hangs on them

    def _begin_paragraph(self, attributes: Attributes) -> End:
        if self._here.cell:
            self._here = _Here(self._here.place, self._here.role, heard=True)
            if self._lines:
                self._passages[-1].add("\n")
            self._lines += 1
            return None
        if self._body == "text" and not self._passages and self._here.place.part is None:
            self._paragraph += 1
        return self._passage()

    def _passage(self) -> End:
        """Text from here on is a paragraph of its own, until what is returned is called."""
        passage, role, place = Passage(), self._here.role, self._at(self._paragraph)
        self._passages.append(passage)
        self._here = _Here(self._here.place, role, heard=True)

        def end() -> None:
            self._passages.pop()
            self._done(passage.blocks(place, role))

        return end

    def _at(self, paragraph: int) -> Place:
        return replace(self._here.place, paragraph=paragraph or None) if self._body == "text" else self._here.place

    def _done(self, blocks: Iterable[Block]) -> None:
        """The outer paragraph comes first."""
        if self._passages:
            self._hanging += blocks
        else:
            self._ready += blocks
            self._ready += self._hanging
            self._hanging = []

    def _within(self, role: str = "", **place: str | int | None) -> None:
        """What holds from here on."""
        here = replace(self._here.place, **place)  # type: ignore[arg-type]  # fields of a place
        self._here = _Here(here, role or self._here.role)

    def _begin_note(self, attributes: Attributes) -> None:
        self._within("footnote", part=f"{attributes.get('note-class', 'footnote')}s")

    def _begin_page(self, attributes: Attributes) -> None:
        self._page += 1
        here = Place(page=self._page) if self._body == "drawing" else Place(slide=self._page)
        self._here = _Here(here)

    # Links

    def _begin_link(self, attributes: Attributes, href: str = "href", role: str = "link") -> End:
        target = self._target(attributes.get(href, ""), role)
        if not (target and self._passages):
            return None
        passage = self._passages[-1]
        label = attributes.get("title") or attributes.get("name") or ""
        passage.open(target, role, written=attributes[href], label=label)
        return passage.close

    def _begin_mark(self, attributes: Attributes) -> None:
        """Where a reference manager cites works, their data are the name of the mark."""
        for role, _, target in fieldcode.cited(f"ADDIN {attributes.get('name', '')}"):
            self._cite(target, role)

    def _cited(self, key: str, attributes: Attributes, label: str = "") -> None:
        href = attributes.get("href")
        role = _ROLES.get(key.partition(":")[2], "link")
        target = self._target(href, role) if href and key not in _UNCITED else ""
        if target and self._shapes:
            self._shapes[-1].cites.append((target, role))
        elif target:
            self._cite(target, role, label)

    def _cite(self, target: str, role: str, label: str = "") -> None:
        if self._passages:
            self._passages[-1].cite(target, role, label=label)
            return
        passage = Passage()
        passage.cite(target, role, label=label)
        place = self._here.place
        self._done(passage.blocks(place if place.part else self._at(self._paragraph + 1), self._here.role))

    def _target(self, href: str, role: str) -> str:
        """Where it leads, "" when that is in the package. From there, `..` is the folder that the document is in."""
        if _SCHEME.match(href):
            return href if role != "header" or "://" in href else ""
        if self._package and href.startswith("../"):
            return href[3:] if role != "header" else ""
        if role in ("link", "bibliography"):
            inner = self._package and href.removeprefix("./").partition("#")[0] in self._package
            return "" if inner else href
        return "" if self._package or href.startswith("#") else href

    # Shapes and forms

    def _begin_shape(self, key: str, attributes: Attributes) -> End:
        shape = _Shape(label=attributes.get("title", "") if key == "drawing:a" else "")
        self._shapes.append(shape)
        self._cited(key, attributes)
        return self._end_shape

    def _end_shape(self) -> None:
        shape = self._shapes.pop()
        label = shape.label or shape.said
        for target, role in shape.cites:
            self._cite(target, role, label)
        if self._shapes:
            outer = self._shapes[-1]
            outer.label = outer.label or shape.label
            outer.said = outer.said or shape.said

    def _begin_label(self, attributes: Attributes) -> End:
        said: list[str] = []
        self._labels = said

        def end() -> None:
            self._labels = None
            if self._shapes:
                self._shapes[-1].label = self._shapes[-1].label or "".join(said)

        return end

    def _begin_field(self, key: str, attributes: Attributes) -> End:
        self._cited(key, attributes, attributes.get("label", ""))
        shown = Passage()
        shown.add("\n".join(attributes[name] for name in _FIELDS if name in attributes))
        self._done(shown.blocks(self._here.place, self._here.role))
        return None

    # Sheets

    def _begin_table(self, attributes: Attributes) -> None:
        if self._body == "spreadsheet":
            self._table = _Table(attributes.get("name", ""))
            self._within(sheet=self._table.name, cell=None)

    def _begin_row(self, attributes: Attributes) -> End:
        self._table.rows = _count(attributes, "number-rows-repeated")
        self._table.column = 1
        return self._end_row

    def _end_row(self) -> None:
        table = self._table
        cells, table.cells = table.cells, []
        for column, columns, blocks in cells:
            self._ready += blocks
            if columns * table.rows > 1 and any(block.mentions for block in blocks):
                self._repeat(column, columns, blocks)
        table.row += table.rows

    def _repeat(self, column: int, columns: int, blocks: list[Block]) -> None:
        """A cell once more for each time that it is there."""
        first, rows = self._table.row, self._table.rows
        for again in range(1, min(columns * rows, MAX_REPEATED)):
            down, across = divmod(again, columns)
            cell = f"{_letters(column + across)}{first + down}"
            self._ready += (replace(one, place=replace(one.place, cell=cell)) for one in blocks)
        if columns * rows > MAX_REPEATED:
            warning = f"fills {columns * rows:,} cells, of which {MAX_REPEATED:,} are listed"
            self._ready.append(Block(place=blocks[0].place, warning=warning))

    def _begin_cell(self, attributes: Attributes) -> End:
        if self._body != "spreadsheet":
            return None
        table, passage = self._table, Passage()
        column, columns = table.column, _count(attributes, "number-columns-repeated")
        table.column += columns
        place = Place(sheet=table.name, cell=f"{_letters(column)}{table.row}")
        self._here, self._lines = _Here(place, self._here.role, cell=True), 0
        self._passages.append(passage)
        for function, address in _addresses(attributes.get("formula", "")):
            if function == "HYPERLINK":
                passage.open(address)
            else:
                passage.cite(address, "embed")

        def end() -> None:
            if not self._lines:
                passage.add(attributes.get("string-value", ""))
            self._passages.pop()
            blocks = [*passage.blocks(place), *self._hanging]
            self._hanging = []
            if blocks:
                table.cells.append((column, columns, blocks))

        return end


def _space(urn: str) -> str:
    """`text` of urn:oasis:names:tc:opendocument:xmlns:text:1.0, `dc` of Dublin Core."""
    if urn.startswith("urn:"):
        return urn.split(":")[-2] if urn.count(":") > 1 else urn
    return "dc" if urn.startswith("http://purl.org/dc/") else urn


def _count(attributes: Attributes, name: str) -> int:
    said = attributes.get(name, "1")
    return max(1, int(said)) if said.isdecimal() and len(said) <= _DIGITS else 1


def _letters(column: int) -> str:
    """AB of 28."""
    letters = ""
    while column > 0:
        column, digit = divmod(column - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def _addresses(formula: str) -> Iterator[tuple[str, str]]:
    """Function and address of every call whose address stands in the formula; one that is put together does not."""
    function, at = "", -1
    for token in _FORMULA.finditer(formula) if '"' in formula else ():
        if token[1]:
            function, at = token[1].upper(), token.end()
        elif token.start() == at and token[2] and not token[3]:
            yield function, token[2].replace('""', '"')


Begin = Callable[[_Content, Attributes], End]


def _body(name: str) -> Begin:
    def begin(content: _Content, attributes: Attributes) -> None:
        content._body = name

    return begin


def _margin(name: str) -> Begin:
    return lambda content, attributes: content._within("header", part=name)


_BEGIN: Mapping[str, Begin] = {
    "text:p": _Content._begin_paragraph,
    "text:h": _Content._begin_paragraph,
    "text:a": _Content._begin_link,
    "text:bibliography-mark": lambda content, attributes: content._begin_link(attributes, "url", "bibliography"),
    "text:bibliography": lambda content, attributes: content._within("bibliography"),
    "text:note": _Content._begin_note,
    "office:annotation": lambda content, attributes: content._within("annotation", part="comments"),
    "text:tracked-changes": lambda content, attributes: content._within("annotation", part="changes"),
    "table:tracked-changes": lambda content, attributes: content._within("annotation", part="changes"),
    "text:reference-mark": _Content._begin_mark,
    "text:reference-mark-start": _Content._begin_mark,
    "office:meta": lambda content, attributes: content._within("header", part="meta.xml"),
    "office:forms": lambda content, attributes: content._within(part="forms"),
    "presentation:notes": lambda content, attributes: content._within(part="notes"),
    "drawing:page": _Content._begin_page,
    "svg-compatible:title": _Content._begin_label,
    "svg-compatible:desc": _Content._begin_label,
    "table:table": _Content._begin_table,
    "table:table-row": _Content._begin_row,
    "table:table-cell": _Content._begin_cell,
    "table:covered-table-cell": _Content._begin_cell,
    **{f"office:{name}": _body(name) for name in ("text", "spreadsheet", "presentation", "drawing", "chart")},
    **{f"style:{name}": _margin(name) for name in _MARGINS},
}
