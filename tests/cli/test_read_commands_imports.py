"""Copies of web archives reach people and programs as what they are: somebody else's, and never in place of our own."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Said
from tests.small_archive import SmallArchive, chunked

GONE = "http://gone.example/news?id=%40"
CRAWLED = "http://crawled.example/"
HELD = "https://held.example/"
WALL = "https://wall.example/"
EVIL = "http://evil.example/"
PAGE = b"<title>As it was in 2016</title>\n"
LATER = b"<title>As it was in 2019</title>\n"


@pytest.fixture
def case(tmp_path: Path) -> Iterator[SmallArchive]:
    """A lost page with two copies, one wrapped by Common Crawl, one we hold and lost later, one that no archive has."""
    made = SmallArchive(tmp_path / "case")
    made.fail(GONE, "lost", "gone")
    made.imported(GONE, PAGE, headers=b"Content-Type: text/html\r\nX-Powered-By: PHP/5.4\r\n")
    made.imported(GONE, LATER, archived="2019-05-01T08:30:00.000000Z", why="best-later")
    made.fail(CRAWLED, "lost", "dns-dead")
    coded = b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n"
    made.imported(CRAWLED, chunked(gzip.compress(PAGE, mtime=0)), headers=coded, wrapped=True)
    made.visit(HELD, b"ours")
    made.fail(HELD, "lost", "gone")
    made.imported(HELD, b"theirs", about={"verified": None})
    made.visit(WALL, b"log in", outcome="blocked", reason="login-wall")
    made.in_vain(WALL, "blocked", "login-wall")
    made.fail(EVIL, "lost", "gone")
    bad = {"uri": "http://x/\x1b[2J\u202e", "headers": [["a\x07", "b\r\nc"], 5, ["x"]], "url": "\x9b", "digest": "\x1b"}
    made.imported(EVIL, b"evil", archive="\x1barchive\u2066", about=bad)
    made.close()
    yield made


@pytest.mark.parametrize(
    ("words", "content", "checked"),
    [
        ([GONE], PAGE, True),
        ([GONE, "--at", "2016-12-31"], PAGE, True),
        ([GONE, "--at", "2020-01-01"], LATER, True),
        ([GONE, "--raw"], PAGE, True),
        (["#3"], PAGE, True),
        ([f"https://web.archive.org/web/20190501083000/{GONE}"], LATER, True),
        ([CRAWLED], PAGE, True),
        (["sha256:" + hashlib.sha256(LATER).hexdigest()], LATER, True),
        ([HELD, "--at", "2017-01-01"], b"theirs", False),
    ],
)
def test_get_gives_the_copy_and_says_whose_it_is(
    preserve: Callable[..., Said], case: SmallArchive, words: list[str], content: bytes, checked: bool
) -> None:
    said = preserve("get", *words, "-o", "out")
    assert said.code == 0 and (case.folder / "out").read_bytes() == content
    name = "Common Crawl" if words == [CRAWLED] else "the Wayback Machine"
    assert f"NOT captured by us: a copy from {name}, archived 201" in said.err
    assert ("digest checked" in said.err, "digest not checked" in said.err) == (checked, not checked)
    assert "captured 2026" not in said.err
    custody = json.loads((case.folder / "out.custody.json").read_text())
    third = custody["third_party"]
    assert third["archive"] in ("wayback", "commoncrawl") and third["memento"]["time"].startswith("201")
    assert third["memento"]["verified"] == ("sha1" if checked else None) and "third party" in third["limits"]
    assert custody["entry"]["t"] == "import" and custody["given"]["matches_manifest"] is True
    assert custody["given"]["sha256"] == hashlib.sha256(content).hexdigest()


def test_the_custody_of_a_copy_has_the_headers_of_the_original(
    preserve: Callable[..., Said], case: SmallArchive
) -> None:
    preserve("get", GONE, "-o", "out")
    third = json.loads((case.folder / "out.custody.json").read_text())["third_party"]
    assert ["X-Powered-By", "PHP/5.4"] in third["memento"]["headers"]
    assert third["memento"]["uri"].startswith("https://web.archive.org/web/20160302120000/")


def test_the_steps_from_the_record_of_the_web_archive_are_told(
    preserve: Callable[..., Said], case: SmallArchive
) -> None:
    preserve("get", CRAWLED, "-o", "out")
    steps = json.loads((case.folder / "out.custody.json").read_text())["given"]["derived"]
    assert [step.partition(" in it")[0] for step in steps[-4:]] == [
        "the WARC record of the web archive", "its WARC header and HTTP head left off", "chunk framing undone",
        "content coding undone: gzip",
    ]  # fmt: skip
    raw = preserve("get", CRAWLED, "--raw")
    assert gzip.decompress(raw.out).startswith(b"WARC/1.0\r\n")


def test_what_we_hold_goes_before_every_copy(preserve: Callable[..., Said], case: SmallArchive) -> None:
    for words in ([HELD], [HELD, "--at", "2027-01-01"]):
        said = preserve("get", *words, "-o", "out", "--force")
        assert said.code == 0 and (case.folder / "out").read_bytes() == b"ours" and "NOT captured" not in said.err
        assert json.loads((case.folder / "out.custody.json").read_text())["third_party"] is None


def test_archives_asked_in_vain_do_not_hide_the_block_page(preserve: Callable[..., Said]) -> None:
    said = preserve("get", WALL)
    assert said.code == 3 and "blocked/login-wall" in said.err and "gives what came instead" in said.err
    said = preserve("get", GONE, "--at", "2016-01-01")
    assert said.code == 3 and "the first is of 2016-03-02" in said.err


def test_list_tells_copies_and_captures_in_order(preserve: Callable[..., Said]) -> None:
    lines = preserve("list").out.decode().splitlines()
    assert lines[0].split() == ["captured", "outcome", "capture", "source"]
    assert "recovered/memento" in lines[2] and "wayback: http" in lines[2] and lines[2].startswith("2016-03-02 12:00Z")
    assert "lost/gone" in lines[1] and "wayback" not in lines[1]
    assert any("in no archive" in line for line in lines)
    assert all(len(line) <= 80 for line in lines)
    ours = preserve("list", "held").out.decode().splitlines()
    assert len(ours) == 4
    plain = preserve("list", "nowhere")
    assert plain.code == 0 and plain.out == b""


def test_the_json_of_list_tells_imports_apart(preserve: Callable[..., Said]) -> None:
    listed = preserve("list", "--json", "gone.example").json
    assert [one["event"] for one in listed] == ["capture", "import", "import"]
    assert set(listed[1]) == {
        "event", "import", "seq", "source", "capture", "started", "outcome", "reason", "archive", "memento", "asked",
        "records",
    }  # fmt: skip
    assert listed[1]["capture"] == listed[0]["capture"] and listed[1]["memento"]["why"] == "nearest"
    (_, vain) = preserve("list", "--json", "wall").json
    assert vain["memento"] is None and vain["asked"][0] == {"archive": "wayback", "found": 0, "error": None}


def test_show_tells_the_whole_custody_record_of_a_copy(preserve: Callable[..., Said]) -> None:
    said = preserve("show", "#3").out.decode()
    for word in (
        "import     ", "instead of capture ", "recovered/memento", "the Wayback Machine", "2016-03-02T12:00:00.000000Z",
        "nearest to the date of the citing document", "https://web.archive.org/web/20160302120000/", "(sha1)",
        "the stored bytes have it", "X-Powered-By: PHP/5.4", "wayback: 1 copy", "copy of a third party", "covered by",
        "response urn:uuid",
    ):  # fmt: skip
        assert word in said
    crawled = preserve("show", CRAWLED).out.decode()
    assert "a WARC record of the web archive itself" in crawled and "Common Crawl" in crawled
    vain = preserve("show", "#11").out.decode()
    assert "web archives asked" in vain and "wayback: 0 copies" in vain and "arquivo: no\\x1b answer" in vain
    assert "(not held)" in vain


def test_show_of_a_url_lists_copies_beside_the_capture(preserve: Callable[..., Said]) -> None:
    said = preserve("show", HELD).out.decode()
    assert said.startswith("capture ") and "captured/ok" in said
    assert (
        "copies of web archives" in said
        and "the Wayback Machine, archived 2016-03-02 12:00Z, digest not checked" in said
    )
    lost = preserve("show", GONE).out.decode()
    assert lost.startswith("import ") and "archived 2019-05-01 08:30Z, digest checked" in lost
    shown = preserve("show", HELD, "--json").json[0]
    assert shown["entry"]["t"] == "capture" and [one["event"] for one in shown["imports"]] == ["import"]
    assert preserve("show", "#3", "--json").json[0]["entry"]["memento"]["wrapped"] is None


def test_status_keeps_recovered_apart_from_held(preserve: Callable[..., Said], case: SmallArchive) -> None:
    (case.folder / "sources.txt").write_text(f"{GONE}\n{HELD}\n{WALL}\n")
    said = preserve("status").out.decode()
    assert "recovered (3)" in said and "lost (1)" in said and "blocked (1)" in said
    words = " ".join(said.split())  # lines are wrapped
    assert "lost/gone on 2026-03-02 12:00Z; held from the Wayback Machine, archived 2016-03-02" in words
    rest = words.split("held from the Wayback Machine")[1].split("https://")[0]
    assert "digest checked" in rest and "preserve get " in rest and "due now" in rest
    assert "5 sources: 3 recovered, 1 held, 1 blocked" in said


def test_the_json_of_status_tells_the_last_visit_and_the_copy(
    preserve: Callable[..., Said], case: SmallArchive
) -> None:
    (case.folder / "sources.txt").write_text(f"{GONE}\n{HELD}\n")
    gone, held, *_, summary = preserve("status", "--json").json
    assert (gone["outcome"], gone["reason"], gone["held"], gone["failures"]) == ("recovered", "memento", False, 1)
    assert gone["last"] == {"outcome": "lost", "reason": "gone"} and gone["good"] is None
    assert gone["recovered"]["memento"]["why"] == "nearest" and gone["recovered"]["archive"] == "wayback"
    assert (held["outcome"], held["held"], held["recovered"]) == ("lost", True, None)
    assert summary["counts"] == {"recovered": 3, "held": 1, "blocked": 1}


@pytest.mark.parametrize(
    "words", [["list"], ["show", EVIL], ["show", "#13"], ["get", EVIL, "-o", "x"], ["status"], ["show", "#11"]]
)
def test_no_word_of_a_web_archive_reaches_a_person_raw(preserve: Callable[..., Said], words: list[str]) -> None:
    said = preserve(*words)
    shown = said.out.decode() + said.err
    assert said.code == 0 and not any(character in shown for character in "\x1b\x07\r\x9b\u202e\u2066")


def test_an_archive_with_copies_is_sound(preserve: Callable[..., Said]) -> None:
    for level in ("--quick", "--full"):
        assert preserve("verify", level).code == 0
