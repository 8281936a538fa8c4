"""Shortcuts: `.url` of Windows, `.desktop` of freedesktop.org, `.webloc` of macOS as XML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from preserve.documents.mention import Mention, words
from preserve.documents.readers import xml
from preserve.documents.readers.transcript import Transcript

# What else stands there (IconFile, Exec) belongs to the shortcut and is not what it leads to.
_LINE = re.compile(rb"^[ \t]*(BASEURL|ORIGURL|URL|Name)(?:\[[^\]\r\n]*\])?[ \t]*=[ \t]*([^\r\n]*)", re.I | re.M)
_DESKTOP = re.compile(rb"\s*(?:#[^\n]*\n\s*)*\[Desktop Entry\]")
_ESCAPE = re.compile(rb"\\[snrt\\;]")
_PLAIN = {b"\\s": b" ", b"\\n": b"\n", b"\\r": b"\r", b"\\t": b"\t"}


def read(data: bytes) -> Iterator[Mention]:
    """Where it leads."""
    if data.lstrip().startswith(b"<"):
        yield from xml.read(data)
        return
    escaped = bool(_DESKTOP.match(data))
    lines = [(found[1].lower(), *found.span(2)) for found in _LINE.finditer(data)]
    name = next((words(data[start:end].decode("utf-8", "replace")) for key, start, end in lines if key == b"name"), "")
    for key, start, end in lines:
        text = Transcript(data)
        if escaped:
            text.unescape(_ESCAPE, lambda found: _PLAIN.get(found[0], found[0][1:]), start, end)
        else:
            text.copy(start, end)
        url = bytes(text.text).decode("utf-8", "replace").strip()
        if key != b"name" and url:
            yield from text.mentions([Mention(0, "link", url, url, name, name)])
