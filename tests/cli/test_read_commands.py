"""list, show, get, status and verify: what an archive holds reaches people and programs, exact and safe."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from preserve.archive import manifest
from preserve.proof import merkle
from tests.cli.conftest import Said
from tests.small_archive import SmallArchive, chunked

PAGE = b"<p>" + bytes(range(256)) * 20
PLAIN = b"just text\n"
URL = "https://example.org/page"
EVIL = "http://evil.example/\x1b]0;owned\x07\u202e\n\u2066preserve: all is well"
CITED = {
    "document": "rep\x1b[2Jort.md", "sha256": "0" * 64, "format": "markdown", "line": 12, "column": 4, "page": None,
    "cell": None, "role": "link", "anchor": "evil\r\n\x9btitle\u202e", "context": "", "written": EVIL, "changes": [],
}  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> Iterator[SmallArchive]:
    """Entries 2 to 7: two visits of a page (the second unchanged), a block, an evil one, one lost, one with media."""
    made = SmallArchive(tmp_path / "case")
    coded = {"headers": b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n"}
    made.visit(URL, chunked(gzip.compress(PAGE, mtime=0)), **coded)
    made.visit(URL, chunked(gzip.compress(PAGE, mtime=0)), reason="unchanged", **coded)
    made.visit(URL, b"go away", status=403, outcome="blocked", reason="forbidden")
    part = {"url": EVIL, "role": "im\x1bage", "required": True, "came": False, "record": None, "reason": "gone\n"}
    fault = {"step": EVIL, "reason": "timeout", "message": "\x1b[31m", "try": 1}
    made.visit(EVIL, PLAIN, citations=[CITED], signals=["\x1b", "\u202e"], parts=[part], errors=[fault])
    made.fail("http://gone.example/", "lost", "dns-dead")
    made.visit("https://video.example/", PLAIN, media=[made.media(b"\0film")])
    made.close()
    yield made


HUMAN = [
    ["list"], ["show", "#5"], ["show", EVIL], ["get", "nothing\x1b\u202e"], ["status"], ["get", EVIL, "-o", "x.txt"],
    ["list", "\x1b"], ["show", "evil"], ["get", EVIL, "-o", "no\x1b/such\n/folder"], ["verify"],
]  # fmt: skip


@pytest.mark.parametrize("words", HUMAN)
def test_no_remote_text_reaches_a_person_raw(preserve: Callable[..., Said], words: list[str]) -> None:
    said = preserve(*words)
    shown = said.out.decode() + said.err
    assert not any(character in shown for character in "\x1b\x07\r\x9b\u202e\u2066")
    assert "\npreserve: all is well" not in shown


@pytest.mark.parametrize(
    "words", [["list", "--json"], ["show", "#5", "--json"], ["status", "--json"], ["verify", "--json"]]
)
def test_json_is_safe_lines_of_ascii_keys(preserve: Callable[..., Said], words: list[str]) -> None:
    said = preserve(*words)
    assert said.code == 0 and said.err == ""
    assert said.json and all(isinstance(item, dict) for item in said.json)
    assert not any(character in said.out.decode() for character in "\x1b\x07\r\x9b\u202e\u2066")


def test_list_tells_each_capture_in_order(preserve: Callable[..., Said]) -> None:
    lines = preserve("list").out.decode().splitlines()
    assert lines[0].split() == ["captured", "outcome", "capture", "source"]
    assert [line.split()[2] for line in lines[1:]] == [
        "captured/ok", "captured/unchanged", "blocked/forbidden", "captured/ok", "lost/dns-dead", "captured/ok",
    ]  # fmt: skip
    assert all(len(line) <= 80 for line in lines)


@pytest.mark.parametrize(
    ("pattern", "count"), [("example.org", 3), ("http://*", 2), ("*", 6), ("?", 0), ("nowhere", 0)]
)
def test_list_filters_by_part_or_glob(preserve: Callable[..., Said], pattern: str, count: int) -> None:
    said = preserve("list", "--json", pattern)
    assert said.code == 0 and len(said.json) == count


def test_the_json_of_list_has_its_keys(preserve: Callable[..., Said]) -> None:
    first = preserve("list", "--json").json[0]
    assert set(first) == {
        "event", "capture", "seq", "source", "final_url", "started", "outcome", "reason", "change", "status", "mime",
        "content_sha256", "content_bytes", "records", "media", "films",
    }  # fmt: skip
    assert (first["seq"], first["content_sha256"]) == (2, hashlib.sha256(PAGE).hexdigest())


def test_show_tells_the_whole_custody_record(preserve: Callable[..., Said]) -> None:
    said = preserve("show", "#3").out.decode()
    for word in (
        "captured/unchanged", "192.0.2.7 port 443", "TLSv1.3", "NOT verified: self-signed certificate", "revisit",
        "repeats", "at byte", "payload  sha256:", "covered by checkpoints/", "do not show that the server sent them",
    ):  # fmt: skip
        assert word in said
    evil = preserve("show", "#5").out.decode()
    for word in ("rep\\x1b[2Jort.md:12:4  link", "parts that did not come", "(required)", "errors", "because"):
        assert word in evil


def test_the_json_of_show_is_the_line_and_its_place_in_the_tree(
    preserve: Callable[..., Said], case: SmallArchive
) -> None:
    shown = preserve("show", "#3", "--json").json[0]
    line = list(manifest.lines(case.root))[3].data
    assert manifest.decode(line).fields["source"] == shown["entry"]["source"] and shown["entry"]["seq"] == 3
    assert shown["line"]["sha256"] == hashlib.sha256(line).hexdigest()
    assert shown["line"]["leaf"] == merkle.leaf_hash(line).hex()
    assert shown["checkpoint"]["size"] > 3 and shown["checkpoint"]["signature"] == "good"
    assert (case.root / shown["checkpoint"]["note"]).exists()


@pytest.mark.parametrize(
    ("words", "content"),
    [
        ([URL], PAGE),
        ([URL, "--raw"], chunked(gzip.compress(PAGE, mtime=0))),
        (["#2"], PAGE),
        (["#4"], b"go away"),
        ([URL, "--at", "2026-03-02"], PAGE),
        (["sha256:" + hashlib.sha256(PAGE).hexdigest()], PAGE),
        (["sha256:" + hashlib.sha256(b"\0film").hexdigest()], b"\0film"),
        (["https://video.example/", "--media"], b"\0film"),
        ([EVIL], PLAIN),
    ],
)
def test_get_gives_the_original_byte_for_byte(
    preserve: Callable[..., Said], case: SmallArchive, words: list[str], content: bytes
) -> None:
    said = preserve("get", *words)
    assert (said.code, said.out) == (0, content)
    said = preserve("get", *words, "-o", "out.bin")
    assert said.code == 0 and said.out == b""
    assert (case.folder / "out.bin").read_bytes() == content
    custody = json.loads((case.folder / "out.bin.custody.json").read_text())
    assert custody["given"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert custody["given"]["matches_manifest"] is True
    assert custody["asked"] == words[0] and "do not show that the server sent them" in custody["limits"]
    assert custody["entry"]["t"] == "capture" and custody["checkpoint"]["signature"] == "good"
    assert not list(case.folder.glob(".*.part"))


def test_get_gives_the_record_itself(preserve: Callable[..., Said]) -> None:
    said = preserve("get", URL, "--record")
    assert said.code == 0 and said.out.startswith(b"WARC/1.1\r\nWARC-Type: revisit\r\n")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["http://gone.example/"], "preserve show"),
        (["https://example.org/pag"], "did you mean https://example.org/page?"),
        ([URL, "--at", "2020-01-01"], "the first is of 2026-03-02"),
        (["http://gone.example/", "--media"], "preserve show"),
        ([URL, "--media"], "leave --media out"),
        (["sha256:" + "0" * 64], "preserve list"),
    ],
)
def test_what_is_not_held_is_exit_3_with_a_way_on(preserve: Callable[..., Said], words: list[str], hint: str) -> None:
    said = preserve("get", *words)
    assert (said.code, said.out) == (3, b"")
    assert hint in said.err


def test_a_block_page_is_no_source_but_can_be_had_as_evidence(
    preserve: Callable[..., Said], case: SmallArchive
) -> None:
    case.archive = type(case.archive).open(
        case.root, run="cd" * 16, key=case.key, clock=case.clock, warcinfo=case._warcinfo
    )
    blocked = case.visit("https://wall.example/", b"log in", outcome="blocked", reason="login-wall")
    case.close()
    said = preserve("get", "https://wall.example/")
    assert said.code == 3 and f"preserve get {blocked.id[:12]} gives what came instead" in said.err
    assert preserve("get", blocked.id[:12]).out == b"log in"


@pytest.mark.parametrize("taken", ["out", "out.custody.json"])
def test_nothing_is_overwritten_unless_forced(preserve: Callable[..., Said], case: SmallArchive, taken: str) -> None:
    (case.folder / taken).write_text("mine")
    said = preserve("get", EVIL, "-o", "out")
    assert said.code == 2 and "--force" in said.err
    assert (case.folder / taken).read_text() == "mine"
    assert {path.name for path in case.folder.iterdir()} & {"out", "out.custody.json"} == {taken}
    assert preserve("get", EVIL, "-o", "out", "--force").code == 0
    assert (case.folder / "out").read_bytes() == PLAIN


def test_a_planted_link_is_not_written_through(preserve: Callable[..., Said], case: SmallArchive) -> None:
    (case.folder / "precious").write_text("mine")
    (case.folder / "out").symlink_to("precious")
    assert preserve("get", EVIL, "-o", "out").code == 2
    assert preserve("get", EVIL, "-o", "out", "--force").code == 0
    assert (case.folder / "precious").read_text() == "mine" and not (case.folder / "out").is_symlink()


def _damage(case: SmallArchive, pattern: str, position: int) -> None:
    path = next(case.root.glob(pattern))
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


def test_damaged_bytes_are_never_handed_out(preserve: Callable[..., Said], case: SmallArchive) -> None:
    _damage(case, "media/sha256/*/*", 1)
    said = preserve("get", "https://video.example/", "--media", "-o", "film.mp4")
    assert said.code == 4 and "SHA-256" in said.err
    assert not list(case.folder.glob("*film*"))


def test_a_damaged_line_is_said_and_the_rest_is_shown(preserve: Callable[..., Said], case: SmallArchive) -> None:
    lines = list(manifest.lines(case.root))
    _damage(case, "manifest/*", sum(len(line.data) for line in lines[:5]) + 1)
    for words in (["list"], ["status"], ["show", "#2"]):
        said = preserve(*words)
        assert said.code == 4 and "preserve verify" in said.err and said.out
    said = preserve("get", URL)
    assert (said.code, said.out) == (4, PAGE)


def test_text_on_a_terminal_is_safe_and_binary_is_refused(case: SmallArchive) -> None:
    import pty

    def screen(*words: str) -> tuple[int, bytes]:
        controller, terminal = pty.openpty()
        command = [sys.executable, "-m", "preserve", "-C", str(case.folder), "-q", "get", *words]
        done = subprocess.run(command, stdout=terminal, stderr=subprocess.DEVNULL, env=ENVIRONMENT, check=False)
        os.write(terminal, b"END")
        said = b""
        while not said.endswith(b"END"):
            said += os.read(controller, 10_000)
        os.close(terminal)
        os.close(controller)
        return done.returncode, said

    assert screen("#5") == (0, b"just text\r\nEND")
    assert screen("https://video.example/", "--media") == (2, b"END")


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src"), "TERM": "xterm"}


@pytest.mark.parametrize("words", [["list", "--json"], ["show", "#5"], ["get", URL], ["status"]])
def test_a_reader_that_goes_away_is_quiet(case: SmallArchive, words: list[str]) -> None:
    command = [sys.executable, "-m", "preserve", "-q", "-C", str(case.folder), *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
    assert process.stdout and process.stderr
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == (b"", 0)
    process.stderr.close()


def test_status_groups_by_outcome_and_sums_up(preserve: Callable[..., Said], case: SmallArchive) -> None:
    (case.folder / "sources.txt").write_text(f"{URL}\nhttps://new.example/\nhttp://gone.example/\n")
    said = preserve("status")
    lines = [line.strip() for line in said.out.decode().splitlines()]
    assert said.code == 0
    for word in ("captured (2)", "blocked (1)", "lost (1)", "not-visited (1)", "cited in rep\\x1b[2Jort.md:12:4"):
        assert word in lines
    for words in ("example.org refuses to show it", "the name gone.example does not exist any more"):
        assert words in lines
    assert any(line.startswith("forbidden on 2026-03-04 12:00Z; last good capture 2026-03-03") for line in lines)
    assert any(
        line.startswith("5 sources: 3 held, 1 not visited, 1 lost; no run yet; never verified") for line in lines
    )


def test_the_json_of_status_has_its_keys(preserve: Callable[..., Said], case: SmallArchive) -> None:
    (case.folder / "sources.txt").write_text(f"{URL}\n")
    preserve("verify")
    *sources, summary = preserve("status", "--json").json
    assert {one["event"] for one in sources} == {"source"} and summary["event"] == "summary"
    assert set(sources[0]) == {
        "event", "source", "key", "active", "held", "outcome", "reason", "why", "try", "visited", "last",
        "failures", "good", "recovered", "next", "citations",
    }  # fmt: skip
    assert [one["active"] for one in sources] == [True, False, False, False]
    assert sources[0]["held"] and sources[0]["outcome"] == "blocked" and sources[0]["good"]["seq"] == 3
    assert summary["counts"] == {"held": 3, "lost": 1} and summary["sources"] == 4
    assert summary["last_verify"]["sound"] is True and summary["uncovered"] == 0 and summary["unfinished"] is False


def test_status_tells_of_a_run_that_never_ended(preserve: Callable[..., Said], case: SmallArchive) -> None:
    archive = type(case.archive).open(case.root, run="cd" * 16, key=case.key, clock=case.clock)
    archive.commit("run", {"event": "start"})
    archive.release()
    said = preserve("status").out.decode()
    assert "has not ended: it goes on now, or was interrupted" in said
    assert "1 entry is not covered by a checkpoint yet" in said


def _types(case: SmallArchive) -> list[str]:
    return [entry.type for entry in manifest.read(case.root)]


@pytest.mark.parametrize("level", ["--quick", "--full", "--deep"])
def test_verify_of_a_sound_archive_is_noted_and_signed(
    preserve: Callable[..., Said], case: SmallArchive, level: str
) -> None:
    before = len(_types(case))
    said = preserve("verify", level)
    assert said.code == 0 and said.out.startswith(b"sound: ") and said.err == ""
    assert _types(case)[before:] == ["verify", "checkpoint"]
    assert list(manifest.read(case.root))[before].get("level") == level.removeprefix("--")
    assert preserve("verify").code == 0


def test_verify_finds_damage_says_where_and_still_leaves_its_note(
    preserve: Callable[..., Said], case: SmallArchive
) -> None:
    _damage(case, "media/sha256/*/*", 1)
    said = preserve("verify", "--json")
    *findings, summary = said.json
    assert said.code == 4
    assert set(findings[0]) == {"event", "code", "severity", "where", "detail"}
    assert findings[0]["severity"] == "damage" and findings[0]["where"].startswith("media/sha256/")
    assert summary["event"] == "summary" and summary["sound"] is False and summary["recorded"] is True
    assert _types(case)[-2:] == ["verify", "checkpoint"]


def _quiet_manifest_damage(case: SmallArchive) -> None:
    _damage(case, "manifest/*", 30)


def _held_by_a_run(case: SmallArchive) -> None:
    case.archive = type(case.archive).open(case.root, run="cd" * 16, key=case.key, clock=case.clock)


def _no_key(case: SmallArchive) -> None:
    (case.folder / "key.pem").unlink()


@pytest.mark.parametrize(
    ("hinder", "code", "why"),
    [
        (_quiet_manifest_damage, 4, "manifest or its checkpoints are damaged"),
        (_held_by_a_run, 0, "another run"),
        (_no_key, 0, "does not exist"),
    ],
)
def test_a_check_that_cannot_be_noted_says_why_and_changes_nothing(
    preserve: Callable[..., Said], case: SmallArchive, hinder: Callable[[SmallArchive], None], code: int, why: str
) -> None:
    hinder(case)
    before = _snapshot(case)
    said = preserve("verify")
    assert said.code == code and "was not recorded" in said.err and why in said.err
    assert _snapshot(case) == before
    case.archive.release()


def test_verify_without_record_changes_nothing(preserve: Callable[..., Said], case: SmallArchive) -> None:
    before = _snapshot(case)
    assert preserve("verify", "--no-record").code == 0
    assert _snapshot(case) == before


def _snapshot(case: SmallArchive) -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in sorted(case.root.rglob("*")) if path.is_file()}


def test_verify_against_a_kept_note_finds_a_rollback(preserve: Callable[..., Said], case: SmallArchive) -> None:
    kept = case.folder / "kept.note"
    old = case.root.parent / "old"
    subprocess.run(["cp", "-a", case.root, old], check=True)
    preserve("verify")
    kept.write_bytes(max(case.root.glob("checkpoints/*.note")).read_bytes())
    assert preserve("verify", "--against", "kept.note").code == 0
    (case.folder / "preserve.toml").write_text('archive = "old"\n[key]\nfile = "key.pem"\n')
    assert preserve("verify", "--no-record").code == 0
    said = preserve("verify", "--against", "kept.note")
    assert said.code == 4 and b"against-rollback" in said.out and "was not recorded" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ["verify", "--sample", "0"],
        ["verify", "--sample", "x%"],
        ["verify", "--against", "nowhere"],
        ["get", URL, "--at", "x"],
    ],
)
def test_a_slip_of_the_pen_is_exit_2(preserve: Callable[..., Said], words: list[str]) -> None:
    assert preserve(*words).code == 2


@pytest.mark.parametrize("words", [["list"], ["status"], ["show", "#1"], ["get", URL], ["verify"]])
def test_a_missing_archive_is_exit_2_with_a_hint(
    preserve: Callable[..., Said], case: SmallArchive, words: list[str]
) -> None:
    (case.folder / "preserve.toml").write_text('archive = "elsewhere"\n')
    said = preserve(*words)
    assert said.code == 2 and "is not an archive" in said.err and "preserve init" in said.err
    assert not (case.folder / "elsewhere").exists()
