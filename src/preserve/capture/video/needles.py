"""What a regular expression requires to stand in a text, word for word, told without compiling it. Pure.

yt-dlp asks 1,700 extractors in turn whether an address is theirs, or a player on a page, and each compiles its
expressions to answer: a second for the first page of a process. Nearly all are ruled out by the name of their site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property

SHORTEST = 4  # characters: what every address holds rules nothing out
# Of a choice, the needles of one branch must stand in the text.
Needles = tuple["str | Choice", ...]
Choice = tuple[Needles, ...]

_FLAGS = re.compile(r"\(\?([aiLmsux]+)\)")
# Groups that change what flags hold in them, and comments, which may hold what looks like a group.
_STRANGE = re.compile(r"\(\?(?:[aiLmsux]*-?[aiLmsux]+:|#)")
_ITSELF = r"[^\\\[\](){}|?*+.^$\s#]"
_ESCAPED = r"\\[^A-Za-z0-9\\]"
_CLASS = r"\[\^?\]?[^\]\\]*(?:\\.[^\]\\]*)*\]|\\(?:[dDwWsSbBAZ]|[0-9]+)"  # \1: what a group matched
_REPEAT = r"[?*+]|\{[0-9]*,?[0-9]*\}"
# A run of characters that stand for themselves; else the sign or opening of a group, what requires no text (a class, an
# anchor), a repetition, anything.
_TOKEN = (
    rf"({_ITSELF}+(?:{_ESCAPED}{_ITSELF}*)*|(?:{_ESCAPED}{_ITSELF}*)+)"
    rf"|([|)]|\((?:\?(?:P<\w+>|:)?)?|(?:{_CLASS}|[.^$])(?:{_REPEAT})?|{_REPEAT}|\\.|.)"
)
_TOKENS = re.compile(_TOKEN, re.DOTALL)
_VERBOSE_TOKENS = re.compile(rf"\s+|#[^\n]*|{_TOKEN}", re.DOTALL)
_NUMBERED = frozenset([r"\x", r"\u", r"\U", r"\N"])  # a character by its number or name


class _Untold(Exception):
    """The expression is not simple enough."""


@cache
def needles(pattern: str) -> Needles:
    """Texts that stand in whatever the pattern matches: not all there are, and none where the pattern is not simple."""
    flags = _FLAGS.match(pattern)
    if (flags and "i" in flags[1]) or _STRANGE.search(pattern):
        return ()
    tokens = iter((_VERBOSE_TOKENS if flags and "x" in flags[1] else _TOKENS).findall(pattern + ")"))
    try:
        found = _choice(tokens)
    except _Untold:
        return ()
    return () if next(tokens, None) else _required([found])


def _choice(tokens: Iterator[tuple[str, str]]) -> Choice:
    """The branches of a group, which begins at `tokens`; takes them up to its end."""
    branches: list[Needles] = []
    items: list[str | Choice] = [""]  # ends with a run, which may be empty
    for run, token in tokens:
        if run:
            items[-1] += run.replace("\\", "")  # type: ignore[operator]
        elif token == ")":
            branches.append(_required(items))
            return tuple(branches)
        elif token == "|":
            branches.append(_required(items))
            items = [""]
        elif token[:1] == "(":
            inner = _choice(tokens)
            items += (inner if token != "(?" else (), "")  # `(?`: looks around, or is none that we know
        elif token[:1] in ("?", "*", "{"):
            _drop_last(items)
        elif token in _NUMBERED:
            raise _Untold
        elif token:
            items += ((), "")
    raise _Untold


def _drop_last(items: list[str | Choice]) -> None:
    """What stands before a repetition may be missing."""
    if items[-1]:
        items[-1] = items[-1][:-1]
        items += ((), "")
    elif len(items) > 1:
        items[-2] = ()


def _required(items: list[str | Choice]) -> Needles:
    """What rules something out, the cheapest first."""
    texts: list[str | Choice] = []
    choices: list[str | Choice] = []
    for one in items:
        if isinstance(one, str):
            if len(one) >= SHORTEST:
                texts.append(one)
        elif len(one) == 1:
            choices += one[0]
        elif one and all(one):
            choices.append(one)
    return (*texts, *choices)


def may_match(pattern: str, text: str) -> bool:
    """False: it does not match for sure."""
    return _stand(needles(pattern), text)


def _stand(wanted: Needles, text: str) -> bool:
    return all(one in text if isinstance(one, str) else any(_stand(branch, text) for branch in one) for one in wanted)


class Expression:
    """An expression that is compiled when a text comes that it may match; yt-dlp takes it for a compiled one."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._pattern)

    def match(self, text: str) -> re.Match[str] | None:
        return self._compiled.match(text) if may_match(self._pattern, text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self._compiled.finditer(text) if may_match(self._pattern, text) else iter(())

    def __getattr__(self, name: str) -> object:
        return getattr(self._compiled, name)


@cache
def expression(pattern: str) -> Expression:
    """Many extractors share one."""
    return Expression(pattern)
