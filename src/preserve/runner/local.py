"""Drains what is due in one process: one coroutine a lane, one source at a time in each.

The border of one source is here: whatever goes wrong with it becomes its outcome, and the run goes on. Only the
storage and the person at the keyboard stop a run.
"""

from __future__ import annotations

import asyncio
import signal
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol, TypeVar

from preserve.archive.store import Archive
from preserve.capture import page
from preserve.capture.challenge import Passes
from preserve.capture.entry import Previous, unvisited
from preserve.capture.recorder import Recorder, Recording, Warcinfo
from preserve.capture.recovery import recover, when
from preserve.capture.recovery.desk import Desk, archives
from preserve.capture.recovery.elsewhere import NOTHING, Elsewhere, Wish
from preserve.capture.robots import Robots
from preserve.capture.run import Run
from preserve.capture.video import where
from preserve.capture.video.film import Films
from preserve.capture.video.process import Worker, Workers
from preserve.capture.video.tools import versions
from preserve.catalog.holdings import Holdings
from preserve.catalog.schedule import moment
from preserve.config import Config
from preserve.errors import PreserveError
from preserve.model import OUTCOME_OF, Entry, Json, Outcome, Source
from preserve.network.manners import ENOUGH, host, lane
from preserve.network.session import Session
from preserve.runner.commit import Committer
from preserve.runner.plan import Due

T = TypeVar("T")

LANES = 32  # lanes drained at once: enough for the network, few enough for a small machine's memory


class Watcher(Protocol):
    """Who wants to know how a run goes."""

    def begin(self, source: str) -> None: ...
    def step(self, source: str, text: str) -> None: ...
    def transfer(self, source: str, what: str, done: int, total: int | None) -> None: ...
    def finish(self, source: str, entry: Entry, imports: Sequence[Entry]) -> None: ...
    def offline(self, message: str) -> None: ...


Dated = Callable[[Source], datetime | None]  # of the oldest document that cites a source


@dataclass(slots=True)
class Drain:
    """A run in progress. `stopping`: nothing new is begun."""

    run: Run
    config: Config
    committer: Committer
    watcher: Watcher
    holdings: Holdings
    desk: Desk
    dated: Dated
    counts: Counter[str] = field(default_factory=Counter)
    stopping: str = ""  # why: interrupted, time
    offline: str = ""


def capture_all(
    config: Config,
    archive: Archive,
    info: Warcinfo,
    due: Iterable[Due],
    holdings: Holdings,
    watcher: Watcher,
    max_time: float | None = None,
    spare: Worker | None = None,
    dated: Dated = lambda source: None,
    wish: Wish = NOTHING,
) -> Drain:
    """Visit all that is due and commit what came of it to the archive. Raises StorageError, KeyboardInterrupt.

    `holdings`: what the archive holds before this run; `spare`: a process with yt-dlp that was started beforehand;
    `dated`: tells the date of the documents that cite a source, if it has one; `wish`: what third parties are asked
    about captures.
    """

    wanted = list(due)

    async def work() -> Drain:
        workers = Workers(spare)
        state = _begin(config, archive, info, holdings, watcher, workers, dated)
        if wish:
            state.run.elsewhere = Elsewhere(state.run.session, state.run.recorder, wish)
        try:
            if state.run.films:
                await _get_ready(workers, wanted)
            await drain(state, wanted, max_time=max_time)
        finally:
            await workers.close()
            await state.run.session.aclose()
        return state

    try:
        return asyncio.run(work())
    except asyncio.CancelledError:  # the second SIGINT or SIGTERM
        raise KeyboardInterrupt from None


def _begin(
    config: Config,
    archive: Archive,
    info: Warcinfo,
    holdings: Holdings,
    watcher: Watcher,
    workers: Workers,
    dated: Dated,
) -> Drain:
    def current() -> str:
        archive.ready()
        return info.id

    session = Session(config, archive.spool)
    recorder = Recorder(archive.append, current, holdings.payloads)
    films = Films(
        config, session, recorder, archive.root, archive.put_media, holdings.films.get, holdings.offsets, workers,
        stopping=lambda: run.stopping,
    )  # fmt: skip
    films.passes = passes = Passes(workers)
    run = Run(session, recorder, Robots(config, session, recorder, passes.lend), passes, tell=watcher.step)
    run.probing = config.politeness.probe
    run.films = films if config.video.enabled else None
    run.transfer = watcher.transfer
    desk = Desk(session, recorder, archives(config.recover), stopping=lambda: run.stopping)
    return Drain(run, config, Committer(archive), watcher, holdings, desk, dated)


async def _get_ready(workers: Workers, due: Sequence[Due]) -> None:
    """What films need, while the first pages are on their way; as far as can be told, whether there are any."""
    known = any(where.known(one.source.url) is not None for one in due)
    pages = any(last is None or bool(last.get("films")) for last in (one.previous.last for one in due))
    if known or pages:
        asyncio.get_running_loop().run_in_executor(None, versions)  # the tools are started once to tell theirs
    if pages and not known:  # what a film of a known platform waits for is not to be kept busy
        await workers.prepare()


async def drain(state: Drain, due: Iterable[Due], *, max_time: float | None = None) -> None:
    """Visit and commit all that is due. Raises StorageError and asyncio.CancelledError; both leave a valid archive."""
    lanes: defaultdict[str, list[Due]] = defaultdict(list)
    for one in due:
        lanes[lane(one.source.key)].append(one)
    slots = asyncio.Semaphore(LANES)

    async def follow(queue: list[Due]) -> None:
        async with slots:
            for one in queue:
                if state.stopping:
                    return
                free = asyncio.Event()
                group.create_task(_one(state, one, free.set))
                await free.wait()

    try:
        with _stopping_on_signals(state), _stopping_after(state, max_time):
            async with asyncio.TaskGroup() as group:
                for queue in lanes.values():
                    group.create_task(follow(queue))
    except BaseExceptionGroup as failures:
        raise _first(failures) from failures


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """What stops a run is one thing; the group only says that lanes run side by side."""
    error: BaseException = failures
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _one(state: Drain, one: Due, go_on: Callable[[], None]) -> None:
    """`go_on`: the next source of the lane may begin. The disk and the copies of films need not be waited for."""
    source = one.source
    state.watcher.begin(source.url)
    if state.offline:
        fields = _unvisited(source, one.previous, "offline", state.offline)
    elif reason := state.run.session.stopped(source.key):
        why = f"not asked: {ENOUGH} answers in a row of {lane(source.key)} were {reason}"
        fields = _unvisited(source, one.previous, reason, why)
    else:
        fields = await _visit(state, source, one.previous, go_on)
        if fields["hops"]:  # else nobody was asked
            state.run.session.note(source.key, fields["reason"])
    if fields["reason"] == "offline" and not state.offline and not state.config.for_host(host(source.key)).proxy:
        state.offline = str(fields["signals"][-1])
        state.watcher.offline(state.offline)
    go_on()
    try:
        entry = await state.committer.commit(fields)
    except ValueError as error:  # no sentence of a stranger may end a run, not even one that cannot be written
        fields = _unvisited(source, one.previous, "error", f"what was found cannot be written down: {error}")
        entry = await state.committer.commit(fields)
    for download in state.run.leftovers.pop(source.url, ()):
        download.discard()
    imports = await _recovered(state, source, entry)
    state.counts[(imports or [entry])[0].get("outcome")] += 1
    state.watcher.finish(source.url, entry, imports)


async def _visit(state: Drain, source: Source, previous: Previous, go_on: Callable[[], None]) -> dict[str, Json]:
    recording = Recording()
    came = await _within_border(page.capture(state.run, source, previous, recording, go_on))
    if not isinstance(came, Exception):
        return came
    # What was stored before belongs to the visit all the same.
    stored = {"hops": recording.hops, "records": recording.records}
    return _unvisited(source, previous, "error", f"{type(came).__name__}: {came}") | stored


async def _recovered(state: Drain, source: Source, entry: Entry) -> list[Entry]:
    """What web archives have in place of a visit that brought nothing. That is committed before they are asked: nothing
    of it is lost with them."""
    visits = state.holdings.sources.get(source.key)
    if state.stopping or state.offline or not when.wanted(state.config, entry, visits):
        return []
    recording = Recording()
    tell = partial(state.watcher.step, source.url)
    found = await _within_border(
        recover.recover(state.desk, source, entry, visits, _date(state, source), recording, tell=tell)
    )
    if isinstance(found, Exception):
        found = [recover.in_vain(source, entry, visits, recording, (f"{type(found).__name__}: {found}",))]
    imports = []
    for fields in found:
        try:
            imports.append(await state.committer.commit(fields, "import"))
        except ValueError as error:
            why = f"what was found cannot be written down: {error}"
            vain = recover.in_vain(source, entry, visits, Recording(), (why,))
            imports.append(await state.committer.commit(vain, "import"))
    return imports


def _date(state: Drain, source: Source) -> datetime:
    """Of the documents that cite the source; else of the first time that it was seen."""
    visits = state.holdings.sources.get(source.key)
    first = moment(visits.captures[0].time) if visits and visits.captures else datetime.now(UTC)
    return state.dated(source) or first


async def _within_border(work: Awaitable[T]) -> T | Exception:
    """The border of one source: what a piece of work on it brings, or the error that nobody foresaw. Raises what stops
    a run."""
    try:
        return await work
    except BaseExceptionGroup as failures:
        error = _first(failures)
        if not isinstance(error, Exception) or isinstance(error, PreserveError):
            raise error from failures
        return error
    except PreserveError:
        raise
    except Exception as unforeseen:  # noqa: BLE001
        return unforeseen


def _unvisited(source: Source, previous: Previous, reason: str, why: str) -> dict[str, Json]:
    """The entry of a source whose visit brought nothing that could be stored."""
    failure = {"step": source.url, "reason": reason, "message": why, "try": 1}
    return unvisited(source, previous, Outcome(OUTCOME_OF[reason], reason, (why,))) | {"errors": [failure]}


@contextmanager
def _stopping_on_signals(state: Drain) -> Any:
    """The first SIGINT or SIGTERM lets the sources in hand finish; the second ends the run at once."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def stop() -> None:
        if state.stopping == "interrupted" and task is not None:
            task.cancel()
        state.stopping = state.run.stopping = "interrupted"

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


@contextmanager
def _stopping_after(state: Drain, seconds: float | None) -> Any:
    def stop() -> None:
        state.stopping = state.run.stopping = state.stopping or "time"

    timer = asyncio.get_running_loop().call_later(seconds, stop) if seconds is not None else None
    try:
        yield
    finally:
        if timer is not None:
            timer.cancel()
