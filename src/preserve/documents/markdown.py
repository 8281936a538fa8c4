"""Markdown, as CommonMark with the extensions of GitHub reads it.

pyromark (pulldown-cmark) says what is a link, code, HTML, a footnote, and where, in byte ranges. URLs in running
text are looked for in the source between those ranges, not in the parser's text, for it takes the underscores
of a bare URL for emphasis. The document goes by block after block; nothing is kept but its mentions.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import islice
from typing import Any

from preserve.documents import frontmatter, html, text
from preserve.documents.find import find, unescaped
from preserve.documents.mention import MAX_ANCHOR, Mention, words
from preserve.documents.place import around, sentence

_DESTINATION = re.compile(rb"\s*(?:<((?:[^<>\\\r\n]|\\.)*)>|(\S+))")
_DEFINED = re.compile(rb"(?:[^\[\]\\]|\\.)*\]:[\s>]*")
_MARKUP = re.compile(r"!?\[([^\[\]]*)\](?:\((?:[^()\s]|\([^()]*\))*(?:\s+[\"'][^\"'()]*[\"'])?\)|\[[^\[\]]*\])|\*+|`+|~~")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_ANCHOR_TAG = re.compile(rb"<[aA][\s/]")
_PIECES = 100  # texts inside one link that make its anchor

Span = tuple[int, int]


def read(data: bytes) -> Iterator[Mention]:
    """Front matter, links, images, autolinks, definitions, HTML, and the URLs in running text and code."""
    yield from frontmatter.read(data)
    body = frontmatter.span(data)[2]
    yield from _Walk(data, body).mentions()


@dataclass(slots=True)
class _Link:
    """A link or image whose end is still to come."""

    kind: str
    target: str
    label: str
    role: str
    inner: int  # where its text ends, so far
    first: int  # of its texts in _Walk.pieces


@dataclass(slots=True)
class _Walk:
    data: bytes
    body: int  # where the front matter ends
    taken: list[Span] = field(default_factory=list)  # of this block: parsed, no running text
    links: list[_Link] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    footnotes: int = 0
    anchor: int = -1  # where an inline <a> begins
    definitions: list[tuple[int, int, str, str, str]] = field(default_factory=list)
    spelled: dict[str, str] = field(default_factory=dict)  # label: URL as its definition writes it

    def mentions(self) -> Iterator[Mention]:
        import pyromark

        options = pyromark.Options
        source = str(memoryview(self.data)[self.body :], "utf-8")
        extensions = (
            options.ENABLE_TABLES | options.ENABLE_FOOTNOTES | options.ENABLE_STRIKETHROUGH | options.ENABLE_TASKLISTS
        )
        self._define(pyromark.reference_definitions(source, options=extensions))
        depth, done = 0, self.body
        for event, span in pyromark.events_with_range(source, options=extensions, merge_text=True):
            start, end = span["start"] + self.body, span["end"] + self.body
            kind, value = next(iter(event.items())) if isinstance(event, dict) else (event, None)
            depth += (kind == "Start") - (kind == "End")
            yield from self._event(kind, value, start, end)
            if not depth:
                yield from self._running(done, end)
                done = end
        yield from self._running(done, len(self.data))

    def _event(self, kind: str, value: Any, start: int, end: int) -> Iterator[Mention]:
        if kind == "Start":
            self._opened(value, start)
        elif kind == "End":
            yield from self._closed(value if isinstance(value, str) else next(iter(value)), start, end)
        elif kind == "InlineHtml":
            yield from self._inline_html(start, end)
        elif kind == "Code":
            self.taken.append((start, end))
            yield from self._code(start, end)
        if self.links:
            self.links[-1].inner = max(self.links[-1].inner, end)
            if kind in ("Text", "Code"):
                self.pieces.append(value[: 2 * MAX_ANCHOR])
            elif kind in ("SoftBreak", "HardBreak"):
                self.pieces.append(" ")
'''+'''E
