"""A film comes back: the copy that plays, or each stream as it was served, with what vouches for it."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.universe.filming import BEST, SERVED, TUBE, WALL, Filmed, body, of_role
from tests.universe.hosts import vk_video
from tests.universe.working import Json

BRIEFING, CAPTIONED, LARGE = f"{TUBE}qblmOvkV9KM", f"{TUBE}5cF-gIL8yzk", f"{TUBE}big-0000000"


def got(filmed: Filmed, path: Path, *arguments: str) -> tuple[bytes, Json]:
    """What `preserve get` wrote, and what its custody file says of it."""
    result = filmed.folder.preserve("get", *arguments, "-o", path / "film")
    assert result.code == 0, result.err
    custody = json.loads((path / "film.custody.json").read_text("utf-8"))
    data = (path / "film").read_bytes()
    assert (custody["given"]["sha256"], custody["given"]["matches_manifest"]) == (sha256(data).hexdigest(), True)
    assert custody["checkpoint"]["signature"] == "good"
    return data, custody["given"]


def test_the_film_is_the_copy_that_plays_and_says_what_it_was_made_of(filmed: Filmed, tmp_path: Path) -> None:
    data, given = got(filmed, tmp_path, CAPTIONED, "--media")
    (copy,) = of_role(filmed.captures(1)[CAPTIONED], "access")
    assert data == body(filmed.folder, copy)
    assert given["media"] == copy
    assert [one["sha256"] for one in given["made_of"]] == [sha256(served).hexdigest() for served in BEST.values()]
    assert any("preserve made it, no server sent it" in step for step in given["derived"])


@pytest.mark.parametrize(("role", "number"), [("video", "247"), ("audio", "251")])
def test_a_role_is_the_stream_as_it_was_served(filmed: Filmed, tmp_path: Path, role: str, number: str) -> None:
    data, given = got(filmed, tmp_path, BRIEFING, "--role", role)
    assert data == BEST[number]
    assert given["media"]["ledger"]["id"].startswith("urn:uuid:")
    assert given["media"]["facts"]["format"] == number and given["made_of"] == []


def test_captions_are_had_by_their_language(filmed: Filmed, tmp_path: Path) -> None:
    data, given = got(filmed, tmp_path, CAPTIONED, "--role", "subs:ar")
    assert b"5cF-gIL8yzk ar by a person" in data and given["media"]["facts"]["language"] == "ar"


def test_a_post_gives_the_film_that_is_named(filmed: Filmed, tmp_path: Path) -> None:
    assert got(filmed, tmp_path, WALL, "--film", "-3457550_1001")[0] == vk_video.body(720)


def test_a_hash_is_answered_with_its_file(filmed: Filmed, tmp_path: Path) -> None:
    (large,) = (SERVED["youtube:big-0000000"]["136"],)
    assert got(filmed, tmp_path, f"sha256:{sha256(large).hexdigest()}")[0] == large


def test_a_folder_takes_all_there_is_of_a_film(filmed: Filmed, tmp_path: Path) -> None:
    assert filmed.folder.preserve("get", CAPTIONED, "--media", "-o", tmp_path).code == 0
    media = filmed.captures(1)[CAPTIONED]["media"]
    (custody,) = tmp_path.glob("*.custody.json")
    assert {part["sha256"] for part in json.loads(custody.read_text("utf-8"))["given"]} == {
        item["sha256"] for item in media
    }
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path != custody}
    assert written == {item["name"].rpartition("/")[2]: body(filmed.folder, item) for item in media}


def test_show_tells_where_each_byte_came_from(filmed: Filmed) -> None:
    shown = filmed.folder.preserve("show", LARGE).out.decode()
    assert "served   in 3 chunks by rr1---sn-universe.googlevideo.com (3)" in shown
    assert "bytes    as served" in shown and "made     by preserve, not served like this" in shown
    assert "nothing was downloaded: the streams of an earlier capture still stand" in shown
    under_key = filmed.folder.preserve("show", "https://films.example.org/hls-aes").out.decode()
    assert "bytes    undone: aes-128" in under_key


def test_show_gives_the_ledgers_as_json(filmed: Filmed) -> None:
    (event,) = filmed.folder.preserve("show", LARGE, "--json").events
    (picture,) = of_role(event["entry"], "video")
    ledger = event["ledgers"][picture["path"]]
    assert (ledger["sha256"], len(ledger["chunks"])) == (picture["sha256"], 3)
