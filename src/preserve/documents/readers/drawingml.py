"""DrawingML (ECMA-376 part 1, clauses 20 and 21): slides, notes, charts, SmartArt, and what floats over a sheet.

A link is a property of each of its runs, so a link with one bold word in it stands there three times: neighbouring
runs with the same target are one. A link on a whole shape, and a film that it plays, is named by the shape's text or
its description. Comments of slides and sheets have their text in elements of their own and come along here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from preserve.documents.mention import MAX_ANCHOR, Block
from preserve.documents.passage import Passage
from preserve.documents.readers.ooxml import Alternates, Parts, Relation, column, referred, stem
from preserve.documents.readers.xmlwalk import Event
from preserve.documents.text import running
from preserve.model import Place

_SHAPES = frozenset({"sp", "pic", "cxnSp", "graphicFrame", "grpSp", "contentPart"})
_LINKS = frozenset({"hlinkClick", "hlinkHover", "hlinkMouseOver"})
_ANCHORS = frozenset({"from", "to"})  # in a sheet: the cells that a drawing lies over
_GRAPHS = ("chart", "chartEx", "diagramData")


def read(parts: Parts, part: str, place: Place, role: str = "text") -> Iterator[Block]:
    """The paragraphs of one part, what its shapes cite, then the charts and the documents within it."""
    yield from parts.guarded(_Drawing(parts, part, place, role).blocks(), place)
    yield from within(parts, part, place)


def within(parts: Parts, part: str, place: Place) -> Iterator[Block]:
    """The charts, diagrams and documents of one part. Their own charts are none, so no depth can grow."""
    for graph in parts.of_type(part, *_GRAPHS):
        inner = replace(place, part=stem(graph), paragraph=None)
        yield from parts.guarded(_Drawing(parts, graph, inner, "text").blocks(), inner)
        yield from parts.documents(graph, replace(place, paragraph=None))
    yield from parts.documents(part, place)


@dataclass(slots=True)
class _Shape:
    text: str = ""
    label: str = ""
    cited: dict[str, str] = field(default_factory=dict)  # roles by target


class _Drawing:
    def __init__(self, parts: Parts, part: str, place: Place, role: str) -> None:
        self._parts, self._part, self._outer, self._role = parts, part, place, role
        self._place = place
        self._relations = parts.relations(part)
        self._alternates = Alternates()
        self._passage = Passage()
        self._number = 0  # of the paragraph
        self._shapes = [_Shape()]  # the first one stands for what is in no shape
        self._run: list[str] | None = None  # what the run links to; None between runs
        self._linked: list[str] = []  # what the text so far is linked to
        self._text = False  # inside an element of text
        self._cell: dict[str, str] | None = None  # column and row over which a drawing begins, while they are told
        self._axis = ""

    def blocks(self) -> Iterator[Block]:
        for event in self._parts.events(self._part):
            if event.kind == "start":
                self._start(event)
            elif event.kind == "end":
                yield from self._end(event)
            elif event.kind == "text":
                self._data(event.text)
        yield from self._paragraph()
        while self._shapes:
            yield from self._shape(self._shapes.pop())

    def _start(self, event: Event) -> None:
        name = event.name
        self._alternates.event(event)
        if name in _SHAPES:
            self._shapes.append(_Shape())
        elif name in ("p", "text"):
            self._number += not self._alternates.repeating
            self._text = name == "text"
        elif name in ("r", "fld"):
            self._run = []
        elif name == "t":
            self._text = True
        elif name == "br":
            self._data("\n", sure=True)
        elif name == "cNvPr":
            self._describe(event)
        elif name in _ANCHORS:
            self._cell = {}
        elif name == "absoluteAnchor":
            self._place = self._outer
        self._axis = name if name in ("col", "row") else ""
        for relation in referred(event, self._relations) if event.attributes and self._relations else ():
            self._refer(name, relation)

    def _end(self, event: Event) -> Iterator[Block]:
        name = event.name
        self._alternates.event(event)
        self._text = self._text and name not in ("t", "text")
        self._axis = ""
        if name in ("p", "text"):
            yield from self._paragraph()
        elif name in ("r", "fld"):
            self._run = None
        elif name in _SHAPES and len(self._shapes) > 1:
            yield from self._shape(self._shapes.pop())
        elif name in _ANCHORS:
            self._over(name)

    def _data(self, text: str, *, sure: bool = False) -> None:
        if self._axis and self._cell is not None:
            self._cell[self._axis] = text
        if not (self._text or sure):
            return
        run = self._run or []
        if run != self._linked:
            for _ in self._linked:
                self._passage.close()
            for target in run:
                self._passage.open(target, base=self._parts.base)
            self._linked = run
        self._passage.add(text)
        shape = self._shapes[-1]
        if len(shape.text) < MAX_ANCHOR:
            shape.text += text

    def _describe(self, event: Event) -> None:
        """A picture that was copied from a page has its address for a description."""
        shape = self._shapes[-1]
        shape.label = event.attributes.get("descr") or event.attributes.get("title") or shape.label
        for mention in running(shape.label.encode()) if "://" in shape.label else ():
            shape.cited.setdefault(mention.target, "image")

    def _refer(self, name: str, relation: Relation) -> None:
        if name in _LINKS and self._run is not None:
            if relation.target not in self._run:
                self._run.append(relation.target)
        else:
            self._shapes[-1].cited.setdefault(relation.target, relation.role)

    def _over(self, name: str) -> None:
        """Of a drawing in a sheet: its cell, the upper left one."""
        cell, self._cell = self._cell or {}, None
        if name == "from" and self._outer.sheet is not None:
            self._place = replace(self._outer, cell=_cell(cell.get("col", ""), cell.get("row", "")))

    def _paragraph(self) -> Iterator[Block]:
        self._linked, self._run = [], None
        for block in self._passage.blocks(self._at(self._number), self._role):
            if fresh := self._alternates.fresh(block):
                yield fresh
        if len(self._shapes[-1].text) < MAX_ANCHOR:
            self._shapes[-1].text += " "

    def _shape(self, shape: _Shape) -> Iterator[Block]:
        for target, role in shape.cited.items():
            if self._alternates.new(target):
                self._passage.cite(target, role, label=shape.text.strip() or shape.label, base=self._parts.base)
        yield from self._passage.blocks(self._at(None), self._role)

    def _at(self, paragraph: int | None) -> Place:
        return self._place if self._outer.sheet is not None else replace(self._place, paragraph=paragraph)


def _cell(over: str, row: str) -> str | None:
    """B7 of 1 and 6, as a drawing counts."""
    if not (over.isdecimal() and row.isdecimal() and len(over) < 6 and len(row) < 8):
        return None
    return f"{column(int(over) + 1)}{int(row) + 1}"
