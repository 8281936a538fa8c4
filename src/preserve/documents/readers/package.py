"""ZIP packages (OOXML, ODF, EPUB, WACZ, plain ZIP): members are read in memory, capped, and never unpacked to disk."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, BinaryIO, cast

from preserve.documents.mention import Nest
from preserve.errors import DocumentError
from preserve.network.policy import MAX_RATIO, RATIO_GRACE

# The largest sheet that Excel itself opens is some 100 MiB; a bomb's member has gigabytes.
MAX_MEMBER = 256 * 1024**2
MAX_MEMBERS = 200_000  # names kept in memory; a bomb's directory has millions
MAX_DIRECTORY = 32 * 1024**2  # bytes: so many names of 120 bytes; each entry costs a kilobyte of memory
_PIECE = 1 << 20

DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError, ValueError)


class _Bounded:
    """A file of which zipfile can read no more at once than a directory may have."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY:
            raise zipfile.BadZipFile(f"a directory of more than {MAX_DIRECTORY >> 20} MiB")
        return self._file.read(size)


def open_zip(file: BinaryIO) -> zipfile.ZipFile:
    """As the standard library does, with a bound on the directory; one of DAMAGE where it is none."""
    return zipfile.ZipFile(cast("IO[bytes]", _Bounded(file)))


class Package:
    """An open ZIP file. DocumentError when it is none, `name` is what messages call it."""

    def __init__(self, file: BinaryIO, nest: Nest, name: str = "The package") -> None:
        self._nest, self._name = nest, name
        try:
            self._zip = open_zip(file)
        except DAMAGE as error:
            raise DocumentError(f"{name} is a damaged ZIP file ({error}).", "Get it again, or repair it.") from None
        infos = self._zip.infolist()
        if len(infos) > MAX_MEMBERS:
            raise DocumentError(f"{name} has more than {MAX_MEMBERS:,} members.", "Take out what cites.")
        if _overlap(infos):
            raise DocumentError(f"{name} has members that lie within each other.", "It may be an attack.")
        self._infos = {info.filename: info for info in infos}

    @property
    def members(self) -> list[zipfile.ZipInfo]:
        """All but folders, in the order of the directory; two of one name are two."""
        return [info for info in self._zip.infolist() if not info.is_dir()]

    @property
    def names(self) -> list[str]:
        """Of all members but folders, in the order of the directory."""
        return [name for name in self._infos if not name.endswith("/")]

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def encrypted(self, name: str) -> bool:
        return bool(self._infos[name].flag_bits & 1)

    def read(self, name: str) -> bytes:
        """One member. DocumentError when it is not there, damaged, encrypted or larger than MAX_MEMBER."""
        return b"".join(self.pieces(name))

    def get(self, name: str) -> bytes:
        """One member, b"" when it is not there."""
        return self.read(name) if name in self._infos else b""

    def pieces(self, name: str) -> Iterator[bytes]:
        """The same in pieces."""
        info = self._infos.get(name)
        if info is None:
            raise DocumentError(f"{self._name} lacks its member {name}.", "Get it again, or repair it.")
        size = 0
        try:
            with self.open(info) as member:
                while piece := member.read(_PIECE):
                    size += len(piece)
                    if size > MAX_MEMBER or (size > RATIO_GRACE and size > MAX_RATIO * info.compress_size):
                        raise DocumentError(
                            f"{self._name}: {name} unpacks to more than {size >> 20} MiB.", "Take out what cites."
                        )
                    self._nest.spend(len(piece))
                    yield piece
        except DAMAGE as error:
            raise DocumentError(f"{self._name}: {name} is damaged ({error}).", "Get it again, or repair it.") from None

    def open(self, info: zipfile.ZipInfo) -> zipfile.ZipExtFile:
        """One member to read from. DocumentError when it is encrypted; one of DAMAGE now or later when it is broken."""
        if info.flag_bits & 1:
            raise DocumentError(f"{self._name} is encrypted.", "Decrypt it and give me that.")
        try:
            return cast(zipfile.ZipExtFile, self._zip.open(info))
        except RuntimeError as error:  # zipfile's word for a password that is missing
            if isinstance(error, NotImplementedError):
                raise
            raise DocumentError(f"{self._name} cannot be read ({error}).", "Decrypt it.") from None


def _overlap(infos: list[zipfile.ZipInfo]) -> bool:
    """Whether bytes belong to two members: so small files unpack to petabytes."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            return True
        end = info.header_offset + info.compress_size
    return False
