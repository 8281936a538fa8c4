"""The sample report archived once for all tests that only look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.universe import Authority, Universe
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
