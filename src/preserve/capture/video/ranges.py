"""A stream that is one file, asked for in ranges.

So no exchange lasts for hours, a cut costs nothing that came, and a killed run goes on where it stopped. A server that
does not know ranges sends all of it, which is as good.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping

from preserve.archive.download import Download
from preserve.capture.video.fetch import CONTENT_RANGE, Line, account, drain, exchange, failed, hand_over, pour, refusal
from preserve.capture.video.pieces import Stream
from preserve.errors import FetchError
from preserve.model import Json
from preserve.network.wire import Answer

RANGE = 10 << 20  # bytes asked for at once: what YouTube's own players ask for; other servers do not mind
CUTS = 100  # of one stream in all: a server that hangs up after every kilobyte is not worth more


async def fetch(line: Line, stream: Stream, download: Download) -> None:
    """The whole file into `download`, from where that stands. Raises FetchError, StorageError."""
    await _File(line, stream, download).fetch()


class _File:
    """A file in ranges. A server that does not know ranges sends all of it, which is as good."""

    def __init__(self, line: Line, stream: Stream, download: Download) -> None:
        self.line, self.stream, self.download = line, stream, download
        last = download.chunks[-1] if download.chunks else {}
        self.total = _total(last, download.size)  # None: the first answer tells
        self._version = _version(last.get("modified"), last.get("etag"))
        self._settling: asyncio.Task[None] | None = None

    async def fetch(self) -> None:
        try:
            await self._fetch()
        finally:
            if self._settling is not None:
                await self._settling

    def _settle(self) -> None:
        """The disk works beside the network, which does not wait for it: what it is behind is its next task. Raises
        StorageError for the last one."""
        if self._settling is None or self._settling.done():
            if self._settling is not None:
                self._settling.result()
            self._settling = asyncio.create_task(asyncio.to_thread(self.download.settle))

    async def _fetch(self) -> None:
        failures = cuts = 0
        while self.total is None or self.download.size < self.total:
            if self.line.stopping():
                raise FetchError("truncated", f"stopped before its end: {self.line.stopping()}")
            before = self.download.size
            fault = await self._piece(failures + 1)
            if fault is None:
                failures = 0
                self._settle()
                continue
            cuts += 1
            failures = 1 if self.download.size > before else failures + 1
            # What fell silent half-way has not failed: it goes on behind what came.
            passing = fault.transient or (fault.reason == "timeout" and self.download.size > before)
            if not passing or failures >= self.line.tries or cuts > CUTS:
                raise fault
            await self.line.pause(failures)

    async def _piece(self, attempt: int) -> FetchError | None:
        first = self.download.size
        last = first + RANGE - 1 if self.total is None else min(first + RANGE, self.total) - 1
        headers = (*self.stream.headers, ("Range", f"bytes={first}-{last}"))
        sink = _Sink(self)
        kept = await exchange(self.line, self.stream.url, headers, sink.read, attempt)
        if sink.taken:
            self.download.account(account(kept, self.download.accounted, sink.taken, sink.sha256, sink.undone))
        if kept.hop.status == 416 and self.total is None and first:
            self.total = first  # a server that never said how long the file is: now it says that this was all
            return None
        fault = sink.refused or failed(kept)
        if fault is None and not sink.taken and self.total != self.download.size:
            return FetchError("truncated", "an answer without a byte of the stream", transient=True)
        return fault

    def accept(self, answer: Answer) -> FetchError | None:
        """Whether this answer goes on where we are. A file that changed in between is begun anew."""
        first, total = 0, None
        if answer.status == 206:
            match = CONTENT_RANGE.match(answer.header("content-range") or "")
            if not match:
                return FetchError("malformed", "a part of the stream that does not say which part it is")
            first, total = int(match[1]), None if match[3] == "*" else int(match[3])
        elif not answer.chunked and (length := answer.header("content-length") or "").isdigit():
            total = int(length[:17])
        version = _version(answer.header("last-modified"), answer.header("etag"))
        other = total != self.total or (self._version and version and version != self._version)
        if self.download.size and self.total and other:
            self.download.restart(self.stream.marks)
            return FetchError("truncated", "the stream changed while it was fetched", transient=True)
        if first != self.download.size:
            if first:
                return FetchError("malformed", "a part of the stream that was not asked for")
            self.download.restart(self.stream.marks)
        self.total, self._version = total, version
        if max(total or 0, self.download.size) > self.line.most:
            told = f"the stream has {total or 'endless'} bytes, more than video.size allows ({self.line.most})"
            return FetchError("limit", told)
        return None


def _version(modified: str | None, etag: str | None) -> str | None:
    """What tells a file from a later one. The servers of one network have the date in common, not always the tag."""
    return modified or etag


def _total(chunk: Mapping[str, Json], size: int) -> int | None:
    """The length of the file, as the answer said that brought a chunk of an earlier run."""
    if match := CONTENT_RANGE.match(chunk.get("range") or ""):
        return None if match[3] == "*" else int(match[3])
    return size if chunk and chunk.get("truncated") is None else None


class _Sink:
    """Takes the body of one answer into the download."""

    def __init__(self, file: _File) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.taken = 0
        self.undone: list[str] = []
        self.refused: FetchError | None = None

    async def read(self, answer: Answer) -> None:
        if answer.status not in (200, 206):
            await drain(answer)
            return
        self.refused = refusal(answer) or self._file.accept(answer)
        if self.refused is not None:
            return
        self.undone = hand_over(self._file.line, answer)
        download, tell = self._file.download, self._file.line.tell
        what = f"{self._file.stream.format} {self._file.stream.role}"
        await pour(answer, self._take, lambda: tell(what, download.size, self._file.total))
        if self._file.total is None and (answer.status == 200 or self.taken < RANGE):
            self._file.total = download.size  # it ended where its framing says, without saying before

    def _take(self, piece: bytes) -> bool:
        self._digest.update(piece)
        self._file.download.write(piece)
        self.taken += len(piece)
        return True

    @property
    def sha256(self) -> str:
        """Of what was written."""
        return self._digest.hexdigest()
