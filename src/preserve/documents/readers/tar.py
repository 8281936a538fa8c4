"""Tar archives (ustar, pax, GNU), read from start to end; nothing is extracted.

Not the standard library's `tarfile`: it takes the names of members into memory however long they say they are.
Rules: POSIX.1-2017, pax interchange format; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from preserve.documents.mention import Block, Nest
from preserve.documents.readers.label import label
from preserve.documents.readers.troubles import Troubles, skipped
from preserve.documents.readers.unpack import unpack
from preserve.model import Place

_BLOCK = 512
MAX_NAME = 1 << 20  # bytes of a header that only names the next member
_FILES = frozenset({b"0", b"\0", b"7"})
_LONG_NAME, _PAX = b"L", b"x"
_EXTENDED = frozenset({_LONG_NAME, b"K", _PAX, b"g"})
_PATH = re.compile(rb"(?:\A|\n)\d{1,7} path=([^\n]*)\n")
_PIECE = 1 << 20


def read(file: BinaryIO, nest: Nest) -> Iterator[Block]:
    """The blocks of every member."""
    troubles, longer = Troubles(), ""
    while header := file.read(_BLOCK).rstrip(b"\0"):
        try:
            name, size, kind = _member(header)
        except ValueError as error:
            yield Block(warning=f"{error}; what came before is read", unread=True)
            break
        content = _Content(file, size)
        if kind in _EXTENDED:
            longer = _extended(kind, content.read1(MAX_NAME)) or longer
        else:
            name, longer = longer or name, ""
            if kind in _FILES and not skipped(name):
                yield from troubles.sift(unpack(content, nest, label(name), Place(part=label(name))))
        if not content.finish():
            troubles.add("is cut short", label(name))
    yield from troubles.blocks()


def _member(header: bytes) -> tuple[str, int, bytes]:
    """Name, size and kind of a member. ValueError when this is none."""
    block = header.ljust(_BLOCK, b"\0")
    summed = sum(block[:148]) + sum(block[156:]) + 8 * ord(" ")
    if _number(block[148:156]) != summed:
        raise ValueError("is damaged")
    prefix = block[345:500] if block[257:263] == b"ustar\0" else b""
    name = b"/".join(part.partition(b"\0")[0] for part in (prefix, block[:100]) if part.partition(b"\0")[0])
    return name.decode("utf-8", "replace"), _number(block[124:136]), block[156:157]


def _number(field: bytes) -> int:
    """Octal digits, or binary where the first bit is set."""
    if field[0] & 0x80:
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    digits = field.strip(b" \0")
    return int(digits, 8) if digits and not digits.strip(b"01234567") else 0


def _extended(kind: bytes, data: bytes) -> str:
    """The name of the member that follows."""
    if kind == _LONG_NAME:
        return data.partition(b"\0")[0].decode("utf-8", "replace")
    path = _PATH.search(data) if kind == _PAX else None
    return path[1].decode("utf-8", "replace") if path else ""


class _Content:
    """The bytes of one member."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left, self._padding = file, size, -size % _BLOCK

    def read1(self, size: int, /) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data

    def finish(self) -> bool:
        """Go to the end of it; whether it was there."""
        left = self._left + self._padding
        while left > 0 and (data := self._file.read(min(left, _PIECE))):
            left -= len(data)
        return left <= self._padding
