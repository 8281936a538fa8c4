"""A network that is down is no judgement on any source: said once, no patience burnt, and the next run has it all."""

from __future__ import annotations

import socket
from collections import Counter
from pathlib import Path

import pytest

from tests.universe import CITED, Authority, Universe
from tests.universe.working import HASTY, REPORT, Folder, Result, at

HOSTS = {url.split("/")[2] for url in CITED}


def reporting(folder: Folder) -> Folder:
    folder.document(REPORT.read_text("utf-8"))
    return folder


def check_offline(folder: Folder, result: Result) -> None:
    assert result.code == 3
    assert {(one["outcome"], one["reason"]) for one in result.captures.values()} == {("failed", "offline")}
    assert result.captures.keys() == set(CITED)
    assert result.summary["failed"] == len(CITED)
    said = [line for line in result.err.splitlines() if line.startswith("preserve: ")]
    assert len(said) == 1, result.err
    assert "nothing more is asked in this run" in result.err
    assert folder.verify("--no-record").code == 0


def check_all_comes_later(folder: Folder) -> None:
    result = folder.run()
    assert result.code == 0, result.err
    assert result.summary["captured"] == len(CITED)
    assert folder.verify("--no-record").code == 0


@pytest.mark.parametrize(
    ("proxy", "who", "fault"),
    [
        ("connect", "*", "nxdomain"),
        ("socks5", "*", "nxdomain"),
        ("connect", "*", "refused"),
        ("socks5", "proxy", "denied"),
        ("connect", "proxy", "garbage"),
    ],
)
def test_no_host_can_be_reached(universe: Universe, tmp_path: Path, proxy: str, who: str, fault: str) -> None:
    universe.fault(who, fault)
    folder = reporting(at(universe, tmp_path / "work", proxy=proxy))
    check_offline(folder, folder.run())
    asked = Counter(one.host for one in universe.asked)
    # Some hosts were given up before their turn; the last name is the question whether anything can be reached.
    assert asked.keys() <= HOSTS | {"example.com"} and asked["example.com"] == 1
    assert max(asked.values()) <= 2
    assert universe.log == []
    universe.heal()
    check_all_comes_later(folder)


def test_the_proxy_is_down(universe: Universe, tmp_path: Path) -> None:
    universe.fault("proxy", "down")
    folder = reporting(at(universe, tmp_path / "work"))
    check_offline(folder, folder.run())
    universe.heal()
    check_all_comes_later(folder)


def test_the_proxy_wants_a_password(tmp_path: Path, universe_ca: Authority) -> None:
    with Universe(tmp_path / "universe", authority=universe_ca, login=("reader", "secret")) as universe:
        folder = reporting(at(universe, tmp_path / "work"))
        check_offline(folder, folder.run())
        assert universe.log == []


def test_the_machine_has_no_network(tmp_path: Path) -> None:
    if resolves():
        pytest.skip("this machine has a network")
    folder = reporting(Folder(tmp_path / "work", HASTY))
    check_offline(folder, folder.run())
    assert {entry["tries"] for entry in folder.entries("capture")} <= {0, 1}


@pytest.mark.parametrize("proxy", ["connect", "socks5"])
def test_a_proxy_cannot_prove_a_name_dead(universe: Universe, tmp_path: Path, proxy: str) -> None:
    """`lost` is a judgement; what a proxy says of a name is what it says with its own line down."""
    folder = at(universe, tmp_path / "work", proxy=proxy)
    folder.cite("https://gone.example/", CITED[-1])
    result = folder.run()
    told = {url: f"{one['outcome']}/{one['reason']}" for url, one in result.captures.items()}
    assert told == {"https://gone.example/": "failed/unreachable", CITED[-1]: "captured/ok"}


def test_the_line_goes_dead_in_the_middle(universe: Universe, tmp_path: Path) -> None:
    """What was captured before stays captured, and only the rest is due again."""
    folder = at(universe, tmp_path / "work")
    folder.cite(*CITED)
    assert folder.run("--only", "*youtube*").code == 0
    universe.fault("*", "refused")
    result = folder.run()
    assert result.code == 3
    assert {one["reason"] for one in result.captures.values()} == {"offline"}
    assert result.summary["not_due"] == sum("youtube" in url for url in CITED)
    universe.heal()
    later = folder.run()
    assert (later.code, later.captures.keys()) == (0, result.captures.keys())


def resolves() -> bool:
    try:
        socket.getaddrinfo("example.com", 443)
    except OSError:
        return False
    return True
