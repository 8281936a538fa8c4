"""Who founded the archive, and do the checkpoints vouch for the entries?"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from preserve.errors import UsageError
from preserve.model import Finding, Json
from preserve.verify import line, note
from preserve.verify.codes import found
from preserve.verify.disk import Disk, Kinds
from preserve.verify.ledger import Ledger
from preserve.verify.pins import Pin, check_small

GENESIS_FILES = ("README.txt", "archive.json", "keys/log.pub.pem", "keys/log.vkey")
_NAME = re.compile(r"checkpoints/([0-9]{12})\.note")
_GONE = "it is not there"
_MAX_KEY_FILE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """A note file and what it holds; `note` is None where it is none, or not the one its name says."""

    path: str
    note: note.Note | None
    why: str = ""


def read_notes(disk: Disk, paths: Sequence[str]) -> list[Stored]:
    """The notes at these paths, in order."""
    return [_read_note(disk, path) for path in sorted(paths) if _NAME.fullmatch(path)]


def note_paths(seen: Kinds) -> list[str]:
    return [path for path in seen if _NAME.fullmatch(path)]


def _read_note(disk: Disk, path: str) -> Stored:
    try:
        parsed = note.parse(disk.read(path, note.MAX_NOTE + 1))
    except FileNotFoundError:
        return Stored(path, None, _GONE)
    except OSError as error:
        return Stored(path, None, error.strerror or "it cannot be read")
    if parsed is None or len(parsed.signatures) != 1:
        return Stored(path, None, "it does not have the one form of a note")
    if path != _path(parsed.size):
        return Stored(path, None, f"it covers {parsed.size} entries, its name says something else")
    return Stored(path, parsed)


def _path(size: int) -> str:
    return f"checkpoints/{size:012d}.note"


def check_genesis(disk: Disk, ledger: Ledger) -> tuple[note.Key | None, list[Finding]]:
    """Key and origin by the first entry, and what is wrong with it and the files that it pins."""
    founders = list(ledger.of_type("genesis"))
    late = [found("genesis", ledger.where(noted.seq), "a second founding") for noted in founders if noted.seq]
    first = founders[0].entry if founders and founders[0].seq == 0 else None
    if first is None:
        return None, [*late, found("genesis", "manifest", "the first entry does not found the archive")]
    key = _key(first)
    findings = [*late, *_check_founding(disk, first)]
    if key is None:
        return None, [*findings, found("genesis", ledger.where(0), "it names no Ed25519 key")]
    return key, [*findings, *_check_keys(disk, key)]


def _key(genesis: Mapping[str, Json]) -> note.Key | None:
    try:
        public = b64decode(genesis["public_key"], validate=True)
        genesis["origin"].encode("ascii")
    except ValueError:
        return None
    return note.Key(genesis["origin"], public) if len(public) == 32 else None


def _check_founding(disk: Disk, genesis: Mapping[str, Json]) -> Iterator[Finding]:
    if genesis["format"] != 1:
        yield found("entry-version", "archive", f"format {genesis['format']}; this program knows format 1")
    for path in GENESIS_FILES:
        if path not in genesis["files"]:
            yield found("genesis", path, "the first entry does not pin it")
    for path, fact in genesis["files"].items():
        yield from check_small(disk, Pin(path, fact["bytes"], fact["sha256"]))


def _check_keys(disk: Disk, key: note.Key) -> Iterator[Finding]:
    """Whoever takes the key from these files must get the one that counts."""
    text = {path: _read_text(disk, path) for path in GENESIS_FILES[1:]}
    pem = f"-----BEGIN PUBLIC KEY-----\n{key.pem_body()}\n-----END PUBLIC KEY-----"
    if text["keys/log.pub.pem"].strip() != pem:
        yield found("key-mismatch", "keys/log.pub.pem", "it does not hold the key of the first entry")
    if text["keys/log.vkey"].strip() != key.vkey():
        yield found("key-mismatch", "keys/log.vkey", "it does not hold the key of the first entry")
    if _identity(text["archive.json"]) != (1, key.origin, key.public):
        yield found("key-mismatch", "archive.json", "format, origin or key are not those of the first entry")


def _read_text(disk: Disk, path: str) -> str:
    try:
        return disk.read(path, _MAX_KEY_FILE).decode(errors="replace")
    except OSError:
        return ""


def _identity(text: str) -> tuple[Json, Json, bytes] | None:
    try:
        fields = json.loads(text)
        return fields["format"], fields["origin"], b64decode(fields["public_key"], validate=True)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class Covered:
    """How far the entries are vouched for: `size` entries. `may_follow` judges bytes after the last line."""

    size: int
    may_follow: Callable[[bytes], bool]


def check_notes(
    disk: Disk, ledger: Ledger, notes: Sequence[Stored], key: note.Key | None
) -> tuple[Covered, list[Finding]]:
    """Form, signature and root of every note, and the entries about them."""
    findings: list[Finding] = []
    good: list[note.Note] = []
    for stored in notes:
        wrong = list(_check_note(stored, ledger, key))
        findings += wrong
        if not wrong and stored.note is not None:
            good.append(stored.note)
    findings += _check_roots(good, ledger)
    good = [item for item in good if ledger.roots.get(item.size) == item.root]
    findings += _check_entries(disk, ledger, notes)
    told = {noted.seq for noted in ledger.of_type("checkpoint")}
    findings += _check_told(ledger, good, told)
    newest = max(good, key=lambda item: item.size, default=None)
    covered = newest.size if newest else 0
    findings += _uncovered(ledger, covered, told=newest is not None and covered in told)
    return Covered(covered, _pending(ledger, newest, notes)), findings


def _pending(ledger: Ledger, newest: note.Note | None, notes: Sequence[Stored]) -> Callable[[bytes], bool]:
    """What may stand after the last line: an unfinished entry; after a checkpoint only its own; nothing where a note
    covers more lines than there are."""
    if any(stored.note and stored.note.size > ledger.size for stored in notes):
        return lambda tail: False
    if newest is None or newest.size < ledger.size:
        return line.unfinished
    expected = line.canonical(derived(newest, ledger.segments[-1].run if ledger.segments else None))
    return lambda tail: line.unfinished(tail, expected)


def _check_note(stored: Stored, ledger: Ledger, key: note.Key | None) -> Iterator[Finding]:
    if stored.note is None:
        yield found("note-form", stored.path, stored.why)
    elif key is None or not note.signed(stored.note, key):
        yield found("note-signature", stored.path, "it is not signed by the key of the first entry")
    elif stored.note.size > ledger.size:
        say = f"it covers {stored.note.size} entries, there are {ledger.size}"
        yield found("note-ahead", stored.path, say)


def _check_roots(notes: Sequence[note.Note], ledger: Ledger) -> Iterator[Finding]:
    """The first note that does not hold tells where to look; those after it say no more."""
    last = 0
    for number, item in enumerate(notes):
        if ledger.roots.get(item.size) != item.root:
            later = len(notes) - number - 1
            say = f"among entries {last} to {item.size - 1} one is not what was signed"
            yield found("note-root", _path(item.size), say + (f"; {later} later checkpoints" if later else ""))
            return
        last = item.size


def derived(item: note.Note, run: Json) -> dict[str, Json]:
    """The entry that follows from a note; `run` is that of the entry before."""
    return {
        "v": 1, "t": "checkpoint", "seq": item.size, "id": item.sha256[:32], "time": item.time, "run": run,
        "size": item.size, "root": item.root.hex(), "note": _path(item.size), "sha256": item.sha256,
    }  # fmt: skip


def _check_entries(disk: Disk, ledger: Ledger, stored_notes: Sequence[Stored]) -> Iterator[Finding]:
    notes = {stored.path: stored for stored in stored_notes}
    named = {noted.entry["note"] for noted in ledger.of_type("checkpoint")}
    # A run that goes on may have signed since we looked.
    notes |= {stored.path: stored for stored in read_notes(disk, [path for path in named if path not in notes])}
    for noted in ledger.of_type("checkpoint"):
        path = noted.entry["note"]
        stored = notes.get(path)
        if stored is None or (stored.note is None and stored.why == _GONE):
            yield found("note-missing", path, f"entry {noted.seq} names it")
        elif stored.note is None or noted.entry != derived(stored.note, noted.run) or noted.seq != stored.note.size:
            yield found("checkpoint-entry", ledger.where(noted.seq), f"it does not follow from {path}")


def _check_told(ledger: Ledger, notes: Sequence[note.Note], told: set[int]) -> Iterator[Finding]:
    """After the entries that a note covers stands the entry of that note, and no other."""
    for item in notes:
        if item.size == ledger.size:
            yield found("note-without-entry", _path(item.size), "its entry is not written yet")
        elif item.size not in told:
            yield found("checkpoint-entry", ledger.where(item.size), f"here the entry of {_path(item.size)} must be")


def _uncovered(ledger: Ledger, covered: int, *, told: bool) -> Iterator[Finding]:
    """The checkpoint entry itself follows from its note; nothing else after it is vouched for."""
    bare = ledger.size - covered - told
    if bare > 0:
        yield found("uncovered", ledger.where(ledger.size - 1), f"the last {bare} entries are under no checkpoint yet")


def check_against(data: bytes, ledger: Ledger, key: note.Key | None) -> Iterator[Finding]:
    """A note that somebody kept elsewhere: these entries must still be here, and first."""
    item = parse_against(data)
    if key is None or not note.signed(item, key):
        yield found("against-foreign", "checkpoint kept elsewhere", "the key of this archive did not sign it")
    elif item.size > ledger.size:
        say = f"it covers {item.size} entries, the archive has {ledger.size}"
        yield found("against-rollback", "checkpoint kept elsewhere", say)
    elif ledger.roots.get(item.size) != item.root:
        say = f"the first {item.size} entries are not those that were signed"
        yield found("against-fork", "checkpoint kept elsewhere", say)


def parse_against(data: bytes) -> note.Note:
    """Raises UsageError for a file that is no note: that says nothing of the archive."""
    item = note.parse(data)
    if item is None:
        raise UsageError("the checkpoint to compare with is not a signed note", "give a file from checkpoints/")
    return item
