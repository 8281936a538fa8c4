"""The ceiling: a capture with nothing between the socket and the WARC. `python -m bench.bare LIST FILE`.

Sixteen keep-alive connections, one for each host, each an asyncio protocol that knows just enough of HTTP for the
benchmark web. It writes the same WARC with preserve's own record and gzip functions: request and response, SHA-256
block and payload digests, isal, media stored. No limits, no checks, no retries, no manifest: what preserve adds to
this is the price of being right.
"""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from bench.writing import opened
from preserve.model import Connection, Exchange
from preserve.warc import write


class _Memory:
    """model.Blocks over bytes."""

    def __init__(self, data: bytes) -> None:
        self.data, self.size = data, len(data)

    def blocks(self) -> Iterator[bytes]:
        yield self.data

    def close(self) -> None:
        pass


class _Client(asyncio.Protocol):
    def __init__(self, urls: list[str], file: BinaryIO, info: str, done: asyncio.Future[None]) -> None:
        self.urls, self.file, self.info, self.done = iter(urls), file, info, done

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        host, port = transport.get_extra_info("peername")
        self.connection = Connection(host, port, host, (host,), None, None)
        self.ask()

    def ask(self) -> None:
        self.url = next(self.urls, "")
        if not self.url:
            self.transport.close()
            self.done.set_result(None)
            return
        parts = urlsplit(self.url)
        self.request = b"GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n" % (
            parts.path.encode(),
            parts.netloc.encode(),
        )
        self.parts: list[bytes] = []
        self.wanted = 0
        self.got = 0
        self.started = datetime.now(UTC)
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.parts.append(data)
        self.got += len(data)
        if not self.wanted:
            self.read_head(b"".join(self.parts))
        if self.wanted < 0:
            whole = data.endswith(b"0\r\n\r\n") or b"".join(self.parts[-2:]).endswith(b"0\r\n\r\n")
        else:
            whole = self.got == self.wanted > 0
        if whole:
            self.store(b"".join(self.parts))
            self.ask()

    def read_head(self, data: bytes) -> None:
        """`wanted`: bytes of head and body; -1 until the last chunk, 0 when the head is not whole yet."""
        self.head_size = data.find(b"\r\n\r\n") + 4
        if self.head_size < 4:
            return
        lines = data[: self.head_size - 4].decode("latin-1").split("\r\n")
        self.headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines[1:]))
        length = next((value for name, value in self.headers if name == "Content-Length"), None)
        self.wanted = self.head_size + int(length) if length is not None else -1

    def store(self, data: bytes) -> None:
        head, body = data[: self.head_size], data[self.head_size :]
        exchange = Exchange(
            url=self.url, method="GET", started=self.started, ended=datetime.now(UTC), connection=self.connection,
            request=self.request, interim=b"", head=head, status=200, headers=self.headers, body=_Memory(body),
            chunked=self.wanted < 0, block_sha256=sha256(data).hexdigest(), payload_sha256=sha256(body).hexdigest(),
        )  # fmt: skip
        request = write.request(exchange, self.info)
        for record in (request, write.response(exchange, self.info, request.id)):
            self.file.writelines(write.member(record))


async def capture(urls: list[str], path: Path) -> None:
    by_host: defaultdict[str, list[str]] = defaultdict(list)
    for url in urls:
        by_host[urlsplit(url).netloc].append(url)
    loop = asyncio.get_running_loop()
    with opened(path) as (file, info):
        waiting = []
        for netloc, mine in by_host.items():
            host, port = netloc.split(":")
            done = loop.create_future()
            await loop.create_connection(partial(_Client, mine, file, info, done), host, int(port))
            waiting.append(done)
        await asyncio.gather(*waiting)


if __name__ == "__main__":
    asyncio.run(capture(Path(sys.argv[1]).read_text().split(), Path(sys.argv[2])))
