"""How each source stands: held or not, since when, what came last, when it is looked at again. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from preserve.catalog.holdings import Holdings, Visits
from preserve.catalog.schedule import due_at
from preserve.model import Entry, Json
from preserve.retrieve.reading import objects, text

NOT_VISITED = "not-visited"


@dataclass(frozen=True, slots=True)
class Standing:
    """One source. `active`: sources.txt asks for it; `due`: None for a source that is not active. `outcome` and
    `reason` are those of the last visit; or recovered/memento, where nothing of ours is held and a web archive's copy
    is."""

    url: str
    key: str
    active: bool
    visits: Visits | None
    due: datetime | None

    @property
    def outcome(self) -> str:
        entry = self.recovered or self.last
        return text(entry.get("outcome")) if entry else NOT_VISITED

    @property
    def reason(self) -> str:
        entry = self.recovered or self.last
        return text(entry.get("reason")) if entry else ""

    @property
    def last(self) -> Entry | None:
        """The last visit, whatever it brought."""
        return self.visits.last if self.visits else None

    @property
    def good(self) -> Entry | None:
        return self.visits.good if self.visits else None

    @property
    def recovered(self) -> Entry | None:
        """The import that stands in place of a capture; None where there is a good capture."""
        return self.visits.recovered if self.visits and self.good is None else None

    @property
    def citations(self) -> list[Json]:
        return objects(self.visits.last, "citations") if self.visits else []


def standings(holdings: Holdings, active: Iterable[tuple[str, str]], every: float) -> list[Standing]:
    """The active sources (URL and key) in their order, then those that only the archive knows. `every`: seconds."""
    found = {}
    for url, key in active:
        visits = holdings.sources.get(key)
        found[key] = Standing(url, key, True, visits, due_at(visits, every))
    for key, visits in holdings.sources.items():
        if key not in found:
            found[key] = Standing(text(visits.last.get("source")), key, False, visits, None)
    return list(found.values())


def counts(stand: Iterable[Standing]) -> Mapping[str, int]:
    """`held`: captured by us. For the sources of which no good capture exists `recovered`, which is never counted as
    held, or else the outcome of the last visit."""
    result: dict[str, int] = {}
    for one in stand:
        name = "held" if one.good else one.outcome
        result[name] = result.get(name, 0) + 1
    return result


@dataclass(frozen=True, slots=True)
class Care:
    """How the archive itself stands. `unfinished`: the last run has not said that it ended; `uncovered`: entries
    after the last checkpoint."""

    last_run: Entry | None
    last_verify: Entry | None
    unfinished: bool
    uncovered: int


def care(holdings: Holdings) -> Care:
    run, checkpoint = holdings.last.get("run"), holdings.last.get("checkpoint")
    covered = checkpoint.seq + 1 if checkpoint else 0  # a checkpoint's own entry follows from its note
    return Care(
        run, holdings.last.get("verify"), run is not None and run.get("event") == "start", holdings.size - covered
    )


def age(moment: str, now: datetime) -> float:
    """Seconds since a time of the manifest; none if it lies ahead (clocks go wrong)."""
    return max(0.0, (now - datetime.fromisoformat(moment)).total_seconds())


def now() -> datetime:
    return datetime.now(UTC)
