"""Wrong words, files and settings: one sentence and a hint, exit code 2 or 3, the rest goes on, never a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.program import PDF, Done, Workplace
from tests.universe import Universe

GOOD = "https://syrianarchive.org/assets/russian/ru-mod-website.png"
LONG = "https://example.org/" + "a" * 1_000_000


@pytest.fixture
def place(tmp_path: Path, universe: Universe) -> Workplace:
    """Of one source that can be captured."""
    return Workplace(tmp_path / "work", universe.settings(), universe.environment(), f"[good]({GOOD})\n")


def configured(tmp_path: Path, text: str, command: Sequence[str] = ("config", "show")) -> Done:
    place = Workplace(tmp_path / "work", report="")
    (place.folder / "preserve.toml").write_text(text)
    done = place.preserve(*command)
    assert not place.archive.exists(), "nothing is begun under a configuration that is not understood"
    return done


# -- preserve.toml -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "name", "hint"),
    [
        ("[network]\nproxi = ''", "network.proxi", "did you mean network.proxy?"),
        ("basurl = ''", "basurl", "did you mean base_url?"),
        ("[politness]\ndelay = 1", "politness", "did you mean politeness?"),
        ("[limits]\nbodies = '1GiB'", "limits.bodies", "did you mean limits.body?"),
        ("['host']\n'*.ru' = {dellay = 2}", 'host."*.ru".dellay', "delay"),
        ("zzz = 1", "zzz", "known here"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_one(tmp_path: Path, text: str, name: str, hint: str) -> None:
    done = configured(tmp_path, text)
    done.complained(2, "preserve.toml", name)
    assert hint in done.err


@pytest.mark.parametrize("command", ["run", "verify", "get x"])
def test_no_command_begins_under_a_configuration_that_is_not_understood(tmp_path: Path, command: str) -> None:
    configured(tmp_path, "zzz = 1", command.split()).complained(2, "zzz")


@pytest.mark.parametrize(
    "text",
    [
        "documents = 'report.md'", "archive = 3", "[network]\nallow_private = 'yes'",
        "[network]\ntls = 'loose'", "[network]\nresolve = 'x'", "network = 'x'",
        "[limits]\nbody = '2 parsecs'", "[limits]\nbody = -1", "[limits]\nredirects = 1.5",
        "[limits]\ntime = 'soon'", "[politeness]\ndelay = -1", "[politeness]\ndelay = nan",
        "[politeness]\ndelay = inf", "[politeness]\ndelay = 1979-05-27", "host = 3", "[host]\n'*.ru' = 'slow'",
        "[host.'*.ru']\ndelay = 'x'",
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_refused(tmp_path: Path, text: str) -> None:
    done = configured(tmp_path, text)
    assert done.code == 2, done.err
    assert "preserve.toml" in done.err


@pytest.mark.parametrize("data", [b"archive = ", b"\xff\xfe\x00", b"a = 1\na = 2", b"\x00"])
def test_a_configuration_that_is_no_toml_is_refused(tmp_path: Path, data: bytes) -> None:
    place = Workplace(tmp_path / "work", report="")
    (place.folder / "preserve.toml").write_bytes(data)
    place.preserve("run").complained(2, "preserve.toml cannot be read")


def test_a_wrong_environment_variable_is_refused(tmp_path: Path) -> None:
    place = Workplace(tmp_path / "work", report="", environment={"PRESERVE_NETWORK_PROXI": "x"})
    done = place.preserve("run")
    done.complained(2, "PRESERVE_NETWORK_PROXI")
    assert "network.proxy" in done.err


# -- documents ---------------------------------------------------------------------------------------------------------
def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path)


BAD_DOCUMENTS = {
    "missing.md": lambda path: None,
    "binary.md": lambda path: path.write_bytes(bytes(range(256)) * 100),
    "fifo.md": _fifo,
    "loop.md": _loop,
    "dangling.md": lambda path: path.symlink_to("nowhere"),
    "device.md": lambda path: path.symlink_to("/dev/zero"),
    "report.pdf": lambda path: path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 100),
    "report.docx": lambda path: path.write_bytes(b"PK\x03\x04" + bytes(1000)),
}


def test_documents_that_cannot_be_read_are_named_and_the_others_go_on(place: Workplace) -> None:
    for name, make in BAD_DOCUMENTS.items():
        make(place.folder / name)
    done = place.preserve("run", *BAD_DOCUMENTS, "documents/report.md", "--json")
    assert done.code == 3
    assert done.outcomes == {GOOD: "captured/ok"}
    extracted = place.preserve("extract", *BAD_DOCUMENTS, "documents/report.md", "--jsonl")
    assert extracted.code == 3
    assert [line["url"] for line in extracted.events] == [GOOD]
    for said in (done.err, extracted.err):
        complaints = [line for line in said.splitlines() if line.startswith("preserve: ")]
        named = [next(name for name in BAD_DOCUMENTS if name in line) for line in complaints]
        assert named == list(BAD_DOCUMENTS)


@pytest.mark.skipif(os.geteuid() == 0, reason="modes do not bind root")
def test_a_document_without_permission_is_named_and_the_others_go_on(place: Workplace) -> None:
    (place.folder / "secret.md").touch(mode=0o000)
    done = place.preserve("run", "secret.md", "documents/report.md", "--json")
    done.complained(3, "secret.md")
    assert done.outcomes == {GOOD: "captured/ok"}


def test_a_folder_among_the_documents_is_read_whole(place: Workplace) -> None:
    assert place.preserve("run", "documents", "--json").outcomes == {GOOD: "captured/ok"}


def test_a_url_of_a_megabyte_in_a_document_is_reported_and_the_others_go_on(place: Workplace) -> None:
    (place.folder / "long.md").write_text(f"[long]({LONG}) {LONG} <{LONG}> [good]({GOOD})\n")
    done = place.preserve("run", "long.md", "--json")
    assert done.outcomes == {GOOD: "captured/ok"}
    assert len(done.err) < 10_000
    extracted = place.preserve("extract", "long.md")
    assert extracted.code == 0 and "too long" in extracted.err


# -- sources.txt -------------------------------------------------------------------------------------------------------
MALFORMED = [
    "not a url", "http://", "http://[", "https://exa mple.org/", "http://host:99999/", "no-scheme.example/x", "%nonsense",
    "%document", "\\", "http://%zz/", "http://a..b..c../\x01 x", LONG,
]  # fmt: skip


def test_malformed_lines_are_named_and_kept_and_the_others_go_on(place: Workplace) -> None:
    text = "".join(f"{line}\n" for line in MALFORMED)
    (place.folder / "sources.txt").write_text(text)
    done = place.preserve("run", "--json")
    done.complained(3, "line 1")
    assert done.outcomes == {GOOD: "captured/ok"}
    named = [int(number) for number in re.findall(r"^preserve: .*line (\d+)", done.err, re.MULTILINE)]
    assert named == list(range(1, len(MALFORMED) + 1))
    assert (place.folder / "sources.txt").read_text().startswith(text)
    assert len(done.err) < 10_000
    assert place.preserve("status", "--json").code == 0


def test_sources_that_can_never_be_fetched_are_refused_and_the_others_go_on(place: Workplace) -> None:
    never = [
        "file:///etc/passwd",
        "mailto:a@b.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "tel:1",
        "ftp://a:b@c.example/",
    ]
    (place.folder / "sources.txt").write_text("".join(f"{url}\n" for url in never))
    done = place.preserve("run", "--json")
    assert done.code == 3
    assert done.outcomes == {GOOD: "captured/ok", **dict.fromkeys(never, "refused/scheme")}


@pytest.mark.parametrize("data", [b"\xff\xfe", b"http://a.example/\n\xe9\n"], ids=["utf-16", "latin-1"])
def test_a_sources_file_in_another_encoding_is_refused_untouched(
    place: Workplace, universe: Universe, data: bytes
) -> None:
    (place.folder / "sources.txt").write_bytes(data)
    place.preserve("run").complained(2, "not UTF-8")
    assert (place.folder / "sources.txt").read_bytes() == data
    assert not universe.log


def test_a_folder_in_place_of_the_sources_file_is_refused(place: Workplace, universe: Universe) -> None:
    (place.folder / "sources.txt").mkdir()
    place.preserve("run").complained(2, "sources.txt")
    assert not universe.log


# -- the command line --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "words",
    [
        ["rum"], ["run", "--forse"], ["run", "--max-time", "soon"], ["run", "--wait"], ["verify", "--sample", "0%"],
        ["verify", "--sample", "many"], ["verify", "--against", "nowhere.note"], ["list", "a", "b"], ["show"], ["get"],
        ["--config", "nowhere.toml", "run"], ["extract", "--with", "everything"], ["config"], ["config", "shew"],
        ["init", "preserve.toml"], ["-C", "/dev/null", "run"], ["--", "--force"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_words_that_are_not_understood_are_a_usage_error(tmp_path: Path, words: list[str]) -> None:
    place = Workplace(tmp_path / "work", report="")
    done = place.preserve(*words)
    assert done.code == 2, (done.code, done.err)
    assert done.err or done.out
    assert not place.archive.exists()


@pytest.mark.parametrize("words", [["status"], ["list"], ["show", PDF], ["get", PDF], ["verify"]], ids=" ".join)
def test_without_an_archive_the_reading_commands_say_how_to_make_one(tmp_path: Path, words: list[str]) -> None:
    place = Workplace(tmp_path / "work", report="")
    place.preserve(*words).complained(2, "not an archive")
    assert not place.archive.exists()


def test_what_is_not_held_is_not_found(tmp_path: Path) -> None:
    place = Workplace(tmp_path / "work", report="")
    assert place.preserve("init").code == 0
    for wanted in ("https://example.org/never-seen", "sha256:" + "0" * 64, "", "\udcff"):
        for command in ("show", "get"):
            assert place.preserve(command, wanted).code in (2, 3), wanted


def test_a_folder_that_does_not_exist_is_a_mistake_and_not_an_empty_success(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "preserve", "-C", str(tmp_path / "typo"), "run"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and "preserve init" in done.stderr
    assert not (tmp_path / "typo").exists()
