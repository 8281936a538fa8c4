"""Whatever a server does, its source ends in the one right outcome, all that came is kept, and nobody else is harmed.

Each case is a source of its own; two runs of the program meet them all: `ANSWERS` fail in what they say, `WAYS` on
the way to a host.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.universe import Authority, Logged, Universe, faults
from tests.universe.stored import Stored, is_interim, read, split
from tests.universe.working import Folder, Json, Result, at, meant

BODY = 1024 * 1024  # [limits] body
TIME = 3.0  # [limits] time, seconds
LIMITS = f'[limits]\nbody = "{BODY}"\ntime = "{TIME}s"\n'

TUBE = "https://www.youtube.com/watch?case={name}&v=qblmOvkV9KM"
VK = "https://vk.com/wall-3457550_23655"
MAP = "https://function.mil.ru/news_page/intrel/more.htm?id=12121964%40egNews"
LIST = "https://syrianarchive.org/en/investigations"
ENG = "http://eng.mil.ru/en/news_page/country/more.htm?id=12059172@egNews"
PDF = "http://www.vdc-sy.info/pdf/reports/1444252328-Arabic.pdf"
ARABIC = "https://vdc-sy.net/report-on-russian-attacks-ar/"
PNG = "https://syrianarchive.org/assets/russian/ru-mod-website.png"
ZONE = "https://syrianarchive.org/assets/russian/ru_de-escalation_zone.png"


@dataclass(frozen=True)
class Case:
    """A fault, and what must become of its source."""

    fault: str
    outcome: str
    truncated: str | None = None
    signal: str = ""  # words that one of the signals holds
    tries: int = 1
    url: str = TUBE
    options: dict[str, Any] = field(default_factory=dict)
    times: int | None = None


OK = "captured/ok"
ANSWERS = {
    # the connection fails under the answer
    "silence": Case("stall", "failed/timeout", "time", tries=2, url=VK),
    "silence in the body": Case("stall", "failed/timeout", "time", url=MAP, options={"after": 700}),
    "drip": Case("drip", "failed/timeout", "time", url=LIST),
    "reset in the head": Case("reset-mid-header", "failed/truncated", "disconnect", tries=2),
    "reset in the body": Case("reset-mid-body", "failed/truncated", "disconnect", tries=2),
    "hang up": Case("hang-up", "failed/unreachable", "disconnect", tries=2),
    "hang up once": Case("hang-up", OK, tries=2, times=1),
    "hang up once on a kept connection": Case("hang-up", OK, times=1),
    "closed after keep-alive": Case("close-idle", OK),
    "no goodbye, length known": Case("close-without-notify", OK, options={"framing": "length"}),
    "no goodbye, end unknown": Case("close-without-notify", OK, signal="no-close-notify"),
    "short body": Case("short-body", "failed/truncated", "disconnect", tries=2),
    "no last chunk": Case("no-last-chunk", "failed/truncated", "disconnect", tries=2),
    # the answer breaks the rules: kept as it is; captured where its end is beyond doubt
    "long body": Case("long-body", OK, url=PDF),
    "two lengths": Case("two-lengths", "failed/malformed", signal="two-lengths"),
    "length and chunked": Case("length-and-chunked", OK, signal="length-and-chunked"),
    "bad chunk": Case("bad-chunk", "failed/malformed", signal="bad-chunk"),
    "bare LF": Case("bare-lf", OK, signal="bare-lf"),
    "folded field": Case("obs-fold", OK, signal="folded-field"),
    "NUL in a field": Case("nul-header", OK, signal="control-in-field"),
    "space before colon": Case("space-before-colon", OK, signal="bad-field-name"),
    "Latin-1 in a field": Case("latin1-header", OK),
    "field without colon": Case("no-colon", OK, signal="field-without-colon"),
    "ICY": Case("icy", "failed/malformed"),
    "HTTP/0.9": Case("http-0.9", "failed/malformed"),
    "garbage": Case("garbage", "failed/malformed"),
    "false encoding": Case("encoding-lie", "failed/corrupt"),
    # too much
    "header bomb": Case("header-bomb", "failed/limit", "length"),
    "giant field": Case("header-bomb", "failed/limit", "length", options={"giant": 10 * BODY}),
    "interim bomb": Case("interim-bomb", "failed/limit", "length"),
    "gzip bomb": Case("gzip-bomb", "failed/limit", options={"size": 128 * faults.MIB}),
    "ten codings": Case("nested-gzip", "failed/limit"),
    "two codings": Case("nested-gzip", OK, options={"depth": 2}),
    "big body": Case("big-body", OK, options={"size": BODY}),
    "too big a body": Case("big-body", "failed/limit", "length", options={"size": BODY + 1}),
    "endless body": Case("endless-body", "failed/limit", "length"),
    "endless chunks": Case("endless-body", "failed/limit", "length", options={"framing": "chunked"}),
    # answers that are not the source
    "empty": Case("empty-200", "lost/empty"),
    "204": Case("204", "lost/empty"),
    "206": Case("page", "failed/truncated", options={"status": 206, "body": "a part"}),
    "304": Case("304", "failed/malformed"),
    "401": Case("401", "blocked/login-wall"),
    "403": Case("403", "blocked/forbidden"),
    "404": Case("404", "lost/gone"),
    "407": Case("page", "failed/error", options={"status": 407, "body": "the proxy of somebody else"}),
    "410": Case("410", "lost/gone"),
    "416": Case("416", "failed/error"),
    "451": Case("451", "blocked/geo-blocked"),
    "500": Case("500", "failed/server-error", tries=2),
    "502": Case("502", "failed/server-error", tries=2),
    "503": Case("503", "failed/server-error", tries=2),
    "504": Case("504", "failed/server-error", tries=2),
    "429, come back at once": Case("429", "blocked/rate-limited", tries=2, options={"retry_after": "0"}),
    "429, once": Case("429", OK, tries=2, times=1, options={"retry_after": "1"}),
    "429, in thirty years": Case("429", "blocked/rate-limited", options={"retry_after": "1000000000"}),
    "429, nonsense": Case("429", "blocked/rate-limited", tries=2, options={"retry_after": "-1"}),
    "503, in thirty years": Case("503", "failed/server-error", options={"retry_after": "1000000000"}),
    "503 once": Case("flaky", OK, tries=2, times=1),
    "reset once": Case("flaky", OK, tries=1, times=1, options={"how": "reset"}),
    # elsewhere
    "five redirects": Case("redirect-chain", OK),
    "thirty redirects": Case("redirect-chain", "failed/redirect-loop", options={"hops": 30}),
    "redirect loop": Case("redirect-loop", "failed/redirect-loop"),
    "redirect to another host": Case("redirect", OK, options={"to": ZONE}),
    "redirect to nothing": Case("redirect-empty", "failed/malformed"),
    "redirect to file:": Case("redirect-file", "refused/scheme"),
    "redirect to javascript:": Case("redirect-javascript", "refused/scheme"),
    "redirect to data:": Case("redirect-data", "refused/scheme"),
    "redirect to ftp:": Case("redirect-ftp", "refused/scheme"),
    "redirect to loopback": Case("redirect-private", "refused/private-address"),
    "redirect to cloud metadata": Case("redirect-metadata", "refused/private-address"),
    # no way to the host, while others can be reached
    "refused": Case("refused", "failed/unreachable", tries=2, url=ENG),
    "black hole": Case("blackhole", "failed/timeout", tries=2, url="https://sun9-1.userapi.com/a.jpg"),
    "unknown name": Case("nxdomain", "failed/unreachable", tries=2, url="https://gone.example/"),
}
WAYS = {
    "expired": Case("tls-expired", OK, signal="expired", url=PNG),
    "self-signed": Case("tls-self-signed", OK, signal="self-signed", url="https://function.mil.ru/images/map-300.jpg"),
    "wrong host": Case("tls-wrong-host", OK, signal="ostname mismatch", url="https://vk.com/css/al/wall.css?17"),
    "unknown authority": Case(
        "tls-unknown-authority", OK, signal="in certificate chain", url="https://vdc-sy.net/favicon.ico"
    ),
    "old protocol": Case("tls-old", OK, signal="protocol", url="https://eng.mil.ru/css/main.css"),
    "alert": Case("tls-handshake-abort", "failed/tls-invalid", url="https://structure.mil.ru/css/structure.css"),
    "reset in the handshake": Case(
        "tls-handshake-reset", "failed/unreachable", tries=2, url="https://sun9-1.userapi.com/a.jpg"
    ),
    "silence in the handshake": Case("tls-stall", "failed/timeout", tries=2, url="https://i.ytimg.com/a.jpg"),
}
HEALTHY = {"answers": (TUBE.format(name="healthy"), ARABIC, PNG), "ways": (PDF, ENG)}


# A reset takes along what was still on its way, and drops go on falling when we have left.
UNSURE = ("reset-mid-header", "reset-mid-body", "drip")


def url_of(name: str, case: Case) -> str:
    return case.url.format(name=name.replace(" ", "-").replace(",", "").replace(":", "").replace("/", "-"))


@dataclass(frozen=True)
class Struck:
    """One run that met every case of a table."""

    universe: Universe
    folder: Folder
    result: Result
    entries: dict[str, Json]
    records: dict[str, Stored]

    def answers(self, entry: Json) -> Iterator[tuple[Json, Stored | None, bytes]]:
        """Each hop, the answer stored of it if any came, and the interim answers before it."""
        for hop in entry["hops"]:
            stored = [self.records[f"<{one}>"] for one in hop["records"]]
            answer = next((one for one in stored if one.type in ("response", "revisit")), None)
            yield hop, answer, next((one.block for one in stored if is_interim(one)), b"")

    def log(self, url: str) -> list[Logged]:
        return [one for one in self.universe.log if one.url == url]


def struck(base: Path, authority: Authority, table: dict[str, Case], healthy: tuple[str, ...]) -> Iterator[Struck]:
    with Universe(base / "universe", authority=authority) as universe:
        for name, case in table.items():
            url = url_of(name, case)
            if (host := url.split("/")[2]) != "gone.example":
                path = f"/{url.split('/', 3)[3].partition('v=')[0]}" if case.fault in faults.ANSWERS else ""
                universe.fault(host, case.fault, path=path, times=case.times, **case.options)
        folder = at(universe, base / "work", LIMITS)
        folder.cite(*(url_of(name, case) for name, case in table.items()), *healthy)
        result = folder.run()
        entries = {entry["source"]: entry for entry in folder.entries("capture")}
        records = {record.id: record for file in folder.warcs for record in read(file)}
        yield Struck(universe, folder, result, entries, records)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Struck]:
    yield from struck(tmp_path_factory.mktemp("answers"), universe_ca, ANSWERS, HEALTHY["answers"])


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Struck]:
    yield from struck(tmp_path_factory.mktemp("ways"), universe_ca, WAYS, HEALTHY["ways"])


@pytest.fixture
def met(request: pytest.FixtureRequest) -> Struck:
    struck: Struck = request.getfixturevalue(request.param)
    return struck


EACH = pytest.mark.parametrize(
    ("met", "name"),
    [*(("answers", name) for name in ANSWERS), *(("ways", name) for name in WAYS)],
    ids=[*ANSWERS, *WAYS],
    indirect=["met"],
)
BOTH = pytest.mark.parametrize("met", ["answers", "ways"], indirect=True)


def case_of(name: str) -> Case:
    return ANSWERS.get(name) or WAYS[name]


@EACH
def test_the_outcome_is_the_right_one(met: Struck, name: str) -> None:
    case = case_of(name)
    entry = met.entries[url_of(name, case)]
    assert (f"{entry['outcome']}/{entry['reason']}", entry["truncated"], entry["tries"]) == (
        case.outcome,
        case.truncated,
        case.tries,
    ), entry["signals"]
    assert case.signal in " | ".join(entry["signals"])
    told = met.result.captures[entry["source"]]
    assert f"{told['outcome']}/{told['reason']}" == case.outcome


@EACH
def test_all_that_came_is_kept(met: Struck, name: str) -> None:
    entry = met.entries[url_of(name, case_of(name))]
    heard: dict[str, Iterator[Logged]] = {}
    for hop, answer, interim in met.answers(entry):
        log = heard.setdefault(hop["url"], iter(met.log(hop["url"])))
        if hop["records"]:  # else there was no connection
            # A request that finds its kept connection closed goes out again by itself; nothing came of the first.
            check_kept(next(one for one in log if one.sent or not answer), answer, interim)
    for log in heard.values():
        assert not [one for one in log if one.sent], "asked for, not kept"


def check_kept(sent: Logged, answer: Stored | None, interim: bytes) -> None:
    if answer is None:
        assert sent.sent == 0, "an answer came and was not kept"
        return
    assert sent.regular.startswith(interim)
    whole = sent.regular[len(interim) :]
    if answer.type == "revisit":
        assert answer.block == split(whole)[0]
    elif answer.get("WARC-Truncated") is None:
        assert answer.block == whole
    else:
        assert answer.get("WARC-Payload-Digest") is None
        assert whole.startswith(answer.block)
        if answer.get("WARC-Truncated") == "length":  # by us
            assert len(split(answer.block)[1]) == BODY or sent.fault in ("header-bomb", "interim-bomb")
        elif sent.fault not in UNSURE:
            assert answer.block == whole


@EACH
def test_truncation_is_marked_on_the_record_too(met: Struck, name: str) -> None:
    case = case_of(name)
    stored = [answer for _, answer, _ in met.answers(met.entries[url_of(name, case)]) if answer]
    if stored:
        assert stored[-1].get("WARC-Truncated") == case.truncated


@BOTH
def test_the_healthy_are_captured_whole(met: Struck, request: pytest.FixtureRequest) -> None:
    for url in HEALTHY[request.node.callspec.params["met"]]:
        entry = met.entries[url]
        assert (entry["outcome"], entry["reason"]) == ("captured", "ok"), entry["signals"]
        assert met.folder.preserve("get", url).out == meant(url)


@BOTH
def test_the_run_says_that_not_all_is_captured(met: Struck) -> None:
    assert met.result.code == 3, met.result.err
    assert len(met.result.captures) == met.result.summary["sources"] == len(met.entries)
    held = [one for one in met.result.captures.values() if one["outcome"] == "captured"]
    assert met.result.summary["captured"] == len(held)
    assert "Traceback" not in met.result.err


@BOTH
def test_the_archive_is_sound(met: Struck) -> None:
    result = met.folder.verify("--deep", "--no-record")
    assert (result.code, result.events[:-1]) == (0, [])


def test_no_private_address_is_asked_for(answers: Struck) -> None:
    assert {"127.0.0.1", "169.254.169.254", "localhost"}.isdisjoint(one.host for one in answers.universe.asked)
    assert not any(b"SECRET" in record.block for record in answers.records.values())


def test_the_server_is_given_the_time_it_asks_for(answers: Struck) -> None:
    first, second, *_ = (one.started for one in answers.log(url_of("429, once", ANSWERS["429, once"])))
    assert (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds() >= 1.0


@pytest.mark.parametrize("name", [name for name, case in WAYS.items() if case.outcome == OK])
def test_an_unverified_host_is_captured_and_says_so(ways: Struck, name: str) -> None:
    entry = ways.entries[url_of(name, WAYS[name])]
    tls = entry["hops"][-1]["tls"]
    assert tls["verified"] is None and WAYS[name].signal in tls["error"]
    assert ways.records[f"<{tls['chain']}>"].block.startswith(b"-----BEGIN CERTIFICATE-----")
