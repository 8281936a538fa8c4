"""Chunk framing and content codings undone, within bounds: small wire bytes never become a full memory or disk."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from preserve.errors import FetchError
from preserve.model import Exchange
from preserve.network import policy

_STEP = 256 * 1024  # bytes a decoder may put out at once


class DecodeError(FetchError):
    """The stored bytes are kept as they are; their content cannot be had."""


class Dechunker:
    """Finds the pieces and the end of a chunked body (RFC 9112 section 7.1), fed as it arrives.

    `feed` returns the content in the data given; after `done`, `rest` holds the bytes behind the end. Raises
    DecodeError for a size line that is none, and for one or a trailer that never ends.
    """

    def __init__(self) -> None:
        self.done = False
        self.rest = b""
        self._left = 0  # bytes of the current chunk still to come, its CRLF apart
        self._state = "size"
        self._line = b""
        self._trailer = 0

    def feed(self, data: bytes) -> list[bytes]:
        pieces: list[bytes] = []
        position, end = 0, len(data)
        while position < end and not self.done:
            if self._state == "data":
                piece = data[position : position + self._left]
                pieces.append(piece)
                position += len(piece)
                self._left -= len(piece)
                if not self._left:
                    self._state = "end"
                continue
            newline = data.find(b"\n", position)
            if newline < 0:
                self._hold(data[position:])
                return pieces
            line, self._line = self._line + data[position:newline], b""
            position = newline + 1
            self._take_line(line.rstrip(b"\r"))
        if self.done:
            self.rest = data[position:]
        return pieces

    def _hold(self, part: bytes) -> None:
        self._line += part
        if len(self._line) > policy.MAX_CHUNK_LINE:
            raise DecodeError("malformed", "a chunk-size line that does not end")

    def _take_line(self, line: bytes) -> None:
        if self._state == "end":
            if line:
                raise DecodeError("malformed", "a chunk longer than its size says")
            self._state = "size"
        elif self._state == "size":
            self._left = _chunk_size(line)
            self._state = "data" if self._left else "trailer"
        else:
            self._trailer += len(line) + 1
            if self._trailer > policy.MAX_TRAILER:
                raise DecodeError("limit", "trailer fields that do not end")
            self.done = not line


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip(b" \t")
    if not digits or len(digits) > 16 or digits.strip(b"0123456789abcdefABCDEF"):
        raise DecodeError("malformed", f"a chunk size that is none: {line[:40]!r}")
    return int(digits, 16)


def dechunk(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of a chunked body. Raises DecodeError where the framing breaks or ends early."""
    dechunker = Dechunker()
    for block in blocks:
        yield from dechunker.feed(block)
        if dechunker.done:
            return
    raise DecodeError("truncated", "the chunked body has no end")


def decode(blocks: Iterable[bytes], codings: Sequence[str]) -> Iterator[bytes]:
    """Undo content codings, the last applied first. Raises DecodeError beyond the bounds of policy."""
    if len(codings) > policy.MAX_CODINGS:
        raise DecodeError("limit", f"{len(codings)} content codings on top of each other")
    result: Iterable[bytes] = blocks
    for coding in reversed(codings):
        if coding not in _DECODERS:
            raise DecodeError("malformed", f"unknown content coding {coding[:40]!r}")
        result = _bounded(result, _DECODERS[coding])
    yield from result


def codings(header: str | None) -> list[str]:
    """The codings of a Content-Encoding value, `identity` left out."""
    names = [name.strip().lower() for name in (header or "").split(",")]
    return [name for name in names if name not in ("", "identity")]


def content(exchange: Exchange) -> Iterator[bytes]:
    """What the server meant to give: the body without chunk framing and content codings.

    Raises DecodeError, possibly after some blocks.
    """
    blocks: Iterable[bytes] = exchange.body.blocks()
    if exchange.chunked:
        blocks = dechunk(blocks)
    applied = codings(exchange.header("content-encoding"))
    return decode(blocks, applied) if applied else iter(blocks)


Feed = Callable[[bytes], Iterator[bytes]]


def _bounded(blocks: Iterable[bytes], start: Callable[[], tuple[Feed, Callable[[], bool]]]) -> Iterator[bytes]:
    feed, finished = start()
    taken = given = 0
    for block in blocks:
        taken += len(block)
        for piece in feed(block):
            given += len(piece)
            if given > policy.MAX_DECODED or (given > policy.RATIO_GRACE and given > taken * policy.MAX_RATIO):
                raise DecodeError("limit", f"{taken} bytes that decode to more than {given}")
            yield piece
    if taken and not finished():
        raise DecodeError("truncated", "the coded content has no end")


def _zlib(wbits: int) -> tuple[Feed, Callable[[], bool]]:
    """gzip and zlib; gzip may have several members one after the other (RFC 1952 section 2.2)."""
    decoder = zlib.decompressobj(wbits)

    def feed(data: bytes) -> Iterator[bytes]:
        nonlocal decoder
        while data:
            if decoder.eof:
                if wbits != _GZIP or not data.startswith(b"\x1f"):
                    return  # padding behind the end, as browsers ignore it
                decoder = zlib.decompressobj(wbits)
            try:
                piece = decoder.decompress(data, _STEP)
            except zlib.error as error:
                raise DecodeError("corrupt", f"the content coding is broken: {error}") from None
            data = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
            if piece:
                yield piece

    return feed, lambda: decoder.eof


_GZIP = 31


def _deflate() -> tuple[Feed, Callable[[], bool]]:
    """`deflate` means zlib (RFC 9110 section 8.4.1.2), but servers send raw deflate too: the first byte tells."""
    inner: tuple[Feed, Callable[[], bool]] | None = None

    def feed(data: bytes) -> Iterator[bytes]:
        nonlocal inner
        if inner is None and data:
            inner = _zlib(15 if data[0] & 0x0F == 8 else -15)
        return inner[0](data) if inner else iter(())

    return feed, lambda: inner is None or inner[1]()


def _brotli() -> tuple[Feed, Callable[[], bool]]:
    import brotli

    decoder = brotli.Decompressor()

    def feed(data: bytes) -> Iterator[bytes]:
        try:
            piece = decoder.process(data, output_buffer_limit=_STEP)
            while piece or not decoder.can_accept_more_data():
                yield piece
                piece = decoder.process(b"", output_buffer_limit=_STEP)
        except brotli.error as error:
            raise DecodeError("corrupt", f"the content coding is broken: {error}") from None

    return feed, decoder.is_finished


_DECODERS: dict[str, Callable[[], tuple[Feed, Callable[[], bool]]]] = {
    "gzip": lambda: _zlib(_GZIP),
    "x-gzip": lambda: _zlib(_GZIP),
    "deflate": _deflate,
    "br": _brotli,
}


def head(blocks: Iterable[bytes], most: int) -> bytes:
    """The first bytes of a content, at most so many. What decoded before it broke is enough to look at."""
    data = bytearray()
    try:
        for block in blocks:
            data += block
            if len(data) >= most:
                break
    except FetchError:
        pass
    return bytes(data[:most])
