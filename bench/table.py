"""Rows of figures, and how they are shown."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `ratio` is to the row that `remark` or the section's document names; None: nothing to say."""

    section: str
    name: str
    cpu: float | None = None
    wall: float | None = None
    figure: float | None = None
    unit: str = ""
    ratio: float | None = None
    of: str = ""  # what the ratio is to
    remark: str = ""


_TITLES = ("section", "what", "CPU s", "wall s", "figure", "", "ratio", "to", "remark")


def as_json(rows: Iterable[Row]) -> str:
    return "\n".join(json.dumps(asdict(row)) for row in rows)


def as_text(rows: Iterable[Row]) -> str:
    cells = [_TITLES, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_TITLES))]
    lines = []
    for number, line in enumerate(cells):
        if number and line[0] and line[0] != cells[number - 1][0]:
            lines.append("")
        right = {2, 3, 4, 6}
        parts = [
            cell.rjust(w) if i in right else cell.ljust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        ]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.section, row.name, _number(row.cpu), _number(row.wall), _number(row.figure), row.unit,
        _number(row.ratio), row.of, row.remark,
    )  # fmt: skip


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}" if value < 10 else f"{value:.1f}"
