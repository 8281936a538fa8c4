"""Section citations: a large Markdown report through preserve extract."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Failed, preserve, run
from bench.table import Row

SECTION = "citations"
_CITING = (
    "The [report {n}](https://example.org/reports/{n}?page={m}) repeats the claim.",
    "See https://archive.example.net/item/{n}/{m}, and the reply.[^{n}]\n\n[^{n}]: <https://example.com/notes/{n}>",
    '![photo {n}](https://img.example.org/{n}.jpg "taken in {m}")',
    "| {n} | [table cell](https://data.example.org/{n}.csv) |",
)


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    size = (2 if quick else 50) * 10**6
    report, found = folder / "report.md", folder / "found.txt"
    _write(report, size)
    name = f"extract --plain, {size // 10**6} MB Markdown"
    try:
        used = run(preserve(folder, "extract", "--plain", report), folder, found)
    except Failed as failure:
        yield Row(SECTION, name, remark=f"FAILED: {failure}")
        return
    with found.open("rb") as lines:
        count = sum(1 for _ in lines)
    remark = f"{count} URLs; peak {used.rss >> 20} MiB"
    yield Row(SECTION, name, used.cpu, used.wall, size / 10**6 / used.cpu, "MB/CPU-s", remark=remark)


def _write(path: Path, size: int) -> None:
    """Prose, a citation after each paragraph, a heading after each twenty."""
    rng = random.Random(0)
    words = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(2, 10))) for _ in range(2000)]
    with path.open("w", encoding="utf-8") as file:
        number = 0
        while file.tell() < size:
            number += 1
            prose = " ".join(rng.choices(words, k=120))
            cited = rng.choice(_CITING).format(n=number, m=rng.randrange(2000))
            heading = f"## Section {number}\n\n" if number % 20 == 0 else ""
            file.write(f"{heading}{prose}.\n\n{cited}\n\n")
