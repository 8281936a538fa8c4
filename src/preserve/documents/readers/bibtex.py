"""BibTeX and biblatex: what entries say about where their work is found.

The syntax is that of btxdoc: values in braces or quotes, numbers, names of strings, put together with `#`. An entry
that is not closed ends where the next one begins a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from preserve.documents.mention import Mention, words
from preserve.documents.place import MAX_CONTEXT
from preserve.documents.readers import doi
from preserve.documents.readers.transcript import Transcript, alone
from preserve.documents.readers.value import URL
from preserve.documents.text import running
from preserve.errors import DocumentError

_ENTRY = re.compile(rb"@[ \t]*([A-Za-z]+)\s*([{(])")
_FIELD = re.compile(rb"[\s,]*+([A-Za-z][\w:.+/-]*+)\s*+=\s*+")
_KEY = re.compile(rb"\s*+[^\s,={}()\"#]*+\s*+,")
_BRACE = re.compile(rb"[{}()\"]|\n[ \t]*+@[ \t]*+[A-Za-z]++\s*+[{(]")
_WORD = re.compile(rb"[^\s,#{}()\"=]++")
_JOIN = re.compile(rb"\s*+#\s*+")
_COMMAND = re.compile(
    rb"\\(?:url|path|nolinkurl|href|burl)\s*+\{((?:[^{}\\]++|\\.|\{[^{}]*+\})*+)\}(?:\s*+\{((?:[^{}]++|\{[^{}]*+\})*+)\})?+",
    re.S,
)
# What TeX wants escaped in a URL, and the ways to write a tilde.
_ESCAPE = re.compile(
    rb"\{?\\([%_&#$ {}])\}?|\{?\\text(?:asciitilde|underscore)\b[ \t]*(?:\{\})?\}?|\\~\{\}|\{?\$\\sim\$\}?|[{}]"
)
_TEX = re.compile(r"\\[A-Za-z]+\s*|\\.|[{}$]", re.S)
_LINKS = re.compile(r"(?:opt)?(?:url\d*|link|ee|biburl|website|web|bdsk-url-\d+|pdf|ftp)")
_ARXIV = re.compile(r"(?:arxiv:)?(\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+(?:\.[A-Z]{2})?/\d{7}(?:v\d+)?)", re.I)
_TITLES = ("title", "booktitle", "maintitle")
_SAID = frozenset({*_TITLES, "archiveprefix", "eprinttype"})
_CLOSED = re.compile(rb"[\s,]*+[})]")
# Strings name journals and hosts; those that grow to more than this, all in, are made to.
MAX_EXPANDED = 1 << 22  # bytes

Piece = tuple[int, int, bool]  # of a value: its bytes, and whether they are the name of a string
Field = tuple[str, list[Piece]]


def read(data: bytes) -> Iterator[Mention]:
    """The links, DOIs and preprints of every entry, the URLs in its other fields; text between them is comment."""
    return _Reading(data).mentions()


class _Reading:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._strings: dict[bytes, bytes] = {}
        self._room = MAX_EXPANDED + len(data)

    def mentions(self) -> Iterator[Mention]:
        data, at, role = self._data, 0, "comment"
        while entry := _ENTRY.search(data, at):
            yield from alone(data, at, entry.start(), role, bare=False)
            kind, role = entry[1].lower(), "comment"
            if kind in (b"comment", b"preamble"):
                at = _balanced(data, entry.end(), b"}" if entry[2] == b"{" else b")")
                yield from alone(data, entry.end(), at, role, bare=False)
                continue
            key = None if kind == b"string" else _KEY.match(data, entry.end())
            fields, at = self._fields(key.end() if key else entry.end())
            if not _CLOSED.match(data, at):
                role = "bibliography"  # what follows is of an entry that is broken
            yield from self._define(fields) if kind == b"string" else self._entry(fields)
        yield from alone(data, at, len(data), role, bare=False)

    def _fields(self, at: int) -> tuple[list[Field], int]:
        fields: list[Field] = []
        while found := _FIELD.match(self._data, at):
            value, at = self._value(found.end())
            fields.append((found[1].decode("utf-8", "replace").lower(), value))
        return fields, at

    def _value(self, at: int) -> tuple[list[Piece], int]:
        pieces: list[Piece] = []
        while True:
            mark = self._data[at : at + 1]
            if mark in (b"{", b'"'):
                end = _balanced(self._data, at + 1, b"}" if mark == b"{" else b'"')
                pieces.append((at + 1, end, False))
                at = end + (self._data[end : end + 1] in (b"}", b'"'))
            elif word := _WORD.match(self._data, at):
                pieces.append((*word.span(), True))
                at = word.end()
            join = _JOIN.match(self._data, at)
            if not join:
                return pieces, at
            at = join.end()

    def _text(self, pieces: list[Piece]) -> Transcript:
        text = Transcript(self._data)
        for start, end, named in pieces:
            value = self._strings.get(self._data[start:end].lower()) if named else None
            if value is None:
                text.copy(start, end)
                continue
            self._room -= len(value)
            if self._room < 0:
                raise DocumentError("The bibliography defines strings that grow without end.", "It may be an attack.")
            text.put(value, start, end)
        return text

    def _define(self, fields: list[Field]) -> Iterator[Mention]:
        for name, pieces in fields:
            text = self._text(pieces)
            self._strings[name.encode()] = bytes(text.text)
            yield from text.mentions(running(bytes(text.text), role="definition"))

    def _entry(self, fields: list[Field]) -> Iterator[Mention]:
        texts = [(name, self._text(pieces)) for name, pieces in fields]
        said = {name: _said(text) for name, text in texts if name in _SAID}
        title = next((said[name] for name in _TITLES if said.get(name)), "")
        archive = (said.get("archiveprefix") or said.get("eprinttype") or "arxiv").lower()
        for name, text in texts:
            for mention in text.mentions(_field(name, bytes(text.text), archive)):
                yield replace(
                    mention, anchor=mention.anchor or title, context=mention.context or words(title, MAX_CONTEXT)
                )


def _balanced(data: bytes, at: int, close: bytes) -> int:
    """Where what `close` closes ends; at the next entry when nothing closes it."""
    depth = 0
    for found in _BRACE.finditer(data, at):
        mark = found[0]
        if (mark == close and not depth) or len(mark) > 1:
            return found.start()
        if mark in (b"{", b"}") and close != b")":
            depth += 1 if mark == b"{" else -1
        elif mark in (b"(", b")") and close == b")":
            depth += 1 if mark == b"(" else -1
        depth = max(0, depth)
    return len(data)


def _plain(value: bytes, start: int, end: int) -> Transcript:
    """A stretch of a value without TeX's escapes."""
    text = Transcript(value)
    text.unescape(_ESCAPE, _meant, start, end)
    return text


def _meant(escape: re.Match[bytes]) -> bytes:
    if escape[1]:
        return escape[1]
    return b"" if escape[0] in (b"{", b"}") else b"_" if b"underscore" in escape[0] else b"~"


def _said(text: Transcript) -> str:
    return words(_TEX.sub("", text.text.decode("utf-8", "replace")))


def _field(name: str, value: bytes, archive: str) -> Iterator[Mention]:
    """What one field cites."""
    text = _plain(value, 0, len(value))
    said = bytes(text.text).decode("utf-8", "replace").strip()
    start = len(text.text) - len(text.text.lstrip())
    arxiv = _ARXIV.fullmatch(said) if name == "eprint" and archive == "arxiv" else None
    target = doi.target(said) if name == "doi" else f"https://arxiv.org/abs/{arxiv[1]}" if arxiv else ""
    if target:
        likely = Mention(start, "bibliography", said, target, confidence="likely", changes=("scheme-assumed",))
        yield from text.mentions([likely])
    elif URL.fullmatch(said) and (_LINKS.fullmatch(name) or name in ("doi", "eprint", "howpublished")):
        yield from text.mentions([Mention(start, "bibliography", said, said)])
    else:
        yield from _running(value)


def _running(value: bytes) -> Iterator[Mention]:
    """Commands that hold a URL, and the running text around them."""
    at = 0
    for found in _COMMAND.finditer(value):
        yield from _around(value, at, found.start())
        at = found.end()
        text = _plain(value, *found.span(1))
        url = bytes(text.text).decode("utf-8", "replace").strip()
        anchor = words(_TEX.sub("", (found[2] or b"").decode("utf-8", "replace")))
        if url:
            yield from text.mentions(
                [Mention(len(text.text) - len(text.text.lstrip()), "bibliography", url, url, anchor)]
            )
    yield from _around(value, at, len(value))


def _around(value: bytes, start: int, end: int) -> Iterator[Mention]:
    text = _plain(value, start, end)
    return text.mentions(running(bytes(text.text), role="bibliography"))
