"""One visit of one URL: hops followed by us, each an exchange; tries repeated where that can help.

Redirects are ours because each hop is evidence and must pass the address policy; a client library that follows them
would hand on `file:` and forget what it saw.
"""

from __future__ import annotations

import asyncio
import email.utils
import itertools
import platform
import random
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import BinaryIO
from urllib.parse import urlsplit

import ada_url
import httpx
import tenacity

from preserve import __version__
from preserve.config import Config
from preserve.errors import FetchError
from preserve.model import Exchange, Limits
from preserve.network import policy
from preserve.network.dial import DialError, Dialler
from preserve.network.manners import Manners
from preserve.network.wire import Answer, ExchangeError, WireTransport

USER_AGENT = f"Mozilla/5.0 (compatible; preserve/{__version__})"
_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PART_TRIES = 2  # an image that fails twice must not hold up the page for an hour
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Ask:
    """One request as its asker composed it. `limits`: None for those of every exchange."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes = b""
    limits: Limits | None = None


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

    @property
    def final_url(self) -> str:
        return self.hops[-1].url if self.hops else self.url

    @property
    def tries(self) -> int:
        """The most exchanges that one hop took."""
        return max((hop.attempt for hop in self.hops), default=0)


Keep = Callable[[Hop], Awaitable[None]]


class Session:
    """A client for one run. `overflow` opens temporary files; `sleep` is replaced by tests' clocks."""

    def __init__(
        self,
        config: Config,
        overflow: Callable[[], BinaryIO],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.limits = Limits(config.limits.body, config.limits.time, config.limits.redirects, config.limits.requisites)
        self._config = config
        self._sleep = sleep
        self._manners = Manners(config, sleep=sleep)
        self._transport = WireTransport(Dialler(config), self.limits, overflow)

    async def visit(self, url: str, *, keep: Keep, referer: str = "") -> Visit:
        """Ask for a URL and follow where it leads. `keep` is awaited for each hop while its body is at hand.

        `referer`: the page that needs it; its parts get two tries and no delay. Never raises for what the network
        does: `fault` says what stopped the visit.
        """
        visit = Visit(url)
        seen: set[str] = set()
        try:
            while True:
                self._check(url, seen, visit)
                seen.add(url)
                hop = await self._hop(url, visit, keep, referer)
                if hop.fault is not None:
                    raise hop.fault
                target = redirect_target(hop)
                if target is None:
                    return visit
                url = target
        except FetchError as fault:
            visit.fault = fault
        return visit

    async def ask(self, ask: Ask, *, keep: Keep, read: Callable[[Answer], Awaitable[None]], attempt: int = 1) -> Hop:
        """One exchange, not followed and not tried again, in the turn of its host and without the delay of a page.

        `read` gets the answer as far as its head and takes of the body what it wants; the rest is not received.
        `keep` is awaited as in `visit`. Raises nothing for what the network does, only what `read` and `keep` raise.
        """
        hop = await self._ask(ask, read, attempt)
        await keep(hop)
        return hop

    async def _ask(self, ask: Ask, read: Callable[[Answer], Awaitable[None]], attempt: int) -> Hop:
        try:
            _check_url(ask.url)
            request = _composed(ask)
        except FetchError as fault:
            return Hop(ask.url, attempt, None, fault)
        except (ValueError, httpx.InvalidURL) as error:
            return Hop(ask.url, attempt, None, FetchError("error", f"no request can be made of it: {error}"))
        try:
            async with self._manners.turn(ask.url, part=True):
                async with aclosing(await self._transport.open(request, ask.limits)) as answer:
                    await read(answer)
        except ExchangeError as error:
            resolved = error.fault.resolved if isinstance(error.fault, DialError) else ()
            return Hop(ask.url, attempt, error.exchange, error.fault, resolved)
        return Hop(ask.url, attempt, answer.exchange)

    def _check(self, url: str, seen: set[str], visit: Visit) -> None:
        _check_url(url)
        if url in seen:
            raise FetchError("redirect-loop", "the redirects lead back to where they began")
        if len(seen) > self.limits.redirects:
            raise FetchError("redirect-loop", f"more than {self.limits.redirects} redirects")

    async def _hop(self, url: str, visit: Visit, keep: Keep, referer: str) -> Hop:
        """One exchange, tried again where it failed for a passing reason; every try is kept."""
        retry = self._config.retry

        numbers = itertools.count(1)

        async def ask() -> Hop:
            hop = await self._exchange(url, next(numbers), referer)
            visit.hops.append(hop)
            await keep(hop)
            return hop

        # Most exchanges need no second try, and for them no machinery of retries is set up.
        first = [await ask()]
        if not self._worth_another(first[0]):
            return first[0]

        async def attempt() -> Hop:
            return first.pop() if first else await ask()

        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(max(1, min(retry.tries, _PART_TRIES) if referer else retry.tries)),
            retry=tenacity.retry_if_result(self._worth_another),
            wait=self._pause,
            sleep=self._sleep,
            # When the tries are used up, the last answer stands as it is.
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        return await retrying(attempt)

    def _worth_another(self, hop: Hop) -> bool:
        if hop.fault is not None:
            return hop.fault.transient
        wait = retry_after(hop)
        return hop.status in _AGAIN and (wait is None or wait <= self._config.retry.retry_after_max)

    def _pause(self, state: tenacity.RetryCallState) -> float:
        hop = state.outcome.result() if state.outcome else None
        asked = retry_after(hop) if isinstance(hop, Hop) else None
        backoff = tenacity.wait_exponential_jitter(initial=1, max=self._config.retry.max_wait, jitter=1)
        return max(asked, 0.0) if asked is not None else min(backoff(state), self._config.retry.max_wait)

    async def _exchange(self, url: str, attempt: int, referer: str) -> Hop:
        try:
            request = self._request(url, referer)
        except (ValueError, httpx.InvalidURL) as error:
            return Hop(url, attempt, None, FetchError("error", f"no request can be made of it: {error}"))
        try:
            async with self._manners.turn(url, part=bool(referer)):
                return Hop(url, attempt, await self._transport.exchange(request))
        except ExchangeError as error:
            resolved = error.fault.resolved if isinstance(error.fault, DialError) else ()
            return Hop(url, attempt, error.exchange, error.fault, resolved)

    def _request(self, url: str, referer: str) -> httpx.Request:
        rule = self._config.for_host(ada_url.URL(url).hostname)
        agent = rule.user_agent or self._config.network.user_agent or USER_AGENT
        headers = [
            ("User-Agent", agent),
            ("Accept", _ACCEPT),
            ("Accept-Language", "en,*;q=0.5"),
            ("Accept-Encoding", "gzip"),
        ]
        if referer and (value := _referer(referer, url)):
            headers.append(("Referer", value))
        return _composed(Ask(url, headers=tuple(headers)))

    async def pause(self, attempt: int) -> None:
        """Before another try of what `ask` asks: longer each time, never longer than retry.max_wait."""
        await self._sleep(min(self._config.retry.max_wait, 2.0 ** min(attempt - 1, 16) + random.random()))

    def rest(self, url: str) -> None:
        """A film was fetched from the host of this URL: its next page waits longer than after a page."""
        self._manners.rest(url)

    async def aclose(self) -> None:
        await self._transport.aclose()


def _check_url(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise FetchError("scheme", f"{url.partition(':')[0][:20]}: is not fetched")
    if len(url) > policy.MAX_URL:
        raise FetchError("policy", f"the URL is longer than {policy.MAX_URL} characters")


def _composed(ask: Ask) -> httpx.Request:
    """Raises ValueError for what is no address. Cookies in it are those that this visit was given."""
    # The URL is ada's (WHATWG) spelling; httpx would respell a few characters, so it only routes.
    parts = ada_url.URL(ask.url)
    target = (parts.pathname + parts.search).encode("ascii")
    return httpx.Request(
        ask.method,
        _origin(f"{parts.protocol}//{parts.host}/"),
        headers=[("Host", parts.host), *ask.headers],
        content=ask.content or None,
        extensions={"target": target, "url": ask.url, "own_cookies": True},
    )


@lru_cache(maxsize=256)
def _origin(url: str) -> httpx.URL:
    return httpx.URL(url)


def redirect_target(hop: Hop) -> str | None:
    """Where the answer leads, absolute, or None. Raises FetchError for a place that is not gone to."""
    if hop.exchange is None or hop.status not in _REDIRECTS:
        return None
    location = hop.exchange.header("location")
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


def _referer(page: str, url: str) -> str:
    """As browsers do by default: whole within the origin, the origin across, nothing from https to http."""
    a, b = urlsplit(page), urlsplit(url)
    if a.scheme == "https" and b.scheme == "http":
        return ""
    if (a.scheme, a.netloc) == (b.scheme, b.netloc):
        return page.partition("#")[0]
    return f"{a.scheme}://{a.netloc}/"


def tools() -> dict[str, str]:
    """What fetched, for the record."""
    import ssl

    return {
        "preserve": __version__,
        "python": platform.python_version(),
        "httpx": httpx.__version__,
        "openssl": ssl.OPENSSL_VERSION.split(" (")[0],
    }
