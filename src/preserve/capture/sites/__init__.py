"""What a source of a known site needs beyond its page, and which of its answers only look like success.

One file a site, each a `Site` in `SITES`; the first that fits a URL holds. The rules are pure: addresses and answers
in, parts and outcomes out.
"""

from __future__ import annotations

from collections.abc import Sequence

from preserve.capture.sites import mil, telegram, vk, wordpress, youtube
from preserve.capture.sites.rule import Part, Seen, Site

__all__ = ["SITES", "Part", "Seen", "Site", "of", "shown"]

SITES: Sequence[Site] = (youtube.SITE, vk.SITE, telegram.SITE, mil.SITE, wordpress.SITE)

_ANY = Site("web", lambda url: True)


def of(url: str) -> Site:
    """The rules for a source: its site's, or those that ask for nothing."""
    return next((site for site in SITES if site.fits(url)), _ANY)


def shown(site: Site, answer: Seen) -> Site:
    """The rules for a source whose answer is seen: where its URL told nothing, the end of its redirects or the answer
    itself may."""
    if site is not _ANY:
        return site
    led = of(answer.url)
    return led if led is not _ANY else next((other for other in SITES if other.shows(answer)), site)
