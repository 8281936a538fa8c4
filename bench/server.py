"""The benchmark web, in a process of its own: `python -m bench.server PAGES` prints its port and serves until killed.

/page/N is a page of bench.pages; /video/BYTES/N and /text/BYTES are bodies of any size. Its time counts for nobody.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench import pages

_BLOCK = 1 << 20


class _Server(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.held = b""
        self.ready = asyncio.Event()
        self.ready.set()
        self.sending: asyncio.Task[None] | None = None

    def pause_writing(self) -> None:
        self.ready.clear()

    def resume_writing(self) -> None:
        self.ready.set()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.sending:
            self.sending.cancel()

    def data_received(self, data: bytes) -> None:
        self.held += data
        while b"\r\n\r\n" in self.held:
            request, _, self.held = self.held.partition(b"\r\n\r\n")
            path = request.split(b" ", 2)[1].decode("ascii").split("/")
            if path[1] == "page":
                self.transport.write(pages.answer(int(path[2])))
            else:
                self.sending = asyncio.create_task(self.send(path[1], int(path[2]), int(path[-1])))

    async def send(self, kind: str, size: int, seed: int) -> None:
        """Video does not compress, text does."""
        mime, block = ("video/mp4", random.Random(seed).randbytes(_BLOCK))
        if kind == "text":
            mime, block = "text/plain", (pages.answer(0) * (1 + _BLOCK // len(pages.answer(0))))[:_BLOCK]
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {mime}\r\nContent-Length: {size}\r\n\r\n"
        self.transport.write(head.encode())
        while size > 0:
            await self.ready.wait()
            self.transport.write(block[:size])
            size -= len(block)


async def serve(count: int) -> None:
    for number in range(min(count, pages.KEEP)):
        pages.answer(number)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Server, "0.0.0.0", 0, backlog=512)  # all of 127.0.0.0/8
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def running(count: int) -> Iterator[int]:
    """The port of a server with `count` pages made beforehand."""
    with subprocess.Popen([sys.executable, "-m", "bench.server", str(count)], stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
