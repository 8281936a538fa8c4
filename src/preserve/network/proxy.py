"""The handshakes of SOCKS5 (RFC 1928, RFC 1929) and HTTP CONNECT (RFC 9110 section 9.3.6).

Always a tunnel, for http:// too: the request line stays in origin form for the WARC, and the proxy's own error page
is never taken for the answer of the site.
"""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from preserve.errors import ConfigError, FetchError
from preserve.network import policy
from preserve.network.stream import Stream

_PORTS = {"socks5": 1080, "socks5h": 1080, "http": 8080}


@dataclass(frozen=True, slots=True)
class Proxy:
    scheme: str  # socks5h or http
    host: str
    port: int
    user: str = ""
    password: str = ""

    @property
    def label(self) -> str:
        """For records and screens: never the password."""
        return f"{self.scheme}://{self.host}:{self.port}"


def parse(url: str) -> Proxy | None:
    """`socks5h://host:port`, `http://user:pw@host:port`; "" -> None. Raises ConfigError."""
    if not url:
        return None
    hint = "write socks5h://host:port or http://host:port"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigError("the proxy's address is malformed", hint) from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ConfigError(f"{parts.scheme or 'this'} is no kind of proxy that can be used", hint)
    # socks5 and socks5h are one here: the proxy always resolves, so no name is looked up beside the tunnel.
    scheme = "socks5h" if parts.scheme.startswith("socks5") else parts.scheme
    return Proxy(
        scheme,
        parts.hostname,
        port or _PORTS[scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


async def handshake(stream: Stream, proxy: Proxy, host: str, port: int, deadline: float) -> None:
    """Afterwards the stream leads to host:port. Raises FetchError, OSError, TimeoutError."""
    if proxy.scheme == "http":
        await _connect(stream, proxy, host, port, deadline)
    else:
        await _socks5(stream, proxy, host, port, deadline)


async def _connect(stream: Stream, proxy: Proxy, host: str, port: int, deadline: float) -> None:
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
    if proxy.user:
        token = base64.b64encode(f"{proxy.user}:{proxy.password}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {token}")
    stream.write("\r\n".join([*lines, "", ""]).encode("ascii"))
    head = b""
    while b"\r\n\r\n" not in head:
        part = await stream.read(deadline)
        if not part:
            raise ConnectionResetError(f"the proxy {proxy.label} closed the connection")
        head += part
        if len(head) > policy.MAX_HEAD:
            raise FetchError("unreachable", f"the proxy {proxy.label} sends an endless answer")
    head, _, rest = head.partition(b"\r\n\r\n")
    status = head.split(b"\r\n", 1)[0].split(b" ")[1:2]
    if status != [b"200"]:
        shown = status[0][:8].decode("ascii", "replace") if status else "nothing"
        if status == [b"407"]:
            raise FetchError("offline", f"the proxy {proxy.label} wants a user and password")
        raise FetchError("unreachable", f"the proxy {proxy.label} could not reach {host} ({shown})", transient=True)
    stream.unread(rest)


# RFC 1928 section 6. None of them proves a name dead: 4 is also what a proxy says that has lost its own network.
_REPLIES = {
    1: ("unreachable", "general failure"),
    2: ("unreachable", "not allowed by its rules"),
    3: ("unreachable", "network unreachable"),
    4: ("unreachable", "host unreachable or unknown"),
    5: ("unreachable", "connection refused"),
    6: ("timeout", "time ran out"),
    7: ("unreachable", "command not supported"),
    8: ("unreachable", "address type not supported"),
}


async def _socks5(stream: Stream, proxy: Proxy, host: str, port: int, deadline: float) -> None:
    stream.write(b"\x05\x02\x00\x02" if proxy.user else b"\x05\x01\x00")
    version, method = await stream.read_exactly(2, deadline)
    if version != 5 or method not in (0, 2) or (method == 2 and not proxy.user):
        raise FetchError("offline", f"the proxy {proxy.label} does not accept us")
    if method == 2:
        user, password = proxy.user.encode()[:255], proxy.password.encode()[:255]
        stream.write(b"\x01" + bytes([len(user)]) + user + bytes([len(password)]) + password)
        if (await stream.read_exactly(2, deadline))[1] != 0:
            raise FetchError("offline", f"the proxy {proxy.label} refuses our user and password")
    name = host.encode("ascii")[:255]
    stream.write(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + struct.pack("!H", port))
    _, reply, _, kind = await stream.read_exactly(4, deadline)
    if reply != 0:
        reason, words = _REPLIES.get(reply, ("unreachable", f"reply {reply}"))
        raise FetchError(reason, f"the proxy {proxy.label} could not reach {host}: {words}", transient=True)
    length = {1: 4, 4: 16}.get(kind) or (await stream.read_exactly(1, deadline))[0]
    await stream.read_exactly(length + 2, deadline)
