"""Copies as replay software gives them: Wayback, OpenWayback, pywb. Pure.

`<prefix>/<14 digits>id_/<original>` is the body as archived; the original's header fields come with the prefix
`x-archive-orig-`, and Memento-Datetime (RFC 7089) says that the answer is a memento and of when.
"""

from __future__ import annotations

import email.utils
import re
from dataclasses import replace
from datetime import UTC, datetime

from preserve.capture.recovery import digest
from preserve.capture.recovery.address import same, spelled
from preserve.capture.recovery.archive import FIELD, Copy, Memento, Unusable, stamp, told
from preserve.model import Exchange

FIELDS = 200  # header fields of an original; a head of ours may have some thousands
VALUE = 8 * 1024  # characters of one of them: the longest policies are below

_PLAYED = re.compile(r"(https?://[^/?#]+(?:/[^?#]*?)?/)(\d{14})([a-z]{2}_)?/(https?:/.*)", re.ASCII)
_ORIGINAL = "x-archive-orig-"
_LINK = re.compile(r'<([^<>]{1,16384})>\s*;[^<>,]*?\brel="?original"?', re.ASCII)


def raw(uri: str) -> str | None:
    """The address of the unaltered bytes of a memento; None where its own address is none of replay software."""
    match = _PLAYED.fullmatch(uri)
    return f"{match[1]}{match[2]}id_/{match[4]}" if match else None


def embedded(uri: str) -> str | None:
    """The original that the address of a memento names in replay software."""
    match = _PLAYED.fullmatch(uri)
    return match[4] if match else None


def address(prefix: str, digits: str, url: str) -> str | None:
    """The address under which an archive plays back an original, None where that is no address."""
    original = spelled(url)
    return f"{prefix}{digits}id_/{original}" if original else None


def open_copy(memento: Memento, final_url: str, exchange: Exchange) -> Copy:
    """The answer as the original's. Raises Unusable."""
    if exchange.status != 200:
        raise Unusable(f"answered with status {exchange.status}")
    time = archived_at(exchange)
    if time is None:
        raise Unusable("gave an answer that does not say when it was archived")
    url = _original(exchange, final_url) or memento.url
    if not same(url, memento.url):
        raise Unusable(f"gave a copy of another address, {url[:200]}")
    signals = []
    if time != memento.time:
        signals.append(f"the archive gave its copy of {told(time)}, not that of {told(memento.time)}")
    headers = originals(exchange)
    coding = [("Content-Encoding", value)] if (value := exchange.header("content-encoding")) else []
    as_original = replace(exchange, url=memento.url, headers=(*headers, *coding))
    # The index tells the digest of the copy that was asked for, of no other.
    indexed = memento.digest if time == memento.time else None
    uri = memento.uri.replace(f"/{stamp(memento.time)}/", f"/{stamp(time)}/", 1)
    found = replace(memento, time=time, url=url, uri=uri, digest=indexed, status=exchange.status)
    return Copy(found, as_original, headers, digest.sha1s(as_original), tuple(signals))


def archived_at(exchange: Exchange) -> datetime | None:
    """The time of Memento-Datetime."""
    value = exchange.header("memento-datetime")
    if not value or len(value) > FIELD:
        return None
    try:
        moment = email.utils.parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def originals(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    """The header fields of the original that the archive hands on, with its type, which is handed on as it was."""
    found: list[tuple[str, str]] = []
    for name, value in exchange.headers:
        low = name.lower()
        kept = name[len(_ORIGINAL) :] if low.startswith(_ORIGINAL) else name if low == "content-type" else ""
        if kept and len(kept) <= FIELD and len(value) <= VALUE and len(found) < FIELDS:
            found.append((kept, value))
    return tuple(found)


def _original(exchange: Exchange, final_url: str) -> str | None:
    """Of which address the answer is a copy: as its Link field says, else as its own address does."""
    for name, value in exchange.headers:
        if name.lower() == "link" and (match := _LINK.search(value[: 64 * 1024])):
            return match[1]
    return embedded(final_url)
