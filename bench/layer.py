"""preserve's network layer and WARC writing without the rest. `python -m bench.layer wire|session LIST FILE`.

wire: WireTransport and warc.write, nothing else; the same work as bench.bare, done with all its rules.
session: Session and Recorder as a run uses them: hops, retries, lanes, content hashes, facts for the entry.
"""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx

from bench.writing import opened
from preserve.archive.warcfile import Stored
from preserve.capture.recorder import Recorder, Recording
from preserve.config import Config, Network, Politeness
from preserve.model import Exchange, Limits
from preserve.network.dial import Dialler
from preserve.network.session import Hop, Session
from preserve.network.wire import WireTransport
from preserve.warc import write

_CONFIG = Config(network=Network(allow_private=True), politeness=Politeness(delay=0, concurrency=16))
Visit = Callable[[str], Awaitable[None]]


async def drain(urls: list[str], visit: Visit) -> None:
    """All hosts at once, one connection each."""
    lanes: defaultdict[str, list[str]] = defaultdict(list)
    for url in urls:
        lanes[urlsplit(url).netloc].append(url)

    async def follow(lane: list[str]) -> None:
        for url in lane:
            await visit(url)

    await asyncio.gather(*map(follow, lanes.values()))


async def by_wire(urls: list[str], file: BinaryIO, info: str) -> None:
    async with WireTransport(Dialler(_CONFIG), Limits(), TemporaryFile) as transport:

        async def visit(url: str) -> None:
            response = await transport.handle_async_request(httpx.Request("GET", url))
            assert isinstance(response.stream, httpx.AsyncByteStream)
            async for _ in response.stream:
                pass
            exchange: Exchange = response.extensions["exchange"]
            request = write.request(exchange, info)
            for record in (request, write.response(exchange, info, request.id)):
                file.writelines(write.member(record))

        await drain(urls, visit)


async def by_session(urls: list[str], file: BinaryIO, info: str) -> None:
    def append(member: Iterable[bytes]) -> Stored:
        start, digest = file.tell(), sha256()
        for block in member:
            digest.update(block)
            file.write(block)
        return Stored("bench.warc.gz", start, file.tell() - start, digest.hexdigest())

    session = Session(_CONFIG, TemporaryFile)
    recorder = Recorder(append, lambda: info, {})

    async def visit(url: str) -> None:
        recording = Recording()

        async def keep(hop: Hop) -> None:
            await recorder.keep(recording, hop)

        for hop in (await session.visit(url, keep=keep)).hops:
            if hop.exchange:
                hop.exchange.body.close()

    await drain(urls, visit)
    await session.aclose()


if __name__ == "__main__":
    way = {"wire": by_wire, "session": by_session}[sys.argv[1]]
    with opened(Path(sys.argv[3])) as (file, info):
        asyncio.run(way(Path(sys.argv[2]).read_text().split(), file, info))
