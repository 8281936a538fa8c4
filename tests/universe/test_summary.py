"""What people are told at the end of a run and by `status`: in groups, in plain words, with what to try next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from preserve.terminal import width
from tests.universe import Authority, Universe
from tests.universe.hosts.webarchives import NOWHERE, REPORT
from tests.universe.working import Folder, Result, at

POST = "https://vk.com/wall-3457550_23655"
ENG = "http://eng.mil.ru/en/news_page/country/more.htm?id=12059172@egNews"
MAP = "https://function.mil.ru/news_page/intrel/more.htm?id=12121964%40egNews"
ARABIC = "https://vdc-sy.net/تقرير-عن-الضربات/"
LIST = "https://syrianarchive.org/en/investigations"
GOOD = "https://syrianarchive.org/assets/russian/ru-mod-website.png"
FILMS = [f"https://www.youtube.com/watch?v=x{number}" for number in range(7)]
# One web archive, and only for one domain: each has its own pace, which is not to be hurried.
SETTINGS = """[recover]
archives = ["wayback"]
[host."vdc-sy.net"]
recover = false
[host."syrianarchive.org"]
recover = false
"""
CITED = (POST, ENG, MAP, ARABIC, LIST, GOOD, REPORT, NOWHERE, *FILMS)


@dataclass(frozen=True)
class Told:
    folder: Folder
    run: Result
    status: Result
    again: Result  # as cron has it: -q, and everything is visited
    healthy: Result  # the same when all is well
    worse: Result  # what was captured is gone
    events: Result


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Told]:
    base = tmp_path_factory.mktemp("summary")
    with Universe(base / "universe", authority=universe_ca) as universe:
        folder = at(universe, base / "work", SETTINGS)
        folder.cite(*CITED)
        for host in ("eng.mil.ru", "function.mil.ru"):
            universe.fault(host, "refused")
        universe.fault("vk.com", "401")
        universe.fault("www.youtube.com", "429")
        universe.fault("syrianarchive.org", "404", path="/en/")
        run, status = folder.preserve("run"), folder.preserve("status")
        again = folder.preserve("-q", "run", "--force", "--only", "*vk.com*")
        universe.heal("syrianarchive.org")
        healthy = folder.preserve("-q", "run", "--force", "--only", "*syrianarchive*")
        universe.fault("syrianarchive.org", "404", path="/en/")
        worse = folder.preserve("run", "--force", "--only", LIST)
        events = folder.run("--force", "--only", "*syrianarchive*")
        yield Told(folder, run, status, again, healthy, worse, events)


def groups(answer: bytes) -> dict[str, list[str]]:
    """The lines below each heading."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in answer.decode().splitlines():
        if re.match(r"[a-z-].* \(\d+\)$", line):
            heading = line
        elif line:
            found.setdefault(heading, []).append(line)
    return found


def test_the_counts_come_first(told: Told) -> None:
    first = told.run.out.decode().splitlines()[0]
    assert first == f"{len(CITED)} sources: 1 captured, 1 recovered, 8 blocked, 3 lost, 2 failed"
    assert told.run.code == 3


def test_what_is_captured_is_not_told_again(told: Told) -> None:
    assert GOOD not in told.run.out.decode()


def test_a_log_in_is_named_with_what_to_do(told: Told) -> None:
    lines = groups(told.run.out)["blocked (8)"]
    at = lines.index("  vk.com asks for a log-in")
    assert lines[at + 1 : at + 4] == [
        "    next: open it in a browser, export the cookies to a file and set",
        '          [host."*.vk.com"] cookies',
        f"    {POST}",
    ]


def test_a_large_group_names_some_and_says_where_the_rest_is(told: Told) -> None:
    lines = groups(told.run.out)["blocked (8)"]
    assert [line for line in lines if "youtube.com/watch" in line] == [f"    {url}" for url in FILMS[:5]]
    assert "    and 2 more: preserve status" in lines
    assert all(url in told.status.out.decode() for url in FILMS)


def test_hosts_of_one_domain_are_one_group(told: Told) -> None:
    lines = groups(told.run.out)["failed (2)"]
    assert lines[0] == "  mil.ru cannot be reached from here" and sorted(lines[-2:]) == [f"    {ENG}", f"    {MAP}"]


def test_a_copy_of_a_web_archive_is_said_to_be_one(told: Told) -> None:
    (why, url, copy) = groups(told.run.out)["recovered (1)"]
    assert why.startswith("  vdc-sy.info") and why.endswith("; a web archive has a copy")
    assert url == f"    {REPORT}"
    assert re.fullmatch(r"      from the Wayback Machine, archived 20\d\d-\d\d-\d\d \d\d:\d\dZ, .*", copy)


def test_archives_that_were_asked_in_vain_are_named(told: Told) -> None:
    text = " ".join(" ".join(groups(told.run.out)["lost (3)"]).split())
    assert f"web archives were asked, none has it (the Wayback Machine) {NOWHERE}" in text
    assert f"vdc-sy.net does not have the page any more {ARABIC}" in text, "it was not to be asked for"


def test_status_has_the_same_groups_and_words(told: Told) -> None:
    run, status = groups(told.run.out), groups(told.status.out)
    assert run.keys() - {""} == status.keys() - {"captured (1)", ""}
    sentences = {line for lines in run.values() for line in lines if re.match(r" {2,10}\S", line) and "://" not in line}
    told_there = {line for lines in status.values() for line in lines}
    assert sentences - told_there <= {
        line for line in sentences if "preserve status" in line or "from the Wayback" in line
    }


def test_an_earlier_capture_is_remembered(told: Told) -> None:
    lines = groups(told.worse.out)["lost (1)"]
    assert lines[-2:] == [f"    {LIST}", "      an earlier capture of it is held (preserve get)"]


def test_cron_gets_nothing_when_all_is_well_and_the_groups_when_not(told: Told) -> None:
    assert (told.healthy.code, told.healthy.out, told.healthy.err) == (0, b"", "")
    assert told.again.err == "" and told.again.code == 3
    assert "  vk.com asks for a log-in" in told.again.out.decode().splitlines()


def test_programs_get_the_same_words(told: Told) -> None:
    lost, held = told.events.captures[LIST], told.events.captures[GOOD]
    assert lost["why"].startswith("syrianarchive.org does not have the page any more")
    assert (lost["status"], held["status"]) == (404, 200)
    assert (held["why"], held["try"]) == ("", "")


def test_sentences_fit_eighty_columns_and_addresses_stay_whole(told: Told) -> None:
    for answer in (told.run.out, told.status.out):
        for line in answer.decode().splitlines():
            assert width(line) <= 80 or re.fullmatch(r" *https?://\S+", line), line
    assert f"    {ARABIC}" in told.run.out.decode().splitlines()
