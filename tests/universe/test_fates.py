"""The word for what became of a page is the right one: every fate once, and no live page is called anything but captured.

The cases are those of judging.py, which bench/outcomes.py meets on every site; three runs of the program meet them here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.universe import Authority, Universe
from tests.universe.hosts.fates import FATES
from tests.universe.judging import CHANGES, PARTS, Case, changing, fated, living
from tests.universe.working import Folder, Json, at

FATED, LIVING = {case.name: case for case in [*fated(), *PARTS]}, {case.name: case for case in living()}
# No web archive is asked here, each at the pace that it allows.
SETTINGS = "[recover]\narchives = []\n"


@dataclass(frozen=True)
class Judged:
    """What two runs said of each source; the second only of the live ones and those that change."""

    folder: Folder
    first: dict[str, Json]
    second: dict[str, Json]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Judged]:
    base = tmp_path_factory.mktemp("fates")
    lasting = [*LIVING.values(), *changing()]
    with Universe(base / "universe", authority=universe_ca) as universe:
        for case in [*FATED.values(), *lasting]:
            case.strike(universe)
        folder = at(universe, base / "work", SETTINGS)
        folder.cite(*(case.url for case in [*FATED.values(), *lasting]))
        folder.run()
        first = said(folder)
        folder.cite(*(case.url for case in lasting))
        folder.run("--force")
        yield Judged(folder, first, said(folder))


def said(folder: Folder) -> dict[str, Json]:
    return {entry["source"]: entry for entry in folder.entries("capture")}


def check(case: Case, entry: Json) -> None:
    assert f"{entry['outcome']}/{entry['reason']}" in case.right, entry["signals"]


@pytest.mark.parametrize("name", FATED)
def test_a_fate_gets_its_word(judged: Judged, name: str) -> None:
    check(FATED[name], judged.first[FATED[name].url])


@pytest.mark.parametrize("name", LIVING)
def test_a_live_page_is_captured_on_every_visit(judged: Judged, name: str) -> None:
    for entries in (judged.first, judged.second):
        check(LIVING[name], entries[LIVING[name].url])


@pytest.mark.parametrize("case", changing(), ids=CHANGES)
def test_a_page_that_has_lost_its_text_or_title_is_flagged(judged: Judged, case: Case) -> None:
    first, second = judged.first[case.url], judged.second[case.url]
    check(case, first)
    check(case, second)
    word = CHANGES[case.name.split()[-1]]
    assert (second["change"], second["previous"]) == ("changed", first["seq"])
    assert word in " | ".join(second["signals"]) and word not in " | ".join(first["signals"])


def test_the_block_page_is_kept_as_evidence(judged: Judged) -> None:
    for case in FATED.values():
        entry = judged.first[case.url]
        assert any(record["type"] == "response" for record in entry["records"]), case.name


def test_every_reason_that_a_page_can_meet_has_a_fate() -> None:
    met = {fate.expected for fate in FATES.values()}
    blocked = "login-wall age-gate members-only private geo-blocked bot-challenge rate-limited consent-wall forbidden"
    lost = "gone removed soft-404 parked redirected-away empty"
    assert met >= {f"blocked/{reason}" for reason in blocked.split()} | {f"lost/{reason}" for reason in lost.split()}
