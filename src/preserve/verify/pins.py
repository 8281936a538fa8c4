"""Are the files there that the entries name, of the kind and size stated, and nothing else?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from preserve.model import Finding, Json
from preserve.verify.codes import found
from preserve.verify.disk import FOLDER, NOT_A_FILE, UNREADABLE, Disk, Kinds, file_sha256, shown
from preserve.verify.ledger import Ledger
from preserve.verify.shape import content_named
from preserve.verify.warcs import Warc
from preserve.verify.work import Meter

OPEN = ".open"
UNFINISHED = re.compile(r"tmp/film-[0-9a-f]{40}(/|$)")  # docs/FORMAT.md section 1


@dataclass(frozen=True, slots=True)
class Pin:
    """A file that an entry pins whole."""

    path: str
    bytes: int
    sha256: str


@dataclass(slots=True)
class Files:
    """What there is to read: WARC files, and files pinned whole; `named`: every path that somebody names."""

    warcs: list[Warc] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    sizes: dict[str, int] = field(default_factory=dict)


def check_files(disk: Disk, seen: Kinds, ledger: Ledger, files: Files) -> Iterator[Finding]:
    """Presence, kind and size of WARC files, media and torn tails; fills `files` with those that can be read."""
    for pin in _pins(ledger):
        files.named.add(pin.path)
        yield from _check_pin(disk, seen, pin, files)
    seals: dict[str, list[Mapping[str, Json]]] = {}
    for noted in ledger.of_type("seal"):
        seals.setdefault(noted.entry["file"], []).append(noted.entry)
    recovered = {noted.entry["file"] for noted in ledger.of_type("recover")}
    for file in ledger.warcs():
        sealed = seals.get(file, [])
        files.named.add(file)
        yield from _check_warc(
            disk, seen, ledger, Warc(file, file, sealed[-1] if sealed else None, file in recovered), files
        )
        if any(seal != sealed[-1] for seal in sealed):
            yield found("seal-records", file, f"it is sealed {len(sealed)} times")


def _pins(ledger: Ledger) -> Iterator[Pin]:
    """Each path once, unless entries disagree about it."""
    media = (Pin(media.path, media.bytes, media.sha256) for media in ledger.media)
    recovered = [noted.entry for noted in ledger.of_type("recover")]
    torn = (Pin(one["path"], one["bytes"], one["sha256"]) for entry in recovered if (one := entry["torn"]))
    lone = (Pin(one["file"], one["kept"], digest) for one in recovered if (digest := content_named(one["file"])))
    yield from dict.fromkeys([*media, *torn, *lone])


def _check_pin(disk: Disk, seen: Kinds, pin: Pin, files: Files) -> Iterator[Finding]:
    size = _look(disk, seen, pin.path)
    if size is None or size < 0:
        yield _absent(pin.path, size)
        return
    if size != pin.bytes:
        yield found("file-size", pin.path, f"{size} bytes, the entry states {pin.bytes}")
    files.pins.append(pin)
    files.sizes[pin.path] = size


def _check_warc(disk: Disk, seen: Kinds, ledger: Ledger, warc: Warc, files: Files) -> Iterator[Finding]:
    size = _look(disk, seen, warc.file)
    if size is None and (size := _look(disk, seen, warc.file + OPEN)) is not None:
        warc = Warc(warc.file, warc.file + OPEN, warc.seal, warc.recovered)
        files.named.add(warc.path)
    if size is None or size < 0:
        yield _absent(warc.path, size)
        return
    files.warcs.append(warc)
    files.sizes[warc.path] = size
    if (warc.seal is None) != (warc.path != warc.file):
        say = "it is not sealed" if warc.seal is None else "it is sealed, but its name still says open"
        yield found("warc-unsealed", warc.path, say)
    spans = ledger.spans(warc.file)
    for (offset, length, seq), (following, _, other) in pairwise(spans):
        if following < offset + length:
            yield found("records-overlap", f"{warc.path}@{following}", f"entries {seq} and {other} claim it")
    end = max((offset + length for offset, length, _ in spans), default=0)
    yield from _check_size(warc, size, end)


def _check_size(warc: Warc, size: int, end: int) -> Iterator[Finding]:
    if warc.seal is not None and size != warc.seal["bytes"]:
        yield found("file-size", warc.path, f"{size} bytes, the seal states {warc.seal['bytes']}")
    elif size < end:
        yield found("file-size", warc.path, f"{size} bytes, entries name records up to byte {end}")
    elif warc.seal is None and size > end:
        yield found("warc-unfinished", warc.path, f"{size - end} bytes after the last committed record")


def _look(disk: Disk, seen: Kinds, path: str) -> int | None:
    """What a run made after the scan is found too."""
    return seen[path] if path in seen else disk.look(path)


def _absent(path: str, size: int | None) -> Finding:
    if size is None:
        return found("file-missing", path, "it is not there")
    if size == UNREADABLE:
        return found("file-unreadable", path, "the system refuses to open it")
    return found("file-kind", path, "a folder stands there" if size == FOLDER else "no regular file stands there")


def check_small(disk: Disk, pin: Pin) -> Iterator[Finding]:
    """A small file that is pinned whole, at once: kind, size, hash."""
    size = disk.look(pin.path)
    if size is None or size < 0:
        yield _absent(pin.path, size)
    elif size != pin.bytes:
        yield found("file-size", pin.path, f"{size} bytes, the entry states {pin.bytes}")
    else:
        yield from check_pin(disk, pin, Meter(size, None))


def check_pin(disk: Disk, pin: Pin, meter: Meter) -> list[Finding]:
    """Every byte of a file that is pinned whole."""
    try:
        with disk.open(pin.path) as file:
            digest = file_sha256(file, meter.count)
    except OSError as error:
        return [unreadable(pin, error)]
    return judged(pin, digest)


def unreadable(pin: Pin, error: OSError) -> Finding:
    return found("file-unreadable", pin.path, error.strerror or "it cannot be read")


def judged(pin: Pin, digest: str) -> list[Finding]:
    """What the hash of the whole file says."""
    if digest == pin.sha256:
        return []
    return [found("file-hash", pin.path, f"SHA-256 {digest}, the entry states {pin.sha256}")]


def strangers(seen: Kinds, named: set[str]) -> Iterator[Finding]:
    """What nobody names. index/ is derived and may hold anything; tmp/ is told in one finding."""
    waiting = [path for path in seen if UNFINISHED.match(path)]
    if waiting:
        yield found("download-unfinished", "tmp", f"{sum(seen[path] != FOLDER for path in waiting)} files")
    tmp = [path for path in seen if path.startswith("tmp/") and not UNFINISHED.match(path)]
    if tmp:
        yield found("tmp-leftover", "tmp", f"{len(tmp)} files")
    for path in sorted(seen):
        size = seen[path]
        if size == FOLDER or path in named or path.startswith(("tmp/", "index/")):
            continue
        if size == UNREADABLE:
            yield found("file-unreadable", shown(path) or ".", "the folder cannot be read")
        elif path.startswith("warc/") and path.endswith(OPEN):
            yield found("warc-unfinished", shown(path), "nothing in it was committed")
        elif path != "lock" or size != 0:
            yield found(
                "stranger",
                shown(path),
                "no link, pipe or device belongs here" if size == NOT_A_FILE else "nobody names it",
            )
