"""Reading an archive for people: what can be read is shown, what cannot is said and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from preserve.archive import layout, manifest
from preserve.errors import DAMAGE_FOUND
from preserve.model import Entry, Json, Place

SHOWN = 3  # a manifest with a thousand broken lines is one piece of news, not a thousand


class Reading:
    """The entries of one archive. Raises FormatError where there is none, or one of another version.

    `complain` hears of the first lines that cannot be read; `exit_code` tells that there were any.
    """

    def __init__(self, root: Path, complain: Callable[[str, str], None]) -> None:
        self.identity = layout.read_identity(root)
        self.root = root
        self.broken = 0
        self._complain = complain

    def entries(self) -> Iterator[Entry]:
        self.broken = 0
        yield from manifest.read_lenient(self.root, self._hear)
        if self.broken > SHOWN:
            self._complain(f"{self.broken - SHOWN} more lines of the manifest cannot be read", "")

    def _hear(self, message: str) -> None:
        self.broken += 1
        if self.broken <= SHOWN:
            self._complain(message, "run preserve verify: it tells all that is damaged")

    @property
    def exit_code(self) -> int:
        return DAMAGE_FOUND if self.broken else 0


def objects(entry: Entry | Mapping[str, Json], key: str) -> list[Json]:
    """A list of objects in an entry, or in a part of one. What is no object is left out: archives come from anybody."""
    found = entry.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def place(item: Json) -> str:
    """Where a citation stands: `report.md:12:4`, `report.pdf p.3`, `sheet.xlsx Sheet1!B7`, `mail.eml (1.2) :3:1`."""
    known = {name: item.get(name) for name in Place.__dataclass_fields__}
    at = Place(**{name: value for name, value in known.items() if isinstance(value, (int, str))}).text(column=True)  # type: ignore[arg-type]  # archives come from anybody
    document = str(item.get("document") or "")
    return document + at if at.startswith(":") else f"{document} {at}".strip()
