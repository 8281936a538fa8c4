"""What a person would see of an answer: its title, its words, its forms and pictures. Pure: bytes in, a Look out.

A page is read once, by lxml's parser in C, which tells of tags and text as it meets them: no tree is built, so that
neither depth nor a million attributes cost more than their bytes. It runs on every page that is captured.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from preserve.capture import markup
from preserve.capture.charset import text as decoded
from preserve.capture.judging import magic, marks
from preserve.capture.judging.magic import kind as kind
from preserve.capture.markup import Enough

HEAD = 512 * 1024  # bytes looked at; what a page has to say of itself, it says before
TAIL = 2048  # bytes; readers look for the end of a PDF in the last 1024

_TEXT = 20_000  # characters: some ten printed pages
_SAID = 6000  # characters of a page's own: some thousand words. With both, parsing ends
_ELEMENTS = 60_000  # tags looked at: in 512 KiB there is room for 170,000 of the shortest
_LINES, _LINE = 200, 400  # of the page's own lines, and characters of each
_TITLE = 1000  # characters
_FEW = 5  # words: a page that shows no more, and hides more, shows it by a script
_MANY_LINKS = 0.6  # of a line's characters: then it is a menu or a list of other pages
_SOON = 5.0  # seconds: a refresh that late is a redirect, a later one a page that renews itself
_UNREAD = ("css", "javascript")  # nobody reads them
_TINY = 3  # pixels: a counter, not a picture
_LONG = 12  # characters of a word on average: then it is no text with spaces
_MARKED = 200  # own words up to which a page may be that of a shield or a parked domain


@dataclass(frozen=True, slots=True)
class Look:
    url: str  # that answered, after all redirects
    status: int
    mime: str | None
    kind: str  # by the first bytes: see magic.kind
    bytes: int | None  # decoded size
    title: str = ""
    text: str = ""  # visible words, at most some 20,000 characters
    words: int = 0  # in `text`
    password: bool = False  # a visible field for one
    forms: int = 0
    links: int = 0
    media: int = 0  # pictures, films, sounds, frames
    refresh: str | None = None  # where it leads at once
    complete: bool = True  # False: its kind has an end that is missing
    # What the page itself says, line by line: neither menus nor headers, footers and lists of links.
    lines: tuple[str, ...] = ()
    own: int = 0  # words in all own lines
    heading: str = ""  # the first h1, else h2
    scripts: int = 0
    named: bool = False  # it shows or offers the file that its address names: a viewer
    marks: tuple[tuple[str, str], ...] = ()  # (reason, whose), of a page with few own words

    @property
    def is_page(self) -> bool:
        return self.kind == "html" or ("html" in (self.mime or "") and self.kind in ("", "text", "xml"))


def look(
    head: bytes, tail: bytes, *, url: str, status: int, mime: str | None, charset: str | None, size: int | None
) -> Look:
    """`head` and `tail`: the first HEAD and last TAIL bytes of the decoded content; `size`: of all of it."""
    head = head[:HEAD]
    bare = Look(url, status, mime, kind(head), size)
    if bare.is_page:
        return _page(bare, head, charset)
    if bare.kind in ("text", "xml", "json", "svg") and not (mime or "").endswith(_UNREAD):
        return _plain(bare, decoded(head[: 4 * _TEXT], charset)[:_TEXT])
    return _with(bare, complete=magic.whole(bare.kind, head, tail, size))


def _plain(bare: Look, text: str) -> Look:
    lines = tuple(line for written in text.splitlines()[: 10 * _LINES] if (line := " ".join(written.split())[:_LINE]))
    words = count(text)
    return _with(bare, text=" ".join(text.split()), words=words, lines=lines[:_LINES], own=words)


def _page(bare: Look, head: bytes, charset: str | None) -> Look:
    reader = _Reader(bare.url, magic.name(bare.url) if magic.is_file(bare.url) else "")
    markup.read(decoded(head, charset), reader)
    reader.close()
    # Where all of it stands in what is not shown until a script has run, that is what a person will see.
    seen = reader.hidden if reader.shown.words <= _FEW < reader.hidden.words else reader.shown
    return _with(
        bare,
        title=" ".join("".join(reader.title).split())[:_TITLE],
        text=" ".join(seen.parts)[:_TEXT],
        words=seen.words,
        password=reader.password,
        forms=reader.forms,
        links=reader.links,
        media=reader.media,
        refresh=reader.refresh,
        lines=tuple(seen.lines),
        own=seen.own,
        heading=reader.heading or reader.second,
        scripts=reader.scripts,
        named=reader.named,
        marks=marks.found(head) if seen.own <= _MARKED else (),
    )


def _with(bare: Look, **fields: object) -> Look:
    """`replace` of dataclasses, at a third of its time."""
    values = {name: getattr(bare, name) for name in Look.__dataclass_fields__}
    return Look(**(values | fields))


def count(text: str) -> int:
    """Words. Scripts without spaces make a few long ones, which count for their length."""
    found = text.split()
    return len(found) + sum(len(word) // 4 for word in found if len(word) > 40 and not word.isascii())


_OFF, _HIDDEN, _APART, _LINK, _HEADING, _SECOND, _NAMES, _INSIDE = (1 << n for n in range(8))
# What is inside of these is not shown, or not as text. What `svg` calls a title is none of the page's.
_FLAGS = {
    **dict.fromkeys(("script", "style", "noscript", "template", "svg", "select", "datalist", "textarea"), _OFF),
    **dict.fromkeys(("iframe", "object", "video", "audio", "canvas", "noframes", "noembed", "math"), _OFF),
    **dict.fromkeys(("nav", "footer", "aside", "blockquote"), _APART),
    **dict.fromkeys(("main", "article", "section"), _INSIDE),
    "a": _LINK, "button": _LINK, "title": _NAMES, "h1": _HEADING, "h2": _SECOND,
}  # fmt: skip
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code del dfn em font i img ins kbd label mark nobr q s samp small span strike "  # noqa: SIM905
    "strong sub sup time tt u var wbr data".split()
)
_COUNTED = frozenset("a img video audio iframe frame embed object source script form input meta".split())  # noqa: SIM905
_SHOWING = frozenset({"hidden", "style", "role", "open"})
_MEDIA = frozenset("img video audio iframe frame embed object".split())  # noqa: SIM905
_ROLES = frozenset("navigation banner contentinfo complementary menu menubar".split())  # noqa: SIM905
_WHOLE = frozenset(("html", "body"))  # hidden by a script's style until it has run; the reader sees them
_UNSHOWN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
_REFRESH = re.compile(r"\s*+(\d{1,9}+(?:\.\d{0,9}+)?+)\s*+[;,]?\s*+(?:url\s*+=)?\s*+(.{1,4000})", re.I | re.S)


@dataclass(slots=True)
class _Said:
    """Lines in their order, menus included in `parts` and left out of `lines`."""

    parts: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    words: int = 0
    own: int = 0
    size: int = 0  # characters of `parts`
    said: int = 0  # of what is its own

    def add(self, line: str, words: int, *, own: bool) -> None:
        if self.size < _TEXT:
            self.parts.append(line)
            self.words += words
            self.size += len(line) + 1
        if own:
            self.own += words
            self.said += len(line)
            if len(self.lines) < _LINES:
                self.lines.append(line[:_LINE])


class _Reader:
    """Told by the parser what it meets, in order; every start has its end."""

    def __init__(self, url: str, name: str) -> None:
        self.title: list[str] = []
        self.heading = self.second = ""
        self.shown, self.hidden = _Said(), _Said()
        self.password = self.named = False
        self.forms = self.links = self.media = self.scripts = 0
        self.refresh: str | None = None
        self._url = url
        self._name = name
        self._state = 0
        self._before: list[int] = []
        self._elements = 0
        self._line: list[str] = []
        self._linked = 0
        self._titled = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        if self._elements > _ELEMENTS:
            raise Enough
        if self._line and tag not in _INLINE:
            self._flush()
        state = self._state
        self._before.append(state)
        state |= _FLAGS.get(tag, 0)
        if attributes and not _SHOWING.isdisjoint(attributes):
            state |= _of_attributes(tag, attributes)
        elif tag == "dialog":
            state |= _HIDDEN
        if tag == "header" and not state & _INSIDE:
            state |= _APART
        self._state = state
        if tag in _COUNTED and not state & _HIDDEN:
            self._count(tag, attributes)

    def end(self, tag: str) -> None:
        if self._line and tag not in _INLINE:
            self._flush()
        if tag == "title" and self.title:
            self._titled = True
        if self._before:
            self._state = self._before.pop()

    def data(self, text: str) -> None:
        if self._state & (_OFF | _NAMES):
            if self._state & _NAMES and not self._state & _OFF and not self._titled:
                self.title.append(text)
            return
        self._line.append(text)
        if self._state & _LINK:
            self._linked += len(text)

    def close(self) -> None:
        self._flush()

    def _count(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "a":
            self.links += not attributes.get("href", "#").lower().startswith(("#", "javascript:"))
        elif tag in _MEDIA:
            self.media += not _is_tiny(attributes)
        elif tag == "script":
            self.scripts += attributes.get("type", "").lower() not in ("application/ld+json", "application/json")
        elif tag == "form":
            self.forms += 1
        elif not self._state & _OFF:
            self._take(tag, attributes)
        if self._name and not self.named:
            self._look_for_file(attributes)

    def _take(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "input":
            self.password |= attributes.get("type", "").lower() == "password"
        elif attributes.get("http-equiv", "").lower() == "refresh":
            self.refresh = self.refresh or _refresh(self._url, attributes.get("content", ""))

    def _look_for_file(self, attributes: Mapping[str, str]) -> None:
        """A link to the page itself (another language, printing) does not offer the file."""
        for key in ("src", "data", "data-src", "href"):
            if key in attributes and self._name in magic.unquoted(attributes[key]):
                path = attributes[key].partition("?")[0].partition("#")[0]
                self.named |= not self._url.partition("?")[0].endswith(path)

    def _flush(self) -> None:
        written = "".join(self._line)
        self._line.clear()
        linked, self._linked = self._linked, 0
        found = written.split()
        if not found:
            return
        line, words = " ".join(found), len(found)
        if len(line) > _LONG * words:
            words = count(line)
        state = self._state
        heading = bool(state & (_HEADING | _SECOND))
        own = heading or not (state & _APART or linked > _MANY_LINKS * len(line))
        if state & _HIDDEN:
            self.hidden.add(line, words, own=own)
            return
        if state & _HEADING:
            self.heading = self.heading or line[:_LINE]
        elif state & _SECOND:
            self.second = self.second or line[:_LINE]
        self.shown.add(line, words, own=own)
        if self.shown.size >= _TEXT and self.shown.said >= _SAID:
            raise Enough


def _of_attributes(tag: str, attributes: Mapping[str, str]) -> int:
    """What attributes say of how an element is shown, as a state."""
    state = _APART if attributes.get("role") in _ROLES else 0
    hidden = "hidden" in attributes or (tag == "dialog" and "open" not in attributes)
    if not hidden and "style" in attributes:
        hidden = _UNSHOWN.search(attributes["style"][:_LINE]) is not None
    return state | (_HIDDEN if hidden and tag not in _WHOLE else 0)


def _is_tiny(attributes: Mapping[str, str]) -> bool:
    sizes = [attributes.get(side, "").removesuffix("px") for side in ("width", "height")]
    return any(size.isascii() and size.isdigit() and int(size[:9]) <= _TINY for size in sizes)


def _refresh(url: str, content: str) -> str | None:
    """Where a page leads at once. A refresh without an address renews the page."""
    import ada_url

    found = _REFRESH.match(content[:5000])
    if found is None or float(found[1]) > _SOON:
        return None
    target = found[2].strip().strip("'\"").strip()
    try:
        joined = str(ada_url.join_url(url, target)) if target else ""
    except (ValueError, UnicodeError):
        return None
    return joined if joined.startswith(("http://", "https://")) else None
