"""Where a search has to look: most text is passed over at the speed of memchr."""

from __future__ import annotations

import re


class Hints:
    """The next place at which one of several patterns matches. Each pattern goes over the text once.

    They should begin with a literal byte, which the regular expression engine then looks for first.
    """

    def __init__(self, patterns: tuple[re.Pattern[bytes], ...], data: bytes, end: int) -> None:
        self._data, self._end = data, end
        self._ahead = [(-1, pattern) for pattern in patterns]

    def next(self, start: int) -> int:
        """The first one at or after `start`, -1 when there is none; `start` never goes back."""
        nearest = -1
        for index, (at, pattern) in enumerate(self._ahead):
            if at < start:
                hint = pattern.search(self._data, start, self._end)
                at = hint.start() if hint else self._end
                self._ahead[index] = at, pattern
            if at < nearest or nearest < 0:
                nearest = at
        return nearest if nearest < self._end else -1
