"""RIS, the exchange format of reference managers: tagged lines, one record from TY to ER."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from preserve.documents.mention import Mention, words
from preserve.documents.place import MAX_CONTEXT
from preserve.documents.readers import doi
from preserve.documents.readers.transcript import alone

_LINE = re.compile(rb"^([A-Z][A-Z0-9]) {0,2}- ?", re.M)
_LINKS = frozenset({b"UR", b"L1", b"L2", b"L3", b"L4", b"LK"})
_DOIS = frozenset({b"DO", b"DI", b"M3"})
_TITLES = (b"TI", b"T1", b"CT", b"BT", b"T2")
_SEVERAL = re.compile(rb"(?<![;\s])[;\s]++(?=(?:https?|ftp)://|www\.)|\Z", re.I)
_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{0,30}:\S+")

Field = tuple[bytes, int, int]  # tag, and the bytes of its value


def read(data: bytes) -> Iterator[Mention]:
    """The links of every record, its DOI, and the URLs in its other fields."""
    record: list[Field] = []
    for one in _fields(data):
        if one[0] in (b"TY", b"ER"):
            yield from _record(data, record)
            record = []
        record.append(one)
    yield from _record(data, record)


def _fields(data: bytes) -> Iterator[Field]:
    """A line without a tag goes on with the field before it."""
    tag, start = b"", 0
    for found in _LINE.finditer(data):
        if found[1]:
            yield tag, start, found.start()
            tag, start = found[1], found.end()
    yield tag, start, len(data)


def _record(data: bytes, fields: list[Field]) -> Iterator[Mention]:
    titles = {tag: words(data[start:end].decode("utf-8", "replace")) for tag, start, end in fields if tag in _TITLES}
    title = next((titles[tag] for tag in _TITLES if titles.get(tag)), "")
    for tag, start, end in fields:
        found = list(_dois(data, start, end)) if tag in _DOIS else []
        if not found and tag in _LINKS:
            found = [one for part in _parts(data, start, end) for one in _link(data, *part)]
        elif not found:
            found = list(alone(data, start, end, "bibliography"))
        for mention in found:
            yield replace(mention, anchor=title, context=mention.context or words(title, MAX_CONTEXT))


def _parts(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The URLs of a field that lists some."""
    for stop in _SEVERAL.finditer(data, start, end):
        yield start, stop.start()
        start = stop.end()


def _link(data: bytes, start: int, end: int) -> Iterator[Mention]:
    value = data[start:end].strip().strip(b";").strip()
    if value and _ABSOLUTE.fullmatch(value):
        written = value.decode("utf-8", "replace")
        yield Mention(data.find(value, start), "bibliography", written, written)
    elif value:
        yield from alone(data, start, end, "bibliography")


def _dois(data: bytes, start: int, end: int) -> Iterator[Mention]:
    written = data[start:end].decode("utf-8", "replace").strip()
    if target := doi.target(written):
        at = data.find(written.encode(), start)
        yield Mention(at, "bibliography", written, target, confidence="likely", changes=("scheme-assumed",))
