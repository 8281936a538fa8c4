"""robots.txt: asked for once, stored where it was asked for, understood as RFC 9309 says, and harmless."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from preserve.archive import manifest, store
from preserve.capture import robots
from preserve.capture.recorder import Recorder, Recording, Warcinfo
from preserve.capture.robots import Robots
from preserve.config import Config, HostRule, Network, Politeness
from preserve.network.session import Session
from tests.wire.client import LOOPBACK
from tests.wire.script import ScriptServer, Step, serving


def said(text: str | bytes, status: int = 200, *fields: str) -> list[Step]:
    body = text.encode() if isinstance(text, str) else text
    head = "".join(f"{field}\r\n" for field in fields)
    return [f"HTTP/1.1 {status} X\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body]


def ask(
    folder: Path, scripts: dict[str, Sequence[Step]], *paths: str, config: Config = LOOPBACK, at_once: bool = False
) -> tuple[list[Any], list[Recording], ScriptServer, Robots]:
    """The verdict for each path, each with a recording of its own."""

    async def work() -> tuple[list[Any], list[Recording], ScriptServer, Robots]:
        key = Ed25519PrivateKey.generate()
        info = Warcinfo(manifest.new_id(), "test")
        now = lambda: datetime.now(UTC)  # noqa: E731
        store.create(folder / "archive", key, software="test", clock=now)
        with store.Archive.open(folder / "archive", run=info.run, key=key, clock=now, warcinfo=info) as archive:
            archive.ready()
            session = Session(replace(config, politeness=replace(config.politeness, delay=0.0)), archive.spool)
            one = Robots(config, session, Recorder(archive.append, lambda: info.id, {}))
            recordings = [Recording() for _ in paths]
            async with serving(scripts) as server:
                urls = [path.replace("BASE", f"http://127.0.0.1:{server.port}") for path in paths]
                asked = [one.verdict(recording, url) for recording, url in zip(recordings, urls, strict=True)]
                told = list(await asyncio.gather(*asked)) if at_once else [await each for each in asked]
            await session.aclose()
        return told, recordings, server, one

    return asyncio.run(work())


RULES = [
    ("User-agent: *\nDisallow: /", "/x", False),
    ("User-agent: *\nDisallow:", "/x", True),
    ("User-agent: other\nDisallow: /", "/x", True),
    ("User-agent: Preserve/1.0 # us\nDisallow: /x", "/x/y", False),
    ("User-agent: *\nDisallow: /\nUser-agent: preserve\nAllow: /", "/x", True),
    ("User-agent: pre\nDisallow: /", "/x", True),  # the beginning of a name is another name
    ("User-agent: preserver\nUser-agent: *\nDisallow: /x", "/x", False),
    ("User-agent: *\nDisallow: /private/*?x=", "/private/a?x=1", False),
    ("User-agent: *\nDisallow: /*.pdf$", "/a/report.pdf", False),
    ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
    ("User-agent: *\r\nDisallow: /@a\r\n", "/%40a", False),
    ("\ufeffUser-agent: *\nDisallow: /", "/x", False),
    ("<html><body>Not found</body></html>", "/x", True),
    ("", "/x", True),
]


@pytest.mark.parametrize(("text", "path", "allowed"), RULES)
def test_what_it_says(tmp_path: Path, text: str, path: str, allowed: bool) -> None:
    (verdict,), (recording,), server, _ = ask(tmp_path, {"/robots.txt": said(text)}, f"BASE{path}")
    base = f"http://127.0.0.1:{server.port}"
    assert verdict == {
        "url": f"{base}/robots.txt", "status": 200, "record": recording.records[-1]["id"], "allowed": allowed,
        "crawl_delay_ms": None, "agent": "preserve",
    }  # fmt: skip


# What became of asking for it -> allowed, how many requests
CAME: dict[str, tuple[Sequence[Step], bool | None, int]] = {
    "404": (said("no", 404), True, 1),
    "403": (said("no", 403), True, 1),
    "429": (said("no", 429), True, 1),
    "500": (said("User-agent: *\nAllow: /", 500), None, 1),
    "503": (said("no", 503, "Retry-After: 1"), None, 1),
    "nothing": (["close"], None, 1),
    "no HTTP": ([b"garbage\r\n\r\n", "close"], None, 1),
    "cut": ([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser-agent: *\nAllow: /", "close"], None, 1),
    "a redirect without end": (said("", 302, "Location: /robots.txt"), None, 1),
    "a redirect to nowhere": (said("", 302), None, 1),
    "a redirect": (said("", 301, "Location: /moved.txt"), False, 2),
}
MOVED = said("User-agent: *\nDisallow: /")


@pytest.mark.parametrize("came", CAME)
def test_where_it_does_not_come(tmp_path: Path, came: str) -> None:
    script, allowed, requests = CAME[came]
    scripts = {"/robots.txt": script, "/moved.txt": MOVED}
    (verdict,), (recording,), server, one = ask(tmp_path, scripts, "BASE/x")
    assert verdict["allowed"] is allowed
    assert len(server.requests) == requests == len(recording.hops), "one try, all of it stored"
    assert bool(one.refusal(verdict)) == (allowed is not True)


def test_a_host_that_does_not_answer_forbids_nothing(tmp_path: Path) -> None:
    (verdict,), *_, one = ask(tmp_path, {}, "http://127.0.0.1:1/x")
    refusal = one.refusal(verdict)
    assert verdict["allowed"] is None and refusal is not None and refusal.reason == "unreachable"


def test_it_is_asked_for_once_and_others_refer_to_the_record(tmp_path: Path) -> None:
    rules = said("User-agent: *\nDisallow: /no")
    told, recordings, server, _ = ask(tmp_path, {"/robots.txt": rules}, "BASE/no", "BASE/yes", "BASE/", at_once=True)
    assert len(server.requests) == 1
    assert [one["allowed"] for one in told] == [False, True, True]
    assert {one["record"] for one in told} == {recordings[0].records[-1]["id"]}
    assert not recordings[1].records and not recordings[2].hops


@pytest.mark.parametrize(
    ("config", "path"),
    [
        (Politeness(robots="ignore"), "BASE/x"),
        ({"127.0.0.1": HostRule(robots="ignore")}, "BASE/x"),
        (Politeness(), "mailto:someone"),
        (Politeness(), "http://["),
    ],
)
def test_where_nobody_is_asked(tmp_path: Path, config: Any, path: str) -> None:
    settings = replace(LOOPBACK, **({"politeness": config} if isinstance(config, Politeness) else {"host": config}))
    (verdict,), _, server, one = ask(tmp_path, {}, path, config=settings)
    assert verdict is None and one.refusal(verdict) is None and server.requests == []


@pytest.mark.parametrize(
    ("user_agent", "agent"),
    [
        ("", "preserve"),
        ("Mozilla/5.0 (compatible; ExampleBot/2.1; +https://example.org/)", "examplebot"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "mozilla"),
        ("Mozilla/5.0 (compatible; preserve/9)", "preserve"),
        ("curl/8.0", "curl"),
        ("((((", "preserve"),
    ],
)
def test_the_agent_is_the_one_that_is_sent(tmp_path: Path, user_agent: str, agent: str) -> None:
    settings = replace(LOOPBACK, network=Network(allow_private=True, user_agent=user_agent))
    rules = said(f"User-agent: {agent}\nDisallow: /")
    (verdict,), _, server, _ = ask(tmp_path, {"/robots.txt": rules}, "BASE/x", config=settings)
    assert (verdict["agent"], verdict["allowed"]) == (agent, False)
    assert b"Cookie" not in server.requests[0]


@pytest.mark.parametrize(
    ("line", "milliseconds"),
    [("7.5", 7500), ("0", 0), ("-1", None), ("1e400", None), ("nan", None), ("86400", 86400000)],
)
def test_crawl_delay_is_told_in_milliseconds(tmp_path: Path, line: str, milliseconds: int | None) -> None:
    (verdict,), *_ = ask(tmp_path, {"/robots.txt": said(f"User-agent: *\nCrawl-delay: {line}")}, "BASE/x")
    assert verdict["crawl_delay_ms"] == milliseconds


LONG = 16_000
HUGE = {
    "more than is read": (b"User-agent: *\nDisallow: /\n" + b"# x\n" * 200_000, False),
    "agents and rules": (b"".join(b"user-agent:%d\n" % n for n in range(20_000)) + b"disallow:/a\n" * 18_000, True),
    "a pattern of stars": (b"user-agent:*\ndisallow:/" + b"*a*b" * 120_000, True),
    "one line": (b"user-agent:*\ndisallow:" + b"$" * 480_000, True),
    "blanks": (b"useragent" + b" " * 490_000, True),
    "zeros, packed": (gzip.compress(bytes(64 << 20)), True),
}


@pytest.mark.parametrize("what", HUGE)
def test_a_huge_one_costs_little(tmp_path: Path, what: str) -> None:
    body, allowed = HUGE[what]
    coding = ("Content-Encoding: gzip",) if "packed" in what else ()
    began = time.process_time()
    (verdict,), (recording,), *_ = ask(tmp_path, {"/robots.txt": said(body, 200, *coding)}, "BASE/" + "a" * LONG)
    assert verdict["allowed"] is allowed
    assert time.process_time() - began < 10, "seconds: without its limits this takes minutes"
    assert recording.records[-1]["bytes"] < robots.MOST + 1000
