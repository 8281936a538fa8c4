"""One writer at a time: flock(2) on an empty file. The kernel frees it when its holder dies, so it is never stale."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from preserve.archive import fsio, layout
from preserve.errors import LockedError

_POLL = 0.1  # seconds


def take(root: Path, wait: float = 0.0) -> int:
    """The descriptor that holds the lock; closing it lets go. LockedError after `wait` seconds of trying."""
    path = root / layout.LOCK
    fd = fsio.open_lock(path)
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return fd
        except BlockingIOError:
            if time.monotonic() >= until:
                holder = _holder(fd)
                os.close(fd)
                raise LockedError(
                    f"{holder} holds {root}; waited {wait:g} s",
                    "wait for it to end, or use --wait",
                ) from None
        except OSError as error:
            os.close(fd)
            with fsio.storage(path):
                raise error
        time.sleep(_POLL)


def _holder(fd: int) -> str:
    """Linux lists who holds which inode; elsewhere we cannot tell, since the lock file stays empty."""
    inode = f":{os.fstat(fd).st_ino}"
    try:
        held = Path("/proc/locks").read_text()
    except OSError:
        held = ""
    for line in held.splitlines():
        words = line.split()
        if len(words) > 5 and words[1] == "FLOCK" and words[5].endswith(inode):
            return f"another run (process {words[4]})"
    return "another run"
