"""Drains what is due in one process: one coroutine a lane, one source at a time in each.

The border of one source is here: whatever goes wrong with it becomes its outcome, and the run goes on. Only the
storage and the person at the keyboard stop a run.
"""

from __future__ import annotations

import asyncio
import signal
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from preserve.archive.store import Archive
from preserve.capture import page
from preserve.capture.page import Previous
from preserve.capture.recorder import Recorder, Recording, Warcinfo
from preserve.capture.video import where
from preserve.capture.video.film import Films
from preserve.capture.video.process import Worker, Workers
from preserve.capture.video.tools import versions
from preserve.catalog.holdings import Holdings
from preserve.config import Config
from preserve.errors import PreserveError, StorageError
from preserve.model import Entry, Json, Outcome, Source
from preserve.network.manners import lane
from preserve.network.session import Session
from preserve.runner.plan import Due

LANES = 32  # lanes drained at once: enough for the network, few enough for a small machine's memory
GROUP_TIME = 0.02  # seconds that a commit waits for others: the syncs of a busy run are shared, nobody notices the wait


class Watcher(Protocol):
    """Who wants to know how a run goes."""

    def begin(self, source: str) -> None: ...
    def step(self, source: str, text: str) -> None: ...
    def transfer(self, source: str, what: str, done: int, total: int | None) -> None: ...
    def finish(self, source: str, entry: Entry) -> None: ...
    def offline(self, message: str) -> None: ...


class Committer:
    """Group commit: captures that end close together share the syncs of one commit; each waits until it is durable."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._waiting: list[tuple[Mapping[str, Json], asyncio.Future[Entry]]] = []

    async def commit(self, fields: Mapping[str, Json]) -> Entry:
        """Raises StorageError: then none of the group is committed."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Entry] = loop.create_future()
        self._waiting.append((fields, future))
        if len(self._waiting) == 1:
            loop.call_later(GROUP_TIME, self._flush)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:  # the run is stopped at once; what has come need not be fetched again for that
            self._flush()
            return future.result()

    def _flush(self) -> None:
        group, self._waiting = self._waiting, []
        if not group:
            return
        try:
            self._commit(group)
        except ValueError:  # one of them cannot be written down: the others must not suffer for it
            for one in group:
                self._try(one)
        except StorageError as error:
            _fail(group, error)

    def _commit(self, group: list[tuple[Mapping[str, Json], asyncio.Future[Entry]]]) -> None:
        entries = self._archive.commit_all([("capture", fields) for fields, _ in group])
        for (_, future), entry in zip(group, entries, strict=True):
            if not future.done():
                future.set_result(entry)

    def _try(self, one: tuple[Mapping[str, Json], asyncio.Future[Entry]]) -> None:
        try:
            self._commit([one])
        except (StorageError, ValueError) as error:
            _fail([one], error)


def _fail(group: list[tuple[Mapping[str, Json], asyncio.Future[Entry]]], error: Exception) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)


@dataclass(slots=True)
class Drain:
    """A run in progress. `stopping`: nothing new is begun."""

    run: page.Run
    config: Config
    committer: Committer
    watcher: Watcher
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
) -> Drain:
    """Visit all that is due and commit what came of it to the archive. Raises StorageError, KeyboardInterrupt.

    `holdings`: what the archive holds before this run; `spare`: a process with yt-dlp that was started beforehand.
    """

    wanted = list(due)

    async def work() -> Drain:
        workers = Workers(spare)
        state = _begin(config, archive, info, holdings, watcher, workers)
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
    config: Config, archive: Archive, info: Warcinfo, holdings: Holdings, watcher: Watcher, workers: Workers
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
    run = page.Run(session, recorder, films if config.video.enabled else None, tell=watcher.step)
    run.transfer = watcher.transfer
    return Drain(run, config, Committer(archive), watcher)


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
    else:
        fields = await _visit(state, source, one.previous, go_on)
    if fields["reason"] == "offline" and not state.offline and not state.config.for_host(lane(source.key)).proxy:
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
    state.counts[fields["outcome"]] += 1
    state.watcher.finish(source.url, entry)


async def _visit(state: Drain, source: Source, previous: Previous, go_on: Callable[[], None]) -> dict[str, Json]:
    recording = Recording()
    try:
        return await page.capture(state.run, source, previous, recording, go_on)
    except BaseExceptionGroup as failures:
        error = _first(failures)
        if not isinstance(error, Exception) or isinstance(error, PreserveError):
            raise error from failures
    except PreserveError:
        raise
    except Exception as unforeseen:  # noqa: BLE001
        # The border of one source: what nobody foresaw is its outcome, with the words of the error.
        error = unforeseen
    # What was stored before belongs to the visit all the same.
    stored = {"hops": recording.hops, "records": recording.records}
    return _unvisited(source, previous, "error", f"{type(error).__name__}: {error}") | stored


def _unvisited(source: Source, previous: Previous, reason: str, why: str) -> dict[str, Json]:
    """The entry of a source whose visit brought nothing that could be stored."""
    failure = {"step": source.url, "reason": reason, "message": why, "try": 1}
    return page.unvisited(source, previous, Outcome("failed", reason, (why,))) | {"errors": [failure]}


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
