"""The manifest in the hand of its one writer: lines, Merkle frontier, signed notes.

Nothing is signed that was not first compared with the newest note, and no line is added after one whose fate is
unknown: a failed sync makes the log `broken` until it is loaded anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from preserve.archive import fsio, layout, manifest
from preserve.errors import DamagedError, FormatError, StorageError
from preserve.model import Entry, Json
from preserve.proof import merkle, note

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# Quotes inside strings are escaped, so text cannot forge these.
_LEARNT = re.compile(b'"t":"(?:seal|recover|run)"')
_INIT_AGAIN = "preserve init finishes it"


@dataclass(frozen=True, slots=True)
class Note:
    """The newest note of an archive, its signature checked."""

    checkpoint: note.Checkpoint
    sha256: str  # of the note file

    def entry(self, run: str) -> Entry:
        """The one entry that may stand for this note; `run`: that of the entry before it."""
        size = self.checkpoint.size
        fields = {"size": size, "root": self.checkpoint.root.hex(), "note": layout.note(size), "sha256": self.sha256}
        return Entry(size, "checkpoint", self.sha256[:32], self.checkpoint.time, run, fields)


def newest_note(root: Path, identity: layout.Identity) -> Note | None:
    """DamagedError if the newest note is not one of this log."""
    folder = root / layout.CHECKPOINTS
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    sizes = [int(match[1]) for match in map(layout.NOTE_NAME.fullmatch, names) if match]
    if not sizes:
        return None
    file = layout.note(max(sizes))
    with fsio.read(root / file) as stream:
        text = stream.read(note.MAX_NOTE + 1)
    try:
        checkpoint = note.verify(text, identity.origin, identity.public_key)
    except DamagedError as error:
        raise DamagedError(f"{file}: {error.message}", "run preserve verify") from None
    if checkpoint.size != max(sizes):
        raise DamagedError(f"{file} speaks of {checkpoint.size} entries", "run preserve verify")
    return Note(checkpoint, sha256(text).hexdigest())


class Log:
    """`last` is the newest entry; `sealed` and `pinned` are the WARC and `.torn` files that entries already name;
    `ended`: the newest run came to its end."""

    def __init__(self, root: Path, identity: layout.Identity, newest: Note | None) -> None:
        """Reads every line; those that the newest note covers only as bytes. DamagedError where they do not fit."""
        self._root, self._identity = root, identity
        self.frontier = merkle.Frontier()
        self.sealed: set[str] = set()
        self.pinned: set[str] = set()
        self.broken = False
        self.ended = True
        self._segment: fsio.Appender | None = None
        self.last = self._load(newest)

    @property
    def size(self) -> int:
        return self.frontier.size

    def _load(self, newest: Note | None) -> Entry:
        covered = newest.checkpoint.size if newest else 0
        last: Entry | None = None
        for seq, line in enumerate(manifest.lines(self._root)):
            if newest and seq == covered:
                self._compare(newest)
            if seq >= covered - 1 or seq == 0 or _LEARNT.search(line.data):
                previous, last = last, manifest.located(line, seq)
                self._learn(last)
                if newest and previous and seq == covered and last != newest.entry(previous.run):
                    raise DamagedError(f"{line.file}, line {line.number} is not the entry of {layout.note(covered)}")
            self.frontier.append(merkle.leaf_hash(line.data))
        if newest and self.size <= covered:
            self._compare(newest)
        if last is None:
            raise FormatError(f"{self._root} was never finished", _INIT_AGAIN)
        return last

    def _compare(self, newest: Note) -> None:
        size, root = newest.checkpoint.size, newest.checkpoint.root
        if self.size < size:
            raise DamagedError(f"the manifest has {self.size} entries, {layout.note(size)} was signed over {size}")
        if self.frontier.root() != root:
            raise DamagedError(f"the manifest is not the one that {layout.note(size)} was signed over")

    def _learn(self, entry: Entry) -> None:
        if entry.seq == 0 and not self._is_genesis(entry):
            raise DamagedError(f"{layout.IDENTITY} and the first entry of the manifest do not agree")
        if entry.type == "seal":
            self.sealed.add(str(entry.get("file")))
        elif entry.type == "run":
            self.ended = entry.get("event") == "end"
        elif entry.type == "recover" and isinstance(entry.get("torn"), Mapping):
            self.pinned.add(str(entry.fields["torn"].get("path")))

    def _is_genesis(self, entry: Entry) -> bool:
        return entry.type == "genesis" and all(
            entry.get(key) == value for key, value in self._identity.fields().items()
        )

    def named_end(self, file: str) -> int:
        """The offset after the last member of a WARC file that an entry names; 0 if none does."""
        needle, end = f'"{file}"'.encode(), 0
        for seq, line in enumerate(manifest.lines(self._root)):
            if needle in line.data:
                end = max(end, _end_of_records(manifest.located(line, seq), file))
        return end

    def append(self, entries: Sequence[Entry]) -> None:
        """Adds lines, numbered from `size` on; durable on return. One write and one sync for all of a segment.

        StorageError: none of them is in the log, unless a segment ended between them. ValueError: not entries.
        """
        lines = [manifest.encode(entry) for entry in entries]
        done = 0
        while done < len(lines):
            end = done + layout.SEGMENT_LINES - self.size % layout.SEGMENT_LINES
            self._write(lines[done:end])
            for self.last in entries[done:end]:
                self._learn(self.last)
            done = end

    def _write(self, lines: Sequence[bytes]) -> None:
        if self.broken:
            raise StorageError("the archive takes no more entries after its disk failed", "run again")
        self.broken = True  # until all is done: an interrupt in between leaves the log in doubt too
        first = self.size - self.size % layout.SEGMENT_LINES
        path = self._root / layout.segment(first)
        if self._segment is None and not path.exists():  # born with its first lines: never empty
            fsio.write_once(self._root, layout.segment(first), lines, fsio.GROWING)
        else:
            self._extend(path, b"".join(lines))
        for line in lines:
            self.frontier.append(merkle.leaf_hash(line))
        self.broken = False
        if self.size % layout.SEGMENT_LINES == 0:
            self.close()
            with suppress(StorageError):  # the lines are committed; the next opening sets the mode
                fsio.chmod(path, fsio.SEALED)

    def _extend(self, path: Path, data: bytes) -> None:
        if self._segment is None:
            self._segment = fsio.append_to(path)
        start = self._segment.size
        try:
            self._segment.write(data)
        except StorageError:
            self._segment.truncate(start)
            self.broken = False  # taken back, as if it had never been; a failed sync below cannot be
            raise
        self._segment.sync()

    def checkpoint(self, key: Ed25519PrivateKey, time: str) -> Entry:
        """Signs a note over all lines and appends its entry; both durable on return. Without new entries: the last."""
        if self.broken:
            raise StorageError("the archive signs nothing after its disk failed", "run again")
        if self.last.type == "checkpoint":
            return self.last
        self.broken = True  # a note without its entry leaves no number for another entry
        text = note.sign(self._identity.origin, self.size, self.frontier.root(), time, key)
        fsio.make_folder(self._root, layout.CHECKPOINTS)
        fsio.write_once(self._root, layout.note(self.size), [text])
        self.broken = False
        written = Note(note.Checkpoint(self.size, self.frontier.root(), time), sha256(text).hexdigest())
        try:
            self.append([written.entry(self.last.run)])
        except StorageError:
            self.broken = True
            raise
        return self.last

    def complete(self, newest: Note | None) -> None:
        """A crash may have come between a note and its entry: adds the entry, which follows from the note."""
        if newest and newest.checkpoint.size == self.size:
            fsio.settle(self._root, layout.note(self.size))
            self.append([newest.entry(self.last.run)])

    def close(self) -> None:
        if self._segment is not None:
            with suppress(StorageError):  # each line was synced
                self._segment.close()
            self._segment = None


def _end_of_records(entry: Entry, file: str) -> int:
    records = entry.get("records")
    if not isinstance(records, list):  # a `seal` entry counts records under this key
        return 0
    try:
        return max((record["offset"] + record["length"] for record in records if record["file"] == file), default=0)
    except (KeyError, TypeError):
        raise DamagedError(f"entry {entry.seq} does not say where its records are") from None


def draft(seq: int, kind: str, fields: Mapping[str, Json], time: str, run: str, id: str | None = None) -> Entry:
    """An entry about to be written."""
    return Entry(seq, kind, id or manifest.new_id(), time, run, dict(fields))
