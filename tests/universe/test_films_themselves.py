"""The films of the universe: the real extractors of yt-dlp find in each what it was made to be."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.universe import Authority, Universe
from tests.universe.client import ask
from tests.universe.hosts import films, media, vk_video, youtube, youtube_data, youtube_player
from tests.universe.hosts.youtube_films import AVC_720, BIG, PRIVATE

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]
TUBE = "https://www.youtube.com/watch?v="
VK = f"https://vk.com/video{vk_video.OWNER}_"
SEPARATE = {"134", "136", "140", "18", "247", "251"}

pytestmark = pytest.mark.skipif(
    not os.environ.get("SWEEP"), reason="what plain yt-dlp finds here: `make contract`, whenever it or the hosts change"
)


@dataclass(frozen=True)
class Extracted:
    universe: Universe
    folder: Path
    found: dict[str, Json]

    def file(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()


def extract(universe: Universe, folder: Path, jobs: dict[str, Json]) -> Extracted:
    folder.mkdir(exist_ok=True)
    asked = json.dumps({"proxy": universe.proxy(), "folder": str(folder), "jobs": jobs})
    done = subprocess.run(
        [sys.executable, "-m", "tests.universe.extracting"],
        cwd=ROOT,
        env={**os.environ, **universe.environment(), "YTDLP_NO_PLUGINS": "1"},
        input=asked,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Extracted(universe, folder, json.loads(done.stdout))


JOBS: dict[str, Json] = {
    **{key: {"url": TUBE + key} for key in (*youtube.FILMS, *youtube.MORE)},
    "comments-00": {"url": TUBE + "comments-00", "getcomments": True},
    "short": {"url": "https://youtu.be/onefile-000"},
    "playlist": {"url": f"https://www.youtube.com/playlist?list={youtube_data.PLAYLIST}"},
    "one of a list": {"url": f"{TUBE}qblmOvkV9KM&list={youtube_data.PLAYLIST}"},
    "channel": {"url": f"https://www.youtube.com/{youtube_data.CHANNEL.handle}"},
    **{f"vk {number}": {"url": VK + str(number)} for number in range(1001, 1010)},
    "vk elsewhere": {"url": f"https://vkvideo.ru/video{vk_video.OWNER}_1001"},
    **{
        f"vk embedded {number}": {"url": f"https://vk.com/video_ext.php?oid={vk_video.OWNER}&id={number}&hash=ab"}
        for number in (1001, 1004, 1009)
    },
    "vk wall": {"url": f"https://vk.com/wall{vk_video.POST_OF_FILMS}"},
    "vk photo": {"url": "https://vk.com/wall-3457550_23655"},
    **{
        path: {"url": films.url(path)}
        for path in ("/video", "/og", "/embed", "/embed-vk", "/none", "/huge", "/hls-endless", films.HOSTILE_PAGE)
    },
    # downloads
    "big": {"url": TUBE + "big-0000000", "format": "136"},
    "solved": {"url": TUBE + "viCiwbJG5Pk", "format": "136"},
    "refused": {"url": TUBE + "forbidden-0", "format": "18"},
    "segments": {"url": TUBE + "hls-0000000", "format": "93"},
    "vk file": {"url": VK + "1001", "format": "url720"},
    "vk segments": {"url": VK + "1002", "format": "hls"},
    "hls": {"url": films.url("/hls"), "format": "b"},
    "aes": {"url": films.url("/hls-aes"), "format": "b"},
    "missing": {"url": films.url("/hls-missing"), "format": "b"},
    "dash": {"url": films.url("/dash"), "format": "0"},
}


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Extracted]:
    base = tmp_path_factory.mktemp("films")
    with Universe(base / "universe", authority=universe_ca) as universe:
        yield extract(universe, base / "files", JOBS)


# -- YouTube --------------------------------------------------------------------------------------------------------
FORMATS = {
    **dict.fromkeys(youtube.FILMS, SEPARATE),
    "KqEtOd5Mypg": SEPARATE | {"137-sr", "140-drc"},
    "onefile-000": {"18"},
    "hls-0000000": {"93"},
    "live-000000": {"93"},
    "big-0000000": {"136", "140"},
    "comments-00": SEPARATE,
    "waslive-000": SEPARATE,
    "forbidden-0": SEPARATE,
}


@pytest.mark.parametrize("key", FORMATS)
def test_a_film_that_plays_offers_its_formats_and_tells_about_itself(extracted: Extracted, key: str) -> None:
    found, film = extracted.found[key], youtube.find(key)
    assert film and found["formats"].keys() == FORMATS[key], found
    assert (found["id"], found["description"]) == (key, film.text)
    assert found["title"].startswith(film.title)  # yt-dlp adds the hour to what is live
    assert (found["channel_id"], found["uploader"], found["uploader_id"]) == (film.channel, film.author, film.handle)
    assert (found["view_count"], found["like_count"], found["availability"]) == (film.views, film.likes, "public")
    assert found["upload_date"] == film.date.replace("-", "")
    assert found["duration"] == (None if film.live == "now" else media.SECONDS)
    expected = {"now": "is_live", "was": "was_live", "": "not_live"}[film.live]
    assert found["live_status"] == expected


REFUSED = {
    "removed-000": "removed by the uploader",
    "terminated-": "account associated with this video has been terminated",
    "policy-0000": "removed for violating YouTube's policy",
    "copyright-0": "copyright claim",
    "gone-000000": "Video unavailable. This video is unavailable",
    "private-000": "Private video. Sign in",
    "age-0000000": "Sign in to confirm your age",
    "geo-0000000": "not made this video available in your country",
    "bot-0000000": "Sign in to confirm you’re not a bot",
    "captcha-000": "requiring a captcha challenge",
    "members-000": "members-only content",
    "ratelimit-0": "has been rate-limited by YouTube",
    "upcoming-00": "will begin in 3 days",
    "otherfilm-0": "All player responses are invalid",
    "sabr-000000": "No video formats found",
}


@pytest.mark.parametrize("key", REFUSED)
def test_a_film_that_does_not_play_is_refused_for_its_reason(extracted: Extracted, key: str) -> None:
    assert REFUSED[key] in extracted.found[key]["error"]


def test_each_film_is_extracted_here() -> None:
    assert FORMATS.keys() | REFUSED.keys() == youtube.FILMS.keys() | youtube.MORE.keys()


def test_a_blocked_film_names_the_countries_where_it_plays(extracted: Extracted) -> None:
    found = extracted.found["geo-0000000"]
    assert (found["kind"], found["countries"]) == ("GeoRestrictedError", ["RU", "BY"])


def test_an_age_gate_holds_for_the_embedded_player_too(extracted: Extracted) -> None:
    asked = [logged.path for logged in extracted.universe.log if b"age-0000000" in logged.request]
    assert asked.count("/embed/age-0000000") == 1
    assert asked.count("/youtubei/v1/player") == 3


def test_captions_of_people_and_of_a_machine(extracted: Extracted) -> None:
    found = extracted.found["5cF-gIL8yzk"]
    assert found["subtitles"].keys() == {"en", "ar"}
    assert found["automatic_captions"].keys() >= {"en", "en-orig"}
    for url, maker in (
        (found["subtitles"]["ar"], b"ar by a person"),
        (found["automatic_captions"]["en"], b"en by a machine"),
    ):
        seen = ask(extracted.universe, url)
        assert seen.body.startswith(b"WEBVTT\n") and maker in seen.body


def test_chapters_of_the_page_and_of_the_description(extracted: Extracted) -> None:
    titles = [[each["title"] for each in extracted.found[key]["chapters"]] for key in ("5cF-gIL8yzk", "lIX_NE2R5ms")]
    assert titles == [["The hall", "The signatures", "The zones"], ["الشارع", "المدرسة", "السوق"]]


def test_comments_come_on_two_pages_and_with_a_reply(extracted: Extracted) -> None:
    found = extracted.found["comments-00"]["comments"]
    assert [(each["id"], each["parent"]) for each in found] == [
        ("c1", "root"), ("c2", "root"), ("c2.r1", "c2"), ("c3", "root"), ("c4", "root"),
    ]  # fmt: skip


def test_a_playlist_names_its_films_and_the_dead_one(extracted: Extracted) -> None:
    found = extracted.found["playlist"]
    assert (found["id"], found["title"]) == (youtube_data.PLAYLIST, "Universe: the cited films")
    assert [entry[0] for entry in found["entries"]] == list(youtube_data.ENTRIES)
    assert found["entries"][2][1] == "[Deleted video]"
    assert [entry[0] for entry in extracted.found["channel"]["entries"]] == list(youtube_data.UPLOADS)
    assert extracted.found["one of a list"]["id"] == "qblmOvkV9KM"
    assert extracted.found["short"]["id"] == "onefile-000"


def test_small_thumbnails_exist_and_large_ones_do_not(universe: Universe) -> None:
    heads = [
        ask(universe, f"https://i.ytimg.com/vi/big-0000000/{name}.jpg").raw[9:12] for name in ("0", "maxresdefault")
    ]
    assert heads == [b"200", b"404"]


def test_a_puzzle_must_be_solved(extracted: Extracted) -> None:
    """The address that the real script solver made plays, the one in the page's words does not."""
    solved = extracted.found["viCiwbJG5Pk"]["formats"]["136"]
    assert f"n={youtube_player.solved_n(youtube_player.CHALLENGE)}" in solved
    assert extracted.file("solved") == AVC_720.body()
    for wrong in (
        re.sub(r"&n=[^&]*", "&n=" + youtube_player.CHALLENGE, solved),
        re.sub(r"&sig=[^&]*", "&sig=x", solved),
    ):
        assert ask(extracted.universe, wrong).raw.startswith(b"HTTP/1.1 403 ")


# -- what arrives ---------------------------------------------------------------------------------------------------
def test_a_large_film_comes_in_pieces_and_whole(extracted: Extracted) -> None:
    assert extracted.file("big") == BIG.body()
    assert len(BIG.body()) == 25 * media.MIB
    asked = [one for one in extracted.universe.log if one.path == "/videoplayback" and b"id=big-" in one.request]
    ranges = [re.findall(rb"Content-Range: bytes (\d+)-(\d+)/26214400\r\n", one.response)[0] for one in asked]
    pieces = [(int(first), int(last) + 1) for first, last in ranges]
    assert [first for first, _ in pieces] == [0, *(last for _, last in pieces[:-1])]
    assert len(pieces) == 3 and pieces[-1][1] == 25 * media.MIB


def test_what_the_media_host_refuses_is_refused(extracted: Extracted) -> None:
    assert "HTTP Error 403" in extracted.found["refused"]["error"]
    assert "HTTP Error 404" in extracted.found["missing"]["error"]


@pytest.mark.parametrize("name", ["segments", "vk segments", "hls", "aes"])
def test_segments_make_one_file(extracted: Extracted, name: str) -> None:
    assert extracted.file(name) == media.joined(*media.SEGMENTS)


def test_tracks_of_dash_begin_with_their_first_segment(extracted: Extracted) -> None:
    names = ("dash-0-init.mp4", "dash-0-1.m4s", "dash-0-2.m4s", "dash-0-3.m4s")
    assert extracted.file("dash") == media.joined(*names)
    assert media.body("dash-1-init.mp4") != media.body("dash-0-init.mp4")


# -- VK -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["vk 1001", "vk elsewhere", "vk embedded 1001", "vk embedded 1009", "/embed-vk"])
def test_a_film_of_vk_comes_in_sizes(extracted: Extracted, name: str) -> None:
    found = extracted.found[name]
    assert (found["sizes"], found["duration"]) == ({"url360": 360, "url720": 720}, media.SECONDS)
    assert found["title"] == vk_video.FILMS[found["id"]].title
    assert extracted.file("vk file") == vk_video.body(720)


VK_REFUSED = {
    "vk 1003": "only available for registered users",
    "vk 1004": "it has been deleted",
    "vk 1005": "Access denied",
    "vk 1006": "not available in your region",
    "vk 1007": "автор был заблокирован",
    "vk 1008": "обращением правообладателя",
    "vk embedded 1004": "it has been deleted",
}


@pytest.mark.parametrize("name", VK_REFUSED)
def test_a_film_of_vk_is_refused_for_its_reason(extracted: Extracted, name: str) -> None:
    assert VK_REFUSED[name] in extracted.found[name]["error"]


def test_a_wall_post_holds_two_films_or_none(extracted: Extracted) -> None:
    found = extracted.found["vk wall"]["entries"]
    assert sorted(entry[2] for entry in found) == [VK + "1001", VK + "1002"]
    assert extracted.found["vk photo"]["entries"] == []


# -- other pages ----------------------------------------------------------------------------------------------------
def test_pages_with_players_and_without(extracted: Extracted) -> None:
    found = extracted.found
    assert list(found["/video"]["formats"].values()) == [films.url(films.CLIP)]
    assert found["/og"]["id"] == "clip"
    assert (found["/embed"]["id"], found["/embed"]["extractor"]) == ("qblmOvkV9KM", "youtube")
    assert found["/none"]["kind"] == "UnsupportedError"
    assert list(found["/huge"]["formats"].values()) == [films.url("/media/huge.mp4")]


def test_a_hostile_page_makes_hostile_ids_and_titles(extracted: Extracted) -> None:
    found = extracted.found[films.HOSTILE_PAGE]
    assert all(mark in found["id"] for mark in ("../../etc/passwd", "\u202e", "\x1b]0;"))
    assert all(mark in found["title"] for mark in ("../../etc/passwd", "\u202e", "\u2066", "<b>"))


def test_playlists_lead_to_places_they_should_not(universe: Universe) -> None:
    for folder, line in (("hls-private", b"\nhttp://127.0.0.1/\n"), ("hls-file", b"\nfile:///etc/passwd\n")):
        assert line in ask(universe, films.url(f"/{folder}/media.m3u8")).body
    assert ask(universe, films.url("/hls-endless/media.m3u8")).body.count(b"#EXTINF") == films.ENDLESS > 100_000


# -- ranges ---------------------------------------------------------------------------------------------------------
LENGTH = len(media.body("film-360.mp4"))
RANGES = (
    ("Range: bytes=0-9\r\n", 206, (0, 10)),
    ("Range: bytes=100-\r\n", 206, (100, LENGTH)),
    (f"Range: bytes=100-{LENGTH * 2}\r\n", 206, (100, LENGTH)),
    (f"Range: bytes={LENGTH}-\r\n", 416, (0, 0)),
    ("Range: bytes=-5\r\n", 200, (0, LENGTH)),
    ('Range: bytes=5-\r\nIf-Range: "another"\r\n', 200, (0, LENGTH)),
    (f'Range: bytes=5-\r\nIf-Range: "{LENGTH:x}-film-360.mp4"\r\n', 206, (5, LENGTH)),
)


@pytest.mark.parametrize(("fields", "status", "part"), RANGES)
def test_a_range_is_answered_as_asked(universe: Universe, fields: str, status: int, part: tuple[int, int]) -> None:
    seen = ask(universe, films.url(films.CLIP), fields=fields)
    start, stop = part
    assert (universe.log[0].status, seen.body) == (status, media.body("film-360.mp4")[start:stop])
    assert f"\r\nContent-Length: {stop - start}".encode() in seen.head
    place = {206: f"bytes {start}-{stop - 1}/{LENGTH}", 416: f"bytes */{LENGTH}"}.get(status)
    assert re.findall(rb"Content-Range: (.*?)(?:\r\n|\Z)", seen.head) == ([place.encode()] if place else [])
    assert ask(universe, films.url(films.CLIP), fields=fields, method="HEAD").head == seen.head


def test_ten_terabytes_are_claimed_and_never_come(universe: Universe) -> None:
    whole = ask(universe, films.url("/media/huge.mp4"))
    assert b"Content-Length: 10000000000000" in whole.head
    assert len(whole.body) == LENGTH and universe.log[0].end is None
    part = ask(universe, films.url("/media/huge.mp4"), fields="Range: bytes=0-10485759\r\n")
    assert f"Content-Range: bytes 0-{LENGTH - 1}/10000000000000".encode() in part.head


@pytest.mark.parametrize("url", ["https://vk.com/al_audio.php", "https://www.youtube.com/results", films.url("/video")])
def test_post_is_for_the_endpoints_that_want_it(universe: Universe, url: str) -> None:
    assert ask(universe, url, method="POST").raw[9:12] in (b"405", b"400")


# -- later visits ---------------------------------------------------------------------------------------------------
def test_a_film_may_be_another_on_the_next_visit(tmp_path: Path, universe: Universe) -> None:
    with ExitStack() as later:
        later.enter_context(youtube.revised("qblmOvkV9KM", title="Another", views=5, streams=youtube.LOW))
        later.enter_context(youtube.revised("KqEtOd5Mypg", status=PRIVATE))
        later.enter_context(youtube.revised("onefile-000", lmt=1500000000000000))
        later.enter_context(vk_video.revised(f"{vk_video.OWNER}_1001", heights=(360,), title="Another"))
        names = ("qblmOvkV9KM", "KqEtOd5Mypg", "onefile-000", "vk 1001")
        found = extract(universe, tmp_path / "files", {name: JOBS[name] for name in names}).found
        body = ask(universe, found["onefile-000"]["formats"]["18"]).body
    first = found["qblmOvkV9KM"]
    assert (first["title"], first["view_count"], first["formats"].keys()) == ("Another", 5, {"134", "140", "18"})
    assert "Private video" in found["KqEtOd5Mypg"]["error"]
    assert "lmt=1500000000000000" in found["onefile-000"]["formats"]["18"]
    assert hashlib.sha256(body).digest() != hashlib.sha256(media.body("film-360.mp4")).digest()
    assert (found["vk 1001"]["title"], found["vk 1001"]["sizes"]) == ("Another", {"url360": 360})
    assert not youtube.REVISED and not vk_video.REVISED
