"""A line has one form only, and a reader refuses all others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preserve.archive import layout, manifest
from preserve.errors import ArchiveError, DamagedError, FormatError
from preserve.model import Entry

ENTRY = Entry(
    7, "capture", "0" * 32, "2026-11-22T15:14:05.123456Z", "a" * 32, {"source": "https://é.example/ ", "n": 1}
)
LINE = manifest.encode(ENTRY)

TEXT = st.text(st.sampled_from('aZ0 é"\\/\b\n\r\0\x1f\x7f\u2028\ufeff😀'), max_size=8)
KEYS = st.text(st.sampled_from('aZ"\\\n\0 '), max_size=5)
LEAF = st.none() | st.booleans() | st.integers(-manifest.MAX_INTEGER, manifest.MAX_INTEGER) | TEXT
JSON = LEAF | st.lists(LEAF, max_size=3) | st.dictionaries(KEYS, LEAF | st.lists(LEAF, max_size=2), max_size=3)


def test_the_line_is_the_one_of_the_format() -> None:
    assert LINE.decode() == (
        '{"id":"00000000000000000000000000000000","n":1,"run":"' + "a" * 32 + '","seq":7,'
        '"source":"https://é.example/ ","t":"capture","time":"2026-11-22T15:14:05.123456Z","v":1}\n'
    )
    assert manifest.decode(LINE) == ENTRY


@settings(deadline=None, derandomize=True, database=None, max_examples=60)
@given(st.dictionaries(KEYS, JSON, max_size=3).filter(lambda d: not manifest.COMMON & d.keys()))
def test_what_is_written_reads_back(fields: dict[str, Any]) -> None:
    entry = Entry(0, "future-type", "0" * 32, ENTRY.time, "a" * 32, fields)
    line = manifest.encode(entry)
    assert manifest.decode(line) == entry and line.count(b"\n") == 1 and b"\0" not in line


@pytest.mark.parametrize(
    "fields",
    [{"x": 1.5}, {"x": 2**53}, {"x": float("nan")}, {"é": 1}, {"x": {"é": 1}}, {"x": "\ud800"}, {"seq": 1}, {"v": 2}],
)
def test_what_an_entry_cannot_hold_is_never_written(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        manifest.encode(Entry(0, "run", "0" * 32, ENTRY.time, "a" * 32, fields))


def line(**changes: str) -> bytes:
    keys = {
        "id": f'"{"0" * 32}"', "run": f'"{"a" * 32}"', "seq": "7", "t": '"run"', "time": f'"{ENTRY.time}"', "v": "1",
    } | changes  # fmt: skip
    body = ",".join(f'"{key}":{value}' for key, value in sorted(keys.items()) if value)
    return b"{" + body.encode("utf-8", "surrogatepass") + b"}\n"


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\n",
        b"[]\n",
        line()[:-1],
        line() + b"\n",
        line()[:-1] + b"\r\n",
        b"\xef\xbb\xbf" + line(),
        line().replace(b":7", b": 7"),
        line().replace(b'"t":"run",', b'"t":"run","t":"run",'),
        line().replace(b'"t":"run"', b'"t":"\\u0072un"'),
        line().replace(b'"seq":7,"t":"run"', b'"t":"run","seq":7'),
        line(x="1.0"),
        line(x="1e3"),
        line(x="NaN"),
        line(x="-0"),
        line(x=str(2**53)),
        line(x="9" * 5000),
        line(x='"\\ud800"'),
        line(x='"\ud800"'),
        line(x='"\xff"').replace("\xff".encode(), b"\xff"),
        line(x="[" * 100_000 + "]" * 100_000),
        line(é="1"),
        line(seq="-1"),
        line(seq="true"),
        line(seq='"7"'),
        line(seq=""),
        line(t='""'),
        line(id='"' + "A" * 32 + '"'),
        line(run='"a"'),
        line(time='"2026-11-22T15:14:05Z"'),
        line(time='"2026-13-22T15:14:05.123456Z"'),
        line(time='"2026-11-22T15:14:05.123456+00:00"'),
    ],
    ids=lambda bad: repr(bad[:40]),
)
def test_a_line_of_another_form_is_damage(bad: bytes) -> None:
    assert manifest.decode(line()).seq == 7
    with pytest.raises(DamagedError):
        manifest.decode(bad)


def test_an_entry_of_another_version_is_refused() -> None:
    for version in ("2", "true", '"1"'):
        with pytest.raises(FormatError):
            manifest.decode(line(v=version))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ten entries in segments of four."""
    monkeypatch.setattr(layout, "SEGMENT_LINES", 4)
    (tmp_path / "manifest").mkdir()
    lines = [line(seq=str(seq)) for seq in range(10)]
    for first in range(0, 10, 4):
        (tmp_path / layout.segment(first)).write_bytes(b"".join(lines[first : first + 4]))
    return tmp_path


def seqs(root: Path, start: int = 0) -> list[int]:
    return [entry.seq for entry in manifest.read(root, start=start)]


@pytest.mark.parametrize("start", [0, 3, 4, 5, 9, 10, 99])
def test_reading_begins_where_it_is_told(root: Path, start: int) -> None:
    assert seqs(root, start) == list(range(start, 10))


def test_an_unfinished_last_line_is_no_entry_and_no_damage(root: Path) -> None:
    with (root / layout.segment(8)).open("ab") as file:
        file.write(line(seq="10")[:-1])
    complaints: list[str] = []
    assert seqs(root) == [entry.seq for entry in manifest.read_lenient(root, complaints.append)] == list(range(10))
    assert not complaints


def changed(root: Path, first: int, old: bytes, new: bytes) -> None:
    path = root / layout.segment(first)
    path.write_bytes(path.read_bytes().replace(old, new))


DAMAGES = {
    "a line edited": (lambda root: changed(root, 4, b'"seq":5,', b'"seq": 5,'), "manifest/000000000004.jsonl, line 2"),
    "a line renumbered": (lambda root: changed(root, 4, b'"seq":5', b'"seq":6'), "manifest/000000000004.jsonl, line 2"),
    "a line dropped": (lambda root: changed(root, 0, line(seq="2"), b""), "manifest/000000000000.jsonl, line 3"),
    "the tail of a full segment cut": (lambda root: changed(root, 4, line(seq="7"), b""), "has 3 lines"),
    "a line end lost": (lambda root: changed(root, 4, line(seq="7"), line(seq="7")[:-1]), "has 3 lines"),
    "a line too many": (lambda root: changed(root, 0, line(seq="3"), line(seq="3") * 2), "line 5"),
    "a segment missing": (lambda root: (root / layout.segment(4)).unlink(), "missing"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named_by_file_and_line(root: Path, damage: str) -> None:
    harm, where = DAMAGES[damage]
    harm(root)
    with pytest.raises(DamagedError) as caught:
        seqs(root)
    assert where in caught.value.message


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_lenient_reader_gets_the_rest_and_hears_of_it(root: Path, damage: str) -> None:
    DAMAGES[damage][0](root)
    complaints: list[str] = []
    found = [entry.seq for entry in manifest.read_lenient(root, complaints.append)]
    assert {0, 1, 8, 9} <= set(found) <= set(range(10))
    assert complaints or "cut" in damage or "lost" in damage


def test_a_line_without_end_does_not_fill_the_memory(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "MAX_LINE", 1000)
    with (root / layout.segment(8)).open("ab") as file:
        file.write(b"x" * 5000)
    with pytest.raises(DamagedError):
        seqs(root)
    with pytest.raises(ArchiveError):
        manifest.decode(b" " * 1001)


def test_a_planted_link_is_not_followed(root: Path) -> None:
    target = root / "elsewhere"
    (root / layout.segment(8)).rename(target)
    (root / layout.segment(8)).symlink_to(target)
    with pytest.raises(DamagedError):
        seqs(root)
