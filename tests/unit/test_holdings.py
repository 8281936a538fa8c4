"""What the archive holds of a source: our captures first, and what web archives gave in their place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from preserve.catalog.holdings import Visits, fold, of_sources
from preserve.catalog.schedule import due_at
from preserve.model import Entry
from preserve.retrieve.standing import counts, standings

KEY = "https://a.example/"
DAY = 86400.0


def entry(seq: int, what: str, key: str = KEY, why: str = "nearest") -> Entry:
    """`what`: type, outcome and reason, as `import recovered/memento`."""
    kind, _, became = what.partition(" ")
    outcome, _, reason = became.partition("/")
    day = f"2026-03-{seq + 1:02}T12:00:00.000000Z"
    at: Any = {
        "type": "response",
        "url": "https://web.archive.org/x",
        "payload_sha256": f"{seq:064}",
        "file": "w",
        "offset": seq,
    }
    fields = {
        "source": key,
        "key": key,
        "outcome": outcome,
        "reason": reason,
        "started": day,
        "ended": day,
        "records": [at],
    }
    if kind == "import":
        fields["memento"] = {"why": why} if outcome == "recovered" else None
    return Entry(seq, kind, f"{seq:032x}", day, "f" * 32, fields)


LOST, GOOD, COPY, VAIN = "capture lost/gone", "capture captured/ok", "import recovered/memento", "import lost/gone"


def visits(*what: str) -> Visits:
    return fold(entry(seq, one) for seq, one in enumerate(what)).sources[KEY]


@pytest.mark.parametrize(
    ("what", "good", "recovered", "last", "failures"),
    [
        ([LOST, COPY], None, 1, 0, 1),
        ([LOST, VAIN], None, None, 0, 1),
        ([LOST, COPY, LOST], None, 1, 2, 2),
        ([GOOD, LOST, COPY], 0, 2, 1, 1),
        ([LOST, COPY, GOOD], 2, 1, 2, 0),
        ([LOST, COPY, LOST, COPY], None, 3, 2, 2),
        ([LOST, COPY, LOST, VAIN], None, 1, 2, 2),
        ([COPY], None, 0, 0, 0),
        ([VAIN], None, None, 0, 0),
    ],
)
def test_imports_stand_beside_the_visits(
    what: list[str], good: int | None, recovered: int | None, last: int, failures: int
) -> None:
    found = visits(*what)
    assert (found.good and found.good.seq, found.recovered and found.recovered.seq) == (good, recovered)
    assert (found.last.seq, found.failures) == (last, failures)


def test_the_nearest_copy_stands_for_the_source_whatever_came_after_it() -> None:
    entries = [
        entry(0, LOST),
        entry(1, COPY),
        entry(2, COPY, why="best-later"),
        entry(3, LOST),
        entry(4, COPY, why="best-later"),
    ]
    found = fold(entries).sources[KEY].recovered
    assert found is not None and found.seq == 1
    later = fold(entry for entry in entries if entry.seq != 1).sources[KEY].recovered
    assert later is not None and later.seq == 4


@pytest.mark.parametrize("more", [[], [COPY], [VAIN, COPY, COPY]])
def test_a_recovered_source_is_visited_as_a_lost_one(more: list[str]) -> None:
    third = datetime(2026, 3, 3, 12, tzinfo=UTC)
    found = visits(LOST, LOST, LOST, *more)
    assert due_at(found, DAY) == third + timedelta(days=4)


def test_a_source_of_which_only_copies_can_be_read_was_never_visited() -> None:
    assert due_at(visits(COPY), DAY) == datetime.min.replace(tzinfo=UTC)


def test_records_of_imports_are_named_and_known() -> None:
    holdings = fold(entry(seq, one) for seq, one in enumerate([LOST, COPY, VAIN]))
    assert holdings.offsets("w") == {0, 1, 2}
    assert ("https://web.archive.org/x", f"{1:064}") in holdings.payloads
    assert [one.seq for one in of_sources([entry(0, "run start"), entry(1, LOST), entry(2, COPY)])] == [1, 2]


def test_what_is_recovered_is_never_counted_as_held() -> None:
    sources = {
        "https://a.example/": [GOOD], "https://b.example/": [LOST, COPY], "https://c.example/": [GOOD, LOST, COPY],
        "https://d.example/": [LOST, VAIN], "https://e.example/": ["capture failed/timeout", COPY],
    }  # fmt: skip
    entries = [entry(seq, one, key) for key, listed in sources.items() for seq, one in enumerate(listed)]
    stand = standings(fold(entries), [(key, key) for key in sources], DAY)
    assert counts(stand) == {"held": 2, "recovered": 2, "lost": 1}
    assert [(one.outcome, one.reason) for one in stand] == [
        ("captured", "ok"), ("recovered", "memento"), ("lost", "gone"), ("lost", "gone"), ("recovered", "memento"),
    ]  # fmt: skip
    assert [one.last and one.last.get("outcome") for one in stand] == ["captured", "lost", "lost", "lost", "failed"]
