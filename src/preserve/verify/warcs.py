"""One WARC file against the entries: whole, record by record, and what lies between the records.

Full: a sealed file whose hash is the sealed one holds the sealed bytes, and one pass is enough. It is then shown that
every record named begins a gzip member, that the rest are whole records, and that their number is right. Where the
hash differs, or there is no seal yet, each record is held against the hash that its entry pins, and inflated to say
what is wrong. Deep: every record is inflated in that same one pass.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO, cast

from preserve.model import Finding, Json
from preserve.verify import records
from preserve.verify.codes import found
from preserve.verify.disk import BLOCK, Disk, file_size
from preserve.verify.ledger import Entries, Ledger, Span
from preserve.verify.work import Meter
from preserve.warc.walk import GZIP_START, Member, WalkError, walk, walk_one


@dataclass(frozen=True, slots=True)
class Warc:
    """A file to check. `path` is where it lies, `file` what entries call it; `seal`: its entry, if it is sealed."""

    file: str
    path: str
    seal: Mapping[str, Json] | None
    recovered: bool  # a crash left members in it that no entry names


class Tee:
    """A file that hashes what is read from it, provided that it is read in order."""

    def __init__(self, file: BinaryIO, meter: Meter) -> None:
        self._file, self._meter = file, meter
        self._digest = sha256()
        self._at = 0

    def seek(self, offset: int) -> int:
        """Forward only: what is passed over is hashed too."""
        while self._at < offset and self.read(min(BLOCK, offset - self._at)):
            pass
        return self._at

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        self._meter.count(len(data))
        self._at += len(data)
        return data

    def finish(self) -> str:
        """The hash of the whole file."""
        while self.read(BLOCK):
            pass
        return self._digest.hexdigest()


def check_warc(warc: Warc, disk: Disk, ledger: Ledger, meter: Meter, *, deep: bool) -> list[Finding]:
    """Everything there is to say about the bytes of one file."""
    try:
        with _open(disk, warc) as file, Entries(disk, ledger) as entries:
            check = _Check(warc, file, ledger, entries, meter)
            return list(check.deep() if deep else check.full())
    except OSError as error:
        return [found("file-unreadable", warc.path, error.strerror or "no regular file")]


def _open(disk: Disk, warc: Warc) -> BinaryIO:
    """A run that goes on while we look may have sealed the file in the meantime."""
    try:
        return disk.open(warc.path)
    except FileNotFoundError:
        return disk.open(warc.file)


class _Check:
    """The state of one check: the file, its records, and how many members were seen."""

    def __init__(self, warc: Warc, file: BinaryIO, ledger: Ledger, entries: Entries, meter: Meter) -> None:
        self.warc, self.file, self.ledger, self.entries, self.meter = warc, file, ledger, entries, meter
        self.size = file_size(file)
        self.spans = ledger.spans(warc.file)
        self.members = len(self.spans)
        self.info: bytes | None = None  # id of the warcinfo record

    def full(self) -> Iterator[Finding]:
        seal = self.warc.seal
        if seal is not None:
            digest, starts = self._pass()
            if digest == seal["sha256"]:
                yield from (self._at("record-malformed", at, "no gzip member begins here") for at in starts)
                yield from self._gaps()
                yield from self._sealed_number()
                return
            yield self._hash_finding()
        for span in self.spans:
            yield from self._stored(span)
        yield from self._gaps()

    def _pass(self) -> tuple[str, list[int]]:
        """Hash of the file, and the offsets of records where no gzip member begins."""
        digest, at, wrong = sha256(), 0, []
        offsets = deque(offset for offset, _, _ in self.spans)
        tail = b""  # of the block before: a member may begin at its very end
        while block := self.file.read(BLOCK):
            digest.update(block)
            self.meter.count(len(block))
            base = at - len(tail)
            at += len(block)
            while offsets and offsets[0] + len(GZIP_START) <= at:
                offset = offsets.popleft()
                place = offset - base
                start = block[place - len(tail) :][: len(GZIP_START)] if place >= len(tail) else b""
                start = start or (tail + block[: len(GZIP_START)])[place:][: len(GZIP_START)]
                if start != GZIP_START:
                    wrong.append(offset)
            tail = block[-len(GZIP_START) :]
        return digest.hexdigest(), wrong + list(offsets)

    def deep(self) -> Iterator[Finding]:
        tee = Tee(self.file, self.meter)
        yield from self._gap(tee, 0, self._first())
        at = self._first()
        for number, span in enumerate(self.spans):
            if span[0] >= at:  # an overlap is reported by quick; bytes are read once
                yield from self._inflated(tee, span)
                at = span[0] + span[1]
                yield from self._gap(tee, at, self._next(number))
        if self.warc.seal is not None:
            if tee.finish() != self.warc.seal["sha256"]:
                yield self._hash_finding()
            yield from self._sealed_number()

    def _stored(self, span: Span) -> Iterator[Finding]:
        """The stored bytes against the hash in the entry; if they differ, why."""
        offset, length, _ = span
        record = self.entries.record(self.warc.file, span)
        if record is None:
            yield self._lost(span)
            return
        if self._sha256(offset, length) == record["sha256"]:
            return
        try:
            member = walk_one(self.file, offset, length)
            name = (member.get(b"warc-record-id") or b"").decode("ascii")
            why = f"another record lies there: {name}" if name.strip("<>") != record["id"] else "it was altered"
        except WalkError as error:
            why = error.why
        yield self._at("record-hash", offset, f"{records.title(record)} of entry {span[2]}: {why}")

    def _inflated(self, tee: Tee, span: Span) -> Iterator[Finding]:
        """One record, inflated: what it is against what its entry says."""
        offset, length, seq = span
        record = self.entries.record(self.warc.file, span)
        if record is None:
            yield self._lost(span)
            return
        try:
            member = walk_one(cast("BinaryIO", tee), offset, length, payload=True, stored=True)
        except WalkError as error:
            tee.seek(offset + length)
            right = self._sha256_apart(offset, length) == record["sha256"]
            code = "record-malformed" if right else "record-hash"
            yield self._at(code, offset, f"{records.title(record)} of entry {seq}: {error.why}")
            return
        if member.sha256 != record["sha256"]:
            yield self._at("record-hash", offset, f"{records.title(record)} of entry {seq}: it was altered")
        for code, detail in records.problems(member, record, self.info):
            yield self._at(code, offset, f"{records.title(record)} of entry {seq}: {detail}")
        if record["refers_to"] is not None:
            yield from self._target(record, offset)

    def _target(self, record: Mapping[str, Json], offset: int) -> Iterator[Finding]:
        """The record that a revisit stands for is held, and is the one it was."""
        refers = record["refers_to"]
        span = self.ledger.span_at(refers["file"], refers["offset"], refers["length"])
        why = records.not_the_target(record, span and self.entries.record(refers["file"], span))
        if why:
            yield self._at("revisit-target", offset, f"{records.title(record)}: {why}")

    def _gaps(self) -> Iterator[Finding]:
        yield from self._gap(self.file, 0, self._first())
        for number, (offset, length, _) in enumerate(self.spans):
            yield from self._gap(self.file, offset + length, self._next(number))

    def _first(self) -> int:
        return self.spans[0][0] if self.spans else self.size

    def _next(self, number: int) -> int:
        return self.spans[number + 1][0] if number + 1 < len(self.spans) else self.size

    def _gap(self, file: object, start: int, end: int) -> Iterator[Finding]:
        """Bytes that no entry names: the warcinfo record, and records of visits that were not committed."""
        if self.warc.seal is None and end == self.size:
            return  # the unfinished end of a file in hand: quick says so
        if start >= end:
            if start == 0:
                yield self._at("warcinfo-missing", 0, "it does not begin with a warcinfo record")
            return
        at = start
        try:
            for member in walk(cast("BinaryIO", file), start, end):
                self.members += 1
                yield from self._unnamed(member)
                at = member.offset + member.length
        except WalkError as error:
            yield self._at("gap-damaged", at, error.why)

    def _unnamed(self, member: Member) -> Iterator[Finding]:
        kind = member.get(b"warc-type")
        for code, detail in records.digest_problems(member):
            yield self._at(code, member.offset, detail)
        if member.offset == 0:
            self.info = member.get(b"warc-record-id")
            if kind != b"warcinfo":
                yield self._at("warcinfo-missing", 0, "the first record is no warcinfo")
        elif not self.warc.recovered:
            yield self._at("record-orphan", member.offset, f"a {(kind or b'').decode()} record that no entry names")

    def _sealed_number(self) -> Iterator[Finding]:
        seal = self.warc.seal
        if seal is not None and seal["records"] != self.members:
            say = f"{self.members} records, the seal states {seal['records']}"
            yield found("seal-records", self.warc.path, say)

    def _lost(self, span: Span) -> Finding:
        return self._at("record-hash", span[0], f"entry {span[2]} changed while it was being checked")

    def _hash_finding(self) -> Finding:
        return found("file-hash", self.warc.path, "the file is not the one that was sealed")

    def _sha256(self, offset: int, length: int) -> str:
        digest = sha256()
        self.file.seek(offset)
        while length > 0 and (block := self.file.read(min(BLOCK, length))):
            digest.update(block)
            if self.warc.seal is None:
                self.meter.count(len(block))
            length -= len(block)
        return digest.hexdigest()

    def _sha256_apart(self, offset: int, length: int) -> str:
        """The same, without losing the place of the one pass."""
        place = self.file.tell()
        digest = self._sha256(offset, length)
        self.file.seek(place)
        return digest

    def _at(self, code: str, offset: int, detail: str) -> Finding:
        return found(code, f"{self.warc.path}@{offset}", detail)
