"""Names that a document gives to what it holds: of members, of attachments. They are never paths, and lie at will."""

from __future__ import annotations

MAX_LABEL = 300  # characters; a name in a ZIP may have 65,535
_TAIL = 60  # of them from its end, where the suffix is


def label(name: str) -> str:
    """A name as it can be shown in one line: what is invisible or would turn the line around is spelled out, as
    `\\u202e`."""
    if not name.isprintable():
        name = "".join(char if char.isprintable() else _spelled(char) for char in name[: 4 * MAX_LABEL])
    return name if len(name) <= MAX_LABEL else f"{name[: MAX_LABEL - _TAIL - 1]}…{name[-_TAIL:]}"


def _spelled(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
