"""What of an archive cannot be read, told once for all members of which it is true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from preserve.documents.mention import Block
from preserve.model import Place

_NAMED = 5  # members named in one warning

# What systems put into archives by themselves.
_SYSTEM = frozenset({".ds_store", "thumbs.db", "desktop.ini"})


def skipped(name: str) -> bool:
    """Whether nobody put it there."""
    last = name.replace("\\", "/").rpartition("/")[2].lower()
    return name.startswith("__MACOSX/") or last in _SYSTEM or last.startswith("._")


@dataclass(slots=True)
class Troubles:
    _members: dict[tuple[str, bool], list[str]] = field(default_factory=dict)

    def add(self, warning: str, name: str, *, unread: bool = True) -> None:
        self._members.setdefault((warning, unread), []).append(name)

    def sift(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The blocks of a member, without what is said of the whole of it."""
        for block in blocks:
            if block.warning and not block.text and not block.mentions and block.place == Place(part=block.place.part):
                self.add(block.warning, block.place.part or "", unread=block.unread)
            else:
                yield block

    def blocks(self) -> Iterator[Block]:
        for (warning, unread), names in self._members.items():
            more = len(names) - _NAMED
            named = ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
            yield Block(place=Place(part=named or None), warning=warning, unread=unread)
