"""VK's posts through the real program: all their views, their photos and films, and what stands in their place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from tests.universe import Authority, Universe
from tests.universe.hosts import vk, vk_posts, vk_video
from tests.universe.hosts.vk_posts import ALBUM, FILMED, GONE, HALF, HIDDEN, NORTH, SOUTH, WEST, Photo
from tests.universe.working import Folder, Json, Result, at

VK, RU, MOBILE, ENDPOINT = "https://vk.com/", "https://vk.ru/", "https://m.vk.com/", "https://vk.com/wkview.php"
FILMS = f"{VK}wall{vk_video.POST_OF_FILMS}"
MAP = VK.rstrip("/") + vk.POST
LAID = f"{VK}public3457550?w=wall{ALBUM}"
WITH_FILMS = "[video]\naccess_copy = false\n"
PHOTO = f"{VK}photo{SOUTH.id}"
CLOSED = f"{VK}wall{FILMED}"
RU_POST, RU_LED = f"{RU}wall{ALBUM}", f"{RU}wall{HALF}"
WHOLE = {  # by source: the photos of the post
    f"{VK}wall{ALBUM}": (NORTH, SOUTH, WEST),
    f"{VK}wall{ALBUM}?reply=23711": (NORTH, SOUTH, WEST),
    f"{MOBILE}wall{ALBUM}": (NORTH, SOUTH, WEST),
    LAID: (NORTH, SOUTH, WEST),
    RU_POST: (NORTH, SOUTH, WEST),
    RU_LED: (NORTH,),
    f"{VK}wall{HALF}": (NORTH,),
}
WALLS = {
    f"{VK}wall{HIDDEN}": "blocked/login-wall",
    f"{RU}wall{HIDDEN}": "blocked/login-wall",
    f"{VK}wall{GONE}": "lost/gone",
    f"{RU}wall{GONE}": "lost/gone",
}


@dataclass(frozen=True)
class Archived:
    universe: Universe
    folder: Folder
    result: Result
    entries: dict[str, Json]

    def required(self, source: str, *roles: str) -> dict[str, Json]:
        """The parts of a source by their address."""
        parts = self.entries[source]["parts"]
        return {part["url"]: part for part in parts if part["required"] and part["role"] in roles}

    def content(self, part: Json) -> str:
        """SHA-256 of what a part brought, as the entry has it whose visit fetched it."""
        listed = (one for entry in self.entries.values() for one in entry["records"])
        (record,) = (one for one in listed if one["id"] == part["record"])
        return str(record["content_sha256"])


def archive(universe: Universe, path: Path, *sources: str, settings: str = "") -> Archived:
    folder = at(universe, path, f"[recover]\narchives = []\n{settings}")
    folder.cite(*sources)
    result = folder.run()
    return Archived(universe, folder, result, {entry["source"]: entry for entry in folder.entries("capture")})


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Archived]:
    base = tmp_path_factory.mktemp("vk")
    with Universe(base / "universe", authority=universe_ca) as universe:
        yield archive(universe, base / "work", *WHOLE, *WALLS, MAP, PHOTO)


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Archived]:
    base = tmp_path_factory.mktemp("vk-films")
    with Universe(base / "universe", authority=universe_ca) as universe:
        yield archive(universe, base / "work", CLOSED, f"{VK}wall{HALF}", settings=WITH_FILMS)


def outcome(entry: Json) -> str:
    return f"{entry['outcome']}/{entry['reason']}"


def sha(photo: Photo, letter: str = "") -> str:
    return sha256(photo.body(letter)).hexdigest()


@pytest.mark.parametrize(("source", "photos"), WHOLE.items())
def test_a_post_comes_with_every_photo_as_it_was_given(
    archived: Archived, source: str, photos: tuple[Photo, ...]
) -> None:
    entry = archived.entries[source]
    assert (outcome(entry), entry["parts"] and entry["request_url"]) == ("captured/ok", source), entry["signals"]
    images = archived.required(source, "image")
    assert images.keys() == {photo.original for photo in photos}
    for photo in photos:
        assert archived.content(images[photo.original]) == sha(photo)


@pytest.mark.parametrize("source", WHOLE)
def test_a_post_comes_in_all_its_views(archived: Archived, source: str) -> None:
    key = HALF if HALF in source else ALBUM
    parts = {part["url"]: part for part in archived.entries[source]["parts"]}
    other = VK if source.startswith(MOBILE) else MOBILE
    assert (parts[f"{other}wall{key}"]["came"], parts[f"{other}wall{key}"]["required"]) == (True, False)
    payload = parts[ENDPOINT]
    assert (payload["role"], payload["came"], payload["required"]) == ("payload", True, True)
    assert payload["form"] == f"act=show&w=wall{key}&al=1"
    if source == LAID:
        assert parts[f"{VK}wall{key}"]["required"]


def test_the_post_of_the_sample_report_comes_with_its_photo(archived: Archived) -> None:
    assert archived.required(MAP, "image").keys() == {f"https://sun9-1.userapi.com{vk.PHOTO.removeprefix('/impg')}"}
    assert outcome(archived.entries[MAP]) == "captured/ok"


def test_the_page_of_a_photo_comes_with_that_photo(archived: Archived) -> None:
    assert outcome(archived.entries[PHOTO]) == "captured/ok"
    (part,) = archived.required(PHOTO, "image").values()
    assert archived.content(part) == sha(SOUTH)


def test_the_films_of_a_post_come_where_the_interface_is_closed(filmed: Archived) -> None:
    entry = filmed.entries[CLOSED]
    assert (outcome(entry), [one["key"] for one in entry["films"]]) == ("captured/ok", ["vk:-3457550_1001"])
    assert filmed.required(CLOSED, "film").keys() == {f"{VK}video-3457550_1001"}
    (stream,) = (one for one in entry["media"] if one["role"] == "video")
    assert stream["sha256"] == sha256(vk_video.body(720)).hexdigest()
    assert outcome(filmed.entries[f"{VK}wall{HALF}"]) == "captured/ok"
    (vain,) = filmed.entries[f"{VK}wall{HALF}"]["films"]
    assert vain["reason"] == "login-wall" and not filmed.required(f"{VK}wall{HALF}", "film")


def test_the_cited_address_is_asked_for_and_kept(archived: Archived) -> None:
    assert archived.entries[RU_POST]["final_url"] == RU_POST
    assert archived.entries[RU_LED]["final_url"] == f"{VK}wall{HALF}"
    for source in (RU_POST, RU_LED):
        assert archived.entries[source]["hops"][0]["url"] == source
        assert archived.folder.preserve("get", source).out == vk_posts.page(HALF if HALF in source else ALBUM).body


def test_faces_and_answers_are_no_photos_of_the_post(archived: Archived) -> None:
    """They are fetched as what the page shows, and nothing is missing where they are."""
    for source in WHOLE:
        for part in archived.entries[source]["parts"]:
            assert not (part["required"] and part["url"] in (vk_posts.FACE, vk_posts.ANSWERED.original))


@pytest.mark.parametrize(("source", "expected"), WALLS.items())
def test_what_stands_in_place_of_a_post_is_kept_and_is_no_capture(
    archived: Archived, source: str, expected: str
) -> None:
    entry = archived.entries[source]
    assert outcome(entry) == expected, entry["signals"]
    assert entry["answer"] and any(record["id"] == entry["answer"] for record in entry["records"])
    views = [part for part in entry["parts"] if part["role"] in ("page", "payload")]
    assert len(views) == 2 and all(part["record"] for part in views)


def test_a_deleted_post_is_told_in_vks_words(archived: Archived) -> None:
    assert any("Запись удалена" in signal for signal in archived.entries[f"{VK}wall{GONE}"]["signals"])


def test_the_archive_is_sound(archived: Archived) -> None:
    result = archived.folder.verify("--no-record")
    assert (result.code, result.events[:-1]) == (0, [])


def test_without_the_original_the_largest_size_is_taken_and_a_photo_that_is_missing_is_named(
    tmp_path: Path, universe_ca: Authority
) -> None:
    """The originals of two are refused; of the third nothing comes at all."""
    source = f"{VK}wall{ALBUM}"
    with Universe(tmp_path / "universe", authority=universe_ca) as universe:
        for photo in (NORTH, SOUTH):  # of the second the page itself names no large size
            universe.fault(photo.host, "403", path=photo.path)
        for path in (WEST.path, f"/impg{WEST.path}"):
            universe.fault(WEST.host, "404", path=path)
        met = archive(universe, tmp_path / "work", source)
    images = met.required(source, "image")
    for photo in (NORTH, SOUTH):
        part = images[photo.url("w")]
        assert part["instead_of"] == photo.original and met.content(part) == sha(photo, "w")
    (missing,) = (part for part in images.values() if not part["came"])
    assert missing["url"] == WEST.original or missing["instead_of"] == WEST.original
    assert outcome(met.entries[source]) == "captured/partial"
    assert any(WEST.path in signal for signal in met.entries[source]["signals"])
    assert met.result.code == 0


# -- the challenge ------------------------------------------------------------------------------------------------------
def solved(universe: Universe) -> list[str]:
    return [one.target for one in universe.log if one.path == "/challenge.html" and "key=" in one.target]


def test_a_challenge_is_passed_once_for_pages_and_films(tmp_path: Path, universe_ca: Authority) -> None:
    embedded = "https://vk.com/video_ext.php?oid=-3457550&id=1009&hash=ab"
    with Universe(tmp_path / "universe", authority=universe_ca) as universe, vk.challenged():
        met = archive(universe, tmp_path / "work", f"{VK}wall{ALBUM}", FILMS, embedded, settings=WITH_FILMS)
    assert len(solved(universe)) == 1
    for source in met.entries:
        assert outcome(met.entries[source]) == "captured/ok", met.entries[source]["signals"]
    first = next(
        entry for entry in met.entries.values() if len(entry["hops"]) > 3 and "challenge" in entry["hops"][1]["url"]
    )
    assert [hop["url"].partition("?")[0].rpartition("/")[2] for hop in first["hops"][1:3]] == ["challenge.html"] * 2
    assert first["hops"][0]["url"] == first["hops"][3]["url"] == first["source"]
    assert met.folder.verify("--no-record").code == 0


def test_what_yt_dlp_passed_is_passed_for_pages(tmp_path: Path, universe_ca: Authority) -> None:
    """The page of an embedded player is open to anybody; what its script asks for is not."""
    embedded = "https://vk.com/video_ext.php?oid=-3457550&id=1009&hash=ab"
    with Universe(tmp_path / "universe", authority=universe_ca) as universe:
        universe.fault("vk.com", "page", path="/video_ext.php", times=1, body="<p>a player</p>")
        with vk.challenged():
            met = archive(universe, tmp_path / "work", embedded, f"{VK}wall{ALBUM}", settings=WITH_FILMS)
    assert len(solved(universe)) == 1
    assert not any("/challenge.html" in hop["url"] for hop in met.entries[f"{VK}wall{ALBUM}"]["hops"])
    assert {outcome(entry) for entry in met.entries.values()} == {"captured/ok"}


SCRIPTS = {"nothing": "{ return document.cookie; }", "another salt": "{ return 'another'; }"}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_challenge_that_is_not_passed_is_one(tmp_path: Path, universe_ca: Authority, name: str) -> None:
    source = f"{VK}wall{ALBUM}"
    with Universe(tmp_path / "universe", authority=universe_ca) as universe, vk.challenged(SCRIPTS[name]):
        met = archive(universe, tmp_path / "work", source)
    entry = met.entries[source]
    assert outcome(entry) == "blocked/bot-challenge"
    words = "cannot be evaluated" if name == "nothing" else "brought no cookie"
    assert any(words in signal for signal in entry["signals"]), entry["signals"]
    assert entry["answer"] and "/challenge.html?hash429=" in entry["final_url"]
    assert met.result.code == 3
