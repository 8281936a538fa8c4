"""robots.txt as a run meets it: noted by default, obeyed or left alone where somebody says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.universe import Authority, Universe
from tests.universe.working import Folder, Json, Result, at

SITE = "https://syrianarchive.org"
PAGES = [f"{SITE}/en/investigations", f"{SITE}/assets/russian/ru-mod-website.png"]
TEXT = "User-agent: *\nDisallow: /en/\nCrawl-delay: 0.1\n"
DEAD = "https://gone.syrianarchive.invalid/x"


@dataclass(frozen=True)
class Read:
    folder: Folder
    asked: list[str]
    done: Result

    def robots(self, url: str) -> Json:
        return self.folder.entry(url)["robots"]


@pytest.fixture(scope="module", params=["record", "obey", "ignore", "of the host"])
def read(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority
) -> Iterator[Read]:
    base: Path = tmp_path_factory.mktemp("robots")
    with Universe(base / "universe", authority=universe_ca) as universe:
        mode = "obey" if request.param == "of the host" else request.param
        rule = f'[host."*"]\nrobots = "{mode}"\n' if mode != "record" else ""
        folder = at(universe, base / "work", f"{rule}[recover]\narchives = []\n")
        folder.cite(*PAGES, DEAD)
        universe.fault("syrianarchive.org", "page", path="/robots.txt", body=TEXT, type="text/plain")
        done = folder.run()
        yield Read(folder, [one.url for one in universe.log], done)


def mode(read: Read) -> str:
    text = (read.folder.path / "preserve.toml").read_text()
    return next((word for word in ("obey", "ignore") if f'robots = "{word}"' in text), "record")


def test_it_is_asked_for_once_or_not_at_all(read: Read) -> None:
    assert sum(url.endswith("/robots.txt") for url in read.asked) == (mode(read) != "ignore")


def test_only_who_obeys_leaves_something_out(read: Read) -> None:
    page = read.done.captures[PAGES[0]]
    picture = read.done.captures[PAGES[1]]
    assert picture["outcome"] == "captured"
    if mode(read) == "obey":
        assert (page["outcome"], page["reason"]) == ("refused", "robots")
        assert PAGES[0] not in read.asked
        entry = read.folder.entry(PAGES[0])
        assert entry["signals"] == [f"{SITE}/robots.txt disallows it for preserve"]
        assert {record["url"] for record in entry["records"]} == {f"{SITE}/robots.txt"}, "why stands beside it"
    else:
        assert page["outcome"] == "captured"


def test_the_verdict_stands_in_every_entry_and_names_one_record(read: Read) -> None:
    verdicts = [read.robots(url) for url in PAGES]
    if mode(read) == "ignore":
        assert verdicts == [None, None]
        return
    assert [one["allowed"] for one in verdicts] == [False, True]
    assert {one["crawl_delay_ms"] for one in verdicts} == {100}
    stored = {record["id"]: record for url in PAGES for record in read.folder.entry(url)["records"]}
    (record,) = {one["record"] for one in verdicts}
    assert stored[record]["url"] == f"{SITE}/robots.txt" and stored[record]["type"] == "response"


def test_a_host_that_cannot_be_reached_is_not_asked_for_it(read: Read) -> None:
    entry = read.folder.entry(DEAD)
    if mode(read) == "record":
        assert entry["robots"] is None and len({hop["url"] for hop in entry["hops"]}) == 1
    elif mode(read) == "obey":
        assert entry["robots"]["allowed"] is None
        assert entry["outcome"] != "refused" and len({hop["url"] for hop in entry["hops"]}) == 1, (
            "a dead one forbids nothing"
        )


def test_the_archive_is_sound(read: Read) -> None:
    assert read.folder.verify("--deep").code == 0
