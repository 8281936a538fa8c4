"""The universe: one loop in a thread that plays every host, both proxies and, when asked, every fault.

    with Universe(folder) as universe:
        universe.fault("vk.com", "stall", path="/wall", times=1)
        ...  # fetch through universe.proxy("connect") or universe.proxy("socks5"), trusting universe.ca_file
        assert universe.log[0].response == what_was_stored

The way of one connection: proxy (or direct port) -> verdict -> enter -> TLS -> request after request -> reply or fault.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import itertools
import ssl
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from . import control, faults, hosts, proxies
from .authority import Authority
from .exchange import Exchange
from .journal import Asked, Journal, Logged
from .messages import Reader, Reply, Request, plain, redirect
from .wire import Plain, Tls, Wire

HERE = "127.0.0.1"
BACKLOG = 256
ALERT = b"\x15\x03\x03\x00\x02\x02\x28"  # TLS: fatal, handshake_failure
Handler = Callable[[Plain], Awaitable[None]]
T = TypeVar("T")


class Universe:
    """`folder` gets the certificates (unless `authority` brings them) and the log; `port` is the CONNECT proxy's,
    0 for any; `login` makes both proxies ask for a user and a password."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        authority: Authority | None = None,
        login: tuple[str, str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.login = folder, login
        self.authority = authority or Authority(folder / "ca")
        self.ca_file = self.authority.ca_file
        self.ports = {"connect": port, "socks5": 0, "http": 0, "https": 0}
        self._faults = faults.Faults()
        self._visits: Counter[str] = Counter()
        self._connections = itertools.count(1)
        self._numbers = itertools.count(1)
        self._servers: dict[str, asyncio.Server] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # -- for tests, from any thread -----------------------------------------------------------------------------
    def __enter__(self) -> Universe:
        self._journal = Journal(self.folder)
        ready: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._thread = threading.Thread(target=asyncio.run, args=(self._main(ready),), name="universe", daemon=True)
        self._thread.start()
        ready.result(timeout=30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(timeout=30)
        self._journal.close()

    @property
    def log(self) -> list[Logged]:
        """Every exchange so far, in the order in which the requests came."""
        return self._journal.exchanges

    @property
    def asked(self) -> list[Asked]:
        """Every name a proxy was asked for, known or not."""
        return self._journal.asked

    def fault(self, host: str, name: str, *, path: str = "", times: int | None = None, **options: Any) -> None:
        """From now on `name` of faults.NAMES happens to `host` (wildcards allowed; "proxy" is the proxies).

        `path` limits it to targets with this beginning, `times` to that many occasions.
        """
        self._there(self.set_fault(host, name, path=path, times=times, **options))

    def heal(self, host: str | None = None) -> None:
        """Ends the faults of `host` (as it was given), or all."""
        self._there(self.end_faults(host))

    def proxy(self, kind: str = "connect") -> str:
        scheme = {"connect": "http", "socks5": "socks5h"}[kind]
        return f"{scheme}://{HERE}:{self.ports[kind]}"

    def settings(self, proxy: str = "connect", *, ca_file: bool = False) -> str:
        """The text of a preserve.toml that reaches the universe; `ca_file` names its root there as well."""
        extra = f'ca_file = "{self.ca_file}"\n' if ca_file else ""
        return f'[network]\nproxy = "{self.proxy(proxy)}"\n{extra}'

    def environment(self) -> dict[str, str]:
        """Makes a program take the universe's root for one of the system's."""
        return {"SSL_CERT_FILE": str(self.ca_file)}

    def _there(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    # -- for the control endpoint, in the loop --------------------------------------------------------------------
    async def set_fault(self, host: str, name: str, path: str = "", times: int | None = None, **options: Any) -> None:
        self._faults.add(host, name, path, times, **{"private": self.ports["http"], **options})
        if (host, name) == ("proxy", "down"):
            for kind in ("connect", "socks5"):
                self._servers.pop(kind).close()

    async def end_faults(self, host: str | None = None) -> None:
        self._faults.heal(host)
        await self._listen()

    # -- the loop -------------------------------------------------------------------------------------------------
    async def _main(self, ready: concurrent.futures.Future[None]) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        try:
            await self._listen()
        except OSError as error:
            ready.set_exception(error)
            return
        ready.set_result(None)
        await self._stopped.wait()
        for server in self._servers.values():
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self) -> None:
        """Opens every port that is not open, under its old number if it had one."""
        handlers: dict[str, Handler] = {
            "connect": lambda wire: proxies.connect(wire, self),
            "socks5": lambda wire: proxies.socks(wire, self),
            "http": lambda wire: self.enter(wire, "", self.ports["http"], "direct"),
            "https": lambda wire: self.enter(wire, "", self.ports["https"], "direct"),
        }
        for kind in handlers.keys() - self._servers.keys():
            callback = self._accept(handlers[kind])
            server = await asyncio.start_server(callback, HERE, self.ports[kind], backlog=BACKLOG)
            self._servers[kind] = server
            self.ports[kind] = server.sockets[0].getsockname()[1]

    def _accept(self, handler: Handler) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            wire = Plain(reader, writer)
            # A client that leaves, refuses our certificate or stops in mid-word is no error of ours; the end of the
            # universe cancels those that wait.
            with suppress(OSError, EOFError, asyncio.LimitOverrunError, asyncio.CancelledError):
                await handler(wire)
                await wire.close()
            with suppress(asyncio.CancelledError):
                await wire.abort()

        return accepted

    # -- what the proxies ask ---------------------------------------------------------------------------------------
    def proxy_fault(self) -> str:
        fault = self._faults.find(faults.AT_PROXY, "proxy")
        return fault.name if fault else ""

    def verdict(self, host: str, port: int) -> str:
        """ok, nxdomain, refused or blackhole."""
        host = host.lower()
        if hosts.site(host) is None:
            return "nxdomain"
        if fault := self._faults.find(faults.AT_CONNECT, host):
            return fault.name
        return "ok" if port in (80, 443) or host in hosts.PRIVATE else "refused"

    async def enter(self, wire: Plain, host: str, port: int, via: str) -> None:
        """Plays `host`, or with "" the host that SNI or the Host field names."""
        host, number = host.lower(), next(self._connections)
        if port not in (443, self.ports["https"]):
            await self._talk(wire, host, port, via, number)
        elif secure := await self._secure(wire, host):
            await self._talk(secure, host, port, via, number)

    async def _secure(self, wire: Plain, host: str) -> Tls | None:
        """None when a fault ended it. On the direct port the name comes late: only certificates can fail there."""
        if not host or not (fault := self._faults.find(faults.AT_TLS - set(faults.CERTIFICATES), host)):
            secure = Tls(wire, self._context(host) if host else self.authority.door(self._context))
            await secure.handshake()
            return secure
        await wire.read()  # the client's hello
        if fault.name == "tls-handshake-abort":
            await wire.write(ALERT)
        elif fault.name == "tls-handshake-reset":
            await wire.reset()
        else:
            await asyncio.sleep(faults.NEVER)
        return None

    def _context(self, host: str) -> ssl.SSLContext:
        usual = "untrusted" if host in hosts.UNTRUSTED else "trusted"
        fault = self._faults.find(frozenset(faults.CERTIFICATES), host)
        return self.authority.context(host, faults.CERTIFICATES[fault.name] if fault else usual)

    async def _talk(self, wire: Wire, tunnel: str, port: int, via: str, number: int) -> None:
        reader = Reader(wire.read)
        while request := await reader.request():
            if via == "direct" and request.host == control.HOST:
                await control.answer(wire, request, self)
                continue
            host = tunnel or request.host.lower()
            logged = self._logged(request, wire, host, port, via, number)
            exchange = self._exchange(wire, request, logged)
            try:
                await self._answer(exchange)
            finally:
                self._journal.finish(logged)
            if not exchange.open:
                return
        await wire.close()

    def _logged(self, request: Request, wire: Wire, host: str, port: int, via: str, number: int) -> Logged:
        logged = Logged(
            next(self._numbers),
            number,
            via,
            host,
            port,
            wire.tls,
            wire.peer,
            request.raw,
            request.method,
            request.target,
        )
        self.log.append(logged)
        return logged

    def _exchange(self, wire: Wire, request: Request, logged: Logged) -> Exchange:
        self._visits[logged.url] += 1
        reply = self._reply(request, logged)
        return Exchange(wire, request, reply, logged, visit=self._visits[logged.url])

    def _reply(self, request: Request, logged: Logged) -> Reply:
        """What the host says on a good day."""
        if request.flaw:
            return replace(plain(400, request.flaw), framing="close")
        site = hosts.site(logged.host)
        if site is None or request.host.lower() != logged.host:
            return plain(421)
        if request.method not in (("GET", "HEAD", "POST") if logged.host in hosts.POSTED else ("GET", "HEAD")):
            return plain(405)
        if not logged.tls and logged.host in hosts.SECURE_ONLY:
            return redirect(f"https://{logged.host}{request.target}")
        plainly = replace(request, target=faults.HOP.sub("", request.target))
        return site(plainly) or plain(404)

    async def _answer(self, exchange: Exchange) -> None:
        logged = exchange.logged
        fault = self._faults.find(frozenset(faults.ANSWERS), logged.host, logged.target)
        if fault is None:
            await exchange.send()
        else:
            logged.fault = fault.name
            await faults.ANSWERS[fault.name](exchange, fault)
        if exchange.open and exchange.request.closing:
            await exchange.close()
