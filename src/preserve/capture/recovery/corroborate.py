"""Whether a third party saw the same bytes: our payload's SHA-1 in the index of the Wayback Machine.

It costs a question for each source, and tells the archive which addresses are looked at: only where it is asked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from preserve.capture.recovery import digest, wayback
from preserve.capture.recovery.archive import INDEX, Memento
from preserve.model import Exchange, Json, timestamp
from preserve.network import decode
from preserve.network.session import Hop, Session

SIGHTINGS = 5  # lines asked for of the index, which is in the order of time: the first of our address is what counts


@dataclass(frozen=True, slots=True)
class Sum:
    """The SHA-1 sums of one answer, taken while its body is at hand. `of`: base32 -> payload or content."""

    url: str
    of: dict[str, str]


def sums(exchange: Exchange) -> Sum:
    """Reads the body. A coding that cannot be undone leaves the payload alone."""
    return Sum(exchange.url, {sha1: what for what, sha1 in reversed(digest.sha1s(exchange).items())})


async def corroborate(session: Session, keep: Callable[[Hop], Awaitable[None]], ours: Sum) -> list[Json]:
    """The items of `elsewhere`: who saw these bytes at this address, and when; or that nobody is known to have."""
    if not ours.of:
        return []
    question = wayback.sightings(ours.url, list(ours.of), SIGHTINGS)
    visit = await session.visit(question.url, keep=keep, how=question.how)
    try:
        if visit.fault is not None or visit.final is None or visit.final.status != 200:
            status = visit.final.status if visit.final else None
            return [_nothing(ours, visit.fault.message if visit.fault else f"its index answered with status {status}")]
        data = decode.head(decode.content(visit.final), INDEX)
        found = wayback.Wayback().parse(data, ours.url).mementos
    except ValueError as error:
        return [_nothing(ours, str(error))]
    finally:
        visit.close()
    same = [one for one in found if digest.plain(one.digest) in ours.of]
    return [_sighting(min(same, key=lambda one: one.time), ours) if same else _nothing(ours)]


def _sighting(one: Memento, ours: Sum) -> Json:
    sha1 = digest.plain(one.digest) or ""
    return {
        "archive": one.archive,
        "time": timestamp(one.time),
        "digest": sha1,
        "same": True,
        "of": ours.of[sha1],
        "uri": one.uri,
        "error": None,
    }


def _nothing(ours: Sum, error: str | None = None) -> Json:
    """`digest`: ours, to be looked for again."""
    sha1, of = next(iter(ours.of.items()))
    return {
        "archive": "wayback", "time": None, "digest": sha1, "same": False, "of": of, "uri": None, "error": error,
    }  # fmt: skip
