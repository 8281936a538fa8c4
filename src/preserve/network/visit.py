"""What is asked and what came of it, as values, and the rules by which one hop leads to the next. Pure."""

from __future__ import annotations

import email.utils
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import ada_url

from preserve.errors import FetchError
from preserve.model import Exchange, Limits

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Ask:
    """One request as its asker composed it. `limits`: None for those of every exchange."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes = b""
    limits: Limits | None = None


@dataclass(frozen=True, slots=True)
class How:
    """How a URL is asked for, where it is not by GET with the fields of every page.

    `delay`: seconds of silence after the answer, for who publishes a rate of its own; None: that of the host.
    `tries`: at most so many of each hop; None: as the configuration says. `limits`: None for those of every exchange.
    After a redirect that is not to be repeated (RFC 9110 section 15.4) the method is GET and the content is dropped.
    """

    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes = b""
    delay: float | None = None
    tries: int | None = None
    limits: Limits | None = None


PLAIN = How()


@dataclass(frozen=True, slots=True)
class Hop:
    """One exchange of a visit, or the failure to have one."""

    url: str
    attempt: int
    exchange: Exchange | None
    fault: FetchError | None = None
    resolved: tuple[str, ...] = ()

    @property
    def status(self) -> int | None:
        return self.exchange.status if self.exchange else None


@dataclass(slots=True)
class Visit:
    """All hops in order, tries included; the last one decides."""

    url: str
    hops: list[Hop] = field(default_factory=list)
    fault: FetchError | None = None

    @property
    def final(self) -> Exchange | None:
        return self.hops[-1].exchange if self.hops else None

    def close(self) -> None:
        """Nobody reads its bodies any more."""
        for hop in self.hops:
            if hop.exchange:
                hop.exchange.body.close()

    @property
    def final_url(self) -> str:
        return self.hops[-1].url if self.hops else self.url

    @property
    def tries(self) -> int:
        """The most exchanges that one hop took."""
        return max((hop.attempt for hop in self.hops), default=0)


Keep = Callable[[Hop], Awaitable[None]]


def after_redirect(how: How, hop: Hop, target: str) -> How:
    """307 and 308 repeat the request; the others make a GET of it. Secrets stay with their origin."""
    fields = how.headers
    if urlsplit(hop.url)[:2] != urlsplit(target)[:2]:
        fields = tuple(field for field in fields if field[0].lower() not in ("authorization", "cookie"))
    if hop.status in (307, 308) or how.method in ("GET", "HEAD"):
        return replace(how, headers=fields)
    return replace(
        how, method="GET", content=b"", headers=tuple(f for f in fields if not f[0].lower().startswith("content-"))
    )


def redirect_target(hop: Hop) -> str | None:
    """Where the answer leads, absolute, or None. Raises FetchError for a place that is not gone to."""
    if hop.exchange is None or hop.status not in _REDIRECTS:
        return None
    location, *others = [value for key, value in hop.exchange.headers if key.lower() == "location"] or [""]
    if any(other != location for other in others):
        raise FetchError("malformed", "a redirect to several places at once")  # as browsers: no guess at which is meant
    if not location:
        return None
    # Servers send UTF-8 in a header that was read as Latin-1 (RFC 9110 section 5.5).
    text = location.encode("latin-1").decode("utf-8", "replace")
    try:
        target = ada_url.URL(text, base=hop.url)
    except ValueError:
        raise FetchError("malformed", f"a redirect to what is no address: {text[:80]!r}") from None
    if target.protocol not in ("http:", "https:"):
        raise FetchError("scheme", f"a redirect to {target.protocol} is not followed")
    target.hash = ""
    return str(target.href)


def retry_after(hop: Hop) -> float | None:
    """Seconds that the server asks to wait, from now; None when it does not say or says nonsense."""
    value = hop.exchange.header("retry-after") if hop.exchange else None
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:12])
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def referer_of(page: str, url: str) -> str:
    """As browsers do by default: whole within the origin, the origin across, nothing from https to http."""
    a, b = urlsplit(page), urlsplit(url)
    if a.scheme == "https" and b.scheme == "http":
        return ""
    if (a.scheme, a.netloc) == (b.scheme, b.netloc):
        return page.partition("#")[0]
    return f"{a.scheme}://{a.netloc}/"
