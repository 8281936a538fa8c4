"""Copies of web archives in words for people: what `show`, `list`, `status` and `get` say of an import. Everything
remote is made safe here, but in `short` and `label`."""

from __future__ import annotations

from collections.abc import Iterator

from preserve.model import Entry, Json
from preserve.retrieve import memento
from preserve.retrieve.media import whole
from preserve.retrieve.reading import objects, text
from preserve.terminal import safe, time_text

_HEADERS = 100  # of an original that are shown; --json gives them all
_WHY = {
    "nearest": "the copy nearest to the date of the citing document",
    "best-later": "the best later copy",
}


def short(entry: Entry) -> str:
    """Raw: `the Wayback Machine, archived 2016-03-02 12:00Z, digest checked`; of archives that were asked in vain
    `nothing in wayback, commoncrawl`."""
    if memento.of(entry) is None:
        names = ", ".join(text(one.get("archive")) for one in objects(entry, "asked"))
        return f"nothing in {names or 'any web archive'}"
    when = time_text(memento.archived(entry))
    checked = "digest checked" if memento.is_checked(entry) else "digest not checked"
    return f"{memento.archive_name(entry)}, archived {when}, {checked}"


def label(entry: Entry) -> str:
    """Raw, before a source: `wayback: `, `in no archive: `; nothing for a capture."""
    if entry.type != "import":
        return ""
    return f"{text(entry.get('archive')) if memento.of(entry) else 'in no archive'}: "


def provenance(entry: Entry) -> Iterator[str]:
    """What whoever gets a copy must know: that it is not ours, whose it is, and what was checked."""
    found = memento.of(entry)
    if found is None:
        return
    yield f"NOT captured by us: a copy from {safe(short(entry))}"
    yield f"it is {safe(found.get('uri'))}, fetched from there {time_text(text(entry.get('started')))}"


def lines(entry: Entry) -> Iterator[str]:
    """The copy of an import, for its custody record."""
    found = memento.of(entry)
    if found is None:
        return
    values = {
        "archive": memento.archive_name(entry),
        "archived": found.get("time"),
        "chosen as": _WHY.get(text(found.get("why")), found.get("why")),
        "copy": found.get("uri"),
        "of": found.get("url") if found.get("url") != entry.get("source") else None,
        "answered": " ".join(str(found[name]) for name in ("status", "mime") if found.get(name)),
        "content": f"sha256:{found['content_sha256']}" if found.get("content_sha256") else None,
        "digest": _digest(found),
        "stored as": "a WARC record of the web archive itself" if memento.is_wrapped(entry) else None,
    }
    yield from (f"{name:<10} {safe(value)}" for name, value in values.items() if value)
    yield from memento.LIMITS.replace(". ", ".\n").split("\n")


def _digest(found: Json) -> str:
    if not found.get("digest"):
        return "the web archive gives none"
    if found.get("verified"):
        return f"{found['digest']}: the stored bytes have it ({found['verified']})"
    return f"{found['digest']}: NOT checked, or the bytes received do not have it"


def headers(entry: Entry) -> Iterator[str]:
    """The header fields of the original, as the web archive gives them."""
    found = (memento.of(entry) or {}).get("headers")
    fields = [field for field in found if isinstance(field, list)] if isinstance(found, list) else []
    yield from (safe(": ".join(map(str, field))) for field in fields[:_HEADERS])
    if len(fields) > _HEADERS:
        yield f"and {len(fields) - _HEADERS} more (--json tells all)"


def asked(entry: Entry) -> Iterator[str]:
    """`wayback: 3 copies`, `commoncrawl: no answer within 60 seconds`."""
    for one in objects(entry, "asked"):
        count = whole(one.get("found"))
        copies = f"{count} {'copy' if count == 1 else 'copies'}"
        yield f"{safe(one.get('archive'))}: {safe(one.get('error') or copies)}"


def summary(entry: Entry) -> Json:
    """An import in short, for programs."""
    found = memento.of(entry)
    names = ("uri", "time", "url", "status", "mime", "content_sha256", "content_bytes", "digest", "verified", "why")
    return {
        "event": "import",
        "import": entry.id,
        "seq": entry.seq,
        "source": entry.get("source"),
        "capture": entry.get("capture"),
        "started": entry.get("started"),
        "outcome": entry.get("outcome"),
        "reason": entry.get("reason"),
        "archive": entry.get("archive"),
        "memento": {name: found.get(name) for name in names} if found else None,
        "asked": objects(entry, "asked"),
        "records": len(objects(entry, "records")),
    }
