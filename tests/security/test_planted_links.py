"""A link that somebody planted in the archive leads no write out of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.faults.program import SWEEP, Workplace
from tests.universe import Authority, Universe

PLANTED = ["lock", "tmp", "warc", "warc/*/*", "manifest", "manifest/000000000000.jsonl", "checkpoints", "archive.json"]
MORE = ["warc/*", "media", "keys", "index", "checkpoints/*", "README.txt"] if SWEEP else []


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Path:
    folder = tmp_path_factory.mktemp("links")
    with Universe(folder / "universe", authority=universe_ca) as universe:
        place = Workplace(folder / "work", universe.settings(), universe.environment())
        assert place.preserve("run").code == 0
    return folder / "work"


def contents(folder: Path) -> dict[str, bytes]:
    if folder.is_file():
        return {"": folder.read_bytes()}
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", PLANTED + MORE)
def test_a_planted_link_is_not_followed_for_writing(
    filled: Path, tmp_path: Path, universe: Universe, name: str
) -> None:
    place = Workplace(tmp_path / "work", universe.settings(), universe.environment())
    shutil.copytree(filled, place.folder, symlinks=True, dirs_exist_ok=True)
    place.configure()
    inside, outside = next(place.archive.glob(name)), tmp_path / "outside"
    inside.rename(outside)
    inside.symlink_to(outside)
    before = contents(outside)
    done = place.preserve("run", "--force", "--json")
    assert contents(outside) == before, "written outside of the archive"
    if done.code:
        done.complained(4, "archive")
    place.preserve("verify")
    assert contents(outside) == before, "written outside of the archive by verify"


def test_an_archive_that_is_itself_behind_a_link_works(filled: Path, tmp_path: Path, universe: Universe) -> None:
    """The owner put that one there: the archive lives on another disk."""
    place = Workplace(tmp_path / "work", universe.settings(), universe.environment())
    (tmp_path / "disk").mkdir()
    place.archive.symlink_to(tmp_path / "disk")
    place.assert_goes_on()
