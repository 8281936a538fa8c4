"""One line of the manifest: is it in the only form allowed, and what does it say? Bytes in, values out."""

from __future__ import annotations

import json
import re
from typing import NoReturn

from preserve.model import Json

MAX_LINE = 64 * 1024**2  # a capture of 10,000 records has some 6 MB
MAX_INTEGER = 2**53 - 1
_SECTOR = 512
_LONG_NUMBER = re.compile(rb"[0-9]{16}")
_WORDS = tuple(  # an unfinished line begins like every entry does: {"change": , {"citations": , {"damage": ...
    b'{"' + bytes([letter]) for letter in b"abcdefghijklmnopqrstuvwxyz"
)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text[:30]} is a number that entries cannot hold")


_decoder = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse)
_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def parse(line: bytes, *, form: bool) -> tuple[dict[str, Json] | None, str]:
    """The object of a line that ends in LF, and what is wrong with its form ("" where nothing is).

    Without `form` only what JSON itself demands is checked: enough for a line under a signed root.
    """
    try:
        value = _decoder.decode(line.decode())
    except (ValueError, RecursionError) as error:
        return None, f"no entry: {str(error)[:100]}"
    if not isinstance(value, dict):
        return None, "no JSON object"
    return value, _misshapen(value, line) if form else ""


def canonical(value: Json) -> bytes:
    """The line of an object. ValueError for what a line cannot hold."""
    return _encoder.encode(value).encode() + b"\n"


def _misshapen(value: Json, line: bytes) -> str:
    try:
        if canonical(value) != line:
            return "keys, spaces or escapes are not as they are written"
        if _LONG_NUMBER.search(line) and not _small_integers(value):
            return "a number is too large for JSON readers to agree on"
        if not line.isascii() and not _ascii_keys(value):
            return "a key is not ASCII"
    except (ValueError, RecursionError):  # a lone surrogate has no UTF-8; nesting that only the parser stands
        return "it holds what no line can hold"
    return ""


def _small_integers(value: Json) -> bool:
    if isinstance(value, dict):
        return all(map(_small_integers, value.values()))
    if isinstance(value, list):
        return all(map(_small_integers, value))
    return not isinstance(value, int) or abs(value) <= MAX_INTEGER


def _ascii_keys(value: Json) -> bool:
    if isinstance(value, dict):
        return all(map(str.isascii, value)) and all(map(_ascii_keys, value.values()))
    return all(map(_ascii_keys, value)) if isinstance(value, list) else True


def unfinished(tail: bytes, expected: bytes | None = None) -> bool:
    """Whether bytes after the last line can be the beginning of an entry that a crash cut off.

    `expected` is the line that must come, where that is known: after a checkpoint. From the first zero byte on anything
    may stand. A whole object with other bytes after it is no unfinished line: there the LF was changed.
    """
    written = tail.partition(b"\x00")[0]
    if expected is not None:
        return expected.startswith(written)
    if not (b'{"'.startswith(written) or written.startswith(_WORDS)):
        return False
    try:
        text = written.decode(errors="replace")
        _, end = _decoder.raw_decode(text)
    except (ValueError, RecursionError):
        return not re.search(rb"[\x00-\x1f]", written)
    return end == len(text)


def lost_pages(tail: bytes, offset: int) -> bool:
    """Whether the zeros in bytes that stand at `offset` of their file end where a sector or the file ends.

    A power cut takes sectors of 512 bytes or whole pages. Zeros that end elsewhere were written by somebody.
    """
    ends = (match.end() for match in re.finditer(rb"\x00+", tail))
    return all(end == len(tail) or (offset + end) % _SECTOR == 0 for end in ends)
