"""A run that has no more time begins nothing new, and the next one does the rest; a run of some sources leaves the others."""

from __future__ import annotations

from pathlib import Path

from tests.universe import CITED, Universe
from tests.universe.working import REPORT, at


def test_a_run_without_time_ends_early_and_valid_and_the_next_does_the_rest(tmp_path: Path, universe: Universe) -> None:
    folder = at(universe, tmp_path, '[host."*"]\ndelay = 0.4\n')
    folder.document(REPORT.read_text("utf-8"))
    first = folder.run("--max-time", "0.2s")
    assert first.code in (0, 3)
    assert 0 < len(first.captures) < len(CITED)
    assert [entry["ended"] for entry in folder.entries() if entry["t"] == "run" and entry["event"] == "end"] == ["time"]
    assert folder.verify("--no-record").code == 0
    assert folder.notes[-1].name == f"{first.summary['checkpoint']:012}.note"
    second = folder.run()
    held = {url for url, one in {**first.captures, **second.captures}.items() if one["outcome"] == "captured"}
    assert held == set(CITED) and second.code == 0


def test_only_what_fits_is_asked_for(tmp_path: Path, universe: Universe) -> None:
    folder = at(universe, tmp_path)
    folder.document(REPORT.read_text("utf-8"))
    plan = folder.preserve("run", "--dry-run", "--only", "*youtube*")
    assert plan.code == 0 and len(plan.out.splitlines()) == 5 and not universe.log
    result = folder.run("--only", "*mil.ru*")
    assert result.code == 0 and len(result.captures) == 3
    assert {one.host.split(".", 1)[1] for one in universe.log} == {"mil.ru"}
