"""A stream on its way to media/: a killed run costs what was not proven, and nothing that was published changes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from preserve.archive import fsio, layout
from preserve.archive.download import Download
from preserve.errors import StorageError

FILM, STREAM = "youtube:qblmOvkV9KM", "136"
MARKS = {"format": "136", "bytes": 30, "last_modified": "1443600000000000"}
CHUNKS = (b"a" * 10, b"b" * 7, b"c" * 13)
WHOLE = b"".join(CHUNKS)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (layout.TMP, layout.MEDIA):
        fsio.make_folder(tmp_path, name)
    return tmp_path


def begun(root: Path, marks: Any = MARKS, trusted: Callable[[Any], bool] = lambda chunk: True) -> Download:
    return Download(root, FILM, STREAM, marks, trusted)


def take(download: Download, *chunks: bytes) -> Download:
    """These come, each by one exchange."""
    for data in chunks:
        download.write(data)
        hashed = sha256(data).hexdigest()
        download.account(
            {"offset": download.accounted, "length": len(data), "sha256": hashed, "records": [{"n": hashed[:4]}]}
        )
    return download


def stopped(root: Path, *chunks: bytes, more: bytes = b"") -> tuple[Path, Path]:
    """The files that a killed run leaves: `more` came behind the last chunk and was not accounted for."""
    download = take(begun(root), *chunks)
    download.write(more)
    download._close()
    return download.path, download._notes


def spoil(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_what_is_proven_is_taken_over_and_the_rest_fetched_again(root: Path) -> None:
    stopped(root, *CHUNKS[:2], more=b"half a chunk")
    download = begun(root)
    assert (download.size, download.accounted, len(download.chunks)) == (17, 17, 2)
    assert download.sha256 == sha256(WHOLE[:17]).hexdigest()
    stored = take(download, CHUNKS[2]).adopt(".mp4")
    assert (stored.sha256, stored.bytes) == (sha256(WHOLE).hexdigest(), 30)
    assert (root / stored.path).read_bytes() == WHOLE


# What spoils the journal or the file, and how many chunks are left to build on.
Spoil = Callable[[Path, Path], object]
SPOILT: dict[str, tuple[Spoil, int]] = {
    "nothing": (lambda part, notes: None, 3),
    "a byte of the first chunk": (lambda part, notes: spoil(part, 0), 0),
    "a byte of the second chunk": (lambda part, notes: spoil(part, 16), 1),
    "the last byte": (lambda part, notes: spoil(part, 29), 2),
    "the file is shorter than its journal": (lambda part, notes: os.truncate(part, 20), 2),
    "the file is empty": (lambda part, notes: os.truncate(part, 0), 0),
    "the file is gone": (lambda part, notes: part.unlink(), 0),
    "the journal is gone": (lambda part, notes: notes.unlink(), 0),
    "the journal is empty": (lambda part, notes: os.truncate(notes, 0), 0),
    "the last line is cut": (lambda part, notes: os.truncate(notes, notes.stat().st_size - 1), 2),
    "the first line is cut": (lambda part, notes: os.truncate(notes, 5), 0),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_run_goes_on_behind_the_last_chunk_that_is_proven(root: Path, spoilt: str) -> None:
    act, left = SPOILT[spoilt]
    act(*stopped(root, *CHUNKS))
    download = begun(root)
    assert len(download.chunks) == left
    assert download.size == download.accounted == len(b"".join(CHUNKS[:left]))
    assert (root / take(download, *CHUNKS[left:]).adopt(".mp4").path).read_bytes() == WHOLE
    download._close()
    assert len(begun(root).chunks) == 3, "the journal was written on from there"


LINES = [
    b"no JSON\n", b"null\n", b"[]\n", b"3\n", b"{}\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n",
    b'{"offset":17}\n', b'{"offset":17,"length":-1,"sha256":"00"}\n', b'{"offset":17,"length":0,"sha256":"00"}\n',
    b'{"offset":17,"length":1.0,"sha256":"00"}\n', b'{"offset":17,"length":13,"sha256":null}\n',
    b'{"offset":18,"length":12,"sha256":"00"}\n', b'{"offset":0,"length":17,"sha256":"00"}\n',
]  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=lambda line: ascii(line[:40]))
def test_a_line_that_makes_no_sense_ends_what_is_proven(root: Path, line: bytes) -> None:
    _, notes = stopped(root, *CHUNKS[:2], more=CHUNKS[2])
    good = notes.read_bytes()
    notes.write_bytes(good + line + good.splitlines(keepends=True)[-1])
    assert len(begun(root).chunks) == 2
    assert notes.read_bytes() == good


def test_a_chunk_whose_records_are_gone_ends_what_is_proven(root: Path) -> None:
    stopped(root, *CHUNKS)
    asked: list[Any] = []
    lost = sha256(CHUNKS[1]).hexdigest()
    download = begun(root, trusted=lambda chunk: asked.append(chunk["records"]) or chunk["sha256"] != lost)
    assert (len(download.chunks), download.size) == (1, 10)
    assert asked == [[{"n": sha256(data).hexdigest()[:4]}] for data in CHUNKS[:2]], "nothing behind it is looked at"


@pytest.mark.parametrize("marks", [{**MARKS, "bytes": 31}, {**MARKS, "last_modified": None}, {}, None])
def test_a_stream_that_was_made_anew_begins_anew(root: Path, marks: Any) -> None:
    stopped(root, *CHUNKS)
    assert begun(root, marks).size == 0


def test_two_streams_of_a_film_and_two_films_do_not_meet(root: Path) -> None:
    places = [(FILM, "136"), (FILM, "140"), ("youtube:another", "136"), ("web:https://x.example/\ud800", "136")]
    paths = {Download(root, film, stream, MARKS, lambda chunk: True).path for film, stream in places}
    assert len(paths) == 4
    assert all(layout.UNFINISHED_NAME.fullmatch(path.parent.name) for path in paths)


# -- what was published already, by a run that was killed before its commit ----------------------------------------------
def published(root: Path) -> tuple[Path, Path]:
    """The stream in tmp/ and its other name in media/."""
    download = take(begun(root), *CHUNKS)
    stored = download.adopt(".mp4")
    download._close()
    assert os.path.samefile(download.path, root / stored.path)
    return download.path, root / stored.path


def test_a_published_stream_is_taken_over_as_it_is(root: Path) -> None:
    _, media = published(root)
    download = begun(root)
    assert download.size == 30
    stored = download.adopt(".mp4")
    assert (root / stored.path, stored.sha256) == (media, sha256(WHOLE).hexdigest())
    download.discard()
    assert media.read_bytes() == WHOLE and media.stat().st_nlink == 1


@pytest.mark.parametrize("mode", [0o444, 0o644])
def test_nothing_is_written_behind_a_published_stream(root: Path, mode: int) -> None:
    _, media = published(root)
    media.chmod(mode)
    with pytest.raises(StorageError):
        begun(root).write(b"more")
    assert media.read_bytes() == WHOLE


@pytest.mark.parametrize("mode", [0o444, 0o644])  # somebody may have made the archive writable
@pytest.mark.parametrize("spoilt", ["the last line is cut", "the journal is gone"])
def test_a_published_stream_is_never_written_to_again(root: Path, mode: int, spoilt: str) -> None:
    part, media = published(root)
    media.chmod(mode)
    SPOILT[spoilt][0](part, next(part.parent.glob("*.jsonl")))
    download = begun(root)
    assert download.size == 0 and not os.path.samefile(part, media)
    assert (root / take(download, *CHUNKS).adopt(".mp4").path) == media
    assert media.read_bytes() == WHOLE


def test_a_stream_that_another_version_replaces_leaves_the_published_one_alone(root: Path) -> None:
    _, media = published(root)
    newer = take(begun(root, {**MARKS, "bytes": 3}), b"new")
    assert media.read_bytes() == WHOLE
    assert (root / newer.adopt(".mp4").path).read_bytes() == b"new"


def test_a_kill_between_the_seal_and_the_name_costs_nothing(root: Path) -> None:
    part, _ = stopped(root, *CHUNKS)
    part.chmod(fsio.SEALED)
    download = begun(root)
    assert download.size == 30
    assert (root / download.adopt(".mp4").path).read_bytes() == WHOLE


# -- back, and away ----------------------------------------------------------------------------------------------------
def test_half_a_fragment_is_taken_back(root: Path) -> None:
    download = take(begun(root), CHUNKS[0])
    download.write(b"half of it")
    download.back()
    assert (download.size, download.sha256) == (10, sha256(CHUNKS[0]).hexdigest())
    assert (root / take(download, *CHUNKS[1:]).adopt(".mp4").path).read_bytes() == WHOLE


def test_a_restart_leaves_nothing_of_what_came(root: Path) -> None:
    download = take(begun(root), *CHUNKS)
    download.restart(MARKS)
    assert (download.size, download.accounted, download.chunks) == (0, 0, [])
    take(download, b"anew")._close()
    assert begun(root).path.read_bytes() == b"anew"


def test_a_download_that_brought_nothing_leaves_nothing(root: Path) -> None:
    download = begun(root)
    download.write(b"no exchange stands for this")
    download.close()
    assert not list((root / layout.TMP).iterdir())


def test_the_folder_of_a_film_goes_with_its_last_stream(root: Path) -> None:
    picture, sound = take(begun(root), b"p"), take(Download(root, FILM, "140", MARKS, lambda chunk: True), b"s")
    picture.discard()
    assert sound.path.read_bytes() == b"s"
    sound.discard()
    sound.discard()
    assert not list((root / layout.TMP).iterdir())


def test_a_download_waits_for_a_month_and_no_longer(root: Path) -> None:
    for days, kept in ((29, True), (31, False)):
        for path in stopped(root, *CHUNKS):
            os.utime(path, (time.time() - days * 86400,) * 2)
        fsio.sweep(root)
        assert list((root / layout.TMP).iterdir()) == ([root / layout.unfinished(FILM)] if kept else [])


def test_one_fresh_stream_keeps_the_folder(root: Path) -> None:
    old, _ = stopped(root, *CHUNKS)
    take(Download(root, FILM, "140", MARKS, lambda chunk: True), b"s").close()
    os.utime(old, (0, 0))
    fsio.sweep(root)
    assert old.exists()


def test_links_and_strangers_in_tmp_are_left_alone(root: Path) -> None:
    elsewhere = root / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("x")
    os.utime(elsewhere / "precious", (0, 0))
    (root / layout.unfinished(FILM)).symlink_to(elsewhere)
    stranger = root / layout.TMP / "film-notes"
    stranger.mkdir()
    fsio.sweep(root)
    assert (elsewhere / "precious").exists() and stranger.exists()
    part = root / layout.unfinished("another") / "x.part"
    part.parent.mkdir()
    part.symlink_to(elsewhere / "precious")
    fsio.sweep(root)
    assert (elsewhere / "precious").exists()


def test_the_journal_is_json_lines_that_hold_the_accounts(root: Path) -> None:
    _, notes = stopped(root, *CHUNKS)
    first, *chunks = map(json.loads, notes.read_bytes().splitlines())
    assert first == {"marks": MARKS}
    assert [(one["offset"], one["length"]) for one in chunks] == [(0, 10), (10, 7), (17, 13)]
