"""The sample report, archived end to end by the real program: one outcome each, and a second run that changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from preserve.model import OUTCOMES
from tests.universe import CITED, Universe
from tests.universe.conftest import Archived
from tests.universe.working import ROOT, Json, Result, at

SEEDS = sorted(ROOT.parent.glob("shared/seed/*.txt"))  # reports that are not ours to ship


def test_every_cited_source_ends_in_exactly_one_outcome(archived: Archived) -> None:
    told = archived.first.captures
    assert told.keys() == set(CITED)
    assert {(one["outcome"], one["reason"], one["change"]) for one in told.values()} == {("captured", "ok", "first")}
    assert archived.first.code == 0


def test_what_is_told_is_what_the_manifest_says(archived: Archived) -> None:
    for result, entries in zip(
        (archived.first, archived.forced), by_run(archived.folder.entries("capture")), strict=True
    ):
        stored = {entry["id"]: entry for entry in entries}
        assert len(stored) == len(result.captures) == len(CITED)
        for source, told in result.captures.items():
            entry = stored[told["capture"]]
            assert (entry["source"], entry["outcome"], entry["reason"]) == (source, told["outcome"], told["reason"])
            assert told["bytes"] == sum(record["length"] for record in entry["records"])


@pytest.mark.parametrize("run", ["first", "idle", "forced"])
def test_the_counts_of_the_summary_agree(archived: Archived, run: str) -> None:
    result: Result = getattr(archived, run)
    summary, told = result.summary, list(result.captures.values())
    assert {name: summary[name] for name in OUTCOMES} == {
        name: sum(one["outcome"] == name for one in told) for name in OUTCOMES
    }
    assert summary["sources"] == len(told) + summary["not_due"] == len(CITED)
    assert result.code == 0


def test_citations_of_the_same_source_stay_apart(archived: Archived) -> None:
    entry = archived.folder.entry("https://www.youtube.com/watch?v=qblmOvkV9KM")
    assert [(one["line"], one["anchor"]) for one in entry["citations"]] == [
        (18, "announcement that the operation had started"),
        (21, "some twenty sorties and eight ISIS targets"),
    ]


def test_nothing_is_asked_when_nothing_is_due(archived: Archived) -> None:
    assert archived.idle.captures == {}
    assert archived.idle.summary["not_due"] == len(CITED)
    asked = {entry["run"] for entry in archived.folder.entries("capture")}
    assert len(asked) == 2
    assert len(archived.universe.log) == len(exchanges(archived, asked))


def test_an_unchanged_source_costs_only_revisits(archived: Archived) -> None:
    before, after = by_run(archived.folder.entries("capture"))
    assert {(entry["outcome"], entry["reason"], entry["change"]) for entry in after} == {
        ("captured", "unchanged", "same")
    }
    kinds = {record["type"] for entry in after for record in entry["records"]}
    assert kinds == {"request", "revisit", "metadata"}
    bodies = [record for entry in before for record in entry["records"] if record["type"] == "response"]
    cost = sum(record["length"] for entry in after for record in entry["records"] if record["type"] == "revisit")
    assert cost < 54 * 1024 and cost * 5 < sum(record["length"] for record in bodies)


def test_each_later_capture_names_the_good_one_before(archived: Archived) -> None:
    before, after = by_run(archived.folder.entries("capture"))
    assert {entry["source"]: entry["previous"] for entry in after} == {
        entry["source"]: entry["seq"] for entry in before
    }


def test_sources_txt_does_not_change_in_a_later_run(archived: Archived) -> None:
    assert archived.folder.sources == archived.early.sources
    assert all(url.encode() in archived.folder.sources for url in CITED)


def test_a_quiet_day_is_silent(archived: Archived) -> None:
    """Whatever cron mails, it means something."""
    assert archived.idle.err == archived.forced.err == ""
    assert "made the signing key" in archived.first.err


def test_every_file_sealed_and_nothing_left_in_hand(archived: Archived) -> None:
    assert [path for path in archived.folder.archive.rglob("*") if path.suffix in (".open", ".torn")] == []
    assert list((archived.folder.archive / "tmp").iterdir()) == []
    sealed = {entry["file"] for entry in archived.folder.entries("seal")}
    assert sealed == {path.relative_to(archived.folder.archive).as_posix() for path in archived.folder.warcs}


def test_status_and_list_agree_with_the_runs(archived: Archived) -> None:
    status = archived.folder.preserve("status", "--json")
    listed = archived.folder.preserve("list", "--json")
    assert (status.code, listed.code) == (0, 0)
    sources = [event for event in status.events if event["event"] == "source"]
    assert {one["source"] for one in sources} == set(CITED)
    assert len(listed.events) == 2 * len(CITED)
    assert {one["outcome"] for one in listed.events} == {"captured"}


def test_show_gives_the_whole_custody_record(archived: Archived) -> None:
    entry = archived.folder.entry("https://vdc-sy.net/report-on-russian-attacks-ar/")
    shown = archived.folder.preserve("show", entry["id"], "--json")
    assert shown.code == 0
    assert json.dumps(entry["records"][0]["sha256"]) in json.dumps(shown.events)


@pytest.mark.skipif(not SEEDS, reason="the report is not here")
@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_a_report_as_published_is_captured_whole(universe: Universe, tmp_path: Path, seed: Path) -> None:
    folder = at(universe, tmp_path / "work")
    folder.document(seed.read_text("utf-8"))
    result = folder.run()
    assert result.code == 0, result.err
    assert result.captures.keys() == set(CITED)
    assert result.summary["captured"] == len(CITED)


def by_run(captures: list[Json]) -> list[list[Json]]:
    runs: dict[str, list[Json]] = {}
    for entry in captures:
        runs.setdefault(entry["run"], []).append(entry)
    return list(runs.values())


def exchanges(archived: Archived, runs: set[str]) -> list[Json]:
    entries = [entry for entry in archived.folder.entries("capture") if entry["run"] in runs]
    return [hop for entry in entries for hop in entry["hops"]]
