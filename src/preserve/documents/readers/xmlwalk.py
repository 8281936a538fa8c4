"""XML as a stream of events, each with its place in the source: never a tree, so that no depth costs anything.

Rules are those of XML 1.0, fifth edition, and of Namespaces in XML. Markup that is broken is read around: what is no
tag, reference or section is text, so that nothing of a damaged document is lost. Names of characters are known to
every document, for feeds write `&nbsp;` without declaring it. The entities that a document declares are replaced, up
to a limit; what is declared elsewhere stays as it is written, for nothing is ever fetched.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from html.entities import html5
from typing import Literal, NamedTuple

from preserve.errors import DocumentError

# Entities of real documents name characters and phrases; more than this, or several times the document, is a bomb.
MAX_EXPANDED = 1 << 20  # characters
_GROWTH = 4
_MAX_NESTED = 16  # entities within entities
_MAX_MISSED = 50  # elements left open within one; each end that fits none looks at so many

_NAME = rb"[A-Za-z_:\x80-\xff][^\s<>/=\"']*+"
# An attribute holds no `<`: however many tags are broken, none is looked at beyond the next one.
_MARKUP = re.compile(
    rb"<(?:"
    rb"(" + _NAME + rb")((?:[^<>\"'/]++|\"[^\"<]*+\"|'[^'<]*+'|/(?!>))*+)(/?+)>"
    rb"|/(" + _NAME + rb")[^<>]*+>"
    rb"|!--((?:[^-]++|-(?!->))*+)(?:-->|\Z)"
    rb"|!\[CDATA\[((?:[^\]]++|\](?!\]>))*+)(?:\]\]>|\Z)"
    rb"|\?(?:[^?]++|\?(?!>))*+(?:\?>|\Z)"
    rb")"
)
_ATTRIBUTE = re.compile(r"([^\s=/\"'<>]++)(?:\s*+=\s*+(?:\"([^\"<]*+)\"|'([^'<]*+)'))?+")
_SPAN = re.compile(rb"([^\s=/\"'<>]++)(?:\s*+=\s*+(?:\"([^\"<]*+)\"|'([^'<]*+)'))?+")
REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z_][\w.-]{0,63}+));")
_SPECIAL = re.compile(rb"[&:\t\r\n]|xmlns")  # in attributes that need a second look
_SPACES = re.compile(r"\r\n?|[\t\n]")
_LINE_END = re.compile(r"\r\n?")
_DOCTYPE = re.compile(
    rb"(?:\s|<\?(?:[^?]++|\?(?!>))*+\?>|<!--(?:[^-]++|-(?!->))*+-->)*+<!DOCTYPE\s(?:[^\[<>\"']++|\"[^\"]*+\"|'[^']*+')*+"
    rb"(?:\[((?:[^\]\"'<]++|\"[^\"]*+\"|'[^']*+'|<!--(?:[^-]++|-(?!->))*+-->|<)*+)\]\s*+)?+>"
)
_DECLARED = re.compile(rb"<!--(?:[^-]++|-(?!->))*+-->|<!ENTITY\s++([^\s%<>]++)\s++(?:\"([^\"]*+)\"|'([^']*+)')\s*+>")
_ENCODING = re.compile(rb"\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})")
_FIVE = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class Event(NamedTuple):
    """`name` is the local name, `space` its namespace; `text` only of "text", "comment"; `attributes` only of "start",
    by local name, and by `{namespace}name` where two have the same. `at` and `end` are its bytes in the source."""

    kind: Literal["start", "end", "text", "comment"]
    name: str = ""
    space: str = ""
    attributes: Mapping[str, str] = {}
    text: str = ""
    at: int = 0
    end: int = 0
    literal: bool = False  # text of a CDATA section: what looks like a reference is none


_NONE: Mapping[str, str] = {}


class Span(NamedTuple):
    """One attribute where it is written: `name` with its prefix, and the bytes between the quotes."""

    name: str
    start: int
    end: int


def walk(data: bytes | Iterable[bytes], *, encoding: str | None = None, what: str = "The document") -> Iterator[Event]:
    """The events of one XML document, as far as it goes. What is left open is closed at its end.

    `encoding` overrides the declaration, for a text that has become UTF-8; of any other, places count the bytes after
    conversion. DocumentError where there is no XML at all, or entities without end.
    """
    source = _utf8(data if isinstance(data, bytes) else b"".join(data), encoding)
    return _Walk(source, what).events()


def spans(source: bytes, at: int, end: int) -> Iterator[Span]:
    """The attributes of the tag at these bytes."""
    name = _SPAN.match(source, at + 1, end)
    for found in _SPAN.finditer(source, name.end() if name else at + 1, end):
        group = 2 if found[2] is not None else 3
        if found[group] is not None:
            yield Span(found[1].decode("utf-8", "replace"), *found.span(group))


class Entities:
    """What the references of a document stand for."""

    def __init__(self, source: bytes, what: str = "The document") -> None:
        self._what = what
        self._room = max(MAX_EXPANDED, _GROWTH * len(source))
        self._declared: dict[str, str] = {}
        self._known: dict[str, str] = {}
        head = _DOCTYPE.match(source)
        self.after = head.end() if head else 0  # the declaration of the document type
        for found in _DECLARED.finditer(head[1] or b"") if head else ():
            if found[1]:
                value = found[2] if found[2] is not None else found[3]
                self._declared.setdefault(found[1].decode("utf-8", "replace"), value.decode("utf-8", "replace"))

    def plain(self, text: str) -> str:
        """`text` with its references replaced."""
        return REFERENCE.sub(self.replaced, text) if "&" in text else text

    def replaced(self, found: re.Match[str]) -> str:
        decimal, hexadecimal, name = found.groups()
        if name is None:
            return _character(int(decimal) if decimal else int(hexadecimal, 16)) or found[0]
        if name in _FIVE:
            return _FIVE[name]
        if name in self._declared:
            value = self._value(name, 0)
            self._room -= len(value)
            if self._room < 0:
                raise self._endless()
            return value
        return html5.get(name + ";", found[0])

    def _value(self, name: str, depth: int) -> str:
        if name not in self._known:
            if depth > _MAX_NESTED:
                raise self._endless()
            self._known[name] = self._expanded(self._declared[name], depth)
        return self._known[name]

    def _expanded(self, text: str, depth: int) -> str:
        """The value of an entity, with those in it. No longer than what all of them may come to."""
        pieces, size, at = [], 0, 0
        for found in REFERENCE.finditer(text):
            name = found[3]
            inner = self._value(name, depth + 1) if name in self._declared else self.replaced(found)
            pieces += [text[at : found.start()], inner]
            size, at = size + len(inner), found.end()
            if size > MAX_EXPANDED:
                raise self._endless()
        return "".join((*pieces, text[at:]))

    def _endless(self) -> DocumentError:
        return DocumentError(f"{self._what} defines entities that grow without end.", "It may be an attack.")


class _Walk:
    def __init__(self, source: bytes, what: str) -> None:
        self._source, self._what = source, what
        self._entities = Entities(source, what)
        self._spaces = {"xml": "http://www.w3.org/XML/1998/namespace"}  # by prefix
        self._names: dict[bytes, tuple[str, str]] = {}  # local name and namespace by name, while no prefix changes
        self._open: list[bytes] = []
        self._hidden: list[tuple[int, str, str]] = []  # depth of an element that redeclares a prefix, and its old value
        self._depth = 0  # of the innermost such element; 0 is none

    def events(self) -> Iterator[Event]:
        # A sheet has millions of events: what each of them needs is written out here, not called.
        source, opened, names, new = self._source, self._open, self._names, tuple.__new__
        at, seen = self._entities.after, False
        for token in _MARKUP.finditer(source, at):
            start, end = token.span()
            if start > at:
                yield new(Event, ("text", "", "", _NONE, self._text(source[at:start]), at, start, False))
            at = end
            kind = token.lastindex
            if kind == 3:
                raw, attributes, empty = token.groups()[:3]
                named = self._attributes(attributes) if attributes else _NONE
                name, space = names.get(raw) or self._named(raw)
                opened.append(raw)
                yield new(Event, ("start", name, space, named, "", start, end, False))
                if empty:
                    yield self._closed(end, end)
            elif kind == 4:
                raw = token[4]
                if opened and opened[-1] == raw and len(opened) != self._depth:
                    opened.pop()
                    name, space = names.get(raw) or self._named(raw)
                    yield new(Event, ("end", name, space, _NONE, "", start, end, False))
                else:
                    yield from self._ended(raw, start, end)
            elif kind == 5:
                yield new(Event, ("comment", "", "", _NONE, _decoded(token[5]), *token.span(5), True))
            elif kind == 6:
                yield new(Event, ("text", "", "", _NONE, _decoded(token[6]), *token.span(6), True))
            if not seen and kind == 3:
                seen = True
        if at < len(source):
            yield new(Event, ("text", "", "", _NONE, self._text(source[at:]), at, len(source), False))
        while opened:
            yield self._closed(len(source), len(source))
        if not seen:
            raise DocumentError(f"{self._what} is no XML.", "Get it again, or repair it.")

    def _text(self, raw: bytes) -> str:
        text = raw.decode("utf-8", "replace")
        if "\r" in text:
            text = _LINE_END.sub("\n", text)
        return self._entities.plain(text) if "&" in text else text

    def _ended(self, raw: bytes, start: int, end: int) -> Iterator[Event]:
        for _ in range(self._missed(raw)):
            yield self._closed(start, start)
        if self._open and self._open[-1] == raw:
            yield self._closed(start, end)

    def _missed(self, raw: bytes) -> int:
        """How many elements were left open in the one that ends; none of an end without a beginning."""
        if self._open and self._open[-1] == raw:
            return 0
        for count, one in enumerate(self._open[: -1 - _MAX_MISSED : -1]):
            if one == raw:
                return count
        return 0

    def _closed(self, start: int, end: int) -> Event:
        raw, depth = self._open.pop(), len(self._open) + 1
        name, space = self._names.get(raw) or self._named(raw)
        if depth == self._depth:
            self._names.clear()
            while self._hidden and self._hidden[-1][0] == depth:
                _, prefix, uri = self._hidden.pop()
                self._spaces[prefix] = uri
            self._depth = self._hidden[-1][0] if self._hidden else 0
        return tuple.__new__(Event, ("end", name, space, _NONE, "", start, end, False))

    def _named(self, raw: bytes) -> tuple[str, str]:
        prefix, _, local = _decoded(raw).rpartition(":")
        named = self._names[raw] = (local, self._spaces.get(prefix, ""))
        return named

    def _attributes(self, raw: bytes) -> dict[str, str]:
        parts = _ATTRIBUTE.findall(raw.decode("utf-8", "replace"))
        if not _SPECIAL.search(raw):
            named = {key: double or single for key, double, single in parts}
            if len(named) == len(parts):
                return named
        plain = self._entities.plain
        found = [(key, plain(_SPACES.sub(" ", double or single))) for key, double, single in parts]
        for key, value in found:
            if key == "xmlns" or key.startswith("xmlns:"):
                self._declare(key[6:], value)
        named = {}
        for key, value in found:
            prefix, _, local = key.rpartition(":")
            if prefix and local in named:
                local = f"{{{self._spaces.get(prefix, '')}}}{local}"
            if key != "xmlns" and prefix != "xmlns":
                named.setdefault(local, value)
        return named

    def _declare(self, prefix: str, uri: str) -> None:
        self._names.clear()
        self._depth = len(self._open) + 1
        self._hidden.append((self._depth, prefix, self._spaces.get(prefix, "")))
        self._spaces[prefix] = uri


def _decoded(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace")
    return _LINE_END.sub("\n", text) if "\r" in text else text


def _character(number: int) -> str:
    """ "" where there is none: NUL, half of a pair, beyond Unicode."""
    return "" if number == 0 or 0xD800 <= number < 0xE000 or number > 0x10FFFF else chr(number)


def _utf8(data: bytes, encoding: str | None) -> bytes:
    """The document as UTF-8 without byte order mark."""
    if encoding is None:
        declared = _ENCODING.match(data)
        encoding = declared[1].decode("ascii", "replace") if declared else "utf-8"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif data[:4] in (b"<\0?\0", b"\0<\0?"):
        encoding = "utf-16-le" if data[1] == 0 else "utf-16-be"
    try:
        name = codecs.lookup(encoding).name
        return (
            data.removeprefix(codecs.BOM_UTF8) if name in ("utf-8", "ascii") else data.decode(name, "replace").encode()
        )
    except (LookupError, UnicodeError):
        return data
