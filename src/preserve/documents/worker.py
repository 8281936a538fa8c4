"""The process that reads documents: python -P -m preserve.documents.worker, its standard input a socket of pool.py.

It is given open files, one after the other, and gives back what they cite, as JSON lines and never as pickles: a
document that takes over a parser gets no further than this process. Its memory and its time are limited here, what
takes it down is noticed in pool.py.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import socket
from collections.abc import Iterator
from typing import Any, BinaryIO

from preserve.documents.read import MAX_TEXT, Document, Reading, Stretch
from preserve.errors import DocumentError, NothingToReadError
from preserve.model import Citation, Derived, Json, Place

MEMORY = 3 * 1024**3  # bytes of address space: ten times what the largest text takes; a bomb wants all there is
CPU = 3600  # seconds for one document: a web archive of 16 GiB takes half of it
_BATCH = 200  # citations on a line; each line is a sign of life
_REQUEST = 1 << 16  # bytes of a request: a name and a few options


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would put the document on the disk
    _limit(resource.RLIMIT_AS, MEMORY)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, which ends us by closing the socket
    with socket.socket(fileno=0) as channel:
        while request := _request(channel):
            fields, file = request
            _limit(resource.RLIMIT_CPU, int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2])) + CPU)
            with file:
                for line in answer(file, fields):
                    channel.sendall(json.dumps(line, ensure_ascii=True).encode() + b"\n")


def _request(channel: socket.socket) -> tuple[Json, BinaryIO] | None:
    """What is asked, and the open document; None when the program has gone."""
    data, handles, _, _ = socket.recv_fds(channel, _REQUEST, 1)
    while data and not data.endswith(b"\n"):
        more = channel.recv(_REQUEST)
        if not more:
            return None
        data += more
    if not data:
        return None
    file: BinaryIO = os.fdopen(handles[0], "rb")
    return json.loads(data), file if file.seekable() else io.BytesIO(file.read(MAX_TEXT + 1))  # a pipe


def _limit(kind: int, size: int) -> None:
    """As much as that, or as little as whoever runs us allows."""
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))


def answer(file: BinaryIO, request: Json) -> Iterator[Json]:
    """`{"citations": [...]}` over and over, with what is known of their document, then that with "end", or "error"."""
    reading = Reading(file, request["name"], request["base_url"], frozenset(request["extras"]), request["show"])
    try:
        batch: list[Json] = []
        for citation in reading.citations():
            batch.append(pack(citation))
            if len(batch) == _BATCH:
                yield {"citations": batch, "document": _head(reading)}
                batch = []
        yield {"citations": batch}
        for stretch in reading.stretches:
            yield {"stretch": [stretch.text, _place(stretch.place), stretch.marks, stretch.warning]}
        yield {"document": _head(reading), "end": True}
    except DocumentError as error:
        yield {"error": [error.message, error.hint, isinstance(error, NothingToReadError)]}
    except MemoryError:
        yield {
            "error": [f"{reading.name} needs more than {MEMORY >> 30} GiB of memory to be read.", "Split it.", False]
        }
    except Exception as error:  # noqa: BLE001  # the border of one document: the others are read
        why = f"{type(error).__name__}: {error}"
        yield {"error": [f"{reading.name} broke its reader ({why[:200]}).", "Please report it, with the file.", False]}


def _head(reading: Reading) -> Json:
    one = reading.document(())
    return [one.sha256, one.bytes, one.format, one.encoding, one.notices, one.unread]


def pack(citation: Citation) -> Json:
    """A citation without what all of its document have in common."""
    return [
        _place(citation.place), citation.role, citation.written, citation.url, citation.key, citation.anchor,
        citation.context, citation.confidence, citation.changes, citation.fetchable, citation.base,
        [[one.url, one.key, one.relation] for one in citation.derived],
    ]  # fmt: skip


def unpack(packed: Json, name: str, sha256: str, kind: str) -> Citation:
    """The citation again. ValueError or TypeError where it is none."""
    place, role, written, url, key, anchor, context, confidence, changes, fetchable, base, derived = packed
    return Citation(
        name, sha256, kind, Place(*place), role, written, url, key, anchor, context, confidence, tuple(changes),
        fetchable, base, tuple(Derived(*one) for one in derived),
    )  # fmt: skip


def unpack_document(packed: Json, name: str, citations: list[Json], stretches: list[Json]) -> Document:
    sha256, size, kind, encoding, notices, unread = packed
    return Document(
        name, sha256, size, kind, encoding, tuple(unpack(one, name, sha256, kind) for one in citations),
        tuple(notices), unread,
        tuple(Stretch(text, Place(*at), tuple(map(tuple, marks)), said) for text, at, marks, said in stretches),
    )  # fmt: skip


def _place(place: Place) -> list[Any]:
    return [
        place.line, place.column, place.page, place.cell, place.sheet, place.slide, place.paragraph, place.part,
        place.pointer,
    ]  # fmt: skip


if __name__ == "__main__":
    main()
