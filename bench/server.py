"""The benchmark web, in a process of its own: `python -m bench.server PAGES` prints its port and serves until killed.

/page/N is a page of bench.pages; /video/BYTES/N and /text/BYTES are bodies of any size; /film/BYTES/N is a page that
shows the film /media/BYTES/N.mp4, which is sent in ranges if so asked. All else is not found. Its time counts for
nobody.
"""

from __future__ import annotations

import asyncio
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from bench import pages

_BLOCK = 1 << 20
_PAGES = 10**6
_MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\nnot found"


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
            if len(path) < 3 or (path[1] == "page" and int(path[2]) > _PAGES):
                self.transport.write(_MISSING)
            elif path[1] == "page":
                self.transport.write(pages.answer(int(path[2])))
            elif path[1] == "film":
                self.transport.write(_film_page(path[2], path[3]))
            elif path[1] == "media":
                self.sending = asyncio.create_task(self.send_range(request, int(path[2]), path[3]))
            else:
                self.sending = asyncio.create_task(self.send(path[1], int(path[2]), int(path[-1])))

    async def send(self, kind: str, size: int, seed: int) -> None:
        """Video does not compress, text does."""
        mime, block = ("video/mp4", random.Random(seed).randbytes(_BLOCK))
        if kind == "text":
            mime, block = "text/plain", (pages.answer(0) * (1 + _BLOCK // len(pages.answer(0))))[:_BLOCK]
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {mime}\r\nContent-Length: {size}\r\n\r\n"
        self.transport.write(head.encode())
        await self.pour(block, size)

    async def send_range(self, request: bytes, size: int, seed: str) -> None:
        """Noise of its own for each film; any range holds the same: how it is taken is compared, not what it shows."""
        first, last, status = 0, size - 1, "200 OK"
        if asked := re.search(rb"(?i)\r\nrange: *bytes=(\d+)-(\d*)", request):
            first, status = int(asked[1]), "206 Partial Content"
            last = min(last, int(asked[2] or last))
        head = f'HTTP/1.1 {status}\r\nContent-Type: video/mp4\r\nAccept-Ranges: bytes\r\nETag: "{size}"\r\n'
        head += f"Content-Range: bytes {first}-{last}/{size}\r\n" if asked else ""
        self.transport.write(f"{head}Content-Length: {last - first + 1}\r\n\r\n".encode())
        await self.pour(_noise(seed), last - first + 1)

    async def pour(self, block: bytes, size: int) -> None:
        while size > 0:
            await self.ready.wait()
            self.transport.write(block[:size])
            size -= len(block)


@cache
def _noise(seed: str) -> bytes:
    return random.Random(seed).randbytes(_BLOCK)


def _film_page(size: str, number: str) -> bytes:
    page = f'<!DOCTYPE html><title>Film {number}</title><video src="/media/{size}/{number}.mp4"></video>'.encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page)


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
