"""Bodies of films: the small real files of tests/vectors/films, and the same made large for ranges and resumption."""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

from ..messages import Reply
from .materials import noise

FOLDER = Path(__file__).parents[2] / "vectors" / "films"
MIB = 1024 * 1024
SECONDS = 3  # of every film
TYPES = {
    ".mp4": "video/mp4",
    ".m4s": "video/iso.segment",
    ".m4a": "audio/mp4",
    ".webm": "video/webm",
    ".ts": "video/mp2t",
    ".mpd": "application/dash+xml",
    ".m3u8": "application/vnd.apple.mpegurl",
}
SEGMENTS = ("segment-0.ts", "segment-1.ts", "segment-2.ts")


@cache
def body(name: str, size: int = 0, seed: str = "") -> bytes:
    """The bytes of one file, and what a capture must have held: sha256 over this.

    With `size` or `seed` an MP4 ends in a `free` box of noise: `size` bytes in all, other bytes for another seed.
    """
    content = (FOLDER / name).read_bytes()
    if not size and not seed:
        return content
    room = max(size - len(content), 64) - 8
    kind = (struct.pack(">I", room + 8) + b"free") if not name.endswith(".webm") else _void(room)
    return content + kind + noise(name + seed, room)


def _void(room: int) -> bytes:
    """Head of an EBML Void element, eight bytes long as that of a box."""
    return b"\xec" + (room | 1 << 49).to_bytes(7, "big")


def joined(*names: str) -> bytes:
    """The file that the segments make one after another."""
    return b"".join(map(body, names))


def reply(name: str, content: bytes | None = None, *, etag: bool = True) -> Reply:
    """One file that answers ranges; `content` in place of the file's own."""
    content = body(name) if content is None else content
    fields = (("ETag", f'"{len(content):x}-{name}"'),) if etag else ()
    return Reply(content, type=TYPES[Path(name).suffix], fields=fields, ranged=True, server="media")
