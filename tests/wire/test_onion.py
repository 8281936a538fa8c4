"""Names of Tor: no resolver may learn of them (RFC 7686), and only a SOCKS proxy can reach them."""

from __future__ import annotations

import asyncio

import pytest

from preserve.config import Config, Network
from preserve.network.dial import DialError, Dialler

ONION = "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion"


@pytest.mark.parametrize("proxy", ["", "http://127.0.0.1:9"])
@pytest.mark.parametrize("host", [ONION, f"www.{ONION.upper()}."])
def test_an_onion_is_asked_of_nobody_without_a_socks_proxy(
    monkeypatch: pytest.MonkeyPatch, proxy: str, host: str
) -> None:
    asked: list[object] = []

    async def dial() -> None:
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "getaddrinfo", lambda *what, **how: asked.append(what))
        monkeypatch.setattr(Dialler, "_connect", lambda self, *where: _none())
        dialler = Dialler(Config(network=Network(proxy=proxy)))
        await dialler.dial(host, 80, secure=False, credentials=False, deadline=loop.time() + 5)

    with pytest.raises(DialError, match="through Tor only") as refused:
        asyncio.run(dial())
    assert refused.value.reason == "policy" and not refused.value.transient and not asked


async def _none() -> None:
    raise OSError("nothing is there")
