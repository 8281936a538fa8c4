"""What changed between two visits of a film, and whether what is offered now is worth fetching. Pure.

A stream that is held is never replaced. It is fetched once more when the platform changed it, when the film has
become another, or when the picture is better; the same again, and anything worse, stays where it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from preserve.model import HELD, Json

LENGTH = 3000  # milliseconds by which two measures of one film may differ: platforms round, tracks end apart
FRAMES = 2  # frames a second by which two measures may differ: 29.97 is written as 29 and as 30
BETTER = 10  # per cent more bits that count: announced rates are averages of one encoder and peaks of another

_FACTS = (
    "title", "description_sha256", "uploader", "uploader_id", "published", "duration_ms", "views", "likes",
    "availability", "quality",
)  # fmt: skip
_NAMES = {"description_sha256": "description"}
_FAMILIES = {
    "avc1": "h264", "avc3": "h264", "h264": "h264", "hev1": "h265", "hvc1": "h265", "hevc": "h265", "h265": "h265",
    "vp08": "vp8", "vp09": "vp9", "av01": "av1", "mp4a": "aac", "aac": "aac",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """One stream as the platform announces it; None is unknown. `bitrate` in bits per second."""

    format: str
    role: str  # video, audio
    width: int | None
    height: int | None
    fps: int | None
    bitrate: int | None
    bytes: int | None
    last_modified: str | None
    duration_ms: int | None
    codec: str | None = None  # as announced (avc1.640028)


@dataclass(frozen=True, slots=True)
class Decision:
    """`action`: keep, fetch, or ask (the size decides: a HEAD may tell it; when it does not, fetch)."""

    action: str
    why: str


def compare(before: Json, now: Json) -> list[Json]:
    """Changes between two `films` items of one film: {"what", "from", "to"}.

    A fact that one of the visits did not learn has not changed. `description` is compared by its sha256; `outcome` is
    the word alone where the film is held, else with its reason (`lost/removed`).
    """
    if not isinstance(before, dict) or not isinstance(now, dict):
        return []
    pairs = [(_NAMES.get(key, key), _learnt(before, key), _learnt(now, key)) for key in _FACTS]
    pairs.append(("outcome", _ended(before), _ended(now)))
    return [
        {"what": what, "from": was, "to": is_now}
        for what, was, is_now in pairs
        if was is not None and is_now is not None and was != is_now
    ]


def _learnt(item: Mapping[str, Json], key: str) -> Json:
    value = item.get(key)
    return value if key != "quality" or _number(value, "height") else None


def _ended(item: Mapping[str, Json]) -> str | None:
    outcome, reason = item.get("outcome"), item.get("reason")
    return outcome if outcome in HELD or not reason else f"{outcome}/{reason}"


def dropped(held: Sequence[Json], quality: Json) -> str | None:
    """A sentence when the best picture offered now is smaller than the one that is held; None otherwise."""
    best, offered = _highest(_of_role(held, "video")), _number(quality, "height")
    return f"offered at most {offered}p, held in {best}p" if best and offered and offered < best else None


def decide(held: Sequence[Json], offered: Offer) -> Decision:
    """`held`: media items of the same film, the newest capture first; those of another role are passed over."""
    mine = _of_role(held, offered.role)
    if not mine:
        return Decision("fetch", f"no {offered.role} is held")
    alike = [item for item in mine if _format(item) == offered.format]
    if any(_same(item, offered) for item in alike):
        return Decision("keep", "")
    if all(_longer(item, offered) for item in mine):
        return Decision("fetch", "the film has another length than before")
    if alike:
        changed = all(_same(item, offered) is False for item in alike)
        return Decision("fetch", f"the platform changed {offered.format}") if changed else Decision("ask", "")
    mine = [item for item in mine if not _longer(item, offered)]
    return _picture(mine, offered) if offered.role == "video" else _bits(mine, offered, "sound")


def _same(item: Json, offered: Offer) -> bool | None:
    """Whether it is the same file by all that both sides know; None when they know nothing in common."""
    marks = item.get("marks")
    known = [
        (_number(marks, "bytes") or _length(item), offered.bytes),
        (_word(marks, "last_modified"), offered.last_modified),
    ]
    both = [was == now for was, now in known if was is not None and now is not None]
    return all(both) if both else None


def _length(item: Json) -> int | None:
    """Of the file, where it is one file at the platform too."""
    fragments = item.get("marks") and item["marks"].get("fragments")
    return None if fragments else _number(item, "bytes")


def _longer(item: Json, offered: Offer) -> bool:
    """Longer or shorter than is held, by more than measuring explains."""
    was, now = _number(item.get("facts"), "duration_ms"), offered.duration_ms
    return bool(was and now and abs(was - now) > LENGTH)


def _picture(held: Sequence[Json], offered: Offer) -> Decision:
    """Another format: height, then frames, then bits where the coding is comparable."""
    best = _highest(held)
    if not best or not offered.height:
        return _unmeasured(held, offered)
    if offered.height != best:
        return _by(offered.height, best, "p")
    tallest = [item for item in held if _number(item.get("facts"), "height") == best]
    frames = max((_number(item.get("facts"), "fps") or 0 for item in tallest), default=0)
    if frames and offered.fps and abs(offered.fps - frames) > FRAMES:
        return _by(offered.fps, frames, " frames a second")
    return _bits(tallest, offered, "picture")


def _by(now: int, was: int, unit: str) -> Decision:
    if now > was:
        return Decision("fetch", f"offered in {now}{unit}, held in {was}{unit}")
    return Decision("keep", f"offered at most {now}{unit}, held in {was}{unit}")


def _unmeasured(held: Sequence[Json], offered: Offer) -> Decision:
    """No picture to compare: the same bytes under another name are the same film, others are not known to be."""
    if offered.bytes is None:
        return Decision("ask", "")
    if any(_same(item, offered) for item in held):
        return Decision("keep", "")
    return Decision("fetch", "another file, of a picture whose size is not said")


def _bits(held: Sequence[Json], offered: Offer, what: str) -> Decision:
    """Bits tell of quality only within one family of codecs."""
    family = _family(offered.codec)
    rates = [_rate(item) for item in held if family and _family(_codec(item, offered.role)) == family]
    most, now = max(rates, default=0), _announced(offered)
    if most and now and now * 100 > most * (100 + BETTER):
        return Decision("fetch", f"the same {what} with {now // 1000} kbit/s, held with {most // 1000} kbit/s")
    return Decision("keep", f"{offered.format} is another coding of the {what} that is held")


def _rate(item: Json) -> int:
    duration, size = _number(item.get("facts"), "duration_ms"), _number(item, "bytes")
    return size * 8000 // duration if duration and size else 0


def _announced(offered: Offer) -> int:
    """Reckoned as for what is held, where that can be."""
    if offered.bytes and offered.duration_ms:
        return offered.bytes * 8000 // offered.duration_ms
    return offered.bitrate or 0


def _family(codec: str | None) -> str:
    name = (codec or "").partition(".")[0].strip().lower()
    return _FAMILIES.get(name, name)


def _codec(item: Json, role: str) -> str | None:
    return _word(item.get("facts"), "vcodec" if role == "video" else "acodec")


def _format(item: Json) -> str | None:
    return _word(item.get("facts"), "format") or _word(item.get("marks"), "format")


def _of_role(held: Sequence[Json], role: str) -> list[dict[str, Json]]:
    return [item for item in held if isinstance(item, dict) and item.get("role") == role]


def _highest(held: Sequence[Json]) -> int:
    return max((_number(item.get("facts"), "height") or 0 for item in held), default=0)


def _number(value: Json, key: str) -> int | None:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _word(value: Json, key: str) -> str | None:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) and found else None
