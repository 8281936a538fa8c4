"""Exchanges of a film outside yt-dlp: each followed where it leads, recorded, and accounted for in the ledger."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import urlsplit

from preserve.capture.entry import request_url
from preserve.capture.recorder import Recorder, Recording
from preserve.capture.video.pieces import Piece, Stream
from preserve.errors import FetchError, StorageError
from preserve.model import Exchange, Json, Limits
from preserve.network import decode
from preserve.network.session import Ask, Hop, Session, redirect_target
from preserve.network.wire import Answer

TIME = 6 * 3600.0  # seconds for one piece: who ignores ranges sends a film in one; a signed address lasts as long
REFUSAL = 1 << 20  # bytes of an answer that refuses a stream: a page of words has some KB, one without end is an attack
BLOCK = 512 << 10  # bytes handed to a thread at once: that costs as much as hashing 100 KB
SLOW = 0.25  # seconds after which less is handed on, so that somebody who looks sees that it goes on
REDIRECTS = 5  # of one piece; two are common (a choice of servers), more lead in circles
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
CONTENT_RANGE = re.compile(r"bytes (\d{1,16})-(\d{1,16})/(\d{1,16}|\*)\s*$")


class Expired(FetchError):
    """An address is served no longer, or never was: signed ones last some hours."""


@dataclass(slots=True)
class Line:
    """What all streams of one film are fetched with."""

    session: Session
    recorder: Recorder
    recording: Recording
    cookies: Callable[[str], str | None]
    tries: int
    pause: Callable[[int], Awaitable[None]]  # before try n
    stopping: Callable[[], str]
    tell: Callable[[str, int, int | None], None]  # what, bytes done, bytes in all
    most: int  # bytes of one stream
    whole: bool = False  # the WARC gets the bodies too
    keys: dict[str, bytes] = field(default_factory=dict)
    lists: dict[str, tuple[Piece, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Kept:
    """What became of one exchange."""

    hop: Hop
    record: str | None  # the record that answers it
    records: list[Json]

    @property
    def exchange(self) -> Exchange | None:
        return self.hop.exchange


async def exchange(
    line: Line,
    url: str,
    headers: tuple[tuple[str, str], ...],
    read: Callable[[Answer], Awaitable[None]],
    attempt: int,
    method: str = "GET",
) -> Kept:
    """One request, followed where it leads; what decided stands in the result, all of it is recorded."""
    url = request_url(url)  # an extractor hands on what a page says, in whatever alphabet
    for _ in range(REDIRECTS + 1):
        kept: list[Kept] = []
        cookies = line.cookies(url)
        fields = (*headers, ("Cookie", cookies)) if cookies else headers
        ask = Ask(url, method, (*fields, ("Accept-Encoding", "identity")), limits=Limits(line.most, TIME))
        hop = await line.session.ask(ask, keep=partial(_keep, line, kept), read=read, attempt=attempt)
        target = redirect_target(hop)
        if target is None:
            return kept[0]
        url = target
    raise FetchError("redirect-loop", f"a stream behind more than {REDIRECTS} redirects")


async def _keep(line: Line, kept: list[Kept], hop: Hop) -> None:
    own = Recording(chains=line.recording.chains)
    record = await line.recorder.keep(own, hop)
    line.recording.hops += own.hops
    line.recording.records += own.records
    line.recording.errors += own.errors
    kept.append(Kept(hop, record, own.records))
    if hop.exchange is not None:
        hop.exchange.body.close()


def failed(kept: Kept) -> FetchError | None:
    """Why the exchange brought no part of the stream, if so."""
    if kept.hop.fault is not None:
        return kept.hop.fault
    status = kept.hop.status or 0
    if status in (200, 206):
        return None
    message = f"the stream is answered with status {status}"
    if status in (403, 410):
        return Expired("no-media", message)
    reason = {429: "rate-limited", 416: "truncated"}.get(status, "server-error" if status >= 500 else "no-media")
    return FetchError(reason, message, transient=status in _PASSING)


def refusal(answer: Answer) -> FetchError | None:
    """Why a good answer brings no part of a stream, if so."""
    if decode.codings(answer.header("content-encoding")):
        return FetchError("corrupt", "the stream is sent in a content coding that was not asked for")
    if (answer.header("content-type") or "").lower().startswith(("text/html", "application/xhtml")):
        return FetchError("no-media", "a page is sent in place of the stream")
    return None


def hand_over(line: Line, answer: Answer, *, coded: bool = False) -> list[str]:
    """What must be undone of the body. From here on its reader keeps and hashes it, where the WARC gets the head alone;
    of what is `coded` the file holds other bytes, and the WARC those that came."""
    if not (line.whole or coded):
        answer.pass_on(hashed=not answer.chunked)
    return ["chunk framing"] if answer.chunked else []


async def pour(answer: Answer, take: Callable[[bytes], bool], told: Callable[[], None] = lambda: None) -> None:
    """The body, in blocks, to `take`, which hashes and writes: in a thread, so that neither that nor a slow disk makes
    other lanes wait. `told` is called after each. What had come before a cut is taken, too. Ends early where `take`
    says that it wants no more."""
    now = asyncio.get_running_loop().time
    pieces: list[bytes] = []
    size, since = 0, now()
    try:
        async for piece in answer:
            pieces.append(piece)
            size += len(piece)
            if size >= BLOCK or now() - since > SLOW:
                batch, pieces, size, since = pieces, [], 0, now()
                if not await _in_thread(take, batch):
                    return
                told()
    finally:
        if pieces:
            await _in_thread(take, pieces)
            told()


async def _in_thread(take: Callable[[bytes], bool], pieces: Sequence[bytes]) -> bool:
    """To its end even where the run is stopped: no file may be closed under a write."""
    task = asyncio.ensure_future(asyncio.to_thread(lambda: all(take(piece) for piece in pieces)))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(StorageError):
            await task
        raise


async def drain(answer: Answer) -> None:
    """What is no part of a stream, as far as it is worth keeping."""
    taken = 0
    async for block in answer:
        taken += len(block)
        if taken > REFUSAL:
            return


def account(kept: Kept, offset: int, length: int, sha256: str, undone: list[str]) -> dict[str, Json]:
    """One line of the ledger, and the records that a later run needs to name it (docs/FORMAT.md)."""
    hop, found = kept.hop, kept.exchange
    assert found is not None
    truncated = found.truncated if hop.fault is not None else None
    return {
        "url": hop.url,
        "status": hop.status,
        "range": found.header("content-range"),
        "offset": offset,
        "length": length,
        "sha256": sha256,
        "payload_sha256": found.payload_sha256 or sha256,  # where nothing was undone, they are one
        "undone": undone,
        "response": kept.record,
        "truncated": truncated,
        "etag": found.header("etag"),
        "modified": found.header("last-modified"),
        "records": kept.records,
    }


async def document(line: Line, url: str, headers: tuple[tuple[str, str], ...], most: int) -> bytes:
    """A small answer whole, kept in the WARC as it came: a playlist, a key, captions. Raises FetchError."""
    for attempt in range(1, line.tries + 1):
        body = bytearray()

        async def read(answer: Answer, body: bytearray = body) -> None:
            if answer.status not in (200, 206):
                await drain(answer)
                return
            async for block in answer:
                body.extend(block)
                if len(body) > most:
                    return

        kept = await exchange(line, url, headers, read, attempt)
        fault = failed(kept)
        if len(body) > most:
            raise FetchError("limit", f"an answer longer than {most} bytes")
        if fault is None and kept.exchange is not None:
            return _decoded(bytes(body), kept.exchange.header("content-encoding"), most)
        if fault is not None and (not fault.transient or attempt == line.tries):
            raise fault
        await line.pause(attempt)
    raise AssertionError("the last try returns or raises")


def _decoded(body: bytes, coding: str | None, most: int) -> bytes:
    """Some servers code what nobody asked them to; what that decodes to has the same limit. Raises FetchError."""
    content = bytearray()
    for block in decode.decode([body], decode.codings(coding)):
        content += block
        if len(content) > most:
            raise FetchError("limit", f"an answer that decodes to more than {most} bytes")
    return bytes(content)


def unchanged(held: Mapping[str, Json], head: Exchange) -> bool:
    """Whether a file that the platform says nothing about is the one held, by its size and its validators."""
    length = head.header("content-length") or ""
    marks = (("bytes", int(length) if length.isdigit() else None),)
    marks += (("etag", head.header("etag")), ("last_modified", head.header("last-modified")))  # type: ignore[assignment]
    known = [(held.get(name), value) for name, value in marks if held.get(name) is not None and value is not None]
    return bool(known) and all(before == now for before, now in known)


def with_marks(stream: Stream, chunks: list[dict[str, Json]]) -> dict[str, Json]:
    """The marks of a stream that has come, with what its server said of it."""
    first = chunks[0] if chunks else {}
    marks = replace(stream, bytes=sum(chunk["length"] for chunk in chunks)).marks | {"etag": first.get("etag")}
    if stream.kind != "file":
        marks["fragments"] = listed(str(chunk.get("asked", chunk["url"])) for chunk in chunks)
    marks["last_modified"] = marks["last_modified"] or first.get("modified")
    return marks


def listed(urls: Iterable[str]) -> str:
    """What tells one list of fragments from another: how many, and their names. Signatures and hosts come and go."""
    names = [urlsplit(url).path.rpartition("/")[2] for url in urls]
    return f"{len(names)}:{hashlib.sha256(chr(10).join(names).encode()).hexdigest()[:32]}"
