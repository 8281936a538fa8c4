"""A stream on its way to media/: the bytes that came, and beside them a journal of the exchanges that brought them.

Both lie in `tmp/film-<40 hex>/`. A killed run leaves them, and the next one goes on behind the last byte that the
journal accounts for: hashed again, and its exchange still found in a WARC file. Nothing of it is evidence before it
is adopted into media/; nothing must be synced before that, because a power cut only costs what it takes to fetch it
again.

The file is hashed as it is read back, behind what is being written and in another thread: so the hash is that of the
file and not of what was meant to be in it, and the network does not wait for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from preserve.archive import fsio, layout, media
from preserve.errors import DamagedError, StorageError
from preserve.model import Json

_READ = 1 << 20
MAX_LINE = 1 << 20  # of the journal; a chunk with its records has some 3 KB
Trusted = Callable[[Mapping[str, Json]], bool]


class _Hash:
    """SHA-256 of the beginning of a file that grows."""

    def __init__(self, part: fsio.Appender) -> None:
        self.part = part
        self.size = 0
        self._digest = sha256()

    def reach(self, end: int) -> str:
        """Of the first `end` bytes, which are all there. StorageError."""
        while self.size < end:
            block = self.part.read(self.size, min(_READ, end - self.size))
            if not block:
                raise StorageError(f"{self.part.path} has lost its end", "check the disk, then run again")
            self._digest.update(block)
            self.size += len(block)
        return self._digest.hexdigest()


class Download:
    """One stream. `chunks`: what the journal accounts for, in order; `size`: bytes so far, those after it included.

    Made in a thread, where much may have to be proven again.
    """

    def __init__(self, root: Path, film: str, stream: str, marks: Json, trusted: Trusted) -> None:
        """`marks`: what tells this stream from a later version of it; another one begins anew.

        `trusted` says whether the records of a chunk are still where its line says. StorageError.
        """
        self.root = root
        self.folder = fsio.folder_for(root, layout.unfinished(film))
        name = sha256(stream.encode()).hexdigest()[:16]
        self.path, self._notes = self.folder / f"{name}.part", self.folder / f"{name}.jsonl"
        self._part, self._journal = fsio.work_on(self.path), fsio.work_on(self._notes)
        self.chunks: list[dict[str, Json]] = []
        self._hash = _Hash(self._part)
        if not self._resume(marks, trusted):
            self.restart(marks)

    @property
    def size(self) -> int:
        return self._part.size

    @property
    def accounted(self) -> int:
        """Bytes that the journal accounts for."""
        return self.chunks[-1]["offset"] + self.chunks[-1]["length"] if self.chunks else 0

    @property
    def sha256(self) -> str:
        """Of what is accounted for. Reads what `settle` has not read yet: in a thread, then. StorageError."""
        return self._hash.reach(self.accounted)

    def restart(self, marks: Json) -> None:
        """Begins again with nothing."""
        old = self._part
        fsio.remove(self.path)  # not cut: it may be a file that was published already
        self._part = fsio.create(self.path)
        old.close()
        self._journal.truncate(0)
        self._hash, self.chunks = _Hash(self._part), []
        self._note({"marks": marks})

    def write(self, data: bytes) -> None:
        self._part.write(data)

    def settle(self) -> None:
        """What is accounted for is hashed, and on the disk: not needed for safety, but a film hashed and synced in one
        go makes all wait. May run in another thread beside `write`. After StorageError the stream must not be adopted.
        """
        known = self._hash
        try:
            known.reach(self.accounted)
            known.part.sync()
        except StorageError:
            if known is self._hash:  # else the stream was begun anew meanwhile, and the old file is closed
                raise

    def back(self) -> None:
        """What came since the last account was half a fragment: it is taken away."""
        self._part.truncate(self.accounted)

    def account(self, chunk: dict[str, Json]) -> None:
        """The bytes since the last chunk came by this exchange."""
        self.chunks.append(chunk)
        self._note(chunk)

    def _note(self, line: Json) -> None:
        self._journal.write(json.dumps(line).encode() + b"\n")

    def adopt(self, extension: str) -> media.StoredMedia:
        """The stream is whole: durable in media/ on return."""
        return media.adopt(self.root, self._part, self.sha256, extension)

    def close(self) -> None:
        """Lets go; what came stays for the next run."""
        if not self.chunks:
            self.discard()
            return
        self._close()

    def _close(self) -> None:
        with suppress(StorageError):
            self._part.close()
            self._journal.close()

    def discard(self) -> None:
        """Nothing of it is needed any more."""
        self._close()
        for path in (self.path, self._notes):
            with suppress(StorageError, DamagedError):
                fsio.remove(path)
        fsio.remove_folder(self.folder)  # unless another stream of the film is in hand

    # -- going on where a run was stopped

    def _resume(self, marks: Json, trusted: Trusted) -> bool:
        """Takes over what is proven; False where there is nothing, or something else."""
        lines = self._lines()
        if next(lines, (0, None))[1] != {"marks": marks}:
            return False
        end = self._journal.size
        with fsio.read(self.path) as part:
            for at, chunk in lines:
                if not (_follows(chunk, self.accounted) and self._proven(part, chunk) and trusted(chunk)):
                    end = at
                    break
                self.chunks.append(chunk)
        self._journal.truncate(end)
        if self._part.size != self.accounted:
            if self._sealed():
                return False
            self._part.truncate(self.accounted)
        return True

    def _sealed(self) -> bool:
        """It has been published under the hash that it had; the journal has lost its end since."""
        found = self.path.stat()
        return found.st_nlink > 1 or not found.st_mode & 0o200

    def _lines(self) -> Any:
        """Pairs of offset and value; a line that was cut, or is none, ends them."""
        with fsio.read(self._notes) as notes:
            at = 0
            while line := notes.readline(MAX_LINE):
                try:
                    yield at, json.loads(line) if line.endswith(b"\n") else None
                except (ValueError, RecursionError):
                    yield at, None
                at += len(line)

    def _proven(self, part: Any, chunk: Mapping[str, Json]) -> bool:
        left, digest = chunk["length"], sha256()
        while left and (block := part.read(min(left, _READ))):
            digest.update(block)
            left -= len(block)
        return not left and digest.hexdigest() == chunk["sha256"]


def _follows(chunk: Json, offset: int) -> bool:
    return (
        isinstance(chunk, dict)
        and chunk.get("offset") == offset
        and isinstance(chunk.get("length"), int)
        and chunk["length"] > 0
        and isinstance(chunk.get("sha256"), str)
    )
