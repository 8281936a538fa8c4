"""What becomes of a source when its page and its films are taken together. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from preserve.capture.video.film import Taken
from preserve.model import Json, Outcome


def joined(page: Outcome, taken: Sequence[Taken], *, is_film: bool) -> Outcome:
    """`is_film`: the source is a film by its address; then the film decides, and a page about it is no substitute."""
    if not taken:
        return page
    if is_film:
        return _of_film(page, taken[0].outcome)
    failed = [one for one in taken if not one.outcome.held and not one.vain]
    told = tuple(f"film {one.item['id']}: {signal}" for one in failed for signal in one.outcome.signals)
    if page.held and (failed or any(one.outcome.reason == "partial" for one in taken)):
        return Outcome("captured", "partial", (*page.signals, *told))
    fresh = any(one.outcome.held and one.outcome.reason != "unchanged" for one in taken)
    reason = "ok" if page.reason == "unchanged" and fresh else page.reason
    return Outcome(page.outcome, reason, (*page.signals, *told))


def _of_film(page: Outcome, film: Outcome) -> Outcome:
    signals = (*page.signals, *film.signals)
    if not film.held:
        return Outcome(film.outcome, film.reason, signals)
    if not page.held:
        return Outcome("captured", "partial", (*signals, f"the film is held, its page is not: {page.reason}"))
    return Outcome(film.outcome, film.reason, signals)


def still(taken: Sequence[Taken]) -> bool:
    """Whether the films are as the visit before found them, their counts apart."""
    return all(one.outcome.reason == "unchanged" for one in taken if one.outcome.held)


def parts(taken: Sequence[Taken]) -> list[Json]:
    """The films among the parts of the source."""
    found: list[Json] = []
    for one in taken:
        if not one.vain:
            came, reason = one.outcome.held, one.outcome.reason
            found.append({"url": one.item["url"], "role": "film", "required": True, "came": came, "record": None,
                          "reason": reason})  # fmt: skip
        found += one.parts
    return found
