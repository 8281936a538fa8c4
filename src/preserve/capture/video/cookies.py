"""The cookies of one visit: what its pages were given goes with the streams, and to nobody else."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterable
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy

from preserve.capture.video import found


class Cookies:
    """A jar made of what yt-dlp was given."""

    def __init__(self, given: Iterable[found.Cookie] = ()) -> None:
        # A cookie without a domain is for one host; Python's own policy would let those below it have it, too.
        self._jar = CookieJar(DefaultCookiePolicy(strict_ns_domain=DefaultCookiePolicy.DomainStrictNonDomain))
        for name, value, domain, path, secure in given:
            dotted = domain.startswith(".")
            self._jar.set_cookie(
                Cookie(
                    0, name, value, None, False, domain, dotted, dotted, path, True, secure, None, True, None, None, {}
                )
            )

    def header(self, url: str) -> str | None:
        """The value of the Cookie field for this address, by the rules of RFC 6265 as http.cookiejar knows them."""
        try:
            request = urllib.request.Request(url)
            self._jar.add_cookie_header(request)
        except ValueError:  # no address: whoever asks for it is told so
            return None
        return request.get_header("Cookie")
