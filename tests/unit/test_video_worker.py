"""The process that runs yt-dlp: however it ends or whatever it says, it costs one film, and what it asked is recorded."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from preserve.capture.video import film, process, talk
from preserve.capture.video.bridge import Bridge
from preserve.capture.video.process import Worker, Workers
from preserve.capture.video.where import Known
from preserve.capture.video.worker import Door, Head
from preserve.config import HostRule
from preserve.errors import FetchError, StorageError
from preserve.network.session import Ask, Hop

KNOWN = Known("web", "page", "web:x", "https://films.example.org/")
SAY = "import json, sys, time\ndef say(kind, data=b'', **more): print(json.dumps({'is': kind, 'bytes': len(data), **more}), flush=True)\nsys.stdin.readline()\n"
FOUND = "say('found', films=[], lists=[], elsewhere=[], dead=[], remarks=['heard'], cookies=[], headers={})\n"
ASK = "say('ask', number=1, url='https://films.example.org/', method='GET', headers=[['A', 'b']])\n"


class Session:
    """Answers every request at once, with nothing."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.asked: list[Ask] = []
        self.fault = fault

    async def ask(self, ask: Ask, keep: Any, read: Any) -> Hop:
        self.asked.append(ask)
        hop = Hop(ask.url, 1, None, FetchError("unreachable", "nobody there"))
        await keep(hop)
        return hop


async def ended(code: str, session: Session, kept: list[Hop]) -> Any:
    """What becomes of a film with this program in place of yt-dlp's process, and how many processes are left."""

    async def keep(hop: Hop) -> None:
        if session.fault:
            raise session.fault
        kept.append(hop)

    settings = SimpleNamespace(
        network=SimpleNamespace(user_agent=""),
        video=SimpleNamespace(max_height=0, comments=0),
        for_host=lambda host: HostRule(),
    )
    workers = Workers(Worker((sys.executable, "-c", SAY + code)))
    cookies = SimpleNamespace(own_cookies=lambda host: [])
    films: Any = SimpleNamespace(settings=settings, workers=workers, session=cookies, passes=None)
    try:
        found, outcome = await film._found(films, Bridge(session, keep), KNOWN, KNOWN.url)  # type: ignore[arg-type]
        return found, outcome, workers._idle.qsize()
    finally:
        await workers.close()


def result(code: str, session: Session | None = None) -> tuple[Any, Any, list[Hop], int]:
    kept: list[Hop] = []
    found, outcome, left = asyncio.run(ended(code, session or Session(), kept))
    return found, outcome, kept, left


def test_what_it_finds_is_heard_and_it_waits_for_the_next_film() -> None:
    found, outcome, _, left = result(ASK + "assert 'unreachable' in sys.stdin.readline()\n" + FOUND)
    assert (found.remarks, outcome, left) == (("heard",), None, 1)


def test_its_failures_are_told_by_the_words_of_yt_dlp() -> None:
    _, outcome, _, left = result("say('failed', error='GeoRestrictedError', text='not in your country', remarks=[])")
    assert (outcome.outcome, outcome.reason, left) == ("blocked", "geo-blocked", 1)


ENDS = {
    "dies at once": "sys.exit(3)",
    "is killed": "import os; os.kill(os.getpid(), 9)",
    "dies in the middle of a line": "sys.stdout.write('{\"is\": \"fou'); sys.stdout.flush()",
    "dies in the middle of bytes": "print(json.dumps({'is': 'ask', 'bytes': 50, 'number': 1}), flush=True)",
    "says what is no JSON": "print('Traceback (most recent call last):', flush=True); time.sleep(60)",
    "says half a message": "print('{}', flush=True); time.sleep(60)",
    "says a list": "print('[]', flush=True); time.sleep(60)",
    "claims bytes without end": "print(json.dumps({'is': 'ask', 'bytes': 10**12}), flush=True); time.sleep(60)",
    "claims fewer bytes than none": "print(json.dumps({'is': 'ask', 'bytes': -1}), flush=True); time.sleep(60)",
    "says what nobody knows": "say('dance'); time.sleep(60)",
    "asks for nothing": "say('ask', number=1); time.sleep(60)",
    "asks for more of nothing": "say('more', number=7); time.sleep(60)",
    "finds what is no film": "say('found', films=[{'a': 1}], lists=[], elsewhere=[], dead=[], remarks=[], cookies=[], headers={}); time.sleep(60)",
    "finds a list of words": "say('found', films='films', lists=3, elsewhere=[], dead=[], remarks=[], cookies=[], headers={}); time.sleep(60)",
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
def test_however_it_ends_the_film_has_failed_and_nobody_uses_it_again(name: str) -> None:
    found, outcome, _, left = result(ENDS[name])
    assert found is None and not left
    assert (outcome.outcome, outcome.reason) == ("failed", "error")
    assert outcome.signals[0].startswith("yt-dlp's process ended in the middle")


def test_what_never_comes_to_its_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "TIME", 0.3)
    _, outcome, _, left = result("while True: pass")
    assert (outcome.reason, left) == ("timeout", 0)


def test_what_it_asked_before_its_end_is_recorded() -> None:
    session = Session()
    _, outcome, kept, _ = result(ASK + "sys.exit(1)", session)
    assert [hop.url for hop in kept] == [session.asked[0].url] == ["https://films.example.org/"]
    assert outcome.reason == "error"


def test_an_answer_of_an_earlier_page_may_be_let_go_late() -> None:
    found, _, _, _ = result("say('close', number=99)\n" + FOUND)
    assert found is not None


def test_a_full_disk_is_no_failure_of_a_film() -> None:
    with pytest.raises(BaseExceptionGroup) as stopped:
        result(ASK + "time.sleep(60)", Session(StorageError("the disk is full")))
    assert stopped.group_contains(StorageError)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit does not cover all memory")
def test_it_may_not_take_all_memory() -> None:
    code = "from preserve.capture.video import worker\nworker._bound(worker.MEMORY)\nbytearray(1 << 30)\nbytearray(2 << 30)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr.endswith("line 4, in <module>\nMemoryError\n"), done.stderr


# -- those of a run ----------------------------------------------------------------------------------------------------
def test_a_busy_process_is_waited_for_before_another_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first that is free serves whoever waits; who waits too long gets a new one."""
    started: list[Worker] = []

    class Counted(Worker):
        def __init__(self) -> None:
            super().__init__((sys.executable, "-c", "import sys; sys.stdin.read()"))
            started.append(self)

    monkeypatch.setattr(process, "Worker", Counted)

    async def run() -> None:
        workers = Workers()
        first = await workers.take()
        waiting = asyncio.create_task(workers.take())
        await asyncio.sleep(0.05)
        workers.give(first)
        assert await waiting is first and started == [first]
        monkeypatch.setattr(process, "PATIENCE", 0.05)
        second = await workers.take()
        assert started == [first, second]
        assert await workers.kill(first) == -9
        workers.give(second)
        await workers.close()
        assert second._process.returncode == -9

    asyncio.run(run())


def test_it_ends_with_the_program_that_started_it() -> None:
    """Also where that was killed, and never came to use it."""
    code = "from preserve.capture.video.process import Worker\nprint(Worker()._process.pid, flush=True)\nimport os\nos.kill(os.getpid(), 9)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == -9
    end = time.monotonic() + 20
    while alive(int(done.stdout)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not alive(int(done.stdout))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


# -- its own side ------------------------------------------------------------------------------------------------------
def door(*answers: bytes) -> tuple[Door, io.BytesIO]:
    said = io.BytesIO()
    return Door(io.BytesIO(b"".join(answers)), said), said


def test_it_asks_and_pulls_one_after_the_other() -> None:
    way, said = door(
        talk.pack("head", status=200, headers=[["A", "b"]]), talk.pack("block", b"\n{}\0"), talk.pack("block", b"x"), talk.pack("end")
    )  # fmt: skip
    head = way.ask("https://x.example/", "POST", (("C", "d"),), b"line\nline")
    assert (head.status, head.header("a"), head.header("b")) == (200, "b", None)
    assert list(way.body(head)) == [b"\n{}\0", b"x"]
    way.close(head)
    said.seek(0)
    kinds = [talk.receive(said) for _ in range(5)]
    assert [kind for kind, _, _ in kinds] == ["ask", "more", "more", "more", "close"]
    assert kinds[0][1]["headers"] == [["C", "d"]] and kinds[0][2] == b"line\nline"


def test_what_failed_is_raised_there_as_it_was_here() -> None:
    way, _ = door(talk.pack("fault", reason="private-address", message="no"))
    with pytest.raises(FetchError) as failed:
        way.ask("https://x.example/", "GET", (), b"")
    assert (failed.value.reason, failed.value.message) == ("private-address", "no")


def test_it_ends_when_the_program_is_gone() -> None:
    way, _ = door()
    with pytest.raises(SystemExit):
        way.ask("https://x.example/", "GET", (), b"")
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb", buffering=0) as gone, pytest.raises(SystemExit):
        Door(io.BytesIO(), gone).close(Head(1, 200, ()))
