"""Excel workbooks (SpreadsheetML, ECMA-376 part 1, clause 18).

Sheets in their order, hidden ones too (`sheet.py` reads their cells), each with its comments and drawings; then what
the workbook's names stand for, and where its data come from. Names of table columns and the cached values of charts
are no citations of their own: the cells say the same.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO

from preserve.documents.mention import Block, Mention, Nest
from preserve.documents.readers import drawingml
from preserve.documents.readers.ooxml import Parts, related, stem, unread
from preserve.documents.readers.sheet import Sheet, Strings, first_cell
from preserve.documents.readers.xmlwalk import Event
from preserve.documents.text import running
from preserve.errors import DocumentError
from preserve.model import Place

_SHEETS = ("worksheet", "chartsheet", "dialogsheet", "xlMacrosheet")
_CONNECTED = ("url", "connection", "command", "sourceFile", "post", "refreshedBy")
_COMMENTS = frozenset({"comment", "threadedComment"})
_THREADED = "tc="  # how the author of a comment begins that repeats a thread, for older programs


def read(file: BinaryIO, nest: Nest) -> Iterator[Block]:
    """Sheet by sheet: cells, comments, drawings; then names, connections and caches of the workbook."""
    parts = Parts(file, nest, "The workbook")
    main = parts.main("xl/workbook.xml")
    if main.endswith(".bin"):
        raise DocumentError(
            "The workbook is in Excel's binary format (.xlsb), which I cannot read.", "Save it as .xlsx."
        )
    yield from _Workbook(parts, main).blocks()
    yield from parts.rest()


class _Workbook:
    def __init__(self, parts: Parts, main: str) -> None:
        self._parts, self._main = parts, main
        self._strings = Strings()
        self._seen: set[str] = set()  # what its cells cite

    def blocks(self) -> Iterator[Block]:
        parts, main = self._parts, self._main
        sheets, names = self._overview()
        for part in parts.of_type(main, "sharedStrings"):
            try:
                self._strings.read(parts.events(part))
            except DocumentError as error:
                yield unread(Place(part=stem(part)), error)
        more = (part for part in parts.of_type(main, *_SHEETS) if part not in sheets)
        for part in (*sheets, *more):
            place = Place(sheet=sheets.get(part) or stem(part))
            for block in parts.guarded(Sheet(parts, part, place, self._strings).blocks(), place):
                yield replace(block, mentions=self._noted(block.mentions))
            yield from _beside(parts, part, place)
        yield from _names(names)
        yield from self._sources()

    def _noted(self, mentions: Iterable[Mention]) -> Iterator[Mention]:
        for mention in mentions:
            self._seen.add(mention.target)
            yield mention

    def _overview(self) -> tuple[dict[str, str], list[str]]:
        """The sheets in their order with their names, and what the workbook's own names stand for."""
        relations = self._parts.relations(self._main)
        sheets: dict[str, str] = {}
        names: list[str] = []
        inside = False
        for event in self._parts.events(self._main):
            if event.name == "definedName":
                inside = event.kind == "start"
                names += [""] if inside else []
            elif event.kind == "text" and inside:
                names[-1] += event.text
            elif event.kind == "start" and event.name == "sheet":
                sheet = related(event, relations)
                if sheet and not sheet.external:
                    sheets[sheet.target] = event.attributes.get("name", "")
        return sheets, names

    def _sources(self) -> Iterator[Block]:
        """Where its data come from: connections, queries, and the copies that pivot tables keep."""
        parts, main = self._parts, self._main
        for part in parts.of_type(main, "connections"):
            place = Place(part=stem(part))
            yield from parts.guarded(_attributes(parts.events(part), place, _CONNECTED, "link"), place)
        for part in parts.of_type(main, "customXml"):
            place = Place(part=stem(part))
            yield from parts.guarded(_custom(parts, part, place), place)
        for cache in parts.of_type(main, "pivotCacheDefinition"):
            for part in (cache, *parts.of_type(cache, "pivotCacheRecords")):
                place = Place(part=stem(part))
                for block in parts.guarded(_attributes(parts.events(part), place, ("v",), "text"), place):
                    new = tuple(mention for mention in block.mentions if mention.target not in self._seen)
                    if new or block.warning:
                        yield replace(block, mentions=new)


def _beside(parts: Parts, part: str, place: Place) -> Iterator[Block]:
    """The comments and drawings of a sheet."""
    threads = list(parts.of_type(part, "threadedComment"))
    for name in (*threads, *parts.of_type(part, "comments")):
        yield from parts.guarded(_comments(parts, name, place, threaded=bool(threads)), replace(place, part="comment"))
    for name in parts.of_type(part, "drawing"):
        yield from drawingml.read(parts, name, replace(place, part="drawing"))
    yield from drawingml.within(parts, part, place)


def _comments(parts: Parts, part: str, place: Place, *, threaded: bool) -> Iterator[Block]:
    authors: list[str] = []
    text: list[str] = []
    cell, inside, repeats = "", False, False
    for event in parts.events(part):
        name, starts = event.name, event.kind == "start"
        if event.kind == "text":
            text += [event.text] if inside else []
        elif name in ("author", "text"):
            inside, text = starts, [] if starts else text
            authors += ["".join(text)] if name == "author" and not starts else []
        elif name in _COMMENTS and starts:
            cell, text = first_cell(event.attributes.get("ref", "")), []
            author = event.attributes.get("authorId", "")
            known = author.isdecimal() and len(author) < 8 and int(author) < len(authors)
            repeats = threaded and known and authors[int(author)].startswith(_THREADED)
        elif name in _COMMENTS and not repeats and (said := "".join(text).encode()).strip():
            where = replace(place, cell=cell or None, part="comment")
            yield Block(said, tuple(running(said, role="annotation")), where)


def _names(names: list[str]) -> Iterator[Block]:
    for name in names:
        if mentions := tuple(running(name.encode())):
            yield Block(name.encode(), mentions, Place(part="names"))


def _attributes(events: Iterator[Event], place: Place, names: tuple[str, ...], role: str) -> Iterator[Block]:
    """The URLs in attributes of these names."""
    for event in events:
        for name in names if event.attributes else ():
            text = event.attributes.get(name, "").encode()
            if mentions := tuple(running(text, role=role)):
                yield Block(text, mentions, place)


def _custom(parts: Parts, part: str, place: Place) -> Iterator[Block]:
    """The queries of Power Query, a package in base64 (MS-QDEFF 2.2); or what a company's forms add."""
    root, text = "", []
    for event in parts.events(part):
        root = root or event.name
        text += [event.text] if event.kind == "text" else []
    if root != "DataMashup":
        yield from parts.values(part, place)
        return
    try:
        queries = base64.b64decode("".join(text))
    except (binascii.Error, ValueError):
        yield Block(place=place, warning="the queries cannot be read", unread=True)
        return
    size = int.from_bytes(queries[4:8], "little")
    yield from parts.nested(queries[8 : 8 + size], "queries.zip", place)
