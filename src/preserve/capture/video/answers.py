"""What a platform answered about a film, and how to read it without trusting it. Pure.

Any shape may come: whatever is not what it should be reads as absent.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from preserve.model import OUTCOME_OF, Json, Outcome

WORDS = 500  # characters kept of one text of a platform: their longest reasons have some 300
ITEMS = 300  # of one list: there are some 250 countries
PARSED = 8 << 20  # bytes of one answer that are read; a watch page has 1 to 2 MB
STATUS = {
    401: "login-wall",
    402: "members-only",
    403: "forbidden",
    404: "gone",
    410: "gone",
    429: "rate-limited",
    451: "geo-blocked",
}  # as capture/judging/classify.py judges a page


@dataclass(frozen=True, slots=True)
class Answer:
    """The decoded content of one recorded exchange; `status` is None when it brought no status line."""

    url: str
    status: int | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    outcome: Outcome
    status: dict[str, Json] = field(default_factory=dict)  # what the platform said, verbatim but for its length


def page(answers: Sequence[Answer]) -> Verdict | None:
    """By the status of the first page, behind its redirects."""
    first = next((answer.status for answer in answers if answer.status and not 300 <= answer.status < 400), None)
    return refusal(first) if first in STATUS else None


def refusal(status: int) -> Verdict:
    return Verdict(outcome(STATUS[status], f"status {status}"), {"http": status})


def outcome(reason: str, *signals: str) -> Outcome:
    """Of a reason of model.OUTCOMES, with the signals that are not empty."""
    return Outcome(OUTCOME_OF[reason], reason, tuple(filter(None, signals)))


def place(url: str) -> tuple[str, str]:
    """Host and path."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").rstrip("."), parts.path
    except ValueError:
        return "", ""


def within(host: str, *sites: str) -> bool:
    return any(host == site or host.endswith("." + site) for site in sites)


def parsed(text: str, start: int = 0) -> Json:
    """The JSON value that begins at `start`, whatever follows it; None when there is none."""
    try:
        return _DECODER.raw_decode(text, start)[0]
    except (ValueError, RecursionError):  # also numbers of more digits than Python converts, and lists 1000 deep
        return None


_DECODER = json.JSONDecoder(parse_constant=lambda _: None)  # NaN and Infinity are no JSON


def at(value: Json, *path: str) -> Json:
    """The member at the end of a path of keys; None where it breaks off."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def items(value: Json) -> list[Json]:
    """At most ITEMS of a list; [] for anything else."""
    return value[:ITEMS] if isinstance(value, list) else []


def text(value: Json) -> str:
    """A text in any of the ways in which YouTube writes one; "" for anything else."""
    if isinstance(value, dict):
        runs = "".join(part for run in items(value.get("runs")) if isinstance(part := at(run, "text"), str))
        value = next((part for key in ("simpleText", "content") if isinstance(part := value.get(key), str)), runs)
    return cut(value) if isinstance(value, str) else ""


def cut(words: str) -> str:
    """At most WORDS characters, without the halves of characters that no UTF-8 can hold."""
    return words[:WORDS].encode("utf-8", "replace").decode()
