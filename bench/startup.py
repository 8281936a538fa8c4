"""Section startup: how long a person waits for the first word."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.measure import Failed, run
from bench.table import Row

SECTION = "startup"


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "preserve --version": [sys.executable, "-m", "preserve", "--version"],
        "preserve run --help": [sys.executable, "-m", "preserve", "run", "--help"],
    }
    floor = 0.0
    for name, command in commands.items():
        try:
            used = [run(command, folder) for _ in range(3 if quick else 21)][1:]
        except Failed as failure:
            yield Row(SECTION, name, remark=f"FAILED: {failure}")
            continue
        wall, cpu = median(one.wall for one in used), median(one.cpu for one in used)
        floor = floor or wall
        yield Row(SECTION, name, cpu, wall, wall * 1000, "ms", wall / floor, "python -c pass")
