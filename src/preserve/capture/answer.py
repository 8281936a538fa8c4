"""One URL asked for: its hops stored, its answer read once, and what became of it by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from preserve.capture import challenge
from preserve.capture.challenge import Passes, Unsolved
from preserve.capture.judging import classify, look
from preserve.capture.judging.look import Look
from preserve.capture.recorder import Content, Keeping, Recorder, Recording, mime
from preserve.capture.sites import Seen
from preserve.errors import FetchError
from preserve.model import Exchange, Outcome
from preserve.network import decode, policy
from preserve.network.session import PLAIN, How, Jar, Session, Visit

# Bytes of an answer read at once in the event loop. Reading holds the interpreter's lock: in a thread it makes every
# hash and every write of the loop wait, which doubled the CPU of a run; but a page of megabytes takes seconds.
INLINE = 512 * 1024
# Kinds whose end tells whether they are whole; of all others the beginning is enough to look at.
_ENDED = frozenset({"pdf", "jpeg", "png", "gif"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What asking for one URL brought. `data`: the decoded content, at most policy.MAX_PARSED, of a page, style sheet
    or payload; of anything else its first look.HEAD bytes."""

    visit: Visit
    record: str | None  # id of the one that holds the final response
    content: Content
    data: bytes
    look: Look | None
    outcome: Outcome

    @property
    def final(self) -> Exchange | None:
        return self.visit.final

    @property
    def url(self) -> str:
        return self.visit.final_url

    @property
    def is_page(self) -> bool:
        return self.look is not None and self.look.is_page

    def seen(self, role: str) -> Seen | None:
        """As the rules of a site look at it."""
        final = self.final
        if final is None or final.status is None:
            return None
        return Seen(self.url, role, final.status, mime(final), charset(final), self.data)

    def close(self) -> None:
        self.visit.close()


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks on behalf of one source: what comes is stored in its recording, cookies are those of its visit."""

    session: Session
    recorder: Recorder
    recording: Recording
    jar: Jar
    passes: Passes

    async def ask(
        self,
        url: str,
        tell: Callable[[str], None] = lambda text: None,
        *,
        referer: str = "",
        how: How = PLAIN,
    ) -> Answer:
        """Ask for one URL and store each hop. Whoever asks closes the answer. Raises StorageError."""
        keep = Keeping(self.recorder, self.recording, tell)

        async def get(url: str, how: How = PLAIN) -> Visit:
            return await self.session.visit(url, keep=keep, referer=referer, how=how, jar=self.jar)

        visit, why = await get(url, how), ""
        if challenge.met(visit):
            tell("passes a challenge")
            try:
                visit = await self.passes.passed(visit, self.jar, get, partial(get, url, how))
            except Unsolved as unsolved:
                why = str(unsolved)
        content = self.recording.contents.get(keep.record or "", Content(None, None))
        large = visit.final is not None and visit.final.body.size > INLINE
        answer = (
            await asyncio.to_thread(read, visit, keep.record, content) if large else read(visit, keep.record, content)
        )
        if not why:
            return answer
        outcome = Outcome("blocked", "bot-challenge", (*answer.outcome.signals, why))
        return replace(answer, outcome=outcome)


def read(visit: Visit, record: str | None, content: Content) -> Answer:
    """What became of a visit, by itself. `record`: the one that holds its last answer, `content`: of that answer."""
    data, seen = _read(visit, content)
    outcome = classify.classify(visit, content_bytes=content.size, content_fault=content.fault, look=seen)
    return Answer(visit, record, content, data, seen, outcome)


def _read(visit: Visit, content: Content) -> tuple[bytes, Look | None]:
    final = visit.final
    if final is None or final.status is None:
        return b"", None
    kind = mime(final) or ""
    data = decode.head(decode.content(final), look.HEAD)
    start, what = data, look.kind(data)
    if len(data) == look.HEAD and (what == "html" or kind == "text/css" or kind.endswith(("json", "javascript"))):
        data = decode.head(decode.content(final), policy.MAX_PARSED)
    end = _end(decode.content(final)) if what in _ENDED and content.size != len(data) else data[-look.TAIL :]
    seen = look.look(
        start, end, url=visit.final_url, status=final.status, mime=kind or None, charset=charset(final),
        size=content.size,
    )  # fmt: skip
    return data, seen


def _end(blocks: Iterable[bytes]) -> bytes:
    end = b""
    try:
        for block in blocks:
            end = (block if len(block) >= look.TAIL else end + block)[-look.TAIL :]
    except FetchError:  # where it breaks is its end
        pass
    return end


def charset(exchange: Exchange) -> str | None:
    """As the Content-Type header names it."""
    value = exchange.header("content-type") or ""
    for parameter in value.split(";")[1:]:
        name, _, text = parameter.partition("=")
        if name.strip().lower() == "charset":
            return text.strip(" \"'")[:40] or None
    return None
