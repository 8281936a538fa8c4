"""Names that do not resolve, resolve to too much, or to what does not answer: a real resolver, the real program.

The program runs in a network name space with a name server of its own, addresses of the real internet on its
loopback, a route that swallows every packet (the default) and one that refuses them.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from preserve.model import Limits
from preserve.network import policy
from preserve.network.dial import DialError
from tests.faults.program import Done, Inside, Workplace, namespace, no_namespaces
from tests.wire.client import ask, transport
from tests.wire.script import serving

needs_namespaces = pytest.mark.skipif(bool(no_namespaces()), reason=no_namespaces())
HERE, HERE6 = "93.184.216.34", "2606:2800:220:1::1"
SILENT6 = "2606:2800:220:1::99"  # no packet comes back
SHUT, SHUT6 = "45.0.{}.{}", "2001:470:1::1"  # refused at once
TRAP = "http://127.0.0.1:80"  # whoever comes there is seen
SETUP = f"""\
ip link set lo up
ip addr add {HERE}/32 dev lo
ip -6 addr add {HERE6}/128 dev lo nodad
ip tuntap add dev hole mode tun
ip link set hole up
ip route add default dev hole
ip -6 route add default dev hole
ip route add unreachable 45.0.0.0/8
ip -6 route add unreachable 2001:470::/32
"""
ZONE: dict[str, dict[str, Any]] = {
    "example.com": {"A": [HERE]},
    "empty.example": {},
    "servfail.example": {"code": 2},
    "silent.example": {"silent": True},
    "loop.example": {"CNAME": "pool.example"},
    "pool.example": {"CNAME": "loop.example"},
    "alias.example": {"CNAME": "example.com"},
    "many.example": {"A": [SHUT.format(n // 250, n % 250 + 1) for n in range(500)]},
    "manyfold.example": {"A": [HERE, *(SHUT.format(9, n) for n in range(1, 200))]},
    "six-silent.example": {"AAAA": [SILENT6], "A": [HERE]},
    "six-shut.example": {"AAAA": [SHUT6], "A": [HERE]},
    "six.example": {"AAAA": [HERE6]},
}


@dataclass(frozen=True)
class Case:
    outcome: str
    tries: int
    signal: str = ""
    ip: str | None = None
    answers: int = 0  # of the resolver, all of them kept


CASES = {
    "example.com": Case("captured/ok", 1, ip=HERE, answers=1),
    "gone.example": Case("lost/dns-dead", 1, "the name gone.example does not exist"),
    "empty.example": Case("lost/dns-dead", 1, "the name empty.example has no address"),
    "servfail.example": Case("failed/unreachable", 2, "cannot be resolved now"),
    "silent.example": Case("failed/unreachable", 2, "cannot be resolved now"),
    "loop.example": Case("lost/dns-dead", 1),
    "alias.example": Case("captured/ok", 1, ip=HERE, answers=1),
    "many.example": Case("failed/unreachable", 2, "no route to host", answers=500),
    "manyfold.example": Case("captured/ok", 1, ip=HERE, answers=200),
    "six-silent.example": Case("captured/ok", 1, ip=HERE, answers=2),
    "six-shut.example": Case("captured/ok", 1, ip=HERE, answers=2),
    "six.example": Case("captured/ok", 1, ip=HERE6, answers=1),
}


@contextmanager
def world(folder: Path) -> Iterator[Inside]:
    """A name space with a resolver and a web server on every address that is there."""
    folder.mkdir()
    system = {
        "hosts": "127.0.0.1 localhost\n",
        "resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
        "nsswitch.conf": "hosts: files dns\n",
    }
    site = {f"{host}/": {"body": f"<p>the page of {host}</p>"} for host in CASES}
    for name, text in {**system, "zone.json": json.dumps(ZONE), "site.json": json.dumps(site), "reached": ""}.items():
        (folder / name).write_text(text)
    mounts = "\n".join(f"mount --bind '{folder / name}' /etc/{name}" for name in system)
    with namespace("-n", "-m", script=SETUP + mounts) as inside, ExitStack() as stack:
        tests = Path(__file__).parents[1]
        for words in ([tests / "wire/resolver.py", folder / "zone.json"], [tests / "security/hosts.py", folder]):
            stack.enter_context(running([*inside.enter, sys.executable, *map(str, words)]))
        yield inside


@contextmanager
def running(words: Sequence[str]) -> Iterator[None]:
    server = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout and server.stdout.readline() == "ready\n"
        yield
    finally:
        server.communicate()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Workplace, Done]]:
    """One run over every name, with the variables of an environment that would lead elsewhere."""
    folder = tmp_path_factory.mktemp("names")
    with world(folder / "world") as inside:
        trap = dict.fromkeys(
            [name for way in ("http", "https", "all") for name in (f"{way}_proxy", f"{way}_proxy".upper())], TRAP
        )
        place = Workplace(folder / "work", environment=trap, report="", inside=inside)
        toml = place.folder / "preserve.toml"
        toml.write_text(
            toml.read_text().replace("tries = 1", 'tries = 2\nmax_wait = "0.1s"') + '[limits]\ntime = "8s"\n'
        )
        (place.folder / "sources.txt").write_text("".join(f"http://{host}/\n" for host in CASES))
        yield folder / "world", place, place.preserve("run", "--json")


@needs_namespaces
@pytest.mark.parametrize("host", CASES)
def test_each_name_ends_in_its_outcome(seen: tuple[Path, Workplace, Done], host: str) -> None:
    case, (_, place, done) = CASES[host], seen
    entry = next(entry for entry in place.captures if entry["source"] == f"http://{host}/")
    assert (f"{entry['outcome']}/{entry['reason']}", entry["tries"]) == (case.outcome, case.tries), entry["signals"]
    assert case.signal in " | ".join(entry["signals"])
    hop = entry["hops"][-1]
    assert (hop["ip"], len(hop["resolved"])) == (case.ip, case.answers)
    assert done.outcomes[f"http://{host}/"] == case.outcome


@needs_namespaces
def test_proxy_variables_of_the_environment_lead_nowhere(seen: tuple[Path, Workplace, Done]) -> None:
    world, place, _ = seen
    reached = {line.split()[0].removeprefix("::ffff:") for line in (world / "reached").read_text().splitlines()}
    assert reached == {HERE, HERE6}
    assert {hop["proxy"] for entry in place.captures for hop in entry["hops"]} == {None}


@needs_namespaces
def test_the_archive_is_sound_after_it_all(seen: tuple[Path, Workplace, Done]) -> None:
    _, place, done = seen
    assert done.code == 3, done.err
    place.assert_valid()


# -- what counts the addresses that were tried, on the loopback


def test_of_five_hundred_addresses_sixteen_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens on those; at the seventeenth somebody would."""

    async def check() -> None:
        async with serving({"/": [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"]}) as server, transport() as client:
            for first, reason in ((0, "unreachable"), (1, None)):
                addresses = [f"127.1.{n // 250}.{n % 250 + 1}" for n in range(500)]
                addresses[policy.MAX_ADDRESSES - first] = "127.0.0.1"
                _resolving(monkeypatch, addresses)
                answer = await ask(client, f"http://many{first}.example:{server.port}/")
                assert (answer.fault and answer.fault.reason) == reason

    asyncio.run(check())


def test_an_address_that_is_silent_costs_a_quarter_of_the_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "CONNECT_TIME", 2.0)

    async def check() -> None:
        loop = asyncio.get_running_loop()
        async with serving({"/": [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"]}) as server, transport() as client:
            with silent("127.0.0.2", server.port):
                _resolving(monkeypatch, ["127.0.0.2", "127.0.0.1"])
                began = loop.time()
                answer = await ask(client, f"http://two.example:{server.port}/")
                assert answer.body == b"ok" and 0.4 < loop.time() - began < 1.9

    asyncio.run(check())


def test_what_the_resolver_said_is_kept_where_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> None:
        with silent("127.0.0.2") as port:
            async with transport(Limits(time=0.3)) as client:
                _resolving(monkeypatch, ["127.0.0.2"])
                fault = (await ask(client, f"http://wall.example:{port}/")).fault
                assert isinstance(fault, DialError)
                assert (fault.reason, fault.resolved) == ("timeout", ("127.0.0.2",))

    asyncio.run(check())


@contextmanager
def silent(address: str, port: int = 0) -> Iterator[int]:
    """A port whose queue of connections is full: the kernel answers no more of them."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind((address, port))
        full.listen(0)
        for one in (first, second):
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        yield full.getsockname()[1]


def _resolving(monkeypatch: pytest.MonkeyPatch, addresses: Sequence[str]) -> None:
    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
