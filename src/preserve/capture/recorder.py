"""Hops become records in the WARC and facts for the entry, while their bodies are at hand."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from preserve import __version__
from preserve.errors import FetchError
from preserve.model import Exchange, Json, timestamp
from preserve.network import decode
from preserve.network.session import Hop
from preserve.warc import write

_INLINE = 1 << 20  # bytes hashed and written at once in the event loop; more would make the other lanes wait
_CODED = 16  # a coded byte counts as so many: it is decoded for its hash


class Stored(Protocol):
    """Where a member lies in the archive."""

    @property
    def file(self) -> str: ...
    @property
    def offset(self) -> int: ...
    @property
    def length(self) -> int: ...
    @property
    def sha256(self) -> str: ...


@dataclass(slots=True)
class Content:
    """The decoded content of an exchange: its hash and size, or why it cannot be had."""

    sha256: str | None
    size: int | None
    fault: FetchError | None = None


@dataclass(slots=True)
class Recording:
    """What one capture has stored so far: the lists of its entry."""

    hops: list[Json] = field(default_factory=list)
    records: list[Json] = field(default_factory=list)
    contents: dict[str, Content] = field(default_factory=dict)  # record id -> content
    errors: list[Json] = field(default_factory=list)
    chains: dict[bytes, str] = field(default_factory=dict)  # leaf -> metadata record


@dataclass(slots=True)
class Warcinfo:
    """Makes the first member of each WARC file of a run; `id` is that of the newest."""

    run: str
    user_agent: str
    id: str = ""

    def __call__(self, filename: str) -> Iterable[bytes]:
        fields = [
            ("software", f"preserve/{__version__}"),
            ("format", "WARC File Format 1.1"),
            ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
            ("isPartOf", self.run),
            ("http-header-user-agent", self.user_agent),
        ]
        record = write.warcinfo(filename, date=datetime.now(UTC), fields=fields)
        self.id = record.id
        return write.member(record)


class Recorder:
    """Writes the records of a run. `info()` gives the id of the current file's warcinfo record."""

    def __init__(
        self,
        append: Callable[[Iterable[bytes]], Stored],
        info: Callable[[], str],
        payloads: Mapping[tuple[str, str], Json],
    ) -> None:
        self._append = append
        self._info = info
        self._payloads = dict(payloads)
        self._turn = asyncio.Lock()  # members of two captures may alternate, their bytes may not

    async def keep(self, recording: Recording, hop: Hop) -> str | None:
        """Store a hop and note it in `recording`; the id of the record that answers it. Raises StorageError."""
        ids: list[str] = []
        answer = None
        if hop.exchange is not None:
            async with self._turn:
                info = self._info()  # here: it may close a full file, which commits, and one thread commits
                if _work(hop.exchange) > _INLINE:
                    answer = await asyncio.to_thread(self._store, recording, hop.exchange, info, ids)
                else:
                    answer = self._store(recording, hop.exchange, info, ids)
        recording.hops.append(_hop(hop, ids, recording.chains))
        if hop.fault is not None:
            recording.errors.append(
                {"step": hop.url, "reason": hop.fault.reason, "message": hop.fault.message, "try": hop.attempt}
            )
        return answer

    async def account(self, recording: Recording, url: str, refers_to: str, block: bytes) -> Json:
        """Store the ledger of a media file; where it lies, for the entry's media item. Raises StorageError."""
        async with self._turn:
            record = write.ledger(url, self._info(), refers_to, date=datetime.now(UTC), block=block)
            noted = self._note(record, url, self._append(write.member(record)))
        recording.records.append(noted)
        return {name: noted[name] for name in ("id", "file", "offset", "length", "sha256")}

    def _store(self, recording: Recording, exchange: Exchange, info: str, ids: list[str]) -> str | None:
        request = write.request(exchange, info)
        self._put(recording, exchange, request, ids, None)
        answer = None
        if exchange.head or exchange.body.size:
            answer = self._answer(recording, exchange, info, request.id, ids)
        else:
            self._put(recording, exchange, write.failure(exchange, info, request.id), ids, None)
        about = answer or request.id
        if exchange.interim:
            self._put(recording, exchange, write.interim(exchange, info, about), ids, None)
        tls = exchange.connection.tls
        if tls and tls.leaf and tls.leaf not in recording.chains:
            certificates = write.certificates(exchange, tls, info, about)
            self._put(recording, exchange, certificates, ids, None)
            recording.chains[tls.leaf] = certificates.id
        return answer

    def _answer(self, recording: Recording, exchange: Exchange, info: str, request: str, ids: list[str]) -> str:
        known = self._payloads.get((exchange.url, exchange.payload_sha256))
        content = read_content(exchange)
        if known and not exchange.truncated and exchange.head and exchange.body.size:
            record = write.revisit(exchange, info, request, known)
        else:
            record, known = write.response(exchange, info, request), None
        noted = self._put(recording, exchange, record, ids, content)
        recording.contents[record.id] = content
        if known:
            noted["refers_to"] = {k: known[k] for k in ("id", "file", "offset", "length", "sha256", "url", "date")}
        elif not exchange.truncated:
            self._payloads[exchange.url, exchange.payload_sha256] = noted
        return record.id

    def _put(
        self, recording: Recording, exchange: Exchange, record: write.Record, ids: list[str], content: Content | None
    ) -> dict[str, Json]:
        noted = self._note(record, exchange.url, self._append(write.member(record)))
        if content is not None:
            noted |= {
                "payload_sha256": None if exchange.truncated else exchange.payload_sha256,
                "content_sha256": content.sha256,
                "content_bytes": content.size,
                "mime": mime(exchange),
                "status": exchange.status,
                "truncated": exchange.truncated,
                "flaws": list(exchange.flaws),
            }
        recording.records.append(noted)
        ids.append(record.id)
        return noted

    def _note(self, record: write.Record, url: str, stored: Stored) -> dict[str, Json]:
        """A record as an entry lists it; what only an answer has is added by its caller."""
        return {
            "type": record.type,
            "id": record.id,
            "url": url,
            "date": record.date,
            "file": stored.file,
            "offset": stored.offset,
            "length": stored.length,
            "sha256": stored.sha256,
            "payload_sha256": None,
            "content_sha256": None,
            "content_bytes": None,
            "mime": None,
            "bytes": record.length,
            "status": None,
            "truncated": None,
            "flaws": [],
            "refers_to": None,
        }


@dataclass(slots=True)
class Keeping:
    """Stores the hops of one visit as they come. `record`: id of the one that holds the last answer; `tell` hears how
    far the visit is."""

    recorder: Recorder
    recording: Recording
    tell: Callable[[str], None] = lambda text: None
    record: str | None = None

    async def __call__(self, hop: Hop) -> None:
        """Raises StorageError."""
        self.record = await self.recorder.keep(self.recording, hop)
        self.tell(f"{hop.status or 'no answer'}" + (f", try {hop.attempt}" if hop.attempt > 1 else ""))


def _work(exchange: Exchange) -> int:
    coded = decode.codings(exchange.header("content-encoding"))
    return exchange.body.size * (_CODED if coded else 1)


def read_content(exchange: Exchange) -> Content:
    """Hash the decoded content, streaming."""
    if exchange.truncated:
        return Content(None, None, FetchError("truncated", "the answer is cut"))
    if not exchange.chunked and not decode.codings(exchange.header("content-encoding")):
        return Content(exchange.payload_sha256, exchange.body.size)
    digest, size = hashlib.sha256(), 0
    try:
        for block in decode.content(exchange):
            digest.update(block)
            size += len(block)
    except FetchError as fault:
        return Content(None, None, fault)
    return Content(digest.hexdigest(), size)


def mime(exchange: Exchange) -> str | None:
    """The media type as the server names it, parameters dropped."""
    value = (exchange.header("content-type") or "").partition(";")[0].strip().lower()
    return value.encode("ascii", "replace").decode("ascii")[:100] or None


def _hop(hop: Hop, ids: list[str], chains: Mapping[bytes, str]) -> Json:
    exchange = hop.exchange
    connection = exchange.connection if exchange else None
    tls = connection.tls if connection else None
    return {
        "url": hop.url,
        "method": exchange.method if exchange else "GET",
        "status": hop.status,
        "ip": connection.ip if connection else None,
        "port": connection.port if connection else None,
        "resolved": list(connection.resolved if connection else hop.resolved),
        "proxy": connection.proxy if connection else None,
        "protocol": "http/1.1" if exchange else None,
        "tls": tls
        and {
            "version": tls.version,
            "cipher": tls.cipher,
            "verified": tls.verified,
            "error": tls.error,
            "leaf_sha256": hashlib.sha256(tls.leaf).hexdigest() if tls.leaf else None,
            "chain": chains.get(tls.leaf) if tls.leaf else None,
        },
        "records": ids,
        "started": timestamp(exchange.started) if exchange else None,
        "ended": timestamp(exchange.ended) if exchange else None,
        "try": hop.attempt,
    }
