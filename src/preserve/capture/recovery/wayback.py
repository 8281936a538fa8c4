"""The Wayback Machine of the Internet Archive: its index (CDX server), its copies as archived (`id_`).

Its index holds SHA-1 digests in base32, of the body as it lies in its WARC files. What plays it back may change the
coding on the way, so a digest that is not found again proves nothing against a copy; one that is found proves it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    loads,
    moment,
    number,
    playback,
    query,
    stamp,
    word,
)
from preserve.model import Exchange, Json

NEAREST = 100  # lines asked for around the date
LATEST = 20  # and of the newest, where there are more
CDX_DELAY = 2.5  # seconds: 24 in a minute; the index closes its door at 30
PLAY_DELAY = 0.5  # seconds: 2 in a second; playback allows 10, and programs are asked to stay at 8

_HOST = "https://web.archive.org"
_INDEX = f"{_HOST}/cdx/search/cdx"
_FIELDS = ("timestamp", "original", "mimetype", "statuscode", "digest")


@dataclass(frozen=True, slots=True)
class Wayback:
    name: str = "wayback"
    title: str = "the Wayback Machine"
    catalog: None = None

    def queries(self, url: str, date: datetime, catalog: bytes) -> Sequence[Question]:
        return (_query(url, f"sort=closest&closest={stamp(date)}&limit={NEAREST}"),)

    def further(self, url: str, found: Found) -> Question | None:
        """As many as were asked for: there may be more, and the newest is wanted too."""
        return _query(url, f"fastLatest=true&limit=-{LATEST}") if found.rows >= NEAREST else None

    def parse(self, data: bytes, url: str) -> Found:
        """An array of arrays, the names of the fields first; nothing at all where there is nothing."""
        if not data.strip():
            return Found()
        table = loads(data.decode("utf-8", "replace"))
        if not isinstance(table, list) or not all(isinstance(row, list) for row in table):
            raise ValueError("its index did not answer with a list")
        if not table:
            return Found()
        names = table[0]
        rows = (dict(zip(names, row, strict=False)) if _words(names) else {} for row in table[1:])
        return gathered(self._mementos(rows), url)

    def _mementos(self, rows: Iterator[dict[str, Json]]) -> Iterator[Memento | None]:
        for row in rows:
            yield self._memento(row)

    def _memento(self, row: dict[str, Json]) -> Memento | None:
        time, url, status = moment(row.get("timestamp")), link(row.get("original")), number(row.get("statuscode"))
        # A line without a status repeats an earlier body ("revisit"): what is played back tells.
        if time is None or url is None or status not in (200, None):
            return None
        asked = replay.address(f"{_HOST}/web/", stamp(time), url)
        if asked is None:
            return None
        return Memento(
            self.name,
            time,
            url,
            f"{_HOST}/web/{stamp(time)}/{spelled(url)}",
            playback(asked, PLAY_DELAY),
            status,
            word(row.get("mimetype")),
            word(row.get("digest")),
        )

    def open(self, memento: Memento, final_url: str, exchange: Exchange) -> Copy:
        if not final_url.startswith(f"{_HOST}/web/"):
            raise Unusable(f"led to {final_url[:200]}")
        return replay.open_copy(memento, final_url, exchange)


def sightings(url: str, sha1s: Sequence[str], most: int) -> Question:
    """The first times that the index has one of these digests at this address."""
    either = "|".join(sha1s)
    return _query(url, f"filter={in_query(f'digest:({either})')}&limit={most}")


def _query(url: str, how: str) -> Question:
    # Redirects and errors are no copies of the source; lines without a status are kept (`-`).
    wanted = f"fl={','.join(_FIELDS)}&filter={in_query('!statuscode:[1345]..')}"
    return query(f"{_INDEX}?url={in_query(url)}&output=json&{wanted}&{how}", CDX_DELAY)


def _words(names: Json) -> bool:
    return all(isinstance(name, str) for name in names)
