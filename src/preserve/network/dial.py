"""One function makes every connection of the program.

override table -> resolver (all answers kept) -> address policy on each -> connect to the checked address (no second
lookup, so a name cannot be rebound in between) -> peer checked again -> proxy tunnel inside -> TLS by rungs of trust.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import socket
import ssl
from collections import defaultdict

from preserve.config import Config, HostRule
from preserve.errors import ConfigError, FetchError
from preserve.model import Connection
from preserve.network import policy, proxy, tls
from preserve.network.stream import Stream

_NO_ROUTE = {errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}
_ROOT_SERVER = ("198.41.0.4", "2001:503:ba3e::2:30")  # a.root-servers.net: an address that is always routed
# RFC 2606: IANA keeps it. Only to tell dead hosts from no network: looked up; behind a proxy, which does the looking
# up, a tunnel to it is opened and closed without a byte.
_CANARY = "example.com"
_SILENT_HOSTS = 3  # in a row without one that was reached; two dead hosts are common, three raise the question
_SETTLE = 1.0  # seconds for the answers that are on their way, before the question is put


class DialError(FetchError):
    """No connection. `resolved` holds what the resolver said, for the record."""

    def __init__(self, reason: str, message: str, *, transient: bool = False, resolved: tuple[str, ...] = ()) -> None:
        super().__init__(reason, message, transient=transient)
        self.resolved = resolved


class Dialler:
    """Opens connections under the rules of a configuration."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._answers: dict[str, tuple[str, ...]] = {}
        self._rung: dict[tuple[str, int], tuple[int, str | None]] = {}
        self._silent: defaultdict[proxy.Proxy | None, set[str]] = defaultdict(set)
        self._offline: dict[proxy.Proxy | None, str] = {}
        self._doubting = asyncio.Lock()

    async def dial(self, host: str, port: int, *, secure: bool, credentials: bool, deadline: float) -> Stream:
        """A stream to host:port whose `connection` holds the facts. Raises DialError and ConfigError."""
        rule = self._config.for_host(host)
        if not secure:
            return await self._tunnel(host, port, rule, deadline)
        return await self._climb(host, port, rule, credentials=credentials, deadline=deadline)

    # -- TLS

    async def _climb(self, host: str, port: int, rule: HostRule, *, credentials: bool, deadline: float) -> Stream:
        ca_file = self._config.network.ca_file if rule.ca_file is None else rule.ca_file
        strict = (rule.tls or self._config.network.tls) == "strict" or credentials
        ladder = tls.rungs(str(self._config.path(ca_file)) if ca_file else "", strict=strict)
        # A rung that held is kept for the run: twenty images of a page need not fail twenty handshakes first.
        start, why = self._rung.get((host, port), (0, None)) if not strict else (0, None)
        for index, rung in list(enumerate(ladder))[start:]:
            stream = await self._tunnel(host, port, rule, deadline)
            try:
                async with asyncio.timeout_at(deadline):
                    await stream.start_tls(rung.context, host)
            except (OSError, TimeoutError) as error:
                stream.abort()
                why = why or _tls_words(error)
                if not _may_climb(error, rung.name, ladder[index + 1 :]):
                    raise _tls_fault(error, host, stream.connection, why, credentials) from None
                continue
            self._rung[host, port] = (index, why)
            return _secured(stream, rung.name, why)
        raise AssertionError("the last rung either holds or raises")

    # -- TCP

    async def _tunnel(self, host: str, port: int, rule: HostRule, deadline: float) -> Stream:
        way = proxy.parse(self._config.network.proxy if rule.proxy is None else rule.proxy)
        if way in self._offline:
            raise DialError("offline", self._offline[way])
        try:
            async with asyncio.timeout_at(deadline):
                stream = await (self._through(way, host, port) if way else self._direct(host, port))
        except TimeoutError:
            await self._doubt(way, host)
            answers = () if way else self._answers.get(host, ())
            raise DialError("timeout", f"{host} does not answer", transient=True, resolved=answers) from None
        except DialError as error:
            if error.transient:
                await self._doubt(way, host)
            raise
        self._silent.pop(way, None)
        return stream

    async def _doubt(self, way: proxy.Proxy | None, host: str) -> None:
        """One more host that cannot be reached. Raises DialError when it is not the hosts but the network.

        Without this a report of a hundred sources burns five tries on each while the line is down.
        """
        self._silent[way].add(host)
        if len(self._silent[way]) < _SILENT_HOSTS:
            return
        async with self._doubting:
            if way not in self._offline:
                await asyncio.sleep(_SETTLE)
                if len(self._silent[way]) < _SILENT_HOSTS or await self._reaches_canary(way):
                    self._silent.pop(way, None)
                    return
                self._offline[way] = "nothing can be reached" + (f" through the proxy {way.label}" if way else "")
        raise DialError("offline", self._offline[way])

    async def _reaches_canary(self, way: proxy.Proxy | None) -> bool:
        if way is None:
            return await _resolver_works()
        try:
            async with asyncio.timeout(policy.CONNECT_TIME):
                stream = await self._through(way, _CANARY, 443)
        except (DialError, TimeoutError):
            return False
        stream.abort()
        return True

    async def _through(self, way: proxy.Proxy, host: str, port: int) -> Stream:
        self._check_literal(host)
        if policy.is_onion(host) and way.scheme != "socks5h":
            raise _only_through_tor(host)
        loop = asyncio.get_running_loop()
        try:
            stream = await self._connect(way.host, way.port)
        except (OSError, TimeoutError) as error:
            raise DialError("offline", f"the proxy {way.label} cannot be reached: {_words(error)}") from None
        try:
            await proxy.handshake(stream, way, host, port, loop.time() + policy.CONNECT_TIME)
        except FetchError as error:
            stream.abort()
            raise DialError(error.reason, error.message, transient=error.transient) from None
        except (OSError, TimeoutError) as error:
            stream.abort()
            raise DialError(
                "unreachable", f"the proxy {way.label} broke off: {_words(error)}", transient=True
            ) from None
        stream.connection = Connection(host, port, None, (), way.label, None)
        return stream

    async def _direct(self, host: str, port: int) -> Stream:
        resolved = await self._resolve(host, port)
        self._check(host, resolved)
        failure: Exception | None = None
        for number, address in enumerate(resolved[: policy.MAX_ADDRESSES], 1):
            # A broken IPv6 path must not eat the whole patience while IPv4 works.
            patience = policy.CONNECT_TIME if number == len(resolved) else policy.CONNECT_TIME / 4
            try:
                async with asyncio.timeout(patience):
                    stream = await self._connect(address, port)
            except (OSError, TimeoutError) as error:
                failure = error
                continue
            if not self._config.network.allow_private and (why := policy.refusal(stream.peer or "")):
                stream.abort()
                raise DialError("private-address", f"{host} leads to a private address: {why}", resolved=resolved)
            stream.connection = Connection(host, port, stream.peer, resolved, None, None)
            return stream
        assert failure is not None
        raise self._unreachable(host, failure, resolved)

    async def _connect(self, address: str, port: int) -> Stream:
        local = (self._config.network.bind, 0) if self._config.network.bind else None
        try:
            _, stream = await asyncio.get_running_loop().create_connection(Stream, address, port, local_addr=local)
        except OSError as error:
            if local and error.errno == errno.EADDRNOTAVAIL:
                raise ConfigError(f"network.bind: {local[0]} is no address of this machine") from None
            raise
        return stream

    def _unreachable(self, host: str, failure: Exception, resolved: tuple[str, ...]) -> DialError:
        if isinstance(failure, OSError) and failure.errno in _NO_ROUTE and not has_route():
            return DialError("offline", "this machine has no route to the network", resolved=resolved)
        if isinstance(failure, TimeoutError):
            return DialError("timeout", f"{host} does not answer", transient=True, resolved=resolved)
        return DialError("unreachable", f"{host}: {_words(failure)}", transient=True, resolved=resolved)

    # -- names and addresses

    async def _resolve(self, host: str, port: int) -> tuple[str, ...]:
        if host in self._config.network.resolve:
            return (self._config.network.resolve[host],)
        if host not in self._answers:
            self._answers[host] = await self._ask(host, port)
        return self._answers[host]

    async def _ask(self, host: str, port: int) -> tuple[str, ...]:
        if policy.is_onion(host):
            raise _only_through_tor(host)  # RFC 7686: such a name must not be asked of a resolver, who would learn it
        loop = asyncio.get_running_loop()
        try:
            rows = await loop.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            if not await _resolver_works():
                raise DialError("offline", "no name can be resolved: this machine has no network") from None
            if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
                raise DialError("unreachable", f"the name {host} cannot be resolved now", transient=True) from None
            known = isinstance(error, socket.gaierror) and error.errno == socket.EAI_NODATA
            raise DialError("dns-dead", f"the name {host} {'has no address' if known else 'does not exist'}") from None
        return tuple(dict.fromkeys(str(row[4][0]) for row in rows))

    def _check_literal(self, host: str) -> None:
        """Behind a proxy the proxy resolves; what can be seen here is a literal address or a local name."""
        try:
            ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            local = host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost")
            if local and not self._config.network.allow_private:
                raise DialError("private-address", f"{host} is this machine") from None
            return
        self._check(host, (host.strip("[]"),))

    def _check(self, host: str, addresses: tuple[str, ...]) -> None:
        """Any forbidden answer refuses all: a name that mixes them is set up to rebind."""
        if self._config.network.allow_private:
            return
        for address in addresses:
            if why := policy.refusal(address):
                raise DialError("private-address", f"{host} leads to a private address: {why}", resolved=addresses)


def _only_through_tor(host: str) -> DialError:
    return DialError("policy", f"{host} is reached through Tor only: set a socks5h proxy for *.onion")


def has_route() -> bool:
    """Whether packets could leave this machine. Connecting a UDP socket sends none."""
    for family, address in ((socket.AF_INET, _ROOT_SERVER[0]), (socket.AF_INET6, _ROOT_SERVER[1])):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 53))
            return True
    return False


async def _resolver_works() -> bool:
    try:
        await asyncio.get_running_loop().getaddrinfo(_CANARY, 443)
    except OSError:
        return False
    return True


def _secured(stream: Stream, rung: str, why: str | None) -> Stream:
    ssl_object = stream.ssl_object
    assert ssl_object is not None
    plain = stream.connection
    stream.connection = Connection(
        plain.host, plain.port, plain.ip, plain.resolved, plain.proxy, tls.facts(ssl_object, rung, why)
    )
    return stream


def _may_climb(error: Exception, rung: str, above: list[tls.Rung]) -> bool:
    """A verification failure tries the next rung of trust, a refused handshake the legacy one."""
    if not above or not isinstance(error, ssl.SSLError):
        return False
    if isinstance(error, ssl.SSLCertVerificationError):
        return True
    # Too old a protocol, too weak a key: only the rungs without verification can speak with it.
    return rung != "legacy" and above[-1].name == "legacy"


def _tls_fault(error: Exception, host: str, connection: Connection, why: str, credentials: bool) -> DialError:
    if isinstance(error, ssl.SSLError):
        words = f"{host}: {why}" + (_credential_words(host) if credentials else "")
        return DialError("tls-invalid", words, resolved=connection.resolved)
    reason = "timeout" if isinstance(error, TimeoutError) else "unreachable"
    return DialError(reason, f"{host} broke off the TLS handshake: {why}", transient=True, resolved=connection.resolved)


def _credential_words(host: str) -> str:
    return (
        "; credentials are not sent over a connection that does not verify: name the authority that vouches for it in "
        f'[host."{host}"] ca_file, or leave out its cookies'
    )


def _tls_words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{error.verify_message} ({error.verify_code})"
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).lower().replace("_", " ")
    return _words(error)


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.errno:
        return (error.strerror or str(error)).lower()
    return str(error) or type(error).__name__
