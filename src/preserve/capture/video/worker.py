"""The process in which yt-dlp runs: `python -m preserve.capture.video.worker`, one film after the other.

A process of its own, because 1,800 extractors match what strangers wrote: a regular expression that never comes to its
end holds the interpreter, and in ours it would hold the whole run. It reaches the network only by asking the program.
"""

from __future__ import annotations

import gc
import itertools
import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from preserve.capture.video import talk
from preserve.errors import FetchError
from preserve.model import Json

PUZZLE_TIME = 5  # seconds of the processor for the script of a challenge; real ones take a few milliseconds
CPU_TIME = 300  # seconds for one film: a channel of 5,000 films takes some 20; then the system ends the process
MEMORY = 2 << 30  # bytes: 600 bytes of a DASH manifest can name a billion fragments, and all are written down


@dataclass(frozen=True, slots=True)
class Head:
    """An answer as far as its head; `number` is what its body is asked for by."""

    number: int
    status: int
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str | None:
        """The first field of that name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Door:
    """The way out of this process. What it raises when the program is gone is SystemExit: no extractor catches it."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self._reader, self._writer = reader, writer
        self._numbers = itertools.count(1)

    def ask(self, url: str, method: str, headers: tuple[tuple[str, str], ...], content: bytes) -> Head:
        """Raises FetchError where no answer came."""
        number = next(self._numbers)
        self.say("ask", content, number=number, url=url, method=method, headers=headers)
        _, fields, _ = self._answer()
        return Head(number, fields["status"], tuple((name, value) for name, value in fields["headers"]))

    def body(self, head: Head) -> Iterator[bytes]:
        """The body as it comes, chunk framing undone. Raises FetchError where it was cut."""
        while True:
            self.say("more", number=head.number)
            kind, _, data = self._answer()
            if kind == "end":
                return
            yield data

    def close(self, head: Head) -> None:
        """Nothing more of it is wanted: the rest is not received."""
        self.say("close", number=head.number)

    def _answer(self) -> tuple[str, Json, bytes]:
        kind, fields, data = self.hear()
        if kind == "fault":
            raise FetchError(fields["reason"], fields["message"])
        return kind, fields, data

    def hear(self) -> tuple[str, Json, bytes]:
        try:
            return talk.receive(self._reader)
        except EOFError:
            raise SystemExit(0) from None

    def say(self, kind: str, data: bytes = b"", **fields: Json) -> None:
        try:
            self._writer.write(talk.pack(kind, data, **fields))
            self._writer.flush()
        except BrokenPipeError:
            raise SystemExit(0) from None


def main() -> None:
    """Reads jobs until the program is gone."""
    _bound(MEMORY)
    door = Door(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):  # what an extractor prints, or a child reads, must not stand between the messages
        os.dup2(nowhere, number)
    # What the first film loads stays: collecting garbage in between would look through it again and again, a fifth of
    # the time. So it is done between films; within one, memory has its bound.
    gc.disable()
    from preserve.capture.video import engine

    for number in itertools.count():
        kind, job, _ = door.hear()
        _allow(PUZZLE_TIME if kind == "puzzle" else CPU_TIME)
        if kind == "prepare":
            engine.prepare()
            continue
        if kind == "puzzle":
            _solve(door, job)
            continue
        try:
            found = engine.find(door, job)
        except engine.EngineError as error:
            door.say("failed", error=error.kind, text=str(error), remarks=error.remarks)
        else:
            door.say("found", **found.as_json())
        gc.collect()
        if number < 2:  # the first film may come after a preparation
            gc.freeze()


def _solve(door: Door, job: Json) -> None:
    from preserve.capture.video import puzzle

    try:
        door.say("solved", text=puzzle.solve(job["script"]))
    except puzzle.PuzzleError as error:
        door.say("failed", error="PuzzleError", text=str(error), remarks=[])


def _bound(size: int) -> None:
    """No more memory than this; not of the address space, of which deno takes a lot that it never uses."""
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (size if most == resource.RLIM_INFINITY else min(size, most), most))


def _allow(seconds: int) -> None:
    """So much more time of the processor, within what we were given ourselves."""
    used, (_, most) = resource.getrusage(resource.RUSAGE_SELF), resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))


if __name__ == "__main__":
    main()
