"""Common Crawl: an index for each of its crawls, and the records themselves, by their place in its WARC files.

What comes is the crawler's own record, with the original's head: the best proof that an archive can give. A crawl
holds a sample of the web; which of them has a page nobody knows without asking, so the crawls nearest to the date are
asked, and few of them: the index is one small server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from preserve.capture.recovery import foreign
from preserve.capture.recovery.archive import (
    TIME,
    TRIES,
    Copy,
    Found,
    Memento,
    Question,
    gathered,
    in_query,
    link,
    loads,
    moment,
    number,
    objects,
    query,
    word,
)
from preserve.model import Exchange, Json, Limits
from preserve.network.session import How

COLLECTIONS = 5  # crawls asked about one source
CRAWLS = 1_000  # read of the list of crawls, which has some 120
ROWS = 20  # lines asked for of one crawl, which has seldom more than two of a page
DELAY = 1.0  # seconds, of the index and of the records: what its operators ask for

_INDEX = "https://index.commoncrawl.org"
_DATA = "https://data.commoncrawl.org"
_CRAWL = re.compile(r"https://index\.commoncrawl\.org/CC-MAIN-(\d{4})-(\d{2})-index", re.ASCII)
# The crawls before 2013 are in an older format than WARC.
_FILE = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_.-]*/){1,12}[A-Za-z0-9][A-Za-z0-9_.-]*\.warc\.gz", re.ASCII)


@dataclass(frozen=True, slots=True)
class CommonCrawl:
    name: str = "commoncrawl"
    title: str = "Common Crawl"

    @property
    def catalog(self) -> Question:
        return query(f"{_INDEX}/collinfo.json", DELAY)

    def queries(self, url: str, date: datetime, catalog: bytes) -> Sequence[Question]:
        how = f"url={in_query(url)}&output=json&filter={in_query('=status:200')}&limit={ROWS}"
        return tuple(query(f"{index}?{how}", DELAY) for index in chosen(crawls(catalog), date))

    def further(self, url: str, found: Found) -> Question | None:
        return None

    def parse(self, data: bytes, url: str) -> Found:
        return gathered((self._memento(row) if row else None for row in objects(data)), url)

    def _memento(self, row: Mapping[str, Json]) -> Memento | None:
        time, url, file = moment(row.get("timestamp")), link(row.get("url")), row.get("filename")
        offset, length = number(row.get("offset")), number(row.get("length"))
        if time is None or url is None or number(row.get("status")) != 200 or offset is None:
            return None
        if not isinstance(file, str) or len(file) > 300 or not _FILE.fullmatch(file):
            return None
        if not length or length > foreign.MEMBER:
            return None
        last = offset + length - 1
        # Whoever does not know ranges would send the whole file, a gigabyte: more than the record is not received.
        limits = Limits(body=length, time=TIME)
        how = How(headers=(("Range", f"bytes={offset}-{last}"),), delay=DELAY, tries=TRIES, limits=limits)
        return Memento(
            self.name,
            time,
            url,
            f"{_DATA}/{file}#bytes={offset}-{last}",
            Question(f"{_DATA}/{file}", how),
            200,
            word(row.get("mime")),
            word(row.get("digest")),
            "warc",
        )

    def open(self, memento: Memento, final_url: str, exchange: Exchange) -> Copy:
        return foreign.open_copy(memento, exchange)


def crawls(catalog: bytes) -> list[tuple[datetime, str]]:
    """The crawls of `collinfo.json` as (about when they ended, address of the index). Raises ValueError."""
    listed = loads(catalog.decode("utf-8", "replace"))
    if not isinstance(listed, list):
        raise ValueError("its list of crawls is none")
    found = []
    for one in listed[:CRAWLS]:
        index = one.get("cdx-api") if isinstance(one, dict) else None
        match = _CRAWL.fullmatch(index) if isinstance(index, str) else None
        if match and index and (ended := _week(int(match[1]), int(match[2]))):
            found.append((ended, index))
    return sorted(found)


def _week(year: int, week: int) -> datetime | None:
    """CC-MAIN-2016-50: of the week in which the crawl was done."""
    try:
        return datetime.fromisocalendar(year, min(max(week, 1), 52), 7).replace(tzinfo=UTC)
    except ValueError:
        return None


def chosen(found: Sequence[tuple[datetime, str]], date: datetime) -> list[str]:
    """The crawl nearest to the date and those that followed it; earlier ones where there are not enough."""
    if not found:
        return []
    nearest = min(range(len(found)), key=lambda index: (abs(found[index][0] - date), found[index][0]))
    first = max(0, min(nearest, len(found) - COLLECTIONS))
    around = found[first : first + COLLECTIONS]
    return [index for _, index in sorted(around, key=lambda one: abs(one[0] - date))]
