"""One exchange in flight: what was sent, what has come, where the message ends, and why it stopped."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import BinaryIO

import httpx

from preserve.errors import FetchError
from preserve.model import Exchange, Limits
from preserve.network import message, policy
from preserve.network.decode import Dechunker, DecodeError
from preserve.network.spool import Passing, Spool, room
from preserve.network.stream import Stream

_SECRET = {b"authorization", b"cookie", b"proxy-authorization"}


class ClosedEarly(Exception):
    """A kept connection was closed by the server before it answered anything: the request may go out again."""


class Live:
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
        # What a server gave us minutes ago on this very visit is no secret of ours (`own_cookies`).
        secret = _SECRET - {b"cookie"} if request.extensions.get("own_cookies") else _SECRET
        self.credentials = any(name.lower() in secret for name, _ in request.headers.raw)
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
        self._spool: Spool | Passing = Spool(self._overflow)
        self._block = hashlib.sha256()
        self._payload = hashlib.sha256()
        self._hashing = True

    def pass_on(self, *, hashed: bool) -> None:
        """From here on whoever reads the body keeps it: the exchange will hold the head alone and say so. `hashed`: it
        hashes it, too, and the exchange knows no hash of a payload."""
        self._spool = Passing()
        self._hashing = not hashed

    async def start(self, stream: Stream) -> None:
        """Send the request and receive the head. Raises FetchError; ClosedEarly on a kept connection."""
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
                raise ClosedEarly from None
            # What came before the failure is kept as the body of an answer without a head.
            self._keep(self._stored(self._early))
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
            self.interim += self._stored(raw)
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
        self._block.update(self._stored(raw))
        self._weigh()

    def _stored(self, raw: bytes) -> bytes:
        """A head as it goes into records. What answers a person's credentials with a cookie gives a new one."""
        return message.redacted(raw) if self.credentials else raw

    def _weigh(self) -> None:
        """One body too large for the disk must not end the run for all others: it is not received at all."""
        announced = min(self.framing.length, self.limits.body)  # what is beyond the limit is cut anyway
        if announced < policy.LARGE_BODY:
            return
        free = room(self._overflow)
        if announced * policy.COPIES > free - policy.DISK_FLOOR:
            raise FetchError(
                "limit", f"{self.framing.length} bytes are announced, and the disk of the archive has {free} left"
            )

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
        if elapsed > policy.RATE_TIME and self._spool.passed < elapsed * policy.MINIMUM_RATE:
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
        room = self.limits.body - self._spool.passed
        kept = data if len(data) <= room else data[:room]
        if kept:
            self._spool.write(kept)
            if self._hashing:
                self._payload.update(kept)
            if isinstance(self._spool, Spool):  # the block that is stored ends with the head otherwise
                self._block.update(kept)
        if len(data) > room:
            raise FetchError("limit", f"the body is longer than {self.limits.body} bytes")

    def _fault(self, error: Exception) -> FetchError:
        """Say why it ended, and mark what is there as cut."""
        if isinstance(error, TimeoutError):
            self.truncated = "time"
            return FetchError("timeout", "the answer did not come in time", transient=self._spool.passed == 0)
        if isinstance(error, OSError):
            self.truncated = "disconnect"
            got = self._spool.passed + len(self.head.raw)
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
            head=self._stored(self.head.raw),
            status=self.head.status,
            headers=self.head.headers,
            body=self._spool,
            chunked=self.framing.kind == "chunked",
            block_sha256=self._block.hexdigest(),
            payload_sha256=self._payload.hexdigest() if self._hashing or not self._spool.passed else "",
            truncated=self.truncated or ("length" if self._spool.passed > self._spool.size else None),
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


def _not_http(data: bytes) -> bool:
    """The answer cannot become an HTTP head any more (HTTP/0.9, ICY, garbage)."""
    return bool(data) and not b"HTTP/".startswith(data[:5]) and not data.startswith(b"HTTP/")


def _request_bytes(request: httpx.Request) -> bytes:
    target = request.extensions.get("target") or request.url.raw_path
    body = request.content if request.method not in ("GET", "HEAD") else b""
    return message.request_bytes(request.method, target, request.headers.raw, body)
