"""What is said reaches people whole, and remote text stays text."""

from __future__ import annotations

import io
import json
import sys
import unicodedata

import pytest

from preserve import terminal
from preserve.progress import Progress
from preserve.terminal import bytes_text, emit, note, out, safe, shorten, span_text, table, time_text, width, wrapped

HOSTILE = [
    ("\x1b[2J\x1b]0;owned\x07", "\\x1b[2J\\x1b]0;owned\\x07"),
    ("a\rb\nc\td", "a\\x0db\\x0ac\\x09d"),
    ("\x9b31m\x7f", "\\x9b31m\\x7f"),
    ("a\u202etxt.exe", "a\\u202etxt.exe"),
    ("\u2066\u2067\u2068\u2069\u202a\u202c", "\\u2066\\u2067\\u2068\\u2069\\u202a\\u202c"),
    ("\u2028\u2029\x85", "\\u2028\\u2029\\x85"),
    ("\ud800", "\\ud800"),
    ("\0", "\\x00"),
]


class Screen(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def _screen(monkeypatch: pytest.MonkeyPatch, stream: str = "stdout") -> Screen:
    """Not a fixture: pytest exchanges sys.stdout between setting up and running a test."""
    screen = Screen()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, stream, screen)
    return screen


@pytest.mark.parametrize(("text", "shown"), HOSTILE)
def test_what_could_act_on_a_terminal_is_shown_as_text(text: str, shown: str) -> None:
    assert safe(text) == shown
    assert safe(safe(text)) == shown


@pytest.mark.parametrize("text", ["Привет, мир", "مرحبا بالعالم", "می‌خواهم", "日本語 👩‍👧", "plain — “text”"])
def test_text_of_any_language_is_left_alone(text: str) -> None:
    assert safe(text) == text


def test_every_control_and_direction_character_is_escaped() -> None:
    for code in range(0x10000):
        character = chr(code)
        explicit = unicodedata.bidirectional(character) in {
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        }
        if explicit or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            assert safe(character).startswith("\\"), hex(code)


def test_right_to_left_text_is_isolated_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _screen(monkeypatch)
    assert safe("مرحبا") == "\u2068مرحبا\u2069"
    assert safe("Привет") == "Привет"
    out("a " + safe("مرحبا"))
    assert screen.getvalue() == "a \u2068مرحبا\u2069\n"
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert safe("مرحبا") == "مرحبا"


def test_isolates_never_reach_a_log(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _screen(monkeypatch)
    note(safe("مرحبا"))
    assert capsys.readouterr().err == "مرحبا\n"


@pytest.mark.parametrize("text", [text for text, _ in HOSTILE if "\n" not in text])
def test_a_line_is_scrubbed_even_if_its_writer_forgot(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    out(text)
    said = capsys.readouterr().out
    assert not any(character in said for character in "\x1b\x07\r\x9b\u202e\u2028\x85\0")


@pytest.mark.parametrize(("text", "shown"), HOSTILE)
def test_json_is_one_safe_line_and_says_the_same(text: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    emit({"title": text, "язык": "русский"})
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "русский" in said
    assert safe(said.rstrip("\n")) == said.rstrip("\n")
    assert json.loads(said) == {"title": text, "язык": "русский"}


def test_json_stays_json_where_the_output_is_not_unicode(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", stream)
    emit({"title": "русский"})
    out("русский")
    first, second = stream.buffer.getvalue().splitlines()  # type: ignore[attr-defined]
    assert json.loads(first) == {"title": "русский"}
    assert second == b"\\u0440\\u0443\\u0441\\u0441\\u043a\\u0438\\u0439"


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("a\u200bb", 2), ("Привет", 6), ("", 0)]
)
def test_widths_are_those_of_a_terminal(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize("room", [5, 8, 20])
def test_shortened_text_keeps_both_ends_and_its_room(room: int) -> None:
    short = shorten("https://example.org/日本語/a/very/long/path.html", room)
    assert width(short) <= room and "…" in short and short[0] == "h" and short[-1] == "l"


def test_a_table_fits_eighty_columns_and_lines_up(capsys: pytest.CaptureFixture[str]) -> None:
    table([["ok", "https://example.org/" + "x" * 200, "日本"], ["lost", "b\x1b\n", None]], ["what", "URL", "title"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and all(width(line) <= 80 for line in lines)
    assert lines[2].startswith("lost  b\\x1b\\x0a")
    assert lines[0].index("title") == lines[1].index("日")


def test_colour_is_for_terminals_and_yields_to_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _screen(monkeypatch)
    out("captured", style="captured")
    table([["captured/ok", "u"]], ["outcome", "URL"])
    assert "\x1b[32mcaptured\x1b[0m" in screen.getvalue() and "\x1b[32mcaptured/ok\x1b[0m" in screen.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    screen.truncate(0)
    out("captured", style="captured")
    table([["captured/ok", "u"]], ["outcome", "URL"])
    assert "\x1b" not in screen.getvalue()


def test_progress_off_a_terminal_is_one_line_a_finished_source(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(2) as progress:
        progress.begin("https://a/")
        progress.step("https://a/", "connecting")
        progress.finish("https://a/", "captured", "ok", "200  3 records  120 KB")
        progress.finish("https://b/\x1b", "lost", "gone", "410\n")
    assert capsys.readouterr().err.splitlines() == [
        "captured   ok             https://a/  200  3 records  120 KB",
        "lost       gone           https://b/\\x1b  410\\x0a",
    ]


def test_quiet_progress_leaves_it_to_the_summary(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(2, quiet=True) as progress:
        progress.finish("https://a/", "captured", "ok")
        progress.finish("https://b/", "blocked", "forbidden")
    assert capsys.readouterr().err == ""


def test_live_progress_shows_what_is_in_hand_and_reads_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _screen(monkeypatch, "stderr")
    with Progress(2) as progress:
        progress.begin("https://a/[red]\x1b[2J")
        progress._live.refresh()
        progress.finish("https://a/[red]", "captured", "ok", "200")
    assert "[red]\\x1b[2J" in screen.getvalue() and "\x1b[2J" not in screen.getvalue()
    assert "0 of 2" in screen.getvalue() and "1 of 2" in screen.getvalue()


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 B"), (999, "999 B"), (1234, "1.2 KB"), (999_499, "999 KB"), (999_999, "1.0 MB"), (5 * 10**15, "5000 TB")],
)
def test_sizes_are_human(count: int, shown: str) -> None:
    assert bytes_text(count) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(5, "less than a minute"), (60, "1 minute"), (7300, "2 hours"), (3 * 86400, "3 days")]
)
def test_spans_are_human(seconds: float, shown: str) -> None:
    assert span_text(seconds) == shown


def test_times_are_shown_to_the_minute() -> None:
    assert time_text("2026-11-22T15:14:05.123456Z") == "2026-11-22 15:14Z"
    assert time_text(None) == "-"


def test_a_closed_output_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    out("unheard")
    emit({})
    table([["a"]], ["b"])
    assert not terminal.is_terminal(None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http://ana:canary@h.example/x", "http://ana:***@h.example/x"),
        ("socks5h://ana:canary@127.0.0.1:1080", "socks5h://ana:***@127.0.0.1:1080"),
        ("see https://:canary@h/ and http://b:canary@c/", "see https://:***@h/ and http://b:***@c/"),
        ("http://h.example:8080/@egNews?x=a:b@c", "http://h.example:8080/@egNews?x=a:b@c"),
        ("http://ana@h.example/", "http://ana@h.example/"),
    ],
)
def test_no_password_of_a_url_is_shown(text: str, said: str) -> None:
    assert terminal.safe(text) == said


SENTENCE = "mil.ru does not answer from here: set a proxy for *.mil.ru, if it opens elsewhere"


@pytest.mark.parametrize(("columns", "most"), [(200, 80), (80, 80), (50, 50), (12, 40)])
def test_sentences_are_wrapped_to_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int, most: int) -> None:
    _screen(monkeypatch)
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = wrapped(f"{SENTENCE} {SENTENCE}", "  next: ", "        ")
    assert all(width(line) <= most for line in lines) and len(lines) > 160 // most
    assert lines[0].startswith("  next: mil.ru") and all(line.startswith("        ") for line in lines[1:])
    assert " ".join(line[8:] for line in lines) == f"{SENTENCE} {SENTENCE}"


def test_an_address_is_never_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "https://function.mil.ru/" + "x" * 100
    assert wrapped(f"missing: image {url} (gone)", "", "  ")[1] == f"  {url}"


def test_wrapped_text_is_safe_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    _screen(monkeypatch)
    monkeypatch.setenv("COLUMNS", "60")
    lines = wrapped(f"\x1b[2J {'تقرير ' * 12} \u202e end", "  ", "  ")
    assert len(lines) > 1 and "\\x1b[2J" in lines[0] and "\\u202e" in lines[-1]
    for line in lines:
        assert line.count("\u2068") == line.count("\u2069") == 1, "each line is isolated by itself"
