"""mil.ru and its subdomains: articles in windows-1251, with their pictures and films; an unknown id answers 200 with
the same page, empty."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from preserve.capture import requisites
from preserve.capture.sites import content, host, markup
from preserve.capture.sites.rule import Part, Seen, Site
from preserve.model import Outcome

SAYING = 8  # words outside of links from which on something is said; date and "share" are fewer
FILMS = 20  # of one article
# A player's file in a script, one for each quality.
_PLAYED = re.compile(r"""["']([^"'\s<>]{1,1000}\.(?:mp4|m4v|webm|flv|f4v|wmv))["'?]""", re.IGNORECASE)
_QUALITY = re.compile(
    r"[-_.](?:(144|240|270|288|360|404|432|480|540|576|720|1080|1440|2160)p?|(hd|high)|(sd|low|mobile))(?=\.\w{2,4}$)",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"/more\.html?\?(?:.*&)?id=", re.IGNORECASE)


def _fits(url: str) -> bool:
    return host.of(url, "mil.ru")


def _holds(tag: str, attributes: Mapping[str, str]) -> bool:
    """Where the site's templates put the article, in either language."""
    return tag in ("div", "td", "section") and attributes.get("id") == "center"


def _needs(seen: Seen) -> Sequence[Part]:
    read = content.read(seen, _holds)
    pictures = [_picture(one) for one in read.pictures if read.main or one.linked or len(one.sizes) > 1]
    return [*pictures, *_films([*read.films, *_played(seen, read.scripts)])]


def _picture(one: content.Picture) -> Part:
    return Part(one.linked or one.sizes[0], "image")


def _played(seen: Seen, scripts: str) -> Iterator[str]:
    coded = markup.charset(seen)
    for match in itertools.islice(_PLAYED.finditer(scripts), FILMS):
        if url := requisites.join(seen.url, match[1], coded):
            yield url


def _films(urls: Sequence[str]) -> Iterator[Part]:
    """One part a film: its best quality, the others in its place."""
    films: dict[str, list[str]] = {}
    for url in dict.fromkeys(urls):
        films.setdefault(_QUALITY.sub("", url.partition("?")[0]), []).append(url)
    for qualities in itertools.islice(films.values(), FILMS):
        best, *others = sorted(qualities, key=_lines, reverse=True)
        yield Part(best, "film", instead=tuple(others))


def _lines(url: str) -> int:
    """How many the picture has by its name; one without such a name is what the others were made of."""
    match = _QUALITY.search(url.partition("?")[0])
    return 9999 if match is None else int(match[1]) if match[1] else 720 if match[2] else 240


def _judge(seen: Sequence[Seen]) -> Outcome | None:
    page = seen[0]
    if not _ARTICLE.search(page.url) or page.status != 200:
        return None
    read = content.read(page, _holds)
    if (
        not read.main
        or read.heading
        or read.pictures
        or read.films
        or read.words >= SAYING
        or _PLAYED.search(read.scripts)
    ):
        return None
    return Outcome("lost", "soft-404", ("an article without heading, text, picture and film",))


SITE = Site("mil.ru", _fits, needs=_needs, judge=_judge)
