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
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from types import TracebackType
from typing import BinaryIO

import httpx

from preserve.errors import FetchError
from preserve.model import Exchange, Limits
from preserve.network import policy
from preserve.network.dial import Dialler
from preserve.network.flight import ClosedEarly, Live
from preserve.network.stream import Stream


class ExchangeError(httpx.TransportError):
    """No usable answer. `fault` tells why; `exchange` holds what was sent and received, if a connection stood."""

    def __init__(self, fault: FetchError, exchange: Exchange | None, request: httpx.Request) -> None:
        super().__init__(fault.message)
        self.request = request
        self.fault = fault
        self.exchange = exchange


class WireTransport(httpx.AsyncBaseTransport):
    """`overflow` opens a temporary file for a body that does not fit into memory."""

    def __init__(self, dialler: Dialler, limits: Limits, overflow: Callable[[], BinaryIO]) -> None:
        self._dialler = dialler
        self._limits = limits
        self._overflow = overflow
        self._idle: defaultdict[tuple[str, str, int], list[Stream]] = defaultdict(list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises ExchangeError. `request.extensions["target"]` (bytes) overrules httpx's spelling of the URL."""
        answer = await self.open(request)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        answer.response = httpx.Response(answer.status, headers=headers, stream=answer, request=request)
        return answer.response

    async def exchange(self, request: httpx.Request, limits: Limits | None = None) -> Exchange:
        """The whole exchange, for who wants the bytes kept and nothing more. Raises ExchangeError."""
        async with aclosing(await self.open(request, limits)) as answer:
            async for _ in answer:
                pass
        assert answer.exchange is not None
        return answer.exchange

    async def open(self, request: httpx.Request, limits: Limits | None = None) -> Answer:
        """The answer as far as its head; whoever asked reads the body, or closes it. Raises ExchangeError."""
        live = Live(request, limits or self._limits, self._overflow)
        try:
            await self._begin(live)
        except FetchError as fault:
            raise ExchangeError(fault, live.finish(fault), request) from fault
        answer = Answer(live, self)
        if live.head.status is None:
            async for _ in answer:  # read what came to its end: it is evidence
                pass
            raise ExchangeError(FetchError("malformed", "the answer is not HTTP"), answer.exchange, request)
        return answer

    async def _begin(self, live: Live) -> None:
        origin = live.origin
        if (stream := self._take(origin, live.credentials)) is not None:
            try:
                await live.start(stream)
                return
            except ClosedEarly:
                live.reset()
        scheme, host, port = origin
        if live.credentials and scheme != "https":
            raise FetchError("policy", f"credentials are not sent to {host} over plain http")
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


class Answer(httpx.AsyncByteStream):
    """One answer: its head, and by iteration its body with the chunk framing undone, as it arrives.

    `exchange` is complete when the body was read to its end, failed (ExchangeError), or was closed.
    """

    def __init__(self, live: Live, transport: WireTransport) -> None:
        self._live = live
        self._transport = transport
        self.exchange: Exchange | None = None
        self.response: httpx.Response | None = None

    @property
    def status(self) -> int:
        return self._live.head.status or 0

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        return self._live.head.headers

    @property
    def chunked(self) -> bool:
        return self._live.framing.kind == "chunked"

    def header(self, name: str) -> str | None:
        """The first field of that name, stripped."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def pass_on(self, *, hashed: bool) -> None:
        """The reader keeps the body: the exchange holds the head alone, truncated `length`. Where the reader also
        hashes what it gets, the exchange does not: a hash in the event loop makes all others wait."""
        self._live.pass_on(hashed=hashed)

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


def _verified(stream: Stream) -> bool:
    tls = stream.connection.tls
    return tls is None or tls.verified is not None
