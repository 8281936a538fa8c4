"""Reading an archive without ever following a link, waiting on a pipe or writing."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

BLOCK = 256 * 1024  # stays in the cache between reading and hashing
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a planted pipe must not make us wait
Kinds = dict[str, int]  # relative path -> bytes, or one of the negative values below
NOT_A_FILE, FOLDER, UNREADABLE = -1, -2, -3
_NOT_A_FILE = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO})


class Disk:
    """The folder of an archive; paths are relative to it, with `/`, and already known to be safe."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def open(self, path: str) -> BinaryIO:
        """The regular file at `path`, unbuffered. OSError for everything else; no part may be a link."""
        *folders, name = path.split("/")
        at = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for folder in folders:
                below = os.open(folder, _FOLDER, dir_fd=at)
                os.close(at)
                at = below
            fd = os.open(name, _FILE, dir_fd=at)
        finally:
            os.close(at)
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise IsADirectoryError(errno.EISDIR, "no regular file")
        return os.fdopen(fd, "rb", buffering=0)

    def read(self, path: str, most: int) -> bytes:
        """The first `most` bytes."""
        with self.open(path) as file:
            parts = []
            while most > 0 and (part := file.read(most)):
                parts.append(part)
                most -= len(part)
        return b"".join(parts)

    def look(self, path: str) -> int | None:
        """The size of the file at `path`, NOT_A_FILE or UNREADABLE; None where nothing is."""
        try:
            with self.open(path) as file:
                return file_size(file)
        except FileNotFoundError:
            return None
        except OSError as error:
            return NOT_A_FILE if error.errno in _NOT_A_FILE else UNREADABLE

    def scan(self) -> Kinds:
        """Everything there is, without following links."""
        seen: Kinds = {}
        folders = [""]
        while folders:
            folder = folders.pop()
            try:
                items = list(os.scandir(self.root / folder))
            except OSError:
                seen[folder] = UNREADABLE
                continue
            for item in items:
                path = f"{folder}/{item.name}" if folder else item.name
                seen[path] = _kind(item)
                if seen[path] == FOLDER:
                    folders.append(path)
        return seen


def _kind(item: os.DirEntry[str]) -> int:
    if item.is_dir(follow_symlinks=False):
        return FOLDER
    try:
        return item.stat(follow_symlinks=False).st_size if item.is_file(follow_symlinks=False) else NOT_A_FILE
    except FileNotFoundError:  # renamed by a run while we look: `.open` loses its suffix
        return 0


def file_size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def file_sha256(file: BinaryIO, count: Callable[[int], None]) -> str:
    """Hex SHA-256 from the position on to the end; `count` hears of every block."""
    digest = sha256()
    while block := file.read(BLOCK):
        digest.update(block)
        count(len(block))
    return digest.hexdigest()


def shown(path: str) -> str:
    """A name from the disk as text that can be encoded: undecodable bytes as \\xff."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
