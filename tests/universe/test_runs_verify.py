"""The archive of a real run is sound at every level; one changed byte, wherever it is, is found and named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.universe.conftest import Archived
from tests.universe.working import Folder

pytestmark = pytest.mark.parametrize("archived", ["connect"], indirect=True)

KINDS = ("README.txt", "archive.json", "keys/log.pub.pem", "keys/log.vkey", "manifest", "checkpoints", "warc")


@pytest.mark.parametrize("level", ["quick", "full", "deep"])
def test_it_is_sound_and_nothing_is_foreign(archived: Archived, tmp_path: Path, level: str) -> None:
    folder = archived.folder.copy(tmp_path / "work")
    result = folder.verify(f"--{level}")
    assert (result.code, result.err) == (0, "")
    assert [event["event"] for event in result.events] == ["summary"]
    assert result.summary["sound"] and result.summary["recorded"]
    assert folder.entries("verify")[-1]["level"] == level
    assert folder.verify("--deep").code == 0


def one_of(folder: Folder, kind: str) -> Path:
    """The newest file of a kind."""
    path = folder.archive / kind
    return path if path.is_file() else max(one for one in folder.files() if one.is_relative_to(path))


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0], ids=["first", "middle", "last"])
@pytest.mark.parametrize("kind", KINDS)
def test_one_changed_byte_is_found_and_the_file_named(
    archived: Archived, tmp_path: Path, kind: str, share: float
) -> None:
    folder = archived.early.copy(tmp_path / "work")
    file = one_of(folder, kind)
    data = bytearray(file.read_bytes())
    data[int(share * (len(data) - 1))] ^= 0x01
    file.chmod(0o644)
    file.write_bytes(data)
    result = folder.verify("--no-record")
    assert result.code == 4
    name = file.relative_to(folder.archive).as_posix()
    told = [f"{finding['code']} {finding['where']} {finding['detail']}" for finding in result.findings()]
    # A line that is still well formed is found by the root over it, which can only say: among these entries.
    assert any(name in one or (kind == "manifest" and one.startswith("note-root")) for one in told), told


def test_each_file_of_the_archive_is_looked_at(archived: Archived, tmp_path: Path) -> None:
    """None that is evidence can go missing."""
    folder = archived.early.copy(tmp_path / "work")
    for file in list(folder.files()):
        away = tmp_path / "away"
        shutil.move(file, away)
        result = folder.verify("--quick", "--no-record")
        shutil.move(away, file)
        assert result.code in (2, 4), file
    assert folder.verify("--no-record").code == 0


def test_a_note_kept_elsewhere_still_holds(archived: Archived, tmp_path: Path) -> None:
    for note in archived.early.notes:
        kept = shutil.copy(note, tmp_path / note.name)
        result = archived.folder.verify("--quick", "--no-record", "--against", kept)
        assert (result.code, result.findings()) == (0, [])


def test_an_older_copy_put_back_is_found_with_a_note(archived: Archived, tmp_path: Path) -> None:
    """By itself it is sound: only who kept a later checkpoint can tell."""
    kept = shutil.copy(archived.folder.notes[-1], tmp_path / "kept.note")
    assert archived.early.verify("--no-record").code == 0
    result = archived.early.verify("--no-record", "--against", kept)
    assert result.code == 4
    assert {finding["code"] for finding in result.findings()} == {"against-rollback"}


def test_another_archive_in_its_place_is_found_with_a_note(archived: Archived, tmp_path: Path) -> None:
    other = Folder(tmp_path / "other", environment=archived.folder.environment)
    assert other.preserve("init").code == 0
    assert other.run().code == 0
    result = other.verify("--no-record", "--against", archived.folder.notes[-1])
    assert result.code == 4
    assert "against-foreign" in {finding["code"] for finding in result.findings()}
