"""One paragraph, cell or slide while a reader of structured documents goes through it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from preserve.documents.mention import MAX_ANCHOR, Block, Mention, words
from preserve.documents.place import around, sentence
from preserve.documents.text import running
from preserve.model import Place


@dataclass(slots=True)
class _Link:
    start: int
    end: int  # -1 while it is open
    written: str
    target: str
    role: str
    label: str
    base: str


class Passage:
    """Its text so far, and what is cited on which stretch of it.

        passage.open("https://example.org/a")
        passage.add("the report")
        passage.close()
        yield from passage.blocks(Place(paragraph=3))

    URLs in the text outside of links are found when it ends.
    """

    def __init__(self) -> None:
        self._text = bytearray()
        self._links: list[_Link] = []
        self._open: list[_Link] = []

    def add(self, text: str) -> None:
        self._text += text.encode("utf-8", "replace")

    def open(self, target: str, role: str = "link", *, written: str = "", label: str = "", base: str = "") -> None:
        """What is added until the matching `close` is the anchor of a link; `label` where nothing is."""
        link = _Link(len(self._text), -1, written or target, target, role, label, base)
        self._links.append(link)
        self._open.append(link)

    def close(self) -> None:
        if self._open:
            self._open.pop().end = len(self._text)

    def cite(self, target: str, role: str, *, written: str = "", label: str = "", base: str = "") -> None:
        """Something at this point that takes no text: a picture, a film."""
        here = len(self._text)
        self._links.append(_Link(here, here, written or target, target, role, label, base))

    def blocks(self, place: Place, role: str = "text") -> Iterator[Block]:
        """The block of it, none where there is nothing, and a new beginning. `role`: of URLs in its running text;
        other than "text", it is also that of its links (a footnote is a footnote)."""
        text, links = bytes(self._text), self._links
        for link in self._open:
            link.end = len(text)
        self.__init__()  # type: ignore[misc]  # begin anew
        if text.strip() or links:
            yield Block(text, tuple(_mentions(text, links, role)), place)


def _mentions(text: bytes, links: list[_Link], role: str) -> Iterator[Mention]:
    at = 0
    for link in links:
        if link.start > at:
            yield from running(text, at, link.start, role)
        at = max(at, link.end)
        raw = text[link.start : min(link.end, link.start + 4 * MAX_ANCHOR)].decode("utf-8", "ignore")
        content = words(raw)
        before, after = around(text, link.start, link.end)
        yield Mention(
            link.start,
            role if role != "text" and link.role == "link" else link.role,
            link.written,
            link.target,
            content or words(link.label),
            sentence(before, raw if len(raw) <= MAX_ANCHOR else content, after),  # with the spaces at its edges
            base=link.base,
            end=link.end,
        )
    yield from running(text, at, len(text), role)
