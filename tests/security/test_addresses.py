"""No private address is contacted, whatever leads to it: real addresses in a network name space, the real program."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.program import Done, Inside, Workplace, namespace, no_namespaces
from tests.security.hosts import SECRET
from tests.universe import Universe

needs_namespaces = pytest.mark.skipif(bool(no_namespaces()), reason=no_namespaces())
PUBLIC, PUBLIC6, PRIVATE, METADATA = "93.184.216.34", "2606:2800:220:1::1", "10.0.0.5", "169.254.169.254"
ADDRESSES = (PUBLIC, PRIVATE, METADATA, "192.168.1.1", "100.64.0.1", "172.16.0.1")
HOSTS = f"""\
127.0.0.1 localhost localhost. loop.example
{PUBLIC} public.example example.com mixed.example rebind.example
{PUBLIC6} public6.example
{PRIVATE} intranet.example mixed.example
{METADATA} metadata.example
fd00::5 six.example
::ffff:10.0.0.5 mapped.example
64:ff9b::a00:5 nat64.example
"""
SETUP = "\n".join(
    ["ip link set lo up"]
    + [f"ip addr add {address}/32 dev lo" for address in ADDRESSES]
    + [f"ip -6 addr add {address}/128 dev lo nodad" for address in (PUBLIC6, "fd00::5")]
)

# Each names an address of this machine, of its network or of its cloud, in a way that browsers or libc understand.
SPELLINGS = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0", "0.0.0.0", "127.0.0.1.",
    "%31%32%37.0.0.1", "１２７.0.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a00:5]", "[64:ff9b::7f00:1]",
    "[64:ff9b::10.0.0.5]", "[2002:7f00:1::]", "[::127.0.0.1]", "[fd00::5]", "[fe80::1]", "[fec0::1]", "[ff02::1]",
    "10.0.0.5", "0xA9FEA9FE", "169.254.169.254", "192.168.1.1", "100.64.0.1", "172.16.0.1", "224.0.0.1",
    "255.255.255.255", "localhost", "LOCALHOST", "localhost.", "loop.example", "intranet.example",
    "metadata.example", "mixed.example", "six.example", "mapped.example", "nat64.example",
]  # fmt: skip
TARGETS = {
    "http://10.0.0.5/": "private-address",
    "http://169.254.169.254/latest/meta-data/": "private-address",
    "http://intranet.example/": "private-address",
    "http://mixed.example/": "private-address",
    "//2130706433/": "private-address",
    "http://[::ffff:10.0.0.5]/": "private-address",
    "file:///etc/passwd": "scheme",
    "ftp://10.0.0.5/x": "scheme",
    "gopher://10.0.0.5/x": "scheme",
}
PAGE = """<!DOCTYPE html><link rel=stylesheet href="/style.css"><img src="http://10.0.0.5/a.png">
<img srcset="http://0xA9FEA9FE/b.png 2x"><iframe src="http://intranet.example/c"></iframe><img src="/moved.png">
<img src="file:///etc/passwd"><script src="http://mixed.example/d.js"></script><iframe src="file:///etc/hosts"></iframe>
<div style="background: url(http://[::ffff:127.0.0.1]/e.png)"></div><p>public</p>"""
PARTS = {
    "http://10.0.0.5/a.png", "http://169.254.169.254/b.png", "http://intranet.example/c", "http://public.example/moved.png",
    "http://mixed.example/d.js", "http://[::ffff:7f00:1]/e.png", "http://metadata.example/f.css", "http://127.0.0.1/g.woff",
}  # fmt: skip
SITE: dict[str, Any] = {
    "public.example/": {"body": "public"},
    "public6.example/": {"body": "public"},
    "public.example/page": {"body": PAGE},
    "public.example/style.css": {
        "body": '@import "http://metadata.example/f.css"; @font-face{font-family:x;src:url(http://127.1/g.woff)}',
        "type": "text/css",
    },
    "public.example/moved.png": {"status": 302, "headers": {"Location": "http://10.0.0.5/moved.png"}},
    "rebind.example/": {
        "status": 302,
        "headers": {"Location": "http://rebind.example/again"},
        "rebind": HOSTS.replace(" rebind.example", "").replace("intranet.example", "intranet.example rebind.example"),
    },
    "rebind.example/again": {"body": "public"},
    **{f"public.example/to/{n}": {"status": 302, "headers": {"Location": to}} for n, to in enumerate(TARGETS)},
}


@dataclass(frozen=True)
class World:
    inside: Inside
    folder: Path

    @property
    def reached(self) -> set[str]:
        return {line.split()[0].removeprefix("::ffff:") for line in (self.folder / "reached").read_text().splitlines()}


@contextmanager
def world(folder: Path) -> Iterator[World]:
    folder.mkdir()
    for name, text in (("hosts", HOSTS), ("resolv.conf", "nameserver 127.0.0.1\n"), ("reached", "")):
        (folder / name).write_text(text)
    (folder / "site.json").write_text(json.dumps(SITE))
    mounts = "\n".join(f"mount --bind '{folder / name}' /etc/{name}" for name in ("hosts", "resolv.conf"))
    with namespace("-n", "-m", script=f"{SETUP}\n{mounts}") as inside:
        words = [*inside.enter, sys.executable, str(Path(__file__).with_name("hosts.py")), str(folder)]
        server = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout and server.stdout.readline() == "ready\n"
            yield World(inside, folder)
        finally:
            server.communicate()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Workplace, Done]]:
    """One run over everything."""
    folder = tmp_path_factory.mktemp("addresses")
    with world(folder / "world") as there:
        place = Workplace(folder / "work", report="", inside=there.inside)
        sources = [f"http://{host}/{n}" for n, host in enumerate(SPELLINGS)]
        sources += [f"http://public.example/to/{n}" for n in range(len(TARGETS))]
        sources += ["http://public.example/", "http://public6.example/", "http://public.example/page"]
        sources += ["http://rebind.example/", "file:///etc/passwd", "ftp://10.0.0.5/"]
        (place.folder / "sources.txt").write_text("# preserve sources 1\n" + "".join(f"{url}\n" for url in sources))
        yield there, place, place.preserve("run", "--json")


@needs_namespaces
def test_public_addresses_are_reached_and_no_other(seen: tuple[World, Workplace, Done]) -> None:
    there, _, done = seen
    assert done.code == 3, done.err
    assert done.outcomes["http://public.example/"] == "captured/ok"
    assert done.outcomes["http://public6.example/"] == "captured/ok"
    assert there.reached == {PUBLIC, PUBLIC6}


@needs_namespaces
@pytest.mark.parametrize(("number", "host"), list(enumerate(SPELLINGS)))
def test_every_spelling_of_a_private_address_is_refused(
    seen: tuple[World, Workplace, Done], number: int, host: str
) -> None:
    _, place, _ = seen
    assert place.outcome(f"http://{host}/{number}") == ("refused", "private-address")


@needs_namespaces
@pytest.mark.parametrize(("number", "reason"), list(enumerate(TARGETS.values())))
def test_no_redirect_leads_to_a_private_address(seen: tuple[World, Workplace, Done], number: int, reason: str) -> None:
    _, place, _ = seen
    url = f"http://public.example/to/{number}"
    assert place.outcome(url) == ("refused", reason)
    entry = next(entry for entry in place.captures if entry["source"] == url)
    assert entry["hops"][0]["status"] == 302 and entry["records"], "the hop that led there is evidence"


@needs_namespaces
def test_no_part_of_a_page_leads_to_a_private_address(seen: tuple[World, Workplace, Done]) -> None:
    _, place, _ = seen
    entry = next(entry for entry in place.captures if entry["source"] == "http://public.example/page")
    assert entry["outcome"] == "captured"
    refused = {part["url"] for part in entry["parts"] if part["reason"] == "private-address" and not part["came"]}
    assert refused == PARTS
    assert {part["url"] for part in entry["parts"]} - PARTS == {"http://public.example/style.css"}


@needs_namespaces
def test_a_name_that_is_rebound_between_two_hops_leads_nowhere_else(seen: tuple[World, Workplace, Done]) -> None:
    there, place, _ = seen
    assert "rebind.example" in (there.folder / "hosts").read_text().split(PRIVATE)[1].splitlines()[0], "not rebound"
    entry = next(entry for entry in place.captures if entry["source"] == "http://rebind.example/")
    assert {hop["ip"] for hop in entry["hops"]} <= {PUBLIC, None}


@needs_namespaces
@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://10.0.0.5/"])
def test_other_schemes_are_refused(seen: tuple[World, Workplace, Done], url: str) -> None:
    assert seen[1].outcome(url) == ("refused", "scheme")


@needs_namespaces
def test_nothing_of_the_intranet_or_the_machine_is_in_the_archive(seen: tuple[World, Workplace, Done]) -> None:
    _, place, done = seen
    everything = place.every_byte() + done.out.encode() + done.err.encode()
    assert SECRET.encode() not in everything
    assert b"root:x:0:" not in everything
    assert place.preserve("verify", "--deep").code == 0


@needs_namespaces
def test_private_addresses_are_contacted_where_the_configuration_allows_it(tmp_path: Path) -> None:
    """And so the tests above can fail."""
    with world(tmp_path / "world") as there:
        place = Workplace(tmp_path / "work", "[network]\nallow_private = true\n", report="", inside=there.inside)
        (place.folder / "sources.txt").write_text("http://intranet.example/\nhttp://0x7f.1/\n")
        assert place.preserve("run").code == 0
        assert there.reached == {PRIVATE, "127.0.0.1"}
        assert SECRET.encode() in place.every_byte()


@pytest.mark.parametrize("kind", ["connect", "socks5"])
def test_a_proxy_is_not_asked_for_private_addresses(tmp_path: Path, universe: Universe, kind: str) -> None:
    universe.fault("www.vdc-sy.info", "redirect-metadata", path="/a")
    universe.fault("www.vdc-sy.info", "redirect-private", path="/b")
    universe.fault("www.vdc-sy.info", "redirect", path="/c", to="http://localhost/")
    place = Workplace(tmp_path / "work", universe.settings(kind), universe.environment(), report="")
    direct = [f"http://{host}/{n}" for n, host in enumerate(SPELLINGS) if not host.rstrip(".").endswith("example")]
    led = [f"http://www.vdc-sy.info/{path}" for path in "abc"]
    (place.folder / "sources.txt").write_text("".join(f"{url}\n" for url in (*direct, *led)))
    assert place.preserve("run").code == 3
    assert {place.outcome(url) for url in (*direct, *led)} == {("refused", "private-address")}
    assert {asked.host for asked in universe.asked} == {"www.vdc-sy.info"}
