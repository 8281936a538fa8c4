"""The processes with yt-dlp, as the program holds them: started early, used for one film after the other, killed with
all that they started where they do not come to an end.

The module is light: a process takes a second or two to be ready, and so the first is started before anything slow is
imported here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from preserve.capture.video import talk
from preserve.model import Json

if TYPE_CHECKING:
    import asyncio

PATIENCE = 3.0  # seconds of waiting for a busy process: another one costs two of a processor to make ready
COMMAND = (sys.executable, "-P", "-m", "preserve.capture.video.worker")  # -P: not from the folder we are in


class Worker:
    """One process. What it is told before it is ready waits in the pipe; when the program ends, however, so does it."""

    def __init__(self, command: Sequence[str] = ()) -> None:
        # A session of its own: Ctrl-C is for the program, which lets the film in hand come to an end.
        self._process = subprocess.Popen(
            command or COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._reader: asyncio.StreamReader | None = None
        self._pipes: list[asyncio.BaseTransport] = []

    async def connect(self) -> None:
        """To the loop that runs; once it is, this does nothing."""
        import asyncio

        if self._reader is not None:
            return
        reader = self._reader = asyncio.StreamReader(limit=talk.MAX_LINE)
        loop = asyncio.get_running_loop()
        self._writer, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, self._process.stdin)
        out, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), self._process.stdout)
        self._pipes = [self._writer, out]

    def say(self, message: bytes) -> None:
        self._writer.write(message)

    async def hear(self) -> tuple[str, Json, bytes]:
        """The next message. Raises EOFError when the process has ended, ValueError for what is no message."""
        assert self._reader
        line = await self._reader.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        kind, fields, count = talk.unpack(line)
        return kind, fields, await self._reader.readexactly(count)

    async def kill(self) -> int:
        """It and what it started end at once; how it ended, as the system counts."""
        import asyncio

        if self._process.returncode is None:  # so nobody has asked yet, and its number is still its own
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        for pipe in self._pipes or (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        return await asyncio.to_thread(self._process.wait)


class Workers:
    """The processes of one run. Whoever takes one gives it back, or has killed it and says so."""

    def __init__(self, spare: Worker | None = None) -> None:
        import asyncio

        self._idle: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        self._count = 0
        if spare is not None:
            self._count = 1
            self._idle.put_nowait(spare)

    async def prepare(self) -> None:
        """One of them makes ready what the pages of unknown sites need, while these are on their way."""
        worker = await self.take()
        worker.say(talk.pack("prepare"))
        self.give(worker)

    async def take(self) -> Worker:
        """One that waits for work, or will before long, else a new one."""
        import asyncio

        if self._count:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    worker = await self._idle.get()
                await worker.connect()
                return worker
        self._count += 1
        worker = Worker()
        await worker.connect()
        return worker

    def give(self, worker: Worker) -> None:
        """It is ready for the next film."""
        self._idle.put_nowait(worker)

    async def kill(self, worker: Worker) -> int:
        """It did not come to its end; how it ended."""
        self._count -= 1
        return await worker.kill()

    async def close(self) -> None:
        """All that wait for work end; those at work are killed by whom they work for."""
        while not self._idle.empty():
            await self._idle.get_nowait().kill()
