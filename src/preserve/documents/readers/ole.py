"""What an OLE file is, by the streams at its root (MS-CFB): an old Office file, an encrypted new one, a message.

Only its directory is read. The root decides: an old Word document may hold a workbook, and a workbook a document.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

MAX_CHAIN = 65_536  # sectors followed: a directory of half a million entries; a damaged chain may have no end
ENCRYPTED = "an encrypted Office file"

_KINDS = (
    ("EncryptedPackage", ENCRYPTED),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "an Outlook message (.msg)"),
)
_HEADER = 512  # bytes; sectors are counted from its end, or from that of the first sector where they are larger
_ENTRY = struct.Struct("<64sHxxIII")  # name, its size, both siblings, first child
_ENTRY_SIZE = 128
_NONE = 0xFFFFFFFA  # from here on numbers are no sectors


def kind(file: BinaryIO) -> str:
    """`doc`, `xls` or `ppt`, what else it is in words, "" of what is not known. The file is left at its beginning."""
    try:
        names = _names(_Sectors(file).directory())
    except (struct.error, IndexError):
        names = set()  # it breaks off
    finally:
        file.seek(0)
    return next((what for name, what in _KINDS if name in names), "")


class _Sectors:
    """The sectors of a file, and which comes after which."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self._file, self._header = file, file.read(_HEADER)
        (shift,) = struct.unpack_from("<H", self._header, 0x1E)
        self._size = 1 << max(9, min(16, shift))
        self._numbers = self._size // 4  # in a sector of numbers
        self._tables = list(struct.unpack_from("<109I", self._header, 0x4C))

    def directory(self) -> bytes:
        return b"".join(self[number] for number in self._chain(self._at(self._header, 0x30)))

    def __getitem__(self, number: int) -> bytes:
        self._file.seek((number + 1) * self._size)
        return self._file.read(self._size)

    def _chain(self, number: int) -> Iterator[int]:
        for _ in range(MAX_CHAIN):
            if number >= _NONE:
                return
            yield number
            index, within = divmod(number, self._numbers)
            number = self._at(self[self._table(index)], 4 * within)

    def _table(self, index: int) -> int:
        """The sector of that part of the allocation table. The header has room for 109, a chain names the others."""
        more = self._at(self._header, 0x44)
        while index >= len(self._tables) and more < _NONE and len(self._tables) < MAX_CHAIN:
            *numbers, more = struct.unpack(f"<{self._numbers}I", self[more])
            self._tables += numbers
        return int(self._tables[index])

    @staticmethod
    def _at(data: bytes, offset: int) -> int:
        (number,) = struct.unpack_from("<I", data, offset)
        return int(number)


def _names(directory: bytes) -> set[str]:
    """Of what stands at the root: a tree of siblings that hangs on its first entry."""
    names: set[str] = set()
    seen, ahead = {0}, [_ENTRY.unpack_from(directory)[4]]
    while ahead:
        number = ahead.pop()
        if number in seen or (number + 1) * _ENTRY_SIZE > len(directory):
            continue
        seen.add(number)
        name, size, left, right, _ = _ENTRY.unpack_from(directory, number * _ENTRY_SIZE)
        names.add(name[: max(0, size - 2)].decode("utf-16-le", "replace"))
        ahead += (left, right)
    return names
