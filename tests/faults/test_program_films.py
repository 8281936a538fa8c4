"""A film whose download is killed, cut, interrupted or finds a full disk: what came counts, and nothing comes twice."""

from __future__ import annotations

import gzip
import json
import re
import signal
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import program
import pytest
from program import Done, Workplace, finish, interrupt, namespace, no_namespaces, until

from tests.universe import Universe
from tests.universe.hosts import media, youtube_player
from tests.universe.hosts.films import HOST as SITE
from tests.universe.hosts.youtube_films import AAC, BIG
from tests.universe.journal import Logged

MIB = 1 << 20
TEN = 10 * MIB  # what is asked for at once
FILM = "https://www.youtube.com/watch?v=big-0000000"
SEGMENTED = f"https://{SITE}/hls-aes"
SERVED = {"136": BIG.body(), "140": AAC.body(), "hls-90": media.joined(*media.SEGMENTS)}
HASHES = {name: sha256(data).hexdigest() for name, data in SERVED.items()}
MEDIA = youtube_player.MEDIA
NO_COPY = "[video]\naccess_copy = false\n"  # ffmpeg has no part in this


@pytest.fixture
def place(tmp_path: Path, universe: Universe) -> Workplace:
    return Workplace(tmp_path / "work", universe.settings() + NO_COPY, universe.environment(), f"[a film]({FILM})\n")


@pytest.fixture
def segmented(tmp_path: Path, universe: Universe) -> Workplace:
    settings, report = universe.settings() + NO_COPY, f"[a film]({SEGMENTED})\n"
    return Workplace(tmp_path / "work", settings, universe.environment(), report)


def asked(log: list[Logged], format: str = "136") -> list[tuple[int, int]]:
    """The ranges of a stream that were asked for."""
    found = [one.request for one in log if f"itag={format}&" in one.target and one.host == MEDIA]
    return [tuple(map(int, re.search(rb"\r\nRange: bytes=(\d+)-(\d+)\r\n", one).groups())) for one in found]  # type: ignore[misc, union-attr]


def streams(entry: Any) -> dict[str, Any]:
    return {one["facts"]["format"]: one for one in entry["media"] if one["role"] in ("video", "audio")}


def ledger(place: Workplace, item: Any) -> list[Any]:
    """The chunks that brought a stream, as the WARC accounts for them."""
    at = item["ledger"]
    member = (place.archive / at["file"]).read_bytes()[at["offset"] : at["offset"] + at["length"]]
    told = json.loads(gzip.decompress(member).splitlines()[-3])
    assert (told["media"], told["sha256"]) == (item["path"], item["sha256"])
    return list(told["chunks"])


def left_behind(place: Workplace) -> dict[str, list[Any]]:
    """By the file of a stream: what the journals in tmp/ account for."""
    journals = (place.archive / "tmp").glob("film-*/*.jsonl")
    return {
        str(path.with_suffix(".part")): [json.loads(line) for line in path.read_bytes().splitlines()[1:]]
        for path in journals
    }


def assert_held(place: Workplace, *formats: str) -> Any:
    """The newest entry holds these streams as they were served, each chunk with a record that an entry names, and
    nothing is left in tmp/."""
    entry = place.captures[-1]
    assert (entry["outcome"], entry["reason"]) == ("captured", "ok"), entry["signals"]
    found = streams(entry)
    named = {record["id"] for one in place.captures for record in one["records"]}
    for name in formats:
        assert found[name]["sha256"] == HASHES[name]
        assert sha256((place.archive / found[name]["path"]).read_bytes()).hexdigest() == HASHES[name]
        chunks = ledger(place, found[name])
        assert sum(chunk["length"] for chunk in chunks) == len(SERVED[name])
        assert {chunk["response"] for chunk in chunks} <= named
    assert not list((place.archive / "tmp").iterdir())
    return entry


def assert_sound(place: Workplace, *warnings: str) -> None:
    done = place.preserve("verify", "--deep", "--no-record", "--json")
    assert done.code == 0 and done.events[-1]["sound"], done.out
    assert [event["code"] for event in done.events if event["event"] == "finding"] == list(warnings)


def killed(place: Workplace, universe: Universe, size: int = 0) -> None:
    """SIGKILL while an answer hangs; `size`: bytes of a stream that have come by then."""
    process = place.start("run", "--json")
    until(lambda: any(one.fault == "stall" for one in universe.log), "the answer to hang")
    tmp = place.archive / "tmp"
    until(lambda: max(path.stat().st_size for path in tmp.glob("film-*/*.part")) >= size, "the stream to come")
    process.kill()
    assert finish(process).code == -signal.SIGKILL
    universe.heal()


# -- killed ------------------------------------------------------------------------------------------------------------
def test_a_killed_run_goes_on_behind_what_was_proven(place: Workplace, universe: Universe) -> None:
    universe.fault(MEDIA, "stall", skip=1, after=3 * MIB)
    killed(place, universe, TEN + MIB)
    ((part, chunks),) = left_behind(place).items()
    assert [(one["offset"], one["length"]) for one in chunks] == [(0, TEN)]
    assert Path(part).stat().st_size > TEN, "the answer that was cut by the kill is not accounted for"
    assert not place.captures
    seam = len(universe.log)
    assert place.preserve("run", "--json").code == 0
    assert asked(universe.log[seam:]) == [(TEN, 2 * TEN - 1), (2 * TEN, len(SERVED["136"]) - 1)]
    entry = assert_held(place, "136", "140")
    named = {(one["id"], one["file"], one["offset"]) for one in entry["records"]}
    assert {(one["id"], one["file"], one["offset"]) for one in chunks[0]["records"]} <= named
    assert len({one["file"] for one in entry["records"]}) == 2, "the WARC files of both runs"
    assert_sound(place)


def test_fragments_that_came_are_not_asked_for_again(segmented: Workplace, universe: Universe) -> None:
    last = f"/hls-aes/{media.SEGMENTS[2]}"
    universe.fault(SITE, "stall", path=last, after=500)
    killed(segmented, universe)
    assert [len(chunks) for chunks in left_behind(segmented).values()] == [2]
    seam = len(universe.log)
    assert segmented.preserve("run", "--json").code == 0
    assert [one.target for one in universe.log[seam:] if ".ts" in one.target] == [last]
    entry = assert_held(segmented, "hls-90")
    assert [chunk["undone"] for chunk in ledger(segmented, streams(entry)["hls-90"])] == [["aes-128"]] * 3
    assert_sound(segmented)


# Dies as the second stream gets its name in media/.
DYING = """
import os, signal
from preserve.archive import fsio
from preserve.cli.main import main
publish = fsio.publish
def published(file, root, relative, *mode):
    if relative.endswith(".m4a"):
        os.kill(os.getpid(), signal.SIGKILL)
    publish(file, root, relative, *mode)
fsio.publish = published
main()
"""


def test_a_run_killed_between_its_streams_and_its_commit_fetches_no_stream_again(
    place: Workplace, universe: Universe, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(program, "PROGRAM", [sys.executable, "-c", DYING])
        assert place.preserve("run", "--json").code == -signal.SIGKILL
    assert not place.captures
    stored = {path.stem for path in (place.archive / "media").rglob("*.m*")}
    assert HASHES["136"] in stored and HASHES["140"] not in stored
    assert {len(chunks) for chunks in left_behind(place).values()} == {1, 3}
    seam = len(universe.log)
    assert place.preserve("run", "--json").code == 0
    assert asked(universe.log[seam:]) == asked(universe.log[seam:], "140") == []
    assert_held(place, "136", "140")
    # The killed run had stored a description of the film, too, whose numbers are others in each visit.
    lone = {one["file"].rpartition(".")[2] for one in place.entries if one["t"] == "recover"} - {"gz"}
    assert "json" in lone
    assert_sound(place)


# -- interrupted and cut -------------------------------------------------------------------------------------------------------
def test_an_interrupted_run_says_what_is_missing_and_answers_that_are_cut_cost_nothing_that_came(
    place: Workplace, universe: Universe
) -> None:
    tries(place, 2)
    universe.fault(MEDIA, "drip", times=1, step=MIB, interval=0.05)
    process = place.start("run", "--json")
    until(lambda: any(one.fault == "drip" and one.sent for one in universe.log), "the first range")
    assert not any(one.fault and one.done for one in universe.log), "it must be under way when the signal comes"
    interrupt(process)
    done = finish(process)
    assert done.code == 130, done.err
    entry = place.captures[-1]
    assert done.outcomes == {FILM: "failed/truncated"} and not entry["media"]
    assert any("interrupted" in signal for signal in entry["signals"])
    assert [part["came"] for part in entry["parts"] if part["role"] == "film"] == [False]
    seam = len(universe.log)
    universe.fault(MEDIA, "reset-mid-body", times=2)
    assert place.preserve("run", "--json").code == 0
    chunks = ledger(place, streams(assert_held(place, "136", "140"))["136"])
    assert [chunk["truncated"] for chunk in chunks[:4]] == [None, "disconnect", "disconnect", None]
    assert [first for first, _ in asked(universe.log[seam:])] == [chunk["offset"] for chunk in chunks[1:]], "none twice"


def tries(place: Workplace, number: int) -> None:
    path = place.folder / "preserve.toml"
    path.write_text(path.read_text().replace("tries = 1", f'tries = {number}\nmax_wait = "0.1s"'))


# -- addresses that expire ---------------------------------------------------------------------------------------------
def pages_asked(log: list[Logged]) -> int:
    return sum(one.target.startswith("/watch") for one in log)


@pytest.mark.parametrize(("skip", "format"), [(1, "136"), (3, "140")], ids=["the picture", "the sound behind it"])
def test_addresses_that_expire_on_the_way_are_asked_for_anew_and_no_byte_comes_twice(
    place: Workplace, universe: Universe, skip: int, format: str
) -> None:
    universe.fault(MEDIA, "403", skip=skip, times=1)
    assert place.preserve("run", "--json").code == 0
    assert pages_asked(universe.log) == 3, "as a source, for its streams, and for their new addresses"
    entry = assert_held(place, "136", "140")
    for name, item in streams(entry).items():
        firsts = [first for first, _ in asked(universe.log, name)]
        assert len(firsts) == len(set(firsts)) + (name == format), "once more after the refusal"
        assert [chunk["offset"] for chunk in ledger(place, item)] == sorted(set(firsts))
    assert_sound(place)


def test_a_fragment_whose_address_expired_is_asked_for_at_its_new_one(segmented: Workplace, universe: Universe) -> None:
    universe.fault(SITE, "403", path=f"/hls-aes/{media.SEGMENTS[2]}", times=1)
    assert segmented.preserve("run", "--json").code == 0
    fragments = [one.target for one in universe.log if ".ts" in one.target]
    assert len(fragments) == 4 and fragments[2] == fragments[3]
    assert_held(segmented, "hls-90")
    assert_sound(segmented)


def test_addresses_that_bring_nothing_are_asked_for_once_and_the_next_run_goes_on(
    place: Workplace, universe: Universe
) -> None:
    universe.fault(MEDIA, "403", skip=1)
    done = place.preserve("run", "--json")
    assert done.outcomes == {FILM: "failed/no-media"}
    assert [first for first, _ in asked(universe.log)] == [0, TEN, TEN]
    assert "the stream is answered with status 403" in place.captures[-1]["films"][0]["signals"]
    universe.heal()
    seam = len(universe.log)
    assert place.preserve("run", "--json").code == 0
    assert asked(universe.log[seam:])[0][0] == TEN
    assert_held(place, "136", "140")


# -- a running broadcast -----------------------------------------------------------------------------------------------
LIVE = "https://www.youtube.com/watch?v=live-000000"
PLAYLISTS = "manifest.googlevideo.com"


@pytest.fixture
def broadcast(tmp_path: Path, universe: Universe) -> Workplace:
    settings = f"{universe.settings()}{NO_COPY}live = true\n"
    return Workplace(tmp_path / "work", settings, universe.environment(), f"[a film]({LIVE})\n")


def taken_live(place: Workplace, parts: int, *more: str) -> list[str]:
    """What was said of a broadcast of which so many segments are held, and `more`."""
    entry = place.captures[-1]
    assert (entry["outcome"], entry["reason"], entry["films"][0]["taken"]) == ("captured", "partial", "live")
    assert streams(entry)["93"]["sha256"] == sha256(media.joined(*media.SEGMENTS[:parts], *more)).hexdigest()
    assert_sound(place)
    signals: list[str] = entry["films"][0]["signals"]
    return signals


def test_a_broadcast_that_breaks_off_is_held_as_far_as_it_came(broadcast: Workplace, universe: Universe) -> None:
    universe.fault(MEDIA, "404", skip=2)
    assert broadcast.preserve("run", "--json").code == 0
    fault = "the broadcast broke off: a fragment did not come: the stream is answered with status 404"
    assert fault in taken_live(broadcast, 2)


def test_a_broadcast_whose_playlist_goes_away_is_held_as_far_as_it_came(
    broadcast: Workplace, universe: Universe
) -> None:
    universe.fault(PLAYLISTS, "410", path="/api/manifest/hls_playlist", skip=2)  # yt-dlp and we have seen it by then
    assert broadcast.preserve("run", "--json").code == 0
    assert any(signal.startswith("the broadcast broke off: ") for signal in taken_live(broadcast, 3))


def test_a_broadcast_of_which_nothing_comes_is_not_held(broadcast: Workplace, universe: Universe) -> None:
    universe.fault(MEDIA, "404")
    assert broadcast.preserve("run", "--json").outcomes == {LIVE: "failed/no-media"}


def test_segments_that_left_the_playlist_unseen_are_said(broadcast: Workplace, universe: Universe) -> None:
    late = f"https://{MEDIA}/videoplayback/file/{media.SEGMENTS[0]}"
    added = f"#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:1.0,\n{late}\n#EXT-X-ENDLIST\n"
    universe.fault(PLAYLISTS, "changed", path="/api/manifest/hls_playlist", added=added)
    assert broadcast.preserve("run", "--json").code == 0
    assert "4 parts were gone before they could be asked for" in taken_live(broadcast, 3, media.SEGMENTS[0])


def test_an_interrupted_run_holds_a_broadcast_as_far_as_it_came(broadcast: Workplace, universe: Universe) -> None:
    universe.fault(MEDIA, "drip", skip=1, times=1, step=200, interval=0.05)
    process = broadcast.start("run", "--json")
    until(lambda: any(one.fault == "drip" and one.sent for one in universe.log), "the second segment")
    interrupt(process)
    assert finish(process).code == 130
    assert not any("broke off" in signal for signal in taken_live(broadcast, 2))


# -- a full disk -------------------------------------------------------------------------------------------------------
@pytest.mark.skipif(bool(no_namespaces()), reason=no_namespaces())
def test_a_disk_that_fills_half_way_through_a_film_costs_nothing_that_came(
    place: Workplace, universe: Universe
) -> None:
    place.archive.mkdir()
    with namespace("-m", script=f"mount -t tmpfs -o size=16m small '{place.archive}'") as inside:
        full = replace(place, inside=inside)
        done: Done = full.preserve("run", "--json")
        done.complained(6, "disk is full")
        full.assert_valid()
        assert [len(chunks) for chunks in left_behind(full).values()] == [1]
        subprocess.run([*inside.enter, "mount", "-o", "remount,size=200m", str(place.archive)], check=True)
        seam = len(universe.log)
        assert full.preserve("run", "--json").code == 0
        assert asked(universe.log[seam:])[0][0] >= TEN
        assert_held(full, "136", "140")


# -- yt-dlp in its process ---------------------------------------------------------------------------------------------
# Stands for the process that runs yt-dlp.
INSTEAD = """
from preserve.capture.video import process
from preserve.cli.main import main
process.COMMAND = [{!r}]
main()
"""
OTHER = "http://www.vdc-sy.info/page"
PAGE = '<title>x</title><video src="/a.mp4"></video>'


def instead(place: Workplace, patch: pytest.MonkeyPatch, script: str, *options: str) -> Done:
    """A run with this script in place of yt-dlp's process."""
    path = place.folder / "worker"
    path.write_text(f"#!{sys.executable}\n{script}")
    path.chmod(0o755)
    patch.setattr(program, "PROGRAM", [sys.executable, "-c", INSTEAD.format(str(path))])
    return place.preserve("run", "--json", *options)


def test_a_process_that_dies_costs_its_film_alone(
    place: Workplace, universe: Universe, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [f"https://{SITE}/video", f"https://{SITE}/none", "https://www.youtube.com/watch?v=qblmOvkV9KM"]
    (place.folder / "documents" / "report.md").write_text("".join(f"[x]({url})\n" for url in sources))
    done = instead(place, monkeypatch, "import sys\nsys.stdin.readline()\nsys.exit(7)")
    assert done.outcomes == dict(zip(sources, ("captured/partial", "captured/ok", "failed/error"), strict=True))
    for entry in place.captures:
        assert entry["records"], "what came is named"
        assert all("ended in the middle (7)" in film["signals"][0] for film in entry["films"])
    assert_sound(place)


# The same film of a platform, whatever page is asked about.
SAME = f"""
import json, sys
stream = dict(format="0", role="video", kind="file", url="https://{SITE}/media/clip.mp4", extension="mp4", headers=[],
              pieces=[], bytes=None, last_modified=None, live=False, facts={{}})
film = dict(platform="vimeo", id="1", info={{"title": "x"}}, streams=[stream], live="not_live")
found = dict(films=[film], lists=[], elsewhere=[], dead=[], remarks=[], cookies=[], headers={{}})
for line in sys.stdin:
    if json.loads(line)["is"] == "job":
        print(json.dumps({{"is": "found", "bytes": 0, **found}}), flush=True)
"""


# Names other addresses each time.
RENEWED = f"""
import json, sys
jobs = (line for line in sys.stdin if json.loads(line)["is"] == "job")
for number, _ in enumerate(jobs, 1):
    stream = dict(format="hls-90", role="video", kind="hls", url=f"https://{SITE}/hls/media.m3u8?{{number}}",
                  extension="ts", headers=[["X-Number", str(number)]], pieces=[], bytes=None, last_modified=None,
                  live=False, facts={{"format": "hls-90"}})
    captions = {{"en": [{{"url": f"https://{SITE}/none?{{number}}", "ext": "vtt"}}]}}
    info = {{"title": f"told {{number}}", "subtitles": captions}}
    film = dict(platform="vimeo", id="1", info=info, streams=[stream], live="not_live")
    cookies = [["number", str(number), "{SITE}", "/", True]]
    found = dict(films=[film], lists=[], elsewhere=[], dead=[], remarks=[], cookies=cookies,
                 headers={{"X-Found": str(number)}})
    print(json.dumps({{"is": "found", "bytes": 0, **found}}), flush=True)
"""


def test_what_expired_is_asked_for_where_it_is_now(
    segmented: Workplace, universe: Universe, monkeypatch: pytest.MonkeyPatch
) -> None:
    universe.fault(SITE, "403", path=f"/hls/{media.SEGMENTS[1]}", times=1)
    done = instead(segmented, monkeypatch, RENEWED)
    assert done.outcomes == {SEGMENTED: "captured/ok"}, done.err
    asked = [one for one in universe.log if one.target.startswith("/hls/")]
    numbers = [int(re.search(rb"X-Number: (\d)", one.request)[1]) for one in asked]  # type: ignore[index]
    first, second, third = media.SEGMENTS
    names = ["media.m3u8?1", first, second, "media.m3u8?2", second, third]
    assert [one.target for one in asked] == [f"/hls/{name}" for name in names] and numbers == [1, 1, 1, 2, 2, 2]
    (captions,) = (one.request for one in universe.log if one.target == "/none?2")
    assert b"X-Found: 2\r\n" in captions and b"Cookie: number=2\r\n" in captions
    entry = segmented.captures[-1]
    (info,) = (one for one in entry["media"] if one["role"] == "info")
    titles = entry["films"][0]["title"], json.loads((segmented.archive / info["path"]).read_bytes())["title"]
    assert titles == ("told 1", "told 1"), "what is said of the film is what was said first"
    assert streams(entry)["hls-90"]["sha256"] == HASHES["hls-90"]
    assert_sound(segmented)


BROADCAST = f"""
import json, sys
streams = [dict(format=role, role=role, kind="hls", url="https://{SITE}/hls/media.m3u8?" + role, extension="ts",
                headers=[], pieces=[], bytes=None, last_modified=None, live=True, facts={{"format": role}})
           for role in ("video", "audio")]
film = dict(platform="vimeo", id="1", info={{"title": "x"}}, streams=streams, live="is_live")
found = dict(films=[film], lists=[], elsewhere=[], dead=[], remarks=[], cookies=[], headers={{}})
for line in sys.stdin:
    if json.loads(line)["is"] == "job":
        print(json.dumps({{"is": "found", "bytes": 0, **found}}), flush=True)
"""


def test_picture_and_sound_of_a_broadcast_are_taken_at_the_same_time(
    broadcast: Workplace, universe: Universe, monkeypatch: pytest.MonkeyPatch
) -> None:
    (broadcast.folder / "documents" / "report.md").write_text(f"[x](https://{SITE}/video)\n")
    done = instead(broadcast, monkeypatch, BROADCAST)
    assert done.outcomes == {f"https://{SITE}/video": "captured/partial"}, done.err
    order = [one.target for one in universe.log]
    first_end = order.index(f"/hls/{media.SEGMENTS[2]}")
    assert max(order.index(f"/hls/media.m3u8?{role}") for role in ("video", "audio")) < first_end
    assert len(streams(broadcast.captures[-1])) == 2
    assert_sound(broadcast)
    universe.fault(SITE, "404", path="/hls/media.m3u8?audio")
    assert instead(broadcast, monkeypatch, BROADCAST, "--force").outcomes == {
        f"https://{SITE}/video": "captured/partial"
    }
    entry = broadcast.captures[-1]
    assert len(streams(entry)) == 1
    assert any("a stream of the broadcast did not come" in signal for signal in entry["films"][0]["signals"])
    assert_sound(broadcast)


def test_a_film_that_two_pages_show_at_once_is_fetched_once(
    place: Workplace, universe: Universe, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [f"https://{SITE}/video", OTHER]
    (place.folder / "documents" / "report.md").write_text("".join(f"[x]({url})\n" for url in sources))
    universe.fault("www.vdc-sy.info", "page", path="/page", body=PAGE)
    universe.fault(SITE, "drip", path="/media/clip.mp4", step=2000, interval=0.05)
    done = instead(place, monkeypatch, SAME)
    assert done.outcomes == dict.fromkeys(sources, "captured/ok"), done.err
    assert len([one for one in universe.log if one.target == "/media/clip.mp4"]) == 1
    first, second = ({one["sha256"] for one in entry["media"] if one["role"] == "video"} for entry in place.captures)
    assert first == second == {sha256(media.body("film-360.mp4")).hexdigest()}
    assert not list((place.archive / "tmp").iterdir())
    assert_sound(place)
