"""HTTP/1.1 messages: requests as they came, replies as data that are rendered to exact bytes.

Nothing depends on the clock: the same request gets the same bytes on each start.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

DATE = "Sun, 22 Nov 2026 12:00:00 GMT"
HEAD_LIMIT = 256 * 1024
CHUNK = 1000  # small, so that even short pages come in several chunks
BODYLESS = frozenset({204, 304})
RANGE = re.compile(r"bytes=(\d+)-(\d*)")

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    raw: bytes
    method: str
    target: str
    fields: Fields
    body: bytes
    flaw: str = ""

    def field(self, name: str) -> str:
        """The first field of that name, or ""."""
        return next((value for key, value in self.fields if key.lower() == name), "")

    @property
    def host(self) -> str:
        return self.field("host").rsplit(":", 1)[0] if self.field("host") else ""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The last value of each name."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def closing(self) -> bool:
        return "close" in self.field("connection").lower()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a host says. `framing`: length, chunked or close; `gzip` is used if the client takes it."""

    body: bytes = b""
    type: str = "text/html; charset=utf-8"
    status: int = 200
    reason: str | None = None
    fields: Fields = ()
    framing: str = "length"
    gzip: bool = False
    server: str = "nginx"
    interim: bytes = b""  # heads of 1xx answers before the final one
    extension: str = ""  # of every chunk
    trailers: Fields = ()
    ranged: bool = False  # answers Range with 206 or 416
    claimed: int = 0  # bytes that the answer says there are; what there is ends with the connection

    def render(self, request: Request) -> tuple[bytes, bytes]:
        """(interim heads and head with its empty line, body as on the wire)."""
        if self.ranged:
            return self.part(request).render(request)
        zipped = self.gzip and "gzip" in request.field("accept-encoding").lower()
        content = gzip.compress(self.body, mtime=0) if zipped else self.body
        head = self.interim + self._head(self.claimed or len(content), zipped)
        if request.method == "HEAD" or self.status in BODYLESS:
            return head, b""
        return head, self._chunks(content) if self.framing == "chunked" else content

    def part(self, request: Request) -> Reply:
        """What the request asks for of a ranged reply: all of it, one range of it, or 416 beyond its end.

        Several ranges, the last bytes and what If-Range no longer matches get all of it, as RFC 9110 allows.
        """
        whole = replace(self, ranged=False, fields=(*self.fields, ("Accept-Ranges", "bytes")))
        asked, total = RANGE.fullmatch(request.field("range")), self.claimed or len(self.body)
        known = {value for name, value in self.fields if name in ("ETag", "Last-Modified")}
        condition = request.field("if-range")
        if self.status != 200 or not asked or (condition and condition not in known):
            return whole
        first = int(asked[1])
        body = self.body[first : int(asked[2]) + 1 if asked[2] else None]
        place = f"{first}-{first + len(body) - 1}" if body else "*"
        fields = (*whole.fields, ("Content-Range", f"bytes {place}/{total}"))
        return replace(whole, body=body, status=206 if body else 416, fields=fields, claimed=0)

    def _head(self, length: int, zipped: bool) -> bytes:
        reason = HTTPStatus(self.status).phrase if self.reason is None else self.reason
        lines = [f"HTTP/1.1 {self.status} {reason}", f"Server: {self.server}", f"Date: {DATE}"]
        lines += [f"Content-Type: {self.type}"] if self.type else []
        lines += [f"{name}: {value}" for name, value in self.fields]
        lines += ["Content-Encoding: gzip", "Vary: Accept-Encoding"] if zipped else []
        lines += {
            "length": [] if self.status in BODYLESS else [f"Content-Length: {length}"],
            "chunked": ["Transfer-Encoding: chunked"],
            "close": ["Connection: close"],
        }[self.framing]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _chunks(self, content: bytes) -> bytes:
        parts = [content[start : start + CHUNK] for start in range(0, len(content), CHUNK)]
        framed = [b"%x%s\r\n%s\r\n" % (len(part), self.extension.encode(), part) for part in parts]
        trailers = [f"{name}: {value}\r\n".encode() for name, value in self.trailers]
        return b"".join([*framed, b"0\r\n", *trailers, b"\r\n"])


def redirect(location: str, status: int = 301, fields: Fields = ()) -> Reply:
    note = f'<html><body><a href="{location}">moved</a></body></html>'.encode()
    return Reply(note, status=status, fields=(("Location", location), *fields))


def plain(status: int, text: str = "", fields: Fields = ()) -> Reply:
    """A short page that says its status."""
    text = text or HTTPStatus(status).phrase
    page = f"<html><head><title>{status}</title></head><body><h1>{status} {text}</h1></body></html>\n"
    return Reply(page.encode(), status=status, fields=fields)


class Reader:
    """Takes requests off a stream; what came after one is kept for the next."""

    def __init__(self, read: Callable[[], Awaitable[bytes]]) -> None:
        self._read, self._held = read, b""

    async def request(self) -> Request | None:
        """The next request; None at the end of the stream. A broken one has `flaw` and everything that came."""
        while b"\r\n\r\n" not in self._held:
            if len(self._held) > HEAD_LIMIT:
                return self._broken("the head is too long")
            if not await self._more():
                return self._broken("cut off") if self._held else None
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3:
            self._held = head + b"\r\n\r\n" + self._held
            return self._broken("no request line")
        fields = tuple(_fields(lines))
        length = next((int(value) for key, value in fields if key.lower() == "content-length"), 0)
        body = await self._body(length)
        return Request(head + b"\r\n\r\n" + body, words[0], words[1], fields, body)

    async def _body(self, length: int) -> bytes:
        while len(self._held) < length and await self._more():
            pass
        body, self._held = self._held[:length], self._held[length:]
        return body

    async def _more(self) -> bool:
        data = await self._read()
        self._held += data
        return bool(data)

    def _broken(self, flaw: str) -> Request:
        raw, self._held = self._held, b""
        return Request(raw, "", "", (), b"", flaw)


def _fields(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, _, value = line.partition(":")
        yield name, value.strip()
