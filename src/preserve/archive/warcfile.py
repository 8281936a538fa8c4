"""One WARC file in hand. It bears `.open` until it is sealed; only whole members stay in it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from preserve.archive import fsio, layout
from preserve.errors import StorageError
from preserve.model import Json

Warcinfo = Callable[[str], Iterable[bytes]]  # file name -> the bytes of the first member
_READ = 1 << 20
_BLOCK = 1 << 15  # small, because each member copies what is left of its block


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a gzip member lies: `file` relative to the archive, without `.open`; SHA-256 of its stored bytes."""

    file: str
    offset: int
    length: int
    sha256: str


class WarcFile:
    """A file of this run. `size` counts its bytes, `durable` those that a power cut cannot take."""

    def __init__(self, root: Path, file: str, warcinfo: Warcinfo) -> None:
        """Makes the file and writes its first member. StorageError leaves no file behind."""
        self._root = root
        self.file = file
        self.durable = 0
        self.records = 0
        self.lost = False  # a write or sync failed in a way that forbids further use
        self._hash = sha256()
        folder, _, name = file.rpartition("/")
        self._file = fsio.create(fsio.make_folder(root, folder) / (name + layout.OPEN))
        try:
            fsio.settle(root, file)
            self.append(warcinfo(name))
        except BaseException:
            self.close()
            with suppress(StorageError):
                fsio.remove(self._file.path)
            raise

    @property
    def size(self) -> int:
        return self._file.size

    def append(self, member: Iterable[bytes]) -> Stored:
        """Adds one gzip member; nothing is durable before `sync`. Whatever fails, no part of it stays."""
        start, whole, digest = self._file.size, self._hash.copy(), sha256()
        try:
            for block in member:
                self._file.write(block)
                whole.update(block)
                digest.update(block)
        except BaseException:
            self._roll_back(start)
            raise
        self._hash = whole
        self.records += 1
        return Stored(self.file, start, self._file.size - start, digest.hexdigest())

    def sync(self) -> None:
        """All members are durable. StorageError: the file is `lost` from `durable` on, no second try is made."""
        size = self._file.size  # read before: what another thread appends during the sync may miss it
        if self.durable == size:
            return
        try:
            self._file.sync()
        except StorageError:
            self.abandon()
            raise
        self.durable = size

    def seal(self, why: str) -> dict[str, Json]:
        """The file is durable under its final name and closed. Returns the fields of its `seal` entry."""
        try:
            fsio.seal(self._file, self._root, self.file)
        except StorageError:
            self.abandon()
            raise
        return _seal_fields(self.file, self._file.size, self._hash.hexdigest(), self.records, why)

    def abandon(self) -> None:
        """Gives the file up as it is on the disk; the next run recovers it. Members that were never durable, and so
        never named, are cut: after a failed fsync the cache may show bytes that the disk does not have."""
        self.lost = True
        with suppress(StorageError):  # the next run will see a tail then; the first error is the one to tell
            if self._file.size > self.durable:
                self._file.truncate(self.durable)
        self.close()

    def close(self) -> None:
        """Lets go of the file as it is. What counts was synced, so a failing close loses nothing."""
        with suppress(StorageError):
            self._file.close()

    def _roll_back(self, size: int) -> None:
        try:
            self._file.truncate(size)
        except StorageError:
            self.abandon()


def _seal_fields(file: str, size: int, digest: str, records: int, why: str) -> dict[str, Json]:
    return {"file": file, "bytes": size, "sha256": digest, "records": records, "why": why}


def whole_members(stream: BinaryIO) -> tuple[int, int]:
    """The offset after the last whole gzip member from the start on, and how many there are. Holds 64 KiB at most."""
    position = end = count = 0
    inflate = zlib.decompressobj(31)
    while block := stream.read(_BLOCK):
        position += len(block)
        more = True
        while more:
            try:
                came = inflate.decompress(block, _BLOCK)
            except zlib.error:
                return end, count
            if inflate.eof:
                block = inflate.unused_data
                end, count = position - len(block), count + 1
                inflate = zlib.decompressobj(31)
                more = bool(block)
            else:
                block = inflate.unconsumed_tail
                more = bool(block) or len(came) == _BLOCK  # a full answer: zlib may hold back more
    return end, count


def describe(root: Path, file: str, why: str) -> dict[str, Json] | None:
    """The fields of the `seal` entry of a file that lies there closed already; None if not all of it is members."""
    digest = sha256()
    with fsio.read(root / file) as stream:
        end, records = whole_members(stream)
        stream.seek(0)
        while block := stream.read(_READ):
            digest.update(block)
        size = stream.tell()
    return _seal_fields(file, size, digest.hexdigest(), records, why) if end == size else None
