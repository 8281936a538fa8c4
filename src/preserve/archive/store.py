"""The archive as its one writer sees it: make it, open it, put things in, commit, sign, close.

The order of one commit, and what would be lost without it:
* WARC members are synced, media are synced and named, before a line names them: else a power cut leaves a line that
  names bytes which are not there.
* The line is one write and one sync. **This is the commit**; only after it may anybody say "captured".
* A note is durable before its entry, and both before the archive is closed: else a rolled-back manifest goes unseen.
* After a failed sync nothing is tried again: the WARC is given up and a new one begun; the log takes no more lines.
"""

from __future__ import annotations

import os
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from preserve.archive import fsio, layout, lock, manifest, media, recover
from preserve.archive.log import Log, draft, newest_note
from preserve.archive.media import StoredMedia
from preserve.archive.warcfile import Stored, WarcFile, Warcinfo
from preserve.errors import ConfigError, FormatError, StorageError
from preserve.model import Entry, Json, timestamp
from preserve.proof import note

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Clock = Callable[[], datetime]


def create(root: Path, key: Ed25519PrivateKey, *, software: str, clock: Clock, origin: str | None = None) -> None:
    """Makes a new archive, or finishes one whose making was cut short; an archive that is whole is left alone.

    `software`: name and version, for the first entry. `origin`: the name of the log, else a random one.
    FormatError: the folder holds something else. ConfigError: the archive has another key or origin.
    """
    public_key = key.public_key().public_bytes_raw()
    if is_whole(root):
        _check_key(root, layout.read_identity(root), public_key, origin)
        return
    _refuse_strangers(root)
    fsio.make_root(root)
    held = lock.take(root)
    try:
        with fsio.storage(root):
            _make_files(root, _make_identity(root, public_key, origin), software, clock)
    finally:
        os.close(held)
    with Archive.open(root, run=manifest.new_id(), key=key, clock=clock) as archive:
        archive.checkpoint()


def is_whole(root: Path) -> bool:
    """Whether `create` came as far as the first entry."""
    return (root / layout.IDENTITY).exists() and (root / layout.segment(0)).exists()


def _refuse_strangers(root: Path) -> None:
    if not root.exists() or (root / layout.IDENTITY).exists():
        return
    if not root.is_dir():
        raise FormatError(f"{root} is not a folder", "give the archive a folder of its own")
    with fsio.storage(root):
        strangers = {path.name for path in root.iterdir()} - {layout.LOCK, layout.TMP}
        if (root / layout.TMP).is_dir():
            strangers |= {path.name for path in (root / layout.TMP).iterdir() if not layout.TMP_NAME.match(path.name)}
    if strangers:
        raise FormatError(f"{root} is not empty and is not an archive", "give the archive a folder of its own")


def _make_identity(root: Path, public_key: bytes, origin: str | None) -> layout.Identity:
    """First of all archive.json: with it a half-made archive can be told from a stranger's folder."""
    fsio.make_folder(root, layout.TMP)
    if not (root / layout.IDENTITY).exists():
        origin = origin if origin is not None else f"preserve/{secrets.token_hex(8)}"
        if not note.valid_origin(origin):
            raise ConfigError(f"{origin!r} cannot name an archive", "use letters, digits, dots, hyphens and slashes")
        fsio.write_once(root, layout.IDENTITY, [layout.Identity(origin, public_key).encode()])
    identity = layout.read_identity(root)
    _check_key(root, identity, public_key, origin)
    return identity


def _make_files(root: Path, identity: layout.Identity, software: str, clock: Clock) -> None:
    for folder in layout.FOLDERS:
        fsio.make_folder(root, folder)
    texts = {
        layout.README: layout.README_TEXT.encode(),
        layout.PUBLIC_PEM: _pem(identity.public_key),
        layout.VERIFIER_KEY: note.vkey(identity.origin, identity.public_key).encode() + b"\n",
    }
    for name, text in texts.items():
        if not (root / name).exists():
            fsio.write_once(root, name, [text])
        fsio.settle(root, name)
    files = {name: _pin((root / name).read_bytes()) for name in layout.GENESIS_FILES}
    fields = {**identity.fields(), "software": software, "files": files}
    first = manifest.encode(draft(0, "genesis", fields, timestamp(clock()), manifest.new_id()))
    fsio.write_once(root, layout.segment(0), [first], fsio.GROWING)


def _pin(data: bytes) -> Mapping[str, Json]:
    return {"bytes": len(data), "sha256": sha256(data).hexdigest()}


def _pem(public_key: bytes) -> bytes:
    # SubjectPublicKeyInfo of Ed25519 is this constant prefix and the key (RFC 8410 §4)
    der = bytes.fromhex("302a300506032b6570032100") + public_key
    return b"-----BEGIN PUBLIC KEY-----\n" + b64encode(der) + b"\n-----END PUBLIC KEY-----\n"


def _check_key(root: Path, identity: layout.Identity, public_key: bytes, origin: str | None = None) -> None:
    if identity.public_key != public_key:
        raise ConfigError(f"the key is not that of {root}", "set [key] file to the key this archive was made with")
    if origin is not None and identity.origin != origin:
        raise ConfigError(f"{root} is called {identity.origin}, not {origin}", "leave the origin out")


class Archive:
    """An archive held open for writing; a context manager.

    Leaving the block normally closes it (`close`); after an exception it is only let go, and the next opening puts
    right what is unfinished. `notices`: sentences about what this opening had to put right. One thread commits and
    calls `ready`; one `append` at a time may go on beside it in another; `put_media` and `spool` are for any thread.
    """

    def __init__(self, root: Path, run: str, key: Ed25519PrivateKey, clock: Clock, warcinfo: Warcinfo | None) -> None:
        """Use `open`: the caller holds the lock already."""
        self.root, self.run = root, run
        self._key, self._clock, self._warcinfo = key, clock, warcinfo
        self._held: int | None = None
        self._warc: WarcFile | None = None
        self._warcs = 0
        self._lost: dict[str, int] = {}  # WARC files given up -> the bytes of them that are durable
        self.identity = layout.read_identity(root)
        _check_key(root, self.identity, key.public_key().public_bytes_raw())
        self._log, self.notices = self._recover()

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        run: str,
        key: Ed25519PrivateKey,
        clock: Clock,
        warcinfo: Warcinfo | None = None,
        wait: float = 0.0,
    ) -> Self:
        """Takes the lock, puts right what a crash left, checks the manifest against the newest note.

        `run`: 32 hex digits. `warcinfo`: makes the first member of each WARC file. `wait`: seconds for the lock.
        FormatError, ConfigError (other key), LockedError, DamagedError, StorageError.
        """
        layout.read_identity(root)  # before a lock file is made in a folder that is no archive
        held = lock.take(root, wait)
        try:
            with fsio.storage(root):
                archive = cls(root, run, key, clock, warcinfo)
        except BaseException:
            os.close(held)
            raise
        archive._held = held
        return archive

    def _recover(self) -> tuple[Log, list[str]]:
        recover.settle(self.root)
        fsio.sweep(self.root)
        newest = newest_note(self.root, self.identity)
        notices = recover.cut_manifest(self.root, newest.checkpoint.size if newest else 0)
        log = Log(self.root, self.identity, newest)
        log.complete(newest)  # before any other entry: its number is fixed by the note
        notices += recover.finish_warcs(self.root, log)
        drafts = recover.entries(self.root, log)
        time = timestamp(self._clock())
        log.append([draft(log.size + n, kind, fields, time, self.run) for n, (kind, fields) in enumerate(drafts)])
        return log, notices

    @property
    def size(self) -> int:
        """Entries in the manifest."""
        return self._log.size

    def spool(self) -> BinaryIO:
        """A nameless file in `tmp/` for work in hand; writing raises StorageError, closing frees the space."""
        return fsio.spool(self.root)

    def ready(self) -> None:
        """Makes the WARC file that the next members go to; beyond 1 GiB a new one is begun.

        Called before the records of one exchange are made: they name the warcinfo record of their file.
        """
        self._drop_lost()
        if self._warc is not None and self._warc.size >= layout.WARC_LIMIT:
            self._seal("size")
        self._writable()

    def append(self, member: Iterable[bytes]) -> Stored:
        """Adds one gzip member (one record) to this run's WARC file; durable with the next commit.

        StorageError, or what `member` raises: nothing of it stays. The file is made with the first member.
        """
        return self._writable().append(member)

    def _writable(self) -> WarcFile:
        self._drop_lost()
        if self._warc is None:
            if self._warcinfo is None:
                raise ValueError("an archive opened without warcinfo takes no records")
            self._warc = WarcFile(self.root, self._next_warc(), self._warcinfo)
        return self._warc

    def _next_warc(self) -> str:
        moment = self._clock()
        while True:  # a run that opens the archive twice in a second must not meet its own file
            file = layout.warc(moment, self.run, self._warcs)
            self._warcs += 1
            if not layout.resolve(self.root, file).exists():
                return file

    def _drop_lost(self) -> None:
        if self._warc is not None and self._warc.lost:
            self._lost[self._warc.file] = self._warc.durable
            self._warc = None

    def put_media(self, chunks: Iterable[bytes], extension: str) -> StoredMedia:
        """Stores a file beside the WARCs; durable on return. The same content is kept once."""
        return media.put(self.root, chunks, extension)

    def commit(self, type: str, fields: Mapping[str, Json], *, id: str | None = None) -> Entry:
        """The commit point: what `fields` names and the entry itself are durable on return.

        StorageError: not committed. ValueError: the fields are none that a manifest can hold.
        """
        self._make_durable([fields])
        entry = draft(self.size, type, fields, timestamp(self._clock()), self.run, id)
        self._log.append([entry])
        return entry

    def commit_all(self, drafts: Sequence[tuple[str, Mapping[str, Json]]]) -> list[Entry]:
        """As `commit`, for several entries with one sync of the WARC and one of the manifest."""
        self._make_durable([fields for _, fields in drafts])
        time = timestamp(self._clock())
        entries = [draft(self.size + n, kind, fields, time, self.run) for n, (kind, fields) in enumerate(drafts)]
        self._log.append(entries)
        return entries

    def _make_durable(self, named: Iterable[Mapping[str, Json]]) -> None:
        self._drop_lost()
        for fields in named if self._lost else ():
            records = fields.get("records")
            for record in records if isinstance(records, list | tuple) else ():  # in a `seal` entry it is a count
                file = record["file"]
                if file in self._lost and record["offset"] + record["length"] > self._lost[file]:
                    raise StorageError(
                        f"a record of this entry was lost when the disk failed under {file}", "run again"
                    )
        if self._warc is not None:
            self._warc.sync()

    def checkpoint(self) -> Entry:
        """Signs all entries so far; note and entry are durable on return. Without new entries: the last checkpoint."""
        return self._log.checkpoint(self._key, timestamp(self._clock()))

    def _seal(self, why: str) -> None:
        assert self._warc is not None
        fields = self._warc.seal(why)
        self._warc = None
        self.commit("seal", fields)

    def close(self, ended: str = "done", summary: Mapping[str, Json] | None = None) -> None:
        """Seals the WARC, writes the `run` entry that ends a run (if there is a `summary`), signs, lets go.

        StorageError: what was committed is safe, the next opening does the rest.
        """
        if self._held is None:
            return
        try:
            self._drop_lost()
            if self._warc is not None:
                self._seal("end")
            if summary is not None:
                self.commit("run", {"event": "end", "ended": ended, "summary": summary})
            self.checkpoint()
        finally:
            self.release()

    def release(self) -> None:
        """Lets go at once, without sealing or signing. The archive is valid; the next opening does the rest."""
        if self._warc is not None:
            self._warc.close()
            self._warc = None
        self._log.close()
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self.release()
