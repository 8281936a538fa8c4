"""A small archive for tests of what reads one: real WARC members and entries, without any network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from preserve.archive import store
from preserve.archive.store import Archive
from preserve.documents.url import identity
from preserve.model import Connection, Entry, Exchange, Tls, timestamp
from preserve.network import decode, message
from preserve.warc import write

START = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


@dataclass(frozen=True)
class Body:
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def blocks(self) -> Iterator[bytes]:
        for start in range(0, len(self.data), 1000):
            yield self.data[start : start + 1000]

    def close(self) -> None: ...


def chunked(data: bytes, size: int = 700) -> bytes:
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    return b"".join(b"%x;ext=1\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\nX-Trailer: 1\r\n\r\n"


@dataclass
class SmallArchive:
    """`visit` adds one capture; a day passes between two of them."""

    folder: Path
    now: datetime = START
    run: str = "ab" * 16
    known: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = self.folder / "archive"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.key = Ed25519PrivateKey.generate()
        (self.folder / "key.pem").write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        (self.folder / "key.pem").chmod(0o600)
        (self.folder / "preserve.toml").write_text('[key]\nfile = "key.pem"\n')
        store.create(self.root, self.key, software="preserve test", clock=self.clock, origin="test/archive")
        self.archive = Archive.open(self.root, run=self.run, key=self.key, clock=self.clock, warcinfo=self._warcinfo)

    def clock(self) -> datetime:
        return self.now

    def _warcinfo(self, name: str) -> Iterator[bytes]:
        record = write.warcinfo(name, date=self.now, fields=[("software", "test")])
        self.info = record.id
        return write.member(record)

    def visit(
        self,
        url: str,
        body: bytes = b"hello",
        *,
        headers: bytes = b"Content-Type: text/html\r\n",
        status: int = 200,
        outcome: str = "captured",
        reason: str = "ok",
        newline: bytes = b"\r\n",
        truncated: str | None = None,
        **more: Any,
    ) -> Entry:
        self.now += timedelta(days=1)
        head = (b"HTTP/1.1 %d OK\r\n" % status + headers + b"\r\n").replace(b"\r\n", newline)
        exchange = _exchange(url, head, body, self.now, truncated)
        if not hasattr(self, "info"):
            self.archive._writable()
        request = write.request(exchange, self.info)
        known = self.known.get((url, exchange.payload_sha256))
        answer = (
            write.revisit(exchange, self.info, request.id, known)
            if known
            else write.response(exchange, self.info, request.id)
        )
        records = [self._put(exchange, request), self._put(exchange, answer)]
        records[1] |= _facts(exchange)
        if known:
            records[1]["refers_to"] = {k: known[k] for k in ("id", "file", "offset", "length", "sha256", "url", "date")}
        else:
            self.known[url, exchange.payload_sha256] = records[1]
        fields = {**_capture(exchange, outcome, reason), "records": records, "answer": answer.id, **more}
        return self.archive.commit("capture", fields)

    def _put(self, exchange: Exchange, record: write.Record) -> dict[str, Any]:
        stored = self.archive.append(write.member(record))
        return {
            "type": record.type, "id": record.id, "url": exchange.url, "date": record.date, "file": stored.file,
            "offset": stored.offset, "length": stored.length, "sha256": stored.sha256, "payload_sha256": None,
            "content_sha256": None, "content_bytes": None, "mime": None, "bytes": record.length, "status": None,
            "truncated": None, "flaws": [], "refers_to": None,
        }  # fmt: skip

    def fail(self, url: str, outcome: str, reason: str) -> Entry:
        """A visit that brought nothing."""
        self.now += timedelta(days=1)
        exchange = _exchange(url, b"", b"", self.now, None)
        return self.archive.commit(
            "capture", {**_capture(exchange, outcome, reason), "records": [], "answer": None, "hops": []}
        )

    def media(self, data: bytes, role: str = "video", **more: Any) -> dict[str, Any]:
        """A media file as captures without films have them; `more`: the keys of films."""
        stored = self.archive.put_media([data], ".mp4")
        return {
            "path": stored.path, "sha256": stored.sha256, "bytes": stored.bytes, "mime": "video/mp4",
            "role": role, "derived_from": None, "made_by": None, **more,
        }  # fmt: skip

    def ledger(self, data: bytes, urls: list[str], undone: list[str] | None = None, **more: Any) -> dict[str, Any]:
        """The pointer to a ledger that says that `data` came in equal chunks from these URLs."""
        step = -(-len(data) // len(urls))
        chunks = [
            {
                "url": url, "status": 206, "range": None, "offset": start, "length": len(data[start : start + step]),
                "sha256": hashlib.sha256(data[start : start + step]).hexdigest(), "payload_sha256": "0" * 64,
                "undone": undone or [], "response": write.new_id(), "truncated": None,
            }
            for url, start in zip(urls, range(0, len(data), step), strict=True)
        ]  # fmt: skip
        told = {"v": 1, "media": "m", "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "chunks": chunks}
        line = json.dumps(told | more, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        if not hasattr(self, "info"):
            self.archive._writable()
        record = write.ledger(urls[0], self.info, write.new_id(), date=self.now, block=line)
        stored = self.archive.append(write.member(record))
        place = {name: getattr(stored, name) for name in ("file", "offset", "length", "sha256")}
        return {"id": record.id, **place}

    def close(self) -> None:
        self.archive.close()


def _exchange(url: str, head: bytes, body: bytes, moment: datetime, truncated: str | None) -> Exchange:
    parsed = message.parse_head(head) if head else message.Head(b"", None, (), ())
    chain = (b"certificate",) if url.startswith("https") else ()
    tls = Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", None, "self-signed certificate", chain) if chain else None
    return Exchange(
        url=url, method="GET", started=moment, ended=moment,
        connection=Connection("example.org", 443, "192.0.2.7", ("192.0.2.7",), None, tls),
        request=b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", interim=b"", head=head,
        status=parsed.status, headers=parsed.headers, body=Body(body),
        chunked=message.framing("GET", parsed).kind == "chunked",
        block_sha256=hashlib.sha256(head + body).hexdigest(), payload_sha256=hashlib.sha256(body).hexdigest(),
        truncated=truncated,
    )  # fmt: skip


def _facts(exchange: Exchange) -> dict[str, Any]:
    facts = {
        "status": exchange.status, "mime": "text/html", "truncated": exchange.truncated,
        "payload_sha256": None if exchange.truncated else exchange.payload_sha256,
    }  # fmt: skip
    if not exchange.truncated:
        try:
            content = b"".join(decode.content(exchange))
        except decode.DecodeError:
            return facts
        facts |= {"content_sha256": hashlib.sha256(content).hexdigest(), "content_bytes": len(content)}
    return facts


def _capture(exchange: Exchange, outcome: str, reason: str) -> dict[str, Any]:
    url, moment = exchange.url, timestamp(exchange.started)
    tls = exchange.connection.tls
    hop = {
        "url": url, "method": "GET", "status": exchange.status, "ip": "192.0.2.7", "port": 443,
        "resolved": ["192.0.2.7"], "proxy": None, "protocol": "http/1.1", "records": [], "started": moment,
        "ended": moment, "try": 1,
        "tls": tls and {
            "version": tls.version, "cipher": tls.cipher, "verified": tls.verified, "error": tls.error,
            "leaf_sha256": hashlib.sha256(tls.chain[0]).hexdigest(), "chain": None,
        },
    }  # fmt: skip
    return {
        "source": url, "key": identity(url), "citations": [], "request_url": url, "final_url": url,
        "started": moment, "ended": moment, "engine": "http", "tools": {"preserve": "test"},
        "outcome": outcome, "reason": reason, "signals": [], "change": "first", "previous": None, "tries": 1,
        "truncated": exchange.truncated, "errors": [], "hops": [hop], "parts": [], "media": [],
    }  # fmt: skip
