"""ffmpeg as a child that is not trusted: found, told what it reads, bounded, and asked what it sees.

The streams were written by strangers, and ffmpeg reads some three hundred formats, of which a few are scripts that
name other files and URLs. Therefore:

* what a stream is, its first bytes tell us, and ffmpeg is told; what we do not know, it never sees
* it may open files only, and decodes only what films of the web are made of
* it runs in its own process group, without standard input and environment, under limits of the system
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

MEMORY = 4 << 30  # bytes of address space: the pictures that an 8K decoder holds at once, threefold
LOOK_SECONDS = 60  # ffmpeg reads some megabytes at the heads; a slow disk does that in a few seconds
_SAID = 256 << 10  # bytes kept of what ffmpeg says: a hostile file makes it complain about each packet
_LISTED = 16 << 20  # bytes kept of a list of packets: 250,000 of them, two hours without an index at 30 a second
_REASON = 300  # characters of a reason
_BLOCK = 1 << 16
_FILES = 64  # open files: the streams, the copy and libraries

# Formats as ffmpeg names them, by the first bytes (ISO/IEC 14496-12 4.3, RFC 8794, RFC 3533 and the makers' papers).
_BOXES = {b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide"}
_MAGIC = ((b"\x1aE\xdf\xa3", "matroska"), (b"FLV\x01", "flv"), (b"OggS", "ogg"))
_MPEG_AUDIO = {0x00: "aac", 0x02: "mp3"}  # by the layer bits after the sync word: ADTS has none, MP3 is layer III
_TS_PACKET = 188
_HEAD = 4096  # bytes: more than two packets of a transport stream
_DECODERS = (
    "h264,hevc,av1,libdav1d,libaom-av1,vp8,vp9,libvpx,libvpx-vp9,mpeg4,mpeg2video,mpeg1video,mjpeg,h263,flv,vp6,vp6f,"
    "theora,aac,mp3,mp3float,mp2,mp2float,opus,libopus,vorbis,libvorbis,flac,ac3,eac3"
)
_CONFINED = ("-protocol_whitelist", "file", "-codec_whitelist", _DECODERS)

# resource.setrlimit between fork and exec is not safe in a program with threads: a Python of its own does it.
_LIMITER = """
import os, resource, sys
for pair in sys.argv[1].split(","):
    name, most = pair.split("=")
    try:
        resource.setrlimit(getattr(resource, name), (int(most), int(most)))
    except (OSError, ValueError):
        pass  # the system has no such limit, or a lower one already
os.execve(sys.argv[2], sys.argv[2:], {"PATH": os.environ["PATH"]})  # Python adds a locale of its own
"""


class CopyError(Exception):
    """No copy was made; the text says why. The streams are untouched, and the caller notes what is missing."""


@dataclass(frozen=True, slots=True)
class Ffmpeg:
    """A program that runs here: its absolute path, and its version as it tells it."""

    path: str
    version: str


@cache
def find() -> Ffmpeg | None:
    """The system's ffmpeg, else that of the imageio-ffmpeg wheel, else None. Runs it once for its version."""
    return _found(shutil.which("ffmpeg")) or _found(_wheel())


@cache
def probe() -> str | None:
    """The version of the system's ffprobe. Nothing here needs it."""
    path = shutil.which("ffprobe")
    return version_of(path, "-version") if path else None


def _found(path: str | None) -> Ffmpeg | None:
    version = version_of(path, "-version") if path else None
    return Ffmpeg(os.path.abspath(path), version) if path and version else None


def _wheel() -> str | None:
    try:
        import imageio_ffmpeg

        return shutil.which(str(imageio_ffmpeg.get_ffmpeg_exe()))
    except (ImportError, RuntimeError):  # RuntimeError: a wheel without a program, for machines nobody built it for
        return None


def version_of(path: str, flag: str) -> str | None:
    """The first word after a program's name, and after "version" if it says that; None if it does not run."""
    try:
        said = subprocess.run(
            [path, flag], stdin=subprocess.DEVNULL, capture_output=True, timeout=LOOK_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.match(rb"\w+ (?:version )?([!-~]{1,100})", said.stdout)
    return found[1].decode("ascii") if found else None


# --- what a stream is -------------------------------------------------------------------------------------------------


def format_of(path: Path) -> str:
    """The format of a file as ffmpeg names it. CopyError if it cannot be read, or is none of ours."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            if head[:3] == b"ID3" and len(head) >= 10:  # the tag's length: four times seven bits (ID3v2.4 3.1)
                size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
                file.seek(10 + size)
                head = file.read(_HEAD)
    except OSError as error:
        raise CopyError(f"the stream cannot be read: {error.strerror}") from error
    name = sniff(head)
    if name is None:
        raise CopyError("the stream is of no format that is known here" if head else "the stream is empty")
    return name


def sniff(head: bytes) -> str | None:
    """The format by a file's first 4 KiB, as ffmpeg names it; None: not one of ours."""
    if head[4:8] in _BOXES:
        return "mp4"
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if len(head) > 2 * _TS_PACKET and {head[0], head[_TS_PACKET], head[2 * _TS_PACKET]} == {0x47}:
        return "mpegts"
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return _MPEG_AUDIO.get(head[1] & 0x06)
    return None


def source(number: int, form: str, delay: float = 0.0) -> list[str]:
    """The arguments that make `{number}` an input of this format; `delay` in seconds."""
    late = ["-itsoffset", f"{delay:.6f}"] if delay else []
    return [*late, "-threads", "1", "-f", form, "-i", f"{{{number}}}"]


@dataclass(frozen=True, slots=True)
class Track:
    """A picture or a sound within file number `file`."""

    file: int
    kind: str  # video, audio
    codec: str
    width: int | None = None
    height: int | None = None


@dataclass(slots=True)
class Seen:
    """What ffmpeg tells of one file: `start` in seconds, the duration to 10 ms."""

    tracks: list[Track] = field(default_factory=list)
    start: float = 0.0
    duration_ms: int | None = None


_INPUT = re.compile(r"Input #\d+, ")
_DURATION = re.compile(r"  Duration: (?:N/A|(\d+):(\d\d):(\d\d)\.(\d\d)),(?: start: (-?\d+\.\d+))?")
_STREAM = re.compile(r"  Stream #(\d+):\d+\S*: (Video|Audio): (\w+)(.*)")
_SIZE = re.compile(r", (\d{1,5})x(\d{1,5})\b")


async def look(ffmpeg: Ffmpeg, formats: Sequence[str], files: Sequence[Path]) -> list[Seen]:
    """What is in these files, in their order. Raises CopyError."""
    inputs = [word for number, form in enumerate(formats) for word in source(number, form)]
    # Without an output ffmpeg tells what there is and ends with 1; a null output would make it read all of it.
    ended = await run(ffmpeg, ["-v", "info", *inputs], named(files), seconds=LOOK_SECONDS)
    seen = parse(ended.said)
    if len(seen) != len(files):
        raise CopyError(ended.reason)
    return seen


def parse(said: str) -> list[Seen]:
    """What ffmpeg says of its inputs. Titles within are strangers' words: the worst they reach is a failing copy."""
    seen: list[Seen] = []
    for line in said.split("\n"):
        if _INPUT.match(line):
            seen.append(Seen())
        elif seen and (told := _DURATION.match(line)):
            hours, minutes, seconds, hundredths, start = told.groups()
            seen[-1].start = float(start or 0)
            if hours:
                seen[-1].duration_ms = ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(
                    hundredths
                ) * 10
        elif seen and (told := _STREAM.match(line)) and "(attached pic)" not in line:
            size = _SIZE.search(told[4]) if told[2] == "Video" else None
            width, height = (int(size[1]), int(size[2])) if size else (None, None)
            seen[-1].tracks.append(Track(int(told[1]), told[2].lower(), told[3], width, height))
    return seen


# --- one run ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: its exit status (negative: the signal), the head of its output, the tail of what it said."""

    status: int
    output: bytes
    said: str

    @property
    def cut(self) -> bool:
        """A stream ends before its own tables say: ffmpeg goes on with what there is and calls it a success."""
        return "partial file" in self.said or "ended prematurely" in self.said

    @property
    def reason(self) -> str:
        """The last line with a meaning, printable."""
        lines = [line.strip() for line in self.said.split("\n") if line.strip() not in ("", "Conversion failed!")]
        text = lines[-1] if lines else f"ffmpeg ended with {self.status}"
        return "".join(mark if mark.isprintable() else " " for mark in text[:_REASON])


def named(files: Sequence[Path]) -> dict[str, Path]:
    """{0}, {1} ... for files."""
    return {f"{{{number}}}": path for number, path in enumerate(files)}


async def run(
    ffmpeg: Ffmpeg, arguments: Sequence[str], files: Mapping[str, Path], *, seconds: int, most: int = 0
) -> Ended:
    """Runs ffmpeg to its end; names among the arguments stand for files. What it writes may have `most` bytes.

    Each input is confined here, whoever asks; that changes no byte of a copy, so nobody needs it to repeat one.

    CopyError if it takes longer than `seconds` or cannot be started. Killed with its group when cancelled.
    """
    limits = {"AS": MEMORY, "CPU": seconds, "FSIZE": most, "NOFILE": _FILES, "CORE": 0}
    # "file:" and an absolute path: no name is taken for an option, for a protocol or for a pattern.
    paths = {name: f"file:{path.absolute()}" for name, path in files.items()}
    words = [part for word in arguments for part in ((*_CONFINED, word) if word == "-i" else (paths.get(word, word),))]
    try:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", "-c", _LIMITER, ",".join(f"RLIMIT_{n}={m}" for n, m in limits.items())),
            *(ffmpeg.path, "-hide_banner", "-nostdin", *words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": os.environ.get("PATH", os.defpath)},
            start_new_session=True,
        )
    except OSError as error:
        raise CopyError(f"ffmpeg cannot be started: {error.strerror}") from error
    assert child.stdout and child.stderr
    try:
        async with asyncio.timeout(seconds):
            output, said = await asyncio.gather(_head(child.stdout), _tail(child.stderr))
            status = await child.wait()
    except TimeoutError:
        raise CopyError(f"ffmpeg took longer than {seconds} s") from None
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.communicate()  # pipes that are not read to their end stay open
    text = said.decode("utf-8", "replace")
    for name, path in paths.items():
        text = text.replace(path, name)  # reasons are kept, the folders of this machine are nobody's business
    return Ended(status, output, text)


async def _head(stream: asyncio.StreamReader) -> bytes:
    kept = bytearray()
    while block := await stream.read(_BLOCK):
        kept += block[: _LISTED - len(kept)]
    return bytes(kept)


async def _tail(stream: asyncio.StreamReader) -> bytes:
    kept = bytearray()
    while block := await stream.read(_BLOCK):
        kept += block
        del kept[:-_SAID]
    return bytes(kept)
