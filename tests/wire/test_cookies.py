"""What the wire carries of cookies and other credentials, as the servers saw it."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from preserve.config import Config, HostRule, Politeness, Retry
from preserve.network.session import Ask, Hop, How, Session, Visit
from preserve.network.visit import after_redirect
from preserve.network.wire import Answer
from tests.wire.client import LOOPBACK
from tests.wire.conftest import Certificate
from tests.wire.script import ScriptServer, Step, serving

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
KEY, RENEWED, TOKEN = "key-canary-0123456789", "renewed-canary-0123456789", "token-canary-0123456789"


def answer(status: int = 200, *fields: str) -> bytes:
    head = "".join(f"{field}\r\n" for field in fields)
    return f"HTTP/1.1 {status} X\r\n{head}Content-Length: 0\r\n\r\n".encode()


def sent(server: ScriptServer) -> list[tuple[str, str]]:
    """Path and Cookie field of each request."""
    found = []
    for request in server.requests:
        cookie = re.search(rb"\r\ncookie: ([^\r]*)", request, re.IGNORECASE)
        found.append((request.split(b" ")[1].decode(), cookie[1].decode() if cookie else ""))
    return found


def session(settings: Config) -> Session:
    quick = replace(settings, politeness=Politeness(delay=0.0), retry=Retry(tries=1))
    return Session(quick, tempfile.TemporaryFile)


async def keep(hop: Hop) -> None: ...


def visit(scripts: dict[str, Sequence[Step]]) -> tuple[Visit, list[tuple[str, str]]]:
    async def work() -> tuple[Visit, list[tuple[str, str]]]:
        async with serving(scripts) as server:
            client = session(LOOPBACK)
            found = await client.visit(f"http://127.0.0.1:{server.port}/", keep=keep)
            await client.aclose()
            return found, sent(server)

    return asyncio.run(work())


class Counted(Sequence[Step]):
    """A page that leads to itself: with another cookie each time, or with the same."""

    def __init__(self, *answers: bytes) -> None:
        self.answers, self.times = answers, 0

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: object) -> bytes:  # type: ignore[override]
        if index != 0:
            raise IndexError
        self.times += 1
        return self.answers[min(self.times, len(self.answers)) - 1]


def to(place: str, *fields: str) -> bytes:
    return answer(302, f"Location: {place}", *fields)


@pytest.mark.parametrize(
    ("answers", "requests", "reason"),
    [
        ([to("/", "Set-Cookie: a=1"), OK], [("/", ""), ("/", "a=1")], ""),
        ([to("/", "Set-Cookie: a=1")], [("/", ""), ("/", "a=1")], "redirect-loop"),
        ([to("/", "Set-Cookie: a=1"), to("/", "Set-Cookie: a=2"), OK], [("/", ""), ("/", "a=1")], "redirect-loop"),
        ([to("/", "Set-Cookie: a=1; Secure")], [("/", "")], "redirect-loop"),
        ([to("/")], [("/", "")], "redirect-loop"),
    ],
    ids=["sets a cookie", "sets it again", "counts", "sets one that is not sent", "without"],
)
def test_a_page_that_leads_to_itself_is_asked_once_more_with_what_it_gave(
    answers: list[bytes], requests: list[tuple[str, str]], reason: str
) -> None:
    found, asked = visit({"/": Counted(*answers)})
    assert asked == requests
    assert (found.fault.reason if found.fault else "") == reason


def test_cookies_of_a_chain_are_sent_on_and_forgotten_after_it() -> None:
    async def check() -> None:
        scripts = {
            "/": [to("/b", "Set-Cookie: a=1; Path=/", "Set-Cookie: b=2; Path=/c")],
            "/b": [to("/c/d")],
            "/c/d": [OK],
        }
        async with serving(scripts) as server:
            client = session(LOOPBACK)
            for _ in range(2):
                await client.visit(f"http://127.0.0.1:{server.port}/", keep=keep)
            await client.aclose()
            assert sent(server) == [("/", ""), ("/b", "a=1"), ("/c/d", "b=2; a=1")] * 2

    asyncio.run(check())


def test_visits_with_one_jar_share_it() -> None:
    async def check() -> None:
        async with serving({"/": [answer(429, "Set-Cookie: seen=1; Path=/")], "/b": [OK]}) as server:
            client = session(LOOPBACK)
            jar = client.jar()
            for path in ("/", "/b"):
                await client.visit(f"http://127.0.0.1:{server.port}{path}", keep=keep, jar=jar)
            await client.aclose()
            assert sent(server) == [("/", ""), ("/b", "seen=1")]

    asyncio.run(check())


# -- those of a person -------------------------------------------------------------------------------------------------
def owner(folder: Path, certificate: Certificate, **rule: str) -> Config:
    (folder / "cookies.txt").write_text(f"localhost\tFALSE\t/\tFALSE\t0\tsession\t{KEY}\n")
    (folder / "ca.pem").write_bytes(certificate.pem.read_bytes())
    return replace(LOOPBACK, folder=folder, host={"localhost": HostRule(cookies="cookies.txt", **rule)})


async def both(
    certificate: Certificate, settings: Config, secure: dict[str, Sequence[Step]], plain: dict[str, Sequence[Step]]
) -> tuple[Visit, list[Hop], ScriptServer, ScriptServer]:
    """Two servers of one host; `PLAIN` in a script becomes the address of the one without TLS."""
    hops: list[Hop] = []

    async def keep(hop: Hop) -> None:
        hops.append(hop)

    async with serving(plain) as without:
        address = b"http://localhost:%d/" % without.port
        known = {
            path: [one.replace(b"PLAIN", address) if isinstance(one, bytes) else one for one in steps]
            for path, steps in secure.items()
        }
        async with serving(known, certificate.server) as server:
            client = session(settings)
            found = await client.visit(f"https://localhost:{server.port}/", keep=keep)
            await client.aclose()
            return found, hops, server, without


@pytest.mark.parametrize("trusted", [True, False])
def test_own_cookies_go_over_tls_that_verifies_and_not_at_all_otherwise(
    tmp_path: Path, certificate: Certificate, trusted: bool
) -> None:
    settings = owner(tmp_path, certificate, **({"ca_file": "ca.pem"} if trusted else {}))
    found, _, server, _ = asyncio.run(both(certificate, settings, {"/": [OK]}, {}))
    if trusted:
        assert sent(server) == [("/", f"session={KEY}")]
        return
    assert server.requests == [] and found.fault is not None and found.fault.reason == "tls-invalid"
    assert "ca_file" in found.fault.message and KEY not in found.fault.message


def test_own_cookies_do_not_follow_a_redirect_to_plain_http(tmp_path: Path, certificate: Certificate) -> None:
    settings = owner(tmp_path, certificate, ca_file="ca.pem")
    secure = {"/": [to("PLAIN", f"Set-Cookie: session={RENEWED}; Path=/", "Set-Cookie: other=1; Path=/")]}
    found, _, server, plain = asyncio.run(both(certificate, settings, secure, {"/": [OK]}))
    assert found.fault is None
    assert sent(server) == [("/", f"session={KEY}")] and sent(plain) == [("/", "")]


def test_a_cookie_that_answers_a_persons_own_is_no_part_of_the_record(tmp_path: Path, certificate: Certificate) -> None:
    """Whoever reads the archive must not be able to log in; all else of the head is as it came."""
    settings = owner(tmp_path, certificate, ca_file="ca.pem")
    fields = [f"Set-Cookie: session={RENEWED}; Path=/", "X-Other: kept", "Location: /next"]
    secure: dict[str, Sequence[Step]] = {
        "/": [b"HTTP/1.1 103 Early\r\nSet-Cookie: e=" + KEY.encode() + b"\r\n\r\n", answer(302, *fields)],
        "/next": [OK],
    }
    found, hops, server, _ = asyncio.run(both(certificate, settings, secure, {}))
    assert found.fault is None
    assert sent(server)[1] == ("/next", f"session={RENEWED}"), "it is sent on in its visit"
    first = hops[0].exchange
    assert first is not None
    assert first.head == answer(302, "Set-Cookie: [redacted]", *fields[1:])
    assert first.interim == b"HTTP/1.1 103 Early\r\nSet-Cookie: [redacted]\r\n\r\n"


def test_without_a_persons_own_what_servers_set_is_stored_as_it_came() -> None:
    found, _ = visit({"/": [answer(200, f"Set-Cookie: a={RENEWED}")]})
    assert found.final is not None and RENEWED.encode() in found.final.head


# -- other credentials -------------------------------------------------------------------------------------------------
ASKED = How(method="POST", headers=(("Authorization", f"LOW {TOKEN}"),), content=b"url=x")


def test_an_authorization_goes_over_tls_that_verifies_alone(tmp_path: Path, certificate: Certificate) -> None:
    async def check() -> None:
        for ca_file, arrives in ((str(certificate.pem), True), ("", False)):
            settings = replace(LOOPBACK, network=replace(LOOPBACK.network, ca_file=ca_file))
            async with serving({"/": [OK]}, certificate.server) as server:
                client = session(settings)
                found = await client.visit(f"https://localhost:{server.port}/", keep=keep, how=ASKED)
                await client.aclose()
                assert any(TOKEN.encode() in request for request in server.requests) == arrives
                assert (found.fault is None) == arrives

    asyncio.run(check())


@pytest.mark.parametrize("how", ["visit", "ask"])
def test_an_authorization_never_goes_over_plain_http(how: str) -> None:
    async def check() -> None:
        async def read(answer: Answer) -> None: ...

        async with serving({"/": [OK]}) as server:
            client = session(LOOPBACK)
            url = f"http://127.0.0.1:{server.port}/"
            if how == "visit":
                fault = (await client.visit(url, keep=keep, how=ASKED)).fault
            else:
                fault = (await client.ask(Ask(url, headers=ASKED.headers), keep=keep, read=read)).fault
            await client.aclose()
            assert fault is not None and fault.reason == "policy" and TOKEN not in fault.message
            assert server.requests == []

    asyncio.run(check())


@pytest.mark.parametrize(
    ("target", "stays"),
    [
        ("https://a.example/x", True),
        ("http://a.example/", False),
        ("https://a.example:8443/", False),
        ("https://b.example/", False),
    ],
)
def test_what_is_one_origin(target: str, stays: bool) -> None:
    how = How(headers=(("X-Other", "kept"), ("authorization", TOKEN), ("Cookie", KEY)))
    left = after_redirect(how, Hop("https://a.example/", 1, None), target).headers
    assert left == (how.headers if stays else how.headers[:1])


@pytest.mark.parametrize("place", ["PLAIN", "OTHER"])
def test_an_authorization_stays_with_its_origin(tmp_path: Path, certificate: Certificate, place: str) -> None:
    async def check() -> None:
        async with serving({"/": [OK]}, None if place == "PLAIN" else certificate.server) as other:
            scheme = "http" if place == "PLAIN" else "https"
            target = f"{scheme}://localhost:{other.port}/"
            async with serving({"/": [answer(307, f"Location: {target}")]}, certificate.server) as server:
                client = session(replace(LOOPBACK, network=replace(LOOPBACK.network, ca_file=str(certificate.pem))))
                found = await client.visit(f"https://localhost:{server.port}/", keep=keep, how=ASKED)
                await client.aclose()
                assert found.fault is None and TOKEN.encode() in server.requests[0]
                assert len(other.requests) == 1 and TOKEN.encode() not in other.requests[0]

    asyncio.run(check())
