"""The access copy that plays in a browser, and the contact sheet: made by ffmpeg from the streams as they were served.

Both are derived: the streams are the evidence, and a copy can be made again at any time. The same streams through the
same ffmpeg give the same bytes.
"""

from __future__ import annotations

import shlex
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from preserve.capture.video.ffmpeg import (
    CopyError,
    Ended,
    Ffmpeg,
    Seen,
    Track,
    find,
    format_of,
    look,
    named,
    probe,
    run,
    source,
)

__all__ = ["CopyError", "Ffmpeg", "Made", "access", "find", "probe", "sheet", "spread"]

COPY_SECONDS = 3600  # 16 GiB, read, written and moved once more for faststart, on a disk of 15 MB/s
SHEET_SECONDS = 900  # the key frames of three hours in 4K, one every two seconds, at 100 ms each, and some air
SHEET_BYTES = 16 << 20  # twelve tiles of noise at their highest are 3 MB
_GROWTH = 2  # a copy is hardly longer than its streams, but their samples may be listed a thousand times each
_TABLES = 16 << 20  # bytes: what a container puts around the shortest packets

TILES, COLUMNS = 12, 4
_WIDTH, _HEIGHT = 320, 640  # pixels of a tile; however narrow the film, it is not higher

# What browsers play, by container: the picture's codecs, the sound's codecs. The first that holds both is taken.
_PLAYS = (
    ("webm", {"vp8", "vp9", "av1"}, {"vorbis", "opus"}),
    ("mp4", {"h264", "hevc", "av1", "vp9"}, {"aac", "mp3", "opus", "flac"}),
)
_EXTENSIONS = {"audio/mp4": "m4a", "video/x-matroska": "mkv", "audio/x-matroska": "mkv"}
_ASKEW = 10.0  # seconds between the starts of two streams of one film; beyond, they do not share a clock
# Titles are strangers' words; without "bitexact" a copy holds random ids and the version of the library.
_PLAIN = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact")


@dataclass(frozen=True, slots=True)
class Made:
    """A copy. `made_by` repeats it: ffmpeg's version and arguments, {0}, {1} ... for the streams, {out} for the copy.

    `extension` has no dot. `duration_ms` to 10 ms. Width and height as coded, before a rotation that players apply.
    """

    made_by: str
    extension: str
    mime: str
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None
    vcodec: str | None = None
    acodec: str | None = None


async def access(ffmpeg: Ffmpeg, streams: Sequence[Path], out: Path) -> Made:
    """The first picture and the first sound of the streams in one file at `out`, not encoded anew. Raises CopyError.

    The container is one that browsers play, if there is one for these codecs, else Matroska.
    """
    formats = [format_of(path) for path in streams]
    seen = await look(ffmpeg, formats, streams)
    video, audio = _first(seen, "video"), _first(seen, "audio")
    muxer, mime = _container(video, audio)
    arguments = [
        *(word for number, form in enumerate(formats) for word in source(number, form, _delay(seen, number))),
        *(("-map", f"{video.file}:V:0") if video else ()),
        *(("-map", f"{audio.file}:a:0") if audio else ()),
        *("-c", "copy", *_PLAIN, "-flags:a", "+bitexact"),
        *(("-tag:v", "hvc1") if video and video.codec == "hevc" else ()),  # Safari plays no other HEVC
        *(("-movflags", "+faststart") if muxer == "mp4" else ()),
        *("-f", muxer, "-y", "{out}"),
    ]
    most = _GROWTH * sum(path.stat().st_size for path in streams) + _TABLES
    ended = await _make(ffmpeg, arguments, streams, out, COPY_SECONDS, most)
    if ended.cut:
        raise CopyError("a stream ends before its own tables say")
    made = await look(ffmpeg, [muxer], [out])
    picture, sound = _first(made, "video"), _first(made, "audio")
    if (picture is None, sound is None) != (video is None, audio is None):
        raise CopyError("ffmpeg left a stream out")
    return Made(
        _told(ffmpeg, arguments),
        _EXTENSIONS.get(mime, muxer),
        mime,
        made[0].duration_ms,
        picture.width if picture else None,
        picture.height if picture else None,
        picture.codec if picture else None,
        sound.codec if sound else None,
    )


async def facts(ffmpeg: Ffmpeg, stream: Path) -> dict[str, int | str]:
    """Size, codecs and duration of a stream, as far as ffmpeg tells them. Raises CopyError."""
    seen = await look(ffmpeg, [format_of(stream)], [stream])
    picture, sound = _first(seen, "video"), _first(seen, "audio")
    told = {
        "width": picture.width if picture else None,
        "height": picture.height if picture else None,
        "vcodec": picture.codec if picture else None,
        "acodec": sound.codec if sound else None,
        "duration_ms": seen[0].duration_ms,
    }
    return {name: value for name, value in told.items() if value is not None}


async def sheet(ffmpeg: Ffmpeg, stream: Path, out: Path) -> Made:
    """A JPEG at `out` of up to twelve key frames, spread evenly over the film, four in a row. Raises CopyError."""
    form = format_of(stream)
    if _first(await look(ffmpeg, [form], [stream]), "video") is None:
        raise CopyError("the stream holds no picture")
    chosen = spread(await _key_frames(ffmpeg, form, stream))
    arguments = [
        *("-filter_threads", "1", "-reinit_filter", "0"),  # a film that changes its size stays one sheet
        *("-discard", "nokey", "-skip_frame", "nokey", *source(0, form)),
        *("-map", "0:V:0", "-vf", _tiled(chosen), "-frames:v", "1", *_PLAIN),
        *("-c:v", "mjpeg", "-q:v", "4", "-color_range", "pc", "-threads", "1", "-f", "mjpeg", "-y", "{out}"),
    ]
    await _make(ffmpeg, arguments, [stream], out, SHEET_SECONDS, SHEET_BYTES)
    picture = _first(await look(ffmpeg, ["mjpeg"], [out]), "video")
    if picture is None:
        raise CopyError("no key frame can be decoded")
    return Made(_told(ffmpeg, arguments), "jpg", "image/jpeg", width=picture.width, height=picture.height)


async def _make(
    ffmpeg: Ffmpeg, arguments: Sequence[str], streams: Sequence[Path], out: Path, seconds: int, most: int
) -> Ended:
    names = {**named(streams), "{out}": out}
    ended = await run(ffmpeg, ["-v", "error", *arguments], names, seconds=seconds, most=most)
    if ended.status or not out.is_file() or not out.stat().st_size:
        raise CopyError(ended.reason)
    return ended


def _told(ffmpeg: Ffmpeg, arguments: Sequence[str]) -> str:
    """For a shell, but for the names in braces."""
    return " ".join(("ffmpeg", ffmpeg.version, *(w if w.startswith("{") else shlex.quote(w) for w in arguments)))


def _first(seen: Sequence[Seen], kind: str) -> Track | None:
    return next((track for file in seen for track in file.tracks if track.kind == kind), None)


def _container(video: Track | None, audio: Track | None) -> tuple[str, str]:
    """The muxer and the media type of the copy."""
    if not video and not audio:
        raise CopyError("the streams hold neither picture nor sound")
    kind = "video" if video else "audio"
    for name, pictures, sounds in _PLAYS:
        if (not video or video.codec in pictures) and (not audio or audio.codec in sounds):
            return name, f"{kind}/{name}"
    return "matroska", f"{kind}/x-matroska"


def _delay(seen: Sequence[Seen], number: int) -> float:
    """Seconds that a stream starts after the earliest: ffmpeg starts each at zero, and lips would not match."""
    delay = seen[number].start - min(file.start for file in seen)
    return delay if delay <= _ASKEW else 0.0


async def _key_frames(ffmpeg: Ffmpeg, form: str, stream: Path) -> list[int]:
    """Their times in the order of showing, in the stream's own unit; nothing is decoded."""
    arguments = ["-v", "error", "-discard", "nokey", *source(0, form), "-map", "0:V:0", "-c", "copy"]
    listed = await run(ffmpeg, [*arguments, "-f", "framecrc", "pipe:1"], named([stream]), seconds=SHEET_SECONDS)
    rows = [line.split(",") for line in listed.output.decode("ascii", "replace").split("\n") if line[:2] == "0,"]
    # Stream, DTS, PTS, duration, size, CRC; then F=... only if the flags are other than those of a key frame.
    return sorted(int(row[2]) for row in rows if len(row) > 5 and not any("F=" in cell for cell in row[6:]))


def spread(times: Sequence[int]) -> list[int]:
    """Up to twelve indexes into sorted times, evenly by time from the first to the last. CopyError without any."""
    if not times:
        raise CopyError("the stream holds no key frame")
    if len(times) <= TILES:
        return list(range(len(times)))
    first, span = times[0], times[-1] - times[0]
    return sorted({bisect_right(times, first + span * number // (TILES - 1)) - 1 for number in range(TILES)})


def _tiled(chosen: Sequence[int]) -> str:
    """The filters that put frames, by their numbers, on a sheet that is no wider and no higher than they need."""
    columns = min(len(chosen), COLUMNS)
    rows = -(-len(chosen) // columns)
    numbers = "+".join(f"eq(n\\,{number})" for number in chosen)
    height = f"clip(trunc({_WIDTH // 2}/dar)*2\\,16\\,{_HEIGHT})"  # even, for halved colour; dar: pixels may be oblong
    scaled = f"scale=w={_WIDTH}:h={height}:flags=bicubic+accurate_rnd+bitexact:out_range=full"
    return f"select={numbers},{scaled},setsar=1,format=yuv420p,tile={columns}x{rows}"
