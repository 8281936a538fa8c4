"""One visit of one source: the source itself, then what belongs to it, then what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from preserve.capture import parts, probe, sites
from preserve.capture.answer import Answer, Asker
from preserve.capture.entry import Previous, answer_sha256, blank, compare, request_url, told, unvisited
from preserve.capture.judging import expectation
from preserve.capture.recorder import Recording
from preserve.capture.run import Run
from preserve.capture.sites import Site
from preserve.capture.video import film, where
from preserve.capture.video import outcome as films_outcome
from preserve.capture.video.film import Taken, Watch
from preserve.capture.video.tools import versions
from preserve.capture.video.where import Known
from preserve.model import Json, Outcome, Source, timestamp
from preserve.network.session import How, tools

_BUSY = frozenset({429, 503})  # a host that answers so is asked nothing that is not needed: its lane waits


async def capture(
    run: Run, source: Source, previous: Previous, recording: Recording, go_on: Callable[[], None] = lambda: None
) -> dict[str, Json]:
    """Visit a source; the fields of its `capture` entry. Its records are written, not yet committed.

    `go_on` is called where the next source of the lane may begin before this one is done.
    """
    started = datetime.now(UTC)
    url = request_url(source.url)
    known = where.known(url)
    if run.films and known and known.platform in run.films.stopped:
        refused = film.untaken(known, film.not_asked(run.films, known))
        return unvisited(source, previous, refused.outcome) | {"films": [refused.item]}
    verdict = await run.robots.verdict(recording, url) if run.robots.mode(url) == "obey" else None
    if disallowed := run.robots.refusal(verdict):
        return unvisited(source, previous, disallowed) | _stored(recording) | {"robots": verdict}
    jar = run.passes.lend(run.session.jar())
    asker = Asker(run.session, run.recorder, recording, jar, run.passes)
    visit = _Visit(run, source, previous, asker, url, sites.of(url), known, verdict)
    watch = Watch(partial(run.tell, source.url), partial(run.transfer, source.url), go_on)
    came = await asker.ask(url, watch.tell)
    try:
        outcome = await visit.complete(came, watch)
        await visit.corroborate(came, outcome, watch)
    finally:
        came.close()
    outcome, change = visit.compared(came, outcome)
    return {
        **blank(source, previous),
        **visit.facts(came),
        **told(outcome, change),
        **_stored(recording),
        "request_url": url,
        "started": timestamp(started),
        "ended": timestamp(datetime.now(UTC)),
        "tools": tools() | (await asyncio.to_thread(versions) if visit.taken else {}),
    }


def _stored(recording: Recording) -> dict[str, Json]:
    return {"hops": recording.hops, "records": recording.records, "errors": recording.errors}


@dataclass(slots=True)
class _Visit:
    """A visit in progress: what is asked, and what has come beside the answer of the source itself."""

    run: Run
    source: Source
    previous: Previous
    asker: Asker
    url: str
    site: Site
    known: Known | None
    robots: Json
    probe: Json = None
    elsewhere: list[Json] = field(default_factory=list)
    parts: list[Json] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)

    async def complete(self, page: Answer, watch: Watch) -> Outcome:
        """Fetch what belongs to the source, its films too; what has become of it, these and its past apart."""
        outcome = page.outcome
        if page.final is None:
            return outcome  # where a site cannot be reached at all, its films cannot either
        if page.visit.fault is not None:
            self.taken = await self._films(page, outcome, watch)
            return outcome
        if self.run.robots.mode(self.url) == "record" and page.final.status not in _BUSY:
            self.robots = await self.run.robots.verdict(self.asker.recording, self.url)
        if seen := page.seen("source"):
            self.site = sites.shown(self.site, seen)
        if outcome.held and self._is_doubtful(page):
            soft, self.probe = await probe.judge(self.run.siblings, page, self.url, self._once)
            outcome = soft or outcome
        gathering = await parts.gather(self.run, self.asker, self.site, self.url, page, whole=outcome.held)
        judged = self.site.judge(gathering.seen)
        if judged is not None and judged.reason != outcome.reason:  # else its own signals tell more
            outcome = judged
        self.taken = await self._films(page, outcome, watch, self.site.films(gathering.seen))
        if outcome.held and self.run.films:
            await parts.add_films(gathering)
        self.parts = list(gathering.done.values())
        return outcome

    async def corroborate(self, page: Answer, outcome: Outcome, watch: Watch) -> None:
        """Ask third parties about what is held, where that is wanted."""
        if self.run.elsewhere and outcome.held and page.final and not self.run.stopping:
            watch.go_on()  # a web archive has a lane and a pace of its own
            self.elsewhere = await self.run.elsewhere(self.asker.recording, self.url, page.final, watch.tell)

    async def _once(self, url: str) -> Answer:
        return await self.asker.ask(url, how=How(tries=1))

    def _is_doubtful(self, page: Answer) -> bool:
        """Whether it may be a page that comes whatever is asked for. What was good before and is the same, is not; and
        platforms of films say themselves what they do not have."""
        if not (self.run.probing and page.is_page) or self.known or self.site.tells or self.run.stopping:
            return False
        good = self.previous.good
        return good is None or page.content.sha256 != answer_sha256(good)

    def _missing(self, outcome: Outcome) -> Outcome:
        """Without a part that is required, a capture is not whole."""
        missing = [part for part in self.parts if part["required"] and not part["came"]]
        cut = self.run.stopping and any(not part["came"] for part in self.parts)
        if not outcome.held or not (missing or cut):
            return outcome
        why = [f"{part['role']} did not come ({part['reason']}): {part['url']}" for part in missing]
        if cut:
            why.append(f"stopped before all parts came: {self.run.stopping}")
        return Outcome("captured", "partial", (*outcome.signals, *why))

    async def _films(
        self, page: Answer, outcome: Outcome, watch: Watch, seen: Sequence[str] | None = None
    ) -> list[Taken]:
        """The films of a source: those that its address names, or that its page shows."""
        films = self.run.films
        if films is None or self.run.stopping:
            return []
        if self.known is not None:
            return await film.of_source(films, self.asker.recording, self.known, watch, seen)
        if not outcome.held or not page.is_page or not where.hints(page.data):
            return []
        return await film.of_page(films, self.asker.recording, page.url, watch)

    def compared(self, page: Answer, outcome: Outcome) -> tuple[Outcome, str]:
        """How it stands to the visits before and to the documents, with its parts and its films."""
        outcome, change = compare(outcome, page.content.sha256, self.previous)
        outcome = self._missing(outcome)
        if self.taken:
            self._keep_for_later()
            outcome, change = self._with_films(outcome, change)
        return self._with_hints(page, outcome, change), change

    def _keep_for_later(self) -> None:
        """What is of use, or of no more use, when the source is committed."""
        self.run.leftovers[self.source.url] = [download for one in self.taken for download in one.leftovers]
        if self.run.films and self.run.films.settings.video.playlists:
            self.run.listed[self.source.url] = tuple(url for one in self.taken for url in one.listed)

    def _with_films(self, page: Outcome, change: str) -> tuple[Outcome, str]:
        """Where the address is a film's, the film decides; one whose page shows another number of views is the same."""
        is_film, still = self.known is not None and self.known.kind == "film", films_outcome.still(self.taken)
        outcome = films_outcome.joined(page, self.taken, is_film=is_film)
        if outcome.held != page.held:
            change = compare(outcome, None, self.previous)[1]
        if outcome.held and change in ("same", "changed") and (is_film or not still):
            change = "same" if still else "changed"
        return outcome, change

    def _with_hints(self, page: Answer, outcome: Outcome, change: str) -> Outcome:
        """What a person may want to look at; it decides nothing."""
        if not outcome.held or page.look is None or not page.is_page:
            return outcome
        hints = expectation.against_citations(page.look, self.source.citations)
        before = self.previous.good.get("seen") if self.previous.good else None
        if before and change in ("changed", "returned"):
            hints += expectation.against_previous(page.look, before)
        return Outcome(outcome.outcome, outcome.reason, (*outcome.signals, *hints))

    def facts(self, page: Answer) -> dict[str, Json]:
        final = page.final
        return {
            "final_url": page.url,
            "tries": page.visit.tries,
            "truncated": final.truncated if final else None,
            "answer": page.record,
            "seen": expectation.seen(page.look) if page.look and page.is_page else None,
            "robots": self.robots,
            "probe": self.probe,
            "elsewhere": self.elsewhere,
            "parts": self.parts + films_outcome.parts(self.taken),
            "films": [one.item for one in self.taken],
            "media": [media for one in self.taken for media in one.media],
        }
