"""Films in words for people: what `show`, `list` and `status` say of them. Everything remote is made safe here."""

from __future__ import annotations

import json
from collections.abc import Iterator

from preserve.model import HELD, Entry, Json
from preserve.retrieve import ledger
from preserve.retrieve.media import facts, made_of, number, outcome_text, picture_text, size, text_fact, whole
from preserve.retrieve.reading import objects, text
from preserve.terminal import bytes_text, safe, shorten, shown

_VERBATIM = 600  # characters of a platform's own answer; --json gives it whole
_VALUE = 60  # columns of an old or new value
_HOSTS = 4
_CHUNKS = 6  # of one file that are told one by one; --json tells all
_TAKEN = {
    "streams": "the streams were downloaded",
    "live": "recorded while it was on the air",
    "held": "nothing was downloaded: the streams of an earlier capture still stand",
}


def film_lines(film: Json) -> Iterator[str]:
    """One film of a capture: what the platform said of it, and what became of it."""
    because = "; ".join(map(str, film["signals"])) if isinstance(film.get("signals"), list) else ""
    values = {
        "title": film.get("title"),
        "by": " / ".join(filter(None, (text(film.get("uploader")), text(film.get("uploader_id"))))),
        "page": film.get("url"),
        "published": film.get("published"),
        "duration": duration_text(film.get("duration_ms")),
        "seen by": _audience(film),
        "available": film.get("availability"),
        "outcome": outcome_text(film),
        "because": because,
        "quality": _quality(film),
        "streams": _TAKEN.get(text(film.get("taken"))),
        "list of": f"{film['entries']} films" if whole(film.get("entries")) else None,
    }
    yield safe(film.get("key"))
    yield from (f"  {name:<9} {safe(value)}" for name, value in values.items() if value)
    yield from (f"  {'changed' if index == 0 else '':<9} {line}" for index, line in enumerate(_changes(film)))
    if film.get("status") is not None:
        yield f"  answered  {_verbatim(film['status'])}"


def duration_text(milliseconds: Json) -> str:
    """`0:01:24`; nothing for none."""
    if not whole(milliseconds):
        return ""
    minutes, second = divmod((milliseconds + 500) // 1000, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{second:02}"


def _audience(film: Json) -> str:
    counts = {name: film.get(name) for name in ("views", "likes")}
    return ", ".join(f"{value} {name}" for name, value in counts.items() if isinstance(value, int))


def _quality(film: Json) -> str:
    offered, held = picture_text(film.get("quality")), picture_text(film.get("held"))
    parts = [f"{offered} offered" if offered else "", f"{held} held" if held else ""]
    return ", ".join(filter(None, parts))


def _changes(film: Json) -> Iterator[str]:
    """`title: "old" is now "new"`; `views: 100, now 150 (50 more)`."""
    for change in objects(film, "changes"):
        yield f"{safe(change.get('what'))} {_change(change.get('from'), change.get('to'))}"


def _change(old: Json, new: Json) -> str:
    if old is None:
        return f"is {_value(new)}; the visit before did not tell"
    if new is None:
        return f"is not told any more; it was {_value(old)}"
    more = ""
    if isinstance(old, int) and isinstance(new, int) and not isinstance(old, bool):
        more = f", {new - old} more" if new > old else f", {old - new} fewer"
    return f"was {_value(old)}, is {_value(new)}{more}"


def _value(value: Json) -> str:
    plain = f'"{value}"' if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return safe(shorten(shown(plain), _VALUE))


def _verbatim(answer: Json) -> str:
    plain = json.dumps(answer, ensure_ascii=False)
    return safe(plain[:_VERBATIM]) + (" … (--json tells all)" if len(plain) > _VERBATIM else "")


def media_lines(capture: Entry, item: Json, found: Json | None) -> Iterator[str]:
    """One media file: what it is, where it lies, and where each of its bytes came from, by its ledger."""
    words = [text(item.get("role")), *_kind(item), bytes_text(size(item)), text(item.get("mime"))]
    yield "  ".join(safe(word) for word in words if word)
    yield f"  stored   sha256:{safe(item.get('sha256'))}"
    yield f"  file     {safe(item.get('path'))}"
    for label, key in (("name", "name"), ("film", "film")):
        if item.get(key):
            yield f"  {label:<8} {safe(item[key])}"
    yield from _making(capture, item)
    yield from _service(found)


def _kind(item: Json) -> Iterator[str]:
    rate = f" {number(item, 'fps')} fps" if number(item, "fps") else ""
    if picture := picture_text(facts(item)):
        yield f"{picture}{rate}"
    yield duration_text(facts(item).get("duration_ms"))
    yield ", ".join(filter(None, (text_fact(item, key) for key in ("vcodec", "acodec"))))
    yield text_fact(item, "language") + (" automatic" if facts(item).get("automatic") is True else "")
    if text_fact(item, "format"):
        yield f"format {text_fact(item, 'format')}"


def _making(capture: Entry, item: Json) -> Iterator[str]:
    if not item.get("derived_from"):
        return
    known = {text(one.get("sha256")): text(one.get("role")) for one in made_of(capture, item)}
    hashes = item["derived_from"] if isinstance(item["derived_from"], list) else [item["derived_from"]]
    yield "  made     by preserve, not served like this"
    yield from (f"  made of  {safe(known.get(str(one), 'a file'))} sha256:{safe(one)}" for one in hashes)
    yield f"  made by  {safe(item.get('made_by'))}"


def _service(found: Json | None) -> Iterator[str]:
    if found is None:
        return
    if "error" in found:
        yield f"  served   the ledger cannot be read: {safe(found['error'])}"
        return
    about = ledger.summary(found)
    hosts = [f"{host} ({count})" for host, count in about.hosts.items()]
    more = f" and {len(hosts) - _HOSTS} more" if len(hosts) > _HOSTS else ""
    noun = "chunk" if about.chunks == 1 else "chunks"
    yield f"  served   in {about.chunks} {noun} by {safe(', '.join(hosts[:_HOSTS]))}{more}"
    yield f"  first    {safe(about.first)}"
    yield from _chunks(objects(found, "chunks"))
    yield f"  bytes    {'undone: ' + safe(shorten(', '.join(about.undone), _VALUE)) if about.undone else 'as served'}"
    if about.truncated:
        yield f"  CUT      {about.truncated} of the answers were cut short"


def _chunks(chunks: list[Json]) -> Iterator[str]:
    """Which answer brought which bytes, where there is more than one."""
    for chunk in chunks[:_CHUNKS] if len(chunks) > 1 else ():
        place = f"bytes {whole(chunk.get('offset'))} to {whole(chunk.get('offset')) + whole(chunk.get('length')) - 1}"
        yield f"           {place}  {safe(text(chunk.get('response')))}"
    if len(chunks) > _CHUNKS:
        yield f"           and {len(chunks) - _CHUNKS} more (--json tells all)"


def short(capture: Entry) -> str:
    """The films of a capture in a few words, `film 1080p, 24.5 MB`; nothing where there are none."""
    films = objects(capture, "films")
    if not films:
        return ""
    kept = [film for film in films if film.get("outcome") in HELD]
    streams = sum(size(item) for item in objects(capture, "media") if item.get("role") in ("video", "audio"))
    complete = capture.get("outcome") in HELD and capture.get("reason") != "partial"
    if complete and all(film.get("reason") == "no-media" for film in films):
        return ""  # it was searched for films and shows none: nothing is missing
    if not kept:
        return f"film {outcome_text(films[0])}" if len(films) == 1 else f"{len(films)} films, none held"
    picture = _lines(kept[0].get("held") or kept[0].get("quality"))
    words = f"film {picture}".rstrip() if len(films) == 1 else f"{len(kept)} of {len(films)} films"
    return words + (f", {bytes_text(streams)}" if streams else "")


def _lines(found: Json) -> str:
    """`1080p`, as platforms say: of the shorter side, so that a film for telephones is not called 1920p."""
    sides = [whole(found.get(key)) for key in ("width", "height")] if isinstance(found, dict) else []
    return f"{min(side for side in sides if side)}p" if any(sides) else ""
