"""Copies that web archives gave, held against the bytes that are stored: each import names a capture that is there, its
answer holds the copy that its entry describes, and the copy has the digest that the entry says was checked.

Written from docs/FORMAT.md, without the part that fetches such copies. A copy may be large: it is read as a stream, for
each way of reading the web archive's digest once, and not at all where there is nothing to compare.
"""

from __future__ import annotations

import re
from base64 import b32decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha1, sha256
from typing import Any, BinaryIO

from preserve.errors import DamagedError
from preserve.model import Finding, Json
from preserve.verify import body
from preserve.verify.body import Broken, Head, Source
from preserve.verify.codes import found
from preserve.verify.disk import Disk
from preserve.verify.ledger import Entries, Ledger
from preserve.verify.work import Meter
from preserve.warc.read import MemberBlock, read_record

_OPEN = ".open"
_DIGEST = re.compile(r"(?:sha1:)?([A-Za-z2-7]{32}|[0-9A-Fa-f]{40})")
_DATE = re.compile(r"([0-9-]{10}T[0-9:]{8})(?:\.([0-9]{1,9}))?Z")
_VERSION = re.compile(rb"WARC/1\.[01]")
_LENGTH = re.compile(rb"[0-9]{1,15}")
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}[ \t]*(?:;|\r?\n)")
_MAGIC = b"\x1f\x8b"
_PEEK = 64  # bytes that tell whether a body has the framing or coding that its head names
_ENDS = (b"\r\n\r\n", b"\n\n", b"\r\n\n", b"\n\r\n")

Record = Mapping[str, Json]


def check_captures(ledger: Ledger) -> Iterator[Finding]:
    """The capture that each import names must be there; ids are known by their first 64 bits."""
    imports = list(ledger.imports)
    ids = {number for segment in ledger.segments for number in segment.ids} if imports else set()
    for one in imports:
        if one.capture not in ids:
            yield found("import-capture", ledger.where(one.seq), f"no entry has an id that begins {one.capture:016x}")


def check(disk: Disk, ledger: Ledger, entries: Entries, seq: int, meter: Meter) -> list[Finding]:
    """The copy of one import."""
    entry = entries.entry(seq)
    if entry is None or entry["memento"] is None:
        return []
    try:
        copy = _Copy(entry, _reader(disk, entry, meter))
        return [found(code, ledger.where(seq), f"{_named(entry)}: {why}") for code, why in copy.problems()]
    except Broken as broken:
        return [found("memento-record", ledger.where(seq), f"{_named(entry)}: {broken}")]
    except OSError as error:
        return [found("file-unreadable", ledger.where(seq), f"{_named(entry)}: {error.strerror}")]


def _named(entry: Record) -> str:
    return f"the copy {str(entry['memento']['uri'])[:200]}"


@dataclass(frozen=True, slots=True)
class _Reader:
    """The answer that holds a copy: its own head, and its body from the record that has it, as often as is wanted."""

    disk: Disk
    record: Record  # as the entry lists it
    meter: Meter

    @contextmanager
    def opened(self) -> Iterator[tuple[Head, Source]]:
        """Raises Broken where the stored bytes are no such records; what is wrong with them is told elsewhere."""
        try:
            with _open(self.disk, self.record) as file:
                source = Source(self._counted(_block(file, self.record)))
                own = body.head(source)
                refers = self.record["refers_to"]
                if refers is None:
                    yield own, source
                    return
                with _open(self.disk, refers) as holder:
                    source = Source(self._counted(_block(holder, refers)))
                    body.head(source)
                    yield own, source
        except DamagedError as error:
            raise Broken(f"its record cannot be read: {error.message}") from None

    def _counted(self, block: MemberBlock) -> Iterator[bytes]:
        for piece in block.blocks():
            self.meter.count(0)
            yield piece


def _reader(disk: Disk, entry: Record, meter: Meter) -> _Reader:
    answers = [record for record in entry["records"] if record["id"] == entry["answer"]]
    if not answers or answers[0]["type"] not in ("response", "revisit"):
        raise Broken(f"the entry lists no answer {str(entry['answer'])[:60]}")
    return _Reader(disk, answers[0], meter)


def _open(disk: Disk, place: Record) -> BinaryIO:
    try:
        return disk.open(place["file"])
    except FileNotFoundError:
        return disk.open(place["file"] + _OPEN)


def _block(file: BinaryIO, place: Record) -> MemberBlock:
    return read_record(file, place["offset"], place["length"]).block


class _Copy:
    """A copy and the ways to read it."""

    def __init__(self, entry: Record, reader: _Reader) -> None:
        self.memento, self.reader = entry["memento"], reader
        self.wrapped = self.memento["wrapped"] == "warc"

    def problems(self) -> Iterator[tuple[str, str]]:
        """Finding codes, and what is wrong."""
        if self.wrapped:
            with self._unwrapped() as (fields, answer, payload):
                yield from self._described(fields, answer)
                for _ in payload.rest():
                    pass  # to its end: there a wrong length shows, and a second record
        if self.memento["verified"] is not None:
            yield from self._digest()
        yield from self._content()

    def _described(self, fields: Head, answer: Head) -> Iterator[tuple[str, str]]:
        """What the record of the web archive says of itself is what the entry says of it."""
        stated: Sequence[tuple[str, Any, Any]] = (
            ("url", self.memento["url"], _only(fields, b"warc-target-uri").strip("<>")),
            ("time", self.memento["time"], _time(_only(fields, b"warc-date"))),
            ("status", self.memento["status"], answer.status),
        )
        for name, entry, record in stated:
            if entry is not None and entry != record:
                yield "memento-record", f"its {name} is {record!r:.200}, the entry says {entry!r:.200}"

    def _digest(self) -> Iterator[tuple[str, str]]:
        """Under one of the readings that are in use the stored bytes have the digest that the web archive gave."""
        wanted = _sha1(self.memento["digest"])
        seen = []
        for way in ("payload", "entity", "content") if self.wrapped else ("entity", "content"):
            try:
                with self._read(way) as blocks:
                    seen.append(_hashed(sha1(), blocks))
            except Broken:  # this reading of it is not possible
                continue
            if seen[-1] == wanted:
                return
        say = f"the entry says that it was checked, its SHA-1 is {' or '.join(dict.fromkeys(seen)) or 'not to be had'}"
        yield "memento-digest", f"{say}, and not {self.memento['digest']!r:.100}"

    def _content(self) -> Iterator[tuple[str, str]]:
        wanted = self.memento["content_sha256"]
        if wanted is None:
            return
        try:
            with self._read("content") as blocks:
                digest = _hashed(sha256(), blocks)
        except Broken as broken:
            digest = f"not to be had ({broken})"
        if digest != wanted:
            yield "memento-digest", f"the SHA-256 of its content is {digest}, the entry states {wanted}"

    @contextmanager
    def _read(self, way: str) -> Iterator[Iterator[bytes]]:
        """`payload`: as the web archive stored it; `entity`: chunk framing undone; `content`: content codings too."""
        if self.wrapped:
            with self._unwrapped() as (_, answer, payload):
                yield _undone(answer, payload, way, answer.codings)
        else:
            with self.reader.opened() as (answer, source):
                yield _undone(answer, source, way, answer.codings or _coded(self.memento["headers"]))

    @contextmanager
    def _unwrapped(self) -> Iterator[tuple[Head, Head, Source]]:
        """Header of the web archive's own record, head of the HTTP answer in it, and what follows."""
        with self.reader.opened() as (outer, source):
            served = Source(body.gunzipped(_undone(outer, source, "entity", []), one=True))
            fields = body.head(served)
            if not _VERSION.fullmatch(fields.first) or _only(fields, b"warc-type") != "response":
                raise Broken("there is no answer of a server in its WARC record")
            if not _only(fields, b"content-type").startswith("application/http"):
                raise Broken("its WARC record holds no HTTP")
            block = Source(_exactly(served, _length(fields)))
            answer = body.head(block)
            if answer.status is None:
                raise Broken("its WARC record holds no HTTP answer")
            yield fields, answer, block


def _undone(head: Head, source: Source, way: str, codings: list[str]) -> Iterator[bytes]:
    """The body of an answer. A body that is not framed or packed as its head says was stored, or served, decoded."""
    if way == "payload":
        yield from source.rest()
        return
    inner = source
    if head.chunked and _CHUNK_SIZE.match(source.peek(_PEEK)):
        inner = Source(body.dechunked(source))
    if way == "content" and codings and not _is_plain(codings, inner):
        yield from body.decoded(inner.rest(), codings)
    else:
        yield from inner.rest()
    for _ in source.rest():
        pass


def _is_plain(codings: list[str], source: Source) -> bool:
    return codings[-1] in ("gzip", "x-gzip") and not source.peek(_PEEK).startswith(_MAGIC)


def _coded(headers: Sequence[Json]) -> list[str]:
    """The content codings in the original's header fields, which a web archive may serve without a word of its own."""
    pairs = [field for field in headers if isinstance(field, list) and len(field) == 2]
    fields = [(name.lower(), value) for name, value in pairs if isinstance(name, str) and isinstance(value, str)]
    coded = tuple(
        (b"content-encoding", v.encode("utf-8", "replace")) for name, v in fields if name == "content-encoding"
    )
    return Head(b"", coded).codings


def _exactly(source: Source, size: int) -> Iterator[bytes]:
    """The block of a record, two line ends, and nothing."""
    yield from source.exactly(size)
    if source.peek(5) not in _ENDS:
        raise Broken("its WARC record does not end where it says")


def _only(fields: Head, name: bytes) -> str:
    values = fields.values(name)
    return values[0].decode("utf-8", "replace") if values else ""


def _length(fields: Head) -> int:
    values = fields.values(b"content-length")
    if len(values) != 1 or not _LENGTH.fullmatch(values[0]):
        raise Broken("its WARC record has no usable Content-Length")
    return int(values[0])


def _time(date: str) -> str:
    """A WARC-Date as entries write times."""
    match = _DATE.fullmatch(date)
    return f"{match[1]}.{(match[2] or '').ljust(6, '0')[:6]}Z" if match else date


def _sha1(digest: Json) -> str:
    """As lower-case hex; "" for what is no SHA-1."""
    match = _DIGEST.fullmatch(digest) if isinstance(digest, str) else None
    if match is None:
        return ""
    return match[1].lower() if len(match[1]) == 40 else b32decode(match[1].upper()).hex()


def _hashed(digest: Any, blocks: Iterator[bytes]) -> str:
    for block in blocks:
        digest.update(block)
    return str(digest.hexdigest())
