"""A WARC file with its first record: what the capture scripts of the benchmark write into."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from preserve.warc import write


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, str]]:
    """The file and the id of its warcinfo record."""
    info = write.warcinfo(path.name, date=datetime.now(UTC), fields=[("software", "preserve bench")])
    with path.open("wb", buffering=0) as file:
        file.writelines(write.member(info))
        yield file, info.id
