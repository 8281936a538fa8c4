"""A server that answers with given bytes, so that a test decides each byte on the wire.

A script is a list of steps: bytes are written, a float pauses, "close" ends cleanly, "reset" with a TCP RST,
"hang" waits for the client to go. After the last step the connection waits for the next request.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Step = bytes | float | str


@dataclass
class ScriptServer:
    """`scripts`: one per request, by path. `requests`: what came, `written`: what was sent, by path."""

    scripts: dict[str, Sequence[Step]]
    port: int = 0
    connections: int = 0
    peers: list[str] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    written: dict[str, bytes] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.peers.append(writer.get_extra_info("peername")[0])
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    self.requests.append(head)
                    path = head.split(b" ")[1].decode()
                    if await self._play(path, reader, writer):
                        writer.close()
                        break
        finally:
            await asyncio.sleep(0)
            if writer.is_closing():
                with contextlib.suppress(OSError, TimeoutError):
                    await asyncio.wait_for(writer.wait_closed(), 0.5)
            writer.transport.abort()
            await asyncio.sleep(0)

    async def _play(self, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        self.written[path] = b""
        for step in self.scripts[path]:
            if isinstance(step, bytes):
                writer.write(step)
                self.written[path] += step
                await writer.drain()
            elif isinstance(step, float):
                await asyncio.sleep(step)
            elif step == "hang":
                await reader.read()
                return True
            elif step == "reset":
                raw = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
                return True
            else:
                return True
        return False


@asynccontextmanager
async def serving(
    scripts: dict[str, Sequence[Step]], context: ssl.SSLContext | None = None
) -> AsyncIterator[ScriptServer]:
    script = ScriptServer(scripts)
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0, ssl=context)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()
        for task in script.tasks:
            task.cancel()
        await asyncio.gather(*script.tasks, return_exceptions=True)
        await asyncio.sleep(0.01)  # the loop closes the sockets of aborted transports
