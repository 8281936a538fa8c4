"""A line of a PDF page as a person reads it, where pdfium does not give it so.

- letter-spaced text: pdfium takes each gap for the end of a word, and a URL falls to pieces;
- writing from right to left: pdfium gives the words of a line, and the letters of some, as they stand from left to
  right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median

Edges = Callable[[int], tuple[float, float]]  # from where to where pdfium's character of this index reaches
Letters = tuple[str, Sequence[int]]  # a text, and pdfium's index of each of its characters

_SPACED = re.compile(r"(?:\S ){7,}\S(?!\S)")  # as many letters in a row that stand alone
_WIDER = 1.6  # times the gap between two letters is that between two words
_LEFTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")  # Hebrew, Arabic, Syriac, Thaana, N'Ko
_RIGHTWARD = re.compile(r"[A-Za-z]")
_PATH = re.compile(r"[/.:@]\w")
_WORD = re.compile(r"\S+")


def ordered(text: str, indices: Sequence[int], edges: Edges) -> Letters:
    """The same line, its letters together and its words in the order of reading."""
    if _SPACED.search(text):
        text, indices = _closed(text, indices, edges)
    if _LEFTWARD.search(text):
        text, indices = _logical(text, indices, edges)
    return text, indices


def is_leftward(text: str) -> bool:
    """Whether the line has words that run from right to left."""
    return bool(_LEFTWARD.search(text))


def _closed(text: str, indices: Sequence[int], edges: Edges) -> Letters:
    letters = [(char, index, *edges(index)) for char, index in zip(text, indices, strict=True) if not char.isspace()]
    gaps = [after[2] - before[3] for before, after in pairwise(letters)]
    wide = _WIDER * max(median(gaps), 0.0)
    closed, kept = [letters[0][0]], [letters[0][1]]
    for gap, (char, index, _, _) in zip(gaps, letters[1:], strict=True):
        parts = [" ", char] if gap > wide else [char]
        closed += parts
        kept += [index] * len(parts)
    return "".join(closed), kept


def _logical(text: str, indices: Sequence[int], edges: Edges) -> Letters:
    words = [_word(match[0], indices[match.start() : match.end()], edges) for match in _WORD.finditer(text)]
    leftward = sum(bool(_LEFTWARD.search(word)) for word, _ in words)
    if leftward >= sum(bool(_RIGHTWARD.search(word)) and not _PATH.search(word) for word, _ in words):
        words = list(_from_the_right(words, edges))
    spaced = [index for _, own in words for index in (*own, own[-1])]
    return " ".join(word for word, _ in words), spaced[:-1]


def _word(word: str, indices: Sequence[int], edges: Edges) -> Letters:
    """Its letters from right to left, if it is of such."""
    letters = [number for number, char in enumerate(word) if _LEFTWARD.match(char)]
    if len(letters) < 2 or _RIGHTWARD.search(word):
        return word, indices
    first, last = letters[0], letters[-1]
    if edges(indices[first])[0] > edges(indices[last])[0]:
        return word, indices
    own = slice(first, last + 1)
    turned = word[:first] + word[own][::-1] + word[last + 1 :]
    return turned, [*indices[:first], *indices[own][::-1], *indices[last + 1 :]]


def _from_the_right(words: list[Letters], edges: Edges) -> Iterator[Letters]:
    """The words of a line that runs leftward; among them, those of another writing keep their own order."""
    words = sorted(words, key=lambda word: -edges(word[1][0])[0])
    for leftward, run in groupby(words, key=lambda word: bool(_LEFTWARD.search(word[0]))):
        some = list(run)
        yield from some if leftward else some[::-1]
