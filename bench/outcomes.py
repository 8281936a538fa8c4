"""Section outcomes: what `preserve run` says became of its sources, against the truth of the tests' universe.

Sites × fates and faults, and the live pages, which are the hard ones: none may be called anything but captured. The
truth is in tests/universe/judging.py, the answers are in tests/universe/hosts.

The matrix is printed in full beside the rows; `python -m bench.outcomes` prints it alone, and the signals of every case
that was misjudged.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Failed
from bench.table import Row
from tests.universe import Universe
from tests.universe.judging import Case, everything, fated, living, verdict
from tests.universe.working import at

SECTION = "outcomes"
# A second of silence is enough on loopback; nobody has to be spared.
_LIMITS = '[recover]\narchives = []\n[limits]\nbody = "1MiB"\ntime = "3s"\n'
_HELD = ("captured/ok", "captured/unchanged")


@dataclass(frozen=True, slots=True)
class Judged:
    """One case and what the program said of it."""

    case: Case
    said: str
    signals: tuple[str, ...]

    @property
    def verdict(self) -> str:
        return verdict(self.case, self.said)

    @property
    def truth(self) -> str:
        """The class in which it counts: another right answer is no mistake."""
        return self.called if self.verdict == "right" else self.case.right[0]

    @property
    def called(self) -> str:
        """Whether it had been held before is no class of its own."""
        return "captured/ok" if self.said in _HELD else self.said


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    began = time.monotonic()
    try:
        struck, live = _all(folder, quick=quick)
    except Failed as failure:
        yield Row(SECTION, "outcomes", remark=f"FAILED: {failure}")
        return
    took = time.monotonic() - began
    print(grid([*struck, *live]), file=sys.stderr)
    yield Row(SECTION, "live pages misjudged", figure=_wrong(live), unit="pages", remark=f"of {len(live)} visits")
    for near in ("neighbour", "wrong"):
        found = [one for one in struck if one.verdict == near]
        remark = f"{len(found)} of {len(struck)} cases"
        yield Row(SECTION, f"faults in a {near} class", figure=100 * len(found) / len(struck), unit="%", remark=remark)
    lost = [one for one in struck if one.said in _HELD and one.verdict != "right"]
    yield Row(SECTION, "faults taken for success", figure=len(lost), unit="cases", remark=f"{took:.0f} s in all")
    for truth, said in matrix(struck).items():
        others = [f"{other} {count}" for other, count in said.most_common() if other != truth]
        remark = "; ".join([f"{said.total()} cases", *others])
        yield Row(SECTION, truth, figure=100 * said[truth] / said.total(), unit="% right", remark=remark)
    for one in [*struck, *live]:
        if one.verdict != "right":
            yield Row(SECTION, f"misjudged: {one.case.name}", remark=f"{one.case.right[0]} called {one.said}")


def matrix(judged: Sequence[Judged]) -> dict[str, Counter[str]]:
    """By the true class: how often each class was said."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in judged:
        found[one.truth][one.called] += 1
    return dict(sorted(found.items()))


def grid(judged: Sequence[Judged]) -> str:
    """The matrix, drawn."""
    table = matrix(judged)
    columns = sorted(set(table) | {said for row in table.values() for said in row})
    lines = ["the truth in rows, what was said in columns, under the number of its row", ""]
    lines.append(f"{'':28}" + "".join(f"{number:>5}" for number in range(1, len(columns) + 1)))
    for number, truth in enumerate(columns, 1):
        cells = (table.get(truth, Counter())[said] or "." for said in columns)
        lines.append(f"{number:>3} {truth:24}" + "".join(f"{cell:>5}" for cell in cells))
    return "\n".join([*lines, ""])


def _all(folder: Path, *, quick: bool) -> tuple[list[Judged], list[Judged]]:
    struck = fated() if quick else everything()
    return _judge(folder / "struck", struck, 1), _judge(folder / "live", living(), 2)


def _judge(base: Path, cases: Sequence[Case], visits: int) -> list[Judged]:
    found = []
    with Universe(base / "universe") as universe:
        for case in cases:
            case.strike(universe)
        folder = at(universe, base / "work", _LIMITS)
        folder.cite(*(case.url for case in cases))
        for visit in range(visits):
            result = folder.run("--force") if visit else folder.run()
            if result.code not in (0, 3):
                raise Failed(f"exit {result.code}: {result.err[-300:]}")
            entries = {entry["source"]: entry for entry in folder.entries("capture")}
            for case in cases:
                entry = entries[case.url]
                found.append(Judged(case, f"{entry['outcome']}/{entry['reason']}", tuple(entry["signals"])))
    return found


def _wrong(judged: Sequence[Judged]) -> int:
    return sum(one.verdict != "right" for one in judged)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="preserve-bench-") as name:
        struck, live = _all(Path(name), quick="--quick" in sys.argv)
    print(grid([*struck, *live]))
    for one in [*struck, *live]:
        if one.verdict != "right":
            print(f"{one.verdict:9} {one.case.name}: {one.case.right[0]} called {one.said}: {' | '.join(one.signals)}")


if __name__ == "__main__":
    main()
