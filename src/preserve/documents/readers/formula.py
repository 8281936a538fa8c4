"""Formulas of spreadsheets: what `=HYPERLINK("https://example.org/" & A1, "text")` cites, as far as it can be known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r'"((?:[^"]++|"")*+)"?+|([A-Za-z_][\w.]*+)\s*+(\()?+|([(),;&])|\s++|[^\s"(),;&A-Za-z_]++')
_CITING = {"HYPERLINK": "link", "IMAGE": "image"}
_JOINING = frozenset({"CONCATENATE", "CONCAT"})  # what they join is told apart by commas


@dataclass(frozen=True, slots=True)
class Cited:
    role: str
    written: str
    target: str
    label: str = ""
    whole: bool = True  # otherwise only the beginning is known: the rest is in other cells


def cited(formula: str) -> Iterator[Cited]:
    """The addresses that its functions cite, and the other URLs that stand in it."""
    if "://" not in formula and not any(name in formula.upper() for name in _CITING):
        return
    call: _Call | None = None
    done: _Call | None = None  # the last call, whose label may follow
    for token in _TOKEN.finditer(formula):
        literal, name, opens, mark = token.groups()
        if call is None:
            if opens and (role := _CITING.get(name.upper().rpartition(".")[2])):
                call = _Call(role, token.end())
            elif literal is not None:
                if done:
                    done.label = _plain(literal)
                elif "://" in literal:
                    yield Cited("text", literal, _plain(literal))
            if done and not token[0].isspace():
                yield from done.cited(formula)
                done = None
        elif call.ends(token):
            call.end = token.start()
            if mark == ")":
                yield from call.cited(formula)
            else:
                done = call
            call = None
    for open_call in (call, done):
        if open_call:
            yield from open_call.cited(formula)


class _Call:
    """The first argument of a call that cites."""

    def __init__(self, role: str, start: int) -> None:
        self.role, self.start, self.end, self.label = role, start, 0, ""
        self._parts: list[str] = []
        self._others: list[str] = []
        self._whole = True
        self._depth = 0

    def ends(self, token: re.Match[str]) -> bool:
        """Whether the argument ends with this token."""
        literal, name, opens, mark = token.groups()
        if literal is not None:
            (self._parts if self._whole else self._others).append(_plain(literal))
        elif opens:
            self._depth += 1
            self._whole = self._whole and name.upper() in _JOINING
        elif mark == "(":
            self._depth += 1
        elif mark == ")" or (mark in (",", ";") and not self._depth):
            self._depth -= 1
        elif not mark and not token[0].isspace():
            self._whole = False
        return self._depth < 0

    def cited(self, formula: str) -> Iterator[Cited]:
        target = "".join(self._parts).strip()
        written = formula[self.start : self.end or len(formula)].strip()
        if target and (self._whole or "://" in target):
            quoted = written == f'"{target}"'
            yield Cited(self.role, target if quoted else written, target, self.label, self._whole)
        yield from (Cited("text", other, other) for other in self._others if "://" in other)


def _plain(literal: str) -> str:
    return literal.replace('""', '"')
