"""A small archive for tests of what reads one: real WARC members and entries, without any network."""

from __future__ import annotations

import base64
import gzip
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


def foreign_record(url: str, block: bytes, archived: str, **fields: str) -> bytes:
    """The gzip member with the record of another archive, as Common Crawl writes it; `fields` replace its own."""
    stated = {
        "WARC-Type": "response", "WARC-Date": archived[:19] + "Z", "WARC-Record-ID": "<urn:uuid:1>",
        "Content-Length": str(len(block)), "Content-Type": "application/http; msgtype=response",
        "WARC-Target-URI": url, **{name.replace("_", "-"): value for name, value in fields.items()},
    }  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in stated.items())
    return gzip.compress(b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n", mtime=0)


@dataclass
class SmallArchive:
    """`visit` adds one capture; a day passes between two of them."""

    folder: Path
    now: datetime = START
    run: str = "ab" * 16
    known: dict[tuple[str, str], Any] = field(default_factory=dict)
    last: dict[str, Entry] = field(default_factory=dict)  # the newest visit of each URL

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
        records, answer = self._exchanged(exchange)
        fields = {**_capture(exchange, outcome, reason), "records": records, "answer": answer, **more}
        self.last[url] = self.archive.commit("capture", fields)
        return self.last[url]

    def _exchanged(self, exchange: Exchange) -> tuple[list[dict[str, Any]], str]:
        """Stores an exchange: its records, and the id of the answer."""
        if not hasattr(self, "info"):
            self.archive._writable()
        request, url = write.request(exchange, self.info), exchange.url
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
        return records, answer.id

    def _put(self, exchange: Exchange, record: write.Record) -> dict[str, Any]:
        stored = self.archive.append(write.member(record))
        return {
            "type": record.type, "id": record.id, "url": exchange.url, "date": record.date, "file": stored.file,
            "offset": stored.offset, "length": stored.length, "sha256": stored.sha256, "payload_sha256": None,
            "content_sha256": None, "content_bytes": None, "mime": None, "bytes": record.length, "status": None,
            "truncated": None, "flaws": [], "refers_to": None,
        }  # fmt: skip

    def imported(
        self,
        url: str,
        body: bytes = b"as it was",
        *,
        archived: str = "2016-03-02T12:00:00.000000Z",
        why: str = "nearest",
        wrapped: bool = False,
        headers: bytes = b"Content-Type: text/html\r\n",
        about: dict[str, Any] | None = None,
        **more: Any,
    ) -> Entry:
        """A copy that a web archive gave for the visit before; `wrapped`: as a WARC record of its own. `about`
        replaces what is said of it, `more` the fields."""
        self.now += timedelta(days=1)
        archive = "commoncrawl" if wrapped else "wayback"
        stamp = "".join(filter(str.isdigit, archived))[:14]
        uri = f"https://web.archive.org/web/{stamp}/{url}"
        at = "https://data.commoncrawl.org/CC-1.warc.gz" if wrapped else uri.replace(stamp, f"{stamp}id_")
        original = b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n"
        came = foreign_record(url, original + body, archived) if wrapped else body
        served = b"HTTP/1.1 %s\r\n" % (b"206 Partial Content" if wrapped else b"200 OK") + b"Server: archive\r\n\r\n"
        records, answer = self._exchanged(_exchange(at, served if wrapped else original, came, self.now, None))
        head = message.parse_head(original)
        said = {
            "uri": at if wrapped else uri, "time": archived, "url": url, "status": 200, "mime": "text/html",
            "digest": base64.b32encode(hashlib.sha1(body).digest()).decode(), "verified": "sha1",
            "wrapped": "warc" if wrapped else None, "headers": [list(field) for field in head.headers], "why": why,
            **_content(_exchange(url, original, body, self.now, None)),
        }  # fmt: skip
        visit = self.last.get(url)
        fields = _capture(_exchange(url, b"", b"", self.now, None), "recovered", "memento")
        for name in ("request_url", "final_url", "engine"):
            del fields[name]
        told = {
            "capture": visit.id if visit else "0" * 32, "archive": archive, "memento": said | (about or {}),
            "asked": [{"archive": archive, "found": 1, "error": None}], "records": records, "answer": answer,
            "films": [], "hops": [],
        }  # fmt: skip
        return self.archive.commit("import", {**fields, **told, **more})

    def in_vain(self, url: str, outcome: str, reason: str) -> Entry:
        """The web archives were asked, and had nothing."""
        asked = [
            {"archive": "wayback", "found": 0, "error": None},
            {"archive": "arquivo", "found": None, "error": "no\x1b answer"},
        ]
        more = {"archive": None, "memento": None, "records": [], "answer": None, "asked": asked}
        return self.imported(url, outcome=outcome, reason=reason, **more)

    def fail(self, url: str, outcome: str, reason: str) -> Entry:
        """A visit that brought nothing."""
        self.now += timedelta(days=1)
        exchange = _exchange(url, b"", b"", self.now, None)
        self.last[url] = self.archive.commit(
            "capture", {**_capture(exchange, outcome, reason), "records": [], "answer": None, "hops": []}
        )
        return self.last[url]

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
    return facts | ({} if exchange.truncated else _content(exchange))


def _content(exchange: Exchange) -> dict[str, Any]:
    try:
        content = b"".join(decode.content(exchange))
    except decode.DecodeError:
        return {}
    return {"content_sha256": hashlib.sha256(content).hexdigest(), "content_bytes": len(content)}


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
