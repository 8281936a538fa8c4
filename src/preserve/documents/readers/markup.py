"""A document of light markup while its reader goes through it, once and forward.

A reader says what is markup; what it passes by is running text. Where a format has escapes, URLs in running text are
looked for in the text as it is meant, and reported as it is written.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from html import unescape

from preserve.documents.find import Found, find
from preserve.documents.mention import MAX_ANCHOR, Mention, words
from preserve.documents.place import MAX_CONTEXT, around, sentence
from preserve.documents.readers import html

Span = tuple[int, int]  # byte offsets of start and end
Reading = Generator[Mention, None, int]  # mentions, and where to go on

REACH = 4 * MAX_ANCHOR  # bytes in which the end of a link's text is looked for: what is longer is no link
MAX_VALUE = (
    16_384  # bytes that an abbreviation may expand to: no URL is longer, and abbreviations of abbreviations grow
)
ENTITY = re.compile(rb"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_SEEN = MAX_CONTEXT + 100  # characters on either side that a sentence may come to show, with some markup in them
_NOTED = frozenset({"link", "autolink", "reference", "text", "bare-domain"})  # become the role of the part they are in
_BRACKETS = re.compile(rb"\\.|\[|\]", re.S)
_SPACE = re.compile(r"\s+")
_FILES = re.compile(r"\.(?:avif|bmp|gif|jpe?g|png|svg|tiff?|webp)(?:\?.*)?\Z", re.I)


def lines(data: bytes) -> bytes:
    """`data` with every kind of newline as one, and no offset moved."""
    return data.replace(b"\r\n", b" \n").replace(b"\r", b"\n") if b"\r" in data else data


def line_end(source: bytes, at: int) -> int:
    """Behind the newline of the line in which `at` is."""
    return source.find(b"\n", at) + 1 or len(source)


def indent(source: bytes, at: int, end: int) -> int:
    """How far the line from `at` to `end` is indented, in bytes; -1 of a blank one."""
    line = source[at:end]
    bare = line.lstrip()
    return len(line.expandtabs()) - len(bare.expandtabs()) if bare else -1


def stripped(source: bytes, start: int, end: int) -> Span:
    """From `start` to `end` without white space at the edges."""
    text = source[start:end]
    return start + len(text) - len(text.lstrip()), max(start, end - len(text) + len(text.rstrip()))


def closing(source: bytes, at: int, end: int) -> int:
    """Where the bracket that was opened just before `at` is closed: by its own, else by the first; -1 within REACH."""
    depth, first = 0, -1
    for token in _BRACKETS.finditer(source, at, min(end, at + REACH)):
        if token[0] == b"[":
            depth += 1
        elif token[0] == b"]":
            if not depth:
                return token.start()
            depth -= 1
            first = token.start() if first < 0 else first
    return first


def decoded(entity: re.Match[bytes]) -> bytes:
    """What a character reference stands for."""
    return unescape(entity[0].decode()).encode("utf-8", "replace")


def kept(mark: re.Match[str]) -> str:
    """What a reader sees of markup: its last group, if any."""
    return mark[mark.lastindex] if mark.lastindex else ""


def is_picture(url: str) -> bool:
    """Whether its path ends as that of a picture."""
    return _FILES.search(url) is not None


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a format writes text: `escape` is what stands for something else, `meant` what for; `plain` takes its marks
    out of a sentence, for reading."""

    plain: Callable[[str], str]
    escape: re.Pattern[bytes] | None = None
    meant: Callable[[re.Match[bytes]], bytes] = lambda match: match[0]
    breaks: re.Pattern[str] | None = None  # what ends a sentence beside its full stop: items, cells, the end of a block

    def undo(self, written: str) -> str:
        if self.escape is None or not ("\\" in written or "&" in written):
            return written
        return self.escape.sub(self.meant, written.encode()).decode("utf-8", "replace")

    def read(self, source: str) -> str:
        """A stretch of the source as a person reads it."""
        return words(self.undo(self.plain(source)))


class Sheet:
    """Where the reader is: everything before `at` is done with. `role` is that of the part it is in."""

    def __init__(self, data: bytes, dialect: Dialect) -> None:
        self.data = data
        self.at = 0
        self.role = "text"
        self.floor = 0  # where the paragraph begins, if it is known
        self.hushed = 0  # up to here it is the text of a link, in which only pictures cite
        self._dialect = dialect

    def running(self, end: int, role: str = "") -> Iterator[Mention]:
        """The URLs of the running text up to `end`; then that is done with."""
        start, self.at = max(self.at, self.hushed), max(self.at, end)
        role = role or self.role
        if start >= end:
            return
        escape = self._dialect.escape
        if role == "code" or escape is None or not escape.search(self.data, start, end):
            for found in find(self.data, start, end, bare=role != "code"):
                yield self._found(found, found.start, found.end, role)
            return
        meant = _Meant(self.data, start, end, escape, self._dialect.meant)
        for found in find(meant.text, bare=True):
            yield self._found(found, *meant.origin(found.start, found.end), role)

    def skip(self, end: int) -> None:
        """Up to `end` nothing is running text."""
        self.at = max(self.at, end)

    def markup(self, start: int, end: int) -> Iterator[Mention]:
        """HTML that the format hands through."""
        self.skip(end)
        for found in html.read(self.data, start, end):
            yield replace(found, role=self.part(found.role))

    def cite(
        self, span: Span, url: Span, role: str, anchor: str = "", target: str | None = None,
        *, base: str = "",
    ) -> Iterator[Mention]:  # fmt: skip
        """What the markup at `span` cites with the URL at `url`."""
        written = self.data[url[0] : url[1]].decode("utf-8", "replace")
        target = self.meant(written) if target is None else target
        if not target or (url[0] < self.hushed and role not in ("image", "embed")):
            return
        changes = _changes(written, target)
        context = self.context(*span, anchor or written)
        yield Mention(url[0], self.part(role), written, target, anchor, context, changes=changes, base=base, end=url[1])

    def refer(self, span: Span, url: Span, anchor: str) -> Iterator[Mention]:
        """A reference at `span` to the URL that a definition writes at `url`."""
        written = self.data[url[0] : url[1]].decode("utf-8", "replace")
        target = self.meant(written)
        if target and span[0] >= self.hushed:
            context, changes = self.context(*span, anchor), _changes(written, target)
            yield Mention(
                span[0], self.part("reference"), written, target, anchor, context, changes=changes, end=span[1]
            )

    def part(self, role: str) -> str:
        """`role`, or that of the part of the document in which it is."""
        return self.role if role in _NOTED and self.role != "text" else role

    def meant(self, written: str) -> str:
        """A URL between delimiters, without escapes and the white space of a broken line."""
        written = self._dialect.undo(written)
        return _SPACE.sub("", written) if "\n" in written or "\r" in written else written.strip()

    def shown(self, start: int, end: int) -> str:
        """A URL that is the text of its link."""
        return words(self.data[start : min(end, start + REACH)].decode("utf-8", "ignore"))

    def anchor(self, start: int, end: int) -> str:
        """The text of a link, for reading."""
        return self._dialect.read(self.data[start : min(end, start + REACH)].decode("utf-8", "ignore"))

    def context(self, start: int, end: int, here: str) -> str:
        """The sentence around the markup from `start` to `end`, which shows `here`."""
        before, after = around(self.data, start, end)
        if start - self.floor < len(before.encode()):
            before = self.data[self.floor : start].decode("utf-8", "ignore")
        read = self._dialect
        if read.breaks:
            before = before[max((found.end() for found in read.breaks.finditer(before)), default=0) :]
            stop = read.breaks.search(after)
            after = after[: stop.start()] if stop else after
        before, after = before[-_SEEN:], after[:_SEEN]
        return sentence(read.undo(read.plain(before)), here, read.undo(read.plain(after)))

    def _found(self, found: Found, start: int, end: int, role: str) -> Mention:
        written = self.data[start:end].decode("utf-8", "replace")
        changes = found.changes if written == found.written else (*_changes(written, found.written), *found.changes)
        return Mention(
            start=start,
            role="bare-domain" if found.bare and role == "text" else role,
            written=written,
            target=found.target,
            context=self.context(start, end, found.written),
            confidence=found.confidence,
            changes=changes,
            end=end,
            unjoined=found.unjoined,
        )


def _changes(written: str, target: str) -> tuple[str, ...]:
    if written == target:
        return ()
    if target == "http://" + written:
        return ("scheme-assumed",)
    if "".join(written.split()) == target:
        return ("joined-lines",)
    return ("entity-decoded",) if "&" in written and "\\" not in written else ("unescaped",)


class _Meant:
    """A stretch of the source with its escapes undone, and where each byte of it came from."""

    def __init__(
        self, data: bytes, start: int, end: int, escape: re.Pattern[bytes], meant: Callable[[re.Match[bytes]], bytes]
    ) -> None:
        pieces, at, size = [], start, 0
        self._here, self._there = [0], [start]  # offsets in the text, and in the source, around each escape
        for match in escape.finditer(data, start, end):
            piece, stands = data[at : match.start()], meant(match)
            pieces += [piece, stands]
            self._here += [size + len(piece), size + len(piece) + len(stands)]
            self._there += [match.start(), match.end()]
            size, at = self._here[-1], match.end()
        self.text = b"".join((*pieces, data[at:end]))

    def origin(self, start: int, end: int) -> Span:
        """Of a stretch: without what stands for nothing at its edges."""
        first, last = bisect_right(self._here, start) - 1, bisect_left(self._here, end)
        if last == len(self._here) or self._here[last] != end:
            last -= 1
        return self._there[first] + start - self._here[first], self._there[last] + end - self._here[last]
