"""A full or failing disk ends the run with StorageError and never harms what was there."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_session import capture, child_environment, holds, make, member, open_archive, session, sound
from power_cut import Recorder

from preserve.archive import fsio, layout, manifest
from preserve.errors import DamagedError, StorageError


def failing(call: str, nth: int, number: int, *, lasting: bool) -> Callable[[str], None]:
    """Lets the nth call of this name fail; `lasting`: and all later ones."""
    count = 0

    def before(name: str) -> None:
        nonlocal count
        count += name == call
        if name == call and (count == nth or (lasting and count > nth)):
            raise OSError(number, os.strerror(number))

    return before


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("call", "number", "lasting"),
    [
        ("write", errno.ENOSPC, False),
        ("write", errno.ENOSPC, True),
        ("write", errno.EIO, False),
        ("fdatasync", errno.EIO, False),
        ("fdatasync", errno.EIO, True),
        ("fsync", errno.EIO, False),
        ("open", errno.EMFILE, False),
        ("mkdir", errno.EDQUOT, True),
        ("link", errno.ENOSPC, True),
        ("rename", errno.EROFS, True),
    ],
)
def test_each_call_may_fail_and_what_was_acknowledged_stays(
    scratch: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, lasting: bool
) -> None:
    failures = 0
    for nth in range(1, 1000):
        root = scratch / str(nth)
        acknowledged: list[Callable[[Path], None]] = []
        recorder = Recorder(root, before=failing(call, nth, number, lasting=lasting))
        with monkeypatch.context() as patch:
            patch.setattr(fsio, "os", recorder)
            try:
                session(root, acknowledged.append)
                break
            except StorageError as error:
                assert error.exit_code == 6 and error.hint
                failures += 1
        make(root)
        open_archive(root, "c").close()
        sound(root)
        for check in acknowledged:
            check(root)
    assert failures


class FullDisk:
    """`os`, but the nth write is refused; what an open file needs, without a record of it."""

    def __init__(self, nth: int) -> None:
        self._before = failing("write", nth, errno.ENOSPC, lasting=False)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def write(self, fd: int, data: memoryview) -> int:
        self._before("write")
        return os.write(fd, data)


def test_after_a_failed_write_no_part_of_the_member_stays_and_the_run_may_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "a"
    make(root)
    with open_archive(root) as archive:
        kept = archive.commit("capture", capture(archive, "one"))
        with monkeypatch.context() as patch:
            patch.setattr(fsio, "os", FullDisk(2))
            with pytest.raises(StorageError):
                archive.append(member("two"))
        again = archive.commit("capture", capture(archive, "three"))
    holds(kept, again)(root)
    before, after = (entry.fields["records"][0] for entry in (kept, again))
    assert (after["file"], after["offset"]) == (before["file"], before["offset"] + before["length"])
    sound(root)


def test_after_a_failed_write_no_part_of_the_line_stays_and_the_next_takes_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "a"
    make(root)
    with open_archive(root) as archive:
        kept = archive.commit("run", {"event": "start"})
        with monkeypatch.context() as patch:
            patch.setattr(fsio, "os", FullDisk(1))
            with pytest.raises(StorageError):
                archive.commit("run", {"event": "end"})
        assert archive.commit("run", {"event": "end"}).seq == kept.seq + 1
    sound(root)


def test_a_member_that_breaks_off_leaves_no_byte(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise KeyError("the source of the bytes failed")

    make(tmp_path / "a")
    with open_archive(tmp_path / "a") as archive:
        first = archive.append(member("one"))
        with pytest.raises(KeyError):
            archive.append(broken())
        assert archive.append(member("two")).offset == first.offset + first.length


def test_after_a_failed_sync_the_warc_is_given_up_and_its_unsynced_records_cannot_be_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "a"
    make(root)
    syncs = 0

    def eio(fd: int) -> None:
        nonlocal syncs
        syncs += 1
        raise OSError(errno.EIO, "injected")

    archive = open_archive(root)
    kept = archive.commit("capture", capture(archive, "one"))
    lost = capture(archive, "two")
    with monkeypatch.context() as patch:
        patch.setattr(fsio, "_flush", eio)
        with pytest.raises(StorageError):
            archive.commit("capture", lost)
    assert syncs == 1
    with pytest.raises(StorageError):
        archive.commit("capture", lost)
    again = archive.commit("capture", capture(archive, "two"))
    assert again.fields["records"][0]["file"] != kept.fields["records"][0]["file"]
    archive.close()
    open_archive(root, "b").close()
    holds(kept, again)(root)
    sound(root)


def test_after_a_failed_sync_of_the_manifest_no_line_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "a"
    make(root)
    archive = open_archive(root)

    def eio(fd: int) -> None:
        raise OSError(errno.EIO, "injected")

    with monkeypatch.context() as patch:
        patch.setattr(fsio, "_flush", eio)
        with pytest.raises(StorageError):
            archive.commit("run", {"event": "start"})
    size = (root / layout.segment(0)).stat().st_size
    for attempt in (lambda: archive.commit("run", {"event": "end"}), archive.checkpoint, archive.close):
        with pytest.raises(StorageError):
            attempt()
    assert (root / layout.segment(0)).stat().st_size == size
    open_archive(root, "b").close()
    sound(root)


def test_an_unwritable_name_is_said_to_be_damage_and_nothing_is_overwritten(tmp_path: Path) -> None:
    root, outside = tmp_path / "a", tmp_path / "outside"
    make(root)
    outside.write_text("precious")
    archive = open_archive(root)
    archive.commit("run", {"event": "start"})
    (root / layout.note(archive.size)).symlink_to(outside)
    with pytest.raises(DamagedError):
        archive.checkpoint()
    archive.release()
    assert outside.read_text() == "precious"


def test_a_file_system_without_hard_links_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(call: str) -> None:
        if call == "link":
            raise OSError(errno.EPERM, "no links here")

    root = tmp_path / "a"
    acknowledged: list[Callable[[Path], None]] = []
    monkeypatch.setattr(fsio, "os", Recorder(root, before=refuse))
    session(root, acknowledged.append)
    for check in acknowledged:
        check(root)
    sound(root)
    assert not list((root / "tmp").iterdir())


def test_a_full_disk_under_a_spool_is_a_storage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path / "a")
    with open_archive(tmp_path / "a") as archive, archive.spool() as spool:
        spool.write(b"a body")
        spool.seek(0)
        assert spool.read() == b"a body"
        assert not list((tmp_path / "a" / "tmp").iterdir())
        with monkeypatch.context() as patch:
            patch.setattr(fsio, "os", Recorder(tmp_path / "a", before=failing("write", 1, errno.ENOSPC, lasting=True)))
            with pytest.raises(StorageError):
                spool.write(bytes(1 << 20))


def test_a_real_file_size_limit_is_a_storage_error(tmp_path: Path) -> None:
    """EFBIG from the kernel, in a child: the limit holds for a whole process."""
    root = tmp_path / "a"
    make(root)
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from fault_session import capture, member, open_archive\n"
        "from preserve.errors import StorageError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "with open_archive(Path(sys.argv[1])) as archive:\n"
        "    print(archive.commit('capture', capture(archive, 'one')).seq, flush=True)\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "    try: archive.append([bytes(3000), bytes(3000)])\n"
        "    except StorageError as error: print(error.exit_code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(root)], capture_output=True, text=True, env=child_environment(), check=False
    )
    assert done.stdout.split() == ["2", "6"], done.stderr
    sound(root)
    assert "capture" in [entry.type for entry in manifest.read(root)]
