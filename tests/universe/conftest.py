"""The sample report and the films that play, each archived once for all tests that only look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.universe import Authority, Universe
from tests.universe.filming import COPIED, SOURCES, Filmed
from tests.universe.working import REPORT, Folder, Result, at


@dataclass(frozen=True)
class Archived:
    """The report after three runs: the first, one with nothing due, one with --force. Do not write to it."""

    universe: Universe
    folder: Folder
    first: Result
    early: Folder  # as it was after the first run
    idle: Result
    forced: Result


@pytest.fixture(scope="session", params=["connect", "socks5"])
def archived(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority
) -> Iterator[Archived]:
    base: Path = tmp_path_factory.mktemp(request.param)
    with Universe(base / "universe", authority=universe_ca) as universe:
        folder = at(universe, base / "work", proxy=request.param)
        folder.document(REPORT.read_text("utf-8"), REPORT.name)
        first = folder.run()
        early = folder.copy(base / "early")
        yield Archived(universe, folder, first, early, folder.run(), folder.run("--force"))


@pytest.fixture(scope="session")
def filmed(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Filmed]:
    base = tmp_path_factory.mktemp("filmed")
    with Universe(base / "universe", authority=universe_ca) as universe:
        folder = at(universe, base / "work", "[video]\ncomments = 10\n")
        folder.cite(*COPIED)
        results = [folder.run()]
        folder.set("[video]", "[video]\naccess_copy = false")
        folder.cite(*SOURCES)
        results.append(folder.run())
        seam = len(universe.log)
        results.append(folder.run("--force"))
        yield Filmed(universe, folder, tuple(results), seam)
