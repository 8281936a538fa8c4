"""Documents read side by side, each in a process of its own while it lasts (worker.py), on all cores.

A process that crashes, is killed for its memory or gives no sign of life is that document's failure, and nobody
else's: it is replaced, the rest is read.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from preserve.documents import worker
from preserve.documents.read import Document
from preserve.errors import DocumentError, NothingToReadError
from preserve.model import Json

# Between two signs of life. A text of 100 MiB gives its first after a minute on a slow machine, a parser in a loop
# never.
SILENCE = 300.0
COMMAND = (sys.executable, "-P", "-m", "preserve.documents.worker")  # -P: not from the folder we are in


@dataclass(frozen=True, slots=True)
class Request:
    """One document to read. `open` is called when its turn comes, and may raise DocumentError."""

    name: str
    open: Callable[[], BinaryIO]
    base_url: str = ""
    extras: frozenset[str] = frozenset()
    show: bool = False


def read_all(requests: Sequence[Request], *, workers: int = 0) -> Iterator[Document | DocumentError]:
    """What became of each, in their order."""
    count = min(workers or os.cpu_count() or 1, len(requests))
    if not count:
        return
    idle: queue.LifoQueue[_Process] = queue.LifoQueue()
    for _ in range(count):
        idle.put(_Process())
    crew = ThreadPoolExecutor(count)
    try:
        yield from crew.map(lambda request: _read(request, idle), requests)
    finally:
        crew.shutdown(wait=False, cancel_futures=True)
        while not idle.empty():
            idle.get_nowait().kill()


def _read(request: Request, idle: queue.LifoQueue[_Process]) -> Document | DocumentError:
    process = idle.get()
    try:
        with request.open() as file:
            return process.read(request, file)
    except DocumentError as error:
        return error
    finally:
        idle.put(process)


@dataclass(slots=True)
class _Answer:
    """What a worker has said of one document so far."""

    name: str
    head: Json = None
    citations: list[Json] = field(default_factory=list)
    stretches: list[Json] = field(default_factory=list)

    def document(self) -> Document:
        return worker.unpack_document(self.head, self.name, self.citations, self.stretches)


class _Process:
    """One worker, started when it is first needed and again when it has died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def read(self, request: Request, file: BinaryIO) -> Document:
        """DocumentError also for whatever takes the process down."""
        channel = self._channel or self._start()
        so_far = _Answer(request.name)
        try:
            return self._talk(channel, request, file, so_far)
        except TimeoutError:
            self.kill()
            why = f"kept its reader busy for {SILENCE:.0f} seconds without a result"
        except (OSError, EOFError, ValueError, TypeError):
            why = f"made its reader {self._end()}"
        if so_far.citations and so_far.head:
            found = so_far.document()
            return replace(found, unread=True, notices=(*found.notices, f"{why}; what came before was read"))
        raise DocumentError(f"{request.name} {why}.", "It may be damaged, or made to do that; convert it first.")

    def kill(self) -> None:
        if self._process:
            with suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()
        if self._channel:
            self._channel.close()
        self._process = self._channel = None

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                COMMAND,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        ours.settimeout(SILENCE)
        self._channel = ours
        return ours

    def _talk(self, channel: socket.socket, request: Request, file: BinaryIO, so_far: _Answer) -> Document:
        asked = {
            "name": request.name,
            "base_url": request.base_url,
            "extras": sorted(request.extras),
            "show": request.show,
        }
        socket.send_fds(channel, [json.dumps(asked).encode() + b"\n"], [file.fileno()])
        for answer in map(json.loads, channel.makefile("rb")):
            so_far.citations += answer.get("citations", ())
            so_far.stretches += (answer["stretch"],) if "stretch" in answer else ()
            so_far.head = answer.get("document", so_far.head)
            if "end" in answer:
                return so_far.document()
            if "error" in answer:
                message, hint, nothing = answer["error"]
                raise (NothingToReadError if nothing else DocumentError)(message, hint)
        raise EOFError("it closed its end")

    def _end(self) -> str:
        """How it ended, for people; it is gone afterwards."""
        process = self._process
        try:
            code = process.wait(5) if process else 0
        except subprocess.TimeoutExpired:
            code = 0
        self.kill()
        if code in (-signal.SIGKILL, -signal.SIGXCPU):
            return "use more memory or time than it may"
        return f"crash ({signal.Signals(-code).name})" if code < 0 else "stop"
