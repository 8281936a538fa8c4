"""A gzip file: the one document in it. A compressed WARC is none (warcfile.py), a .tar.gz holds an archive (tar.py)."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from typing import BinaryIO

from preserve.documents.mention import Block, Nest
from preserve.documents.readers.label import label
from preserve.documents.readers.unpack import unpack
from preserve.model import Place

_SUFFIX = re.compile(r"\.(?:(gz|gzip|z)|(t[ag]z))$", re.I)
_NAMED = 0x08  # of the flags: the name that the file had (RFC 1952)
_EXTRA = 0x04
_HEAD = 4096


def read(file: BinaryIO, nest: Nest) -> Iterator[Block]:
    """The blocks of what is in it."""
    name = _name(file, nest.called)
    with gzip.GzipFile(fileobj=file) as stream:
        yield from unpack(stream, nest, name, Place(part=name or None))


def _name(file: BinaryIO, called: str) -> str:
    """What it is called inside: as outside without the suffix, else as its header says."""
    suffix = _SUFFIX.search(called)
    if suffix:
        outside = re.split(r"[/\\]", called[: suffix.start()])[-1] + (".tar" if suffix[2] else "")
        return label(outside)
    head = file.read(_HEAD)
    file.seek(0)
    if not head[3:4] or not head[3] & _NAMED or head[3] & _EXTRA:
        return ""
    return label(head[10:].partition(b"\0")[0].decode("utf-8", "replace"))
