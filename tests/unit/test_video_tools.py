"""Versions of the tools: asked for once, by one thread at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from preserve.capture.video import tools


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    tools._versions.cache_clear()
    yield
    tools._versions.cache_clear()


def test_captures_that_end_together_do_not_look_for_the_tools_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """`sysconfig` builds a table where a second thread can see it half made: the search then failed with TypeError."""
    inside, most = [0], [0]

    def look() -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.02)
        inside[0] -= 1

    monkeypatch.setattr(tools, "deno_path", look)
    told: list[dict[str, str]] = []
    threads = [threading.Thread(target=lambda: told.append(tools.versions())) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] and len(told) == 5
    assert all(one == told[0] and "yt-dlp" in one and "deno" not in one for one in told)
