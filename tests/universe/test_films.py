"""The films of the cited sources are held: as they were served, once each, with what belongs to them."""

from __future__ import annotations

import json
import re

import pytest

from tests.support.browser import played
from tests.universe.filming import (
    COPIED,
    OWN,
    SERVED,
    SHARED,
    SOURCES,
    STREAMS,
    TUBE,
    WALL,
    Filmed,
    body,
    ledger,
    of_role,
    streams,
)
from tests.universe.hosts import youtube, youtube_player
from tests.universe.working import Json

CAPTIONED = "youtube:5cF-gIL8yzk"
ARABIC = "youtube:KqEtOd5Mypg"
COMMENTED = "youtube:comments-00"
ONE_FILE = "youtube:onefile-000"
SOURCE = {key: source for source, key in OWN.items()} | {"vk:-3457550_1002": WALL}  # where each film is cited first


def entry(filmed: Filmed, film: str) -> Json:
    return filmed.captures()[SOURCE[film]]


def told(filmed: Filmed, film: str) -> Json:
    (item,) = (one for one in entry(filmed, film)["films"] if one["key"] == film)
    found: Json = item
    return found


def text(filmed: Filmed, film: str, role: str) -> str:
    (item,) = of_role(entry(filmed, film), role, film=film)
    return body(filmed.folder, item).decode("utf-8")


# -- the streams ----------------------------------------------------------------------------------------------------
def test_every_source_is_captured(filmed: Filmed) -> None:
    assert [result.code for result in filmed.results] == [0, 0, 0]
    assert {one["source"]: f"{one['outcome']}/{one['reason']}" for one in filmed.captures().values()} == dict.fromkeys(
        SOURCES, "captured/ok"
    )


@pytest.mark.parametrize("film", SERVED)
def test_the_best_streams_are_held_as_they_were_served(filmed: Filmed, film: str) -> None:
    assert streams(filmed.folder, entry(filmed, film), film) == SERVED[film]
    item = told(filmed, film)
    assert (item["outcome"], item["reason"], item["taken"]) == ("captured", "ok", "streams")
    assert item["held"] == item["quality"] or SOURCE[film] in COPIED


@pytest.mark.parametrize("film", [key for key in SERVED if key.startswith("youtube:")])
def test_streams_with_the_same_bytes_are_told_apart_by_where_they_came_from(filmed: Filmed, film: str) -> None:
    for item in of_role(entry(filmed, film), *STREAMS):
        name = film.removeprefix("youtube:")
        assert all(f"id={name}" in chunk["url"] or f"/id/{name}/" in chunk["url"]
                   for chunk in ledger(filmed.folder, item)["chunks"])  # fmt: skip


@pytest.mark.parametrize(("source", "film"), SHARED.items())
def test_other_spellings_and_embeds_share_the_film(filmed: Filmed, source: str, film: str) -> None:
    shared = filmed.captures()[source]
    assert [one["key"] for one in shared["films"]] == [film]
    assert shared["media"] == [one for one in entry(filmed, film)["media"] if one["film"] == film]


def test_a_film_is_downloaded_once_however_often_it_is_cited(filmed: Filmed) -> None:
    asked = [one.target for one in filmed.log() if one.method == "GET"]
    for part in ("id=qblmOvkV9KM&itag=247", "id=qblmOvkV9KM&itag=251", "id=onefile-000&itag=18", "id=-3457550_1001&"):
        assert len([one for one in asked if part in one and "/preview/" not in one]) == 1, part
    searched = [one for one in filmed.log() if one.path == "/youtubei/v1/player" and b"qblmOvkV9KM" in one.request]
    assert {one.status for one in searched} == {200} and len(searched) <= 3  # clients, not citations


def test_nothing_is_asked_for_that_a_machine_made(filmed: Filmed) -> None:
    """Pictures scaled up and sounds levelled are on offer, and the pictures are larger than the true ones."""
    formats = json.loads(text(filmed, ARABIC, "info"))["formats"]
    assert {"137-sr", "140-drc"} <= {one["format_id"] for one in formats}
    assert not any("xtags" in one.target for one in filmed.universe.log)
    assert told(filmed, ARABIC)["quality"] == {"width": 1280, "height": 720}


def test_the_puzzles_of_the_player_are_solved(filmed: Filmed) -> None:
    asked = [one for one in filmed.log() if one.path == "/videoplayback" and "id=viCiwbJG5Pk" in one.target]
    assert len(asked) == 2 and {one.status for one in asked} == {206}
    for one in asked:
        assert f"n={youtube_player.solved_n(youtube_player.CHALLENGE)}" in one.target
        assert f"sig={youtube_player.solved_signature(youtube_player.SCRAMBLED)}" in one.target


def test_a_post_has_all_its_films_and_a_page_of_words_has_none(filmed: Filmed) -> None:
    found = filmed.captures()
    assert {one["key"] for one in found[WALL]["films"]} == {"vk:-3457550_1001", "vk:-3457550_1002"}
    assert found["https://films.example.org/none"]["films"] == []
    (vain,) = found["https://vk.com/wall-3457550_23655"]["films"]
    assert (vain["outcome"], vain["reason"]) == ("failed", "no-media")
    assert not any(part["role"] == "film" for part in found["https://vk.com/wall-3457550_23655"]["parts"])


def test_each_film_is_a_part_that_its_source_requires(filmed: Filmed) -> None:
    for source, capture in filmed.captures().items():
        parts = [part for part in capture["parts"] if part["role"] == "film"]
        assert len(parts) == len([one for one in capture["films"] if one["outcome"] == "captured"]), source
        assert all(part["required"] and part["came"] for part in parts)


# -- what is told of them -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("key", youtube.FILMS)
def test_the_entry_says_what_the_platform_says(filmed: Filmed, key: str) -> None:
    film, item = youtube.FILMS[key], told(filmed, f"youtube:{key}")
    assert (item["title"], item["uploader"], item["uploader_id"]) == (film.title, film.author, film.channel)
    assert (item["published"], item["duration_ms"]) == (film.date, film.seconds * 1000)
    assert (item["views"], item["likes"], item["availability"]) == (film.views, film.likes, "public")
    assert (item["url"], item["status"], item["changes"]) == (TUBE + key, None, [])
    assert text(filmed, f"youtube:{key}", "description") == film.text


def test_everything_that_was_found_out_is_in_info_json(filmed: Filmed) -> None:
    info = json.loads(text(filmed, CAPTIONED, "info"))
    assert info["id"] == "5cF-gIL8yzk"
    assert [one["title"] for one in info["chapters"]] == list(youtube.FILMS["5cF-gIL8yzk"].chapters)
    assert not [key for key in info if key.startswith("__")]  # what yt-dlp only tells itself
    by_text = json.loads(text(filmed, "youtube:lIX_NE2R5ms", "info"))["chapters"]
    assert [one["title"] for one in by_text] == ["الشارع", "المدرسة", "السوق"]


def test_captions_of_people_are_held_in_all_languages_and_of_a_machine_in_the_spoken_one(filmed: Filmed) -> None:
    held = {
        (one["facts"]["language"], one["facts"]["automatic"]): body(filmed.folder, one).decode()
        for one in of_role(entry(filmed, CAPTIONED), "subs")
    }
    assert held.keys() == {("en", False), ("ar", False), ("en-orig", True)}
    for (language, automatic), words in held.items():
        assert words.startswith("WEBVTT\n")
        maker = "a machine" if automatic else "a person"
        assert f"5cF-gIL8yzk {language.removesuffix('-orig')} by {maker}, line 1" in words


def test_comments_are_held_with_the_replies(filmed: Filmed) -> None:
    comments = json.loads(text(filmed, COMMENTED, "comments"))
    assert [(one["id"], one["parent"]) for one in comments] == [
        ("c1", "root"), ("c2", "root"), ("c2.r1", "c2"), ("c3", "root"), ("c4", "root"),
    ]  # fmt: skip
    assert comments[0]["text"] == "Comment c1: <b>seen</b> from the roof"
    assert "comments" not in json.loads(text(filmed, COMMENTED, "info"))


def test_the_thumbnails_that_exist_are_held(filmed: Filmed) -> None:
    """Nineteen names are tried; three of them are pictures."""
    pictures = of_role(entry(filmed, COMMENTED), "thumb")
    sent = [one for one in filmed.log() if one.host == "i.ytimg.com" and "/comments-00/" in one.target]
    assert {body(filmed.folder, one) for one in pictures} == {
        one.regular.partition(b"\r\n\r\n")[2] for one in sent if one.status == 200
    }
    assert len(pictures) == 3 and {one["mime"] for one in pictures} == {"image/jpeg"}
    assert {one.status for one in sent} == {200, 404}


def test_names_are_made_of_platform_and_id(filmed: Filmed) -> None:
    for capture in filmed.captures().values():
        for item in capture["media"]:
            platform, identity, name = item["name"].split("/")
            assert re.fullmatch(r"[A-Za-z0-9._-]+", platform + identity + name), item["name"]
            assert name.startswith(identity + ".")
            (film,) = (one for one in capture["films"] if one["key"] == item["film"])
            assert (platform, identity) == (film["platform"], film["id"])


# -- what is made of them -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("film", [OWN[source] for source in COPIED])
def test_the_copies_name_what_they_were_made_of(filmed: Filmed, film: str) -> None:
    capture = entry(filmed, film)
    served = {one["role"]: one["sha256"] for one in of_role(capture, *STREAMS, film=film)}
    (sheet,) = of_role(capture, "sheet", film=film)
    assert sheet["derived_from"] == [served["video"]] and sheet["mime"] == "image/jpeg"
    assert body(filmed.folder, sheet).startswith(b"\xff\xd8\xff")
    copies = of_role(capture, "access", film=film)
    plays = len(served) == 1 and of_role(capture, "video", film=film)[0]["marks"].get("fragments") is None
    assert [one["derived_from"] for one in copies] == ([] if plays else [list(served.values())])
    for item in (sheet, *copies):
        assert item["made_by"].startswith("ffmpeg ") and "/" not in item["made_by"].split(" -i ")[0]
        assert item["ledger"] is item["marks"] is None


def test_what_no_page_says_is_measured(filmed: Filmed) -> None:
    og = told(filmed, OWN[COPIED[-1]])
    assert (og["quality"]["height"], og["held"]) == (None, {"width": 640, "height": 360})


@pytest.mark.parametrize("film", [CAPTIONED, "youtube:hls-0000000"])
def test_the_access_copy_plays_in_a_browser_with_picture_and_sound(filmed: Filmed, film: str) -> None:
    (item,) = of_role(entry(filmed, film), "access")
    seen = played(filmed.folder.archive / item["path"], item["mime"])
    assert not seen["error"] and seen["frames"] >= 3 and seen["sound"], seen
    assert (seen["width"], seen["height"]) == (item["facts"]["width"], item["facts"]["height"])
    assert abs(item["facts"]["duration_ms"] - 3000) < 200
