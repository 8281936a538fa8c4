"""YAML 1.1 as libyaml's events: no tags are obeyed, no aliases expanded, nothing is built.

What stands between the values is comments. From where a document is no valid YAML on, it is read as running text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from preserve.documents.mention import Mention
from preserve.documents.readers.naming import Naming, Token
from preserve.documents.readers.transcript import Transcript

MAX_DEPTH = 100  # of a value that gets a pointer
# Of what is read as YAML at all: libyaml looks at every open collection for every token, so depth costs its square.
MAX_NESTED = 1000
_NEAR = 2000  # bytes in which the next word of a value is looked for in its source
_WORD = re.compile(rb"\s+|\S+")
_FOLD = rb"[ \t]*+\r?\n(?:[ \t]*+\r?\n)*+[ \t]*+"
_ESCAPE = re.compile(rb"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r?\n[ \t]*+|.)|(?<![ \t])" + _FOLD, re.S)
_QUOTES = re.compile(rb"''|(?<![ \t])" + _FOLD)
_PLAIN = {b"0": b"", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"_": b"\xc2\xa0", b"N": b"\n", b"L": b"\n", b"P": b"\n"}
_URL = re.compile(rb"://|www\.", re.I)


def read(data: bytes) -> Iterator[Mention]:
    """The citations of every scalar, and those in comments."""
    return Naming(Walk(data)).mentions()


@dataclass(slots=True)
class _Collection:
    mapping: bool
    key: str | int = 0  # name of the member, or index
    named: bool = False  # the name has come, its value has not


class Walk:
    """One pass over the events, with the pointer to the value that has come last."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._text = data.decode("utf-8", "replace")
        self._open: list[_Collection] = []
        self._value = ""
        self._chars = self._bytes = 0  # the same offset in both

    def tokens(self) -> Iterator[Token]:
        import yaml

        at, complete = 0, False
        try:
            for event in yaml.parse(self._text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
                if complete:
                    self._advance()
                complete = isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent, yaml.CollectionEndEvent))
                if isinstance(event, yaml.ScalarEvent):
                    start, end = self._offset(event.start_mark), self._offset(event.end_mark)
                    yield from self._between(at, start)
                    at = max(at, end)
                    yield self._scalar(event.value, start, end)
                elif isinstance(event, yaml.CollectionStartEvent):
                    mapping = isinstance(event, yaml.MappingStartEvent)
                    self._open.append(_Collection(mapping))
                    yield Token("object" if mapping else "array", at, at)
                    if len(self._open) > MAX_NESTED:
                        raise yaml.YAMLError
                elif isinstance(event, yaml.CollectionEndEvent):
                    self._open.pop()
                    yield Token("end", at, at)
        except yaml.YAMLError:
            yield Token("other", at, len(self.data))
        else:
            yield from self._between(at, len(self.data))
        for _ in self._open:
            yield Token("end", len(self.data), len(self.data))

    def _scalar(self, value: str, start: int, end: int) -> Token:
        self._value = value
        if self._open and self._open[-1].mapping and not self._open[-1].named:
            self._open[-1].key = value
            return Token("name", start, end)
        return Token("string", start, end)

    def _advance(self) -> None:
        if self._open and self._open[-1].mapping:
            self._open[-1].named = not self._open[-1].named
        elif self._open:
            self._open[-1].key = int(self._open[-1].key) + 1

    def _between(self, start: int, end: int) -> Iterator[Token]:
        if end - start > 3 and _URL.search(self.data, start, end):
            yield Token("comment", start, end)

    def _offset(self, mark: Any) -> int:
        """A mark counts characters."""
        self._bytes += len(self._text[self._chars : mark.index].encode("utf-8", "replace"))
        self._chars = max(self._chars, mark.index)
        return self._bytes

    @property
    def pointer(self) -> str | None:
        """RFC 6901, within the document of the stream."""
        if len(self._open) > MAX_DEPTH:
            return None
        return "".join("/" + str(one.key).replace("~", "~0").replace("/", "~1") for one in self._open)

    def said(self, token: Token) -> str:
        return self._value

    def transcript(self, token: Token) -> Transcript:
        """Of a quoted scalar with escapes, by its escapes; of any other, word by word, for lines are folded."""
        text, raw = Transcript(self.data), self.data[token.start : token.end]
        if raw[:1] == b'"' and b"\\" in raw:
            text.unescape(_ESCAPE, _meant, token.start + 1, token.end - 1)
            return text
        if raw[:1] == b"'" and b"''" in raw:
            text.unescape(_QUOTES, _meant, token.start + 1, token.end - 1)
            return text
        at = token.start
        for word in _WORD.finditer(self._value.encode("utf-8", "replace")):
            found = self.data.find(word[0], at, min(token.end, at + _NEAR + len(word[0])))
            if found >= 0 and not word[0].isspace():
                text.copy(found, found + len(word[0]))
                at = found + len(word[0])
            else:
                text.put(word[0], at, at)
        return text


def _meant(escape: re.Match[bytes]) -> bytes:
    if escape[0] == b"''":
        return b"'"
    if escape[0][:1] != b"\\":
        return b" " if escape[0].count(b"\n") == 1 else b"\n"  # a folded line
    code = escape[0][1:]
    if len(code) > 2 and code[:1] in b"xuU":
        number = int(code[1:], 16)
        return chr(number).encode("utf-8", "replace") if number < 0x110000 else b"\xef\xbf\xbd"
    return b"" if b"\n" in code else _PLAIN.get(code, code)
