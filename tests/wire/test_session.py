"""Redirects are ours, tries are few and patient, and no hop escapes the rules."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from preserve.config import LimitsSection, Politeness, Retry
from preserve.network.session import Hop, Session, Visit
from tests.wire.client import LOOPBACK
from tests.wire.script import ScriptServer, Step, serving

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SLOW = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n%s\r\n"


def to(location: bytes, status: int = 302) -> list[Step]:
    return [b"HTTP/1.1 %d Go\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, location)]


async def visit(
    server: ScriptServer, path: str, *, part: bool = False, **retry: float
) -> tuple[Visit, list[float], list[Hop]]:
    pauses: list[float] = []
    kept: list[Hop] = []

    now = [0.0]

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    async def keep(hop: Hop) -> None:
        kept.append(hop)

    config = replace(
        LOOPBACK,
        politeness=Politeness(delay=0.0),
        limits=LimitsSection(time=5.0, redirects=5),
        retry=Retry(**retry),  # type: ignore[arg-type]
    )
    session = Session(config, tempfile.TemporaryFile, sleep=sleep, clock=lambda: now[0])
    base = f"http://127.0.0.1:{server.port}"
    found = await session.visit(base + path, keep=keep, referer=f"{base}/page" if part else "")
    await session.aclose()
    return found, pauses, kept


def run(
    scripts: dict[str, list[Step]], path: str = "/", *, part: bool = False, **retry: float
) -> tuple[Visit, list[float], list[Hop], list[str]]:
    async def work() -> tuple[Visit, list[float], list[Hop], list[str]]:
        async with serving(scripts) as server:
            found, pauses, kept = await visit(server, path, part=part, **retry)
            return found, pauses, kept, [request.split(b" ")[1].decode() for request in server.requests]

    return asyncio.run(work())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_each_hop_is_an_exchange(status: int) -> None:
    found, _, kept, asked = run({"/": to(b"/b?x=@y%40z", status), "/b?x=@y%40z": to(b"c#part", status), "/c": [OK]})
    assert found.fault is None and found.final is not None and found.final.status == 200
    assert asked == ["/", "/b?x=@y%40z", "/c"]
    assert kept == found.hops and len(kept) == 3


def test_a_location_in_raw_utf8_is_percent_encoded_as_browsers_do() -> None:
    path = "/%D8%AA%D9%84"
    assert run({"/": to("/تل".encode()), path: [OK]})[3] == ["/", path]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        (b"file:///etc/passwd", "scheme"),
        (b"javascript:alert(1)", "scheme"),
        (b"data:text/html,x", "scheme"),
        (b"ftp://h/x", "scheme"),
        (b"http://", "malformed"),
        (b"/", "redirect-loop"),
    ],
)
def test_where_it_does_not_go(location: bytes, reason: str) -> None:
    found, _, kept, asked = run({"/": to(location)})
    assert found.fault is not None and found.fault.reason == reason
    assert asked == ["/"] and len(kept) == 1


@pytest.mark.parametrize(
    ("second", "reason", "asked"),
    [(b"/b", None, ["/", "/b"]), (b"/c", "malformed", ["/"]), (b"", "malformed", ["/"])],
)
def test_of_two_places_none_is_chosen(second: bytes, reason: str | None, asked: list[str]) -> None:
    """Chrome and Firefox stop there too, unless both fields say the same."""
    answer = b"HTTP/1.1 302 Go\r\nLocation: /b\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % second
    found, _, kept, requests = run({"/": [answer], "/b": [OK], "/c": [OK]})
    assert ((found.fault and found.fault.reason), requests, len(kept)) == (reason, asked, len(asked))


def test_a_chain_has_an_end() -> None:
    found, _, kept, _ = run({"/": to(b"/1"), **{f"/{n}": to(b"/%d" % (n + 1)) for n in range(1, 30)}})
    assert found.fault is not None and found.fault.reason == "redirect-loop"
    assert len(kept) == 6  # the first and five redirects


def test_without_a_location_there_is_nowhere_to_go() -> None:
    found, *_ = run({"/": [b"HTTP/1.1 302 Go\r\nContent-Length: 0\r\n\r\n"]})
    assert found.fault is None and found.final is not None and found.final.status == 302


def test_tries_end_and_every_one_is_kept() -> None:
    found, pauses, kept, asked = run({"/": [SLOW % b""]}, tries=4, max_wait=60)
    assert found.final is not None and found.final.status == 503
    assert len(asked) == len(kept) == 4 == found.tries
    assert len(pauses) == 3 and pauses == sorted(pauses) and all(1 <= pause <= 9 for pause in pauses)


def test_a_part_of_a_page_gets_two_tries() -> None:
    assert len(run({"/": [SLOW % b""]}, part=True)[3]) == 2


@pytest.mark.parametrize(
    ("field", "pause"),
    [
        (b"Retry-After: 7\r\n", 7),
        (b"Retry-After: 0\r\n", 0),
        (b"Retry-After: -5\r\n", None),
        (b"Retry-After: tomorrow\r\n", None),
    ],
)
def test_retry_after_is_honoured(field: bytes, pause: float | None) -> None:
    _, pauses, _, asked = run({"/": [SLOW % field]}, tries=2)
    assert len(asked) == 2
    assert pauses == [pause] if pause is not None else 1 <= pauses[0] <= 2


def test_retry_after_as_a_date() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True).encode()
    pauses = run({"/": [SLOW % (b"Retry-After: %s\r\n" % moment)]}, tries=2)[1]
    assert 25 <= pauses[0] <= 30


def test_who_asks_for_more_patience_than_we_have_is_asked_in_the_next_run() -> None:
    found, pauses, _, asked = run({"/": [SLOW % b"Retry-After: 1000000000\r\n"]}, tries=5, retry_after_max=900)
    assert (len(asked), pauses) == (1, [])
    assert found.final is not None and found.final.status == 503


@pytest.mark.parametrize("status", [400, 403, 404, 410, 451, 501])
def test_what_will_not_change_is_not_asked_again(status: int) -> None:
    assert len(run({"/": [b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status]})[3]) == 1


def test_a_broken_connection_is_tried_again() -> None:
    found, _, kept, _ = run({"/": ["close"]}, tries=3, max_wait=1)
    assert found.fault is not None and found.fault.reason == "unreachable"
    assert len(kept) == 3
