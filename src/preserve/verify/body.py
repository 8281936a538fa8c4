"""The body of an HTTP message, undone step by step: verify's own reading of it, in flat memory.

The bounds are those within which content is taken for content at all; what is beyond them is Broken, like what is cut.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

MAX_HEAD = 1024 * 1024  # of an HTTP message or a WARC record; ours are below 256 KB
MAX_LINE = 16 * 1024  # a chunk-size line, a trailer field
MAX_CODINGS = 2  # on top of each other
MAX_DECODED = 8 * 1024**3  # bytes out of one coding
MAX_RATIO = 300  # bytes out for each byte in, once RATIO_GRACE have come out
RATIO_GRACE = 64 * 1024**2
_STEP = 256 * 1024
_LINE = 64  # bytes looked at for the end of a line: most chunk-size lines have six
_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\n")
_STATUS = re.compile(rb"HTTP/\d\.\d ([1-9]\d\d)(?: [^\n]*)?")
_CHUNK = re.compile(rb"[0-9A-Fa-f]{1,16}")
Blocks = Iterator[bytes]


class Broken(Exception):
    """It is not what it says it is; the text says why."""


class Source:
    """Blocks of bytes that are taken piece by piece, once."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._held = b""
        self._at = 0  # in what is held: a chunk may have one byte, and nothing is copied for it

    def take(self, most: int) -> bytes:
        """At most so many bytes; b"" at the end."""
        while self._at == len(self._held):
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._held, self._at = block, 0
        part = self._held[self._at : self._at + most]
        self._at += len(part)
        return part

    def peek(self, size: int) -> bytes:
        """The next bytes, fewer at the end; they are still there."""
        self._held, self._at = self._held[self._at :], 0
        while len(self._held) < size and (block := next(self._blocks, None)) is not None:
            self._held += block
        return self._held[:size]

    def upto(self, end: re.Pattern[bytes], most: int, step: int = _STEP) -> bytes:
        """What comes before `end`, which is passed over."""
        got, since = bytearray(), 0
        while not (match := end.search(got, since, most)):
            since = max(0, len(got) - 3)
            part = self.take(step)
            if not part or len(got) >= most:
                raise Broken("a head has no end")
            got += part
        self._at -= len(got) - match.end()  # the end lies in the last part, which is held still
        return bytes(got[: match.start()])

    def line(self) -> bytes:
        found = self.upto(_LINE_END, MAX_LINE, _LINE)
        return found[:-1] if found.endswith(b"\r") else found

    def exactly(self, size: int) -> Blocks:
        while size:
            part = self.take(min(size, _STEP))
            if not part:
                raise Broken(f"it is {size} bytes shorter than it says")
            size -= len(part)
            yield part

    def rest(self) -> Blocks:
        while part := self.take(_STEP):
            yield part


@dataclass(frozen=True, slots=True)
class Head:
    """First line and fields of a message, names in lower case. `status`: None where it is no answer."""

    first: bytes
    fields: tuple[tuple[bytes, bytes], ...]

    @property
    def status(self) -> int | None:
        match = _STATUS.fullmatch(self.first)
        return int(match[1]) if match else None

    def values(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.fields if key == name]

    def listed(self, name: bytes) -> list[str]:
        """The words of a field that is a list, lower case."""
        words = (word.strip().lower() for value in self.values(name) for word in value.split(b","))
        return [word.decode("latin-1") for word in words]

    @property
    def chunked(self) -> bool:
        bodiless = self.status is None or self.status in (204, 304) or self.status < 200
        return not bodiless and self.listed(b"transfer-encoding")[-1:] == ["chunked"]

    @property
    def codings(self) -> list[str]:
        return [word for word in self.listed(b"content-encoding") if word not in ("", "identity")]


def head(source: Source) -> Head:
    """Passes over the head of an HTTP message or a WARC record."""
    first, *lines = re.split(rb"\r?\n", re.sub(rb"\r?\n[ \t]+", b" ", source.upto(_END, MAX_HEAD)))
    pairs = (line.partition(b":") for line in lines)
    return Head(first, tuple((name.strip().lower(), value.strip()) for name, colon, value in pairs if colon))


def dechunked(source: Source) -> Blocks:
    """Chunk framing undone (RFC 9112 section 7.1)."""
    while True:
        digits = source.line().partition(b";")[0].strip(b" \t")
        if not _CHUNK.fullmatch(digits):
            raise Broken("a chunk size that is none")
        if not (size := int(digits, 16)):
            break
        yield from source.exactly(size)
        if source.line():
            raise Broken("a chunk longer than its size says")
    while source.line():
        pass


def decoded(blocks: Blocks, codings: list[str]) -> Blocks:
    """Content codings undone, the last applied first."""
    if len(codings) > MAX_CODINGS:
        raise Broken(f"{len(codings)} content codings")
    for coding in reversed(codings):
        if coding not in _CODINGS:
            raise Broken(f"unknown content coding {coding[:40]!r}")
        blocks = _CODINGS[coding](blocks)
    yield from blocks


def gunzipped(blocks: Blocks, *, one: bool = False) -> Blocks:
    """gzip; `one`: nothing may follow the first member."""
    return _inflated(blocks, 31, one=one)


def _inflated(blocks: Blocks, wbits: int, *, one: bool = False) -> Blocks:
    inflater, bounds = zlib.decompressobj(wbits), _Bounds()
    for block in blocks:
        data = block
        bounds.add(len(block), 0)
        while data:
            if inflater.eof:
                if one:
                    raise Broken("bytes after the end of its gzip member")
                if wbits != 31 or not data.startswith(b"\x1f"):
                    break  # padding
                inflater = zlib.decompressobj(wbits)
            try:
                piece = inflater.decompress(data, _STEP)
            except zlib.error as error:
                raise Broken(f"it does not inflate: {error}") from None
            bounds.add(0, len(piece))
            data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            yield piece
    if bounds.taken and not inflater.eof:
        raise Broken("what is compressed has no end")
    if one and not bounds.taken:
        raise Broken("it is no gzip member")


def _deflated(blocks: Blocks) -> Blocks:
    """`deflate` is zlib, and raw where a server got it wrong: the first byte tells."""
    source = Source(blocks)
    first = source.peek(1)
    return _inflated(source.rest(), 15 if first and first[0] & 0x0F == 8 else -15)


def _brotli(blocks: Blocks) -> Blocks:
    import brotli

    decoder, bounds = brotli.Decompressor(), _Bounds()
    try:
        for block in blocks:
            bounds.add(len(block), 0)
            piece = decoder.process(block, output_buffer_limit=_STEP)
            while piece or not decoder.can_accept_more_data():
                bounds.add(0, len(piece))
                yield piece
                piece = decoder.process(b"", output_buffer_limit=_STEP)
    except brotli.error as error:
        raise Broken(f"it does not inflate: {error}") from None
    if bounds.taken and not decoder.is_finished():
        raise Broken("what is compressed has no end")


@dataclass(slots=True)
class _Bounds:
    taken: int = 0
    given: int = 0

    def add(self, taken: int, given: int) -> None:
        self.taken += taken
        self.given += given
        if self.given > MAX_DECODED or (self.given > RATIO_GRACE and self.given > self.taken * MAX_RATIO):
            raise Broken(f"{self.taken} bytes unfold to more than {self.given}")


_CODINGS: dict[str, Callable[[Blocks], Blocks]] = {
    "gzip": gunzipped,
    "x-gzip": gunzipped,
    "deflate": _deflated,
    "br": _brotli,
}
