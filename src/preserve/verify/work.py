"""Many files, hashed on all cores: hashing lets go of the interpreter's lock, so threads are enough."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from threading import Event, Lock
from typing import TypeVar

Progress = Callable[[int, int], None]  # bytes done, bytes in all
Result = TypeVar("Result")
_AHEAD = 4  # jobs queued for each thread: enough to keep it busy, few enough for a million files
_LOOK = 0.2  # seconds between two reports of progress


class StoppedError(Exception):
    """Nobody wants the findings any more; ends the work of a thread between two blocks."""


class Meter:
    """Counts bytes for all threads, tells `progress` on the caller's thread, and stops the threads."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.done, self.total = 0, total
        self._progress = progress
        self._lock = Lock()
        self.stopped = Event()

    def count(self, size: int) -> None:
        """Called for each block that was read. Raises StoppedError once `stopped` is set."""
        with self._lock:
            self.done += size
        if self.stopped.is_set():
            raise StoppedError

    def tell(self) -> None:
        if self._progress:
            self._progress(min(self.done, self.total), self.total)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(jobs: Iterable[Callable[[], Result]], meter: Meter, threads: int) -> Iterator[Result]:
    """The results of the jobs in their order."""
    queue: deque[Future[Result]] = deque()
    waiting = iter(jobs)
    with ThreadPoolExecutor(threads) as pool:
        try:
            while True:
                room = _AHEAD * threads - len(queue)
                queue.extend(pool.submit(job) for job in islice(waiting, room))
                if not queue:
                    return
                yield _await(queue.popleft(), meter)
        finally:
            meter.stopped.set()
            pool.shutdown(wait=True, cancel_futures=True)


def _await(future: Future[Result], meter: Meter) -> Result:
    while True:
        try:
            result = future.result(timeout=_LOOK)
        except TimeoutError:
            meter.tell()
            continue
        meter.tell()
        return result
