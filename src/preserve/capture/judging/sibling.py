"""The impossible sibling of an address: one of the same shape that no site can have, and what it means where it answers
as the page did. Pure.

All that may say which page is meant is varied, not only the last number: a site that ignores the word behind the
number, or the number behind the word, would answer with the page itself, which would then be called lost.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence, Set
from itertools import pairwise
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from preserve.capture.judging import magic, redirects, wording
from preserve.capture.judging.look import Look
from preserve.model import Outcome

ALIKE = 90  # per cent from which two pages are the same; counters and dates differ between two visits of one page
_SHINGLE = 4  # words: fewer are alike in all pages of a language
_SHORT = 30  # words up to which single words are compared: one that differs would spoil four shingles
_COMPARED = 3000  # words of each page
_LEAST = 3  # words of a page that are worth a comparison
_OWN_WORDS = 3  # words that only the page has, from which on it has something to say
_WORD = 4  # letters of such a word
_SLUG = re.compile(r"[A-Za-z]{2,}|(?:%[0-9A-Fa-f]{2}){4,}")
_DIGITS = 8  # of an impossible number: shorter ones exist
_LETTERS = 8  # of a senseless word
_ID = 4  # digits from which a number in an earlier segment names something, years apart
_NUMBER = re.compile(r"%[0-9A-Fa-f]{2}|[0-9]+")  # an escape holds digits that are none
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_GLUED = re.compile(r"(?<!%)(?<!%[0-9A-F])[A-Za-z][0-9]{2}|(?<!%)[0-9]{2}[A-Za-z]{2}")  # abc123 is a key, page2 is none
_TOKEN = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_-]{5,64}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.I)
_WORDS = re.compile(r"[^\W\d_]{2,}")
_NUMBERED = re.compile(r"[A-Za-z]{0,8}[-_]?[0-9]+(?:[-_][0-9]+)*")  # wall-12_34, a-56, 78
# Of a query: where in a list or a film, in which language and size, who sent the visitor. They name no page.
_STEADY = re.compile(
    r"(?:utm_\w*|fbclid|gclid|yclid|lang|language|locale|hl|ref|referer|from|source|src|via|page|start|offset|limit"
    r"|per_?page|time|w|h|width|height|size|sort|order|view|tab|mode|format|print|v|ver|version|sid|session|phpsessid"
    r"|_\w*|rnd|rand|cache)",
    re.I,
)


def sibling(url: str, token: str) -> str | None:
    """Its numbers, words and keys are made of `token`. None for front pages and files, and where nothing varies."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if redirects.is_home(url) or magic.is_file(url) or not parts.hostname:
        return None
    query = _varied_query(parts, token)
    if query == parts.query and not all(_STEADY.fullmatch(key) for key in _keys(query)):
        return None  # words say which page is meant, and which of them no one can tell
    segments = parts.path.split("/")
    last = max((number for number, one in enumerate(segments) if one), default=0)
    for number, one in enumerate(segments):
        if number != last:
            segments[number] = _varied_earlier(one, token)
        elif query == parts.query or _is_title(one):
            segments[number] = _varied_last(one, token)
    found = urlunsplit(parts._replace(path="/".join(segments), query=query))
    return found if found != url else None


def shape(url: str) -> str:
    """Host and form of an address: one sibling serves all that share it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    query = _NUMBER.sub(_nine, parts.query)
    if sibling(url, "") is None or (_varies(parts) and not _is_title(magic.name(url.rstrip("/")))):
        return f"{parts.netloc.lower()}{_NUMBER.sub(_nine, parts.path)}?{query}"
    segments = parts.path.rstrip("/").split("/")
    earlier = ["*" if _names_page(one) else _NUMBER.sub(_nine, one) for one in segments[:-1]]
    stem, suffix = _suffixed(segments[-1])
    last = (_NUMBER.sub(_nine, stem) if _NUMBERED.fullmatch(stem) else "*") + suffix
    return f"{parts.netloc.lower()}{'/'.join((*earlier, last))}{'/' if parts.path.endswith('/') else ''}?{query}"


def similarity(a: Look, b: Look) -> int:
    """Per cent of what both say, whatever of it only repeats their own addresses."""
    one, other = _said(a, b), _said(b, a)
    if not one or not other:
        return 0
    if min(len(one), len(other)) > _SHORT:
        return _share(_shingles(one), _shingles(other))
    return _share(set(one), set(other))


def judged(page: Look, other: Look, other_status: int, *, same_redirect: bool) -> Outcome | None:
    """What the sibling's answer says of the page: nothing where it is refused, missing or failing."""
    if not (200 <= other_status < 300 and page.is_page and other.is_page):
        return None
    if same_redirect:
        return _led_away(page) if _is_general(page.url) else None
    if other.url == page.url or page.words < _LEAST or page.media > other.media or _has_own(page, other):
        return None
    alike = similarity(page, other)
    if alike < ALIKE:
        return None
    return Outcome("lost", "soft-404", (f"an address that cannot exist shows the same, {alike} %: {other.url[:200]}",))


def _led_away(page: Look) -> Outcome:
    return Outcome("lost", "redirected-away", (f"an address that cannot exist is led there, too: {page.url[:200]}",))


def _is_general(url: str) -> bool:
    """Whether an address names no single page: neither number nor title, and it lies near the front page."""
    parts = urlsplit(url)
    segments = [one for one in parts.path.split("/") if one]
    return len(segments) <= 2 and not any(map(_names_page, segments)) and not _varies(parts)


def _has_own(page: Look, other: Look) -> bool:
    """Whether the page says what its sibling does not: a title of its own, some words, the words of its address."""
    if _masked(page.title, page, other) != _masked(other.title, page, other):
        return True
    if _is_about(page) and not _is_about(other):  # else it repeats whatever is asked
        return True
    extra = set(_said(page, other)) - set(_said(other, page))
    return sum(1 for word in extra if len(word) >= _WORD and word.isalpha()) >= _OWN_WORDS


def _is_about(page: Look) -> bool:
    """Whether the words of its address stand in its title: then it is that page, and the site ignores the rest."""
    words = {word for word in _WORDS.findall(wording.plain(magic.name(page.url.rstrip("/")))) if len(word) >= _WORD}
    named = wording.plain(page.title)
    found = sum(1 for word in words if word in named)
    return found >= 2 and found * 5 >= len(words) * 3


# -- an address varied ---------------------------------------------------------------------------------------------
def _varied_query(parts: SplitResult, token: str) -> str:
    return "&".join(_varied_parameter(one, parts, token) for one in parts.query.split("&"))


def _varied_parameter(parameter: str, parts: SplitResult, token: str) -> str:
    key, equals, value = parameter.partition("=")
    if not equals:
        key, value = "", parameter
        if parts.path.endswith((".htm", ".html")):  # a number that keeps caches away
            return parameter
    elif _STEADY.fullmatch(key) or (key == "t" and "v=" in parts.query):  # of a film a time, of a board a topic
        return parameter
    return f"{key}{equals}{_NUMBER.sub(lambda found: _impossible(found[0], token), value)}"


def _keys(query: str) -> list[str]:
    return [one.partition("=")[0] for one in query.split("&") if "=" in one]


def _varies(parts: SplitResult) -> bool:
    return _varied_query(parts, "") != parts.query


def _is_title(segment: str) -> bool:
    """Whether the path names a page by itself, whatever stands in the query: `more.htm` does not, a title does."""
    stem, suffix = _suffixed(segment)
    return _names_page(segment) or len(_SLUG.findall(stem)) > (2 if suffix else 1)


def _varied_last(segment: str, token: str) -> str:
    stem, suffix = _suffixed(segment)
    if _is_token(stem):
        return _like(stem, token) + suffix
    numbers = [found for found in _NUMBER.finditer(stem) if not found[0].startswith("%")]
    if numbers:
        last = numbers[-1]
        before, behind = stem[: last.start()], stem[last.end() :]
        if len(_SLUG.findall(before)) > 1:  # words that may be what the site goes by
            before = _like(before, token)
        return before + _impossible(last[0], token) + behind + suffix
    if "%" in stem or not stem.isascii():
        stem = "a" * _LETTERS
    return _like(stem.ljust(_LETTERS, "a"), token) + suffix if stem else segment


def _varied_earlier(segment: str, token: str) -> str:
    if not _names_page(segment):
        return segment
    stem, suffix = _suffixed(segment)
    varied = _like(stem, token) if _is_token(stem) else _NUMBER.sub(lambda found: _impossible(found[0], token), stem)
    return varied + suffix


def _names_page(segment: str) -> bool:
    """Whether it holds what names a single page: a key, or a number that is no year, month or day."""
    stem, _ = _suffixed(segment)
    if _is_token(stem):
        return True
    numbers = [one for one in _NUMBER.findall(stem) if not one.startswith("%")]
    return any(len(one) >= _ID and not _YEAR.fullmatch(one) for one in numbers) or bool(_GLUED.search(stem))


def _is_token(stem: str) -> bool:
    """Letters and digits through each other, as keys have them: no words with a number behind."""
    if _UUID.fullmatch(stem):
        return True
    if not _TOKEN.fullmatch(stem):
        return False
    plain = stem.replace("-", "").replace("_", "")
    turns = sum(1 for a, b in pairwise(plain) if a.isdigit() != b.isdigit())
    words = [word for word in re.split(r"[-_]", stem) if word.isalpha() and word.islower() and len(word) > 2]
    return turns >= 2 and len(words) < 2


def _suffixed(segment: str) -> tuple[str, str]:
    stem, dot, suffix = segment.rpartition(".")
    return (
        (stem, dot + suffix)
        if stem and suffix.isalnum() and len(suffix) <= 5 and not suffix.isdigit()
        else (segment, "")
    )


def _impossible(number: str, token: str) -> str:
    """Of the same length, but for short ones, and greater than what a database has counted to."""
    if number.startswith("%"):
        return number
    made = "".join(str(byte % 10) for byte in hashlib.shake_128(token.encode()).digest(len(number) + _DIGITS))
    return "90" + made[: max(len(number), _DIGITS) - 2]


def _like(stem: str, token: str) -> str:
    """Of the same letters, digits and signs, and senseless."""
    made = hashlib.shake_128(f"{token} {len(stem)}".encode()).digest(len(stem))
    return "".join(_instead(char, byte) for char, byte in zip(stem, made, strict=True))


def _instead(char: str, byte: int) -> str:
    if char.isdigit():
        return str(byte % 10)
    if not char.isalpha():
        return char
    letter = "bcdfghjkmnpqrtvwxz"[byte % 18]
    return letter.upper() if char.isupper() else letter


def _nine(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith("%") else "9"


# -- pages compared --------------------------------------------------------------------------------------------------
def _said(look: Look, beside: Look) -> list[str]:
    """What the page itself says; where that is nothing, all its words."""
    return _masked(" ".join(look.lines) or look.text, look, beside)


def _masked(text: str, look: Look, beside: Look) -> list[str]:
    """Levelled words, those of either address in a row as one sign: a site that has nothing repeats what was asked."""
    address = {*_address_words(look.url), *_address_words(beside.url)}
    numbers = [one for one in address if one.isdigit() and len(one) >= _ID]
    found: list[str] = []
    for written in wording.plain(text).split()[:_COMPARED]:
        word = written.strip("\"'()[]<>.,:;!?«»")
        own = word in address or "://" in word or any(number in word for number in numbers)
        if not own or found[-1:] != ["#"]:
            found.append("#" if own else word)
    return found


def _address_words(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    spoken = wording.plain(unquote(f"{parts.path}?{parts.query}", errors="replace"))
    last = wording.plain(magic.name(url.rstrip("/")))
    yield from (one for one in re.split(r"[/?&=;]", spoken) if len(one) > 1)
    yield from re.findall(r"[0-9]{2,}", spoken)
    yield from _WORDS.findall(last)


def _shingles(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[start : start + _SHINGLE]) for start in range(len(words) - _SHINGLE + 1)}


def _share(one: Set[object], other: Set[object]) -> int:
    both, all_of_them = len(one & other), len(one | other)
    return 100 * both // all_of_them if all_of_them else 0
