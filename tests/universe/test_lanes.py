"""A domain that wants no more of us is left alone for the run, and its sources say so; others are asked as always."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from tests.universe import Authority, Universe
from tests.universe.working import Folder, Result, at

MIL = [
    "http://eng.mil.ru/en/news_page/country/more.htm?id=12059172@egNews",
    "https://function.mil.ru/news_page/intrel/more.htm?id=12121964%40egNews",
    "http://eng.mil.ru/en/index.htm",
    "http://eng.mil.ru/en/mission.htm",
    "https://function.mil.ru/news_page/country.htm",
]
PDF = "http://www.vdc-sy.info/pdf/reports/1444252328-Arabic.pdf"


@dataclass(frozen=True)
class Left:
    folder: Folder
    universe: Universe
    first: Result
    seam: int  # exchanges of the first run
    second: Result


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Left]:
    """Twice: while all of *.mil.ru answers "too often", and when it does not any more."""
    base = tmp_path_factory.mktemp("left")
    with Universe(base / "universe", authority=universe_ca) as universe:
        folder = at(universe, base / "work", "[recover]\narchives = []\n")
        folder.cite(*MIL, PDF)
        universe.fault("*.mil.ru", "429", retry_after="0")
        first = folder.run()
        seam = len(universe.log)
        universe.heal()
        yield Left(folder, universe, first, seam, folder.run("--force"))


def test_three_answers_in_a_row_end_a_lane_and_the_rest_is_noted_unasked(left: Left) -> None:
    told = left.first.captures
    assert {told[url]["reason"] for url in MIL} == {"rate-limited"}
    assert told[PDF]["outcome"] == "captured"
    entries = {entry["source"]: entry for entry in left.folder.entries("capture")[: len(MIL) + 1]}
    unasked = [url for url in MIL if not entries[url]["hops"]]
    assert len(unasked) == 2
    for url in unasked:
        assert entries[url]["outcome"] == "blocked"
        assert entries[url]["signals"] == ["not asked: 3 answers in a row of mil.ru were rate-limited"]
    asked = {one.url for one in left.universe.log[: left.seam] if one.host.endswith("mil.ru")}
    assert len({url for url in asked if "robots.txt" not in url}) == 3


def test_the_next_run_asks_again(left: Left) -> None:
    assert left.second.captures[MIL[0]]["outcome"] == "captured"
    assert all(left.folder.entry(url)["hops"] for url in MIL)


def test_a_proxy_of_the_host_alone_tells_nothing_of_the_network(tmp_path: Path, universe: Universe) -> None:
    """The rule is that of the host, though its lane has the name of the domain."""
    folder = at(universe, tmp_path / "work", '[host."eng.mil.ru"]\nproxy = "socks5h://127.0.0.1:9"\n')
    folder.cite(MIL[0], MIL[1])
    done = folder.run().captures
    assert done[MIL[0]]["reason"] == "offline" and done[MIL[1]]["outcome"] == "captured"


def test_pauses_are_between_all_hosts_of_a_domain(tmp_path: Path, universe: Universe) -> None:
    folder = at(
        universe, tmp_path / "work", '[host."*.mil.ru"]\ndelay = 0.4\nrobots = "ignore"\n[recover]\narchives = []\n'
    )
    folder.cite(*MIL[:2])
    folder.run()
    first, second = (folder.entry(url) for url in MIL[:2])
    (before, after) = sorted([first, second], key=lambda entry: str(entry["started"]))
    last = max(hop["ended"] for hop in before["hops"])
    assert after["hops"][0]["started"] > last
    rested = datetime.fromisoformat(after["hops"][0]["started"]) - datetime.fromisoformat(last)
    assert rested.total_seconds() >= 0.39
