"""Where the web archives are asked, for one run: who is asked at all, what they answer, who has failed too often."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from preserve.capture.recorder import Keeping, Recorder, Recording
from preserve.capture.recovery.archive import INDEX, Found, Memento, Question, Unusable, WebArchive, joined
from preserve.capture.recovery.arquivo import Arquivo
from preserve.capture.recovery.commoncrawl import CommonCrawl
from preserve.capture.recovery.timemap import TimeMap
from preserve.capture.recovery.wayback import Wayback
from preserve.config import Recover
from preserve.network import decode
from preserve.network.session import How, Session, Visit

FAILURES = 3  # answers that an archive owes us in one run: then it is down, or wants to be left alone
NOT_ASKED = f"not asked: it failed {FAILURES} times in this run"
_DOWN = frozenset({"timeout", "unreachable", "offline", "tls-invalid", "truncated", "rate-limited", "bot-challenge"})


@dataclass(frozen=True, slots=True)
class Index:
    """What one archive said of one source. `error`: why that may not be all."""

    archive: WebArchive
    found: Found
    error: str | None = None


class Desk:
    """`archives`: those that are asked, in the order in which they are told; `stopping`: why nothing more is asked."""

    def __init__(
        self,
        session: Session,
        recorder: Recorder,
        archives: Sequence[WebArchive],
        stopping: Callable[[], str] = lambda: "",
    ) -> None:
        self.archives = tuple(archives)
        self.stopping = stopping
        self._session = session
        self._recorder = recorder
        self._failures: Counter[str] = Counter()
        self._catalogs: dict[str, bytes] = {}
        self._catalog_turn = asyncio.Lock()
        # One question at a time to each archive. They queue here and not at its lane, so that a run that is stopped, or
        # an archive that is given up, does not have to answer those that are waiting.
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def index(self, archive: WebArchive, url: str, date: datetime, recording: Recording) -> Index:
        """Ask one archive for the mementos of a source. Raises StorageError."""
        parts: list[Found] = []
        error = None
        try:
            catalog = await self._catalog(archive, recording)
            for question in archive.queries(url, date, catalog):
                parts.append(archive.parse(await self._read(archive, question, recording), url))
            more = archive.further(url, parts[-1]) if parts else None
            if more is not None:
                parts.append(archive.parse(await self._read(archive, more, recording), url))
        except (Unusable, ValueError) as problem:
            error = str(problem)
        return Index(archive, joined(parts), error)

    async def fetch(self, memento: Memento, recording: Recording) -> tuple[Visit, str | None]:
        """Ask for one copy: the visit, which the caller closes, and the id of the record that holds its answer. Raises
        Unusable where the archive did not answer, and StorageError."""
        return await self._visit(memento.archive, memento.ask, recording)

    async def _catalog(self, archive: WebArchive, recording: Recording) -> bytes:
        """Asked once a run; it is recorded with the source that wanted it first."""
        if archive.catalog is None:
            return b""
        async with self._catalog_turn:
            if archive.name not in self._catalogs:
                self._catalogs[archive.name] = await self._read(archive, archive.catalog, recording)
            return self._catalogs[archive.name]

    async def _read(self, archive: WebArchive, question: Question, recording: Recording) -> bytes:
        """The content of an index's answer; nothing for 404, which some say where they have nothing."""
        visit, _ = await self._visit(archive.name, question, recording)
        try:
            final = visit.final
            if final is None or final.status == 404:
                return b""
            if final.status != 200:
                raise Unusable(f"its index answered with status {final.status}")
            data = decode.head(decode.content(final), INDEX + 1)
            if len(data) > INDEX:
                raise Unusable(f"its index answered with more than {INDEX} bytes")
            return data
        finally:
            visit.close()

    async def _visit(self, name: str, question: Question, recording: Recording) -> tuple[Visit, str | None]:
        async with self._turns[name]:
            if self.stopping():
                raise Unusable(f"not asked: the run was stopped ({self.stopping()})")
            if self._failures[name] >= FAILURES:
                raise Unusable(NOT_ASKED)
            return await self._asked(name, question, recording)

    async def _asked(self, name: str, question: Question, recording: Recording) -> tuple[Visit, str | None]:
        keep = Keeping(self._recorder, recording)
        visit = await self._session.visit(question.url, keep=keep, how=self._within(question.how))
        status = visit.final.status if visit.final else None
        if (visit.fault and visit.fault.reason in _DOWN) or status == 429 or (status or 0) >= 500:
            self._failures[name] += 1
        # Where a part of a file was asked for and all of it came, we cut it off: that is for its reader to tell.
        whole = status == 200 and any(name == "Range" for name, _ in question.how.headers)
        if visit.fault is not None and not (whole and visit.fault.reason == "limit"):
            visit.close()
            raise Unusable(visit.fault.message)
        return visit, keep.record

    def _within(self, how: How) -> How:
        """No answer of an archive may be longer than the settings allow."""
        most = self._session.limits.body
        if how.limits is None or how.limits.body <= most:
            return how
        return replace(how, limits=replace(how.limits, body=most))


def archives(settings: Recover) -> list[WebArchive]:
    """Those of the settings, in their order."""
    known: dict[str, WebArchive] = {one.name: one for one in (Wayback(), CommonCrawl(), Arquivo())}
    named = [known[name] for name in dict.fromkeys(settings.archives)]
    return [*named, *(TimeMap(name, address) for name, address in settings.timemaps.items())]
