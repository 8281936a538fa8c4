"""What the archive holds, folded from its entries: pure, one pass, rebuilt whenever it is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from preserve.model import HELD, Entry, Json


@dataclass(slots=True)
class Visits:
    """The visits of one source, oldest first."""

    key: str
    captures: list[Entry] = field(default_factory=list)

    @property
    def last(self) -> Entry:
        return self.captures[-1]

    @property
    def good(self) -> Entry | None:
        """The newest held capture: a later, worse visit never hides it."""
        return next((entry for entry in reversed(self.captures) if held(entry)), None)

    @property
    def failures(self) -> int:
        """Visits in a row, up to the last, that brought nothing."""
        count = 0
        for entry in reversed(self.captures):
            if held(entry):
                break
            count += 1
        return count


@dataclass(slots=True)
class Holdings:
    """Everything that can be asked of an archive without opening a WARC."""

    sources: dict[str, Visits] = field(default_factory=dict)
    payloads: dict[tuple[str, str], Json] = field(default_factory=dict)  # (url, payload sha256) -> stored record
    films: dict[str, Entry] = field(default_factory=dict)  # media key -> the newest capture that holds its streams
    last: dict[str, Entry] = field(default_factory=dict)  # newest entry of each type
    size: int = 0

    def add(self, entry: Entry) -> None:
        self.size = entry.seq + 1
        self.last[entry.type] = entry
        if entry.type == "capture":
            self.sources.setdefault(entry.get("key"), Visits(entry.get("key"))).captures.append(entry)
            for record in entry.get("records", ()):
                self._add_record(record)
            for media in entry.get("media", ()):
                if media.get("role") in ("video", "audio") and media.get("film"):
                    self.films[media["film"]] = entry

    def offsets(self, file: str) -> set[int]:
        """Where the records begin that captures name in this WARC file."""
        return {
            record["offset"]
            for visits in self.sources.values()
            for entry in visits.captures
            for record in entry.get("records", ())
            if record["file"] == file
        }

    def _add_record(self, record: Json) -> None:
        if record["type"] == "response" and record["payload_sha256"]:
            self.payloads.setdefault((record["url"], record["payload_sha256"]), record)


def held(entry: Entry) -> bool:
    return entry.get("outcome") in HELD


def fold(entries: Iterable[Entry]) -> Holdings:
    holdings = Holdings()
    for entry in entries:
        holdings.add(entry)
    return holdings


def captures(entries: Iterable[Entry]) -> Iterator[Entry]:
    return (entry for entry in entries if entry.type == "capture")
