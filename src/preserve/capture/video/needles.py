"""What a regular expression requires to stand in a text, word for word, told without compiling it. Pure.

yt-dlp asks 1,700 extractors in turn whether an address is theirs, and each compiles its expression to answer: 0.7 s for
the first address of a process. Nearly all are ruled out by the name of their site.
"""

from __future__ import annotations

import re
from functools import cache

SHORTEST = 4  # characters: what every address holds rules nothing out
_FLAGS = re.compile(r"\(\?([aiLmsux]+)\)")
# A run of plain characters without the last one, where that is repeated; escapes, classes and repetitions whole.
_PLAIN = r"[A-Za-z0-9/:=&_,-]+(?![?*+{])|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{[0-9]*,?[0-9]*\}|."
_TOKEN = re.compile(_PLAIN, re.DOTALL)
_VERBOSE_TOKEN = re.compile(rf"\s+|#[^\n]*|{_PLAIN}", re.DOTALL)
_CLASSES = frozenset([r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\b", r"\B", r"\A", r"\Z"])


@cache
def needles(pattern: str) -> tuple[str, ...]:
    """Texts that stand in whatever the pattern matches: not all there are, and none where the pattern is not simple.

    What is in groups is passed over: it may be a choice, or optional.
    """
    flags = _FLAGS.match(pattern)
    verbose = bool(flags and "x" in flags[1])
    if flags and "i" in flags[1]:
        return ()
    runs, depth = [""], 0
    for token in (_VERBOSE_TOKEN if verbose else _TOKEN).findall(pattern):
        if verbose and (token.isspace() or token[0] == "#"):
            continue
        if token in ("(", ")"):
            depth += 1 if token == "(" else -1
            runs.append("")
        elif depth:
            continue
        elif token == "|" or (token[0] == "\\" and token[1:].isalnum() and token not in _CLASSES):
            return ()  # a choice between two patterns; a character by its number, or a group
        elif token in ("?", "*") or (token[0] == "{" and len(token) > 1):
            runs[-1] = runs[-1][:-1]  # what stands before it may be missing
            runs.append("")
        elif token in (".", "^", "$", "+") or token in _CLASSES or (token[0] == "[" and len(token) > 1):
            runs.append("")
        else:
            runs[-1] += token.removeprefix("\\") or token
    return () if depth else tuple(run for run in runs if len(run) >= SHORTEST)


def may_match(pattern: str, text: str) -> bool:
    """False: it does not match for sure."""
    return all(needle in text for needle in needles(pattern))
