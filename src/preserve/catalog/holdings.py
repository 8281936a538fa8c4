"""What the archive holds, folded from its entries: pure, one pass, rebuilt whenever it is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from preserve.model import HELD, Entry, Json

OF_A_SOURCE = frozenset({"capture", "import"})  # types of entry that speak of one source, and name records


@dataclass(slots=True)
class Visits:
    """The visits of one source, oldest first, and what web archives gave in their place."""

    key: str
    captures: list[Entry] = field(default_factory=list)
    imports: list[Entry] = field(default_factory=list)

    @property
    def last(self) -> Entry:
        """The newest visit. Only where no line of a visit can be read any more is it an import."""
        return self.captures[-1] if self.captures else self.imports[-1]

    @property
    def good(self) -> Entry | None:
        """The newest held capture: a later, worse visit never hides it. An import is none."""
        return next((entry for entry in reversed(self.captures) if held(entry)), None)

    @property
    def recovered(self) -> Entry | None:
        """The import that stands for the source as long as we hold no capture of our own, or None.

        Two copies may be held: the one nearest to the date of the citing document, and the best later one. The
        nearest is what the document's author saw, so it is the one; the newest of its kind, since whoever asked last
        knew the documents and the archives best. Whether a digest could be checked does not change which page was
        meant: that is said beside it.
        """
        return max((entry for entry in self.imports if held(entry)), key=lambda e: (is_nearest(e), e.seq), default=None)

    @property
    def failures(self) -> int:
        """Visits in a row, up to the last, that brought nothing. What a web archive gave does not end the row."""
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
        if entry.type in OF_A_SOURCE:
            visits = self.sources.setdefault(entry.get("key"), Visits(entry.get("key")))
            (visits.captures if entry.type == "capture" else visits.imports).append(entry)
            for record in entry.get("records", ()):
                self._add_record(record)
            for media in entry.get("media", ()):
                if media.get("role") in ("video", "audio") and media.get("film"):
                    self.films[media["film"]] = entry

    def offsets(self, file: str) -> set[int]:
        """Where the records begin that captures and imports name in this WARC file."""
        return {
            record["offset"]
            for visits in self.sources.values()
            for entry in (*visits.captures, *visits.imports)
            for record in entry.get("records", ())
            if record["file"] == file
        }

    def _add_record(self, record: Json) -> None:
        if record["type"] == "response" and record["payload_sha256"]:
            self.payloads.setdefault((record["url"], record["payload_sha256"]), record)


def held(entry: Entry) -> bool:
    return entry.get("outcome") in HELD


def is_nearest(entry: Entry) -> bool:
    """Of an import: whether it is the copy nearest to the date of the citing document."""
    memento = entry.get("memento")
    return isinstance(memento, dict) and memento.get("why") == "nearest"


def fold(entries: Iterable[Entry]) -> Holdings:
    holdings = Holdings()
    for entry in entries:
        holdings.add(entry)
    return holdings


def of_sources(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Captures, and what web archives gave in their place."""
    return (entry for entry in entries if entry.type in OF_A_SOURCE)
