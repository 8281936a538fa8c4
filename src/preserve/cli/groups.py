"""Sources of which something is to be said, grouped by what became of them, in plain words with what to try next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from preserve.catalog import advice
from preserve.catalog.advice import Advice, Facts
from preserve.catalog.holdings import held
from preserve.cli import imports
from preserve.config import Config
from preserve.model import OUTCOMES, Entry
from preserve.retrieve.reading import objects, text
from preserve.terminal import safe, shorten, wrapped

SHOWN = 5  # sources of one group that a summary names; `preserve status` names all
GROUPS = 20  # of one outcome in a summary: a screen or a mail that anybody reads
_PARTS = 3  # missing parts of one source that are named
_URL = 240  # columns of an address: longer ones are no use for copying either
_WHOLE = frozenset({"ok", "unchanged"})
_ORDER = {reason: number for number, reason in enumerate(reason for reasons in OUTCOMES.values() for reason in reasons)}


@dataclass(frozen=True, slots=True)
class Told:
    """One source as it is told. `beside`: lines below its address; like it, not yet safe."""

    url: str
    outcome: str
    reason: str
    facts: Facts = field(default_factory=Facts)
    beside: tuple[str, ...] = ()

    @property
    def advice(self) -> Advice:
        if self.reason in _WHOLE or self.reason not in _ORDER:
            return Advice("")  # all is well; or an archive of tomorrow has reasons that are not known here
        return advice.of(self.reason, self.facts)


@dataclass(frozen=True, slots=True)
class Group:
    """Sources of which the same is to be said."""

    outcome: str
    reason: str
    advice: Advice
    members: tuple[Told, ...]


def told(
    entry: Entry, config: Config, *, next_visit: datetime | None = None, asked: Iterable[Entry] = (),
    beside: Sequence[str] | None = None,
) -> Told:  # fmt: skip
    """Of a source's newest visit. `asked`: the imports in its place; `beside`: None for what a summary says."""
    url, outcome, reason = (text(entry.get(name)) for name in ("source", "outcome", "reason"))
    if reason in _WHOLE:
        return Told(url, outcome, reason, beside=tuple(beside or ()))
    facts = advice.facts(entry, config, domain(entry), next_visit=next_visit, imports=asked)
    lines = _beside(entry) if beside is None else beside
    return Told(url, outcome, reason, facts, tuple(lines))


def recovered(entry: Entry, own: Told, beside: Sequence[str] | None = None) -> Told:
    """The same source with what the web archives gave, or did not: `entry` is the import, `own` our own visit."""
    if not held(entry):
        return replace(own, facts=advice.with_archives(own.facts, [entry]))
    lines = [f"from {imports.short(entry)}"] if beside is None else beside
    return Told(own.url, "recovered", "memento", replace(own.facts, own=own.reason), tuple(lines))


def domain(entry: Entry) -> str:
    """The registered domain of a source."""
    from preserve.network.manners import lane

    url = text(entry.get("request_url")) or text(entry.get("source"))
    try:
        return lane(url)
    except ValueError:  # no address at all
        return ""


def _beside(entry: Entry) -> Iterator[str]:
    if not held(entry):
        if entry.get("previous") is not None:
            yield "an earlier capture of it is held (preserve get)"
    elif entry.get("reason") == "partial":
        yield from _missing(entry)


def _missing(entry: Entry) -> Iterator[str]:
    """The required parts that did not come; where they all came, what else made it partial."""
    parts = [part for part in objects(entry, "parts") if part.get("required") and not part.get("came")]
    for part in parts[:_PARTS]:
        url = shorten(text(part.get("url")), _URL)
        yield f"missing: {text(part.get('role'))} {url} ({text(part.get('reason'))})"
    if len(parts) > _PARTS:
        yield f"missing: {len(parts) - _PARTS} more (preserve show)"
    signals = entry.get("signals")
    if not parts and isinstance(signals, list) and signals:
        yield shorten(str(signals[-1]), _URL)


def grouped(sources: Iterable[Told]) -> list[Group]:
    """By outcome, reason and what is to be said, in the order of model.OUTCOMES; sources stay in theirs."""
    found: dict[tuple[str, str, Advice], list[Told]] = {}
    for one in sources:
        words = one.advice
        found.setdefault((one.outcome, one.reason if words.why else "", words), []).append(one)
    groups = [Group(*key, tuple(members)) for key, members in found.items()]
    names = [*OUTCOMES]
    return sorted(
        groups,
        key=lambda group: (
            names.index(group.outcome) if group.outcome in names else len(names),
            _ORDER.get(group.reason, -1),
            group.advice.why,
        ),
    )


def summary(sources: Iterable[Told]) -> Iterator[tuple[str, str]]:
    """Lines with their styles; what is whole is not told."""
    groups = [group for group in grouped(sources) if group.advice.why]
    for outcome in dict.fromkeys(group.outcome for group in groups):
        mine = [group for group in groups if group.outcome == outcome]
        yield "", ""
        count = sum(len(group.members) for group in mine)
        yield f"{'captured in part' if outcome == 'captured' else outcome} ({count})", outcome
        for group in mine[:GROUPS]:
            yield from _lines(group)
        if mine[GROUPS:]:
            yield f"  and {sum(len(group.members) for group in mine[GROUPS:])} more: preserve status", ""


def _lines(group: Group) -> Iterator[tuple[str, str]]:
    yield from sentence(group.advice)
    for one in group.members[:SHOWN]:
        yield from source(one, "    ")
    if group.members[SHOWN:]:
        yield f"    and {len(group.members) - SHOWN} more: preserve status", ""


def whole(groups: Iterable[Group]) -> Iterator[tuple[str, str]]:
    """Every source of these groups, for `status`."""
    for group in groups:
        yield from sentence(group.advice)
        for one in group.members:
            yield from source(one, "    " if group.advice.why else "  ")


def sentence(advice: Advice) -> Iterator[tuple[str, str]]:
    lines = wrapped(advice.why, "  ", "  ") if advice.why else []
    lines += wrapped(f"next: {advice.try_next}", "    ", "          ") if advice.try_next else []
    yield from ((line, "") for line in lines)


def source(one: Told, indent: str) -> Iterator[tuple[str, str]]:
    yield f"{indent}{safe(shorten(one.url, _URL))}", ""
    lines = (line for text in one.beside for line in wrapped(text, f"{indent}  ", f"{indent}    "))
    yield from ((line, "") for line in lines)
