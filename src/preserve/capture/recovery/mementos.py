"""Which copies are fetched first: those nearest to a date, and the best later one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from preserve.capture.recovery import digest
from preserve.capture.recovery.archive import Memento

NEAREST, LATER = "nearest", "best-later"


def nearest(mementos: Iterable[Memento], date: datetime) -> list[Memento]:
    """All of them, the one nearest to the date first; of the same second the true record before a played back one, and
    one that the index calls 200 before one of which it says nothing."""
    return sorted(
        mementos,
        key=lambda one: (abs(one.time - date), one.wrapped is None, one.status is None, one.archive, one.url),
    )


def later(mementos: Iterable[Memento], taken: Memento) -> list[Memento]:
    """Those after the one that was taken, the newest first, without those of which the index says that they are it."""
    sha1 = digest.plain(taken.digest)
    others = [one for one in mementos if one.time > taken.time and (not sha1 or digest.plain(one.digest) != sha1)]
    return sorted(others, key=lambda one: (one.time, one.wrapped is not None, one.status is not None), reverse=True)


def resolved(mementos: Iterable[Memento]) -> list[Memento]:
    """Without the lines that only repeat a body which another line of the same archive has at the same second; a
    repetition of a body that is known to have come with 200 counts as such."""
    known = list(mementos)
    good = {(one.archive, one.digest) for one in known if one.status == 200 and one.digest}
    said = {(one.archive, one.time) for one in known if one.status == 200}
    return [
        one if one.status == 200 else replace(one, status=200 if (one.archive, one.digest) in good else None)
        for one in known
        if one.status == 200 or (one.archive, one.time) not in said
    ]
