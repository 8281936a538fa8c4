"""The films of one source: found by yt-dlp, fetched stream by stream, judged by what the platform itself said."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from preserve.archive.download import Download
from preserve.archive.media import StoredMedia
from preserve.capture.challenge import Passes
from preserve.capture.recorder import Recorder, Recording
from preserve.capture.video import answers, changes, status, where
from preserve.capture.video.bridge import TIME, Bridge, Failure
from preserve.capture.video.found import Found
from preserve.capture.video.process import Workers
from preserve.capture.video.where import Known
from preserve.config import Config
from preserve.errors import FetchError
from preserve.model import Entry, Json, Outcome
from preserve.network.owncookies import Plain
from preserve.network.session import Hop, Session

FILMS = 4  # at once, over all hosts: each may have a process with yt-dlp of some 80 MB


@dataclass(slots=True)
class Films:
    """What the films of one run share."""

    settings: Config
    session: Session
    recorder: Recorder
    root: Path  # of the archive
    put: Callable[[Iterable[bytes], str], StoredMedia]
    held: Callable[[str], Entry | None]  # media key -> the newest capture that holds its streams
    named: Callable[[str], set[int]]  # WARC file -> offsets of the records that captures name
    workers: Workers
    passes: Passes | None = None  # the cookies of challenges that pages and films pass once
    stopping: Callable[[], str] = lambda: ""
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FILMS))
    taken: dict[str, asyncio.Future[Taken]] = field(default_factory=dict)  # each film is asked for once a run
    fetched: dict[str, asyncio.Future[Taken]] = field(default_factory=dict)  # and fetched once, whatever page shows it
    stopped: dict[str, Outcome] = field(default_factory=dict)  # platforms that want no more of us in this run


@dataclass(frozen=True, slots=True)
class Watch:
    """Who wants to know how far the films of one source have come. `go_on`: the next source of the lane may begin."""

    tell: Callable[[str], None]
    transfer: Callable[[str, int, int | None], None]
    go_on: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one film: its item for `films`, its media, and what may be thrown away after the commit."""

    item: dict[str, Json]
    media: tuple[Json, ...] = ()
    parts: tuple[Json, ...] = ()
    leftovers: tuple[Download, ...] = ()
    listed: tuple[str, ...] = ()  # addresses of the films of a list
    vain: bool = False  # a page or post was searched and shows none: many have a player, and nothing is missing

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.item["outcome"], self.item["reason"], tuple(self.item["signals"]))


async def of_source(
    films: Films, recording: Recording, known: Known, watch: Watch, seen: Sequence[str] | None = None
) -> list[Taken]:
    """The films of a source that is one, a post with some, or a list. `seen`: those that the page of a post shows, if
    that is known. Raises StorageError."""
    if known.kind == "film":
        return [_compared(films, await _once(films, recording, known, watch))]
    return await _shown(films, recording, known, watch, seen)


async def of_page(films: Films, recording: Recording, url: str, watch: Watch) -> list[Taken]:
    """The films that a page shows. Raises StorageError."""
    return await _shown(films, recording, Known("web", "page", f"web:{url}", url), watch)


async def _shown(
    films: Films, recording: Recording, known: Known, watch: Watch, seen: Sequence[str] | None = None
) -> list[Taken]:
    first, others = await _search(films, recording, known, known.url, watch)
    if known.kind == "post" and seen is not None and [one.outcome.reason for one in first] == ["login-wall"]:
        # The interface is closed, and the page is not: where it shows no film, nothing is missing.
        others = [one for url in seen if (one := where.known(url)) and one.kind == "film"]
        first = [] if others else [replace(first[0], vain=True)]
    quiet = replace(watch, go_on=lambda: None)  # one of several films is not the last that is asked of its platform
    return [_compared(films, one) for one in first + [await _once(films, recording, one, quiet) for one in others]]


def _compared(films: Films, taken: Taken) -> Taken:
    """What became of a film that an earlier visit holds, and that this one could not have, is a change, too."""
    entry = films.held(taken.item["key"]) if not taken.outcome.held else None
    before = (
        next((one for one in entry.get("films", ()) if one.get("key") == taken.item["key"]), None) if entry else None
    )
    return replace(taken, item={**taken.item, "changes": changes.compare(before, taken.item)}) if before else taken


async def _once(films: Films, recording: Recording, known: Known, watch: Watch) -> Taken:
    """A film that other sources of this run may cite, too."""

    async def search() -> Taken:
        found, others = await _search(films, recording, known, known.url, watch)
        if not found and others:  # an entry of one platform that only shows a film of another: it is that film
            found, _ = await _search(films, recording, others[0], others[0].url, watch)
        return found[0] if found else untaken(known, Outcome("failed", "no-media", ("it leads from film to film",)))

    return await shared(films.taken, known, watch, search)


async def shared(
    futures: dict[str, asyncio.Future[Taken]], known: Known, watch: Watch, take: Callable[[], Awaitable[Taken]]
) -> Taken:
    """Whoever comes second waits for the film and shares it."""
    if known.key in futures:
        watch.tell("shares a film that is being fetched")
        return replace(await asyncio.shield(futures[known.key]), leftovers=())
    waiting = futures[known.key] = asyncio.get_running_loop().create_future()
    taken = untaken(known, Outcome("failed", "error", ("the visit was cut short",)))
    try:
        taken = await take()
        return taken
    finally:
        waiting.set_result(taken)


async def _search(
    films: Films, recording: Recording, known: Known, url: str, watch: Watch
) -> tuple[list[Taken], list[Known]]:
    """What yt-dlp finds at `url`: the films taken, and films of known platforms that it leads to."""
    if known.platform in films.stopped:
        return [untaken(known, not_asked(films, known))], []
    async with films.slots:
        if known.kind == "page":
            watch.go_on()  # a film must not hold up a whole site: its requests have their turns between other pages'
        watch.tell("looks for the film")
        bridge = Bridge(films.session, partial(_keep, films, recording))
        found, fault = await _found(films, bridge, known, url, comments=films.settings.video.comments)
        verdict = status.judge(known.platform, known.key, bridge.said)
        if found is None or not (found.films or found.lists or found.elsewhere or found.dead):
            outcome = verdict.outcome if verdict else fault or Outcome("failed", "no-media", ("no film was found",))
            _stop_platform(films, known, outcome)
            vain = known.kind in ("page", "post") and outcome.reason == "no-media"
            return [replace(untaken(known, outcome, verdict.status if verdict else None), vain=vain)], []
        from preserve.capture.video import keep  # here: it needs what this module defines

        again = partial(_again, films, recording, known, url)
        visit = keep.Visit(films, recording, found, films.session.jar(found.cookies), watch, again)
        taken = [await visit.take(film, known, number, verdict) for number, film in enumerate(found.films)]
        taken += [visit.listed(one, known) for one in found.lists]
        taken += [_dead(known, *one) for one in found.dead]
        for done in taken:
            _stop_platform(films, known, done.outcome)
        if known.kind != "film" or not any(done.outcome.held for done in taken):  # else it rests since its last request
            films.session.rest(url)
    others = {one.key: one for target in found.elsewhere if (one := where.known(target))}
    return taken, list(others.values())


async def _again(films: Films, recording: Recording, known: Known, url: str) -> Found | None:
    """What is found at `url` now, for its addresses; why it should not be is told by its next visit."""
    bridge = Bridge(films.session, partial(_keep, films, recording))
    found, _ = await _found(films, bridge, known, url)
    if found is None and (verdict := status.judge(known.platform, known.key, bridge.said)):
        _stop_platform(films, known, verdict.outcome)
    return found


async def _found(
    films: Films, bridge: Bridge, known: Known, url: str, *, comments: int = 0
) -> tuple[Found | None, Outcome | None]:
    """What yt-dlp finds at `url`, with so many comments, or why it finds nothing."""
    worker = await films.workers.take()
    settings = films.settings
    host = urlsplit(url).hostname or ""
    job = {
        "url": url,
        "key": known.key,
        "agent": settings.for_host(host).user_agent or settings.network.user_agent,
        "cookies": _cookies(films, host),  # by the pipe: what stands in arguments, everybody can read
        "video": {"max_height": settings.video.max_height, "comments": comments},
    }
    try:
        async with asyncio.timeout(TIME):
            found = await bridge.find(worker, job)
    except Failure as error:
        films.workers.give(worker)
        return None, status.from_error(str(error), error.kind)
    except TimeoutError:
        await films.workers.kill(worker)
        return None, Outcome("failed", "timeout", (f"yt-dlp came to no end in {TIME:.0f} s",))
    except (EOFError, LookupError, TypeError, ValueError) as error:
        code = await films.workers.kill(worker)
        return None, Outcome("failed", "error", (f"yt-dlp's process ended in the middle ({code}): {error!r:.200}",))
    except BaseException:
        await films.workers.kill(worker)
        raise
    films.workers.give(worker)
    return found, None


def _cookies(films: Films, host: str) -> list[Plain]:
    return [*(films.passes.plain() if films.passes else ()), *films.session.own_cookies(host)]


async def _keep(films: Films, recording: Recording, hop: Hop) -> None:
    """Also where yt-dlp passed a challenge, and finds nothing then."""
    if films.passes is not None and hop.exchange is not None:
        films.passes.take(hop.url, hop.exchange.headers)
    await films.recorder.keep(recording, hop)


def _dead(known: Known, url: str, kind: str, text: str) -> Taken:
    """One of several films of a page, that nothing could be found out about."""
    return untaken(Known("web", "film", f"web:{url or known.url}", url or known.url), status.from_error(text, kind))


def _stop_platform(films: Films, known: Known, outcome: Outcome) -> None:
    """A platform that asks whether we are a robot is asked nothing more: each further question makes it worse."""
    if known.platform != "web" and status.stops_platform(outcome):
        films.stopped.setdefault(known.platform, outcome)


def not_asked(films: Films, known: Known) -> Outcome:
    before = films.stopped[known.platform]
    why = f"not asked: {known.platform} answered an earlier visit of this run with {before.reason}"
    return Outcome(before.outcome, before.reason, (why,))


def untaken(known: Known, outcome: Outcome, said: Mapping[str, Json] | None = None) -> Taken:
    """A film that is not held by this visit."""
    item: dict[str, Json] = {
        "key": known.key,
        "platform": known.platform,
        "id": known.key.partition(":")[2],
        "url": known.url,
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "signals": list(outcome.signals),
        "title": None,
        "uploader": None,
        "uploader_id": None,
        "published": None,
        "duration_ms": None,
        "views": None,
        "likes": None,
        "availability": None,
        "description_sha256": None,
        "status": said,
        "quality": None,
        "held": None,
        "taken": None,
        "changes": [],
        "entries": None,
    }
    return Taken(item)


def failed(fault: FetchError) -> Outcome:
    return answers.outcome(fault.reason, fault.message)
