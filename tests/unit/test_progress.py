"""How far a film has come fits a line, tells the truth, and costs nothing until it is drawn."""

from __future__ import annotations

import io
import re
import sys

import pytest

from preserve import progress
from preserve.progress import Progress, Transfer
from preserve.terminal import width

URL = "https://www.youtube.com/watch?v=qblmOvkV9KM"
MB = 1_000_000


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Screen(io.TextIOWrapper):
    """A terminal of an encoding: what it cannot carry is an error, as on a real one."""

    def __init__(self, encoding: str) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True)

    def isatty(self) -> bool:
        return True

    def said(self) -> str:
        return self.buffer.getvalue().decode(self.encoding)  # type: ignore[attr-defined]


def _screen(monkeypatch: pytest.MonkeyPatch, encoding: str = "utf-8", columns: int = 120) -> Screen:
    screen = Screen(encoding)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys, "stderr", screen)
    return screen


def _running(total: int | None, speed: int, seconds: int, start: int = 0) -> tuple[Progress, Clock]:
    """A transfer that has run so long, looked at four times a second."""
    clock = Clock()
    seen = Progress(3, clock=clock)
    seen.begin(URL)
    seen.transfer(URL, "136 video", start, total)
    for quarter in range(1, 4 * seconds + 1):
        clock.now = 100 + quarter / 4
        seen.transfer(URL, "136 video", start + quarter * speed // 4, total)
        seen._render()
    return seen, clock


def _line(seen: Progress) -> str:
    return str(seen._render()).splitlines()[0]


def test_a_transfer_is_one_line_with_bar_size_speed_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    _screen(monkeypatch)
    seen, _ = _running(120 * MB, 3_400_000, 16)
    assert _line(seen) == f"  {URL}  136 video  ▕████░░░░░░▏ 45 %  54.4 of 120 MB  3.4 MB/s  0:19 left"


@pytest.mark.parametrize(("total", "line"), [(None, "136 video  54 MB  3.4 MB/s"), (0, "136 video  54 MB  3.4 MB/s")])
def test_without_a_known_end_there_is_size_and_speed(
    monkeypatch: pytest.MonkeyPatch, total: int | None, line: str
) -> None:
    _screen(monkeypatch)
    assert _line(_running(total, 3_400_000, 16)[0]) == f"  {URL}  {line}"


@pytest.mark.parametrize("columns", [200, 100, 80, 60, 40, 12])
@pytest.mark.parametrize("url", [URL, "https://пример.example/" + "видео/" * 40, "https://日本.example/" + "映画" * 90])
def test_the_line_fits_the_terminal_and_the_address_gives_way_first(
    monkeypatch: pytest.MonkeyPatch, columns: int, url: str
) -> None:
    _screen(monkeypatch, columns=columns)
    seen = Progress(1, clock=Clock())
    seen.transfer(url, "136 video", 999 * MB, 1200 * MB)
    line = _line(seen)
    assert width(line) <= columns
    if columns >= 60:
        assert "136 video" in line and "83 %  1.0 of 1.2 GB" in line
    assert columns < 80 or "▕████████░░▏" in line


def test_the_speed_is_that_of_the_last_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    _screen(monkeypatch)
    seen, clock = _running(1000 * MB, 8 * MB, 10)
    assert "8.0 MB/s" in _line(seen)
    for _ in range(13):  # nothing comes any more
        clock.now += 0.25
        line = _line(seen)
    assert "  0 B/s" in line and "left" not in line


def test_a_burst_does_not_make_the_speed_jump() -> None:
    clock = Clock()
    transfer = Transfer("v", 0, clock)
    for second in range(1, 9):
        clock.now += 1
        transfer.done = second * MB
        transfer.speed()
    clock.now += 0.25
    transfer.done += MB  # four times the pace, for a quarter of a second
    assert MB <= (transfer.speed() or 0) < 1.4 * MB


def test_what_was_there_before_counts_for_the_bar_and_not_for_the_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    _screen(monkeypatch)
    line = _line(_running(100 * MB, MB, 2, start=50 * MB)[0])
    assert " 52 % " in line and "1.0 MB/s" in line


def test_another_file_of_the_source_begins_anew_and_a_step_takes_the_place_of_the_bar(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _screen(monkeypatch)
    seen, _ = _running(100 * MB, 9 * MB, 10)
    seen.transfer(URL, "140 audio", 95 * MB, 950 * MB)
    assert _line(seen) == f"  {URL}  140 audio  ▕█░░░░░░░░░▏ 10 %  95.0 of 950 MB"
    seen.transfer(URL, "140 audio", 0, 8 * MB)  # from the start again
    assert _line(seen) == f"  {URL}  140 audio  ▕░░░░░░░░░░▏  0 %  0.0 of 8.0 MB"
    seen.step(URL, "makes the access copy")
    assert _line(seen) == f"  {URL}  makes the access copy"
    seen.finish(URL, "captured", "ok")
    assert _line(seen).startswith("1 of 3")


@pytest.mark.parametrize(("done", "total"), [(0, 1), (5, 4), (999, 999), (10**15, 10**15 + 1)])
def test_no_count_breaks_the_line(monkeypatch: pytest.MonkeyPatch, done: int, total: int) -> None:
    _screen(monkeypatch)
    seen = Progress(1, clock=Clock())
    seen.transfer(URL, "v", done, total)
    percent = int(re.findall(r"(\d+) %", _line(seen))[0])
    assert percent == min(100, done * 100 // total)


def test_a_stream_that_is_not_unicode_gets_a_plain_bar_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _screen(monkeypatch, "ascii", columns=90)
    with Progress(1) as seen:
        seen.transfer("https://пример.example/" + "x" * 99, "136 видео", 4 * MB, 8 * MB)
        seen._live.refresh()
        seen.finish("https://пример.example/", "captured", "ok", "film 1080p…")
    assert "[#####.....]" in screen.said() and "\\u0432" in screen.said()


def test_the_name_of_a_file_is_only_text(monkeypatch: pytest.MonkeyPatch) -> None:
    _screen(monkeypatch)
    seen = Progress(1, clock=Clock())
    seen.transfer(URL, "\x1b[2J\n\u202e" + "x" * 99, 1, 2)
    line = str(seen._render())
    assert not any(character in line for character in "\x1b\u202e") and line.count("\n") == 1


def test_nothing_is_drawn_or_reckoned_while_bytes_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_in_hand", None)
    monkeypatch.setattr(Transfer, "speed", None)
    seen = Progress(1)
    for block in range(1000):
        seen.transfer(URL, "136 video", block << 18, None)
    (hand,) = seen._hand.values()
    assert isinstance(hand, Transfer) and len(hand._seen) == 1


def test_off_a_terminal_a_transfer_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(1) as seen:
        seen.transfer(URL, "136 video", 1, 2)
        seen.step(URL, "x")
    assert capsys.readouterr() == ("", "")
