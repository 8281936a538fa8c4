"""What pages say where they are not what was cited: by class and language, for small pages only. Pure.

A page is judged by what it says itself (`Look.lines`: no menus, no lists of links), sentence by sentence, and a phrase
has to be the whole of a sentence, of a part of the title or of the heading: an article about missing pages, a note that
one must log in to comment, the report of a ministry that a film was deleted contain such words and do not consist of
them.

The phrases stand in one file a language, as regular expressions in people's own spelling; `wording.plain` levels both
sides. `…` at the end lets the sentence go on, for sayings whose beginning is no one else's; `=` at the beginning of a
phrase for titles asks for the whole title. `<domain>`, `<country>`, `<missing>` and `<site>` stand for what `_FOR`
says. No phrase has a repetition without a bound but the last, and sentences are short: time is linear in the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from preserve.capture.judging import wording
from preserve.capture.judging.look import Look
from preserve.capture.judging.phrases import arabic, english, french, german, russian, turkish, ukrainian

_LANGUAGES = (english, russian, ukrainian, arabic, german, french, turkish)
_FOR = {
    "<domain>": r"[a-z0-9а-яіїєґ-]{1,63}(?:\.[a-z0-9а-яіїєґ-]{1,63}){1,4}",
    "<country>": "(?:country|region|location|area|territory|jurisdiction)",
    "<site>": "(?:site|website|web site|portal|server|service|page)",
    "<missing>": (
        "(?:not (?:be )?found|not exist|n't exist|not available|no longer|n't available|removed|deleted|n't be found"
        "|gone|n't here)"
    ),
}
MATCHED = 80  # characters of the matched words that a signal quotes
_SENTENCE = 240  # characters of a sentence: longer ones are prose
_SENTENCES = 120  # of a page: a small page has no more
_HEAD = 400  # characters of a title that are read
_PARTS = re.compile(r"\s+[-–—|/•·«»‹›]+\s+|\s*[|•»«]\s*")


@dataclass(frozen=True, slots=True)
class Class:
    """The own words of a page up to which it is believed, by what speaks: `most` a sentence, also as heading; `told` a
    sentence under a title or a heading that says it too; `both` title and heading; `alone` one of these. A page with
    more words has something else to say, and quotes. `early`: a sentence must be among so many first ones (0: any),
    for what is written here could also be reported. `bare`: a page with no more pictures than these and without a frame
    of menus. `hosted`: `bare` does not matter where title or heading has the name of the host."""

    name: str
    reason: str
    most: int
    told: int = 0
    both: int = 0
    alone: int = 0
    early: int = 0
    bare: int | None = None
    hosted: bool = False


# Who says more stands before who says less; a refusal before an absence, which nobody would look for again.
CLASSES = (
    # Cloudflare explains itself at length under its headline. But "Just a moment..." may be the title of a poem.
    Class("challenge", "bot-challenge", most=60, told=150, both=30, alone=15),
    Class("geo", "geo-blocked", most=80, told=140, both=60, alone=20, early=6),  # laws and decrees are quoted
    Class("too-many", "rate-limited", most=50, told=80, both=50, alone=20, early=4),
    Class("age", "age-gate", most=60, told=100, both=50, alone=30),
    # A teaser of more words than these is worth keeping as it is.
    Class("members", "members-only", most=50, told=50, early=6),
    # Who took it away is said. A post that tells of such a removal stands between the marks of a live page, so that it
    # comes later or has more words. No title is sure enough.
    Class("removed", "removed", most=35, told=40, early=2),
    # A server's first page is a small manual, or nothing.
    Class("no-site", "parked", most=100, told=450, both=100, alone=60),
    # Sellers praise the name; newspapers quote them, in their own frame.
    Class("for-sale", "parked", most=60, told=200, both=80, alone=50, early=6, bare=3, hosted=True),
    Class("private", "private", most=50, told=50, both=30, alone=10, early=5),
    # "Log in to comment" stands on live pages, so its phrases ask for the page itself; a title "Log in" counts only
    # with a field for the password.
    Class("login", "login-wall", most=60, told=80, early=8),
    # Never by the text of a banner, for banners stand over live pages: what asks before it shows anything says so
    # first, in its title.
    Class("consent", "consent-wall", most=100, told=220, both=220, alone=120, early=4),
    Class("privacy", "consent-wall", most=0, both=120, alone=120, bare=0),
    # The announcement of a night's works is longer, and news of a failing site of a ministry longer still.
    Class("down", "server-error", most=30, told=60, both=40, alone=15, early=2),
    Class("deleted", "gone", most=25, told=30, both=30, alone=12, early=2),  # who only says that it is gone is brief
    # Suggestions stand under it. An essay may have the same title, a glossary the same heading as well.
    Class("not-found", "soft-404", most=50, told=120, both=50, alone=30, early=12),
    Class("forbidden", "forbidden", most=60, told=130, early=6),  # reports are called "Access denied"
)


@dataclass(frozen=True, slots=True)
class Said:
    reason: str
    signal: str


@dataclass(frozen=True, slots=True)
class Part:
    level: str
    written: str
    only: bool  # the title has no other


def said(look: Look, reasons: frozenset[str] | None = None, *, least: int = 0) -> Said | None:
    """What a page says of itself that makes it another than the one cited. `reasons`: only these; `least`: the smallest
    limit of own words, where a status has already said that this is not the page."""
    if look.own > max(least, _LARGEST):
        return None
    page = _Page(look, list(_title(look.title)), wording.stripped(wording.plain(look.heading)), list(_spoken(look)))
    for one in CLASSES:
        if (reasons is None or one.reason in reasons) and (found := _said(one, page, least)):
            return Said(one.reason, found)
    return None


_LARGEST = max(max(one.most, one.told, one.both) for one in CLASSES)
_FRAME_LINKS, _FRAME_WORDS = 5, 15  # beside what a page says itself: to partners, terms, the imprint


@dataclass(frozen=True, slots=True)
class _Page:
    look: Look
    title: list[Part]
    heading: str
    spoken: list[tuple[str, str]]

    def is_bare(self, pictures: int) -> bool:
        look = self.look
        return look.links <= _FRAME_LINKS and look.words - look.own <= _FRAME_WORDS and look.media <= pictures

    @property
    def is_hosted(self) -> bool:
        host = (urlsplit(self.look.url).hostname or "").removeprefix("www.")
        return bool(host) and host in f"{self.look.title} {self.look.heading}".lower()


def _said(one: Class, page: _Page, least: int) -> str:
    if one.bare is not None and not page.is_bare(one.bare) and not (one.hosted and page.is_hosted):
        return ""
    own, titled, headed = page.look.own, _titled(one.name, page.title), _headed(one.name, page.heading)
    if own <= max(one.told if titled or headed else one.most, least):
        sentence = _sentences(one.name)
        early = page.spoken if least or not one.early else page.spoken[: one.early]
        if found := next((written for level, written in early if sentence.fullmatch(level)), ""):
            return f"text says: {found[:MATCHED]}"
    most = one.both if titled and headed else one.alone if titled or headed else 0
    if headed and _sentences(one.name).fullmatch(page.heading):
        most = max(most, one.most)
    if not (titled or headed) or own > max(most, least) or not max(most, least):
        return ""
    return f"title says: {titled[:MATCHED]}" if titled else f"text says: {page.look.heading[:MATCHED]}"


def titled(look: Look) -> str:
    """Of a page of any size: what its title says that titles of missing pages say. A hint for people, no more."""
    title = list(_title(look.title))
    found = next((found for one in CLASSES if one.alone and (found := _titled(one.name, title))), "")
    return f"title says: {found[:MATCHED]}" if found else ""


def asks_to_log_in(look: Look) -> str:
    """What the title or the heading says where it is that of a form for logging in, else ""."""
    if found := _titled("login", list(_title(look.title))):
        return f"title says: {found[:MATCHED]}"
    heading = wording.stripped(wording.plain(look.heading))
    return f"text says: {look.heading[:MATCHED]}" if _headed("login", heading) else ""


def _spoken(look: Look) -> Iterator[tuple[str, str]]:
    """Sentences, levelled and as written, without the heading."""
    number = 0
    for line in look.lines:
        for sentence, written in wording.sentences(line) if line != look.heading else ():
            number += 1
            if number > _SENTENCES:
                return
            if len(sentence) <= _SENTENCE:
                yield sentence, written


def _title(title: str) -> Iterator[Part]:
    title = title[:_HEAD]
    parts = [part for part in _PARTS.split(title) if part and part.strip()]
    for part in dict.fromkeys((title, *parts)):
        if level := wording.stripped(wording.plain(part)):
            yield Part(level, part.strip(), len(parts) <= 1)


def _titled(name: str, title: list[Part]) -> str:
    part, whole = _titles(name)
    found = (one for one in title if part.fullmatch(one.level) or (one.only and whole.fullmatch(one.level)))
    return next((one.written for one in found), "")


def _headed(name: str, heading: str) -> bool:
    return bool(heading) and any(one.fullmatch(heading) for one in (*_titles(name), _sentences(name)))


@cache
def _sentences(name: str) -> re.Pattern[str]:
    return _any(phrase for language in _LANGUAGES for phrase in language.TEXT.get(name, ()))


@cache
def _titles(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """For parts of a title, and for titles that are nothing else."""
    phrases = [phrase for language in _LANGUAGES for phrase in language.TITLE.get(name, ())]
    whole = [phrase[1:] for phrase in phrases if phrase.startswith("=")]
    return _any(phrase for phrase in phrases if not phrase.startswith("=")), _any(whole)


def _any(phrases: Iterable[str]) -> re.Pattern[str]:
    joined = "|".join(f"(?:{_ended(phrase)})" for phrase in phrases) or "(?!)"
    for placeholder, meant in _FOR.items():
        joined = joined.replace(placeholder, meant)
    return re.compile(joined)


def _ended(phrase: str) -> str:
    """Levelled; what may follow has no colon, for headlines go on behind one: `Domain for sale: a second life`."""
    if phrase.endswith("…"):
        return wording.plain(phrase[:-1]) + "(?:(?!: ).)*"
    return re.sub(r"\.(\{0,\d+\})$", r"(?:(?!: ).)\1", wording.plain(phrase))
