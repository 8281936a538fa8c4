"""Any other web archive that lists its copies in a TimeMap (RFC 7089): as links, or as JSON.

A TimeMap tells neither status nor digest, so what comes can be judged, but not checked against the archive's index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from preserve.capture.recovery import replay
from preserve.capture.recovery.address import allowed, spelled
from preserve.capture.recovery.archive import (
    Copy,
    Found,
    Memento,
    Question,
    Unusable,
    gathered,
    link,
    loads,
    moment,
    number,
    objects,
    playback,
    query,
    stamp,
    word,
)
from preserve.model import Exchange, Json

DELAY = 1.0  # seconds: nobody told us a rate, so it is that of a patient reader

# One link and its parameters; whatever stands between two of them is passed over.
_LINK = re.compile(r"<([^<>]{1,16384})>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\",;<>]*))*)", re.ASCII)
_PARAMETER = re.compile(r";\s*([\w*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\",;<>]*))", re.ASCII)
_BASE = re.compile(r"(https?://.+/)timemap/json/(?:\{url\})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class TimeMap:
    """`address`: the URL of a source is put behind it, or in place of {url}: https://example.org/all/timemap/link/."""

    name: str
    address: str

    @property
    def title(self) -> str:
        return self.name

    @property
    def catalog(self) -> Question | None:
        return None

    def queries(self, url: str, date: datetime, catalog: bytes) -> Sequence[Question]:
        original = spelled(url) or ""
        whole = self.address.replace("{url}", original) if "{url}" in self.address else self.address + original
        return (query(whole, DELAY),)

    def further(self, url: str, found: Found) -> Question | None:
        return None

    def parse(self, data: bytes, url: str) -> Found:
        """Links; an object with `mementos.list`; or an object in each line, as pywb does."""
        start = data[:64].lstrip()[:1]
        if start == b"<":
            return gathered(self._linked(data.decode("utf-8", "replace"), url), url)
        if start != b"{":
            if not start:
                return Found()
            raise ValueError("its TimeMap is neither links nor JSON")
        whole = loads(data.decode("utf-8", "replace"))
        if isinstance(whole, dict) and isinstance(whole.get("mementos"), dict):
            return gathered(self._listed(whole["mementos"].get("list"), url), url)
        return gathered((self._line(row) if row else None for row in objects(data)), url)

    def _linked(self, text: str, url: str) -> Iterator[Memento | None]:
        for match in _LINK.finditer(text):
            fields = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(match[2])}
            if "memento" in fields.get("rel", "").split():
                yield self._memento(match[1], _date(fields.get("datetime")), url)

    def _listed(self, mementos: Json, url: str) -> Iterator[Memento | None]:
        for one in mementos if isinstance(mementos, list) else ():
            uri, time = (one.get("uri"), one.get("datetime")) if isinstance(one, dict) else (None, None)
            yield self._memento(uri, _iso(time), url)

    def _line(self, row: Mapping[str, Json]) -> Memento | None:
        """A line of pywb's index, from which the place of the copy follows."""
        time, url, base = moment(row.get("timestamp")), link(row.get("url")), _BASE.fullmatch(self.address)
        if time is None or url is None or base is None or number(row.get("status")) not in (200, None):
            return None
        found = self._memento(f"{base[1]}{stamp(time)}/{spelled(url)}", time, url)
        return found and replace(found, mime=word(row.get("mime")), digest=word(row.get("digest")))

    def _memento(self, uri: Json, time: datetime | None, url: str) -> Memento | None:
        if time is None or link(uri) is None or not allowed(uri):
            return None
        return Memento(self.name, time, replay.embedded(uri) or url, uri, playback(replay.raw(uri) or uri, DELAY))

    def open(self, memento: Memento, final_url: str, exchange: Exchange) -> Copy:
        if not allowed(final_url):
            raise Unusable(f"led to {final_url[:200]}")
        copy = replay.open_copy(memento, final_url, exchange)
        if replay.raw(memento.uri) is not None:
            return copy
        return replace(copy, signals=(*copy.signals, "as the archive shows it: the original's bytes may be others"))


def _date(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime((text or "")[:100])
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def _iso(text: Json) -> datetime | None:
    try:
        found = datetime.fromisoformat(text[:40]) if isinstance(text, str) else None
    except ValueError:
        return None
    return found and (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
