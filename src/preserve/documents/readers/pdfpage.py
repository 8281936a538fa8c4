"""From the text and the links of a PDF page to its mentions."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from preserve.documents.mention import MAX_ANCHOR, Mention, words
from preserve.documents.place import around, sentence
from preserve.documents.readers.pdfjoin import Breaks, Joined
from preserve.documents.readers.pdflines import PageText
from preserve.documents.readers.pdfnotes import Link
from preserve.documents.text import running
from preserve.documents.url import scheme

_MIRRORED = re.compile(r"([\u0590-\u08ff\u200c\u200d]+)/\Z")
_REACH = 200  # bytes of such a path
MAX_PIECES = 64  # annotations that are one link; a link over a page has as many as the page has lines

_Spans = list[tuple[int, int]]  # stretches of the page's text, in bytes


def mentions(text: PageText, links: list[Link]) -> Iterator[Mention]:
    """The links of the page, and the URLs in the text that no link covers."""
    if links or b"/" in text.text or b"." in text.text:
        yield from _Page(text).mentions(links)


@dataclass(slots=True)
class _Page:
    text: PageText
    breaks: Breaks = field(init=False)
    joined: Joined = field(init=False)

    def __post_init__(self) -> None:
        self.breaks = Breaks(self.text)
        self.joined = Joined(self.text.text, self.breaks.cuts)

    def mentions(self, links: list[Link]) -> Iterator[Mention]:
        taken: _Spans = []
        for link, spans in _merged(self.text, links):
            mention = self._linked(link, spans)
            yield mention
            if spans and self._covers(mention):
                taken += spans
        end, at = len(self.joined.text), 0
        for start, stop in (*sorted((self.joined.joined(a), self.joined.joined(b)) for a, b in taken), (end, end)):
            if start > at:
                yield from map(self._placed, running(self.joined.text, at, start))
            at = max(at, stop)

    def _linked(self, link: Link, spans: _Spans) -> Mention:
        target, changes = link.target, tuple[str, ...]()
        if target[:4].lower() == "www.":
            target, changes = f"http://{target}", ("scheme-assumed",)
        if spans:
            start, end = spans[0][0], spans[-1][1]
            anchor = _anchor([self.text.text[a:b].decode("utf-8", "replace") for a, b in spans], link.target)
            before, _ = around(self.joined.text, self.joined.joined(start), self.joined.joined(start))
            _, after = around(self.joined.text, self.joined.joined(end), self.joined.joined(end))
            context = sentence(before, anchor, after)
        else:
            start = end = self.text.nearest(link.rects[0])
            anchor, context = words(link.label), ""
        return Mention(start, "link", link.target, target, anchor, context, "certain", changes, link.base, end=end)

    def _covers(self, mention: Mention) -> bool:
        """Whether a URL in the text under the link is the link's. It is not under one that lies over a whole page, nor
        where a program has made a link of the first line of a URL that goes on."""
        goes_on = self.joined.is_cut(mention.end) and mention.anchor == mention.written
        return len(mention.anchor) < MAX_ANCHOR and not goes_on

    def _placed(self, mention: Mention) -> Mention:
        """A URL of the joined text where it stands on the page, as it is written there."""
        mention = self._mirrored(mention)
        cut = self.joined.cut(mention.start, mention.end)
        start, end = self.joined.source(mention.start), self.joined.source(mention.end, end=True)
        if not cut:
            loose_ends = self.breaks.loose_ends
            at = bisect_left(loose_ends, end)
            loose = at < len(loose_ends) and loose_ends[at] <= end + 2  # behind a `?` that was trimmed
            return replace(mention, start=start, end=end, confidence="guess" if loose else mention.confidence)
        first = next(running(self.joined.text, mention.start, cut), None)
        return replace(
            mention,
            start=start,
            end=end,
            written=self.text.text[start:end].decode("utf-8", "replace"),
            confidence="guess",
            changes=(*mention.changes, "joined-lines"),
            unjoined=first.target if first else "",
        )

    def _mirrored(self, mention: Mention) -> Mention:
        """In a line that runs right to left, the path of a URL in its letters stands before the rest, as it is seen,
        and they stand the other way round. How they were spelled is a guess."""
        front = self.joined.text[max(0, mention.start - _REACH) : mention.start]
        before = _MIRRORED.search(front.decode("utf-8", "ignore"))
        if before is None or mention.target.endswith("/"):
            return mention
        target = f"{mention.target}/{before[1][::-1]}"
        return replace(mention, target=target, confidence="guess", changes=(*mention.changes, "joined-lines"))


def _merged(text: PageText, links: list[Link]) -> Iterator[tuple[Link, _Spans]]:
    """Links with the text under them. Those that lead to the same and have only white space between them are one, for
    programs write one annotation for each line or change of font. Unless both say the same: then they are two."""
    found = [(link, text.under(link.rects)) for link in links]
    shown = {link.target for link, spans in found if spans}
    found = [one for one in found if one[1] or one[0].target not in shown or not one[0].is_empty]
    found.sort(key=lambda one: one[1][0][0] if one[1] else text.nearest(one[0].rects[0]))
    last: tuple[Link, _Spans] | None = None
    for link, spans in found:
        if last and _continues(text, last, (link, spans)):
            last[1].extend(span for span in spans if span[0] >= last[1][-1][1])
            continue
        if last:
            yield last
        last = (link, spans)
    if last:
        yield last


def _continues(text: PageText, last: tuple[Link, _Spans], one: tuple[Link, _Spans]) -> bool:
    (link, before), (other, spans) = last, one
    if not before or not spans or (link.target, link.base) != (other.target, other.base) or len(before) > MAX_PIECES:
        return False
    end, start = before[-1][1], spans[0][0]
    if start < end:  # one within the other, or the same twice
        return True
    return not text.text[end:start].strip() and _shown(text, before) != _shown(text, spans)


def _shown(text: PageText, spans: _Spans) -> bytes:
    return b" ".join(text.text[start:end] for start, end in spans)


def _anchor(pieces: list[str], target: str) -> str:
    """In one line; a URL that is broken over lines without the breaks."""
    close = "".join(pieces)
    if len(close.split()) == 1 and (close in target or scheme(close) in ("http", "https")):
        return words(close)
    whole = pieces[0]
    for piece in pieces[1:]:
        whole += piece if whole.endswith("-") else f" {piece}"
    return words(whole)
