"""Textile, by the rules of its reference manual and of what pandoc writes.

One pass over blocks, which begin with a signature (`bq. `, `bc. `, `fn1. `), and over the phrases in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from preserve.documents.find import find
from preserve.documents.mention import Mention
from preserve.documents.readers import html
from preserve.documents.readers.markup import (
    ENTITY,
    REACH,
    Dialect,
    Reading,
    Sheet,
    Span,
    decoded,
    kept,
    line_end,
    lines,
)
from preserve.documents.url import MAX_URL

_ATTRIBUTES = rb"(?:\([^)\n]{0,200}\)|\{[^}\n]{0,200}\}|\[[^\]\n]{0,40}\]|[<>=]){0,4}"
_BLOCK = re.compile(
    rb"(?P<name>bc|pre|notextile|###|fn\d+|note#[\w-]+|bq|p|h[1-6])" + _ATTRIBUTES + rb"[\^!*]?\.(?P<more>\.)?"
    rb"(?::(?P<cite>[^\s|]+))?(?=[ \n])"
)
_ALIAS = re.compile(rb"^\[(\w[\w .-]{0,60})\]((?:https?|ftp)://\S+|mailto:\S+|/\S*)[ \t]*(?=\n|\Z)", re.M)
_TAG = rb"a|area|audio|embed|iframe|img|object|source|track|video"
_INLINE = re.compile(
    rb"(?P<alias>^\[\w[\w .-]{0,60}\])(?=(?:https?|ftp)://|mailto:|/)|(?P<comment><!--)|<(?P<code>pre|code)\b[^<>]*>|<(?P<tag>"
    + _TAG
    + rb")\s[^<>]*>|</?[A-Za-z][^<>]*>"
    rb"|(?<![\w\x80-\xff!])!"
    + _ATTRIBUTES
    + rb"(?P<image>[^\s!\"<>|()=][^\s!\"<>|]*?)(?:\((?P<alt>[^()\n!]{0,300})\))?!(?P<leads>:(?=\S))?"
    rb"|(?P<quote>\"(?P<link>:(?=[^\s\"]))?)"
    rb"|(?<![\w\x80-\xff@])@(?P<at>[^@\n\s][^@\n]*)@(?![\w\x80-\xff])"
    rb"|\[\d{1,3}\](?![=&\[\w])|(?P<bar>\|)",
    re.M,
)
_WORD = re.compile(rb"[^\s<>\"|]{0,%d}" % MAX_URL)
_BEFORE = b" \t\n([{|>*_+~^-"  # a quotation mark that opens
_CLASS = re.compile(r"\A(?:\([\w# -]*\)|\{[^}]*\}|\[\w{2,5}\])+(?=\S)")
_HINT = re.compile(r"(?<=\S)\([^()]*\)\Z")  # behind white space it belongs to the text
_TAIL = b".,;:!?)'\""
_LINKS = re.compile(r"\"\$\":|\"([^\"\n]*)\":[^\s|<>\"]*[^\s|<>\".,;:!?)]|!(?:[^\s!(]*)(?:\(([^()]*)\))?!(?::\S+)?")
_MARKS = re.compile(
    r"<!--|-->|(?<!\w)[*_@+^~-]{1,2}(?=\S)|(?<=\S)[*_@+^~-]{1,2}(?!\w)"
    r"|\[\d+\]|^(?:fn\d+|bq|bc|p|h[1-6])[^\s.]*\.+(?::\S+)?|\|_?\.?|</?[A-Za-z][^<>]*>",
    re.M,
)
_BREAK = re.compile(r"\n(?=[*#]+ |\||\w+[^\s.]*\. )|\n\s*\n|\|")
_DIALECT = Dialect(lambda source: _MARKS.sub("", _LINKS.sub(kept, source)), ENTITY, decoded, _BREAK)


def read(data: bytes) -> Iterator[Mention]:
    """Links, their aliases, pictures, footnotes, and URLs in running text, code and comments."""
    return _Page(data).mentions()


class _Page:
    def __init__(self, data: bytes) -> None:
        self._source = lines(data)
        self._sheet = Sheet(data, _DIALECT)
        self._aliases: dict[bytes, Span] = {}
        self._quotes: list[int] = []  # quotation marks that are open
        self._endless: set[bytes] = set()  # tags and comments that find no end

    def mentions(self) -> Iterator[Mention]:
        source, at = self._source, 0
        for alias in _ALIAS.finditer(source):
            self._aliases.setdefault(alias[1].lower(), alias.span(2))
        while at < len(source):
            end = self._paragraph(at)
            if not source[at:end].strip():
                at = end
                continue
            block = _BLOCK.match(source, at, end)
            if block and block["name"] in (b"bc", b"pre", b"###", b"notextile"):
                end = yield from self._verbatim(block, end)
            else:
                yield from self._begin(at, block)
                yield from self._phrases(at if block is None else block.end(), end)
                yield from self._sheet.running(end)
            at = max(end, self._sheet.at)
            self._sheet.skip(at)
            self._sheet.role = "text"

    def _paragraph(self, at: int) -> int:
        """Behind the blank line that ends what begins at `at`."""
        source, end = self._source, at
        while end < len(source):
            start, end = end, line_end(source, end)
            if not source[start:end].strip():
                break
        return end

    def _begin(self, at: int, block: re.Match[bytes] | None) -> Iterator[Mention]:
        self._sheet.floor = at
        if block is None:
            return
        self._sheet.skip(block.end())
        self._sheet.floor = block.end()
        if block["name"].startswith((b"fn", b"note")):
            self._sheet.role = "footnote"
        if block["cite"]:
            yield from self._sheet.cite(block.span(), block.span("cite"), "cite")

    def _verbatim(self, block: re.Match[bytes], end: int) -> Reading:
        """Code, or a comment, up to a blank line; with two points up to the next signature. Gives where it ends."""
        source = self._source
        while block["more"] and end < len(source) and not _BLOCK.match(source, end):
            end = self._paragraph(end)
        self._sheet.skip(block.end())
        if block["name"] == b"notextile":
            yield from self._sheet.markup(block.end(), end)
        yield from self._sheet.running(end, "comment" if block["name"] == b"###" else "code")
        return end

    def _phrases(self, at: int, end: int) -> Iterator[Mention]:
        sheet, source = self._sheet, self._source
        self._quotes.clear()
        while at < end and (found := _INLINE.search(source, at, end)):
            at = found.end()
            if found["comment"] or found["code"]:
                at = yield from self._aside(found)
            elif found["alias"]:
                yield from self._define(found)
            elif found["tag"]:
                yield from self._tag(found)
            elif found["image"]:
                at = yield from self._image(found, end)
            elif found["quote"]:
                at = yield from self._quote(found, end)
            elif found["at"]:
                yield from sheet.running(found.start())
                yield from sheet.running(found.end("at"), "code")
                sheet.skip(at)
            elif found["bar"] is None or self._in_row(found.start()):
                yield from sheet.running(found.start())
                sheet.skip(at)

    def _in_row(self, at: int) -> bool:
        """Whether the line is that of a table."""
        begin = self._source.rfind(b"\n", max(0, at - REACH), at) + 1
        return self._source[begin : at + 1].lstrip()[:1] == b"|"

    def _aside(self, found: re.Match[bytes]) -> Reading:
        """A comment, or code between tags, over blank lines too; gives where it ends."""
        mark = b"-->" if found["comment"] else b"</" + found["code"].lower() + b">"
        stop = -1 if mark in self._endless else self._source.find(mark, found.end())
        if stop < 0:
            self._endless.add(mark)
            return found.end()
        yield from self._sheet.running(found.start())
        self._sheet.skip(found.end())
        yield from self._sheet.running(stop, "comment" if found["comment"] else "code")
        self._sheet.skip(stop + len(mark))
        return stop + len(mark)

    def _define(self, found: re.Match[bytes]) -> Iterator[Mention]:
        """[alias]url on a line of its own."""
        alias = _ALIAS.match(self._source, found.start())
        if alias:
            yield from self._sheet.running(alias.start())
            yield from self._sheet.cite(alias.span(), alias.span(2), "definition", alias[1].decode("utf-8", "replace"))
            self._sheet.skip(alias.end())

    def _tag(self, found: re.Match[bytes]) -> Iterator[Mention]:
        """HTML that cites; an <a> together with its text."""
        sheet, stop = self._sheet, found.end()
        close = self._source.find(b"</a>", stop, stop + REACH) if found["tag"].lower() == b"a" else -1
        yield from sheet.running(found.start())
        for mention in html.read(sheet.data, found.start(), close + 4 if close >= 0 else stop, running=False):
            if mention.start < stop:
                yield mention
        sheet.skip(stop)
        sheet.hushed = max(sheet.hushed, close)

    def _image(self, found: re.Match[bytes], end: int) -> Reading:
        """!url(text)!, and :url behind it where it leads to one; gives where it ends."""
        sheet = self._sheet
        if b"." not in found["image"] and b"/" not in found["image"]:
            return found.start() + 1
        alt = sheet.anchor(*found.span("alt")) if found["alt"] else ""
        yield from sheet.running(found.start())
        leads = self._url(found.end(), end) if found["leads"] else (0, 0)
        span = (found.start(), max(found.end(), leads[1]))
        yield from sheet.cite(span, found.span("image"), "image", alt)
        if leads[1]:
            yield from self._cite(span, leads, alt)
        sheet.skip(span[1])
        return span[1]

    def _quote(self, found: re.Match[bytes], end: int) -> Reading:
        """ "text":url, or a quotation mark that opens or closes; gives where to go on."""
        sheet, source, start = self._sheet, self._source, found.start()
        if not found["link"] and self._opens(start):
            if not source[start + 1 : start + 2].isspace():
                self._quotes.append(start)
            return found.end()
        opened = self._quotes.pop() if self._quotes else -1
        url = self._url(found.end(), end) if found["link"] and start - opened < REACH and opened >= 0 else (0, 0)
        if url[0] == url[1]:
            return found.end()
        bracket = source[opened - 1 : opened] == b"["
        yield from sheet.running(opened - bracket)
        anchor = _HINT.sub("", _CLASS.sub("", sheet.anchor(opened + 1, start)))
        span = (opened - bracket, url[1] + (bracket and source[url[1] : url[1] + 1] == b"]"))
        yield from self._cite(span, url, sheet.shown(*url) if anchor in ("", "$") else anchor)
        sheet.skip(span[1])
        return span[1]

    def _opens(self, at: int) -> bool:
        """Whether a quotation mark opens; where no spaces are written, the first one does."""
        before = self._source[at - 1] if at else 32
        return before in _BEFORE or (before >= 0x80 and not self._quotes)

    def _url(self, at: int, end: int) -> Span:
        """The URL, path or alias that begins at `at`; nothing when there is none."""
        source = self._source
        word = _WORD.match(source, at, end)
        stop = word.end() if word else at
        found = next(find(source, at, stop), None)
        if found and found.start == at:
            return at, found.end
        if bracket := source.find(b"]", at, stop) + 1:
            stop = bracket - 1
        stop -= len(source[at:stop]) - len(source[at:stop].rstrip(_TAIL))
        written = source[at:stop]
        leads = written.lower() in self._aliases or b"/" in written or b"." in written or written[:1] == b"#"
        return (at, stop) if leads or b":" in written else (at, at)

    def _cite(self, span: Span, url: Span, anchor: str) -> Iterator[Mention]:
        alias = self._aliases.get(self._source[slice(*url)].lower())
        if alias:
            yield from self._sheet.refer(span, alias, anchor)
        else:
            yield from self._sheet.cite(span, url, "link", anchor)
