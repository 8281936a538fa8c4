"""One TCP or TLS connection as a stream of bytes that can be pulled with a deadline."""

from __future__ import annotations

import asyncio
import ssl

from preserve.model import Connection
from preserve.network import policy


class Stream(asyncio.Protocol):
    """Received bytes wait here until they are pulled; reading pauses when nobody pulls.

    `read` returns b"" at the end of the stream; it raises OSError when the connection broke and TimeoutError at
    the deadline (a time of the event loop).
    """

    connection: Connection

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parts: list[bytes] = []
        self._held = 0
        self._paused = False
        self._ended = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self.used = False  # carried an exchange before this one
        self.abrupt = False  # TLS ended without its goodbye: where the end says what is whole, it proves nothing
        self.idle_since = 0.0

    # -- called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parts.append(data)
        self._held += len(data)
        if self._held > policy.READ_AHEAD and not self._paused and self._transport:
            self._transport.pause_reading()
            self._paused = True
        self._wake()

    def eof_received(self) -> bool:
        self._ended = True
        self.abrupt = self.ssl_object is not None and not _said_goodbye(self.ssl_object)
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._error = exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # -- called by us

    @property
    def clean(self) -> bool:
        """Nothing received, nothing ended: the next exchange may begin."""
        return not (self._ended or self._held) and self._transport is not None and not self._transport.is_closing()

    @property
    def held(self) -> int:
        """Bytes received and not pulled."""
        return self._held

    @property
    def ssl_object(self) -> ssl.SSLObject | None:
        return self._transport.get_extra_info("ssl_object") if self._transport else None

    @property
    def peer(self) -> str | None:
        name = self._transport.get_extra_info("peername") if self._transport else None
        return str(name[0]) if name else None

    async def read(self, deadline: float) -> bytes:
        while not self._held:
            if self._ended:
                if self._error:
                    raise self._error if isinstance(self._error, OSError) else OSError(str(self._error))
                return b""
            await self._wait(deadline)
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts, self._held = [], 0
        if self._paused and self._transport and not self._transport.is_closing():
            self._transport.resume_reading()
            self._paused = False
        return data

    async def _wait(self, deadline: float) -> None:
        waiter = self._waiter = self._loop.create_future()
        timer = self._loop.call_at(deadline, _expire, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None

    async def read_exactly(self, count: int, deadline: float) -> bytes:
        """For proxy handshakes. What came beyond `count` is kept for the next read."""
        data = b""
        while len(data) < count:
            part = await self.read(deadline)
            if not part:
                raise ConnectionResetError("the connection was closed in the handshake")
            data += part
        self.unread(data[count:])
        return data[:count]

    def unread(self, data: bytes) -> None:
        if data:
            self._parts.insert(0, data)
            self._held += len(data)

    def write(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("the connection was closed before the request")
        self._transport.write(data)

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Raises ssl.SSLError, OSError or TimeoutError; the connection is then of no more use."""
        assert self._transport is not None
        transport = await self._loop.start_tls(
            self._transport,
            self,
            context,
            server_hostname=host,
            ssl_handshake_timeout=policy.HANDSHAKE_TIME,
            ssl_shutdown_timeout=1.0,  # an answer is complete by its framing; nobody waits for a goodbye
        )
        if transport is None:
            raise ConnectionResetError("the connection was closed in the TLS handshake")
        self._transport = transport

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


def _said_goodbye(tls: ssl.SSLObject) -> bool:
    """Whether close_notify came (RFC 8446 section 6.1). After it a read gives b""; without it, it wants more."""
    try:
        return tls.read(1) == b""
    except ssl.SSLError:
        return False


def _expire(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())
