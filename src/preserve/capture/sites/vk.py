"""VK: wall posts as anybody sees them, and how a wall before one is told from the post.

A post is captured when its words are held as the cited address gave them. The mobile page shows the same post without
scripts and by another template: it is a second witness, and what is missing there is not missing from the source; so it
is not required. The payload is: it alone names each photo at all its sizes, and where it does not come nobody can say
that the photos are all there. That it comes with the words "log in" harms nothing where the page shows the post.

An address that lays the post over another page (`?w=wall…`) shows it to scripts only; there the post's own page is
required. A wall in place of the cited page is a wall even where another view shows the post: whoever asks the archive
for the address would be handed a form to log in. What the other views brought is kept as parts of that visit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from preserve.capture.sites import host, vkphoto, vkview
from preserve.capture.sites.rule import Part, Seen, Site
from preserve.capture.sites.vkview import View
from preserve.capture.video import answers, where
from preserve.capture.video import vk as said
from preserve.capture.video.answers import Answer
from preserve.model import Outcome

_NAMES = frozenset({"", "www", "m", "new"})  # before the domain: the site itself; login., dev. and live. are others
_LOGIN = ("login.vk.com", "login.vk.ru", "id.vk.com", "id.vk.ru", "oauth.vk.com", "oauth.vk.ru")
_ELSEWHERE = frozenset({"/challenge.html", "/login", "/login.php"})
_ENDPOINT = "https://vk.com/wkview.php"
_HEADERS = (("Referer", _ENDPOINT), ("X-Requested-With", "XMLHttpRequest"))  # as VK's own pages ask; else none answers
_PHOTO = re.compile(r"(?:/|[?&]z=)photo(-?[0-9]{1,20}_[0-9]{1,20})(?![0-9])")


def _fits(url: str) -> bool:
    name = host.name(url)
    return any(name.removesuffix(site).rstrip(".") in _NAMES for site in said.SITES if name.endswith(site))


def _post(url: str) -> str:
    """The id of the post that an address names, or ""."""
    known = where.known(url)
    return known.key.removeprefix("vk:wall") if known and known.kind == "post" else ""


def _photo(url: str) -> str:
    match = _PHOTO.search(url)
    return match[1] if match else ""


def _beside(url: str) -> Sequence[Part]:
    post = _post(url)
    if not post:
        return ()
    parts = urlsplit(url)
    mobile, own = host.name(url).startswith("m."), parts.path.startswith("/wall")
    pages = []
    if mobile or not own:
        pages.append(Part(f"https://vk.com/wall{post}", "page", required=not own, read=True))
    if not (mobile and own):
        pages.append(Part(f"https://m.vk.com/wall{post}", "page", required=False, read=True))
    form = (("act", "show"), ("w", f"wall{post}"), ("al", "1"))
    return (*pages, Part(_ENDPOINT, "payload", form=form, headers=_HEADERS, read=True))


def _needs(seen: Seen) -> Sequence[Part]:
    """Each photo at its largest size. What the film engine fetches is not asked for here."""
    return vkphoto.parts(_view(seen).photos)


def _view(seen: Seen, post: str = "") -> View:
    if seen.role == "payload":
        return vkview.of_payload(seen, post)
    if post := _post(seen.url) or post:
        return vkview.of_post(seen, post)
    photo = _photo(seen.url)
    return vkview.of_photo(seen, photo) if photo else vkview.of_page(seen)


def _judge(seen: Sequence[Seen]) -> Outcome | None:
    """By the cited page where it says anything against the source, else by the payload, which is the most exact."""
    post = next((found for one in seen if (found := _post(one.url))), "")
    views = [(one, _view(one, post)) for one in seen]
    if not views or views[0][0].role != "source" or views[0][1].shown:
        return None
    (source, view), *others = views
    also = [one.url for one, other in others if other.shown]
    laid = bool(_post(source.url)) and not urlsplit(source.url).path.startswith("/wall")
    if laid and also:
        return None
    told = _against(source, view, whole=bool(post) and not laid)
    if told is not None:
        held = tuple(f"the post is shown by {url}" for url in also)
        return Outcome(told.outcome, told.reason, (*told.signals, *held))
    if also or not post:
        return None
    others.sort(key=lambda other: other[0].role != "payload")
    verdicts = (_against(one, other, whole=True) for one, other in others)
    return next((one for one in verdicts if one is not None), None)


def _films(seen: Sequence[Seen]) -> Sequence[str] | None:
    """The films of a post as its pages show them: the interface, which the film engine asks, may be closed."""
    post = next((found for one in seen if (found := _post(one.url))), "")
    views = [_view(one, post) for one in seen if one.role != "payload"] if post else []
    shown = [view.films for view in views if view.films is not None]
    return list(dict.fromkeys(film for films in shown for film in films)) if shown else None


def _against(seen: Seen, view: View, *, whole: bool) -> Outcome | None:
    """What an answer says in place of what was asked for. `whole`: a post was, and the answer does not show it."""
    if host.of(seen.url, *_LOGIN):
        return answers.outcome("login-wall", f"led to {host.name(seen.url)}")
    # A payload with another status says what became of the endpoint, not of the post.
    telling = seen.role == "payload" and seen.status in (200, 429) and len(seen.data) <= vkview.PAYLOAD
    if telling or urlsplit(seen.url).path in _ELSEWHERE:
        verdict = said.judge([Answer(seen.url, seen.status, seen.data)])
        return verdict.outcome if verdict else None
    if view.message:
        told = said.meaning(view.message, "a message in place of the page")
        return told if whole or told.reason != "error" else None
    if whole and view.password:
        return answers.outcome("login-wall", "a form to log in, and no post")
    return None


SITE = Site("vk", _fits, _beside, _needs, _judge, films=_films)
