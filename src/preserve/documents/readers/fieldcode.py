"""Field codes of word processors: what `HYPERLINK "https://example.org/" \\l "part"` cites (ECMA-376 part 1, 17.16)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from preserve.documents.text import running

_TOKEN = re.compile(r"[\"“”„]((?:[^\"“”\\]++|\\.)*+)[\"“”]?+|\\(\S)|([^\s\"“”„]++)", re.S)
_ESCAPE = re.compile(r"\\([\\\"])")
# Fields with an address for their first argument, its role, and the switches that take an argument of their own.
_FIELDS = {
    "HYPERLINK": ("link", "lot"),
    "INCLUDEPICTURE": ("image", "c"),
    "IMPORT": ("image", "c"),
    "INCLUDETEXT": ("embed", "cntx"),
    "INCLUDE": ("embed", "cntx"),
}
_GENERAL = "*@#"  # switches that every field may have, each with an argument
_LIBRARY = re.compile(r"\s*ADDIN\s+(?:ZOTERO_ITEM|CSL_CITATION|Mendeley)\b[^{]{0,200}(?=\{)")
_ENDNOTE = re.compile(r"\s*ADDIN\s+EN\.CITE\b")


def cited(code: str) -> Iterator[tuple[str, str, str]]:
    """Role, spelling and target of what a field cites."""
    if library := _LIBRARY.match(code):
        yield from (("bibliography", url, url) for url in _library(code, library.end()))
        return
    if _ENDNOTE.match(code):
        yield from (("bibliography", one.written, one.target) for one in running(code.encode()))
        return
    tokens = _TOKEN.finditer(code)
    name = next(tokens, None)
    known = _FIELDS.get(name[0].upper()) if name else None
    if known is None:
        return
    role, switches = known
    written = place = switch = ""
    for token in tokens:
        argument = token[1] if token[1] is not None else token[3]
        if argument is None:
            switch = token[2] if token[2].lower() in switches or token[2] in _GENERAL else ""
        elif not switch:
            written = written or argument
        elif switch.lower() == "l" and role == "link":
            place = argument
        switch = "" if argument is not None else switch
    target = _ESCAPE.sub(r"\1", written)
    target = f"{target}#{place}" if place and "#" not in target else target
    if target.strip():
        yield role, written or target, target.strip()


def _library(code: str, at: int) -> list[str]:
    """The URLs of the works that a reference manager cites here, in its CSL-JSON."""
    urls: list[str] = []

    def found(value: dict[str, Any]) -> None:
        if isinstance(value.get("URL"), str):
            urls.append(value["URL"])

    with suppress(ValueError, RecursionError):  # damaged: what came before is known
        json.JSONDecoder(object_hook=found).raw_decode(code, at)
    return urls
