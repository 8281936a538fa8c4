"""Sources of known sites come with all that they need, through the real program; what did not come is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from tests.universe import Authority, Universe
from tests.universe.hosts import media, mil, telegram, vdc
from tests.universe.working import Folder, Json, Result, at, meant

ENG, FUNCTION, VDC = "http://eng.mil.ru", "https://function.mil.ru", "https://vdc-sy.net"
UPLOADS, CDN = f"{VDC}{vdc.UPLOADS}", f"https://{telegram.FILES}/file"
NEWS = f"{ENG}/en/news_page/country/more.htm?id=12059172@egNews"
MAP = f"{FUNCTION}/news_page/intrel/more.htm?id=12121964%40egNews"
MISSION = "https://structure.mil.ru/mission/fight_against_terrorism.htm"
RAID, BRIEFING = FUNCTION + mil.RAID, ENG + mil.BRIEFING
REPORT, SLUG, UPPER = VDC + vdc.REPORT, VDC + vdc.SLUG, VDC + vdc.UPPER
PDF = f"http://www.vdc-sy.info{vdc.PDF}"
WITNESS = f"https://{vdc.WITNESS}/2015/10/market/"
POSTS = f"https://t.me/{telegram.CHANNEL}"


def embed(number: int) -> str:
    return f"{POSTS}/{number}?embed=1&mode=tme"


# What is required, by source; what the engine for films takes is not among it.
REQUIRED: dict[str, set[str]] = {
    NEWS: {f"{ENG}/images/upload/2015/raid-{n}.jpg" for n in (1, 2)},
    MAP: {f"{FUNCTION}/images/map-2400.jpg"},
    MISSION: set(),
    RAID: {
        FUNCTION + mil.target("/images/upload/снимок с воздуха.jpg?вид=общий"),
        f"{FUNCTION}/files/morf/briefing.mp4",
    },
    BRIEFING: {f"{ENG}/images/upload/slide-1200.jpg"},
    REPORT: {f"{UPLOADS}/zafarana.jpg", f"{UPLOADS}/makremiya.jpg", f"{UPLOADS}/table.png"},
    SLUG: {
        f"{UPLOADS}/{name}"
        for name in (
            "crater.jpg", "street.jpg", "pruned-300x200.jpg", "%d8%ae%d8%b1%d9%8a%d8%b7%d8%a9.png", "featured.jpg",
        )
    },
    PDF: set(),
    WITNESS: {f"https://{vdc.WITNESS}/wp-content/uploads/market.jpg"},
    f"{POSTS}/{telegram.MAP}": {
        embed(telegram.MAP), f"{CDN}/map-north.jpg", f"{CDN}/map-south.jpg", f"{CDN}/preview.jpg",
    },
    f"{POSTS}/{telegram.FILM}?single": {f"{embed(telegram.FILM)}&single=", f"{CDN}/takeoff.jpg"},
    f"{POSTS}/{telegram.ALBUM}": {
        embed(telegram.ALBUM), f"{CDN}/frame.jpg", f"{CDN}/strike-1.jpg", f"{CDN}/strike-2.jpg", f"{CDN}/strike-2.mp4",
    },
    f"http://telegram.me/s/{telegram.CHANNEL}/{telegram.MAP}": {
        embed(telegram.MAP), f"{CDN}/map-north.jpg", f"{CDN}/map-south.jpg", f"{CDN}/preview.jpg",
    },
}  # fmt: skip
REQUIRED[UPPER] = REQUIRED[SLUG]
FILMS = {  # by source: the bytes of the films that the engine finds
    RAID: media.body("film-360.mp4", seed=mil.FILMS["/files/морф/raid_720.mp4"]),
    f"{POSTS}/{telegram.FILM}?single": telegram.body("takeoff.mp4"),
    f"{POSTS}/{telegram.ALBUM}": telegram.body("strike-1.mp4"),
}
# What looks like a page and is none.
OTHERWISE = {
    f"{ENG}/en{mil.WORLD}99@egNews": "lost/soft-404",
    f"{FUNCTION}{mil.WORLD}99%40egNews": "lost/soft-404",
    f"{VDC}/ar/%d9%84%d8%a7/": "lost/soft-404",
    f"{POSTS}/{telegram.GONE}": "lost/gone",
    f"{POSTS}/{telegram.BARRED}": "blocked/geo-blocked",
    f"{POSTS}/{telegram.LARGE}": "captured/partial",
    "https://t.me/c/1234567/89": "blocked/private",
}
LIVE = "[video]\naccess_copy = false\ncomments = 0\n[recover]\narchives = []\n"


@dataclass(frozen=True)
class Sited:
    universe: Universe
    folder: Folder
    result: Result

    def required(self, source: str) -> list[Json]:
        return [part for part in self.folder.entry(source)["parts"] if part["required"] and not is_taken(part)]


def is_taken(part: Json) -> bool:
    """A film that the engine took has a ledger, and no record of its own."""
    return part["role"] == "film" and part["came"] and part["record"] is None


@pytest.fixture(scope="module")
def sited(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Sited]:
    base = tmp_path_factory.mktemp("sited")
    with Universe(base / "universe", authority=universe_ca) as universe:
        folder = at(universe, base / "work", LIVE)
        folder.cite(*REQUIRED, *OTHERWISE)
        yield Sited(universe, folder, folder.run())


@pytest.mark.parametrize("source", REQUIRED)
def test_a_source_comes_with_all_that_it_needs(sited: Sited, source: str) -> None:
    entry = sited.folder.entry(source)
    assert (entry["outcome"], entry["reason"]) == ("captured", "ok"), entry["signals"]
    required = sited.required(source)
    assert {part["url"] for part in required} == REQUIRED[source]
    records = {one["id"]: one for entry in sited.folder.entries("capture") for one in entry["records"]}
    assert records[entry["answer"]]["content_sha256"] == sha256(meant(entry["final_url"])).hexdigest()
    for part in required:
        assert part["came"] and part["reason"] in ("ok", "unchanged")
        assert records[part["record"]]["content_sha256"] == sha256(meant(part["url"])).hexdigest(), part


@pytest.mark.parametrize("source", FILMS)
def test_a_film_is_fetched_once(sited: Sited, source: str) -> None:
    entry = sited.folder.entry(source)
    (film,) = entry["films"]
    assert film["outcome"] == "captured"
    streams = [one["sha256"] for one in entry["media"] if one["role"] in ("video", "audio")]
    assert streams == [sha256(FILMS[source]).hexdigest()]
    asked = [hop["url"] for hop in entry["hops"] if hop["url"].endswith(".mp4")]
    assert len(asked) == len(set(asked))


def test_what_the_engine_for_films_leaves_is_a_part(sited: Sited) -> None:
    parts = {part["url"]: part for part in sited.folder.entry(RAID)["parts"]}
    assert parts[f"{FUNCTION}/files/morf/briefing.mp4"]["role"] == "film"
    assert not any("raid_360" in url for url in parts)


def test_a_name_that_was_guessed_falls_back_on_what_the_page_names(sited: Sited) -> None:
    (part,) = [part for part in sited.required(SLUG) if "pruned" in part["url"]]
    assert part["instead_of"] == f"{UPLOADS}/pruned.jpg"


@pytest.mark.parametrize("source", OTHERWISE)
def test_what_only_looks_like_a_source_is_said(sited: Sited, source: str) -> None:
    entry = sited.folder.entry(source)
    assert f"{entry['outcome']}/{entry['reason']}" == OTHERWISE[source], entry["signals"]
    assert entry["records"]  # and kept: it is evidence


@pytest.mark.parametrize("source", [NEWS, MAP, RAID, SLUG, UPPER, f"{POSTS}/{telegram.FILM}?single"])
def test_an_address_is_sent_as_it_is_cited(sited: Sited, source: str) -> None:
    host, _, rest = source.partition("://")[2].partition("/")
    spelled = [one.request.split(b" ")[1].decode() for one in sited.universe.log if one.host == host]
    assert f"/{rest}" in spelled
    other = f"/{rest}".replace("%40", "@") if "%40" in rest else f"/{rest}".replace("@", "%40")
    assert other == f"/{rest}" or other not in spelled


def test_an_authority_that_is_not_trusted_is_recorded(sited: Sited) -> None:
    entry = sited.folder.entry(MISSION)
    assert entry["hops"][-1]["tls"]["verified"] is None
    (signal,) = [one for one in entry["signals"] if "tls not verified" in one]
    assert "issued by" in signal


# -- what is missing
MISSING = {  # what fails, and for which source
    NEWS: ("eng.mil.ru", "/images/upload/2015/raid-2.jpg"),
    RAID: ("function.mil.ru", "/files/morf/briefing.mp4"),
    SLUG: ("vdc-sy.net", f"{vdc.UPLOADS}/crater.jpg"),
    REPORT: ("vdc-sy.net", f"{vdc.UPLOADS}/zafarana.jpg"),
    WITNESS: (vdc.WITNESS, "/wp-content/uploads/market"),
    f"{POSTS}/{telegram.MAP}": (telegram.FILES, "/file/map-south.jpg"),
    f"{POSTS}/{telegram.ALBUM}": ("t.me", f"/{telegram.CHANNEL}/{telegram.ALBUM}?embed=1&mode=tme"),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Sited]:
    base = tmp_path_factory.mktemp("broken")
    with Universe(base / "universe", authority=universe_ca) as universe:
        for host, path in MISSING.values():
            universe.fault(host, "404", path=path)
        folder = at(universe, base / "work", LIVE)
        folder.cite(*MISSING)
        yield Sited(universe, folder, folder.run())


@pytest.mark.parametrize("source", MISSING)
def test_a_part_that_did_not_come_is_named(broken: Sited, source: str) -> None:
    host, path = MISSING[source]
    entry = broken.folder.entry(source)
    assert (entry["outcome"], entry["reason"]) == ("captured", "partial"), entry["signals"]
    missing = [part["url"] for part in broken.required(source) if not part["came"]]
    assert len(missing) == 1 and missing[0].startswith(f"http{'' if host == 'eng.mil.ru' else 's'}://{host}{path}")
    assert any(missing[0] in signal for signal in entry["signals"])


# -- a wall before the page of a film
def test_a_film_is_held_though_its_page_asks_for_consent(universe: Universe, tmp_path: Path) -> None:
    film, post = "https://www.youtube.com/watch?v=qblmOvkV9KM", "https://www.youtube.com/post/UgkxAskedForConsent"
    universe.fault("www.youtube.com", "fate", path="/watch?v=qblmOvkV9KM", fate="consent-youtube", times=1)
    universe.fault("www.youtube.com", "fate", path="/post/", fate="consent-youtube")
    folder = at(universe, tmp_path / "work", LIVE)
    folder.cite(film, post)
    folder.run()
    entry = folder.entry(film)
    assert (entry["outcome"], entry["reason"]) == ("captured", "partial"), entry["signals"]
    assert any("consent-wall" in signal for signal in entry["signals"]) and entry["films"][0]["outcome"] == "captured"
    entry = folder.entry(post)
    assert (entry["outcome"], entry["reason"]) == ("blocked", "consent-wall")
