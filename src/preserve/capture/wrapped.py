"""A copy in the answer of a web archive: its bytes as that archive stored them, and the content that they stand for.

Common Crawl gives its own WARC record, as one gzip member: that is opened here. Everything in it is remote. It is read
as a stream in flat memory, and either is exactly one `response` record with an HTTP answer in it, or a FormatError says
why not. What is only found at its end (a wrong length, a broken check sum, a second record) is raised there, behind the
bytes: whoever reads it keeps nothing before that.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from preserve.errors import FormatError
from preserve.network import message, policy
from preserve.network.decode import codings, dechunk, decode

MAX_FIELDS = 64 * 1024  # of a record header: those of crawlers are below 4 KB
_STEP = 256 * 1024  # bytes inflated at once
_MAGIC = b"\x1f\x8b"
_PEEK = 64  # bytes that tell whether a body is what its head says: a chunk-size line, the magic of gzip
_VERSION = re.compile(rb"WARC/1\.[01]")
_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(r"[0-9]{1,15}")
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}[ \t]*(?:;|\r?\n)")


@dataclass(frozen=True, slots=True)
class Wrapped:
    """The record: its header fields as they stand, the head of the HTTP answer in it, and what follows that, once."""

    fields: tuple[tuple[str, str], ...]
    head: message.Head
    payload: Iterator[bytes]  # as that archive stored it

    def get(self, name: str) -> str | None:
        """The first header field of that name, whatever its case."""
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)

    @property
    def url(self) -> str:
        """What that archive captured."""
        return (self.get("WARC-Target-URI") or "").strip("<>")


def unwrap(blocks: Iterable[bytes]) -> Wrapped:
    """The record in the body of an answer (chunk framing undone). Raises FormatError."""
    source = _Source(_inflated(blocks))
    version, _, lines = source.until(_END, MAX_FIELDS, "its record header").partition(b"\n")
    if not _VERSION.fullmatch(version.strip()):
        raise FormatError("it begins with no WARC record")
    fields = tuple(_fields(lines))
    size = _size(fields)
    found = Wrapped(fields, message.Head(b"", None, (), ()), iter(()))
    if found.get("WARC-Type") != "response" or not (found.get("Content-Type") or "").startswith("application/http"):
        raise FormatError(f"it holds a {str(found.get('WARC-Type'))[:40]!r} record, no answer of a server")
    block = _Source(_exactly(source, size))
    head = message.parse_head(block.until(_END, policy.MAX_HEAD, "the head of its answer") + b"\r\n\r\n")
    if head.status is None:
        raise FormatError("there is no HTTP answer in its record")
    return Wrapped(fields, head, block.rest())


def content(wrapped: Wrapped) -> tuple[tuple[str, ...], Iterator[bytes]]:
    """What was undone, and the content of the original. Raises FormatError, DecodeError."""
    chunked = message.framing("GET", wrapped.head).kind == "chunked"
    return undone(wrapped.payload, chunked=chunked, applied=codings(", ".join(wrapped.head.values("content-encoding"))))


def undone(
    payload: Iterator[bytes], *, chunked: bool, applied: Sequence[str]
) -> tuple[tuple[str, ...], Iterator[bytes]]:
    """What was undone, and the content: chunk framing and the codings `applied` undone. Raises DecodeError, and what
    `payload` raises.

    Web archives and crawlers keep the fields of the head and store, or serve, the body decoded: a body that is not
    framed or packed as its head says is left as it is.
    """
    steps: list[str] = []
    start, blocks = _peek(payload)
    if chunked and _CHUNK_SIZE.match(start):
        steps.append("chunk framing undone")
        start, blocks = _peek(_drained(dechunk(blocks), blocks))
    if applied and (applied[-1] not in ("gzip", "x-gzip") or start.startswith(_MAGIC)):
        steps.append(f"content coding undone: {', '.join(applied)}")
        blocks = _drained(decode(blocks, applied), blocks)
    return tuple(steps), blocks


class _Source:
    """A stream of which the beginning is looked at."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._held = b""

    def until(self, end: re.Pattern[bytes], most: int, what: str) -> bytes:
        """The bytes before `end`, which is passed over. FormatError where it does not come within `most`."""
        got = bytearray(self._held)
        since = 0
        while not (match := end.search(got, since, most)):
            since = max(0, len(got) - 3)
            if len(got) >= most:
                raise FormatError(f"{what} has no end within {most} bytes")
            if (block := next(self._blocks, None)) is None:
                raise FormatError(f"{what} has no end")
            got += block
        self._held = bytes(got[match.end() :])
        return bytes(got[: match.start()])

    def rest(self) -> Iterator[bytes]:
        """What is left, once."""
        if self._held:
            yield self._held
        yield from self._blocks


def _inflated(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """What one gzip member holds, within the bounds of policy; bytes behind it are none of it."""
    inflater = zlib.decompressobj(31)
    taken = given = 0
    for block in blocks:
        taken += len(block)
        data = block
        while data and not inflater.eof:
            try:
                piece = inflater.decompress(data, _STEP)
            except zlib.error as error:
                raise FormatError(f"it is no whole gzip member: {error}") from None
            data = inflater.unconsumed_tail
            given += len(piece)
            if given > policy.MAX_DECODED or (given > policy.RATIO_GRACE and given > taken * policy.MAX_RATIO):
                raise FormatError(f"{taken} bytes of it unfold to more than {given}")
            if piece:
                yield piece
        if inflater.eof and (data or inflater.unused_data):
            raise FormatError("bytes follow its gzip member")
    if not inflater.eof:
        raise FormatError("it is no whole gzip member: it is cut")


def _fields(lines: bytes) -> Iterator[tuple[str, str]]:
    for line in lines.split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon:
            yield name.decode("ascii", "replace").strip(), value.decode("utf-8", "replace").strip()


def _size(fields: Iterable[tuple[str, str]]) -> int:
    found = [value for name, value in fields if name.lower() == "content-length"]
    if len(found) != 1 or not _LENGTH.fullmatch(found[0]):
        raise FormatError("its record has no usable Content-Length")
    return int(found[0])


def _exactly(source: _Source, size: int) -> Iterator[bytes]:
    """The block of a record, which must be `size` bytes, two line ends, and the end of the member."""
    left, tail = size, b""
    for piece in source.rest():
        part = piece[:left]
        left -= len(part)
        tail += piece[len(part) : len(part) + 5]
        if part:
            yield part
        if len(tail) > 4:
            raise FormatError("its record is longer than it says")
    if left:
        raise FormatError(f"its record is {left} bytes shorter than it says")
    if not _END.fullmatch(tail):
        raise FormatError("its record has no end")


def _peek(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The beginning, and all of it."""
    start = b""
    for block in blocks:
        start += block
        if len(start) >= _PEEK:
            break
    return start, _chain(start, blocks)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _drained(result: Iterator[bytes], source: Iterator[bytes]) -> Iterator[bytes]:
    """The result, and then the source to its end: what is wrong behind the last chunk is wrong with the whole."""
    yield from result
    for _ in source:
        pass
