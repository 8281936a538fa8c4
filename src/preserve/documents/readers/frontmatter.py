"""Front matter: the YAML, TOML or JSON between the first lines of a Markdown document.

Values only, and only what a value says: a URL, a path of the site with a file extension, or a URL in a sentence.
The YAML is read as events, never built: no tags are obeyed, no aliases expanded, no depth recursed into.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace

from preserve.documents import text
from preserve.documents.find import find
from preserve.documents.mention import Mention, words
from preserve.documents.place import MAX_CONTEXT
from preserve.documents.url import scheme

# Real front matter is a screenful; the YAML reader is slow, and its input is a stranger's.
MAX_FRONT_MATTER = 65_536
MAX_DEPTH = 20  # of its collections; the YAML scanner looks at every open one for every token

_FENCED = re.compile(rb"(---|\+\+\+|;;;)[ \t]*\r?\n(.*?)^(?:\1|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S | re.M)
_KEY = re.compile(rb"\s*(?:#[^\n]*\s+)*[\w\"'.-]+\s*[:=\]]|\s*[\[{]")
_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*+)\"(\s*:)?")  # of JSON; a key when a colon follows
_FILES = (
    "avif|bmp|csv|docx?|gif|heic|html?|jpe?g|json|m4a|mov|mp3|mp4|odt|ogg|pdf|png|svg|tiff?|txt|webm|webp|xlsx?|zip"
)
_SITE_PATH = re.compile(r"(?:/|\.{1,2}/)(?!/)[^\s\x00-\x1f<>\"|]*\.[A-Za-z][A-Za-z0-9]{1,4}")
_FILE_PATH = re.compile(rf"[\w%~@+-][\w%~@+./-]*\.(?:{_FILES})", re.I)
_ABSOLUTE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^\s/][^\s]*")


def span(data: bytes) -> tuple[int, int, int]:
    """Start and end of what stands between the fences, and the end of the closing fence; zeros without one."""
    if data[:1] == b"{":
        end = _object(data)
        return (0, end, end) if end else (0, 0, 0)
    match = _FENCED.match(data, 0, min(len(data), MAX_FRONT_MATTER))
    if match and _KEY.match(match[2]):  # else the line is a thematic break
        return match.start(2), match.end(2), match.end()
    return 0, 0, 0


def read(data: bytes) -> Iterator[Mention]:
    """The citations in the values of the front matter; in all of its text when it cannot be parsed."""
    start, end, after = span(data)
    if not after:
        return
    source = data[start:end].decode("utf-8", "replace")
    read = _json if data.startswith((b"{", b";;;")) else _toml if data.startswith(b"+++") else _yaml
    values = read(source)
    if values is None:
        values = [(0, source)]
    for at, value in values:
        yield from _mentions(data, start + len(source[:at].encode()), end, value)


def _object(data: bytes) -> int:
    """Where the JSON object ends that the document begins with; 0 when nothing but JSON follows."""
    source = data[:MAX_FRONT_MATTER].decode("utf-8", "ignore")
    try:
        _, end = json.JSONDecoder().raw_decode(source)
    except (ValueError, RecursionError):
        return 0
    after = len(source[:end].encode())
    rest = data[after : after + MAX_FRONT_MATTER]
    return after if rest.lstrip()[:1] not in (b"", b"{", b",") and rest.lstrip(b" \t\r")[:1] == b"\n" else 0


def _mentions(data: bytes, start: int, end: int, value: str) -> Iterator[Mention]:
    if _is_link(value):
        at = _located(data, start, end, value)
        yield Mention(at, "front-matter", value, value, context=_line(data, at))
        return
    for found in find(value.encode(), bare=True):
        at = start = _located(data, start, end, found.written)
        yield replace(text.mention(data, found, "front-matter"), start=at, context=_line(data, at))


def _located(data: bytes, start: int, end: int, written: str) -> int:
    """Where the value's own quotes, folds and escapes let it be found in the source."""
    at = data.find(written.encode(), start, end)
    return at if at >= 0 else start


def _line(data: bytes, at: int) -> str:
    begin = data.rfind(b"\n", 0, at) + 1
    return words(data[begin : at + MAX_CONTEXT].partition(b"\n")[0].decode("utf-8", "ignore"))


def _is_link(value: str) -> bool:
    if _ABSOLUTE.fullmatch(value):
        return scheme(value) not in ("", "file") or value.startswith("//")
    return bool(_SITE_PATH.fullmatch(value) or _FILE_PATH.fullmatch(value))


def _yaml(source: str) -> list[tuple[int, str]] | None:
    """Every scalar value with the offset of its text; None when it is no YAML."""
    import yaml

    complete = (yaml.ScalarEvent, yaml.AliasEvent, yaml.CollectionEndEvent)
    values: list[tuple[int, str]] = []
    frames: list[bool | None] = []  # open collections: None in a list, else whether a key comes next
    try:
        for event in yaml.parse(source, yaml.SafeLoader):
            if isinstance(event, yaml.ScalarEvent) and not (frames and frames[-1]):
                values.append((event.start_mark.index if event.start_mark else 0, event.value))
            if isinstance(event, yaml.CollectionStartEvent):
                frames.append(True if isinstance(event, yaml.MappingStartEvent) else None)
                if len(frames) > MAX_DEPTH:
                    return None
                continue
            if isinstance(event, yaml.CollectionEndEvent):
                frames.pop()
            if isinstance(event, complete) and frames and frames[-1] is not None:
                frames[-1] = not frames[-1]
    except yaml.YAMLError:
        return None
    return values


def _toml(source: str) -> list[tuple[int, str]] | None:
    """Every string value; its place is where its text stands next, for the TOML reader does not tell."""
    try:
        pending: list[object] = [tomllib.loads(source)]
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    values: list[tuple[int, str]] = []
    at = 0
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending.extend(reversed(value.values()))
        elif isinstance(value, list):
            pending.extend(reversed(value))
        elif isinstance(value, str):
            found = source.find(value, at)
            at = found if found >= 0 else max(0, source.find(value))
            values.append((at, value))
    return values


def _json(source: str) -> list[tuple[int, str]] | None:
    """Every string that is a value."""
    values = [(text.start(1), text[1]) for text in _STRING.finditer(source) if not text[2]]
    return [(at, _unquoted(text) if "\\" in text else text) for at, text in values]


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text
