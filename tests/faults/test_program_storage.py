"""Storage that is full, failing, read-only or not what it should be: said in one sentence, and nothing is harmed."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from program import (
    PDF,
    SWEEP,
    Workplace,
    finish,
    interrupt,
    namespace,
    no_namespaces,
    no_strace,
    tampered,
    tampering,
    until,
)

from tests.universe import Universe

needs_strace = pytest.mark.skipif(bool(no_strace()), reason=no_strace())
needs_namespaces = pytest.mark.skipif(bool(no_namespaces()), reason=no_namespaces())


@pytest.fixture
def place(tmp_path: Path, universe: Universe) -> Workplace:
    return Workplace(tmp_path / "work", universe.settings(), universe.environment())


@pytest.fixture
def filled(place: Workplace) -> Workplace:
    """After one good run."""
    assert place.preserve("run").code == 0
    return place


# -- full and failing --------------------------------------------------------------------------------------------------
def test_a_limit_on_file_sizes_stops_the_run_and_the_next_one_completes_it(place: Workplace) -> None:
    done = place.preserve("run", "--json", before=["prlimit", "--fsize=60000"])
    done.complained(6, "file-size limit")
    place.assert_valid()
    place.assert_held(done.captured)
    place.assert_goes_on()


@needs_namespaces
def test_a_full_file_system_stops_the_run_and_the_next_one_completes_it(place: Workplace) -> None:
    place.archive.mkdir()
    with namespace("-m", script=f"mount -t tmpfs -o size=4m small '{place.archive}'") as inside:
        full = replace(place, inside=inside)
        ballast = full.archive / "tmp" / f"preserve-{'0' * 32}.tmp"  # what an earlier run left, by its name
        ballast.parent.mkdir()
        ballast.write_bytes(bytes(4_000_000))
        ballast.parent.chmod(0o777)
        with ballast.open("rb"):  # swept by the run, but its space is only free when nobody has it open
            done = full.preserve("run", "--json")
        done.complained(6, "disk is full")
        full.assert_valid()
        full.assert_held(done.captured)
        full.assert_goes_on()


@needs_namespaces
def test_a_body_too_large_for_the_disk_is_left_and_the_others_are_captured(
    place: Workplace, universe: Universe
) -> None:
    universe.fault("www.vdc-sy.info", "big-body", size=10_000_000_000)
    place.archive.mkdir()
    with namespace("-m", script=f"mount -t tmpfs -o size=64m small '{place.archive}'") as inside:
        small = replace(place, inside=inside)
        done = small.preserve("run", "--json")
        assert done.code == 3, done.err
        outcomes = dict(done.outcomes)
        assert outcomes.pop(PDF) == "failed/limit" and set(outcomes.values()) == {"captured/ok"}
        (entry,) = (entry for entry in small.captures if entry["source"] == PDF)
        assert "10000000000 bytes are announced" in entry["signals"][-1]
        assert entry["truncated"] == "length" and entry["tries"] == 1
        small.assert_valid()
        universe.heal()
        small.assert_goes_on()


# Of a run with -q, so that a failing write is one to the disk: calls of a first run, from strace -c.
FAILING = [("write", "ENOSPC", 9), ("write", "EIO", 12), ("fdatasync", "EIO", 6), ("fdatasync", "EIO", 9)]
WORDS = {"ENOSPC": "the disk is full", "EIO": "input/output error"}
SWEPT = (("write", "ENOSPC"), ("fdatasync", "EIO"), ("fsync", "EIO"))
EVERY = [(call, error, n) for call, error in SWEPT for n in range(1, 55) if (call, n) != ("write", 2)]  # 2: to stderr


@needs_strace
@pytest.mark.parametrize(("call", "error", "number"), EVERY if SWEEP else FAILING)
def test_a_failing_call_stops_the_run_and_the_next_one_completes_it(
    place: Workplace, tmp_path: Path, call: str, error: str, number: int
) -> None:
    done = place.preserve("-q", "run", before=tampering(call, f"error={error}", number, tmp_path / "log"))
    if SWEEP and not tampered(tmp_path / "log"):
        pytest.skip(f"the run makes no {number} calls of {call}")
    done.complained(6)
    assert WORDS[error] in done.err or os.strerror(getattr(errno, error)) in done.err
    place.assert_valid()
    place.assert_goes_on()


@needs_strace
def test_a_lying_disk_is_found_out(place: Workplace, tmp_path: Path) -> None:
    """The first 100 bytes of a record are acknowledged and never written."""
    place.preserve("-q", "run", before=tampering("write", "retval=100", 14, tmp_path / "log"))
    assert tampered(tmp_path / "log")
    done = place.preserve("verify", "--full", "--json")
    assert done.code == 4, done.out


# -- read-only ---------------------------------------------------------------------------------------------------------
@needs_namespaces
def test_a_read_only_archive_is_said_before_anything_is_fetched_and_can_still_be_read(
    filled: Workplace, universe: Universe
) -> None:
    asked, here = len(universe.log), filled.archive
    with namespace("-m", script=f"mount --bind '{here}' '{here}'; mount -o remount,bind,ro '{here}'") as inside:
        readonly = replace(filled, inside=inside)
        readonly.preserve("run", "--force").complained(6, "read-only")
        assert len(universe.log) == asked
        for reading in (["verify"], ["status"], ["list"], ["show", PDF], ["get", PDF, "-o", "original.pdf"]):
            assert readonly.preserve(*reading).code == 0, reading
    filled.assert_goes_on()


@pytest.mark.skipif(os.geteuid() == 0, reason="modes do not bind root; the read-only mount stands for it")
def test_an_archive_of_somebody_else_is_said_before_anything_is_fetched(filled: Workplace, universe: Universe) -> None:
    asked = len(universe.log)
    filled.archive.chmod(0o555)
    (filled.archive / "tmp").chmod(0o555)
    filled.preserve("run", "--force").complained(6, "permission")
    assert len(universe.log) == asked


# -- not what it should be ---------------------------------------------------------------------------------------------
def test_a_file_where_the_archive_belongs_is_left_alone(place: Workplace, universe: Universe) -> None:
    place.archive.write_text("precious")
    place.preserve("run").complained(2, "archive")
    assert place.archive.read_text() == "precious"
    assert not universe.log


def test_a_folder_of_somebody_else_is_left_alone(place: Workplace, universe: Universe) -> None:
    place.archive.mkdir()
    (place.archive / "photo.jpg").write_text("precious")
    place.preserve("run").complained(2, "not empty")
    assert [path.name for path in place.archive.iterdir()] == ["photo.jpg"]
    assert not universe.log


def test_folders_above_the_archive_are_made(place: Workplace) -> None:
    (place.folder / "preserve.toml").write_text('archive = "a/b/c"\n' + place.settings + '[key]\nfile = "k/key.pem"\n')
    assert place.preserve("run", "--only", PDF).code == 0
    assert (place.folder / "a/b/c/archive.json").exists()


def test_a_foreign_file_is_reported_and_does_not_stop_a_run(filled: Workplace) -> None:
    foreign = filled.archive / "warc" / "holiday.jpg"
    foreign.write_text("not ours")
    done = filled.preserve("verify", "--json")
    assert done.code == 0
    assert ("stranger", "warning", "warc/holiday.jpg") in {
        (event.get("code"), event.get("severity"), event.get("where")) for event in done.events
    }
    assert filled.preserve("run", "--force").code == 0
    assert foreign.read_text() == "not ours"


def test_a_corrupt_line_stops_a_run_and_leaves_the_rest_readable(filled: Workplace, universe: Universe) -> None:
    segment = filled.archive / "manifest" / "000000000000.jsonl"
    lines = segment.read_bytes().split(b"\n")
    at = next(number for number, line in enumerate(lines) if PDF.encode() in line)
    lines[at] = lines[at].replace(b'"outcome"', b'"0utcome"')
    broken = b"\n".join(lines)
    segment.write_bytes(broken)
    asked = len(universe.log)
    filled.preserve("run", "--force").complained(4, "manifest")
    assert len(universe.log) == asked
    assert filled.preserve("verify").code == 4
    assert segment.read_bytes() == broken


def test_an_unreadable_line_hides_no_other_entry(filled: Workplace) -> None:
    segment = filled.archive / "manifest" / "000000000000.jsonl"
    lines = segment.read_bytes().split(b"\n")
    at = next(number for number, line in enumerate(lines) if PDF.encode() in line)
    lines[at] = b"{" + lines[at]
    segment.write_bytes(b"\n".join(lines))
    for command in (["list", "--json"], ["status", "--json"]):
        done = filled.preserve(*command)
        done.complained(4, f"line {at + 1}")
        shown = {event["source"] for event in done.events if "source" in event}
        assert "https://vk.com/wall-3457550_23655" in shown
    filled.preserve("run", "--force").complained(4, "manifest")


def test_another_key_is_refused(filled: Workplace, universe: Universe) -> None:
    asked, before = len(universe.log), filled.lines
    (filled.folder / "key.pem").unlink()
    filled.preserve("run", "--force").complained(2, "key")
    assert (len(universe.log), filled.lines) == (asked, before)


# -- two runs ----------------------------------------------------------------------------------------------------------
def test_a_second_run_says_who_holds_the_archive_and_one_that_waits_gets_it(
    place: Workplace, universe: Universe
) -> None:
    universe.fault("vk.com", "stall")
    first = place.start("run", "--json")
    until(lambda: any(one.host == "vk.com" for one in universe.log), "the first run to hang")
    second = place.preserve("run", "--force")
    second.complained(5, f"process {first.pid}")
    for reading in (["status"], ["list"], ["verify"]):
        assert place.preserve(*reading).code == 0, reading
    waiting = place.start("run", "--json", "--wait", "60s")
    universe.heal()
    interrupt(first)
    interrupt(first)
    assert finish(first).code == 130
    done = finish(waiting)
    assert done.code == 0, done.err
    assert done.outcomes["https://vk.com/wall-3457550_23655"] == "captured/ok"
    place.assert_goes_on()
