"""Jupyter notebooks (nbformat 3 to 5): cells of Markdown and of code, and what the code has shown.

A cell's source is a JSON list of lines: they are put together, read, and its citations put back where they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from preserve.documents.mention import Mention
from preserve.documents.readers import html, markdown
from preserve.documents.readers.json import Walk
from preserve.documents.readers.naming import Token
from preserve.documents.readers.transcript import Transcript, alone
from preserve.documents.readers.value import cited
from preserve.documents.text import running
from preserve.model import Place

_PART = re.compile(r"((?:/worksheets/\d+)?/cells/\d+)/(.*)", re.S)
_LINES = re.compile(r"(source|input|(?:outputs/\d+/(?:data/)?(?:text|html|markdown|text~1\w+)))(?:/\d+)?")


@dataclass(slots=True)
class _Cell:
    pointer: str
    type: str = ""
    parts: dict[str, Transcript] = field(default_factory=dict)


def read(data: bytes) -> Iterator[Mention]:
    """Markdown cells as Markdown, code as code, its output as what it is; of all else the running text."""
    walk, cell = Walk(data), _Cell("")
    for token in walk.tokens():
        if token.kind == "other":
            yield from alone(data, token.start, token.end)
        if token.kind != "string":
            continue
        pointer = walk.pointer or ""
        within = _PART.fullmatch(pointer)
        if within and within[1] != cell.pointer:
            yield from _mentions(cell)
            cell = _Cell(within[1])
        lines = _LINES.fullmatch(within[2]) if within else None
        if within and within[2] == "cell_type":
            cell.type = walk.said(token)
        elif lines:
            walk.transcribe(cell.parts.setdefault(lines[1], Transcript(data)), token)
        elif not (within and "~1" in within[2]):  # pictures in base64, and what widgets keep
            yield from _aside(walk, token, pointer)
    yield from _mentions(cell)


def _aside(walk: Walk, token: Token, pointer: str) -> Iterator[Mention]:
    """Metadata, and the trace of an error."""
    text = walk.transcript(token)
    role = "code" if "/outputs/" in pointer else "asset"
    return text.mentions(running(bytes(text.text), role=role, bare=False), Place(pointer=pointer))


def _mentions(cell: _Cell) -> Iterator[Mention]:
    for name, text in cell.parts.items():
        yield from text.mentions(_cited(cell, name, bytes(text.text)), Place(pointer=cell.pointer))


def _cited(cell: _Cell, name: str, text: bytes) -> Iterator[Mention]:
    if name in ("source", "input"):
        if cell.type in ("markdown", "heading"):
            return markdown.read(text)
        if cell.type == "code":
            return running(text, role="code", bare=False)
        return cited(text)
    output, _, kind = name.partition("/")[2].partition("/")
    if kind.endswith("html"):
        return html.read(text)
    if kind.endswith("markdown"):
        return markdown.read(text)
    better = {f"outputs/{output}/data/text~1html", f"outputs/{output}/data/text~1markdown", f"outputs/{output}/html"}
    return iter(()) if better & cell.parts.keys() else running(text)  # the same once more, for terminals
