"""How often a host is asked, as its server saw it; and the arithmetic of lanes on a clock of our own."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest

from preserve.config import Config, HostRule, Politeness, Retry
from preserve.network import manners
from preserve.network.manners import Manners, lane
from preserve.network.session import Hop, How, Session
from tests.wire.client import LOOPBACK

LANES = {
    "http://eng.mil.ru/en/": "mil.ru",
    "https://function.mil.ru:8443/x": "mil.ru",
    "http://mil.ru/": "mil.ru",
    "http://xmil.ru/": "xmil.ru",
    "https://WWW.YouTube.com/watch": "youtube.com",
    "https://youtu.be/x": "youtu.be",
    "https://a.b.example.co.uk/": "example.co.uk",
    "https://someone.github.io/": "github.io",  # private owners of suffixes are owners
    "http://www.xn--80ak6aa92e.xn--p1ai/": "xn--80ak6aa92e.xn--p1ai",
    "http://127.0.0.1:8000/": "127.0.0.1",
    "http://[2001:db8::1]/": "2001:db8::1",
    "http://www.duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion/": "www.duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion",
    "http://localhost/": "localhost",
    "http://intranet.corp/": "intranet.corp",
    "http://gov.uk/": "gov.uk",
    "http://example.org./": "example.org",
    "http://[": "",
    "mailto:someone": "",
}


@pytest.mark.parametrize("url", LANES)
def test_a_lane_is_the_domain_that_somebody_registered(url: str) -> None:
    assert lane(url) == LANES[url]


# -- what the server sees ----------------------------------------------------------------------------------------------
@dataclass
class Server:
    """Answers after `takes` seconds and notes when each request came and when its answer was sent."""

    takes: float = 0.0
    answers: dict[str, list[str]] = field(default_factory=dict)  # by path, one after the other; then 200
    port: int = 0
    log: list[tuple[str, str, float, float]] = field(default_factory=list)  # host, path, came, answered
    busy: int = 0
    most: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        now = asyncio.get_running_loop().time
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                came = now()
                self.busy += 1
                self.most = max(self.most, self.busy)
                path = head.split(" ")[1]
                host = (re.search(r"Host: ([^:\r]+)", head) or [""])[1]
                await asyncio.sleep(self.takes)
                told = self.answers.get(path) or ["200 OK\r\n"]
                self.busy -= 1
                self.log.append((host, path, came, now()))
                line = told.pop(0) if self.answers.get(path) else told[0]
                writer.write(f"HTTP/1.1 {line}Content-Length: 1\r\n\r\nx".encode())
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    @property
    def pauses(self) -> list[float]:
        """From each answer to the next request."""
        return [then[2] - before[3] for before, then in pairwise(self.log)]


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[Server]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await asyncio.sleep(0.01)


NAMES = dict.fromkeys(("a.example.org", "b.example.org", "c.example.net"), "127.0.0.1")


def settings(rules: dict[str, HostRule] | None = None, retry: Retry | None = None, **politeness: Any) -> Config:
    return replace(
        LOOPBACK,
        network=replace(LOOPBACK.network, resolve=NAMES),
        politeness=Politeness(**politeness),
        retry=retry or Retry(tries=1),
        host=rules or {},
    )


def fetch(
    server: Server, config: Config, work: Callable[[Callable[..., Coroutine[Any, Any, Any]], Session], Awaitable[Any]]
) -> Server:
    """`work` gets a function that visits: host, path, and what Session.visit takes."""

    async def keep(hop: Hop) -> None: ...

    async def all_of_it() -> None:
        async with serving(server):
            session = Session(config, tempfile.TemporaryFile)

            async def visit(host: str, path: str = "/", **how: Any) -> None:
                await session.visit(f"http://{host}:{server.port}{path}", keep=keep, **how)

            try:
                await work(visit, session)
            finally:
                await session.aclose()

    asyncio.run(all_of_it())
    return server


def test_the_pause_is_between_an_answer_and_the_next_request_over_all_hosts_of_a_domain() -> None:
    async def work(visit: Any, session: Session) -> None:
        await asyncio.gather(*(visit(host) for host in ("a.example.org", "b.example.org", "a.example.org")))

    server = fetch(Server(takes=0.05), settings(delay=0.15), work)
    assert server.most == 1 and len(server.log) == 3
    assert all(0.14 <= pause <= 0.15 * (1 + manners.JITTER) + 0.1 for pause in server.pauses), server.pauses


def test_two_domains_do_not_wait_for_each_other() -> None:
    async def work(visit: Any, session: Session) -> None:
        await asyncio.gather(*(visit(host) for host in ("a.example.org", "c.example.net")))

    server = fetch(Server(takes=0.1), settings(delay=5.0), work)
    assert server.most == 2


def test_the_delay_is_that_of_the_host_that_answered() -> None:
    async def work(visit: Any, session: Session) -> None:
        for host in ("b.example.org", "a.example.org", "b.example.org"):
            await visit(host)

    rules = {"a.*": HostRule(delay=0.2), "b.*": HostRule(delay=0.0)}
    pauses = fetch(Server(), settings(rules, delay=9.0), work).pauses
    assert pauses[0] < 0.1 and pauses[1] >= 0.19


@pytest.mark.parametrize(
    ("rules", "at_once"),
    [({}, 2), ({"a.*": HostRule(concurrency=3)}, 3), ({"*.org": HostRule(concurrency=1)}, 1)],
    ids=["everywhere", "of the host", "one"],
)
def test_so_many_at_once(rules: dict[str, HostRule], at_once: int) -> None:
    async def work(visit: Any, session: Session) -> None:
        await asyncio.gather(*(visit("a.example.org", f"/{number}") for number in range(5)))

    assert fetch(Server(takes=0.05), settings(rules, delay=0.0, concurrency=2), work).most == at_once


def test_parts_of_a_page_come_one_by_one_without_delay() -> None:
    async def work(visit: Any, session: Session) -> None:
        await visit("a.example.org")
        await asyncio.gather(*(visit("b.example.org", f"/{n}", referer="http://a.example.org/") for n in range(3)))
        await visit("b.example.org", "/robots.txt", part=True)

    server = fetch(Server(takes=0.02), settings(delay=5.0), work)
    assert server.most == 1 and len(server.log) == 5 and max(server.pauses) < 0.2


def test_retry_after_holds_the_whole_lane_parts_too() -> None:
    async def work(visit: Any, session: Session) -> None:
        await visit("a.example.org", "/busy")
        await visit("b.example.org", "/", referer="http://a.example.org/")
        await visit("c.example.net")

    server = fetch(Server(answers={"/busy": ["503 Busy\r\nRetry-After: 1\r\n"]}), settings(delay=0.0), work)
    assert server.pauses[0] >= 0.95
    assert server.pauses[1] < 0.2


def test_retry_after_is_capped() -> None:
    async def work(visit: Any, session: Session) -> None:
        await visit("a.example.org", "/busy")
        await visit("a.example.org")

    busy = Server(answers={"/busy": ["429 Busy\r\nRetry-After: 86400\r\n"]})
    pauses = fetch(busy, settings(retry=Retry(tries=1, retry_after_max=0.3), delay=0.0), work).pauses
    assert 0.25 <= pauses[0] <= 1.0


def test_a_film_and_a_page_take_turns() -> None:
    """Who asks again and again does not keep others waiting until it is done."""

    async def work(visit: Any, session: Session) -> None:
        async def film() -> None:
            for number in range(6):
                await visit("a.example.org", f"/film{number}", referer="http://a.example.org/")

        async with asyncio.TaskGroup() as group:
            group.create_task(film())
            await asyncio.sleep(0.01)
            group.create_task(visit("b.example.org", "/page"))

    server = fetch(Server(takes=0.03), settings(delay=0.0), work)
    assert [path for _, path, _, _ in server.log].index("/page") <= 2


# -- the arithmetic ----------------------------------------------------------------------------------------------------
URL = "https://www.example.org/"


class Clock:
    def __init__(self, chance: float = 0.0) -> None:
        self.now, self.chance = 100.0, chance

    def manners(self, **politeness: Any) -> Manners:
        return Manners(settings(**politeness), sleep=self.sleep, clock=lambda: self.now, chance=lambda: self.chance)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def ask(
        self, polite: Manners, status: int | None = 200, after: float | None = None, takes: float = 0.0, **how: Any
    ) -> float:
        """One request; how long it waited."""
        began = self.now
        async with polite.turn(URL, **{"part": False, **how}) as turn:
            waited = self.now - began
            self.now += takes
            if status is not None:
                turn.answered(status, after)
        return round(waited, 6)


def waits(clock: Clock, polite: Manners, *asked: dict[str, Any]) -> list[float]:
    async def work() -> list[float]:
        return [await clock.ask(polite, **one) for one in asked]

    return asyncio.run(work())


BUSY: dict[str, Any] = {"status": 429}
GOOD: dict[str, Any] = {}


def test_the_delay_doubles_where_it_is_too_often_and_eases_again() -> None:
    clock = Clock()
    polite = clock.manners(delay=1.0)
    assert waits(clock, polite, BUSY, BUSY, {"status": 503}, GOOD, GOOD) == [0, 2, 4, 8, 8]
    eased = waits(clock, polite, *([GOOD] * 60))
    assert sorted(set(eased)) == [1, 2, 4, 8] and eased == sorted(eased, reverse=True)
    assert waits(clock, polite, *([BUSY] * 99))[-1] == manners.LOAD_MOST


@pytest.mark.parametrize("delay", [0.0, 0.5, 90.0])
def test_no_load_makes_the_delay_shorter_than_configured(delay: float) -> None:
    clock = Clock()
    polite = clock.manners(delay=delay)
    assert min(waits(clock, polite, *([BUSY] * 30 + [GOOD] * 100))[1:]) == delay


def test_a_slow_server_gets_as_long_a_rest() -> None:
    clock = Clock()
    slow = {"takes": 3.0}
    assert waits(clock, clock.manners(delay=1.0), slow, {"takes": 60.0}, GOOD, GOOD) == [0, 3, manners.SLOW_MOST, 1]
    assert waits(clock, clock.manners(delay=0.0), slow, GOOD) == [0, 0]
    assert waits(clock, clock.manners(delay=1.0), {"status": None, "takes": 60.0}, GOOD) == [0, 1], "nobody answered"


@pytest.mark.parametrize(
    ("chance", "pause"), [(0.0, 10.0), (0.5, 10 + 5 * manners.JITTER), (1.0, 10 + 10 * manners.JITTER)]
)
def test_the_pause_varies_upwards(chance: float, pause: float) -> None:
    clock = Clock(chance)
    assert waits(clock, clock.manners(delay=10.0), GOOD, GOOD)[1] == pytest.approx(pause)


def test_who_publishes_a_rate_gets_it() -> None:
    clock = Clock()
    polite = clock.manners(delay=1.0)
    assert waits(clock, polite, {"delay": 12.0}, {"delay": 0.5}, GOOD) == [0, 12, 0.5]


@pytest.mark.parametrize(("asked", "pause"), [(0.2, 1.0), (7.5, 7.5), (86400.0, manners.CRAWL_MOST)])
def test_crawl_delay_makes_a_lane_slower_and_never_faster(asked: float, pause: float) -> None:
    clock = Clock()
    polite = clock.manners(delay=1.0)
    polite.crawl_delay("http://robots.example.org/", asked)
    assert waits(clock, polite, GOOD, GOOD, {"part": True}) == [0, pause, 0]


def test_a_film_is_followed_by_a_rest() -> None:
    clock = Clock()
    polite = clock.manners(delay=1.0)
    assert waits(clock, polite, {"part": True}) == [0]
    polite.rest("https://media.example.org/")
    assert waits(clock, polite, {"part": True}, GOOD) == [0, manners.FILM]


NOTED = {
    "timeout timeout timeout": "timeout",
    "timeout rate-limited bot-challenge": "bot-challenge",
    "bot-challenge bot-challenge": None,
    "timeout timeout ok timeout timeout": None,
    "forbidden forbidden forbidden": None,
    "timeout timeout unreachable timeout": None,
    "rate-limited rate-limited rate-limited ok": "rate-limited",
}


@pytest.mark.parametrize("noted", NOTED)
def test_three_unwanted_answers_in_a_row_stop_a_lane_and_no_other(noted: str) -> None:
    polite = Clock().manners()
    for number, reason in enumerate(noted.split()):
        polite.note(f"https://{'ab'[number % 2]}.example.org/{number}", reason)
    assert polite.stopped(URL) == NOTED[noted]
    assert polite.stopped("https://example.net/") is None


def test_who_waits_and_is_cancelled_gives_its_place_on() -> None:
    async def work() -> None:
        polite = Manners(settings(delay=0.0))
        entered: list[str] = []

        async def ask(name: str) -> None:
            async with polite.turn(URL, part=True):
                entered.append(name)
                await asyncio.sleep(0.02)

        async with asyncio.timeout(2):
            first, second, third = (asyncio.create_task(ask(name)) for name in "123")
            await asyncio.sleep(0.01)
            second.cancel()
            await asyncio.gather(first, second, third, return_exceptions=True)
            # It is given the place and cancelled in the same turn of the loop.
            fourth, fifth, sixth = (asyncio.create_task(ask(name)) for name in "456")
            await asyncio.sleep(0.01)
            fourth.cancel()
            await asyncio.sleep(0)
            fifth.cancel()
            await asyncio.gather(fourth, fifth, sixth, return_exceptions=True)
        assert entered in (list("1346"), list("13456"))

    asyncio.run(work())


def test_who_may_be_asked_more_at_once_does_not_go_before_who_waits() -> None:
    async def work() -> list[str]:
        rules = {"one.*": HostRule(concurrency=1), "two.*": HostRule(concurrency=2)}
        polite = Manners(settings(rules, delay=0.0))
        happened: list[str] = []

        async def ask(name: str) -> None:
            async with polite.turn(f"https://{name}.example.org/", part=True):
                happened.append(name)
                await asyncio.sleep(0.02)
                happened.append(f"{name} done")

        async with asyncio.TaskGroup() as group:
            for name in ("one", "one", "two"):
                group.create_task(ask(name))
                await asyncio.sleep(0)
        return happened

    assert asyncio.run(work())[:4] == ["one", "one done", "one", "two"]


def test_how_takes_a_rate_through_a_session() -> None:
    async def work(visit: Any, session: Session) -> None:
        for path in ("/1", "/2"):
            await visit("a.example.org", path, how=How(delay=0.2))

    assert fetch(Server(), settings(delay=0.0), work).pauses[0] >= 0.19
