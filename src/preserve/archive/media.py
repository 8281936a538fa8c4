"""Files kept beside the WARCs: content-addressed, write-once, one copy of each content."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from preserve.archive import fsio, layout
from preserve.errors import DamagedError

# A name must never make a desktop run what a stranger sent; what is not listed becomes .bin.
EXTENSIONS = frozenset(
    {
        ".3gp", ".aac", ".avi", ".flac", ".flv", ".gif", ".jpeg", ".jpg", ".json", ".json3", ".m4a",
        ".m4s", ".m4v", ".mkv", ".mov", ".mp3", ".mp4", ".mpd", ".mpeg", ".mpg", ".oga", ".ogg",
        ".ogv", ".opus", ".pdf", ".png", ".srt", ".srv3", ".ts", ".ttml", ".txt", ".vtt", ".wav",
        ".weba", ".webm", ".webp", ".wmv",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """Where it lies (relative to the archive), the SHA-256 of its bytes in hex, how many there are."""

    path: str
    sha256: str
    bytes: int


def put(root: Path, chunks: Iterable[bytes], extension: str) -> StoredMedia:
    """Stores the bytes; they and their name are durable on return. StorageError leaves nothing behind.

    `extension` with or without its dot, in any case. May be called from several threads.
    """
    digest = sha256()
    with fsio.new_file(root) as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
        return adopt(root, file, digest.hexdigest(), extension)


def adopt(root: Path, file: fsio.Appender, name: str, extension: str) -> StoredMedia:
    """As `put`, for a file in `tmp/` that is written already and keeps its name; `name`: the SHA-256 of its bytes."""
    path = layout.media(name, _allowed(extension))
    folder = fsio.folder_for(root, path.rpartition("/")[0])
    held = _held(folder, name)
    if held is None:
        try:
            fsio.publish(file, root, path)
        except DamagedError:  # the name is taken: another thread has just stored the same bytes
            held = _held(folder, name)
            if held is None:
                raise
    if held is not None:
        path = _reuse(root, folder, held, file.size)
    return StoredMedia(path, name, file.size)


def _allowed(extension: str) -> str:
    wanted = "." + extension.lower().lstrip(".")
    return wanted if wanted in EXTENSIONS else ".bin"


def _held(folder: Path, name: str) -> str | None:
    return next((path.name for path in sorted(folder.iterdir()) if path.stem == name), None)


def _reuse(root: Path, folder: Path, name: str, size: int) -> str:
    found = (folder / name).lstat()
    path = f"{layout.MEDIA}/{folder.name}/{name}"
    if found.st_size != size or not (folder / name).is_file():
        raise DamagedError(f"{path} has {found.st_size} bytes, its content has {size}", "run preserve verify")
    fsio.settle(root, path)  # a killed run may have given the name without its fsync
    return path
