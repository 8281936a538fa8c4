"""Office Open XML packages (ECMA-376, Transitional and Strict): parts, and the relations between them.

The target of a link stands in no text but in the relations of its part (OPC, ECMA-376 part 2, clause 9): `r:id` names
one, its mode "External" makes its target a URL. Types and elements are known by the ending of their names, which is
all that Strict and Transitional share. Where `mc:AlternateContent` says a thing twice, it is heard once.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote

from preserve.documents.mention import Block, Mention, Nest
from preserve.documents.readers.package import Package
from preserve.documents.readers.xmlwalk import Event, walk
from preserve.documents.text import running
from preserve.errors import DocumentError
from preserve.model import Place

# By the type of its relation. A document's template, and how its own program stores it, is nothing that it cites.
_ROLES = {"image": "image", "video": "embed", "audio": "embed", "media": "embed", "frame": "embed", "aFChunk": "embed"}
_UNCITED = frozenset({"attachedTemplate", "mailMergeSource", "mailMergeHeaderSource", "transform", "xmlMaps"})
_REFERRING = frozenset({"id", "link", "href", "embed", "relid", "pict"})  # attributes that name a relation
_WITHIN = frozenset({"package", "oleObject", "aFChunk"})  # whole documents
# Of the properties, what repeats the document's own text: its links, its headings, the names of its sheets.
_REPEATED = frozenset({"HLinks", "HyperlinkBase", "TitlesOfParts", "HeadingPairs"})


class Relation(NamedTuple):
    type: str  # the ending of its URI
    target: str  # a URL as it is written; of an internal one, the name of the part
    external: bool

    @property
    def role(self) -> str:
        return _ROLES.get(self.type, "link")


Relations = Mapping[str, Relation]  # by id


class Parts:
    """The parts of an open package. DocumentError when there is none."""

    def __init__(self, file: BinaryIO, nest: Nest, what: str) -> None:
        self._nest, self._what = nest, what
        self._package = Package(file, nest, what)
        self._members = {_folded(name): name for name in self._package.names}
        self._related: dict[str, Relations] = {}
        self._read: set[str] = set()
        self._damaged: list[Block] = []
        self.base = self._hyperlink_base()

    def main(self, usual: str) -> str:
        """The part that a program opens first."""
        return next((one.target for one in self.relations("").values() if one.type == "officeDocument"), usual)

    def relations(self, part: str) -> Relations:
        """Of one part, by id; "" is the package. Where they are damaged, the end of the document tells it."""
        if part not in self._related:
            folder, name = posixpath.split(part)
            member = self._members.get(_folded(f"{folder}/_rels/{name}.rels"), "")
            try:
                self._related[part] = self._parsed(member, folder) if member else {}
            except DocumentError as error:
                self._related[part] = {}
                self._damaged.append(unread(Place(part=stem(part)), error))
        return self._related[part]

    def of_type(self, part: str, *types: str) -> Iterator[str]:
        """The parts to which this one has relations of these types, each once in a document."""
        for kind in types:
            for relation in self.relations(part).values():
                if relation.type == kind and not relation.external and relation.target not in self._read:
                    self._read.add(relation.target)
                    yield relation.target

    def read(self, part: str) -> bytes:
        member = self._members.get(_folded(part))
        if member is None:
            raise DocumentError(f"{self._what} lacks its part {part}.", "Get it again, or repair it.")
        return self._package.read(member)

    def events(self, part: str) -> Iterator[Event]:
        """What is wrong with it is told at the first event, within `guarded`."""
        yield from walk(self.read(part), what=f"{self._what}: {part}")

    def guarded(self, blocks: Iterator[Block], place: Place) -> Iterator[Block]:
        """What one part holds; where it cannot be read, that is told and the others are."""
        try:
            yield from blocks
        except DocumentError as error:
            yield unread(place, error)

    def documents(self, part: str, place: Place) -> Iterator[Block]:
        """Whole documents within this part: embedded workbooks, pages, chunks of text."""
        for name in self.of_type(part, *_WITHIN):
            yield from self.guarded(self._document(name, place), replace(place, part=name))

    def _document(self, name: str, place: Place) -> Iterator[Block]:
        yield from self.nested(self.read(name), posixpath.basename(name), replace(place, part=name))

    def nested(self, data: bytes, name: str, place: Place) -> Iterator[Block]:
        return self._nest.read(data, name, place)

    def spend(self, size: int) -> None:
        self._nest.spend(size)

    def rest(self) -> Iterator[Block]:
        """What stands in no text: properties, links of parts that have no reader, and what was damaged."""
        for name in self.of_type("", "core-properties", "extended-properties", "custom-properties"):
            if _folded(name) in self._members:  # some programs promise them all and write none
                place = Place(part="properties")
                yield from self.guarded(self.values(name, place, skipped=_REPEATED), place)
        visited = {_folded(part) for part in self._related}
        for folded, member in self._members.items():
            folder, name = posixpath.split(folded)
            part = posixpath.join(posixpath.dirname(folder), name.removesuffix(".rels"))
            if name.endswith(".rels") and posixpath.basename(folder) == "_rels" and part not in visited:
                yield from self._unvisited(part, member)
        yield from self._damaged

    def _unvisited(self, part: str, member: str) -> Iterator[Block]:
        place = Place(part=stem(part))
        relations: Relations = {}
        try:
            relations = self._parsed(member, "")
        except DocumentError as error:
            yield unread(place, error)
        for relation in relations.values():
            if relation.external and "://" in relation.target:
                yield Block(mentions=(Mention(0, relation.role, relation.target, relation.target),), place=place)

    def values(
        self, part: str, place: Place, role: str = "header", skipped: frozenset[str] = frozenset()
    ) -> Iterator[Block]:
        """The URLs in the texts of a part's elements, whatever they are."""
        hidden = 0
        for event in self.events(part):
            if event.name in skipped:
                hidden += 1 if event.kind == "start" else -1
            if event.kind == "text" and not hidden and not event.text.isspace():
                text = event.text.encode()
                mentions = tuple(running(text, role=role))
                if mentions:
                    yield Block(text, mentions, place)

    def _hyperlink_base(self) -> str:
        """What relative links stand under, if that is no path of someone's disk."""
        inside, base = False, ""
        for name in (one.target for one in self.relations("").values() if one.type == "extended-properties"):
            try:
                for event in self.events(name):
                    if event.name == "HyperlinkBase":
                        inside = event.kind == "start"
                    elif inside and event.kind == "text":
                        base += event.text.strip()
            except DocumentError:
                pass  # told when the properties are read
        return base if "://" in base else ""

    def _parsed(self, member: str, folder: str) -> dict[str, Relation]:
        found: dict[str, Relation] = {}
        for event in walk(self._package.read(member), what=f"{self._what}: {member}"):
            if event.kind == "start" and event.name == "Relationship":
                target, kind = event.attributes.get("Target", ""), event.attributes.get("Type", "").rpartition("/")[2]
                outside = event.attributes.get("TargetMode", "").lower() == "external"
                external = outside or "://" in target or kind == "hyperlink"  # some programs forget the mode
                if kind not in _UNCITED:
                    relation = Relation(kind, target if external else self._part(folder, target), external)
                    found[event.attributes.get("Id", "")] = relation
        return found

    def _part(self, folder: str, target: str) -> str:
        """The name of a part from a target, which is relative to its source's folder and may be percent-encoded."""
        path = target.partition("#")[0].replace("\\", "/")
        name = posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")
        return name if _folded(name) in self._members else unquote(name)


class Alternates:
    """Where a part says a thing twice, for newer programs and for older ones (ECMA-376 part 3).

    The newer saying is read. Of the older one only what the newer did not say: text where that had none (an emoji), a
    link that that did not have.
    """

    def __init__(self) -> None:
        self._said: list[bool] = []  # of each AlternateContent that is open: its Choice said something
        self._falling: list[bool] = []  # of each Fallback that is open: it repeats
        self._repeats = 0
        self._targets: set[str] = set()

    def event(self, event: Event) -> None:
        if event.name == "AlternateContent":
            if event.kind == "start":
                self._targets = self._targets if self._said else set()
                self._said.append(False)
            elif self._said and self._said.pop():
                self.say()
        elif event.name == "Fallback":
            if event.kind == "start":
                self._falling.append(bool(self._said) and self._said[-1])
                self._repeats += self._falling[-1]
            elif self._falling:
                self._repeats -= self._falling.pop()

    @property
    def repeating(self) -> bool:
        return self._repeats > 0

    def say(self) -> None:
        """Something was read."""
        if self._said:
            self._said[-1] = True

    def new(self, target: str) -> bool:
        """Whether a link is to be reported."""
        if self._repeats:
            return target not in self._targets
        if self._said:
            self._targets.add(target)
            self._said[-1] = True
        return True

    def fresh(self, block: Block) -> Block | None:
        """What of a paragraph is to be reported."""
        mentions = tuple(mention for mention in block.mentions if self.new(mention.target))
        return replace(block, mentions=mentions) if mentions or not self._repeats else None


def referred(event: Event, relations: Relations) -> Iterator[Relation]:
    """The relations outside that an element names, whatever the element is."""
    for key, value in event.attributes.items():
        relation = relations.get(value)
        if relation and relation.external and key.rpartition("}")[2] in _REFERRING:
            yield relation


def related(event: Event, relations: Relations) -> Relation | None:
    """The relation that `r:id` names; elements have an `id` of their own beside it."""
    ids = (value for key, value in event.attributes.items() if key == "id" or key.endswith("}id"))
    return next((relations[one] for one in ids if one in relations), None)


def address(target: str, place: str) -> str:
    """A URL and the place in it that Office keeps apart."""
    return f"{target}#{place}" if place and "#" not in target else target


def stem(part: str) -> str:
    """What places call a part: word/footnotes.xml is "footnotes"."""
    return posixpath.splitext(posixpath.basename(part))[0]


def _folded(name: str) -> str:
    """Names of parts are the same in any case; some programs write them as Windows writes paths."""
    return name.replace("\\", "/").strip("/").casefold()


def column(number: int) -> str:
    """The name of a sheet's column, from 1: 27 is AA."""
    letters = ""
    while number > 0:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def unread(place: Place, error: DocumentError) -> Block:
    what = f"the sheet {place.sheet} " if place.sheet and not place.part else ""  # the place alone does not say it
    return Block(place=place, warning=f"{what}cannot be read ({error.message.rstrip('.')})", unread=True)
