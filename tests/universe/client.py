"""A client of sockets and the standard library alone, so that the universe is not judged by the code it is to judge."""

from __future__ import annotations

import socket
import ssl
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from .server import HERE, Universe


@dataclass(frozen=True, slots=True)
class Seen:
    """`end`: fin, notify (TLS said that this was all), ragged (it did not), reset, timeout, limit."""

    sent: bytes
    raw: bytes
    end: str
    tls: str | None

    @property
    def head(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]


class ProxyAnswer(Exception):
    """The proxy did not open the way: `args[0]` is the SOCKS reply code or the CONNECT status, or None for neither."""


def ask(
    universe: Universe,
    url: str,
    *,
    via: str = "connect",
    method: str = "GET",
    fields: str = "",
    trust: str | None = None,
    limit: int = 1 << 40,
    timeout: float = 10.0,
) -> Seen:
    """One exchange with `Connection: close`, read to the end; `fields` are further header lines, each with CRLF.

    `trust` is a PEM file instead of the universe's root, "" trusts all. Raises ssl.SSLError and ProxyAnswer.
    """
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = f"{method} {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n{fields}Connection: close\r\n\r\n".encode()
    with closing(way(universe, host, parts.port or (443 if secure else 80), via, timeout=timeout)) as plain:
        stream = _tls(plain, host, str(universe.ca_file) if trust is None else trust) if secure else plain
        with closing(stream):
            stream.sendall(sent)
            raw, end = _drain(stream, limit)
            return Seen(sent, raw, end, stream.version() if isinstance(stream, ssl.SSLSocket) else None)


def way(universe: Universe, host: str, port: int, via: str, *, timeout: float = 10.0) -> socket.socket:
    """A stream to the host, through a proxy or directly."""
    direct = "https" if port == 443 else "http"
    connection = socket.create_connection((HERE, universe.ports[direct if via == "direct" else via]), timeout)
    try:
        if via == "socks5":
            _socks(connection, host, port)
        elif via == "connect":
            _tunnel(connection, host, port)
    except BaseException:
        connection.close()
        raise
    return connection


def _tunnel(connection: socket.socket, host: str, port: int) -> None:
    connection.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        if not (byte := connection.recv(1)):  # byte by byte: what follows the head is the host's
            raise ProxyAnswer(None)
        head += byte
    if not head.startswith(b"HTTP/1.1 200 "):
        raise ProxyAnswer(int(head[9:12]) if head.startswith(b"HTTP/1.1 ") else None)


def _socks(connection: socket.socket, host: str, port: int) -> None:
    connection.sendall(b"\x05\x01\x00")
    if connection.recv(2) != b"\x05\x00":
        raise ProxyAnswer(None)
    connection.sendall(b"\x05\x01\x00\x03" + bytes([len(host)]) + host.encode() + port.to_bytes(2, "big"))
    reply = connection.recv(10)
    if reply[:1] != b"\x05":
        raise ProxyAnswer(None)
    if reply[1]:
        raise ProxyAnswer(reply[1])


def _tls(plain: socket.socket, host: str, trust: str) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if trust:
        context.load_verify_locations(trust)
    else:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname=host, suppress_ragged_eofs=False)


def _drain(stream: socket.socket, limit: int) -> tuple[bytes, str]:
    parts: list[bytes] = []
    size = 0
    try:
        while size < limit:
            if not (data := stream.recv(1 << 16)):
                return b"".join(parts), "notify" if isinstance(stream, ssl.SSLSocket) else "fin"
            parts.append(data)
            size += len(data)
    except ConnectionResetError:
        return b"".join(parts), "reset"
    except ssl.SSLEOFError:
        return b"".join(parts), "ragged"
    except TimeoutError:
        return b"".join(parts), "timeout"
    return b"".join(parts), "limit"
