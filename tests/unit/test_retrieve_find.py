"""What a person asks for leads to the right capture, or to a sentence that helps."""

from __future__ import annotations

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
