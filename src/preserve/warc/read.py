"""Reading one record at a place that the manifest names: tolerant of odd writers, capped against hostile ones.

Where the walk refuses, this shows: header lines may end in LF, be folded, repeat or hold any bytes. What it
never does is give out bytes that are not the stored ones: with `sha256` the member is hashed before anything
is read; a cut or damaged member ends in DamagedError, also in the middle of a block.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from preserve.errors import DamagedError
from preserve.warc.walk import inflate

MAX_HEAD = 1024 * 1024  # a 300 MiB header line fits into a 305 KB member
_READ = 256 * 1024
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_LENGTH = re.compile(rb"[0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class MemberBlock:
    """The block of one stored record as model.Blocks: inflated anew on each reading, never held in memory."""

    size: int  # bytes, by Content-Length
    stream: BinaryIO
    offset: int
    length: int
    head: int  # bytes of the record header before it

    def blocks(self) -> Iterator[bytes]:
        """The block in pieces. DamagedError where the member is cut, altered or shorter than it says."""
        skip, left = self.head, self.size
        for piece in inflate(self.stream, self.offset, self.length):
            part = piece[skip : skip + left]
            skip = max(0, skip - len(piece))
            left -= len(part)
            if part:
                yield part
        if left:
            raise DamagedError(f"the record at byte {self.offset} is {left} bytes shorter than it says")

    def close(self) -> None:
        """The stream belongs to the caller."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its first line, its header fields in order and as stored, and its block."""

    version: bytes
    headers: list[tuple[bytes, bytes]]
    block: MemberBlock

    def get(self, name: bytes) -> bytes | None:
        """The first field of that name, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


def read_record(stream: BinaryIO, offset: int, length: int, sha256: str | None = None) -> Record:
    """The record in the gzip member at `offset`, `length` bytes long, of a seekable stream.

    `sha256` (lower-case hex) is what the manifest says of the stored member. Raises DamagedError where the
    member is not that, is no gzip member, or holds no WARC record; OSError where the disk fails.
    """
    if sha256 is not None and stored_sha256(stream, offset, length) != sha256:
        raise DamagedError(
            f"the record at byte {offset} is not the one that was stored",
            "run `preserve verify` to see what else is damaged",
        )
    head, block_at = _head(stream, offset, length)
    version, _, lines = head.partition(b"\n")
    if not version.startswith(b"WARC/"):
        raise DamagedError(f"no WARC record at byte {offset}")
    headers = _fields(lines)
    size = _size(headers, offset)
    return Record(version.strip(), headers, MemberBlock(size, stream, offset, length, block_at))


def stored_sha256(stream: BinaryIO, offset: int, length: int) -> str:
    """Lower-case hex SHA-256 of the stored bytes; of fewer than `length` where the file ends before."""
    digest = hashlib.sha256()
    stream.seek(offset)
    while length > 0 and (piece := stream.read(min(_READ, length))):
        digest.update(piece)
        length -= len(piece)
    return digest.hexdigest()


def _head(stream: BinaryIO, offset: int, length: int) -> tuple[bytes, int]:
    got = bytearray()
    for piece in inflate(stream, offset, length):
        since = max(0, len(got) - 3)
        got += piece
        end = _HEAD_END.search(got, since, MAX_HEAD)
        if end:
            return bytes(got[: end.start()]), end.end()
        if len(got) >= MAX_HEAD:
            raise DamagedError(f"the record header at byte {offset} is longer than {MAX_HEAD} bytes")
    raise DamagedError(f"the record header at byte {offset} has no end")


def _fields(lines: bytes) -> list[tuple[bytes, bytes]]:
    fields = []
    for line in _LINE_END.split(_FOLD.sub(b" ", lines)):
        name, _, value = line.partition(b":")
        fields.append((name.strip(), value.strip()))
    return fields


def _size(headers: list[tuple[bytes, bytes]], offset: int) -> int:
    value = next((value for name, value in headers if name.lower() == b"content-length"), b"")
    if not _LENGTH.fullmatch(value):
        raise DamagedError(f"the record at byte {offset} has no usable Content-Length")
    return int(value)
