"""One segment of the manifest, read into what the other checks need and nothing more.

Entries are not kept: a million of them would not fit. What stays of a line is its place, 24 bytes a record, and its
part of the Merkle tree. Segments can be read in processes of their own: the result is small and goes by pickle.
"""

from __future__ import annotations

import io
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast
from zlib import crc32

from preserve.model import Finding, Json
from preserve.verify import line as lines
from preserve.verify import shape, tree
from preserve.verify.codes import found
from preserve.verify.disk import Disk

LINES = 16_384


@dataclass(frozen=True, slots=True)
class Noted:
    """An entry that is kept whole, because there are few of its type. `run` is that of the entry before it."""

    seq: int
    entry: Mapping[str, Json]
    run: Json


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies: the gzip member of a WARC file, with its hash."""

    id: str
    file: str
    offset: int
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Media:
    """A media file that entry `seq` names; `ledger`: the record that tells how it was received, if there is one."""

    path: str
    sha256: str
    bytes: int
    seq: int
    ledger: Place | None


@dataclass(frozen=True, slots=True)
class Import:
    """An entry of that type. `capture`: the first 64 bits of the id that it names; `file`: the WARC file that holds the
    copy, None where there is none."""

    seq: int
    capture: int
    file: str | None


@dataclass(slots=True)
class Segment:
    """What one segment says. `first`: seq of its first line, counted by lines and not by what they claim."""

    name: str
    first: int
    starts: array[int] = field(default_factory=lambda: array("Q"))  # where each line begins in the file
    checks: array[int] = field(default_factory=lambda: array("L"))  # CRC of each line, to know it again
    ids: array[int] = field(default_factory=lambda: array("Q"))  # the first 64 bits of each id
    records: dict[str, array[int]] = field(default_factory=dict)  # file -> offset, length, seq, offset, ...
    media: list[Media] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    noted: list[Noted] = field(default_factory=list)
    peaks: dict[int, list[tree.Peak]] = field(default_factory=dict)  # of the wanted sizes, and of the end
    findings: list[Finding] = field(default_factory=list)
    run: Json = None  # of the last entry
    size: int = 0  # bytes of its whole lines
    tail: bytes = b""  # after the last LF: the beginning of what stands there
    _expected: int = 0

    @property
    def end(self) -> int:
        return self.first + len(self.starts)

    def where(self, seq: int) -> str:
        return f"{self.name} line {seq - self.first + 1}"

    def say(self, code: str, seq: int, detail: str) -> None:
        self.findings.append(found(code, self.where(seq), detail))


def read_segment(root: Path, name: str, first: int, wanted: Sequence[int], form: int) -> Segment:
    """Reads and checks each line of `manifest/<name>`. OSError where the disk fails.

    `wanted`: the sizes of the tree whose peaks are needed; `form`: from this seq on, check also how a line is written.
    """
    segment = Segment(f"manifest/{name}", first, _expected=first)
    sizes = {size for size in wanted if first <= size}
    peaks: list[tree.Peak] = []
    raw = cast("io.RawIOBase", Disk(root).open(segment.name))
    with io.BufferedReader(raw, 1 << 20) as file:
        for data in _lines(cast("BinaryIO", file), segment):
            if len(segment.starts) == LINES:
                segment.findings.append(found("segment-length", segment.name, f"more than {LINES} lines"))
                break
            seq = segment.end
            if seq in sizes:
                segment.peaks[seq] = list(peaks)
            segment.starts.append(segment.size)
            segment.checks.append(crc32(data))
            segment.size += len(data)
            tree.push(peaks, 0, tree.leaf(data))
            _read_line(segment, seq, data, form=seq >= form)
    segment.peaks[segment.end] = peaks
    segment.records = {file: _sorted(table) for file, table in segment.records.items()}
    return segment


def _sorted(table: array[int]) -> array[int]:
    """By offset: visits that ran side by side are committed in another order than their records were written."""
    spans = sorted(zip(table[0::3], table[1::3], table[2::3], strict=True))
    return array("Q", (number for span in spans for number in span))


def _lines(file: BinaryIO, segment: Segment) -> Iterator[bytes]:
    while data := file.readline(lines.MAX_LINE):
        if not data.endswith(b"\n") or b"\0" in data:
            # JSON has no zero byte: a page was lost in a power cut, and with it what comes after.
            segment.tail = data + file.read(lines.MAX_LINE)
            return
        yield data


def _read_line(segment: Segment, seq: int, data: bytes, *, form: bool) -> None:
    entry, wrong = lines.parse(data, form=form)
    if wrong:
        segment.say("line-form", seq, wrong)
    if entry is None:
        segment._expected += 1
        return
    problems = list(shape.problems(entry))
    for code, detail in problems:
        segment.say(code, seq, detail)
    _check_seq(segment, seq, entry)
    if all(code == "entry-unknown" for code, _ in problems):
        _keep(segment, seq, entry)
    segment.run = entry.get("run")


def _check_seq(segment: Segment, seq: int, entry: Mapping[str, Json]) -> None:
    """After a break the count goes on from what was found, so that one lost line is one finding."""
    claimed = entry.get("seq")
    if not shape.is_count(claimed):
        claimed = segment._expected
    if claimed != segment._expected:
        segment.say("entry-seq", seq, f"the entry has number {claimed} where {segment._expected} must be")
    segment._expected = claimed + 1


def _keep(segment: Segment, seq: int, entry: Mapping[str, Json]) -> None:
    segment.ids.append(int(entry["id"][:16], 16))
    if entry["t"] in ("capture", "import"):
        for record in entry["records"]:
            table = segment.records.setdefault(record["file"], array("Q"))
            table.extend((record["offset"], record["length"], seq))
        segment.media += (_media(item, seq) for item in entry["media"])
        if entry["t"] == "import":
            segment.imports.append(_import(entry, seq))
    elif entry["t"] != "run":
        run = segment.run if seq > segment.first else None
        segment.noted.append(Noted(seq, entry, run))


def _import(entry: Mapping[str, Json], seq: int) -> Import:
    files = [record["file"] for record in entry["records"] if record["id"] == entry["answer"]]
    return Import(seq, int(entry["capture"][:16], 16), files[0] if files else None)


def _media(item: Mapping[str, Json], seq: int) -> Media:
    at = item.get("ledger")
    ledger = Place(at["id"], at["file"], at["offset"], at["length"], at["sha256"]) if at else None
    return Media(item["path"], item["sha256"], item["bytes"], seq, ledger)
