"""What web archives have of a source that brought nothing: fetched, judged, checked, and told as `import` entries.

* The indexes are asked first, all of them; then the copy nearest to the date of the citing document is fetched, and the
  next one where it is no copy of the page: an archived challenge, an archived "not found".
* A copy whose digest is not the one in the archive's index is kept and told; the next one is preferred to it.
* The newest later copy with other content is fetched too: what the page became may matter as much.
* Whatever came is stored, and named in an entry: in that of the copy that was taken, or in the one that says who was
  asked in vain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from preserve.capture import answer, sites
from preserve.capture.answer import INLINE, Answer
from preserve.capture.entry import Previous, citation, compare
from preserve.capture.recorder import Content, Recording, mime, read_content
from preserve.capture.recovery import digest, mementos
from preserve.capture.recovery.archive import Copy, Memento, Unusable, told
from preserve.capture.recovery.desk import Desk, Index
from preserve.capture.video import status, where
from preserve.catalog.holdings import Visits
from preserve.model import Entry, Json, Outcome, Source, timestamp
from preserve.network.session import Hop, Visit, tools

NEAREST_TRIES = 5  # copies fetched until one is the page: an archive that has five challenges in a row has a sixth
LATER_TRIES = 3  # and of the later ones
SIGNALS = 40  # told of one recovery; each is a sentence of ours

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Taken:
    """A copy that is the page, as far as can be seen."""

    memento: Memento
    headers: tuple[tuple[str, str], ...]
    record: str | None  # that holds the archive's answer
    content: Content
    truncated: str | None
    tries: int
    verified: str | None  # sha1, where the archive's own digest was found again
    signals: tuple[str, ...]

    @property
    def doubtful(self) -> bool:
        """Its archive has a digest of it, and it is another."""
        return self.verified is None and digest.plain(self.memento.digest) is not None


@dataclass(slots=True)
class Recovery:
    """One source on its way. `recordings`: of what is not in an entry yet, the oldest first."""

    desk: Desk
    source: Source
    url: str
    tell: Tell
    recording: Recording
    bad: set[str] = field(default_factory=set)  # digests of copies that were fetched and are not the page
    signals: list[str] = field(default_factory=list)


async def recover(
    desk: Desk,
    source: Source,
    capture: Entry,
    visits: Visits | None,
    date: datetime,
    recording: Recording,
    *,
    tell: Tell = lambda text: None,
) -> list[dict[str, Json]]:
    """The fields of the `import` entries of a source: one or two copies, or one entry that says who was asked in vain;
    none where the run was stopped before anybody was asked.

    `capture`: the entry that brought nothing; `date`: of the citing document; `recording` names all that was stored
    where this ends in an exception. Raises StorageError.
    """
    started = datetime.now(UTC)
    state = Recovery(desk, source, str(capture.get("request_url") or source.url), tell, recording)
    tell(f"asks {_names(desk)}")
    indexes = await _indexes(state, date)
    if desk.stopping() and not recording.hops:
        return []
    found = mementos.resolved(memento for index in indexes for memento in index.found.mementos)
    common = _common(source, capture, started) | {"asked": [_asked(index) for index in indexes]}
    first = await _take(state, mementos.nearest(found, date), NEAREST_TRIES)
    if first is None:
        return [_vain(common, capture, visits, state.recording, _why_not(indexes, state.signals))]
    nearest = _held(common, visits, state.recording, first, mementos.NEAREST, state.signals)
    state.recording, state.signals = Recording(), []
    try:
        second = await _take(state, mementos.later(found, first.memento), LATER_TRIES, unlike=first)
        if second is None:
            return [nearest]
        later = _held(common, visits, state.recording, second, mementos.LATER, state.signals)
        state.recording = Recording()
        return [nearest, later]
    finally:
        _add(recording, state.recording)  # what brought nothing more belongs to the copy that was taken


def in_vain(
    source: Source, capture: Entry, visits: Visits | None, recording: Recording, why: Iterable[str]
) -> dict[str, Json]:
    """The fields of an `import` entry for a source of which no copy could be had."""
    common = _common(source, capture, datetime.now(UTC)) | {"asked": []}
    return _vain(common, capture, visits, recording, why)


async def _indexes(state: Recovery, date: datetime) -> list[Index]:
    """All archives at once: each has a lane of its own."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(state.desk.index(archive, state.url, date, state.recording))
            for archive in state.desk.archives
        ]
    return [task.result() for task in tasks]


async def _take(
    state: Recovery, candidates: Sequence[Memento], tries: int, unlike: Taken | None = None
) -> Taken | None:
    """The first of the candidates that is the page and has the digest of its index; else the first that is the page."""
    doubtful: Taken | None = None
    for memento in candidates:
        if not tries or state.desk.stopping():
            break
        if (digest.plain(memento.digest) or "") in state.bad:
            continue
        tries -= 1
        taken = await _fetched(state, memento)
        if taken is None or (unlike is not None and taken.content.sha256 == unlike.content.sha256):
            continue
        if not taken.doubtful:
            return taken
        state.signals.append(f"{_copy(state, memento)}: the archive's own digest does not match")
        doubtful = doubtful or taken
    return doubtful


async def _fetched(state: Recovery, memento: Memento) -> Taken | None:
    """One copy, or None where what came is not the page; why stands in the signals."""
    state.tell(f"fetches {_copy(state, memento)}")
    try:
        visit, record = await state.desk.fetch(memento, state.recording)
    except Unusable as problem:
        state.signals.append(f"{_copy(state, memento)}: {problem}")
        return None
    try:
        final = visit.final
        large = final is not None and final.body.size > INLINE
        return (
            await asyncio.to_thread(_judged, state, memento, visit, record)
            if large
            else _judged(state, memento, visit, record)
        )
    except Unusable as problem:
        state.signals.append(f"{_copy(state, memento)}: it {problem}")
        return None
    finally:
        visit.close()


def _judged(state: Recovery, memento: Memento, visit: Visit, record: str | None) -> Taken | None:
    """Raises Unusable."""
    assert visit.final is not None
    archive = next(one for one in state.desk.archives if one.name == memento.archive)
    copy = archive.open(memento, visit.final_url, visit.final)
    seen = _seen(state.url, copy, record)
    if not seen.outcome.held:
        state.signals.append(f"{_copy(state, copy.memento)} is {seen.outcome.outcome}/{seen.outcome.reason}")
        if sha1 := digest.plain(copy.memento.digest):
            state.bad.add(sha1)
        return None
    verified, said = _verified(copy)
    return Taken(
        replace(copy.memento, mime=mime(copy.exchange) or copy.memento.mime),
        copy.headers,
        record,
        seen.content,
        copy.exchange.truncated,
        visit.tries,
        verified,
        (*copy.signals, *said, *seen.outcome.signals),
    )


def _seen(url: str, copy: Copy, record: str | None) -> Answer:
    """The original's answer, judged as if its server had given it today."""
    visit = Visit(url, [Hop(url, 1, copy.exchange)])
    content: Content = read_content(copy.exchange)
    seen = answer.read(visit, record, content)
    shown = seen.seen("source")
    against = _against(url, shown) if shown and seen.outcome.held else None
    return replace(seen, outcome=against) if against else seen


def _against(url: str, shown: sites.Seen) -> Outcome | None:
    """What the rules of its site, or the platform of its film, say against a page that came whole."""
    verdict = sites.shown(sites.of(url), shown).judge((shown,))
    if verdict and not verdict.held:
        return verdict
    known = where.known(url)
    if known is None or known.kind != "film":
        return None
    said = status.judge(known.platform, known.key, [status.Answer(shown.url, shown.status, shown.data)])
    # Where it says that the archive's crawler was not shown the film, the page about the film is there all the same.
    return said.outcome if said and said.outcome.outcome == "lost" else None


def _verified(copy: Copy) -> tuple[str | None, tuple[str, ...]]:
    """Whether the archive's digest was found again, and in what."""
    wanted = digest.plain(copy.memento.digest)
    if wanted is None:
        return None, ("the archive tells no digest to compare with",)
    matching = [what for what, sha1 in copy.sha1s.items() if sha1 == wanted]
    if not matching or copy.doubtful:
        return None, ("the archive's own digest does not match",)
    words = "of the body as it was sent" if matching[0] == "payload" else "of the decoded body"
    return "sha1", (f"the SHA-1 {words} is the one in the archive's index",)


def _common(source: Source, capture: Entry, started: datetime) -> dict[str, Json]:
    return {
        "source": source.url,
        "key": source.key,
        "citations": [citation(one) for one in source.citations],
        "capture": capture.id,
        "started": timestamp(started),
        "tools": tools(),
        "previous": None,
        "parts": [],
        "films": [],
        "media": [],
    }


def _held(
    common: dict[str, Json], visits: Visits | None, recording: Recording, taken: Taken, why: str, signals: Sequence[str]
) -> dict[str, Json]:
    outcome = Outcome("recovered", "memento", tuple(dict.fromkeys((*signals, *taken.signals)))[:SIGNALS])
    one = taken.memento
    return {
        **_finished(common, visits, recording, outcome),
        "archive": one.archive,
        "memento": {
            "uri": one.uri,
            "time": timestamp(one.time),
            "url": one.url,
            "status": one.status,
            "mime": one.mime,
            "content_sha256": taken.content.sha256,
            "content_bytes": taken.content.size,
            "digest": one.digest,
            "verified": taken.verified,
            "wrapped": one.wrapped,
            "headers": [list(header) for header in taken.headers],
            "why": why,
        },
        "answer": taken.record,
        "truncated": taken.truncated,
        "tries": taken.tries,
    }


def _vain(
    common: dict[str, Json], capture: Entry, visits: Visits | None, recording: Recording, why: Iterable[str]
) -> dict[str, Json]:
    outcome = Outcome(str(capture.get("outcome")), str(capture.get("reason")), tuple(dict.fromkeys(why))[:SIGNALS])
    nothing = {"archive": None, "memento": None, "answer": None, "truncated": None, "tries": 0}
    return {**_finished(common, visits, recording, outcome), **nothing}


def _finished(
    common: dict[str, Json], visits: Visits | None, recording: Recording, outcome: Outcome
) -> dict[str, Json]:
    """`change`: against the last time that the archives were asked for this source."""
    last = visits.imports[-1] if visits and visits.imports else None
    outcome, change = compare(outcome, None, Previous(last, None))
    return {
        **common,
        "ended": timestamp(datetime.now(UTC)),
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "signals": list(outcome.signals),
        "change": change,
        "hops": recording.hops,
        "records": recording.records,
        "errors": recording.errors,
    }


def _add(recording: Recording, more: Recording) -> None:
    if more is not recording:
        recording.hops += more.hops
        recording.records += more.records
        recording.errors += more.errors


def _asked(index: Index) -> Json:
    return {"archive": index.archive.name, "found": len(index.found.mementos), "error": index.error}


def _why_not(indexes: Sequence[Index], signals: Sequence[str]) -> list[str]:
    said = [
        f"{index.archive.title}: {index.error or 'has no copy'}"
        for index in indexes
        if index.error or not index.found.mementos
    ]
    skipped = [
        f"{one.archive.title}: {one.found.skipped} lines of its index are of no use"
        for one in indexes
        if one.found.skipped
    ]
    return [*said, *skipped, *signals]


def _names(desk: Desk) -> str:
    *others, last = [archive.title for archive in desk.archives]
    return f"{', '.join(others)} and {last}" if others else last


def _copy(state: Recovery, memento: Memento) -> str:
    title = next(one.title for one in state.desk.archives if one.name == memento.archive)
    return f"the copy of {told(memento.time)} from {title}"
