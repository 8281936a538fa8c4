"""SIGINT and SIGTERM: the first lets the source in hand finish, the second stops at once; both leave a valid archive."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from program import Workplace, finish, interrupt, until

from tests.universe import Universe

SIGNALS = [signal.SIGINT, signal.SIGTERM]
HOST = "syrianarchive.org"
SLOW, *LATER = [
    f"https://{HOST}/assets/russian/{name}"
    for name in ("ru-mod-website.png", "ru_de-escalation_zone.png", "RussianMoDdocumentationofoperation.PNG")
]
REPORT = "".join(f"[cited]({url})\n" for url in (SLOW, *LATER))  # one host: one after the other


@pytest.fixture
def place(tmp_path: Path, universe: Universe) -> Workplace:
    return Workplace(tmp_path / "work", universe.settings(), universe.environment(), REPORT)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_finishes_the_source_in_hand_signs_and_begins_nothing_new(
    place: Workplace, universe: Universe, number: signal.Signals
) -> None:
    universe.fault(HOST, "drip", path=SLOW.removeprefix(f"https://{HOST}"), times=1, interval=0.0001)
    process = place.start("run", "--json")
    until(lambda: universe.log and universe.log[0].sent > 100, "the first answer")
    assert not universe.log[0].done, "the answer must be under way when the signal comes"
    interrupt(process, number)
    done = finish(process)
    assert done.code == 130, done.err
    assert done.outcomes == {SLOW: "captured/ok"}
    last = place.entries[-2:]
    assert [entry["t"] for entry in last] == ["run", "checkpoint"] and last[0]["ended"] == "interrupted"
    verified = place.preserve("verify", "--json")
    assert verified.code == 0 and verified.events[-1]["warnings"] == 0, verified.out
    assert set(place.preserve("run", "--json").outcomes) == set(LATER)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_second_signal_stops_at_once(place: Workplace, universe: Universe, number: signal.Signals) -> None:
    universe.fault(HOST, "stall", path=LATER[0].removeprefix(f"https://{HOST}"), after=50)
    process = place.start("run", "--json")
    until(lambda: any(one.url == LATER[0] and one.sent for one in universe.log), "the second source's answer to stop")
    interrupt(process, number)
    began = time.monotonic()
    interrupt(process, number)
    done = finish(process)
    assert done.code == 130, done.err
    assert time.monotonic() - began < 20, "the stalled answer was waited for"
    assert done.outcomes == {SLOW: "captured/ok"}
    place.assert_valid()
    place.assert_held(done.captured)
    universe.heal()
    place.assert_goes_on()
