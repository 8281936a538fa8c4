"""Commands and what they cost, as the operating system counted it.

`wait4` gives the time of a process and of every child that it waited for. Peak memory of a new process starts at
that of its parent (Linux carries it over), so this package imports nothing heavy in the parent.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Failed(Exception):
    """A command did not do what it was asked; the row says so."""


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds (user and system), seconds by the clock, bytes of memory at the peak."""

    cpu: float
    wall: float
    rss: int

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.cpu + other.cpu, max(self.wall, other.wall), max(self.rss, other.rss))


class Running:
    """A command at work in a folder; its standard output goes to a file or nowhere, its complaints to `errors`."""

    def __init__(self, command: Sequence[str | Path], folder: Path, output: Path | None = None) -> None:
        self.command = [str(word) for word in command]
        self.errors = folder / "errors.txt"
        self._began = time.monotonic()
        # The project's own scripts are found from anywhere.
        path = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH", "")]))
        with open(output or os.devnull, "wb") as out, self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                self.command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=errors,
                env={**os.environ, "PYTHONPATH": path},
            )  # fmt: skip

    def finish(self, *, allowed: Sequence[int] = (0,)) -> Usage:
        """Raises Failed for another exit code than those allowed."""
        _, status, used = os.wait4(self.process.pid, 0)
        code = self.process.returncode = os.waitstatus_to_exitcode(status)
        if code not in allowed:
            words = self.errors.read_text("utf-8", "replace").strip().splitlines()
            raise Failed(f"exit {code}: {words[-1][:100] if words else self.command[0]}")
        return Usage(used.ru_utime + used.ru_stime, time.monotonic() - self._began, used.ru_maxrss * _RSS_UNIT)


def run(command: Sequence[str | Path], folder: Path, output: Path | None = None) -> Usage:
    return Running(command, folder, output).finish()


def preserve(folder: Path, *arguments: str | Path) -> list[str | Path]:
    return [sys.executable, "-m", "preserve", "-C", folder, *arguments]


def script(module: str, *arguments: str | Path) -> list[str | Path]:
    """A script of this package, in a process of its own."""
    return [sys.executable, "-m", f"bench.{module}", *arguments]


def tool(name: str) -> str | None:
    """Where a peer is: beside this Python first, then on the path."""
    beside = Path(sys.executable).parent / name
    if beside.exists():
        return str(beside)
    return next((found for part in os.get_exec_path() if os.access(found := f"{part}/{name}", os.X_OK)), None)


def own_rss() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT
