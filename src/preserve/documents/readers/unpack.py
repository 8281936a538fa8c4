"""One document in a container, read while it is unpacked. Nothing is written to the disk.

What has an order of its own and may be large (mailboxes, web archives, archives) is read as it comes; all else is held
in memory, up to a limit. Where the packing is damaged, what came before is read, and the damage told.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, Protocol, cast

from preserve.documents import sniff
from preserve.documents.charset import HEAD
from preserve.documents.mention import Block, Nest
from preserve.documents.readers.package import DAMAGE, MAX_MEMBER
from preserve.errors import DocumentError
from preserve.model import Place
from preserve.network.policy import MAX_RATIO, RATIO_GRACE

_STREAMED = frozenset({"warc", "mbox", "tar", "gzip"})
_BUFFER = 4 * HEAD  # more than is looked at to see what a document is
_PIECE = 1 << 20


class Packed(Protocol):
    def read1(self, size: int, /) -> bytes:
        """What is there at once: more would be lost with the damage behind it."""
        ...


def unpack(stream: Packed, nest: Nest, name: str, place: Place, packed: int = 0) -> Iterator[Block]:
    """The blocks of the document that `stream` unpacks to from `packed` bytes, where that is known."""
    unpacked = _Unpacked(stream, nest, packed)
    head = unpacked.take(_BUFFER)
    if len(head) == _BUFFER and _kind(head, name) in _STREAMED:
        yield from nest.read(unpacked.buffered(head), name, place)
    else:
        data = head + unpacked.take(MAX_MEMBER + 1 - len(head))
        if len(data) > MAX_MEMBER:
            said = f"unpacks to more than {MAX_MEMBER >> 20} MiB; it is not read"
            yield Block(place=place, warning=said, unread=True)
        elif data or not unpacked.damage:
            yield from nest.read(data, name, place)
    if unpacked.damage:
        yield Block(place=place, warning=f"is damaged ({unpacked.damage}); what came before is read", unread=True)


def _kind(head: bytes, name: str) -> str:
    try:
        return sniff.sniff_file(io.BytesIO(head), name)
    except DocumentError:
        return ""


class _Unpacked(io.RawIOBase):
    """A stream that is counted, and that ends where it is damaged."""

    def __init__(self, stream: Packed, nest: Nest, packed: int) -> None:
        self._stream, self._nest = stream, nest
        self._most = max(RATIO_GRACE, MAX_RATIO * packed) if packed else 0
        self._ahead = b""
        self._size = 0
        self.damage = ""

    def take(self, size: int) -> bytes:
        """So much, or all that there is."""
        data = bytearray()
        while len(data) < size and (piece := self._next(min(_PIECE, size - len(data)))):
            data += piece
        return bytes(data)

    def buffered(self, head: bytes) -> BinaryIO:
        """It from `head` on. What a document is can be looked up in it: the buffer goes back to its beginning."""
        self._ahead = head
        return io.BufferedReader(self, len(head))

    def _next(self, size: int) -> bytes:
        if self.damage:
            return b""
        try:
            piece = self._stream.read1(size)
        except (*DAMAGE, RuntimeError) as error:
            self.damage = str(error) or type(error).__name__
            return b""
        self._nest.spend(len(piece))
        self._size += len(piece)
        if self._most and self._size > self._most:
            self.damage = f"it unpacks to more than {MAX_RATIO} times its size"
        return piece

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size - len(self._ahead)

    def readinto(self, buffer: object) -> int:
        room = cast(memoryview, buffer)
        data = self._ahead or self._next(len(room))
        data, self._ahead = data[: len(room)], data[len(room) :]
        room[: len(data)] = data
        return len(data)
