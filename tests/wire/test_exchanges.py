"""Stored exchanges are the wire's bytes, malformed ones too, and the next exchange is never harmed."""

from __future__ import annotations

import asyncio
import hashlib
import ssl

import httpx
import pytest

from preserve.errors import ConfigError
from preserve.model import Limits
from preserve.network import policy
from tests.wire.client import ask, transport
from tests.wire.conftest import Certificate
from tests.wire.script import Step, serving

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

# name -> (steps, body as httpx sees it, the kept bytes if not all that was written, flaws)
WELL_FORMED: dict[str, tuple[list[Step], bytes]] = {
    "duplicate-headers": ([b"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 1\r\n\r\nx"], b"x"),
    "case-and-order": ([b"HTTP/1.1 200 OK\r\nzEBRA: 1\r\ncontent-LENGTH: 1\r\nAbc:2\r\n\r\nx"], b"x"),
    "odd-reason": ([b"HTTP/1.1 200 Alles \xfc\x01 gut\r\nContent-Length: 1\r\n\r\nx"], b"x"),
    "no-reason": ([b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx"], b"x"),
    "no-content": ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
    "not-modified": ([b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"], b""),
    "chunked": ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3;x=y\r\nab", b"c\r\n0\r\nT: 1\r\n\r\n"], b"abc"),
    "split-everywhere": ([bytes([b]) for b in b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"], b"hi"),
    "close-delimited": ([b"HTTP/1.1 200 OK\r\n\r\nto the end", "close"], b"to the end"),
    "http-1.0": ([b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx"], b"x"),
    "head-of-120-KB": ([b"HTTP/1.1 200 OK\r\nX: " + b"y" * 120_000 + b"\r\nContent-Length: 1\r\n\r\nx"], b"x"),
    "empty": ([b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], b""),
}  # fmt: skip

# name -> (steps, status, reason of the fault or None, truncated, flaw)
MALFORMED: dict[str, tuple[list[Step], int | None, str | None, str | None, str]] = {
    "two-lengths": ([b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy", "close"], 200, None, None, "two-lengths"),
    "length-and-chunked": ([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"], 200, None, None, "length-and-chunked"),
    "short-body": ([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "close"], 200, "truncated", "disconnect", ""),
    "reset-in-body": ([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 0.05, "reset"], 200, "truncated", "disconnect", ""),
    "short-chunk": ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "close"], 200, "truncated", "disconnect", ""),
    "bad-chunk": ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\nrest", "close"], 200, "malformed", None, "bad-chunk"),
    "bare-lf": ([b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"], 200, None, None, "bare-lf"),
    "icy": ([b"ICY 200 OK\r\nicy-name: x\r\n\r\nnoise", "close"], None, "malformed", None, "no-status-line"),
    "http-0.9": ([b"<html>plain</html>", "close"], None, "malformed", None, "no-status-line"),
    "bad-status": ([b"HTTP/1.1 2x0 OK\r\n\r\nbody", "close"], None, "malformed", None, "no-status-line"),
    "nul-in-field": ([b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\nok"], 200, None, None, "control-in-field"),
    "space-before-colon": ([b"HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 2\r\n\r\nok"], 200, None, None, "bad-field-name"),
    "folded": ([b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok"], 200, None, None, "folded-field"),
    "no-colon": ([b"HTTP/1.1 200 OK\r\nwhat\r\nContent-Length: 2\r\n\r\nok"], 200, None, None, "field-without-colon"),
    "latin-1": ([b"HTTP/1.1 200 OK\r\nX: caf\xe9\r\nContent-Length: 2\r\n\r\nok"], 200, None, None, ""),
    "half-a-head": ([b"HTTP/1.1 200 OK\r\nX: a", "close"], None, "truncated", "disconnect", ""),
    "nothing": (["close"], None, "unreachable", "disconnect", ""),
}  # fmt: skip


@pytest.fixture(params=["http", "https"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _context(scheme: str, certificate: Certificate) -> ssl.SSLContext | None:
    return certificate.server if scheme == "https" else None


@pytest.mark.parametrize("name", WELL_FORMED)
def test_what_is_well_formed_is_kept_to_the_byte(name: str, scheme: str, certificate: Certificate) -> None:
    steps, body = WELL_FORMED[name]

    async def check() -> None:
        async with serving({"/": steps, "/next": [OK]}, _context(scheme, certificate)) as server, transport() as client:
            answer = await ask(client, f"{scheme}://localhost:{server.port}/")
            following = await ask(client, f"{scheme}://localhost:{server.port}/next")
            assert answer.fault is None
            assert answer.exchange is not None
            assert answer.raw == server.written["/"]
            assert answer.body == body
            assert answer.exchange.request == server.requests[0]
            assert answer.exchange.block_sha256 == hashlib.sha256(answer.raw).hexdigest()
            assert not answer.exchange.flaws
            assert following.body == b"ok"

    asyncio.run(check())


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_malformed_is_kept_as_far_as_it_came(name: str, scheme: str, certificate: Certificate) -> None:
    steps, status, reason, truncated, flaw = MALFORMED[name]

    async def check() -> None:
        async with serving({"/": steps, "/next": [OK]}, _context(scheme, certificate)) as server, transport() as client:
            answer = await ask(client, f"{scheme}://localhost:{server.port}/")
            following = await ask(client, f"{scheme}://localhost:{server.port}/next")
            assert answer.exchange is not None
            assert answer.raw == server.written["/"]
            assert answer.exchange.status == status
            assert (answer.fault and answer.fault.reason) == reason
            assert answer.exchange.truncated == truncated or (scheme == "https" and reason == "truncated")
            assert not flaw or flaw in answer.exchange.flaws
            assert following.body == b"ok"

    asyncio.run(check())


def test_surplus_bytes_never_become_the_answer_to_the_next_request(scheme: str, certificate: Certificate) -> None:
    """The desync of the stock stack: a forged second answer behind the first is filed under another URL."""
    forged = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"

    async def check() -> None:
        scripts = {"/0": [OK + forged], "/1": [OK], "/2": [OK]}
        async with serving(scripts, _context(scheme, certificate)) as server, transport() as client:
            answers = [await ask(client, f"{scheme}://localhost:{server.port}/{n}") for n in range(3)]
            assert [answer.body for answer in answers] == [b"ok", b"ok", b"ok"]
            assert answers[0].raw == OK
            assert answers[0].exchange is not None and answers[0].exchange.surplus == len(forged)

    asyncio.run(check())


@pytest.mark.parametrize(
    ("status", "length", "body", "surplus"),
    [(b"204 No Content", 4, b"", 4), (b"304 Not Modified", 4, b"", 4), (b"205 Reset Content", 4, b"evil", 0)],
)
def test_an_answer_without_content_that_has_some(
    scheme: str, certificate: Certificate, status: bytes, length: int, body: bytes, surplus: int
) -> None:
    """After 204 and 304 no body is looked for (RFC 9112 section 6.3): it is a surplus like any other."""
    answer = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\nevil" % (status, length)

    async def check() -> None:
        async with (
            serving({"/": [answer], "/next": [OK]}, _context(scheme, certificate)) as server,
            transport() as client,
        ):
            first = await ask(client, f"{scheme}://localhost:{server.port}/")
            assert first.exchange is not None and first.fault is None
            assert (first.body, first.exchange.surplus) == (body, surplus)
            assert first.raw == answer[: len(answer) - surplus]
            assert (await ask(client, f"{scheme}://localhost:{server.port}/next")).body == b"ok"

    asyncio.run(check())


def test_a_surplus_that_comes_later_ends_the_connection() -> None:
    async def check() -> None:
        scripts: dict[str, list[Step]] = {
            "/0": [OK, 0.05, b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"],
            "/1": [OK],
        }
        async with serving(scripts) as server, transport() as client:
            await ask(client, f"http://localhost:{server.port}/0")
            await asyncio.sleep(0.15)
            assert (await ask(client, f"http://localhost:{server.port}/1")).body == b"ok"
            assert server.connections == 2

    asyncio.run(check())


def test_a_connection_is_used_again_when_the_framing_ended_exactly() -> None:
    async def check() -> None:
        async with serving({"/": [OK]}) as server, transport() as client:
            for _ in range(5):
                assert (await ask(client, f"http://localhost:{server.port}/")).body == b"ok"
            assert server.connections == 1

    asyncio.run(check())


def test_a_kept_connection_that_died_is_replaced_in_silence() -> None:
    async def check() -> None:
        async with serving({"/": [OK, 0.02, "close"]}) as server, transport() as client:
            for _ in range(3):
                assert (await ask(client, f"http://localhost:{server.port}/")).body == b"ok"
                await asyncio.sleep(0.05)
            assert server.connections == 3

    asyncio.run(check())


def test_interim_answers_are_kept_apart() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"

    async def check() -> None:
        async with serving({"/": [early, early, OK]}) as server, transport() as client:
            answer = await ask(client, f"http://localhost:{server.port}/")
            assert answer.exchange is not None
            assert answer.exchange.interim == early * 2
            assert answer.raw == OK
            assert answer.exchange.status == 200

    asyncio.run(check())


def test_head_has_no_body_whatever_it_says() -> None:
    async def check() -> None:
        async with serving({"/": [b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"], "/next": [OK]}) as server:
            async with transport() as client:
                answer = await ask(client, f"http://localhost:{server.port}/", "HEAD")
                assert answer.fault is None and answer.body == b""
                assert (await ask(client, f"http://localhost:{server.port}/next")).body == b"ok"

    asyncio.run(check())


def test_it_is_an_httpx_transport() -> None:
    async def check() -> None:
        async with serving({"/?a=1": [OK]}) as server, httpx.AsyncClient(transport=transport()) as client:
            response = await client.get(f"http://localhost:{server.port}/", params={"a": "1"})
            assert response.text == "ok"
            assert response.extensions["exchange"].request == server.requests[0]

    asyncio.run(check())


# -- limits


def test_a_body_beyond_the_limit_is_cut_and_says_so() -> None:
    async def check() -> None:
        endless: list[Step] = [b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 1000] * 50, "hang"]
        async with serving({"/": endless}) as server, transport(Limits(body=2500, time=5)) as client:
            answer = await ask(client, f"http://localhost:{server.port}/")
            assert answer.exchange is not None and answer.fault is not None
            assert (answer.fault.reason, answer.exchange.truncated, answer.exchange.body.size) == (
                "limit",
                "length",
                2500,
            )

    asyncio.run(check())


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(["hang"], id="says-nothing"),
        pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", *([b"x", 0.05] * 60)], id="drips"),
        pytest.param([b"HTTP/1.1 2", "hang"], id="stalls-in-the-head"),
    ],
)
def test_the_deadline_holds_whatever_the_server_does(steps: list[Step]) -> None:
    async def check() -> None:
        async with serving({"/": steps}) as server, transport(Limits(time=0.4)) as client:
            began = asyncio.get_running_loop().time()
            answer = await ask(client, f"http://localhost:{server.port}/")
            assert asyncio.get_running_loop().time() - began < 2
            assert answer.exchange is not None and answer.fault is not None
            assert (answer.fault.reason, answer.exchange.truncated) == ("timeout", "time")
            assert server.written["/"].startswith(answer.raw)

    asyncio.run(check())


def test_the_minimum_rate_ends_a_drip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "RATE_TIME", 0.2)

    async def check() -> None:
        drip: list[Step] = [b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", *([b"x", 0.02] * 500)]
        async with serving({"/": drip}) as server, transport(Limits(time=60)) as client:
            answer = await ask(client, f"http://localhost:{server.port}/")
            assert answer.fault is not None and answer.fault.reason == "timeout"
            assert answer.exchange is not None and 0 < answer.exchange.body.size < 100

    asyncio.run(check())


def test_silence_in_a_body_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "IDLE_TIME", 0.2)

    async def check() -> None:
        stall: list[Step] = [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "hang"]
        async with serving({"/": stall}) as server, transport(Limits(time=60)) as client:
            answer = await ask(client, f"http://localhost:{server.port}/")
            assert answer.exchange is not None and answer.exchange.truncated == "time"
            assert b"".join(answer.exchange.body.blocks()) == b"abc"

    asyncio.run(check())


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param([b"HTTP/1.1 200 OK\r\n", *[b"X: " + b"y" * 1000 + b"\r\n"] * 400], id="many-fields"),
        pytest.param([b"HTTP/1.1 200 OK\r\nX: ", *[b"y" * 10_000] * 40], id="one-endless-field"),
        pytest.param([b"HTTP/1.1 103 Early Hints\r\n\r\n" * 200], id="interim-answers"),
    ],
)
def test_head_bombs_end_at_a_limit(bomb: list[Step]) -> None:
    async def check() -> None:
        async with serving({"/": [*bomb, "hang"]}) as server, transport() as client:
            answer = await ask(client, f"http://localhost:{server.port}/")
            assert answer.fault is not None and answer.fault.reason == "limit"

    asyncio.run(check())


def test_a_large_body_goes_through_a_file_and_comes_back_whole() -> None:
    block = bytes(range(256)) * 256

    async def check() -> None:
        size = 80 * len(block)
        steps: list[Step] = [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size, *[block] * 80]
        async with serving({"/": steps}) as server, transport() as client:
            answer = await ask(client, f"http://localhost:{server.port}/")
            assert answer.exchange is not None
            for _ in range(2):
                assert b"".join(answer.exchange.body.blocks()) == block * 80
            assert answer.exchange.payload_sha256 == hashlib.sha256(block * 80).hexdigest()
            answer.exchange.body.close()

    asyncio.run(check())


# -- trust


def test_what_does_not_verify_is_fetched_and_said(certificate: Certificate) -> None:
    async def check() -> None:
        async with serving({"/": [OK]}, certificate.server) as server, transport() as client:
            answer = await ask(client, f"https://localhost:{server.port}/")
            assert answer.exchange is not None
            tls = answer.exchange.connection.tls
            assert tls is not None
            assert (tls.verified, tls.leaf) == (None, certificate.der)
            assert "self" in (tls.error or "") and "18" in (tls.error or "")
            again = await ask(client, f"https://localhost:{server.port}/")
            assert again.exchange is not None and again.exchange.connection.tls == tls

    asyncio.run(check())


def test_an_extra_authority_is_reported_as_such(certificate: Certificate) -> None:
    async def check() -> None:
        async with serving({"/": [OK]}, certificate.server) as server:
            async with transport(ca_file=str(certificate.pem)) as client:
                answer = await ask(client, f"https://localhost:{server.port}/")
                assert answer.exchange is not None and answer.exchange.connection.tls is not None
                assert answer.exchange.connection.tls.verified == "ca_file"

    asyncio.run(check())


def test_strict_refuses_what_does_not_verify(certificate: Certificate) -> None:
    async def check() -> None:
        async with serving({"/": [OK]}, certificate.server) as server, transport(tls="strict") as client:
            answer = await ask(client, f"https://localhost:{server.port}/")
            assert answer.fault is not None and answer.fault.reason == "tls-invalid"
            assert server.requests == []

    asyncio.run(check())


@pytest.mark.parametrize("header", ["Authorization", "Cookie"])
def test_credentials_never_go_over_unverified_tls(certificate: Certificate, header: str) -> None:
    async def check() -> None:
        async with serving({"/": [OK]}, certificate.server) as server, transport() as client:
            await ask(client, f"https://localhost:{server.port}/")  # the unverified rung is known now
            answer = await ask(client, f"https://localhost:{server.port}/", headers={header: "canary"})
            assert answer.fault is not None and answer.fault.reason == "tls-invalid"
            assert not any(b"canary" in request for request in server.requests)

    asyncio.run(check())


# -- names and addresses


def test_a_name_whose_address_is_fixed_is_not_looked_up() -> None:
    async def check() -> None:
        async with serving({"/": [OK]}) as server, transport(resolve={"eng.mil.ru": "127.0.0.1"}) as client:
            answer = await ask(client, f"http://eng.mil.ru:{server.port}/")
            assert answer.exchange is not None
            assert (answer.exchange.connection.ip, answer.exchange.connection.resolved) == ("127.0.0.1", ("127.0.0.1",))
            assert b"Host: eng.mil.ru" in server.requests[0]

    asyncio.run(check())


def test_connections_leave_from_the_address_that_is_asked_for() -> None:
    async def check() -> None:
        async with serving({"/": [OK]}) as server, transport(bind="127.0.0.77") as client:
            assert (await ask(client, f"http://127.0.0.1:{server.port}/")).body == b"ok"
            assert server.peers == ["127.0.0.77"]

    asyncio.run(check())


def test_an_address_that_is_not_ours_is_a_mistake_of_the_configuration() -> None:
    async def check() -> None:
        async with serving({"/": [OK]}) as server, transport(bind="203.0.113.7") as client:
            with pytest.raises(ConfigError, match=r"network\.bind"):
                await ask(client, f"http://127.0.0.1:{server.port}/")

    asyncio.run(check())


def test_a_private_address_is_refused_after_the_lookup() -> None:
    async def check() -> None:
        async with serving({"/": [OK]}) as server:
            async with transport(allow_private=False, resolve={"eng.mil.ru": "127.0.0.1"}) as client:
                answer = await ask(client, f"http://eng.mil.ru:{server.port}/")
                assert answer.fault is not None and answer.fault.reason == "private-address"
                assert server.connections == 0

    asyncio.run(check())


def test_a_body_too_large_for_the_disk_is_not_received(monkeypatch: pytest.MonkeyPatch) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n"

    async def check() -> None:
        scripts: dict[str, list[Step]] = {"/": [head, b"x" * 1000, "hang"], "/next": [OK]}
        async with serving(scripts) as server, transport() as client:
            monkeypatch.setattr(policy, "DISK_FLOOR", 1 << 60)
            answer = await ask(client, f"http://localhost:{server.port}/")
            assert answer.exchange is not None and answer.fault is not None
            assert (answer.fault.reason, answer.exchange.truncated) == ("limit", "length")
            assert "10000000000 bytes are announced" in answer.fault.message
            assert head + b"x" * answer.exchange.body.size == answer.raw and answer.exchange.body.size <= 1000
            assert (await ask(client, f"http://localhost:{server.port}/next")).body == b"ok"

    asyncio.run(check())


@pytest.mark.parametrize("length", [2, policy.LARGE_BODY - 1, policy.LARGE_BODY])
def test_only_a_large_body_is_weighed(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    """What is small is written until the disk itself says no, which stops the run."""
    monkeypatch.setattr(policy, "DISK_FLOOR", 1 << 60)

    async def check() -> None:
        steps: list[Step] = [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nok" % length, "close"]
        async with serving({"/": steps}) as server, transport() as client:
            fault = (await ask(client, f"http://localhost:{server.port}/")).fault
            assert (fault and fault.reason) == {2: None, policy.LARGE_BODY: "limit"}.get(length, "truncated")

    asyncio.run(check())
