"""Visits over time: what changed, went and came back is told, and a good capture is never hidden by a worse one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.universe import Authority, Universe
from tests.universe.working import Folder, Result, at, meant

LIST = "https://syrianarchive.org/en/investigations"
PDF = "http://www.vdc-sy.info/pdf/reports/1444252328-Arabic.pdf"
ADDED = "<p>Three names were taken off.</p>\n"


@dataclass(frozen=True)
class Story:
    folder: Folder
    told: dict[str, Result]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Story]:
    base = tmp_path_factory.mktemp("story")
    with Universe(base / "universe", authority=universe_ca) as universe:
        folder = at(universe, base / "work")
        folder.cite(LIST, PDF)
        told = {"first": folder.run()}
        universe.fault("syrianarchive.org", "changed", path="/en/", added=ADDED)
        told["edited"] = folder.run("--force")
        universe.fault("syrianarchive.org", "404", path="/en/")
        universe.fault("www.vdc-sy.info", "short-body")
        told["gone"] = folder.run("--force")
        told["next day"] = folder.run()
        told["still gone"] = folder.run("--force")
        universe.heal()
        told["back"] = folder.run("--force")
        yield Story(folder, told)


@pytest.mark.parametrize(
    ("visit", "outcome", "change"),
    [
        ("first", "captured/ok", "first"),
        ("edited", "captured/ok", "changed"),
        ("gone", "lost/gone", "worse"),
        ("still gone", "lost/gone", "same"),
        ("back", "captured/ok", "returned"),
    ],
)
def test_each_visit_is_told_as_it_was(story: Story, visit: str, outcome: str, change: str) -> None:
    told = story.told[visit].captures[LIST]
    assert (f"{told['outcome']}/{told['reason']}", told["change"]) == (outcome, change)


def test_the_source_that_did_not_change_is_untouched_by_it(story: Story) -> None:
    assert story.told["edited"].captures[PDF]["reason"] == "unchanged"


def test_what_is_lost_rests_and_what_failed_is_tried_in_the_next_run(story: Story) -> None:
    assert story.told["next day"].captures.keys() == {PDF}
    assert story.told["next day"].summary["not_due"] == 1


@pytest.mark.parametrize("visit", ["first", "edited"])
def test_every_version_can_be_had(story: Story, visit: str) -> None:
    wanted = meant(LIST) + (ADDED.encode() if visit == "edited" else b"")
    assert story.folder.preserve("get", story.told[visit].captures[LIST]["capture"]).out == wanted


def test_a_worse_visit_does_not_hide_the_good_capture(tmp_path: Path, universe: Universe) -> None:
    folder = at(universe, tmp_path / "work")
    folder.cite(LIST, PDF)
    assert folder.run().code == 0
    universe.fault("syrianarchive.org", "404", path="/en/")
    universe.fault("www.vdc-sy.info", "short-body")
    assert folder.run("--force").code == 3
    for url in (LIST, PDF):
        assert folder.preserve("get", url).out == meant(url)
    states = {event["source"]: event for event in folder.preserve("status", "--json").events if "source" in event}
    assert all(states[url]["held"] for url in (LIST, PDF))


def test_the_page_that_said_gone_is_evidence_too(story: Story) -> None:
    said = story.folder.preserve("get", story.told["gone"].captures[LIST]["capture"])
    assert b"404 Not Found" in said.out
    assert story.told["gone"].code == 3


def test_the_archive_is_sound_after_it_all(story: Story) -> None:
    assert story.folder.verify("--deep", "--no-record").code == 0
