"""VK's challenge: whoever asks for a page is first led to a puzzle, and who brings the answer is given a cookie.

The answer to any GET may be a redirect to `/challenge.html?hash429=H`. The page there holds a script that makes a salt;
the same address with `&key=` and the MD5 of `H:salt` gives the cookie, with which what had been asked for is answered.
yt-dlp passes it in the same way (extractor/vk.py). The script is a stranger's: it is evaluated in the process that runs
yt-dlp, within bounds, and never here.

A challenge is passed once a run: the cookie goes into the jars of all visits and with the requests of films.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from hashlib import md5
from urllib.parse import parse_qs, urlsplit

from preserve.capture.video import answers, talk
from preserve.capture.video import vk as said
from preserve.capture.video.process import Worker, Workers
from preserve.errors import FetchError
from preserve.model import Json
from preserve.network import cookies, decode
from preserve.network.cookies import Cookie, Jar
from preserve.network.owncookies import Plain
from preserve.network.session import Visit

PAGE = 256 << 10  # bytes of a challenge's page that are read; it has some KB
SCRIPT = 64 << 10  # characters of its script
TIME = 60.0  # seconds for the script, the start of a process and its wait for the processor included
COOKIE = "solution429"
_BEGINS = re.compile(r"var\s{1,9}salt\s{0,9}=\s{0,9}\(\s{0,9}function\s{0,9}\(\)\s{0,9}(?=\{)")
_ENDS = re.compile(r"\}(?=\s{0,9}\)\s{0,9}\(\)\s{0,9};\s{0,9}var\s{1,9}hash)")


@dataclass(frozen=True, slots=True)
class Challenge:
    url: str  # of its page
    hash: str

    @property
    def site(self) -> str:
        return _site(self.url)

    def solved(self, salt: str) -> str:
        """The address that gives the cookie."""
        key = md5(f"{self.hash}:{salt}".encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
        return f"{self.url}&key={key}"


def _site(url: str) -> str:
    """Whose cookie opens it: VK's domains have each their own."""
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])


class Unsolved(Exception):
    """Why a challenge could not be passed, in words for the record."""


def met(visit: Visit) -> Challenge | None:
    """The challenge that answers a visit in place of what was asked for."""
    url = visit.final_url
    parts = urlsplit(url)
    hashes = parse_qs(parts.query).get("hash429")
    if not hashes or parts.path != "/challenge.html" or not answers.within(parts.hostname or "", *said.SITES):
        return None
    return Challenge(url, hashes[-1])


def script(page: str) -> str | None:
    """The body of the function that makes the salt, with its braces."""
    begins = _BEGINS.search(page)
    ends = _ENDS.search(page, begins.end(), begins.end() + SCRIPT) if begins else None
    return page[begins.end() : ends.end()] if begins and ends else None


class Passes:
    """The cookies of challenges that this run has passed, whoever passed them."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._cookies: dict[cookies.Key, Cookie] = {}
        self._given: Counter[str] = Counter()  # by site
        self._turn = asyncio.Lock()

    def lend(self, jar: Jar) -> Jar:
        """To a visit that begins; the jar itself."""
        for cookie in self._cookies.values():
            jar.put(cookie)
        return jar

    def plain(self) -> list[Plain]:
        """As yt-dlp is given them."""
        return [
            (one.name, one.value, one.domain if one.host_only else "." + one.domain, one.path, True)
            for one in self._cookies.values()
            if one.expires is None or one.expires > time.time()
        ]

    def take(self, url: str, headers: Iterable[tuple[str, str]]) -> None:
        """An answer that may bring the cookie, to a visit of ours or to yt-dlp."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "https" or not answers.within(host, *said.SITES):
            return
        for name, value in headers:
            if name.lower() == "set-cookie" and value.partition("=")[0].strip() == COOKIE:
                cookie = cookies.parse(value, host, parts.path or "/", time.time())
                if cookie is not None:
                    self._cookies[cookie.key] = cookie
                    self._given[_site(url)] += 1

    async def passed(
        self, visit: Visit, jar: Jar, get: Callable[[str], Awaitable[Visit]], again: Callable[[], Awaitable[Visit]]
    ) -> Visit:
        """All of a visit: where it met a challenge, with the hops that passed it and those of the second try.

        `get` visits an address, `again` what had been asked for, both with `jar`, the visit's, and keep what comes as
        it did. Raises Unsolved; all that had come until then is in `visit`.
        """
        challenge = met(visit)
        if challenge is None:
            return visit
        before = self._given[challenge.site]
        page = _page(visit)  # now: who asked closes it when the visit is over
        async with self._turn:
            if self._given[challenge.site] == before:  # else somebody has passed it while this one waited
                given = await get(challenge.solved(await solve(self._workers, page)))
                visit.hops += given.hops
                for hop in given.hops:
                    self.take(hop.url, hop.exchange.headers if hop.exchange else ())
        if self._given[challenge.site] == before:
            raise Unsolved("the answer to the challenge brought no cookie")
        self.lend(jar)
        second = await again()
        visit.hops += second.hops
        visit.fault = second.fault
        if met(visit):
            raise Unsolved("the challenge comes again after its answer was accepted")
        return visit


def _page(visit: Visit) -> str:
    """Raises Unsolved where none came."""
    if visit.final is None:
        raise Unsolved("the page of the challenge did not come")
    data = bytearray()
    try:
        for block in decode.content(visit.final):
            data += block
            if len(data) > PAGE:
                raise Unsolved(f"the page of the challenge is larger than {PAGE} bytes")
    except FetchError as fault:
        raise Unsolved(f"the page of the challenge cannot be read: {fault.message}") from None
    return said.decoded(bytes(data))


async def solve(workers: Workers, page: str) -> str:
    """The salt that the script of this page makes. Raises Unsolved."""
    body = script(page)
    if body is None:
        raise Unsolved("the page of the challenge holds no script that is known")
    worker = await workers.take()
    try:
        worker.say(talk.pack("puzzle", script=body))
        async with asyncio.timeout(TIME):
            kind, fields = await _heard(worker)
        text = str(fields["text"])
    except TimeoutError:
        await workers.kill(worker)
        raise Unsolved(f"the script of the challenge came to no end in {TIME:.0f} s") from None
    except (EOFError, LookupError, TypeError, ValueError):
        code = await workers.kill(worker)
        raise Unsolved(f"the script of the challenge was ended by its bounds ({code})") from None
    except BaseException:
        await workers.kill(worker)
        raise
    workers.give(worker)
    if kind != "solved":
        raise Unsolved(f"the script of the challenge cannot be evaluated: {text:.300}")
    return text


async def _heard(worker: Worker) -> tuple[str, Json]:
    """The one answer to a puzzle; a process may let go of an earlier page's answers before."""
    while True:
        kind, fields, _ = await worker.hear()
        if kind in ("solved", "failed"):
            return kind, fields
        if kind != "close":
            raise ValueError("not asked")
