"""WARC 1.1 records from exchanges, and gzip members from records. Pure: records in, bytes out.

The rules are those of docs/FORMAT.md section 4 and of the standard (clause numbers of WARC 1.1):
* one gzip member a record (annex D), header fields never folded, no control byte in any of them;
* all records of one exchange share one WARC-Date, the instant it began (5.4);
* a truncated block says so (5.13) and has no payload digest;
* digests are over the bytes as stored, chunk framing included, `sha256:` and lower-case hex, the one spelling that
  every reader accepts.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import struct
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from preserve.model import Blocks, Exchange, Json, Tls, timestamp

_SMALL = 1 << 20  # compressed in one call below, streamed above
_STORED_BLOCK = 0xFFFF  # the most that one stored block holds
_GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # no name, no time: the same record makes the same member
_LAST_BLOCK = b"\x01\0\0\xff\xff"  # empty, and the last
_SAFE_IN_URL = "".join(chr(c) for c in range(0x21, 0x7F))
_SECRET = re.compile(rb"^((?:proxy-)?authorization|cookie)[ \t]*:[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_PACKED = re.compile(
    r"^(image/(jpeg|png|webp|gif|avif|heic)|video/|audio/|font/woff|application/(zip|gzip|x-gzip|x-7z|x-rar|font-woff))",
    re.IGNORECASE,
)
LEDGER = "application/x.preserve-media+json"
REVISIT = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record: its header fields in order, and its block as bytes followed by a body of any size."""

    type: str
    id: str  # urn:uuid:…
    date: str
    headers: tuple[tuple[str, str], ...]
    start: bytes
    body: Blocks | None = None
    packed: bool = False  # the block is compressed already: stored, not deflated

    @property
    def length(self) -> int:
        return len(self.start) + (self.body.size if self.body else 0)

    def blocks(self) -> Iterator[bytes]:
        if self.start:
            yield self.start
        if self.body:
            yield from self.body.blocks()


def new_id() -> str:
    return f"urn:uuid:{uuid.uuid4()}"


def member(record: Record) -> Iterator[bytes]:
    """The gzip member that holds the record (RFC 1952). Raises ValueError for a control byte in a header field."""
    lines = [
        "WARC/1.1",
        f"WARC-Type: {record.type}",
        f"WARC-Record-ID: <{record.id}>",
        f"WARC-Date: {record.date}",
        *(f"{name}: {value}" for name, value in record.headers),
        f"Content-Length: {record.length}",
    ]
    if not (fields := "".join(lines)).isascii() or not fields.isprintable():
        raise ValueError("a WARC header field with a byte that is not printable ASCII")
    head = "\r\n".join([*lines, "", ""]).encode("ascii")
    parts: Iterable[bytes] = itertools.chain((head,), record.blocks(), (b"\r\n\r\n",))
    if record.length <= _SMALL:
        parts = (b"".join(parts),)
    pieces = _stored(parts) if record.packed else _deflated(parts)
    # A small member leaves in one piece, and is written by one call of the system.
    return iter((b"".join(pieces),)) if record.length <= _SMALL else pieces


def _deflated(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Level 1 of isal: within 3 % of zlib's size at several times its speed. Its level 0 would grow what is packed."""
    from isal import isal_zlib

    deflating = isal_zlib.compressobj(1, isal_zlib.DEFLATED, 31)
    for part in parts:
        if packed := deflating.compress(part):
            yield packed
    yield deflating.flush()


def _stored(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Stored blocks (RFC 1951 section 3.2.4), made by hand: zlib's level 0 is ten times slower at its checksum."""
    from isal import isal_zlib

    crc = size = 0
    yield _GZIP_HEAD
    for part in parts:
        view = memoryview(part)
        framed: list[bytes | memoryview] = []
        for start in range(0, len(part), _STORED_BLOCK):
            piece = view[start : start + _STORED_BLOCK]
            framed += [struct.pack("<BHH", 0, len(piece), len(piece) ^ 0xFFFF), piece]
        yield b"".join(framed)
        crc, size = isal_zlib.crc32(part, crc), size + len(part)
    yield _LAST_BLOCK + struct.pack("<II", crc, size & 0xFFFFFFFF)


def warcinfo(filename: str, *, date: datetime, fields: Iterable[tuple[str, str]]) -> Record:
    """The first record of every file (6.2)."""
    block = _fields(fields)
    return Record(
        "warcinfo",
        new_id(),
        timestamp(date),
        (("WARC-Filename", filename), _digest(block), ("Content-Type", "application/warc-fields")),
        block,
    )


def request(exchange: Exchange, info: str) -> Record:
    block = redacted(exchange.request)
    headers = [*_common(exchange, info), _digest(block)]
    headers.append(("Content-Type", "application/http; msgtype=request"))
    return Record("request", new_id(), timestamp(exchange.started), tuple(headers), block)


def response(exchange: Exchange, info: str, concurrent: str) -> Record:
    """The answer exactly as received, as far as it was received."""
    headers = [*_common(exchange, info), ("WARC-Concurrent-To", f"<{concurrent}>")]
    if exchange.truncated:
        headers.append(("WARC-Truncated", exchange.truncated))
    else:
        headers.append(("WARC-Payload-Digest", f"sha256:{exchange.payload_sha256}"))
    headers.append(("WARC-Block-Digest", f"sha256:{exchange.block_sha256}"))
    headers.append(("Content-Type", "application/http; msgtype=response"))
    return Record(
        "response",
        new_id(),
        timestamp(exchange.started),
        tuple(headers),
        exchange.head,
        exchange.body,
        packed(exchange),
    )


def revisit(exchange: Exchange, info: str, concurrent: str, original: Json) -> Record:
    """The same payload as in `original` (a record of an entry): its head is kept, its body is not repeated (6.7)."""
    headers = [
        *_common(exchange, info),
        ("WARC-Concurrent-To", f"<{concurrent}>"),
        ("WARC-Profile", REVISIT),
        ("WARC-Refers-To", f"<{original['id']}>"),
        ("WARC-Refers-To-Target-URI", uri(original["url"])),
        ("WARC-Refers-To-Date", original["date"]),
        ("WARC-Payload-Digest", f"sha256:{exchange.payload_sha256}"),
        _digest(exchange.head),
        ("Content-Type", "application/http; msgtype=response"),
    ]
    return Record("revisit", new_id(), timestamp(exchange.started), tuple(headers), exchange.head)


def metadata(exchange: Exchange, info: str, concurrent: str, mime: str, block: bytes) -> Record:
    """What has no place of its own: interim answers, certificate chains, why nothing came (6.5)."""
    headers = [
        ("WARC-Target-URI", uri(exchange.url)),
        ("WARC-Warcinfo-ID", f"<{info}>"),
        ("WARC-Concurrent-To", f"<{concurrent}>"),
        _digest(block),
        ("Content-Type", mime),
    ]
    return Record("metadata", new_id(), timestamp(exchange.started), tuple(headers), block)


def interim(exchange: Exchange, info: str, concurrent: str) -> Record:
    return metadata(exchange, info, concurrent, "application/http; msgtype=response", exchange.interim)


def certificates(exchange: Exchange, tls: Tls, info: str, concurrent: str) -> Record:
    return metadata(exchange, info, concurrent, "application/pem-certificate-chain", pem(tls.chain))


def failure(exchange: Exchange, info: str, concurrent: str) -> Record:
    """The server said nothing: that is recorded too."""
    block = _fields([("error", exchange.error), ("ended", timestamp(exchange.ended))])
    return metadata(exchange, info, concurrent, "application/warc-fields", block)


def ledger(url: str, info: str, refers_to: str, *, date: datetime, block: bytes) -> Record:
    """Which exchanges brought a media file, chunk by chunk: docs/FORMAT.md section 4. `refers_to`: the first answer."""
    headers = [
        ("WARC-Target-URI", uri(url)),
        ("WARC-Warcinfo-ID", f"<{info}>"),
        ("WARC-Refers-To", f"<{refers_to}>"),
        _digest(block),
        ("Content-Type", LEDGER),
    ]
    return Record("metadata", new_id(), timestamp(date), tuple(headers), block)


def _common(exchange: Exchange, info: str) -> list[tuple[str, str]]:
    connection = exchange.connection
    headers = [("WARC-Target-URI", uri(exchange.url)), ("WARC-Warcinfo-ID", f"<{info}>")]
    if connection.ip:
        headers.append(("WARC-IP-Address", connection.ip))
    headers.append(("WARC-Protocol", "http/1.1"))
    if connection.tls:
        headers.append(("WARC-Protocol", protocol(connection.tls)))
        headers.append(("WARC-Cipher-Suite", connection.tls.cipher))
    return headers


def protocol(tls: Tls) -> str:
    """TLSv1.3 -> tls/1.3, as the WARC-Protocol proposal spells it."""
    version = tls.version.removeprefix("TLSv")
    return f"tls/{version if '.' in version else version + '.0'}"


def packed(exchange: Exchange) -> bool:
    """Compressed on the way already: deflating again costs time and gains nothing."""
    coding = (exchange.header("content-encoding") or "identity").strip().lower()
    return coding not in ("", "identity") or bool(_PACKED.match(exchange.header("content-type") or ""))


def uri(url: str) -> str:
    """Percent-encoded where a header field could not carry it (5.1)."""
    return quote(url, safe=_SAFE_IN_URL)


def redacted(sent: bytes) -> bytes:
    """Secrets of the person who asks never enter the archive; that they were sent does."""
    head, separator, body = sent.partition(b"\r\n\r\n")
    return _SECRET.sub(rb"\1: [redacted]", head) + separator + body if _SECRET.search(head) else sent


def pem(chain: Iterable[bytes]) -> bytes:
    parts = []
    for der in chain:
        text = base64.b64encode(der).decode("ascii")
        lines = [text[i : i + 64] for i in range(0, len(text), 64)]
        parts.append("\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""]))
    return "".join(parts).encode("ascii")


def _digest(block: bytes) -> tuple[str, str]:
    return ("WARC-Block-Digest", f"sha256:{hashlib.sha256(block).hexdigest()}")


def _fields(fields: Iterable[tuple[str, str]]) -> bytes:
    """application/warc-fields: a value can start no line of its own."""
    lines = [f"{name}: {' '.join(value.split())}" for name, value in fields]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8")
