"""Whatever web archives answer: the copy that is taken is the page, what is wrong is told, all that came is stored.

The real session asks the universe's archives; only its clock is ours, so that their pace costs no time.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from preserve.capture.recorder import Recorder, Recording
from preserve.capture.recovery import recover
from preserve.capture.recovery.corroborate import corroborate, sums
from preserve.capture.recovery.desk import FAILURES, NOT_ASKED, Desk, archives
from preserve.capture.recovery.submit import submit
from preserve.config import Config, LimitsSection, Network, Politeness, Recover, Retry
from preserve.model import Entry, Source
from preserve.network.session import Hop, Session
from tests.universe import Authority, Universe
from tests.universe.hosts import webarchives, youtube
from tests.universe.hosts.webarchives import (
    ARQUIVO,
    CHALLENGE,
    DATA,
    INDEX,
    OTHER,
    PARKED,
    TIMEMAPS,
    WAYBACK,
    Kept,
    article,
)

Json = dict[str, Any]
PAGE = "http://dead.example/a/report.html"
DATE = datetime(2016, 12, 1, 12, tzinfo=UTC)
ONE, TWO, THREE = (article(f"Report, version {number}") for number in (1, 2, 3))
ONLY = {name: Recover((name,), {}, "") for name in ("wayback", "commoncrawl", "arquivo")}
THEIRS = Recover((), {"theirs": TIMEMAPS}, "")


def kept(time: str, body: bytes = ONE, url: str = PAGE, **more: Any) -> Kept:
    return Kept(f"{time}0101000000"[:14] if len(time) == 4 else time, url, body, **more)


@contextmanager
def keeping(**held: tuple[Kept, ...]) -> Iterator[None]:
    """The archives hold these and nothing else."""
    before = dict(webarchives.HOLDINGS)
    named = {"wayback": WAYBACK, "commoncrawl": DATA, "arquivo": ARQUIVO, "theirs": OTHER}
    webarchives.HOLDINGS.update({host: held.get(name, ()) for name, host in named.items()})
    webarchives.warc.cache_clear()
    try:
        yield
    finally:
        webarchives.HOLDINGS.update(before)
        webarchives.warc.cache_clear()


@dataclass(frozen=True)
class Stored:
    file: str = "warc/x"
    offset: int = 0
    length: int = 0
    sha256: str = ""


@dataclass
class Bench:
    """A session at the universe with a clock of its own, and the members that a recorder would have written."""

    universe: Universe
    settings: Recover
    limits: LimitsSection = field(default_factory=lambda: LimitsSection(time=20.0))
    now: float = 0.0
    members: list[bytes] = field(default_factory=list)
    desk: Desk | None = None
    begun: int = 0  # where in the log of the universe

    def append(self, member: Iterable[bytes]) -> Stored:
        self.members.append(b"".join(member))
        return Stored()

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)

    def session(self) -> Session:
        config = Config(
            network=Network(proxy=self.universe.proxy(), ca_file=str(self.universe.ca_file)),
            politeness=Politeness(delay=0.0),
            retry=Retry(tries=5, max_wait=60.0),
            limits=self.limits,
        )
        return Session(config, tempfile.TemporaryFile, sleep=self.sleep, clock=lambda: self.now)

    def recover(self, *urls: str, date: datetime = DATE, asked: int = 1_000_000) -> list[list[Json]]:
        """The imports of each, one after the other, in one run that is stopped after so many questions."""
        self.begun = len(self.universe.log)

        async def work() -> list[list[Json]]:
            session = self.session()
            desk = self.desk = Desk(session, Recorder(self.append, lambda: "urn:uuid:0", {}), archives(self.settings))
            desk.stopping = lambda: "interrupted" if len(self.universe.log) >= self.begun + asked else ""
            found = []
            for url in urls:
                lost = Entry(7, "capture", "c" * 32, "", "", {"outcome": "lost", "reason": "gone", "request_url": url})
                found.append(await recover.recover(desk, Source(url, url), lost, None, date, Recording()))
            await session.aclose()
            return found

        return asyncio.run(work())

    def one(self, url: str = PAGE, **more: Any) -> list[Json]:
        return self.recover(url, **more)[0]


@pytest.fixture(scope="module")
def universe(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Universe]:
    folder: Path = tmp_path_factory.mktemp("archives")
    with Universe(folder, authority=universe_ca) as universe:
        yield universe


@pytest.fixture
def bench(universe: Universe) -> Iterator[Bench]:
    yield Bench(universe, ONLY["wayback"])
    universe.heal()


def told(entry: Json) -> tuple[str, str, str | None]:
    """Outcome, year and what was verified."""
    return f"{entry['outcome']}/{entry['reason']}", entry["memento"]["time"][:4], entry["memento"]["verified"]


def is_content(entry: Json, body: bytes) -> bool:
    return bool(entry["memento"]["content_sha256"] == hashlib.sha256(body).hexdigest())


def test_the_copy_nearest_to_the_document_and_the_best_later_one(bench: Bench) -> None:
    with keeping(wayback=(kept("2012", TWO), kept("2016"), kept("2018"), kept("2019", THREE), kept("2020", THREE))):
        nearest, later = bench.one()
    assert (told(nearest), told(later)) == (
        ("recovered/memento", "2016", "sha1"),
        ("recovered/memento", "2020", "sha1"),
    )
    assert is_content(nearest, ONE) and is_content(later, THREE)
    assert (nearest["memento"]["why"], later["memento"]["why"]) == ("nearest", "best-later")
    assert nearest["asked"] == [{"archive": "wayback", "found": 5, "error": None}]
    assert nearest["archive"] == "wayback" and nearest["capture"] == "c" * 32
    assert nearest["memento"]["uri"] == f"https://web.archive.org/web/20160101000000/{PAGE}"
    assert ["Server", "Apache/2.2.15 (CentOS)"] in nearest["memento"]["headers"]
    assert [header for header in nearest["memento"]["headers"] if header[1] == "nginx"] == []


def test_everything_that_was_asked_is_stored_under_the_archive_s_own_address(bench: Bench) -> None:
    with keeping(wayback=(kept("20161130120000", CHALLENGE), kept("2017"), kept("2019", THREE), kept("2020", PARKED))):
        entries = bench.one()
    asked = [one.url for one in bench.universe.log if one.host == WAYBACK][-5:]
    named = [record for entry in entries for record in entry["records"]]
    assert [hop["url"] for entry in entries for hop in entry["hops"]] == asked
    assert [record["url"] for record in named if record["type"] == "response"] == asked
    assert len(named) == len(bench.members)
    answers = {entry["answer"]: entry["memento"]["time"][:4] for entry in entries}
    assert {answers[record["id"]] for record in named if record["id"] in answers} == {"2017", "2019"}


@pytest.mark.parametrize(
    ("bad", "reason"), [(CHALLENGE, "blocked/bot-challenge"), (PARKED, "lost/parked"), (b"", "lost/empty")]
)
def test_a_copy_that_is_not_the_page_is_not_taken(bench: Bench, bad: bytes, reason: str) -> None:
    with keeping(wayback=(kept("2016", bad), kept("2014", TWO))):
        (entry,) = bench.one()
    assert told(entry) == ("recovered/memento", "2014", "sha1")
    assert f"the copy of 2016-01-01 00:00:00 from the Wayback Machine is {reason}" in entry["signals"]


@pytest.mark.parametrize("word", ["gone", "removed", "private"])
def test_a_page_that_only_says_that_its_film_is_gone_is_none(bench: Bench, word: str) -> None:
    key = youtube.film_id(word)
    url = f"https://www.youtube.com/watch?v={key}"
    with keeping(wayback=(kept("2016", youtube.watch(key).body, url), kept("2014", article("The first day"), url))):
        (entry,) = bench.one(url)
    # That a film is not shown to everybody says nothing against the page about it.
    assert told(entry)[1] == ("2016" if word == "private" else "2014")
    bad = f"the copy of 2016-01-01 00:00:00 from the Wayback Machine is lost/{word}"
    assert (bad in entry["signals"]) == (word != "private")


def test_the_same_bad_copy_is_not_fetched_twice(bench: Bench) -> None:
    with keeping(wayback=(*(kept(str(year), PARKED) for year in range(2010, 2020)), kept("1999"))):
        (entry,) = bench.one()
    assert told(entry)[1] == "1999"
    assert len(entry["hops"]) == 3  # the index, one parked page, the page


def test_after_some_copies_that_are_no_page_nothing_more_is_fetched(bench: Bench) -> None:
    with keeping(
        wayback=(*(kept(str(year), CHALLENGE + bytes([year - 1990])) for year in range(2010, 2018)), kept("1999"))
    ):
        (entry,) = bench.one()
    assert (entry["outcome"], entry["memento"], entry["answer"], entry["archive"]) == ("lost", None, None, None)
    assert len(entry["hops"]) == 1 + recover.NEAREST_TRIES


def test_a_copy_without_its_digest_is_told_and_another_one_preferred(bench: Bench) -> None:
    with keeping(wayback=(kept("2016", plays=TWO), kept("2014", ONE))):
        (entry,) = bench.one()
    assert told(entry) == ("recovered/memento", "2014", "sha1")
    assert (
        "the copy of 2016-01-01 00:00:00 from the Wayback Machine: the archive's own digest does not match"
        in entry["signals"]
    )


def test_where_every_copy_is_without_its_digest_the_nearest_is_kept(bench: Bench) -> None:
    with keeping(wayback=(kept("2016", plays=TWO), kept("2010", plays=THREE))):
        (entry,) = bench.one()
    assert told(entry) == ("recovered/memento", "2016", None)
    assert is_content(entry, TWO) and entry["memento"]["digest"] == webarchives.sha1(ONE)
    assert "the archive's own digest does not match" in entry["signals"]


@pytest.mark.parametrize("name", ["wayback", "arquivo"])
def test_what_is_stored_in_a_coding_is_checked_in_it(bench: Bench, name: str) -> None:
    bench.settings = ONLY[name]
    with keeping(**{name: (kept("2016", coded=True),)}):
        (entry,) = bench.one()
    assert told(entry)[2] == "sha1" and is_content(entry, ONE)
    assert "the SHA-1 of the body as it was sent is the one in the archive's index" in entry["signals"]


def test_playback_that_leads_to_another_copy_is_told(bench: Bench) -> None:
    with keeping(wayback=(kept("2016", leads="20130203040506"), kept("20130203040506", TWO))):
        (entry,) = bench.one()
    assert told(entry) == ("recovered/memento", "2013", None) and is_content(entry, TWO)
    assert entry["memento"]["uri"].startswith("https://web.archive.org/web/20130203040506/")
    assert "the archive gave its copy of 2013-02-03 04:05:06, not that of 2016-01-01 00:00:00" in entry["signals"]


def test_what_only_looks_alike_is_no_copy(bench: Bench) -> None:
    other = PAGE.replace("report", "Report")
    with keeping(wayback=(kept("2016", url=other), kept("2016", url="https://www.dead.example/a/report.html?x"))):
        (entry,) = bench.one()
    assert (entry["outcome"], entry["reason"], entry["memento"]) == ("lost", "gone", None)
    assert "the Wayback Machine: has no copy" in entry["signals"]
    with keeping(
        wayback=(kept("2016", url=other), kept("2014", url="https://www.dead.example/a/report.html/", body=TWO))
    ):
        (entry,) = bench.one()
    assert is_content(entry, TWO) and entry["memento"]["url"] == "https://www.dead.example/a/report.html/"


def test_a_repetition_in_the_index_is_played_back(bench: Bench) -> None:
    with keeping(wayback=(kept("2012", TWO), kept("2016", TWO, status="-"))):
        (entry,) = bench.one()
    assert told(entry) == ("recovered/memento", "2016", "sha1")


def test_an_archived_error_is_no_copy_whatever_the_index_says(bench: Bench) -> None:
    with keeping(theirs=(kept("2016", b"<p>not here</p>", status="404"),)):
        bench.settings = THEIRS
        (entry,) = bench.one()
    assert entry["memento"] is None
    assert "the copy of 2016-01-01 00:00:00 from theirs: it answered with status 404" in entry["signals"]


def test_the_archive_is_given_the_time_it_asks_for(bench: Bench) -> None:
    bench.universe.fault(WAYBACK, "429", path="/cdx", times=1, retry_after="77")
    with keeping(wayback=(kept("2016"),)):
        (entry,) = bench.one()
    assert told(entry)[0] == "recovered/memento"
    assert bench.now >= 77
    assert [hop["status"] for hop in entry["hops"]] == [429, 200, 200]


@pytest.mark.parametrize("fault", ["503", "429", "hang-up", "refused", "tls-handshake-abort"])
def test_an_archive_that_fails_is_let_alone_after_a_while(bench: Bench, fault: str) -> None:
    options = {"path": "/cdx"} if fault in ("503", "429", "hang-up") else {}
    bench.universe.fault(WAYBACK, fault, **options)
    urls = [f"http://dead.example/{number}" for number in range(FAILURES + 2)]
    with keeping():
        found = bench.recover(*urls)
    errors = [entries[0]["asked"][0]["error"] for entries in found]
    assert errors[FAILURES:] == [NOT_ASKED, NOT_ASKED]
    assert all(error and error != NOT_ASKED for error in errors[:FAILURES])
    assert found[-1][0]["hops"] == [] and found[-1][0]["outcome"] == "lost"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<html>We are down for maintenance.</html>", "its index did not answer with a list"),
        ('[["timestamp","original"],["2016', "its index did not answer with a list"),
        ("[" * 5000, "its index did not answer with a list"),
        ("x" * 5_000_000, "longer than 4194304 bytes"),
    ],
)
def test_an_index_that_is_none_is_told(bench: Bench, body: str, words: str) -> None:
    bench.universe.fault(WAYBACK, "page", path="/cdx", body=body)
    bench.settings = Recover(("wayback", "arquivo"), {}, "")
    with keeping(wayback=(kept("2016"),), arquivo=(kept("2015"),)):
        (entry,) = bench.one()
    assert words in entry["asked"][0]["error"]
    assert (entry["archive"], told(entry)[1]) == ("arquivo", "2015")


def test_the_nearest_copy_of_all_archives_is_taken(bench: Bench) -> None:
    bench.settings = Recover(("wayback", "commoncrawl", "arquivo"), {"theirs": TIMEMAPS}, "")
    crawled = kept("20161205030405", TWO)
    with keeping(
        wayback=(kept("2010"),), arquivo=(kept("2015"),), commoncrawl=(crawled,), theirs=(kept("2021", THREE),)
    ):
        nearest, later = bench.one()
    assert (nearest["archive"], later["archive"]) == ("commoncrawl", "theirs")
    assert [(one["archive"], one["found"], one["error"]) for one in nearest["asked"]] == [
        ("wayback", 1, None),
        ("commoncrawl", 1, None),
        ("arquivo", 1, None),
        ("theirs", 1, None),
    ]


def test_the_crawler_s_own_record_is_had_and_checked(bench: Bench) -> None:
    bench.settings = ONLY["commoncrawl"]
    with keeping(commoncrawl=(kept("20161205030405", TWO),)):
        (entry,) = bench.one()
    assert told(entry) == ("recovered/memento", "2016", "sha1") and is_content(entry, TWO)
    memento = entry["memento"]
    assert (memento["wrapped"], memento["status"], memento["time"]) == ("warc", 200, "2016-12-05T03:04:05.000000Z")
    assert ["X-Crawler-Transfer-Encoding", "chunked"] in memento["headers"]
    range_asked = next(one for one in reversed(bench.universe.log) if one.host == DATA)
    assert b"\r\nRange: bytes=" in range_asked.request and range_asked.status == 206
    answer = next(record for record in entry["records"] if record["id"] == entry["answer"])
    assert answer["url"].startswith(f"https://{DATA}/crawl-data/")


def test_a_digest_of_the_crawl_that_is_another_proves_nothing(bench: Bench) -> None:
    bench.settings = ONLY["commoncrawl"]
    with keeping(commoncrawl=(kept("20161205030405", ONE, plays=TWO),)):
        (entry,) = bench.one()
    assert told(entry) == ("recovered/memento", "2016", None) and is_content(entry, TWO)


def test_where_a_range_is_not_known_the_file_is_not_received(bench: Bench) -> None:
    bench.settings = ONLY["commoncrawl"]
    bench.universe.fault(DATA, "page", body=bytes(32 * 1024 * 1024), type="application/octet-stream")
    with keeping(commoncrawl=(kept("20161205030405", TWO),)):
        (entry,) = bench.one()
    assert entry["memento"] is None
    assert any("sent the whole file instead of the record" in signal for signal in entry["signals"]), entry["signals"]
    assert sum(map(len, bench.members)) < 100_000
    truncated = [record["truncated"] for record in entry["records"] if record["url"].startswith(f"https://{DATA}")]
    assert "length" in truncated


@pytest.mark.parametrize("fault", ["garbage", "short-body", "403", "gzip-bomb"])
def test_a_record_that_does_not_come_whole_is_none(bench: Bench, fault: str) -> None:
    bench.settings = ONLY["commoncrawl"]
    bench.universe.fault(DATA, fault)
    with keeping(commoncrawl=(kept("20161205030405", TWO),)):
        (entry,) = bench.one()
    assert entry["memento"] is None and entry["asked"][0]["found"] == 1


@pytest.mark.parametrize("form", ["link", "json"])
def test_any_other_archive_by_its_timemap(bench: Bench, form: str) -> None:
    bench.settings = Recover((), {"theirs": TIMEMAPS.replace("link", form)}, "")
    with keeping(theirs=(kept("2016"), kept("2019", TWO))):
        nearest, later = bench.one()
    verified = "sha1" if form == "json" else None
    assert (told(nearest), told(later)) == (
        ("recovered/memento", "2016", verified),
        ("recovered/memento", "2019", verified),
    )
    assert is_content(nearest, ONE)  # and not the page with the archive's banner in it
    assert nearest["archive"] == "theirs"


def test_a_later_copy_with_the_same_content_is_none(bench: Bench) -> None:
    bench.settings = THEIRS
    with keeping(theirs=(kept("20161130000000"), kept("2017"), kept("2018"))):
        entries = bench.one()
    assert len(entries) == 1 and len(entries[0]["hops"]) == 4  # the TimeMap, the copy, two that are it again


def test_nothing_more_is_asked_once_the_run_is_stopped(bench: Bench) -> None:
    bench.settings = Recover(("wayback", "commoncrawl"), {}, "")
    with keeping(wayback=(kept("2016"),)):
        assert bench.recover(PAGE, asked=0) == [[]]
        (first,), second = bench.recover(PAGE, "http://dead.example/b", asked=2)
    assert first["memento"] is None and second == []
    assert [hop["url"].split("/")[2] for hop in first["hops"]] == [WAYBACK, INDEX]
    assert {"archive": "commoncrawl", "found": 0, "error": "not asked: the run was stopped (interrupted)"} in first[
        "asked"
    ]


def test_a_copy_beyond_the_limit_is_not_taken(bench: Bench) -> None:
    bench.limits = LimitsSection(time=20.0, body=700)
    with keeping(wayback=(kept("2016"),)):
        (entry,) = bench.one()
    assert entry["memento"] is None
    assert any("longer than 700 bytes" in signal for signal in entry["signals"])


def test_an_index_beyond_the_limit_is_not_read(bench: Bench) -> None:
    bench.limits = LimitsSection(time=20.0, body=100)
    with keeping(wayback=(kept("2016"),)):
        (entry,) = bench.one()
    assert entry["asked"] == [{"archive": "wayback", "found": 0, "error": "the body is longer than 100 bytes"}]


# -- about captures of our own --------------------------------------------------------------------------------------
def asked_about(bench: Bench, body: bytes, url: str = PAGE, keys: str | None = None) -> list[Any]:
    async def work() -> list[Any]:
        session = bench.session()
        hops: list[Hop] = []

        async def keep(hop: Hop) -> None:
            hops.append(hop)

        if keys is not None:
            found = [await submit(session, keep, url, keys)]
        else:
            visit = await session.visit(f"https://{WAYBACK}/nothing", keep=keep)
            assert visit.final
            with tempfile.TemporaryFile() as file:
                file.write(body)
                found = await corroborate(session, keep, sums(_answer(visit.final, url, body)))
        await session.aclose()
        return found

    return asyncio.run(work())


def _answer(like: Any, url: str, body: bytes) -> Any:
    from dataclasses import replace
    from io import BytesIO

    from preserve.network.spool import Spool

    spool = Spool(BytesIO)  # type: ignore[arg-type]
    spool.write(body)
    return replace(like, url=url, body=spool, chunked=False, headers=())


def test_the_same_bytes_are_found_with_who_saw_them_first(bench: Bench) -> None:
    with keeping(wayback=(kept("2012", TWO), kept("2016"), kept("2018"))):
        (sighting,) = asked_about(bench, ONE)
    assert sighting == {
        "archive": "wayback",
        "time": "2016-01-01T00:00:00.000000Z",
        "digest": webarchives.sha1(ONE),
        "same": True,
        "of": "payload",
        "uri": f"https://web.archive.org/web/20160101000000/{PAGE}",
        "error": None,
    }


def test_that_nobody_saw_them_is_said_too(bench: Bench) -> None:
    with keeping(wayback=(kept("2012", TWO),)):
        (sighting,) = asked_about(bench, ONE)
    assert (sighting["same"], sighting["time"], sighting["digest"]) == (False, None, webarchives.sha1(ONE))
    bench.universe.fault(WAYBACK, "503", path="/cdx")
    (sighting,) = asked_about(bench, ONE)
    assert (sighting["same"], sighting["error"]) == (False, "its index answered with status 503")


def test_a_sighting_is_one_of_these_bytes_at_this_address(bench: Bench) -> None:
    """Whatever an index answers to what it was asked."""
    names = ["timestamp", "original", "mimetype", "statuscode", "digest"]
    rows = [
        ["20160101000000", PAGE, "-", "200", "A" * 32],
        ["20160101000000", "http://other.example/", "-", "200", webarchives.sha1(ONE)],
    ]
    bench.universe.fault(WAYBACK, "page", path="/cdx", body=json.dumps([names, *rows]))
    (sighting,) = asked_about(bench, ONE)
    assert (sighting["same"], sighting["uri"]) == (False, None)


@pytest.mark.parametrize(
    ("keys", "method", "expected"),
    [("abc:def", "POST", {"status": 200, "error": None}), ("", "GET", {"status": 200, "job": None, "error": None})],
)
def test_an_address_is_handed_in(bench: Bench, keys: str, method: str, expected: Mapping[str, Any]) -> None:
    (item,) = asked_about(bench, b"", keys=keys)
    assert expected.items() <= item.items() and item["archive"] == "wayback" and item["submitted"]
    asked = bench.universe.log[-1]
    assert (asked.method, asked.host, bool(item["job"])) == (method, WAYBACK, bool(keys))
    assert asked.target == ("/save" if keys else f"/save/{PAGE}")
    assert (b"Authorization: LOW abc:def" in asked.request) == bool(keys)


@pytest.mark.parametrize("fault", ["503", "hang-up", "garbage", "redirect-private"])
def test_that_it_cannot_be_handed_in_is_told_and_no_more(bench: Bench, fault: str) -> None:
    bench.universe.fault(WAYBACK, fault, path="/save")
    (item,) = asked_about(bench, b"", keys="abc:def")
    assert item["job"] is None and (item["error"] or item["status"] == 503)


def test_the_index_of_the_crawls_is_asked_for_once_a_run(bench: Bench) -> None:
    bench.settings = ONLY["commoncrawl"]
    before = len(bench.universe.log)
    with keeping(commoncrawl=(kept("20161205030405", TWO),)):
        bench.recover(PAGE, "http://dead.example/b")
    asked = [one.path for one in bench.universe.log[before:] if one.host == INDEX]
    assert asked.count("/collinfo.json") == 1
    assert len(asked) == 1 + 2 * 5
