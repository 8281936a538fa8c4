"""When a source is to be visited again. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from preserve.catalog.holdings import Visits, held
from preserve.model import OUTCOME_OF, Entry

BACK_OFF_MOST = timedelta(days=30)  # a lost source is looked at again for ever: sites come back


def due_at(visits: Visits | None, every: float) -> datetime:
    """`every`: seconds between visits of a source that is held.

    What failed is due at once, in the next run, and so is a capture without a part that is required and only failed.
    What is lost or blocked backs off, twice as long after each visit in a row that brought nothing. What a web archive
    gave in its place changes nothing: the source itself may come back.
    """
    if visits is None or not visits.captures:
        return datetime.min.replace(tzinfo=UTC)
    last = visits.last
    ended = moment(last.get("ended") or last.time)
    if held(last) and not _incomplete(last):
        return ended + timedelta(seconds=every)
    if last.get("outcome") in ("lost", "blocked"):
        doublings = min(visits.failures - 1, 16)
        return ended + min(timedelta(seconds=every * 2**doublings), BACK_OFF_MOST)
    return ended


def _incomplete(visit: Entry) -> bool:
    """Whether a part that is required failed; one that is gone or withheld is asked for with its page."""
    missing = [part for part in visit.get("parts", ()) if part.get("required") and not part.get("came")]
    return any(OUTCOME_OF.get(part.get("reason")) not in ("lost", "blocked", "refused") for part in missing)


def moment(text: str) -> datetime:
    """A time of the manifest."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
