"""The program killed at any moment: what it announced is held, the archive is valid, the next run goes on."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from program import SWEEP, Workplace, no_strace, tampering

from tests.universe import Universe

MOMENTS = 60 if SWEEP else 12
# Calls that a run of this size makes, by strace -c: the sweep goes on until a number is not reached any more.
POINTS = {
    "fdatasync": (6, 12),
    "fsync": (3, 17),
    "write": (10, 20),
    "link": (4,),
    "rename": (2,),
    "unlink": (),
    "mkdir": (),
    "ftruncate": (),
}


@pytest.fixture
def place(tmp_path: Path, universe: Universe) -> Workplace:
    return Workplace(tmp_path / "work", universe.settings(), universe.environment())


@pytest.fixture(scope="module")
def span(tmp_path_factory: pytest.TempPathFactory, universe_ca: object) -> float:
    """Seconds that an undisturbed first run takes here, now."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with Universe(folder / "universe", authority=universe_ca) as universe:  # type: ignore[arg-type]
        place = Workplace(folder / "work", universe.settings(), universe.environment())
        began = time.monotonic()
        assert place.preserve("run", "--json").code == 0
        return time.monotonic() - began


@pytest.mark.parametrize("part", range(4))
def test_a_run_killed_at_any_moment_has_kept_what_it_announced(place: Workplace, span: float, part: int) -> None:
    """Regular moments, dealt to four archives: each run that is killed goes on with what the last one left."""
    announced: list[str] = []
    for moment in range(part, MOMENTS, 4):
        before = place.lines
        killed = place.killed_after(span * (0.15 + 0.85 * moment / MOMENTS), "run", "--force", "--json")
        assert killed.code in (-signal.SIGKILL, 0), killed.err
        announced += killed.captured
        assert place.lines.startswith(before), "what was committed has changed"
        place.assert_valid()
        place.assert_held(announced, get=len(killed.captured) if SWEEP else 0)
    place.assert_held(announced)
    place.assert_goes_on()


def kill(place: Workplace, call: str, number: int, log: Path) -> bool:
    """Whether the run came that far; if so, it is killed in that call and everything must hold."""
    killed = place.preserve("run", "--json", before=tampering(call, "signal=SIGKILL", number, log))
    if killed.code == 0:
        return False
    assert killed.code == -signal.SIGKILL, (killed, log.read_text()[-500:])
    place.assert_valid()
    place.assert_held(killed.captured, get=len(killed.captured) if SWEEP else 0)
    place.assert_goes_on()
    return True


@pytest.mark.skipif(bool(no_strace()), reason=no_strace())
@pytest.mark.parametrize(("call", "number"), [(call, number) for call, numbers in POINTS.items() for number in numbers])
def test_a_run_killed_in_a_system_call_has_kept_what_it_announced(
    place: Workplace, tmp_path: Path, call: str, number: int
) -> None:
    assert kill(place, call, number, tmp_path / "log"), f"the run makes no {number} calls of {call}"


@pytest.mark.skipif(not SWEEP, reason="SWEEP=1 kills in every call: some 150 runs")
@pytest.mark.skipif(bool(no_strace()), reason=no_strace())
@pytest.mark.parametrize("call", POINTS)
def test_a_run_killed_in_every_system_call_has_kept_what_it_announced(
    tmp_path: Path, universe: Universe, call: str
) -> None:
    number = 1
    while kill(
        Workplace(tmp_path / str(number), universe.settings(), universe.environment()), call, number, tmp_path / "log"
    ):
        (tmp_path / "log").unlink()
        number += 1
    assert number > 1 or call == "ftruncate", f"not one {call} was seen"
