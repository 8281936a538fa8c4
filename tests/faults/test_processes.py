"""Two runs cannot harm each other, and a killed one leaves an archive that the next run goes on with."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fault_session import child_environment, make, named_bytes, open_archive, sound

from preserve.archive import manifest
from preserve.errors import LockedError

HOLD = """
import sys; from pathlib import Path
from fault_session import open_archive
with open_archive(Path(sys.argv[1]), "b"):
    print("held", flush=True)
    sys.stdin.read()
"""
WRITE = """
import os, sys; from pathlib import Path
from fault_session import capture, open_archive
archive = open_archive(Path(sys.argv[1]), sys.argv[2])
while True:
    text = os.urandom(40).hex()
    entry = archive.commit("capture", capture(archive, text, text * 99, media=text.encode()))
    print(entry.seq, entry.id, flush=True)
"""


@contextmanager
def child(code: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=child_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_run_is_told_who_holds_the_archive(tmp_path: Path) -> None:
    root = tmp_path / "a"
    make(root)
    with child(HOLD, str(root)) as holder:
        assert holder.stdout and holder.stdout.readline() == "held\n"
        with pytest.raises(LockedError) as caught:
            open_archive(root, "c")
        assert caught.value.exit_code == 5
        if Path("/proc/locks").exists():
            assert str(holder.pid) in caught.value.message
        assert (root / "lock").read_bytes() == b""


def test_a_second_run_that_waits_gets_the_archive(tmp_path: Path) -> None:
    root = tmp_path / "a"
    make(root)
    with child(HOLD, str(root)) as holder:
        assert holder.stdout and holder.stdin and holder.stdout.readline() == "held\n"
        holder.stdin.close()
        holder.stdin = None
        open_archive(root, "c", wait=30.0).close()
    sound(root)


def test_the_lock_of_a_killed_run_is_free(tmp_path: Path) -> None:
    root = tmp_path / "a"
    make(root)
    with child(HOLD, str(root)) as holder:
        assert holder.stdout and holder.stdout.readline() == "held\n"
        holder.kill()
        holder.wait()
        open_archive(root, "c").close()


def test_a_run_killed_at_any_moment_has_lost_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    root, chance, acknowledged = tmp_path / "a", random.Random(20261122), []
    make(root)
    for run in "12345":
        with child(WRITE, str(root), run) as writer:
            assert writer.stdout
            acknowledged.append(writer.stdout.readline())
            until = time.monotonic() + chance.uniform(0, 0.2)
            while time.monotonic() < until:
                acknowledged.append(writer.stdout.readline())
            writer.kill()
            acknowledged += [line for line in writer.stdout if line.endswith("\n")]
    open_archive(root, "c").close()
    entries = {f"{entry.seq} {entry.id}\n": entry for entry in manifest.read(root)}
    assert len(acknowledged) > 5
    for line in acknowledged:
        named_bytes(root, entries[line])
    sound(root)
