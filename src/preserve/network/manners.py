"""Lanes: one politeness rule and one request at a time for each host."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from preserve.config import Config

FILM = 5  # delays after a film: platforms count films, and 5 s apart is what they let pass


@dataclass(slots=True)
class _Lane:
    slots: asyncio.Semaphore
    next_at: float = field(default=0.0)


class Manners:
    """Whoever asks a host waits for its turn; whoever asks for a page also waits the delay after the last answer.

    What a page needs beyond itself belongs to the same visit: it is fetched one at a time, without the delay, as a
    patient reader's browser would.
    """

    def __init__(self, config: Config, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._config = config
        self._sleep = sleep
        self._lanes: dict[str, _Lane] = {}

    @asynccontextmanager
    async def turn(self, url: str, *, part: bool) -> AsyncIterator[None]:
        mine, delay = self._lane(lane(url))
        loop = asyncio.get_running_loop()
        async with mine.slots:
            while not part and (wait := mine.next_at - loop.time()) > 0:
                await self._sleep(wait)
            try:
                yield
            finally:
                mine.next_at = loop.time() + delay

    def rest(self, url: str) -> None:
        """The next page of this host waits as after several."""
        mine, delay = self._lane(lane(url))
        mine.next_at = max(mine.next_at, asyncio.get_running_loop().time() + FILM * delay)

    def _lane(self, name: str) -> tuple[_Lane, float]:
        rule = self._config.for_host(name)
        delay = self._config.politeness.delay if rule.delay is None else rule.delay
        slots = max(1, self._config.politeness.concurrency)
        return self._lanes.setdefault(name, _Lane(asyncio.Semaphore(slots))), delay


def lane(url: str) -> str:
    """The lane of a URL: its host."""
    return (urlsplit(url).hostname or "").rstrip(".")
