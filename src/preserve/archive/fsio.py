"""The one hand on the disk: nothing else in the archive opens for writing, writes, syncs, renames, links or cuts.

* Each docstring says what a power cut cannot take any more once the function has returned.
* Nothing is overwritten: new files are O_EXCL, lasting names are given with link(2), which fails on an existing one.
  On a file system without hard links the name is looked up and then renamed; the archive's lock keeps our own
  processes apart, but not a foreign one (renameat2 with NOREPLACE is not in the standard library).
* A failed fsync is final. The kernel may have dropped the pages and would report success on a second try, so the
  caller gives the file up; nothing here tries twice.
* Symbolic links are not followed (O_NOFOLLOW): a planted one must not lead a write out of the archive.
* Every call to the system goes through this module's name `os`. That is the seam where tests put a recorder.
"""

from __future__ import annotations

import errno
import fcntl
import io
import os
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from preserve.archive.layout import TMP, TMP_NAME, UNFINISHED_NAME, temporary
from preserve.errors import DamagedError, StorageError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

SEALED = 0o444
GROWING = 0o644
BLOCK = 1 << 16
UNFINISHED_KEPT = 30 * 86400.0  # seconds that an unfinished download waits: a source out for a month is another story
_NEW = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OLD = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC

_REASONS = {
    errno.ENOSPC: ("the disk is full", "free some space and run again; what was archived is safe"),
    errno.EDQUOT: ("the disk quota is used up", "free some space and run again; what was archived is safe"),
    errno.EIO: ("the disk reports an input/output error", "check the disk, then run preserve verify"),
    errno.EROFS: ("the file system is read-only", "mount it writable"),
    errno.EACCES: ("permission is denied", "run as the owner of the archive"),
    errno.EPERM: ("the operation is not permitted", "run as the owner of the archive"),
    errno.EFBIG: ("a file-size limit is reached", "raise ulimit -f, or use a file system for large files"),
    errno.EMFILE: ("too many files are open", "raise ulimit -n"),
    errno.ENFILE: ("the system has too many open files", "close other programs"),
    errno.ENOMEM: ("memory is short", "close other programs"),
}
_WRONG_THING = {errno.ENOENT, errno.EEXIST, errno.ELOOP, errno.EISDIR, errno.ENOTDIR}  # something else has the name
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOTSUP}  # FAT, some FUSE and network mounts


@contextmanager
def storage(path: Path) -> Iterator[None]:
    """Turns an OSError into StorageError, or DamagedError where the name holds what it must not."""
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        if number in _WRONG_THING:
            raise DamagedError(f"{path} is not what the archive expects there: {error.strerror}") from error
        reason, hint = _REASONS.get(number, (error.strerror or "the system refuses", "check the disk"))
        raise StorageError(f"{path}: {reason}", hint) from error


class Appender:
    """A file that only grows at its end, and knows its size."""

    __slots__ = ("_fd", "path", "size")

    def __init__(self, path: Path, fd: int, size: int) -> None:
        self.path, self._fd, self.size = path, fd, size

    def write(self, data: ReadableBuffer) -> None:
        """Nothing is durable. After StorageError a part may be written: `truncate` takes it back."""
        view = memoryview(data).cast("B")
        with storage(self.path):
            while view:
                written = os.write(self._fd, view)
                if written <= 0:  # POSIX does not allow it, a broken FUSE file system might
                    raise OSError(errno.EIO, "nothing was written")
                self.size += written
                view = view[written:]

    def read(self, offset: int, size: int) -> bytes:
        """At most so many bytes from there, and none only at the end. May be called beside `write`."""
        with storage(self.path):
            return os.pread(self._fd, size, offset)

    def truncate(self, size: int) -> None:
        """Not durable; the bytes are gone for readers."""
        with storage(self.path):
            os.ftruncate(self._fd, size)
        self.size = size

    def sync(self) -> None:
        """All bytes and the size are durable; not the name of a new file. After StorageError give the file up."""
        with storage(self.path):
            _flush(self._fd)

    def mode(self, mode: int) -> None:
        """Not durable without a sync."""
        with storage(self.path):
            os.fchmod(self._fd, mode)

    def close(self) -> None:
        """Nothing is durable. May be called again."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            with storage(self.path):
                os.close(fd)


def _flush(fd: int) -> None:
    full = getattr(fcntl, "F_FULLFSYNC", None)  # macOS: fsync leaves the bytes in the cache of the drive
    if full is not None:
        fcntl.fcntl(fd, full)
    else:
        os.fdatasync(fd)


def create(path: Path) -> Appender:
    """A new, empty file. Durable: nothing; `sync_folder` makes the name so."""
    with storage(path):
        return Appender(path, os.open(path, _NEW, 0o644), 0)


def append_to(path: Path) -> Appender:
    """An existing regular file, to append to or cut. A sealed one, mode 0444, is refused (but not to root)."""
    with storage(path):
        fd = os.open(path, _OLD)
        found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        os.close(fd)
        raise DamagedError(f"{path} is not a regular file")
    return Appender(path, fd, found.st_size)


def work_on(path: Path) -> Appender:
    """A file in `tmp/`, new or left by a run before. One that was published already, and has a second name in the
    archive, is opened for reading only: nothing done to it may reach the other name."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return create(path)
    if found.st_nlink == 1 and found.st_mode & stat.S_IWUSR:
        return append_to(path)
    with storage(path):
        return Appender(path, os.open(path, _READ), found.st_size)


def remove_folder(path: Path) -> None:
    """Only in `tmp/`, and only an empty one; another is left as it is. Not durable."""
    with suppress(OSError):
        os.rmdir(path)


@contextmanager
def read(path: Path) -> Iterator[BinaryIO]:
    """An existing file, for reading only; errors of reading within the block are translated too."""
    with storage(path), open(os.open(path, _READ), "rb") as stream:
        yield stream


def sync_file(path: Path) -> None:
    """The bytes of an existing file are durable: what a killed run wrote may stand in memory only."""
    with storage(path):
        fd = os.open(path, _READ)
        try:
            _flush(fd)
        finally:
            os.close(fd)


def sync_folder(path: Path) -> None:
    """The names in this folder are durable, and the removal of others; not the folder's own name."""
    with storage(path):
        fd = os.open(path, _FOLDER)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def settle(root: Path, relative: str) -> None:
    """The name `relative` and those of all folders above it, up to `root`, are durable.

    Also for names that were found there: a killed run may have made them and died before its fsync, and they stand
    in memory only.
    """
    folder = (root / relative).parent
    while True:
        sync_folder(folder)
        if folder == root:
            return
        folder = folder.parent


def make_folder(root: Path, relative: str) -> Path:
    """The folder `root/relative` exists and its name is durable, with those above it up to `root`."""
    folder = folder_for(root, relative)
    settle(root, relative)
    return folder


def folder_for(root: Path, relative: str) -> Path:
    """The folder `root/relative` exists; its name is durable when a name in it is settled."""
    folder = root
    for part in relative.split("/"):
        folder = folder / part
        with storage(folder), suppress(FileExistsError):
            os.mkdir(folder)
        check_folder(folder)
    return folder


def check_folder(path: Path) -> None:
    """DamagedError if something else than a folder has the name: a planted link must not lead a write, or a cut, out
    of the archive. O_NOFOLLOW looks at the last part of a path only."""
    with storage(path), suppress(FileNotFoundError):
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "a link or a file has the name of a folder")


def make_root(root: Path) -> None:
    """The folder of a new archive exists and its name is durable; missing folders above it are made too."""
    if not root.parent.is_dir() and root.parent != root:
        make_root(root.parent)
    with storage(root), suppress(FileExistsError):
        os.mkdir(root)
    sync_folder(root.parent)


@contextmanager
def new_file(root: Path) -> Iterator[Appender]:
    """A nameless work in `tmp/`: gone at the end of the block, unless `publish` gave it a lasting name."""
    file = create(temporary(root / TMP))
    try:
        yield file
    finally:
        with suppress(StorageError):  # what counted was synced before; a failing close loses nothing
            file.close()
        with suppress(OSError):  # a name left in tmp/ is harmless, the next run sweeps it
            os.unlink(file.path)


def publish(file: Appender, root: Path, relative: str, mode: int = SEALED) -> None:
    """The bytes and the name `relative` are durable. DamagedError if something has that name."""
    target = root / relative
    file.mode(mode)
    file.sync()
    with storage(target):
        try:
            os.link(file.path, target)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            _rename(file.path, target)
    settle(root, relative)


def write_once(root: Path, relative: str, chunks: Iterable[bytes], mode: int = SEALED) -> None:
    """As `publish`: the file is there whole, or not at all."""
    with new_file(root) as file:
        for chunk in chunks:
            file.write(chunk)
        publish(file, root, relative, mode)


def seal(file: Appender, root: Path, relative: str) -> None:
    """The bytes are durable under the name `relative`, which must be free, in the same folder; mode 0444; closed."""
    file.mode(SEALED)
    file.sync()
    file.close()
    with storage(root / relative):
        _rename(file.path, root / relative)
    settle(root, relative)


def _rename(old: Path, new: Path) -> None:
    if os.path.lexists(new):
        raise FileExistsError(errno.EEXIST, "the name is taken")
    os.rename(old, new)


def chmod(path: Path, mode: int) -> None:
    """Not durable: a mode protects from slips, it is no evidence."""
    with storage(path):
        os.chmod(path, mode)


def remove(path: Path) -> None:
    """Only for work in hand: names in `tmp/`, and an `.open` file without a byte. Not durable."""
    with storage(path):
        os.unlink(path)


def sweep(root: Path) -> None:
    """Removes what dead runs left in `tmp/`, told by its name; all else there is left alone.

    Downloads that a run could not finish wait for the next one, but not for ever.
    """
    for path in (root / TMP).iterdir():
        if TMP_NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink():
            remove(path)
        elif UNFINISHED_NAME.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            _sweep_unfinished(path)


def _sweep_unfinished(folder: Path) -> None:
    files = [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
    if max((path.stat().st_mtime for path in files), default=0.0) < time.time() - UNFINISHED_KEPT:
        for path in files:
            remove(path)
        remove_folder(folder)


@contextmanager
def scratch(root: Path) -> Iterator[Path]:
    """A name in `tmp/` for a child process to write to; whatever it wrote is gone at the end of the block."""
    path = temporary(root / TMP)
    try:
        yield path
    finally:
        with suppress(OSError):
            os.unlink(path)


def open_lock(path: Path) -> int:
    """A descriptor of the lock file, made if need be; never written to; not inherited by children."""
    with storage(path):
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)


class _Spool(io.FileIO):
    def write(self, data: ReadableBuffer, /) -> int:
        with storage(Path(TMP)):
            return os.write(self.fileno(), data)


def spool(root: Path) -> BinaryIO:
    """A nameless file for work in hand, binary, read and write; its space is free again when it is closed."""
    path = temporary(root / TMP)
    with storage(path):
        fd = os.open(path, _NEW & ~os.O_APPEND, 0o600)
        os.unlink(path)
        return io.BufferedRandom(_Spool(fd, "r+"), BLOCK)
