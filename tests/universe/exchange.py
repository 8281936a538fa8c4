"""One request in hand: what an ordinary host or a fault can do with it."""

from __future__ import annotations

from collections.abc import Iterable

from .journal import Logged
from .messages import Reply, Request
from .wire import Wire


class Exchange:
    def __init__(self, wire: Wire, request: Request, reply: Reply, logged: Logged, *, visit: int) -> None:
        self.request, self.reply, self.logged = request, reply, logged
        self.visit = visit  # how often this URL was asked for, this time included
        self.open = True
        self._wire = wire

    @property
    def wire(self) -> bytes:
        """The ordinary answer as one byte string."""
        head, body = self.reply.render(self.request)
        return head + body

    async def send(self, reply: Reply | None = None) -> None:
        """A whole message, framed as it should be."""
        reply = reply or self.reply
        head, body = reply.render(self.request)
        await self.write(head + body)
        if reply.claimed and body and head.startswith(b"HTTP/1.1 200 "):  # there is less than it said
            await self.close()
            return
        self.end()
        if reply.framing == "close":
            await self.close()

    async def write(self, *parts: bytes) -> None:
        for part in parts:
            self.logged.took(part)
            await self._wire.write(part)

    async def pour(self, blocks: Iterable[bytes]) -> None:
        for block in blocks:
            await self.write(block)

    def end(self) -> None:
        """Here the regular message ends."""
        self.logged.end = self.logged.sent

    async def close(self, *, notify: bool = True) -> None:
        self.open = False
        await self._wire.close(notify=notify)

    async def reset(self) -> None:
        self.open = False
        await self._wire.reset()
