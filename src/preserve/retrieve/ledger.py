"""Where each byte of a stream came from: the ledger that a media file points to, read from its WARC record.

Wire: docs/FORMAT.md, the metadata record of type application/x.preserve-media+json.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from preserve.archive import fsio
from preserve.errors import DamagedError
from preserve.model import Json
from preserve.retrieve.content import stored
from preserve.retrieve.reading import text

MAX_LEDGER = 64 << 20  # bytes: the format's own limit. Ten hours in fragments of two seconds are 27 MB


@dataclass(frozen=True, slots=True)
class Summary:
    """A ledger in short. `hosts`: chunks by host, most first; `undone`: what separates the bytes kept from those
    served, nothing where they are the same; `truncated`: chunks whose answer was cut short."""

    chunks: int
    hosts: Mapping[str, int]
    first: str
    undone: tuple[str, ...]
    truncated: int


def read(root: Path, item: Json) -> Json | None:
    """The ledger of a media file, None where it has none. Raises DamagedError where it is not what was written or
    is of another file, StorageError where the disk fails."""
    pointer = item.get("ledger")
    if not isinstance(pointer, dict):
        return None
    with stored(root, pointer) as (_, record):
        if record.block.size > MAX_LEDGER:
            raise DamagedError(f"the ledger has {record.block.size} bytes, more than {MAX_LEDGER}")
        with fsio.storage(root):
            data = b"".join(record.block.blocks())
    ledger = _parsed(data)
    if ledger.get("sha256") != item.get("sha256"):
        raise DamagedError("the ledger is that of another file")
    return ledger


def _parsed(data: bytes) -> Json:
    try:
        value = json.loads(data, parse_float=_no_number, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"the ledger is no JSON of this format: {type(error).__name__}") from None
    if not isinstance(value, dict) or not isinstance(value.get("chunks"), list):
        raise DamagedError("the ledger has no list of chunks")
    return value


def _no_number(literal: str) -> NoReturn:
    raise ValueError(f"{literal}: the format has only integers")


def summary(ledger: Json) -> Summary:
    """What people read of a ledger. Its texts are remote."""
    chunks = [chunk for chunk in ledger["chunks"] if isinstance(chunk, dict)]
    hosts = Counter(_host(text(chunk.get("url"))) for chunk in chunks)
    undone = (step for chunk in chunks if isinstance(chunk.get("undone"), list) for step in chunk["undone"])
    return Summary(
        len(chunks),
        dict(hosts.most_common()),
        text(chunks[0].get("url")) if chunks else "",
        tuple(dict.fromkeys(map(str, undone))),
        sum(bool(chunk.get("truncated")) for chunk in chunks),
    )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "?"
    except ValueError:
        return "?"
