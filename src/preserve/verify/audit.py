"""Verify an archive: read everything, write nothing, say what is wrong.

* quick: the manifest, its checkpoints and keys, every small file; of WARC files and media presence, kind and size.
* full: quick, and every byte of WARC files and media against the hash that an entry pins.
* deep: full, and every record inflated: digests, and whether its header says what its entry says; every copy of a web
  archive against what its entry says was checked; every part of a media file against the ledger of what was received;
  and how every line is written. (Quick and full ask that of the lines that no signed root vouches for: it costs as much
  as reading them.)

The order makes it safe to look while a run goes on. The folder is listed and the notes are read before the manifest,
so that a note never covers more entries than we see; and every state that a run or a crash leaves is a warning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Literal

from preserve.errors import FormatError
from preserve.model import Finding
from preserve.verify import line, memento, pins, seals, warcs, wire
from preserve.verify.codes import DAMAGE, WARNING, found
from preserve.verify.disk import FOLDER, Disk
from preserve.verify.ledger import Entries, Ledger, check_form, read_ledger
from preserve.verify.work import Meter, Progress, cores, spread

Level = Literal["quick", "full", "deep"]
LEVELS: tuple[Level, ...] = ("quick", "full", "deep")
_CONTENT = ("manifest/", "checkpoints/", "warc/", "media/")  # making an archive puts nothing there but the first entry
LISTED = 1000  # findings of one code that are told one by one: a converted manifest has one for each line


@dataclass(slots=True)
class Report:
    """The sum of a verification; it is complete when the last finding was drawn.

    `files`, `bytes`, `records`: what was looked at. Quick counts every file and record that is named, and the bytes of
    the manifest only; full and deep count what the sample chose.
    """

    level: Level = "full"
    damage: int = 0
    warnings: int = 0
    files: int = 0
    bytes: int = 0
    records: int = 0
    entries: int = 0
    covered: int = 0  # entries under the newest checkpoint that holds

    @property
    def sound(self) -> bool:
        return self.damage == 0

    def add(self, finding: Finding) -> None:
        self.damage += finding.severity == DAMAGE
        self.warnings += finding.severity == WARNING


def verify(
    root: Path,
    level: Level = "full",
    *,
    sample: int = 100,
    against: bytes | None = None,
    progress: Progress | None = None,
    report: Report | None = None,
) -> Iterator[Finding]:
    """Every finding about the archive at `root`; nothing is written.

    `sample`: percent of the WARC and media files that full and deep read; which ones follows from the number of
    `verify` entries of that level, so that repeated runs reach all. `against`: a note kept elsewhere.
    `progress(done, all)` hears of bytes, on the thread that draws the findings. `report` is filled on the way.
    Raises FormatError where there is no archive, UsageError where `against` is no note.
    """
    if level not in LEVELS or not 0 < sample <= 100:
        raise ValueError(f"verify({level!r}, sample={sample})")
    report = report if report is not None else Report()
    report.level = level
    said: Counter[str] = Counter()
    for finding in _findings(Disk(root), report, sample, against, progress):
        report.add(finding)
        said[finding.code] += 1
        if said[finding.code] <= LISTED:
            yield finding
    for code, number in said.items():
        if number > LISTED:
            yield found(code, "archive", f"{number - LISTED} more of this kind")


def _findings(
    disk: Disk, report: Report, sample: int, against: bytes | None, progress: Progress | None
) -> Iterator[Finding]:
    seen = disk.scan()
    if seen.get("manifest") is None and "archive.json" not in seen:
        raise FormatError(f"{disk.root} is not an archive", "preserve init makes one")
    if against is None and not any(path.startswith(_CONTENT) and kind != FOLDER for path, kind in seen.items()):
        raise FormatError(f"{disk.root} was never finished", "preserve init finishes it")
    notes = seals.read_notes(disk, seals.note_paths(seen))
    wanted = sorted({stored.note.size for stored in notes if stored.note})
    if against is not None:
        wanted = sorted({*wanted, seals.parse_against(against).size})
    covered = max((stored.note.size for stored in notes if stored.note), default=0)
    form = 0 if report.level == "deep" else covered
    ledger = read_ledger(disk, seen, wanted, form)
    report.entries, report.records = ledger.size, ledger.records
    yield from ledger.findings
    yield from memento.check_captures(ledger)
    yield from _check_chain(disk, ledger, notes, against, report, form)
    files = pins.Files(named=_own(ledger, notes))
    yield from pins.check_files(disk, seen, ledger, files)
    yield from pins.strangers(seen, files.named)
    report.files, report.bytes = len(files.named), ledger.length
    if report.level != "quick":
        yield from _read_all(disk, ledger, files, report, sample, progress)


def _check_chain(
    disk: Disk, ledger: Ledger, notes: Sequence[seals.Stored], against: bytes | None, report: Report, form: int
) -> Iterator[Finding]:
    """From the key over the notes to the lines."""
    key, findings = seals.check_genesis(disk, ledger)
    yield from findings
    covered, findings = seals.check_notes(disk, ledger, notes, key)
    yield from findings
    report.covered = covered.size
    if against is not None:
        yield from seals.check_against(against, ledger, key)
    yield from check_form(disk, ledger, covered.size, form)
    yield from _check_tails(ledger, covered.may_follow)


def _check_tails(ledger: Ledger, may_follow: Callable[[bytes], bool]) -> Iterator[Finding]:
    """Bytes after the last line: an entry that was never committed, or something else."""
    for segment in ledger.segments:
        last = segment is ledger.segments[-1]
        if not segment.tail:
            continue
        if last and line.lost_pages(segment.tail, segment.size) and may_follow(segment.tail):
            yield found("line-unfinished", segment.where(segment.end), f"{len(segment.tail)} bytes without their end")
        else:
            yield found("line-torn", segment.where(segment.end), f"{len(segment.tail)} bytes that begin no entry")


def _own(ledger: Ledger, notes: Sequence[seals.Stored]) -> set[str]:
    """Files that the format names; a note that nothing can be made of is told of already."""
    own = set(seals.GENESIS_FILES) | {segment.name for segment in ledger.segments}
    for noted in ledger.of_type("genesis"):
        own |= set(noted.entry["files"])
    return own | {stored.path for stored in notes} | {noted.entry["note"] for noted in ledger.of_type("checkpoint")}


def _read_all(
    disk: Disk, ledger: Ledger, files: pins.Files, report: Report, sample: int, progress: Progress | None
) -> Iterator[Finding]:
    """Every chosen file to its last byte, told in the order of their names."""
    before = sum(noted.entry["level"] == report.level for noted in ledger.of_type("verify"))
    chosen = [warc for warc in files.warcs if _chosen(warc.file, sample, before)]
    pinned = [pin for pin in files.pins if _chosen(pin.path, sample, before)]
    paths = [*(warc.path for warc in chosen), *(pin.path for pin in pinned)]
    meter = Meter(sum(files.sizes[path] for path in paths), progress)
    deep = report.level == "deep"
    jobs: list[Callable[[], list[Finding]]] = [
        partial(warcs.check_warc, warc, disk, ledger, meter, deep=deep) for warc in chosen
    ]
    if sample < 100:
        report.files = len(paths)
        report.records = sum(ledger.count(warc.file) for warc in chosen)
    with Entries(disk, ledger) as entries:
        jobs += _import_jobs(disk, ledger, entries, {warc.file for warc in chosen}, meter) if deep else []
        jobs += _media_jobs(wire.Received(disk, ledger, entries, meter), pinned, deep=deep)
        # Reading thousands of small records is work of the interpreter: two threads of it hinder each other, and took
        # half as much CPU again and longer by the clock than one.
        for findings in spread(jobs, meter, 1 if deep else cores()):
            yield from findings
    report.bytes += meter.done


def _import_jobs(
    disk: Disk, ledger: Ledger, entries: Entries, files: set[str], meter: Meter
) -> list[Callable[[], list[Finding]]]:
    """The copies that lie in these WARC files, and those that lie nowhere."""
    listed = [one.seq for one in ledger.imports if one.file is None or one.file in files]
    return [partial(memento.check, disk, ledger, entries, seq, meter) for seq in listed]


def _media_jobs(
    received: wire.Received, pinned: Sequence[pins.Pin], *, deep: bool
) -> list[Callable[[], list[Finding]]]:
    """Deep holds media against their ledgers; in order, on its one thread, the last job says what remained open."""
    if not deep:
        return [partial(pins.check_pin, received.disk, pin, received.meter) for pin in pinned]
    return [*(partial(received.check, pin) for pin in pinned), received.settle]


def _chosen(path: str, sample: int, before: int) -> bool:
    """A file's turn depends on its name alone, so that new files do not put off old ones."""
    turns = -(-100 // sample)
    return int.from_bytes(sha256(path.encode()).digest()[:8]) % turns == before % turns
