"""The impossible sibling: an address of the same shape that cannot exist, asked for once a run.

A site that answers it as it answers the page has no such page: it says 200 and means 404. No list of phrases finds an
article template that is only empty.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from preserve.capture.answer import Answer
from preserve.capture.judging import sibling
from preserve.capture.judging.look import Look
from preserve.model import Json, Outcome

Ask = Callable[[str], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Sibling:
    """What came of the sibling of one shape."""

    url: str
    record: str | None
    look: Look | None
    status: int | None
    hops: tuple[str, ...] = ()  # where it was led to


async def judge(
    known: dict[str, asyncio.Future[Sibling]], page: Answer, url: str, ask: Ask
) -> tuple[Outcome | None, Json]:
    """Whether a page that came is one that always comes, and the fields of `probe`; (None, None) where there is
    nothing to ask. `known`: the siblings of this run by shape; `url`: of the page as it was asked for."""
    address = sibling.sibling(url, secrets.token_hex(8))
    if address is None or page.look is None:
        return None, None
    shape = sibling.shape(url)
    if shape not in known:
        known[shape] = asyncio.get_running_loop().create_future()
        other = Sibling(address, None, None, None)
        try:
            other = await _asked(ask, address)
        finally:
            known[shape].set_result(other)
    other = await known[shape]
    if other.look is None or other.url == url:
        return None, {"url": other.url, "record": other.record, "similarity": None}
    led = len(page.visit.hops) > 1 and bool(other.hops) and other.hops[-1] == page.url
    outcome = sibling.judged(page.look, other.look, other.status or 0, same_redirect=led)
    # What is refused or missing is not compared: it proves nothing, and comparing takes as long as reading a page.
    alike = sibling.similarity(page.look, other.look) if 200 <= (other.status or 0) < 300 else None
    return outcome, {"url": other.url, "record": other.record, "similarity": alike}


async def _asked(ask: Ask, address: str) -> Sibling:
    answer = await ask(address)
    try:
        led = tuple(hop.url for hop in answer.visit.hops[1:])
        status = answer.final.status if answer.final else None
        return Sibling(address, answer.record, answer.look, status, led)
    finally:
        answer.close()
