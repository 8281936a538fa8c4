"""Sources in groups: what is the same is said once, what is whole is not said, and nothing grows without bound."""

from __future__ import annotations

from typing import Any

import pytest

from preserve.cli import groups
from preserve.cli.groups import GROUPS, SHOWN, Told, grouped, recovered, summary, told
from preserve.config import Config
from preserve.model import OUTCOMES, Entry

WALL = "https://vk.com/wall-1_1"


def entry(source: str, kind: str, **fields: Any) -> Entry:
    outcome, reason = kind.split("/")
    values: dict[str, Any] = {
        "source": source,
        "outcome": outcome,
        "reason": reason,
        "signals": [],
        "parts": [],
        "previous": None,
    }
    return Entry(1, "capture", "a" * 32, "2026-11-22T00:00:00.000000Z", "b" * 32, {**values, **fields})


def said(*entries: Entry) -> list[str]:
    return [line for line, _ in summary(told(one, Config()) for one in entries)]


def part(number: int, **fields: Any) -> dict[str, Any]:
    url = f"https://sun9-1.userapi.com/{number}.jpg"
    return {"url": url, "role": "image", "required": True, "came": False, "reason": "gone", **fields}


def test_what_is_whole_is_not_told() -> None:
    assert said(entry(WALL, "captured/ok"), entry(WALL, "captured/unchanged")) == []


def test_the_missing_parts_of_a_page_are_named() -> None:
    parts = [part(0, came=True), part(1, required=False), *map(part, range(2, 7))]
    assert said(entry(WALL, "captured/partial", parts=parts)) == [
        "",
        "captured in part (1)",
        "  what vk.com gave is not all that belongs to it",
        "    next: its parts are asked for again with it",
        f"    {WALL}",
        *(f"      missing: image https://sun9-1.userapi.com/{n}.jpg (gone)" for n in (2, 3, 4)),
        "      missing: 2 more (preserve show)",
    ]


def test_where_all_parts_came_the_last_signal_says_why_it_is_not_whole() -> None:
    lines = said(entry(WALL, "captured/partial", signals=["status 200", "stopped before all parts came: time"]))
    assert lines[-1] == "      stopped before all parts came: time"


def test_a_page_that_is_not_held_is_not_said_to_miss_parts() -> None:
    lines = said(entry(WALL, "blocked/login-wall", parts=[part(1)], previous=7))
    assert lines[-1] == "      an earlier capture of it is held (preserve get)"
    assert not any("missing" in line for line in lines)


def test_groups_stand_in_the_order_of_the_outcomes_and_their_reasons() -> None:
    kinds = [f"{outcome}/{reason}" for outcome, reasons in OUTCOMES.items() for reason in reasons]
    found = grouped(told(entry(WALL, kind), Config()) for kind in reversed(kinds))
    assert [f"{group.outcome}/{group.reason}" for group in found if group.advice.why] == [
        kind for kind in kinds if kind not in ("captured/ok", "captured/unchanged")
    ]


def test_a_reason_of_a_later_version_is_told_as_it_is() -> None:
    (group,) = grouped([told(entry(WALL, "mislaid/under-the-bed"), Config())])
    assert (group.outcome, group.advice.why, len(group.members)) == ("mislaid", "", 1)


def test_groups_and_what_they_name_have_a_limit() -> None:
    many = [entry(f"https://host{n}.example/{m}", "lost/gone") for n in range(GROUPS + 3) for m in range(SHOWN + 2)]
    lines = said(*many)
    assert lines[1] == f"lost ({len(many)})"
    assert lines.count("    and 2 more: preserve status") == GROUPS
    assert lines[-1] == f"  and {3 * (SHOWN + 2)} more: preserve status"
    assert len(lines) < GROUPS * (SHOWN + 4)


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\u202e", "a\nb"])
def test_nothing_remote_acts(hostile: str) -> None:
    url = f"https://vk.com/{hostile}"
    parts = [part(1, url=url, role=hostile, reason=hostile)]
    lines = said(entry(url, "captured/partial", parts=parts), entry(url, "failed/error", signals=[hostile]))
    assert not any(hostile in line for line in lines)


def test_a_copy_stands_for_the_source_and_says_what_our_own_visit_found() -> None:
    own = told(entry("http://www.vdc-sy.info/a", "lost/parked"), Config())
    memento = {"time": "2016-03-02T10:00:00.000000Z", "verified": "sha1"}
    fields = {"source": own.url, "outcome": "recovered", "archive": "wayback", "memento": memento}
    copy = Entry(2, "import", "c" * 32, "2026-11-22T00:00:00.000000Z", "b" * 32, fields)
    assert [line for line, _ in summary([recovered(copy, own)])] == [
        "",
        "recovered (1)",
        "  vdc-sy.info is parked: its old content is gone from there; a web archive has a",
        "  copy",
        "    http://www.vdc-sy.info/a",
        "      from the Wayback Machine, archived 2016-03-02 10:00Z, digest checked",
    ]


def test_archives_that_have_nothing_change_only_the_words() -> None:
    own = told(entry(WALL, "lost/removed"), Config())
    fields = {"source": WALL, "outcome": "lost", "reason": "removed", "asked": [{"archive": "wayback", "error": None}]}
    vain = Entry(2, "import", "c" * 32, "2026-11-22T00:00:00.000000Z", "b" * 32, fields)
    after = recovered(vain, own)
    assert (after.outcome, after.reason) == ("lost", "removed")
    assert after.advice.why == f"{own.advice.why}; web archives were asked, none has it (the Wayback Machine)"


def test_an_address_that_is_none_has_no_domain() -> None:
    assert groups.domain(entry("http://[bad", "failed/error")) == ""
    assert Told("x", "failed", "error").advice.why
