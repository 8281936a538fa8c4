"""The two doors into the universe: HTTP CONNECT (RFC 9110 §9.3.6) and SOCKS5 (RFC 1928, RFC 1929).

Each learns where the client wants to go, asks the universe for its verdict, answers in its own words, and hands
the clean stream over. Names the universe does not know are not resolved.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
from typing import Protocol

from .journal import Asked
from .wire import Plain

TOO_LONG = 3600.0  # longer than any deadline under test


class Behind(Protocol):
    """What a proxy needs of the universe."""

    login: tuple[str, str] | None

    @property
    def asked(self) -> list[Asked]: ...
    def proxy_fault(self) -> str: ...
    def verdict(self, host: str, port: int) -> str: ...
    async def enter(self, wire: Plain, host: str, port: int, via: str) -> None: ...


CONNECT_ANSWERS = {
    "ok": b"HTTP/1.1 200 Connection established\r\n\r\n",
    "nxdomain": b"HTTP/1.1 502 Unknown host\r\nContent-Length: 13\r\n\r\nunknown host\n",
    "refused": b"HTTP/1.1 502 Connection refused\r\nContent-Length: 19\r\n\r\nconnection refused\n",
    "denied": b"HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\ndenied\n",
    "login": b'HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm="universe"\r\nContent-Length: 0\r\n\r\n',
    "no-tunnel": b"HTTP/1.1 405 Only CONNECT\r\nContent-Length: 0\r\n\r\n",
}
SOCKS_REPLIES = {"ok": 0, "denied": 2, "nxdomain": 4, "refused": 5}
GARBAGE = b"\x00\xff neither SOCKS nor HTTP \r\n\r\n"


async def connect(wire: Plain, universe: Behind) -> None:
    head = await wire.until(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    method, target, *_ = [*line.split(" "), "", ""]
    host, _, port = target.rpartition(":")
    user, password = _basic(fields)
    if method != "CONNECT":
        universe.asked.append(Asked("forward", target, 0, user, "no-tunnel"))
        await wire.write(CONNECT_ANSWERS["no-tunnel"])
        return
    verdict = _verdict(universe, host.strip("[]"), int(port or 0), (user, password))
    universe.asked.append(Asked("connect", host, int(port or 0), user, verdict))
    await _pause(verdict)
    await wire.write(GARBAGE if verdict == "garbage" else CONNECT_ANSWERS[verdict])
    if verdict == "ok":
        await universe.enter(wire, host, int(port), "connect")


async def socks(wire: Plain, universe: Behind) -> None:
    login = await _socks_login(wire, universe)
    if login is None:
        return
    version, command, _, kind = await wire.exactly(4)
    host = await _socks_address(wire, kind)
    port = int.from_bytes(await wire.exactly(2), "big")
    if version != 5 or command != 1:
        await wire.write(_socks_reply(7))
        return
    verdict = _verdict(universe, host, port, login)
    universe.asked.append(Asked("socks5", host, port, login[0], verdict))
    await _pause(verdict)
    await wire.write(GARBAGE if verdict == "garbage" else _socks_reply(SOCKS_REPLIES[verdict]))
    if verdict == "ok":
        await universe.enter(wire, host, port, "socks5")


def _verdict(universe: Behind, host: str, port: int, login: tuple[str, str]) -> str:
    if universe.login and login != universe.login:
        return "login"
    return universe.proxy_fault() or universe.verdict(host, port)


async def _pause(verdict: str) -> None:
    if verdict in ("stall", "blackhole"):
        await asyncio.sleep(TOO_LONG)


def _basic(fields: list[str]) -> tuple[str, str]:
    for field in fields:
        name, _, value = field.partition(":")
        if name.lower() == "proxy-authorization":
            user, _, password = base64.b64decode(value.split()[-1]).decode().partition(":")
            return user, password
    return "", ""


async def _socks_login(wire: Plain, universe: Behind) -> tuple[str, str] | None:
    """The user and password given, ("", "") without; None when no method is left."""
    _, count = await wire.exactly(2)
    methods = await wire.exactly(count)
    if 2 in methods and (universe.login or 0 not in methods):
        await wire.write(b"\x05\x02")
        login = await _socks_word(wire, 1), await _socks_word(wire, 0)
        good = not universe.login or login == universe.login
        await wire.write(b"\x01\x00" if good else b"\x01\x01")
        return login if good else None
    if universe.login or 0 not in methods:
        await wire.write(b"\x05\xff")
        return None
    await wire.write(b"\x05\x00")
    return "", ""


async def _socks_word(wire: Plain, skip: int) -> str:
    await wire.exactly(skip)  # the version of the sub-negotiation precedes the user name
    return (await wire.exactly((await wire.exactly(1))[0])).decode()


async def _socks_address(wire: Plain, kind: int) -> str:
    if kind == 3:
        return (await wire.exactly((await wire.exactly(1))[0])).decode("latin-1")
    return str(ipaddress.ip_address(await wire.exactly(4 if kind == 1 else 16)))


def _socks_reply(code: int) -> bytes:
    return bytes([5, code, 0, 1, 0, 0, 0, 0, 0, 0])
