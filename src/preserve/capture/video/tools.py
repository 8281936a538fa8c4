"""Which versions of the tools for films are here: for the manifest, and for `preserve doctor`."""

from __future__ import annotations

import shutil
from functools import cache
from importlib import metadata

from preserve.capture.video import ffmpeg


def versions() -> dict[str, str]:
    """By the names yt-dlp, yt-dlp-ejs, deno and ffmpeg; what is not here is not named."""
    return dict(_versions())


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    deno, found = deno_path(), ffmpeg.find()
    told = {
        "yt-dlp": _installed("yt-dlp"),
        "yt-dlp-ejs": _installed("yt-dlp-ejs"),
        "deno": ffmpeg.version_of(deno, "--version") if deno else None,
        "ffmpeg": found.version if found else None,
    }
    return tuple((name, version) for name, version in told.items() if version)


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


@cache
def deno_path() -> str | None:
    """The program in the deno wheel, else the one in PATH, else None."""
    try:
        from deno import find_deno_bin

        return str(find_deno_bin())
    except (ImportError, FileNotFoundError):
        return shutil.which("deno")
