"""What the whole manifest says: its segments put together, and single entries read again where they lie."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast
from zlib import crc32

from preserve.model import Finding, Json
from preserve.verify import line as lines
from preserve.verify import tree
from preserve.verify.codes import found
from preserve.verify.disk import Disk, Kinds
from preserve.verify.segment import LINES, Import, Media, Noted, Segment, read_segment
from preserve.verify.shape import content_named
from preserve.verify.work import cores

_ALONE = 4  # up to so many segments another process costs more than it gains
_KEPT = 64  # entries an Entries object remembers: the records of one capture lie together

_NO_RECORDS = array("Q")
_SEGMENT = re.compile(r"[0-9]{12}\.jsonl")

Span = tuple[int, int, int]  # offset, length, seq of the entry


@dataclass(slots=True)
class Ledger:
    """The manifest in brief. `size` counts lines; `roots` maps each wanted size to the root of that many."""

    segments: list[Segment] = field(default_factory=list)
    roots: dict[int, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def size(self) -> int:
        return self.segments[-1].end if self.segments else 0

    @property
    def length(self) -> int:
        """Bytes of all whole lines."""
        return sum(segment.size for segment in self.segments)

    @property
    def records(self) -> int:
        return sum(len(table) // 3 for segment in self.segments for table in segment.records.values())

    @property
    def noted(self) -> Iterator[Noted]:
        return (noted for segment in self.segments for noted in segment.noted)

    @property
    def media(self) -> Iterator[Media]:
        return (media for segment in self.segments for media in segment.media)

    @property
    def imports(self) -> Iterator[Import]:
        return (one for segment in self.segments for one in segment.imports)

    def of_type(self, kind: str) -> Iterator[Noted]:
        return (noted for noted in self.noted if noted.entry["t"] == kind)

    def warcs(self) -> list[str]:
        """Every WARC file that a record, a seal or a recovery names, in order."""
        named = {file for segment in self.segments for file in segment.records}
        named |= {noted.entry["file"] for noted in self.of_type("seal")}
        recovered = {noted.entry["file"] for noted in self.of_type("recover")}
        others = {file for file in recovered if file.startswith("manifest/") or content_named(file)}
        return sorted(named | recovered - others)

    def spans(self, file: str) -> list[Span]:
        """Where the records of that file lie, in order."""
        tables = (segment.records[file] for segment in self.segments if file in segment.records)
        return sorted(span for table in tables for span in zip(table[0::3], table[1::3], table[2::3], strict=True))

    def count(self, file: str) -> int:
        """How many records of that file are named."""
        return sum(len(segment.records.get(file, _NO_RECORDS)) // 3 for segment in self.segments)

    def span_at(self, file: str, offset: int, length: int) -> Span | None:
        """The record that lies exactly there."""
        for segment in self.segments:
            table = segment.records.get(file, _NO_RECORDS)
            row = bisect_left(range(len(table) // 3), offset, key=lambda row: table[3 * row])
            if 3 * row < len(table) and (table[3 * row], table[3 * row + 1]) == (offset, length):
                return offset, length, table[3 * row + 2]
        return None

    def captures(self) -> Iterator[int]:
        """The seq of every entry that names records, in order."""
        for segment in self.segments:
            yield from sorted({seq for table in segment.records.values() for seq in table[2::3]})

    def segment_of(self, seq: int) -> Segment:
        return self.segments[bisect_right(self.segments, seq, key=lambda segment: segment.first) - 1]

    def where(self, seq: int) -> str:
        return self.segment_of(seq).where(seq)


def read_ledger(disk: Disk, seen: Kinds, wanted: Sequence[int], form: int) -> Ledger:
    """Reads every segment. Findings say which are missing, short, or cannot be read."""
    ledger = Ledger()
    names = _segment_names(seen)
    if not names:
        ledger.findings.append(found("manifest-missing", "manifest", "there is no segment"))
    stack: list[tree.Peak] = []
    for segment in _read(disk, names, wanted, form):
        _check_place(ledger, segment)
        for size in wanted:
            if size in segment.peaks:
                ledger.roots[size] = tree.root(tree.joined(stack, segment.peaks[size]))
        stack = tree.joined(stack, segment.peaks.get(segment.end, ()))
        ledger.segments.append(segment)
    ledger.findings += _repeated_ids(ledger)
    return ledger


def _segment_names(seen: Kinds) -> list[str]:
    names = (path.removeprefix("manifest/") for path in seen if path.startswith("manifest/"))
    return sorted(name for name in names if _SEGMENT.fullmatch(name) and int(name[:12]) % LINES == 0)


def _read(disk: Disk, names: Sequence[str], wanted: Sequence[int], form: int) -> Iterator[Segment]:
    """In order; in several processes where there are many segments, because JSON holds the interpreter's lock."""
    read = partial(_read_or_say, disk.root, wanted, form)
    if len(names) <= _ALONE or cores() == 1:
        yield from map(read, names)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(cores(), mp_context=get_context("spawn")) as pool:
        yield from pool.map(read, names)


def _read_or_say(root: Path, wanted: Sequence[int], form: int, name: str) -> Segment:
    try:
        return read_segment(root, name, int(name[:12]), wanted, form)
    except OSError as error:
        segment = Segment(f"manifest/{name}", int(name[:12]))
        segment.findings.append(found("manifest-missing", segment.name, error.strerror or "no regular file"))
        return segment


def _check_place(ledger: Ledger, segment: Segment) -> None:
    """Each segment begins where the one before it ends; only the last may hold less than all its lines."""
    before = ledger.segments[-1] if ledger.segments else None
    expected = before.first + LINES if before else 0
    if segment.first != expected:
        say = f"manifest/{expected:012d}.jsonl and what follows it up to {segment.name} is not there"
        ledger.findings.append(found("manifest-missing", segment.name, say))
    if before and len(before.starts) != LINES:
        say = f"{len(before.starts)} lines instead of {LINES}"
        ledger.findings.append(found("segment-length", before.name, say))
    if before and segment.noted and segment.noted[0].seq == segment.first:
        segment.noted[0] = replace(segment.noted[0], run=before.run)
    ledger.findings += segment.findings


def _repeated_ids(ledger: Ledger) -> Iterator[Finding]:
    seen: set[int] = set()
    for segment in ledger.segments:
        for number in segment.ids:
            if number in seen:
                yield found("entry-id", segment.name, f"the id that begins {number:016x} is there twice")
            seen.add(number)


def check_form(disk: Disk, ledger: Ledger, since: int, until: int) -> Iterator[Finding]:
    """How these lines are written: a checkpoint was to vouch for them, and does not hold."""
    with Entries(disk, ledger) as entries:
        for segment in ledger.segments:
            for seq in range(max(segment.first, since), min(segment.end, until)):
                entry, wrong = lines.parse(entries.line(seq), form=True)
                if entry is not None and wrong:
                    yield found("line-form", segment.where(seq), wrong)


class Entries:
    """Single entries, read again where they lie. One thread at a time; close after use."""

    def __init__(self, disk: Disk, ledger: Ledger) -> None:
        self._disk, self._ledger = disk, ledger
        self._kept: dict[int, Mapping[tuple[str, int, int], Mapping[str, Json]]] = {}
        self._files: dict[str, BinaryIO] = {}

    def __enter__(self) -> Entries:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()

    def record(self, file: str, span: Span) -> Mapping[str, Json] | None:
        """The record that an entry states for these bytes, or None if the entry changed under our hands."""
        offset, length, seq = span
        return self._of(seq).get((file, offset, length))

    def answers(self, seq: int) -> frozenset[str]:
        """The ids of the answers that the entry lists."""
        return frozenset(r["id"] for r in self._of(seq).values() if r["type"] in ("response", "revisit"))

    def _of(self, seq: int) -> Mapping[tuple[str, int, int], Mapping[str, Json]]:
        if seq not in self._kept:
            if len(self._kept) >= _KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[seq] = {(r["file"], r["offset"], r["length"]): r for r in self._records(seq)}
        return self._kept[seq]

    def _records(self, seq: int) -> Sequence[Mapping[str, Json]]:
        entry = self.entry(seq)
        return cast("Sequence[Mapping[str, Json]]", entry["records"]) if entry else ()

    def entry(self, seq: int) -> Mapping[str, Json] | None:
        """An entry whose shape was checked when the manifest was read: it must be the same line still, else None."""
        segment, data = self._ledger.segment_of(seq), self.line(seq)
        if crc32(data) != segment.checks[seq - segment.first]:
            return None
        return lines.parse(data, form=False)[0]

    def line(self, seq: int) -> bytes:
        segment = self._ledger.segment_of(seq)
        if segment.name not in self._files:
            self._files[segment.name] = self._disk.open(segment.name)
        number = seq - segment.first
        last = number + 1 == len(segment.starts)
        end = segment.size if last else segment.starts[number + 1]
        file = self._files[segment.name]
        file.seek(segment.starts[number])
        return file.read(end - segment.starts[number])
