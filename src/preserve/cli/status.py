"""preserve status"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import click

from preserve.catalog.holdings import fold
from preserve.cli import groups, imports
from preserve.cli.films import short
from preserve.cli.main import Context
from preserve.config import Config
from preserve.model import OUTCOMES, Entry, Json, timestamp
from preserve.retrieve.reading import Reading, place, text
from preserve.retrieve.standing import NOT_VISITED, Care, Standing, age, care, counts, now, standings
from preserve.terminal import complain, emit, out, span_text, time_text, wrapped

_CITATIONS_SHOWN = 3


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a source, then a summary.")
@click.pass_obj
def command(context: Context, as_json: bool) -> int:
    """Every source: held or not, what came last, the last good capture, the next visit, who cites it."""
    reading = Reading(context.config.archive_path, complain)
    holdings = fold(reading.entries())
    stand = standings(holdings, _active(context.config), context.config.recapture.every)
    if as_json:
        for one in stand:
            emit(_source_json(one, context.config))
        emit(_summary_json(stand, care(holdings)))
    else:
        for line, style in _lines(stand, care(holdings), context.config, brief=context.verbosity < 0):
            out(line, style=style)
    return reading.exit_code


def _active(config: Config) -> list[tuple[str, str]]:
    """URL and key of the sources that a run would visit."""
    from preserve import sources
    from preserve.documents.url import identity

    return [(url, identity(url) or url) for url in sources.active(sources.load(config.sources_path))]


def _lines(stand: Sequence[Standing], care: Care, config: Config, *, brief: bool) -> Iterator[tuple[str, str]]:
    moment = now()
    for outcome in () if brief else (*OUTCOMES, NOT_VISITED):
        group = [_told(one, config, moment) for one in stand if one.outcome == outcome]
        if group:
            yield f"{outcome} ({len(group)})", outcome
            yield from groups.whole(groups.grouped(group))
            yield "", ""
    yield from ((line, "") for line in wrapped(_sentence(stand, care, moment)))
    for line in _worries(care):
        yield line, "warning"


def _told(one: Standing, config: Config, moment: datetime) -> groups.Told:
    beside = [_about(one, moment)]
    if one.citations:
        beside.append(f"cited in {_cited(one.citations)}")
    if one.visits is None or one.last is None:
        return groups.Told(one.url, NOT_VISITED, "", beside=tuple(beside))
    own = groups.told(one.last, config, next_visit=one.due, asked=one.visits.imports, beside=beside)
    return groups.recovered(one.recovered, own, beside) if one.recovered else own


def _about(one: Standing, moment: datetime) -> str:
    if one.visits is None:
        return "never visited; the next run will"
    good, last = one.good, one.visits.last
    parts = [f"{one.reason} on {time_text(text(last.get('started')))}"]
    if one.recovered:
        own = f"{text(last.get('outcome'))}/{text(last.get('reason'))} on {time_text(text(last.get('started')))}"
        parts = [own, f"held from {imports.short(one.recovered)} (preserve get {one.recovered.id[:12]})"]
    elif good is None:
        parts.append("nothing held")
    elif good is not one.visits.last:
        parts.append(f"last good capture {time_text(text(good.get('started')))} (preserve get {good.id[:12]})")
    parts += filter(None, [short(one.visits.last)])
    parts.append(_next(one.due, moment))
    return "; ".join(parts)


def _next(due: datetime | None, moment: datetime) -> str:
    if due is None:
        return "not in sources.txt any more"
    return "due now" if due <= moment else f"next visit {time_text(due)}"


def _cited(citations: Sequence[Json]) -> str:
    shown = ", ".join(place(item) for item in citations[:_CITATIONS_SHOWN])
    more = len(citations) - _CITATIONS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _sentence(stand: Sequence[Standing], care: Care, moment: datetime) -> str:
    """`12 sources: 9 held, 2 lost, 1 blocked; last run 3 hours ago; last verify 3 days ago, sound`."""
    found = ", ".join(f"{count} {name.replace('-', ' ')}" for name, count in counts(stand).items())
    noun = "source" if len(stand) == 1 else "sources"
    parts = [f"{len(stand)} {noun}: {found}" if stand else "no sources yet"]
    parts.append(f"last run {_ago(care.last_run, moment)}" if care.last_run else "no run yet")
    parts.append(_verified(care.last_verify, moment))
    return "; ".join(parts)


def _verified(verify: Entry | None, moment: datetime) -> str:
    if verify is None:
        return "never verified"
    return f"last verify {_ago(verify, moment)}, {'sound' if verify.get('sound') is True else 'DAMAGE FOUND'}"


def _ago(entry: Entry, moment: datetime) -> str:
    return f"{span_text(age(entry.time, moment))} ago"


def _worries(care: Care) -> Iterator[str]:
    if care.unfinished and care.last_run:
        yield f"the run of {time_text(care.last_run.time)} has not ended: it goes on now, or was interrupted"
    if care.uncovered:
        noun = "entry is" if care.uncovered == 1 else "entries are"
        yield f"{care.uncovered} {noun} not covered by a checkpoint yet; the end of the next run covers them"


def _source_json(one: Standing, config: Config) -> Json:
    last, good = one.visits.last if one.visits else None, one.good
    advice = _told(one, config, now()).advice
    return {
        "event": "source",
        "source": one.url,
        "key": one.key,
        "active": one.active,
        "held": good is not None,
        "outcome": one.outcome if last else None,
        "reason": one.reason if last else None,
        "why": advice.why,
        "try": advice.try_next,
        "visited": last.get("started") if last else None,
        "last": {name: last.get(name) for name in ("outcome", "reason")} if last else None,
        "failures": one.visits.failures if one.visits else 0,
        "good": {"capture": good.id, "seq": good.seq, "started": good.get("started")} if good else None,
        "recovered": imports.summary(one.recovered) if one.recovered else None,
        "next": timestamp(one.due) if one.due and one.visits else None,
        "citations": one.citations,
    }


def _summary_json(stand: Sequence[Standing], care: Care) -> Json:
    run, verify = care.last_run, care.last_verify
    return {
        "event": "summary",
        "sources": len(stand),
        "counts": dict(counts(stand)),
        "last_run": {"run": run.run, "time": run.time, "ended": run.get("ended")} if run else None,
        "last_verify": {"time": verify.time, "level": verify.get("level"), "sound": verify.get("sound")}
        if verify
        else None,
        "unfinished": care.unfinished,
        "uncovered": care.uncovered,
    }
