"""Any change to an archive is found, and told by the code that docs/VERIFY.md explains."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from preserve.errors import FormatError, UsageError
from preserve.model import Finding
from preserve.verify import CODES, LEVELS, Report, verify
from tests.support.archive import WARC, Builder, in_hand, recovered, sign, small
from tests.support.damage import CASES, MANIFEST, NINE, rebuilt

PROJECT = Path(__file__).parents[2]
GOLDEN = PROJECT / "tests/vectors/archives"


def codes(findings: list[Finding], severity: str | None = None) -> set[str]:
    return {finding.code for finding in findings if severity in (None, finding.severity)}


def damage(root: Path, level: str = "full", **options: object) -> set[str]:
    return codes(list(verify(root, level, **options)), "damage")  # type: ignore[arg-type]


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("build", [small, in_hand, recovered])
def test_a_sound_archive_has_no_findings(tmp_path: Path, build: type, level: str) -> None:
    build(tmp_path / "a")
    report = Report()
    assert list(verify(tmp_path / "a", level, report=report)) == []  # type: ignore[arg-type]
    assert report.sound and report.entries and report.records and report.files


@pytest.mark.parametrize("name", CASES)
def test_every_harm_is_told_by_its_code(tmp_path: Path, name: str) -> None:
    case, root = CASES[name], tmp_path / "a"
    case.make(root)
    for level in LEVELS[LEVELS.index(case.level) :]:  # type: ignore[arg-type]
        findings = list(verify(root, level))
        assert set(case.expect) <= codes(findings), findings
        assert not case.only or codes(findings) == set(case.expect), findings
        assert (codes(findings, "damage") == set()) == case.sound, findings


def test_every_code_is_documented_and_has_a_case() -> None:
    text = (PROJECT / "docs/VERIFY.md").read_text()
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (damage|warning|info) \|", text, re.MULTILINE))
    assert rows == {code: severity for code, (severity, _) in CODES.items()}
    elsewhere = {"against-rollback", "against-fork", "against-foreign", "file-unreadable"}
    assert {code for case in CASES.values() for code in case.expect} | elsewhere == set(CODES)


@pytest.mark.skipif(find_spec("warcio") is None, reason="warcio is not installed")
def test_warcio_passes_over_what_verify_finds(tmp_path: Path) -> None:
    paths = []
    for number, make in enumerate(NINE.values()):
        make(tmp_path / str(number))
        plain = number == 6
        paths.append(tmp_path / str(number) / WARC)
        if plain:
            paths[-1] = paths[-1].rename(tmp_path / "plain.warc")
    for path in paths:
        check = subprocess.run([sys.executable, "-m", "warcio.cli", "check", path], capture_output=True, check=False)
        assert check.returncode == 0, (path, check)


def flips(root: Path, stride: int) -> Iterator[tuple[Path, int, int]]:
    """A single changed byte, then the file as it was."""
    number = 0
    for path in files(root):
        data = path.read_bytes()
        for at in range(len(data)):
            number += 1
            if number % stride:
                continue
            for value in (data[at] ^ (1 << at % 8), (data[at] + 1) % 256):
                path.write_bytes(data[:at] + bytes([value]) + data[at + 1 :])
                yield path, at, value
        path.write_bytes(data)


def test_any_changed_byte_of_any_file_is_damage(tmp_path: Path) -> None:
    """SWEEP=1 changes every byte, which takes two minutes."""
    small(tmp_path)
    for path, at, value in flips(tmp_path, 1 if os.environ.get("SWEEP") else 41):
        assert damage(tmp_path), f"{path.name} byte {at} = {value}"


def test_any_file_removed_emptied_or_swapped_is_damage(tmp_path: Path) -> None:
    small(tmp_path / "a")
    evidence = [path for path in files(tmp_path / "a") if path.name != "lock"]
    for path, other in zip(evidence, evidence[1:] + evidence[:1], strict=True):
        data, another = path.read_bytes(), other.read_bytes()
        path.unlink()
        assert damage(tmp_path / "a", "quick"), f"{path} removed"
        path.write_bytes(b"")
        assert damage(tmp_path / "a", "quick"), f"{path} emptied"
        path.write_bytes(another)
        other.write_bytes(data)
        assert damage(tmp_path / "a"), f"{path} and {other} swapped"
        path.write_bytes(data)
        other.write_bytes(another)
    assert not damage(tmp_path / "a")


def test_random_mutations_never_end_in_a_traceback(tmp_path: Path) -> None:
    small(tmp_path)
    chance = random.Random(7)
    everything = {path: path.read_bytes() for path in files(tmp_path)}
    for _ in range(250):
        path = chance.choice(list(everything))
        data = bytearray(everything[path])
        for _ in range(chance.randint(1, 4)):
            at = chance.randint(0, len(data))
            piece = bytes(data[at : at + chance.randint(0, 40)])
            data[at : at + chance.randint(0, 40)] = chance.choice(
                [b"", piece * 3, chance.randbytes(9), b"[", b'"', b"\n"]
            )
        path.write_bytes(data)
        list(verify(tmp_path, chance.choice(LEVELS)))
        path.write_bytes(everything[path])


def test_a_rolled_back_archive_is_found_with_a_checkpoint_kept_elsewhere(tmp_path: Path) -> None:
    builder = small(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "old")
    builder.verified()
    kept = builder.checkpoint()
    assert not damage(tmp_path / "old")
    assert damage(tmp_path / "old", against=kept) == {"against-rollback"}
    assert not damage(tmp_path / "a", against=kept)


def test_a_fork_signed_with_the_right_key_is_found(tmp_path: Path) -> None:
    builder = small(tmp_path)
    other = [*builder.lines[:-1], builder.lines[-1].replace(b"2026", b"2025")]
    kept = sign(other, "2026-11-22T16:00:00.000000Z")
    assert damage(tmp_path, against=kept) == {"against-fork"}


def test_a_rebuilt_archive_is_found_by_the_old_key(tmp_path: Path) -> None:
    builder = Builder(tmp_path, key=Ed25519PrivateKey.from_private_bytes(bytes(32)))
    builder.genesis()
    builder.checkpoint()
    assert not damage(tmp_path)
    assert damage(tmp_path, against=sign(builder.lines, "2026-11-22T16:00:00.000000Z")) == {"against-foreign"}


def test_an_unfit_comparison_is_the_callers_mistake(tmp_path: Path) -> None:
    rebuilt(tmp_path)
    with pytest.raises(UsageError):
        list(verify(tmp_path, against=b"\xff no note"))


def test_a_folder_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError):
        list(verify(tmp_path))


def test_what_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(tmp_path)
    opened = os.open

    def failing(path: object, flags: int, **options: object) -> int:
        if str(path).endswith(".warc.gz"):
            raise OSError(5, "Input/output error")
        return opened(path, flags, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", failing)
    assert damage(tmp_path) == {"file-unreadable"}


def test_verify_writes_nothing(tmp_path: Path) -> None:
    small(tmp_path)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files(tmp_path)}
    for level in LEVELS:
        list(verify(tmp_path, level))
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files(tmp_path)} == before


def test_samples_reach_every_file_in_turn(tmp_path: Path) -> None:
    builder = in_hand(tmp_path)
    builder.capture(builder.exchange("https://example.org/v"), media=[builder.media(b"%d" % n) for n in range(12)])
    for path in tmp_path.glob("media/sha256/*/*"):
        path.write_bytes(b"x" * path.stat().st_size)
    found: list[str] = []
    for _ in range(4):
        findings = [finding.where for finding in verify(tmp_path, "full", sample=25) if finding.code == "file-hash"]
        assert len(findings) < 12
        found += findings
        builder.verified("full")
        builder.verified("quick")  # counts for another level: it does not put files off
    assert len(found) == len(set(found)) == 12


def test_a_flood_of_findings_is_told_in_short(tmp_path: Path) -> None:
    builder = in_hand(tmp_path)
    for _ in range(1005):
        builder.append(b"x\n")
    report = Report()
    findings = [finding for finding in verify(tmp_path, "quick", report=report) if finding.code == "line-form"]
    assert len(findings) == 1001 and findings[-1].detail == "5 more of this kind"
    assert report.damage == 1005


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    small(tmp_path)
    heard: list[tuple[int, int]] = []
    list(verify(tmp_path, progress=lambda done, total: heard.append((done, total))))
    assert heard[-1][0] == heard[-1][1] > 0


def test_many_segments_are_read_as_one_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read by a pool of processes, as large manifests are; the root joins their parts."""
    monkeypatch.setattr("preserve.verify.ledger._ALONE", 1)
    monkeypatch.setattr("preserve.verify.ledger.cores", lambda: 2)
    builder = Builder(tmp_path)
    builder.genesis()
    entries = []
    for number in range(16384 + 7):
        entries.append(b'{"id":"%032x","run":"%032x","seq":%d,"t":"x","time":"2026-11-22T15:00:00.000000Z","v":1}\n'
                       % ((number << 64), 1, number + 1))  # fmt: skip
    every = [*builder.lines, *entries]
    for first in range(0, len(every), 16384):
        path = tmp_path / f"manifest/{first:012d}.jsonl"
        path.write_bytes(b"".join(every[first : first + 16384]))
    note = sign(every, "2026-11-22T16:00:00.000000Z")
    (tmp_path / f"checkpoints/{len(every):012d}.note").parent.mkdir()
    (tmp_path / f"checkpoints/{len(every):012d}.note").write_bytes(note)
    report = Report()
    findings = list(
        verify(tmp_path, "quick", against=sign(every[:16390], "2026-11-22T16:00:00.000000Z"), report=report)
    )
    assert codes(findings) == {"note-without-entry", "entry-unknown"}
    assert report.covered == len(every)


@pytest.mark.parametrize("name", ["small", "recovered"])
def test_archives_of_this_format_stay_verifiable(name: str) -> None:
    """Each archive in tests/vectors was written once, by the first version that knew what is in it; it is never
    written again."""
    assert codes(list(verify(GOLDEN / name, "deep"))) == set()
    assert (GOLDEN / name / MANIFEST).is_file()
