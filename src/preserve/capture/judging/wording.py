"""Text as it is compared: the same words are the same, however a page spells, points or quotes them. Pure.

Letters that a language writes now with and now without a mark (ё, é, أ), marks above and below them, and the signs of
typography are levelled. й and ї stay: there they are letters of their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

_QUOTES = dict.fromkeys("‘’‚‛ʼ`´ʹ′", "'") | dict.fromkeys("“”„‟«»‹›″", '"')
_DASHES = dict.fromkeys("‐‑‒–—―−", "-")
_ARABIC = {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ؤ": "و", "ئ": "ي"}
# Tatweel; vowel signs; zero-width characters, joiners and direction marks; soft hyphens.
_UNSEEN = "\u0640\u0670\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff" + "".join(
    map(chr, (*range(0x064B, 0x0660), *range(0x202A, 0x202F)))
)
_END = re.compile(r"[.!?؟。…]+(?=\s|$)|[|•·\n]")
# What only introduces: apologies, and the word for a fault where a colon or the like follows it.
_LEAD = re.compile(
    r"(?:(?:(?:sorry|we are sorry|we're sorry|i'm sorry|oops|whoops|uh oh|unfortunately|but|hmm"
    r"|извините|простите|к сожалению|ой|упс|увы|на жаль|вибачте|перепрошуємо|عذرا|نعتذر|للاسف|ناسف"
    r"|leider|entschuldigung|verzeihung|hoppla|ups|es tut uns leid|tut uns leid"
    r"|desole|nous sommes desoles|malheureusement|oups)\b[\s,.:;!-]*"
    r"|(?:error|warning|attention|ошибка|внимание|помилка|увага|خطا|تنبيه|fehler|achtung|erreur)\s?[,.:;!-]+\s*))+"
)
_TRIM = " \t'\"()[]<>:;,.!?؟…-*"


@cache
def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = {}
    for code in (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            table[code] = base.lower()
    pairs: dict[str, str | None] = {**_QUOTES, **_DASHES, **_ARABIC, "ё": "е", "Ё": "е", "…": "..."}
    return table | {ord(key): value for key, value in pairs.items()} | {ord(char): None for char in _UNSEEN}


def plain(text: str) -> str:
    """Levelled, without case, in one line. Works on regular expressions too, as long as they have no `\\W` or `\\S`."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_table()).casefold().split())


def sentences(line: str) -> Iterator[tuple[str, str]]:
    """The sentences of a line: levelled and without what only introduces them (`Sorry, `), and as they are written."""
    for one in _END.split(line):
        written = " ".join(one.split())
        if said := stripped(plain(written)):
            yield said, written


def stripped(said: str) -> str:
    """A levelled text without the signs around it and without what only introduces it."""
    said = said.strip(_TRIM)
    lead = _LEAD.match(said)
    if lead and lead.end() < len(said):
        said = said[lead.end() :].strip(_TRIM)
    return said
