"""extract: every citation of every document, with its place, for people and for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]
REPORT = """\
# Отчёт

See [the page](https://example.org/a?b=1&c=2) and <https://example.org/b>, also
[again](https://example.org/a?b=1&c=2) and ![map](/map.png).

    https://code.example/only
"""
KEYS = {
    "document", "url", "written", "line", "column", "page", "cell", "role", "anchor", "context", "confidence",
    "fetchable", "key", "changes", "derived",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "documents" / "deep").mkdir(parents=True)
    (tmp_path / "documents" / "report.md").write_text(REPORT)
    (tmp_path / "documents" / "deep" / "note.txt").write_text("plain https://example.org/c here\n")
    return tmp_path


@pytest.fixture
def preserve(folder: Path, preserve_in: Callable[[Path], Run]) -> Run:
    return preserve_in(folder)


def test_jsonl_has_every_citation_with_its_keys(preserve: Run) -> None:
    code, out, _ = preserve("extract", "--jsonl", "documents/report.md")
    citations = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and all(set(citation) == KEYS for citation in citations)
    assert [(one["line"], one["column"], one["role"], one["written"]) for one in citations[:2]] == [
        (3, 16, "link", "https://example.org/a?b=1&c=2"),
        (3, 52, "autolink", "https://example.org/b"),
    ]
    assert citations[0]["anchor"] == "the page" and citations[0]["document"] == "documents/report.md"
    assert [one["url"] for one in citations if one["role"] == "image"] == [""]


def test_plain_is_each_source_once(preserve: Run) -> None:
    code, out, _ = preserve("extract", "--plain", "documents/report.md")
    assert (code, out.splitlines()) == (0, ["https://example.org/a?b=1&c=2", "https://example.org/b"])


def test_a_base_makes_relative_addresses_whole(preserve: Run) -> None:
    _, out, err = preserve("extract", "--plain", "--base-url", "https://pub.example/x/", "documents/report.md")
    assert "https://pub.example/map.png" in out.splitlines() and err == ""
    _, _, err = preserve("extract", "--plain", "documents/report.md")
    assert "--base-url" in err


def test_code_is_read_only_on_request(preserve: Run) -> None:
    assert "code.example" not in preserve("extract", "--jsonl", "documents/report.md")[1]
    assert "code.example" in preserve("extract", "--jsonl", "--with", "code,comments", "documents/report.md")[1]
    code, _, err = preserve("extract", "--with", "poems", "documents/report.md")
    assert code == 2 and "known: code, comments" in err


@pytest.mark.parametrize("names", [[], ["documents"]])
def test_folders_are_read_whole(preserve: Run, names: list[str]) -> None:
    code, out, _ = preserve("extract", "--plain", *names)
    assert code == 0 and set(out.splitlines()) >= {"https://example.org/b", "https://example.org/c"}


def test_standard_input_is_a_document(preserve: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"<a href=https://example.org/in>x</a>")
    os.close(writer)
    with open(reader) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        code, out, _ = preserve("extract", "--plain", "-")
    assert (code, out) == (0, "https://example.org/in\n")


def test_a_document_that_cannot_be_read_is_named_and_the_rest_proceeds(preserve: Run) -> None:
    code, out, err = preserve("extract", "--plain", "nowhere.md", "documents/deep/note.txt")
    assert code == 3 and "nowhere.md" in err and out == "https://example.org/c\n"


def test_the_table_is_for_people(preserve: Run) -> None:
    code, out, err = preserve("extract", "documents/report.md")
    lines = out.splitlines()
    assert code == 0 and lines[0].split() == ["place", "role", "URL", "anchor"]
    assert all(len(line) <= 80 for line in lines) and ":3:16" in lines[1] and "? /map.png" in out
    assert "4 citations of 2 URLs in 1 document" in err


def test_no_document_moves_the_cursor(preserve: Run, folder: Path) -> None:
    (folder / "evil\x1b\u202e.md").write_text(
        "[a\x1b[2J\u202e\x9b](http://evil.example/\x07x) https://e.example/\x1b]0;\n"
    )
    for words in (["extract"], ["extract", "--plain"], ["extract", "--jsonl"]):
        _, out, err = preserve(*words, "evil\x1b\u202e.md", "evil\x1b\u202e.missing")
        assert not any(character in out + err for character in "\x1b\x07\x9b\u202e")


def test_merging_is_checked_before_and_quiet_after(preserve: Run, folder: Path) -> None:
    target = folder / "sources.txt"
    assert preserve("extract", "--check")[0] == 3 and not target.exists()
    assert preserve("extract", "--into", "sources.txt")[0] == 0
    written = target.read_bytes()
    assert b"https://example.org/b" in written
    assert preserve("extract", "--check")[0] == 0
    assert preserve("extract", "--into", "sources.txt")[0] == 0 and target.read_bytes() == written
