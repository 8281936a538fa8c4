"""A disk in the head: what a power cut could leave of a recorded sequence of file operations.

`Recorder` stands in for the `os` of archive/fsio.py. It does each call for real and notes it. `states` then rebuilds,
for each prefix of the notes, the folders that a file system may show after a power cut: what was synced is there, of
the rest anything may have reached the disk, whole, in part, as zeros, or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Tree = dict[str, bytes | None]  # path below the root -> content; None: a folder
WRITE, TRUNCATE, MKDIR, NAME, RENAME, UNLINK = "write", "truncate", "mkdir", "name", "rename", "unlink"
SYNC, SYNC_FOLDER, ACK = "sync", "sync-folder", "ack"
DATA, FOLDER = {WRITE, TRUNCATE}, {MKDIR, NAME, RENAME, UNLINK}


class Killed(BaseException):
    """The process is dead: not one call more is done."""


@dataclass(frozen=True)
class Op:
    kind: str
    path: str = ""
    inode: int = -1
    old: str = ""
    offset: int = 0
    data: bytes = b""
    size: int = 0
    check: Callable[[Path], None] | None = None

    @property
    def folder(self) -> str:
        return os.path.dirname(self.path)


@dataclass
class Recorder:
    root: Path
    ops: list[Op] = field(default_factory=list)
    before: Callable[[str], None] = lambda call: None  # may raise OSError or Killed instead of the call
    short: int = 1 << 30  # at most so many bytes a write
    base: Tree = field(default_factory=dict)
    _names: dict[str, int] = field(default_factory=dict)
    _open: dict[int, int | str] = field(default_factory=dict)
    _inodes: int = 0

    def __post_init__(self) -> None:
        self.base = tree(self.root) if self.root.exists() else {}
        for path, content in self.base.items():
            if content is not None:
                self._names[path] = self._new_inode()

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def _new_inode(self) -> int:
        self._inodes += 1
        return self._inodes

    def _relative(self, path: object) -> str:
        found = os.path.relpath(str(path), self.root)
        return "" if found == "." else found

    def ack(self, check: Callable[[Path], None]) -> None:
        """From here on `check` must hold for every state."""
        self.ops.append(Op(ACK, check=check))

    def open(self, path: Path, flags: int, mode: int = 0o777) -> int:
        self.before("open")
        name, made = self._relative(path), flags & os.O_CREAT and not os.path.lexists(path)
        fd = os.open(path, flags, mode)
        if os.path.isdir(path):
            self._open[fd] = name
            return fd
        if made:
            self._names[name] = self._new_inode()
            self.ops.append(Op(NAME, name, self._names[name]))
        self._open[fd] = self._names[name]
        return fd

    def close(self, fd: int) -> None:
        self._open.pop(fd, None)
        os.close(fd)  # also when killed: the kernel does it

    def write(self, fd: int, data: memoryview) -> int:
        self.before("write")
        offset, piece = os.fstat(fd).st_size, bytes(data[: self.short])
        written = os.write(fd, piece)
        self.ops.append(Op(WRITE, inode=self._inode(fd), offset=offset, data=piece[:written]))
        return written

    def _inode(self, fd: int) -> int:
        inode = self._open[fd]
        assert isinstance(inode, int)
        return inode

    def ftruncate(self, fd: int, size: int) -> None:
        self.before("ftruncate")
        os.ftruncate(fd, size)
        self.ops.append(Op(TRUNCATE, inode=self._inode(fd), size=size))

    def fdatasync(self, fd: int) -> None:
        self.before("fdatasync")
        self.ops.append(Op(SYNC, inode=self._inode(fd)))

    def fsync(self, fd: int) -> None:
        self.before("fsync")
        folder = self._open[fd]
        assert isinstance(folder, str), "only folders are synced like this"
        self.ops.append(Op(SYNC_FOLDER, folder))

    def mkdir(self, path: Path) -> None:
        self.before("mkdir")
        os.mkdir(path)
        self.ops.append(Op(MKDIR, self._relative(path)))

    def link(self, old: Path, new: Path) -> None:
        self.before("link")
        os.link(old, new)
        self._names[self._relative(new)] = inode = self._names[self._relative(old)]
        self.ops.append(Op(NAME, self._relative(new), inode))

    def rename(self, old: Path, new: Path) -> None:
        self.before("rename")
        os.rename(old, new)
        self._names[self._relative(new)] = inode = self._names.pop(self._relative(old))
        self.ops.append(Op(RENAME, self._relative(new), inode, old=self._relative(old)))

    def unlink(self, path: Path) -> None:
        self.before("unlink")
        os.unlink(path)
        self._names.pop(self._relative(path), None)
        self.ops.append(Op(UNLINK, self._relative(path)))

    def fchmod(self, fd: int, mode: int) -> None:
        self.before("fchmod")

    def chmod(self, path: Path, mode: int) -> None:
        self.before("chmod")


def tree(root: Path) -> Tree:
    found = sorted(root.rglob("*"))
    return {str(path.relative_to(root)): None if path.is_dir() else path.read_bytes() for path in found}


def build(root: Path, state: Tree) -> None:
    root.mkdir()
    for path, content in sorted(state.items()):
        if content is None:
            (root / path).mkdir()
        else:
            (root / path).write_bytes(content)


Fate = str  # keep, drop, tear, zero


def states(recorder: Recorder, *, only: Callable[[int], bool] = lambda cut: True) -> Iterator[tuple[int, str, Tree]]:
    """(operations done, what became of the unsynced ones, the folder) for each cut, each distinct folder once."""
    seen = set()
    acks = 0
    for cut in range(len(recorder.ops) + 1):
        acks += cut > 0 and recorder.ops[cut - 1].kind == ACK
        if not only(cut):
            continue
        done = recorder.ops[:cut]
        for name, fates in _fates(done, _unsynced(done)):
            state = _replay(recorder, done, fates)
            key = (acks, hash(tuple(sorted(state.items(), key=lambda item: item[0]))))
            if key not in seen:
                seen.add(key)
                yield cut, name, state


def _unsynced(done: list[Op]) -> list[int]:
    synced_inodes: set[int] = set()
    synced_folders: set[str] = set()
    found = []
    for index in range(len(done) - 1, -1, -1):
        op = done[index]
        if op.kind == SYNC:
            synced_inodes.add(op.inode)
        elif op.kind == SYNC_FOLDER:
            synced_folders.add(op.path)
        elif (op.kind in DATA and op.inode not in synced_inodes) or (
            op.kind in FOLDER and op.folder not in synced_folders
        ):
            found.append(index)
    return found[::-1]


def _fates(done: list[Op], unsynced: list[int]) -> Iterator[tuple[str, dict[int, Fate]]]:
    data = [index for index in unsynced if done[index].kind in DATA]
    writes = [index for index in data if done[index].kind == WRITE]
    names = [index for index in unsynced if done[index].kind in FOLDER]
    yield "keep", {}
    yield "drop", dict.fromkeys(unsynced, "drop")
    yield "drop data", dict.fromkeys(data, "drop")
    yield "drop names", dict.fromkeys(names, "drop")
    for fate in ("tear", "zero"):
        yield fate, dict.fromkeys(writes, fate)
    for index in unsynced:
        if not done[index].path.startswith("tmp/"):  # no evidence there; "drop names" has them all
            yield f"lose operation {index}", {index: "drop"}
    for index in writes:
        yield f"tear operation {index}", {index: "tear"}
        yield f"zero operation {index}", {index: "zero"}


def _replay(recorder: Recorder, done: list[Op], fates: dict[int, Fate]) -> Tree:
    names: dict[str, int | None] = {}
    files: dict[int, bytearray] = {}
    for inode, (path, content) in enumerate(((p, c) for p, c in recorder.base.items() if c is not None), 1):
        names[path], files[inode] = inode, bytearray(content)
    names.update(dict.fromkeys((path for path, content in recorder.base.items() if content is None), None))
    for index, op in enumerate(done):
        fate = fates.get(index, "keep")
        if op.kind == NAME:
            files.setdefault(op.inode, bytearray())
        if fate != "drop":
            _apply(op, fate, names, files)
    return {
        path: None if inode is None else bytes(files[inode])
        for path, inode in names.items()
        if path and all(str(parent) in names for parent in Path(path).parents if str(parent) != ".")
    }


def _apply(op: Op, fate: Fate, names: dict[str, int | None], files: dict[int, bytearray]) -> None:
    if op.kind == MKDIR:
        names[op.path] = None
    elif op.kind == NAME:
        names[op.path] = op.inode
    elif op.kind == RENAME:
        names.pop(op.old, None)
        names[op.path] = op.inode
    elif op.kind == UNLINK:
        names.pop(op.path, None)
    elif op.kind == TRUNCATE:
        del files[op.inode][op.size :]
    elif op.kind == WRITE:
        data = {"keep": op.data, "tear": op.data[: len(op.data) // 2], "zero": bytes(len(op.data))}[fate]
        file = files[op.inode]
        file.extend(bytes(max(0, op.offset + len(data) - len(file))))
        file[op.offset : op.offset + len(data)] = data
