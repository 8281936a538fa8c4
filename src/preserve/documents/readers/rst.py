"""reStructuredText, by the rules of docutils' "reStructuredText Markup Specification".

The first pass goes by lines and takes what explicit markup says: targets, footnotes, pictures, code, comments. The
second goes through the text between them, with all targets known, for a reference may stand before its target.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from preserve.documents.mention import Mention, words
from preserve.documents.readers.markup import Dialect, Reading, Sheet, Span, indent, kept, line_end, lines, stripped

_EXPLICIT = re.compile(rb"[ \t]*(?:[-*+][ \t]+)*(?:\.\.(?=\s|\Z)[ \t]*|__(?=[ \t]+\S|[ \t]*(?:\n|\Z)))")
_TARGET = re.compile(rb"_(`(?:[^`\\]|\\.)+`|(?:[^:\\\n`]|\\.|:(?!\s))+):(?=\s|\Z)", re.S)
_NOTE = re.compile(rb"\[(\d+|#[\w.:+-]*|\*|[A-Za-z\x80-\xff][\w.:+\x80-\xff-]*)\](?=\s|\Z)")
_DIRECTIVE = re.compile(rb"(?:\|([^|\n]+)\|[ \t]+)?([A-Za-z][\w.:+-]{0,60}?)[ \t]*::(?=\s|\Z)")
_OPTION = re.compile(rb"[ \t]+:([\w -]+):(?=\s)")
_LEAD = re.compile(rb"[ \t]*(?:(?:[-*+]|\(?(?:\d{1,3}|[A-Za-z#])[.)])[ \t]+)*")
_DOCTEST = re.compile(rb"[ \t]*>>> ")
_PICTURES = frozenset({b"image", b"figure", b"thumbnail"})
_EMBEDS = frozenset({b"video", b"audio", b"iframe", b"include"})
_CODE = frozenset({
    b"code", b"code-block", b"sourcecode", b"literalinclude", b"math", b"raw", b"doctest", b"testcode", b"testsetup",
    b"testoutput", b"prompt", b"ipython", b"graphviz", b"digraph", b"graph", b"plantuml", b"uml", b"mermaid",
    b"jupyter-execute", b"productionlist",
})  # fmt: skip

_INLINE = re.compile(
    rb"(?<![\w\\`])(?P<literal>``)(?=\S)"
    rb"|(?<![\w\\`])(?::(?P<before>[A-Za-z][\w.+:-]{0,60}):)?`(?P<phrase>(?:[^`\\]|\\.)++)`"
    rb"(?:(?P<under>__?)(?!\w)|:(?P<after>[A-Za-z][\w.+:-]{0,60}):)?"
    rb"|(?<=[A-Za-z0-9\x80-\xff])(?P<mark>__?)(?![\w\x80-\xff])"
    rb"|(?<!\\)\|(?=\S)(?P<picture>[^|\n]{1,200})\|__?(?!\w)",
    re.S,
)
_NAME = re.compile(rb"(?:(?<![\w\x80-\xff.@+\\])|\A)[A-Za-z0-9\x80-\xff]++(?:[-_.:+][A-Za-z0-9\x80-\xff]++)*+\Z")
_EMBEDDED = re.compile(rb"`([^`<\\]*)<([^<>`]*)>`_(?!_)")
_ENDS_IN_URL = re.compile(rb"(?<!\\)<[^<>]*(?<!\\)>\Z")
_MAX_NAME = 100  # bytes of a reference without quotes that are looked at
_ROLES = frozenset({b"literal", b"code", b"math", b"raw", b"file", b"samp", b"kbd", b"command", b"regexp"})  # of code
_MARKS = re.compile(
    r"`((?:[^`<\\]|\\.)*?)(?:\s?<[^<>`]*>)?`_{0,2}|:[a-z][\w.-]{0,60}:(?=`)|\*+|``|^[ ]*\.\. (?:\[[^\]]+\]|_[^:\n]+:)"
    r"|[ ]?\[[\w#*]+\]_|(?<=\w)__?(?!\w)|(?:^|(?<=\s))\|(?=\s|$)|\|(?=[\w|])|(?<=\w)\|"
    r"|^[ ]*[=~^\"+-][ =~^\"+-]{3,}$|^[ ]*\.\.(?:[ ]\|[^|\n]*\|)?[ ]?[\w-]*(?:::)?|^[ ]+:[\w-]+:",
    re.S | re.M,
)


def _meant(match: re.Match[bytes]) -> bytes:
    return b"" if match[1].isspace() else match[1]


_BREAK = re.compile(
    r"\n(?=[ ]*(?:\.\. |__ |:[\w -]{1,40}: |[-*+] |\|[ ]))|\n[ ]*[=~^\"+-][ =~^\"+-]{3,}|\n\s*\n|[ ]\|[ ]"
)
_DIALECT = Dialect(lambda source: _MARKS.sub(kept, source), re.compile(rb"\\([\s\S])"), _meant, _BREAK)


def read(data: bytes) -> Iterator[Mention]:
    """Links, references and their targets, pictures, footnotes, citations, and URLs in running text."""
    page = _Page(data)
    yield from page.explicit()
    yield from page.inline()


class _Targets:
    """What names lead to: the place of a URL, or another name."""

    CHAIN = 10  # names that lead to names: more than two have not been seen, and they may lead round

    def __init__(self) -> None:
        self._named: dict[str, Span | str] = {}
        self._anonymous: list[Span | str] = []
        self.pending: list[str] = []  # places in the text, which the next target, if it follows at once, gives a URL

    def add(self, name: str, leads: Span | str) -> None:
        for one in (*self.pending, name):
            if one == "_":
                self._anonymous.append(leads)
            else:
                self._named.setdefault(one, leads)
        self.pending.clear()

    def close(self) -> None:
        """Text follows: the pending ones are places in it."""
        self._anonymous += [""] * self.pending.count("_")
        self.pending.clear()

    def find(self, name: str) -> Span | None:
        return self._follow(self._named.get(name))

    def nth(self, index: int) -> Span | None:
        return self._follow(self._anonymous[index]) if index < len(self._anonymous) else None

    def _follow(self, leads: Span | str | None) -> Span | None:
        for _ in range(self.CHAIN):
            if not isinstance(leads, str):
                return leads
            leads = self._named.get(leads)
        return None


class _Page:
    def __init__(self, data: bytes) -> None:
        self._source = lines(data)
        self._sheet = Sheet(data, _DIALECT)
        self._parts: list[tuple[int, int, str]] = []  # start, end, role
        self._from = 0  # where the text that no part holds yet begins
        self._note = ("", 0)  # role and indentation of the footnote that is going on
        self._targets = _Targets()
        self._anonymous = 0  # references to anonymous targets so far
        self._leading: list[tuple[str, Span, str]] = []  # pictures that lead to a name

    # The first pass

    def explicit(self) -> Iterator[Mention]:
        """What explicit markup cites; on the way, the parts of the document."""
        source, at = self._source, 0
        while at < len(source):
            end = line_end(source, at)
            level = indent(source, at, end)
            if level >= 0 and self._note[0] and level <= self._note[1]:
                self._text(at)
                self._note = ("", 0)
            if level >= 0 and (explicit := _EXPLICIT.match(source, at, end)):
                self._text(at)
                at = yield from self._marked(explicit, end, level)
            else:
                at = self._plain(at, end, level)
        self._text(len(source))

    def _marked(self, explicit: re.Match[bytes], end: int, level: int) -> Reading:
        """An explicit markup block; gives where the next line is to be looked at."""
        source, at = self._source, explicit.end()
        if explicit[0].endswith(b"__"):
            return (yield from self._define("_", at, self._block(end, level)))
        if not source[at:end].strip():  # an empty comment ends a list, and takes nothing along behind a blank line
            follows = end < len(source) and indent(source, end, line_end(source, end)) > level
            return self._part(end, self._body(end, level) if follows else end, "comment")
        if source[at : at + 1] == b"_" and (target := _TARGET.match(source, at, self._block(end, level))):
            return (yield from self._define(_folded(target[1]), target.end(), self._block(end, level)))
        self._targets.close()
        if note := _NOTE.match(source, at, end):
            self._from = note.end()
            self._note = ("footnote" if note[1][:1] in b"#*" or note[1].isdigit() else "bibliography", level)
            return self._plain(note.end(), end, level)
        if directive := _DIRECTIVE.match(source, at, end):
            return (yield from self._directive(directive, end, level))
        return self._part(at, self._body(end, level), "comment")

    def _define(self, name: str, start: int, end: int) -> Reading:
        """`.. _name: url`, `.. _name: other_` or `.. _name:`, which is a place in the text."""
        self._from = end
        url = stripped(self._source, start, end)
        written = self._source[slice(*url)]
        if not written:
            self._targets.pending.append(name)
        elif alias := _alias(written):
            self._targets.add(name, alias)
        else:
            self._targets.add(name, url)
            yield from self._sheet.cite(url, url, "definition", "" if name == "_" else words(name))
        return end

    def _directive(self, directive: re.Match[bytes], end: int, level: int) -> Reading:
        """Its argument, its options, and what they say of its content."""
        source, kind = self._source, directive[2].lower()
        self._from = directive.end()
        options = self._block(end, level, argument=True)
        after = self._options(options)
        if kind in _PICTURES or (kind in _EMBEDS and b"://" in source[directive.end() : options]):
            yield from self._picture(directive, options, after)
            self._from = after
        elif kind == b"raw" and source[directive.end() : end].split()[:1] == [b"html"]:
            stop = self._part(after, self._body(after, level), "")
            yield from self._sheet.markup(after, stop)
            return stop
        elif kind in _CODE:
            after = self._options(end)
            return self._part(after, self._body(after, level), "code")
        else:
            return self._plain(directive.end(), end, level)
        return after

    def _picture(self, directive: re.Match[bytes], end: int, after: int) -> Iterator[Mention]:
        """A picture, and where it leads to."""
        source, at = self._source, end
        options: dict[bytes, Span] = {}
        while at < after and (option := _OPTION.match(source, at, after)):
            at = line_end(source, at)
            options[option[1]] = stripped(source, option.end(), at)
        url, leads = stripped(source, directive.end(), end), options.get(b"target", (0, 0))
        label = self._sheet.anchor(*options[b"alt"]) if b"alt" in options else _text(directive[1] or b"")
        yield from self._sheet.cite(url, url, "image" if directive[2].lower() in _PICTURES else "embed", label)
        if alias := _alias(source[slice(*leads)]):
            self._leading.append((alias, leads, label))
        elif leads[1]:
            yield from self._sheet.cite(leads, leads, "link", label)

    def _plain(self, at: int, end: int, level: int) -> int:
        """A line of text: where the next one is that is to be looked at. What it introduces may be code."""
        source = self._source
        if level >= 0:
            self._targets.close()
        if _DOCTEST.match(source, at, end):
            return self._part(at, self._block(end, -1), "code")
        if not source[max(at, end - 80) : end].rstrip().endswith(b"::"):
            return end
        lead = _LEAD.match(source, at, end)
        if lead and lead.end() > at:
            level = len(source[at : lead.end()].expandtabs())
        after = end
        while after < len(source) and indent(source, after, line_end(source, after)) < 0:
            after = line_end(source, after)
        stop = self._body(after, level)
        return self._part(after, stop, "code") if stop > after > end else after

    def _part(self, start: int, end: int, role: str) -> int:
        """Notes a part that is no text; where it ends."""
        self._text(start)
        if role and start < end:
            self._parts.append((start, end, role))
        self._from = end
        return end

    def _text(self, end: int) -> None:
        if self._from < end:
            self._parts.append((self._from, end, self._note[0] or "text"))
        self._from = end

    def _body(self, at: int, level: int) -> int:
        """The end of the lines from `at` on that are indented deeper than `level`."""
        source, stop = self._source, at
        while at < len(source):
            end = line_end(source, at)
            deep = indent(source, at, end)
            if 0 <= deep <= level:
                break
            at, stop = end, end if deep >= 0 else stop
        return stop

    def _block(self, at: int, level: int, *, argument: bool = False) -> int:
        """The same up to a blank line; an `argument` ends where options begin."""
        source = self._source
        while at < len(source) and indent(source, at, end := line_end(source, at)) > level:
            if argument and _OPTION.match(source, at, end):
                break
            at = end
        return at

    def _options(self, at: int) -> int:
        source = self._source
        while at < len(source) and _OPTION.match(source, at, end := line_end(source, at)):
            at = end
        return at

    # The second pass

    def inline(self) -> Iterator[Mention]:
        """What the text cites, and the URLs in code and comments."""
        self._targets.close()
        self._sheet.at = 0
        for phrase in _EMBEDDED.finditer(self._source):
            name = _folded(phrase[1])
            alias = _alias(phrase[2])
            self._targets.add(name, alias or phrase.span(2))
        for name, span, label in self._leading:
            if url := self._targets.find(name):
                yield from self._sheet.refer(span, url, label)
        for start, end, role in self._parts:
            self._sheet.skip(start)
            self._sheet.floor, self._sheet.role = start, role
            if role not in ("code", "comment"):
                for paragraph in self._paragraphs(start, end):
                    self._sheet.floor = paragraph[0]
                    yield from self._spans(*paragraph)
            yield from self._sheet.running(end)

    def _paragraphs(self, at: int, end: int) -> Iterator[Span]:
        """What stands between blank lines: no markup goes over one."""
        source, begin = self._source, at
        while at < end:
            line, at = at, min(line_end(source, at), end)
            if not source[line:at].strip():
                yield begin, line
                begin = at
        yield begin, end

    def _spans(self, at: int, end: int) -> Iterator[Mention]:
        source, literals = self._source, True
        while span := _INLINE.search(source, at, end):
            at = span.end()
            if span["literal"]:
                close = source.find(b"``", at, end) if literals else -1
                literals = close >= 0
                if literals:
                    yield from self._code(span.start(), close + 2)
                    at = close + 2
            elif span["phrase"]:
                yield from self._phrase(span)
            else:
                yield from self._name(span)

    def _code(self, start: int, end: int) -> Iterator[Mention]:
        yield from self._sheet.running(start)
        yield from self._sheet.running(end, "code")

    def _phrase(self, span: re.Match[bytes]) -> Iterator[Mention]:
        """What stands in backquotes: a link, a reference, or what its role says."""
        sheet, (start, end) = self._sheet, span.span("phrase")
        opened = self._source.rfind(b"<", start, end) if _ENDS_IN_URL.search(span["phrase"]) else -1
        if (span["before"] or span["after"] or b"") in _ROLES:
            yield from self._code(*span.span())
        elif opened >= 0 and (span["under"] or (span["before"] and b"://" in self._source[opened:end])):
            yield from sheet.running(span.start())
            sheet.skip(span.end())
            url = (opened + 1, end - 1)
            anchor = sheet.anchor(start, opened) or sheet.shown(*url)
            if alias := _alias(self._source[slice(*url)]):
                yield from self._refer(span.span(), self._targets.find(alias), anchor)
            else:
                yield from sheet.cite(span.span(), url, "link", anchor)
        elif span["under"]:
            yield from self._refer(span.span(), self._leads(span["phrase"], span["under"]), sheet.anchor(start, end))

    def _name(self, span: re.Match[bytes]) -> Iterator[Mention]:
        """`name_` or `|picture|_`."""
        start, under = span.span()
        name = span["picture"]
        if not name:
            window = self._source[max(self._sheet.at, start - _MAX_NAME) : start]
            found = _NAME.search(window)
            if not found or b"://" in window.split()[-1]:  # no part of a URL
                return
            name, start, under = found[0], start - len(found[0]), span.end()
        url = self._leads(name, span["mark"] or b"_")
        yield from self._refer((start, under), url, _text(name))

    def _leads(self, name: bytes, under: bytes) -> Span | None:
        if under == b"_":
            return self._targets.find(_folded(name))
        self._anonymous += 1
        return self._targets.nth(self._anonymous - 1)

    def _refer(self, span: Span, url: Span | None, anchor: str) -> Iterator[Mention]:
        if url:
            yield from self._sheet.running(span[0])
            self._sheet.skip(span[1])
            yield from self._sheet.refer(span, url, anchor)


def _alias(written: bytes) -> str:
    """The name that stands where a URL is expected; "" of a URL."""
    if not written.endswith(b"_") or written.endswith(b"\\_") or b"/" in written:
        return ""
    return _folded(written[:-1])


def _folded(name: bytes) -> str:
    """A reference name, whose case and white space say nothing."""
    return " ".join(_DIALECT.undo(_text(name.strip().strip(b"`"))).split()).casefold()


def _text(source: bytes) -> str:
    return words(source.decode("utf-8", "replace"))
