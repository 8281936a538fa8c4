"""Arquivo.pt, the Portuguese web archive: a CDXJ server and copies as archived (`noFrame/replay`, `id_`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from preserve.capture.recovery import replay
from preserve.capture.recovery.address import spelled
from preserve.capture.recovery.archive import (
    Copy,
    Found,
    Memento,
    Question,
    Unusable,
    gathered,
    in_query,
    link,
    moment,
    number,
    objects,
    playback,
    query,
    stamp,
    word,
)
from preserve.model import Exchange, Json

NEAREST = 100  # lines asked for around the date
LATEST = 20  # and of the newest, where there are more
DELAY = 0.3  # seconds: 200 in a minute; above 250 an address may be shut out for good

_HOST = "https://arquivo.pt"


@dataclass(frozen=True, slots=True)
class Arquivo:
    name: str = "arquivo"
    title: str = "Arquivo.pt"
    catalog: None = None

    def queries(self, url: str, date: datetime, catalog: bytes) -> Sequence[Question]:
        return (_query(url, f"sort=closest&closest={stamp(date)}&limit={NEAREST}"),)

    def further(self, url: str, found: Found) -> Question | None:
        return _query(url, f"sort=reverse&limit={LATEST}") if found.rows >= NEAREST else None

    def parse(self, data: bytes, url: str) -> Found:
        return gathered((self._memento(row) if row else None for row in objects(data)), url)

    def _memento(self, row: Mapping[str, Json]) -> Memento | None:
        time, url, status = moment(row.get("timestamp")), link(row.get("url")), number(row.get("status"))
        asked = replay.address(f"{_HOST}/noFrame/replay/", stamp(time), url) if time and url else None
        if time is None or url is None or asked is None or status not in (200, None):
            return None
        return Memento(
            self.name,
            time,
            url,
            f"{_HOST}/wayback/{stamp(time)}/{spelled(url)}",
            playback(asked, DELAY),
            status,
            word(row.get("mime")),
            word(row.get("digest")),
        )

    def open(self, memento: Memento, final_url: str, exchange: Exchange) -> Copy:
        if not final_url.startswith(f"{_HOST}/"):
            raise Unusable(f"led to {final_url[:200]}")
        return replay.open_copy(memento, final_url, exchange)


def _query(url: str, how: str) -> Question:
    return query(f"{_HOST}/wayback/cdx?url={in_query(url)}&output=json&{how}", DELAY)
