"""The transport as the tests drive it: through httpx's public interface, against loopback."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace

import httpx

from preserve.config import Config, Network
from preserve.errors import FetchError
from preserve.model import Exchange, Limits
from preserve.network.dial import Dialler
from preserve.network.wire import ExchangeError, WireTransport

LOOPBACK = Config(network=Network(allow_private=True))


def transport(limits: Limits | None = None, **network: object) -> WireTransport:
    config = replace(LOOPBACK, network=replace(LOOPBACK.network, **network))  # type: ignore[arg-type]
    return WireTransport(Dialler(config), limits or Limits(time=5.0), tempfile.TemporaryFile)


@dataclass
class Answer:
    exchange: Exchange | None
    body: bytes | None
    fault: FetchError | None

    @property
    def raw(self) -> bytes:
        """What was kept of the answer, as received."""
        assert self.exchange is not None
        return self.exchange.head + b"".join(self.exchange.body.blocks())


async def ask(client: WireTransport, url: str, method: str = "GET", headers: object = None) -> Answer:
    request = httpx.Request(method, url, headers=headers)  # type: ignore[arg-type]
    try:
        response = await client.handle_async_request(request)
        body = b"".join([part async for part in response.aiter_raw()])
        await response.aclose()
    except ExchangeError as error:
        return Answer(error.exchange, None, error.fault)
    return Answer(response.extensions["exchange"], body, None)
