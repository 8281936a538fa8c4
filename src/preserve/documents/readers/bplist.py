"""Binary property lists, which macOS writes for `.webloc` shortcuts and for bookmarks."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from typing import BinaryIO

from preserve.documents.mention import Block, Nest
from preserve.documents.readers.value import cited
from preserve.errors import DocumentError
from preserve.model import Place

MAX_BYTES = 64 * 1024**2  # the largest bookmark files are some megabytes
MAX_VALUES = 1_000_000  # a list may hold another a thousand times, and so on: each is looked at once, all are counted


def read(file: BinaryIO, nest: Nest) -> Iterator[Block]:
    """A block for every string that cites, with the JSON pointer that would lead to it."""
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise DocumentError(f"The property list is larger than {MAX_BYTES >> 20} MiB.", "Take out what cites.")
    try:
        root = plistlib.loads(data, fmt=plistlib.FMT_BINARY)
    except (plistlib.InvalidFileException, ValueError, RecursionError, MemoryError, TypeError, KeyError):
        raise DocumentError("The property list is damaged.", "Get it again.") from None
    for pointer, value in _strings(root):
        text = value.encode("utf-8", "replace")
        if mentions := tuple(cited(text)):
            yield Block(text, mentions, Place(pointer=pointer))


def _strings(root: object) -> Iterator[tuple[str, str]]:
    waiting, seen = [("", root)], 0
    known: set[int] = set()
    while waiting:
        pointer, value = waiting.pop()
        seen += 1
        if seen > MAX_VALUES:
            raise DocumentError(f"The property list has more than {MAX_VALUES:,} values.", "Take out what cites.")
        if isinstance(value, str):
            yield pointer, value
        elif isinstance(value, (dict, list)) and id(value) not in known:
            known.add(id(value))
            parts = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += reversed([(f"{pointer}/{_name(key)}", one) for key, one in parts])


def _name(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")
