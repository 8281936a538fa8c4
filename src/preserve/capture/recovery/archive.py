"""A web archive as it is asked: which questions, what its index says, how its answer is the original's. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import quote

from preserve.capture.recovery.address import same
from preserve.model import Exchange, Json, Limits
from preserve.network.policy import MAX_URL
from preserve.network.session import How

TIME = 120.0  # seconds for one answer of an index: a busy one looks through billions of lines; playback is as slow
TRIES = 2  # of one question: who is overloaded is not helped by more, and an archive has three chances in a run
INDEX = 4 * 1024**2  # bytes of one index answer: 200 lines of the longest URLs; what is longer was not asked for
ROWS = 500  # mementos read of one answer; we ask for fewer
LINE = 64 * 1024  # characters of one line of an index: a URL of 16 KB, three times escaped
FIELD = 300  # characters kept of a digest, a type or a header's name

_STAMP = re.compile(r"\d{14}")


@dataclass(frozen=True, slots=True)
class Question:
    """One request to a web archive."""

    url: str
    how: How


@dataclass(frozen=True, slots=True)
class Memento:
    """One archived answer, as an index tells of it. Nothing in it is known to be true before it was fetched."""

    archive: str
    time: datetime  # when it was archived
    url: str  # as the archive spells it
    uri: str  # for people
    ask: Question  # brings its bytes
    status: int | None = None  # None: the index does not say (a revisit, a TimeMap)
    mime: str | None = None
    digest: str | None = None  # as the archive gives it
    wrapped: str | None = None  # warc: the answer is the archive's own record


@dataclass(frozen=True, slots=True)
class Found:
    """What an index answered: the mementos of the source, how many lines it had, and how many were no use."""

    mementos: tuple[Memento, ...] = ()
    rows: int = 0
    skipped: int = 0  # malformed, or of another address


@dataclass(frozen=True, slots=True)
class Copy:
    """What came for a memento, as the original's own answer: `exchange` has the original's URL, status and fields."""

    memento: Memento  # with what the answer itself says of time and address
    exchange: Exchange
    headers: tuple[tuple[str, str], ...]  # the original's, as the archive gives them
    sha1s: Mapping[str, str]  # base32, of the body as it came (payload) and with its coding undone (content)
    signals: tuple[str, ...] = ()
    doubtful: bool = False  # it contradicts itself


class Unusable(Exception):
    """The answer to a memento is no copy of the source; the words say why."""


class WebArchive(Protocol):
    """One web archive. `known` says where it cannot have anything; the questions of `queries` are asked in order."""

    @property
    def name(self) -> str:
        """As it stands in entries and in the configuration."""
        ...

    @property
    def title(self) -> str:
        """For people."""
        ...

    @property
    def catalog(self) -> Question | None:
        """Asked once a run, before its first query."""
        ...

    def queries(self, url: str, date: datetime, catalog: bytes) -> Sequence[Question]: ...

    def further(self, url: str, found: Found) -> Question | None:
        """What is to be asked where `found` cannot be all there is."""
        ...

    def parse(self, data: bytes, url: str) -> Found:
        """The mementos of `url` in the answer to a query. Raises ValueError for what is no index at all."""
        ...

    def open(self, memento: Memento, final_url: str, exchange: Exchange) -> Copy:
        """The answer to `memento.ask` as the original's. Raises Unusable."""
        ...


def query(url: str, delay: float) -> Question:
    """A question to an index. `delay`: seconds of silence after the answer."""
    return Question(url, How(delay=delay, tries=TRIES, limits=Limits(body=INDEX, time=TIME)))


def playback(url: str, delay: float) -> Question:
    """A question for a copy: it may be as large, and take as long, as the original might have."""
    return Question(url, How(delay=delay, tries=TRIES))


def stamp(moment: datetime) -> str:
    """The fourteen digits by which web archives name a second."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S").zfill(14)


def moment(text: object) -> datetime | None:
    """The second that fourteen digits name, or None."""
    if not isinstance(text, str) or not _STAMP.fullmatch(text) or not text.isascii():
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def told(moment: datetime) -> str:
    """A second, for people."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def number(text: object) -> int | None:
    """A count as indexes spell it, a number or its digits."""
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 15:
        return int(text)
    return text if isinstance(text, int) and not isinstance(text, bool) and 0 <= text < 10**15 else None


def word(text: object) -> str | None:
    """A short field of an index; `-` and what is none are None."""
    if not isinstance(text, str) or text in ("", "-") or len(text) > FIELD or not text.isprintable():
        return None
    return text


def link(text: object) -> str | None:
    """An address in an index, in its spelling."""
    if not isinstance(text, str) or len(text) > MAX_URL or not text.isprintable():
        return None
    return text if text.lower().startswith(("http://", "https://")) else None


def lines(data: bytes) -> Iterator[str]:
    """The lines of an answer, empty ones left out; a line without end is cut, and then no JSON any more."""
    for line in data.decode("utf-8", "replace").splitlines():
        if line := line.strip():
            yield line[: LINE + 1]


def objects(data: bytes) -> Iterator[Mapping[str, Json] | None]:
    """The JSON objects of an answer that has one in each line; None for a line that is none."""
    for line in lines(data):
        value = loads(line) if len(line) <= LINE else None
        yield value if isinstance(value, dict) else None


def loads(text: str) -> Json:
    """A JSON value, or None for what is none and for what is nested beyond reading."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def in_query(url: str) -> str:
    """An address as the value of a query's parameter."""
    return quote(url, safe="")


def gathered(rows: Iterator[Memento | None], url: str) -> Found:
    """What is of the source; at most ROWS lines are looked at."""
    kept: list[Memento] = []
    count = 0
    for memento in rows:
        count += 1
        if memento is not None and same(memento.url, url):
            kept.append(memento)
        if count == ROWS:
            break
    return Found(tuple(kept), count, count - len(kept))


def joined(parts: Sequence[Found]) -> Found:
    """Several answers of one archive; a memento that two of them name is one."""
    unique = dict.fromkeys(memento for part in parts for memento in part.mementos)
    return Found(tuple(unique), sum(part.rows for part in parts), sum(part.skipped for part in parts))
