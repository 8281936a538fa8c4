"""Pages made by WordPress: the pictures of an article come as the files that were uploaded, not as their thumbnails."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from preserve.capture.sites import content, host
from preserve.capture.sites.rule import Part, Seen, Site
from preserve.model import Outcome

HEAD = 256 << 10  # bytes in which a page has told what made it: WordPress names its folders and interfaces in the head
# Folders of what editors upload, on single sites and in networks of them; themes and plugins bring only ornament.
_UPLOADS = re.compile(r"/(?:wp-content/)?(?:uploads|blogs\.dir)/|/files/[12][0-9]{3}/")
# What WordPress appends to the name of a copy that it has made smaller.
_SCALED = re.compile(r"-(?:[0-9]{1,5}x[0-9]{1,5}|scaled)(?=\.(?:jpe?g|png|gif|webp|avif)(?:$|\?))", re.IGNORECASE)
_ARTICLE = ("entry-content", "post-content")  # classes of what holds it, where no element says so
_LISTS = frozenset({"home", "blog", "archive", "search"})  # classes of pages that list articles


def _fits(url: str) -> bool:
    return host.of(url, "vdc-sy.net")


def _shows(seen: Seen) -> bool:
    head = seen.data[:HEAD]
    named = b"/wp-content/" in head
    return (named and (b"/wp-json/" in head or b"/wp-includes/" in head)) or b'content="WordPress ' in head


def _holds(tag: str, attributes: Mapping[str, str]) -> bool:
    return tag == "article" or (tag in ("div", "section") and content.has_class(attributes, *_ARTICLE))


def _needs(seen: Seen) -> Sequence[Part]:
    page = content.read(seen, _holds)
    if not page.classes.isdisjoint(_LISTS):
        return ()
    parts: dict[str, Part] = {}
    # Around an article stand banners and logos; where nothing says where it is, none of them is known to belong to it.
    for part in map(_picture, page.pictures if page.main else ()):
        if part:
            parts.setdefault(part.url, part)
    if page.shared and _UPLOADS.search(page.shared):
        parts.setdefault(page.shared, Part(page.shared, "image"))
    return list(parts.values())


def _picture(one: content.Picture) -> Part | None:
    """The upload: what the picture links to, or the largest that is shown, without what its name says of its size.
    That name is a guess: where there is nothing under it, what the page names is all there is."""
    named = next((url for url in (one.linked, *one.sizes) if url and _UPLOADS.search(url)), None)
    if named is None:
        return None
    upload = _SCALED.sub("", named)
    return Part(upload, "image", instead=() if upload in (named, *one.sizes) else (named,))


def _judge(seen: Sequence[Seen]) -> Outcome | None:
    """By the class that every theme gets from WordPress, whatever its language; words are looked at on all pages."""
    page = seen[0]
    if page.status != 200 or b"error404" not in page.data or "error404" not in content.read(page, _holds).classes:
        return None
    return Outcome("lost", "soft-404", ("WordPress says that there is no such page",))


SITE = Site("wordpress", _fits, needs=_needs, judge=_judge, shows=_shows)
