"""Lanes: how often the hosts of one domain are asked, and when no more in this run.

A lane is one queue for all hosts below a registered domain: their owner is one, and so is, as a rule, the machine. How
long the pause is, and how many are asked at once, says the rule of the host that is asked; when the next may go, and
what the answers have told, belongs to the lane.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from preserve.config import Config
from preserve.network.suffix import registrable

FILM = 5  # delays after a film: platforms count films, and 5 s apart is what they let pass
JITTER = 0.3  # of the pause, at most, on top of it: visits to the second are a metronome, which shields look for
SLOW = 1.0  # of the time that an answer took is left between it and the next: who is slow has enough to do
SLOW_MOST = 10  # delays that this adds up to at most: one large file does not say that a server is slow
LOAD = 2.0  # times the delay after each answer that says "too often" or "too busy"
LOAD_TIMES = 64.0  # times the delay that this adds up to at most: of one second a minute
LOAD_MOST = 60.0  # seconds that a longer delay grows to by it; who wants more says so by Retry-After
EASE = 10  # good answers in a row after which the delay grows shorter again
CRAWL_MOST = 30.0  # seconds of a Crawl-delay that are kept; some ask for a day
ENOUGH = 3  # such answers in a row, and nothing more is asked
_BUSY = frozenset({429, 503})
_UNWANTED = frozenset({"bot-challenge", "rate-limited", "timeout"})


@dataclass(slots=True)
class _Lane:
    """What has happened in a lane. Times are those of the clock."""

    next_at: float = 0.0  # no page before
    held_until: float = 0.0  # nothing at all before
    factor: float = 1.0  # of the delay
    good: int = 0  # answers in a row
    crawl: float = 0.0  # seconds
    unwanted: int = 0  # in a row
    stopped: str | None = None  # why
    asking: int = 0
    waiting: deque[tuple[asyncio.Future[None], int]] = field(default_factory=deque)  # with how many may ask at once

    async def enter(self, slots: int) -> None:
        """First come, first served: a film asks again before anybody else could."""
        if self.asking < slots and not self.waiting:
            self.asking += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((turn, slots))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # it was given the place in the same moment
            raise

    def leave(self) -> None:
        self.asking -= 1
        while self.waiting and (self.waiting[0][0].done() or self.asking < self.waiting[0][1]):
            turn, _ = self.waiting.popleft()
            if not turn.done():
                self.asking += 1
                turn.set_result(None)

    def pause(self, delay: float, took: float) -> float:
        """Seconds after an answer that took so long, where its host's rule says `delay`."""
        loaded = min(delay * self.factor, max(delay, LOAD_MOST))
        return max(loaded, min(took * SLOW, delay * SLOW_MOST), self.crawl)

    def answered(self, status: int | None, hold: float) -> None:
        if status not in _BUSY:
            self.good += status is not None
            if self.good >= EASE:
                self.good, self.factor = 0, max(1.0, self.factor / LOAD)
            return
        self.good, self.factor = 0, min(self.factor * LOAD, LOAD_TIMES)
        self.held_until = max(self.held_until, hold)


class Turn:
    """One request's turn; whoever has it tells what came."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.retry_after: float | None = None

    def answered(self, status: int | None, retry_after: float | None) -> None:
        """`retry_after`: seconds that the server asks to wait."""
        self.status, self.retry_after = status, retry_after


class Manners:
    """Whoever asks a host waits for its turn; whoever asks for a page also waits the delay after the last answer.

    What a page needs beyond itself belongs to the same visit: it is fetched one at a time, without the delay, as a
    patient reader's browser would. `clock`: seconds; None: those of the loop. `chance`: 0 to 1.
    """

    def __init__(
        self,
        config: Config,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._config = config
        self._sleep = sleep
        self._clock = clock
        self._chance = chance
        self._lanes: dict[str, _Lane] = {}

    @asynccontextmanager
    async def turn(self, url: str, *, part: bool, delay: float | None = None) -> AsyncIterator[Turn]:
        """`delay`: seconds after this answer, in place of the host's own."""
        mine = self._lane(url)
        usual, slots = self._rule(url)
        turn = Turn()
        await mine.enter(slots)
        try:
            while (wait := max(mine.held_until, 0.0 if part else mine.next_at) - self._now()) > 0:
                await self._sleep(wait)
            began = self._now()
            try:
                yield turn
            finally:
                self._answered(mine, turn, usual if delay is None else delay, began)
        finally:
            mine.leave()

    def _answered(self, mine: _Lane, turn: Turn, delay: float, began: float) -> None:
        now = self._now()
        hold = min(max(0.0, turn.retry_after or 0.0), self._config.retry.retry_after_max)
        mine.answered(turn.status, now + hold)
        took = now - began if turn.status is not None else 0.0  # of a host that does not answer nothing is known
        mine.next_at = max(mine.next_at, now + self._varied(mine.pause(delay, took)))

    def rest(self, url: str) -> None:
        """The next page of this lane waits as after several."""
        mine = self._lane(url)
        delay, _ = self._rule(url)
        mine.next_at = max(mine.next_at, self._now() + self._varied(FILM * mine.pause(delay, 0.0)))

    def crawl_delay(self, url: str, seconds: float) -> None:
        """What robots.txt asks for: no lane of it goes faster from now on."""
        mine = self._lane(url)
        mine.crawl = max(mine.crawl, min(seconds, CRAWL_MOST))

    def note(self, url: str, reason: str) -> None:
        """What became of a source of this lane: three times unwanted in a row, and it is asked nothing more."""
        mine = self._lane(url)
        mine.unwanted = mine.unwanted + 1 if reason in _UNWANTED else 0
        if mine.unwanted >= ENOUGH and mine.stopped is None:
            mine.stopped = reason

    def stopped(self, url: str) -> str | None:
        """The reason for which nothing more is asked in the lane of this URL, if so."""
        return self._lane(url).stopped

    def _lane(self, url: str) -> _Lane:
        return self._lanes.setdefault(lane(url), _Lane())

    def _rule(self, url: str) -> tuple[float, int]:
        """The delay of this URL's host, and how many requests at once."""
        rule, usual = self._config.for_host(host(url)), self._config.politeness
        return (
            usual.delay if rule.delay is None else rule.delay,
            max(1, usual.concurrency if rule.concurrency is None else rule.concurrency),
        )

    def _varied(self, seconds: float) -> float:
        return seconds * (1.0 + JITTER * self._chance())

    def _now(self) -> float:
        return self._clock() if self._clock else asyncio.get_running_loop().time()


def host(url: str) -> str:
    """ "" for what has none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def lane(url: str) -> str:
    """The lane of a URL: the domain that was registered for its host, or the host itself where none was."""
    return registrable(host(url))
