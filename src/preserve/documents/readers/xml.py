"""XML of every vocabulary: feeds, outlines, sitemaps, maps, books, papers, editions.

What an element or attribute cites is in the tables of `vocabulary.py`; what they do not know is judged by itself: an
attribute or an element that is one URL is a link, all other text is running text, and text that is HTML in disguise
(CDATA, or escaped as in feeds) is read as HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from preserve.documents.mention import MAX_ANCHOR, Mention, words
from preserve.documents.place import around, sentence
from preserve.documents.readers import doi, html
from preserve.documents.readers.transcript import Transcript, alone
from preserve.documents.readers.value import HTML, TAG, URL
from preserve.documents.readers.vocabulary import (
    ANYWHERE,
    ATTRIBUTES,
    CONTENT,
    DATA,
    DOI_MARKS,
    INLINE,
    PARTS,
    PROSE,
    RECORDS,
    REGIONS,
    RELATIONS,
    RELATIVE,
    SILENT,
    SPOKEN,
    TEI,
    TITLES,
    VOCABULARY,
    XHTML,
)
from preserve.documents.readers.xmlwalk import REFERENCE, Entities, Event, Span, spans, walk
from preserve.documents.text import running
from preserve.documents.url import MAX_URL, resolve

_CLIMB = 3  # elements between a link and its title: entry, media:group, media:content

_HOLDS = re.compile(rb"://|www\.|href|src|url|uri|target|fileref|base|resource|about|cite|source|data|poster", re.I)
_REFERENCE = re.compile(REFERENCE.pattern.encode())
_NAME = re.compile(r"(?:tag|urn):\S+")  # RFC 4151, RFC 8141: it names and leads nowhere
_ESCAPED = re.compile(rb"&(?:amp|lt|gt|quot|nbsp|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")


def read(data: bytes) -> Iterator[Mention]:
    """Its links and pictures, and the URLs in its text, in HTML within it, and in comments."""
    yield from _Reading(data).mentions()


@dataclass(slots=True)
class _Link:
    start: int  # of what is cited, in the source
    role: str
    written: str
    target: str
    base: str
    label: str
    confidence: str = "certain"
    changes: tuple[str, ...] = ()
    first: int = 0  # of the text that it stands on
    last: int = 0
    whole: bool = False  # that text is the URL itself, or not about it
    taken: bool = False  # it is no running text
    climbs: int = 0


@dataclass(slots=True)
class _Element:
    name: str
    attributes: Mapping[str, str]
    role: str  # of its running text
    base: str
    silent: bool
    inline: bool
    start: int  # of its text
    links: list[_Link] = field(default_factory=list)  # its own
    unnamed: list[_Link] = field(default_factory=list)  # those in it that still want an anchor
    title: str = ""
    leaf: bool = True
    worded: bool = False  # it has text


class _Reading:
    """One pass over the events; then the text is complete and is looked through."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._entities = Entities(data)
        self._visible = Transcript(data, "entity-decoded")
        self._open: list[_Element] = [_Element("", {}, "text", "", False, False, 0)]
        self._links: list[_Link] = []
        self._runs: list[tuple[int, int, str]] = []  # of the text, with the role of URLs in it
        self._pages: list[tuple[int, int, str, str]] = []  # text that is HTML, with its base and role
        self._data_only = False  # a list of things, not a text: what its elements hold is not joined
        self._names: list[tuple[int, int]] = []  # text that names something
        self._aside: list[tuple[int, int]] = []  # comments, in the source

    def mentions(self) -> Iterator[Mention]:
        for event in walk(self._data, encoding="utf-8"):
            if event.kind == "text":
                self._text(event)
            elif event.kind == "start":
                self._start(event)
            elif event.kind == "end":
                self._end(event)
            else:
                self._aside.append((event.at, event.end))
        text = bytes(self._visible.text)
        yield from self._linked(text)
        yield from self._visible.mentions(self._running(text))
        for start, end in self._aside:
            yield from alone(self._data, start, end, "comment", bare=False)

    # While it goes by

    def _start(self, event: Event) -> None:
        outer = self._open[-1]
        outer.leaf = False
        if not outer.name:
            self._data_only = event.name in DATA
        inline = event.name in INLINE and (event.space == XHTML or not self._data_only)
        if not inline:
            self._break(event.at)
        role = REGIONS.get(event.name, outer.role) if outer.role != "code" else "code"
        if event.name == "note" and event.space == TEI:
            role = "footnote"
        if event.name == "body" and event.attributes.get("name") in ("notes", "comments"):  # of FictionBook
            role = "footnote"
        silent = outer.silent or event.name in SILENT
        element = _Element(event.name, event.attributes, role, outer.base, silent, inline, len(self._visible.text))
        self._open.append(element)
        if event.attributes and _HOLDS.search(self._data, event.at, event.end):
            self._attributes(event, element)

    def _attributes(self, event: Event, element: _Element) -> None:
        found = list(spans(self._data, event.at, event.end))
        for span in found:
            if span.name == "xml:base":
                base = self._plain(span)[1]
                element.base = (resolve(element.base, base) if element.base else base) or base
        for span in found:
            prefix, _, name = span.name.rpartition(":")
            if "xmlns" in (prefix, span.name) or span.name == "xml:base":
                continue
            role = self._role(event, name)
            if role:
                self._cite(element, span, role, name)
            else:
                self._said(element, span, name)

    def _role(self, event: Event, name: str) -> str:
        of, attributes = ATTRIBUTES.get(event.name, {}), event.attributes
        role = of.get(name) or ("asset" if name in VOCABULARY else ANYWHERE.get(name, ""))
        if event.name == "link" and role == "link":
            relation = attributes.get("rel", "").lower().strip()
            role = RELATIONS.get(relation.rpartition("/")[2].rpartition(" ")[2], role)
        kind = attributes.get("type", "") or attributes.get("medium", "")
        return "image" if role == "embed" and kind.startswith("image") else role

    def _cite(self, element: _Element, span: Span, role: str, name: str) -> None:
        """A link to each URL of an attribute; only of some it can be several."""
        start, value, written = *self._plain(span), self._data[span.start : span.end].decode("utf-8", "replace")
        if role == "asset" and name in VOCABULARY and not URL.fullmatch(value):
            return
        if name == "target":
            for part in re.finditer(r"\S+", written):
                at = span.start + len(written[: part.start()].encode())
                element.links.append(self._link(element, at, role, part[0], self._entities.plain(part[0])))
        elif value:
            target = doi.target(value) if self._is_doi(element) else ""
            link = self._link(element, start, role, written.strip(), value)
            element.links.append(_named_doi(link, target) if target else link)

    def _said(self, element: _Element, span: Span, name: str) -> None:
        """What an attribute says that is not known to cite: one URL, or a text with some."""
        start, value = self._plain(span)
        if URL.fullmatch(value):
            written = self._data[span.start : span.end].decode("utf-8", "replace").strip()
            element.links.append(self._link(element, start, "link", written, value))
            return
        text = Transcript(self._data, "entity-decoded")
        text.unescape(_REFERENCE, self._meant, span.start, span.end)
        data = bytes(text.text)
        read = html.read(data) if HTML.search(data) else running(data, bare=name in SPOKEN)
        for one in text.mentions(read):
            role = element.role if one.role == "text" else one.role
            self._links.append(
                _Link(
                    one.start, role, one.written, one.target, element.base, one.anchor, one.confidence, one.changes, -1
                )
            )
            self._links[-1].label = one.anchor or words(one.context)

    def _link(self, element: _Element, start: int, role: str, written: str, target: str) -> _Link:
        if (role == "link" and element.role != "text") or element.role == "asset":
            role = element.role
        changes = () if written == target else ("entity-decoded",)
        label = next(
            (element.attributes[name] for name in ("title", "text", "alt", "label") if element.attributes.get(name)), ""
        )
        return _Link(start, role, written, target, element.base, label, changes=changes)

    def _plain(self, span: Span) -> tuple[int, str]:
        """Where the value of an attribute begins, and what it means."""
        raw = self._data[span.start : span.end]
        value = self._entities.plain(raw.decode("utf-8", "replace")).strip()
        return span.start + len(raw) - len(raw.lstrip()), value

    def _text(self, event: Event) -> None:
        element = self._open[-1]
        if element.silent:
            return
        element.worded = True
        start = len(self._visible.text)
        if event.literal:
            self._visible.copy(event.at, event.end)
        else:
            self._visible.unescape(_REFERENCE, self._meant, event.at, event.end)
        self._run(start, element.role)

    def _meant(self, found: re.Match[bytes]) -> bytes:
        return self._entities.plain(found[0].decode()).encode("utf-8", "replace")

    def _break(self, at: int) -> None:
        start = len(self._visible.text)
        self._visible.put(b"\n\n", at, at)
        self._run(start, self._runs[-1][2] if self._runs else "text")

    def _run(self, start: int, role: str) -> None:
        end = len(self._visible.text)
        if self._runs and self._runs[-1][2] == role:
            self._runs[-1] = (self._runs[-1][0], end, role)
        else:
            self._runs.append((start, end, role))

    def _end(self, event: Event) -> None:
        element = self._open.pop()
        outer = self._open[-1]
        end = len(self._visible.text)
        if element.worded:
            self._content(element, outer, end)
        for link in element.links:
            if not link.taken:  # of an attribute
                self._anchor(link, element, end)
            self._links.append(link)
        waiting = [link for link in element.links if not link.label] + element.unnamed
        if element.title and element.name not in PARTS:
            for link in waiting:
                link.label = element.title
        elif element.name not in RECORDS | PARTS:
            for link in waiting:
                link.climbs += 1
                if link.climbs <= _CLIMB:
                    outer.unnamed.append(link)
        if not element.inline:
            self._break(event.at)

    def _anchor(self, link: _Link, element: _Element, end: int) -> None:
        """The text of an element with a link: its anchor, where it is not a thing with a title and much else."""
        if element.name in RECORDS or not (element.leaf or element.name in INLINE):
            link.whole = True
            return
        link.first, link.last = element.start, end
        text = self._visible.text[element.start : element.start + MAX_URL]
        link.taken = element.start < end and (element.name in INLINE or text.decode("utf-8", "ignore") == link.target)

    def _content(self, element: _Element, outer: _Element, end: int) -> None:
        """What the text of an element is, if not running text: one URL, HTML, the title of something."""
        raw = bytes(self._visible.text[element.start : end])
        if (
            element.leaf
            and element.role != "code"
            and not (element.links or self._url(element, outer, raw))
            and (HTML.search(raw) or (self._data_only and _ESCAPED.search(raw)))
        ):
            self._pages.append((element.start, end, element.base, element.role))
        if element.name.lower() in TITLES and not outer.title and outer.name:
            outer.title = words(TAG.sub(" ", raw[: 8 * MAX_ANCHOR].decode("utf-8", "ignore")))

    def _url(self, element: _Element, outer: _Element, raw: bytes) -> bool:
        """Whether that text is one URL, which it then cites, or a name."""
        if len(raw) > 2 * MAX_URL or len(raw.split(None, 1)) != 1:
            return False
        value = raw.strip().decode("utf-8", "replace")
        start = element.start + len(raw) - len(raw.lstrip())
        stop = start + len(raw.strip())
        if _NAME.fullmatch(value):
            self._names.append((start, stop))
            return True
        target = doi.target(value) if self._is_doi(element) else ""
        whole = URL.fullmatch(value) and element.name not in PROSE
        relative = element.name in RELATIVE and (value.startswith(("/", "./", "../")) or element.name == "href")
        if not (whole or relative or target):
            return False
        role = CONTENT.get(f"{outer.name}/{element.name}") or CONTENT.get(element.name, "link")
        link = self._link(element, self._visible.begin(start), role, self._visible.spelling(start, stop), value)
        if target:
            link = _named_doi(link, target)
            link.role = "asset" if element.name == "article-id" else "bibliography"
        link.first, link.last, link.whole, link.taken = start, stop, True, True
        element.links.append(link)
        return True

    def _is_doi(self, element: _Element) -> bool:
        return any(element.attributes.get(mark, "").lower() == "doi" for mark in DOI_MARKS)

    # When it is complete

    def _linked(self, text: bytes) -> Iterator[Mention]:
        for link in self._links:
            content = ""
            if link.last:
                content = words(
                    text[link.first : min(link.last, link.first + 4 * MAX_ANCHOR)].decode("utf-8", "ignore")
                )
            label = words(TAG.sub(" ", link.label))
            anchor = label or content if link.whole else content or label
            context = anchor
            if content and content == anchor:
                before, after = around(text, link.first, link.last)
                context = sentence(before, content, after)
            yield Mention(
                link.start,
                link.role,
                link.written,
                link.target,
                anchor,
                context,
                link.confidence,
                link.changes,
                link.base,
            )

    def _running(self, text: bytes) -> Iterator[Mention]:
        """The URLs of the text outside of links; of HTML, all that it cites."""
        for start, end, base, role in self._pages:
            for one in html.read(text, start, end):
                named = role if role != "text" and one.role in ("link", "text") else one.role
                yield replace(one, role=named, base=one.base or base)
        taken = [(link.first, link.last) for link in self._links if link.taken]
        taken += [(start, end) for start, end, _, _ in self._pages] + self._names
        taken.sort()
        taken.append((len(text), len(text)))
        at = index = 0
        for _, end, role in self._runs:
            while at < end:
                first, last = taken[index]
                if first > at:
                    yield from running(text, at, min(first, end), role, bare=role != "code")
                    at = min(first, end)
                else:
                    at, index = max(at, last), index + 1


def _named_doi(link: _Link, target: str) -> _Link:
    return replace(link, target=target, confidence="likely", changes=("scheme-assumed",))
