"""robots.txt (RFC 9309): asked for once a run and origin, stored in the capture that asked, its verdict told to all."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import ada_url

from preserve.capture import challenge
from preserve.capture.recorder import Keeping, Recorder, Recording
from preserve.config import Config
from preserve.errors import FetchError
from preserve.model import OUTCOME_OF, Json, Limits, Outcome
from preserve.network import decode
from preserve.network.session import How, Jar, Session

if TYPE_CHECKING:
    from protego import Protego

TOKEN = "preserve"  # our product token
MOST = 500 * 1024  # bytes that are read of one (RFC 9309 section 2.5)
TIME = 60.0  # seconds for one: as long as any server may take for its head
_HOW = How(tries=1, limits=Limits(body=MOST, time=TIME))
_PRODUCT = re.compile(r"[A-Za-z][A-Za-z_-]*")
_COMPATIBLE = re.compile(r"\(compatible;\s{0,9}([A-Za-z][A-Za-z_-]*)")
_AGENT_LINE = re.compile(r"\s{0,99}user[ -]?agent\s{0,99}[:\s](.*)", re.IGNORECASE)
_NOBODY = "~"  # in place of an agent that is not us


@dataclass(frozen=True, slots=True)
class _File:
    """What one origin says. `rules`: None where nothing is known, or nothing forbidden (`allowed`)."""

    url: str
    status: int | None = None
    record: str | None = None  # id of the one that holds the answer
    allowed: bool | None = None
    rules: Protego | None = field(default=None, repr=False)


class Robots:
    """The verdicts of one run."""

    def __init__(
        self, config: Config, session: Session, recorder: Recorder, lend: Callable[[Jar], Jar] = lambda jar: jar
    ) -> None:
        """`lend`: gives a jar the cookies of challenges that this run has passed."""
        self._config, self._session, self._recorder, self._lend = config, session, recorder, lend
        self._files: dict[str, asyncio.Future[_File]] = {}
        self._faults: dict[str, FetchError] = {}  # by address of a robots.txt: why no answer came

    def mode(self, url: str) -> str:
        """record, obey or ignore: what holds for the host of this URL."""
        return self._config.for_host(_host(url)).robots or self._config.politeness.robots

    async def verdict(self, recording: Recording, url: str) -> Json:
        """What the robots.txt of this URL's origin says about it; None where it is ignored, or the URL is no address.

        The first to ask stores it in its `recording`. The lane of the host keeps a Crawl-delay from then on. Raises
        StorageError.
        """
        if self.mode(url) == "ignore" or (origin := _origin(url)) is None:
            return None
        if origin not in self._files:
            waiting = self._files[origin] = asyncio.get_running_loop().create_future()
            file = _File(f"{origin}/robots.txt")
            try:
                file = await self._asked(recording, file.url)
            finally:
                waiting.set_result(file)
        return self._told(await asyncio.shield(self._files[origin]), url)

    def refusal(self, verdict: Json) -> Outcome | None:
        """For who obeys: why the URL is not fetched, if so. What cannot be known is a no (RFC 9309 section 2.3.1.4). Of
        a host that did not answer at all that is the reason: a dead one forbids nothing."""
        if verdict is None or verdict["allowed"]:
            return None
        url, status = verdict["url"], verdict["status"]
        if fault := self._faults.get(url):
            return Outcome(OUTCOME_OF[fault.reason], fault.reason, (f"{url} could not be asked for", fault.message))
        why = "disallows it" if verdict["allowed"] is False else f"cannot be had (status {status or 'none'})"
        return Outcome("refused", "robots", (f"{url} {why} for {verdict['agent']}",))

    def _agent(self, url: str) -> str:
        return token(self._config.for_host(_host(url)).user_agent or self._config.network.user_agent)

    def _told(self, file: _File, url: str) -> Json:
        agent = self._agent(url)
        allowed, delay = file.allowed, None
        if file.rules is not None:
            allowed, delay = file.rules.can_fetch(url, agent), file.rules.crawl_delay(agent)
        if delay:
            self._session.crawl_delay(url, delay)
        return {
            "url": file.url,
            "status": file.status,
            "record": file.record,
            "allowed": allowed,
            "crawl_delay_ms": round(min(delay, 1e9) * 1000) if delay is not None else None,
            "agent": agent,
        }

    async def _asked(self, recording: Recording, url: str) -> _File:
        keep = Keeping(self._recorder, recording)
        jar = self._lend(Jar())  # without own cookies: who may fetch what is the same for everybody
        visit = await self._session.visit(url, keep=keep, how=_HOW, jar=jar, part=True)
        try:
            final = visit.final
            status = final.status if final else None
            if final is None and visit.fault is not None:
                self._faults[url] = visit.fault
            cut = visit.fault is not None and visit.fault.reason != "limit"
            if final is None or status is None or cut or challenge.met(visit):
                return _File(url, status, keep.record)
            if 400 <= status < 500:
                return _File(url, status, keep.record, allowed=True)
            if not 200 <= status < 300:
                return _File(url, status, keep.record)
            rules = await asyncio.to_thread(_parsed, decode.content(final), self._agent(url))
            return _File(url, status, keep.record, allowed=True, rules=rules)
        finally:
            visit.close()


def token(user_agent: str) -> str:
    """The product token by which a robots.txt names who sends this User-Agent; "": our own."""
    if not user_agent or TOKEN in user_agent.lower():
        return TOKEN
    match = _COMPATIBLE.search(user_agent[:500])
    product = match[1] if match else next(iter(_PRODUCT.findall(user_agent[:500])), TOKEN)
    return product.lower()


def _parsed(blocks: Iterable[bytes], agent: str) -> Protego:
    from protego import Protego

    lines = decode.head(blocks, MOST).decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    return Protego.parse("\n".join(_told_to(agent, line) for line in lines))


def _told_to(agent: str, line: str) -> str:
    """The line, and of the agents it may name only us and all.

    The parser takes the beginning of a name for the name (RFC 9309 wants all of it), and notes each rule once for every
    agent it is for: 20,000 agents and as many rules would keep it busy for minutes.
    """
    match = _AGENT_LINE.match(line)
    if match is None:
        return line
    name = match[1].partition("#")[0].partition("/")[0].strip().lower()
    return f"User-agent: {name if name in ('*', agent) else _NOBODY}"


def _host(url: str) -> str:
    try:
        return str(ada_url.URL(url).hostname)
    except ValueError:
        return ""


def _origin(url: str) -> str | None:
    try:
        parts = ada_url.URL(url)
    except ValueError:
        return None
    return f"{parts.protocol}//{parts.host}" if parts.protocol in ("http:", "https:") else None
