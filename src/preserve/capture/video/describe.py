"""What is written of films into the manifest: short, in whole numbers, in names that no title can bend. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from preserve.archive.media import EXTENSIONS, StoredMedia
from preserve.capture.video.changes import Offer
from preserve.capture.video.pieces import Stream
from preserve.model import Json

LEDGER = (
    "url", "status", "range", "offset", "length", "sha256", "payload_sha256", "undone", "response", "truncated",
)  # fmt: skip
_TEXT = 500  # characters of a title or a name
_NAME = 60  # characters of an id in a name
_MIMES = {
    "mp4": "mp4", "m4a": "mp4", "m4v": "mp4", "webm": "webm", "mkv": "x-matroska", "ts": "mp2t", "flv": "x-flv",
    "ogg": "ogg", "opus": "ogg", "mp3": "mpeg", "aac": "aac", "3gp": "3gpp", "mov": "quicktime",
}  # fmt: skip


def text(value: Any, most: int = _TEXT) -> str | None:
    """Remote text as the manifest can hold it: no lone surrogates, not endless. Dangerous marks are the reader's."""
    if value is None:
        return None
    return str(value)[:most].encode("utf-8", "replace").decode("utf-8")


def facts(info: Mapping[str, Any]) -> dict[str, Json]:
    """The keys of a `films` item that yt-dlp's info answers."""
    description = info.get("description")
    return {
        "title": text(info.get("title")),
        "uploader": text(info.get("uploader") or info.get("channel")),
        "uploader_id": text(info.get("channel_id") or info.get("uploader_id")),
        "published": _date(info.get("upload_date") or info.get("release_date")),
        "duration_ms": _whole(info.get("duration"), 1000),
        "views": _whole(info.get("view_count")),
        "likes": _whole(info.get("like_count")),
        "availability": text(info.get("availability")),
        # Of the empty text, too: that a description was taken away is a change.
        "description_sha256": sha256(str(description or "").encode("utf-8", "replace")).hexdigest(),
        "quality": best(info.get("formats") or [info]),
    }


def best(formats: Sequence[Mapping[str, Any]]) -> Json:
    """The largest picture that the platform offers, computed ones apart."""
    real = [one for one in formats if "-sr" not in str(one.get("format_id")) and one.get("vcodec") != "none"]
    found = max(real, key=lambda one: _whole(one.get("height")) or 0, default=None)
    return size(found) if found is not None else None


def size(facts: Mapping[str, Any]) -> dict[str, int | None]:
    return {"width": _whole(facts.get("width")), "height": _whole(facts.get("height"))}


def _whole(value: Any, times: int = 1) -> int | None:
    ordinary = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**42
    return round(value * times) if ordinary else None


def _date(value: Any) -> str | None:
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", str(value or ""))
    return f"{match[1]}-{match[2]}-{match[3]}" if match else None


def name(item: Mapping[str, Json], rest: str) -> str:
    """`youtube/qblmOvkV9KM/qblmOvkV9KM.f136.mp4`: platform and id, never a title."""
    identity = safe(str(item["id"]))
    return f"{safe(str(item['platform']))}/{identity}/{identity}.{safe(rest)}"


def safe(written: str) -> str:
    """A part of a path. What had to be changed gets a piece of its hash, so that two ids never become one name."""
    clean = re.sub(r"[^A-Za-z0-9._-]+", "_", written)[:_NAME].strip(".") or "_"
    if clean == written:
        return clean
    return f"{clean}-{sha256(written.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def web_id(page: str, identity: str) -> str:
    """Of a film that only its page names: no platform vouches that its id is its own."""
    return f"{urlsplit(page).hostname or 'page'}-{text(identity, _NAME)}"


def extension(written: str) -> str:
    """One that the archive takes, else `.bin`."""
    return f".{written.lower()}" if f".{written.lower()}" in EXTENSIONS else ".bin"


def media(
    stored: StoredMedia,
    role: str,
    item: Mapping[str, Json],
    rest: str,
    *,
    mime: str = "",
    derived_from: list[str] | None = None,
    made_by: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Json]:
    """An item of `media` (docs/FORMAT.md)."""
    return {
        "path": stored.path,
        "sha256": stored.sha256,
        "bytes": stored.bytes,
        "mime": mime or _mime(rest, role),
        "role": role,
        "name": name(item, rest),
        "film": item["key"],
        "derived_from": derived_from,
        "made_by": made_by,
        "facts": dict(facts or {}),
        "marks": None,
        "ledger": None,
    }


def _mime(rest: str, role: str) -> str:
    ending = _MIMES.get(rest.rpartition(".")[2])
    return f"{'audio' if role == 'audio' else 'video'}/{ending}" if ending else "application/octet-stream"


def offer(stream: Stream, duration_ms: int | None) -> Offer:
    """A stream on offer, as changes.decide weighs it."""
    facts = stream.facts
    return Offer(
        format=stream.format,
        role=stream.role,
        width=facts.get("width"),
        height=facts.get("height"),
        fps=facts.get("fps"),
        bitrate=facts.get("bitrate"),
        bytes=stream.bytes,
        last_modified=stream.last_modified,
        duration_ms=duration_ms,
        codec=facts.get("vcodec" if stream.role == "video" else "acodec"),
    )


def nearest(held: Sequence[Json], stream: Stream) -> Json:
    """Of what is held in a role: the same format, else the largest picture."""
    same = [one for one in held if one["facts"].get("format") == stream.facts.get("format")]
    return next(iter(same), max(held, key=lambda one: one["facts"].get("height") or 0, default=None))


def made_facts(made: Any) -> dict[str, Any]:
    """What ffmpeg said of a copy."""
    names = ("width", "height", "duration_ms", "vcodec", "acodec")
    return {key: value for key in names if (value := getattr(made, key, None)) is not None}


def line(value: Json) -> bytes:
    """One line of canonical JSON, as the manifest writes it."""
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return written.encode("utf-8", "replace") + b"\n"
