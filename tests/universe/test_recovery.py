"""Lost sources come back from web archives, end to end by the real program: what is asked, when, how fast, and what is
told of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.universe import Authority, Logged, Universe
from tests.universe.hosts import webarchives
from tests.universe.hosts.webarchives import (
    ARQUIVO,
    DATA,
    INDEX,
    NEWS,
    NOWHERE,
    OTHER,
    REPORT,
    REVISED,
    SILENT,
    TIMEMAPS,
    WAYBACK,
    Kept,
    article,
    sha1,
)  # fmt: skip
from tests.universe.stored import read
from tests.universe.working import Folder, Json, Result, at, meant

LIST = "https://syrianarchive.org/en/investigations"
ARCHIVES = {WAYBACK, INDEX, DATA, ARQUIVO, OTHER}
SECRET = "canary-of-the-account:canary-secret"


@dataclass(frozen=True)
class Story:
    """A report of 2016 with sources that are gone and one whose host is: three runs. The first asks every archive, the
    second, which has one more source, the Wayback Machine, the third one that the settings name."""

    universe: Universe
    folder: Folder
    runs: tuple[Result, ...]
    seams: tuple[int, ...]  # where in the log of the universe each run begins

    def imports(self, source: str) -> list[Json]:
        return [entry for entry in self.folder.entries("import") if entry["source"] == source]

    def asked(self, run: int) -> list[Logged]:
        ends = (*self.seams, None)
        return [one for one in self.universe.log[ends[run] : ends[run + 1]] if one.host in ARCHIVES]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Story]:
    base = tmp_path_factory.mktemp("recovery")
    with Universe(base / "universe", authority=universe_ca) as universe:
        folder = at(universe, base / "work", "[recover]\n")
        runs, seams = [], [0]
        write(folder, REPORT, SILENT, LIST)
        runs.append(folder.run())
        folder.set("[recover]\n", '[recover]\narchives = ["wayback"]\n')
        write(folder, REPORT, SILENT, LIST, NEWS)
        seams.append(len(universe.log))
        runs.append(folder.run("--force"))
        folder.set('["wayback"]\n', f'[]\ntimemaps = {{ theirs = "{TIMEMAPS}" }}\n')
        seams.append(len(universe.log))
        runs.append(folder.run())
        yield Story(universe, folder, tuple(runs), tuple(seams))


def write(folder: Folder, *urls: str) -> None:
    links = "".join(f"* [a source]({url})\n" for url in urls)
    folder.document(f"---\ntitle: a report\ndate: 2016-06-01\n---\n\n{links}")


def told(entry: Json) -> tuple[str, str, str | None, str]:
    memento = entry["memento"]
    return entry["archive"], memento["time"][:10], memento["verified"], memento["why"]


def test_the_copy_nearest_to_the_report_s_own_date_is_taken_and_checked(story: Story) -> None:
    assert [told(entry) for entry in story.imports(REPORT)] == [("commoncrawl", "2016-12-05", "sha1", "nearest")]
    assert [told(entry) for entry in story.imports(NEWS)] == [("wayback", "2015-10-02", "sha1", "nearest")]


@pytest.mark.parametrize(("url", "body"), [(REPORT, REVISED), (NEWS, article("Briefing"))])
def test_the_bytes_of_the_original_can_be_had(story: Story, url: str, body: bytes) -> None:
    assert story.folder.preserve("get", url).out == body


def test_our_own_visit_stays_what_it_was(story: Story) -> None:
    for url in (REPORT, NEWS):
        first = next(entry for entry in story.folder.entries("capture") if entry["source"] == url)
        assert first["outcome"] == "lost"
        assert {urlsplit(hop["url"]).hostname for hop in first["hops"]}.isdisjoint(ARCHIVES)
        (copy,) = story.imports(url)
        assert copy["capture"] == first["id"]
        assert {urlsplit(record["url"]).hostname for record in copy["records"]} <= ARCHIVES


def test_a_source_is_told_once_with_what_was_found_and_what_stands_for_it(story: Story) -> None:
    first = story.runs[0]
    event = first.captures[REPORT]
    assert (event["outcome"], event["reason"]) == ("recovered", "memento")
    assert event["found"].startswith("lost/") and event["import"] == story.imports(REPORT)[0]["id"]
    assert first.captures[LIST]["found"] == "captured/ok" and first.captures[LIST]["import"] is None
    assert (first.summary["recovered"], first.summary["captured"], first.summary["lost"]) == (1, 1, 0)
    assert first.summary["failed"] == 1 and first.code == 3  # of the host that is gone


def test_the_next_run_does_not_ask_for_what_is_held(story: Story) -> None:
    assert asked_for(story.asked(1)) == {NEWS}
    assert story.runs[1].captures[REPORT]["outcome"] == "lost"
    assert story.runs[1].captures[REPORT]["import"] is None


def test_what_cannot_be_reached_is_asked_for_when_that_lasts(story: Story) -> None:
    assert [run.captures[SILENT]["outcome"] for run in story.runs] == ["failed", "failed", "recovered"]
    assert [told(entry) for entry in story.imports(SILENT)] == [
        ("theirs", "2017-01-01", None, "nearest"),
        ("theirs", "2019-01-01", None, "best-later"),
    ]
    assert story.runs[2].code == 0
    assert story.folder.preserve("get", SILENT).out == article("A statement")


@pytest.mark.parametrize(("hosts", "pause"), [({WAYBACK}, 2.5), ({INDEX, DATA}, 1.0)])
def test_each_archive_is_asked_at_its_own_pace(story: Story, hosts: set[str], pause: float) -> None:
    asked = [one for one in story.asked(0) if one.host in hosts]
    assert len(asked) > 1
    for one, other in pairwise(asked):
        elapsed = datetime.fromisoformat(other.started) - datetime.fromisoformat(one.started)
        assert elapsed.total_seconds() >= (pause if "/web/" not in one.target else 0.5)


def test_no_archive_is_told_of_a_source_that_is_held(story: Story) -> None:
    assert asked_for(story.asked(0)) == {REPORT}


def asked_for(log: list[Logged]) -> set[str | None]:
    return {dict(parse_qsl(urlsplit(one.target).query)).get("url") for one in log if "url=" in one.target}


def test_the_archive_is_sound(story: Story) -> None:
    result = story.folder.verify("--deep", "--no-record")
    assert (result.code, result.events[:-1]) == (0, []), result.out


def test_archives_that_are_down_are_named_and_the_source_stays_lost(universe: Universe, tmp_path: Path) -> None:
    universe.fault(ARQUIVO, "503")
    folder = at(universe, tmp_path / "work", '[recover]\narchives = ["arquivo"]\n')
    folder.cite(NOWHERE)
    result = folder.run()
    (entry,) = folder.entries("import")
    assert (entry["outcome"], entry["memento"], entry["answer"]) == ("lost", None, None)
    assert entry["asked"] == [{"archive": "arquivo", "found": 0, "error": "its index answered with status 503"}]
    assert (result.code, result.summary["lost"], result.captures[NOWHERE]["outcome"]) == (3, 1, "lost")
    assert result.captures[NOWHERE]["import"] == entry["id"]
    assert folder.verify("--deep", "--no-record").code == 0


@pytest.mark.parametrize(
    "settings", ["[recover]\narchives = []\n", '[recover]\n[host."*.vdc-sy.info"]\nrecover = false\n']
)
def test_nobody_is_asked_where_that_is_not_wanted(universe: Universe, tmp_path: Path, settings: str) -> None:
    folder = at(universe, tmp_path / "work", settings)
    folder.cite(NOWHERE)
    assert folder.run().code == 3
    assert folder.entries("import") == []
    assert not [one for one in universe.asked if one.host in ARCHIVES]


@dataclass(frozen=True)
class Handed:
    """A live source that the Wayback Machine has seen, asked about and handed in."""

    folder: Folder
    result: Result
    log: list[Logged]


@pytest.fixture(scope="module")
def handed(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Handed]:
    base = tmp_path_factory.mktemp("handed")
    before = webarchives.HOLDINGS[WAYBACK]
    webarchives.HOLDINGS[WAYBACK] = (*before, Kept("20170506070809", LIST, meant(LIST)))
    with Universe(base / "universe", authority=universe_ca) as universe:
        folder = at(universe, base / "work", '[recover]\nwayback_keys = "env:KEYS"\n')
        folder.environment["KEYS"] = SECRET
        folder.cite(LIST)
        result = folder.run("--corroborate", "--save-to-wayback")
        yield Handed(folder, result, [one for one in universe.log if one.host == WAYBACK])
    webarchives.HOLDINGS[WAYBACK] = before


def test_the_same_bytes_in_the_wayback_machine_are_noted(handed: Handed) -> None:
    sighting, submitted = handed.folder.entry(LIST)["elsewhere"]
    assert (sighting["same"], sighting["time"]) == (True, "2017-05-06T07:08:09.000000Z")
    assert sighting["digest"] == sha1(meant(LIST)) and sighting["of"] in ("payload", "content")
    assert submitted["status"] == 200 and submitted["job"].startswith("spn2-") and submitted["error"] is None
    assert handed.result.code == 0 and handed.result.captures[LIST]["outcome"] == "captured"


def test_the_keys_are_sent_and_never_stored_or_told(handed: Handed) -> None:
    save = handed.log[-1]
    assert (save.method, save.path) == ("POST", "/save") and f"LOW {SECRET}".encode() in save.request
    records = [record for file in handed.folder.warcs for record in read(file)]
    (request,) = (record for record in records if record.type == "request" and record.url.endswith("/save"))
    assert b"Authorization: [redacted]" in request.block and request.block.endswith(
        save.request.rpartition(b"\r\n\r\n")[2]
    )
    everything = b"".join(record.head + record.block for record in records)
    everything += json.dumps(handed.folder.entries()).encode() + handed.result.out + handed.result.err.encode()
    for part in SECRET.split(":"):
        assert part.encode() not in everything


def test_what_was_asked_about_it_is_stored_with_the_capture(handed: Handed) -> None:
    assert [record["url"] for record in handed.folder.entry(LIST)["records"] if WAYBACK in record["url"]]
    assert handed.folder.preserve("get", LIST).out == meant(LIST)
    assert handed.folder.verify("--deep", "--no-record").code == 0


def test_keys_that_cannot_be_read_are_told_before_anybody_is_asked(universe: Universe, tmp_path: Path) -> None:
    folder = at(universe, tmp_path / "work", '[recover]\nwayback_keys = "env:NOBODY"\n')
    folder.cite(LIST)
    result = folder.run("--save-to-wayback")
    assert result.code == 2 and "recover.wayback_keys" in result.err
    assert not universe.log
