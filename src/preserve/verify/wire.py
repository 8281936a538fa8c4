"""Media files against their wire ledgers: what was received, chunk by chunk, and by which exchange.

A ledger is a WARC `metadata` record. It is trusted for nothing: its stored bytes must be those that its pointer pins,
be written in the one form of an entry, agree with the entry about the file, tile the file with chunks, and name answers
that entries list. Then the file is read once, for the hash of the whole and of every chunk.
Rules: docs/FORMAT.md section 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO

from preserve.model import Finding, Json
from preserve.verify import line, pins, shape
from preserve.verify.codes import found
from preserve.verify.disk import BLOCK, Disk, file_size
from preserve.verify.ledger import Entries, Ledger
from preserve.verify.segment import Place
from preserve.verify.warcs import Tee
from preserve.verify.work import Meter
from preserve.warc.walk import MAX_HEAD, Member, WalkError, inflate, walk_one

VERSION = 1
TYPE = "application/x.preserve-media+json"
MAX_LEDGER = line.MAX_LINE  # 40,000 chunks with URLs of 1,500 characters, the longest that platforms hand out
MAX_RECORD = MAX_LEDGER + MAX_HEAD  # inflated, and stored: what cannot be packed grows by less than a header
MOST_CHUNKS = 100_000  # a day of fragments of one second; each costs some 500 bytes of memory
MOST_OPEN = 100_000  # answers still to be looked for: at so many, all entries are searched, and it begins anew


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of the file. `received`: the hash that the body had as served, where nothing had to be undone."""

    offset: int
    length: int
    sha256: str
    received: str
    response: str


class _Unfit(Exception):
    """This is not the ledger of the file; the text says why."""


class Received:
    """Every check of a media file for `deep`, on one thread; `settle` comes after the last."""

    def __init__(self, disk: Disk, ledger: Ledger, entries: Entries, meter: Meter) -> None:
        self.disk, self.meter = disk, meter
        self._ledger, self._entries = ledger, entries
        self._places = _places(ledger)
        self._own: tuple[int, frozenset[str]] = (-1, frozenset())  # the answers of the entry looked at last
        self._open: dict[str, str] = {}  # answers that it does not list -> the chunk that names them

    def check(self, pin: pins.Pin) -> list[Finding]:
        """The file and its ledgers. A second ledger has the file read again: that is rare, and to hold many at once
        would let an archive choose how much memory we take."""
        try:
            return self._check(pin)
        except OSError as error:
            return [pins.unreadable(pin, error)]

    def _check(self, pin: pins.Pin) -> list[Finding]:
        findings: list[Finding] = []
        read = False
        for place, seq in self._places.get(pin.path, {}).items():
            try:
                chunks = self._chunks(pin, place)
            except _Unfit as unfit:
                say = f"its ledger at {place.file}@{place.offset}: {unfit}"
                findings.append(found("ledger-record", pin.path, say))
                continue
            findings += self._look_up(pin, seq, chunks)
            if gap := _gap(pin, chunks):
                findings.append(gap)
                continue
            findings += self._hashed(pin, chunks, whole=not read)
            read = True
        return findings if read else findings + pins.check_pin(self.disk, pin, self.meter)

    def settle(self) -> list[Finding]:
        """Which answers no entry lists at all: those of a resumed download stand in other entries."""
        try:
            for seq in self._ledger.captures():
                if not self._open:
                    break
                self.meter.count(0)
                for name in self._entries.answers(seq):
                    self._open.pop(name, None)
        except OSError as error:
            return [found("file-unreadable", "manifest", error.strerror or "it cannot be read")]
        findings = [
            found("ledger-record", where, f"its ledger names the answer {name[:60]}, which no entry lists")
            for name, where in self._open.items()
        ]
        self._open.clear()
        return findings

    def _look_up(self, pin: pins.Pin, seq: int, chunks: list[Chunk]) -> list[Finding]:
        """The entry that names the ledger lists most answers; the others are looked for when many came together."""
        if self._own[0] != seq:
            self._own = seq, self._entries.answers(seq)
        for chunk in chunks:
            if chunk.response not in self._own[1]:
                self._open.setdefault(chunk.response, f"{pin.path}@{chunk.offset}")
        return self.settle() if len(self._open) > MOST_OPEN else []

    def _chunks(self, pin: pins.Pin, place: Place) -> list[Chunk]:
        """The chunks that the record at `place` states for the file. Raises _Unfit."""
        if self._ledger.span_at(place.file, place.offset, place.length) is None:
            raise _Unfit("no entry lists a record there")
        stored = _stored(self.disk, place)
        if sha256(stored).hexdigest() != place.sha256:
            raise _Unfit("the stored bytes are not those that the entry states")
        member, block = _unpacked(stored)
        chunks = _parsed(block, pin)
        _check_head(member, place, chunks)
        return chunks

    def _hashed(self, pin: pins.Pin, chunks: list[Chunk], *, whole: bool) -> list[Finding]:
        """Reads the file once; `whole`: say also whether it is the one that was pinned."""
        with self.disk.open(pin.path) as file:
            digest, digests = _digests(file, chunks, self.meter)
        wrong = [finding for pair in zip(chunks, digests, strict=True) for finding in _judged(pin, *pair)]
        return [*(pins.judged(pin, digest) if whole else ()), *wrong]


def _places(ledger: Ledger) -> Mapping[str, dict[Place, int]]:
    """The ledgers of each media file, and the first entry that names each."""
    places: dict[str, dict[Place, int]] = {}
    for media in ledger.media:
        if media.ledger is not None:
            places.setdefault(media.path, {}).setdefault(media.ledger, media.seq)
    return places


def _stored(disk: Disk, place: Place) -> bytes:
    """The gzip member; the file may be in hand still."""
    if place.length > MAX_RECORD:
        raise _Unfit(f"a record of more than {MAX_RECORD} bytes")
    try:
        with _opened(disk, place.file) as file:
            file.seek(place.offset)
            return file.read(place.length)
    except OSError as error:
        raise _Unfit(error.strerror or "it cannot be read") from None


def _opened(disk: Disk, path: str) -> BinaryIO:
    try:
        return disk.open(path)
    except FileNotFoundError:
        return disk.open(path + pins.OPEN)


def _unpacked(stored: bytes) -> tuple[Member, bytes]:
    """The record and its block. A bomb is left before it unfolds."""
    inside = bytearray()
    try:
        for piece in inflate(BytesIO(stored), 0, len(stored)):
            inside += piece
            if len(inside) > MAX_RECORD:
                raise _Unfit(f"a record of more than {MAX_RECORD} bytes")
        member = walk_one(BytesIO(stored), 0, len(stored))
    except WalkError as error:
        raise _Unfit(error.why) from None
    start = inside.index(b"\r\n\r\n") + 4
    return member, bytes(inside[start : start + member.block_bytes])


def _check_head(member: Member, place: Place, chunks: list[Chunk]) -> None:
    """The record says of itself what the entry says of it."""
    stated = {
        b"warc-type": "metadata",
        b"warc-record-id": place.id,
        b"content-type": TYPE,
        b"warc-refers-to": chunks[0].response,
    }
    for name, value in stated.items():
        if member.fields.get(name, b"").decode("ascii").strip("<>") != value.strip("<>"):
            raise _Unfit(f"its {name.decode('ascii')} is not {value[:100]}")


def _parsed(block: bytes, pin: pins.Pin) -> list[Chunk]:
    """The chunks of a ledger in the only form allowed, for this file. Raises _Unfit."""
    account, wrong = line.parse(block, form=True)
    if account is None or wrong:
        raise _Unfit(wrong)
    if account.get("v") != VERSION or type(account["v"]) is not int:
        raise _Unfit(f"version {account.get('v')!r:.20}; this program knows version {VERSION}")
    _check_shape(account, shape.WIRE, "")
    for key, value in {"media": pin.path, "sha256": pin.sha256, "bytes": pin.bytes}.items():
        if account[key] != value:
            raise _Unfit(f"{key} is {account[key]!r:.100}, the entry states {value!r}")
    if not 0 < len(account["chunks"]) <= MOST_CHUNKS:
        raise _Unfit(f"{len(account['chunks'])} chunks; there must be one, and at most {MOST_CHUNKS}")
    return [_chunk(item, f"chunks[{number}].") for number, item in enumerate(account["chunks"])]


def _chunk(item: Json, where: str) -> Chunk:
    _check_shape(item, shape.CHUNK, where)
    received = item["sha256"] if item["undone"] else item["payload_sha256"]
    return Chunk(item["offset"], item["length"], item["sha256"], received, item["response"])


def _check_shape(value: Json, wanted: Mapping[str, shape.Test], where: str) -> None:
    for _, detail in shape.check(value, wanted, where):
        raise _Unfit(detail)


def _gap(pin: pins.Pin, chunks: list[Chunk]) -> Finding | None:
    """The first place where a chunk does not begin at the end of the one before, or the file does not end with it."""
    at = 0
    for number, chunk in enumerate(chunks):
        if chunk.offset != at:
            say = f"chunk {number} of its ledger begins at byte {chunk.offset}"
            return found("ledger-gap", f"{pin.path}@{at}", say)
        at += chunk.length
    if at != pin.bytes:
        return found("ledger-gap", f"{pin.path}@{at}", f"its ledger ends there, the file has {pin.bytes} bytes")
    return None


def _digests(file: BinaryIO, chunks: list[Chunk], meter: Meter) -> tuple[str, list[str]]:
    """SHA-256 of the whole file, and of each chunk, from one pass; a chunk that is the whole file is hashed once."""
    tee = Tee(file, meter)
    if len(chunks) == 1 and file_size(file) == chunks[0].length:
        whole = tee.finish()
        return whole, [whole]
    digests = [_digest(tee, chunk.length) for chunk in chunks]
    return tee.finish(), digests


def _digest(tee: Tee, length: int) -> str:
    """Of the bytes that come next; fewer where the file ends."""
    digest = sha256()
    while length > 0 and (block := tee.read(min(BLOCK, length))):
        digest.update(block)
        length -= len(block)
    return digest.hexdigest()


def _judged(pin: pins.Pin, chunk: Chunk, digest: str) -> Iterator[Finding]:
    where = f"{pin.path}@{chunk.offset}"
    if digest != chunk.sha256:
        say = f"{chunk.length} bytes with SHA-256 {digest}, its ledger states {chunk.sha256}"
        yield found("chunk-hash", where, say)
    elif chunk.received != chunk.sha256:
        say = f"{chunk.length} bytes: received was {chunk.received}, and nothing was undone"
        yield found("chunk-hash", where, say)
