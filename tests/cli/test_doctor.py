"""doctor: what it says of the tools for films."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from preserve.capture.video import copies, tools
from preserve.cli import doctor
from preserve.cli.main import Context

RELEASED = date(2026, 10, 26)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    caches = (copies.find, copies.probe, tools._versions, tools.deno_path)
    for found in caches:
        found.cache_clear()
    yield
    for found in caches:
        found.cache_clear()


@pytest.fixture
def version(monkeypatch: pytest.MonkeyPatch) -> Any:
    def be(**found: str) -> None:
        monkeypatch.setattr(tools, "versions", lambda: {name.replace("_", "-"): text for name, text in found.items()})

    return be


def test_this_machine_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESERVE_KEY_FILE", str(tmp_path / "key.pem"))
    ended = CliRunner().invoke(doctor.command, ["--json"], obj=Context(tmp_path, None), standalone_mode=False)
    checks = {check["name"]: check for check in map(json.loads, ended.stdout.splitlines())}
    assert ended.return_value == 0 and {check["state"] for check in checks.values()} <= {"ok", "warning"}
    assert [checks[name]["state"] for name in ("javascript", "ffmpeg", "self-test")] == ["ok"] * 3
    assert checks["yt-dlp"]["detail"].startswith(tools.versions()["yt-dlp"])
    found = copies.find()
    assert found and checks["ffmpeg"]["detail"].startswith(f"{found.version}, {found.path}; ")
    assert not list(tmp_path.iterdir()), "nothing is left behind"


@pytest.mark.parametrize(
    "text, day, state, detail",
    [
        ("2026.10.26", date(2026, 10, 26), "ok", "0 days old"),
        ("2026.10.26", date(2026, 12, 25), "ok", "60 days old"),
        ("2026.10.26", date(2026, 12, 26), "warning", "61 days old"),
        ("2026.10.26.232815", date(2026, 10, 27), "ok", "1 days old"),
        ("2026.10.26", date(2026, 1, 1), "ok", "0 days old"),  # a clock that runs behind
        ("1.2.dev", RELEASED, "warning", "no day"),
        ("2026.13.45", RELEASED, "warning", "no day"),
    ],
)
def test_an_old_yt_dlp_is_told_with_the_cure(version: Any, text: str, day: date, state: str, detail: str) -> None:
    version(yt_dlp=text)
    check = doctor._yt_dlp(day)
    assert check.state == state and detail in check.detail
    assert state == "ok" or "pip install --upgrade yt-dlp" in check.hint


def test_no_yt_dlp_is_a_lack(version: Any) -> None:
    version()
    assert doctor._yt_dlp(RELEASED).state == "lacking"


@pytest.mark.parametrize("path, detail", [(None, "no deno"), ("/broken/deno", "/broken/deno does not run")])
def test_without_javascript_formats_are_missing(
    version: Any, monkeypatch: pytest.MonkeyPatch, path: str | None, detail: str
) -> None:
    version()
    monkeypatch.setattr(tools, "deno_path", lambda: path)
    check = doctor._javascript()
    assert check.state == "warning" and check.detail.startswith(detail) and "YouTube" in check.detail


def test_without_ffmpeg_no_copy_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "find", lambda: None)
    check = doctor._ffmpeg()
    assert check.state == "warning" and "preserve-archiver[ffmpeg]" in check.hint


def test_a_missing_ffprobe_is_no_harm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    check = doctor._ffmpeg()
    assert check.state == "ok" and "imageio_ffmpeg" in check.detail and "not needed" in check.detail
