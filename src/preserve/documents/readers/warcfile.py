"""WARC files: the pages in them, and what these link to.

A page is a `response` or `resource` record with HTML that was answered with success: its address is cited, with the
title as anchor, and everything that the HTML cites, under its address as base. Requests, pictures, redirects and
records that only point to others (`revisit`, `metadata`) are passed over. Read from start to end, one page in memory,
whether compressed record by record, as a whole or not at all. Where something is damaged, reading goes on at the next
record. Rules: ISO 28500 (WARC 1.0 and 1.1); WARC 0.17 and 0.18 have the same form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import unescape
from typing import Any, BinaryIO, cast

from isal import isal_zlib

from preserve.documents.charset import HEAD
from preserve.documents.mention import Block, Mention, Nest, words
from preserve.documents.readers import html, mime
from preserve.documents.readers.label import label
from preserve.documents.url import fetchable, resolve
from preserve.model import Place
from preserve.network.decode import DecodeError, codings, dechunk, decode
from preserve.network.policy import MAX_PARSED

MAX_HEAD = 256 * 1024  # bytes of a record's header, and of the HTTP head in it
MAX_RECORD = 2 * MAX_PARSED  # bytes of a page as it came; a larger one is a dump
MAX_DAMAGES = 100  # places; a file with more is not a WARC file any longer
_READ = 32 * 1024  # bytes at once: what follows a small gzip member is copied
_INFLATED = 256 * 1024
_STEP = 4 * 1024
_GZIP = b"\x1f\x8b\x08"
_REFUSED: tuple[type[Exception], ...] = (cast("type[Exception]", isal_zlib.error), ValueError)

_VERSION = re.compile(rb"WARC/(?:1\.\d|0\.1[78])\r?\n")
_NEXT = re.compile(rb"(?:(?<=\n)|\A)WARC/(?:1\.\d|0\.1[78])\r?\n")
_LENGTH = re.compile("[0-9]{1,16}")
_BLANK = re.compile(rb"[\r\n]*")
_OVERLAP = 64  # bytes in which the beginning of a record may be split
_GAP = "the compression is damaged"
_NO_PAGE = "message/http"
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})")
_SUCCESS = range(200, 300)
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_TITLE = re.compile(rb"<title\b[^>]{0,200}>([^<]{1,2000})", re.I)


class _Damaged(Exception):
    """What stands here is no record, or not all of one."""


def read(file: BinaryIO, nest: Nest) -> Iterator[Block]:
    """The blocks of every page."""
    source = _Source(_inflated(file, nest) if file.read(2) == _GZIP[:2] else _plain(file))
    file.seek(0)
    damages = 0
    while damages < MAX_DAMAGES:
        try:
            fields = source.fields()
            if fields is None:
                return
            yield from _record(source, fields, nest)
        except _Damaged as error:
            damages += 1
            yield Block(place=Place(part=f"byte {source.at:,}"), warning=f"{error}", unread=True)
            source.recover()
    yield Block(warning=f"is damaged in more than {MAX_DAMAGES} places; the rest is not read", unread=True)


# Bytes


def _plain(file: BinaryIO) -> Iterator[bytes | None]:
    while piece := file.read(_INFLATED):
        yield piece


def _inflated(file: BinaryIO, nest: Nest) -> Iterator[bytes | None]:
    """What its gzip members hold; None where bytes are missing."""
    inflater, raw, begun, damages = isal_zlib.decompressobj(wbits=31), b"", False, 0
    while (raw or (raw := file.read(_READ))) and damages < MAX_DAMAGES:
        raw = raw if begun else raw.lstrip(b"\0")  # padding between members
        begun = begun or bool(raw)
        try:
            for piece in _unfolded(inflater, raw):
                nest.spend(len(piece))
                yield piece
            raw = inflater.unused_data if inflater.eof else b""
        except _REFUSED:
            yield None
            damages += 1
            raw = _next_member(file, raw[1:])
        else:
            if not inflater.eof:
                continue
        inflater, begun = isal_zlib.decompressobj(wbits=31), False
    if begun:
        yield None


def _unfolded(inflater: Any, raw: bytes) -> Iterator[bytes]:
    piece: bytes = inflater.decompress(raw, _INFLATED)
    while piece:
        yield piece
        if len(piece) < _INFLATED or inflater.eof:
            return
        piece = inflater.decompress(inflater.unconsumed_tail, _INFLATED)  # or what waits inside


def _next_member(file: BinaryIO, raw: bytes) -> bytes:
    while (at := raw.find(_GZIP)) < 0:
        more = file.read(_READ)
        if not more:
            return b""
        raw = raw[-2:] + more
    return raw[at:]


class _Source:
    """The unpacked bytes, record after record."""

    def __init__(self, pieces: Iterator[bytes | None]) -> None:
        self._pieces = pieces
        self._buffer = bytearray()
        self._ended = self._gap = False
        self._damage = ""  # of the last record
        self.left = 0  # bytes of the current record still to come
        self.at = 0  # offset, unpacked, for messages

    def fields(self) -> Mapping[str, str] | None:
        """The header of the next record; None at the end. _Damaged where there is none, or the last one was cut."""
        while self.left:
            self.take(_INFLATED)
        if self._damage:
            damage, self._damage = self._damage, ""
            raise _Damaged(damage)
        while (blank := _BLANK.match(self._buffer)) and blank.end() == len(self._buffer):
            self._drop(blank.end())
            if not self._more():
                if self._gap:
                    raise _Damaged(_GAP)
                return None
        self._drop(blank.end() if blank else 0)
        return self._head()

    def _head(self) -> Mapping[str, str]:
        while not (end := _HEAD_END.search(self._buffer)):
            if len(self._buffer) > MAX_HEAD or not self._more():
                raise _Damaged(_GAP if self._gap else "no record begins here, or its header has no end")
        if not _VERSION.match(self._buffer):
            raise _Damaged("no record begins here")
        fields = _fields(bytes(self._buffer[: end.start()]))
        length = fields.get("content-length", "")
        if not _LENGTH.fullmatch(length):
            raise _Damaged("the record does not say how long it is")
        self._drop(end.end())
        self.left = int(length)
        return fields

    def take(self, most: int) -> bytes:
        """So much of the current record, or what there is of it."""
        size = min(most, self.left)
        while len(self._buffer) < size and self._more():
            pass
        data = bytes(self._buffer[:size])
        self._drop(len(data))
        self.left -= size
        if len(data) < size:
            self.left, self._damage = 0, "the record is cut short; what there is of it is read"
        return data

    def recover(self) -> None:
        """Go to where the next record begins, or to the end."""
        at = 1  # not the one that failed
        while not (found := _NEXT.search(self._buffer, at)):
            self._drop(len(self._buffer) if self._gap else max(0, len(self._buffer) - _OVERLAP))
            self._gap = False
            at = 0
            if not self._more() and not self._gap:
                self._drop(len(self._buffer))
                return
        self._drop(found.start())

    def _drop(self, size: int) -> None:
        del self._buffer[:size]
        self.at += size

    def _more(self) -> bool:
        """Whether there is another piece; none is given out behind a gap."""
        if self._ended or self._gap:
            return False
        piece = next(self._pieces, b"")
        self._gap = piece is None
        self._ended = piece == b""
        self._buffer += piece or b""
        return bool(piece)


def _fields(lines: bytes) -> dict[str, str]:
    """Header fields by name in lower case; of those that repeat, the first."""
    fields: dict[str, str] = {}
    for line in _FOLD.sub(b" ", lines).decode("utf-8", "replace").split("\n")[1:]:
        name, _, value = line.partition(":")
        fields.setdefault(name.strip().lower(), value.strip())
    return fields


# Pages


@dataclass(frozen=True, slots=True)
class _Page:
    url: str
    charset: str
    body: bytes
    damage: str = ""


def _record(source: _Source, fields: Mapping[str, str], nest: Nest) -> Iterator[Block]:
    kind, url = fields.get("warc-type", ""), fields.get("warc-target-uri", "").strip("<>")
    if kind not in ("response", "resource") or not fetchable(url):
        return
    if fields.get("content-type", "").lower().startswith("application/http"):
        head, body = _http(source)
    else:
        head, body = {"content-type": fields.get("content-type", "")}, b""
    body += source.take(_READ)
    if not _is_page(head, body):
        return
    place = Place(part=label(url))
    if len(body) + source.left > MAX_RECORD:
        yield Block(place=place, warning=f"is a page of more than {MAX_RECORD >> 20} MiB; it is not read", unread=True)
        return
    body, damage = _decoded(body + source.take(source.left), head)
    nest.spend(len(body))
    yield from _page(url, mime.utf8(body, mime.typed(head.get("content-type", ""))[1].get("charset", "")), place)
    if damage:
        yield Block(place=place, warning=damage, unread=True)


def _http(source: _Source) -> tuple[dict[str, str], bytes]:
    """The head of an answer with success, and the beginning of its body; nothing of any other."""
    data = source.take(_READ)
    while not (end := _HEAD_END.search(data)) and source.left and len(data) < MAX_HEAD:
        data += source.take(MAX_HEAD)
    status = _STATUS.match(data)
    if not end or not status or int(status[1]) not in _SUCCESS:
        return {"content-type": _NO_PAGE}, b""
    return _fields(data[: end.start()]), data[end.end() :]


def _is_page(head: Mapping[str, str], start: bytes) -> bool:
    kind = mime.typed(head.get("content-type", ""))[0]
    return kind in _HTML or (not kind and start[:1024].lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")))


def _decoded(body: bytes, head: Mapping[str, str]) -> tuple[bytes, str]:
    """The content without chunks and codings, and what is wrong with it. Writers that undo them leave the fields."""
    if "chunked" in head.get("transfer-encoding", "").lower():
        body = _joined(dechunk((body,)))[0] or body
    names = codings(head.get("content-encoding"))
    if not names:
        return body[:MAX_PARSED], _large(body)
    content, damage = _joined(decode(_pieces(body), names))
    if not content and damage and b"<" in body[:HEAD]:
        return body[:MAX_PARSED], _large(body)
    return content, damage


def _pieces(body: bytes) -> Iterator[bytes]:
    """What is damaged takes a piece with it."""
    return (body[at : at + _STEP] for at in range(0, len(body), _STEP))


def _joined(pieces: Iterator[bytes]) -> tuple[bytes, str]:
    content = bytearray()
    try:
        for piece in pieces:
            content += piece
            if len(content) > MAX_PARSED:
                return bytes(content[:MAX_PARSED]), _large(content)
    except DecodeError as error:
        return bytes(content), f"is damaged ({error}); what came before is read"
    return bytes(content), ""


def _large(body: bytes | bytearray) -> str:
    return f"is larger than {MAX_PARSED >> 20} MiB; only its beginning is read" if len(body) > MAX_PARSED else ""


def _page(url: str, text: bytes, place: Place) -> Iterator[Block]:
    """The page itself, then what it cites."""
    title = _TITLE.search(text, 0, HEAD)
    anchor = words(unescape(title[1].decode("utf-8", "replace"))) if title else ""
    yield Block(url.encode(), (Mention(0, "link", url, url, anchor, anchor),), place)
    mentions = (replace(one, base=_base(url, one.base)) for one in html.read(text))
    yield Block(text, mentions, replace(place, line=1, column=1))


def _base(url: str, own: str) -> str:
    return (resolve(url, own) if own else None) or url
