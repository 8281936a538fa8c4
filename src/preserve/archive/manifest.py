"""The manifest: one entry a line, in segments. Lines to entries and back, exactly as docs/FORMAT.md §2 sets them.

Reading is strict: the form of a line is unique, so a line that would not be written like this is not ours. Bytes after
the last LF are an entry that was never committed, or that another process is writing just now; readers pass over them.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn

from preserve.archive import fsio, layout
from preserve.errors import ArchiveError, DamagedError, FormatError
from preserve.model import Entry, Json

VERSION = 1
COMMON = frozenset({"v", "t", "seq", "id", "time", "run"})
MAX_LINE = 64 * 1024**2  # a capture with 10,000 records has some 6 MB; a line without end must not fill the memory
MAX_INTEGER = 2**53 - 1  # beyond it other JSON readers round

_HEX32 = re.compile(r"[0-9a-f]{32}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


class Line(NamedTuple):
    """One line as it lies: its segment, its number there from 1, its bytes with the LF."""

    file: str
    number: int
    data: bytes


def new_id(randomness: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """128 random bits: with them a disclosed Merkle proof lets nobody guess the neighbouring lines."""
    return randomness(16).hex()


def encode(entry: Entry) -> bytes:
    """The line of an entry, with its LF. ValueError for what a manifest cannot hold (floats, huge integers, …)."""
    if clash := COMMON & entry.fields.keys():
        raise ValueError(f"fields must not be called {sorted(clash)}")
    common = {"v": VERSION, "t": entry.type, "seq": entry.seq, "id": entry.id, "time": entry.time, "run": entry.run}
    line = _canonical({**common, **entry.fields})
    try:
        decode(line)  # what we would refuse to read must not be written
    except ArchiveError as error:
        raise ValueError(f"not an entry: {error.message}") from error
    return line


def decode(line: bytes) -> Entry:
    """The entry of a line with its LF. DamagedError if it has not the one form allowed; FormatError: other version."""
    if len(line) > MAX_LINE:
        raise DamagedError("the line is too long")
    try:
        found = _parser.decode(line.decode())
        canonical = _canonical(found)  # also refuses duplicate keys, needless escapes and white space
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"the line is not an entry: {str(error)[:100]}") from None
    if canonical != line or not isinstance(found, dict):
        raise DamagedError("the line does not have the form that entries are written in")
    return _entry(found)


def _canonical(value: Json) -> bytes:
    return _writer.encode(value).encode() + b"\n"


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(f"{text[:30]} is a number that entries cannot hold")


def _integer(text: str) -> int:
    value = int(text) if len(text) <= 17 else MAX_INTEGER + 1
    return value if abs(value) <= MAX_INTEGER else _refuse_number(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if not all(map(str.isascii, found)):
        raise ValueError("a key is not ASCII")
    return found


_writer = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_parser = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_refuse_number, parse_int=_integer, parse_constant=_refuse_number
)


def _entry(found: dict[str, Any]) -> Entry:
    if found.get("v") != VERSION or type(found["v"]) is not int:
        raise FormatError(
            f"an entry has version {found.get('v')!r:.20}, this program reads version {VERSION}",
            "use the version of preserve that wrote it, or a newer one",
        )
    if not (
        type(found.get("seq")) is int
        and found["seq"] >= 0
        and all(isinstance(found.get(key), str) for key in ("t", "id", "time", "run"))
        and found["t"]
        and _HEX32.fullmatch(found["id"])
        and _HEX32.fullmatch(found["run"])
        and _is_time(found["time"])
    ):
        raise DamagedError("a common key of the entry is missing or malformed")
    fields = {key: value for key, value in found.items() if key not in COMMON}
    return Entry(found["seq"], found["t"], found["id"], found["time"], found["run"], fields)


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def segments(root: Path) -> list[tuple[int, str]]:
    """Seq of the first line and relative path of each segment, in order. DamagedError if one is missing."""
    folder = root / layout.MANIFEST
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    found = [int(match[1]) for match in map(layout.SEGMENT_NAME.fullmatch, names) if match]
    for number, first in enumerate(found):
        if first != number * layout.SEGMENT_LINES:
            raise DamagedError(f"a segment before {layout.segment(first)} is missing, or its name is wrong")
    return [(first, layout.segment(first)) for first in found]


def lines(root: Path, *, start: int = 0) -> Iterator[Line]:
    """The lines of the segments that hold entry `start` and later ones, undecoded. DamagedError: a segment not full."""
    found = segments(root)
    for first, file in found:
        if first + layout.SEGMENT_LINES <= start:
            continue
        number = 0
        for number, data in segment_lines(root, file):
            yield Line(file, number, data)
        if number > layout.SEGMENT_LINES or (number < layout.SEGMENT_LINES and first != found[-1][0]):
            raise DamagedError(f"{file} has {number} lines, not {layout.SEGMENT_LINES}")


def segment_lines(root: Path, file: str) -> Iterator[tuple[int, bytes]]:
    """Number from 1 and bytes of each whole line of one segment."""
    with fsio.read(root / file) as stream:
        number = 0
        while (data := _next_line(stream)).endswith(b"\n"):
            number += 1
            yield number, data
        if len(data) > MAX_LINE:
            raise DamagedError(f"{file}, line {number + 1}: the line is too long")


def _next_line(stream: BinaryIO) -> bytes:
    return stream.readline(MAX_LINE + 1)


def read(root: Path, *, start: int = 0) -> Iterator[Entry]:
    """The entries from `start` on. DamagedError or FormatError name file and line."""
    first = start - start % layout.SEGMENT_LINES
    for seq, line in enumerate(lines(root, start=start), first):
        if seq >= start:
            yield located(line, seq)


def located(line: Line, seq: int) -> Entry:
    """The entry of a line that must have this `seq`; errors name file and line."""
    where = f"{line.file}, line {line.number}"
    try:
        entry = decode(line.data)
    except ArchiveError as error:
        raise type(error)(f"{where}: {error.message}", error.hint) from None
    if entry.seq != seq:
        raise DamagedError(f"{where}: the entry has number {entry.seq} where {seq} must be")
    return entry


def read_lenient(root: Path, complain: Callable[[str], None]) -> Iterator[Entry]:
    """All entries that can be read, for people who want to see what is left; `complain` hears of each other line."""
    try:
        found = segments(root)
    except DamagedError as error:
        complain(error.message)
        names = sorted(path.name for path in (root / layout.MANIFEST).iterdir())
        found = [(int(name[:12]), f"{layout.MANIFEST}/{name}") for name in names if layout.SEGMENT_NAME.fullmatch(name)]
    for first, file in found:
        yield from _segment_lenient(root, first, file, complain)


def _segment_lenient(root: Path, first: int, file: str, complain: Callable[[str], None]) -> Iterator[Entry]:
    try:
        for number, data in segment_lines(root, file):
            try:
                yield located(Line(file, number, data), first + number - 1)
            except ArchiveError as error:
                complain(error.message)
    except ArchiveError as error:
        complain(error.message)
