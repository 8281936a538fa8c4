"""Org, by the rules of "Org Syntax" and of the manual's chapters on hyperlinks.

It goes by lines where blocks, drawers, keywords and comments stand, and by objects in the text between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from preserve.documents.mention import Mention
from preserve.documents.readers.markup import (
    MAX_VALUE,
    REACH,
    Dialect,
    Reading,
    Sheet,
    Span,
    is_picture,
    kept,
    line_end,
    lines,
    stripped,
)
from preserve.documents.url import scheme

_LINE = re.compile(
    rb"[ \t]*#\+begin_(?P<block>\w+)(?:[ \t]+(?P<of>\S+))?[^\n]*"
    rb"|[ \t]*#\+(?P<keyword>[A-Za-z_]+)(?:\[[^\]\n]*\])?:[ \t]*"
    rb"|[ \t]*(?P<comment>#(?:[ \t]|\n|\Z))"
    rb"|[ \t]*(?P<fixed>:(?:[ \t]|\n|\Z))"
    rb"|[ \t]*(?P<drawer>:[\w-]+:)[ \t]*(?=\n|\Z)"
    rb"|(?P<note>\[fn:[\w-]+\])"
    rb"|(?P<stars>\*+)[ \t](?:(?P<dead>COMMENT\b)|[A-Z]+[ \t]+(?P<dead2>COMMENT\b))?",
    re.I,
)
_PROPERTY = re.compile(rb"[ \t]*:[^\s:]+:(?=\s|\Z)")
_CODE = frozenset({b"src", b"example", b"export", b"html", b"latex", b"ascii"})
_TEXT = frozenset({"caption", "attr_html", "attr_latex", "attr_org", "header", "name", "results"})  # of what follows
_INLINE = re.compile(
    rb"\[\[(?P<to>(?:[^\[\]\\\n]|\\.|\n(?!\s*\n)|\[\w{0,40}\]=)++)\](?:\]|(?P<described>\[))"
    rb"|<(?P<angle>[A-Za-z][A-Za-z0-9+.-]{1,20}:[^\s<>]++)>"
    rb"|(?P<note>\[fn:[\w-]*+:)"
    rb"|(?P<html>@@html:)"
    rb"|(?:(?<=[\s('\"{-])|\A)(?P<mark>[=~])(?=[^\s=~])(?P<verbatim>[^\n]{0,200}?[^\s])(?P=mark)(?=[\s\-.,;:!?'\")}\\\[]|\Z)"
    rb"|(?P<open>\[)|(?P<close>\])|(?P<bar>\|)"
)
_WITHIN = re.compile(rb"\[\[[^\[\]\n]+\](?:\[[^\[\]\n]+\])?\]\]\]")  # a link, most often to a picture, as description
_ESCAPE = re.compile(rb"\\([\[\]\\])")
_INTERNAL = frozenset(
    {"id", "coderef", "elisp", "shell", "info", "help", "cite", "bbdb", "gnus", "attachment", "fuzzy"}
)
_LINKS = re.compile(r"\[\[([^\[\]]*)\]\]|\[\[[^\[\]]*\]\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\]")
_MARKS = re.compile(
    r"\[fn:[\w-]*:?\]?|(?<![\w/:])[*/_=~+](?=\S)|(?<=[^\s/])[*/_=~+](?![\w/])|\||^[ ]*#\+\w+:?|^[ ]*:[\w-]+:", re.M
)
_BREAK = re.compile(
    r"\n(?=[ ]*(?:#\+|:[\w-]+:|\||[-+] |\*))|\n\s*\n|(?:(?<=\s)|^)\||\|(?=\s|$)|\[fn:[\w-]*\]|\[fn:[\w-]*:"
)
_DIALECT = Dialect(lambda source: _MARKS.sub("", _LINKS.sub(kept, source)), breaks=_BREAK)


def read(data: bytes) -> Iterator[Mention]:
    """Links, footnotes, keywords and properties, and URLs in running text, code and comments."""
    return _Page(data).mentions()


class _Page:
    def __init__(self, data: bytes) -> None:
        self._source = lines(data)
        self._sheet = Sheet(data, _DIALECT)
        self._short: dict[str, str] = {}  # abbreviations of #+LINK
        self._dead = 0  # stars of the headline whose tree is commented out
        self._endless: set[bytes] = set()  # blocks that find no end
        self._depth: list[int] = []  # open brackets in each open footnote

    def mentions(self) -> Iterator[Mention]:
        source, at, text, blank = self._source, 0, 0, 0  # `text`: where what no line has claimed begins
        self._abbreviate()
        while at < len(source):
            end = line_end(source, at)
            line = _LINE.match(source, at, end)
            blank = 0 if source[at:end].strip() else blank + 1
            if blank or line:
                yield from self._text(text, at)
                text = at
            if blank > 1:  # ends a footnote
                self._sheet.role = "text"
            elif line:
                text = end = yield from self._line(line, at, end)
            at = end
        yield from self._text(text, at)

    def _line(self, line: re.Match[bytes], at: int, end: int) -> Reading:
        """A line that says what it is; gives where the text goes on."""
        sheet, kind = self._sheet, line.lastgroup
        if line["stars"]:
            self._headline(line)
            return line.end()
        if line["note"]:
            yield from sheet.running(at)
            sheet.role = "footnote"
            return line.end()
        if line["block"]:
            return (yield from self._block(line, end))
        if kind == "comment":
            yield from sheet.running(end, "comment")
        elif kind == "fixed":
            yield from sheet.running(end, "code")
        elif kind == "drawer":
            return (yield from self._drawer(end))
        elif kind == "keyword":
            yield from self._keyword(line, end)
        return end

    def _headline(self, line: re.Match[bytes]) -> None:
        self._sheet.role = "text"
        stars = len(line["stars"])
        if self._dead and stars <= self._dead:
            self._dead = 0
        if not self._dead and (line["dead"] or line["dead2"]):
            self._dead = stars

    def _block(self, line: re.Match[bytes], end: int) -> Reading:
        """#+begin_… up to #+end_…; quotations, verses and centred text are text."""
        source, name = self._source, line["block"].lower()
        if name not in _CODE and name != b"comment":
            self._sheet.skip(end)
            return end
        close = re.compile(rb"^[ \t]*#\+end_" + re.escape(name) + rb"\b", re.I | re.M)
        closed = None if name in self._endless else close.search(source, end)
        if closed is None:  # then it is none
            self._endless.add(name)
            return end
        stop = closed.start()
        if name == b"html" or (name == b"export" and (line["of"] or b"").lower() == b"html"):
            yield from self._sheet.markup(end, stop)
        else:
            self._sheet.skip(end)
            yield from self._sheet.running(stop, "comment" if name == b"comment" else "code")
        after = line_end(source, stop)
        self._sheet.skip(after)
        return after

    def _drawer(self, end: int) -> Reading:
        """A drawer's properties; what else stands in one is text."""
        source, at = self._source, end
        while at < len(source) and (found := _PROPERTY.match(source, at, end := line_end(source, at))):
            yield from self._values(found.end(), end)
            at = end
        return at

    def _keyword(self, line: re.Match[bytes], end: int) -> Iterator[Mention]:
        name = line["keyword"].decode().lower()
        if name == "link":
            start, stop = stripped(self._source, line.end(), end)
            short = self._source.find(b" ", start, stop)
            if short >= 0:
                url = stripped(self._source, short, stop)
                yield from self._sheet.cite(url, url, "definition", self._sheet.anchor(start, short))
            self._sheet.skip(end)
        elif name in _TEXT:
            yield from self._objects(line.end(), end)
        else:
            yield from self._values(line.end(), end)

    def _values(self, at: int, end: int) -> Iterator[Mention]:
        role, self._sheet.role = self._sheet.role, "front-matter"
        self._sheet.skip(at)
        yield from self._objects(at, end)
        self._sheet.role = role

    def _abbreviate(self) -> None:
        """Abbreviations hold in the whole document."""
        for found in re.finditer(rb"^[ \t]*#\+LINK:[ \t]*(\S+)[ \t]+(\S[^\n]*)", self._source, re.I | re.M):
            self._short[found[1].decode("utf-8", "replace").strip('"')] = found[2].decode("utf-8", "replace").strip()

    # Objects

    def _text(self, at: int, end: int) -> Iterator[Mention]:
        if self._dead:
            yield from self._sheet.running(end, "comment")
        elif at < end:
            yield from self._objects(at, end)

    def _objects(self, at: int, end: int) -> Iterator[Mention]:
        sheet, source, role = self._sheet, self._source, self._sheet.role
        row = source[at : at + REACH].lstrip().startswith(b"|")
        self._depth.clear()
        yield from sheet.running(at)
        sheet.floor = at
        while found := _INLINE.search(source, at, end):
            kind, at = found.lastgroup or "", found.end()
            if kind in ("open", "close"):
                yield from self._bracket(kind, at, role)
            elif kind == "note":
                yield from sheet.running(found.start())
                sheet.skip(at)
                self._depth.append(0)
                sheet.role = "footnote"
            elif kind == "bar" and row:
                yield from sheet.running(found.start())
                sheet.skip(at)
            elif found["angle"]:
                yield from sheet.running(found.start())
                yield from sheet.cite(found.span(), found.span("angle"), "autolink", sheet.shown(*found.span("angle")))
                sheet.skip(at)
            elif found["verbatim"]:
                yield from sheet.running(found.start())
                yield from sheet.running(at - 1, "code")
                sheet.skip(at)
            elif kind == "html" and (stop := source.find(b"@@", at, min(end, at + REACH))) >= 0:
                yield from sheet.running(found.start())
                yield from sheet.markup(at, stop)
                at = stop + 2
                sheet.skip(at)
            elif found["to"]:
                at = yield from self._link(found, end)
        yield from sheet.running(end)
        sheet.role = role

    def _bracket(self, kind: str, at: int, outside: str) -> Iterator[Mention]:
        """A bracket, which may end a footnote."""
        if not self._depth or at <= self._sheet.hushed:
            return
        self._depth[-1] += 1 if kind == "open" else -1
        if self._depth[-1] < 0:
            yield from self._sheet.running(at)
            self._depth.pop()
            self._sheet.role = "footnote" if self._depth else outside

    def _link(self, found: re.Match[bytes], end: int) -> Reading:
        """[[target]] or [[target][description]]; gives where to go on, which may be a picture in the description."""
        sheet, source, url = self._sheet, self._source, found.span("to")
        start, at = found.start(), found.end()
        stop = after = at
        if found["described"]:
            within = _WITHIN.match(source, at, end)
            stop = within.end() - 2 if within else source.find(b"]]", at, min(end, at + REACH))
            if stop < 0:
                return at
            after = stop + 2
        yield from sheet.running(start)
        target = self._target(url)
        anchor = sheet.anchor(at, stop).strip("[]") or sheet.shown(*url)
        role = "image" if is_picture(target) and not found["described"] else "link"
        if target:
            yield from sheet.cite((start, after), url, role, anchor if role == "link" else "", target)
        sheet.skip(after)
        inner = stripped(source, at, stop)
        if inner[0] < inner[1] and b"[" not in source[slice(*inner)] and is_picture(picture := self._target(inner)):
            yield from sheet.cite((start, after), inner, "image", "", picture)
        sheet.hushed = max(sheet.hushed, after)
        return at if found["described"] else after

    def _target(self, span: Span) -> str:
        """Where a link leads; "" when it is to a place in the document or a note elsewhere."""
        written = " ".join(self._source[slice(*span)].decode("utf-8", "replace").split())
        target = _ESCAPE.sub(rb"\1", written.encode()).decode()
        kind = target.partition(":")[0]
        if kind in self._short:
            return self._abbreviated(self._short[kind], target[len(kind) + 1 :])
        if target.startswith("doi:"):
            return "https://doi.org/" + target[4:]
        if target.startswith("file:") and not target.startswith(("file:/", "file:~")):
            return target[5:]
        if scheme(target):
            return "" if scheme(target) in _INTERNAL or " " in kind else target
        return target if target.startswith(("#", "./", "../", "/", "//")) else ""

    def _abbreviated(self, pattern: str, tag: str) -> str:
        spelled = pattern.replace("%s", tag) if "%s" in pattern else pattern + tag
        return spelled.replace("%h", tag)[:MAX_VALUE]
