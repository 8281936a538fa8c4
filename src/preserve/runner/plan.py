"""Which sources are due, and which citations each serves. Pure."""

from __future__ import annotations

import fnmatch
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from preserve.capture.entry import Previous
from preserve.catalog.holdings import Holdings
from preserve.catalog.schedule import due_at
from preserve.model import Citation, Source


@dataclass(frozen=True, slots=True)
class Due:
    source: Source
    previous: Previous


@dataclass(frozen=True, slots=True)
class Plan:
    due: tuple[Due, ...]
    not_due: tuple[Source, ...]


def sources(active: Iterable[tuple[str, str]], citations: Iterable[Citation]) -> list[Source]:
    """`active`: URL and key of each, in the order of sources.txt. Every citation of the same key is served."""
    served: defaultdict[str, list[Citation]] = defaultdict(list)
    for citation in citations:
        for key in dict.fromkeys((citation.key, *(derived.key for derived in citation.derived))):
            if key:
                served[key].append(citation)
    return [Source(url, key, tuple(served[key])) for url, key in active]


def plan(
    wanted: Sequence[Source], holdings: Holdings, *, now: datetime, every: float, only: str = "", force: bool = False
) -> Plan:
    """`only`: a glob over URLs. What it leaves out is neither due nor "not due": nobody asked for it."""
    due: list[Due] = []
    later: list[Source] = []
    for source in wanted:
        if only and not fnmatch.fnmatchcase(source.url, only):
            continue
        visits = holdings.sources.get(source.key)
        if force or due_at(visits, every) <= now:
            due.append(Due(source, Previous(visits.last, visits.good) if visits else Previous()))
        else:
            later.append(source)
    return Plan(tuple(due), tuple(later))
