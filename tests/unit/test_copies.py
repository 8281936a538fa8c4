"""Access copies and contact sheets, by the real ffmpeg: what they hold, that they repeat, and what they refuse."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from preserve.capture.video import copies, ffmpeg, tools
from preserve.capture.video.copies import CopyError, Ffmpeg, Made
from tests.support import films as make


def programs() -> list[Ffmpeg]:
    """The system's, if there is one, and the wheel's: years lie between them."""
    wheel = ffmpeg._found(ffmpeg._wheel())
    assert wheel, "the extra dev brings imageio-ffmpeg"
    return list(dict.fromkeys([copies.find() or wheel, wheel]))


PROGRAMS = programs()
WHEEL = PROGRAMS[-1]


def cases(rows: Sequence[Any], few: int) -> Any:
    """All rows for the wheel's, the first few for the system's, which takes its time to start."""
    table = [(WHEEL, row) for row in rows] + [(other, row) for other in PROGRAMS[:-1] for row in rows[:few]]
    return pytest.mark.parametrize("program, row", table, ids=[f"{row[0]}-{who.version}" for who, row in table])


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make.make(tmp_path_factory.mktemp("films"))


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def nobody_came(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return True
    return False


def access(streams: list[Path], out: Path, program: Ffmpeg = WHEEL) -> Made:
    return asyncio.run(copies.access(program, streams, out))


def sheet(stream: Path, out: Path, program: Ffmpeg = WHEEL) -> Made:
    return asyncio.run(copies.sheet(program, stream, out))


CONTAINERS = [
    ("v.mp4 a.m4a", "mp4", "video/mp4", "h264", "aac"),
    ("a.m4a v.mp4", "mp4", "video/mp4", "h264", "aac"),
    ("fragments.mp4 a.m4a", "mp4", "video/mp4", "h264", "aac"),
    ("v.webm a.webm", "webm", "video/webm", "vp9", "opus"),
    ("v.webm", "webm", "video/webm", "vp9", None),
    ("both.ts", "mp4", "video/mp4", "h264", "aac"),
    ("both.flv", "mp4", "video/mp4", "h264", "aac"),
    ("both.mkv", "mp4", "video/mp4", "h264", "aac"),
    ("v.webm a.aac", "mp4", "video/mp4", "vp9", "aac"),
    ("vp8.webm a.m4a", "mkv", "video/x-matroska", "vp8", "aac"),
    ("a.mp3", "m4a", "audio/mp4", None, "mp3"),
    ("a.ogg", "webm", "audio/webm", None, "vorbis"),
]


@cases(CONTAINERS, 4)
def test_a_copy_is_in_a_container_that_browsers_play(
    program: Ffmpeg, row: tuple[Any, ...], films: Path, tmp_path: Path
) -> None:
    streams, extension, mime, vcodec, acodec = row
    made = access([films / name for name in streams.split()], tmp_path / "out", program)
    assert (made.extension, made.mime, made.vcodec, made.acodec) == (extension, mime, vcodec, acodec)
    assert (made.width, made.height) == ((96, 64) if vcodec else (None, None))
    assert made.duration_ms and 1900 <= made.duration_ms <= 2200
    assert made.made_by.startswith(f"ffmpeg {program.version} ")
    assert "{0}" in made.made_by and "/" not in made.made_by


@pytest.mark.parametrize("streams", ["v.mp4 a.m4a", "v.webm a.webm", "both.ts", "vp8.webm a.m4a"])
def test_the_same_streams_give_the_same_copy(films: Path, tmp_path: Path, streams: str) -> None:
    folders = [films, tmp_path / "elsewhere"]
    folders[1].mkdir()
    for name in streams.split():
        (folders[1] / name).write_bytes((films / name).read_bytes())
    made = [access([folder / name for name in streams.split()], folder / "copy") for folder in folders]
    assert made[0] == made[1]
    digests = {hashlib.sha256((folder / "copy").read_bytes()).digest() for folder in folders}
    assert len(digests) == 1


def test_a_copy_is_repeated_by_what_it_tells(films: Path, tmp_path: Path) -> None:
    streams = [films / "v.ts", films / "a.ts"]
    made = access(streams, tmp_path / "out")
    words = made.made_by.split()[2:]
    again = tmp_path / "again"
    paths = {"{0}": streams[0], "{1}": streams[1], "{out}": again}
    make.ffmpeg(*(str(paths.get(word, word)) for word in words))
    assert again.read_bytes() == (tmp_path / "out").read_bytes()


def test_pictures_and_sounds_are_those_of_the_streams(films: Path, tmp_path: Path) -> None:
    access([films / "v.mp4", films / "a.m4a"], tmp_path / "out")
    served = [
        make.ffmpeg("-i", str(films / name), "-c", "copy", "-f", "streamhash", "-") for name in ("v.mp4", "a.m4a")
    ]
    copied = make.ffmpeg("-i", str(tmp_path / "out"), "-c", "copy", "-f", "streamhash", "-")
    assert copied.split() == [served[0].strip(), served[1].strip().replace(b"0,a", b"1,a")]


@pytest.mark.parametrize("stream", ["v.mp4", "both.ts", "both.mkv"])
def test_titles_stay_out_of_a_copy(films: Path, tmp_path: Path, stream: str) -> None:
    assert make.TITLE.encode() in (films / stream).read_bytes()
    access([films / stream], tmp_path / "out")
    assert make.TITLE.encode() not in (tmp_path / "out").read_bytes()


def test_a_copy_can_be_played_while_it_loads(films: Path, tmp_path: Path) -> None:
    access([films / "both.ts"], tmp_path / "out")
    held = (tmp_path / "out").read_bytes()
    assert held.index(b"moov") < held.index(b"mdat")


def test_streams_that_start_apart_stay_in_step(films: Path, tmp_path: Path) -> None:
    seen = asyncio.run(ffmpeg.look(WHEEL, ["mpegts"] * 2, [films / "v.ts", films / "a.ts"]))
    delay = seen[0].start - seen[1].start
    assert delay > 0.01
    assert (
        f"-itsoffset {delay:.6f} -threads 1 -f mpegts -i {{0}}"
        in access([films / "v.ts", films / "a.ts"], tmp_path / "out").made_by
    )


def test_a_tag_before_the_sound_is_passed_over(films: Path, tmp_path: Path) -> None:
    tagged = tmp_path / "tagged"
    tagged.write_bytes(b"ID3\x04\0\0\0\0\x27\x10" + bytes(5008) + (films / "a.aac").read_bytes())
    assert access([tagged], tmp_path / "out").acodec == "aac"


SHEETS = [
    ("v.mp4", (1280, 212)),
    ("one-key.mp4", (320, 212)),
    ("both.ts", (1280, 212)),
    ("oblong.mp4", (1280, 106)),
    ("v.webm", (1280, 212)),
    ("all-keys.mp4", (1280, 636)),
    ("turned.mp4", (1280, 480)),
    ("odd.mp4", (1280, 558)),
]


@cases(SHEETS, 3)
def test_a_sheet_shows_up_to_twelve_key_frames(
    program: Ffmpeg, row: tuple[str, tuple[int, int]], films: Path, tmp_path: Path
) -> None:
    stream, size = row
    made = sheet(films / stream, tmp_path / "out", program)
    assert (made.width, made.height) == size
    assert (made.extension, made.mime, made.duration_ms) == ("jpg", "image/jpeg", None)
    held = (tmp_path / "out").read_bytes()
    assert held.startswith(b"\xff\xd8") and held.endswith(b"\xff\xd9")
    assert "/" not in made.made_by.replace("/dar", "")


def test_a_sheet_is_the_same_each_time(films: Path, tmp_path: Path) -> None:
    assert sheet(films / "all-keys.mp4", tmp_path / "1") == sheet(films / "all-keys.mp4", tmp_path / "2")
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_a_film_that_changes_its_size_is_one_sheet(films: Path, tmp_path: Path) -> None:
    larger = tmp_path / "larger.ts"
    make.ffmpeg("-i", str(films / "v.mp4"), "-vf", "scale=192:128", "-c:v", "libx264", "-g", "5", str(larger))
    mixed = tmp_path / "mixed.ts"
    mixed.write_bytes((films / "v.ts").read_bytes() + larger.read_bytes())
    assert sheet(mixed, tmp_path / "out").height == 2 * 212
    last = "crop=320:212:960:212,scale=1:1,format=gray"
    assert make.ffmpeg("-i", str(tmp_path / "out"), "-vf", last, "-f", "rawvideo", "-")[0] > 40, "black is 16 or less"


@pytest.mark.parametrize(
    "times, chosen",
    [
        ([7], [0]),
        (range(12), list(range(12))),
        (range(0, 2300, 100), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]),
        ([*range(20), 1100], [0, 19, 20]),  # a burst of key frames, then a still
        ([5] * 20, [19]),
    ],
    ids=["one", "twelve", "many", "burst", "at-once"],
)
def test_frames_are_spread_by_time(times: Any, chosen: list[int]) -> None:
    assert copies.spread(times) == chosen


def test_a_sheet_of_a_sound_is_refused(films: Path, tmp_path: Path) -> None:
    with pytest.raises(CopyError, match="no picture"):
        sheet(films / "a.m4a", tmp_path / "out")


PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n"
HOSTILE = {
    "noise after the mark of an MP4": "\0\0\0\x08moov" + "\xff\0" * 5000,
    "noise in packets": ("G" + "\xff" * 187) * 50,
    "playlist of a film": PLAYLIST.format("{film}"),
    "script of a film": "ffconcat version 1.0\nfile {film}\n",
    "playlist of a URL": PLAYLIST.format("http://127.0.0.1:{port}/a.ts"),
    "playlist of a file": PLAYLIST.format("file:///etc/passwd"),
    "playlist behind the mark of an MP4": "\0\0\0\x14ftypisom\n" + PLAYLIST.format("http://127.0.0.1:{port}/a.ts"),
    "script": "ffconcat version 1.0\nfile http://127.0.0.1:{port}/a.ts\nfile /etc/passwd\n",
    "manifest": "<?xml version='1.0'?><MPD><Period><BaseURL>http://127.0.0.1:{port}/</BaseURL></Period></MPD>",
    "description": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video {port} RTP/AVP 96\n",
    "subtitles": "1\n00:00:00,000 --> 00:00:02,000\nhttp://127.0.0.1:{port}/\n",
    "nothing": "",
    "noise": "\0\1\2\3" * 5000,
    "noise after the mark of Matroska": "\x1aE\xdf\xa3" + "\xff\0" * 5000,
}


@cases(list(HOSTILE.items()), 2)
def test_what_is_no_film_is_refused_and_opens_nothing(
    program: Ffmpeg, row: tuple[str, str], films: Path, tmp_path: Path, listener: socket.socket
) -> None:
    path, out = tmp_path / "film.mp4", tmp_path / "out"
    text = row[1].replace("{port}", str(listener.getsockname()[1])).replace("{film}", "both.ts")
    (tmp_path / "both.ts").write_bytes((films / "both.ts").read_bytes())
    path.write_bytes(text.encode("latin-1"))
    for job in (lambda: access([path], out, program), lambda: sheet(path, out, program)):
        with pytest.raises(CopyError) as refused:
            job()
        assert str(refused.value).isprintable() and str(tmp_path) not in str(refused.value)
    assert nobody_came(listener) and not out.exists()


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.version)
def test_no_format_makes_ffmpeg_connect(program: Ffmpeg, tmp_path: Path, listener: socket.socket) -> None:
    """The second wall: were a script ever taken for a film, it could still open no URL."""
    path = tmp_path / "script"
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/a.ts"
    for form, text in (("hls", PLAYLIST.format(url)), ("concat", f"ffconcat version 1.0\nfile {url}\n")):
        path.write_text(text)
        words = [
            "-v",
            "error",
            *(["-safe", "0"] if form == "concat" else []),
            "-f",
            form,
            "-i",
            "{0}",
            "-f",
            "null",
            "-",
        ]
        assert asyncio.run(ffmpeg.run(program, words, {"{0}": path}, seconds=20)).status
    assert nobody_came(listener)


@cases([("v.mp4",), ("v.webm",), ("one-key.mp4",), ("both.mkv",)], 2)
def test_a_film_that_is_cut_has_no_copy(program: Ffmpeg, row: tuple[str], films: Path, tmp_path: Path) -> None:
    (stream,) = row
    whole = (films / stream).read_bytes()
    cut = tmp_path / stream
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CopyError):
        access([cut], tmp_path / "out", program)


def test_a_stream_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(CopyError, match="No such file"):
        access([tmp_path / "none"], tmp_path / "out")


def test_hostile_titles_do_not_speak_for_ffmpeg(films: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil.mkv"
    title = "title=a\n  Stream #0:7: Video: vp8, none, 1x1\nInput #9, x\n\x1b]0;owned\x07"
    make.ffmpeg("-i", str(films / "both.mkv"), "-c", "copy", "-metadata", title, str(evil))
    made = access([evil], tmp_path / "out")
    assert (made.vcodec, made.acodec, made.width) == ("h264", "aac", 96)


def test_what_ffmpeg_tells_is_read() -> None:
    said = """
Input #0, mpegts, from 'file:x':
  Duration: 01:02:03.04, start: -1.400000, bitrate: 897 kb/s
    Metadata:
    title           : Stream #0:0: Video: vp8
  Stream #0:0[0x100](eng): Video: hevc (Main 10) (hvc1 / 0x31637668), yuv420p10le(tv), 3840x2160 [SAR 1:1 DAR 16:9], 25 fps
  Stream #0:1[0x101](rus): Audio: aac (LC) ([15][0][0][0] / 0x000F), 44100 Hz, mono, fltp, 71 kb/s
  Stream #0:2: Video: mjpeg (Baseline), yuvj420p(pc), 600x600, 90k tbr (attached pic)
Input #1, aac, from 'file:y':
  Duration: N/A, bitrate: N/A
  Stream #1:0: Audio: opus, 48000 Hz
At least one output file must be specified
"""
    film, sound = ffmpeg.parse(said)
    assert (film.duration_ms, film.start) == (3_723_040, -1.4)
    assert film.tracks == [ffmpeg.Track(0, "video", "hevc", 3840, 2160), ffmpeg.Track(0, "audio", "aac")]
    assert (sound.duration_ms, sound.start, sound.tracks) == (None, 0.0, [ffmpeg.Track(1, "audio", "opus")])


# --- the child --------------------------------------------------------------------------------------------------------


def endless(films: Path, seconds: int) -> Any:
    """Twenty seconds of film at its own pace: long enough, and a child that nobody kills ends all the same."""
    words = [
        "-v",
        "error",
        "-re",
        "-stream_loop",
        "-1",
        "-f",
        "mp4",
        "-i",
        "{0}",
        "-c",
        "copy",
        "-t",
        "20",
        "-f",
        "null",
        "-",
    ]
    return ffmpeg.run(WHEEL, words, {"{0}": films / "v.mp4"}, seconds=seconds)


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[asyncio.subprocess.Process]:
    started: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def noted(*words: Any, **how: Any) -> asyncio.subprocess.Process:
        started.append(await start(*words, **how))
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    return started


def test_what_takes_too_long_is_killed(films: Path, children: list[asyncio.subprocess.Process]) -> None:
    with pytest.raises(CopyError, match="longer than 1 s"):
        asyncio.run(endless(films, 1))
    assert [child.returncode for child in children] == [-signal.SIGKILL]


def test_a_run_that_is_cancelled_leaves_no_child(films: Path, children: list[asyncio.subprocess.Process]) -> None:
    async def cancelled() -> None:
        task = asyncio.create_task(endless(films, 60))
        while not children:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert [child.returncode for child in children] == [-signal.SIGKILL]


def test_a_copy_cannot_fill_the_disk(films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "_GROWTH", 0)
    monkeypatch.setattr(copies, "_TABLES", 10_000)
    with pytest.raises(CopyError, match="File too large"):
        access([films / "v.mp4"], tmp_path / "out")
    assert (tmp_path / "out").stat().st_size <= 10_000


def test_memory_is_bounded(films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffmpeg, "MEMORY", 48 << 20)
    with pytest.raises(CopyError):
        access([films / "v.mp4"], tmp_path / "out")


def test_the_child_is_given_a_path_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = script(tmp_path / "told", r"tr '\0' '\n' </proc/$$/environ; cat")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    ended = asyncio.run(ffmpeg.run(Ffmpeg(str(program), "1"), [], {}, seconds=20))
    assert ended.output.decode().split("\n") == [f"PATH={os.environ['PATH']}", ""]


def test_endless_complaints_are_cut_at_their_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = script(
        tmp_path / "loud", "head -c 1000000 /dev/zero >&2; echo >&2; echo the end >&2; head -c 3000 /dev/zero; exit 1"
    )
    monkeypatch.setattr(ffmpeg, "_LISTED", 2000)
    ended = asyncio.run(ffmpeg.run(Ffmpeg(str(program), "1"), [], {}, seconds=20))
    assert (ended.status, ended.reason, len(ended.output)) == (1, "the end", 2000)
    assert len(ended.said) <= ffmpeg._SAID


# --- finding ----------------------------------------------------------------------------------------------------------


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An empty folder that is all of PATH."""
    caches = (copies.find, copies.probe, tools._versions, tools.deno_path)
    for found in caches:
        found.cache_clear()
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    yield folder
    for found in caches:
        found.cache_clear()


def test_the_program_of_the_system_comes_first(fresh: Path) -> None:
    path = script(fresh / "ffmpeg", "echo ffmpeg version 7.1.1 Copyright; echo more")
    assert copies.find() == Ffmpeg(str(path), "7.1.1")


@pytest.mark.parametrize("broken", [None, "exit 1", "echo hello"])
def test_the_wheel_serves_where_the_system_has_none(fresh: Path, broken: str | None) -> None:
    if broken:
        script(fresh / "ffmpeg", broken)
    found = copies.find()
    assert found and "imageio_ffmpeg" in found.path
    assert copies.probe() is None


def test_without_any_there_is_none(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    assert copies.find() is None
    assert "ffmpeg" not in tools.versions()


def test_versions_are_named_for_the_manifest(fresh: Path) -> None:
    found = tools.versions()
    assert found.keys() == {"yt-dlp", "yt-dlp-ejs", "deno", "ffmpeg"}
    assert all(version[0].isdigit() or version[0] == "n" for version in found.values())
    found.clear()
    assert tools.versions(), "what a caller does to its own is nobody else's"
