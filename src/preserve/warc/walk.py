"""Strict walk over the gzip members of a WARC file.

One member is one record: `WARC/1.x`, header lines, Content-Length bytes of block, CRLF CRLF, and the end of
the member. Nothing stands between or after members. WARC readers pass cut members and bytes hidden in gzip
headers over in silence; this walk refuses both. Every malformation ends in WalkError; OSError is left for what
the disk does.

Memory is flat: bytes are hashed as they are inflated, whatever the length of the block.
Rules: RFC 1952, WARC 1.1 (ISO 28500), docs/FORMAT.md section 4.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from isal import isal_zlib

from preserve.errors import DamagedError

MAX_HEAD = 64 * 1024  # our record headers are below 8 KiB; a longer one is an attack on memory
MAX_BLOCK = 64 * 1024**3  # thirty times the largest body that a capture keeps by default
MAX_HTTP_HEAD = 1024 * 1024  # without an end up to here there is no payload to tell apart
_READ = 256 * 1024  # with what it inflates to it stays in the cache until it is hashed
_FIRST = 4 * 1024  # small members come by the thousand: what inflate does not use of a piece it copies
_INFLATED = 256 * 1024  # a gzip bomb unfolds in pieces of this size
_REFUSED: tuple[type[Exception], ...] = (cast("type[Exception]", isal_zlib.error), ValueError)
_END = b"\r\n\r\n"
_HTTP_END = re.compile(rb"\n\r?\n")
_VERSION = re.compile(rb"WARC/1\.[01]")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]++):([\x20-\x7e]*+)\r\n")
_FIELDS = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]++:[\x20-\x7e]*+\r\n)++")
_LENGTH = re.compile(rb"[0-9]{1,16}")
_REPEATABLE = frozenset({b"warc-concurrent-to", b"warc-protocol"})
_MANDATORY = (b"warc-type", b"warc-record-id", b"warc-date", b"content-length")
# Magic, deflate, and no optional gzip fields: names, comments and extra fields are room to hide bytes in.
GZIP_START = b"\x1f\x8b\x08\x00"

Fields = Mapping[bytes, bytes]  # names in lower case; of a field that repeats, the first


class WalkError(DamagedError):
    """The bytes at `offset` of the file are not the record that should stand there."""

    def __init__(self, offset: int, why: str) -> None:
        super().__init__(f"at byte {offset}: {why}")
        self.offset = offset
        self.why = why


@dataclass(frozen=True, slots=True)
class Member:
    """One record as stored: place in the file, parsed header, hashes (lower-case hex SHA-256)."""

    offset: int
    length: int  # of the gzip member
    sha256: str | None  # of the gzip member; None unless asked for
    version: bytes  # WARC/1.1
    fields: Fields
    block_bytes: int
    block_sha256: str
    payload_sha256: str | None  # after the HTTP head; of the block where there is none; None unless asked for

    def get(self, name: bytes) -> bytes | None:
        """The first field of that name, which is given in lower case."""
        return self.fields.get(name)


class _Feed:
    """The bytes of the file from `start` to `end`, handed out in pieces of which the end may be given back."""

    def __init__(self, file: BinaryIO, start: int, end: int | None, first: int = _READ) -> None:
        self._file = file
        self.first = first
        self._left = end - start if end is not None else None
        self._buffer = memoryview(b"")
        self._at = 0  # in the buffer
        self.offset = start
        file.seek(start)

    def take(self, most: int) -> memoryview:
        """At most that many bytes; empty at the end."""
        if self._at == len(self._buffer):
            want = _READ if self._left is None else min(_READ, self._left)
            self._buffer, self._at = memoryview(self._file.read(want) if want > 0 else b""), 0
            if self._left is not None:
                self._left -= len(self._buffer)
        piece = self._buffer[self._at : self._at + most]
        self._at += len(piece)
        self.offset += len(piece)
        return piece

    def give_back(self, count: int) -> None:
        """Undo so much of the last take: it was not needed. Nothing is copied, the buffer still holds it."""
        self._at -= count
        self.offset -= count


def walk(
    file: BinaryIO, start: int = 0, end: int | None = None, *, payload: bool = False, stored: bool = False
) -> Iterator[Member]:
    """Every record from byte `start` to `end` (or the end of the file), which must consist of whole members.

    `payload` and `stored` ask for the hashes of the payload and of the stored member. The file is read from
    start to end once, in order. Raises WalkError at the first byte that breaks a rule; what was yielded before stands.
    """
    feed = _Feed(file, start, end, _FIRST)
    while True:
        piece = feed.take(len(GZIP_START))
        if not piece:
            return
        feed.give_back(len(piece))
        yield _member(feed, payload=payload, stored=stored)


def walk_one(file: BinaryIO, offset: int, length: int, *, payload: bool = False, stored: bool = False) -> Member:
    """The one record that fills these bytes of the file exactly; WalkError where it does not."""
    feed = _Feed(file, offset, offset + length)
    member = _member(feed, payload=payload, stored=stored)
    if member.length != length:
        raise WalkError(feed.offset, f"the record ends after {member.length} of {length} bytes")
    return member


def inflate(file: BinaryIO, offset: int, length: int) -> Iterator[bytes]:
    """The bytes inside the one gzip member that fills this range, in pieces; WalkError where it does not."""
    feed = _Feed(file, offset, offset + length)
    yield from _inflate(feed, None)
    if feed.offset != offset + length:
        raise WalkError(feed.offset, "bytes after the end of the gzip member")


def _member(feed: _Feed, *, payload: bool, stored: bool) -> Member:
    offset = feed.offset
    digest = hashlib.sha256() if stored else None
    pieces = _inflate(feed, digest)
    version, fields, rest = _head(pieces, offset)
    size, block, body = _block(pieces, rest, fields, offset, payload=payload)
    return Member(
        offset,
        feed.offset - offset,
        digest.hexdigest() if digest else None,
        version,
        fields,
        size,
        block,
        body,
    )


def _inflate(feed: _Feed, digest: Any) -> Iterator[bytes]:
    """What one gzip member holds. isal checks CRC and length; the end of the member must come."""
    start = feed.offset
    inflater = isal_zlib.decompressobj(wbits=31)
    most = feed.first
    while not inflater.eof:
        piece = feed.take(most)
        if not piece:
            raise WalkError(start, "the gzip member is cut" if feed.offset > start else "no gzip member")
        if feed.offset - len(piece) == start and piece[:4] != GZIP_START[: len(piece)]:
            raise WalkError(start, "no plain gzip member starts here")
        most = min(most * 4, _READ)
        yield from _unfold(inflater, piece, start)
        unused = len(inflater.unused_data)
        if digest is not None:
            digest.update(piece[: len(piece) - unused])
        if unused:
            feed.give_back(unused)


def _unfold(inflater: Any, piece: memoryview, start: int) -> Iterator[bytes]:
    data: memoryview | bytes = piece
    while True:
        try:
            out: bytes = inflater.decompress(data, _INFLATED)
        except _REFUSED as error:
            raise WalkError(start, f"the gzip member is damaged: {error}") from None
        if out:
            yield out
        data = inflater.unconsumed_tail
        # A full piece may leave output waiting inside the inflater although all input is used.
        if inflater.eof or (not data and len(out) < _INFLATED):
            return


def _head(pieces: Iterator[bytes], offset: int) -> tuple[bytes, Fields, memoryview]:
    """Version, header fields, and what was inflated beyond them."""
    got = b""
    for piece in pieces:
        got = got + piece if got else piece
        at = got.find(_END, 0, MAX_HEAD)
        if at >= 0:
            version, _, lines = got[: at + 2].partition(b"\r\n")
            return _version(version, offset), _fields(lines, offset), memoryview(got)[at + len(_END) :]
        if len(got) >= MAX_HEAD:
            raise WalkError(offset, f"the record header is longer than {MAX_HEAD} bytes")
    raise WalkError(offset, "the record header has no end")


def _version(line: bytes, offset: int) -> bytes:
    if not _VERSION.fullmatch(line):
        raise WalkError(offset, "no WARC/1.0 or WARC/1.1 record")
    return line


def _fields(lines: bytes, offset: int) -> Fields:
    if not _FIELDS.fullmatch(lines):
        raise WalkError(offset, "a record header line is not 'Name: printable ASCII'")
    fields: dict[bytes, bytes] = {}
    for name, value in _FIELD.findall(lines):
        low = name.lower()
        if low not in fields:
            fields[low] = value.strip(b" ")
        elif low not in _REPEATABLE:
            raise WalkError(offset, f"the record header has two {name.decode('ascii')} fields")
    for wanted in _MANDATORY:
        if wanted not in fields:
            raise WalkError(offset, f"the record header has no {wanted.decode('ascii')}")
    return fields


def _block(
    pieces: Iterator[bytes], piece: memoryview, fields: Fields, offset: int, *, payload: bool
) -> tuple[int, str, str | None]:
    """Length and hashes of the block, which must be Content-Length bytes, CRLF CRLF, end of member."""
    size = _content_length(fields[b"content-length"], offset)
    block = hashlib.sha256()
    body = _Payload(http=_is_http(fields.get(b"content-type", b""))) if payload else None
    left, tail = size, b""
    while True:
        part = piece[:left]
        block.update(part)
        if body is not None:
            body.update(part)
        left -= len(part)
        if len(part) < len(piece):
            tail += piece[len(part) : len(part) + len(_END) + 1]
            if len(tail) > len(_END):
                raise WalkError(offset, "bytes after the end of the record: Content-Length is too small")
        following = next(pieces, None)
        if following is None:
            break
        piece = memoryview(following)
    if left:
        raise WalkError(offset, f"the block is {left} bytes shorter than its Content-Length")
    if tail != _END:
        raise WalkError(offset, "the record does not end with CRLF CRLF")
    return size, block.hexdigest(), body.hexdigest() if body is not None else None


def _content_length(value: bytes, offset: int) -> int:
    if not _LENGTH.fullmatch(value) or int(value) > MAX_BLOCK:
        raise WalkError(offset, "Content-Length is not a number of bytes that a block can have")
    return int(value)


def _is_http(content_type: bytes) -> bool:
    return content_type.lower().partition(b";")[0].strip() == b"application/http"


class _Payload:
    """Hash of what follows the first empty line of an HTTP message, or of everything else's whole block."""

    def __init__(self, *, http: bool) -> None:
        self._digest = hashlib.sha256()
        self._head: bytearray | None = bytearray() if http else None

    def update(self, part: memoryview) -> None:
        if self._head is None:
            self._digest.update(part)
            return
        known = len(self._head)
        # The head nearly always ends in the first piece: then nothing is copied.
        head = self._head + part[: MAX_HTTP_HEAD - known] if known else part
        end = _HTTP_END.search(head, max(0, known - 2), MAX_HTTP_HEAD)
        if end:
            self._digest.update(part[end.end() - known :])
            self._head = None
        else:
            self._head = bytearray(head)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()
