"""An access copy plays in a real browser."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from preserve.capture.video import copies
from tests.support import browser, films


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    browser.found()
    return films.make(tmp_path_factory.mktemp("films"))


@pytest.mark.parametrize("names", ["v.mp4 a.m4a", "v.webm a.webm", "both.ts"])
def test_an_access_copy_plays_in_a_browser(streams: Path, tmp_path: Path, names: str) -> None:
    ffmpeg = copies.find()
    assert ffmpeg
    made = asyncio.run(copies.access(ffmpeg, [streams / name for name in names.split()], tmp_path / "copy"))
    told = browser.played(tmp_path / "copy", made.mime)
    assert told["error"] is None
    assert (told["width"], told["height"]) == (96, 64)
    assert told["frames"] >= 3 and told["sound"] > 1000
    assert told["time"] >= 0.5 and made.duration_ms == pytest.approx(told["duration"] * 1000, abs=60)


def test_a_browser_tells_what_it_cannot_play(streams: Path, tmp_path: Path) -> None:
    """So that the test above can fail."""
    (tmp_path / "noise").write_bytes(b"\0\0\0\x18ftypisom" + bytes(5000))
    assert browser.played(tmp_path / "noise", "video/mp4")["error"]
