from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from preserve.catalog.holdings import fold
from preserve.catalog.schedule import BACK_OFF_MOST, due_at
from preserve.model import Entry, Source, timestamp
from preserve.runner.plan import plan

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = 86400.0


def visits(*outcomes: str) -> list[Entry]:
    """One visit a day."""
    return [
        Entry(
            n,
            "capture",
            f"{n:032x}",
            "",
            "",
            {
                "key": "https://a.example/",
                "outcome": outcome.split("/")[0],
                "reason": outcome.split("/")[1],
                "ended": timestamp(START + timedelta(days=n)),
                "records": [],
            },
        )
        for n, outcome in enumerate(outcomes)
    ]


@pytest.mark.parametrize(
    ("outcomes", "days"),
    [
        (["captured/ok"], 1),
        (["captured/ok", "captured/unchanged"], 1),
        (["lost/gone"], 1),
        (["lost/gone", "lost/gone"], 2),
        (["lost/gone", "blocked/forbidden", "lost/gone"], 4),
        (["captured/ok", "lost/gone", "lost/gone"], 2),
        (["lost/gone"] * 40, BACK_OFF_MOST.days),
        (["failed/timeout"], 0),
        (["captured/ok", "failed/offline"], 0),
    ],
)
def test_when_a_source_is_due(outcomes: list[str], days: int) -> None:
    entries = visits(*outcomes)
    holdings = fold(entries)
    last = START + timedelta(days=len(entries) - 1)
    assert due_at(holdings.sources["https://a.example/"], DAY) == last + timedelta(days=days)


@pytest.mark.parametrize(
    ("required", "came", "reason", "days"),
    [
        (True, False, "timeout", 0),
        (True, False, "gone", 1),
        (True, False, "forbidden", 1),
        (True, True, "ok", 1),
        (False, False, "timeout", 1),
    ],
)
def test_a_capture_whose_required_part_failed_is_due_at_once(
    *, required: bool, came: bool, reason: str, days: int
) -> None:
    (entry,) = visits("captured/partial")
    part = {"url": "https://a.example/film", "required": required, "came": came, "reason": reason}
    holdings = fold([replace(entry, fields={**entry.fields, "parts": [part]})])
    assert due_at(holdings.sources["https://a.example/"], DAY) == START + timedelta(days=days)


def test_a_later_worse_visit_never_hides_a_good_one() -> None:
    held = fold(visits("captured/ok", "lost/gone", "failed/timeout")).sources["https://a.example/"]
    assert held.good is not None and held.good.seq == 0
    assert held.last.seq == 2


def test_the_plan() -> None:
    one = Source("https://a.example/", "https://a.example/")
    new = Source("https://b.example/x", "https://b.example/x")
    holdings = fold(visits("captured/ok"))
    soon = START + timedelta(hours=1)
    made = plan([one, new], holdings, now=soon, every=DAY)
    assert [due.source for due in made.due] == [new] and made.not_due == (one,)
    assert len(plan([one, new], holdings, now=soon, every=DAY, force=True).due) == 2
    only = plan([one, new], holdings, now=soon, every=DAY, only="*b.example*")
    assert [due.source for due in only.due] == [new] and only.not_due == ()
    later = plan([one], holdings, now=START + timedelta(days=1), every=DAY)
    assert later.due[0].previous.good is not None
