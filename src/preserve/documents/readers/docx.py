"""Word documents (WordprocessingML, ECMA-376 part 1, clause 17).

Paragraphs are counted through a whole part, in the order in which they begin, those of tables and text boxes too. What
a reader sees is text: the newest version of tracked changes. A link or URL that only an older version has is still in
the file; it is reported as an annotation. What Word stores for its own use (the cached list of links, the values of
bound content controls) is no second citation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from preserve.documents.mention import Block, Nest
from preserve.documents.passage import Passage
from preserve.documents.readers import drawingml, fieldcode, html
from preserve.documents.readers.ooxml import Alternates, Parts, address, referred, related, stem
from preserve.documents.readers.xmlwalk import Event
from preserve.documents.text import running
from preserve.model import Place

_STORIES = {
    "footnotes": "footnote", "endnotes": "footnote", "comments": "annotation", "header": "header", "footer": "header",
}  # fmt: skip
_OLD, _NEW = frozenset({"del", "moveFrom"}), frozenset({"ins", "moveTo"})  # changes that are tracked
_DRAWINGS = frozenset({"drawing", "pict", "object"})
_TEXTS = frozenset({"t", "delText"})
_CODES = frozenset({"instrText", "delInstrText"})
# A hyphen where no line may break is a hyphen; one that is shown only where a line breaks is found and named as such.
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "\u00ad"}


def read(file: BinaryIO, nest: Nest) -> Iterator[Block]:
    """The body, then notes, comments, headers and footers, charts, documents within, bibliography, properties."""
    parts = Parts(file, nest, "The document")
    main = parts.main("word/document.xml")
    yield from _Story(parts, main, Place(), "text").blocks()
    stories = [(part, role) for kind, role in _STORIES.items() for part in parts.of_type(main, kind)]
    for part, role in stories:
        place = Place(part=stem(part))
        yield from parts.guarded(_Story(parts, part, place, role).blocks(), place)
    for part in (main, *(part for part, _ in stories)):
        yield from drawingml.within(parts, part, Place(part=None if part == main else stem(part)))
    for part in parts.of_type(main, "customXml"):
        place = Place(part=stem(part))
        yield from parts.guarded(_custom(parts, part, place), place)
    yield from parts.rest()


def _custom(parts: Parts, part: str, place: Place) -> Iterator[Block]:
    """The sources of the bibliography; or the properties that a company's forms add."""
    root = next((event.name for event in parts.events(part) if event.kind == "start"), "")
    yield from parts.values(part, place, "bibliography" if root == "Sources" else "header")


@dataclass(slots=True)
class _Field:
    """A field between its beginning and its end, which may be paragraphs apart."""

    code: list[str] = field(default_factory=list)
    targets: set[str] = field(default_factory=set)
    within: _Paragraph | None = None  # where it opened a link


@dataclass(slots=True)
class _Link:
    target: str
    written: str
    label: str


class _Paragraph:
    """A paragraph as it is, and as it was before the changes that are tracked in it."""

    def __init__(self, number: int | None, base: str, *, repeated: bool = False) -> None:
        self.number, self.repeated, self._base = number, repeated, base
        self._versions = (Passage(), Passage())
        self._opened = [0, 0]  # how many of the links are open in each: a link is opened by its first text
        self._links: list[_Link] = []
        self._changed = False

    def add(self, text: str, old: int, new: int) -> None:
        for index in self._shown(old, new):
            self._open(index)
            self._versions[index].add(text)

    def cite(self, target: str, role: str, written: str, label: str, old: int, new: int) -> None:
        for index in self._shown(old, new):
            self._open(index)
            self._versions[index].cite(target, role, written=written, label=label, base=self._base)

    def open(self, target: str, written: str, label: str) -> None:
        self._links.append(_Link(target, written, label))

    def describe(self, label: str) -> None:
        """What the picture shows that may be all there is of the innermost link."""
        if self._links and not self._links[-1].label:
            self._links[-1].label = label

    def linked(self, target: str) -> bool:
        return bool(self._links) and self._links[-1].target == target

    def close(self, old: int, new: int) -> None:
        if not self._links:
            return
        if not any(count == len(self._links) for count in self._opened):  # a link without text
            for index in self._shown(old, new):
                self._open(index)
        for index, passage in enumerate(self._versions):
            if self._opened[index] == len(self._links):
                passage.close()
                self._opened[index] -= 1
        self._links.pop()

    def blocks(self, place: Place, role: str) -> Iterator[Block]:
        """It as it is, and what only its older version cites."""
        now, before = self._versions
        targets = set()
        for block in now.blocks(place, role):
            targets = {mention.target for mention in block.mentions}
            yield block
        for block in before.blocks(place, "annotation") if self._changed else ():
            gone = tuple(mention for mention in block.mentions if mention.target not in targets)
            if gone:
                yield replace(block, mentions=gone)

    def _shown(self, old: int, new: int) -> list[int]:
        """The versions that show what stands in so many deletions and insertions."""
        self._changed = self._changed or bool(old or new)
        return [index for index, hidden in enumerate((old, new)) if not hidden]

    def _open(self, index: int) -> None:
        for link in self._links[self._opened[index] :]:
            self._versions[index].open(link.target, written=link.written, label=link.label, base=self._base)
        self._opened[index] = len(self._links)


class _Story:
    """One part with paragraphs, event after event."""

    def __init__(self, parts: Parts, part: str, place: Place, role: str) -> None:
        self._parts, self._part, self._place, self._role = parts, part, place, role
        self._relations = parts.relations(part)
        self._alternates = Alternates()
        self._number = 0
        self._open = [_Paragraph(None, parts.base)]  # the first one stands for what is in no paragraph
        self._done: list[Block] = []  # of paragraphs within one that is still open
        self._fields: list[_Field] = []
        self._coding: list[_Field] = []  # those of which the code is still being read
        self._simple: list[bool] = []  # of each w:hyperlink and w:fldSimple that is open: it opened a link
        self._properties = self._old = self._new = 0  # how deep in them
        self._drawn: set[str] = set()  # by the drawing that is open; Word names a picture's link twice
        self._label = ""
        self._text = self._code = False

    def blocks(self) -> Iterator[Block]:
        for event in self._parts.events(self._part):
            if event.kind == "text":
                if self._text or self._code:
                    self._add(event.text)
            elif event.kind == "start":
                self._start(event)
            elif event.kind == "end":
                self._end(event)
                if self._done and len(self._open) == 1:
                    yield from self._flushed()
        while self._open:
            self._paragraph()
        yield from self._flushed()

    def _flushed(self) -> list[Block]:
        done, self._done = self._done, []
        return sorted(done, key=lambda block: block.place.paragraph or 0)

    def _start(self, event: Event) -> None:
        name = event.name
        self._alternates.event(event)
        if self._properties or name == "pPr":
            self._properties += name == "pPr"
        elif name == "p":
            self._number += not self._alternates.repeating
            self._open.append(_Paragraph(self._number, self._parts.base, repeated=self._alternates.repeating))
        elif name in _TEXTS or name in _CODES:
            self._text, self._code = name in _TEXTS, name in _CODES
        elif name in _SIGNS:
            self._add(_SIGNS[name])
        elif name in _OLD or name in _NEW:
            self._old += name in _OLD
            self._new += name in _NEW
        elif name == "hyperlink":
            self._hyperlink(event)
        elif name == "fldChar":
            self._field(event.attributes.get("fldCharType", ""))
        elif name == "fldSimple":
            simple = _Field([event.attributes.get("instr", "")])
            self._enter(simple)
            self._simple.append(simple.within is not None)
        elif name in _DRAWINGS:
            self._drawn, self._label = set(), ""
        elif event.attributes:
            self._shape(event)

    def _end(self, event: Event) -> None:
        name = event.name
        self._alternates.event(event)
        if self._properties:
            self._properties -= name == "pPr"
        elif name == "p" and len(self._open) > 1:
            self._paragraph()
        elif name in _TEXTS or name in _CODES:
            self._text = self._code = False
        elif name in _OLD or name in _NEW:
            self._old -= name in _OLD
            self._new -= name in _NEW
        elif name in ("hyperlink", "fldSimple") and self._simple and self._simple.pop():
            self._open[-1].close(self._old, self._new)

    def _add(self, text: str) -> None:
        if self._coding:  # the result of a field within is part of the code around it
            self._coding[-1].code.append(text)
        elif not self._code and (self._open[-1].repeated or not self._alternates.repeating):
            self._alternates.say()
            self._open[-1].add(text, self._old, self._new)

    def _paragraph(self) -> None:
        paragraph = self._open.pop()
        place = replace(self._place, paragraph=paragraph.number)
        for block in paragraph.blocks(place, self._role):
            if fresh := self._alternates.fresh(block):
                self._done.append(fresh)

    def _hyperlink(self, event: Event) -> None:
        relation = related(event, self._relations)
        anchor = event.attributes.get("anchor") or event.attributes.get("docLocation") or ""
        target = address(relation.target if relation else "", anchor)
        self._simple.append(self._link(target, target, event.attributes.get("tooltip", "")))

    def _link(self, target: str, written: str, label: str = "") -> bool:
        if not target or not self._alternates.new(target):
            return False
        self._open[-1].open(target, written, label)
        return True

    def _cite(self, target: str, role: str, written: str = "") -> None:
        known = target in self._drawn or (self._fields and target in self._fields[-1].targets)
        if known or self._open[-1].linked(target) or not self._alternates.new(target):
            return
        self._drawn.add(target)
        self._open[-1].cite(target, role, written or target, self._label, self._old, self._new)

    def _field(self, kind: str) -> None:
        if kind == "begin":
            self._fields.append(_Field())
            self._coding.append(self._fields[-1])
        elif self._fields and kind in ("separate", "end"):
            innermost = self._fields[-1]
            if self._coding and self._coding[-1] is innermost:
                self._coding.pop()
                self._enter(innermost)
            if kind == "end":
                self._fields.pop()
                if innermost.within is self._open[-1]:
                    innermost.within.close(self._old, self._new)

    def _enter(self, entered: _Field) -> None:
        """The code of a field is known, its result begins."""
        self._drawn, self._label = set(), ""
        for role, written, target in fieldcode.cited("".join(entered.code)):
            if role == "link" and self._link(target, written):
                entered.within = self._open[-1]
            elif role != "link":
                self._cite(target, role, written)
            entered.targets.add(target)

    def _shape(self, event: Event) -> None:
        """Pictures, shapes, films: whatever names a relation, and what VML and online films say in attributes."""
        name, attributes = event.name, event.attributes
        if name in ("docPr", "cNvPr", "shape", "rect"):
            self._label = attributes.get("descr") or attributes.get("title") or attributes.get("alt") or self._label
            self._open[-1].describe(self._label)
            for mention in running(self._label.encode()) if "://" in self._label else ():
                self._cite(mention.target, "image", mention.written)
        elif name == "webVideoPr":
            for mention in html.read(attributes.get("embeddedHtml", "").encode()):
                self._cite(mention.target, mention.role)
        for relation in referred(event, self._relations):
            self._cite(relation.target, relation.role)
        for key, role in (("href", "link"), ("src", "image")):
            if "://" in attributes.get(key, "") and attributes[key] not in self._relations:
                self._cite(attributes[key], role)
