"""What belongs to a film beside its streams: info.json, description, captions, thumbnails, comments."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from preserve.capture.video import describe, fetch, pieces, status, tools
from preserve.errors import FetchError
from preserve.model import Json

if TYPE_CHECKING:
    from preserve.capture.video.keep import Work

CAPTIONS = 100  # tracks of one film; the most translated ones have some 60
THUMBNAILS = 40  # YouTube has 19 names for each film
SMALL = 32 << 20  # bytes of one of them; captions of a day have 5 MB
_KINDS = ("vtt", "srt", "ttml", "json3")  # captions by preference: what a player reads, then what holds most


async def collect(work: Work, *, anew: bool) -> None:
    """Adds them to the media of a film. `anew`: something changed since the last visit; without that only what its
    makers may correct at any time, the captions they wrote, is asked for again."""
    info = work.film.info
    if anew:
        await _texts(work, info)
        await _thumbnails(work, info)
    else:
        work.media += work.held.of_role("info", "description", "thumb")
    if work.films.settings.video.subtitles:
        await _captions(work, info, anew=anew)
    await _comments(work, info)


async def _texts(work: Work, info: Mapping[str, Any]) -> None:
    told = {name: value for name, value in info.items() if name != "comments"}  # these have a file of their own
    await _put(work, "info", "info.json", _json(told), "application/json", made_by=_maker())
    if description := info.get("description"):
        await _put(work, "description", "description.txt", str(description).encode("utf-8", "replace"), "text/plain")


async def _comments(work: Work, info: Mapping[str, Any]) -> None:
    if fault := work.film.comments_fault:
        ended = status.from_error(fault, "")
        work.missing.append(_missing(work.item["url"], "comments", FetchError(ended.reason, fault)))
    if comments := info.get("comments"):
        await _put(work, "comments", "comments.json", _json(comments), "application/json", made_by=_maker())


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str).encode("utf-8", "replace") + b"\n"


def _maker() -> str:
    return f"yt-dlp {tools.installed('yt-dlp')}"


async def _put(work: Work, role: str, rest: str, data: bytes, mime: str, **more: Any) -> None:
    stored = await asyncio.to_thread(work.films.put, [data], "." + rest.rpartition(".")[2])
    work.media.append(describe.media(stored, role, work.item, rest, mime=mime, **more))


# -- captions


async def _captions(work: Work, info: Mapping[str, Any], *, anew: bool) -> None:
    for number, (language, automatic, track) in enumerate(_tracks(info)):
        if number >= CAPTIONS:
            break
        if automatic and not anew:
            continue
        await _caption(work, language, track, automatic=automatic)
    if not anew:
        work.media += [one for one in work.held.of_role("subs") if one["facts"].get("automatic")]


def _tracks(info: Mapping[str, Any]) -> Iterator[tuple[str, bool, Mapping[str, Any]]]:
    """Every language that somebody wrote; of what a machine heard only the language that is spoken."""
    for language, tracks in (info.get("subtitles") or {}).items():
        if language != "live_chat" and (track := _preferred(tracks)):
            yield str(language), False, track
    spoken = str(info.get("language") or "")
    for language, tracks in (info.get("automatic_captions") or {}).items():
        heard = language.endswith("-orig") or language == spoken
        if heard and f"{language}-orig" not in info["automatic_captions"] and (track := _preferred(tracks)):
            yield str(language), True, track


def _preferred(tracks: Any) -> Mapping[str, Any] | None:
    usable = [one for one in tracks or () if one.get("url") or one.get("data")]
    ranked = sorted(usable, key=lambda one: _KINDS.index(one["ext"]) if one.get("ext") in _KINDS else len(_KINDS))
    return next(iter(ranked), None)


async def _caption(work: Work, language: str, track: Mapping[str, Any], *, automatic: bool) -> None:
    kind = describe.safe(str(track.get("ext") or "vtt"))
    rest = f"{describe.safe(language)}{'.auto' if automatic else ''}.{kind}"
    about = {"language": language[:40], "automatic": automatic}
    if track.get("data") is not None:
        await _put(work, "subs", rest, str(track["data"]).encode("utf-8", "replace"), f"text/{kind}", facts=about)
        return
    try:
        if "m3u8" in str(track.get("protocol")):
            raise FetchError("no-media", "captions in a playlist are not fetched")
        data = await fetch.document(work.line, str(track["url"]), _headers(work, track), SMALL)
        if not data:
            raise FetchError("empty", "captions without a byte")
    except FetchError as fault:
        work.missing.append(_missing(str(track.get("url") or ""), "subs", fault))
        return
    await _put(work, "subs", rest, data, f"text/{kind}", facts=about)


def _headers(work: Work, one: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    headers = one.get("http_headers") or work.film.info.get("http_headers") or work.headers
    return pieces.headers(headers)


def _missing(url: str, role: str, fault: FetchError) -> Json:
    url = describe.text(url, 2000) or ""
    return {"url": url, "role": role, "required": False, "came": False, "record": None, "reason": fault.reason}


# -- thumbnails


async def _thumbnails(work: Work, info: Mapping[str, Any]) -> None:
    """All that exist: that a size is not there is normal, and the exchange says it."""
    seen = set()
    for number, one in enumerate(list(info.get("thumbnails") or ())[::-1][:THUMBNAILS]):
        try:
            data = await fetch.document(work.line, str(one.get("url")), _headers(work, one), SMALL)
        except FetchError:
            continue
        kind = _picture(data)
        if not kind or data in seen:
            continue
        seen.add(data)
        about = describe.size(one) | {"format": str(one.get("id") or number)[:80]}
        known = {name: value for name, value in about.items() if value is not None}
        mime = f"image/{'jpeg' if kind == 'jpg' else kind}"
        await _put(work, "thumb", f"thumb{len(seen)}.{kind}", data, mime, facts=known)


def _picture(data: bytes) -> str:
    """By its first bytes; "" for what is no picture, such as a page that says so."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""
