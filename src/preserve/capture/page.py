"""One visit of one source: the source itself, then what the page needs, then what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import ada_url

from preserve.archive.download import Download
from preserve.capture import classify, requisites
from preserve.capture.recorder import Content, Recorder, Recording, mime
from preserve.capture.video import film, where
from preserve.capture.video import outcome as films_outcome
from preserve.capture.video.film import Films, Taken, Watch
from preserve.capture.video.tools import versions
from preserve.capture.video.where import Known
from preserve.errors import FetchError
from preserve.model import Citation, Entry, Exchange, Json, Outcome, Source, timestamp
from preserve.network import decode, policy
from preserve.network.session import Hop, Session, Visit, tools

_AT_ONCE = 6  # parts of one page in flight, over all hosts; one host still answers one at a time
# Bytes of a page parsed at once in the event loop. Parsing holds the interpreter's lock: in a thread it makes every
# hash and every write of the loop wait, which doubled the CPU of a run; but a page of megabytes takes seconds.
_INLINE = 512 * 1024
_DEPTH = 2  # page -> frame or style sheet -> what these need; deeper nesting is advertising


@dataclass(slots=True)
class Run:
    """What the captures of one run share."""

    session: Session
    recorder: Recorder
    films: Films | None = None  # None: video.enabled is false
    parts: dict[str, asyncio.Future[Json]] = field(default_factory=dict)  # each part is fetched once a run
    stopping: str = ""  # why nothing new is begun: interrupted, time
    tell: Callable[[str, str], None] = lambda source, text: None  # how far the capture of a source has come
    transfer: Callable[[str, str, int, int | None], None] = lambda source, what, done, total: None
    listed: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by source: films of a list that are asked for
    leftovers: dict[str, list[Download]] = field(default_factory=dict)  # by source: of no use once it is committed


@dataclass(frozen=True, slots=True)
class Previous:
    """The last visit of the same source and the last one that was held."""

    last: Entry | None = None
    good: Entry | None = None


async def capture(
    run: Run, source: Source, previous: Previous, recording: Recording, go_on: Callable[[], None] = lambda: None
) -> dict[str, Json]:
    """Visit a source; the fields of its `capture` entry. Its records are written, not yet committed.

    `go_on` is called where the next source of the lane may begin before this one is done.
    """
    started = datetime.now(UTC)
    url = request_url(source.url)
    known = where.known(url) if run.films else None
    if run.films and known and known.platform in run.films.stopped:
        refused = film.untaken(known, film.not_asked(run.films, known))
        return unvisited(source, previous, refused.outcome) | {"films": [refused.item]}
    visit, answer, content, outcome = await _visited(run, recording, url, lambda text: run.tell(source.url, text))
    try:
        parts = await _parts(run, recording, visit, source.url) if outcome.held and visit.final else []
        watch = Watch(partial(run.tell, source.url), partial(run.transfer, source.url), go_on)
        taken = await _films(run, recording, watch, visit, outcome, known)
    finally:
        _close(visit)
    outcome, change = compare(outcome, content.sha256, previous)
    if run.stopping and any(not part["came"] for part in parts):
        outcome = Outcome("captured", "partial", (*outcome.signals, f"stopped before all parts came: {run.stopping}"))
    if taken:
        _keep_for_later(run, source.url, taken)
        outcome, change = _with_films(outcome, change, taken, known, previous)
    return {
        **blank(source, previous),
        "request_url": url,
        "final_url": visit.final_url,
        "started": timestamp(started),
        "ended": timestamp(datetime.now(UTC)),
        "tools": tools() | (await asyncio.to_thread(versions) if taken else {}),
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "signals": list(outcome.signals),
        "change": change,
        "tries": visit.tries,
        "truncated": visit.final.truncated if visit.final else None,
        "errors": recording.errors,
        "hops": recording.hops,
        "records": recording.records,
        "answer": answer,
        "parts": parts + films_outcome.parts(taken),
        "films": [one.item for one in taken],
        "media": [media for one in taken for media in one.media],
    }


def _keep_for_later(run: Run, source: str, taken: Sequence[Taken]) -> None:
    """What is of use, or of no more use, when the source is committed."""
    run.leftovers[source] = [download for one in taken for download in one.leftovers]
    if run.films and run.films.settings.video.playlists:
        run.listed[source] = tuple(url for one in taken for url in one.listed)


async def _films(
    run: Run, recording: Recording, watch: Watch, visit: Visit, page: Outcome, known: Known | None
) -> list[Taken]:
    """The films of a source: those that its address names, or that its page shows."""
    if run.films is None or run.stopping:
        return []
    if known is not None:
        # Where the platform cannot be reached at all, its films cannot either.
        return await film.of_source(run.films, recording, known, watch) if visit.final else []
    if not page.held or visit.final is None or not _is_html(visit.final):
        return []
    if not where.hints(_head_of(decode.content(visit.final), policy.MAX_PARSED)):
        return []
    return await film.of_page(run.films, recording, visit.final_url, watch)


def _with_films(
    page: Outcome, change: str, taken: Sequence[Taken], known: Known | None, previous: Previous
) -> tuple[Outcome, str]:
    """How the visit stands with its films: a film whose page shows another number of views is the same film."""
    is_film = known is not None and known.kind == "film"
    outcome = films_outcome.joined(page, taken, is_film=is_film)
    if outcome.held != page.held:
        change = compare(outcome, None, previous)[1]
    if outcome.held and change in ("same", "changed") and (is_film or not films_outcome.still(taken)):
        change = "same" if films_outcome.still(taken) else "changed"
    return outcome, change


def unvisited(source: Source, previous: Previous, outcome: Outcome) -> dict[str, Json]:
    """The entry of a source that was not visited, or whose visit brought nothing that could be written down."""
    now = timestamp(datetime.now(UTC))
    outcome, change = compare(outcome, None, previous)
    return {
        **blank(source, previous),
        "started": now,
        "ended": now,
        "tools": tools(),
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "signals": list(outcome.signals),
        "change": change,
    }


async def _visited(
    run: Run, recording: Recording, url: str, tell: Callable[[str], None] = lambda text: None, referer: str = ""
) -> tuple[Visit, str | None, Content, Outcome]:
    """Ask for one URL and store each hop: the visit, the record that answers it, its content, what became of it."""
    answer: str | None = None

    async def keep(hop: Hop) -> None:
        nonlocal answer
        answer = await run.recorder.keep(recording, hop)
        tell(f"{hop.status or 'no answer'}" + (f", try {hop.attempt}" if hop.attempt > 1 else ""))

    visit = await run.session.visit(url, keep=keep, referer=referer)
    content = recording.contents.get(answer or "", Content(None, None))
    return visit, answer, content, classify.classify(visit, content_bytes=content.size, content_fault=content.fault)


def blank(source: Source, previous: Previous) -> dict[str, Json]:
    """The fields of a `capture` entry before anything is known but what was asked for."""
    return {
        "source": source.url,
        "key": source.key,
        "citations": [citation(one) for one in source.citations],
        "request_url": request_url(source.url),
        "final_url": None,
        "engine": "http",
        "previous": previous.good.seq if previous.good else None,
        "tries": 0,
        "truncated": None,
        "errors": [],
        "hops": [],
        "records": [],
        "answer": None,
        "parts": [],
        "films": [],
        "media": [],
    }


def request_url(url: str) -> str:
    """As it goes on the wire: the WHATWG spelling, without fragment and without user and password.

    Credentials in a URL would end up in every record; a source that needs them is better asked with a cookie file.
    """
    try:
        parts = ada_url.URL(url)
    except ValueError:
        return url
    parts.hash = ""
    if parts.username or parts.password:  # a URL that cannot have them (file:) refuses even the empty one
        parts.username = parts.password = ""
    return str(parts.href)


def compare(outcome: Outcome, sha256: str | None, previous: Previous) -> tuple[Outcome, str]:
    """How this visit stands to the ones before: `change`, and `unchanged` for the same content again."""
    last, good = previous.last, previous.good
    if last is None:
        return outcome, "first"
    if not outcome.held:
        if last.get("outcome") in ("captured", "recovered"):
            return outcome, "worse"
        same = (last.get("outcome"), last.get("reason")) == (outcome.outcome, outcome.reason)
        return outcome, "same" if same else "changed"
    if good is None:
        return outcome, "first"
    same = sha256 is not None and sha256 == answer_sha256(good)
    if same and outcome.reason == "ok":
        outcome = Outcome("captured", "unchanged", outcome.signals)
    if last.seq != good.seq:
        return outcome, "returned"
    return outcome, "same" if same else "changed"


def answer_sha256(entry: Entry) -> str | None:
    """Of the content that answered a capture."""
    wanted = entry.get("answer")
    return next((record["content_sha256"] for record in entry.get("records", ()) if record["id"] == wanted), None)


def citation(one: Citation) -> Json:
    return {
        "document": one.document,
        "sha256": one.sha256,
        "format": one.format,
        **one.place.fields(),
        "role": one.role,
        "anchor": one.anchor,
        "context": one.context,
        "written": one.written,
        "changes": list(one.changes),
    }


async def _parts(run: Run, recording: Recording, visit: Visit, source: str) -> list[Json]:
    """Fetch what the page needs, level by level, within the limits of the session."""
    assert visit.final is not None
    limits = run.session.limits
    page = visit.final_url
    level = await _needs(visit.final, page)
    done: dict[str, Json] = {}
    arrived = [0]
    gate = asyncio.Semaphore(_AT_ONCE)
    deadline = asyncio.get_running_loop().time() + limits.time
    for _ in range(_DEPTH):
        fresh = [need for need in level if need.url not in done and need.url != page]
        room = max(0, limits.requisites - len(done))
        for need in fresh[room:]:
            done[need.url] = _part(need, None, "limit")
        deeper: list[requisites.Requisite] = []

        async def fetch(need: requisites.Requisite, deeper: list[requisites.Requisite] = deeper) -> None:
            async with gate:
                done[need.url], found = await _fetch(run, recording, need, page, deadline)
                deeper += found
                arrived[0] += 1
                run.tell(source, f"{arrived[0]} of {len(done)} parts")

        async with asyncio.TaskGroup() as group:
            for need in fresh[:room]:
                done[need.url] = _part(need, None, "error")  # keeps the order of the page
                group.create_task(fetch(need))
        level = deeper
    return list(done.values())


async def _fetch(
    run: Run, recording: Recording, need: requisites.Requisite, page: str, deadline: float
) -> tuple[Json, list[requisites.Requisite]]:
    """One part and what it needs in turn. A part that another page of this run brought is only named."""
    if need.url in run.parts:
        earlier = await run.parts[need.url]
        return {**earlier, "role": need.role}, []
    waiting = run.parts[need.url] = asyncio.get_running_loop().create_future()
    part = _part(need, None, "error")
    found: list[requisites.Requisite] = []
    try:
        if run.stopping or asyncio.get_running_loop().time() > deadline:
            part = _part(need, None, "timeout")
        else:
            part, found = await _visit_part(run, recording, need, page)
    finally:
        waiting.set_result(part)
    return part, found


async def _visit_part(
    run: Run, recording: Recording, need: requisites.Requisite, page: str
) -> tuple[Json, list[requisites.Requisite]]:
    visit, answer, _, outcome = await _visited(run, recording, need.url, referer=page)
    try:
        part = _part(need, answer, outcome.reason, came=outcome.held)
        deeper = need.role in ("style", "frame") and outcome.held and visit.final is not None
        return part, await _needs(visit.final, visit.final_url) if deeper and visit.final else []
    finally:
        _close(visit)


def _part(need: requisites.Requisite, record: str | None, reason: str, *, came: bool = False) -> Json:
    return {
        "url": need.url,
        "role": need.role,
        "required": False,
        "came": came,
        "record": record,
        "reason": reason,
    }


async def _needs(exchange: Exchange, url: str) -> list[requisites.Requisite]:
    """What an HTML page or a style sheet names."""
    kind = mime(exchange) or ""
    read = requisites.of_css if kind == "text/css" else requisites.of_html
    if kind != "text/css" and not _is_html(exchange):
        return []
    data = _head_of(decode.content(exchange), policy.MAX_PARSED)
    if len(data) <= _INLINE:
        return read(data, url, charset(exchange))
    return await asyncio.to_thread(read, data, url, charset(exchange))


def _is_html(exchange: Exchange) -> bool:
    """Without a type, or with a lying one, the first bytes tell."""
    if "html" in (mime(exchange) or ""):
        return True
    if (mime(exchange) or "text/plain") not in ("text/plain", "application/octet-stream"):
        return False
    return _head_of(decode.content(exchange), 512).lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _head_of(blocks: Iterable[bytes], most: int) -> bytes:
    data = bytearray()
    try:
        for block in blocks:
            data += block
            if len(data) >= most:
                break
    except FetchError:  # what decoded before it broke is enough to look at
        pass
    return bytes(data[:most])


def charset(exchange: Exchange) -> str | None:
    """As the Content-Type header names it."""
    value = exchange.header("content-type") or ""
    for parameter in value.split(";")[1:]:
        name, _, text = parameter.partition("=")
        if name.strip().lower() == "charset":
            return text.strip(" \"'")[:40] or None
    return None


def _close(visit: Visit) -> None:
    for hop in visit.hops:
        if hop.exchange:
            hop.exchange.body.close()
