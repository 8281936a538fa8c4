"""JSON (RFC 8259), JSON Lines, CSL-JSON, GeoJSON, and chat exports, as they are written: tokens, never objects.

So every string keeps its place, nesting costs nothing, and a document that is damaged is read as far as it goes. What
stands between the tokens and is no JSON is read as text, for there may be a URL in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from preserve.documents.mention import Mention
from preserve.documents.readers.naming import Naming, Token
from preserve.documents.readers.transcript import Transcript

MAX_DEPTH = 100  # of a value that gets a pointer; for a document of brackets alone they would be gigabytes

_TOKEN = re.compile(rb'"((?:[^"\\]++|\\.)*+)(?:"|\Z)|[{}\[\],]|:(?!//)', re.S)
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.S)
_PLAIN = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_LOST = re.compile(rb"://|www\.", re.I)  # no JSON has it outside of strings
_LOST_END = re.compile(rb"[\"\r\n]|\Z")


def read(data: bytes) -> Iterator[Mention]:
    """The citations of every string."""
    return Naming(Walk(data)).mentions()


class Walk:
    """One pass over a document, with the pointer to the value which has come last."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._keys: list[int | tuple[int, int]] = []  # index, or where the name stands, in each open value

    def tokens(self) -> Iterator[Token]:
        data, keys, at, named = self.data, self._keys, 0, False
        for found in _TOKEN.finditer(data):
            start, end = found.span()
            if start < at:
                continue
            if start - at > 3 and _LOST.search(data, at, start):
                lost = _LOST_END.search(data, start)
                yield Token("other", at, lost.start() if lost else len(data))
                if lost and lost.start() > start:
                    at = lost.start()
                    continue
            at, mark = end, data[start : start + 1]
            if mark == b'"':
                inner = found.span(1)
                if keys and not named and not isinstance(keys[-1], int):
                    keys[-1] = inner
                    yield Token("name", *inner)
                else:
                    yield Token("string", *inner)
            elif mark == b",":
                key = keys[-1] if keys else 0
                if keys and isinstance(key, int):
                    keys[-1] = key + 1
                named = isinstance(key, int)
            elif mark == b":":
                named = True
            elif mark in b"{[":
                named = mark == b"["
                keys.append(0 if named else (0, 0))
                yield Token("array" if named else "object", start, end)
            elif keys:
                keys.pop()
                named = True
                yield Token("end", start, end)
        if _LOST.search(data, at):
            yield Token("other", at, len(data))
        while keys:
            keys.pop()
            yield Token("end", len(data), len(data))

    @property
    def pointer(self) -> str | None:
        """RFC 6901; in JSON Lines, within the line."""
        if len(self._keys) > MAX_DEPTH:
            return None
        return "".join(f"/{one if isinstance(one, int) else self._name(*one)}" for one in self._keys)

    def said(self, token: Token) -> str:
        raw = self.data[token.start : token.end]
        return (_ESCAPE.sub(_meant, raw) if b"\\" in raw else raw).decode("utf-8", "replace")

    def transcript(self, token: Token) -> Transcript:
        text = Transcript(self.data)
        self.transcribe(text, token)
        return text

    def transcribe(self, text: Transcript, token: Token) -> None:
        text.unescape(_ESCAPE, _meant, token.start, token.end)

    def _name(self, start: int, end: int) -> str:
        return self.said(Token("name", start, end)).replace("~", "~0").replace("/", "~1")


def _meant(escape: re.Match[bytes]) -> bytes:
    code = escape[0][1:]
    if code[:1] != b"u" or len(code) < 5:
        return _PLAIN.get(code, code)
    high = int(code[1:5], 16)
    if len(code) > 5:
        return chr(0x10000 + ((high - 0xD800) << 10) + int(code[7:], 16) - 0xDC00).encode()
    return chr(high).encode("utf-8", "replace")
