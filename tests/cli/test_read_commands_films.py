"""get, show, list and status of films: the file that plays, the originals, and where each byte came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from preserve import terminal
from preserve.cli.films import film_lines, short
from tests.cli.conftest import Said
from tests.small_archive import SmallArchive

URL, KEY = "https://www.youtube.com/watch?v=qblmOvkV9KM", "youtube:qblmOvkV9KM"
VK, VK_KEY = "https://vk.com/video-1_2", "vk:-1_2"
PARTS = ["https://rr3.googlevideo.example/videoplayback?sig=1", "https://rr5.googlevideo.example/videoplayback?sig=2"]
PICTURE, SOUND, COPY, WORDS, SONG = b"picture " * 9, b"sound " * 7, b"copy " * 5, b"WEBVTT ar", b"vk picture and sound"
ACTING = "\x1b]0;x\x07\n\r\x9b\u202e\u2066"
CLIP = "قصف" + ACTING
FILM = {
    "key": KEY, "platform": "youtube", "id": "qblmOvkV9KM", "url": URL, "outcome": "captured", "reason": "ok",
    "signals": ["playable" + ACTING], "title": CLIP, "uploader": "uploader" + ACTING, "uploader_id": "UC1", "published": "2015-09-30",
    "duration_ms": 83_600, "views": 1200, "likes": 3, "availability": "public", "status": {"status": "OK", "reason": ACTING},
    "quality": {"width": 1920, "height": 1080}, "held": {"width": 1280, "height": 720}, "taken": "streams",
    "changes": [{"what": "views", "from": 1000, "to": 1200}, {"what": "title", "from": "old " + ACTING, "to": CLIP},
                {"what": "likes", "from": None, "to": 3}, {"what": "availability" + ACTING, "from": "public", "to": None}],
    "entries": None,
}  # fmt: skip


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _items(made: SmallArchive) -> list[dict[str, Any]]:
    def item(data: bytes, role: str, name: str, facts: dict[str, Any], **more: Any) -> dict[str, Any]:
        common = {"name": f"youtube/qblmOvkV9KM/{name}", "film": KEY, "marks": None, "ledger": None}
        return made.media(data, role, facts=facts, **(common | more))

    served = made.ledger(PICTURE, PARTS)
    undone = made.ledger(SOUND, PARTS[:1], ["chunk framing", "aes-128"])
    copied = {"derived_from": [_sha(PICTURE), _sha(SOUND)], "made_by": "ffmpeg 7.1 -c copy"}
    return [
        item(PICTURE, "video", "q.f136.mp4", {"width": 1280, "height": 720, "fps": 25, "duration_ms": 83_600, "vcodec": "avc1"}, ledger=served),
        item(SOUND, "audio", "q.f140.m4a", {"acodec": "mp4a", "language": "ar"}, ledger=undone),
        item(COPY, "access", "q.mp4", {}, **copied),
        item(WORDS, "subs", "../../q.ar.vtt", {"language": "ar", "automatic": True}),
    ]  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> Iterator[SmallArchive]:
    """Entry 2 a film of two streams and its copy, 3 a later visit without it, 4 a page with two films, 5 a blocked one."""
    made = SmallArchive(tmp_path / "case")
    made.visit(URL, films=[FILM], media=_items(made))
    blocked = {**FILM, "outcome": "blocked", "reason": "bot-challenge", "taken": None, "held": None}
    made.visit(URL, b"page alone", films=[blocked])
    song = made.media(SONG, "video", film=VK_KEY, name="vk/-1_2/v.mp4", facts={"acodec": "mp4a", "vcodec": "avc1"})
    other = {**FILM, "key": VK_KEY, "platform": "vk", "signals": [], "changes": []}
    made.visit("https://news.example/", films=[other, FILM], media=[song, *_items(made)])
    made.visit("https://youtu.be/zzz", films=[{**blocked, "key": "youtube:zzz", "reason": "age-gate"}])
    made.close()
    yield made


@pytest.mark.parametrize(
    ("words", "content", "told"),
    [
        ([URL, "--media"], COPY, "a copy made for playing"),
        ([URL, "--role", "video"], PICTURE, "does not hold this"),
        (["#2", "--media", "--role", "audio"], SOUND, "audio of youtube:qblmOvkV9KM"),
        (["#2", "--role", "subs:ar"], WORDS, "subs of"),
        (["https://news.example/", "--media"], SONG, f"for the others: --film {KEY}"),
        (["https://news.example/", "--film", KEY], COPY, "a copy made for playing"),
        ([URL], b"page alone", "content of"),
    ],
)
def test_get_gives_the_file_that_was_meant_and_says_which(
    preserve: Callable[..., Said], words: list[str], content: bytes, told: str
) -> None:
    said = preserve("get", *words)
    assert (said.code, said.out) == (0, content)
    assert told in said.err
    assert preserve("-q", "get", *words).err == ""


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["https://youtu.be/zzz", "--media"], 3, "youtube:zzz is blocked/age-gate"),
        (["#2", "--role", "sheet"], 3, "it holds: access, audio, subs, video"),
        (["#2", "--raw", "--role", "video"], 2, "--role and --film choose media"),
        (["#2", "-o", "."], 2, "--media, for everything"),
        (["#2", "--media", "-o", "none/"], 2, "none/ is no folder"),
    ],
)
def test_what_cannot_be_given_is_said(preserve: Callable[..., Said], words: list[str], code: int, why: str) -> None:
    said = preserve("get", *words)
    assert (said.code, said.out) == (code, b"") and why in said.err


def test_the_custody_of_a_copy_says_of_what_it_was_made_and_where_that_came_from(
    preserve: Callable[..., Said], case: SmallArchive
) -> None:
    assert preserve("get", URL, "--media", "-o", "film").code == 0
    assert (case.folder / "film").read_bytes() == COPY
    given = json.loads((case.folder / "film.custody.json").read_text())["given"]
    assert given["media"]["role"] == "access" and given["matches_manifest"] is True
    assert [(item["role"], set(item["ledger"])) for item in given["made_of"]] == [
        (role, {"id", "file", "offset", "length", "sha256"}) for role in ("video", "audio")
    ]
    assert "made by ffmpeg 7.1 -c copy" in " ".join(given["derived"])


def test_a_folder_gets_everything_verified_with_one_custody_file(
    preserve: Callable[..., Said], case: SmallArchive
) -> None:
    folder = case.folder / "all"
    folder.mkdir()
    assert preserve("get", URL, "--media", "-o", "all/").code == 0
    names = {path.name for path in folder.iterdir()}
    (custody,) = (name for name in names if name.endswith(".custody.json"))
    assert names == {"q.f136.mp4", "q.f140.m4a", "q.mp4", "q.ar.vtt", custody}
    given = json.loads((folder / custody).read_text())["given"]
    assert {one["file"]: one["sha256"] for one in given} == {
        name: _sha((folder / name).read_bytes()) for name in names - {custody}
    }
    (folder / "q.f136.mp4").unlink()
    said = preserve("get", URL, "--media", "-o", "all")
    assert said.code == 2 and "--force" in said.err
    assert {path.name for path in folder.iterdir()} == names - {"q.f136.mp4"}, "all or nothing"
    assert preserve("get", URL, "--media", "-o", "all", "--force").code == 0


def test_a_damaged_file_does_not_cost_the_rest_of_the_folder(preserve: Callable[..., Said], case: SmallArchive) -> None:
    (case.folder / "all").mkdir()
    path = case.root / f"media/sha256/{_sha(SOUND)[:2]}/{_sha(SOUND)}.mp4"
    path.chmod(0o644)
    path.write_bytes(SOUND + b"!")
    said = preserve("get", URL, "--media", "-o", "all")
    assert said.code == 4 and "q.f140.m4a is not given" in said.err
    names = {path.name for path in (case.folder / "all").iterdir() if not path.name.endswith(".json")}
    assert names == {"q.f136.mp4", "q.mp4", "q.ar.vtt"}


def test_show_tells_all_of_a_film_and_nothing_of_it_acts(preserve: Callable[..., Said]) -> None:
    said = preserve("show", "#2")
    shown = said.out.decode()
    for words in (
        "  title     قصف\\x1b]0;x", "  by        uploader", "  published 2015-09-30", "  duration  0:01:24",
        "  seen by   1200 views, 3 likes", "  outcome   captured/ok", "  quality   1920x1080 offered, 1280x720 held",
        "  changed   views was 1000, is 1200, 200 more", 'title was "old ', "likes is 3; the visit before did not tell",
        'is not told any more; it was "public"', '"status": "OK"}',
        "video  1280x720 25 fps  0:01:24  avc1  72 B  video/mp4", f"stored   sha256:{_sha(PICTURE)}",
        "served   in 2 chunks by rr3.googlevideo.example (1), rr5.googlevideo.example (1)", f"first    {PARTS[0]}",
        "           bytes 0 to 35  urn:uuid:", "           bytes 36 to 71  urn:uuid:",
        "bytes    as served", "served   in 1 chunk by", "bytes    undone: chunk framing, aes-128",
        f"made of  video sha256:{_sha(PICTURE)}", "made by  ffmpeg 7.1 -c copy", "subs  ar automatic",
        "name     youtube/qblmOvkV9KM/q.f136.mp4",
    ):  # fmt: skip
        assert words in shown
    assert shown.count("قصف\\x1b]0;x\\x07\\x0a\\x0d\\x9b\\u202e\\u2066") == 2
    assert said.code == 0 and not any(character in shown for character in "\x1b\x07\r\x9b\u202e\u2066")


def test_right_to_left_titles_keep_their_place_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "is_terminal", lambda _: True)
    changed = [{"what": "title", "from": "عنوان (1)", "to": "قصف"}]
    lines = list(film_lines({"key": KEY, "title": "قصف (2)", "changes": changed}))
    assert lines[1:] == [
        "  title     \u2068قصف (2)\u2069", "  outcome   /",
        '  changed   title was \u2068"عنوان (1)"\u2069, is \u2068"قصف"\u2069',
    ]  # fmt: skip


def test_the_json_of_show_holds_the_ledgers(preserve: Callable[..., Said]) -> None:
    shown = preserve("show", "#2", "--json").json[0]
    video, audio, *_ = shown["entry"]["media"]
    assert set(shown["ledgers"]) == {video["path"], audio["path"]}
    assert [chunk["url"] for chunk in shown["ledgers"][video["path"]]["chunks"]] == PARTS


HOSTILE = [
    ({"sha256": "0" * 64}, "another file"),
    ({"chunks": 7}, "no list of chunks"),
    ({"views": 1.5}, "no JSON of this format"),
    ({"views": float("inf")}, "no JSON of this format"),
]


@pytest.mark.parametrize(("change", "why"), HOSTILE)
def test_a_ledger_that_is_not_what_it_should_be_is_damage_and_the_rest_is_shown(
    preserve: Callable[..., Said], case: SmallArchive, change: dict[str, Any], why: str
) -> None:
    archive = case.archive = type(case.archive).open(
        case.root, run="cd" * 16, key=case.key, clock=case.clock, warcinfo=case._warcinfo
    )
    pointer = case.ledger(PICTURE, PARTS, **change)
    entry = case.visit("https://odd.example/", media=[case.media(PICTURE, film=KEY, ledger=pointer)])
    archive.close()
    said = preserve("show", entry.id)
    assert said.code == 4 and "the ledger cannot be read" in said.out.decode() and why in said.out.decode()
    assert "covered by" in said.out.decode()
    found = preserve("show", entry.id, "--json")
    assert found.code == 4 and why in json.dumps(found.json[0]["ledgers"])


def test_a_ledger_deeper_than_the_stack_is_damage(tmp_path: Path) -> None:
    from preserve.errors import DamagedError
    from preserve.retrieve import ledger

    made = SmallArchive(tmp_path / "deep")
    deep = made.ledger(PICTURE, PARTS)
    made.close()
    assert ledger.read(made.root, {"ledger": deep, "sha256": _sha(PICTURE)}) is not None
    with pytest.raises(DamagedError):
        ledger._parsed(b"[" * 100_000)
    with pytest.raises(DamagedError):
        ledger.read(made.root, {"ledger": {**deep, "offset": deep["offset"] + 1}, "sha256": _sha(PICTURE)})


def test_odd_words_of_a_ledger_are_only_words() -> None:
    from preserve.retrieve import ledger

    odd = {"chunks": [7, {"url": "http://[", "undone": 5}, {"url": None, "undone": [{}], "truncated": "disconnect"}]}
    about = ledger.summary(odd)
    assert (about.chunks, about.hosts, about.first, about.undone, about.truncated) == (
        2,
        {"?": 2},
        "http://[",
        ("{}",),
        1,
    )


def test_list_and_status_tell_of_films_in_a_few_words(preserve: Callable[..., Said]) -> None:
    assert [len(one["films"]) for one in preserve("list", "--json").json] == [1, 1, 2, 1]
    said = preserve("status").out.decode()
    assert "film blocked/bot-challenge; " in said and "2 of 2 films, 134 B" in said


@pytest.mark.parametrize(
    ("outcome", "reason", "told"),
    [("captured", "ok", ""), ("captured", "unchanged", ""), ("captured", "partial", "film failed/no-media"), ("failed", "no-media", "film failed/no-media")],
)  # fmt: skip
def test_a_page_that_was_searched_in_vain_is_not_said_to_lack_a_film(outcome: str, reason: str, told: str) -> None:
    film = {"key": "vk:wall1_2", "outcome": "failed", "reason": "no-media"}
    assert short({"outcome": outcome, "reason": reason, "films": [film], "media": []}) == told  # type: ignore[arg-type]
