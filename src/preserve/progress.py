"""How far a run has come, on stderr: the moving half of the one voice (terminal.py says what stays).

Callers only leave numbers here; what is drawn is worked out four times a second, when it is drawn.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from preserve.terminal import bytes_text, clock_text, is_terminal, note, safe, shorten, shown, unicode, width

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_SMOOTH = 3.0  # seconds over which a speed is taken: servers send in bursts, and a figure that jumps cannot be read
_CELLS = 10  # of a bar
_WHAT = 24  # columns for the name of a file: it may be the server's
_MIN_URL = 8  # columns that still tell sources apart, and leave room for the bar in 80
_LONGEST_WAIT = 100 * 3600  # seconds; more is no forecast


class Progress:
    """What a run is doing, source by source, on stderr.

    On a terminal: a live view of the sources in hand, counts by outcome, elapsed time. Otherwise one line a
    finished source. Quiet: nothing; what is not held is told by the summary, so that mail from cron means something.
    """

    SHOWN = 8  # sources in hand that a screen has room for

    def __init__(self, total: int, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.total, self.quiet = total, quiet
        self.counts: dict[str, int] = {}
        self._hand: dict[str, str | Transfer] = {}
        self._clock = clock
        self._began = clock()
        self._live: Any = None

    def __enter__(self) -> Self:
        if _moving(self.quiet):
            from rich.live import Live

            self._live = Live(get_renderable=self._render, console=_console(), refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._live:
            self._live.stop()

    def begin(self, source: str) -> None:
        self._hand[source] = "waits its turn"

    def step(self, source: str, text: str) -> None:
        self._hand[source] = text

    def transfer(self, source: str, what: str, done: int, total: int | None) -> None:
        """So many bytes of `what` are here, of `total` if that is known. Cheap: for every block that arrives."""
        hand = self._hand.get(source)
        if not isinstance(hand, Transfer) or hand.what != what or done < hand.done:
            hand = self._hand[source] = Transfer(what, done, self._clock)
        hand.done, hand.total = done, total

    def finish(self, source: str, outcome: str, reason: str, text: str = "") -> None:
        """`text`: the rest of the line, such as `200  3 records  120 KB`."""
        self._hand.pop(source, None)
        self.counts[outcome] = self.counts.get(outcome, 0) + 1
        if self.quiet:
            return
        line = f"{outcome:<9}  {reason:<13}  {safe(source)}  {safe(text)}".rstrip()
        if self._live:
            self._live.console.print(_text(_sayable(line), outcome), soft_wrap=True)
        else:
            note(line)

    def _render(self) -> RenderableType:
        room = shutil.get_terminal_size().columns
        hand = list(self._hand.items())  # a copy: the refresh runs in a thread of its own
        lines = [_in_hand(url, doing, room) for url, doing in hand[: self.SHOWN]]
        if len(hand) > self.SHOWN:
            lines.append(f"  and {len(hand) - self.SHOWN} more")
        counts = "  ".join(f"{name} {count}" for name, count in list(self.counts.items()))
        done = sum(self.counts.values())
        lines.append(f"{done} of {self.total}  {counts}  {clock_text(self._clock() - self._began)}")
        return _text(_sayable("\n".join(lines)))


class Transfer:
    """Bytes of one file on their way. `done` and `total` are the caller's; the speed is taken when asked for."""

    def __init__(self, what: str, done: int, clock: Callable[[], float]) -> None:
        self.what, self.done = what, done
        self.total: int | None = None
        self._clock = clock
        self._seen = deque([(clock(), done)])  # what was there before counts for the bar, not for the speed

    def speed(self) -> float | None:
        """Bytes a second, over the last three; None before there is a time to speak of."""
        now, done = self._clock(), self.done
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[1][0] >= _SMOOTH:
            self._seen.popleft()
        since, before = self._seen[0]
        return (done - before) / (now - since) if now > since else None

    def parts(self) -> tuple[str, str]:
        """The bar, and the figures: `45 %  54.2 of 120 MB  3.4 MB/s  0:19 left`; no total: `54 MB  3.4 MB/s`."""
        speed, done, total = self.speed(), self.done, self.total
        pace = [f"{bytes_text(int(speed))}/s"] if speed is not None else []
        if not total:
            return "", "  ".join([bytes_text(done), *pace])
        done = min(done, total)
        left = (total - done) / speed if speed else _LONGEST_WAIT
        rest = [f"{clock_text(left)} left"] if left < _LONGEST_WAIT else []
        return bar(done, total), "  ".join([f"{done * 100 // total:>2} %", _of(done, total), *pace, *rest])


def bar(done: int, total: int) -> str:
    full = done * _CELLS // total
    if unicode(sys.stderr):
        return f"▕{'█' * full}{'░' * (_CELLS - full)}▏"
    return f"[{'#' * full}{'.' * (_CELLS - full)}]"


def _of(done: int, total: int) -> str:
    """`54.2 of 120 MB`: both in the unit of the whole."""
    whole = bytes_text(total)
    unit = 1000 ** ("B", "KB", "MB", "GB", "TB").index(whole.split()[1])
    return f"{done / unit:.{0 if unit == 1 or done >= 100 * unit else 1}f} of {whole}"


def _in_hand(url: str, doing: str | Transfer, room: int) -> str:
    """The line of one source: its address gives way first, then the bar, then the ends of the figures."""
    if isinstance(doing, str):
        return shorten(f"  {safe(url)}  {safe(doing)}", room)
    what, (drawn, figures) = shorten(shown(doing.what), _WHAT), doing.parts()
    words = [what, f"{drawn} {figures}".lstrip()]
    if room - 4 - width("  ".join(words)) < _MIN_URL:
        words = [what, figures]
    rest = "  ".join(words)
    return shorten(f"  {safe(_address(url, max(_MIN_URL, room - 4 - width(rest))))}  {safe(rest)}", room)


def _address(url: str, room: int) -> str:
    """In full, or without its scheme and its middle."""
    whole = shown(url)
    return whole if width(whole) <= room else shorten(whole.partition("://")[2] or whole, room)


class BytesProgress:
    """A bar of bytes on stderr, on a terminal only."""

    def __init__(self, total: int = 0, *, quiet: bool = False) -> None:
        self.total, self.quiet = total, quiet
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if _moving(self.quiet):
            from rich.progress import BarColumn, DownloadColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=_console(), transient=True)
            self._task = self._bar.add_task("", total=self.total or None)
            self._bar.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._bar:
            self._bar.stop()

    def at(self, done: int, total: int) -> None:
        """So many bytes are done, of so many."""
        if self._bar:
            self._bar.update(self._task, completed=done, total=total)


def _moving(quiet: bool) -> bool:
    return is_terminal(sys.stderr) and not quiet and os.environ.get("TERM") != "dumb"


def _sayable(line: str) -> str:
    """What the stream can carry: rich passes on an error of the encoding, and a run must not end over a title."""
    if unicode(sys.stderr):
        return line
    encoding = sys.stderr.encoding or "ascii"
    return line.replace("…", "~").encode(encoding, "backslashreplace").decode(encoding)


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def _text(line: str, outcome: str = "") -> RenderableType:
    """Never markup: `[link=…]` in a title is only text."""
    from rich.text import Text

    styles = {"captured": "green", "recovered": "cyan", "blocked": "yellow", "lost": "magenta"}
    text = Text(line)
    if outcome:
        text.stylize(styles.get(outcome, "red"), 0, len(outcome))
    return text
