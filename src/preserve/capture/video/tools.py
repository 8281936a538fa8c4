"""Which versions of the tools for films are here: for the manifest, and for `preserve doctor`."""

from __future__ import annotations

import shutil
import threading
from functools import cache
from importlib import metadata

from preserve.capture.video import ffmpeg

# The deno wheel looks its program up by `sysconfig`, which hands half-made tables to a second thread.
_one_at_a_time = threading.Lock()


def versions() -> dict[str, str]:
    """By the names yt-dlp, yt-dlp-ejs, deno and ffmpeg; what is not here is not named. Starts them once: not for the
    event loop."""
    with _one_at_a_time:
        return dict(_versions())


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    deno, found = deno_path(), ffmpeg.find()
    told = {
        "yt-dlp": installed("yt-dlp"),
        "yt-dlp-ejs": installed("yt-dlp-ejs"),
        "deno": ffmpeg.version_of(deno, "--version") if deno else None,
        "ffmpeg": found.version if found else None,
    }
    return tuple((name, version) for name, version in told.items() if version)


@cache
def installed(name: str) -> str | None:
    """The version of a package; None if it is not here."""
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
