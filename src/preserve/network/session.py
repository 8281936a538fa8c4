"""One visit of one URL: hops followed by us, each an exchange; tries repeated where that can help.

Redirects are ours because each hop is evidence and must pass the address policy; a client library that follows them
would hand on `file:` and forget what it saw. Cookies are those of one visit (cookies.py).
"""

from __future__ import annotations

import asyncio
import itertools
import platform
import random
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import BinaryIO

import ada_url
import httpx
import tenacity

from preserve import __version__
from preserve.config import Config
from preserve.errors import FetchError
from preserve.model import Limits
from preserve.network import policy
from preserve.network.cookies import Cookie, Jar
from preserve.network.dial import DialError, Dialler
from preserve.network.manners import Manners, Turn
from preserve.network.owncookies import Own, Plain
from preserve.network.visit import (
    PLAIN,
    Ask,
    Hop,
    How,
    Keep,
    Visit,
    after_redirect,
    redirect_target,
    referer_of,
    retry_after,
)
from preserve.network.wire import Answer, ExchangeError, WireTransport

__all__ = ["PLAIN", "USER_AGENT", "Ask", "Hop", "How", "Jar", "Keep", "Session", "Visit", "redirect_target", "tools"]

USER_AGENT = f"Mozilla/5.0 (compatible; preserve/{__version__})"
_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_PART_TRIES = 2  # an image that fails twice must not hold up the page for an hour
_AGAIN_WITH_COOKIES = 2  # times that one address is asked for in a chain: with new cookies each time
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class _Asking:
    """What all hops of one visit are asked with."""

    how: How
    jar: Jar
    referer: str
    part: bool


class Session:
    """A client for one run. `overflow` opens temporary files; `sleep` and `clock` are replaced by tests.

    Raises ConfigError for a cookie file that cannot be read.
    """

    def __init__(
        self,
        config: Config,
        overflow: Callable[[], BinaryIO],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.limits = Limits(config.limits.body, config.limits.time, config.limits.redirects, config.limits.requisites)
        self._config = config
        self._sleep = sleep
        self._own = Own(config)
        self._manners = Manners(config, sleep=sleep, clock=clock)
        self._transport = WireTransport(Dialler(config), self.limits, overflow)

    async def visit(
        self, url: str, *, keep: Keep, referer: str = "", how: How = PLAIN, jar: Jar | None = None, part: bool = False
    ) -> Visit:
        """Ask for a URL and follow where it leads. `keep` is awaited for each hop while its body is at hand.

        `referer`: the page that needs it; its parts, and a `part` without one, get two tries and no delay. `jar`: the
        cookies of a visit that this belongs to; None: of its own. Never raises for what the network does: `fault` says
        what stopped the visit.
        """
        visit = Visit(url)
        asking = _Asking(how, jar or self.jar(), referer, part or bool(referer))
        seen: dict[str, list[str | None]] = {}
        try:
            while True:
                self._check(url, seen, asking.jar)
                hop = await self._hop(url, visit, keep, asking)
                if hop.fault is not None:
                    raise hop.fault
                target = redirect_target(hop)
                if target is None:
                    return visit
                url, asking = target, replace(asking, how=after_redirect(asking.how, hop, target))
        except FetchError as fault:
            visit.fault = fault
        return visit

    def jar(self, given: Iterable[Plain] = ()) -> Jar:
        """For a visit that asks for more than one URL. `given`: cookies that it was given elsewhere."""
        jar = Jar(self._own)
        for name, value, domain, path, secure in given:
            host = domain.removeprefix(".").lower()
            file = self._own.site(host)
            jar.put(Cookie(name, value, host, path, not domain.startswith("."), secure or bool(file), None, file))
        return jar

    def own_cookies(self, host: str) -> list[Plain]:
        """Those of the configuration that yt-dlp is given for the films of a host."""
        return self._own.plain(host)

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
            request = self._composed(ask)
        except FetchError as fault:
            return Hop(ask.url, attempt, None, fault)
        except (ValueError, httpx.InvalidURL) as error:
            return Hop(ask.url, attempt, None, FetchError("error", f"no request can be made of it: {error}"))
        try:
            async with self._manners.turn(ask.url, part=True) as turn:
                async with aclosing(await self._transport.open(request, ask.limits)) as answer:
                    await read(answer)
                return _told(turn, Hop(ask.url, attempt, answer.exchange))
        except ExchangeError as error:
            return _failed(ask.url, attempt, error)

    def _check(self, url: str, seen: dict[str, list[str | None]], jar: Jar) -> None:
        """Where a site sets a cookie and leads back, the same address is asked for once more, with the cookie."""
        _check_url(url)
        cookies, before = jar.header(url), seen.setdefault(url, [])
        if cookies in before or len(before) >= _AGAIN_WITH_COOKIES:
            raise FetchError("redirect-loop", "the redirects lead back to where they began")
        before.append(cookies)
        if sum(map(len, seen.values())) > self.limits.redirects + 1:
            raise FetchError("redirect-loop", f"more than {self.limits.redirects} redirects")

    async def _hop(self, url: str, visit: Visit, keep: Keep, asking: _Asking) -> Hop:
        """One exchange, tried again where it failed for a passing reason; every try is kept."""
        retry = self._config.retry
        tries = min(retry.tries, asking.how.tries or retry.tries, _PART_TRIES if asking.part else retry.tries)
        numbers = itertools.count(1)

        async def ask() -> Hop:
            hop = await self._exchange(url, next(numbers), asking)
            visit.hops.append(hop)
            await keep(hop)
            return hop

        # Most exchanges need no second try, and for them no machinery of retries is set up.
        first = [await ask()]
        if tries == 1 or not self._worth_another(first[0]):
            return first[0]

        async def attempt() -> Hop:
            return first.pop() if first else await ask()

        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(max(1, tries)),
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

    async def _exchange(self, url: str, attempt: int, asking: _Asking) -> Hop:
        how = asking.how
        try:
            request = self._request(url, asking)
        except (ValueError, httpx.InvalidURL) as error:
            return Hop(url, attempt, None, FetchError("error", f"no request can be made of it: {error}"))
        try:
            async with self._manners.turn(url, part=asking.part, delay=how.delay) as turn:
                exchange = await self._transport.exchange(request, how.limits)
                asking.jar.take(url, exchange.headers)
                return _told(turn, Hop(url, attempt, exchange))
        except ExchangeError as error:
            return _failed(url, attempt, error)

    def _request(self, url: str, asking: _Asking) -> httpx.Request:
        rule = self._config.for_host(ada_url.URL(url).hostname)
        agent = rule.user_agent or self._config.network.user_agent or USER_AGENT
        headers = [
            ("User-Agent", agent),
            ("Accept", _ACCEPT),
            ("Accept-Language", "en,*;q=0.5"),
            ("Accept-Encoding", "gzip"),
        ]
        if asking.referer and (value := referer_of(asking.referer, url)):
            headers.append(("Referer", value))
        if cookies := asking.jar.header(url):
            headers.append(("Cookie", cookies))
        how = asking.how
        own = {name.lower() for name, _ in how.headers}
        fields = (*(field for field in headers if field[0].lower() not in own), *how.headers)
        return self._composed(Ask(url, how.method, fields, how.content))

    def _composed(self, ask: Ask) -> httpx.Request:
        """Raises ValueError for what is no address."""
        # The URL is ada's (WHATWG) spelling; httpx would respell a few characters, so it only routes.
        parts = ada_url.URL(ask.url)
        target = (parts.pathname + parts.search).encode("ascii")
        fields, secret = self._own.guarded(ask.url, ask.headers)
        return httpx.Request(
            ask.method,
            _origin(f"{parts.protocol}//{parts.host}/"),
            headers=[
                (name.encode("ascii"), value.encode("latin-1")) for name, value in (("Host", parts.host), *fields)
            ],
            content=ask.content or None,
            extensions={"target": target, "url": ask.url, "own_cookies": not secret},
        )

    async def pause(self, attempt: int) -> None:
        """Before another try of what `ask` asks: longer each time, never longer than retry.max_wait."""
        await self._sleep(min(self._config.retry.max_wait, 2.0 ** min(attempt - 1, 16) + random.random()))

    def rest(self, url: str) -> None:
        """A film was fetched from the host of this URL: its next page waits longer than after a page."""
        self._manners.rest(url)

    def crawl_delay(self, url: str, seconds: float) -> None:
        """What the robots.txt of this host asks for."""
        self._manners.crawl_delay(url, seconds)

    def note(self, url: str, reason: str) -> None:
        """What became of a source, for whether its lane is asked any more."""
        self._manners.note(url, reason)

    def stopped(self, url: str) -> str | None:
        """The reason for which nothing more is asked in the lane of this URL, if so."""
        return self._manners.stopped(url)

    async def aclose(self) -> None:
        await self._transport.aclose()


def _check_url(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise FetchError("scheme", f"{url.partition(':')[0][:20]}: is not fetched")
    if len(url) > policy.MAX_URL:
        raise FetchError("policy", f"the URL is longer than {policy.MAX_URL} characters")


def _told(turn: Turn, hop: Hop) -> Hop:
    turn.answered(hop.status, retry_after(hop))
    return hop


def _failed(url: str, attempt: int, error: ExchangeError) -> Hop:
    resolved = error.fault.resolved if isinstance(error.fault, DialError) else ()
    return Hop(url, attempt, error.exchange, error.fault, resolved)


@lru_cache(maxsize=256)
def _origin(url: str) -> httpx.URL:
    return httpx.URL(url)


def tools() -> dict[str, str]:
    """What fetched, for the record."""
    import ssl

    return {
        "preserve": __version__,
        "python": platform.python_version(),
        "httpx": httpx.__version__,
        "openssl": ssl.OPENSSL_VERSION.split(" (")[0],
    }
