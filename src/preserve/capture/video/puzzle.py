"""The script of a challenge, evaluated in the process that runs yt-dlp, by its own small interpreter of JavaScript.

The interpreter has no way to a file, to the network or into Python; what it can take is time and memory, and both are
bounded for the process (worker.py).
"""

from __future__ import annotations

import re

from yt_dlp.jsinterp import JSInterpreter
from yt_dlp.utils import YoutubeDLError

MAX_TEXT = 10_000  # characters of a result; a real one has some 20
# As an interpreter of part of a language fails on the rest of it. Any other error ends the process, and the puzzle too.
_FAILURES = (
    YoutubeDLError, ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, RecursionError,
    TypeError, ValueError, re.error,
)  # fmt: skip


class PuzzleError(Exception):
    """The script has no result, or none that is a text or a number."""


def solve(body: str) -> str:
    """What a function with this body, braces included, returns, as JavaScript writes it. Raises PuzzleError."""
    try:
        value = JSInterpreter(f"function puzzle() {body}").extract_function("puzzle")([])
    except _FAILURES as error:
        words = str(error).partition("; please report")[0]  # yt-dlp's advice to its own users
        raise PuzzleError(f"{type(error).__name__}: {words:.200}") from error
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise PuzzleError(f"the script gives no text: {type(value).__name__}")
    text = value if isinstance(value, str) else repr(value)
    if len(text) > MAX_TEXT:
        raise PuzzleError(f"the script gives more than {MAX_TEXT} characters")
    return text
