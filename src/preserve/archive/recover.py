"""What a crash leaves, and how it is put right: nothing is deleted, each cut tail is kept and pinned by an entry.

Each step may itself be cut short; the next start finds what is left to do by looking at the disk, not at a memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from preserve.archive import fsio, layout, manifest, warcfile
from preserve.archive.log import Log
from preserve.errors import DamagedError
from preserve.model import Json

Draft = tuple[str, Mapping[str, Json]]  # type and fields of an entry
_BLOCK = 1 << 20
# Quotes inside strings are escaped, so text cannot forge these.
_NAMED = re.compile(rb'"(?:path|file)":"(' + layout.MEDIA.encode() + rb'/[0-9a-z/.]+)"')


def settle(root: Path) -> None:
    """What a killed run wrote without its sync is visible but not durable; it must be, before anything builds on it."""
    for folder in layout.FOLDERS:
        fsio.check_folder(root / folder)
    fsio.make_folder(root, layout.TMP)
    fsio.make_folder(root, layout.CHECKPOINTS)
    segments = manifest.segments(root)
    if segments:
        fsio.settle(root, segments[-1][1])
        fsio.sync_file(root / segments[-1][1])
    for _, file in segments[:-1]:
        if (root / file).stat().st_mode & 0o222:
            fsio.chmod(root / file, fsio.SEALED)


def cut_manifest(root: Path, covered: int) -> list[str]:
    """Sets aside the unfinished end of the manifest. `covered`: entries under the newest note. Returns what to tell.

    One write may hold several lines, and a power cut may take any of its pages, the last one or an earlier one. So the
    end begins at the first line without LF or with a zero byte (JSON has none; a lost page reads as zeros). Only lines
    after the newest note can be such; before it, and with any other fault, it is damage and stays untouched.
    """
    segments = manifest.segments(root)
    if not segments:
        return []
    first, file = segments[-1]
    kept, seq = 0, first
    for _, data in manifest.segment_lines(root, file):
        if seq >= covered and b"\0" in data:
            break
        kept, seq = kept + len(data), seq + 1
    if seq < covered:
        raise DamagedError(f"the manifest has {seq} entries, {layout.note(covered)} was signed over {covered}")
    size = (root / file).stat().st_size
    if size == kept:
        return []
    _set_aside(root, file, root / file, kept)
    return [f"{size - kept} bytes of an unfinished entry set aside"]


def _set_aside(root: Path, file: str, path: Path, kept: int) -> None:
    """Cuts `path` (the file, or with `.open`) to `kept` bytes, once the rest is durable in a `.torn` file."""
    digest = sha256()
    for block in _tail(path, kept):
        digest.update(block)
    torn = layout.torn(file, kept, digest.hexdigest())
    if not (root / torn).exists():  # else a repair came this far before it was cut short
        fsio.write_once(root, torn, _tail(path, kept))
    fsio.settle(root, torn)
    fsio.chmod(path, fsio.GROWING)  # a crash while sealing may have left it read-only
    opened = fsio.append_to(path)
    opened.truncate(kept)
    opened.sync()
    opened.close()


def _tail(path: Path, start: int) -> Iterator[bytes]:
    with fsio.read(path) as stream:
        stream.seek(start)
        while block := stream.read(_BLOCK):
            yield block


def finish_warcs(root: Path, log: Log) -> list[str]:
    """Seals the `.open` files of dead runs after their last whole member. Returns what a person should hear."""
    told = []
    for path in sorted((root / layout.WARC).rglob(f"*{layout.OPEN}")):
        file = path.relative_to(root).as_posix().removesuffix(layout.OPEN)
        if layout.WARC_NAME.fullmatch(path.name.removesuffix(layout.OPEN)):
            told += _finish(root, file, path, log)
    return told


def _finish(root: Path, file: str, path: Path, log: Log) -> list[str]:
    with fsio.read(path) as stream:
        kept, _ = warcfile.whole_members(stream)
        size = stream.seek(0, 2)
    if (root / file).exists() or kept < log.named_end(file):
        return [f"{file}{layout.OPEN} is damaged; it is left as it is: run preserve verify"]
    if size > kept:
        _set_aside(root, file, path, kept)
    if kept:
        fsio.chmod(path, fsio.GROWING)
        fsio.seal(fsio.append_to(path), root, file)
    else:
        fsio.remove(path)  # not a byte is in it
    tail = f", {size - kept} unfinished bytes set aside" if size > kept else ""
    return [f"{file} of an interrupted run closed{tail}"]


def entries(root: Path, log: Log) -> list[Draft]:
    """The `recover` and `seal` entries that are still missing."""
    torn = [file for file in _files(root, layout.TORN) if file not in log.pinned]
    drafts: list[Draft] = []
    for file in _files(root, ".warc.gz"):
        if file in log.sealed or not layout.WARC_NAME.fullmatch(file.rpartition("/")[2]):
            continue
        sealed = warcfile.describe(root, file, "recovered")
        if sealed is None:
            continue  # no file of ours was closed like this: verify will call it a stranger
        mine = next((name for name in torn if name.startswith(f"{file}.")), None)
        drafts += [_recover(root, file, sealed["bytes"], mine), ("seal", sealed)]
        torn = [name for name in torn if name != mine]
    return drafts + list(_lone(root, torn)) + ([] if log.ended else list(_uncommitted(root)))


def _lone(root: Path, torn: Iterable[str]) -> Iterator[Draft]:
    for name in torn:
        if found := layout.TORN_NAME.fullmatch(name):
            yield _recover(root, found["file"], int(found["kept"]), name)


def _uncommitted(root: Path) -> Iterator[Draft]:
    """Media of a visit that a crash kept from its commit: they stay, and are pinned like everything else."""
    stored = {path.relative_to(root).as_posix(): path for path in (root / layout.MEDIA).rglob("*") if _is_media(path)}
    for line in manifest.lines(root) if stored else ():
        for named in _NAMED.findall(line.data):
            stored.pop(named.decode(), None)
    for name, path in sorted(stored.items()):
        digest, size = _hashed(path)
        if path.name.startswith(digest):  # else it is damage, and verify says so
            fsio.settle(root, name)
            yield _recover(root, name, size, None)


def _is_media(path: Path) -> bool:
    return layout.MEDIA_NAME.fullmatch(path.name) is not None and path.is_file() and not path.is_symlink()


def _files(root: Path, suffix: str) -> list[str]:
    found = [path for folder in (layout.MANIFEST, layout.WARC) for path in (root / folder).rglob(f"*{suffix}")]
    return sorted(path.relative_to(root).as_posix() for path in found if path.is_file())


def _recover(root: Path, file: str, kept: int, torn: str | None) -> Draft:
    fields: dict[str, Json] = {"file": file, "kept": kept, "torn": None, "why": "the run that wrote it did not end"}
    if torn is not None:
        digest, size = _hashed(root / torn)
        fields["torn"] = {"path": torn, "bytes": size, "sha256": digest}
    return "recover", fields


def _hashed(path: Path) -> tuple[str, int]:
    digest, size = sha256(), 0
    for block in _tail(path, 0):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size
