"""python -m bench [--quick] [--json] [SECTION …]"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import captures, citations, films, memory, startup, verifying
from bench.measure import HERE
from bench.table import Row, as_json, as_text


def _extraction(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Imported late: it reads documents in this process, and what a parent has imported weighs on its children."""
    from bench import extraction

    yield from extraction.rows(folder, quick=quick)


def _outcomes(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Imported late as well: the universe of the tests is large."""
    from bench import outcomes

    yield from outcomes.rows(folder, quick=quick)


SECTIONS: dict[str, Callable[..., Iterator[Row]]] = {
    "capture": captures.rows,
    "films": films.rows,
    "verify": verifying.rows,
    "memory": memory.rows,
    "startup": startup.rows,
    "citations": citations.rows,
    "extraction": _extraction,
    "outcomes": _outcomes,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="What preserve costs, beside its peers.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="small sizes: whether it works, no figures to quote")
    parser.add_argument("--json", action="store_true", help="one JSON object a row")
    parser.add_argument("--folder", type=Path, help="where to work; 4 GB free are needed (default: a temporary folder)")
    asked = parser.parse_args()
    if unknown := set(asked.sections) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(unknown)}")
    os.chdir(HERE)
    began = time.monotonic()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="preserve-bench-", dir=asked.folder) as name:
        for section in asked.sections or SECTIONS:
            print(f"{section} …", file=sys.stderr, flush=True)
            folder = Path(name) / section
            folder.mkdir()
            rows += SECTIONS[section](folder, quick=asked.quick)
    if asked.json:
        print(as_json(rows))
        return
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
          f"{time.monotonic() - began:.0f} s{', --quick' if asked.quick else ''}\n")  # fmt: skip
    print(as_text(rows))


if __name__ == "__main__":
    main()
