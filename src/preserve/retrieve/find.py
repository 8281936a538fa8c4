"""From what a person asks for to what is to be read: a URL, a capture, or a hash -> a capture and its part.

What we captured ourselves goes before every copy that a web archive gave: an import answers for a source only as long
as no capture of it is held (or none is old enough for `--at`). Of two copies the one nearest to the date of the citing
document answers; with `--at`, by the time it was archived, the newest that is not after that date.

One pass over the entries with flat memory: only the best answer so far, a few imports and a few near addresses are
kept.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from preserve.catalog.holdings import held, is_nearest, of_sources
from preserve.errors import NotHeldError, UsageError
from preserve.model import Entry, Json, timestamp
from preserve.retrieve import memento
from preserve.retrieve.reading import objects, text

MAX_NEAR = 2000  # addresses kept for a suggestion: enough to be useful, cheap to compare
MIN_PREFIX = 4  # shorter capture ids are slips of the pen
MAX_IMPORTS = 100  # named beside a capture; a run adds two at most


@dataclass(frozen=True, slots=True)
class Found:
    """A capture or an import, and the record or media file of it when its hash was asked for.

    `by`: source, key, final-url, memento (its address in the web archive, or the hash of its content), seq, id,
    content, payload, record, media. `passed`: a newer held capture that was passed over, since it lacks what was to be
    preferred. `imports`: all that answered too, the newest MAX_IMPORTS of them.
    """

    capture: Entry
    by: str
    record: Json | None = None
    media: Json | None = None
    passed: Entry | None = None
    imports: tuple[Entry, ...] = ()

    @property
    def held(self) -> bool:
        return held(self.capture)


Match = Callable[[Entry], Found | None]


def find(
    entries: Iterable[Entry], wanted: str, *, at: str | None = None, prefer: Callable[[Entry], bool] = lambda _: True
) -> Found:
    """The newest held capture that answers to `wanted`, not after `at`; where none is held, the newest at all.

    `wanted`: a URL, a capture id or the unique beginning of one, `#12` (seq), or `sha256:…` of a content, payload,
    stored record or media file. `prefer`: of the held captures, those that it is true of come first, so that a visit
    that brought no film does not hide one that did. Raises NotHeldError with near addresses, UsageError for an
    ambiguous beginning or a date that is none.
    """
    match, before = question(wanted), moment(at) if at else None
    search = _Search(wanted, prefer, dated=before is not None)
    for entry in of_sources(entries):
        search.near.add(text(entry.get("source")))
        found = match(entry)
        if found and before and seen(entry) >= before:
            search.pass_over(entry)
        elif found:
            search.add(found)
    return search.answer(at)


def question(wanted: str) -> Match:
    """The kind of thing asked for, as a test of one capture."""
    if re.fullmatch(r"#\d{1,16}", wanted):
        return lambda entry: Found(entry, "seq") if entry.seq == int(wanted[1:]) else None
    if match := re.fullmatch(r"(?:sha256:)?([0-9a-fA-F]{64})", wanted):
        digest = match[1].lower()
        return lambda entry: _by_hash(entry, digest)
    if re.fullmatch(rf"[0-9a-f]{{{MIN_PREFIX},32}}", wanted):
        return lambda entry: Found(entry, "id") if entry.id.startswith(wanted) else None
    if wanted.startswith("urn:uuid:"):
        return lambda entry: _by_record(entry, wanted)
    return _by_url(wanted)


def _by_url(wanted: str) -> Match:
    from preserve.documents.url import identity

    key = identity(wanted)

    def match(entry: Entry) -> Found | None:
        for name in ("source", "key", "final_url"):
            if entry.get(name) == (key if name == "key" else wanted):
                return Found(entry, name.replace("_", "-"))
        about = memento.of(entry)
        return Found(entry, "memento") if about and about.get("uri") == wanted else None

    return match


def _by_hash(entry: Entry, digest: str) -> Found | None:
    if (memento.of(entry) or {}).get("content_sha256") == digest:
        return Found(entry, "memento", record=answer_record(entry))
    for record in objects(entry, "records"):
        for name, by in (("content_sha256", "content"), ("payload_sha256", "payload"), ("sha256", "record")):
            if record.get(name) == digest:
                return Found(entry, by, record=record)
    for media in objects(entry, "media"):
        if media.get("sha256") == digest:
            return Found(entry, "media", media=media)
    return None


def _by_record(entry: Entry, identifier: str) -> Found | None:
    records = (record for record in objects(entry, "records") if record.get("id") in (identifier, f"<{identifier}>"))
    return next((Found(entry, "record", record=record) for record in records), None)


def seen(entry: Entry) -> str:
    """When the source was seen, by us or by the web archive, as the manifest writes it: such times sort as text."""
    return memento.archived(entry) or str(entry.get("started") or entry.time)


def moment(date: str) -> str:
    """The first instant after a date (to its end) or a time (itself included). Raises UsageError."""
    digits = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", date)  # the stamp of web archives
    try:
        value = datetime(*map(int, digits.groups())) if digits else datetime.fromisoformat(date)  # type: ignore[arg-type]
        step = timedelta(microseconds=1) if digits or re.search(r"\d[T ]\d", date) else timedelta(days=1)
        return timestamp((value if value.tzinfo else value.replace(tzinfo=UTC)) + step)
    except (ValueError, OverflowError):
        raise UsageError(f"--at {date} is not a date", "write 2026-11-22 or 2026-11-22T15:14Z") from None


_EXACT = {"key": 1, "final-url": 0}  # the rest names one thing exactly
_Rank = tuple[bool, bool, bool, bool, int, bool, str, int]


@dataclass(slots=True)
class _Near:
    """Addresses that might have been meant: those of the same host first."""

    wanted: str
    host: str
    same: set[str] = field(default_factory=set)
    other: set[str] = field(default_factory=set)

    def add(self, source: str) -> None:
        group = self.same if self.host and self.host in source else self.other
        if len(group) < MAX_NEAR:
            group.add(source)

    def best(self) -> list[str]:
        part = sorted(source for source in self.same | self.other if self.wanted in source)[:3]
        return part or difflib.get_close_matches(self.wanted, sorted(self.same or self.other), n=3, cutoff=0.5)


class _Search:
    def __init__(self, wanted: str, prefer: Callable[[Entry], bool], *, dated: bool) -> None:
        self.wanted, self.prefer, self.dated = wanted, prefer, dated
        self.near = _Near(wanted, _host(wanted))
        self.best: Found | None = None
        self.newest: Entry | None = None  # of the held ones
        self.ids: list[str] = []
        self.imports: list[Entry] = []
        self.later: Entry | None = None  # the earliest that would have matched but for its date

    def add(self, found: Found) -> None:
        if found.by == "id" and len(self.ids) < 5:
            self.ids.append(found.capture.id)
        if found.capture.type == "import":
            self.imports = [*self.imports[1 - MAX_IMPORTS :], found.capture]
        elif found.held and found.by != "final-url":
            self.newest = found.capture
        if self.best is None or self._rank(found) >= self._rank(self.best):
            self.best = found

    def _rank(self, found: Found) -> _Rank:
        """Another address that led here comes last: what it holds may be of another source. Our own goes before what
        others archived."""
        entry, exact, own = found.capture, _EXACT.get(found.by, 2), found.capture.type == "capture"
        nearest = not own and not self.dated and is_nearest(entry)
        time = "" if own or not self.dated else seen(entry)
        return found.held, exact > 0, own, self.prefer(entry), exact, nearest, time, entry.seq

    def pass_over(self, entry: Entry) -> None:
        """It is too new."""
        if self.later is None or seen(entry) < seen(self.later):
            self.later = entry

    def answer(self, at: str | None) -> Found:
        if len(self.ids) > 1:
            raise UsageError(f"{self.wanted} begins several capture ids", ", ".join(self.ids))
        if self.best:
            newer = self.newest and self.newest.seq > self.best.capture.seq and not self.prefer(self.newest)
            passed = self.newest if newer else None
            return replace(self.best, passed=passed, imports=tuple(self.imports))
        if self.later:
            first = seen(self.later)
            raise NotHeldError(f"{self.wanted}: no capture up to {at}", f"the first is of {first}")
        near = self.near.best()
        hint = f"did you mean {' or '.join(near)}?" if near else "`preserve list` shows what there is"
        raise NotHeldError(f"{self.wanted} is not in the archive", hint)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def answer_record(capture: Entry) -> Json | None:
    """The record of the source's own final response."""
    answer = capture.get("answer")
    return next((r for r in objects(capture, "records") if answer and r.get("id") == answer), None)
