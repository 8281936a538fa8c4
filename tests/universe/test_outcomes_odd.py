"""Answers that are not what they say: codings nobody asked for, types and charsets that lie, a portal in between.

Each is one source on a host of its own; one run meets them all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import brotli
import pytest

from tests.universe import Authority, Universe
from tests.universe.hosts.materials import jpeg, pdf
from tests.universe.working import Folder, Json, Result, at

MIB = 1024 * 1024
PAPER = pdf("A report", ("A report of three pages.",))
PICTURE = jpeg("a map")
SHOWN = "/карта.png"
PAGE = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Карта ударов</title></head><body><h1>Карта ударов</h1>'
    f'<p>{"Российская авиация нанесла удары по целям в Сирии, сообщило ведомство. " * 9}</p><img src="{SHOWN}">'
    "</body></html>"
)
DEEP = "<div>" * 100_000 + "<p>deep down</p>"
WIDE = f"<p {' '.join(f'a{n}=b' for n in range(200_000))}>many attributes</p>"

PORTAL = (
    "<!DOCTYPE html><html><head><title>Welcome to the Hotel</title></head><body><h1>Welcome to the Hotel</h1>"
    "<form method=post action=/login><p>Please log in to use the Internet.</p><input name=room><input type=password "
    "name=name><button>Log in</button></form></body></html>"
)


@dataclass(frozen=True)
class Case:
    outcome: str
    options: dict[str, Any]
    signal: str = ""
    mime: str | None = None
    parts: tuple[str, ...] = ()  # paths that the page turned out to need
    path: str = "/2015/10/03/market-hit-at-noon-48213/"


def coded(coding: str, body: bytes) -> dict[str, Any]:
    return {"body": body, "headers": {"Content-Encoding": coding}}


def typed(body: bytes | str, kind: str) -> dict[str, Any]:
    return {"body": body, "type": kind}


CASES = {
    # codings: gzip alone is asked for
    "brotli": Case("captured/ok", coded("br", brotli.compress(PAGE.encode())), parts=(SHOWN,)),
    "brotli bomb": Case(
        "failed/limit", coded("br", brotli.compress(bytes(128 * MIB), quality=1)), signal="that decode to more than"
    ),
    "brotli that is none": Case("failed/corrupt", coded("br", PAGE.encode()), signal="the content coding is broken"),
    "zstd": Case("failed/corrupt", coded("zstd", b"\x28\xb5\x2f\xfd" + bytes(99)), signal="unknown content coding 'zstd'"),
    "zstd with a window of 2 GB": Case("failed/corrupt", coded("zstd", b"\x28\xb5\x2f\xfd\x00\xa8" + bytes(99))),
    "a coding of nobody": Case("failed/corrupt", coded("x-\x7fodd", b"1"), signal="unknown content coding"),
    # types: the header stays as it is, the bytes say what is read
    "PDF as a page": Case(
        "captured/ok", typed(PAPER, "text/html"), signal="declared as text/html, the content is pdf", mime="text/html"
    ),
    "picture as a page": Case(
        "captured/ok", typed(PICTURE, "text/html"), signal="the content is jpeg", mime="text/html"
    ),
    "page as a picture": Case(
        "captured/ok", typed(PAGE, "image/png"), signal="the content is html", mime="image/png", parts=(SHOWN,)
    ),
    "page as bytes": Case(
        "captured/ok", typed(PAGE, "application/octet-stream"), mime="application/octet-stream", parts=(SHOWN,)
    ),
    "page without a type": Case("captured/ok", typed(PAGE, ""), parts=(SHOWN,)),
    "page for a PDF": Case(
        "lost/soft-404", typed(PAGE, "text/html"), signal="a PDF was promised", path="/files/report-48213.pdf"
    ),
    # charsets
    "UTF-16 said to be UTF-8": Case(
        "captured/ok", typed(PAGE.encode("utf-16"), "text/html; charset=utf-8"), parts=(SHOWN,)
    ),
    "UTF-8 said to be UTF-16": Case("captured/ok", typed(PAGE, "text/html; charset=utf-16"), parts=(SHOWN,)),
    "cp1251 said to be UTF-8": Case(
        "captured/ok", typed(PAGE.encode("cp1251"), "text/html; charset=utf-8"), parts=(SHOWN,)
    ),
    "a charset of nobody": Case("captured/ok", typed(PAGE, "text/html; charset=x-\u00fcber"), parts=(SHOWN,)),
    # pages made to take long
    "a page without bottom": Case("captured/ok", typed(PAGE.replace("</body>", DEEP), "text/html"), parts=(SHOWN,)),
    "a million attributes": Case("captured/ok", typed(PAGE.replace("</body>", WIDE), "text/html"), parts=(SHOWN,)),
    # answers without content that have some
    "205 with a body": Case("lost/empty", {"status": 205, "body": "something"}),
}  # fmt: skip


@dataclass(frozen=True)
class Met:
    folder: Folder
    result: Result
    entries: dict[str, Json]
    seconds: float


def url_of(name: str) -> str:
    return f"http://press--{name.lower().replace(' ', '-')}.example{CASES[name].path}"


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Met]:
    base = tmp_path_factory.mktemp("odd")
    with Universe(base / "universe", authority=universe_ca) as universe:
        for name, case in CASES.items():
            universe.fault(url_of(name).split("/")[2], "page", path=case.path, **case.options)
        folder = at(universe, base / "work", "[recover]\narchives = []\n[limits]\nrequisites = 3\n")
        folder.cite(*map(url_of, CASES))
        began = time.monotonic()
        result = folder.run()
        seconds = time.monotonic() - began
        yield Met(folder, result, {entry["source"]: entry for entry in folder.entries("capture")}, seconds)


@pytest.mark.parametrize("name", CASES)
def test_each_ends_in_its_outcome_with_what_it_needs(met: Met, name: str) -> None:
    case, entry = CASES[name], met.entries[url_of(name)]
    assert f"{entry['outcome']}/{entry['reason']}" == case.outcome, entry["signals"]
    assert case.signal in " | ".join(entry["signals"])
    record = next(one for one in entry["records"] if one["id"] == entry["answer"])
    assert case.mime is None or record["mime"] == case.mime, "the header is kept as it came"
    wanted = {f"http://{url_of(name).split('/')[2]}/%D0%BA%D0%B0%D1%80%D1%82%D0%B0.png" for _ in case.parts}
    assert {part["url"] for part in entry["parts"]} == wanted


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if "Content-Encoding" in case.options.get("headers", {})]
)
def test_the_coded_bytes_are_kept_as_they_came(met: Met, name: str) -> None:
    raw = met.folder.preserve("get", met.entries[url_of(name)]["id"], "--raw")
    assert raw.out == CASES[name].options["body"]


def test_none_takes_unbounded_time(met: Met) -> None:
    assert met.seconds < 60 and met.result.code == 3


def test_the_archive_is_sound_after_it_all(met: Met) -> None:
    assert met.folder.verify("--deep", "--no-record").code == 0


def test_a_portal_in_between_is_shown_and_no_page_of_it_counts(
    tmp_path_factory: pytest.TempPathFactory, universe: Universe
) -> None:
    """The line of a hotel: whatever is asked, another host answers with a page of its own."""
    portal = "http://press--portal.example/welcome?to=elsewhere"
    universe.fault("press--portal.example", "page", path="/welcome", body=PORTAL)
    sources = ["http://gazeta--one.example/news/2015/10/03/48213.html", "http://www.vdc-sy.info/pdf/reports/1.pdf"]
    for url in sources:
        universe.fault(url.split("/")[2], "redirect", to=portal)
    folder = at(universe, tmp_path_factory.mktemp("portal") / "work", "[recover]\narchives = []\n")
    folder.cite(*sources)
    assert folder.run().code == 3
    for url in sources:
        entry = folder.entry(url)
        assert entry["outcome"] not in ("captured", "recovered"), entry["signals"]
        assert entry["final_url"] == portal
        assert [hop["url"] for hop in entry["hops"]][:2] == [url, portal]
        assert folder.preserve("get", entry["id"]).out == PORTAL.encode()


@pytest.mark.parametrize("mode", ["record", "obey"])
def test_robots_txt_is_a_note_unless_it_is_to_be_obeyed(
    tmp_path_factory: pytest.TempPathFactory, universe: Universe, mode: str
) -> None:
    said = {
        "forbids": ({"body": "User-agent: *\nDisallow: /2015/"}, False),
        "allows": ({"body": "User-agent: *\nDisallow: /private/"}, True),
        "fails": ({"body": "busy", "status": 500}, None),  # RFC 9309, section 2.3.1.4: then nothing is allowed
    }
    paper = "http://press--{}.example/2015/10/03/market-hit-at-noon-48213/"
    for name, (options, _) in said.items():
        universe.fault(f"press--{name}.example", "page", path="/robots.txt", type="text/plain", **options)
    folder = at(universe, tmp_path_factory.mktemp(mode) / "work", "[recover]\narchives = []\n")
    folder.set("[politeness]", f'[politeness]\nrobots = "{mode}"')
    folder.cite(*map(paper.format, said))
    folder.run()
    for name, (_, allowed) in said.items():
        entry = folder.entry(paper.format(name))
        assert entry["robots"]["allowed"] is allowed
        refused = mode == "obey" and allowed is not True
        assert entry["outcome"] == ("refused" if refused else "captured"), entry["signals"]
        asked = [one.target for one in universe.log if one.host == f"press--{name}.example"]
        assert asked.count("/robots.txt") == 1 and (asked[0] == "/robots.txt") is (mode == "obey")
        assert ("/2015/10/03/market-hit-at-noon-48213/" in asked) is not refused
