"""What a person asks for leads to the right capture, or to a sentence that helps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from preserve.errors import NotHeldError, UsageError
from preserve.model import Entry
from preserve.retrieve.find import find, moment

SHA = {"content": "a" * 64, "payload": "b" * 64, "member": "c" * 64, "film": "d" * 64}


def _capture(seq: int, url: str, outcome: str = "captured", **more: Any) -> Entry:
    day = f"2026-03-{seq:02}T12:00:00.000000Z"
    key = url.partition("#")[0]
    fields = {
        "source": url, "key": key, "final_url": url, "started": day, "outcome": outcome, "reason": "ok",
        "records": [], "media": [], "answer": None, **more,
    }  # fmt: skip
    return Entry(seq, "capture", f"{seq:04x}" * 8, day, "f" * 32, fields)


RECORD = {
    "id": "urn:uuid:1",
    "content_sha256": SHA["content"],
    "payload_sha256": SHA["payload"],
    "sha256": SHA["member"],
}
ENTRIES = [
    Entry(0, "genesis", "0" * 32, "2026-03-01T00:00:00.000000Z", "f" * 32, {}),
    _capture(1, "https://example.org/a", records=[RECORD]),
    _capture(2, "https://example.org/a", media=[{"path": "m", "sha256": SHA["film"], "role": "video"}]),
    _capture(3, "https://example.org/a#part", records=[RECORD]),
    _capture(4, "https://example.org/a", "blocked"),
    _capture(5, "https://gone.example/", "lost"),
    _capture(6, "https://gone.example/", "failed"),
    _capture(7, "https://short.example/x", final_url="https://example.org/long"),
]


@pytest.mark.parametrize(
    ("wanted", "seq", "by"),
    [
        ("https://example.org/a", 2, "source"),
        ("https://example.org/a#part", 3, "source"),
        ("https://EXAMPLE.org:443/a", 3, "key"),
        ("https://example.org/long", 7, "final-url"),
        ("https://gone.example/", 6, "source"),
        ("#4", 4, "seq"),
        ("0005" * 8, 5, "id"),
        ("00040004", 4, "id"),
        (f"sha256:{SHA['content']}", 3, "content"),
        (SHA["payload"].upper(), 3, "payload"),
        (f"sha256:{SHA['member']}", 3, "record"),
        (f"sha256:{SHA['film']}", 2, "media"),
        ("urn:uuid:1", 3, "record"),
    ],
)
def test_each_way_to_ask_leads_to_the_newest_held_capture(wanted: str, seq: int, by: str) -> None:
    found = find(ENTRIES, wanted)
    assert (found.capture.seq, found.by) == (seq, by)


@pytest.mark.parametrize(
    ("at", "seq"),
    [
        ("2026-03-01", 1),
        ("2026-03-02T12:00Z", 2),
        ("2026-03-02T11:59:59Z", 1),
        ("20260302120000", 2),
        ("2027-01-01", 2),
    ],
)
def test_a_date_gives_the_newest_held_capture_not_after_it(at: str, seq: int) -> None:
    assert find(ENTRIES, "https://example.org/a", at=at).capture.seq == seq


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01", "20261301000000", "9999-12-31"])
def test_a_date_that_is_none_is_a_slip_of_the_pen(at: str) -> None:
    with pytest.raises(UsageError):
        moment(at)


@pytest.mark.parametrize(
    ("wanted", "at", "message", "hint"),
    [
        ("https://example.org/b", None, "not in the archive", "did you mean https://example.org/a"),
        ("example.org/lo", None, "not in the archive", "did you mean https://example.org/a"),
        ("short.example", None, "not in the archive", "did you mean https://short.example/x?"),
        ("zzzz", None, "not in the archive", "preserve list"),
        ("sha256:" + "9" * 64, None, "not in the archive", ""),
        ("https://example.org/a", "2020-01-01", "no capture up to 2020-01-01", "2026-03-01"),
        ("not a url \x1b", None, "not in the archive", ""),
    ],
)
def test_what_is_not_there_is_said_with_a_way_on(wanted: str, at: str | None, message: str, hint: str) -> None:
    with pytest.raises(NotHeldError) as caught:
        find(ENTRIES, wanted, at=at)
    assert message in caught.value.message and hint in caught.value.hint


def test_the_beginning_of_several_ids_is_refused_with_the_ids() -> None:
    with pytest.raises(UsageError) as caught:
        find([_capture(1, "https://a/"), _capture(1, "https://b/")], "0001")
    assert caught.value.hint.count("0001" * 8) == 2


def test_a_hostile_entry_is_passed_over() -> None:
    bad = Entry(
        9, "capture", "9" * 32, "2026-03-09T00:00:00.000000Z", "f" * 32, {"records": 5, "media": [3], "source": 1}
    )
    assert find([bad, *ENTRIES], f"sha256:{SHA['film']}").capture.seq == 2


@pytest.mark.parametrize(
    ("wanted", "at", "seq", "passed"),
    [
        ("https://film.example/", None, 12, 13),
        ("https://FILM.example/", None, 12, 13),
        ("https://film.example/", "2026-03-11", 11, None),
        ("#13", None, 13, None),
        ("https://example.org/a", None, 2, 3),
        ("https://example.org/a#part", None, 2, 3),
        ("https://short.example/x", None, 7, None),
    ],
)
def test_a_visit_that_brought_no_film_does_not_hide_one_that_did(
    wanted: str, at: str | None, seq: int, passed: int | None
) -> None:
    film: Any = [{"role": "video"}]
    visits = [_capture(seq, "https://film.example/", media=media) for seq, media in ((11, film), (12, film), (13, []))]
    found = find([*ENTRIES, *visits], wanted, at=at, prefer=lambda entry: bool(entry.get("media")))
    assert (found.capture.seq, found.passed and found.passed.seq) == (seq, passed)
    assert find([*ENTRIES, *visits], wanted, at=at).passed is None


def test_what_only_led_to_an_address_is_never_preferred_to_what_is_of_it() -> None:
    film = _capture(8, "https://other.example/", final_url="https://example.org/b", media=[{"role": "video"}])
    found = find(
        [film, _capture(9, "https://example.org/b")], "https://example.org/b", prefer=lambda e: bool(e.get("media"))
    )
    assert found.capture.seq == 9


def _import(seq: int, archived: str, outcome: str = "recovered", why: str = "nearest", **more: object) -> Entry:
    about = {
        "uri": f"https://web.archive.org/web/{archived[:4]}/{LOST}", "time": f"{archived}T12:00:00.000000Z", "why": why,
        "wrapped": "warc", "content_sha256": f"{seq:064}",
    }  # fmt: skip
    made = _capture(seq, LOST, outcome, memento=about if outcome == "recovered" else None, archive="wayback", **more)
    fields = {name: value for name, value in made.fields.items() if name != "final_url"}
    return replace(made, type="import", fields=fields)


LOST = "https://lost.example/"
ANSWER: Any = {"id": "urn:uuid:9", "content_sha256": "e" * 64, "payload_sha256": "e" * 64, "sha256": "f" * 64}
COPIES = [
    _capture(11, LOST, "lost"),
    _import(12, "2016-03-02", records=[ANSWER], answer="urn:uuid:9"),
    _import(13, "2019-05-01", why="best-later"),
    _capture(14, LOST, "lost"),
    _import(15, "2026-01-01", "lost"),
]


@pytest.mark.parametrize(
    ("wanted", "at", "seq", "by"),
    [
        (LOST, None, 12, "source"),
        ("https://LOST.example", None, 12, "key"),
        (LOST, "2016-12-31", 12, "source"),
        (LOST, "2019-12-31", 13, "source"),
        (LOST, "2027-01-01", 13, "source"),
        ("https://web.archive.org/web/2019/https://lost.example/", None, 13, "memento"),
        (f"sha256:{12:064}", None, 12, "memento"),
        (f"sha256:{'e' * 64}", None, 12, "content"),
        ("#13", None, 13, "seq"),
        ("000d000d", None, 13, "id"),
    ],
)
def test_a_copy_answers_where_nothing_of_ours_is_held(wanted: str, at: str | None, seq: int, by: str) -> None:
    found = find(COPIES, wanted, at=at)
    assert (found.capture.seq, found.by, found.passed) == (seq, by, None)
    assert find([*reversed(COPIES)], wanted, at=at).capture.seq == seq


@pytest.mark.parametrize(
    ("at", "seq"), [(None, 16), ("2026-03-20", 16), ("2026-03-15", 13), ("2016-12-31", 12), ("2018-01-01", 12)]
)
def test_our_own_capture_goes_before_every_copy(at: str | None, seq: int) -> None:
    """But a date before it asks for what a web archive had by then."""
    found = find([*COPIES, _capture(16, LOST), _capture(17, LOST, "lost")], LOST, at=at)
    assert found.capture.seq == seq
    assert LOST in found.imports[0].get("memento")["uri"]


def test_a_date_asks_when_a_copy_was_archived_not_when_it_was_fetched() -> None:
    assert find([*COPIES, _import(16, "2017-06-01")], LOST, at="2020-01-01").capture.seq == 13


def test_a_copy_goes_before_what_only_led_to_the_address() -> None:
    led = _capture(16, "https://other.example/", final_url=LOST)
    assert find([*COPIES, led], LOST).capture.seq == 12


def test_archives_asked_in_vain_never_hide_what_came_instead() -> None:
    blocked = [_capture(11, LOST, "blocked", answer="urn:uuid:1"), _import(12, "2016-03-02", "blocked")]
    found = find(blocked, LOST)
    assert found.capture.seq == 11 and [one.seq for one in found.imports] == [12]


def test_nothing_that_old_says_since_when_there_is_something() -> None:
    with pytest.raises(NotHeldError) as caught:
        find(COPIES, LOST, at="2016-03-01")
    assert "2016-03-02" in caught.value.hint


def test_a_hostile_import_is_passed_over() -> None:
    for memento in (None, 5, [], {}, {"time": 3, "uri": [], "why": {}, "wrapped": "warc", "headers": 7}):
        bad = replace(_import(18, "2016-03-02"), fields={"outcome": "recovered", "memento": memento, "key": LOST})
        assert find([bad, *COPIES], "#12").capture.seq == 12
        assert find([bad], LOST).capture.seq == 18
        assert find([bad], LOST, at="2030-01-01").capture.seq == 18
