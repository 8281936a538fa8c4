"""LaTeX: the commands of hyperref, url, graphicx and the bibliographies, and the escapes of its text.

One pass over commands and braces. What is open (a footnote, the text of a link) is kept in a list with the depth of
braces at which it ends; nothing is expanded but macros whose whole meaning is a URL or its beginning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from preserve.documents.find import find
from preserve.documents.mention import Mention
from preserve.documents.readers.markup import MAX_VALUE, Dialect, Reading, Sheet, Span, kept, line_end, lines, stripped
from preserve.documents.url import scheme

_SYMBOLS = {
    b"textasciitilde": b"~", b"textunderscore": b"_", b"textbackslash": b"\\", b"slash": b"/", b"textpercent": b"%",
    b"textasciicircum": b"^", b"textquotesingle": b"'", b"textbar": b"|", b"textless": b"<", b"textgreater": b">",
    b"textquotedbl": b'"', b"textdollar": b"$", b"allowbreak": b"", b"nobreak": b"", b"linebreak": b"", b"sim": b"~",
    b"string": b"", b"textendash": "–".encode(), b"textemdash": "—".encode(), b"ldots": "…".encode(),
    b"dots": "…".encode(), b"textellipsis": "…".encode(), b"hspace": b"", b"relax": b"",
    b"textquotedblleft": "“".encode(), b"textquotedblright": "”".encode(), b"guillemotleft": "«".encode(),
    b"guillemotright": "»".encode(), b"protect": b"",
}  # fmt: skip
_ESCAPE = re.compile(
    rb"\$\\sim\$|\\(?P<name>"
    + b"|".join(sorted(_SYMBOLS, reverse=True))
    + rb")(?![A-Za-z@])(?:\{\}|[ \t]+(?=\S)|[ \t]*\n(?=[^\s]))?"
    rb"|\\(?P<mark>[~^])\{\}|\\(?P<char>[_%&#${}~^])|\\[-/@]|\{(?P<braced>[\[\]]|-|,)\}"
)
_OPTIONS = re.compile(rb"\*?\s*(?:%[^\n]*\n\s*)?(?:\[[^\[\]\n]*\]\s*)*+(?:%[^\n]*\n\s*)?")
# The value between braces; no other command that takes one is in it, so that no byte is looked at for each of many.
_BRACED = re.compile(
    rb"\{((?:[^{}\\\n]|\n(?![ \t]*\n)|\\[^A-Za-z@]|\{[^{}\n]*\}"
    rb"|\\(?!url|href|hyper|def|newcommand|renew|footnote)[A-Za-z@])*+)\}"
)
_CODE = rb"verbatim|Verbatim|BVerbatim|LVerbatim|lstlisting|minted|alltt|Highlighting|spverbatim|tcblisting|comment"
_TOKEN = re.compile(
    rb"\\begin\s*\{(?:(?P<code>(?:" + _CODE + rb"|filecontents)\*?)|(?P<bibliography>thebibliography))\}"
    rb"|\\end\s*\{(?P<end>thebibliography|document)\}"
    rb"|\\(?P<verb>verb\*?|lstinline(?:\[[^\[\]\n]*\])?)(?![A-Za-z@])"
    rb"|\\(?P<url>url|nolinkurl|path|burl|biburl)(?![A-Za-z@])|\\(?P<href>href)(?![A-Za-z@])"
    rb"|\\(?P<image>includegraphics|includesvg)(?![A-Za-z@])"
    rb"|\\(?P<note>footnote|footnotetext|thanks|endnote|sidenote|marginpar|marginnote|todo)(?![A-Za-z@])"
    rb"|\\(?P<define>(?:re)?newcommand|providecommand|[gex]?def|urldef)(?![A-Za-z@])"
    rb"|\\(?P<macro>[A-Za-z@]+)|\\(?P<escaped>[\s\S])"
    rb"|(?P<comment>%)|(?P<open>\{)|(?P<close>\})|(?P<par>\n[ \t]*(?=\n))"
)
_NEW = re.compile(rb"\*?\s*(?:\{\s*\\([A-Za-z@]+)\s*\}|\\([A-Za-z@]+))\s*(?:\\url\s*)?(?=\{)")
_MACRO = re.compile(r"\\([A-Za-z@]+)(?:\{\}|[ \t]+(?=\S))?")
_JOINT = re.compile(r"%[ \t]*\n\s*")
_REST = re.compile(rb"(?:\{\}|[^\S\n](?![^\S\n]))?[^\s{}\\%]{0,2000}")
_MAX_OPEN = 1000  # footnotes and links in one another
_GROUPED = re.compile(r"\{(.?)\}")
_MARKS = re.compile(
    r"(\\(?:text(?:ascii|under|back|quote|bar|less|great|en|em|percent|dollar)\w*|sim|slash|l?dots)(?:\{\})?"
    r"|\\[~^]\{\})|\\(?:href|hyperlink|hypertarget|hyperref)\s*(?:\[[^\]]*\])?\{[^{}]*\}"
    r"|\\(?:label|cite[a-z]*|includegraphics|(?:eq|page)?ref)(?:\[[^\]]*\])?\{[^{}]*\}|\\(?:begin|end)\{[^{}]*\}"
    r"|\\item\b(?:\[[^\]]*\])?|\\footnote\s*\{|(?<!\\)%[^\n]*\n?|\\\\|\\ "
    r"|\\[A-Za-z@]+\*?(?:\[[^\]]*\])?[ ]?|(?<!\\)[{}$]"
)
_TIED = re.compile(r"(?<!\S)(?!\S*://)\S+")
_BREAK = re.compile(
    r"\\(?:item|bibitem|begin|end|section|subsection|footnote|caption)\b(?:\[[^\]]*\])?\{?[^{}\s]*\}?|\n\s*\n|\\\\|(?<!\\)&"
)


def _meant(match: re.Match[bytes]) -> bytes:
    if match["name"]:
        return _SYMBOLS[match["name"]]
    if match[0] == rb"$\sim$":
        return b"~"
    return match["mark"] or match["char"] or match["braced"] or b""


def _plain(source: str) -> str:
    """Without commands and braces; a tie is a space, but not that of a URL."""
    source = _MARKS.sub(kept, source)
    return _TIED.sub(lambda word: word[0].replace("~", " "), source) if "~" in source else source


_DIALECT = Dialect(_plain, _ESCAPE, _meant, _BREAK)


def read(data: bytes) -> Iterator[Mention]:
    """Links, footnotes, pictures, bibliographies, macros, and URLs in running text, code and comments."""
    return _Page(data).mentions()


@dataclass(slots=True)
class _Open:
    """A footnote, or a link whose text is going on."""

    depth: int
    start: int
    url: Span | None = None  # of a link
    text: int = 0  # where it begins
    role: str = ""  # what a footnote goes back to


class _Page:
    def __init__(self, data: bytes) -> None:
        self._source = lines(data)
        self._sheet = Sheet(data, _DIALECT)
        self._depth = 0
        self._open: list[_Open] = []
        self._endless: set[bytes] = set()  # environments that find no end
        self._macros: dict[str, str] = {}
        self._commands: dict[str, Callable[[re.Match[bytes]], Reading]] = {
            "code": self._code, "bibliography": self._bibliography, "end": self._end, "verb": self._verb,
            "url": self._url, "href": self._href, "image": self._image, "note": self._note, "define": self._define,
            "macro": self._macro, "comment": self._comment,
        }  # fmt: skip

    def mentions(self) -> Iterator[Mention]:
        source, sheet, at = self._source, self._sheet, 0
        while found := _TOKEN.search(source, at):
            at, kind = found.end(), found.lastgroup or ""
            if kind == "open":
                self._depth += 1
            elif kind == "close":
                yield from self._closed(found.start())
            elif kind == "par":
                yield from self._unlink(found.start())
                sheet.floor = at
            elif kind != "escaped":
                at = yield from self._commands[kind](found)
        yield from self._unlink(len(source))
        yield from sheet.running(len(source))

    def _closed(self, at: int) -> Iterator[Mention]:
        """A brace, which may end a footnote or the text of a link."""
        self._depth = max(0, self._depth - 1)
        while self._open and self._open[-1].depth >= self._depth:
            last = self._open.pop()
            if last.url:
                yield from self._unlink(at, last)
            else:
                yield from self._sheet.running(at)
                self._sheet.role = last.role

    def _unlink(self, at: int, link: _Open | None = None) -> Iterator[Mention]:
        """The end of a link; a paragraph's end is one too, for there the brace is missing."""
        sheet = self._sheet
        if link is None:
            links = [one for one in self._open[-1:] if one.url]
            if not links:
                return
            link = links[0]
            self._open.pop()
        url = link.url or (0, 0)
        sheet.hushed = 0
        anchor = sheet.anchor(link.text, at)
        yield from sheet.cite((link.start, at + 1), url, "link", anchor or sheet.shown(*url), self._target(url))
        sheet.skip(at)

    # Commands; each gives where to go on

    def _code(self, found: re.Match[bytes]) -> Reading:
        """An environment whose content is shown, or left out, as it is written."""
        source, name = self._source, found["code"]
        stop = -1 if name in self._endless else source.find(b"\\end{" + name + b"}", found.end())
        if stop < 0:
            self._endless.add(name)
            return found.end()
        role = "comment" if name == b"comment" else "code"
        if name.startswith(b"filecontents") and b".bib}" in source[found.end() : line_end(source, found.end())]:
            role = "bibliography"
        yield from self._sheet.running(found.start())
        self._sheet.skip(found.end())
        yield from self._sheet.running(stop, role)
        return stop

    def _bibliography(self, found: re.Match[bytes]) -> Reading:
        yield from self._sheet.running(found.start())
        self._sheet.role = "bibliography"
        return found.end()

    def _end(self, found: re.Match[bytes]) -> Reading:
        """Of the bibliography, or of the document: nothing behind that is printed."""
        yield from self._sheet.running(found.start())
        self._sheet.role = "text"
        if found["end"] == b"document":
            yield from self._sheet.running(len(self._source), "comment")
            return len(self._source)
        return found.end()

    def _comment(self, found: re.Match[bytes]) -> Reading:
        end = line_end(self._source, found.end())
        yield from self._sheet.running(found.start())
        yield from self._sheet.running(end, "comment")
        return end - 1 if self._source[end - 1 : end] == b"\n" else end

    def _verb(self, found: re.Match[bytes]) -> Reading:
        """\verb|…|, with any delimiter."""
        source, at = self._source, found.end()
        mark = source[at : at + 1]
        end = line_end(source, at)
        stop = source.find(b"}" if mark == b"{" else mark, at + 1, end) if mark.strip() else -1
        if stop < 0:
            return at
        yield from self._sheet.running(at + 1)
        yield from self._sheet.running(stop, "code")
        return stop + 1

    def _url(self, found: re.Match[bytes]) -> Reading:
        r"""\url{…}, or \url|…|. What has no scheme is left to running text."""
        sheet, source = self._sheet, self._source
        url, after = self._argument(found.end())
        mark = source[found.end() : found.end() + 1]
        if not after and mark and mark in b"|!+\"'/":
            stop = source.find(mark, found.end() + 1, line_end(source, found.end()))
            url, after = (found.end() + 1, stop), stop + 1
        target = self._target(url) if after > 0 else ""
        if not scheme(target) or (found["url"] == b"path" and "://" not in target):
            return found.end()
        yield from sheet.running(found.start())
        yield from sheet.cite((found.start(), after), url, "link", target, target)
        sheet.skip(after)
        return after

    def _href(self, found: re.Match[bytes]) -> Reading:
        r"""\href{url}{text}, up to its text."""
        sheet, source = self._sheet, self._source
        url, after = self._argument(found.end())
        if not after or sheet.hushed > found.start():
            return found.end()
        yield from sheet.running(found.start())
        options = _OPTIONS.match(source, after)
        text = options.end() if options else after
        if source[text : text + 1] == b"{":
            self._open.append(_Open(self._depth, found.start(), url, text + 1))
            self._depth += 1
            sheet.hushed = len(source)
            return text + 1
        yield from sheet.cite((found.start(), after), url, "link", sheet.shown(*url), self._target(url))
        sheet.skip(after)
        return after

    def _image(self, found: re.Match[bytes]) -> Reading:
        url, after = self._argument(found.end())
        if not after:
            return found.end()
        yield from self._sheet.running(found.start())
        if "://" in (target := self._target(url)):
            yield from self._sheet.cite((found.start(), after), url, "image", "", target)
        self._sheet.skip(after)
        return after

    def _note(self, found: re.Match[bytes]) -> Reading:
        options = _OPTIONS.match(self._source, found.end())
        at = options.end() if options else found.end()
        if self._source[at : at + 1] != b"{" or len(self._open) >= _MAX_OPEN:
            return found.end()
        yield from self._sheet.running(found.start())
        self._open.append(_Open(self._depth, found.start(), role=self._sheet.role))
        self._sheet.role = "footnote"
        self._depth += 1
        return at + 1

    def _define(self, found: re.Match[bytes]) -> Reading:
        r"""\newcommand{\name}{url}; what means anything else is text."""
        new = _NEW.match(self._source, found.end())
        url, after = self._argument(new.end()) if new else ((0, 0), 0)
        if not new or not after:
            return found.end()
        target = self._target(url)
        if "://" not in target or not scheme(target) or "#1" in target or "{" in target:
            return new.end()
        yield from self._sheet.running(found.start())
        name = (new[1] or new[2]).decode()
        self._macros[name] = target
        yield from self._sheet.cite((found.start(), after), url, "definition", "\\" + name, target)
        self._sheet.skip(after)
        return after

    def _macro(self, found: re.Match[bytes]) -> Reading:
        """A command of the document's own that means a URL, or begins one."""
        target = self._macros.get(found["macro"].decode())
        if not target:
            return found.end()
        rest = _REST.match(self._source, found.end())
        end = rest.end() if rest else found.end()
        target += self._source[found.end() : end].decode("utf-8", "replace").removeprefix("{}").strip()
        whole = next(find(target.encode()), None)
        if whole and whole.start == 0:
            end -= len(target.encode()) - whole.end
            yield from self._sheet.running(found.start())
            span = (found.start(), end)
            yield from self._sheet.cite(span, span, "reference", whole.target, whole.target)
            self._sheet.skip(end)
        return max(found.end(), end)

    def _argument(self, at: int) -> tuple[Span, int]:
        """Where the value between the next braces stands, and where these end; 0 without any."""
        options = _OPTIONS.match(self._source, at)
        braced = _BRACED.match(self._source, options.end() if options else at)
        return (stripped(self._source, *braced.span(1)), braced.end()) if braced else ((0, 0), 0)

    def _target(self, url: Span) -> str:
        """What a URL in braces means: escapes, line ends and macros are not its own."""
        written = self._source[slice(*url)].decode("utf-8", "replace")
        if "\\" in written and self._macros:
            written = _MACRO.sub(lambda macro: self._macros.get(macro[1], macro[0]), written)[:MAX_VALUE]
        target = self._sheet.meant(_JOINT.sub("", written))
        target = _GROUPED.sub(r"\1", target) if "{" in target and "\\" in written else target
        return "http://" + target if target.startswith("www.") else target
