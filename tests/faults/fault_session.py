"""One working life of a small archive, and what must be true of it after any fault."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import preserve
from preserve.archive import layout, manifest
from preserve.archive.store import Archive, create, is_whole
from preserve.model import Entry

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))  # known to all
Ack = Callable[[Callable[[Path], None]], None]


def clock() -> datetime:
    return datetime(2026, 11, 22, 15, 14, 5, 123456, tzinfo=UTC)


def warcinfo(name: str) -> list[bytes]:
    return [gzip.compress(b"warcinfo " + name.encode(), mtime=0)]


def member(text: str) -> list[bytes]:
    data = gzip.compress(text.encode() * 3, mtime=0)
    return [data[:20], data[20:]]


def make(root: Path) -> None:
    create(root, KEY, software="preserve test", clock=clock, origin="example.org/test")


def open_archive(root: Path, run: str = "f", **more: Any) -> Archive:
    return Archive.open(root, run=run * 32, key=KEY, clock=clock, warcinfo=warcinfo, **more)


def capture(archive: Archive, *texts: str, media: bytes = b"") -> dict[str, Any]:
    """The fields of a capture whose records are stored, but not committed yet."""
    archive.ready()
    records = [asdict(archive.append(member(text))) for text in texts]
    kept = [asdict(archive.put_media([media], "mp4"))] if media else []
    return {"source": texts[0], "records": records, "media": kept}


def session(root: Path, ack: Ack) -> None:
    """Two runs. `ack` is told after each promise what must hold from then on."""
    make(root)
    ack(lambda found: None if is_whole(found) else _fail("the archive is not whole"))
    with open_archive(root, "a") as archive:
        ack(holds(archive.commit("run", {"event": "start"})))
        ack(holds(archive.commit("capture", capture(archive, "one", "two"))))
        drafts = [("capture", capture(archive, text, media=b"film")) for text in ("three", "four", "five")]
        ack(holds(*archive.commit_all(drafts)))
        ack(holds(archive.checkpoint()))
        ack(holds(archive.commit("capture", capture(archive, "six" * 50, "seven", media=b"other film"))))
    ack(closed)
    with open_archive(root, "b") as archive:
        ack(holds(archive.commit("capture", capture(archive, "eight"))))
    ack(closed)


def holds(*entries: Entry) -> Callable[[Path], None]:
    """These entries are in the manifest, and every byte that they name is in the archive."""

    def check(root: Path) -> None:
        lines = list(manifest.read(root))
        for entry in entries:
            assert lines[entry.seq : entry.seq + 1] == [json_entry(entry)], f"entry {entry.seq} is not as acknowledged"
            named_bytes(root, entry)

    return check


def json_entry(entry: Entry) -> Entry:
    return manifest.decode(manifest.encode(entry))


def named_bytes(root: Path, entry: Entry) -> None:
    for record in entry.get("records") or () if entry.type == "capture" else ():
        data = layout.resolve(root, record["file"]).read_bytes()
        found = data[record["offset"] : record["offset"] + record["length"]]
        assert digest(found) == record["sha256"], f"a record of entry {entry.seq} is lost"
    for kept in entry.get("media") or ():
        assert digest((root / kept["path"]).read_bytes()) == kept["sha256"]
    for name, pinned in (entry.get("files") or {}).items() if entry.type == "genesis" else ():
        assert digest((root / name).read_bytes()) == pinned["sha256"]
    if entry.type == "checkpoint":
        assert digest((root / entry.fields["note"]).read_bytes()) == entry.fields["sha256"]
    if entry.type == "seal":
        assert digest((root / entry.fields["file"]).read_bytes()) == entry.fields["sha256"]
    if entry.type == "recover" and entry.fields["file"].startswith("media/"):
        assert digest((root / entry.fields["file"]).read_bytes()) in entry.fields["file"]
    if entry.type == "recover" and entry.fields["torn"]:
        assert digest((root / entry.fields["torn"]["path"]).read_bytes()) == entry.fields["torn"]["sha256"]


def closed(root: Path) -> None:
    assert not list((root / "warc").rglob("*.open"))
    assert any(entry.type == "checkpoint" for entry in manifest.read(root))


def sound(root: Path) -> None:
    """Every entry reads, every byte it names is there, and no file is a stranger."""
    entries = list(manifest.read(root))
    known = {*layout.GENESIS_FILES, layout.LOCK} | {file for _, file in manifest.segments(root)}
    for entry in entries:
        named_bytes(root, entry)
        known |= {entry.get("file"), entry.get("note"), (entry.get("torn") or {}).get("path")}
        known |= {kept["path"] for kept in entry.get("media") or ()}
    files = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    strangers = {file for file in files - known if not file.startswith("index/")}
    assert not strangers, f"no entry names {strangers}"


def child_environment() -> dict[str, str]:
    """For a child process that imports this file and the package under test."""
    places = [Path(__file__).parent, Path(preserve.__file__).parents[1]]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))}


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def _fail(text: str) -> None:
    raise AssertionError(text)
