"""A record out of somebody else's WARC file as the original's answer. Hostile until it proves itself.

It must be the record that the index tells of: of that address, of that second. Its digests are computed anew; one that
does not fit is told, and proves nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from preserve.capture import wrapped
from preserve.capture.recovery import digest
from preserve.capture.recovery.address import same
from preserve.capture.recovery.archive import FIELD, Copy, Memento, Unusable
from preserve.capture.recovery.replay import FIELDS, VALUE
from preserve.errors import FetchError, FormatError
from preserve.model import Blocks, Exchange
from preserve.network import decode

MEMBER = 16 * 1024**2  # bytes of a record as it is stored: the crawler cuts bodies at 1 MiB, lately at 5 MiB
_CUT = frozenset({"length", "time", "disconnect", "unspecified"})
_FRAMING = frozenset({"content-encoding", "transfer-encoding", "content-length"})


@dataclass(frozen=True, slots=True)
class Content:
    """What the original's server meant to give, out of a stored record. Implements model.Blocks."""

    record: Blocks
    chunked: bool
    size: int

    def blocks(self) -> Iterator[bytes]:
        return wrapped.content(wrapped.unwrap(unframed(self.record, chunked=self.chunked)))[1]

    def close(self) -> None:
        """The record belongs to who fetched it."""


def unframed(body: Blocks, *, chunked: bool) -> Iterable[bytes]:
    return decode.dechunk(body.blocks()) if chunked else body.blocks()


def open_copy(memento: Memento, exchange: Exchange) -> Copy:
    """The original's answer in the record that came. Raises Unusable."""
    if exchange.status == 200:
        raise Unusable("sent the whole file instead of the record: no more of it was received than the record is long")
    if exchange.status != 206 or exchange.truncated:
        raise Unusable(f"answered with status {exchange.status}")
    try:
        return _opened(memento, exchange)
    except (FormatError, FetchError) as error:
        raise Unusable(f"gave no readable record: {error.message}") from None


def _opened(memento: Memento, exchange: Exchange) -> Copy:
    record = wrapped.unwrap(unframed(exchange.body, chunked=exchange.chunked))
    time = _checked(record, memento)
    payload, block = hashlib.sha1(usedforsecurity=False), hashlib.sha1(record.head.raw, usedforsecurity=False)
    for piece in record.payload:
        payload.update(piece)
        block.update(piece)
    content = _content(exchange)
    told = (("payload", payload, "WARC-Payload-Digest"), ("block", block, "WARC-Block-Digest"))
    signals = tuple(
        f"the record's own digest of its {what} does not match"
        for what, found, field in told
        if (said := digest.plain(record.get(field))) and said != digest.base32(found.digest())
    )
    cut = (record.get("WARC-Truncated") or "").lower()
    head = record.head
    as_original = replace(
        exchange,
        url=memento.url,
        head=head.raw,
        status=head.status,
        # How the body was sent is no matter any more: it is undone.
        headers=tuple(field for field in head.headers if field[0].lower() not in _FRAMING),
        body=content[0],
        chunked=False,
        payload_sha256=content[1],
        truncated=cut if cut in _CUT else "unspecified" if cut else None,
        flaws=head.flaws,
    )
    return Copy(
        replace(memento, time=time, url=record.url, status=head.status),
        as_original,
        tuple((name[:FIELD], value[:VALUE]) for name, value in head.headers[:FIELDS]),
        {"payload": digest.base32(payload.digest()), "content": content[2]},
        signals,
        bool(signals),
    )


def _content(exchange: Exchange) -> tuple[Content, str, str]:
    """The content, its SHA-256 in hex and its SHA-1 in base32."""
    content = Content(exchange.body, exchange.chunked, 0)
    sha256, sha1, size = hashlib.sha256(), hashlib.sha1(usedforsecurity=False), 0
    for piece in content.blocks():
        sha256.update(piece)
        sha1.update(piece)
        size += len(piece)
    return replace(content, size=size), sha256.hexdigest(), digest.base32(sha1.digest())


def _checked(record: wrapped.Wrapped, memento: Memento) -> datetime:
    """When it was archived, to the fraction that the record tells. Raises Unusable where it is not the record of which
    the index tells."""
    if not same(record.url, memento.url):
        raise Unusable(f"gave the record of another address, {record.url[:200]}")
    date = (record.get("WARC-Date") or "")[:40]
    try:
        time = datetime.fromisoformat(date).astimezone(UTC) if date.endswith("Z") else None
    except ValueError:
        time = None
    if time is None or time.replace(microsecond=0) != memento.time:
        raise Unusable(f"gave the record of another time, {date}")
    return time
