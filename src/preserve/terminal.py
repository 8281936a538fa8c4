"""The one voice: everything that is said to a person or a pipe is said here.

* The answer goes to stdout (`out`, `table`, `emit`), all else to stderr (`note`, `complain`, progress.py).
* Remote text is made safe: nothing that came from a page moves the cursor, reorders a line or forges one.
* Nobody listening (`| head`) is no failure: the rest of the work goes on in silence, for its exit code.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

from preserve.errors import StorageError

# C0 and C1 controls (0x9b opens a terminal command by itself), line and paragraph separators, the explicit
# controls of the bidirectional algorithm (UAX 9), annotation marks, surrogates (which no stream can carry).
_ALWAYS = "\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066\u2067\u206a-\u206f\ufff9-\ufffb\ud800-\udfff"
_DANGEROUS = re.compile(f"[\x00-\x0a\u2068\u2069{_ALWAYS}]")
_DANGEROUS_LINE = re.compile(f"[\x00-\x09{_ALWAYS}]")  # LF is the caller's own, the isolates are ours
_ARABIC_AND_HEBREW = "\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_RIGHT_TO_LEFT = re.compile(f"[{_ARABIC_AND_HEBREW}]")
_FSI, _PDI = (
    "\u2068",
    "\u2069",
)  # first strong isolate … pop: the text keeps its order, its surroundings theirs
_PLAIN_WIDTH = 80
_NARROW = 40  # columns; a sentence in fewer is a list of words
_COLOURS = {
    "captured": "32", "held": "32", "sound": "32", "recovered": "36", "info": "36", "blocked": "33",
    "warning": "33", "lost": "35", "failed": "31", "damage": "31", "refused": "31", "head": "1",
}  # fmt: skip


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _unicode_escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


_PASSWORD = re.compile(r"(://[^\s/@:]*):[^\s/@]*@")


def shown(text: object) -> str:
    """Remote text with nothing in it that acts, and no password of a URL: who looks over a shoulder learns none."""
    return _PASSWORD.sub(r"\1:***@", _DANGEROUS.sub(_escaped, str(text)))


def safe(text: object) -> str:
    """Remote text, fit to stand in a line: dangerous characters as `\\x1b`, `\\u202e`; on a terminal,
    right-to-left text isolated, so that it reads right and leaves its neighbours in place."""
    line = shown(text)
    return f"{_FSI}{line}{_PDI}" if is_terminal(sys.stdout) and _RIGHT_TO_LEFT.search(line) else line


def is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def coloured(stream: TextIO | None) -> bool:
    """https://no-color.org: any value but the empty one turns colour off."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def out(line: str = "", *, style: str = "") -> None:
    """One line (or several, joined by LF) of the answer. Remote text in it went through `safe`."""
    _say(sys.stdout, _finished(sys.stdout, line, style))


def note(line: str, *, style: str = "") -> None:
    """One line beside the answer, to stderr."""
    _say(sys.stderr, _finished(sys.stderr, line, style))


def complain(message: str, hint: str = "") -> None:
    """What went wrong and what to do, to stderr; made safe here, since errors quote what they met."""
    note(f"preserve: {safe(message)}" + (f"\n  {safe(hint)}" if hint else ""))


def emit(value: Any) -> None:
    """One JSON object a line; text stays readable, what could act on a terminal is escaped as JSON allows."""
    line = json.dumps(value, ensure_ascii=not unicode(sys.stdout), allow_nan=False)
    _say(sys.stdout, _DANGEROUS.sub(_unicode_escaped, line))


def unicode(stream: TextIO | None) -> bool:
    return stream is not None and (stream.encoding or "").lower().replace("-", "") == "utf8"


def _finished(stream: TextIO | None, line: str, style: str) -> str:
    line = _DANGEROUS_LINE.sub(_escaped, line)
    if not is_terminal(stream):
        return line.replace(_FSI, "").replace(_PDI, "")
    return _painted(stream, line, style)


def _painted(stream: TextIO | None, text: str, style: str) -> str:
    return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if style in _COLOURS and coloured(stream) else text


def _say(stream: TextIO | None, line: str) -> None:
    """Write and flush a line: who follows a run by its output sees each event when it happens."""
    if stream is None:  # started with the descriptor closed
        return
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()
    except BrokenPipeError:
        hang_up(stream)
    except OSError as error:
        if stream is not sys.stderr:
            raise StorageError(f"the output cannot be written: {error.strerror}") from None


def hang_up(stream: TextIO) -> None:
    """The reader went away: the rest goes nowhere, so that neither we nor the exit of Python trip again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def table(rows: Iterable[Sequence[object]], headers: Sequence[str]) -> None:
    """Columns under headers, in 80 columns or the terminal's width; cells are raw text, made safe here.

    The widest columns give way first, and lose their middle: both ends of a URL tell most.
    """
    cells = [["" if cell is None else shown(cell) for cell in row] for row in rows]
    if not cells:
        return
    widths = _fit([max(map(width, column)) for column in zip(headers, *cells, strict=True)])
    lines = [
        _painted(sys.stdout, _row(headers, widths), "head"),
        *(_row(row, widths, paint=True) for row in cells),
    ]
    _say(sys.stdout, "\n".join(lines))


def _row(cells: Sequence[str], widths: Sequence[int], *, paint: bool = False) -> str:
    shown = []
    for cell, room in zip(cells, widths, strict=True):
        text = shorten(cell, room)
        gap = " " * (room - width(text))
        text = _painted(sys.stdout, text, text.split("/")[0]) if paint else text
        shown.append((safe(text) if _RIGHT_TO_LEFT.search(text) else text) + gap)
    return "  ".join(shown).rstrip()


def _fit(widths: list[int]) -> list[int]:
    room = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else _PLAIN_WIDTH
    room = max(room - 2 * (len(widths) - 1), 4 * len(widths))
    widest = max(widths)
    while sum(min(have, widest) for have in widths) > room:
        widest -= 1
    return [min(have, widest) for have in widths]


def wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    """Raw text as lines of at most 80 columns, or the terminal's, made safe here; `first` and `rest`: what stands
    before the first line and before the others."""
    room = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else _PLAIN_WIDTH
    room = max(_NARROW, min(room, _PLAIN_WIDTH)) - len(rest)
    lines = textwrap.wrap(shown(text), room, break_long_words=False, break_on_hyphens=False)
    return [f"{rest if number else first}{safe(line)}" for number, line in enumerate(lines)]


def width(text: str) -> int:
    """Columns on a terminal: wide characters take two, combining and invisible ones none."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, room: int) -> str:
    """At most `room` columns, an ellipsis in place of the middle."""
    if width(text) <= room:
        return text
    tail = _head(text[::-1], (room - 1) // 3)[::-1]
    return _head(text, room - 1 - width(tail)) + "…" + tail


def _head(text: str, room: int) -> str:
    used = 0
    for index, character in enumerate(text):
        used += _columns(character)
        if used > room:
            return text[:index]
    return text


def bytes_text(count: int) -> str:
    """1234567 -> `1.2 MB`."""
    size = float(count)
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 999.5 or unit == "TB":
            return f"{size:.0f} {unit}" if unit == "B" or size >= 9.95 else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError("unreachable")


def clock_text(seconds: float) -> str:
    """A span as a clock shows it: `0:19`, `1:01:05`."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def time_text(moment: str | datetime | None) -> str:
    """A time of the manifest, to the minute: `2026-11-22 15:14Z`; `-` for none."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ")
    return f"{moment[:10]} {moment[11:16]}Z" if moment else "-"


def span_text(seconds: float) -> str:
    """A span in its largest unit: `3 days`, `1 hour`."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return "less than a minute"
