"""A duplex stream on which every byte, and the manner of the ending, is ours to choose.

TLS runs over memory BIOs instead of asyncio's transport: only so can a fault send half a handshake, close without
close_notify, or reset the connection under a record.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct

BLOCK = 256 * 1024
LINGER = 0.5  # seconds in which the peer may still talk after our FIN; closing at once would turn it into a reset


class Plain:
    """A TCP stream."""

    tls: str | None = None

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        # Nothing may wait in the transport: a reset would throw it away.
        writer.transport.set_write_buffer_limits(high=0)
        address = writer.get_extra_info("peername") or ("", 0)
        self.peer = f"{address[0]}:{address[1]}"

    async def read(self) -> bytes:
        """Some bytes; b"" at the end."""
        return await self._reader.read(BLOCK)

    async def exactly(self, count: int) -> bytes:
        return await self._reader.readexactly(count)

    async def until(self, end: bytes) -> bytes:
        return await self._reader.readuntil(end)

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def close(self, *, notify: bool = True) -> None:
        """Everything written arrives, then the end. `notify` is TLS's closing word; plain TCP has none."""
        with contextlib.suppress(OSError, TimeoutError):
            self._writer.write_eof()
            async with asyncio.timeout(LINGER):
                while await self._reader.read(BLOCK):
                    pass
        await self.abort()

    async def abort(self) -> None:
        self._writer.transport.abort()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def reset(self) -> None:
        """RST instead of FIN."""
        handle: socket.socket = self._writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await self.abort()


class Tls:
    """TLS over a plain stream."""

    def __init__(self, below: Plain, context: ssl.SSLContext) -> None:
        self._below = below
        self._inward, self._outward = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._inward, self._outward, server_side=True)
        self.peer = below.peer

    @property
    def tls(self) -> str | None:
        return self._object.version()

    async def handshake(self) -> None:
        """Raises ssl.SSLError when the peer refuses us (an unknown authority), ConnectionError when it leaves."""
        while True:
            try:
                self._object.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                if not await self._feed():
                    raise ConnectionResetError("left during the handshake") from None
                continue
            except ssl.SSLError:
                await self._flush()  # the alert that tells the peer why
                raise
            await self._flush()
            return

    async def read(self) -> bytes:
        while True:
            try:
                return self._object.read(BLOCK)
            except ssl.SSLWantReadError:
                if not await self._feed():
                    return b""
            except ssl.SSLError:  # ZeroReturn is the regular end, anything else is one as well
                return b""

    async def write(self, data: bytes) -> None:
        view = memoryview(data)
        for start in range(0, len(view), BLOCK):
            self._object.write(view[start : start + BLOCK])
            await self._flush()

    async def close(self, *, notify: bool = True) -> None:
        if notify:
            with contextlib.suppress(ssl.SSLError):
                self._object.unwrap()
            with contextlib.suppress(OSError):
                await self._flush()
        await self._below.close()

    async def abort(self) -> None:
        await self._below.abort()

    async def reset(self) -> None:
        await self._below.reset()

    async def _flush(self) -> None:
        if data := self._outward.read():
            await self._below.write(data)

    async def _feed(self) -> bool:
        data = await self._below.read()
        self._inward.write(data)
        return bool(data)


Wire = Plain | Tls
