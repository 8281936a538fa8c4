"""preserve status"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import click

from preserve.catalog.holdings import fold
from preserve.cli.films import short
from preserve.cli.main import Context
from preserve.config import Config
from preserve.model import OUTCOMES, Entry, Json, timestamp
from preserve.retrieve.reading import Reading, place, text
from preserve.retrieve.standing import NOT_VISITED, Care, Standing, age, care, counts, now, standings
from preserve.terminal import complain, emit, out, safe, span_text, time_text

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
            emit(_source_json(one))
        emit(_summary_json(stand, care(holdings)))
    else:
        for line, style in _lines(stand, care(holdings), now(), brief=context.verbosity < 0):
            out(line, style=style)
    return reading.exit_code


def _active(config: Config) -> list[tuple[str, str]]:
    """URL and key of the sources that a run would visit."""
    from preserve import sources
    from preserve.documents.url import identity

    return [(url, identity(url) or url) for url in sources.active(sources.load(config.sources_path))]


def _lines(stand: Sequence[Standing], care: Care, moment: datetime, *, brief: bool) -> Iterator[tuple[str, str]]:
    for outcome in () if brief else (*OUTCOMES, NOT_VISITED):
        group = [one for one in stand if one.outcome == outcome]
        if group:
            yield f"{outcome} ({len(group)})", outcome
            for one in group:
                yield f"  {safe(one.url)}", ""
                yield f"    {_about(one, moment)}", ""
                if one.citations:
                    yield f"    cited in {_cited(one.citations)}", ""
            yield "", ""
    yield _sentence(stand, care, moment), ""
    for line in _worries(care):
        yield line, "warning"


def _about(one: Standing, moment: datetime) -> str:
    if one.visits is None:
        return "never visited; the next run will"
    good = one.good
    parts = [f"{one.reason} on {time_text(text(one.visits.last.get('started')))}"]
    if good is None:
        parts.append("nothing held")
    elif good is not one.visits.last:
        parts.append(f"last good capture {time_text(text(good.get('started')))} (preserve get {good.id[:12]})")
    parts += filter(None, [short(one.visits.last)])
    parts.append(_next(one.due, moment))
    return safe("; ".join(parts))


def _next(due: datetime | None, moment: datetime) -> str:
    if due is None:
        return "not in sources.txt any more"
    return "due now" if due <= moment else f"next visit {time_text(due)}"


def _cited(citations: Sequence[Json]) -> str:
    shown = ", ".join(safe(place(item)) for item in citations[:_CITATIONS_SHOWN])
    more = len(citations) - _CITATIONS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _sentence(stand: Sequence[Standing], care: Care, moment: datetime) -> str:
    """`12 sources: 9 held, 2 lost, 1 blocked; last run 3 hours ago; last verify 3 days ago, sound`."""
    found = ", ".join(f"{count} {name.replace('-', ' ')}" for name, count in counts(stand).items())
    noun = "source" if len(stand) == 1 else "sources"
    parts = [f"{len(stand)} {noun}: {found}" if stand else "no sources yet"]
    parts.append(f"last run {_ago(care.last_run, moment)}" if care.last_run else "no run yet")
    parts.append(_verified(care.last_verify, moment))
    return safe("; ".join(parts))


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


def _source_json(one: Standing) -> Json:
    last, good = one.visits.last if one.visits else None, one.good
    return {
        "event": "source",
        "source": one.url,
        "key": one.key,
        "active": one.active,
        "held": good is not None,
        "outcome": one.outcome if last else None,
        "reason": one.reason if last else None,
        "visited": last.get("started") if last else None,
        "failures": one.visits.failures if one.visits else 0,
        "good": {"capture": good.id, "seq": good.seq, "started": good.get("started")} if good else None,
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
