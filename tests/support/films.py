"""Tiny films, made by the ffmpeg of the imageio-ffmpeg wheel: two seconds, 96x64, ten frames a second."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg

TITLE = "Whose title is this"
_PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=96x64:rate=10:duration=2")
_SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration=2")
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
_VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "5")
_BOTH = ("-map", "0", "-map", "1", *_H264, "-g", "5", "-c:a", "aac", "-metadata", f"title={TITLE}")
_WANTED = {
    "v.mp4": ("-map", "0", *_H264, "-g", "5", "-metadata", f"title={TITLE}", "-movflags", "+faststart"),
    "fragments.mp4": ("-map", "0", *_H264, "-g", "5", "-movflags", "+frag_keyframe+empty_moov+default_base_moof"),
    "one-key.mp4": ("-map", "0", *_H264, "-g", "99"),
    "all-keys.mp4": ("-map", "0", *_H264, "-g", "1"),
    "odd.mp4": ("-map", "0", "-vf", "scale=75:131,setsar=1", *_H264, "-pix_fmt", "yuv444p", "-g", "5"),
    "oblong.mp4": ("-map", "0", "-vf", "setsar=2", *_H264, "-g", "5"),
    "v.webm": ("-map", "0", *_VP9),
    "vp8.webm": ("-map", "0", "-c:v", "libvpx", "-deadline", "realtime", "-g", "5"),
    "both.ts": _BOTH,
    "both.flv": _BOTH,
    "both.mkv": (*_BOTH, "-metadata:s:a", "language=rus"),
    "a.m4a": ("-map", "1", "-c:a", "aac"),
    "a.webm": ("-map", "1", "-c:a", "libopus"),
    "a.ogg": ("-map", "1", "-c:a", "libvorbis"),
    "a.aac": ("-map", "1", "-c:a", "aac"),
    "a.mp3": ("-map", "1", "-c:a", "libmp3lame"),
}


def make(folder: Path) -> Path:
    """The folder, with the films; one start of ffmpeg for all, a second one for those that are copied from others."""
    ffmpeg(*_PICTURE, *_SOUND, *(word for name, how in _WANTED.items() for word in (*how, str(folder / name))))
    both = ("-copyts", "-i", str(folder / "both.ts"), "-display_rotation", "90", "-i", str(folder / "v.mp4"))
    copied = {
        "v.ts": ("-map", "0:v", "-c", "copy", "-muxdelay", "0", "-muxpreload", "0"),
        "a.ts": ("-map", "0:a", "-c", "copy", "-muxdelay", "0", "-muxpreload", "0"),
        "turned.mp4": ("-map", "1", "-c", "copy"),
    }
    ffmpeg(*both, *(word for name, how in copied.items() for word in (*how, str(folder / name))))
    return folder


def ffmpeg(*arguments: str) -> bytes:
    """Its standard output."""
    words = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", *arguments]
    return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout
