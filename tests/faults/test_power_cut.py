"""Whatever a power cut leaves, the next opening makes a sound archive of it, and nothing acknowledged is missing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import pytest
from fault_session import KEY, capture, clock, holds, make, member, open_archive, session, sound
from power_cut import ACK, DATA, FOLDER, Killed, Recorder, Tree, build, states, tree
from program import SWEEP

from preserve.archive import fsio, layout
from preserve.archive.store import create
from preserve.errors import PreserveError

pytestmark = pytest.mark.usefixtures("small")


def record(monkeypatch: pytest.MonkeyPatch, root: Path, work: Callable[[Recorder], None], **how: int) -> Recorder:
    recorder = Recorder(root, **how)
    with monkeypatch.context() as patch:
        patch.setattr(fsio, "os", recorder)
        work(recorder)
    return recorder


def survive(scratch: Path, state: Tree, recorder: Recorder, cut: int) -> None:
    """Opens the state and asks for everything that was acknowledged before the cut."""
    root = scratch / "state"
    try:
        build(root, state)
        acks = [op.check for op in recorder.ops[:cut] if op.kind == ACK and op.check]
        if not acks and not recorder.base:  # the archive was never acknowledged: making it again finishes it
            create(root, KEY, software="preserve test", clock=clock, origin="example.org/test")
        open_archive(root, "c").release()
        sound(root)
        for check in acks:
            check(root)
        before = tree(root)
        open_archive(root, "d").release()
        assert tree(root) == before, "a second opening finds more to do"
        with open_archive(root, "e") as archive:
            entry = archive.commit("capture", capture(archive, "life goes on"))
        holds(entry)(root)
        sound(root)
    finally:
        shutil.rmtree(root)


def bad_states(scratch: Path, recorder: Recorder, every: int = 1) -> Iterator[str]:
    for cut, what, state in islice(states(recorder), 0, None, 1 if SWEEP else every):
        try:
            survive(scratch, state, recorder, cut)
        except (AssertionError, PreserveError, OSError, ValueError) as error:
            yield f"after {cut} operations, {what}: {error!r}"


@pytest.mark.parametrize(("short", "every"), [(1 << 30, 1), (700, 4)], ids=["whole writes", "short writes"])
def test_every_state_that_a_power_cut_can_leave_is_survived(
    scratch: Path, monkeypatch: pytest.MonkeyPatch, short: int, every: int
) -> None:
    """Of the many states between short writes every fourth; SWEEP=1 looks at all."""
    root = scratch / "archive"
    recorder = record(monkeypatch, root, lambda recorder: session(root, recorder.ack), short=short)
    assert not list(islice(bad_states(scratch, recorder, every), 5))


def no_sync(self: fsio.Appender) -> None:
    pass


def no_settle(root: Path, relative: str) -> None:
    pass


@pytest.mark.parametrize(
    ("where", "name", "without"),
    [(fsio.Appender, "sync", no_sync), (fsio, "settle", no_settle)],
    ids=["files", "folders"],
)
def test_a_missing_sync_is_noticed(
    scratch: Path, monkeypatch: pytest.MonkeyPatch, where: object, name: str, without: object
) -> None:
    root = scratch / "archive"
    with monkeypatch.context() as patch:
        patch.setattr(where, name, without)
        recorder = record(monkeypatch, root, lambda recorder: session(root, recorder.ack))
    assert list(islice(bad_states(scratch, recorder), 1))


def interrupted(root: Path) -> None:
    """Leaves all at once: an unfinished line, a WARC with whole members and a tail, media without an entry, work in
    tmp/."""
    make(root)
    archive = open_archive(root, "a")
    archive.commit("run", {"event": "start"})
    archive.commit("capture", capture(archive, "one"))
    archive.append(member("whole, but never committed"))
    archive.put_media([b"never committed"], "mp4")
    archive.release()
    warc = next((root / "warc").rglob("*.open"))
    with warc.open("ab") as file:
        file.write(b"\x1f\x8b\x08half a member")
    warc.with_name("PRESERVE-20261122T151405Z-aaaaaaaaaaaa-00001.warc.gz.open").write_bytes(
        b"\x1f\x8b\x08half a warcinfo"
    )
    with (root / layout.segment(0)).open("ab") as file:
        file.write(b'{"id":"half a li')
    layout.temporary(root / "tmp").write_bytes(b"work")


def test_recovery_itself_may_be_cut_short_anywhere(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = scratch / "archive"
    interrupted(root)

    def recovery(recorder: Recorder) -> None:
        open_archive(root, "b").close()

    recorder = record(monkeypatch, root, recovery)
    assert not list(islice(bad_states(scratch, recorder), 5))


Work = Callable[[Recorder], None]
WORKS: dict[str, tuple[Callable[[Path], None], Work]] = {
    "a life": (lambda root: None, lambda recorder: session(recorder.root, recorder.ack)),
    "a recovery": (interrupted, lambda recorder: open_archive(recorder.root, "b").close()),
}


@pytest.mark.parametrize("what", WORKS)
def test_what_a_killed_run_left_in_memory_is_made_durable_before_it_is_built_upon(
    scratch: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """A kill after each change of a name or of bytes, then a run that ends well, then a power cut."""
    prepare, work = WORKS[what]
    prepare(scratch / "plain")
    plain = record(monkeypatch, scratch / "plain", work)
    done = [op for op in plain.ops if op.kind != ACK]
    kills = [n for n, op in enumerate(done, 1) if op.kind in FOLDER | DATA][:-1]
    for kill in kills if SWEEP else kills[::2]:
        root = scratch / "killed"
        prepare(root)
        recorder = record(monkeypatch, root, partial(killed_then_whole, work, kill))
        ends = {n + 1 for n, op in enumerate(recorder.ops) if op.kind == ACK and n >= kill}
        for cut, fate, state in states(recorder, only=ends.__contains__):
            try:
                survive(scratch, state, recorder, cut)
            except (AssertionError, PreserveError) as error:
                pytest.fail(f"killed after {kill} operations, power cut after {cut}, {fate}: {error!r}")
        shutil.rmtree(root)


def killed_then_whole(work: Work, kill: int, recorder: Recorder) -> None:
    root = recorder.root

    def before(call: str) -> None:
        if sum(op.kind != ACK for op in recorder.ops) >= kill:
            raise Killed

    recorder.before = before
    with pytest.raises(Killed):
        work(recorder)
    recorder.before = lambda call: None
    make(root)
    with open_archive(root, "9") as archive:
        recorder.ack(holds(archive.commit("capture", capture(archive, "one", media=b"film"))))
    recorder.ack(lambda found: None)
