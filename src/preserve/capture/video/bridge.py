"""The program's side of yt-dlp's process: it answers each request with an exchange of our network layer.

The process pulls; what it has not taken yet waits here, and beyond a bound in the kernel. Each exchange is recorded
when it ends, whichever side ended it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from preserve.capture.video import found, talk
from preserve.capture.video.found import Found
from preserve.capture.video.process import Worker
from preserve.capture.video.status import Answer as Said
from preserve.errors import FetchError
from preserve.model import Json
from preserve.network import decode
from preserve.network.session import Ask, Hop, Session
from preserve.network.wire import Answer

HELD = 4 << 20  # bytes of one body that may wait for the process: pages come whole, a film does not pile up
TIME = 900.0  # seconds for all that one page takes to be understood: a channel of 5,000 films asks 200 times
SAID_ANSWERS = 200  # answers of a platform kept for judging: a film asks some 10, a long comment section 100
SAID_BYTES = 8 << 20  # of one answer; watch pages have 1 to 2 MB
SAID_TOTAL = 48 << 20
_TELLING = ("html", "json", "javascript")  # platforms speak in these; VK's JSON calls itself text/javascript


class Failure(Exception):
    """yt-dlp found nothing. `kind`: the class of what it raised."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class _Body:
    """One answer on its way to the process."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[Answer | Hop] = asyncio.get_running_loop().create_future()
        self.hop: Hop | None = None  # it has ended and is recorded
        self.closed = False
        self._blocks: list[bytes] = []
        self._held = 0
        self._came, self._room = asyncio.Event(), asyncio.Event()

    async def fill(self, answer: Answer) -> None:
        self.answer.set_result(answer)
        async for piece in answer:
            self._blocks.append(piece)
            self._held += len(piece)
            self._came.set()
            while self._held > HELD and not self.closed:
                self._room.clear()
                await self._room.wait()
            if self.closed:
                return

    def end(self, hop: Hop) -> None:
        self.hop = hop
        if not self.answer.done():
            self.answer.set_result(hop)
        self._came.set()

    async def take(self) -> bytes:
        """What has come; b"" at the end. Raises FetchError where it was cut."""
        while not self._blocks and self.hop is None:
            self._came.clear()
            await self._came.wait()
        data, self._blocks, self._held = b"".join(self._blocks), [], 0
        self._room.set()
        if not data and self.hop is not None and self.hop.fault is not None:
            raise self.hop.fault
        return data

    def close(self) -> None:
        self.closed = True
        self._room.set()


class Bridge:
    """The requests of one page's films, and what the platform said in answer."""

    def __init__(self, session: Session, keep: Callable[[Hop], Awaitable[object]]) -> None:
        self._session, self._keep = session, keep
        self._bodies: dict[int, _Body] = {}
        self._room = SAID_TOTAL
        self.said: list[Said] = []

    async def find(self, worker: Worker, job: dict[str, Json]) -> Found:
        """What yt-dlp finds. Raises Failure; EOFError when its process has ended; LookupError, TypeError or ValueError
        for what makes no sense; what recording raises comes in an exception group."""
        worker.say(talk.pack("job", **job))
        async with asyncio.TaskGroup() as group:
            try:
                ended: Found | Exception = await self._serve(worker, group)
            except (Failure, EOFError, LookupError, TypeError, ValueError) as error:
                ended = error  # raised when the exchanges in hand are recorded, too
            for body in self._bodies.values():  # what was opened and never closed
                body.close()
        if isinstance(ended, Exception):
            raise ended
        return ended

    async def _serve(self, worker: Worker, group: asyncio.TaskGroup) -> Found:
        while True:
            kind, fields, data = await worker.hear()
            if kind == "ask":
                worker.say(await self._asked(fields, data, group))
            elif kind == "more":
                worker.say(await self._more(fields["number"]))
            elif kind == "close":
                if body := self._bodies.pop(fields["number"], None):  # of an earlier page, where it was forgotten
                    body.close()
            elif kind == "found":
                return found.read(fields)
            else:
                raise Failure(str(fields["error"]), str(fields["text"]))

    async def _asked(self, fields: Json, data: bytes, group: asyncio.TaskGroup) -> bytes:
        headers = tuple((str(name), str(value)) for name, value in fields["headers"])
        body = self._bodies[fields["number"]] = _Body()
        group.create_task(self._exchange(Ask(str(fields["url"]), str(fields["method"]), headers, data), body))
        answer = await body.answer
        if isinstance(answer, Hop):
            return _fault(answer.fault or FetchError("unreachable", "no answer"))
        return talk.pack("head", status=answer.status, headers=answer.headers)

    async def _more(self, number: int) -> bytes:
        try:
            data = await self._bodies[number].take()
        except FetchError as fault:
            return _fault(fault)
        return talk.pack("block", data) if data else talk.pack("end")

    async def _exchange(self, ask: Ask, body: _Body) -> None:
        body.end(await self._session.ask(ask, keep=self._recorded, read=body.fill))

    async def _recorded(self, hop: Hop) -> None:
        try:
            self._listen(hop)
            await self._keep(hop)
        finally:
            if hop.exchange is not None:
                hop.exchange.body.close()

    def _listen(self, hop: Hop) -> None:
        exchange = hop.exchange
        if exchange is None or len(self.said) >= SAID_ANSWERS:
            return
        kind = exchange.header("content-type") or ""
        text = b""
        if any(word in kind for word in _TELLING) and not exchange.truncated:
            text = _content(hop, min(SAID_BYTES, self._room))
        self._room -= len(text)
        self.said.append(Said(hop.url, hop.status, text))


def _fault(fault: FetchError) -> bytes:
    return talk.pack("fault", reason=fault.reason, message=fault.message)


def _content(hop: Hop, most: int) -> bytes:
    assert hop.exchange is not None
    text = bytearray()
    try:
        for block in decode.content(hop.exchange):
            text += block
            if len(text) > most:
                return b""  # half an answer would be misread
    except FetchError:
        return b""
    return bytes(text)
