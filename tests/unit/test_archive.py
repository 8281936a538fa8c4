"""The archive as its writer sees it: made, opened, filled, signed, closed; and refused when it is not what it was."""

from __future__ import annotations

import gzip
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from preserve.archive import fsio, layout, manifest
from preserve.archive.store import Archive, create
from preserve.archive.warcfile import Stored
from preserve.errors import ConfigError, DamagedError, FormatError
from preserve.model import Entry
from preserve.proof import merkle, note

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RUN = "0123456789abcdef" * 2


def clock() -> datetime:
    return datetime(2026, 11, 22, 15, 14, 5, 123456, tzinfo=UTC)


def member(text: str) -> list[bytes]:
    return [gzip.compress(text.encode(), mtime=0)]


def opened(root: Path, **how: Any) -> Archive:
    how = {"run": RUN, "key": KEY, "warcinfo": lambda name: member(f"warcinfo {name}")} | how
    return Archive.open(root, clock=clock, **how)


def capture(archive: Archive, text: str) -> Entry:
    archive.ready()
    return archive.commit("capture", {"records": [asdict(archive.append(member(text)))], "media": []})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create(tmp_path / "archive", KEY, software="preserve test", clock=clock, origin="example.org/log")
    return tmp_path / "archive"


def types(root: Path) -> list[str]:
    return [entry.type for entry in manifest.read(root)]


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_new_archive_pins_its_own_description_and_is_signed(root: Path) -> None:
    genesis, checkpoint = manifest.read(root)
    assert (genesis.type, genesis.get("format"), genesis.get("origin")) == ("genesis", 1, "example.org/log")
    for name, pinned in genesis.fields["files"].items():
        data = (root / name).read_bytes()
        assert pinned == {"bytes": len(data), "sha256": sha256(data).hexdigest()}
    text = (root / checkpoint.fields["note"]).read_bytes()
    said = note.verify(text, "example.org/log", KEY.public_key().public_bytes_raw())
    first_line = next(manifest.lines(root)).data
    assert said.root == merkle.root_of([merkle.leaf_hash(first_line)])
    assert checkpoint.id == sha256(text).hexdigest()[:32] and checkpoint.time == said.time
    assert (root / "keys/log.vkey").read_text() == note.vkey(
        "example.org/log", KEY.public_key().public_bytes_raw()
    ) + "\n"


def test_making_it_again_changes_nothing(root: Path) -> None:
    before = files(root)
    create(root, KEY, software="preserve later", clock=clock)
    assert files(root) == before


def test_two_archives_of_one_key_have_different_names(tmp_path: Path) -> None:
    names = set()
    for name in "ab":
        create(tmp_path / name, KEY, software="preserve test", clock=clock)
        names.add(layout.read_identity(tmp_path / name).origin)
    assert len(names) == 2


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("my life")
    with pytest.raises(FormatError):
        create(tmp_path, KEY, software="preserve test", clock=clock)
    with pytest.raises(FormatError):
        opened(tmp_path)
    assert files(tmp_path) == {"thesis.txt": b"my life"}


def test_a_key_or_name_of_another_archive_is_refused(root: Path) -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.raises(ConfigError) as caught:
        opened(root, key=other)
    assert "[key]" in caught.value.hint
    with pytest.raises(ConfigError):
        create(root, other, software="preserve test", clock=clock)
    with pytest.raises(ConfigError):
        create(root, KEY, software="preserve test", clock=clock, origin="example.org/other")
    with pytest.raises(ConfigError):
        create(root.parent / "b", KEY, software="preserve test", clock=clock, origin="two words")


def rewrite(root: Path, name: str, data: bytes) -> None:
    (root / name).chmod(0o644)
    (root / name).write_bytes(data)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b'{"format":2,"origin":"o","public_key":""}', FormatError),
        (b"{", DamagedError),
        (b"[]", DamagedError),
        (b'{"format":1}', DamagedError),
        (b'{"format":1,"origin":"o","public_key":"AAAA"}', DamagedError),
    ],
)
def test_an_archive_of_another_version_or_without_sense_is_not_opened(
    root: Path, text: bytes, error: type[Exception]
) -> None:
    rewrite(root, "archive.json", text)
    with pytest.raises(error):
        opened(root)


def test_the_record_of_a_commit_is_where_the_entry_says(root: Path) -> None:
    with opened(root) as archive:
        entry = capture(archive, "page")
        record = entry.fields["records"][0]
        data = layout.resolve(root, record["file"]).read_bytes()
        assert layout.resolve(root, record["file"]).name.endswith(".open")
    found = data[record["offset"] : record["offset"] + record["length"]]
    assert sha256(found).hexdigest() == record["sha256"] and gzip.decompress(found) == b"page"
    assert record["file"] == "warc/2026/11/PRESERVE-20261122T151405Z-0123456789ab-00000.warc.gz"
    seal = list(manifest.read(root))[-2]
    whole = layout.resolve(root, record["file"]).read_bytes()
    assert seal.fields == {
        "file": record["file"], "bytes": len(whole), "sha256": sha256(whole).hexdigest(), "records": 2, "why": "end",
    }  # fmt: skip
    assert types(root) == ["genesis", "checkpoint", "capture", "seal", "checkpoint"]


def test_what_is_appended_while_the_file_is_being_synced_is_synced_before_it_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    late: list[Stored] = []
    sync = fsio.Appender.sync

    def slow_sync(file: fsio.Appender) -> None:
        sync(file)
        synced.append(file.path.suffix)
        if not late:  # as a large body in another thread: it ends when the sync has begun
            late.append(archive.append(member("late")))

    with opened(root) as archive:
        early = archive.append(member("early"))
        monkeypatch.setattr(fsio.Appender, "sync", slow_sync)
        archive.commit("capture", {"records": [asdict(early)], "media": []})
        synced.clear()
        archive.commit("capture", {"records": [asdict(late[0])], "media": []})
        assert ".open" in synced


def test_nothing_is_made_for_nothing(root: Path) -> None:
    """A run without a record makes no WARC; one without an entry no checkpoint."""
    before = files(root)
    with opened(root) as archive:
        assert archive.checkpoint().seq == 1
    assert files(root) == before
    with opened(root, warcinfo=None) as archive:
        archive.commit("verify", {"level": "full", "sound": True})
        with pytest.raises(ValueError):
            archive.append(member("page"))
    assert types(root)[2:] == ["verify", "checkpoint"] and not list((root / "warc").rglob("*.gz*"))


def test_a_run_ends_with_its_summary(root: Path) -> None:
    archive = opened(root)
    capture(archive, "page")
    archive.close("interrupted", {"captured": 1})
    archive.close()
    end = list(manifest.read(root))[-2]
    assert end.fields == {"event": "end", "ended": "interrupted", "summary": {"captured": 1}}
    assert types(root)[2:] == ["capture", "seal", "run", "checkpoint"]


def test_warcs_and_segments_are_sealed_when_full(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "WARC_LIMIT", 150)
    monkeypatch.setattr(layout, "SEGMENT_LINES", 4)
    with opened(root) as archive:
        entries = [capture(archive, str(n) * 50) for n in range(9)]
        archive.commit_all([("run", {"n": n}) for n in range(9)])
    assert len({entry.fields["records"][0]["file"] for entry in entries}) > 2
    assert [entry.seq for entry in manifest.read(root)] == list(range(archive.size))
    whys = [entry.fields["why"] for entry in manifest.read(root) if entry.type == "seal"]
    assert set(whys[:-1]) == {"size"} and whys[-1] == "end"
    sealed = [*sorted(root.rglob("*.jsonl"))[:-1], *root.rglob("*.warc.gz"), *root.rglob("*.note")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in sealed} == {0o444}
    opened(root).close()


def test_a_run_that_opens_the_archive_twice_in_a_second_gets_a_new_warc(root: Path) -> None:
    for _ in range(2):
        with opened(root) as archive:
            capture(archive, "page")
    assert len(list(root.rglob("*.warc.gz"))) == 2


def test_media_are_kept_once_under_a_harmless_name(root: Path) -> None:
    with opened(root) as archive:
        first = archive.put_media([b"fi", b"lm"], "MP4")
        again = archive.put_media([b"film"], ".webm")
        shell = archive.put_media([b"#!/bin/sh"], "../../x.sh")
    name = sha256(b"film").hexdigest()
    assert first == again and (first.path, first.bytes) == (f"media/sha256/{name[:2]}/{name}.mp4", 4)
    assert shell.path.endswith(".bin")
    assert stat.S_IMODE((root / first.path).stat().st_mode) == 0o444
    assert len([path for path in (root / "media").rglob("*") if path.is_file()]) == 2
    assert not list((root / "tmp").iterdir())


def test_media_that_lost_bytes_are_not_taken_for_held(root: Path) -> None:
    with opened(root) as archive:
        held = archive.put_media([b"film"], "mp4")
        rewrite(root, held.path, b"fi")
        with pytest.raises(DamagedError):
            archive.put_media([b"film"], "mp4")


def test_an_entry_that_cannot_be_written_leaves_the_log_usable(root: Path) -> None:
    with opened(root) as archive:
        with pytest.raises(ValueError):
            archive.commit("run", {"seconds": 1.5})
        assert archive.commit("run", {"event": "start"}, id="f" * 32).id == "f" * 32


def edit(old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path = root / layout.segment(0)
        data = path.read_bytes()
        assert data.count(old) == 1
        path.write_bytes(data.replace(old, new))

    return change


def drop_lines(root: Path) -> None:
    path = root / layout.segment(0)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-3]))


def fork(root: Path) -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    newest = max((root / "checkpoints").iterdir())
    rewrite(root, f"checkpoints/{newest.name}", note.sign("example.org/log", 4, bytes(32), "x", other))


def foreign_note(root: Path) -> None:
    shutil.copy(root / layout.note(1), root / layout.note(3))
    (root / layout.note(4)).unlink()


@pytest.mark.parametrize(
    "harm",
    [
        edit(b'"software":"preserve test"', b'"software":"preserve best"'),
        edit(b'"why":"end"', b'"why":"END"'),
        edit(b'"note":"checkpoints/000000000004.note"', b'"note":"checkpoints/000000000001.note"'),
        edit(b'"size":4', b'"size": 4'),
        drop_lines,
        fork,
        foreign_note,
        lambda root: (root / layout.segment(0)).unlink() or (root / layout.segment(0)).write_bytes(b""),
    ],
    ids=[
        "covered",
        "covered too",
        "last line",
        "form of the last line",
        "lines gone",
        "fork",
        "other note",
        "all gone",
    ],
)
def test_an_archive_that_is_not_what_was_signed_is_not_written_to(root: Path, harm: Callable[[Path], None]) -> None:
    with opened(root) as archive:
        capture(archive, "page")
    harm(root)
    before = files(root)
    with pytest.raises(DamagedError) as caught:
        opened(root)
    assert caught.value.exit_code == 4
    assert files(root) == before


def test_an_edited_line_that_no_note_covers_is_damage_if_its_form_is_broken(root: Path) -> None:
    archive = opened(root)
    archive.commit("run", {"event": "start"})
    archive.release()
    edit(b'"event":"start"', b'"event": "start"')(root)
    with pytest.raises(DamagedError) as caught:
        opened(root)
    assert "line 3" in caught.value.message


def test_what_a_crash_left_is_put_right_kept_and_told(root: Path) -> None:
    archive = opened(root)
    record = capture(archive, "page").fields["records"][0]
    archive.append(member("never committed"))
    archive.release()
    warc = layout.resolve(root, record["file"])
    whole = warc.read_bytes()
    warc.write_bytes(whole + member("half a member")[0][:-1])
    with (root / layout.segment(0)).open("ab") as file:
        file.write(b'{"half":"a line')
    (root / "tmp" / f"preserve-{'0' * 32}.tmp").write_bytes(b"ours")
    (root / "tmp" / "letter.txt").write_bytes(b"not ours")
    with opened(root, run="b" * 32) as archive:
        assert len(archive.notices) == 2 and all("set aside" in notice for notice in archive.notices)
    found = list(manifest.read(root))[3:]
    assert [entry.type for entry in found] == ["recover", "seal", "recover", "checkpoint"]
    assert found[0].fields["kept"] == len(whole) == found[1].fields["bytes"] and found[1].fields["why"] == "recovered"
    assert found[1].fields["records"] == 3
    tails = [member("half a member")[0][:-1], b'{"half":"a line']
    for entry, tail in zip([found[0], found[2]], tails, strict=True):
        assert (root / entry.fields["torn"]["path"]).read_bytes() == tail
        assert entry.fields["torn"]["sha256"] == sha256(tail).hexdigest()
    assert (root / record["file"]).read_bytes() == whole
    assert os.listdir(root / "tmp") == ["letter.txt"]
    before = files(root)
    opened(root).close()
    assert files(root) == before


def test_media_of_a_visit_that_was_not_committed_stay_and_are_pinned_once(root: Path) -> None:
    archive = opened(root)
    held = archive.put_media([b"held"], "mp4")
    archive.commit("capture", {"records": [], "media": [asdict(held)], "title": "x"})
    lone = archive.put_media([b"lone"], "json")
    forged = archive.put_media([b"forged"], "jpg")
    archive.commit("run", {"event": "start", "says": f'"path":"{forged.path}"'})
    archive.release()
    folder = root / layout.MEDIA / "ff"
    folder.mkdir()
    (folder / f"{'f' * 64}.mp4").write_bytes(b"not what its name says")
    (folder / "notes.txt").write_bytes(b"no name of ours")
    (folder / f"{'e' * 64}.mp4").symlink_to(root / held.path)
    opened(root, run="b" * 32).close()
    pinned = [entry.fields for entry in manifest.read(root) if entry.type == "recover"]
    assert [(one["file"], one["kept"], one["torn"]) for one in pinned] == sorted(
        [(lone.path, 4, None), (forged.path, 6, None)]
    )
    with opened(root) as archive:
        archive.commit("run", {"event": "start"})
        archive.close("done", {})
    assert types(root).count("recover") == 2
    (folder / f"{sha256(b'').hexdigest()}.json").write_bytes(b"")
    opened(root).close()
    assert types(root).count("recover") == 2, "after a run that ended there is nothing to look for"


def test_zeros_that_a_power_cut_left_in_an_unsigned_line_are_set_aside(root: Path) -> None:
    archive = opened(root)
    kept = archive.commit("run", {"event": "start"})
    archive.release()
    with (root / layout.segment(0)).open("ab") as file:
        file.write(bytes(100) + b'"v":1}\n' + manifest.encode(Entry(4, "run", "0" * 32, kept.time, RUN)))
    opened(root).close()
    assert types(root)[2:] == ["run", "recover", "checkpoint"]


def test_a_warc_that_lost_committed_bytes_is_left_as_it_is_and_told(root: Path) -> None:
    archive = opened(root)
    record = capture(archive, "page").fields["records"][0]
    archive.release()
    path = layout.resolve(root, record["file"])
    path.write_bytes(path.read_bytes()[:-1])
    before = path.read_bytes()
    with opened(root) as archive:
        assert "damaged" in archive.notices[0]
        capture(archive, "life goes on")
    assert path.read_bytes() == before


def test_a_note_without_its_entry_gets_it(root: Path) -> None:
    archive = opened(root)
    archive.commit("run", {"event": "start"})
    archive.checkpoint()
    archive.release()
    before = files(root)
    path = root / layout.segment(0)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    opened(root).close()
    assert files(root) == before


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../x", "warc/../../x", "warc//x", "./x", "warc/é", "a b", "x\n", "a\\b", "a/" * 300 + "a"],
)
def test_a_path_that_leaves_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DamagedError):
        layout.safe_path(tmp_path, name)


@pytest.mark.skipif(not all(map(shutil.which, ["bash", "jq", "openssl", "sha256sum"])), reason="tools are missing")
def test_the_archive_is_checked_by_hand_as_its_readme_says(root: Path) -> None:
    with opened(root) as archive:
        entry = archive.commit(
            "capture",
            {
                "records": [asdict(archive.append(member("page\n")))],
                "media": [asdict(archive.put_media([b"film"], "mp4"))],
            },
        )
        record = entry.fields["records"][0]
    commands = ("sha256sum -c", "tail -c", "sed ", "openssl pkeyutl")
    lines = [line.strip() for line in (root / "README.txt").read_text().splitlines()]
    script = "\n".join(line for line in lines if line.startswith(commands))
    known = {"OFFSET": record["offset"], "LENGTH": record["length"], "FILE": record["file"]}
    for word, value in {**known, "/N.": "/000000000004.", "/tmp/": f"{root.parent}/"}.items():
        script = script.replace(word, str(value))
    done = subprocess.run(["bash", "-ec", script], cwd=root, capture_output=True, text=True, check=False)
    said = done.stdout.splitlines()
    assert (done.returncode, len(said)) == (0, 5), done.stderr
    assert said[0].endswith("gz: OK") and said[1].endswith("mp4: OK")
    assert said[2].split()[0] == record["sha256"] and said[3] == "page"
    assert "Verified Successfully" in said[4]
