"""yt-dlp's request handler: every request of an extractor becomes exchanges of our network layer.

It is the only handler that yt-dlp is given, so nothing can pass beside it. Redirects are followed here, hop by hop, so
that each is recorded and passes the address policy.
"""

from __future__ import annotations

import urllib.request
from email.message import Message
from io import RawIOBase
from typing import Any
from urllib.parse import urljoin, urlsplit

from yt_dlp.networking._helper import get_redirect_method
from yt_dlp.networking.common import Request, RequestHandler, Response
from yt_dlp.networking.exceptions import (
    CertificateVerifyError,
    HTTPError,
    IncompleteRead,
    RequestError,
    TransportError,
    UnsupportedRequest,
)

from preserve.capture.video.worker import Door, Head
from preserve.errors import FetchError
from preserve.network import decode

READ = 64 << 20  # bytes of one answer, decoded, that an extractor gets: it reads all at once; long lists have 20 MB
REDIRECTS = 20  # of one request, as browsers follow
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OWN = frozenset({"host", "content-length", "connection", "transfer-encoding", "accept-encoding"})  # the layer's to say
_SECRET = ("authorization", "cookie")


def recorded(door: Door) -> type[RequestHandler]:
    """The handler class whose requests leave by this door."""

    class RecordedRH(_RecordedRH):
        pass

    RecordedRH.door = door
    return RecordedRH


class _RecordedRH(RequestHandler):
    _SUPPORTED_URL_SCHEMES = ("http", "https")
    _SUPPORTED_PROXY_SCHEMES = None  # proxies are those of our configuration; yt-dlp's are not looked at
    _SUPPORTED_FEATURES = None
    door: Door

    def _check_extensions(self, extensions: dict[str, Any]) -> None:
        super()._check_extensions(extensions)
        if extensions.pop("impersonate", None):
            raise UnsupportedRequest("impersonation of a browser")
        for name in ("cookiejar", "timeout", "legacy_ssl", "keep_header_casing"):
            extensions.pop(name, None)

    def _send(self, request: Request) -> Response:
        """Raises HTTPError, TransportError and their like; SystemExit, when the program is gone."""
        url, method, content = request.url, request.method, _content(request.data)
        headers = dict(self._get_headers(request))
        jar = self._get_cookiejar(request)
        for _ in range(REDIRECTS + 1):
            try:
                found = self.door.ask(url, method, _fields(headers, jar.get_cookie_header(url)), content)
            except FetchError as fault:
                raise _error(fault) from fault
            response = RecordedResponse(self.door, found, url)
            jar.extract_cookies(_Headed(response.headers), urllib.request.Request(url))
            location = response.get_header("Location")
            if found.status not in _REDIRECTS or not location:
                return _checked(response)
            response.close()
            target = urljoin(url, location)
            method, content, headers = _redirected(method, found.status, content, headers, url, target)
            url = target
        raise HTTPError(response, redirect_loop=True)


def _fields(headers: dict[str, str], cookies: str | None) -> tuple[tuple[str, str], ...]:
    fields = [(name, value) for name, value in headers.items() if name.lower() not in _OWN]
    if cookies:
        fields.append(("Cookie", cookies))
    return (*fields, ("Accept-Encoding", "gzip, br"))


def _content(data: Any) -> bytes:
    if data is None:
        return b""
    if isinstance(data, bytes):
        return data
    return bytes(data.read()) if hasattr(data, "read") else b"".join(data)


def _checked(response: RecordedResponse) -> Response:
    if 200 <= response.status < 300:
        return response
    raise HTTPError(response)


def _redirected(
    method: str, status: int, content: bytes, headers: dict[str, str], source: str, target: str
) -> tuple[str, bytes, dict[str, str]]:
    """The next request of a chain: a POST may become a GET, secrets stay with their origin."""
    following = str(get_redirect_method(method, status))
    if following != method:
        content = b""
        headers = {name: value for name, value in headers.items() if not name.lower().startswith("content-")}
    if urlsplit(source)[:2] != urlsplit(target)[:2]:
        headers = {name: value for name, value in headers.items() if name.lower() not in _SECRET}
    return following, content, headers


def _error(fault: FetchError) -> RequestError:
    if fault.reason == "tls-invalid":
        return CertificateVerifyError(msg=fault.message, cause=fault)
    return TransportError(msg=fault.message, cause=fault)


class _Headed:
    """What http.cookiejar wants of a response."""

    def __init__(self, headers: Message) -> None:
        self._headers = headers

    def info(self) -> Message:
        return self._headers


class RecordedResponse(Response):
    """An answer whose body is pulled, content coding undone."""

    def __init__(self, door: Door, answer: Head, url: str) -> None:
        super().__init__(_Content(door, answer), url, {}, answer.status)
        for name, value in answer.headers:
            self.headers.add_header(name, value)

    def read(self, amt: int | None = None) -> bytes:
        try:
            return bytes(self.fp.read(-1 if amt is None else amt))
        except FetchError as fault:
            if fault.reason in ("truncated", "timeout"):
                raise IncompleteRead(self.fp.taken, cause=fault) from fault
            raise TransportError(msg=fault.message, cause=fault) from fault


class _Content(RawIOBase):
    def __init__(self, door: Door, answer: Head) -> None:
        super().__init__()
        self._door, self._answer = door, answer
        blocks = door.body(answer)
        codings = decode.codings(answer.header("content-encoding"))
        self._blocks = decode.decode(blocks, codings) if codings else blocks
        self._rest = b""
        self.taken = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Raises FetchError where the body was cut or its coding is broken."""
        parts, have = [self._rest], len(self._rest)
        while size < 0 or have < size:
            block = next(self._blocks, None)
            if block is None:
                break
            parts.append(block)
            have += len(block)
            if self.taken + have > READ:
                raise FetchError("limit", f"an answer longer than {READ} bytes")
        data = b"".join(parts)
        data, self._rest = (data, b"") if size < 0 else (data[:size], data[size:])
        self.taken += len(data)
        return data

    def close(self) -> None:
        if not self.closed:
            self._door.close(self._answer)
        super().close()
