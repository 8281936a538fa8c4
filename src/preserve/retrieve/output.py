"""What was asked for, as a file with its custody record beside it. Whole or not at all, and never over another file."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from preserve.errors import StorageError, UsageError
from preserve.model import Json


def beside(path: Path) -> Path:
    return path.with_name(path.name + ".custody.json")


@contextmanager
def new_file(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """A file that gets its name only when the block ends well; until then nothing of that name changes.

    Raises UsageError if the name is taken and not `force`, StorageError where the disk refuses.
    """
    refuse_existing(path, force=force)
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.part")
    with _writing(path):
        # Mode 0666 less the umask, as any program's output; O_EXCL and O_NOFOLLOW: never through a planted link.
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        with _writing(path), open(fd, "wb") as stream:
            yield stream
        with _writing(path):
            _publish(part, path, force=force)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from None


def refuse_existing(path: Path, *, force: bool) -> None:
    if not force and os.path.lexists(path):
        raise UsageError(f"{path} exists", "choose another name, or --force to replace it")


def _publish(part: Path, path: Path, *, force: bool) -> None:
    if force:
        os.replace(part, path)
        return
    try:
        os.link(part, path)  # fails if the name was taken meanwhile; rename would replace
    except FileExistsError:
        raise UsageError(f"{path} exists", "choose another name, or --force to replace it") from None
    except OSError:  # no hard links on this file system (FAT)
        refuse_existing(path, force=False)
        os.rename(part, path)


def write_json(path: Path, value: Json, *, force: bool) -> None:
    with new_file(path, force=force) as stream:
        stream.write(json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace") + b"\n")
