"""AsciiDoc, by the rules of the AsciiDoc language documentation and of Asciidoctor.

It goes by lines where blocks begin and end, and by macros in the paragraphs between. Attributes are resolved where
they are referred to, as they were set by then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from preserve.documents.find import find
from preserve.documents.mention import Mention
from preserve.documents.readers.markup import (
    ENTITY,
    MAX_VALUE,
    Dialect,
    Reading,
    Sheet,
    Span,
    closing,
    decoded,
    kept,
    line_end,
    lines,
    stripped,
)

_FENCE = re.compile(rb"(?:(?P<line>-{4,}|\.{4,}|\+{4,}|/{4,})|(?P<ticks>```+)[^`\n]*?)[ \t]*(?:\n|\Z)")
_TITLE = re.compile(rb"[^\s\[.:/|][^\n]*")  # over a line of dashes or pluses of its length: an old kind of heading
_ATTRIBUTE = re.compile(rb":(!?\w[\w-]*!?):(?=\s|\Z)")
_MORE = re.compile(rb"[ \t][\\+][ \t]*\n?\Z")  # the value goes on in the next line
_STYLE = re.compile(rb"\[([\w-]*)(?:[,%#.][^\]\n]*)?\][ \t]*(?:\n|\Z)")
_INDENTED = re.compile(rb"[ \t]+(?!(?:[-*.\d]{1,6}\.?|[a-z]\.|<\d+>)[ \t])\S")  # but no item of a list
_HEADING = re.compile(rb"={1,6}[ \t]+\S")
_TABLE = re.compile(rb"[|,:!]={3,}[ \t]*(?:\n|\Z)")
_VERBATIM = frozenset({b"source", b"listing", b"literal", b"stem", b"latexmath", b"asciimath", b"plantuml", b"mermaid"})

_URL = rb"(?:(?:https?|ftp|irc|sftp|gopher|gemini|ipfs)://|mailto:)"
_REST = rb"(?:(?!footnote:)[^\s<>\[\]]|\[[^\s\[\]]{0,40}\]=)*+"  # brackets before `=` are those of a form
_INLINE = re.compile(
    rb"(?P<escaped>\\(?:[\[\]{`]|" + _URL + rb"|(?:link|image|footnote):))"
    rb"|(?P<raw>\+\+\+)|(?<!\w)(?P<pass>pass:[a-z,]{0,20}\[)"
    rb"|<(?P<angle>" + _URL + rb"[^\s<>]++)>"
    rb"|(?<!\w)link:(?:\+\+(?P<plus>(?:[^+\n]|\+(?!\+))*+)\+\+|(?P<to>(?!:)" + _REST + rb"))(?P<to_text>\[)?"
    rb"|(?<!\w)(?P<media>image|video|audio|include)::?(?P<source>(?!:)[^\s\[\]]*+)(?P<media_text>\[)?"
    rb"|(?<!\w)(?P<url>" + _URL + _REST + rb")(?P<url_text>\[)?"
    rb"|(?<![\w$])(?P<named>\{\w[\w-]*+\}" + _REST + rb")(?P<named_text>\[)?"
    rb"|(?P<note>footnote(?:ref)?:[\w-]*+\[)"
    rb"|(?<![\w`])(?P<code>`)(?=[^\s`])"
    rb"|(?P<open>\[)|(?P<close>\])|(?P<bar>\|)"
)
# In a table a bar ends a URL.
_CELLS = re.compile(_INLINE.pattern.replace(_REST, _REST.replace(rb"<>\[\]]|", rb"<>\[\]|]|")))
_LINKED = re.compile(_URL + _REST + rb"\[")
_DEFANGED = frozenset({b".", b"dot", b"(.)"})  # someone made the URL unclickable; what stands in brackets is no text
_NAME = re.compile(r"\{(\w[\w-]*)\}")
_LABEL = re.compile(r'\s*(?:"([^"]*)"|([^,]*))')
_NAMED = re.compile(r"(?:^|,)\s*[\w-]+=")
_LINK = re.compile(rb"[,\[]\s*(link|poster)\s*=\s*(?:\"([^\"\]]*)\"|([^,\]\"]*))")
_PLAYERS = {"youtube": "https://www.youtube.com/watch?v=", "vimeo": "https://vimeo.com/"}
_LINKS = re.compile(
    r"(?:link:|image::?)?((?:(?:https?|ftp)://|mailto:|(?<=link:)|(?<=image:))[^\s\[\]]*+)(?:\[([^\],\[]*)[^\]]*\])?"
)
_MARKS = re.compile(
    r"footnote(?:ref)?:[\w-]*\[[^\]]*\]?|(?<!\w)[*_`#]{1,2}(?=\S)|(?<=\S)[*_`#]{1,2}(?!\w)|\[\[\[?[^\[\]]*\]\]\]?|\|"
)
_BREAK = re.compile(
    r"\n(?=\*+ |\.+ |- |[|=]|\[|:[\w-]+:)|\n\s*\n|\n(?:-{4}|\.{4}|/{4}|_{4}|={4})[^\n]*|(?:(?<=\s)|^)\||[ ]\|"
    r"|footnote:[\w-]*\["
)
_DIALECT = Dialect(lambda source: _MARKS.sub("", _LINKS.sub(kept, source)), ENTITY, decoded, _BREAK)


def read(data: bytes) -> Iterator[Mention]:
    """Links, pictures, films, footnotes, attributes, and URLs in running text, code and comments."""
    return _Page(data).mentions()


class _Page:
    def __init__(self, data: bytes) -> None:
        self._source = lines(data)
        self._sheet = Sheet(data, _DIALECT)
        self._attributes: dict[str, str] = {}
        self._style = b""  # of the next block
        self._table = False
        self._titled = False  # the bibliography has its heading
        self._depth: list[int] = []  # open brackets in each open footnote

    # Blocks

    def mentions(self) -> Iterator[Mention]:
        source, at, paragraph, header = self._source, 0, 0, True  # `paragraph`: where the one that goes on begins
        while at < len(source):
            end = line_end(source, at)
            fence = _FENCE.match(source, at, end)
            if not source[at:end].strip():
                yield from self._paragraph(paragraph, end)
                paragraph, header = end, False
            elif fence and not self._underlines(paragraph, at, end):
                yield from self._paragraph(paragraph, at)
                paragraph = end = yield from self._fenced(fence)
            elif source.startswith(b"//", at) and not source.startswith(b"///", at):
                yield from self._paragraph(paragraph, at)
                yield from self._sheet.running(end, "comment")
                paragraph = end
            elif (paragraph == at or header) and (attribute := _ATTRIBUTE.match(source, at, end)):
                yield from self._paragraph(paragraph, at)
                paragraph = end = yield from self._attribute(attribute, end)
            elif paragraph == at and (style := _STYLE.match(source, at, end)):
                self._styled(style[1])
                paragraph = end
            elif paragraph == at and not self._table and self._is_code(at, end):
                while end < len(source) and source[end : (more := line_end(source, end))].strip():
                    end = more
                yield from self._sheet.running(at)
                yield from self._sheet.running(end, "code")
                self._style, paragraph = b"", end
            else:
                if _TABLE.match(source, at, end):
                    yield from self._paragraph(paragraph, at)
                    self._table, paragraph = not self._table, at
                self._heading(at, end)
                self._style = b""
            at = end
        yield from self._paragraph(paragraph, at)

    def _underlines(self, paragraph: int, at: int, end: int) -> bool:
        """Whether the line at `at` makes a heading of the one line before it."""
        title = _TITLE.match(self._source, paragraph, at)
        if not title or title.end() + 1 != at or self._source[at : at + 1] not in b"-+":
            return False
        return abs(len(title[0].decode("utf-8", "replace").strip()) - len(self._source[at:end].strip())) <= 1

    def _fenced(self, fence: re.Match[bytes]) -> Reading:
        """A block up to the same line again; gives where it ends."""
        source, mark = self._source, fence["line"] or fence["ticks"]
        start = stop = fence.end()
        while stop < len(source) and source[stop : (end := line_end(source, stop))].rstrip() != mark:
            stop = end
        after = line_end(source, stop)
        self._sheet.skip(start)
        if mark[:1] == b"+" and self._style not in _VERBATIM:
            yield from self._sheet.markup(start, stop)
        else:
            yield from self._sheet.running(stop, "comment" if mark[:1] == b"/" else "code")
        self._sheet.skip(after)
        self._style = b""
        return after

    def _attribute(self, attribute: re.Match[bytes], end: int) -> Reading:
        """`:name: value`, which may go on over lines; gives where it ends."""
        source, name = self._source, attribute[1].decode().strip("!").lower()
        start = attribute.end()
        while _MORE.search(source, max(start, end - 8), end) and end < len(source):
            end = line_end(source, end)
        start, stop = stripped(source, start, end)
        value = source[start:stop]
        meant = self._sheet.meant(value[:MAX_VALUE].decode("utf-8", "replace"))
        if b"!" in attribute[1]:
            self._attributes.pop(name, None)
        else:
            self._attributes[name] = self._expanded(meant)
        if b"://" in value and not value.split()[1:]:
            yield from self._sheet.cite((start, stop), (start, stop), "definition", name, self._attributes.get(name))
            self._sheet.skip(end)
        yield from self._sheet.running(end, "front-matter")
        return end

    def _styled(self, style: bytes) -> None:
        self._style = style.lower()
        if self._style == b"bibliography":
            self._sheet.role, self._titled = "bibliography", False

    def _heading(self, at: int, end: int) -> None:
        if self._sheet.role == "bibliography" and _HEADING.match(self._source, at, end):
            if self._titled:
                self._sheet.role = "text"
            self._titled = True

    def _is_code(self, at: int, end: int) -> bool:
        """Whether the paragraph at `at` is shown as it is written."""
        if self._style in _VERBATIM:
            return True
        # Behind the term of a description list it is its text.
        before = self._source[max(0, at - 80) : at].rstrip()
        return bool(_INDENTED.match(self._source, at, end)) and not before.endswith((b"::", b";;"))

    # Paragraphs

    def _paragraph(self, at: int, end: int) -> Iterator[Mention]:
        role, self._depth = self._sheet.role, []
        raw = code = True  # may still find their end
        yield from self._sheet.running(at)
        self._sheet.floor = at
        inline = _CELLS if self._table else _INLINE
        while macro := inline.search(self._source, at, end):
            kind = macro.lastgroup or ""
            at = macro.end()
            if kind in ("open", "close"):
                yield from self._bracket(kind, at, role)
            elif kind == "note":
                yield from self._sheet.running(macro.start())
                self._sheet.skip(at)
                self._depth.append(0)
                self._sheet.role = "footnote"
            elif kind == "bar" and self._table:
                yield from self._sheet.running(macro.start())
                self._sheet.skip(at)
            elif kind == "raw" and raw:
                stop = self._source.find(b"+++", at, end)
                raw = stop >= 0
                at = (yield from self._html(macro.start(), at, stop, 3)) if raw else at
            elif kind == "pass":
                at = yield from self._html(macro.start(), at, closing(self._source, at, end), 1)
            elif kind == "code" and code:
                stop = self._source.find(b"`", at, end)
                code = stop >= 0
                if code and not _LINKED.search(self._source, at, stop):
                    yield from self._sheet.running(at)
                    yield from self._sheet.running(stop, "code")
                    at = stop + 1
                    self._sheet.skip(at)
            elif macro["media"]:
                yield from self._media(macro, end)
            elif kind not in ("bar", "raw", "code", "escaped"):
                yield from self._link(macro, end)
        yield from self._sheet.running(end)
        self._sheet.role = role

    def _bracket(self, kind: str, at: int, outside: str) -> Iterator[Mention]:
        """A bracket, which may end a footnote."""
        if not self._depth or at <= self._sheet.hushed:
            return
        self._depth[-1] += 1 if kind == "open" else -1
        if self._depth[-1] < 0:
            yield from self._sheet.running(at)
            self._depth.pop()
            self._sheet.role = "footnote" if self._depth else outside

    def _html(self, start: int, inner: int, stop: int, size: int) -> Reading:
        if stop < 0:
            return inner
        yield from self._sheet.running(start)
        yield from self._sheet.markup(inner, stop)
        self._sheet.skip(stop + size)
        return stop + size

    def _link(self, macro: re.Match[bytes], end: int) -> Iterator[Mention]:
        """`url[text]`, `link:url[text]`, `<url>`, `{name}` or `{name}[text]`."""
        sheet, source = self._sheet, self._source
        group = next(name for name in ("angle", "plus", "to", "url", "named") if macro[name] is not None)
        url, bracket = macro.span(group), (macro.lastgroup or "").endswith("_text")
        stop = closing(source, macro.end(), end) if bracket else -1
        if source[macro.end() : stop] in _DEFANGED and source[stop + 1 : stop + 2].isalnum():
            return
        if group == "angle":
            yield from sheet.running(macro.start())
            yield from sheet.cite(macro.span(), url, "autolink", sheet.shown(*url))
            sheet.skip(macro.end())
        elif stop >= 0:
            target = self._target(url, literal=group == "plus")
            if group == "named" and ":" not in target and "/" not in target:
                return
            yield from sheet.running(macro.start())
            anchor = self._label(macro.end(), stop) or target
            role = "reference" if group == "named" else "link"
            yield from sheet.cite((macro.start(), stop + 1), url, role, anchor, target)
            sheet.skip(macro.end())
            sheet.hushed = max(sheet.hushed, stop + 1)
        elif group == "named":
            yield from self._named(macro)

    def _named(self, macro: re.Match[bytes]) -> Iterator[Mention]:
        """`{name}` in running text, whose value is a URL or begins one."""
        start, end = macro.span("named")
        target = self._target((start, end))
        if "://" not in target:
            return
        found = next(find(target.encode()), None)
        if found and found.start == 0:
            end -= len(target.encode()) - found.end  # what follows the name and is not the URL's
            yield from self._sheet.running(start)
            yield from self._sheet.cite((start, end), (start, end), "reference", found.target, found.target)
            self._sheet.skip(end)

    def _media(self, macro: re.Match[bytes], end: int) -> Iterator[Mention]:
        """A picture, film, sound or page that the document takes in, and where a picture leads to."""
        sheet, source = self._sheet, self._source
        stop = closing(source, macro.end(), end) if macro["media_text"] else -1
        url, kind = macro.span("source"), macro["media"]
        if stop < 0 or not macro["source"]:
            return
        label, target = self._label(macro.end(), stop), self._target(url)
        player = _PLAYERS.get(label.lower(), "") if kind == b"video" else ""
        if player:
            target, label = player + target.partition("/")[0].partition(",")[0], ""
        base = self._attributes.get("imagesdir", "") if kind != b"include" else ""
        base = base.rstrip("/") + "/" if "://" in base else ""
        yield from sheet.running(macro.start())
        if kind != b"include" or "://" in target:
            role = "image" if kind == b"image" else "embed"
            yield from sheet.cite((macro.start(), stop + 1), url, role, label, target, base=base)
        for more in _LINK.finditer(source, macro.end() - 1, stop):
            leads = more.span(3 if more[2] is None else 2)
            role = "link" if more[1] == b"link" else "image"
            yield from sheet.cite((macro.start(), stop + 1), leads, role, label, self._target(leads))
        sheet.skip(stop + 1)

    def _label(self, start: int, end: int) -> str:
        """The first value of a list of attributes; a text without any is one as a whole."""
        text = self._sheet.anchor(start, end)
        if _NAMED.search(text) or text.startswith('"'):
            first = _LABEL.match(text)
            text = (first[1] if first[1] is not None else first[2]) if first else ""
            text = "" if _NAMED.match(text) else text
        return text.strip().removesuffix("^").strip()

    def _target(self, url: Span, *, literal: bool = False) -> str:
        written = self._source[slice(*url)].decode("utf-8", "replace")
        return written if literal else self._expanded(self._sheet.meant(written))

    def _expanded(self, text: str) -> str:
        if "{" not in text:
            return text
        return _NAME.sub(lambda name: self._attributes.get(name[1].lower(), name[0]), text)[:MAX_VALUE]
