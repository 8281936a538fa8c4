"""YouTube's pages beside its films: what becomes of a film, its thumbnails included, is the film engine's to tell. Here
is only what that does not see: a wall before a page, lists that are gone, the pictures of community posts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from preserve.capture import requisites
from preserve.capture.sites import host, markup
from preserve.capture.sites.rule import Part, Seen, Site
from preserve.model import Outcome

IMAGES = 20  # of one post; YouTube allows ten
NODES = 500_000  # of a page's data that are looked at; real ones have some 20,000
CONSENT = ("consent.youtube.com", "consent.google.com")
_DATA = re.compile(r"""ytInitialData["']?\]?\s{0,20}=\s{0,20}(?=\{)""")
_POST = re.compile(r"/post/Ug[\w-]{5,100}|[?&]lb=Ug[\w-]{5,100}")
_FILM = re.compile(r"/watch\b|/shorts/|/live/|/embed/|/v/|//youtu\.be/")
# What YouTube says of a list, channel or post that it does not show; else it does not know it.
_ALERTS = (
    (re.compile(r"\bprivate\b", re.IGNORECASE), ("blocked", "private")),
    (re.compile(r"\bremoved\b|\bterminated\b|\bviolat|\bcopyright\b", re.IGNORECASE), ("lost", "removed")),
    (re.compile(r"\bcountry\b", re.IGNORECASE), ("blocked", "geo-blocked")),
    (re.compile(r"\bmembers\b", re.IGNORECASE), ("blocked", "members-only")),
)


def _fits(url: str) -> bool:
    return host.of(url, "youtube.com", "youtu.be", "youtube-nocookie.com")


def _needs(seen: Seen) -> Sequence[Part]:
    """The pictures of a community post, each at its largest size; the smaller ones are for small screens."""
    if not _POST.search(seen.url):
        return ()
    post = next(_under(_data(seen), "backstagePostRenderer"), None)
    largest = (_largest(image) for image in _under(post, "backstageImageRenderer"))
    urls = [url for one in largest if one and (url := requisites.join(seen.url, one))]
    return [Part(url, "image") for url in list(dict.fromkeys(urls))[:IMAGES]]


def _largest(image: Any) -> str | None:
    try:
        sizes = [(int(one.get("width") or 0), str(one["url"])) for one in image["image"]["thumbnails"]]
    except (AttributeError, LookupError, TypeError, ValueError):
        return None
    return max(sizes, default=(0, None))[1]


def _judge(seen: Sequence[Seen]) -> Outcome | None:
    page = seen[0]
    if _asks_consent(page):
        return Outcome("blocked", "consent-wall", ("YouTube asks for consent before it shows the page",))
    if page.status != 200 or _FILM.search(page.url) or b"alertRenderer" not in page.data:
        return None
    data = _data(page)
    alert = next((one for one in _under(data, "alertRenderer") if one.get("type") == "ERROR"), None)
    if alert is None or "contents" in data:
        return None
    words = _words(alert)
    outcome, reason = next((what for sign, what in _ALERTS if sign.search(words)), ("lost", "gone"))
    return Outcome(outcome, reason, (f"YouTube shows an error: {words}",))


def _asks_consent(page: Seen) -> bool:
    if host.of(page.url, *CONSENT):
        return True
    return b"https://consent.youtube.com/save" in page.data and b"ytInitialData" not in page.data


def _words(alert: Any) -> str:
    texts = [text for name in ("simpleText", "text") for text in _under(alert, name, of=str)]
    return " ".join(" ".join(texts).split())[:300]


def _data(seen: Seen) -> Any:
    """What the page's scripts begin with; {} where that cannot be read."""
    page = markup.text(seen)
    match = _DATA.search(page)
    if match is None:
        return {}
    try:
        return json.JSONDecoder().raw_decode(page, match.end())[0]
    except (ValueError, RecursionError):
        return {}


def _under(data: Any, name: str, of: type = dict) -> Iterator[Any]:
    """Every value of that kind under a name, in the order of the page; without recursion, nesting is not ours."""
    stack = [data]
    for _ in range(NODES):
        if not stack:
            return
        node = stack.pop()
        if isinstance(node, dict):
            if isinstance(node.get(name), of):
                yield node[name]
            stack.extend(reversed(node.values()))
        elif isinstance(node, list):
            stack.extend(reversed(node))


SITE = Site("youtube", _fits, needs=_needs, judge=_judge)
