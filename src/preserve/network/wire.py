"""The wire transport: an httpx transport that keeps the exact bytes of every exchange in both directions.

* One exchange owns its connection from the first byte written to the end of the message: no pipelining.
* It only finds message boundaries; it never rewrites, decodes or drops a byte of the message.
* A connection is used again only if the framing ended exactly and nothing was received beyond it. Surplus bytes are
  counted and the connection is dropped, so they cannot become the next answer; what a server sends unasked later,
  between two exchanges, ends the connection too.
* What is malformed, cut or too long is kept as far as it came, and says so.

`handle_async_request` gives the finished Exchange in `response.extensions["exchange"]` once the body is read;
when the exchange fails, ExchangeError carries what came.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from types import TracebackType
from typing import BinaryIO

import httpx

from preserve.errors import FetchError
from preserve.model import Exchange, Limits
from preserve.network import message, policy
from preserve.network.decode import Dechunker, DecodeError
from preserve.network.dial import Dialler
from preserve.network.spool import Spool
from preserve.network.stream import Stream

_SECRET = {b"authorization", b"cookie", b"proxy-authorization"}


class ExchangeError(httpx.TransportError):
    """No usable answer. `fault` tells why; `exchange` holds what was sent and received, if a connection stood."""

    def __init__(self, fault: FetchError, exchange: Exchange | None, request: httpx.Request) -> None:
        super().__init__(fault.message)
        self.request = request
        self.fault = fault
        self.exchange = exchange


class _ClosedEarly(Exception):
    """A kept connection was closed by the server before it answered anything: the request may go out again."""


class WireTransport(httpx.AsyncBaseTransport):
    """`overflow` opens a temporary file for a body that does not fit into memory."""

    def __init__(self, dialler: Dialler, limits: Limits, overflow: Callable[[], BinaryIO]) -> None:
        self._dialler = dialler
        self._limits = limits
        self._overflow = overflow
        self._idle: defaultdict[tuple[str, str, int], list[Stream]] = defaultdict(list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises ExchangeError. `request.extensions["target"]` (bytes) overrules httpx's spelling of the URL."""
        live, stream, status = await self._answer(request)
        response = httpx.Response(
            status,
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in live.head.headers],
            stream=stream,
            request=request,
        )
        stream.response = response
        return response

    async def exchange(self, request: httpx.Request) -> Exchange:
        """The whole exchange, for who wants the bytes kept and nothing more. Raises ExchangeError."""
        _, stream, _ = await self._answer(request)
        async with aclosing(stream):
            async for _ in stream:
                pass
        assert stream.exchange is not None
        return stream.exchange

    async def _answer(self, request: httpx.Request) -> tuple[_Live, _Body, int]:
        live = _Live(request, self._limits, self._overflow)
        try:
            await self._begin(live)
        except FetchError as fault:
            raise ExchangeError(fault, live.finish(fault), request) from fault
        stream = _Body(live, self)
        if live.head.status is None:
            async for _ in stream:  # read what came to its end: it is evidence
                pass
            raise ExchangeError(FetchError("malformed", "the answer is not HTTP"), stream.exchange, request)
        return live, stream, live.head.status

    async def _begin(self, live: _Live) -> None:
        origin = live.origin
        if (stream := self._take(origin, live.credentials)) is not None:
            try:
                await live.start(stream)
                return
            except _ClosedEarly:
                live.reset()
        scheme, host, port = origin
        stream = await self._dialler.dial(
            host, port, secure=scheme == "https", credentials=live.credentials, deadline=live.deadline
        )
        await live.start(stream)

    def _take(self, origin: tuple[str, str, int], credentials: bool) -> Stream | None:
        if credentials and any(not _verified(stream) for stream in self._idle[origin]):
            return None  # a kept connection that did not verify must not carry a secret either
        now = asyncio.get_running_loop().time()
        while self._idle[origin]:
            stream = self._idle[origin].pop()
            if stream.clean and now - stream.idle_since < policy.POOL_IDLE:
                stream.used = True
                return stream
            stream.abort()
        return None

    def give_back(self, origin: tuple[str, str, int], stream: Stream, *, reusable: bool) -> None:
        if reusable and stream.clean and len(self._idle[origin]) < policy.POOL_PER_HOST:
            stream.idle_since = asyncio.get_running_loop().time()
            self._idle[origin].append(stream)
        else:
            stream.abort()

    async def aclose(self) -> None:
        for streams in self._idle.values():
            for stream in streams:
                stream.abort()
        self._idle.clear()
        await asyncio.sleep(0)  # the loop closes aborted connections in its next turn

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.aclose()


class _Body(httpx.AsyncByteStream):
    """The body with its chunk framing undone, as it arrives."""

    def __init__(self, live: _Live, transport: WireTransport) -> None:
        self._live = live
        self._transport = transport
        self.exchange: Exchange | None = None
        self.response: httpx.Response | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        live = self._live
        try:
            async for piece in live.body():
                yield piece
        except FetchError as fault:
            self._finish(fault, reusable=False)
            raise ExchangeError(fault, self.exchange, live.request) from fault
        except asyncio.CancelledError:
            await self.aclose()
            raise
        self._finish(None, reusable=live.reusable)

    async def aclose(self) -> None:
        if self.exchange is None:
            self._finish(FetchError("truncated", "closed before its end"), reusable=False)

    def _finish(self, fault: FetchError | None, *, reusable: bool) -> None:
        assert self._live.stream is not None
        self.exchange = self._live.finish(fault)
        self._transport.give_back(self._live.origin, self._live.stream, reusable=reusable)
        if self.response is not None:
            self.response.extensions["exchange"] = self.exchange


class _Live:
    """One exchange in flight."""

    def __init__(self, request: httpx.Request, limits: Limits, overflow: Callable[[], BinaryIO]) -> None:
        self.request = request
        self.limits = limits
        url = request.url
        self.origin = (
            url.scheme,
            url.raw_host.decode("ascii"),
            url.port or (443 if url.scheme == "https" else 80),
        )
        self.sent = _request_bytes(request)
        self.credentials = any(name.lower() in _SECRET for name, _ in request.headers.raw)
        self._overflow = overflow
        self._loop = asyncio.get_running_loop()
        self.started = datetime.now(UTC)
        self.deadline = self._loop.time() + limits.time
        self.stream: Stream | None = None
        self.reset()

    def reset(self) -> None:
        """Nothing received yet."""
        self.head = message.Head(b"", None, (), ())
        self.framing = message.Framing("close", exact=False)
        self.interim = b""
        self.reusable = False
        self.surplus = 0
        self.truncated: str | None = None
        self._early = b""  # received together with the head
        self._spool = Spool(self._overflow)
        self._block = hashlib.sha256()
        self._payload = hashlib.sha256()

    async def start(self, stream: Stream) -> None:
        """Send the request and receive the head. Raises FetchError; _ClosedEarly on a kept connection."""
        self.stream = stream
        try:
            stream.write(self.sent)
            await self._receive_head(stream)
        except asyncio.CancelledError:
            stream.abort()
            raise
        except (OSError, TimeoutError, FetchError) as error:
            stream.abort()
            untouched = not (self.interim or self._early)
            if stream.used and untouched and isinstance(error, OSError) and not isinstance(error, TimeoutError):
                raise _ClosedEarly from None
            # What came before the failure is kept as the body of an answer without a head.
            self._keep(self._early)
            raise self._fault(error) from None

    async def _receive_head(self, stream: Stream) -> None:
        deadline = min(self.deadline, self._loop.time() + policy.HEAD_TIME)
        data = self._early
        interims = 0
        while True:
            end = message.head_end(data)
            while end < 0:
                self._early = data
                if _not_http(data):
                    self.head = dataclasses.replace(self.head, flaws=("no-status-line",))
                    return  # no head will come: all of it is the body of a malformed answer
                if len(data) > policy.MAX_HEAD:
                    raise FetchError("limit", f"the head is longer than {policy.MAX_HEAD} bytes")
                part = await stream.read(deadline)
                if not part:
                    raise ConnectionResetError("closed before the end of the head")
                searched, data = len(data), data + part
                end = message.head_end(data, searched)
            raw, data = data[:end], data[end:]
            head = message.parse_head(raw)
            if head.status is None or head.status >= 200 or head.status == 101:
                break
            interims += 1
            self.interim += raw
            self._early = data
            if interims > policy.MAX_INTERIM or len(self.interim) > policy.MAX_HEAD:
                raise FetchError("limit", f"more than {policy.MAX_INTERIM} interim answers")
        if head.status is None:
            self._early = raw + data
            self.head = dataclasses.replace(head, raw=b"")
            return
        self._early = data
        self.head = head
        self.framing = message.framing(self.request.method, head)
        self._block.update(raw)

    async def body(self) -> AsyncIterator[bytes]:
        """The de-framed body; afterwards the exchange is complete. Raises FetchError with what came kept."""
        assert self.stream is not None
        boundary = _Boundary(self.framing)
        began = self._loop.time()
        data, self._early = self._early, b""
        try:
            while True:
                pieces, taken = boundary.feed(data)
                self._keep(data[:taken] if taken < len(data) else data)
                for piece in pieces:
                    yield piece
                if boundary.done:
                    self.surplus = len(data) - taken + self.stream.held
                    self.reusable = self.framing.exact and not self.surplus
                    return
                data = await self._next(self.stream, began)
                if not data:
                    if self.framing.kind != "close":
                        raise ConnectionResetError("closed before the end of the body")
                    if self.stream.abrupt:  # as many servers do; a cut would look the same
                        self.framing = dataclasses.replace(self.framing, flaws=(*self.framing.flaws, "no-close-notify"))
                    return
        except (OSError, TimeoutError, FetchError) as error:
            fault = self._fault(error)
            if isinstance(error, DecodeError):
                await self._drain(data, began)
            raise fault from None

    async def _next(self, stream: Stream, began: float) -> bytes:
        now = self._loop.time()
        elapsed = now - began
        if elapsed > policy.RATE_TIME and self._spool.size < elapsed * policy.MINIMUM_RATE:
            raise TimeoutError
        return await stream.read(min(self.deadline, now + policy.IDLE_TIME))

    async def _drain(self, data: bytes, began: float) -> None:
        """After broken framing the boundary is unknown: the rest of the connection belongs to the answer."""
        assert self.stream is not None
        self.framing = dataclasses.replace(self.framing, flaws=(*self.framing.flaws, "bad-chunk"), exact=False)
        try:
            while data:
                self._keep(data)
                data = await self._next(self.stream, began)
        except (OSError, TimeoutError, FetchError) as error:
            self._fault(error)

    def _keep(self, data: bytes) -> None:
        room = self.limits.body - self._spool.size
        kept = data if len(data) <= room else data[:room]
        if kept:
            self._spool.write(kept)
            self._block.update(kept)
            self._payload.update(kept)
        if len(data) > room:
            raise FetchError("limit", f"the body is longer than {self.limits.body} bytes")

    def _fault(self, error: Exception) -> FetchError:
        """Say why it ended, and mark what is there as cut."""
        if isinstance(error, TimeoutError):
            self.truncated = "time"
            return FetchError("timeout", "the answer did not come in time", transient=self._spool.size == 0)
        if isinstance(error, OSError):
            self.truncated = "disconnect"
            got = self._spool.size + len(self.head.raw)
            words = str(error.strerror or error).lower() or "connection lost"
            return FetchError("truncated" if got else "unreachable", words, transient=True)
        assert isinstance(error, FetchError)
        if error.reason == "limit":
            self.truncated = "length"
        return error

    def finish(self, fault: FetchError | None) -> Exchange | None:
        """The exchange as it stands; None when no connection was made."""
        if self.stream is None:
            return None
        if fault is not None and fault.reason == "truncated" and self.truncated is None:
            self.truncated = "unspecified"
        return Exchange(
            url=str(self.request.extensions.get("url") or self.request.url),
            method=self.request.method,
            started=self.started,
            ended=datetime.now(UTC),
            connection=self.stream.connection,
            request=self.sent,
            interim=self.interim,
            head=self.head.raw,
            status=self.head.status,
            headers=self.head.headers,
            body=self._spool,
            chunked=self.framing.kind == "chunked",
            block_sha256=self._block.hexdigest(),
            payload_sha256=self._payload.hexdigest(),
            truncated=self.truncated,
            flaws=tuple(dict.fromkeys((*self.head.flaws, *self.framing.flaws))),
            surplus=self.surplus,
            error=fault.message if fault else "",
        )


class _Boundary:
    """Where the message ends in the bytes received."""

    def __init__(self, framing: message.Framing) -> None:
        self._framing = framing
        self._left = framing.length
        self._dechunker = Dechunker() if framing.kind == "chunked" else None
        self.done = framing.kind == "none" or (framing.kind == "length" and framing.length == 0)

    def feed(self, data: bytes) -> tuple[list[bytes], int]:
        """The content in `data`, and how many of its bytes belong to the message."""
        if self.done or not data:
            return [], 0
        if self._dechunker:
            pieces = self._dechunker.feed(data)
            self.done = self._dechunker.done
            return pieces, len(data) - len(self._dechunker.rest)
        if self._framing.kind == "close":
            return [data], len(data)
        piece = data[: self._left]
        self._left -= len(piece)
        self.done = self._left == 0
        return [piece], len(piece)


def _verified(stream: Stream) -> bool:
    tls = stream.connection.tls
    return tls is None or tls.verified is not None


def _not_http(data: bytes) -> bool:
    """The answer cannot become an HTTP head any more (HTTP/0.9, ICY, garbage)."""
    return bool(data) and not b"HTTP/".startswith(data[:5]) and not data.startswith(b"HTTP/")


def _request_bytes(request: httpx.Request) -> bytes:
    target = request.extensions.get("target") or request.url.raw_path
    body = request.content if request.method not in ("GET", "HEAD") else b""
    return message.request_bytes(request.method, target, request.headers.raw, body)
