"""What does not play ends in its own outcome, in the platform's words; who asks whether we are a robot is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.universe import Authority, Universe, stored
from tests.universe.filming import SEGMENTS, TUBE, VK, body, captures, of_role, streams
from tests.universe.hosts import films, media, vk_video, youtube_data
from tests.universe.hosts.youtube_films import BOTH, OPUS, VP9_720
from tests.universe.working import ROOT, Folder, Json, Result, at

# Film: outcome, and the words of the platform (of ours, where it has none).
YOUTUBE = {
    "removed-000": ("lost/removed", "This video has been removed by the uploader"),
    "terminated-": ("lost/removed", "the YouTube account associated with this video has been terminated."),
    "policy-0000": ("lost/removed", "violating YouTube's policy on violent or graphic content"),
    "copyright-0": ("lost/removed", "a copyright claim by Universe News Desk"),
    "gone-000000": ("lost/gone", "This video is unavailable"),
    "unknown0000": ("lost/gone", "This video isn't available any more"),
    "private-000": ("blocked/private", "Sign in if you've been granted access to this video"),
    "age-0000000": ("blocked/age-gate", "This video may be inappropriate for some users."),
    "geo-0000000": ("blocked/geo-blocked", "The uploader has not made this video available in your country"),
    "members-000": ("blocked/members-only", "Join this channel to get access to members-only content"),
    "upcoming-00": ("failed/not-live-yet", "This live event will begin in 3 days."),
    "otherfilm-0": ("failed/error", "qblmOvkV9KM"),
    "sabr-000000": ("failed/no-media", "streams are named without addresses (SABR)"),
    "live-000000": ("failed/live-now", "a broadcast that is running"),
    "forbidden-0": ("failed/no-media", "the stream is answered with status 403"),
}
VKONTAKTE = {
    "1002": ("failed/no-media", "a fragment did not come: the stream is answered with status 404"),
    "1003": ("blocked/login-wall", "code 3"),
    "1004": ("lost/gone", "This video is no longer available, because it has been deleted."),
    "1005": ("blocked/private", "Access denied"),
    "1006": ("blocked/geo-blocked", "The video is not available in your region."),
    "1007": ("lost/removed", "Видеозапись недоступна, так как её автор был заблокирован."),
    "1008": ("lost/removed", "изъята из публичного доступа в связи с обращением правообладателя."),
}
FATES = {TUBE + key: fate for key, fate in YOUTUBE.items()} | {VK + key: fate for key, fate in VKONTAKTE.items()}
HOLE = films.url("/hls-missing")
PLAYLIST = f"https://www.youtube.com/playlist?list={youtube_data.PLAYLIST}"
CHANNEL = f"https://www.youtube.com/{youtube_data.CHANNEL.handle}"
COMMENTED = f"{TUBE}comments-00"


@dataclass(frozen=True)
class Told:
    universe: Universe
    folder: Folder
    result: Result

    def capture(self, source: str, run: int = 0) -> Json:
        return captures(self.folder, run)[source]

    def film(self, source: str, run: int = 0) -> Json:
        (item,) = self.capture(source, run)["films"]
        found: Json = item
        return found

    def asked(self, *parts: str) -> list[str]:
        return [one.url for one in self.universe.log if any(part in one.url for part in parts)]


def fate(item: Json) -> str:
    return f"{item['outcome']}/{item['reason']}"


# -- failures -------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Told]:
    base: Path = tmp_path_factory.mktemp("failed")
    with Universe(base / "universe", authority=universe_ca) as universe:
        folder = at(universe, base / "work", "[video]\ncomments = 3\naccess_copy = false\n")
        folder.cite(*FATES, HOLE, PLAYLIST, CHANNEL, COMMENTED)
        universe.fault(vk_video.MEDIA, "404", path="/segment-1")
        universe.fault("www.youtube.com", "404", path="/youtubei/v1/next")
        yield Told(universe, folder, folder.run())


@pytest.mark.parametrize("source", FATES, ids=lambda source: source.rpartition("/")[2].removeprefix("watch?v="))
def test_a_film_that_is_not_had_says_why_in_the_platforms_words(failed: Told, source: str) -> None:
    capture, film, (expected, words) = failed.capture(source), failed.film(source), FATES[source]
    assert fate(capture) == fate(film) == expected
    assert any(words in signal for signal in film["signals"])
    assert set(film["signals"]) <= set(capture["signals"])
    assert (film["taken"], film["held"], capture["media"]) == (None, None, [])
    (part,) = (one for one in capture["parts"] if one["role"] == "film")
    assert (part["required"], part["came"], part["reason"]) == (True, False, film["reason"])


@pytest.mark.parametrize("key", [key for key, (_, words) in YOUTUBE.items() if words[0].isupper()])
def test_the_answer_of_the_platform_is_kept_verbatim(failed: Told, key: str) -> None:
    assert YOUTUBE[key][1] in " / ".join(map(str, failed.film(TUBE + key)["status"].values()))
    page = failed.capture(TUBE + key)
    assert page["answer"] in {record["id"] for record in page["records"]}  # and whole, with the page that said it


def test_a_blocked_film_names_the_countries_where_it_plays(failed: Told) -> None:
    assert failed.film(f"{TUBE}geo-0000000")["status"]["availableCountries"] == ["RU", "BY"]
    assert "available in: RU, BY" in failed.film(f"{TUBE}geo-0000000")["signals"]


def test_a_run_with_films_that_were_not_had_is_no_success(failed: Told) -> None:
    assert failed.result.code == 3
    captured = {source for source, told in failed.result.captures.items() if told["outcome"] == "captured"}
    assert captured == {HOLE, PLAYLIST, CHANNEL, COMMENTED}


def test_a_film_with_a_hole_is_no_film(failed: Told) -> None:
    """The page is held; what it shows is not, and what came of it is not passed off as the film."""
    capture = failed.capture(HOLE)
    assert fate(capture) == "captured/partial" and fate(failed.film(HOLE)) == "failed/no-media"
    assert any("a fragment did not come" in signal for signal in capture["signals"])
    (part,) = (one for one in capture["parts"] if one["role"] == "film")
    assert (part["required"], part["came"]) == (True, False)
    assert capture["media"] == [] and failed.asked("/hls-missing/segment-0.ts")
    named = {item["path"] for entry in failed.folder.entries("capture") for item in entry["media"]}
    assert {
        path.relative_to(failed.folder.archive).as_posix() for path in failed.folder.archive.glob("media/*/*/*")
    } == named


def test_comments_that_do_not_come_cost_no_film(failed: Told) -> None:
    capture = failed.capture(COMMENTED)
    assert fate(capture) == "captured/partial"
    assert streams(failed.folder, capture, "youtube:comments-00") == {"247": VP9_720.body(), "251": OPUS.body()}
    missing = [one for one in capture["parts"] if not one["came"]]
    assert [(one["role"], one["required"]) for one in missing] == [("comments", False)]


@pytest.mark.parametrize(("source", "listed"), [(PLAYLIST, youtube_data.ENTRIES), (CHANNEL, youtube_data.UPLOADS)])
def test_a_list_is_told_and_not_expanded(failed: Told, source: str, listed: tuple[str, ...]) -> None:
    capture = failed.capture(source)
    assert fate(capture) == "captured/ok" and failed.film(source)["entries"] == len(listed)
    (item,) = of_role(capture, "list")
    assert all(key.encode() in body(failed.folder, item) for key in listed)
    others = {key for key in listed if TUBE + key not in FATES}
    assert failed.asked(*others) == [] and not any(key.encode() in failed.folder.sources for key in others)


def test_the_archive_of_failures_is_sound(failed: Told) -> None:
    assert failed.folder.verify("--deep", "--no-record").code == 0


# -- who asks whether we are a robot --------------------------------------------------------------------------------
ROBOT = {
    "bot-0000000": ("bot-challenge", "Sign in to confirm you’re not a bot"),
    "captcha-000": ("bot-challenge", "a captcha is asked for"),
    "ratelimit-0": ("rate-limited", "This content isn't available, try again later."),
}


@pytest.mark.parametrize("key", ROBOT)
def test_a_platform_that_wants_no_more_of_us_is_asked_nothing_more(
    universe: Universe, tmp_path: Path, key: str
) -> None:
    folder, (reason, words) = at(universe, tmp_path / "work", "[video]\n"), ROBOT[key]
    after = (f"{TUBE}qblmOvkV9KM", "https://www.youtube.com/shorts/onefile-000")
    folder.cite(TUBE + key, *after)
    assert folder.run().code == 3
    told = Told(universe, folder, Result(3, b"", ""))
    assert fate(told.capture(TUBE + key)) == f"blocked/{reason}"
    assert words in told.film(TUBE + key)["signals"]
    for source in after:
        assert fate(told.capture(source)) == fate(told.film(source)) == f"blocked/{reason}"
        assert told.film(source)["signals"][0].startswith("not asked: ")
        assert told.capture(source)["hops"] == []
    assert not told.asked("qblmOvkV9KM", "onefile-000")
    assert not any(b"qblmOvkV9KM" in one.request or b"onefile-000" in one.request for one in universe.log)


# -- other settings, and a machine without ffmpeg -------------------------------------------------------------------
LIVE = f"{TUBE}live-000000"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Told]:
    """Broadcasts and lists are wished for, pictures in 360p, whole bodies in the WARC; there is no ffmpeg. Two runs."""
    base: Path = tmp_path_factory.mktemp("bare")
    stub = base / "stub"
    stub.mkdir()
    (stub / "imageio_ffmpeg.py").write_text("raise ImportError\n", "utf-8")
    with Universe(base / "universe", authority=universe_ca) as universe:
        folder = at(
            universe,
            base / "work",
            '[video]\nlive = true\nplaylists = true\nmax_height = 360\nmedia_in_warc = "full"\n',
        )
        folder.environment |= {"PATH": str(stub), "PYTHONPATH": f"{stub}:{ROOT / 'src'}"}
        folder.cite(LIVE, PLAYLIST)
        # The broadcast ends between the first look at its playlist and the second.
        universe.fault(
            "manifest.googlevideo.com", "changed", path="/api/manifest/hls_playlist", added="#EXT-X-ENDLIST\n"
        )
        first = folder.run()
        assert first.code == 0, first.err
        yield Told(universe, folder, folder.run())


def test_a_running_broadcast_is_taken_as_far_as_it_comes(bare: Told) -> None:
    film = bare.film(LIVE)
    assert (fate(bare.capture(LIVE)), film["taken"]) == ("captured/partial", "live")
    assert "a running broadcast, taken from the moment of the visit on" in film["signals"]
    assert film["status"]["isLive"] is True
    assert streams(bare.folder, bare.capture(LIVE), film["key"]) == {"93": SEGMENTS}


def test_a_broadcast_is_followed_and_no_segment_is_taken_twice(bare: Told) -> None:
    assert len(bare.asked("/hls_playlist/")) == 2
    assert len(bare.asked("/segment-")) == len(media.SEGMENTS)


def test_the_films_of_a_list_are_sources_of_the_next_run_if_wished(bare: Told) -> None:
    assert bare.capture(PLAYLIST)["outcome"] == "captured"
    assert all(f"{TUBE}{key}".encode() in bare.folder.sources for key in youtube_data.ENTRIES)
    fates = {source: fate(told) for source, told in captures(bare.folder, 1).items()}
    assert fates == {
        TUBE + key: "lost/removed" if key == youtube_data.DEAD else "captured/ok" for key in youtube_data.ENTRIES
    }
    assert f"%document {PLAYLIST} ".encode() in bare.folder.sources  # who listed them


def test_without_ffmpeg_the_streams_are_held_and_the_copy_is_missed(bare: Told) -> None:
    source = f"{TUBE}qblmOvkV9KM"
    capture, film = bare.capture(source, 1), bare.film(source, 1)
    assert streams(bare.folder, capture, film["key"]) == {"18": BOTH.body()}  # 360p, as the settings say
    assert not of_role(capture, "access", "sheet")
    assert any("no access copy" in signal and "ffmpeg" in signal for signal in capture["signals"])
    assert "ffmpeg" not in capture["tools"] and "yt-dlp" in capture["tools"]
    assert bare.folder.verify("--deep", "--no-record").code == 0


def test_whole_bodies_are_in_the_warc_where_that_is_wished(bare: Told) -> None:
    records = [record for file in bare.folder.warcs for record in stored.read(file)]
    assert stored.kept(records) == stored.sent(bare.universe.log)
    assert not any(record.get("WARC-Truncated") for record in records)
    answers = {record.id: stored.split(record.block)[1] for record in records if record.type == "response"}
    told = stored.chunks(records)
    assert {answers[one] for one in told} == {BOTH.body(), *map(media.body, media.SEGMENTS)}
    assert all(stored.part(chunk) == answers[one] for one, chunk in told.items())
