"""A stream in fragments, by HLS or DASH: each comes whole or not at all, and a film with a hole is no success.

They come one after the other: one host is asked one thing at a time, as everywhere.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable

from preserve.archive.download import Download
from preserve.capture.video.fetch import (
    CONTENT_RANGE,
    Line,
    account,
    document,
    drain,
    exchange,
    failed,
    hand_over,
    listed,
    pour,
    refusal,
)
from preserve.capture.video.pieces import MAX_PLAYLIST, Key, Piece, Playlist, Stream, playlist
from preserve.errors import FetchError
from preserve.network.wire import Answer

MAX_KEY = 1024  # bytes of an answer that should be a key of 16
LIVE_TIME = 4 * 3600.0  # seconds that a running broadcast is followed: it may never end


async def fetch(line: Line, stream: Stream, download: Download) -> str:
    """The whole stream into `download`; of a running broadcast what comes, and what is known to be missing of that.
    Raises FetchError, StorageError."""
    if stream.live:
        return await _live(line, stream, download)
    await _fragments(line, stream, download, await named(line, stream))
    return ""


async def named(line: Line, stream: Stream) -> tuple[Piece, ...]:
    """What a stream in fragments is made of; its playlist is asked for once a visit."""
    if stream.kind == "dash":
        return stream.pieces
    if stream.url not in line.lists:
        line.lists[stream.url] = (await _playlist(line, stream)).pieces
    return line.lists[stream.url]


async def _fragments(line: Line, stream: Stream, download: Download, pieces: tuple[Piece, ...]) -> None:
    if not pieces:
        raise FetchError("no-media", "the stream has no fragments")
    begun = len(download.chunks)
    if listed(str(chunk.get("asked", chunk["url"])) for chunk in download.chunks) != listed(
        piece.url for piece in pieces[:begun]
    ):
        download.restart(stream.marks)  # an earlier run began with another list
    for number, piece in enumerate(pieces[len(download.chunks) :], len(download.chunks)):
        if line.stopping():
            raise FetchError("truncated", f"stopped before its end: {line.stopping()}")
        await _fragment(line, stream, download, piece)
        line.tell(f"{stream.format} {stream.role}, part {number + 1} of {len(pieces)}", download.size, None)


async def _fragment(line: Line, stream: Stream, download: Download, piece: Piece) -> None:
    """One fragment, whole. Raises FetchError: a film with a hole is no success."""
    headers = stream.headers
    if piece.first is not None:
        headers = (*headers, ("Range", f"bytes={piece.first}-{piece.last}"))
    key = await _key(line, stream, piece.key) if piece.key else None
    for attempt in range(1, line.tries + 1):
        writer = _Writer(line, download, key, piece)
        kept = await exchange(line, piece.url, headers, writer.read, attempt)
        fault = failed(kept) or writer.refused
        if fault is None:
            chunk = account(kept, download.accounted, writer.taken, writer.sha256, writer.undone)
            download.account(chunk | {"asked": piece.url})  # a redirect may lead elsewhere each time
            return
        download.back()
        if not fault.transient or attempt == line.tries:
            raise type(fault)(fault.reason, f"a fragment did not come: {fault.message}")
        await line.pause(attempt)


class _Writer:
    """Takes one fragment into the download, decrypted if need be. Encrypted ones stay in the WARC as they came."""

    def __init__(self, line: Line, download: Download, key: bytes | None, piece: Piece) -> None:
        self._line, self._download, self._piece = line, download, piece
        self._decrypt = _decryptor(key, piece.key.iv) if key and piece.key else None
        self._digest = hashlib.sha256()
        self.taken = 0
        self.undone: list[str] = []
        self.refused: FetchError | None = None

    async def read(self, answer: Answer) -> None:
        if answer.status not in (200, 206):
            await drain(answer)
            return
        self.refused = self._refusal(answer)
        if self.refused:
            return
        self.undone = hand_over(self._line, answer, coded=self._decrypt is not None)
        if self._decrypt:
            self.undone.append("aes-128")
        await pour(answer, self._take)
        if self._decrypt:
            try:
                self._write(self._decrypt(None))
            except ValueError:
                self.refused = FetchError("corrupt", "an encrypted fragment that its key does not open")

    def _take(self, block: bytes) -> bool:
        if not self.refused:
            self._write(self._decrypt(block) if self._decrypt else block)
        return not self.refused

    def _refusal(self, answer: Answer) -> FetchError | None:
        if (refused := refusal(answer)) or self._piece.first is None:
            return refused
        match = CONTENT_RANGE.match(answer.header("content-range") or "")
        if answer.status != 206 or not match or int(match[1]) != self._piece.first:
            return FetchError("malformed", "a fragment is part of a file whose server does not know ranges")
        return None

    def _write(self, data: bytes) -> None:
        if self._download.size + len(data) > self._line.most:
            raise_limit = f"the stream has more than video.size allows ({self._line.most} bytes)"
            self.refused = FetchError("limit", raise_limit)
            return
        self._download.write(data)
        self._digest.update(data)
        self.taken += len(data)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def _decryptor(key: bytes, iv: bytes) -> Callable[[bytes | None], bytes]:
    """Feed it blocks of any size, None at the end; PKCS #7 padding is taken off. Raises ValueError at the end."""
    from Cryptodome.Cipher import AES
    from Cryptodome.Util.Padding import unpad

    cipher = AES.new(key, AES.MODE_CBC, iv=iv)
    held = bytearray()  # what may be the last block, with the padding, and what makes no whole block yet

    def feed(block: bytes | None) -> bytes:
        if block is None:
            return bytes(unpad(cipher.decrypt(bytes(held)), 16))
        held.extend(block)
        ready = max(0, (len(held) - 16) // 16 * 16)
        data, held[:] = bytes(held[:ready]), held[ready:]
        return bytes(cipher.decrypt(data))

    return feed


async def _key(line: Line, stream: Stream, key: Key) -> bytes:
    if key.url not in line.keys:
        line.keys[key.url] = await document(line, key.url, stream.headers, MAX_KEY)
    if len(line.keys[key.url]) != 16:
        raise FetchError("no-media", "the key of an encrypted stream is none")
    return line.keys[key.url]


async def _playlist(line: Line, stream: Stream) -> Playlist:
    data = await document(line, stream.url, stream.headers, MAX_PLAYLIST)
    return playlist(data.decode("utf-8", "replace"), stream.url)


async def _live(line: Line, stream: Stream, download: Download) -> str:
    """Follows a running broadcast until it ends, the run is stopped, or LIVE_TIME is over. Nobody can ask for it again,
    so what came before a fault is kept."""
    if stream.kind != "hls":
        raise FetchError("no-media", "a running broadcast is only taken as HLS")
    now = asyncio.get_running_loop().time
    end = now() + LIVE_TIME
    download.restart(stream.marks)  # what an earlier run took is another stretch of the broadcast
    broadcast, fault = _Broadcast(line, stream, download), ""
    try:
        while not (await broadcast.look() or line.stopping() or now() > end):
            await asyncio.sleep(max(1.0, broadcast.seconds / 2))
    except FetchError as error:
        if not download.chunks:
            raise
        fault = f"the broadcast broke off: {error.message}"
    missed = f"{broadcast.missed} parts were gone before they could be asked for" if broadcast.missed else ""
    return "; ".join(filter(None, (fault, missed)))


class _Broadcast:
    """What has been taken of a running one. `missed`: segments that left the playlist between two looks at it."""

    def __init__(self, line: Line, stream: Stream, download: Download) -> None:
        self._line, self._stream, self._download = line, stream, download
        self._seen: int | None = None
        self._begun: set[Piece] = set()  # initialisation sections have no number, and are repeated in each playlist
        self.missed = 0
        self.seconds = 0.0

    async def look(self) -> bool:
        """Takes what is new. Whether nothing will follow."""
        now = await _playlist(self._line, self._stream)
        self.seconds = now.seconds
        for piece in filter(self._is_new, now.pieces):
            if self._line.stopping():
                return True
            await _fragment(self._line, self._stream, self._download, piece)
            self._line.tell(f"{self._stream.format} {self._stream.role}, live", self._download.size, None)
        return now.ended

    def _is_new(self, piece: Piece) -> bool:
        if piece.number is None:
            new = piece not in self._begun
            self._begun.add(piece)
            return new
        if self._seen is not None and piece.number <= self._seen:
            return False
        self.missed += 0 if self._seen is None else piece.number - self._seen - 1
        self._seen = piece.number
        return True
