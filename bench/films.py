"""Section films: the same films by plain yt-dlp and by `preserve run`, which also records what it saw."""

from __future__ import annotations

import shutil
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import server
from bench.captures import working_folder
from bench.measure import Failed, Usage, preserve, run
from bench.table import Row

SECTION = "films"
BASE = "plain yt-dlp"
ROUNDS = 3
# Without the copy that plays: plain yt-dlp has none of a file that holds picture and sound.
_SETTINGS = "[video]\naccess_copy = false\n"


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    large = (8 if quick else 100) << 20
    sets = {"10 films of 500 KB": [500_000] * 10, f"4 films of {large >> 20} MiB": [large] * 4}
    memory = (64 if quick else 1024) << 20
    if shutil.disk_usage(folder).free < 4 * max(memory, 4 * large):
        yield Row(SECTION, "films", remark="not run: too little space on the disk")
        return
    with server.running(0) as port:
        for name, sizes in sets.items():
            pages = [f"http://127.0.0.2:{port}/film/{size}/{number}" for number, size in enumerate(sizes)]
            yield from _compared(folder, name, pages, sum(sizes), 1 if quick else ROUNDS)
        for size in (memory // 16, memory):
            page = f"http://127.0.0.2:{port}/film/{size}/0"
            yield _peak(folder, f"preserve run, one film of {size >> 20} MiB", page, size)


def _compared(folder: Path, name: str, pages: list[str], size: int, rounds: int) -> Iterator[Row]:
    used: dict[str, list[Usage]] = {way: [] for way in _WAYS}
    try:
        for _ in range(rounds):
            for way, take in _WAYS.items():
                used[way].append(_round(folder / "round", take, pages, size))
    except Failed as failure:
        yield Row(SECTION, name, remark=f"FAILED: {failure}")
        return
    plain = statistics.median(one.wall for one in used[BASE])
    for way, usages in used.items():
        wall = statistics.median(one.wall for one in usages)
        cpu = statistics.median(one.cpu for one in usages)
        yield Row(SECTION, f"{way}, {name}", cpu, wall, size / wall / (1 << 20), "MiB/s", plain / wall, BASE)


def _round(folder: Path, take: Callable[[Path, list[str]], Usage], pages: list[str], size: int) -> Usage:
    folder.mkdir()
    try:
        used = take(folder, pages)
        stored = sum(path.stat().st_size for path in folder.rglob("*.mp4"))
        if stored != size:
            raise Failed(f"{stored} bytes of films are there, {size} were served")
        return used
    finally:
        shutil.rmtree(folder)


def _plain(folder: Path, pages: list[str]) -> Usage:
    return run([sys.executable, "-m", "yt_dlp", "-q", "--no-cache-dir", "-o", "%(autonumber)s.mp4", *pages], folder)


def _preserve(folder: Path, pages: list[str]) -> Usage:
    work = working_folder(folder / "work", pages, _SETTINGS)
    return run(preserve(work, "-q", "run"), folder)


def _peak(folder: Path, name: str, page: str, size: int) -> Row:
    try:
        used = _round(folder / "round", _preserve, [page], size)
    except Failed as failure:
        return Row(SECTION, name, remark=f"FAILED: {failure}")
    return Row(SECTION, name, used.cpu, used.wall, used.rss / (1 << 20), "MiB peak")


_WAYS: dict[str, Callable[[Path, list[str]], Usage]] = {BASE: _plain, "preserve run": _preserve}
