"""Hints for people, never an outcome: whether a page is what its citation speaks of, and what it was the last time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from preserve.capture.judging import wording
from preserve.capture.judging.look import Look
from preserve.model import Citation, Json

_TITLE = 300  # characters of a title that are kept
_QUOTED = 80  # characters of a title that a signal quotes
_EXPECTED = 5  # words of an anchor and its sentence from which on one of them should return on the page
_SPOKEN = 40  # words of a page that has had room to repeat one
_WORD = 4  # letters: shorter words stand everywhere
_STEM = 5  # letters that stay the same under the endings of Russian, Ukrainian, German
_SHRUNK = 40  # per cent of the words of the last time: fewer is news
_COUNTED = 20  # words of the last time: of fewer nothing can be said
_WORDS = re.compile(r"[^\W\d_]{2,}")
_COUNTER = re.compile(r"^\(\d{1,4}\+?\)\s+")  # messages that wait, before the title proper
_SCRIPTS = {"latin": ("\u0041", "\u024f"), "cyrillic": ("\u0400", "\u052f"), "arabic": ("\u0600", "\u06ff")}
_STOP = frozenset(
    wording.plain(
        "about after also been before both could does from have here into more most much only other over "
        "same should some such than that their them then there these they this those through under very "
        "were what when where which while will with would your page site link source article report video "
        "photo были было быть вместе время всех даже если есть ещё здесь итак каждый которая которые "
        "который между меня может можно него нее нет перед после потому почему при про против разве себя "
        "снова сразу также такая такой там тебя тогда только того тоже хотя часть через чтобы этого этой "
        "этом этот страница ссылка источник видео фото التي الذي الذين هذا هذه ذلك تلك كان كانت على إلى "
        "حتى بعد قبل عند عن من مع بين لكن كما حيث أيضا أكثر منذ خلال حول صفحة رابط مصدر فيديو صورة"
    ).split()
)


def against_citations(look: Look, citations: Sequence[Citation]) -> tuple[str, ...]:
    """A signal where none of the passages that cite a page shares a word with it, though they say enough."""
    spoken = [(citation, words) for citation in citations if len(words := _expected(citation)) >= _EXPECTED]
    if look.words < _SPOKEN or not spoken:
        return ()
    script = _script(look.text)
    page = _stems(_WORDS.findall(wording.plain(f"{look.title} {look.text}")))
    silent: Citation | None = None
    for citation, expected in spoken:
        if _script(" ".join(expected)) != script:
            continue  # another language: nothing can be said
        if not page.isdisjoint(_stems(expected)):
            return ()
        silent = silent or citation
    if silent is None:
        return ()
    place = f"{silent.document}{silent.place.text()}"
    return (f"shares no word with the passage that cites it ({place}): is it still the page that was meant?",)


def _expected(citation: Citation) -> list[str]:
    """Words of anchor and sentence that are no part of the address, each once."""
    address = wording.plain(f"{citation.written} {citation.url}")
    found = _WORDS.findall(wording.plain(f"{citation.anchor} {citation.context}"))
    return [word for word in dict.fromkeys(found) if len(word) >= _WORD and word not in _STOP and word not in address]


def _stems(words: Iterable[str]) -> set[str]:
    return {word[:_STEM] for word in words if len(word) >= _WORD}


def _script(text: str) -> str:
    """The script in which most of its letters are; "" for others."""
    sample = text[:2000]
    counts = {name: sum(1 for char in sample if low <= char <= high) for name, (low, high) in _SCRIPTS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] * 2 > sum(1 for char in sample if char.isalpha()) else ""


def against_previous(look: Look, before: Json) -> tuple[str, ...]:
    """What changed since the last good capture, of which `before` is what `seen` gave."""
    if not isinstance(before, dict):
        return ()
    signals = []
    words, title = before.get("words"), before.get("title")
    if isinstance(words, int) and words >= _COUNTED and look.words * 100 < words * _SHRUNK:
        signals.append(f"the text shrank from {words} to {look.words} words")
    if isinstance(title, str) and title and look.title and _bare(title) != _bare(look.title[:_TITLE]):
        signals.append(f"the title changed from {title[:_QUOTED]!r} to {look.title[:_QUOTED]!r}")
    return tuple(signals)


def _bare(title: str) -> str:
    return _COUNTER.sub("", wording.plain(title)).strip()


def seen(look: Look) -> Json:
    """What of a page is kept in its entry, for the comparison the next time."""
    return {"title": look.title[:_TITLE], "words": look.words}
