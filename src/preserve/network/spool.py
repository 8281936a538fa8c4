"""Bytes of any size on their way to the archive: in memory while small, else in an unlinked temporary file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import BinaryIO

from preserve.errors import StorageError
from preserve.network import policy

_BLOCK = 256 * 1024


class Spool:
    """Written once, read again and again. Implements model.Blocks.

    `overflow` opens the temporary file; it is called only for a body beyond policy.SPOOL_MEMORY.
    """

    __slots__ = ("_file", "_memory", "_overflow", "size")

    def __init__(self, overflow: Callable[[], BinaryIO]) -> None:
        self._overflow = overflow
        self._memory: bytearray | None = bytearray()
        self._file: BinaryIO | None = None
        self.size = 0

    @property
    def passed(self) -> int:
        """Bytes received so far."""
        return self.size

    def write(self, data: bytes) -> None:
        """Raises StorageError when the disk is full or failing."""
        self.size += len(data)
        if self._memory is not None:
            self._memory += data
            if self.size <= policy.SPOOL_MEMORY:
                return
            data, self._memory = bytes(self._memory), None
            self._file = self._overflow()
        assert self._file is not None
        try:
            self._file.write(data)
        except OSError as error:
            raise StorageError(
                f"a body cannot be kept on its way to the archive: {error.strerror}",
                "free some space on the disk of the archive, then run again",
            ) from error

    def blocks(self) -> Iterator[bytes]:
        if self._memory is not None:
            if self._memory:
                yield bytes(self._memory)
            return
        if self._file is None:
            return
        self._file.seek(0)
        while block := self._file.read(_BLOCK):
            yield block

    def close(self) -> None:
        self._memory = None
        if self._file is not None:
            self._file.close()
            self._file = None


def room(overflow: Callable[[], BinaryIO]) -> int:
    """Bytes that are free where bodies go. Raises StorageError when nothing can be written there at all."""
    with overflow() as file:
        disk = os.fstatvfs(file.fileno())
    return disk.f_bavail * disk.f_frsize


class Passing:
    """A body that somebody else keeps: only counted here. Implements model.Blocks, and gives nothing back."""

    __slots__ = ("passed",)
    size = 0

    def __init__(self) -> None:
        self.passed = 0

    def write(self, data: bytes) -> None:
        self.passed += len(data)

    def blocks(self) -> Iterator[bytes]:
        return iter(())

    def close(self) -> None: ...
