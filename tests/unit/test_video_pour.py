"""How a body gets from the network into a file: whole, in order, beside the event loop, and never into a closed file."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from preserve.capture.video import fetch
from preserve.errors import FetchError, StorageError


class Body:
    """Comes in these pieces, then breaks if `fault` is given."""

    def __init__(self, *pieces: bytes, fault: Exception | None = None, pause: float = 0.0) -> None:
        self.pieces, self.fault, self.pause = pieces, fault, pause
        self.given = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            await asyncio.sleep(self.pause)
            self.given += 1
            yield piece
        if self.fault:
            raise self.fault


def pour(body: Any, take: Any, told: Any = lambda: None) -> None:
    asyncio.run(fetch.pour(body, take, told))


@pytest.mark.parametrize("block", [1, 3, 7, 100])
def test_all_of_it_is_taken_in_order_and_in_another_thread(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(fetch, "BLOCK", block)
    taken: list[bytes] = []
    threads: set[int] = set()

    def take(piece: bytes) -> bool:
        threads.add(threading.get_ident())
        taken.append(piece)
        return True

    pour(Body(*(b"%d" % n for n in range(20))), take)
    assert taken == [b"%d" % n for n in range(20)]
    assert threading.get_ident() not in threads


def test_what_came_before_a_cut_is_taken() -> None:
    taken: list[bytes] = []
    with pytest.raises(FetchError):
        pour(Body(b"a", b"b", fault=FetchError("truncated", "cut")), lambda piece: not taken.append(piece))
    assert taken == [b"a", b"b"]


def test_who_wants_no_more_gets_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "BLOCK", 1)
    taken: list[bytes] = []
    body = Body(*[b"x"] * 100)
    pour(body, lambda piece: len(taken) < 3 and not taken.append(piece))
    assert len(taken) == 3 and body.given == 4


def test_a_slow_body_is_told_of_before_a_block_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "SLOW", 0.01)
    told: list[int] = []
    pour(Body(*[b"x"] * 5, pause=0.02), lambda piece: True, lambda: told.append(1))
    assert len(told) == 5


def test_a_full_disk_ends_it() -> None:
    def take(piece: bytes) -> bool:
        raise StorageError("the disk is full")

    with pytest.raises(StorageError):
        pour(Body(b"a"), take)


def test_who_is_cancelled_waits_for_the_write_in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is closed right after: a write that came later could reach whatever has its number by then."""
    monkeypatch.setattr(fetch, "BLOCK", 1)
    began, ended = threading.Event(), threading.Event()

    def take(piece: bytes) -> bool:
        began.set()
        time.sleep(0.2)
        ended.set()
        return True

    async def run() -> None:
        task = asyncio.create_task(fetch.pour(Body(b"a", b"b"), take))  # type: ignore[arg-type]
        await asyncio.to_thread(began.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()

    asyncio.run(run())
