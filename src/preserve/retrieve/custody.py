"""The custody record: what was handed out, from where in the archive, and what vouches for it. One JSON object."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from preserve import __version__
from preserve.archive import layout, manifest
from preserve.errors import PreserveError
from preserve.model import Entry, Json, timestamp
from preserve.proof import note
from preserve.retrieve import media, memento
from preserve.retrieve.content import Delivered, Original
from preserve.retrieve.find import Found

LIMITS = (
    "The hashes and the checkpoint show that these bytes have not changed since the checkpoint was made. "
    "They do not show that the server sent them; for that you rely on the people and the machine that captured them."
)


def custody(root: Path, asked: str, found: Found, given: Json, now: datetime) -> Json:
    """The whole chain of what was handed out: `given` is that of one file, or a list of those in a folder.
    `third_party`: the web archive whose copy it is, None for what we captured."""
    identity = layout.read_identity(root)
    return {
        "custody": 1,
        "made": timestamp(now),
        "software": f"preserve {__version__}",
        "asked": asked,
        "found_by": found.by,
        "held": found.held,
        "given": given,
        "third_party": memento.custody(found.capture),
        "archive": identity.fields(),
        "entry": line_object(found.capture),
        "line": line_hashes(found.capture),
        "checkpoint": covering(root, found.capture.seq),
        "limits": LIMITS,
    }


def given(capture: Entry, original: Original, delivered: Delivered) -> Mapping[str, Json]:
    """One file that was handed out. `media`: its item of the entry, with the pointer to the ledger of its chunks;
    `made_of`: the items that it was made of, if it is no original."""
    about = {"media": original.item, "made_of": media.made_of(capture, original.item)} if original.item else {}
    return {
        "kind": original.kind,
        "sha256": delivered.sha256,
        "bytes": delivered.bytes,
        "matches_manifest": None if original.sha256 is None else original.sha256 == delivered.sha256,
        "derived": list(original.steps),
        "mime": original.mime,
        "truncated": original.truncated,
        **about,
    }


def line_object(entry: Entry) -> Json:
    """The line of the manifest as an object, common keys and all."""
    common = {
        "v": manifest.VERSION,
        "t": entry.type,
        "seq": entry.seq,
        "id": entry.id,
        "time": entry.time,
        "run": entry.run,
    }
    return {**entry.fields, **common}


def line_hashes(entry: Entry) -> Mapping[str, str]:
    """SHA-256 of the line with its LF, and of its leaf in the Merkle tree (docs/FORMAT.md §2 and §3)."""
    line = manifest.encode(entry)
    return {"sha256": hashlib.sha256(line).hexdigest(), "leaf": hashlib.sha256(b"\0" + line).hexdigest()}


def covering(root: Path, seq: int) -> Json:
    """The earliest checkpoint that covers an entry, its signature checked; None if there is none yet.

    The path from the line to its root is not checked here: `preserve verify` does that for the whole archive.
    """
    for size, path in notes(root):
        if size > seq:
            return _checkpoint(root, size, path)
    return None


def notes(root: Path) -> list[tuple[int, Path]]:
    """The checkpoints of an archive by size."""
    folder = root / layout.CHECKPOINTS
    found = [
        (int(match[1]), path) for path in folder.glob("*.note") if (match := layout.NOTE_NAME.fullmatch(path.name))
    ]
    return sorted(found)


def _checkpoint(root: Path, size: int, path: Path) -> Json:
    with path.open("rb") as stream:
        data = stream.read(note.MAX_NOTE + 1)
    about: dict[str, Json] = {"size": size, "note": path.relative_to(root).as_posix()}
    about["sha256"] = hashlib.sha256(data).hexdigest()
    identity = layout.read_identity(root)
    try:
        signed = note.verify(data, identity.origin, identity.public_key)
    except PreserveError as error:
        return {**about, "signature": error.message}
    return {**about, "root": signed.root.hex(), "time": signed.time, "signature": "good"}
