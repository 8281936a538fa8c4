"""Later visits of a film: what is held is not fetched again, what is new or better is, and nothing hides what is held."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from tests.universe import Authority, Universe
from tests.universe.filming import (
    OWN,
    SERVED,
    SHARED,
    SOURCES,
    STREAMS,
    TUBE,
    VK,
    Filmed,
    bodies,
    body,
    captures,
    of_role,
    streams,
)
from tests.universe.hosts import films, media, vk_video, youtube
from tests.universe.hosts.youtube_films import BOTH, LOW, PRIVATE
from tests.universe.journal import Logged
from tests.universe.working import Folder, Json, Result, at


# -- nothing changed ------------------------------------------------------------------------------------------------
def test_an_unchanged_film_is_still_held(filmed: Filmed) -> None:
    assert filmed.results[2].code == 0
    before, after = filmed.captures(0), filmed.captures(1)
    assert after.keys() == set(SOURCES)
    for source, capture in after.items():
        assert (capture["outcome"], capture["reason"], capture["change"]) == ("captured", "unchanged", "same"), source
        assert sorted(capture["media"], key=str) == sorted(before[source]["media"], key=str)
        for film in capture["films"]:
            assert film["changes"] == []
            assert (film["reason"], film["taken"]) in (("unchanged", "held"), ("no-media", None))


def test_no_host_of_films_is_asked_for_a_body_again(filmed: Filmed) -> None:
    """The pages and the playlists are asked for, and of files that nothing is known about the heads."""
    log = filmed.log(1)
    asked = [target for target in bodies(log) if "m3u8" not in target]
    asked += [target for target in bodies(log, [films.HOST]) if target.endswith((".mp4", ".m4s", ".ts", "/key"))]
    assert asked == []
    heads = {one.target for one in log if one.method == "HEAD"}
    assert films.CLIP in heads and any("id=-3457550_1001&height=720" in one for one in heads)
    assert not any(one.host == "i.ytimg.com" and one.fault == "" and "maxres" in one.target for one in log)


def test_a_second_run_adds_no_media_and_few_bytes(filmed: Filmed) -> None:
    first = {item["path"] for capture in filmed.captures(0).values() for item in capture["media"]}
    second = {item["path"] for capture in filmed.captures(1).values() for item in capture["media"]}
    files = {path.relative_to(filmed.folder.archive).as_posix() for path in filmed.folder.archive.glob("media/*/*/*")}
    assert first == second == files
    records = [record for capture in filmed.captures(1).values() for record in capture["records"]]
    assert not any("preserve-media" in (record["mime"] or "") for record in records)
    assert sum(record["length"] for record in records) < 400_000 < 25 * media.MIB


@pytest.mark.parametrize("film", SERVED)
def test_every_capture_of_a_film_gives_all_its_streams(filmed: Filmed, film: str) -> None:
    for source, key in (OWN | SHARED).items():
        if key == film:
            assert streams(filmed.folder, filmed.captures(1)[source], film) == SERVED[film]


# -- something changed ----------------------------------------------------------------------------------------------
WATCHED, RENAMED, WORSE, ANEW, RETURNED, BETTER, HIDDEN = (
    TUBE + key
    for key in ("5cF-gIL8yzk", "qblmOvkV9KM", "KqEtOd5Mypg", "onefile-000", "lIX_NE2R5ms", "waslive-000", "comments-00")
)
VK_WORSE, VK_GONE = f"{VK}1001", f"{VK}1002"
VK_ANEW = "https://vk.com/video_ext.php?oid=-3457550&id=1009&hash=ab"
PAGE, LIST = films.url("/video"), films.url("/hls")
ALL = (WATCHED, RENAMED, WORSE, ANEW, RETURNED, BETTER, HIDDEN, VK_WORSE, VK_GONE, VK_ANEW, PAGE, LIST)
REMOVED = "This video is no longer available, because it has been deleted."
LMT = 1500000000000000


@dataclass(frozen=True)
class Story:
    """Three runs: two films, in 360p only; all films, while one of these two is private; all, after others changed."""

    folder: Folder
    results: tuple[Result, ...]
    logs: tuple[list[Logged], ...]

    def capture(self, run: int, source: str) -> Json:
        return captures(self.folder, run)[source]

    def film(self, run: int, source: str) -> Json:
        (item,) = self.capture(run, source)["films"]
        found: Json = item
        return found

    def held(self, run: int, source: str) -> dict[str, bytes]:
        return streams(self.folder, self.capture(run, source), self.film(run, source)["key"])

    def asked(self, run: int, *parts: str) -> list[str]:
        """Bodies that a host of films was asked for, of one film."""
        found = bodies(self.logs[run]) + [one for one in bodies(self.logs[run], [films.HOST]) if "/segment-" in one]
        return [target for target in found if all(part in target for part in parts) and "/preview/" not in target]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Story]:
    base: Path = tmp_path_factory.mktemp("revisited")
    with Universe(base / "universe", authority=universe_ca) as universe, ExitStack() as today:
        folder = at(universe, base / "work", "[video]\nmax_height = 360\naccess_copy = false\n")
        folder.cite(BETTER, RETURNED)
        results, seams = [], [0]

        def run() -> None:
            results.append(folder.run("--force"))
            seams.append(len(universe.log))

        run()
        folder.set("max_height = 360", "")
        folder.cite(*ALL)
        with youtube.revised(RETURNED.removeprefix(TUBE), status=PRIVATE):
            run()
        change(today)
        run()
        logs = tuple(universe.log[start:end] for start, end in pairwise(seams))
        yield Story(folder, tuple(results), logs)


def change(today: ExitStack) -> None:
    tube: dict[str, Json] = {
        WATCHED: {"views": 5000},
        RENAMED: {"title": "Another title"},
        WORSE: {"streams": LOW},
        ANEW: {"lmt": LMT},
        RETURNED: {"streams": LOW},
        HIDDEN: {"status": PRIVATE},
    }
    vk: dict[str, Json] = {
        "1001": {"heights": (360,), "title": "Другое"},
        "1002": {"code": vk_video.MESSAGE, "message": REMOVED},
        "1009": {"etag": "9f9f"},
    }
    for source, parts in tube.items():
        today.enter_context(youtube.revised(source.removeprefix(TUBE), **parts))
    for number, parts in vk.items():
        today.enter_context(vk_video.revised(f"{vk_video.OWNER}_{number}", **parts))
    films.REVISED[films.CLIP] = media.reply("film-720.mp4")
    films.REVISED["/hls/media.m3u8"] = films.listed(*media.SEGMENTS[:2])
    today.callback(films.REVISED.clear)


def test_a_limit_of_height_holds(story: Story) -> None:
    film = story.film(0, BETTER)
    assert film["held"] == {"width": 640, "height": 360} and film["quality"] == {"width": 1280, "height": 720}
    assert story.held(0, BETTER) == {"18": BOTH.body()}


def test_a_better_picture_than_is_held_is_fetched(story: Story) -> None:
    assert story.held(1, BETTER) == SERVED["youtube:qblmOvkV9KM"]
    film = story.film(1, BETTER)
    assert (film["taken"], film["held"]) == ("streams", {"width": 1280, "height": 720})
    assert story.capture(1, BETTER)["change"] == "changed"
    (lesser,) = of_role(story.capture(0, BETTER), "video")
    assert body(story.folder, lesser) == BOTH.body()


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        (WATCHED, {"views": (1204, 5000)}),
        (RENAMED, {"title": (youtube.FILMS["qblmOvkV9KM"].title, "Another title")}),
        (WORSE, {"quality": ({"width": 1280, "height": 720}, {"width": 640, "height": 360})}),
        (
            VK_WORSE,
            {
                "title": ("Ночной вылет: запись с борта", "Другое"),
                "quality": ({"width": None, "height": 720}, {"width": None, "height": 360}),
            },
        ),
    ],
    ids=["views", "title", "quality", "VK"],
)
def test_what_the_platform_says_otherwise_is_told_and_nothing_is_fetched(
    story: Story, source: str, changed: Json
) -> None:
    film = story.film(2, source)
    assert {one["what"]: (one["from"], one["to"]) for one in film["changes"]} == changed
    assert film["taken"] == "held" and story.capture(2, source)["outcome"] == "captured"
    identity = film["id"]
    assert story.asked(1, identity) and not story.asked(2, identity)
    assert story.held(2, source) == story.held(1, source) != {}


def test_numbers_that_grow_are_no_change_of_the_film(story: Story) -> None:
    capture = story.capture(2, WATCHED)
    assert (capture["reason"], capture["change"]) == ("unchanged", "same")
    assert capture["media"] == story.capture(1, WATCHED)["media"]


def test_another_title_is_a_change_and_is_written_down(story: Story) -> None:
    capture = story.capture(2, RENAMED)
    assert (capture["reason"], capture["change"]) == ("ok", "changed")
    titles = [
        json.loads(body(story.folder, of_role(story.capture(run, RENAMED), "info")[0]))["title"] for run in (1, 2)
    ]
    assert titles == [youtube.FILMS["qblmOvkV9KM"].title, "Another title"]


@pytest.mark.parametrize("source", [WORSE, VK_WORSE])
def test_a_worse_offer_is_told_once_and_takes_nothing_away(story: Story, source: str) -> None:
    film = story.film(2, source)
    assert film["signals"] == ["offered at most 360p, held in 720p"]
    assert film["held"]["height"] == 720
    assert of_role(story.capture(2, source), *STREAMS) == of_role(story.capture(1, source), *STREAMS)


@pytest.mark.parametrize(
    ("source", "before", "after"),
    [
        (ANEW, {"18": BOTH.body()}, {"18": BOTH.body(LMT)}),
        (VK_ANEW, {"url720": vk_video.body(720)}, {"url720": vk_video.body(720, "9f9f")}),
        (PAGE, {"0": media.body("film-360.mp4")}, {"0": media.body("film-720.mp4")}),
        (LIST, {"hls-90": media.joined(*media.SEGMENTS)}, {"hls-90": media.joined(*media.SEGMENTS[:2])}),
    ],
    ids=["YouTube", "VK", "file", "playlist"],
)
def test_a_film_that_was_replaced_is_fetched_and_the_old_one_stays(
    story: Story, source: str, before: dict[str, bytes], after: dict[str, bytes]
) -> None:
    assert (story.held(1, source), story.held(2, source)) == (before, after)
    film = story.film(2, source)
    assert (film["reason"], film["taken"]) == ("ok", "streams")


@pytest.mark.parametrize(("source", "outcome"), [(HIDDEN, "blocked/private"), (VK_GONE, "lost/gone")])
def test_a_film_that_cannot_be_had_is_still_given(story: Story, tmp_path: Path, source: str, outcome: str) -> None:
    capture = story.capture(2, source)
    assert (f"{capture['outcome']}/{capture['reason']}", capture["change"]) == (outcome, "worse")
    assert capture["media"] == [] and story.results[2].code == 3
    given = story.folder.preserve("get", source, "--media", "-o", tmp_path / "film")
    assert given.code == 0, given.err
    assert (tmp_path / "film").read_bytes() in story.held(1, source).values()
    status = story.folder.preserve("status", "--json").events
    (told,) = (one for one in status if one.get("source") == source)
    assert told["held"] is True


def test_a_film_that_comes_back_is_not_fetched_again(story: Story) -> None:
    assert story.capture(1, RETURNED)["reason"] == "private"
    capture = story.capture(2, RETURNED)
    assert (capture["outcome"], capture["change"]) == ("captured", "returned")
    assert of_role(capture, *STREAMS) == of_role(story.capture(0, RETURNED), *STREAMS) != []
    assert story.asked(2, "id=lIX_NE2R5ms") == []


def test_the_archive_is_sound_after_it_all(story: Story) -> None:
    verified = story.folder.verify("--deep", "--no-record")
    assert verified.code == 0 and verified.findings("warning") == []
