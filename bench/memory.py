"""Section memory: the peak of the whole process with a body of 2 GiB."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from bench import server
from bench.captures import working_folder
from bench.measure import Failed, own_rss, preserve, run
from bench.table import Row

SECTION = "memory"
_LIMITS = '[limits]\nbody = "4GiB"\ntime = "20m"\n'


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    size = (64 if quick else 2048) << 20
    if shutil.disk_usage(folder).free < 3 * size:
        yield Row(SECTION, "a body of 2 GiB", remark="not run: too little space on the disk")
        return
    for kind in ("video", "text"):
        with server.running(0) as port:
            url = f"http://127.0.0.2:{port}/{kind}/{size}/1"
            work = working_folder(folder / kind, [url], _LIMITS)
            commands = {"run": preserve(work, "-q", "run")}
            if kind == "video":
                commands |= {
                    "verify --full": preserve(work, "verify", "--full"),
                    "verify --deep": preserve(work, "verify", "--deep"),
                    "get": preserve(work, "get", url, "-o", work / "body"),
                }
            yield from (
                _row(f"{name}, {kind} of {size >> 20} MiB", command, work) for name, command in commands.items()
            )
        shutil.rmtree(work)


def _row(name: str, command: list[str | Path], folder: Path) -> Row:
    try:
        used = run(command, folder)
    except Failed as failure:
        return Row(SECTION, name, remark=f"FAILED: {failure}")
    # A child's peak cannot be told below that of the benchmark itself.
    floor = f"measured from {own_rss() >> 20} MiB up"
    return Row(SECTION, name, used.cpu, used.wall, used.rss / (1 << 20), "MiB peak", remark=floor)
