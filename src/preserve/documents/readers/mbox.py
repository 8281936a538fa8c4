"""Mailboxes in one file (mbox): the messages one by one, so that gigabytes need the memory of the largest message.

A message begins at a line `From …`, and programs agree on little else. `Content-Length` is often wrong and not asked;
a `>` in front of `From ` in the text is taken off (mboxo, mboxrd). Thunderbird writes no address or nothing behind
`From`, and not every program puts an empty line before it. So such a line begins a message when a header field follows,
and when it has a time of day, or an empty line before it and no sentence in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from preserve.documents.mention import Block, Nest
from preserve.documents.readers.mail import MAX_MESSAGE, message
from preserve.model import Place

_READ = 1 << 20  # bytes at once
_AHEAD = 2048  # bytes behind `From ` that show whether it begins a message
_START = re.compile(rb"\n(From [^\n]{0,900})\n(?=>?[A-Za-z][!-9;-~]{0,99}[: ])")
_TIME = re.compile(rb"\d\d:\d\d")
_QUOTED = re.compile(rb"\n>(?=>*From )")


def read(file: BinaryIO, nest: Nest) -> Iterator[Block]:
    """The blocks of every message."""
    for number, (data, whole) in enumerate(_messages(file), 1):
        place = Place(part=f"message {number}")
        for block in message(_QUOTED.sub(b"\n", data), nest):
            yield replace(block, place=block.place.within(place))
        if not whole:
            said = f"is larger than {MAX_MESSAGE >> 20} MiB; only its beginning is read"
            yield Block(place=place, warning=said, unread=True)


def _messages(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Each message, and whether that is all of it."""
    data, at, ended, large = bytearray(), 0, False, False
    while not ended:
        piece = file.read(_READ)
        ended = not piece
        data += piece
        while (found := _next(data, at)) >= 0:
            if not large:
                yield bytes(data[: found + 1]), True
            del data[: found + 1]
            at, large = 0, False
        at = max(at, len(data) - _AHEAD)  # what is not all here is looked at again
        if len(data) > MAX_MESSAGE:
            if not large:
                yield bytes(data[:MAX_MESSAGE]), False
            large = True
            del data[:-_AHEAD]
            at = 0
    if data.strip() and not large:
        yield bytes(data), True


def _next(data: bytearray, at: int) -> int:
    """Where the line break before the next message stands; -1: nowhere yet."""
    while (at := data.find(b"\nFrom ", at)) >= 0:
        line = _START.match(data, at)
        if line and (_TIME.search(line[1]) or (_after_empty(data, at) and len(line[1].split()) < 3)):
            return at
        at += 1
    return -1


def _after_empty(data: bytearray, at: int) -> bool:
    return data[at - 1 : at] == b"\n" or data[at - 2 : at] == b"\n\r"
