"""Markdown, as CommonMark with the extensions of GitHub reads it, and what Pandoc, MyST and Obsidian add.

pyromark (pulldown-cmark) says what is a link, code, HTML or a footnote, and where, in byte ranges. URLs in
running text are looked for in the source between those ranges and not in the parser's text, for the parser takes
the underscores of a bare URL for emphasis. The document goes by block after block.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from preserve.documents.find import Found, decoded, find, unescaped
from preserve.documents.mention import MAX_ANCHOR, Mention, words
from preserve.documents.place import around, sentence
from preserve.documents.readers import frontmatter, html

_DESTINATION = re.compile(rb"\s*(?:<((?:[^<>\\\r\n]|\\.)*)>|(\S+))")
_DEFINED = re.compile(rb"\[(?:[^\[\]\\]|\\.)*\]:[\s>]*", re.S)
_LINK_TEXT = re.compile(
    r"!?\[([^\[\]]*)\](?:\((?:<[^<>]*>|(?:[^()\s<]|\([^()]*\))*)(?:\s+[\"'][^\"']*[\"'])?\)|\[[^\[\]]*\])"
)
_MARKS = re.compile(r"!?\[\[(?:[^\[\]|\n]*\|)?([^\[\]\n]*)\]\]|\*+|`+|~~|</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?>")
_WIKI = re.compile(rb"(!?)\[\[(?!\[)([^\[\]|\n]{1,2000})(?:\|([^\[\]\n]{0,300}))?\]\](?![(\[])")
_NOTES = re.compile(rb"\\.|(\^)?\[|\]|\n[ \t]*\r?\n", re.S)
# Of MyST: pictures whose URL stands in the first line, and boxes whose content is Markdown.
_DIRECTIVE = re.compile(
    rb"[`~]{3,}[ \t]*\{(?:(?P<picture>image|figure)|(?P<box>[a-z-]{3,20}))\}[ \t]*(?P<url>\S+)?[^\n]*\n?"
)
_BOXES = frozenset({
    b"admonition", b"attention", b"caution", b"card", b"danger", b"dropdown", b"epigraph", b"error", b"hint",
    b"important", b"margin", b"note", b"pull-quote", b"seealso", b"sidebar", b"tip", b"topic", b"warning",
})  # fmt: skip
_MAX_BOXES = 4  # in one another; each is parsed as a document of its own
_PIECES = 100  # texts inside one link that are looked at for its anchor
_NOTED = frozenset({"link", "autolink", "reference", "text"})  # roles that become "footnote" inside one


def read(data: bytes) -> Iterator[Mention]:
    """Front matter, links, images, autolinks, definitions, HTML, and URLs in running text and in code."""
    yield from frontmatter.read(data)
    yield from _Walk(data, frontmatter.span(data)[2]).mentions()


@dataclass(slots=True)
class _Link:
    """A link or image whose end is still to come."""

    type: str  # of pulldown-cmark: Inline, Reference, Autolink, ...
    target: str
    label: str
    image: bool
    inner: int  # where its text ends, so far
    first: int  # of its texts among the pieces


class _Walk:
    """One pass over the parser's events."""

    def __init__(self, data: bytes, body: int, outer: _Walk | None = None, end: int = 0) -> None:
        self._data, self._body, self._end = data, body, end or len(data)
        self._boxes: int = outer._boxes + 1 if outer else 0  # around this one
        self._notes: list[tuple[int, int]] = outer._notes if outer else _notes(data, body)
        self._taken: list[tuple[int, int]] = []  # ranges of this block that are no running text
        self._links: list[_Link] = []
        self._pieces: list[str] = []
        self._done = body  # how far running text has been looked through
        self._footnotes = 0
        self._anchor: tuple[int, int] | None = None  # an inline <a> still open
        self._definitions: list[tuple[int, int]] = []  # still ahead, the last one first
        self._spelled: dict[str, str] = {}  # label: URL as its definition writes it

    def mentions(self) -> Iterator[Mention]:
        import pyromark

        options = pyromark.Options
        extensions = (
            options.ENABLE_TABLES
            | options.ENABLE_FOOTNOTES
            | options.ENABLE_STRIKETHROUGH
            | options.ENABLE_TASKLISTS
            | options.ENABLE_DEFINITION_LIST
        )
        body = self._body
        source = str(memoryview(self._data)[body : self._end], "utf-8")
        yield from self._define(pyromark.reference_definitions(source, options=extensions))
        depth = 0
        events: Any = pyromark.events_with_range(source, options=extensions, merge_text=True)
        for event, span in events:
            if isinstance(event, str):
                if self._links:
                    self._pieces.append(" ")
                continue
            start, end = span["start"] + body, span["end"] + body
            ((kind, value),) = event.items()
            if kind == "Start":
                depth += 1
                yield from self._opened(value, start, end)
            elif kind == "End":
                depth -= 1
                yield from self._closed(value, start, end)
            elif kind == "Code":
                self._taken.append((start, end))
                yield from self._code(start, end)
            elif kind == "InlineHtml":
                yield from self._inline(start, end)
            if self._links:
                self._links[-1].inner = max(self._links[-1].inner, end if kind != "Start" else 0)
                if kind in ("Text", "Code"):
                    self._pieces.append(value[: 2 * MAX_ANCHOR])
            if not depth and value != "DefinitionList":  # whose range takes in what follows it
                yield from self._running(end)
        yield from self._running(self._end)

    def _define(self, definitions: Mapping[str, Any]) -> Iterator[Mention]:
        """The link reference definitions, cited or not."""
        for label, definition in definitions.items():
            start, end = (definition["span"][edge] + self._body for edge in ("start", "end"))
            named = _DEFINED.match(self._data, start, end)
            at, written = self._written(named.end() if named else end, end)
            self._definitions.append((start, end))
            self._spelled[_folded(label)] = written
            if written:
                found = _changed(written, definition["dest"])
                yield Mention(
                    at,
                    "definition",
                    written,
                    definition["dest"],
                    words(label),
                    self._context(start, end),
                    changes=found,
                )
        self._definitions.sort(reverse=True)

    def _opened(self, value: Any, start: int, end: int) -> Iterator[Mention]:
        name = value if isinstance(value, str) else next(iter(value))
        if name in ("Link", "Image"):
            of = value[name]
            image = name == "Image"
            first = start + 1 + image
            self._links.append(_Link(of["link_type"], of["dest_url"], of["id"], image, first, len(self._pieces)))
        elif name == "FootnoteDefinition":
            yield from self._running(start)
            self._footnotes += 1
        elif name == "TableCell":
            self._taken += [(start, start), (end, end)]  # its bars end a URL
        elif name == "CodeBlock":
            self._taken.append((start, end))
            yield from self._block(start, end)
        elif name == "HtmlBlock":
            self._taken.append((start, end))
            yield from html.read(self._data, start, end)

    def _closed(self, value: Any, start: int, end: int) -> Iterator[Mention]:
        if value in ("Link", "Image"):
            yield from self._link(self._links.pop(), start, end)
            if not self._links:
                self._taken.append((start, end))
                self._pieces.clear()
        elif value == "FootnoteDefinition":
            yield from self._running(end)
            self._footnotes -= 1
        elif value == "Paragraph":
            yield from self._unclosed(end)

    def _link(self, link: _Link, start: int, end: int) -> Iterator[Mention]:
        anchor = words("".join(self._pieces[link.first : link.first + _PIECES]))
        role, at, target = "image" if link.image else "link", start, link.target
        if link.type == "Inline":
            close = self._data.find(b"](", link.inner, end)
            at, written = self._written(close + 2, end - 1)
        elif link.type in ("Autolink", "Email"):
            role, at, written = "autolink", start + 1, self._data[start + 1 : end - 1].decode()
            target = ("mailto:" if link.type == "Email" else "") + decoded(written)  # a backslash is its own
        else:
            role, written = role if link.image else "reference", self._spelled.get(_folded(link.label), target)
        if target:
            context, changes = self._context(start, end, anchor), _changed(written, target)
            yield Mention(at, self._role(role, start), written, target, anchor, context, changes=changes)

    def _written(self, start: int, end: int) -> tuple[int, str]:
        """Place and spelling of the destination that begins at `start`."""
        found = _DESTINATION.match(self._data, start, end)
        if found is None:
            return start, ""
        group = 2 if found[1] is None else 1
        return found.start(group), found[group].decode("utf-8", "replace")

    def _inline(self, start: int, end: int) -> Iterator[Mention]:
        """One HTML tag in a paragraph; an <a> is read together with its text."""
        tag = self._data[start : start + 3].lower()
        self._taken.append((start, end))
        if tag in (b"<a ", b"<a\n", b"<a\t", b"<a\r"):
            yield from self._unclosed(end)
            self._anchor = (start, end)
        elif self._anchor and tag == b"</a":
            opened, self._anchor = self._anchor[0], None
            self._taken.append((opened, end))
            yield from self._fragment(opened, end, end)
        elif not self._anchor:
            yield from self._fragment(start, end, end)

    def _unclosed(self, end: int) -> Iterator[Mention]:
        if self._anchor:
            (start, stop), self._anchor = self._anchor, None
            yield from self._fragment(start, end, stop)

    def _fragment(self, start: int, end: int, stop: int) -> Iterator[Mention]:
        """The mentions of the HTML at `start`; of a tag up to `stop` when nothing closes it."""
        if not html.CITING.match(self._data, start):
            return
        for mention in html.read(self._data, start, end, running=False):
            anchor = words(_plain(mention.anchor))
            yield replace(mention, anchor=anchor, context=self._context(start, max(stop, mention.start), anchor))

    def _code(self, start: int, end: int) -> Iterator[Mention]:
        return (self._text(found, "code") for found in find(self._data, start, end))

    def _block(self, start: int, end: int) -> Iterator[Mention]:
        """A block of code, or what MyST writes like one."""
        directive = _DIRECTIVE.match(self._data, start, end)
        if directive and directive["picture"] and directive["url"]:
            at, url = directive.start("url"), directive["url"].decode("utf-8", "replace")
            yield Mention(at, "image", url, unescaped(url)[0], context=self._context(start, end, url))
        elif directive and directive["box"] in _BOXES and self._boxes < _MAX_BOXES:
            yield from _Walk(self._data, directive.end(), self, end).mentions()
        else:
            yield from self._code(start, end)

    def _running(self, end: int) -> Iterator[Mention]:
        """The URLs of the running text up to `end`; then that is done with."""
        start, self._done = self._done, max(self._done, end)
        while self._definitions and self._definitions[-1][0] < end:
            self._taken.append(self._definitions.pop())
        self._taken.sort()
        for begin, stop in (*self._taken, (end, end)):
            if begin > start:
                yield from self._stretch(start, begin)
            start = max(start, stop)
        self._taken.clear()
        self._pieces.clear()

    def _stretch(self, start: int, end: int) -> Iterator[Mention]:
        """Running text, with the links of wikis in it."""
        data = self._data
        wiki = _WIKI.finditer(data, start, end) if data.find(b"[[", start, end) >= 0 else ()
        for link in (*(one for one in wiki if one[1] or b"://" in one[2]), None):
            for found in find(data, start, link.start() if link else end, markup=True, bare=True):
                yield self._text(found, self._role("text", found.start))
            if link:
                start, target = link.end(), link[2].decode("utf-8", "replace").strip()
                anchor = words(_plain((link[3] or b"").decode("utf-8", "replace")))
                role = "image" if link[1] else "link"
                context = self._context(link.start(), link.end(), anchor or target)
                yield Mention(link.start(2), self._role(role, link.start()), target, target, anchor or target, context)

    def _text(self, found: Found, role: str) -> Mention:
        return Mention(
            found.start,
            "bare-domain" if found.bare and role == "text" else role,
            found.written,
            found.target,
            context=self._context(found.start, found.end, found.written),
            confidence=found.confidence,
            changes=found.changes,
        )

    def _role(self, role: str, at: int) -> str:
        """`role`, or that of the footnote in which it is."""
        if role not in _NOTED:
            return role
        index = bisect_right(self._notes, (at, self._end)) - 1
        return "footnote" if self._footnotes or (index >= 0 and at < self._notes[index][1]) else role

    def _context(self, start: int, end: int, here: str = "") -> str:
        before, after = around(self._data, start, end)
        return sentence(_plain(before), here, _plain(after))


def _notes(data: bytes, start: int) -> list[tuple[int, int]]:
    """Where the footnotes stand that are written in the text: ^[like this]."""
    notes: list[tuple[int, int]] = []
    if b"^[" not in data:
        return notes
    opened: list[int] = []  # brackets; -1 those of no footnote
    outer = 0  # how many of a footnote are open
    for token in _NOTES.finditer(data, start):
        if token[0] == b"]":
            begin = opened.pop() if opened else -1
            outer -= begin >= 0
            if begin >= 0 and not outer:
                notes.append((begin, token.end()))
        elif token[0][-1:] == b"[" and token[0][:1] != b"\\":
            opened.append(token.start() if token[1] else -1)
            outer += bool(token[1])
        elif token[0][:1] == b"\n":
            opened.clear()
            outer = 0
    return notes


def _plain(source: str) -> str:
    """Markdown without its marks, for reading: of a link, its text."""
    if "](" in source or "][" in source:
        source = _LINK_TEXT.sub(r"\1", source)
    return _MARKS.sub(r"\1", source).replace("|", " ")


def _changed(written: str, target: str) -> tuple[str, ...]:
    return () if written == target else unescaped(written)[1]


def _folded(label: str) -> str:
    return " ".join(label.split()).casefold()
